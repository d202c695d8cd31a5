"""What people said about the columns of a form, remembered by its headings: next month's file loads untouched.

A map is found by the fingerprint of the heading row. Survey columns are overruled through the definitions that a reader
asks; columns of other tables get the heading that their reader knows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from echo_metrics.definitions import Definitions
from echo_metrics.errors import UserError
from echo_metrics.ingest.source import Document, Table
from echo_metrics.store import Store
from echo_metrics.terms import WaveKind
from echo_metrics.text import fold

SEARCH_ROWS = 50
"""Heading rows are sought in the first rows only, as readers do."""
COLUMN = "column"
"""The kind of target that renames a heading, such as `column:Author`."""


@dataclass(frozen=True)
class ColumnMap:
    """What somebody said of a form's columns: target by heading, and where its rows belong if the file does not say.

    Targets are `item:code`, `field:name`, `question` (kept, feeds no measure), `drop` (personal data, not stored) or
    `column:Heading` (the heading that a table's reader knows).
    """

    fingerprint: str
    targets: Mapping[str, str] = field(default_factory=dict)
    network: str = ""
    cohort: str = ""
    wave: str = ""
    """When the form was answered, as a kind of wave, where it does not say itself."""


def fingerprint(headings: Iterable[str]) -> str:
    """The same for two exports of one form: its folded headings in their order."""
    return hashlib.sha256(json.dumps([fold(h) for h in headings]).encode()).hexdigest()[:24]


def heading_row(document: Document, headings: Sequence[str]) -> tuple[int, int] | None:
    """Table and row (from 0) in which these headings stand, or None."""
    wanted = [fold(h) for h in headings if h.strip()]
    for place, table in enumerate(document.tables):
        for number, cells in enumerate(table.rows[:SEARCH_ROWS]):
            found = {fold(c) for c in cells}
            if wanted and all(w in found for w in wanted):
                return place, number
    return None


def find_map(store: Store, document: Document) -> ColumnMap | None:
    """The remembered map of one of the document's first rows, or None."""
    known: dict[str, list[tuple[str, str, str, str]]] = {}
    for mark, heading, maps_to, network, cohort in store.rows("remembered_maps"):
        known.setdefault(str(mark), []).append((str(heading), str(maps_to), network or "", cohort or ""))
    if not known:
        return None
    for table in document.tables:
        for cells in table.rows[:SEARCH_ROWS]:
            mark = fingerprint(cells)
            if mark in known:
                rows = known[mark]
                targets = {h: t for h, t, _, _ in rows if h and t}
                wave = next((t for h, t, _, _ in rows if not h), "")
                return ColumnMap(mark, targets, rows[0][2], rows[0][3], wave)
    return None


def remember(store: Store, chosen: ColumnMap, who: str) -> None:
    """Keep a map in place of the one before for the same headings."""
    if not chosen.fingerprint:
        raise UserError("A map needs the headings that it is for.")
    now = datetime.now(UTC).replace(tzinfo=None)
    rows = [
        {
            "fingerprint": chosen.fingerprint, "position": place, "heading": heading, "maps_to": target,
            "said_network": chosen.network, "said_cohort": chosen.cohort, "confirmed_by": who, "confirmed_at": now,
        }
        for place, (heading, target) in enumerate([("", chosen.wave), *chosen.targets.items()])
    ]  # fmt: skip
    with store.write() as writer:
        writer.remove("remembered_map", fingerprint=chosen.fingerprint)
        writer.insert("remembered_map", rows)


def applied(document: Document, definitions: Definitions, chosen: ColumnMap) -> tuple[Document, Definitions]:
    """The document with renamed headings, and definitions that know what was said of its columns."""
    said = {fold(h): t for h, t in chosen.targets.items() if not t.startswith(f"{COLUMN}:")}
    renamed = {fold(h): t.partition(":")[2] for h, t in chosen.targets.items() if t.startswith(f"{COLUMN}:")}
    tables = tuple(_renamed(table, chosen.fingerprint, renamed) for table in document.tables)
    wave = WaveKind(chosen.wave) if chosen.wave else None
    told = replace(definitions, said={**definitions.said, **said}, said_wave=wave)
    return replace(document, tables=tables), told


def _renamed(table: Table, mark: str, names: Mapping[str, str]) -> Table:
    """The table with the headings of the row that bears the fingerprint renamed."""
    if not names:
        return table
    for number, cells in enumerate(table.rows[:SEARCH_ROWS]):
        if fingerprint(cells) == mark:
            heading = tuple(names.get(fold(c), c) for c in cells)
            return replace(table, rows=(*table.rows[:number], heading, *table.rows[number + 1 :]))
    return table
