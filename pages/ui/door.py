"""The data door: the only way from a screen to an answer, with the only caches. It refuses without a viewer."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from echo_metrics import answers
from echo_metrics.access import LOCAL_OWNER, Viewer, audit, view_as
from echo_metrics.access.audit import Action
from echo_metrics.access.identity import Identity
from echo_metrics.answers import Answer, Filters
from echo_metrics.answers import imports as import_answers
from echo_metrics.answers import scope as scope_answers
from echo_metrics.answers.ask import data_version, may_ask
from echo_metrics.answers.imports import ImportRow
from echo_metrics.answers.scope import Options
from echo_metrics.definitions import Definitions
from echo_metrics.demo import default_store_path
from echo_metrics.errors import NotAllowed
from echo_metrics.ingest.source import open_document
from echo_metrics.own_definitions import definitions_of
from echo_metrics.sharing import overlap, registry, standing
from echo_metrics.sharing.links import Opened
from echo_metrics.sharing.release import Release
from echo_metrics.statistics.table_check import RowCheck
from echo_metrics.store import Control, Store
from echo_metrics.table_files import TableRow, check_rows, rows_from_text, rows_of
from echo_metrics.terms import Role
from pages.ui import asking, identity

VIEW_AS_KEY = "as"
FILTERS_KEY = "_filters"
SHARED_KEY = "_shared_view"
"""Set by the shell while the screen of a shared link is drawn."""
EXPLORE = "explore"
"""The screen of a shared link."""
STAFF_SCREENS = frozenset({"data", "check-table", "sharing", "ledger"})
OWNER_SCREENS = frozenset({"people", "audit"})


def who_is_asking() -> Viewer | None:
    """The one seam through which the dashboard learns who is asking; None for nobody known."""
    found = identity.who()
    return _viewer_of(found) if found is not None else None


def viewer() -> Viewer:
    """The viewer of this rerun, after 'View as'. Raises `NotAllowed` for nobody known.

    On the screen of a shared link it is its recipient, whoever is signed in besides.
    """
    if st.session_state.get(SHARED_KEY):
        return Viewer(Role.FUNDER, opened().link.recipient)
    signed_in = who_is_asking()
    if signed_in is None:
        raise NotAllowed("Sign in first.")
    asked = st.session_state.get(VIEW_AS_KEY) or Role.OWNER.value
    return view_as(signed_in, Role(asked)) if signed_in.role is Role.OWNER else signed_in


def opened() -> Opened:
    """What the shared link of this browser opens now, checked at every rerun. Raises `NotAllowed` if nothing does."""
    found = asking.shared()
    if found is None:
        raise NotAllowed("This link does not open any more. Ask the person who sent it to you for a new one.")
    return found


def filters() -> Filters:
    """The filters that the shell read from its widgets in this rerun."""
    found = st.session_state.get(FILTERS_KEY)
    return found if isinstance(found, Filters) else Filters()


def may_see(person: Viewer, question: str) -> bool:
    """Whether a viewer's role sees a screen."""
    if question == EXPLORE:
        return person.role is Role.FUNDER
    if question in OWNER_SCREENS:
        return person.role is Role.OWNER
    if question == "data" and person.networks is not None:
        return False
    if question in STAFF_SCREENS:
        return person.role in (Role.OWNER, Role.EVALUATOR)
    return may_ask(person.role, question)


def guard(question: str) -> None:
    """Stop the screen with a friendly word if the viewer's role does not see this question."""
    person = viewer()
    if (question == EXPLORE) is not bool(st.session_state.get(SHARED_KEY)) or not may_see(person, question):
        article = "an" if person.role.value[0] in "aeo" else "a"
        st.info(f"This screen is not part of what {article} {person.role.value} sees.")
        st.stop()


def answer(question: str, measure: str = "") -> Answer:
    """The answer to one question under the current filters, for the current viewer; `measure` narrows the checks.

    Leaders and recipients of a link get what was frozen; everybody else the live gate.
    """
    person = viewer()
    if st.session_state.get(SHARED_KEY):
        return standing.answer(opened().release, person, question, filters())
    store = _store(str(default_store_path()))
    if person.role is Role.LEADER:
        return standing.answer(leaders_release(), person, question, filters())
    found = _answer(str(store.path), data_version(store), person, question, filters(), measure)
    _note_internal(person, found)
    return found


def leaders_release() -> Release:
    """The leaders' release, brought to the present data. Raises `UserError` while there is nothing in it."""
    store, control = _store(str(default_store_path())), identity.context().control
    entry = standing.refresh(store, control)
    return _release(str(control.path), entry.number)


def frozen() -> Release | None:
    """The release that the current viewer's screens draw from; None for those who see live figures."""
    if st.session_state.get(SHARED_KEY):
        return opened().release
    return leaders_release() if viewer().role is Role.LEADER else None


def parts_of(network: str) -> tuple[str, ...]:
    """The cohorts that the frozen figures hold for one network by themselves."""
    release = frozen()
    return tuple(s.cohort for s in release.scopes if s.network == network and s.cohort) if release else ()


def overlap_warning() -> str:
    """A warning if the current filters and recent ones of the same person differ by a few people; '' if not."""
    person, store = viewer(), _store(str(default_store_path()))
    if person.role is not Role.EVALUATOR:
        return ""
    return overlap.check(store, identity.context().control, person, filters())


def options() -> Options:
    """What the current viewer may choose in the filters."""
    person, store = viewer(), _store(str(default_store_path()))
    return _options(str(store.path), data_version(store), person)


def imports() -> list[ImportRow]:
    """All imports with their reconciliation."""
    return import_answers.imports(_store(str(default_store_path())), viewer())


def check_table(text: str, upload: tuple[str, bytes] | None = None) -> tuple[tuple[TableRow, RowCheck], ...]:
    """Check the rows of a printed results table, pasted or in a file. Raises `UserError` naming row and column."""
    rows = rows_of(open_document(*upload)) if upload else rows_from_text(text)
    return tuple(zip(rows, check_rows(rows), strict=True))


def store() -> Store:
    """The open store, for the sharing door."""
    return _store(str(default_store_path()))


def definitions() -> Definitions:
    """The reviewed definitions."""
    return definitions_of(_store(str(default_store_path())))


def synthetic() -> bool:
    """Whether any of the data is the demonstration's."""
    return bool(_store(str(default_store_path())).rows("any_synthetic")[0][0])


# A store is opened once in the process and shared by all sessions; every call inside takes a cursor of its own.
@st.cache_resource(show_spinner="Opening the store", max_entries=2, on_release=Store.close)
def _store(path: str) -> Store:
    return Store.open(Path(path))


def _viewer_of(found: Identity) -> Viewer:
    """The viewer behind an identity; networks are named by key in accounts and by id in the store."""
    ids = None
    if found.network_keys is not None:
        store = _store(str(default_store_path()))
        every = _options(str(store.path), data_version(store), LOCAL_OWNER).networks
        ids = frozenset(n.id for n in every if n.key in found.network_keys)
    row_level = found.row_level or found.role is Role.OWNER
    return Viewer(found.role, found.name, ids, row_level, found.account, found.network_keys)


def _note_internal(person: Viewer, found: Answer) -> None:
    """Put into the audit that somebody with an account looked at a small group, once a session and choice."""
    if not person.account or not any(r.reason.startswith("Internal") for r in found.results):
        return
    seen: set[tuple[str, Filters]] = st.session_state.setdefault("_internal_seen", set())
    choice = (found.question, found.filters)
    if choice not in seen:
        seen.add(choice)
        detail: dict[str, audit.Detail] = {k: v for k, v in found.filters.as_json().items() if v}
        audit.record(identity.context().control, person.account, Action.VIEWED_INTERNAL, found.question, detail)


@st.cache_data(show_spinner=False, max_entries=16)
def _release(control: str, number: int) -> Release:
    # A release never changes, so its number is the whole key.
    return registry.read(Control.at(Path(control)), number)


# The key holds everything an answer depends on: the data, the audience with its scope, and the question.
@st.cache_data(show_spinner=False, max_entries=512)
def _answer(path: str, version: str, person: Viewer, question: str, chosen: Filters, measure: str) -> Answer:
    return answers.ask(_store(path), question, chosen, person, measure)


@st.cache_data(show_spinner=False, max_entries=64)
def _options(path: str, version: str, person: Viewer) -> Options:
    return scope_answers.options(_store(path), person)
