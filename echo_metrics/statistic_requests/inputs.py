"""Reading the inputs of a request, and building its reply: every refusal names its field, every gap has its reason."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from echo_metrics.errors import UserError
from echo_metrics.statistics.checks import number, numbers, sequence, square_counts, whole
from echo_metrics.statistics.counts import Counts, PairCounts
from echo_metrics.statistics.keys import counted, keyed
from echo_metrics.statistics.results import Estimate, Reasons, check_level

UNSTATED = "This can't be computed from these inputs."


class Inputs:
    """The inputs of one request, read by name; `ignored` lists those that nothing asked for."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.read: set[str] = set()

    @property
    def ignored(self) -> list[str]:
        """Names of inputs that the method did not use."""
        return sorted(str(name) for name in self.data if name not in self.read)

    def has(self, *names: str) -> bool:
        """Whether all of these were given (null counts as not given)."""
        return all(self.data.get(name) is not None for name in names)

    def get(self, name: str) -> Any:
        """The raw value of an input that must be there."""
        self.read.add(name)
        if self.data.get(name) is None:
            raise UserError(f"inputs.{name} is missing.")
        return self.data[name]

    def first(self, *names: str) -> Any:
        """The raw value of the first of several names that was given."""
        for name in names:
            if self.has(name):
                return self.get(name)
        raise UserError(f"inputs.{names[0]} is missing.")

    def number(self, name: str, default: float | None = None) -> float:
        """A finite number."""
        if default is not None and not self.has(name):
            return default
        return number(self.get(name), name)

    def whole(self, name: str, low: int = 0) -> int:
        """A whole number of at least `low`."""
        return whole(self.get(name), name, low)

    def level(self, default: float = 0.95) -> float:
        """The confidence level."""
        return check_level(self.number("level", default))

    def each(self, names: Sequence[str], of: Callable[..., Any]) -> tuple[list[Any], bool]:
        """Apply `of` to inputs that are all numbers, or all lists of one length (numbers are repeated).

        Returns the results and whether there was a list at all.
        """
        given = {name: self.get(name) for name in names}
        lists = {name: sequence(value, name, 1) for name, value in given.items() if isinstance(value, list | tuple)}
        if not lists:
            return [of(*given.values())], False
        lengths = {len(value) for value in lists.values()}
        if len(lengths) > 1:
            raise UserError(f"{', '.join(lists)} must be equally long.")
        size = lengths.pop()
        rows = zip(*(lists.get(name, [value] * size) for name, value in given.items()), strict=True)
        return [of(*row) for row in rows], True

    # -- paired data -----------------------------------------------------------------------------------------------

    def levels(self) -> list[float] | None:
        """The levels of the scale, ascending in the order given; None if not given."""
        if not self.has("levels"):
            return None
        found: list[float] = numbers(self.get("levels"), "levels", 1).tolist()
        if len(set(found)) < len(found):
            raise UserError("levels must differ from one another.")
        return found

    def pairs(self) -> PairCounts:
        """Pairs by score before and after: from pre and post, or from a table (with its levels, or 1, 2, 3 ...)."""
        levels = self.levels()
        if self.has("table"):
            table = square_counts(self.get("table"), "table", 1, None if levels is None else len(levels))
            (keys,), unit = keyed(levels or [float(i) for i in range(1, len(table) + 1)])
            cells = [(keys[i], keys[j], int(n)) for i, row in enumerate(table) for j, n in enumerate(row)]
            return PairCounts.from_cells(cells, unit)
        if not self.has("pre") and not self.has("post"):
            raise UserError("inputs.pre and inputs.post are missing (or inputs.table with inputs.levels).")
        before, after = (self._scores(name, levels) for name in ("pre", "post"))
        if len(before) != len(after):
            raise UserError(f"pre and post must be equally long: pre has {len(before)}, post has {len(after)}.")
        both = [(x, y) for x, y in zip(before, after, strict=True) if x is not None and y is not None]
        (first, second), unit = keyed([x for x, _ in both], [y for _, y in both])
        return PairCounts(tuple(first), tuple(second), (1,) * len(both), unit, len(before) - len(both))

    def _scores(self, name: str, levels: list[float] | None) -> list[float | None]:
        given = sequence(self.get(name), name)
        found: list[float | None] = []
        for i, value in enumerate(given):
            score = None if value is None else number(value, f"{name}[{i}]")
            if score is not None and levels is not None and score not in levels:
                raise UserError(f"{name}[{i}] must be one of the levels; {score:g} was given.")
            found.append(score)
        return found

    def scale_levels(self, pairs: PairCounts) -> list[float]:
        """The levels given, or those a table has, or the distinct scores seen, ascending."""
        levels = self.levels()
        if levels is not None:
            return sorted(levels)
        if self.has("table"):
            return [float(i) for i in range(1, len(self.get("table")) + 1)]
        return [key / pairs.unit for key in sorted({*pairs.before, *pairs.after})]

    def differences(self, *, post_minus_pre: bool = True) -> Counts:
        """Changes: from differences, difference_counts, pre and post, or a table; raw differences as they stand."""
        if self.has("differences"):
            return counted(numbers(self.get("differences"), "differences").tolist())
        if self.has("difference_counts"):
            return self._difference_counts()
        if not self.has("table") and not self.has("pre") and not self.has("post"):
            raise UserError(
                "inputs.differences is missing (or difference_counts, or pre and post, or table with levels)."
            )
        pairs = self.pairs()
        return pairs.differences if post_minus_pre else pairs.swapped().differences

    def _difference_counts(self) -> Counts:
        given = self.get("difference_counts")
        if not isinstance(given, Mapping):
            raise UserError("difference_counts must be a table of differences with their counts.")
        values, people = [], []
        for key, count in given.items():
            try:
                value = float(key)
            except (TypeError, ValueError):
                raise UserError(f"difference_counts has {key!r}, which is not a number.") from None
            values.append(number(value, f"difference_counts[{key}]"))
            people.append(whole(count, f"difference_counts[{key}]"))
        (keys,), unit = keyed(values)
        return Counts(tuple(keys), tuple(people), unit)

    def groups(self) -> list[Any]:
        """Several groups: a list of lists, a table of lists by name, or y with group."""
        if self.has("groups"):
            given = self.get("groups")
            return list(given.values()) if isinstance(given, Mapping) else list(sequence(given, "groups"))
        if self.has("group", "y"):
            from echo_metrics.statistics.adjusted import in_order, labels
            from echo_metrics.statistics.checks import same_length

            names, values = labels(self.get("group"), "group"), numbers(self.get("y"), "y")
            same_length(group=names, y=values)
            return [[v for n, v in zip(names, values.tolist(), strict=True) if n == name] for name in in_order(names)]
        raise UserError("inputs.groups is missing (a list of lists of scores).")


class Reply:
    """A reply under construction: values by key, and the reasons of those that are null."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.reasons: dict[str, str] = {}

    def put(self, key: str, value: Any, reason: str | None = None) -> Reply:
        """Add a value; a null needs its reason."""
        self.values[key] = value
        if value is None:
            self.reasons[key] = reason or UNSTATED
        return self

    def interval(self, key: str, low: float | None, high: float | None, reason: str | None = None) -> Reply:
        """Add an interval as a list of two, null if either limit is unknown."""
        return self.put(key, None if low is None or high is None else [low, high], reason)

    def estimate(self, key: str, found: Estimate, interval: str | None = None) -> Reply:
        """Add an estimate, and its interval under a key of its own."""
        self.put(key, found.value, found.reason)
        if interval is not None:
            self.interval(interval, found.low, found.high, found.reason)
        return self

    def result(self, found: Any, **keys: str) -> Reply:
        """Add fields of a result dataclass under their keys: key="field"."""
        reasons: Reasons = found.reasons
        for key, field in keys.items():
            why = next((sentence for name, sentence in reasons if name == field), None)
            self.put(key, getattr(found, field), why)
        return self

    def finished(self) -> dict[str, Any]:
        """The reply as JSON-safe values; a number that is not finite becomes null with a reason."""
        cleaned = {key: self._clean(key, value) for key, value in self.values.items()}
        if self.reasons:
            cleaned["reasons"] = dict(self.reasons)
        return cleaned

    def _clean(self, key: str, value: Any) -> Any:
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, np.ndarray):
            value = value.tolist()
        if isinstance(value, Mapping):
            return {str(name): self._clean(key, part) for name, part in value.items()}
        if isinstance(value, list | tuple):
            return [self._clean(key, part) for part in value]
        if isinstance(value, float) and not math.isfinite(value):
            self.reasons.setdefault(key, "The result is beyond what a number can hold.")
            return None
        return value


def unpacked(results: list[Any], listed: bool) -> Any:
    """One result on its own, or the list of them, as the inputs came."""
    return results if listed else results[0]


def names_of(data: Mapping[str, Any], without: set[str]) -> Iterator[str]:
    """Names of the inputs given, in their order, but for those known."""
    return (str(name) for name in data if name not in without)
