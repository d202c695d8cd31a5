"""Words for elements that read Markdown."""

from __future__ import annotations

from html import escape


def plain(words: str) -> str:
    """Words as they stand: file names must not turn into formatting."""
    return "".join(
        f"\\{c}" if c in "\\`*_{}[]()#+-!|~<>$:" else c for c in escape(words, quote=False).replace("&amp;", "&")
    )
