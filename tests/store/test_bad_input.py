"""Files that can't be read: a sentence that names the file and what to do, nothing written, the store alive."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from echo_metrics.definitions import load_definitions
from echo_metrics.errors import FileRefused
from echo_metrics.ingest.detect import parse
from echo_metrics.ingest.limits import MAX_BYTES
from echo_metrics.ingest.load import import_path
from echo_metrics.ingest.readers.base import Context
from echo_metrics.ingest.source import open_document
from echo_metrics.store import Store
from tests.conftest import DEMO


def workbook(path: Path) -> bytes:
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet().write_row(0, 0, ["ID", "Start time", "Completion time", "Email", "Name"])
    return path.read_bytes()


def bad_files(folder: Path) -> dict[str, tuple[bytes, str]]:
    """Name -> (bytes, words that the sentence must hold)."""
    whole = workbook(folder / "whole.xlsx")
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
    zoom = (DEMO / "zoom" / "participants_85010203040_2020_09_17.csv").read_bytes()
    return {
        "photo.csv": (bytes(range(256)) * 40, "not a text file"),
        "holiday.csv": (b"place,mood\nVictoria,good\n", "not a file that ECHO Metrics knows"),
        "letter.txt": (b"Dear colleague,\n\nplease find attached.\n", "not a file that ECHO Metrics knows"),
        "empty.csv": (b"", "is empty"),
        "blank.csv": (b"\xef\xbb\xbf\r\n \r\n", "is empty"),
        "cut.xlsx": (whole[: len(whole) // 2], "cut off or damaged"),
        "secret.xlsx": (ole, "password"),
        "nul.csv": (zoom[:200] + b"\x00" + zoom[200:], "NUL character in line"),
        "line.csv": (b"x" * (3 * 1024 * 1024), "one very long line"),
        "quote.csv": (b'a,b\n"' + b"x" * (3 * 1024 * 1024), "quotation mark"),
        "broken.toml": (b'format = "echo-metrics-programme"\n[hub\n', "not valid TOML"),
        "half.toml": (b'format = "echo-metrics-programme"\n[hub]\nname = "H"\n', "lacks 'timezone'"),
    }


NAMES = (
    "photo.csv holiday.csv letter.txt empty.csv blank.csv cut.xlsx secret.xlsx nul.csv line.csv quote.csv "
    "broken.toml half.toml"
)


@pytest.mark.parametrize("name", NAMES.split())
def test_refused_with_a_sentence(store: Store, tmp_path: Path, name: str) -> None:
    data, words = bad_files(tmp_path)[name]
    (tmp_path / name).write_bytes(data)
    report = import_path(store, tmp_path / name)
    assert report.status == "refused"
    assert name in report.message
    assert words in report.message
    assert report.message.rstrip().endswith(".")
    assert store.version == 0
    assert store.rows("files") == []


def test_every_bad_file_is_tried(tmp_path: Path) -> None:
    assert set(bad_files(tmp_path)) == set(NAMES.split())


def test_300_mb_line_is_refused_without_reading_it(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as handle:
        handle.truncate(300 * 1024 * 1024)  # a sparse file: 300 MB that take no room
    assert path.stat().st_size > MAX_BYTES
    report = import_path(store, path)
    assert report.status == "refused"
    assert "300 MB" in report.message


def test_a_decompression_bomb_is_refused(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/big.xml", "w") as entry:
        for _ in range(1100):
            entry.write(bytes(1024 * 1024))
    report = import_path(store, path)
    assert (report.status, "1 GB" in report.message) == ("refused", True)


def test_missing_file_and_folder(store: Store, tmp_path: Path) -> None:
    assert "can't be found" in import_path(store, tmp_path / "nowhere.csv").message
    assert "is a folder" in import_path(store, tmp_path).message


def test_bad_rows_are_quarantined_and_good_rows_load(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "meeting.csv"
    path.write_text(
        "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes)\n"
        "Ann Bell,ann@example.org,03/05/2020 12:00:00,03/05/2020 13:00:00,60\n"
        "Cas Dorn,cas@example.org,yesterday,03/05/2020 13:00:00,60\n"
        "Eve Fane,eve@example.org,03/15/2020 13:00:00,03/15/2020 12:00:00,60\n",
        encoding="utf-8",
    )
    report = import_path(store, path)
    assert (report.rows_loaded, report.rows_quarantined, report.balanced) == (1, 2, True)
    assert [(q.origin.row, q.code) for q in report.quarantined] == [
        (3, "unreadable_join_time"),
        (4, "leaves_before_joining"),
    ]
    stored = store.rows("quarantine_of_files")
    assert [(r[2], r[4]) for r in stored] == [(3, "unreadable_join_time"), (4, "leaves_before_joining")]
    assert "yesterday" in stored[0][6]


def test_a_file_that_breaks_off_inside_a_quote(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "forum_posts.csv"
    path.write_text(
        "author,posted_at,thread,kind,text,likes,network\n"
        "Ann,2020-03-01 10:00:00,Hello,post,Good,1,Demo\n"
        'Cas,2020-03-02 10:00:00,Hello,post,"and then',
        encoding="utf-8",
    )
    report = import_path(store, path)
    assert (report.rows_loaded, report.rows_quarantined) == (1, 1)
    assert "breaks off" in report.quarantined[0].message


def test_a_number_without_end_in_a_table_goes_to_quarantine(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(
        "network,cohort,session,presenter,topic,deidentified\nDemo,Cohort 1,1e400,Ann,Sleep,yes\n"
        "Demo,Cohort 1,nan,Cas,Sleep,yes\nDemo,Cohort 1,1,Eve,Sleep,yes\n",
        encoding="utf-8",
    )
    report = import_path(store, path)
    assert (report.rows_loaded, report.rows_quarantined, report.balanced) == (1, 2, True)
    assert "not a number" in report.quarantined[0].message


def test_a_value_outside_the_scale_is_kept_and_not_counted(demo_store: Store) -> None:
    issues = [r for r in demo_store.rows("issues_of_files") if r[5] == "out_of_range"]
    assert len(issues) == 1
    assert (issues[0][3], "'9'" in issues[0][6]) == ("comp_talk", True)


SEEDS = [
    DEMO / "zoom" / "participants_85010203040_2020_01_09.csv",
    DEMO / "redcap" / "ECHOOutcomes_DATA_2022-08-15_0930.csv",
    DEMO / "qualtrics" / "pharmacists_c1_2022-03-31.csv",
    DEMO / "forms" / "supervisor_ratings.xlsx",
    DEMO / "registrations" / "registration_pharmacists_cohort1.csv",
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_mutated_files_never_crash_and_always_balance(data: st.DataObject) -> None:
    """Bytes changed, cut, doubled or put in: a file is refused with a sentence, or its account balances."""
    raw = bytearray(data.draw(st.sampled_from(SEEDS)).read_bytes()[:60_000])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, max(len(raw) - 1, 0)))
        match data.draw(st.sampled_from(["change", "cut", "double", "insert", "drop"])):
            case "change" if raw:
                raw[at] = data.draw(st.integers(0, 255))
            case "cut":
                del raw[at:]
            case "double":
                raw[at:at] = raw[at : at + 300]
            case "insert":
                raw[at:at] = data.draw(st.sampled_from([b'"', b",", b"\n", b"\xff", b"\t;", b"=1+1", b"\r"]))
            case "drop":
                del raw[at : at + 80]
    try:
        account = parse(open_document("mutated.csv", bytes(raw)), Context(load_definitions())).account
    except FileRefused as refusal:
        named, balanced = "mutated.csv" in str(refusal), True
    else:
        named, balanced = True, account.balanced
    assert named
    assert balanced
