"""Money that nobody knows exactly: distributions by their moments, value of information, one-way sensitivity."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy import special

from echo_metrics.errors import UserError
from echo_metrics.roi.finance import LARGEST, amount, amounts


@dataclass(frozen=True, slots=True)
class Pert:
    """A beta-PERT distribution: shapes, mean, exact SD, and the 5%, 50% and 95% points."""

    shape1: float
    shape2: float
    mean: float
    sd: float
    q05: float
    q50: float
    q95: float


@dataclass(frozen=True, slots=True)
class Triangular:
    """A triangular distribution: mean, SD and the 5%, 50% and 95% points."""

    mean: float
    sd: float
    q05: float
    q50: float
    q95: float


def _three_points(low: Any, mode: Any, high: Any) -> tuple[float, float, float]:
    a, m, b = amount(low, "min"), amount(mode, "mode"), amount(high, "max")
    if not (a <= m <= b and a < b):
        raise UserError(f"min, mode and max must ascend, min below max; {a:g}, {m:g} and {b:g} were given.")
    return a, m, b


def pert(low: float, mode: float, high: float) -> Pert:
    """Smooth distribution of an amount of which the least, likeliest and largest value are judged.

    Parameters: low <= mode <= high, low < high. Returns `Pert`.

    Formula (lambda 4): shapes 1 + 4 (m - a)/(b - a) and 1 + 4 (b - m)/(b - a); mean (a + 4m + b)/6; SD sqrt((mean - a)
    (b - mean)/7), not (b - a)/6.

    When not to use it: ends that are not real limits. Source: Vose, Risk Analysis. Checked against R `qbeta` with
    mc2d's parameters (record `pert_triangular_3_5_10`).
    """
    a, m, b = _three_points(low, mode, high)
    width = b - a
    s1, s2 = 1 + 4 * (m - a) / width, 1 + 4 * (b - m) / width
    mean = (a + 4 * m + b) / 6
    sd = math.sqrt(max(0.0, (mean - a) * (b - mean) / 7))
    q05, q50, q95 = (a + width * float(special.betaincinv(s1, s2, p)) for p in (0.05, 0.5, 0.95))
    return Pert(s1, s2, mean, sd, q05, q50, q95)


def triangular(low: float, mode: float, high: float) -> Triangular:
    """Plain distribution of an amount of which the least, likeliest and largest value are judged; wider than PERT.

    Parameters: low <= mode <= high, low < high. Returns `Triangular`.
    Formula: mean (a + m + b)/3; variance (a^2 + m^2 + b^2 - am - ab - mb)/18; points by inverting the two straight
    halves. When not to use it: as `pert`. Source: Vose. Checked against record `pert_triangular_3_5_10`.
    """
    a, m, b = _three_points(low, mode, high)
    width, left, right = b - a, m - a, b - m

    def point(p: float) -> float:
        if p * width <= left:
            return a + math.sqrt(p * width * left)
        return b - math.sqrt((1 - p) * width * right)

    # The same variance as squares of distances, which keeps its digits far from zero.
    variance = (left**2 + right**2 + left * right) / 18
    return Triangular((a + m + b) / 3, math.sqrt(variance), point(0.05), point(0.5), point(0.95))


def gamma_moments(mean: float, sd: float) -> tuple[float, float]:
    """Shape and scale of a gamma distribution (costs) with this mean and standard deviation, both above zero.

    Formula: shape (mean/sd)^2, scale sd^2/mean. Checked against dampack `gamma_params` (record
    `psa_moment_matching_a`).

    >>> gamma_moments(2, 1)
    (4.0, 0.5)
    """
    m, s = _positive(mean, "gamma_mean"), _positive(sd, "gamma_sd")
    return (m / s) ** 2, s * (s / m)


def lognormal_moments(mean: float, variance: float) -> tuple[float, float]:
    """Mu and sigma of the logarithm of a lognormal amount with this mean and variance, both above zero.

    Formula: sigma^2 = ln(1 + variance/mean^2), mu = ln(mean) - sigma^2/2. Checked against dampack `lnorm_params`
    (record `psa_moment_matching_a`).
    """
    m, v = _positive(mean, "lnorm_mean"), _positive(variance, "lnorm_var")
    square = math.log1p(v / m / m)
    return math.log(m) - square / 2, math.sqrt(square)


def beta_moments(mean: float, sd: float) -> tuple[float, float]:
    """Both shapes of a beta distribution (a share) with this mean and standard deviation.

    Parameters: mean between 0 and 1; sd above zero and below sqrt(mean (1 - mean)). Formula: K = mean (1 - mean)/sd^2 -
    1; shapes mean K and (1 - mean) K. Source: Briggs, Claxton and Sculpher 2006.

    >>> [round(shape, 6) for shape in beta_moments(0.5, 0.25)]
    [1.5, 1.5]
    """
    m, s = amount(mean, "beta_mean", 0.0, 1.0), _positive(sd, "beta_sd")
    k = m * (1 - m) / s / s - 1
    if k <= 0:
        raise UserError(f"beta_sd must be below sqrt(mean (1 - mean)); no share has mean {m:g} and SD {s:g}.")
    if k > LARGEST:
        raise UserError(f"beta_sd must not be as small as {s:g}; give the share without a spread instead.")
    return m * k, (1 - m) * k


def _positive(value: Any, field: str) -> float:
    found = amount(value, field)
    if found <= 0:
        raise UserError(f"{field} must be above zero; {found:g} was given.")
    return found


def product_moments(moments: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Mean and standard deviation of a product of independent amounts.

    Parameters: mean and standard deviation (not negative) of each, at least one. Returns mean and SD of the product.

    Formula: mean = product of means; variance = product of (sd^2 + mean^2) - product of mean^2. When not to use it:
    amounts that move together. Checked by arithmetic in R (record `psa_product_moments_a`).

    >>> product_moments([(2, 0), (3, 1)])
    (6.0, 2.0)
    """
    if not moments:
        raise UserError("moments must hold at least one mean and standard deviation.")
    mean, variance = 1.0, 0.0
    for i, (m, s) in enumerate(moments):
        first, spread = amount(m, f"moments[{i}] mean"), amount(s, f"moments[{i}] sd", 0.0)
        # Var(XY) built up term by term: no difference of large squares.
        variance = variance * (first**2 + spread**2) + mean**2 * spread**2
        mean *= first
    return mean, math.sqrt(variance)


@dataclass(frozen=True, slots=True)
class DiscreteEvpi:
    """Expected value of each option, of choosing with perfect information, and what that information is worth."""

    expected: tuple[float, ...]
    expected_perfect: float
    evpi: float


def evpi_discrete(probabilities: Sequence[float], payoff: Sequence[Sequence[float]]) -> DiscreteEvpi:
    """What it would be worth to know for certain how things turn out before deciding.

    Parameters: probabilities of the states, adding up to 1; payoff, money, one row an option, one column a state.
    Returns `DiscreteEvpi`.

    Formula: E[max over options] - max over options of E. When not to use it: options that can be combined. Source:
    Raiffa and Schlaifer 1961. Checked against the example of Wikipedia (record `evpi_discrete_investment`).
    """
    p = amounts(probabilities, "p", 1, 0.0)
    if abs(math.fsum(p) - 1) > 1e-6:
        raise UserError(f"p must add up to 1; its sum is {math.fsum(p):g}.")
    if not isinstance(payoff, list | tuple) or not payoff:
        raise UserError("payoff must be a list of at least one option.")
    rows = [amounts(row, f"payoff[{i}]") for i, row in enumerate(payoff)]
    for i, row in enumerate(rows):
        if len(row) != len(p):
            raise UserError(f"payoff[{i}] must have {len(p)} amounts, one for each of p; it has {len(row)}.")
    expected = tuple(math.fsum(a * b for a, b in zip(p, row, strict=True)) for row in rows)
    perfect = math.fsum(a * max(row[i] for row in rows) for i, a in enumerate(p))
    return DiscreteEvpi(expected, perfect, max(0.0, perfect - max(expected)))


@dataclass(frozen=True, slots=True)
class NormalEvpi:
    """Unit normal loss at |mean| / sd (0 without spread) and the value of perfect information, in money."""

    unit_normal_loss: float
    evpi: float


def evpi_normal(mean: float, sd: float) -> NormalEvpi:
    """What certainty about the net benefit would be worth before deciding to fund or not.

    Parameters: mean and standard deviation (not negative) of the net benefit, in money, taken as normal. Returns
    `NormalEvpi`.

    Formula: sd (phi(z) - z (1 - Phi(z))), z = |mean| / sd. When not to use it: a skewed net benefit; then the mean of
    max(benefit, 0) less max(mean, 0) over draws. Source: Raiffa and Schlaifer 1961. Checked against the unit normal
    loss table (record `evpi_normal_net_benefit_a`).

    >>> round(evpi_normal(20000, 20000).evpi, 2)
    1666.31
    """
    m, s = amount(mean, "mean"), amount(sd, "sd", 0.0)
    if s == 0 or abs(m) / s > 38:
        return NormalEvpi(0.0, 0.0)
    z = abs(m) / s
    loss = math.exp(-z * z / 2) / math.sqrt(2 * math.pi) - z * float(special.ndtr(-z))
    return NormalEvpi(max(0.0, loss), s * max(0.0, loss))


@dataclass(frozen=True, slots=True)
class Tornado:
    """Net benefit at base, and with each input alone at its low and high; `order` has the names by falling swing."""

    base: float
    at_low_high: tuple[tuple[str, float, float], ...]
    order: tuple[str, ...]


def tornado(base: Mapping[str, float], low: Mapping[str, float], high: Mapping[str, float]) -> Tornado:
    """Which input moves the net benefit most when each moves alone between its low and high.

    Parameters: base, low and high value of each input, the same names in each. Names beginning with "cost" are taken
    off; all others are multiplied (people x benefit x attribution - cost). Returns `Tornado`.

    Formula: net benefit with one input at its low or high, the others at base; swing = distance of the two; equal
    swings keep the order given. When not to use it: inputs that move together. Source: Briggs, Claxton and Sculpher
    2006. Checked by arithmetic in R (record `tornado_one_way_a`).
    """
    tables = {}
    for name, table in (("base", base), ("low", low), ("high", high)):
        if not isinstance(table, Mapping) or not table:
            raise UserError(f"{name} must be a table of input names with their values.")
        tables[name] = {str(key): amount(value, f"{name}.{key}") for key, value in table.items()}
    names = list(tables["base"])
    for other in ("low", "high"):
        if set(tables[other]) != set(names):
            raise UserError(f"{other} must have the same inputs as base: {', '.join(names)}.")
    if all(_is_cost(name) for name in names):
        raise UserError("base must have at least one input that is not a cost.")

    def net(values: Mapping[str, float]) -> float:
        gains = math.prod(value for name, value in values.items() if not _is_cost(name))
        return gains - math.fsum(value for name, value in values.items() if _is_cost(name))

    start = tables["base"]
    moved = [
        (name, net({**start, name: tables["low"][name]}), net({**start, name: tables["high"][name]})) for name in names
    ]
    if not all(math.isfinite(value) for row in moved for value in row[1:]):
        raise UserError("base, low and high multiply to more than a number can hold.")
    order = sorted(moved, key=lambda row: -abs(row[2] - row[1]))
    return Tornado(net(start), tuple(moved), tuple(row[0] for row in order))


def _is_cost(name: str) -> bool:
    return name.lower().startswith("cost")
