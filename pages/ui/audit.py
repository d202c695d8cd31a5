"""The parts of the audit screen: whether it is whole, its filters, its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import streamlit as st

from echo_metrics.access.audit import LOCAL, Action, Entry
from echo_metrics.charts import Table
from pages.ui import access_door, parts

MOST_SHOWN = 500


@dataclass(frozen=True)
class Chosen:
    """The filters of the audit."""

    who: str
    action: str
    since: date | None
    until: date | None
    text: str


def whole() -> None:
    """One line on the chain of digests."""
    found = access_door.chain()
    if found.broken is None:
        st.caption(f"Checked: all {found.checked:,} entries fit together, none was changed or taken out.")
    else:
        st.error(f"Entry {found.broken:,} was changed or taken out by something other than this program.")


def filters() -> Chosen:
    """The filters above the table."""
    names = {"": "Everybody", LOCAL: "This computer"} | {a.id: a.shown for a in access_door.every_account()}
    first, second, third, fourth = st.columns(4)
    who = first.selectbox("Who", list(names), format_func=lambda k: names[k], key="audit-who")
    actions = ["", *(a.value for a in Action)]
    action = second.selectbox(
        "Action", actions, format_func=lambda v: Action(v).words if v else "Every action", key="audit-action"
    )
    since = third.date_input("From", None, key="audit-since")
    until = fourth.date_input("To", None, key="audit-until")
    text = st.text_input("Words", key="audit-text", max_chars=100, help="In names, subjects and details.")
    return Chosen(who, action, since, until, text)


def table(chosen: Chosen) -> None:
    """The rows that fit, newest first, and the same rows as a file."""
    found = access_door.entries(chosen.who, chosen.action, chosen.since, chosen.until, chosen.text, MOST_SHOWN)
    if not found:
        st.info("No entry fits these filters.")
        return
    address = access_door.audit_address(chosen.who, chosen.action, chosen.since, chosen.until, chosen.text)
    names = {a.id: a.shown for a in access_door.every_account()}
    rows = tuple(_row(e, names) for e in found)
    parts.table(Table(("Entry", "When (UTC)", "Who", "Action", "What", "Details"), rows))
    if len(found) == MOST_SHOWN:
        st.caption(f"The newest {MOST_SHOWN} are shown; the file holds all.")
    st.link_button("Download as CSV", address, icon=":material/download:")


def _row(entry: Entry, names: Mapping[str, str]) -> tuple[str, ...]:
    who = entry.who_name or {"": "nobody known", LOCAL: "this computer"}.get(entry.who, entry.who)
    details = "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in entry.detail.items())
    words = entry.action.replace("_", " ")
    return (
        f"{entry.number:,}",
        f"{entry.at:%Y-%m-%d %H:%M:%S}",
        who,
        words,
        names.get(entry.subject, entry.subject),
        details,
    )
