"""How two scores of the same people go together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from echo_metrics.statistics.checks import Array, numbers, same_length
from echo_metrics.statistics.exact_sums import MOST_ORDERED, random_order
from echo_metrics.statistics.rank_groups import midranks
from echo_metrics.statistics.results import Reasons, WithReasons, check_level, same_reason

FLAT = "All values of x, or all values of y, are the same."
TOO_FEW = "A correlation needs at least {} pairs."
TOO_MANY = f"Above {MOST_ORDERED} pairs there are too many orders for the exact p; use the asymptotic one."
TIED = "The exact distribution of tau knows no ties; use the asymptotic p."
PERFECT = "The correlation is perfect, so its interval has no width."


@dataclass(frozen=True, slots=True)
class Pearson(WithReasons):
    """Pearson's r with its interval at `level`, t, df and two-sided p."""

    n: int
    r: float | None
    low: float | None
    high: float | None
    t: float | None
    df: int | None
    p: float | None
    level: float
    reasons: Reasons = ()


def _columns(x: Any, y: Any) -> tuple[Array, Array]:
    first, second = numbers(x, "x"), numbers(y, "y")
    same_length(x=first, y=second)
    return first, second


def _product_moment(first: Array, second: Array) -> float:
    a, b = first - first.mean(), second - second.mean()
    a, b = a / np.abs(a).max(), b / np.abs(b).max()
    return max(-1.0, min(1.0, float(a @ b) / math.sqrt(float(a @ a) * float(b @ b))))


def pearson(x: Any, y: Any, level: float = 0.95) -> Pearson:
    """How closely two scores of the same people lie on a straight line, -1 to 1.

    Parameters: x and y, one value each a person, equally long; level, confidence level. Returns `Pearson`.

    Formula: r = sum(dx dy) / sqrt(sum dx^2 sum dy^2); t = r sqrt((n - 2) / (1 - r^2)), n - 2 df; interval tanh(atanh r
    +- z / sqrt(n - 3)).

    When not to use it: gain against baseline (the gain contains the baseline, so it is negative even for noise). Fewer
    than two pairs or a flat column: None; p needs three pairs, the interval four.

    Source: Fisher 1921, Metron 1:3. Checked against scipy.stats `pearsonr`.

    >>> pearson([1, 2, 3], [2, 4, 6]).r
    1.0
    """
    check_level(level)
    first, second = _columns(x, y)
    n = len(first)
    if n < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        why = TOO_FEW.format(2) if n < 2 else FLAT
        reasons = same_reason(why, "r", "low", "high", "t", "df", "p")
        return Pearson(n, None, None, None, None, None, None, level, reasons)
    r = _product_moment(first, second)
    if n < 3:
        reasons = same_reason(TOO_FEW.format(3), "t", "df", "p", "low", "high")
        return Pearson(n, r, None, None, None, None, None, level, reasons)
    if abs(r) == 1:
        return Pearson(n, r, None, None, None, n - 2, 0.0, level, same_reason(PERFECT, "t", "low", "high"))
    t = r * math.sqrt((n - 2) / ((1 - r) * (1 + r)))
    p = min(1.0, 2 * float(special.stdtr(n - 2, -abs(t))))
    if n < 4:
        reasons = same_reason(TOO_FEW.format(4), "low", "high")
        return Pearson(n, r, None, None, t, n - 2, p, level, reasons)
    half = float(special.ndtri((1 + level) / 2)) / math.sqrt(n - 3)
    return Pearson(n, r, math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half), t, n - 2, p, level)


@dataclass(frozen=True, slots=True)
class RankCorrelation(WithReasons):
    """A rank correlation with exact p-values (over all orders) and the two-sided asymptotic p."""

    n: int
    value: float | None
    p_exact: float | None
    p_exact_greater: float | None
    p_exact_less: float | None
    p_asymptotic: float | None
    reasons: Reasons = ()


RANK_FIELDS = ("value", "p_exact", "p_exact_greater", "p_exact_less", "p_asymptotic")


def _no_correlation(first: Array, second: Array) -> RankCorrelation | None:
    n = len(first)
    if n < 2:
        return RankCorrelation(n, None, None, None, None, None, same_reason(TOO_FEW.format(2), *RANK_FIELDS))
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return RankCorrelation(n, None, None, None, None, None, same_reason(FLAT, *RANK_FIELDS))
    return None


def spearman(x: Any, y: Any) -> RankCorrelation:
    """How closely the order of people by one score follows their order by another, -1 to 1.

    Parameters: x and y, one value each a person, equally long. Returns `RankCorrelation`.

    Formula: Pearson's r of the midranks; exact p over all n! orders of y given the ties, two-sided min(1, 2 min(P(rho
    >= seen), P(rho <= seen))); asymptotic p from t = rho sqrt((n - 2) / (1 - rho^2)).

    When not to use it: fewer than two pairs or a flat column (None). The exact p is None above 13 pairs.

    Source: Kendall and Gibbons 1990. Checked against R `cor.test(method = "spearman")` (record
    `spearman_kendall_tuna`) and full enumeration.

    >>> spearman([1, 2, 3], [1, 3, 2]).value
    0.5
    """
    first, second = _columns(x, y)
    none = _no_correlation(first, second)
    if none is not None:
        return none
    n = len(first)
    rank_x, rank_y = midranks(first), midranks(second)
    rho = _product_moment(rank_x, rank_y)
    if n < 3:
        asymptotic: float | None = None
    elif abs(rho) == 1:
        asymptotic = 0.0
    else:
        t = rho * math.sqrt((n - 2) / ((1 - rho) * (1 + rho)))
        asymptotic = min(1.0, 2 * float(special.stdtr(n - 2, -abs(t))))
    reasons: Reasons = () if n >= 3 else (("p_asymptotic", TOO_FEW.format(3)),)
    a, b = [round(2 * r) - 2 for r in rank_x], [round(2 * r) - 2 for r in rank_y]
    tail = random_order(a, b, sum(u * v for u, v in zip(a, b, strict=True)))
    if tail is None:
        reasons += same_reason(TOO_MANY, "p_exact", "p_exact_greater", "p_exact_less")
        return RankCorrelation(n, rho, None, None, None, asymptotic, reasons)
    less, greater, _ = tail
    return RankCorrelation(n, rho, min(1.0, 2 * min(less, greater)), greater, less, asymptotic, reasons)


def kendall(x: Any, y: Any) -> RankCorrelation:
    """How many more pairs of people two scores put in the same order than in opposite order, -1 to 1 (tau-b).

    Parameters: x and y, one value each a person, equally long. Returns `RankCorrelation`.

    Formula: tau_b = (C - D) / sqrt((pairs untied in x)(pairs untied in y)); exact p without ties from the numbers of
    inversions of n! orders, two-sided min(1, 2 min(tails)); asymptotic p from the tie-corrected variance.

    When not to use it: fewer than two pairs or a flat column (None). With ties the exact p is None.

    Source: Kendall 1938, Biometrika 30:81. Checked against R `cor.test(method = "kendall")` (record
    `spearman_kendall_tuna`) and scipy.stats `kendalltau`.

    >>> kendall([1, 2, 3], [1, 2, 3]).p_exact_greater
    0.16666666666666666
    """
    first, second = _columns(x, y)
    none = _no_correlation(first, second)
    if none is not None:
        return none
    n = len(first)
    surplus = 0.0
    for i in range(n - 1):
        surplus += float((np.sign(first[i + 1 :] - first[i]) * np.sign(second[i + 1 :] - second[i])).sum())
    ties_x = np.unique(first, return_counts=True)[1].astype(np.float64)
    ties_y = np.unique(second, return_counts=True)[1].astype(np.float64)
    pairs = n * (n - 1) / 2
    untied_x, untied_y = (
        pairs - float((ties_x * (ties_x - 1)).sum()) / 2,
        pairs - float((ties_y * (ties_y - 1)).sum()) / 2,
    )
    tau = max(-1.0, min(1.0, surplus / math.sqrt(untied_x * untied_y)))
    asymptotic = _kendall_p(surplus, n, ties_x, ties_y)
    reasons: Reasons = () if asymptotic is not None else (("p_asymptotic", TOO_FEW.format(3)),)
    exact_fields = ("p_exact", "p_exact_greater", "p_exact_less")
    if len(ties_x) < n or len(ties_y) < n or n > 400:
        why = TIED if n <= 400 else "Above 400 pairs use the asymptotic p."
        return RankCorrelation(n, tau, None, None, None, asymptotic, reasons + same_reason(why, *exact_fields))
    ways = np.ones(1)
    for size in range(2, n + 1):
        # Placing one more person adds 0 to size - 1 concordant pairs, each equally likely.
        padded = np.concatenate([np.cumsum(ways), np.full(size - 1, ways.sum())])
        padded[size:] -= np.cumsum(ways)[: len(padded) - size]
        ways = padded / size
    concordant = round((surplus + pairs) / 2)
    less, greater = min(1.0, float(ways[: concordant + 1].sum())), min(1.0, float(ways[concordant:].sum()))
    return RankCorrelation(n, tau, min(1.0, 2 * min(less, greater)), greater, less, asymptotic, reasons)


def _kendall_p(surplus: float, n: int, ties_x: Array, ties_y: Array) -> float | None:
    def triple(t: Array) -> float:
        return float((t * (t - 1) * (2 * t + 5)).sum())

    def pairs(t: Array) -> float:
        return float((t * (t - 1)).sum())

    def thirds(t: Array) -> float:
        return float((t * (t - 1) * (t - 2)).sum())

    if n < 3:
        return None
    variance = (n * (n - 1) * (2 * n + 5) - triple(ties_x) - triple(ties_y)) / 18
    variance += pairs(ties_x) * pairs(ties_y) / (2 * n * (n - 1))
    variance += thirds(ties_x) * thirds(ties_y) / (9 * n * (n - 1) * (n - 2))
    return min(1.0, 2 * float(special.ndtr(-abs(surplus) / math.sqrt(variance))))
