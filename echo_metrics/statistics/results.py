"""What the families share: an estimate with its interval, reasons for what is missing, a level's check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from echo_metrics.errors import UserError

Reasons = tuple[tuple[str, str], ...]
"""Pairs of (field, sentence): why a field of a result is None. Pairs, not a dict, keep results hashable."""


def reason_for(reasons: Reasons, field: str) -> str | None:
    """Give the sentence that says why `field` is None, or None where the field has a value."""
    return next((sentence for name, sentence in reasons if name == field), None)


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number with its confidence interval.

    `value`, `low` and `high` share a unit; `level` is the confidence level (0.95 for 95%). Where a part is
    None, `reason` says why; the value can be known while its interval is not.
    """

    value: float | None
    low: float | None
    high: float | None
    level: float
    reason: str | None = None


def check_level(level: float) -> float:
    """Return a confidence level, refusing one outside 0 to 1 (95 instead of 0.95 is the usual slip)."""
    if not 0 < level < 1:
        raise UserError(f"The confidence level must lie between 0 and 1, such as 0.95; {level} was given.")
    return level


class WithReasons:
    """A result that says why a field of it is None. Holds no field itself; the dataclass has `reasons`."""

    __slots__ = ()
    reasons: Reasons

    def reason(self, field: str) -> str | None:
        """Why `field` is None."""
        return reason_for(self.reasons, field)


def same_reason(sentence: str, *fields: str) -> Reasons:
    """Give one sentence as the reason of several fields."""
    return tuple((field, sentence) for field in fields)


def withheld(sentence: str, fields: Iterable[str]) -> dict[str, Any]:
    """Give the arguments of a result whose `fields` are all None for one reason."""
    names = tuple(fields)
    return {**dict.fromkeys(names), "reasons": same_reason(sentence, *names)}
