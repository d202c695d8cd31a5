"""Other intervals of one share, and intervals of a difference between two shares."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

from echo_metrics.statistics.checks import whole
from echo_metrics.statistics.proportions import NOBODY, Proportion, wilson
from echo_metrics.statistics.results import Estimate, check_level


def _checked(x: int, n: int, level: float) -> tuple[int, int]:
    check_level(level)
    people = whole(n, "n")
    return whole(x, "x", 0, people), people


def _nobody(level: float) -> Proportion:
    return Proportion(0, 0, None, None, None, level, NOBODY)


def clopper_pearson(x: int, n: int, level: float = 0.95) -> Proportion:
    """Share of people with the exact (Clopper-Pearson) interval, which covers at least `level`, mostly more.

    Parameters: x people out of n, 0 <= x <= n; level, confidence level. Returns `Proportion`.
    Formula: limits are the beta quantiles B((1 - level)/2; x, n - x + 1) and B((1 + level)/2; x + 1, n - x).
    When not to use it: n = 0 (None); as a headline it is wider than needed, `wilson` is the primary interval.
    Source: Clopper and Pearson 1934, Biometrika 26:404. Checked against R 4.2.2 `binom.test` (record
    `clopper_pearson_newcombe`).

    >>> clopper_pearson(0, 20).low
    0.0
    """
    x, n = _checked(x, n, level)
    if n == 0:
        return _nobody(level)
    tail = (1 - level) / 2
    low = 0.0 if x == 0 else float(special.betaincinv(x, n - x + 1, tail))
    high = 1.0 if x == n else float(special.betaincinv(x + 1, n - x, 1 - tail))
    return Proportion(x, n, x / n, low, high, level)


def jeffreys(x: int, n: int, level: float = 0.95) -> Proportion:
    """Share of people with the Jeffreys interval: equal tails of the posterior under a Beta(1/2, 1/2) prior.

    Parameters: x people out of n, 0 <= x <= n; level, confidence level. Returns `Proportion`.
    Formula: beta quantiles of (x + 1/2, n - x + 1/2); the lower limit is 0 at x = 0, the upper 1 at x = n.
    When not to use it: n = 0 (None). Source: Brown, Cai and DasGupta 2001, Stat Sci 16:101. Checked against
    DescTools `BinomCI` (record `proportion_ci_100_of_200_all_methods`).

    >>> jeffreys(20, 20).high
    1.0
    """
    x, n = _checked(x, n, level)
    if n == 0:
        return _nobody(level)
    tail = (1 - level) / 2
    low = 0.0 if x == 0 else float(special.betaincinv(x + 0.5, n - x + 0.5, tail))
    high = 1.0 if x == n else float(special.betaincinv(x + 0.5, n - x + 0.5, 1 - tail))
    return Proportion(x, n, x / n, low, high, level)


def wald(x: int, n: int, level: float = 0.95) -> Proportion:
    """NOT TO BE USED for reporting: the textbook interval p +- z sqrt(p (1 - p) / n), for comparison with others' work.

    Parameters: x people out of n, 0 <= x <= n; level, confidence level. Returns `Proportion`, not cut at 0 and 1.
    When not to use it: always. At 97% of 37 people it covers 67% of the time instead of 95%, and at 0% or 100% it
    has no width at all.
    Source: Wald 1943, Trans Am Math Soc 54:426. Checked against record `proportion_ci_100_of_200_all_methods`.
    """
    x, n = _checked(x, n, level)
    if n == 0:
        return _nobody(level)
    p = x / n
    half = float(special.ndtri((1 + level) / 2)) * math.sqrt(p * (1 - p) / n)
    return Proportion(x, n, p, p - half, p + half, level)


def difference_of_proportions(x1: int, n1: int, x2: int, n2: int, level: float = 0.95) -> Estimate:
    """How much larger one group's share is than another's, in different people.

    Parameters: x1 of n1 people in the first group, x2 of n2 in the second; level, confidence level.
    Returns an `Estimate` of p1 - p2, between -1 and 1 (0.1 = ten percentage points).

    Formula: Newcombe's hybrid score interval: with Wilson limits (l, u) of each share, low = d -
    sqrt((p1 - l1)^2 + (u2 - p2)^2), high = d + sqrt((u1 - p1)^2 + (p2 - l2)^2). No continuity correction.

    When not to use it: the same people twice (use `paired_difference`); an empty group (None).

    Source: Newcombe 1998, Stat Med 17:873, method 10. Checked against ratesci `moverci` and Fagerland et al 2015
    (record `two_proportions_newcombe_ritland`).

    >>> difference_of_proportions(1, 2, 1, 2).value
    0.0
    """
    first, second = wilson(*_named(x1, n1, "1"), level), wilson(*_named(x2, n2, "2"), level)
    if first.value is None or second.value is None:
        return Estimate(None, None, None, level, "One of the groups is empty.")
    assert first.low is not None and first.high is not None and second.low is not None and second.high is not None
    gap = first.value - second.value
    low = gap - math.hypot(first.value - first.low, second.high - second.value)
    high = gap + math.hypot(first.high - first.value, second.value - second.low)
    return Estimate(gap, low, high, level)


def _named(x: int, n: int, group: str) -> tuple[int, int]:
    people = whole(n, f"n{group}")
    return whole(x, f"x{group}", 0, people), people


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """Difference of two shares of the same people: the estimate with Tango's and Newcombe's interval."""

    n: int
    estimate: float | None
    tango: Estimate
    newcombe: Estimate


def paired_difference(
    both: int, first_only: int, second_only: int, neither: int, level: float = 0.95
) -> PairedDifference:
    """How much larger the first share is than the second, in the same people (say, top box after and before).

    Parameters: counts of people who said yes both times, the first time only, the second only, neither; level.
    Returns `PairedDifference`: (first_only - second_only) / n, between -1 and 1.

    Formula: Tango's interval holds the differences D with |b - c - n D| <= z sqrt(n (2 q + D (1 - D))), q the
    maximum-likelihood share of `second_only` given D, the larger root of 2n q^2 + (-b - c + (2n - b + c) D) q -
    c D (1 - D) = 0. Newcombe's method 10 squares and adds the Wilson limits of both shares with their phi.

    When not to use it: nobody (None). Different people: `difference_of_proportions`.

    Source: Tango 1998, Stat Med 17:891; Newcombe 1998, Stat Med 17:2635, method 10. Checked against ratesci (record
    `paired_difference_proportions_tango`).
    """
    check_level(level)
    a, b, c, d = (
        whole(value, name)
        for value, name in (
            (both, "both"),
            (first_only, "first_only"),
            (second_only, "second_only"),
            (neither, "neither"),
        )
    )
    n = a + b + c + d
    if n == 0:
        none = Estimate(None, None, None, level, NOBODY)
        return PairedDifference(0, None, none, none)
    gap = (b - c) / n
    z = float(special.ndtri((1 + level) / 2))
    high = _tango_limit(b, c, n, z)
    low = -_tango_limit(c, b, n, z)
    return PairedDifference(n, gap, Estimate(gap, low, high, level), _newcombe_paired(a, b, c, d, level))


def _tango_limit(b: int, c: int, n: int, z: float) -> float:
    """Largest difference that the score test does not reject; the score falls as the difference grows."""

    def score(gap: float) -> float:
        middle = (2 * n - b + c) * gap - b - c
        root = math.sqrt(max(0.0, middle * middle + 8 * n * c * gap * (1 - gap)))
        q = max(0.0, (root - middle) / (4 * n))
        variance = n * (2 * q + gap * (1 - gap))
        distance = b - c - n * gap
        return distance / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, distance)

    low, high = (b - c) / n, 1.0
    if low >= 1.0:
        return 1.0
    # Bisection needs no derivative, and 200 halvings pass any float's precision.
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (low, middle) if score(middle) < -z else (middle, high)
    return high


def _newcombe_paired(a: int, b: int, c: int, d: int, level: float) -> Estimate:
    n = a + b + c + d
    first, second = wilson(a + b, n, level), wilson(a + c, n, level)
    assert first.value is not None and first.low is not None and first.high is not None
    assert second.value is not None and second.low is not None and second.high is not None
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    cross = a * d - b * c
    # Method 10 pulls a positive association half a person towards zero.
    cross_used = max(cross - n / 2, 0.0) if cross > 0 else float(cross)
    phi = cross_used / math.sqrt(margins) if margins else 0.0
    low1, high1 = first.value - first.low, first.high - first.value
    low2, high2 = second.value - second.low, second.high - second.value
    gap = (b - c) / n
    below = math.sqrt(max(0.0, low1**2 - 2 * phi * low1 * high2 + high2**2))
    above = math.sqrt(max(0.0, high1**2 - 2 * phi * high1 * low2 + low2**2))
    return Estimate(gap, gap - below, gap + above, level)
