"""Laws of the wider families, on generated data and against other ways of computing."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from echo_metrics.statistics.adjusted import ancova
from echo_metrics.statistics.bootstrap import bootstrap, exact_bootstrap_mean
from echo_metrics.statistics.clustered import random_intercept
from echo_metrics.statistics.control_charts import anhoej_limits, run_chart
from echo_metrics.statistics.correlations import kendall, pearson, spearman
from echo_metrics.statistics.counts import Counts, PairCounts
from echo_metrics.statistics.equivalence import power_two_sample, tost
from echo_metrics.statistics.hodges_lehmann import hodges_lehmann
from echo_metrics.statistics.keys import counted, exact
from echo_metrics.statistics.mcnemar import bowker, fisher_exact, mcnemar, stuart_maxwell
from echo_metrics.statistics.multiplicity import p_adjust
from echo_metrics.statistics.partial_pooling import partial_pooling
from echo_metrics.statistics.proportion_intervals import clopper_pearson, jeffreys, paired_difference
from echo_metrics.statistics.proportions import wilson
from echo_metrics.statistics.rank_groups import (
    brunner_munzel,
    friedman,
    kruskal_wallis,
    mann_whitney,
    rank_biserial_independent,
)
from echo_metrics.statistics.reliability import CrossProducts, cronbach_alpha
from echo_metrics.statistics.repeated_measures_d import repeated_measures_d
from echo_metrics.statistics.sign_flip import sign_flip
from echo_metrics.statistics.two_samples import completer_comparison, partially_overlapping_t

pytestmark = pytest.mark.filterwarnings("error")
relaxed = settings(deadline=None, max_examples=60)

likert = st.integers(1, 5)
group = st.lists(likert, min_size=1, max_size=8)
changes = st.lists(st.integers(-4, 4), min_size=1, max_size=10)
probability = st.floats(0, 1)
persons = st.lists(st.tuples(likert, likert, likert, likert), min_size=3, max_size=25)
square = st.integers(2, 5).flatmap(
    lambda k: st.lists(st.lists(st.integers(0, 9), min_size=k, max_size=k), min_size=k, max_size=k)
)


@relaxed
@given(changes)
def test_sign_flip_is_the_enumeration_of_signs(values: list[int]) -> None:
    found = sign_flip(Counts.from_scores(values))
    assume(any(values))
    moved = [abs(value) for value in values if value]
    sums = [
        sum(s * v for s, v in zip(signs, moved, strict=True)) for signs in itertools.product((1, -1), repeat=len(moved))
    ]
    above, below = (np.mean([op(s) for s in sums]) for op in (lambda s: s >= sum(values), lambda s: s <= sum(values)))
    assert found.p_greater == pytest.approx(above)
    assert found.p_less == pytest.approx(below)
    assert found.p == pytest.approx(min(1, 2 * min(above, below)))


@relaxed
@given(st.lists(st.integers(-9, 9), min_size=1, max_size=25))
def test_hodges_lehmann_is_the_median_of_the_walsh_averages(values: list[int]) -> None:
    averages = [(a + b) / 2 for i, a in enumerate(values) for b in values[i:]]
    assert hodges_lehmann(Counts.from_scores(values)).value == pytest.approx(float(np.median(averages)))


@relaxed
@given(st.lists(st.integers(-1000, 1000), min_size=6, max_size=30, unique_by=abs).filter(lambda v: 0 not in v))
def test_the_hodges_lehmann_interval_holds_its_estimate_and_turns_with_the_signs(values: list[int]) -> None:
    found = hodges_lehmann(Counts.from_scores(values))
    turned = hodges_lehmann(Counts.from_scores([-value for value in values]))
    assert found.low is not None
    assert found.value is not None
    assert found.high is not None
    assert found.low <= found.value <= found.high
    assert (turned.low, turned.high) == (pytest.approx(-found.high), pytest.approx(-found.low))


@relaxed
@given(group, group)
def test_two_groups_agree_with_scipy_and_with_one_another(a: list[int], b: list[int]) -> None:
    from scipy import stats

    found = mann_whitney(a, b)
    assert found.w + mann_whitney(b, a).w == pytest.approx(len(a) * len(b))
    assume(len({*a, *b}) > 1)
    theirs = stats.mannwhitneyu(a, b, use_continuity=False, method="asymptotic")
    assert found.p_asymptotic == pytest.approx(theirs.pvalue)
    for p in (found.p_asymptotic, found.p_exact, found.p_permutation):
        assert p is not None
        assert 0 <= p <= 1
    assert mann_whitney(b, a).p_exact == pytest.approx(found.p_exact)
    assert rank_biserial_independent(a, b).probability_superiority == pytest.approx(
        1 - brunner_munzel(a, b).probability
    )
    assert kruskal_wallis([a, b]).p == pytest.approx(found.p_asymptotic)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=4), st.lists(st.integers(0, 9), min_size=1, max_size=4))
def test_the_exact_tests_are_the_enumeration_of_choices(a: list[int], b: list[int]) -> None:
    every = [*a, *b]
    assume(len(set(every)) > 1)
    middle = len(a) * sum(every) / len(every)
    seen = abs(sum(a) - middle)
    share = np.mean([abs(sum(c) - middle) >= seen - 1e-9 for c in itertools.combinations(every, len(a))])
    assert mann_whitney(a, b).p_permutation == pytest.approx(share)


@relaxed
@given(st.lists(st.tuples(likert, likert, likert), min_size=2, max_size=20))
def test_friedman_agrees_with_scipy(rows: list[tuple[int, int, int]]) -> None:
    from scipy import stats

    found = friedman(rows)
    assume(found.chi2 is not None)
    theirs = stats.friedmanchisquare(*np.array(rows).T)
    assert found.chi2 == pytest.approx(theirs.statistic, abs=1e-9)
    assert 0 <= (found.kendall_w or 0) <= 1 + 1e-12


@relaxed
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=20))
def test_correlations_agree_with_scipy(rows: list[tuple[int, int]]) -> None:
    from scipy import stats

    x, y = [a for a, _ in rows], [b for _, b in rows]
    assume(len(set(x)) > 1 and len(set(y)) > 1)
    assert pearson(x, y).r == pytest.approx(stats.pearsonr(x, y).statistic, abs=1e-12)
    assert spearman(x, y).value == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)
    assert kendall(x, y).value == pytest.approx(stats.kendalltau(x, y).statistic, abs=1e-12)
    assert pearson(y, x).r == pytest.approx(pearson(x, y).r)
    shuffled = sorted(rows)
    assert spearman([a for a, _ in shuffled], [b for _, b in shuffled]).p_exact == pytest.approx(spearman(x, y).p_exact)


@settings(deadline=None, max_examples=30)
@given(st.permutations([1, 2, 3, 4, 5, 6]))
def test_exact_rank_correlations_are_the_enumeration_of_orders(y: list[int]) -> None:
    x = [1, 2, 3, 4, 5, 6]
    for of in (spearman, kendall):
        seen = of(x, y)
        values = [_value(of, x, order) for order in itertools.permutations(x)]
        assert seen.p_exact_greater == pytest.approx(np.mean([v >= (seen.value or 0) - 1e-9 for v in values]))


_cache: dict = {}


def _value(of, x: list[int], order: tuple[int, ...]) -> float:
    key = (of.__name__, order)
    if key not in _cache:
        _cache[key] = of(x, list(order)).value
    return _cache[key]


@relaxed
@given(square)
def test_tables_and_their_mirror_say_the_same(table: list[list[int]]) -> None:
    mirror = [list(column) for column in zip(*table, strict=True)]
    for of in (stuart_maxwell, bowker):
        here, there = of(table), of(mirror)
        assert here.df == there.df
        assert (here.chi2 is None) == (there.chi2 is None)
        if here.chi2 is not None:
            assert here.chi2 == pytest.approx(there.chi2, abs=1e-9)
            assert here.p is not None
            assert 0 <= here.p <= 1
    even = [[a + b for a, b in zip(row, column, strict=True)] for row, column in zip(table, mirror, strict=True)]
    assert stuart_maxwell(even).chi2 in (None, pytest.approx(0, abs=1e-9))
    assert bowker(even).chi2 in (None, 0)


@relaxed
@given(st.integers(0, 40), st.integers(0, 40))
def test_mcnemar_against_scipy(b: int, c: int) -> None:
    from scipy import stats

    assume(b + c > 0)
    found = mcnemar(b, c)
    assert found.p_exact == pytest.approx(stats.binomtest(b, b + c).pvalue)
    assert found.p_mid is not None
    assert found.p_exact is not None
    assert 0 <= found.p_mid <= found.p_exact <= 1
    assert mcnemar(c, b).p_mid == pytest.approx(found.p_mid)


@relaxed
@given(st.lists(st.integers(0, 12), min_size=4, max_size=4))
def test_fisher_agrees_with_scipy(cells: list[int]) -> None:
    from scipy import stats

    table = [cells[:2], cells[2:]]
    found = fisher_exact(table)
    assert found.p == pytest.approx(stats.fisher_exact(table).pvalue)
    assert found.p_greater == pytest.approx(stats.fisher_exact(table, alternative="greater").pvalue)
    assert found.p_less == pytest.approx(stats.fisher_exact(table, alternative="less").pvalue)


@relaxed
@given(st.integers(0, 200), st.integers(1, 200))
def test_intervals_of_a_share(x: int, others: int) -> None:
    from scipy import stats

    n = x + others
    outer = clopper_pearson(x, n)
    theirs = stats.binomtest(x, n).proportion_ci(method="exact")
    assert (outer.low, outer.high) == (pytest.approx(theirs.low, abs=1e-9), pytest.approx(theirs.high, abs=1e-9))
    for of in (wilson, jeffreys, clopper_pearson):
        found, turned = of(x, n), of(n - x, n)
        assert found.low is not None
        assert found.high is not None
        assert 0 <= found.low <= x / n <= found.high <= 1
        assert (turned.low, turned.high) == (pytest.approx(1 - found.high), pytest.approx(1 - found.low, abs=1e-12))
    middle = jeffreys(x, n)
    assert (outer.low or 0) <= (middle.low or 0) + 1e-12


@relaxed
@given(st.lists(st.integers(0, 30), min_size=4, max_size=4))
def test_the_paired_difference_lies_in_its_intervals(cells: list[int]) -> None:
    assume(sum(cells) > 0)
    found = paired_difference(*cells)
    turned = paired_difference(cells[0], cells[2], cells[1], cells[3])
    for here, there in ((found.tango, turned.tango), (found.newcombe, turned.newcombe)):
        assert here.low is not None
        assert here.value is not None
        assert here.high is not None
        assert -1 - 1e-9 <= here.low <= here.value + 1e-9
        assert here.value - 1e-9 <= here.high <= 1 + 1e-9
        assert there.low == pytest.approx(-here.high, abs=1e-9)


@relaxed
@given(st.lists(probability, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_adjusted_p_never_fall_and_keep_their_order(p: list[float], rng) -> None:
    from scipy import stats

    found = p_adjust(p)
    assert found.bh == pytest.approx(tuple(np.maximum(stats.false_discovery_control(p), p)))
    for raw, bh, holm, bonferroni in zip(p, found.bh, found.holm, found.bonferroni, strict=True):
        assert raw <= bh <= holm + 1e-15 <= bonferroni + 2e-15 <= 1 + 2e-15
    order = list(range(len(p)))
    rng.shuffle(order)
    assert p_adjust([p[i] for i in order]).holm == pytest.approx(tuple(found.holm[i] for i in order))


@relaxed
@given(persons, persons)
def test_alpha_from_cross_products_is_alpha_from_items(
    rows: list[tuple[int, ...]], more: list[tuple[int, ...]]
) -> None:
    shards = CrossProducts.from_items(rows) + CrossProducts.from_items(more)
    table = np.array(rows + more, dtype=float)
    found = cronbach_alpha(shards)
    total = float(table.sum(axis=1).var(ddof=1))
    if total < 1e-9:
        assert found.value is None
        return
    own = float(table.var(axis=0, ddof=1).sum())
    assert found.value == pytest.approx(4 / 3 * (1 - own / total), abs=1e-9)
    assert cronbach_alpha(CrossProducts.from_items(rows + more)) == found


@relaxed
@given(st.integers(1, 300))
def test_run_chart_limits_against_the_binomial(n: int) -> None:
    from scipy import stats

    found = anhoej_limits(n)
    assert found.crossings_min == int(stats.binom.ppf(0.05, n - 1, 0.5)) if n > 1 else found.crossings_min == 0
    assert found.longest_run_max == round(math.log2(n)) + 3


@relaxed
@given(st.lists(st.integers(0, 9), min_size=1, max_size=40))
def test_run_charts_are_the_same_upside_down_and_backwards(y: list[int]) -> None:
    found = run_chart(y)
    for other in (run_chart([-value for value in y]), run_chart(y[::-1])):
        assert (other.n_useful, other.longest_run, other.crossings, other.signal) == (
            found.n_useful,
            found.longest_run,
            found.crossings,
            found.signal,
        )


@relaxed
@given(st.lists(st.integers(-3, 3), min_size=1, max_size=6))
def test_the_exact_bootstrap_is_the_enumeration_of_resamples(values: list[int]) -> None:
    found = exact_bootstrap_mean(Counts.from_scores(values))
    n = len(values)
    sums = [sum(draw) for draw in itertools.product(values, repeat=n)] if n <= 5 else []
    assert found.values is not None
    assert found.probabilities is not None
    assert math.fsum(found.probabilities) == pytest.approx(1)
    for value, p in zip(found.values, found.probabilities, strict=True):
        if sums:
            assert p == pytest.approx(sums.count(round(value * n)) / len(sums))


@relaxed
@given(st.lists(st.integers(0, 6), min_size=3, max_size=40).filter(lambda v: len(set(v)) > 1))
def test_bootstrap_limits_stay_within_the_data(values: list[int]) -> None:
    rng = np.random.Generator(np.random.PCG64(11))
    found = bootstrap(counted(values), rng)
    for interval in (found.percentile, found.bca):
        if interval is not None:
            assert min(values) - 1e-9 <= interval[0] <= interval[1] <= max(values) + 1e-9


@relaxed
@given(st.lists(st.tuples(likert, likert), min_size=3, max_size=30))
def test_g_and_d_families_are_consistent(rows: list[tuple[int, int]]) -> None:
    found = repeated_measures_d(PairCounts.from_scores([x for x, _ in rows], [y for _, y in rows]))
    assume(found.d_z.value is not None and found.d_rm.value is not None)
    sizes = (found.d_z.value, found.d_av.value, found.d_rm.value, found.d_b.value)
    assert len({np.sign(size) for size in sizes}) == 1
    for part in (found.d_z, found.d_av, found.d_rm, found.d_b):
        assert part.low is not None
        assert part.high is not None
        assert part.low <= (part.value or 0) <= part.high


@relaxed
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9), st.integers(0, 9)), min_size=6, max_size=30))
def test_ancova_agrees_with_plain_least_squares(rows: list[tuple[str, int, int]]) -> None:
    names, x, y = ([row[i] for row in rows] for i in range(3))
    found = ancova(names, x, y)
    assume(found.f is not None and found.df_error is not None and found.df_groups is not None)
    order = sorted(set(names))
    dummies = np.array([[name == other for other in order] for name in names], dtype=float)
    full, plain = np.column_stack([dummies, x]), np.column_stack([np.ones(len(x)), x])

    def squares(design: np.ndarray) -> float:
        fit = np.linalg.lstsq(design, np.array(y, float), rcond=None)[0]
        return float(((np.array(y) - design @ fit) ** 2).sum())

    f = (squares(plain) - squares(full)) / found.df_groups / (squares(full) / found.df_error)
    assert found.f == pytest.approx(f, rel=1e-6, abs=1e-8)
    assert found.slope == pytest.approx(np.linalg.lstsq(full, np.array(y, float), rcond=None)[0][-1], abs=1e-8)


@relaxed
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), min_size=4, max_size=30))
def test_the_random_intercept_moves_with_the_scores(rows: list[tuple[int, int]]) -> None:
    names, y = [name for name, _ in rows], [value for _, value in rows]
    found = random_intercept(names, y)
    assume(found.intercept is not None and found.sd_residual is not None)
    assert min(y) <= (found.intercept or 0) <= max(y)
    assert 0 <= (found.icc or 0) < 1
    moved = random_intercept(names, [10 * value + 100 for value in y])
    assert moved.intercept == pytest.approx(10 * (found.intercept or 0) + 100, rel=1e-4)
    assert moved.sd_residual == pytest.approx(10 * (found.sd_residual or 0), rel=1e-4)


@relaxed
@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0.05, 4)), min_size=2, max_size=12))
def test_pooling_pulls_towards_the_mean(rows: list[tuple[float, float]]) -> None:
    found = partial_pooling([y for y, _ in rows], [v for _, v in rows])
    assert found.mean_reml is not None
    assert found.shrunken is not None
    assert (found.tau2_dl or 0) >= 0
    for (y, _), pulled in zip(rows, found.shrunken, strict=True):
        assert abs(pulled - found.mean_reml) <= abs(y - found.mean_reml) + 1e-9


@relaxed
@given(st.lists(likert, min_size=2, max_size=9), st.lists(likert, min_size=2, max_size=9))
def test_completers_against_welch_of_scipy(a: list[int], b: list[int]) -> None:
    from scipy import stats

    found = completer_comparison(a, b).welch
    # scipy warns where one group has no spread; ours answers from the other.
    assume(found.t is not None and len(set(a)) > 1 and len(set(b)) > 1)
    theirs = stats.ttest_ind(a, b, equal_var=False)
    assert (found.t, found.p) == (pytest.approx(theirs.statistic), pytest.approx(theirs.pvalue))
    assert found.df == pytest.approx(theirs.df)


@relaxed
@given(st.lists(st.tuples(likert, likert), min_size=2, max_size=8), group, group)
def test_overlapping_samples_turn_with_their_names(pairs: list[tuple[int, int]], a: list[int], b: list[int]) -> None:
    first, second = [x for x, _ in pairs], [y for _, y in pairs]
    here, there = partially_overlapping_t(first, second, a, b), partially_overlapping_t(second, first, b, a)
    for one, other in ((here.equal, there.equal), (here.welch, there.welch)):
        assert (one.t is None) == (other.t is None)
        assert one.p == (None if one.p is None else pytest.approx(other.p))
        assert one.p is None or 0 <= one.p <= 1


@relaxed
@given(st.floats(-2, 2), st.floats(0.1, 3), st.integers(2, 200), st.floats(0.05, 2))
def test_equivalence_is_the_interval_inside_the_bounds(m: float, sd: float, n: int, bound: float) -> None:
    found = tost(m, sd, n, bound)
    assert found.low is not None
    assert found.high is not None
    assume(abs(found.low + bound) > 1e-9 and abs(found.high - bound) > 1e-9)
    assert found.equivalent == (found.low > -bound and found.high < bound)


@relaxed
@given(st.integers(2, 100), st.floats(0, 2), st.floats(0.01, 0.5))
def test_power_rises_with_people_and_with_size(n: int, delta: float, more: float) -> None:
    here = power_two_sample(n, delta)
    assert 0.05 - 1e-9 <= here <= 1
    assert power_two_sample(n + 1, delta) >= here - 1e-9
    assert power_two_sample(n, delta + more) >= here - 1e-9


@relaxed
@given(st.integers(-3000, 3000), st.integers(1, 60))
def test_a_fraction_written_in_decimals_is_that_fraction(top: int, bottom: int) -> None:
    assert exact(top / bottom) * bottom == top


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9), st.integers(0, 9)), min_size=6, max_size=30),
    st.permutations(["x", "y", "z"]),
    st.randoms(use_true_random=False),
)
@settings(deadline=None)
def test_names_of_groups_and_the_order_of_rows_do_not_matter(rows, names: list[str], rng) -> None:
    """Tests of difference, adjusted means and pooled changes belong to people, not to labels or to their order."""
    renamed = [(names["abc".index(g)], x, y) for g, x, y in rows]
    rng.shuffle(renamed)
    label = dict(zip("abc", names, strict=True))

    def groups(table, order):
        return [[y for g, _, y in table if g == name] for name in order if any(g == name for g, _, _ in table)]

    if len({g for g, _, _ in rows}) > 1:
        one, other = kruskal_wallis(groups(rows, "abc")), kruskal_wallis(groups(renamed, sorted(names)))
        assert (one.h is None) == (other.h is None)
        assert one.h is None or one.h == pytest.approx(other.h, abs=1e-9)
        one, other = (ancova(*(list(c) for c in zip(*t, strict=True))) for t in (rows, renamed))
        assert (one.p is None) == (other.p is None)
        assert one.p is None or one.p == pytest.approx(other.p, abs=1e-6)
        means = dict(zip(other.groups, other.adjusted_means or (), strict=False))
        for name, mean in zip(one.groups, one.adjusted_means or (), strict=False):
            assert means[label[name]] == pytest.approx(mean, abs=1e-6)
    before, after = [float(x) for _, x, _ in rows], [float(y) for _, _, y in rows]
    turned = [(float(x), float(y)) for _, x, y in renamed]
    here, there = pearson(before, after), pearson([x for x, _ in turned], [y for _, y in turned])
    assert (here.r is None) == (there.r is None)
    assert here.r is None or here.r == pytest.approx(there.r, abs=1e-9)
