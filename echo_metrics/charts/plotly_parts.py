"""What the Plotly drawers share: colours, measures in pixels, where a row stands, and what a figure is gathered in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from echo_metrics.charts.spec import Row

BLUE, ORANGE, GREY = "#2F86BF", "#D0692A", "#7F8C98"
TRACK_LINE, GRID = "rgba(127,140,152,0.30)", "rgba(127,140,152,0.18)"
LINE_HOLDS, FEWEST, MOST = 54, 22, 42
"""Characters of a row's heading on a 390 px screen, label and the words at its right together; limits of the label."""
LINE, HEADER_GAP, TRACK, GAP = 17, 12, 11, 17
"""Heights in pixels: a line of label, label to track, half a track below its middle, row to row."""
LEGEND, AXIS = 34, 46
BAR = 14
SHORT_SCALE = 8
"""Scales of fewer points get a tick at every point."""
RANGE = "range"
"""The name of the trace that holds lows and highs."""


@dataclass(frozen=True)
class Place:
    """Where one row stands, in pixels from the top."""

    row: Row
    label: str
    top: float
    middle: float


@dataclass
class Sheet:
    """What Plotly gets, gathered first: adding words and shapes to a figure one by one costs ten times as much."""

    traces: list[dict[str, Any]] = field(default_factory=list)
    shapes: list[dict[str, Any]] = field(default_factory=list)
    words: list[dict[str, Any]] = field(default_factory=list)
    layout: dict[str, Any] = field(default_factory=dict)


def bar_marker(shown: list[Place], colour: str) -> dict[str, object]:
    """A bar of few people is an outline, all others are filled."""
    return {
        "color": ["rgba(0,0,0,0)" if p.row.hollow else colour for p in shown],
        "line": {"color": colour, "width": [1.5 if p.row.hollow else 0 for p in shown]},
    }


def whiskers(sheet: Sheet, shown: list[Place], colour: str, below: float) -> None:
    """Lines from low to high with end strokes, for the rows that bear a range; `below` moves them under the mark."""
    ranged = [p for p in shown if p.row.low is not None and p.row.high is not None]
    if not ranged:
        return
    sheet.traces.append(
        {
            "type": "scatter",
            "name": RANGE,
            "x": [x for p in ranged for x in (p.row.low, p.row.high, None)],
            "y": [y for p in ranged for y in (p.middle + below, p.middle + below, None)],
            "mode": "lines+markers",
            "line": {"color": colour, "width": 2},
            "marker": {"symbol": "line-ns", "size": 9, "line": {"color": colour, "width": 2}},
            "hoverinfo": "skip",
            "showlegend": False,
            "cliponaxis": False,
        }
    )
