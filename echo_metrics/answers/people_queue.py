"""The review queue: doubtful names with the evidence side by side, decisions on them, and decisions made so far.

Names are people: everything here is the owner's alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from echo_metrics.access import Viewer
from echo_metrics.errors import NotAllowed
from echo_metrics.ingest import decisions
from echo_metrics.ingest.matching import Shown
from echo_metrics.store import Store

MOST_CANDIDATES = 9
"""Candidates that are offered for one name: each has a key of its own, 1 to 9."""
KINDS = {
    "person": "is",
    "not": "is not",
    "guest": "is nobody on the list",
    "room": "is a shared room",
    "merge": "are one person",
}


@dataclass(frozen=True)
class Seen:
    """One meeting in which a name was shown. Minutes are those of its connections, overlaps counted once."""

    meeting_id: int
    start: datetime
    minutes: float
    as_shown: str


@dataclass(frozen=True)
class Candidate:
    """Somebody whom a name may mean, with what speaks for and against it. `score`: likeness of the names, 0 to 1."""

    person_id: int
    name: str
    discipline: str
    organisation: str
    sessions: int
    score: float
    why: str
    against: str


@dataclass(frozen=True)
class Doubtful:
    """One name that waits for a decision."""

    network_id: int
    network: str
    shown: str
    seen: tuple[Seen, ...]
    candidates: tuple[Candidate, ...]
    may_be_room: bool


@dataclass(frozen=True)
class Decision:
    """One decision that was made, in words."""

    id: int
    words: str
    network: str
    by: str
    at: datetime
    withdrawn: str
    """Who withdrew it, '' while it stands."""


@dataclass(frozen=True)
class Known:
    """Somebody in the store, to choose from: registered people before guests."""

    id: int
    label: str


@dataclass(frozen=True)
class Joined:
    """A name that was joined to somebody by itself, and by what: name, e-mail, or the same name in a meeting."""

    network_id: int
    network: str
    shown: str
    person_id: int
    person: str
    method: str


@dataclass(frozen=True)
class Room:
    """A shared room in one meeting, with the people said to be in it."""

    network_id: int
    network: str
    shown: str
    meeting_id: int
    start: datetime
    heads: int


def queue(store: Store, viewer: Viewer) -> list[Doubtful]:
    """Names that wait, those with the likeliest candidate first. Raises `NotAllowed` for everyone but the owner."""
    _owner(viewer)
    people = {int(r["person_id"]): r for r in store.records("candidates")}
    seen = _seen(store)
    there = _there(store)
    found: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    for row in store.records("review_queue"):
        found[int(row["network_id"]), str(row["shown"])].append(row)
    return [
        Doubtful(
            network_id=key[0],
            network=str(rows[0]["network"]),
            shown=key[1],
            seen=tuple(_meetings(seen[key])),
            candidates=tuple(_candidates(rows, people, seen[key], there)),
            may_be_room=any(r["candidate_id"] is None for r in rows),
        )
        for key, rows in found.items()
    ]


def made(store: Store, viewer: Viewer) -> list[Decision]:
    """Every decision, the newest first, withdrawn ones too. Raises `NotAllowed` for everyone but the owner."""
    _owner(viewer)
    return [
        Decision(
            id=int(r["id"]),
            words=_words(r),
            network=str(r["network"] or ""),
            by=str(r["decided_by"]),
            at=r["decided_at"],
            withdrawn=str(r["withdrawn_by"] or ""),
        )
        for r in store.records("decisions_made")
    ]


def joined(store: Store, viewer: Viewer) -> list[Joined]:
    """Names that were joined by themselves to a registered person. Raises `NotAllowed` for all but the owner."""
    _owner(viewer)
    found = {}
    for row in store.records("joined_names"):
        shown = Shown(0, 0, str(row["display_name"]), str(row["original_name"]), "").full_name
        if row["person"]:
            key = (int(row["network_id"]), shown, int(row["person_id"]))
            found[key] = Joined(key[0], str(row["network"]), shown, key[2], str(row["person"]), str(row["method"]))
    return list(found.values())


def is_not(store: Store, viewer: Viewer, who: str, name: Joined) -> int:
    """Decide that a name is not the person whom it was joined to; returns the decision's number."""
    _owner(viewer)
    return decisions.say_not(store, who, name.network_id, name.shown, name.person_id)


def known(store: Store, viewer: Viewer) -> list[Known]:
    """Everybody with a name, registered people first. Raises `NotAllowed` for everyone but the owner."""
    _owner(viewer)
    rows = sorted(store.records("people_to_choose"), key=lambda r: (not r["registered"], str(r["name"])))
    return [Known(int(r["id"]), f"{r['name']} ({r['networks'] or 'guest'}, number {r['id']})") for r in rows]


def is_person(store: Store, viewer: Viewer, who: str, name: Doubtful, person_id: int) -> int:
    """Decide that a name means a person; returns the decision's number."""
    _owner(viewer)
    return decisions.say_person(store, who, name.network_id, name.shown, person_id)


def is_guest(store: Store, viewer: Viewer, who: str, name: Doubtful) -> int:
    """Decide that a name is nobody on the list; returns the decision's number."""
    _owner(viewer)
    return decisions.say_guest(store, who, name.network_id, name.shown)


def is_room(store: Store, viewer: Viewer, who: str, name: Doubtful, heads: int, meeting_id: int | None = None) -> int:
    """Decide that a name is a shared room with so many people; returns the decision's number."""
    _owner(viewer)
    return decisions.say_room(store, who, name.network_id, name.shown, heads, meeting_id)


def rooms(store: Store, viewer: Viewer) -> list[Room]:
    """Shared rooms, meeting by meeting. Raises `NotAllowed` for everyone but the owner."""
    _owner(viewer)
    return [
        Room(
            network_id=int(r["network_id"]),
            network=str(r["network"]),
            shown=Shown(0, 0, str(r["display_name"]), str(r["original_name"]), "").full_name,
            meeting_id=int(r["meeting_id"]),
            start=r["start_utc"],
            heads=int(r["heads"]),
        )
        for r in store.records("rooms_shown")
    ]


def heads_once(store: Store, viewer: Viewer, who: str, room: Room, heads: int) -> int:
    """Say how many people sat in a room in one meeting; returns the decision's number."""
    _owner(viewer)
    return decisions.say_room(store, who, room.network_id, room.shown, heads, room.meeting_id)


def are_one(store: Store, viewer: Viewer, who: str, person_id: int, into: int) -> int:
    """Decide that two records are one person; returns the decision's number."""
    _owner(viewer)
    return decisions.say_same(store, who, person_id, into)


def withdraw(store: Store, viewer: Viewer, who: str, decision_id: int) -> None:
    """Take a decision back."""
    _owner(viewer)
    decisions.withdraw(store, who, decision_id)


def _owner(viewer: Viewer) -> None:
    if not viewer.may_import:
        raise NotAllowed("Only the owner sees and decides on the names in the review queue.")


def _seen(store: Store) -> dict[tuple[int, str], list[dict[str, Any]]]:
    found: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    for row in store.records("doubtful_connections"):
        found[int(row["network_id"]), str(row["shown"])].append(row)
    return found


def _there(store: Store) -> dict[tuple[int, int], list[tuple[datetime, datetime]]]:
    """When each candidate was connected under a name that is known to be theirs, by person and meeting."""
    found: dict[tuple[int, int], list[tuple[datetime, datetime]]] = defaultdict(list)
    for person, meeting, join, leave in store.rows("candidate_connections"):
        found[int(person), int(meeting)].append((join, leave))
    return found


def _meetings(rows: list[dict[str, Any]]) -> Iterable[Seen]:
    by_meeting: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_meeting[int(row["meeting_id"])].append(row)
    for meeting_id, own in by_meeting.items():
        minutes, until = 0.0, datetime.min
        for row in sorted(own, key=lambda r: r["join_utc"]):
            minutes += max(0.0, (row["leave_utc"] - max(row["join_utc"], until)).total_seconds() / 60)
            until = max(until, row["leave_utc"])
        shown = " / ".join(dict.fromkeys(str(r["display_name"]) for r in own))
        yield Seen(meeting_id, own[0]["start_utc"], minutes, shown)


def _candidates(
    rows: list[dict[str, Any]],
    people: dict[int, dict[str, Any]],
    seen: list[dict[str, Any]],
    there: dict[tuple[int, int], list[tuple[datetime, datetime]]],
) -> list[Candidate]:
    found = []
    for row in rows:
        if row["candidate_id"] is None or int(row["candidate_id"]) not in people:
            continue
        person = people[int(row["candidate_id"])]
        together = [
            s
            for s in seen
            for join, leave in there.get((int(person["person_id"]), int(s["meeting_id"])), [])
            if min(leave, s["leave_utc"]) > max(join, s["join_utc"])
        ]
        meetings = len({s["meeting_id"] for s in together})
        against = (
            f"was there under their own name at the same time in {meetings} meeting{'' if meetings == 1 else 's'} "
            "(a second device, or somebody else)"
            if meetings
            else ""
        )
        found.append(
            Candidate(
                person_id=int(person["person_id"]),
                name=str(person["name"]),
                discipline=str(person["discipline"]),
                organisation=str(person["organisation"]),
                sessions=int(person["sessions"]),
                score=float(row["score"]),
                why=str(row["method"]),
                against=against,
            )
        )
    return sorted(found, key=lambda c: (-c.score, c.name))[:MOST_CANDIDATES]


def _words(row: dict[str, Any]) -> str:
    person, other = row["person"] or "somebody who is gone", row["other"] or "somebody who is gone"
    if row["kind"] == "merge":
        return f"{person} and {other} {KINDS['merge']}"
    if row["kind"] == "room":
        heads = f"{row['heads']} {'person' if row['heads'] == 1 else 'people'}"
        once = f", in the meeting of {row['meeting']:%Y-%m-%d}" if row["meeting"] else ""
        return f"{row['shown']} {KINDS['room']} with {heads}{once}"
    whom = f" {person}" if row["kind"] in ("person", "not") else ""
    return f"{row['shown']} {KINDS[row['kind']]}{whom}"
