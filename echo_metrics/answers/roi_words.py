"""The figures of a ledger as sentences. A ratio never stands without its range, money never without its currency."""

from __future__ import annotations

from echo_metrics.roi.amounts import Amount
from echo_metrics.roi.figures import RoiFigures
from echo_metrics.roi.simulate import Likely, Range

METHOD = (
    "Benefit = quantity x unit value x (1 - deadweight) x (1 - displacement) x (1 - attribution to others) x "
    "confidence, later years faded and discounted. Interval: 5% and 95% points of draws in which every "
    "assumption varies over its range at once"
)


def headline(figures: RoiFigures, likely: Likely) -> str:
    """The answer in one sentence."""
    net, currency = figures.net_benefit.base, figures.currency
    costs, benefits = figures.total_costs.base, figures.total_benefits.base
    side = (
        f"The benefits that can be priced exceed the costs by about {currency} {_plain(net)}"
        if net >= 0
        else f"The programme costs about {currency} {_plain(-net)} more than the benefits that can be priced"
    )
    return (
        f"{side}: {_plain(benefits)} against {_plain(costs)}, and the chance that benefits exceed costs is "
        f"{chance_words(likely.probability)}."
    )


def roi(figures: RoiFigures, likely: Likely) -> str:
    """The return, what it may be, and its outer bounds."""
    found, span = figures.roi_percent, likely.roi_percent
    return (
        f"A return of {percent(found.base)} at base values; nine times out of ten between {percent(span.low)} and "
        f"{percent(span.high)}. If every line went against it the return would be {percent(found.low)}, if every line "
        f"went for it {percent(found.high)}."
    )


def bcr(figures: RoiFigures) -> str:
    """What stands against one unit of cost."""
    return f"Each {figures.currency} 1.00 of cost stands against {figures.bcr.base:.2f} of benefit."


def money(label: str, value: float, span: Range, figures: RoiFigures) -> str:
    """A sum with what it may come to."""
    reach = f"nine times out of ten {_signed(span.low)} to {_signed(span.high)}"
    return f"{label}: {figures.currency} {_signed(value)} ({reach})."


def chance(likely: Likely) -> str:
    """How likely it is that benefits exceed costs, with the error of the draws."""
    error = 100 * likely.probability_error
    return (
        f"Benefits exceed costs in {chance_words(likely.probability)} of {likely.draws:,} draws (seed {likely.seed}; "
        f"simulation error {error:.1f} points)."
    )


def chance_words(probability: float) -> str:
    """A probability as a percentage that never claims certainty.

    >>> chance_words(0.999), chance_words(0.004), chance_words(0.18)
    ('more than 99%', 'less than 1%', '18%')
    """
    if probability > 0.99:
        return "more than 99%"
    return "less than 1%" if probability < 0.01 else f"{100 * probability:.0f}%"


def npv(figures: RoiFigures) -> str:
    """The present value, and what other discount rates make of it."""
    value = f"{figures.currency} {_signed(figures.net_benefit.base)}"
    if figures.years == 1:
        return f"Net present value: {value}. Everything falls into the programme's own year, so nothing is discounted."
    others = ", ".join(f"{_signed(v)} at {100 * rate:g}%" for rate, v in figures.npv_at)
    return f"Net present value: {value} at {100 * figures.discount_rate:g}% a year ({others})."


def sroi(figures: RoiFigures) -> str:
    """The social return, and how it differs from the ratio of benefits to costs."""
    return (
        f"Each {figures.currency} 1.00 creates {figures.sroi:.2f} of social value by the SROI Guide's conventions: "
        f"benefits discounted to the end of their year at {100 * figures.discount_rate:g}%, no confidence adjustment."
    )


def break_even(share: float) -> str:
    """How much of the benefits has to come true."""
    if share <= 1:
        return f"The programme pays back once {100 * share:.0f}% of the estimated benefits come true."
    return f"The benefits would have to be {share:.1f} times as large as estimated to cover the costs."


def payback(years: float) -> str:
    """When the costs are paid back."""
    if years <= 1:
        return f"The costs are paid back within {12 * years:.0f} months."
    return f"The costs are paid back within {years:.1f} years."


def cost_per(label: str, amount: Amount, figures: RoiFigures) -> str:
    """What one of something cost; cost-effectiveness, beside the return and not in it."""
    return f"{label}: {figures.currency} {amount.base:,.0f} ({amount.low:,.0f} to {amount.high:,.0f})."


def pays_back_if(figures: RoiFigures) -> list[str]:
    """For each benefit that decides, how many of its units have to be left for the programme to pay back."""
    found = []
    for line in figures.lines:
        if line.break_even_units is None or line.units is None:
            continue
        unit = line.unit or "units"
        found.append(
            f"{line.label}: it pays back if at least {_few(line.break_even_units)} {unit} really count; the ledger has "
            f"{_few(line.units)}, all else at base."
        )
    return found


def percent(value: float) -> str:
    """A whole percentage; what rounds to nothing bears no minus sign; others bear a true one."""
    return f"{round(value) or 0:,}%".replace("-", "\N{MINUS SIGN}")


def _plain(value: float) -> str:
    return f"{value:,.0f}"


def _signed(value: float) -> str:
    return f"{round(value) or 0:,}".replace("-", "\N{MINUS SIGN}")


def _few(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"
