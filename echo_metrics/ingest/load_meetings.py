"""Loads meetings: connections to people, meetings to sessions, and attendance as the union of intervals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from echo_metrics.ingest.people import People, email_value
from echo_metrics.ingest.records import Connection, Issue, Meeting, Parsed
from echo_metrics.ingest.scope import UNASSIGNED, Cohort, Network, Scope, Session, next_number
from echo_metrics.ingest.settle import covered_sessions, settle_meetings
from echo_metrics.store import Writer
from echo_metrics.text import fold_name


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
    touched: set[int] = set()
    seen: set[int] = set()
    by_meeting: dict[str, list[Connection]] = defaultdict(list)
    for connection in parsed.connections:
        by_meeting[connection.meeting_key].append(connection)
    for meeting in parsed.meetings:
        rows = by_meeting[meeting.key]
        if not rows:
            continue
        place = network or scope.network_of_meeting(meeting.platform_id, meeting.topic) or scope.network(UNASSIGNED)
        touched.add(place.id)
        start, end = span(rows, scope)
        sessions = _sessions(meeting, place, cohort, start, end, scope, parsed)
        meeting_id = _meeting(meeting, place, sessions, start, end, writer, scope, file_id)
        _connections(rows, meeting_id, parsed, writer, scope, people, file_id)
        seen |= settle_meetings(writer, people, place.id, [meeting_id])
    return len(seen), touched


def span(rows: Iterable[Connection], scope: Scope) -> tuple[datetime, datetime]:
    """From the first join to the last leave, UTC."""
    held = list(rows)
    joins = [j for c in held if (j := scope.to_utc(c.join)) is not None]
    leaves = [x for c in held if (x := scope.to_utc(c.leave)) is not None]
    return min(joins), max(leaves)


def _sessions(
    meeting: Meeting,
    network: Network,
    cohort: Cohort | None,
    start: datetime,
    end: datetime,
    scope: Scope,
    parsed: Parsed,
) -> list[Session]:
    """The scheduled sessions that the meeting covers; if there are none, a session of its own."""
    planned = [s for s in scope.sessions(network.id) if cohort is None or s.cohort_id == cohort.id]
    covered = covered_sessions(planned, start, end)
    if covered:
        if len(covered) > 1:
            parsed.account.issues.append(
                Issue(
                    "spans_sessions",
                    f"This meeting covers {len(covered)} scheduled sessions and counts for each.",
                )
            )
        return covered
    home = cohort or _cohort_of(network, scope)
    session = scope.add_session(
        home,
        meeting.topic or "Unscheduled session",
        scope.to_utc(meeting.start) or start,
        scope.to_utc(meeting.end) or end,
        "unscheduled",
        next_number(planned, home.id),
    )
    parsed.account.issues.append(
        Issue(
            "no_scheduled_session",
            "No scheduled session overlaps this meeting, so it was made a session of its own, as long as the meeting.",
            severity="note",
        )
    )
    return [session]


def _cohort_of(network: Network, scope: Scope) -> Cohort:
    cohorts = scope.cohorts(network.id)
    return cohorts[0] if len(cohorts) == 1 else scope.cohort(network.id, UNASSIGNED)


def _meeting(
    meeting: Meeting,
    network: Network,
    sessions: list[Session],
    start: datetime,
    end: datetime,
    writer: Writer,
    scope: Scope,
    file_id: int,
) -> int:
    known = writer.rows("find_meeting", {"network": network.id, "key": meeting.key})
    if known:
        return int(known[0][0])
    (meeting_id,) = writer.new_ids("meeting")
    writer.insert(
        "meeting",
        [
            {
                "id": meeting_id,
                "network_id": network.id,
                "meeting_key": meeting.key,
                "platform": meeting.platform,
                "platform_id": meeting.platform_id,
                "topic": meeting.topic,
                "start_utc": scope.to_utc(meeting.start) or start,
                "end_utc": scope.to_utc(meeting.end) or end,
                "file_id": file_id,
            }
        ],
    )
    writer.insert("session_meeting", [{"session_id": s.id, "meeting_id": meeting_id} for s in sessions])
    return meeting_id


def _connections(
    rows: list[Connection],
    meeting_id: int,
    parsed: Parsed,
    writer: Writer,
    scope: Scope,
    people: People,
    file_id: int,
) -> None:
    """Write connections; one that is there already (same meeting, name, join and leave) is ignored by rule."""
    present = set(writer.rows("connection_keys", {"meeting": meeting_id}))
    fresh = []
    for connection in rows:
        join, leave = scope.to_utc(connection.join), scope.to_utc(connection.leave)
        email = email_value(connection.email)
        email_key = people.key("email", email) if email else ""
        minutes = connection.minutes_reported if connection.origin_kind == "total_only" else None
        key = (fold_name(connection.display_name), email_key, join, leave, minutes)
        if key in present:
            parsed.account.loaded -= connection.rows
            parsed.account.ignore("already there", connection.rows)
            continue
        present.add(key)
        fresh.append(
            {
                "meeting_id": meeting_id,
                "display_name": connection.display_name,
                "display_folded": key[0],
                "original_name": connection.original_name,
                "email_key": email_key,
                "join_utc": join,
                "leave_utc": leave,
                "minutes_reported": connection.minutes_reported,
                "guest": connection.guest,
                "origin": connection.origin_kind,
                "file_id": file_id,
                "row_no": connection.origin.row,
            }
        )
    parsed.connections_added += len(fresh)
    ids = writer.new_ids("connection", len(fresh))
    writer.insert("connection", [{"id": i, **row} for i, row in zip(ids, fresh, strict=True)])
