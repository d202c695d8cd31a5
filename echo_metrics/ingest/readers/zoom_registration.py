"""Zoom registration report: the best source of who was enrolled and of their discipline."""

from __future__ import annotations

from echo_metrics.ingest.dates import parse_moment
from echo_metrics.ingest.readers.attendance import data_columns, order_of
from echo_metrics.ingest.readers.base import (
    Context,
    Match,
    find_header,
    ignore_above,
    ignore_other_sheets,
    new_account,
)
from echo_metrics.ingest.records import Column, Origin, Parsed, Quarantined, Registration
from echo_metrics.ingest.source import Document
from echo_metrics.text import fold

FORMAT = "zoom_registration"

_NEEDED = [frozenset({n}) for n in ("first name", "last name", "email", "registration time", "approval status")]
_HUB_TEAM_WORDS = ("echo hub team", "hub team", "org team", "organiser", "organizer")


def recognise(document: Document, context: Context) -> Match | None:
    """Claim a table with Zoom's registration headings and no join times (those are webinar attendee reports)."""
    for index, table in enumerate(document.tables):
        row = find_header(table, _NEEDED)
        if row is not None and "join time" not in {fold(c) for c in table.rows[row - 1]}:
            return Match(0.97, "registration report", row, "first and last name, e-mail, approval status", index)
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read registrants; those who were denied or cancelled are loaded as not approved and do not count."""
    table = document.tables[match.table]
    header_row = match.header_row or 1
    headings = table.rows[header_row - 1]
    places = {fold(h): i for i, h in reversed(list(enumerate(headings)))}
    custom: dict[str, int] = {}
    for i, h in enumerate(headings):
        field = context.definitions.find_field(h)
        if field is not None:
            custom.setdefault(field, i)
    account = new_account(document.tables)
    ignore_other_sheets(account, document, match.table)
    ignore_above(account, table, header_row, range(1, header_row))
    order = order_of(data_columns(table, header_row, [places["registration time"]]), account, context)
    found = []
    for number, cells in table.numbered(header_row + 1):
        if not any(c.strip() for c in cells):
            account.ignore("blank row")
            continue

        def named(name: str, row: tuple[str, ...] = cells) -> str:
            place = places.get(name, custom.get(name))
            return row[place].strip() if place is not None and place < len(row) else ""

        origin = Origin(table.sheet, number)
        if not named("email") and not named("last name"):
            message = "The registrant has neither an e-mail address nor a last name."
            account.quarantined.append(Quarantined(origin, "Email", "nobody", message, cells))
            continue
        discipline = _custom(cells, custom, "discipline")
        found.append(
            Registration(
                origin=origin,
                first_name=named("first name"),
                last_name=named("last name"),
                email=named("email"),
                registered=parse_moment(named("registration time"), order),
                approved=fold(named("approval status")) in ("approved", "auto approved", ""),
                discipline=discipline,
                organisation=_custom(cells, custom, "organisation"),
                setting=_custom(cells, custom, "setting"),
                hub_team=fold(discipline) in _HUB_TEAM_WORDS,
            )
        )
        account.loaded += 1
    columns = tuple(
        Column(i, h, context.definitions.find_field(h) or fold(h), 1.0 if fold(h) in places else 0.5)
        for i, h in enumerate(headings)
    )
    return Parsed(
        format=FORMAT,
        variant=match.variant,
        header_row=header_row,
        account=account,
        columns=columns,
        date_order=order,
        registrations=tuple(found),
    )


def _custom(cells: tuple[str, ...], places: dict[str, int], field: str) -> str:
    place = places.get(field)
    return cells[place].replace("\u00a0", " ").strip() if place is not None and place < len(cells) else ""
