"""Spreadsheets as rows of text cells, with bounds that hold before anything is unpacked into memory."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime, time, timedelta

from echo_metrics.errors import FileRefused
from echo_metrics.ingest.limits import MAX_COLUMNS, MAX_UNPACKED, MAX_WORKBOOK_CELLS

_REFERENCE = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\br=["']([A-Z]{1,3})(\d{1,7})["']""")
_ODS_ROW = re.compile(rb"<table:table-row([^>]*[^/])?>(.*?)</table:table-row>", re.S)
_ODS_CELL = re.compile(rb"<table:table-cell([^>]*[^/])?>")
_ODS_REPEATED = re.compile(rb"""number-(?:rows|columns)-repeated=["'](\d{1,9})["']""")
_CHUNK = 1024 * 1024
_MAX_ODS = 256 * 1024 * 1024

Rows = tuple[tuple[str, ...], ...]


def read_workbook(name: str, data: bytes) -> tuple[tuple[str, Rows], ...]:
    """Return (sheet, rows) of every sheet. Raises `FileRefused` for damaged, protected, empty or oversized files."""
    from python_calamine import CalamineError, CalamineWorkbook

    if data.startswith(b"PK"):
        _check_archive(name, data)
    try:
        book = CalamineWorkbook.from_object(io.BytesIO(data))
        sheets = []
        filled = 0
        for sheet in book.sheet_names:
            grid = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            filled += sum(len(row) for row in grid)
            if filled > MAX_WORKBOOK_CELLS:
                raise _too_large(name)
            sheets.append((sheet, tuple(tuple(_cell(value) for value in row) for row in grid)))
    except (CalamineError, OSError, ValueError) as error:
        raise FileRefused(
            name,
            "can't be opened as a workbook: it is damaged or protected.",
            "Save it again as XLSX, or export CSV.",
        ) from error
    if not any(any(cell for row in rows for cell in row) for _, rows in sheets):
        raise FileRefused(name, "is a workbook without any filled cell.", "Check the export and try again.")
    if any(len(rows[0]) > MAX_COLUMNS for _, rows in sheets if rows):
        raise FileRefused(name, f"has more than {MAX_COLUMNS:,} columns.", "Check that it is the right file.")
    return tuple(sheets)


def _check_archive(name: str, data: bytes) -> None:
    """Refuse what would unpack to too much, counting bytes and not trusting the sizes that the archive states."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
                raise FileRefused(name, "unpacks to more than 1 GB.", "Check that it is the right file.")
            for entry in entries:
                if entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml"):
                    _check_sheet(name, archive, entry)
                elif entry.filename == "content.xml":
                    _check_repeats(name, archive, entry)
    except (zipfile.BadZipFile, RuntimeError, EOFError, OSError, ValueError) as error:
        raise _damaged(name) from error
    except zipfile.zlib.error as error:  # type: ignore[attr-defined]
        raise _damaged(name) from error


def _check_sheet(name: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """A sheet's grid spans from its first to its last filled cell: two far cells alone could fill the memory."""
    last_row = last_column = seen = 0
    rest = b""
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            seen += len(chunk)
            if seen > MAX_UNPACKED:
                raise FileRefused(name, "unpacks to more than 1 GB.", "Check that it is the right file.")
            text = rest + chunk
            for letters, digits in _REFERENCE.findall(text):
                last_row = max(last_row, int(digits))
                last_column = max(last_column, _column_number(letters))
            rest = text[-200:]
    if last_row * last_column > MAX_WORKBOOK_CELLS:
        raise _too_large(name)


def _check_repeats(name: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """An OpenDocument sheet may state one filled cell and repeat it a million times."""
    with archive.open(entry) as stream:
        body = stream.read(_MAX_ODS + 1)
    if len(body) > _MAX_ODS:
        raise _too_large(name)
    cells = 0
    for row in _ODS_ROW.finditer(body):
        filled = sum(_repeated(cell.group(1)) for cell in _ODS_CELL.finditer(row.group(2)))
        cells += filled * _repeated(row.group(1))
        if cells > MAX_WORKBOOK_CELLS:
            raise _too_large(name)


def _repeated(attributes: bytes | None) -> int:
    found = _ODS_REPEATED.search(attributes or b"")
    return int(found.group(1)) if found is not None else 1


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _too_large(name: str) -> FileRefused:
    return FileRefused(
        name,
        f"spans more than {MAX_WORKBOOK_CELLS:,} cells.",
        "Delete stray cells far from the table, or save the sheet as CSV.",
    )


def _damaged(name: str) -> FileRefused:
    return FileRefused(name, "is a workbook that was cut off or damaged.", "Download it again and import the new copy.")


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
