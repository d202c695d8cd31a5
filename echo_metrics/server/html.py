"""The frame of the server's own pages: plain HTML, no script, one style sheet allowed by its hash."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path

from starlette.responses import HTMLResponse

CSS = Path(__file__).with_name("page.css")


@cache
def style() -> str:
    """The style sheet's text, as it is put into the page."""
    return CSS.read_text(encoding="utf-8")


def policy(*styles: str) -> str:
    """The content security policy of a page of our own that holds exactly these style sheets and no script."""
    hashes = " ".join(f"'sha256-{b64encode(sha256(s.encode()).digest()).decode()}'" for s in styles) or "'none'"
    return (
        f"default-src 'none'; style-src {hashes}; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    )


def page(title: str, body: str, status: int = 200, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    """A page. `body` is HTML whose words the caller escaped; `title` is escaped here."""
    text = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'<title>{escape(title)} - ECHO Metrics</title><link rel="icon" href="data:,"><style>{style()}</style></head>'
        f'<body><main><p class="brand">ECHO Metrics</p><h1>{escape(title)}</h1>{body}</main></body></html>'
    )
    return HTMLResponse(text, status, {**own_headers(style()), **(headers or {})})


def own_headers(*styles: str) -> dict[str, str]:
    """The headers of every page of our own: strict policy, no referrer, kept by no cache."""
    return {
        "Content-Security-Policy": policy(*styles),
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }


def note(words: str) -> str:
    """A paragraph in soft ink."""
    return f'<p class="soft">{escape(words)}</p>'


def problem(words: str) -> str:
    """A refusal above a form, or nothing."""
    return f'<p class="bad" role="alert">{escape(words)}</p>' if words else ""


def field(name: str, label: str, kind: str, autocomplete: str, value: str = "", hint: str = "", extra: str = "") -> str:
    """One labelled input; `extra` is attributes written by the program."""
    told = f' aria-describedby="{name}-hint"' if hint else ""
    below = f'<p class="hint" id="{name}-hint">{escape(hint)}</p>' if hint else ""
    return (
        f'<label for="{name}">{escape(label)}</label><input id="{name}" name="{name}" type="{kind}" required '
        f'autocomplete="{autocomplete}" value="{escape(value)}"{told} {extra}>{below}'
    )


def form(action: str, token: str, fields: str, button: str) -> str:
    """A form that posts to one of our own addresses with its form token."""
    return (
        f'<form method="post" action="{escape(action)}"><input type="hidden" name="form" value="{escape(token)}">'
        f"{fields}<button>{escape(button)}</button></form>"
    )
