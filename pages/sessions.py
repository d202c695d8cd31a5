"""Sessions: what each session changed on the day, and whether people found it worth their time."""

from __future__ import annotations

import streamlit as st

from pages.ui import door, outcome, overview, parts

door.guard("session-value")
answer = door.answer("session-value")
measures = door.definitions().measures_of("session-value")

parts.opening("Sessions", "What people said of themselves just before and after, and whether it was worth it.", answer)
overview.headlines(answer)
parts.trail(answer.trail, "the session ratings")
for tab, measure in zip(st.tabs([m.label for m in measures]), measures, strict=True):
    with tab:
        draw = outcome.change if measure.kind == "change" else outcome.level
        draw(answer, measure, measure.label)
