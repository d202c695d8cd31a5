"""SurveyMonkey: two heading rows, condensed (a column a question) or expanded (a column an option, matrices too)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from echo_metrics.ingest.readers.base import (
    Context,
    Match,
    ignore_above,
    ignore_other_sheets,
    new_account,
    survey_order,
)
from echo_metrics.ingest.records import Parsed, Submission
from echo_metrics.ingest.source import Document, Table
from echo_metrics.ingest.survey import (
    DROP,
    ID,
    META,
    QUESTION,
    STARTED,
    SUBMITTED,
    SurveyColumn,
    SurveyLayout,
    classify,
    note_dropped,
    read_submissions,
)
from echo_metrics.text import fold, without_html

FORMAT = "surveymonkey"

_ROLES = {
    "respondent id": ID,
    "respondentid": ID,
    "collector id": META,
    "collectorid": META,
    "start date": STARTED,
    "startdate": STARTED,
    "end date": SUBMITTED,
    "enddate": SUBMITTED,
    "date created": STARTED,
    "date modified": SUBMITTED,
    "ip address": DROP,
    "email address": "field:email",
    "first name": "field:first_name",
    "last name": "field:last_name",
    "custom data 1": META,
    "language": META,
}
_ANSWER_WORDS = frozenset({"", "response", "open ended response"})
_OPEN = re.compile(r"^(other|comments?)$|\b(specify|describe|explain)$")


@dataclass(frozen=True)
class _Option:
    """An option's column: what a mark in it means, and whether it is one of a matrix row."""

    label: str
    row: str = ""


def recognise(document: Document, context: Context) -> Match | None:
    """Claim a table whose first heading is the respondent's id, wherever the hub put rows above it."""
    for index, table in enumerate(document.tables):
        for number, cells in enumerate(table.head, 1):
            if cells[:1] in (("respondent id",), ("respondentid",)):
                headings = table.rows[number - 1]
                blank = sum(not h.strip() for h in headings)
                expanded = blank > len(headings) // 4 or _repeats(headings)
                form = "expanded" if expanded else "condensed"
                return Match(0.96, form, number, "respondent id", index)
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read responses. In an expanded export a mark, be it a label or a number, is stored as its option's label."""
    table = document.tables[match.table]
    header_row = match.header_row or 1
    account = new_account(document.tables)
    ignore_other_sheets(account, document, match.table)
    ignore_above(account, table, header_row)
    second = _second_row_is_heading(table, header_row)
    first_row = header_row + 1 + second
    account.ignore("heading", int(second))
    raw_columns, options = _columns(table, header_row, second)
    columns, shown, items = classify(raw_columns, context.definitions)
    data = table.rows[first_row - 1 :]
    order = survey_order(data, columns, account, context)
    note_dropped(columns, data, account)
    submissions = read_submissions(
        table.numbered(first_row),
        SurveyLayout(columns, table.sheet, order),
        items,
        account,
        context.definitions,
        _labelled(options, data),
        unclosed_row=table.unclosed_row,
    )
    return Parsed(
        format=FORMAT,
        variant=match.variant,
        header_row=header_row,
        account=account,
        columns=shown,
        date_order=order,
        submissions=submissions,
        stable_ids=True,
    )


def _repeats(headings: Sequence[str]) -> bool:
    """Some exports repeat the question over its options instead of leaving blanks."""
    again = sum(bool(a.strip()) and a == b for a, b in pairwise(headings))
    return again > len(headings) // 4


def _second_row_is_heading(table: Table, header_row: int) -> bool:
    """SurveyMonkey's second row names options; it has no respondent id."""
    return header_row < len(table.rows) and bool(table.rows[header_row]) and not table.rows[header_row][0].strip()


def _columns(table: Table, header_row: int, second: bool) -> tuple[list[SurveyColumn], dict[int, _Option]]:
    headings = table.rows[header_row - 1]
    named = table.rows[header_row] if second else ()
    groups: dict[str, list[int]] = defaultdict(list)
    columns: list[SurveyColumn] = []
    labels: dict[int, str] = {}
    question = ""
    for i in range(max(len(headings), len(named))):
        heading = headings[i].strip() if i < len(headings) else ""
        option = named[i].strip() if i < len(named) else ""
        question = heading or question
        role = _ROLES.get(fold(heading), QUESTION) if not option else QUESTION
        if fold(option) in _ANSWER_WORDS:
            columns.append(SurveyColumn(i, question, "", role))
        else:
            columns.append(SurveyColumn(i, question, f"{question} - {option}", role))
            groups[question].append(i)
            labels[i] = option
    options: dict[int, _Option] = {}
    for question, places in groups.items():
        options |= _options(places, labels)
        for place in places:
            row = options[place].row if place in options else ""
            if row:
                columns[place] = SurveyColumn(place, row, f"{question} - {row}", QUESTION)
    return columns, options


def _options(places: Sequence[int], labels: dict[int, str]) -> dict[int, _Option]:
    """What each column of a question stands for: in a matrix, `row - option` with every row more than once."""
    closed = [p for p in places if not _OPEN.search(fold(labels[p][:200]))]
    parts = {p: labels[p].rpartition(" - ") for p in closed}
    rows = [row for row, mark, _ in parts.values() if mark]
    matrix = len(rows) == len(closed) > 1 and all(rows.count(r) > 1 for r in set(rows)) if len(rows) < 2_000 else False
    if matrix:
        return {p: _Option(without_html(option), row.strip()) for p, (row, _, option) in parts.items()}
    return {p: _Option(without_html(labels[p])) for p in closed}


def _labelled(
    options: dict[int, _Option], data: Sequence[tuple[str, ...]]
) -> Callable[[tuple[str, ...], Submission], Submission | None] | None:
    """A hook that turns marks into labels: always where the cell says its option, numbers in a numeric export only."""
    marks = [v for r in data for p in options if p < len(r) and (v := r[p].strip())]
    if not marks:
        return None
    numeric = sum(m.isdecimal() for m in marks) >= 0.8 * len(marks)
    values: dict[int, set[str]] = {p: {v for r in data if p < len(r) and (v := r[p].strip())} for p in options}
    # A number that differs from row to row is an amount that was typed, not the number of an option.
    coded = {p for p, seen in values.items() if numeric and len(seen) == 1 and next(iter(seen)).isdecimal()}

    def finish(cells: tuple[str, ...], submission: Submission) -> Submission:
        answers = tuple(
            a._replace(raw=options[a.column].label)
            if a.column in coded or (a.column in options and fold(a.raw) == fold(options[a.column].label))
            else a
            for a in submission.answers
        )
        return replace(submission, answers=answers)

    return finish
