"""Finds a person in every column of every table, and takes names out of texts: what `forget` rests on.

The columns are read from the database itself, so that a table somebody adds later is searched too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from echo_metrics.store.database import Writer

PERSON_COLUMNS = frozenset({"person_id", "own_person_id", "other_id", "candidate_id", "merged_into"})
"""Columns that hold a person's number."""
KEY_COLUMNS = frozenset({"value_key", "email_key", "person_key", "who_key"})
"""Columns that hold a keyed hash of what somebody is known by."""
TOMBSTONES = "forgotten"
"""The one table that may hold a forgotten person's hashes."""


@dataclass(frozen=True)
class Place:
    """One column of one table."""

    table: str
    column: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


def text_columns(writer: Writer) -> list[Place]:
    """Every column of text in the database."""
    return [Place(*row) for row in writer.rows("columns_of_type", {"type": "VARCHAR"})]


def number_columns(writer: Writer) -> list[Place]:
    """Every column of whole numbers in the database."""
    return [Place(*row) for row in writer.rows("columns_of_type", {"type": "BIGINT"})]


def texts_with(writer: Writer, place: Place, words: Sequence[str]) -> list[str]:
    """The distinct texts of a column that hold all of these words, whatever their case and accents."""
    if not words:
        return []
    text = f'strip_accents(lower("{place.column}"))'
    condition = " AND ".join(f"contains({text}, $w{i})" for i in range(len(words)))
    asked = {f"w{i}": word for i, word in enumerate(words)}
    return [
        str(row[0])
        for row in writer._cursor.execute(
            f'SELECT DISTINCT "{place.column}" FROM "{place.table}" WHERE {condition}', asked
        ).fetchall()
    ]


def replace_text(writer: Writer, place: Place, old: str, new: str) -> int:
    """Write `new` wherever a column holds exactly `old`; returns the rows changed."""
    found = writer._cursor.execute(
        f'UPDATE "{place.table}" SET "{place.column}" = $new WHERE "{place.column}" = $old', {"old": old, "new": new}
    ).fetchall()
    return int(found[0][0]) if found else 0


def rows_with(writer: Writer, place: Place, values: Collection[object]) -> int:
    """How many rows hold one of these values in a column."""
    if not values:
        return 0
    found = writer._cursor.execute(
        f'SELECT count(*) FROM "{place.table}" WHERE "{place.column}" IN (SELECT unnest($values))',
        {"values": sorted(values, key=str)},
    ).fetchall()
    return int(found[0][0])


def remove_with(writer: Writer, place: Place, values: Collection[object]) -> int:
    """Delete the rows that hold one of these values in a column; returns how many."""
    if not values:
        return 0
    found = writer._cursor.execute(
        f'DELETE FROM "{place.table}" WHERE "{place.column}" IN (SELECT unnest($values))',
        {"values": sorted(values, key=str)},
    ).fetchall()
    return int(found[0][0])


def numbers_left(writer: Writer, people: Collection[int], keys: Collection[str]) -> Iterator[tuple[Place, int]]:
    """The columns that still hold one of these people's numbers or hashes, with how many rows do."""
    for place in number_columns(writer):
        about_people = place.column in PERSON_COLUMNS or (place.table, place.column) == ("person", "id")
        if about_people and (n := rows_with(writer, place, people)):
            yield place, n
    for place in text_columns(writer):
        if place.column in KEY_COLUMNS and place.table != TOMBSTONES and (n := rows_with(writer, place, keys)):
            yield place, n
