"""Laws that hold for any table of counts, checked on generated ones and against other ways of computing."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from echo_metrics.statistics.counts import Counts, PairCounts
from echo_metrics.statistics.effect_sizes import effect_sizes, probability_of_improvement, rank_biserial
from echo_metrics.statistics.level import level_mean
from echo_metrics.statistics.paired_change import paired_change
from echo_metrics.statistics.paired_t import paired_t
from echo_metrics.statistics.proportions import wilson
from echo_metrics.statistics.signed_rank import ZeroRule, sign_test, signed_rank

scores = st.integers(1, 7)
person = st.tuples(scores, scores)
people = st.lists(person, max_size=40)
several = st.lists(person, min_size=2, max_size=40)
few_changes = st.lists(st.integers(-3, 3), min_size=1, max_size=10)
rules = st.sampled_from(list(ZeroRule))


def table(rows: list[tuple[int, int]], unit: int = 1) -> PairCounts:
    return PairCounts.from_cells([(x, y, 1) for x, y in rows], unit)


def enumerate_signs(changes: list[int], rule: ZeroRule) -> tuple[Fraction, Fraction, Fraction]:
    """Two-sided p, P(W+ >= w) and P(W+ <= w) over every way of giving signs to the non-zero changes."""
    ranked = changes if rule is ZeroRule.PRATT else [change for change in changes if change]
    sizes = sorted(abs(change) for change in ranked)

    def rank(change: int) -> Fraction:
        places = [i for i, size in enumerate(sizes, 1) if size == abs(change)]
        return Fraction(sum(places), len(places))

    moved = [change for change in ranked if change]
    ranks = [rank(change) for change in moved]
    seen = sum((r for r, change in zip(ranks, moved, strict=True) if change > 0), Fraction(0))
    sums = [
        sum((r for r, up in zip(ranks, signs, strict=True) if up), Fraction(0))
        for signs in itertools.product([False, True], repeat=len(moved))
    ]
    above = Fraction(sum(value >= seen for value in sums), len(sums))
    below = Fraction(sum(value <= seen for value in sums), len(sums))
    return min(Fraction(1), 2 * min(above, below)), above, below


@given(few_changes, rules)
@settings(max_examples=150, deadline=None)
def test_exact_signed_rank_is_the_enumeration_of_signs(changes: list[int], rule: ZeroRule) -> None:
    assume(any(changes))
    two_sided, above, below = enumerate_signs(changes, rule)
    result = signed_rank(Counts.from_scores(changes), rule, "exact")
    assert result.p == pytest.approx(float(two_sided), rel=1e-12)
    assert result.p_greater == pytest.approx(float(above), rel=1e-12)
    assert result.p_less == pytest.approx(float(below), rel=1e-12)
    assert result.mid_p_greater == pytest.approx(float(above - (above + below - 1) / 2), abs=1e-14)


@given(several)
@settings(deadline=None)
def test_counts_give_what_the_rows_give(rows: list[tuple[int, int]]) -> None:
    from scipy import stats

    before, after = np.array([x for x, _ in rows], float), np.array([y for _, y in rows], float)
    assume(np.ptp(after - before) > 0)
    change = paired_change(table(rows))
    theirs = stats.ttest_rel(after, before)
    interval = theirs.confidence_interval()
    assert change.t == pytest.approx(theirs.statistic, rel=1e-9, abs=1e-12)
    assert change.p_t == pytest.approx(theirs.pvalue, rel=1e-9)
    assert (change.ci_low, change.ci_high) == (
        pytest.approx(interval.low, rel=1e-9, abs=1e-9),
        pytest.approx(interval.high, rel=1e-9, abs=1e-9),
    )
    assert change.sd_before == pytest.approx(before.std(ddof=1), abs=1e-12)
    if np.ptp(before) > 0 and np.ptp(after) > 0:
        assert change.r == pytest.approx(np.corrcoef(before, after)[0, 1], abs=1e-12)


@given(several, st.booleans())
@settings(deadline=None)
def test_asymptotic_signed_rank_agrees_with_scipy(rows: list[tuple[int, int]], continuity: bool) -> None:
    from scipy import stats

    changes = [y - x for x, y in rows]
    assume(any(changes))
    for rule, name in ((ZeroRule.PRATT, "pratt"), (ZeroRule.WILCOXON, "wilcox")):
        ours = signed_rank(Counts.from_scores(changes), rule, "asymptotic", continuity=continuity)
        theirs = stats.wilcoxon(changes, zero_method=name, correction=continuity, method="asymptotic")
        assert min(ours.w_plus, ours.w_minus) == theirs.statistic
        assert ours.p == pytest.approx(theirs.pvalue, rel=1e-9)


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=60))
@settings(deadline=None)
def test_sign_test_agrees_with_scipy(changes: list[int]) -> None:
    from scipy import stats

    assume(any(changes))
    ours = sign_test(Counts.from_scores(changes))
    assert ours.p == pytest.approx(stats.binomtest(ours.n_positive, ours.n_nonzero).pvalue, rel=1e-9)


@given(st.integers(0, 300), st.integers(0, 300), st.sampled_from([0.8, 0.95, 0.99]))
@settings(deadline=None)
def test_wilson_agrees_with_scipy(x: int, others: int, level: float) -> None:
    from scipy import stats

    n = x + others
    assume(n > 0)
    share = wilson(x, n, level)
    theirs = stats.binomtest(x, n).proportion_ci(level, method="wilson")
    assert share.low == pytest.approx(theirs.low, abs=1e-12)
    assert share.high == pytest.approx(theirs.high, abs=1e-12)
    assert share.value is not None
    assert share.low is not None
    assert share.high is not None
    assert 0 <= share.low <= share.value <= share.high <= 1


@given(people)
@settings(deadline=None)
def test_every_figure_is_in_its_range(rows: list[tuple[int, int]]) -> None:
    change = paired_change(table(rows))
    assert change.improved + change.same + change.declined == change.n == len(rows)
    for p in (change.p_t, change.p_signed_rank, change.mid_p_signed_rank, change.p_sign):
        assert p is None or 0 <= p <= 1
    for value, low, high in (
        (change.mean_change, change.ci_low, change.ci_high),
        (change.d_z, change.d_z_low, change.d_z_high),
        (change.d_av, change.d_av_low, change.d_av_high),
        (change.g_av, change.g_av_low, change.g_av_high),
        (change.rank_biserial, change.rank_biserial_low, change.rank_biserial_high),
        (
            change.probability_of_improvement,
            change.probability_of_improvement_low,
            change.probability_of_improvement_high,
        ),
    ):
        if low is not None:
            assert value is not None
            assert high is not None
            assert low <= value <= high
    assert change.rank_biserial is None or -1 <= change.rank_biserial <= 1
    assert change.probability_of_improvement is None or 0 <= change.probability_of_improvement <= 1


@given(people)
@settings(deadline=None)
def test_swapping_before_and_after_turns_every_sign(rows: list[tuple[int, int]]) -> None:
    counts = table(rows)
    forth, back = paired_change(counts), paired_change(counts.swapped())
    assert (forth.improved, forth.declined) == (back.declined, back.improved)
    assert (forth.mean_before, forth.sd_before) == (back.mean_after, back.sd_after)
    for name in ("mean_change", "t", "d_z", "d_av", "g_av", "rank_biserial"):
        one, other = getattr(forth, name), getattr(back, name)
        assert (one is None) == (other is None)
        assert one is None or one == pytest.approx(-other, abs=1e-12)
    limits = ("ci", "d_z", "g_av", "rank_biserial")
    for low, high in ((f"{name}_low", f"{name}_high") for name in limits):
        one, other = getattr(forth, low), getattr(back, high)
        # The search for noncentral limits stops within about 2e-9 of them.
        assert one is None or one == pytest.approx(-other, abs=1e-7)
    chance = "probability_of_improvement"
    for one, other in ((chance, chance), (f"{chance}_low", f"{chance}_high"), (f"{chance}_high", f"{chance}_low")):
        here, there = getattr(forth, one), getattr(back, other)
        assert here is None or here == pytest.approx(1 - there, abs=1e-9)
    for name in ("p_t", "p_signed_rank", "p_sign", "r"):
        one, other = getattr(forth, name), getattr(back, name)
        assert one is None or one == pytest.approx(other, rel=1e-9, abs=1e-15)
    assert counts.swapped().swapped() == counts


@given(people, people)
def test_merging_tables_is_counting_everybody(rows: list[tuple[int, int]], more: list[tuple[int, int]]) -> None:
    both = table(rows) + table(more)
    assert both == table(rows + more) == table(rows).merge(table(more))
    assert both.n_pairs == len(rows) + len(more)
    assert both.differences == table(rows).differences + table(more).differences
    assert both.before_counts == table(rows).before_counts.merge(table(more).before_counts)


@given(people, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_people_does_not_matter(rows: list[tuple[int, int]], rng) -> None:
    shuffled = list(rows)
    rng.shuffle(shuffled)
    assert table(shuffled) == table(rows)
    assert PairCounts.from_scores([x for x, _ in shuffled], [y for _, y in shuffled]) == table(rows)


@given(several, st.integers(2, 2520))
@settings(deadline=None)
def test_the_unit_does_not_matter(rows: list[tuple[int, int]], unit: int) -> None:
    fine = PairCounts.from_scores([x for x, _ in rows], [y for _, y in rows], unit)
    assert paired_change(fine) == paired_change(table(rows))


@given(several, st.integers(-5, 5))
@settings(deadline=None)
def test_moving_everyone_alike_keeps_the_change(rows: list[tuple[int, int]], shift: int) -> None:
    moved = table([(x + shift, y + shift) for x, y in rows])
    assert paired_t(moved) == paired_t(table(rows))
    assert effect_sizes(moved).d_av == effect_sizes(table(rows)).d_av


@given(st.lists(scores, min_size=1, max_size=30))
@settings(deadline=None)
def test_a_level_lies_in_its_interval(values: list[int]) -> None:
    level = level_mean(Counts.from_scores(values))
    assert level.mean == pytest.approx(sum(values) / len(values))
    if level.low is not None and level.high is not None and level.mean is not None:
        assert level.low < level.mean < level.high


@given(few_changes)
@settings(deadline=None)
def test_direction_measures_agree(changes: list[int]) -> None:
    counts = Counts.from_scores(changes)
    chance, biserial = probability_of_improvement(counts), rank_biserial(counts).value
    assert chance is not None
    if all(change >= 0 for change in changes) and any(changes):
        assert biserial == 1
        assert chance > 0.5
    if not any(changes):
        assert biserial is None
        assert chance == 0.5


@given(st.lists(st.integers(-3, 3), min_size=7, max_size=30))
@settings(deadline=None)
def test_a_change_further_up_is_never_less_surprising(changes: list[int]) -> None:
    assume(min(changes) < 0)
    turned = sorted(changes)
    turned[0] = -turned[0]
    before = signed_rank(Counts.from_scores(changes)).p_greater
    after = signed_rank(Counts.from_scores(turned)).p_greater
    assert before is not None
    assert after is not None
    assert after <= before or math.isclose(after, before)
