"""Where people stood before and after: the table of stages, row = before and column = after."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from echo_metrics.errors import UserError
from echo_metrics.statistics.checks import numbers
from echo_metrics.statistics.counts import PairCounts


@dataclass(frozen=True, slots=True)
class StageTable:
    """People by stage before (row) and after (column); a stage runs from its edge to just under the next one's.

    `up`, `same` and `down` count people by stage: somebody may rise a little and stay in a stage.
    """

    edges: tuple[float, ...]
    table: tuple[tuple[int, ...], ...]
    up: int
    same: int
    down: int

    @property
    def n(self) -> int:
        """How many people are in the table."""
        return self.up + self.same + self.down


def stage_table(pairs: PairCounts, edges: Sequence[float]) -> StageTable:
    """Count people by the stage of their score before and after.

    Parameters: pairs, people by score before and after; edges, the lowest score of each stage in points, rising, the
    first at or below every score. The last stage has no upper end. Returns `StageTable`.

    Formula: the stage of a score is the last edge at or below it, compared as whole-number keys, so that a score
    that equals an edge is in the stage that the edge opens.

    When not to use it: as a test (`mcnemar` for one line, `stuart_maxwell` for all levels); for anybody without the
    right to single people's data, as a cell of one is one person.

    Source: the transition table of Stuart 1955, Biometrika 42:412, with scores grouped. Checked against
    pandas.crosstab of pandas.cut on the raw demonstration files.

    >>> stage_table(PairCounts.from_scores([1, 2, 3], [2, 2, 2]), [1, 2, 3]).table
    ((0, 1, 0), (0, 1, 0), (0, 1, 0))
    """
    given = numbers(edges, "edges", 1).tolist()
    if any(later <= earlier for earlier, later in pairwise(given)):
        raise UserError("edges must rise from one to the next.")
    at = [round(edge * pairs.unit) for edge in given]
    if any(key < at[0] for key in (*pairs.before, *pairs.after)):
        raise UserError(f"edges must start at or below every score; the first is {given[0]:g}.")
    table = [[0] * len(at) for _ in at]
    for before, after, n in zip(pairs.before, pairs.after, pairs.n, strict=True):
        table[bisect_right(at, before) - 1][bisect_right(at, after) - 1] += n
    cells = [(i, j, n) for i, row in enumerate(table) for j, n in enumerate(row)]
    return StageTable(
        tuple(given),
        tuple(tuple(row) for row in table),
        up=sum(n for i, j, n in cells if j > i),
        same=sum(n for i, j, n in cells if j == i),
        down=sum(n for i, j, n in cells if j < i),
    )
