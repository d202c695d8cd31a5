"""Return on investment of the ledgers in scope, and of one ledger with other numbers put in.

Quantities come from the store through the gate (`ledger_counts`), arithmetic from `roi`. A released ledger carries its
model, so that sliders and scenarios recompute from released quantities only and touch no store.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from echo_metrics.answers import roi_words as words
from echo_metrics.answers.ledger_counts import counted
from echo_metrics.answers.model import Group, Interval, Result
from echo_metrics.answers.scope import Scoped
from echo_metrics.definitions import Definitions
from echo_metrics.disclosure import Policy
from echo_metrics.errors import UserError
from echo_metrics.roi.amounts import Amount
from echo_metrics.roi.disputes import disputed
from echo_metrics.roi.figures import PER_UNITS, RoiFigures, roi_figures, thresholds, tornado
from echo_metrics.roi.ledger import Correlation, Kind, Ledger
from echo_metrics.roi.model import Model, build_model
from echo_metrics.roi.parse import parse_ledger
from echo_metrics.roi.simulate import DRAWS, SEED, Likely, Range, order_of_draws, simulate, uncertain_keys
from echo_metrics.store import Store
from echo_metrics.terms import Status

SUMMARY = ("roi_percent", "bcr", "net_benefit", "costs", "benefits", "break_even", "probability")
"""The figures of a ledger that the summary shows."""
MOST_STEPS = 6
"""Steps of one side, from costs to net benefit, that stand alone; smaller ones are one step."""
LEVEL = 0.9
"""Share of the draws that an interval of money holds."""


@dataclass(frozen=True)
class About:
    """What a ledger says of itself, for the notes beside its figures."""

    title: str
    scope: str
    network: str
    cohort: str
    prepared_by: str
    date: str
    source: str
    note: str


def roi_results(store: Store, scoped: Scoped, definitions: Definitions, policy: Policy) -> list[Result]:
    """Figures of every ledger in scope; with one ledger they stand under 'everyone', else under their cohort."""
    ledgers = store.records("ledgers", {k: scoped.parameters[k] for k in ("networks", "cohorts")})
    found: list[Result] = []
    for row in ledgers:
        ledger = parse_ledger(json.loads(row["body"]))
        scope = ", ".join(part for part in (row["network"], row["cohort"]) if part)
        group = Group() if len(ledgers) == 1 else Group("ledger", f"{row['network_key']}/{row['cohort'] or ''}", scope)
        cohorts = None if row["cohort_id"] is None else [row["cohort_id"]]
        parameters = {**scoped.parameters, "networks": [int(row["network_id"])], "cohorts": cohorts}
        place = Scoped(parameters, scope, scoped.reach, scoped.cohort_networks)
        about = about_ledger(ledger, scope, str(row["network_key"]), row["cohort"] or "")
        try:
            counts = counted(store, place, definitions, policy, ledger)
            found += ledger_results(about, build_model(ledger, counts), group, counts.missing)
        except UserError as error:
            found.append(_unknown("roi_percent", "Return on investment", str(error), group))
    return found


def with_changes(ledger: Result, changes: Mapping[str, float]) -> dict[str, Result]:
    """The figures of a released ledger with other base values put in, by measure; no store is touched.

    Parameters: ledger, the result of measure "ledger"; changes, new base values by the key of the input. Raises
    `UserError` for a ledger without a model, an unknown input or a value that cannot be.
    """
    body = ledger.extra.get("model")
    if not ledger.shown or body is None:
        raise UserError("This ledger was released without its assumptions, so nothing can be moved in it.")
    model = Model.from_json(body).with_changes(changes)
    about = About(**{k: str(ledger.extra["about"][k]) for k in About.__dataclass_fields__})
    found = ledger_results(about, model, ledger.group, ledger.extra.get("unknown", {}))
    return {r.measure: r for r in found}


def ledger_results(about: About, model: Model, group: Group, unknown: Mapping[str, str] | None = None) -> list[Result]:
    """Every figure of one ledger, the whole ledger last. `unknown` says why a count is not there."""
    figures = roi_figures(model)
    likely = simulate(model, _orders(uncertain_keys(model), model.correlations))
    money = f"{figures.currency} ({figures.price_year} prices)"
    extra = {"title": about.title, "scope": about.scope, "currency": model.currency, "price_year": model.price_year}

    def result(
        measure: str, label: str, unit: str, value: float, sentence: str, span: Range | None = None, **more: Any
    ) -> Result:
        interval = Interval(value, span.low, span.high, LEVEL) if span else Interval(value)
        return Result(
            measure, label, group, Status.RELEASED, kind="roi", unit=unit, value=interval, method=words.METHOD,
            sentence=sentence, extra={**extra, **more},
        )  # fmt: skip

    net, roi, bcr = figures.net_benefit, figures.roi_percent, figures.bcr
    ratio = Range(*(1 + r / 100 for r in (likely.roi_percent.low, likely.roi_percent.median, likely.roi_percent.high)))
    found = [
        result("roi_percent", "Return on investment", "%", roi.base, words.roi(figures, likely), likely.roi_percent,
               bounds=_amount(roi)),
        result("bcr", "Benefit-cost ratio", "benefit per unit of cost", bcr.base, words.bcr(figures), ratio,
               bounds=_amount(bcr)),
        result("net_benefit", "Net benefit", money, net.base, words.money("Net benefit", net.base, likely.net, figures),
               likely.net, bounds=_amount(net)),
        result("costs", "Costs", money, figures.total_costs.base,
               words.money("Costs", figures.total_costs.base, likely.costs, figures), likely.costs,
               bounds=_amount(figures.total_costs)),
        result("benefits", "Benefits", money, figures.total_benefits.base,
               words.money("Benefits", figures.total_benefits.base, likely.benefits, figures), likely.benefits,
               bounds=_amount(figures.total_benefits)),
        result("probability", "Chance that benefits exceed costs", "%", 100 * likely.probability,
               words.chance(likely)),
        result("npv", "Net present value", money, net.base, words.npv(figures),
               at_rates=[{"rate": r, "npv": v} for r, v in figures.npv_at], rate=model.discount_rate),
        result("sroi", "Social return on investment", "social value per unit of cost", figures.sroi,
               words.sroi(figures)),
        _break_even(figures, group, extra),
        _payback(figures, group, extra),
    ]  # fmt: skip
    found += _cost_per(figures, model, group, extra, unknown or {})
    found.append(
        Result(
            "ledger", about.title, group, Status.RELEASED, kind="roi", unit=money,
            value=Interval(net.base, likely.net.low, likely.net.high, LEVEL), method=words.METHOD,
            sentence=words.headline(figures, likely), notes=figures.notes,
            extra={**extra, **_whole_ledger(about, model, figures, likely), "unknown": dict(unknown or {})},
        )
    )  # fmt: skip
    return found


@lru_cache(maxsize=8)
def _orders(keys: tuple[str, ...], correlations: tuple[Correlation, ...]) -> np.ndarray:
    """The order of the draws depends on which inputs vary, not on their values: moving a slider keeps it."""
    return order_of_draws(keys, correlations, DRAWS, np.random.default_rng(SEED))


def _whole_ledger(about: About, model: Model, figures: RoiFigures, likely: Likely) -> dict[str, Any]:
    sorts = {i.key: i.sort for i in model.inputs}
    return {
        "about": asdict(about),
        "model": model.as_json(),
        "lines": [_line(line) for line in figures.lines],
        "steps": _steps(figures),
        "tornado": [
            {
                "key": b.key, "label": b.label, "kind": b.kind, "sort": sorts[b.key],
                "low": b.low, "base": b.base, "high": b.high,
                "at_low": b.at_low, "at_high": b.at_high,
            }
            for b in tornado(model)
        ],
        "thresholds": [
            {"key": t.key, "label": t.label, "value": t.value, "reason": t.reason} for t in thresholds(model)
        ],
        "pays_back_if": words.pays_back_if(figures),
        "budgets": [{"budget": b.budget, "costs": b.costs, "benefits": b.benefits} for b in figures.budgets],
        "cost_per": [{"unit": c.unit, **_amount(c.amount)} for c in figures.cost_per],
        "likely": {
            "draws": likely.draws,
            "seed": likely.seed,
            "probability": likely.probability,
            "probability_error": likely.probability_error,
            "outcomes": list(likely.outcomes),
            "percentiles": [list(pair) for pair in likely.percentiles],
            "median": likely.net.median,
            "acceptability": [list(point) for point in likely.acceptability],
            "evpi": likely.evpi,
            "evppi": [{"key": key, "label": label, "value": value} for key, label, value in likely.evppi],
        },
        "disputed": [asdict(d) for d in disputed(model, figures)],
        "ledger_note": about.note,
        "ledger_source": about.source,
        "prepared_by": about.prepared_by,
        "date": about.date,
    }  # fmt: skip


def _steps(figures: RoiFigures) -> list[dict[str, Any]]:
    """From costs to net benefit: a step a line, the smallest of each side as one, and where each one leads."""
    found: list[dict[str, Any]] = []
    running = 0.0
    for kind, sign, others in ((Kind.COST, -1, "Other costs"), (Kind.BENEFIT, 1, "Other benefits")):
        sums: dict[str, list[Any]] = {}
        for line in figures.lines:
            if line.counted and line.kind == kind:
                # Parts of a line (one a discipline) are one step.
                entry = sums.setdefault(line.line, [line.label.partition(": ")[0], 0.0])
                entry[1] += line.amount.base
        ordered = sorted(sums.values(), key=lambda e: -e[1])
        alone = ordered if len(ordered) <= MOST_STEPS else ordered[: MOST_STEPS - 1]
        if len(ordered) > len(alone):
            rest = ordered[len(alone) :]
            alone = [*alone, [f"{others} ({len(rest)} lines)", sum(e[1] for e in rest)]]
        for label, amount in alone:
            running += sign * amount
            found.append({"label": label, "kind": kind.value, "amount": amount, "running": running})
    return [*found, {"label": "Net benefit", "kind": "total", "amount": figures.net_benefit.base, "running": running}]


def about_ledger(ledger: Ledger, scope: str, network: str, cohort: str) -> About:
    """What stands beside the figures of a ledger."""
    return About(
        ledger.title,
        scope,
        network,
        cohort,
        ledger.prepared_by,
        ledger.date.isoformat(),
        ledger.source,
        ledger.note,
    )


def _break_even(figures: RoiFigures, group: Group, extra: dict[str, Any]) -> Result:
    share = figures.break_even_share
    if share is None:
        reason = figures.break_even_reason or "There is no benefit to break even with."
        return _unknown("break_even", "Break-even", reason, group, "% of the benefits", extra)
    return Result(
        "break_even", "Break-even", group, Status.RELEASED, kind="roi", unit="% of the benefits",
        value=Interval(100 * share), method="Costs divided by benefits at their base values",
        sentence=words.break_even(share), extra=extra,
    )  # fmt: skip


def _payback(figures: RoiFigures, group: Group, extra: dict[str, Any]) -> Result:
    if figures.payback_years is None:
        return _unknown("payback", "Payback", figures.payback_reason or "", group, "years", extra)
    return Result(
        "payback", "Payback", group, Status.RELEASED, kind="roi", unit="years", value=Interval(figures.payback_years),
        method="First moment at which benefits, spread evenly over each year, have reached the costs; not discounted",
        sentence=words.payback(figures.payback_years), extra=extra,
    )  # fmt: skip


def _cost_per(
    figures: RoiFigures, model: Model, group: Group, extra: dict[str, Any], unknown: Mapping[str, str]
) -> list[Result]:
    """What one participant, attended hour, session, and reliable improvement cost: beside the return, never in it."""
    known = {c.unit: c.amount for c in figures.cost_per}
    found = []
    for name, unit in PER_UNITS.items():
        measure, label = f"cost_per_{name}", f"Cost per {unit}"
        if unit not in known:
            reason = unknown.get(name) or f"The store knows no {unit}s for this ledger."
            found.append(_unknown(measure, label, reason, group, model.currency, extra))
            continue
        amount = known[unit]
        found.append(
            Result(
                measure, label, group, Status.RELEASED, kind="roi", unit=f"{model.currency} per {unit}",
                value=Interval(amount.base), method="Total costs divided by the count",
                sentence=words.cost_per(label, amount, figures), n=round(model.counts[name]),
                extra={**extra, "bounds": _amount(amount), "count": model.counts[name]},
            )
        )  # fmt: skip
    return found


def _unknown(
    measure: str, label: str, reason: str, group: Group, unit: str = "points", extra: Mapping[str, Any] | None = None
) -> Result:
    return Result(measure, label, group, Status.NOT_ASKED, reason, "roi", unit=unit, sentence=reason, extra=extra or {})


def _amount(amount: Amount) -> dict[str, float]:
    return {"low": amount.low, "base": amount.base, "high": amount.high}


def _line(line: Any) -> dict[str, Any]:
    return {
        "key": line.key,
        "line": line.line,
        "label": line.label,
        "kind": line.kind,
        "counted": line.counted,
        "quantity": _amount(line.quantity),
        "unit": line.unit,
        "unit_value": _amount(line.unit_value),
        "amount": _amount(line.amount),
        "years": line.years,
        "whose_budget": line.whose_budget,
        "basis": line.basis,
        "source": line.source,
        "owner": line.owner,
        "evidence": line.evidence,
        "note": line.note,
        "units": line.units,
        "break_even_quantity": line.break_even_quantity,
        "break_even_units": line.break_even_units,
    }
