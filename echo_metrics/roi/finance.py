"""Money over several years: discounting, net present value, internal rate, payback, social return."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from echo_metrics.errors import UserError
from echo_metrics.numbers import LARGEST
from echo_metrics.numbers import number as amount

MOST_YEARS = 1000
NO_RATE = "No rate of return sets these flows to zero: they never change sign."
SEVERAL_RATES = "Several rates of return set these flows to zero, so none of them is the answer; use the NPV."
NOT_PAID_BACK = "The flows never pay the outlay back."


def amounts(values: Any, field: str, at_least: int = 1, low: float = -LARGEST) -> list[float]:
    """Return a list of finite numbers; the refusal names the place, such as `flows[2]` (from 0)."""
    if not isinstance(values, list | tuple):
        raise UserError(f"{field} must be a list of numbers; {type(values).__name__} was given.")
    if not at_least <= len(values) <= MOST_YEARS:
        raise UserError(f"{field} must hold {at_least} to {MOST_YEARS} numbers; it holds {len(values)}.")
    return [amount(value, f"{field}[{i}]", low) for i, value in enumerate(values)]


def _rate(rate: Any) -> float:
    return amount(rate, "rate", -0.99, 100.0)


def _whole(value: Any, field: str, low: int, high: int) -> int:
    found = amount(value, field)
    if not found.is_integer() or not low <= found <= high:
        raise UserError(f"{field} must be a whole number from {low} to {high}; {found:g} was given.")
    return int(found)


def discount_factor(rate: float, year: int) -> float:
    """What one unit of money at the end of a year is worth today.

    Parameters: rate a year (0.035 for 3.5%), above -0.99; year, 0 (today) to 1000. Returns a factor.
    Formula: 1 / (1 + rate)^year. The UK Treasury uses 3.5% up to year 30 and less beyond; show 0 and 7% too. Source:
    HM Treasury, The Green Book. Checked against its table (record `discount_factors_3_5_percent`).

    >>> discount_factor(0.25, 2)
    0.64
    """
    years = _whole(year, "year", 0, MOST_YEARS)
    return _factor(_rate(rate), years)


def _factor(rate: float, year: int) -> float:
    power = year * math.log1p(rate)
    return (1 + rate) ** -year if abs(power) < 700 else math.exp(min(700.0, -power))


def npv(rate: float, flows: Sequence[float]) -> float:
    """Net present value of yearly flows.

    Parameters: rate a year; flows, in money, the first today (year 0, not discounted), outlays negative. Returns money
    of year 0. Formula: sum of flow_t / (1 + rate)^t. When not to use it: flows of different price years. Source:
    Gitman, Principles of Managerial Finance. Checked against numpy-financial's documentation (record
    `npv_irr_gitman`).

    >>> npv(0.25, [-100, 125])
    0.0
    """
    discount = _rate(rate)
    return math.fsum(flow * _factor(discount, t) for t, flow in enumerate(amounts(flows, "flows")))


@dataclass(frozen=True, slots=True)
class Irr:
    """Internal rate of return a year (0.1 = 10%), or None with a reason."""

    rate: float | None
    reason: str | None = None


def irr(flows: Sequence[float], field: str = "flows") -> Irr:
    """The rate a year at which the flows are worth nothing today.

    Parameters: flows, in money, the first today, at least two; field, what a refusal calls them. Returns `Irr`.

    Formula: root of sum flow_t / (1 + r)^t over r > -0.99, found by halving. None when there is no root, or more than
    one (the flows change sign repeatedly).

    When not to use it: to rank programmes of different size; use the NPV. Source: Gitman. Checked against
    numpy-financial's documentation (record `npv_irr_gitman`).

    >>> round(irr([-100, 110]).rate, 12)
    0.1
    """
    values = amounts(flows, field, 2)
    scale = max(map(abs, values))
    signs = [math.copysign(1, value) for value in values if value]
    changes = sum(a != b for a, b in pairwise(signs))
    if changes == 0 or scale == 0:
        return Irr(None, NO_RATE)
    # In x = 1 / (1 + r) the flows are a polynomial; look for sign changes of it on a fine grid.
    scaled = [value / scale for value in values]

    def at(log_growth: float) -> float:
        return math.fsum(value * math.exp(max(-700.0, min(700.0, -t * log_growth))) for t, value in enumerate(scaled))

    low, high = math.log(0.01), math.log(101.0)
    grid = np.linspace(low, high, 4001).tolist()
    found = []
    for left, right in pairwise(grid):
        a, b = at(left), at(right)
        if a == 0 or a * b < 0:
            found.append(left if a == 0 else _halve(at, left, right))
    if at(high) == 0:
        found.append(high)
    if len(found) != 1:
        return Irr(None, NO_RATE if not found else SEVERAL_RATES)
    return Irr(math.expm1(found[0]))


def _halve(of: Any, low: float, high: float) -> float:
    rising = of(low) < 0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if (of(middle) < 0) == rising else (low, middle)
    return (low + high) / 2


@dataclass(frozen=True, slots=True)
class Payback:
    """Years until the outlay is paid back, simple and discounted, each None with its reason; and the NPV."""

    simple_years: float | None
    discounted_years: float | None
    npv: float
    simple_reason: str | None = None
    discounted_reason: str | None = None


def payback(outlay: float, flows: Sequence[float], rate: float = 0.0) -> Payback:
    """How long until a programme has paid back what it cost.

    Parameters: outlay today, in money, not negative; flows at the end of years 1, 2, ...; rate a year. Returns
    `Payback`.

    Formula: first year in which the cumulated flows reach the outlay, linear inside that year; discounted: the same of
    the discounted flows; npv = discounted flows - outlay.

    When not to use it: alone; it ignores all that comes after. Flows that pay back and then turn negative: the first
    time counts. Source: Gitman. Checked by arithmetic on numpy-financial's flows (record
    `payback_simple_and_discounted`).

    >>> payback(100, [50, 100]).simple_years
    1.5
    """
    cost, discount = amount(outlay, "outlay", 0.0), _rate(rate)
    plain = amounts(flows, "flows")
    present = [flow * _factor(discount, t) for t, flow in enumerate(plain, 1)]
    simple, discounted = _years(cost, plain), _years(cost, present)
    return Payback(
        simple,
        discounted,
        math.fsum([-cost, *present]),
        None if simple is not None else NOT_PAID_BACK,
        None if discounted is not None else NOT_PAID_BACK,
    )


def _years(cost: float, flows: list[float]) -> float | None:
    left = cost
    if left <= 0:
        return 0.0
    for year, flow in enumerate(flows):
        if flow >= left:
            return year + left / flow
        left -= flow
    return None


@dataclass(frozen=True, slots=True)
class BenefitCost:
    """Benefit-cost ratio (1.57 means 1.57 back for 1 spent), net benefit, and ROI in percent (57%, not 1.57)."""

    benefits: float
    costs: float
    net_benefit: float
    bcr: float
    roi_percent: float


def benefit_cost(benefits: float, costs: float) -> BenefitCost:
    """What came back for what was spent.

    Parameters: benefits and costs in money of one year (discount both first if they spread over years), costs above
    zero. Returns `BenefitCost`.

    Formula: BCR = B / C; ROI% = 100 (B - C) / C. When not to use it: benefits counted twice, 100% attribution, or costs
    without participants' time. Source: ROI Institute (Phillips). Checked against record `bcr_roi_sales_simulator`,
    whose source mislabels the ratio as ROI.

    >>> benefit_cost(150, 100).roi_percent
    50.0
    """
    gained, spent = amount(benefits, "benefits"), amount(costs, "costs")
    if spent <= 0:
        raise UserError(f"costs must be above zero; {spent:g} was given.")
    return BenefitCost(gained, spent, gained - spent, gained / spent, 100 * (gained - spent) / spent)


@dataclass(frozen=True, slots=True)
class Sroi:
    """Social return on investment: impact of the first year, present value of all years, ratio and net value."""

    year1_impact: float
    impacts: tuple[float, ...]
    present_value: float
    ratio: float
    net_present_value: float


def sroi(
    quantity: float,
    proxy: float,
    investment: float,
    *,
    deadweight: float = 0.0,
    attribution: float = 0.0,
    displacement: float = 0.0,
    drop_off: float = 0.0,
    years: int = 1,
    rate: float = 0.0,
) -> Sroi:
    """Social value of one outcome for each unit of money invested.

    Parameters: quantity of the outcome and its proxy value (money each), not negative; investment above zero; shares
    from 0 to 1: what would have happened anyway (deadweight), what others did (attribution), what was displaced, what
    fades each year after the first (drop-off); years it lasts; discount rate. Returns `Sroi`.

    Formula: impact_t = quantity x proxy x (1 - deadweight)(1 - attribution)(1 - displacement)(1 - drop_off)^(t - 1);
    present value = sum impact_t / (1 + rate)^t, the first year discounted one year; ratio = present value / investment.

    When not to use it: without a stated source for the proxy and every share; from satisfaction or confidence scores.

    Source: The SROI Network, A Guide to Social Return on Investment, 2012, stages 4 and 5. Checked by arithmetic in R
    (record `sroi_single_outcome_a`; no published worked example could be found).
    """
    start = amount(quantity, "quantity", 0.0) * amount(proxy, "proxy", 0.0)
    for name, value in (("deadweight", deadweight), ("attribution", attribution), ("displacement", displacement)):
        start *= 1 - amount(value, name, 0.0, 1.0)
    kept = 1 - amount(drop_off, "drop_off", 0.0, 1.0)
    spent, discount = amount(investment, "investment"), _rate(rate)
    if spent <= 0:
        raise UserError(f"investment must be above zero; {spent:g} was given.")
    impacts = [start * kept**t for t in range(_whole(years, "years", 1, MOST_YEARS))]
    value = math.fsum(impact * _factor(discount, t) for t, impact in enumerate(impacts, 1))
    return Sroi(start, tuple(impacts), value, value / spent, value - spent)
