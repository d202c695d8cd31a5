"""A short form of `python -m benchmarks.fuzz_imports`: damaged files are refused in a sentence, or add up."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.fuzz_imports import Outcome, run_case, seeds, time_limit, try_file
from echo_metrics.definitions import load_definitions
from echo_metrics.ingest.readers.base import Context
from echo_metrics.store import Store

CASES_EACH = 20


@pytest.mark.parametrize("start", range(0, 200, CASES_EACH))
def test_damaged_files(start: int, store: Store) -> None:
    context, files = Context(load_definitions()), seeds()
    faults = []
    for seed in range(start, start + CASES_EACH):
        what, outcome = run_case(seed, files, context, store if seed % CASES_EACH == 0 else None)
        if outcome.fault is not None:
            faults.append(f"seed {seed}: {what}\n{outcome.fault}")
    assert not faults, "\n\n".join(faults)


def test_the_fuzzer_sees_what_it_looks_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A reader that loses a row, one that breaks, one that hangs: each is found."""
    context = Context(load_definitions())
    data = (
        b"Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes)\n"
        b"Ann,a@example.org,03/25/2024 12:00,03/25/2024 13:00,60\n"
    )
    assert try_file("x.csv", data, context) == Outcome("read")
    assert try_file("x.csv", b"", context) == Outcome("refused")
    from echo_metrics.ingest.readers import zoom

    monkeypatch.setattr(zoom, "take", lambda *_: None)
    assert "rows read, but 0 loaded" in str(try_file("x.csv", data, context).fault)
    monkeypatch.setattr(zoom, "take", lambda *_: 1 / 0)
    assert "ZeroDivisionError" in str(try_file("x.csv", data, context).fault)


def test_a_case_that_hangs_is_stopped() -> None:
    with pytest.raises(TimeoutError):
        _hang()


def _hang() -> None:
    with time_limit(1):
        while True:
            pass
