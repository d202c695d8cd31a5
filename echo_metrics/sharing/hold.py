"""The time rule: a figure changes between releases only if nobody, or at least the minimum of people, changed in it.

Else the difference of the two figures would tell of the few who came later. Such a figure keeps its earlier value, and
says that newer answers are waiting; where no earlier value may be shown, it is hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from echo_metrics.answers.ask import lead_figure
from echo_metrics.answers.model import Answer, Group, Result, Trail
from echo_metrics.sharing.people import Atom, People, changed
from echo_metrics.sharing.release import Mark, Release, Scope, figure_key

PARTS = ("discipline", "cohort", "session")
"""Kinds of group that are parts of a total."""


@dataclass(frozen=True)
class _Against:
    """One earlier release beside the new one."""

    old: Release
    new: Release
    old_people: People
    new_people: People
    minimum: int

    def few(self, here: Callable[[Atom], bool]) -> bool:
        """Whether some, but fewer than the minimum of people changed in these atoms."""
        return 0 < changed(self.old_people, self.new_people, here) < self.minimum

    def knows(self, figure: str, scope: Scope) -> bool:
        """Whether the earlier release shows this figure of this part at all."""
        part = _same_part(self.old, self.new, scope)
        if part is None:
            return False
        return any(figure_key(r) == figure for a in part.answers.values() for r in a.results)


def hold(new: Release, people: People, earlier: Sequence[tuple[Release, People]]) -> Release:
    """The new release with every figure kept back that too few people changed, against all earlier live ones."""
    marks: list[Mark] = []
    # The newest first: its figures were kept back against the older ones already.
    for old, old_people in sorted(earlier, key=lambda pair: pair[0].number, reverse=True):
        against = _Against(old, new, old_people, people, new.preset.minimum)
        scopes = []
        for scope in new.scopes:
            held = _held(scope, against)
            scopes.append(_apply(scope, held, old, new, marks))
        new = replace(new, scopes=tuple(scopes))
    return replace(new, held=tuple(dict.fromkeys(marks)))


def _same_part(old: Release, new: Release, scope: Scope) -> Scope | None:
    """The part of the earlier release that speaks of the same networks and cohort; None if it has none.

    "All networks" are those of the release, which need not be the same ones.
    """
    if not scope.network and {key for key, _ in old.networks} != {key for key, _ in new.networks}:
        return None
    return next((s for s in old.scopes if (s.network, s.cohort) == (scope.network, scope.cohort)), None)


def _held(scope: Scope, against: _Against) -> frozenset[tuple[str, str]]:
    """The figures of a part that are held, as (figure, kind of group); 'all' stands for the total with everything."""
    figures = {figure_key(r) for a in scope.answers.values() for r in a.results if r.kind in ("change", "level")}
    held: set[tuple[str, str]] = set()
    for figure in figures:
        if not against.knows(figure, scope):
            continue

        def inside(atom: Atom, figure: str = figure) -> bool:
            return (
                atom.figure == figure
                and scope.network in ("", atom.network)
                and (not scope.cohort or scope.cohort == atom.cohort)
            )

        if against.few(inside):
            held.add((figure, "all"))
            continue
        atoms = {a for a in {*against.old_people, *against.new_people} if inside(a)}
        for kind, part_of in (("discipline", lambda a: a.discipline), ("cohort", lambda a: (a.network, a.cohort))):
            for part in {part_of(a) for a in atoms}:
                here = {a for a in atoms if part_of(a) == part}
                if against.few(here.__contains__):
                    held.add((figure, kind))
        if changed(against.old_people, against.new_people, inside):
            # Who stands behind one session is not kept, so sessions move only if nobody changed.
            held.add((figure, "session"))
        # A cohort that is a part of this one's network is held with its own total as well (its own scope looks).
    return frozenset(held)


def _apply(scope: Scope, held: frozenset[tuple[str, str]], old: Release, new: Release, marks: list[Mark]) -> Scope:
    part = _same_part(old, new, scope)
    if part is None:
        return scope
    answers = {}
    for question, answer in scope.answers.items():
        before = part.answers.get(question)
        answers[question] = _answer(scope, answer, before, held, old, new, marks)
    return replace(scope, answers=answers)


def _answer(
    scope: Scope,
    answer: Answer,
    before: Answer | None,
    held: frozenset[tuple[str, str]],
    old: Release,
    new: Release,
    marks: list[Mark],
) -> Answer:
    results: list[Result] = []
    placed: set[tuple[str, str]] = set()
    for r in answer.results:
        figure = figure_key(r)
        whole = (figure, "all") in held
        kind = r.group.kind if r.group.kind in PARTS else "all"
        if r.kind not in ("change", "level") or not (whole or (kind in PARTS and (figure, kind) in held)):
            results.append(r)
            continue
        if (figure, r.group.kind) in placed:
            continue
        placed.add((figure, r.group.kind))
        kept = [
            o
            for o in (before.results if before is not None else ())
            if figure_key(o) == figure and o.group.kind == r.group.kind
        ]
        reason = f"Newer answers are waiting: too few people changed since {old.name}."
        marks.append(Mark(scope.words, r.label, "everyone" if kind == "all" else f"by {kind}", reason))
        if kept and all(_may_keep(o, old, new) for o in kept):
            results += [_kept(o, old, reason) for o in kept]
        else:
            # One row for the whole table: which groups stand in it now would tell of the newcomers.
            group = Group(kind, "", f"Each {kind}") if kind in PARTS else r.group
            results.append(replace(r, group=group).withheld(reason))
    trail = _trail(answer, before, (lead_figure(answer.question)[0], "all") in held, new.preset.minimum)
    return replace(answer, results=tuple(results), trail=trail)


def _trail(answer: Answer, before: Answer | None, held: bool, minimum: int) -> Trail:
    """The counts of who answered, left out where they moved by too few people to be told."""
    trail = answer.trail
    if held:
        trail = replace(trail, matched=None)
    if before is not None:
        told = before.trail
        if _moved_little(told.baseline, trail.baseline, minimum):
            trail = replace(trail, baseline=None)
        if _moved_little(told.matched, trail.matched, minimum):
            trail = replace(trail, matched=None)
    return trail


def _moved_little(was: int | None, now: int | None, minimum: int) -> bool:
    return was is not None and now is not None and 0 < abs(now - was) < minimum


def _may_keep(o: Result, old: Release, new: Release) -> bool:
    """Whether an earlier result may stand in the new release: its preset is as careful, or it is exact in all."""
    if not o.shown or old.preset.minimum >= new.preset.minimum:
        return True
    return not o.coarse and o.n is not None and o.n >= new.preset.minimum


def _kept(o: Result, old: Release, reason: str) -> Result:
    since = str(o.extra.get("kept_from", old.name))
    return replace(o, notes=(*(n for n in o.notes if n != reason), reason), extra={**o.extra, "kept_from": since})
