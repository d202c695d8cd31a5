"""`ask`: the one way from a question to an answer, for screens and command line alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from echo_metrics.access import Viewer
from echo_metrics.answers.attendance import attendance_results
from echo_metrics.answers.checks import check_results
from echo_metrics.answers.community import community_results
from echo_metrics.answers.cycles import cycles_results
from echo_metrics.answers.model import Answer, Filters, Group, Result, Trail
from echo_metrics.answers.outcomes import is_whole, lead_is_held, outcome_results
from echo_metrics.answers.reach import reach_results
from echo_metrics.answers.roi import SUMMARY, roi_results
from echo_metrics.answers.scope import Scoped, resolve
from echo_metrics.definitions import Definitions, Measure, load_definitions
from echo_metrics.disclosure import Exact, Policy, Suppressed, gate, policy_for
from echo_metrics.errors import NotAllowed, UserError
from echo_metrics.own_definitions import definitions_of
from echo_metrics.store import Store
from echo_metrics.terms import CONTRAST_WAVES, Contrast, Role, Status, WaveKind

LEADER_QUESTIONS = frozenset({"summary", "roi"})
FUNDER_QUESTIONS = frozenset({"summary", "roi"})
HEADLINES = (
    "competency",
    "connection",
    "collaboration",
    "practice",
    "supervisor_estimate",
    "supervisor_rating",
    "session_worth",
)
"""The measures that the summary shows, in order."""
CHECKS_HIDDEN = (
    "Hidden: these checks rest on exact figures, which are for people with the row-level right. So does the table of "
    "stages before by stages after; how many went up, stayed and went down is told above where the group allows it."
)


@dataclass(frozen=True)
class _Asked:
    """Everything a question's function needs."""

    store: Store
    scoped: Scoped
    definitions: Definitions
    policy: Policy
    trail: Trail
    measure: str


def _outcomes(question: str) -> Callable[[_Asked], list[Result]]:
    def answer(asked: _Asked) -> list[Result]:
        measures = asked.definitions.measures_of(question)
        return outcome_results(
            asked.store, asked.scoped, asked.definitions, measures, asked.policy, asked.trail.registered or None
        )

    return answer


def _attendance(asked: _Asked) -> list[Result]:
    store, scoped, definitions = asked.store, asked.scoped, asked.definitions
    found = attendance_results(store, scoped, definitions, asked.policy)
    return [*found, *reach_results(store, scoped, definitions, asked.trail.invited)] if found else []


def _community(asked: _Asked) -> list[Result]:
    return community_results(asked.store, asked.scoped, asked.policy)


def _cycles(asked: _Asked) -> list[Result]:
    return cycles_results(asked.store, asked.scoped, asked.policy)


def _checks(asked: _Asked) -> list[Result]:
    """The checks of a careful reviewer rest on exact figures, so they are for those with the row-level right."""
    measures = asked.definitions.measures.values()
    if not asked.policy.internal:
        return [
            Result(
                measure=m.key,
                label="Checks",
                group=Group("check", "hidden", "Checks"),
                status=Status.SUPPRESSED,
                reason=CHECKS_HIDDEN,
                kind="check",
                sentence=CHECKS_HIDDEN,
            )
            for m in measures
            if m.kind == "change" and asked.measure in ("", m.key)
        ]
    return check_results(asked.store, asked.scoped, asked.definitions, measures, asked.policy, asked.measure)


def _roi(asked: _Asked) -> list[Result]:
    return roi_results(asked.store, asked.scoped, asked.definitions, asked.policy)


def _summary(asked: _Asked) -> list[Result]:
    found: list[Result] = []
    for key in HEADLINES:
        measure = asked.definitions.measures[key]
        rows = outcome_results(
            asked.store, asked.scoped, asked.definitions, [measure], asked.policy, asked.trail.registered or None
        )
        found += rows[:1]
    reach = attendance_results(asked.store, asked.scoped, asked.definitions, asked.policy)
    found += [r for r in reach if r.group.kind == "all"]
    # Ledgers stand side by side: their prices and assumptions are their own, so they are not added up.
    found += [r for r in _roi(asked) if r.measure in SUMMARY]
    return found


QUESTIONS: dict[str, Callable[[_Asked], list[Result]]] = {
    "summary": _summary,
    "competency": _outcomes("competency"),
    "connection": _outcomes("connection"),
    "collaboration": _outcomes("collaboration"),
    "supervisor-value": _outcomes("supervisor-value"),
    "practice": _outcomes("practice"),
    "session-value": _outcomes("session-value"),
    "attendance": _attendance,
    "community": _community,
    "cycles": _cycles,
    "roi": _roi,
    "checks": _checks,
}


def may_ask(role: Role, question: str) -> bool:
    """Whether an audience sees a question at all."""
    if role is Role.LEADER:
        return question in LEADER_QUESTIONS
    return role is not Role.FUNDER or question in FUNDER_QUESTIONS


def ask(store: Store, question: str, filters: Filters, viewer: Viewer, measure: str = "") -> Answer:
    """Answer one question for one viewer through the live gate; `measure` narrows the checks to one measure.

    Raises `UserError` for an unknown question or filter value, `NotAllowed` for a question that the viewer's role does
    not see.
    """
    if question in QUESTIONS and not may_ask(viewer.role, question):
        raise NotAllowed(f"A {viewer.role.value} does not see '{question}'.")
    return ask_under(policy_for(viewer.role, viewer.row_level), store, question, filters, viewer, measure)


def ask_under(
    policy: Policy, store: Store, question: str, filters: Filters, viewer: Viewer, measure: str = ""
) -> Answer:
    """Answer one question under a given policy, as releases need it; `viewer` gives the networks in reach.

    Raises `UserError` for an unknown question or filter value.
    """
    if question not in QUESTIONS:
        raise UserError(f"There is no question '{question}'. There are: {', '.join(QUESTIONS)}.")
    if filters.exact_pairs and not policy.internal:
        # Beside the usual figures it would tell about the few people whose codes differ by one character.
        raise NotAllowed("Exact pairs alone are for those with the row-level right.")
    definitions = definitions_of(store)
    scoped = resolve(store, viewer, filters)
    trail = _trail(store, scoped, question, _lead_measure(question, definitions), policy)
    results = tuple(QUESTIONS[question](_Asked(store, scoped, definitions, policy, trail, measure)))
    return Answer(
        question=question,
        filters=filters,
        data_version=data_version(store),
        audience=policy.audience,
        trail=trail,
        results=results,
        synthetic=bool(store.rows("any_synthetic")[0][0]),
        empty_reason=_empty_reason(question, results, scoped, filters),
    )


def data_version(store: Store) -> str:
    """The data version that keys every cache: imports so far and the definitions in force."""
    return f"v{store.version}-{definitions_of(store).fingerprint}"


def lead_figure(question: str) -> tuple[str, str]:
    """What the trail of a question counts: the figure of the pairs, and the measure of the first answers."""
    measure = _lead_measure(question, load_definitions())
    contrast = measure.contrasts[0] if measure.contrasts else Contrast.BASELINE_COMPLETION
    return f"{measure.key}|{contrast.value}", measure.key


def _lead_measure(question: str, definitions: Definitions) -> Measure:
    """The measure whose pairs the denominator trail counts."""
    measures = definitions.measures_of(question)
    changes = [m for m in measures if m.kind == "change"]
    return changes[0] if changes else definitions.measures["competency"]


def _trail(store: Store, scoped: Scoped, question: str, measure: Measure, policy: Policy) -> Trail:
    contrast = measure.contrasts[0] if measure.contrasts else Contrast.BASELINE_COMPLETION
    from_wave, _ = CONTRAST_WAVES[contrast]
    (row,) = store.rows(
        "trail",
        {**scoped.parameters, "contrast": contrast.value, "measure": measure.key, "from_wave": from_wave.value},
    )
    invited, registered, attended, baseline, matched = (None if v is None else int(v) for v in row)
    notes = []
    if from_wave is WaveKind.PRE_SESSION:
        notes.append("Baseline here means people with a code who answered before at least one session.")
    if question == "roi" and (
        scoped.parameters["discipline"] or scoped.parameters["start"] or scoped.parameters["end"]
    ):
        notes.append("A ledger covers its whole cohort: discipline and period do not narrow it.")
    if invited is None:
        notes.append("Invitations are known by cohort only, or were not recorded.")
    trail = Trail(invited, registered, attended, baseline, matched, tuple(notes))
    if policy.internal:
        return trail
    return _told(trail, policy, whole=is_whole(scoped), held=lead_is_held(store, scoped, measure, contrast, policy))


def _told(trail: Trail, policy: Policy, whole: bool, held: bool) -> Trail:
    """The trail outside the row-level right. Programme counts are exact for everyone; counts of answers are figures.

    For a part of a cohort they are left out: beside the whole they would give the other parts; so they are in a release
    that others overlap.
    """
    if policy.coarse:
        note = "Who answered is not counted here, as other releases tell of some of the same people."
        return replace(trail, baseline=None, matched=None, notes=(*trail.notes, note))
    if not whole:
        note = "Who answered is counted for whole cohorts only; the figures below carry their own numbers."
        return replace(trail, baseline=None, matched=None, notes=(*trail.notes, note))
    if held:
        note = "Who answered is not told here: beside the wider choice it would tell of a few others."
        return replace(trail, baseline=None, matched=None, notes=(*trail.notes, note))
    hidden = {name: None for name in ("baseline", "matched") if _is_hidden(getattr(trail, name), policy)}
    if not hidden:
        return trail
    note = f"Counts of fewer than {policy.minimum} people are hidden."
    return replace(trail, **hidden, notes=(*trail.notes, note))


def _is_hidden(count: int | None, policy: Policy) -> bool:
    if count == 0:
        return False
    return isinstance(gate(Exact(count, None), policy), Suppressed)


def _empty_reason(question: str, results: Iterable[Result], scoped: Scoped, filters: Filters) -> str:
    rows = list(results)
    if any(r.shown or r.reason.startswith("Hidden") for r in rows):
        return ""
    period = " in this period" if filters.start or filters.end else ""
    what = {
        "roi": "no ledger of costs and benefits",
        "attendance": "no meeting report",
        "community": "no forum",
        "cycles": "no improvement cycle",
        "session-value": "no answers to the session questions",
        "summary": "no data",
    }.get(question, "nobody who answered both times")
    return f"There is {what} for {scoped.words}{period}. Choose a wider filter, or import the missing files."
