"""The parts of the community screen: felt connection, and each network's forum."""

from __future__ import annotations

from html import escape

import streamlit as st

from echo_metrics.answers import Answer, Result
from echo_metrics.charts import build_cycles, build_reach
from pages.ui import door, overview, parts

WHOLE = (
    "A whole network, or with the row-level right one cohort while it ran; discipline and period do not narrow these "
    "figures."
)


def felt(answer: Answer) -> None:
    """The connection score in a sentence; its own screen has the rest."""
    measure = door.definitions().measures["connection"]
    found = answer.only(measure.key, contrast=measure.contrasts[0])
    parts.heading("What people say", measure.why)
    if not found:
        st.info(answer.empty_reason)
    elif found[0].shown:
        parts.lead(found[0])
    else:
        parts.hidden(found[0], measure.label)


def forums(answer: Answer) -> None:
    """Network by network: tiles, who wrote, and activity over the weeks."""
    parts.heading("What people do", "Posts, replies and reactions in the forum between sessions.")
    groups = dict.fromkeys(r.group for r in answer.results if r.group.kind == "forum")
    for group in groups:
        own = [r for r in answer.results if r.group == group]
        if len(groups) > 1:
            parts.title(group.label)
        shown = [r for r in own if r.shown]
        if not shown:
            parts.hidden(own[0], "Forum")
            continue
        parts.cards(overview.reach_tiles(shown), tight=True)
        for words in (r.sentence for r in shown if r.sentence.count(" of ") or r.measure == "forum_reply_hours"):
            parts.html(f"<p>{escape(words)}</p>")
        _people(answer, group.key)
        _weeks(answer, group.key)


def _people(answer: Answer, network: str) -> None:
    people = [r for r in answer.results if r.group.kind == "did" and r.group.key.startswith(f"{network}-")]
    if people:
        subtitle = "Registered participants; reading without writing leaves no trace here"
        spec = build_reach.people_counts(people, "Who wrote in the forum", subtitle, of="What they did", of_all=True)
        parts.chart(spec, f"forum-people-{network}")


def _weeks(answer: Answer, network: str) -> None:
    run = next((r for r in answer.results if r.group.key == f"{network}-posts"), None)
    if run is not None and run.shown:
        parts.chart(build_cycles.series_chart(run, _cycles(run), run.label), f"forum-weeks-{network}")
    elif run is not None:
        parts.hidden(run, run.label)


def _cycles(run: Result) -> list[Result]:
    """The improvement cycles that meant to move the forum, to be marked on its chart."""
    return [c for c in door.answer("cycles").only("cycle", "cycle") if c.extra["series"] == run.group.key]


def how(answer: Answer) -> None:
    """How the forum is counted."""
    with st.expander("How this was computed", key="community-how"):
        methods = dict.fromkeys(r.method for r in answer.results if r.method)
        words = [("Method", m) for m in methods]
        parts.definitions([*words, ("What it covers", WHOLE), ("Data version", answer.data_version)])
