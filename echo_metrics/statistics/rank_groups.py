"""Rank tests of different people: two groups, several groups, ordered groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from echo_metrics.statistics.checks import Array, numbers, rectangle, sequence
from echo_metrics.statistics.exact_sums import random_choice
from echo_metrics.statistics.keys import keyed
from echo_metrics.statistics.results import Reasons, WithReasons, same_reason

ALL_TIED = "Every score is the same, so there is nothing to rank."
TOO_MANY = "There are too many people or values for an exact distribution."
APART = "The two groups do not overlap, so the variance that the test needs is zero."
TWO_EACH = "Each group needs at least two people."


def midranks(values: Array) -> Array:
    """Ranks from 1, ties sharing the average of their places."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Array = (last - (counts - 1) / 2)[inverse]
    return ranks


def _tie_sum(values: Array) -> float:
    counts = np.unique(values, return_counts=True)[1].astype(np.float64)
    return float((counts**3 - counts).sum())


def _groups(groups: Any, at_least: int = 2) -> list[Array]:
    return [numbers(group, f"groups[{i}]", 1) for i, group in enumerate(sequence(groups, "groups", at_least))]


@dataclass(frozen=True, slots=True)
class KruskalWallis(WithReasons):
    """H with ties corrected, its df and p, and rank epsilon-squared: 0 no difference, 1 groups fully apart."""

    h: float | None
    df: int
    p: float | None
    epsilon2: float | None
    reasons: Reasons = ()


def kruskal_wallis(groups: Sequence[Any]) -> KruskalWallis:
    """Whether some groups of different people tend to score higher than others.

    Parameters: groups, at least two lists of scores, none empty. Returns `KruskalWallis`.

    Formula: H = 12 / (N (N + 1)) sum R_g^2 / n_g - 3 (N + 1), over 1 - sum(t^3 - t) / (N^3 - N); chi-square with
    groups - 1 df; epsilon2 = H / (N - 1).

    When not to use it: all scores equal (None); groups under five people, where the chi-square is rough.

    Source: Kruskal and Wallis 1952, JASA 47:583; Tomczak and Tomczak 2014 (epsilon squared). Checked against R
    `kruskal.test` and effectsize (record `kruskal_mucociliary`).
    """
    lists = _groups(groups)
    every = np.concatenate(lists)
    n, df = len(every), len(lists) - 1
    ties = 1 - _tie_sum(every) / (float(n) ** 3 - n) if n > 1 else 0.0
    if np.ptp(every) == 0 or ties <= 0:
        return KruskalWallis(None, df, None, None, same_reason(ALL_TIED, "h", "p", "epsilon2"))
    # Ranks about their mean, so that equal groups give zero exactly.
    ranks = midranks(every) - (n + 1) / 2
    ends = np.cumsum([len(group) for group in lists])
    sums = [float(part.sum()) for part in np.split(ranks, ends[:-1])]
    h = 12 / (n * (n + 1)) * sum(s * s / len(g) for s, g in zip(sums, lists, strict=True)) / ties
    return KruskalWallis(h, df, float(special.chdtrc(df, h)), h / (n - 1))


@dataclass(frozen=True, slots=True)
class MannWhitney(WithReasons):
    """Mann-Whitney: `w` is how often someone of a scores above someone of b (ties half), of n_a n_b pairs.

    p-values two-sided: normal without continuity correction, exact given the ties, and the exact permutation test
    of the means.
    """

    w: float
    p_asymptotic: float | None
    p_exact: float | None
    p_permutation: float | None
    reasons: Reasons = ()


def mann_whitney(a: Any, b: Any) -> MannWhitney:
    """Whether one group of people tends to score higher than another.

    Parameters: a and b, scores of different people, neither list empty. Returns `MannWhitney`.

    Formula: W = rank sum of a - n_a (n_a + 1) / 2 with midranks; normal variance n_a n_b / 12 (N + 1 - sum(t^3 - t) /
    (N (N - 1))). Exact: all choices of n_a of the N midranks (or scores) equally likely; p adds the choices whose sum
    is as far from its mean as the one seen, or farther.

    When not to use it: all scores equal (None). The exact forms are None above a few hundred people.

    Source: Mann and Whitney 1947; Pitman 1937 (permutation). Checked against exactRankTests 0.8.35 (record
    `mann_whitney_exact_ties_bloodp`).
    """
    first, second = numbers(a, "a", 1), numbers(b, "b", 1)
    every = np.concatenate([first, second])
    m, k, n = len(first), len(second), len(every)
    ranks = midranks(every)
    w = float(ranks[:m].sum()) - m * (m + 1) / 2
    if np.ptp(every) == 0:
        return MannWhitney(w, None, None, None, same_reason(ALL_TIED, "p_asymptotic", "p_exact", "p_permutation"))
    variance = m * k / 12 * (n + 1 - _tie_sum(every) / (n * (n - 1)))
    z = (w - m * k / 2) / math.sqrt(variance)
    exact = _two_sided([round(2 * rank) for rank in ranks], m)
    (keys,), _ = keyed(every.tolist())
    permutation = _two_sided(keys, m)
    reasons = [(f, TOO_MANY) for f, p in (("p_exact", exact), ("p_permutation", permutation)) if p is None]
    return MannWhitney(w, min(1.0, 2 * float(special.ndtr(-abs(z)))), exact, permutation, tuple(reasons))


def _two_sided(values: list[int], chosen: int) -> float | None:
    """P(|sum - mean| >= the distance seen) over all choices of `chosen` values, the first ones having been seen."""
    n, total = len(values), sum(values)
    if chosen > n - chosen:
        # The others' sum lies as far from its mean, and fewer of them are quicker to count.
        values, chosen = values[chosen:] + values[:chosen], n - chosen
    # Distances from the mean times n stay whole.
    distance = abs(n * sum(values[:chosen]) - chosen * total)
    if distance == 0:
        return 1.0
    tails = random_choice(values, chosen, (chosen * total - distance) // n, -((-chosen * total - distance) // n))
    return None if tails is None else min(1.0, tails[0] + tails[1])


@dataclass(frozen=True, slots=True)
class BrunnerMunzel(WithReasons):
    """Brunner-Munzel statistic (positive when y tends to be larger), df, two-sided p, and P(x < y) + P(x = y) / 2."""

    statistic: float | None
    df: float | None
    p: float | None
    probability: float
    reasons: Reasons = ()


def brunner_munzel(x: Any, y: Any) -> BrunnerMunzel:
    """Whether someone of one group tends to score higher than someone of another, spreads allowed to differ.

    Parameters: x and y, scores of different people, at least one each. Returns `BrunnerMunzel`.

    Formula: statistic n_x n_y (mean rank y - mean rank x) / (N sqrt(n_x S_x + n_y S_y)), S the variances of overall
    less within-group midranks; t with Satterthwaite's df.

    When not to use it: the groups do not overlap, or a group of one (None); below 10 a group the t is rough.

    Source: Brunner and Munzel 2000, Biom J 42:17. Checked against scipy, statsmodels, lawstat (record
    `brunner_munzel_pain`).
    """
    first, second = numbers(x, "x", 1), numbers(y, "y", 1)
    m, k = len(first), len(second)
    ranks = midranks(np.concatenate([first, second]))
    mean_x, mean_y = float(ranks[:m].mean()), float(ranks[m:].mean())
    probability = (mean_y - (k + 1) / 2) / m
    fields = ("statistic", "df", "p")
    if m < 2 or k < 2:
        return BrunnerMunzel(None, None, None, probability, same_reason(TWO_EACH, *fields))
    gap_x, gap_y = ranks[:m] - midranks(first), ranks[m:] - midranks(second)
    s_x, s_y = float(gap_x.var(ddof=1)), float(gap_y.var(ddof=1))
    spread = m * s_x + k * s_y
    if spread <= 1e-12:
        why = ALL_TIED if probability == 0.5 else APART
        return BrunnerMunzel(None, None, None, probability, same_reason(why, *fields))
    statistic = m * k * (mean_y - mean_x) / ((m + k) * math.sqrt(spread))
    df = spread**2 / ((m * s_x) ** 2 / (m - 1) + (k * s_y) ** 2 / (k - 1))
    return BrunnerMunzel(statistic, df, min(1.0, 2 * float(special.stdtr(df, -abs(statistic)))), probability)


@dataclass(frozen=True, slots=True)
class RankBiserialIndependent:
    """Rank-biserial (Cliff's delta), -1 to 1, and the chance that someone of a scores above someone of b."""

    rank_biserial: float
    probability_superiority: float


def rank_biserial_independent(a: Any, b: Any) -> RankBiserialIndependent:
    """How far two groups of different people are apart: 1 if everyone of a scores above everyone of b.

    Parameters: a and b, scores, neither list empty. Returns `RankBiserialIndependent`.
    Formula: probability = (pairs with a > b + half the ties) / (n_a n_b); rank-biserial = 2 probability - 1.
    When not to use it: the same people twice, which `rank_biserial` and `probability_of_improvement` answer.
    Source: Cliff 1993, Psychol Bull 114:494. Checked against effectsize (record `rank_biserial_independent`).

    >>> rank_biserial_independent([2, 3], [1, 2]).rank_biserial
    0.75
    """
    first, second = numbers(a, "a", 1), numbers(b, "b", 1)
    m, k = len(first), len(second)
    w = float(midranks(np.concatenate([first, second]))[:m].sum()) - m * (m + 1) / 2
    return RankBiserialIndependent(2 * w / (m * k) - 1, w / (m * k))


@dataclass(frozen=True, slots=True)
class Jonckheere(WithReasons):
    """Jonckheere-Terpstra: J with its mean and SD under no trend, z, and normal p for a rising and either trend."""

    j: float
    mean: float
    sd: float
    z: float | None
    p_increasing: float | None
    p: float | None
    reasons: Reasons = ()


def jonckheere(groups: Sequence[Any]) -> Jonckheere:
    """Whether scores rise (or fall) from group to group in an order fixed beforehand, such as attendance bands.

    Parameters: groups, at least two lists of scores in their order, none empty. Returns `Jonckheere`.

    Formula: J = over all pairs of groups the pairs of people with the later higher, ties half; mean (N^2 - sum n_g^2)
    / 4; tie-corrected variance of Hollander and Wolfe (6.19); normal, no continuity correction.

    When not to use it: all scores equal (z and p None); groups without a natural order.

    Source: Hollander, Wolfe and Chicken 2014, section 6.2. Checked against their example 6.2 (record
    `jonckheere_trend_motivation`).
    """
    lists = _groups(groups)
    j = 0.0
    for i, earlier in enumerate(lists):
        ordered = np.sort(earlier)
        for later in lists[i + 1 :]:
            below = np.searchsorted(ordered, later, side="left")
            upto = np.searchsorted(ordered, later, side="right")
            j += float(below.sum() + upto.sum()) / 2
    sizes = np.array([len(group) for group in lists], dtype=np.float64)
    every = np.concatenate(lists)
    n = float(len(every))
    ties = np.unique(every, return_counts=True)[1].astype(np.float64)
    mean = float((n**2 - (sizes**2).sum()) / 4)

    def triple(t: Array) -> float:
        return float((t * (t - 1) * (2 * t + 5)).sum())

    variance = (n * (n - 1) * (2 * n + 5) - triple(sizes) - triple(ties)) / 72
    if n > 2:
        thirds = float((sizes * (sizes - 1) * (sizes - 2)).sum()) * float((ties * (ties - 1) * (ties - 2)).sum())
        variance += thirds / (36 * n * (n - 1) * (n - 2))
    variance += float((sizes * (sizes - 1)).sum()) * float((ties * (ties - 1)).sum()) / (8 * n * (n - 1))
    if np.ptp(every) == 0 or variance <= 1e-12:
        return Jonckheere(j, mean, 0.0, None, None, None, same_reason(ALL_TIED, "z", "p_increasing", "p"))
    sd = math.sqrt(variance)
    z = (j - mean) / sd
    return Jonckheere(j, mean, sd, z, float(special.ndtr(-z)), min(1.0, 2 * float(special.ndtr(-abs(z)))))


@dataclass(frozen=True, slots=True)
class Friedman(WithReasons):
    """Friedman's chi-square with ties corrected, df, p, and Kendall's W: 0 no agreement on the order, 1 complete."""

    chi2: float | None
    df: int
    p: float | None
    kendall_w: float | None
    reasons: Reasons = ()


def friedman(rows: Any) -> Friedman:
    """Whether scores differ over two or more occasions in the same people.

    Parameters: rows, one list of scores a person, one column an occasion. Returns `Friedman`.

    Formula: ranks within each person; chi2 = (k - 1) sum (R_j - n (k + 1) / 2)^2 / (sum of squared ranks - n k
    (k + 1)^2 / 4), k - 1 df; W = chi2 / (n (k - 1)).

    When not to use it: everyone scored alike on all occasions (None); a missing occasion (leave the person out).

    Source: Friedman 1937, JASA 32:675. Checked against R `friedman.test` (record `friedman_rounding_first_base`).
    """
    table = rectangle(rows, "rows", 1, 2)
    n, k = table.shape
    ranks = np.array([midranks(row) for row in table]) - (k + 1) / 2
    spread = float((ranks**2).sum())
    if spread == 0:
        return Friedman(None, k - 1, None, None, same_reason(ALL_TIED, "chi2", "p", "kendall_w"))
    chi2 = (k - 1) * float((ranks.sum(axis=0) ** 2).sum()) / spread
    return Friedman(chi2, k - 1, float(special.chdtrc(k - 1, chi2)), chi2 / (n * (k - 1)))
