"""The hub's REDCap project: one longitudinal project, arms are cohorts, data access groups are networks."""

from __future__ import annotations

import datetime as dt
import random

from data.demo._outcomes import (
    BASELINE,
    COMPLETION,
    FOLLOW_UP,
    THEN_TEST,
    Item,
    answers,
    items,
    plan,
    then_answers,
)
from data.demo._programme import SEED, Cohort, Roster
from data.demo._tables import DISCIPLINE_LABELS, iso, php_csv_text

DATA_NAME = "ECHOOutcomes_DATA_2022-08-15_0930.csv"
DICTIONARY_NAME = "ECHOOutcomes_DataDictionary_2022-08-15.csv"

_DICTIONARY_HEADINGS = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
_AGREE = "1, Strongly disagree | 2, Disagree | 3, Neither agree nor disagree | 4, Agree | 5, Strongly agree"
_FREQUENCY = "1, Never | 2, Rarely | 3, Sometimes | 4, Often | 5, Very often"
_SECTIONS = {
    "comp_assess": "How far do you agree with each statement about your work today?",
    "know_1": "Knowledge questions: choose the one best answer",
    "conn_know": "Colleagues and community",
    "collab_roles": "Working with other disciplines",
    "supest_value": "Your supervisor",
    "prac_assess": "How often did you do each of these in the past month?",
}

Row = tuple[str, ...]


def data_csv(rosters: list[Roster], attended: dict[str, frozenset[str]]) -> str:
    """Return the raw export: one row for each record and event that holds something.

    `attended`: for each cohort key the addresses of those who came at least once.
    """
    codes = [item.code for item in items("outcomes")]
    headings = (
        "record_id",
        "redcap_event_name",
        "redcap_data_access_group",
        "redcap_survey_identifier",
        "background_timestamp",
        "email",
        "discipline",
        "background_complete",
        "outcomes_timestamp",
        *codes,
        "outcomes_complete",
    )
    rows: list[Row] = [headings]
    record = 0
    for roster in rosters:
        made = _cohort_rows(roster, attended[roster.cohort.key], record, codes)
        record = max(int(row[0]) for row in made)
        rows += made
    return php_csv_text(rows)


def _cohort_rows(roster: Roster, attended: frozenset[str], last_record: int, codes: list[str]) -> list[Row]:
    cohort = roster.cohort
    rng = random.Random(f"{SEED}|redcap|{cohort.key}")
    who = plan(roster, attended)
    held = _planned_mess(roster, answers(roster, who))
    remembered = then_answers(roster, held)
    unanswered = _unanswered(roster, who.baseline | who.completion | who.follow_up)
    # Records are numbered in the order in which people opened the first survey, not by discipline.
    order = sorted(who.baseline | who.completion | who.follow_up | unanswered)
    rng.shuffle(order)
    late = next(i for i in sorted(who.completion) if i not in who.follow_up)
    paper = next(i for i in sorted(who.baseline) if held[i, BASELINE][codes[-1]])
    private = _private_address(roster, sorted(who.baseline & who.completion))
    rows: list[Row] = []
    for record, position in enumerate(order, last_record + 1):
        person = roster.participants[position]
        for event in (BASELINE, COMPLETION, FOLLOW_UP):
            started = _moment(rng, cohort, event)
            background: Row = ("", "", "", "")
            if event == BASELINE and position in unanswered:
                background = ("", "", "", "0")
            elif event == BASELINE:
                email = person.email
                if position == private:
                    email = f"{person.last.lower()}.home@example.net"
                elif rng.random() < 0.08:
                    email = email.replace(person.last.lower(), person.last.upper())
                discipline = str(list(DISCIPLINE_LABELS).index(person.discipline) + 1)
                background = (iso(started), email, discipline, "2")
            given = held.get((position, event))
            if given is None and event != BASELINE:
                continue
            name = f"{event}_arm_{cohort.number}"
            submitted = iso(started + dt.timedelta(minutes=rng.randint(6, 19), seconds=rng.randint(0, 59)))
            if given is None:
                outcomes: Row = ("", *("" for _ in codes), "0")
            else:
                unfinished = all(given[code] == "" for code in codes[-3:])
                stamp = "[not completed]" if unfinished else submitted
                if cohort.key == "care_homes_cohort1" and event == BASELINE and position == paper:
                    stamp = ""  # answered on paper and typed in by the hub: no survey time
                if cohort.key == "psychosocial_cohort1" and event == COMPLETION and position == late:
                    stamp = iso(dt.datetime(2020, 10, 19, 20, 41, 7))  # four months late
                outcomes = (stamp, *(given[code] for code in codes), "0" if unfinished else "2")
            rows.append((str(record), name, cohort.network, "", *background, *outcomes))
            if event == COMPLETION and position in remembered:
                # The same form again in an event of its own, opened when the first was done.
                name = f"{THEN_TEST}_arm_{cohort.number}"
                stamp = iso(started + dt.timedelta(minutes=22, seconds=position))
                then = (stamp, *(remembered[position][code] for code in codes), "2")
                rows.append((str(record), name, cohort.network, "", "", "", "", "", *then))
    return rows


def _planned_mess(roster: Roster, held: dict[tuple[int, str], dict[str, str]]) -> dict[tuple[int, str], dict[str, str]]:
    """Spoil single answers of psychosocial cohort 1.

    One of its 19 pairs holds a value that is no choice (9; five other answers still give a score). One
    social worker stops the baseline after two competency questions, too few for a score.
    """
    if roster.cohort.key != "psychosocial_cohort1":
        return held
    spoilt = {moment: dict(cells) for moment, cells in held.items()}
    spoilt[2, COMPLETION].update(comp_talk="9")
    only_baseline = spoilt[11, BASELINE]
    for code in list(only_baseline)[2:]:
        only_baseline[code] = ""
    return spoilt


def _unanswered(roster: Roster, answering: frozenset[int]) -> frozenset[int]:
    """Return one person whose record was made but never answered, if anybody is left."""
    left = [i for i in range(len(roster.participants)) if i not in answering]
    return frozenset(left[-1:])


def _private_address(roster: Roster, pairs: list[int]) -> int:
    """Return the person who gave REDCap another address than the registration; in the first cohort nobody."""
    return -1 if roster.cohort.key == "psychosocial_cohort1" else pairs[3]


def _moment(rng: random.Random, cohort: Cohort, event: str) -> dt.datetime:
    """Return when somebody starts: before the first session, after the last, or three months later."""
    if event == BASELINE:
        day = cohort.sessions[0] - dt.timedelta(days=rng.randint(1, 14))
    else:
        wait = rng.randint(0, 18) + (91 if event == FOLLOW_UP else 1)
        day = cohort.sessions[-1] + dt.timedelta(days=wait)
    return dt.datetime.combine(day.date(), dt.time(8)) + dt.timedelta(seconds=rng.randint(0, 12 * 3600))


def dictionary_csv() -> str:
    """Return the data dictionary, 18 columns."""
    disciplines = " | ".join(f"{n}, {label}" for n, label in enumerate(DISCIPLINE_LABELS.values(), 1))
    rows = [
        _DICTIONARY_HEADINGS,
        _field("record_id", "background", "text", "Record ID"),
        _field("email", "background", "text", "Work e-mail address", validation="email", identifier="y"),
        _field("discipline", "background", "radio", "What is your discipline?", choices=disciplines),
    ]
    rows += [_item_field(item) for item in items("outcomes")]
    return php_csv_text(rows)


def _item_field(item: Item) -> Row:
    choices = {"agree5": _AGREE, "frequency5": _FREQUENCY, "choice4": "1, A | 2, B | 3, C | 4, D"}[item.scale]
    if item.allows_na:
        choices += " | 6, Not applicable"
    label = item.wording
    if item.code == "comp_depth":
        label = f'<div class="rich-text-field-label"><p>{label}</p></div>'
    return _field(
        item.code,
        "outcomes",
        "radio",
        label,
        section=_SECTIONS.get(item.code, ""),
        choices=choices,
        matrix="" if item.measure in {"knowledge", "supervisor_estimate"} else item.measure,
    )


def _field(
    name: str,
    form: str,
    kind: str,
    label: str,
    *,
    section: str = "",
    choices: str = "",
    validation: str = "",
    identifier: str = "",
    matrix: str = "",
) -> Row:
    after_validation = ("", "", identifier, "", "", "", "", matrix, "", "")
    return (name, form, section, kind, label, choices, "", validation, *after_validation)
