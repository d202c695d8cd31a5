"""Mentimeter voters: one row a voter. A voter's number restarts with every session and says nothing about a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from echo_metrics.ingest.readers.base import (
    Context,
    Match,
    find_header,
    ignore_above,
    ignore_other_sheets,
    new_account,
    survey_order,
)
from echo_metrics.ingest.records import Issue, Parsed, Submission
from echo_metrics.ingest.source import Document
from echo_metrics.ingest.survey import (
    META,
    QUESTION,
    SUBMITTED,
    SurveyColumn,
    SurveyLayout,
    classify,
    read_submissions,
)
from echo_metrics.text import fold

FORMAT = "mentimeter"

_DATES = frozenset({"date", "date utc"})
_NEEDED = [_DATES, frozenset({"session"}), frozenset({"voter"})]


def recognise(document: Document, context: Context) -> Match | None:
    """Claim a table under Date, Session and Voter."""
    for index, table in enumerate(document.tables):
        row = find_header(table, _NEEDED)
        if row is not None:
            return Match(0.96, "voters", row, "date, session and voter", index)
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read one submission a voter and session; nothing links a voter to another day's."""
    table = document.tables[match.table]
    header_row = match.header_row or 1
    headings = table.rows[header_row - 1]
    folded = [fold(h[:400]) for h in headings]
    account = new_account(document.tables)
    ignore_other_sheets(account, document, match.table)
    ignore_above(account, table, header_row)
    raw_columns = []
    for i, (heading, name) in enumerate(zip(headings, folded, strict=True)):
        own = name in ("session", "voter", "upvotes") or not name
        role = SUBMITTED if name in _DATES else META if own else QUESTION
        # `Question: statement`: the statement is what an instrument would know.
        statement = heading.rpartition(": ")[2].strip() if role == QUESTION else heading.strip()
        raw_columns.append(SurveyColumn(i, statement, heading.strip() if role == QUESTION else "", role))
    columns, shown, items = classify(raw_columns, context.definitions)
    shown = tuple(replace(c, heading=headings[c.position].strip()) for c in shown)
    data = table.rows[header_row:]
    order = survey_order(data, columns, account, context)
    utc = "date utc" in folded
    places = [next(i for i, n in enumerate(folded) if n in names) for names in (_DATES, {"session"}, {"voter"})]

    def finish(cells: tuple[str, ...], submission: Submission) -> Submission:
        external = "|".join(cells[p].strip() if p < len(cells) else "" for p in places)
        at = submission.submitted
        return replace(submission, external_id=external, submitted=at.replace(tzinfo=UTC) if at and utc else at)

    submissions = read_submissions(
        table.numbered(header_row + 1),
        SurveyLayout(columns, table.sheet, order),
        items,
        account,
        context.definitions,
        finish,
        table.unclosed_row,
    )
    account.issues.append(
        Issue(
            "voters_are_nobody",
            "A voter's number restarts with every session: votes count for levels, and nobody is followed over time.",
            severity="note",
        )
    )
    return Parsed(
        format=FORMAT,
        variant=match.variant,
        header_row=header_row,
        account=account,
        columns=shown,
        date_order=order,
        timezone="UTC" if utc else "",
        submissions=submissions,
        stable_ids=True,
    )
