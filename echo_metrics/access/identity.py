"""The seam: cookies or an identity provider's claims in, who is asking out. Asked anew at every rerun."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from echo_metrics.access import sessions
from echo_metrics.access.modes import Mode, Settings
from echo_metrics.access.sessions import Session
from echo_metrics.store import Control
from echo_metrics.terms import Role


@dataclass(frozen=True)
class Identity:
    """Who is asking. `network_keys` is None for all networks; `account` is '' in local mode."""

    account: str
    role: Role
    name: str
    network_keys: frozenset[str] | None
    row_level: bool


LOCAL = Identity("", Role.OWNER, "owner", None, True)
"""Whoever sits at this computer."""


def session_cookie(settings: Settings) -> str:
    """The name of the session cookie; behind TLS its prefix binds it to this host."""
    return "__Host-echo_session" if settings.secure else "echo_session"


def who(
    control: Control, settings: Settings, cookies: Mapping[str, str], claims: Mapping[str, Any] | None = None
) -> Identity | None:
    """Who is asking, or None for nobody known. In accounts mode the cookie says, in oidc mode the claims."""
    if settings.mode is Mode.LOCAL:
        return LOCAL
    found = session_of(control, settings, cookies, claims)
    if found is None:
        return None
    account = found.account
    networks = None if account.networks is None else frozenset(account.networks)
    return Identity(account.id, account.role, account.shown, networks, account.row_level)


def session_of(
    control: Control, settings: Settings, cookies: Mapping[str, str], claims: Mapping[str, Any] | None = None
) -> Session | None:
    """The open session behind a request, or None."""
    if settings.mode is Mode.ACCOUNTS:
        return sessions.find(control, settings, cookies.get(session_cookie(settings), ""))
    if settings.mode is Mode.OIDC:
        return sessions.find_for_claims(control, settings, claims)
    return None
