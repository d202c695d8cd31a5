"""Results as sentences that claim no more than the figures hold.

The rules are those of the analysis plan: points and people before tests; a p-value last and never alone; only
an interval that lies inside the worthwhile change may say "no worthwhile change"; without a comparison group
no word says what caused anything.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum

from echo_metrics.statistics.level import LevelMean
from echo_metrics.statistics.paired_change import FEWEST_CHANGERS, SMALL_GROUP, PairedChange
from echo_metrics.statistics.paired_t import t_quantile
from echo_metrics.statistics.proportions import Proportion

ALPHA = 0.05
TOO_MANY_FOR_P = 5000
"""Above this many pairs every p is tiny, and says nothing about whether the change matters."""
FINE_DECIMALS_FROM = 100
"""From this many people on, small changes are printed with more decimals; below, one decimal would be noise
and finer means would let a reader work out single answers."""
GOOD_RESPONSE = 0.8
NO_CAUSE = "without a comparison group we cannot say what caused it"


class Verdict(Enum):
    """What the interval says of a change, against the smallest change worth having."""

    ROSE_WORTHWHILE = "rose by a worthwhile amount"
    ROSE_BELOW_WORTHWHILE = "rose, but by less than a worthwhile amount"
    ROSE_SIZE_UNCERTAIN = "rose; size uncertain"
    ROSE = "rose"
    FELL_WORTHWHILE = "fell by a worthwhile amount"
    FELL_BELOW_WORTHWHILE = "fell, but by less than a worthwhile amount"
    FELL_SIZE_UNCERTAIN = "fell; size uncertain"
    FELL = "fell"
    NO_WORTHWHILE_CHANGE = "no worthwhile change"
    INCONCLUSIVE = "inconclusive"


def equivalence_interval(change: PairedChange) -> tuple[float, float] | None:
    """Interval at twice the error rate (90% beside 95%), which two one-sided tests of equivalence use.

    Parameters: change. Returns low and high in points, None where there is no spread or no pair.
    Formula: mean -+ t(1 - 2 alpha, n - 1) SD / sqrt(n).
    When not to use it: as the interval of the change itself, which is the wider one.
    Source: Schuirmann 1987, J Pharmacokinet Biopharm 15:657. Checked against `tost` and its record.
    """
    if change.mean_change is None or change.sd_change is None or change.df is None:
        return None
    half = t_quantile(change.df, 2 * change.level - 1) * change.sd_change / math.sqrt(change.n)
    return change.mean_change - half, change.mean_change + half


def verdict(change: PairedChange, worthwhile: float | None) -> Verdict | None:
    """Judge a change by its interval; None where there is no interval.

    Parameters: change; worthwhile, the smallest change worth having in points (positive), or None if nobody
    set one. Returns a `Verdict`. Lower limit at or above it: worthwhile. Interval above zero: rose, and by
    less than worthwhile if the narrower equivalence interval stays inside it. Otherwise "no worthwhile change" if
    the equivalence interval lies within plus and minus it (two one-sided tests), else inconclusive. Falls mirror rises.

    When not to use it: with a worthwhile change that was chosen after looking at the interval.
    Source: Schuirmann 1987, J Pharmacokinet Biopharm 15:657 (two one-sided tests). Checked against intervals built by
    hand on every side of every bound.
    """
    low, high = change.ci_low, change.ci_high
    if low is None or high is None:
        return None
    inner = equivalence_interval(change) if worthwhile is not None else None
    inside = inner is not None and worthwhile is not None and -worthwhile < inner[0] and inner[1] < worthwhile
    if low > 0 or high < 0:
        up = low > 0
        nearest = low if up else -high
        if worthwhile is None:
            return Verdict.ROSE if up else Verdict.FELL
        if nearest >= worthwhile:
            return Verdict.ROSE_WORTHWHILE if up else Verdict.FELL_WORTHWHILE
        if inside:
            return Verdict.ROSE_BELOW_WORTHWHILE if up else Verdict.FELL_BELOW_WORTHWHILE
        return Verdict.ROSE_SIZE_UNCERTAIN if up else Verdict.FELL_SIZE_UNCERTAIN
    return Verdict.NO_WORTHWHILE_CHANGE if inside else Verdict.INCONCLUSIVE


def p_words(p: float) -> str:
    """Write a p-value for a reader: "p<0.001", "p=0.004", "p=0.04", "p=0.21".

    Near 0.05 three decimals are kept, so that 0.046 and 0.054 do not both print as 0.05.
    """
    if p < 0.001:
        return "p<0.001"
    if p < 0.01 or 0.045 <= p < 0.055:
        return f"p={p:.3f}"
    return f"p={p:.2f}"


def number_words(value: float, decimals: int) -> str:
    """Write a number with fixed decimals, a true minus sign, and none before a zero."""
    text = f"{abs(value):,.{decimals}f}"
    return f"−{text}" if value < 0 and float(text.replace(",", "")) != 0 else text


def bare_number(value: float) -> str:
    """Write a setting as it was typed: 5, 0.5, 80."""
    return f"{value:,.10g}"


def percent_words(share: float) -> str:
    """Write a share as a whole percentage, with a decimal where rounding would make nearly all into all."""
    percent = 100 * share
    if 0 < percent < 100 and f"{percent:.0f}" in ("0", "100"):
        if f"{percent:.1f}" in ("0.0", "100.0"):
            return "just above 0%" if percent < 50 else "just under 100%"
        return f"{percent:.1f}%"
    return f"{percent:.0f}%"


def _is_percent(unit_words: str) -> bool:
    return unit_words.lstrip().startswith("%")


def _people(n: int, who: str = "people") -> str:
    one = "person" if who == "people" else who.removesuffix("s")
    return f"1 {one}" if n == 1 else f"{n:,} {who}"


def _opening(label: str, extra: str = "") -> str:
    head = ", ".join(part for part in (label, extra) if part)
    return f"{head}: " if head else ""


def _answered(n: int, of_n: int | None, times: str, who: str = "people") -> str:
    if of_n is None:
        return f"{_people(n, who)} answered{times}."
    return f"{n:,} of {_people(of_n, who)} answered{times}."


def _on_scale(unit_words: str, low: float, high: float) -> str:
    if _is_percent(unit_words):
        return "The average"
    return f"On a {bare_number(low)}-{bare_number(high)} scale the average"


def _decimals(n: int, unit_words: str, values: list[float]) -> int:
    """One decimal for points, none for percentages; large groups get more where a value would print as 0."""
    decimals = 0 if _is_percent(unit_words) else 1
    if n < FINE_DECIMALS_FROM:
        return decimals
    while decimals < 3 and any(value and not float(f"{value:.{decimals}f}") for value in values):
        decimals += 1
    return decimals


def limit_words(value: float, decimals: int) -> str:
    """Write an interval's limit; one that only rounds to zero must not read as zero."""
    text = number_words(value, decimals)
    if value and float(text.replace(",", "").replace("−", "-")) == 0:
        return "just above 0" if value > 0 else "just below 0"
    return text


def _size(change: float, decimals: int) -> str:
    text = number_words(abs(change), decimals)
    if change and float(text.replace(",", "").replace("−", "-")) == 0:
        return f"less than {10**-decimals:.{decimals}f}"
    return text


def _interval_words(low: float, high: float, level: float, decimals: int) -> str:
    return f"{100 * level:.4g}% CI {limit_words(low, decimals)} to {limit_words(high, decimals)}"


def _averages(change: PairedChange, unit_words: str, low: float, high: float, show_interval: bool) -> str:
    before, after, moved = change.mean_before, change.mean_after, change.mean_change
    if before is None or after is None or moved is None:
        return ""
    with_interval = show_interval and change.ci_low is not None and change.ci_high is not None
    values = [moved]
    if with_interval and change.ci_low is not None and change.ci_high is not None:
        values += [change.ci_low, change.ci_high]
    decimals = _decimals(change.n, unit_words, values)
    percent = _is_percent(unit_words)
    sign = unit_words.strip() if percent else ""
    start, end = number_words(before, decimals), number_words(after, decimals)
    if percent:
        # "% correct" hangs on the last number: from 62% to 71% correct.
        path = f"from {start}% to {end}{sign}"
        unit = "percentage points"
    else:
        path, unit = f"from {start} to {end}", unit_words
    text = f"{_on_scale(unit_words, low, high)} "
    if moved == 0:
        text += f"was {end}{sign} both times"
    else:
        text += f"went {path}, a {'rise' if moved > 0 else 'fall'} of {_size(moved, decimals)} {unit}"
    remarks = []
    if round(abs(moved), decimals) != round(abs(round(after, decimals) - round(before, decimals)), decimals):
        # 3.14 to 2.86 prints as "from 3.1 to 2.9, a fall of 0.3".
        remarks.append("figures rounded")
    if with_interval and change.ci_low is not None and change.ci_high is not None:
        remarks.append(_interval_words(change.ci_low, change.ci_high, change.level, decimals))
    return f"{text} ({'; '.join(remarks)})." if remarks else f"{text}."


def _movements(change: PairedChange) -> str:
    if change.changed == 0:
        return "Nobody's score changed."
    return f"{_people(change.improved)} went up, {change.same:,} stayed, {change.declined:,} went down."


def _verdict_words(change: PairedChange, unit_words: str, worthwhile: float | None) -> str:
    found = verdict(change, worthwhile)
    unit = "percentage points" if _is_percent(unit_words) else unit_words
    size = f"{bare_number(worthwhile)} {unit}" if worthwhile is not None else ""
    up = change.mean_change is not None and change.mean_change >= 0
    way, went = ("rise", "rose") if up else ("fall", "fell")
    if found in (Verdict.ROSE_WORTHWHILE, Verdict.FELL_WORTHWHILE):
        return f"Even the cautious end of the interval is a {way} of at least {size}, the worthwhile change."
    if found in (Verdict.ROSE_BELOW_WORTHWHILE, Verdict.FELL_BELOW_WORTHWHILE):
        return f"The {way} is smaller than {size}, the worthwhile change."
    if found in (Verdict.ROSE_SIZE_UNCERTAIN, Verdict.FELL_SIZE_UNCERTAIN):
        return f"The average {went}; whether by as much as {size}, the worthwhile change, is uncertain."
    if found is Verdict.NO_WORTHWHILE_CHANGE:
        return f"No worthwhile change: a rise or fall of {size} or more is unlikely."
    if found is Verdict.INCONCLUSIVE:
        held = "a rise and a fall alike" if worthwhile is None else f"no change as well as one of {size}"
        return f"Inconclusive: too few people to tell, as the wide interval fits {held}."
    return ""


def _chance_words(change: PairedChange, p_as: Callable[[float], str]) -> str:
    """Say how the change compares with chance; nothing where no test could be made."""
    if change.changed == 0 or change.p_t is None:
        return ""
    if change.n > TOO_MANY_FOR_P:
        people = _people(change.n)
        return f"With {people} almost any change would pass a test, so judge it by its size; {NO_CAUSE}."
    shown = p_as(change.p_t)
    if change.p_t >= ALPHA:
        return f"A change this size could be chance alone ({shown}); that is not evidence that nothing changed."
    check = change.p_signed_rank
    if check is not None and check >= ALPHA:
        return (
            f"The t test points to more than chance ({shown}), the signed-rank check does not "
            f"({p_as(check)}): weak evidence, not proof; {NO_CAUSE}."
        )
    if change.p_t < 0.01:
        return f"A change this size is unlikely to be chance alone ({shown}); {NO_CAUSE}."
    few = f" from {_people(change.n)}" if change.n < SMALL_GROUP else ""
    chance = f"A change this size is somewhat unlikely to be chance alone ({shown})"
    return f"{chance}, which{few} is not proof; {NO_CAUSE}."


def _judgement(
    change: PairedChange, unit_words: str, worthwhile: float | None, p_as: Callable[[float], str]
) -> list[str]:
    """Verdict and chance, or why there is neither."""
    if change.changed == 0:
        return []
    if change.changed < FEWEST_CHANGERS:
        return [f"Only {_people(change.changed)} changed: too few for a test."]
    if change.p_t is None:
        return [change.reason("p_t") or ""]
    if verdict(change, worthwhile) is Verdict.NO_WORTHWHILE_CHANGE:
        # "Could be chance, which is not evidence of no change" would take back what the interval does show.
        return [_verdict_words(change, unit_words, worthwhile)]
    return [_verdict_words(change, unit_words, worthwhile), _chance_words(change, p_as)]


def change_sentence(
    change: PairedChange,
    *,
    label: str,
    unit_words: str,
    low: float,
    high: float,
    of_n: int | None,
    contrast_words: str,
    worthwhile: float | None,
    show_interval: bool,
    p_as: Callable[[float], str] = p_words,
) -> str:
    """Say in plain words what one paired change shows.

    Parameters: change, scores in points; label, the measure's name, and contrast_words ("from baseline to
    completion"), either may be empty; unit_words, "points" or one that starts with "%" ("% correct"), which
    speaks of percentage points; low and high, the ends of the scale; of_n, how many were enrolled, or None;
    worthwhile, the smallest change worth having, or None; show_interval, False for groups too small for
    intervals and tests: then neither is mentioned;
    p_as, how a probability is written (in bands where it may not be told exactly).

    Returns sentences in one line: who answered, averages, change and interval, how many moved which way, the
    verdict, and chance last. Causes are never named.
    """
    head = _opening(label, contrast_words)
    if change.n == 0:
        out_of = "" if of_n is None else f" of {_people(of_n)}"
        return f"{head}{'Nobody' if not out_of else 'None'}{out_of} answered both times."
    parts = [
        f"{head}{_answered(change.n, of_n, ' both times')}",
        _averages(change, unit_words, low, high, show_interval),
        _movements(change),
    ]
    if show_interval:
        parts += _judgement(change, unit_words, worthwhile, p_as)
    else:
        parts.append("Too few people for an interval or a test.")
    return " ".join(part for part in parts if part)


def level_sentence(
    level: LevelMean,
    *,
    label: str,
    unit_words: str,
    low: float,
    high: float,
    of_n: int | None,
    show_interval: bool,
    who: str = "people",
) -> str:
    """Say in plain words where an average that was asked once lies.

    Parameters as in `change_sentence`; of_n, how many were asked, or None; who, what is counted ("raters" where one
    person may stand behind several). A response below 80% is said to be
    one.
    """
    head = _opening(label)
    if level.mean is None:
        return f"{head}Nobody answered."
    decimals = 0 if _is_percent(unit_words) else 1
    sign = unit_words.strip() if _is_percent(unit_words) else ""
    text = f"{_on_scale(unit_words, low, high)} was {number_words(level.mean, decimals)}{sign}"
    if show_interval and level.low is not None and level.high is not None:
        text += f" ({_interval_words(level.low, level.high, level.level, decimals)})"
    parts = [f"{head}{_answered(level.n, of_n, '', who)}", f"{text}."]
    if of_n is not None and level.n < GOOD_RESPONSE * of_n:
        parts.append("Those who did not answer may differ.")
    return " ".join(parts)


def top_box_sentence(
    share: Proportion,
    *,
    label: str,
    unit_words: str,
    cut: float,
    low: float,
    high: float,
    of_n: int | None,
    show_interval: bool,
    who: str = "people",
) -> str:
    """Say in plain words how many scored at or above a cut, and what those who did not answer could make of
    it.

    Parameters as in `change_sentence`; cut, in the measure's unit; of_n, how many were asked, or None. Below
    a response of 80% the bounds are given for everyone asked: none of the silent at or above the cut, or all
    of them.
    """
    head = _opening(label)
    if share.value is None:
        return f"{head}Nobody answered."
    percent = _is_percent(unit_words)
    at_cut = f"{bare_number(cut)}{unit_words.strip()} or more" if percent else f"{bare_number(cut)} or more"
    scale = "" if percent else f" on a {bare_number(low)}-{bare_number(high)} scale"
    inside = percent_words(share.value)
    if show_interval and share.low is not None and share.high is not None:
        inside += f", {100 * share.level:.4g}% CI {percent_words(share.low)} to {percent_words(share.high)}"
    text = f"{head}{share.x:,} of {_people(share.n, who)} ({inside}) scored {at_cut}{scale}."
    if of_n is not None and share.n < GOOD_RESPONSE * of_n:
        least, most = share.x / of_n, (share.x + of_n - share.n) / of_n
        text += (
            f" {share.n:,} of {of_n:,} asked answered: among all {of_n:,} the share lies between "
            f"{percent_words(least)} and {percent_words(most)}."
        )
    return text
