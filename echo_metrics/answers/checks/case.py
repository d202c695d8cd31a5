"""One check: the measure it speaks of, and its way through the gate to a result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from echo_metrics.answers.model import Group, Interval, Result
from echo_metrics.answers.scope import Scoped
from echo_metrics.definitions import Measure
from echo_metrics.disclosure import Exact, Policy, Suppressed, gate
from echo_metrics.statistics.counts import PairCounts
from echo_metrics.statistics.paired_change import PairedChange
from echo_metrics.terms import Contrast, Status

LEAST_GROUP = 5
"""Smallest group that enters a comparison between groups."""
MOST_PEOPLE = 100_000
"""Above this the checks that need one value a person are left out: at that size every p is tiny anyway."""

Values = np.ndarray[Any, np.dtype[np.float64]]
Words = tuple[str, Interval | None]
"""What a check says, and its number if it has one."""


@dataclass(frozen=True)
class Case:
    """One measure with its pairs, and what a check needs to speak of it."""

    measure: Measure
    contrast: Contrast
    pairs: PairCounts
    change: PairedChange
    policy: Policy


def check(
    case: Case,
    key: str,
    label: str,
    people: int,
    words: Callable[[], tuple[str, Interval | None]],
    method: str,
) -> Result:
    """One check as a result, through the gate; its words and number are made only for a released figure."""
    outcome = gate(Exact(people, words), case.policy)
    result = Result(
        measure=case.measure.key,
        label=label,
        group=Group("check", key, label),
        status=outcome.status if isinstance(outcome, Suppressed) else Status.RELEASED,
        reason=outcome.reason if isinstance(outcome, Suppressed) else "",
        kind="check",
        contrast=case.contrast.value,
        unit=case.measure.unit,
        method=method,
    )
    if isinstance(outcome, Suppressed):
        return replace(result, sentence=outcome.reason, method="")
    sentence, value = outcome.value()
    result = replace(result, sentence=sentence, value=value)
    if outcome.internal:
        reason = "Internal: a group of fewer than 5 people. Others see this as hidden."
        return replace(result, status=Status.UNRELIABLE, reason=reason)
    return result


def place_of(scoped: Scoped) -> dict[str, Any]:
    """The part of a filter that says who, without the period."""
    return {k: scoped.parameters[k] for k in ("networks", "cohorts", "discipline")}


def unit_words(measure: Measure) -> str:
    """What a change of the measure is counted in."""
    return "percentage points" if measure.unit.startswith("%") else measure.unit


def signed(value: float) -> str:
    """A number to one decimal with its sign; nothing bears none."""
    rounded = round(value, 1)
    return f"{'+' if rounded > 0 else '−' if rounded < 0 else ''}{abs(rounded):.1f}"
