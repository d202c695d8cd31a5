"""The gate as a reader would state it: who sees which group, and that nothing else makes a released figure."""

from __future__ import annotations

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echo_metrics.access import LOCAL_OWNER, Viewer, view_as
from echo_metrics.answers import QUESTIONS, Filters, ask
from echo_metrics.answers.ask import may_ask
from echo_metrics.disclosure import Exact, Policy, Released, Suppressed, gate, policy_for
from echo_metrics.errors import NotAllowed, UserError
from echo_metrics.store import Store
from echo_metrics.terms import Role, Status

OUTSIDERS = [Role.EVALUATOR, Role.LEADER, Role.FUNDER]
COHORT_1 = Filters("psychosocial", "Cohort 1")


@given(st.integers(-3, 60), st.sampled_from(OUTSIDERS))
def test_under_the_minimum_nothing_is_released_but_to_the_owner(people: int, role: Role) -> None:
    outcome = gate(Exact(people, "figure"), policy_for(role))
    assert isinstance(outcome, Released) == (people >= (8 if role is Role.FUNDER else 5))


@pytest.mark.parametrize("role", list(Role))
def test_an_unknown_number_of_people_fails_closed(role: Role) -> None:
    outcome = gate(Exact(None, "figure"), policy_for(role))
    assert isinstance(outcome, Suppressed)
    assert outcome.status is Status.SUPPRESSED


def test_nobody_is_not_hidden_but_not_asked() -> None:
    outcome = gate(Exact(0, "figure"), policy_for(Role.FUNDER))
    assert isinstance(outcome, Suppressed)
    assert outcome.status is Status.NOT_ASKED


def test_the_owner_sees_small_groups_marked_internal() -> None:
    outcome = gate(Exact(3, "figure"), policy_for(Role.OWNER))
    assert isinstance(outcome, Released)
    assert outcome.internal


def test_a_released_figure_cannot_be_made_elsewhere() -> None:
    with pytest.raises(NotAllowed):
        Released("figure", 3, False)
    with pytest.raises(NotAllowed):
        Released("figure", 3, False, object())


def test_statuses_are_ordered_and_the_worse_wins() -> None:
    assert max(Status.RELEASED, Status.SUPPRESSED) is Status.SUPPRESSED
    assert sorted(Status)[-1] is Status.SUPPRESSED


def test_three_disciplines_of_ten_six_and_three(demo_store: Store) -> None:
    """The total less two shown groups would give the three: they are merged with the next smallest instead."""
    viewer = view_as(LOCAL_OWNER, Role.EVALUATOR)
    answer = ask(demo_store, "competency", COHORT_1, viewer)
    found = {r.group.key: r for r in answer.only("competency", "discipline")}
    assert {k: r.n for k, r in found.items() if r.shown} == {"social_work": 10, "merged": 9}
    assert found["merged"].group.label == "Other (2 groups)"
    for hidden in ("counselling", "spiritual_health"):
        # One wording for both: told apart, the size of the smaller could follow from the size of their sum.
        assert found[hidden].reason == "Hidden so another group cannot be worked out."
    # The filter tells no more than the breakdown does.
    for discipline in ("counselling", "spiritual_health"):
        alone = ask(demo_store, "competency", Filters("psychosocial", "Cohort 1", discipline), viewer)
        assert {r.status for r in alone.results} == {Status.SUPPRESSED}
        assert (alone.trail.baseline, alone.trail.matched) == (None, None)
    # The owner sees all three, the small one marked.
    everything = ask(demo_store, "competency", COHORT_1, LOCAL_OWNER)
    owner = {r.group.key: r for r in everything.only("competency", "discipline")}
    assert {k: r.n for k, r in owner.items()} == {"social_work": 10, "counselling": 6, "spiritual_health": 3}
    assert owner["spiritual_health"].reason.startswith("Internal")


def test_parts_are_rounded_and_wholes_are_not(demo_store: Store) -> None:
    """Whole cohort: exact n, means to 0.1. Part of a cohort under 30 people: means in halves, no tallies, no tests."""
    exact = ask(demo_store, "competency", COHORT_1, LOCAL_OWNER)
    told = ask(demo_store, "competency", COHORT_1, view_as(LOCAL_OWNER, Role.EVALUATOR))
    whole, true = told.only("competency")[0], exact.only("competency")[0]
    assert whole.n == true.n
    assert whole.before is not None and true.before is not None
    assert whole.before == pytest.approx(true.before, abs=0.05 + 1e-9)
    assert round(whole.before, 1) == whole.before
    assert (whole.p, whole.p_robust, whole.distribution) == (None, None, ())
    assert whole.p_band in {"p<0.001", "p<0.01", "p<0.05", "p not below 0.05"}
    assert "d_z" not in whole.effects
    part = next(r for r in told.only("competency", "discipline") if r.group.key == "social_work")
    assert part.before is not None and part.after is not None and part.change is not None
    assert (part.before * 2) % 1 == 0
    assert part.change.value == part.after - part.before
    assert (part.improved, part.p_band == "" or part.coarse) == (None, True)
    own = next(r for r in exact.only("competency", "discipline") if r.group.key == "social_work")
    assert own.change is not None and own.change.low is not None and own.change.high is not None
    assert part.change.low is not None and part.change.high is not None
    assert part.change.low <= own.change.low
    assert part.change.high >= own.change.high


@pytest.mark.parametrize("question", list(QUESTIONS))
@pytest.mark.parametrize("role", OUTSIDERS)
def test_no_hidden_result_carries_a_number(demo_store: Store, question: str, role: Role) -> None:
    """Whatever an outsider asks with whatever filter: suppressed results are words, and no group is under five."""
    if not may_ask(role, question):
        return
    viewer = view_as(LOCAL_OWNER, role)
    for network in ("", "psychosocial", "care_homes", "pharmacists"):
        for discipline in ("", "spiritual_health", "manager", "social_work"):
            answer = ask(demo_store, question, Filters(network, "", discipline), viewer)
            for result in answer.results:
                document = result.as_json()
                if not result.shown:
                    numbers = [document[k] for k in ("n", "before", "after", "change", "improved", "p", "effect")]
                    assert numbers == [None] * 7
                    assert "value" not in document
                    assert "distribution" not in json.dumps(document)
                    assert result.distribution == ()
                elif result.kind in ("change", "level"):
                    assert result.n is not None
                    assert result.n >= policy_for(role).minimum
            trail = answer.trail
            assert all(v is None or v == 0 or v >= 5 for v in (trail.baseline, trail.matched))


def test_with_the_gate_open_the_check_above_would_fail(demo_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard is what hides: with a minimum of one, an evaluator sees the three people."""
    monkeypatch.setattr(
        sys.modules["echo_metrics.answers.ask"], "policy_for", lambda role, row_level=False: Policy(role, 1)
    )
    viewer = view_as(LOCAL_OWNER, Role.EVALUATOR)
    found = ask(demo_store, "competency", COHORT_1, viewer).only("competency", "discipline")
    assert min(r.n or 0 for r in found) == 3


@pytest.mark.parametrize("question", list(QUESTIONS))
@pytest.mark.parametrize("role", [Role.LEADER, Role.FUNDER])
def test_leaders_and_funders_see_summary_and_return_only(demo_store: Store, question: str, role: Role) -> None:
    viewer = view_as(LOCAL_OWNER, role)
    if question in ("summary", "roi"):
        assert ask(demo_store, question, Filters(), viewer).results
    else:
        with pytest.raises(NotAllowed):
            ask(demo_store, question, Filters(), viewer)


def test_only_the_owner_looks_through_other_eyes() -> None:
    with pytest.raises(NotAllowed):
        view_as(Viewer(Role.FUNDER), Role.OWNER)


def test_a_viewer_of_one_network_cannot_name_another(demo_store: Store) -> None:
    (first, *_) = demo_store.rows("networks_to_match")
    viewer = Viewer(Role.EVALUATOR, networks=frozenset({int(first[0])}))
    all_of_it = ask(demo_store, "competency", Filters(), viewer)
    alone = ask(demo_store, "competency", Filters(str(first[1])), viewer)
    assert all_of_it.trail == alone.trail
    with pytest.raises(UserError, match="no network"):
        ask(demo_store, "competency", Filters("care_homes"), viewer)


def test_unknown_filters_say_what_there_is(demo_store: Store) -> None:
    with pytest.raises(UserError, match="psychosocial"):
        ask(demo_store, "competency", Filters("psycho"), LOCAL_OWNER)
    with pytest.raises(UserError, match="Cohort 1"):
        ask(demo_store, "competency", Filters("psychosocial", "Cohort 9"), LOCAL_OWNER)
    with pytest.raises(UserError, match="social_work"):
        ask(demo_store, "competency", Filters(discipline="astrology"), LOCAL_OWNER)
