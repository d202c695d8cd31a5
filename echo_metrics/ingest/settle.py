"""Settles meetings: which sessions they cover, who was there, how long. Done anew whenever one of the three changes.

So the order of imports does not matter: a registration list that comes after the meeting reports turns guests into
participants, and a calendar that comes last gives meetings their sessions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from echo_metrics.ingest.matching import Enrolled, MeetingMatcher, Shown
from echo_metrics.ingest.merges import apply_merges
from echo_metrics.ingest.naming import Decided
from echo_metrics.ingest.people import People
from echo_metrics.ingest.scope import Session
from echo_metrics.store import Writer
from echo_metrics.text import fold_name

LEAST_OVERLAP = timedelta(minutes=1)
"""A meeting covers a session when they share at least this much."""


def covered_sessions(sessions: Iterable[Session], start: datetime, end: datetime) -> list[Session]:
    """The sessions that a meeting from `start` to `end` (UTC) covers."""
    return [s for s in sessions if min(s.end, end) - max(s.start, start) >= LEAST_OVERLAP]


def settle_meetings(writer: Writer, people: People, network_id: int, meetings: Iterable[int]) -> set[int]:
    """Match the connections of these meetings and recount attendance; returns the people seen."""
    merged = apply_merges(writer)
    decided = Decided.of(writer.records("decisions"), network_id, people.known)
    enrolled = [
        (int(cohort), Enrolled(int(person), fold_name(shown), email))
        for person, cohort, shown, email in writer.rows("enrolled_names", {"network": network_id})
    ]
    seen: set[int] = set()
    sessions: set[int] = set()
    for meeting_id in meetings:
        own = [(int(s), int(c)) for s, c in writer.rows("sessions_of_meeting", {"meeting": meeting_id})]
        cohorts = {c for _, c in own}
        here = [e for cohort, e in enrolled if cohort in cohorts]
        matcher = MeetingMatcher(people, network_id, meeting_id, here, decided, merged)
        rows = [Shown(*r) for r in writer.rows("connections_of_meeting", {"meeting": meeting_id})]
        seen |= _write(writer, matcher, network_id, meeting_id, rows)
        sessions |= {s for s, _ in own}
    people.save()
    for session_id in sorted(sessions):
        writer.run("clear_attendance", {"session": session_id})
        writer.run("count_attendance", {"session": session_id})
    return seen


def relink_meetings(writer: Writer, network_id: int, sessions: Sequence[Session]) -> list[int]:
    """Give every meeting of a network the scheduled sessions it covers; returns the network's meetings.

    A session that had been made for an unscheduled meeting goes when no meeting needs it any more.
    """
    scheduled = [s for s in sessions if s.kind != "unscheduled"]
    meetings = []
    for meeting_id, start, end in writer.rows("spans_of_meetings", {"network": network_id}):
        meetings.append(int(meeting_id))
        covered = covered_sessions(scheduled, start, end)
        if covered:
            writer.run("unlink_meeting", {"meeting": meeting_id})
            writer.insert("session_meeting", [{"session_id": s.id, "meeting_id": meeting_id} for s in covered])
    writer.run("drop_empty_sessions", {"network": network_id})
    return meetings


def _write(writer: Writer, matcher: MeetingMatcher, network_id: int, meeting_id: int, rows: list[Shown]) -> set[int]:
    identities = matcher.match(rows)
    writer.update(
        "connection",
        [
            {"id": row.connection_id, "person_id": i.person_id, "kind": i.kind, "method": i.method, "heads": i.heads}
            for row, i in zip(rows, identities, strict=True)
        ],
    )
    writer.run("clear_doubts", {"meeting": meeting_id})
    ids = writer.new_ids("match_link", len(matcher.doubts))
    writer.insert(
        "match_link",
        [
            {"id": i, "network_id": network_id, "meeting_id": meeting_id, **asdict(doubt), "status": "review"}
            for i, doubt in zip(ids, matcher.doubts, strict=True)
        ],
    )
    return {i.person_id for i in identities if i.person_id is not None}
