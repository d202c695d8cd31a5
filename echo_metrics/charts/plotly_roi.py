"""Draws the charts of a return with Plotly: the waterfall from costs to net benefit, likely outcomes, and curves.

A waterfall has rows like the other charts. The other two are one picture each, whose key stands above it, a line an
entry: a horizontal legend would run over the edge of a phone.
"""

from __future__ import annotations

import textwrap
from html import escape
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from echo_metrics.charts.plotly_parts import BAR, BLUE, GAP, GREY, GRID, HEADER_GAP, ORANGE, TRACK, Place, Sheet
from echo_metrics.charts.spec import ChartSpec
from echo_metrics.charts.wording import is_percent

CURVE_HEIGHT = 240
KEY_HOLDS, KEY_LINE = 40, 19
"""Characters of the key's line on a 390 px screen, right of the words of a vertical axis, and its height in pixels."""
BELOW = 50
"""Pixels for the words of the horizontal axis."""
DOT, TALLEST = 20, 240
"""Height in pixels of a dot with the gap to the next, and of the tallest stack, which makes its dots smaller."""


def waterfall(sheet: Sheet, spec: ChartSpec, places: list[Place]) -> None:
    """Thick lines from where a step starts to where it ends, so that the marks keep the running totals."""
    shown = [place for place in places if not place.row.hidden]
    for name, colour, steps in zip(spec.series, (ORANGE, BLUE, GREY), _by_kind(shown), strict=True):
        sheet.traces.append(
            {
                "type": "scatter",
                "name": name,
                "x": [x for place in steps for x in (*place.row.values, None)],
                "y": [y for place in steps for y in (place.middle, place.middle, None)],
                "mode": "lines",
                "line": {"color": colour, "width": BAR},
                "hovertext": [t for place in steps for t in (*[f"{place.label}<br>{escape(place.row.text)}"] * 2, "")],
                "hovertemplate": "%{hovertext}<extra></extra>",
                "connectgaps": False,
                "showlegend": bool(steps),
            }
        )
    for place, following in pairwise(places):
        end = place.row.values[1]
        if not place.row.hidden and not following.row.hidden and end is not None:
            # From bar to bar but for the words between: through them the line would read as a strike.
            for y0, y1 in (
                (place.middle + BAR / 2, place.middle + TRACK + GAP - 4),
                (following.middle - HEADER_GAP, following.middle - BAR / 2),
            ):
                line = {"color": GREY, "width": 1.5}
                sheet.shapes.append({"type": "line", "x0": end, "x1": end, "y0": y0, "y1": y1, "line": line})


def _by_kind(shown: list[Place]) -> tuple[list[Place], list[Place], list[Place]]:
    """The steps that lead down, those that lead up, and the totals, in this order."""
    down: list[Place] = []
    up: list[Place] = []
    totals: list[Place] = []
    for place in shown:
        start, end = (v or 0.0 for v in place.row.values)
        (totals if place.row.strong else down if end < start else up).append(place)
    return down, up, totals


def likely_figure(spec: ChartSpec) -> go.Figure:
    """Draw stacked dots: hollow and orange below zero, filled and blue above it, with zero as a line."""
    highest = max(level for dots in spec.points for _, level in dots)
    pitch = min(DOT, TALLEST / highest)
    traces: list[dict[str, Any]] = []
    for name, dots, colour, symbol in zip(
        spec.series, spec.points, (ORANGE, BLUE), ("circle-open", "circle"), strict=True
    ):
        hollow = symbol == "circle-open"
        traces.append(
            {
                "type": "scatter",
                "name": _wrapped(name),
                # Without any dot the place of none: an empty trace would leave its "0 of 20" out of the key.
                "x": [x for x, _ in dots] or [None],
                "y": [level for _, level in dots] or [None],
                "mode": "markers",
                "marker": {
                    "color": colour,
                    "symbol": symbol,
                    "size": pitch - (6 if hollow else 4),
                    "line": {"color": colour, "width": 2.5 if hollow else 0},
                    "opacity": 1,
                },
                "hoverinfo": "skip",
                "showlegend": True,
                "cliponaxis": False,
            }
        )
    layout = _layout(spec, pitch * (highest + 0.5), spec.series)
    layout["yaxis"] = {"range": [0.4, highest + 0.9], "fixedrange": True, "visible": False}
    layout["shapes"] = [_across_zero("v", 0.0)]
    return go.Figure(traces, layout)


def curve_figure(spec: ChartSpec) -> go.Figure:
    """Draw one or two lines, the second one dashed, and the marked place with lines to both axes."""
    traces: list[dict[str, Any]] = []
    across, up = ("%" if is_percent(unit) else "" for unit in (spec.unit, spec.upward))
    for name, corners, colour, dash in zip(spec.series, spec.points, (BLUE, ORANGE), ("solid", "dash"), strict=False):
        traces.append(
            {
                "type": "scatter",
                "name": _wrapped(name),
                "x": [x for x, _ in corners],
                "y": [y for _, y in corners],
                "mode": "lines",
                "line": {"color": colour, "width": 2.5, "dash": dash},
                "hovertemplate": f"%{{x:,.4~g}}{across}: %{{y:,.4~g}}{up}<extra></extra>",
                "showlegend": len(spec.points) > 1,
                "cliponaxis": False,
            }
        )
    key = list(spec.series) if len(spec.points) > 1 else []
    shapes = [] if spec.reference is None else [_across_zero("h", spec.reference)]
    low, high = spec.axis or (0.0, 100.0)
    columns = [x for line in spec.points for x, _ in line]
    left, right = min(columns), max(columns)
    if spec.mark:
        key.append(spec.mark.words)
        traces.append(
            {
                "type": "scatter",
                "name": _wrapped(spec.mark.words),
                "x": [spec.mark.x],
                "y": [spec.mark.y],
                "mode": "markers",
                "marker": {"color": ORANGE, "symbol": "diamond", "size": 13},
                "hoverinfo": "skip",
                "showlegend": True,
                "cliponaxis": False,
            }
        )
        shapes += _to_axes(spec.mark.x, spec.mark.y, left, low)
    layout = _layout(spec, CURVE_HEIGHT, tuple(key))
    layout["xaxis"]["range"] = [left, right]
    layout["yaxis"] = {
        "range": [low, high],
        "fixedrange": True,
        "title": {"text": escape(spec.upward, quote=False), "font": {"size": 12}, "standoff": 6},
        "gridcolor": GRID,
        "zeroline": False,
        "ticksuffix": up,
        "tickfont": {"size": 12},
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": "rgba(0,0,0,0)",
        "nticks": 6,
        "automargin": True,
    }
    layout["shapes"] = shapes
    return go.Figure(traces, layout)


def _layout(spec: ChartSpec, height: float, key: tuple[str, ...]) -> dict[str, Any]:
    lines = sum(_wrapped(words).count("<br>") + 1 for words in key)
    top = 8 + KEY_LINE * lines
    return {
        "height": round(height + top + BELOW),
        "margin": {"l": 8, "r": 12, "t": top, "b": BELOW, "pad": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": bool(key),
        "legend": {
            "orientation": "v",
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
        "xaxis": {
            "range": list(spec.axis or ()),
            "fixedrange": True,
            "title": {"text": escape(spec.unit, quote=False), "font": {"size": 12}, "standoff": 8},
            "gridcolor": GRID,
            "zeroline": False,
            "ticksuffix": "%" if is_percent(spec.unit) else "",
            "tickfont": {"size": 12},
            "nticks": 6,
            "automargin": False,
        },
    }


def _wrapped(words: str) -> str:
    """An entry of the key in lines that a phone holds."""
    return "<br>".join(escape(line, quote=False) for line in textwrap.wrap(words, KEY_HOLDS)) or " "


def _across_zero(way: str, at: float) -> dict[str, Any]:
    """A line through the whole picture, upright (`v`) or level (`h`)."""
    ends = (
        {"x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper"}
        if way == "v"
        else {"y0": at, "y1": at, "x0": 0, "x1": 1, "xref": "paper"}
    )
    return {"type": "line", "line": {"color": GREY, "width": 2}, "layer": "below", **ends}


def _to_axes(x: float, y: float, left: float, low: float) -> list[dict[str, Any]]:
    """Dotted lines from the marked place down to one axis and left to the other."""
    look = {"type": "line", "line": {"color": GREY, "width": 1.5, "dash": "dot"}, "layer": "below"}
    return [
        {"x0": x, "x1": x, "y0": low, "y1": y, **look},
        {"x0": left, "x1": x, "y0": y, "y1": y, **look},
    ]
