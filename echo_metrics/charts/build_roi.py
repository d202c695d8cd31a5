"""Builds the chart specs of a ledger: costs beside benefits, and what matters most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from echo_metrics.answers.model import Result
from echo_metrics.charts import wording as w
from echo_metrics.charts.spec import ChartSpec, Kind, Row, Table


def costs_and_benefits(results: Sequence[Result], title: str) -> ChartSpec:
    """Costs, benefits and what remains, each with the range that nine out of ten simulated outcomes lie in."""
    first = results[0]
    currency = str(first.extra.get("currency", ""))
    rows = []
    for r in results:
        value = r.value.value if r.value else None
        low, high = (r.value.low, r.value.high) if r.value else (None, None)
        text = w.money(value, currency) if value is not None else ""
        rows.append(Row(r.label, (value,), text, None, low, high, strong=r.measure == "net_benefit"))
    ranges = [_span(r.low, r.high) for r in rows]
    return ChartSpec(
        kind=Kind.BARS,
        title=title,
        subtitle="Bars: the ledger's base values. Lines below: where nine out of ten simulated outcomes lie",
        unit=first.unit,
        series=("Amount",),
        rows=tuple(rows),
        alt=f"{title}, in {first.unit}. "
        + " ".join(f"{r.label}: {r.text}, range {span}." for r, span in zip(rows, ranges, strict=True)),
        table=Table(
            ("", f"Base value, {first.unit}", "Range"),
            tuple((r.label, r.text, span) for r, span in zip(rows, ranges, strict=True)),
        ),
    )


def ledgers(found: Sequence[Mapping[str, Result]]) -> Table:
    """Several ledgers side by side, in the order given; one that cannot be worked out says why."""
    rows: list[tuple[str, ...]] = []
    for one in found:
        first = next(iter(one.values()))
        if "ledger" not in one:
            rows.append((first.group.label, first.reason, w.DASH, w.DASH, w.DASH))
            continue
        currency = str(one["ledger"].extra["currency"])
        amounts = (w.money(_base(one[m]), currency) for m in ("costs", "benefits", "net_benefit"))
        roi = one["roi_percent"].value
        returns = f"{w.number(roi.value, 0)}%" if roi else w.DASH
        if roi and roi.low is not None and roi.high is not None:
            returns += f" ({w.number(roi.low, 0)}% to {w.number(roi.high, 0)}%)"
        rows.append((first.group.label, *amounts, returns))
    return Table(("Ledger", "Costs", "Benefits", "Net benefit", "Return (range)"), tuple(rows))


def tornado(ledger: Result, title: str, most: int = 8) -> ChartSpec:
    """Net benefit when each line in turn takes its low and high end, the widest first. The table holds every line."""
    currency = str(ledger.extra.get("currency", ""))
    bars: Sequence[Mapping[str, Any]] = ledger.extra["tornado"]
    base = ledger.value.value if ledger.value else 0.0
    rows = tuple(
        Row(
            str(b["label"]),
            (float(b["at_low"]), float(b["at_high"])),
            f"{w.compact_money(min(b['at_low'], b['at_high']))} to {w.compact_money(max(b['at_low'], b['at_high']))}",
        )
        for b in bars[:most]
    )
    return ChartSpec(
        kind=Kind.TORNADO,
        title=title,
        subtitle=f"Net benefit when one line takes its low or its high value and all others stay at base"
        f" ({w.money(base, currency)})",
        unit=f"net benefit, {ledger.unit}",
        series=("At its low value", "At its high value"),
        rows=rows,
        alt=f"{title}. Net benefit at base values is {w.money(base, currency)}. "
        + " ".join(f"{r.label}: {r.text}." for r in rows),
        table=Table(
            ("Line", "Kind", "Net benefit at its low value", "Net benefit at its high value"),
            tuple((str(b["label"]), str(b["kind"]), w.money(b["at_low"]), w.money(b["at_high"])) for b in bars),
        ),
        reference=base,
        reference_label=f"base {w.compact_money(base)}",
        note=f"The {most} lines that move it most; the numbers list all {len(bars)}." if len(bars) > most else "",
    )


def budgets(ledger: Result, title: str) -> ChartSpec:
    """Who pays and who gains: costs and benefits by budget."""
    parts: Sequence[Mapping[str, Any]] = ledger.extra["budgets"]
    currency = str(ledger.extra.get("currency", ""))
    rows = tuple(
        Row(
            str(b["budget"]),
            (float(b["costs"]), float(b["benefits"])),
            f"pays {w.compact_money(b['costs'])}, gains {w.compact_money(b['benefits'])}",
        )
        for b in parts
    )
    return ChartSpec(
        kind=Kind.DUMBBELL,
        title=title,
        subtitle="Costs and benefits at base values, by the budget they fall on",
        unit=ledger.unit,
        series=("Costs", "Benefits"),
        rows=rows,
        alt=f"{title}. "
        + " ".join(
            f"{b['budget']}: costs {w.money(b['costs'], currency)}, benefits {w.money(b['benefits'], currency)}."
            for b in parts
        ),
        table=Table(
            ("Budget", "Costs", "Benefits"),
            tuple((str(b["budget"]), w.money(b["costs"]), w.money(b["benefits"])) for b in parts),
        ),
    )


def ledger_lines(ledger: Result) -> Table:
    """Every line of the ledger with where it comes from, who answers for it and whose budget it is."""
    lines: Sequence[Mapping[str, Any]] = ledger.extra["lines"]
    return Table(
        ("Line", "Kind", "Quantity", "Unit value", "Amount (range)", "Whose budget", "Source", "Owner", "Note"),
        tuple(
            (
                str(line["label"]),
                str(line["kind"]) if line["counted"] else f"{line['kind']}, not counted",
                f"{w.number(line['quantity']['base'], 0)} {line['unit']}",
                w.money(line["unit_value"]["base"]),
                _amount(line["amount"]),
                str(line["whose_budget"]),
                str(line["source"]),
                str(line["owner"]),
                str(line["note"] or w.DASH),
            )
            for line in lines
        ),
    )


def left_out(ledger: Result) -> tuple[tuple[str, str], ...]:
    """The lines that are written down but not counted, with the reason."""
    return tuple(
        (str(line["label"]), str(line["note"] or "No reason given."))
        for line in ledger.extra["lines"]
        if not line["counted"]
    )


def _amount(amount: Mapping[str, float | None]) -> str:
    base, low, high = amount["base"], amount["low"], amount["high"]
    if base is None:
        return w.DASH
    return (
        f"{w.money(base)} ({w.money(low)} to {w.money(high)})"
        if low is not None and high is not None
        else w.money(base)
    )


def _span(low: float | None, high: float | None) -> str:
    return f"{w.money(low)} to {w.money(high)}" if low is not None and high is not None else w.DASH


def _base(r: Result) -> float:
    return r.value.value if r.value else 0.0
