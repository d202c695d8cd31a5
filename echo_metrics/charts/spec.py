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
    """Marks joined by a line: where a group stood before and after; with three series also its start as remembered."""
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
    WATERFALL = "waterfall"
    """Steps from zero to a total, one below the other: each starts where the one before it ended."""
    DOTS = "dots"
    """Equally likely outcomes as dots stacked over an axis, so that chances can be counted."""
    CURVE = "curve"
    """One or two lines over an axis of numbers."""


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
class Mark:
    """One place in a chart of points that its reader should find, and what to say of it."""

    x: float
    y: float
    words: str


@dataclass(frozen=True)
class Span:
    """A stretch of a chart in order of time that its reader should find: from before point `first` to after `last`.

    Points are counted from 1; a stretch between two points has `last` = `first` - 1.
    """

    first: int
    last: int
    words: str


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
    """The ends of the axis; None lets the drawer fit the values (bars always start at zero). Of a curve it is the
    vertical axis: the horizontal one ends where the line does."""
    reference: float | None = None
    reference_label: str = ""
    note: str = ""
    points: tuple[tuple[tuple[float, float], ...], ...] = ()
    """Places (x, y) of the kinds without rows, a tuple a series: dots with their level in the stack, corners of a line.
    """
    upward: str = ""
    """What the vertical axis of a curve counts in; `unit` is what the horizontal one does."""
    mark: Mark | None = None
    spans: tuple[Span, ...] = ()
    along: str = "sessions"
    """What the points of a run chart are, in order of time."""

    @property
    def drawable(self) -> bool:
        """Whether anything has a figure; a chart of reasons only is better said in words."""
        return any(v is not None for row in self.rows for v in row.values) or any(self.points)
