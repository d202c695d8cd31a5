"""The parts of the return-on-investment screen, one section a ledger."""

from __future__ import annotations

import streamlit as st

from echo_metrics.answers import Answer, Result
from echo_metrics.charts import build_roi, method_words, tiles
from pages.ui import parts


def ledgers(answer: Answer) -> None:
    """Every ledger of the answer in a section of its own; they are never added up."""
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


def _ledger(found: dict[str, Result], key: str, data_version: str) -> None:
    ledger = found.get("ledger")
    if ledger is None:
        st.info(next(iter(found.values())).reason)
        return
    parts.lead_words(ledger.sentence)
    parts.cards([parts.tile(t) for t in tiles.money(found)])
    three = [found[m] for m in ("costs", "benefits", "net_benefit")]
    parts.chart(build_roi.costs_and_benefits(three, "Costs, benefits and what remains, first year"), f"{key}-bars")
    parts.chart(build_roi.tornado(ledger, "What matters most to the net benefit"), f"{key}-tornado")
    parts.chart(build_roi.budgets(ledger, "Who pays and who gains"), f"{key}-budgets")
    left = build_roi.left_out(ledger)
    if left:
        parts.title("Written down, but not counted")
        parts.definitions(left)
    with st.expander("The ledger, line by line", key=f"{key}-lines"):
        parts.table(build_roi.ledger_lines(ledger))
    with st.expander("How this was computed", key=f"{key}-how"):
        parts.definitions(
            [
                *method_words.ledger(ledger),
                ("Data version", data_version),
            ]
        )
