"""Laws of rounding: what is told still holds what is true, and never more than the rule allows."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echo_metrics.disclosure import Preset, outward, p_band, precision_for, release_policy, to_step
from echo_metrics.disclosure.precision import P_BANDS

steps = st.sampled_from((0.1, 0.5, 1.0, 5.0, 10.0))
values = st.floats(-100, 100, allow_nan=False).map(lambda v: round(v, 6))
presets = st.sampled_from(list(Preset))


@given(values, values, steps)
def test_an_interval_rounded_outward_holds_what_it_held_and_grows_less_than_a_step(
    one: float, other: float, step: float
) -> None:
    low, high = min(one, other), max(one, other)
    told_low, told_high = outward(low, high, step)
    assert told_low <= low + 1e-9 * max(1, step)
    assert told_high >= high - 1e-9 * max(1, step)
    assert low - told_low < step + 1e-9
    assert told_high - high < step + 1e-9


@given(values, steps)
def test_rounding_twice_is_rounding_once_and_moves_half_a_step_at_most(value: float, step: float) -> None:
    told = to_step(value, step)
    assert to_step(told, step) == told
    assert abs(told - value) <= step / 2 + 1e-6
    assert to_step(-value, step) == -told


@given(values, values, steps)
def test_rounding_keeps_the_order(one: float, other: float, step: float) -> None:
    low, high = min(one, other), max(one, other)
    assert to_step(low, step) <= to_step(high, step)


@given(values)
def test_a_step_of_zero_changes_nothing(value: float) -> None:
    assert to_step(value, 0) == value
    assert outward(value, value + 1, 0) == (value, value + 1)


@pytest.mark.parametrize("preset", list(Preset))
def test_each_number_of_people_told_stands_for_a_whole_bin_and_the_minimum_starts_one(preset: Preset) -> None:
    policy = release_policy(preset)
    bins: dict[int, list[int]] = {}
    for people in range(policy.minimum, 400):
        precision = precision_for(policy, people, whole=False)
        bins.setdefault(precision.people(people), []).append(people)
        assert precision.at_least(people) <= people
        # The precision follows from what is told, so it tells no more about the number.
        assert {precision_for(policy, n, whole=False) for n in bins[precision.people(people)]} == {precision}
    first, *_ = bins.values()
    assert first[0] == policy.minimum
    assert all(len(people) == preset.base for people in list(bins.values())[:-1])
    assert all(precision_for(policy, p[0], whole=False).at_least(p[0]) == p[0] for p in bins.values())


@given(presets, st.integers(5, 500), st.booleans())
def test_parts_are_never_told_closer_than_wholes(preset: Preset, people: int, coarse: bool) -> None:
    policy = release_policy(preset, coarse=coarse)
    part, whole = precision_for(policy, people, whole=False), precision_for(policy, people, whole=True)
    assert part.count >= whole.count
    assert part.mean >= whole.mean
    assert part.percent >= whole.percent
    assert (part.tallies, part.topped) == (False, True)
    assert not coarse or part == whole
    assert whole.banded


@given(presets, st.integers(0, 300), st.integers(1, 300))
def test_a_share_of_a_part_is_never_nobody_or_everybody(preset: Preset, count: int, people: int) -> None:
    people = max(people, preset.minimum)
    percent = 100 * min(count, people) / people
    precision = precision_for(release_policy(preset), people, whole=False)
    told, bound = precision.share(percent)
    assert 0 < told < 100
    if bound:
        assert percent <= precision.percent / 2 or percent >= 100 - precision.percent / 2
    else:
        assert abs(told - percent) <= precision.percent / 2 + 1e-9


@given(st.floats(0, 1), st.floats(0, 1))
def test_p_bands_are_true_and_ordered(one: float, other: float) -> None:
    for p in (one, other):
        bound = float(p_band(p).split("<")[-1]) if "<" in p_band(p) else math.inf
        assert p < bound
        assert all(b >= bound for b in P_BANDS if p < b)
    if p_band(one) == p_band(other):
        assert all((one < b) == (other < b) for b in P_BANDS)
