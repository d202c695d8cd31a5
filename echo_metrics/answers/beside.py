"""What a filter leaves out: a choice of networks, cohorts or period is held back where too few people stand beside it.

The rule is the remainder rule of breakdowns, for filters: whoever may look at the wider choice as well could subtract.
Two periods of one's own choosing are not compared with each other; `sharing/overlap.py` warns of those.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from echo_metrics.answers.scope import Scoped
from echo_metrics.disclosure import Policy, plan_breakdown

People = Iterable[tuple[int, str, int]]
"""cohort id, discipline, people"""


def is_narrower(scoped: Scoped) -> bool:
    """Whether the filter takes less than everything that the viewer may look at, disciplines apart."""
    asked = scoped.parameters
    chosen = asked["cohorts"] is not None or set(asked["networks"]) != set(scoped.reach)
    return chosen or asked["start"] is not None or asked["end"] is not None


def wider(scoped: Scoped) -> list[dict[str, object]]:
    """What stands beside the filter, as parameters: all that is in reach, and all that is in reach in the period."""
    anywhere = {**scoped.parameters, "networks": list(scoped.reach), "cohorts": None, "discipline": None}
    always = {**anywhere, "start": None, "end": None}
    return [always] if anywhere == always else [always, anywhere]


def must_hide(everything: People, here: int, scoped: Scoped, policy: Policy) -> bool:
    """Whether a figure of `here` people must be hidden for the sake of those whom its filter leaves out.

    `everything` holds the people behind the same figure in one of the wider choices. Hidden: a network that a
    breakdown by network would hold back; a cohort that a breakdown by cohort would; a period that leaves out some, but
    fewer than the minimum.
    """
    rows = [(scoped.cohort_networks.get(cohort, 0), cohort, discipline, n) for cohort, discipline, n in everything]
    chosen_networks = set(scoped.parameters["networks"])
    listed = scoped.parameters["cohorts"]
    chosen = {c for c, network in scoped.cohort_networks.items() if network in chosen_networks}
    chosen = chosen if listed is None else chosen & set(listed)
    by_network: dict[str, int] = defaultdict(int)
    by_cohort: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    inside = 0
    discipline = scoped.parameters["discipline"]
    for network, cohort, group, n in rows:
        by_network[str(network)] += n
        by_cohort[network][str(cohort)] += n
        if cohort in chosen and discipline in (None, group):
            inside += n
    if 0 < inside - here < policy.minimum:
        return True
    networks = plan_breakdown(by_network, policy)
    held = [n for n in chosen_networks if by_network[str(n)] and not networks.shows(str(n))]
    if held and chosen_networks != set(scoped.reach):
        return True
    for network in chosen_networks:
        cohorts = by_cohort[network]
        if {str(c) for c in chosen} >= set(cohorts):
            continue
        plan = plan_breakdown(cohorts, policy)
        if any(n and int(c) in chosen and not plan.shows(c) for c, n in cohorts.items()):
            return True
    return False
