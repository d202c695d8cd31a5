"""REDCap raw CSV export: plain, longitudinal (events, arms), repeating instruments, checkboxes, timestamps."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from echo_metrics.ingest.readers.base import Context, Match, ignore_other_sheets, new_account
from echo_metrics.ingest.records import Parsed, Submission
from echo_metrics.ingest.source import Document
from echo_metrics.ingest.survey import (
    META,
    QUESTION,
    SurveyColumn,
    SurveyLayout,
    classify,
    read_submissions,
    wave_of_words,
)

FORMAT = "redcap"

_VARIABLE = re.compile(r"^[a-z][a-z0-9_]*$")
_ARM = re.compile(r"_arm_(\d+)[a-z]?$")
_SYSTEM = (
    "redcap_event_name",
    "redcap_repeat_instrument",
    "redcap_repeat_instance",
    "redcap_data_access_group",
    "redcap_survey_identifier",
)


@dataclass(frozen=True)
class _Form:
    """One form of the project: where its status and its survey timestamp stand."""

    name: str
    status: int
    timestamp: int | None


def recognise(document: Document, context: Context) -> Match | None:
    """Claim a table whose headings are REDCap variable names with a form status or a system column."""
    table = document.tables[0]
    headings = [h.strip() for h in table.rows[0]]
    if len(headings) < 2 or not all(_VARIABLE.match(h) for h in headings):
        return None
    system = [h for h in _SYSTEM if h in headings]
    if "redcap_event_name" in system:
        return Match(0.98, "raw, longitudinal", 1, "redcap_event_name beside REDCap variable names")
    if "redcap_repeat_instrument" in system:
        return Match(0.98, "raw, repeating instruments", 1, "redcap_repeat_instrument beside REDCap variable names")
    statuses = [i for i, h in enumerate(headings) if h.endswith("_complete")]
    if statuses and all(
        row[i].strip() in ("", "0", "1", "2") for row in table.rows[1:] for i in statuses if i < len(row)
    ):
        return Match(0.9, "raw", 1, "form status columns (_complete) with 0, 1 or 2")
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read one submission per row. A checkbox group with nothing ticked is missing, not 'no': it may be unseen."""
    table = document.tables[0]
    headings = tuple(h.strip() for h in table.rows[0])
    account = new_account(document.tables)
    ignore_other_sheets(account, document, 0)
    account.ignore("heading")
    forms = _forms(headings)
    timestamps = {f.timestamp for f in forms if f.timestamp is not None}
    statuses = {f.status for f in forms}
    columns, shown, items = classify(
        (
            SurveyColumn(
                i,
                heading,
                "",
                META if i == 0 or heading in _SYSTEM or i in timestamps or i in statuses else QUESTION,
            )
            for i, heading in enumerate(headings)
        ),
        context.definitions,
    )
    place = {h: i for i, h in enumerate(headings)}
    checkboxes = _checkbox_groups(headings)

    def finish(cells: tuple[str, ...], submission: Submission) -> Submission:
        def system(name: str) -> str:
            at = place.get(name)
            return cells[at].strip() if at is not None and at < len(cells) else ""

        event = system("redcap_event_name")
        arm = _ARM.search(event)
        moments = [_timestamp(cells[t]) for t in timestamps if t < len(cells)]
        unticked = {
            i
            for group in checkboxes
            if all(cells[i].strip() in ("0", "") for i in group if i < len(cells))
            for i in group
        }
        answers = tuple(
            replace(a, raw=_label(a.question, a.raw, a.item_code, context))
            for a in submission.answers
            if a.column not in unticked
        )
        fields = {
            name: context.choices.get(_tag_of(columns, name), {}).get(value, value)
            for name, value in submission.fields.items()
        }
        record = cells[0].strip()
        words = _ARM.sub("", event).replace("_", " ") or fields.get("moment", "")
        session_form = any(
            a.item_code and context.definitions.items[a.item_code].instrument == "session" for a in answers
        )
        return replace(
            submission,
            external_id="|".join((record, event, system("redcap_repeat_instrument"), system("redcap_repeat_instance"))),
            record_id=record,
            event=event,
            arm=int(arm.group(1)) if arm else None,
            group=system("redcap_data_access_group"),
            wave=wave_of_words(words, session_form) if words else submission.wave,
            submitted=max((m for m in moments if m is not None), default=None),
            complete=all(cells[f.status].strip() in ("2", "") for f in forms if f.status < len(cells)),
            fields=fields,
            answers=answers,
        )

    submissions = read_submissions(
        table.numbered(2),
        SurveyLayout(columns, table.sheet, "ymd"),
        items,
        account,
        context.definitions,
        finish,
        table.unclosed_row,
    )
    return Parsed(
        format=FORMAT,
        variant=match.variant,
        header_row=1,
        account=account,
        columns=shown,
        date_order="ymd",
        submissions=submissions,
        stable_ids=True,
    )


def _forms(headings: tuple[str, ...]) -> tuple[_Form, ...]:
    """The project's forms, by their status columns."""
    forms: list[_Form] = []
    for i, heading in enumerate(headings):
        if not heading.endswith("_complete"):
            continue
        name = heading.removesuffix("_complete")
        stamp = headings.index(f"{name}_timestamp") if f"{name}_timestamp" in headings else None
        forms.append(_Form(name, i, stamp))
    return tuple(forms)


def _checkbox_groups(headings: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    groups: dict[str, list[int]] = {}
    for i, heading in enumerate(headings):
        stem, mark, _ = heading.partition("___")
        if mark:
            groups.setdefault(stem, []).append(i)
    return tuple(tuple(g) for g in groups.values())


def _tag_of(columns: tuple[SurveyColumn, ...], field: str) -> str:
    return next((c.tag for c in columns if c.role == f"field:{field}"), "")


def _label(question: str, raw: str, item: str | None, context: Context) -> str:
    """A coded choice of a question that no instrument knows is stored with its label; known items keep their code."""
    if item is not None:
        return raw
    return context.choices.get(question, {}).get(raw, raw)


def _timestamp(raw: str) -> datetime | None:
    try:
        return datetime.fromisoformat(raw.strip())
    except ValueError:
        return None  # '[not completed]', blank
