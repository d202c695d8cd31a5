"""The Streamlit script: who is asking, which screens they get, and the filters that all screens share."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from echo_metrics.terms import Role
from pages.ui import door, filters, theme

SCREENS = (
    ("summary", "pages/summary.py", "Summary", ":material/home:"),
    ("competency", "pages/competency.py", "Competency", ":material/school:"),
    ("connection", "pages/connection.py", "Connection", ":material/diversity_3:"),
    ("practice", "pages/practice.py", "Practice", ":material/stethoscope:"),
    ("supervisor-value", "pages/supervisor_value.py", "Supervisor value", ":material/supervisor_account:"),
    ("session-value", "pages/sessions.py", "Sessions", ":material/event:"),
    ("attendance", "pages/attendance.py", "Attendance", ":material/groups:"),
    ("roi", "pages/roi.py", "Return on investment", ":material/savings:"),
    ("data", "pages/data.py", "Data", ":material/folder_open:"),
    ("check-table", "pages/check_table.py", "Check a table", ":material/fact_check:"),
)

st.set_page_config(page_title="ECHO Metrics", page_icon=str(Path(__file__).parent / "ui" / "icon.png"), layout="wide")
theme.apply()
person = door.viewer()


# Every screen is registered for every role, so that a deep link to one that a role does not see meets that screen's
# guard and its words, not a "page not found"; the menu lists only what the role sees.
page = st.navigation(
    [
        st.Page(
            path.removeprefix("pages/"),
            title=title,
            icon=icon,
            default=question == "summary",
            visibility="visible" if door.may_see(person, question) else "hidden",
        )
        for question, path, title, icon in SCREENS
    ]
)
with st.sidebar:
    st.markdown("**ECHO Metrics**")
    filters.draw()
    if door.who_is_asking().role is Role.OWNER:
        roles = [r.value for r in Role]
        st.selectbox(
            "View as",
            roles,
            format_func=str.capitalize,
            key=door.VIEW_AS_KEY,
            help="See each audience's screens through the disclosure gate, as that audience would.",
        )
    if door.synthetic():
        st.caption("Synthetic demonstration data: no real people, answers or amounts.")
page.run()
