"""The dashboard: `streamlit run dashboard.py`. Routes and middleware around the script in pages/shell.py."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit import file_util
from streamlit.web.server.starlette import starlette_websocket

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from echo_metrics import inbox  # noqa: E402
from echo_metrics.access import modes  # noqa: E402
from echo_metrics.demo import build_demo, default_store_path  # noqa: E402
from echo_metrics.errors import UserError  # noqa: E402
from echo_metrics.server import app as server  # noqa: E402
from echo_metrics.server.context import Context  # noqa: E402
from echo_metrics.store import rewrite as rewriting  # noqa: E402

log = logging.getLogger("echo_metrics")


def show_error(error: Exception) -> bool:
    """Show a user's error as it is; a bug keeps its traceback in the log and shows only that something went wrong."""
    if isinstance(error, UserError):
        st.error(str(error))
    else:
        log.error("a screen failed", exc_info=error)
        st.error("Something went wrong on our side. The details are in the dashboard's log; your data is unchanged.")
    return True


# What the start check looks at (echo_metrics/access/modes.py).
OPTIONS = (
    "server.address", "server.port", "server.enableXsrfProtection", "server.enableCORS", "server.enableStaticServing",
    "server.enableAgentApi", "server.trustedUserHeaders", "server.corsAllowedOrigins", "server.baseUrlPath",
    "global.developmentMode", "client.showErrorDetails",
)  # fmt: skip


def auth_secrets() -> Mapping[str, Any]:
    """The [auth] section of Streamlit's secrets, or nothing."""
    try:
        section = st.secrets.get("auth")
    except FileNotFoundError:
        return {}
    return section.to_dict() if section else {}


def claims_of(cookies: Mapping[str, str]) -> Mapping[str, Any] | None:
    """What the identity provider said of these cookies' holder: Streamlit's own cookie, if its signature holds."""
    found = starlette_websocket._get_signed_cookie_with_chunks(dict(cookies), "_streamlit_user")
    if not found:
        return None
    claims = json.loads(found)
    return claims if isinstance(claims, dict) and claims.get("is_logged_in") is True else None


def inline_scripts() -> list[str]:
    """The inline scripts of Streamlit's index page, as sources for the content security policy."""
    index = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
    found = re.findall(r"<script>(.*?)</script>", index, re.DOTALL)
    return [f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in found]


try:
    options = {name: st.get_option(name) for name in OPTIONS}
    settings = modes.settings(os.environ, options)
    modes.check(settings, options, auth_secrets() if settings.mode is modes.Mode.OIDC else None)
    # The demonstration is for whoever tries the dashboard alone; a server for others starts with an empty store.
    if settings.mode is modes.Mode.LOCAL and not default_store_path().exists():
        build_demo(default_store_path())
    # Before anybody holds the store: somebody was forgotten on a screen, and the file's free blocks still know it.
    if default_store_path().exists() and rewriting.wanted(default_store_path()):
        rewriting.rewrite(default_store_path())
    context = Context(settings, default_store_path(), claims_of)
    print(server.welcome(context), end="", flush=True)
    inbox.watch(default_store_path())
except UserError as error:
    sys.exit(str(error))

app = st.App(
    str(ROOT / "pages" / "shell.py"),
    routes=server.routes(context),
    middleware=server.middleware(context, inline_scripts()),
    on_script_error=show_error,
)
