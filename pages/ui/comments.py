"""The part of the sharing screen about comments: read them, approve them one by one, take an approval back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from echo_metrics.charts import wording as w
from echo_metrics.disclosure.comments import COMMENT_MINIMUM
from echo_metrics.errors import UserError
from echo_metrics.sharing.comments import ONLY_ROW_LEVEL, Asked, Reading
from pages.ui import comments_door, parts

AT_ONCE = 20
"""Comments on one page of the list."""
WHAT_IT_DOES = (
    "Nobody without the row-level right sees what people wrote. A comment that you approve may stand in releases "
    "made from now on: word for word, without name or date, in no order, and only where at least "
    f"{COMMENT_MINIMUM} people wrote an answer to that question. Leave out whatever could tell who wrote it or whom it "
    "is about: a name, a place, a rare event, a turn of phrase. You can't change the words. Taking an approval back "
    "keeps the comment out of the next release; a release that is out already keeps it until you withdraw the release."
)


def tab() -> None:
    """Choose a network and a question, then approve comments; one sentence for those who may not read them."""
    if not comments_door.may_read():
        st.info(ONLY_ROW_LEVEL)
        return
    parts.heading("Comments", WHAT_IT_DOES)
    networks = comments_door.networks()
    left, right = st.columns(2)
    name = left.selectbox("Network", list(networks), index=None, key="comments-network", placeholder="All networks")
    network = networks.get(name or "", "")
    found = comments_door.questions(network)
    if not found:
        st.info("There are no answers in words yet: import the files of a survey that asks for some.")
        return
    names = [f"{a.wording} ({w.plural(a.comments, 'comment')}, {a.approved} approved)" for a in found]
    place = right.selectbox(
        "Question",
        range(len(names)),
        index=None,
        format_func=names.__getitem__,
        key=f"comments-question-{network}",
        placeholder="Choose one",
    )
    if place is not None:
        _list(found[place], network)


def _list(asked: Asked, network: str) -> None:
    found = comments_door.readings(asked, network)
    pages = range(0, len(found), AT_ONCE)
    first = 0
    if len(pages) > 1:
        first = st.selectbox(
            "Comments",
            pages,
            format_func=lambda i: f"{i + 1} to {min(i + AT_ONCE, len(found))} of {len(found)}",
            key=f"comments-page-{network}-{asked.question}",
        )
    st.caption(f"{sum(r.approved for r in found)} of {w.plural(len(found), 'comment')} approved.")
    _draw(found[first : first + AT_ONCE])


def _draw(found: Sequence[Reading]) -> None:
    for reading in found:
        with st.container(border=True):
            words, button = st.columns([5, 1], vertical_alignment="center")
            with words:
                parts.quotations([reading.text])
            name = f"comment-{reading.key}"
            if reading.approved:
                if button.button("Take back", key=name, icon=":material/undo:"):
                    _do(comments_door.withdraw, reading.key)
            elif button.button("Approve", key=name, icon=":material/check:"):
                _do(comments_door.approve, reading.key)


def _do(work: Callable[[str], None], key: str) -> None:
    try:
        work(key)
    except UserError as error:
        st.warning(str(error))
        return
    st.rerun()
