"""Statistics as far as the gate lets them be told: rounded numbers, and sentences made of rounded numbers only."""

from __future__ import annotations

from dataclasses import replace

from echo_metrics.answers.model import Interval, Share
from echo_metrics.definitions import Measure
from echo_metrics.disclosure import Precision, outward, to_step
from echo_metrics.statistics.level import LevelMean
from echo_metrics.statistics.paired_change import PairedChange
from echo_metrics.statistics.words import bare_number, limit_words, number_words

TELLABLE_EFFECTS = ("g_av", "rank_biserial", "probability_of_improvement")
"""Effect sizes that stay; d of the differences is a t statistic in other words."""

JUST_BESIDE = 1e-6
"""A limit that lies on one side of zero and would round to it: printed as "just above 0" or "just below 0"."""


def rounded_change(change: PairedChange, measure: Measure, precision: Precision) -> PairedChange:
    """The change with means to the step, and its interval rounded outward."""
    step = precision.step(measure.unit.startswith("%"))

    def near(value: float | None) -> float | None:
        return None if value is None else to_step(value, step)

    before, after, moved = near(change.mean_before), near(change.mean_after), near(change.mean_change)
    if not precision.tallies and before is not None and moved is not None:
        # In steps this coarse the three numbers would contradict each other; the change is what is read.
        after = min(max(to_step(before + moved, step), measure.low), measure.high)
        moved = to_step(after - before, step)
    low, high = _outward(change.ci_low, change.ci_high, step)
    g_low, g_high = _outward(change.g_av_low, change.g_av_high, precision.effect)
    return replace(
        change,
        mean_before=before,
        mean_after=after,
        mean_change=moved,
        ci_low=low,
        ci_high=high,
        g_av=None if change.g_av is None else to_step(change.g_av, precision.effect),
        g_av_low=g_low,
        g_av_high=g_high,
    )


def rounded_level(level: LevelMean, measure: Measure, precision: Precision) -> LevelMean:
    """The average to the step, with its interval rounded outward."""
    step = precision.step(measure.unit.startswith("%"))
    low, high = _outward(level.low, level.high, step)
    return replace(level, mean=None if level.mean is None else to_step(level.mean, step), low=low, high=high)


def rounded_share(share: Share | None, precision: Precision) -> Share | None:
    """A share to the step, topped near nobody and everybody; its count goes with the tallies."""
    if share is None or not precision.percent:
        return share
    percent, bound = precision.share(share.percent)
    low, high = _outward(share.low, share.high, precision.percent)
    return replace(
        share,
        count=share.count if precision.tallies else None,
        n=precision.people(share.n),
        percent=percent,
        bound=bound,
        low=None if low is None else max(0.0, low),
        high=None if high is None else min(100.0, high),
    )


def rounded_effects(effects: dict[str, float | None], precision: Precision) -> dict[str, float | None]:
    """Effect sizes that may be told, to the step."""
    if not precision.effect:
        return effects
    return {
        name: None if value is None else to_step(value, precision.effect)
        for name, value in effects.items()
        if name in TELLABLE_EFFECTS
    }


def part_change_sentence(
    label: str,
    contrast: str,
    n: int,
    about: bool,
    change: PairedChange,
    measure: Measure,
    limits: Interval | None,
    precision: Precision,
) -> str:
    """A part's change in words: who answered, the averages, the interval. Tallies and tests are for wholes."""
    if change.mean_before is None or change.mean_after is None or change.mean_change is None:
        return ""
    percent = measure.unit.startswith("%")
    decimals = 0 if percent else 1
    start, end = number_words(change.mean_before, decimals), number_words(change.mean_after, decimals)
    unit = "percentage points" if percent else measure.unit
    size = number_words(abs(change.mean_change), decimals)
    way = (
        "no change"
        if change.mean_change == 0
        else f"{'a rise' if change.mean_change > 0 else 'a fall'} of {size} {unit}"
    )
    interval = ""
    if limits is not None and limits.low is not None and limits.high is not None:
        low, high = limit_words(limits.low, decimals), limit_words(limits.high, decimals)
        interval = f"{100 * limits.level:.4g}% CI {low} to {high}; "
    head = ", ".join(part for part in (label, contrast) if part)
    return (
        f"{head}: {_counted(n, about, 'people')} answered both times. {_scale(measure)} went from {start} to {end}"
        f"{'%' if percent else ''}, {way} ({interval}{_steps(measure, precision)})."
    )


def part_level_sentence(
    label: str,
    n: int,
    about: bool,
    who: str,
    level: LevelMean,
    share: Share | None,
    measure: Measure,
    precision: Precision,
) -> str:
    """A part's level in words: who answered, the share at or above the cut, the average."""
    if level.mean is None:
        return ""
    percent = measure.unit.startswith("%")
    mean = number_words(level.mean, 0 if percent else 1)
    high = ""
    if share is not None:
        cut = f"{bare_number(measure.top_box)}{'%' if percent else ''}"
        high = f" {share.bound}{share.percent:.0f}% scored {cut} or more."
    return (
        f"{label}: {_counted(n, about, who)} answered.{high} {_scale(measure)} was {mean}{'%' if percent else ''} "
        f"({_steps(measure, precision)})."
    )


def _steps(measure: Measure, precision: Precision) -> str:
    """How far a part of a cohort is rounded."""
    percent = measure.unit.startswith("%")
    return f"in steps of {bare_number(precision.step(percent))}{' points' if percent else ''}"


def _scale(measure: Measure) -> str:
    if measure.unit.startswith("%"):
        return "The average"
    return f"On a {bare_number(measure.low)}-{bare_number(measure.high)} scale the average"


def _counted(n: int, about: bool, who: str) -> str:
    one = "person" if who == "people" else who.removesuffix("s")
    words = f"1 {one}" if n == 1 else f"{n:,} {who}"
    return f"about {words}" if about else words


def _outward(low: float | None, high: float | None, step: float) -> tuple[float | None, float | None]:
    if low is None or high is None or not step:
        return low, high
    wide_low, wide_high = outward(low, high, step)
    # On which side of zero an interval lies is told by the band of p as well; rounding must not contradict that.
    return JUST_BESIDE if low > 0 == wide_low else wide_low, -JUST_BESIDE if high < 0 == wide_high else wide_high
