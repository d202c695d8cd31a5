"""Imports again, in other orders, cut short or at once: answers stay those of the files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from echo_metrics.access import LOCAL_OWNER
from echo_metrics.answers import QUESTIONS, Filters, ask
from echo_metrics.demo import build_demo
from echo_metrics.doctor import examine
from echo_metrics.errors import StoreBusy, UserError
from echo_metrics.ingest.load import import_path
from echo_metrics.store import Store
from tests.conftest import DEMO, ROOT

SESSION_EXPORTS = [DEMO / "qualtrics" / f"psychosocial_c1_2020-{day}.csv" for day in ("04-30", "05-31", "07-31")]


def everything(store: Store) -> list[dict[str, Any]]:
    """All answers, without the data version."""
    found = []
    for question in QUESTIONS:
        document = ask(store, question, Filters(), LOCAL_OWNER).as_json()
        document.pop("data_version")
        for result in document["results"]:
            result["group"].pop("key", None)
        found.append(document)
    return found


@pytest.fixture
def programme_store(tmp_path: Path) -> Store:
    store = Store.open(tmp_path / "p.duckdb")
    assert import_path(store, DEMO / "programme.toml").status == "loaded"
    return store


def test_every_demo_file_twice_changes_no_answer(tmp_path: Path) -> None:
    path = tmp_path / "twice.duckdb"
    build_demo(path)
    with Store.open(path) as store:
        before, version = everything(store), store.version
        for entry in tomllib.loads((DEMO / "imports.toml").read_text(encoding="utf-8"))["import"]:
            report = import_path(store, DEMO / entry["file"], entry.get("network", ""), str(entry.get("cohort", "")))
            assert report.status == "already", report
            assert report.balanced
        assert store.version == version
        assert everything(store) == before


def test_three_cumulative_exports_answer_like_the_last_alone(tmp_path: Path) -> None:
    answers = []
    for name, files in (("last", SESSION_EXPORTS[-1:]), ("all", SESSION_EXPORTS), ("backwards", SESSION_EXPORTS[::-1])):
        with Store.open(tmp_path / f"{name}.duckdb") as store:
            import_path(store, DEMO / "programme.toml")
            for file in files:
                assert import_path(store, file, "psychosocial").balanced
            answers.append(everything(store))
            assert not [f for f in examine(store) if f.rows]
    assert answers[0] == answers[1]
    assert answers[0] == answers[2]


def test_unchanged_changed_and_vanished_rows_are_told_apart(programme_store: Store) -> None:
    first, second, third = (import_path(programme_store, f, "psychosocial") for f in SESSION_EXPORTS)
    assert "already there" not in first.rows_ignored
    codes = [i.code for i in second.issues]
    assert (codes.count("changed_answer"), codes.count("vanished_response")) == (1, 1)
    assert [i.code for i in third.issues].count("changed_answer") == 1
    assert second.rows_ignored["already there"] == first.rows_loaded - 2  # one changed, one vanished
    with programme_store.write() as writer:
        states = dict(writer._cursor.execute("SELECT status, count(*) FROM submission GROUP BY status").fetchall())
    assert states["vanished"] == 1  # set aside, not deleted
    assert states["superseded"] == 2
    programme_store.close()


def test_two_forms_of_one_layout_do_not_displace_each_other(programme_store: Store) -> None:
    first = import_path(programme_store, SESSION_EXPORTS[-1], "psychosocial")
    second = import_path(programme_store, DEMO / "qualtrics" / "psychosocial_c2_2021-05-30.csv", "psychosocial")
    assert not {"vanished_response", "changed_answer"} & {i.code for i in second.issues}
    with programme_store.write() as writer:
        current = writer._cursor.execute("SELECT count(*) FROM submission WHERE status = 'current'").fetchall()[0][0]
    assert current == first.rows_loaded + second.rows_loaded
    programme_store.close()


def test_the_order_of_imports_does_not_matter(tmp_path: Path) -> None:
    """Meeting reports before the registration list, the calendar last: the same people, sessions and minutes."""
    zoom = sorted((DEMO / "zoom").glob("participants_85010203040_2020_0[1-6]*.csv"))
    lists = DEMO / "registrations" / "registration_psychosocial_cohort1.csv"
    calendar = DEMO / "programme.toml"
    orders = {
        "as told": [(calendar, "", ""), (lists, "psychosocial", "1"), *((f, "psychosocial", "") for f in zoom)],
        "people last": [(calendar, "", ""), *((f, "psychosocial", "") for f in zoom), (lists, "psychosocial", "1")],
        "calendar last": [(lists, "psychosocial", "1"), *((f, "psychosocial", "1") for f in zoom), (calendar, "", "")],
    }
    found = {}
    for name, files in orders.items():
        with Store.open(tmp_path / f"{name}.duckdb") as store:
            for file, network, cohort in files:
                assert import_path(store, file, network, cohort).balanced
            document = ask(store, "attendance", Filters("psychosocial", "Cohort 1"), LOCAL_OWNER).as_json()
            document.pop("data_version")
            for result in document["results"]:
                result["group"].pop("key", None)
            found[name] = document
            assert not [f for f in examine(store) if f.rows]
    assert found["as told"]["trail"]["attended"] == 26
    assert found["people last"] == found["as told"]
    assert found["calendar last"] == found["as told"]


def test_a_later_registration_list_changes_who_counts(tmp_path: Path) -> None:
    head = "First Name,Last Name,Email,Registration Time,Approval Status\n"
    row = "Ann,Bell,ann@example.org,03/25/2021 10:00:00,{}\n"
    with Store.open(tmp_path / "r.duckdb") as store:
        for i, state in enumerate(["approved", "cancelled", "approved"]):
            path = tmp_path / f"{i}.csv"
            path.write_text(head + row.format(state) + "\n" * i, encoding="utf-8")
            assert import_path(store, path, "Net", "One").balanced
            registered = ask(store, "attendance", Filters("Net"), LOCAL_OWNER).trail.registered
            assert registered == (0 if state == "cancelled" else 1)


def test_a_newer_export_is_known_whatever_network_the_call_names(programme_store: Store) -> None:
    import_path(programme_store, SESSION_EXPORTS[0], "psychosocial")
    second = import_path(programme_store, SESSION_EXPORTS[1])
    assert second.rows_ignored["already there"] > 100
    with programme_store.write() as writer:
        places = writer._cursor.execute("SELECT DISTINCT network_id FROM submission").fetchall()
    assert len(places) == 1
    programme_store.close()


def test_dry_run_keeps_nothing(programme_store: Store) -> None:
    version = programme_store.version
    report = import_path(programme_store, SESSION_EXPORTS[0], "psychosocial", dry_run=True)
    assert (report.status, report.rows_loaded > 0) == ("loaded", True)
    assert programme_store.version == version
    assert len(programme_store.rows("files")) == 1
    programme_store.close()


def test_a_faulty_ledger_is_refused_whole(programme_store: Store, tmp_path: Path) -> None:
    text = (DEMO / "roi" / "roi_psychosocial.toml").read_text(encoding="utf-8")
    (tmp_path / "bad.toml").write_text(text.replace("price_year", "prize_year"), encoding="utf-8")
    version = programme_store.version
    report = import_path(programme_store, tmp_path / "bad.toml")
    assert report.status == "refused"
    assert "price_year" in report.message
    assert programme_store.version == version
    programme_store.close()


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "future.duckdb"
    with Store.open(path) as store, store.write() as writer:
        writer.run("record_migration", {"number": 9999, "name": "from_the_future"})
    with pytest.raises(UserError, match="newer version"):
        Store.open(path)


def test_a_file_that_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "not.duckdb"
    path.write_text("hello", encoding="utf-8")
    with pytest.raises(UserError, match="can't be opened as a store"):
        Store.open(path)


def test_sql_can_reach_no_file(store: Store, tmp_path: Path) -> None:
    import duckdb

    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n", encoding="utf-8")
    with store._connection.cursor() as cursor, pytest.raises(duckdb.Error, match="disabled"):
        cursor.execute(f"SELECT * FROM read_csv('{secret}')")
    with store._connection.cursor() as cursor, pytest.raises(duckdb.Error):
        cursor.execute("SET enable_external_access=true")


KILLED = """
import os, signal, sys
from pathlib import Path
from echo_metrics.ingest import load
from echo_metrics.store import Store, database as module

where = sys.argv[3]
if where == "commit":
    plain = module.Database.write
    record = load._record
    def dying(*a, **k):
        record(*a, **k)
        os.kill(os.getpid(), signal.SIGKILL)
    load._record = dying
else:
    insert = module.Writer.insert
    seen = [0]
    def counted(self, table, rows):
        insert(self, table, rows)
        seen[0] += 1
        if seen[0] == int(where):
            os.kill(os.getpid(), signal.SIGKILL)
    module.Writer.insert = counted
with Store.open(Path(sys.argv[1])) as store:
    load.import_path(store, Path(sys.argv[2]), "psychosocial")
"""


@pytest.mark.parametrize("where", ["1", "2", "3", "5", "commit"])
def test_killed_during_an_import_the_store_is_as_before(tmp_path: Path, where: str) -> None:
    path = tmp_path / "killed.duckdb"
    with Store.open(path) as store:
        import_path(store, DEMO / "programme.toml")
        import_path(store, SESSION_EXPORTS[0], "psychosocial")
        before, version = everything(store), store.version
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), str(SESSION_EXPORTS[1]), where],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    with Store.open(path) as store:
        assert store.version == version
        assert everything(store) == before
        assert not [f for f in examine(store) if f.rows]
        # And the interrupted import can be done again.
        assert import_path(store, SESSION_EXPORTS[1], "psychosocial").status == "loaded"


def test_a_store_held_by_another_process_says_so(tmp_path: Path) -> None:
    path = tmp_path / "held.duckdb"
    Store.open(path).close()
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys,time; from pathlib import Path; from echo_metrics.store import Store; "
            "s = Store.open(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)",
            str(path),
        ],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        with pytest.raises(StoreBusy, match="Data screen"):
            Store.open(path)
    finally:
        holder.kill()
        holder.wait()
        if holder.stdout:
            holder.stdout.close()


def test_two_threads_import_the_same_file_once(programme_store: Store) -> None:
    reports: list[str] = []

    def run() -> None:
        reports.append(import_path(programme_store, SESSION_EXPORTS[0], "psychosocial").status)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(reports) == ["already", "already", "already", "loaded"]
    assert not [f for f in examine(programme_store) if f.rows]
    programme_store.close()


def test_threads_never_get_each_others_rows(demo_store: Store) -> None:
    """A connection shared without cursors mixes results up; this hammers it from eight threads."""
    networks = {int(i): key for i, key, _, _ in demo_store.rows("networks_to_match")}
    wrong: list[object] = []
    deadline = time.monotonic() + 3

    def run(network_id: int, key: str) -> None:
        expected = demo_store.rows("sessions_to_match", {"network": network_id})
        while time.monotonic() < deadline:
            if demo_store.rows("sessions_to_match", {"network": network_id}) != expected:
                wrong.append(key)

    threads = [threading.Thread(target=run, args=item) for item in list(networks.items()) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_identifiers_are_stored_hashed(demo_path: Path, demo_store: Store) -> None:
    """No e-mail address stands in the store in clear, in any table."""
    raw = json.dumps(
        [demo_store._connection.cursor().execute(f'SELECT * FROM "{t}"').fetchall() for t in ("person_identifier",)],
        default=str,
    )
    assert "@example" not in raw
    assert demo_path.with_suffix(".key").stat().st_mode & 0o077 == 0
