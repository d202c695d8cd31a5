"""Any other table of joins and leaves (Webex, BigBlueButton, a list kept by hand): known by its headings' words."""

from __future__ import annotations

from echo_metrics.ingest.readers.attendance import (
    Layout,
    connection_of,
    data_columns,
    day_in_name,
    order_of,
    shown_columns,
    take,
)
from echo_metrics.ingest.readers.base import Context, Match, ignore_above, ignore_other_sheets, new_account
from echo_metrics.ingest.records import Connection, Issue, Meeting, Origin, Parsed
from echo_metrics.ingest.source import Document
from echo_metrics.text import fold

FORMAT = "attendance"

_HEADINGS: dict[str, frozenset[str]] = {
    "name": frozenset(
        {"name", "full name", "participant", "participant name", "attendee", "attendee name", "display name",
         "user name", "user"}
    ),
    "first": frozenset({"first name", "given name"}),
    "last": frozenset({"last name", "surname", "family name"}),
    "email": frozenset({"email", "e mail", "email address", "user email", "attendee email", "participant email"}),
    "join": frozenset(
        {"join time", "joined", "joined at", "join", "time joined", "entry time", "entered", "arrival", "check in",
         "login time", "join date time", "sign in time"}
    ),
    "leave": frozenset(
        {"leave time", "left", "left at", "leave", "time left", "exit time", "exited", "departure", "check out",
         "logout time", "leave date time", "sign out time"}
    ),
    "duration": frozenset(
        {"duration", "attendance duration", "duration minutes", "minutes", "time in meeting",
         "attendance duration minutes"}
    ),
}  # fmt: skip


def recognise(document: Document, context: Context) -> Match | None:
    """Claim a table with a name and a time of joining and leaving in plain words; surer readers go first."""
    for index, table in enumerate(document.tables):
        for number, cells in enumerate(table.head, 1):
            roles = _roles(cells)
            named = roles.keys() & {"name", "first", "email"}
            if named and {"join", "leave"} <= roles.keys():
                return Match(0.6, "joins and leaves", number, "a name, a time of joining and one of leaving", index)
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read each row as one stay of one meeting; times without a date need the day in the file's name."""
    table = document.tables[match.table]
    header_row = match.header_row or 1
    headings = table.rows[header_row - 1]
    roles = _roles([fold(h[:80]) for h in headings])
    account = new_account(document.tables)
    ignore_other_sheets(account, document, match.table)
    ignore_above(account, table, header_row)
    order = order_of(data_columns(table, header_row, (roles["join"], roles["leave"])), account, context)
    layout = Layout(roles, order, day_in_name(document.name))
    meeting = Meeting(f"attendance:{document.sha256[:16]}", "", "", "", None, None)
    found: list[Connection] = []
    for number, cells in table.numbered(header_row + 1):
        if not any(c.strip() for c in cells):
            account.ignore("blank row")
        else:
            take(connection_of(Origin(table.sheet, number), cells, layout, meeting.key), account, found)
    account.issues.append(
        Issue(
            "columns_guessed",
            "No tool is known that writes this report: its columns were taken by their headings.",
            severity="note",
        )
    )
    return Parsed(
        format=FORMAT,
        variant=match.variant,
        header_row=header_row,
        account=account,
        columns=shown_columns(headings, roles, 0.6),
        date_order=order,
        meetings=(meeting,),
        connections=tuple(found),
    )


def _roles(folded: tuple[str, ...] | list[str]) -> dict[str, int]:
    roles: dict[str, int] = {}
    for place, heading in enumerate(folded):
        for role, names in _HEADINGS.items():
            if heading in names:
                roles.setdefault(role, place)
    return roles
