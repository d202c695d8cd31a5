"""An import taken back: the store answers as if the file had never come."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import pytest

from echo_metrics.doctor import examine
from echo_metrics.errors import UserError
from echo_metrics.ingest.load import import_path
from echo_metrics.ingest.undo import BROUGHT, undo_import
from echo_metrics.store import Store
from echo_metrics.store.journal import BEFORE, DERIVED, ZONES
from echo_metrics.store.sql import query
from tests.conftest import DEMO, ROOT
from tests.store.test_imports import everything

ORDER = tomllib.loads((DEMO / "imports.toml").read_text(encoding="utf-8"))["import"]
SESSIONS = [f"qualtrics/psychosocial_c1_2020-{day}.csv" for day in ("04-30", "05-31", "07-31")]


def bring(store: Store, names: list[str]) -> None:
    for entry in ORDER:
        if entry["file"] in names:
            place = str(entry.get("network", "")), str(entry.get("cohort", ""))
            report = import_path(store, DEMO / entry["file"], *place)
            assert report.status in ("loaded", "superseded"), report.message


def number_of(store: Store, name: str) -> int:
    return next(r["id"] for r in store.records("files") if r["name"] == Path(name).name)


@pytest.fixture
def key(tmp_path: Path) -> bytes:
    return bytes(range(32))


def opened(tmp_path: Path, name: str, key: bytes) -> Store:
    """A store with a given key: hashes, and with them the order of sums, are the same in both."""
    (tmp_path / f"{name}.key").write_bytes(key)
    return Store.open(tmp_path / f"{name}.duckdb")


COHORT_1 = [
    "programme.toml", "registrations/registration_psychosocial_cohort1.csv",
    "registrations/registration_psychosocial_cohort2.csv", "redcap/ECHOOutcomes_DataDictionary_2022-08-15.csv",
    "redcap/ECHOOutcomes_DATA_2022-08-15_0930.csv", "zoom/participants_85010203040_2020_01_09.csv",
    "zoom/participants_85010203040_2020_02_06.csv", *SESSIONS, "forms/supervisor_ratings.xlsx", "forum/forum_posts.csv",
    "roi/roi_psychosocial.toml",
]  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "registrations/registration_psychosocial_cohort1.csv",
        "redcap/ECHOOutcomes_DATA_2022-08-15_0930.csv",
        "zoom/participants_85010203040_2020_01_09.csv",
        SESSIONS[-1],
        "forms/supervisor_ratings.xlsx",
        "roi/roi_psychosocial.toml",
    ],
)
def test_taken_back_is_as_if_it_had_never_come(name: str, tmp_path: Path, key: bytes) -> None:
    with opened(tmp_path, "undone", key) as undone, opened(tmp_path, "never", key) as never:
        bring(undone, COHORT_1)
        undo_import(undone, number_of(undone, name), "test")
        bring(never, [n for n in COHORT_1 if n != name])
        assert everything(undone) == everything(never)
        assert not any(f.rows for f in examine(undone))
        # Nothing bears the number of a file that is gone.
        assert name not in {r["name"] for r in undone.records("files")}


def test_a_file_taken_back_can_come_again(tmp_path: Path, key: bytes) -> None:
    with opened(tmp_path, "again", key) as store:
        bring(store, COHORT_1)
        before = everything(store)
        undo_import(store, number_of(store, SESSIONS[-1]), "test")
        assert everything(store) != before
        bring(store, [SESSIONS[-1]])
        assert everything(store) == before


def test_what_later_files_rest_on_goes_last(tmp_path: Path, key: bytes) -> None:
    with opened(tmp_path, "rest", key) as store:
        bring(store, COHORT_1)
        before = everything(store)
        for name, later in (
            (SESSIONS[0], SESSIONS[1]),
            (SESSIONS[1], SESSIONS[2]),
            ("programme.toml", "registration_"),
        ):
            with pytest.raises(UserError, match="can't be taken back") as refused:
                undo_import(store, number_of(store, name), "test")
            assert Path(later).name[:20] in str(refused.value)
        with pytest.raises(UserError, match="not there any more"):
            undo_import(store, 999, "test")
        assert everything(store) == before
        # The last one first, and the chain can be taken back to its beginning.
        for name in reversed(SESSIONS):
            undo_import(store, number_of(store, name), "test")
        assert not [r for r in store.records("files") if "psychosocial_c1_2020" in r["name"]]


def test_a_whole_store_can_be_taken_back_file_by_file(tmp_path: Path, key: bytes) -> None:
    with opened(tmp_path, "empty", key) as store:
        bring(store, COHORT_1)
        for entry in store.records("files"):
            undo_import(store, entry["id"], "test")
        for table in ("submission", "response", "score", "connection", "attendance", "pair", "enrolment", "person",
                      "person_identifier", "network", "cohort", "session", "meeting", "hub", "row_before"):  # fmt: skip
            with store.write() as writer:
                assert writer._cursor.execute(f'SELECT count(*) FROM "{table}"').fetchall() == [(0,)], table


def test_a_ledger_that_was_replaced_stands_again(tmp_path: Path, key: bytes) -> None:
    changed = tmp_path / "changed.toml"
    text = (DEMO / "roi/roi_psychosocial.toml").read_text(encoding="utf-8")
    changed.write_text(text.replace("first-year costs and benefits", "another view"), encoding="utf-8")
    with opened(tmp_path, "ledger", key) as store:
        bring(store, COHORT_1)
        before = everything(store)
        assert import_path(store, changed).status == "loaded"
        assert everything(store) != before
        undo_import(store, number_of(store, "changed.toml"), "test")
        assert everything(store) == before


def test_the_zone_of_a_programme_file_moves_back(tmp_path: Path, key: bytes) -> None:
    zoom = "zoom/participants_85010203040_2020_01_09.csv"
    with opened(tmp_path, "zone", key) as store:
        shutil.copy(DEMO / zoom, tmp_path / "meeting.csv")
        import_path(store, tmp_path / "meeting.csv")
        before = store.rows("spans_of_meetings", {"network": 1})
        programme = tmp_path / "p.toml"
        programme.write_text(
            'format = "echo-metrics-programme"\nversion = 1\n[hub]\nname = "H"\ntimezone = "America/Vancouver"\n'
            '[[network]]\nkey = "other"\nname = "Other"\n',
            encoding="utf-8",
        )
        assert import_path(store, programme).status == "loaded"
        assert store.rows("spans_of_meetings", {"network": 1}) != before
        # Other files stand beside it: a programme file that they rest on stays.
        with pytest.raises(UserError, match="can't be taken back"):
            undo_import(store, number_of(store, "p.toml"), "test")


def test_every_statement_that_changes_rows_is_journalled_or_worked_out_again() -> None:
    """A new UPDATE or DELETE in an import must say how it is taken back."""
    used = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "echo_metrics" / "ingest").rglob("*.py"))
    # What people do beside imports: decide, withdraw, forget.
    others = {"withdraw_correction", "withdraw_decision", "move_to_forgotten"}
    undo = (ROOT / "echo_metrics" / "ingest" / "undo.py").read_text(encoding="utf-8")
    for path in (ROOT / "echo_metrics" / "store" / "queries").glob("*.sql"):
        changes = re.search(r"^\s*(UPDATE|DELETE)\b", query(path.stem), re.M)
        if changes and path.stem not in others and f'"{path.stem}"' in used and f'"{path.stem}"' not in undo:
            assert path.stem in BEFORE or path.stem in DERIVED or path.stem in ZONES, path.stem


def test_every_table_whose_rows_bear_a_file_is_undone(tmp_path: Path, key: bytes) -> None:
    """A new table must say what becomes of its rows when their file is taken back."""
    own_rule = {
        "source_file", "row_before", "undone_import", "hub", "network", "cohort", "session", "meeting",
        "person_identifier", "person_attribute",
    }  # fmt: skip
    with opened(tmp_path, "tables", key) as store, store.write() as writer:
        found = writer._cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE column_name = 'file_id'"
        ).fetchall()
    assert {name for (name,) in found} - own_rule == set(BROUGHT)
