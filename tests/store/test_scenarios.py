"""Scenarios in the control plane: saved, listed, compared and removed by those who may, with an audit row for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from echo_metrics import scenarios
from echo_metrics.access import LOCAL_OWNER, Viewer, audit
from echo_metrics.answers.model import Group, Result
from echo_metrics.answers.roi import about_ledger, ledger_results, with_changes
from echo_metrics.errors import NotAllowed, UserError
from echo_metrics.roi.model import build_model
from echo_metrics.roi.parse import parse_ledger
from echo_metrics.store import Control, control_path
from echo_metrics.terms import Role
from tests.ledgers import RICH_COUNTS, rich

NETWORK = "psychosocial"
NEAR, FAR = frozenset({NETWORK}), frozenset({"elsewhere"})
LEADER = Viewer(Role.LEADER, "leader", frozenset({1}), account="a1", network_keys=NEAR)
OTHER_LEADER = replace(LEADER, account="a2")
STRANGER = Viewer(Role.LEADER, "stranger", frozenset({2}), account="a3", network_keys=FAR)
EVALUATOR = Viewer(Role.EVALUATOR, "evaluator", account="a4")
FUNDER = Viewer(Role.FUNDER, "funder", frozenset({1}), network_keys=NEAR)


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    yield Control.at(control_path(tmp_path / "echo.duckdb"))
    Control.close_all()


def ledger_of(change: dict[str, Any] | None = None, network: str = NETWORK, cohort: str = "Cohort 1") -> Result:
    """The released ledger, with some keys of lines changed."""
    data = rich()
    for row in (*data["cost"], *data["benefit"]):
        row["key"] = (change or {}).get(row["key"], row["key"])
    data["correlation"] = []
    ledger = parse_ledger(data)
    about = about_ledger(ledger, "Psychosocial, Cohort 1", network, cohort)
    return ledger_results(about, build_model(ledger, RICH_COUNTS), Group())[-1]


LEDGER = ledger_of()


def entries(control: Control) -> list[tuple[str, str, str]]:
    return [(e.who, e.action, e.subject) for e in audit.entries(control)[::-1] if "scenario" in e.action]


def test_a_scenario_is_kept_with_who_moved_what_and_why(control: Control) -> None:
    made = scenarios.save(
        control,
        LEADER,
        LEDGER,
        "  Fewer   journeys ",
        {"not_made": 0.8, "licence.quantity": 2.0},
        " Our  own\nrecords ",
    )
    [found] = scenarios.listed(control, LEADER, LEDGER)
    assert found == made
    assert (found.name, found.why, found.made_by) == ("Fewer journeys", "Our own records", "a1")
    # The licence's quantity is 2 already: only what moved is kept.
    assert [(c.key, c.before, c.after) for c in found.changes] == [("not_made", 0.6, 0.8)]
    assert found.values == {"not_made": 0.8}
    moved = with_changes(LEDGER, {"not_made": 0.8})["net_benefit"].value
    assert moved is not None
    assert found.outcome == pytest.approx(moved.value)
    assert entries(control) == [("a1", "scenario_saved", "Fewer journeys")]
    assert audit.verify(control).broken is None


def test_the_outcome_is_what_a_person_would_work_out(control: Control) -> None:
    made = scenarios.save(control, LOCAL_OWNER, LEDGER, "No licence", {"licence.unit_value": 0.0}, "It was a gift")
    assert LEDGER.value is not None
    assert made.outcome == pytest.approx(LEDGER.value.value + 2 * 100 * 1.3415)
    assert made.made_by == audit.LOCAL


def test_scenarios_stand_side_by_side(control: Control) -> None:
    for name, value in (("Worse", 0.9), ("Better", 0.1)):
        scenarios.save(control, LEADER, LEDGER, name, {"not_made": value}, "To compare")
    kept = scenarios.listed(control, EVALUATOR, LEDGER)
    assert [s.name for s in kept] == ["Worse", "Better"]
    worse, better = scenarios.compare(LEDGER, kept)
    nets = [c.figures["net_benefit"].value for c in (worse, better)]
    assert nets[0] is not None
    assert nets[1] is not None
    assert nets[0].value < nets[1].value
    assert [c.scenario.outcome for c in (worse, better)] == [pytest.approx(n.value) for n in nets if n]
    assert not worse.reason


def test_a_scenario_whose_assumption_is_gone_says_so(control: Control) -> None:
    gone = scenarios.save(control, LEADER, LEDGER, "Cheap licence", {"licence.unit_value": 1.0}, "Offer")
    fits = scenarios.save(control, LEADER, LEDGER, "Journeys", {"not_made": 0.7}, "Records")
    later = ledger_of({"licence": "subscription"})
    one, two = scenarios.compare(later, [gone, fits])
    assert not one.figures
    assert "no longer fits" in one.reason
    assert "licence.unit_value" in one.reason
    assert two.figures["net_benefit"].shown
    assert not two.reason


def test_each_ledger_has_its_own(control: Control) -> None:
    scenarios.save(control, EVALUATOR, LEDGER, "One", {"not_made": 0.7}, "Records")
    whole = ledger_of(cohort="")
    assert scenarios.listed(control, EVALUATOR, whole) == []
    scenarios.save(control, EVALUATOR, whole, "One", {"not_made": 0.7}, "Records")
    assert len(scenarios.listed(control, EVALUATOR, LEDGER)) == 1


def test_a_cohort_may_have_a_long_name(control: Control) -> None:
    long = ledger_of(cohort="Spring and summer " * 20)
    scenarios.save(control, LEADER, long, "One", {"not_made": 0.7}, "Records")
    assert len(scenarios.listed(control, LEADER, long)) == 1
    assert audit.verify(control).broken is None


class TestReach:
    def test_a_network_out_of_reach(self, control: Control) -> None:
        made = scenarios.save(control, LEADER, LEDGER, "One", {"not_made": 0.7}, "Records")
        assert scenarios.listed(control, STRANGER, LEDGER) == []
        with pytest.raises(NotAllowed):
            scenarios.save(control, STRANGER, LEDGER, "Two", {"not_made": 0.8}, "Records")
        with pytest.raises(NotAllowed):
            scenarios.remove(control, STRANGER, made)
        # Also somebody who shares but for another network.
        with pytest.raises(NotAllowed):
            scenarios.remove(control, replace(EVALUATOR, networks=frozenset({2}), network_keys=FAR), made)
        assert len(scenarios.listed(control, OTHER_LEADER, LEDGER)) == 1

    def test_the_recipient_of_a_link_keeps_and_sees_none(self, control: Control) -> None:
        made = scenarios.save(control, LEADER, LEDGER, "One", {"not_made": 0.7}, "Records")
        assert not scenarios.may_save(FUNDER)
        assert scenarios.listed(control, FUNDER, LEDGER) == []
        for call in (
            lambda: scenarios.save(control, FUNDER, LEDGER, "Two", {"not_made": 0.8}, "Records"),
            lambda: scenarios.remove(control, FUNDER, made),
        ):
            with pytest.raises(NotAllowed):
                call()

    def test_a_ledger_without_its_network_holds_none(self, control: Control) -> None:
        bare = replace(LEDGER, extra={})
        assert scenarios.listed(control, EVALUATOR, bare) == []
        with pytest.raises(UserError, match="without its assumptions"):
            scenarios.save(control, EVALUATOR, bare, "One", {"not_made": 0.7}, "Records")


class TestRemoval:
    @pytest.mark.parametrize("viewer", [LEADER, EVALUATOR, LOCAL_OWNER], ids=["maker", "evaluator", "owner"])
    def test_by_those_who_may(self, control: Control, viewer: Viewer) -> None:
        made = scenarios.save(control, LEADER, LEDGER, "One", {"not_made": 0.7}, "Records")
        scenarios.remove(control, viewer, made)
        assert scenarios.listed(control, LEADER, LEDGER) == []
        assert entries(control)[-1] == (viewer.account or audit.LOCAL, "scenario_removed", "One")
        # The name is free again.
        scenarios.save(control, LEADER, LEDGER, "One", {"not_made": 0.8}, "Records")

    def test_not_by_another_leader(self, control: Control) -> None:
        made = scenarios.save(control, LEADER, LEDGER, "One", {"not_made": 0.7}, "Records")
        with pytest.raises(NotAllowed, match="Only the person who saved"):
            scenarios.remove(control, OTHER_LEADER, made)
        assert len(scenarios.listed(control, LEADER, LEDGER)) == 1


REFUSED = [
    ("", {"not_made": 0.7}, "why", "needs a name"),
    ("x" * 81, {"not_made": 0.7}, "why", "at most 80"),
    ("A", {"not_made": 0.7}, "  ", "Say why"),
    ("A", {"not_made": 0.7}, "x" * 401, "at most 400"),
    ("A", {}, "why", "Nothing was moved"),
    ("A", {"not_made": 0.6}, "why", "Nothing was moved"),
    ("A", {"journeys": 0.6}, "why", "no assumption 'journeys'"),
    ("A", {"not_made": 1.2}, "why", "a share from 0 to 1"),
    ("A", {"not_made": -0.1}, "why", "a share from 0 to 1"),
    ("A", {"licence.quantity": -1.0}, "why", "zero or more"),
    ("A", {"not_made": float("nan")}, "why", "a share from 0 to 1"),
    ("A", {"not_made": 0.7, "licence.quantity": float("nan")}, "why", "zero or more"),
    ("A", {"licence.quantity": float("inf")}, "why", "zero or more"),
]


@pytest.mark.parametrize(("name", "values", "why", "sentence"), REFUSED)
def test_what_cannot_be_kept(control: Control, name: str, values: dict[str, float], why: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        scenarios.save(control, LEADER, LEDGER, name, values, why)
    assert scenarios.listed(control, LEADER, LEDGER) == []
    assert entries(control) == []


def test_names_are_taken_whatever_their_case(control: Control) -> None:
    scenarios.save(control, LEADER, LEDGER, "Fewer journeys", {"not_made": 0.7}, "Records")
    with pytest.raises(UserError, match="already"):
        scenarios.save(control, OTHER_LEADER, LEDGER, "fewer  JOURNEYS", {"not_made": 0.8}, "Records")
    assert len(entries(control)) == 1


def test_there_is_an_end_to_them(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenarios, "MOST", 2)
    for name in ("One", "Two"):
        scenarios.save(control, LEADER, LEDGER, name, {"not_made": 0.7}, "Records")
    with pytest.raises(UserError, match="2 scenarios of this ledger already"):
        scenarios.save(control, LEADER, LEDGER, "Three", {"not_made": 0.7}, "Records")
