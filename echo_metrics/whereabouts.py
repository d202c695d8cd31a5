"""What is told of forgetting somebody, and where they may still stand: files beside the store, backups, releases."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from echo_metrics.errors import FileRefused
from echo_metrics.inbox import DONE, REFUSED, folder_of
from echo_metrics.ingest.forget import Forgotten, Target
from echo_metrics.ingest.redact import Wanted, redact, wanted
from echo_metrics.ingest.source import read_file
from echo_metrics.store import Control, Store, control_path

MOST_FILES = 2_000
"""Files of the inbox that are looked into, the newest first."""
SHORTEST_QUOTE = 20
"""A shorter comment may be anybody's words."""


def whereabouts(store: Store, target: Target, done: Forgotten, control: Control | None = None) -> list[str]:
    """Sentences about what may still hold the person and what to do about it; the last two are always there."""
    found = [*_files(store.path, target), *_other_stores(store.path), *_releases(store.path, done, control)]
    found.append(
        "Backups and copies of the store made before today still hold this person: delete them, or run the same "
        "command again after restoring one."
    )
    found.append(
        "The survey tool, the meeting platform and the hub's own copies of its exports still hold this person: "
        "delete them there too. If such a file comes in again, this person's rows are left out and counted."
    )
    return found


def as_json(done: Forgotten, places: list[str], kept: bool) -> dict[str, Any]:
    """The report as `--json` prints it."""
    return {
        "done": kept,
        "people": done.people,
        "rows_removed": dict(done.removed),
        "texts_changed": dict(done.texts_changed),
        "columns_searched": done.columns_searched,
        "traces_left": 0,
        "tombstones": done.tombstones,
        "remarks": list(done.remarks),
        "elsewhere": places,
    }


def words(done: Forgotten, places: list[str], kept: bool, how: str = "Say --yes to do it.") -> list[str]:
    """The report for people; `how` says what makes a rehearsal real."""
    tables = ", ".join(f"{n:,} in {table}" for table, n in done.removed.items()) or "none"
    verb = "Removed" if kept else "Would be removed"
    lines = [f"{verb}: {done.rows:,} rows ({tables})."]
    if not done.rows:
        lines = ["Nothing about this person is in the store."]
    if done.texts_changed:
        lines.append(
            f"{'Taken' if kept else 'Would be taken'} out of {sum(done.texts_changed.values()):,} other texts."
        )
    lines.append(
        f"Searched afterwards: {done.columns_searched:,} columns of every table, none of which holds this person."
    )
    lines += list(done.remarks)
    if kept:
        lines.append(
            f"{done.tombstones} keyed hashes stay, so that a later file can't bring this person back: their rows are "
            "left out and counted."
        )
    lines += ["", "Beyond the store:", *(f"- {p}" for p in places)]
    if not kept:
        lines += ["", f"Nothing was changed. {how} It can't be undone."]
    return lines


def _files(path: Path, target: Target) -> list[str]:
    """Raw files of the inbox that name the person."""
    looked_for = wanted(target.names, target.addresses)
    folder = folder_of(path)
    files = [f for part in (DONE, REFUSED) for f in sorted((folder / part).rglob("*")) if f.is_file()]
    newest = sorted(files, key=lambda f: f.stat().st_mtime, reverse=True)
    holding = [f.name for f in newest[:MOST_FILES] if looked_for and _names(f, looked_for)]
    found = []
    if holding:
        some = ", ".join(holding[:10]) + (f" and {len(holding) - 10} more" if len(holding) > 10 else "")
        found.append(f"Files in the inbox's folders name this person; delete them: {some}.")
    if len(files) > MOST_FILES:
        found.append(f"Only the newest {MOST_FILES:,} of {len(files):,} files in the inbox's folders were looked into.")
    return found


def _names(path: Path, looked_for: list[Wanted]) -> bool:
    try:
        document = read_file(path)
    except (FileRefused, OSError):
        text = path.read_bytes()[:5_000_000].decode("utf-8", errors="ignore")
        return redact(text, looked_for) != text
    return any(_line(row, looked_for) for table in document.tables for row in table.rows)


def _line(row: Iterable[str], looked_for: list[Wanted]) -> bool:
    text = " ".join(str(c) for c in row)
    return redact(text, looked_for) != text


def _other_stores(path: Path) -> list[str]:
    own = {path.resolve(), control_path(path).resolve()}
    others = sorted(
        f.name
        for f in path.parent.glob("*.duckdb*")
        if f.resolve() not in own and f.suffix != ".wal" and not f.name.endswith(".control.duckdb")
    )
    return [f"Other stores lie beside this one and were not touched: {', '.join(others)}."] if others else []


def _releases(path: Path, done: Forgotten, control: Control | None) -> list[str]:
    """Releases that quote the person: frozen documents, which only a withdrawal takes away."""
    quotes = [w for w in done.words if len(w) >= SHORTEST_QUOTE]
    looked_for = wanted(done.names, ())
    found = []
    with nullcontext(control) if control is not None else Control.open(control_path(path)) as opened:
        for release in opened.records("control_releases"):
            ((document, _),) = opened.rows("control_release_document", {"id": release["id"]})
            texts = _strings(json.loads(document))
            if any(q in t for t in texts for q in quotes) or any(redact(t, looked_for) != t for t in texts):
                found.append(
                    f"Release {release['id']} ({release['status']}) quotes this person. A release can't be altered: "
                    "withdraw it, and tell its recipients to delete their copies."
                )
    return found


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [t for v in value.values() for t in _strings(v)]
    return [t for v in value for t in _strings(v)] if isinstance(value, list) else []
