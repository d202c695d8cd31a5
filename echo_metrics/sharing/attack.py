"""Attacks release documents together, as somebody would who holds them all: only the documents, never the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from echo_metrics.disclosure.attack import Bound, Claim, Variable, attack
from echo_metrics.sharing.claims import AVERAGES, SHARES, Reading, World, worlds


@dataclass(frozen=True)
class Finding:
    """What follows about one group of one figure; `broken` says why it must not be published, '' if it may.

    `parts` is the breakdown that the figure was attacked by, `places` the networks and cohorts that the group lies in.
    """

    figure: str
    minimum: int
    bound: Bound
    parts: str = "discipline"
    places: frozenset[tuple[str, str]] = frozenset()

    @property
    def broken(self) -> str:
        """Why the publication fails for this group."""
        return self.bound.broken


def attack_documents(
    documents: Sequence[Mapping[str, Any]], figures: frozenset[str] | None = None, brief: bool = False
) -> tuple[Finding, ...]:
    """Attack releases, given as their documents (whole or narrowed): all together, and the careful ones by themselves.

    Together they are held to the lowest of their minima, as a group that one of them may show is no secret; those of
    a higher minimum are held to theirs among themselves. `figures` narrows the attack to some figures; None means all.
    `brief` finds only what is broken, without the bounds on hidden cells: several times as fast.
    """
    read = [Reading(d) for d in sorted(documents, key=lambda d: int(d["number"]))]
    found: list[Finding] = []
    for minimum in sorted({one.preset.minimum for one in read}):
        careful = [one for one in read if one.preset.minimum >= minimum]
        for world in worlds(careful, figures):
            found += _attacked(world, minimum, brief)
    return tuple(found)


def _attacked(world: World, minimum: int, brief: bool) -> Iterator[Finding]:
    """Attack one figure, its averages first and then its shares: in one system they would take many times as long."""
    for names in (AVERAGES, SHARES):
        if names is SHARES and not any(m[0] in SHARES for c in next(world.readings()) for m in c.means):
            return
        scales = [v for v in world.variables() if v.name in names]
        bounds = _believed(world, names, scales, minimum, brief)
        for bound in bounds:
            if names is AVERAGES or bound.broken:
                yield Finding(
                    world.figure, minimum, bound, world.parts, frozenset(world.home[atom] for atom in bound.atoms)
                )
        if any(bound.broken for bound in bounds):
            return


def _believed(
    world: World, names: frozenset[str], scales: list[Variable], minimum: int, brief: bool
) -> tuple[Bound, ...]:
    """What follows from the strongest reading that does not contradict itself."""
    bounds: tuple[Bound, ...] = ()
    for claims in world.readings():
        told = tuple(replace(c, means=tuple(m for m in c.means if m[0] in names)) for c in claims)
        if _idle(told, minimum):
            return ()
        bounds = attack(_peopled(told), scales, minimum, brief)
        if not any(bound.inconsistent for bound in bounds):
            return bounds
    return () if world.guessed else bounds


def _peopled(claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """The claims without the groups that are known to be empty: the system is much smaller so."""
    empty = frozenset[str]().union(*(c.atoms for c in claims if c.high == 0 and c.low == 0))
    left = tuple(replace(c, atoms=c.atoms - empty) for c in claims if c.high != 0)
    # Somebody in an empty group is a contradiction, and stays one.
    return claims if any(not c.atoms and c.low for c in left) else tuple(c for c in left if c.atoms)


def _idle(claims: Sequence[Claim], minimum: int) -> bool:
    """Whether there is nothing to subtract and nothing hidden."""
    groups = {claim.atoms for claim in claims}
    return len(groups) < 2 and all(not c.hidden and (c.low >= minimum or c.high == 0) for c in claims)
