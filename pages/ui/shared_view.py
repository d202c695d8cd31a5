"""The screen of a shared link: choose a part and a page of the release; every step asks whether it still opens."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import streamlit as st

from echo_metrics.answers import Answer, Filters
from echo_metrics.answers import comments as words
from echo_metrics.charts import wording
from echo_metrics.errors import NotAllowed
from echo_metrics.reports.frame import day
from echo_metrics.sharing.release import PAGES, Release, Scope
from pages.ui import door, investment, outcome, overview, parts, reach

EVERY = 10
"""Seconds between two looks at whether an open screen may stay open."""


def draw() -> None:
    """The banner, the choice of part and page, and the page."""
    found = door.opened()
    release, link = found.release, found.link
    _watch()
    st.title(release.title, anchor=False)
    until = f"data to {day(release.data_to)}, " if release.data_to else ""
    parts.html(f"<p>Shared view - release {release.name}, {until}expires {day(link.last_day)}</p>", "em-why")
    if release.synthetic:
        st.caption("Synthetic demonstration data: no real people, answers or amounts.")
    scope, page = _choose(release)
    st.session_state[door.FILTERS_KEY] = Filters(scope.network, scope.cohort)
    SCREENS.get(page, _outcomes(page))(door.answer(page))
    parts.html(f"<p>{release.preset.words.capitalize()}.</p>", "em-why")
    parts.html('<p><a href="/shared" target="_self">Back to the report</a></p>')


@st.fragment(run_every=EVERY)
def _watch() -> None:
    """End an open screen soon after its link was paused or revoked, though nobody touches it."""
    try:
        door.opened()
    except NotAllowed:
        st.rerun()


def _choose(release: Release) -> tuple[Scope, str]:
    words = [s.words for s in release.scopes]
    left, right = st.columns(2)
    with left:
        if len(words) > 1:
            part = st.selectbox("Part", words, key="part")
        else:
            part = words[0]
            parts.html(f"<p>{escape(part)}</p>", "em-why")
    with right:
        titles = {PAGES[p]: p for p in release.pages}
        page = st.selectbox("Page", list(titles), key="page") if len(titles) > 1 else next(iter(titles))
    chosen = release.scopes[words.index(part)] if part in words else release.root
    return chosen, titles.get(page, release.pages[0])


def _outcomes(page: str) -> Callable[[Answer], None]:
    """The page of an outcome: each of its measures, as the staff's screens draw it."""

    def show(answer: Answer) -> None:
        parts.heading(PAGES[page])
        if answer.empty_reason:
            st.info(answer.empty_reason)
            return
        for place, measure in enumerate(door.definitions().measures_of(page)):
            heading = measure.label if place else ""
            if measure.kind == "change":
                outcome.change(answer, measure, heading, people="" if place else PAGES[page].lower())
            else:
                outcome.level(answer, measure, heading)

    return show


def _summary(answer: Answer) -> None:
    parts.lead_words(
        wording.summary_sentence(answer, door.definitions().measures),
        "These are comparisons of the same people at two moments, without a comparison group: they say what changed, "
        "not what caused it.",
    )
    parts.trail(answer.trail, "competency")
    overview.outcomes(answer)
    overview.reach(answer)


def _attendance(answer: Answer) -> None:
    parts.heading(PAGES["attendance"])
    if answer.empty_reason:
        st.info(answer.empty_reason)
        return
    reach.totals(answer)
    parts.trail(answer.trail, "attendance")
    reach.charts(answer)


def _roi(answer: Answer) -> None:
    parts.heading(PAGES["roi"])
    if answer.empty_reason:
        st.info(answer.empty_reason)
        return
    investment.ledgers(answer)


def _comments(answer: Answer) -> None:
    parts.heading(PAGES[words.QUESTION], words.HOW)
    found = words.quoted(answer)
    if not found:
        st.info(answer.empty_reason)
    for own in found:
        parts.title(own.wording)
        parts.quotations(own.comments)
        if own.note:
            st.caption(own.note)


SCREENS: dict[str, Callable[[Answer], None]] = {
    "summary": _summary,
    "attendance": _attendance,
    "roi": _roi,
    words.QUESTION: _comments,
}
