"""Finds a person's names and addresses in running text, whatever their case, accents, order and punctuation."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from echo_metrics.text import fold_name

REMOVED = "[name removed]"
MOST_TOKENS = 4
"""Names of more words are looked for in the order they stand and turned round, not in every order."""


@dataclass(frozen=True)
class Wanted:
    """One name or address to look for: the words that must all be there, and the pattern over the folded text."""

    words: tuple[str, ...]
    pattern: re.Pattern[str]


def wanted(names: Iterable[str], addresses: Iterable[str]) -> list[Wanted]:
    """What to look for. Names of one word are left out: a first name alone is anybody's."""
    found = []
    for name in sorted(set(names)):
        tokens = fold_name(name).split()
        if len(tokens) < 2:
            continue
        few = len(tokens) <= MOST_TOKENS
        orders = list(itertools.permutations(tokens)) if few else [tuple(tokens), tuple(reversed(tokens))]
        choices = "|".join(r"[\W_]+".join(re.escape(t) for t in order) for order in orders)
        found.append(Wanted(tuple(tokens), re.compile(rf"(?<!\w)(?:{choices})(?!\w)")))
    for address in sorted({a.strip() for a in addresses if a.strip()}):
        plain = _plain(address)[0]
        found.append(Wanted((plain,), re.compile(rf"(?<![\w.+-]){re.escape(plain)}(?![\w-])(?!\.\w)")))
    return found


def redact(text: str, what: Iterable[Wanted]) -> str:
    """`text` with every name and address taken out; the same text if there is none.

    >>> redact("Thanks to Zoë Smith-Jones.", wanted(["smith jones zoe"], []))
    'Thanks to [name removed].'
    """
    plain, places = _plain(text)
    spans = sorted(m.span() for w in what for m in w.pattern.finditer(plain))
    kept: list[str] = []
    reached = 0
    for start, stop in spans:
        if places[start] < reached:
            continue  # inside a longer hit
        kept += [text[reached : places[start]], REMOVED]
        reached = places[stop - 1] + 1
        while reached < len(text) and unicodedata.combining(text[reached]):
            reached += 1  # an accent that stands as a character of its own
    return "".join(kept) + text[reached:] if kept else text


def _plain(text: str) -> tuple[str, list[int]]:
    """Lower case without accents, and for each of its characters the place in `text` it comes from."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for letter in unicodedata.normalize("NFKD", character).casefold():
            if not 0x300 <= ord(letter) <= 0x36F:
                letters.append(letter)
                places.append(place)
    return "".join(letters), places
