"""Reads a ledger from an already parsed document, or says everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from echo_metrics.roi.amounts import Amount, Shape
from echo_metrics.roi.fields import (
    Check,
    LedgerError,
    TableReader,
    above_zero,
    any_number,
    not_negative,
    quoted,
    share_between,
)
from echo_metrics.roi.ledger import (
    BENEFIT_INPUTS,
    FAULTS,
    FORMAT,
    MOST_YEARS,
    SITE_QUANTITIES,
    STORE_QUANTITIES,
    USUAL_RATE,
    VERSION,
    Assumption,
    Correlation,
    ExchangeRate,
    Given,
    Kind,
    Ledger,
    Line,
    PriceIndex,
    Site,
    StoreQuantity,
)
from echo_metrics.roi.relations import check_correlations, check_money, unused_assumptions
from echo_metrics.text import fold

HEAD_KEYS = (
    "format", "version", "title", "network", "cohort", "currency", "price_year", "discount_rate", "prepared_by", "date",
    "source", "note",
)  # fmt: skip
TABLES = ("cost", "benefit", "assumption", "site", "rate", "price_index", "correlation")
"""The lists of tables that a ledger may hold."""
LEDGER_KEYS = (*HEAD_KEYS, *TABLES)
COST_KEYS = (
    "key", "label", "quantity", "quantity_from", "per", "discipline", "unit", "unit_value", "by_discipline", "currency",
    "price_year", "years", "basis", "source", "owner", "date", "evidence", "whose_budget", "enabled", "note",
)  # fmt: skip
BENEFIT_KEYS = (*COST_KEYS, *BENEFIT_INPUTS)
ASSUMPTION_KEYS = ("key", "label", "value", "source", "owner", "date", "evidence", "note")
FIRST_YEAR, LAST_YEAR = 1900, 2200
JOINTS = (".", ":", "=")
"""What no key may hold: inputs are called `line.field` and `line.price:discipline`, and changed by `input=value`."""
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class _Context:
    """What the lines take from the ledger around them."""

    currency: str
    price_year: int
    day: date | None
    assumptions: Mapping[str, Assumption]


def parse_ledger(data: Mapping[str, Any]) -> Ledger:
    """Check an already parsed TOML document and return it as a ledger.

    Raises `LedgerError` with one sentence for every problem found: unknown keys, shares above 1, low above high,
    negative amounts, a missing price year, other currencies or years without a rate, duplicate keys, an assumption that
    is not there, correlations that contradict each other, no costs, no source or owner.
    """
    problems: list[str] = []
    reader = TableReader(data, "ledger", problems)
    if data.get("format") != FORMAT:
        reader.problem(f'format must be "{FORMAT}".')
    if data.get("version") != VERSION or isinstance(data.get("version"), bool):
        reader.problem(f"version must be {VERSION}.")
    faults = data.get(FAULTS)
    problems += [f"ledger: {fault}" for fault in faults] if isinstance(faults, list) else []
    reader.refuse_unknown((*LEDGER_KEYS, FAULTS) if isinstance(faults, list) else LEDGER_KEYS)
    title, network = reader.text("title", required=True), reader.text("network", required=True)
    cohort = reader.text("cohort") or None
    currency, price_year = reader.text("currency", required=True), _price_year(reader)
    discount_rate = reader.number("discount_rate", _rate, USUAL_RATE)
    prepared_by, day = reader.text("prepared_by", required=True), reader.day("date", None)
    known_day = day if day != date.min else None
    assumptions = _assumptions(_tables(data, "assumption", problems), known_day, problems)
    named = {a.key: a for a in assumptions}
    sites = _rows(data, "site", _site, problems)
    rates = _rows(data, "rate", _exchange_rate, problems)
    indices = _rows(data, "price_index", _price_index, problems)
    correlations = _rows(data, "correlation", _correlation, problems)
    costs, benefits = _tables(data, "cost", problems), _tables(data, "benefit", problems)
    if "cost" not in data or (isinstance(data["cost"], list) and not costs):
        reader.problem("there are no cost lines; a return without costs means nothing.")
    _check_keys([*costs, *benefits, *_tables(data, "assumption", [])], problems)
    context = _Context(currency, price_year, known_day, named)
    lines = [
        line
        for kind, tables in ((Kind.COST, costs), (Kind.BENEFIT, benefits))
        for position, table in enumerate(tables, 1)
        if (line := _line(table, kind, position, context, problems)) is not None
    ]
    # Sites are found by their folded names; the site that stands for all others folds to nothing.
    _check_names("site", [s.name for s in sites], problems, lambda name: fold(name) or name)
    problems += check_money(lines, currency, price_year, rates, indices)
    problems += check_correlations(lines, assumptions, correlations)
    problems += unused_assumptions(lines, assumptions) if not problems else []
    if problems:
        raise LedgerError(tuple(problems))
    return Ledger(
        title=title,
        network=network,
        cohort=cohort,
        currency=currency,
        price_year=price_year,
        prepared_by=prepared_by,
        date=day,
        source=reader.text("source"),
        note=reader.text("note"),
        lines=tuple(lines),
        discount_rate=USUAL_RATE if discount_rate is None else discount_rate,
        assumptions=assumptions,
        sites=sites,
        rates=rates,
        price_indices=indices,
        correlations=correlations,
    )


def _line(data: Any, kind: Kind, position: int, context: _Context, problems: list[str]) -> Line | None:
    if not isinstance(data, Mapping):
        problems.append(f"{kind} {position}: must be a table ([[{kind}]]).")
        return None
    named = data.get("key")
    where = f"{kind} {named!r}" if isinstance(named, str) and named.strip() else f"{kind} {position}"
    reader = TableReader(data, where, problems)
    reader.refuse_unknown(BENEFIT_KEYS if kind is Kind.BENEFIT else COST_KEYS)
    inputs: dict[str, Given] = {}
    counted_from = _counted_from(reader)
    quantity = _quantity(reader, context, counted_from)
    unit_value = _given(reader, "unit_value", not_negative, context)
    if kind is Kind.BENEFIT:
        for name in BENEFIT_INPUTS:
            if name in data and (given := _given(reader, name, share_between, context)) is not None:
                inputs[name] = given
    prices = _prices(reader, counted_from, context)
    years = reader.whole("years", 1, MOST_YEARS, 1)
    if "drop_off" in inputs and years == 1:
        reader.problem("drop_off is what fades in later years; say over how many with years, or leave it out.")
    return Line(
        key=reader.text("key", required=True),
        label=reader.text("label", required=True),
        kind=kind,
        inputs={
            **({"quantity": quantity} if quantity else {}),
            **({"unit_value": unit_value} if unit_value else {}),
            **inputs,
        },
        counted_from=counted_from,
        unit=reader.text("unit"),
        currency=reader.text("currency") or context.currency,
        price_year=_price_year(reader, context.price_year),
        basis=reader.text("basis"),
        source=reader.text("source", required=True),
        owner=reader.text("owner", required=True),
        # A line without a date of its own is as old as the ledger.
        date=reader.day("date", context.day or date.min),
        whose_budget=reader.text("whose_budget") or "not stated",
        evidence=reader.evidence(),
        years=years or 1,
        enabled=reader.flag("enabled", True),
        note=reader.text("note"),
        prices=prices,
    )
    # A line with faulty numbers goes on, so that everything else that is wrong with it is said at once.


def _given(reader: TableReader, key: str, check: Check, context: _Context) -> Given | None:
    """An amount written in the line, or the assumption that it names; None with a problem."""
    value = reader.data.get(key)
    if not isinstance(value, str):
        amount = reader.amount(key, check)
        return None if amount is None else Given(amount)
    found = context.assumptions.get(value.strip())
    if found is None:
        reader.problem(f"{key} names the assumption {value.strip()!r}, which the ledger does not have.")
        return None
    if check is share_between and found.amount.shape in (Shape.GAMMA, Shape.LOGNORMAL):
        reader.problem(
            f"{key} names the assumption {found.key!r}, whose {found.amount.shape} distribution has no upper end, and "
            "a share ends at 1; write a beta."
        )
        return None
    for end in (found.amount.low, found.amount.high):
        if (sentence := check(key, end)) is not None:
            reader.problem(f"{key} names the assumption {found.key!r}, and its {sentence}")
            return None
    return Given(found.amount, found.key)


def _counted_from(reader: TableReader) -> StoreQuantity | None:
    if "quantity_from" not in reader.data:
        for key in ("per", "discipline"):
            if key in reader.data:
                reader.problem(f"{key} goes with quantity_from only.")
        return None
    name = reader.text("quantity_from", required=True)
    known = (*STORE_QUANTITIES, *SITE_QUANTITIES)
    if name and name not in known:
        reader.problem(f"quantity_from is {name!r}; it must be one of {', '.join(known)}.")
    discipline = reader.text("discipline") or None
    if discipline is not None and name == "sessions":
        reader.problem("sessions can't be limited to a discipline.")
    if discipline is not None and name in SITE_QUANTITIES:
        reader.problem("journeys are counted by site and can't be limited to a discipline as well.")
    return StoreQuantity(name, discipline) if name in known else None


def _quantity(reader: TableReader, context: _Context, counted_from: StoreQuantity | None) -> Given | None:
    drawn = "quantity_from" in reader.data
    if drawn and "quantity" in reader.data:
        reader.problem("give quantity or quantity_from, not both.")
        return None
    if drawn:
        per = _given(reader, "per", not_negative, context) if "per" in reader.data else Given(Amount.exactly(1.0))
        return per if counted_from is not None else None
    if "quantity" not in reader.data:
        reader.problem("quantity (or quantity_from) is missing.")
        return None
    return _given(reader, "quantity", not_negative, context)


def _prices(reader: TableReader, counted_from: StoreQuantity | None, context: _Context) -> dict[str, Given]:
    """Unit values of disciplines that have one of their own."""
    table = reader.data.get("by_discipline")
    if table is None:
        return {}
    if not isinstance(table, Mapping):
        reader.problem("by_discipline must be a table of disciplines with their unit values.")
        return {}
    if counted_from is None or counted_from.discipline or counted_from.name not in ("attended_hours", "attendances"):
        reader.problem("by_discipline goes with quantity_from attended_hours or attendances of everyone only.")
        return {}
    inner = TableReader(table, f"{reader.where}, by_discipline", reader.problems)
    names = [fold(str(key)) for key in table]
    if "" in names or len(set(names)) < len(names):
        inner.problem("each discipline needs a name, and one price only.")
        return {}
    found = {str(key): _given(inner, key, not_negative, context) for key in table}
    return {key: given for key, given in found.items() if given is not None}


def _assumptions(tables: list[Any], day: date | None, problems: list[str]) -> tuple[Assumption, ...]:
    found = []
    for position, table in enumerate(tables, 1):
        if not isinstance(table, Mapping):
            problems.append(f"assumption {position}: must be a table ([[assumption]]).")
            continue
        reader = TableReader(table, f"assumption {table.get('key', position)!r}", problems)
        reader.refuse_unknown(ASSUMPTION_KEYS)
        amount = reader.amount("value", not_negative)
        key, label = reader.text("key", required=True), reader.text("label", required=True)
        source, owner = reader.text("source", required=True), reader.text("owner", required=True)
        own_day, evidence, note = reader.day("date", day or date.min), reader.evidence(), reader.text("note")
        if amount is not None:
            found.append(Assumption(key, label, amount, source, owner, own_day, evidence, note))
    return tuple(found)


def _site(reader: TableReader) -> Site | None:
    reader.refuse_unknown(("name", "km", "hours", "nights"))
    name = reader.text("name", required=True)
    km, hours, nights = (reader.number(key, not_negative, 0.0) for key in ("km", "hours", "nights"))
    return None if km is None or hours is None or nights is None else Site(name, km, hours, nights)


def _exchange_rate(reader: TableReader) -> ExchangeRate | None:
    reader.refuse_unknown(("currency", "year", "rate", "source"))
    currency, source = reader.text("currency", required=True), reader.text("source", required=True)
    year, rate = reader.whole("year", FIRST_YEAR, LAST_YEAR), reader.number("rate", above_zero)
    return None if year is None or rate is None else ExchangeRate(currency, year, rate, source)


def _price_index(reader: TableReader) -> PriceIndex | None:
    reader.refuse_unknown(("year", "index", "source"))
    source = reader.text("source", required=True)
    year, index = reader.whole("year", FIRST_YEAR, LAST_YEAR), reader.number("index", above_zero)
    return None if year is None or index is None else PriceIndex(year, index, source)


def _correlation(reader: TableReader) -> Correlation | None:
    reader.refuse_unknown(("between", "rho", "source"))
    source, rho = reader.text("source", required=True), reader.number("rho", any_number)
    between = reader.data.get("between")
    if not isinstance(between, list) or len(between) != 2 or not all(isinstance(name, str) for name in between):
        reader.problem('between must name two inputs, such as ["travel.deadweight", "travel.unit_value"].')
        return None
    if rho is None:
        return None
    if not -1 <= rho <= 1:
        reader.problem(f"rho is {rho:g}; a correlation lies between -1 and 1.")
        return None
    return Correlation(between[0], between[1], rho, source)


def _rows(
    data: Mapping[str, Any], kind: str, read: Callable[[TableReader], Row | None], problems: list[str]
) -> tuple[Row, ...]:
    found = []
    for position, table in enumerate(_tables(data, kind, problems), 1):
        if not isinstance(table, Mapping):
            problems.append(f"{kind} {position}: must be a table ([[{kind}]]).")
            continue
        row = read(TableReader(table, f"{kind} {position}", problems))
        if row is not None:
            found.append(row)
    return tuple(found)


def _tables(data: Mapping[str, Any], kind: str, problems: list[str]) -> list[Any]:
    value = data.get(kind, [])
    if not isinstance(value, list):
        problems.append(f"ledger: {kind} must be a list of tables ([[{kind}]]).")
        return []
    return value


def _check_keys(tables: list[Any], problems: list[str]) -> None:
    """Keys of lines and assumptions share one list, as inputs are called `line.field` or by their assumption."""
    found = [t.get("key") for t in tables if isinstance(t, Mapping)]
    keys = [k.strip() for k in found if isinstance(k, str) and k.strip()]
    _check_names("line", keys, problems)
    for key in dict.fromkeys(keys):
        if any(c in key for c in JOINTS):
            problems.append(
                f"ledger: the key {key!r} holds one of {' '.join(JOINTS)}, which join a line and its field."
            )
        elif _reads_as_number(key):
            problems.append(f"ledger: the key {key!r} would be read as a number; begin it with a word.")


def _reads_as_number(key: str) -> bool:
    try:
        float(key.replace("\N{MINUS SIGN}", "-"))
    except ValueError:
        return False
    return True


def _check_names(
    what: str, names: list[str], problems: list[str], alike: Callable[[str], str] = lambda name: name
) -> None:
    seen: set[str] = set()
    for name in names:
        if alike(name) in seen:
            problems.append(f"ledger: two {what}s have the {'key' if what == 'line' else 'name'} {name!r}.")
        seen.add(alike(name))


def _price_year(reader: TableReader, default: int | None = None) -> int:
    value = reader.data.get("price_year", default)
    if value is None:
        reader.problem("price_year is missing; amounts of different years can't be added.")
        return 0
    if default is not None and value == default:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not FIRST_YEAR <= value <= LAST_YEAR:
        reader.problem(f"price_year is {quoted(value)}; it must be a year such as 2020.")
        return 0
    return value


def _rate(name: str, value: float) -> str | None:
    if 0 <= value < 1:
        return None
    hint = f"; {value:g} percent is {value / 100:g}" if 1 <= value <= 100 else ""
    return f"{name} is {value:g}; write a rate from 0 to below 1{hint}."
