"""Any survey table with one heading row and closed answers: the last resort, with low confidence.

It needs a date column, or several rating columns: a timetable or a head count must not be taken for answers.
"""

from __future__ import annotations

from dataclasses import replace

from echo_metrics.ingest.dates import parse_moment
from echo_metrics.ingest.readers.base import (
    Context,
    Match,
    ignore_above,
    ignore_other_sheets,
    new_account,
    survey_order,
)
from echo_metrics.ingest.records import Issue, Parsed
from echo_metrics.ingest.source import Document, Table
from echo_metrics.ingest.survey import (
    DROP,
    ID,
    META,
    QUESTION,
    SUBMITTED,
    SurveyColumn,
    SurveyLayout,
    classify,
    note_dropped,
    read_submissions,
)
from echo_metrics.text import fold

FORMAT = "survey"

_DATE_NAMES = frozenset(
    {"date", "submitted", "submit date", "date submitted", "timestamp", "completed", "recorded date", "submission date",
     "start date", "response date", "submitted at"}
)  # fmt: skip
_ID_NAMES = frozenset({"id", "response id", "responseid", "respondent", "row id"})
_NOT_A_SURVEY = frozenset({"full name", "user action", "join time", "leave time", "first join", "last leave"})
"""Headings of attendance logs: a log that no reader knows must be refused, not taken for answers."""
_UNNEEDED = frozenset(
    {"ip address", "ip", "ipaddress", "latitude", "longitude", "location latitude", "location longitude"}
)
"""Personal data that no figure needs."""
_SEARCH = 10
_LOOKED_AT = 1_000
"""Rows that are enough to know a column by what it holds."""
_RATINGS, _FEWEST_ROWS = 3, 5
_FEW_ANSWERS = 15
"""A closed question has few different answers, and they come again."""


def recognise(document: Document, context: Context) -> Match | None:
    """Claim a table with a date column that parses and two closed questions, or with three or more rating columns."""
    for index, table in enumerate(document.tables):
        for number in range(1, min(_SEARCH, len(table.rows)) + 1):
            match = _heading_at(Table(table.sheet, table.rows[number - 1 : number + _LOOKED_AT]), number)
            if match is not None:
                return replace(match, table=index)
    return None


def _heading_at(table: Table, number: int) -> Match | None:
    """The claim if the table's first row is a heading; `number` is where it stands in the file."""
    headings = table.rows[0]
    if len(table.rows) < 4 or len(headings) < 3:
        return None
    names = {fold(h[:200]) for h in headings}
    if len([h for h in headings if h.strip()]) < len(headings) * 0.9 or names & _NOT_A_SURVEY:
        return None
    if number > 1 and sum(any(c.isalpha() for c in h[:60]) for h in headings) < len(headings) * 0.9:
        return None  # further down only a row of words can be a heading; a row of answers holds numbers
    date_at = _date_column(table)
    if date_at is None:
        ratings = sum(_rating(table, i) for i in range(len(headings)))
        if ratings < _RATINGS or len(table.rows) <= _FEWEST_ROWS:
            return None
        return Match(0.4, "table of ratings", number, f"{ratings} rating columns, no date")
    closed = sum(_closed(table, i) for i in range(len(headings)) if i != date_at)
    if closed < 2:
        return None
    return Match(0.5, "table with a date and closed questions", number, f"a date column and {closed} closed questions")


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read one submission per row; every column that is not a known field is kept as a question."""
    whole = document.tables[match.table]
    header_row = match.header_row or 1
    table = Table(whole.sheet, whole.rows[header_row - 1 :])
    account = new_account(document.tables)
    ignore_other_sheets(account, document, match.table)
    ignore_above(account, whole, header_row)
    date_at = _date_column(Table(table.sheet, table.rows[: _LOOKED_AT + 1]))
    raw_columns = []
    for i, heading in enumerate(table.rows[0]):
        named = fold(heading[:200])
        role = QUESTION
        if i == date_at:
            role = SUBMITTED
        elif named in _ID_NAMES and _distinct(table, i):
            role = ID
        elif named in _UNNEEDED:
            role = DROP
        raw_columns.append(SurveyColumn(i, heading.strip(), "", role if heading.strip() else META))
    columns, shown, items = classify(raw_columns, context.definitions)
    order = survey_order(table.rows[1:], columns, account, context)
    note_dropped(columns, table.rows[1:], account)
    if not any(items.values()):
        account.issues.append(
            Issue(
                "no_known_questions",
                "None of the questions belongs to a known instrument: the answers are stored, but feed no measure yet.",
                severity="note",
            )
        )
    submissions = read_submissions(
        whole.numbered(header_row + 1),
        SurveyLayout(columns, whole.sheet, order or context.default_order),
        items,
        account,
        context.definitions,
        unclosed_row=whole.unclosed_row,
    )
    return Parsed(
        format=FORMAT,
        variant=match.variant,
        header_row=header_row,
        account=account,
        columns=shown,
        date_order=order or context.default_order,
        submissions=submissions,
        stable_ids=any(c.role == ID for c in columns),
    )


def _date_column(table: Table) -> int | None:
    for i, heading in enumerate(table.rows[0]):
        if fold(heading) not in _DATE_NAMES:
            continue
        filled = [row[i] for row in table.rows[1:] if i < len(row) and row[i].strip()]
        if filled and sum(parse_moment(v, "mdy") is not None or parse_moment(v, "dmy") is not None for v in filled) > (
            0.8 * len(filled)
        ):
            return i
    return None


def _closed(table: Table, column: int) -> bool:
    filled = [row[column].strip() for row in table.rows[1:] if column < len(row) and row[column].strip()]
    kinds = set(filled)
    return len(filled) > 2 and len(kinds) <= _FEW_ANSWERS and len(kinds) < len(filled)


def _rating(table: Table, column: int) -> bool:
    """Whether a column holds ratings: whole numbers from 0 to 10, at least two different ones, in most rows."""
    filled = [row[column].strip() for row in table.rows[1:] if column < len(row) and row[column].strip()]
    numbers = [v for v in filled if v.isdecimal() and int(v) <= 10]
    return len(numbers) == len(filled) > (len(table.rows) - 1) / 2 and len(set(numbers)) > 1


def _distinct(table: Table, column: int) -> bool:
    filled = [row[column].strip() for row in table.rows[1:] if column < len(row) and row[column].strip()]
    return len(filled) == len(set(filled)) == len(table.rows) - 1
