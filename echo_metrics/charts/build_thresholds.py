"""Builds the table of declared thresholds: a cohort a row, a threshold a column, met or not in words."""

from __future__ import annotations

from collections.abc import Sequence

from echo_metrics.answers.model import Result
from echo_metrics.charts import wording as w
from echo_metrics.charts.spec import Table


def table(results: Sequence[Result]) -> Table:
    """Every threshold of every cohort, with the number beside the word."""
    cohorts = list(dict.fromkeys(r.group.label for r in results))
    columns = {r.measure: f"{r.label} (at least {r.extra['at_least']:g})" for r in results}
    cells = {(r.group.label, r.measure): _cell(r) for r in results}
    return Table(
        ("Cohort", *columns.values()),
        tuple((cohort, *(cells.get((cohort, measure), w.DASH) for measure in columns)) for cohort in cohorts),
    )


def _cell(r: Result) -> str:
    if r.value is None:
        return w.DASH
    value = r.value.value
    shown = f"{value:.1f}" if value % 1 else f"{value:.0f}"
    return f"{shown}, {'met' if r.extra['met'] else 'not met'}"
