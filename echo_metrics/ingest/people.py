"""The hub's people and their identifiers, inside one write transaction.

People are known here as the files told them. Who was merged into whom is applied afterwards (`ingest/merges.py`), so
that a merge can be taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from echo_metrics.store import Writer

Hash = Callable[[str, str], str]


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
        return self.find_key(kind, self.key(kind, value)) if value else None

    def find_key(self, kind: str, key: str) -> int | None:
        """The person whose identifier has this keyed hash, or None."""
        return self._by_key.get((kind, key)) if key else None

    @property
    def known(self) -> Mapping[tuple[str, str], int]:
        """Every identifier's kind and hash with its person."""
        return self._by_key

    def new(self) -> int:
        """Add a person without any identifier yet."""
        (person_id,) = self._writer.new_ids("person")
        self._people.append({"id": person_id, "hub_id": self._hub_id, "merged_into": None})
        return person_id

    def identify(self, person_id: int, kind: str, value: str, row: int, shown: str | None = None) -> None:
        """Record that a person bears an identifier; `shown` is kept in clear only where the queue must show it."""
        if value:
            self.identify_key(person_id, kind, self.key(kind, value), row, shown)

    def identify_key(self, person_id: int, kind: str, key: str, row: int, shown: str | None = None) -> None:
        """The same for an identifier that is known by its keyed hash only."""
        if self.find_key(kind, key) is not None:
            return
        self._by_key[(kind, key)] = person_id
        self._identifiers.append(
            {
                "person_id": person_id,
                "own_person_id": person_id,
                "kind": kind,
                "value_key": key,
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
                "own_person_id": person_id,
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


def email_value(email: str) -> str:
    """An e-mail address as compared; '' for what is none (`n/a`, `anonymous`)."""
    text = email.strip().casefold()
    return text if "@" in text and not text.startswith("@") else ""
