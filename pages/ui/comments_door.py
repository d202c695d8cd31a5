"""The door to comments: read and approved by holders of the row-level right, who are asked for anew at every call."""

from __future__ import annotations

import streamlit as st

from echo_metrics.access import Viewer, audit
from echo_metrics.access.audit import Action
from echo_metrics.errors import NotAllowed
from echo_metrics.sharing import comments
from echo_metrics.sharing.comments import Asked, Reading
from pages.ui import door, identity


def may_read() -> bool:
    """Whether the viewer may read comments before they are approved."""
    return not st.session_state.get(door.SHARED_KEY) and comments.may_read(door.viewer())


def networks() -> dict[str, str]:
    """The networks to choose from: key by name."""
    return {n.name: n.key for n in door.options().networks}


def questions(network: str) -> list[Asked]:
    """The questions with comments of one network, or of all for ''; none of the comments."""
    return comments.questions(door.store(), identity.context().control, _reader(), network)


def readings(asked: Asked, network: str) -> list[Reading]:
    """The comments on one question. The audit notes that somebody with an account read them, once a session."""
    person = _reader()
    seen: set[tuple[str, str]] = st.session_state.setdefault("_comments_seen", set())
    choice = (asked.question, network)
    if person.account and choice not in seen:
        seen.add(choice)
        detail: dict[str, audit.Detail] = {"question": asked.wording[:100], "network": network or "all"}
        audit.record(identity.context().control, person.account, Action.VIEWED_INTERNAL, "comments", detail)
    return comments.readings(door.store(), identity.context().control, person, asked.question, network)


def approve(key: str) -> None:
    """Let releases to come show a comment."""
    comments.approve(door.store(), identity.context().control, _reader(), key)


def withdraw(key: str) -> None:
    """Keep a comment out of releases to come."""
    comments.withdraw(door.store(), identity.context().control, _reader(), key)


def _reader() -> Viewer:
    if not may_read():
        raise NotAllowed(comments.ONLY_ROW_LEVEL)
    return door.viewer()
