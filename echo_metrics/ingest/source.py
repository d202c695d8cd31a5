"""Opens a file's bytes: encoding, separator, workbook; what can't be read is refused with what to do about it."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

from echo_metrics.errors import FileRefused

MAX_BYTES = 256 * 1024 * 1024
"""Larger files are refused before they are read: a year of one hub's exports stays far below."""
MAX_CELL = 2 * 1024 * 1024
"""No answer is this long; a longer cell means that the file is not a table or a quote was never closed."""
MAX_UNPACKED = 1024 * 1024 * 1024
"""A workbook that unpacks to more than this is taken for a decompression bomb."""
MAX_COLUMNS = 20_000

csv.field_size_limit(MAX_CELL)

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True)
class Table:
    """Rows of text cells as they stand. Row numbers are 1-based positions in `rows`; blank lines are empty rows."""

    sheet: str
    rows: tuple[tuple[str, ...], ...]
    unclosed_row: int | None = None
    """The row where a quote opens that is never closed: the file was cut off there."""

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
    digest = hashlib.sha256(data).hexdigest()
    if data.startswith(b"PK\x03\x04"):
        return Document(name, digest, len(data), "", _workbook(name, data), workbook=True)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise FileRefused(
                name, "is protected with a password.", "Save a copy without the password and import that."
            )
        return Document(name, digest, len(data), "", _workbook(name, data), workbook=True)
    text, encoding = _decode(name, data)
    return Document(name, digest, len(data), encoding, (_table(name, text),), text=text)


def _check_size(name: str, size: int) -> None:
    if size > MAX_BYTES:
        raise FileRefused(
            name,
            f"is {size / 1024 / 1024:,.0f} MB, more than the {MAX_BYTES // 1024 // 1024} MB that can be imported.",
            "Check that it is the right file, or export a shorter period.",
        )


def _decode(name: str, data: bytes) -> tuple[str, str]:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return _without_nul(name, data.decode(encoding)), encoding
            except UnicodeDecodeError as error:
                raise FileRefused(
                    name, f"claims to be {encoding} text but breaks off or is damaged.", "Export it again."
                ) from error
    sample = data[:4000]
    if sample.count(0) > len(sample) // 5:
        encoding = "utf-16-le" if sample[1:2] == b"\x00" else "utf-16-be"
        try:
            return _without_nul(name, data.decode(encoding)), encoding
        except UnicodeDecodeError as error:
            raise FileRefused(name, "is not a text file or workbook.", "Import the CSV or XLSX export.") from error
    try:
        return _without_nul(name, data.decode("utf-8")), "utf-8"
    except UnicodeDecodeError:
        pass
    if 0 in data:
        raise FileRefused(name, "is not a text file or workbook.", "Import the CSV or XLSX export.")
    # cp1252 before Mac Roman: bytes 0x80-0x9f that cp1252 leaves undefined point to an old Mac export.
    for encoding in ("cp932", "cp1252", "mac_roman"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "cp932" or _mostly_japanese(text):
            return text, encoding
    raise FileRefused(name, "is not a text file or workbook.", "Import the CSV or XLSX export.")


def _mostly_japanese(text: str) -> bool:
    # Half-width katakana (U+FF61-FF9F) is what Western text turns into when it is read as Shift-JIS.
    wide = sum("\u3040" <= c <= "\u30ff" or "\u4e00" <= c <= "\u9fff" for c in text)
    half = sum("\uff61" <= c <= "\uff9f" for c in text)
    return wide > 10 * half and wide > 0


def _without_nul(name: str, text: str) -> str:
    at = text.find("\x00")
    if at >= 0:
        line = text.count("\n", 0, at) + 1
        raise FileRefused(
            name,
            f"holds a NUL character in line {line}, so it is damaged or not a text file.",
            "Export it again from the tool it came from.",
        )
    return text


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
    try:
        # No strict mode: real exports hold stray quotes inside cells, and those rows are still readable.
        for cells in csv.reader(lines, delimiter=separator):
            if len(cells) > MAX_COLUMNS:
                raise FileRefused(name, f"has more than {MAX_COLUMNS:,} columns.", "Check that it is the right file.")
            rows.append(tuple(cells))
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
    """Choose comma, tab or semicolon: the one that cuts the first lines into the most even rows."""
    lines = [line for line in text[:200_000].splitlines()[:40] if line.strip()]
    best, best_score = ",", 0.0
    for separator in (",", "\t", ";"):
        widths = [len(row) for row in csv.reader(lines, delimiter=separator)]
        wide = [w for w in widths if w > 1]
        if not wide:
            continue
        common = max(set(wide), key=wide.count)
        score = wide.count(common) * common / len(widths)
        if score > best_score:
            best, best_score = separator, score
    return best


def _workbook(name: str, data: bytes) -> tuple[Table, ...]:
    from python_calamine import CalamineError, CalamineWorkbook

    if data.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                unpacked = sum(entry.file_size for entry in archive.infolist())
        except (zipfile.BadZipFile, RuntimeError) as error:
            raise FileRefused(
                name,
                "is a workbook that was cut off or damaged.",
                "Download it again and import the new copy.",
            ) from error
        if unpacked > MAX_UNPACKED:
            raise FileRefused(name, "unpacks to more than 1 GB.", "Check that it is the right file.")
    try:
        book = CalamineWorkbook.from_object(io.BytesIO(data))
        tables = []
        for sheet in book.sheet_names:
            grid = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            tables.append(Table(sheet, tuple(tuple(_cell(value) for value in row) for row in grid)))
    except (CalamineError, OSError, ValueError) as error:
        raise FileRefused(
            name,
            "can't be opened as a workbook: it is damaged or protected.",
            "Save it again as XLSX, or export CSV.",
        ) from error
    if not any(table.rows for table in tables):
        raise FileRefused(name, "is a workbook without any filled cell.", "Check the export and try again.")
    return tuple(tables)


def _cell(value: object) -> str:
    """Write a workbook's cell as text; dates as ISO so that their order is never in doubt."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)
