"""Every screen script, run by Streamlit's own test harness for every role: no exception, words for what is hidden."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from echo_metrics.access import LOCAL_OWNER, Viewer
from echo_metrics.answers import Filters
from echo_metrics.terms import Role
from pages.ui import door
from tests.conftest import ROOT

SCREENS = sorted(p.name for p in (ROOT / "pages").glob("*.py") if p.name not in ("shell.py", "__init__.py"))
LEADERS_SCREENS = {"summary.py", "roi.py"}
OWNERS_SCREENS = {"people.py", "audit.py"}
STANDING_ALONE = {"data.py", "check_table.py", "sharing.py", "explore.py", *OWNERS_SCREENS}
"""Screens that the sidebar's filters do not touch."""
NOBODYS_SCREEN = "explore.py"
"""Drawn by the shell for the holder of a shared link only."""


@pytest.fixture(autouse=True)
def demo(demo_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ECHO_STORE", str(demo_path))
    monkeypatch.chdir(ROOT)
    st.cache_data.clear()
    st.cache_resource.clear()


def run(screen: str, role: Role = Role.OWNER, filters: Filters | None = None) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / screen), default_timeout=60)
    app.session_state[door.VIEW_AS_KEY] = role.value
    app.session_state[door.FILTERS_KEY] = filters or Filters()
    return app.run()


def words(app: AppTest) -> str:
    """Everything a reader could read on the screen."""
    kinds = (app.markdown, app.info, app.warning, app.error, app.caption, app.title, app.header, app.subheader)
    parts = [str(e.value) for kind in kinds for e in kind]
    parts += [str(e.proto) for e in app.get("html")]
    parts += [f"{m.label} {m.value} {m.delta}" for m in app.metric]
    return "\n".join(parts)


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("role", list(Role))
def test_no_exception_for_any_role(screen: str, role: Role) -> None:
    app = run(screen, role)
    assert not app.exception
    assert not app.error
    allowed = role is Role.OWNER or screen in LEADERS_SCREENS
    allowed = allowed or (role is Role.EVALUATOR and screen not in OWNERS_SCREENS)
    allowed = allowed and screen != NOBODYS_SCREEN
    assert ("is not part of what" in words(app)) is not allowed


@pytest.mark.parametrize("screen", [s for s in SCREENS if s not in STANDING_ALONE])
def test_narrow_and_empty_filters(screen: str) -> None:
    for filters in (
        Filters("psychosocial", "Cohort 1"),
        Filters("psychosocial", "Cohort 1", "spiritual_health"),
        Filters("care_homes", "Cohort 1", "manager"),
    ):
        app = run(screen, Role.EVALUATOR, filters)
        assert not app.exception
        assert not app.error


@pytest.mark.parametrize("screen", ["competency.py", "connection.py", "practice.py", "sessions.py", "attendance.py"])
def test_an_empty_filter_says_so_and_why(screen: str) -> None:
    from datetime import date

    app = run(screen, Role.EVALUATOR, Filters(start=date(2031, 1, 1)))
    assert not app.exception
    assert "There is no" in words(app)
    assert "wider filter" in words(app)
    assert not app.get("plotly_chart")


def test_a_hidden_discipline_is_a_worded_row() -> None:
    app = run("competency.py", Role.EVALUATOR, Filters("psychosocial", "Cohort 1"))
    assert "Hidden so another group cannot be worked out" in words(app) + str([t.value for t in app.dataframe])


def test_the_two_supervisor_views_stay_apart() -> None:
    text = words(run("supervisor_value.py", Role.EVALUATOR, Filters("psychosocial", "Cohort 1")))
    estimate = next(i for i in (text.find("participants estimate"), text.find("Participants' estimate")) if i >= 0)
    assert estimate >= 0
    assert "supervisors" in text.lower()


def test_every_chart_has_a_text_alternative() -> None:
    for screen in SCREENS:
        if screen == "data.py":
            continue
        for chart in run(screen, Role.OWNER, Filters("psychosocial", "Cohort 1")).get("plotly_chart"):
            assert len(chart.proto.alt) > 30, f"{screen}: a chart without a text alternative"


def test_the_seam_for_who_is_asking_reaches_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signed-in funder stays a funder, whatever 'View as' the session holds."""
    monkeypatch.setattr(door, "who_is_asking", lambda: Viewer(Role.FUNDER))
    app = run("competency.py", Role.OWNER)
    assert "is not part of what a funder sees" in words(app)
    assert LOCAL_OWNER.role is Role.OWNER


def test_the_shell_draws_filters_and_summary() -> None:
    app = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=60).run()
    assert not app.exception
    assert [s.label for s in app.sidebar.selectbox] == ["Network", "Cohort", "Discipline", "View as"]
    app.sidebar.selectbox[0].set_value("Psychosocial Palliative Care").run()
    app.sidebar.selectbox[1].set_value("Cohort 1").run()
    assert not app.exception
    found = app.session_state[door.FILTERS_KEY]
    assert (found.network, found.cohort) == ("psychosocial", "Cohort 1")
