"""Intervals of effect sizes and the table of stages, against scipy, pandas, a search by brute force, and laws."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from echo_metrics.errors import UserError
from echo_metrics.statistic_requests import answer_request
from echo_metrics.statistics.bootstrap_effects import EffectBootstrap, bootstrap_effects
from echo_metrics.statistics.counts import Counts, PairCounts
from echo_metrics.statistics.effect_sizes import effect_sizes, improvement_interval, rank_biserial
from echo_metrics.statistics.transitions import stage_table

BEFORE = [2, 3, 3, 2, 4, 3, 2, 5, 3, 4, 1, 2, 3, 3, 4, 2, 2, 3, 5, 1, 3, 4, 2, 3, 3, 2]
AFTER = [3, 4, 3, 4, 4, 2, 3, 5, 4, 5, 2, 2, 4, 3, 3, 4, 2, 5, 4, 3, 3, 5, 2, 4, 3, 3]
NAMES = ("g_av", "rank_biserial", "probability_of_improvement")
person = st.tuples(st.integers(1, 5), st.integers(1, 5))


def table(rows: list[tuple[int, int]]) -> PairCounts:
    return PairCounts.from_scores([x for x, _ in rows], [y for _, y in rows])


def effects(pairs: PairCounts, seed: int = 5, resamples: int = 400, level: float = 0.95) -> EffectBootstrap:
    return bootstrap_effects(pairs, np.random.default_rng(seed), level, resamples)


def plain(name: str, before: np.ndarray, after: np.ndarray) -> float:
    """The effect size from two columns, written out a second time."""
    change = after - before
    if name == "g_av":
        v = len(change) - 1
        j = math.exp(math.lgamma(v / 2) - math.lgamma((v - 1) / 2)) / math.sqrt(v / 2)
        return j * change.mean() / math.sqrt((before.var(ddof=1) + after.var(ddof=1)) / 2)
    if name == "rank_biserial":
        moved = change[change != 0]
        ranks = stats.rankdata(np.abs(moved))
        return float((ranks * np.sign(moved)).sum() / ranks.sum())
    return float((change > 0).mean() + (change == 0).mean() / 2)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_bca_agrees_with_scipy_on_the_expanded_pairs(name: str, level: float) -> None:
    before, after = np.array(BEFORE, float), np.array(AFTER, float)
    theirs = stats.bootstrap(
        (before, after),
        lambda x, y: plain(name, x, y),
        paired=True,
        vectorized=False,
        confidence_level=level,
        n_resamples=6000,
        method="BCa",
        rng=np.random.default_rng(11),
    ).confidence_interval
    found = getattr(effects(PairCounts.from_scores(BEFORE, AFTER), resamples=40_000, level=level), name)
    assert found.value == pytest.approx(plain(name, before, after), abs=1e-12)
    # Chance in 6,000 resamples, and half the ties counted where scipy counts them so too.
    assert (found.low, found.high) == (pytest.approx(theirs.low, abs=0.035), pytest.approx(theirs.high, abs=0.035))


def test_skewed_changes_bend_the_interval_as_scipy_bends_it() -> None:
    """Many who stay and a few who jump: here the correction for skewness moves the limits by more than chance does."""
    before = np.array([1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 1], float)
    after = before + np.array([0] * 15 + [1, 1, 2, 4, 4], float)

    def uncorrected(x: np.ndarray, y: np.ndarray, axis: int) -> np.ndarray:
        """g_av but for its constant factor; scaled below."""
        spread = np.sqrt((x.var(axis=axis, ddof=1) + y.var(axis=axis, ddof=1)) / 2)
        return (y.mean(axis=axis) - x.mean(axis=axis)) / spread

    theirs = stats.bootstrap(
        (before, after), uncorrected, paired=True, vectorized=True, n_resamples=60_000, method="BCa",
        rng=np.random.default_rng(2),
    ).confidence_interval  # fmt: skip
    found = effects(PairCounts.from_scores(before.tolist(), after.tolist()), resamples=60_000).g_av
    factor = plain("g_av", before, after) / float(uncorrected(before, after, 0))
    assert (found.low, found.high) == (
        pytest.approx(factor * theirs.low, abs=0.008),
        pytest.approx(factor * theirs.high, abs=0.008),
    )


def test_the_estimates_are_those_of_the_effect_sizes() -> None:
    pairs = PairCounts.from_scores(BEFORE, AFTER)
    found = effects(pairs)
    assert found.g_av.value == pytest.approx(effect_sizes(pairs).g_av.value, abs=1e-12)
    assert found.rank_biserial.value == pytest.approx(rank_biserial(pairs.differences).value, abs=1e-12)
    assert found.probability_of_improvement.value == improvement_interval(pairs.differences).value


@given(st.lists(person, min_size=1, max_size=40), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=60)
@pytest.mark.filterwarnings("error")
def test_bootstrap_laws(rows: list[tuple[int, int]], rng) -> None:
    pairs = table(rows)
    found = effects(pairs)
    turned = effects(pairs.swapped())
    for name, low, high in zip(NAMES, (-math.inf, -1, 0), (math.inf, 1, 1), strict=True):
        one, other = getattr(found, name), getattr(turned, name)
        middle = 1 if name == "probability_of_improvement" else 0
        assert (one.value is None) == (other.value is None)
        if one.value is None:
            assert one.reason
            continue
        assert one.value == pytest.approx(middle - other.value, abs=1e-9)
        if one.low is None:
            assert one.reason
        else:
            assert low <= one.low <= one.value <= one.high <= high
    # The order of people and the way that tables were merged do not matter.
    mixed = list(rows)
    rng.shuffle(mixed)
    assert effects(table(mixed)) == found
    half = len(mixed) // 2
    assert effects(table(mixed[:half]) + table(mixed[half:])) == found


@pytest.mark.parametrize("name", NAMES)
def test_turning_before_and_after_turns_the_interval(name: str) -> None:
    pairs = PairCounts.from_scores(BEFORE, AFTER)
    one = getattr(effects(pairs, resamples=60_000), name)
    other = getattr(effects(pairs.swapped(), resamples=60_000), name)
    middle = 1 if name == "probability_of_improvement" else 0
    assert (one.low, one.high) == (
        pytest.approx(middle - other.high, abs=0.02),
        pytest.approx(middle - other.low, abs=0.02),
    )


def test_where_there_is_no_interval_there_is_a_reason() -> None:
    nobody = effects(PairCounts())
    assert {getattr(nobody, n).reason for n in NAMES} == {"Nobody has a score at both times."}
    still = effects(PairCounts.from_scores([1, 2, 3, 4] * 5, [1, 2, 3, 4] * 5))
    assert still.rank_biserial.reason == "Nobody's score changed."
    assert still.probability_of_improvement.value == 0.5
    assert still.probability_of_improvement.low is None
    upward = effects(PairCounts.from_scores([1, 2, 3, 2] * 5, [2, 3, 4, 4] * 5))
    assert upward.rank_biserial.value == 1
    assert upward.rank_biserial.low is None
    with pytest.raises(UserError, match="resamples"):
        bootstrap_effects(PairCounts(), np.random.default_rng(1), resamples=10)


def test_the_command_resamples_effect_sizes_of_pairs() -> None:
    inputs = {"pre": BEFORE, "post": AFTER, "statistic": "rank_biserial", "resamples": 2000}
    reply = answer_request({"method": "bootstrap_bca", "inputs": inputs})
    assert reply == answer_request({"method": "bootstrap_bca", "inputs": inputs})
    assert reply["theta"] == pytest.approx(plain("rank_biserial", np.array(BEFORE, float), np.array(AFTER, float)))
    assert reply["bca"][0] < reply["theta"] < reply["bca"][1]
    seeded = answer_request({"method": "bootstrap_bca", "inputs": {**inputs, "seed": 3}})
    assert seeded["bca"] != reply["bca"]


def score_distance(up: int, same: int, down: int, gap: float) -> float:
    """|up - down - n D| over its standard error, the nuisance share found by a search over the likelihood."""
    n = up + same + down

    def minus_log(q: float) -> float:
        shares = (q + gap, q, 1 - 2 * q - gap)
        return -sum(k * math.log(max(s, 1e-300)) for k, s in zip((up, down, same), shares, strict=True))

    low, high = max(0.0, -gap), (1 - gap) / 2
    q = optimize.minimize_scalar(minus_log, bounds=(low, high), method="bounded", options={"xatol": 1e-12}).x
    return abs(up - down - n * gap) / math.sqrt(n * (2 * q + gap - gap * gap))


@given(st.integers(1, 25), st.integers(1, 25), st.integers(1, 25))
@settings(deadline=None, max_examples=60)
def test_the_interval_of_improvement_ends_where_the_score_test_rejects(up: int, same: int, down: int) -> None:
    found = improvement_interval(Counts((-1, 0, 1), (down, same, up)))
    assert found.low is not None
    assert found.high is not None
    for limit in (found.low, found.high):
        assert score_distance(up, same, down, 2 * limit - 1) == pytest.approx(1.959964, abs=1e-3)


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=60))
@settings(deadline=None)
def test_the_interval_of_improvement_holds_its_estimate_and_turns(changes: list[int]) -> None:
    counts = Counts.from_scores(changes)
    one, other = improvement_interval(counts), improvement_interval(Counts.from_scores([-c for c in changes]))
    assert one.value is not None and one.low is not None and one.high is not None
    assert 0 <= one.low <= one.value <= one.high <= 1
    assert (other.value, other.low, other.high) == pytest.approx((1 - one.value, 1 - one.high, 1 - one.low), abs=1e-9)


@given(st.lists(person, min_size=1, max_size=40), st.sets(st.integers(2, 5), max_size=3))
@settings(deadline=None, max_examples=60)
def test_stages_are_the_crosstab_of_cut_scores(rows: list[tuple[int, int]], more: set[int]) -> None:
    edges = [1, *sorted(more)]
    found = stage_table(table(rows), edges)
    bins = [*edges, math.inf]
    before, after = (pd.cut([r[i] for r in rows], bins, right=False, labels=False) for i in (0, 1))
    expected = pd.crosstab(before, after).reindex(index=range(len(edges)), columns=range(len(edges)), fill_value=0)
    assert [list(row) for row in found.table] == expected.to_numpy().tolist()
    assert (found.up, found.same, found.down) == tuple(int(((np.sign(after - before)) == s).sum()) for s in (1, 0, -1))
    turned = stage_table(table(rows).swapped(), edges)
    assert [list(c) for c in zip(*found.table, strict=True)] == [list(r) for r in turned.table]
    assume(len(rows) > 1)
    parts = [stage_table(table(part), edges).table for part in (rows[:1], rows[1:])]
    assert np.array_equal(np.array(parts[0]) + np.array(parts[1]), np.array(found.table))


@pytest.mark.parametrize(
    ("edges", "word"), [([], "edges"), ([1, 1], "rise"), ([3, 2], "rise"), ([2, 3], "at or below")]
)
def test_edges_that_are_none_are_refused(edges: list[float], word: str) -> None:
    with pytest.raises(UserError, match=word):
        stage_table(PairCounts.from_scores([1], [2]), edges)
