"""Who is who in a meeting: the automatic matching steps. What stays doubtful waits in the review queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import JaroWinkler

from echo_metrics.ingest.naming import Decided, kind_of, may_be_room, subject_of
from echo_metrics.ingest.people import People
from echo_metrics.text import fold, fold_name

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
    shared_address: bool | None = False
    """Whether the address is a place's: it then joins nobody."""

    @property
    def personal_key(self) -> str:
        """The hash of a person's own address, or ''."""
        return "" if self.shared_address else self.email_key

    @property
    def full_name(self) -> str:
        """The name to know somebody by: the original one, unless its bracket held one word (a place, a credential)."""
        return self.original_name if len(fold_name(self.original_name).split()) > 1 else self.display_name

    @property
    def subject(self) -> str:
        """The name as decisions are kept under it."""
        return subject_of(self.full_name)


@dataclass(frozen=True)
class Identity:
    """What became of one connection's name: a person, or a kind that is no person, and how it was decided."""

    person_id: int | None
    kind: str
    method: str
    heads: int | None = None
    """People before a shared camera; None where the connection is one person's or nobody's."""


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
    candidate_id: int | None
    """None where the name may be a shared room rather than somebody."""
    method: str
    score: float


class MeetingMatcher:
    """Matches the connections of one meeting against the people enrolled in its cohorts."""

    def __init__(
        self,
        people: People,
        network_id: int,
        meeting_id: int,
        enrolled: Sequence[Enrolled],
        decided: Decided,
        merged: Mapping[int, int],
    ) -> None:
        self._people = people
        self._network_id = network_id
        self._meeting_id = meeting_id
        self._enrolled = enrolled
        self._decided = decided
        self._merged = merged
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
        subject, kind = row.subject, kind_of(row.display_name)
        heads = self._decided.heads(subject, self._meeting_id)
        if heads is not None:
            return Identity(None, "room", "decided", heads)
        person = self._find("email", row.personal_key)
        if person is not None and (subject, person) not in self._decided.refused:
            return Identity(person, "person", "e-mail")
        if subject in self._decided.people:
            return Identity(self._remaining(self._decided.people[subject]), "person", "decided")
        if kind in ("bot", "phone"):
            return Identity(None, kind, kind)
        if kind == "device":
            return None  # a device's name never matches by itself
        for name in (row.original_name, row.display_name):
            found = self._by_name(name, row.personal_key)
            if found is not None:
                return Identity(found, "person", "name")
        return None

    def _by_name(self, name: str, email_key: str) -> int | None:
        folded = fold_name(name)
        if len(folded.split()) < 2:
            return None  # single tokens never match by themselves
        same = {
            e.person_id: e
            for e in self._enrolled
            if e.folded_name == folded and (folded, e.person_id) not in self._decided.refused
        }
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
        if len(people) != 1 or (not device and row.personal_key):
            return None
        (person,) = people
        if (row.subject, person) in self._decided.refused:
            return None
        return Identity(person, "person", "same name in this meeting")

    def _unknown(self, row: Shown) -> Identity:
        if kind_of(row.display_name) == "device":
            self._offer(row, None, "device name")
            return Identity(None, "device", "device")
        return self._guest(row)

    def _guest(self, row: Shown) -> Identity:
        """A person whom nobody enrolled: known again by e-mail, or by name within the network."""
        name = fold_name(row.full_name) or fold(row.display_name)
        kind, key = "email", row.personal_key
        if not key:
            kind, key = "guest_name", self._people.key("guest_name", f"{self._network_id}:{name}")
        person = self._find(kind, key)
        if person is not None and (row.subject, person) in self._decided.refused:
            # The address is somebody else's: this name is a guest of its own.
            kind, key = "guest_name", self._people.key("guest_name", f"{self._network_id}:{name}")
            person = self._find(kind, key)
        if person is None:
            person = self._people.new()
            self._people.identify_key(person, kind, key, row.row, row.full_name)
        self._offer(row, person, "")
        return Identity(person, "person", "guest")

    def _find(self, kind: str, key: str) -> int | None:
        """The person whose identifier this is, as merges have it."""
        person = self._people.find_key(kind, key)
        return None if person is None else self._remaining(person)

    def _remaining(self, person: int) -> int:
        return self._merged.get(person, person)

    def _offer(self, row: Shown, person: int | None, method: str) -> None:
        """Put the likeliest enrolled people beside a doubtful name into the queue."""
        if row.subject in self._decided.guests:
            return
        folded = fold_name(row.full_name)
        tokens = set(folded.split())
        if may_be_room(row.full_name) or row.shared_address:
            how = "an address that several share" if row.shared_address else "reads like a room"
            self.doubts.append(Doubt(row.full_name, person, None, how, 0.0))
        for enrolled in self._enrolled:
            if (row.subject, enrolled.person_id) in self._decided.refused:
                continue
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
