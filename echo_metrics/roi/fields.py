"""Fields of a ledger's tables: a reader that collects every problem it meets."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from echo_metrics.errors import UserError
from echo_metrics.numbers import LARGEST
from echo_metrics.roi.amounts import Amount, Shape
from echo_metrics.roi.ledger import BENEFIT_INPUTS, Evidence

LONGEST_QUOTE = 80
"""Characters of a wrong value that a refusal repeats."""
NOT_TEXT = frozenset(map(chr, (*range(9), 11, 12, *range(14, 32), 127, 0xFFFE, 0xFFFF)))
"""Characters that XML, and so a workbook, does not know."""
LONGEST_TEXT = 20_000
"""Characters of one text: a workbook's cell holds no more than 32,767."""
SMALLEST = 1e-9
"""A rate, a price level or a mean below this is a slip of the keyboard; dividing by it leaves no number."""
NARROWEST, WIDEST = 1e-6, 1e3
"""Standard deviation of a distribution by moments as a part of its mean: beyond, no such amount is known."""


class LedgerError(UserError):
    """A ledger that can't be used. `problems` holds one sentence for each thing to mend, with the line's key."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__("\n".join([f"The ledger has {count}:", *(f"- {problem}" for problem in problems)]))


Check = Callable[[str, float], str | None]
"""Returns what is wrong with a named value, or None."""


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
            elif key in BENEFIT_INPUTS:
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
        if len(value) > LONGEST_TEXT:
            self.problem(f"{key} has {len(value):,} characters; at most {LONGEST_TEXT:,} fit into a workbook.")
        if any(c in value for c in NOT_TEXT):
            self.problem(f"{key} holds a control character that no workbook can keep; type the text again.")
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

    def amount(self, key: str, check: Check) -> Amount | None:
        """Read a number, {low, base, high} or {distribution, mean, sd}; None where it can't be used."""
        value = self.data.get(key)
        if value is None:
            self.problem(f"{key} is missing.")
            return None
        if not isinstance(value, Mapping):
            number = self._number(key, value, check)
            return None if number is None else Amount.exactly(number)
        shape = self._shape(key, value.get("distribution", Shape.PERT.value))
        if shape is None:
            return None
        if shape.by_moments:
            return self._by_moments(key, value, shape, check)
        if set(value) - {"distribution"} != {"low", "base", "high"}:
            self.problem(f"{key} must be a number or have exactly low, base and high (and a distribution if wanted).")
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
        # Without a range there is nothing to be distributed, whatever shape was written.
        return Amount.exactly(base) if low == high else Amount(low, base, high, shape)

    def number(self, key: str, check: Check, default: float | None = None) -> float | None:
        """Read one number without a range; `default` where it is missing, a problem where there is no default."""
        if key not in self.data:
            if default is None:
                self.problem(f"{key} is missing.")
            return default
        return self._number(key, self.data[key], check)

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int | None:
        """Read a whole number between two ends; `default` where it is missing, a problem where there is no default."""
        value = self.data.get(key, default)
        if value is None:
            self.problem(f"{key} is missing.")
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.problem(f"{key} is {quoted(value)}; it must be a whole number from {low} to {high}.")
            return None
        return value

    def evidence(self) -> Evidence:
        """Read the evidence grade; not graded where it is missing."""
        word = self.text("evidence")
        try:
            return Evidence(word)
        except ValueError:
            known = ", ".join(e.value for e in Evidence if e.value)
            self.problem(f"evidence is {word!r}; it must be one of {known}.")
            return Evidence.NOT_GRADED

    def _shape(self, key: str, word: Any) -> Shape | None:
        try:
            return Shape(word)
        except ValueError:
            self.problem(f"{key}: distribution is {word!r}; it must be one of {', '.join(Shape)}.")
            return None

    def _by_moments(self, key: str, value: Mapping[str, Any], shape: Shape, check: Check) -> Amount | None:
        if set(value) != {"distribution", "mean", "sd"}:
            self.problem(f"{key}: a {shape} distribution has exactly mean and sd.")
            return None
        mean = self._number(f"{key}.mean", value["mean"], check)
        sd = self._number(f"{key}.sd", value["sd"], not_negative)
        if mean is None or sd is None:
            return None
        if check is share_between and shape is not Shape.BETA:
            self.problem(f"{key}: a {shape} distribution has no upper end, and a share ends at 1; write a beta.")
            return None
        if mean == 0 or sd == 0:
            self.problem(f"{key}: mean and sd of a {shape} distribution must be above zero.")
            return None
        if mean < SMALLEST or not NARROWEST * mean <= sd <= WIDEST * mean:
            self.problem(
                f"{key}: mean {mean:g} and sd {sd:g} can't be meant so; the sd must lie between {NARROWEST:g} and "
                f"{WIDEST:,.0f} times the mean."
            )
            return None
        try:
            return Amount.from_moments(shape, mean, sd)
        except UserError as error:
            self.problem(f"{key}: {error}")
            return None

    def _number(self, name: str, value: Any, check: Check) -> float | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.problem(f"{name} must be a number.")
            return None
        # Whole numbers of any length are compared before they are made floats, which could not hold them.
        if abs(value) > LARGEST and value not in (math.inf, -math.inf):
            self.problem(f"{name} is beyond {LARGEST:g}, more than any sum of money.")
            return None
        if not math.isfinite(value):
            self.problem(f"{name} must be a number.")
            return None
        sentence = check(name, float(value))
        if sentence is not None:
            self.problem(sentence)
            return None
        return float(value)


def quoted(value: Any) -> str:
    """A value as a refusal quotes it: whole numbers of hundreds of digits would fill the screen, or could not be."""
    if isinstance(value, int) and abs(value) > LARGEST:
        return f"beyond {LARGEST:g}"
    words = repr(value)
    return words if len(words) <= LONGEST_QUOTE else f"{words[:LONGEST_QUOTE]}..."


def not_negative(name: str, value: float) -> str | None:
    """Check for `TableReader.amount`: zero or more."""
    return f"{name} is {value:g}; it must not be negative." if value < 0 else None


def share_between(name: str, value: float) -> str | None:
    """Check for `TableReader.amount`: a share from 0 to 1; percentages are recognised."""
    if 0 <= value <= 1:
        return None
    hint = f"; {value:g} percent is {value / 100:g}" if 1 < value <= 100 else ""
    return f"{name} is {value:g}; write a share between 0 and 1{hint}."


def above_zero(name: str, value: float) -> str | None:
    """Check for `TableReader.number`: more than nothing, and enough to divide by."""
    if value <= 0:
        return f"{name} is {value:g}; it must be above zero."
    return None if value >= SMALLEST else f"{name} is {value:g}; that is too small to convert money with."


def any_number(name: str, value: float) -> str | None:
    """Check that lets every number pass."""
    return None
