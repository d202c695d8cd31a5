"""Builds the chart specs of attendance: people at each session, and people by group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from echo_metrics.answers.model import Result
from echo_metrics.charts import wording as w
from echo_metrics.charts.build import EMPTY_CELL, alt_text, hidden_cells, hollow_note, row_of
from echo_metrics.charts.spec import ChartSpec, Kind, Row, Table


def attendance_by_session(results: Sequence[Result], title: str) -> ChartSpec:
    """Participants at each session, in order of time, with guests beside them."""
    guests = any(int(r.extra.get("guests", 0)) for r in results)
    rooms = any(int(r.extra.get("in_rooms", 0)) for r in results)
    series = ("Participants", "Guests") if guests else ("Participants",)
    rows = []
    for r in results:
        came = r.value.value if r.value else None
        values = (came, float(r.extra.get("guests", 0))) if guests else (came,)
        rows.append(replace(row_of(r, values, text=_session_text(r)), people=None))
    return ChartSpec(
        kind=Kind.STACK,
        title=title,
        subtitle="Participants who came"
        + (", and guests" if guests else "")
        + "; at the right participants of those registered",
        unit="people",
        series=series,
        rows=tuple(rows),
        alt=alt_text(f"{title}. People at each session in order of time", results, [_session_alt(r) for r in results]),
        table=Table(
            (
                "Session",
                "Date",
                "Participants",
                "Registered",
                "Guests",
                "Hub team",
                *(("In shared rooms",) if rooms else ()),
            ),
            tuple(
                (
                    r.group.label,
                    str(r.extra.get("start", ""))[:10],
                    f"{r.value.value:.0f}" if r.value else EMPTY_CELL,
                    f"{r.extra.get('registered', 0)}",
                    f"{r.extra.get('guests', 0)}",
                    f"{r.extra.get('hub_team', 0)}",
                    *((f"{r.extra.get('in_rooms', 0)}",) if rooms else ()),
                )
                for r in results
            ),
        ),
    )


def run_chart(run: Result, sessions: Sequence[Result], title: str) -> ChartSpec:
    """The share of registered participants who came, session by session, against the median; one rule set, named."""
    shares = [float(v) for v in run.extra["points"]]
    median = float(run.extra["median"])
    return ChartSpec(
        kind=Kind.RUN,
        title=title,
        subtitle=run.sentence,
        unit="% of registered",
        series=("Share who came",),
        rows=tuple(
            Row(r.group.label, (share,), text=f"{share:.0f}%") for r, share in zip(sessions, shares, strict=True)
        ),
        alt=f"{title}. {len(shares)} sessions in order of time, from {min(shares):.0f}% to {max(shares):.0f}% of "
        f"registered participants; the median is {median:.0f}%. {run.sentence}",
        table=Table(
            ("Session", "Share of registered who came"),
            tuple((r.group.label, f"{share:.0f}%") for r, share in zip(sessions, shares, strict=True)),
        ),
        reference=median,
        reference_label=f"median {median:.0f}%",
        note=run.method,
    )


def limits_chart(xmr: Result, sessions: Sequence[Result], title: str) -> ChartSpec:
    """The share who came, session by session, against its mean and the limits of ordinary variation."""
    shares = [float(v) for v in xmr.extra["points"]]
    low, high = (min(100.0, max(0.0, float(xmr.extra[end]))) for end in ("low", "high"))
    mean, signals = float(xmr.extra["mean"]), set(xmr.extra["signals"])
    return ChartSpec(
        kind=Kind.RUN,
        title=title,
        subtitle=xmr.sentence,
        unit="% of registered",
        series=("Share who came",),
        rows=tuple(
            Row(r.group.label, (share,), text=f"{share:.0f}%", low=low, high=high, strong=place in signals)
            for place, (r, share) in enumerate(zip(sessions, shares, strict=True))
        ),
        alt=f"{title}. {len(shares)} sessions in order of time; mean {mean:.0f}%, limits {low:.0f}% to {high:.0f}%. "
        f"{xmr.sentence}",
        table=Table(
            ("Session", "Share of registered who came", "Stands out"),
            tuple(
                (r.group.label, f"{share:.0f}%", "yes" if place in signals else "no")
                for place, (r, share) in enumerate(zip(sessions, shares, strict=True))
            ),
        ),
        reference=mean,
        reference_label=f"mean {mean:.0f}%",
        note=xmr.method,
    )


def people_counts(results: Sequence[Result], title: str, subtitle: str, *, of: str, of_all: bool) -> ChartSpec:
    """Counts of people by group: by share of the sessions attended, or who of a discipline came at all."""
    rows = tuple(
        replace(row_of(r, (r.value.value if r.value else None,), text=_count_text(r, of_all)), people=None)
        for r in results
    )
    return ChartSpec(
        kind=Kind.BARS,
        title=title,
        subtitle=subtitle,
        unit="people",
        series=("People",),
        rows=rows,
        alt=alt_text(f"{title}. {subtitle}", results, [_count_text(r, True) for r in results]),
        table=Table(
            (of, "People", "Of registered"),
            tuple(
                (r.group.label, f"{r.value.value:.0f}", f"{r.n}") if r.value else hidden_cells(r, 3) for r in results
            ),
        ),
        note=hollow_note(results),
    )


def _count_text(r: Result, of_all: bool) -> str:
    if r.value is None:
        return ""
    return f"{r.value.value:.0f} of {r.n}" if of_all else f"{r.value.value:.0f}"


def _session_text(r: Result) -> str:
    if r.value is None:
        return ""
    guests = int(r.extra.get("guests", 0))
    rooms = int(r.extra.get("in_rooms", 0))
    beside = (f", {w.plural(guests, 'guest')}" if guests else "") + (f", {rooms} in rooms" if rooms else "")
    return f"{r.value.value:.0f} of {r.extra.get('registered', 0)}{beside}"


def _session_alt(r: Result) -> str:
    return r.sentence.removesuffix(".")
