"""The inbox: files dropped into a folder are imported by the maps that people confirmed, without anybody at a screen.

What was imported moves to `done`, what was not to `refused` with the reason in a text file beside it. A file in a
folder of its own belongs to the network of that name, and to the cohort of a folder inside it.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from echo_metrics.access import audit
from echo_metrics.access.audit import Action
from echo_metrics.errors import UserError
from echo_metrics.ingest.load import import_path
from echo_metrics.ingest.report import FileReport
from echo_metrics.sharing import standing
from echo_metrics.store import Control, Store, control_path

log = logging.getLogger(__name__)

DONE, REFUSED = "done", "refused"
EVERY = 5.0
"""Seconds between two looks of a running dashboard."""
QUIET = 2.0
"""Seconds for which a file must not have changed before it is read: it may still be copied."""
WHO = "inbox"


def folder_of(store: Path) -> Path:
    """The inbox of a store: what `ECHO_INBOX` names, else the folder `inbox` beside it."""
    named = os.environ.get("ECHO_INBOX", "").strip()
    return Path(named) if named else store.with_name("inbox")


def waiting(folder: Path, quiet: float = QUIET) -> list[Path]:
    """The files that wait and have not changed for so long, the oldest first."""
    if not folder.is_dir():
        return []
    now = time.time()
    found = []
    for path in folder.rglob("*"):
        inside = path.relative_to(folder).parts
        if inside[0] in (DONE, REFUSED) or any(part.startswith(".") for part in inside) or not path.is_file():
            continue
        with suppress(FileNotFoundError):
            changed = path.stat().st_mtime
            if now - changed >= quiet:
                found.append((changed, path))
    return [path for _, path in sorted(found)]


def sweep(store: Store, control: Control, folder: Path, quiet: float = QUIET) -> list[FileReport]:
    """Import every file that waits, one transaction each, and move it; returns what came of each.

    A file that is in the store already counts as done. Nothing is ever deleted.
    """
    reports = []
    for path in waiting(folder, quiet):
        inside = path.relative_to(folder).parts[:-1]
        network, cohort = (*inside[:2], "", "")[:2]
        report = import_path(store, path, network, cohort)
        _move(folder, path, report)
        detail: dict[str, audit.Detail] = {"status": report.status, "rows": report.rows_read}
        audit.record(control, WHO, Action.IMPORTED, path.name[:200], detail)
        reports.append(report)
    if any(r.status == "loaded" for r in reports):
        # The files are in whether or not the leaders' release can follow.
        with suppress(UserError):
            standing.refresh(store, control)
    return reports


def watch(store: Path, every: float = EVERY, stop: threading.Event | None = None) -> threading.Thread:
    """Look into the inbox of a store again and again, in a thread that ends with the process or when `stop` is set."""
    ended = stop or threading.Event()

    def look() -> None:
        while not ended.wait(every):
            _look(store)

    thread = threading.Thread(target=look, name="inbox", daemon=True)
    thread.start()
    return thread


def _look(path: Path, open_store: Callable[[Path], Store] = Store.open) -> None:
    """One look; a fault is a bug, keeps its traceback in the log, and does not end the watch."""
    folder = folder_of(path)
    if not waiting(folder):
        return
    try:
        with open_store(path) as store:
            for report in sweep(store, Control.at(control_path(path)), folder):
                log.info("inbox: %s, %s", report.format or "not recognised", report.status)
    except UserError as error:
        log.warning("inbox: %s", error)
    except Exception:
        log.exception("the inbox could not be read")


def _move(folder: Path, path: Path, report: FileReport) -> None:
    """Put a file away; its name gets the time if there is one of that name already."""
    target = folder / (REFUSED if report.status == "refused" else DONE)
    target.mkdir(exist_ok=True)
    place = target / path.name
    if place.exists():
        place = target / f"{path.stem} {datetime.now(UTC):%Y-%m-%d %H%M%S %f}{path.suffix}"
    path.replace(place)
    if report.status == "refused":
        place.with_name(f"{place.name}.reason.txt").write_text(report.message + "\n", encoding="utf-8")
