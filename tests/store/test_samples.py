"""Real files of the tools, as openly licensed repositories hold them: recognised, loaded, every row accounted for.

The expected numbers were counted by hand or with the csv, json and re modules, never with the product.
"""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from echo_metrics.ingest.load import import_path
from echo_metrics.store import Store


@dataclass(frozen=True)
class Expected:
    """What must come of one sample: format, how its variant begins, and every row's fate."""

    format: str
    variant: str
    read: int
    loaded: int
    ignored: dict[str, int] = field(default_factory=dict)
    people: int = 0
    connections: int = 0
    responses: int = 0


HEAD = {"heading": 1}
KNOWN = {
    "zoom/2021_meeting_block_join_leave_guest_consent.csv": Expected(
        "zoom", "participants, meeting block", 35, 31, {"meeting block": 2, "blank row": 1, "heading": 1}, 27, 31
    ),
    "zoom/2020_japanese_utf8bom_flat.csv": Expected("zoom", "participants, flat", 205, 204, HEAD, 204, 204),
    "zoom/flat_24h_times_synthetic.csv": Expected("zoom", "participants, flat", 47, 46, HEAD, 45, 46),
    "zoom/chat_from_to_everyone.txt": Expected(
        "zoom_chat", "chat, from and to", 21, 10, {"further line of a message": 11}
    ),
    "teams/2020_event_log_utf16le.csv": Expected("teams", "event log (2020-21)", 39, 38, HEAD, 5, 19),
    "teams/2022_sections_utf16be_lf_dmy.csv": Expected(
        "teams",
        "sections (2022 on)",
        27,
        7,
        {"heading": 2, "participant summary": 7, "blank row": 2, "meeting block": 9},
        7,
        7,
    ),
    "redcap/arm-single-longitudinal/data.csv": Expected("redcap", "raw, longitudinal", 10, 9, HEAD, 3, 0, 23),
    "redcap/repeating-instruments-sparse/data.csv": Expected(
        "redcap",
        "raw, repeating instruments",
        10,
        9,
        HEAD,
        5,
        0,
        24,  # without two dates of birth
    ),
    "redcap/checkboxes-1/data.csv": Expected("redcap", "raw", 5, 3, {"heading": 1, "no answers": 1}, 3, 0, 21),
    "redcap/survey/data.csv": Expected("redcap", "raw", 3, 2, HEAD, 2, 0, 3),  # without two dates of birth
    "redcap/arm-single-longitudinal/dictionary.csv": Expected("redcap_dictionary", "data dictionary", 5, 4, HEAD),
    "redcap/checkboxes-1/dictionary.csv": Expected("redcap_dictionary", "data dictionary", 5, 4, HEAD),
    "redcap/repeating-instruments-sparse/dictionary.csv": Expected(
        "redcap_dictionary", "data dictionary", 12, 11, HEAD
    ),
    "redcap/survey/dictionary.csv": Expected("redcap_dictionary", "data dictionary", 26, 25, HEAD),
    "redcap/health-worker-training-dictionary.xlsx": Expected("redcap_dictionary", "data dictionary", 157, 156, HEAD),
    # All samples of Qualtrics are its own previews, which no figure may hold.
    "qualtrics/2016_three_header_rows_single_quoted_importid.csv": Expected(
        "qualtrics", "2016, 3 heading rows", 18, 0, {"heading": 3, "survey preview": 15}
    ),
    "qualtrics/legacy_two_header_rows_v1_v10.csv": Expected(
        "qualtrics", "legacy, 2 heading rows", 17, 0, {"heading": 2, "survey preview": 15}
    ),
    "qualtrics/2016_matrix_recode_values_10_12.csv": Expected(
        "qualtrics", "2016, 3 heading rows", 8, 0, {"heading": 3, "survey preview": 5}
    ),
    "qualtrics/survey_definition.qsf": Expected("qualtrics_definition", "survey definition (QSF)", 1, 1),
    "surveymonkey/condensed_two_header_rows_response.csv": Expected(
        "surveymonkey", "condensed", 552, 550, {"heading": 2}, 550, 0, 7230
    ),
    "surveymonkey/2024_expanded_numeric_excerpt.csv": Expected(
        "surveymonkey", "expanded", 28, 25, {"notes above the heading": 1, "heading": 2}, 25, 0, 1244
    ),
    "surveymonkey/2024_expanded_text_excerpt.csv": Expected(
        "surveymonkey", "expanded", 28, 25, {"notes above the heading": 1, "heading": 2}, 25, 0, 1244
    ),
    "google_forms/csv_download_tz_suffix.csv": Expected("google_forms", "responses", 5, 4, HEAD, 4, 0, 38),
    "limesurvey/header_question_code_and_text_excerpt.csv": Expected(
        "limesurvey", "responses, headings as code and text", 9, 8, HEAD, 8, 0, 1343
    ),
    "mentimeter/voters_and_sessions.xlsx": Expected(
        "mentimeter", "voters", 59, 10, {"other sheet": 46, "notes above the heading": 2, "heading": 1}, 10, 0, 150
    ),
    "mentimeter/voters_sheet_saved_as_csv.csv": Expected(
        "mentimeter", "voters", 13, 10, {"notes above the heading": 2, "heading": 1}, 10, 0, 150
    ),
    "demo_public/carpentries_instructor_training_post_2016_2018.csv": Expected(
        "survey", "table with a date and closed questions", 968, 967, HEAD, 965, 0, 19888
    ),
    "demo_public/carpentrycon2020_session_feedback.csv": Expected(
        "survey", "table of ratings", 125, 124, HEAD, 124, 0, 1977
    ),
}
REFUSED = {
    "demo_public/carpentrycon2022_sessions.csv": "timetable",
    "demo_public/carpentrycon2022_attendance_counts.csv": "head counts",
    "redcap/arm-single-longitudinal/arm.csv": "list of arms",
    "redcap/arm-single-longitudinal/event.csv": "list of events",
}


def test_every_sample_stands_in_the_table(samples: Path) -> None:
    there = {str(p.relative_to(samples)) for p in samples.rglob("*") if p.is_file() and p.suffix != ".md"}
    assert there == KNOWN.keys() | REFUSED.keys()


@pytest.mark.parametrize("name", KNOWN)
def test_sample(store: Store, samples: Path, name: str) -> None:
    expected = KNOWN[name]
    report = import_path(store, samples / name)
    assert (report.status, report.format) == ("loaded", expected.format)
    assert report.variant.startswith(expected.variant)
    assert (report.rows_read, report.rows_loaded, report.rows_quarantined) == (expected.read, expected.loaded, 0)
    assert dict(report.rows_ignored) == expected.ignored
    assert report.balanced
    assert (report.people, report.connections, report.responses) == (
        expected.people, expected.connections, expected.responses,
    )  # fmt: skip
    # No published sample holds both sides of a comparison.
    assert count(store, "SELECT count(*) FROM pair") == 0


@pytest.mark.parametrize("name", REFUSED)
def test_files_that_hold_nothing_to_load_are_refused_with_the_reason(store: Store, samples: Path, name: str) -> None:
    report = import_path(store, samples / name)
    assert report.status == "refused"
    assert report.message.startswith(Path(name).name)
    assert REFUSED[name] in report.message
    assert store.version == 0


def rows_of(path: Path, encoding: str = "utf-8-sig", separator: str = ",") -> list[list[str]]:
    with path.open(encoding=encoding, newline="") as handle:
        return list(csv.reader(handle, delimiter=separator))


def count(store: Store, sql: str) -> int:
    with store.write() as writer:
        return int(writer._cursor.execute(sql).fetchall()[0][0])


def test_the_table_agrees_with_the_csv_module(samples: Path) -> None:
    """Physical rows, where a quoted cell may hold line breaks."""
    for name, expected in KNOWN.items():
        if name.endswith(".csv") and not name.startswith("teams/"):
            assert len(rows_of(samples / name)) == expected.read, name


def test_zoom_people_are_the_addresses_of_the_file(samples: Path) -> None:
    for name, column in (
        ("zoom/2021_meeting_block_join_leave_guest_consent.csv", 4),
        ("zoom/flat_24h_times_synthetic.csv", 1),
    ):
        assert len({row[1] for row in rows_of(samples / name)[column:]}) == KNOWN[name].people
    # The Japanese file's addresses were cut off by its author; its names are all different.
    names = {row[0] for row in rows_of(samples / "zoom/2020_japanese_utf8bom_flat.csv")[1:]}
    assert len(names) == KNOWN["zoom/2020_japanese_utf8bom_flat.csv"].people


def test_teams_stays_are_the_joins_of_the_file(store: Store, samples: Path) -> None:
    events = rows_of(samples / "teams/2020_event_log_utf16le.csv", "utf-16", "\t")[1:]
    expected = KNOWN["teams/2020_event_log_utf16le.csv"]
    assert len({name for name, _, _ in events}) == expected.people
    assert sum(action == "Joined" for _, action, _ in events) == expected.connections
    import_path(store, samples / "teams/2020_event_log_utf16le.csv")
    stays: dict[str, float] = {}
    opened: dict[str, str] = {}
    for name, action, at in events:
        if action == "Joined":
            opened[name] = at
        else:
            stays[name] = stays.get(name, 0) + seconds(at) - seconds(opened[name])
    assert count(store, "SELECT sum(epoch(leave_utc) - epoch(join_utc)) FROM connection") == sum(stays.values())


def seconds(at: str) -> int:
    hours, minutes, rest = at.partition(", ")[2].split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(rest)


def test_teams_sections_give_each_stay_once_in_local_day_first_time(store: Store, samples: Path) -> None:
    path = samples / "teams/2022_sections_utf16be_lf_dmy.csv"
    third = path.read_text(encoding="utf-16").partition("3. In-Meeting")[2].strip().splitlines()[2:]
    assert len(third) == KNOWN["teams/2022_sections_utf16be_lf_dmy.csv"].connections
    assert len({line.split("\t")[4] for line in third}) == KNOWN["teams/2022_sections_utf16be_lf_dmy.csv"].people
    import_path(store, path)
    assert count(store, "SELECT count(*) FROM connection WHERE join_utc::DATE = DATE '2022-11-14'") == len(third)
    assert count(store, "SELECT count(*) FROM meeting WHERE start_utc = TIMESTAMP '2022-11-14 09:29:07'") == 1


def test_chat_messages_are_the_lines_with_a_time(store: Store, samples: Path) -> None:
    path = samples / "zoom/chat_from_to_everyone.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    expected = KNOWN["zoom/chat_from_to_everyone.txt"]
    assert (len(lines), sum(bool(re.match(r"\d\d:\d\d:\d\d ", line)) for line in lines)) == (
        expected.read,
        expected.loaded,
    )
    import_path(store, path)
    assert count(store, "SELECT count(*) FROM forum_post WHERE kind = 'chat' AND body LIKE '%google.com%'") == 1


def test_survey_answers_are_the_filled_cells(store: Store, samples: Path) -> None:
    path = samples / "demo_public" / "carpentries_instructor_training_post_2016_2018.csv"
    heading, *data = rows_of(path)
    skipped = {heading.index("Date"), heading.index("UniqueID")}
    assert filled(data, skipped) == KNOWN["demo_public/carpentries_instructor_training_post_2016_2018.csv"].responses
    with_code = [row[heading.index("UniqueID")].strip() for row in data if row[heading.index("UniqueID")].strip()]
    report = import_path(store, path)
    # 232 codes, 230 different ones as they are typed; folding may join a few more.
    assert len(data) - len(with_code) < report.people <= len(data) - len(with_code) + len(set(with_code))


def filled(rows: list[list[str]], skipped: set[int]) -> int:
    return sum(bool(cell.strip()) for row in rows for i, cell in enumerate(row) if i not in skipped)


def test_answers_of_other_tools_are_the_filled_cells_of_their_questions(samples: Path) -> None:
    feedback = rows_of(samples / "demo_public/carpentrycon2020_session_feedback.csv")
    session = {feedback[0].index("session")}  # the session is a field, no answer
    assert filled(feedback[1:], session) == KNOWN["demo_public/carpentrycon2020_session_feedback.csv"].responses
    lime = rows_of(samples / "limesurvey/header_question_code_and_text_excerpt.csv")
    assert filled(lime[1:], {0}) == KNOWN["limesurvey/header_question_code_and_text_excerpt.csv"].responses
    voters = rows_of(samples / "mentimeter/voters_sheet_saved_as_csv.csv")
    assert filled(voters[3:], {0, 1, 2}) == KNOWN["mentimeter/voters_sheet_saved_as_csv.csv"].responses
    for kind in ("numeric", "text"):
        monkey = rows_of(samples / f"surveymonkey/2024_expanded_{kind}_excerpt.csv")
        own = set(range(5))  # respondent, collector, start, end, language
        assert filled(monkey[3:], own) == KNOWN[f"surveymonkey/2024_expanded_{kind}_excerpt.csv"].responses


def test_the_numeric_and_the_text_export_hold_the_same_answers(store: Store, samples: Path) -> None:
    import_path(store, samples / "surveymonkey/2024_expanded_numeric_excerpt.csv")
    again = import_path(store, samples / "surveymonkey/2024_expanded_text_excerpt.csv")
    assert (again.rows_loaded, again.rows_ignored["already there"]) == (0, 25)


def test_a_sheet_and_its_csv_hold_the_same_votes(store: Store, samples: Path) -> None:
    import_path(store, samples / "mentimeter/voters_and_sessions.xlsx")
    again = import_path(store, samples / "mentimeter/voters_sheet_saved_as_csv.csv")
    assert (again.rows_loaded, again.rows_ignored["already there"]) == (0, 10)
    assert count(store, "SELECT count(*) FROM submission WHERE person_key IS NOT NULL") == 0


def test_the_definition_holds_every_question_with_its_codes(store: Store, samples: Path) -> None:
    path = samples / "qualtrics/survey_definition.qsf"
    elements = [
        e["Payload"] for e in json.loads(path.read_text(encoding="utf-8"))["SurveyElements"] if e["Element"] == "SQ"
    ]
    expected = sum(len(p["Choices"]) if p["QuestionType"] == "Matrix" else 1 for p in elements)
    import_path(store, path)
    assert count(store, "SELECT count(*) FROM question") == expected
    with store.write() as writer:
        rows = writer._cursor.execute("SELECT code, choices FROM question WHERE code = 'Q1'").fetchall()
    (first,) = [p for p in elements if p["DataExportTag"] == "Q1"]
    recodes = first.get("RecodeValues") or {key: key for key in first["Choices"]}
    assert json.loads(rows[0][1]) == {str(recodes[k]): c["Display"] for k, c in first["Choices"].items()}


def test_redcap_checkboxes_nothing_ticked_is_missing(samples: Path) -> None:
    """Record 3 ticked all of the first group and none of the second; record 4 never opened the form."""
    # Answers: record 1 both groups (4 + 5) and the note, record 2 the second group (5) and the note, record 3 the
    # first group (4) and the note.
    assert KNOWN["redcap/checkboxes-1/data.csv"].responses == 10 + 6 + 5


def test_coded_choices_get_their_labels_from_the_dictionary(store: Store, samples: Path) -> None:
    folder = samples / "redcap" / "repeating-instruments-sparse"
    import_path(store, folder / "dictionary.csv")
    import_path(store, folder / "data.csv")
    with store.write() as writer:
        raws = {r[0] for r in writer._cursor.execute("SELECT raw FROM response WHERE question = 'sex'").fetchall()}
    assert raws == {"Female", "Male"}


def test_dropped_columns_are_named(store: Store, samples: Path) -> None:
    report = import_path(store, samples / "qualtrics/2016_matrix_recode_values_10_12.csv")
    named = {i.column for i in report.issues if i.code == "personal_column_dropped"}
    assert {"LocationLatitude", "LocationLongitude"} <= named


def test_the_same_sample_twice_changes_nothing(store: Store, samples: Path) -> None:
    path = samples / "surveymonkey" / "condensed_two_header_rows_response.csv"
    import_path(store, path)
    version = store.version
    again = import_path(store, path)
    assert again.status == "already"
    assert again.balanced
    assert store.version == version
