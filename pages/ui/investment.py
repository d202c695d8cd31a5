"""The parts of the return-on-investment screen, one section a ledger."""

from __future__ import annotations

from html import escape

import streamlit as st

from echo_metrics.answers import Answer, Result
from echo_metrics.charts import build_roi
from echo_metrics.charts import wording as w
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
    currency = str(ledger.extra["currency"])
    parts.cards(
        [
            parts.card("Return on investment", _percent(found["roi_percent"]), [_range(found["roi_percent"], "%")]),
            parts.card("Benefit for each unit of cost", _ratio(found["bcr"]), [escape(found["bcr"].sentence)]),
            parts.card("Break-even", _percent(found["break_even"]), [escape(found["break_even"].sentence)]),
            parts.card("Cost per participant", *_cost_per(ledger, "participant", currency)),
        ]
    )
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
                ("Method", ledger.method),
                ("Ledger", ledger.label),
                ("Prices", ledger.unit),
                ("Source", str(ledger.extra["ledger_source"])),
                ("Prepared by", f"{ledger.extra['prepared_by']}, {ledger.extra['date']}"),
                ("Note", str(ledger.extra["ledger_note"])),
                *[("Note", note) for note in ledger.notes],
                *[(f"Cost per {c['unit']}", _amount(c, currency)) for c in ledger.extra["cost_per"]],
                ("Data version", data_version),
            ]
        )


def _percent(result: Result) -> str:
    return f"{w.number(result.value.value, 0)}%" if result.value else w.DASH


def _ratio(result: Result) -> str:
    return w.number(result.value.value, 2) if result.value else w.DASH


def _range(result: Result, unit: str) -> str:
    value = result.value
    if value is None or value.low is None or value.high is None:
        return ""
    return (
        f"{w.number(value.low, 0)}{unit} to {w.number(value.high, 0)}{unit}, from every line against to every line for"
    )


def _cost_per(ledger: Result, unit: str, currency: str) -> tuple[str, list[str]]:
    for entry in ledger.extra["cost_per"]:
        if entry["unit"] == unit and entry["base"] is not None:
            return escape(w.money(entry["base"], currency)), [f"{w.money(entry['low'])} to {w.money(entry['high'])}"]
    return w.DASH, ["not known"]


def _amount(entry: dict[str, float | None], currency: str) -> str:
    base, low, high = entry["base"], entry["low"], entry["high"]
    if base is None or low is None or high is None:
        return "not known"
    return f"{w.money(base, currency)} ({w.money(low)} to {w.money(high)})"
