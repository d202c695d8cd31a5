"""Effect sizes of a change with their intervals, as far as the people behind them bear it and the gate tells them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from echo_metrics.answers.model import Interval
from echo_metrics.disclosure import Precision
from echo_metrics.statistics.bootstrap_effects import EffectBootstrap, bootstrap_effects
from echo_metrics.statistics.counts import PairCounts
from echo_metrics.statistics.paired_change import PairedChange
from echo_metrics.statistics.results import Estimate

BOOTSTRAP_CHECK = "g_av_bootstrap"
"""The name of the bootstrap interval of g, which stands beside the noncentral-t one and never instead of it."""
MOST_RESAMPLED = 1_000
"""Above this many pairs the two intervals of g agree, and resampling would only cost time."""
SEED = 20250101
"""The same pairs always give the same interval."""


def effect(change: PairedChange) -> tuple[str, Interval] | None:
    """The headline effect size: g_av with its noncentral-t interval."""
    if change.g_av is None:
        return None
    return ("g_av", Interval(change.g_av, change.g_av_low, change.g_av_high, change.level))


def effects(change: PairedChange) -> dict[str, float | None]:
    """Every effect size of a change by name."""
    return {
        "d_z": change.d_z,
        "d_av": change.d_av,
        "g_av": change.g_av,
        "rank_biserial": change.rank_biserial,
        "probability_of_improvement": change.probability_of_improvement,
    }


def effect_intervals(
    change: PairedChange, counts: PairCounts, precision: Precision, resampled: bool
) -> tuple[dict[str, Interval], tuple[str, ...]]:
    """Intervals of effect sizes by name, and notes on those that have none.

    The probability's interval is made of who went up, stayed and went down, so it is told where those tallies are;
    resampled intervals rest on exact scores and are for the row-level right.
    """
    found: dict[str, Interval] = {}
    chance = change.probability_of_improvement
    if precision.tallies and chance is not None:
        low, high = change.probability_of_improvement_low, change.probability_of_improvement_high
        found["probability_of_improvement"] = Interval(chance, low, high, change.level)
    if precision.banded or not resampled or not 0 < counts.n_pairs <= MOST_RESAMPLED:
        return found, ()
    drawn = _resampled(counts, change.level)
    notes = []
    for name, words, one in (
        ("rank_biserial", "the rank-biserial correlation", drawn.rank_biserial),
        (BOOTSTRAP_CHECK, "Hedges' g by bootstrap", drawn.g_av),
    ):
        if one.value is not None and one.low is not None:
            found[name] = _interval(one)
        elif one.reason:
            notes.append(f"No interval of {words}. {one.reason}")
    return found, tuple(notes)


def _interval(one: Estimate) -> Interval:
    assert one.value is not None
    return Interval(one.value, one.low, one.high, one.level)


@lru_cache(maxsize=256)
def _resampled(counts: PairCounts, level: float) -> EffectBootstrap:
    return bootstrap_effects(counts, np.random.Generator(np.random.PCG64(SEED)), level)
