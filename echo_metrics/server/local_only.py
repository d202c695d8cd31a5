"""`local` mode serves the person at this computer and nobody else.

There is no sign-in in this mode, so a request that came through a proxy or under another host name is refused: a page
on the internet could otherwise make this computer's browser talk to it (DNS rebinding), or a tunnel publish it.
"""

from __future__ import annotations

import re
from typing import Any

from starlette.responses import PlainTextResponse

from echo_metrics.access.modes import is_loopback

REFUSAL = (
    "ECHO Metrics runs in local mode: it answers only to this computer, at http://127.0.0.1 or http://localhost, and "
    "not through a proxy or under another name."
)
_FORWARDED = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip", b"via"})


class LocalOnly:
    """ASGI middleware: passes on requests of this computer, refuses all others with one sentence."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Check one request or WebSocket."""
        if scope["type"] not in ("http", "websocket") or self._allowed(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse(REFUSAL, status_code=403)(scope, receive, send)

    @staticmethod
    def _allowed(scope: dict[str, Any]) -> bool:
        headers: list[tuple[bytes, bytes]] = scope.get("headers") or []
        if any(name.lower() in _FORWARDED for name, _ in headers):
            return False
        client = scope.get("client")
        if client is not None and not is_loopback(client[0]):
            return False
        hosts = [value.decode("latin-1") for name, value in headers if name.lower() == b"host"]
        return len(hosts) == 1 and is_loopback(without_port(hosts[0]))


_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?")


def without_port(host: str) -> str:
    """The host of a Host header; '' for what is no host, so that nothing odd passes for a known one."""
    found = _HOST.fullmatch(host)
    return found[1] if found else ""
