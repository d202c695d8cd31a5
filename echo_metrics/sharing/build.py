"""Makes a release: the answers of every allowed part, the time rule against earlier releases, then the attacker."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from echo_metrics.access import Viewer
from echo_metrics.answers.ask import HEADLINES, ask_under, data_version
from echo_metrics.answers.model import Answer, Filters, Result
from echo_metrics.answers.scope import Options, options
from echo_metrics.definitions import Definitions, load_definitions
from echo_metrics.disclosure import Policy, Preset, release_policy
from echo_metrics.errors import UserError
from echo_metrics.sharing.comments import Voices
from echo_metrics.sharing.hold import hold
from echo_metrics.sharing.people import People, Print, behind, same_people
from echo_metrics.sharing.protect import protect
from echo_metrics.sharing.release import COMMENTS, PAGES, USUAL_PAGES, Breakdown, Mark, Release, Scope
from echo_metrics.store import Store
from echo_metrics.terms import Role, Status

LONGEST_TITLE, LONGEST_NOTES = 120, 2000


@dataclass(frozen=True)
class Request:
    """What somebody wants to freeze; () means all. Networks by key, cohorts by name."""

    title: str
    preset: Preset = Preset.STANDARD
    networks: tuple[str, ...] = ()
    cohorts: tuple[str, ...] = ()
    pages: tuple[str, ...] = USUAL_PAGES
    measures: tuple[str, ...] = ()
    breakdowns: tuple[Breakdown, ...] = (Breakdown.COHORT, Breakdown.DISCIPLINE)
    notes: str = ""


@dataclass(frozen=True)
class Earlier:
    """An earlier live release with the fingerprints behind it; `replaced` if the new one takes its place."""

    release: Release
    people: People
    replaced: bool = False


@dataclass(frozen=True)
class Draft:
    """A release as it would be frozen, with the fingerprints to keep beside it."""

    release: Release
    people: People


def build(
    store: Store,
    viewer: Viewer,
    request: Request,
    earlier: Sequence[Earlier],
    number: int,
    made: datetime,
    prints: Print,
    rules: Callable[[Policy], Policy] = lambda policy: policy,
    approved: Collection[str] = frozenset(),
) -> Draft:
    """Make a release from what stands in the store now.

    `number` is the release's, higher than all earlier ones; `prints` makes keyed fingerprints. `rules` changes the
    policy; tests use it to switch a rule off. `approved` are the keys of the comments that may be shown. Raises
    `UserError` for what does not exist, or if nothing is left.
    """
    definitions = load_definitions()
    _check(request, definitions)
    chosen = _chosen(options(store, viewer), request)
    people = behind(store, definitions, chosen.networks, chosen.cohorts, _measures(request, definitions), prints)
    overlapped = any(not e.replaced and not same_people(e.people, people) for e in earlier)
    policy = rules(release_policy(request.preset, Role.FUNDER, coarse=overlapped))
    reach = replace(viewer, networks=frozenset(chosen.networks))
    voices = None
    if COMMENTS in request.pages:
        known = [(e.release, e.people) for e in earlier]
        voices = Voices(store, policy, prints, approved, known, [chosen.part(*place[:2]) for place in chosen.places])
        people |= voices.writers()
    scopes = tuple(_scope(store, reach, request, policy, chosen, definitions, place, voices) for place in chosen.places)
    until = store.rows("data_until", {"networks": sorted(chosen.networks), "cohorts": sorted(chosen.cohorts)})[0][0]
    release = Release(
        number=number,
        title=request.title.strip(),
        hub=", ".join(str(row[1]) for row in store.rows("hubs")),
        networks=tuple((chosen.networks[i], chosen.names[i]) for i in chosen.networks),
        cohorts=tuple(dict.fromkeys(chosen.cohorts.values())),
        preset=request.preset,
        pages=tuple(p for p in PAGES if p in request.pages),
        breakdowns=request.breakdowns,
        notes=request.notes.strip(),
        made=made,
        data_version=data_version(store),
        data_to=until.date() if until else None,
        synthetic=bool(store.rows("any_synthetic")[0][0]),
        coarse=overlapped,
        scopes=scopes,
    )
    release = hold(release, people, [(e.release, e.people) for e in earlier])
    if policy.remainder and policy.secondary:
        # The one being replaced is remembered by those who saw it, so it stays in the pool.
        release = protect(release, [e.release for e in earlier])
    release = replace(release, hidden=_hidden(release))
    if not any(r.shown for s in release.scopes for a in s.answers.values() for r in a.results):
        raise UserError(
            f"Nothing would be left to show: {request.preset.words}. Choose wider cohorts or a lower preset."
        )
    return Draft(release, people)


@dataclass(frozen=True)
class _Chosen:
    """Networks and cohorts by id, and the parts of the release as (network key, cohort name, words)."""

    networks: dict[int, str]
    names: dict[int, str]
    cohorts: dict[int, str]
    places: tuple[tuple[str, str, str], ...]
    pairs: frozenset[tuple[str, str]]

    def part(self, network: str, cohort: str) -> frozenset[tuple[str, str]]:
        """The cohorts of one part of the release, by network key and name."""
        return frozenset(p for p in self.pairs if network in ("", p[0]) and cohort in ("", p[1]))


def _check(request: Request, definitions: Definitions) -> None:
    if not request.title.strip():
        raise UserError("A release needs a title that says to its readers what it is.")
    if len(request.title) > LONGEST_TITLE or len(request.notes) > LONGEST_NOTES:
        raise UserError(f"A title has at most {LONGEST_TITLE} characters, the notes {LONGEST_NOTES}.")
    for page in request.pages:
        if page not in PAGES:
            raise UserError(f"There is no page '{page}'. There are: {', '.join(PAGES)}.")
    if not request.pages:
        raise UserError("Choose at least one page.")
    for measure in request.measures:
        if measure not in definitions.measures:
            raise UserError(f"There is no measure '{measure}'. There are: {', '.join(definitions.measures)}.")


def _chosen(choice: Options, request: Request) -> _Chosen:
    by_key = {n.key: n for n in choice.networks}
    for key in request.networks:
        if key not in by_key:
            raise UserError(f"There is no network '{key}'. There are: {', '.join(by_key) or 'none yet'}.")
    networks = [n for n in choice.networks if not request.networks or n.key in request.networks]
    ids = {n.id for n in networks}
    in_reach = [c for c in choice.cohorts if c.network_id in ids]
    for name in request.cohorts:
        if name not in {c.name for c in in_reach}:
            known = ", ".join(dict.fromkeys(c.name for c in in_reach)) or "none yet"
            raise UserError(f"There is no cohort '{name}'. There are: {known}.")
    cohorts = [c for c in in_reach if not request.cohorts or c.name in request.cohorts]
    networks = [n for n in networks if any(c.network_id == n.id for c in cohorts)]
    if not networks:
        raise UserError("There is nothing to release yet: import data first.")
    places: list[tuple[str, str, str]] = []
    if len(networks) > 1 and not request.cohorts:
        places.append(("", "", "All networks of this release"))
    for network in networks:
        own = [c for c in cohorts if c.network_id == network.id]
        every = [c for c in choice.cohorts if c.network_id == network.id]
        if len(own) == len(every):
            places.append((network.key, "", network.name))
        if len(every) > 1 and (len(own) < len(every) or Breakdown.COHORT in request.breakdowns):
            places += [(network.key, c.name, f"{network.name}, {c.name}") for c in own]
    return _Chosen(
        {n.id: n.key for n in networks},
        {n.id: n.name for n in networks},
        {c.id: c.name for c in cohorts},
        tuple(places),
        frozenset((n.key, c.name) for n in networks for c in cohorts if c.network_id == n.id),
    )


def _measures(request: Request, definitions: Definitions) -> tuple[str, ...]:
    """The measures that the chosen pages show."""
    shown = {m.key for page in request.pages for m in definitions.measures_of(page)}
    if "summary" in request.pages:
        shown |= set(HEADLINES)
    return tuple(m for m in definitions.measures if m in shown and (not request.measures or m in request.measures))


def _scope(
    store: Store,
    reach: Viewer,
    request: Request,
    policy: Policy,
    chosen: _Chosen,
    definitions: Definitions,
    place: tuple[str, str, str],
    voices: Voices | None,
) -> Scope:
    network, cohort, words = place
    measures = set(_measures(request, definitions))
    single = bool(cohort) and not any(p[0] == network and not p[1] for p in chosen.places)
    allowed = _allowed(request.breakdowns, bool(cohort), single)
    if request.preset is not Preset.INTERNAL:
        policy = replace(
            policy,
            priced_apart=Breakdown.DISCIPLINE in request.breakdowns,
            priced_in_cohorts=Breakdown.COHORT_BY_DISCIPLINE in request.breakdowns,
        )
    answers = {}
    for page in PAGES:
        if page == COMMENTS and voices is not None:
            answers[page] = voices.answer(chosen.part(network, cohort), Filters(network, cohort))
        elif page in request.pages:
            answer = ask_under(policy, store, page, Filters(network, cohort), reach)
            answers[page] = replace(
                answer, results=tuple(r for r in answer.results if _kept(r, allowed, measures, definitions))
            )
    return Scope(network, cohort, words, answers)


def _allowed(breakdowns: Sequence[Breakdown], cohort: bool, single: bool) -> frozenset[str]:
    """The kinds of group that one part of a release may hold."""
    kinds = set()
    if cohort and not single:
        kinds |= {"discipline"} if Breakdown.COHORT_BY_DISCIPLINE in breakdowns else set()
    else:
        kinds |= {"discipline"} if Breakdown.DISCIPLINE in breakdowns else set()
        kinds |= {"cohort"} if Breakdown.COHORT in breakdowns else set()
    kinds |= {"session"} if Breakdown.SESSION in breakdowns else set()
    return frozenset(kinds)


def _kept(r: Result, allowed: frozenset[str], measures: set[str], definitions: Definitions) -> bool:
    if r.kind in ("change", "level", "check") and r.measure not in measures:
        # A hub's own measures are not among the reviewed ones that the attacker knows: they are not released.
        return False
    if r.group.kind in ("funnel", "threshold"):
        # Not yet part of a release: a threshold tells of single cohorts, which a release has to be asked for.
        return False
    if r.group.kind in ("discipline", "cohort", "session"):
        # Attendance by session is a programme count; every other breakdown has to be allowed.
        return r.group.kind in allowed or (r.measure == "attendance" and r.group.kind == "session")
    return True


def _hidden(release: Release) -> tuple[Mark, ...]:
    """Everything that the release holds back, for its disclosure report."""
    found = [
        Mark(s.words, _figure_words(r, a), r.group.label if r.group.kind != "all" else "everyone", r.reason)
        for s in release.scopes
        for q, a in s.answers.items()
        if q != "summary"
        for r in a.results
        if r.status is Status.SUPPRESSED
    ]
    return tuple(dict.fromkeys(found))


def _figure_words(r: Result, answer: Answer) -> str:
    return r.label if r.group.kind != "item" else f"{answer.question}: {r.label}"
