"""The live gate beyond single figures: crosses, denominators, checks, and filters that differ by a few people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from echo_metrics.access import LOCAL_OWNER, Viewer, audit, view_as
from echo_metrics.access.audit import Action
from echo_metrics.answers import Filters, ask
from echo_metrics.answers.scope import resolve
from echo_metrics.sharing import overlap
from echo_metrics.store import Control, Store, control_path
from echo_metrics.terms import Role, Status
from pages.ui import door
from tests.conftest import ROOT

EVALUATOR = view_as(LOCAL_OWNER, Role.EVALUATOR)
RIGHT = Viewer(Role.EVALUATOR, "Ev", None, row_level=True, account="ev-1")
COHORT_1 = Filters("psychosocial", "Cohort 1")


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    with Control.open(tmp_path / "a.control.duckdb") as opened:
        yield opened


def test_the_row_level_right_is_what_opens_small_groups(demo_store: Store) -> None:
    def sizes(viewer: Viewer) -> list[int]:
        found = ask(demo_store, "competency", COHORT_1, viewer).only("competency", "discipline")
        return sorted(r.n for r in found if r.n is not None)

    assert sizes(RIGHT) == [3, 6, 10]
    assert sizes(EVALUATOR) == [9, 10]
    # The right is an evaluator's: with another role it opens nothing.
    leader = replace(RIGHT, role=Role.LEADER)
    summary = ask(demo_store, "summary", COHORT_1, leader)
    assert all(r.n is None or r.n >= 5 for r in summary.results if r.kind in ("change", "level"))


def test_one_discipline_in_one_session_is_a_cross_that_nobody_checked(demo_store: Store) -> None:
    filters = replace(COHORT_1, discipline="social_work")
    for measure in ("session_knowledge", "session_worth"):
        found = ask(demo_store, "session-value", filters, EVALUATOR).only(measure, "session")
        assert found
        assert {r.status for r in found} == {Status.SUPPRESSED}
        assert any(r.shown for r in ask(demo_store, "session-value", filters, LOCAL_OWNER).only(measure, "session"))


def test_the_denominators_of_a_part_would_give_the_other_parts(demo_store: Store) -> None:
    part = ask(demo_store, "competency", replace(COHORT_1, discipline="social_work"), EVALUATOR).trail
    assert (part.baseline, part.matched) == (None, None)
    assert part.registered is not None  # a programme count
    whole = ask(demo_store, "competency", COHORT_1, EVALUATOR).trail
    assert (whole.baseline, whole.matched) == (25, 19)


def test_checks_rest_on_exact_figures(demo_store: Store) -> None:
    hidden = ask(demo_store, "checks", COHORT_1, EVALUATOR).results
    assert hidden
    assert {r.status for r in hidden} == {Status.SUPPRESSED}
    assert not any(character.isdigit() for r in hidden for character in r.sentence)
    assert any(r.shown for r in ask(demo_store, "checks", COHORT_1, RIGHT).results)


def test_filters_that_differ_by_a_few_people_are_noted(demo_store: Store, control: Control) -> None:
    """Counted here from the pairs themselves: the last day that leaves one to four people out."""
    scope = resolve(demo_store, LOCAL_OWNER, Filters("psychosocial")).parameters
    everybody = set(demo_store.rows("filter_people", scope))
    days = sorted({r["after_utc"].date() for r in _pair_days(demo_store)})
    chosen = None
    for day in days:
        filters = Filters("psychosocial", start=day)
        some = set(demo_store.rows("filter_people", resolve(demo_store, LOCAL_OWNER, filters).parameters))
        if 0 < len(everybody - some) < 5:
            chosen = filters
    assert chosen is not None
    assert overlap.check(demo_store, control, EVALUATOR, Filters("psychosocial")) == ""
    assert "fewer than 5 people" in overlap.check(demo_store, control, EVALUATOR, chosen)
    (entry,) = audit.entries(control, action=Action.FILTERS_OVERLAP)
    assert entry.detail["network"] == "psychosocial"
    # Somebody else's filters are not compared with these; the owner sees small groups anyway.
    other = replace(EVALUATOR, account="someone-else")
    assert overlap.check(demo_store, control, other, chosen) == ""
    assert overlap.check(demo_store, control, LOCAL_OWNER, chosen) == ""
    # A choice that differs by many is no matter.
    assert overlap.check(demo_store, control, other, Filters("care_homes")) == ""


def _pair_days(store: Store) -> list[dict[str, object]]:
    with store._connection.cursor() as cursor:
        rows = cursor.execute("SELECT DISTINCT after_utc FROM pair WHERE after_utc IS NOT NULL").fetchall()
    return [{"after_utc": at} for (at,) in rows]


def test_looking_at_a_small_group_with_the_right_is_in_the_audit(
    demo_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECHO_STORE", str(demo_path))
    monkeypatch.chdir(ROOT)
    st.cache_data.clear()
    st.cache_resource.clear()
    monkeypatch.setattr(door, "who_is_asking", lambda: RIGHT)
    app = AppTest.from_file(str(ROOT / "pages" / "competency.py"), default_timeout=60)
    app.session_state[door.FILTERS_KEY] = COHORT_1
    app.run()
    app.run()
    assert not app.exception
    control = Control.at(control_path(demo_path))
    (entry,) = audit.entries(control, who="ev-1", action=Action.VIEWED_INTERNAL)
    assert (entry.subject, entry.detail) == ("competency", {"network": "psychosocial", "cohort": "Cohort 1"})
    assert "3.2" not in json.dumps(dict(entry.detail))
