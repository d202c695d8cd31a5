"""Who is who: the automatic matching steps. What stays doubtful waits in the review queue; nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rapidfuzz.distance import JaroWinkler

from echo_metrics.ingest.records import Connection
from echo_metrics.store import Writer
from echo_metrics.text import fold, fold_name

_BOT = re.compile(
    r"\b(read\.ai|otter(\.ai|pilot)?|fireflies|fathom|copilot|notetaker|note taker|meeting notes|recorder)\b",
    re.I,
)
_PHONE = re.compile(r"^\+?\d[\d*\-\s().]{5,}$")
_DEVICE = re.compile(r"^(iphone|ipad|galaxy|android|samsung|pixel|huawei|sm-\w+|desktop-\w+)\b", re.I)
ALIKE = 0.92
"""Jaro-Winkler likeness from which two names are offered for review (never joined)."""

Hash = Callable[[str, str], str]


@dataclass(frozen=True)
class Identity:
    """What became of one connection's name: a person, or a kind that is no person, and how it was decided."""

    person_id: int | None
    kind: str
    method: str


def kind_of(display_name: str) -> str:
    """Return `bot`, `phone`, `device` or `person` for a name shown in a meeting."""
    if _BOT.search(display_name):
        return "bot"
    if _PHONE.match(display_name):
        return "phone"
    if _DEVICE.match(display_name):
        return "device"
    return "person"


class People:
    """The hub's people inside one write transaction."""

    def __init__(self, writer: Writer, hub_id: int, file_id: int, hashed: Hash) -> None:
        self._writer = writer
        self._hub_id = hub_id
        self._file_id = file_id
        self._hashed = hashed
        self._by_key = {(kind, key): int(person) for kind, key, person in writer.rows("identifiers")}
        self._people: list[dict[str, object]] = []
        self._identifiers: list[dict[str, object]] = []
        self._attributes: list[dict[str, object]] = []
        self._known_attributes = {(int(p), n): str(c or "") for p, n, c in writer.rows("attributes")}

    def key(self, kind: str, value: str) -> str:
        """The keyed hash of an identifier, from its normalised value."""
        return self._hashed(kind, value)

    def find(self, kind: str, value: str) -> int | None:
        """The person who bears this identifier, or None."""
        return self._by_key.get((kind, self.key(kind, value))) if value else None

    def new(self) -> int:
        """Add a person without any identifier yet."""
        (person_id,) = self._writer.new_ids("person")
        self._people.append({"id": person_id, "hub_id": self._hub_id, "merged_into": None})
        return person_id

    def identify(self, person_id: int, kind: str, value: str, row: int, shown: str | None = None) -> None:
        """Record that a person bears an identifier; `shown` is kept in clear only where the queue must show it."""
        if not value or self.find(kind, value) is not None:
            return
        self._by_key[(kind, self.key(kind, value))] = person_id
        self._identifiers.append(
            {
                "person_id": person_id,
                "kind": kind,
                "value_key": self.key(kind, value),
                "shown": shown,
                "file_id": self._file_id,
                "row_no": row,
            }
        )

    def attribute(self, person_id: int, name: str) -> str:
        """A person's attribute code, or '' if it is not known."""
        return self._known_attributes.get((person_id, name), "")

    def describe(self, person_id: int, name: str, raw: str, code: str, row: int) -> None:
        """Record an attribute of a person that was not known yet; the first source stands."""
        if not raw or (person_id, name) in self._known_attributes:
            return
        self._known_attributes[(person_id, name)] = code
        self._attributes.append(
            {
                "person_id": person_id,
                "name": name,
                "value_raw": raw,
                "value_code": code,
                "file_id": self._file_id,
                "row_no": row,
            }
        )

    def save(self) -> None:
        """Write what was added."""
        self._writer.insert("person", self._people)
        self._writer.insert("person_identifier", self._identifiers)
        self._writer.insert("person_attribute", self._attributes)
        self._people, self._identifiers, self._attributes = [], [], []


def full_name(connection: Connection) -> str:
    """The name to know somebody by: the original one, unless its bracket held one word only (a place, a credential)."""
    original = connection.original_name
    return original if len(fold_name(original).split()) > 1 else connection.display_name


def email_value(email: str) -> str:
    """An e-mail address as compared; '' for what is none (`n/a`, `anonymous`)."""
    text = email.strip().casefold()
    return text if "@" in text and not text.startswith("@") else ""


@dataclass(frozen=True)
class Enrolled:
    """One enrolled person of a cohort by folded name."""

    person_id: int
    folded_name: str
    shown: str
    email_key: str | None


class MeetingMatcher:
    """Matches the connections of one meeting against the people enrolled in its cohorts."""

    def __init__(
        self, people: People, writer: Writer, network_id: int, meeting_id: int, cohorts: Iterable[int]
    ) -> None:
        self._people = people
        self._writer = writer
        self._network_id = network_id
        self._meeting_id = meeting_id
        wanted = set(cohorts)
        self._enrolled = [
            Enrolled(int(person), fold_name(shown), shown, email)
            for person, cohort, shown, email in writer.rows("enrolled_names", {"network": network_id})
            if cohort in wanted
        ]
        self._links: list[dict[str, object]] = []

    def match(self, connections: Iterable[Connection]) -> list[Identity]:
        """Return one identity per connection, in order. Guests become people of their own; doubts join the queue."""
        rows = list(connections)
        sure = [self._sure(c) for c in rows]
        # Names that were matched in this meeting, as they were shown and as they were before a rename. The same name
        # on another connection of the meeting means the same person: a rename without its bracket, or a phone.
        shown: dict[str, set[int]] = {}
        for connection, identity in zip(rows, sure, strict=True):
            if identity is not None and identity.person_id is not None:
                names = [connection.original_name]
                if connection.original_name or len(fold_name(connection.display_name).split()) > 1:
                    names.append(connection.display_name)
                for name in names:
                    shown.setdefault(fold_name(name), set()).add(identity.person_id)
        return [identity or self._chained(c, shown) or self._unknown(c) for c, identity in zip(rows, sure, strict=True)]

    def save(self) -> None:
        """Write the review queue."""
        ids = self._writer.new_ids("match_link", len(self._links))
        self._writer.insert("match_link", [{"id": i, **link} for i, link in zip(ids, self._links, strict=True)])

    def _sure(self, connection: Connection) -> Identity | None:
        kind = kind_of(connection.display_name)
        if kind in ("bot", "phone"):
            return Identity(None, kind, kind)
        email = email_value(connection.email)
        person = self._people.find("email", email)
        if person is not None:
            return Identity(person, "person", "e-mail")
        if kind == "device":
            return None  # a device's name never matches by itself
        for name in (connection.original_name, connection.display_name):
            found = self._by_name(name, email)
            if found is not None:
                return Identity(found, "person", "name")
        return None

    def _by_name(self, name: str, email: str) -> int | None:
        folded = fold_name(name)
        if len(folded.split()) < 2:
            return None  # single tokens never match by themselves
        same = {e.person_id: e for e in self._enrolled if e.folded_name == folded}
        if len(same) != 1:
            return None
        (enrolled,) = same.values()
        conflict = email and enrolled.email_key and enrolled.email_key != self._people.key("email", email)
        return None if conflict else enrolled.person_id

    def _chained(self, connection: Connection, shown: dict[str, set[int]]) -> Identity | None:
        """Step 4: in this meeting, and only here, the name stands for somebody who was matched already."""
        device = kind_of(connection.display_name) == "device"
        name = connection.original_name if device or connection.original_name else connection.display_name
        people = shown.get(fold_name(name), set()) if name else set()
        if len(people) != 1 or (not device and email_value(connection.email)):
            return None
        return Identity(next(iter(people)), "person", "same name in this meeting")

    def _unknown(self, connection: Connection) -> Identity:
        if kind_of(connection.display_name) == "device":
            self._offer(connection, None, "device name")
            return Identity(None, "device", "device")
        return self._guest(connection)

    def _guest(self, connection: Connection) -> Identity:
        """A person whom nobody enrolled: known again by e-mail, or by name within the network."""
        email = email_value(connection.email)
        shown = full_name(connection)
        name = fold_name(shown) or fold(connection.display_name)
        kind, value = ("email", email) if email else ("guest_name", f"{self._network_id}:{name}")
        person = self._people.find(kind, value)
        if person is None:
            person = self._people.new()
            self._people.identify(person, kind, value, connection.origin.row, shown)
            self._offer(connection, person, "")
        return Identity(person, "person", "guest")

    def _offer(self, connection: Connection, person: int | None, method: str) -> None:
        """Put the likeliest enrolled people beside a doubtful name into the queue."""
        shown = full_name(connection)
        folded = fold_name(shown)
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
                self._links.append(
                    {
                        "network_id": self._network_id,
                        "meeting_id": self._meeting_id,
                        "shown": shown,
                        "person_id": person,
                        "candidate_id": enrolled.person_id,
                        "method": how,
                        "score": round(score, 3),
                        "status": "review",
                    }
                )


def _initials_fit(mine: set[str], theirs: set[str]) -> bool:
    """Whether what differs begins alike: `sam` and `samantha`, or an initial."""
    return bool(mine) and all(any(t.startswith(m) or m.startswith(t) for t in theirs) for m in mine)
