"""Which groups of a breakdown may be shown beside their total, so that no small group follows by subtraction.

Two rules (Culture Amp, Perceptyx, Viva Glint): what is hidden must be at least two groups and at least the minimum of
people together, or the last one follows from the total. Small groups are merged into "Other (n groups)" with the next
smallest until that holds, so that as little as possible is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from echo_metrics.disclosure.policy import Policy

OTHER = "merged"
"""Key of the merged group; "other" is a discipline that people can choose."""


@dataclass(frozen=True)
class Plan:
    """What a breakdown shows: groups on their own, groups merged into "Other", and groups hidden altogether.

    Every group with at least one person stands in exactly one of the three. `few` says of the hidden ones that each is
    under the minimum by itself and nothing else needs saying; otherwise they are hidden for each other's sake, in one
    wording for all of them: told apart, the size of the smallest could follow from the size of their sum.
    """

    shown: tuple[str, ...]
    other: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    few: bool = False

    def shows(self, key: str) -> bool:
        """Whether a group stands on its own."""
        return key in self.shown


def plan_breakdown(parts: Mapping[str, int | None], policy: Policy) -> Plan:
    """Plan a breakdown of a shown total into disjoint `parts`: distinct people by group.

    Groups of nobody are left out: they tell of nobody. Where no group can be shown they are hidden with the others. An
    unknown number of people (None) hides every group. With row-level right everything is shown. The order of `parts`
    does not matter.
    """
    if policy.internal:
        return Plan(tuple(parts))
    present = {key: n for key, n in parts.items() if n != 0}
    if any(n is None or n < 0 for n in present.values()):
        return Plan((), hidden=tuple(parts))
    counts = {key: int(n or 0) for key, n in present.items()}
    order = sorted(counts, key=lambda key: (counts[key], key))
    small = [key for key in order if counts[key] < policy.minimum]
    if not small:
        return Plan(tuple(present))
    if sum(counts.values()) < policy.minimum:
        return Plan((), hidden=tuple(parts), few=True)
    held = order[: _held(order, counts, policy)]
    shown = tuple(key for key in present if key not in held)
    if shown and policy.secondary and policy.remainder:
        return Plan(shown, other=tuple(key for key in present if key in held))
    if not shown:  # groups of nobody too: else seven groups hidden under "fewer than 8 in all" are one person each
        return Plan((), hidden=tuple(parts))
    return Plan(shown, hidden=tuple(key for key in present if key in held), few=not policy.secondary)


def _held(order: list[str], counts: Mapping[str, int], policy: Policy) -> int:
    """How many of the smallest groups must be held together."""
    held = sum(counts[key] < policy.minimum for key in order)
    if policy.secondary:
        held = max(held, min(2, len(order)))
    if policy.remainder:
        while held < len(order) and (
            sum(counts[key] for key in order[:held]) < policy.minimum
            or (policy.secondary and _told_by_the_rule([counts[key] for key in order], held, policy.minimum))
        ):
            held += 1
    return held


def _told_by_the_rule(sizes: list[int], held: int, minimum: int) -> bool:
    """Whether a reader who knows these rules could tell a held group's size from their sum and from who is shown.

    That is so where as large a group is shown (then the order of ties says which is which), where each holds one
    person, and where each is as large as it can be: small ones one short of the minimum, those held for their sake one
    short of the smallest shown.
    """
    inside, next_size = sizes[:held], sizes[held]
    most = sum(minimum - 1 if n < minimum else next_size - 1 for n in inside)
    return inside[-1] == next_size or sum(inside) in (held, most)
