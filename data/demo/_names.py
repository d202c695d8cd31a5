"""Invented people: names from syllables, addresses under example.org and example.net, personal codes.

No name list of real people is used. First and last names are syllables put together, so that a reader sees
at once that nobody is meant.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_FIRST_A = (
    "Kal",
    "Lor",
    "Mir",
    "Tev",
    "Sar",
    "Ron",
    "Nev",
    "Vis",
    "Dal",
    "Jor",
    "Elv",
    "And",
    "Bry",
    "Orl",
    "Fen",
)
_FIRST_B = ("ina", "en", "ik", "ora", "ond", "isa", "ert", "eth", "el", "wyn")
_LAST_A = (
    "Tar",
    "Bren",
    "Hol",
    "Quil",
    "Mard",
    "Fost",
    "Osk",
    "Wend",
    "Derr",
    "Ash",
    "Stav",
    "Lund",
    "Pell",
    "Zim",
)
_LAST_B = ("vell", "moor", "gate", "stead", "ridge", "holt", "aby", "ster", "field", "wick", "ora", "enko")
_TOWNS = ("VIC", "NAN", "KEL", "COU", "PRG", "TOF", "SQU", "KAM", "DUN", "OLI", "BEL", "HOP")
_ORGANISATIONS = (
    "Tidewater Hospice (synthetic)",
    "Cedar Inlet Health (synthetic)",
    "North Arm Community Services (synthetic)",
    "Saltspring Ridge Hospital (synthetic)",
    "Grey Heron Care (synthetic)",
    "Two Rivers Clinic (synthetic)",
)


@dataclass(frozen=True)
class Person:
    """One invented person.

    `discipline` is a key of disciplines.toml, `code` the self-generated code that the person types into
    session forms.
    """

    first: str
    last: str
    email: str
    discipline: str
    organisation: str
    setting: str
    code: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"


def plain(text: str) -> str:
    """Return `text` without accents: how people type their own names when in a hurry."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def normalised(code: str) -> str:
    """Return a code for comparing: capitals, letters and digits only, O is 0, I and L are 1."""
    kept = "".join(c for c in code.upper() if c.isalnum())
    return kept.translate(str.maketrans("OIL", "011"))


class Census:
    """Gives out names and codes, each once; codes keep their distance from those already `taken`."""

    def __init__(self, seed: str, taken: Iterable[str] = ()) -> None:
        self._rng = random.Random(f"{seed}|census")
        self._names = self._name_stream()
        self._codes: list[str] = list(taken)

    def _name_stream(self) -> Iterator[tuple[str, str]]:
        firsts = [a + b for a in _FIRST_A for b in _FIRST_B]
        lasts = [a + b for a in _LAST_A for b in _LAST_B]
        pairs = [(f, n) for f in firsts for n in lasts]
        self._rng.shuffle(pairs)
        for number, (first, last) in enumerate(pairs):
            # Every ninth first name is written with accents, to be folded when names are compared.
            yield (first.replace("e", "é").replace("o", "ö") if number % 9 == 4 else first), last

    def code(self) -> str:
        """Return a new code, at least two characters away from every other (so no near miss is a match)."""
        while True:
            letters = "".join(self._rng.choice("ABCDEGHIJKLMNOPRSTW") for _ in range(2))
            code = f"{letters}-{self._rng.randint(1, 28):02d}-{self._rng.choice(_TOWNS)}"
            mine = normalised(code)
            if all(sum(a != b for a, b in zip(mine, normalised(c), strict=True)) >= 2 for c in self._codes):
                self._codes.append(code)
                return code

    def name(self) -> tuple[str, str]:
        """Return a first and last name that nobody else has."""
        return next(self._names)

    def person(self, discipline: str, settings: tuple[str, ...]) -> Person:
        """Return a new person of `discipline`."""
        first, last = self.name()
        domain = self._rng.choice(("example.org", "example.org", "example.net"))
        return Person(
            first=first,
            last=last,
            email=f"{plain(first)}.{last}@{domain}".lower(),
            discipline=discipline,
            organisation=self._rng.choice(_ORGANISATIONS),
            setting=self._rng.choice(settings),
            code=self.code(),
        )
