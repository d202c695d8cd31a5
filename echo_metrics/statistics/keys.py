"""Numbers as whole keys of one unit, exactly, so that ties that are real stay ties."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from echo_metrics.statistics.counts import Counts

DECIMALS = 12
"""Scores are read to 12 decimals; beyond that there is only floating-point noise, which would break real ties."""


def exact(value: float) -> Fraction:
    """Give the fraction that a number stands for: a third written as 0.3333333333333333 is a third.

    >>> exact(0.1 + 0.2)
    Fraction(3, 10)
    """
    near = Fraction(value).limit_denominator(2520)
    return near if abs(float(near) - value) <= 1e-9 else Fraction(repr(round(value, DECIMALS)))


def keyed(*columns: Sequence[float]) -> tuple[list[list[int]], int]:
    """Turn columns of finite numbers into whole keys of one common unit.

    Unlike `counts.key_of` with `counts.unit_for` it never refuses and never rounds a key, however fine the unit.

    >>> keyed([0.5, 2])
    ([[1, 4]], 2)
    """
    fractions = [[exact(float(value)) for value in column] for column in columns]
    unit = math.lcm(1, *{value.denominator for column in fractions for value in column})
    return [[int(value * unit) for value in column] for column in fractions], unit


def counted(values: Sequence[float]) -> Counts:
    """Count finite values, one a person.

    >>> counted([0.5, 0.5, 2])
    Counts(keys=(1, 4), n=(2, 1), unit=2, dropped=0)
    """
    (keys,), unit = keyed(values)
    return Counts(tuple(keys), (1,) * len(keys), unit)
