"""The ledger: costs and benefits as lines that each name their assumption, its range, its source and its owner.

`parse_ledger` takes the already parsed TOML; `data/demo/roi/roi_psychosocial.toml` documents the format by example.
Shares point one way only: `deadweight` would have happened anyway, `displacement` moved elsewhere,
`attribution_to_others` is what others caused. Each lowers a benefit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from echo_metrics.roi.fields import SHARES, Amount, LedgerError, TableReader, not_negative, share_between

FORMAT = "echo-metrics-ledger"
VERSION = 1

STORE_QUANTITIES = ("sessions", "participants", "attended_hours", "attendances")
"""Quantities that a line may draw from the store by name instead of writing a number."""

RETENTION_NOTE = (
    "Retention is off by default: the ASPE study (aspe.hhs.gov) did not find that ECHO raised retention at person or "
    "site level, though more people stayed in shortage areas."
)

ONCE = Amount(1.0, 1.0, 1.0)
NO_SHARE = Amount(0.0, 0.0, 0.0)

LEDGER_KEYS = (
    "format",
    "version",
    "title",
    "network",
    "cohort",
    "currency",
    "price_year",
    "prepared_by",
    "date",
    "source",
    "note",
    "cost",
    "benefit",
)
COST_KEYS = (
    "key",
    "label",
    "quantity",
    "quantity_from",
    "per",
    "discipline",
    "unit",
    "unit_value",
    "currency",
    "basis",
    "source",
    "owner",
    "date",
    "whose_budget",
    "enabled",
    "note",
)
BENEFIT_KEYS = (*COST_KEYS, *SHARES)


@dataclass(frozen=True, slots=True)
class StoreQuantity:
    """A quantity counted in the store: `per` units of the line for each one counted.

    `name` is one of `STORE_QUANTITIES`; `discipline` limits the count to one discipline.
    """

    name: str
    per: Amount = ONCE
    discipline: str | None = None

    @property
    def key(self) -> str:
        """Name under which `figures.roi_figures` looks it up: `attended_hours` or `attended_hours:social_work`."""
        return self.name if self.discipline is None else f"{self.name}:{self.discipline}"


@dataclass(frozen=True, slots=True)
class CostLine:
    """One cost: quantity times unit value, in the ledger's currency and prices.

    A line that is not enabled is listed and not counted; `note` says why.
    """

    key: str
    label: str
    quantity: Amount | StoreQuantity
    unit_value: Amount
    unit: str
    basis: str
    source: str
    owner: str
    date: date
    whose_budget: str
    enabled: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class BenefitLine:
    """One benefit: quantity times unit value, less three shares between 0 and 1.

    `deadweight` would have happened anyway, `displacement` moved elsewhere, `attribution_to_others` others caused.
    """

    key: str
    label: str
    quantity: Amount | StoreQuantity
    unit_value: Amount
    unit: str
    basis: str
    source: str
    owner: str
    date: date
    whose_budget: str
    deadweight: Amount = NO_SHARE
    displacement: Amount = NO_SHARE
    attribution_to_others: Amount = NO_SHARE
    enabled: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Costs and benefits of one network (and cohort, if named), all in one currency and the prices of one year."""

    title: str
    network: str
    cohort: str | None
    currency: str
    price_year: int
    prepared_by: str
    date: date
    source: str
    note: str
    costs: tuple[CostLine, ...]
    benefits: tuple[BenefitLine, ...]

    @property
    def lines(self) -> tuple[CostLine | BenefitLine, ...]:
        """All lines, costs first."""
        return (*self.costs, *self.benefits)

    @property
    def needs(self) -> tuple[str, ...]:
        """Keys of the store's quantities that counted lines draw on, sorted."""
        drawn = {line.quantity.key for line in self.lines if line.enabled and isinstance(line.quantity, StoreQuantity)}
        return tuple(sorted(drawn))


def _quantity(reader: TableReader) -> Amount | StoreQuantity | None:
    drawn = "quantity_from" in reader.data
    if drawn and "quantity" in reader.data:
        reader.problem("give quantity or quantity_from, not both.")
        return None
    if not drawn:
        for key in ("per", "discipline"):
            if key in reader.data:
                reader.problem(f"{key} goes with quantity_from only.")
        if "quantity" not in reader.data:
            reader.problem("quantity (or quantity_from) is missing.")
            return None
        return reader.amount("quantity", not_negative)
    name = reader.text("quantity_from", required=True)
    if name and name not in STORE_QUANTITIES:
        reader.problem(f"quantity_from is {name!r}; it must be one of {', '.join(STORE_QUANTITIES)}.")
        return None
    per = reader.amount("per", not_negative) if "per" in reader.data else ONCE
    discipline = reader.text("discipline") or None
    if discipline is not None and name == "sessions":
        reader.problem("sessions can't be limited to a discipline.")
        return None
    return None if per is None or not name else StoreQuantity(name, per, discipline)


@dataclass(frozen=True, slots=True)
class _Context:
    """What the lines take from the ledger: its currency and its date."""

    currency: str
    day: date | None


def _line(data: Any, kind: str, position: int, context: _Context, problems: list[str]) -> CostLine | BenefitLine | None:
    if not isinstance(data, Mapping):
        problems.append(f"{kind} {position}: must be a table ([[{kind}]]).")
        return None
    named = data.get("key")
    where = f"{kind} {named!r}" if isinstance(named, str) and named.strip() else f"{kind} {position}"
    reader = TableReader(data, where, problems)
    reader.refuse_unknown(BENEFIT_KEYS if kind == "benefit" else COST_KEYS)
    key = reader.text("key", required=True)
    label = reader.text("label", required=True)
    quantity = _quantity(reader)
    unit_value = reader.amount("unit_value", not_negative)
    currency = reader.text("currency")
    if currency and context.currency and currency != context.currency:
        reader.problem(f"currency {currency} differs from the ledger's {context.currency}; convert it first.")
    source = reader.text("source", required=True)
    owner = reader.text("owner", required=True)
    # A line without a date of its own is as old as the ledger.
    day = reader.day("date", context.day or date.min)
    unit, basis, note = reader.text("unit"), reader.text("basis"), reader.text("note")
    budget = reader.text("whose_budget") or "not stated"
    enabled = reader.flag("enabled", True)
    shares = {
        share: reader.amount(share, share_between) for share in SHARES if kind == "benefit" and share in reader.data
    }
    if quantity is None or unit_value is None:
        return None
    if kind == "cost":
        return CostLine(key, label, quantity, unit_value, unit, basis, source, owner, day, budget, enabled, note)
    return BenefitLine(
        key,
        label,
        quantity,
        unit_value,
        unit,
        basis,
        source,
        owner,
        day,
        budget,
        deadweight=shares.get("deadweight") or NO_SHARE,
        displacement=shares.get("displacement") or NO_SHARE,
        attribution_to_others=shares.get("attribution_to_others") or NO_SHARE,
        enabled=enabled,
        note=note,
    )


def _tables(data: Mapping[str, Any], kind: str, problems: list[str]) -> list[Any]:
    value = data.get(kind, [])
    if not isinstance(value, list):
        problems.append(f"ledger: {kind} must be a list of tables ([[{kind}]]).")
        return []
    return value


def _check_keys(tables: list[Any], problems: list[str]) -> None:
    seen: set[str] = set()
    for table in tables:
        key = table.get("key") if isinstance(table, Mapping) else None
        if not isinstance(key, str) or not key.strip():
            continue
        if key.strip() in seen:
            problems.append(f"ledger: two lines have the key {key.strip()!r}.")
        seen.add(key.strip())


def _price_year(reader: TableReader) -> int:
    value = reader.data.get("price_year")
    if value is None:
        reader.problem("price_year is missing; amounts of different years can't be added.")
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 1900 <= value <= 2200:
        reader.problem(f"price_year is {value!r}; it must be a year such as 2020.")
        return 0
    return value


def parse_ledger(data: Mapping[str, Any]) -> Ledger:
    """Check an already parsed TOML document and return it as a ledger.

    Raises `LedgerError` with one sentence for every problem found (unknown keys, shares above 1, low above high,
    negative amounts, missing price year, duplicate keys, mixed currencies, no costs, missing source or owner).
    """
    problems: list[str] = []
    reader = TableReader(data, "ledger", problems)
    if data.get("format") != FORMAT:
        reader.problem(f'format must be "{FORMAT}".')
    if data.get("version") != VERSION or isinstance(data.get("version"), bool):
        reader.problem(f"version must be {VERSION}.")
    reader.refuse_unknown(LEDGER_KEYS)
    title = reader.text("title", required=True)
    network = reader.text("network", required=True)
    cohort = reader.text("cohort") or None
    currency = reader.text("currency", required=True)
    price_year = _price_year(reader)
    prepared_by = reader.text("prepared_by", required=True)
    day = reader.day("date", None)
    source, note = reader.text("source"), reader.text("note")
    costs, benefits = _tables(data, "cost", problems), _tables(data, "benefit", problems)
    if "cost" not in data or (isinstance(data["cost"], list) and not costs):
        reader.problem("there are no cost lines; a return without costs means nothing.")
    _check_keys([*costs, *benefits], problems)
    context = _Context(currency, day if day != date.min else None)
    parsed_costs = [_line(table, "cost", i, context, problems) for i, table in enumerate(costs, 1)]
    parsed_benefits = [_line(table, "benefit", i, context, problems) for i, table in enumerate(benefits, 1)]
    if problems:
        raise LedgerError(tuple(problems))
    return Ledger(
        title,
        network,
        cohort,
        currency,
        price_year,
        prepared_by,
        day,
        source,
        note,
        tuple(line for line in parsed_costs if isinstance(line, CostLine)),
        tuple(line for line in parsed_benefits if isinstance(line, BenefitLine)),
    )
