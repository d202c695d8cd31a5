"""The door to ledgers and their scenarios: every call asks again who the viewer is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import streamlit as st

from echo_metrics import ledger_desk, scenarios
from echo_metrics.access import Viewer, accounts, audit
from echo_metrics.answers import Result, ledgers
from echo_metrics.answers import roi as roi_answers
from echo_metrics.answers.ledgers import Draft, Kept
from echo_metrics.definitions.presets import PRESETS, preset_text
from echo_metrics.errors import NotAllowed, UserError
from echo_metrics.ingest.ledger_document import ledger_document
from echo_metrics.ingest.source import open_document
from echo_metrics.ledger_files.sheets import Sheets, to_document
from echo_metrics.ledger_files.toml_text import to_toml
from echo_metrics.ledger_files.workbook import to_workbook
from echo_metrics.scenarios import Compared, Scenario
from echo_metrics.sharing import standing
from pages.ui import door, identity

SEEN_AS = "_what_if_identity"
"""Who looked when the screen was drawn as a whole; a fragment that finds somebody else draws it anew."""


def remember_viewer() -> None:
    """Note who looks, so that `still_allowed` can compare without opening the store."""
    st.session_state[SEEN_AS] = _looker()


def still_allowed() -> None:
    """Check in a rerun of a part of the screen that the same person may still look; else draw the whole screen anew.

    Asks for the session or the link, not for figures: moving a slider touches no store.
    """
    if st.session_state.get(SEEN_AS) != _looker():
        st.rerun()


def recompute(ledger: Result, changes: Mapping[str, float]) -> dict[str, Result]:
    """The figures of a released ledger with other base values. Raises `UserError` for a value that cannot be."""
    return roi_answers.with_changes(ledger, changes)


def may_save() -> bool:
    """Whether the viewer keeps scenarios."""
    return not st.session_state.get(door.SHARED_KEY) and scenarios.may_save(door.viewer())


def saved(ledger: Result) -> list[Scenario]:
    """The scenarios of a ledger that the viewer may see."""
    if st.session_state.get(door.SHARED_KEY):
        return []
    return scenarios.listed(identity.context().control, door.viewer(), ledger)


def save_scenario(ledger: Result, name: str, values: Mapping[str, float], why: str) -> Scenario:
    """Keep a scenario."""
    return scenarios.save(identity.context().control, _inside(), ledger, name, values, why)


def remove_scenario(scenario: Scenario) -> None:
    """Take a scenario off the list."""
    scenarios.remove(identity.context().control, _inside(), scenario)


def compare(ledger: Result, chosen: Sequence[Scenario]) -> list[Compared]:
    """Scenarios on the ledger as it stands now."""
    return scenarios.compare(ledger, chosen)


def people() -> dict[str, str]:
    """Names of those who saved scenarios, by what the audit calls them."""
    return {audit.LOCAL: "this computer", **{a.id: a.shown for a in accounts.every(identity.context().control)}}


def kept() -> list[Kept]:
    """The ledgers that the viewer keeps, under the current filters."""
    return ledgers.kept(door.store(), _keeper(), door.filters())


def presets() -> Mapping[str, str]:
    """Ledgers to start from: name and what each is meant for."""
    return PRESETS


def from_preset(name: str, network: str, cohort: str) -> dict[str, Any]:
    """A preset as a document."""
    return ledger_document(open_document("preset.toml", preset_text(name, network, cohort).encode()))


def from_file(name: str, data: bytes) -> dict[str, Any]:
    """A ledger file as a document. Raises `UserError` for one that is none."""
    return ledger_document(open_document(name, data))


def sheets_of(body: Mapping[str, Any]) -> Sheets:
    """A ledger laid out in tables. Raises `LedgerError` for a faulty one."""
    return ledger_desk.laid_out(body)


def document_of(sheets: Sheets) -> dict[str, Any]:
    """The document that edited tables make."""
    return to_document(sheets)


def draft(body: Mapping[str, Any]) -> Draft:
    """A checked ledger with its figures. Raises `UserError` with everything that is wrong."""
    return ledgers.draft_of(door.store(), body, _keeper())


def changes(before: Mapping[str, Any] | None, after: Draft) -> tuple[str, ...]:
    """What saving a draft would change."""
    return ledger_desk.changes(before, after)


def toml_of(made: Draft) -> bytes:
    """A draft as TOML."""
    return to_toml(made.ledger).encode()


def workbook_of(made: Draft) -> bytes:
    """A draft as a workbook with formulas."""
    return to_workbook(made.ledger, made.model)


def save_ledger(made: Draft, why: str, moved: Sequence[str]) -> None:
    """Save an edited ledger, and bring the leaders' release to it."""
    ledger_desk.save(door.store(), identity.context().control, _keeper(), made, why, moved)
    # The ledger stands whether or not the leaders' release can follow.
    with suppress(UserError):
        standing.refresh(door.store(), identity.context().control)


def _looker() -> object:
    return door.opened().link.number if st.session_state.get(door.SHARED_KEY) else identity.who()


def _inside() -> Viewer:
    if st.session_state.get(door.SHARED_KEY):
        raise NotAllowed("The recipient of a link looks at a release; scenarios are kept inside the hub.")
    return door.viewer()


def _keeper() -> Viewer:
    person = _inside()
    if not person.may_share:
        raise NotAllowed(f"A {person.role.value} does not keep ledgers; owners and evaluators do.")
    return person
