"""Turns filters by name into the ids that queries take, within what the viewer may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from echo_metrics.access import Viewer
from echo_metrics.answers.model import Filters
from echo_metrics.definitions import load_definitions
from echo_metrics.errors import UserError
from echo_metrics.store import Store
from echo_metrics.text import fold


@dataclass(frozen=True)
class NetworkOption:
    """A network that may be chosen."""

    id: int
    key: str
    name: str


@dataclass(frozen=True)
class CohortOption:
    """A cohort that may be chosen."""

    id: int
    network_id: int
    name: str


@dataclass(frozen=True)
class Options:
    """What the viewer may choose: networks, their cohorts, the disciplines of the people in them."""

    networks: tuple[NetworkOption, ...]
    cohorts: tuple[CohortOption, ...]
    disciplines: tuple[str, ...]

    def cohorts_of(self, network: str) -> tuple[str, ...]:
        """The cohort names of one network, or of all networks for ''."""
        ids = {n.id for n in self.networks if network in ("", n.key)}
        return tuple(dict.fromkeys(c.name for c in self.cohorts if c.network_id in ids))


@dataclass(frozen=True)
class Scoped:
    """Filters as query parameters, and in words; `reach` and `cohort_networks` are all that the viewer may look at."""

    parameters: dict[str, Any]
    words: str
    reach: tuple[int, ...] = ()
    cohort_networks: Mapping[int, int] = field(default_factory=dict)


def options(store: Store, viewer: Viewer) -> Options:
    """What `viewer` may choose, in the order to show."""
    networks = tuple(
        NetworkOption(int(i), str(key), str(name))
        for i, key, name, _ in store.rows("networks_to_match")
        if viewer.networks is None or i in viewer.networks
    )
    ids = {n.id for n in networks}
    cohorts = tuple(
        CohortOption(int(i), int(network), str(name))
        for i, network, name, _ in store.rows("cohorts_to_match")
        if network in ids
    )
    found = {str(d) for (d,) in store.rows("disciplines_present", {"networks": sorted(ids)})}
    order = [d for d in load_definitions().disciplines if d in found]
    return Options(networks, cohorts, tuple(order))


def resolve(store: Store, viewer: Viewer, filters: Filters) -> Scoped:
    """Resolve filters. Raises `UserError` naming what does not exist and what could be chosen instead."""
    choice = options(store, viewer)
    networks = list(choice.networks)
    if filters.network:
        wanted = fold(filters.network)
        networks = [n for n in networks if wanted in (fold(n.key), fold(n.name))]
        if not networks:
            raise UserError(_unknown("network", filters.network, [n.key for n in choice.networks]))
    cohort_ids: list[int] | None = None
    if filters.cohort:
        ids = {n.id for n in networks}
        wanted = fold(filters.cohort)
        cohort_ids = [c.id for c in choice.cohorts if c.network_id in ids and _same_cohort(c.name, wanted)]
        if not cohort_ids:
            names = [c.name for c in choice.cohorts if c.network_id in ids]
            raise UserError(_unknown("cohort", filters.cohort, list(dict.fromkeys(names))))
    discipline = None
    if filters.discipline:
        definitions = load_definitions()
        discipline = definitions.find_discipline(filters.discipline)
        if discipline is None:
            raise UserError(_unknown("discipline", filters.discipline, list(definitions.disciplines)))
    if filters.start and filters.end and filters.end < filters.start:
        raise UserError(f"The period ends ({filters.end}) before it starts ({filters.start}).")
    words = [networks[0].name if filters.network else "all networks"]
    words += [filters.cohort] if filters.cohort else []
    words += [load_definitions().discipline_label(discipline).lower()] if discipline else []
    return Scoped(
        {
            "networks": [n.id for n in networks],
            "cohorts": cohort_ids,
            "discipline": discipline,
            "start": datetime.combine(filters.start, time()) if filters.start else None,
            "end": datetime.combine(filters.end, time()) + timedelta(days=1) if filters.end else None,
            "exact": filters.exact_pairs,
        },
        ", ".join(words),
        tuple(n.id for n in choice.networks),
        {c.id: c.network_id for c in choice.cohorts},
    )


def _same_cohort(name: str, wanted: str) -> bool:
    folded = fold(name)
    return wanted == folded or (wanted.isdigit() and folded.split()[-1:] == [wanted])


def _unknown(what: str, given: str, known: list[str]) -> str:
    there = f"There are: {', '.join(known)}." if known else f"There is no {what} yet: import data first."
    return f"There is no {what} '{given}'. {there}"
