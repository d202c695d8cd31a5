"""Real files of the tools, as openly licensed repositories hold them: recognised, loaded, every row accounted for.

The expected numbers were counted by hand or with the standard library's csv module, never with the product.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from echo_metrics.ingest.load import import_path
from echo_metrics.store import Store

# file, format, rows read, loaded, ignored by rule, people, connections, responses
KNOWN = [
    (
        "zoom/2021_meeting_block_join_leave_guest_consent.csv",
        ("zoom", 35, 31, {"meeting block": 2, "blank row": 1, "heading": 1}, 31, 0),
    ),
    ("zoom/2020_japanese_utf8bom_flat.csv", ("zoom", 205, 204, {"heading": 1}, 204, 0)),
    ("zoom/flat_24h_times_synthetic.csv", ("zoom", 47, 46, {"heading": 1}, 46, 0)),
    ("redcap/arm-single-longitudinal/data.csv", ("redcap", 10, 9, {"heading": 1}, 0, 23)),
    ("redcap/repeating-instruments-sparse/data.csv", ("redcap", 10, 9, {"heading": 1}, 0, 26)),
    ("redcap/survey/data.csv", ("redcap", 3, 2, {"heading": 1}, 0, 5)),
    ("redcap/arm-single-longitudinal/dictionary.csv", ("redcap_dictionary", 5, 4, {"heading": 1}, 0, 0)),
    ("redcap/health-worker-training-dictionary.xlsx", ("redcap_dictionary", 157, 156, {"heading": 1}, 0, 0)),
    (
        "qualtrics/2016_three_header_rows_single_quoted_importid.csv",
        ("qualtrics", 18, 0, {"heading": 3, "survey preview": 15}, 0, 0),
    ),
    (
        "qualtrics/legacy_two_header_rows_v1_v10.csv",
        ("qualtrics", 17, 0, {"heading": 2, "survey preview": 15}, 0, 0),
    ),
    (
        "qualtrics/2016_matrix_recode_values_10_12.csv",
        ("qualtrics", 8, 0, {"heading": 3, "survey preview": 5}, 0, 0),
    ),
    ("surveymonkey/condensed_two_header_rows_response.csv", ("surveymonkey", 552, 550, {"heading": 2}, 0, 7230)),
    ("google_forms/csv_download_tz_suffix.csv", ("google_forms", 5, 4, {"heading": 1}, 0, 38)),
    (
        "demo_public/carpentries_instructor_training_post_2016_2018.csv",
        ("survey", 968, 967, {"heading": 1}, 0, None),
    ),
    ("demo_public/carpentrycon2020_session_feedback.csv", ("survey", 125, 124, {"heading": 1}, 0, None)),
]


@pytest.mark.parametrize(("name", "expected"), KNOWN, ids=[name for name, _ in KNOWN])
def test_sample(store: Store, samples: Path, name: str, expected: tuple[object, ...]) -> None:
    format_, read, loaded, ignored, connections, responses = expected
    report = import_path(store, samples / name)
    assert (report.status, report.format) == ("loaded", format_)
    assert (report.rows_read, report.rows_loaded, report.rows_quarantined) == (read, loaded, 0)
    assert dict(report.rows_ignored) == ignored
    assert report.balanced
    assert report.connections == connections
    if responses is not None:
        assert report.responses == responses


def rows_of(path: Path, encoding: str = "utf-8-sig") -> list[list[str]]:
    with path.open(encoding=encoding, newline="") as handle:
        return list(csv.reader(handle))


def test_zoom_people_are_those_of_the_file(store: Store, samples: Path) -> None:
    path = samples / "zoom" / "2021_meeting_block_join_leave_guest_consent.csv"
    emails = {row[1] for row in rows_of(path)[4:]}
    assert import_path(store, path).people == len(emails)


def test_survey_answers_are_the_filled_cells(store: Store, samples: Path) -> None:
    path = samples / "demo_public" / "carpentries_instructor_training_post_2016_2018.csv"
    heading, *data = rows_of(path)
    skipped = {heading.index("Date"), heading.index("UniqueID")}
    filled = sum(bool(cell.strip()) for row in data for i, cell in enumerate(row) if i not in skipped)
    report = import_path(store, path)
    assert report.responses == filled
    with_code = [row[heading.index("UniqueID")].strip() for row in data if row[heading.index("UniqueID")].strip()]
    # 232 codes, 230 different ones as they are typed; folding may join a few more.
    assert len(data) - len(with_code) < report.people <= len(data) - len(with_code) + len(set(with_code))


@pytest.mark.parametrize(
    "name",
    [
        "demo_public/carpentrycon2022_sessions.csv",
        "demo_public/carpentrycon2022_attendance_counts.csv",
        "teams/2020_event_log_utf16le.csv",
        "teams/2022_sections_utf16be_lf_dmy.csv",
        "redcap/arm-single-longitudinal/arm.csv",
        "redcap/arm-single-longitudinal/event.csv",
        "qualtrics/survey_definition.qsf",
        "zoom/chat_from_to_everyone.txt",
    ],
)
def test_files_without_a_reader_are_refused_not_guessed(store: Store, samples: Path, name: str) -> None:
    report = import_path(store, samples / name)
    assert report.status == "refused"
    assert Path(name).name in report.message
    assert store.version == 0


def test_redcap_checkboxes_nothing_ticked_is_missing(store: Store, samples: Path) -> None:
    """Record 3 ticked all of the first group and none of the second; record 4 never opened the form."""
    path = samples / "redcap" / "checkboxes-1" / "data.csv"
    report = import_path(store, path)
    assert (report.rows_loaded, dict(report.rows_ignored)) == (3, {"heading": 1, "no answers": 1})
    # Answers: record 1 both groups (4 + 5) and the note, record 2 the second group (5) and the note, record 3 the
    # first group (4) and the note.
    assert report.responses == 10 + 6 + 5


def test_coded_choices_get_their_labels_from_the_dictionary(store: Store, samples: Path) -> None:
    folder = samples / "redcap" / "repeating-instruments-sparse"
    import_path(store, folder / "dictionary.csv")
    import_path(store, folder / "data.csv")
    with store.write() as writer:
        raws = {r[0] for r in writer._cursor.execute("SELECT raw FROM response WHERE question = 'sex'").fetchall()}
    assert raws == {"Female", "Male"}


def test_the_same_sample_twice_changes_nothing(store: Store, samples: Path) -> None:
    path = samples / "surveymonkey" / "condensed_two_header_rows_response.csv"
    import_path(store, path)
    version = store.version
    again = import_path(store, path)
    assert again.status == "already"
    assert again.balanced
    assert store.version == version
