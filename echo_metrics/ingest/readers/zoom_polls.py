"""Zoom poll reports: unlabelled question-answer pairs (to 2021), a sub-table a poll (since), and the long form."""

from __future__ import annotations

from collections.abc import Sequence

from echo_metrics.ingest.dates import parse_aware
from echo_metrics.ingest.readers.attendance import order_of
from echo_metrics.ingest.readers.base import Context, Match, ignore_other_sheets, new_account
from echo_metrics.ingest.records import AnswerCell, Column, Issue, Origin, Parsed, Quarantined, Submission
from echo_metrics.ingest.source import Document
from echo_metrics.ingest.survey import wave_of_words
from echo_metrics.text import fold

FORMAT = "zoom_polls"

_USER = frozenset({"user name", "name", "username"})
_EMAIL = frozenset({"user email", "email", "email address"})
_TIME = frozenset({"submitted date time", "submitted time", "submission time"})
_ANONYMOUS = frozenset({"anonymous attendee", "anonymous"})


def recognise(document: Document, context: Context) -> Match | None:
    """Claim a heading of `#`, user, e-mail and submission time; what follows it tells the form."""
    for index, table in enumerate(document.tables):
        for number, cells in enumerate(table.head, 1):
            if _is_heading(cells):
                rest = [c for c in cells[4:] if c]
                if rest[:2] == ["question", "answer"]:
                    return Match(0.97, "long form", number, "question and answer columns", index)
                form = "poll report, questions in the heading" if rest else "poll report, pairs beside each name"
                return Match(0.97, form, number, "number, user, e-mail and submission time", index)
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read one submission a row; a question whose wording no instrument knows feeds no measure."""
    table = document.tables[match.table]
    account = new_account(document.tables)
    ignore_other_sheets(account, document, match.table)
    order = order_of(
        (c[3] for _, c in table.numbered() if len(c) > 3 and not _is_heading([fold(x[:80]) for x in c])),
        account,
        context,
    )
    headings: tuple[str, ...] = ()
    found: list[Submission] = []
    questions: dict[str, str | None] = {}
    for number, cells in table.numbered():
        folded = [fold(c[:80]) for c in cells[:6]]
        origin = Origin(table.sheet, number)
        if not any(c.strip() for c in cells):
            account.ignore("blank row")
        elif _is_heading(folded):
            headings = cells
            account.ignore("heading")
        elif not headings or not cells[0].strip().isdecimal():
            account.ignore("meeting block")
            headings = () if headings and not any(c.strip() for c in cells[1:]) else headings
        elif number == table.unclosed_row:
            message = "The file breaks off inside this row."
            account.quarantined.append(Quarantined(origin, "", "cut_off", message, cells))
        else:
            pairs = _pairs(headings, cells)
            submitted = parse_aware(cells[3], order) if len(cells) > 3 else None
            if submitted is None:
                message = f"'{cells[3][:40] if len(cells) > 3 else ''}' is not a date that can be read."
                account.quarantined.append(
                    Quarantined(origin, "Submitted Date/Time", "unreadable_date", message, cells)
                )
                continue
            answers = []
            for place, question, raw in pairs:
                item = context.definitions.find_item(question)
                questions[question] = item.code if item else None
                answers.append(AnswerCell(place, question, questions[question], raw))
            if not answers:
                account.ignore("no answers")
                continue
            name, email = cells[1].strip(), cells[2].strip()
            known = any(a.item_code and context.definitions.items[a.item_code].instrument == "session" for a in answers)
            account.loaded += 1
            found.append(
                Submission(
                    origin=origin,
                    external_id="",
                    wave=wave_of_words("after" if known else "", known),
                    event="",
                    arm=None,
                    group="",
                    started=None,
                    submitted=submitted,
                    complete=True,
                    preview=False,
                    record_id="",
                    fields={"email": "" if fold(name) in _ANONYMOUS else email},
                    answers=tuple(answers),
                )
            )
    account.issues.append(
        Issue(
            "names_not_stored", "Names beside poll answers are not stored; addresses are keyed hashes.", severity="note"
        )
    )
    own = ("number", "not stored", "field:email", "submitted")
    return Parsed(
        format=FORMAT,
        variant=match.variant,
        header_row=match.header_row,
        account=account,
        columns=(
            *(Column(i, h, own[i], 1.0) for i, h in enumerate(table.rows[(match.header_row or 1) - 1][:4])),
            *(Column(4 + i, q, f"item:{c}" if c else "question", 0.5) for i, (q, c) in enumerate(questions.items())),
        ),
        date_order=order,
        submissions=tuple(found),
    )


def _is_heading(folded: Sequence[str]) -> bool:
    return (
        len(folded) >= 4
        and folded[0] in ("", "no")
        and bool({folded[1]} & _USER and {folded[2]} & _EMAIL and {folded[3]} & _TIME)
    )


def _pairs(headings: Sequence[str], cells: Sequence[str]) -> list[tuple[int, str, str]]:
    """(column, question, answer) of one row, by the form that its heading has."""
    asked = [fold(h[:80]) for h in headings[4:6]]
    if asked[:2] == ["question", "answer"]:
        filled = len(cells) > 5 and cells[4].strip() and cells[5].strip()
        return [(5, cells[4].strip(), cells[5].strip())] if filled else []
    named = [(i, h.strip()) for i, h in enumerate(headings) if i >= 4 and h.strip()]
    if named:
        return [(i, h, cells[i].strip()) for i, h in named if i < len(cells) and cells[i].strip()]
    return [
        (i + 1, cells[i].strip(), cells[i + 1].strip())
        for i in range(4, len(cells) - 1, 2)
        if cells[i].strip() and cells[i + 1].strip()
    ]
