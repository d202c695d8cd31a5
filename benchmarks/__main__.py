"""`python -m benchmarks [--pairs N ...] [--json FILE]`: medians and ratios within one run; nothing is asserted."""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.programme import synthetic_store
from echo_metrics.access import LOCAL_OWNER
from echo_metrics.answers import Filters, ask
from echo_metrics.store import Store

BARE = """
SELECT a.key, b.key, count(*) FROM pair p
JOIN score a ON a.submission_id = p.from_submission AND a.measure = 'competency'
JOIN score b ON b.submission_id = p.to_submission AND b.measure = 'competency'
WHERE p.contrast = 'baseline-completion' GROUP BY ALL
"""
ROWS = """
SELECT a.key / 2520.0 AS before, b.key / 2520.0 AS after, p.discipline FROM pair p
JOIN score a ON a.submission_id = p.from_submission AND a.measure = 'competency'
JOIN score b ON b.submission_id = p.to_submission AND b.measure = 'competency'
WHERE p.contrast = 'baseline-completion'
"""


def main() -> None:
    """Run the benchmarks and print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--pairs", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = [measure(n, options.repeat) for n in options.pairs]
    print(pd.DataFrame(rows).to_string(index=False, float_format=lambda v: f"{v:,.2f}"))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2), encoding="utf-8")


def measure(pairs: int, repeat: int) -> dict[str, Any]:
    """Time one size: the whole `ask`, the bare SQL count of the same pairs, and the same change in pandas."""
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "bench.duckdb") as store:
        synthetic_store(store, pairs)

        def run(sql: str) -> Any:
            with store._connection.cursor() as cursor:
                return cursor.execute(sql).df()

        asked = _median(lambda: ask(store, "connection", Filters(), LOCAL_OWNER), repeat)
        whole = _median(lambda: ask(store, "competency", Filters(), LOCAL_OWNER), repeat)
        bare = _median(lambda: run(BARE), repeat)
        plain = _median(lambda: _pandas(run(ROWS)), repeat)
    return {
        "pairs": pairs,
        "ask competency ms": 1000 * whole,
        "ask, nothing there ms": 1000 * asked,
        "bare count ms": 1000 * bare,
        "pandas ms": 1000 * plain,
        "ask / bare": whole / bare,
        "ask / pandas": whole / plain,
    }


def _pandas(frame: pd.DataFrame) -> object:
    change = frame["after"] - frame["before"]
    return change.mean(), change.std(), (change > 0).sum(), frame.assign(c=change).groupby("discipline")["c"].mean()


def _median(call: Callable[[], object], repeat: int) -> float:
    call()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


if __name__ == "__main__":
    main()
