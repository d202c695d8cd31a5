"""Bodies of requests: small everywhere but on Streamlit's upload route, which has a limit of its own."""

from __future__ import annotations

from typing import Any

from starlette.responses import PlainTextResponse

from echo_metrics.server.context import Scope

LARGEST_BODY = 64 * 1024
UPLOADS = "/_stcore/upload_file/"
TOO_LARGE = "This request is too large."
_NO_BODY = frozenset({"GET", "HEAD", "OPTIONS"})


class BodyLimit:
    """ASGI middleware: reads a body up to the limit and hands it on whole, or answers 413."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Check one request."""
        if scope["type"] != "http" or scope["path"].startswith(UPLOADS):
            await self._app(scope, receive, send)
            return
        limit = 0 if scope["method"] in _NO_BODY else LARGEST_BODY
        told = [v for k, v in scope.get("headers") or [] if k.lower() == b"content-length"]
        if any(not v.isdigit() or len(v) > 12 or int(v) > max(limit, LARGEST_BODY) for v in told):
            await PlainTextResponse(TOO_LARGE, 413)(scope, receive, send)
            return
        if not limit:
            await self._app(scope, receive, send)
            return
        body, more = bytearray(), True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > limit:
                await PlainTextResponse(TOO_LARGE, 413)(scope, receive, send)
                return
        waiting = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def replay() -> Any:
            return waiting.pop() if waiting else await receive()

        await self._app(scope, replay, send)
