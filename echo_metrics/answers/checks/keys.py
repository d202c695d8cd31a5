"""Does the change rest on how answers were paired?"""

from __future__ import annotations

from typing import Any

from echo_metrics.answers.checks.case import Case, Words, check, signed, unit_words
from echo_metrics.answers.figures import INTERVAL_FROM
from echo_metrics.answers.model import Interval, Result
from echo_metrics.answers.outcomes import change_query
from echo_metrics.statistics.counts import PairCounts
from echo_metrics.statistics.paired_change import paired_change
from echo_metrics.store import Store
from echo_metrics.terms import SCORE_UNIT


def exact_pairs(store: Store, asked: dict[str, Any], case: Case) -> list[Result]:
    """The change on equal keys alone, where some pairs rest on codes that differ by one character; else nothing."""
    rows = store.rows(change_query(case.contrast), {**asked, "exact": True})
    exact = PairCounts.from_cells([(int(b), int(a), int(n)) for _, _, _, b, a, n in rows], SCORE_UNIT)
    everybody = case.pairs.n_pairs
    if exact.n_pairs == everybody or not exact.n_pairs:
        return []
    change = paired_change(exact)

    def words() -> Words:
        near = everybody - exact.n_pairs
        start = (
            f"{near} of {everybody} people are paired by codes that differ by one character. On equal codes alone the "
            f"average change of {exact.n_pairs} is {signed(change.mean_change or 0.0)}"
        )
        low, high = (change.ci_low, change.ci_high) if exact.n_pairs >= INTERVAL_FROM else (None, None)
        span = f" (95% CI {signed(low)} to {signed(high)})" if low is not None and high is not None else ""
        usual = signed(case.change.mean_change or 0.0)
        return f"{start} {unit_words(case.measure)}{span}; with them it is {usual}.", Interval(
            change.mean_change or 0.0, low, high
        )

    method = "Pairs of equal keys only; `ask --exact-pairs` repeats every figure so"
    return [check(case, "exact_pairs", "Only codes that are equal", min(exact.n_pairs, everybody), words, method)]
