"""Shared by all survey readers: from columns with roles and rows of cells to submissions, every row accounted for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from echo_metrics.definitions import Definitions
from echo_metrics.ingest.dates import date_order, parse_aware
from echo_metrics.ingest.records import (
    Account,
    AnswerCell,
    Column,
    Issue,
    Origin,
    Quarantined,
    Submission,
)
from echo_metrics.terms import WaveKind
from echo_metrics.text import fold

# Column roles that are not answers. "drop" is personal data that no figure needs: it is named and not kept.
ID, STARTED, SUBMITTED, FINISHED, PREVIEW, DROP, META, QUESTION = (
    "id", "started", "submitted", "finished", "preview", "drop", "meta", "question",
)  # fmt: skip


@dataclass(frozen=True)
class SurveyColumn:
    """One column of a survey export: its heading tag, the question's text and the role it plays."""

    position: int
    tag: str
    text: str
    role: str
    confidence: float = 1.0


@dataclass(frozen=True)
class SurveyLayout:
    """How one survey tool lays out its rows."""

    columns: tuple[SurveyColumn, ...]
    sheet: str
    order: str
    fixed_wave: WaveKind | None = None
    finished_words: frozenset[str] = field(default_factory=lambda: frozenset({"true", "1", "yes", "complete"}))


RowHook = Callable[[tuple[str, ...], Submission], Submission | None]
"""A reader's last word on a submission; None means that the row holds no answers after all."""


def classify(
    columns: Iterable[SurveyColumn], definitions: Definitions
) -> tuple[tuple[SurveyColumn, ...], tuple[Column, ...], dict[int, str | None]]:
    """Give question columns their field or item. Returns the columns, what to show of them, and item by position."""
    done: list[SurveyColumn] = []
    shown: list[Column] = []
    items: dict[int, str | None] = {}
    for column in columns:
        role, maps_to, confidence = column.role, column.role, column.confidence
        said = definitions.said_of(column.tag, column.text)
        if said is not None:
            # Somebody looked at this column and said what it is: that stands above every guess.
            kind, _, name = said.partition(":")
            known = definitions.items.get(name) if kind == "item" else None
            items[column.position] = known.code if known is not None else None
            role = DROP if kind == "drop" else said if kind == "field" else QUESTION
            maps_to, confidence = said, 1.0
            if role != QUESTION:
                del items[column.position]
        elif role == QUESTION:
            item = definitions.find_item(column.tag, column.text)
            known_field = definitions.find_field(column.tag, column.text)
            if item is not None:
                items[column.position], maps_to, confidence = item.code, f"item:{item.code}", 1.0
            elif known_field is not None:
                role = maps_to = f"field:{known_field}"
                confidence = 0.9
            else:
                items[column.position], maps_to, confidence = None, "question", 0.5
        elif role == DROP:
            maps_to = "dropped: personal data that no figure needs"
        done.append(replace(column, role=role))
        shown.append(Column(column.position, column.tag or column.text, maps_to, confidence))
    return tuple(done), tuple(shown), items


def decide_order(rows: Iterable[tuple[str, ...]], columns: Iterable[SurveyColumn]) -> str:
    """The file's order of day and month, from all its start and submission times."""
    places = [c.position for c in columns if c.role in (STARTED, SUBMITTED)]
    return date_order(cells[p] for cells in rows for p in places if p < len(cells) and cells[p])


def read_submissions(
    rows: Iterable[tuple[int, tuple[str, ...]]],
    layout: SurveyLayout,
    items: Mapping[int, str | None],
    account: Account,
    definitions: Definitions,
    hook: RowHook | None = None,
    unclosed_row: int | None = None,
) -> tuple[Submission, ...]:
    """Turn data rows into submissions. Each row ends as loaded, quarantined or ignored by a named rule in `account`."""
    found: list[Submission] = []
    asked = [(c.position, c.text or c.tag, items.get(c.position)) for c in layout.columns if c.role == QUESTION]
    own = [c for c in layout.columns if c.role not in (QUESTION, META, DROP)]
    width = max((c.position for c in layout.columns), default=-1) + 1
    for number, cells in rows:
        origin = Origin(layout.sheet, number)
        if not any(cell.strip() for cell in cells):
            account.ignore("blank row")
            continue
        if number == unclosed_row:
            _quarantine(account, origin, "", "cut_off", "The file breaks off inside this row.", cells)
            continue
        if any(cell.strip() for cell in cells[width:]):
            message = f"The row has {len(cells)} cells but the heading has {width}."
            _quarantine(account, origin, "", "too_many_cells", message, cells)
            continue
        outcome = _submission(origin, cells, layout, own, asked, definitions)
        if isinstance(outcome, Quarantined):
            account.quarantined.append(outcome)
        elif outcome.preview:
            account.ignore("survey preview")
        else:
            kept = hook(cells, outcome) if hook else outcome
            described = kept is not None and (kept.answers or any(kept.fields.values()))
            if kept is None or not described:
                account.ignore("no answers")
            else:
                account.loaded += 1
                found.append(kept)
    return tuple(found)


def note_dropped(columns: Iterable[SurveyColumn], rows: Iterable[tuple[str, ...]], account: Account) -> None:
    """Name each column of unneeded personal data that held something."""
    held = list(rows)
    for column in columns:
        if column.role == DROP and any(len(r) > column.position and r[column.position].strip() for r in held):
            account.issues.append(
                Issue(
                    "personal_column_dropped",
                    f"Column '{column.tag or column.text}' holds personal data that no figure needs; not stored.",
                    column=column.tag or column.text,
                    severity="note",
                )
            )


def wave_of_words(words: str, session_form: bool) -> WaveKind:
    """The wave that an event name or a 'moment' answer means; OTHER where the words do not say.

    `session_form` tells 'before' a session from 'before' the programme.
    """
    text = fold(words)
    starts = text.startswith
    if starts(("then", "retrospective")):
        return WaveKind.THEN_TEST
    if starts(("follow", "3 month", "6 month", "12 month", "three month", "six month")):
        return WaveKind.FOLLOW_UP
    if starts(("baseline", "pre", "before", "intake", "enrol", "start")):
        return WaveKind.PRE_SESSION if session_form else WaveKind.BASELINE
    if starts(("completion", "post", "after", "end", "exit", "final")):
        return WaveKind.POST_SESSION if session_form else WaveKind.COMPLETION
    return WaveKind.OTHER


def _submission(
    origin: Origin,
    cells: tuple[str, ...],
    layout: SurveyLayout,
    own: Iterable[SurveyColumn],
    asked: Iterable[tuple[int, str, str | None]],
    definitions: Definitions,
) -> Submission | Quarantined:
    """One row's submission. `own`: the tool's columns and known fields; `asked`: place, words and item of questions."""
    moments: dict[str, datetime | None] = {STARTED: None, SUBMITTED: None}
    fields: dict[str, str] = {}
    wide = len(cells)
    answers = [AnswerCell(p, words, item, raw) for p, words, item in asked if p < wide and (raw := cells[p].strip())]
    external_id, complete, preview = "", True, False
    for column in own:
        raw = cells[column.position].strip() if column.position < wide else ""
        if column.role in (STARTED, SUBMITTED):
            moments[column.role] = parse_aware(raw, layout.order or "mdy")
            if raw and moments[column.role] is None:
                message = f"'{raw[:40]}' in column '{column.tag or column.text}' is not a date that can be read."
                return Quarantined(origin, column.tag or column.text, "unreadable_date", message, cells)
        elif column.role == ID:
            external_id = raw
        elif column.role == FINISHED:
            complete = fold(raw) in layout.finished_words
        elif column.role == PREVIEW:
            preview = raw in ("1", "2") or "preview" in fold(raw) or "test" in fold(raw).split()
        elif column.role.startswith("field:"):
            fields.setdefault(column.role[6:], raw)
            if column.role == "field:comment" and raw:
                answers.append(AnswerCell(column.position, column.text or column.tag, None, raw))
    session_form = _instrument_of(answers, definitions) == "session"
    wave = layout.fixed_wave or wave_of_words(fields.get("moment", ""), session_form)
    if wave is WaveKind.OTHER and definitions.said_wave is not None:
        wave = definitions.said_wave
    if _instrument_of(answers, definitions) == "supervisor":
        wave = WaveKind.SUPERVISOR
    submitted = moments[SUBMITTED] or moments[STARTED]
    return Submission(
        origin=origin,
        external_id=external_id,
        wave=wave,
        event=fields.get("moment", ""),
        arm=None,
        group="",
        started=moments[STARTED],
        submitted=submitted,
        complete=complete,
        preview=preview,
        record_id="",
        fields={k: v for k, v in fields.items() if k != "comment"},
        answers=tuple(answers),
    )


def _instrument_of(answers: Iterable[AnswerCell], definitions: Definitions) -> str | None:
    for answer in answers:
        if answer.item_code:
            return definitions.items[answer.item_code].instrument
    return None


def _quarantine(account: Account, origin: Origin, column: str, code: str, message: str, cells: tuple[str, ...]) -> None:
    account.quarantined.append(Quarantined(origin, column, code, message, cells))
