"""The server's routes and middleware around a stand-in for Streamlit, and a browser that talks to them directly."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx2 as httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from echo_metrics.access.modes import Settings
from echo_metrics.server import app as server
from echo_metrics.server.context import Context

INSIDE = "behind the door"
"""What the stand-in answers: a signed-out visitor must never read it."""
FORM_TOKEN = re.compile(r'name="form" value="([0-9a-f]+)"')


def build(
    store: Path,
    settings: Settings,
    claims_of: Callable[[Mapping[str, str]], Mapping[str, Any] | None] | None = None,
    link_holder: Callable[[Mapping[str, str]], bool] | None = None,
) -> tuple[Starlette, Context]:
    """The app as dashboard.py puts it together, with a page in Streamlit's place."""
    context = Context(settings, store, claims_of) if claims_of else Context(settings, store)

    async def inside(request: Request) -> Response:
        body = await request.body()
        return HTMLResponse(f"{INSIDE} {len(body)}") if request.method == "GET" else PlainTextResponse(INSIDE)

    async def stream(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(INSIDE)
        await socket.close()

    streamlit = [
        WebSocketRoute("/_stcore/stream", stream),
        Route("/{path:path}", inside, methods=["GET", "POST", "PUT", "DELETE"]),
    ]
    routes = [*server.routes(context), *streamlit]
    return Starlette(routes=routes, middleware=server.middleware(context, link_holder=link_holder)), context


T = TypeVar("T")


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in a thread of its own: where a browser was opened before, this one has a running event loop."""
    with ThreadPoolExecutor(1) as one:
        return one.submit(asyncio.run, work).result()


@dataclass
class Visitor:
    """A browser: keeps cookies, sends the headers that a browser sends, follows nothing by itself."""

    app: Any
    base: str = "http://localhost:8501"
    address: str = "127.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        """One request; cookies that the answer sets are kept."""
        return wait_for(self._ask(method, path, **given))

    async def _ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app, client=(self.address, 50_000))
        headers = {"accept": "text/html", **given.pop("headers", {})}
        if self.cookies and "cookie" not in headers:
            headers["cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        async with httpx.AsyncClient(transport=transport, base_url=self.base) as client:
            reply = await client.request(method, path, headers=headers, **given)
        for line in reply.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0].strip('"')
            if "Max-Age=0" in line:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return reply

    def get(self, path: str, **given: Any) -> httpx.Response:
        """Open an address."""
        return self.ask("GET", path, **given)

    def post(self, path: str, fields: Mapping[str, str], **given: Any) -> httpx.Response:
        """Send a form as our own pages send it."""
        headers = {"sec-fetch-site": "same-origin", "origin": "null", **given.pop("headers", {})}
        return self.ask("POST", path, data=dict(fields), headers=headers, **given)

    def fill(self, path: str, fields: Mapping[str, str], **given: Any) -> httpx.Response:
        """Open a form, fill it in and send it."""
        page = self.get(path)
        found = FORM_TOKEN.search(page.text)
        assert found, f"{path} shows no form: {page.status_code} {page.text[:200]}"
        return self.post(path, {"form": found[1], **fields}, **given)

    def socket(self, path: str = "/_stcore/stream", headers: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """Knock at the WebSocket; the messages that came back."""
        sent: list[dict[str, Any]] = []
        told = {"host": self.base.partition("//")[2], **(headers or {})}
        if self.cookies and "cookie" not in told:
            told["cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        scope = {
            "type": "websocket", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
            "headers": [(k.encode(), v.encode("latin-1")) for k, v in told.items()], "subprotocols": [],
            "client": (self.address, 50_000), "server": ("localhost", 8501), "scheme": "ws",
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            return {"type": "websocket.connect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        wait_for(self.app(scope, receive, send))
        return sent


def straight(app: Any, path: str) -> tuple[int, bytes]:
    """GET a path as it is, without a client that would refuse to send it: status and body."""
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": b"", "query_string": b"", "root_path": "",
        "headers": [(b"host", b"localhost:8501"), (b"accept", b"text/html")], "client": ("127.0.0.1", 50_000),
        "server": ("localhost", 8501), "scheme": "http", "http_version": "1.1",
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    wait_for(app(scope, receive, send))
    return sent[0]["status"], b"".join(m.get("body", b"") for m in sent[1:])
