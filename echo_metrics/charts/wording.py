"""Numbers and findings in the words that charts, tiles and tables print. Formatting only: nothing is computed here.

Scores carry one decimal and percentages none, as in the sentences of the answers: more would be noise, and finer means
of small groups would let a reader work out single answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from echo_metrics.answers.model import Answer, Interval, Result, Share
from echo_metrics.definitions import Measure
from echo_metrics.terms import Contrast, Status

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"

MOMENTS: dict[str, tuple[str, str]] = {
    Contrast.BASELINE_COMPLETION: ("Baseline", "Completion"),
    Contrast.BASELINE_FOLLOW_UP: ("Baseline", "Follow-up"),
    Contrast.BEFORE_AFTER_SESSION: ("Before the session", "After the session"),
    Contrast.THEN_COMPLETION: ("Start, as remembered", "Completion"),
    Contrast.RESPONSE_SHIFT: ("Start, as remembered", "Start, as rated then"),
}
"""The two moments of a contrast, as a legend names them."""

AT: dict[str, str] = {
    Contrast.BASELINE_COMPLETION: "at completion",
    Contrast.BASELINE_FOLLOW_UP: "at follow-up",
    Contrast.BEFORE_AFTER_SESSION: "after the session",
    Contrast.THEN_COMPLETION: "at completion",
    Contrast.RESPONSE_SHIFT: "at baseline",
}
"""The later moment of a contrast, inside a phrase."""


class Finding(Enum):
    """What a change may be called in a word or two, judged by its interval alone. A little: less than worthwhile."""

    ROSE = "Rose"
    ROSE_LITTLE = "Rose a little"
    FELL = "Fell"
    FELL_LITTLE = "Fell a little"
    UNCLEAR = "No clear change"
    TOO_FEW = "Too few people to tell"
    HIDDEN = "Hidden"
    NO_DATA = "Not asked yet"


def is_percent(unit: str) -> bool:
    """Whether a unit counts in hundredths."""
    return unit.lstrip().startswith("%")


def number(value: float, decimals: int = 1, *, signed: bool = False) -> str:
    """Write a number with a true minus sign, and none before a zero.

    >>> number(-0.04), number(-1234.5, 0), number(0.5, signed=True)
    ('0.0', '−1,234', '+0.5')
    """
    text = f"{abs(value):,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        return text
    return f"{MINUS if value < 0 else '+' if signed else ''}{text}"


def score(value: float | None, unit: str) -> str:
    """Write an average in its unit: `3.7`, `66%`."""
    if value is None:
        return DASH
    return f"{number(value, 0)}%" if is_percent(unit) else number(value)


def change(interval: Interval | None, unit: str) -> str:
    """Write a change with its interval: `+0.5 (0.3 to 0.8)`."""
    if interval is None:
        return DASH
    limits = between(interval, unit)
    return number(interval.value, _decimals(unit), signed=True) + (f" ({limits})" if limits else "")


def between(interval: Interval | Share | None, unit: str = "points") -> str:
    """Write the limits of an interval: `0.3 to 0.8`; '' where the group is too small for one."""
    if interval is None or interval.low is None or interval.high is None:
        return ""
    decimals = _decimals(unit)
    return f"{limit(interval.low, decimals)} to {limit(interval.high, decimals)}"


def limit(value: float, decimals: int) -> str:
    """Write an interval's limit; one that only rounds to zero must not read as zero.

    >>> limit(-0.04, 1), limit(0.3, 1)
    ('just below 0', '0.3')
    """
    text = number(value, decimals)
    if value and float(text.replace(",", "").replace(MINUS, "-")) == 0:
        return "just above 0" if value > 0 else "just below 0"
    return text


def cut_words(part: Share, unit: str) -> str:
    """What counts as agreeing: `scored 4 or more`, `scored 80% or more`."""
    cut, _, rest = part.definition.partition(" ")
    return f"scored {cut}{'%' if is_percent(unit) else ''} {rest.partition(',')[0]}"


def share(part: Share | None) -> str:
    """Write a share with its interval: `92% (87% to 95%)`."""
    if part is None:
        return DASH
    text = percent(part)
    if part.low is None or part.high is None:
        return text
    return f"{text} ({part.low:.0f}% to {part.high:.0f}%)"


def percent(part: Share) -> str:
    """Write a share's percentage, with its sign where it is capped: `92%`, `≥95%`."""
    return f"{part.bound}{part.percent:.0f}%"


def tally(part: Share | None, who: str = "") -> str:
    """Write how many of how many: `15 of 19 people`; '' where only the rounded share may be told."""
    if part is None or part.count is None:
        return ""
    return f"{part.count:,} of {people(part.n, who) if who else f'{part.n:,}'}"


def people(n: int | None, who: str = "people", about: bool = False) -> str:
    """Write a number of people, or of raters where one may be several answers; unknown and hidden are a dash."""
    if n is None:
        return DASH
    one = "person" if who == "people" else who.removesuffix("s")
    words = f"1 {one}" if n == 1 else f"{n:,} {who}"
    return f"about {words}" if about else words


def money(value: float, currency: str = "") -> str:
    """Write an amount of money without cents.

    >>> money(-16657.21, "CAD")
    '−CAD 16,657'
    """
    text = number(value, 0)
    if not currency:
        return text
    return f"{MINUS}{currency} {text[1:]}" if text.startswith(MINUS) else f"{currency} {text}"


def assumed(value: float, share: bool) -> str:
    """Write an assumption's value as a reader says it: a share as a percentage.

    >>> assumed(0.6, True), assumed(0.59, False), assumed(1250, False)
    ('60%', '0.59', '1,250')
    """
    if share:
        return f"{100 * value:.3g}%"
    return number(value, 0) if abs(value) >= 100 else f"{value:.3g}"


def compact_money(value: float) -> str:
    """Write an amount for a narrow chart: `16.7k`, `1.2m`."""
    for size, suffix in ((1e6, "m"), (1e3, "k")):
        if abs(value) >= size:
            return f"{number(value / size)}{suffix}"
    return number(value, 0)


def _decimals(unit: str) -> int:
    return 0 if is_percent(unit) else 1


def change_unit(unit: str) -> str:
    """The unit of a difference: two percentages differ by percentage points."""
    return "percentage points" if is_percent(unit) else unit


def contrast_words(contrast: str) -> str:
    """`from baseline to completion`; '' for a figure that was asked once."""
    return Contrast(contrast).words if contrast else ""


def scale_words(result: Result) -> str:
    """The scale as a subtitle says it: `Average on a 1–5 scale`, `Average % correct`."""
    low, high = result.range
    return "Average % correct" if is_percent(result.unit) else f"Average on a {low:g}{DASH}{high:g} scale"


def finding(result: Result | None, worthwhile: float | None = None) -> Finding:
    """What may be said of a change in a word or two; `worthwhile` is the smallest change worth having."""
    if result is None or result.status is Status.NOT_ASKED:
        return Finding.NO_DATA
    if result.status is Status.SUPPRESSED:
        return Finding.HIDDEN
    if result.change is None or result.change.low is None or result.change.high is None:
        return Finding.TOO_FEW
    low, high = result.change.low, result.change.high
    if low > 0:
        return Finding.ROSE_LITTLE if worthwhile is not None and high < worthwhile else Finding.ROSE
    if high < 0:
        return Finding.FELL_LITTLE if worthwhile is not None and -low < worthwhile else Finding.FELL
    return Finding.UNCLEAR


@dataclass(frozen=True)
class Told:
    """A result's sentence in the order of reading: what was found, who and how many, and the word on chance last."""

    lead: str
    detail: str
    chance: str


def told(result: Result) -> Told:
    """Split a result's sentence into its parts without changing a word."""
    parts = re.split(r"(?<=[.])\s+(?=[A-Z0-9])", result.sentence)
    if not result.shown or len(parts) == 1:
        return Told(result.sentence, "", "")
    chance = [p for p in parts if re.search(r"\(p([<=]| not below)|pass a test", p)]
    rest = [p for p in parts if p not in chance]
    lead = next((p for p in rest if "average went" in p or "average was" in p), rest[0])
    if result.kind == "level":
        lead = rest[0]
    return Told(lead, " ".join(p for p in rest if p is not lead), " ".join(chance))


def listed(words: Sequence[str]) -> str:
    """Join words as in running text: `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


_CLAUSES = {
    Finding.ROSE: "{} rose",
    Finding.ROSE_LITTLE: "{} rose, but by less than a worthwhile amount",
    Finding.FELL: "{} fell",
    Finding.FELL_LITTLE: "{} fell, but by less than a worthwhile amount",
    Finding.UNCLEAR: "{} did not clearly change",
    Finding.TOO_FEW: "too few people answered to judge {}",
}


def summary_sentence(answer: Answer, measures: Mapping[str, Measure]) -> str:
    """The leaders' first sentence: what rose, what did not, who was reached. Never why."""
    by_finding: dict[Finding, list[str]] = {}
    for result in answer.results:
        if result.kind == "change" and result.group.kind == "all":
            measure = measures.get(result.measure)
            found = finding(result, measure.worthwhile_change if measure else None)
            by_finding.setdefault(found, []).append(_in_sentence(result.label))
    clauses = [words.format(listed(by_finding[found])) for found, words in _CLAUSES.items() if by_finding.get(found)]
    said = "; ".join(clauses)
    reach = reach_sentence(answer)
    if not said:
        return reach
    return f"{said[0].upper()}{said[1:]}. {reach}".strip()


def reach_sentence(answer: Answer) -> str:
    """Who was reached, in one sentence."""
    counts = {r.measure: r for r in answer.results if r.kind == "count" and r.group.kind == "all"}
    came, held = counts.get("attended_once"), counts.get("sessions")
    if came is None or held is None or came.value is None or held.value is None:
        return ""
    return f"{people(int(came.value.value))} took part in {plural(int(held.value.value), 'session')}."


def plural(n: int, noun: str) -> str:
    """Write a count with its noun: `1 session`, `6 sessions`."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def _in_sentence(label: str) -> str:
    """A measure's label inside a sentence; what participants estimate is said with its owner."""
    if label.startswith("Supervisor value, as participants"):
        return "supervisor value as participants estimate it"
    return label[0].lower() + label[1:]
