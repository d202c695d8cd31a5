"""Throttled attempts: some failures are free, then each doubles the wait. Counted in the control plane."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from echo_metrics.store import Control, Writer

FREE = {"account": 5, "address": 20, "passcode": 5}
"""Failures without a wait; an address may be a whole hospital's."""
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN = timedelta(hours=24)
"""After this long without a failure the count begins anew."""


class Throttle:
    """Counts failed attempts by kind (`account`, `address`, `passcode`) and key; keys are stored as hashes only."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def blocked(self, kind: str, key: str) -> int:
        """Seconds until the next attempt is allowed; 0 if it is."""
        rows = self._control.rows("control_throttle", self._row(kind, key))
        return self._wait(kind, rows)

    def failed(self, kind: str, key: str) -> None:
        """Count one failure."""
        self._control.change(lambda writer: self._count(writer, kind, key, 1))

    def succeeded(self, kind: str, key: str) -> None:
        """Forget the failures of this key."""
        self._control.change(lambda writer: self._count(writer, kind, key, None))

    def take(self, *pairs: tuple[str, str]) -> int:
        """Take one attempt for all of `pairs` (kind, key), or return the seconds to wait and take none.

        It is counted as a failure before the secret is looked at, so that many attempts at once can't slip past;
        `succeeded` or `give_back` take that back.
        """

        def work(writer: Writer) -> int:
            wait = max(self._wait(kind, writer.rows("control_throttle", self._row(kind, key))) for kind, key in pairs)
            if not wait:
                for kind, key in pairs:
                    self._count(writer, kind, key, 1)
            return wait

        return self._control.change(work)

    def give_back(self, kind: str, key: str) -> None:
        """Take back one attempt that did not fail, and leave the failures before it."""
        self._control.change(lambda writer: self._count(writer, kind, key, -1))

    def _row(self, kind: str, key: str) -> dict[str, str]:
        return {"kind": kind, "key": self._control.hashed(f"throttle {kind}", key)}

    def _wait(self, kind: str, rows: list[tuple[int, datetime]]) -> int:
        now = self._control.now()
        for failures, failed_at in rows:
            over = failures - FREE.get(kind, 5)
            if over >= 0 and now - failed_at < FORGOTTEN:
                wait = min(timedelta(seconds=2 ** min(over + 1, 20)), LONGEST_WAIT)
                return max(0, ceil((failed_at + wait - now).total_seconds()))
        return 0

    def _count(self, writer: Writer, kind: str, key: str, change: int | None) -> None:
        now, row = self._control.now(), self._row(kind, key)
        found = writer.rows("control_throttle", row)
        if not found:
            if change == 1:
                # The only rows that grow with strangers' attempts: those nobody needs any more go as new ones come.
                writer.run("control_throttle_old", {"before": now - FORGOTTEN})
                writer.insert("throttle", [{"kind": kind, "key_hash": row["key"], "failures": 1, "failed_at": now}])
            return
        failures, failed_at = found[0]
        before = 0 if now - failed_at >= FORGOTTEN else failures
        after = 0 if change is None else max(0, before + change)
        writer.run(
            "control_throttle_failed",
            {**row, "failures": after, "at": now if change == 1 else failed_at},
        )
