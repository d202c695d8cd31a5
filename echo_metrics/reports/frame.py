"""The frame of pages without script: head, safety policy, own style. Words are escaped in `text` only."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from html import escape
from pathlib import Path

from echo_metrics.errors import UserError

FORM_TOKEN = "form"
"""Name of the hidden field that holds a form's own token."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PATH = re.compile(r"/(?![/\\])[^\s\\]*")
_CONTROL = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(words: object) -> str:
    """Escape words for HTML, inside elements and quoted attributes alike; control characters are dropped."""
    return escape(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(words)))


def day(when: date) -> str:
    """A date as a reader says it, in any locale.

    >>> day(date(2026, 9, 30))
    '30 Sep 2026'
    """
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


def path(address: str) -> str:
    """An address on this server, escaped. Raises `UserError` for any other: pages name no other place."""
    if not _PATH.fullmatch(address):
        raise UserError(f"A shared page links to addresses on its own server only, not to {address!r}.")
    return text(address)


@lru_cache(maxsize=8)
def sheet(*files: str) -> str:
    """The joined style sheets of this folder."""
    return "\n".join((Path(__file__).parent / name).read_text(encoding="utf-8") for name in files)


def content_policy(style: str, *, forms: bool) -> str:
    """The Content-Security-Policy of a page with this one style element: no script, no frame, nothing from outside."""
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    action = "'self'" if forms else "'none'"
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action {action}"


def document(title: str, body: Iterable[str], style: str, *, policy: str = "") -> str:
    """A whole page. With `policy` it carries its own safety policy, for a page that no server sends."""
    safe = f'<meta http-equiv="Content-Security-Policy" content="{text(policy)}">' if policy else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'{safe}<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex, nofollow, noarchive"><meta name="referrer" content="no-referrer">'
        '<meta name="format-detection" content="telephone=no">'
        f"<title>{text(title)}</title><style>{style}</style></head>\n<body>{''.join(body)}</body></html>\n"
    )
