"""What somebody decided about names: read by the matching, written by the review queue, withdrawn but never deleted.

A decision is about a name as it was shown, not about one connection, so that it holds for meetings that come later and
for files that come again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from echo_metrics.errors import UserError
from echo_metrics.ingest.merges import apply_merges
from echo_metrics.ingest.naming import subject_of
from echo_metrics.ingest.pairing import pair_answers
from echo_metrics.ingest.people import People
from echo_metrics.ingest.scope import Scope
from echo_metrics.ingest.settle import settle_meetings
from echo_metrics.store import Store, Writer

MOST_HEADS = 500
FINDING_KINDS = ("email", "record", "guest_name", "registered_name")
"""By which identifier a person is found again after a file was taken back and came anew, the surest first."""


def say_person(store: Store, who: str, network_id: int, shown: str, person_id: int) -> int:
    """This name means this person. A full name is remembered in the whole hub, anything else in the network."""
    with store.write() as writer:
        return _decide(store, writer, who, "person", network_id, shown, _person(writer, person_id))


def say_not(store: Store, who: str, network_id: int, shown: str, person_id: int) -> int:
    """This name does not mean this person: not offered again, and not joined automatically."""
    with store.write() as writer:
        return _decide(store, writer, who, "not", network_id, shown, _person(writer, person_id))


def say_guest(store: Store, who: str, network_id: int, shown: str) -> int:
    """This name is nobody on the list: a guest, who is not offered again."""
    with store.write() as writer:
        return _decide(store, writer, who, "guest", network_id, shown, {})


def say_room(store: Store, who: str, network_id: int, shown: str, heads: int, meeting_id: int | None = None) -> int:
    """This name is a shared room with so many people in it (1 to 500), in one meeting or wherever it is shown."""
    if not 1 <= heads <= MOST_HEADS:
        raise UserError(f"Say how many people sat in the room: 1 to {MOST_HEADS}.")
    with store.write() as writer:
        return _decide(store, writer, who, "room", network_id, shown, {"heads": heads, "meeting_id": meeting_id})


def say_same(store: Store, who: str, person_id: int, into: int) -> int:
    """Two records are one person: everything of `person_id` counts for `into` from now on."""
    if person_id == into:
        raise UserError("These are the same record already.")
    with store.write() as writer:
        people = {int(p) for (p,) in writer.rows("people_numbers")}
        if not {person_id, into} <= people:
            raise UserError("One of the two is not in the store any more.")
        return _decide(store, writer, who, "merge", None, "", {"person_id": person_id, "other_id": into})


def withdraw(store: Store, who: str, decision_id: int) -> None:
    """Take a decision back: everything stands as if it had not been made. Raises `UserError` if it does not stand."""
    with store.write() as writer:
        standing = {int(row["id"]) for row in writer.records("decisions")}
        if decision_id not in standing:
            raise UserError("This decision was withdrawn already.")
        writer.run("withdraw_decision", {"id": decision_id, "who": who, "now": _now()})
        _settle_everything(store, writer)


def _person(writer: Writer, person_id: int) -> dict[str, Any]:
    """A person with the identifier by which they are found again when their files come anew."""
    found = [(str(k), str(v)) for k, v, p in writer.rows("identifiers") if int(p) == person_id]
    if not found:
        raise UserError("This person is not in the store any more. Look at the queue again.")
    kind, key = min(found, key=lambda f: _rank(f[0]))
    return {"person_id": person_id, "who_kind": kind, "who_key": key}


def _rank(kind: str) -> int:
    return FINDING_KINDS.index(kind) if kind in FINDING_KINDS else len(FINDING_KINDS)


def _decide(
    store: Store,
    writer: Writer,
    who: str,
    kind: str,
    network_id: int | None,
    shown: str,
    more: Mapping[str, Any],
) -> int:
    (number,) = writer.new_ids("decision")
    blank = {
        "meeting_id": None, "person_id": None, "other_id": None, "who_kind": None, "who_key": None, "heads": None,
        "withdrawn_by": None, "withdrawn_at": None,
    }  # fmt: skip
    row = {
        **blank,
        "id": number,
        "kind": kind,
        "network_id": network_id,
        "subject": subject_of(shown),
        "shown": shown,
        "decided_by": who,
        "decided_at": _now(),
        **more,
    }
    writer.insert("decision", [row])
    _settle_everything(store, writer)
    return number


def _settle_everything(store: Store, writer: Writer) -> None:
    """Work out anew who was in which meeting, and the pairs: a name is remembered in the whole hub."""
    if not writer.rows("hubs"):
        return
    scope = Scope(writer, 0, [])
    apply_merges(writer)
    for network_id, *_ in writer.rows("networks_to_match"):
        people = People(writer, scope.hub_id, 0, store.hashed)
        meetings = [int(m) for m, *_ in writer.rows("spans_of_meetings", {"network": network_id})]
        settle_meetings(writer, people, int(network_id), meetings)
        pair_answers(writer, [int(network_id)])
    for statement in ("drop_unused_people", "drop_lost_identifiers", "drop_lost_attributes"):
        writer.run(statement)
    # Guests who were named anew belong to the file of their first connection.
    writer.run("adopt_identifiers", {"file": 0})
    writer.touch()


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
