"""Who is asking, for the data door: looked up anew at every rerun, from the session's cookies or claims."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import streamlit as st

from echo_metrics.access import identity, modes
from echo_metrics.access.identity import Identity
from echo_metrics.access.modes import Mode, Settings
from echo_metrics.demo import default_store_path
from echo_metrics.server.context import Context


def settings() -> Settings:
    """The access settings of this server."""
    return modes.settings(os.environ, {name: st.get_option(name) for name in ("server.address", "server.port")})


def context() -> Context:
    """The settings with the control plane beside the store."""
    return Context(settings(), default_store_path())


def who() -> Identity | None:
    """Who is asking; None for nobody known."""
    chosen = settings()
    if chosen.mode is Mode.LOCAL:
        return identity.LOCAL
    return identity.who(context().control, chosen, st.context.cookies, claims() if chosen.mode is Mode.OIDC else None)


def claims() -> Mapping[str, Any] | None:
    """What the identity provider said of who is signed in there, or None."""
    return st.user.to_dict() if st.user.get("is_logged_in") is True else None
