"""Scenarios: a ledger with some assumptions moved, kept under a name with who moved what and why.

A scenario holds assumptions only. What it comes to is worked out from the ledger as it is released to whoever looks, so
that no scenario shows more than its reader may see; the outcome on the day it was saved stays beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from echo_metrics.access import Viewer, audit
from echo_metrics.access.audit import Action
from echo_metrics.answers.model import Result
from echo_metrics.answers.roi import with_changes
from echo_metrics.errors import NotAllowed, UserError
from echo_metrics.store import Control, Writer
from echo_metrics.terms import Role

LONGEST_NAME, LONGEST_WHY, MOST = 80, 400, 50
"""Characters of a name and a reason, and scenarios of one ledger."""


@dataclass(frozen=True)
class Change:
    """One assumption that was moved: its key and words, and its base value before and after."""

    key: str
    label: str
    before: float
    after: float


@dataclass(frozen=True)
class Scenario:
    """A saved scenario. `outcome` is the net benefit on the day it was saved, in the ledger's money."""

    number: int
    network: str
    cohort: str
    name: str
    changes: tuple[Change, ...]
    why: str
    ledger: str
    outcome: float
    made_by: str
    made: datetime

    @property
    def values(self) -> dict[str, float]:
        """The new base values by key."""
        return {c.key: c.after for c in self.changes}


@dataclass(frozen=True)
class Compared:
    """A scenario on the ledger as it stands now: its figures by measure, or why it no longer fits."""

    scenario: Scenario
    figures: Mapping[str, Result]
    reason: str = ""


def may_save(viewer: Viewer) -> bool:
    """Whether a viewer keeps scenarios: everybody with a role of their own inside the hub."""
    return viewer.role is not Role.FUNDER


def save(
    control: Control, viewer: Viewer, ledger: Result, name: str, values: Mapping[str, float], why: str
) -> Scenario:
    """Keep a scenario of a released ledger.

    Raises `UserError` for a missing name or reason, a name that is taken, nothing moved, or a value that cannot be;
    `NotAllowed` for the recipient of a link and for a network out of reach.
    """
    about = ledger.extra.get("about") or {}
    network, cohort = str(about.get("network", "")), str(about.get("cohort", ""))
    _check_reach(viewer, network)
    name, why = " ".join(name.split()), " ".join(why.split())
    if not name or len(name) > LONGEST_NAME:
        raise UserError(f"A scenario needs a name of at most {LONGEST_NAME} characters.")
    if not why or len(why) > LONGEST_WHY:
        raise UserError(f"Say why these numbers are better, in at most {LONGEST_WHY} characters.")
    changes = _changes(ledger, values)
    if not changes:
        raise UserError("Nothing was moved yet: a scenario differs from the ledger in at least one assumption.")
    outcome = with_changes(ledger, {c.key: c.after for c in changes})["net_benefit"]

    def work(writer: Writer) -> Scenario:
        taken = writer.rows("control_scenario_names", {"network": network, "cohort": cohort})
        if any(str(n).casefold() == name.casefold() for _, n, _ in taken):
            raise UserError(f"There is a scenario called '{name}' already; choose another name.")
        if len(taken) >= MOST:
            raise UserError(f"There are {MOST} scenarios of this ledger already; remove one first.")
        scenario = Scenario(
            writer.new_ids("scenario")[0],
            network,
            cohort,
            name,
            changes,
            why,
            ledger.label,
            outcome.value.value if outcome.value else 0.0,
            viewer.account or audit.LOCAL,
            control.now(),
        )
        writer.insert("scenario", [_row(scenario)])
        # The audit takes short words only; how a programme calls its cohorts is its own affair.
        place = {"network": network[: audit.LONGEST_TEXT], "cohort": cohort[: audit.LONGEST_TEXT]}
        detail: dict[str, audit.Detail] = {**place, "moved": len(changes)}
        audit.add(control, writer, scenario.made_by, Action.SCENARIO_SAVED, name, detail)
        return scenario

    return control.change(work)


def listed(control: Control, viewer: Viewer, ledger: Result) -> list[Scenario]:
    """The scenarios of a ledger, oldest first; none for the recipient of a link or a network out of reach."""
    about = ledger.extra.get("about") or {}
    network, cohort = str(about.get("network", "")), str(about.get("cohort", ""))
    if not may_save(viewer) or not network or not _in_reach(viewer, network):
        return []
    return [_scenario(row) for row in control.records("control_scenarios", {"network": network, "cohort": cohort})]


def remove(control: Control, viewer: Viewer, scenario: Scenario) -> None:
    """Take a scenario off the list. Raises `NotAllowed` for anybody but its maker, evaluators and the owner."""
    _check_reach(viewer, scenario.network)
    if not viewer.may_share and (viewer.account or audit.LOCAL) != scenario.made_by:
        raise NotAllowed("Only the person who saved a scenario, an evaluator or the owner removes it.")

    def work(writer: Writer) -> None:
        writer.run("control_remove_scenario", {"id": scenario.number, "at": control.now()})
        audit.add(control, writer, viewer.account or audit.LOCAL, Action.SCENARIO_REMOVED, scenario.name)

    control.change(work)


def compare(ledger: Result, scenarios: Sequence[Scenario]) -> list[Compared]:
    """Each scenario on the ledger as it stands now, in the order given."""
    found = []
    for scenario in scenarios:
        try:
            found.append(Compared(scenario, with_changes(ledger, scenario.values)))
        except UserError as error:
            found.append(Compared(scenario, {}, f"It no longer fits the ledger: {error}"))
    return found


def _changes(ledger: Result, values: Mapping[str, float]) -> tuple[Change, ...]:
    inputs = {i["key"]: i for i in (ledger.extra.get("model") or {}).get("inputs", ())}
    moved = []
    for key, after in values.items():
        if key not in inputs:
            raise UserError(f"There is no assumption '{key}' in this ledger.")
        before = float(inputs[key]["base"])
        # Written so that what is no number counts as moved, and is refused by the model.
        if not abs(float(after) - before) <= 1e-12 * max(1.0, abs(before)):
            moved.append(Change(key, str(inputs[key]["label"]), before, float(after)))
    return tuple(moved)


def _in_reach(viewer: Viewer, network: str) -> bool:
    return viewer.network_keys is None or network in viewer.network_keys


def _check_reach(viewer: Viewer, network: str) -> None:
    if not may_save(viewer):
        raise NotAllowed("The recipient of a link looks at a release; scenarios are kept inside the hub.")
    if not network:
        raise UserError("This ledger was released without its assumptions, so no scenario of it can be kept.")
    if not _in_reach(viewer, network):
        raise NotAllowed("This network is not yours to see.")


def _row(scenario: Scenario) -> dict[str, Any]:
    changes = [{"key": c.key, "label": c.label, "before": c.before, "after": c.after} for c in scenario.changes]
    return {
        "id": scenario.number,
        "network": scenario.network,
        "cohort": scenario.cohort,
        "name": scenario.name,
        "changes": json.dumps(changes, ensure_ascii=False),
        "why": scenario.why,
        "ledger": scenario.ledger,
        "outcome": json.dumps({"net_benefit": scenario.outcome}),
        "made_by": scenario.made_by,
        "made_at": scenario.made,
        "removed_at": None,
    }


def _scenario(row: Mapping[str, Any]) -> Scenario:
    return Scenario(
        int(row["id"]),
        row["network"],
        row["cohort"],
        row["name"],
        tuple(Change(**c) for c in json.loads(row["changes"])),
        row["why"],
        row["ledger"],
        float(json.loads(row["outcome"])["net_benefit"]),
        row["made_by"],
        row["made_at"],
    )
