"""The parts of the data screen: bringing files in, what came of every row, and names that wait for a decision."""

from __future__ import annotations

from html import escape

import streamlit as st

from echo_metrics.answers.imports import ImportRow, QueueRow
from echo_metrics.charts import Table
from echo_metrics.charts import wording as w
from echo_metrics.errors import UserError
from echo_metrics.ingest.report import FileReport
from pages.ui import door, parts

MOST_SHOWN = 200
"""Issues and rows printed for one file; beyond that the command line lists them all."""
STATUS_WORDS = {
    "loaded": "Loaded",
    "already": "Already in the store: nothing changed",
    "superseded": "Replaced by a newer export",
    "refused": "Refused: nothing was written",
}


def upload() -> None:
    """The owner's upload: files as the tools export them, with network and cohort where the file does not say."""
    parts.heading("Bring files in", "Exports as they are: surveys, meeting reports, registrations, ledgers.")
    with st.form("upload", border=True, clear_on_submit=True):
        given = st.file_uploader("Files", accept_multiple_files=True, key="upload-files")
        left, right = st.columns(2)
        network = left.text_input("Network", key="upload-network", help="Only where the file itself does not say.")
        cohort = right.text_input("Cohort", key="upload-cohort", help="Only where the file itself does not say.")
        sent = st.form_submit_button("Import", type="primary", icon=":material/upload_file:")
    if not sent:
        return
    if not given:
        st.warning("Choose at least one file first.")
        return
    try:
        with st.spinner("Reading every row"):
            reports = door.import_files([(f.name, f.getvalue()) for f in given], network.strip(), cohort.strip())
    except UserError as error:
        st.error(_plain(str(error)))
        return
    for report in reports:
        _report(report)


def _report(report: FileReport) -> None:
    ignored = sum(report.rows_ignored.values())
    words = f"{report.file}. {STATUS_WORDS.get(report.status, report.status)}."
    if report.status == "loaded":
        words += (
            f" {report.rows_read:,} rows read = {report.rows_loaded:,} loaded + {report.rows_quarantined:,} quarantined"
            f" + {ignored:,} ignored."
        )
    if report.message:
        # The message names the file and what to do; it says more than the status.
        words = report.message
    {"loaded": st.success, "refused": st.error}.get(report.status, st.info)(_plain(words))
    if report.issues:
        parts.table(Table(("Row", "Issue"), tuple((_number(i.row), i.message) for i in report.issues[:MOST_SHOWN])))


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


def _detail(row: ImportRow) -> None:
    words = f"{row.name}: {w.plural(len(row.issues), 'issue')}, {row.rows_quarantined:,} quarantined"
    with st.expander(_plain(words), key=f"file{row.id}"):
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


def review(rows: list[QueueRow]) -> None:
    """Names in meeting reports that may be somebody registered; nothing was decided for them."""
    parts.heading("Names to decide on", "Likely matches that were not made: a wrong match is worse than a missing one.")
    if not rows:
        st.info("No name waits for a decision.")
        return
    parts.table(
        Table(
            ("Name in the meeting", "May be", "Likeness, 0 to 1", "Found by", "Network", "Meeting"),
            tuple(
                (
                    q.shown,
                    q.candidate,
                    w.number(q.score, 0 if q.score > 1 else 2),
                    q.method.replace("_", " "),
                    q.network,
                    f"{q.meeting:%Y-%m-%d}",
                )
                for q in rows
            ),
        )
    )


def _number(row: int | None, sheet: str = "") -> str:
    place = f"{row:,}" if row is not None else "file"
    return f"{sheet}, {place}" if sheet else place


def _plain(words: str) -> str:
    """Words for an element that reads Markdown: file names must not turn into formatting."""
    return "".join(
        f"\\{c}" if c in "\\`*_{}[]()#+-!|~<>$:" else c for c in escape(words, quote=False).replace("&amp;", "&")
    )
