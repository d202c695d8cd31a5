"""From counts to results: the statistic, the gate, then only what a group of this size can bear."""

from __future__ import annotations

from dataclasses import dataclass

from echo_metrics.answers.effects import effect, effect_intervals, effects
from echo_metrics.answers.model import Group, Interval, Result, Share
from echo_metrics.answers.rounding import (
    part_change_sentence,
    part_level_sentence,
    rounded_change,
    rounded_effects,
    rounded_level,
    rounded_share,
)
from echo_metrics.definitions import Measure
from echo_metrics.disclosure import ALONE, Exact, Policy, Precision, Released, Standing, Suppressed, gate, p_band
from echo_metrics.statistics.counts import Counts, PairCounts
from echo_metrics.statistics.level import LevelMean, level_mean
from echo_metrics.statistics.paired_change import PairedChange, paired_change
from echo_metrics.statistics.proportions import Proportion, top_box
from echo_metrics.statistics.words import change_sentence, level_sentence, p_words, top_box_sentence
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


@dataclass(frozen=True)
class Place:
    """What a result is about, beside its measure, and where it stands for the gate."""

    group: Group
    contrast: Contrast | None = None
    of_n: int | None = None
    label: str = ""
    who: str = "people"
    standing: Standing = ALONE


def change_result(measure: Measure, counts: PairCounts, place: Place, policy: Policy) -> Result:
    """The change of one measure in one group, through the gate."""
    outcome = gate(Exact(counts.n_pairs, counts), policy, place.standing)
    if isinstance(outcome, Suppressed):
        return hidden_result(measure, place, "change", outcome)
    return _change(measure, outcome, place)


def level_result(measure: Measure, counts: Counts, place: Place, policy: Policy) -> Result:
    """The level of one measure in one group, through the gate."""
    outcome = gate(Exact(counts.total, counts), policy, place.standing)
    if isinstance(outcome, Suppressed):
        return hidden_result(measure, place, "level", outcome)
    return _level(measure, outcome, place)


def hidden_result(measure: Measure, place: Place, kind: str, outcome: Suppressed) -> Result:
    """A result without a figure: only the words that say why."""
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


def _status(n: int, internal: bool) -> tuple[Status, str]:
    if internal:
        return Status.UNRELIABLE, f"Internal: fewer than {COUNTS_ONLY} people. Others see this figure as hidden."
    if n < INTERVAL_FROM:
        return (
            Status.UNRELIABLE,
            f"Not enough answers to be reliable: fewer than {INTERVAL_FROM} people, so no interval and no test.",
        )
    return Status.RELEASED, ""


def _reliability(outcome: Released[PairCounts] | Released[Counts]) -> tuple[Status, str, bool]:
    """Status, reason, and whether the group bears an interval, judged by the fewest people the figure tells of."""
    least = outcome.precision.at_least(outcome.people)
    status, reason = _status(least, outcome.internal)
    if status is Status.UNRELIABLE and outcome.precision.count > 1:
        reason = "Not enough answers to be reliable: no interval and no test."
    return status, reason, least >= INTERVAL_FROM


def _change(measure: Measure, outcome: Released[PairCounts], place: Place) -> Result:
    counts, precision = outcome.value, outcome.precision
    exact = paired_change(counts)
    change = rounded_change(exact, measure, precision)
    status, reason, bears_interval = _reliability(outcome)
    limits = _interval(change.mean_change, change.ci_low, change.ci_high, change.level, bears_interval)
    label, n, about = place.label or measure.label, precision.people(change.n), precision.count > 1
    words = place.contrast.words if place.contrast else ""
    if precision.tallies:
        sentence = change_sentence(
            change,
            label=label,
            unit_words=measure.unit,
            low=measure.low,
            high=measure.high,
            of_n=place.of_n,
            contrast_words=words,
            worthwhile=measure.worthwhile_change,
            show_interval=bears_interval,
            p_as=p_band if precision.banded else p_words,
        )
    else:
        sentence = part_change_sentence(label, words, n, about, change, measure, limits, precision)
    share = _share(top_box(counts.after_counts, measure.top_box), measure, bears_interval)
    intervals, without = (
        effect_intervals(exact, counts, precision, resampled=place.group.kind == "all") if bears_interval else ({}, ())
    )
    p, p_robust = (change.p_t, change.p_signed_rank) if bears_interval else (None, None)
    return Result(
        measure=measure.key,
        label=label,
        group=place.group,
        status=status,
        reason=reason,
        kind="change",
        contrast=place.contrast or "",
        unit=measure.unit,
        range=(measure.low, measure.high),
        n=n,
        about=about,
        coarse=not precision.tallies,
        before=change.mean_before,
        after=change.mean_after,
        change=limits,
        improved=change.improved if precision.tallies else None,
        same=change.same if precision.tallies else None,
        declined=change.declined if precision.tallies else None,
        p=None if precision.banded else p,
        p_robust=None if precision.banded else p_robust,
        p_band=_band(p, precision),
        p_robust_band=_band(p_robust, precision),
        effect=effect(change) if bears_interval else None,
        effects=rounded_effects(effects(change), precision) if bears_interval else {},
        effect_intervals=intervals,
        top_box=rounded_share(share, precision),
        distribution=() if precision.banded else tuple((k / counts.unit, n) for k, n in _cells(counts.differences)),
        method=_change_method(change, bears_interval),
        sentence=sentence,
        notes=(*change.notes, *without) if precision.tallies else (),
    )


def _band(p: float | None, precision: Precision) -> str:
    return p_band(p) if p is not None and precision.banded else ""


def _level(measure: Measure, outcome: Released[Counts], place: Place) -> Result:
    counts, precision = outcome.value, outcome.precision
    level = rounded_level(level_mean(counts), measure, precision)
    share = top_box(counts, measure.top_box)
    status, reason, bears_interval = _reliability(outcome)
    shown = rounded_share(_share(share, measure, bears_interval), precision)
    label, n, about = place.label or measure.label, precision.people(level.n), precision.count > 1
    note = RATERS_NOTE if place.who == RATERS else ""
    if precision.tallies:
        sentence = _level_words(measure, level, share, place, bears_interval)
    else:
        sentence = " ".join(
            part
            for part in (part_level_sentence(label, n, about, place.who, level, shown, measure, precision), note)
            if part
        )
    return Result(
        measure=measure.key,
        label=label,
        group=place.group,
        status=status,
        reason=reason,
        kind="level",
        unit=measure.unit,
        range=(measure.low, measure.high),
        n=n,
        who=place.who,
        about=about,
        coarse=not precision.tallies,
        notes=(note,) if note else (),
        after=level.mean,
        value=_interval(level.mean, level.low, level.high, level.level, bears_interval),
        top_box=shown,
        distribution=() if precision.banded else tuple((key / counts.unit, n) for key, n in _cells(counts)),
        method="Mean with Student's t interval; share at or above the cut with Wilson's interval",
        sentence=sentence,
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
