"""Fields of a ledger's tables: amounts with their range, and a reader that collects every problem it meets."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from echo_metrics.errors import UserError

SHARES = ("deadweight", "displacement", "attribution_to_others")


class LedgerError(UserError):
    """A ledger that can't be used. `problems` holds one sentence for each thing to mend, with the line's key."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__("\n".join([f"The ledger has {count}:", *(f"- {problem}" for problem in problems)]))


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with the range it may plausibly take: low <= base <= high."""

    low: float
    base: float
    high: float

    @classmethod
    def exactly(cls, value: float) -> Amount:
        """A number without a range."""
        return cls(value, value, value)

    def times(self, factor: float) -> Amount:
        """The amount multiplied by a factor that is not negative."""
        return Amount(self.low * factor, self.base * factor, self.high * factor)

    def divided_by(self, divisor: float) -> Amount:
        """The amount for each one of `divisor`, which must be above zero."""
        return Amount(self.low / divisor, self.base / divisor, self.high / divisor)


class TableReader:
    """Reads the fields of one table, collecting problems instead of stopping at the first."""

    def __init__(self, data: Mapping[str, Any], where: str, problems: list[str]) -> None:
        self.data = data
        self.where = where
        self.problems = problems

    def problem(self, sentence: str) -> None:
        """Note one thing to mend, under the name of this table."""
        self.problems.append(f"{self.where}: {sentence}")

    def refuse_unknown(self, known: tuple[str, ...]) -> None:
        """Note every key that is not known; a misspelt key must not be lost in silence."""
        for key in self.data:
            if key in known:
                continue
            if key == "programme_share":
                self.problem(
                    "programme_share is what the programme caused; write attribution_to_others, what others "
                    "caused (1 minus it)."
                )
            elif key in SHARES:
                self.problem(f"{key} belongs to benefits, not to costs.")
            else:
                self.problem(f"unknown key {key!r}.")

    def text(self, key: str, *, required: bool = False) -> str:
        """Read text; empty where it is missing."""
        value = self.data.get(key)
        if value is None:
            if required:
                self.problem(f"{key} is missing.")
            return ""
        if not isinstance(value, str):
            self.problem(f"{key} must be text.")
            return ""
        if required and not value.strip():
            self.problem(f"{key} is empty.")
        return value.strip()

    def day(self, key: str, default: date | None) -> date:
        """Read a date; `default` where it is missing, a problem where there is no default."""
        value = self.data.get(key)
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        if isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        if value is not None:
            self.problem(f"{key} must be a date such as 2020-07-31.")
        elif default is None:
            self.problem(f"{key} is missing.")
        return default or date.min

    def flag(self, key: str, default: bool) -> bool:
        """Read true or false; `default` where it is missing."""
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            self.problem(f"{key} must be true or false.")
            return default
        return value

    def amount(self, key: str, check: Callable[[str, float], str | None]) -> Amount | None:
        """Read a number or {low, base, high}; None (with a problem) where it can't be used."""
        value = self.data.get(key)
        if value is None:
            self.problem(f"{key} is missing.")
            return None
        if not isinstance(value, Mapping):
            number = self._number(key, value, check)
            return None if number is None else Amount.exactly(number)
        if set(value) != {"low", "base", "high"}:
            self.problem(f"{key} must be a number or have exactly low, base and high.")
            return None
        parts = [self._number(f"{key}.{part}", value[part], check) for part in ("low", "base", "high")]
        low, base, high = parts
        if low is None or base is None or high is None:
            return None
        if low > high:
            self.problem(f"{key}: low {low:g} is above high {high:g}.")
            return None
        if not low <= base <= high:
            self.problem(f"{key}: base {base:g} lies outside low {low:g} to high {high:g}.")
            return None
        return Amount(low, base, high)

    def _number(self, name: str, value: Any, check: Callable[[str, float], str | None]) -> float | None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.problem(f"{name} must be a number.")
            return None
        sentence = check(name, float(value))
        if sentence is not None:
            self.problem(sentence)
            return None
        return float(value)


def not_negative(name: str, value: float) -> str | None:
    """Check for `TableReader.amount`: zero or more."""
    return f"{name} is {value:g}; it must not be negative." if value < 0 else None


def share_between(name: str, value: float) -> str | None:
    """Check for `TableReader.amount`: a share from 0 to 1; percentages are recognised."""
    if 0 <= value <= 1:
        return None
    hint = f"; {value:g} percent is {value / 100:g}" if 1 < value <= 100 else ""
    return f"{name} is {value:g}; write a share between 0 and 1{hint}."
