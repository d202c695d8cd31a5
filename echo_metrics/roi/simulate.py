"""What the net benefit may come to when every assumption varies over its range at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from echo_metrics.errors import UserError
from echo_metrics.roi.amounts import quantiles
from echo_metrics.roi.figures import NOTHING
from echo_metrics.roi.ledger import Correlation, Kind
from echo_metrics.roi.model import Model, amounts, uncertain
from echo_metrics.roi.relations import normal_correlations

DRAWS = 10_000
SEED = 20_200_131
"""Seed of the draws: the day of the first session of the programme that this product was made for."""
ENDS = (0.05, 0.5, 0.95)
TWENTY = tuple((i + 0.5) / 20 for i in range(20))
ROUNDING = 1e-24
"""Spread of a term, as a part of its square, that is rounding and not uncertainty."""
PERCENTS = (5.0, 25.0, 50.0, 75.0, 95.0)
RETURNS = tuple(range(-100, 205, 5))
"""Required returns, in percent, at which the acceptability curve is read."""


@dataclass(frozen=True, slots=True)
class Range:
    """The middle and the 5% and 95% points of a simulated figure."""

    low: float
    median: float
    high: float


@dataclass(frozen=True, slots=True)
class Likely:
    """What the draws say. Money as in the model.

    `probability` is the share of draws in which benefits exceed costs, `probability_error` its Monte Carlo standard
    error at most. `outcomes` are 20 equally likely net benefits in ascending order,
    `percentiles` pairs of percent and net benefit. `acceptability` gives, for each
    required return in percent, the share of draws that reach it. `evpi` is what knowing everything for certain would be
    worth before deciding, `evppi` the same for each counted term alone, the most valuable first.
    """

    draws: int
    seed: int
    net: Range
    costs: Range
    benefits: Range
    roi_percent: Range
    probability: float
    probability_error: float
    outcomes: tuple[float, ...]
    percentiles: tuple[tuple[float, float], ...]
    acceptability: tuple[tuple[float, float], ...]
    evpi: float
    evppi: tuple[tuple[str, str, float], ...]


def order_of_draws(
    keys: Sequence[str], correlations: Sequence[Correlation], draws: int, rng: np.random.Generator
) -> np.ndarray:
    """In which order each uncertain input walks through its strata: a Latin hypercube, correlated where stated.

    Parameters: keys, the uncertain inputs (`uncertain_keys`); correlations between them; draws, how many; rng. Returns
    an array (keys, draws) of positions 0 to draws - 1, each row a permutation.

    Formula: independent inputs get random permutations; correlated ones the ranks of normal scores that correlate as
    stated. Source: McKay, Beckman and Conover 1979, Technometrics 21:239; Iman and Conover 1982, Commun Stat 11:311.
    Checked: rank correlations of the draws against those stated.
    """
    orders = np.empty((len(keys), draws), dtype=np.intp)
    for row in range(len(keys)):
        orders[row] = rng.permutation(draws)
    rows = {key: row for row, key in enumerate(keys)}
    names = sorted({n for c in correlations for n in (c.first, c.second)} & set(rows))
    if names:
        values, vectors = np.linalg.eigh(normal_correlations(names, correlations))
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        # Scores from permuted strata keep each row's values evenly spread.
        scores = special.ndtri((orders[[rows[n] for n in names]] + 0.5) / draws)
        joined = root @ scores
        for row, name in enumerate(names):
            orders[rows[name], np.argsort(joined[row], kind="stable")] = np.arange(draws)
    return orders


def uncertain_keys(model: Model) -> tuple[str, ...]:
    """The inputs that vary, by key, in the order of the rows of `order_of_draws`."""
    return tuple(model.inputs[p].key for p in uncertain(model))


def draw(model: Model, orders: np.ndarray) -> np.ndarray:
    """The drawn values of every input, one column a draw: an array (inputs, draws)."""
    draws = orders.shape[1]
    values = np.empty((len(model.inputs), draws))
    rows = {position: row for row, position in enumerate(uncertain(model))}
    for position, found in enumerate(model.inputs):
        if position in rows:
            # The positions of an order all lie inside the table: "clip" only spares numpy the check.
            np.take(quantiles(found.amount, draws), orders[rows[position]], out=values[position], mode="clip")
        else:
            values[position] = found.amount.base
    return values


def simulate(model: Model, orders: np.ndarray, seed: int = SEED) -> Likely:
    """Vary everything at once and read off what may come of it.

    Parameters: model; orders from `order_of_draws` for this model; seed, the one they were made with, for the record.
    Returns `Likely`.

    Formula: `model.amounts` for each draw. EVPI = mean(max(net, 0)) - max(mean net, 0). EVPPI of a term: the same of
    the net benefit's straight line on that term's amount, which is exact where terms are independent. The mean of the
    ratio is never used: E[B/C] is not E[B]/E[C].

    When not to use it: ranges that nobody believes in. Raises UserError for fewer than 1,000 draws, or where costs can
    be zero.

    Source: Briggs, Claxton and Sculpher 2006, chapter 4 and 6; Strong, Oakley and Brennan 2014, Med Decis Making 34:311
    (regression). Checked against moments of products and against the normal-theory EVPI.
    """
    draws = orders.shape[1]
    if draws < 1000:
        raise UserError(f"draws must be at least 1,000; {draws} were asked for.")
    found = amounts(model, draw(model, orders))
    counted = np.array([t.counted for t in model.terms])
    gains = counted & np.array([t.kind is Kind.BENEFIT for t in model.terms])
    costs, benefits = found[counted & ~gains].sum(axis=0), found[gains].sum(axis=0)
    if costs.min() < NOTHING:
        raise UserError("The costs can come to zero within their ranges; a return on nothing can't be computed.")
    nets = benefits - costs
    probability = float((nets > 0).mean())
    # From the ratio: without any benefit the return is -100% to the last digit.
    returns = 100 * (benefits / costs - 1)
    # Sorted once: every point that is read off is then a look at two neighbours.
    ascending, ordered = np.sort(returns), np.sort(nets)
    return Likely(
        draws=draws,
        seed=seed,
        net=Range(*_points(ordered, ENDS)),
        costs=Range(*_points(np.sort(costs), ENDS)),
        benefits=Range(*_points(np.sort(benefits), ENDS)),
        roi_percent=Range(*_points(ascending, ENDS)),
        probability=probability,
        probability_error=math.sqrt(probability * (1 - probability) / draws),
        outcomes=_points(ordered, TWENTY),
        percentiles=tuple(zip(PERCENTS, _points(ordered, [p / 100 for p in PERCENTS]), strict=True)),
        acceptability=tuple((float(r), 100.0 * (draws - int(np.searchsorted(ascending, r))) / draws) for r in RETURNS),
        evpi=(everything := _worth_knowing(nets)),
        evppi=_worth_knowing_each(model, found, nets, everything),
    )


def _points(ascending: np.ndarray, shares: Sequence[float]) -> tuple[float, ...]:
    """Quantiles of sorted values, on a straight line between neighbours as numpy and R (type 7) take them."""
    at = np.asarray(shares) * (len(ascending) - 1)
    return tuple(np.interp(at, np.arange(len(ascending)), ascending).tolist())


def _worth_knowing(expected: np.ndarray) -> float:
    return max(0.0, float(np.maximum(expected, 0.0).mean() - max(float(expected.mean()), 0.0)))


def _worth_knowing_each(
    model: Model, found: np.ndarray, nets: np.ndarray, everything: float
) -> tuple[tuple[str, str, float], ...]:
    each = []
    mean = float(nets.mean())
    centred = nets - mean
    for term, amount in zip(model.terms, found, strict=True):
        if not term.counted:
            continue
        about = amount - amount.mean()
        spread = float(about @ about)
        if spread <= ROUNDING * float(amount @ amount):
            continue
        about *= float(centred @ about) / spread
        about += mean
        # One line can't be worth more than all together; the straight line may say so by a hair.
        each.append((term.key, term.label, min(_worth_knowing(about), everything)))
    return tuple(sorted(each, key=lambda row: -row[2]))
