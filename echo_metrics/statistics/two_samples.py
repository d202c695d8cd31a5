"""Two groups that share some people, or none: partially overlapping samples, completers against those who left."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from echo_metrics.statistics.checks import Array, numbers, same_length, whole, wholes
from echo_metrics.statistics.results import Reasons, WithReasons, check_level, same_reason, withheld

TWO_PAIRS = "At least two people must be in both samples."
NO_SPREAD = "There is no spread within the samples, so there is nothing to test against."
TWO_EACH = "Each group needs at least two people."
EMPTY = "One of the groups is empty."


@dataclass(frozen=True, slots=True)
class TwoSampleT(WithReasons):
    """Difference a - b in points with its standard error, t, df, two-sided p and interval at `level`."""

    estimate: float | None
    se: float | None
    t: float | None
    df: float | None
    p: float | None
    low: float | None
    high: float | None
    level: float
    reasons: Reasons = ()


def _t_result(estimate: float, se: float, df: float, level: float) -> TwoSampleT:
    t = estimate / se
    half = float(special.stdtrit(df, (1 + level) / 2)) * se
    p = min(1.0, 2 * float(special.stdtr(df, -abs(t))))
    return TwoSampleT(estimate, se, t, df, p, estimate - half, estimate + half, level)


def _no_t(estimate: float | None, level: float, why: str) -> TwoSampleT:
    found = withheld(why, ("estimate", "se", "t", "df", "p", "low", "high"))
    if estimate is not None:
        found |= {"estimate": estimate, "reasons": found["reasons"][1:]}
    return TwoSampleT(level=level, **found)


@dataclass(frozen=True, slots=True)
class PartiallyOverlappingT:
    """The test with one common variance, and the one with a variance for each sample (Welch type)."""

    equal: TwoSampleT
    welch: TwoSampleT
    r: float


def _overlap(a_paired: Any, b_paired: Any, a_unpaired: Any, b_unpaired: Any) -> tuple[Array, Array, Array, Array]:
    pa, pb = numbers(a_paired, "a_paired"), numbers(b_paired, "b_paired")
    same_length(a_paired=pa, b_paired=pb)
    return pa, pb, numbers(a_unpaired, "a_unpaired"), numbers(b_unpaired, "b_unpaired")


def _correlation(first: Array, second: Array) -> float:
    # As the authors' package: no spread among the pairs counts as no correlation.
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return 0.0
    a, b = first - first.mean(), second - second.mean()
    return max(-1.0, min(1.0, float(a @ b) / math.sqrt(float(a @ a) * float(b @ b))))


def partially_overlapping_t(
    a_paired: Any, b_paired: Any, a_unpaired: Any, b_unpaired: Any, level: float = 0.95
) -> PartiallyOverlappingT:
    """Difference of two means where some people are in both samples and others in one only (unmatched records).

    Parameters: scores of the people in both samples, in the same order, at least two; scores of those in one sample
    only (may be empty); level. Returns `PartiallyOverlappingT`, a - b.

    Formula, n_c pairs, n_1 and n_2 all of each sample, r among the pairs: equal: t = (m_1 - m_2) / (S_p sqrt(1/n_1 +
    1/n_2 - 2 r n_c / (n_1 n_2))); Welch: denominator sqrt(s_1^2/n_1 + s_2^2/n_2 - 2 r s_1 s_2 n_c / (n_1 n_2)). df =
    (n_c - 1) + (g - n_c + 1) / (n_a + n_b + 2 n_c) (n_a + n_b), g = n_a + n_b + 2 n_c - 2 (equal) or Welch's df.

    When not to use it: fewer than two pairs, or no spread (None with a reason). It assumes that who is unmatched has
    nothing to do with the score; never mix matched and unmatched means without saying so.

    Source: Derrick, Russ, Toher and White 2017, JMASM 16(1); Derrick, Toher and White 2017, TQMP 13:120. Checked
    against Partiallyoverlapping 2.0 (record `partially_overlapping_t_derrick`).
    """
    check_level(level)
    pa, pb, ua, ub = _overlap(a_paired, b_paired, a_unpaired, b_unpaired)
    first, second = np.concatenate([pa, ua]), np.concatenate([pb, ub])
    n1, n2, pairs, alone = len(first), len(second), len(pa), len(ua) + len(ub)
    estimate = float(first.mean() - second.mean()) if n1 and n2 else None
    if estimate is None or pairs < 2:
        none = _no_t(estimate, level, TWO_PAIRS)
        return PartiallyOverlappingT(none, none, 0.0)
    r = _correlation(pa, pb)
    v1, v2 = float(first.var(ddof=1)), float(second.var(ddof=1))

    def df(own: float) -> float:
        return (pairs - 1) + (own - pairs + 1) / (alone + 2 * pairs) * alone

    pooled = ((n1 - 1) * v1 + (n2 - 1) * v2) / (n1 + n2 - 2)
    results = []
    for square, own in (
        (pooled * (1 / n1 + 1 / n2 - 2 * r * pairs / (n1 * n2)), float(n1 + n2 - 2)),
        (v1 / n1 + v2 / n2 - 2 * r * math.sqrt(v1 * v2) * pairs / (n1 * n2), _welch_df(v1, n1, v2, n2)),
    ):
        # Pairs that all changed alike leave a square of rounding noise only.
        usable = square > 1e-12 * max(v1, v2)
        results.append(
            _t_result(estimate, math.sqrt(square), df(own), level) if usable else _no_t(estimate, level, NO_SPREAD)
        )
    return PartiallyOverlappingT(results[0], results[1], r)


def _welch_df(v1: float, n1: int, v2: float, n2: int) -> float:
    top = (v1 / n1 + v2 / n2) ** 2
    bottom = (v1 / n1) ** 2 / (n1 - 1) + (v2 / n2) ** 2 / (n2 - 1)
    return top / bottom if bottom > 0 else float(n1 + n2 - 2)


@dataclass(frozen=True, slots=True)
class OverlappingZ(WithReasons):
    """Difference of two shares a - b with z, two-sided p and normal interval; `phi` among those in both samples."""

    estimate: float | None
    z: float | None
    p: float | None
    low: float | None
    high: float | None
    phi: float
    level: float
    reasons: Reasons = ()


def partially_overlapping_z(
    a_paired: Any, b_paired: Any, a_unpaired: Any, b_unpaired: Any, level: float = 0.95
) -> OverlappingZ:
    """Difference of two shares where some people are in both samples and others in one only.

    Parameters: answers, 1 yes and 0 no, as in `partially_overlapping_t`. Returns `OverlappingZ`, a - b.

    Formula (z8): (p_1 - p_2) / sqrt(p (1 - p) (1/n_1 + 1/n_2 - 2 phi n_c / (n_1 n_2))), p the pooled share, phi the
    correlation among the pairs; interval estimate +- z times the same root.

    When not to use it: fewer than two pairs, everyone answering alike (None with a reason); small expected counts.

    Source: Derrick, Dobson-Mckittrick, Toher and White 2015, JAQM 10(3). Checked against the worked example of that
    paper (15 pairs, 9 and 6 alone: p = 0.053).
    """
    check_level(level)
    for name, values in (
        ("a_paired", a_paired),
        ("b_paired", b_paired),
        ("a_unpaired", a_unpaired),
        ("b_unpaired", b_unpaired),
    ):
        for i, value in enumerate(wholes(values, name)):
            numbers([value], f"{name} at place {i},", 1, 0.0, 1.0)
    pa, pb, ua, ub = _overlap(a_paired, b_paired, a_unpaired, b_unpaired)
    first, second = np.concatenate([pa, ua]), np.concatenate([pb, ub])
    n1, n2, pairs = len(first), len(second), len(pa)
    tested = ("z", "p", "low", "high")
    if not n1 or not n2:
        return OverlappingZ(None, None, None, None, None, 0.0, level, same_reason(EMPTY, "estimate", *tested))
    estimate = float(first.mean() - second.mean())
    if pairs < 2:
        return OverlappingZ(estimate, None, None, None, None, 0.0, level, same_reason(TWO_PAIRS, *tested))
    phi = _correlation(pa, pb)
    pooled = float(first.sum() + second.sum()) / (n1 + n2)
    square = pooled * (1 - pooled) * (1 / n1 + 1 / n2 - 2 * phi * pairs / (n1 * n2))
    if square <= 1e-15:
        return OverlappingZ(estimate, None, None, None, None, phi, level, same_reason(NO_SPREAD, *tested))
    se = math.sqrt(square)
    half = float(special.ndtri((1 + level) / 2)) * se
    p = min(1.0, 2 * float(special.ndtr(-abs(estimate / se))))
    return OverlappingZ(estimate, estimate / se, p, estimate - half, estimate + half, phi, level)


@dataclass(frozen=True, slots=True)
class CompleterComparison(WithReasons):
    """Completers less non-completers at the start: Welch's t-test and the standardised difference (flag above 0.25)."""

    welch: TwoSampleT
    standardised_difference: float | None
    reasons: Reasons = ()


def completer_comparison(completers: Any, non_completers: Any, level: float = 0.95) -> CompleterComparison:
    """Whether those who stayed differed at the start from those who left.

    Parameters: scores at the start of both groups; level. Returns `CompleterComparison`.

    Formula: Welch's t with Satterthwaite's df; standardised difference = difference / sqrt((s_1^2 + s_2^2) / 2).

    When not to use it: as proof of no bias. A non-significant difference is not evidence that leaving was harmless.
    Fewer than two people in a group, or no spread: None with a reason.

    Source: Welch 1947, Biometrika 34:28; Austin 2009, Stat Med 28:3083. Checked against R `t.test` (record
    `attrition_baseline_welch_1`).
    """
    check_level(level)
    first, second = numbers(completers, "completers"), numbers(non_completers, "non_completers")
    n1, n2 = len(first), len(second)
    estimate = float(first.mean() - second.mean()) if n1 and n2 else None
    why = EMPTY if estimate is None else TWO_EACH
    if estimate is None or n1 < 2 or n2 < 2:
        return CompleterComparison(_no_t(estimate, level, why), None, same_reason(why, "standardised_difference"))
    v1 = 0.0 if np.ptp(first) == 0 else float(first.var(ddof=1))
    v2 = 0.0 if np.ptp(second) == 0 else float(second.var(ddof=1))
    if v1 + v2 == 0:
        none = _no_t(estimate, level, NO_SPREAD)
        return CompleterComparison(none, None, same_reason(NO_SPREAD, "standardised_difference"))
    welch = _t_result(estimate, math.sqrt(v1 / n1 + v2 / n2), _welch_df(v1, n1, v2, n2), level)
    return CompleterComparison(welch, estimate / math.sqrt((v1 + v2) / 2))


def standardised_share_difference(x1: int, n1: int, x2: int, n2: int) -> float | None:
    """How far two groups differ in a share, in standard deviations, as baseline tables print it.

    Parameters: x1 of n1 people in the first group, x2 of n2 in the second. Returns first minus second, or None for an
    empty group or where both shares are 0 or both are 1.

    Formula: (p1 - p2) / sqrt((p1 (1 - p1) + p2 (1 - p2)) / 2).

    When not to use it: as a test; a small difference is no evidence that groups are alike in what was not asked.

    Source: Austin 2009, Commun Stat Simul Comput 38:1228. Checked against the standardised difference of 0/1 columns
    (population variances) in numpy.

    >>> round(standardised_share_difference(6, 10, 2, 10), 3)
    0.894
    """
    first, second = whole(n1, "n1"), whole(n2, "n2")
    if not first or not second:
        return None
    p1, p2 = whole(x1, "x1", 0, first) / first, whole(x2, "x2", 0, second) / second
    spread = (p1 * (1 - p1) + p2 * (1 - p2)) / 2
    return (p1 - p2) / math.sqrt(spread) if spread > 0 else None
