"""The leader's own numbers: sliders for the assumptions that matter most, all of them on demand, and the new answer.

Everything here is worked out from the ledger as it was released; no figure is asked of the store again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from echo_metrics.answers import Result
from echo_metrics.charts import build_ledger
from echo_metrics.errors import UserError
from pages.ui import ledger_door, parts

MOST_SLIDERS = 3
SLIDERS, NUMBERS = "The three that matter most", "Your numbers"


@st.fragment
def draw(ledger: Result, key: str, keeps: bool) -> None:
    """Sliders or numbers, the sentence that they make, and, for those who keep scenarios, the form that does."""
    ledger_door.still_allowed()
    parts.heading("What if?", "Move an assumption and read the answer again. Nothing is changed for anybody else.")
    mode = st.segmented_control(
        "How", [SLIDERS, NUMBERS], default=SLIDERS, key=f"{key}-mode", label_visibility="collapsed"
    )
    inputs = {str(i["key"]): i for i in ledger.extra["model"]["inputs"]}
    values = _numbers(ledger, inputs, key) if mode == NUMBERS else _sliders(ledger, inputs, key)
    moved = {k: v for k, v in values.items() if v != _shown(inputs[k], float(inputs[k]["base"]))}
    try:
        figures = ledger_door.recompute(ledger, {k: _real(inputs[k], v) for k, v in moved.items()})
    except UserError as error:
        st.error(str(error))
        return
    _answer(ledger, figures, moved)
    if keeps:
        _save(ledger, {k: _real(inputs[k], v) for k, v in moved.items()}, key)


def _sliders(ledger: Result, inputs: Mapping[str, Any], key: str) -> dict[str, float]:
    bars = list(ledger.extra["tornado"])[:MOST_SLIDERS]
    found = {}
    for bar in bars:
        given = inputs[str(bar["key"])]
        low, base, high = (_shown(given, float(bar[end])) for end in ("low", "base", "high"))
        found[str(bar["key"])] = st.slider(
            _label(given), low, high, base, step=_step(low, high), format=_format(given, high),
            key=f"{key}-slider-{bar['key']}", help=_help(given),
        )  # fmt: skip
    if not bars:
        st.info("Every number in this ledger is written without a range, so there is nothing to move.")
    return found


def _numbers(ledger: Result, inputs: Mapping[str, Any], key: str) -> dict[str, float]:
    """A field for each assumption of a counted line, by line."""
    used: dict[str, list[str]] = {}
    place = list(inputs)
    seen: set[str] = set()
    for term in ledger.extra["model"]["terms"]:
        names = [place[p] for p in term["uses"].values() if term["counted"]]
        fresh = [n for n in names if n not in seen]
        seen.update(fresh)
        if fresh:
            used.setdefault(f"{'Cost' if term['kind'] == 'cost' else 'Benefit'}: {term['label']}", []).extend(fresh)
    found = {}
    for line, names in used.items():
        with st.expander(line, key=f"{key}-own-{names[0]}"):
            for name in names:
                given = inputs[name]
                top = 100.0 if given["sort"] == "share" else None
                found[name] = st.number_input(
                    _label(given), 0.0, top, _shown(given, float(given["base"])), format="%.10g",
                    key=f"{key}-number-{name}", help=_help(given),
                )  # fmt: skip
    return found


def _answer(ledger: Result, figures: Mapping[str, Result], moved: Mapping[str, float]) -> None:
    if not moved:
        st.caption("Nothing is moved yet: the answer above stands.")
        return
    now = figures["ledger"]
    parts.lead_words(
        f"With your numbers: {now.sentence[0].lower()}{now.sentence[1:]}", build_ledger.against(ledger, now)
    )


def _save(ledger: Result, moved: Mapping[str, float], key: str) -> None:
    with st.expander("Keep this as a scenario", key=f"{key}-keep", icon=":material/bookmark_add:"):
        name = st.text_input("Name", key=f"{key}-name", max_chars=80, placeholder="Cautious about travel")
        why = st.text_input(
            "Why are these numbers better?", key=f"{key}-why", max_chars=400,
            placeholder="Half of the participants said they would not have gone",
        )  # fmt: skip
        if st.button("Save the scenario", key=f"{key}-save", type="primary"):
            try:
                kept = ledger_door.save_scenario(ledger, name, moved, why)
            except UserError as error:
                st.error(str(error))
                return
            st.session_state[f"{key}-saved"] = st.session_state[f"{key}-fresh"] = kept.name
            # The list of scenarios stands outside this part of the screen.
            st.rerun()
    if name := st.session_state.pop(f"{key}-saved", ""):
        st.success(f"Saved: {name}. Compare it below.")


def _label(given: Mapping[str, Any]) -> str:
    unit = " (%)" if given["sort"] == "share" else f" ({given['unit']})" if given["sort"] == "money" else ""
    return f"{given['label']}{unit}"


def _help(given: Mapping[str, Any]) -> str:
    evidence = build_ledger.EVIDENCE.get(str(given["evidence"]), "")
    return f"Evidence: {evidence}. Source: {given['source']}. Owner: {given['owner']}."


def _shown(given: Mapping[str, Any], value: float) -> float:
    """A share as a percentage, as leaders say it; rounded so that a slider's own steps compare equal."""
    return round(100 * value, 6) if given["sort"] == "share" else round(value, 6)


def _real(given: Mapping[str, Any], shown: float) -> float:
    return shown / 100 if given["sort"] == "share" else shown


def _step(low: float, high: float) -> float:
    """A step that a finger can hit: about a hundred of them, round."""
    return next((s for s in (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 50.0, 100.0) if s * 100 >= high - low),
                (high - low) / 100)  # fmt: skip


def _format(given: Mapping[str, Any], high: float) -> str:
    return "%.0f%%" if given["sort"] == "share" else "%.0f" if high >= 100 else "%.2f"
