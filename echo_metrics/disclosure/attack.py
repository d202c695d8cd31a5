"""The attacker: what anybody who holds all published tables can work out about each small group.

The tables are read as a person with pencil and paper would read them: a printed count allows some whole numbers, a
printed mean allows a range. Everything that follows from all of them together is found by integer programming
(`scipy.optimize.milp`, HiGHS), so no combination of tables is overlooked. It knows nothing of the store.

Groups are sets of *atoms*: the smallest groups an attacker can name, such as one cohort, one discipline, arrived
between two releases. Atoms that no claim tells apart stand for one group, their *region*: what is proved of one of
them is proved of the region too.

Not tried: guesses at who is in a group, outside knowledge beyond the answers of the other members of a group, and
answers correlated between variables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from echo_metrics.disclosure.solver import CLOSE, Range, System, Unsettled, Variable
from echo_metrics.errors import UserError

__all__ = ["MAX_CLAIMS", "Bound", "Claim", "Target", "Variable", "attack", "broken"]

MAX_CLAIMS: Final = 2_000
"""More published cells than this are refused rather than half attacked (a release holds about a hundred)."""

CONTRADICTION: Final = "These published figures contradict each other."
KEPT: Final = 8
"""Worlds, of those met last, that are tried before the solver is asked again; only speed depends on it."""


class Target(StrEnum):
    """Why a group is looked at."""

    HIDDEN = "hidden cell"
    GROUP = "group"
    DIFFERENCE = "difference"
    REMAINDER = "remainder"
    ALL = "all claims"


@dataclass(frozen=True)
class Claim:
    """One published cell as an attacker reads it.

    release, table, cell: labels for reports; the cells of one release and table form one partition, with its total.
    atoms: who is in it. `low` to `high`: counts the print allows ("15" to base 5: 13 to 17; exact: n to n; "fewer than
    8 people": 1 to 7; hidden for another group's sake: 1 to None, no limit known; zero: 0 to 0). means: variable,
    lowest and highest mean a person that the printed figure allows. hidden: whether its figures are withheld.
    """

    release: str
    table: str
    cell: str
    atoms: frozenset[str]
    low: int
    high: int | None
    means: tuple[tuple[str, float, float], ...] = ()
    hidden: bool = False

    @property
    def label(self) -> str:
        """Its name in a report."""
        return ", ".join(part for part in (self.release, self.table, self.cell) if part)


@dataclass(frozen=True)
class Bound:
    """What follows about one group: its people, `low` to `high` (None: no limit), and each variable's mean a person.

    There are no means where nobody can be. broken: "" or why the publication
    fails. inconsistent: the claims contradict each other, so nothing can be said of any group.
    """

    target: str
    kind: Target
    atoms: frozenset[str]
    low: int
    high: int | None
    means: tuple[tuple[str, float, float], ...] = ()
    broken: str = ""
    inconsistent: bool = False


@dataclass
class _Group:
    """A set of regions to look at, and how it comes to be one."""

    cell: int
    kind: Target
    label: str
    subtraction: str = ""


def attack(
    claims: Iterable[Claim], variables: Iterable[Variable], minimum: int, brief: bool = False
) -> tuple[Bound, ...]:
    """Tightest bounds on every group an attacker may care about, and which of them break the publication.

    `brief` returns broken rows only, without means, and does not say which claims contradict each other.

    Groups looked at: every hidden cell; every region (so every atom); every claim, and what two claims have in common;
    every claim less a claim inside it, over all tables and releases; and every shown claim less a maximal family of
    disjoint shown claims inside it. Families are built from each table of each release and, across tables, from each
    inner claim by adding what still fits, the largest first: at most one family a pair of nested claims, so the number
    of groups is at most quadratic in the claims. Groups with equal atoms are one group. Every criterion needs a group
    proved to be under the minimum, so the result has a row for each hidden cell and for each other group proved to be
    under it, and for no more: a group that holds the minimum in some world already met is dropped without a question
    to the solver.

    A group breaks the publication if it may hold anybody at all, and

    (a) its people are counted exactly and are fewer than `minimum`: 1 to 10 people are "never shown nor derivable"
        (CMS cell size policy, resdac.org/node/1506; DISCLOSURE.md 1.1 and 2);
    (b) or it is a shown claim, or what is left of one when shown claims are subtracted, and is proved to hold somebody
        but fewer than `minimum`: each figure of it follows by subtraction, whatever its exact number (the remainder
        rule of Culture Amp and Perceptyx; Culture Amp's Sales 4 of 13, Technology 9);
    (c) or it is proved to be under `minimum` and, whatever its count may be, the sum of its answers to a variable is
        known closer than one person's whole scale: those who know the other members learn something of the last one
        (the p% rule of table protection with the other members as the intruders, at p = 100 % of the scale, the
        strictest that means anything; the experiment of DISCLOSURE.md 1.1). The end of the group's own scale is not
        used as knowledge here: "mean 4.9 of 5, n = 30" says of each subgroup that it is content, hidden or not, and
        that is the precision rule's business ("95 % or more"), not a subtraction.

    Claims that contradict each other return one row, `inconsistent` and broken, that names claims which can't be true
    together: figures that no attacker could believe are not a proof of safety. So does a question that the solver can't
    settle: fail closed.
    """
    given, scales = list(claims), list(variables)
    _check(given, scales, minimum)
    if not given:
        return ()
    names, regions = _regions(given)
    cells = [_mask(claim.atoms, regions) for claim in given]
    everybody = frozenset().union(*(claim.atoms for claim in given))
    try:
        found = _system(given, cells, scales, len(names))
        if found is None:
            if brief:
                return (Bound("all claims", Target.ALL, everybody, 0, 0, (), CONTRADICTION, True),)
            return (_contradiction(given, cells, scales, len(names), everybody),)
        return tuple(_bounds(given, cells, names, *found, minimum, brief))
    except Unsettled as problem:
        words = f"The solver could not settle what follows from these tables ({problem})."
        return (Bound("all claims", Target.ALL, everybody, 0, None, (), words),)


def broken(bounds: Iterable[Bound]) -> tuple[Bound, ...]:
    """The rows that break a publication."""
    return tuple(bound for bound in bounds if bound.broken)


def _check(claims: Sequence[Claim], variables: Sequence[Variable], minimum: int) -> None:
    if minimum < 1:
        raise UserError("The minimum must be at least one person.")
    if len(claims) > MAX_CLAIMS:
        raise UserError(f"The attack takes at most {MAX_CLAIMS} published cells; these are {len(claims)}.")
    if len({variable.name for variable in variables}) < len(variables):
        raise UserError("Each variable of an attack needs its own name.")
    scales = {variable.name: variable for variable in variables}
    for variable in variables:
        if not variable.low < variable.high or variable.step < 0:
            raise UserError(f"{variable.name}: the lowest answer must lie below the highest.")
    for claim in claims:
        if claim.low < 0 or (claim.high is not None and claim.high < 0):
            raise UserError(f"{claim.label}: a count can't be negative.")
        for name, lowest, highest in claim.means:
            if name not in scales:
                raise UserError(f"{claim.label}: no scale is given for {name}.")
            if not lowest <= highest:
                raise UserError(f"{claim.label}: the lowest mean of {name} lies above the highest.")


def _regions(claims: Sequence[Claim]) -> tuple[list[frozenset[str]], dict[str, int]]:
    """Atoms that the same claims hold, together; and the region of each atom."""
    held: dict[str, list[int]] = {}
    for i, claim in enumerate(claims):
        for atom in claim.atoms:
            held.setdefault(atom, []).append(i)
    groups: dict[tuple[int, ...], set[str]] = {}
    for atom, inside in held.items():
        groups.setdefault(tuple(inside), set()).add(atom)
    names = sorted((frozenset(group) for group in groups.values()), key=sorted)
    return names, {atom: i for i, group in enumerate(names) for atom in group}


def _mask(atoms: Iterable[str], regions: dict[str, int]) -> int:
    cell = 0
    for atom in atoms:
        cell |= 1 << regions[atom]
    return cell


def _system(
    claims: Sequence[Claim], cells: Sequence[int], variables: Sequence[Variable], regions: int
) -> tuple[System, Any] | None:
    """The claims as one system, equal cells joined, and a world that fits them. None if no world does."""
    counts: dict[int, Range] = {}
    means: dict[tuple[int, str], tuple[float, float]] = {}
    scales = {variable.name: variable for variable in variables}
    for claim, cell in zip(claims, cells, strict=True):
        low, high = counts.get(cell, (0, None))
        highs = [limit for limit in (high, claim.high) if limit is not None]
        counts[cell] = max(low, claim.low), min(highs, default=None)
        for name, lowest, highest in claim.means:
            ends = means.get((cell, name), (scales[name].low, scales[name].high))
            means[cell, name] = max(ends[0], lowest), min(ends[1], highest)
    if any(high is not None and high < low for low, high in counts.values()) or counts.pop(0, (0, None))[0] > 0:
        return None
    rows = []
    for (cell, name), (lowest, highest) in means.items():
        if lowest > highest + CLOSE:
            if counts.get(cell, (0, 0))[0] > 0:
                return None
            counts[cell] = (0, 0)  # no mean fits both figures, so nobody is there
        elif cell and (lowest > scales[name].low or highest < scales[name].high):
            rows.append((cell, name, lowest, max(lowest, highest)))
    system = System(regions, counts, rows, variables)
    world = system.any_world()
    return None if world is None else (system, world)


def _contradiction(
    claims: list[Claim], cells: list[int], variables: Sequence[Variable], regions: int, everybody: frozenset[str]
) -> Bound:
    """Name claims that can't be true together: drop what is not needed for the contradiction, half by half."""
    kept, size = list(range(len(claims))), max(1, len(claims) // 2)
    while True:
        at = 0
        while at < len(kept):
            rest = kept[:at] + kept[at + size :]
            if rest and _system([claims[i] for i in rest], [cells[i] for i in rest], variables, regions) is None:
                kept = rest
            else:
                at += size
        if size == 1:
            break
        size //= 2
    words = "; ".join(claims[i].label for i in kept)
    reason = f"{CONTRADICTION[:-1]}: {words}."
    return Bound("all claims", Target.ALL, everybody, 0, 0, (), reason, True)


def _groups(claims: Sequence[Claim], cells: Sequence[int], names: Sequence[frozenset[str]]) -> list[_Group]:
    """Every group to look at, once, in a fixed order. A hidden cell keeps its name if it is a remainder as well."""
    found: dict[int, _Group] = {}

    def add(cell: int, kind: Target, label: str, subtraction: str = "") -> None:
        if cell:
            group = found.setdefault(cell, _Group(cell, kind, label))
            group.subtraction = group.subtraction or subtraction

    for claim, cell in zip(claims, cells, strict=True):
        if claim.hidden:
            add(cell, Target.HIDDEN, claim.label)
    for i, atoms in enumerate(names):
        add(1 << i, Target.GROUP, " + ".join(sorted(atoms)))
    for i, (one, x) in enumerate(zip(claims, cells, strict=True)):
        add(x, Target.GROUP, one.label, "" if one.hidden else one.label)
        for other, y in zip(claims[i + 1 :], cells[i + 1 :], strict=True):
            add(x & y, Target.GROUP, f"{one.label} and {other.label}")
    for outer, inner, left in _differences(claims, cells):
        words = f"{outer.label} without {inner.label}"
        add(left, Target.DIFFERENCE, words, "" if outer.hidden or inner.hidden else words)
    for words, left in _remainders(claims, cells):
        add(left, Target.REMAINDER, words, words)
    return list(found.values())


def _differences(claims: Sequence[Claim], cells: Sequence[int]) -> Iterator[tuple[Claim, Claim, int]]:
    for outer, x in zip(claims, cells, strict=True):
        for inner, y in zip(claims, cells, strict=True):
            if y and y != x and y & ~x == 0:
                yield outer, inner, x & ~y


def _remainders(claims: Sequence[Claim], cells: Sequence[int]) -> Iterator[tuple[str, int]]:
    """Shown claims without maximal disjoint families of shown claims inside them."""
    shown: dict[int, Claim] = {}
    for claim, cell in zip(claims, cells, strict=True):
        if cell and not claim.hidden:
            shown.setdefault(cell, claim)
    order = sorted(shown, key=lambda cell: (-cell.bit_count(), shown[cell].label))
    tables: dict[tuple[str, str], list[int]] = {}
    for claim, cell in zip(claims, cells, strict=True):
        if cell and not claim.hidden:
            tables.setdefault((claim.release, claim.table), []).append(cell)
    for x in order:
        inside = [y for y in order if y != x and y & ~x == 0]
        families = [[y for y in table if y != x and y & ~x == 0] for table in tables.values()]
        families = [_disjoint(family) for family in families] + [_disjoint([y, *inside]) for y in inside]
        seen: set[int] = set()
        for family in families:
            left = x
            for y in family:
                left &= ~y
            if family and left not in seen:
                seen.add(left)
                yield f"{shown[x].label} without {', '.join(shown[y].cell or shown[y].label for y in family)}", left


def _disjoint(candidates: Iterable[int]) -> list[int]:
    """The candidates in order, leaving out what overlaps one already taken."""
    taken, family = 0, []
    for cell in candidates:
        if not cell & taken:
            taken |= cell
            family.append(cell)
    return family


def _bounds(
    claims: Sequence[Claim],
    cells: Sequence[int],
    names: Sequence[frozenset[str]],
    system: System,
    world: Any,
    minimum: int,
    brief: bool,
) -> Iterator[Bound]:
    worlds = world[None, :]  # a group with room in one of them can't be proved small by any criterion
    for group in _groups(claims, cells, names):
        members, wanted = system.members(group.cell), group.kind is Target.HIDDEN and not brief
        met = worlds[:, members].sum(axis=1)
        if not wanted and met.max() >= minimum:
            continue
        ends = []
        for sign, known in ((-1, int(met.max())), (1, int(met.min()))):
            world = system.better(group.cell, sign, known, minimum if sign < 0 and not wanted else None)
            if world is not None:
                worlds = system.np.vstack([worlds, world])
            ends.append(known if world is None else int(world[members].sum()))
            if not wanted and ends[0] >= minimum:
                break
        high, low = ends[0], ends[-1]
        small = 1 <= high < minimum
        if not wanted and not small:
            continue
        limit = None if high >= system.limit else high
        why = _why(group, low, high, system, worlds, minimum) if small else ""
        if brief and not why:
            continue
        told = system.variables if high and not brief else ()
        means = [(name, *system.mean_range(group.cell, name, low, limit)) for name in told]
        atoms = frozenset[str]().union(*(names[i] for i in members))
        yield Bound(group.label, group.kind, atoms, low, limit, tuple(means), why)


def _why(group: _Group, low: int, high: int, system: System, worlds: Any, minimum: int) -> str:
    """Which criterion a group under the minimum meets; "" if none."""
    if low == high:
        return f"It can be worked out that these are exactly {high}, fewer than {minimum}."
    if low and group.subtraction:
        how = "follow by subtraction" if " without " in group.subtraction else "are shown"
        return f"Its figures {how} ({group.subtraction}): {low} to {high} people, fewer than {minimum}."
    for name in system.touched:
        if _follows(group.cell, name, max(low, 1), high, system, worlds, minimum):
            return f"The answers to {name} of these 1 to {high} people follow closer than one person's scale."
    return ""


def _follows(cell: int, name: str, low: int, high: int, system: System, worlds: Any, minimum: int) -> bool:
    """Whether for every count the group may have, its sum of answers is known closer than one person's scale.

    Those who know the other members know the count as well, so counts are looked at one by one, the widest first. One
    world with room enough settles it, so the worlds already met are asked before the solver is.
    """
    enough = system.variables[name].scale - CLOSE
    members = system.members(cell)
    for world in reversed(worlds[-KEPT:]):
        if int(world[members].sum()) and system.sum_width_of(cell, name, world, minimum) >= enough:
            return False
    for people in range(high, low - 1, -1):
        if people not in (low, high) and system.any_world(cell, people) is None:
            continue
        if system.sum_width(cell, name, people, reach=minimum) >= enough:
            return False
    return True
