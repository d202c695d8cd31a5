"""Draws a run chart: values in order of time against their median."""

from __future__ import annotations

from html import escape

import plotly.graph_objects as go

from echo_metrics.charts.spec import ChartSpec

BLUE, ORANGE, GREY = "#2F86BF", "#D0692A", "#7F8C98"
GRID = "rgba(127,140,152,0.18)"
HEIGHT = 300
MOST_TICKS = 12


def run_figure(spec: ChartSpec) -> go.Figure:
    """Draw a point a row, joined in order; the middle dashed, limits dotted, points that stand out as diamonds."""
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
            marker={
                "size": [13 if row.strong else 9 for row in spec.rows],
                "color": [ORANGE if row.strong else BLUE for row in spec.rows],
                "symbol": ["diamond" if row.strong else "circle" for row in spec.rows],
            },
            text=[row.label for row in spec.rows],
            hovertemplate="%{text}<br>%{y:.0f}<extra></extra>",
            cliponaxis=False,
            showlegend=False,
        )
    )
    if spec.reference is not None:
        figure.add_hline(y=spec.reference, line={"color": GREY, "dash": "dash", "width": 2})
        figure.add_annotation(
            x=1, y=spec.reference, xref="paper", text=spec.reference_label, showarrow=False, yshift=11, xanchor="right"
        )
    for limit in {v for row in spec.rows for v in (row.low, row.high) if v is not None}:
        figure.add_hline(y=limit, line={"color": GREY, "dash": "dot", "width": 1.5})
    for number, span in enumerate(spec.spans):
        # Names stand at different heights: two cycles can run at the same time.
        figure.add_vrect(
            x0=span.first - 0.5,
            x1=span.last + 0.5 if span.last >= span.first else span.first - 0.45,
            fillcolor=ORANGE,
            opacity=0.14,
            line_width=0,
            layer="below",
        )
        figure.add_annotation(
            x=span.first - 0.5 if span.first <= len(values) / 2 else max(span.first, span.last + 0.5),
            y=1,
            yref="paper",
            yshift=10 + 16 * (len(spec.spans) - 1 - number),
            text=escape(span.words),
            showarrow=False,
            xanchor="left" if span.first <= len(values) / 2 else "right",
        )
    figure.update_layout(
        height=HEIGHT + 16 * len(spec.spans),
        margin={"l": 8, "r": 8, "t": 16 + 16 * len(spec.spans), "b": 40},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        xaxis={
            "title": {"text": f"{spec.along} in order"},
            "tickvals": numbers[::step],
            "gridcolor": GRID,
            "zeroline": False,
        },
        yaxis={
            "title": {"text": spec.unit},
            "range": [0, 1.06 * max(spec.axis[1] if spec.axis else 100.0, top)],
            "gridcolor": GRID,
            "zeroline": False,
        },
        dragmode=False,
    )
    return figure
