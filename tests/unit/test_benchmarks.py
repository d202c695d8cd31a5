"""A short form of the benchmarks: they run and count what they say. Nothing is timed here."""

from __future__ import annotations

from benchmarks import roi
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
