"""What a ledger is refused for: a sentence that names line and field, from TOML, a workbook, or any cells at all."""

from __future__ import annotations

import contextlib
import copy
import io
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from echo_metrics.cli import main
from echo_metrics.definitions.presets import PRESETS, preset_text
from echo_metrics.errors import UserError
from echo_metrics.ingest.ledger_document import ledger_document
from echo_metrics.ingest.source import open_document
from echo_metrics.ledger_files.sheets import COLUMNS, Sheets, to_document, to_sheets
from echo_metrics.ledger_files.workbook import from_tables, to_workbook
from echo_metrics.roi.fields import LedgerError
from echo_metrics.roi.figures import roi_figures
from echo_metrics.roi.ledger import Kind, Ledger
from echo_metrics.roi.model import Counted, build_model
from echo_metrics.roi.parse import parse_ledger
from tests.ledgers import BASIS, RICH_COUNTS, assumption, rich, spread

Change = Callable[[dict[str, Any]], None]


def at(place: str, to: Any) -> Change:
    """Set one value: `travel.deadweight` of a line or assumption, `rate.0.rate` of a table, `currency` of the head."""

    def change(data: dict[str, Any]) -> None:
        *way, last = place.split(".")
        body: Any = data
        if way and way[0] in {r["key"] for t in ("cost", "benefit", "assumption") for r in data[t]}:
            body = next(r for t in ("cost", "benefit", "assumption") for r in data[t] if r["key"] == way[0])
            way = way[1:]
        for step in way:
            body = body[int(step) if step.isdigit() else step]
        if to is None:
            del body[last]
        else:
            body[last] = to

    return change


def both(*changes: Change) -> Change:
    def change(data: dict[str, Any]) -> None:
        for one in changes:
            one(data)

    return change


def more(table: str, row: dict[str, Any]) -> Change:
    return lambda data: data[table].append(row)


def corr(a: str, b: str, rho: float) -> dict[str, Any]:
    return {"between": [a, b], "rho": rho, "source": "judgement"}


HUGE = 10**400
REFUSED: list[tuple[str, Change, str]] = [
    # The issue's own list.
    (
        "over 100 percent",
        at("travel.attribution_to_others", 150),
        "benefit 'travel': attribution_to_others is 150; write a share",
    ),
    ("low above high", at("travel.unit_value", spread(9, 5, 1)), "benefit 'travel': unit_value: low 9 is above high 1"),
    ("no price year", at("price_year", None), "ledger: price_year is missing"),
    (
        "no rate",
        at("rate", []),
        "cost 'platform': currency USD differs from the ledger's CAD; convert it first, or state",
    ),
    ("no rate of that year", at("licence.price_year", 2019), "cost 'licence': currency USD differs"),
    (
        "no index",
        at("price_index", []),
        "cost 'platform': price_year is 2018, the ledger's 2020; state the price level of 2018",
    ),
    ("negative", at("licence.quantity", -2), "cost 'licence': quantity is -2; it must not be negative"),
    ("unknown key", at("licence.colour", "red"), "cost 'licence': unknown key 'colour'"),
    # New refusals.
    (
        "unknown assumption",
        at("travel.deadweight", "not_mad"),
        "benefit 'travel': deadweight names the assumption 'not_mad'",
    ),
    (
        "assumption above 1",
        at("not_made.value", spread(0.3, 0.6, 1.2)),
        "benefit 'travel': deadweight names the assumption 'not_made', and its deadweight is 1.2",
    ),
    (
        "endless share",
        at("others.value", {"distribution": "gamma", "mean": 0.2, "sd": 0.1}),
        "benefit 'fees': attribution_to_others names the assumption 'others', whose gamma distribution has no upper",
    ),
    (
        "endless share in the line",
        at("fees.displacement", {"distribution": "lognormal", "mean": 0.2, "sd": 0.3}),
        "benefit 'fees': displacement: a lognormal distribution has no upper end",
    ),
    ("unused", more("assumption", assumption("spare", 3)), "assumption 'spare': no line names it"),
    (
        "contradiction",
        lambda d: d.update(
            correlation=[corr("not_made", "hour", 0.9), corr("hour", "fee", 0.9), corr("not_made", "fee", -0.9)]
        ),
        "ledger: the correlations contradict each other",
    ),
    (
        "correlation of nothing",
        more("correlation", corr("travel.quantity", "hour", 0.1)),
        "correlation 3: 'travel.quantity' has no range",
    ),
    (
        "correlation of a stranger",
        more("correlation", corr("travel.cost", "hour", 0.1)),
        "correlation 3: 'travel.cost' is no input of this ledger",
    ),
    (
        "correlation twice",
        more("correlation", corr("hour", "hosting.quantity", 0.1)),
        "correlation 3: these two inputs are correlated already",
    ),
    (
        "correlation with itself",
        more("correlation", corr("hour", "hour", 1)),
        "correlation 3: between must name two different",
    ),
    ("rho", at("correlation.0.rho", -1.5), "correlation 1: rho is -1.5; a correlation lies between -1 and 1"),
    (
        "prices of sessions",
        at("hosting.by_discipline", {"nursing": 3}),
        "cost 'hosting': by_discipline goes with quantity_from attended_hours or attendances",
    ),
    (
        "prices of a typed quantity",
        at("licence.by_discipline", {"nursing": 3}),
        "cost 'licence': by_discipline goes with",
    ),
    (
        "one discipline priced twice",
        at("participant_time.by_discipline", {"social_work": 3, "Social work": 4}),
        "cost 'participant_time', by_discipline: each discipline needs a name, and one price only",
    ),
    (
        "a nameless discipline",
        at("participant_time.by_discipline", {" ": 3}),
        "cost 'participant_time', by_discipline: each discipline needs a name",
    ),
    ("fading without years", at("skills.years", None), "benefit 'skills': drop_off is what fades in later years"),
    (
        "shape",
        at("travel.unit_value", spread(1, 2, 3, distribution="normal")),
        "benefit 'travel': unit_value: distribution is 'normal'; it must be one of pert",
    ),
    (
        "shape is a list",
        at("travel.unit_value", spread(1, 2, 3, distribution=["pert"])),
        "benefit 'travel': unit_value: distribution is ['pert']",
    ),
    (
        "no spread",
        at("fee.value.sd", 0),
        "assumption 'fee': value: mean and sd of a gamma distribution must be above zero",
    ),
    (
        "hardly a spread",
        at("fee.value.sd", 1e-200),
        "assumption 'fee': value: mean 310 and sd 1e-200 can't be meant so",
    ),
    ("hardly a mean", at("fee.value.mean", 1e-200), "assumption 'fee': value: mean 1e-200 and sd 90 can't be meant so"),
    ("impossible beta", at("others.value.sd", 0.6), "assumption 'others': value: beta_sd must be below"),
    (
        "range and moments",
        at("fee.value.low", 3),
        "assumption 'fee': value: a gamma distribution has exactly mean and sd",
    ),
    ("names twice", at("licence.key", "hosting"), "ledger: two lines have the key 'hosting'"),
    ("line and assumption", at("licence.key", "hour"), "ledger: two lines have the key 'hour'"),
    ("site twice", more("site", {"name": " victoria "}), "ledger: two sites have the name 'victoria'"),
    ("rate twice", lambda d: d["rate"].append(d["rate"][0]), "ledger: there are two exchange rates for USD of 2018"),
    (
        "a key that hides an input",
        both(at("hour.key", "licence.unit_value")),
        "ledger: the key 'licence.unit_value' holds one of . : =",
    ),
    ("a key that is a number", at("licence.key", "1e5"), "ledger: the key '1e5' would be read as a number"),
    ("no years", at("skills.years", 0), "benefit 'skills': years is 0; it must be a whole number from 1 to 30"),
    ("half a year", at("skills.years", 1.5), "benefit 'skills': years is 1.5; it must be a whole number"),
    ("large", at("licence.unit_value", 1e300), "cost 'licence': unit_value is beyond 1e+15"),
    ("larger than any float", at("licence.unit_value", HUGE), "cost 'licence': unit_value is beyond 1e+15"),
    ("huge end", at("travel.unit_value", spread(1, 2, HUGE)), "benefit 'travel': unit_value.high is beyond 1e+15"),
    ("huge years", at("skills.years", HUGE), "benefit 'skills': years is beyond 1e+15; it must be a whole number"),
    ("huge price year", at("price_year", HUGE), "ledger: price_year is beyond 1e+15; it must be a year"),
    ("huge rate year", at("rate.0.year", HUGE), "rate 1: year is beyond 1e+15; it must be a whole number"),
    ("tiny rate", at("rate.0.rate", 1e-300), "rate 1: rate is 1e-300; that is too small to convert money with"),
    ("tiny index", at("price_index.0.index", 5e-324), "price_index 1: index is 4.94066e-324; that is too small"),
    ("zero rate", at("rate.0.rate", 0), "rate 1: rate is 0; it must be above zero"),
    ("nan", at("licence.unit_value", float("nan")), "cost 'licence': unit_value must be a number"),
    ("infinity", at("licence.unit_value", float("inf")), "cost 'licence': unit_value must be a number"),
    (
        "minus infinity",
        at("travel.unit_value", spread(float("-inf"), 1, 2)),
        "benefit 'travel': unit_value.low must be a number",
    ),
    (
        "a discount of 5",
        at("discount_rate", 5),
        "ledger: discount_rate is 5; write a rate from 0 to below 1; 5 percent is 0.05",
    ),
    ("a long text", at("licence.note", "x" * 20_001), "cost 'licence': note has 20,001 characters; at most 20,000"),
    ("a control character", at("licence.label", "a\x07b"), "cost 'licence': label holds a control character"),
    ("evidence", at("licence.evidence", "A"), "cost 'licence': evidence is 'A'; it must be one of records"),
    ("journeys of a discipline", at("travel.discipline", "nursing"), "benefit 'travel': journeys are counted by site"),
]


@pytest.mark.parametrize(("change", "sentence"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_a_sentence_names_line_and_field(change: Change, sentence: str) -> None:
    data = copy.deepcopy(rich())
    change(data)
    with pytest.raises(LedgerError) as refused:
        parse_ledger(data)
    assert any(p.startswith(sentence) for p in refused.value.problems), refused.value.problems
    assert len(str(refused.value)) < 2000


def test_costs_of_zero_are_refused_after_the_counts_are_in() -> None:
    data = rich()
    for row in data["cost"]:
        row["enabled"] = False
    with pytest.raises(UserError, match="add up to zero"):
        roi_figures(build_model(parse_ledger(data), RICH_COUNTS))


def test_a_shape_without_a_range_is_a_plain_number() -> None:
    data = rich()
    at("licence.unit_value", spread(5, 5, 5, distribution="triangular"))(data)
    again = rich()
    at("licence.unit_value", 5)(again)
    assert parse_ledger(data) == parse_ledger(again)


def test_a_number_without_end_in_a_file_is_no_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, value in (("long", "9" * 5000), ("deep", "[" * 100_000), ("huge", "9" * 400)):
        path = tmp_path / f"{name}.toml"
        path.write_text(f'format = "echo-metrics-ledger"\nversion = {value}\n', encoding="utf-8")
        assert main(["roi", str(path), "--store", str(tmp_path / "none.duckdb")]) == 1
        assert "Traceback" not in capsys.readouterr().err


# ---------------------------------------------------------------------------------------------------- the workbook
def rich_book() -> Any:
    ledger = parse_ledger(rich())
    return openpyxl.load_workbook(io.BytesIO(to_workbook(ledger, build_model(ledger, RICH_COUNTS))))


def read_book(book: Any) -> Ledger:
    out = io.BytesIO()
    book.save(out)
    return parse_ledger(ledger_document(open_document("ledger.xlsx", out.getvalue())))


def put(sheet: str, row: int, column: str, value: Any) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        headings = {c.value: c.column for c in book[sheet][1]}
        book[sheet].cell(row, headings[column]).value = value

    return change


def drop_column(sheet: str, column: str) -> Callable[[Any], None]:
    return lambda book: book[sheet].delete_cols(next(c.column for c in book[sheet][1] if c.value == column))


def add_row(sheet: str, **cells: Any) -> Callable[[Any], None]:
    return lambda book: book[sheet].append([cells.get(c.value) for c in book[sheet][1]])


def again(sheet: str, row: int) -> Callable[[Any], None]:
    return lambda book: book[sheet].append([c.value for c in book[sheet][row]])


HEADLESS = "ledger: the sheet Lines has lost its column"
BOOKS: list[tuple[str, Callable[[Any], None], str]] = [
    (
        "text for a number",
        put("Lines", 4, "unit_value high", "about ninety"),
        "cost 'licence': unit_value.high must be a number",
    ),
    (
        "text for a base",
        put("Lines", 3, "quantity", "two, I think"),
        "cost 'platform': quantity names the assumption 'two, I think'",
    ),
    ("comma for a point", put("Lines", 10, "confidence", "0,8"), "benefit 'fees': confidence.base must be a number"),
    ("text for enabled", put("Lines", 3, "enabled", "perhaps"), "cost 'platform': enabled must be true or false"),
    (
        "text for years",
        put("Lines", 3, "years", "three"),
        "cost 'platform': years is 'three'; it must be a whole number",
    ),
    ("text for a year", put("Exchange rates", 2, "year", "last"), "rate 1: year is 'last'; it must be a whole number"),
    (
        "half a range",
        put("Lines", 4, "unit_value low", None),
        "cost 'licence': unit_value must be a number or have exactly low, base and high",
    ),
    (
        "kind misspelt",
        put("Lines", 9, "kind", "benfit"),
        "ledger: the line 'travel' of the sheet Lines is of kind 'benfit'; write cost or benefit",
    ),
    ("no kind", put("Lines", 9, "kind", None), "ledger: the line 'travel' of the sheet Lines is of kind ''"),
    ("no source", put("Lines", 9, "source", None), "benefit 'travel': source is missing"),
    ("no column of shares", drop_column("Lines", "deadweight"), f"{HEADLESS} 'deadweight'"),
    ("no column of switches", drop_column("Lines", "enabled"), f"{HEADLESS} 'enabled'"),
    (
        "no column of prices",
        drop_column("Prices", "unit_value"),
        "ledger: the sheet Prices has lost its column 'unit_value'",
    ),
    ("a heading misspelt", put("Lines", 1, "drop_off", "dropoff"), f"{HEADLESS} 'drop_off'"),
    (
        "a heading twice",
        put("Lines", 1, "note", "deadweight"),
        "ledger: the sheet Lines has the column 'deadweight' twice",
    ),
    ("a sheet lost", lambda book: book.remove(book["Prices"]), "ledger: the sheet Prices is missing or empty"),
    (
        "an empty extra row",
        add_row("Lines", label="Something"),
        "ledger: the line number 12 of the sheet Lines is of kind ''",
    ),
    ("a row twice", again("Lines", 3), "ledger: two lines have the key 'platform'"),
    (
        "an extra assumption",
        add_row("Assumptions", key="spare", label="Spare", value=3, **BASIS),
        "assumption 'spare': no line names it",
    ),
    (
        "a price for nobody",
        add_row("Prices", line="time", discipline="nursing", unit_value=3),
        "ledger: the sheet Prices names the line 'time', which is not there",
    ),
    (
        "a price twice",
        again("Prices", 2),
        "ledger: the sheet Prices has two prices of 'nursing' for the line 'participant_time'",
    ),
    (
        "a price without a discipline",
        put("Prices", 2, "discipline", None),
        "cost 'participant_time', by_discipline: each discipline needs a name",
    ),
    (
        "a price without a number",
        lambda book: [put("Prices", 3, f"unit_value{e}", None)(book) for e in ("", " low", " high")],
        "cost 'participant_time', by_discipline: pharmacy is missing",
    ),
    (
        "a field twice",
        add_row("Ledger", field="currency", value="USD"),
        "ledger: the sheet Ledger holds 'currency' twice",
    ),
    (
        "an unknown field",
        add_row("Ledger", field="colour", value="red"),
        "ledger: the sheet Ledger has the unknown field 'colour'",
    ),
]


@pytest.mark.parametrize(("change", "sentence"), [b[1:] for b in BOOKS], ids=[b[0] for b in BOOKS])
def test_a_changed_workbook_is_refused_by_line_and_field(change: Callable[[Any], None], sentence: str) -> None:
    book = rich_book()
    change(book)
    with pytest.raises(LedgerError) as refused:
        read_book(book)
    assert any(p.startswith(sentence) for p in refused.value.problems), refused.value.problems


def test_an_extra_line_of_a_workbook_counts() -> None:
    book = rich_book()
    add_row("Lines", key="gift", kind="Benefit ", label="Gift", quantity=2, unit_value=50.5, **BASIS)(book)
    found = read_book(book)
    assert found.lines[-1].kind is Kind.BENEFIT
    assert build_model(found, RICH_COUNTS).terms[-1].counted
    assert len(found.lines) == len(parse_ledger(rich()).lines) + 1


def test_cells_that_look_like_formulas_stay_text() -> None:
    data = rich()
    data["cost"][2]["label"] = '=HYPERLINK("http://example.org","x")'
    data["cost"][2]["whose_budget"] = "=1+1"
    ledger = parse_ledger(data)
    book = openpyxl.load_workbook(io.BytesIO(to_workbook(ledger, build_model(ledger, RICH_COUNTS))))
    for page in book.worksheets:
        for row in page.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and ("HYPERLINK" in cell.value or cell.value == "=1+1"):
                    assert cell.data_type == "s" or cell.value.startswith("=IF"), (page.title, cell.coordinate)


cells = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.dates(),
    st.datetimes(),
    st.text(max_size=6),
    st.sampled_from(
        [
            "cost",
            "benefit",
            "hour",
            "travel",
            "nursing",
            "0.5",
            "-1",
            "1e400",
            "nan",
            "TRUE",
            "no",
            "2020-01-01",
            "pert",
            "gamma",
            "sessions",
            "attended_hours",
            "\N{MINUS SIGN}3",
            "9" * 400,
            10**400,
        ]
    ),
)


@given(st.lists(st.tuples(st.sampled_from(sorted(COLUMNS)), st.integers(0, 9), st.integers(0, 40), cells), max_size=8))
@settings(max_examples=300, deadline=None)
def test_any_cells_give_a_ledger_or_a_refusal(changes: list[tuple[str, int, int, Any]]) -> None:
    """The screen's table: typed values of any sort in any cell."""
    rows = {sheet: [dict(r) for r in to_sheets(parse_ledger(rich())).of(sheet)] for sheet in COLUMNS}
    for sheet, row, column, value in changes:
        table, names = rows[sheet], COLUMNS[sheet]
        while len(table) <= row:
            table.append({})
        table[row][names[column % len(names)]] = value
    reckons(to_document(Sheets(rows)))


@given(
    st.dictionaries(
        st.sampled_from(sorted(COLUMNS)),
        st.lists(st.lists(st.text(max_size=4) | st.sampled_from([c for t in COLUMNS.values() for c in t]), max_size=6)),
    )
)
@settings(max_examples=150, deadline=None)
def test_any_workbook_gives_a_ledger_or_a_refusal(tables: dict[str, list[list[str]]]) -> None:
    reckons(to_document(from_tables(tables)))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    ),
    st.data(),
)
@settings(max_examples=200, deadline=None)
def test_any_value_in_any_place_of_a_document_gives_a_ledger_or_a_refusal(value: Any, data: st.DataObject) -> None:
    document = copy.deepcopy(rich())
    place: Any = document
    while True:
        step = data.draw(st.sampled_from(sorted(place)) if isinstance(place, dict) else st.integers(0, len(place) - 1))
        if not isinstance(place[step], dict | list) or not place[step] or data.draw(st.integers(0, 3)) == 0:
            break
        place = place[step]
    place[step] = value
    reckons(document)


def reckons(document: dict[str, Any]) -> None:
    """Nothing but a refusal may come out; a bug would come through here."""
    with contextlib.suppress(UserError):
        roi_figures(build_model(parse_ledger(document), RICH_COUNTS))


# --------------------------------------------------------------------------------------------------------- presets
@pytest.mark.parametrize("name", PRESETS)
class TestPresets:
    def test_it_is_a_ledger_whose_money_has_a_source(self, name: str) -> None:
        ledger = parse_ledger(tomllib.loads(preset_text(name)))
        assert any(line.enabled for line in ledger.benefits)
        for line in ledger.lines:
            if line.enabled:
                assert line.inputs["unit_value"].amount.base > 0, line.key
                assert line.source, line.key
                assert "not filled in" not in line.source, line.key
            else:
                assert line.note, line.key
        retention = next(line for line in ledger.benefits if line.key == "retention")
        assert not retention.enabled
        assert "ASPE" in retention.note
        time = next(line for line in ledger.costs if line.key == "participant_time")
        assert time.enabled
        assert time.counted_from is not None
        assert time.counted_from.key == "attended_hours"
        counts = {"sessions": 6.0, "participants": 26.0, "attendances": 130.0, "attended_hours": 180.0}
        assert roi_figures(build_model(ledger, Counted(counts))).total_costs.base > 0

    @pytest.mark.parametrize(
        "words",
        ['A "quoted" name', "back\\slash", "tab\tand\nline", "délétère 中文", '# cohort = "Cohort 1"', "'''", "\x7f"],
    )
    def test_any_name_can_be_written_into_it(self, name: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["roi", "--preset", name, "--network", words, "--cohort", f"{words} 2"]) == 0
        found = tomllib.loads(capsys.readouterr().out)
        assert (found["network"], found["cohort"]) == (words, f"{words} 2")


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(UserError, match="no preset 'mars'"):
        preset_text("mars")


def test_the_command_line_takes_no_half_measures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "l.toml"
    path.write_text(preset_text("us_rural"), encoding="utf-8")
    for arguments, words in (
        (["--set", "0.8"], "--set takes INPUT=VALUE"),
        (["--set", "=0.8"], "--set takes INPUT=VALUE"),
        (["--set", "x=nan"], "--set takes INPUT=VALUE"),
        (["--set", "x=1", "--save", str(tmp_path / "o.toml")], "use one at a time"),
    ):
        assert main(["roi", str(path), *arguments, "--store", str(tmp_path / "none.duckdb")]) == 1
        assert words in capsys.readouterr().err
