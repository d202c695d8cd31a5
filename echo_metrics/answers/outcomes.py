"""The outcome questions: competency, connection, collaboration, practice, supervisor value, session value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from echo_metrics.answers.beside import is_narrower, must_hide, wider
from echo_metrics.answers.figures import RATERS, Place, change_result, hidden_result, level_result
from echo_metrics.answers.model import Group, Result
from echo_metrics.answers.scope import Scoped
from echo_metrics.definitions import Definitions, Measure
from echo_metrics.disclosure import OTHER, Plan, Policy, Standing, Suppressed, plan_breakdown
from echo_metrics.disclosure.gate import HIDDEN_FOR_OTHERS
from echo_metrics.statistics.counts import Counts, PairCounts
from echo_metrics.statistics.multiplicity import p_adjust
from echo_metrics.store import Store
from echo_metrics.terms import SCORE_UNIT, THEN_CONTRASTS, Contrast, Status, WaveKind

THEN_CAUTION = (
    "Remembering the start adds recall, the wish to have learned and politeness: a gain against it is what people feel "
    "they gained, not a measured one."
)

Cell = tuple[str, int, str, int, int, int]
"""measure, cohort id, discipline, score before, score after, people"""
LevelCell = tuple[str, int, str, int, int]
"""measure, cohort id, discipline, score, people"""
AnyCell = TypeVar("AnyCell", Cell, LevelCell)


def outcome_results(
    store: Store,
    scoped: Scoped,
    definitions: Definitions,
    measures: Iterable[Measure],
    policy: Policy,
    of_n: int | None,
) -> list[Result]:
    """Results of each measure: everyone first, then by discipline, cohort and item (changes), or session."""
    found: list[Result] = []
    for measure in measures:
        if measure.kind == "change":
            for place, contrast in enumerate(measure.contrasts):
                found += _changes(store, scoped, definitions, measure, contrast, policy, of_n, first=place == 0)
            if Contrast.BASELINE_COMPLETION in measure.contrasts:
                found += _then_test(store, scoped, definitions, measure, policy, of_n)
        else:
            found += _levels(store, scoped, definitions, measure, policy)
    return found


def _changes(
    store: Store,
    scoped: Scoped,
    definitions: Definitions,
    measure: Measure,
    contrast: Contrast,
    policy: Policy,
    of_n: int | None,
    first: bool,
) -> list[Result]:
    items = measure.items if first and len(measure.items) > 1 else ()
    wanted = scoped.parameters["discipline"]
    cells: list[Cell] = [
        (str(m), int(c), str(d), int(b), int(a), int(n))
        for m, c, d, b, a, n in store.rows(
            change_query(contrast),
            {
                **scoped.parameters,
                "discipline": _asked_discipline(scoped, policy),
                "contrast": contrast.value,
                "measures": [measure.key, *items],
            },
        )
    ]
    whole = is_whole(scoped)
    all_own = [c for c in cells if c[0] == measure.key]
    plan = _plan(all_own, 2, policy)
    own = _of(all_own, wanted)
    alone = Standing(plan if wanted else None, wanted or "", whole)
    asked = {"contrast": contrast.value, "measures": [measure.key, *items]}
    held = held_back(store, scoped, policy, change_query(contrast), asked, _of(cells, wanted))
    if measure.key in held:
        return [hidden_result(measure, Place(Group(), contrast), "change", _FOR_OTHERS)]
    found = [change_result(measure, _pairs(own), Place(Group(), contrast, of_n, standing=alone), policy)]
    if not first:
        return found
    if not wanted:
        for group, keys, standing in _groups_of(own, plan, policy, definitions):
            part = _pairs(c for c in own if c[2] in keys)
            found.append(change_result(measure, part, Place(group, contrast, standing=standing), policy))
    cohorts = cohort_names(store, scoped)
    present = sorted({c[1] for c in own}, key=list(cohorts).index)
    if len(present) > 1:
        by_cohort = _plan(own, 1, policy)
        for cohort_id in present:
            group = Group("cohort", str(cohort_id), cohorts[cohort_id])
            standing = Standing(by_cohort, str(cohort_id), whole)
            part = _pairs(c for c in own if c[1] == cohort_id)
            found.append(change_result(measure, part, Place(group, contrast, standing=standing), policy))
    statements: list[Result] = []
    for code in items:
        item = definitions.items[code]
        label = f"{item.wording} (reversed)" if item.reversed else item.wording
        answered = [c for c in cells if c[0] == code]
        standing = Standing(_plan(answered, 2, policy) if wanted else None, wanted or "", whole)
        place = Place(Group("item", code, label), contrast, label=label, standing=standing)
        if code in held:
            statements.append(hidden_result(measure, place, "change", _FOR_OTHERS))
            continue
        statements.append(change_result(measure, _pairs(_of(answered, wanted)), place, policy))
    found += _allowing_for_each_other(statements)
    if contrast is Contrast.BEFORE_AFTER_SESSION:
        rows = _session_rows(store, scoped, "change_cells_by_session", {"measures": [measure.key]})
        for group, cells_here, standing in _sessions(store, scoped, rows, policy):
            place = Place(group, contrast, standing=standing)
            if standing.plan is None:
                found.append(hidden_result(measure, place, "change", _FOR_OTHERS))
                continue
            pairs = PairCounts.from_cells([(b, a, n) for b, a, n in cells_here], SCORE_UNIT)
            found.append(change_result(measure, pairs, place, policy))
    return found


def _allowing_for_each_other(statements: list[Result]) -> list[Result]:
    """Single statements with their p adjusted for how many were tested; only where an exact p may be told at all."""
    tested = [r for r in statements if r.p is not None]
    if len(tested) < 2:
        return statements
    adjusted = dict(zip((r.group.key for r in tested), p_adjust([r.p for r in tested]).bh, strict=True))
    return [replace(r, p_adjusted=adjusted.get(r.group.key)) for r in statements]


def held_back(
    store: Store, scoped: Scoped, policy: Policy, query: str, asked: dict[str, Any], chosen: Sequence[Any]
) -> set[str]:
    """The measures whose figure under this filter would tell of the few whom the filter leaves out.

    `chosen` are the cells under the filter, `query` with `asked` the same cells for a wider one: measure, cohort and
    discipline stand first in a cell, people last.
    """
    if policy.internal or not is_narrower(scoped):
        return set()
    here: dict[str, int] = defaultdict(int)
    for cell in chosen:
        here[cell[0]] += cell[-1]
    held: set[str] = set()
    for parameters in wider(scoped):
        beside: dict[str, list[tuple[int, str, int]]] = defaultdict(list)
        for measure, cohort, discipline, *rest in store.rows(query, {**parameters, **asked}):
            beside[str(measure)].append((int(cohort), str(discipline), int(rest[-1])))
        held |= {m for m, n in here.items() if n and must_hide(beside[m], n, scoped, policy)}
    return held


def lead_is_held(store: Store, scoped: Scoped, measure: Measure, contrast: Contrast, policy: Policy) -> bool:
    """Whether the denominators of a change would tell of the few whom the filter leaves out."""
    asked = {"contrast": contrast.value, "measures": [measure.key]}
    query = change_query(contrast)
    return measure.key in held_back(
        store, scoped, policy, query, asked, store.rows(query, {**scoped.parameters, **asked})
    )


_FOR_OTHERS = Suppressed(Status.SUPPRESSED, HIDDEN_FOR_OTHERS)


def _asked_discipline(scoped: Scoped, policy: Policy) -> str | None:
    """The discipline that the database selects; where the gate looks, it needs the other disciplines beside it."""
    asked: str | None = scoped.parameters["discipline"]
    return asked if policy.internal else None


def is_whole(scoped: Scoped) -> bool:
    """Whether the filter leaves whole cohorts or networks: no discipline, no period."""
    return all(scoped.parameters[name] is None for name in ("discipline", "start", "end"))


def _of(cells: Sequence[AnyCell], discipline: str | None) -> list[AnyCell]:
    return [c for c in cells if discipline is None or c[2] == discipline]


def _plan(cells: Iterable[AnyCell], column: int, policy: Policy) -> Plan:
    """The gate's plan of a breakdown by one column of the cells; the people stand last in a cell."""
    people: dict[str, int] = defaultdict(int)
    for cell in cells:
        people[str(cell[column])] += int(cell[-1])
    return plan_breakdown(people, policy)


def _groups_of(
    cells: Sequence[AnyCell], plan: Plan, policy: Policy, definitions: Definitions
) -> Iterator[tuple[Group, tuple[str, ...], Standing]]:
    """Each discipline present, in the order of the definitions, and then those that the gate merged into one.

    Where none may be shown they are not listed either: how many there are would tell something of their sizes.
    """
    if plan.hidden and not plan.shown:
        yield Group("discipline", "", "Each discipline"), plan.hidden, Standing(plan, plan.hidden[0], whole=False)
        return
    for key in _disciplines(cells, definitions):
        label = definitions.discipline_label(key)
        yield Group("discipline", key, label), (key,), Standing(plan, key, whole=False)
    if plan.other and not policy.internal:
        label = f"Other ({len(plan.other)} groups)"
        yield Group("discipline", OTHER, label), plan.other, Standing(whole=False)


def change_query(contrast: Contrast) -> str:
    """The query that counts a contrast's people: only session ratings come several to a person."""
    return "change_cells" if contrast is Contrast.BEFORE_AFTER_SESSION else "change_cells_once"


def _then_test(
    store: Store, scoped: Scoped, definitions: Definitions, measure: Measure, policy: Policy, of_n: int | None
) -> list[Result]:
    """What a then-test adds where one was asked: the gain as remembered, and the response shift. Nothing is swapped."""
    found = []
    for contrast in THEN_CONTRASTS:
        rows = _changes(store, scoped, definitions, measure, contrast, policy, of_n, first=False)
        found += [replace(r, notes=(*r.notes, THEN_CAUTION)) for r in rows if r.status is not Status.NOT_ASKED]
    return found


def _levels(store: Store, scoped: Scoped, definitions: Definitions, measure: Measure, policy: Policy) -> list[Result]:
    wave = measure.wave.value if measure.wave else ""
    items = measure.items if len(measure.items) > 1 else ()
    wanted = scoped.parameters["discipline"]
    asked = {
        **scoped.parameters,
        "discipline": _asked_discipline(scoped, policy),
        "wave": wave,
        "measures": [measure.key, *items],
    }
    cells: list[LevelCell] = [
        (str(m), int(c), str(d), int(k), int(n)) for m, c, d, k, n in store.rows("level_cells", asked)
    ]
    whole = is_whole(scoped)
    all_own = [c for c in cells if c[0] == measure.key]
    plan = _plan(all_own, 2, policy)
    own = _of(all_own, wanted)
    who = RATERS if measure.wave is WaveKind.POST_SESSION else "people"
    alone = Standing(plan if wanted else None, wanted or "", whole)
    measures = {"wave": wave, "measures": [measure.key, *items]}
    held = held_back(store, scoped, policy, "level_cells", measures, _of(cells, wanted))
    if measure.key in held:
        return [hidden_result(measure, Place(Group(), who=who), "level", _FOR_OTHERS)]
    found = [level_result(measure, _counts(own), Place(Group(), who=who, standing=alone), policy)]
    if not wanted:
        for group, keys, standing in _groups_of(own, plan, policy, definitions):
            part = _counts(c for c in own if c[2] in keys)
            found.append(level_result(measure, part, Place(group, who=who, standing=standing), policy))
    for code in items:
        item = definitions.items[code]
        answered = [c for c in cells if c[0] == code]
        standing = Standing(_plan(answered, 2, policy) if wanted else None, wanted or "", whole)
        place = Place(Group("item", code, item.wording), label=item.wording, standing=standing)
        if code in held:
            found.append(hidden_result(measure, place, "level", _FOR_OTHERS))
            continue
        found.append(level_result(measure, _counts(_of(answered, wanted)), place, policy))
    if wave == "post_session":
        rows = _session_rows(store, scoped, "level_cells_by_session", {"wave": wave, "measures": [measure.key]})
        for group, cells_here, standing in _sessions(store, scoped, rows, policy):
            place = Place(group, standing=standing)
            if standing.plan is None:
                found.append(hidden_result(measure, place, "level", _FOR_OTHERS))
                continue
            counts = Counts.from_cells([(k, n) for k, n in cells_here], SCORE_UNIT)
            found.append(level_result(measure, counts, place, policy))
    return found


def _counts(cells: Iterable[LevelCell]) -> Counts:
    return Counts.from_cells([(key, n) for _, _, _, key, n in cells], SCORE_UNIT)


def _session_rows(store: Store, scoped: Scoped, query: str, asked: dict[str, Any]) -> dict[int, list[Any]]:
    rows: dict[int, list[Any]] = defaultdict(list)
    for _, session, *cell in store.rows(query, {**scoped.parameters, **asked}):
        rows[int(session)].append(tuple(int(v) for v in cell))
    return rows


def _sessions(
    store: Store, scoped: Scoped, rows: dict[int, list[Any]], policy: Policy
) -> Iterator[tuple[Group, list[Any], Standing]]:
    """The sessions that have answers, each with its cells and where it stands.

    One discipline in one session is a cross that nothing checks against the disciplines' totals, so outside the
    row-level right it comes without a plan, which hides it.
    """
    plan = plan_breakdown({str(key): sum(cell[-1] for cell in cells) for key, cells in rows.items()}, policy)
    crossed = scoped.parameters["discipline"] is not None and not policy.internal
    for key, group in session_groups(store, scoped).items():
        if key in rows:
            yield group, rows[key], Standing(None if crossed else plan, str(key), whole=False)


def session_groups(store: Store, scoped: Scoped) -> dict[int, Group]:
    """The sessions of a filter in order of time, named as short as the filter allows."""
    shown = {k: v for k, v in scoped.parameters.items() if k != "discipline"}
    sessions = store.records("sessions_to_show", shown)
    networks = {s["network"] for s in sessions}
    cohorts = {(s["network"], s["cohort"]) for s in sessions}
    groups = {}
    for s in sessions:
        parts = [s["network"]] if len(networks) > 1 else []
        parts += [s["cohort"]] if len(cohorts) > 1 else []
        parts.append(f"{s['number']}. {s['title']}" if s["number"] else s["title"])
        groups[int(s["id"])] = Group("session", str(s["id"]), ", ".join(parts))
    return groups


def _pairs(cells: Iterable[Cell]) -> PairCounts:
    return PairCounts.from_cells([(b, a, n) for _, _, _, b, a, n in cells], SCORE_UNIT)


def _disciplines(cells: Iterable[AnyCell], definitions: Definitions) -> list[str]:
    present = {c[2] for c in cells}
    return [d for d in [*definitions.disciplines, "unknown"] if d in present]


def cohort_names(store: Store, scoped: Scoped) -> dict[int, str]:
    """The cohorts by name, with their network's where the filter leaves several networks."""
    networks = {int(i): str(name) for i, _, name, _ in store.rows("networks_to_match")}
    several = len(scoped.parameters["networks"]) > 1
    return {
        int(i): f"{networks[int(network)]}, {name}" if several else str(name)
        for i, network, name, _ in store.rows("cohorts_to_match")
    }
