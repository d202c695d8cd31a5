"""The store: a hub's files, people and answers in one DuckDB file."""

from __future__ import annotations

import hmac
import json
from pathlib import Path
from typing import ClassVar, Self

from echo_metrics.store.database import Database

FORGOTTEN = "forgotten"


class Store(Database):
    """One store file, owned by one process."""

    BUSY: ClassVar[str] = "Stop the dashboard, or import on its Data screen."

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open as `Database.open` does; requests to be forgotten that a rebuilt or restored store lacks come back."""
        store = super().open(path)
        try:
            store._recall()
        except BaseException:
            store.close()
            raise
        return store

    @property
    def version(self) -> int:
        """The data version: one higher after every import that changed anything."""
        return int(self.rows("data_version")[0][0])

    def hashed(self, kind: str, value: str) -> str:
        """Return the keyed hash under which an identifier is stored; the key stands in a file beside the store."""
        return hmac.digest(self._key, f"{kind}\x1f{value}".encode(), "sha256").hex()[:32]

    @property
    def requests(self) -> Path:
        """The file of requests to be forgotten, beside the store like its key: keyed hashes that name nobody."""
        return self.path.with_suffix(f".{FORGOTTEN}")

    def keep_requests(self) -> None:
        """Write the requests that stand beside the store, so that they outlive its rebuild and older backups."""
        lines = [json.dumps([int(c), k, v]) for c, k, v in self.rows("tombstones")]
        fresh = self.requests.with_name(f"{self.requests.name}.new")
        fresh.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        fresh.replace(self.requests)

    def _recall(self) -> None:
        if not self.requests.exists():
            return
        known = {(str(k), str(v)) for _, k, v in self.rows("tombstones")}
        kept = [json.loads(line) for line in self.requests.read_text(encoding="utf-8").splitlines() if line.strip()]
        lost = [
            {"circle": c, "kind": k, "value_key": v, "forgotten_by": "recalled", "forgotten_at": None}
            for c, k, v in kept
            if (k, v) not in known
        ]
        if lost:
            with self.write() as writer:
                writer.insert(FORGOTTEN, lost)
