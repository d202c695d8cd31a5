"""Builds what a ledger's screen and page draw from its results: the steps to the net benefit, chances, what matters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from echo_metrics.answers.model import Result
from echo_metrics.charts import build_roi
from echo_metrics.charts import wording as w
from echo_metrics.charts.spec import ChartSpec, Table

EVIDENCE = {
    "records": "A: records or invoices",
    "published": "B: a published figure or tariff",
    "reported": "C: people were asked",
    "judgement": "D: somebody's judgement",
    "": "not graded",
}


def steps(ledger: Result) -> ChartSpec:
    """From costs to net benefit, a row a line of the ledger, the smallest of each side as one."""
    found = [(str(s["label"]), str(s["kind"]), float(s["amount"])) for s in ledger.extra["steps"]]
    return build_roi.waterfall(found, "From costs to net benefit", ledger.unit, str(ledger.extra["currency"]))


def chances(ledger: Result) -> ChartSpec:
    """Twenty equally likely outcomes, so that the chance of a gain can be counted."""
    likely = ledger.extra["likely"]
    return build_roi.likely(
        [float(v) for v in likely["outcomes"]],
        "How it may turn out, when everything that is uncertain varies at once",
        f"net benefit, {ledger.unit}",
        str(ledger.extra["currency"]),
        [(float(p), float(v)) for p, v in likely["percentiles"]],
    )


def acceptance(ledger: Result) -> ChartSpec:
    """How likely the return is to reach what somebody requires of it."""
    points = [(float(x), float(y)) for x, y in ledger.extra["likely"]["acceptability"]]
    pays = next((y for x, y in points if x == 0), None)
    mark = (0.0, pays, f"pays back: {pays:.0f}%") if pays is not None else None
    return build_roi.curve(
        points,
        "How likely it is to reach a required return",
        "For each required return, the share of simulated outcomes that reach it",
        "required return, %",
        "% of outcomes",
        mark,
    )


def thresholds(ledger: Result) -> Table:
    """Where each assumption would have to stand for the net benefit to be zero."""
    ranges = {b["key"]: b for b in ledger.extra["tornado"]}
    rows = []
    for t in ledger.extra["thresholds"]:
        bar = ranges[t["key"]]
        share = _is_share(ledger, t["key"])
        at = t["reason"] if t["value"] is None else w.assumed(t["value"], share)
        span = f"{w.assumed(bar['low'], share)} to {w.assumed(bar['high'], share)}"
        rows.append((str(t["label"]), w.assumed(bar["base"], share), span, str(at)))
    return Table(("Assumption", "Base", "Range", "Pays back exactly at"), tuple(rows))


def worth_knowing(ledger: Result) -> Table:
    """What it would be worth to know a line for certain before deciding."""
    currency, likely = str(ledger.extra["currency"]), ledger.extra["likely"]
    rows = [("Everything at once", w.money(likely["evpi"], currency))]
    told = [e for e in likely["evppi"] if w.number(e["value"], 0) != "0"]
    rows += [(str(e["label"]), w.money(e["value"], currency)) for e in told]
    if len(told) < len(likely["evppi"]):
        rows.append(
            (f"Each of the other {len(likely['evppi']) - len(told)} lines", "nothing: it would not change the decision")
        )
    return Table(("Line", "Most that certainty about it is worth"), tuple(rows))


def assumptions(ledger: Result) -> Table:
    """Every number that the result rests on, with its range, evidence, source, owner and date."""
    rows = []
    for i in ledger.extra["model"]["inputs"]:
        share = i["sort"] == "share"
        span = "no range" if i["low"] == i["high"] else f"{w.assumed(i['low'], share)} to {w.assumed(i['high'], share)}"
        rows.append(
            (
                str(i["label"]),
                f"{w.assumed(i['base'], share)} {i['unit']}".strip(),
                span,
                EVIDENCE.get(i["evidence"], str(i["evidence"])),
                str(i["source"]),
                str(i["owner"]),
                str(i["date"]),
            )
        )
    return Table(("Assumption", "Base", "Range", "Evidence", "Source", "Owner", "Date"), tuple(rows))


@dataclass(frozen=True)
class Disputed:
    """One disputed point: what is said, what this ledger does, our default with its reason, and if it departs."""

    point: str
    here: str
    default: str
    departs: bool


def disputed(ledger: Result) -> tuple[Disputed, ...]:
    """The disputed points, those first on which this ledger departs from the default."""
    found = [
        Disputed(str(d["point"]), str(d["here"]), f"Our default: {d['default']} {d['why']}", bool(d["open"]))
        for d in ledger.extra.get("disputed", ())
    ]
    return tuple(sorted(found, key=lambda d: not d.departs))


def compared(base: Mapping[str, Result], others: Sequence[tuple[str, str, Mapping[str, Result], str]]) -> Table:
    """Scenarios side by side with the ledger: name, what was moved, figures (or {} with a reason)."""
    columns = [("The ledger as it stands", "nothing", base, ""), *others]
    currency = str(base["ledger"].extra["currency"])

    def cell(figures: Mapping[str, Result], measure: str, reason: str) -> str:
        if not figures:
            return reason
        value = figures[measure].value
        if value is None:
            return w.DASH
        if measure in ("roi_percent", "probability"):
            return f"{w.number(value.value, 0)}%"
        return f"{value.value:.2f}" if measure == "bcr" else w.money(value.value, currency)

    measures = (
        ("Net benefit", "net_benefit"),
        ("Return", "roi_percent"),
        ("Benefit for each unit of cost", "bcr"),
        ("Chance that benefits exceed costs", "probability"),
        ("Costs", "costs"),
        ("Benefits", "benefits"),
    )
    rows = [("Moved", *(moved for _, moved, _, _ in columns))]
    rows += [(label, *(cell(f, m, reason) for _, _, f, reason in columns)) for label, m in measures]
    return Table(("", *(name for name, _, _, _ in columns)), tuple(rows))


def against(before: Result, now: Result) -> str:
    """How far other numbers move the net benefit and its chance, in one sentence."""
    currency = str(now.extra["currency"])
    was, become = (r.value.value if r.value else 0.0 for r in (before, now))
    chances_of = (w.number(100 * r.extra["likely"]["probability"], 0) for r in (before, now))
    span = now.value
    reach = (
        f" Nine times out of ten it lies between {w.money(span.low, currency)} and {w.money(span.high, currency)}."
        if span and span.low is not None and span.high is not None
        else ""
    )
    was_chance, is_chance = chances_of
    return (
        f"The net benefit goes from {w.money(was, currency)} to {w.money(become, currency)}, the chance of a gain from "
        f"{was_chance}% to {is_chance}%.{reach}"
    )


def _is_share(ledger: Result, key: str) -> bool:
    return any(i["key"] == key and i["sort"] == "share" for i in ledger.extra["model"]["inputs"])
