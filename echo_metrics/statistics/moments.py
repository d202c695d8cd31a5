"""Means, standard deviations and the correlation, from counts.

Sums run over whole numbers and are exact; only the last division rounds. So a standard deviation is zero
exactly when nobody differs, and no cancellation can make a variance negative.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from echo_metrics.statistics.counts import Counts, PairCounts


@dataclass(frozen=True, slots=True)
class Moments:
    """Number of people, mean and standard deviation (n - 1) of one score, in points.

    `mean` is None without people, `sd` is None with fewer than two.
    """

    n: int
    mean: float | None
    sd: float | None


def _sums(keys: tuple[int, ...], n: tuple[int, ...]) -> tuple[int, int, int]:
    total = sum(n)
    first = sum(count * key for key, count in zip(keys, n, strict=True))
    second = sum(count * key * key for key, count in zip(keys, n, strict=True))
    return total, first, total * second - first * first


def moments(counts: Counts) -> Moments:
    """Mean and standard deviation of a table of scores.

    Parameters: counts, scores in keys of 1/unit point. Returns `Moments` in points.
    Formula: mean = sum(n k) / N; sd = sqrt((N sum(n k^2) - (sum(n k))^2) / (N (N - 1))), both over the unit.

    When not to use it: the SD of fewer than two scores (None); neither says how a skewed table looks.
    Source: the definitions, in whole numbers until the last division. Checked against numpy `mean` and `std(ddof=1)`.

    >>> moments(Counts((1, 2, 3), (1, 1, 1)))
    Moments(n=3, mean=2.0, sd=1.0)
    """
    total, first, spread = _sums(counts.keys, counts.n)
    if total == 0:
        return Moments(0, None, None)
    mean = first / (total * counts.unit)
    if total == 1:
        return Moments(1, mean, None)
    return Moments(total, mean, math.sqrt(spread / (total * (total - 1) * counts.unit**2)))


def correlation(counts: PairCounts) -> float | None:
    """Pearson correlation of the score before with the score after, -1 to 1.

    Parameters: counts, pairs by score before and after. Returns None with fewer than two pairs, or where all scores
    before, or all scores after, are the same.
    Formula: r = (N sum(n x y) - sum(n x) sum(n y)) / sqrt(spread_x spread_y).
    When not to use it: of the baseline with the change, which holds the baseline itself.
    Source: Pearson 1895, in whole numbers until the last division. Checked against numpy `corrcoef`.
    """
    total, first_x, spread_x = _sums(counts.before, counts.n)
    _, first_y, spread_y = _sums(counts.after, counts.n)
    if total < 2 or spread_x == 0 or spread_y == 0:
        return None
    cross = sum(c * x * y for x, y, c in zip(counts.before, counts.after, counts.n, strict=True))
    joint = total * cross - first_x * first_y
    # The ratio of two exact integers first, so that huge keys can't overflow a float.
    return max(-1.0, min(1.0, joint / spread_x * math.sqrt(spread_x / spread_y)))
