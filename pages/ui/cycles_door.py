"""The door to improvement cycles that are written on the screen."""

from __future__ import annotations

from echo_metrics.access import audit
from echo_metrics.access.audit import Action
from echo_metrics.answers import cycle_desk
from echo_metrics.answers.cycle_desk import CycleEntry
from pages.ui import door, identity


def may_write() -> bool:
    """Whether the viewer writes cycles."""
    return cycle_desk.may_write(door.viewer())


def networks() -> dict[str, str]:
    """The networks to choose from: name by key."""
    return {n.key: n.name for n in door.options().networks}


def cohorts(network: str) -> tuple[str, ...]:
    """The cohorts of a network."""
    return door.options().cohorts_of(network)


def write(entry: CycleEntry, number: int | None) -> None:
    """Write a cycle, or change the one of this number."""
    made = cycle_desk.write_cycle(door.store(), door.viewer(), _who(), entry, number)
    audit.record(identity.context().control, _who(), Action.CYCLE_WRITTEN, f"cycle {made}", {"network": entry.network})


def remove(number: int) -> None:
    """Take a cycle away that was written here."""
    cycle_desk.remove_cycle(door.store(), door.viewer(), number)
    audit.record(identity.context().control, _who(), Action.CYCLE_REMOVED, f"cycle {number}")


def _who() -> str:
    return door.viewer().account or audit.LOCAL
