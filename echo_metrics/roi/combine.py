"""Several ledgers together: their costs and benefits added up."""

from __future__ import annotations

from collections.abc import Sequence

from echo_metrics.errors import UserError
from echo_metrics.roi.fields import Amount
from echo_metrics.roi.figures import BudgetShare, RoiFigures


def combine(figures: Sequence[RoiFigures]) -> RoiFigures:
    """Costs, benefits and return of several ledgers together.

    Parameters: figures, at least one, all in one currency and one price year.

    Returns `RoiFigures` whose totals are the sums of the ledgers' totals (low with low, high with high: an outer bound, as
    in each ledger); lines, tornado and unit costs stay with the single ledgers.

    When not to use it: raises UserError for mixed currencies or price years, which can't be added without a stated rate.
    """
    if len({(f.currency, f.price_year) for f in figures}) != 1:
        raise UserError("These ledgers are in different currencies or price years, so they can't be added up.")
    costs = _sum([f.total_costs for f in figures])
    benefits = _sum([f.total_benefits for f in figures])
    shares: dict[str, tuple[float, float]] = {}
    for share in (s for f in figures for s in f.budgets):
        before = shares.get(share.budget, (0.0, 0.0))
        shares[share.budget] = (before[0] + share.costs, before[1] + share.benefits)
    return RoiFigures(
        currency=figures[0].currency,
        price_year=figures[0].price_year,
        lines=(),
        total_costs=costs,
        total_benefits=benefits,
        net_benefit=Amount(benefits.low - costs.high, benefits.base - costs.base, benefits.high - costs.low),
        bcr=Amount(benefits.low / costs.high, benefits.base / costs.base, benefits.high / costs.low),
        roi_percent=Amount(
            100 * (benefits.low - costs.high) / costs.high,
            100 * (benefits.base - costs.base) / costs.base,
            100 * (benefits.high - costs.low) / costs.low,
        ),
        break_even_share=costs.base / benefits.base if benefits.base > 0 else None,
        break_even_reason=None if benefits.base > 0 else "There are no benefits to take a share of.",
        tornado=(),
        cost_per=(),
        budgets=tuple(BudgetShare(name, c, b) for name, (c, b) in sorted(shares.items())),
        notes=(f"{len(figures)} ledgers added up.",),
    )


def _sum(amounts: Sequence[Amount]) -> Amount:
    return Amount(sum(a.low for a in amounts), sum(a.base for a in amounts), sum(a.high for a in amounts))
