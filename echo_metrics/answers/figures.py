"""From counts to results: the statistic, the gate, then only what a group of this size can bear."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from echo_metrics.answers.model import Group, Interval, Result, Share
from echo_metrics.definitions import Measure
from echo_metrics.disclosure import Exact, Policy, Suppressed, gate
from echo_metrics.statistics.counts import Counts, PairCounts
from echo_metrics.statistics.level import LevelMean, level_mean
from echo_metrics.statistics.paired_change import PairedChange, paired_change
from echo_metrics.statistics.proportions import Proportion, top_box
from echo_metrics.statistics.words import change_sentence, level_sentence, top_box_sentence
from echo_metrics.terms import Contrast, Status

RATERS = "raters"
RATERS_NOTE = (
    "Somebody who gave a code counts once, with their own mean; every answer without a code counts as one rater, so "
    "there are fewer people than raters."
)
"""Anonymous answers can't be told apart: calling them people would be a false denominator."""
COUNTS_ONLY = 5
"""Fewer people than this: no mean is reliable (STATISTICS 1.12); the owner sees it marked."""
INTERVAL_FROM = 10
"""Fewer people than this: counts and means, but no interval and no test."""

Payload = TypeVar("Payload")


@dataclass(frozen=True)
class Place:
    """What a result is about, beside its measure."""

    group: Group
    contrast: Contrast | None = None
    of_n: int | None = None
    label: str = ""
    who: str = "people"


def change_result(measure: Measure, counts: PairCounts, place: Place, policy: Policy) -> Result:
    """The change of one measure in one group, through the gate."""

    def draw(people: int, internal: bool) -> Result:
        return _change(measure, counts, place, internal)

    return _through(Exact(counts.n_pairs, draw), measure, place, policy, "change")


def level_result(measure: Measure, counts: Counts, place: Place, policy: Policy) -> Result:
    """The level of one measure in one group, through the gate."""

    def draw(people: int, internal: bool) -> Result:
        return _level(measure, counts, place, internal)

    return _through(Exact(counts.total, draw), measure, place, policy, "level")


def _through(
    figure: Exact[Callable[[int, bool], Result]], measure: Measure, place: Place, policy: Policy, kind: str
) -> Result:
    outcome = gate(figure, policy)
    if isinstance(outcome, Suppressed):
        return Result(
            measure=measure.key,
            label=place.label or measure.label,
            group=place.group,
            status=outcome.status,
            reason=outcome.reason,
            kind=kind,
            contrast=place.contrast or "",
            unit=measure.unit,
            range=(measure.low, measure.high),
            sentence=outcome.reason,
        )
    return outcome.value(outcome.people, outcome.internal)


def _status(n: int, internal: bool) -> tuple[Status, str]:
    if internal:
        return Status.UNRELIABLE, f"Internal: fewer than {COUNTS_ONLY} people. Others see this figure as hidden."
    if n < INTERVAL_FROM:
        return Status.UNRELIABLE, f"Fewer than {INTERVAL_FROM} people: no interval and no test."
    return Status.RELEASED, ""


def _change(measure: Measure, counts: PairCounts, place: Place, internal: bool) -> Result:
    change = paired_change(counts)
    status, reason = _status(change.n, internal)
    bears_interval = change.n >= INTERVAL_FROM
    words = place.contrast.words if place.contrast else ""
    return Result(
        measure=measure.key,
        label=place.label or measure.label,
        group=place.group,
        status=status,
        reason=reason,
        kind="change",
        contrast=place.contrast or "",
        unit=measure.unit,
        range=(measure.low, measure.high),
        n=change.n,
        before=change.mean_before,
        after=change.mean_after,
        change=_interval(change.mean_change, change.ci_low, change.ci_high, change.level, bears_interval),
        improved=change.improved,
        same=change.same,
        declined=change.declined,
        p=change.p_t if bears_interval else None,
        p_robust=change.p_signed_rank if bears_interval else None,
        effect=_effect(change) if bears_interval else None,
        effects=_effects(change) if bears_interval else {},
        top_box=_share(top_box(counts.after_counts, measure.top_box), measure, bears_interval),
        distribution=tuple((key / counts.unit, n) for key, n in _cells(counts.differences)),
        method=_change_method(change, bears_interval),
        sentence=change_sentence(
            change,
            label=place.label or measure.label,
            unit_words=measure.unit,
            low=measure.low,
            high=measure.high,
            of_n=place.of_n,
            contrast_words=words,
            worthwhile=measure.worthwhile_change,
            show_interval=bears_interval,
        ),
        notes=change.notes,
    )


def _level(measure: Measure, counts: Counts, place: Place, internal: bool) -> Result:
    level = level_mean(counts)
    share = top_box(counts, measure.top_box)
    status, reason = _status(level.n, internal)
    bears_interval = level.n >= INTERVAL_FROM
    return Result(
        measure=measure.key,
        label=place.label or measure.label,
        group=place.group,
        status=status,
        reason=reason,
        kind="level",
        unit=measure.unit,
        range=(measure.low, measure.high),
        n=level.n,
        who=place.who,
        notes=(RATERS_NOTE,) if place.who == RATERS else (),
        after=level.mean,
        value=_interval(level.mean, level.low, level.high, level.level, bears_interval),
        top_box=_share(share, measure, bears_interval),
        distribution=tuple((key / counts.unit, n) for key, n in _cells(counts)),
        method="Mean with Student's t interval; share at or above the cut with Wilson's interval",
        sentence=_level_words(measure, level, share, place, bears_interval),
    )


def _level_words(measure: Measure, level: LevelMean, share: Proportion, place: Place, interval: bool) -> str:
    first = top_box_sentence(
        share,
        label=place.label or measure.label,
        unit_words=measure.unit,
        cut=measure.top_box,
        low=measure.low,
        high=measure.high,
        of_n=place.of_n,
        show_interval=interval,
        who=place.who,
    )
    second = level_sentence(
        level,
        label="",
        unit_words=measure.unit,
        low=measure.low,
        high=measure.high,
        of_n=None,
        show_interval=interval,
        who=place.who,
    )
    return f"{first} {second} {RATERS_NOTE}" if place.who == RATERS else f"{first} {second}"


def _cells(counts: Counts) -> list[tuple[int, int]]:
    return list(zip(counts.keys, counts.n, strict=True))


def _interval(value: float | None, low: float | None, high: float | None, level: float, show: bool) -> Interval | None:
    if value is None:
        return None
    return Interval(value, low if show else None, high if show else None, level)


def _effect(change: PairedChange) -> tuple[str, Interval] | None:
    if change.g_av is None:
        return None
    return ("g_av", Interval(change.g_av, change.g_av_low, change.g_av_high, change.level))


def _effects(change: PairedChange) -> dict[str, float | None]:
    return {
        "d_z": change.d_z,
        "d_av": change.d_av,
        "g_av": change.g_av,
        "rank_biserial": change.rank_biserial,
        "probability_of_improvement": change.probability_of_improvement,
    }


def _share(share: Proportion, measure: Measure, interval: bool) -> Share | None:
    if share.value is None:
        return None
    return Share(
        count=share.x,
        n=share.n,
        percent=100 * share.value,
        low=100 * share.low if interval and share.low is not None else None,
        high=100 * share.high if interval and share.high is not None else None,
        definition=f"{measure.top_box:g} or more, {measure.scale_words}",
    )


def _change_method(change: PairedChange, interval: bool) -> str:
    if not interval:
        return "Mean of the people who answered both times; too few of them for an interval or a test"
    parts = ["Mean change of the people who answered both times, paired t interval"]
    if change.signed_rank_method:
        parts.append(f"check by {change.signed_rank_method}")
    if change.g_av is not None:
        parts.append("effect size Hedges' g_av with noncentral-t interval")
    return "; ".join(parts)
