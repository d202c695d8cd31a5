"""One finite number, or a refusal that names its field: what statistics and money ask of every input."""

from __future__ import annotations

import math
from typing import Any

from echo_metrics.errors import UserError

LARGEST = 1e15
"""No score, count or sum of money is larger; beyond it squares lose the digits that a variance needs."""


def number(value: Any, field: str, low: float = -LARGEST, high: float = LARGEST) -> float:
    """Return `value` as a float between `low` and `high`; text, booleans, None, NaN and infinity are refused."""
    if isinstance(value, bool | str | bytes) or value is None:
        raise UserError(f"{field} must be a number; {value!r} was given.")
    try:
        found = float(value)
    except OverflowError:
        raise UserError(f"{field} is too large a number.") from None
    except (TypeError, ValueError):
        raise UserError(f"{field} must be a number; {type(value).__name__} was given.") from None
    if not math.isfinite(found):
        raise UserError(f"{field} must be a finite number; {found} was given.")
    if not low <= found <= high:
        raise UserError(f"{field} must lie between {low:g} and {high:g}; {found:g} was given.")
    return found


def number_in(text: str) -> float | None:
    """A plain number, also with a decimal comma; None for text, for `1,234`, which may be either, and for endless ones.

    >>> number_in("3,5"), number_in("1,234"), number_in("4"), number_in("nan")
    (3.5, None, 4.0, None)
    """
    comma = text.count(",") == 1 and "." not in text and len(text.rpartition(",")[2].strip()) != 3
    try:
        value = float(text.replace(",", ".") if comma else text)
    except ValueError:
        return None
    return value if abs(value) < 1e300 else None
