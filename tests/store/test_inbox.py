"""Files dropped into the inbox: imported, moved to done, or refused with the reason beside them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from echo_metrics import cli, inbox
from echo_metrics.access import audit
from echo_metrics.store import Control, Store, control_path
from tests.conftest import DEMO

ZOOM = DEMO / "zoom" / "participants_85010203040_2020_01_09.csv"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[Store, Control, Path]]:
    folder = tmp_path / "inbox"
    folder.mkdir()
    path = tmp_path / "hub.duckdb"
    with Store.open(path) as store, Control.open(control_path(path)) as control:
        yield store, control, folder


def put(folder: Path, name: str, data: bytes, age: float = 60) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (time.time() - age,) * 2)
    return path


def test_files_go_in_and_are_put_away(house: tuple[Store, Control, Path]) -> None:
    store, control, folder = house
    put(folder, "Palliative/Cohort 1/meeting.csv", ZOOM.read_bytes())
    put(folder, "letter.csv", b"Dear colleague,\nplease find attached.\n")
    put(folder, "again.csv", ZOOM.read_bytes(), age=30)
    reports = {r.file: r for r in inbox.sweep(store, control, folder)}
    assert {name: r.status for name, r in reports.items()} == {
        "meeting.csv": "loaded", "letter.csv": "refused", "again.csv": "already",
    }  # fmt: skip
    assert (folder / "done/meeting.csv").read_bytes() == ZOOM.read_bytes()
    assert (folder / "done/again.csv").exists()
    assert (folder / "refused/letter.csv").exists()
    reason = (folder / "refused/letter.csv.reason.txt").read_text(encoding="utf-8")
    assert "is not a file that ECHO Metrics knows" in reason
    # The folder said where it belongs.
    assert [(n[2]) for n in store.rows("networks_to_match")] == ["Palliative"]
    assert [c[2] for c in store.rows("cohorts_to_match")] == ["Cohort 1"]
    told = [(e.who, e.subject) for e in audit.entries(control, action=audit.Action.IMPORTED)]
    assert sorted(told) == [("inbox", "again.csv"), ("inbox", "letter.csv"), ("inbox", "meeting.csv")]
    assert inbox.sweep(store, control, folder) == []


def test_a_file_that_is_still_copied_waits(house: tuple[Store, Control, Path]) -> None:
    store, control, folder = house
    put(folder, "fresh.csv", ZOOM.read_bytes(), age=0)
    put(folder, ".hidden.csv", ZOOM.read_bytes())
    assert inbox.sweep(store, control, folder) == []
    assert (folder / "fresh.csv").exists()


def test_nothing_is_overwritten(house: tuple[Store, Control, Path]) -> None:
    store, control, folder = house
    for text in (b"one\n", b"two\n"):
        put(folder, "note.csv", text)
        inbox.sweep(store, control, folder)
    kept = sorted(p.read_bytes() for p in (folder / "refused").glob("note*.csv"))
    assert kept == [b"one\n", b"two\n"]


def test_a_running_dashboard_looks_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "hub.duckdb"
    monkeypatch.setenv("ECHO_INBOX", str(tmp_path / "drop"))
    put(tmp_path / "drop", "meeting.csv", ZOOM.read_bytes())
    stop = threading.Event()
    with Store.open(path) as open_already:
        watcher = inbox.watch(path, every=0.05, stop=stop)
        try:
            deadline = time.monotonic() + 30
            while not (tmp_path / "drop/done/meeting.csv").exists() and time.monotonic() < deadline:
                time.sleep(0.05)
        finally:
            stop.set()
            watcher.join(timeout=30)
            Control.close_all()
        assert [r["status"] for r in open_already.records("files")] == ["loaded"]


def test_the_command_line_does_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = tmp_path / "hub.duckdb"
    put(tmp_path / "inbox", "meeting.csv", ZOOM.read_bytes(), age=0)
    assert cli.main(["inbox", "--store", str(store)]) == 0
    assert "meeting.csv: loaded" in capsys.readouterr().out
    put(tmp_path / "inbox", "letter.csv", b"Dear colleague,\n", age=0)
    assert cli.main(["inbox", "--store", str(store)]) == 1
    assert cli.main(["inbox", "--store", str(store), "--folder", str(tmp_path / "nowhere")]) == 1
    assert "no inbox folder" in capsys.readouterr().err
