"""Figures of a ledger: totals, ratios, ranges, break-even and which line matters most.

First year only: nothing is discounted and no benefit is carried past it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from echo_metrics.errors import UserError
from echo_metrics.roi.ledger import (
    RETENTION_NOTE,
    Amount,
    BenefitLine,
    CostLine,
    Ledger,
    StoreQuantity,
)

PER_UNITS = {"participants": "participant", "attended_hours": "attended hour", "sessions": "session"}

NO_PARTICIPANT_TIME = "The costs leave out participants' time and backfill, so the return looks better than it is."


@dataclass(frozen=True, slots=True)
class LineFigure:
    """One line of the ledger with its numbers filled in.

    `kind` is "cost" or "benefit"; `amount` is the cost, or the benefit after deadweight, displacement and
    attribution to others. `counted` is False for a line that is switched off: it is listed, no total holds it.
    `break_even_quantity` (benefits that count): the quantity at which the net benefit is zero with all else at base;
    None with `break_even_reason`.
    """

    key: str
    label: str
    kind: str
    quantity: Amount | None
    unit: str
    unit_value: Amount
    amount: Amount | None
    counted: bool
    whose_budget: str
    source: str
    owner: str
    note: str
    break_even_quantity: float | None = None
    break_even_reason: str | None = None


@dataclass(frozen=True, slots=True)
class TornadoBar:
    """Net benefit with one line at its low and its high end, all others at base; `swing` is the distance."""

    key: str
    label: str
    kind: str
    at_low: float
    at_high: float

    @property
    def swing(self) -> float:
        """How far the net benefit moves when this line alone moves from end to end."""
        return abs(self.at_high - self.at_low)


@dataclass(frozen=True, slots=True)
class BudgetShare:
    """Costs and benefits, at base, that fall to one budget: who pays and who gains need not be the same."""

    budget: str
    costs: float
    benefits: float


@dataclass(frozen=True, slots=True)
class UnitCost:
    """Total costs per one of a counted quantity, such as "participant"."""

    unit: str
    amount: Amount


@dataclass(frozen=True, slots=True)
class RoiFigures:
    """Everything a ledger says, in its currency and the prices of its year.

    Of each headline `low` is the pessimistic case (every benefit low, every cost high), `high` the optimistic one.
    `net_benefit` = benefits - costs; `bcr` = benefits / costs; `roi_percent` = 100 (benefits - costs) / costs.
    `break_even_share` is the share of the base benefits at which the net benefit is zero, above 1 when they do not
    cover the costs; None with a reason when there are no benefits. `tornado` is sorted by falling swing.
    """

    currency: str
    price_year: int
    lines: tuple[LineFigure, ...]
    total_costs: Amount
    total_benefits: Amount
    net_benefit: Amount
    bcr: Amount
    roi_percent: Amount
    break_even_share: float | None
    break_even_reason: str | None
    tornado: tuple[TornadoBar, ...]
    cost_per: tuple[UnitCost, ...]
    budgets: tuple[BudgetShare, ...]
    notes: tuple[str, ...]


def _product(*amounts: Amount) -> Amount:
    return Amount(
        math.prod(amount.low for amount in amounts),
        math.prod(amount.base for amount in amounts),
        math.prod(amount.high for amount in amounts),
    )


def _kept(share: Amount) -> Amount:
    """What a share leaves; the higher the share, the less, so its ends change places."""
    return Amount(1 - share.high, 1 - share.base, 1 - share.low)


def _total(amounts: list[Amount]) -> Amount:
    return Amount(
        math.fsum(amount.low for amount in amounts),
        math.fsum(amount.base for amount in amounts),
        math.fsum(amount.high for amount in amounts),
    )


def _check_quantities(ledger: Ledger, quantities: Mapping[str, float]) -> None:
    missing = [key for key in ledger.needs if key not in quantities]
    if missing:
        raise UserError(
            f"The ledger draws on {', '.join(missing)}, which is not known for {ledger.network}; import attendance "
            "or write the quantity in the ledger."
        )
    for key, value in quantities.items():
        if not math.isfinite(value) or value < 0:
            raise UserError(f"The quantity {key} must be a number that is not negative; {value} was given.")


def _quantity(line: CostLine | BenefitLine, quantities: Mapping[str, float]) -> Amount | None:
    if isinstance(line.quantity, StoreQuantity):
        # A line that is switched off may draw on something the store does not know.
        counted = quantities.get(line.quantity.key)
        return None if counted is None else line.quantity.per.times(counted)
    return line.quantity


def _amount(line: CostLine | BenefitLine, quantity: Amount) -> Amount:
    if isinstance(line, BenefitLine):
        left = [_kept(share) for share in (line.deadweight, line.displacement, line.attribution_to_others)]
        return _product(quantity, line.unit_value, *left)
    return _product(quantity, line.unit_value)


def _break_even(quantity: float, amount: float, gap: float) -> tuple[float | None, str | None]:
    """Quantity at which a benefit of `amount` at `quantity` becomes `gap`, what the other benefits leave uncovered."""
    if gap <= 0:
        return None, "The other benefits cover the costs without this line."
    if amount <= 0:
        return None, "This line is worth nothing at base, so no quantity of it breaks even."
    return quantity * gap / amount, None


def _line_figures(ledger: Ledger, quantities: Mapping[str, float]) -> list[LineFigure]:
    figures = []
    for line in ledger.lines:
        quantity = _quantity(line, quantities)
        figures.append(
            LineFigure(
                key=line.key,
                label=line.label,
                kind="benefit" if isinstance(line, BenefitLine) else "cost",
                quantity=quantity,
                unit=line.unit,
                unit_value=line.unit_value,
                amount=None if quantity is None else _amount(line, quantity),
                counted=line.enabled,
                whose_budget=line.whose_budget,
                source=line.source,
                owner=line.owner,
                note=line.note,
            )
        )
    return figures


def _with_break_even(figure: LineFigure, costs: float, benefits: float) -> LineFigure:
    if figure.kind != "benefit" or not figure.counted or figure.quantity is None or figure.amount is None:
        return figure
    gap = costs - (benefits - figure.amount.base)
    quantity, reason = _break_even(figure.quantity.base, figure.amount.base, gap)
    return replace(figure, break_even_quantity=quantity, break_even_reason=reason)


def _tornado(figures: list[LineFigure], net: float) -> tuple[TornadoBar, ...]:
    bars = []
    for figure in figures:
        if not figure.counted or figure.amount is None:
            continue
        sign = 1 if figure.kind == "benefit" else -1
        at_low = net + sign * (figure.amount.low - figure.amount.base)
        at_high = net + sign * (figure.amount.high - figure.amount.base)
        bars.append(TornadoBar(figure.key, figure.label, figure.kind, at_low, at_high))
    return tuple(sorted(bars, key=lambda bar: (-bar.swing, bar.key)))


def _budgets(figures: list[LineFigure]) -> tuple[BudgetShare, ...]:
    sums: dict[str, list[float]] = {}
    for figure in figures:
        if figure.counted and figure.amount is not None:
            pair = sums.setdefault(figure.whose_budget, [0.0, 0.0])
            pair[figure.kind == "benefit"] += figure.amount.base
    return tuple(BudgetShare(budget, *sums[budget]) for budget in sorted(sums))


def _notes(ledger: Ledger) -> tuple[str, ...]:
    notes = ["First-year benefits only; nothing is discounted."]
    timed = any(
        line.enabled
        and isinstance(line.quantity, StoreQuantity)
        and line.quantity.name in ("attended_hours", "attendances")
        for line in ledger.costs
    )
    if not timed and not any(line.enabled and "participant" in line.key for line in ledger.costs):
        notes.append(NO_PARTICIPANT_TIME)
    if any(line.enabled and "retention" in line.key for line in ledger.benefits):
        notes.append(RETENTION_NOTE)
    off = [line.label for line in ledger.lines if not line.enabled]
    if off:
        notes.append(f"Listed but not counted: {', '.join(off)}.")
    return tuple(notes)


def roi_figures(ledger: Ledger, quantities: Mapping[str, float]) -> RoiFigures:
    """What a programme cost, what it was worth, and how far that can be trusted.

    Parameters: ledger; quantities, counts from the store by key (`sessions`, `participants`, `attended_hours`,
    `attendances`, with `:discipline` where a line asks for one), none of them negative.

    Returns `RoiFigures`.

    Formula: cost = quantity x unit value; benefit = quantity x unit value x (1 - deadweight) x (1 - displacement)
    x (1 - attribution to others); BCR = B / C; ROI% = 100 (B - C) / C. Ranges: pessimistic takes every benefit
    at its low (shares at their high) and every cost at its high; it is an outer bound, not a confidence interval.

    When not to use it: raises UserError when a needed quantity is missing, or the costs (or their low end) are zero.

    Source: ROI Institute (Phillips), 750,000 / 425,000 gives BCR 1.76 and ROI 76%; the SROI Guide for the three
    shares. Checked against those, and against reference record `bcr_roi_sales_simulator`.
    """
    _check_quantities(ledger, quantities)
    figures = _line_figures(ledger, quantities)
    counted = [(figure.kind, figure.amount) for figure in figures if figure.counted and figure.amount is not None]
    costs = _total([amount for kind, amount in counted if kind == "cost"])
    benefits = _total([amount for kind, amount in counted if kind == "benefit"])
    if costs.base <= 0:
        raise UserError("The costs of this ledger add up to zero; a return on nothing can't be computed.")
    if costs.low <= 0:
        raise UserError("The low ends of the costs add up to zero; give at least one cost a low end above zero.")
    net = Amount(benefits.low - costs.high, benefits.base - costs.base, benefits.high - costs.low)
    bcr = Amount(benefits.low / costs.high, benefits.base / costs.base, benefits.high / costs.low)
    # 100 (B - C) / C, from the ratio: each step keeps the order, so rounding can't put the base outside its range.
    roi = Amount(100 * (bcr.low - 1), 100 * (bcr.base - 1), 100 * (bcr.high - 1))
    cost_per = tuple(
        UnitCost(unit, costs.divided_by(quantities[name]))
        for name, unit in PER_UNITS.items()
        if quantities.get(name, 0) > 0
    )
    return RoiFigures(
        currency=ledger.currency,
        price_year=ledger.price_year,
        lines=tuple(_with_break_even(figure, costs.base, benefits.base) for figure in figures),
        total_costs=costs,
        total_benefits=benefits,
        net_benefit=net,
        bcr=bcr,
        roi_percent=roi,
        break_even_share=costs.base / benefits.base if benefits.base > 0 else None,
        break_even_reason=None if benefits.base > 0 else "There are no benefits to take a share of.",
        tornado=_tornado(figures, net.base),
        cost_per=cost_per,
        budgets=_budgets(figures),
        notes=_notes(ledger),
    )
