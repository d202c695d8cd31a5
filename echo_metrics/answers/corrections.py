"""Corrections that the owner declares: those that stand, a new one, and all of them as a file."""

from __future__ import annotations

from datetime import date
from typing import Any

from echo_metrics.access import Viewer
from echo_metrics.errors import NotAllowed
from echo_metrics.ingest import declared
from echo_metrics.ingest.declared import Declared
from echo_metrics.store import Store

__all__ = ["Declared", "as_file", "declare", "standing", "withdraw"]


def standing(store: Store, viewer: Viewer) -> list[Declared]:
    """Every correction that stands. Raises `NotAllowed` for everyone but the owner: cells are somebody's data."""
    _owner(viewer)
    return declared.standing(store)


def declare(
    store: Store, viewer: Viewer, who: str, kind: str, file: str, fields: dict[str, Any], reason: str, reviewed_by: str
) -> int:
    """Declare one correction of today. Raises `UserError` naming what is wrong with it."""
    _owner(viewer)
    about = {"reason": reason.strip(), "reviewed_by": reviewed_by.strip(), "date": date.today()}
    return declared.declare(store, {"kind": kind, "file": file.strip(), **fields, **about}, who)


def withdraw(store: Store, viewer: Viewer, who: str, number: int) -> None:
    """Withdraw a correction that was declared on the screen."""
    _owner(viewer)
    declared.withdraw(store, number, who)


def as_file(store: Store, viewer: Viewer) -> str:
    """Every correction that stands as a corrections file."""
    return declared.to_toml([d.correction for d in standing(store, viewer)])


def _owner(viewer: Viewer) -> None:
    if not viewer.may_import:
        raise NotAllowed("Only the owner declares corrections.")
