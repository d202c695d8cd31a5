"""What stood in the store before an import changed or took away rows of other files: the ground for taking it back.

Rows that a file itself brings need no record: they bear its number. What can be worked out again from the rest (who was
in a meeting, attendance, pairs) is worked out again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

BEFORE: Final[Mapping[str, tuple[str, str]]] = {
    "supersede_submission": ("submission", "before_submission"),
    "vanish_submission": ("submission", "before_submission"),
    "revive_submission": ("submission", "before_submission"),
    "fill_disciplines": ("submission", "before_fill_disciplines"),
    "change_enrolment": ("enrolment", "before_change_enrolment"),
    "update_hub": ("hub", "before_update_hub"),
    "update_network": ("network", "before_update_network"),
    "update_cohort": ("cohort", "before_update_cohort"),
    "update_session": ("session", "before_update_session"),
    "unlink_meeting": ("session_meeting", "before_unlink_meeting"),
    "drop_empty_sessions": ("session", "before_drop_empty_sessions"),
    "drop_ledger": ("ledger", "before_drop_ledger"),
}
"""Statements that change or take away rows, with their table and the query that reads the rows beforehand."""
DERIVED: Final = frozenset(
    {
        "clear_attendance", "clear_lost_attendance", "clear_pairs", "clear_doubts", "take_write_lock",
        "touch_data_version", "set_merged", "follow_merges_enrolment", "follow_merges_person_attribute",
        "follow_merges_person_identifier", "follow_merges_submission", "one_enrolment", "one_attribute",
    }
)  # fmt: skip
"""Statements whose effect is worked out again, or is no content."""
ZONES: Final = frozenset(
    {"rezone_connections", "rezone_meetings", "rezone_sessions", "rezone_submissions", "rezone_posts", "rezone_files"}
)
"""Statements that move instants to another zone; they are undone by moving them back."""
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "submission": ("id",),
    "enrolment": ("own_person_id", "cohort_id"),
    "hub": ("id",),
    "network": ("id",),
    "cohort": ("id",),
    "session": ("id",),
    "session_meeting": ("session_id", "meeting_id"),
    "ledger": ("network_id", "cohort_id"),
}
"""What tells the rows of a table apart."""
ZONE: Final = "zone"
"""The table name under which a change of zone is recorded."""


@dataclass(frozen=True)
class RowBefore:
    """One row as it stood before a statement; of a change of zone, the old and the new one."""

    table: str
    row: Mapping[str, Any]

    @property
    def identity(self) -> tuple[str, ...]:
        """Table and key, to find the same row in other records."""
        return (self.table, *(str(self.row[k]) for k in KEYS.get(self.table, ())))

    def text(self) -> str:
        """The row as it is stored."""
        return json.dumps(dict(self.row), default=_iso, ensure_ascii=False)

    @classmethod
    def read(cls, table: str, text: str) -> RowBefore:
        """What `text` wrote."""
        return cls(table, json.loads(text))


def _iso(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be kept in the journal")
