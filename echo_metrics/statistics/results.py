"""What the families share: an estimate with its interval, reasons for what is missing, a level's check."""

from __future__ import annotations

from dataclasses import dataclass

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
