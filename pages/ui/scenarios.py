"""The scenarios of a ledger: who moved what and why, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from echo_metrics.answers import Result
from echo_metrics.charts import Table, build_ledger, wording
from echo_metrics.errors import UserError
from echo_metrics.reports.frame import day
from echo_metrics.scenarios import Change, Scenario
from pages.ui import ledger_door, parts

MOST_COMPARED = 4


def draw(found: Mapping[str, Result], key: str) -> None:
    """The list, a comparison with the ledger as it stands, and the way to take one off."""
    ledger = found["ledger"]
    kept = ledger_door.saved(ledger)
    if not kept:
        return
    parts.heading("Scenarios", "Each is worked out anew on the ledger as it stands now.")
    names = ledger_door.people()
    shares = {str(i["key"]) for i in ledger.extra["model"]["inputs"] if i["sort"] == "share"}
    by_name = {s.name: s for s in kept}
    fresh = st.session_state.pop(f"{key}-fresh", "")
    if fresh in by_name and f"{key}-compare" in st.session_state:
        earlier = [n for n in st.session_state[f"{key}-compare"] if n in by_name]
        st.session_state[f"{key}-compare"] = [*earlier, fresh][-MOST_COMPARED:]
    chosen = st.multiselect(
        "Compare", list(by_name), default=list(by_name)[-2:], max_selections=MOST_COMPARED, key=f"{key}-compare"
    )
    picked = [by_name[name] for name in chosen]
    compared = ledger_door.compare(ledger, picked)
    columns = [(c.scenario.name, moved(c.scenario.changes, shares), c.figures, c.reason) for c in compared]
    parts.table(build_ledger.compared(found, columns))
    with st.expander("Who changed what, when and why", key=f"{key}-log"):
        parts.table(_log(kept, names, shares))
        _remove(kept, key)


def moved(changes: Sequence[Change], shares: set[str]) -> str:
    """What was moved, from what to what."""
    return "; ".join(
        f"{c.label}: {wording.assumed(c.before, c.key in shares)} → {wording.assumed(c.after, c.key in shares)}"
        for c in changes
    )


def _log(kept: Sequence[Scenario], names: Mapping[str, str], shares: set[str]) -> Table:
    return Table(
        ("Scenario", "Who", "When", "What", "Why", "Net benefit that day"),
        tuple(
            (
                s.name,
                names.get(s.made_by, s.made_by),
                day(s.made.date()),
                moved(s.changes, shares),
                s.why,
                f"{s.outcome:,.0f}".replace("-", "\N{MINUS SIGN}"),
            )
            for s in kept
        ),
    )


def _remove(kept: Sequence[Scenario], key: str) -> None:
    by_name = {s.name: s for s in kept}
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    name = left.selectbox(
        "Take one off the list", list(by_name), index=None, key=f"{key}-remove", placeholder="Choose one"
    )
    if right.button("Remove", key=f"{key}-remove-it", disabled=name is None) and name:
        try:
            ledger_door.remove_scenario(by_name[name])
        except UserError as error:
            st.error(str(error))
            return
        st.rerun()
