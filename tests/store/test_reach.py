"""The funnel and the declared thresholds against plain pandas on registrations and meeting reports."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from echo_metrics.access import LOCAL_OWNER, view_as
from echo_metrics.answers import Filters, Result, ask
from echo_metrics.definitions import load_definitions
from echo_metrics.definitions import loader as loading
from echo_metrics.errors import UserError
from echo_metrics.store import Store
from echo_metrics.terms import Role
from tests import recount_attendance
from tests.conftest import DEMO

PLACES = [("psychosocial", 1), ("psychosocial", 2), ("chronic_pain", 1), ("care_homes", 1), ("pharmacists", 1)]


def of_kind(store: Store, filters: Filters, kind: str, role: Role = Role.OWNER) -> list[Result]:
    return [r for r in ask(store, "attendance", filters, view_as(LOCAL_OWNER, role)).results if r.group.kind == kind]


@pytest.mark.parametrize(("network", "cohort"), PLACES)
def test_the_funnel_is_that_of_the_recount(demo_store: Store, network: str, cohort: int) -> None:
    people = {p.email for p in recount_attendance.registrations(DEMO, network, cohort) if not p.hub_team}
    table = recount_attendance.attendance(DEMO)
    table = table[(table.network == network) & (table.cohort.astype(str).str.endswith(str(cohort)))]
    held = table["session"].nunique()
    came = Counter(table.loc[table.person_email.isin(people), "person_email"])
    (body,) = [c for key, _, c in recount_attendance.cohorts(DEMO) if key == network and c["number"] == cohort]
    expected = {
        "invited": body["invited"],
        "registered": len(people),
        "once": sum(n >= 1 for n in came.values()),
        "half": sum(2 * n > held for n in came.values()),
        "most": sum(4 * n > 3 * held for n in came.values()),
    }
    steps = of_kind(demo_store, Filters(network, f"Cohort {cohort}"), "funnel")
    assert {r.group.key: r.value.value for r in steps if r.value} == expected
    values = list(expected.values())
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize(("network", "cohort"), PLACES)
def test_thresholds_are_met_or_not_by_the_recount(demo_store: Store, network: str, cohort: int) -> None:
    people = {p.email for p in recount_attendance.registrations(DEMO, network, cohort) if not p.hub_team}
    table = recount_attendance.attendance(DEMO)
    table = table[(table.network == network) & (table.cohort.astype(str).str.endswith(str(cohort)))]
    expected = {
        "registered": (len(people), 25),
        "attended_once": (table["person_email"].nunique(), 20),
        "mean_per_session": (len(table) / table["session"].nunique(), 6),
    }
    found = of_kind(demo_store, Filters(network, f"Cohort {cohort}"), "threshold")
    assert {r.measure for r in found} == set(expected)
    for r in found:
        value, least = expected[r.measure]
        assert r.value is not None and r.value.value == pytest.approx(value)
        assert r.extra == {"at_least": least, "met": value >= least}
        assert ("not met" in r.sentence) is (value < least)


def test_parts_of_a_cohort_have_no_threshold(demo_store: Store) -> None:
    assert len(of_kind(demo_store, Filters(), "threshold")) == 3 * len(PLACES)
    for narrow in (replace(Filters(), discipline="social_work"), replace(Filters(), start=date(2021, 1, 1))):
        assert not of_kind(demo_store, narrow, "threshold")
        assert of_kind(demo_store, narrow, "funnel")


def test_a_threshold_of_nothing_that_is_counted_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [t.at_least for t in load_definitions().thresholds] == [25, 20, 6]
    for body, words in (
        ({"key": "joy", "label": "Joy", "at_least": 3, "source": "us"}, "no count 'joy'"),
        ({"key": "registered", "label": "R", "at_least": "many", "source": "us"}, "needs key, label, at_least"),
        ({"key": "registered", "at_least": 3, "source": "us"}, "needs key, label, at_least"),
    ):
        with pytest.raises(UserError, match=words):
            loading._threshold(body)
