"""`python -m benchmarks.roi`: what simulating a ledger costs beside a plain-numpy lower bound; nothing is asserted.

One cost line and 39 benefits with three uncertain inputs each (quantity, unit value, deadweight), 10,000 draws.
`cold` fills the tables of every input, as after a ledger was loaded; `warm` is what moving a slider costs: one table is
new. The lower bound draws as many uniforms as there are uncertain inputs and multiplies and sums arrays of the same
shapes, with no distribution behind them.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from echo_metrics.roi import amounts
from echo_metrics.roi.model import Counted, Model, build_model
from echo_metrics.roi.parse import parse_ledger
from echo_metrics.roi.simulate import DRAWS, SEED, order_of_draws, simulate, uncertain_keys

LINES, REPEAT = 40, 15
HEAD: dict[str, Any] = {
    "format": "echo-metrics-ledger", "version": 1, "title": "Benchmark", "network": "Network", "currency": "CAD",
    "price_year": 2020, "prepared_by": "Benchmark", "date": date(2020, 7, 31),
}  # fmt: skip


def ledger_of(lines: int) -> dict[str, Any]:
    """One cost and otherwise benefits; these have three uncertain inputs each, the cost two."""

    def line(key: str, i: int, **more: Any) -> dict[str, Any]:
        return {
            "key": f"{key}{i}", "label": f"{key} {i}", "source": "benchmark", "owner": "benchmark",
            "quantity": {"low": 5 + i, "base": 10 + i, "high": 20 + i},
            "unit_value": {"low": 40 + i, "base": 50 + i, "high": 75 + i}, **more,
        }  # fmt: skip

    share = {"low": 0.2, "base": 0.4, "high": 0.7}
    gains = [line("gain", i, deadweight={**share, "base": 0.3 + (i % 30) / 100}) for i in range(lines - 1)]
    return {**HEAD, "cost": [line("cost", 0)], "benefit": gains}


def measure(lines: int = LINES, draws: int = DRAWS, repeat: int = REPEAT) -> dict[str, float]:
    """Milliseconds of one simulation, cold and warm, and of the lower bound."""
    model = build_model(parse_ledger(ledger_of(lines)), Counted({}))
    orders = order_of_draws(uncertain_keys(model), model.correlations, draws, np.random.default_rng(SEED))

    def cold() -> None:
        amounts._table.cache_clear()
        simulate(model, orders)

    moved = iter(_moved(model, i) for i in range(1, 10 * repeat))
    found = {
        "inputs": float(len(orders)),
        "order ms": _median(lambda: order_of_draws(uncertain_keys(model), (), draws, np.random.default_rng(SEED)), 3),
        "cold ms": _median(cold, repeat),
        "warm ms": _median(lambda: simulate(next(moved), orders), repeat),
        "bound ms": _median(lambda: lower_bound(len(orders), lines, draws), repeat),
    }
    return found | {"warm / bound": found["warm ms"] / found["bound ms"]}


def lower_bound(inputs: int, lines: int, draws: int) -> float:
    """Draw as many numbers, multiply them line by line and sum: the least that any simulation of this size does."""
    values = np.random.default_rng(SEED).random((inputs, draws))
    each = inputs // lines
    found = values[: each * lines].reshape(lines, each, draws).prod(axis=1)
    return float((found[1:].sum(axis=0) - found[0] > 0).mean())


def _moved(model: Model, step: int) -> Model:
    """The model after one slider was moved."""
    first = model.inputs[-1]
    amount = first.amount.moved_to(first.amount.low + (first.amount.high - first.amount.low) * (0.3 + step / 1000))
    return replace(model, inputs=(*model.inputs[:-1], replace(first, amount=amount)))


def _median(call: Callable[[], object], repeat: int) -> float:
    call()
    times = []
    for _ in range(repeat):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return 1000 * statistics.median(times)


def main() -> None:
    """Run and print: the median of several runs of each."""
    rows = [measure() for _ in range(3)]
    for name in rows[0]:
        print(f"{name:14} {statistics.median(row[name] for row in rows):9.2f}")


if __name__ == "__main__":
    main()
