"""The product's answers against an independent recount of the raw demonstration files in plain pandas."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from echo_metrics.access import LOCAL_OWNER
from echo_metrics.answers import Answer, Filters, Result, ask
from echo_metrics.store import Store
from tests import recount
from tests.conftest import DEMO

COHORTS = [
    ("psychosocial", "Cohort 1"),
    ("psychosocial", "Cohort 2"),
    ("chronic_pain", "Cohort 1"),
    ("care_homes", "Cohort 1"),
    ("pharmacists", "Cohort 1"),
]
QUESTION = {
    "competency": "competency",
    "knowledge": "competency",
    "connection": "connection",
    "collaboration": "collaboration",
    "practice": "practice",
    "supervisor_estimate": "supervisor-value",
}


def asked(store: Store, question: str, network: str, cohort: str, discipline: str = "") -> Answer:
    return ask(store, question, Filters(network, cohort, discipline), LOCAL_OWNER)


def of_cohort(table: pd.DataFrame, network: str, cohort: str) -> pd.DataFrame:
    numbered = table["cohort"].astype(str).str.extract(r"(\d+)$")[0]
    return table[(table["network"] == network) & (numbered == cohort[-1])]


def agrees(result: Result, rows: pd.DataFrame) -> None:
    """One change, figure by figure, against the recounted pairs."""
    assert result.n == len(rows) or (result.n is None and rows.empty)
    if rows.empty:
        return
    change = rows["after"] - rows["before"]
    assert result.before == pytest.approx(rows["before"].mean(), abs=1e-3)
    assert result.after == pytest.approx(rows["after"].mean(), abs=1e-3)
    assert result.change is not None
    assert result.change.value == pytest.approx(change.mean(), abs=1e-3)
    tied = change.abs() < 1e-9
    assert (result.improved, result.same, result.declined) == (
        int(((change > 0) & ~tied).sum()),
        int(tied.sum()),
        int(((change < 0) & ~tied).sum()),
    )
    if result.change.low is not None:
        from scipy import stats

        low, high = stats.ttest_1samp(change, 0).confidence_interval(0.95)
        assert (result.change.low, result.change.high) == (pytest.approx(low, abs=1e-3), pytest.approx(high, abs=1e-3))


@pytest.fixture(scope="module")
def pairs() -> pd.DataFrame:
    return recount.outcome_pairs(DEMO)


@pytest.mark.parametrize(("network", "cohort"), COHORTS)
@pytest.mark.parametrize("measure", list(QUESTION))
def test_outcome_changes(demo_store: Store, pairs: pd.DataFrame, network: str, cohort: str, measure: str) -> None:
    answer = asked(demo_store, QUESTION[measure], network, cohort)
    mine = of_cohort(pairs[pairs["measure"] == measure], network, cohort)
    results = answer.only(measure)
    assert results
    for result in results:
        agrees(result, mine[mine["contrast"] == result.contrast])


@pytest.mark.parametrize(("network", "cohort"), COHORTS)
def test_competency_by_discipline(demo_store: Store, pairs: pd.DataFrame, network: str, cohort: str) -> None:
    mine = of_cohort(pairs[pairs["measure"] == "competency"], network, cohort)
    mine = mine[mine["contrast"] == "baseline-completion"]
    results = asked(demo_store, "competency", network, cohort).only("competency", "discipline")
    assert {r.group.key for r in results} == set(mine["discipline"])
    for result in results:
        agrees(result, mine[mine["discipline"] == result.group.key])
        # The filter gives what the breakdown gives.
        (filtered,) = asked(demo_store, "competency", network, cohort, result.group.key).only(
            "competency", contrast="baseline-completion"
        )
        assert (filtered.n, filtered.before, filtered.after) == (result.n, result.before, result.after)


def test_all_networks_together(demo_store: Store, pairs: pd.DataFrame) -> None:
    (result,) = ask(demo_store, "competency", Filters(), LOCAL_OWNER).only("competency", contrast="baseline-completion")
    agrees(result, pairs[(pairs["measure"] == "competency") & (pairs["contrast"] == "baseline-completion")])


@pytest.mark.parametrize(("network", "cohort"), COHORTS)
def test_trail(demo_store: Store, network: str, cohort: str) -> None:
    row = of_cohort(recount.trail(DEMO), network, cohort).iloc[0]
    trail = asked(demo_store, "competency", network, cohort).trail
    assert trail.as_json() == {k: int(row[k]) for k in ("invited", "registered", "attended", "baseline", "matched")}


@pytest.mark.parametrize(("network", "cohort"), COHORTS)
def test_attendance(demo_store: Store, network: str, cohort: str) -> None:
    mine = of_cohort(recount.attendance(DEMO), network, cohort)
    came = mine[mine["minutes"] >= 1]
    answer = asked(demo_store, "attendance", network, cohort)
    value = {r.measure: r.value.value for r in answer.results if r.group.kind == "all" and r.value}
    assert value["sessions"] == came["session"].nunique()
    assert value["attended_once"] == came["person_email"].nunique()
    assert value["attendances"] == len(came)
    assert value["attended_hours"] == pytest.approx(came["minutes"].sum() / 60, abs=1e-6)
    per_session = [r.value.value for r in answer.only("attendance", "session") if r.value]
    assert per_session == came.groupby("session").size().sort_index().tolist()


@pytest.mark.parametrize(("network", "cohort"), COHORTS)
@pytest.mark.parametrize(("measure", "item"), [("session_knowledge", "sess_know"), ("session_confidence", "sess_conf")])
def test_session_changes(demo_store: Store, network: str, cohort: str, measure: str, item: str) -> None:
    answer = asked(demo_store, "session-value", network, cohort)
    people = of_cohort(recount.session_pairs_by_person(DEMO).reset_index(), network, cohort)
    (result,) = answer.only(measure)
    agrees(result, people[people["measure"].isin([measure, item])])
    single = of_cohort(recount.session_pairs(DEMO), network, cohort)
    single = single[single["measure"].isin([measure, item])]
    by_session = answer.only(measure, "session")
    assert len(by_session) == single["session"].nunique()
    for result, (_, rows) in zip(by_session, single.groupby("session"), strict=True):
        agrees(result, rows)


@pytest.mark.parametrize(("network", "cohort"), COHORTS)
@pytest.mark.parametrize(
    ("measure", "item"),
    [("session_worth", "sess_worth"), ("session_relevant", "sess_relevant"), ("session_intent", "sess_intend")],
)
def test_session_levels(demo_store: Store, network: str, cohort: str, measure: str, item: str) -> None:
    answer = asked(demo_store, "session-value", network, cohort)
    people = of_cohort(recount.session_levels_by_person(DEMO).reset_index(), network, cohort)
    people = people[people["measure"].isin([measure, item])]
    (result,) = answer.only(measure)
    assert result.n == len(people)
    # Answers without a code count one each, so these are raters, and may outnumber the people of the cohort.
    assert result.who == "raters"
    assert f"of {len(people)} raters" in result.sentence
    assert "fewer people than raters" in result.sentence
    assert "people (" not in result.sentence
    assert result.after == pytest.approx(people["value"].mean(), abs=1e-3)
    assert result.top_box is not None
    assert result.top_box.count == int((people["value"] >= 4 - 1e-9).sum())
    k, n, z = result.top_box.count, len(people), 1.959963984540054
    half = z * math.sqrt(k / n * (1 - k / n) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    centre = (k / n + z * z / (2 * n)) / (1 + z * z / n)
    if result.top_box.low is not None and result.top_box.high is not None:
        assert (result.top_box.low, result.top_box.high) == (
            pytest.approx(100 * (centre - half), abs=1e-6),
            pytest.approx(100 * (centre + half), abs=1e-6),
        )


@pytest.mark.parametrize(("network", "cohort"), COHORTS)
def test_supervisors_own_ratings(demo_store: Store, network: str, cohort: str) -> None:
    mine = of_cohort(recount.supervisor_ratings(DEMO), network, cohort)
    score = next(c for c in mine.columns if c in ("score", "value", "rating", "mean"))
    mine = mine[mine[score].notna()]
    (result,) = asked(demo_store, "supervisor-value", network, cohort).only("supervisor_rating")
    assert result.n == len(mine)
    assert result.after == pytest.approx(mine[score].mean(), abs=1e-3)
