"""How far a figure is rounded, by the number of people behind it and by whether it is a whole cohort's or a part's.

A mean to one decimal with an exact n of nine gives back one answer out of two means; so parts of a cohort are rounded
further than the cohort itself (docs/disclosure.md gives the shares of answers recovered).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from echo_metrics.disclosure.policy import Policy

P_BANDS: Final = (0.001, 0.01, 0.05)
"""Probabilities are told by these bounds only: an exact p and a rounded n give the change back."""
TOPPED_LOW, TOPPED_HIGH = 5.0, 95.0
"""In a breakdown nobody and everybody are told as at most and at least this: 0 % and 100 % speak of every member."""
_SLACK: Final = 1e-9


@dataclass(frozen=True)
class Precision:
    """Steps that numbers are rounded to. A step of zero leaves them as they are.

    `count` rounds numbers of people, `mean` averages on a rating scale, `percent` percentages of any kind. `topped`
    caps percentages near 0 and 100. `tallies` says whether counts inside a group (how many went up) may be shown.
    """

    count: int = 1
    mean: float = 0.0
    percent: float = 0.0
    effect: float = 0.0
    topped: bool = False
    tallies: bool = True
    banded: bool = False

    def people(self, n: int) -> int:
        """Round a number of people to the nearest multiple of the base; halves go up."""
        return _nearest(n, self.count)

    def at_least(self, n: int) -> int:
        """The fewest people that the number told for `n` can stand for."""
        return n if self.count == 1 else self.people(n) - self.count // 2

    def step(self, unit_is_percent: bool) -> float:
        """The step of a measure's averages."""
        return self.percent if unit_is_percent else self.mean

    def share(self, percent: float) -> tuple[float, str]:
        """Round a percentage; the second value is '≤' or '≥' where it was capped, else ''."""
        value = to_step(percent, self.percent)
        if self.topped and value <= 0:
            return TOPPED_LOW, "≤"
        if self.topped and value >= 100:
            return TOPPED_HIGH, "≥"
        return value, ""


EXACT: Final = Precision()


def precision_for(policy: Policy, people: int, whole: bool) -> Precision:
    """The precision of a figure of `people` distinct people; `whole` means a whole cohort or network.

    Whole: exact n, means to 0.1, whole percentages. Parts: counts to the policy's base; percentages to 10 points below
    30 people, to 5 below 100, else whole; means to 0.5 below 30 people, else to 0.1.
    """
    if policy.internal:
        return EXACT
    if whole and not policy.coarse:
        return Precision(mean=0.1, percent=1.0, effect=0.1, banded=True)
    # The thresholds look at the number as it is told: else the step of a mean would narrow a rounded count.
    told = _nearest(people, policy.base)
    percent = 10.0 if told < 30 else 5.0 if told < 100 else 1.0
    return Precision(policy.base, 0.1 if told >= 30 else 0.5, percent, 0.1, topped=True, tallies=False, banded=True)


def _nearest(n: int, base: int) -> int:
    return n if base == 1 else base * math.floor(n / base + 0.5)


def to_step(value: float, step: float) -> float:
    """Round to the nearest multiple of a step; halves away from zero, so that gains and losses mirror each other.

    >>> to_step(0.25, 0.5), to_step(-0.25, 0.5), to_step(0.24, 0.5), to_step(1.23, 0)
    (0.5, -0.5, 0.0, 1.23)
    """
    if not step:
        return value
    steps = math.floor(abs(value) / step + 0.5 + _SLACK)
    return _clean(math.copysign(steps * step, value)) if steps else 0.0


def outward(low: float, high: float, step: float) -> tuple[float, float]:
    """Round an interval's ends away from each other, so that it still holds what it held.

    >>> outward(0.31, 0.74, 0.1), outward(0.3, 0.7, 0.1)
    ((0.3, 0.8), (0.3, 0.7))
    """
    if not step:
        return low, high
    return _clean(math.floor(low / step + _SLACK) * step), _clean(math.ceil(high / step - _SLACK) * step)


def p_band(p: float) -> str:
    """The band of a probability in words.

    >>> p_band(0.0004), p_band(0.03), p_band(0.05)
    ('p<0.001', 'p<0.05', 'p not below 0.05')
    """
    for bound in P_BANDS:
        if p < bound:
            return f"p<{bound:g}"
    return f"p not below {P_BANDS[-1]:g}"


def _clean(value: float) -> float:
    return round(value, 10) + 0.0
