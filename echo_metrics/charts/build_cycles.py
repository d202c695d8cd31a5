"""Builds the run chart of a cycle's measure, with the cycles marked on it, and a cycle's words."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date

from echo_metrics.answers.model import Result
from echo_metrics.charts.spec import ChartSpec, Kind, Row, Span, Table

ROUND = 5
"""The axis of counts ends at a multiple of this."""
NEXT = {"adopt": "Adopt it", "adapt": "Adapt it and try again", "abandon": "Abandon it"}


def series_chart(run: Result, cycles: Sequence[Result], title: str) -> ChartSpec:
    """The measure in order of time against its median; each cycle is a shaded stretch of it."""
    values = [float(v) for v in run.extra["points"]]
    percent = run.unit.startswith("%")
    mark = "%" if percent else ""
    counts, of = run.extra["counts"], run.extra["of"]
    labels = [str(v) for v in run.extra["labels"]]
    median = float(run.extra["median"])
    middle = f"median {median:.0f}%" if percent else f"median {median:g}"
    spans = tuple(s for c in cycles if (s := _span(run, c)) is not None)
    marked = "".join(f" Cycle '{s.words}' {_where(s)}." for s in spans)
    return ChartSpec(
        kind=Kind.RUN,
        title=title,
        subtitle=run.sentence,
        unit=run.unit,
        series=(run.label,),
        rows=tuple(
            Row(label, (value,), text=f"{value:.0f}{mark}") for label, value in zip(labels, values, strict=True)
        ),
        alt=f"{title}. {len(values)} {run.extra['along']} in order of time, from {min(values):.0f}{mark} to "
        f"{max(values):.0f}{mark}; {middle}. {run.sentence}{marked}",
        table=Table(
            ("Point", "Date", "Value", *(("Of",) if percent else ())),
            tuple(
                (
                    label,
                    str(when),
                    f"{value:.0f}% ({count})" if percent else f"{count}",
                    *((f"{n}",) if percent else ()),
                )
                for label, when, value, count, n in zip(labels, run.extra["dates"], values, counts, of, strict=True)
            ),
        ),
        axis=None if percent else (0.0, ROUND * (int(max(values)) // ROUND + 1.0)),
        reference=median,
        reference_label=middle,
        note=" ".join([f"{run.method}.", *run.notes]),
        spans=spans,
        along=str(run.extra["along"]),
    )


def cycle_words(cycle: Result) -> tuple[tuple[str, str], ...]:
    """A cycle as terms with their words, in the order plan, do, study, act."""
    said = cycle.extra
    until = said["end"] or "still running"
    return (
        ("Aim", str(said["aim"])),
        ("Measure", str(said["measure"])),
        ("Prediction", str(said["prediction"])),
        ("When", f"{said['start']} to {until}" if said["start"] else "No dates"),
        ("What was done", str(said["did"])),
        ("What was learned", str(said["learned"])),
        ("Next", NEXT.get(str(said["next"]), str(said["next"]))),
        ("On the chart", cycle.sentence),
    )


def _span(run: Result, cycle: Result) -> Span | None:
    """Where a cycle stands among the points; None without a start, or if it ended before the first or began after the
    last of them."""
    start, end = str(cycle.extra["start"]), str(cycle.extra["end"])
    if not start or cycle.extra["series"] != run.group.key:
        return None
    days = [date.fromisoformat(d) for d in run.extra["dates"]]
    first = bisect_left(days, date.fromisoformat(start)) + 1
    last = bisect_right(days, date.fromisoformat(end)) if end else len(days)
    return None if first > len(days) or last < 1 else Span(first, last, cycle.label)


def _where(span: Span) -> str:
    if span.last < span.first:
        return f"lies between points {span.last} and {span.first}"
    return f"covers points {span.first} to {span.last}" if span.last > span.first else f"covers point {span.first}"
