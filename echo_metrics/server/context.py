"""What every route needs: the settings, the control plane, who is asking and from where."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.requests import HTTPConnection

from echo_metrics.access import identity
from echo_metrics.access.identity import Identity
from echo_metrics.access.modes import Mode, Settings, is_loopback
from echo_metrics.access.sessions import Session
from echo_metrics.store import Control, control_path

Scope = MutableMapping[str, Any]
Cookies = Mapping[str, str]


def _no_claims(cookies: Cookies) -> Mapping[str, Any] | None:
    return None


@dataclass(frozen=True)
class Context:
    """One server. `claims_of` reads the identity provider's claims from Streamlit's signed cookie."""

    settings: Settings
    store: Path
    claims_of: Callable[[Cookies], Mapping[str, Any] | None] = _no_claims

    @property
    def control(self) -> Control:
        """The control plane beside the store; one in the process."""
        return Control.at(control_path(self.store))

    def viewer_of(self, request: HTTPConnection) -> Identity | None:
        """Who is asking, looked up anew at every request; None for nobody known."""
        if self.settings.mode is Mode.LOCAL:
            return identity.LOCAL
        return identity.who(self.control, self.settings, request.cookies, self._claims(request.cookies))

    def session_of(self, cookies: Cookies) -> Session | None:
        """The open session behind these cookies, or None."""
        return identity.session_of(self.control, self.settings, cookies, self._claims(cookies))

    def client_of(self, scope: Scope) -> str:
        """The visitor's address: the connection's, or what the trusted proxy says of it."""
        host, port = scope.get("client") or ("", 0)
        if port == 0 and host:
            # The web server replaced the address by a forwarded one, which it does for this computer's connections.
            return host if is_loopback(self.settings.trusted_proxy or "none") else "127.0.0.1"
        if host and host == self.settings.trusted_proxy:
            told = [v for k, v in scope.get("headers") or [] if k.lower() == b"x-forwarded-for"]
            last = b",".join(told).decode("latin-1").rpartition(",")[2].strip()
            return last[:60] or host
        return host

    def origins(self) -> frozenset[str]:
        """The origins that a form or a WebSocket may come from."""
        chosen = self.settings
        found = {chosen.public_url} if chosen.public_url else set()
        if chosen.on_loopback:
            found |= {f"http://{host}:{chosen.port}" for host in ("localhost", "127.0.0.1", "[::1]")}
        return frozenset(found)

    def _claims(self, cookies: Cookies) -> Mapping[str, Any] | None:
        return self.claims_of(cookies) if self.settings.mode is Mode.OIDC else None
