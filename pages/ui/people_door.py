"""The door for decisions about names: who is whom, which name is a room, which two records are one person."""

from __future__ import annotations

from contextlib import suppress

from echo_metrics.access import audit
from echo_metrics.access.audit import Action
from echo_metrics.answers import people_queue
from echo_metrics.answers.people_queue import Decision, Doubtful, Joined, Known, Room
from echo_metrics.errors import NotAllowed, UserError
from echo_metrics.ingest.forget import find_target, forget
from echo_metrics.sharing import standing
from echo_metrics.whereabouts import whereabouts, words
from pages.ui import door, identity


def waiting() -> list[Doubtful]:
    """Names that wait for a decision."""
    return people_queue.queue(door.store(), door.viewer())


def made() -> list[Decision]:
    """Decisions so far, the newest first."""
    return people_queue.made(door.store(), door.viewer())


def joined() -> list[Joined]:
    """Names that were joined by themselves."""
    return people_queue.joined(door.store(), door.viewer())


def is_not(name: Joined) -> int:
    """A name is not the person whom it was joined to."""
    return _noted(people_queue.is_not(door.store(), door.viewer(), _who(), name), "not")


def known() -> list[Known]:
    """Everybody with a name."""
    return people_queue.known(door.store(), door.viewer())


def is_person(name: Doubtful, person_id: int) -> int:
    """A name means somebody."""
    return _noted(people_queue.is_person(door.store(), door.viewer(), _who(), name, person_id), "person")


def is_guest(name: Doubtful) -> int:
    """A name is nobody on the list."""
    return _noted(people_queue.is_guest(door.store(), door.viewer(), _who(), name), "guest")


def is_room(name: Doubtful, heads: int, meeting_id: int | None = None) -> int:
    """A name is a shared room."""
    return _noted(people_queue.is_room(door.store(), door.viewer(), _who(), name, heads, meeting_id), "room")


def rooms() -> list[Room]:
    """Shared rooms, meeting by meeting."""
    return people_queue.rooms(door.store(), door.viewer())


def heads_once(room: Room, heads: int) -> int:
    """How many people sat in a room in one meeting."""
    return _noted(people_queue.heads_once(door.store(), door.viewer(), _who(), room, heads), "room")


def are_one(person_id: int, into: int) -> int:
    """Two records are one person."""
    return _noted(people_queue.are_one(door.store(), door.viewer(), _who(), person_id, into), "one person")


def forgetting(person: str, do: bool) -> list[str]:
    """What would go of somebody who wants to be forgotten, or what went; each line a sentence or an empty one."""
    if not door.viewer().may_import:
        raise NotAllowed("Only the owner removes people.")
    store, control = door.store(), identity.context().control
    target = find_target(store, person)
    done = forget(store, target, _who(), rehearse=not do)
    places = whereabouts(store, target, done, control)
    if do:
        with suppress(UserError):
            standing.refresh(store, control)
        audit.record(control, _who(), Action.FORGOTTEN, "a person", {"people": done.people, "rows": done.rows})
        places.insert(
            0, "The store's file is written anew when the dashboard starts next; until then its free blocks hold them."
        )
    return words(done, places, do, "Tick the box and press again to do it.")


def withdraw(decision_id: int) -> None:
    """Take a decision back."""
    people_queue.withdraw(door.store(), door.viewer(), _who(), decision_id)
    _record(Action.DECISION_WITHDRAWN, decision_id, "withdrawn")


def _noted(decision_id: int, kind: str) -> int:
    _record(Action.NAME_DECIDED, decision_id, kind)
    return decision_id


def _record(action: Action, decision_id: int, kind: str) -> None:
    # The decision's number only: the audit outlives a request to be forgotten.
    control = identity.context().control
    audit.record(control, _who(), action, f"decision {decision_id}", {"kind": kind})
    with suppress(UserError):
        standing.refresh(door.store(), control)


def _who() -> str:
    return door.viewer().account or audit.LOCAL
