"""The parts of an inline SVG chart: where rows stand, how a value becomes a place, ticks, and marks as elements.

Widths are percentages and heights are pixels, so a chart takes the width of its box while letters and marks keep their
size: 13 px on a phone, on a desk and on paper. What has no percentages (a diamond, an end stroke) is drawn around the
origin of a small nested picture that stands at its percentage.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from echo_metrics.charts import wording
from echo_metrics.charts.spec import ChartSpec, Kind, Row

LINE_HOLDS, FEWEST, MOST = 45, 20, 40
"""Characters of a row's heading on a 390 px screen, label and the words at its right together; limits of the label."""
LINE, HEADER_GAP, TRACK, GAP = 17, 12, 11, 17
"""Heights in pixels: a line of label, label to track, half a track below its middle, row to row."""
AXIS = 44
BAR = 14
SHORT_SCALE = 8
"""Scales of fewer points get a tick at every point."""
MOST_TICKS = 6
LETTER = 7.0
"""Average width of a letter in pixels, for the legend's places."""
NARROW = 340
"""The narrowest chart in pixels, for the legend's lines."""


@dataclass(frozen=True)
class Place:
    """Where one row stands, in pixels from the top."""

    row: Row
    label: tuple[str, ...]
    side: tuple[str, ...]
    side_top: float
    top: float
    middle: float


@dataclass(frozen=True)
class Scale:
    """The drawn range of values, from the left edge to the right."""

    low: float
    high: float

    def at(self, value: float) -> float:
        """The place of a value in percent of the width."""
        return 100.0 * (value - self.low) / (self.high - self.low)


def places(spec: ChartSpec, top: float) -> tuple[list[Place], float]:
    """Every row's place below `top`, and where the last one ends."""
    found, y = [], top
    for row in spec.rows:
        words = row.hidden or row.text
        label = label_lines(row)
        side = tuple(textwrap.wrap(words, holds(row), break_on_hyphens=False)) if words else ()
        beside = not side or (len(side) == 1 and len(label[0]) + len(side[0]) < holds(row))
        side_top = y if beside else y + LINE * len(label)
        lines = max(len(label), len(side)) if beside else len(label) + len(side)
        middle = y + LINE * lines + HEADER_GAP
        found.append(Place(row, label, side, side_top, y, middle))
        # A hidden row has words only; it needs no track.
        track = 2 * TRACK if spec.kind is Kind.BARS and row.low is not None else TRACK
        y = (middle - HEADER_GAP / 2 if row.hidden else middle + track) + GAP
    return found, y - GAP / 2


def holds(row: Row) -> int:
    """How many characters of this row's heading fit beside each other; strong letters are wider."""
    return LINE_HOLDS - 4 if row.strong else LINE_HOLDS


def label_lines(row: Row) -> tuple[str, ...]:
    """The label in lines that leave room for the words at its right; the people behind it stand on the last line."""
    beside = holds(row) - 1 - len(row.hidden or row.text)
    # Words too long to stand beside the label go below it, and leave it the whole line.
    width = min(MOST, beside) if beside >= FEWEST else FEWEST if row.text else MOST
    # A number stays with the word before it: "Cohort 2" must not end a line as "Cohort".
    label = re.sub(r" (?=\d)", "\N{NO-BREAK SPACE}", row.label)
    lines = textwrap.wrap(label, width, break_on_hyphens=False) or [""]
    if row.people is None or row.hidden:
        return tuple(lines)
    people = wording.people(row.people, row.who, row.about)
    if len(lines[-1]) + len(people) + 3 <= width:
        return (*lines[:-1], f"{lines[-1]} · {people}")
    return (*lines, people)


def scale_of(spec: ChartSpec) -> Scale:
    """The drawn range: the scale's ends with room for a dot, or the values with zero or the reference inside."""
    if spec.axis:
        low, high = spec.axis
        room = 0.0 if spec.kind is Kind.STACK else 0.02 * (high - low)
        return Scale(low - room, high + room)
    seen = [float(spec.reference or 0) if spec.kind is Kind.TORNADO else 0.0]
    for row in spec.rows:
        if row.hidden:
            continue
        values = [v for v in row.values if v is not None]
        seen += [sum(values)] if spec.kind is Kind.STACK else values
        seen += [v for v in (row.low, row.high) if v is not None]
    room = 0.04 * ((max(seen) - min(seen)) or 1.0)
    under = min(seen) < 0 or spec.kind is Kind.TORNADO
    return Scale(min(seen) - (room if under else 0), max(seen) + room)


def ticks(spec: ChartSpec, scale: Scale) -> list[tuple[float, str]]:
    """Round values inside the range with their words, at most six of them."""
    if spec.axis and not wording.is_percent(spec.unit) and spec.axis[1] - spec.axis[0] < SHORT_SCALE:
        return _ticks_from(spec.axis[0], 1.0, scale, percent=False)
    return round_ticks(scale, spec.unit)


def round_ticks(scale: Scale, unit: str) -> list[tuple[float, str]]:
    """Multiples of a round step inside the range with their words in the unit, at most six of them."""
    step = round_step((scale.high - scale.low) / (MOST_TICKS - 1))
    return _ticks_from(math.ceil(scale.low / step - 1e-9) * step, step, scale, percent=wording.is_percent(unit))


def _ticks_from(first: float, step: float, scale: Scale, *, percent: bool) -> list[tuple[float, str]]:
    count = math.floor((scale.high - first) / step + 1e-9) + 1
    values = (first + place * step for place in range(count))
    return [(value, tick_words(value, step, percent)) for value in values]


def round_step(least: float) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that is not under `least`.

    >>> round_step(0.13), round_step(21), round_step(2600)
    (0.2, 25.0, 5000.0)
    """
    size = 10.0 ** math.floor(math.log10(least))
    return next((m * size for m in (1.0, 2.0, 2.5, 5.0) if m * size >= least * (1 - 1e-9)), 10.0 * size)


def tick_words(value: float, step: float, percent: bool) -> str:
    """A tick's value with as many decimals as its step needs."""
    if percent:
        return f"{wording.number(value, 0)}%"
    if step >= 1000:
        return wording.compact_money(value).replace(".0", "")
    decimals = 0 if step >= 1 and step % 1 == 0 else max(1, -math.floor(math.log10(step)))
    return wording.number(value, decimals)


def number(value: float) -> str:
    """A coordinate, short and without an exponent."""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def pc(value: float) -> str:
    """A place in percent of the width."""
    return f"{number(value)}%"


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A straight line; x in percent, y in pixels."""
    return f'<line class="{kind}" x1="{pc(x1)}" y1="{number(y1)}" x2="{pc(x2)}" y2="{number(y2)}"/>'


def words(text: str, x: float, y: float, kind: str = "", anchor: str = "start") -> str:
    """Words at a place; `y` is the base line. Escaped here, nowhere else."""
    named = f' class="{kind}"' if kind else ""
    anchored = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text{named} x="{pc(x)}" y="{number(y)}"{anchored}>{clean(text)}</text>'


def clean(text: str) -> str:
    """Escape text for XML and drop the control characters that XML can't hold at all."""
    return escape(re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\N{REPLACEMENT CHARACTER}", text))


def dot(x: float, y: float, radius: float, colour: str, hollow: bool) -> str:
    """A round mark; hollow where few people are behind it."""
    look = "c-hollow" if hollow else "c-mark"
    return f'<circle class="c-{colour} {look}" cx="{pc(x)}" cy="{number(y)}" r="{number(radius)}"/>'


def at(x: float, y: float, shape: str) -> str:
    """A shape drawn around the origin, at a place."""
    return f'<svg x="{pc(x)}" y="{number(y)}" overflow="visible">{shape}</svg>'


def square(x: float, y: float, colour: str, hollow: bool) -> str:
    """A square mark."""
    look = "c-hollow" if hollow else "c-mark"
    return at(x, y, f'<rect class="c-{colour} {look}" x="-5.5" y="-5.5" width="11" height="11"/>')


def diamond(x: float, y: float, colour: str, hollow: bool = False) -> str:
    """A mark for what stands out, or for a third moment."""
    look = "c-hollow" if hollow else "c-mark"
    return at(x, y, f'<path class="c-{colour} {look}" d="M0-8.5 8.5 0 0 8.5-8.5 0Z"/>')


def bar(x1: float, x2: float, y: float, colour: str, hollow: bool, height: float = BAR) -> str:
    """A bar from one place to another around the line `y`; an outline where few people are behind it."""
    left, wide = min(x1, x2), abs(x2 - x1)
    look = "c-hollow" if hollow else "c-mark"
    return (
        f'<rect class="c-{colour} {look}" x="{pc(left)}" y="{number(y - height / 2)}" width="{pc(wide)}" '
        f'height="{number(height)}"/>'
    )


def whisker(low: float, high: float, y: float, colour: str) -> str:
    """A line from low to high with end strokes."""
    ends = "".join(line(x, y - 4.5, x, y + 4.5, f"c-{colour} c-line") for x in (low, high))
    return line(low, y, high, y, f"c-{colour} c-line") + ends


def legend(entries: Sequence[tuple[str, str]], top: float) -> tuple[str, float]:
    """What the marks mean, in as many lines as a phone needs, and where the legend ends. An entry is mark and name."""
    drawn, x, y = [], 0.0, top + 12
    for mark, name in entries:
        wide = 20 + LETTER * len(name) + 12
        if x and x + wide > NARROW:
            x, y = 0.0, y + 20
        drawn.append(
            f'<svg x="{number(x)}" y="{number(y)}" overflow="visible">{mark}'
            f'<text x="18" y="4.5">{clean(name)}</text></svg>'
        )
        x += wide
    return "".join(drawn), y + 16
