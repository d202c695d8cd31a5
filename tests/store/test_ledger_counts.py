"""What a store counts for a ledger: recounted in pandas, held back as the gate says, the same for everybody inside."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from echo_metrics.access import LOCAL_OWNER, Viewer
from echo_metrics.answers.ledger_counts import HIDDEN_DISCIPLINE, HIDDEN_SITES, UNKNOWN_SITES, counted
from echo_metrics.answers.ledgers import draft_of
from echo_metrics.answers.model import Filters
from echo_metrics.answers.scope import resolve
from echo_metrics.definitions import load_definitions
from echo_metrics.disclosure import Policy, Preset, policy_for, release_policy
from echo_metrics.errors import UserError
from echo_metrics.ingest.load import import_bytes, import_path
from echo_metrics.ledger_files.toml_text import to_toml
from echo_metrics.roi.model import Counted
from echo_metrics.roi.parse import parse_ledger
from echo_metrics.sharing.build import Request, build
from echo_metrics.sharing.release import Breakdown
from echo_metrics.store import Store
from echo_metrics.terms import Role
from tests import recount
from tests.conftest import DEMO
from tests.ledgers import HEAD, line
from tests.recount_attendance import attendance, read_rows

INSIDE = [
    LOCAL_OWNER,
    Viewer(Role.EVALUATOR, "with rows", row_level=True),
    Viewer(Role.EVALUATOR, "without rows"),
    Viewer(Role.LEADER, "leader"),
]
NAME = "Psychosocial Palliative Care"
PRICES = {"social_work": 50.0, "counselling": 41.5, "spiritual_health": 33.25}


def ledger_of(network: str, cohort: str = "", **parts: Any) -> dict[str, Any]:
    """A ledger of one sure cost, and what the test is about."""
    body = {**HEAD, "network": network, **({"cohort": cohort} if cohort else {})}
    extra = {k: v for k, v in parts.items() if k not in ("cost", "benefit")}
    return {**body, **extra, "cost": [line("hub", 1, 10), *parts.get("cost", [])], "benefit": parts.get("benefit", [])}


def counts_of(store: Store, body: dict[str, Any], policy: Policy | None = None) -> Counted:
    place = resolve(store, LOCAL_OWNER, Filters(body["network"], body.get("cohort", "")))
    return counted(store, place, load_definitions(), policy or policy_for(Role.LEADER), parse_ledger(body))


def time_line(**more: Any) -> dict[str, Any]:
    return line("time", None, 20.0, quantity_from="attended_hours", by_discipline=PRICES, **more)


# ------------------------------------------------------------------------------------------------ the demonstration
SPELT = {
    "counsel": "counselling",
    "rcc": "counselling",
    "chaplain": "spiritual_health",
    "spiritual": "spiritual_health",
}


def registered() -> pd.DataFrame:
    """Discipline and site of everybody registered in the two psychosocial cohorts, by a rule of this test's own."""
    found = []
    for cohort in (1, 2):
        rows = read_rows(DEMO / "registrations" / f"registration_psychosocial_cohort{cohort}.csv")
        top = next(i for i, row in enumerate(rows) if row[:3] == ["First Name", "Last Name", "Email"])
        for row in rows[top + 1 :]:
            cell = dict(zip(rows[top], row, strict=True))
            words = cell["Discipline"].casefold()
            discipline = next((d for part, d in SPELT.items() if part in words), "social_work")
            found.append({"cohort": cohort, "person_email": cell["Email"].strip().casefold(), "discipline": discipline,
                          "site": cell["Organization"]})  # fmt: skip
    return pd.DataFrame(found).drop_duplicates(["cohort", "person_email"])


@pytest.fixture(scope="module")
def attended() -> pd.DataFrame:
    """One row an attendance: cohort, person, minutes, discipline, site."""
    there = attendance(DEMO)
    there = there[there.network == "psychosocial"]
    return there.merge(registered(), on=["cohort", "person_email"], how="left", validate="many_to_one")


class TestDisciplines:
    def test_hours_of_each_discipline_equal_a_recount(self, demo_store: Store, attended: pd.DataFrame) -> None:
        mine = attended[attended.cohort == 2]
        found = counts_of(demo_store, ledger_of(NAME, "Cohort 2", cost=[time_line()]))
        hours = (mine.groupby("discipline").minutes.sum() / 60).to_dict()
        assert {p.discipline: p.count for p in found.parts["attended_hours"]} == {
            d: pytest.approx(h, abs=0.01) for d, h in hours.items()
        }
        assert {p.discipline: p.count for p in found.parts["attendances"]} == mine.groupby(
            "discipline"
        ).size().to_dict()
        assert found.values["attended_hours"] == pytest.approx(mine.minutes.sum() / 60, abs=0.01)
        assert found.values["attendances"] == len(mine)
        assert found.values["participants"] == mine.person_email.nunique()
        draft = draft_of(demo_store, ledger_of(NAME, "Cohort 2", cost=[time_line()]))
        cost = next(r for r in draft.results if r.measure == "costs").value
        assert cost is not None
        assert cost.value == pytest.approx(10 + sum(hours[d] * PRICES[d] for d in hours), abs=0.5)

    def test_small_disciplines_are_priced_together_at_the_lines_own_value(
        self, demo_store: Store, attended: pd.DataFrame
    ) -> None:
        """Four spiritual health practitioners in cohort 1: they and the next smallest stand together."""
        mine = attended[attended.cohort == 1]
        hours = mine.groupby("discipline").minutes.sum() / 60
        draft = draft_of(demo_store, ledger_of(NAME, "Cohort 1", cost=[time_line()]), INSIDE[3])
        terms = {t.key: t.count for t in draft.model.terms}
        assert terms == {
            "hub": 1.0,
            "time:social_work": pytest.approx(hours["social_work"], abs=0.01),
            "time": pytest.approx(hours["counselling"] + hours["spiritual_health"], abs=0.01),
        }
        cost = next(r for r in draft.results if r.measure == "costs").value
        assert cost is not None
        together = hours["counselling"] + hours["spiritual_health"]
        assert cost.value == pytest.approx(10 + 50 * hours["social_work"] + 20 * together, abs=0.5)
        assert any("priced together" in note for note in draft.results[-1].notes)
        text = str([r.as_json() for r in draft.results])
        for d in ("counselling", "spiritual_health"):
            for digits in (4, 1):
                assert f"{hours[d]:.{digits}f}" not in text, d

    @pytest.mark.parametrize("cohort", ["Cohort 1", "Cohort 2", ""])
    def test_everybody_inside_gets_the_same_sums(self, demo_store: Store, cohort: str) -> None:
        body = ledger_of(NAME, cohort, cost=[time_line()])
        drafts = [draft_of(demo_store, body, viewer) for viewer in INSIDE]
        assert len({str(d.model.as_json()) for d in drafts}) == 1
        assert len({str([r.as_json() for r in d.results]) for d in drafts}) == 1

    def test_a_small_discipline_is_refused_by_name(self, demo_store: Store, attended: pd.DataFrame) -> None:
        def of(discipline: str, cohort: str) -> dict[str, Any]:
            priced = line("time", None, 20.0, quantity_from="attended_hours", discipline=discipline)
            return ledger_of(NAME, cohort, cost=[priced])

        for discipline in ("spiritual_health", "counselling"):
            for viewer in INSIDE:
                with pytest.raises(UserError, match=f"draws on attended_hours:{discipline}, .*too few people"):
                    draft_of(demo_store, of(discipline, "Cohort 1"), viewer)
        found = counts_of(demo_store, of("Social worker", "Cohort 1"))
        mine = attended[(attended.cohort == 1) & (attended.discipline == "social_work")]
        assert found.values["attended_hours:Social worker"] == pytest.approx(mine.minutes.sum() / 60, abs=0.01)
        # Nobody of a known discipline is nobody; a discipline that does not exist is a slip.
        assert counts_of(demo_store, of("pharmacy", "Cohort 1")).values["attended_hours:pharmacy"] == 0
        with pytest.raises(UserError, match="no discipline is called 'astrology'"):
            draft_of(demo_store, of("astrology", "Cohort 1"))

    def test_a_network_tells_no_more_than_its_cohorts(self, demo_store: Store) -> None:
        """The network less cohort 2 is cohort 1: what is small there must not stand apart in the network either."""
        whole = counts_of(demo_store, ledger_of(NAME, cost=[time_line()]))
        assert {p.discipline for p in whole.parts["attended_hours"]} == {"social_work"}
        second = counts_of(demo_store, ledger_of(NAME, "Cohort 2", cost=[time_line()]))
        assert {p.discipline for p in second.parts["attended_hours"]} == set(PRICES)
        asked = line("time", None, 20.0, quantity_from="attendances", discipline="spiritual_health")
        assert counts_of(demo_store, ledger_of(NAME, cost=[asked])).missing["attendances:spiritual_health"] == (
            HIDDEN_DISCIPLINE
        )

    def test_two_spellings_of_a_discipline(self, demo_store: Store) -> None:
        body = ledger_of(NAME, "Cohort 2", cost=[time_line()])
        fees = line("fees", None, 1.0, quantity_from="attended_hours", by_discipline={"Social worker": 2, "Nurze": 3})
        body["benefit"] = [fees]
        draft = draft_of(demo_store, body)
        counts = {t.key: t.count for t in draft.model.terms}
        assert counts["fees:Social worker"] == counts["time:social_work"]
        assert "No discipline is called 'Nurze'; its price is not used." in draft.results[-1].notes
        twice = copy.deepcopy(body)
        twice["cost"][1]["by_discipline"] = {"social_work": 3, "Social worker": 4}
        with pytest.raises(UserError, match="cost 'time' has two prices for one discipline"):
            draft_of(demo_store, twice)


class TestJourneysOfTheDemonstration:
    def test_kilometres_equal_a_recount(self, demo_store: Store, attended: pd.DataFrame) -> None:
        sites = [
            {"name": "cedar inlet HEALTH (synthetic)", "km": 20, "hours": 0.5},
            {"name": "Tidewater Hospice (synthetic)", "km": 0.0},
            {"name": "*", "km": 90, "hours": 2.5, "nights": 0.5},
        ]
        gains = [line(q, None, 1.0, quantity_from=f"travel_{q}") for q in ("km", "hours", "nights")]
        found = counts_of(demo_store, ledger_of(NAME, "Cohort 2", site=sites, benefit=gains))
        by_site = attended[attended.cohort == 2].groupby("site").size()
        cedar, tide = by_site["Cedar Inlet Health (synthetic)"], by_site["Tidewater Hospice (synthetic)"]
        rest = by_site.sum() - cedar - tide
        assert found.values["travel_km"] == pytest.approx(20 * cedar + 90 * rest)
        assert found.values["travel_hours"] == pytest.approx(0.5 * cedar + 2.5 * rest)
        assert found.values["travel_nights"] == pytest.approx(0.5 * rest)


class TestReliableImprovement:
    def by_hand(self, cohorts: Sequence[int]) -> tuple[int, int]:
        """Pairs, and how many went up by more than 1.96 standard errors of a difference (Jacobson and Truax)."""
        pairs = recount.outcome_pairs(DEMO)
        pairs = pairs[(pairs.network == "psychosocial") & pairs.cohort.isin(cohorts) & (pairs.measure == "competency")]
        pairs = pairs[pairs.contrast == "baseline-completion"]
        items = recount.RATED["competency"][0]
        rows = []
        for path in sorted((DEMO / "redcap").glob("*.csv")):
            table = recount._table(path)
            if table and "redcap_event_name" in table[0]:
                rows += [
                    [6 - int(r[i]) if i == "comp_depth" else int(r[i]) for i in items]
                    for r in table
                    if r["redcap_data_access_group"] == "psychosocial"
                    and r["redcap_event_name"] in {f"baseline_arm_{c}" for c in cohorts}
                    and all(r[i] in "12345" and r[i] for i in items)
                ]
        answers = pd.DataFrame(rows)
        k = len(items)
        alpha = k / (k - 1) * (1 - answers.var(ddof=1).sum() / answers.sum(axis=1).var(ddof=1))
        assert alpha >= 0.7
        apart = (2 * pairs.before.var(ddof=1) * (1 - alpha)) ** 0.5
        return len(pairs), int(((pairs.after - pairs.before) / apart > 1.96).sum())

    @pytest.mark.parametrize(("cohort", "cohorts"), [("", (1, 2)), ("Cohort 2", (2,))])
    def test_it_equals_a_recount_by_hand(self, demo_store: Store, cohort: str, cohorts: tuple[int, ...]) -> None:
        pairs, up = self.by_hand(cohorts)
        assert pairs >= 30
        assert counts_of(demo_store, ledger_of(NAME, cohort)).values["improved_reliably"] == up > 0

    def test_it_is_withheld_under_thirty_people(self, demo_store: Store) -> None:
        found = counts_of(demo_store, ledger_of(NAME, "Cohort 1"))
        assert self.by_hand((1,))[0] < 30
        assert "improved_reliably" not in found.values
        assert "Fewer than 30 people" in found.missing["improved_reliably"]

    def test_it_is_withheld_where_the_scale_is_noise(self, demo_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        from echo_metrics.answers import ledger_counts

        class Weak:
            value = 0.69

        monkeypatch.setattr(ledger_counts, "cronbach_alpha", lambda products: Weak())
        found = counts_of(demo_store, ledger_of(NAME))
        assert "improved_reliably" not in found.values
        assert "not reliable enough" in found.missing["improved_reliably"]

    def test_it_is_withheld_where_releases_overlap(self, demo_store: Store) -> None:
        for preset in Preset:
            found = counts_of(demo_store, ledger_of(NAME), release_policy(preset, coarse=True))
            assert "improved_reliably" not in found.values
            assert found.missing["improved_reliably"].startswith("Hidden")


# ---------------------------------------------------------------------------------------------------- small stores
@dataclass(frozen=True)
class Group:
    """So many people of one cohort and site, each of whom came so often to sessions of an hour."""

    cohort: int
    site: str
    people: int
    times: int = 1
    discipline: str = "nursing"


def fill(store: Store, groups: Sequence[Group]) -> None:
    """One network with two cohorts of four sessions each."""
    start = datetime(2026, 1, 5, 9)
    tables: dict[str, list[dict[str, Any]]] = {
        "hub": [{"id": 1, "name": "Hub", "tz": "UTC", "currency": "CAD"}],
        "network": [{"id": 1, "hub_id": 1, "key": "net", "name": "Net"}],
        "cohort": [{"id": c, "network_id": 1, "name": f"Cohort {c}", "number": c} for c in (1, 2)],
        "session": [
            {"id": 10 * c + s, "cohort_id": c, "number": s, "title": f"S{s}", "start_utc": start + timedelta(days=s),
             "end_utc": start + timedelta(days=s, hours=1)}
            for c in (1, 2)
            for s in range(1, 5)
        ],
        "person": [], "person_attribute": [], "enrolment": [], "attendance": [],
    }  # fmt: skip
    number = 0
    for group in groups:
        for _ in range(group.people):
            number += 1
            tables["person"].append({"id": number, "hub_id": 1})
            tables["person_attribute"] += [
                {"person_id": number, "name": "discipline", "value_code": group.discipline, "value_raw": ""},
                {"person_id": number, "name": "organisation", "value_code": None, "value_raw": group.site or None},
            ]
            tables["enrolment"].append(
                {"person_id": number, "cohort_id": group.cohort, "role": "participant", "status": "enrolled"}
            )
            tables["attendance"] += [
                {"session_id": 10 * group.cohort + s, "person_id": number, "role": "participant", "minutes": 60.0,
                 "attended": True}
                for s in range(1, group.times + 1)
            ]  # fmt: skip
    with store.write() as writer:
        for table, rows in tables.items():
            if rows:
                writer.insert(table, rows)
        writer.touch()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "small.duckdb") as opened:
        yield opened


def km(sites: dict[str, float], cohort: str = "") -> dict[str, Any]:
    gains = [line("travel", None, 1.0, quantity_from="travel_km")]
    return ledger_of("Net", cohort, benefit=gains, site=[{"name": n, "km": v} for n, v in sites.items()])


EVEN = [Group(1, s, 3, 2) for s in "ABC"] + [Group(2, s, 3, 2) for s in "ABC"]
LARGE = [Group(c, s, 6, 2) for c in (1, 2) for s in "ABC"]
TOGETHER = "Too few people come from some sites"


class TestJourneys:
    def test_a_sum_over_three_sites_is_told(self, small: Store) -> None:
        fill(small, EVEN)
        assert counts_of(small, km({"A": 10, "B": 20, "C": 30})).values["travel_km"] == 12 * (10 + 20 + 30)
        assert counts_of(small, km({"A": 10, "B": 20, "C": 30}, "Cohort 1")).values["travel_km"] == 6 * 60

    def test_the_star_catches_the_rest_also_people_without_a_site(self, small: Store) -> None:
        fill(small, [*LARGE, Group(1, "", 4)])
        assert counts_of(small, km({"A": 10, "*": 5})).values["travel_km"] == 24 * 10 + 48 * 5 + 4 * 5

    @pytest.mark.parametrize("viewer", INSIDE, ids=lambda v: v.name)
    def test_the_sum_tells_nothing_of_a_site_with_few_people(self, small: Store, viewer: Viewer) -> None:
        """Whoever changes one small site's distance learns how often all the small ones came, and no more."""
        fill(small, [*LARGE, Group(1, "D", 2, 4), Group(1, "E", 3, 1)])
        seen = policy_for(viewer.role, viewer.row_level)

        def told(d: float, e: float) -> float:
            return counts_of(small, km({"A": 10, "B": 20, "C": 30, "D": d, "E": e}), seen).values["travel_km"]

        shown = 24 * (10 + 20 + 30)
        # 8 attendances from D and 3 from E, at the average of the two.
        assert told(100, 50) == shown + 11 * 75
        assert told(102, 50) - told(100, 50) == told(100, 52) - told(100, 50) == 11
        assert any(TOGETHER in n for n in counts_of(small, km({"A": 10, "B": 20, "C": 30, "D": 1, "E": 2})).notes)

    def test_sites_without_a_line_save_nothing_and_are_named(self, small: Store) -> None:
        fill(small, [*EVEN, Group(2, "D", 4)])
        found = counts_of(small, km({"A": 10, "B": 20, "C": 30}))
        assert found.values["travel_km"] == 12 * 60
        assert any("without a line in the ledger" in note for note in found.notes)
        told = counts_of(small, km({"A": 10, "B": 20, "C": 30, "D": 0})).notes
        assert all(TOGETHER in note for note in told)
        assert counts_of(small, km({"Nowhere": 10})).missing["travel_km"] == UNKNOWN_SITES

    @pytest.mark.parametrize("viewer", INSIDE, ids=lambda v: v.name)
    def test_two_sites_are_too_few(self, small: Store, viewer: Viewer) -> None:
        fill(small, EVEN)
        assert counts_of(small, km({"A": 10, "B": 20, "C": 0})).missing["travel_km"] == HIDDEN_SITES
        with pytest.raises(UserError, match="one or two sites supply most"):
            draft_of(small, km({"A": 10, "B": 20}), viewer)

    def test_a_site_spelt_in_two_ways_is_one_site(self, small: Store) -> None:
        fill(small, [Group(1, s, 4, 2) for s in ("A clinic", "a-Clinic", "B")])
        assert counts_of(small, km({"A Clinic": 10, "B": 10})).missing["travel_km"] == HIDDEN_SITES

    def test_two_sites_that_supply_nine_tenths_hide_the_sum(self, small: Store) -> None:
        fill(small, EVEN)
        assert "travel_km" not in counts_of(small, km({"A": 45, "B": 45, "C": 10})).values
        assert counts_of(small, km({"A": 44, "B": 45, "C": 10})).values["travel_km"] == 12 * 99

    def test_one_dominated_cohort_hides_the_network(self, small: Store) -> None:
        """Else the network less the other cohort would tell it."""
        fill(small, [*EVEN[:3], Group(2, "A", 9, 4), Group(2, "B", 1), Group(2, "C", 1)])
        sites = {"A": 10, "B": 10, "C": 10}
        assert counts_of(small, km(sites, "Cohort 1")).values["travel_km"] == 18 * 10
        assert counts_of(small, km(sites, "Cohort 2")).missing["travel_km"] == HIDDEN_SITES
        assert counts_of(small, km(sites)).missing["travel_km"] == HIDDEN_SITES
        # Over all of them no site dominates: only the look at each cohort hides it.
        whole = {"A": 6 + 36, "B": 6 + 1, "C": 6 + 1}
        assert sum(sorted(whole.values())[1:]) < 0.9 * sum(whole.values())

    def test_behind_a_sum_stand_the_people_of_its_sites(self, small: Store) -> None:
        """Three sites of one person each among thirty people: three people's journeys."""
        fill(small, [Group(1, "big", 27, 4), *(Group(1, s, 1, 4) for s in "ABC")])
        assert counts_of(small, km({"A": 10, "B": 10, "C": 10})).missing["travel_km"] == HIDDEN_SITES

    def test_also_in_each_cohort(self, small: Store) -> None:
        fill(small, [*EVEN[:3], *(Group(2, s, 1, 2) for s in "ABC")])
        assert counts_of(small, km({"A": 10, "B": 10, "C": 10}, "Cohort 1")).values["travel_km"] == 180
        assert counts_of(small, km({"A": 10, "B": 10, "C": 10})).missing["travel_km"] == HIDDEN_SITES


def test_a_release_tells_nothing_of_a_discipline_that_is_small_in_one_cohort(small: Store, tmp_path: Path) -> None:
    """Ledgers of the network and of both cohorts in one release: what is told, and what can be worked out of it."""
    groups = [
        Group(1, "A", 20, 2, "nursing"),
        Group(1, "A", 3, 2, "medicine"),
        Group(1, "A", 14, 2, "pharmacy"),
        Group(2, "A", 20, 3, "nursing"),
        Group(2, "A", 16, 3, "medicine"),
        Group(2, "A", 15, 1, "pharmacy"),
    ]
    fill(small, groups)
    prices = {"nursing": 50, "medicine": 90, "pharmacy": 60}
    priced = line("time", None, 20.0, quantity_from="attended_hours", by_discipline=prices)
    for name, cohort in (("net", ""), ("one", "Cohort 1"), ("two", "Cohort 2")):
        path = tmp_path / f"{name}.toml"
        path.write_text(to_toml(parse_ledger(ledger_of("Net", cohort, cost=[priced]))), encoding="utf-8")
        assert import_path(small, path, "Net").status == "loaded"
    hours = {(g.cohort, g.discipline): float(g.people * g.times) for g in groups}
    for preset in Preset:
        request = Request("For the funder", preset, pages=("roi", "attendance"), breakdowns=tuple(Breakdown))
        release = build(small, LOCAL_OWNER, request, [], 1, datetime(2026, 6, 1), small.hashed).release
        told: dict[str, dict[str, float]] = {}
        for scope in release.scopes:
            for result in scope.answers["roi"].results:
                if result.measure == "ledger":
                    terms = result.extra["model"]["terms"]
                    told[result.extra["about"]["cohort"]] = {t["key"]: t["count"] for t in terms if t["line"] == "time"}
        together = hours[1, "medicine"] + hours[1, "pharmacy"]
        assert told["Cohort 1"] == {"time:nursing": 40.0, "time": together}, preset
        assert told["Cohort 2"] == {"time:nursing": 60.0, "time:medicine": 48.0, "time:pharmacy": 15.0}, preset
        # The network less cohort 2 gives no more of cohort 1 than its own ledger does.
        assert told[""] == {"time:nursing": 100.0, "time": together + 48.0 + 15.0}, preset


@pytest.mark.parametrize(
    ("asked", "network", "cohort"),
    [
        ((), False, False),
        ((Breakdown.DISCIPLINE,), True, False),
        ((Breakdown.DISCIPLINE, Breakdown.COHORT_BY_DISCIPLINE), True, True),
    ],
)
def test_a_release_prices_disciplines_apart_only_if_it_was_asked_for_them(
    small: Store, asked: tuple[Breakdown, ...], network: bool, cohort: bool
) -> None:
    fill(small, [Group(c, s, 20, 2, d) for c in (1, 2) for s in "ABC" for d in ("nursing", "social_work")])
    for name in ("", "Cohort 1", "Cohort 2"):
        body = ledger_of("Net", name, cost=[time_line()])
        assert import_bytes(small, f"ledger{name}.toml", to_toml(parse_ledger(body)).encode()).status == "loaded"
    request = Request("For the funder", Preset.STANDARD, pages=("roi",), breakdowns=(Breakdown.COHORT, *asked))
    release = build(small, LOCAL_OWNER, request, [], 1, datetime(2026, 6, 1), small.hashed).release
    found: dict[bool, set[bool]] = {True: set(), False: set()}
    for scope in release.scopes:
        for r in scope.answers["roi"].results:
            if r.measure == "ledger":
                apart = any(":" in line["key"] for line in r.extra["lines"])
                found[bool(r.extra["about"]["cohort"])].add(apart)
    assert found == {False: {network}, True: {cohort}}
