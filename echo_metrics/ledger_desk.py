"""What keepers of ledgers do: lay one out in tables, see what a change does, and save it with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from echo_metrics.access import Viewer, audit
from echo_metrics.access.audit import Action
from echo_metrics.answers import Filters, ledgers
from echo_metrics.answers.ledgers import Draft
from echo_metrics.answers.scope import resolve
from echo_metrics.errors import NotAllowed, UserError
from echo_metrics.ingest.load import import_bytes
from echo_metrics.ledger_files.sheets import Sheets, to_sheets
from echo_metrics.ledger_files.toml_text import to_toml
from echo_metrics.roi.parse import parse_ledger
from echo_metrics.store import Control, Store

LONGEST = 200
"""Characters of a word in the audit."""


def laid_out(body: Mapping[str, Any]) -> Sheets:
    """A ledger in tables. Raises `LedgerError` for a faulty one."""
    return to_sheets(parse_ledger(body))


def changes(before: Mapping[str, Any] | None, after: Draft) -> tuple[str, ...]:
    """What saving a draft would change, one sentence each."""
    return ledgers.changes_between(parse_ledger(before) if before is not None else None, after.ledger)


def save(store: Store, control: Control, viewer: Viewer, draft: Draft, why: str, moved: Sequence[str]) -> None:
    """Bring an edited ledger into the store as an import of its own, and say in the audit who changed what and why.

    Raises `NotAllowed` for those who keep no ledgers, `UserError` for a missing reason, an unknown network or cohort,
    and whatever an import refuses; then the ledger that stands is untouched.
    """
    if not viewer.may_share:
        raise NotAllowed(f"A {viewer.role.value} does not keep ledgers; owners and evaluators do.")
    if not why.strip():
        raise UserError("Say in a few words why the ledger changes.")
    # A ledger speaks of a network and cohort that exist and that this person may see.
    resolve(store, viewer, Filters(draft.ledger.network, draft.ledger.cohort or ""))
    name = f"ledger edited on screen {control.now():%Y-%m-%d %H%M%S}.toml"
    report = import_bytes(store, name, to_toml(draft.ledger).encode(), "", "")
    if report.status == "refused":
        raise UserError(report.message)
    detail: dict[str, audit.Detail] = {
        "why": " ".join(why.split())[:LONGEST],
        "network": draft.ledger.network[:LONGEST],
        "cohort": (draft.ledger.cohort or "")[:LONGEST],
        "changes": " ".join(moved)[:LONGEST],
    }
    audit.record(control, viewer.account or audit.LOCAL, Action.LEDGER_CHANGED, draft.ledger.title[:LONGEST], detail)
