"""Folding: how two spellings of one thing are made comparable. Folded text is never shown."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

_BRACKETS = re.compile(r"[\(\[（【].*?[\)\]）】]")
_NOT_WORD = re.compile(r"[^\w]+")
_HTML = re.compile(r"<[^>]{0,2000}>")
_HTML_TAG = re.compile(r"<[^>]{1,80}>")


_LONG = 4_000
"""Longer texts are folded anew each time: a file of huge cells must not fill the memory of folded headings."""


def fold(text: str) -> str:
    """Return `text` in lower case without accents, punctuation, HTML tags, full-width forms or surplus spaces.

    >>> fold("  E-Mail\\u00a0Address: ")
    'e mail address'
    >>> fold("所要時間（分）")
    '所要時間 分'
    """
    return _fold(text) if len(text) <= _LONG else _fold.__wrapped__(text)


# Headings and labels come again in every row; a bounded memory of them makes imports half as long.
@lru_cache(maxsize=32_768)
def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", _HTML_TAG.sub(" ", text))
    # Only Latin-style accents are dropped; NFC puts kana with voicing marks together again.
    plain = unicodedata.normalize("NFC", "".join(c for c in plain if not 0x300 <= ord(c) <= 0x36F))
    return _NOT_WORD.sub(" ", plain.casefold().replace("_", " ")).strip()


def without_html(text: object) -> str:
    """A label without HTML tags, entities and surplus blanks; None counts as blank.

    >>> without_html("<p>Fit&nbsp;for <b>work</b></p>")
    'Fit for work'
    """
    return " ".join(html.unescape(_HTML.sub(" ", str(text or ""))).split())


def fold_name(name: str) -> str:
    """Return a person's name folded for matching: no brackets, credentials or punctuation, tokens sorted.

    `Smith, Jane MD` and `jane smith` fold alike; so do `Jane Smith (she/her)` and `Jane Smith, RSW`.

    >>> fold_name("Smith, Jane MD") == fold_name("jane  SMITH")
    True
    """
    return _fold_name(name) if len(name) <= _LONG else _fold_name.__wrapped__(name)


@lru_cache(maxsize=32_768)
def _fold_name(name: str) -> str:
    bare = _BRACKETS.sub(" ", name)
    tokens = [t for t in fold(bare).split() if t not in CREDENTIALS]
    return " ".join(sorted(tokens))


_CREDENTIAL_WORDS = (
    "md do rn np lpn rpn bsn msn dnp phd msc bsc ba ma med mph msw bsw rsw lcsw lmsw rcc ccc mdiv pharmd rph bscpharm "
    "pt ot rpt slp frcpc ccfp pgdip dr mr mrs ms mx prof rev she her he him they them hers his theirs"
)
CREDENTIALS = frozenset(_CREDENTIAL_WORDS.split())
"""Titles, credentials and pronouns that people add to their meeting names. Short and unambiguous ones only: dropping
a real surname would join two people."""


def normalise_code(code: str) -> str:
    """Return a self-generated code with case, separators, diacritics and look-alikes (O/0, I and L/1) made equal.

    >>> normalise_code("ma-14-vic") == normalise_code("MA 14 V1C")
    True
    """
    letters = fold(code).replace(" ", "").upper()
    return letters.translate(str.maketrans("OIL", "011"))


_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20", "|", "%")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?%?")


def spreadsheet_safe(cell: str) -> str:
    """Return `cell` so that no spreadsheet runs it as a formula: an apostrophe before what could be one.

    Plain numbers stay as they are; a space before the sign does not hide it.

    >>> spreadsheet_safe("=HYPERLINK(A1)"), spreadsheet_safe("-1.5"), spreadsheet_safe("-1+cmd")
    ("'=HYPERLINK(A1)", '-1.5', "'-1+cmd")
    """
    bare = cell.lstrip(" \u00a0\ufeff\u200b")
    risky = bare.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(bare)
    return f"'{cell}" if risky else cell
