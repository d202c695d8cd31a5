"""The simulation of a ledger against scipy's distributions, moments, plain numpy with other seeds, and its own laws."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from echo_metrics.answers import roi_words
from echo_metrics.answers.model import Group
from echo_metrics.answers.roi import about_ledger, ledger_results
from echo_metrics.errors import UserError
from echo_metrics.roi import uncertainty
from echo_metrics.roi.amounts import Amount, Shape, quantiles
from echo_metrics.roi.figures import roi_figures
from echo_metrics.roi.model import Counted, Model, build_model
from echo_metrics.roi.parse import parse_ledger
from echo_metrics.roi.simulate import DRAWS, RETURNS, SEED, Likely, draw, order_of_draws, simulate, uncertain_keys
from tests.ledgers import HEAD, RICH_COUNTS, assumption, line, rich, spread


def pert_law(low: float, base: float, high: float) -> Any:
    width = high - low
    return stats.beta(1 + 4 * (base - low) / width, 1 + 4 * (high - base) / width, low, width)


def lognormal_law(mean: float, sd: float) -> Any:
    sigma = math.sqrt(math.log(1 + (sd / mean) ** 2))
    return stats.lognorm(sigma, scale=mean / math.exp(sigma**2 / 2))


def beta_law(mean: float, sd: float) -> Any:
    k = mean * (1 - mean) / sd**2 - 1
    return stats.beta(mean * k, (1 - mean) * k)


LAWS = [
    (Amount(3, 5, 10), pert_law(3, 5, 10)),
    (Amount(0, 0, 1), pert_law(0, 0, 1)),
    (Amount(-2, 7, 7), pert_law(-2, 7, 7)),
    (Amount(1e6, 1.5e6, 9e6), pert_law(1e6, 1.5e6, 9e6)),
    (Amount(3, 5, 10, Shape.TRIANGULAR), stats.triang(2 / 7, 3, 7)),
    (Amount(0, 0, 4, Shape.TRIANGULAR), stats.triang(0, 0, 4)),
    (Amount(3, 5, 10, Shape.UNIFORM), stats.uniform(3, 7)),
    (Amount.from_moments(Shape.GAMMA, 50, 20), stats.gamma(6.25, scale=8)),
    (Amount.from_moments(Shape.GAMMA, 50, 80), stats.gamma((50 / 80) ** 2, scale=80**2 / 50)),
    (Amount.from_moments(Shape.LOGNORMAL, 50, 20), lognormal_law(50, 20)),
    (Amount.from_moments(Shape.LOGNORMAL, 50, 90), lognormal_law(50, 90)),
    (Amount.from_moments(Shape.BETA, 0.3, 0.1), beta_law(0.3, 0.1)),
    (Amount.from_moments(Shape.BETA, 0.05, 0.09), beta_law(0.05, 0.09)),
]


class TestQuantiles:
    @pytest.mark.parametrize(("amount", "law"), LAWS, ids=[f"{a.shape} {a.base:g}" for a, _ in LAWS])
    @pytest.mark.parametrize("draws", [400, DRAWS])
    def test_each_shape_against_scipy(self, amount: Amount, law: Any, draws: int) -> None:
        at = (np.arange(draws) + 0.5) / draws
        found = quantiles(amount, draws)
        assert (np.diff(found) >= 0).all()
        if amount.shape.by_moments:
            np.testing.assert_allclose(found, law.ppf(at), rtol=0.003, atol=0.001 * law.ppf(0.05))
        else:
            slack = 1e-12 if amount.shape in (Shape.UNIFORM, Shape.TRIANGULAR) else 0.0001
            np.testing.assert_allclose(found, law.ppf(at), rtol=0, atol=slack * (amount.high - amount.low))
        # The middle of each stratum loses a little of a long tail, the more the fewer strata there are.
        few = draws < DRAWS
        assert found.mean() == pytest.approx(law.mean(), rel=0.01 if few else 0.001)
        assert found.std() == pytest.approx(law.std(), rel=0.15 if few else 0.04)

    def test_the_moments_of_the_statistics_module(self) -> None:
        told = uncertainty.pert(3, 5, 10)
        found = quantiles(Amount(3, 5, 10), DRAWS)
        assert (found.mean(), found.std()) == (pytest.approx(told.mean, rel=1e-5), pytest.approx(told.sd, rel=1e-3))
        assert np.quantile(found, [0.05, 0.5, 0.95]) == pytest.approx([told.q05, told.q50, told.q95], rel=1e-3)
        told_t = uncertainty.triangular(3, 5, 10)
        found = quantiles(Amount(3, 5, 10, Shape.TRIANGULAR), DRAWS)
        assert (found.mean(), found.std()) == (pytest.approx(told_t.mean, rel=1e-5), pytest.approx(told_t.sd, rel=1e-3))

    def test_low_and_high_of_a_distribution_by_moments_are_its_5_and_95_percent_points(self) -> None:
        for amount, law in LAWS:
            if amount.shape.by_moments and amount.base < law.ppf(0.95):
                assert (amount.low, amount.high) == (pytest.approx(law.ppf(0.05)), pytest.approx(law.ppf(0.95)))
        # So skewed that its mean lies beyond its 95% point: the range reaches to the mean.
        skewed = Amount.from_moments(Shape.LOGNORMAL, 1, 400)
        assert lognormal_law(1, 400).ppf(0.95) < 1 == skewed.high

    def test_moved_amounts(self) -> None:
        assert Amount(5, 5, 5).moved_to(9) == Amount.exactly(9)
        beta = Amount.from_moments(Shape.BETA, 0.3, 0.1)
        assert beta.moved_to(beta.base) is beta
        gamma = Amount.from_moments(Shape.GAMMA, 50, 20).moved_to(100)
        assert gamma.low == pytest.approx(Amount.from_moments(Shape.GAMMA, 100, 40).low)
        assert Amount(1, 2, 3).moved_to(5) == Amount(1, 5, 5)


# ------------------------------------------------------------------------------------------------------- the draws
def model_of(costs: list[dict[str, Any]], benefits: list[dict[str, Any]], **more: Any) -> Model:
    return build_model(parse_ledger({**HEAD, **more, "cost": costs, "benefit": benefits}), Counted({}))


def likely_of(model: Model, seed: int = SEED, draws: int = DRAWS) -> Likely:
    orders = order_of_draws(uncertain_keys(model), model.correlations, draws, np.random.default_rng(seed))
    return simulate(model, orders, seed)


def drawn(model: Model, seed: int = SEED, draws: int = DRAWS) -> np.ndarray:
    orders = order_of_draws(uncertain_keys(model), model.correlations, draws, np.random.default_rng(seed))
    return draw(model, orders)


def joined(*pairs: tuple[str, str, float]) -> list[dict[str, Any]]:
    return [{"between": [a, b], "rho": rho, "source": "judgement"} for a, b, rho in pairs]


THREE = [
    line("hub", spread(5, 10, 30), spread(40, 50, 90, distribution="triangular")),
    line("panel", 1, {"distribution": "gamma", "mean": 900, "sd": 300}),
]


class TestDraws:
    @pytest.mark.parametrize("rho", [-0.9, -0.5, 0.3, 0.8])
    def test_ranks_correlate_as_stated(self, rho: float) -> None:
        model = model_of(THREE, [], correlation=joined(("hub.quantity", "panel.unit_value", rho)))
        values = drawn(model)
        places = [model.place(k) for k in ("hub.quantity", "panel.unit_value", "hub.unit_value")]
        found = stats.spearmanr(values[places].T).statistic
        # The standard error of a rank correlation of 10,000 draws is 0.01 at most.
        assert found[0, 1] == pytest.approx(rho, abs=0.03)
        assert abs(found[0, 2]) < 0.04
        assert abs(found[1, 2]) < 0.04

    def test_three_that_hang_together(self) -> None:
        told = {("a", "b"): 0.7, ("b", "c"): 0.6, ("a", "c"): 0.3}
        costs = [line(k, 1, spread(1, 2, 6)) for k in "abc"]
        model = model_of(
            costs, [], correlation=joined(*((f"{a}.unit_value", f"{b}.unit_value", r) for (a, b), r in told.items()))
        )
        values = drawn(model)
        for (a, b), rho in told.items():
            pair = values[[model.place(f"{k}.unit_value") for k in (a, b)]]
            assert stats.spearmanr(pair.T).statistic == pytest.approx(rho, abs=0.03)

    def test_a_correlation_of_one_is_the_same_as_one_shared_assumption(self) -> None:
        both = spread(1, 2, 6)
        apart = model_of(
            [line("a", 1, both), line("b", 1, both)], [], correlation=joined(("a.unit_value", "b.unit_value", 1))
        )
        values = drawn(apart)
        np.testing.assert_array_equal(values[apart.place("a.unit_value")], values[apart.place("b.unit_value")])
        shared = model_of([line("a", 1, "x"), line("b", 1, "x")], [], assumption=[assumption("x", both)])
        one, two = likely_of(apart).costs, likely_of(shared).costs
        assert (one.low, one.median, one.high) == (
            pytest.approx(two.low), pytest.approx(two.median), pytest.approx(two.high)
        )  # fmt: skip
        alone = model_of([line("a", 1, both), line("b", 1, both)], [])
        assert likely_of(alone).costs.high < one.high

    def test_every_stratum_is_used_once(self) -> None:
        model = build_model(parse_ledger(rich()), RICH_COUNTS)
        values = drawn(model)
        for key in uncertain_keys(model):
            place = model.place(key)
            np.testing.assert_array_equal(np.sort(values[place]), quantiles(model.inputs[place].amount, DRAWS))
        orders = order_of_draws(uncertain_keys(model), model.correlations, 1000, np.random.default_rng(3))
        assert (np.sort(orders, axis=1) == np.arange(1000)).all()
        fixed = [p for p, i in enumerate(model.inputs) if i.key not in uncertain_keys(model)]
        assert (values[fixed] == model.base[fixed][:, None]).all()

    def test_the_same_seed_gives_the_same_figures(self) -> None:
        model = build_model(parse_ledger(rich()), RICH_COUNTS)
        assert likely_of(model) == likely_of(model)
        assert likely_of(model, 1).net != likely_of(model, 2).net
        about = about_ledger(parse_ledger(rich()), "", "", "")
        first, second = ([r.as_json() for r in ledger_results(about, model, Group())] for _ in range(2))
        assert json.dumps(first) == json.dumps(second)


# ------------------------------------------------------------------------------------------------------ what they say
def brute_force(draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Costs and benefits of `MIXED` with plain independent draws of numpy and scipy, and no strata."""
    rng = np.random.default_rng(seed)

    def pert(low: float, base: float, high: float) -> np.ndarray:
        width = high - low
        return low + width * rng.beta(1 + 4 * (base - low) / width, 1 + 4 * (high - base) / width, draws)

    shared = pert(0.2, 0.5, 0.7)
    costs = pert(5, 10, 30) * rng.triangular(40, 50, 90, draws) + rng.gamma(9, 100, draws)
    travel = pert(60, 100, 180) * pert(10, 20, 26) * (1 - shared)
    sigma = math.sqrt(math.log(1 + 0.4**2))
    k = 0.3 * 0.7 / 0.01 - 1
    fees = rng.lognormal(math.log(500) - sigma**2 / 2, sigma, draws)
    fees *= (1 - shared) * (1 - rng.beta(0.3 * k, 0.7 * k, draws)) * rng.uniform(0.6, 0.9, draws)
    fade = (1 - pert(0.1, 0.3, 0.6)) / 1.05
    return costs, travel + fees * (1 + fade + fade**2)


def mixed() -> Model:
    return model_of(
        THREE,
        [
            line("travel", spread(60, 100, 180), spread(10, 20, 26), deadweight="shared"),
            line(
                "fees", 1, {"distribution": "lognormal", "mean": 500, "sd": 200}, deadweight="shared",
                attribution_to_others={"distribution": "beta", "mean": 0.3, "sd": 0.1},
                confidence=spread(0.6, 0.8, 0.9, distribution="uniform"), years=3, drop_off=spread(0.1, 0.3, 0.6),
            ),
            line("off", 1, spread(1, 1e6, 1e9), enabled=False),
        ],
        assumption=[assumption("shared", spread(0.2, 0.5, 0.7))],
        discount_rate=0.05,
    )  # fmt: skip


class TestAgainstOthers:
    def test_a_brute_force_simulation_with_another_seed(self) -> None:
        costs, benefits = brute_force(400_000, 77)
        net, found = benefits - costs, likely_of(mixed())
        share = float((net > 0).mean())
        # Three standard errors of 10,000 plain draws; strata make the product's error smaller than that.
        assert found.probability == pytest.approx(share, abs=3 * math.sqrt(share * (1 - share) / DRAWS))
        assert found.probability_error == pytest.approx(math.sqrt(share * (1 - share) / DRAWS), rel=0.05)
        for told, values in ((found.net, net), (found.costs, costs), (found.benefits, benefits),
                             (found.roi_percent, 100 * net / costs)):  # fmt: skip
            for end, p in ((told.low, 0.05), (told.median, 0.5), (told.high, 0.95)):
                density = stats.gaussian_kde(values[:20_000])(np.quantile(values, p))[0]
                error = math.sqrt(p * (1 - p) / DRAWS) / density
                assert end == pytest.approx(float(np.quantile(values, p)), abs=4 * error)
        worth = np.maximum(net, 0).mean() - max(net.mean(), 0)
        assert found.evpi == pytest.approx(worth, abs=4 * net.std() / math.sqrt(DRAWS))
        for required, reach in found.acceptability:
            told_share = float((100 * net / costs >= required).mean())
            assert reach / 100 == pytest.approx(told_share, abs=0.02)
        assert found.outcomes == pytest.approx(np.quantile(net, (np.arange(20) + 0.5) / 20), abs=0.1 * net.std())

    def test_mean_and_spread_against_moments_of_products(self) -> None:
        """Independent products: the mean and SD of a sum follow from those of its factors."""
        model = model_of(
            THREE, [line("travel", spread(60, 100, 180), spread(10, 20, 26), deadweight=spread(0.2, 0.5, 0.7))]
        )
        pert, triangular = uncertainty.pert, uncertainty.triangular
        hub = uncertainty.product_moments([(m.mean, m.sd) for m in (pert(5, 10, 30), triangular(40, 50, 90))])
        share = pert(0.2, 0.5, 0.7)
        factors = [(m.mean, m.sd) for m in (pert(60, 100, 180), pert(10, 20, 26))] + [(1 - share.mean, share.sd)]
        travel = uncertainty.product_moments(factors)
        mean = travel[0] - hub[0] - 900
        sd = math.sqrt(travel[1] ** 2 + hub[1] ** 2 + 300**2)
        values = drawn(model)
        use = {i.key: values[p] for p, i in enumerate(model.inputs)}
        nets = (
            use["travel.quantity"] * use["travel.unit_value"] * (1 - use["travel.deadweight"])
            - use["hub.quantity"] * use["hub.unit_value"]
            - use["panel.unit_value"]
        )
        assert nets.mean() == pytest.approx(mean, abs=3 * sd / math.sqrt(DRAWS))
        assert nets.std() == pytest.approx(sd, rel=0.03)
        found = likely_of(model)
        ends = found.net.low, found.net.median, found.net.high
        assert ends == pytest.approx(tuple(np.quantile(nets, [0.05, 0.5, 0.95])))
        assert found.outcomes == pytest.approx(np.quantile(nets, (np.arange(20) + 0.5) / 20))
        assert [value for _, value in found.percentiles] == pytest.approx(np.percentile(nets, [5, 25, 50, 75, 95]))
        assert found.probability == float((nets > 0).mean())

    def test_value_of_certainty_where_the_net_benefit_is_nearly_normal(self) -> None:
        costs = [line(f"c{i}", 1, spread(80, 100, 120)) for i in range(12)]
        for gain in (1150, 1195, 1230):
            model = model_of(costs, [line("gain", 1, gain)])
            told = uncertainty.pert(80, 100, 120)
            expected = uncertainty.evpi_normal(gain - 12 * told.mean, math.sqrt(12) * told.sd).evpi
            assert likely_of(model).evpi == pytest.approx(expected, rel=0.03, abs=0.05)

    def test_value_of_one_line(self) -> None:
        """Nothing for a line that cannot change the decision; everything where one line alone is uncertain."""
        alone = likely_of(model_of([line("hub", 1, 100)], [line("gain", 1, spread(50, 100, 160)), line("sure", 1, 3)]))
        assert [key for key, _, _ in alone.evppi] == ["gain"]
        assert alone.evppi[0][2] == pytest.approx(alone.evpi, rel=1e-9)
        assert alone.evpi > 1
        settled = likely_of(model_of([line("hub", 1, spread(90, 100, 110))], [line("gain", 1, spread(500, 600, 900))]))
        assert settled.evpi == 0
        assert [value for _, _, value in settled.evppi] == [0, 0]
        two = likely_of(
            model_of([line("hub", 1, 100)], [line("big", 1, spread(20, 80, 150)), line("small", 1, spread(14, 15, 16))])
        )
        by = {key: value for key, _, value in two.evppi}
        assert [key for key, _, _ in two.evppi] == ["big", "small"]
        assert by["small"] < 0.02 * by["big"]
        assert by["big"] <= two.evpi * (1 + 1e-6)


@given(
    st.lists(st.tuples(st.floats(1, 100), st.floats(0, 100), st.floats(0, 100)), min_size=1, max_size=3),
    st.lists(st.tuples(st.floats(0, 300), st.floats(0, 100), st.floats(0, 100)), max_size=3),
)
@settings(max_examples=30, deadline=None)
def test_laws_of_every_simulation(costs: list[Any], benefits: list[Any]) -> None:
    model = model_of(
        [line(f"c{i}", 1, spread(a, a + b, a + b + c)) for i, (a, b, c) in enumerate(costs)],
        [line(f"b{i}", 1, spread(a, a + b, a + b + c)) for i, (a, b, c) in enumerate(benefits)],
    )
    found, bounds = likely_of(model, draws=1000), roi_figures(model)
    reach = [share for _, share in found.acceptability]
    assert [r for r, _ in found.acceptability] == list(RETURNS)
    assert reach == sorted(reach, reverse=True)
    assert dict(found.acceptability)[-100] == 100
    assert found.evpi >= 0
    assert all(0 <= value <= found.evpi * (1 + 1e-6) + 1e-6 for _, _, value in found.evppi)
    assert list(found.outcomes) == sorted(found.outcomes)
    slack = 1e-6 * (1 + abs(bounds.net_benefit.low) + abs(bounds.net_benefit.high))
    assert bounds.net_benefit.low - slack <= found.net.low <= found.net.median <= found.net.high
    assert found.net.high <= bounds.net_benefit.high + slack
    assert 0 <= found.probability <= 1


@pytest.mark.parametrize("gain", [0, 1, 99.5, 100, 101, 1e6])
def test_no_sentence_claims_certainty(gain: float) -> None:
    document = {**HEAD, "cost": [line("hub", 1, spread(90, 100, 110))], "benefit": [line("gain", 1, gain)]}
    ledger = parse_ledger(document)
    results = ledger_results(about_ledger(ledger, "", "", ""), build_model(ledger, Counted({})), Group())
    by = {r.measure: r for r in results}
    for words in (by["probability"].sentence, by["ledger"].sentence):
        assert not re.search(r"\b(100|0)%", words), words
        assert "certain" not in words
    if gain == 1e6:
        assert "more than 99%" in by["ledger"].sentence
    if gain == 0:
        assert "less than 1%" in by["ledger"].sentence


@given(st.floats(0, 1))
def test_chances_in_words(probability: float) -> None:
    words = roi_words.chance_words(probability)
    assert words in ("more than 99%", "less than 1%") or 1 <= int(words.rstrip("%")) <= 99


def test_what_cannot_be_simulated_is_refused() -> None:
    model = model_of(THREE, [])
    with pytest.raises(UserError, match="at least 1,000"):
        likely_of(model, draws=999)
    with pytest.raises(UserError, match="come to zero"):
        likely_of(model_of([line("a", 1, {"distribution": "gamma", "mean": 1, "sd": 100})], []))
