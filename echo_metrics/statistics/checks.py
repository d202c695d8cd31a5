"""Checks of what a statistic is given: numbers, counts, tables, shares. A refusal names the field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from echo_metrics.errors import UserError
from echo_metrics.numbers import LARGEST, number

Array = NDArray[np.float64]


MOST_PEOPLE = 10**9
"""No count of people is larger."""


def above(value: Any, field: str, floor: float = 0.0) -> float:
    """Return `value` as a float above `floor`."""
    found = number(value, field)
    if found <= floor:
        raise UserError(f"{field} must be above {floor:g}; {found:g} was given.")
    return found


def whole(value: Any, field: str, low: int = 0, high: int = MOST_PEOPLE) -> int:
    """Return `value` as a whole number between `low` and `high`."""
    found = number(value, field)
    if not found.is_integer():
        raise UserError(f"{field} must be a whole number; {found:g} was given.")
    if not low <= found <= high:
        raise UserError(f"{field} must be a whole number from {low} to {high}; {found:g} was given.")
    return int(found)


def share(value: Any, field: str) -> float:
    """Return a share or probability from 0 to 1; 80 instead of 0.8 is the usual slip."""
    return number(value, field, 0.0, 1.0)


def sequence(values: Any, field: str, at_least: int = 0) -> Sequence[Any]:
    """Return a list, refusing anything that is not one and lists shorter than `at_least`."""
    if isinstance(values, np.ndarray):
        values = values.tolist()
    if not isinstance(values, list | tuple):
        raise UserError(f"{field} must be a list; {type(values).__name__} was given.")
    if len(values) < at_least:
        raise UserError(f"{field} must hold at least {at_least}; it holds {len(values)}.")
    return values


def numbers(values: Any, field: str, at_least: int = 0, low: float = -LARGEST, high: float = LARGEST) -> Array:
    """Return a list of finite numbers as an array; the refusal names the place, such as `y[3]` (from 0)."""
    given = sequence(values, field, at_least)
    found = [number(value, f"{field}[{i}]", low, high) for i, value in enumerate(given)]
    return np.array(found, dtype=np.float64)


def wholes(values: Any, field: str, at_least: int = 0, low: int = 0) -> list[int]:
    """Return a list of whole numbers of at least `low`, such as counts of people."""
    return [whole(value, f"{field}[{i}]", low) for i, value in enumerate(sequence(values, field, at_least))]


def same_length(**columns: Sequence[Any] | Array) -> None:
    """Refuse columns that are not equally long, naming each with its length."""
    if len({len(column) for column in columns.values()}) > 1:
        sizes = ", ".join(f"{name} has {len(column)}" for name, column in columns.items())
        raise UserError(f"The columns must be equally long: {sizes}.")


def rectangle(rows: Any, field: str, at_least: int = 1, columns: int = 1) -> Array:
    """Return a table of finite numbers with equally long rows, at least `at_least` rows and `columns` columns."""
    given = sequence(rows, field, at_least)
    found = [numbers(row, f"{field}[{i}]", columns) for i, row in enumerate(given)]
    if len({len(row) for row in found}) > 1:
        raise UserError(f"{field} must have equally long rows.")
    return np.array(found, dtype=np.float64).reshape(len(found), -1)


def square_counts(table: Any, field: str = "table", at_least: int = 2, exactly: int | None = None) -> Array:
    """Return a square table of counts of people, at least `at_least` (or `exactly`) levels wide."""
    given = sequence(table, field)
    size = len(given)
    if exactly is not None and size != exactly:
        raise UserError(f"{field} must have {exactly} rows of {exactly} counts; it has {size} rows.")
    if size < at_least:
        raise UserError(f"{field} must have at least {at_least} rows of {at_least} counts; it has {size}.")
    rows = [wholes(row, f"{field}[{i}]") for i, row in enumerate(given)]
    if any(len(row) != size for row in rows):
        raise UserError(f"{field} must be square: {size} rows of {size} counts.")
    return np.array(rows, dtype=np.float64)
