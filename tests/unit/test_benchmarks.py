"""A short form of the benchmarks: they run and count what they say. Nothing is timed here."""

from __future__ import annotations

from benchmarks.__main__ import measure


def test_benchmarks_run() -> None:
    row = measure(500, repeat=1)
    assert row["pairs"] == 500
    assert row["ask / bare"] > 0
