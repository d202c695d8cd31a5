"""Draws the charts of a return as inline SVG: the waterfall from costs to net benefit, likely outcomes, and curves.

A waterfall has rows like the other charts. The other two are one picture each, whose key stands above it, a line an
entry, because neither words nor marks may run over the edge of a phone or of a column on paper.
"""

from __future__ import annotations

import textwrap
from itertools import pairwise

from echo_metrics.charts import svg_parts as p
from echo_metrics.charts.spec import ChartSpec
from echo_metrics.charts.svg_parts import Place, Scale

CURVE_HEIGHT = 220
CURVE_LEFT, CURVE_RIGHT = 14.0, 98.0
"""Where a curve's picture starts and ends, in percent; the words of its vertical axis stand left of it."""
KEY_HOLDS, KEY_LINE = 44, 18
"""Characters of the key's line on a 390 px screen, and its height in pixels."""
DOT, TALLEST = 20.0, 240.0
"""Height in pixels of a dot with the gap to the next, and of the tallest stack, which makes its dots smaller."""
DOTS_LEFT, DOTS_RIGHT = 2.0, 98.0
FILLED = '<circle class="c-blue c-mark" cx="6" cy="0" r="6.5"/>'
HOLLOW = '<circle class="c-orange c-hollow" cx="6" cy="0" r="5.5"/>'
LINE = '<line class="c-curve" x1="-1" y1="0" x2="13" y2="0"/>'
SECOND = '<line class="c-curve c-second" x1="-1" y1="0" x2="13" y2="0"/>'
DIAMOND = '<path class="c-orange c-mark" d="M6-7 13 0 6 7-1 0Z"/>'


def waterfall(spec: ChartSpec, scale: Scale, shown: list[Place]) -> str:
    """Bars from where a step starts to where it ends; costs lead down, benefits up, totals start at zero."""
    drawn = []
    for place in shown:
        start, end = (v or 0.0 for v in place.row.values)
        colour = "grey" if place.row.strong else "orange" if end < start else "blue"
        drawn.append(p.bar(scale.at(start), scale.at(end), place.middle, colour, place.row.hollow))
    places = {id(place.row): n for n, place in enumerate(shown)}
    for row, following in pairwise(spec.rows):
        if id(row) in places and id(following) in places and row.values[1] is not None:
            above, below = shown[places[id(row)]].middle, shown[places[id(following)]].middle
            x = scale.at(row.values[1])
            # From bar to bar but for the words between: through them the line would read as a strike.
            drawn.append(p.line(x, above + p.BAR / 2, x, above + p.TRACK + p.GAP - 4, "c-step"))
            drawn.append(p.line(x, below - p.HEADER_GAP, x, below - p.BAR / 2, "c-step"))
    return "".join(drawn)


def likely(spec: ChartSpec) -> tuple[str, float]:
    """Stacked dots: hollow and orange below zero, filled and blue above it, with zero as a line."""
    key, top = _key(list(zip((HOLLOW, FILLED), spec.series, strict=True)))
    highest = max(level for dots in spec.points for _, level in dots)
    pitch = min(DOT, TALLEST / highest)
    bottom = top + pitch * highest + 6
    scale = Scale(*(spec.axis or (-1.0, 1.0)))

    def x(value: float) -> float:
        return DOTS_LEFT + (DOTS_RIGHT - DOTS_LEFT) * scale.at(value) / 100

    drawn = [key, p.line(DOTS_LEFT, bottom, DOTS_RIGHT, bottom, "c-track")]
    drawn.append(p.line(x(0.0), top, x(0.0), bottom + 5, "c-ref"))
    for dots, colour in zip(spec.points, ("orange", "blue"), strict=True):
        hollow = colour == "orange"
        radius = pitch / 2 - (3 if hollow else 2)
        drawn += [p.dot(x(at), bottom - 2 - pitch * (level - 0.5), radius, colour, hollow) for at, level in dots]
    for value, words in p.round_ticks(scale, spec.unit):
        drawn.append(p.line(x(value), bottom, x(value), bottom + 5, "c-track"))
        drawn.append(p.words(words, x(value), bottom + 18, "c-soft", _anchor(x(value))))
    drawn.append(p.words(spec.unit, 50, bottom + 37, "c-soft", "middle"))
    return "".join(drawn), bottom + 45


def curve(spec: ChartSpec) -> tuple[str, float]:
    """One or two lines, the second one dashed, and the marked place with lines to both axes."""
    entries = list(zip((LINE, SECOND), spec.series, strict=False)) if len(spec.points) > 1 else []
    if spec.mark:
        entries.append((DIAMOND, spec.mark.words))
    key, top = _key(entries)
    upper, bottom = top + 20, top + 20 + CURVE_HEIGHT
    columns = [x for corners in spec.points for x, _ in corners]
    across, up = Scale(min(columns), max(columns)), Scale(*(spec.axis or (0.0, 100.0)))

    def x(value: float) -> float:
        return CURVE_LEFT + (CURVE_RIGHT - CURVE_LEFT) * across.at(value) / 100

    def y(value: float) -> float:
        return bottom - CURVE_HEIGHT * up.at(value) / 100

    drawn = [key, p.words(spec.upward, 0, top + 8, "c-soft")]
    for value, words in p.round_ticks(up, spec.upward):
        drawn.append(p.line(CURVE_LEFT, y(value), CURVE_RIGHT, y(value), "c-grid"))
        drawn.append(p.words(words, CURVE_LEFT - 1.5, y(value) + 4, "c-soft", "end"))
    for value, words in p.round_ticks(across, spec.unit):
        drawn.append(p.line(x(value), bottom, x(value), bottom + 5, "c-track"))
        drawn.append(p.words(words, x(value), bottom + 18, "c-soft", _anchor(x(value))))
    if spec.reference is not None:
        drawn.append(p.line(CURVE_LEFT, y(spec.reference), CURVE_RIGHT, y(spec.reference), "c-ref"))
    if spec.mark:
        at = x(spec.mark.x), y(spec.mark.y)
        drawn.append(p.line(at[0], at[1], at[0], bottom, "c-limit"))
        drawn.append(p.line(CURVE_LEFT, at[1], at[0], at[1], "c-limit"))
    drawn.append(_lines(spec, across, up, upper))
    if spec.mark:
        drawn.append(p.diamond(*at, "orange"))
    drawn.append(p.words(spec.unit, 50, bottom + 37, "c-soft", "middle"))
    return "".join(drawn), bottom + 45


def _lines(spec: ChartSpec, across: Scale, up: Scale, upper: float) -> str:
    """The lines in a picture of their own that stretches with the page; their strokes do not."""
    drawn = []
    for corners, kind in zip(spec.points, ("c-curve", "c-curve c-second"), strict=False):
        places = " ".join(f"{p.number(across.at(x))},{p.number(100 - up.at(y))}" for x, y in corners)
        drawn.append(f'<polyline class="{kind}" points="{places}"/>')
    wide = CURVE_RIGHT - CURVE_LEFT
    return (
        f'<svg x="{p.pc(CURVE_LEFT)}" y="{p.number(upper)}" width="{p.pc(wide)}" height="{CURVE_HEIGHT}" '
        f'viewBox="0 0 100 100" preserveAspectRatio="none" overflow="visible">{"".join(drawn)}</svg>'
    )


def _key(entries: list[tuple[str, str]]) -> tuple[str, float]:
    """What the marks mean, an entry a line, and where the key ends."""
    drawn, y = [], 12.0
    for mark, name in entries:
        for n, line in enumerate(textwrap.wrap(name, KEY_HOLDS) or [""]):
            words = f'{"" if n else mark}<text x="19" y="4.5">{p.clean(line)}</text>'
            drawn.append(f'<svg x="0" y="{p.number(y)}" overflow="visible">{words}</svg>')
            y += KEY_LINE
    return "".join(drawn), y


def _anchor(x: float) -> str:
    return "start" if x < 4 else "end" if x > 96 else "middle"
