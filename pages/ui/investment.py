"""The parts of the return-on-investment screen, one section a ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from echo_metrics.answers import Answer, Result
from echo_metrics.charts import build_ledger, build_roi, method_words, tiles
from pages.ui import ledger_door, parts, scenarios, what_if
from pages.ui.theme import ORANGE


def ledgers(answer: Answer) -> None:
    """Every ledger of the answer in a section of its own; they are never added up."""
    ledger_door.remember_viewer()
    groups = list(dict.fromkeys(r.group for r in answer.results))
    found = [{r.measure: r for r in answer.results if r.group == group} for group in groups]
    if len(groups) == 1:
        _ledger(found[0], "ledger0", answer.data_version)
        return
    parts.lead_words(f"{len(groups)} ledgers, each with its own prices and assumptions, not added up.")
    parts.table(build_roi.ledgers(found))
    for place, (tab, group) in enumerate(zip(st.tabs([g.label for g in groups]), groups, strict=True)):
        with tab:
            parts.heading(group.label)
            _ledger(found[place], f"ledger{place}", answer.data_version)


def _ledger(found: Mapping[str, Result], key: str, data_version: str) -> None:
    ledger = found.get("ledger")
    if ledger is None:
        st.info(next(iter(found.values())).reason)
        return
    parts.lead_words(ledger.sentence, found["roi_percent"].sentence)
    parts.cards([parts.tile(t) for t in tiles.money(found)])
    if "model" not in ledger.extra:
        # A release of an earlier version holds its figures, and nothing that could be moved.
        three = [found[m] for m in ("costs", "benefits", "net_benefit")]
        parts.chart(build_roi.costs_and_benefits(three, "Costs, benefits and what remains, first year"), f"{key}-bars")
        parts.chart(build_roi.budgets(ledger, "Who pays and who gains"), f"{key}-budgets")
        return
    parts.chart(build_ledger.steps(ledger), f"{key}-steps")
    parts.chart(build_ledger.chances(ledger), f"{key}-chances")
    what_if.draw(ledger, key, ledger_door.may_save())
    scenarios.draw(found, key)
    parts.heading("What is disputed", "What leaders say against such a calculation, what is done here, and why.")
    _disputed(build_ledger.disputed(ledger))
    parts.chart(build_roi.budgets(ledger, "Who pays and who gains"), f"{key}-budgets")
    left = build_roi.left_out(ledger)
    if left:
        parts.title("Written down, but not counted")
        parts.definitions(left)
    _drawer(found, ledger, key, data_version)


def _disputed(points: Sequence[build_ledger.Disputed]) -> None:
    """Each point with what this ledger does first, the default and its reason below."""
    body = ""
    for d in points:
        badge = f" {parts.badge('Departs from our default', ORANGE)}" if d.departs else ""
        body += (
            f"<dt>{escape(d.point)}</dt><dd>{escape(d.here)}{badge}"
            f'<br><span class="soft small">{escape(d.default)}</span></dd>'
        )
    parts.html(f'<dl class="em-dl">{body}</dl>')


def _drawer(found: Mapping[str, Result], ledger: Result, key: str, data_version: str) -> None:
    """What an evaluator needs to defend the figures."""
    with st.expander("What matters most, and where it would just pay back", key=f"{key}-matters"):
        parts.chart(build_roi.tornado(ledger, "What matters most to the net benefit"), f"{key}-tornado")
        for sentence in ledger.extra["pays_back_if"]:
            st.markdown(f"- {sentence}")
        parts.table(build_ledger.thresholds(ledger))
    with st.expander("How sure, and what certainty would be worth", key=f"{key}-sure"):
        parts.chart(build_ledger.acceptance(ledger), f"{key}-acceptance")
        parts.title("What certainty is worth", "The most that anybody should pay to know it before deciding to fund")
        parts.table(build_ledger.worth_knowing(ledger))
    with st.expander("The ledger, line by line", key=f"{key}-lines"):
        parts.table(build_roi.ledger_lines(ledger))
        parts.title("Every assumption")
        parts.table(build_ledger.assumptions(ledger))
    with st.expander("How this was computed", key=f"{key}-how"):
        more = ("probability", "npv", "sroi", "payback", "cost_per_improved_reliably")
        parts.definitions(
            [
                *method_words.ledger(ledger),
                *[(found[m].label, found[m].sentence) for m in more if m in found],
                ("Data version", data_version),
            ]
        )
