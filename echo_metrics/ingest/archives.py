"""Archives as tools hand them out: a zipped or gzipped export, a Discourse user's posts, a Slack workspace."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
import zlib
from typing import Any

from echo_metrics.errors import FileRefused
from echo_metrics.ingest.limits import MAX_BYTES, MAX_MEMBERS, MAX_UNPACKED

SLACK_CELLS = ("type", "subtype", "user", "ts", "thread_ts", "reactions", "text")
"""What is taken of a Slack message, in this order; `reactions` is their number."""
SLACK_USER_CELLS = ("id", "name", "real_name", "is_bot")
_TABLES = (".csv", ".tsv", ".txt")


def is_workbook(data: bytes) -> bool:
    """Whether a zip archive is a workbook (XLSX, XLSM, ODS) rather than a folder of exports."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError):
        return True  # cut off: the workbook reader says so
    return bool({"[Content_Types].xml", "content.xml", "mimetype"} & names) or any(n.startswith("xl/") for n in names)


def gunzip(name: str, data: bytes) -> bytes:
    """Unpack a gzip file, never to more than a file may have."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            unpacked = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(name) from error
    if len(unpacked) > MAX_BYTES:
        raise _bomb(name)
    return unpacked


def unzip(name: str, data: bytes) -> tuple[tuple[str, bytes], ...]:
    """Return (member, bytes) of the tables and JSON files of an archive. Raises `FileRefused` if there are none."""
    found: list[tuple[str, bytes]] = []
    left = min(MAX_BYTES, MAX_UNPACKED)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [e for e in archive.infolist() if not e.is_dir() and not e.filename.startswith("__MACOSX/")]
            if len(entries) > MAX_MEMBERS:
                raise FileRefused(name, f"holds more than {MAX_MEMBERS:,} files.", "Zip only the exports.")
            for entry in entries:
                if not entry.filename.casefold().endswith((*_TABLES, ".json")):
                    continue
                if entry.flag_bits & 0x1:
                    raise FileRefused(name, "is protected with a password.", "Unzip it and import the files in it.")
                with archive.open(entry) as stream:
                    body = stream.read(left + 1)
                left -= len(body)
                if left < 0:
                    raise _bomb(name)
                found.append((entry.filename, body))
    except (zipfile.BadZipFile, RuntimeError, EOFError, OSError, ValueError, zlib.error) as error:
        raise _damaged(name) from error
    if not found:
        raise FileRefused(name, "is an archive without any table in it.", "Unzip it and import the exports in it.")
    return tuple(found)


def json_rows(name: str, member: str, body: bytes) -> tuple[tuple[str, ...], ...]:
    """A Slack JSON list as rows: users by `SLACK_USER_CELLS`, anything else by `SLACK_CELLS`; one row an entry."""
    try:
        entries = json.loads(body.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise FileRefused(name, f"holds {member}, which is no readable JSON.", "Export it again.") from error
    if not isinstance(entries, list):
        return ()
    users = member.rpartition("/")[2] == "users.json"
    return tuple(_user(e) if users else _message(e) for e in entries if isinstance(e, dict))


def _user(entry: dict[str, Any]) -> tuple[str, ...]:
    profile = entry.get("profile")
    real = entry.get("real_name") or (profile.get("real_name") if isinstance(profile, dict) else "") or ""
    return (_text(entry.get("id")), _text(entry.get("name")), _text(real), _text(entry.get("is_bot")))


def _message(entry: dict[str, Any]) -> tuple[str, ...]:
    given = entry.get("reactions")
    counts = [r.get("count") for r in given if isinstance(r, dict)] if isinstance(given, list) else []
    reactions = sum(c for c in counts if isinstance(c, int))
    return tuple(str(reactions) if c == "reactions" else _text(entry.get(c)) for c in SLACK_CELLS)


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, dict | list) else str(value)


def _bomb(name: str) -> FileRefused:
    return FileRefused(name, "unpacks to more than an import may hold.", "Check that it is the right file.")


def _damaged(name: str) -> FileRefused:
    return FileRefused(name, "is an archive that was cut off or damaged.", "Download it again and import the new copy.")
