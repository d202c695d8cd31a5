"""Loads meetings: connections to people, meetings to sessions, and attendance as the union of intervals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from echo_metrics.ingest.naming import shared_address
from echo_metrics.ingest.people import People, email_value
from echo_metrics.ingest.records import Connection, Issue, Meeting, Parsed
from echo_metrics.ingest.scope import UNASSIGNED, Cohort, Network, Scope, Session, next_number
from echo_metrics.ingest.settle import covered_sessions, settle_meetings
from echo_metrics.store import Writer
from echo_metrics.text import fold_name

COLUMNS = (
    "meeting_id", "display_name", "display_folded", "original_name", "email_key", "join_utc", "leave_utc",
    "minutes_reported", "guest", "origin", "row_no", "shared_address",
)  # fmt: skip


def load_meetings(
    parsed: Parsed,
    writer: Writer,
    scope: Scope,
    people: People,
    network: Network | None,
    cohort: Cohort | None,
    file_id: int,
) -> tuple[int, set[int]]:
    """Write every meeting of a file with its connections; returns distinct people seen and the networks touched."""
    by_meeting: dict[str, list[Connection]] = defaultdict(list)
    for connection in parsed.connections:
        by_meeting[connection.meeting_key].append(connection)
    places: dict[int, _Place] = {}
    held: dict[int, list[Connection]] = {}
    for meeting in parsed.meetings:
        rows = by_meeting[meeting.key]
        if not rows:
            continue
        home = network or scope.network_of_meeting(meeting.platform_id, meeting.topic) or scope.network(UNASSIGNED)
        if home.id not in places:
            places[home.id] = _Place(home, cohort, writer, scope, parsed, file_id)
        held[places[home.id].meeting(meeting, *span(rows, scope))] = rows
    scope.save_sessions()
    for place in places.values():
        place.save()
    _connections(held, parsed, writer, scope, people, file_id)
    seen: set[int] = set()
    for network_id, place in places.items():
        seen |= settle_meetings(writer, people, network_id, place.touched)
    return len(seen), set(places)


def span(rows: Iterable[Connection], scope: Scope) -> tuple[datetime, datetime]:
    """From the first join to the last leave, UTC."""
    held = list(rows)
    joins = [j for c in held if (j := scope.to_utc(c.join)) is not None]
    leaves = [x for c in held if (x := scope.to_utc(c.leave)) is not None]
    return min(joins), max(leaves)


class _Place:
    """The meetings of one network in one file: those that are known, and those to be written with their sessions."""

    def __init__(
        self, network: Network, cohort: Cohort | None, writer: Writer, scope: Scope, parsed: Parsed, file_id: int
    ) -> None:
        self._network, self._cohort, self._writer, self._scope = network, cohort, writer, scope
        self._issues, self._file_id = parsed.account.issues, file_id
        self._known = {str(key): int(i) for key, i in writer.rows("meeting_keys", {"network": network.id})}
        self._planned = scope.sessions(network.id)
        self._meetings: list[dict[str, Any]] = []
        self._links: list[dict[str, Any]] = []
        self.touched: list[int] = []

    def meeting(self, meeting: Meeting, start: datetime, end: datetime) -> int:
        """The meeting's number; one that is not there yet is made with the sessions that it covers (times in UTC)."""
        # Asked of known meetings as well: what a file says of its sessions stands in its account.
        sessions = self._sessions(meeting, start, end)
        number = self._known.get(meeting.key)
        if number is None:
            (number,) = self._writer.new_ids("meeting")
            self._known[meeting.key] = number
            self._meetings.append(
                {
                    "id": number,
                    "network_id": self._network.id,
                    "meeting_key": meeting.key,
                    "platform": meeting.platform,
                    "platform_id": meeting.platform_id,
                    "topic": meeting.topic,
                    "start_utc": self._scope.to_utc(meeting.start) or start,
                    "end_utc": self._scope.to_utc(meeting.end) or end,
                    "file_id": self._file_id,
                }
            )
            self._links += [{"session_id": s.id, "meeting_id": number} for s in sessions]
        self.touched.append(number)
        return number

    def save(self) -> None:
        """Write the meetings that were made."""
        self._writer.insert("meeting", self._meetings)
        self._writer.insert("session_meeting", self._links)

    def _sessions(self, meeting: Meeting, start: datetime, end: datetime) -> list[Session]:
        """The scheduled sessions that the meeting covers; if there are none, a session of its own."""
        planned = [s for s in self._planned if self._cohort is None or s.cohort_id == self._cohort.id]
        covered = covered_sessions(planned, start, end)
        if covered:
            if len(covered) > 1:
                self._issues.append(
                    Issue(
                        "spans_sessions",
                        f"This meeting covers {len(covered)} scheduled sessions and counts for each.",
                    )
                )
            return covered
        home = self._cohort or self._only_cohort()
        session = self._scope.add_session(
            home,
            meeting.topic or "Unscheduled session",
            self._scope.to_utc(meeting.start) or start,
            self._scope.to_utc(meeting.end) or end,
            "unscheduled",
            next_number(planned, home.id),
            later=True,
        )
        self._planned.append(session)
        self._issues.append(
            Issue(
                "no_scheduled_session",
                "No scheduled session overlaps this meeting, so it was made a session of its own, as long as the "
                "meeting.",
                severity="note",
            )
        )
        return [session]

    def _only_cohort(self) -> Cohort:
        cohorts = self._scope.cohorts(self._network.id)
        return cohorts[0] if len(cohorts) == 1 else self._scope.cohort(self._network.id, UNASSIGNED)


def _connections(
    held: dict[int, list[Connection]], parsed: Parsed, writer: Writer, scope: Scope, people: People, file_id: int
) -> None:
    """Write connections; one that is there already (same meeting, name, join and leave) is ignored by rule."""
    present = set(writer.rows("connection_keys", {"meetings": list(held)}))
    hashes: dict[str, str] = {}
    fresh: dict[str, list[Any]] = {c: [] for c in COLUMNS}
    for meeting_id, rows in held.items():
        for connection in rows:
            join, leave = scope.to_utc(connection.join), scope.to_utc(connection.leave)
            email = email_value(connection.email)
            if email and email not in hashes:
                hashes[email] = people.key("email", email)
            minutes = connection.minutes_reported if connection.origin_kind == "total_only" else None
            key = (meeting_id, fold_name(connection.display_name), hashes.get(email, ""), join, leave, minutes)
            if key in present:
                parsed.account.loaded -= connection.rows
                parsed.account.ignore("already there", connection.rows)
                continue
            present.add(key)
            told = (
                meeting_id, connection.display_name, key[1], connection.original_name, key[2], join, leave,
                connection.minutes_reported, connection.guest, connection.origin_kind, connection.origin.row,
                shared_address(email),
            )  # fmt: skip
            for column, value in zip(fresh.values(), told, strict=True):
                column.append(value)
    count = len(fresh["meeting_id"])
    parsed.connections_added += count
    ids = list(writer.new_ids("connection", count))
    writer.insert_columns("connection", {"id": ids, **fresh, "file_id": [file_id] * count})
