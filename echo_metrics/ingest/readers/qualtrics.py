"""Qualtrics CSV: current and 2016 (three heading rows), legacy V1..V10 (two), and re-saves that kept fewer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from echo_metrics.ingest.readers.base import (
    SEARCH_ROWS,
    Context,
    Match,
    ignore_above,
    ignore_other_sheets,
    new_account,
    survey_order,
)
from echo_metrics.ingest.records import Issue, Parsed, Submission
from echo_metrics.ingest.source import Document, Table
from echo_metrics.ingest.survey import (
    DROP,
    FINISHED,
    ID,
    META,
    PREVIEW,
    QUESTION,
    STARTED,
    SUBMITTED,
    RowHook,
    SurveyColumn,
    SurveyLayout,
    classify,
    note_dropped,
    read_submissions,
)
from echo_metrics.text import fold

FORMAT = "qualtrics"

_IMPORT_ID = re.compile(r"""^\s*\{\s*['"]ImportId['"]\s*:\s*['"]([^'"]*)['"]""")
_ZONE = re.compile(r"""['"]timeZone['"]\s*:\s*['"]([^'"]+)['"]""")
_ROLES = {
    "responseid": ID,
    "startdate": STARTED,
    "enddate": SUBMITTED,
    "recordeddate": META,
    "finished": FINISHED,
    "status": PREVIEW,
    "responseset": META,
    "progress": META,
    "duration in seconds": META,
    "duration": META,
    "distributionchannel": META,
    "userlanguage": META,
    "ipaddress": DROP,
    "locationlatitude": DROP,
    "locationlongitude": DROP,
    "locationaccuracy": DROP,
    "recipientlastname": DROP,
    "recipientfirstname": DROP,
    "recipientemail": DROP,
    "externaldatareference": META,
    "externalreference": META,
    "emailaddress": DROP,
    "name": DROP,
}


def recognise(document: Document, context: Context) -> Match | None:
    """Claim a table with a row of ImportIds under its headings, or whose headings are Qualtrics' own."""
    for index, table in enumerate(document.tables):
        for number in range(1, min(SEARCH_ROWS, len(table.rows)) + 1):
            found = _heading_at(table, number)
            if found is not None:
                confidence, variant, why = found
                return Match(confidence, variant, number, why, index)
    return None


def _heading_at(table: Table, number: int) -> tuple[float, str, str] | None:
    """How sure, which variant and why, if Qualtrics' headings begin at row `number`."""
    rows = table.rows[number - 1 : number + 2]
    tags = {_role_name(h[:200]) for h in rows[0]}
    if not tags & {"responseid", "startdate"} and not {"V1", "V2", "V3"} <= set(rows[0]):
        return None
    for row in range(1, len(rows)):
        if sum(bool(_IMPORT_ID.match(c[:400])) for c in rows[row]) >= 3:
            current = "RecordedDate" in rows[0]
            return 0.99, f"{'current' if current else '2016'}, {row + 1} heading rows", "a heading row of ImportIds"
    if {f"V{i}" for i in range(1, 6)} <= set(rows[0]) and len(rows) > 1 and "ResponseID" in rows[1]:
        return 0.97, "legacy, 2 heading rows", "V1..V10 above ResponseID"
    if {"responseid", "startdate", "enddate"} <= tags and tags & {"finished", "status", "progress"}:
        second = len(rows) > 1 and _names_again(rows[0], rows[1])
        return 0.93, f"re-saved, {2 if second else 1} heading rows", "ResponseId, StartDate and EndDate"
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read responses. Previews are left out and counted; IP address, coordinates and recipients are dropped."""
    table = document.tables[match.table]
    top = match.header_row or 1
    heading_rows = int(re.findall(r"(\d) heading rows", match.variant)[0])
    account = new_account(document.tables)
    ignore_other_sheets(account, document, match.table)
    ignore_above(account, table, top)
    account.ignore("heading", heading_rows - 1)
    headings = table.rows[top - 1 : top - 1 + heading_rows]
    raw_columns = _columns(headings)
    columns, shown, items = classify(raw_columns, context.definitions)
    first = top + heading_rows
    data = table.rows[first - 1 :]
    order = survey_order(data, columns, account, context)
    note_dropped(columns, data, account)
    submissions = read_submissions(
        table.numbered(first),
        SurveyLayout(columns, table.sheet, order),
        items,
        account,
        context.definitions,
        _labelled(columns, context),
        unclosed_row=table.unclosed_row,
    )
    stated = _stated_zone(headings)
    if stated:
        submissions = tuple(_in_zone(s, ZoneInfo(stated)) for s in submissions)
    unfinished = sum(not s.complete for s in submissions)
    if unfinished:
        account.issues.append(
            Issue(
                "unfinished_responses",
                f"{unfinished} responses were not finished; their answers count and they are marked.",
                severity="note",
            )
        )
    return Parsed(
        format=FORMAT,
        variant=match.variant,
        header_row=top,
        account=account,
        columns=shown,
        date_order=order,
        timezone=stated,
        submissions=submissions,
        stable_ids=True,
    )


def _labelled(columns: Sequence[SurveyColumn], context: Context) -> RowHook | None:
    """Numbers become labels where a survey definition knows a column's tag and wording; codes need not be 1 to n."""
    known = {
        (tag, fold(wording)): labels
        for code, labels in context.choices.items()
        for tag, mark, wording in [code.partition("\n")]
        if mark
    }
    labels = {
        c.position: found
        for c in columns
        if c.role == QUESTION and known and (found := known.get((c.tag, fold(c.text)))) is not None
    }
    if not labels:
        return None

    def finish(cells: tuple[str, ...], submission: Submission) -> Submission:
        answers = tuple(
            a._replace(raw=labels[a.column].get(a.raw, a.raw)) if a.column in labels else a for a in submission.answers
        )
        return replace(submission, answers=answers)

    return finish


def _stated_zone(headings: Sequence[tuple[str, ...]]) -> str:
    """The time zone that the third heading row states for the dates, or '' if it states none that exists."""
    for cell in headings[-1] if len(headings) >= 3 else ():
        found = _ZONE.search(cell)
        if found is not None and found.group(1) in available_timezones():
            return found.group(1)
    return ""


def _in_zone(submission: Submission, zone: ZoneInfo) -> Submission:
    def placed(moment: datetime | None) -> datetime | None:
        return moment.replace(tzinfo=zone) if moment is not None and moment.tzinfo is None else moment

    return replace(submission, started=placed(submission.started), submitted=placed(submission.submitted))


def _columns(headings: Sequence[tuple[str, ...]]) -> list[SurveyColumn]:
    tags, heading_rows = headings[0], len(headings)
    texts = headings[1] if heading_rows >= 2 else tuple("" for _ in tags)
    legacy = tags[0].startswith("V") and tags[0][1:].isdigit()
    columns = []
    for i, tag in enumerate(tags):
        text = texts[i].strip() if i < len(texts) else ""
        if not tag.strip() and not text:
            columns.append(SurveyColumn(i, "", "", META))
            continue
        named = text if legacy and re.match(r"^V\d+$", tag) else tag
        role = _ROLES.get(_role_name(named), QUESTION)
        # A survey may hold a question tagged 'name' or 'status': only Qualtrics' own columns repeat their heading.
        if role != QUESTION and not legacy and heading_rows >= 2 and named in ("name", "status", "duration"):
            role = QUESTION
        columns.append(SurveyColumn(i, tag.strip(), text, role))
    return columns


def _role_name(heading: str) -> str:
    folded = fold(heading)
    return folded if folded.startswith("duration") else folded.replace(" ", "")


def _names_again(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Whether the second row repeats the metadata headings in words (`Start Date` under `StartDate`)."""
    worded = {
        "start date",
        "end date",
        "response type",
        "ip address",
        "response id",
        "recorded date",
        "responseid",
    }
    return len({fold(c) for c in second} & worded) >= 2
