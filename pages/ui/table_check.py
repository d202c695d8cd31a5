"""The parts of the table checker: rows in, findings out."""

from __future__ import annotations

import streamlit as st

from echo_metrics.errors import UserError
from echo_metrics.table_files import RowCheck, TableRow
from pages.ui import door, parts

EXAMPLE = """label,n,mean1,sd1,mean2,sd2,p,percent,count,denominator
Dental ECHO,83,2.25,1.33,1.71,1.03,.52,,,
Lockyer 2001,,,,,,,55.4,935,1635
Worked example,27,64.4,14.4,81.1,9.8,<.001,,,
"""
SEVERITY = {
    "impossible": "Impossible",
    "does_not_close": "Does not close",
    "unlikely": "Unlikely",
    "note": "Note",
}


def ask_for_rows() -> None:
    """A box for the rows, and what came of each."""
    with st.form("check-table", border=True):
        text = st.text_area(
            "Rows as CSV, headings first; write figures as they are printed",
            EXAMPLE,
            height=170,
            key="check-table-text",
            help="Headings such as n, mean before, SD before, mean after, SD after, t, df, p, 95% CI, d, percent, "
            "count, denominator. Leave a cell empty where the table prints nothing.",
        )
        given = st.file_uploader("Or a file: CSV, TOML or XLSX", key="check-table-file")
        sent = st.form_submit_button("Check", type="primary", icon=":material/fact_check:")
    if not sent:
        return
    try:
        checked = door.check_table(text, (given.name, given.getvalue()) if given else None)
    except UserError as error:
        st.error(str(error))
        return
    if not checked:
        st.info("There is a heading but no row below it. Add at least one row.")
    for row, check in checked:
        _row(row, check)


def _row(row: TableRow, check: RowCheck) -> None:
    verdict = "closes" if check.closes else "does not close"
    parts.title(f"{row.name}: {verdict}")
    entries = [(SEVERITY[f.severity], f.message) for f in check.findings]
    if row.ignored:
        entries.append(("Not read", f"Columns that the checker does not know: {', '.join(row.ignored)}."))
    parts.definitions(entries or [("Nothing found", "The figures that are printed fit together.")])
