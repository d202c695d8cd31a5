"""What a name shown in a meeting is: a person's, a device's, a phone's, a robot's, or perhaps a room's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from echo_metrics.text import fold, fold_name

_BOT = re.compile(
    r"\b(read\.ai|otter(\.ai|pilot)?|fireflies|fathom|copilot|notetaker|note taker|meeting notes|recorder)\b", re.I
)
_PHONE = re.compile(r"^\+?\d[\d*\-\s().]{5,}$")
_DEVICE = re.compile(r"^(iphone|ipad|galaxy|android|samsung|pixel|huawei|sm-\w+|desktop-\w+)\b", re.I)
_ROOM = re.compile(
    r"\b(room|board ?room|clinic|conference|hospital|hospice|ward|office|reception|front ?desk|care home|centre|center|"
    r"unit|staff|team|lounge|classroom|auditorium|salle|clinique|h[oô]pital)\b",
    re.I,
)


_PLACES = frozenset(
    {"clinic", "clinique", "reception", "frontdesk", "desk", "office", "info", "admin", "contact", "ward", "unit",
     "staff", "team", "nurses", "room", "boardroom", "conference", "hospice", "hospital", "pharmacy"}
)  # fmt: skip
"""Words in the local part of an address that name a place or an office."""
LONGEST_NAME = 500


def kind_of(display_name: str) -> str:
    """Return `bot`, `phone`, `device` or `person` for a name shown in a meeting."""
    return _kind_of(display_name[:LONGEST_NAME])


@lru_cache(maxsize=32_768)
def _kind_of(display_name: str) -> str:
    if _BOT.search(display_name):
        return "bot"
    if _PHONE.match(display_name):
        return "phone"
    if _DEVICE.match(display_name):
        return "device"
    return "person"


def may_be_room(display_name: str) -> bool:
    """Whether a name reads like a place where several people sit before one camera."""
    return kind_of(display_name) == "person" and bool(_ROOM.search(display_name))


def shared_address(email: str) -> bool:
    """Whether an address is a place's, such as `clinic@...` or `front.desk@...`: several people sit behind it."""
    local = email.partition("@")[0].casefold()
    return bool(_PLACES.intersection(re.split(r"[^a-z]+", local)))


def subject_of(shown: str) -> str:
    """A name as decisions are kept under it: folded like people's names, so that `Smith, Jane` is `Jane Smith`."""
    return fold_name(shown) or fold(shown)


def whole_name(shown: str) -> bool:
    """Whether a name can be remembered in the whole hub: a person's, of more than one word, and no room's."""
    return len(fold_name(shown).split()) > 1 and kind_of(shown) == "person" and not may_be_room(shown)


@dataclass(frozen=True)
class Decided:
    """The decisions that stand, as the matching of one network asks for them."""

    people: Mapping[str, int] = field(default_factory=dict)
    guests: frozenset[str] = frozenset()
    rooms: Mapping[str, int] = field(default_factory=dict)
    rooms_once: Mapping[tuple[str, int], int] = field(default_factory=dict)
    """Heads in one meeting, by name and meeting: before what is said of the name in general."""
    refused: frozenset[tuple[str, int]] = frozenset()

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]], network_id: int, find: Mapping[tuple[str, str], int]) -> Decided:
        """From the store's rows, the oldest first: of two that contradict each other the later one holds.

        `find` gives the person of an identifier's kind and hash; one whom no file tells of any more is left out.
        """
        people: dict[str, int] = {}
        rooms: dict[str, int] = {}
        once: dict[tuple[str, int], int] = {}
        guests: set[str] = set()
        refused: set[tuple[str, int]] = set()
        for row in rows:
            subject, here = str(row["subject"]), row["network_id"] == network_id
            if row["kind"] == "merge" or not (here or (row["kind"] == "person" and whole_name(str(row["shown"])))):
                continue
            person = find.get((str(row["who_kind"]), str(row["who_key"])))
            if row["kind"] == "not":
                if person is not None:
                    refused.add((subject, person))
                if people.get(subject) == person:
                    people.pop(subject, None)
            elif row["kind"] == "room" and row["meeting_id"] is not None:
                once[subject, int(row["meeting_id"])] = int(row["heads"])
            else:
                people.pop(subject, None)
                rooms.pop(subject, None)
                guests.discard(subject)
                if row["kind"] == "room":
                    rooms[subject] = int(row["heads"])
                elif row["kind"] == "guest":
                    guests.add(subject)
                elif person is not None:
                    people[subject] = person
                    refused.discard((subject, person))
        return cls(people, frozenset(guests), rooms, once, frozenset(refused))

    def heads(self, subject: str, meeting_id: int) -> int | None:
        """How many people sat before a shared camera under this name in this meeting; None for no room."""
        return self.rooms_once.get((subject, meeting_id), self.rooms.get(subject))
