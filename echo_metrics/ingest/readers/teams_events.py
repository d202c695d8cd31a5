"""Microsoft Teams' oldest attendance list (2020-21): one row a join or leave, several meetings in one file."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from echo_metrics.ingest.dates import parse_aware
from echo_metrics.ingest.readers.attendance import order_of, shown_columns
from echo_metrics.ingest.readers.base import Context, Match, ignore_above, ignore_other_sheets, new_account
from echo_metrics.ingest.records import Account, Connection, Issue, Meeting, Origin, Parsed, Quarantined
from echo_metrics.ingest.source import Document, Table
from echo_metrics.text import fold

FORMAT = "teams"

_NAMES = frozenset({"full name", "vollstandiger name", "nome completo", "nombre completo", "nom complet"})
_ACTIONS = frozenset(
    {"user action", "benutzeraktion", "acao do usuario", "accion de usuario", "action de l utilisateur"}
)
_JOINED = frozenset(
    {"joined", "joined before", "beigetreten", "zuvor beigetreten", "bereits zuvor beigetreten", "ingressou", "entrou",
     "se unio", "unido", "a rejoint", "rejoint", "dolaczono", "dołaczono", "dolaczyl", "dołaczył"}
)  # fmt: skip
_LEFT = frozenset(
    {"left", "verlassen", "hat verlassen", "saiu", "se fue", "salio", "a quitte", "parti", "opuszczono", "opuscil"}
)
_QUIET = timedelta(minutes=30)
"""When nobody was there for so long, what comes after is another meeting."""


@dataclass(frozen=True)
class _Event:
    """One row: who did what, when."""

    row: int
    name: str
    joined: bool
    at: datetime


def recognise(document: Document, context: Context) -> Match | None:
    """Claim a table of name, action and time; the heading may be absent, then the actions tell."""
    for index, table in enumerate(document.tables):
        for number, cells in enumerate(table.head, 1):
            if len(cells) >= 3 and _NAMES & {cells[0]} and _ACTIONS & {cells[1]}:
                return Match(0.97, "event log (2020-21)", number, "full name, user action, time", index)
        rows = [r for r in table.head if any(r)]
        events = [r for r in rows if len(r) >= 3 and r[1] in _JOINED | _LEFT]
        if events and len(events) >= 0.8 * len(rows):
            return Match(0.9, "event log (2020-21), no heading", None, "a name, joined or left, and a time", index)
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read stays from join to leave. Who never left was there until the meeting's last event."""
    table = document.tables[match.table]
    account = new_account(document.tables)
    ignore_other_sheets(account, document, match.table)
    first = (match.header_row or 0) + 1
    if match.header_row:
        ignore_above(account, table, match.header_row)
    order = order_of((c[2] for _, c in table.numbered(first) if len(c) > 2), account, context)
    events = _events(table, first, order, account)
    meetings: list[Meeting] = []
    connections: list[Connection] = []
    for group in _meetings(events):
        start, end = group[0].at, max(e.at for e in group)
        key = f"teams:{document.sha256[:16]}:{start.isoformat()}"
        meetings.append(Meeting(key, "teams", "", "", start, end))
        connections += _stays(group, end, key, table, account)
    if len(meetings) > 1:
        account.issues.append(
            Issue(
                "several_meetings",
                f"Nobody was there for half an hour in between, so this list was read as {len(meetings)} meetings.",
                severity="note",
            )
        )
    headings = table.rows[match.header_row - 1] if match.header_row else ("Full Name", "User Action", "Timestamp")
    return Parsed(
        format=FORMAT,
        variant=match.variant,
        header_row=match.header_row,
        account=account,
        columns=shown_columns(headings, {"name": 0, "action": 1, "time": 2}),
        date_order=order,
        meetings=tuple(meetings),
        connections=tuple(connections),
    )


def _events(table: Table, first: int, order: str, account: Account) -> list[_Event]:
    events = []
    for number, cells in table.numbered(first):
        if not any(c.strip() for c in cells):
            account.ignore("blank row")
            continue
        origin = Origin(table.sheet, number)
        action = fold(cells[1][:60]) if len(cells) > 1 else ""
        at = parse_aware(cells[2], order) if len(cells) > 2 else None
        if action in _ACTIONS:
            account.ignore("heading")
        elif action not in _JOINED | _LEFT:
            account.quarantined.append(
                Quarantined(origin, "User Action", "unknown_action", f"'{action[:40]}' is no join or leave.", cells)
            )
        elif at is None:
            shown = cells[2][:40] if len(cells) > 2 else ""
            account.quarantined.append(
                Quarantined(
                    origin, "Timestamp", "unreadable_date", f"'{shown}' can't be read as a date and time.", cells
                )
            )
        elif not cells[0].strip():
            account.quarantined.append(Quarantined(origin, "Full Name", "nobody", "The row names nobody.", cells))
        else:
            events.append(_Event(number, cells[0].strip(), action in _JOINED, at.replace(tzinfo=None)))
    return events


def _meetings(events: list[_Event]) -> list[list[_Event]]:
    """Split where nobody was there for half an hour, or where the day changes with nobody there."""
    ordered = sorted(events, key=lambda e: (e.at, e.row))
    groups: list[list[_Event]] = []
    present: set[str] = set()
    for event in ordered:
        last = groups[-1][-1] if groups else None
        gap = event.at - last.at if last is not None else None
        # Over a night, who never left did not stay: a list without a Left would join two days.
        if gap is None or (not present and gap >= _QUIET) or gap >= timedelta(hours=8):
            groups.append([])
            present.clear()
        groups[-1].append(event)
        (present.add if event.joined else present.discard)(event.name)
    return groups


def _stays(group: list[_Event], end: datetime, key: str, table: Table, account: Account) -> list[Connection]:
    """Pair each join with the person's next leave; a leave without a join is said and kept aside."""
    by_name: dict[str, list[_Event]] = defaultdict(list)
    for event in group:
        by_name[event.name].append(event)
    found = []
    for name, events in by_name.items():
        opened: list[_Event] = []
        for event in events:
            if event.joined:
                opened.append(event)
            elif opened:
                found.append(_stay(table, name, opened, event.at, key, 1))
                opened = []
            else:
                cells = table.rows[event.row - 1]
                origin = Origin(table.sheet, event.row)
                message = f"{name[:40]} leaves without having joined."
                account.quarantined.append(Quarantined(origin, "User Action", "leaves_without_joining", message, cells))
        if opened:
            found.append(_stay(table, name, opened, end, key, 0))
    account.loaded += sum(c.rows for c in found)
    return found


def _stay(table: Table, name: str, opened: list[_Event], leave: datetime, key: str, more: int) -> Connection:
    """One stay, from the first of joins that no leave separates; `more` is the leave's row, if there is one."""
    return Connection(
        origin=Origin(table.sheet, opened[0].row),
        meeting_key=key,
        display_name=name,
        original_name="",
        email="",
        join=opened[0].at,
        leave=max(leave, opened[0].at),
        minutes_reported=None,
        guest="",
        rows=len(opened) + more,
    )
