"""The workbook of a ledger, calculated by another program, and a recount of the same ledger in plain Python.

Three reckonings must agree to the cent: the product's, LibreOffice's (formulas only: openpyxl drops every value that
the product had calculated), and the one below, which reads the raw document and knows nothing of the product.
"""

from __future__ import annotations

import copy
import io
import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import Phase, given, settings
from scipy import stats

from echo_metrics.ingest.ledger_document import ledger_document
from echo_metrics.ingest.source import open_document
from echo_metrics.ledger_files.workbook import to_workbook
from echo_metrics.roi.figures import RoiFigures, roi_figures
from echo_metrics.roi.model import Counted, build_model
from echo_metrics.roi.parse import parse_ledger
from tests import office
from tests.ledgers import PARTS, RICH_COUNTS, documents, rich, spread

CENT = 0.005
Ends = dict[str, float]


# ------------------------------------------------------------------------------------ the same again, in plain Python
def amount(value: Any, named: Mapping[str, Any]) -> Ends:
    """Low, base and high of a number, range, distribution or name as the document writes it."""
    value = named[value] if isinstance(value, str) else value
    if not isinstance(value, Mapping):
        return {"low": value, "base": value, "high": value}
    if "mean" not in value:
        return {end: value[end] for end in ("low", "base", "high")}
    mean, sd = value["mean"], value["sd"]
    if value["distribution"] == "gamma":
        law = stats.gamma((mean / sd) ** 2, scale=sd**2 / mean)
    elif value["distribution"] == "lognormal":
        sigma = math.sqrt(math.log(1 + (sd / mean) ** 2))
        law = stats.lognorm(sigma, scale=mean / math.exp(sigma**2 / 2))
    else:
        k = mean * (1 - mean) / sd**2 - 1
        law = stats.beta(mean * k, (1 - mean) * k)
    return {"low": min(law.ppf(0.05), mean), "base": mean, "high": max(law.ppf(0.95), mean)}


OTHER_END = {"low": "high", "base": "base", "high": "low"}


def recount(document: Mapping[str, Any], counts: Mapping[str, float], parts: Mapping[str, float]) -> dict[str, Any]:
    """Every figure of a ledger from its raw document. `parts` are attended hours that may stand apart."""
    named = {a["key"]: a["value"] for a in document.get("assumption", [])}
    rate = document.get("discount_rate", 0.035)
    level = {i["year"]: i["index"] for i in document.get("price_index", [])}
    exchange = {(r["currency"], r["year"]): r["rate"] for r in document.get("rate", [])}
    total = {kind: dict.fromkeys(("low", "base", "high"), 0.0) for kind in ("cost", "benefit")}
    budgets: dict[str, dict[str, float]] = defaultdict(lambda: {"cost": 0.0, "benefit": 0.0})
    social, flows, each = 0.0, defaultdict(lambda: {"cost": 0.0, "benefit": 0.0}), {}
    for kind in ("cost", "benefit"):
        for row in document.get(kind, []):
            own, year = row.get("currency", document["currency"]), row.get("price_year", document["price_year"])
            money = 1.0 if own == document["currency"] else exchange[own, year]
            money *= 1.0 if year == document["price_year"] else level[document["price_year"]] / level[year]
            pieces = [(row["key"], 1.0, row["unit_value"])]
            if "quantity_from" in row:
                apart = {d: p for d, p in row.get("by_discipline", {}).items() if d in parts}
                pieces = [(f"{row['key']}:{d}", parts[d], price) for d, price in apart.items()]
                rest = counts.get(row["quantity_from"], 0.0) - sum(parts[d] for d in apart)
                pieces.append((row["key"], rest, row["unit_value"]))
            years = row.get("years", 1)
            for key, count, price in pieces:
                found = {}
                for end in ("low", "base", "high"):
                    other = OTHER_END[end]
                    first = count * money * amount(row.get("quantity", row.get("per", 1)), named)[end]
                    first *= amount(price, named)[end]
                    for share in ("deadweight", "displacement", "attribution_to_others"):
                        first *= 1 - amount(row.get(share, 0), named)[other]
                    sure = amount(row.get("confidence", 1), named)[end]
                    fades = amount(row.get("drop_off", 0), named)[other]
                    found[end] = sum(first * sure * (1 - fades) ** t / (1 + rate) ** t for t in range(years))
                    if end == "base" and row.get("enabled", True):
                        for t in range(years):
                            flows[t][kind] += first * sure * (1 - fades) ** t
                        if kind == "benefit":
                            social += sum(first * (1 - fades) ** t / (1 + rate) ** (t + 1) for t in range(years))
                each[key] = found
                if row.get("enabled", True):
                    for end in found:
                        total[kind][end] += found[end]
                    budgets[row.get("whose_budget", "not stated")][kind] += found["base"]
    c, b = total["cost"], total["benefit"]
    net = {end: b[end] - c[OTHER_END[end]] for end in c}
    bcr = {end: b[end] / c[OTHER_END[end]] if c[OTHER_END[end]] >= CENT else math.nan for end in c}
    return {
        "each": each,
        "costs": c,
        "benefits": b,
        "net": net,
        "bcr": bcr,
        "roi": {end: 100 * (bcr[end] - 1) for end in c},
        "sroi": social / c["base"] if c["base"] >= CENT else math.nan,
        "budgets": {name: (found["cost"], found["benefit"]) for name, found in budgets.items()},
        "flows": [flows[t] for t in range(max(flows) + 1)],
    }


def agree(figures: RoiFigures, told: Mapping[str, Any], tolerance: float = CENT, relative: float = 0.0) -> None:
    """The product's figures against another reckoning."""

    def near(value: float) -> Any:
        return pytest.approx(value, abs=tolerance, rel=relative)

    for end in ("low", "base", "high"):
        assert getattr(figures.total_costs, end) == near(told["costs"][end])
        assert getattr(figures.total_benefits, end) == near(told["benefits"][end])
        assert getattr(figures.net_benefit, end) == near(told["net"][end])
        assert getattr(figures.bcr, end) == near(told["bcr"][end])
        assert getattr(figures.roi_percent, end) == near(told["roi"][end])
    assert figures.sroi == near(told["sroi"])
    assert {b.budget: (b.costs, b.benefits) for b in figures.budgets} == {
        name: (near(cost), near(gain)) for name, (cost, gain) in told["budgets"].items()
    }
    for line in figures.lines:
        for end in ("low", "base", "high"):
            assert getattr(line.amount, end) == near(told["each"][line.key][end]), (line.key, end)


def figures_of(document: Mapping[str, Any], counts: Counted = RICH_COUNTS) -> RoiFigures:
    return roi_figures(build_model(parse_ledger(document), counts))


HOURS = {p.discipline: p.count for p in PARTS}


def test_the_rich_ledger_agrees_with_a_recount_in_plain_python() -> None:
    figures, told = figures_of(rich()), recount(rich(), RICH_COUNTS.values, HOURS)
    agree(figures, told)
    # Cost per one, payback and other discount rates by their definitions.
    for unit, name in (("participant", "participants"), ("attended hour", "attended_hours"), ("session", "sessions"),
                       ("participant who improved reliably", "improved_reliably")):  # fmt: skip
        found = next(c.amount for c in figures.cost_per if c.unit == unit)
        for end in ("low", "base", "high"):
            assert getattr(found, end) == pytest.approx(told["costs"][end] / RICH_COUNTS.values[name])
    for rate, value in figures.npv_at:
        nets = [year["benefit"] - year["cost"] for year in told["flows"]]
        assert value == pytest.approx(sum(x / (1 + rate) ** t for t, x in enumerate(nets)), abs=CENT)
    assert figures.break_even_share == pytest.approx(told["costs"]["base"] / told["benefits"]["base"])
    left, years = told["flows"][0]["cost"], None
    for t, year in enumerate(told["flows"]):
        gain = year["benefit"] - (year["cost"] if t else 0.0)
        if years is None and gain >= left:
            years = t + left / gain
        left -= gain
    assert figures.payback_years == (None if years is None else pytest.approx(years))


@given(documents())
@settings(max_examples=40, deadline=None)
def test_random_ledgers_agree_with_the_recount(document: dict[str, Any]) -> None:
    costs = recount(document, RICH_COUNTS.values, HOURS)["costs"]
    if costs["low"] <= 1e-6:
        return
    agree(figures_of(document), recount(document, RICH_COUNTS.values, HOURS), 1e-6, 1e-9)


# ---------------------------------------------------------------------------------------------- another program
Change = Callable[[Any, dict[str, Any]], None]


def cell(book: Any, sheet: str, key: str, column: str, *, key_column: str = "key") -> Any:
    """The cell of one row and column of an input sheet, found by its headings."""
    page = book[sheet]
    headings = {c.value: c.column for c in page[1]}
    row = next(r for r in range(2, page.max_row + 1) if page.cell(r, headings[key_column]).value == key)
    return page.cell(row, headings[column])


def nothing(book: Any, document: dict[str, Any]) -> None:
    """The workbook as it was written."""


def numbers(book: Any, document: dict[str, Any]) -> None:
    """Bases, ends, shares, a price of a discipline, the parameters of a distribution and the discount rate."""
    cell(book, "Lines", "licence", "quantity").value = 3.5
    cell(book, "Lines", "licence", "unit_value high").value = 212.25
    cell(book, "Lines", "travel", "attribution_to_others").value = 0.15
    cell(book, "Lines", "travel", "attribution_to_others high").value = 0.55
    cell(book, "Lines", "skills", "drop_off").value = 0.4
    cell(book, "Lines", "skills", "confidence").value = 0.65
    cell(book, "Assumptions", "not_made", "value").value = 0.7
    cell(book, "Assumptions", "hour", "value low").value = 33
    cell(book, "Assumptions", "fee", "mean").value = 280
    cell(book, "Assumptions", "fee", "sd").value = 120.5
    cell(book, "Assumptions", "others", "sd").value = 0.15
    cell(book, "Assumptions", "worth", "mean").value = 81
    cell(book, "Prices", "nursing", "unit_value", key_column="discipline").value = 57.75
    cell(book, "Ledger", "discount_rate", "value", key_column="field").value = 0.0125
    lines = {row["key"]: row for row in (*document["cost"], *document["benefit"])}
    named = {row["key"]: row for row in document["assumption"]}
    lines["licence"] |= {"quantity": 3.5, "unit_value": spread(90, 100, 212.25)}
    lines["travel"]["attribution_to_others"] = spread(0, 0.15, 0.55)
    lines["skills"] |= {"drop_off": spread(0.2, 0.4, 0.5), "confidence": 0.65}
    named["not_made"]["value"] = spread(0.3, 0.7, 0.8)
    named["hour"]["value"] = spread(33, 46.5, 60, distribution="triangular")
    named["fee"]["value"] |= {"mean": 280, "sd": 120.5}
    named["others"]["value"]["sd"] = 0.15
    named["worth"]["value"]["mean"] = 81
    lines["participant_time"]["by_discipline"]["nursing"] = spread(50, 57.75, 62)
    document["discount_rate"] = 0.0125


def switches(book: Any, document: dict[str, Any]) -> None:
    """Lines on and off, other years, shares and a confidence where there were none, ranges taken away."""
    cell(book, "Lines", "retention", "enabled").value = True
    cell(book, "Lines", "idle", "enabled").value = "yes"
    cell(book, "Lines", "fees", "enabled").value = False
    cell(book, "Lines", "platform", "years").value = 1
    cell(book, "Lines", "retention", "years").value = 3
    cell(book, "Lines", "retention", "deadweight").value = 0.9
    cell(book, "Lines", "retention", "confidence").value = 0.5
    cell(book, "Lines", "retention", "confidence low").value = 0.25
    cell(book, "Lines", "retention", "confidence high").value = 0.5
    cell(book, "Lines", "hosting", "quantity low").value = None
    cell(book, "Lines", "hosting", "quantity high").value = None
    book_rate = cell(book, "Ledger", "discount_rate", "value", key_column="field")
    book_rate.value = None
    lines = {row["key"]: row for row in (*document["cost"], *document["benefit"])}
    lines["retention"] |= {"years": 3, "deadweight": 0.9, "confidence": spread(0.25, 0.5, 0.5)}
    for key in ("retention", "idle"):
        del lines[key]["enabled"]
    lines["fees"]["enabled"] = False
    del lines["platform"]["years"], document["discount_rate"]
    lines["hosting"]["per"] = 4
    document["correlation"] = document["correlation"][:1]
    page = book["Correlations"]
    page.delete_rows(3)


@pytest.fixture(scope="module")
def program() -> str:
    found = office.find()
    if found is None:
        pytest.skip("LibreOffice is not on this machine (python -m tests.office installs it where that is possible)")
    return found


def changed_workbook(change: Change, path: Path) -> dict[str, Any]:
    """Write the rich ledger's workbook with a change and without one calculated value; returns the changed document."""
    document = copy.deepcopy(rich())
    ledger = parse_ledger(rich())
    book = openpyxl.load_workbook(io.BytesIO(to_workbook(ledger, build_model(ledger, RICH_COUNTS))))
    change(book, document)
    book.save(path)
    bare = openpyxl.load_workbook(path, data_only=True)
    assert bare["Figures"]["B5"].value is None, "the net benefit must not stand there before it is calculated"
    return document


def read_figures(path: Path) -> dict[str, Any]:
    """What the other program made of the sheets Figures and Calculation."""
    book = openpyxl.load_workbook(path, data_only=True)
    rows = {str(r[0]): r for r in book["Figures"].iter_rows(min_row=2, max_col=4, values_only=True) if r[0] is not None}

    def ends(words: str) -> Ends:
        row = rows[words]
        return {"base": row[1], "low": row[2], "high": row[3]}

    names = list(rows)
    lines = [r for r in book["Calculation"].iter_rows(min_row=2, max_col=12, values_only=True) if r[0]]
    budgets = {name: (rows[name][1], rows[name][2]) for name in names[names.index("By whose budget") + 1 :]}
    return {
        "costs": ends("Costs"),
        "benefits": ends("Benefits"),
        "net": ends("Net benefit"),
        "bcr": ends("Benefit-cost ratio"),
        "roi": ends("Return on investment, %"),
        "sroi": rows["Social return on investment (SROI Guide), per unit of cost"][1],
        "share": rows["Break-even: share of the benefits that must come true, %"][1],
        "each": {r[0]: {"low": r[8], "base": r[9], "high": r[10]} for r in lines},
        "per": {name: ends(name) for name in names if name.startswith("Cost per ")},
        "budgets": {n: found for n, found in budgets.items() if found != (0, 0)},
    }


@pytest.mark.parametrize("change", [nothing, numbers, switches])
def test_another_program_calculates_the_same_to_the_cent(change: Change, program: str, tmp_path: Path) -> None:
    document = changed_workbook(change, tmp_path / "ledger.xlsx")
    [path] = office.recomputed(program, [tmp_path / "ledger.xlsx"], tmp_path)
    told = read_figures(path)
    figures = figures_of(document)
    agree(figures, told)
    agree(figures, recount(document, RICH_COUNTS.values, HOURS))
    assert told["share"] == pytest.approx(100 * (figures.break_even_share or 0), abs=CENT)
    assert len(told["per"]) == len(figures.cost_per) == 4
    for (words, ends), unit in zip(told["per"].items(), figures.cost_per, strict=True):
        assert words.startswith(f"Cost per {unit.unit} (of ")
        for end, value in ends.items():
            assert value == pytest.approx(getattr(unit.amount, end), abs=CENT)
    if change is not nothing:
        assert abs(told["net"]["base"] - figures_of(rich()).net_benefit.base) > 100, "the change must show"


@pytest.mark.parametrize("change", [nothing, numbers, switches])
@pytest.mark.parametrize("through_office", [False, True])
def test_a_changed_workbook_is_imported_with_the_same_figures(
    change: Change, through_office: bool, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path = tmp_path / "ledger.xlsx"
    document = changed_workbook(change, path)
    if through_office:
        [path] = office.recomputed(request.getfixturevalue("program"), [path], tmp_path)
    imported = ledger_document(open_document("ledger.xlsx", path.read_bytes()))
    agree(figures_of(imported), recount(document, RICH_COUNTS.values, HOURS), 1e-6, 1e-9)
    assert parse_ledger(imported).correlations[0].first == "not_made"


def test_the_values_beside_the_formulas_are_the_products_own(tmp_path: Path) -> None:
    """Whoever opens the file in a viewer that calculates nothing sees the same figures."""
    ledger = parse_ledger(rich())
    (tmp_path / "l.xlsx").write_bytes(to_workbook(ledger, build_model(ledger, RICH_COUNTS)))
    told = read_figures(tmp_path / "l.xlsx")
    agree(figures_of(rich()), told)
    assert told["share"] == pytest.approx(100 * (figures_of(rich()).break_even_share or 0))


def test_another_program_calculates_random_ledgers_alike(program: str, tmp_path: Path) -> None:
    """Every feature in combinations nobody thought of: assumptions as quantities, distributions, years, switches."""
    made: list[dict[str, Any]] = []

    @settings(max_examples=40, deadline=None, database=None, derandomize=True, phases=[Phase.generate])
    @given(documents())
    def collect(document: dict[str, Any]) -> None:
        if recount(document, RICH_COUNTS.values, HOURS)["costs"]["low"] > 1:
            made.append(document)

    collect()
    assert len(made) > 15
    for i, document in enumerate(made):
        ledger = parse_ledger(document)
        book = openpyxl.load_workbook(io.BytesIO(to_workbook(ledger, build_model(ledger, RICH_COUNTS))))
        book.save(tmp_path / f"{i}.xlsx")
    paths = office.recomputed(program, [tmp_path / f"{i}.xlsx" for i in range(len(made))], tmp_path)
    for document, path in zip(made, paths, strict=True):
        told = read_figures(path)
        figures = figures_of(document)
        for end in ("low", "base", "high"):
            for line in figures.lines:
                found = told["each"][line.key][end]
                assert found == pytest.approx(getattr(line.amount, end), abs=CENT, rel=1e-9), (line.key, end)
            for side, total in (("costs", figures.total_costs), ("benefits", figures.total_benefits)):
                assert told[side][end] == pytest.approx(getattr(total, end), abs=CENT, rel=1e-9)
        assert told["sroi"] == pytest.approx(figures.sroi, rel=1e-6, abs=1e-9)
