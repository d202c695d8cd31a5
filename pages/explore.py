"""Explore: what a shared link opens, part by part and page by page, and nothing wider."""

from __future__ import annotations

import streamlit as st

from echo_metrics.errors import NotAllowed
from pages.ui import door, shared_view

try:
    door.guard(door.EXPLORE)
except NotAllowed as error:
    st.info(str(error))
    st.stop()
shared_view.draw()
