"""Sizes of a paired change that compare across measures, each under its own name.

d_z divides by the spread of the changes and grows when people answer alike both times; d_av divides by the
average spread of the scores, compares across studies, and (as g_av) is the one to print. Say which.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

from echo_metrics.statistics.counts import Counts, PairCounts
from echo_metrics.statistics.moments import moments
from echo_metrics.statistics.paired_t import paired_t
from echo_metrics.statistics.proportion_intervals import paired_difference
from echo_metrics.statistics.results import Estimate, check_level
from echo_metrics.statistics.signed_rank import ZeroRule, signed_rank

TOO_EXTREME = "The changes are so alike that the interval's limits can't be computed."
LARGEST_T = 10_000.0
THREE_PAIRS = "The small-sample correction needs at least three pairs."
ONE_WAY = "Everyone who changed moved the same way, so the formula of this interval has no finite limits."
NOBODY_CHANGED = "Nobody's score changed."
NO_PAIRS = "Nobody has a score at both times."


def hedges_j(df: int) -> float | None:
    """Give Hedges' small-sample factor for `df` degrees of freedom; None below two, where it is zero.

    Parameters: df, degrees of freedom of the standard deviation that d was divided by (n - 1 for pairs).
    Formula: J = Gamma(df / 2) / (sqrt(df / 2) Gamma((df - 1) / 2)), about 1 - 3 / (4 df - 1).
    When not to use it: for d with a standardiser from elsewhere (norms), which has no error to correct.
    Source: Hedges 1981, J Educ Stat 6:107-128. Checked against effectsize 0.8.3 (records
    `cohens_dz_noncentral_t_ci_sleep`, `repeated_measures_d_family_sleep`).

    >>> round(hedges_j(9), 6)
    0.913875
    """
    if df < 2:
        return None
    return math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2)


def noncentral_t_limits(t: float, df: int, level: float = 0.95) -> tuple[float, float] | None:
    """Limits of the noncentrality parameter of which an observed `t` is a plausible outcome.

    Parameters: t, the statistic seen; df, its degrees of freedom; level, confidence level. Returns low and high.

    Formula: the lower limit makes P(T >= t) equal (1 - level) / 2, the upper limit makes P(T <= t) equal it. Uses
    `scipy.special.nctdtrinc` on |t| and mirrors the result, as root-finding on `scipy.stats.nct.cdf` can meet
    NaN.

    When not to use it: above |t| = 10,000 the search takes seconds, and no real data get there (None).

    Source: Steiger and Fouladi 1997, in What If There Were No Significance Tests?. Checked against R 4.2.2
    `pt(ncp = )` with `uniroot`.
    """
    tail = (1 - check_level(level)) / 2
    size = abs(t)
    if size > LARGEST_T:
        return None
    low = float(special.nctdtrinc(df, 1 - tail, size))
    high = float(special.nctdtrinc(df, tail, size))
    # Where the search fails it gives NaN, or a bound of its range that does not hold t.
    if not (math.isfinite(low) and math.isfinite(high) and low <= size * 1.5 and high >= size * 0.5 and low < high):
        return None
    return (low, high) if t >= 0 else (-high, -low)


@dataclass(frozen=True, slots=True)
class EffectSizes:
    """Standardised mean changes (after minus before, positive = up); `j` is the factor used for g."""

    d_z: Estimate
    d_av: Estimate
    g_z: Estimate
    g_av: Estimate
    j: float | None


def _scaled(estimate: Estimate, factor: float | None) -> Estimate:
    if estimate.value is None:
        return estimate
    if factor is None:
        return Estimate(None, None, None, estimate.level, THREE_PAIRS)
    low = None if estimate.low is None else estimate.low * factor
    high = None if estimate.high is None else estimate.high * factor
    return Estimate(estimate.value * factor, low, high, estimate.level, estimate.reason)


def effect_sizes(counts: PairCounts, level: float = 0.95) -> EffectSizes:
    """How large the average change is against how much people differ.

    Parameters: counts, pairs by score before and after; level, confidence level. Returns `EffectSizes`.

    Formula: d_z = mean(d) / sd(d); d_av = mean(d) / SD_av with SD_av = sqrt((s_before^2 + s_after^2) / 2);
    g = J d with n - 1 degrees of freedom. Interval of d_z: noncentral-t limits over sqrt(n); of d_av: those
    limits x sd(d) / SD_av; of g: those of d x J.

    When not to use it: fewer than two pairs, or no spread of the changes: None with a reason. g needs three
    pairs.

    Source: Cohen 1988; Hedges 1981, J Educ Stat 6:107; Lakens 2013, Front Psychol 4:863 (names d_z, d_av).
    Checked against R 4.2.2 `uniroot` on `pt` and effectsize 0.8.3 (reference records
    `cohens_dz_noncentral_t_ci_sleep`, `repeated_measures_d_family_sleep`). Ours differ from effectsize's d_av
    interval, which uses a normal standard error and covers too little below 60 pairs.

    >>> sizes = effect_sizes(PairCounts.from_scores([1, 2, 3, 4], [2, 3, 3, 5]))
    >>> sizes.d_z.value
    1.5
    """
    test = paired_t(counts, level)
    if test.t is None or test.mean_change is None or test.sd_change is None or test.df is None:
        why = test.reason("t")
        none = Estimate(None, None, None, level, why)
        return EffectSizes(none, none, none, none, hedges_j(test.n - 1))
    limits = noncentral_t_limits(test.t, test.df, level)
    root = math.sqrt(test.n)
    d_z = Estimate(
        test.mean_change / test.sd_change,
        None if limits is None else limits[0] / root,
        None if limits is None else limits[1] / root,
        level,
        TOO_EXTREME if limits is None else None,
    )
    sd_before, sd_after = moments(counts.before_counts).sd, moments(counts.after_counts).sd
    average = math.sqrt(((sd_before or 0.0) ** 2 + (sd_after or 0.0) ** 2) / 2)
    # Changes that differ imply scores that differ, so the average spread is above zero here.
    d_av = _scaled(d_z, test.sd_change / average)
    j = hedges_j(test.df)
    return EffectSizes(d_z, d_av, _scaled(d_z, j), _scaled(d_av, j), j)


def rank_biserial(differences: Counts, level: float = 0.95) -> Estimate:
    """Which way, and how consistently, people moved: 1 if everyone who changed went up, -1 if all went down.

    Parameters: differences, people by change (after minus before); level, confidence level.
    Returns an `Estimate` between -1 and 1; people who did not change are left out.

    Formula: r = (W+ - W-) / (W+ + W-), ranks without the zeros. Interval: tanh(atanh(r) +- z SE) with
    SE = sqrt((2 m^3 + 3 m^2 + m) / 6) / (m (m + 1) / 2), m = people who changed. It is approximate: the
    standard error assumes no ties and no true shift.

    When not to use it: nobody changed (None); everyone moved the same way (value without interval).

    Source: Kerby 2014, Compr Psychol 3:1; King, Rosopa and Minium 2011.
    Checked against effectsize 0.8.3 `rank_biserial(paired = TRUE)` (reference record
    `rank_biserial_matched_pairs_depression`). effectsize counts the non-zero first scores in m, we count the
    non-zero differences; the two differ where people stayed the same.

    >>> rank_biserial(Counts((-1, 0, 2), (1, 3, 2))).value
    0.6666666666666666
    """
    check_level(level)
    ranks = signed_rank(differences, ZeroRule.WILCOXON, "asymptotic")
    m = ranks.n - ranks.n_zeros
    if m == 0:
        return Estimate(None, None, None, level, NO_PAIRS if ranks.n == 0 else NOBODY_CHANGED)
    value = (ranks.w_plus - ranks.w_minus) / (ranks.w_plus + ranks.w_minus)
    if abs(value) == 1:
        return Estimate(value, None, None, level, ONE_WAY)
    se = math.sqrt((2 * m**3 + 3 * m**2 + m) / 6) / (m * (m + 1) / 2)
    half = float(special.ndtri((1 + level) / 2)) * se
    centre = math.atanh(value)
    return Estimate(value, math.tanh(centre - half), math.tanh(centre + half), level)


def probability_of_improvement(differences: Counts) -> float | None:
    """Share of people whose score went up, counting half of those who stayed: 0.5 means as many up as down.

    Parameters: differences, people by change (after minus before). Returns 0 to 1, or None without pairs.
    Formula: (n_up + n_same / 2) / n, person by person. The "common language effect size" of some packages
    compares everyone before with everyone after and so ignores who is who; it is not this.

    When not to use it: alone, as it does not say by how much people moved; different people before and after.
    Source: Grissom and Kim 2012, Effect Sizes for Research, chapter 5. Checked against reference family
    `paired_change` and against counting by hand.

    >>> probability_of_improvement(Counts((-1, 0, 1), (1, 2, 5)))
    0.75
    """
    if differences.total == 0:
        return None
    up, same, _ = _directions(differences)
    return (2 * up + same) / (2 * differences.total)


def improvement_interval(differences: Counts, level: float = 0.95) -> Estimate:
    """The probability of improvement with a score interval.

    Parameters: differences, people by change (after minus before); level, confidence level. Returns an `Estimate`
    between 0 and 1.

    Formula: 1/2 + D / 2, where D = (n_up - n_down) / n is the difference of two shares of the same people, with
    Tango's score interval for D. Only who went up, stayed and went down enters, not how far.

    When not to use it: no pairs (None). It tells of direction; the size is the mean change with its interval.

    Source: Tango 1998, Stat Med 17:891, applied to the shares that went up and down. Checked against
    `paired_difference` (record `paired_difference_proportions_tango`), against a search over the score test, and
    against `bootstrap_effects`.

    >>> found = improvement_interval(Counts((-1, 0, 1), (3, 4, 3)))
    >>> found.value, round(found.low + found.high, 9)
    (0.5, 1.0)
    """
    check_level(level)
    n = differences.total
    if n == 0:
        return Estimate(None, None, None, level, NO_PAIRS)
    up, same, down = _directions(differences)
    gap = paired_difference(0, up, down, same, level).tango
    assert gap.value is not None and gap.low is not None and gap.high is not None
    return Estimate((2 * up + same) / (2 * n), 0.5 + gap.low / 2, 0.5 + gap.high / 2, level)


def _directions(differences: Counts) -> tuple[int, int, int]:
    """How many went up, stayed and went down."""
    cells = list(zip(differences.keys, differences.n, strict=True))
    return (
        sum(count for key, count in cells if key > 0),
        sum(count for key, count in cells if key == 0),
        sum(count for key, count in cells if key < 0),
    )
