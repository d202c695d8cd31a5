"""The control plane: accounts, sessions, throttles, releases, links and the audit, in a small file of their own.

It takes many small writes and survives a rebuild of the store it stands beside.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, TypeVar

import duckdb

from echo_metrics.store.database import Database, Writer

T = TypeVar("T")

MOST_TRIES = 8
"""Attempts at one transaction before a conflict is passed on; each waits a little longer than the one before."""


def control_path(store_path: Path) -> Path:
    """The control plane of a store: `echo.duckdb` has `echo.control.duckdb` beside it."""
    return store_path.with_name(f"{store_path.stem}.control.duckdb")


def utc_now() -> datetime:
    """The time in UTC, without a zone, as it is stored."""
    return datetime.now(UTC).replace(tzinfo=None)


class Control(Database):
    """One control plane, owned by one process; `Control.at` hands every thread the same one."""

    MIGRATIONS: ClassVar[str] = "control_migrations"
    APPEND_ONLY: ClassVar[frozenset[str]] = frozenset({"audit"})
    BUSY: ClassVar[str] = "Stop the dashboard, or use its People and Sharing screens."

    clock: Callable[[], datetime] = staticmethod(utc_now)
    """Where the time comes from; tests put their own here."""

    _open: ClassVar[dict[Path, Control]] = {}
    _opening: ClassVar[threading.Lock] = threading.Lock()

    @classmethod
    def at(cls, path: Path) -> Control:
        """The control plane at `path`, opened once in this process."""
        real = path.resolve()
        with cls._opening:
            if real not in cls._open:
                cls._open[real] = cls.open(real)
            return cls._open[real]

    @classmethod
    def close_all(cls) -> None:
        """Close every control plane that `at` opened."""
        with cls._opening:
            for control in cls._open.values():
                control.close()
            cls._open.clear()

    def now(self) -> datetime:
        """The time in UTC, without a zone."""
        return self.clock()

    def hashed(self, kind: str, value: str) -> str:
        """The keyed hash of a secret: what is stored of a token, or signed of a form. `kind` keeps uses apart."""
        return hmac.new(self._key, f"{kind}\x1f{value}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def change(self, work: Callable[[Writer], T]) -> T:
        """Run `work` in one write transaction and return what it returns; repeated if another writer was faster.

        `work` must do nothing but write: it may run more than once.
        """
        for attempt in range(MOST_TRIES):
            try:
                with self.write() as writer:
                    return work(writer)
            except duckdb.TransactionException:
                if attempt == MOST_TRIES - 1:
                    raise
                time.sleep(0.01 * 2**attempt)
        raise AssertionError("unreachable")
