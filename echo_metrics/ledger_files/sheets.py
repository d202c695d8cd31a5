"""A ledger as flat tables, one row a line: what the workbook's sheets and the screen's table hold.

An amount stands in three cells (low, base, high); only the base is filled where there is no range, and it holds a name
instead of a number where the line takes a named assumption. Distributions other than PERT are named assumptions here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from echo_metrics.roi.document import as_document
from echo_metrics.roi.ledger import BENEFIT_INPUTS, FAULTS, INPUT_WORDS, Kind, Ledger

Row = dict[str, Any]

HEAD = ("format", "version", "title", "network", "cohort", "currency", "price_year", "discount_rate", "prepared_by",
        "date", "source", "note")  # fmt: skip
AMOUNTS = ("quantity", "unit_value", *BENEFIT_INPUTS)


def three(name: str) -> tuple[str, str, str]:
    """The columns of an amount: low, base, high."""
    return f"{name} low", name, f"{name} high"


LINES = (
    "key", "kind", "label", "enabled", "quantity_from", "discipline", *three("quantity"), "unit", *three("unit_value"),
    "currency", "price_year", *(c for n in BENEFIT_INPUTS for c in three(n)), "years", "whose_budget", "evidence",
    "source", "owner", "date", "basis", "note",
)  # fmt: skip
ASSUMPTIONS = ("key", "label", *three("value"), "distribution", "mean", "sd", "source", "owner", "date", "evidence",
               "note")  # fmt: skip
PRICES = ("line", "discipline", *three("unit_value"))
SITES = ("name", "km", "hours", "nights")
RATES = ("currency", "year", "rate", "source")
PRICE_INDICES = ("year", "index", "source")
CORRELATIONS = ("first", "second", "rho", "source")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "Ledger": ("field", "value"),
    "Lines": LINES,
    "Assumptions": ASSUMPTIONS,
    "Prices": PRICES,
    "Sites": SITES,
    "Exchange rates": RATES,
    "Price levels": PRICE_INDICES,
    "Correlations": CORRELATIONS,
}
"""The sheets of a ledger with their columns, in order."""
TOLD = ("source", "owner", "date", "evidence")
"""What an assumption that a distribution becomes takes over from its line."""
WHOLE = frozenset({"version", "price_year", "years", "year"})
"""Columns that hold whole numbers."""
TEXT = frozenset(
    {
        "format", "title", "network", "cohort", "currency", "prepared_by", "source", "note", "key", "kind", "label",
        "quantity_from", "discipline", "unit", "whose_budget", "evidence", "owner", "basis", "distribution", "name",
        "line", "first", "second", "field",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Sheets:
    """The flat tables of a ledger by sheet; `faults` are sentences on what is wrong with the tables themselves."""

    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    faults: tuple[str, ...] = ()

    def of(self, sheet: str) -> Sequence[Row]:
        """The rows of one sheet, none where it is missing."""
        return self.rows.get(sheet, ())


def to_sheets(ledger: Ledger) -> Sheets:
    """Lay a ledger out in tables."""
    body = as_document(ledger)
    named = _Named(body)
    lines, prices = [], []
    for kind in (Kind.COST, Kind.BENEFIT):
        for table in body.get(kind.value, []):
            lines.append(_line_row(table, kind, named))
            for discipline, value in table.get("by_discipline", {}).items():
                price = {"line": table["key"], "discipline": discipline}
                prices.append(price | _cells("unit_value", value, table, named, f"price:{discipline}"))
    return Sheets(
        {
            "Ledger": [{"field": n, "value": {**body, "discount_rate": ledger.discount_rate}.get(n)} for n in HEAD],
            "Lines": lines,
            "Assumptions": named.rows,
            "Prices": prices,
            "Sites": body.get("site", []),
            "Exchange rates": body.get("rate", []),
            "Price levels": body.get("price_index", []),
            "Correlations": [
                {
                    "first": named.names.get(c["between"][0], c["between"][0]),
                    "second": named.names.get(c["between"][1], c["between"][1]),
                    "rho": c["rho"],
                    "source": c["source"],
                }
                for c in body.get("correlation", [])
            ],
        }
    )


def to_document(sheets: Sheets) -> dict[str, Any]:
    """The document that `parse_ledger` reads, from tables that a person may have changed; nothing is checked here."""
    body: dict[str, Any] = {}
    faults = list(sheets.faults)
    for row in sheets.of("Ledger"):
        name = _word(row.get("field"))
        if not name or row.get("value") in (None, ""):
            continue
        if name not in HEAD:
            faults.append(f"the sheet Ledger has the unknown field {name!r}.")
            continue
        if name in body:
            faults.append(f"the sheet Ledger holds {name!r} twice.")
        body[name] = _typed(name, row["value"])
    body["assumption"] = [_assumption(row) for row in _used(sheets.of("Assumptions"))]
    prices: dict[str, dict[str, Any]] = {}
    for row in _used(sheets.of("Prices")):
        line, discipline = _word(row.get("line")), _word(row.get("discipline"))
        if discipline in prices.get(line, {}):
            faults.append(f"the sheet Prices has two prices of {discipline!r} for the line {line!r}.")
        prices.setdefault(line, {})[discipline] = _amount(row, "unit_value")
    for position, row in enumerate(_used(sheets.of("Lines")), 1):
        kind, table = _line(row)
        by_discipline = prices.pop(_word(row.get("key")), None)
        if by_discipline:
            table["by_discipline"] = by_discipline
        if kind not in (Kind.COST.value, Kind.BENEFIT.value):
            where = repr(table["key"]) if "key" in table else f"number {position}"
            faults.append(f"the line {where} of the sheet Lines is of kind {kind!r}; write cost or benefit.")
        # A row is never dropped; benefits may hold every field, so that only its kind is complained of.
        body.setdefault(Kind.COST.value if kind == Kind.COST.value else Kind.BENEFIT.value, []).append(table)
    faults += [f"the sheet Prices names the line {line!r}, which is not there." for line in prices]
    if faults:
        body[FAULTS] = faults
    for sheet, table_name in (("Sites", "site"), ("Exchange rates", "rate"), ("Price levels", "price_index")):
        body[table_name] = [
            {k: _typed(k, v) for k, v in row.items() if v not in (None, "")} for row in _used(sheets.of(sheet))
        ]
    body["correlation"] = [
        {
            "between": [_word(row.get("first")), _word(row.get("second"))],
            **{k: _typed(k, row[k]) for k in ("rho", "source") if row.get(k) not in (None, "")},
        }
        for row in _used(sheets.of("Correlations"))
    ]
    return {k: v for k, v in body.items() if v != []}


class _Named:
    """The rows of named assumptions: the ledger's own, and one for each distribution that three cells can't hold."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self.rows = [_assumption_row(a) for a in body.get("assumption", [])]
        self.names: dict[str, str] = {}
        """The new name of an input by the name that it had, for the correlations."""
        tables = [*body.get("assumption", []), *body.get(Kind.COST.value, []), *body.get(Kind.BENEFIT.value, [])]
        self._taken = {table["key"] for table in tables}

    def add(self, value: Mapping[str, Any], table: Mapping[str, Any], field: str) -> str:
        """Keep a distribution under a name of its own, which is returned."""
        unit = table.get("unit") or "units"
        plain_field = "unit_value" if field.startswith("price:") else field
        words = INPUT_WORDS[plain_field].format(unit=unit, one=unit, counted="one")
        plain = key = re.sub(r"[.:=]", "_", f"{table['key']}_{field.removeprefix('price:')}")
        number = 2
        while key in self._taken:
            key, number = f"{plain}_{number}", number + 1
        self._taken.add(key)
        self.names[f"{table['key']}.{field}"] = key
        named = {"key": key, "label": f"{table['label']}: {words}", "value": value}
        self.rows.append(_assumption_row(named | {k: table[k] for k in TOLD if k in table}))
        return key


def _line_row(table: Mapping[str, Any], kind: Kind, named: _Named) -> Row:
    row = _empty(LINES)
    row |= {k: v for k, v in table.items() if k in LINES and k not in AMOUNTS}
    row |= {"kind": kind.value, "enabled": table.get("enabled", True)}
    # What the workbook multiplies must stand there, also the 1 that a ledger may leave out.
    quantity = table.get("quantity", table.get("per", 1.0))
    values = {**{n: table.get(n) for n in AMOUNTS}, "quantity": quantity}
    for name, value in values.items():
        if value is not None:
            row |= _cells(name, value, table, named, name)
    return row


def _cells(name: str, value: Any, table: Mapping[str, Any], named: _Named, field: str) -> Row:
    """An amount in its three cells; a distribution that does not fit them becomes a named assumption."""
    if not isinstance(value, Mapping):
        return {name: value}
    if "distribution" not in value:
        return dict(zip(three(name), (value["low"], value["base"], value["high"]), strict=True))
    return {name: named.add(value, table, field)}


def _assumption_row(table: Mapping[str, Any]) -> Row:
    row = _empty(ASSUMPTIONS)
    row |= {k: v for k, v in table.items() if k != "value"}
    value = table["value"]
    if not isinstance(value, Mapping):
        return row | {"value": value}
    names = {"low": "value low", "base": "value", "high": "value high"}
    return row | {names.get(str(k), str(k)): v for k, v in value.items()}


def _empty(columns: Sequence[str]) -> Row:
    return dict[str, Any](dict.fromkeys(columns))


def _assumption(row: Row) -> dict[str, Any]:
    table = _told(row, ("key", "label", "source", "owner", "date", "evidence", "note"))
    moments = {k: _typed(k, row[k]) for k in ("mean", "sd") if row.get(k) not in (None, "")}
    shape = _word(row.get("distribution"))
    value = moments or _amount(row, "value")
    if shape:
        value = {**(value if isinstance(value, Mapping) else {"base": value}), "distribution": shape}
    return table | ({"value": value} if value is not None else {})


def _line(row: Row) -> tuple[str, dict[str, Any]]:
    table = _told(row, [c for c in LINES if not any(c in three(n) for n in AMOUNTS)])
    kind = str(table.pop("kind", "")).strip().lower()
    drawn = "quantity_from" in table
    if table.get("enabled") is True:
        del table["enabled"]
    if kind == Kind.COST.value and "years" in table and table["years"] == 1:
        del table["years"]
    for name in AMOUNTS:
        value = _amount(row, name)
        if value is not None:
            table["per" if name == "quantity" and drawn else name] = value
    return kind, table


def _amount(row: Row, name: str) -> Any:
    """A number, a range or a name from three cells; None where they are empty."""
    low, base, high = (_typed(name, row.get(c)) for c in three(name))
    if low in (None, "") and high in (None, ""):
        return None if base in (None, "") else base
    found = {"low": low, "base": base, "high": high}
    return {k: v for k, v in found.items() if v not in (None, "")}


def _told(row: Row, names: Iterable[str]) -> dict[str, Any]:
    return {n: _typed(n, row[n]) for n in names if row.get(n) not in (None, "")}


def _used(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if any(v not in (None, "") for k, v in row.items() if k != "enabled")]


def _word(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _typed(name: str, value: Any) -> Any:
    """A cell as the document holds it: numbers as numbers, yes and no as such, days as days; all else as it stands."""
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, bool | date):
        return value
    if isinstance(value, int | float):
        if name in TEXT:
            return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
        if isinstance(value, int):
            return value
        return int(value) if name in WHOLE and value.is_integer() else value
    text = str(value).strip()
    if name in TEXT:
        return text
    if name == "enabled":
        return {"true": True, "yes": True, "false": False, "no": False}.get(text.lower(), text)
    if name == "date":
        return text[:10]
    try:
        number = float(text.replace("\N{MINUS SIGN}", "-"))
    except ValueError:
        return text
    return int(number) if name in WHOLE and number.is_integer() else number
