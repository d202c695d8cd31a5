"""Where improvement cycles are written on the screen: a new one, a changed one, one taken away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from echo_metrics.access import Viewer
from echo_metrics.answers.model import Filters
from echo_metrics.answers.scope import options, resolve
from echo_metrics.errors import NotAllowed, UserError
from echo_metrics.store import Store

LONGEST_TITLE, LONGEST_TEXT = 120, 2000
NEXT_STEPS = ("", "adopt", "adapt", "abandon")


@dataclass(frozen=True)
class CycleEntry:
    """What a cycle says. `network` by key; `cohort` by name, '' for the whole network; an open cycle has no end."""

    network: str
    title: str
    aim: str
    measure: str
    start: date
    end: date | None = None
    cohort: str = ""
    prediction: str = ""
    did: str = ""
    learned: str = ""
    next_step: str = ""


def may_write(viewer: Viewer) -> bool:
    """Whether somebody writes cycles: those who work on the programme, not its readers."""
    return viewer.may_share


def write_cycle(store: Store, viewer: Viewer, who: str, entry: CycleEntry, number: int | None = None) -> int:
    """Write a cycle, or change the one of this number; returns its number.

    Raises `UserError` naming what is wrong with it, and for a number that is not written here or not in reach;
    `NotAllowed` for somebody who may not write.
    """
    _check(viewer, entry)
    scoped = resolve(store, viewer, Filters(entry.network, entry.cohort))
    (network,) = scoped.parameters["networks"]
    cohorts = scoped.parameters["cohorts"]
    row = {
        "cohort_id": cohorts[0] if cohorts else None,
        "title": entry.title.strip(),
        "aim": entry.aim.strip(),
        "measure": entry.measure.strip(),
        "prediction": entry.prediction.strip(),
        "start_date": entry.start,
        "end_date": entry.end,
        "did": entry.did.strip(),
        "learned": entry.learned.strip(),
        "next_step": entry.next_step,
        "declared_by": who,
        "declared_at": datetime.now(UTC).replace(tzinfo=None),
    }
    with store.write() as writer:
        if number is not None:
            if _known(store, viewer, number)["network_id"] != network:
                raise UserError("A cycle stays in its network. Take this one away and write it anew in the other.")
            writer.run("update_cycle", {**row, "id": number})
        else:
            (number,) = writer.new_ids("pdsa_cycle")
            writer.insert("pdsa_cycle", [{**row, "id": number, "network_id": network}])
        writer.touch()
    return number


def remove_cycle(store: Store, viewer: Viewer, number: int) -> None:
    """Take away a cycle that was written here. Raises `UserError` for one that was not, or is out of reach."""
    if not may_write(viewer):
        raise NotAllowed("Cycles are written by owners and evaluators.")
    with store.write() as writer:
        _known(store, viewer, number)
        writer.run("remove_cycle", {"id": number})
        writer.touch()


def _known(store: Store, viewer: Viewer, number: int) -> dict[str, Any]:
    reach = [n.id for n in options(store, viewer).networks]
    for row in store.records("cycles", {"networks": reach, "cohorts": None}):
        if row["file_id"] is None and row["id"] == number:
            return row
    raise UserError("This cycle was not written here. If it came with a file, change the file and import it anew.")


def _check(viewer: Viewer, entry: CycleEntry) -> None:
    if not may_write(viewer):
        raise NotAllowed("Cycles are written by owners and evaluators.")
    for name, text, longest in (
        ("A title", entry.title, LONGEST_TITLE),
        ("An aim", entry.aim, LONGEST_TEXT),
        ("A measure", entry.measure, LONGEST_TITLE),
    ):
        if not text.strip():
            raise UserError(f"{name} is missing: say it in a few words.")
        if len(text) > longest:
            raise UserError(f"{name} has at most {longest} characters.")
    if any(len(text) > LONGEST_TEXT for text in (entry.prediction, entry.did, entry.learned)):
        raise UserError(f"Prediction, what was done and what was learned have at most {LONGEST_TEXT} characters each.")
    if entry.end is not None and entry.end < entry.start:
        raise UserError(f"The cycle ends ({entry.end}) before it starts ({entry.start}). Check both dates.")
    if entry.next_step not in NEXT_STEPS:
        raise UserError(f"The next step is one of: {', '.join(NEXT_STEPS[1:])}.")
