"""The linear system behind published tables, and its extreme solutions: pure arithmetic of the attacker.

Unknowns: how many people each region holds (whole numbers) and, per variable, the sum of their answers. A region is a
set of people whom no published cell tells apart. A set of regions is written as a whole number with one bit a region.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

NODE_LIMIT: Final = 20_000
"""Branch-and-bound nodes of one question; releases of this size need under a hundred. A count, not a time, so that
the same release gets the same verdict on any computer."""

CLOSE: Final = 1e-6
"""Tolerance of the solver (HiGHS: feasibility 1e-7, integrality 1e-6); counts are whole and answers of order one."""


class Unsettled(Exception):
    """The solver gave no answer within its limit. Whoever asks must fail closed."""


@dataclass(frozen=True)
class Variable:
    """The answer scale of one person: 1 to 5 for an item, -4 to 4 for its change, 0 to 1 for a share.

    step: the distance between possible answers (1 for an item or a yes or no), 0 where any value can occur. A step
    makes the attacker stronger: a sum of whole answers is whole, so "37 %" of 8 to 12 people can be taken apart.
    """

    name: str
    low: float
    high: float
    step: float = 0.0

    @property
    def unit(self) -> float:
        """What one unit of the unknown sum stands for."""
        return self.step or 1.0

    @property
    def scale(self) -> float:
        """One person's whole scale, in units."""
        return (self.high - self.low) / self.unit


Range = tuple[int, int | None]
MeanRow = tuple[int, str, float, float]


class System:
    """Every count and mean published, as inequalities built once; each question is one more objective or row."""

    def __init__(
        self, regions: int, cells: Mapping[int, Range], means: Sequence[MeanRow], variables: Sequence[Variable]
    ) -> None:
        """Build the matrices.

        cells: lowest and highest count of each published set of regions (highest None: no limit known); means: set,
        variable, lowest and highest mean a person.
        """
        import numpy as np

        self.np = np
        self.regions = regions
        self.variables = {variable.name: variable for variable in variables}
        known = [number for pair in cells.values() for number in pair if number is not None]
        self.limit = max(10_000, 10 * max(known, default=0))  # stands for "no limit known"; answers at it are None
        self.caps = np.full(regions, float(self.limit))
        for cell, (_, high) in cells.items():
            if high is not None:
                members = self.members(cell)
                self.caps[members] = np.minimum(self.caps[members], high)
        touched = dict.fromkeys(self.variables, 0)
        for cell, name, _, _ in means:
            touched[name] |= cell
        self.touched = {name: cell for name, cell in touched.items() if cell}
        self.columns: dict[str, dict[int, int]] = {}
        width = regions
        for name, cell in self.touched.items():
            self.columns[name] = {int(region): width + i for i, region in enumerate(self.members(cell))}
            width += len(self.columns[name])
        self.width = width
        self._build(cells, means)

    def members(self, cell: int) -> Any:
        """Positions of the regions in a set."""
        return self.np.array([i for i in range(self.regions) if cell >> i & 1], dtype=int)

    def _build(self, cells: Mapping[int, Range], means: Sequence[MeanRow]) -> None:
        np = self.np
        rows: list[tuple[Any, float, float]] = []
        for cell, (low, high) in cells.items():
            rows.append((self.counting(cell), low, np.inf if high is None else high))
        self.counts = len(rows)
        self.mean_rows: dict[str, list[int]] = {name: [] for name in self.touched}
        for cell, name, lowest, highest in means:
            self.mean_rows[name] += [len(rows), len(rows) + 1]
            variable, people, answers = self.variables[name], self.counting(cell), self.adding(name, cell)
            rows.append((answers * variable.unit - people * (lowest - variable.low), 0.0, np.inf))
            rows.append((answers * variable.unit - people * (highest - variable.low), -np.inf, 0.0))
        self.own_rows: dict[tuple[str, int], int] = {}
        self.lower, self.upper = np.zeros(self.width), np.zeros(self.width)
        self.upper[: self.regions] = self.caps
        self.whole = np.zeros(self.width)
        self.whole[: self.regions] = 1
        for name, columns in self.columns.items():
            variable = self.variables[name]
            for region, column in columns.items():
                row = np.zeros(self.width)
                row[column], row[region] = 1.0, -variable.scale
                self.own_rows[name, region] = len(rows)
                rows.append((row, -np.inf, 0.0))
                self.upper[column] = variable.scale * self.caps[region]
                self.whole[column] = 1 if variable.step else 0
        self.matrix = np.array([row for row, _, _ in rows]).reshape(len(rows), self.width)
        self.least = np.array([low for _, low, _ in rows], dtype=float)
        self.most = np.array([high for _, _, high in rows], dtype=float)
        self._sparse = None
        self._divided: dict[str, tuple[Any, Any]] = {}

    def counting(self, cell: int) -> Any:
        """The row that counts the people of a set."""
        row = self.np.zeros(self.width)
        row[self.members(cell)] = 1.0
        return row

    def adding(self, name: str, cell: int) -> Any:
        """The row that adds up the answers of a set, in units above the lowest answer."""
        row = self.np.zeros(self.width)
        row[[column for region, column in self.columns[name].items() if cell >> region & 1]] = 1.0
        return row

    def _solve(self, objective: Any, rows: list[Any], lower: Any, upper: Any, whole: Any) -> Any | None:
        """Minimise. None where nothing fits; `Unsettled` where the solver stopped early."""
        from scipy import optimize

        # "Nothing fits" is asked a second time in another way: with presolve the solver says so of questions that have
        # an answer, now and then and by the order of the rows. Believed, it would let a publication pass.
        for presolve in (True, False):
            result = optimize.milp(
                objective,
                integrality=whole,
                bounds=optimize.Bounds(lower, upper),
                constraints=rows,
                options={"mip_rel_gap": 0.0, "node_limit": NODE_LIMIT, "presolve": presolve},
            )
            if result.status != 2:
                break
        if result.status == 2:
            return None
        if result.status != 0:
            raise Unsettled(result.message)
        return result

    def _rows(self) -> Any:
        from scipy import optimize, sparse

        if self._sparse is None:
            self._sparse = optimize.LinearConstraint(sparse.csc_array(self.matrix), self.least, self.most)
        return self._sparse

    def any_world(self, cell: int = 0, people: int = 0) -> Any | None:
        """People in each region of some world that fits all claims and has that many in a set; None without one."""
        if not self.width:
            return self.np.zeros(0, dtype=int)
        return self._world(self.np.zeros(self.width), self.counting(cell), people, people)

    def better(self, cell: int, sign: int, known: int, enough: int | None = None) -> Any | None:
        """People in each region of a world where a set is smallest (sign 1) or largest (-1).

        None if no world beats `known`, a number already met. `enough`: any world that reaches this number will do.
        The relaxed question comes first, as it mostly shows that there is nothing to be found.
        """
        aim = self.counting(cell) * sign
        relaxed = self._solve(aim, [self._rows()], self.lower, self.upper, self.np.zeros(self.width))
        if relaxed is None:
            raise Unsettled("the published figures stopped fitting each other")
        limit = math.ceil(relaxed.fun - CLOSE)
        if enough is not None and limit <= sign * enough:
            world = self._world(aim * 0, aim, -self.np.inf, sign * enough)
            if world is not None:
                return world
            limit = sign * enough + 1
        return None if limit >= sign * known else self._world(aim, aim, limit, sign * known - 1)

    def _world(self, aim: Any, row: Any, least: float, most: float) -> Any | None:
        from scipy import optimize

        extra = optimize.LinearConstraint(row[None, :], least, most)
        result = self._solve(aim, [self._rows(), extra], self.lower, self.upper, self.whole)
        return None if result is None else self.np.rint(result.x[: self.regions]).astype(int)

    def mean_range(self, cell: int, name: str, low: int, high: int | None) -> tuple[float, float]:
        """Lowest and highest mean a person of a set that holds `low` to `high` people, by linear programming.

        Charnes and Cooper (1962), doi 10.1002/nav.3800090303: every unknown is divided by the people of the set, which
        turns the ratio into a sum; 1/people becomes an unknown. Parts of people are let through here, and what the
        means of other variables say about counts is left aside, so the range can only be too wide.
        """
        from scipy import optimize, sparse

        variable = self.variables[name]
        if not self.touched.get(name, 0) & cell:
            return variable.low, variable.high
        np = self.np
        if name not in self._divided:
            kept = [*range(self.regions), *self.columns[name].values()]
            rows = [*range(self.counts), *self.mean_rows[name], *(self.own_rows[name, r] for r in self.columns[name])]
            matrix, least, most = self.matrix[np.ix_(rows, kept)], self.least[rows], self.most[rows]
            above = np.hstack([matrix, -most[:, None]])[np.isfinite(most)]
            below = np.hstack([-matrix, least[:, None]])[np.isfinite(least)]
            caps = np.hstack([np.eye(len(kept)), -self.upper[kept, None]])
            stacked = sparse.csc_array(np.vstack([above, below, caps]))
            self._divided[name] = np.array(kept), optimize.LinearConstraint(stacked, -np.inf, 0.0)
        kept, inequalities = self._divided[name]
        one = optimize.LinearConstraint(np.append(self.counting(cell)[kept], 0.0)[None, :], 1.0, 1.0)
        lower, upper = np.zeros(len(kept) + 1), np.full(len(kept) + 1, np.inf)
        lower[-1], upper[-1] = (0.0 if high is None else 1.0 / high), 1.0 / max(low, 1)
        objective = np.append(self.adding(name, cell)[kept], 0.0)
        loose = self.members(cell & ~self.touched[name])  # nothing is known of their answers but the scale
        ends: list[float] = []
        for sign in (1, -1):
            aim = objective * sign
            if sign == -1:
                aim[loose] -= variable.scale
            result = self._solve(aim, [inequalities, one], lower, upper, lower * 0)
            if result is None:
                raise Unsettled("the division by the people of a group has no solution")
            ends.append(variable.low + variable.unit * sign * float(result.fun))
        return max(variable.low, ends[0]), min(variable.high, ends[1])

    def sum_width_of(self, cell: int, name: str, world: Any, reach: int) -> float:
        """The least that `sum_width` can be, from one way the people may be spread: quick, as only answers are free."""
        from scipy import optimize, sparse

        if cell & ~self.touched.get(name, 0):
            return math.inf
        np = self.np
        columns, scale = list(self.columns[name].values()), self.variables[name].scale
        people = world[list(self.columns[name])].astype(float)
        own = np.array([cell >> region & 1 for region in self.columns[name]], dtype=bool)
        lower, upper = np.where(own, -scale * reach, 0.0) * people, np.where(own, scale * (1 + reach), scale) * people
        given, at = self.matrix[self.mean_rows[name]], self.mean_rows[name]
        shift = given[:, : self.regions] @ world
        inner = sparse.csc_array(given[:, columns])
        rows = [optimize.LinearConstraint(inner, self.least[at] - shift, self.most[at] - shift)]
        aim, whole = own.astype(float), self.whole[columns]
        ends = [self._solve(aim * sign, rows, lower, upper, whole) for sign in (1, -1)]
        if ends[0] is None or ends[1] is None:
            return 0.0
        return float(-ends[1].fun - ends[0].fun)

    def sum_width(self, cell: int, name: str, people: int, reach: int) -> float:
        """How far apart the possible sums of a set's answers lie if it holds that many people, in units.

        The set's own answers may leave the scale by `reach` scales a person, so that what remains is known from
        published figures and not because a mean near the end of the scale speaks of everybody it was taken of. Parts
        of the set of which no mean was published make it infinite. Nothing possible: infinite.
        """
        from scipy import optimize, sparse

        if cell & ~self.touched.get(name, 0):
            return math.inf
        np = self.np
        variable = self.variables[name]
        matrix, lower, upper = self.matrix.copy(), self.lower.copy(), self.upper.copy()
        own = self.members(cell)
        extra = np.zeros((len(own), self.width))
        for i, region in enumerate(own):
            column = self.columns[name][int(region)]
            matrix[self.own_rows[name, int(region)], region] = -variable.scale * (1 + reach)
            extra[i, column], extra[i, region] = 1.0, variable.scale * reach
            lower[column] = -variable.scale * reach * people
            upper[column] = variable.scale * (1 + reach) * people
        rows = [
            optimize.LinearConstraint(sparse.csc_array(matrix), self.least, self.most),
            optimize.LinearConstraint(extra, 0.0, np.inf),
            optimize.LinearConstraint(self.counting(cell)[None, :], people, people),
        ]
        objective = self.adding(name, cell)
        ends = [self._solve(objective * sign, rows, lower, upper, self.whole) for sign in (1, -1)]
        if ends[0] is None or ends[1] is None:
            return math.inf
        return float(-ends[1].fun - ends[0].fun)
