"""Who came: programme counts (exact for everyone) and how much of the series people attended (through the gate)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from echo_metrics.answers.figures import COUNTS_ONLY
from echo_metrics.answers.model import Group, Interval, Result
from echo_metrics.answers.outcomes import session_groups
from echo_metrics.answers.runs import FEWEST_USEFUL, run_result
from echo_metrics.answers.scope import Scoped
from echo_metrics.definitions import Definitions
from echo_metrics.disclosure import OTHER, Exact, Policy, Standing, Suppressed, gate, plan_breakdown
from echo_metrics.statistics.control_charts import XmrChart, xmr_chart
from echo_metrics.store import Store
from echo_metrics.terms import Status

TRIAL_LIMITS = 12
"""Fewer sessions than this give trial limits only."""
METHOD = "Union of each person's connection intervals within the session; attended means at least one minute"


def attendance_results(store: Store, scoped: Scoped, definitions: Definitions, policy: Policy) -> list[Result]:
    """Totals, then one result a session, then by discipline and by share of the sessions attended."""
    totals = store.records("attendance_totals", scoped.parameters)[0]
    if not totals["sessions"]:
        return []
    found = [
        _count("sessions", "Sessions held", "sessions", totals["sessions"]),
        _count("attended_once", "Participants who came at least once", "people", totals["people"]),
        _count("attendances", "Attendances", "attendances", totals["attendances"]),
        _count("mean_per_session", "Participants per session, on average", "people", totals["per_session"]),
        _count("attended_hours", "Hours attended by participants", "hours", totals["hours"]),
    ]
    rooms = _rooms(store, scoped)
    if rooms:
        found.append(_in_rooms(rooms))
    groups = session_groups(store, scoped)
    for row in store.records("attendance_by_session", scoped.parameters):
        group = groups[int(row["session_id"])]
        found.append(
            Result(
                measure="attendance",
                label="Participants attending",
                group=group,
                status=Status.RELEASED,
                kind="count",
                unit="people",
                n=int(row["participants"]),
                value=Interval(float(row["participants"])),
                method=METHOD,
                sentence=_session_words(row, rooms.get(int(row["session_id"]), 0)),
                extra={
                    "guests": int(row["guests"]),
                    "hub_team": int(row["hub_team"]),
                    "in_rooms": rooms.get(int(row["session_id"]), 0),
                    "registered": int(row["registered"]),
                    "start": row["start_utc"].isoformat(),
                },
            )
        )
    if len(scoped.parameters["networks"]) == 1:
        found += _run_chart([r for r in found if r.measure == "attendance"])
    found += _disciplines(store, scoped, definitions, policy)
    found += _dose(store, scoped)
    return found


def _count(measure: str, label: str, unit: str, value: float) -> Result:
    return Result(
        measure=measure,
        label=label,
        group=Group(),
        status=Status.RELEASED,
        kind="count",
        unit=unit,
        n=None,
        value=Interval(float(value)),
        method=METHOD,
        sentence=f"{label}: {value:,.1f}." if float(value) % 1 else f"{label}: {int(value):,}.",
    )


def _rooms(store: Store, scoped: Scoped) -> dict[int, int]:
    """People before shared cameras by session: said by the hub, known to nobody by name, and in no other count."""
    found: dict[int, int] = {}
    for row in store.records("rooms", scoped.parameters):
        found[int(row["session_id"])] = found.get(int(row["session_id"]), 0) + int(row["heads"])
    return found


def _in_rooms(rooms: dict[int, int]) -> Result:
    heads = sum(rooms.values())
    return replace(
        _count("in_rooms", "People in shared rooms, added up over sessions", "people", heads),
        method="Head counts said by the hub of shared rooms; their people are not known by name nor in other counts",
        sentence=f"{heads:,} people sat in shared rooms, added up over {len(rooms)} "
        f"session{'' if len(rooms) == 1 else 's'}; they are not among the participants.",
    )


def _session_words(row: dict[str, object], in_rooms: int) -> str:
    extra = f" and {row['guests']} guests" if row["guests"] else ""
    room = f", and {in_rooms} people in shared rooms" if in_rooms else ""
    return f"{row['participants']} of {row['registered']} registered participants{extra} came{room}."


def _run_chart(sessions: list[Result]) -> list[Result]:
    """The share of registered participants who came over the sessions of one network, by Anhoej's rules."""
    shares = [100 * (r.n or 0) / r.extra["registered"] for r in sessions if r.extra["registered"]]
    if len(shares) < 2 or len(shares) < len(sessions):
        return []
    return [
        run_result(
            "run_chart",
            "Attendance over time",
            Group("run", "attendance", "Attendance over time"),
            "% of registered",
            shares,
            "attendance",
            "sessions",
        ),
        *_limits(shares),
    ]


def _limits(shares: list[float]) -> list[Result]:
    """The same series with XmR limits, as the NHS draws them, with and without screening of the moving ranges."""
    if len(shares) < FEWEST_USEFUL:
        return []
    plain, screened = xmr_chart(shares), xmr_chart(shares, screen=True)
    signals = sorted({*plain.outside, *plain.shift, *plain.trend, *plain.two_of_three})
    trial = " Trial limits: fewer than 12 sessions." if len(shares) < TRIAL_LIMITS else ""
    found = (
        f"Sessions {', '.join(str(i + 1) for i in signals)} stand out by the rules named below."
        if signals
        else "No session stands out: the ups and downs look like ordinary variation."
    )
    other = "the same" if (plain.lcl, plain.ucl) == (screened.lcl, screened.ucl) else _span(screened)
    return [
        Result(
            measure="xmr_chart",
            label="Attendance with limits",
            group=Group("run", "attendance-xmr", "Attendance with limits"),
            status=Status.RELEASED,
            kind="run",
            unit="% of registered",
            value=Interval(plain.mean, plain.lcl, plain.ucl),
            method="XmR chart by NHS rules: a point beyond a limit, 7 on one side of the mean, 7 rising or falling, "
            "2 of 3 in the outer third. Limits are the mean and 2.66 average moving ranges",
            sentence=f"{found} Limits {_span(plain)}; with the largest moving ranges left out, {other}.{trial}",
            extra={"points": shares, "mean": plain.mean, "low": plain.lcl, "high": plain.ucl, "signals": signals},
        )
    ]


def _span(chart: XmrChart) -> str:
    low, high = max(0.0, chart.lcl or 0.0), min(100.0, chart.ucl or 0.0)
    return f"{low:.0f}% to {high:.0f}%"


def _disciplines(store: Store, scoped: Scoped, definitions: Definitions, policy: Policy) -> list[Result]:
    """Who came, by discipline; small ones are merged with the next, or the total would give them.

    Behind each figure stand all the registered people of a discipline: who stayed away is told by it too.
    """
    rows = {str(row["discipline"]): row for row in store.records("attendance_by_discipline", scoped.parameters)}
    plan = plan_breakdown({key: int(row["registered"]) for key, row in rows.items()}, policy)
    if plan.hidden and not plan.shown:
        return [_discipline([], Group("discipline", "", "Each discipline"), policy, Standing(plan))]
    found = [
        _discipline([row], Group("discipline", key, definitions.discipline_label(key)), policy, Standing(plan, key))
        for key, row in rows.items()
    ]
    if plan.other and not policy.internal:
        group = Group("discipline", OTHER, f"Other ({len(plan.other)} groups)")
        found.append(_discipline([rows[key] for key in plan.other], group, policy, Standing()))
    return found


def _discipline(rows: list[dict[str, Any]], group: Group, policy: Policy, standing: Standing) -> Result:
    registered, came = (sum(int(row[c]) for row in rows) for c in ("registered", "came"))
    each = sum(float(row["sessions_each"]) * int(row["registered"]) for row in rows) / registered if registered else 0.0
    # Without rows every discipline is hidden together: the plan says so, whatever the number.
    outcome = gate(Exact(registered or 1, None), policy, standing)
    if isinstance(outcome, Suppressed):
        return Result(
            measure="attended_once",
            label="Came at least once",
            group=group,
            status=outcome.status,
            reason=outcome.reason,
            kind="count",
            unit="people",
            sentence=outcome.reason,
        )
    return Result(
        measure="attended_once",
        label="Came at least once",
        group=group,
        status=Status.UNRELIABLE if outcome.internal else Status.RELEASED,
        reason=f"Internal: fewer than {COUNTS_ONLY} people. Others see this figure as hidden."
        if outcome.internal
        else "",
        kind="count",
        unit="people",
        n=registered,
        value=Interval(float(came)),
        method=METHOD,
        sentence=f"{came} of {registered} registered came at least once; {each:.1f} sessions each on average.",
        extra={"registered": registered, "sessions_each": each},
    )


def _dose(store: Store, scoped: Scoped) -> list[Result]:
    """How many registered participants came to how much of the series: programme counts, exact for everyone."""
    rows = store.records("attendance_dose", scoped.parameters)
    registered = sum(int(r["people"]) for r in rows)
    return [
        Result(
            measure="dose",
            label="Share of the sessions attended",
            group=Group("share_of_sessions", str(row["band"]), str(row["label"])),
            status=Status.RELEASED,
            kind="count",
            unit="people",
            n=registered,
            value=Interval(float(row["people"])),
            method=METHOD,
            sentence=f"{row['people']} of {registered} registered.",
        )
        for row in rows
    ]
