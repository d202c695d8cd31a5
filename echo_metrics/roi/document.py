"""Writes a ledger as the document that `parse` reads: the same ledger comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from echo_metrics.roi.amounts import Amount
from echo_metrics.roi.ledger import FORMAT, USUAL_RATE, VERSION, Given, Kind, Ledger, Line

Document = dict[str, Any]


def as_document(ledger: Ledger) -> Document:
    """The ledger as plain values, ready for TOML; fields at their default are left out."""
    body: Document = {"format": FORMAT, "version": VERSION, "title": ledger.title, "network": ledger.network}
    body |= _filled({"cohort": ledger.cohort})
    body |= {"currency": ledger.currency, "price_year": ledger.price_year}
    if ledger.discount_rate != USUAL_RATE:
        body["discount_rate"] = ledger.discount_rate
    body |= {"prepared_by": ledger.prepared_by, "date": ledger.date}
    body |= _filled({"source": ledger.source, "note": ledger.note})
    tables = {
        "assumption": [
            {
                "key": a.key,
                "label": a.label,
                "value": amount_document(a.amount),
                "source": a.source,
                "owner": a.owner,
                "date": a.date,
                **_filled({"evidence": a.evidence.value, "note": a.note}),
            }
            for a in ledger.assumptions
        ],
        "site": [{"name": s.name, "km": s.km, "hours": s.hours, "nights": s.nights} for s in ledger.sites],
        "rate": [{"currency": r.currency, "year": r.year, "rate": r.rate, "source": r.source} for r in ledger.rates],
        "price_index": [{"year": i.year, "index": i.index, "source": i.source} for i in ledger.price_indices],
        "correlation": [
            {"between": [c.first, c.second], "rho": c.rho, "source": c.source} for c in ledger.correlations
        ],
        "cost": [_line(ledger, line) for line in ledger.costs],
        "benefit": [_line(ledger, line) for line in ledger.benefits],
    }
    return body | {name: rows for name, rows in tables.items() if rows}


def amount_document(amount: Amount) -> float | dict[str, Any]:
    """An amount as a ledger writes it: a number, a range, or a distribution by its moments."""
    if amount.shape.by_moments:
        return {"distribution": amount.shape.value, "mean": amount.base, "sd": amount.sd}
    return amount.base if amount.fixed else amount.as_json()


def _line(ledger: Ledger, line: Line) -> Document:
    body: Document = {"key": line.key, "label": line.label}
    quantity = line.inputs["quantity"]
    if line.counted_from is None:
        body["quantity"] = _given(quantity)
    else:
        body["quantity_from"] = line.counted_from.name
        body |= _filled({"discipline": line.counted_from.discipline})
        if quantity != Given(Amount.exactly(1.0)):
            body["per"] = _given(quantity)
    body |= _filled({"unit": line.unit})
    body["unit_value"] = _given(line.inputs["unit_value"])
    if line.currency != ledger.currency:
        body["currency"] = line.currency
    if line.price_year != ledger.price_year:
        body["price_year"] = line.price_year
    if line.kind is Kind.BENEFIT:
        body |= {n: _given(g) for n, g in line.inputs.items() if n not in ("quantity", "unit_value")}
    if line.years != 1:
        body["years"] = line.years
    body |= _filled({"basis": line.basis})
    body |= {"source": line.source, "owner": line.owner, "date": line.date}
    body |= _filled({"evidence": line.evidence.value})
    if line.whose_budget != "not stated":
        body["whose_budget"] = line.whose_budget
    if not line.enabled:
        body["enabled"] = False
    body |= _filled({"note": line.note})
    if line.prices:
        body["by_discipline"] = {d: _given(g) for d, g in line.prices.items()}
    return body


def _given(given: Given) -> Any:
    return given.assumption or amount_document(given.amount)


def _filled(values: Mapping[str, Any]) -> Document:
    return {key: value for key, value in values.items() if value}
