"""Google Meet attendance: times without a date, or durations alone; the day stands in a block or in the file's name."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from echo_metrics.errors import FileRefused
from echo_metrics.ingest.dates import parse_clock, parse_moment
from echo_metrics.ingest.durations import parse_minutes
from echo_metrics.ingest.readers.attendance import (
    Layout,
    connection_of,
    data_columns,
    day_in_name,
    day_span,
    order_of,
    shown_columns,
    take,
    total_of,
)
from echo_metrics.ingest.readers.base import Context, Match, ignore_above, ignore_other_sheets, new_account
from echo_metrics.ingest.records import Account, Connection, Issue, Meeting, Origin, Parsed
from echo_metrics.ingest.source import Document, Table
from echo_metrics.text import fold

FORMAT = "google_meet"

_HEADINGS = {
    "first name": "first",
    "last name": "last",
    "name": "name",
    "email": "email",
    "duration": "duration",
    "time joined": "join",
    "time exited": "leave",
}
_BLOCK = {"meeting title": "title", "meeting code": "code", "date": "date", "start time": "start", "end time": "end"}


def recognise(document: Document, context: Context) -> Match | None:
    """Claim Meet's headings: with times joined and exited, or exactly name, e-mail and duration."""
    for index, table in enumerate(document.tables):
        for number, cells in enumerate(table.head, 1):
            held = {c for c in cells if c}
            if {"time joined", "time exited"} <= held and held & {"name", "first name"}:
                return Match(0.96, "joined and exited", number, "time joined and time exited", index)
            named = held & {"name", "first name"}
            if named and {"email", "duration"} <= held and held <= _HEADINGS.keys():
                return Match(0.75, "durations only", number, "name, e-mail and duration, nothing else", index)
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read stays, or durations. Raises `FileRefused` where neither block nor name tells the day."""
    table = document.tables[match.table]
    header_row = match.header_row or 1
    headings = table.rows[header_row - 1]
    roles: dict[str, int] = {}
    for place, heading in enumerate(headings):
        role = _HEADINGS.get(fold(heading[:80]))
        if role is not None:
            roles.setdefault(role, place)
    account = new_account(document.tables)
    ignore_other_sheets(account, document, match.table)
    block, block_rows = _block(table, header_row)
    ignore_above(account, table, header_row, block_rows)
    times = data_columns(table, header_row, [roles[r] for r in ("join", "leave") if r in roles])
    order = order_of([block.get("date", ""), block.get("start", ""), *times], account, context)
    day = _day(document, block, order, account)
    dated = any(parse_moment(t, order) is not None for t in times)
    if day is None and not dated:
        raise FileRefused(
            document.name,
            "is a Google Meet attendance list whose times have no date.",
            "Write the meeting's day into the file's name (2024-03-25), or add a line 'Date' above the list.",
        )
    layout = Layout(roles, order, day)
    totals = match.variant == "durations only"
    durations = data_columns(table, header_row, [roles["duration"]] if "duration" in roles else [])
    start, end = _span(block, day, order, context, max((parse_minutes(d) or 0 for d in durations), default=0))
    title = block.get("title", "")
    key = (
        f"meet:{block.get('code') or fold(title)}:{day}"
        if title or block.get("code")
        else f"meet:{document.sha256[:16]}"
    )
    # A meeting whose times nobody stated lasts from the first join to the last exit, which loading sees.
    stated = totals or bool(block.get("start"))
    meeting = Meeting(key, "meet", block.get("code", ""), title, start if stated else None, end if stated else None)
    found: list[Connection] = []
    for number, cells in table.numbered(header_row + 1):
        origin = Origin(table.sheet, number)
        if not any(c.strip() for c in cells):
            account.ignore("blank row")
        elif totals and start is not None:
            take(total_of(origin, cells, layout, key, start, end), account, found)
        else:
            take(connection_of(origin, cells, layout, key, rename=False), account, found)
    return Parsed(
        format=FORMAT,
        variant=match.variant,
        header_row=header_row,
        account=account,
        columns=shown_columns(headings, roles),
        date_order=order,
        meetings=(meeting,),
        connections=tuple(found),
    )


def _block(table: Table, header_row: int) -> tuple[dict[str, str], list[int]]:
    """The block above: headings over values, or a key and its value a row."""
    values: dict[str, str] = {}
    rows: list[int] = []
    for number in range(1, header_row):
        folded, cells = table.head[number - 1], table.rows[number - 1]
        keys = [_BLOCK[f] for f in folded if f in _BLOCK]
        if len(keys) >= 2 and number + 1 < header_row:
            below = table.rows[number]
            values |= {_BLOCK[f]: below[i].strip() for i, f in enumerate(folded) if f in _BLOCK and i < len(below)}
            rows += [number, number + 1]
        elif len(keys) == 1 and folded[0] in _BLOCK and len(cells) > 1 and number not in rows:
            values[_BLOCK[folded[0]]] = cells[1].strip()
            rows.append(number)
    return values, rows


def _day(document: Document, block: dict[str, str], order: str, account: Account) -> date | None:
    for text in (block.get("date", ""), block.get("start", "")):
        moment = parse_moment(text, order)
        if moment is not None:
            return moment.date()
    day = day_in_name(document.name)
    if day is not None:
        account.issues.append(
            Issue("day_from_name", f"The list holds no date; {day} was taken from the file's name.", severity="note")
        )
    return day


def _span(
    block: dict[str, str], day: date | None, order: str, context: Context, minutes: float
) -> tuple[datetime | None, datetime | None]:
    if day is None:
        return None, None
    start, end = (_moment(block.get(k, ""), day, order) for k in ("start", "end"))
    if start is None:
        return day_span(day, context, minutes)
    if end is None or end < start:
        end = end + timedelta(days=1) if end is not None else start + timedelta(minutes=max(minutes, 1))
    return start, end


def _moment(text: str, day: date, order: str) -> datetime | None:
    clock = parse_clock(text)
    return datetime.combine(day, clock) if clock is not None else parse_moment(text, order)
