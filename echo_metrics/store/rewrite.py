"""Writes a store's file anew: what was deleted may stand in a database file's free blocks until it is."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from echo_metrics.errors import StoreBusy
from echo_metrics.store.sql import query
from echo_metrics.store.store import Store

WANTED = "rewrite_wanted"
"""The setting that says that rows were deleted whose bytes must go too."""


def wanted(path: Path) -> bool:
    """Whether the store at `path` asks to be written anew."""
    with Store.open(path) as store:
        return bool(store.rows("setting", {"name": WANTED}))


def rewrite(path: Path) -> None:
    """Copy every table of the store at `path` into a new file and put it in the old one's place.

    Nobody may hold the store open. The old file goes only when the new one holds as many rows of every table; if the
    process dies before, the old one stands. Raises `StoreBusy` when the store is open elsewhere.
    """
    fresh = path.with_name(f"{path.name}.rewriting")
    fresh.unlink(missing_ok=True)
    # A connection of its own: that of a store can attach nothing.
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as maintenance:
        try:
            maintenance.execute(f"ATTACH {_quoted(path)} AS held")
        except duckdb.Error as error:
            raise StoreBusy(f"{path.name} is open elsewhere. {Store.BUSY}") from error
        maintenance.execute("USE held")
        maintenance.execute(query("drop_setting"), {"name": WANTED})
        maintenance.execute("USE memory")
        maintenance.execute("CHECKPOINT held")
        maintenance.execute(f"ATTACH {_quoted(fresh)} AS fresh")
        maintenance.execute("COPY FROM DATABASE held TO fresh")
        before, after = (_sizes(maintenance, name) for name in ("held", "fresh"))
        maintenance.execute("DETACH held")
        maintenance.execute("DETACH fresh")
    if before != after:
        fresh.unlink()
        raise RuntimeError(f"the copy of {path.name} differs from it: the old file stands")
    os.replace(fresh, path)


def _sizes(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, int]:
    """The rows of every table."""
    names = connection.execute(query("tables_of"), {"database": database}).fetchall()
    counted = {}
    for (name,) in names:
        counted[str(name)] = connection.execute(f'SELECT count(*) FROM {database}."{name}"').fetchall()[0][0]
    return counted


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
