"""What leaves the store: answers, each figure with its denominators, interval, method and release status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from echo_metrics.terms import Role, Status


@dataclass(frozen=True)
class Filters:
    """What an answer is asked for; '' and None mean all. Network and discipline by key, cohort by name."""

    network: str = ""
    cohort: str = ""
    discipline: str = ""
    start: date | None = None
    end: date | None = None
    exact_pairs: bool = False
    """Only pairs whose keys are equal; those of codes that differ by one character are left out."""

    def as_json(self) -> dict[str, str | bool | None]:
        """The filters that are set, for the reply of `ask`."""
        return {
            **({"exact_pairs": True} if self.exact_pairs else {}),
            "network": self.network or None,
            "cohort": self.cohort or None,
            "discipline": self.discipline or None,
            "from": self.start.isoformat() if self.start else None,
            "to": self.end.isoformat() if self.end else None,
        }


@dataclass(frozen=True)
class Group:
    """Which part of the filter a result is about: everyone, or one discipline, cohort, session or item."""

    kind: str = "all"
    key: str = ""
    label: str = "Everyone"

    def as_json(self) -> dict[str, str]:
        """The group as the reply of `ask` names it; everyone is empty."""
        return {} if self.kind == "all" else {self.kind: self.label, "key": self.key}


@dataclass(frozen=True)
class Trail:
    """The denominators behind an answer, distinct people. None: unknown (nobody told us), or hidden by the gate."""

    invited: int | None
    registered: int | None
    attended: int | None
    baseline: int | None
    matched: int | None
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, int | None]:
        """The five numbers."""
        return {
            "invited": self.invited,
            "registered": self.registered,
            "attended": self.attended,
            "baseline": self.baseline,
            "matched": self.matched,
        }


@dataclass(frozen=True)
class Interval:
    """A number with its confidence interval; low and high are None where the group is too small for one."""

    value: float
    low: float | None = None
    high: float | None = None
    level: float = 0.95

    def as_json(self) -> dict[str, float | None]:
        """The numbers, unrounded."""
        return {"value": self.value, "low": self.low, "high": self.high, "level": self.level}


@dataclass(frozen=True)
class Share:
    """So many of so many, as a percentage with Wilson's interval.

    `count` is None where only a rounded percentage may be shown; `bound` is '≤' or '≥' where that is capped.
    """

    count: int | None
    n: int
    percent: float
    low: float | None
    high: float | None
    definition: str
    bound: str = ""

    def as_json(self) -> dict[str, Any]:
        """The numbers, unrounded."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True)
class Result:
    """One figure of an answer, ready to be drawn. What is None was not computed or may not be shown; `reason` says why.

    `before` and `after` are means in the measure's unit; `change` is after minus before. `n` is the number of people
    behind the figure (pairs for a change); it is None when the figure is hidden, and `about` says that it is rounded.
    `who` says what `n` counts: people, or raters where answers without a code each count as one. Outside the row-level
    right probabilities are told as bands (`p_band`, `p_robust_band`) and parts of a cohort are rounded (`coarse`).
    `p_adjusted` allows for the single statements tested together (Benjamini-Hochberg). `effect_intervals` holds the
    intervals of single `effects`, and a bootstrap check of the headline's.
    """

    measure: str
    label: str
    group: Group
    status: Status
    reason: str = ""
    kind: str = "change"
    contrast: str = ""
    unit: str = "points"
    range: tuple[float, float] = (1.0, 5.0)
    n: int | None = None
    who: str = "people"
    before: float | None = None
    after: float | None = None
    change: Interval | None = None
    value: Interval | None = None
    improved: int | None = None
    same: int | None = None
    declined: int | None = None
    p: float | None = None
    p_robust: float | None = None
    p_band: str = ""
    p_robust_band: str = ""
    p_adjusted: float | None = None
    about: bool = False
    coarse: bool = False
    effect: tuple[str, Interval] | None = None
    effects: Mapping[str, float | None] = field(default_factory=dict)
    effect_intervals: Mapping[str, Interval] = field(default_factory=dict)
    top_box: Share | None = None
    distribution: tuple[tuple[float, int], ...] = ()
    method: str = ""
    sentence: str = ""
    notes: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shown(self) -> bool:
        """Whether there is a figure to draw."""
        return self.status in (Status.RELEASED, Status.UNRELIABLE)

    def withheld(self, reason: str) -> Result:
        """The same row without any figure: what it is about, and why there is none."""
        return Result(
            measure=self.measure,
            label=self.label,
            group=self.group,
            status=Status.SUPPRESSED,
            reason=reason,
            kind=self.kind,
            contrast=self.contrast,
            unit=self.unit,
            range=self.range,
            sentence=reason,
        )

    def as_json(self) -> dict[str, Any]:
        """The result as `ask --json` prints it, full precision."""
        document: dict[str, Any] = {
            "measure": self.measure,
            "label": self.label,
            "group": self.group.as_json(),
            "status": self.status.word,
            "reason": self.reason or None,
            "kind": self.kind,
            "contrast": self.contrast or None,
            "unit": self.unit,
            "n": self.n,
            "counted": self.who,
            "before": {"mean": self.before} if self.before is not None else None,
            "after": {"mean": self.after} if self.after is not None else None,
            "change": _change_json(self.change),
            "improved": self.improved,
            "same": self.same,
            "declined": self.declined,
            "p": self.p,
            "effect": {"name": self.effect[0], **self.effect[1].as_json()} if self.effect else None,
            "method": self.method,
            "sentence": self.sentence,
        }
        if self.value is not None:
            document["value"] = self.value.as_json()
        if self.top_box is not None:
            document["top_box"] = self.top_box.as_json()
        if self.p_robust is not None:
            document["p_signed_rank"] = self.p_robust
        if self.p_band:
            document["p_band"] = self.p_band
        if self.p_robust_band:
            document["p_signed_rank_band"] = self.p_robust_band
        if self.about:
            document["n_rounded"] = True
        if self.coarse:
            document["rounded"] = True
        if self.p_adjusted is not None:
            document["p_adjusted"] = {"value": self.p_adjusted, "method": "Benjamini-Hochberg, exploratory"}
        if self.effects:
            document["effects"] = dict(self.effects)
        if self.effect_intervals:
            document["effect_intervals"] = {name: v.as_json() for name, v in self.effect_intervals.items()}
        if self.notes:
            document["notes"] = list(self.notes)
        if self.extra:
            document["extra"] = dict(self.extra)
        return document


@dataclass(frozen=True)
class Answer:
    """The reply to one question for one audience."""

    question: str
    filters: Filters
    data_version: str
    audience: Role
    trail: Trail
    results: tuple[Result, ...]
    synthetic: bool = False
    empty_reason: str = ""
    """Why there is nothing at all to show, in words for the person who chose the filters; '' if there is something."""

    def only(self, measure: str, kind: str = "all", contrast: str | None = None) -> tuple[Result, ...]:
        """The results of one measure and kind of group."""
        return tuple(
            r
            for r in self.results
            if r.measure == measure and r.group.kind == kind and (contrast is None or r.contrast == contrast)
        )

    def as_json(self) -> dict[str, Any]:
        """The answer as `ask --json` prints it."""
        return {
            "question": self.question,
            "filters": self.filters.as_json(),
            "data_version": self.data_version,
            "audience": self.audience.value,
            "synthetic": self.synthetic,
            "trail": self.trail.as_json(),
            "notes": [*self.trail.notes, *([self.empty_reason] if self.empty_reason else [])],
            "results": [r.as_json() for r in self.results],
        }


def _change_json(change: Interval | None) -> dict[str, float | None] | None:
    if change is None:
        return None
    return {"mean": change.value, "low": change.low, "high": change.high, "level": change.level}
