"""A ledger with its counts filled in: inputs that may be moved, and terms that multiply them to money.

A model is complete in itself: what a release freezes, what sliders move and what is simulated is this and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from echo_metrics.errors import UserError
from echo_metrics.roi.amounts import Amount
from echo_metrics.roi.ledger import SHARES, Correlation, Given, Kind, Ledger, Line, input_words
from echo_metrics.roi.relations import input_key


@dataclass(frozen=True, slots=True)
class Part:
    """One discipline of a counted quantity that may be told apart from the others."""

    discipline: str
    label: str
    count: float


@dataclass(frozen=True, slots=True)
class Counted:
    """What the store counts for a ledger, as far as it may be told.

    `values` holds counts by key (`sessions`, `attended_hours`, `attended_hours:social_work`, `travel_km`); `parts`
    the disciplines of a quantity that may stand apart. `missing` says why a key is not known. `notes` are words about
    what was held together or left out.
    """

    values: Mapping[str, float]
    parts: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Input:
    """One number that the result rests on. `sort` is "quantity", "money" or "share"; `unit` says of what."""

    key: str
    label: str
    amount: Amount
    sort: str
    unit: str
    source: str
    owner: str
    date: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Term:
    """One line (or the part of one that has a price of its own): count x factor x its inputs.

    `count` is what the store counted (1 for a typed quantity), `factor` brings foreign or older money to the ledger's.
    `uses` names the position of each input by field. `counted` is False for a line that is switched off.
    """

    key: str
    line: str
    label: str
    kind: Kind
    unit: str
    count: float
    factor: float
    years: int
    counted: bool
    whose_budget: str
    uses: Mapping[str, int]
    drawn: str
    basis: str
    source: str
    owner: str
    evidence: str
    note: str


@dataclass(frozen=True, slots=True)
class Model:
    """Everything that the figures of one ledger are worked out from. Money is in `currency` at `price_year` prices."""

    currency: str
    price_year: int
    discount_rate: float
    inputs: tuple[Input, ...]
    terms: tuple[Term, ...]
    correlations: tuple[Correlation, ...] = ()
    counts: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def base(self) -> np.ndarray:
        """The base value of every input, in order."""
        return np.array([i.amount.base for i in self.inputs])

    @property
    def sign(self) -> np.ndarray:
        """+1 for counted benefits, -1 for counted costs, 0 for what is switched off; one a term."""
        return np.array([(1.0 if t.kind is Kind.BENEFIT else -1.0) if t.counted else 0.0 for t in self.terms])

    def place(self, key: str) -> int:
        """The position of an input. Raises `UserError` if the model has none of that name."""
        for position, found in enumerate(self.inputs):
            if found.key == key:
                return position
        raise UserError(f"There is no assumption '{key}' in this ledger. There are: {self.names}.")

    @property
    def names(self) -> str:
        """The keys of all inputs, for a refusal."""
        return ", ".join(i.key for i in self.inputs)

    def with_changes(self, changes: Mapping[str, float]) -> Model:
        """The same model with other base values; ranges are widened where a value lies outside.

        Raises `UserError` for an unknown input, a negative value or a share above 1.
        """
        inputs = list(self.inputs)
        for key, value in changes.items():
            position = self.place(key)
            found = inputs[position]
            if not np.isfinite(value) or value < 0 or (found.sort == "share" and value > 1):
                allowed = "a share from 0 to 1" if found.sort == "share" else "zero or more"
                raise UserError(f"{found.label} must be {allowed}; {value:g} was given.")
            inputs[position] = replace(found, amount=found.amount.moved_to(float(value)))
        return replace(self, inputs=tuple(inputs))

    def as_json(self) -> dict[str, Any]:
        """The model as a release holds it."""
        return {
            "currency": self.currency,
            "price_year": self.price_year,
            "discount_rate": self.discount_rate,
            "inputs": [
                {
                    "key": i.key, "label": i.label, **i.amount.as_json(), "sort": i.sort, "unit": i.unit,
                    "source": i.source, "owner": i.owner, "date": i.date, "evidence": i.evidence,
                }
                for i in self.inputs
            ],
            "terms": [
                {
                    "key": t.key, "line": t.line, "label": t.label, "kind": t.kind.value, "unit": t.unit,
                    "count": t.count, "factor": t.factor, "years": t.years, "counted": t.counted,
                    "whose_budget": t.whose_budget, "uses": dict(t.uses), "drawn": t.drawn, "basis": t.basis,
                    "source": t.source, "owner": t.owner, "evidence": t.evidence, "note": t.note,
                }
                for t in self.terms
            ],
            "correlations": [
                {"between": [c.first, c.second], "rho": c.rho, "source": c.source} for c in self.correlations
            ],
            "counts": dict(self.counts),
            "notes": list(self.notes),
        }  # fmt: skip

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Model:
        """What `as_json` wrote."""
        money = ("low", "base", "high", "distribution", "sd")
        return cls(
            currency=body["currency"],
            price_year=int(body["price_year"]),
            discount_rate=float(body["discount_rate"]),
            inputs=tuple(
                Input(amount=Amount.from_json(i), **{k: v for k, v in i.items() if k not in money})
                for i in body["inputs"]
            ),
            terms=tuple(Term(**{**t, "kind": Kind(t["kind"])}) for t in body["terms"]),
            correlations=tuple(
                Correlation(c["between"][0], c["between"][1], c["rho"], c["source"]) for c in body["correlations"]
            ),
            counts=body["counts"],
            notes=tuple(body["notes"]),
        )


def build_model(ledger: Ledger, counted: Counted) -> Model:
    """Fill a ledger's counts in.

    A line that prices disciplines on their own becomes one term for each that may be told apart, and one for all
    others at the line's own unit value. Raises `UserError` where a counted line draws on something not known.
    """
    for drawn in ledger.needs:
        if drawn.key not in counted.values:
            why = counted.missing.get(drawn.key, "import attendance or write the quantity in the ledger")
            raise UserError(f"The ledger draws on {drawn.key}, which is not known for {ledger.network}; {why}.")
    for key, value in counted.values.items():
        if not np.isfinite(value) or value < 0:
            raise UserError(f"The quantity {key} must be a number that is not negative; {value} was given.")
    inputs: dict[str, Input] = {
        a.key: Input(a.key, a.label, a.amount, "quantity", "", a.source, a.owner, a.date.isoformat(), a.evidence.value)
        for a in ledger.assumptions
    }
    terms: list[Term] = []
    for line in ledger.lines:
        terms += _terms(ledger, line, counted, inputs)
    places = {key: position for position, key in enumerate(inputs)}
    return Model(
        currency=ledger.currency,
        price_year=ledger.price_year,
        discount_rate=ledger.discount_rate,
        inputs=tuple(inputs.values()),
        terms=tuple(replace(t, uses={f: places[k] for f, k in t.uses.items()}) for t in terms),  # type: ignore[index]
        correlations=ledger.correlations,
        counts=dict(counted.values),
        notes=counted.notes,
    )


def _terms(ledger: Ledger, line: Line, counted: Counted, inputs: dict[str, Input]) -> list[Term]:
    """The terms of one line; `uses` names inputs by key here, positions follow when all are known."""
    common = {name: _use(line, name, given, inputs) for name, given in line.inputs.items()}
    drawn = line.counted_from.key if line.counted_from else ""
    # A line that is switched off may draw on something the store does not know.
    total = counted.values.get(drawn, 0.0) if drawn else 1.0
    apart = [p for p in counted.parts.get(drawn, ()) if p.discipline in line.prices]
    terms = []
    for part in apart:
        price = _use(line, f"price:{part.discipline}", line.prices[part.discipline], inputs, part.label)
        terms.append(_term(ledger, line, drawn, part.count, {**common, "unit_value": price}, part))
    left = total - sum(p.count for p in apart)
    if not apart or left > 1e-9 * max(total, 1.0):
        terms.append(_term(ledger, line, drawn, left, common, None, rest=bool(apart)))
    return terms


def _use(line: Line, name: str, given: Given, inputs: dict[str, Input], of: str = "") -> str:
    """The key of the input behind a field; the input is added, or completed where it is a named assumption."""
    key = input_key(line, name)
    plain = "unit_value" if name.startswith("price:") else name
    sort = "money" if plain == "unit_value" else "quantity" if plain == "quantity" else "share"
    unit = line.unit if plain == "quantity" else f"{line.currency} of {line.price_year}" if sort == "money" else ""
    if key in inputs:
        # A number that is a share anywhere must stay one, whatever else it is used for.
        if given.assumption and inputs[key].sort != "share" and (sort == "share" or not inputs[key].unit):
            inputs[key] = replace(inputs[key], sort=sort, unit=unit)
        return key
    words = input_words(line, plain)
    label = f"{line.label}, {of}: {words}" if of else f"{line.label}: {words}"
    inputs[key] = Input(
        key, label, given.amount, sort, unit, line.source, line.owner, line.date.isoformat(), line.evidence.value
    )
    return key


def _term(
    ledger: Ledger, line: Line, drawn: str, count: float, uses: Mapping[str, Any], part: Part | None, rest: bool = False
) -> Term:
    label = f"{line.label}: {part.label}" if part else f"{line.label}: all others" if rest else line.label
    return Term(
        key=f"{line.key}:{part.discipline}" if part else line.key,
        line=line.key,
        label=label,
        kind=line.kind,
        unit=line.unit,
        count=count,
        factor=ledger.converter(line),
        years=line.years,
        counted=line.enabled,
        whose_budget=line.whose_budget,
        uses=uses,
        drawn=drawn,
        basis=line.basis,
        source=line.source,
        owner=line.owner,
        evidence=line.evidence.value,
        note=line.note,
    )


def amounts(model: Model, values: np.ndarray, *, rate: float | None = None, social: bool = False) -> np.ndarray:
    """What each term comes to, in the model's money.

    Parameters: model; values, one row an input (inputs,) or (inputs, draws); rate, the discount rate (the model's if
    left out). Returns an array (terms,) or (terms, draws), never negative, terms that are switched off included.

    Formula: count x factor x quantity x unit value; of benefits x (1 - deadweight) x (1 - displacement) x (1 -
    attribution to others) x confidence; over the years sum_t ((1 - drop-off) / (1 + rate))^t, the programme's year
    being t = 0 and not discounted. `social` follows the SROI Guide instead: every year's benefit is discounted to
    the end of its year (t = 1 first), and confidence, which the Guide does not know, is left out; costs stand
    as they are.

    Source: ROI Institute (confidence); The SROI Network, A Guide to Social Return on Investment, 2012, stage 4 and 5.
    """
    discount = model.discount_rate if rate is None else rate
    found = np.empty((len(model.terms), *values.shape[1:]))
    for row, term in enumerate(model.terms):
        amount = term.count * term.factor * values[term.uses["quantity"]] * values[term.uses["unit_value"]]
        for share in SHARES:
            if share in term.uses:
                amount = amount * (1.0 - values[term.uses[share]])
        if "confidence" in term.uses and not social:
            amount = amount * values[term.uses["confidence"]]
        benefit = term.kind is Kind.BENEFIT
        if term.years > 1 or (social and benefit):
            drop: Any = values[term.uses["drop_off"]] if "drop_off" in term.uses else 0.0
            amount = amount * _over_years((1.0 - drop) / (1.0 + discount), term.years)
            if social and benefit:
                amount = amount / (1.0 + discount)
        found[row] = amount
    return found


def _over_years(growth: Any, years: int) -> Any:
    total: Any = 1.0
    power: Any = 1.0
    for _ in range(years - 1):
        power = power * growth
        total = total + power
    return total


def flows(model: Model, values: np.ndarray) -> tuple[list[float], list[float]]:
    """Costs and benefits of each year at these values, undiscounted, the programme's year first."""
    last = max((t.years for t in model.terms if t.counted), default=1)
    costs, benefits = [0.0] * last, [0.0] * last
    first_year = replace(model, terms=tuple(replace(t, years=1) for t in model.terms))
    for term, amount in zip(model.terms, amounts(first_year, values), strict=True):
        if not term.counted:
            continue
        drop = float(values[term.uses["drop_off"]]) if "drop_off" in term.uses else 0.0
        side = benefits if term.kind is Kind.BENEFIT else costs
        for year in range(term.years):
            side[year] += float(amount) * (1 - drop) ** year
    return costs, benefits


def ends(model: Model, term: Term) -> tuple[float, float]:
    """What a term comes to with every field at the end that makes it small, and at the end that makes it large.

    An assumption that stands in two fields of one term is taken at the end that each field asks for: an outer bound.
    """
    low, high = np.empty(len(term.uses)), np.empty(len(term.uses))
    for place, (name, position) in enumerate(term.uses.items()):
        amount = model.inputs[position].amount
        lowers = name in SHARES or name == "drop_off"
        low[place], high[place] = (amount.high, amount.low) if lowers else (amount.low, amount.high)
    alone = replace(model, terms=(replace(term, uses={name: place for place, name in enumerate(term.uses)}),))
    return float(amounts(alone, low)[0]), float(amounts(alone, high)[0])


def uncertain(model: Model) -> tuple[int, ...]:
    """The positions of inputs that have a range and that some counted term uses, in order."""
    used = {p for t in model.terms if t.counted for p in t.uses.values()}
    return tuple(p for p in sorted(used) if not model.inputs[p].amount.fixed)


def net(model: Model, values: np.ndarray, rate: float | None = None) -> np.ndarray:
    """Benefits less costs at these values: an array () or (draws,)."""
    return np.asarray(model.sign @ amounts(model, values, rate=rate))


def terms_of(model: Model, position: int) -> Sequence[Term]:
    """The counted terms that use an input."""
    return [t for t in model.terms if t.counted and position in t.uses.values()]
