"""Takes one import back wholly: what it brought goes, what it changed stands again, the rest is worked out anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from echo_metrics.errors import UserError
from echo_metrics.ingest.merges import apply_merges
from echo_metrics.ingest.pairing import pair_answers
from echo_metrics.ingest.people import People
from echo_metrics.ingest.scope import Scope
from echo_metrics.ingest.settle import relink_meetings, settle_meetings
from echo_metrics.store import Store, Writer
from echo_metrics.store.journal import ZONE, RowBefore

BROUGHT = (
    "response_text", "response", "submission", "connection", "enrolment", "forum_post", "case_presentation",
    "pdsa_cycle", "cost", "ledger", "question", "ignored_rows", "quarantined_row", "load_issue", "column_map",
    "correction", "applied_correction",
)  # fmt: skip
"""Tables whose rows bear the number of the file that brought them."""


@dataclass(frozen=True)
class Undone:
    """An import that was taken back: its name, format, and how many rows of the store went with it."""

    name: str
    format: str
    rows: int


def keep_journal(writer: Writer, file_id: int) -> None:
    """Write down what stood before this import's changes; called at the end of its transaction."""
    rows, writer.journal = writer.journal or [], None
    writer.insert(
        "row_before",
        [
            {"file_id": file_id, "step": step, "table_name": before.table, "row": before.text()}
            for step, before in enumerate(rows, 1)
        ],
    )


def undo_import(store: Store, file_id: int, who: str) -> Undone:
    """Take one import back in one transaction. `who` is the account, for the record.

    Raises `UserError` for a file that is not there, and where a later file rests on this one: that one goes first.
    """
    with store.write() as writer:
        found = writer.rows("file_to_undo", {"file": file_id})
        if not found:
            raise UserError("This import is not there any more.")
        _, sha256, name, format_, rows_read, _ = found[0]
        _check_nothing_rests_on(writer, file_id, name)
        networks = {int(n) for (n,) in writer.rows("networks_of_file", {"file": file_id}) if n is not None}
        before = [RowBefore.read(table, row) for table, row in writer.rows("rows_before", {"file": file_id})]
        gone = sum(writer.remove(table, file_id=file_id) for table in BROUGHT)
        for statement in ("drop_identifiers_of_file", "drop_attributes_of_file"):
            writer.run(statement, {"file": file_id})
        _put_back(writer, before)
        networks |= {int(b.row["network_id"]) for b in before if b.row.get("network_id") is not None}
        gone += writer.remove("source_file", id=file_id)
        writer.remove("row_before", file_id=file_id)
        for statement in ("drop_orphan_scores", "drop_empty_meetings", "drop_lost_links", "drop_lost_doubts"):
            writer.run(statement)
        _work_out_anew(store, writer, networks, file_id)
        record = {
            "file_id": file_id, "sha256": sha256, "name": name, "format": format_, "rows_read": rows_read,
            "undone_by": who, "undone_at": datetime.now(UTC).replace(tzinfo=None),
        }  # fmt: skip
        writer.insert("undone_import", [record])
        writer.touch()
    return Undone(name, format_, gone)


def _check_nothing_rests_on(writer: Writer, file_id: int, name: str) -> None:
    """Refuse where a later import changed the same rows, or left rows out because this one had brought them."""
    for later, title in writer.rows("files_corrected_by", {"file": file_id}):
        raise UserError(_rests_on(name, title, later))
    for later, title in writer.rows("later_files_that_rest_on", {"file": file_id}):
        raise UserError(_rests_on(name, title, later))
    own = {RowBefore.read(t, r).identity for t, r in writer.rows("rows_before", {"file": file_id}) if t != ZONE}
    for later, title, table, row in writer.rows("rows_before_of_later", {"file": file_id}):
        before = RowBefore.read(table, row)
        if before.row.get("file_id") == file_id or (table != ZONE and before.identity in own):
            raise UserError(_rests_on(name, title, later))


def _rests_on(name: str, title: str, later: int) -> str:
    return (
        f"{name} can't be taken back while {title} (import {later}) stands: that one came later and rests on it. Take "
        "that one back first."
    )


def _put_back(writer: Writer, before: list[RowBefore]) -> None:
    """Restore changed rows, the last change first."""
    for row in before:
        if row.table == ZONE:
            back = {"old": row.row["new"], "new": row.row["old"]}
            writer.run(str(row.row["statement"]), back)
        else:
            writer.restore(row)


def _work_out_anew(store: Store, writer: Writer, networks: set[int], file_id: int) -> None:
    """Who was in which meeting, attendance and pairs of every network that the import touched."""
    hubs = writer.rows("hubs")
    if not hubs:
        return
    scope = Scope(writer, file_id, [])
    people = People(writer, scope.hub_id, file_id, store.hashed)
    there = {int(row[0]) for row in writer.rows("networks_to_match")}
    for network_id in sorted(networks & there):
        meetings = relink_meetings(writer, network_id, scope.sessions(network_id))
        settle_meetings(writer, people, network_id, meetings)
    for statement in ("drop_unused_sessions", "drop_unused_cohorts", "drop_unused_networks"):
        writer.run(statement, {"file": file_id})
    writer.run("clear_lost_attendance")
    writer.run("clear_unmet_attendance")
    for statement in ("drop_unused_people", "drop_lost_identifiers", "drop_lost_attributes"):
        writer.run(statement)
    writer.run("adopt_identifiers", {"file": file_id})
    writer.run("drop_unused_hub", {"file": file_id})
    apply_merges(writer)
    writer.run("drop_lost_codes")
    for network_id in sorted(networks - there):
        writer.run("clear_pairs", {"network": network_id})
    pair_answers(writer, sorted(networks & there))
