"""Zoom webinar attendee report: sections for hosts, panelists, attendees and callers, each with its own headings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from echo_metrics.ingest.dates import parse_aware
from echo_metrics.ingest.readers.attendance import Layout, connection_of, order_of, take
from echo_metrics.ingest.readers.base import Context, Match, ignore_other_sheets, new_account
from echo_metrics.ingest.records import Account, Column, Connection, Issue, Meeting, Origin, Parsed, Registration
from echo_metrics.ingest.source import Document, Table
from echo_metrics.text import fold

FORMAT = "zoom_webinar"

_SECTIONS = {
    "host details": "host",
    "panelist details": "panelist",
    "attendee details": "attendee",
    "other attended": "other",
}
_ROLES: dict[str, frozenset[str]] = {
    "attended": frozenset({"attended"}),
    "name": frozenset({"user name original name", "user name", "name original name", "name"}),
    "first": frozenset({"first name"}),
    "last": frozenset({"last name"}),
    "email": frozenset({"email", "user email"}),
    "registered": frozenset({"registration time"}),
    "approval": frozenset({"approval status"}),
    "join": frozenset({"join time"}),
    "leave": frozenset({"leave time"}),
    "duration": frozenset({"time in session minutes", "duration minutes"}),
    "country": frozenset({"country region name", "country region"}),
    "guest": frozenset({"is guest", "guest"}),
}
_NOTHING = frozenset({"", "--", "NA", "N/A", "-"})


@dataclass
class _Found:
    """What the report yields while it is read."""

    connections: list[Connection] = field(default_factory=list)
    registrations: dict[str, Registration] = field(default_factory=dict)
    """By e-mail, else by name: a rejoin repeats the registrant."""


def recognise(document: Document, context: Context) -> Match | None:
    """Claim a report with an attendee section above a heading with attendance and times."""
    for index, table in enumerate(document.tables):
        marks = [(n, cells) for n, cells in enumerate(table.head, 1) if cells]
        titled = any(cells[0] in ("attendee report", "webinar attendee report") for _, cells in marks)
        section = next((n for n, cells in marks if cells[0] in _SECTIONS), None)
        webinar = any("webinar id" in cells for _, cells in marks)
        if section is not None and (titled or webinar):
            return Match(0.98, "attendee report", section + 1, "an attendee report in sections", index)
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read who came as connections and who registered as registrants; people are counted from the rows themselves."""
    table = document.tables[match.table]
    account = new_account(document.tables)
    ignore_other_sheets(account, document, match.table)
    block_at, block = _block(table)
    order = order_of(_times(table, block), account, context)
    start = parse_aware(block.get("start", ""), order)
    number = re.sub(r"\D", "", block.get("id", ""))
    key = f"zoom:{number}:{block.get('start', '')}" if number else f"zoom:file:{document.sha256[:16]}"
    meeting = Meeting(key, "zoom", number, block.get("topic", ""), start, None)
    found, section, layout = _Found(), "", None
    shown: tuple[Column, ...] = ()
    for row, cells in table.numbered():
        title = fold(cells[0][:80]) if cells else ""
        if not any(c.strip() for c in cells):
            account.ignore("blank row")
        elif title in _SECTIONS and not any(c.strip() for c in cells[1:]):
            section, layout = _SECTIONS[title], None
            account.ignore("section heading")
        elif not section:
            account.ignore("meeting block" if row in block_at else "notes above the heading")
        elif layout is None:
            layout = Layout(_roles(cells), order)
            account.ignore("heading")
            if section == "attendee" or not shown:
                shown = _columns(cells, layout, context)
        else:
            _read_row(Origin(table.sheet, row), cells, section, layout, key, context, account, found)
    account.issues.append(
        Issue(
            "webinar_counts",
            "Head counts printed in the report were not used: people were counted from the rows.",
            severity="note",
        )
    )
    return Parsed(
        format=FORMAT,
        variant=match.variant,
        header_row=match.header_row,
        account=account,
        columns=shown,
        date_order=order,
        meetings=(meeting,) if found.connections else (),
        connections=tuple(found.connections),
        registrations=tuple(found.registrations.values()),
    )


def _read_row(
    origin: Origin,
    cells: tuple[str, ...],
    section: str,
    layout: Layout,
    key: str,
    context: Context,
    account: Account,
    found: _Found,
) -> None:
    """One person's row: a stay, a registration without one, or neither."""
    came = layout.cell(cells, "join") not in _NOTHING
    registrant = _registration(origin, cells, section, layout, context)
    if came:
        outcome = connection_of(origin, cells, layout, key)
        take(outcome, account, found.connections)
        if isinstance(outcome, Connection) and registrant is not None:
            known = registrant.email.casefold() or f"{registrant.first_name} {registrant.last_name}".casefold()
            found.registrations.setdefault(known, replace(registrant, counted=False))
        return
    if registrant is None:
        account.ignore("no answers" if section == "attendee" else "section without times")
        return
    known = registrant.email.casefold() or f"{registrant.first_name} {registrant.last_name}".casefold()
    if known in found.registrations:
        account.ignore("registered twice")
        return
    found.registrations[known] = registrant
    account.loaded += 1


def _registration(
    origin: Origin, cells: tuple[str, ...], section: str, layout: Layout, context: Context
) -> Registration | None:
    """The registrant of a row, or None for callers and for attendees who never registered."""
    email = layout.cell(cells, "email")
    email = "" if email in _NOTHING else email
    stated = layout.cell(cells, "registered")
    hub_team = section in ("host", "panelist")
    if section == "other" or not (hub_team or stated not in _NOTHING):
        return None
    first, last = layout.cell(cells, "first"), layout.cell(cells, "last")
    if not first and not last:
        first, _, last = layout.cell(cells, "name").partition("(")[0].strip().rpartition(" ")
    if not email and not last:
        return None

    def custom(name: str) -> str:
        place = layout.roles.get(f"field:{name}")
        return cells[place].replace("\u00a0", " ").strip() if place is not None and place < len(cells) else ""

    layout = _with_fields(layout, context)
    approval = fold(layout.cell(cells, "approval"))
    return Registration(
        origin=origin,
        first_name=first,
        last_name=last,
        email=email,
        registered=parse_aware(stated, layout.order),
        approved=approval in ("approved", "auto approved", "", "na"),
        discipline=custom("discipline"),
        organisation=custom("organisation"),
        setting=custom("setting"),
        hub_team=hub_team,
    )


def _with_fields(layout: Layout, context: Context) -> Layout:
    """The layout with the registration questions that are known fields; `heading:` roles hold the headings."""
    fields: dict[str, int] = {}
    for role, place in layout.roles.items():
        if role.startswith("heading:"):
            known = context.definitions.find_field(role[8:])
            if known is not None:
                fields.setdefault(f"field:{known}", place)
    return replace(layout, roles={**layout.roles, **fields})


def _roles(headings: tuple[str, ...]) -> dict[str, int]:
    roles: dict[str, int] = {}
    for place, heading in enumerate(headings):
        folded = fold(heading[:200])
        role = next((r for r, names in _ROLES.items() if folded in names), f"heading:{heading[:200].strip()}")
        if folded:
            roles.setdefault(role, place)
    return roles


def _columns(headings: tuple[str, ...], layout: Layout, context: Context) -> tuple[Column, ...]:
    by_place = {p: r for r, p in _with_fields(layout, context).roles.items()}
    return tuple(
        Column(i, h, "not used" if (role := by_place.get(i, "")).startswith("heading:") or not role else role, 1.0)
        for i, h in enumerate(headings)
    )


def _block(table: Table) -> tuple[set[int], dict[str, str]]:
    """The rows of the webinar's block and what it says. A topic with unquoted commas is joined."""
    for number, folded in enumerate(table.head, 1):
        if "webinar id" in folded and number < len(table.rows):
            headings = list(folded)
            while headings and not headings[-1]:
                headings.pop()
            values = list(table.rows[number])
            while len(values) > len(headings) and not values[-1].strip():
                values.pop()
            surplus = len(values) - len(headings)
            if surplus > 0 and "topic" in headings:
                at = headings.index("topic")
                values[at : at + surplus + 1] = [",".join(values[at : at + surplus + 1])]
            named = dict(zip(headings, (v.strip() for v in values), strict=False))
            return {number, number + 1}, {
                "topic": named.get("topic", ""),
                "id": named.get("webinar id", ""),
                "start": named.get("actual start time", ""),
            }
    return set(), {}


def _times(table: Table, block: dict[str, str]) -> list[str]:
    """The moments of the attendee sections; callers are dated in another style and decide nothing."""
    found, roles, section = [block.get("start", "")], dict[str, int](), ""
    for _, cells in table.numbered():
        title = fold(cells[0][:80]) if cells else ""
        if title in _SECTIONS:
            section, roles = _SECTIONS[title], {}
        elif section and not roles and any(c.strip() for c in cells):
            roles = _roles(cells)
        elif section in ("attendee", "host", "panelist"):
            found += [cells[p] for r, p in roles.items() if r in ("join", "leave", "registered") and p < len(cells)]
    return found
