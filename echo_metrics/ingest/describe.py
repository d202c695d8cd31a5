"""What `detect` says of a file: its format, why, and what its columns would become. Nothing is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from echo_metrics.errors import FileRefused
from echo_metrics.ingest.detect import detect, parse
from echo_metrics.ingest.readers.base import Context
from echo_metrics.ingest.records import Parsed
from echo_metrics.ingest.source import read_file


def describe(path: Path, context: Context) -> dict[str, Any]:
    """The `detect` entry of one file. `message` stands only where the file can't be imported as it is.

    `format` is None where nobody knows the file; a known file that lacks something (a date, say) keeps its format.
    """
    entry: dict[str, Any] = {"file": path.name, "format": None}
    try:
        document = read_file(path)
        reader, match = detect(document, context)
        entry |= {
            "format": getattr(reader, "FORMAT", None) or match.variant.partition(": ")[0],
            "variant": match.variant,
            "why": match.why,
            "encoding": document.encoding or "workbook",
            "header_row": match.header_row,
            "date_order": None,
            "timezone": "the hub's",
            "columns": [],
            "people": 0,
            "rows": sum(len(table.rows) for table in document.tables),
        }
        parsed = parse(document, context)
    except FileRefused as error:
        return entry | {"message": str(error)}
    return entry | {
        "format": parsed.format,
        "variant": parsed.variant,
        "header_row": parsed.header_row,
        "date_order": parsed.date_order or None,
        "timezone": parsed.timezone or "the hub's",
        "columns": [{"heading": c.heading, "maps_to": c.maps_to, "confidence": c.confidence} for c in parsed.columns],
        "people": people_in(parsed),
        "rows": parsed.account.read,
        "notes": [i.message for i in parsed.account.issues if i.row is None],
    }


def people_in(parsed: Parsed) -> int:
    """How many different people a file seems to hold, before matching."""
    names = {(c.email or c.original_name or c.display_name).casefold() for c in parsed.connections}
    keys = [s.record_id or s.fields.get("sgic") or s.fields.get("email") for s in parsed.submissions]
    registrants = {(r.email or f"{r.first_name} {r.last_name}").casefold() for r in parsed.registrations}
    authors = {row.values["author"].casefold() for row in parsed.table if row.values.get("author")}
    attended = {c.email.casefold() for c in parsed.connections if c.email}
    return (
        len(names) + len({k for k in keys if k}) + sum(not k for k in keys) + len(registrants - attended) + len(authors)
    )
