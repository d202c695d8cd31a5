"""Draws a run chart: values in order of time against their median."""

from __future__ import annotations

import plotly.graph_objects as go

from echo_metrics.charts.spec import ChartSpec

BLUE, GREY = "#2F86BF", "#7F8C98"
GRID = "rgba(127,140,152,0.18)"
HEIGHT = 300
MOST_TICKS = 12


def run_figure(spec: ChartSpec) -> go.Figure:
    """Draw one point a row, joined in order, and the median as a dashed line."""
    values = [row.values[0] for row in spec.rows]
    numbers = list(range(1, len(values) + 1))
    step = -(-len(values) // MOST_TICKS)
    top = max(v for v in values if v is not None)
    figure = go.Figure(
        go.Scatter(
            x=numbers,
            y=values,
            mode="lines+markers",
            name=spec.series[0],
            line={"color": BLUE, "width": 2},
            marker={"size": 9, "color": BLUE},
            text=[row.label for row in spec.rows],
            hovertemplate="%{text}<br>%{y:.0f}<extra></extra>",
            showlegend=False,
        )
    )
    if spec.reference is not None:
        figure.add_hline(y=spec.reference, line={"color": GREY, "dash": "dash", "width": 2})
        figure.add_annotation(
            x=1, y=spec.reference, xref="paper", text=spec.reference_label, showarrow=False, yshift=11, xanchor="right"
        )
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 8, "r": 8, "t": 16, "b": 40},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        xaxis={
            "title": {"text": "sessions in order"},
            "tickvals": numbers[::step],
            "gridcolor": GRID,
            "zeroline": False,
        },
        yaxis={"title": {"text": spec.unit}, "range": [0, max(100.0, top)], "gridcolor": GRID, "zeroline": False},
        dragmode=False,
    )
    return figure
