"""iECHO organisation export: people of a hub and, where the export has them, their session attendance.

Only the columns of the people part are documented; the rest is taken by the words a hub sees on the screen, and what
cannot be placed is kept in quarantine with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from echo_metrics.ingest.dates import parse_aware
from echo_metrics.ingest.durations import parse_minutes
from echo_metrics.ingest.readers.attendance import Layout, data_columns, order_of, shown_columns
from echo_metrics.ingest.readers.base import Context, Match, ignore_above, ignore_other_sheets, new_account
from echo_metrics.ingest.records import (
    Account,
    Connection,
    Issue,
    Meeting,
    Origin,
    Parsed,
    Quarantined,
    Registration,
)
from echo_metrics.ingest.source import Document
from echo_metrics.text import fold

FORMAT = "iecho"

_HEADINGS: dict[str, frozenset[str]] = {
    "hub": frozenset({"hub name"}),
    "first": frozenset({"first name"}),
    "last": frozenset({"last name"}),
    "email": frozenset({"email", "email address"}),
    "status": frozenset({"status"}),
    "title": frozenset({"title"}),
    "expertise": frozenset({"areas of expertise", "area of expertise"}),
    "qualifications": frozenset({"academic qualifications"}),
    "country": frozenset({"country"}),
    "role": frozenset({"role", "user role", "participant role"}),
    "programme": frozenset({"program name", "programme name", "program", "programme"}),
    "group": frozenset({"participant group", "participant group name", "cohort", "cohort name"}),
    "session": frozenset({"session name", "session title", "session"}),
    "session_id": frozenset({"session id"}),
    "start": frozenset(
        {"session date", "session start", "session start time", "session date time", "session start date"}
    ),
    "minutes": frozenset({"session duration", "session duration minutes", "duration", "duration minutes"}),
    "attended": frozenset({"attended", "attendance", "attendance status", "session attendance"}),
    "marked_by": frozenset({"attendance marked by"}),
    "adjusted": frozenset({"adjusted"}),
}
_OF_HUB = frozenset({"total sessions conducted", "launch date", "number of participants"})
_HUB_TEAM = frozenset(
    {"org team", "organising team", "organizing team", "sme", "subject matter expert", "org team member"}
)
_YES = frozenset({"yes", "y", "true", "1", "present", "attended"})
_NO = frozenset({"no", "n", "false", "0", "absent", "not attended", ""})
_SESSION_MINUTES = 60
"""How long a session is taken to be where the export does not say; marks have no minutes in any case."""


def recognise(document: Document, context: Context) -> Match | None:
    """Claim a table with the hub's name beside people, or with iECHO's attendance marks."""
    for index, table in enumerate(document.tables):
        for number, cells in enumerate(table.head, 1):
            held = set(cells)
            person = held & {"first name", "email"}
            marks = {"attendance marked by", "adjusted"} <= held
            if person and "hub name" in held and ("status" in held or held & _OF_HUB or held & _HEADINGS["attended"]):
                variant = "organisation export, attendance" if _attendance(cells) else "organisation export, people"
                return Match(0.96, variant, number, "hub name beside people", index)
            if person and marks and _attendance(cells):
                return Match(0.95, "organisation export, attendance", number, "attendance marks", index)
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read people as enrolled, marks as attendance without minutes. Who was only invited is left out by rule."""
    table = document.tables[match.table]
    header_row = match.header_row or 1
    headings = table.rows[header_row - 1]
    roles = _roles([fold(h[:80]) for h in headings])
    account = new_account(document.tables)
    ignore_other_sheets(account, document, match.table)
    ignore_above(account, table, header_row)
    order = order_of(data_columns(table, header_row, [roles["start"]] if "start" in roles else []), account, context)
    layout = Layout(roles, order)
    found = _Found()
    for number, cells in table.numbered(header_row + 1):
        if not any(c.strip() for c in cells):
            account.ignore("blank row")
        else:
            _read_row(Origin(table.sheet, number), cells, layout, account, found)
    if found.adjusted:
        account.issues.append(
            Issue("adjusted_by_hand", f"{found.adjusted} attendance marks were set or corrected by hand in iECHO.")
        )
    if any(fold(h[:80]) == "number of participants" for h in headings):
        account.issues.append(
            Issue(
                "not_a_reach_figure",
                "'Number of Participants' counts invited people and organisers too; it was not used.",
                column="Number of Participants",
                severity="note",
            )
        )
    return Parsed(
        format=FORMAT,
        variant=match.variant,
        header_row=header_row,
        account=account,
        columns=shown_columns(headings, roles),
        date_order=order if "start" in roles else "",
        meetings=tuple(found.meetings.values()),
        connections=tuple(found.connections),
        registrations=tuple(found.registrations.values()),
    )


class _Found:
    """What the export yields while it is read."""

    def __init__(self) -> None:
        self.meetings: dict[str, Meeting] = {}
        self.connections: list[Connection] = []
        self.registrations: dict[str, Registration] = {}
        self.adjusted = 0


def _read_row(origin: Origin, cells: tuple[str, ...], layout: Layout, account: Account, found: _Found) -> None:
    name = f"{layout.cell(cells, 'first')} {layout.cell(cells, 'last')}".strip()
    email = layout.cell(cells, "email")
    if not name and not email:
        account.quarantined.append(Quarantined(origin, "Email", "nobody", "The row names nobody.", cells))
        return
    hand = fold(layout.cell(cells, "adjusted")) in _YES or layout.cell(cells, "marked_by") != ""
    attended = fold(layout.cell(cells, "attended"))
    known = email.casefold() or fold(name)
    invited = fold(layout.cell(cells, "status")) == "invited"
    if "attended" in layout.roles and attended in _YES:
        outcome = _mark(origin, cells, layout, name, email, found)
        if isinstance(outcome, Quarantined):
            account.quarantined.append(outcome)
            return
        found.connections.append(outcome)
        found.adjusted += hand
        account.loaded += 1
        if not invited:
            found.registrations.setdefault(known, _registration(origin, cells, layout, counted=False))
    elif "attended" in layout.roles and attended not in _NO:
        message = f"'{attended[:40]}' says neither that the person was there nor that not."
        account.quarantined.append(Quarantined(origin, "Attended", "unknown_mark", message, cells))
    elif invited:
        account.ignore("invited only")
    elif known in found.registrations:
        account.ignore("registered twice")
        found.adjusted += hand and "attended" in layout.roles
    else:
        found.registrations[known] = _registration(origin, cells, layout, counted=True)
        found.adjusted += hand and "attended" in layout.roles
        account.loaded += 1


def _mark(
    origin: Origin, cells: tuple[str, ...], layout: Layout, name: str, email: str, found: _Found
) -> Connection | Quarantined:
    """A mark that somebody was there. The session needs its date: without one it could be any."""
    text = layout.cell(cells, "start")
    start = parse_aware(text, layout.order)
    if start is None:
        message = f"The session's date '{text[:40]}' can't be read, so the mark belongs to no session."
        return Quarantined(origin, "Session Date", "unreadable_date", message, cells)
    minutes = parse_minutes(layout.cell(cells, "minutes")) or _SESSION_MINUTES
    topic = " - ".join(p for r in ("programme", "session") if (p := layout.cell(cells, r)))
    end = _end(start, minutes)
    number = layout.cell(cells, "session_id")
    key = f"iecho:{number or fold(topic)}:{start.isoformat()}"
    found.meetings.setdefault(key, Meeting(key, "iecho", number, topic, start, end))
    return Connection(
        origin=origin,
        meeting_key=key,
        display_name=name or email,
        original_name="",
        email=email,
        join=start,
        leave=end,
        minutes_reported=None,
        guest="",
        origin_kind="iecho",
    )


def _end(start: datetime, minutes: float) -> datetime:
    """A session of which only the day is known lasts all day, so that it meets what is scheduled then."""
    whole_day = (start.hour, start.minute) == (0, 0)
    return start + (timedelta(days=1) - timedelta(seconds=1) if whole_day else timedelta(minutes=minutes))


def _registration(origin: Origin, cells: tuple[str, ...], layout: Layout, counted: bool) -> Registration:
    return Registration(
        origin=origin,
        first_name=layout.cell(cells, "first"),
        last_name=layout.cell(cells, "last"),
        email=layout.cell(cells, "email"),
        registered=None,
        approved=True,
        discipline=layout.cell(cells, "title"),
        organisation="",
        setting="",
        hub_team=fold(layout.cell(cells, "role")) in _HUB_TEAM,
        counted=counted,
    )


def _roles(folded: Sequence[str]) -> dict[str, int]:
    roles: dict[str, int] = {}
    for place, heading in enumerate(folded):
        for role, names in _HEADINGS.items():
            if heading in names:
                roles.setdefault(role, place)
    return roles


def _attendance(folded: Sequence[str]) -> bool:
    return {"attended", "start"} <= _roles(folded).keys()
