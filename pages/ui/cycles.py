"""The parts of the screen of improvement cycles: each with its run chart, and the form that writes one."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from echo_metrics.answers import Answer, Result
from echo_metrics.answers.cycle_desk import NEXT_STEPS, CycleEntry
from echo_metrics.answers.cycles import SERIES
from echo_metrics.charts import build_cycles
from echo_metrics.errors import UserError
from pages.ui import cycles_door, parts
from pages.ui.words import plain

OTHER = "Something else"
WHOLE = "The whole network"
RULES = (
    "A series covers its whole cohort or network: discipline and period do not narrow it, so that the points before "
    "and after a cycle stay beside each other. Below ten points off the median there is no verdict. Weeks between two "
    "cohorts are left out."
)


def listed(answer: Answer) -> None:
    """Each measure with the cycles that meant to move it; then the cycles whose measure is not counted here."""
    cycles = answer.only("cycle", "cycle")
    if not cycles:
        st.info(answer.empty_reason or "There is no improvement cycle yet.")
        return
    networks = {str(c.extra["network"]) for c in cycles}
    for run in (r for r in answer.results if r.group.kind == "series"):
        own = [c for c in cycles if c.extra["series"] == run.group.key]
        title = run.group.label if len(networks) > 1 else run.label
        if run.shown:
            parts.chart(build_cycles.series_chart(run, own, title), f"cycles-{run.group.key}")
        else:
            parts.title(title)
            parts.hidden(run, run.label)
        for cycle in own:
            _card(cycle, several=len(networks) > 1)
    alone = [c for c in cycles if not c.extra["series"]]
    if alone:
        parts.heading("Cycles without a chart", "Their measure is none that is counted here.")
        for cycle in alone:
            _card(cycle, several=len(networks) > 1)


def _card(cycle: Result, several: bool) -> None:
    said = cycle.extra
    place = [*([str(said["network"])] if several else []), *([str(said["cohort"])] if said["cohort"] else [])]
    with st.container(border=True, key=f"cycle-{cycle.group.key}"):
        parts.title(cycle.label, ", ".join(place))
        parts.definitions(build_cycles.cycle_words(cycle))


def writing(answer: Answer) -> None:
    """Write a cycle, or change or take away one that was written here."""
    if not cycles_door.may_write():
        return
    here = {c.group.key: c for c in answer.only("cycle", "cycle") if c.extra["written_here"]}
    with st.expander("Write a cycle", key="cycle-new", icon=":material/add:"):
        _form("new", None)
    if here:
        with st.expander("Change a cycle that was written here", key="cycle-change", icon=":material/edit:"):
            key = st.selectbox(
                "Cycle", list(here), index=None, format_func=lambda k: here[k].label, key="cycle-pick",
                placeholder="Choose one",
            )  # fmt: skip
            if key:
                _form(key, here[key])


def _form(name: str, cycle: Result | None) -> None:
    said: dict[str, Any] = dict(cycle.extra) if cycle else {}
    networks = cycles_door.networks()
    if not networks:
        st.info("There is no network yet: import data first.")
        return
    keys = list(networks)
    at = keys.index(said["network_key"]) if said else 0
    network = st.selectbox(
        "Network", keys, index=at, format_func=networks.__getitem__, key=f"cycle-network-{name}", disabled=bool(said)
    )
    cohorts = [WHOLE, *cycles_door.cohorts(network or keys[0])]
    measures = [*(s.label for s in SERIES), OTHER]
    known = said.get("measure", measures[0])
    chosen = st.selectbox(
        "Measure", measures, index=measures.index(known) if known in measures else len(measures) - 1,
        key=f"cycle-measure-{name}", help="What the cycle is meant to move. The first ones are drawn with the cycle.",
    )  # fmt: skip
    with st.form(f"cycle-form-{name}", border=False):
        title = st.text_input("Title", cycle.label if cycle else "", key=f"cycle-title-{name}", max_chars=120)
        cohort = st.selectbox(
            "Cohort", cohorts, index=cohorts.index(said["cohort"]) if said.get("cohort") in cohorts else 0,
            key=f"cycle-cohort-{name}-{network}",
        )  # fmt: skip
        measure = chosen or measures[0]
        if chosen == OTHER:
            measure = st.text_input(
                "Measure, in words", known if known not in measures else "", key=f"cycle-own-{name}"
            )
        aim = st.text_input("Aim", said.get("aim", ""), key=f"cycle-aim-{name}")
        prediction = st.text_input("Prediction", said.get("prediction", ""), key=f"cycle-prediction-{name}")
        left, right = st.columns(2)
        start: Any = left.date_input("First day", _day(said.get("start", "")), key=f"cycle-start-{name}")
        end: Any = right.date_input(
            "Last day", _day(said.get("end", "")), key=f"cycle-end-{name}", help="Empty while it runs."
        )
        did = st.text_area("What was done", said.get("did", ""), key=f"cycle-did-{name}", height=80)
        learned = st.text_area("What was learned", said.get("learned", ""), key=f"cycle-learned-{name}", height=80)
        step = st.selectbox(
            "Next", NEXT_STEPS, index=NEXT_STEPS.index(said["next"]) if said.get("next") in NEXT_STEPS else 0,
            format_func=lambda v: build_cycles.NEXT.get(v, "Not decided"), key=f"cycle-next-{name}",
        )  # fmt: skip
        saved = st.form_submit_button("Save the cycle", icon=":material/save:")
    number = int(cycle.group.key.removeprefix("here-")) if cycle else None
    if saved and not isinstance(start, date):
        st.error("The first day is missing: choose it.")
    elif saved:
        own = "" if cohort == WHOLE else str(cohort)
        last = end if isinstance(end, date) else None
        _do(
            CycleEntry(network or keys[0], title, aim, measure, start, last, own, prediction, did, learned, step or ""),
            number,
        )
    if number is not None and st.button("Take it away", key=f"cycle-remove-{name}", icon=":material/delete:"):
        _do(None, number)


def _do(entry: CycleEntry | None, number: int | None) -> None:
    try:
        if entry is not None:
            cycles_door.write(entry, number)
        elif number is not None:
            cycles_door.remove(number)
    except UserError as error:
        st.error(plain(str(error)))
        return
    st.rerun()


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def how(answer: Answer) -> None:
    """What the charts are, and what they can't say."""
    methods = dict.fromkeys(r.method for r in answer.results if r.method)
    if methods:
        with st.expander("How this was computed", key="cycles-how"):
            words = [("Method", m) for m in methods]
            parts.definitions([*words, ("Whole series", RULES), ("Data version", answer.data_version)])
