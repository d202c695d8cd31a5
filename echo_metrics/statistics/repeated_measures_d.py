"""The standardised paired changes of other software, with their normal-theory errors, and of summary statistics."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

from echo_metrics.statistics.checks import above, number, whole
from echo_metrics.statistics.counts import PairCounts
from echo_metrics.statistics.effect_sizes import hedges_j
from echo_metrics.statistics.moments import correlation, moments
from echo_metrics.statistics.paired_t import ALL_ALIKE, NO_PAIRS, NOBODY_CHANGED, ONE_PAIR
from echo_metrics.statistics.results import Reasons, WithReasons, check_level

SAME_BEFORE = "Everyone gave the same score before, so there is no spread to divide by."
NO_CORRELATION = "All scores at one of the two times are the same, so there is no correlation."
ALL_PARALLEL = "Before and after are perfectly correlated, so the spread that d_rm divides by is zero."


@dataclass(frozen=True, slots=True)
class Standardised:
    """A standardised change with its normal-theory standard error and interval; None with a reason."""

    value: float | None
    se: float | None
    low: float | None
    high: float | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RepeatedMeasuresD:
    """d_rm, d_av, d_z and Becker's d_b of one paired change, at one level; `j` is Hedges' factor for n - 1."""

    d_rm: Standardised
    d_av: Standardised
    d_z: Standardised
    d_b: Standardised
    j: float | None
    level: float


def _none(why: str) -> Standardised:
    return Standardised(None, None, None, None, why)


def repeated_measures_d(counts: PairCounts, level: float = 0.95) -> RepeatedMeasuresD:
    """How large the average change is, in the four standardisations that published studies use.

    Parameters: counts, pairs by score before and after; level, confidence level. Returns `RepeatedMeasuresD`
    (after minus before, in standard deviations; not corrected for small samples: multiply by `j` for g).

    Formula, m the mean change, r the correlation, s1 and s2 the standard deviations before and after, s_d of the
    changes: d_z = m / s_d, SE^2 = 1/n + d^2/2n; d_rm = m / (s_d / sqrt(2 (1 - r))), SE^2 = (1/n + d^2/2n) 2 (1 - r);
    d_av = m / sqrt((s1^2 + s2^2) / 2), SE^2 = 2 s_d^2 / (n (s1^2 + s2^2)); d_b = m / s1, SE^2 = 2 (1 - r)/n + d^2/2n.
    Interval: normal, d +- z SE.

    When not to use it: as a headline. Normal intervals cover 90-92% instead of 95% at n = 10; `effect_sizes` gives
    noncentral-t limits. Without a spread or a correlation the figures that need it are None with a reason.

    Source: Cooper, Hedges and Valentine 2009, eq. 12.21; Algina and Keselman 2003; Hedges and Olkin 1985; Becker
    1988. Checked against R 4.2.2 and the formulae of effectsize 1.0.3 (record `repeated_measures_d_family_sleep`).

    >>> found = repeated_measures_d(PairCounts.from_scores([1, 2, 3, 4], [2, 3, 3, 5]))
    >>> found.d_z.value
    1.5
    """
    check_level(level)
    change = moments(counts.differences)
    before, after = moments(counts.before_counts), moments(counts.after_counts)
    n, mean, j = change.n, change.mean, hedges_j(change.n - 1)
    if mean is None or change.sd is None or before.sd is None or after.sd is None:
        none = _none(NO_PAIRS if mean is None else ONE_PAIR)
        return RepeatedMeasuresD(none, none, none, none, j, level)
    if change.sd == 0:
        none = _none(NOBODY_CHANGED if mean == 0 else ALL_ALIKE)
        return RepeatedMeasuresD(none, none, none, none, j, level)
    z = float(special.ndtri((1 + level) / 2))

    def size(scale: float, se_squared: float) -> Standardised:
        value, se = mean / scale, math.sqrt(se_squared)
        return Standardised(value, se, value - z * se, value + z * se)

    d_z = mean / change.sd
    both = before.sd**2 + after.sd**2
    r = correlation(counts)
    by_rm = _none(NO_CORRELATION)
    by_before = _none(SAME_BEFORE if before.sd == 0 else NO_CORRELATION)
    if r is not None:
        apart = 2 * (1 - r)
        if apart <= 0:
            by_rm = _none(ALL_PARALLEL)
        else:
            d_rm = d_z * math.sqrt(apart)
            by_rm = size(change.sd / math.sqrt(apart), (1 / n + d_rm**2 / (2 * n)) * apart)
        by_before = size(before.sd, max(0.0, apart) / n + (mean / before.sd) ** 2 / (2 * n))
    return RepeatedMeasuresD(
        d_rm=by_rm,
        d_av=size(math.sqrt(both / 2), 2 * change.sd**2 / (n * both)),
        d_z=size(change.sd, 1 / n + d_z**2 / (2 * n)),
        d_b=by_before,
        j=j,
        level=level,
    )


@dataclass(frozen=True, slots=True)
class StandardisedMeanChange(WithReasons):
    """Bias-corrected standardised mean changes with their sampling variances: SMCC by the spread of the changes,
    SMCR by the spread before."""

    smcc: float | None
    smcc_variance: float | None
    smcr: float | None
    smcr_variance: float | None
    reasons: Reasons = ()


def standardised_mean_change(
    mean_before: float, mean_after: float, sd_before: float, sd_after: float, n: int, r: float
) -> StandardisedMeanChange:
    """Standardised change of a study of which only means, standard deviations and the correlation are known.

    Parameters: means and standard deviations in points (above zero), n pairs (at least 3), r from -1 to 1.
    Returns `StandardisedMeanChange`, after minus before.

    Formula: SMCC = J m / s_d with s_d^2 = s1^2 + s2^2 - 2 r s1 s2, variance 1/n + SMCC^2/2n; SMCR = J m / s1,
    variance 2 (1 - r)/n + SMCR^2/2n; J exact with n - 1 degrees of freedom.

    When not to use it: when the pairs themselves are at hand. SMCC is None when s_d is zero.

    Source: Morris 2008, Organ Res Methods 11:364; Gibbons, Hedeker and Davis 1993. Checked against metafor 3.8.1
    `escalc` (record `standardised_mean_change_morris_rows_1_2`).
    """
    change = number(mean_after, "m_post") - number(mean_before, "m_pre")
    s1, s2 = above(sd_before, "sd_pre"), above(sd_after, "sd_post")
    people, corr = whole(n, "n", 3), number(r, "r", -1.0, 1.0)
    j = hedges_j(people - 1)
    assert j is not None  # n >= 3
    smcr = j * change / s1
    smcr_variance = 2 * (1 - corr) / people + smcr**2 / (2 * people)
    # (s1 - s2)^2 + 2 (1 - r) s1 s2 is the same sum without cancellation.
    spread = math.sqrt((s1 - s2) ** 2 + 2 * (1 - corr) * s1 * s2)
    if spread == 0:
        why = (("smcc", ALL_ALIKE), ("smcc_variance", ALL_ALIKE))
        return StandardisedMeanChange(None, None, smcr, smcr_variance, why)
    smcc = j * change / spread
    return StandardisedMeanChange(smcc, 1 / people + smcc**2 / (2 * people), smcr, smcr_variance)
