"""Improvement cycles (plan, do, study, act), and the series that they meant to move, each with its run chart.

A series covers its whole cohort or network whatever the period and discipline: a cycle is read from the points before
and after it, and those of one discipline would tell of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import median
from typing import Any

from echo_metrics.answers.model import Group, Result
from echo_metrics.answers.runs import run_result
from echo_metrics.answers.scope import Scoped
from echo_metrics.disclosure import Exact, Policy, Suppressed, gate, plan_breakdown
from echo_metrics.disclosure.gate import HIDDEN_FOR_OTHERS
from echo_metrics.store import Store
from echo_metrics.terms import Status
from echo_metrics.text import fold

NO_CAUSE = "A few points before and after can't say whether the cycle did it."


@dataclass(frozen=True)
class Series:
    """What a cycle can be measured by. `also` are other names for it in a cycle's `measure`, folded."""

    key: str
    label: str
    unit: str
    what: str
    points: str
    also: tuple[str, ...] = ()


SERIES = (
    Series(
        "attendance", "Attendance: registered participants who came", "% of registered", "attendance", "sessions",
        ("attendance", "share of registered who came"),
    ),
    Series(
        "answers", "Answers after a session / people attending", "% of those who came", "the share who answer",
        "sessions", ("response rate", "response rate after sessions"),
    ),
    Series(
        "codes", "Session forms with a code that pairs", "% of answers", "the share that pairs", "sessions",
        ("match rate", "match rate of session forms"),
    ),
    Series(
        "posts", "Forum posts and replies a week", "posts", "the number of posts", "weeks", ("forum posts",),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Point:
    """One point of a series: when, what it is called, its value, and of how many (None for a plain count)."""

    when: date
    label: str
    value: float
    count: int
    of: int | None = None


def series_of(measure: str) -> Series | None:
    """The series that a cycle's measure names, or None where the store counts no such thing."""
    wanted = fold(measure)
    return next((s for s in SERIES if wanted in (s.key, fold(s.label), *s.also)), None)


def cycles_results(store: Store, scoped: Scoped, policy: Policy) -> list[Result]:
    """Each cycle with what it did and learned, then for each network the series that its cycles name."""
    rows = store.records("cycles", scoped.parameters)
    found: list[Result] = []
    for network in dict.fromkeys(int(r["network_id"]) for r in rows):
        own = [r for r in rows if int(r["network_id"]) == network]
        drawn: dict[str, Result] = {}
        for series in SERIES:
            if any(series_of(r["measure"]) == series for r in own):
                drawn[series.key] = series_result(store, scoped, policy, network, own[0], series)
        found += [_cycle(r, drawn) for r in own]
        found += drawn.values()
    return found


def _cycle(row: dict[str, Any], drawn: dict[str, Result]) -> Result:
    series = series_of(row["measure"])
    run = drawn.get(series.key) if series else None
    moved = _moved(row, run) if run is not None and run.shown else ""
    return Result(
        measure="cycle",
        label=row["title"],
        group=Group("cycle", _key(row), row["title"]),
        status=Status.RELEASED,
        kind="cycle",
        unit="",
        sentence=moved or _no_chart(row, run),
        extra={
            **{k: row[k] or "" for k in ("network", "aim", "measure", "prediction", "did", "learned")},
            "cohort": row["cohort"] or "",
            "network_key": row["network_key"],
            "next": row["next_step"] or "",
            "start": row["start_date"].isoformat() if row["start_date"] else "",
            "end": row["end_date"].isoformat() if row["end_date"] else "",
            "series": run.group.key if run is not None else "",
            "written_here": row["file_id"] is None,
        },
    )


def _key(row: dict[str, Any]) -> str:
    return f"here-{row['id']}" if row["file_id"] is None else f"file-{row['file_id']}-{row['row_no']}"


def _no_chart(row: dict[str, Any], run: Result | None) -> str:
    if run is not None:
        return run.reason if not run.shown else "It has no dates, so it stands on no chart."
    return f"'{row['measure']}' is not counted here, so the cycle stands on no chart." if row["measure"] else ""


def _moved(row: dict[str, Any], run: Result) -> str:
    """The medians before, during and after a cycle, with how many points each rests on."""
    start, end = row["start_date"], row["end_date"]
    if start is None:
        return ""
    points = [(date.fromisoformat(d), float(v)) for d, v in zip(run.extra["dates"], run.extra["points"], strict=True)]
    parts = (
        ("before", [v for d, v in points if d < start]),
        ("during", [v for d, v in points if d >= start and (end is None or d <= end)]),
        ("after", [v for d, v in points if end is not None and d > end]),
    )
    percent = run.unit.startswith("%")
    middles = [(name, median(v), len(v)) for name, v in parts if v]
    told = [f"{name} {f'{m:.0f}%' if percent else f'{m:g}'} ({n})" for name, m, n in middles]
    return f"Median (points): {', '.join(told)}. {NO_CAUSE}" if told else ""


def series_result(
    store: Store, scoped: Scoped, policy: Policy, network: int, row: Mapping[str, Any], series: Series
) -> Result:
    """A series of one network with its run chart's verdict; `row` names the network (`network`, `network_key`)."""
    asked = {"network": network, "cohorts": scoped.parameters["cohorts"]}
    points, hidden, note = MAKERS[series.key](store, asked, policy)
    key = f"{row['network_key']}-{series.key}"
    group = Group("series", key, f"{row['network']}: {series.label}")
    empty = Result(
        measure=series.key, label=series.label, group=group, status=Status.NOT_ASKED,
        reason="There are not two points to draw yet.", kind="run", unit=series.unit,
    )  # fmt: skip
    if hidden:
        return replace(empty, status=Status.SUPPRESSED, reason=hidden, sentence=hidden)
    if len(points) < 2:
        return replace(empty, sentence=empty.reason)
    values = [p.value for p in points]
    run = run_result(series.key, series.label, group, series.unit, values, series.what, series.points)
    told = {
        **run.extra,
        "dates": [p.when.isoformat() for p in points],
        "labels": [p.label for p in points],
        "counts": [p.count for p in points],
        "of": [p.of for p in points],
        "along": series.points,
    }
    return replace(run, extra=told, notes=(note,) if note else ())


Made = tuple[list[Point], str, str]
"""The points of a series, why they may not be shown ('' if they may), and what is not on the chart ('' if all is)."""


def _sessions(store: Store, asked: dict[str, Any], count: str, of: str) -> list[Point]:
    rows = [r for r in store.records("session_forms", asked) if r["came"] and r[of]]
    several = len({r["cohort"] for r in rows}) > 1
    return [
        Point(
            r["start_utc"].date(),
            (f"{r['cohort']}, " if several else "") + (f"{r['number']}. {r['title']}" if r["number"] else r["title"]),
            100 * int(r[count]) / int(r[of]),
            int(r[count]),
            int(r[of]),
        )
        for r in rows
    ]


def _attendance(store: Store, asked: dict[str, Any], policy: Policy) -> Made:
    """Programme counts: exact for everyone."""
    return _sessions(store, asked, "came", "registered"), "", ""


def _answered(store: Store, asked: dict[str, Any], policy: Policy) -> Made:
    points = _sessions(store, asked, "answered", "came")
    return points, _held(points, [p.count for p in points], policy), ""


def _paired(store: Store, asked: dict[str, Any], policy: Policy) -> Made:
    points = _sessions(store, asked, "paired", "answered")
    return points, _held(points, [p.of or 0 for p in points], policy), ""


def _held(points: Sequence[Point], raters: Sequence[int], policy: Policy) -> str:
    """Why a series of sessions may not be shown: one hidden session would be a gap that its neighbours fill."""
    plan = plan_breakdown({str(i): n for i, n in enumerate(raters)}, policy)
    if all(plan.shows(str(i)) or n == 0 for i, n in enumerate(raters)):
        return ""
    return HIDDEN_FOR_OTHERS if not plan.few else f"Hidden: in a session fewer than {policy.minimum} people answered."


def _posts(store: Store, asked: dict[str, Any], policy: Policy) -> Made:
    """Weeks in which a cohort ran: between two cohorts nobody expects a post, and a break is no shift."""
    rows = store.records("posts_by_week", asked)
    spans = [(_monday(r["start_date"]), r["end_date"]) for r in store.records("cohort_spans", asked)]
    if not spans and rows:
        spans = [(rows[0]["week"], rows[-1]["week"])]
    inside = [r for r in rows if any(first <= r["week"] <= last for first, last in spans)]
    outcome = gate(Exact(len({r["author"] for r in inside}), None), policy)
    if inside and isinstance(outcome, Suppressed):
        return [], outcome.reason, ""
    posts: dict[date, int] = {}
    for r in inside:
        posts[r["week"]] = posts.get(r["week"], 0) + int(r["posts"])
    # A week without posts is a point at zero, not a gap.
    weeks = {first + timedelta(weeks=i) for first, last in spans for i in range((last - first).days // 7 + 1)}
    points = [Point(w, f"Week of {w:%d %b %Y}", float(posts.get(w, 0)), posts.get(w, 0)) for w in sorted(weeks)]
    outside = sum(int(r["posts"]) for r in rows) - sum(posts.values())
    note = f"{outside} posts and replies outside these weeks are not on the chart." if outside else ""
    return (points if posts else []), "", note


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


MAKERS: dict[str, Callable[[Store, dict[str, Any], Policy], Made]] = {
    "attendance": _attendance,
    "answers": _answered,
    "codes": _paired,
    "posts": _posts,
}
