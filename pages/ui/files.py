"""The parts of the data screen: what came of every row, and imports taken back."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from echo_metrics.answers.imports import Finding, ImportRow
from echo_metrics.charts import Table
from echo_metrics.charts import wording as w
from echo_metrics.errors import UserError
from echo_metrics.reports.reconciliation import reconciliation_page
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
            parts.card("Things to know", w.number(sum(len(r.findings) for r in rows), 0)),
        ],
        tight=True,
    )
    table, detail = st.tabs(["All files", "What to know of each"])
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
        told = [r for r in rows if r.findings or r.quarantined or r.corrections]
        if not told:
            st.info("No file has anything to look at.")
        _kinds(told)
        names = {f"{r.name}, imported {r.loaded_at:%Y-%m-%d %H:%M} (import {r.id})": r for r in told}
        chosen = st.selectbox("One file", list(names), index=None, placeholder="Choose a file", key="files-one")
        if chosen:
            _detail(names[chosen])
        st.download_button(
            "Download all of this as a page",
            reconciliation_page(rows, datetime.now(UTC)),
            "reconciliation.html",
            "text/html",
            key="files-report",
            icon=":material/download:",
        )


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


def _kinds(rows: list[ImportRow]) -> None:
    """Over all files: each kind of thing once, in how many files and how often."""
    kinds: dict[str, tuple[Finding, int, int]] = {}
    for finding in (f for r in rows for f in r.findings):
        first, files, times = kinds.get(finding.code, (finding, 0, 0))
        kinds[finding.code] = (first, files + 1, times + finding.count)
    parts.table(
        Table(
            ("What", "Files", "Times", "What to do"),
            tuple((f.label, f"{files:,}", f"{times:,}", f.to_do) for f, files, times in kinds.values()),
        )
    )


def _detail(row: ImportRow) -> None:
    with st.container(key=f"file{row.id}"):
        rules = "; ".join(f"{n:,} {rule.replace('_', ' ')}" for rule, n in row.ignored)
        parts.definitions([("Account", row.equation), ("Ignored by rule", rules)])
        if row.findings:
            parts.table(
                Table(
                    ("What", "How many", "What to do", "For example"),
                    tuple((f.label, f"{f.count:,}", f.to_do, _example(f)) for f in row.findings),
                )
            )
        if row.corrections:
            parts.title("Declared corrections")
            parts.table(
                Table(
                    ("Row", "Column", "Was", "Became", "Why (reviewed by)"),
                    tuple(
                        (
                            _number(c.row, c.sheet),
                            c.column or w.DASH,
                            c.was or w.DASH,
                            c.became if c.applied else f"not applied: {c.became}",
                            f"{c.reason} ({c.reviewed_by})",
                        )
                        for c in row.corrections
                    ),
                )
            )
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
        if len(row.issues) > len(row.findings):
            with st.expander(f"All {w.plural(len(row.issues), 'issue')}, row by row", key=f"file{row.id}-issues"):
                parts.table(
                    Table(
                        ("Row", "Column", "What"),
                        tuple(
                            (_number(i.row, i.sheet), i.column or w.DASH, i.message) for i in row.issues[:MOST_SHOWN]
                        ),
                    )
                )


def _example(finding: Finding) -> str:
    """The first place where it shows, with its row and column."""
    row, column, message = finding.examples[0]
    place = ", ".join(p for p in (f"row {row:,}" if row else "", column) if p)
    return f"{place}: {message}" if place else message


def _number(row: int | None, sheet: str = "") -> str:
    place = f"{row:,}" if row is not None else "file"
    return f"{sheet}, {place}" if sheet else place
