"""People counted by score: the tables that every statistic of one measure is computed from.

Scores are whole-number keys. `unit` says how many keys make one point: 1 for an item answered 1 to 5, 2520
(`terms.SCORE_UNIT`) for the mean of several items, so that a score of 3.5 is key 8820. Ranks depend on ties,
and floating-point scores would break ties that are real.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self

from echo_metrics.errors import UserError

Score = float | int | None
"""One score in points; None or NaN means that the person gave none."""

KEY_TOLERANCE = 1e-6
"""Distance from a whole key, in keys, that floating-point noise may explain.

A score of up to 1,000 points times 2520 carries an error of about 1e-10 keys. A score that was rounded to two
decimals before it came to us is off by up to 12 keys, and must not be taken for an exact one.
"""


def _whole(value: Any, field: str) -> int:
    """Return `value` as an int, refusing fractions, booleans and text by the name of the field."""
    if not isinstance(value, bool):
        try:
            return operator.index(value)
        except TypeError:
            if isinstance(value, float) and value.is_integer():
                return int(value)
    raise UserError(f"{field} must be a whole number; {value!r} was given.")


def _count(value: Any) -> int:
    count = _whole(value, "n")
    if count < 0:
        raise UserError(f"n must not be negative; {count} was given.")
    return count


def _unit(value: Any) -> int:
    unit = _whole(value, "unit")
    if unit < 1:
        raise UserError(f"unit must be 1 or more; {unit} was given.")
    return unit


def _same_length(**columns: Sequence[Any]) -> None:
    if len({len(column) for column in columns.values()}) > 1:
        sizes = ", ".join(f"{name} has {len(column)}" for name, column in columns.items())
        raise UserError(f"The columns must be equally long: {sizes}.")


def _is_missing(score: Score) -> bool:
    return score is None or score != score


def key_of(score: float, unit: int, field: str = "score") -> int:
    """Return the whole-number key of a score in points, within `KEY_TOLERANCE` keys.

    Refuses infinite scores and scores that fall between two keys.

    >>> key_of(3.5, 2520)
    8820
    """
    if isinstance(score, bool) or not math.isfinite(score):
        raise UserError(f"{field} must be a finite number; {score!r} was given.")
    # float() first: a numpy scalar times a large whole number could overflow its own small type.
    exact = score * unit if isinstance(score, int) else float(score) * unit
    key = round(exact)
    if abs(exact - key) > KEY_TOLERANCE:
        raise UserError(f"{field} {score!r} is not a whole multiple of 1/{unit} point.")
    return key


def unit_for(scores: Iterable[Score]) -> int:
    """Find the smallest unit in which every score is a whole number of keys.

    Scores that lie within 1e-9 of a fraction with a denominator of at most 2520 are taken to be that fraction
    (a third written as 0.3333333333333333); any other score is taken as the decimal number it prints as.

    >>> unit_for([0.5, 1.83, 2])
    100
    """
    unit = 1
    for score in scores:
        if score is None or _is_missing(score):
            continue
        if isinstance(score, bool) or not math.isfinite(score):
            raise UserError(f"score must be a finite number; {score!r} was given.")
        value = float(score)
        near = Fraction(value).limit_denominator(2520)
        fraction = near if abs(float(near) - value) <= 1e-9 else Fraction(repr(value))
        unit = math.lcm(unit, fraction.denominator)
    return unit


@dataclass(frozen=True, slots=True)
class Counts:
    """People counted by one score: `n[i]` people scored `keys[i]` / `unit` points.

    Always sorted by key, without repeated keys and without zero counts, however it was made; so two tables of
    the same people are equal. `dropped` counts the people who were left out because they gave no score. Empty
    is legal.
    """

    keys: tuple[int, ...] = ()
    n: tuple[int, ...] = ()
    unit: int = 1
    dropped: int = 0

    def __post_init__(self) -> None:
        _same_length(keys=self.keys, n=self.n)
        merged: dict[int, int] = {}
        for key, count in zip(self.keys, self.n, strict=True):
            whole = _whole(key, "key")
            merged[whole] = merged.get(whole, 0) + _count(count)
        cells = sorted((key, count) for key, count in merged.items() if count)
        object.__setattr__(self, "keys", tuple(key for key, _ in cells))
        object.__setattr__(self, "n", tuple(count for _, count in cells))
        object.__setattr__(self, "unit", _unit(self.unit))

    @classmethod
    def from_cells(cls, cells: Iterable[tuple[int, int]], unit: int = 1) -> Self:
        """Build from (key, n) cells in any order; repeated keys add up."""
        rows = list(cells)
        return cls(tuple(row[0] for row in rows), tuple(row[1] for row in rows), unit)

    @classmethod
    def from_scores(cls, scores: Iterable[Score], unit: int = 1) -> Self:
        """Build from one score per person, in points; None and NaN are dropped and counted in `dropped`."""
        given = list(scores)
        kept = [score for score in given if score is not None and not _is_missing(score)]
        keys = tuple(key_of(score, unit) for score in kept)
        return cls(keys, (1,) * len(keys), unit, len(given) - len(kept))

    @property
    def total(self) -> int:
        """How many people were counted."""
        return sum(self.n)

    def merge(self, *others: Counts) -> Counts:
        """Add the people of other tables with the same unit (cohorts, hubs, machines)."""
        tables = (self, *others)
        if any(table.unit != self.unit for table in others):
            raise ValueError("counts with different units can't be added")
        return Counts(
            tuple(key for table in tables for key in table.keys),
            tuple(count for table in tables for count in table.n),
            self.unit,
            sum(table.dropped for table in tables),
        )

    def __add__(self, other: Counts) -> Counts:
        return self.merge(other)


@dataclass(frozen=True, slots=True)
class PairCounts:
    """People counted by score before and score after: `n[i]` people went from `before[i]` to `after[i]`.

    Keys are whole numbers, `unit` of them to the point. Always sorted, without repeated or empty cells,
    however it was made. `dropped` counts pairs left out because one or both scores were missing. Empty is
    legal.
    """

    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    n: tuple[int, ...] = ()
    unit: int = 1
    dropped: int = 0

    def __post_init__(self) -> None:
        _same_length(before=self.before, after=self.after, n=self.n)
        merged: dict[tuple[int, int], int] = {}
        for first, second, count in zip(self.before, self.after, self.n, strict=True):
            cell = (_whole(first, "before"), _whole(second, "after"))
            merged[cell] = merged.get(cell, 0) + _count(count)
        cells = sorted((cell, count) for cell, count in merged.items() if count)
        object.__setattr__(self, "before", tuple(cell[0] for cell, _ in cells))
        object.__setattr__(self, "after", tuple(cell[1] for cell, _ in cells))
        object.__setattr__(self, "n", tuple(count for _, count in cells))
        object.__setattr__(self, "unit", _unit(self.unit))

    @classmethod
    def from_cells(cls, cells: Iterable[tuple[int, int, int]], unit: int = 1) -> Self:
        """Build from (before, after, n) cells in any order; repeated cells add up."""
        rows = list(cells)
        return cls(tuple(r[0] for r in rows), tuple(r[1] for r in rows), tuple(r[2] for r in rows), unit)

    @classmethod
    def from_table(cls, levels: Sequence[float], table: Sequence[Sequence[int]], unit: int = 1) -> Self:
        """Build from a square transition table: row = level before, column = level after, both in points."""
        if len(table) != len(levels) or any(len(row) != len(levels) for row in table):
            raise UserError(f"table must have {len(levels)} rows of {len(levels)} counts, one for each level.")
        keys = [key_of(level, unit, "level") for level in levels]
        if len(set(keys)) != len(keys):
            raise UserError("levels must differ from one another.")
        return cls.from_cells(
            [(keys[i], keys[j], count) for i, row in enumerate(table) for j, count in enumerate(row)], unit
        )

    @classmethod
    def from_scores(cls, before: Sequence[Score], after: Sequence[Score], unit: int = 1) -> Self:
        """Build from two columns of scores in points, one row per person.

        Pairs with either score missing (None or NaN) are dropped and counted in `dropped`.

        >>> PairCounts.from_scores([2, 3, None], [3, 3, 4])
        PairCounts(before=(2, 3), after=(3, 3), n=(1, 1), unit=1, dropped=1)
        """
        _same_length(before=before, after=after)
        kept = [
            (key_of(x, unit, "before"), key_of(y, unit, "after"))
            for x, y in zip(before, after, strict=True)
            if x is not None and y is not None and not _is_missing(x) and not _is_missing(y)
        ]
        firsts, seconds = tuple(pair[0] for pair in kept), tuple(pair[1] for pair in kept)
        return cls(firsts, seconds, (1,) * len(kept), unit, len(before) - len(kept))

    @property
    def n_pairs(self) -> int:
        """How many people have both scores."""
        return sum(self.n)

    @property
    def before_counts(self) -> Counts:
        """The scores before, of those who have both."""
        return Counts(self.before, self.n, self.unit)

    @property
    def after_counts(self) -> Counts:
        """The scores after, of those who have both."""
        return Counts(self.after, self.n, self.unit)

    @property
    def differences(self) -> Counts:
        """Score after minus score before; positive means that the score went up."""
        changes = tuple(y - x for x, y in zip(self.before, self.after, strict=True))
        return Counts(changes, self.n, self.unit)

    def swapped(self) -> PairCounts:
        """Exchange before and after."""
        return PairCounts(self.after, self.before, self.n, self.unit, self.dropped)

    def merge(self, *others: PairCounts) -> PairCounts:
        """Add the pairs of other tables with the same unit (cohorts, hubs, machines)."""
        tables = (self, *others)
        if any(table.unit != self.unit for table in others):
            raise ValueError("counts with different units can't be added")
        return PairCounts(
            tuple(key for table in tables for key in table.before),
            tuple(key for table in tables for key in table.after),
            tuple(count for table in tables for count in table.n),
            self.unit,
            sum(table.dropped for table in tables),
        )

    def __add__(self, other: PairCounts) -> PairCounts:
        return self.merge(other)
