"""The parts of the data screen: what came of every row, and imports taken back."""

from __future__ import annotations

import streamlit as st

from echo_metrics.answers.imports import ImportRow
from echo_metrics.charts import Table
from echo_metrics.charts import wording as w
from echo_metrics.errors import UserError
from pages.ui import intake_door, parts
from pages.ui.words import plain

MOST_SHOWN = 200
"""Issues and rows printed for one file; beyond that the command line lists them all."""
STATUS_WORDS = {
    "loaded": "Loaded",
    "already": "Already in the store: nothing changed",
    "superseded": "Replaced by a newer export",
    "refused": "Refused: nothing was written",
}


def account(rows: list[ImportRow]) -> None:
    """All files with their reconciliation, and each one's issues and quarantine."""
    parts.heading(
        "Imported files", "Every row of every file is loaded, quarantined with a reason, or ignored by a rule."
    )
    if not rows:
        st.info("No file has been imported yet.")
        return
    parts.cards(
        [
            parts.card("Files", w.number(len(rows), 0)),
            parts.card("Rows read", w.number(sum(r.rows_read for r in rows), 0)),
            parts.card("Rows in quarantine", w.number(sum(r.rows_quarantined for r in rows), 0)),
            parts.card("Things to look at", w.number(sum(len(r.issues) for r in rows), 0)),
        ],
        tight=True,
    )
    table, detail = st.tabs(["All files", "Issues and quarantine"])
    with table:
        parts.table(
            Table(
                ("File", "What came of its rows", "Status", "Imported", "Kind"),
                tuple(
                    (
                        r.name,
                        r.equation,
                        STATUS_WORDS.get(r.status, r.status),
                        f"{r.loaded_at:%Y-%m-%d}",
                        " ".join(part for part in (r.format, r.variant) if part).replace("_", " "),
                    )
                    for r in rows
                ),
            )
        )
    with detail:
        told = [r for r in rows if r.issues or r.quarantined]
        if not told:
            st.info("No file has an issue or a quarantined row.")
        for row in told:
            _detail(row)


def take_back(rows: list[ImportRow]) -> None:
    """Take one import back, wholly; a later one that rests on it goes first."""
    if said := st.session_state.pop("taken-back", ""):
        st.success(plain(said))
    if not rows:
        return
    with st.expander("Take an import back", key="undo", icon=":material/undo:"):
        names = {f"{r.name} ({r.loaded_at:%Y-%m-%d %H:%M}, import {r.id})": r.id for r in rows}
        chosen = st.selectbox("Import", list(names), index=None, key="undo-choice", placeholder="Choose one")
        sure = st.checkbox("Everything that it brought goes; what it changed stands as before.", key="undo-sure")
        if st.button("Take it back", key="undo-do", disabled=chosen is None or not sure) and chosen:
            try:
                with st.spinner("Taking it back"):
                    st.session_state["taken-back"] = intake_door.take_back(names[chosen])
            except UserError as error:
                st.error(plain(str(error)))
                return
            st.rerun()


def _detail(row: ImportRow) -> None:
    words = f"{row.name}: {w.plural(len(row.issues), 'issue')}, {row.rows_quarantined:,} quarantined"
    with st.expander(plain(words), key=f"file{row.id}"):
        rules = "; ".join(f"{n:,} {rule.replace('_', ' ')}" for rule, n in row.ignored)
        parts.definitions([("Account", row.equation), ("Ignored by rule", rules)])
        if row.quarantined:
            parts.title("Quarantined rows")
            parts.table(
                Table(
                    ("Row", "Column", "Why", "The row as it came"),
                    tuple(
                        (
                            _number(q.row, q.sheet),
                            q.column or w.DASH,
                            q.message,
                            " | ".join(q.cells) or "shown to the owner only",
                        )
                        for q in row.quarantined[:MOST_SHOWN]
                    ),
                )
            )
        if row.issues:
            parts.title("Issues")
            parts.table(
                Table(
                    ("Row", "Column", "What", "Kind"),
                    tuple(
                        (_number(i.row, i.sheet), i.column or w.DASH, i.message, i.severity)
                        for i in row.issues[:MOST_SHOWN]
                    ),
                )
            )


def _number(row: int | None, sheet: str = "") -> str:
    place = f"{row:,}" if row is not None else "file"
    return f"{sheet}, {place}" if sheet else place
