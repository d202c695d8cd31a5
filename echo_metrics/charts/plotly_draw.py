"""Draws a chart spec with Plotly: each row's words stand above its marks, so it reads alike at 390 px and 1440 px.

The vertical axis counts pixels from the top. That gives long statements the lines they need, and every row its own
track over the full width. Colours are mid-tones with at least 3:1 contrast on white and on the dark ground; text takes
the theme's colour. Shape and words repeat what colour says.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from html import escape
from typing import Any

import plotly.graph_objects as go

from echo_metrics.charts import wording
from echo_metrics.charts.plotly_parts import (
    AXIS,
    BAR,
    BLUE,
    FEWEST,
    GAP,
    GREY,
    GRID,
    HEADER_GAP,
    LEGEND,
    LINE,
    LINE_HOLDS,
    MOST,
    ORANGE,
    SHORT_SCALE,
    TRACK,
    TRACK_LINE,
    Place,
    Sheet,
    bar_marker,
    whiskers,
)
from echo_metrics.charts.plotly_roi import curve_figure, likely_figure, waterfall
from echo_metrics.charts.plotly_run import run_figure
from echo_metrics.charts.spec import ChartSpec, Kind, Row

CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False, "responsive": True}
"""What every screen passes on: no tool bar, and a finger scrolls the page, not the chart."""


def draw(spec: ChartSpec) -> go.Figure:
    """Draw a spec. Raises `ValueError` for a spec without any figure: that is said in words, not drawn."""
    if not spec.drawable:
        raise ValueError(f"'{spec.title}' has no figure to draw.")
    if spec.kind in _WHOLE:
        return _WHOLE[spec.kind](spec)
    places, total = _places(spec)
    sheet = Sheet()
    _DRAWERS[spec.kind](sheet, spec, places)
    _words(sheet, places)
    _reference(sheet, spec, places)
    _frame(sheet, spec, total, legend=sum(bool(t["showlegend"]) for t in sheet.traces) > 1)
    return go.Figure(sheet.traces, {**sheet.layout, "annotations": sheet.words, "shapes": sheet.shapes})


def _places(spec: ChartSpec) -> tuple[list[Place], float]:
    places, y = [], 4.0
    for row in spec.rows:
        lines = _label_lines(row)
        middle = y + LINE * len(lines) + HEADER_GAP
        label = "<br>".join(escape(line, quote=False) for line in lines)
        places.append(Place(row, label, y, middle))
        # A hidden row has words only; it needs no track.
        track = 2 * TRACK if spec.kind is Kind.BARS and row.low is not None else TRACK
        y = (middle if row.hidden else middle + track) + GAP
    return places, y - GAP / 2


def _label_lines(row: Row) -> list[str]:
    """The label in lines that leave room for the words at its right; the people behind it stand on the last line."""
    width = max(FEWEST, min(MOST, LINE_HOLDS - len(row.text or row.hidden)))
    # A number stays with the word before it: "Cohort 2" must not end a line as "Cohort".
    label = re.sub(r" (?=\d)", "\N{NO-BREAK SPACE}", row.label)
    lines = textwrap.wrap(label, width, break_on_hyphens=False) or [""]
    if row.people is None or row.hidden:
        return lines
    people = wording.people(row.people, row.who, row.about)
    if len(lines[-1]) + len(people) + 3 <= width:
        return [*lines[:-1], f"{lines[-1]} · {people}"]
    return [*lines, people]


def _words(sheet: Sheet, places: list[Place]) -> None:
    for place in places:
        row = place.row
        label = f"<b>{place.label}</b>" if row.strong else place.label
        side = f"<i>{escape(row.hidden, quote=False)}</i>" if row.hidden else escape(row.text, quote=False)
        common = {
            "y": place.top,
            "yref": "y",
            "xref": "paper",
            "yanchor": "top",
            "showarrow": False,
            "font": {"size": 13},
        }
        sheet.words.append({"text": label, "x": 0, "xanchor": "left", "align": "left", **common})
        sheet.words.append({"text": side, "x": 1, "xanchor": "right", "align": "right", **common})


def _frame(sheet: Sheet, spec: ChartSpec, total: float, legend: bool) -> None:
    top = LEGEND if legend else 6
    low, high = _axis(spec)
    percent = spec.unit.startswith("%")
    across: dict[str, Any] = {
        "range": [low, high],
        "fixedrange": True,
        "title": {"text": escape(spec.unit, quote=False), "font": {"size": 12}, "standoff": 8},
        "gridcolor": GRID,
        "zeroline": False,
        "showline": False,
        "ticksuffix": "%" if percent else "",
        "tickfont": {"size": 12},
        "nticks": 6,
        "automargin": False,
    }
    if spec.axis and not percent and high - low < SHORT_SCALE:
        across |= {"tickmode": "linear", "tick0": spec.axis[0], "dtick": 1}
    sheet.layout |= {
        "height": round(total + top + AXIS),
        "margin": {"l": 8, "r": 8, "t": top, "b": AXIS, "pad": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": legend,
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yanchor": "bottom",
            "font": {"size": 13},
            "traceorder": "normal",
            "itemclick": False,
            "itemdoubleclick": False,
            "title": {"text": ""},
        },
        "dragmode": False,
        "hovermode": "closest",
        "hoverlabel": {"font": {"size": 13}},
        "barmode": "stack",
        "bargap": 0,
        "xaxis": across,
        "yaxis": {"range": [total, 0], "fixedrange": True, "visible": False, "automargin": False},
    }


def _axis(spec: ChartSpec) -> tuple[float, float]:
    """The drawn range: the scale's ends with room for a dot, or the values with zero or the reference inside."""
    if spec.axis:
        low, high = spec.axis
        room = 0.0 if spec.kind is Kind.STACK else 0.02 * (high - low)
        return low - room, high + room
    seen = [0.0 if spec.kind is not Kind.TORNADO else float(spec.reference or 0)]
    for row in spec.rows:
        if row.hidden:
            continue
        values = [v for v in row.values if v is not None]
        seen += [sum(values)] if spec.kind is Kind.STACK else values
        seen += [v for v in (row.low, row.high) if v is not None]
    room = 0.04 * ((max(seen) - min(seen)) or 1.0)
    return min(seen) - (room if min(seen) < 0 or spec.kind is Kind.TORNADO else 0), max(seen) + room


def _drawn(places: list[Place]) -> list[Place]:
    return [p for p in places if not p.row.hidden]


def _hover(places: list[Place]) -> list[str]:
    return [f"{p.label}<br>{escape(p.row.text, quote=False)}" for p in places]


def _tracks(sheet: Sheet, spec: ChartSpec, places: list[Place]) -> None:
    """A thin line over the whole scale, so that the eye keeps the row."""
    if spec.axis:
        for place in places:
            sheet.shapes.append(
                {
                    "type": "line",
                    "x0": spec.axis[0],
                    "x1": spec.axis[1],
                    "y0": place.middle,
                    "y1": place.middle,
                    "line": {"color": TRACK_LINE, "width": 1},
                    "layer": "below",
                }
            )


def _reference(sheet: Sheet, spec: ChartSpec, places: list[Place]) -> None:
    """The reference line, in each row's track only: through the words it would read as a strike."""
    if spec.reference is None:
        return
    for place in _drawn(places):
        sheet.shapes.append(
            {
                "type": "line",
                "x0": spec.reference,
                "x1": spec.reference,
                "y0": place.middle - TRACK + 1,
                "y1": place.middle + TRACK - 1,
                "line": {"color": GREY, "width": 2},
            }
        )


def _dumbbell(sheet: Sheet, spec: ChartSpec, places: list[Place]) -> None:
    shown = _drawn(places)
    _tracks(sheet, spec, shown)
    for place in shown:
        told = [v for v in place.row.values if v is not None]
        if len(told) < 2:
            continue
        sheet.shapes.append(
            {
                "type": "line",
                "x0": min(told),
                "x1": max(told),
                "y0": place.middle,
                "y1": place.middle,
                "line": {"color": GREY, "width": 3},
                "layer": "below",
            }
        )
    # The start as remembered, where it was asked, stands between the two in the order of the series.
    looks = [(GREY, 11, ("square", "square-open")), (BLUE, 14, ("circle", "circle-open"))]
    if len(spec.series) == 3:
        looks.insert(1, (ORANGE, 12, ("diamond", "diamond-open")))
    for side, (colour, size, symbols) in enumerate(looks):
        sheet.traces.append(
            {
                "type": "scatter",
                "name": spec.series[side],
                "x": [p.row.values[side] for p in shown],
                "y": [p.middle for p in shown],
                "mode": "markers",
                "marker": {
                    "color": colour,
                    "size": size,
                    "symbol": [symbols[p.row.hollow] for p in shown],
                    "line": {"width": [2.5 if p.row.hollow else 0 for p in shown], "color": colour},
                    "opacity": 1,
                },
                "hovertext": _hover(shown),
                "hovertemplate": "%{hovertext}<extra>%{fullData.name}</extra>",
                "showlegend": True,
                "cliponaxis": False,
            }
        )


def _interval(sheet: Sheet, spec: ChartSpec, places: list[Place]) -> None:
    shown = _drawn(places)
    _tracks(sheet, spec, shown)
    whiskers(sheet, shown, BLUE, below=0)
    sheet.traces.append(
        {
            "type": "scatter",
            "name": spec.series[0],
            "x": [p.row.values[0] for p in shown],
            "y": [p.middle for p in shown],
            "mode": "markers",
            "marker": {
                "color": BLUE,
                "size": 12,
                "symbol": ["circle-open" if p.row.hollow else "circle" for p in shown],
                "line": {"width": [2.5 if p.row.hollow else 0 for p in shown], "color": BLUE},
            },
            "hovertext": _hover(shown),
            "hovertemplate": "%{hovertext}<extra></extra>",
            "showlegend": False,
            "cliponaxis": False,
        }
    )


def _stack(sheet: Sheet, spec: ChartSpec, places: list[Place]) -> None:
    shown = _drawn(places)
    if spec.axis == (0.0, 100.0):
        # Plotly makes the shares; the traces keep the counts.
        sheet.layout["barnorm"] = "percent"
    colours = (BLUE, GREY, ORANGE) if len(spec.series) == 3 else (BLUE, GREY)
    for part, (name, colour) in enumerate(zip(spec.series, colours, strict=False)):
        sheet.traces.append(
            {
                "type": "bar",
                "name": name,
                "orientation": "h",
                "x": [p.row.values[part] for p in shown],
                "y": [p.middle for p in shown],
                "width": BAR,
                "marker": bar_marker(shown, colour),
                "hovertext": _hover(shown),
                "hovertemplate": "%{hovertext}<extra>%{fullData.name}</extra>",
                "showlegend": True,
            }
        )


def _bars(sheet: Sheet, spec: ChartSpec, places: list[Place]) -> None:
    shown = _drawn(places)
    sheet.traces.append(
        {
            "type": "bar",
            "name": spec.series[0],
            "orientation": "h",
            "x": [p.row.values[0] for p in shown],
            "y": [p.middle for p in shown],
            "width": BAR,
            "marker": bar_marker(shown, BLUE),
            "hovertext": _hover(shown),
            "hovertemplate": "%{hovertext}<extra></extra>",
            "showlegend": False,
        }
    )
    # Under the bar, not on it: no line colour shows on the bar and on both grounds.
    whiskers(sheet, shown, GREY, below=BAR)


def _tornado(sheet: Sheet, spec: ChartSpec, places: list[Place]) -> None:
    # Thick lines from the base value, not bars: a bar would need differences, and the marks would lose their values.
    base = spec.reference or 0.0
    for side, colour in enumerate((ORANGE, BLUE)):
        xs: list[float | None] = []
        ys: list[float | None] = []
        for place in places:
            xs += [base, place.row.values[side], None]
            ys += [place.middle, place.middle, None]
        sheet.traces.append(
            {
                "type": "scatter",
                "name": spec.series[side],
                "x": xs,
                "y": ys,
                "mode": "lines",
                "line": {"color": colour, "width": BAR},
                "hovertemplate": "%{x:,.0f}<extra>%{fullData.name}</extra>",
                "connectgaps": False,
                "showlegend": True,
            }
        )


_DRAWERS: dict[Kind, Callable[[Sheet, ChartSpec, list[Place]], None]] = {
    Kind.DUMBBELL: _dumbbell,
    Kind.INTERVAL: _interval,
    Kind.STACK: _stack,
    Kind.BARS: _bars,
    Kind.TORNADO: _tornado,
    Kind.WATERFALL: waterfall,
}

_WHOLE: dict[Kind, Callable[[ChartSpec], go.Figure]] = {
    Kind.RUN: run_figure,
    Kind.DOTS: likely_figure,
    Kind.CURVE: curve_figure,
}
"""The kinds that are one picture, not a row a line."""
