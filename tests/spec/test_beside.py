"""Filters by network, cohort and period tell no more together than a breakdown would: tried with the attacker."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from echo_metrics.access import LOCAL_OWNER, view_as
from echo_metrics.answers import Filters, ask
from echo_metrics.answers.ask import ask_under
from echo_metrics.answers.beside import must_hide
from echo_metrics.answers.scope import Scoped
from echo_metrics.disclosure import Policy, policy_for
from echo_metrics.disclosure.attack import Claim, attack, broken
from echo_metrics.store import Store
from echo_metrics.terms import Role

EVALUATOR = policy_for(Role.EVALUATOR)
Sizes = dict[int, list[int]]
"""People by network: one number a cohort."""


def scoped(sizes: Sizes, networks: list[int], cohorts: list[int] | None, start: datetime | None = None) -> Scoped:
    parameters = {"networks": networks, "cohorts": cohorts, "discipline": None, "start": start, "end": None}
    places = {100 * network + place: network for network, own in sizes.items() for place in range(len(own))}
    return Scoped(parameters, "", tuple(sizes), places)


def people(sizes: Sizes) -> list[tuple[int, str, int]]:
    return [(100 * network + place, "x", n) for network, own in sizes.items() for place, n in enumerate(own)]


def shown(sizes: Sizes, hide: bool = True) -> list[Claim]:
    """Everything that an evaluator may see by choosing networks and cohorts, one claim a figure."""
    rows = people(sizes)
    choices: list[tuple[str, list[int], list[int] | None]] = [("all", list(sizes), None)]
    choices += [(f"network {n}", [n], None) for n in sizes]
    choices += [(f"cohort {c}", [c // 100], [c]) for c, _, _ in rows]
    found = []
    for label, networks, cohorts in choices:
        inside = [(c, n) for c, _, n in rows if c // 100 in networks and (cohorts is None or c in cohorts)]
        here = sum(n for _, n in inside)
        held = hide and must_hide(rows, here, scoped(sizes, networks, cohorts), EVALUATOR)
        if here >= EVALUATOR.minimum and not held:
            found.append(Claim("live", label, label, frozenset(str(c) for c, _ in inside), here, here))
    return found


@settings(deadline=None, derandomize=True)
@given(st.dictionaries(st.integers(1, 3), st.lists(st.integers(1, 14), min_size=1, max_size=4), min_size=1, max_size=3))
def test_no_choice_of_networks_and_cohorts_pins_down_a_small_one(sizes: Sizes) -> None:
    bounds = broken(attack(shown(sizes), (), EVALUATOR.minimum))
    # A cohort that is alone in a hidden network is that network; nothing else may follow.
    assert not bounds, bounds


def test_without_the_rule_the_attacker_breaks_it() -> None:
    sizes = {1: [20, 3]}
    assert not broken(attack(shown(sizes), (), EVALUATOR.minimum))
    assert broken(attack(shown(sizes, hide=False), (), EVALUATOR.minimum))


@pytest.mark.parametrize(("here", "hidden"), [(20, False), (19, True), (16, True), (15, False)])
def test_a_period_may_leave_out_nobody_or_at_least_the_minimum(here: int, hidden: bool) -> None:
    sizes = {1: [20]}
    period = scoped(sizes, [1], None, datetime(2020, 1, 1))
    assert must_hide(people(sizes), here, period, EVALUATOR) is hidden


def test_a_cohort_beside_a_hidden_one_is_held_back_in_the_demonstration(demo_store: Store) -> None:
    """56 people in the network, 37 in cohort 2: under a minimum of 20 the 19 of cohort 1 would follow."""
    strict = Policy(Role.EVALUATOR, 20)

    def first(cohort: str) -> tuple[int | None, str]:
        answer = ask_under(strict, demo_store, "competency", Filters("psychosocial", cohort), LOCAL_OWNER)
        result = answer.only("competency")[0]
        return result.n, result.reason

    network = ask_under(strict, demo_store, "competency", Filters("psychosocial"), LOCAL_OWNER).only("competency")[0]
    exact = {
        c: ask(demo_store, "competency", Filters("psychosocial", c), LOCAL_OWNER).only("competency")[0].n
        for c in ("Cohort 1", "Cohort 2")
    }
    assert network.n == sum(n or 0 for n in exact.values())
    assert (exact["Cohort 1"] or 0) < 20 <= (exact["Cohort 2"] or 0)
    assert first("Cohort 1")[0] is None
    assert first("Cohort 2") == (None, "Hidden so another group cannot be worked out.")
    # Nor do the denominators or single questions tell it.
    answer = ask_under(strict, demo_store, "competency", Filters("psychosocial", "Cohort 2"), LOCAL_OWNER)
    assert (answer.trail.baseline, answer.trail.matched) == (None, None)
    assert not any(r.shown for r in answer.results if r.measure == "competency" and r.contrast == network.contrast)


def test_a_cohort_beside_its_network_in_the_same_period(demo_store: Store) -> None:
    """The period widens with the network: what the other cohort gave in it must not follow."""
    viewer = view_as(LOCAL_OWNER, Role.EVALUATOR)
    days = [Filters("psychosocial", "", "", None, date(2020, 6, d)) for d in range(1, 31)]
    days += [Filters("psychosocial", "", "", None, date(2021, m, d)) for m in range(1, 12) for d in (1, 15)]
    seen = 0
    for network in days:
        shown: dict[str, int] = {}
        for cohort in ("", "Cohort 1", "Cohort 2"):
            result = ask(demo_store, "competency", replace(network, cohort=cohort), viewer).only("competency")[0]
            if result.shown and result.n:
                shown[cohort] = result.n
        for cohort in ("Cohort 1", "Cohort 2"):
            if "" in shown and cohort in shown:
                seen += 1
                left = shown[""] - shown[cohort]
                assert left == 0 or left >= 5, (network, shown)
    assert seen


def test_the_usual_minimum_hides_no_cohort_of_the_demonstration(demo_store: Store) -> None:
    viewer = view_as(LOCAL_OWNER, Role.EVALUATOR)
    for cohort in ("Cohort 1", "Cohort 2"):
        assert ask(demo_store, "competency", Filters("psychosocial", cohort), viewer).only("competency")[0].shown
