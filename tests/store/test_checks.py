"""The careful reviewer's checks against plain pandas and scipy on the raw demonstration files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from echo_metrics.access import LOCAL_OWNER, view_as
from echo_metrics.answers import Filters, Result, ask
from echo_metrics.ingest.load import import_path
from echo_metrics.statistics.reliability import CrossProducts, item_rest
from echo_metrics.store import Store
from echo_metrics.terms import Role
from tests import recount, recount_attendance
from tests.conftest import DEMO

PLACES = [("psychosocial", 1), ("psychosocial", 2), ("chronic_pain", 1), ("care_homes", 1), ("pharmacists", 1)]


def checks(store: Store, network: str, cohort: int, role: Role = Role.OWNER) -> dict[tuple[str, str], Result]:
    answer = ask(store, "checks", Filters(network, f"Cohort {cohort}"), view_as(LOCAL_OWNER, role))
    return {(r.measure, r.group.key): r for r in answer.results}


def of(table: pd.DataFrame, network: str, cohort: int) -> pd.DataFrame:
    numbered = table["cohort"].astype(str).str.extract(r"(\d+)$")[0].astype(int)
    return table[(table["network"] == network) & (numbered == cohort)]


@pytest.fixture(scope="module")
def baseline() -> pd.DataFrame:
    """Competency at baseline of every record, told apart by whether the record has a pair."""
    scores = recount.outcome_scores(DEMO)
    wave = next(c for c in scores.columns if scores[c].astype(str).str.startswith("baseline").any())
    value = next(c for c in scores.columns if c in ("value", "score"))
    mine = scores[(scores["measure"] == "competency") & scores[wave].astype(str).str.startswith("baseline")].copy()
    mine = mine[mine[value].notna()].rename(columns={value: "value"})
    pairs = recount.outcome_pairs(DEMO)
    pairs = pairs[(pairs["measure"] == "competency") & (pairs["contrast"] == "baseline-completion")]
    keys = set(zip(pairs["network"], pairs["cohort"], pairs["record_id"], strict=True))
    mine["matched"] = [k in keys for k in zip(mine["network"], mine["cohort"], mine["record_id"], strict=True)]
    return mine


@pytest.mark.parametrize(("network", "cohort"), PLACES)
def test_people_lost(demo_store: Store, baseline: pd.DataFrame, network: str, cohort: int) -> None:
    rows = of(baseline, network, cohort)
    stayed, left = rows.loc[rows["matched"], "value"], rows.loc[~rows["matched"], "value"]
    result = checks(demo_store, network, cohort)[("competency", "lost")]
    assert result.sentence.startswith(f"{len(left)} people answered at the start and not again")
    gap = (stayed.mean() - left.mean()) / np.sqrt((stayed.var() + left.var()) / 2)
    assert f"({abs(gap):.2f} standard deviations)" in result.sentence
    assert result.value is not None
    low, high = stats.ttest_ind(stayed, left, equal_var=False).confidence_interval(0.95)
    assert (result.value.low, result.value.high) == (pytest.approx(low, abs=2e-3), pytest.approx(high, abs=2e-3))
    whole = checks(demo_store, network, cohort)[("competency", "pessimistic")]
    pairs = recount.outcome_pairs(DEMO)
    pairs = of(
        pairs[(pairs["measure"] == "competency") & (pairs["contrast"] == "baseline-completion")], network, cohort
    )
    change = (pairs["after"] - pairs["before"]).mean()
    assert whole.value is not None
    assert whole.value.value == pytest.approx(change * len(stayed) / len(rows), abs=1e-3)


@pytest.mark.parametrize(("network", "cohort"), PLACES)
def test_disciplines_by_scipy(demo_store: Store, network: str, cohort: int) -> None:
    pairs = recount.outcome_pairs(DEMO)
    pairs = of(
        pairs[(pairs["measure"] == "connection") & (pairs["contrast"] == "baseline-completion")], network, cohort
    )
    change = (pairs["after"] - pairs["before"]).round(9)
    groups = [g.to_numpy() for _, g in change.groupby(pairs["discipline"]) if len(g) >= 5]
    result = checks(demo_store, network, cohort).get(("connection", "disciplines"))
    if len(groups) < 2:
        assert result is None
        return
    assert result is not None
    p = stats.kruskal(*groups).pvalue
    shown = result.sentence.partition("p=")[2].partition(")")[0]
    assert float(shown) == pytest.approx(p, abs=0.006)
    assert f"the {len(groups)} disciplines" in result.sentence


def test_alpha_from_the_raw_answers(demo_store: Store) -> None:
    """Psychosocial cohort 2 at baseline: six statements, the reversed one flipped, people who answered all six."""
    (path,) = (DEMO / "redcap").glob("*DATA_*.csv")
    raw = pd.read_csv(path, dtype=str)
    items = ["comp_assess", "comp_talk", "comp_plan", "comp_team", "comp_depth", "comp_family"]
    here = raw[(raw["redcap_data_access_group"] == "psychosocial") & (raw["redcap_event_name"] == "baseline_arm_2")]
    table = here[items].apply(pd.to_numeric, errors="coerce")
    table = table.where(table.isin([1, 2, 3, 4, 5])).dropna()
    table["comp_depth"] = 6 - table["comp_depth"]
    alpha = 6 / 5 * (1 - table.var().sum() / table.sum(axis=1).var())
    result = checks(demo_store, "psychosocial", 2)[("competency", "alpha-baseline")]
    assert result.value is not None
    assert result.value.value == pytest.approx(alpha, abs=1e-9)
    assert f"{len(table)} people answered them all" in result.sentence


def test_detectable_change_is_the_known_one(demo_store: Store) -> None:
    """37 pairs: 80 % power at two-sided 5 % needs d_z = 0.473 (noncentral t), here in points of this spread."""
    pairs = recount.outcome_pairs(DEMO)
    pairs = of(
        pairs[(pairs["measure"] == "competency") & (pairs["contrast"] == "baseline-completion")], "psychosocial", 2
    )
    sd, n = (pairs["after"] - pairs["before"]).std(), len(pairs)
    result = checks(demo_store, "psychosocial", 2)[("competency", "detectable")]
    assert result.value is not None
    d_z = result.value.value / sd
    crit = stats.t.ppf(0.975, n - 1)
    power = 1 - stats.nct.cdf(crit, n - 1, d_z * np.sqrt(n)) + stats.nct.cdf(-crit, n - 1, d_z * np.sqrt(n))
    assert power == pytest.approx(0.8, abs=2e-3)


def test_checks_pass_the_gate(demo_store: Store) -> None:
    for network, cohort in PLACES:
        for key, result in checks(demo_store, network, cohort, Role.EVALUATOR).items():
            if not result.shown:
                assert result.value is None, key
                assert result.sentence.startswith("Hidden"), key


@pytest.mark.parametrize("word", ["proves", "caused", "significant", "because of"])
def test_no_check_claims_too_much(demo_store: Store, word: str) -> None:
    for network, cohort in PLACES:
        for result in checks(demo_store, network, cohort).values():
            assert word not in result.sentence


def test_the_run_chart_refuses_below_ten_points_and_judges_above(demo_store: Store) -> None:
    came = recount.attendance(DEMO)
    came = came[(came["minutes"] >= 1) & (came["network"] == "psychosocial")]
    trail = recount.trail(DEMO)
    trail = trail[trail["network"] == "psychosocial"].set_index("cohort")["registered"]
    shares = [100 * n / trail[cohort] for (cohort, _), n in came.groupby(["cohort", "session"]).size().items()]
    (both,) = ask(demo_store, "attendance", Filters("psychosocial"), LOCAL_OWNER).only("run_chart", "run")
    assert both.extra["points"] == pytest.approx(shares)
    assert both.value is not None
    assert both.value.value == pytest.approx(np.median(shares))
    useful = [s for s in shares if s != np.median(shares)]
    assert both.extra["useful"] == len(useful)
    (one,) = ask(demo_store, "attendance", Filters("psychosocial", "Cohort 1"), LOCAL_OWNER).only("run_chart", "run")
    assert one.sentence.startswith("Too few points to judge")
    if len(useful) >= 10:
        assert "signal" in both.sentence.lower()
    assert not ask(demo_store, "attendance", Filters(), LOCAL_OWNER).only("run_chart", "run")
    (xmr,) = ask(demo_store, "attendance", Filters("psychosocial"), LOCAL_OWNER).only("xmr_chart", "run")
    half = 3 / 1.128 * np.abs(np.diff(shares)).mean()
    assert (xmr.extra["low"], xmr.extra["high"]) == pytest.approx((np.mean(shares) - half, np.mean(shares) + half))
    assert not ask(demo_store, "attendance", Filters("psychosocial", "Cohort 1"), LOCAL_OWNER).only("xmr_chart", "run")


def test_then_test_stands_beside_the_other_gain_and_replaces_nothing(tmp_path: Path) -> None:
    """Twelve people rate the start at 3, remember it at 2, and end at 4: gains of 1 and 2, a response shift of 1."""
    items = ["comp_assess", "comp_talk", "comp_plan"]
    lines = ["record_id,redcap_event_name," + ",".join(items) + ",outcomes_complete"]
    for person in range(12):
        drift = 1 if person == 0 else 0  # one person differs, so that there is spread
        for event, score in (("baseline", 3), ("then_test", 2), ("completion", 4 + drift)):
            lines.append(f"{person},{event}_arm_1," + ",".join([str(score)] * 3) + ",2")
    path = tmp_path / "then.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with Store.open(tmp_path / "then.duckdb") as store:
        assert import_path(store, path, "Net", "One").rows_loaded == 36
        answer = ask(store, "competency", Filters("Net"), LOCAL_OWNER)
    found = {r.contrast: r for r in answer.only("competency") if r.shown}
    means = {c: (r.before, r.after) for c, r in found.items()}
    end = pytest.approx(4 + 1 / 12, abs=1e-3)
    assert means["baseline-completion"] == (3, end)
    assert means["then_test-completion"] == (2, end)
    assert means["then_test-baseline"] == (2, 3)
    assert answer.only("competency")[0].contrast == "baseline-completion"
    assert any("what people feel they gained" in n for n in found["then_test-completion"].notes)


def test_repeated_ratings_by_another_fit(demo_store: Store) -> None:
    """The random intercept's mean is the GLS mean of the person means: recomputed with the variances on a grid."""
    pairs = of(recount.session_pairs(DEMO), "psychosocial", 1)
    pairs = pairs[pairs["measure"].isin(["session_knowledge", "sess_know"])]
    who = next(c for c in pairs.columns if c in ("code", "person", "person_key"))
    change = pairs["after"] - pairs["before"]
    groups = [g.to_numpy() for _, g in change.groupby(pairs[who])]
    total, sizes = len(change), np.array([len(g) for g in groups])
    means, inside = np.array([g.mean() for g in groups]), sum(((g - g.mean()) ** 2).sum() for g in groups)

    def fit(ratio: float) -> tuple[float, float]:
        w = sizes / (1 + sizes * ratio)
        mu = (w * means).sum() / w.sum()
        loss = (
            (total - 1) * np.log(inside + (w * (means - mu) ** 2).sum())
            + np.log(1 + sizes * ratio).sum()
            + np.log(w.sum())
        )
        return loss, mu

    best = min(np.linspace(0, 5, 20_001), key=lambda ratio: fit(ratio)[0])
    result = checks(demo_store, "psychosocial", 1)[("session_knowledge", "repeated")]
    assert result.value is not None
    assert result.value.value == pytest.approx(fit(best)[1], abs=1e-3)
    assert f"{len(groups)} people gave these {total} pairs" in result.sentence


def test_reliable_change_is_counted_by_hand(demo_store: Store) -> None:
    found = checks(demo_store, "psychosocial", 2)
    alpha = found[("competency", "alpha-baseline")].value
    assert alpha is not None
    pairs = recount.outcome_pairs(DEMO)
    pairs = of(
        pairs[(pairs["measure"] == "competency") & (pairs["contrast"] == "baseline-completion")], "psychosocial", 2
    )
    change = pairs["after"] - pairs["before"]
    noise = 1.96 * pairs["before"].std() * np.sqrt(2 * (1 - alpha.value))
    up, down = int((change > noise).sum()), int((change < -noise).sum())
    assert found[("competency", "reliable")].sentence.startswith(
        f"{up} of {len(pairs)} people went up and {down} went down"
    )


@pytest.mark.parametrize(("network", "cohort"), PLACES)
def test_crossing_the_line_is_counted_by_hand(demo_store: Store, network: str, cohort: int) -> None:
    pairs = recount.outcome_pairs(DEMO)
    mine = (pairs["measure"] == "connection") & (pairs["contrast"] == "baseline-completion")
    pairs = of(pairs[mine], network, cohort)
    first, second = pairs["before"] >= 4 - 1e-9, pairs["after"] >= 4 - 1e-9
    up, down = int((~first & second).sum()), int((first & ~second).sum())
    result = checks(demo_store, network, cohort)[("connection", "crossed")]
    assert (
        f"{int(first.sum())} of {len(pairs)} people scored 4 or more before and {int(second.sum())} after"
        in result.sentence
    )
    assert f"{up} crossed that line upwards, {down} downwards" in result.sentence
    mid = stats.binom.cdf(min(up, down) - 1, up + down, 0.5) * 2 + stats.binom.pmf(min(up, down), up + down, 0.5)
    shown = result.sentence.partition("mid-p: p=")[2].partition(";")[0]
    if shown:
        assert float(shown) == pytest.approx(min(1, mid), abs=0.006)


def test_item_rest_correlations_as_pandas_has_them() -> None:
    rng = np.random.default_rng(7)
    table = pd.DataFrame(rng.integers(1, 6, size=(40, 4)))
    table[3] = 6 - table[0]
    found = item_rest(CrossProducts.from_items(table.to_numpy().tolist()))
    expected = [table[i].corr(table.drop(columns=i).sum(axis=1)) for i in table]
    assert found == pytest.approx(expected)
    assert min(expected) < 0


BANDS = {
    "competency": [1, 2, 3, 4, 9],
    "knowledge": [0, 20, 40, 60, 80, 999],
    "supervisor_estimate": [1, 2, 3, 4, 5, 9],
}
NAMES = {
    "competency": ["1 to under 2", "2 to under 3", "3 to under 4", "4 to 5"],
    "knowledge": ["0 to under 20%", "20 to under 40%", "40 to under 60%", "60 to under 80%", "80 to 100%"],
    "supervisor_estimate": ["1", "2", "3", "4", "5"],
}


@pytest.mark.parametrize("measure", list(BANDS))
@pytest.mark.parametrize(("network", "cohort"), PLACES)
def test_stages_are_a_crosstab_of_the_raw_scores(demo_store: Store, network: str, cohort: int, measure: str) -> None:
    pairs = recount.outcome_pairs(DEMO)
    mine = (pairs["measure"] == measure) & (pairs["contrast"] == "baseline-completion")
    pairs = of(pairs[mine], network, cohort)
    size = len(BANDS[measure]) - 1
    before, after = (
        pd.cut(pairs[side].round(9), BANDS[measure], right=False, labels=False) for side in ("before", "after")
    )
    table = pd.crosstab(before, after).reindex(index=range(size), columns=range(size), fill_value=0)
    result = checks(demo_store, network, cohort)[(measure, "stages")]
    assert result.extra["stages"] == NAMES[measure]
    assert result.extra["table"] == table.to_numpy().tolist()
    assert result.as_json()["extra"]["table"] == table.to_numpy().tolist()
    assert result.sentence.startswith(f"By stage {int((after > before).sum())} of {len(pairs)} people moved up")
    # The margins at the line that counts are those of the crossing.
    crossed = checks(demo_store, network, cohort).get((measure, "crossed"))
    if crossed is not None and measure != "supervisor_estimate":
        assert f"{table.iloc[-1].sum()} of {len(pairs)} people scored" in crossed.sentence


def test_the_table_of_stages_is_for_the_row_level_right(demo_store: Store) -> None:
    """Nobody else gets a cell, even where the checks are asked for directly under another policy."""
    for network, cohort in PLACES:
        assert all(not r.extra for r in checks(demo_store, network, cohort, Role.EVALUATOR).values())
    from echo_metrics.answers.checks.case import Case
    from echo_metrics.answers.checks.whole import stages
    from echo_metrics.definitions import load_definitions
    from echo_metrics.disclosure.policy import policy_for
    from echo_metrics.statistics.counts import PairCounts
    from echo_metrics.statistics.paired_change import paired_change
    from echo_metrics.terms import Contrast

    measure = load_definitions().measures["competency"]
    pairs = PairCounts.from_scores([2, 3, 4] * 10, [3, 3, 5] * 10, 2520)
    for role, many in ((Role.EVALUATOR, 0), (Role.LEADER, 0), (Role.FUNDER, 0), (Role.OWNER, 1)):
        case = Case(measure, Contrast.BASELINE_COMPLETION, pairs, paired_change(pairs), policy_for(role))
        assert len(stages(case)) == many


@pytest.mark.parametrize(("network", "cohort"), PLACES)
def test_the_exact_mcnemar_stands_beside_the_mid_p(demo_store: Store, network: str, cohort: int) -> None:
    pairs = recount.outcome_pairs(DEMO)
    mine = (pairs["measure"] == "connection") & (pairs["contrast"] == "baseline-completion")
    pairs = of(pairs[mine], network, cohort)
    first, second = pairs["before"] >= 4 - 1e-9, pairs["after"] >= 4 - 1e-9
    up, down = int((~first & second).sum()), int((first & ~second).sum())
    result = checks(demo_store, network, cohort)[("connection", "crossed")]
    shown = result.sentence.rpartition("p=")[2].rstrip(".")
    assert float(shown) == pytest.approx(stats.binomtest(up, up + down).pvalue, abs=0.006)
    assert "the exact test, which is cautious" in result.sentence


def raw_items(measure: str) -> pd.DataFrame:
    """Every network's answers to a measure's statements at baseline, reversed ones flipped, complete rows only."""
    (path,) = (DEMO / "redcap").glob("*DATA_*.csv")
    raw = pd.read_csv(path, dtype=str)
    names, flipped, _ = recount.RATED[measure]
    here = raw[raw["redcap_event_name"].str.startswith("baseline")]
    table = here[names].apply(pd.to_numeric, errors="coerce")
    table = table.where(table.isin([1, 2, 3, 4, 5])).dropna()
    for item in flipped:
        table[item] = 6 - table[item]
    return table


def test_omega_is_that_of_a_one_factor_model_fitted_otherwise(demo_store: Store) -> None:
    """All networks at baseline: minres in place of maximum likelihood, so equal to two decimals only."""
    from scipy import optimize

    table = raw_items("competency")
    cov = table.cov().to_numpy()
    off = ~np.eye(len(cov), dtype=bool)
    fit = optimize.least_squares(lambda v: (np.outer(v, v) - cov)[off], np.full(len(cov), 0.4)).x
    omega = fit.sum() ** 2 / (fit.sum() ** 2 + (np.diag(cov) - fit**2).sum())
    answer = ask(demo_store, "checks", Filters(), LOCAL_OWNER, "competency")
    (result,) = [r for r in answer.results if r.group.key == "alpha-baseline"]
    assert result.extra["omega"] == pytest.approx(omega, abs=0.02)
    assert f"is {result.extra['omega']:.2f}." in result.sentence
    rest = {i: table[i].corr(table.drop(columns=i).sum(axis=1)) for i in table}
    assert dict(result.extra["item_rest"]) == pytest.approx(rest, abs=1e-9)
    assert f"at {min(rest.values()):.2f} to {max(rest.values()):.2f}" in result.sentence


def test_omega_says_why_not_with_few_people(demo_store: Store) -> None:
    result = checks(demo_store, "psychosocial", 1)[("competency", "alpha-baseline")]
    assert result.extra["omega"] is None
    assert "Omega is left out: a one-factor model needs 50 people or more." in result.sentence


@pytest.mark.parametrize(("network", "cohort"), PLACES)
def test_background_of_the_lost_by_the_raw_files(
    demo_store: Store, baseline: pd.DataFrame, network: str, cohort: int
) -> None:
    """Disciplines by record; attendance by the address that a record shares with the registrations."""
    rows = of(baseline, network, cohort)
    result = checks(demo_store, network, cohort)[("competency", "background")]
    stayed, left = rows[rows["matched"]], rows[~rows["matched"]]
    assert result.extra["people"] == {"stayed": len(stayed), "lost": len(left)}
    told = {r["what"]: r for r in result.extra["background"]}
    sizes = sorted((r["stayed"], r["lost"]) for what, r in told.items() if not what.startswith("Share"))
    by = pd.crosstab(rows["discipline"], rows["matched"])
    assert sizes == sorted(zip(by[True].tolist(), by[False].tolist(), strict=True))
    nurses = told.get("Nurses")
    if nurses is not None:
        one, other = (np.array(side["discipline"] == "nursing", float) for side in (stayed, left))
        gap = (one.mean() - other.mean()) / np.sqrt((one.var() + other.var()) / 2)
        assert nurses["standardised_difference"] == pytest.approx(gap)
    (path,) = (DEMO / "redcap").glob("*DATA_*.csv")
    raw = pd.read_csv(path, dtype=str)
    address = raw[raw["email"].notna()].set_index("record_id")["email"].str.lower()
    came = of(recount.attendance(DEMO), network, cohort)
    came = came[came["minutes"] >= 1].groupby("person_email")["session"].nunique()
    held = of(recount.attendance(DEMO), network, cohort)["session"].nunique()
    known = {p.email.lower() for p in recount_attendance.registrations(DEMO, network, cohort)}
    shares = {}
    for side, part in (("stayed", stayed), ("lost", left)):
        mine = [address[r] for r in part["record_id"] if address.get(r) in known]
        shares[side] = np.mean([came.get(a, 0) / held for a in mine])
        assert told["Share of sessions they came to"][side] == pytest.approx(100 * shares[side], abs=0.06)


def test_background_is_for_the_row_level_right(demo_store: Store) -> None:
    for network, cohort in PLACES:
        assert ("competency", "background") not in checks(demo_store, network, cohort, Role.EVALUATOR)
