"""Return on investment of the ledgers in scope: quantities from the store, arithmetic in `roi`, figures as results."""

from __future__ import annotations

import json
from typing import Any

from echo_metrics.access import LOCAL_OWNER
from echo_metrics.answers.model import Filters, Group, Interval, Result
from echo_metrics.answers.scope import Scoped, resolve
from echo_metrics.errors import UserError
from echo_metrics.roi.fields import Amount
from echo_metrics.roi.figures import RoiFigures, roi_figures
from echo_metrics.roi.ledger import Ledger, parse_ledger
from echo_metrics.store import Store
from echo_metrics.terms import Status

METHOD = (
    "First year only. Benefit = quantity x unit value x (1 - deadweight) x (1 - displacement) x (1 - attribution to "
    "others). The range takes every line at the end that speaks against, and for, the programme"
)


def roi_results(store: Store, scoped: Scoped) -> list[Result]:
    """Figures of every ledger in scope; with one ledger they stand under 'everyone', else under their cohort."""
    ledgers = store.records("ledgers", {k: scoped.parameters[k] for k in ("networks", "cohorts")})
    found: list[Result] = []
    for row in ledgers:
        ledger = parse_ledger(json.loads(row["body"]))
        words = ", ".join(part for part in (row["network"], row["cohort"]) if part)
        group = Group() if len(ledgers) == 1 else Group("ledger", f"{row['network_key']}/{row['cohort'] or ''}", words)
        try:
            figures = roi_figures(ledger, quantities(store, int(row["network_id"]), row["cohort_id"], ledger))
        except UserError as error:
            found.append(
                Result(
                    "roi_percent",
                    "Return on investment",
                    group,
                    Status.NOT_ASKED,
                    str(error),
                    "roi",
                    sentence=str(error),
                )
            )
            continue
        found += _results(ledger, figures, group, words)
    return found


def ledger_answer(store: Store | None, body: dict[str, Any]) -> list[Result]:
    """Figures of a ledger that is not in the store; its quantities come from `store` if there is one.

    Raises `UserError` for a faulty ledger, or one that draws on a network that the store does not know.
    """
    ledger = parse_ledger(body)
    counted: dict[str, float] = {}
    if store is not None:
        place = resolve(store, LOCAL_OWNER, Filters(ledger.network, ledger.cohort or "")) if ledger.needs else None
        if place is not None:
            cohorts = place.parameters["cohorts"]
            counted = quantities(store, place.parameters["networks"][0], cohorts[0] if cohorts else None, ledger)
    words = ", ".join(part for part in (ledger.network, ledger.cohort) if part)
    return _results(ledger, roi_figures(ledger, counted), Group(), words)


def quantities(store: Store, network_id: int, cohort_id: int | None, ledger: Ledger) -> dict[str, float]:
    """The quantities that a ledger draws from the store, by name; programme counts, exact for everyone."""
    found: dict[str, float] = {}
    for name in {*ledger.needs, "participants", "sessions", "attended_hours"}:
        base, _, discipline = name.partition(":")
        asked = {
            "networks": [network_id],
            "cohorts": [cohort_id] if cohort_id is not None else None,
            "discipline": discipline or None,
            "start": None,
            "end": None,
        }
        totals = store.records("attendance_totals", asked)[0]
        found[name] = float(
            {
                "sessions": totals["sessions"],
                "participants": totals["people"],
                "attended_hours": totals["hours"],
                "attendances": totals["attendances"],
            }[base]
        )
    return found


def _results(ledger: Ledger, figures: RoiFigures, group: Group, words: str) -> list[Result]:
    money = f"{figures.currency} ({figures.price_year} prices)"
    extra = {"title": ledger.title, "scope": words, "currency": figures.currency, "price_year": figures.price_year}
    found = [
        _result("roi_percent", "Return on investment", "%", figures.roi_percent, group, _roi_words(figures), extra),
        _result(
            "bcr", "Benefit-cost ratio", "benefit per unit of cost", figures.bcr, group, _bcr_words(figures), extra
        ),
        _result(
            "net_benefit",
            "Net benefit",
            money,
            figures.net_benefit,
            group,
            _money("Net benefit", figures.net_benefit, figures),
            extra,
        ),
        _result(
            "costs", "Costs", money, figures.total_costs, group, _money("Costs", figures.total_costs, figures), extra
        ),
        _result(
            "benefits",
            "Benefits",
            money,
            figures.total_benefits,
            group,
            _money("Benefits", figures.total_benefits, figures),
            extra,
        ),
    ]
    found.append(_break_even(figures, group, extra))
    detail: dict[str, Any] = {
        **extra,
        "lines": [_line(line) for line in figures.lines],
        "tornado": [
            {"key": b.key, "label": b.label, "kind": b.kind, "at_low": b.at_low, "at_high": b.at_high}
            for b in figures.tornado
        ],
        "budgets": [{"budget": b.budget, "costs": b.costs, "benefits": b.benefits} for b in figures.budgets],
        "cost_per": [{"unit": c.unit, **_amount(c.amount)} for c in figures.cost_per],
        "ledger_note": ledger.note,
        "ledger_source": ledger.source,
        "prepared_by": ledger.prepared_by,
        "date": ledger.date.isoformat(),
    }
    found.append(
        Result(
            "ledger",
            ledger.title,
            group,
            Status.RELEASED,
            kind="roi",
            unit=money,
            value=Interval(figures.net_benefit.base, figures.net_benefit.low, figures.net_benefit.high),
            method=METHOD,
            sentence=_roi_words(figures),
            notes=figures.notes,
            extra=detail,
        )
    )
    return found


def _result(
    measure: str, label: str, unit: str, amount: Amount, group: Group, sentence: str, extra: dict[str, Any]
) -> Result:
    return Result(
        measure,
        label,
        group,
        Status.RELEASED,
        kind="roi",
        unit=unit,
        value=Interval(amount.base, amount.low, amount.high),
        method=METHOD,
        sentence=sentence,
        extra=extra,
    )


def _break_even(figures: RoiFigures, group: Group, extra: dict[str, Any]) -> Result:
    share = figures.break_even_share
    if share is None:
        reason = figures.break_even_reason or "There is no benefit to break even with."
        return Result(
            "break_even",
            "Break-even",
            group,
            Status.NOT_ASKED,
            reason,
            "roi",
            unit="% of the benefits",
            sentence=reason,
            extra=extra,
        )
    words = (
        f"The programme pays back once {100 * share:.0f}% of the estimated benefits come true."
        if share <= 1
        else f"The benefits would have to be {share:.1f} times as large as estimated to cover the costs."
    )
    return Result(
        "break_even",
        "Break-even",
        group,
        Status.RELEASED,
        kind="roi",
        unit="% of the benefits",
        value=Interval(100 * share),
        method="Costs divided by benefits at their base values",
        sentence=words,
        extra=extra,
    )


def _roi_words(figures: RoiFigures) -> str:
    net, roi = figures.net_benefit, figures.roi_percent
    gain = "gains" if net.base >= 0 else "costs"
    return (
        f"On the ledger's base values the programme {gain} {figures.currency} {abs(net.base):,.0f} net: costs of "
        f"{figures.total_costs.base:,.0f}, benefits of {figures.total_benefits.base:,.0f}, a return of "
        f"{_percent(roi.base)}. If every line went against it the return would be {_percent(roi.low)}, if every line "
        f"went for it {_percent(roi.high)}."
    )


def _percent(value: float) -> str:
    """A whole percentage; what rounds to nothing bears no minus sign; others bear a true one."""
    return f"{round(value) or 0:,}%".replace("-", "−")


def _bcr_words(figures: RoiFigures) -> str:
    return f"Each {figures.currency} 1.00 of cost stands against {figures.bcr.base:.2f} of benefit."


def _money(label: str, amount: Amount, figures: RoiFigures) -> str:
    text = f"{label}: {figures.currency} {amount.base:,.0f} ({amount.low:,.0f} to {amount.high:,.0f})."
    return text.replace("-", "−")


def _amount(amount: Amount | None) -> dict[str, float | None]:
    if amount is None:
        return {"low": None, "base": None, "high": None}
    return {"low": amount.low, "base": amount.base, "high": amount.high}


def _line(line: Any) -> dict[str, Any]:
    return {
        "key": line.key,
        "label": line.label,
        "kind": line.kind,
        "counted": line.counted,
        "quantity": _amount(line.quantity),
        "unit": line.unit,
        "unit_value": _amount(line.unit_value),
        "amount": _amount(line.amount),
        "whose_budget": line.whose_budget,
        "source": line.source,
        "owner": line.owner,
        "note": line.note,
        "break_even_quantity": line.break_even_quantity,
    }
