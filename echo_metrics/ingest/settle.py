"""Settles meetings: which sessions they cover, who was there, how long. Done anew whenever one of the three changes.

So the order of imports does not matter: a registration list that comes after the meeting reports turns guests into
participants, and a calendar that comes last gives meetings their sessions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

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
    wanted = {"meetings": sorted(set(meetings))}
    cohorts: dict[int, set[int]] = defaultdict(set)
    sessions: set[int] = set()
    for meeting_id, session_id, cohort_id in writer.rows("sessions_of_meetings", wanted):
        cohorts[int(meeting_id)].add(int(cohort_id))
        sessions.add(int(session_id))
    shown: dict[int, list[Shown]] = defaultdict(list)
    for meeting_id, *rest in writer.rows("connections_of_meetings", wanted):
        shown[int(meeting_id)].append(Shown(*rest))
    found = _Found()
    for meeting_id in wanted["meetings"]:
        here = [e for cohort, e in enrolled if cohort in cohorts[meeting_id]]
        matcher = MeetingMatcher(people, network_id, meeting_id, here, decided, merged)
        found.add(network_id, meeting_id, shown[meeting_id], matcher)
    writer.update_columns("connection", found.connections)
    writer.run("clear_doubts", wanted)
    ids = writer.new_ids("match_link", len(found.doubts))
    writer.insert("match_link", [{"id": i, **doubt} for i, doubt in zip(ids, found.doubts, strict=True)])
    people.save()
    writer.run("clear_attendance", {"sessions": sorted(sessions)})
    writer.run("count_attendance", {"sessions": sorted(sessions)})
    return found.people


class _Found:
    """What matching found out about the connections of some meetings, ready to be written at once."""

    def __init__(self) -> None:
        self.connections: dict[str, list[Any]] = {c: [] for c in ("id", "person_id", "kind", "method", "heads")}
        self.doubts: list[dict[str, object]] = []
        self.people: set[int] = set()

    def add(self, network_id: int, meeting_id: int, rows: list[Shown], matcher: MeetingMatcher) -> None:
        """Match the connections of one meeting."""
        for row, identity in zip(rows, matcher.match(rows), strict=True):
            told = (row.connection_id, identity.person_id, identity.kind, identity.method, identity.heads)
            for column, value in zip(self.connections.values(), told, strict=True):
                column.append(value)
            if identity.person_id is not None:
                self.people.add(identity.person_id)
        self.doubts += [
            {"network_id": network_id, "meeting_id": meeting_id, **asdict(doubt), "status": "review"}
            for doubt in matcher.doubts
        ]


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
