"""REDCap data dictionary (CSV or XLSX, 18 columns or the API's snake_case): field labels and coded choices."""

from __future__ import annotations

from echo_metrics.ingest.readers.base import (
    Context,
    Match,
    find_header,
    ignore_above,
    ignore_other_sheets,
    new_account,
)
from echo_metrics.ingest.records import Column, DictionaryField, Origin, Parsed, Quarantined
from echo_metrics.ingest.source import Document
from echo_metrics.text import fold, without_html

FORMAT = "redcap_dictionary"

_CODE = frozenset({"variable field name", "field name"})
_NEEDED = [_CODE, frozenset({"form name"}), frozenset({"field type"}), frozenset({"field label"})]


_CODED = ("radio", "dropdown", "checkbox")
_FIXED = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}


def recognise(document: Document, context: Context) -> Match | None:
    """Claim a table with REDCap's dictionary headings."""
    for index, table in enumerate(document.tables):
        row = find_header(table, _NEEDED)
        if row is not None:
            return Match(0.99, "data dictionary", row, "variable, form, field type and label", index)
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read one field per row."""
    table = document.tables[match.table]
    header_row = match.header_row or 1
    headings = table.rows[header_row - 1]
    places = {fold(h): i for i, h in reversed(list(enumerate(headings)))}
    account = new_account(document.tables)
    ignore_other_sheets(account, document, match.table)
    ignore_above(account, table, header_row)
    code_at = next(places[n] for n in _CODE if n in places)
    choices_at = next((i for name, i in places.items() if "choices" in name), None)
    found = []
    for number, cells in table.numbered(header_row + 1):
        if not any(c.strip() for c in cells):
            account.ignore("blank row")
            continue

        def cell(place: int | None, row: tuple[str, ...] = cells) -> str:
            return row[place].strip() if place is not None and place < len(row) else ""

        if not cell(code_at):
            account.quarantined.append(
                Quarantined(
                    Origin(table.sheet, number),
                    headings[code_at],
                    "no_variable",
                    "The row names no variable.",
                    cells,
                )
            )
            continue
        kind = cell(places["field type"])
        found.append(
            DictionaryField(
                Origin(table.sheet, number),
                cell(places["form name"]),
                cell(code_at),
                kind,
                without_html(cell(places["field label"])),
                _FIXED.get(kind) or (parse_choices(cell(choices_at)) if kind in _CODED else {}),
            )
        )
        account.loaded += 1
    return Parsed(
        format=FORMAT,
        variant=match.variant,
        header_row=header_row,
        account=account,
        columns=tuple(Column(i, h, fold(h), 1.0) for i, h in enumerate(headings)),
        dictionary=tuple(found),
    )


def parse_choices(text: str) -> dict[str, str]:
    """Read `1, Strongly disagree | 2, Disagree` into labels by code."""
    choices = {}
    for part in text.split("|"):
        code, comma, label = part.partition(",")
        if comma:
            choices[code.strip()] = without_html(label)
    return choices
