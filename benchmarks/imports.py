"""`python -m benchmarks.imports [--responses N] [--connections N] [--json FILE]`: what an import costs, beside what.

A clean wide survey (50 questions, six of them known) and a Zoom account export, each imported in a process of its own,
whose peak memory is told. Beside the survey stands DuckDB reading the same file, turning it into the same canonical
rows (answers, scores, submissions, people) and inserting them, and, as a narrower comparison, the answers alone. Beside
the meetings stands the bare union of intervals in SQL, over the same connections already in a table: it reads no file,
tells nobody apart and keeps no account. `attendance` is the part of the import that does what it does. Ratios are of
one run; nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from echo_metrics.ingest import load_meetings, settle
from echo_metrics.ingest.load import import_path
from echo_metrics.store import Store, Writer

KNOWN = ("comp_assess", "comp_talk", "comp_plan", "comp_team", "comp_depth", "comp_family")
QUESTIONS, PER_MEETING = 50, 200
TABLES = {
    "response": "submission_id BIGINT, file_id BIGINT, row_no INTEGER, column_no INTEGER, question VARCHAR, "
    "item VARCHAR, raw VARCHAR, value DOUBLE, missing_reason VARCHAR",
    "score": "submission_id BIGINT, measure VARCHAR, key BIGINT",
    "submission": "id BIGINT, file_id BIGINT, sheet VARCHAR, row_no INTEGER, form_key VARCHAR, external_id VARCHAR, "
    "content_hash VARCHAR, status VARCHAR, network_id BIGINT, cohort_id BIGINT, session_id BIGINT, instrument VARCHAR, "
    "wave VARCHAR, event VARCHAR, person_key VARCHAR, person_id BIGINT, key_kind VARCHAR, discipline VARCHAR, "
    "started_utc TIMESTAMP, submitted_utc TIMESTAMP, complete BOOLEAN, preview BOOLEAN, own_person_id BIGINT",
    "person": "id BIGINT, hub_id BIGINT, merged_into BIGINT",
    "person_identifier": "person_id BIGINT, kind VARCHAR, value_key VARCHAR, shown VARCHAR, file_id BIGINT, "
    "row_no INTEGER, own_person_id BIGINT",
}
"""The canonical tables that a survey fills."""
UNION = """
WITH marked AS (
  SELECT *, CASE WHEN join_utc <= max(leave_utc) OVER (
    PARTITION BY meeting_id, person_id ORDER BY join_utc, leave_utc, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ) THEN 0 ELSE 1 END AS opens FROM connection
), numbered AS (
  SELECT *, sum(opens) OVER (
    PARTITION BY meeting_id, person_id ORDER BY join_utc, leave_utc, id ROWS UNBOUNDED PRECEDING
  ) AS island FROM marked
), islands AS (
  SELECT meeting_id, person_id, island, min(join_utc) AS a, max(leave_utc) AS b FROM numbered GROUP BY ALL
)
SELECT meeting_id, person_id, sum(epoch(b) - epoch(a)) / 60 AS minutes FROM islands GROUP BY ALL
"""


def main() -> None:
    """Run both and print what they cost."""
    parser = argparse.ArgumentParser(prog="benchmarks.imports", description=__doc__)
    parser.add_argument("--responses", type=int, default=1_000_000)
    parser.add_argument("--connections", type=int, default=200_000)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(CHILDREN[options.child[0]](Path(options.child[1]))))
        return
    found = measure(options.responses, options.connections)
    for name, figures in found.items():
        print(name + ": " + ", ".join(f"{k} {v:,.2f}" for k, v in figures.items()))
    if options.json:
        options.json.write_text(json.dumps(found, indent=2), encoding="utf-8")


def measure(responses: int, connections: int) -> dict[str, dict[str, float]]:
    """Both imports with what stands beside them, in seconds and MB, each in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        survey, meetings = Path(folder) / "survey", Path(folder) / "meetings"
        survey.mkdir()
        meetings.mkdir()
        wide_survey(survey / "file.csv", responses)
        account_export(meetings / "file.csv", connections)
        ours, plain = _child("survey", survey), _child("plain", survey)
        zoom = _child("meetings", meetings)
    assert ours["responses"] == plain["responses"]
    return {
        "survey": {
            "responses": ours["responses"],
            "file_mb": ours["file_mb"],
            "import_s": ours["seconds"],
            "duckdb_s": plain["seconds"],
            "ratio": ours["seconds"] / plain["seconds"],
            "duckdb_answers_s": plain["answers_s"],
            "ratio_answers": ours["seconds"] / plain["answers_s"],
            "peak_mb": ours["peak_mb"],
        },
        "meetings": {
            **{k: zoom[k] for k in ("connections", "file_mb", "seconds", "attendance_s", "union_s", "peak_mb")},
            "ratio_attendance": zoom["attendance_s"] / zoom["union_s"],
            "ratio_whole": zoom["seconds"] / zoom["union_s"],
        },
    }


def wide_survey(path: Path, responses: int) -> None:
    """A REDCap export of as many rows as make so many answers."""
    rng = random.Random(1)
    headings = ["record_id", "redcap_event_name", *KNOWN, *(f"q{i}" for i in range(QUESTIONS - len(KNOWN)))]
    with path.open("w", encoding="utf-8") as out:
        out.write(",".join(headings) + "\n")
        for record in range(1, responses // QUESTIONS + 1):
            answers = ",".join(str(rng.randint(1, 5)) for _ in range(QUESTIONS))
            out.write(f"{record},baseline_arm_1,{answers}\n")


def account_export(path: Path, connections: int) -> None:
    """A Zoom account export: meetings of 200 connections, a fifth of them second devices or rejoins."""
    rng = random.Random(1)
    with path.open("w", encoding="utf-8") as out:
        out.write(
            "Topic,Meeting ID,Start Time,End Time,Duration (Minutes),Name (Original Name),User Email,Join Time,"
            "Leave Time,Duration (Minutes)\n"
        )
        for place in range(connections):
            number = place // PER_MEETING
            start = datetime(2021, 1, 1, 12) + timedelta(days=number)
            who = rng.randint(1, PER_MEETING * 4 // 5)
            join = start + timedelta(minutes=rng.randint(0, 30))
            leave = join + timedelta(minutes=rng.randint(1, 60))
            times = [f"{m:%m/%d/%Y %H:%M:%S}" for m in (start, start + timedelta(minutes=90), join, leave)]
            out.write(
                f"Pain,85010203040,{times[0]},{times[1]},90,Person {who} Name{who},p{who}@example.org,{times[2]},"
                f"{times[3]},{(leave - join).seconds // 60}\n"
            )


def _child(name: str, folder: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.imports", "--child", name, str(folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _survey(folder: Path) -> dict[str, float]:
    with Store.open(folder / "store.duckdb") as store:
        started = time.perf_counter()
        report = import_path(store, folder / "file.csv", "pain", "One")
        seconds = time.perf_counter() - started
    assert report.status == "loaded", report.message
    return {"responses": report.responses, "seconds": seconds, **_size(folder)}


def _plain(folder: Path) -> dict[str, float]:
    """The same rows by DuckDB alone: answers, scores, submissions, people and what they are known by."""
    known = ", ".join(f"'{code}'" for code in KNOWN)
    with duckdb.connect(str(folder / "plain.duckdb")) as connection:
        for name, text in TABLES.items():
            connection.execute(f"CREATE TABLE {name} ({text})")
        started = time.perf_counter()
        connection.execute("BEGIN")
        connection.execute(
            "CREATE TEMP TABLE wide AS SELECT row_number() OVER () AS row_no, * "
            f"FROM read_csv('{folder / 'file.csv'}', all_varchar = true)"
        )
        connection.execute(
            "INSERT INTO response SELECT row_no, 1, row_no + 1, 0, name, name, value, TRY_CAST(value AS DOUBLE), NULL "
            "FROM (UNPIVOT (SELECT * EXCLUDE (record_id, redcap_event_name) FROM wide) ON COLUMNS(* EXCLUDE row_no))"
        )
        connection.execute(
            "INSERT INTO score SELECT submission_id, item, (value * 2520)::BIGINT FROM response "
            f"WHERE item IN ({known}) UNION ALL SELECT submission_id, 'competency', (avg(value) * 2520)::BIGINT "
            f"FROM response WHERE item IN ({known}) GROUP BY submission_id"
        )
        connection.execute(
            "INSERT INTO submission SELECT row_no, 1, '', row_no + 1, 'f', record_id, md5(wide::VARCHAR), "
            "'current', 1, 1, NULL, 'outcomes', 'baseline', redcap_event_name, 'p' || row_no, row_no, 'person', "
            "'unknown', NULL, NULL, true, false, row_no FROM wide"
        )
        connection.execute("INSERT INTO person SELECT row_no, 1, NULL FROM wide")
        connection.execute(
            "INSERT INTO person_identifier SELECT row_no, 'record', sha256('f:' || record_id)[:32], NULL, 1, "
            "row_no + 1, row_no FROM wide"
        )
        connection.execute("COMMIT")
        seconds = time.perf_counter() - started
        (n,) = connection.execute("SELECT count(*) FROM response").fetchall()[0]
    return {"responses": n, "seconds": seconds, "answers_s": _answers_only(folder)}


def _answers_only(folder: Path) -> float:
    """The narrower comparison: DuckDB reads and inserts the answers, and nothing else that an import writes."""
    with duckdb.connect(str(folder / "answers.duckdb")) as connection:
        connection.execute(f"CREATE TABLE response ({TABLES['response']})")
        started = time.perf_counter()
        connection.execute(
            "INSERT INTO response SELECT row_no, 1, row_no + 1, 0, name, name, value, TRY_CAST(value AS DOUBLE), NULL "
            "FROM (UNPIVOT (SELECT row_number() OVER () AS row_no, * EXCLUDE (record_id, redcap_event_name) "
            f"FROM read_csv('{folder / 'file.csv'}', all_varchar = true)) ON COLUMNS(* EXCLUDE row_no))"
        )
        return time.perf_counter() - started


def _meetings(folder: Path) -> dict[str, float]:
    spent = [0.0]

    def timed(settle_meetings: Callable[..., set[int]]) -> Callable[..., set[int]]:
        def run(*given: Any) -> set[int]:
            started = time.perf_counter()
            found = settle_meetings(*given)
            spent[0] += time.perf_counter() - started
            return found

        return run

    load_meetings.settle_meetings = timed(settle.settle_meetings)
    with Store.open(folder / "store.duckdb") as store:
        started = time.perf_counter()
        report = import_path(store, folder / "file.csv", "pain", "One")
        seconds = time.perf_counter() - started
        assert report.status == "loaded", report.message
        with store.write() as writer:
            union = _union(writer)
    return {
        "connections": report.connections,
        "seconds": seconds,
        "attendance_s": spent[0],
        "union_s": union,
        **_size(folder),
    }


def _union(writer: Writer) -> float:
    started = time.perf_counter()
    writer._cursor.execute(UNION).fetchall()
    return time.perf_counter() - started


def _size(folder: Path) -> dict[str, float]:
    return {
        "file_mb": (folder / "file.csv").stat().st_size / 1e6,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


CHILDREN: dict[str, Callable[[Path], dict[str, float]]] = {
    "survey": _survey,
    "plain": _plain,
    "meetings": _meetings,
}

if __name__ == "__main__":
    main()
