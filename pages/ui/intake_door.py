"""The door through which files come in: rehearsed first, corrected, then imported; and taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from echo_metrics.access import audit
from echo_metrics.access.audit import Action
from echo_metrics.answers import intake
from echo_metrics.answers.intake import ColumnMap, FileReport, OwnInstrument, Targets
from echo_metrics.errors import NotAllowed, UserError
from echo_metrics.sharing import standing
from pages.ui import door, identity


@dataclass(frozen=True)
class Waiting:
    """A file on its way in: its bytes, what a rehearsal made of it, and what was said of its columns."""

    name: str
    data: bytes
    report: FileReport
    network: str = ""
    cohort: str = ""
    chosen: ColumnMap | None = None

    @property
    def ready(self) -> bool:
        """Whether an import would write something."""
        return self.report.status in ("loaded", "superseded")


def rehearse(
    files: Sequence[tuple[str, bytes]], network: str, cohort: str, tell: Callable[[int], None]
) -> list[Waiting]:
    """Read files without keeping anything; `tell` is called with how many are done."""
    _owner()
    found = []
    for place, (name, data) in enumerate(files, 1):
        found.append(Waiting(name, data, intake.rehearse(door.store(), name, data, network, cohort), network, cohort))
        tell(place)
    return found


def again(waiting: Waiting, network: str, cohort: str, targets: dict[str, str], wave: str) -> Waiting:
    """Rehearse a file once more with what was said of columns and place. Raises `UserError` for a map that fails."""
    _owner()
    chosen = intake.column_map(waiting.name, waiting.data, waiting.report, targets, network, cohort, wave)
    report = intake.rehearse(door.store(), waiting.name, waiting.data, network, cohort, chosen)
    return replace(waiting, report=report, network=network, cohort=cohort, chosen=chosen)


def bring_in(files: Sequence[Waiting], tell: Callable[[int], None]) -> list[FileReport]:
    """Import files, one transaction each, and remember what was said of their columns."""
    _owner()
    who = door.viewer().account or audit.LOCAL
    control = identity.context().control
    reports = []
    for place, w in enumerate(files, 1):
        report = intake.bring_in(door.store(), w.name, w.data, w.network, w.cohort, w.chosen, who)
        detail: dict[str, audit.Detail] = {"status": report.status, "rows": report.rows_read}
        audit.record(control, who, Action.IMPORTED, report.file[:200], detail)
        reports.append(report)
        tell(place)
    if any(r.status == "loaded" for r in reports):
        _refresh()
    return reports


def take_back(file_id: int) -> str:
    """Take one import back; returns what was done. Raises `UserError` where a later one rests on it."""
    _owner()
    who = door.viewer().account or audit.LOCAL
    undone = intake.take_back(door.store(), file_id, who)
    audit.record(identity.context().control, who, Action.UNDONE, undone.name[:200], {"rows": undone.rows})
    _refresh()
    return f"{undone.name} was taken back: {undone.rows:,} rows of the store went with it."


def targets() -> Targets:
    """What a column may be said to be."""
    return intake.targets(door.store())


def add_instrument(own: OwnInstrument) -> None:
    """Keep an own instrument."""
    _owner()
    who = door.viewer().account or audit.LOCAL
    intake.add_instrument(door.store(), own, who)
    audit.record(
        identity.context().control, who, Action.INSTRUMENT_ADDED, own.construct[:200], {"items": len(own.items)}
    )


def _refresh() -> None:
    # An import is done whether or not the leaders' release can follow; a leader who comes is told why not.
    with suppress(UserError):
        standing.refresh(door.store(), identity.context().control)


def _owner() -> None:
    if not door.viewer().may_import:
        raise NotAllowed("Only the owner brings files in and takes them back.")
