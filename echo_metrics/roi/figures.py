"""Figures of a model: totals, ratios, ranges, payback, break-even, and whose budget it is."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from echo_metrics.errors import UserError
from echo_metrics.roi.amounts import Amount
from echo_metrics.roi.finance import payback
from echo_metrics.roi.ledger import RETENTION_NOTE, SHARES, Kind
from echo_metrics.roi.model import Model, Term, amounts, ends, flows, net, terms_of, uncertain

PER_UNITS = {
    "participants": "participant",
    "attended_hours": "attended hour",
    "sessions": "session",
    "improved_reliably": "participant who improved reliably",
}
OTHER_RATES = (0.0, 0.07)
"""Discount rates shown beside the ledger's own."""

NO_PARTICIPANT_TIME = "The costs leave out participants' time and backfill, so the return looks better than it is."
NOTHING = 0.005
"""Less than half a cent is no cost: a ratio to it means nothing and may be no number."""
FIRST_YEAR_ONLY = "First-year benefits only; nothing is discounted."


@dataclass(frozen=True, slots=True)
class LineFigure:
    """One term of the ledger with its numbers filled in.

    `kind` is "cost" or "benefit"; `amount` is the cost, or what is left of the benefit. `counted` is False for a line
    that is switched off: it is listed, no total holds it. `units` (benefits) is how many of its units are left after
    the shares and confidence; `break_even_units` how many would have to be left for the net benefit to be zero with all
    else at base, and `break_even_quantity` the same before shares; None with `break_even_reason`.
    """

    key: str
    line: str
    label: str
    kind: str
    quantity: Amount
    unit: str
    unit_value: Amount
    amount: Amount
    counted: bool
    whose_budget: str
    basis: str
    source: str
    owner: str
    evidence: str
    note: str
    years: int = 1
    units: float | None = None
    break_even_quantity: float | None = None
    break_even_units: float | None = None
    break_even_reason: str | None = None


@dataclass(frozen=True, slots=True)
class TornadoBar:
    """Net benefit with one assumption at its low and its high end, all others at base; `swing` is the distance."""

    key: str
    label: str
    kind: str
    low: float
    base: float
    high: float
    at_low: float
    at_high: float

    @property
    def swing(self) -> float:
        """How far the net benefit moves when this assumption alone moves from end to end."""
        return abs(self.at_high - self.at_low)


@dataclass(frozen=True, slots=True)
class Threshold:
    """The value of one assumption at which the net benefit is zero, all others at base; None with a reason."""

    key: str
    label: str
    value: float | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class BudgetShare:
    """Costs and benefits, at base, that fall to one budget: who pays and who gains need not be the same."""

    budget: str
    costs: float
    benefits: float

    @property
    def net(self) -> float:
        """What this budget gains, below zero where it pays."""
        return self.benefits - self.costs


@dataclass(frozen=True, slots=True)
class UnitCost:
    """Total costs per one of a counted quantity, such as "participant"."""

    unit: str
    amount: Amount


@dataclass(frozen=True, slots=True)
class RoiFigures:
    """Everything a ledger says, in its currency and the prices of its year; later years at their present value.

    Of each headline `low` is the pessimistic case (every benefit low, every cost high), `high` the optimistic one.
    `net_benefit` = benefits - costs, the net present value; `npv_at` the same at other discount rates. `bcr` = benefits
    / costs; `roi_percent` = 100 (benefits - costs) / costs. `sroi` follows the SROI Guide (`model.amounts`).
    `payback_years` from the programme's start, benefits spread evenly over each year; None with a reason.
    `break_even_share` is the share of the base benefits at which the net benefit is zero, above 1 when they do not
    cover the costs; None with a reason when there are no benefits.
    """

    currency: str
    price_year: int
    discount_rate: float
    years: int
    lines: tuple[LineFigure, ...]
    total_costs: Amount
    total_benefits: Amount
    net_benefit: Amount
    bcr: Amount
    roi_percent: Amount
    npv_at: tuple[tuple[float, float], ...]
    sroi: float
    payback_years: float | None
    payback_reason: str | None
    break_even_share: float | None
    break_even_reason: str | None
    cost_per: tuple[UnitCost, ...]
    budgets: tuple[BudgetShare, ...]
    notes: tuple[str, ...]


def roi_figures(model: Model) -> RoiFigures:
    """What a programme cost, what it was worth, and how far that can be trusted.

    Parameters: model, a ledger with its counts filled in. Returns `RoiFigures`.

    Formula: `model.amounts` for each line; BCR = B / C; ROI% = 100 (B - C) / C. Ranges: pessimistic takes every benefit
    at its low (shares at their high) and every cost at its high; it is an outer bound, not a confidence interval.

    When not to use it: raises UserError when the costs (or their low end) are zero.

    Source: ROI Institute (Phillips), 750,000 / 425,000 gives BCR 1.76 and ROI 76%; the SROI Guide for the three
    shares. Checked against those, against reference record `bcr_roi_sales_simulator`, and against a spreadsheet.
    """
    figures = _line_figures(model)
    costs = _total([f.amount for f in figures if f.counted and f.kind == Kind.COST])
    benefits = _total([f.amount for f in figures if f.counted and f.kind == Kind.BENEFIT])
    if costs.base < NOTHING:
        raise UserError("The costs of this ledger add up to zero; a return on nothing can't be computed.")
    if costs.low < NOTHING:
        raise UserError("The low ends of the costs add up to zero; give at least one cost a low end above zero.")
    bcr = Amount(benefits.low / costs.high, benefits.base / costs.base, benefits.high / costs.low)
    # 100 (B - C) / C, from the ratio: each step keeps the order, so rounding can't put the base outside its range.
    roi = Amount(100 * (bcr.low - 1), 100 * (bcr.base - 1), 100 * (bcr.high - 1))
    years = max((t.years for t in model.terms if t.counted), default=1)
    paid_back, why_not = _payback(model, years)
    base = model.base
    social = amounts(model, base, social=True)
    gains = np.array([t.counted and t.kind is Kind.BENEFIT for t in model.terms])
    return RoiFigures(
        currency=model.currency,
        price_year=model.price_year,
        discount_rate=model.discount_rate,
        years=years,
        lines=tuple(_with_break_even(f, costs.base, benefits.base) for f in figures),
        total_costs=costs,
        total_benefits=benefits,
        net_benefit=Amount(benefits.low - costs.high, benefits.base - costs.base, benefits.high - costs.low),
        bcr=bcr,
        roi_percent=roi,
        npv_at=tuple((rate, float(net(model, base, rate))) for rate in OTHER_RATES) if years > 1 else (),
        sroi=float(social[gains].sum()) / costs.base,
        payback_years=paid_back,
        payback_reason=why_not,
        break_even_share=costs.base / benefits.base if benefits.base > 0 else None,
        break_even_reason=None if benefits.base > 0 else "There are no benefits to take a share of.",
        cost_per=tuple(
            UnitCost(unit, costs.divided_by(model.counts[name]))
            for name, unit in PER_UNITS.items()
            if model.counts.get(name, 0) > 0
        ),
        budgets=_budgets(figures),
        notes=(*_notes(model, years), *model.notes),
    )


def tornado(model: Model) -> tuple[TornadoBar, ...]:
    """Which assumption moves the net benefit most when each moves alone between its low and high, the widest first.

    Parameters: model. Returns one bar for each input with a range that a counted line uses.
    Formula: net benefit with the input at its low and high, the others at base; equal swings keep their order.
    When not to use it: for inputs that move together; name one assumption for them. Source: Briggs, Claxton and
    Sculpher 2006. Checked by hand.
    """
    found = uncertain(model)
    base = model.base
    values = np.repeat(base[:, None], 2 * len(found), axis=1)
    for column, position in enumerate(found):
        amount = model.inputs[position].amount
        values[position, 2 * column], values[position, 2 * column + 1] = amount.low, amount.high
    nets = net(model, values)
    bars = []
    for column, position in enumerate(found):
        moved, amount = model.inputs[position], model.inputs[position].amount
        kinds = {t.kind.value for t in terms_of(model, position)}
        bars.append(
            TornadoBar(
                moved.key,
                moved.label,
                kinds.pop() if len(kinds) == 1 else "cost and benefit",
                amount.low,
                amount.base,
                amount.high,
                float(nets[2 * column]),
                float(nets[2 * column + 1]),
            )
        )
    return tuple(sorted(bars, key=lambda bar: -bar.swing))


def thresholds(model: Model) -> tuple[Threshold, ...]:
    """For each assumption with a range, the value at which the programme just pays back, all others at base.

    Parameters: model. Returns one `Threshold` for each, in the tornado's order.
    Formula: the zero of the net benefit in one input; a straight line where the input stands in each line once, else
    found by halving between 0 and 1 (shares) or 0 and a thousand times the high end. None where no possible value
    reaches zero. When not to use it: as a forecast. Checked by hand.
    """
    return tuple(_threshold(model, model.place(bar.key)) for bar in tornado(model))


def _threshold(model: Model, position: int) -> Threshold:
    moved = model.inputs[position]
    top = 1.0 if moved.sort == "share" else 1000 * max(moved.amount.high, 1.0)

    def at(value: float) -> float:
        values = model.base
        values[position] = value
        return float(net(model, values))

    low, high = 0.0, top
    start, end = at(low), at(high)
    if start == 0:
        return Threshold(moved.key, moved.label, low)
    if start * end > 0 and (between := _sign_change(model, position)):
        low, high = between
        start, end = at(low), at(high)
    if start * end > 0:
        always = "pays back whatever this is" if start > 0 else "does not pay back, whatever this is"
        return Threshold(moved.key, moved.label, None, f"With all else at base the programme {always}.")
    # A straight line between the ends is the whole answer unless the input stands twice in one product.
    guess = low - start * (high - low) / (end - start)
    if abs(at(guess)) > 1e-9 * max(abs(start), abs(end)):
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if (at(middle) > 0) == (start > 0) else (low, middle)
        guess = (low + high) / 2
    return Threshold(moved.key, moved.label, guess)


def _sign_change(model: Model, position: int) -> tuple[float, float] | None:
    """Two shares between which the net benefit turns although both ends agree, those nearest to the base.

    That can be where one share stands twice in a line, as both what is lost and what counts.
    """
    if model.inputs[position].sort != "share":
        return None
    grid = np.linspace(0.0, 1.0, 1001)
    values = np.repeat(model.base[:, None], len(grid), axis=1)
    values[position] = grid
    above = net(model, values) > 0
    turns = np.flatnonzero(above[1:] != above[:-1])
    if not turns.size:
        return None
    nearest = int(turns[np.argmin(np.abs(grid[turns] - model.inputs[position].amount.base))])
    return float(grid[nearest]), float(grid[nearest + 1])


def _line_figures(model: Model) -> list[LineFigure]:
    base = amounts(model, model.base)
    return [_line_figure(model, term, float(amount)) for term, amount in zip(model.terms, base, strict=True)]


def _line_figure(model: Model, term: Term, amount: float) -> LineFigure:
    low, high = ends(model, term)
    quantity = model.inputs[term.uses["quantity"]].amount.times(term.count)
    unit_value = model.inputs[term.uses["unit_value"]].amount.times(term.factor)
    kept = math.prod(1 - model.inputs[term.uses[s]].amount.base for s in SHARES if s in term.uses)
    if "confidence" in term.uses:
        kept *= model.inputs[term.uses["confidence"]].amount.base
    return LineFigure(
        key=term.key,
        line=term.line,
        label=term.label,
        kind=term.kind.value,
        quantity=quantity,
        unit=term.unit,
        unit_value=unit_value,
        # Ends of single inputs can lie beyond the base of another where the same assumption stands in both.
        amount=Amount(min(low, amount), amount, max(high, amount)),
        counted=term.counted,
        whose_budget=term.whose_budget,
        basis=term.basis,
        source=term.source,
        owner=term.owner,
        evidence=term.evidence,
        note=term.note,
        years=term.years,
        units=quantity.base * kept if term.kind is Kind.BENEFIT else None,
    )


def _with_break_even(figure: LineFigure, costs: float, benefits: float) -> LineFigure:
    if figure.kind != Kind.BENEFIT or not figure.counted or figure.units is None:
        return figure
    gap = costs - (benefits - figure.amount.base)
    if gap <= 0:
        return replace(figure, break_even_reason="The other benefits cover the costs without this line.")
    if figure.amount.base <= 0:
        reason = "This line is worth nothing at base, so no quantity of it breaks even."
        return replace(figure, break_even_reason=reason)
    times = gap / figure.amount.base
    return replace(figure, break_even_quantity=figure.quantity.base * times, break_even_units=figure.units * times)


def _total(found: list[Amount]) -> Amount:
    return Amount(math.fsum(a.low for a in found), math.fsum(a.base for a in found), math.fsum(a.high for a in found))


def _payback(model: Model, years: int) -> tuple[float | None, str | None]:
    costs, benefits = flows(model, model.base)
    later = [gain - cost for gain, cost in zip(benefits, [0.0, *costs[1:]], strict=True)]
    found = payback(costs[0], later)
    if found.simple_years is None:
        span = "the first year" if years == 1 else f"{years} years"
        return None, f"The benefits counted in {span} do not pay the costs back."
    return found.simple_years, None


def _budgets(figures: list[LineFigure]) -> tuple[BudgetShare, ...]:
    sums: dict[str, list[float]] = {}
    for figure in figures:
        if figure.counted:
            pair = sums.setdefault(figure.whose_budget, [0.0, 0.0])
            pair[figure.kind == Kind.BENEFIT] += figure.amount.base
    return tuple(BudgetShare(budget, *sums[budget]) for budget in sorted(sums))


def counts_participants_time(model: Model) -> bool:
    """Whether some counted cost pays for the participants' own hours."""
    return any(
        t.counted
        and t.kind is Kind.COST
        and (t.drawn.partition(":")[0] in ("attended_hours", "attendances") or "participant" in t.line)
        for t in model.terms
    )


def _notes(model: Model, years: int) -> tuple[str, ...]:
    notes = [FIRST_YEAR_ONLY] if years == 1 else [_later_years(model, years)]
    if not counts_participants_time(model):
        notes.append(NO_PARTICIPANT_TIME)
    if any(t.counted and t.kind is Kind.BENEFIT and "retention" in t.line for t in model.terms):
        notes.append(RETENTION_NOTE)
    off = dict.fromkeys(t.label for t in model.terms if not t.counted)
    if off:
        notes.append(f"Listed but not counted: {', '.join(off)}.")
    return tuple(notes)


def _later_years(model: Model, years: int) -> str:
    which = ", ".join(dict.fromkeys(t.label for t in model.terms if t.counted and t.years > 1))
    return (
        f"Counted over up to {years} years ({which}); each year after the programme's own is discounted at "
        f"{100 * model.discount_rate:g}%."
    )
