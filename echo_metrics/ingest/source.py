"""Opens a file's bytes: encoding, separator, workbook; what can't be read is refused with what to do about it."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from echo_metrics.errors import FileRefused
from echo_metrics.ingest.archives import gunzip, is_workbook, json_rows, unzip
from echo_metrics.ingest.encodings import decode
from echo_metrics.ingest.limits import MAX_BYTES, MAX_CELL, MAX_COLUMNS, MAX_TEXT_CELLS
from echo_metrics.ingest.workbooks import read_workbook
from echo_metrics.text import fold

csv.field_size_limit(MAX_CELL)

SEARCH_ROWS = 50
"""Headings stand within the first rows; titles and blocks above them are never longer than this."""
MOST_REPEATED = 50_000
"""Distinct texts that are watched for repeats while a file is read."""
_HEADING = 400
"""Longer cells are no headings; only so much of them is looked at."""


@dataclass(frozen=True)
class Table:
    """Rows of text cells as they stand. Row numbers are 1-based positions in `rows`; blank lines are empty rows."""

    sheet: str
    rows: tuple[tuple[str, ...], ...]
    unclosed_row: int | None = None
    """The row where a quote opens that is never closed: the file was cut off there."""

    @cached_property
    def head(self) -> tuple[tuple[str, ...], ...]:
        """The first rows with every cell folded: where headings are looked for, folded once for all readers."""
        return tuple(tuple(fold(cell[:_HEADING]) for cell in row) for row in self.rows[:SEARCH_ROWS])

    def numbered(self, start: int = 1) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield (row number, cells) from row `start` on."""
        for number in range(start, len(self.rows) + 1):
            yield number, self.rows[number - 1]


@dataclass(frozen=True)
class Document:
    """One input file, opened: its tables, or its text where it is not a table."""

    name: str
    sha256: str
    size: int
    encoding: str
    tables: tuple[Table, ...]
    text: str = field(default="", repr=False)
    workbook: bool = False
    damaged: int = 0
    """Places that could not be decoded and stand as U+FFFD."""


def read_file(path: Path) -> Document:
    """Open the file at `path`. Raises `FileRefused` if it can't be read as text, table or workbook."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise FileRefused(path.name, "can't be found or opened.", "Check the path and try again.") from error
    if path.is_dir():
        raise FileRefused(path.name, "is a folder.", "Name the files in it one by one.")
    _check_size(path.name, size)
    return open_document(path.name, path.read_bytes())


def open_document(name: str, data: bytes) -> Document:
    """Open a file's bytes. Raises `FileRefused` as `read_file` does."""
    _check_size(name, len(data))
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise FileRefused(name, "is empty.", "Export it again and check that the export has rows.")
    digest, size = hashlib.sha256(data).hexdigest(), len(data)
    if data.startswith(b"\x1f\x8b"):
        data = gunzip(name, data)
    if data.startswith(b"PK\x03\x04") and not is_workbook(data):
        return _archive(name, digest, size, data)
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        if "EncryptedPackage".encode("utf-16-le") in data and not data.startswith(b"PK"):
            raise FileRefused(
                name, "is protected with a password.", "Save a copy without the password and import that."
            )
        sheets = tuple(Table(sheet, rows) for sheet, rows in read_workbook(name, data))
        return Document(name, digest, size, "", sheets, workbook=True)
    return _text_document(name, digest, size, data)


def _text_document(name: str, digest: str, size: int, data: bytes) -> Document:
    text, encoding, damaged = decode(name, data)
    if not text.strip():
        raise FileRefused(name, "is empty.", "Export it again and check that the export has rows.")
    if text.lstrip()[:1] in "{[" and text.rstrip()[-1:] in "}]":
        # JSON, not a table: its lines are its rows.
        table = Table("", tuple((line,) for line in text.splitlines()))
    else:
        table = _table(name, text)
    return Document(name, digest, size, encoding, (table,), text=text, damaged=damaged)


def _archive(name: str, digest: str, size: int, data: bytes) -> Document:
    """An archive of exports: one table opens as it is, several stand side by side as sheets do."""
    members = unzip(name, data)
    tables, encodings, damaged = [], [], 0
    for member, body in members:
        if member.casefold().endswith(".json"):
            tables.append(Table(member, json_rows(name, member, body)))
            continue
        if not body.strip():
            continue
        inner = _text_document(name, digest, size, body)
        if len(members) == 1:
            return inner
        encodings.append(inner.encoding)
        damaged += inner.damaged
        tables.append(replace(inner.tables[0], sheet=member))
    if not any(table.rows for table in tables):
        raise FileRefused(name, "is an archive without any filled table.", "Check the export and try again.")
    return Document(name, digest, size, encodings[0] if encodings else "utf-8", tuple(tables), damaged=damaged)


def _check_size(name: str, size: int) -> None:
    if size > MAX_BYTES:
        raise FileRefused(
            name,
            f"is {size / 1024 / 1024:,.0f} MB, more than the {MAX_BYTES // 1024 // 1024} MB that can be imported.",
            "Check that it is the right file, or export a shorter period.",
        )


def _table(name: str, text: str) -> Table:
    first_break = text.find("\n")
    if (first_break < 0 and len(text) > MAX_CELL) or first_break > MAX_CELL:
        raise FileRefused(
            name,
            "is one very long line, not a table.",
            "Export it again as CSV with one row per line.",
        )
    separator = _separator(text)
    lines = io.StringIO(text, newline="")
    rows: list[tuple[str, ...]] = []
    seen: dict[str, str] = {}
    once = seen.setdefault
    filled = 0
    try:
        # No strict mode: real exports hold stray quotes inside cells, and those rows are still readable.
        for cells in csv.reader(lines, delimiter=separator):
            if len(cells) > MAX_COLUMNS:
                raise FileRefused(name, f"has more than {MAX_COLUMNS:,} columns.", "Check that it is the right file.")
            filled += len(cells)
            if filled > MAX_TEXT_CELLS:
                raise FileRefused(name, f"has more than {MAX_TEXT_CELLS:,} cells.", "Export a shorter period.")
            # Names, addresses and meetings come again in thousands of rows: each text is kept once.
            rows.append(tuple([once(cell, cell) for cell in cells]))
            if len(seen) > MOST_REPEATED:
                seen.clear()
    except csv.Error as error:
        raise FileRefused(
            name,
            f"can't be read as a table from row {len(rows) + 1} on: a quotation mark is never closed, or a cell is "
            f"over {MAX_CELL // 1024 // 1024} MB.",
            "Export it again as CSV.",
        ) from error
    return Table("", tuple(rows), unclosed_row=_unclosed(rows, text, separator))


def _unclosed(rows: list[tuple[str, ...]], text: str, separator: str) -> int | None:
    """Return the last row's number if its quote is never closed, else None."""
    if text.count('"') % 2 == 0:
        return None
    try:
        for _ in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            pass
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            return len(rows)
    return None


def _separator(text: str) -> str:
    """Choose comma, tab or semicolon: the one that cuts the first lines into the most even rows.

    Tabs hardly ever stand in a table by chance, but commas do (dates, names, decimals): lines with tabs decide first.
    """
    lines = [line for line in text[:200_000].splitlines()[:40] if line.strip()]
    best, best_score = ",", 0.0
    for separator in ("\t", ",", ";"):
        widths = [len(row) for row in csv.reader(lines, delimiter=separator)]
        wide = [w for w in widths if w > 1]
        if not wide:
            continue
        if separator == "\t" and len(wide) * 2 >= len(widths):
            return separator
        common = max(set(wide), key=wide.count)
        # Evenness counts more than width: decimal commas cut rows finer, but not the heading above them.
        score = (wide.count(common) / len(widths)) ** 3 * common**0.5
        if score > best_score:
            best, best_score = separator, score
    return best
