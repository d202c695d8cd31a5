"""The look beyond `.streamlit/config.toml`: the style sheet beside this file, and the charts' mid-tones."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

BLUE, ORANGE, GREY = "#2F86BF", "#D0692A", "#7F8C98"
"""The charts' mid-tones, for the small marks of tiles."""

CSS = Path(__file__).with_name("theme.css")


def apply() -> None:
    """Put the styles in place; the shell calls this once a run, before the screen."""
    st.html(CSS)
