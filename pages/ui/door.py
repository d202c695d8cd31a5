"""The data door: the only way from a screen to an answer, with the only caches. It refuses without a viewer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from echo_metrics import answers
from echo_metrics.access import LOCAL_OWNER, Viewer, view_as
from echo_metrics.answers import Answer, Filters
from echo_metrics.answers import imports as import_answers
from echo_metrics.answers import scope as scope_answers
from echo_metrics.answers.ask import data_version, may_ask
from echo_metrics.answers.imports import ImportRow, QueueRow
from echo_metrics.answers.scope import Options
from echo_metrics.definitions import Definitions, load_definitions
from echo_metrics.demo import default_store_path
from echo_metrics.errors import NotAllowed
from echo_metrics.ingest.load import import_bytes
from echo_metrics.ingest.report import FileReport
from echo_metrics.ingest.source import open_document
from echo_metrics.statistics.table_check import RowCheck
from echo_metrics.store import Store
from echo_metrics.table_files import TableRow, check_rows, rows_from_text, rows_of
from echo_metrics.terms import Role

VIEW_AS_KEY = "as"
FILTERS_KEY = "_filters"


def who_is_asking() -> Viewer:
    """The one seam through which the dashboard learns who is asking. In local mode: whoever sits at this computer."""
    return LOCAL_OWNER


def viewer() -> Viewer:
    """The viewer of this rerun, after 'View as'. Raises `NotAllowed` if somebody else than the owner asks for that."""
    asked = st.session_state.get(VIEW_AS_KEY) or Role.OWNER.value
    signed_in = who_is_asking()
    return view_as(signed_in, Role(asked)) if signed_in.role is Role.OWNER else signed_in


def filters() -> Filters:
    """The filters that the shell read from its widgets in this rerun."""
    found = st.session_state.get(FILTERS_KEY)
    return found if isinstance(found, Filters) else Filters()


def may_see(person: Viewer, question: str) -> bool:
    """Whether a viewer's role sees a screen; files and the table checker are for those who work on the data."""
    if question in ("data", "check-table"):
        return person.role in (Role.OWNER, Role.EVALUATOR)
    return may_ask(person.role, question)


def guard(question: str) -> None:
    """Stop the screen with a friendly word if the viewer's role does not see this question."""
    person = viewer()
    if not may_see(person, question):
        st.info(f"This screen is not part of what a {person.role.value} sees.")
        st.stop()


def answer(question: str, measure: str = "") -> Answer:
    """The answer to one question under the current filters, for the current viewer; `measure` narrows the checks."""
    person, store = viewer(), _store(str(default_store_path()))
    return _answer(str(store.path), data_version(store), person, question, filters(), measure)


def options() -> Options:
    """What the current viewer may choose in the filters."""
    person, store = viewer(), _store(str(default_store_path()))
    return _options(str(store.path), data_version(store), person)


def imports() -> list[ImportRow]:
    """All imports with their reconciliation."""
    return import_answers.imports(_store(str(default_store_path())), viewer())


def queue() -> list[QueueRow]:
    """The review queue of doubtful names; owner only."""
    return import_answers.queue(_store(str(default_store_path())), viewer())


def import_files(uploads: Sequence[tuple[str, bytes]], network: str, cohort: str) -> list[FileReport]:
    """Import uploaded files, one transaction each. Raises `NotAllowed` for everyone but the owner."""
    if not viewer().may_import:
        raise NotAllowed("Only the owner imports files.")
    store = _store(str(default_store_path()))
    return [import_bytes(store, name, data, network, cohort) for name, data in uploads]


def check_table(text: str, upload: tuple[str, bytes] | None = None) -> tuple[tuple[TableRow, RowCheck], ...]:
    """Check the rows of a printed results table, pasted or in a file. Raises `UserError` naming row and column."""
    rows = rows_of(open_document(*upload)) if upload else rows_from_text(text)
    return tuple(zip(rows, check_rows(rows), strict=True))


def definitions() -> Definitions:
    """The reviewed definitions."""
    return load_definitions()


def synthetic() -> bool:
    """Whether any of the data is the demonstration's."""
    return bool(_store(str(default_store_path())).rows("any_synthetic")[0][0])


# A store is opened once in the process and shared by all sessions; every call inside takes a cursor of its own.
@st.cache_resource(show_spinner="Opening the store", max_entries=2, on_release=Store.close)
def _store(path: str) -> Store:
    return Store.open(Path(path))


# The key holds everything an answer depends on: the data, the audience with its scope, and the question.
@st.cache_data(show_spinner=False, max_entries=512)
def _answer(path: str, version: str, person: Viewer, question: str, chosen: Filters, measure: str) -> Answer:
    return answers.ask(_store(path), question, chosen, person, measure)


@st.cache_data(show_spinner=False, max_entries=64)
def _options(path: str, version: str, person: Viewer) -> Options:
    return scope_answers.options(_store(path), person)
