"""A DuckDB file of ours: opened with its migrations, locked down, a cursor a call, write transactions."""

from __future__ import annotations

import os
import re
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

import duckdb
import pyarrow as pa

from echo_metrics.errors import StoreBusy, StoreFull, UserError
from echo_metrics.store.journal import BEFORE, KEYS, ZONE, ZONES, RowBefore
from echo_metrics.store.sql import migrations, query

Value = Any
NO_ROOM = re.compile(r"could not write|no space left|file too large|disk (?:is )?full|out of disk", re.I)
"""What the operating system's refusals to write more read like."""


class Database:
    """One database file, owned by one process. Safe to share between threads: every call takes its own cursor."""

    MIGRATIONS: ClassVar[str] = "migrations"
    """The folder of its migrations, beside this module."""
    APPEND_ONLY: ClassVar[frozenset[str]] = frozenset()
    """Tables whose rows are added and never changed."""
    BUSY: ClassVar[str] = "Stop the dashboard and try again."
    """What to do when another process holds the file."""
    _turns: ClassVar[dict[Path, threading.Lock]] = {}

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
        self.path = path
        self._connection = connection
        self._key = key
        # Two openings of one file in one process take turns too, instead of losing to each other.
        self._writing = self._turns.setdefault(path.resolve(), threading.Lock())

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open or create the file at `path` and migrate it.

        Raises `StoreBusy` when another process holds the file, `UserError` when it is no database of ours.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            connection = duckdb.connect(str(path), config={"autoinstall_known_extensions": "false"})
        except duckdb.IOException as error:
            if "lock" in str(error).lower():
                raise StoreBusy(
                    f"{path.name} is in use by another process, probably a running dashboard. {cls.BUSY}"
                ) from error
            if NO_ROOM.search(str(error)):
                raise StoreFull(_no_room(path)) from error
            raise UserError(
                f"{path.name} can't be opened as a store: it is not a DuckDB file or it is damaged. "
                "Restore a backup, or move it away to start a new one."
            ) from error
        try:
            _migrate(connection, cls.MIGRATIONS)
            # From here on SQL reads no file and attaches nothing, whatever text reached it.
            # A second opening in one process shares the first one's settings, which are locked by then.
            if connection.execute(query("is_locked")).fetchall() != [(True,)]:
                connection.execute("SET enable_external_access=false")
                connection.execute("SET lock_configuration=true")
        except BaseException:
            connection.close()
            raise
        return cls(path, connection, _key_beside(path))

    def close(self) -> None:
        """Close the file; closing twice is harmless."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def rows(self, name: str, parameters: Mapping[str, Value] | None = None) -> list[tuple[Any, ...]]:
        """Run the named query and return its rows. Parameters that it does not name are left out."""
        with self._connection.cursor() as cursor:
            return cursor.execute(query(name), _asked(name, parameters)).fetchall()

    def records(self, name: str, parameters: Mapping[str, Value] | None = None) -> list[dict[str, Any]]:
        """Run the named query and return its rows as dictionaries by column name."""
        with self._connection.cursor() as cursor:
            return _records(cursor, name, parameters)

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """One write transaction: commits at the end, rolls everything back if the block raises.

        Raises `StoreFull` where the disk has no room for it; the file is then as before.
        """
        with self._writing, self._connection.cursor() as cursor:
            cursor.execute("BEGIN TRANSACTION")
            try:
                cursor.execute(query("take_write_lock"))
                yield Writer(cursor, self.APPEND_ONLY)
                cursor.execute("COMMIT")
            except duckdb.Error as error:
                _roll_back(cursor)
                if not NO_ROOM.search(str(error)):
                    raise
                raise StoreFull(_no_room(self.path)) from error
            except BaseException:
                _roll_back(cursor)
                raise


class Writer:
    """Statements inside one write transaction."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, append_only: frozenset[str] = frozenset()) -> None:
        self._cursor = cursor
        self._append_only = append_only
        self._next: dict[str, int] = {}
        self._columns: dict[str, dict[str, str]] = {}
        self.journal: list[RowBefore] | None = None
        """Where rows go as they stood before statements that change them; None keeps nothing."""

    def rows(self, name: str, parameters: Mapping[str, Value] | None = None) -> list[tuple[Any, ...]]:
        """Run the named query inside the transaction and return its rows."""
        return self._cursor.execute(query(name), parameters or {}).fetchall()

    def records(self, name: str, parameters: Mapping[str, Value] | None = None) -> list[dict[str, Any]]:
        """Run the named query inside the transaction and return its rows as dictionaries by column name."""
        return _records(self._cursor, name, parameters)

    def run(self, name: str, parameters: Mapping[str, Value] | None = None) -> None:
        """Run the named statement inside the transaction; with a journal, rows that it changes are kept first."""
        if self.journal is not None and name in BEFORE:
            table, before = BEFORE[name]
            asked = {k: v for k, v in (parameters or {}).items() if f"${k}" in query(before)}
            self.journal += [RowBefore(table, row) for row in self.records(before, asked)]
        elif self.journal is not None and name in ZONES:
            self.journal.append(RowBefore(ZONE, {"statement": name, **(parameters or {})}))
        self._cursor.execute(query(name), parameters or {})

    def new_ids(self, table: str, count: int = 1) -> range:
        """Reserve `count` ids of `table`; unique because the transaction holds the write lock."""
        first = self._next.get(table)
        if first is None:
            self._known(table)
            first = int(self._cursor.execute(f'SELECT coalesce(max(id), 0) + 1 FROM "{table}"').fetchall()[0][0])
        self._next[table] = first + count
        return range(first, first + count)

    def insert(self, table: str, rows: Sequence[Mapping[str, Value]]) -> None:
        """Insert rows given as dictionaries; every row has the same keys, which are column names of `table`."""
        if not rows:
            return
        self.insert_columns(table, {c: [row[c] for row in rows] for c in rows[0]})

    def insert_columns(self, table: str, columns: Mapping[str, Sequence[Value]]) -> None:
        """Insert rows given column by column, all of one length: for tables of millions of rows."""
        if not columns or not len(next(iter(columns.values()))):
            return
        self._write(table, self._table(table, columns), list(columns))

    def update(self, table: str, rows: Sequence[Mapping[str, Value]]) -> None:
        """Update rows by their `id`; every row has the same keys, which are column names of `table`.

        Raises `PermissionError` for a table whose rows are only ever added.
        """
        if table in self._append_only:
            raise PermissionError(f"{table} is append-only")
        if not rows:
            return
        self.update_columns(table, {c: [row[c] for row in rows] for c in rows[0]})

    def update_columns(self, table: str, columns: Mapping[str, Sequence[Value]]) -> None:
        """Update rows by their `id`, given column by column. Raises `PermissionError` as `update` does."""
        if table in self._append_only:
            raise PermissionError(f"{table} is append-only")
        if not len(columns["id"]):
            return
        data = self._table(table, columns)
        changes = ", ".join(f'"{c}" = incoming_rows."{c}"' for c in columns if c != "id")
        self._cursor.register("incoming_rows", data)
        try:
            self._cursor.execute(
                f'UPDATE "{table}" SET {changes} FROM incoming_rows WHERE "{table}".id = incoming_rows.id'
            )
        finally:
            self._cursor.unregister("incoming_rows")

    def remove(self, table: str, **where: Value) -> int:
        """Delete the rows of `table` whose columns have these values (None matches missing); returns how many."""
        known = self._known(table)
        unknown = [c for c in where if c not in known]
        if unknown or not where:
            raise KeyError(f"{table} has no column {unknown}")
        if table in self._append_only:
            raise PermissionError(f"{table} is append-only")
        condition = " AND ".join(f'"{c}" IS NOT DISTINCT FROM ${c}' for c in where)
        found = self._cursor.execute(f'DELETE FROM "{table}" WHERE {condition}', where).fetchall()
        return int(found[0][0]) if found else 0

    def restore(self, before: RowBefore) -> None:
        """Put a row back as the journal kept it, in place of what stands under the same key."""
        types = self._known(before.table)
        self.remove(before.table, **{k: before.row[k] for k in KEYS[before.table]})
        self.insert(before.table, [{c: _read(types[c], v) for c, v in before.row.items()}])

    def _write(self, table: str, data: pa.Table, columns: Sequence[str]) -> None:
        names = ", ".join(f'"{c}"' for c in columns)
        self._cursor.register("incoming_rows", data)
        try:
            self._cursor.execute(f'INSERT INTO "{table}" ({names}) SELECT {names} FROM incoming_rows')
        finally:
            self._cursor.unregister("incoming_rows")

    def _table(self, table: str, columns: Mapping[str, Sequence[Value]]) -> pa.Table:
        """Columns as an Arrow table: far faster than row by row, and it needs no file access, which is locked."""
        types = self._known(table)
        unknown = [c for c in columns if c not in types]
        if unknown:
            raise KeyError(f"{table} has no column {unknown}")
        return pa.table({c: pa.array(values, type=_arrow_type(types[c])) for c, values in columns.items()})

    def _known(self, table: str) -> dict[str, str]:
        """Return the columns of `table` with their types: the allow-list for identifiers in built SQL."""
        if table not in self._columns:
            found = dict(self._cursor.execute(query("table_columns"), {"table": table}).fetchall())
            if not found:
                raise KeyError(f"no table {table}")
            self._columns[table] = found
        return self._columns[table]

    def touch(self) -> None:
        """Move the data version: answers computed before this are stale."""
        self._cursor.execute(query("touch_data_version"))


def _read(sql_type: str, value: Value) -> Value:
    """A value of the journal in its column's type."""
    if value is None or not isinstance(value, str):
        return value
    return {"TIMESTAMP": datetime.fromisoformat, "DATE": date.fromisoformat}.get(sql_type, str)(value)


def _arrow_type(sql_type: str) -> pa.DataType:
    return {
        "BIGINT": pa.int64(),
        "INTEGER": pa.int32(),
        "DOUBLE": pa.float64(),
        "VARCHAR": pa.string(),
        "BOOLEAN": pa.bool_(),
        "TIMESTAMP": pa.timestamp("us"),
        "DATE": pa.date32(),
    }[sql_type]


def _no_room(path: Path) -> str:
    return (
        f"There is no room left to write {path.name}. Nothing was changed. Free some space on its disk, start the "
        "dashboard again if it runs, and try again."
    )


def _asked(name: str, parameters: Mapping[str, Value] | None) -> dict[str, Value]:
    """The parameters that a query names: a filter is one set for all questions."""
    return {k: v for k, v in (parameters or {}).items() if f"${k}" in query(name)}


def _records(
    cursor: duckdb.DuckDBPyConnection, name: str, parameters: Mapping[str, Value] | None
) -> list[dict[str, Any]]:
    result = cursor.execute(query(name), _asked(name, parameters))
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    """Roll back; a COMMIT that lost a conflict has ended its transaction already."""
    with suppress(duckdb.TransactionException):
        cursor.execute("ROLLBACK")


def _migrate(connection: duckdb.DuckDBPyConnection, folder: str) -> None:
    connection.execute(query("create_migration_table"))
    done = {row[0] for row in connection.execute(query("applied_migrations")).fetchall()}
    newest = max((number for number, _, _ in migrations(folder)), default=0)
    if done and max(done) > newest:
        raise UserError(
            "This store was written by a newer version of ECHO Metrics. Update the program, then open it again."
        )
    for number, name, text in migrations(folder):
        if number in done:
            continue
        connection.execute("BEGIN TRANSACTION")
        try:
            connection.execute(text)
            connection.execute(query("record_migration"), {"number": number, "name": name})
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def _key_beside(path: Path) -> bytes:
    """Read the store's hashing key, or make it. It stands outside the store, so a copied store alone names nobody."""
    key_file = path.with_suffix(".key")
    try:
        handle = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = key_file.read_bytes()
        if len(key) != 32:
            raise UserError(
                f"{key_file.name} is damaged: it must hold 32 bytes. Restore it from your backup; without it what was "
                "written with it can't be recognised."
            ) from None
        return key
    with os.fdopen(handle, "wb") as out:
        key = secrets.token_bytes(32)
        out.write(key)
    return key
