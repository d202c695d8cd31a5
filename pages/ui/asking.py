"""What this browser may see through a shared link; looked up anew at every rerun."""

from __future__ import annotations

import streamlit as st

from echo_metrics.server import share
from echo_metrics.sharing.links import Opened
from pages.ui import identity


def shared() -> Opened | None:
    """What this browser may see through a shared link now; None if it holds none that opens."""
    return share.opened(identity.context(), st.context.cookies)
