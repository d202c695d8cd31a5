"""Statistics of one measure: numbers worked by hand, and what is said where nothing can be computed."""

from __future__ import annotations

import dataclasses
import doctest
import importlib
import math
import pickle
import pkgutil
import random

import pytest

import echo_metrics.statistics as package
from echo_metrics.errors import UserError
from echo_metrics.statistics.counts import Counts, PairCounts, key_of, unit_for
from echo_metrics.statistics.effect_sizes import (
    effect_sizes,
    hedges_j,
    noncentral_t_limits,
    probability_of_improvement,
    rank_biserial,
)
from echo_metrics.statistics.level import level_mean
from echo_metrics.statistics.moments import correlation, moments
from echo_metrics.statistics.paired_change import PairedChange, paired_change
from echo_metrics.statistics.paired_t import paired_t
from echo_metrics.statistics.proportions import top_box, wilson
from echo_metrics.statistics.signed_rank import EXACT_LIMIT, ZeroRule, sign_test, signed_rank

# Ten people; changes +1 +1 0 +2 0 -1 +1 0 +1 +1: sum 6, sum of squares 10.
TEN = PairCounts.from_scores([2, 3, 3, 2, 4, 3, 2, 5, 3, 4], [3, 4, 3, 4, 4, 2, 3, 5, 4, 5])
# The n = 26 item of the analysis plan: 9 x +1, 4 x +2, 3 x -1, 10 unchanged.
ITEM = Counts((-1, 0, 1, 2), (3, 10, 9, 4))


class TestCounts:
    def test_cells_are_merged_sorted_and_cleared(self) -> None:
        counts = PairCounts.from_cells([(3, 4, 2), (1, 2, 1), (3, 4, 5), (2, 2, 0)])
        assert (counts.before, counts.after, counts.n) == ((1, 3), (2, 4), (1, 7))
        assert counts.n_pairs == 8
        assert Counts.from_cells([(5, 1), (2, 3), (5, 1), (4, 0)]) == Counts((2, 5), (3, 2))

    def test_the_constructor_itself_gives_the_same_table(self) -> None:
        assert PairCounts((3, 1, 3), (4, 2, 4), (2, 1, 5)) == PairCounts.from_cells([(1, 2, 1), (3, 4, 7)])

    def test_a_transition_table_has_rows_before_and_columns_after(self) -> None:
        counts = PairCounts.from_table([1, 2], [[5, 3], [1, 0]])
        assert list(zip(counts.before, counts.after, counts.n, strict=True)) == [(1, 1, 5), (1, 2, 3), (2, 1, 1)]
        assert PairCounts.from_table([0.5, 1], [[1, 0], [0, 0]], unit=2).before == (1,)

    def test_missing_scores_are_dropped_and_counted(self) -> None:
        counts = PairCounts.from_scores([1, None, 3, math.nan, 2], [2, 2, None, 4, 2])
        assert (counts.n_pairs, counts.dropped) == (2, 3)
        alone = Counts.from_scores([1, None, math.nan, 2])
        assert (alone.total, alone.dropped) == (2, 2)
        assert (counts + counts).dropped == 6

    def test_margins_and_differences(self) -> None:
        assert TEN.before_counts == Counts((2, 3, 4, 5), (3, 4, 2, 1))
        assert TEN.after_counts == Counts((2, 3, 4, 5), (1, 3, 4, 2))
        assert TEN.differences == Counts((-1, 0, 1, 2), (1, 3, 5, 1))
        assert TEN.swapped().differences == Counts((-2, -1, 0, 1), (1, 5, 3, 1))

    def test_points_become_exact_keys(self) -> None:
        assert PairCounts.from_scores([3.5, 10 / 3], [4, 11 / 3], unit=2520).before == (8400, 8820)
        assert key_of(-0.1, 10) == -1

    @pytest.mark.parametrize("score", [3.33, 3.3333, math.inf, True])
    def test_scores_between_keys_are_refused(self, score: float) -> None:
        with pytest.raises(UserError, match="score"):
            Counts.from_scores([score], unit=2520 if score != 3.33 else 60)

    def test_the_smallest_unit_that_holds_all_scores(self) -> None:
        assert unit_for([1, 2, None]) == 1
        assert unit_for([0.5, 1 / 3, math.nan]) == 6
        assert unit_for([1.83, 0.878]) == 500
        assert unit_for([1.2345678]) == 5_000_000
        assert unit_for([]) == 1
        with pytest.raises(UserError, match="finite"):
            unit_for([math.inf])

    @pytest.mark.parametrize(
        ("cells", "field"),
        [
            ([(1, 2, -1)], "n must not be negative"),
            ([(1, 2, 1.5)], "n must be a whole number"),
            ([(1, 2, True)], "n must be a whole number"),
            ([(1, 2, None)], "n must be a whole number"),
            ([(1.5, 2, 1)], "before must be a whole number"),
            ([(1, "2", 1)], "after must be a whole number"),
        ],
    )
    def test_bad_cells_are_refused_by_field(self, cells: list, field: str) -> None:
        with pytest.raises(UserError, match=field):
            PairCounts.from_cells(cells)

    def test_bad_shapes_are_refused(self) -> None:
        with pytest.raises(UserError, match="2 rows of 2"):
            PairCounts.from_table([1, 2], [[1, 2]])
        with pytest.raises(UserError, match="differ"):
            PairCounts.from_table([1, 1], [[1, 2], [3, 4]])
        with pytest.raises(UserError, match="before has 2, after has 1"):
            PairCounts.from_scores([1, 2], [1])
        with pytest.raises(UserError, match="equally long"):
            Counts((1, 2), (1,))
        with pytest.raises(UserError, match="unit must be 1 or more"):
            Counts((1,), (1,), 0)
        with pytest.raises(UserError, match="key must be"):
            Counts((0.5,), (1,))  # type: ignore[arg-type]

    def test_tables_of_different_units_do_not_add(self) -> None:
        with pytest.raises(ValueError, match="units"):
            Counts((1,), (1,)) + Counts((1,), (1,), 10)
        with pytest.raises(ValueError, match="units"):
            PairCounts() + PairCounts(unit=10)

    def test_results_are_frozen_hashable_and_picklable(self) -> None:
        change = paired_change(TEN)
        assert pickle.loads(pickle.dumps(change)) == change
        assert len({change, paired_change(TEN), TEN, PairCounts()}) == 3
        with pytest.raises(dataclasses.FrozenInstanceError):
            TEN.unit = 2  # type: ignore[misc]


class TestMoments:
    def test_by_hand(self) -> None:
        # 2, 4, 4, 4, 5, 5, 7, 9: mean 5, squares about it sum to 32.
        found = moments(Counts((2, 4, 5, 7, 9), (1, 3, 2, 1, 1)))
        assert found.mean == 5
        assert found.sd == pytest.approx(math.sqrt(32 / 7), rel=1e-15)

    def test_the_unit_scales_and_cancels(self) -> None:
        found = moments(Counts((2520, 5040), (1, 1), 2520))
        assert (found.mean, found.sd) == (1.5, pytest.approx(math.sqrt(0.5)))

    def test_far_from_zero_no_digit_is_lost(self) -> None:
        assert moments(Counts((10**15, 10**15 + 2), (1, 1))).sd == pytest.approx(math.sqrt(2), rel=1e-15)

    def test_correlation(self) -> None:
        assert correlation(PairCounts.from_scores([1, 2, 3], [2, 4, 6])) == 1
        assert correlation(PairCounts.from_scores([1, 2, 3], [6, 4, 2])) == -1
        assert correlation(PairCounts.from_scores([1, 1, 2, 2], [1, 2, 1, 2])) == 0
        assert correlation(PairCounts.from_scores([1, 1], [1, 2])) is None
        assert correlation(PairCounts()) is None


class TestPairedT:
    def test_by_hand(self) -> None:
        # mean 0.6, sum of squares about it 10 - 3.6 = 6.4, variance 6.4 / 9, se = sqrt(6.4 / 90) = 0.8 / 3.
        result = paired_t(TEN)
        assert result.mean_change == 0.6
        assert result.se == pytest.approx(0.8 / 3)
        assert result.t == pytest.approx(2.25)
        assert result.df == 9
        # t(9), 97.5%: 2.262157 in any printed table.
        assert result.high is not None
        assert result.high - 0.6 == pytest.approx(2.262157 * 0.8 / 3, abs=1e-6)

    @pytest.mark.parametrize(
        ("counts", "field", "words"),
        [
            (PairCounts(), "mean_change", "Nobody has a score"),
            (PairCounts.from_scores([3], [4]), "p", "at least two"),
            (PairCounts.from_scores([3, 3], [3, 3]), "p", "Nobody's score changed"),
            (PairCounts.from_scores([3, 2], [4, 3]), "low", "same amount"),
        ],
    )
    def test_says_why_not(self, counts: PairCounts, field: str, words: str) -> None:
        result = paired_t(counts)
        assert getattr(result, field) is None
        assert words in (result.reason(field) or "")

    @pytest.mark.parametrize("level", [0, 1, 95, -0.5])
    def test_refuses_a_level_that_is_no_level(self, level: float) -> None:
        with pytest.raises(UserError, match=r"such as 0\.95"):
            paired_t(TEN, level)


class TestSignedRank:
    def test_the_item_that_scipy_gets_wrong(self) -> None:
        # True exact p values printed in the analysis plan; the no-ties null gives 0.01099 and 0.07515.
        assert signed_rank(ITEM, ZeroRule.WILCOXON).p == pytest.approx(0.00925, abs=5e-6)
        assert signed_rank(ITEM, ZeroRule.PRATT).p == pytest.approx(0.01089, abs=5e-6)

    def test_ranks_by_hand(self) -> None:
        # 12 ones share ranks 1..12 (6.5), 4 twos share 13..16 (14.5); Pratt puts ten zeros below.
        dropped = signed_rank(ITEM, ZeroRule.WILCOXON)
        assert (dropped.w_plus, dropped.w_minus) == (9 * 6.5 + 4 * 14.5, 3 * 6.5)
        pratt = signed_rank(ITEM)
        assert (pratt.w_plus, pratt.w_minus) == (9 * 16.5 + 4 * 24.5, 3 * 16.5)
        assert (pratt.n, pratt.n_zeros, pratt.method) == (26, 10, "exact")

    def test_three_up_by_hand(self) -> None:
        result = signed_rank(Counts((1,), (3,)))
        assert (result.p, result.p_greater, result.p_less) == (0.25, 0.125, 1.0)
        assert (result.mid_p, result.mid_p_greater) == (0.125, 0.0625)

    def test_balanced_changes_are_as_central_as_can_be(self) -> None:
        result = signed_rank(Counts((-1, 1), (2, 2)))
        assert (result.p, result.mid_p) == (1.0, 1.0)

    def test_nobody_changed(self) -> None:
        for counts in (Counts(), Counts((0,), (7,))):
            result = signed_rank(counts)
            assert result.p is None
            assert result.reason("p") == "Nobody's score changed, so there is nothing to test."

    def test_above_the_limit_the_normal_approximation_is_named(self) -> None:
        at_limit = Counts((-1, 1, 2), (300, 400, 300))
        above = Counts((-1, 0, 1, 2), (300, 1, 400, 300))
        assert at_limit.total == EXACT_LIMIT
        assert signed_rank(at_limit).method == "exact"
        assert signed_rank(above).method == "asymptotic"
        assert signed_rank(above, ZeroRule.WILCOXON).method == "exact"
        assert signed_rank(above).reason("mid_p") is not None
        with pytest.raises(UserError, match="at most 1,000"):
            signed_rank(above, method="exact")

    def test_exact_and_normal_meet_where_they_should(self) -> None:
        rng = random.Random(7)
        counts = Counts.from_scores([rng.choice([-2, -1, 0, 0, 1, 2, 3]) for _ in range(900)])
        exact, normal = signed_rank(counts).p, signed_rank(counts, method="asymptotic").p
        assert exact is not None
        assert normal is not None
        assert 0 < exact < 0.05
        assert exact == pytest.approx(normal, abs=0.001)

    def test_continuity_never_crosses_the_mean(self) -> None:
        result = signed_rank(Counts((-1, 1), (4, 4)), method="asymptotic", continuity=True)
        assert (result.z, result.p) == (0.0, 1.0)


class TestSignTest:
    def test_by_hand(self) -> None:
        # 9 of 10 up: (1 + 10) / 1024 one-sided.
        result = sign_test(Counts((-3, 0, 1), (1, 4, 9)))
        assert result.p_greater == pytest.approx(11 / 1024, rel=1e-12)
        assert result.p == pytest.approx(22 / 1024, rel=1e-12)
        assert result.mid_p_greater == pytest.approx(6 / 1024, rel=1e-12)
        assert result.p_less == pytest.approx(1023 / 1024, rel=1e-12)
        assert (result.n_positive, result.n_negative, result.n_zeros) == (9, 1, 4)

    def test_nobody_changed(self) -> None:
        result = sign_test(Counts((0,), (4,)))
        assert result.p is None
        assert result.reason("p") is not None


class TestEffectSizes:
    def test_by_hand(self) -> None:
        sizes = effect_sizes(TEN)
        sd_change = math.sqrt(6.4 / 9)
        # Squares about the means 3.1 and 3.7: 105 - 96.1 = 8.9 and 145 - 136.9 = 8.1 (before 2x3 3x4 4x2 5).
        before, after = 105 - 10 * 3.1**2, 145 - 10 * 3.7**2
        sd_av = math.sqrt((before / 9 + after / 9) / 2)
        assert sizes.d_z.value == pytest.approx(0.6 / sd_change)
        assert sizes.d_av.value == pytest.approx(0.6 / sd_av)
        assert sizes.g_av.value == pytest.approx(0.6 / sd_av * 0.913875, rel=1e-6)
        assert sizes.d_av.low == pytest.approx((sizes.d_z.low or 0) * sd_change / sd_av)
        assert sizes.g_z.high == pytest.approx((sizes.d_z.high or 0) * (sizes.j or 0))

    def test_j(self) -> None:
        assert hedges_j(1) is None
        # Gamma(1) / (sqrt(1) Gamma(1/2)) = 1 / sqrt(pi).
        assert hedges_j(2) == pytest.approx(1 / math.sqrt(math.pi))
        assert hedges_j(100_000) == pytest.approx(1 - 3 / (4 * 100_000 - 1), rel=1e-9)

    def test_noncentral_limits(self) -> None:
        # t = 0 has symmetric limits: P(T <= 0 | ncp) = Phi(-ncp), so they are normal quantiles whatever df is.
        assert noncentral_t_limits(0, 9) == (pytest.approx(-1.959964, abs=1e-6), pytest.approx(1.959964, abs=1e-6))
        low, high = noncentral_t_limits(3, 20) or (0, 0)
        assert noncentral_t_limits(-3, 20) == (-high, -low)
        assert noncentral_t_limits(1e6, 20) is None

    def test_changes_nearly_alike_have_a_size_without_an_interval(self) -> None:
        nearly = PairCounts.from_cells([(0, 10**6, 50), (0, 10**6 + 1, 1)])
        sizes = effect_sizes(nearly)
        assert sizes.d_z.value is not None
        assert sizes.d_z.low is None
        assert "can't be computed" in (sizes.g_av.reason or "")

    def test_two_pairs_have_d_but_no_g(self) -> None:
        sizes = effect_sizes(PairCounts.from_scores([1, 2], [2, 4]))
        assert sizes.d_z.value == pytest.approx(1.5 / math.sqrt(0.5))
        assert sizes.g_z.value is None
        assert "three pairs" in (sizes.g_z.reason or "")

    def test_rank_biserial(self) -> None:
        assert rank_biserial(ITEM).value == pytest.approx((116.5 - 19.5) / 136)
        one_way = rank_biserial(Counts((0, 1), (3, 4)))
        assert (one_way.value, one_way.low) == (1.0, None)
        assert one_way.reason is not None
        assert rank_biserial(Counts((0,), (3,))).value is None
        assert rank_biserial(Counts()).reason == "Nobody has a score at both times."

    def test_probability_of_improvement(self) -> None:
        assert probability_of_improvement(ITEM) == (13 + 5) / 26
        assert probability_of_improvement(Counts()) is None


class TestProportions:
    @pytest.mark.parametrize(
        ("x", "n", "low", "high"),
        # The shares of the analysis plan, in per cent as printed there.
        [(36, 37, 86, 99.5), (25, 26, 81, 99), (116, 120, 92, 99), (38, 38, 91, 100)],
    )
    def test_printed_shares(self, x: int, n: int, low: float, high: float) -> None:
        share = wilson(x, n)
        assert share.low is not None
        assert share.high is not None
        assert 100 * share.low == pytest.approx(low, abs=0.5)
        assert 100 * share.high == pytest.approx(high, abs=0.5)

    def test_ends(self) -> None:
        assert wilson(0, 20).low == 0
        assert wilson(20, 20).high == 1
        assert wilson(0, 0).value is None
        assert wilson(0, 0).reason == "Nobody answered."

    @pytest.mark.parametrize(("x", "n"), [(3, 2), (-1, 2), (0, -1)])
    def test_impossible_shares_are_refused(self, x: int, n: int) -> None:
        with pytest.raises(UserError, match="0 <= x <= n"):
            wilson(x, n)

    def test_top_box_counts_the_cut_itself(self) -> None:
        counts = Counts.from_scores([3.3, 3.2, 4.0, 1.0], unit=2520)
        assert top_box(counts, 3.3).x == 2
        assert top_box(counts, 5).x == 0
        assert top_box(Counts(), 4).value is None
        with pytest.raises(UserError, match="cut"):
            top_box(counts, math.nan)


class TestLevel:
    def test_by_hand(self) -> None:
        # 3, 4, 5: sd 1, se 1/sqrt(3), t(2) 97.5% = 4.302653.
        result = level_mean(Counts((3, 4, 5), (1, 1, 1)))
        assert (result.mean, result.sd) == (4.0, 1.0)
        assert result.low == pytest.approx(4 - 4.302653 / math.sqrt(3), abs=1e-6)

    def test_says_why_not(self) -> None:
        assert level_mean(Counts()).reason("mean") == "Nobody answered."
        assert "at least two" in (level_mean(Counts((3,), (1,))).reason("low") or "")
        assert "same score" in (level_mean(Counts((3,), (4,))).reason("high") or "")


EDGES = {
    "empty": PairCounts(),
    "one pair": PairCounts.from_scores([3], [4]),
    "two pairs": PairCounts.from_scores([3, 3], [4, 3]),
    "nobody changed": PairCounts.from_scores([1, 2, 3], [1, 2, 3]),
    "all the same": PairCounts.from_scores([3] * 8, [3] * 8),
    "same shift": PairCounts.from_scores([1, 2, 3, 1, 2, 3], [2, 3, 4, 2, 3, 4]),
    "five changed": PairCounts.from_scores([3] * 20, [4] * 5 + [3] * 15),
    "one way": PairCounts.from_scores([3] * 20, [4] * 12 + [3] * 8),
    "constant before": PairCounts.from_scores([3] * 10, [1, 2, 3, 4, 5, 1, 2, 3, 4, 5]),
}


class TestPairedChange:
    def test_by_hand(self) -> None:
        change = paired_change(TEN)
        assert (change.n, change.improved, change.same, change.declined, change.changed) == (10, 6, 3, 1, 7)
        assert (change.mean_before, change.mean_after, change.mean_change) == (3.1, 3.7, 0.6)
        assert change.t == pytest.approx(2.25)
        # Seven changed, one of them down: 2 (1 + 7) / 128.
        assert change.p_sign == pytest.approx(16 / 128)
        assert change.probability_of_improvement == 0.75
        assert change.zeros == 3
        assert "exact" in (change.signed_rank_method or "")
        assert "3 of 10 gave the same score both times." in change.notes

    @pytest.mark.parametrize("name", EDGES)
    def test_every_missing_figure_has_its_reason(self, name: str) -> None:
        change = paired_change(EDGES[name])
        for field in dataclasses.fields(PairedChange):
            value = getattr(change, field.name)
            if value is None:
                assert change.reason(field.name), field.name
            else:
                assert change.reason(field.name) is None, field.name
                assert not (isinstance(value, float) and not math.isfinite(value)), field.name

    def test_fewer_than_six_changers_get_no_rank_test(self) -> None:
        change = paired_change(EDGES["five changed"])
        assert change.p_signed_rank is None
        assert change.p_sign is None
        assert change.p_t is not None
        assert "at least 6 people" in (change.reason("p_signed_rank") or "")
        six = paired_change(PairCounts.from_scores([3] * 20, [4] * 6 + [3] * 14))
        assert six.p_signed_rank == pytest.approx(2 / 64)

    def test_large_groups_name_the_approximation(self) -> None:
        change = paired_change(PairCounts((3, 3, 3), (2, 3, 4), (400, 300, 500)))
        assert "normal approximation" in (change.signed_rank_method or "")
        assert any("1,000" in note for note in change.notes)
        assert change.mid_p_signed_rank is None
        assert change.reason("mid_p_signed_rank") is not None

    def test_scores_are_in_points_whatever_the_unit(self) -> None:
        fine = PairCounts(tuple(2520 * k for k in TEN.before), tuple(2520 * k for k in TEN.after), TEN.n, 2520)
        assert paired_change(fine) == paired_change(TEN)


def test_examples_in_docstrings_run() -> None:
    tried = 0
    for module in pkgutil.iter_modules(package.__path__, "echo_metrics.statistics."):
        result = doctest.testmod(importlib.import_module(module.name))
        assert result.failed == 0, module.name
        tried += result.attempted
    assert tried >= 10
