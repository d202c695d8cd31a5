"""What a reviewer may open below a change: intervals of effect sizes, adjusted p of single statements; who may not."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from echo_metrics.access import LOCAL_OWNER, view_as
from echo_metrics.answers import Answer, Filters, ask
from echo_metrics.answers.ask import ask_under
from echo_metrics.answers.document import answer_document, answer_from
from echo_metrics.answers.effects import MOST_RESAMPLED
from echo_metrics.charts import build_checks, method_words
from echo_metrics.disclosure.policy import policy_for
from echo_metrics.store import Store
from echo_metrics.terms import Role
from tests import recount
from tests.conftest import DEMO

PLACES = [("psychosocial", "Cohort 1"), ("psychosocial", "Cohort 2"), ("chronic_pain", "Cohort 1"), ("", "")]
OTHERS = [Role.EVALUATOR, Role.LEADER, Role.FUNDER]


def asked(store: Store, network: str, cohort: str, role: Role = Role.OWNER) -> Answer:
    return ask(store, "competency", Filters(network, cohort), view_as(LOCAL_OWNER, role))


def pairs_of(network: str, cohort: str, contrast: str) -> pd.DataFrame:
    pairs = recount.outcome_pairs(DEMO)
    pairs = pairs[(pairs["measure"] == "competency") & (pairs["contrast"] == contrast)]
    if network:
        pairs = pairs[(pairs["network"] == network) & (pairs["cohort"] == int(cohort[-1]))]
    return pairs


def plain_g(before: np.ndarray, after: np.ndarray) -> float:
    v = before.shape[-1] - 1
    sd = np.sqrt((before.var(axis=-1, ddof=1) + after.var(axis=-1, ddof=1)) / 2)
    return (1 - 3 / (4 * v - 1)) * (after.mean(axis=-1) - before.mean(axis=-1)) / sd


@pytest.mark.parametrize(("network", "cohort"), PLACES)
def test_the_bootstrap_interval_of_g_agrees_with_scipy_on_the_raw_scores(
    demo_store: Store, network: str, cohort: str
) -> None:
    rows = pairs_of(network, cohort, "baseline-completion")
    theirs = stats.bootstrap(
        (rows["before"].to_numpy(), rows["after"].to_numpy()), lambda x, y, axis: plain_g(x, y), paired=True,
        vectorized=True, n_resamples=9999, method="BCa", rng=np.random.default_rng(3),
    ).confidence_interval  # fmt: skip
    (result,) = asked(demo_store, network, cohort).only("competency", contrast="baseline-completion")
    found = result.effect_intervals["g_av_bootstrap"]
    assert result.effect is not None
    assert found.value == pytest.approx(result.effect[1].value, abs=1e-9)
    assert (found.low, found.high) == (pytest.approx(theirs.low, abs=0.06), pytest.approx(theirs.high, abs=0.06))
    again = asked(demo_store, network, cohort).only("competency", contrast="baseline-completion")[0]
    assert again.effect_intervals == result.effect_intervals
    chance = result.effect_intervals["probability_of_improvement"]
    assert result.improved is not None and result.same is not None and result.n is not None
    assert chance.value == pytest.approx((result.improved + result.same / 2) / result.n)
    assert chance.low is not None and chance.high is not None
    assert chance.low < chance.value < chance.high
    words = dict(method_words.computed(result))
    assert "95% interval" in words["Hedges' g, checked by bootstrap"]
    assert "(BCa bootstrap)" in words["Rank-biserial correlation"]


@pytest.mark.parametrize("role", OTHERS)
def test_resampled_intervals_and_adjusted_p_are_for_the_row_level_right(demo_store: Store, role: Role) -> None:
    policy = policy_for(role)
    for network, cohort in PLACES:
        for result in ask_under(policy, demo_store, "competency", Filters(network, cohort), LOCAL_OWNER).results:
            assert result.p_adjusted is None
            assert set(result.effect_intervals) <= {"probability_of_improvement"}
            if result.coarse:
                assert not result.effect_intervals
            # What is told of the probability follows from tallies that stand beside it.
            for one in result.effect_intervals.values():
                assert None not in (result.improved, result.same, result.declined)
                assert result.n is not None
                assert one.value == pytest.approx(((result.improved or 0) + (result.same or 0) / 2) / result.n)
            assert "p_adjusted" not in json.dumps(result.as_json())


@pytest.mark.parametrize(("network", "cohort"), PLACES)
def test_single_statements_are_adjusted_as_scipy_does(demo_store: Store, network: str, cohort: str) -> None:
    items = asked(demo_store, network, cohort).only("competency", "item")
    assert len(items) == 6
    tested = [r for r in items if r.p is not None]
    expected = stats.false_discovery_control([r.p for r in tested])
    assert [r.p_adjusted for r in tested] == pytest.approx(list(expected))
    assert all(r.p_adjusted is None for r in items if r.p is None)
    assert [r.as_json()["p_adjusted"]["value"] for r in tested] == [r.p_adjusted for r in tested]
    told = build_checks.statements(items)
    assert told is not None
    words, table = told
    assert words.startswith("Exploratory")
    assert f"the {len(tested)} questions" in words
    assert len(table.rows) == len(tested)


def test_no_table_where_no_exact_p_may_be_told(demo_store: Store) -> None:
    items = asked(demo_store, "psychosocial", "Cohort 2", Role.EVALUATOR).only("competency", "item")
    assert any(r.shown for r in items)
    assert build_checks.statements(items) is None


def test_everything_survives_a_document(demo_store: Store) -> None:
    for role in (Role.OWNER, Role.EVALUATOR):
        answer = asked(demo_store, "chronic_pain", "Cohort 1", role)
        assert any(r.effect_intervals for r in answer.results)
        assert answer_from(json.loads(json.dumps(answer_document(answer)))) == answer


def test_stages_as_a_table_add_up(demo_store: Store) -> None:
    answer = ask(demo_store, "checks", Filters("psychosocial", "Cohort 2"), LOCAL_OWNER, "competency")
    (result,) = [r for r in answer.results if r.group.key == "stages"]
    table = build_checks.stages(result)
    assert table is not None
    numbers = [[int(cell) for cell in row[1:]] for row in table.rows]
    assert [sum(row[:-1]) for row in numbers] == [row[-1] for row in numbers]
    assert [sum(column) for column in zip(*numbers[:-1], strict=True)] == numbers[-1]
    assert numbers[-1][-1] == len(pairs_of("psychosocial", "Cohort 2", "baseline-completion"))
    assert build_checks.stages(result.withheld("Hidden.")) is None


def test_where_everybody_moves_one_way_the_reason_is_told() -> None:
    from echo_metrics.answers.effects import effect_intervals
    from echo_metrics.disclosure import Precision
    from echo_metrics.statistics.counts import PairCounts
    from echo_metrics.statistics.paired_change import paired_change

    pairs = PairCounts.from_scores([1, 2, 3, 2] * 5, [2, 3, 4, 4] * 5)
    found, notes = effect_intervals(paired_change(pairs), pairs, Precision(), resampled=True)
    assert "rank_biserial" not in found
    assert any(n.startswith("No interval of the rank-biserial") for n in notes)
    many = PairCounts.from_cells([(1, 2, MOST_RESAMPLED), (2, 1, 1)])
    assert set(effect_intervals(paired_change(many), many, Precision(), resampled=True)[0]) == {
        "probability_of_improvement"
    }
