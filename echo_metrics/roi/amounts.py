"""Numbers that nobody knows exactly: an amount with the range it may take, and how likely each value in it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import special

from echo_metrics.roi.uncertainty import beta_moments, gamma_moments, lognormal_moments

LOW_POINT, HIGH_POINT = 0.05, 0.95
"""The points that stand for low and high where a distribution is stated by its mean and spread."""
GRID = 513
"""Points at which slow inverse distribution functions are worked out; between them a straight line is exact enough."""
PLACES = 0.5 * (1 - np.cos(np.linspace(0.0, math.pi, GRID)))
"""Places between 0 and 1 that crowd towards both ends."""
KEPT_TABLES = 256


class Shape(StrEnum):
    """How likely the values inside a range are."""

    PERT = "pert"
    TRIANGULAR = "triangular"
    UNIFORM = "uniform"
    GAMMA = "gamma"
    LOGNORMAL = "lognormal"
    BETA = "beta"

    @property
    def by_moments(self) -> bool:
        """Whether it is stated by a mean and a standard deviation instead of low, base and high."""
        return self in (Shape.GAMMA, Shape.LOGNORMAL, Shape.BETA)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with the range it may plausibly take: low <= base <= high.

    `shape` says how likely the values between are. For shapes stated by their moments `base` is the mean, `sd` the
    standard deviation, and low and high are the 5% and 95% points.
    """

    low: float
    base: float
    high: float
    shape: Shape = Shape.PERT
    sd: float | None = None

    @classmethod
    def exactly(cls, value: float) -> Amount:
        """A number without a range."""
        return cls(value, value, value)

    @classmethod
    def from_moments(cls, shape: Shape, mean: float, sd: float) -> Amount:
        """An amount stated by its mean and standard deviation, both above zero.

        Raises `UserError` where no such distribution exists (a beta share whose spread is too wide).
        """
        points = _moment_quantiles(shape, mean, sd, np.array([LOW_POINT, HIGH_POINT]))
        low, high = (float(p) for p in points)
        # A very skewed distribution can have its mean beyond its 95% point; the range then reaches to the mean.
        return cls(min(low, mean), mean, max(high, mean), shape, sd)

    @property
    def fixed(self) -> bool:
        """Whether there is no range."""
        return self.low == self.high

    def times(self, factor: float) -> Amount:
        """The amount multiplied by a factor that is not negative."""
        sd = None if self.sd is None else self.sd * factor
        return Amount(self.low * factor, self.base * factor, self.high * factor, self.shape, sd)

    def divided_by(self, divisor: float) -> Amount:
        """The amount for each one of `divisor`, which must be above zero."""
        return self.times(1 / divisor)

    def moved_to(self, base: float) -> Amount:
        """The same amount with another base value; the range stays and is widened where the base lies outside it.

        What has no range keeps none. A distribution by moments keeps its relative spread; a share stated so becomes a
        PERT of the same range.
        """
        if base == self.base:
            return self
        if self.fixed:
            return Amount.exactly(base)
        if self.shape in (Shape.GAMMA, Shape.LOGNORMAL) and self.base > 0 and base > 0:
            return self.times(base / self.base)
        shape = Shape.PERT if self.shape.by_moments else self.shape
        return Amount(min(self.low, base), base, max(self.high, base), shape)

    def as_json(self) -> dict[str, Any]:
        """The amount as a ledger or a release writes it."""
        body: dict[str, Any] = {"low": self.low, "base": self.base, "high": self.high}
        if self.shape is not Shape.PERT:
            body["distribution"] = self.shape.value
        if self.sd is not None:
            body["sd"] = self.sd
        return body

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Amount:
        """What `as_json` wrote."""
        sd = body.get("sd")
        shape = Shape(body.get("distribution", Shape.PERT.value))
        return cls(
            float(body["low"]), float(body["base"]), float(body["high"]), shape, None if sd is None else float(sd)
        )


def quantiles(amount: Amount, draws: int) -> np.ndarray:
    """The values of an amount in ascending order, one for each of `draws` equally likely strata.

    Parameters: amount; draws, how many. Returns an array (draws,) in the amount's unit, read-only.

    Formula: the inverse distribution function at (i + 1/2) / draws (the middle of each stratum). PERT, gamma and beta
    are interpolated between points that lie close where the function bends, which costs less than 0.0001 of the range
    of a PERT, and at most 0.003 of the value in the outermost thousandth of the others.

    Source: McKay, Beckman and Conover 1979, Technometrics 21:239 (stratified points). Checked against `scipy.stats`.
    """
    return _table(amount, draws)


@lru_cache(maxsize=KEPT_TABLES)
def _table(amount: Amount, draws: int) -> np.ndarray:
    at = (np.arange(draws) + 0.5) / draws
    if amount.fixed and not amount.shape.by_moments:
        values = np.full(draws, amount.base)
    elif amount.shape is Shape.LOGNORMAL and amount.sd is not None:
        values = _moment_quantiles(amount.shape, amount.base, amount.sd, at)
    elif amount.shape.by_moments and amount.sd is not None:
        values = _interpolated(at, lambda p: _moment_quantiles(amount.shape, amount.base, amount.sd or 0.0, p))
    elif amount.shape is Shape.UNIFORM:
        values = amount.low + at * (amount.high - amount.low)
    elif amount.shape is Shape.TRIANGULAR:
        values = _triangular(amount, at)
    else:
        values = _pert(amount, at)
    values.flags.writeable = False
    return values


def _interpolated(at: np.ndarray, inverse: Any) -> np.ndarray:
    """An inverse distribution function at many points, worked out at few that crowd towards both ends."""
    edge = 0.5 / len(at)
    grid = edge + (1 - 2 * edge) * PLACES
    if len(at) <= GRID:
        return np.asarray(inverse(at), dtype=float)
    found: np.ndarray = np.interp(at, grid, inverse(grid))
    return found


def _pert(amount: Amount, p: np.ndarray) -> np.ndarray:
    """Read backwards from the distribution function, which costs a sixth of its inverse and is smooth in between."""
    width = amount.high - amount.low
    mode = (amount.base - amount.low) / width
    reached = special.betainc(1 + 4 * mode, 1 + 4 * (1 - mode), PLACES)
    found: np.ndarray = amount.low + width * np.interp(p, reached, PLACES)
    return found


def _triangular(amount: Amount, p: np.ndarray) -> np.ndarray:
    width, left, right = amount.high - amount.low, amount.base - amount.low, amount.high - amount.base
    found: np.ndarray = np.where(
        p * width <= left, amount.low + np.sqrt(p * width * left), amount.high - np.sqrt((1 - p) * width * right)
    )
    return found


def _moment_quantiles(shape: Shape, mean: float, sd: float, p: np.ndarray) -> np.ndarray:
    if shape is Shape.GAMMA:
        k, scale = gamma_moments(mean, sd)
        return scale * np.asarray(special.gammaincinv(k, p))
    if shape is Shape.LOGNORMAL:
        mu, sigma = lognormal_moments(mean, sd * sd)
        return np.exp(mu + sigma * np.asarray(special.ndtri(p)))
    a, b = beta_moments(mean, sd)
    return np.asarray(special.betaincinv(a, b, p))
