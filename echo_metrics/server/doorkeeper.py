"""The doorkeeper of accounts and oidc: nobody unknown gets past it, to a page, a file or the WebSocket.

Closed unless opened: an address that is not listed here needs a session.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse

from echo_metrics.access.modes import Mode, is_loopback
from echo_metrics.server.context import Context, Cookies, Scope
from echo_metrics.server.local_only import without_port

OPEN = frozenset({"/healthz", "/sign-in"})
OPEN_BELOW = ("/s/", "/shared")
"""What a share link opens; these addresses have their own checks."""
ONE_TIME = re.compile(r"/(setup|invite)/[^/]+")
EXPLORE = "/explore"
"""The screen of a share link."""
LINK_BELOW = ("/static/", "/media/", "/component/", "/_stcore/bidi-components/")
LINK = frozenset({"/_stcore/stream", "/_stcore/health", "/_stcore/host-config", "/favicon.png"})
"""What Streamlit's page needs; holders of a share link get no more, and only to read."""
OIDC_OPEN = frozenset({"/", "/auth/login", "/auth/logout", "/oauth2callback", *LINK})
"""In oidc mode the script draws the sign-in, so Streamlit's own page opens for everybody; the door shows no more."""
READING = frozenset({"GET", "HEAD"})
WRONG_HOST = "This address is not one that ECHO Metrics answers to."
SIGN_IN_FIRST = "Sign in first."


def _nobody(cookies: Cookies) -> bool:
    return False


class Doorkeeper:
    """ASGI middleware. `link_holder` says whether cookies hold a share link that is good now."""

    def __init__(self, app: Any, context: Context, link_holder: Callable[[Cookies], bool] = _nobody) -> None:
        self._app = app
        self._context = context
        self._link_holder = link_holder

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Check one request or WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        foreign = scope["type"] == "websocket" and not self._own_origin(scope)
        if foreign or not self._known_host(scope):
            await self._refuse(scope, receive, send, PlainTextResponse(WRONG_HOST, 403))
        elif self._open(scope) or await run_in_threadpool(self._may_pass, scope):
            await self._app(scope, receive, send)
        else:
            await self._refuse(scope, receive, send, self._to_the_sign_in(scope))

    def _may_pass(self, scope: Scope) -> bool:
        cookies = HTTPConnection(scope).cookies
        if self._context.session_of(cookies) is not None:
            return True
        path = scope["path"]
        for_links = path == EXPLORE or path in LINK or path.startswith(LINK_BELOW)
        return for_links and scope.get("method", "GET") in READING and self._link_holder(cookies)

    def _open(self, scope: Scope) -> bool:
        path = scope["path"]
        method = scope.get("method", "GET")
        ours = path in OPEN or path.startswith(OPEN_BELOW) or ONE_TIME.fullmatch(path) is not None
        if scope["type"] == "http" and ours and (method in READING or (method == "POST" and path != "/healthz")):
            return True
        if self._context.settings.mode is not Mode.OIDC:
            return False
        return (path in OIDC_OPEN or path.startswith("/static/")) and method in READING

    def _known_host(self, scope: Scope) -> bool:
        hosts = [v.decode("latin-1").casefold() for k, v in scope.get("headers") or [] if k.lower() == b"host"]
        if len(hosts) != 1:
            return False
        chosen = self._context.settings
        if chosen.public_host and hosts[0] == chosen.public_host:
            return True
        return chosen.on_loopback and is_loopback(without_port(hosts[0]))

    def _own_origin(self, scope: Scope) -> bool:
        told = [v.decode("latin-1").casefold() for k, v in scope.get("headers") or [] if k.lower() == b"origin"]
        return not told or (len(told) == 1 and told[0] in self._context.origins())

    def _to_the_sign_in(self, scope: Scope) -> Any:
        accepts = b",".join(v for k, v in scope.get("headers") or [] if k.lower() == b"accept")
        if scope.get("method") in READING and b"text/html" in accepts:
            where = "/" if self._context.settings.mode is Mode.OIDC else "/sign-in"
            return RedirectResponse(where, 303, {"Cache-Control": "no-store"})
        return PlainTextResponse(SIGN_IN_FIRST, 401, {"Cache-Control": "no-store"})

    @staticmethod
    async def _refuse(scope: Scope, receive: Any, send: Any, response: Any) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await response(scope, receive, send)
