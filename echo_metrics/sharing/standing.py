"""The leaders' release: one of the internal preset, over all networks, kept current as far as the time rule allows."""

from __future__ import annotations

from echo_metrics.access import LOCAL_OWNER, Viewer
from echo_metrics.answers.ask import data_version
from echo_metrics.answers.model import Answer, Filters
from echo_metrics.disclosure import Preset
from echo_metrics.errors import NotAllowed, UserError
from echo_metrics.sharing import registry
from echo_metrics.sharing.build import Request
from echo_metrics.sharing.registry import Entry, ReleaseStatus
from echo_metrics.sharing.release import Breakdown, Release, Scope
from echo_metrics.store import Control, Store

PAGES = ("summary", "roi")
"""What leaders see."""
REQUEST = Request("Leaders' view", Preset.INTERNAL, pages=PAGES, breakdowns=(Breakdown.COHORT,))


def current(control: Control) -> Entry | None:
    """The leaders' release that is live now."""
    return next((e for e in registry.releases(control) if e.standing and e.status is ReleaseStatus.LIVE), None)


def refresh(store: Store, control: Control) -> Entry:
    """Bring the leaders' release to the present data, as far as it can be; else the one before stays.

    Does nothing if the data have not moved since. Called after imports, and when a leader comes first. Raises
    `UserError` with the reason if there is none and none can be made.
    """
    before = current(control)
    if before is not None and before.data_version == data_version(store):
        return before
    try:
        return registry.freeze(
            store, control, LOCAL_OWNER, REQUEST, before.number if before is not None else None, standing=True
        )
    except UserError:
        if before is None:
            raise
        return before


def leaders_answer(store: Store, control: Control, viewer: Viewer, question: str, filters: Filters) -> Answer:
    """What a leader sees, from the release as it stands or is brought up now. Raises `UserError` for other filters."""
    if question not in PAGES:
        raise NotAllowed(f"A {viewer.role.value} does not see '{question}'.")
    if filters.discipline or filters.start or filters.end:
        raise UserError("Leaders' figures are frozen by network and cohort; discipline and period do not apply.")
    entry = refresh(store, control)
    return answer(registry.read(control, entry.number), viewer, question, filters)


def scopes(release: Release, viewer: Viewer) -> list[Scope]:
    """The parts of a release that a viewer may look at, widest first."""
    if viewer.network_keys is None:
        return list(release.scopes)
    return [s for s in release.scopes if s.network in viewer.network_keys]


def answer(release: Release, viewer: Viewer, question: str, filters: Filters) -> Answer:
    """One page of one part of a release.

    Without a network the widest part that the viewer may see is meant. Raises `UserError` for a part that the release
    does not hold, `NotAllowed` for a page that it does not hold.
    """
    if question not in release.pages:
        raise NotAllowed(f"{release.name} holds no page '{question}'.")
    allowed = scopes(release, viewer)
    if not filters.network and not filters.cohort and allowed:
        return allowed[0].answers[question]
    for scope in allowed:
        if scope.network == filters.network and scope.cohort == filters.cohort:
            return scope.answers[question]
    there = ", ".join(s.words for s in allowed) or "none"
    raise UserError(f"{release.name} has no part of its own for this choice. Its parts: {there}.")
