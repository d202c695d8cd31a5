"""What a chart is before anything draws it: frozen, complete, and readable without seeing it.

A spec holds every number that its drawing shows, the same numbers as a table of words, and a text alternative. Figures
that the gate hid come as rows with a reason and no number, so no drawing can show them by mistake.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The shapes that charts come in. None of them is a pie."""

    DUMBBELL = "dumbbell"
    """Two dots joined by a line: where a group stood before, and after."""
    INTERVAL = "interval"
    """One dot with its confidence interval, against a reference line if there is one."""
    STACK = "stack"
    """One bar in parts that add up. With an axis of 0 to 100 every bar is drawn as shares of its own total."""
    BARS = "bars"
    """One bar a row, with a range where there is one."""
    TORNADO = "tornado"
    """How far one result moves when each input in turn takes its low and high value."""
    RUN = "run"
    """Values in order of time against their median."""


@dataclass(frozen=True)
class Table:
    """The chart's numbers in words, for readers, screen readers and paper."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Row:
    """One line of a chart. `values` stand in the order of the spec's series; None is not drawn.

    `text` is printed beside the row. `hollow` marks a figure from few people. `hidden` holds the reason why there is
    no number; then there is none in `values`, `low`, `high` or `text`. `about` says that `people` is rounded.
    """

    label: str
    values: tuple[float | None, ...]
    text: str = ""
    people: int | None = None
    low: float | None = None
    high: float | None = None
    hollow: bool = False
    hidden: str = ""
    strong: bool = False
    who: str = "people"
    about: bool = False


@dataclass(frozen=True)
class ChartSpec:
    """One chart, ready for any drawer."""

    kind: Kind
    title: str
    subtitle: str
    unit: str
    series: tuple[str, ...]
    rows: tuple[Row, ...]
    alt: str
    table: Table
    axis: tuple[float, float] | None = None
    """The ends of the axis; None lets the drawer fit the values (bars always start at zero)."""
    reference: float | None = None
    reference_label: str = ""
    note: str = ""

    @property
    def drawable(self) -> bool:
        """Whether at least one row has a figure; a chart of reasons only is better said in words."""
        return any(v is not None for row in self.rows for v in row.values)
