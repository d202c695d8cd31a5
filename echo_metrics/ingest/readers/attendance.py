"""What readers of meeting reports share: times in a file's order, columns known by what they hold, connections."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from echo_metrics.ingest.dates import date_order, parse_aware, parse_clock, parse_moment
from echo_metrics.ingest.durations import parse_minutes
from echo_metrics.ingest.readers.base import Context
from echo_metrics.ingest.records import Account, Column, Connection, Issue, Origin, Quarantined
from echo_metrics.ingest.source import Table

_NOT_A_NAME = re.compile(r"^(she|he|they|her|him|them|hers|his|theirs)\b", re.IGNORECASE)
_BRACKETED = re.compile(r"^(.*?)\s*[(（]([^()（）]+)[)）]\s*$")
_LONGEST_NAME = 300
_LOOKED_AT = 200
"""Rows that are enough to know a column by what it holds."""
_DAY_IN_NAME = re.compile(r"(?<!\d)(20\d{2})[-_. ]?(\d{2})[-_. ]?(\d{2})(?!\d)")


@dataclass(frozen=True)
class Layout:
    """Where a report's columns stand and how its times are to be read."""

    roles: Mapping[str, int]
    order: str
    day: date | None = None
    """The meeting's day, for reports whose times have none."""
    utc: frozenset[str] = field(default_factory=frozenset)
    """Roles whose heading says that the times are UTC."""

    def cell(self, cells: Sequence[str], role: str) -> str:
        """The trimmed cell of a role, or '' where there is none."""
        place = self.roles.get(role)
        return cells[place].strip() if place is not None and place < len(cells) else ""

    def moment(self, cells: Sequence[str], role: str, near: datetime | None = None) -> datetime | None:
        """Read a time; one without a date stands on the day of `near` (or past midnight), else on the meeting's."""
        text = self.cell(cells, role)
        moment = parse_aware(text, self.order)
        if moment is None:
            clock = parse_clock(text)
            day = near.date() if near is not None else self.day
            if clock is None or day is None:
                return None
            moment = datetime.combine(day, clock, tzinfo=near.tzinfo if near is not None else None)
            if near is not None and moment < near:
                moment += timedelta(days=1)
        if moment.tzinfo is None and role in self.utc:
            moment = moment.replace(tzinfo=UTC)
        return moment


def order_of(times: Iterable[str], account: Account, context: Context) -> str:
    """The file's order of day and month: from all its dates, else from the calendar, else the hub's; that is said."""
    held = [t for t in times if t.strip()]
    order = date_order(held) or _order_by_calendar(held, context)
    if order:
        return order
    order = context.default_order
    if any(parse_moment(t, order) is not None for t in held):
        words = "month first" if order == "mdy" else "day first"
        account.issues.append(
            Issue(
                "date_order_assumed",
                f"No date in this file shows whether day or month comes first; {words} was assumed, the hub's custom.",
                severity="note",
            )
        )
    return order


def _order_by_calendar(times: Sequence[str], context: Context) -> str:
    """The one reading of the file's dates that falls on a scheduled session, or ''."""
    fitting = [
        order
        for order in ("mdy", "dmy")
        if any(m is not None and m.date() in context.session_days for m in (parse_moment(t, order) for t in times))
    ]
    return fitting[0] if len(fitting) == 1 else ""


def split_name(shown: str) -> tuple[str, str]:
    """Split `New name (Original Name)` into both; brackets with pronouns are no original name."""
    found = _BRACKETED.match(shown.strip()) if len(shown) <= _LONGEST_NAME else None
    if found is None or _NOT_A_NAME.match(found.group(2).strip()):
        return shown.strip(), ""
    return found.group(1).strip(), found.group(2).strip()


def connection_of(
    origin: Origin, cells: tuple[str, ...], layout: Layout, meeting_key: str, rename: bool = True
) -> Connection | Quarantined:
    """One join-leave interval, or why the row can't be one. `rename` reads brackets as the original name."""
    join = layout.moment(cells, "join")
    leave = layout.moment(cells, "leave", join)
    for role, moment in (("join", join), ("leave", leave)):
        if moment is None:
            message = f"The {role} time '{layout.cell(cells, role)[:40]}' can't be read as a date and time."
            return Quarantined(origin, f"{role} time", f"unreadable_{role}_time", message, cells)
    assert join is not None and leave is not None  # both were looked at above
    if (join.tzinfo is None) != (leave.tzinfo is None):
        join, leave = (m.replace(tzinfo=m.tzinfo or join.tzinfo or leave.tzinfo) for m in (join, leave))
    if leave < join:
        return Quarantined(origin, "leave time", "leaves_before_joining", "The person leaves before joining.", cells)
    named = who(cells, layout, rename)
    if named is None:
        return nobody(origin, cells)
    return Connection(
        origin=origin,
        meeting_key=meeting_key,
        display_name=named[0],
        original_name=named[1],
        email=named[2],
        join=join,
        leave=leave,
        minutes_reported=parse_minutes(layout.cell(cells, "duration")),
        guest=layout.cell(cells, "guest"),
    )


def total_of(
    origin: Origin,
    cells: tuple[str, ...],
    layout: Layout,
    meeting_key: str,
    start: datetime,
    end: datetime | None,
) -> Connection | Quarantined:
    """A person's minutes without join and leave times; `join` and `leave` say when the meeting was."""
    text = layout.cell(cells, "duration")
    minutes = parse_minutes(text)
    if minutes is None:
        message = f"The duration '{text[:40]}' can't be read as minutes."
        return Quarantined(origin, "duration", "unreadable_duration", message, cells)
    if minutes > 24 * 60:
        message = f"A duration of {minutes:,.0f} minutes is longer than a day."
        return Quarantined(origin, "duration", "impossible_duration", message, cells)
    named = who(cells, layout)
    if named is None:
        return nobody(origin, cells)
    return Connection(
        origin=origin,
        meeting_key=meeting_key,
        display_name=named[0],
        original_name=named[1],
        email=named[2],
        join=start,
        leave=end if end is not None and end > start else start + timedelta(minutes=minutes),
        minutes_reported=minutes,
        guest=layout.cell(cells, "guest"),
        origin_kind="total_only",
    )


def who(cells: Sequence[str], layout: Layout, rename: bool = True) -> tuple[str, str, str] | None:
    """Shown name, original name and address of a row, or None where it names nobody."""
    name = layout.cell(cells, "name") or " ".join(
        part for role in ("first", "last") if (part := layout.cell(cells, role))
    )
    email = layout.cell(cells, "email") or layout.cell(cells, "upn")
    if not name and not email:
        return None
    display, original = split_name(name) if rename else (name.strip(), "")
    return display, original, email


def nobody(origin: Origin, cells: tuple[str, ...]) -> Quarantined:
    """The row that names no one."""
    return Quarantined(origin, "name", "nobody", "The row names nobody: name and e-mail are blank.", cells)


def take(outcome: Connection | Quarantined, account: Account, found: list[Connection]) -> None:
    """Put a row's outcome where it belongs and account for it."""
    if isinstance(outcome, Quarantined):
        account.quarantined.append(outcome)
    else:
        account.loaded += outcome.rows
        found.append(outcome)


def roles_by_content(rows: Iterable[Sequence[str]]) -> dict[str, int]:
    """Know the columns by what they hold: two moments, a duration, addresses, and the first text, which is the name."""
    held = [row for row in rows if any(c.strip() for c in row)][:_LOOKED_AT]
    roles: dict[str, int] = {}
    for place in range(max((len(r) for r in held), default=0)):
        values = [v for r in held if place < len(r) and (v := r[place].strip())]
        if not values:
            continue

        def mostly(test: object, values: list[str] = values) -> bool:
            return callable(test) and sum(bool(test(v)) for v in values) >= 0.8 * len(values)

        if mostly(_is_moment) or ("join" in roles and "leave" not in roles and mostly(_moment_or_clock)):
            roles.setdefault("leave" if "join" in roles else "join", place)
        elif sum("@" in v for v in values) * 2 >= len(values):
            roles.setdefault("upn" if "email" in roles else "email", place)
        elif "leave" in roles and mostly(lambda v: parse_minutes(v) is not None):
            roles.setdefault("duration", place)
        elif "join" not in roles:
            roles.setdefault("name", place)
    return roles


def _is_moment(value: str) -> bool:
    return ":" in value and any(parse_moment(value, order) is not None for order in ("mdy", "dmy"))


def _moment_or_clock(value: str) -> bool:
    return _is_moment(value) or parse_clock(value) is not None


def day_in_name(name: str) -> date | None:
    """The one date (year first) in a file's name, or None."""
    days = set()
    for year, month, day in _DAY_IN_NAME.findall(name):
        try:
            days.add(date(int(year), int(month), int(day)))
        except ValueError:
            continue
    return days.pop() if len(days) == 1 else None


def day_span(day: date, context: Context, minutes: float) -> tuple[datetime, datetime]:
    """When a meeting was of which only the day is known: all day if a session is scheduled then, else around noon."""
    if day in context.session_days:
        return datetime.combine(day, datetime.min.time()), datetime.combine(
            day, datetime.max.time().replace(microsecond=0)
        )
    noon = datetime(day.year, day.month, day.day, 12)
    return noon, noon + timedelta(minutes=max(minutes, 1))


def shown_columns(headings: Sequence[str], roles: Mapping[str, int], confidence: float = 1.0) -> tuple[Column, ...]:
    """The report's columns with what each was taken for."""
    by_place = {place: role for role, place in roles.items()}
    return tuple(
        Column(i, h, by_place.get(i, "not used"), confidence if i in by_place else 1.0) for i, h in enumerate(headings)
    )


def data_columns(table: Table, header_row: int, places: Iterable[int]) -> list[str]:
    """The filled cells of some columns below a heading."""
    wanted = list(places)
    return [c[p] for _, c in table.numbered(header_row + 1) for p in wanted if p < len(c) and c[p].strip()]
