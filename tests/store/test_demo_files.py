"""The demonstration files: the script writes the same bytes again, and its facts hold by the recount."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from data.demo import _programme, _zoom
from tests import recount

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "data" / "demo"
MADE_BY_HAND = {"roi", "__pycache__"}


def _files(folder: Path) -> dict[str, bytes]:
    """Return every generated file below `folder`: relative path -> bytes."""
    found = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and path.suffix != ".py" and relative.parts[0] not in MADE_BY_HAND:
            found[relative.as_posix()] = path.read_bytes()
    return found


def _lines(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.fixture(scope="module")
def pairs() -> pd.DataFrame:
    return recount.outcome_pairs(DEMO)


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    return recount.meeting_people(DEMO)


@pytest.fixture(scope="module")
def trail() -> pd.DataFrame:
    return recount.trail(DEMO).set_index(["network", "cohort"])


def test_running_the_script_again_writes_the_same_bytes(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, str(DEMO / "make_demo.py"), "--out", str(tmp_path)], check=True, capture_output=True
    )
    made, kept = _files(tmp_path), _files(DEMO)
    assert sorted(made) == sorted(kept)
    assert [name for name in made if made[name] != kept[name]] == []


def test_readme_names_every_file_as_synthetic() -> None:
    readme = (DEMO / "README.md").read_text(encoding="utf-8")
    assert "Every file in this folder is synthetic" in readme
    assert [name for name in _files(DEMO) if f"| `{name}` |" not in readme] == []


def test_no_address_outside_the_example_domains() -> None:
    for name, content in _files(DEMO).items():
        if name.endswith((".csv", ".toml")):
            words = content.decode("utf-8-sig").replace(",", " ").replace("(", " ").replace(")", " ").split()
            addresses = [w.strip('"').lower() for w in words if "@" in w]
            assert [a for a in addresses if not a.endswith(("@example.org", "@example.net"))] == [], name


def test_imports_name_every_data_file_once_and_the_programme_first() -> None:
    listed = [entry["file"] for entry in tomllib.loads((DEMO / "imports.toml").read_text(encoding="utf-8"))["import"]]
    assert listed[0] == "programme.toml"
    assert len(listed) == len(set(listed))
    assert {n for n in listed if not n.startswith("roi/")} == set(_files(DEMO)) - {
        "imports.toml",
        "README.md",
    }
    cumulative = [n for n in listed if "psychosocial_c1" in n]
    assert cumulative == sorted(cumulative)
    assert len(cumulative) == 3


# ------------------------------------------------------------------------------------- seeded facts


def test_first_cohort_has_26_participants_and_31_people_at_its_first_meeting(
    trail: pd.DataFrame, people: pd.DataFrame
) -> None:
    assert trail.loc[("psychosocial", 1), ["invited", "registered", "attended"]].tolist() == [40, 26, 26]
    first = people[(people.network == "psychosocial") & (people.cohort == 1) & (people.session == 1)]
    there = first[first.minutes >= 1].groupby("kind").person.nunique()
    assert (there["participant"], there["guest"]) == (26, 5)


def test_registered_counts_leave_out_hub_team_refusals_and_second_registrations(trail: pd.DataFrame) -> None:
    assert trail.registered.tolist() == [26, 58, 34, 40, 30]
    assert trail.invited.tolist() == [40, 80, 60, 55, 45]
    assert (trail.registered >= trail.attended).all()
    assert (trail.baseline >= trail.matched).all()


def test_second_cohort_is_more_than_twice_the_first(trail: pd.DataFrame) -> None:
    assert trail.loc[("psychosocial", 2), "registered"] > 2 * trail.loc[("psychosocial", 1), "registered"]


def test_first_cohort_has_one_discipline_to_hide(pairs: pd.DataFrame) -> None:
    mine = pairs[
        (pairs.network == "psychosocial")
        & (pairs.cohort == 1)
        & (pairs.measure == "competency")
        & (pairs.contrast == "baseline-completion")
    ]
    assert mine.discipline.value_counts().to_dict() == {
        "social_work": 10,
        "counselling": 6,
        "spiritual_health": 3,
    }
    per_discipline = mine.discipline.value_counts()
    assert (per_discipline >= 5).sum() >= 2
    assert per_discipline.between(1, 4).sum() == 1


def test_share_of_participants_who_answer(trail: pd.DataFrame) -> None:
    records = recount.outcome_records(DEMO)
    answered = records.groupby(["network", "cohort", "event"]).record_id.nunique().unstack("event")
    share = answered.div(trail.registered, axis=0)
    assert share.baseline.between(0.85, 1.0).all()
    assert share.completion.between(0.60, 0.75).all()
    assert share.follow_up.between(0.35, 0.50).all()


@pytest.mark.parametrize(
    ("measure", "contrast", "low", "high"),
    [
        ("competency", "completion", 0.4, 0.6),
        ("connection", "completion", 0.4, 0.6),
        ("collaboration", "completion", 0.0, 0.25),
        ("supervisor_estimate", "completion", 0.1, 0.3),
        ("knowledge", "completion", 8, 12),
        ("practice", "follow_up", 0.4, 0.7),
    ],
)
def test_mean_changes_lie_where_the_story_wants_them(
    pairs: pd.DataFrame, measure: str, contrast: str, low: float, high: float
) -> None:
    mine = pairs[(pairs.measure == measure) & (pairs.contrast == f"baseline-{contrast}")]
    gains = (mine.after - mine.before).groupby([mine.network, mine.cohort]).mean()
    assert len(gains) == 5
    assert gains.between(low, high).all(), gains


def test_supervisor_estimate_of_the_first_cohort_is_inconclusive(pairs: pd.DataFrame) -> None:
    mine = pairs[
        (pairs.network == "psychosocial")
        & (pairs.cohort == 1)
        & (pairs.measure == "supervisor_estimate")
        & (pairs.contrast == "baseline-completion")
    ]
    gain = mine.after - mine.before
    assert abs(gain.mean()) < 2 * gain.std() / len(gain) ** 0.5


def test_redcap_and_registration_agree_on_discipline() -> None:
    """The typed discipline of a registration says the same as the REDCap radio button of the same address."""
    [data] = (DEMO / "redcap").glob("*_DATA_*.csv")
    head, *rows = _lines(data)
    labels = list(recount.DISCIPLINE_OF_LABEL.values())
    known = tomllib.loads((ROOT / "echo_metrics/definitions/disciplines.toml").read_text(encoding="utf-8"))[
        "discipline"
    ]
    compared = unknown = 0
    for line in rows:
        cell = dict(zip(head, line, strict=True))
        if not cell["email"]:
            continue
        cohort = cell["redcap_event_name"].rpartition("_")[2]
        file = DEMO / "registrations" / f"registration_{cell['redcap_data_access_group']}_cohort{cohort}.csv"
        typed = {r[2].lower(): r[5] for r in _lines(file) if len(r) == 8 and r[4] == "approved"}
        answer = typed.get(cell["email"].lower())
        unknown += answer is None
        if answer is not None:
            key = labels[int(cell["discipline"]) - 1]
            assert answer.replace("\u00a0", " ").strip().lower() in [
                key.replace("_", " "),
                *known[key]["synonyms"],
            ]
            compared += 1
    assert compared > 150
    assert unknown == 4


# ------------------------------------------------------------------------------------ the raw files


def test_the_attendance_recount_finds_whom_the_story_put_there() -> None:
    there = recount.attendance(DEMO)
    for roster in _programme.rosters():
        for number, report in enumerate(_zoom.reports(roster), 1):
            cohort = roster.cohort
            mine = there[
                (there.network == cohort.network) & (there.cohort == cohort.number) & (there.session == number)
            ]
            assert sorted(mine.person_email) == sorted(p.email for p in report.attended), (cohort.key, number)
            assert mine.minutes.between(1, cohort.minutes).all()


def test_zoom_reports_hold_the_mess_that_the_readme_promises(people: pd.DataFrame) -> None:
    text = {path.name: path.read_bytes().decode() for path in (DEMO / "zoom").glob("*.csv")}
    assert len(text) == 35
    assert sum("04/27/2021 ##:##" in t for t in text.values()) == 1
    assert sum("read.ai meeting notes" in t for t in text.values()) == 3
    assert sum("1604***1234" in t for t in text.values()) == 3
    assert sum("\nKal,," in t for t in text.values()) == 1
    assert sum(t.startswith("\ufeff") for t in text.values()) >= 5
    assert sum("Meeting ID,Topic,Start Time" in t and "\r\n,,,,,,\r\n" in t for t in text.values()) >= 4
    assert sum("Topic,ID,Host,Duration (minutes)" in t for t in text.values()) >= 5
    assert sum(t.removeprefix("\ufeff").startswith("Name (Original Name),User Email") for t in text.values()) >= 5
    assert sum("iPhone (" in t for t in text.values()) >= 10
    short = people[(people.kind == "participant") & (people.minutes < 1)]
    assert (short.minutes == 0).any()
    assert ((short.minutes > 0) & (short.minutes < 1)).any()


def test_redcap_files_have_the_layout_of_a_longitudinal_project() -> None:
    [dictionary] = (DEMO / "redcap").glob("*DataDictionary*.csv")
    head, *fields = _lines(dictionary)
    assert len(head) == 18
    assert {len(row) for row in fields} == {18}
    [data] = (DEMO / "redcap").glob("*_DATA_*.csv")
    columns, *rows = _lines(data)
    names = [row[0] for row in fields]
    instrument = tomllib.loads(
        (ROOT / "echo_metrics/definitions/instruments/outcomes.toml").read_text(encoding="utf-8")
    )
    assert names[3:] == [item["code"] for item in instrument["item"]]
    assert columns[:4] == [
        "record_id",
        "redcap_event_name",
        "redcap_data_access_group",
        "redcap_survey_identifier",
    ]
    assert [c for c in columns if c in names] == names
    keys = [(row[0], row[1]) for row in rows]
    assert len(keys) == len(set(keys))
    cells = [dict(zip(columns, row, strict=True)) for row in rows]
    answers = [cell[name] for cell in cells for name in names[3:]]
    assert answers.count("9") == 1
    assert {"", "1", "2", "3", "4", "5", "6", "9"} == set(answers)
    never = [c for c in cells if not c["email"] and c["redcap_event_name"] == "baseline_arm_1" and not c["comp_assess"]]
    assert any(all(v == "" for k, v in c.items() if k in names[1:]) for c in never)
    assert any(c["outcomes_timestamp"] == "[not completed]" for c in cells)
    assert any(not c["outcomes_timestamp"] and c["outcomes_complete"] == "2" for c in cells)
    assert any(c["outcomes_timestamp"].startswith("2020-10") and "completion" in c["redcap_event_name"] for c in cells)
    assert any(c["email"] != c["email"].lower() for c in cells)


def test_qualtrics_exports_have_three_heading_rows_and_17_metadata_columns() -> None:
    for path in (DEMO / "qualtrics").glob("*.csv"):
        tags, texts, ids, *rows = _lines(path)
        assert (tags[0], tags[16]) == ("StartDate", "UserLanguage")
        assert tags[17:] == [
            "code",
            "Q2",
            "Q3_1",
            "Q3_2",
            "Q4_1",
            "Q4_2",
            "Q4_3",
            "Q5",
            "cohort",
            "session_no",
            "moment",
        ]
        assert len(texts) == len(tags)
        assert all("ImportId" in json.loads(cell) for cell in ids)
        cells = [dict(zip(tags, row, strict=True)) for row in rows]
        assert len({c["ResponseId"] for c in cells}) == len(cells)
        assert {c["Status"] for c in cells} == {"IP Address", "Survey Preview"}
        assert {c["Finished"] for c in cells} == {"True", "False"}
        assert all(c["Q4_1"] == "" for c in cells if c["moment"] == "before")


def test_cumulative_exports_grow_change_two_answers_and_lose_one_row() -> None:
    april, may, july = (
        {row[8]: row for row in _lines(DEMO / "qualtrics" / f"psychosocial_c1_2020-{day}.csv")[3:]}
        for day in ("04-30", "05-31", "07-31")
    )
    assert len(april) < len(may) < len(july)
    assert len(set(april) - set(may)) == 1
    assert set(may) - set(july) == set()
    assert [key for key in april if key in july and july[key] != april[key]] != []
    assert sum(may[key] != april[key] for key in april if key in may) == 1
    assert sum(july[key] != may[key] for key in may) == 1


def test_session_rows_hold_ambiguous_blank_and_unmatched_codes() -> None:
    rows = recount.session_rows(DEMO)
    assert (rows.groupby(["network", "cohort"]).ambiguous.sum() >= 3).all()
    for roster in _programme.rosters():
        mine = rows[(rows.network == roster.cohort.network) & (rows.cohort == roster.cohort.number)]
        theirs = {recount.normalise_code(person.code) for person in roster.participants}
        assert (mine.code == "").any(), roster.cohort.key
        assert set(mine.code) - theirs - {""}, f"{roster.cohort.key}: no code that fits nobody"
    pairs = recount.session_pairs(DEMO)
    paired = pairs.groupby(["network", "cohort"]).size()
    assert (paired > 20).all()
    # Nobody counts twice: the people are fewer than their pairs.
    by_person = recount.session_pairs_by_person(DEMO)
    assert len(by_person) < len(pairs)
    assert not by_person.duplicated(["network", "cohort", "measure", "code"]).any()
    levels = recount.session_levels(DEMO)
    assert set(levels.measure) == set(recount.LEVEL_MEASURES)
    assert levels.value.between(1, 5).all()


def test_two_writings_of_a_code_meet() -> None:
    assert recount.normalise_code(" ol.14 vic") == recount.normalise_code("0L-14-V1C") == "0114V1C"


def test_supervisors_answer_for_every_cohort() -> None:
    ratings = recount.supervisor_ratings(DEMO)
    counts = ratings.groupby(["network", "cohort"]).size()
    assert counts[("psychosocial", 1)] >= 10
    assert counts[("psychosocial", 2)] >= 20
    assert (counts >= 8).all()
    assert ratings.score.between(1, 5).all()
