"""Zoom meeting reports: participants or unique users, one meeting or an account's, any mix of headings and language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from echo_metrics.errors import FileRefused
from echo_metrics.ingest.dates import parse_aware
from echo_metrics.ingest.durations import parse_minutes
from echo_metrics.ingest.readers import zoom_headings
from echo_metrics.ingest.readers.attendance import (
    Layout,
    connection_of,
    data_columns,
    day_in_name,
    day_span,
    order_of,
    roles_by_content,
    shown_columns,
    split_name,
    take,
    total_of,
)
from echo_metrics.ingest.readers.base import Context, Match, ignore_above, ignore_other_sheets, new_account
from echo_metrics.ingest.readers.zoom_headings import (
    block_row,
    is_other_language,
    participant_roles,
    read_block,
    wide_roles,
)
from echo_metrics.ingest.records import Account, Connection, Issue, Meeting, Origin, Parsed
from echo_metrics.ingest.source import Document, Table
from echo_metrics.text import fold

__all__ = ["read", "recognise", "split_name"]

FORMAT = "zoom"

_FLAT, _BLOCK, _WIDE = "participants, flat", "participants, meeting block", "account export, many meetings"
_TOTALS, _OTHER = "unique users, totals only", "participants, another language"


def recognise(document: Document, context: Context) -> Match | None:
    """Claim a table that has a name column and join and leave times, or totals, under Zoom's headings."""
    for index, table in enumerate(document.tables):
        for number, cells in enumerate(table.head, 1):
            wide = wide_roles(cells)
            if wide is not None:
                return Match(0.96, _WIDE, number, "meeting columns before each participant's", index)
            roles = participant_roles(cells)
            if {"name", "join", "leave"} <= roles.keys() and (
                "duration" in roles or zoom_headings.is_name_with_original(cells)
            ):
                block = block_row(table, number)
                return Match(
                    0.95, _BLOCK if block else _FLAT, number, "join and leave time under Zoom's headings", index
                )
            if {"name", "total"} <= roles.keys() and "join" not in roles:
                return Match(0.95, _TOTALS, number, "name and total duration, no times", index)
            if number < len(table.rows) and is_other_language(table, number):
                return Match(
                    0.7, _OTHER, number, "a name with brackets, two times and minutes, by what they hold", index
                )
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read connections, or each person's total. Raises `FileRefused` for totals that nothing gives a date."""
    table = document.tables[match.table]
    header_row = match.header_row or 1
    account = new_account(document.tables)
    ignore_other_sheets(account, document, match.table)
    headings = table.rows[header_row - 1]
    if match.variant == _WIDE:
        return _read_wide(table, header_row, match, account, context)
    at = block_row(table, header_row)
    ignore_above(account, table, header_row, (at, at + 1) if at else ())
    block = read_block(table, at) if at else {}
    folded = tuple(fold(h) for h in headings)
    roles = participant_roles(folded)
    if match.variant == _OTHER:
        roles = roles_by_content(table.rows[header_row:])
    if match.variant == _TOTALS:
        roles["duration"] = roles.pop("total")
        return _read_totals(document, table, match, roles, block, account, context)
    times = [block.get("start", ""), block.get("end", "")]
    times += data_columns(table, header_row, (roles["join"], roles["leave"]))
    layout = Layout(roles, order_of(times, account, context), utc=zoom_headings.utc_roles(folded, roles))
    meeting = _meeting(block, document, layout.order)
    found: list[Connection] = []
    for number, cells in table.numbered(header_row + 1):
        if not any(c.strip() for c in cells):
            account.ignore("blank row")
        elif _same_heading(cells, headings):
            account.ignore("heading")
        else:
            take(connection_of(Origin(table.sheet, number), cells, layout, meeting.key), account, found)
    return Parsed(
        format=FORMAT,
        variant=match.variant,
        header_row=header_row,
        account=account,
        columns=shown_columns(headings, roles, 0.7 if match.variant == _OTHER else 1.0),
        date_order=layout.order,
        timezone="UTC" if layout.utc else "",
        meetings=(meeting,),
        connections=tuple(found),
    )


def _read_totals(
    document: Document,
    table: Table,
    match: Match,
    roles: dict[str, int],
    block: dict[str, str],
    account: Account,
    context: Context,
) -> Parsed:
    """Each person's minutes in the meeting. The day comes from the meeting block, else from the file's name."""
    header_row = match.header_row or 1
    headings = table.rows[header_row - 1]
    order = order_of([block.get("start", ""), block.get("end", "")], account, context)
    layout = Layout(roles, order)
    start, end = parse_aware(block.get("start", ""), order), parse_aware(block.get("end", ""), order)
    if start is None:
        day = day_in_name(document.name)
        if day is None:
            raise FileRefused(
                document.name,
                "is Zoom's list of unique users with total minutes, but nothing in it says when the meeting was.",
                "Export it with the meeting's data above the list, or with 'Show unique users' unticked, or write the "
                "day into the file's name (2024-03-25).",
            )
        longest = max((parse_minutes(v) or 0 for v in data_columns(table, header_row, (roles["duration"],))), default=0)
        start, end = day_span(day, context, longest)
        account.issues.append(
            Issue("day_from_name", f"The report holds no date; {day} was taken from the file's name.", severity="note")
        )
    meeting = _meeting(block, document, order, start, end)
    found: list[Connection] = []
    for number, cells in table.numbered(header_row + 1):
        if not any(c.strip() for c in cells):
            account.ignore("blank row")
        elif _same_heading(cells, headings):
            account.ignore("heading")
        else:
            take(total_of(Origin(table.sheet, number), cells, layout, meeting.key, start, end), account, found)
    account.issues.append(
        Issue(
            "total_only",
            "This report has each person's minutes but no join and leave times: minutes are counted as they are, up to "
            "the session's length.",
            severity="note",
        )
    )
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


def _read_wide(table: Table, header_row: int, match: Match, account: Account, context: Context) -> Parsed:
    """Read an account's export: each row has its meeting's columns before the participant's."""
    headings = table.rows[header_row - 1]
    folded = tuple(fold(h) for h in headings)
    found_roles = wide_roles(folded)
    assert found_roles is not None  # recognise saw them
    of_meeting, roles = found_roles
    ignore_above(account, table, header_row)
    places = [*(of_meeting[r] for r in ("start", "end") if r in of_meeting), roles["join"], roles["leave"]]
    order = order_of(data_columns(table, header_row, places), account, context)
    layout = Layout(roles, order, utc=zoom_headings.utc_roles(folded, roles))
    meeting_layout = Layout(of_meeting, order, utc=zoom_headings.utc_roles(folded, of_meeting))
    meetings: dict[str, Meeting] = {}
    found: list[Connection] = []
    for number, cells in table.numbered(header_row + 1):
        if not any(c.strip() for c in cells):
            account.ignore("blank row")
            continue
        if _same_heading(cells, headings):
            account.ignore("heading")
            continue
        id_, start = re.sub(r"\D", "", meeting_layout.cell(cells, "id")), meeting_layout.cell(cells, "start")
        topic = meeting_layout.cell(cells, "topic")
        joined = layout.moment(cells, "join")
        key = f"zoom:{id_}:{start or (joined.date() if joined else '')}"
        outcome = connection_of(Origin(table.sheet, number), cells, layout, key)
        take(outcome, account, found)
        if isinstance(outcome, Connection) and key not in meetings:
            meetings[key] = Meeting(
                key, "zoom", id_, topic, meeting_layout.moment(cells, "start"), meeting_layout.moment(cells, "end")
            )
    return Parsed(
        format=FORMAT,
        variant=match.variant,
        header_row=header_row,
        account=account,
        columns=shown_columns(headings, {**{f"meeting {k}": v for k, v in of_meeting.items()}, **roles}),
        date_order=order,
        timezone="UTC" if layout.utc else "",
        meetings=tuple(meetings.values()),
        connections=tuple(found),
    )


def _meeting(
    block: dict[str, str],
    document: Document,
    order: str,
    start: datetime | None = None,
    end: datetime | None = None,
) -> Meeting:
    given = re.match(r"^participants_(\d{9,11})(?!\d)", document.name)
    number = block.get("id", "") or (given.group(1) if given else "")
    return Meeting(
        key=f"zoom:{block.get('id', '')}:{block.get('start', '')}" if block else f"zoom:file:{document.sha256[:16]}",
        platform="zoom",
        platform_id=number,
        topic=block.get("topic", ""),
        start=start or parse_aware(block.get("start", ""), order),
        end=end or parse_aware(block.get("end", ""), order),
    )


def _same_heading(cells: Sequence[str], headings: Sequence[str]) -> bool:
    """Whether a row repeats the heading, as reports that were pasted together do."""
    return cells[:1] == headings[:1] and tuple(c.strip() for c in cells) == tuple(h.strip() for h in headings)
