"""Comments by approval: which answers in words may be shown, of whom, and in which order.

A comment is shown where somebody approved it, and only out of a cell: cohorts in which at least so many people wrote an
answer to its question. Cells never overlap, and a wider part shows whole cells only. So what one part, or one release,
shows more than another is always out of a group of at least that many writers.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from echo_metrics.disclosure.gate import HIDDEN_FOR_OTHERS, Exact, Released, Suppressed, gate
from echo_metrics.disclosure.policy import Policy
from echo_metrics.terms import Status

COMMENT_MINIMUM: Final = 10
"""Fewest people who wrote an answer to a question before one of its comments is shown (Viva Glint's number)."""
LONGEST: Final = 1000
"""Characters of a comment that are shown; what is cut ends in an ellipsis."""

Place = tuple[str, str]
"""A network's key and a cohort's name: the smallest part that comments are counted in."""
Cell = frozenset[Place]


@dataclass(frozen=True)
class Comment:
    """One answer in words. `key` names it without telling whose it is; `text` is as it would be shown."""

    key: str
    question: str
    text: str


@dataclass(frozen=True)
class Written:
    """A comment with what counting its writers needs, none of which is ever shown.

    `who` is the writer's code, '' for none; `occasion` names when it was asked (a wave, a session), '' for unknown.
    """

    comment: Comment
    place: Place
    occasion: str
    who: str


def tidy(text: str) -> str:
    """The text as it is shown: white space and control characters folded, cut where it is too long, no word altered.

    >>> tidy("  The cases \\n helped me\\tmost. ")
    'The cases helped me most.'
    """
    bare = "".join(" " if unicodedata.category(c) == "Cc" else c for c in text)
    words = " ".join(bare.split())
    if len(words) <= LONGEST:
        return words
    return f"{words[:LONGEST].rpartition(' ')[0] or words[:LONGEST]} …"


def distinct_people(written: Iterable[Written]) -> int | None:
    """How many different people surely wrote these; None if that is not known.

    People with a code count once, wherever they wrote. Answers without one are different people only within one
    occasion, where nobody answers twice: the occasion with most of them counts, never their sum.
    """
    codes: dict[Place, set[str]] = defaultdict(set)
    there: dict[Place, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for w in written:
        if not w.occasion:
            return None
        if w.who:
            codes[w.place].add(w.who)
        there[w.place][w.occasion].add(w.who or f"\x1f{w.comment.key}")
    counted = sum(max(len(codes[p]), max(len(v) for v in there[p].values())) for p in there)
    doubles = sum(len(c) for c in codes.values()) - len(set[str]().union(*codes.values()))
    return counted - doubles


def cells(written: Sequence[Written], minimum: int, together: Iterable[Cell] = ()) -> tuple[Cell, ...]:
    """The cells of one question: cohorts with enough writers, what is left of a network, what is left of all.

    `written` is everything that stands in the store, not what one release asks for, so that every release cuts alike.
    `together` are cells that earlier releases showed as one: told apart now, the old list would tell which came whence.
    """
    loose = _joined({w.place for w in written}, together)
    found: list[Cell] = []

    def enough(cell: Cell) -> bool:
        people = distinct_people(w for w in written if w.place in cell)
        return people is not None and people >= minimum

    def take(candidates: Iterable[Cell]) -> None:
        for cell in candidates:
            if cell and enough(cell):
                found.append(cell)
                loose[:] = [c for c in loose if not c <= cell]

    take(list(loose))
    for network in sorted({network for network, _ in Cell().union(*loose)}):
        take([Cell().union(*(c for c in loose if {n for n, _ in c} == {network}))])
    take([Cell().union(*loose)])
    return tuple(found)


def gate_comments(
    written: Sequence[Written],
    found: Iterable[Cell],
    part: Cell,
    approved: Collection[str],
    policy: Policy,
    order: Callable[[str], str],
) -> Released[tuple[Comment, ...]] | Suppressed | None:
    """The approved comments of one question in one part, shuffled by `order`; None if nobody approved any there.

    Hidden where fewer people wrote than the minimum for comments, or the release's own if that is higher; where their
    number is not known; and where the part cuts through a cell.
    """
    here = [w for w in written if w.place in part]
    if not any(w.comment.key in approved for w in here):
        return None
    careful = replace(policy, minimum=comment_minimum(policy))
    whole = Cell().union(*(cell for cell in found if cell <= part))
    inside = [w for w in here if w.place in whole]
    told = sorted((w.comment for w in inside if w.comment.key in approved), key=lambda c: order(c.key))
    outcome = gate(Exact(distinct_people(inside or here), tuple(told)), careful)
    if isinstance(outcome, Released) and not told:
        return Suppressed(Status.SUPPRESSED, HIDDEN_FOR_OTHERS)
    return outcome


def comment_minimum(policy: Policy) -> int:
    """Fewest writers under a policy: ten, or the policy's own minimum where that is higher."""
    return max(COMMENT_MINIMUM, policy.minimum)


def _joined(places: set[Place], together: Iterable[Cell]) -> list[Cell]:
    """The places one by one, but for those that have to stay together; in an order of their own."""
    units = {frozenset({place}) for place in places}
    for group in together:
        touched = {unit for unit in units if unit & group}
        if touched:
            units -= touched
            units.add(Cell().union(*touched))
    return sorted(units, key=sorted)
