"""Draws a chart spec as inline SVG for pages without script: what Plotly draws on screens, readable as it stands.

Each row's words stand above its marks, so it reads alike on a phone, on a desk and on paper. Colours are classes of
`svg.css`, which follow the page's light, dark and print look; shape and words repeat what colour says. The picture is
one image to a screen reader, with the spec's own text alternative.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from echo_metrics.charts import svg_parts as p
from echo_metrics.charts.spec import ChartSpec, Kind
from echo_metrics.charts.svg_parts import Place, Scale
from echo_metrics.charts.svg_roi import curve, likely, waterfall

RUN_HEIGHT = 220
SPAN_LINE = 16
"""The height of the name of a stretch above a run chart."""
RUN_LEFT, RUN_RIGHT = 13.0, 98.0
"""Where the first and the last point of a run chart stand, in percent; the words of the axis stand left of them."""
MOST_POINT_TICKS = 12
SQUARE = '<rect class="c-grey c-mark" x="0" y="-5.5" width="11" height="11"/>'
DOT = '<circle class="c-blue c-mark" cx="6" cy="0" r="7"/>'
DIAMOND = '<path class="c-orange c-mark" d="M6-8 14 0 6 8-2 0Z"/>'
STROKE = '<line class="c-ref" x1="6" y1="-8" x2="6" y2="8"/>'


@lru_cache(maxsize=1)
def style() -> str:
    """The style sheet that the page of a chart must hold."""
    return (Path(__file__).parent / "svg.css").read_text(encoding="utf-8")


def svg(spec: ChartSpec, name: str) -> str:
    """Draw a spec; `name` makes its ids unique on the page.

    Raises `ValueError` for a spec without any figure: that is said in words, not drawn.
    """
    if not spec.drawable:
        raise ValueError(f"'{spec.title}' has no figure to draw.")
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "chart"
    body, height = _WHOLE[spec.kind](spec) if spec.kind in _WHOLE else _rows(spec, slug)
    titled = f'<title id="{slug}-t">{p.clean(spec.title)}</title><desc id="{slug}-d">{p.clean(spec.alt)}</desc>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="c" role="img" aria-labelledby="{slug}-t" '
        f'aria-describedby="{slug}-d" width="100%" height="{p.number(height)}">{titled}{body}</svg>'
    )


def _rows(spec: ChartSpec, slug: str) -> tuple[str, float]:
    entries = _legend(spec)
    key, top = p.legend(entries, 0) if entries else ("", 2.0)
    places, end = p.places(spec, top)
    scale = p.scale_of(spec)
    shown = [place for place in places if not place.row.hidden]
    drawn = [key, _grid(spec, scale, shown, end, slug), _tracks(spec, scale, shown)]
    drawn.append(_DRAWERS[spec.kind](spec, scale, shown))
    drawn += [_words(place) for place in places]
    return "".join(drawn), end + p.AXIS


def _legend(spec: ChartSpec) -> list[tuple[str, str]]:
    entries: list[tuple[str, str]] = []
    if spec.kind is Kind.DUMBBELL:
        marks = (SQUARE, DIAMOND, DOT) if len(spec.series) == 3 else (SQUARE, DOT)
        entries = list(zip(marks, spec.series, strict=True))
    elif spec.kind in (Kind.STACK, Kind.TORNADO, Kind.WATERFALL) and len(spec.series) > 1:
        entries = [(_swatch(c), name) for c, name in zip(_colours(spec), spec.series, strict=True)]
    if spec.reference is not None and spec.reference_label:
        entries.append((STROKE, spec.reference_label))
    return entries


def _swatch(colour: str) -> str:
    return f'<rect class="c-{colour} c-mark" x="0" y="-6" width="12" height="12"/>'


def _colours(spec: ChartSpec) -> Sequence[str]:
    if spec.kind is Kind.TORNADO:
        return ("orange", "blue")
    if spec.kind is Kind.WATERFALL:
        return ("orange", "blue", "grey")
    return ("blue", "grey", "orange") if len(spec.series) == 3 else ("blue", "grey")[: len(spec.series)]


def _grid(spec: ChartSpec, scale: Scale, shown: list[Place], end: float, slug: str) -> str:
    """Ticks with thin lines through the rows' tracks only: through the words they would read as strikes."""
    found = p.ticks(spec, scale)
    first = shown[0].middle
    lines = "".join(p.line(scale.at(v), first - p.TRACK, scale.at(v), first + p.TRACK, "c-grid") for v, _ in found)
    drawn = [f'<g id="{slug}-g">{lines}</g>']
    drawn += [f'<use href="#{slug}-g" y="{p.number(place.middle - first)}"/>' for place in shown[1:]]
    for value, words in found:
        x = scale.at(value)
        anchor = "start" if x < 3 else "end" if x > 97 else "middle"
        drawn.append(p.words(words, x, end + 13, "c-soft", anchor))
    drawn.append(p.words(spec.unit, 50, end + 34, "c-soft", "middle"))
    return "".join(drawn)


def _tracks(spec: ChartSpec, scale: Scale, shown: list[Place]) -> str:
    """A thin line over the whole scale, so that the eye keeps the row; the reference crosses it."""
    drawn = []
    for place in shown:
        if spec.axis and spec.kind is not Kind.STACK:
            low, high = (scale.at(v) for v in spec.axis)
            drawn.append(p.line(low, place.middle, high, place.middle, "c-track"))
        if spec.reference is not None:
            x = scale.at(spec.reference)
            drawn.append(p.line(x, place.middle - p.TRACK + 1, x, place.middle + p.TRACK - 1, "c-ref"))
    return "".join(drawn)


def _words(place: Place) -> str:
    row = place.row
    look = "c-strong" if row.strong else ""
    drawn = [p.words(text, 0, place.top + 12 + p.LINE * n, look) for n, text in enumerate(place.label)]
    beside = place.side_top == place.top
    look = "c-hidden" if row.hidden else look
    drawn += [
        p.words(text, 100 if beside else 0, place.side_top + 12 + p.LINE * n, look, "end" if beside else "start")
        for n, text in enumerate(place.side)
    ]
    return "".join(drawn)


def _dumbbell(spec: ChartSpec, scale: Scale, shown: list[Place]) -> str:
    drawn = []
    for place in shown:
        row, y = place.row, place.middle
        first, *between, last = (None if v is None else scale.at(v) for v in row.values)
        told = [x for x in (first, *between, last) if x is not None]
        if len(told) > 1:
            drawn.append(p.line(min(told), y, max(told), y, "c-join"))
        if first is not None:
            drawn.append(p.square(first, y, "grey", row.hollow))
        # The start as remembered, where it was asked.
        drawn += [p.diamond(x, y, "orange", row.hollow) for x in between if x is not None]
        if last is not None:
            drawn.append(p.dot(last, y, 6 if row.hollow else 7, "blue", row.hollow))
    return "".join(drawn)


def _interval(spec: ChartSpec, scale: Scale, shown: list[Place]) -> str:
    drawn = []
    for place in shown:
        row, y = place.row, place.middle
        drawn.append(_range(place, scale, y, "blue"))
        if row.values[0] is not None:
            drawn.append(p.dot(scale.at(row.values[0]), y, 5 if row.hollow else 6, "blue", row.hollow))
    return "".join(drawn)


def _range(place: Place, scale: Scale, y: float, colour: str) -> str:
    row = place.row
    if row.low is None or row.high is None:
        return ""
    return p.whisker(scale.at(row.low), scale.at(row.high), y, colour)


def _stack(spec: ChartSpec, scale: Scale, shown: list[Place]) -> str:
    drawn = []
    for place in shown:
        values = [v or 0.0 for v in place.row.values]
        total = sum(values)
        # With an axis of 0 to 100 every bar is drawn as shares of its own total.
        factor = 100.0 / total if spec.axis == (0.0, 100.0) and total else 1.0
        start = 0.0
        for value, colour in zip(values, _colours(spec), strict=True):
            end = start + value * factor
            if value:
                drawn.append(p.bar(scale.at(start), scale.at(end), place.middle, colour, place.row.hollow))
            start = end
    return "".join(drawn)


def _bars(spec: ChartSpec, scale: Scale, shown: list[Place]) -> str:
    drawn = []
    for place in shown:
        if place.row.values[0] is not None:
            x = scale.at(place.row.values[0])
            drawn.append(p.bar(scale.at(0), x, place.middle, "blue", place.row.hollow))
        # Under the bar, not on it: no line colour shows on the bar and on both grounds.
        drawn.append(_range(place, scale, place.middle + p.BAR, "grey"))
    return "".join(drawn)


def _tornado(spec: ChartSpec, scale: Scale, shown: list[Place]) -> str:
    base = scale.at(spec.reference or 0.0)
    drawn = []
    for place in shown:
        for value, colour in zip(place.row.values, _colours(spec), strict=True):
            if value is not None:
                drawn.append(p.bar(base, scale.at(value), place.middle, colour, place.row.hollow))
    return "".join(drawn)


_DRAWERS: dict[Kind, Callable[[ChartSpec, Scale, list[Place]], str]] = {
    Kind.DUMBBELL: _dumbbell,
    Kind.INTERVAL: _interval,
    Kind.STACK: _stack,
    Kind.BARS: _bars,
    Kind.TORNADO: _tornado,
    Kind.WATERFALL: waterfall,
}


def _run(spec: ChartSpec) -> tuple[str, float]:
    """A point a row, joined in order; the middle dashed, limits dotted, points that stand out as diamonds."""
    values = [None if row.hidden else row.values[0] for row in spec.rows]
    whole = spec.axis[1] if spec.axis else 100.0
    top = 1.06 * max(whole, *(v for v in values if v is not None))
    upper = 22.0 + SPAN_LINE * len(spec.spans)

    def x(place: int) -> float:
        return RUN_LEFT + (RUN_RIGHT - RUN_LEFT) * (place / (len(values) - 1) if len(values) > 1 else 0.5)

    def y(value: float) -> float:
        return upper + RUN_HEIGHT * (1 - value / top)

    drawn = [p.words(spec.unit, 0, 12, "c-soft")]
    for quarter in range(5):
        level = whole * quarter / 4
        drawn.append(p.line(RUN_LEFT - 2, y(level), 100, y(level), "c-grid"))
        drawn.append(p.words(f"{level:.0f}%" if spec.axis is None else f"{level:g}", 0, y(level) + 4, "c-soft"))
    half = (RUN_RIGHT - RUN_LEFT) / max(1, len(values) - 1) / 2
    for number, span in enumerate(spec.spans):
        left, right = x(span.first - 1) - half, x(max(span.last, span.first - 1) - 1) + half
        drawn += [p.line(at, upper - 4, at, upper + RUN_HEIGHT, "c-limit") for at in (left, right)]
        at, anchor = (left, "start") if span.first <= len(values) / 2 else (right, "end")
        drawn.append(p.words(span.words, at, 26 + SPAN_LINE * number, "c-soft", anchor))
    limits = sorted({v for row in spec.rows for v in (row.low, row.high) if v is not None and not row.hidden})
    drawn += [p.line(RUN_LEFT - 2, y(v), 100, y(v), "c-limit") for v in limits]
    if spec.reference is not None:
        drawn.append(p.line(RUN_LEFT - 2, y(spec.reference), 100, y(spec.reference), "c-ref c-dash"))
        # The words stand above the picture: beside the line they would cross the points.
        drawn.append(p.words(f"- - {spec.reference_label}", 100, 12, "c-soft", "end"))
    for place, (here, following) in enumerate(pairwise(values)):
        if here is not None and following is not None:
            drawn.append(p.line(x(place), y(here), x(place + 1), y(following), "c-run"))
    for place, (row, value) in enumerate(zip(spec.rows, values, strict=True)):
        if value is not None and row.strong:
            drawn.append(p.diamond(x(place), y(value), "orange"))
        elif value is not None:
            drawn.append(p.dot(x(place), y(value), 4.5, "blue", row.hollow))
    step = -(-len(values) // MOST_POINT_TICKS)
    bottom = upper + RUN_HEIGHT
    drawn += [p.words(f"{n + 1}", x(n), bottom + 17, "c-soft", "middle") for n in range(0, len(values), step)]
    drawn.append(p.words(f"{spec.along} in order", 50, bottom + 36, "c-soft", "middle"))
    return "".join(drawn), bottom + 44


_WHOLE: dict[Kind, Callable[[ChartSpec], tuple[str, float]]] = {
    Kind.RUN: _run,
    Kind.DOTS: likely,
    Kind.CURVE: curve,
}
"""The kinds that are one picture, not a row a line."""
