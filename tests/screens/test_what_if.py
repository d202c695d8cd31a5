"""The leader's own numbers: what a slider does to the sentence, and that moving it asks nothing of the store."""

from __future__ import annotations

import json
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from echo_metrics.access import LOCAL_OWNER, identity
from echo_metrics.answers import Filters, Result, ask
from echo_metrics.answers.document import answer_document, answer_from
from echo_metrics.answers.model import Answer, Trail
from echo_metrics.roi.finance import benefit_cost
from echo_metrics.store import Store
from echo_metrics.store.database import Database
from echo_metrics.terms import Role
from pages.ui import ledger_door
from tests.conftest import ROOT

COHORT_1 = Filters("psychosocial", "Cohort 1")
TRAVEL = "journeys_not_made"


@pytest.fixture(autouse=True)
def here(demo_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECHO_STORE", str(demo_path))
    monkeypatch.chdir(ROOT)
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture(scope="module")
def ledger(demo_path: Any) -> Result:
    with Store.open(demo_path) as store:
        return ask(store, "roi", COHORT_1, LOCAL_OWNER).only("ledger")[0]


def draw() -> None:
    import streamlit as st

    from pages.ui import ledger_door, what_if

    ledger_door.remember_viewer()
    what_if.draw(st.session_state["ledger"], "it", True)


def opened(ledger: Result) -> AppTest:
    app = AppTest.from_function(draw, default_timeout=60)
    app.session_state["ledger"] = ledger
    return app.run()


def said(app: AppTest) -> str:
    return "\n".join(str(e.proto) for e in app.get("html"))


@pytest.fixture
def no_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every question to a database is an error."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a slider asked the database")

    for name in ("rows", "records", "write", "open"):
        monkeypatch.setattr(Database, name, refuse)


def test_the_widest_assumptions_have_sliders_between_their_ends(ledger: Result, no_store: None) -> None:
    app = opened(ledger)
    assert not app.exception
    first = app.slider[0]
    assert (first.min, first.value, first.max) == (40, 60, 80)
    assert "Share of journeys that nobody would have made" in first.label
    assert len(app.slider) == 3
    swings = [abs(b["at_high"] - b["at_low"]) for b in ledger.extra["tornado"]]
    assert swings == sorted(swings, reverse=True)
    assert "Evidence: D: somebody's judgement" in first.help


def test_moving_a_slider_changes_the_sentence_and_asks_no_database(ledger: Result, no_store: None) -> None:
    app = opened(ledger)
    assert "With your numbers" not in said(app)
    app.slider[0].set_value(40.0).run()
    assert not app.exception
    lines = {line["key"]: line for line in ledger.extra["lines"]}
    journeys = sum(
        lines[k]["amount"]["base"] for k in ("avoided_travel", "avoided_accommodation", "avoided_travel_time")
    )
    costs = sum(line["amount"]["base"] for line in lines.values() if line["counted"] and line["kind"] == "cost")
    benefits = sum(line["amount"]["base"] for line in lines.values() if line["counted"] and line["kind"] == "benefit")
    # 60 instead of 40 in 100 journeys count.
    expected = benefit_cost(benefits + journeys * 0.5, costs).net_benefit
    assert f"exceed the costs by about CAD {expected:,.0f}" in said(app).replace("\\302\\240", " ")
    app.slider[0].set_value(60.0).run()
    assert "With your numbers" not in said(app)


def test_your_numbers_lists_every_assumption_that_counts_once(ledger: Result, no_store: None) -> None:
    app = opened(ledger)
    app.segmented_control[0].set_value("Your numbers").run()
    inputs = ledger.extra["model"]["inputs"]
    used = {p for t in ledger.extra["model"]["terms"] if t["counted"] for p in t["uses"].values()}
    assert len(app.number_input) == len(used)
    assert {n.label.removesuffix(" (%)") for n in app.number_input if n.label.endswith("(%)")} == {
        inputs[p]["label"] for p in used if inputs[p]["sort"] == "share"
    }
    app.number_input(key=f"it-number-{TRAVEL}").set_value(100.0).run()
    assert "With your numbers: the programme costs about" in said(app)


def test_a_release_carries_what_the_sliders_need(ledger: Result, no_store: None) -> None:
    """What was frozen as JSON moves as the live ledger does: the same sentence from the same numbers."""
    frozen = _through_json(ledger)
    live, later = opened(ledger), opened(frozen)
    for app in (live, later):
        app.slider[0].set_value(80.0).run()
        assert not app.exception
    assert said(live) == said(later)


def _through_json(ledger: Result) -> Result:
    answer = Answer("roi", COHORT_1, "v1", Role.LEADER, Trail(None, None, None, None, None), (ledger,))
    return answer_from(json.loads(json.dumps(answer_document(answer)))).results[0]


def test_a_part_of_the_screen_that_finds_somebody_else_draws_all_anew(
    ledger: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(ledger)
    assert app.slider
    now: list[object] = []
    monkeypatch.setattr(ledger_door, "_looker", lambda: "somebody else" if now else identity.LOCAL)
    drawn: list[str] = []
    monkeypatch.setattr(ledger_door.st, "rerun", lambda *_: drawn.append("anew"))
    monkeypatch.setitem(ledger_door.st.session_state, ledger_door.SEEN_AS, identity.LOCAL)
    ledger_door.still_allowed()
    assert drawn == []
    now.append(True)
    ledger_door.still_allowed()
    assert drawn == ["anew"]
