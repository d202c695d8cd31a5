"""The average of a score that was asked once."""

from __future__ import annotations

import math
from dataclasses import dataclass

from echo_metrics.statistics.counts import Counts
from echo_metrics.statistics.moments import moments
from echo_metrics.statistics.paired_t import t_quantile
from echo_metrics.statistics.results import Reasons, check_level, reason_for

NOBODY = "Nobody answered."
ONE_PERSON = "One person can't show how much people differ; at least two are needed."
ALL_SAME = "Everyone gave the same score, so the spread that an interval needs is zero."


@dataclass(frozen=True, slots=True)
class LevelMean:
    """Mean and standard deviation of one score in points, with the mean's t interval at `level`."""

    n: int
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None
    level: float
    reasons: Reasons = ()

    def reason(self, field: str) -> str | None:
        """Why `field` is None."""
        return reason_for(self.reasons, field)


def level_mean(counts: Counts, level: float = 0.95) -> LevelMean:
    """Where the average of those who answered lies, and how sure that is.

    Parameters: counts, people by score (missing scores dropped when counting); level, confidence level.
    Returns `LevelMean` in points.
    Formula: mean +- t* sd / sqrt(n), df = n - 1. The limits are not cut at the ends of the scale.
    When not to use it: fewer than two people, or no spread: the interval is None with a reason. Several
    ratings by the same person are not several people: average them first. Source: Student 1908, Biometrika
    6:1-25. Checked against scipy.stats `ttest_1samp(...).confidence_interval()`.

    >>> level_mean(Counts((4, 5), (1, 1))).mean
    4.5
    """
    check_level(level)
    found = moments(counts)
    n, mean, sd = found.n, found.mean, found.sd
    if mean is None:
        why = tuple((field, NOBODY) for field in ("mean", "sd", "low", "high"))
        return LevelMean(0, None, None, None, None, level, why)
    if sd is None:
        return LevelMean(n, mean, None, None, None, level, tuple((f, ONE_PERSON) for f in ("sd", "low", "high")))
    if sd == 0:
        return LevelMean(n, mean, sd, None, None, level, (("low", ALL_SAME), ("high", ALL_SAME)))
    half = t_quantile(n - 1, level) * sd / math.sqrt(n)
    return LevelMean(n, mean, sd, mean - half, mean + half, level)
