"""Return on investment: published examples, a ledger worked by hand, every refusal, and the demonstration ledgers."""

from __future__ import annotations

import copy
import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from echo_metrics.errors import UserError
from echo_metrics.roi.amounts import Amount
from echo_metrics.roi.fields import LedgerError
from echo_metrics.roi.figures import NO_PARTICIPANT_TIME, RoiFigures, roi_figures, thresholds, tornado
from echo_metrics.roi.ledger import RETENTION_NOTE, SITE_QUANTITIES, STORE_QUANTITIES, Ledger, StoreQuantity
from echo_metrics.roi.model import Counted, Model, build_model
from echo_metrics.roi.parse import parse_ledger

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "data" / "demo" / "roi"
REFERENCE = ROOT / ".." / "shared" / "reference" / "statistics.json"
BASIS = {"source": "invoice", "owner": "Hub manager"}

HEAD: dict[str, Any] = {
    "format": "echo-metrics-ledger",
    "version": 1,
    "title": "A ledger",
    "network": "A network",
    "currency": "CAD",
    "price_year": 2020,
    "prepared_by": "Somebody",
    "date": "2020-07-31",
}


def cost(key: str = "hub", quantity: Any = 1, unit_value: Any = 1, **more: Any) -> dict[str, Any]:
    return {"key": key, "label": key.title(), "quantity": quantity, "unit_value": unit_value, **BASIS, **more}


def ledger(costs: list[dict[str, Any]], benefits: list[dict[str, Any]]) -> Ledger:
    return parse_ledger({**HEAD, "cost": costs, "benefit": benefits})


def model(made: Ledger, counts: dict[str, float]) -> Model:
    return build_model(made, Counted(counts))


def figures_of(made: Ledger, counts: dict[str, float]) -> RoiFigures:
    return roi_figures(model(made, counts))


def by_hand() -> dict[str, Any]:
    """Costs 800 / 1,000 / 1,300, benefits 400 / 1,250 / 2,400."""
    return {
        **HEAD,
        "cost": [
            cost("hub", 10, {"low": 40, "base": 50, "high": 60}, whose_budget="Hub"),
            cost("time", {"low": 20, "base": 25, "high": 35}, 20, whose_budget="Employers"),
        ],
        "benefit": [
            cost(
                "travel",
                100,
                {"low": 10, "base": 20, "high": 25},
                deadweight={"low": 0.2, "base": 0.5, "high": 0.6},
                whose_budget="Employers",
            ),
            cost("fees", {"low": 0, "base": 5, "high": 8}, 125, displacement=0.2, attribution_to_others=0.5),
            cost("retention", 1, 9999, enabled=False, note="Off by default."),
        ],
    }


class TestPublishedExamples:
    def test_phillips(self) -> None:
        figures = figures_of(ledger([cost(unit_value=425_000)], [cost("gain", unit_value=750_000)]), {})
        assert figures.bcr.base == pytest.approx(1.76, abs=0.005)
        assert figures.roi_percent.base == pytest.approx(76, abs=0.5)

    def test_echo_diabetes(self) -> None:
        costs = [cost(unit_value=513_257)]
        plain = figures_of(ledger(costs, [cost("care", 1671, 3205.95)]), {})
        assert plain.bcr.base == pytest.approx(10.4, abs=0.05)
        assert plain.roi_percent.base == pytest.approx(944, abs=0.5)
        shared = cost("care", 1671, 3205.95, deadweight=0.5, attribution_to_others=0.5)
        assert figures_of(ledger(costs, [shared]), {}).roi_percent.base == pytest.approx(161, abs=0.5)

    def test_sales_simulator(self) -> None:
        if not REFERENCE.exists():
            pytest.skip("../shared/reference/statistics.json is not beside the repository")
        checks = json.loads(REFERENCE.read_text(encoding="utf-8"))["checks"]
        record = next(check for check in checks if check["name"] == "bcr_roi_sales_simulator")
        inputs, expected = record["inputs"], record["expected"]
        figures = figures_of(
            ledger(
                [cost(unit_value=inputs["costs"])],
                [cost("sales", quantity=inputs["revenue_gain"], unit_value=inputs["margin"])],
            ),
            {},
        )
        assert figures.total_benefits.base == pytest.approx(expected["benefits"], abs=record["tolerance"])
        assert figures.bcr.base == pytest.approx(expected["bcr"], abs=record["tolerance"])
        assert figures.roi_percent.base == pytest.approx(expected["roi_percent"], abs=record["tolerance"])


class TestByHand:
    @pytest.fixture
    def figures(self):
        return figures_of(parse_ledger(by_hand()), {"participants": 5, "sessions": 4, "attended_hours": 0})

    def test_totals(self, figures) -> None:
        assert figures.total_costs == Amount(400 + 400, 500 + 500, 600 + 700)
        # Travel 100 x 10 x 0.4, 100 x 20 x 0.5, 100 x 25 x 0.8; fees 0, 5 x 125 x 0.8 x 0.5, 8 x 125 x 0.8 x 0.5.
        assert figures.total_benefits == Amount(
            pytest.approx(400), pytest.approx(1000 + 250), pytest.approx(2000 + 400)
        )

    def test_headlines_and_their_ranges(self, figures) -> None:
        assert figures.net_benefit == Amount(pytest.approx(-900), pytest.approx(250), pytest.approx(1600))
        assert figures.bcr == Amount(pytest.approx(400 / 1300), pytest.approx(1.25), pytest.approx(3))
        assert figures.roi_percent == Amount(pytest.approx(-100 * 900 / 1300), pytest.approx(25), pytest.approx(200))

    def test_break_even(self, figures) -> None:
        assert figures.break_even_share == pytest.approx(0.8)
        lines = {line.key: line for line in figures.lines}
        # Travel must bring 1,000 - 250 = 750, at 10 a trip; fees must bring nothing beyond travel's 1,000.
        assert lines["travel"].break_even_quantity == pytest.approx(75)
        assert lines["fees"].break_even_quantity is None
        assert "cover the costs without" in lines["fees"].break_even_reason
        assert lines["hub"].break_even_quantity is None
        assert lines["retention"].break_even_quantity is None

    def test_tornado_moves_one_assumption_at_a_time(self) -> None:
        bars = tornado(model(parse_ledger(by_hand()), {}))
        assert [(bar.key, bar.at_low, bar.at_high) for bar in bars] == [
            # 100 x 20 x (1 - d) for d = 0.2 and 0.6 beside 1,000 at base; 100 x u x 0.5 for u = 10 and 25.
            ("travel.deadweight", pytest.approx(250 + 600), pytest.approx(250 - 200)),
            ("travel.unit_value", pytest.approx(250 - 500), pytest.approx(250 + 250)),
            ("fees.quantity", pytest.approx(250 - 250), pytest.approx(250 + 150)),
            ("time.quantity", pytest.approx(250 + 100), pytest.approx(250 - 200)),
            ("hub.unit_value", pytest.approx(250 + 100), pytest.approx(250 - 100)),
        ]
        assert [bar.swing for bar in bars] == [pytest.approx(x) for x in (800, 750, 400, 300, 200)]
        assert [bar.kind for bar in bars] == ["benefit", "benefit", "benefit", "cost", "cost"]

    def test_thresholds_are_where_nothing_is_left(self) -> None:
        found = {t.key: t for t in thresholds(model(parse_ledger(by_hand()), {}))}
        # Travel must bring 750: 100 x 20 x (1 - d) = 750; 100 x u x 0.5 = 750. The hub may cost 50 + 250 / 10 an hour.
        assert found["travel.deadweight"].value == pytest.approx(0.625)
        assert found["travel.unit_value"].value == pytest.approx(15)
        assert found["hub.unit_value"].value == pytest.approx(75)
        # Fees bring exactly the net benefit: without them nothing is left.
        assert found["fees.quantity"].value == pytest.approx(0)

    def test_units_that_really_count(self, figures) -> None:
        lines = {line.key: line for line in figures.lines}
        assert lines["travel"].units == pytest.approx(50)
        assert lines["travel"].break_even_units == pytest.approx(37.5)

    def test_lines_that_are_off_are_listed_and_not_counted(self, figures) -> None:
        off = [line for line in figures.lines if not line.counted]
        assert [(line.key, line.amount.base, line.note) for line in off] == [("retention", 9999, "Off by default.")]
        assert any("Listed but not counted: Retention." in note for note in figures.notes)

    def test_cost_per(self, figures) -> None:
        # An attended hour is left out: nobody attended any.
        assert {cost_per.unit: cost_per.amount.base for cost_per in figures.cost_per} == {
            "participant": 200,
            "session": 250,
        }

    def test_who_pays_and_who_gains(self, figures) -> None:
        assert [(share.budget, share.costs, share.benefits) for share in figures.budgets] == [
            ("Employers", 500, pytest.approx(1000)),
            ("Hub", 500, 0),
            ("not stated", 0, pytest.approx(250)),
        ]

    def test_a_line_worth_nothing_has_no_break_even(self) -> None:
        figures = figures_of(ledger([cost()], [cost("none", 5, 0)]), {})
        assert figures.break_even_share is None
        assert figures.break_even_reason is not None
        assert "no quantity" in (figures.lines[1].break_even_reason or "")
        assert figures.roi_percent.base == -100

    def test_a_ledger_without_benefits_is_a_loss(self) -> None:
        assert figures_of(ledger([cost()], []), {}).net_benefit.base == -1


class TestStoreQuantities:
    def test_per_multiplies_what_the_store_counted(self) -> None:
        line = cost("time", unit_value=50, quantity_from="attended_hours", per={"low": 1, "base": 1.5, "high": 2})
        del line["quantity"]
        figures = figures_of(ledger([line], []), {"attended_hours": 180})
        assert figures.total_costs == Amount(9000, 13500, 18000)
        assert figures.lines[0].quantity == Amount(180, 270, 360)

    def test_one_discipline_is_asked_for_by_name(self) -> None:
        line = cost("time", unit_value=50, quantity_from="attended_hours", discipline="social_work")
        del line["quantity"]
        drawn = ledger([line], [])
        assert [q.key for q in drawn.needs] == ["attended_hours:social_work"]
        assert drawn.costs[0].counted_from == StoreQuantity("attended_hours", discipline="social_work")
        quantities = {"attended_hours": 180.0, "attended_hours:social_work": 60.0}
        assert figures_of(drawn, quantities).total_costs.base == 3000

    def test_what_is_missing_is_named(self) -> None:
        line = cost("time", quantity_from="sessions")
        del line["quantity"]
        with pytest.raises(UserError, match="draws on sessions"):
            figures_of(ledger([line], []), {"participants": 3})
        off = ledger([cost()], [{**line, "enabled": False}])
        assert off.needs == ()
        assert figures_of(off, {}).lines[1].amount.base == 0

    @pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
    def test_impossible_counts_are_refused(self, value: float) -> None:
        with pytest.raises(UserError, match="sessions must be a number"):
            figures_of(ledger([cost()], []), {"sessions": value})


class TestNotes:
    def test_costs_without_participants_time_are_said_to_flatter(self) -> None:
        assert NO_PARTICIPANT_TIME in figures_of(ledger([cost()], []), {}).notes
        line = cost("anything", quantity_from="attended_hours")
        del line["quantity"]
        assert NO_PARTICIPANT_TIME not in figures_of(ledger([line], []), {"attended_hours": 3}).notes
        off = [cost(), {**line, "enabled": False}]
        assert NO_PARTICIPANT_TIME in figures_of(ledger(off, []), {}).notes

    def test_retention_switched_on_brings_its_note(self) -> None:
        assert RETENTION_NOTE in figures_of(ledger([cost()], [cost("retention")]), {}).notes
        assert RETENTION_NOTE not in figures_of(ledger([cost()], [cost("retention", enabled=False)]), {}).notes


class TestNothingCosts:
    def test_zero_costs_are_refused(self) -> None:
        with pytest.raises(UserError, match="add up to zero"):
            figures_of(ledger([cost(unit_value=0)], [cost("gain")]), {})
        with pytest.raises(UserError, match="add up to zero"):
            figures_of(ledger([cost(enabled=False)], [cost("gain")]), {})
        with pytest.raises(UserError, match="low ends"):
            figures_of(ledger([cost(unit_value={"low": 0, "base": 1, "high": 2})], []), {})


def _set(*path: Any, to: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        place: Any = data
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return change


def _remove(*path: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        place: Any = data
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return change


REFUSALS: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (_set("format", to="csv"), 'ledger: format must be "echo-metrics-ledger".'),
    (_set("version", to=2), "ledger: version must be 1."),
    (_remove("title"), "ledger: title is missing."),
    (_set("network", to=" "), "ledger: network is empty."),
    (_set("network", to=3), "ledger: network must be text."),
    (_remove("currency"), "ledger: currency is missing."),
    (_remove("price_year"), "ledger: price_year is missing; amounts of different years can't be added."),
    (_set("price_year", to="2020"), "ledger: price_year is '2020'; it must be a year such as 2020."),
    (_set("price_year", to=20), "ledger: price_year is 20; it must be a year such as 2020."),
    (_remove("date"), "ledger: date is missing."),
    (_set("date", to="July"), "ledger: date must be a date such as 2020-07-31."),
    (_set("cots", to=[]), "ledger: unknown key 'cots'."),
    (_set("cost", to=[]), "ledger: there are no cost lines; a return without costs means nothing."),
    (_remove("cost"), "ledger: there are no cost lines; a return without costs means nothing."),
    (_set("cost", to={}), "ledger: cost must be a list of tables ([[cost]])."),
    (_set("benefit", 0, "key", to="hub"), "ledger: two lines have the key 'hub'."),
    (_set("cost", 0, "amount", to=3), "cost 'hub': unknown key 'amount'."),
    (_set("cost", 0, "deadweight", to=0.5), "cost 'hub': deadweight belongs to benefits, not to costs."),
    (
        _set("benefit", 0, "programme_share", to=0.5),
        "benefit 'travel': programme_share is what the programme caused; write attribution_to_others, what others "
        "caused (1 minus it).",
    ),
    (_remove("cost", 0, "key"), "cost 1: key is missing."),
    (_remove("cost", 1, "label"), "cost 'time': label is missing."),
    (_remove("cost", 1, "source"), "cost 'time': source is missing."),
    (_set("cost", 1, "owner", to=""), "cost 'time': owner is empty."),
    (_remove("cost", 1, "unit_value"), "cost 'time': unit_value is missing."),
    (_remove("cost", 1, "quantity"), "cost 'time': quantity (or quantity_from) is missing."),
    (_set("cost", 1, "quantity", to=-2), "cost 'time': quantity is -2; it must not be negative."),
    (
        _set("cost", 1, "quantity", to="ten"),
        "cost 'time': quantity names the assumption 'ten', which the ledger does not have.",
    ),
    (_set("cost", 1, "quantity", to=True), "cost 'time': quantity must be a number."),
    (_set("cost", 1, "quantity", to=float("nan")), "cost 'time': quantity must be a number."),
    (_set("cost", 1, "unit_value", to=-0.5), "cost 'time': unit_value is -0.5; it must not be negative."),
    (
        _set("cost", 1, "quantity", to={"low": 5, "base": 4, "high": 3}),
        "cost 'time': quantity: low 5 is above high 3.",
    ),
    (
        _set("cost", 1, "quantity", to={"low": 1, "base": 4, "high": 3}),
        "cost 'time': quantity: base 4 lies outside low 1 to high 3.",
    ),
    (
        _set("cost", 1, "quantity", to={"low": 1, "high": 3}),
        "cost 'time': quantity must be a number or have exactly low, base and high (and a distribution if wanted).",
    ),
    (_set("cost", 1, "quantity_from", to="sessions"), "cost 'time': give quantity or quantity_from, not both."),
    (_set("cost", 1, "per", to=2), "cost 'time': per goes with quantity_from only."),
    (_set("cost", 1, "discipline", to="nursing"), "cost 'time': discipline goes with quantity_from only."),
    (
        _set("cost", 1, "currency", to="USD"),
        "cost 'time': currency USD differs from the ledger's CAD; convert it first, or state the exchange rate of USD "
        "for 2020 in a [[rate]].",
    ),
    (_set("cost", 1, "enabled", to="yes"), "cost 'time': enabled must be true or false."),
    (_set("cost", 1, "date", to=2020), "cost 'time': date must be a date such as 2020-07-31."),
    (_set("cost", 1, to=7), "cost 2: must be a table ([[cost]])."),
    (
        _set("benefit", 0, "deadweight", to=50),
        "benefit 'travel': deadweight is 50; write a share between 0 and 1; 50 percent is 0.5.",
    ),
    (
        _set("benefit", 0, "displacement", to=-0.1),
        "benefit 'travel': displacement is -0.1; write a share between 0 and 1.",
    ),
    (
        _set("benefit", 0, "attribution_to_others", to={"low": 0.1, "base": 0.5, "high": 1.5}),
        "benefit 'travel': attribution_to_others.high is 1.5; write a share between 0 and 1; 1.5 percent is 0.015.",
    ),
]


class TestRefusals:
    @pytest.mark.parametrize(("change", "sentence"), REFUSALS, ids=[sentence for _, sentence in REFUSALS])
    def test_one_problem_gives_its_one_sentence(self, change: Callable[..., None], sentence: str) -> None:
        data = by_hand()
        change(data)
        with pytest.raises(LedgerError) as refused:
            parse_ledger(data)
        assert refused.value.problems == (sentence,)
        assert sentence in str(refused.value)

    def test_a_store_quantity_must_exist(self) -> None:
        data = by_hand()
        del data["cost"][0]["quantity"]
        data["cost"][0]["quantity_from"] = "hours"
        with pytest.raises(LedgerError, match="must be one of sessions, participants, attended_hours, attendances"):
            parse_ledger(data)
        data["cost"][0] |= {"quantity_from": "sessions", "discipline": "nursing"}
        with pytest.raises(LedgerError, match="sessions can't be limited to a discipline"):
            parse_ledger(data)

    def test_all_problems_come_at_once(self) -> None:
        data = by_hand()
        for change in (
            _remove("price_year"),
            _set("cost", 0, "unit_value", to=-1),
            _set("benefit", 0, "deadweight", to=50),
            _set("benefit", 1, "colour", to="red"),
        ):
            change(data)
        with pytest.raises(LedgerError) as refused:
            parse_ledger(data)
        assert len(refused.value.problems) == 4
        assert str(refused.value).startswith("The ledger has 4 problems:\n- ledger: price_year is missing")

    def test_the_input_is_left_as_it_was(self) -> None:
        data = by_hand()
        kept = copy.deepcopy(data)
        parse_ledger(data)
        assert data == kept

    def test_a_line_takes_the_date_of_its_ledger(self) -> None:
        data = by_hand()
        data["cost"][0]["date"] = "2019-01-02"
        lines = parse_ledger(data).costs
        assert [line.date.isoformat() for line in lines] == ["2019-01-02", "2020-07-31"]


amounts = st.lists(st.floats(0, 1000), min_size=3, max_size=3).map(sorted)
fractions = st.lists(st.floats(0, 1), min_size=3, max_size=3).map(sorted)


def as_range(values: list[float]) -> dict[str, float]:
    return dict(zip(("low", "base", "high"), values, strict=True))


@given(
    st.lists(st.tuples(amounts, amounts), min_size=1, max_size=4),
    st.lists(st.tuples(amounts, amounts, fractions, fractions), max_size=4),
)
@settings(deadline=None)
def test_every_range_holds_its_base(costs: list, benefits: list) -> None:
    assume(sum(quantity[0] * value[0] for quantity, value in costs) > 1)
    made = ledger(
        [cost(f"c{i}", as_range(q), as_range(v)) for i, (q, v) in enumerate(costs)],
        [
            cost(f"b{i}", as_range(q), as_range(v), deadweight=as_range(d), attribution_to_others=as_range(a))
            for i, (q, v, d, a) in enumerate(benefits)
        ],
    )
    figures = figures_of(made, {"participants": 7})
    headlines = [figures.total_costs, figures.total_benefits, figures.net_benefit, figures.bcr, figures.roi_percent]
    for amount in [*headlines, figures.cost_per[0].amount, *(line.amount for line in figures.lines)]:
        assert amount is not None
        assert amount.low <= amount.base <= amount.high
    bars = tornado(model(made, {"participants": 7}))
    swings = [bar.swing for bar in bars]
    assert swings == sorted(swings, reverse=True)
    for bar in bars:
        low, high = sorted((bar.at_low, bar.at_high))
        slack = 1e-9 * (1 + abs(figures.net_benefit.base) + figures.total_benefits.high + figures.total_costs.high)
        assert low - slack <= figures.net_benefit.base <= high + slack
        assert figures.net_benefit.low - slack <= low
        assert high <= figures.net_benefit.high + slack
    assert figures.roi_percent.base == pytest.approx(
        100 * figures.net_benefit.base / figures.total_costs.base, rel=1e-9, abs=1e-9
    )


NETWORKS = {
    "psychosocial": "Psychosocial Palliative Care",
    "chronic_pain": "Chronic Pain",
    "care_homes": "Care Homes",
    "pharmacists": "Community Pharmacists",
}


def demo(name: str) -> Ledger:
    return parse_ledger(tomllib.loads((DEMO / f"roi_{name}.toml").read_text(encoding="utf-8")))


class TestDemonstration:
    @pytest.mark.parametrize("name", NETWORKS)
    def test_each_ledger_is_whole(self, name: str) -> None:
        found = demo(name)
        assert (found.network, found.cohort) == (NETWORKS[name], "Cohort 1")
        assert (found.currency, found.price_year) == ("CAD", 2020)
        keys = {line.key for line in found.costs if line.enabled}
        assert {"facilitation", "administration_it", "specialist_panel", "platform", "evaluation"} <= keys
        time = next(line for line in found.costs if line.key == "participant_time")
        assert time.enabled
        assert time.counted_from == StoreQuantity("attended_hours")
        retention = next(line for line in found.benefits if line.key == "retention")
        assert not retention.enabled
        assert "ASPE" in retention.note
        assert all(line.source and line.owner for line in found.lines)
        assert {q.name for q in found.needs} <= {*STORE_QUANTITIES, *SITE_QUANTITIES}

    def test_psychosocial_pays_modestly(self) -> None:
        counts = {"sessions": 6.0, "participants": 26.0, "attendances": 130.0, "attended_hours": 150.0}
        journeys = {"travel_km": 16_000.0, "travel_hours": 270.0, "travel_nights": 16.0}
        figures = figures_of(demo("psychosocial"), counts | journeys)
        assert 0 < figures.net_benefit.base < 0.5 * figures.total_costs.base
        assert figures.net_benefit.low < 0 < figures.net_benefit.high

    @pytest.mark.parametrize("participants", [10, 28, 60])
    def test_care_homes_do_not(self, participants: int) -> None:
        # Four attendances of 75 minutes each.
        counts = {"sessions": 6.0, "participants": float(participants), "attendances": 4.0 * participants}
        figures = figures_of(demo("care_homes"), counts | {"attended_hours": 5.0 * participants})
        assert figures.net_benefit.base < 0
        assert figures.break_even_share is not None
        assert figures.break_even_share > 1
