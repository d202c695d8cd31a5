"""An independent recount of the demonstration: plain pandas over the raw files, nothing of the product.

The counting rules are stated here a second time on purpose. Where this recount and the product differ, one
of them is wrong. Items, scales and right answers are written out below for the same reason.

Rules
- Surveys: previews are left out; an unfinished row counts when it holds an answer; blanks, "not applicable"
  and values that no choice has are missing. A reversed item is 6 - x. A score is the mean of the answered
  items when at least the minimum is answered; knowledge is the percentage right among the answered
  questions.
- REDCap pairs: the same record in the same arm and group at both moments. A then-test (the start rated again at
  completion) is a moment of its own.
- Session pairs: the same normalised code before and after one session of one cohort. A code on two or more
  rows before or two or more rows after that session is ambiguous there and pairs nothing. Only the last
  cumulative export counts.
- Attendance: the union of a person's connections inside the session; one minute or more is attending.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from tests.recount_attendance import attendance, cohorts, meeting_people, read_rows, registrations

__all__ = [
    "attendance",
    "meeting_people",
    "outcome_pairs",
    "outcome_records",
    "outcome_scores",
    "session_levels",
    "session_levels_by_person",
    "session_pairs",
    "session_pairs_by_person",
    "session_rows",
    "supervisor_ratings",
    "trail",
]

AGREE = ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"]

# measure -> (items, reversed items, smallest number of answers)
RATED: dict[str, tuple[list[str], set[str], int]] = {
    "competency": (
        ["comp_assess", "comp_talk", "comp_plan", "comp_team", "comp_depth", "comp_family"],
        {"comp_depth"},
        3,
    ),
    "connection": (["conn_know", "conn_belong", "conn_alone", "conn_heard"], {"conn_alone"}, 2),
    "collaboration": (["collab_roles", "collab_share", "collab_learn"], set(), 2),
    "practice": (["prac_assess", "prac_plan", "prac_teach"], set(), 2),
    "supervisor_estimate": (["supest_value"], set(), 1),
}
RIGHT = {"know_1": 2, "know_2": 4, "know_3": 1, "know_4": 3, "know_5": 2}
MEASURES = ["competency", "knowledge", "connection", "collaboration", "practice", "supervisor_estimate"]

DISCIPLINE_OF_LABEL = {
    "Social worker": "social_work",
    "Counsellor": "counselling",
    "Spiritual health practitioner": "spiritual_health",
    "Nurse": "nursing",
    "Physician": "medicine",
    "Pharmacist": "pharmacy",
    "Pharmacy technician": "pharmacy_technician",
    "Care assistant": "care_assistant",
    "Physiotherapist": "physiotherapy",
    "Psychologist": "psychology",
    "Manager": "manager",
    "Other": "other",
}
NETWORK_OF_NAME = {
    "Psychosocial Palliative Care": "psychosocial",
    "Chronic Pain": "chronic_pain",
    "Care Homes": "care_homes",
    "Community Pharmacists": "pharmacists",
}
SESSION_ITEMS = {
    "I know enough about the topic of this session for my work": "session_knowledge",
    "I feel confident to act on the topic of this session": "session_confidence",
    "This session was worth my time": "session_worth",
    "This session was relevant to my work": "session_relevant",
    "I intend to change something in my practice because of this session": "session_intent",
}
CHANGE_MEASURES = ("session_knowledge", "session_confidence")
LEVEL_MEASURES = ("session_worth", "session_relevant", "session_intent")
SUPERVISOR_ITEMS = [
    "My staff member's taking part in ECHO was worth the time it took",
    "I have seen a change in my staff member's practice",
    "I would release staff for ECHO again",
]


def _table(path: Path) -> list[dict[str, str]]:
    """Return a file that is nothing but a heading row and rows."""
    head, *rows = read_rows(path)
    return [dict(zip(head, row, strict=True)) for row in rows]


# -------------------------------------------------------------------------------- outcomes (REDCap)


def outcome_score(row: dict[str, str], measure: str) -> float | None:
    """Return the score of one REDCap row, or None when too few questions are answered."""
    if measure == "knowledge":
        picked = {item: int(row[item]) for item in RIGHT if row[item] in {"1", "2", "3", "4"}}
        if len(picked) < 4:
            return None
        return 100 * sum(RIGHT[item] == option for item, option in picked.items()) / len(picked)
    names, flipped, minimum = RATED[measure]
    given = [(item, int(row[item])) for item in names if row[item] in {"1", "2", "3", "4", "5"}]
    if len(given) < minimum:
        return None
    return sum(6 - value if item in flipped else value for item, value in given) / len(given)


def outcome_scores(demo_dir: Path) -> pd.DataFrame:
    """Return one line for each record, event and measure that has a score.

    Columns: network, cohort, record_id, event, measure, score, discipline (from the record's baseline, None
    if not told).
    """
    [dictionary] = (demo_dir / "redcap").glob("*DataDictionary*.csv")
    [data] = (demo_dir / "redcap").glob("*_DATA_*.csv")
    choices = next(
        r["Choices, Calculations, OR Slider Labels"]
        for r in _table(dictionary)
        if r["Variable / Field Name"] == "discipline"
    )
    labels = dict(choice.split(", ", 1) for choice in choices.split(" | "))
    rows = _table(data)
    discipline = {row["record_id"]: DISCIPLINE_OF_LABEL[labels[row["discipline"]]] for row in rows if row["discipline"]}
    found = []
    for row in rows:
        match = re.fullmatch(r"(baseline|completion|follow_up|then_test)_arm_(\d+)", row["redcap_event_name"])
        assert match, row["redcap_event_name"]
        for measure in MEASURES:
            score = outcome_score(row, measure)
            if score is not None:
                found.append(
                    {
                        "network": row["redcap_data_access_group"],
                        "cohort": int(match[2]),
                        "record_id": row["record_id"],
                        "event": match[1],
                        "measure": measure,
                        "score": score,
                        "discipline": discipline.get(row["record_id"]),
                    }
                )
    return pd.DataFrame(found)


def outcome_pairs(demo_dir: Path) -> pd.DataFrame:
    """Return each person's score at two moments: at baseline or as remembered at completion, and another.

    Columns: network, cohort, discipline, record_id, measure, contrast, before, after.
    """
    scores = outcome_scores(demo_dir)
    key = ["network", "cohort", "record_id", "measure"]
    parts = []
    for first, second in (
        ("baseline", "completion"),
        ("baseline", "follow_up"),
        ("then_test", "completion"),
        ("then_test", "baseline"),
    ):
        before = scores[scores.event == first].drop(columns="event").rename(columns={"score": "before"})
        after = scores.loc[scores.event == second, [*key, "score"]].rename(columns={"score": "after"})
        parts.append(before.merge(after, on=key, validate="one_to_one").assign(contrast=f"{first}-{second}"))
    columns = ["network", "cohort", "discipline", "record_id", "measure", "contrast", "before", "after"]
    return pd.concat(parts, ignore_index=True)[columns]


def outcome_records(demo_dir: Path) -> pd.DataFrame:
    """Return the records with one valid answer or more, by event: network, cohort, record_id, event."""
    [data] = (demo_dir / "redcap").glob("*_DATA_*.csv")
    rated = [item for names, _, _ in RATED.values() for item in names]
    found = []
    for row in _table(data):
        valid = any(row[i] in {"1", "2", "3", "4", "5"} for i in rated) or any(
            row[i] in {"1", "2", "3", "4"} for i in RIGHT
        )
        if valid:
            event, _, arm = row["redcap_event_name"].rpartition("_arm_")
            place = {"network": row["redcap_data_access_group"], "cohort": int(arm)}
            found.append({**place, "record_id": row["record_id"], "event": event})
    return pd.DataFrame(found)


# ------------------------------------------------------------------------ session forms (Qualtrics)


def normalise_code(code: str) -> str:
    """Return a code in capitals, letters and digits only, O as 0, I and L as 1."""
    return re.sub(r"[^A-Z0-9]", "", code.upper()).replace("O", "0").replace("I", "1").replace("L", "1")


def session_rows(demo_dir: Path) -> pd.DataFrame:
    """Return every submission before or after a session, from the last export of each cohort.

    Columns: network, cohort, session, moment, row (response id), code (normalised, "" if none), discipline,
    ambiguous, and a column for each of the five measures (1-5 or missing).
    """
    last: dict[str, Path] = {}
    for path in sorted((demo_dir / "qualtrics").glob("*.csv")):
        survey, _, _ = path.stem.rpartition("_")
        last[survey] = path  # names end in the day of export, so the last one in order is the newest
    found = []
    for survey, path in last.items():
        tags, texts, _, *rows = read_rows(path)
        measure_at = {
            place: SESSION_ITEMS[text.removeprefix("Please rate each statement - ")]
            for place, text in enumerate(texts)
            if text.startswith("Please rate each statement - ")
        }
        assert len(measure_at) == len(SESSION_ITEMS), path.name
        for row in rows:
            cell = dict(zip(tags, row, strict=True))
            values = {m: AGREE.index(row[i]) + 1 if row[i] in AGREE else None for i, m in measure_at.items()}
            if cell["Status"] == "Survey Preview" or not any(values.values()):
                continue
            found.append(
                {
                    "network": survey.rsplit("_c", 1)[0],
                    "cohort": int(cell["cohort"].removeprefix("Cohort ")),
                    "session": int(cell["session_no"]),
                    "moment": cell["moment"],
                    "row": cell["ResponseId"],
                    "code": normalise_code(cell["code"]),
                    "discipline": DISCIPLINE_OF_LABEL.get(cell["Q2"]),
                    **values,
                }
            )
    table = pd.DataFrame(found)
    session = ["network", "cohort", "session", "code"]
    rows_at_moment = table.groupby([*session, "moment"])["row"].transform("size")
    doubled = (rows_at_moment > 1).groupby([table[c] for c in session]).transform("any")
    table["ambiguous"] = doubled & (table["code"] != "")
    return table


def session_pairs(demo_dir: Path) -> pd.DataFrame:
    """Return each pair of answers before and after one session.

    Columns: network, cohort, session, code, discipline, measure, before, after.
    """
    table = session_rows(demo_dir)
    usable = table[(table.code != "") & ~table.ambiguous]
    key = ["network", "cohort", "session", "code"]
    parts = []
    for measure in CHANGE_MEASURES:
        wanted = [*key, "discipline", measure]
        before = usable.loc[usable.moment == "before", wanted].rename(columns={measure: "before"})
        after = usable.loc[usable.moment == "after", wanted].rename(columns={measure: "after"})
        both = before.merge(after.drop(columns="discipline"), on=key, validate="one_to_one")
        parts.append(both.dropna(subset=["before", "after"]).assign(measure=measure))
    columns = [*key, "discipline", "measure", "before", "after"]
    return pd.concat(parts, ignore_index=True)[columns]


def session_pairs_by_person(demo_dir: Path) -> pd.DataFrame:
    """Return one line a person (code) and measure: own means before and after over the paired sessions."""
    pairs = session_pairs(demo_dir)
    grouped = pairs.groupby(["network", "cohort", "code", "measure"], as_index=False)
    return grouped.agg(
        before=("before", "mean"),
        after=("after", "mean"),
        sessions=("session", "nunique"),
        discipline=("discipline", "first"),
    )


def session_levels(demo_dir: Path) -> pd.DataFrame:
    """Return every answer given after a session to the questions asked only then.

    Columns: network, cohort, session, measure, person, discipline, value. `person` is the normalised code;
    a row without a code, or with a code that is ambiguous in that session, is a person of its own (its
    response id).
    """
    table = session_rows(demo_dir)
    after = table[table.moment == "after"].copy()
    after["person"] = after["code"].where((after["code"] != "") & ~after["ambiguous"], after["row"])
    long = after.melt(
        id_vars=["network", "cohort", "session", "person", "discipline"],
        value_vars=list(LEVEL_MEASURES),
        var_name="measure",
        value_name="value",
    ).dropna(subset=["value"])
    return long.reset_index(drop=True)


def session_levels_by_person(demo_dir: Path) -> pd.DataFrame:
    """Return one line a person and measure: the person's mean over the sessions answered."""
    levels = session_levels(demo_dir)
    grouped = levels.groupby(["network", "cohort", "person", "measure"], as_index=False)
    return grouped.agg(value=("value", "mean"), sessions=("session", "nunique"))


# ------------------------------------------------------------------------------ supervisors (Forms)


def supervisor_ratings(demo_dir: Path) -> pd.DataFrame:
    """Return one line a form with a score (two or more of three statements answered).

    Columns: network, cohort, discipline, form, score.
    """
    sheet = pd.read_excel(demo_dir / "forms" / "supervisor_ratings.xlsx", sheet_name="Sheet1", engine="calamine")
    sheet.columns = [str(c).replace("\u00a0", " ").strip() for c in sheet.columns]
    found = []
    for _, row in sheet.iterrows():
        values = [AGREE.index(row[item]) + 1 for item in SUPERVISOR_ITEMS if row[item] in AGREE]
        if len(values) >= 2:
            found.append(
                {
                    "network": NETWORK_OF_NAME[row["Which ECHO network did your staff member take part in?"]],
                    "cohort": int(row["Which cohort?"].removeprefix("Cohort ")),
                    "discipline": DISCIPLINE_OF_LABEL[row["What is your staff member's discipline?"]],
                    "form": int(row["ID"]),
                    "score": sum(values) / len(values),
                }
            )
    return pd.DataFrame(found)


def trail(demo_dir: Path) -> pd.DataFrame:
    """Return the denominators of each cohort.

    Columns: network, cohort, invited, registered, attended, baseline, matched.
    `baseline` counts records with one valid answer or more; `matched` pairs with a competency score at both
    moments.
    """
    there, records, pairs = attendance(demo_dir), outcome_records(demo_dir), outcome_pairs(demo_dir)
    matched = pairs[(pairs.measure == "competency") & (pairs.contrast == "baseline-completion")]
    started = records[records.event == "baseline"]

    def distinct(table: pd.DataFrame, column: str, network: str, number: object) -> int:
        return int(table.loc[(table.network == network) & (table.cohort == number), column].nunique())

    found = []
    for network, _, cohort in cohorts(demo_dir):
        number = cohort["number"]
        found.append(
            {
                "network": network,
                "cohort": number,
                "invited": cohort["invited"],
                "registered": sum(not p.hub_team for p in registrations(demo_dir, network, number)),
                "attended": distinct(there, "person_email", network, number),
                "baseline": distinct(started, "record_id", network, number),
                "matched": distinct(matched, "record_id", network, number),
            }
        )
    return pd.DataFrame(found)
