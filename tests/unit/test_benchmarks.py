"""A short form of the benchmarks: they run and count what they say. Nothing is timed here."""

from __future__ import annotations

from benchmarks import imports, roi
from benchmarks.__main__ import measure


def test_benchmarks_run() -> None:
    row = measure(500, repeat=1)
    assert row["pairs"] == 500
    assert row["ask / bare"] > 0


def test_the_simulation_benchmark_runs() -> None:
    row = roi.measure(lines=3, draws=1000, repeat=1)
    # Two uncertain inputs of the cost, three of each of the two benefits.
    assert row["inputs"] == 2 + 2 * 3
    assert row["bound ms"] > 0
    assert row["warm / bound"] > 0


def test_the_import_benchmark_runs() -> None:
    found = imports.measure(responses=1_000, connections=400)
    assert found["survey"]["responses"] == 1_000
    # Two connections of one person may be the same by chance; they count once.
    assert 390 <= found["meetings"]["connections"] <= 400
    assert (
        found["survey"]["peak_mb"] > 0 and found["meetings"]["ratio_whole"] > found["meetings"]["ratio_attendance"] > 0
    )
