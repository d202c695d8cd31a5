"""The parts of the ledger screen: which ledger, its tables, what is wrong with them, and saving with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from echo_metrics.answers.ledgers import Draft
from echo_metrics.charts import tiles
from echo_metrics.errors import UserError
from echo_metrics.ledger_files.sheets import AMOUNTS, COLUMNS, Sheets, three
from pages.ui import door, ledger_door, parts

NEW_PRESET, NEW_FILE = "Start from a preset", "Bring a file (TOML or XLSX)"
OPEN = "_ledger_open"
"""The tables on the screen, with what they were made from: edits live in the tables' own state."""
WORDS = {
    "Lines": ("Lines", "One row a line: a base is a number or an assumption's key; low and high may be empty."),
    "Assumptions": ("Assumptions", "Numbers that several lines share, or that have a distribution of their own."),
    "Prices": ("Prices by discipline", "Unit values of disciplines with a price of their own."),
    "Sites": ("Sites", "What one journey from a site takes; * stands for every other site."),
    "Ledger": ("Head", "Which network and cohort, which money, who prepared it."),
    "Exchange rates": ("Exchange rates", "The ledger's currency for one unit of another, by year."),
    "Price levels": ("Price levels", "A price index by year, to bring other years' prices to the ledger's."),
    "Correlations": ("Correlations", "Inputs that move together, by name or as line.field; rho is a rank correlation."),
}  # fmt: skip
FIXED = ("format", "version")
"""Fields of the head that nobody needs to see."""
CHOICES: Mapping[str, Sequence[str]] = {
    "kind": ("cost", "benefit"),
    "quantity_from": (
        "sessions", "participants", "attended_hours", "attendances", "travel_km", "travel_hours", "travel_nights",
    ),
    "evidence": ("records", "published", "reported", "judgement"),
    "distribution": ("pert", "triangular", "uniform", "gamma", "lognormal", "beta"),
}  # fmt: skip
CHOICE_WORDS = {"quantity_from": "counted from"}
WIDTHS = {"key": 150, "label": 300, "basis": 320, "note": 320, "source": 220, "owner": 140, "name": 260, "value": 90,
          "line": 160, "first": 240, "second": 240, "whose_budget": 130, "prepared_by": 140}  # fmt: skip
SHORT = {"unit_value": "value", "attribution_to_others": "others"}
HELP = {
    "quantity": "How many, or how many for each one counted. A number, or an assumption's key.",
    "unit_value": "What one unit is worth. A number, or an assumption's key.",
    "deadweight": "Share that would have happened anyway, 0 to 1.",
    "displacement": "Share that only moved here from elsewhere, 0 to 1.",
    "attribution_to_others": "Share that others caused, 0 to 1.",
    "confidence": "How sure its owner is, 0 to 1.",
    "drop_off": "Share that fades each year after the first, 0 to 1.",
}


@dataclass(frozen=True)
class Chosen:
    """The ledger on the screen: a name for its state, its tables, and the one that stands, None for a new one."""

    key: str
    sheets: Sheets
    standing: Mapping[str, Any] | None


def choose() -> Chosen | None:
    """Choose the ledger that stands for a network or cohort, a preset, or a file."""
    kept = {k.words: k for k in ledger_door.kept()}
    picked = st.selectbox("Ledger", [*kept, NEW_PRESET, NEW_FILE], key="ledger-choice")
    try:
        if picked in kept:
            found = kept[picked]
            return Chosen(f"kept-{found.network}-{found.cohort}", ledger_door.sheets_of(found.body), found.body)
        return _preset() if picked == NEW_PRESET else _file()
    except UserError as error:
        _problems(str(error))
        return None


def edit(chosen: Chosen) -> None:
    """The tables, what they come to or what is wrong, and what can be done with them."""
    version = st.session_state.get(f"{chosen.key}-version", 0)
    edited = _tables(chosen.sheets, f"{chosen.key}-{version}")
    try:
        made = ledger_door.draft(ledger_door.document_of(edited))
    except UserError as error:
        _problems(str(error))
        if chosen.standing is not None:
            st.info("The ledger that stands is untouched: its figures are the ones on Return on investment.")
        return
    _comes_to(made)
    _save(chosen, made, ledger_door.changes(chosen.standing, made))
    _take_away(made)


def _preset() -> Chosen | None:
    presets = ledger_door.presets()
    name = st.selectbox("Preset", list(presets), format_func=lambda p: presets[p], key="ledger-preset")
    left, right = st.columns(2)
    options = door.options()
    network = left.selectbox("For the network", [n.name for n in options.networks], key="ledger-preset-network")
    keys = {n.name: n.key for n in options.networks}
    cohorts = ["The whole network", *options.cohorts_of(keys.get(network or "", ""))]
    cohort = right.selectbox("Cohort", cohorts, key="ledger-preset-cohort")
    if name is None or network is None:
        return None
    st.caption(
        "Values with a source are public figures. Hours, journeys and shares are yours to put in; lines whose price "
        "only you know are listed and not counted until you fill them."
    )
    body = ledger_door.from_preset(name, network, "" if cohort == cohorts[0] else str(cohort))
    return Chosen(f"preset-{name}-{network}-{cohort}", ledger_door.sheets_of(body), None)


def _file() -> Chosen | None:
    given = st.file_uploader("Ledger", type=["toml", "xlsx"], key="ledger-file")
    if given is None:
        st.caption("A ledger saved below, or written after data/demo/roi/roi_psychosocial.toml.")
        return None
    body = ledger_door.from_file(given.name, given.getvalue())
    return Chosen(f"file-{given.file_id}", ledger_door.sheets_of(body), None)


def _tables(sheets: Sheets, key: str) -> Sheets:
    edited = {}
    for (sheet, (_, why)), tab in zip(WORDS.items(), st.tabs([label for label, _ in WORDS.values()]), strict=True):
        with tab:
            st.caption(why)
            shown = [row for row in sheets.of(sheet) if row.get("field") not in FIXED]
            frame = _frame(shown, COLUMNS[sheet])
            found = st.data_editor(
                frame, key=f"{key}-{sheet}", num_rows="fixed" if sheet == "Ledger" else "dynamic", hide_index=True,
                column_config=_columns(sheet), width="stretch", height=460 if sheet == "Lines" else "content",
            )  # fmt: skip
            unseen = [row for row in sheets.of(sheet) if row.get("field") in FIXED]
            edited[sheet] = [*unseen, *(_plain(row) for row in found.to_dict("records"))]
    return Sheets(edited)


def _frame(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """The rows as text, true or false: a base holds a number or a name, so no column can be numbers only."""
    words = [{c: _word(row.get(c), None if c in CHOICES else "") for c in columns} for row in rows]
    frame = pd.DataFrame(words, columns=list(columns), dtype=object)
    if "enabled" in columns:
        frame["enabled"] = frame["enabled"].map(lambda v: v != "False").astype(bool)
    return frame


def _word(value: Any, empty: str | None) -> str | None:
    if value is None or value == "":
        return empty
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(k): (None if not isinstance(v, bool) and pd.isna(v) else v) for k, v in row.items()}


def _columns(sheet: str) -> dict[str, Any]:
    """How each column is headed, how wide it is, and what it may hold."""
    config: dict[str, Any] = {}
    for name in COLUMNS[sheet]:
        words = name.replace("_", " ")
        if name == "enabled":
            config[name] = st.column_config.CheckboxColumn("counted", width=75, default=True)
        elif name in CHOICES:
            config[name] = st.column_config.SelectboxColumn(
                CHOICE_WORDS.get(name, words), options=CHOICES[name], width=120
            )
        else:
            config[name] = st.column_config.TextColumn(words, width=WIDTHS.get(name, 90))
    if sheet == "Ledger":
        config["field"] = st.column_config.TextColumn("field", disabled=True, width=140)
        config["value"] = st.column_config.TextColumn("value", width=640)
    if sheet == "Lines":
        config["label"] = st.column_config.TextColumn("label", width=240, pinned=True)
        for name in AMOUNTS:
            for column in three(name):
                words = column.replace(name, SHORT.get(name, name.replace("_", " ")))
                config[column] = st.column_config.TextColumn(words, width=95, help=HELP.get(name))
    return config


def _problems(words: str) -> None:
    """Everything that is wrong, a line each."""
    first, *rest = words.split("\n")
    body = "".join(f"<li>{escape(line.removeprefix('- '))}</li>" for line in rest)
    parts.html(f'<p role="alert"><b>{escape(first)}</b></p>' + (f"<ul>{body}</ul>" if body else ""), "em-problems")


def _comes_to(made: Draft) -> None:
    found = {r.measure: r for r in made.results}
    parts.heading("What it comes to")
    parts.lead_words(found["ledger"].sentence, found["roi_percent"].sentence)
    parts.cards([parts.tile(t) for t in tiles.money(found)])
    for note in found["ledger"].notes:
        st.caption(note)


def _save(chosen: Chosen, made: Draft, moved: Sequence[str]) -> None:
    parts.heading("Save")
    if not moved:
        st.caption("Nothing was changed yet.")
        return
    for sentence in moved:
        st.markdown(f"- {escape(sentence)}")
    with st.form(f"{chosen.key}-save"):
        why = st.text_input("Why does the ledger change?", max_chars=200, key=f"{chosen.key}-why")
        sent = st.form_submit_button("Save this ledger", type="primary", icon=":material/save:")
    if not sent:
        return
    try:
        with st.spinner("Saving"):
            ledger_door.save_ledger(made, why, moved)
    except UserError as error:
        _problems(str(error))
        return
    # The tables start anew from what was saved.
    st.session_state[f"{chosen.key}-version"] = st.session_state.get(f"{chosen.key}-version", 0) + 1
    st.session_state["ledger-saved"] = made.ledger.title
    st.rerun()


def said() -> None:
    """Say once that a ledger was saved."""
    if title := st.session_state.pop("ledger-saved", ""):
        st.success(f"Saved: {title}. Who changed what and why stands in the audit.")


def _take_away(made: Draft) -> None:
    parts.heading("Take it away", "The workbook holds living formulas: change a cell and see what becomes of it.")
    left, right = st.columns(2)
    name = "".join(c if c.isalnum() else "_" for c in made.ledger.title.lower())[:60]
    left.download_button(
        "Workbook (XLSX)", ledger_door.workbook_of(made), f"{name}.xlsx", key="ledger-xlsx", icon=":material/table:"
    )
    right.download_button(
        "Text (TOML)", ledger_door.toml_of(made), f"{name}.toml", key="ledger-toml", icon=":material/code:"
    )
