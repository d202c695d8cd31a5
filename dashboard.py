"""The dashboard: `streamlit run dashboard.py`. Routes and middleware around the script in pages/shell.py."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from echo_metrics.demo import build_demo, default_store_path  # noqa: E402
from echo_metrics.errors import UserError  # noqa: E402
from echo_metrics.server.health import routes  # noqa: E402
from echo_metrics.server.local_only import LocalOnly, check_address  # noqa: E402

log = logging.getLogger("echo_metrics")


def show_error(error: Exception) -> bool:
    """Show a user's error as it is; a bug keeps its traceback in the log and shows only that something went wrong."""
    if isinstance(error, UserError):
        st.error(str(error))
    else:
        log.error("a screen failed", exc_info=error)
        st.error("Something went wrong on our side. The details are in the dashboard's log; your data is unchanged.")
    return True


try:
    check_address(st.get_option("server.address"))
    if not default_store_path().exists():
        build_demo(default_store_path())
except UserError as error:
    sys.exit(str(error))

app = st.App(
    str(ROOT / "pages" / "shell.py"), routes=routes, middleware=[Middleware(LocalOnly)], on_script_error=show_error
)
