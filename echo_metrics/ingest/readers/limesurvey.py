"""LimeSurvey response exports: headings as codes, as texts or as both; a blank submission date is incomplete."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from echo_metrics.ingest.readers.base import (
    Context,
    Match,
    ignore_above,
    ignore_other_sheets,
    new_account,
    survey_order,
)
from echo_metrics.ingest.records import Parsed, Submission
from echo_metrics.ingest.source import Document
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

FORMAT = "limesurvey"

# Administrative columns by code and in words, folded.
_ADMIN = {
    "id": ID, "response id": ID,
    "submitdate": SUBMITTED, "date submitted": SUBMITTED,
    "startdate": STARTED, "date started": STARTED,
    "datestamp": META, "date last action": META,
    "lastpage": META, "last page": META,
    "startlanguage": META, "start language": META,
    "seed": META, "token": META, "access code": META,
    "ipaddr": DROP, "ip address": DROP,
    "refurl": DROP, "referrer url": DROP,
    "email": "field:email", "email address": "field:email",
    "firstname": "field:first_name", "first name": "field:first_name",
    "lastname": "field:last_name", "last name": "field:last_name",
}  # fmt: skip
_TELLING = (
    frozenset({"submitdate", "date submitted"}),
    frozenset({"lastpage", "last page"}),
    frozenset({"startlanguage", "start language"}),
)
_TIMING = re.compile(r"^(interviewtime|total time|group ?time|question ?time|.*time$(?<=\dtime))")
_CODE_AND_TEXT = re.compile(r"^([A-Za-z][A-Za-z0-9_]{0,30}(?:\[[^\]]{1,60}\])*)\.\s+(.*)$", re.S)


def recognise(document: Document, context: Context) -> Match | None:
    """Claim LimeSurvey's administrative columns, or a table most of whose headings are `code. text`."""
    for index, table in enumerate(document.tables):
        for number, cells in enumerate(table.head, 1):
            held = {_admin_name(h) for h in table.rows[number - 1]}
            if sum(bool(names & held) for names in _TELLING) >= 2:
                return Match(
                    0.95, f"responses, headings as {_style(table.rows[number - 1])}", number, "admin columns", index
                )
            headings = [h for h in table.rows[number - 1] if h.strip()]
            coded = [h for h in headings if _CODE_AND_TEXT.match(h[:400])]
            if len(cells) >= 5 and len(coded) >= 0.8 * len(headings) and any("[" in h.split(".")[0] for h in coded):
                return Match(0.85, "responses, headings as code and text", number, "headings as code and text", index)
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read one submission a row; who never submitted is kept as incomplete."""
    table = document.tables[match.table]
    header_row = match.header_row or 1
    account = new_account(document.tables)
    ignore_other_sheets(account, document, match.table)
    ignore_above(account, table, header_row)
    raw_columns = _columns(table.rows[header_row - 1])
    columns, shown, items = classify(raw_columns, context.definitions)
    data = table.rows[header_row:]
    order = survey_order(data, columns, account, context)
    note_dropped(columns, data, account)
    submitted = next((c.position for c in columns if c.role == SUBMITTED), None)

    def finish(cells: tuple[str, ...], submission: Submission) -> Submission:
        done = submitted is None or (submitted < len(cells) and bool(cells[submitted].strip()))
        # LimeSurvey writes this date where an anonymous survey keeps none.
        nameless = submission.submitted is not None and submission.submitted.year == 1980
        return replace(submission, complete=done, submitted=None if nameless else submission.submitted)

    submissions = read_submissions(
        table.numbered(header_row + 1),
        SurveyLayout(columns, table.sheet, order),
        items,
        account,
        context.definitions,
        finish,
        table.unclosed_row,
    )
    return Parsed(
        format=FORMAT,
        variant=match.variant,
        header_row=header_row,
        account=account,
        columns=shown,
        date_order=order,
        submissions=submissions,
        stable_ids=any(c.role == ID for c in columns),
    )


def _columns(headings: Sequence[str]) -> list[SurveyColumn]:
    columns = []
    for i, heading in enumerate(headings):
        role = _ADMIN.get(_admin_name(heading))
        tag, text = heading.strip(), ""
        parts = _CODE_AND_TEXT.match(heading.strip())
        if role is None and parts is not None:
            tag, text = parts.group(1), parts.group(2).strip().removeprefix("[").removesuffix("]").strip()
        timing = _TIMING.match(fold(tag[:200])) is not None
        unnamed = not heading.strip()
        columns.append(SurveyColumn(i, tag, text, role or (META if timing or unnamed else QUESTION)))
    return columns


def _admin_name(heading: str) -> str:
    """An administrative column's name; exports with code and text write `submitdate. Date submitted`."""
    parts = _CODE_AND_TEXT.match(heading.strip()[:120])
    return fold(parts.group(1)) if parts is not None and fold(parts.group(1)) in _ADMIN else fold(heading[:120])


def _style(headings: Sequence[str]) -> str:
    questions = [h for h in headings if h.strip() and _admin_name(h) not in _ADMIN]
    if sum(_CODE_AND_TEXT.match(h[:400]) is not None for h in questions) * 2 > len(questions):
        return "code and text"
    return "codes" if questions and all(" " not in h.strip() for h in questions) else "text"
