"""Declared corrections: a source's known error is a reviewed line, applied on load, shown, and never an edited file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fnmatch import fnmatch
from typing import Any

from echo_metrics.errors import UserError
from echo_metrics.ingest.records import Origin, Parsed
from echo_metrics.ingest.source import SEARCH_ROWS, Document, Table
from echo_metrics.terms import WaveKind
from echo_metrics.text import fold

FORMAT = "echo-metrics-corrections"
RULE = "left out by correction"
ABOUT = ("reason", "reviewed_by", "date")
WHICH = ("file", "sha256", "sheet")
KINDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "cell": (("row", "column", "was", "becomes"), ()),
    "heading": (("column", "becomes"), ()),
    "leave_out": (("rows",), ()),
    "time": ((), ("hours", "meeting_date")),
    "place": ((), ("network", "cohort", "session", "wave")),
}
"""Kind of correction: fields that it must have, and fields of which it must have at least one."""
MOST_HOURS = 24 * 366 * 5


@dataclass(frozen=True)
class Correction:
    """One reviewed line. `file` is a pattern of names (`participants_*.csv`), or '' where `sha256` names the file.

    `row` and `rows` count from 1 as a spreadsheet shows them. `hours` are added to every time of the file.
    """

    kind: str
    file: str
    sha256: str
    reason: str
    reviewed_by: str
    on: date
    fields: Mapping[str, Any]
    id: int | None = None

    def matches(self, document: Document) -> bool:
        """Whether it is about this file."""
        if self.sha256:
            return self.sha256.casefold() == document.sha256
        return fnmatch(document.name.casefold(), self.file.casefold())

    @property
    def about(self) -> str:
        """The file or files that it is about."""
        return self.file or f"the file {self.sha256[:12]}…"

    @property
    def words(self) -> str:
        """What it does, in words."""
        f = self.fields
        sheet = f", sheet {f['sheet']}" if f.get("sheet") else ""
        if self.kind == "cell":
            return f"row {f['row']}{sheet}, column {f['column']}: '{f['was']}' is '{f['becomes']}'"
        if self.kind == "heading":
            return f"column {f['column']}{sheet} holds {f['becomes']}"
        if self.kind == "leave_out":
            return f"rows {', '.join(str(r) for r in f['rows'])}{sheet} are left out"
        said = {k: v for k, v in f.items() if k in KINDS[self.kind][1]}
        return "; ".join(f"{k.replace('_', ' ')} is {v}" for k, v in said.items())

    def as_document(self) -> dict[str, Any]:
        """The line as it stands in a corrections file."""
        which = {"sha256": self.sha256} if self.sha256 else {"file": self.file}
        about = {"reason": self.reason, "reviewed_by": self.reviewed_by, "date": self.on}
        return {"kind": self.kind, **which, **self.fields, **about}


@dataclass(frozen=True)
class Applied:
    """What one correction did to one place of a file, or why it did nothing (`applied` false, `became` says why)."""

    correction: Correction
    sheet: str
    row: int | None
    column: str
    was: str
    became: str
    applied: bool = True


def parse_corrections(body: Mapping[str, Any]) -> list[Correction]:
    """Every line of a corrections file. Raises `UserError` naming all faults with their line at once."""
    lines = body.get("correction")
    if not isinstance(lines, list) or not lines or not all(isinstance(x, dict) for x in lines):
        raise UserError("A corrections file needs at least one [[correction]].")
    found, faults = [], []
    for number, line in enumerate(lines, 1):
        try:
            found.append(_parse(line))
        except UserError as error:
            faults.append(f"correction {number}: {error}")
    if faults:
        raise UserError("; ".join(faults))
    return found


def correction_from(text: str, number: int | None = None) -> Correction:
    """A correction as the store keeps it."""
    body = json.loads(text)
    dated = {k: date.fromisoformat(body[k]) for k in ("date", "meeting_date") if k in body}
    return replace(_parse({**body, **dated}), id=number)


def as_text(correction: Correction) -> str:
    """A correction as the store keeps it."""
    return json.dumps(correction.as_document(), default=str, ensure_ascii=False)


def _parse(line: Mapping[str, Any]) -> Correction:
    kind = str(line.get("kind", ""))
    if kind not in KINDS:
        raise UserError(f"kind must be one of {', '.join(KINDS)}, not '{kind[:40]}'.")
    needed, some = KINDS[kind]
    unknown = sorted(set(line) - {"kind", *WHICH, *ABOUT, *needed, *some})
    if unknown:
        raise UserError(f"a correction of kind {kind} has no {', '.join(unknown)}.")
    lacking = [k for k in (*needed, *ABOUT) if line.get(k) in (None, "") and k not in ("was", "becomes")]
    lacking += [k for k in ("was", "becomes") if k in needed and k not in line]
    if lacking:
        raise UserError(f"it lacks {', '.join(lacking)}.")
    if some and not any(k in line for k in some):
        raise UserError(f"it needs one of {', '.join(some)}.")
    if bool(line.get("file")) is bool(line.get("sha256")):
        raise UserError("it needs either file (a pattern of names) or sha256.")
    if not isinstance(line["date"], date) or isinstance(line["date"], datetime):
        raise UserError("date must be a day like 2026-11-27, without quotes.")
    _check_values(line)
    return Correction(
        kind=kind,
        file=str(line.get("file", "")),
        sha256=str(line.get("sha256", "")),
        reason=str(line["reason"]),
        reviewed_by=str(line["reviewed_by"]),
        on=line["date"],
        fields={k: line[k] for k in ("sheet", *needed, *some) if k in line},
    )


def _check_values(line: Mapping[str, Any]) -> None:
    if "row" in line and not _row(line["row"]):
        raise UserError("row must be a whole number from 1.")
    rows = line.get("rows")
    if rows is not None and not (isinstance(rows, list) and rows and all(_row(r) for r in rows)):
        raise UserError("rows must be a list of whole numbers from 1, like [12, 13].")
    hours = line.get("hours")
    number = isinstance(hours, int | float) and not isinstance(hours, bool)
    if hours is not None and not (number and abs(hours) <= MOST_HOURS):
        raise UserError("hours must be a number, like -1 or 0.5.")
    day = line.get("meeting_date")
    if day is not None and (not isinstance(day, date) or isinstance(day, datetime)):
        raise UserError("meeting_date must be a day like 2026-11-27, without quotes.")
    if "wave" in line and line["wave"] not in [w.value for w in WaveKind]:
        raise UserError(f"wave must be one of {', '.join(w.value for w in WaveKind)}.")
    if "session" in line and not _row(line["session"]):
        raise UserError("session must be a whole number from 1.")


def _row(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def correct_document(document: Document, corrections: Sequence[Correction]) -> tuple[Document, list[Applied]]:
    """The document with its cells and headings corrected, before any reader sees it."""
    told: list[Applied] = []
    tables = list(document.tables)
    renamed: dict[tuple[int, int], dict[int, str]] = {}
    for c in corrections:
        if c.kind not in ("cell", "heading"):
            continue
        place = _column(tables, c)
        if place is None:
            told.append(_failed(c, f"no column '{c.fields['column']}' was found"))
            continue
        table, heading, column = place
        if c.kind == "heading":
            renamed.setdefault((table, heading), {})[column] = str(c.fields["becomes"])
            was = tables[table].rows[heading][column]
            told.append(Applied(c, tables[table].sheet, heading + 1, was, was, str(c.fields["becomes"])))
            continue
        row = int(c.fields["row"]) - 1
        cells = tables[table].rows[row] if row < len(tables[table].rows) else ()
        stands = cells[column].strip() if column < len(cells) else ""
        if row <= heading or stands != str(c.fields["was"]).strip():
            why = "is above the headings" if row <= heading else f"says '{stands[:60]}', not '{c.fields['was']}'"
            told.append(_failed(c, f"the cell {why}", row + 1, tables[table].sheet))
            continue
        longer = [*cells, *[""] * (column + 1 - len(cells))]
        longer[column] = str(c.fields["becomes"])
        tables[table] = _with_row(tables[table], row, tuple(longer))
        told.append(Applied(c, tables[table].sheet, row + 1, str(c.fields["column"]), stands, longer[column]))
    # All headings at once, by what stood there: two columns can change places.
    for (table, heading), names in renamed.items():
        cells = tuple(names.get(i, cell) for i, cell in enumerate(tables[table].rows[heading]))
        tables[table] = _with_row(tables[table], heading, cells)
    return replace(document, tables=tuple(tables)), told


def correct_parsed(parsed: Parsed, corrections: Iterable[Correction]) -> list[Applied]:
    """Correct what was read: rows left out, times, moments and sessions. `parsed` is changed; its account balances."""
    told: list[Applied] = []
    for c in corrections:
        if c.kind == "leave_out":
            told += _leave_out(parsed, c)
        elif c.kind == "time":
            told.append(_shift(parsed, c))
        elif c.kind == "place":
            told.append(_place(parsed, c))
    return told


def place_of(corrections: Iterable[Correction]) -> tuple[str, str]:
    """Network and cohort that corrections give to a file; '' where they give none. The last one holds."""
    network, cohort = "", ""
    for c in corrections:
        network = str(c.fields.get("network", network))
        cohort = str(c.fields.get("cohort", cohort))
    return network, cohort


def _column(tables: Sequence[Table], c: Correction) -> tuple[int, int, int] | None:
    """Table, heading row and column (from 0) of the first heading that a correction names."""
    wanted = fold(str(c.fields["column"]))
    for number, table in enumerate(tables):
        if c.fields.get("sheet", table.sheet) != table.sheet:
            continue
        for row, cells in enumerate(table.head[:SEARCH_ROWS]):
            if wanted in cells:
                return number, row, cells.index(wanted)
    return None


def _with_row(table: Table, row: int, cells: tuple[str, ...]) -> Table:
    return replace(table, rows=(*table.rows[:row], cells, *table.rows[row + 1 :]))


def _failed(c: Correction, why: str, row: int | None = None, sheet: str = "") -> Applied:
    return Applied(c, sheet, row, str(c.fields.get("column", "")), str(c.fields.get("was", "")), why, applied=False)


def _leave_out(parsed: Parsed, c: Correction) -> list[Applied]:
    account = parsed.account
    told = []
    for row in c.fields["rows"]:

        def here(origin: Origin, row: int = row) -> bool:
            return origin.row == row and c.fields.get("sheet", origin.sheet) == origin.sheet

        counted = sum(x.rows for x in parsed.connections if here(x.origin))
        counted += len({s.origin for s in parsed.submissions if here(s.origin)})
        counted += sum(int(r.counted) for r in parsed.registrations if here(r.origin))
        counted += sum(here(r.origin) for r in parsed.table)
        held = sum(here(q.origin) for q in account.quarantined)
        if not counted and not held:
            told.append(_failed(c, f"row {row} is no row of data", row))
            continue
        parsed.connections = tuple(x for x in parsed.connections if not here(x.origin))
        parsed.submissions = tuple(s for s in parsed.submissions if not here(s.origin))
        parsed.registrations = tuple(r for r in parsed.registrations if not here(r.origin))
        parsed.table = tuple(r for r in parsed.table if not here(r.origin))
        account.quarantined[:] = [q for q in account.quarantined if not here(q.origin)]
        account.issues[:] = [i for i in account.issues if i.row != row or c.fields.get("sheet", i.sheet) != i.sheet]
        account.loaded -= counted
        account.ignore(RULE, counted + held)
        told.append(Applied(c, str(c.fields.get("sheet", "")), row, "", "a row", RULE))
    return told


def _shift(parsed: Parsed, c: Correction) -> Applied:
    """Move every time of the file: by hours, or so that its meeting begins on the day given."""
    starts = [x.join for x in parsed.connections]
    if "meeting_date" in c.fields:
        if len({x.meeting_key for x in parsed.connections}) != 1:
            return _failed(c, "the file does not hold exactly one meeting")
        by = timedelta(days=(c.fields["meeting_date"] - min(starts).date()).days)
    else:
        by = timedelta(0)
    by += timedelta(hours=float(c.fields.get("hours", 0)))
    if not starts and not parsed.submissions:
        return _failed(c, "the file holds no times of meetings or answers")

    first = min([*starts, *(s.submitted for s in parsed.submissions if s.submitted is not None)], default=None)

    def moved(moment: datetime | None) -> datetime | None:
        return moment + by if moment is not None else None

    parsed.connections = tuple(replace(x, join=x.join + by, leave=x.leave + by) for x in parsed.connections)
    parsed.meetings = tuple(replace(m, start=moved(m.start), end=moved(m.end)) for m in parsed.meetings)
    parsed.submissions = tuple(
        replace(s, started=moved(s.started), submitted=moved(s.submitted)) for s in parsed.submissions
    )
    was, became = (f"from {m:%Y-%m-%d %H:%M}" if m else "" for m in (first, moved(first)))
    return Applied(c, "", None, "every time", was, became)


def _place(parsed: Parsed, c: Correction) -> Applied:
    """Say when the answers were given and of which session; network and cohort are taken up when the file is loaded."""
    said = {k: c.fields[k] for k in ("network", "cohort", "session", "wave") if k in c.fields}
    if ("session" in said or "wave" in said) and not parsed.submissions:
        return _failed(c, "the file holds no answers, so it has no session or wave of its own")
    if "wave" in said:
        wave = WaveKind(said["wave"])
        parsed.submissions = tuple(replace(s, wave=wave) for s in parsed.submissions)
    if "session" in said:
        number = str(said["session"])
        parsed.submissions = tuple(replace(s, fields={**s.fields, "session_no": number}) for s in parsed.submissions)
    words = "; ".join(f"{k} is {v}" for k, v in said.items())
    return Applied(c, "", None, "the whole file", "as the file says", words)
