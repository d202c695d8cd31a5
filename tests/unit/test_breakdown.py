"""The plan of a breakdown, put before the attacker: no group under the minimum follows, and each rule is needed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from echo_metrics.disclosure.attack import Claim, attack, broken
from echo_metrics.disclosure.breakdown import Plan, plan_breakdown
from echo_metrics.disclosure.policy import Policy, Preset, release_policy
from echo_metrics.disclosure.precision import precision_for
from echo_metrics.terms import Role

laws = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
policies = st.sampled_from([release_policy(preset) for preset in Preset])
sizes = st.one_of(st.integers(0, 6), st.integers(0, 30))
breakdowns = st.dictionaries(st.sampled_from("abcdefghijkl"), sizes, min_size=1, max_size=9)


def as_read(parts: dict[str, int], plan: Plan, policy: Policy) -> list[Claim]:
    """What a reader knows of a breakdown: its total, its cells, and that each group named is somebody's."""
    total = sum(parts.values())

    def told(cell: str, keys: tuple[str, ...], whole: bool = False) -> Claim:
        people = sum(parts[key] for key in keys)
        if people < policy.minimum:
            return Claim("R", "t", cell, frozenset(keys), 1, policy.minimum - 1, hidden=True)
        precision = precision_for(policy, people, whole)
        low = precision.at_least(people)
        high = people if precision.count == 1 else low + precision.count - 1
        return Claim("R", "t", cell, frozenset(keys), low, high)

    # Where no group stands on its own, groups of nobody are hidden with the others: "hidden" says nothing of anybody.
    nothing_shown = not plan.shown and not plan.other
    empty = [] if nothing_shown else [key for key, people in parts.items() if not people]
    claims = [Claim("R", "t", key, frozenset({key}), 0, 0) for key in empty]
    if total:
        claims.append(told("total", tuple(parts), whole=True))
    claims += [told(key, (key,)) for key in plan.shown]
    if plan.other:
        claims.append(told("other", plan.other))
    claims += [Claim("R", "t", key, frozenset({key}), 1, None, hidden=True) for key in plan.other]
    least, most = 0 if nothing_shown else 1, policy.minimum - 1 if plan.few else None
    return claims + [Claim("R", "t", key, frozenset({key}), least, most, hidden=True) for key in plan.hidden]


def breaks(parts: dict[str, int], policy: Policy) -> list[str]:
    found = attack(as_read(parts, plan_breakdown(parts, policy), policy), [], policy.minimum)
    return [f"{bound.target}: {bound.broken}" for bound in broken(found)]


@given(breakdowns, policies)
@example({**dict.fromkeys("abcdefgh", 1), "z": 20}, release_policy(Preset.INTERNAL))  # eight people in eight groups
@example(dict.fromkeys("abcdefgh", 1), release_policy(Preset.STANDARD))
@example(dict.fromkeys("abcdefg", 1), release_policy(Preset.STANDARD))  # the total is hidden, its groups are not
@example({"a": 4, "b": 9}, release_policy(Preset.INTERNAL))  # Culture Amp: Sales 4, Technology 9
@example({"n": 13, "m": 10, "d": 3}, release_policy(Preset.INTERNAL))
@laws
def test_no_plan_is_broken(parts: dict[str, int], policy: Policy) -> None:
    assert breaks(parts, policy) == []


@given(breakdowns, policies)
@example({"a": 4, "b": 9, "c": 0}, release_policy(Preset.INTERNAL))
@example({"a": 1, "c": 0}, release_policy(Preset.STANDARD))
@laws
def test_every_group_stands_in_one_place_and_nobody_is_told_apart_where_all_is_hidden(
    parts: dict[str, int], policy: Policy
) -> None:
    plan = plan_breakdown(parts, policy)
    placed = [*plan.shown, *plan.other, *plan.hidden]
    assert len(placed) == len(set(placed))
    assert {key for key, people in parts.items() if people} <= set(placed) <= set(parts)
    assert all(parts[key] >= policy.minimum for key in plan.shown)
    if plan.hidden and not plan.shown:
        assert set(plan.hidden) == set(parts), "an empty group that is not hidden says that the others are not empty"


@given(breakdowns, policies, st.randoms(use_true_random=False))
@laws
def test_the_order_of_groups_changes_nothing(parts: dict[str, int], policy: Policy, order) -> None:
    keys = list(parts)
    order.shuffle(keys)
    one, other = plan_breakdown(parts, policy), plan_breakdown({key: parts[key] for key in keys}, policy)
    for name in ("shown", "other", "hidden"):
        assert set(getattr(one, name)) == set(getattr(other, name))
    assert one.few == other.few


@given(breakdowns, policies)
@laws
def test_what_is_shown_depends_on_sizes_and_not_on_names(parts: dict[str, int], policy: Policy) -> None:
    renamed = dict(zip(parts, reversed(list(parts)), strict=True))
    one = plan_breakdown(parts, policy)
    other = plan_breakdown({renamed[key]: people for key, people in parts.items()}, policy)
    assert {renamed[key] for key in one.shown} == set(other.shown)


@given(breakdowns, policies, st.data())
@laws
def test_merging_groups_is_not_broken_either(parts: dict[str, int], policy: Policy, data: st.DataObject) -> None:
    chosen = data.draw(st.sets(st.sampled_from(sorted(parts)), min_size=1))
    merged = {key: people for key, people in parts.items() if key not in chosen}
    merged["merged"] = sum(parts[key] for key in chosen)
    assert breaks(merged, policy) == []


@given(breakdowns, policies, st.integers(0, 20))
@laws
def test_one_more_group_reveals_no_group_that_was_hidden(parts: dict[str, int], policy: Policy, people: int) -> None:
    """A group under the minimum stays hidden whatever is added, and no bound on any gives a small one away."""
    more = {**parts, "z": people}
    small = {key for key, n in parts.items() if n < policy.minimum}
    assert not small & set(plan_breakdown(more, policy).shown)
    assert breaks(more, policy) == []


@pytest.mark.parametrize(("groups", "most"), [(2, 24), (3, 22), (4, 20)])
def test_a_reader_who_knows_the_rules_learns_no_small_number(groups: int, most: int) -> None:
    """All breakdowns of up to `most` people, sorted by what they print: no small group's number is the same in all."""
    policy, keys = release_policy(Preset.INTERNAL), "abcd"[:groups]
    prints: dict[object, list[tuple[int, ...]]] = {}
    for sizes in _compositions(groups, most):
        parts = dict(zip(keys, sizes, strict=True))
        plan = plan_breakdown(parts, policy)
        total = sum(sizes) if sum(sizes) >= policy.minimum else None
        shown = tuple((key, parts[key]) for key in sorted(plan.shown))
        prints.setdefault((total, shown, frozenset(plan.other), frozenset(plan.hidden), plan.few), []).append(sizes)
    for seen, worlds in prints.items():
        for i, key in enumerate(keys):
            numbers = {world[i] for world in worlds}
            assert len(numbers) > 1 or not 1 <= min(numbers) < policy.minimum, (seen, key, worlds)


def _compositions(groups: int, most: int) -> list[tuple[int, ...]]:
    if not groups:
        return [()]
    return [(n, *rest) for n in range(most + 1) for rest in _compositions(groups - 1, most - n)]


def test_each_rule_is_needed() -> None:
    """The same attacker breaks what is planned without the remainder rule, without secondary suppression, or both."""
    full = Policy(Role.FUNDER, 5)
    lone = {"n": 13, "m": 10, "d": 3}
    pair = {"n": 13, "m": 10, "d": 2, "e": 1}
    assert not breaks(lone, full) and not breaks(pair, full)
    primary_only = replace(full, remainder=False, secondary=False)
    assert "exactly 3" in breaks(lone, primary_only)[0]
    assert any("exactly 3" in words for words in breaks(pair, primary_only))
    assert any("exactly 3" in words for words in breaks(pair, replace(full, remainder=False)))
    assert breaks(lone, replace(full, secondary=False)), "ten people told as fewer than five, or three by subtraction"


def test_an_unknown_number_of_people_hides_everything() -> None:
    plan = plan_breakdown({"a": 20, "b": None}, release_policy(Preset.INTERNAL))
    assert plan.shown == () and plan.other == () and set(plan.hidden) == {"a", "b"}
