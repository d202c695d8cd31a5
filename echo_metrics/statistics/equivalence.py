"""Equivalence (no worthwhile change), power, and the smallest change a group of this size can show."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy import special

from echo_metrics.errors import UserError
from echo_metrics.statistics.checks import above, number, whole
from echo_metrics.statistics.paired_t import ALL_ALIKE, t_quantile
from echo_metrics.statistics.results import Reasons, WithReasons, check_level, withheld


@dataclass(frozen=True, slots=True)
class Tost(WithReasons):
    """Two one-sided tests of a mean change against -bound and +bound; `equivalent` when both reject at `alpha`.

    `low` to `high` is the 1 - 2 alpha interval that decides, `low95` to `high95` the usual one.
    """

    change: float
    bound: float
    t_lower: float | None
    p_lower: float | None
    t_upper: float | None
    p_upper: float | None
    low: float | None
    high: float | None
    low95: float | None
    high95: float | None
    equivalent: bool | None
    reasons: Reasons = ()


def tost(change: float, sd_change: float, n: int, bound: float, alpha: float = 0.05) -> Tost:
    """Whether a mean change is demonstrably smaller than the smallest change worth having.

    Parameters: mean change and its standard deviation in points, n pairs (at least 2), bound in points (above zero),
    alpha of each one-sided test (below 0.5). Returns `Tost`.

    Formula: t_lower = (m + bound) / (s / sqrt(n)), p_lower = P(T >= t_lower); t_upper = (m - bound) / ..., p_upper =
    P(T <= t_upper); n - 1 df; equivalent when both p < alpha, which is when the 1 - 2 alpha interval lies inside.

    When not to use it: a bound chosen after looking. Only this may say "no worthwhile change". No spread: None.

    Source: Schuirmann 1987, J Pharmacokinet Biopharm 15:657; Lakens 2017. Checked against TOSTER (record
    `tost_paired_summary`).
    """
    m, s = number(change, "change"), number(sd_change, "sd_change", 0.0)
    people, edge = whole(n, "n", 2), above(bound, "bound")
    a = number(alpha, "alpha")
    if not 0 < a < 0.5:
        raise UserError(f"alpha must lie between 0 and 0.5; {a:g} was given.")
    if s == 0:
        fields = ("t_lower", "p_lower", "t_upper", "p_upper", "low", "high", "low95", "high95", "equivalent")
        return Tost(change=m, bound=edge, **withheld(ALL_ALIKE, fields))
    df, se = people - 1, s / math.sqrt(people)
    t_lower, t_upper = (m + edge) / se, (m - edge) / se
    p_lower, p_upper = float(special.stdtr(df, -t_lower)), float(special.stdtr(df, t_upper))
    half, half95 = t_quantile(df, 1 - 2 * a) * se, t_quantile(df, 0.95) * se
    return Tost(
        m,
        edge,
        t_lower,
        p_lower,
        t_upper,
        p_upper,
        m - half,
        m + half,
        m - half95,
        m + half95,
        max(p_lower, p_upper) < a,
    )


def _t_power(noncentrality: float, df: float, alpha: float) -> float:
    """Power of a two-sided t-test: both tails of the noncentral t."""
    critical = float(special.stdtrit(df, 1 - alpha / 2))
    size = abs(noncentrality)
    below = float(special.nctdtr(df, size, critical))
    far = float(special.nctdtr(df, size, -critical))
    found = 1 - below + (far if math.isfinite(far) else 0.0)
    if not math.isfinite(found):
        # Far out the library gives up; there the power is one for any practical purpose.
        return 1.0
    return min(1.0, max(0.0, found))


def _check_alpha(alpha: float) -> float:
    a = number(alpha, "alpha")
    if not 0 < a < 1:
        raise UserError(f"alpha must lie between 0 and 1, such as 0.05; {a:g} was given.")
    return a


def power_two_sample(n: float, delta: float, sd: float = 1.0, alpha: float = 0.05) -> float:
    """Chance that a two-sided two-sample t-test with n people a group detects a difference of delta points.

    Parameters: n people in each group (at least 2, may be fractional), delta and sd in points (sd above zero), alpha.
    Returns 0 to 1.

    Formula: both tails of the noncentral t, 2 n - 2 df, noncentrality delta / (sd sqrt(2 / n)). R's `power.t.test`
    leaves out the far tail by default; the two differ by less than 0.0001 once the power is above one half.

    When not to use it: after the fact ("observed power" is the p-value again).

    Source: Cohen 1988. Checked against R `power.t.test` (record `power_two_sample_t`).

    >>> round(power_two_sample(20, 1), 4)
    0.869
    """
    people = number(n, "n", 2.0, 1e9)
    return _t_power(
        number(delta, "delta") / above(sd, "sd") * math.sqrt(people / 2), 2 * people - 2, _check_alpha(alpha)
    )


def power_paired(n: float, d_z: float, alpha: float = 0.05) -> float:
    """Chance that a two-sided paired t-test of n people detects a change of d_z standard deviations of the changes.

    Parameters: n pairs (at least 2), d_z, alpha. Returns 0 to 1.
    Formula: that of `power_two_sample`, with n - 1 df and noncentrality d_z sqrt(n).
    When not to use it: after the fact with the d_z that was seen ("observed power" is p in other words).
    Source: Cohen 1988, chapter 2. Checked against pwr 1.3-0 (record
    `minimal_detectable_effect_paired_a`).
    """
    people = number(n, "n", 2.0, 1e9)
    return _t_power(number(d_z, "d_z") * math.sqrt(people), people - 1, _check_alpha(alpha))


def _bisect(of: Callable[[float], float], wanted: float, low: float, high: float) -> float:
    """Where a rising function reaches `wanted`."""
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if of(middle) < wanted else (low, middle)
    return (low + high) / 2


def sample_size_two_sample(power: float, delta: float, sd: float = 1.0, alpha: float = 0.05) -> float | None:
    """People needed in each group for a wanted power, as a fraction (round it up); None above a hundred million.

    Parameters: power wanted, above alpha and below 1; delta (not zero) and sd in points; alpha. Formula: inverts
    `power_two_sample`; the smallest answer is 2. When not to use it: for the same people twice.
    Source: Cohen 1988, chapter 2. Checked against R `power.t.test` (record `power_two_sample_t`).
    """
    wanted = check_level(number(power, "power"))
    if number(delta, "delta") == 0:
        raise UserError("delta must not be zero: no number of people detects a difference of nothing.")
    most = 1e8
    if power_two_sample(most, delta, sd, alpha) < wanted:
        return None
    return _bisect(lambda n: power_two_sample(n, delta, sd, alpha), wanted, 2.0, most)


def minimal_detectable_effect(n: int, power: float = 0.8, alpha: float = 0.05) -> float:
    """Smallest standardised change (d_z) that n pairs show with the wanted power in a two-sided paired t-test.

    Parameters: n pairs, at least 2; power, above alpha and below 1; alpha. Returns d_z, in standard deviations of the
    changes.

    Formula: inverts `power_paired`. When not to use it: as a claim about the change that was found.

    Source: Cohen 1988. Checked against pwr 1.3-0 `pwr.t.test` (record `minimal_detectable_effect_paired_a`).

    >>> round(minimal_detectable_effect(26), 2)
    0.57
    """
    people, wanted, a = whole(n, "n", 2, 10**8), check_level(number(power, "power")), _check_alpha(alpha)
    if wanted <= a:
        raise UserError(f"power must be larger than alpha; {wanted:g} and {a:g} were given.")
    high = 1.0
    while power_paired(people, high, a) < wanted and high < 1e6:
        high *= 2
    return _bisect(lambda d: power_paired(people, d, a), wanted, 0.0, high)
