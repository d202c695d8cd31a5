"""Plain tables of the programme around the scores: forum posts, cases, improvement cycles, costs."""

from __future__ import annotations

from dataclasses import dataclass

from echo_metrics.ingest.readers.base import (
    Context,
    Match,
    find_header,
    ignore_above,
    ignore_other_sheets,
    new_account,
)
from echo_metrics.ingest.records import Column, Origin, Parsed, Quarantined, TableRow
from echo_metrics.ingest.source import Document
from echo_metrics.text import fold


@dataclass(frozen=True)
class _Kind:
    """One kind of table: canonical columns with the headings they go by; `needed` ones must be there and filled."""

    format: str
    columns: dict[str, frozenset[str]]
    needed: tuple[str, ...]
    filled: tuple[str, ...]


def _names(*names: str) -> frozenset[str]:
    return frozenset(names)


KINDS = (
    _Kind(
        "forum",
        {
            "author": _names("author", "username", "user", "posted by"),
            "posted_at": _names("posted at", "created at", "date posted", "posted"),
            "thread": _names("thread", "topic title", "topic id"),
            "kind": _names("kind", "type"),
            "text": _names("text", "post raw", "raw", "body", "message"),
            "likes": _names("likes", "like count"),
            "network": _names("network"),
        },
        ("author", "posted_at", "thread", "text"),
        ("author", "posted_at"),
    ),
    _Kind(
        "cases",
        {
            "network": _names("network"),
            "cohort": _names("cohort"),
            "session": _names("session", "session no"),
            "presenter": _names("presenter", "presented by"),
            "topic": _names("topic", "case topic"),
            "follow_up": _names("follow up", "is follow up", "followup"),
            "deidentified": _names("deidentified", "de identified"),
            "recommendations_sent": _names("recommendations sent", "recommendations sent at"),
        },
        ("session", "presenter", "topic", "deidentified"),
        ("topic",),
    ),
    _Kind(
        "cycles",
        {
            "network": _names("network"),
            "cohort": _names("cohort"),
            "title": _names("title", "cycle"),
            "aim": _names("aim"),
            "measure": _names("measure"),
            "prediction": _names("prediction"),
            "start": _names("start", "start date"),
            "end": _names("end", "end date"),
            "did": _names("did", "do"),
            "learned": _names("learned", "study"),
            "next": _names("next", "act"),
        },
        ("title", "aim", "start", "learned"),
        ("title", "start"),
    ),
    _Kind(
        "costs",
        {
            "network": _names("network"),
            "cohort": _names("cohort"),
            "category": _names("category"),
            "amount": _names("amount"),
            "currency": _names("currency"),
            "year": _names("year", "price year"),
            "quantity": _names("quantity"),
            "unit_cost": _names("unit cost"),
            "basis": _names("basis"),
        },
        ("category", "amount", "currency"),
        ("category", "amount"),
    ),
)


def recognise(document: Document, context: Context) -> Match | None:
    """Claim a table that has all the needed columns of one kind."""
    for kind in KINDS:
        for index, table in enumerate(document.tables):
            row = find_header(table, [kind.columns[n] for n in kind.needed])
            if row is not None:
                return Match(0.85, kind.format, row, f"the columns {', '.join(kind.needed)}", index)
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read rows by canonical column name; a row without its needed cells goes to quarantine."""
    kind = next(k for k in KINDS if k.format == match.variant)
    table = document.tables[match.table]
    header_row = match.header_row or 1
    headings = table.rows[header_row - 1]
    place: dict[str, int] = {}
    for i, heading in enumerate(headings):
        for name, names in kind.columns.items():
            if fold(heading) in names:
                place.setdefault(name, i)
    account = new_account(document.tables)
    ignore_other_sheets(account, document, match.table)
    ignore_above(account, table, header_row)
    found = []
    for number, cells in table.numbered(header_row + 1):
        if not any(c.strip() for c in cells):
            account.ignore("blank row")
            continue
        origin = Origin(table.sheet, number)
        values = {name: cells[i].strip() if i < len(cells) else "" for name, i in place.items()}
        empty = next((n for n in kind.filled if not values.get(n)), None)
        if empty is not None or number == table.unclosed_row:
            column = headings[place[empty]] if empty else ""
            message = f"Column '{column}' is blank." if empty else "The file breaks off inside this row."
            account.quarantined.append(Quarantined(origin, column, "incomplete_row", message, cells))
            continue
        found.append(TableRow(origin, values))
        account.loaded += 1
    return Parsed(
        format=kind.format,
        variant="table",
        header_row=header_row,
        account=account,
        columns=tuple(
            Column(i, h, next((n for n, p in place.items() if p == i), "not used"), 1.0) for i, h in enumerate(headings)
        ),
        table=tuple(found),
    )
