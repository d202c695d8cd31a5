"""Loads plain tables around the answers: forum posts, cases, improvement cycles, costs."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date, datetime

from echo_metrics.errors import UserError
from echo_metrics.ingest.dates import date_order, parse_aware
from echo_metrics.ingest.records import Parsed, Quarantined, TableRow
from echo_metrics.ingest.scope import UNASSIGNED, Cohort, Network, Scope
from echo_metrics.numbers import LARGEST
from echo_metrics.store import Writer
from echo_metrics.text import fold

SAME = {
    "forum_post": ("present_forum_post", ("network_id", "author", "posted_utc", "thread", "kind", "body")),
    "case_presentation": (
        "present_case_presentation",
        (
            "network_id",
            "cohort_id",
            "session_id",
            "presenter",
            "topic",
            "is_followup",
            "deidentified",
            "recommendations_sent",
        ),
    ),
    "pdsa_cycle": (
        "present_pdsa_cycle",
        (
            "network_id",
            "cohort_id",
            "title",
            "aim",
            "measure",
            "prediction",
            "start_date",
            "end_date",
            "did",
            "learned",
            "next_step",
        ),
    ),
}
"""What tells that a row of a later file is there already: a query, and its columns in order."""


class TableLoader:
    """Loads forum posts, cases, cycles and costs row by row; a row with an unreadable cell goes to quarantine."""

    def __init__(
        self,
        parsed: Parsed,
        writer: Writer,
        scope: Scope,
        file_id: int,
        network: Network | None,
        cohort: Cohort | None,
    ) -> None:
        self._parsed = parsed
        self._writer = writer
        self._scope = scope
        self._file_id = file_id
        self._network = network
        self._cohort = cohort
        moments = ("posted_at", "start", "end", "recommendations_sent")
        self._order = date_order(r.values.get(m, "") for r in parsed.table for m in moments) or (
            "mdy" if scope.country in ("US", "CA") else "dmy"
        )

    def load(self) -> set[int]:
        """Write the rows; return the networks that they belong to."""
        tables = {
            **dict.fromkeys(("forum", "discourse", "slack", "zoom_chat"), ("forum_post", self._forum)),
            "cases": ("case_presentation", self._case),
            "cycles": ("pdsa_cycle", self._cycle),
            "costs": ("cost", self._cost),
        }
        table, build = tables[self._parsed.format]
        rows: list[dict[str, object]] = []
        account = self._parsed.account
        query, columns = SAME.get(table, ("", ()))
        # Later exports hold the earlier rows again; two alike in one file are two.
        present = Counter(self._writer.rows(query)) if query else Counter()
        for row in self._parsed.table:
            try:
                built = build(row)
            except UserError as error:
                account.loaded -= 1
                cells = tuple(row.values.values())
                account.quarantined.append(Quarantined(row.origin, "", "unreadable_cell", str(error), cells))
                continue
            key = tuple(built[c] for c in columns)
            if columns and present[key]:
                present[key] -= 1
                account.loaded -= 1
                account.ignore("already there")
                continue
            rows.append({**built, "file_id": self._file_id, "row_no": row.origin.row})
        self._writer.insert(table, rows)
        return {int(str(r["network_id"])) for r in rows}

    def _place(self, row: TableRow) -> tuple[Network, Cohort | None]:
        name = row.values.get("network", "")
        network = self._network or self._scope.find_network(name) or self._scope.network(name or UNASSIGNED)
        text = row.values.get("cohort", "")
        cohort = self._cohort or (self._scope.cohort(network.id, text) if text else None)
        return network, cohort

    def _forum(self, row: TableRow) -> dict[str, object]:
        network, _ = self._place(row)
        return {
            "network_id": network.id,
            "author": row.values["author"],
            "posted_utc": self._scope.to_utc(self._moment(row, "posted_at")),
            "thread": row.values.get("thread", ""),
            "kind": row.values.get("kind", "") or "post",
            "body": row.values.get("text", ""),
            "likes": int(self._number(row, "likes") or 0),
        }

    def _case(self, row: TableRow) -> dict[str, object]:
        network, cohort = self._place(row)
        number = self._number(row, "session")
        session = next(
            (
                s.id
                for s in self._scope.sessions(network.id)
                if cohort is not None and s.cohort_id == cohort.id and number is not None and s.number == int(number)
            ),
            None,
        )
        sent = self._moment(row, "recommendations_sent")
        return {
            "network_id": network.id,
            "cohort_id": cohort.id if cohort else None,
            "session_id": session,
            "presenter": row.values.get("presenter", ""),
            "topic": row.values["topic"],
            "is_followup": _yes(row.values.get("follow_up", "")),
            "deidentified": _yes(row.values.get("deidentified", "")),
            "recommendations_sent": sent.date() if sent else None,
        }

    def _cycle(self, row: TableRow) -> dict[str, object]:
        network, cohort = self._place(row)
        start, end = self._day(row, "start"), self._day(row, "end")
        if start and end and end < start:
            raise UserError(f"The cycle ends ({end}) before it starts ({start}).")
        return {
            "network_id": network.id,
            "cohort_id": cohort.id if cohort else None,
            **{c: row.values.get(c, "") for c in ("title", "aim", "measure", "prediction", "did", "learned")},
            "start_date": start,
            "end_date": end,
            "next_step": row.values.get("next", ""),
        }

    def _cost(self, row: TableRow) -> dict[str, object]:
        network, cohort = self._place(row)
        year = self._number(row, "year")
        return {
            "network_id": network.id,
            "cohort_id": cohort.id if cohort else None,
            "category": row.values["category"],
            "amount": self._number(row, "amount"),
            "currency": row.values.get("currency", ""),
            "year": int(year) if year is not None else None,
            "quantity": self._number(row, "quantity"),
            "unit_cost": self._number(row, "unit_cost"),
            "basis": row.values.get("basis", ""),
        }

    def _moment(self, row: TableRow, column: str) -> datetime | None:
        raw = row.values.get(column, "")
        moment = parse_aware(raw, self._order) if raw else None
        if raw and moment is None:
            raise UserError(f"'{raw[:40]}' in column '{column}' is not a date that can be read.")
        return moment

    def _day(self, row: TableRow, column: str) -> date | None:
        moment = self._moment(row, column)
        return moment.date() if moment else None

    def _number(self, row: TableRow, column: str) -> float | None:
        raw = row.values.get(column, "").replace(" ", "").replace("\u00a0", "")
        if not raw:
            return None
        # 1,234.50 and 1.234,50: the last mark is the decimal one when both stand.
        if "," in raw and "." in raw:
            raw = raw.replace(",", "") if raw.rfind(".") > raw.rfind(",") else raw.replace(".", "").replace(",", ".")
        elif raw.count(",") == 1 and len(raw.rpartition(",")[2]) != 3:
            raw = raw.replace(",", ".")
        try:
            value = float(raw.replace(",", ""))
        except ValueError:
            value = math.nan
        if not abs(value) <= LARGEST:
            raise UserError(f"'{row.values[column][:40]}' in column '{column}' is not a number.")
        return value


def _yes(text: str) -> bool | None:
    folded = fold(text)
    if folded in ("yes", "y", "true", "1"):
        return True
    return False if folded in ("no", "n", "false", "0") else None
