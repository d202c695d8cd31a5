"""The shared filters in the sidebar. Their state lives in the address, so a link reproduces what its sender saw."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from echo_metrics.answers import Filters
from echo_metrics.reports.frame import day
from pages.ui import door

ALL = ""


def draw() -> Filters:
    """Draw network, cohort, discipline and period; return what is chosen and keep it for the screens."""
    options = door.options()
    networks = {n.key: n.name for n in options.networks}
    network = _choose("Network", "network", [ALL, *networks], {ALL: "All networks", **networks})
    cohorts = door.parts_of(network) if door.frozen() is not None else options.cohorts_of(network)
    cohort = _choose("Cohort", "cohort", [ALL, *cohorts], {ALL: "All cohorts"})
    if (release := door.frozen()) is not None:
        # Frozen figures have parts, not filters: a network and its cohorts.
        chosen = Filters(network, cohort)
        st.session_state[door.FILTERS_KEY] = chosen
        until = f", data to {day(release.data_to)}" if release.data_to else ""
        st.caption(f"Figures frozen on {day(release.made.date())} as release {release.name}{until}.")
        if release.held:
            st.caption("Newer answers are waiting: too few came since to show them without telling of those few.")
        return chosen
    labels = {d: door.definitions().discipline_label(d) for d in options.disciplines}
    discipline = _choose("Discipline", "discipline", [ALL, *labels], {ALL: "All disciplines", **labels})
    start, end = _period()
    chosen = Filters(network, cohort, discipline, start, end)
    st.session_state[door.FILTERS_KEY] = chosen
    if warning := door.overlap_warning():
        st.warning(warning)
    return chosen


def _choose(label: str, key: str, values: list[str], words: dict[str, str]) -> str:
    """A select box whose address value is the option's name; a name that does not exist falls back to all."""
    shown = [words.get(v, v) for v in values]
    picked = st.selectbox(label, shown, key=key, bind="query-params")
    return values[shown.index(picked)] if picked in shown else ALL


def _period() -> tuple[date | None, date | None]:
    # One below the other: side by side the sidebar cuts the dates off.
    start: Any = st.date_input(
        "From", value=None, key="from", bind="query-params", help="Counts sessions and later answers from this day on."
    )
    end: Any = st.date_input("To", value=None, key="to", bind="query-params", help="Up to and including this day.")
    if isinstance(start, date) and isinstance(end, date) and end < start:
        st.warning("The period ends before it starts; it is not applied.")
        return None, None
    return (start if isinstance(start, date) else None), (end if isinstance(end, date) else None)
