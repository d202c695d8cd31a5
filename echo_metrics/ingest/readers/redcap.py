"""REDCap export with variable names as headings: events, arms, repeats, checkboxes, forms side by side, time points."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from echo_metrics.ingest.readers.base import (
    SEARCH_ROWS,
    Context,
    Match,
    ignore_above,
    ignore_other_sheets,
    new_account,
)
from echo_metrics.ingest.readers.redcap_rows import (
    PERSON_COLUMNS,
    checkbox_groups,
    is_done,
    named_by_side,
    sides_of,
    split_sides,
    timestamp,
    unticked,
)
from echo_metrics.ingest.records import Issue, Parsed, Submission
from echo_metrics.ingest.source import Document, Table
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
_STATUSES = frozenset({"", "0", "1", "2", "incomplete", "unverified", "complete"})
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
    for index, table in enumerate(document.tables):
        for number in range(1, min(SEARCH_ROWS, len(table.rows)) + 1):
            match = _heading_at(table, number)
            if match is not None:
                return replace(match, table=index)
    return None


def _heading_at(table: Table, number: int) -> Match | None:
    headings = [h.strip() for h in table.rows[number - 1]]
    while headings and not headings[-1]:
        headings.pop()
    if len(headings) < 2 or not all(_VARIABLE.match(h) for h in headings):
        return None
    kind = ", forms side by side" if sides_of(headings) else ""
    system = [h for h in _SYSTEM if h in headings]
    if "redcap_event_name" in system:
        return Match(0.98, f"raw, longitudinal{kind}", number, "redcap_event_name beside REDCap variable names")
    if "redcap_repeat_instrument" in system:
        why = "redcap_repeat_instrument beside REDCap variable names"
        return Match(0.98, f"raw, repeating instruments{kind}", number, why)
    statuses = [i for i, h in enumerate(headings) if h.endswith("_complete")]
    held = [row[i].strip().casefold() for row in table.rows[number:] for i in statuses if i < len(row)]
    if statuses and all(v in _STATUSES for v in held):
        moment = "time_point" in headings or "timepoint" in headings
        variant = f"raw, time point in a field{kind}" if moment else f"raw{kind}"
        return Match(0.9, variant, number, "form status columns (_complete)")
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read one submission per row, or one per form where forms stand side by side.

    A checkbox group with nothing ticked is missing, not 'no': it may be unseen.
    """
    table = document.tables[match.table]
    header_row = match.header_row or 1
    headings = tuple(h.strip() for h in table.rows[header_row - 1])
    account = new_account(document.tables)
    ignore_other_sheets(account, document, match.table)
    ignore_above(account, table, header_row)
    forms = _forms(headings)
    timestamps = {f.timestamp for f in forms if f.timestamp is not None}
    statuses = {f.status for f in forms}
    own = {0, *timestamps, *statuses, *(i for i, h in enumerate(headings) if h in _SYSTEM or not h)}
    sides = sides_of(headings)
    columns, shown, items = classify(
        named_by_side((SurveyColumn(i, h, "", META if i in own else QUESTION) for i, h in enumerate(headings)), sides),
        context.definitions,
    )
    place = {h: i for i, h in enumerate(headings)}
    groups = checkbox_groups({i: h.partition("___")[0] for i, h in enumerate(headings) if "___" in h})
    moment_tag = next((c.tag for c in columns if c.role == "field:moment"), "")
    labels = {c.position: context.choices[c.tag] for c in columns if c.tag in context.choices}
    known = context.definitions.items
    of_sessions = {at for at, code in items.items() if code is not None and known[code].instrument == "session"}
    person_at = next((place[n] for n in PERSON_COLUMNS if place.get(n, 0) > 0), None) if moment_tag else None

    def finish(cells: tuple[str, ...], submission: Submission) -> Submission:
        def system(name: str) -> str:
            at = place.get(name)
            return cells[at].strip() if at is not None and at < len(cells) else ""

        event = system("redcap_event_name")
        arm = _ARM.search(event)
        moments = [timestamp(cells[t]) for t in timestamps if t < len(cells)]
        nothing = unticked(groups, cells)
        # A coded choice of a question that no instrument knows is stored with its label; known items keep their code.
        plain = not nothing and not labels and person_at is None
        answers = (
            submission.answers
            if plain
            else tuple(
                a._replace(raw=labels[a.column].get(a.raw, a.raw)) if a.column in labels and a.item_code is None else a
                for a in submission.answers
                if a.column not in nothing and a.column != person_at
            )
        )
        fields = {
            name: context.choices.get(_tag_of(columns, name), {}).get(value, value)
            for name, value in submission.fields.items()
        }
        record = cells[0].strip()
        person = cells[person_at].strip() if person_at is not None and person_at < len(cells) else ""
        words = _ARM.sub("", event).replace("_", " ") or _moment_words(fields.get("moment", ""))
        session_form = bool(of_sessions) and any(a.column in of_sessions for a in answers)
        return replace(
            submission,
            external_id="|".join((record, event, system("redcap_repeat_instrument"), system("redcap_repeat_instance"))),
            record_id=person or record,
            event=event or fields.get("moment", ""),
            arm=int(arm.group(1)) if arm else None,
            group=system("redcap_data_access_group"),
            wave=wave_of_words(words, session_form) if words else submission.wave,
            submitted=max((m.replace(tzinfo=None) for m in moments if m is not None), default=None),
            complete=all(is_done(cells[f.status]) for f in forms if f.status < len(cells)),
            fields=fields,
            answers=answers,
        )

    submissions = read_submissions(
        table.numbered(header_row + 1),
        SurveyLayout(columns, table.sheet, "ymd"),
        items,
        account,
        context.definitions,
        finish,
        table.unclosed_row,
    )
    coded = sorted({s.fields.get("moment", "") for s in submissions if s.fields.get("moment", "").isdecimal()})
    if coded and moment_tag:
        account.issues.append(
            Issue(
                "coded_time_point",
                f"'{moment_tag}' holds codes ({', '.join(coded[:5])}): import the data dictionary first, so that they "
                "mean before, after or follow-up.",
                column=moment_tag,
            )
        )
    return Parsed(
        format=FORMAT,
        variant=match.variant,
        header_row=header_row,
        account=account,
        columns=shown,
        date_order="ymd",
        submissions=tuple(
            part
            for s in submissions
            for part in split_sides(s, sides, headings, table.rows[s.origin.row - 1], context.definitions)
        ),
        stable_ids=True,
    )


def _moment_words(moment: str) -> str:
    """What a time point's label says; `Follow-up` and `3 months` as events say them."""
    return moment.replace("_", " ").strip()


def _forms(headings: tuple[str, ...]) -> tuple[_Form, ...]:
    """The project's forms, by their status columns."""
    forms: list[_Form] = []
    place = {h: i for i, h in enumerate(headings)}
    for i, heading in enumerate(headings):
        if not heading.endswith("_complete"):
            continue
        name = heading.removesuffix("_complete")
        stamp = place.get(f"{name}_timestamp")
        forms.append(_Form(name, i, stamp))
    return tuple(forms)


def _tag_of(columns: tuple[SurveyColumn, ...], field: str) -> str:
    return next((c.tag for c in columns if c.role == f"field:{field}"), "")
