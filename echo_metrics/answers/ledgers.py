"""Ledgers as their keepers see them: the one that stands, one in the making, and what a save would change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from echo_metrics.access import LOCAL_OWNER, Viewer
from echo_metrics.answers.ledger_counts import counted
from echo_metrics.answers.model import Filters, Group, Result
from echo_metrics.answers.roi import about_ledger, ledger_results
from echo_metrics.answers.scope import resolve
from echo_metrics.definitions import load_definitions
from echo_metrics.disclosure import policy_for
from echo_metrics.errors import NotAllowed, UserError
from echo_metrics.roi.ledger import Ledger
from echo_metrics.roi.model import Counted, Model, build_model
from echo_metrics.roi.parse import parse_ledger
from echo_metrics.store import Store


@dataclass(frozen=True)
class Draft:
    """A checked ledger with its counts filled in and its figures, the whole ledger last."""

    ledger: Ledger
    model: Model
    results: tuple[Result, ...]


@dataclass(frozen=True)
class Kept:
    """The ledger that stands for one network or cohort. `network` is the network's key."""

    network: str
    network_name: str
    cohort: str
    title: str
    body: Mapping[str, Any]

    @property
    def words(self) -> str:
        """Which part of the hub it speaks of."""
        return ", ".join(part for part in (self.network_name, self.cohort) if part)


def draft_of(store: Store | None, body: Mapping[str, Any], viewer: Viewer = LOCAL_OWNER) -> Draft:
    """Check a ledger and work its figures out; quantities come from `store` if there is one.

    Raises `UserError` for a faulty ledger, or one that draws on a network that the store does not know or that the
    viewer may not see.
    """
    ledger = parse_ledger(body)
    scope = ", ".join(part for part in (ledger.network, ledger.cohort) if part)
    counts = Counted({}, missing={"improved_reliably": "No store of answers is at hand."})
    if store is not None:
        try:
            place = resolve(store, viewer, Filters(ledger.network, ledger.cohort or ""))
            policy = policy_for(viewer.role, viewer.row_level)
            counts = counted(store, place, load_definitions(), policy, ledger)
        except UserError:
            # A ledger that draws on nothing stands by itself, whatever the store knows.
            if ledger.needs:
                raise
    model = build_model(ledger, counts)
    about = about_ledger(ledger, scope, ledger.network, ledger.cohort or "")
    return Draft(ledger, model, tuple(ledger_results(about, model, Group(), counts.missing)))


def kept(store: Store, viewer: Viewer, filters: Filters) -> list[Kept]:
    """The ledgers in scope as they were written, for those who keep them.

    Raises `NotAllowed` for leaders and funders: they see figures, not the ledger's own text.
    """
    if not viewer.may_share:
        raise NotAllowed(f"A {viewer.role.value} does not keep ledgers; owners and evaluators do.")
    scoped = resolve(store, viewer, Filters(filters.network, filters.cohort))
    return [
        Kept(row["network_key"], row["network"], row["cohort"] or "", row["title"], json.loads(row["body"]))
        for row in store.records("ledgers", {k: scoped.parameters[k] for k in ("networks", "cohorts")})
    ]


def changes_between(before: Ledger | None, after: Ledger) -> tuple[str, ...]:
    """What a save changes, one sentence each: lines that come, go or move, and inputs with another value."""
    if before is None:
        return (f"A new ledger with {len(after.lines)} lines.",)
    found = []
    old, new = {line.key: line for line in before.lines}, {line.key: line for line in after.lines}
    found += [f"New line: {new[k].label}." for k in new if k not in old]
    found += [f"Line taken out: {old[k].label}." for k in old if k not in new]
    for key in (k for k in new if k in old):
        was, now = old[key], new[key]
        if was.enabled != now.enabled:
            found.append(f"{now.label}: now {'counted' if now.enabled else 'not counted'}.")
        fields = [f for f in {**was.inputs, **now.inputs} if was.inputs.get(f) != now.inputs.get(f)]
        if fields:
            found.append(f"{now.label}: {', '.join(fields)} changed.")
        elif was != now and was.enabled == now.enabled:
            found.append(f"{now.label}: words, source, prices or years changed.")
    had = {a.key: a for a in before.assumptions}
    for a in after.assumptions:
        if a.key not in had:
            found.append(f"New assumption: {a.label}.")
        elif had[a.key] != a:
            found.append(f"{a.label}: changed.")
    if not found and before != after:
        found.append("The ledger's head, sites, rates or correlations changed.")
    return tuple(found)
