"""The parts of the attendance screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from html import escape

import streamlit as st

from echo_metrics.answers import Answer, Result
from echo_metrics.charts import build_reach, build_thresholds, method_words
from echo_metrics.charts import wording as w
from pages.ui import overview, parts


def totals(answer: Answer) -> None:
    """Who was reached, in one sentence and as tiles."""
    parts.lead_words(w.reach_sentence(answer))
    parts.cards(overview.reach_tiles([r for r in answer.results if r.group.kind == "all"]), tight=True)


def charts(answer: Answer) -> None:
    """By session, by share of the sessions attended, by discipline."""
    ways: list[tuple[str, Callable[[], None]]] = []
    sessions = answer.only("attendance", "session")
    if sessions:
        spec = build_reach.attendance_by_session(sessions, "People at each session")
        ways.append(("By session", partial(parts.chart, spec, "attendance-session")))
    for run in answer.only("run_chart", "run"):
        ways.append(("Over time", partial(_over_time, run, answer.only("xmr_chart", "run"), sessions)))
    steps = answer.only("funnel", "funnel")
    if steps:
        subtitle = "Participants without the hub team and guests"
        spec = build_reach.people_counts(
            steps, "From invitation to most of the sessions", subtitle, of="Step", of_all=False
        )
        ways.append(("Funnel", partial(parts.chart, spec, "attendance-funnel")))
    dose = answer.only("dose", "share_of_sessions")
    if dose:
        subtitle = "Registered participants by the share of their cohort's sessions that they came to"
        title = "How much of the series people came to"
        spec = build_reach.people_counts(dose, title, subtitle, of="Share of the sessions", of_all=False)
        ways.append(("How much of the series", partial(parts.chart, spec, "attendance-dose")))
    disciplines = answer.only("attended_once", "discipline")
    if disciplines:
        subtitle = "Registered participants who came at least once; at the right, of how many registered"
        title = "Who came at least once, by discipline"
        spec = build_reach.people_counts(disciplines, title, subtitle, of="Discipline", of_all=True)
        ways.append(("By discipline", partial(parts.chart, spec, "attendance-discipline")))
    enough = [r for r in answer.results if r.group.kind == "threshold"]
    if enough:
        ways.append(("Was it enough?", partial(_thresholds, enough)))
    parts.views(ways)


def _thresholds(results: Sequence[Result]) -> None:
    parts.title("Was it enough? Reach against what was declared", "Cohort by cohort; the number, and whether it is met")
    parts.table(build_thresholds.table(results))
    for source in dict.fromkeys(r.method for r in results):
        parts.html(f'<p class="soft small">{escape(source)}.</p>')


def _over_time(run: Result, limits: Sequence[Result], sessions: Sequence[Result]) -> None:
    parts.chart(build_reach.run_chart(run, sessions, "Attendance over time"), "attendance-run")
    for xmr in limits:
        parts.chart(build_reach.limits_chart(xmr, sessions, "Attendance with limits"), "attendance-xmr")


def how(answer: Answer) -> None:
    """How attendance is counted."""
    with st.expander("How this was computed", key="attendance-how"):
        methods = dict.fromkeys(r.method for r in answer.results if r.method)
        parts.definitions(
            [
                *[("Method", method) for method in methods],
                ("Who counts", method_words.WHO_COUNTS),
                ("Data version", answer.data_version),
            ]
        )
