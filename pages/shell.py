"""The Streamlit script: who is asking, which screens they get, and the filters that all screens share."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from echo_metrics.terms import Role
from pages.ui import asking, door, filters, shared_view, sign_in, theme

SCREENS = (
    ("summary", "pages/summary.py", "Summary", ":material/home:"),
    ("competency", "pages/competency.py", "Competency", ":material/school:"),
    ("connection", "pages/connection.py", "Connection", ":material/diversity_3:"),
    ("practice", "pages/practice.py", "Practice", ":material/stethoscope:"),
    ("supervisor-value", "pages/supervisor_value.py", "Supervisor value", ":material/supervisor_account:"),
    ("session-value", "pages/sessions.py", "Sessions", ":material/event:"),
    ("attendance", "pages/attendance.py", "Attendance", ":material/groups:"),
    ("community", "pages/community.py", "Community", ":material/forum:"),
    ("cycles", "pages/cycles.py", "Improvement cycles", ":material/cycle:"),
    ("roi", "pages/roi.py", "Return on investment", ":material/savings:"),
    ("ledger", "pages/ledger.py", "Ledger", ":material/receipt_long:"),
    ("sharing", "pages/sharing.py", "Sharing", ":material/share:"),
    ("data", "pages/data.py", "Data", ":material/folder_open:"),
    ("check-table", "pages/check_table.py", "Check a table", ":material/fact_check:"),
    ("people", "pages/people.py", "People", ":material/badge:"),
    ("audit", "pages/audit.py", "Audit", ":material/history:"),
)
st.set_page_config(page_title="ECHO Metrics", page_icon=str(Path(__file__).parent / "ui" / "icon.png"), layout="wide")
theme.apply()
st.session_state[door.SHARED_KEY] = False
explore = st.Page("explore.py", title="Shared view", icon=":material/visibility:", visibility="hidden")

if door.who_is_asking() is None and asking.shared() is not None:
    # Nobody known, but the holder of a shared link: that link's screen and no other. A menu's first page answers at "/"
    # alone, so the screen stands there too, before the one with an address of its own.
    first = st.Page(shared_view.draw, title=explore.title, icon=explore.icon, url_path="shared-view", default=True)
    page = st.navigation([first, explore], position="hidden")
    st.session_state[door.SHARED_KEY] = True
    page.run()
    st.stop()

known = sign_in.require()
person = door.viewer()
# Every screen is registered for every role, so that a deep link to one that a role does not see meets that screen's
# guard and its words, not a "page not found"; the menu lists only what the role sees.
page = st.navigation(
    [
        *(
            st.Page(
                path.removeprefix("pages/"),
                title=title,
                icon=icon,
                default=question == "summary",
                visibility="visible" if door.may_see(person, question) else "hidden",
            )
            for question, path, title, icon in SCREENS
        ),
        explore,
    ],
)
if page.url_path == door.EXPLORE:
    st.session_state[door.SHARED_KEY] = True
    page.run()
    st.stop()

with st.sidebar:
    st.markdown("**ECHO Metrics**")
    filters.draw()
    if known.role is Role.OWNER:
        roles = [r.value for r in Role]
        st.selectbox(
            "View as",
            roles,
            format_func=str.capitalize,
            key=door.VIEW_AS_KEY,
            help="See each audience's screens through the disclosure gate, as that audience would.",
        )
    sign_in.account(known)
    if door.synthetic():
        st.caption("Synthetic demonstration data: no real people, answers or amounts.")
page.run()
