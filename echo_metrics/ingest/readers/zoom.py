"""Zoom meeting participants report: any mix of block and flat form, heading generation and known language."""

from __future__ import annotations

import re
from datetime import datetime

from echo_metrics.errors import FileRefused
from echo_metrics.ingest.dates import date_order, parse_moment
from echo_metrics.ingest.readers.base import (
    SEARCH_ROWS,
    Context,
    Match,
    ignore_above,
    ignore_other_sheets,
    new_account,
)
from echo_metrics.ingest.records import (
    Account,
    Column,
    Connection,
    Issue,
    Meeting,
    Origin,
    Parsed,
    Quarantined,
)
from echo_metrics.ingest.source import Document, Table
from echo_metrics.text import fold

FORMAT = "zoom"

# Heading names by role, folded: English generations, then Spanish, Portuguese and Japanese exports.
_HEADINGS: dict[str, frozenset[str]] = {
    "name": frozenset(
        {
            "name original name",
            "name",
            "user name",
            "nombre nombre original",
            "nome nome original",
            "名前 元の名前",
        }
    ),
    "email": frozenset(
        {
            "user email",
            "email",
            "e mail del usuario",
            "correo electronico",
            "e mail",
            "ユーザーメール",
            "メール",
        }
    ),
    "join": frozenset(
        {
            "join time",
            "hora para unirse",
            "hora de entrada",
            "ingressar na hora",
            "hora de ingresso",
            "参加時刻",
        }
    ),
    "leave": frozenset({"leave time", "hora para salir", "hora de salida", "hora de saida", "退出時刻"}),
    "duration": frozenset({"duration minutes", "duracion minutos", "duracao minutos", "所要時間 分"}),
    "guest": frozenset({"guest", "invitado", "convidado", "ゲスト"}),
    "consent": frozenset(
        {
            "recording consent",
            "recording disclaimer response",
            "consent",
            "respuesta al descargo de responsabilidad relativa a la grabacion",
        }
    ),
    "waiting": frozenset({"in waiting room", "en sala de espera"}),
}
_TOTALS = frozenset({"total duration minutes", "duracion total minutos"})
_BLOCK_MARKS = frozenset({"meeting id", "topic", "id", "host", "participants"})
_NOT_A_NAME = re.compile(r"^(she|he|they|her|him|them|hers|his|theirs)\b", re.IGNORECASE)


def recognise(document: Document, context: Context) -> Match | None:
    """Claim a table that has a name column and join and leave times under Zoom's headings."""
    for index, table in enumerate(document.tables):
        for number, cells in table.numbered():
            if number > SEARCH_ROWS:
                break
            roles = _roles(cells)
            if {"name", "join", "leave"} <= roles.keys() and (
                "duration" in roles or any("name original" in fold(c) or "元の名前" in fold(c) for c in cells)
            ):
                block = _block_row(table, number)
                form = "participants, meeting block" if block else "participants, flat"
                return Match(0.95, form, number, "name, join and leave time under Zoom's headings", index)
            if "name" in roles and {fold(c) for c in cells} & _TOTALS:
                return Match(0.9, "unique users, totals only", number, "name and total duration, no times", index)
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read connections. Raises `FileRefused` for the totals-only form, which holds no join and leave times."""
    table = document.tables[match.table]
    header_row = match.header_row or 1
    if match.variant.startswith("unique users"):
        raise FileRefused(
            document.name,
            "is Zoom's list of unique users, which has no join and leave times.",
            "Export the report again with 'Show unique users' unticked.",
        )
    headings = table.rows[header_row - 1]
    roles = _roles(headings)
    account = new_account(document.tables)
    ignore_other_sheets(account, document, match.table)
    block_row = _block_row(table, header_row)
    ignore_above(account, table, header_row, (block_row, block_row + 1) if block_row else ())
    block = _block(table, block_row) if block_row else {}
    order = _order(table, header_row, roles, block, account, context)
    meeting = Meeting(
        key=f"zoom:{block.get('id', '')}:{block.get('start', '')}" if block else f"zoom:file:{document.sha256[:16]}",
        platform="zoom",
        platform_id=block.get("id", ""),
        topic=block.get("topic", ""),
        start=parse_moment(block.get("start", ""), order),
        end=parse_moment(block.get("end", ""), order),
    )
    connections = tuple(_connections(table, header_row, roles, order, meeting.key, account))
    return Parsed(
        format=FORMAT,
        variant=match.variant,
        header_row=header_row,
        account=account,
        columns=tuple(
            Column(i, h, next((r for r, place in roles.items() if place == i), "not used"), 1.0)
            for i, h in enumerate(headings)
        ),
        date_order=order,
        meetings=(meeting,),
        connections=connections,
    )


def split_name(shown: str) -> tuple[str, str]:
    """Split `New name (Original Name)` into both; brackets with pronouns are no original name."""
    found = re.match(r"^(.*?)\s*[(（]([^()（）]+)[)）]\s*$", shown.strip())
    if found is None or _NOT_A_NAME.match(found.group(2).strip()):
        return shown.strip(), ""
    return found.group(1).strip(), found.group(2).strip()


def _roles(cells: tuple[str, ...]) -> dict[str, int]:
    roles: dict[str, int] = {}
    for place, cell in enumerate(cells):
        folded = fold(cell)
        for role, names in _HEADINGS.items():
            if folded in names and role not in roles:
                roles[role] = place
    return roles


def _block_row(table: Table, header_row: int) -> int | None:
    for number, cells in table.numbered():
        if number >= header_row:
            return None
        if len({fold(c) for c in cells} & _BLOCK_MARKS) >= 2 and number + 1 < header_row:
            return number
    return None


def _block(table: Table, row: int) -> dict[str, str]:
    """Read the meeting block. A topic with unquoted commas makes its row longer than the heading: it is joined."""
    headings = [fold(c) for c in table.rows[row - 1]]
    while headings and not headings[-1]:
        headings.pop()
    values = list(table.rows[row])
    surplus = len([v for v in values if v.strip()]) - len(headings)
    if surplus > 0 and "topic" in headings:
        at = headings.index("topic")
        values[at : at + surplus + 1] = [",".join(values[at : at + surplus + 1])]
    named = dict(zip(headings, (v.strip() for v in values), strict=False))
    return {
        "id": re.sub(r"\D", "", named.get("meeting id", named.get("id", ""))),
        "topic": named.get("topic", ""),
        "start": named.get("start time", ""),
        "end": named.get("end time", ""),
    }


def _order(
    table: Table,
    header_row: int,
    roles: dict[str, int],
    block: dict[str, str],
    account: Account,
    context: Context,
) -> str:
    times = [block.get("start", ""), block.get("end", "")]
    for _, cells in table.numbered(header_row + 1):
        times += [cells[roles[r]] for r in ("join", "leave") if roles[r] < len(cells)]
    order = date_order(t for t in times if t.strip())
    if not order:
        order = _order_by_calendar(times, context)
    if not order:
        order = context.default_order
        words = "month first" if order == "mdy" else "day first"
        account.issues.append(
            Issue(
                "date_order_assumed",
                f"No date in this file shows whether day or month comes first; {words} was assumed, the hub's custom.",
                severity="note",
            )
        )
    return order


def _order_by_calendar(times: list[str], context: Context) -> str:
    """The one reading of the file's dates that falls on a scheduled session, or ''."""
    fitting = [
        order
        for order in ("mdy", "dmy")
        if any(m is not None and m.date() in context.session_days for m in (parse_moment(t, order) for t in times if t))
    ]
    return fitting[0] if len(fitting) == 1 else ""


def _connections(
    table: Table, header_row: int, roles: dict[str, int], order: str, meeting_key: str, account: Account
) -> list[Connection]:
    found = []
    for number, cells in table.numbered(header_row + 1):
        if not any(c.strip() for c in cells):
            account.ignore("blank row")
            continue
        outcome = _connection(Origin(table.sheet, number), cells, roles, order, meeting_key)
        if isinstance(outcome, Quarantined):
            account.quarantined.append(outcome)
        else:
            account.loaded += 1
            found.append(outcome)
    return found


def _connection(
    origin: Origin, cells: tuple[str, ...], roles: dict[str, int], order: str, meeting_key: str
) -> Connection | Quarantined:
    def cell(role: str) -> str:
        place = roles.get(role)
        return cells[place].strip() if place is not None and place < len(cells) else ""

    times: dict[str, datetime] = {}
    for role in ("join", "leave"):
        moment = parse_moment(cell(role), order)
        if moment is None:
            message = f"The {role} time '{cell(role)[:40]}' can't be read as a date and time."
            return Quarantined(origin, f"{role} time", f"unreadable_{role}_time", message, cells)
        times[role] = moment
    if times["leave"] < times["join"]:
        return Quarantined(origin, "leave time", "leaves_before_joining", "The person leaves before joining.", cells)
    if not cell("name") and not cell("email"):
        return Quarantined(origin, "name", "nobody", "The row names nobody: name and e-mail are blank.", cells)
    display, original = split_name(cell("name"))
    minutes = re.match(r"^\d+(?:[.,]\d+)?$", cell("duration"))
    return Connection(
        origin=origin,
        meeting_key=meeting_key,
        display_name=display,
        original_name=original,
        email=cell("email"),
        join=times["join"],
        leave=times["leave"],
        minutes_reported=float(minutes.group(0).replace(",", ".")) if minutes else None,
        guest=cell("guest"),
    )
