"""Charts: answers in, a frozen spec with its text alternative and table out; and Plotly that draws the spec."""

from echo_metrics.charts.spec import ChartSpec, Kind, Mark, Row, Table

__all__ = ["ChartSpec", "Kind", "Mark", "Row", "Table"]
