"""The store: a hub's files, people and answers in one DuckDB file."""

from __future__ import annotations

import hashlib
import hmac
from typing import ClassVar

from echo_metrics.store.database import Database


class Store(Database):
    """One store file, owned by one process."""

    BUSY: ClassVar[str] = "Stop the dashboard, or import on its Data screen."

    @property
    def version(self) -> int:
        """The data version: one higher after every import that changed anything."""
        return int(self.rows("data_version")[0][0])

    def hashed(self, kind: str, value: str) -> str:
        """Return the keyed hash under which an identifier is stored; the key stands in a file beside the store."""
        return hmac.new(self._key, f"{kind}\x1f{value}".encode(), hashlib.sha256).hexdigest()[:32]
