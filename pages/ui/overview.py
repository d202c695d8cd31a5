"""The parts of the leaders' summary: one tile an outcome, reach, and the money in brief."""

from __future__ import annotations

import streamlit as st

from echo_metrics.answers import Answer, Result
from echo_metrics.charts import build, build_roi, tiles
from pages.ui import door, parts


def outcomes(answer: Answer) -> None:
    """A tile for each headline outcome, then one chart of those that share a scale and were asked twice."""
    parts.heading("Outcomes", "Each one on its own scale, with the people behind it. They are not added up.")
    headlines(answer)
    changes = [r for r in _everyone(answer) if r.kind == "change"]
    if any(r.shown for r in changes):
        parts.chart(build.headlines(changes, "Outcomes that were asked twice, before and after"), "summary-outcomes")


def headlines(answer: Answer) -> None:
    """One tile a measure, for everyone."""
    measures = door.definitions().measures
    parts.cards([parts.tile(tiles.headline(r, measures.get(r.measure))) for r in _everyone(answer)])


def unpriced(answer: Answer) -> None:
    """The outcomes that have no price, beside the money: each with its people, none of them inside the return."""
    wanted = ("competency", "connection", "supervisor_estimate", "supervisor_rating")
    found = [r for r in _everyone(answer) if r.measure in wanted]
    if found:
        parts.heading(
            "Beside the money", "What changed for the people who took part has no price here, and is in no ratio above."
        )
        measures = door.definitions().measures
        parts.cards([parts.tile(tiles.headline(r, measures.get(r.measure))) for r in found])


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
    return [parts.tile(t) for t in tiles.counts(counts)]


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
