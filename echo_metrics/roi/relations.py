"""What the parts of a ledger must be to each other: rates for foreign money, correlations that can all be true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from echo_metrics.roi.amounts import Amount
from echo_metrics.roi.ledger import Assumption, Correlation, ExchangeRate, Line, PriceIndex

SLACK = 1e-9
"""Rounding left in the smallest eigenvalue of a correlation matrix that is just possible."""


def input_key(line: Line, field: str) -> str:
    """How an input of a line is called: the named assumption that it shares, or `line.field`."""
    given = line.prices[field.partition(":")[2]] if field.startswith("price:") else line.inputs[field]
    return given.assumption or f"{line.key}.{field}"


def input_amounts(lines: Sequence[Line], assumptions: Sequence[Assumption]) -> dict[str, Amount]:
    """Every input of a ledger by its key, named assumptions first."""
    found = {a.key: a.amount for a in assumptions}
    for line in lines:
        for field, given in (*line.inputs.items(), *((f"price:{d}", g) for d, g in line.prices.items())):
            found.setdefault(input_key(line, field), given.amount)
    return found


def check_money(
    lines: Sequence[Line],
    currency: str,
    price_year: int,
    rates: Sequence[ExchangeRate],
    indices: Sequence[PriceIndex],
) -> list[str]:
    """One sentence for each line whose money the ledger's tables can't bring to its own currency and year."""
    exchanged, levels = {(r.currency, r.year) for r in rates}, {i.year for i in indices}
    problems = _twice("exchange rate", [f"{r.currency} of {r.year}" for r in rates])
    problems += _twice("price index", [str(i.year) for i in indices])
    for line in lines:
        where = f"{line.kind} {line.key!r}"
        if (
            line.currency
            and currency
            and line.currency != currency
            and (line.currency, line.price_year) not in exchanged
        ):
            problems.append(
                f"{where}: currency {line.currency} differs from the ledger's {currency}; convert it first, or state "
                f"the exchange rate of {line.currency} for {line.price_year} in a [[rate]]."
            )
        if line.price_year and price_year and line.price_year != price_year:
            problems += [
                f"{where}: price_year is {line.price_year}, the ledger's {price_year}; state the price level of {year} "
                "in a [[price_index]]."
                for year in (line.price_year, price_year)
                if year not in levels
            ]
    return problems


def check_correlations(
    lines: Sequence[Line], assumptions: Sequence[Assumption], correlations: Sequence[Correlation]
) -> list[str]:
    """One sentence for each correlation that names no uncertain input, or for a set of them that can't all be true."""
    known = input_amounts(lines, assumptions)
    problems = []
    pairs: set[frozenset[str]] = set()
    for position, c in enumerate(correlations, 1):
        where = f"correlation {position}"
        for name in (c.first, c.second):
            if name not in known:
                problems.append(
                    f"{where}: {name!r} is no input of this ledger; inputs are called line.field or by name."
                )
            elif known[name].fixed:
                problems.append(f"{where}: {name!r} has no range, so nothing moves with it.")
        if c.first == c.second:
            problems.append(f"{where}: between must name two different inputs.")
        if frozenset((c.first, c.second)) in pairs:
            problems.append(f"{where}: these two inputs are correlated already.")
        pairs.add(frozenset((c.first, c.second)))
    if not problems and correlations:
        names = sorted({n for c in correlations for n in (c.first, c.second)})
        if np.linalg.eigvalsh(normal_correlations(names, correlations)).min() < -SLACK:
            problems.append(
                "ledger: the correlations contradict each other; no inputs can move in all these ways at once."
            )
    return problems


def normal_correlations(names: Sequence[str], correlations: Sequence[Correlation]) -> np.ndarray:
    """The correlation matrix (names x names) of normal scores whose ranks correlate as stated.

    Formula: 2 sin(pi rho / 6) for a rank correlation of rho; 0 where nothing is stated. Source: Pearson 1907; Iman and
    Conover 1982, Commun Stat 11:311.
    """
    place: Mapping[str, int] = {name: i for i, name in enumerate(names)}
    matrix = np.eye(len(names))
    for c in correlations:
        if c.first in place and c.second in place:
            i, j = place[c.first], place[c.second]
            matrix[i, j] = matrix[j, i] = 2 * np.sin(np.pi * c.rho / 6)
    return matrix


def unused_assumptions(lines: Sequence[Line], assumptions: Sequence[Assumption]) -> list[str]:
    """One sentence for each named assumption that no line names: it was meant for something."""
    used = {g.assumption for line in lines for g in (*line.inputs.values(), *line.prices.values())}
    return [f"assumption {a.key!r}: no line names it." for a in assumptions if a.key not in used]


def _twice(what: str, names: list[str]) -> list[str]:
    return [f"ledger: there are two {what}s for {name}." for name in sorted({n for n in names if names.count(n) > 1})]
