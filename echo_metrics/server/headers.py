"""Security headers on every response; what a page of our own has set stricter stays."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import MutableHeaders

from echo_metrics.server.context import Scope

PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"
NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""For answers that are no page."""


def streamlit_policy(script_hashes: tuple[str, ...] = ()) -> str:
    """What Streamlit's pages need, and no more: its own files, styles set by script, pictures drawn in the page.

    `script_hashes` allow the inline scripts of its index page, as CSP source expressions.
    """
    scripts = " ".join(("'self'", *script_hashes))
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )


class SecurityHeaders:
    """ASGI middleware that adds the headers which a response lacks."""

    def __init__(self, app: Any, secure: bool = False, script_hashes: tuple[str, ...] = ()) -> None:
        self._app = app
        self._page = streamlit_policy(script_hashes)
        self._always = {
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "X-Robots-Tag": "noindex, nofollow",
            "Permissions-Policy": PERMISSIONS,
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        if secure:
            self._always["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Pass one request on and add to its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                for name, value in self._always.items():
                    headers.setdefault(name, value)
                is_page = headers.get("content-type", "").startswith("text/html")
                # A "not modified" has no type of its own, and its headers replace those of the page that is kept.
                if message["status"] != 304:
                    headers.setdefault("Content-Security-Policy", self._page if is_page else NOTHING)
            await send(message)

        await self._app(scope, receive, sending)
