"""Bringing files in, step by step: rehearse, correct the columns, import, take back. For the screen and nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from echo_metrics.errors import UserError
from echo_metrics.ingest.load import import_bytes
from echo_metrics.ingest.maps import COLUMN, ColumnMap, fingerprint, heading_row, remember
from echo_metrics.ingest.readers.tables import KINDS
from echo_metrics.ingest.report import FileReport
from echo_metrics.ingest.source import open_document
from echo_metrics.ingest.undo import Undone, undo_import
from echo_metrics.own_definitions import OwnInstrument, add_instrument, definitions_of
from echo_metrics.store import Store
from echo_metrics.terms import WaveKind

__all__ = [
    "ColumnMap", "FileReport", "OwnInstrument", "Targets", "Undone", "add_instrument", "bring_in", "column_map",
    "rehearse", "take_back", "targets", "unknown_headings",
]  # fmt: skip

QUESTION, DROP = "question", "drop"
FIELD_WORDS = {
    "email": "E-mail address",
    "sgic": "Self-generated code",
    "discipline": "Discipline",
    "network": "Network",
    "cohort": "Cohort",
    "session_no": "Session number",
    "moment": "Moment (before, after, baseline ...)",
    "organisation": "Organisation",
    "setting": "Setting (urban, rural)",
    "first_name": "First name",
    "last_name": "Last name",
    "comment": "Comment",
}
WAVES = {
    WaveKind.BASELINE.value: "Baseline",
    WaveKind.PRE_SESSION.value: "Before a session",
    WaveKind.POST_SESSION.value: "After a session",
    WaveKind.COMPLETION.value: "Completion",
    WaveKind.FOLLOW_UP.value: "Follow-up",
    WaveKind.THEN_TEST.value: "Start, as remembered at the end",
}


@dataclass(frozen=True)
class Targets:
    """What a column may be said to be: target with its words; and the moments a form may be answered at."""

    columns: Mapping[str, str]
    waves: Mapping[str, str]


def rehearse(
    store: Store, name: str, data: bytes, network: str, cohort: str, chosen: ColumnMap | None = None
) -> FileReport:
    """What an import would do, with nothing kept. A faulty network or cohort comes back as a refusal."""
    try:
        return import_bytes(store, name, data, network, cohort, dry_run=True, chosen=chosen)
    except UserError as error:
        return FileReport(name, "", "", "refused", message=str(error))


def bring_in(
    store: Store, name: str, data: bytes, network: str, cohort: str, chosen: ColumnMap | None, who: str
) -> FileReport:
    """Import one file; a map that was said for it is remembered once the file is in."""
    report = import_bytes(store, name, data, network, cohort, chosen=chosen)
    if chosen is not None and report.status in ("loaded", "superseded"):
        remember(store, chosen, who)
    return report


def take_back(store: Store, file_id: int, who: str) -> Undone:
    """Take one import back. Raises `UserError` where a later one rests on it."""
    return undo_import(store, file_id, who)


def targets(store: Store) -> Targets:
    """Everything that a column may be said to be, in words."""
    definitions = definitions_of(store)
    columns = {f"item:{code}": f"{item.wording} ({item.measure})" for code, item in definitions.items.items()}
    columns |= {f"field:{name}": words for name, words in FIELD_WORDS.items()}
    columns |= {
        f"{COLUMN}:{name.replace('_', ' ')}": f"{kind.format.capitalize()} table: {name.replace('_', ' ')}"
        for kind in KINDS
        for name in kind.columns
    }
    columns |= {QUESTION: "A question that feeds no measure", DROP: "Personal data: do not store"}
    return Targets(columns, WAVES)


def column_map(
    name: str, data: bytes, report: FileReport, said: Mapping[str, str], network: str, cohort: str, wave: str
) -> ColumnMap:
    """The map for a file, by the row in which its headings stand.

    `said` holds targets by heading. Raises `UserError` where the headings can't be found in the file.
    """
    document = open_document(name, data)
    headings = [c.heading for c in report.columns] or list(said)
    place = heading_row(document, headings)
    if place is None:
        raise UserError(f"{name}: the headings can't be found in one row, so nothing can be remembered for them.")
    table, row = place
    return ColumnMap(fingerprint(document.tables[table].rows[row]), dict(said), network, cohort, wave)


def unknown_headings(name: str, data: bytes) -> tuple[str, ...]:
    """The likely headings of a file that no reader knows: its first row with three or more filled cells."""
    for table in open_document(name, data).tables:
        for cells in table.rows[:50]:
            if sum(bool(c.strip()) for c in cells) >= 3:
                return tuple(dict.fromkeys(c.strip() for c in cells if c.strip()))
    return ()
