"""Money over years and under uncertainty: published numbers, numbers by hand, and what is refused."""

from __future__ import annotations

import doctest
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import echo_metrics.roi.finance
import echo_metrics.roi.uncertainty
from echo_metrics.errors import UserError
from echo_metrics.roi.finance import benefit_cost, discount_factor, irr, npv, payback, sroi
from echo_metrics.roi.uncertainty import (
    beta_moments,
    evpi_discrete,
    evpi_normal,
    gamma_moments,
    lognormal_moments,
    pert,
    product_moments,
    tornado,
    triangular,
)

money = st.floats(-1e6, 1e6).map(lambda value: round(value, 2))


@pytest.mark.parametrize("module", [echo_metrics.roi.finance, echo_metrics.roi.uncertainty])
def test_the_examples_in_the_docstrings_hold(module) -> None:
    result = doctest.testmod(module)
    assert (result.failed, result.attempted > 0) == (0, True)


class TestFinance:
    def test_green_book(self) -> None:
        # HM Treasury, the Green Book, at 3.5%.
        assert [round(discount_factor(0.035, year), 4) for year in (1, 5, 10, 30)] == [0.9662, 0.8420, 0.7089, 0.3563]
        assert discount_factor(0, 7) == discount_factor(0.2, 0) == 1

    def test_npv_by_hand(self) -> None:
        assert npv(0.1, [-100, 55, 60.5]) == pytest.approx(0, abs=1e-12)
        assert npv(0, [1, 2, 3]) == 6

    @settings(deadline=None)
    @given(st.lists(money, min_size=1, max_size=8), st.floats(-0.5, 2))
    def test_npv_is_the_discounted_sum(self, flows: list[float], rate: float) -> None:
        expected = sum(flow * discount_factor(rate, year) for year, flow in enumerate(flows))
        assert npv(rate, flows) == pytest.approx(expected, rel=1e-9, abs=1e-6)

    def test_irr(self) -> None:
        assert irr([-100, 121]).rate == pytest.approx(0.21)
        assert irr([-100, 50, 30]).rate == pytest.approx((0.5 + math.sqrt(0.25 + 1.2)) / 2 - 1)
        assert "never change sign" in (irr([1, 2]).reason or "")
        assert irr([0, 0]).rate is None
        # 10% and 20% both solve this one.
        assert "Several" in (irr([-100, 230, -132]).reason or "")

    @settings(deadline=None)
    @given(st.lists(st.floats(1, 1e5), min_size=1, max_size=6), st.floats(0.01, 1))
    def test_npv_at_the_irr_is_zero(self, gains: list[float], rate: float) -> None:
        outlay = npv(rate, [0, *gains])
        assert irr([-outlay, *gains]).rate == pytest.approx(rate, rel=1e-6)

    def test_payback(self) -> None:
        found = payback(100, [50, 40, 20])
        assert found.simple_years == 2.5
        assert payback(100, [50]).simple_reason is not None
        assert payback(0, [1]).simple_years == 0
        late = payback(100, [50, 55], 0.1)
        assert (late.simple_years, late.discounted_years) == (pytest.approx(1 + 50 / 55), None)

    def test_the_ratio_is_not_the_percentage(self) -> None:
        # ROI Institute (Phillips): 750,000 on 425,000 is a BCR of 1.76 and an ROI of 76%.
        found = benefit_cost(750_000, 425_000)
        assert round(found.bcr, 2) == 1.76
        assert round(found.roi_percent) == 76
        with pytest.raises(UserError, match="costs"):
            benefit_cost(1, 0)

    def test_sroi_by_hand(self) -> None:
        found = sroi(10, 100, 500, deadweight=0.5, attribution=0.2, displacement=0.25, drop_off=0.5, years=2)
        assert found.impacts == pytest.approx((300, 150))
        assert (found.present_value, found.ratio) == (pytest.approx(450), pytest.approx(0.9))
        assert sroi(1, 110, 1, rate=0.1).present_value == pytest.approx(100)

    @pytest.mark.parametrize("bad", [None, "3", True, math.nan, math.inf, [1], 10**400, 1e16])
    def test_bad_money_is_refused_by_name(self, bad) -> None:
        for call, field in (
            (lambda: npv(bad, [1]), "rate"),
            (lambda: npv(0.1, [bad]), r"flows\[0\]"),
            (lambda: payback(bad, [1]), "outlay"),
            (lambda: benefit_cost(bad, 1), "benefits"),
            (lambda: sroi(bad, 1, 1), "quantity"),
            (lambda: discount_factor(0.1, bad), "year"),
            (lambda: evpi_normal(bad, 1), "mean"),
            (lambda: pert(bad, 1, 2), "min"),
            (lambda: tornado({"a": bad}, {"a": 1}, {"a": 2}), r"base\.a"),
            (lambda: evpi_discrete([1], [[bad]]), r"payoff\[0\]\[0\]"),
        ):
            with pytest.raises(UserError, match=field):
                call()

    @pytest.mark.parametrize("share", ["deadweight", "attribution", "displacement", "drop_off"])
    def test_shares_above_one_are_refused(self, share: str) -> None:
        with pytest.raises(UserError, match=share):
            sroi(1, 1, 1, **{share: 30})


class TestUncertainty:
    def test_pert_against_beta_integration(self) -> None:
        from scipy import stats

        found = pert(3, 5, 10)
        law = stats.beta(found.shape1, found.shape2, 3, 7)
        assert (found.mean, found.sd) == (pytest.approx(law.mean()), pytest.approx(law.std()))
        assert found.q95 == pytest.approx(law.ppf(0.95))
        with pytest.raises(UserError, match="ascend"):
            pert(3, 2, 10)

    @settings(deadline=None)
    @given(st.floats(0, 1))
    def test_triangular_against_scipy(self, mode: float) -> None:
        from scipy import stats

        found, law = triangular(0, mode, 1), stats.triang(mode)
        assert found.sd == pytest.approx(law.std())
        assert (found.q05, found.q50, found.q95) == pytest.approx(tuple(law.ppf([0.05, 0.5, 0.95])))

    @settings(deadline=None)
    @given(st.floats(0.01, 1e4), st.floats(0.01, 1e4))
    def test_moments_come_back(self, mean: float, sd: float) -> None:
        shape, scale = gamma_moments(mean, sd)
        assert shape * scale == pytest.approx(mean)
        assert math.sqrt(shape) * scale == pytest.approx(sd)
        mu, sigma = lognormal_moments(mean, sd**2)
        assert math.exp(mu + sigma**2 / 2) == pytest.approx(mean)
        assert mean**2 * math.expm1(sigma**2) == pytest.approx(sd**2)

    def test_beta_moments_need_a_possible_spread(self) -> None:
        a, b = beta_moments(0.2, 0.1)
        assert a / (a + b) == pytest.approx(0.2)
        with pytest.raises(UserError, match="beta_sd"):
            beta_moments(0.5, 0.5)

    def test_product_moments_against_draws(self) -> None:
        rng = np.random.Generator(np.random.PCG64(3))
        draws = rng.normal(2, 0.5, 400_000) * rng.normal(3, 1, 400_000)
        mean, sd = product_moments([(2, 0.5), (3, 1)])
        assert mean == pytest.approx(draws.mean(), abs=0.02)
        assert sd == pytest.approx(draws.std(), abs=0.02)

    def test_value_of_information(self) -> None:
        # A coin between +10 and -10, or nothing: knowing it is worth 5.
        found = evpi_discrete([0.5, 0.5], [[10, -10], [0, 0]])
        assert (found.expected, found.expected_perfect, found.evpi) == ((0, 0), 5, 5)
        assert evpi_normal(100, 0).evpi == 0
        assert evpi_normal(0, 1).evpi == pytest.approx(1 / math.sqrt(2 * math.pi))
        assert evpi_normal(-3, 2) == evpi_normal(3, 2)
        with pytest.raises(UserError, match="add up to 1"):
            evpi_discrete([0.5, 0.4], [[1, 2]])
        with pytest.raises(UserError, match=r"payoff\[1\]"):
            evpi_discrete([0.5, 0.5], [[1, 2], [1]])

    def test_tornado_by_hand(self) -> None:
        found = tornado({"people": 10, "cost": 5}, {"people": 8, "cost": 1}, {"people": 11, "cost": 9})
        assert found.base == 5
        assert found.at_low_high == (("people", 3, 6), ("cost", 9, 1))
        assert found.order == ("cost", "people")
        with pytest.raises(UserError, match="low must have"):
            tornado({"people": 1}, {"folk": 1}, {"people": 1})
        with pytest.raises(UserError, match="not a cost"):
            tornado({"cost": 1}, {"cost": 1}, {"cost": 1})
