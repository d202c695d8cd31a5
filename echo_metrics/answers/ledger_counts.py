"""What the store counts for a ledger, as far as the gate lets it be told: the only numbers that money is made of.

Attended hours by discipline and journeys by site pass the gate before they are priced, and everybody inside the hub
gets the same ones, the row-level right or not: else the same ledger would say different sums to different people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from echo_metrics.answers.checks.scale import RELIABLE_ALPHA, RELIABLE_PEOPLE, moved_reliably, products_from
from echo_metrics.answers.outcomes import change_query, held_back
from echo_metrics.answers.scope import Scoped
from echo_metrics.definitions import Definitions, Measure
from echo_metrics.disclosure import (
    Exact,
    Plan,
    Policy,
    Preset,
    Released,
    Suppressed,
    gate,
    plan_breakdown,
    release_policy,
)
from echo_metrics.errors import UserError
from echo_metrics.roi.ledger import EVERYWHERE_ELSE, SITE_QUANTITIES, Ledger, Site
from echo_metrics.roi.model import Counted, Part
from echo_metrics.statistics.counts import PairCounts
from echo_metrics.statistics.paired_change import paired_change
from echo_metrics.statistics.reliability import cronbach_alpha
from echo_metrics.store import Store
from echo_metrics.terms import CONTRAST_WAVES, SCORE_UNIT
from echo_metrics.text import fold

OUTCOME = "competency"
"""The measure whose reliable improvement the costs are held against."""
HIDDEN_DISCIPLINE = (
    "too few people are behind this discipline for it to be priced by itself; give by_discipline prices for all, which "
    "hold small ones together"
)
HIDDEN_SITES = (
    "hidden: too few people, or one or two sites supply most of the journeys; write the quantity in the ledger"
)
UNKNOWN_SITES = "none of the participants' sites has a line in the ledger's [[site]] tables"


def counted(store: Store, scoped: Scoped, definitions: Definitions, policy: Policy, ledger: Ledger) -> Counted:
    """The quantities of one ledger's network or cohort.

    `scoped` names that network or cohort and no further filter. Sessions, participants, attendances and hours are
    programme counts, exact for everyone; all else passes the gate.
    """
    policy = release_policy(Preset.INTERNAL, policy.audience) if policy.internal else policy
    place = {**scoped.parameters, "discipline": None, "start": None, "end": None}
    totals = store.records("attendance_totals", place)[0]
    values = {
        "sessions": float(totals["sessions"]),
        "participants": float(totals["people"]),
        "attendances": float(totals["attendances"]),
        "attended_hours": float(totals["hours"]),
    }
    missing: dict[str, str] = {}
    notes: list[str] = []
    parts = _by_discipline(store, scoped, definitions, policy, ledger, values, missing, notes)
    _journeys(store, place, policy, ledger, values, missing, notes)
    improved, why = _improved_reliably(store, scoped, definitions.measures[OUTCOME], policy)
    if improved is not None:
        values["improved_reliably"] = float(improved)
    missing["improved_reliably"] = why
    return Counted(values, parts, missing, tuple(notes))


def _by_discipline(
    store: Store,
    scoped: Scoped,
    definitions: Definitions,
    policy: Policy,
    ledger: Ledger,
    values: dict[str, float],
    missing: dict[str, str],
    notes: list[str],
) -> dict[str, tuple[Part, ...]]:
    """Attendances and hours of the disciplines that may stand apart, by the plan that attendance itself is shown by."""
    asked = [q for q in ledger.needs if q.discipline]
    if not asked and not ledger.priced_apart:
        return {}
    registered, shown = _may_stand_apart(store, scoped, policy)
    rows = {str(r["discipline"]): r for r in store.records("attended_by_discipline", _who(scoped.parameters))}
    columns = {"attendances": "attendances", "attended_hours": "hours"}
    for quantity in asked:
        discipline = _known(quantity.discipline or "", definitions, registered)
        if discipline is None:
            missing[quantity.key] = f"no discipline is called '{quantity.discipline}'"
        elif discipline not in registered:
            values[quantity.key] = 0.0
        elif discipline not in shown:
            missing[quantity.key] = HIDDEN_DISCIPLINE
        elif quantity.name in columns:
            values[quantity.key] = float(rows[discipline][columns[quantity.name]]) if discipline in rows else 0.0
        else:
            values[quantity.key] = float(registered[discipline])
    named = {spelt: _known(spelt, definitions, registered) for spelt in ledger.priced_apart}
    notes += [f"No discipline is called '{spelt}'; its price is not used." for spelt, d in named.items() if d is None]
    _refuse_two_prices(ledger, named)
    if any(d in registered and d not in shown for d in named.values()):
        notes.append(
            "Too few people are behind some disciplines to price them by themselves; their time is priced together at "
            "the line's own unit value."
        )
    # A discipline that two lines spell differently is there under both names; each line takes its own.
    return {
        name: tuple(
            Part(spelt, definitions.discipline_label(d), float(rows[d][column]))
            for d in registered
            if d in shown and d in rows
            for spelt, known in named.items()
            if known == d
        )
        for name, column in columns.items()
    }


def _may_stand_apart(store: Store, scoped: Scoped, policy: Policy) -> tuple[dict[str, int], set[str]]:
    """Registered people by discipline, and the disciplines that may be told apart.

    In a network a discipline must also be told apart in each of its cohorts: the ledger of the network less those of
    all cohorts but one is that cohort's.
    """
    place = {**scoped.parameters, "discipline": None, "start": None, "end": None}

    def plan(cohorts: list[int] | None) -> tuple[dict[str, int], Plan]:
        rows = store.records("attendance_by_discipline", {**place, "cohorts": cohorts})
        people = {str(r["discipline"]): int(r["registered"]) for r in rows}
        return people, plan_breakdown(people, policy)

    registered, whole = plan(place["cohorts"])
    shown = {d for d in registered if whole.shows(d)}
    siblings = sum(network in place["networks"] for network in scoped.cohort_networks.values())
    if not policy.priced_apart or (place["cohorts"] is not None and siblings > 1 and not policy.priced_in_cohorts):
        return registered, set()
    for cohort, network in scoped.cohort_networks.items():
        if place["cohorts"] is None and network in place["networks"]:
            people, own = plan([cohort])
            shown -= {d for d in people if not own.shows(d)}
    return registered, shown


def _known(spelt: str, definitions: Definitions, registered: Mapping[str, int]) -> str | None:
    """The discipline that a ledger means by a name, or None."""
    return definitions.find_discipline(spelt) or (spelt if spelt in registered else None)


def _refuse_two_prices(ledger: Ledger, named: Mapping[str, str | None]) -> None:
    for line in ledger.lines:
        meant = [named[spelt] for spelt in line.prices if named.get(spelt)]
        if len(set(meant)) < len(meant):
            raise UserError(f"{line.kind} '{line.key}' has two prices for one discipline under different names.")


def _journeys(
    store: Store,
    place: Mapping[str, Any],
    policy: Policy,
    ledger: Ledger,
    values: dict[str, float],
    missing: dict[str, str],
    notes: list[str],
) -> None:
    """Kilometres, hours and nights that journeys from participants' sites would have taken, each as one sum.

    A sum over sites is told only where no one or two of them supply most of it, here and in each cohort: a network less
    one of its cohorts is the other. Sites with too few people count together at the average of their journeys: else
    whoever changes one site's distance in a draft reads its attendances from the sum. People whose site the ledger does
    not name save nothing (no data, no benefit).
    """
    wanted = [q.name for q in ledger.needs if q.name in SITE_QUANTITIES]
    if not wanted:
        return
    sites = {fold(s.name): s for s in ledger.sites if s.name != EVERYWHERE_ELSE}
    elsewhere = next((s for s in ledger.sites if s.name == EVERYWHERE_ELSE), None)
    came = [_Came(int(r["cohort_id"]), fold(str(r["site"])), int(r["attendances"]), int(r["people"]))
            for r in store.records("attended_by_site", _who(place))]  # fmt: skip
    lines = {c.site: sites.get(c.site, elsewhere) for c in came}
    apart = _sites_apart(came, lines, policy)
    together = [s for s in ledger.sites if s not in apart]
    for name in wanted:
        own = [(c, line) for c in came if (line := lines[c.site]) is not None and line.of(name)]
        if not own:
            missing[name] = UNKNOWN_SITES
            continue
        cohorts = {c.cohort for c, _ in own}
        # Behind a sum stand the people of the sites that supply it, not all who came.
        groups = [own, *([(c, s) for c, s in own if c.cohort == cohort] for cohort in cohorts)]
        if any(isinstance(_told(group, name, policy), Suppressed) for group in groups):
            missing[name] = HIDDEN_SITES
            continue
        average = sum(s.of(name) for s in together) / len(together) if together else 0.0
        values[name] = sum(
            c.attendances * (line.of(name) if line in apart else average)
            for c in came
            if (line := lines[c.site]) is not None
        )
    if together and any(line in together for line in lines.values()):
        notes.append(
            "Too few people come from some sites: their journeys count together, at the average of those sites."
        )
    if any(line is None for line in lines.values()):
        notes.append("Attendances from sites without a line in the ledger count as no journey.")


@dataclass(frozen=True)
class _Came:
    """How many attendances and people of one cohort came from one site (folded; '' where it is not known)."""

    cohort: int
    site: str
    attendances: int
    people: int


def _sites_apart(came: Sequence[_Came], lines: Mapping[str, Site | None], policy: Policy) -> set[Site]:
    """The ledger's sites that have people enough to count by themselves, in all and in every cohort."""
    apart = {line for line in lines.values() if line is not None}
    for cohort in (None, *{c.cohort for c in came}):
        people: dict[str, int] = defaultdict(int)
        for c in came:
            line = lines[c.site]
            if line is not None and cohort in (None, c.cohort):
                people[line.name] += c.people
        plan = plan_breakdown(people, policy)
        apart -= {line for line in apart if line.name in people and not plan.shows(line.name)}
    return apart


def _told(group: Sequence[tuple[_Came, Site]], name: str, policy: Policy) -> Released[None] | Suppressed:
    """Whether the sum of these may be told: people enough, and no one or two sites that supply most of it."""
    amounts: dict[str, float] = defaultdict(float)
    for c, line in group:
        amounts[c.site] += c.attendances * line.of(name)
    return gate(Exact(sum(c.people for c, _ in group), None, tuple(amounts.values())), policy)


def _who(place: Mapping[str, Any]) -> dict[str, Any]:
    """The networks and cohorts of a place alone, as these queries take them."""
    return {k: place[k] for k in ("networks", "cohorts")}


def _improved_reliably(store: Store, scoped: Scoped, measure: Measure, policy: Policy) -> tuple[int | None, str]:
    """How many people improved by more than the scale's noise, or None with the reason."""
    contrast = measure.contrasts[0]
    place = {**scoped.parameters, "discipline": None, "start": None, "end": None}
    asked = {**place, "contrast": contrast.value, "measures": [measure.key]}
    rows = store.rows(change_query(contrast), asked)
    pairs = PairCounts.from_cells([(int(b), int(a), int(n)) for _, _, _, b, a, n in rows], SCORE_UNIT)
    if pairs.n_pairs < RELIABLE_PEOPLE:
        return None, f"Fewer than {RELIABLE_PEOPLE} people answered both times, too few to tell change from noise."
    wave, _ = CONTRAST_WAVES[contrast]
    found = store.rows(
        "cross_products", {**_who(place), "discipline": None, "wave": wave.value, "items": list(measure.items)}
    )
    products = products_from(found, list(measure.items))
    alpha = cronbach_alpha(products).value if products is not None and products.n > 1 else None
    spread = paired_change(pairs).sd_before
    if alpha is None or not RELIABLE_ALPHA <= alpha < 1 or not spread:
        return None, "The scale is not reliable enough to tell single people's change from noise."
    cells = [(str(m), int(c), str(d), int(b), int(a), int(n)) for m, c, d, b, a, n in rows]
    if policy.coarse or held_back(store, scoped, policy, change_query(contrast), asked, cells):
        return None, "Hidden so another group cannot be worked out."
    outcome = gate(Exact(pairs.n_pairs, moved_reliably(pairs, spread, alpha)[1]), policy)
    return (None, outcome.reason) if isinstance(outcome, Suppressed) else (outcome.value, "")
