"""Form tools with one heading row: Microsoft Forms, Google Forms; and SurveyMonkey's two heading rows."""

from __future__ import annotations

from echo_metrics.ingest.readers.base import (
    SEARCH_ROWS,
    Context,
    Match,
    ignore_above,
    ignore_other_sheets,
    new_account,
    survey_order,
)
from echo_metrics.ingest.records import Parsed
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
from echo_metrics.text import fold

MS_FORMS, GOOGLE_FORMS, SURVEYMONKEY = "microsoft_forms", "google_forms", "surveymonkey"

_MS = {"id": ID, "start time": STARTED, "completion time": SUBMITTED, "last modified time": META, "name": META,
       "email": "field:email", "language": META}  # fmt: skip
_GOOGLE = {"timestamp": SUBMITTED, "email address": "field:email", "score": META}
_MONKEY = {
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


def recognise(document: Document, context: Context) -> Match | None:
    """Claim a table under the fixed first headings of one of the three tools."""
    for index, table in enumerate(document.tables):
        for number, cells in table.numbered():
            if number > SEARCH_ROWS:
                break
            folded = [fold(c) for c in cells]
            if "id" in folded[:1] and {"start time", "completion time"} <= set(folded):
                return Match(0.96, f"{MS_FORMS}: responses", number, "ID, start and completion time", index)
            if folded[:1] in (["respondent id"], ["respondentid"]):
                return Match(0.96, f"{SURVEYMONKEY}: {_monkey_form(table, number)}", number, "respondent id", index)
            if number == 1 and folded[:1] == ["timestamp"] and len([f for f in folded if f]) > 1:
                form = "responses sheet" if document.workbook else "responses"
                return Match(0.94, f"{GOOGLE_FORMS}: {form}", number, "Timestamp before the questions", index)
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read responses of the tool that `match` names."""
    tool, _, variant = match.variant.partition(": ")
    table = document.tables[match.table]
    header_row = match.header_row or 1
    account = new_account(document.tables)
    ignore_other_sheets(account, document, match.table)
    ignore_above(account, table, header_row)
    first_row = header_row + 1
    if tool == SURVEYMONKEY:
        second_is_heading = _second_row_is_heading(table, header_row)
        raw_columns = _monkey_columns(table, header_row, second_is_heading)
        if second_is_heading:
            account.ignore("heading")
            first_row += 1
    else:
        roles = _MS if tool == MS_FORMS else _GOOGLE
        raw_columns = _plain_columns(table.rows[header_row - 1], roles)
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
        unclosed_row=table.unclosed_row,
    )
    stated = next((s.submitted.tzname() for s in submissions if s.submitted and s.submitted.tzinfo), None)
    return Parsed(
        format=tool,
        timezone=stated or "",
        variant=variant,
        header_row=header_row,
        account=account,
        columns=shown,
        date_order=order,
        submissions=submissions,
        stable_ids=tool != GOOGLE_FORMS,
    )


def _plain_columns(headings: tuple[str, ...], roles: dict[str, str]) -> list[SurveyColumn]:
    """The tool's own columns stand first: a later question may bear the same name."""
    columns: list[SurveyColumn] = []
    own = True
    for i, heading in enumerate(headings):
        role = roles.get(fold(heading)) if own else None
        if role is None:
            own = False
            role = QUESTION if heading.strip() else META
        columns.append(SurveyColumn(i, heading.strip(), "", role))
    return columns


def _monkey_form(table: Table, header_row: int) -> str:
    headings = table.rows[header_row - 1]
    blank = sum(not h.strip() for h in headings)
    return "expanded" if blank > len(headings) // 4 else "condensed"


def _second_row_is_heading(table: Table, header_row: int) -> bool:
    """SurveyMonkey's second row names options; it has no respondent id."""
    return header_row < len(table.rows) and not table.rows[header_row][0].strip()


def _monkey_columns(table: Table, header_row: int, second: bool) -> list[SurveyColumn]:
    headings = table.rows[header_row - 1]
    options = table.rows[header_row] if second else ()
    columns: list[SurveyColumn] = []
    question = ""
    for i in range(max(len(headings), len(options))):
        heading = headings[i].strip() if i < len(headings) else ""
        option = options[i].strip() if i < len(options) else ""
        question = heading or question
        role = _MONKEY.get(fold(heading), QUESTION) if not option else QUESTION
        if option in ("", "Response", "Open-Ended Response"):
            columns.append(SurveyColumn(i, question, "", role))
        else:
            columns.append(SurveyColumn(i, question, f"{question} - {option}", role))
    return columns
