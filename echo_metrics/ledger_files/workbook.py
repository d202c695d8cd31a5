"""A ledger as a workbook whose figures are formulas: a finance director can change a cell and see what becomes of it.

The sheets of `sheets.COLUMNS` hold the inputs and are what an import reads back; "Calculation" and "Figures" follow
from them. Counts from the store stand in "Calculation" as they were released.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from echo_metrics.ledger_files.sheets import AMOUNTS, COLUMNS, HEAD, LINES, Row, Sheets, three, to_sheets
from echo_metrics.roi.amounts import HIGH_POINT, LOW_POINT, Amount, Shape
from echo_metrics.roi.figures import PER_UNITS, BudgetShare, RoiFigures, roi_figures
from echo_metrics.roi.ledger import FORMAT, SHARES, USUAL_RATE, Kind, Ledger
from echo_metrics.roi.model import Model, Term, amounts

WIDTHS = {"label": 46, "basis": 50, "note": 50, "source": 34, "value": 30, "key": 26, "line": 26}
CALCULATED = (
    "line", "kind", "label", "counted", "whose budget", "counted by the store", "to the ledger's money", "years",
    "low", "base", "high", "base, SROI Guide",
)  # fmt: skip
GROWTH = "(1-{drop})/(1+{rate})"
FIRST_DAY_CELL = 1904
"""Days before this year stand as text: spreadsheets count them differently, or not at all."""


@dataclass(frozen=True)
class _Cell:
    """Where the three values of an input stand."""

    sheet: str
    row: int
    low: int
    base: int
    high: int

    def at(self, end: str) -> str:
        """The formula of one end; an empty end means the base."""
        base = _ref(self.sheet, self.row, self.base)
        if end == "base":
            return base
        cell = _ref(self.sheet, self.row, self.low if end == "low" else self.high)
        return f'IF({cell}="",{base},{cell})'


def to_workbook(ledger: Ledger, model: Model, notes: Sequence[str] = ()) -> bytes:
    """Write a ledger with its counts filled in as an XLSX file.

    `notes` are lines for the read-me sheet, such as the data version. Cells that look like formulas are written as
    text: whoever opens the file runs only what this function wrote.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8EEF2", "border": 1})
    looks = {"head": head, "day": book.add_format({"num_format": "yyyy-mm-dd"}),
             "money": book.add_format({"num_format": "#,##0.00"}), "bold": book.add_format({"bold": True})}  # fmt: skip
    sheets = to_sheets(ledger)
    _read_me(book, looks, ledger, notes)
    cells = _inputs(book, looks, sheets)
    places = {row["key"]: number for number, row in enumerate(sheets.of("Lines"), 1)}
    rows = _calculation(book, looks, model, cells, places)
    _figures(book, looks, model, rows)
    book.close()
    return out.getvalue()


def from_tables(tables: Mapping[str, Sequence[Sequence[str]]]) -> Sheets:
    """The flat tables in a workbook's sheets of text cells, by sheet name; sheets of other names are left alone."""
    found: dict[str, list[Row]] = {}
    faults: list[str] = []
    for sheet, columns in COLUMNS.items():
        grid = tables.get(sheet, ())
        if not grid:
            # What stood there would be lost in silence: prices, correlations, shares.
            faults.append(f"the sheet {sheet} is missing or empty; keep it with its headings.")
            continue
        headings = [cell.strip() for cell in grid[0]]
        faults += [f"the sheet {sheet} has lost its column {c!r}." for c in columns if c not in headings]
        faults += [f"the sheet {sheet} has the column {c!r} twice." for c in columns if headings.count(c) > 1]
        rows = []
        for cells in grid[1:]:
            if any(cell.strip() for cell in cells):
                rows.append({h: c for h, c in zip(headings, cells, strict=False) if h})
        found[sheet] = rows
    return Sheets(found, tuple(faults))


def is_ledger(tables: Mapping[str, Sequence[Sequence[str]]]) -> bool:
    """Whether a workbook's sheets are those of a ledger."""
    return any([c.strip() for c in row[:2]] == ["format", FORMAT] for row in tables.get("Ledger", ()))


def _ref(sheet: str, row: int, column: int) -> str:
    return f"'{sheet}'!{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}"


def _read_me(book: Any, looks: Mapping[str, Any], ledger: Ledger, notes: Sequence[str]) -> None:
    page = book.add_worksheet("Read me")
    page.set_column(0, 0, 110)
    scope = ", ".join(part for part in (ledger.network, ledger.cohort) if part)
    lines = (
        f"{ledger.title}",
        f"Costs and benefits of {scope}, in {ledger.currency} at {ledger.price_year} prices.",
        "",
        "Change any low, base or high value on the sheets Lines, Assumptions and Prices, switch a line on or off, or "
        "change its years or the discount rate: Calculation and Figures follow.",
        "New lines, new prices, other currencies and rates are worked in when the file is imported again.",
        "An amount has three cells. Only the base is filled where there is no range; a name there means an assumption.",
        "Shares run from 0 to 1: deadweight would have happened anyway, displacement moved elsewhere, "
        "attribution_to_others is what others caused.",
        "Counts from attendance stand on Calculation as they were released: small disciplines are held together.",
        "The simulated range, the tornado and the chance that benefits exceed costs are not in this file; import it to "
        "see them.",
        "This file can be imported again: new lines and changed cells are read from the sheets named above.",
        *notes,
    )
    for row, words in enumerate(lines):
        page.write_string(row, 0, words, looks["bold"] if row == 0 else None)


def _inputs(book: Any, looks: Mapping[str, Any], sheets: Sheets) -> dict[str, _Cell]:
    """Write the input sheets; returns where each input stands, by its key."""
    cells: dict[str, _Cell] = {}
    for sheet, columns in COLUMNS.items():
        page = book.add_worksheet(sheet)
        page.freeze_panes(1, 3 if sheet == "Lines" else 1)
        place = {name: i for i, name in enumerate(columns)}
        for name, column in place.items():
            page.write_string(0, column, name, looks["head"])
            page.set_column(column, column, WIDTHS.get(name, 14))
        for number, row in enumerate(sheets.of(sheet), 1):
            for name, column in place.items():
                _write(page, looks, number, column, row.get(name))
            for key, name in _named(sheet, row):
                low, base, high = (place[c] for c in three(name))
                cells[key] = _Cell(sheet, number, low, base, high)
            if sheet == "Assumptions" and row.get("mean") is not None:
                _moments(page, number, place, Amount.from_moments(Shape(row["distribution"]), row["mean"], row["sd"]))
    # A line that takes a named assumption points to where that stands.
    for row in (*sheets.of("Lines"), *sheets.of("Prices")):
        line = row.get("key") or row.get("line")
        for name in AMOUNTS:
            if isinstance(row.get(name), str) and row[name] in cells:
                field = f"price:{row['discipline']}" if "line" in row else name
                cells[f"{line}.{field}"] = cells[row[name]]
    return cells


def _moments(page: Any, row: int, place: Mapping[str, int], amount: Amount) -> None:
    """The three values of a distribution by its moments, as formulas of mean and standard deviation."""
    mean, sd = (xl_rowcol_to_cell(row, place[name], col_abs=True) for name in ("mean", "sd"))
    point = {
        Shape.GAMMA: f"GAMMAINV({{p}},({mean}/{sd})^2,{sd}^2/{mean})",
        Shape.LOGNORMAL: f"LOGINV({{p}},LN({mean})-LN(1+({sd}/{mean})^2)/2,SQRT(LN(1+({sd}/{mean})^2)))",
        Shape.BETA: f"BETAINV({{p}},{mean}*({mean}*(1-{mean})/{sd}^2-1),(1-{mean})*({mean}*(1-{mean})/{sd}^2-1))",
    }[amount.shape]
    low, high = point.format(p=LOW_POINT), point.format(p=HIGH_POINT)
    page.write_formula(row, place["value low"], f"=MIN({low},{mean})", None, amount.low)
    page.write_formula(row, place["value"], f"={mean}", None, amount.base)
    page.write_formula(row, place["value high"], f"=MAX({high},{mean})", None, amount.high)


def _named(sheet: str, row: Row) -> list[tuple[str, str]]:
    """The inputs that a row holds: key and column."""
    if sheet == "Assumptions":
        return [(row["key"], "value")]
    if sheet == "Prices":
        return [(f"{row['line']}.price:{row['discipline']}", "unit_value")]
    if sheet != "Lines":
        return []
    return [(f"{row['key']}.{name}", name) for name in AMOUNTS]


def _write(page: Any, looks: Mapping[str, Any], row: int, column: int, value: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        page.write_number(row, column, value)
    elif isinstance(value, date) and value.year >= FIRST_DAY_CELL:
        page.write_datetime(row, column, value, looks["day"])
    else:
        page.write_string(row, column, str(value))


def _calculation(
    book: Any, looks: Mapping[str, Any], model: Model, cells: Mapping[str, _Cell], places: Mapping[str, int]
) -> dict[str, dict[str, str]]:
    """One row a term; `places` are the rows of lines. Returns the ranges of each column for the figures."""
    page = book.add_worksheet("Calculation")
    page.freeze_panes(1, 3)
    for column, name in enumerate(CALCULATED):
        page.write_string(0, column, name, looks["head"])
        page.set_column(column, column, WIDTHS.get(name, 16))
    figures = {f.key: f for f in roi_figures(model).lines}
    social = amounts(model, model.base, social=True).tolist()
    for row, term in enumerate(model.terms, 1):
        line = figures[term.key]
        for column, value in ((0, term.key), (1, term.kind.value), (2, term.label), (4, term.whose_budget)):
            _write(page, looks, row, column, value)
        enabled, years = (_ref("Lines", places[term.line], LINES.index(c)) for c in ("enabled", "years"))
        off = f'OR(AND({enabled}<>"",{enabled}=FALSE),LOWER({enabled})="no",LOWER({enabled})="false")'
        page.write_formula(row, 3, f"=IF({off},0,1)", None, 1 if term.counted else 0)
        page.write_number(row, 5, term.count)
        page.write_number(row, 6, term.factor)
        page.write_formula(row, 7, f'=IF({years}="",1,{years})', None, term.years)
        for column, end, known in ((8, "low", line.amount.low), (9, "base", line.amount.base),
                                   (10, "high", line.amount.high)):  # fmt: skip
            page.write_formula(row, column, _amount(model, term, cells, row, end), looks["money"], known)
        page.write_formula(
            row, 11, _amount(model, term, cells, row, "base", social=True), looks["money"], social[row - 1]
        )
    last = len(model.terms)
    names = ("kind", "counted", "budget", "low", "base", "high", "social")
    columns = dict(zip(names, (1, 3, 4, 8, 9, 10, 11), strict=True))
    return {
        "range": {
            name: f"{_ref('Calculation', 1, column)}:{xl_rowcol_to_cell(last, column, row_abs=True, col_abs=True)}"
            for name, column in columns.items()
        }
    }


def _amount(model: Model, term: Term, cells: Mapping[str, _Cell], row: int, end: str, social: bool = False) -> str:
    """The formula of a term at one end: shares and drop-off stand at their other end.

    Fields that the ledger leaves out are read too, as a number may be put in: an empty share is 0, an empty
    confidence 1.
    """
    other = {"low": "high", "base": "base", "high": "low"}[end]

    def use(name: str, at: str) -> str:
        key = model.inputs[term.uses[name]].key if name in term.uses else f"{term.line}.{name}"
        return cells[key].at(at)

    benefit = term.kind is Kind.BENEFIT
    factors = [xl_rowcol_to_cell(row, 5), xl_rowcol_to_cell(row, 6), use("quantity", end), use("unit_value", end)]
    if benefit:
        factors += [f"(1-{use(share, other)})" for share in SHARES]
        confidence = use("confidence", end)
        factors += [] if social else [f'IF({confidence}="",1,{confidence})']
    years, rate = xl_rowcol_to_cell(row, 7), _rate()
    growth = GROWTH.format(drop=use("drop_off", other) if benefit else "0", rate=rate)
    factors.append(f"IF({years}=1,1,IF({growth}=1,{years},(1-({growth})^{years})/(1-({growth}))))")
    if social and benefit:
        factors.append(f"(1/(1+{rate}))")
    return "=" + "*".join(factors)


def _rate() -> str:
    """The discount rate's own cell on the figures sheet."""
    return _ref("Figures", 1, 1)


def _figures(book: Any, looks: Mapping[str, Any], model: Model, rows: Mapping[str, Mapping[str, str]]) -> None:
    page = book.add_worksheet("Figures")
    page.set_column(0, 0, 52)
    page.set_column(1, 3, 18)
    for column, name in enumerate((f"{model.currency}, {model.price_year} prices", "base", "low", "high")):
        page.write_string(0, column, name, looks["head"])
    found: RoiFigures = roi_figures(model)
    page.write_string(1, 0, "Discount rate of later years")
    rate = _ref("Ledger", 1 + HEAD.index("discount_rate"), 1)
    page.write_formula(1, 1, f'=IF({rate}="",{USUAL_RATE},{rate})', None, model.discount_rate)
    part = rows["range"]

    def total(kind: Kind, end: str) -> str:
        return f'=SUMIFS({part[end]},{part["kind"]},"{kind}",{part["counted"]},1)'

    ends = (("base", 1), ("low", 2), ("high", 3))
    for row, kind, amount in ((2, Kind.COST, found.total_costs), (3, Kind.BENEFIT, found.total_benefits)):
        page.write_string(row, 0, "Costs" if kind is Kind.COST else "Benefits")
        for end, column in ends:
            page.write_formula(row, column, total(kind, end), looks["money"], getattr(amount, end))
    net, bcr, roi = found.net_benefit, found.bcr, found.roi_percent
    figures: list[tuple[str, tuple[str, str, str], tuple[float, float, float]]] = [
        ("Net benefit", ("=B4-B3", "=C4-D3", "=D4-C3"), (net.base, net.low, net.high)),
        ("Benefit-cost ratio", ("=B4/B3", "=C4/D3", "=D4/C3"), (bcr.base, bcr.low, bcr.high)),
        ("Return on investment, %", ("=100*(B6-1)", "=100*(C6-1)", "=100*(D6-1)"), (roi.base, roi.low, roi.high)),
    ]
    for row, (label, formulas, values) in enumerate(figures, 4):
        page.write_string(row, 0, label, looks["bold"])
        for column, (formula, value) in enumerate(zip(formulas, values, strict=True), 1):
            page.write_formula(row, column, formula, looks["money"], value)
    page.write_string(7, 0, "Social return on investment (SROI Guide), per unit of cost")
    social = f'=SUMIFS({part["social"]},{part["kind"]},"{Kind.BENEFIT}",{part["counted"]},1)/B3'
    page.write_formula(7, 1, social, looks["money"], found.sroi)
    page.write_string(8, 0, "Break-even: share of the benefits that must come true, %")
    share = "no benefits" if found.break_even_share is None else 100 * found.break_even_share
    page.write_formula(8, 1, '=IF(B4>0,100*B3/B4,"no benefits")', looks["money"], share)
    row = 9
    for name, unit in PER_UNITS.items():
        count = model.counts.get(name, 0)
        if count > 0:
            page.write_string(row, 0, f"Cost per {unit} (of {count:,.10g})")
            for end, column, letter in (("base", 1, "B"), ("low", 2, "C"), ("high", 3, "D")):
                known = getattr(found.total_costs, end) / count
                page.write_formula(row, column, f"={letter}3/{count!r}", looks["money"], known)
            row += 1
    page.write_string(row + 1, 0, "By whose budget", looks["head"])
    for column, name in enumerate(("costs", "benefits", "net"), 1):
        page.write_string(row + 1, column, name, looks["head"])
    told = {b.budget: b for b in found.budgets}
    # Also budgets of lines that are switched off: they may be switched on here.
    for place, name in enumerate(sorted({t.whose_budget for t in model.terms}), row + 2):
        budget = told.get(name, BudgetShare(name, 0.0, 0.0))
        page.write_string(place, 0, name)
        key = xl_rowcol_to_cell(place, 0)
        for column, kind, value in ((1, Kind.COST, budget.costs), (2, Kind.BENEFIT, budget.benefits)):
            # Not SUMIFS: to it a name such as "Region *" or ">5" is a pattern.
            formula = (
                f'=SUMPRODUCT({part["base"]}*({part["kind"]}="{kind}")*{part["counted"]}*EXACT({part["budget"]},{key}))'
            )
            page.write_formula(place, column, formula, looks["money"], value)
        benefit, cost = xl_rowcol_to_cell(place, 2), xl_rowcol_to_cell(place, 1)
        page.write_formula(place, 3, f"={benefit}-{cost}", looks["money"], budget.net)
