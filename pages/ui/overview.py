"""The parts of the leaders' summary: one tile an outcome, reach, and the money in brief."""

from __future__ import annotations

from html import escape

import streamlit as st

from echo_metrics.answers import Answer, Result
from echo_metrics.charts import build, build_roi
from echo_metrics.charts import wording as w
from pages.ui import parts

REACH_UNITS = {"attended_hours": 0, "mean_per_session": 1}


def outcomes(answer: Answer) -> None:
    """A tile for each headline outcome, then one chart of those that share a scale and were asked twice."""
    parts.heading("Outcomes", "Each one on its own scale, with the people behind it. They are not added up.")
    tiles(answer)
    changes = [r for r in _everyone(answer) if r.kind == "change"]
    if any(r.shown for r in changes):
        parts.chart(build.headlines(changes, "Outcomes that were asked twice, before and after"), "summary-outcomes")


def tiles(answer: Answer) -> None:
    """One tile a measure, for everyone."""
    parts.cards([_tile(r) for r in _everyone(answer)])


def _everyone(answer: Answer) -> list[Result]:
    return [r for r in answer.results if r.kind in ("change", "level") and r.group.kind == "all"]


def reach(answer: Answer) -> None:
    """How many sessions, people and hours."""
    counts = [r for r in answer.results if r.kind == "count" and r.group.kind == "all" and r.value]
    if counts:
        parts.heading("Reach", "From the meeting reports. A person counts once, however often they joined.")
        parts.cards(reach_tiles(counts), tight=True)


def reach_tiles(counts: list[Result]) -> list[str]:
    """Programme counts as tiles."""
    return [
        parts.card(r.label, w.number(r.value.value, REACH_UNITS.get(r.measure, 0)))
        for r in counts
        if r.value is not None
    ]


def money(answer: Answer) -> None:
    """Return on investment in one sentence and one chart; several ledgers side by side, never added up."""
    parts.heading("Return on investment")
    groups = list(dict.fromkeys(r.group for r in answer.results))
    by_group = [{r.measure: r for r in answer.results if r.group == group} for group in groups]
    if len(groups) > 1:
        parts.html("<p>Each ledger has its own prices and assumptions; they are not added up.</p>")
        parts.table(build_roi.ledgers(by_group))
        return
    found = by_group[0] if by_group else {}
    ledger = found.get("ledger")
    if ledger is None:
        st.info(answer.empty_reason or next((r.reason for r in answer.results if r.reason), ""))
        return
    parts.lead_words(ledger.sentence, found["break_even"].sentence)
    three = [found[m] for m in ("costs", "benefits", "net_benefit")]
    parts.chart(build_roi.costs_and_benefits(three, "Costs beside benefits, first year"), "summary-roi")


def _tile(r: Result) -> str:
    if not r.shown:
        return parts.card(r.label, f'<span class="from">{w.finding(r).value}</span>', [escape(r.reason)])
    if r.kind == "level":
        top = r.top_box
        big = f"{top.percent:.0f}%" if top else w.score(r.after, r.unit)
        under = [escape(w.cut_words(top, r.unit)), f"{top.count:,} of {w.people(top.n, r.who)}"] if top else []
        return parts.card(r.label, big, [*under, _few(r)])
    path = f'<span class="from">{w.score(r.before, r.unit)} →</span> {w.score(r.after, r.unit)}'
    words = f"{w.change(r.change, r.unit)} {w.change_unit(r.unit)}"
    moments = f"{w.people(r.n)}, {w.contrast_words(r.contrast)}"
    return parts.card(r.label, path, [escape(words), escape(moments), parts.finding_badge(r)])


def _few(r: Result) -> str:
    return parts.badge(r.reason) if r.reason else ""
