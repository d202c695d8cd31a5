"""Builds the chart specs of a ledger: costs beside benefits, and what matters most."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from echo_metrics.answers.model import Result
from echo_metrics.charts import wording as w
from echo_metrics.charts.spec import ChartSpec, Kind, Mark, Row, Table

STEPS = ("cost", "benefit", "total")
"""The kinds of a waterfall's steps."""
MOST_BINS = 14
"""Stacks of dots that stand beside each other on a phone."""
MOST_LINES = 11
"""Rows of a curve's table; the steps between are in the picture."""


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
    """Net benefit when each assumption in turn takes its low and high end, the widest first. The table holds all."""
    currency = str(ledger.extra.get("currency", ""))
    bars: Sequence[Mapping[str, Any]] = ledger.extra["tornado"]
    base = ledger.value.value if ledger.value else 0.0
    rows = tuple(
        Row(
            _moved(b),
            (float(b["at_low"]), float(b["at_high"])),
            f"{w.compact_money(min(b['at_low'], b['at_high']))} to {w.compact_money(max(b['at_low'], b['at_high']))}",
        )
        for b in bars[:most]
    )
    return ChartSpec(
        kind=Kind.TORNADO,
        title=title,
        subtitle=f"Net benefit when one assumption takes its low or its high value and all others stay at base"
        f" ({w.money(base, currency)})",
        unit=f"net benefit, {ledger.unit}",
        series=("At its low value", "At its high value"),
        rows=rows,
        alt=f"{title}. Net benefit at base values is {w.money(base, currency)}. "
        + " ".join(f"{r.label}: {r.text}." for r in rows),
        table=Table(
            ("Assumption", "Side", "Net benefit at its low value", "Net benefit at its high value"),
            tuple((_moved(b), str(b["kind"]), w.money(b["at_low"]), w.money(b["at_high"])) for b in bars),
        ),
        reference=base,
        reference_label=f"base {w.compact_money(base)}",
        note=f"The {most} assumptions that move it most; the numbers list all {len(bars)}." if len(bars) > most else "",
    )


def _moved(bar: Mapping[str, Any]) -> str:
    """An assumption with the ends that it is moved between."""
    if "low" not in bar:
        return str(bar["label"])
    share = bar.get("sort") == "share"
    return f"{bar['label']} ({w.assumed(bar['low'], share)} to {w.assumed(bar['high'], share)})"


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
                _unit_value(line["unit_value"]["base"]),
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


def _unit_value(value: float) -> str:
    """Small prices keep their cents: a kilometre is worth 0.59, not 1."""
    return w.number(value, 2) if abs(value) < 100 and value % 1 else w.money(value)


def _span(low: float | None, high: float | None) -> str:
    return f"{w.money(low)} to {w.money(high)}" if low is not None and high is not None else w.DASH


def _base(r: Result) -> float:
    return r.value.value if r.value else 0.0


def waterfall(steps: Sequence[tuple[str, str, float]], title: str, unit: str, currency: str) -> ChartSpec:
    """From costs to net benefit, a row a step: (label, kind, amount), the kind "cost", "benefit" or "total".

    Costs and benefits are amounts of zero or more. A total is what all steps before it come to, with its sign; it is
    drawn from zero. Many small steps are the caller's to merge. Raises `ValueError` for an unknown kind, a negative
    or missing step, and a total that its steps do not come to: the picture would not add up.
    """
    rows: list[Row] = []
    running = 0.0
    for label, kind, amount in steps:
        if kind not in STEPS:
            raise ValueError(f"'{label}': a step is a cost, a benefit or a total, not '{kind}'.")
        if kind != "total" and not amount >= 0:
            raise ValueError(f"'{label}': a {kind} of {amount:,.2f} is no amount of zero or more.")
        if kind == "total":
            if not abs(amount - running) <= max(0.5, 1e-6 * abs(running)):
                raise ValueError(f"'{label}' is {amount:,.2f}, but the steps before it come to {running:,.2f}.")
            rows.append(Row(label, (0.0, amount), w.money(amount, currency), strong=True))
            continue
        step = -amount if kind == "cost" else amount
        start, running = running, running + step
        sign = "+" if kind == "benefit" and w.number(amount, 0) != "0" else ""
        rows.append(Row(label, (start, running), sign + w.money(step, currency)))
    return ChartSpec(
        kind=Kind.WATERFALL,
        title=title,
        subtitle="Costs lead left, benefits right; every step starts where the one above it ended",
        unit=unit,
        series=("Costs", "Benefits", "Total"),
        rows=tuple(rows),
        alt=f"{title}, in {unit}, step by step. " + " ".join(f"{row.label}: {row.text}." for row in rows),
        table=Table(
            ("Step", "Amount", "Running total"),
            tuple((row.label, row.text, w.money(row.values[1] or 0.0, currency)) for row in rows),
        ),
        reference=0.0,
    )


def likely(
    outcomes: Sequence[float],
    title: str,
    unit: str,
    currency: str,
    percentiles: Sequence[tuple[float, float]] = (),
) -> ChartSpec:
    """Equally likely outcomes of a net benefit, a dot each, so that a reader can count the chance of a gain.

    `outcomes` are few (20 is readable) and equally likely, such as the 2.5th, 7.5th ... 97.5th percentile of a
    simulation; a gain is above zero. `percentiles` are pairs of percent and amount for the table and the text
    alternative. Raises `ValueError` without any outcome.
    """
    if not outcomes:
        raise ValueError(f"'{title}' has no outcome to draw.")
    width = _bin_width(min(outcomes), max(outcomes))
    bins = [_bin(v, width) for v in outcomes]
    stacks: dict[int, int] = {}
    losses: list[tuple[float, float]] = []
    gains: list[tuple[float, float]] = []
    for place in sorted(bins):
        stacks[place] = stacks.get(place, 0) + 1
        (losses if place < 0 else gains).append(((place + 0.5) * width, float(stacks[place])))
    n = len(outcomes)
    told = f"In {len(gains)} of {n} equally likely outcomes benefits exceed costs"
    spread = " ".join(f"{percent:g}% of outcomes are below {w.money(v, currency)}." for percent, v in percentiles)
    return ChartSpec(
        kind=Kind.DOTS,
        title=title,
        subtitle=f"Each dot is one of {n} equally likely outcomes",
        unit=unit,
        series=(f"Costs exceed benefits: {len(losses)} of {n}", f"Benefits exceed costs: {len(gains)} of {n}"),
        rows=(),
        alt=f"{title}, in {unit}. {told}. The outcomes reach from {w.money(min(outcomes), currency)} to "
        f"{w.money(max(outcomes), currency)}. {spread}".strip(),
        table=Table(
            ("Share of outcomes", "Net benefit"),
            (
                (f"{len(gains)} of {n}", "above zero: benefits exceed costs"),
                *((f"{percent:g}%", f"below {w.money(v, currency)}") for percent, v in percentiles),
            ),
        ),
        axis=(min(*bins, 0) * width, (max(*bins, -1) + 1) * width),
        points=(tuple(losses), tuple(gains)),
    )


def _bin(value: float, width: float) -> int:
    """The number of the bin that a value stands in; rounding must not push one over an edge, least of all over zero."""
    number = math.ceil(value / width - 1e-9) - 1
    return max(number, 0) if value > 0 else min(number, -1)


def _bin_width(low: float, high: float) -> float:
    """The smallest round width with which bins that meet at zero cover the range in at most `MOST_BINS`."""
    span = max(high, 0.0) - min(low, 0.0)
    if not span:
        return 1.0
    size = 10.0 ** math.floor(math.log10(span / MOST_BINS))
    widths = (m * size * ten for ten in (1.0, 10.0, 100.0) for m in (1.0, 2.0, 2.5, 5.0))
    return next(v for v in widths if max(_bin(high, v) + 1, 0) - min(_bin(low, v), 0) <= MOST_BINS)


def curve(
    points: Sequence[tuple[float, float]],
    title: str,
    subtitle: str,
    x_unit: str,
    y_unit: str,
    mark: tuple[float, float, str] | None = None,
    *,
    name: str = "",
    second: Sequence[tuple[float, float]] = (),
    second_name: str = "",
) -> ChartSpec:
    """A line, or two with their names, over an axis of numbers: an acceptability curve, what a threshold does.

    `points` go from left to right. A `y_unit` of "%" fills 0 to 100; any other is money, and its zero is marked. `mark`
    is a place and what to say of it. Raises `ValueError` for fewer than two points, points out of
    order, and a mark outside the picture.
    """
    lines = tuple(tuple((float(x), float(y)) for x, y in line) for line in (points, second) if line)
    if not lines or any(len(line) < 2 or list(line) != sorted(line, key=lambda at: at[0]) for line in lines):
        raise ValueError(f"'{title}' needs at least two points from left to right.")
    if lines[0][0][0] == lines[0][-1][0]:
        raise ValueError(f"'{title}' has all its points at one place of the horizontal axis.")
    percent = w.is_percent(y_unit)
    values = [y for line in lines for _, y in line] + [0.0]
    room = 0.06 * ((max(values) - min(values)) or 1.0)
    low = min(values) - (room if min(values) < 0 else 0.0)
    ends = (0.0, 100.0) if percent else (low, max(values) + room)
    columns = [x for line in lines for x, _ in line]
    if mark and not (min(columns) <= mark[0] <= max(columns) and ends[0] <= mark[1] <= ends[1]):
        raise ValueError(f"'{title}' marks a place outside its picture.")
    names = (name, second_name) if second else (name,)
    told = [
        f"{label + ': ' if label else ''}"
        + "; ".join(f"at {_across(x, lines, x_unit)}, {_upward(y, y_unit)}" for x, y in _few(line, 3))
        for label, line in zip(names, lines, strict=True)
    ]
    return ChartSpec(
        kind=Kind.CURVE,
        title=title,
        subtitle=subtitle,
        unit=x_unit,
        series=names,
        rows=(),
        alt=f"{title}. {subtitle}. " + ". ".join(told) + "." + (f" Marked: {mark[2]}." if mark else ""),
        table=Table(
            (x_unit, *(label or y_unit for label in names)),
            tuple(
                (_across(x, lines, x_unit), *(_upward(_height(line, x), y_unit) for line in lines))
                for x, _ in _few(lines[0], MOST_LINES)
            ),
        ),
        axis=ends,
        reference=None if percent else 0.0,
        points=lines,
        upward=y_unit,
        mark=Mark(*mark) if mark else None,
    )


def _few(line: Sequence[tuple[float, float]], most: int) -> list[tuple[float, float]]:
    """At most so many corners of a line, evenly apart, with both ends."""
    if len(line) <= most:
        return list(line)
    return [line[round(n * (len(line) - 1) / (most - 1))] for n in range(most)]


def _height(line: Sequence[tuple[float, float]], x: float) -> float | None:
    """How high a line runs at x: as it is drawn, straight between its corners; None beside it."""
    for (x0, y0), (x1, y1) in pairwise(line):
        if x0 <= x <= x1:
            return y0 if x1 == x0 else y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return None


def _across(x: float, lines: Sequence[Sequence[tuple[float, float]]], unit: str) -> str:
    """A value of the horizontal axis with as many decimals as tell its neighbours apart."""
    span = abs(lines[0][-1][0] - lines[0][0][0])
    whole = all(at.is_integer() for line in lines for at, _ in line)
    return w.number(x, 0 if whole or span >= 20 else 1 if span >= 2 else 2) + ("%" if w.is_percent(unit) else "")


def _upward(y: float | None, unit: str) -> str:
    if y is None:
        return w.DASH
    return f"{w.number(y, 0)}%" if w.is_percent(unit) else w.money(y)
