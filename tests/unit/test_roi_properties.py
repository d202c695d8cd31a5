"""Laws of a ledger: what is written comes back, what is moved comes back, and more cost is never more return."""

from __future__ import annotations

import json
import math
import tomllib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from echo_metrics.errors import UserError
from echo_metrics.ingest.ledger_document import ledger_document
from echo_metrics.ingest.source import open_document
from echo_metrics.ledger_files.sheets import to_document, to_sheets
from echo_metrics.ledger_files.toml_text import to_toml
from echo_metrics.ledger_files.workbook import to_workbook
from echo_metrics.roi.amounts import Amount
from echo_metrics.roi.document import as_document
from echo_metrics.roi.figures import roi_figures, thresholds
from echo_metrics.roi.finance import payback, sroi
from echo_metrics.roi.ledger import Ledger
from echo_metrics.roi.model import Counted, Model, build_model, net
from echo_metrics.roi.parse import parse_ledger
from tests.ledgers import HEAD, RICH_COUNTS, assumption, documents, line, rich, spread

few = settings(max_examples=40, deadline=None)


def made(costs: list[dict[str, Any]], benefits: list[dict[str, Any]], **more: Any) -> Ledger:
    return parse_ledger({**HEAD, **more, "cost": costs, "benefit": benefits})


def base_net(model: Model) -> float:
    return float(net(model, model.base))


# ------------------------------------------------------------------------------------------------- there and back
@few
@given(documents())
def test_a_ledger_comes_back_from_its_document_and_from_toml(document: dict[str, Any]) -> None:
    ledger = parse_ledger(document)
    assert parse_ledger(as_document(ledger)) == ledger
    assert parse_ledger(tomllib.loads(to_toml(ledger))) == ledger


@few
@given(documents(moments=False))
def test_a_ledger_comes_back_from_its_tables(document: dict[str, Any]) -> None:
    ledger = parse_ledger(document)
    assert parse_ledger(to_document(to_sheets(ledger))) == ledger


@few
@given(documents())
def test_a_ledger_comes_back_from_its_workbook(document: dict[str, Any]) -> None:
    """Distributions that do not fit three cells come back as named assumptions; the second time nothing changes."""
    ledger = parse_ledger(document)
    model = build_model(ledger, RICH_COUNTS)
    assume(costs_something(model))
    first = parse_ledger(through_workbook(ledger))
    again = build_model(first, RICH_COUNTS)
    assert [(t.key, t.label, t.counted, t.whose_budget) for t in again.terms] == [
        (t.key, t.label, t.counted, t.whose_budget) for t in model.terms
    ]
    figures, found = roi_figures(model), roi_figures(again)
    for one, two in zip(figures.lines, found.lines, strict=True):
        for end in ("low", "base", "high"):
            assert getattr(two.amount, end) == pytest.approx(getattr(one.amount, end), rel=1e-9, abs=1e-9)
    assert replace(first, lines=(), assumptions=()) == replace(ledger, lines=(), assumptions=())
    assert parse_ledger(through_workbook(first)) == first


def through_workbook(ledger: Ledger) -> dict[str, Any]:
    book = to_workbook(ledger, build_model(ledger, RICH_COUNTS))
    return ledger_document(open_document("ledger.xlsx", book))


def costs_something(model: Model) -> bool:
    try:
        roi_figures(model)
    except UserError:
        return False
    return True


def test_the_rich_ledger_comes_back_with_its_correlations() -> None:
    ledger = parse_ledger(rich())
    assert parse_ledger(tomllib.loads(to_toml(ledger))) == ledger
    back = parse_ledger(through_workbook(ledger))
    assert [(c.first, c.second, c.rho) for c in back.correlations] == [
        ("not_made", "travel.unit_value", -0.4),
        ("hosting.quantity", "hour", 0.5),
    ]
    # The correlated input itself becomes an assumption: the correlation follows it.
    data = rich()
    data["benefit"][0]["unit_value"] = spread(0.5, 0.61, 0.7, distribution="uniform")
    data["cost"].append(line("travel_unit_value", 1, 1))
    moved = parse_ledger(through_workbook(parse_ledger(data)))
    assert moved.correlations[0].second == "travel_unit_value_2"
    assert {a.key: a.amount.shape for a in moved.assumptions}["travel_unit_value_2"] == "uniform"


def test_the_table_on_the_screen_holds_numbers_as_they_are() -> None:
    """Keys and sources that somebody typed as numbers keep all their digits."""
    sheets = to_sheets(parse_ledger(rich()))
    sheets.rows["Lines"][0].update(source=12345678, owner=0.25)
    found = parse_ledger(to_document(sheets)).costs[0]
    assert (found.source, found.owner) == ("12345678", "0.25")


@few
@given(documents())
def test_a_model_comes_back_from_its_json(document: dict[str, Any]) -> None:
    model = build_model(parse_ledger(document), RICH_COUNTS)
    text = json.dumps(model.as_json(), allow_nan=False)
    assert Model.from_json(json.loads(text)) == model


@few
@given(documents(), st.data())
def test_what_is_moved_within_its_range_comes_back(document: dict[str, Any], data: st.DataObject) -> None:
    model = build_model(parse_ledger(document), RICH_COUNTS)
    assert model.with_changes({i.key: i.amount.base for i in model.inputs}) == model
    plain = [i for i in model.inputs if not i.amount.shape.by_moments]
    assume(plain)
    chosen = data.draw(st.sampled_from(plain))
    value = data.draw(st.floats(chosen.amount.low, chosen.amount.high))
    moved = model.with_changes({chosen.key: value})
    assert moved.inputs[moved.place(chosen.key)].amount.base == value
    assert moved.with_changes({chosen.key: chosen.amount.base}) == model


# --------------------------------------------------------------------------------------------------- which way it goes
@few
@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 500), st.floats(0, 500))
def test_one_shared_assumption_moves_every_line_that_names_it(a: float, b: float, x: float, y: float) -> None:
    costs = [line("hub", 1, 100), line("time", 3, "hour")]
    gains = [line("one", 2, "hour", deadweight="lost"), line("two", 5, "hour", deadweight="lost")]
    ledger = made(costs, gains, assumption=[assumption("hour", x), assumption("lost", a)])
    model = build_model(ledger, Counted({}))
    assert base_net(model) == pytest.approx(7 * x * (1 - a) - 3 * x - 100, abs=1e-6)
    moved = model.with_changes({"lost": b, "hour": y})
    assert base_net(moved) == pytest.approx(7 * y * (1 - b) - 3 * y - 100, abs=1e-6)


@few
@given(documents(), st.data())
def test_more_cost_less_return_and_more_deadweight_less_benefit(document: dict[str, Any], data: st.DataObject) -> None:
    model = build_model(parse_ledger(document), RICH_COUNTS)
    chosen = data.draw(st.sampled_from(model.inputs))
    more = data.draw(st.floats(0, 1)) if chosen.sort == "share" else chosen.amount.base + data.draw(st.floats(0, 1e5))
    up = more >= chosen.amount.base
    before, after = base_net(model), base_net(model.with_changes({chosen.key: more}))
    uses = {
        (t.kind.value, name)
        for t in model.terms
        for name, position in t.uses.items()
        if t.counted and model.inputs[position].key == chosen.key
    }
    slack = 1e-9 * (1 + abs(before) + abs(after)) + 1e-6
    if {kind for kind, _ in uses} == {"cost"}:
        assert (after <= before + slack) if up else (after >= before - slack)
    lowers = {("benefit", n) for n in ("deadweight", "displacement", "attribution_to_others", "drop_off")}
    if uses and uses <= lowers:
        assert (after <= before + slack) if up else (after >= before - slack)


def test_an_assumption_that_is_a_share_anywhere_stays_one() -> None:
    gains = [line("people", "x", 5, unit="people"), line("loss", 1, 5, deadweight="x")]
    for order in (gains, gains[::-1]):
        ledger = made([line("hub", 1, 1)], order, assumption=[assumption("x", 0.5)])
        model = build_model(ledger, Counted({}))
        with pytest.raises(UserError, match="a share from 0 to 1"):
            model.with_changes({"x": 2.0})


# -------------------------------------------------------------------------------------------------------- by hand
def test_foreign_money_of_another_year_by_hand() -> None:
    tables = {
        "rate": [{"currency": "USD", "year": 2018, "rate": 1.3, "source": "bank"}],
        "price_index": [
            {"year": 2018, "index": 110, "source": "office"},
            {"year": 2020, "index": 121, "source": "office"},
        ],
    }
    costs = [
        line("us", 2, 50, currency="USD", price_year=2018),
        line("old", 1, 100, price_year=2018),
        line("new", 1, 7),
    ]
    figures = roi_figures(build_model(made(costs, [], **tables), Counted({})))
    # 2 x 50 dollars at 1.3 of 2018, prices up by a tenth; 100 of 2018; 7 of today.
    assert [f.amount.base for f in figures.lines] == [pytest.approx(143), pytest.approx(110), pytest.approx(7)]
    assert figures.lines[0].unit_value.base == pytest.approx(71.5)


@few
@given(
    st.floats(0, 1e4), st.floats(0, 1e4), st.floats(1, 1e6), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1),
    st.floats(0, 1), st.integers(1, 12), st.floats(0, 0.5),
)  # fmt: skip
def test_the_social_return_of_one_line_is_the_guides(
    quantity: float, proxy: float, spent: float, dead: float, others: float, moved: float, fades: float, years: int,
    rate: float,
) -> None:  # fmt: skip
    shares = {"deadweight": dead, "attribution_to_others": others, "displacement": moved, "confidence": 0.5}
    if years > 1:
        shares["drop_off"] = fades
    gain = line("gain", quantity, proxy, years=years, **shares)
    found = roi_figures(build_model(made([line("hub", 1, spent)], [gain], discount_rate=rate), Counted({})))
    told = sroi(
        quantity, proxy, spent, deadweight=dead, attribution=others, displacement=moved,
        drop_off=fades if years > 1 else 0.0, years=years, rate=rate,
    )  # fmt: skip
    assert found.sroi == pytest.approx(told.ratio, rel=1e-9, abs=1e-12)


@few
@given(st.floats(1, 1e5), st.floats(0, 1e4), st.floats(0, 1e5), st.floats(0, 0.9), st.integers(1, 8), st.integers(1, 8))
def test_payback_is_that_of_the_flows(
    outlay: float, yearly: float, gain: float, fades: float, years: int, cost_years: int
) -> None:
    costs = [line("hub", 1, outlay), line("licence", 1, yearly, years=cost_years)]
    gains = [line("gain", 1, gain, years=years, **({"drop_off": fades} if years > 1 else {}))]
    found = roi_figures(build_model(made(costs, gains), Counted({})))
    span = max(years, cost_years)
    flows = [
        (gain * (1 - fades * (years > 1)) ** t if t < years else 0.0) - (yearly if 0 < t < cost_years else 0.0)
        for t in range(span)
    ]
    told = payback(outlay + yearly, flows).simple_years
    assert found.payback_years == (None if told is None else pytest.approx(told))
    assert (found.payback_reason is None) == (told is not None)


@few
@given(documents())
def test_thresholds_are_zeros_of_the_net_benefit(document: dict[str, Any]) -> None:
    model = build_model(parse_ledger(document), RICH_COUNTS)
    scale = 1 + sum(abs(f.amount.base) for f in roi_figures(model).lines) if costs_something(model) else math.inf
    assume(math.isfinite(scale))
    for found in thresholds(model):
        if found.value is None:
            assert found.reason
            continue
        values = model.base
        values[model.place(found.key)] = found.value
        assert abs(float(net(model, values))) <= 1e-6 * scale * max(1.0, found.value)


def test_a_threshold_between_two_losses_is_not_denied() -> None:
    """The share p both loses (deadweight) and counts (confidence): the benefit p (1 - p) is lost at both ends."""
    gain = line("gain", 1, 100, deadweight="p", confidence="p")
    ledger = made([line("hub", 1, 16)], [gain], assumption=[assumption("p", spread(0.1, 0.5, 0.9))])
    found = thresholds(build_model(ledger, Counted({})))[0]
    # 100 p (1 - p) = 16 at 0.2 and 0.8: either, as both lie as near to the base.
    assert found.value is not None
    assert min(abs(found.value - 0.2), abs(found.value - 0.8)) < 1e-6


# ------------------------------------------------------------------------------------------------ published examples
class TestPublished:
    def figures(self, costs: list[dict[str, Any]], gains: list[dict[str, Any]], **more: Any) -> Any:
        return roi_figures(build_model(made(costs, gains, **more), Counted({})))

    def test_phillips(self) -> None:
        """ROI Institute: 750,000 for 425,000 is a ratio of 1.76 and a return of 76%."""
        found = self.figures([line("all", 1, 425_000)], [line("gain", 1, 750_000)])
        assert (round(found.bcr.base, 2), round(found.roi_percent.base)) == (1.76, 76)
        # Adjusted benefit = estimate x share attributed x confidence, here half of it and 80% sure.
        less = self.figures(
            [line("all", 1, 425_000)], [line("gain", 1, 750_000, attribution_to_others=0.5, confidence=0.8)]
        )
        assert less.total_benefits.base == pytest.approx(300_000)

    def test_echo_diabetes_with_and_without_the_filters(self) -> None:
        plain = self.figures([line("all", 1, 513_257)], [line("care", 1671, 3205.95)])
        assert plain.bcr.base == pytest.approx(10.4, abs=0.05)
        half = self.figures(
            [line("all", 1, 513_257)], [line("care", 1671, 3205.95, deadweight=0.5, attribution_to_others=0.5)]
        )
        assert half.roi_percent.base == pytest.approx(161, abs=0.5)
        assert half.total_benefits.base == pytest.approx(plain.total_benefits.base / 4)

    def test_sroi_filter_arithmetic(self) -> None:
        """100 outcomes at 1,000: 40% would have happened anyway, 10% displaced, 25% others', fading by half."""
        gain = line(
            "outcome", 100, 1000, deadweight=0.4, displacement=0.1, attribution_to_others=0.25, years=3, drop_off=0.5
        )
        found = self.figures([line("all", 1, 40_000)], [gain], discount_rate=0.0)
        # 100,000 x 0.6 x 0.9 x 0.75 = 40,500; then 20,250 and 10,125.
        assert found.total_benefits.base == pytest.approx(40_500 + 20_250 + 10_125)
        assert found.sroi == pytest.approx(70_875 / 40_000)
        discounted = self.figures([line("all", 1, 40_000)], [gain], discount_rate=0.035)
        expected = 40_500 / 1.035 + 20_250 / 1.035**2 + 10_125 / 1.035**3
        assert discounted.sroi == pytest.approx(expected / 40_000)

    def test_retention_of_nurses_closes_at_46_000(self) -> None:
        """NAP 10851, page 320: 600 nurses of whom 20% leave cost 5.52 million a year at 46,000 each, not at 64,000."""
        for each, total in ((46_000, 5_520_000), (64_000, 7_680_000)):
            found = self.figures([line("all", 1, 1)], [line("retention", 600 * 0.2, each)])
            assert found.total_benefits.base == pytest.approx(total)
        off = self.figures([line("all", 1, 1)], [line("retention", 120, 46_000, enabled=False)])
        assert off.total_benefits == Amount(0, 0, 0)
