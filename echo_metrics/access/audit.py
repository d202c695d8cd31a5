"""The audit: who imported, released, shared, viewed, changed rights. Rows are only added, each chained to the last.

No participant's answers stand in it: a detail is a short word or a number.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from echo_metrics.store import Control, Writer

LOCAL = "local"
"""Who acts in local mode: whoever sits at this computer."""
LONGEST_TEXT, MOST_DETAILS = 200, 12
Detail = str | int | float | bool


class Action(StrEnum):
    """What was done."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    ACCOUNT_CREATED = "account_created"
    INVITED = "invited"
    RESET_LINK_MADE = "reset_link_made"
    PASSWORD_CHANGED = "password_changed"
    RIGHTS_CHANGED = "rights_changed"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_ENABLED = "account_enabled"
    IMPORTED = "imported"
    MERGED = "merged"
    RELEASED = "released"
    RELEASE_APPROVED = "release_approved"
    RELEASE_WITHDRAWN = "release_withdrawn"
    LINK_CREATED = "link_created"
    LINK_PAUSED = "link_paused"
    LINK_RESUMED = "link_resumed"
    LINK_REVOKED = "link_revoked"
    LINK_ROTATED = "link_rotated"
    LINK_OPENED = "link_opened"
    VIEWED_INTERNAL = "viewed_internal"
    EXPORTED = "exported"
    COMMENT_APPROVED = "comment_approved"
    COMMENT_WITHDRAWN = "comment_withdrawn"
    FILTERS_OVERLAP = "filters_overlap"
    UNDONE = "import_undone"
    CORRECTED = "correction_declared"
    NAME_DECIDED = "name_decided"
    DECISION_WITHDRAWN = "decision_withdrawn"
    FORGOTTEN = "person_forgotten"
    ALLOWED_AGAIN = "person_allowed_again"
    INSTRUMENT_ADDED = "instrument_added"
    LEDGER_CHANGED = "ledger_changed"
    CYCLE_WRITTEN = "cycle_written"
    CYCLE_REMOVED = "cycle_removed"
    SCENARIO_SAVED = "scenario_saved"
    SCENARIO_REMOVED = "scenario_removed"

    @property
    def words(self) -> str:
        """The action as a reader would say it."""
        return self.value.replace("_", " ")


@dataclass(frozen=True)
class Entry:
    """One row of the audit. `at` is UTC; `who` an account's id, `local`, or '' for nobody known."""

    number: int
    at: datetime
    who: str
    who_name: str
    action: str
    subject: str
    detail: Mapping[str, Detail]


@dataclass(frozen=True)
class Chain:
    """Whether the audit is whole: how many rows were checked, and the first that does not fit (None if all do)."""

    checked: int
    broken: int | None


def record(
    control: Control, who: str, action: Action, subject: str = "", detail: Mapping[str, Detail] | None = None
) -> None:
    """Add one row. `who` is an account's id, `LOCAL`, or '' for nobody known.

    Raises `ValueError` for a detail that is not a short word or a number.
    """
    control.change(lambda writer: add(control, writer, who, action, subject, detail))


def add(
    control: Control,
    writer: Writer,
    who: str,
    action: Action,
    subject: str = "",
    detail: Mapping[str, Detail] | None = None,
) -> None:
    """Add one row inside the transaction of what it tells about, so that neither stands without the other."""
    number, before = writer.rows("control_chain_head")[0]
    row = {
        "number": number + 1,
        "happened_at": control.now(),
        "who": _short(who),
        "action": Action(action).value,
        "subject": _short(subject),
        "detail": _packed(detail or {}),
    }
    row["digest"] = _digest(control, before, row)
    writer.insert("audit", [row])
    writer.run("control_move_chain_head", {"number": row["number"], "digest": row["digest"]})


def entries(
    control: Control,
    *,
    who: str = "",
    action: Action | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    text: str = "",
    limit: int = 500,
) -> list[Entry]:
    """The rows that fit, newest first. `since` is inside, `until` outside; `text` is sought in names and details."""
    found = control.records(
        "control_audit_entries",
        {
            "who": who,
            "action": action.value if action else "",
            "since": since or datetime(1970, 1, 1),
            "until": until or datetime(9999, 1, 1),
            "text": text.strip(),
            "limit": limit,
        },
    )
    return [
        Entry(
            int(r["number"]),
            r["happened_at"],
            r["who"],
            r["who_name"],
            r["action"],
            r["subject"],
            json.loads(r["detail"]),
        )
        for r in found
    ]


def verify(control: Control) -> Chain:
    """Recompute every digest. Names the first row that was changed, or that stands where one is missing."""
    before, expected = "", 1
    for row in control.records("control_audit_chain"):
        if row["number"] != expected or not hmac.compare_digest(row["digest"], _digest(control, before, row)):
            return Chain(expected - 1, expected)
        before, expected = row["digest"], expected + 1
    number, digest = control.rows("control_chain_head")[0]
    whole = number == expected - 1 and digest == before
    return Chain(expected - 1, None if whole else expected)


def _digest(control: Control, before: str, row: Mapping[str, Any]) -> str:
    told = [
        before,
        row["number"],
        row["happened_at"].isoformat(),
        row["who"],
        row["action"],
        row["subject"],
        row["detail"],
    ]
    return control.hashed("audit", json.dumps(told, ensure_ascii=True))


def _short(text: str) -> str:
    if not isinstance(text, str) or len(text) > LONGEST_TEXT:
        raise ValueError("the audit takes short words only")
    return text


def _packed(detail: Mapping[str, Detail]) -> str:
    if len(detail) > MOST_DETAILS:
        raise ValueError("too many details for the audit")
    for name, value in detail.items():
        if not isinstance(value, str | int | float | bool):
            raise ValueError("the audit takes short words and numbers only")
        _short(name)
        if isinstance(value, str):
            _short(value)
    return json.dumps(dict(detail), ensure_ascii=False, sort_keys=True, allow_nan=False)
