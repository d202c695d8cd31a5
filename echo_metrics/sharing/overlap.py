"""Warns where two live views of the same person differ by a few people: subtraction would tell of those few.

The remainder rule carries the load; blocking would fire all day in a cohort of 26. This warns, and the audit keeps it.
"""

from __future__ import annotations

import json
from datetime import timedelta

from echo_metrics.access import Viewer, audit
from echo_metrics.access.audit import Action
from echo_metrics.answers.model import Filters
from echo_metrics.answers.scope import resolve
from echo_metrics.disclosure import policy_for
from echo_metrics.sharing.registry import actor
from echo_metrics.store import Control, Store, Writer

KEPT = 5
"""How many earlier filters of a person are compared (TalentMap compares the last five reports)."""
FORGOTTEN = timedelta(days=30)


def check(store: Store, control: Control, viewer: Viewer, filters: Filters) -> str:
    """Note these filters and return a warning if they differ by too few people from recent ones; '' if not.

    Only for those whom the live gate guards: who holds the row-level right sees small groups anyway.
    """
    policy = policy_for(viewer.role, viewer.row_level)
    if policy.internal:
        return ""
    rows = store.rows("filter_people", resolve(store, viewer, filters).parameters)
    people = {control.hashed("filter-person", f"{cohort}|{who}")[:12] for cohort, who in rows}
    who, told = f"{actor(viewer)} as {viewer.role.value}", json.dumps(filters.as_json(), sort_keys=True)
    recent = control.records("control_filter_log", {"who": who, "limit": KEPT})
    differences = [len(people ^ set(json.loads(r["people"]))) for r in recent]
    few = [n for n in differences if 0 < n < policy.minimum]
    if recent and recent[0]["filters"] == told:
        return _words(policy.minimum) if few else ""
    row = {"who": who, "asked_at": control.now(), "filters": told, "people": json.dumps(sorted(people))}

    def work(writer: Writer) -> None:
        writer.run("control_forget_filters", {"who": who, "before": control.now() - FORGOTTEN})
        writer.insert("filter_log", [row])
        if few:
            detail: dict[str, audit.Detail] = {k: v for k, v in filters.as_json().items() if v}
            audit.add(control, writer, actor(viewer), Action.FILTERS_OVERLAP, viewer.role.value, detail)

    control.change(work)
    return _words(policy.minimum) if few else ""


def _words(minimum: int) -> str:
    return (
        f"This choice and one that you looked at before differ by fewer than {minimum} people. Comparing the two could "
        "tell about single persons; please don't. It is noted in the audit."
    )
