"""Qualtrics CSV: current and 2016 (three heading rows), legacy V1..V10 (two), and re-saves that kept fewer."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from echo_metrics.ingest.readers.base import Context, Match, ignore_other_sheets, new_account
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
    SurveyColumn,
    SurveyLayout,
    classify,
    decide_order,
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
    """Claim a table whose third row holds ImportIds, or whose headings are Qualtrics' own."""
    table = document.tables[0]
    rows = table.rows
    tags = {_role_name(h) for h in rows[0]}
    for row in range(1, min(3, len(rows))):
        if sum(bool(_IMPORT_ID.match(c)) for c in rows[row]) >= 3:
            current = "RecordedDate" in rows[0]
            variant = f"{'current' if current else '2016'}, {row + 1} heading rows"
            return Match(0.99, variant, 1, "a heading row of ImportIds")
    if {f"V{i}" for i in range(1, 6)} <= set(rows[0]) and len(rows) > 1 and "ResponseID" in rows[1]:
        return Match(0.97, "legacy, 2 heading rows", 1, "V1..V10 above ResponseID")
    if {"responseid", "startdate", "enddate"} <= tags and tags & {"finished", "status", "progress"}:
        second = len(rows) > 1 and _names_again(rows[0], rows[1])
        return Match(0.93, f"re-saved, {2 if second else 1} heading rows", 1, "ResponseId, StartDate and EndDate")
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read responses. Previews are left out and counted; IP address, coordinates and recipients are dropped."""
    table = document.tables[0]
    heading_rows = int(re.findall(r"(\d) heading rows", match.variant)[0])
    account = new_account(document.tables)
    ignore_other_sheets(account, document, 0)
    account.ignore("heading", heading_rows)
    raw_columns = _columns(table, heading_rows)
    columns, shown, items = classify(raw_columns, context.definitions)
    data = table.rows[heading_rows:]
    order = decide_order(data, columns)
    if not order:
        order = context.default_order
        account.issues.append(
            Issue(
                "date_order_assumed",
                "No date shows whether day or month comes first; the hub's custom was assumed.",
            )
        )
    note_dropped(columns, data, account)
    submissions = read_submissions(
        table.numbered(heading_rows + 1),
        SurveyLayout(columns, table.sheet, order),
        items,
        account,
        context.definitions,
        unclosed_row=table.unclosed_row,
    )
    stated = _stated_zone(table, heading_rows)
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
        header_row=heading_rows,
        account=account,
        columns=shown,
        date_order=order,
        timezone=stated,
        submissions=submissions,
        stable_ids=True,
    )


def _stated_zone(table: Table, heading_rows: int) -> str:
    """The time zone that the third heading row states for the dates, or '' if it states none that exists."""
    for cell in table.rows[heading_rows - 1] if heading_rows >= 3 else ():
        found = _ZONE.search(cell)
        if found is not None and found.group(1) in available_timezones():
            return found.group(1)
    return ""


def _in_zone(submission: Submission, zone: ZoneInfo) -> Submission:
    def placed(moment: datetime | None) -> datetime | None:
        return moment.replace(tzinfo=zone) if moment is not None and moment.tzinfo is None else moment

    return replace(submission, started=placed(submission.started), submitted=placed(submission.submitted))


def _columns(table: Table, heading_rows: int) -> list[SurveyColumn]:
    tags = table.rows[0]
    texts = table.rows[1] if heading_rows >= 2 else tuple("" for _ in tags)
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
