"""The mean change of the same people, with its t interval and test: the primary analysis of a scale score."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

from echo_metrics.statistics.counts import PairCounts
from echo_metrics.statistics.moments import moments
from echo_metrics.statistics.results import Reasons, check_level, reason_for

NO_PAIRS = "Nobody has a score at both times."
ONE_PAIR = "One person can't show how much people differ; at least two are needed."
NOBODY_CHANGED = "Nobody's score changed, so there is nothing to test."
ALL_ALIKE = "Everyone's score changed by the same amount, so the spread that a test or interval needs is zero."


@dataclass(frozen=True, slots=True)
class PairedT:
    """Mean change in points (after minus before, positive = up), its interval at `level`, t, df and two-sided
    p.

    `reasons` says why a field is None.
    """

    n: int
    mean_change: float | None
    sd_change: float | None
    se: float | None
    level: float
    low: float | None
    high: float | None
    t: float | None
    df: int | None
    p: float | None
    reasons: Reasons = ()

    def reason(self, field: str) -> str | None:
        """Why `field` is None."""
        return reason_for(self.reasons, field)


def t_quantile(df: int, level: float) -> float:
    """Return the t value that holds the middle `level` of a t distribution with `df` degrees of freedom."""
    return float(special.stdtrit(df, (1 + check_level(level)) / 2))


def paired_t(counts: PairCounts, level: float = 0.95) -> PairedT:
    """How far the average of the same people moved, how sure that is, and whether chance alone explains it.

    Parameters: counts, pairs by score before and after (pairs with a missing score were dropped when
    counting); level, confidence level between 0 and 1.

    Returns `PairedT`, in points; positive is a rise, which is good only where higher is better.

    Formula: d = after - before; t = mean(d) / (sd(d) / sqrt(n)), df = n - 1; interval mean(d) +- t* sd(d) /
    sqrt(n).

    When not to use it: fewer than two pairs, or no spread of the changes: t, p and the interval are None with
    a reason. Rows of the same person from several sessions are not pairs of different people.

    Source: Student 1908, Biometrika 6:1-25; for Likert items Norman 2010, Adv Health Sci Educ 15:625.
    Checked against R 4.2.2 `t.test(post, pre, paired = TRUE)` (reference record `paired_t_sleep`) and scipy.

    >>> result = paired_t(PairCounts.from_scores([1, 2, 3, 4], [2, 3, 3, 5]))
    >>> result.mean_change, result.t, result.df
    (0.75, 3.0, 3)
    """
    check_level(level)
    change = moments(counts.differences)
    n, mean, sd = change.n, change.mean, change.sd
    tested = ("se", "low", "high", "t", "df", "p")
    if mean is None:
        missing = ("mean_change", "sd_change", *tested)
        return PairedT(0, None, None, None, level, None, None, None, None, None, tuple((f, NO_PAIRS) for f in missing))
    if sd is None:
        why = tuple((f, ONE_PAIR) for f in ("sd_change", *tested))
        return PairedT(n, mean, None, None, level, None, None, None, None, None, why)
    if sd == 0:
        sentence = NOBODY_CHANGED if mean == 0 else ALL_ALIKE
        why = tuple((f, sentence) for f in tested)
        return PairedT(n, mean, sd, None, level, None, None, None, None, None, why)
    se = sd / math.sqrt(n)
    t = mean / se
    half = t_quantile(n - 1, level) * se
    p = min(1.0, 2 * float(special.stdtr(n - 1, -abs(t))))
    return PairedT(n, mean, sd, se, level, mean - half, mean + half, t, n - 1, p)
