"""The reconciliation report of one import: what came of every physical row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from echo_metrics.ingest.corrections import Applied
from echo_metrics.ingest.findings import Finding, grouped
from echo_metrics.ingest.records import Column, Issue, Quarantined


@dataclass(frozen=True)
class FileReport:
    """One file's account. `rows_read = rows_loaded + rows_quarantined + sum(rows_ignored)` always holds."""

    file: str
    format: str
    variant: str
    status: str
    rows_read: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    rows_ignored: Mapping[str, int] = field(default_factory=dict)
    people: int = 0
    connections: int = 0
    responses: int = 0
    issues: tuple[Issue, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    message: str = ""
    why: str = ""
    columns: tuple[Column, ...] = ()
    corrections: tuple[Applied, ...] = ()
    """What declared corrections did to the file, and those that did not fit."""
    mapped: bool = False
    """Whether a map that somebody confirmed was applied to its columns."""

    @property
    def changes(self) -> dict[str, int]:
        """What the import would change, in rows of answers or connections: new, unchanged, changed, vanished."""
        codes = [i.code for i in self.issues]
        changed = codes.count("changed_answer")
        return {
            "new": self.rows_loaded - changed,
            "unchanged": self.rows_ignored.get("already there", 0),
            "changed": changed,
            "vanished": codes.count("vanished_response"),
        }

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Its issues by kind, counted, with what to do."""
        return grouped(self.issues, self.rows_ignored)

    @property
    def balanced(self) -> bool:
        """Whether the reconciliation equation holds."""
        return self.rows_read == self.rows_loaded + self.rows_quarantined + sum(self.rows_ignored.values())

    def as_json(self) -> dict[str, Any]:
        """The report as the command line prints it; quarantined rows stand among the issues."""
        issues = [
            {"row": q.origin.row, "column": q.column or None, "code": q.code, "message": q.message}
            for q in self.quarantined
        ] + [{"row": i.row, "column": i.column, "code": i.code, "message": i.message} for i in self.issues]
        document: dict[str, Any] = {
            "file": self.file,
            "format": self.format,
            "variant": self.variant,
            "status": self.status,
            "rows_read": self.rows_read,
            "rows_loaded": self.rows_loaded,
            "rows_quarantined": self.rows_quarantined,
            "rows_ignored": dict(self.rows_ignored),
            "people": self.people,
            "connections": self.connections,
            "responses": self.responses,
            "issues": issues,
            "findings": [f.as_json() for f in self.findings],
        }
        if self.corrections:
            document["corrections"] = [
                {
                    "row": a.row, "column": a.column or None, "was": a.was, "became": a.became, "applied": a.applied,
                    "reason": a.correction.reason, "reviewed_by": a.correction.reviewed_by,
                }
                for a in self.corrections
            ]  # fmt: skip
        if self.message:
            document["message"] = self.message
        return document
