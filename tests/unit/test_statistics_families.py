"""The wider families: numbers worked by hand or published, and what is said where nothing can be computed."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from echo_metrics.errors import UserError
from echo_metrics.statistics.adjusted import ancova, in_order
from echo_metrics.statistics.agreement import cut_offs, icc, reliable_change
from echo_metrics.statistics.bootstrap import bootstrap, exact_bootstrap_mean
from echo_metrics.statistics.clustered import gee_exchangeable, random_intercept
from echo_metrics.statistics.control_charts import anhoej_limits, c_chart, p_chart, run_chart, xmr_chart
from echo_metrics.statistics.correlations import kendall, pearson, spearman
from echo_metrics.statistics.counts import Counts, PairCounts
from echo_metrics.statistics.equivalence import (
    minimal_detectable_effect,
    power_paired,
    power_two_sample,
    sample_size_two_sample,
    tost,
)
from echo_metrics.statistics.exact_sums import random_choice, random_order, random_signs
from echo_metrics.statistics.hodges_lehmann import hodges_lehmann
from echo_metrics.statistics.mcnemar import bowker, cochran_q, fisher_exact, mcnemar, stuart_maxwell
from echo_metrics.statistics.multiple_imputation import rubin_rules
from echo_metrics.statistics.multiplicity import p_adjust
from echo_metrics.statistics.partial_pooling import partial_pooling
from echo_metrics.statistics.proportion_intervals import (
    clopper_pearson,
    difference_of_proportions,
    jeffreys,
    paired_difference,
    wald,
)
from echo_metrics.statistics.rank_groups import (
    brunner_munzel,
    friedman,
    jonckheere,
    kruskal_wallis,
    mann_whitney,
    midranks,
    rank_biserial_independent,
)
from echo_metrics.statistics.reliability import CrossProducts, cronbach_alpha, feldt_interval, mcdonald_omega
from echo_metrics.statistics.repeated_measures_d import repeated_measures_d, standardised_mean_change
from echo_metrics.statistics.sign_flip import sign_flip
from echo_metrics.statistics.two_samples import (
    completer_comparison,
    partially_overlapping_t,
    partially_overlapping_z,
)
from echo_metrics.statistics.zero_split import zero_split


def generator() -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(7))


class TestPairedFamilies:
    def test_sign_flip_by_hand(self) -> None:
        # Changes 1, 2, 4 all up: one sign pattern of eight reaches 7, so p = 2/8; mid-p takes one of them off.
        found = sign_flip(Counts((1, 2, 4), (1, 1, 1)))
        assert (found.p, found.p_greater, found.p_less, found.mid_p) == (0.25, 0.125, 1.0, 0.125)

    def test_sign_flip_with_finely_spaced_values(self) -> None:
        # Sums too far apart for a table: listed instead, and each of 2^12 patterns counts once.
        sizes = tuple(10**9 * 3**i + i for i in range(12))
        found = sign_flip(Counts(sizes, (1,) * 12))
        assert found.p_greater == 2.0**-12

    def test_sign_flip_says_when_it_is_too_much(self) -> None:
        found = sign_flip(Counts(tuple((-1) ** i * (10**9 + 7 * i * i) for i in range(60)), (1,) * 60))
        assert found.p is None
        assert "too many different changes" in (found.reason("p") or "")
        assert "Nobody's score changed" in (sign_flip(Counts((0,), (9,))).reason("p") or "")

    def test_hodges_lehmann_keeps_the_zeros(self) -> None:
        # The item of the analysis plan: 0.5 with zeros, and 1.0 without them.
        assert hodges_lehmann(Counts((-1, 0, 1, 2), (3, 10, 9, 4))).value == 0.5
        assert hodges_lehmann(Counts((-1, 1, 2), (3, 9, 4))).value == 1.0
        assert hodges_lehmann(Counts((1, 3, 5, 7), (1, 1, 1, 1), unit=2)).value == 2.0
        assert hodges_lehmann(Counts()).reason == "There are no changes to take the middle of."

    def test_zero_split_by_hand(self) -> None:
        # Ranks 1 (zero), 2.5, 2.5: W+ = 0.5 + 5, W- = 0.5; variance (1 + 6.25 + 6.25) / 4.
        found = zero_split(Counts((0, 1), (1, 2)))
        assert (found.w_plus, found.w_minus) == (5.5, 0.5)
        assert found.z == pytest.approx(2.5 / math.sqrt(13.5 / 4))
        assert zero_split(Counts((0,), (3,))).p is None

    def test_repeated_measures_d_needs_spread(self) -> None:
        alike = repeated_measures_d(PairCounts.from_scores([1, 2, 3], [2, 3, 4]))
        assert alike.d_z.value is None
        assert "same amount" in (alike.d_z.reason or "")
        flat = repeated_measures_d(PairCounts.from_scores([3, 3, 3], [2, 3, 5]))
        assert flat.d_z.value is not None
        assert flat.d_rm.value is None
        assert flat.d_b.value is None
        parallel = repeated_measures_d(PairCounts.from_scores([1, 2, 3], [2, 4, 6]))
        assert parallel.d_rm.value is None
        assert parallel.d_b.value == 2.0

    def test_standardised_mean_change_by_hand(self) -> None:
        # Equal spreads and r = 1/2: the spread of the changes is that of the scores, so both forms agree.
        found = standardised_mean_change(10, 12, 4, 4, 20, 0.5)
        assert found.smcc == pytest.approx(found.smcr)
        assert found.smcc == pytest.approx(0.5 * (1 - 3 / (4 * 19 - 1)), abs=1e-4)
        assert standardised_mean_change(1, 2, 3, 3, 9, 1.0).reason("smcc") is not None
        with pytest.raises(UserError, match="sd_pre"):
            standardised_mean_change(1, 2, 0, 3, 9, 0.5)


class TestShares:
    def test_paired_difference_of_the_airway_data(self) -> None:
        # Fagerland, Lydersen and Laake 2014: Tango -0.517 to -0.026, Newcombe -0.507 to -0.026.
        found = paired_difference(1, 1, 7, 12)
        assert found.estimate == pytest.approx(-6 / 21)
        assert (found.tango.low, found.tango.high) == (pytest.approx(-0.517, abs=5e-4), pytest.approx(-0.026, abs=5e-4))
        assert (found.newcombe.low, found.newcombe.high) == (
            pytest.approx(-0.507, abs=5e-4),
            pytest.approx(-0.026, abs=5e-4),
        )

    def test_intervals_at_the_ends(self) -> None:
        # The rule of three: no event in 20 people bounds the share by 1 - 0.025^(1/20).
        assert clopper_pearson(0, 20).high == pytest.approx(1 - 0.025 ** (1 / 20))
        assert jeffreys(0, 20).low == 0
        assert (wald(20, 20).low, wald(20, 20).high) == (1, 1)
        assert clopper_pearson(0, 0).reason == "Nobody answered."
        assert difference_of_proportions(0, 0, 1, 2).value is None
        with pytest.raises(UserError, match="x1"):
            difference_of_proportions(3, 2, 1, 2)

    def test_mcnemar_with_as_many_each_way(self) -> None:
        found = mcnemar(4, 4)
        assert (found.chi2, found.chi2_corrected, found.p_exact, found.p_mid) == (0, 0, 1, 1)
        assert mcnemar(0, 0).reason("p_mid") is not None

    def test_stuart_maxwell_of_two_levels_is_mcnemar(self) -> None:
        assert stuart_maxwell([[5, 9], [2, 7]]).chi2 == pytest.approx(mcnemar(9, 2).chi2 or 0)
        assert bowker([[5, 9], [2, 7]]).chi2 == pytest.approx(mcnemar(9, 2).chi2 or 0)
        assert cochran_q([[1, 0]] * 9 + [[0, 1]] * 2 + [[1, 1]] * 5).chi2 == pytest.approx(mcnemar(9, 2).chi2 or 0)

    def test_stuart_maxwell_counts_levels_that_nobody_moved_to(self) -> None:
        table = [[5, 9, 0], [2, 7, 0], [0, 0, 4]]
        assert stuart_maxwell(table).df == 1
        assert stuart_maxwell(table).chi2 == pytest.approx(49 / 11)
        assert stuart_maxwell([[3, 0], [0, 4]]).reason("chi2") is not None

    def test_cochran_q_of_conover(self) -> None:
        # Conover, Practical Nonparametric Statistics, three basketball forecasters: T = 2.8, p about 0.25.
        rows = [[1, 1, 1], [1, 1, 1], [0, 1, 0], [1, 1, 0], [0, 0, 0], [1, 1, 1], [1, 1, 1], [1, 1, 0], [0, 0, 1]]
        found = cochran_q([*rows, [0, 1, 0], [1, 1, 1], [1, 1, 1]])
        assert found.chi2 == pytest.approx(2.8)
        assert found.p == pytest.approx(math.exp(-1.4))
        with pytest.raises(UserError, match=r"rows\[0\]\[1\]"):
            cochran_q([[1, 2]])

    def test_fisher_exact_with_an_empty_margin(self) -> None:
        found = fisher_exact([[0, 0], [3, 4]])
        assert (found.p, found.odds_ratio) == (1.0, None)


class TestGroups:
    def test_midranks(self) -> None:
        assert midranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [3.5, 1, 3.5, 2]

    def test_exact_mann_whitney_by_hand(self) -> None:
        # {3, 4} against {1, 2}: the two most extreme of six choices.
        found = mann_whitney([3, 4], [1, 2])
        assert found.w == 4
        assert found.p_exact == pytest.approx(2 / 6)
        assert found.p_permutation == pytest.approx(2 / 6)
        assert mann_whitney([1, 1], [1]).p_exact is None

    def test_large_groups_have_an_asymptotic_p_only(self) -> None:
        values = [float(i * i) for i in range(3000)]
        found = mann_whitney(values[::2], values[1::2])
        assert found.p_asymptotic is not None
        assert found.p_exact is None
        assert found.reason("p_exact") is not None

    def test_brunner_munzel_apart(self) -> None:
        found = brunner_munzel([1, 2], [3, 4])
        assert (found.statistic, found.probability) == (None, 1.0)
        assert "do not overlap" in (found.reason("p") or "")

    def test_groups_without_differences(self) -> None:
        assert kruskal_wallis([[1, 1], [1]]).h is None
        assert jonckheere([[1, 1], [1]]).z is None
        assert friedman([[1, 1], [2, 2]]).chi2 is None
        assert friedman([[1, 2], [3, 4], [5, 6]]).kendall_w == 1
        assert rank_biserial_independent([5, 6], [1, 2]).rank_biserial == 1

    def test_correlations_by_hand(self) -> None:
        # Deviations -1 0 1 and -1 1 0: r = 1 / 2.
        assert pearson([1, 2, 3], [1, 3, 2]).r == pytest.approx(0.5)
        assert spearman([1, 2, 3], [10, 1000, 20]).value == pytest.approx(0.5)
        # Of six orders, only the full one has tau 1.
        assert kendall([1, 2, 3, 4], [1, 2, 3, 4]).p_exact == pytest.approx(2 / 24)
        assert pearson([1, 2], [2, 1]).reason("p") is not None
        assert spearman([1, 1], [1, 2]).value is None
        assert kendall([1, 1, 2], [1, 2, 3]).reason("p_exact") is not None
        with pytest.raises(UserError, match="x has 2, y has 3"):
            pearson([1, 2], [1, 2, 3])


class TestScales:
    def test_alpha_by_hand(self) -> None:
        # Item variances 1 and 1, total variance 3: alpha = 2 (1 - 2/3).
        found = cronbach_alpha(CrossProducts.from_items([[1, 1], [2, 3], [3, 2]]))
        assert found.value == pytest.approx(2 / 3)
        assert cronbach_alpha(CrossProducts.from_items([[1, 2], [2, 1]])).reason is not None
        assert cronbach_alpha(CrossProducts.from_items([[1], [2]])).value is None
        perfect = cronbach_alpha(CrossProducts.from_items([[1, 1], [2, 2], [4, 4]]))
        assert perfect.value == pytest.approx(1)

    def test_feldt_of_the_analysis_plan(self) -> None:
        # Five items, alpha 0.80, 26 people: about 0.65 to 0.90.
        found = feldt_interval(0.8, 26, 5)
        assert found.low == pytest.approx(0.65, abs=0.01)
        assert found.high == pytest.approx(0.90, abs=0.01)

    def test_omega_gives_back_the_model(self) -> None:
        loading, own = np.array([0.9, -0.5, 0.7, 1.2, 0.4]), np.array([0.5, 0.8, 0.3, 1.0, 2.0])
        found = mcdonald_omega((np.outer(loading, loading) + np.diag(own)).tolist())
        assert found.loadings == pytest.approx(loading.tolist(), abs=1e-6)
        assert found.uniquenesses == pytest.approx(own.tolist(), abs=1e-6)
        assert found.omega == pytest.approx(2.7**2 / (2.7**2 + 4.6), abs=1e-7)

    def test_omega_refuses_what_is_no_scale(self) -> None:
        heywood = [[1.0, 0.9, 0.9], [0.9, 1.0, 0.5], [0.9, 0.5, 1.0]]
        assert mcdonald_omega(heywood).reason("omega") is not None
        with pytest.raises(UserError, match="symmetric"):
            mcdonald_omega([[1, 0.5, 0.1], [0.2, 1, 0.3], [0.1, 0.3, 1]])
        with pytest.raises(UserError, match="diagonal"):
            mcdonald_omega([[0, 0, 0], [0, 1, 0], [0, 0, 1]])

    def test_icc_without_noise(self) -> None:
        found = icc([[1, 1], [2, 2], [3, 3]])
        assert found.icc == (1.0,) * 6
        assert found.f == (None,) * 6
        assert icc([[2, 2], [2, 2]]).icc == (None,) * 6

    def test_reliable_change_and_cut_offs_turn_with_the_scale(self) -> None:
        assert reliable_change(10, 10, 5, 0.8).reliable is False
        assert reliable_change(10, 20, 5, 1).reason("rci") is not None
        low_is_good = cut_offs(60, 7.5, 40, 7.5)
        assert (low_is_good.a, low_is_good.b, low_is_good.c) == (45, 55, 50)


class TestModels:
    def test_ancova_by_hand(self) -> None:
        # Slopes 1 in both groups; the second lies 5/3 above the first.
        found = ancova(["a"] * 3 + ["b"] * 3, [1, 2, 3, 1, 2, 3], [1, 3, 3, 3, 4, 5])
        assert found.slope == pytest.approx(1)
        assert found.adjusted_means == pytest.approx((7 / 3, 4))
        # Residual squares 2/3 on 6 - 2 - 1 degrees of freedom, group squares 3 x 3 / 6 x (5/3)^2.
        assert found.f == pytest.approx(1.5 * (5 / 3) ** 2 / (2 / 3 / 3))
        assert (found.df_groups, found.df_error) == (1, 3)

    def test_ancova_says_what_is_missing(self) -> None:
        assert "two groups" in (ancova(["a"] * 4, [1, 2, 3, 4], [1, 2, 3, 5]).reason("f") or "")
        assert "too few" in (ancova(["a", "b"], [1, 2], [1, 2]).reason("f") or "")
        assert "same covariate" in (ancova(["a", "a", "b", "b"], [1, 1, 1, 1], [1, 2, 3, 4]).reason("f") or "")
        assert "exactly" in (ancova(["a", "a", "b", "b"], [1, 2, 1, 2], [1, 2, 3, 4]).reason("f") or "")
        with pytest.raises(UserError, match=r"group\[1\]"):
            ancova(["a", None, "b"], [1, 2, 3], [1, 2, 3])
        assert in_order(["b", 10, 2, "a"]) == [2, 10, "a", "b"]

    def test_random_intercept_of_balanced_groups_is_the_analysis_of_variance(self) -> None:
        # Means 2, 5, 8; mean squares 27 between and 1 within, three each: between variance (27 - 1) / 3.
        found = random_intercept([1] * 3 + [2] * 3 + [3] * 3, [1, 2, 3, 4, 5, 6, 7, 8, 9])
        assert found.intercept == pytest.approx(5)
        assert found.sd_residual == pytest.approx(1, rel=1e-6)
        assert found.sd_between == pytest.approx(math.sqrt(26 / 3), rel=1e-6)
        assert found.se == pytest.approx(math.sqrt(27 / 9), rel=1e-6)

    def test_random_intercept_at_the_edge(self) -> None:
        found = random_intercept([1, 1, 2, 2], [1, 3, 3, 1])
        assert found.at_edge
        assert (found.sd_between, found.icc) == (0, 0)
        assert random_intercept([1, 2, 3], [1, 2, 3]).reason("icc") is not None
        assert random_intercept([1, 1, 2, 2], [1, 1, 2, 2]).reason("icc") is not None
        assert random_intercept([1, 1], [1, 2]).reason("icc") is not None

    def test_gee_of_balanced_clusters_without_covariates(self) -> None:
        # The mean, its sandwich error from three cluster means, and Mancl and DeRouen's k / (k - 1) times that.
        found = gee_exchangeable([1, 1, 2, 2, 3, 3], [], [1, 2, 4, 6, 3, 1])
        gaps = np.array([1.5, 5, 2]) - 17 / 6
        assert found.coef == pytest.approx((17 / 6,))
        assert found.robust_se == pytest.approx((math.sqrt(float(gaps @ gaps)) / 3,))
        assert found.corrected_se == pytest.approx((1.5 * math.sqrt(float(gaps @ gaps)) / 3,))
        assert found.few_clusters

    def test_gee_says_what_is_missing(self) -> None:
        assert gee_exchangeable([1, 1], [[1, 2]], [1, 2]).reason("coef") is not None
        assert gee_exchangeable([1, 2, 3], [[1, 1, 1]], [1, 2, 4]).reason("coef") is not None
        assert gee_exchangeable([1, 2, 3], [[1, 2, 3]], [2, 4, 6]).reason("coef") is not None

    def test_partial_pooling_of_two_by_hand(self) -> None:
        # Two estimates 0 and 2 with variance 1: tau2 = s^2 - 1 = 1, each pulled half way to 1.
        found = partial_pooling([0, 2], [1, 1])
        assert found.tau2_reml == pytest.approx(1, rel=1e-6)
        assert found.tau2_dl == pytest.approx(1)
        assert found.shrunken == pytest.approx((0.5, 1.5), rel=1e-6)
        assert found.kh_se == pytest.approx(1)
        alike = partial_pooling([1, 1.1, 0.9], [1, 1, 1])
        assert (alike.tau2_reml, alike.i2_percent) == (0, 0)
        assert alike.shrunken == pytest.approx((1, 1, 1))
        assert partial_pooling([1], [1]).reason("shrunken") is not None
        with pytest.raises(UserError, match=r"variance\[1\]"):
            partial_pooling([1, 2], [1, 0])

    def test_rubin_rules_without_disagreement(self) -> None:
        found = rubin_rules([1, 1, 1], [0.25, 0.25, 0.25], 26)
        assert (found.between, found.total) == (0, 0.25)
        # Barnard and Rubin's observed-data df with nothing lost: 25 x 26 / 28.
        assert found.df == pytest.approx(25 * 26 / 28)
        with pytest.raises(UserError, match="n must be larger than k"):
            rubin_rules([1, 2], [1, 1], 3, 3)
        assert rubin_rules([1, 1], [0, 0]).reason("fmi") is not None


class TestTwoSamples:
    def test_overlapping_z_of_the_published_example(self) -> None:
        # Derrick, Dobson-Mckittrick, Toher and White 2015: 15 pairs, 9 and 6 alone; p = 0.053.
        found = partially_overlapping_z([1] * 9 + [0] * 6, [1] * 8 + [0, 1, 1, 1, 0, 0, 0], [1] * 5 + [0] * 4, [1] * 6)
        assert found.p == pytest.approx(0.053, abs=5e-4)

    def test_all_pairs_is_the_paired_t(self) -> None:
        from echo_metrics.statistics.paired_t import paired_t

        a, b = [3, 5, 4, 6, 8], [2, 5, 3, 3, 6]
        whole = partially_overlapping_t(a, b, [], []).welch
        paired = paired_t(PairCounts.from_scores(b, a))
        assert whole.t == pytest.approx(paired.t)
        assert whole.df == pytest.approx(paired.df)
        assert partially_overlapping_t([1], [2], [3], [4]).equal.reason("t") is not None
        assert partially_overlapping_t([1, 1], [2, 2], [1], []).equal.reason("t") is not None

    def test_completers_alone(self) -> None:
        found = completer_comparison([1, 2, 3], [])
        assert found.welch.estimate is None
        assert completer_comparison([1, 2], [4]).reason("standardised_difference") is not None
        assert completer_comparison([2, 2], [2, 2]).welch.reason("t") is not None
        assert completer_comparison([1, 3], [2, 4]).standardised_difference == pytest.approx(-1 / math.sqrt(2))


class TestPower:
    @pytest.mark.parametrize(("n", "d"), [(10, 1.00), (15, 0.78), (20, 0.66), (26, 0.57), (60, 0.37), (200, 0.20)])
    def test_the_table_of_the_analysis_plan(self, n: int, d: float) -> None:
        assert minimal_detectable_effect(n) == pytest.approx(d, abs=0.005)
        assert power_paired(n, minimal_detectable_effect(n)) == pytest.approx(0.8, abs=1e-9)

    def test_no_difference_is_detected_at_the_error_rate(self) -> None:
        assert power_two_sample(20, 0) == pytest.approx(0.05)
        assert sample_size_two_sample(0.9, 1e-6) is None
        with pytest.raises(UserError, match="delta"):
            sample_size_two_sample(0.9, 0)
        with pytest.raises(UserError, match="alpha"):
            minimal_detectable_effect(10, 0.8, 0)

    def test_tost_by_hand(self) -> None:
        # Change 0, SD 1, 16 people: SE 1/4, so a bound of 1 is four standard errors away on either side.
        found = tost(0, 1, 16, 1)
        assert (found.t_lower, found.t_upper, found.equivalent) == (4, -4, True)
        assert found.p_lower == found.p_upper
        assert tost(1, 1, 16, 1).equivalent is False
        assert tost(1, 0, 16, 1).reason("p_lower") is not None
        with pytest.raises(UserError, match="alpha"):
            tost(0, 1, 16, 1, 0.5)


class TestBootstrap:
    def test_exact_distribution_of_two_people(self) -> None:
        found = exact_bootstrap_mean(Counts((0, 3), (1, 1), unit=3))
        assert found.values == (0, 0.5, 1)
        assert found.probabilities == (0.25, 0.5, 0.25)
        gaps = exact_bootstrap_mean(Counts((0, 2, 5), (1, 1, 1)))
        assert gaps.values is not None
        assert sum(gaps.probabilities or ()) == pytest.approx(1)
        assert len(gaps.values) == len({sum(c) for c in itertools.product((0, 2, 5), repeat=3)})
        assert exact_bootstrap_mean(Counts()).reason("values") == "There is nobody to resample."

    def test_the_long_way_round_agrees(self) -> None:
        # 3,000 people go by Fourier transform; the normal limit is close.
        found = bootstrap(Counts((0, 1), (1500, 1500)), generator())
        assert found.method == "exact"
        assert found.percentile == pytest.approx(
            (0.5 - 1.96 * 0.5 / math.sqrt(3000), 0.5 + 1.96 * 0.5 / math.sqrt(3000)), abs=1e-3
        )

    def test_the_variance_is_resampled_the_same_way_each_time(self) -> None:
        data = Counts((1, 2, 4, 9), (3, 4, 2, 1))
        first, again = (bootstrap(data, generator(), "variance", resamples=2000) for _ in range(2))
        assert first == again
        assert first.method == "resampled"
        # Mean 2.8, mean square 16: 11.6 (3 x 1 + 4 x 4 + 2 x 16 + 81 = 132) - 7.84.
        assert first.estimate == pytest.approx(13.2 - 2.8**2)

    def test_nothing_to_resample(self) -> None:
        assert bootstrap(Counts((2,), (5,)), generator()).reason("bca") is not None
        assert bootstrap(Counts(), generator()).reason("estimate") is not None
        with pytest.raises(UserError, match="statistic"):
            bootstrap(Counts((1, 2), (1, 1)), generator(), "median")  # type: ignore[arg-type]
        with pytest.raises(UserError, match="resamples"):
            bootstrap(Counts((1, 2), (1, 1)), generator(), resamples=1)


class TestCharts:
    def test_c_chart_of_montgomery(self) -> None:
        # Example 7.3: 516 defects in 26 samples; 19.85, limits 6.48 and 33.22 (33.21 unrounded); samples 6 and 20 out.
        counts = [21, 24, 16, 12, 15, 5, 28, 20, 31, 25, 20, 24, 16, 19, 10, 17, 13, 22, 18, 39, 30, 24, 16, 19, 17, 15]
        found = c_chart(counts)
        assert found.centre == pytest.approx(19.85, abs=5e-3)
        assert (found.lcl[0], found.ucl[0]) == (pytest.approx(6.48, abs=5e-3), pytest.approx(33.22, abs=1e-2))
        assert found.outside == (5, 19)

    def test_nhs_rules(self) -> None:
        steady = [1.0, -1.0] * 10
        found = xmr_chart([*steady, *range(7)], baseline=20)
        assert found.trend == tuple(range(19, 27))
        assert found.outside == (26,)
        shifted = xmr_chart([*steady, *[0.5, 1.0] * 4], baseline=20)
        assert shifted.shift == tuple(range(20, 28))
        near = xmr_chart([*steady, 4.5, 0.5, 4.5], baseline=20)
        assert near.two_of_three == (20, 22)
        assert near.outside == ()

    def test_screening_leaves_out_one_wild_range(self) -> None:
        values = [float(i % 2) for i in range(20)] + [100.0]
        plain, screened = xmr_chart(values), xmr_chart(values, screen=True)
        assert screened.mr_bar == 1
        assert plain.mr_bar is not None
        assert plain.mr_bar > 5
        assert xmr_chart([3]).reason("ucl") is not None

    def test_run_chart_verdicts(self) -> None:
        shifted = run_chart([1] * 10 + [3] * 10)
        assert (shifted.longest_run, shifted.crossings, shifted.signal) == (10, 1, True)
        assert run_chart([1, 2, 3]).reason("signal") is not None
        assert run_chart([2, 2, 2]).reason("signal") == "No point lies off the median."
        frozen = run_chart([1, 2, 3, 9, 9, 9, 9, 9, 9, 9, 9], baseline=3)
        assert frozen.median == 2

    def test_p_chart_with_unequal_samples(self) -> None:
        found = p_chart([5, 5, 30], [10, 10, 40])
        assert found.centre == pytest.approx(40 / 60)
        assert found.lcl[0] < found.lcl[2]
        with pytest.raises(UserError, match=r"defects\[1\]"):
            p_chart([1, 5], 4)
        assert anhoej_limits(24).crossings_min == 8


class TestExactSums:
    def test_signs_are_enumerated(self) -> None:
        sizes, counts = [1, 3, 4], [2, 1, 2]
        every = [size for size, count in zip(sizes, counts, strict=True) for _ in range(count)]
        sums = [sum(s for s, up in zip(every, way, strict=True) if up) for way in itertools.product((0, 1), repeat=5)]
        for w in range(14):
            tail = random_signs(sizes, counts, w)
            assert tail == pytest.approx(
                (np.mean([s <= w for s in sums]), np.mean([s >= w for s in sums]), np.mean([s == w for s in sums]))
            )

    def test_choices_are_enumerated(self) -> None:
        values = [3, 3, 5, 9, -2, 11]
        sums = [sum(choice) for choice in itertools.combinations(values, 3)]
        for w in range(-5, 30):
            found = random_choice(values, 3, w, w)
            assert found == pytest.approx((np.mean([s <= w for s in sums]), np.mean([s >= w for s in sums])))
        spread = [value * 10**7 + i for i, value in enumerate(values)]
        sums = [sum(choice) for choice in itertools.combinations(spread, 3)]
        for w in sums:
            found = random_choice(spread, 3, w, w)
            assert found == pytest.approx((np.mean([s <= w for s in sums]), np.mean([s >= w for s in sums])))

    def test_orders_are_enumerated(self) -> None:
        x, y = [0, 1, 1, 3], [2, 0, 5, 5]
        sums = [sum(a * b for a, b in zip(x, order, strict=True)) for order in itertools.permutations(y)]
        for w in sorted(set(sums)):
            assert random_order(x, y, w) == pytest.approx(
                (np.mean([s <= w for s in sums]), np.mean([s >= w for s in sums]), np.mean([s == w for s in sums]))
            )
        assert random_order(list(range(14)), list(range(14)), 5) is None


def test_p_adjust_by_hand() -> None:
    found = p_adjust([0.04, 0.01, 0.03])
    assert found.holm == pytest.approx((0.06, 0.03, 0.06))
    assert found.bh == pytest.approx((0.04, 0.03, 0.04))
    assert found.bonferroni == pytest.approx((0.12, 0.03, 0.09))
    with pytest.raises(UserError, match=r"p\[1\]"):
        p_adjust([0.1, 1.2])
    with pytest.raises(UserError, match="at least 1"):
        p_adjust([])
