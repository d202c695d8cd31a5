"""Checks what must hold in every store: the account of each file, keys that stay unique, links that lead somewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from echo_metrics.store import Store

REIMPORT = "Restore the last backup and import the file again."

CHECKS: tuple[tuple[str, str, str], ...] = (
    ("doctor_unbalanced_files", "every file: read = loaded + quarantined + ignored", REIMPORT),
    ("doctor_repeated_files", "no file was imported twice", REIMPORT),
    ("doctor_repeated_ids", "ids are unique", "Restore the last backup."),
    ("doctor_double_versions", "one current version of each response", REIMPORT),
    ("doctor_orphans", "every answer, score and pair belongs to a response that is there", REIMPORT),
    ("doctor_stale_pairs", "pairs join current responses of one cohort", "Import any newer export of the form again."),
    ("doctor_double_pairs", "one pair a person and moment", REIMPORT),
    ("doctor_attendance", "nobody attended longer than the session", "Check the session's start and end."),
    ("doctor_merged_people", "nothing counts for people who were merged into others", REIMPORT),
    (
        "doctor_forgotten",
        "nobody is there who asked to be forgotten",
        "A backup was restored: run forget again for everybody who asked since.",
    ),
    ("doctor_no_origin", "every value points to its file and row", REIMPORT),
)
"""Query, what it checks, and what to do if it finds rows. Each query returns one number: rows at fault."""


@dataclass(frozen=True)
class Finding:
    """One check and how many rows are at fault."""

    check: str
    rows: int
    remedy: str

    def as_json(self) -> dict[str, Any]:
        """The finding as `doctor --json` prints it."""
        return {"check": self.check, "rows": self.rows, "remedy": self.remedy if self.rows else None}


def examine(store: Store) -> list[Finding]:
    """Run every check; the store is only read."""
    return [Finding(words, int(store.rows(name)[0][0]), remedy) for name, words, remedy in CHECKS]
