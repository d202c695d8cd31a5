"""Who is who in a meeting: the automatic matching steps. What stays doubtful waits in the review queue."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import JaroWinkler

from echo_metrics.ingest.people import People
from echo_metrics.text import fold, fold_name

_BOT = re.compile(
    r"\b(read\.ai|otter(\.ai|pilot)?|fireflies|fathom|copilot|notetaker|note taker|meeting notes|recorder)\b", re.I
)
_PHONE = re.compile(r"^\+?\d[\d*\-\s().]{5,}$")
_DEVICE = re.compile(r"^(iphone|ipad|galaxy|android|samsung|pixel|huawei|sm-\w+|desktop-\w+)\b", re.I)
ALIKE = 0.92
"""Jaro-Winkler likeness from which two names are offered for review (never joined)."""


@dataclass(frozen=True)
class Shown:
    """One connection as it is known in the store: names in clear, the address as its keyed hash."""

    connection_id: int
    row: int
    display_name: str
    original_name: str
    email_key: str

    @property
    def full_name(self) -> str:
        """The name to know somebody by: the original one, unless its bracket held one word (a place, a credential)."""
        return self.original_name if len(fold_name(self.original_name).split()) > 1 else self.display_name


@dataclass(frozen=True)
class Identity:
    """What became of one connection's name: a person, or a kind that is no person, and how it was decided."""

    person_id: int | None
    kind: str
    method: str


@dataclass(frozen=True)
class Enrolled:
    """One enrolled person of a cohort by folded name."""

    person_id: int
    folded_name: str
    email_key: str | None


@dataclass(frozen=True)
class Doubt:
    """A doubtful name beside an enrolled person whom it may mean."""

    shown: str
    person_id: int | None
    candidate_id: int
    method: str
    score: float


def kind_of(display_name: str) -> str:
    """Return `bot`, `phone`, `device` or `person` for a name shown in a meeting."""
    if _BOT.search(display_name):
        return "bot"
    if _PHONE.match(display_name):
        return "phone"
    if _DEVICE.match(display_name):
        return "device"
    return "person"


class MeetingMatcher:
    """Matches the connections of one meeting against the people enrolled in its cohorts."""

    def __init__(self, people: People, network_id: int, enrolled: Sequence[Enrolled]) -> None:
        self._people = people
        self._network_id = network_id
        self._enrolled = enrolled
        self.doubts: list[Doubt] = []

    def match(self, rows: Sequence[Shown]) -> list[Identity]:
        """Return one identity per connection, in order. Guests become people of their own; doubts are collected."""
        sure = [self._sure(c) for c in rows]
        # Names that were matched in this meeting, as they were shown and as they were before a rename. The same name
        # on another connection of the meeting means the same person: a rename without its bracket, or a phone.
        known: dict[str, set[int]] = {}
        for row, identity in zip(rows, sure, strict=True):
            if identity is not None and identity.person_id is not None:
                names = [row.original_name]
                if row.original_name or len(fold_name(row.display_name).split()) > 1:
                    names.append(row.display_name)
                for name in names:
                    known.setdefault(fold_name(name), set()).add(identity.person_id)
        return [identity or self._chained(c, known) or self._unknown(c) for c, identity in zip(rows, sure, strict=True)]

    def _sure(self, row: Shown) -> Identity | None:
        kind = kind_of(row.display_name)
        if kind in ("bot", "phone"):
            return Identity(None, kind, kind)
        person = self._people.find_key("email", row.email_key)
        if person is not None:
            return Identity(person, "person", "e-mail")
        if kind == "device":
            return None  # a device's name never matches by itself
        for name in (row.original_name, row.display_name):
            found = self._by_name(name, row.email_key)
            if found is not None:
                return Identity(found, "person", "name")
        return None

    def _by_name(self, name: str, email_key: str) -> int | None:
        folded = fold_name(name)
        if len(folded.split()) < 2:
            return None  # single tokens never match by themselves
        same = {e.person_id: e for e in self._enrolled if e.folded_name == folded}
        if len(same) != 1:
            return None
        (enrolled,) = same.values()
        conflict = email_key and enrolled.email_key and enrolled.email_key != email_key
        return None if conflict else enrolled.person_id

    def _chained(self, row: Shown, known: dict[str, set[int]]) -> Identity | None:
        """In this meeting, and only here, the name stands for somebody who was matched already."""
        device = kind_of(row.display_name) == "device"
        name = row.original_name if device or row.original_name else row.display_name
        people = known.get(fold_name(name), set()) if name else set()
        if len(people) != 1 or (not device and row.email_key):
            return None
        return Identity(next(iter(people)), "person", "same name in this meeting")

    def _unknown(self, row: Shown) -> Identity:
        if kind_of(row.display_name) == "device":
            self._offer(row, None, "device name")
            return Identity(None, "device", "device")
        return self._guest(row)

    def _guest(self, row: Shown) -> Identity:
        """A person whom nobody enrolled: known again by e-mail, or by name within the network."""
        name = fold_name(row.full_name) or fold(row.display_name)
        kind, key = "email", row.email_key
        if not key:
            kind, key = "guest_name", self._people.key("guest_name", f"{self._network_id}:{name}")
        person = self._people.find_key(kind, key)
        if person is None:
            person = self._people.new()
            self._people.identify_key(person, kind, key, row.row, row.full_name)
        self._offer(row, person, "")
        return Identity(person, "person", "guest")

    def _offer(self, row: Shown, person: int | None, method: str) -> None:
        """Put the likeliest enrolled people beside a doubtful name into the queue."""
        folded = fold_name(row.full_name)
        tokens = set(folded.split())
        for enrolled in self._enrolled:
            score = JaroWinkler.similarity(folded, enrolled.folded_name)
            theirs = set(enrolled.folded_name.split())
            how = method
            if not how and score >= ALIKE:
                how = "similar name"
            if not how and tokens and (tokens < theirs or theirs < tokens):
                how = "part of the name"
            if not how and tokens & theirs and _initials_fit(tokens - theirs, theirs - tokens):
                how = "initials or nickname"
            if how and (method == "" or tokens & theirs):
                self.doubts.append(Doubt(row.full_name, person, enrolled.person_id, how, round(score, 3)))


def _initials_fit(mine: set[str], theirs: set[str]) -> bool:
    """Whether what differs begins alike: `sam` and `samantha`, or an initial."""
    return bool(mine) and all(any(t.startswith(m) or m.startswith(t) for t in theirs) for m in mine)
