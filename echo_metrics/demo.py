"""The demonstration store: the raw files of data/demo, imported by the same path that a hub's own files take."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from pathlib import Path

from echo_metrics.errors import UserError
from echo_metrics.ingest.load import import_path
from echo_metrics.ingest.report import FileReport
from echo_metrics.store import Store

FOLDER = Path(__file__).resolve().parent.parent / "data" / "demo"


def default_store_path() -> Path:
    """The store that `ECHO_STORE` names, or data/echo.duckdb."""
    named = os.environ.get("ECHO_STORE", "").strip()
    return Path(named) if named else FOLDER.parent / "echo.duckdb"


def build_demo(path: Path, tell: Callable[[FileReport], None] | None = None) -> list[FileReport]:
    """Build the demonstration store at `path`; nothing stands there until it is whole.

    Raises `UserError` if there is a store already that holds files of the user's own, or if a demonstration file is
    refused.
    """
    if path.exists():
        with Store.open(path) as store:
            own = store.rows("own_files")[0][0]
        if own:
            raise UserError(
                f"{path.name} holds {own} files of your own. The demonstration is not mixed with them: "
                "name another file with --store."
            )
    building = path.with_name(path.name + ".building")
    for leftover in (building, building.with_suffix(".key"), building.with_name(building.name + ".wal")):
        leftover.unlink(missing_ok=True)
    reports = []
    with Store.open(building) as store:
        for entry in tomllib.loads((FOLDER / "imports.toml").read_text(encoding="utf-8"))["import"]:
            report = import_path(
                store,
                FOLDER / entry["file"],
                str(entry.get("network", "")),
                str(entry.get("cohort", "")),
                synthetic=True,
            )
            if report.status == "refused":
                raise UserError(report.message)
            if tell is not None:
                tell(report)
            reports.append(report)
    path.with_name(path.name + ".wal").unlink(missing_ok=True)
    # The key first: a store without its key could not recognise anybody.
    building.with_suffix(".key").replace(path.with_suffix(".key"))
    building.replace(path)
    return reports
