"""Corrections in the store: those that stand, a file of them, one declared on the screen, and what they did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import tomli_w

from echo_metrics.errors import UserError
from echo_metrics.ingest.corrections import (
    FORMAT,
    Applied,
    Correction,
    as_text,
    correction_from,
    parse_corrections,
)
from echo_metrics.ingest.records import Issue, Parsed
from echo_metrics.ingest.source import Document
from echo_metrics.store import Store, Writer


@dataclass(frozen=True)
class Declared:
    """A correction that stands, where it came from, and how often it fitted or did not."""

    id: int
    correction: Correction
    source: str
    by: str
    at: datetime
    applied: int
    failed: int


def standing(store: Store) -> list[Declared]:
    """Every correction that stands, in the order in which they were declared."""
    return [
        Declared(
            id=int(r["id"]),
            correction=correction_from(str(r["body"]), int(r["id"])),
            source=str(r["source"]),
            by=str(r["declared_by"] or ""),
            at=r["declared_at"],
            applied=int(r["applied"]),
            failed=int(r["failed"]),
        )
        for r in store.records("corrections")
    ]


def corrections_for(store: Store, document: Document) -> list[Correction]:
    """The corrections that are about this file."""
    return [d.correction for d in standing(store) if d.correction.matches(document)]


def declare(store: Store, line: dict[str, object], who: str) -> int:
    """Declare one correction on the screen; returns its number. Raises `UserError` naming what is wrong with it."""
    (correction,) = parse_corrections({"correction": [line]})
    with store.write() as writer:
        (number,) = _insert(writer, [correction], None, who)
        writer.touch()
    return number


def withdraw(store: Store, correction_id: int, who: str) -> None:
    """Withdraw a correction declared on the screen; files that it changed stay as they are until imported anew."""
    with store.write() as writer:
        if not any(int(r["id"]) == correction_id and r["file_id"] is None for r in writer.records("corrections")):
            raise UserError("This correction came with a file, or was withdrawn already. Take its file back instead.")
        writer.run("withdraw_correction", {"id": correction_id, "who": who, "now": _now()})
        writer.touch()


def load_corrections(parsed: Parsed, writer: Writer, file_id: int) -> None:
    """Keep a corrections file's lines. One that is about a file already there says so: it needs importing anew."""
    found = parse_corrections(parsed.corrections or {})
    _insert(writer, found, file_id, "")
    there = [(str(name), str(sha)) for name, sha in writer.rows("file_names")]
    for number, c in enumerate(found, 1):
        late = [name for name, sha in there if c.matches(Document(name, sha, 0, "", ()))]
        if late:
            parsed.account.issues.append(
                Issue(
                    "correction_came_late",
                    f"Correction {number} is about {', '.join(late[:5])}, imported before it. It has no effect there "
                    "until you take that import back and import the file again.",
                )
            )


def keep_applied(writer: Writer, file_id: int, told: Sequence[Applied]) -> None:
    """Write down what corrections did to a file."""
    writer.insert(
        "applied_correction",
        [
            {
                "file_id": file_id,
                "correction_id": a.correction.id,
                "sheet": a.sheet,
                "row_no": a.row,
                "column_name": a.column,
                "was": a.was,
                "became": a.became,
                "reason": a.correction.reason,
                "reviewed_by": a.correction.reviewed_by,
                "applied": a.applied,
            }
            for a in told
        ],
    )


def to_toml(corrections: Sequence[Correction]) -> str:
    """A corrections file with these lines."""
    lines = [c.as_document() for c in corrections]
    return tomli_w.dumps({"format": FORMAT, "version": 1, "correction": lines})


def _insert(writer: Writer, corrections: Sequence[Correction], file_id: int | None, who: str) -> list[int]:
    ids = list(writer.new_ids("correction", len(corrections)))
    writer.insert(
        "correction",
        [
            {
                "id": number,
                "file_id": file_id,
                "row_no": place,
                "body": as_text(c),
                "declared_by": who or c.reviewed_by,
                "declared_at": _now(),
                "withdrawn_by": None,
                "withdrawn_at": None,
            }
            for place, (number, c) in enumerate(zip(ids, corrections, strict=True), 1)
        ],
    )
    return ids


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
