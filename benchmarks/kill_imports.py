"""`python -m benchmarks.kill_imports [--points N] [--moments N] [--seed N]`: killed anywhere, a store is never between.

A child process imports a file, takes one back, decides on a name or forgets somebody, and is killed (SIGKILL) after
one of its statements, the last being the commit, or at a random moment. The store must then hold exactly what it held
before, or exactly what it holds when nothing happens to the child; its invariants must hold, and the same act must work
afterwards. A fault is printed, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from echo_metrics.doctor import examine
from echo_metrics.ingest.load import import_path
from echo_metrics.store import Store

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "data" / "demo"
GROUND = (
    ("programme.toml", ""),
    ("registrations/registration_psychosocial_cohort1.csv", "psychosocial"),
    ("zoom/participants_85010203040_2020_01_09.csv", ""),
    ("qualtrics/psychosocial_c1_2020-04-30.csv", ""),
)
ACTS = {
    "newer survey export": "load.import_path(store, demo / 'qualtrics/psychosocial_c1_2020-05-31.csv')",
    "meeting report": "load.import_path(store, demo / 'zoom/participants_85010203040_2020_02_06.csv')",
    "registrations": (
        "load.import_path(store, demo / 'registrations/registration_psychosocial_cohort2.csv', 'psychosocial')"
    ),
    "programme again": "load.import_bytes(store, 'p.toml', (demo / 'programme.toml').read_bytes() + b'# again')",
    "import taken back": "undo.undo_import(store, max(r['id'] for r in store.records('files')), 'x')",
    "a decision": "decisions.say_guest(store, 'x', 1, 'Somebody Else')",
    "forgetting": "forget.forget(store, forget.find_target(store, '1'), 'x')",
}
CHILD = """
import os, signal, sys
from pathlib import Path
from echo_metrics.ingest import decisions, forget, load, undo
from echo_metrics.store import Store, database

path, demo, last = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
done = 0

class Counted:
    def __init__(self, cursor):
        self.cursor = cursor
    def __getattr__(self, name):
        return getattr(self.cursor, name)
    def __enter__(self):
        self.cursor.__enter__()
        return self
    def __exit__(self, *rest):
        return self.cursor.__exit__(*rest)
    def execute(self, *given):
        global done
        found = self.cursor.execute(*given)
        done += 1
        if done == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

class Connection:
    def __init__(self, connection):
        self.connection = connection
    def __getattr__(self, name):
        return getattr(self.connection, name)
    def cursor(self):
        return Counted(self.connection.cursor())

store = Store.open(path)
store._connection = Connection(store._connection)
print('go', flush=True)
{act}
print('statements', done, flush=True)
store.close()
"""


@dataclass(frozen=True)
class Case:
    """One act, killed after a statement (from 1) or after so many seconds."""

    act: str
    statement: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        where = f"after statement {self.statement}" if self.statement else f"after {self.seconds * 1000:.0f} ms"
        return f"{self.act}, killed {where}"


def main() -> None:
    """Run the cases and print what came of them."""
    parser = argparse.ArgumentParser(prog="benchmarks.kill_imports", description=__doc__)
    parser.add_argument("--points", type=int, default=25, help="statements of each act after which it is killed")
    parser.add_argument("--moments", type=int, default=10, help="random moments at which each act is killed")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    cases, faults = run(options.points, options.moments, options.seed)
    print("\n".join(faults))
    print(f"{cases} killed, {len(faults)} faults")
    sys.exit(bool(faults))


def run(points: int, moments: int, seed: int, acts: tuple[str, ...] = tuple(ACTS)) -> tuple[int, list[str]]:
    """Kill each act at so many statements and random moments; returns how many were killed, and the faults."""
    rng = random.Random(seed)
    faults, killed = [], 0
    with tempfile.TemporaryDirectory() as folder:
        ground = _ground(Path(folder))
        before = contents(ground)
        for act in acts:
            whole = _copy(ground, Path(folder) / "whole")
            started = time.perf_counter()
            statements = _child(whole, Case(act))
            took = time.perf_counter() - started
            after = contents(whole)
            if before == after:
                faults.append(f"{act}: it changes nothing, so killing it shows nothing")
            for case in _cases(act, statements, took, points, moments, rng):
                fault = _one(_copy(ground, Path(folder) / "killed"), case, before, after)
                killed += 1
                if fault:
                    faults.append(f"{case}: {fault}")
    return killed, faults


def contents(path: Path) -> str:
    """A digest of every row of every table, moments of writing aside."""
    digest = hashlib.sha256()
    with duckdb.connect(str(path), read_only=True) as connection:
        for (table,) in connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall():
            result = connection.execute(f'SELECT * FROM "{table}"')
            kept = [i for i, c in enumerate(result.description or ()) if not c[0].endswith("_at")]
            rows = sorted(repr(tuple(row[i] for i in kept)) for row in result.fetchall())
            digest.update(f"{table}\n".encode() + "\n".join(rows).encode())
    return digest.hexdigest()


def _ground(folder: Path) -> Path:
    path = folder / "ground.duckdb"
    path.with_suffix(".key").write_bytes(bytes(range(32)))
    with Store.open(path) as store:
        for name, network in GROUND:
            report = import_path(store, DEMO / name, network)
            assert report.status == "loaded", report.message
    return path


def _copy(ground: Path, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copy(ground.with_suffix(".key"), folder / "store.key")
    return Path(shutil.copy(ground, folder / "store.duckdb"))


def _cases(act: str, statements: int, took: float, points: int, moments: int, rng: random.Random) -> Iterator[Case]:
    """Statements spread evenly with the first and the last among them, and random moments."""
    chosen = {1, statements, *(round(1 + i * (statements - 1) / max(points - 1, 1)) for i in range(points))}
    for statement in sorted(chosen)[: max(points, 1)]:
        yield Case(act, statement=statement)
    for _ in range(moments):
        yield Case(act, seconds=rng.uniform(0, took))


def _child(path: Path, case: Case) -> int:
    """Run an act; returns how many statements it made, or 0 where it was killed."""
    code = CHILD.replace("{act}", ACTS[case.act])
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(path), str(DEMO), str(case.statement)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    child.stdout.readline()
    if case.seconds:
        time.sleep(case.seconds)
        child.send_signal(signal.SIGKILL)
    rest = child.stdout.read()
    child.stdout.close()
    if child.wait() not in (0, -signal.SIGKILL):
        raise RuntimeError(f"{case}: the child failed by itself")
    return int(rest.split()[-1]) if rest.strip() else 0


def _one(path: Path, case: Case, before: str, after: str) -> str:
    """Kill one act and look at what is left; '' where all is well."""
    _child(path, case)
    with Store.open(path) as store:
        bad = [f.check for f in examine(store) if f.rows]
    if bad:
        return f"invariants are broken: {', '.join(bad)}"
    left = contents(path)
    if left not in (before, after):
        return "the store is neither as before nor as after"
    if left == before:
        _child(path, Case(case.act))
        if contents(path) != after:
            return "the same act afterwards came out otherwise"
    return ""


if __name__ == "__main__":
    main()
