"""Killed, crowded, out of room: the store is as before or as after, and says what is wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from benchmarks.kill_imports import ACTS, run
from echo_metrics import inbox
from echo_metrics.doctor import examine
from echo_metrics.errors import StoreFull
from echo_metrics.ingest import load
from echo_metrics.ingest.load import import_path
from echo_metrics.store import Control, Store
from tests.conftest import DEMO, ROOT
from tests.store.test_imports import everything

MEETINGS = sorted((DEMO / "zoom").glob("*85010203040_2020*"))


@pytest.mark.parametrize("act", ACTS)
def test_killed_anywhere_the_store_is_as_before_or_as_after(act: str) -> None:
    """The short form of `python -m benchmarks.kill_imports`."""
    killed, faults = run(points=3, moments=1, seed=len(act), acts=(act,))
    assert killed == 4 and not faults


def test_files_imported_at_once_all_land(tmp_path: Path) -> None:
    """Eight threads, two of them with the same file: each file lands once, as if they had come one by one."""
    (tmp_path / "a.key").write_bytes(bytes(range(32)))
    (tmp_path / "b.key").write_bytes(bytes(range(32)))
    files = [*MEETINGS[:6], MEETINGS[0], DEMO / "registrations" / "registration_psychosocial_cohort1.csv"]
    statuses: list[str] = []
    with Store.open(tmp_path / "a.duckdb") as store, Store.open(tmp_path / "b.duckdb") as one_by_one:
        for s in (store, one_by_one):
            import_path(s, DEMO / "programme.toml")
        threads = [
            threading.Thread(target=lambda f=f: statuses.append(import_path(store, f, "psychosocial", "1").status))
            for f in files
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == ["already", *["loaded"] * 7]
        for f in files:
            import_path(one_by_one, f, "psychosocial", "1")
        assert everything(store) == everything(one_by_one)
        assert not any(f.rows for f in examine(store))


FULL = """
import resource, signal, sys
from echo_metrics.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writing on gives an error, as a full disk does
room = int(sys.argv[3])  # of any one file, the write-ahead log among them
resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
sys.exit(main(["import", sys.argv[2], "--store", sys.argv[1], "--network", "psychosocial"]))
"""


@pytest.mark.parametrize("room", [4_096, 65_536, 400_000])
def test_a_full_disk_is_said_and_the_store_is_intact(room: int, tmp_path: Path) -> None:
    path = tmp_path / "full.duckdb"
    with Store.open(path) as store:
        import_path(store, DEMO / "programme.toml")
        import_path(store, MEETINGS[0])
        before, version = everything(store), store.version
    big = DEMO / "redcap" / "ECHOOutcomes_DATA_2022-08-15_0930.csv"
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path), str(big), str(room)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    with Store.open(path) as store:
        assert not any(f.rows for f in examine(store))
        assert done.returncode == 1, done.stderr
        assert "no room left" in done.stderr and "Traceback" not in done.stderr
        assert store.version == version and everything(store) == before
        # With room again the same file comes in.
        assert import_path(store, big, "psychosocial").status in ("loaded", "already")


def test_a_full_disk_leaves_a_file_in_the_inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is wrong with the file: it waits, and comes in once there is room."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    waits = folder / "programme.toml"
    shutil.copy(DEMO / "programme.toml", waits)

    def full(*_: object) -> None:
        raise StoreFull("There is no room left.")

    with Store.open(tmp_path / "s.duckdb") as store, Control.open(tmp_path / "s.control.duckdb") as control:
        with monkeypatch.context() as patched:
            patched.setattr(load, "keep_journal", full)
            with pytest.raises(StoreFull):
                inbox.sweep(store, control, folder, quiet=0)
        assert waits.exists() and not (folder / "refused").exists() and not store.records("files")
        assert [r.status for r in inbox.sweep(store, control, folder, quiet=0)] == ["loaded"]
        assert not waits.exists()
