"""Two records that are one person: rows follow the merges that stand, and go back when a merge is withdrawn."""

from __future__ import annotations

from collections.abc import Iterable

from echo_metrics.store import Writer

FOLLOWING = ("enrolment", "person_attribute", "person_identifier", "submission")
"""Tables that keep the person as the file told it beside the person who counts."""


def merged_into(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """For each person merged into another, the one who remains. `pairs`: (merged, into), the oldest first.

    A person who was merged away already takes the new one along, and nobody ends in a circle.

    >>> merged_into([(2, 1), (1, 3)])
    {2: 3, 1: 3}
    """
    found: dict[int, int] = {}
    for gone, into in pairs:
        gone, into = found.get(gone, gone), found.get(into, into)
        if gone == into:
            continue
        found |= {person: into for person, now in found.items() if now == gone}
        found[gone] = into
    return found


def apply_merges(writer: Writer) -> dict[int, int]:
    """Let every row count for the person who remains; returns who was merged into whom."""
    merges = merged_into(
        (int(row["person_id"]), int(row["other_id"])) for row in writer.records("decisions") if row["kind"] == "merge"
    )
    people = {int(p) for (p,) in writer.rows("people_numbers")}
    merges = {gone: into for gone, into in merges.items() if {gone, into} <= people}
    if not merges and not writer.rows("merged_people"):
        return {}
    writer.run("set_merged", {"from": list(merges), "into": list(merges.values())})
    for table in FOLLOWING:
        writer.run(f"follow_merges_{table}")
    writer.run("one_enrolment")
    writer.run("one_attribute")
    return merges
