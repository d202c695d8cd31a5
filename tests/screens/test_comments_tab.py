"""The tab on which comments are approved, and the screen of a link that shows them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from echo_metrics.access import LOCAL_OWNER, Viewer, audit
from echo_metrics.access.audit import Action
from echo_metrics.sharing import comments, links, registry
from echo_metrics.sharing.build import Request
from echo_metrics.sharing.links import Opened
from echo_metrics.store import Control, Store, control_path
from echo_metrics.terms import Role
from pages.ui import asking, door
from tests.comment_files import CHANGED, PADDING, crowd, survey
from tests.conftest import ROOT
from tests.screens.test_screens import words


@pytest.fixture
def control(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Control]:
    """The control plane of a store with 24 comments in one network and 3 in another."""
    path = tmp_path / "s.duckdb"
    with Store.open(path) as store:
        survey(store, tmp_path / "n.csv", "north", crowd("Cohort 1", 24, "A"))
        survey(store, tmp_path / "s.csv", "south", crowd("Cohort 1", 3, "B"))
    monkeypatch.setenv("ECHO_STORE", str(path))
    monkeypatch.chdir(ROOT)
    st.cache_data.clear()
    st.cache_resource.clear()
    yield Control.at(control_path(path))
    Control.close_all()
    st.cache_data.clear()
    st.cache_resource.clear()


def sharing(role: Role = Role.OWNER) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / "sharing.py"), default_timeout=60)
    app.session_state[door.VIEW_AS_KEY] = role.value
    return app.run()


def select(app: AppTest, label: str, index: int) -> AppTest:
    [box] = [s for s in app.selectbox if s.label == label]
    return box.select_index(index).run()


def approvals(app: AppTest) -> list[str]:
    return [b.label for b in app.button if b.label in ("Approve", "Take back")]


def test_comments_are_read_only_after_a_choice_and_approved_one_by_one(control: Control) -> None:
    app = sharing()
    assert not app.exception
    assert PADDING not in words(app), "nothing is sent to the browser before somebody asks for it"
    app = select(app, "Network", 0)
    app = select(app, "Question", 0)
    assert approvals(app) == ["Approve"] * 20
    assert words(app).count(PADDING) == 20
    assert "I am B" not in words(app), "the other network's"
    assert "0 of 24 comments approved." in words(app)
    next(b for b in app.button if b.label == "Approve").click().run()
    assert approvals(app) == ["Take back", *["Approve"] * 19]
    assert len(comments.approved(control)) == 1
    [entry] = audit.entries(control, action=Action.COMMENT_APPROVED)
    assert (entry.who, entry.subject.startswith("comment ")) == (audit.LOCAL, True)
    app = select(app, "Comments", 1)
    assert approvals(app) == ["Approve"] * 4
    app = select(app, "Comments", 0)
    next(b for b in app.button if b.label == "Take back").click().run()
    assert comments.approved(control) == frozenset()
    assert not app.exception


def test_a_right_that_is_missing_shows_one_sentence(control: Control) -> None:
    app = sharing(Role.EVALUATOR)
    assert not app.exception
    assert comments.ONLY_ROW_LEVEL in words(app)
    assert CHANGED not in words(app) + str([s.options for s in app.selectbox])
    assert not approvals(app)


def test_reading_comments_with_an_account_is_in_the_audit(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluator = Viewer(Role.EVALUATOR, "Eva", row_level=True, account="a1")
    monkeypatch.setattr(door, "who_is_asking", lambda: evaluator)
    app = sharing()
    assert audit.entries(control) == []
    app = select(app, "Question", 0)
    assert words(app).count(PADDING) == 20
    next(b for b in app.button if b.label == "Approve").click().run()
    kept = [(e.who, e.action) for e in audit.entries(control)]
    assert kept == [("a1", Action.COMMENT_APPROVED.value), ("a1", Action.VIEWED_INTERNAL.value)]
    assert PADDING not in str(audit.entries(control))


def test_the_screen_of_a_link_shows_the_approved_ones_only(
    control: Control, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with Store.open(tmp_path / "s.duckdb") as store:
        [question] = comments.questions(store, control, LOCAL_OWNER)
        chosen = comments.readings(store, control, LOCAL_OWNER, question.question, "north")[:2]
        for reading in chosen:
            comments.approve(store, control, LOCAL_OWNER, reading.key)
        entry = registry.freeze(store, control, LOCAL_OWNER, Request("Words", pages=("comments",)))
    until = datetime(2030, 1, 1)
    monkeypatch.setattr(control, "clock", lambda: until - timedelta(days=30))
    asked = links.Request(entry.number, "A funder", "To read", until, ("comments",))
    link, _ = links.create(control, LOCAL_OWNER, asked)
    found = Opened(link, registry.read(control, entry.number))
    monkeypatch.setattr(asking, "shared", lambda: found)
    app = AppTest.from_file(str(ROOT / "pages" / "explore.py"), default_timeout=60)
    app.session_state[door.SHARED_KEY] = True
    app.run()
    assert not app.exception
    text = words(app)
    assert "In their own words" in text
    assert all(reading.text in text for reading in chosen)
    assert text.count(PADDING) == 2
