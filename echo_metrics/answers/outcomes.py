"""The outcome questions: competency, connection, collaboration, practice, supervisor value, session value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from echo_metrics.answers.figures import RATERS, Place, change_result, level_result
from echo_metrics.answers.model import Group, Result
from echo_metrics.answers.scope import Scoped
from echo_metrics.definitions import Definitions, Measure
from echo_metrics.disclosure import Policy
from echo_metrics.statistics.counts import Counts, PairCounts
from echo_metrics.store import Store
from echo_metrics.terms import SCORE_UNIT, THEN_CONTRASTS, Contrast, Status, WaveKind

THEN_CAUTION = (
    "Remembering the start adds recall, the wish to have learned and politeness: a gain against it is what people feel "
    "they gained, not a measured one."
)

Cell = tuple[str, int, str, int, int, int]
"""measure, cohort id, discipline, score before, score after, people"""


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
    cells: list[Cell] = [
        (str(m), int(c), str(d), int(b), int(a), int(n))
        for m, c, d, b, a, n in store.rows(
            change_query(contrast),
            {**scoped.parameters, "contrast": contrast.value, "measures": [measure.key, *items]},
        )
    ]
    own = [c for c in cells if c[0] == measure.key]
    found = [change_result(measure, _pairs(own), Place(Group(), contrast, of_n), policy)]
    if not first:
        return found
    for discipline in _disciplines(own, definitions) if scoped.parameters["discipline"] is None else ():
        group = Group("discipline", discipline, definitions.discipline_label(discipline))
        part = _pairs(c for c in own if c[2] == discipline)
        found.append(change_result(measure, part, Place(group, contrast), policy))
    cohorts = _cohort_names(store, scoped)
    if len({c[1] for c in own}) > 1:
        for cohort_id in sorted({c[1] for c in own}, key=list(cohorts).index):
            group = Group("cohort", str(cohort_id), cohorts[cohort_id])
            part = _pairs(c for c in own if c[1] == cohort_id)
            found.append(change_result(measure, part, Place(group, contrast), policy))
    for code in items:
        item = definitions.items[code]
        label = f"{item.wording} (reversed)" if item.reversed else item.wording
        part = _pairs(c for c in cells if c[0] == code)
        found.append(change_result(measure, part, Place(Group("item", code, label), contrast, label=label), policy))
    if contrast is Contrast.BEFORE_AFTER_SESSION:
        found += _by_session(
            store,
            scoped,
            "change_cells_by_session",
            {"measures": [measure.key]},
            lambda group, rows: change_result(
                measure,
                PairCounts.from_cells([(b, a, n) for b, a, n in rows], SCORE_UNIT),
                Place(group, contrast),
                policy,
            ),
        )
    return found


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
    asked = {**scoped.parameters, "wave": wave, "measures": [measure.key, *items]}
    cells = [(str(m), int(c), str(d), int(k), int(n)) for m, c, d, k, n in store.rows("level_cells", asked)]
    own = [c for c in cells if c[0] == measure.key]
    who = RATERS if measure.wave is WaveKind.POST_SESSION else "people"

    def counted(part: Iterable[tuple[str, int, str, int, int]]) -> Counts:
        return Counts.from_cells([(key, n) for _, _, _, key, n in part], SCORE_UNIT)

    found = [level_result(measure, counted(own), Place(Group(), who=who), policy)]
    present = {c[2] for c in own}
    for discipline in [*definitions.disciplines, "unknown"]:
        if discipline not in present or scoped.parameters["discipline"] is not None:
            continue
        group = Group("discipline", discipline, definitions.discipline_label(discipline))
        found.append(
            level_result(measure, counted(c for c in own if c[2] == discipline), Place(group, who=who), policy)
        )
    for code in items:
        item = definitions.items[code]
        place = Place(Group("item", code, item.wording), label=item.wording)
        found.append(level_result(measure, counted(c for c in cells if c[0] == code), place, policy))
    if wave == "post_session":
        found += _by_session(
            store,
            scoped,
            "level_cells_by_session",
            {"wave": wave, "measures": [measure.key]},
            lambda group, rows: level_result(
                measure, Counts.from_cells([(k, n) for k, n in rows], SCORE_UNIT), Place(group), policy
            ),
        )
    return found


def _by_session(
    store: Store,
    scoped: Scoped,
    query: str,
    asked: dict[str, Any],
    make: Callable[[Group, list[Any]], Result],
) -> list[Result]:
    rows: dict[int, list[Any]] = defaultdict(list)
    for _, session, *cell in store.rows(query, {**scoped.parameters, **asked}):
        rows[int(session)].append(tuple(int(v) for v in cell))
    return [make(group, rows[key]) for key, group in session_groups(store, scoped).items() if key in rows]


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


def _disciplines(cells: Iterable[Cell], definitions: Definitions) -> list[str]:
    present = {c[2] for c in cells}
    return [d for d in [*definitions.disciplines, "unknown"] if d in present]


def _cohort_names(store: Store, scoped: Scoped) -> dict[int, str]:
    networks = {int(i): str(name) for i, _, name, _ in store.rows("networks_to_match")}
    several = len(scoped.parameters["networks"]) > 1
    return {
        int(i): f"{networks[int(network)]}, {name}" if several else str(name)
        for i, network, name, _ in store.rows("cohorts_to_match")
    }
