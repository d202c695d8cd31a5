"""Tables of what stands behind a change, on demand: single statements with their tests, and stages before by after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from echo_metrics.answers.model import Result
from echo_metrics.charts import wording as w
from echo_metrics.charts.method_words import p_words
from echo_metrics.charts.spec import Table

EXPLORATORY = (
    "Exploratory: nobody declared single questions as outcomes beforehand. The adjusted p allows for the {n} questions "
    "tested together (Benjamini and Hochberg): of those below 0.05, about one in twenty is expected to be chance."
)


def statements(results: Sequence[Result]) -> tuple[str, Table] | None:
    """What to say of the tests of single statements, and the table; None where no exact p may be told."""
    tested = [r for r in results if r.p is not None and r.p_adjusted is not None]
    if not tested:
        return None
    rows = tuple(
        (r.label, f"{r.n:,}", w.change(r.change, r.unit), p_words(r.p or 0.0), p_words(r.p_adjusted or 0.0))
        for r in tested
    )
    headings = ("Question", "People", f"Change in {w.change_unit(tested[0].unit)}", "p, paired t test", "p, adjusted")
    return EXPLORATORY.format(n=len(tested)), Table(headings, rows)


def background(result: Result) -> Table | None:
    """Those lost beside those who answered both times, by discipline and attendance; None without such a table."""
    if not result.shown or "background" not in result.extra:
        return None
    size, rows = result.extra["people"], result.extra["background"]

    def part(row: Mapping[str, Any], side: str) -> str:
        if row["what"].startswith("Share"):
            return f"{row[side]:.0f}%"
        return f"{row[side]:,} ({100 * row[side] / size[side]:.0f}%)"

    def gap(row: Mapping[str, Any]) -> str:
        value = row["standardised_difference"]
        return w.DASH if value is None else w.number(value, 2, signed=True)

    return Table(
        (
            "",
            f"Answered both times ({size['stayed']:,})",
            f"Answered at the start only ({size['lost']:,})",
            "Standardised difference",
        ),
        tuple((row["what"], part(row, "stayed"), part(row, "lost"), gap(row)) for row in rows),
    )


def stages(result: Result) -> Table | None:
    """People by stage before (row) and after (column), with totals; None where the result holds no table."""
    if not result.shown or "table" not in result.extra:
        return None
    names, cells = [str(n) for n in result.extra["stages"]], [[int(n) for n in row] for row in result.extra["table"]]
    rows = [
        (f"Before: {name}", *(f"{n:,}" for n in row), f"{sum(row):,}") for name, row in zip(names, cells, strict=True)
    ]
    totals = [sum(column) for column in zip(*cells, strict=True)]
    rows.append(("All", *(f"{n:,}" for n in totals), f"{sum(totals):,}"))
    return Table(("", *(f"After: {name}" for name in names), "All"), tuple(rows))
