"""Decisions about names: remembered for later meetings, exact in their effect, and taken back without a trace."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from echo_metrics.access import LOCAL_OWNER, view_as
from echo_metrics.answers import Filters, ask
from echo_metrics.answers import people_queue as pq
from echo_metrics.doctor import examine
from echo_metrics.errors import NotAllowed, UserError
from echo_metrics.ingest.load import import_bytes
from echo_metrics.ingest.merges import merged_into
from echo_metrics.ingest.undo import undo_import
from echo_metrics.store import Store
from echo_metrics.terms import Role
from tests.store.test_imports import everything

PROGRAMME = b"""format = "echo-metrics-programme"
version = 1
[hub]
name = "Hub"
country = "CA"
timezone = "UTC"
currency = "CAD"
[[network]]
key = "pain"
name = "Pain"
topic = "Pain"
meeting_id = "850 1020 3040"
[[network.cohort]]
name = "One"
number = 1
[[network.cohort.session]]
number = 1
title = "First"
start = 2026-01-08T12:00:00
minutes = 60
[[network.cohort.session]]
number = 2
title = "Second"
start = 2026-02-05T12:00:00
minutes = 60
"""
PEOPLE = """First Name,Last Name,Email,Registration Time,Approval Status
Samantha,Doe,sam@example.org,2025-12-01,approved
Samuel,Doe,samuel@example.org,2025-12-01,approved
Ann,Lee,ann@example.org,2025-12-01,approved
"""
HEAD = (
    "Topic,Meeting ID,Start Time,End Time,Duration (Minutes)\nPain,850 1020 3040,{day} 12:00:00,{day} 13:00:00,60\n\n"
)
COLUMNS = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes)\n"
DAYS = ("01/08/2026", "02/05/2026")


def meeting(day: str, *names: str) -> bytes:
    """A report in which everybody stays from 12:00 to 12:40."""
    rows = ""
    for entry in names:
        name, _, address = entry.partition("|")
        rows += f'"{name}",{address},{day} 12:00:00,{day} 12:40:00,40\n'
    return (HEAD.format(day=day) + COLUMNS + rows).encode()


def filled(path: Path, *names: str) -> Store:
    (path.with_suffix(".key")).write_bytes(bytes(range(32)))
    store = Store.open(path)
    bring(store, PROGRAMME, "programme.toml")
    bring(store, PEOPLE.encode(), "people.csv", "pain", "One")
    bring(store, meeting(DAYS[0], *names), "m1.csv")
    return store


def bring(store: Store, data: bytes, name: str, *place: str) -> None:
    report = import_bytes(store, name, data, *place)
    assert report.status == "loaded", report.message


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return filled(tmp_path / "hub.duckdb", "Sam Doe|", "Clinic 4 Room|", "Ann Lee|ann@example.org")


def name_of(store: Store, shown: str) -> pq.Doubtful:
    return next(n for n in pq.queue(store, LOCAL_OWNER) if n.shown == shown)


def waiting(store: Store) -> set[str]:
    return {n.shown for n in pq.queue(store, LOCAL_OWNER)}


def person(name: pq.Doubtful, called: str) -> int:
    return next(c.person_id for c in name.candidates if c.name == called)


def came(store: Store) -> dict[str, tuple[int, int, int]]:
    """Participants, guests and people in rooms by session, as the answer tells them."""
    answer = ask(store, "attendance", Filters(), LOCAL_OWNER)
    return {
        r.group.label: (int(r.value.value), int(r.extra["guests"]), int(r.extra["in_rooms"]))
        for r in answer.only("attendance", "session")
        if r.value
    }


def test_the_queue_shows_the_evidence(store: Store) -> None:
    sam = name_of(store, "Sam Doe")
    assert {c.name for c in sam.candidates} == {"Samantha Doe", "Samuel Doe"}
    assert [(s.start, s.minutes) for s in sam.seen] == [(datetime(2026, 1, 8, 12), 40.0)]
    assert not sam.may_be_room and name_of(store, "Clinic 4 Room").may_be_room


def test_a_decided_name_counts_and_is_remembered_for_later_meetings(store: Store) -> None:
    assert came(store)["1. First"] == (1, 2, 0)
    sam = name_of(store, "Sam Doe")
    pq.is_person(store, LOCAL_OWNER, "owner", sam, person(sam, "Samantha Doe"))
    assert came(store)["1. First"] == (2, 1, 0)
    bring(store, meeting(DAYS[1], "Doe, Sam|", "Sam|"), "m2.csv")
    # The full name in another order is known; a first name alone still is not.
    assert came(store)["2. Second"] == (1, 1, 0)
    assert "Sam Doe" not in waiting(store) and "Doe, Sam" not in waiting(store)


def test_somebody_who_was_there_at_the_same_time_speaks_against(tmp_path: Path) -> None:
    with filled(tmp_path / "s.duckdb", "Sam Doe|", "Samuel Doe|samuel@example.org") as store:
        against = {c.name: c.against for c in name_of(store, "Sam Doe").candidates}
        assert "same time in 1 meeting" in against["Samuel Doe"] and not against["Samantha Doe"]


def test_a_room_is_people_and_nobody(store: Store) -> None:
    room = name_of(store, "Clinic 4 Room")
    pq.is_room(store, LOCAL_OWNER, "owner", room, 4)
    assert came(store)["1. First"] == (1, 1, 4)
    bring(store, meeting(DAYS[1], "Clinic 4 Room|"), "m2.csv")
    shown = pq.rooms(store, LOCAL_OWNER)
    assert [(r.shown, r.heads) for r in shown] == [("Clinic 4 Room", 4)] * 2
    pq.heads_once(store, LOCAL_OWNER, "owner", shown[1], 6)
    assert [r.heads for r in pq.rooms(store, LOCAL_OWNER)] == [4, 6]
    answer = ask(store, "attendance", Filters(), LOCAL_OWNER)
    (total,) = answer.only("in_rooms", "all")
    assert total.value is not None and total.value.value == 10
    # A discipline has no rooms, and a room is in no count of people.
    assert not ask(store, "attendance", Filters(discipline="social_work"), LOCAL_OWNER).only("in_rooms", "all")
    (people,) = answer.only("attended_once", "all")
    assert people.value is not None and people.value.value == 1
    with pytest.raises(UserError, match="how many"):
        pq.is_room(store, LOCAL_OWNER, "owner", room, 0)


def test_an_address_that_several_share_joins_nobody(tmp_path: Path) -> None:
    """Two nurses by turns behind the clinic's address: two guests, each of whom may be a room."""
    with filled(tmp_path / "s.duckdb", "Bo Ek|clinic@x.org", "Cy Ng|clinic@x.org", "Ann Lee|front.desk@x.org") as store:
        assert came(store)["1. First"] == (1, 2, 0)  # Ann Lee is registered by that name
        for shown in ("Bo Ek", "Cy Ng"):
            assert name_of(store, shown).may_be_room
        pq.is_room(store, LOCAL_OWNER, "owner", name_of(store, "Bo Ek"), 3)
        assert came(store)["1. First"] == (1, 1, 3)


def test_nobody_on_the_list_is_asked_once(store: Store) -> None:
    pq.is_guest(store, LOCAL_OWNER, "owner", name_of(store, "Sam Doe"))
    assert "Sam Doe" not in waiting(store)
    bring(store, meeting(DAYS[1], "Sam Doe|"), "m2.csv")
    assert "Sam Doe" not in waiting(store) and came(store)["2. Second"] == (0, 1, 0)


def test_a_decision_outlives_its_file_and_its_people(store: Store) -> None:
    sam = name_of(store, "Sam Doe")
    pq.is_person(store, LOCAL_OWNER, "owner", sam, person(sam, "Samantha Doe"))
    before = everything(store)
    numbers = {r["name"]: r["id"] for r in store.records("files")}
    undo_import(store, numbers["m1.csv"], "owner")
    undo_import(store, numbers["people.csv"], "owner")
    bring(store, meeting(DAYS[0], "Sam Doe|", "Clinic 4 Room|", "Ann Lee|ann@example.org"), "m1.csv")
    bring(store, PEOPLE.encode(), "people.csv", "pain", "One")
    assert everything(store) == before


def test_two_records_of_one_person_and_back(store: Store) -> None:
    bring(
        store,
        b"First Name,Last Name,Email,Registration Time,Approval Status\nSam,Doe,sd@home.org,2025-12-02,approved\n",
        "more.csv",
        "pain",
        "One",
    )
    bring(store, meeting(DAYS[1], "S|sd@home.org", "Samantha Doe|sam@example.org"), "m2.csv")
    apart = everything(store)
    assert came(store)["2. Second"] == (2, 0, 0)
    ids = {k.label.partition(" (")[0]: k.id for k in pq.known(store, LOCAL_OWNER)}
    number = pq.are_one(store, LOCAL_OWNER, "owner", ids["Sam Doe"], ids["Samantha Doe"])
    trail = ask(store, "attendance", Filters(), LOCAL_OWNER).trail
    assert came(store)["2. Second"] == (1, 0, 0) and trail.registered == 3
    assert not any(f.rows for f in examine(store))
    # A file that comes while they are one is told apart again when the merge is withdrawn.
    late = meeting(DAYS[1], "Late|sd@home.org").replace(b"12:00:00,02/05/2026 12:40", b"12:45:00,02/05/2026 12:59")
    bring(store, late, "m3.csv")
    assert came(store)["2. Second"] == (1, 0, 0)
    pq.withdraw(store, LOCAL_OWNER, "owner", number)
    assert came(store)["2. Second"] == (2, 0, 0)
    assert not any(f.rows for f in examine(store))
    undo_import(store, next(r["id"] for r in store.records("files") if r["name"] == "m3.csv"), "owner")
    assert everything(store) == apart


def test_a_name_that_was_joined_wrongly_is_set_apart(tmp_path: Path) -> None:
    names = ("Samantha Doe|", "Front row|ann@example.org", "iPhone (Samantha Doe)|")
    with filled(tmp_path / "s.duckdb", *names) as store:
        assert came(store)["1. First"] == (2, 0, 0)
        found = {j.shown: j for j in pq.joined(store, LOCAL_OWNER)}
        assert {(j.shown, j.person) for j in found.values()} == {
            ("Samantha Doe", "Samantha Doe"), ("Front row", "Ann Lee"),
        }  # fmt: skip
        apart = pq.is_not(store, LOCAL_OWNER, "owner", found["Samantha Doe"])
        # The name is a guest now, the device besides it nobody's, and so it stays when another meeting comes.
        assert came(store)["1. First"] == (1, 1, 0)
        bring(store, meeting(DAYS[1], "Samantha Doe|"), "m2.csv")
        assert came(store)["2. Second"] == (0, 1, 0)
        pq.is_not(store, LOCAL_OWNER, "owner", found["Front row"])
        assert came(store)["1. First"] == (0, 2, 0)
        pq.withdraw(store, LOCAL_OWNER, "owner", apart)
        assert came(store)["1. First"] == (1, 1, 0)
        assert not any(f.rows for f in examine(store))


def test_answers_of_one_person_pair_once_they_are_one(tmp_path: Path) -> None:
    with filled(tmp_path / "s.duckdb", "Ann Lee|ann@example.org") as store:
        head = "Timestamp,Email address,Moment,I can assess pain\n"
        for day, mail, moment in (("01-05", "ann@example.org", "baseline"), ("06-05", "ann@home.org", "completion")):
            rows = f"2026-{day} 10:00,{mail},{moment},3\n"
            bring(store, (head + rows).encode(), f"{moment}.csv", "pain", "One")
        people = [int(p) for (p,) in store.rows("people_numbers")]
        numbers = {key: p for _, key, p in store.rows("identifiers")}
        one, other = (numbers[store.hashed("email", m)] for m in ("ann@home.org", "ann@example.org"))
        assert one != other and {one, other} <= set(people)
        pq.are_one(store, LOCAL_OWNER, "owner", one, other)
        assert {int(r["person_id"]) for r in _submissions(store)} == {other}
        assert {r["person_key"] for r in _submissions(store)} == {f"p{other}"}


def _submissions(store: Store) -> list[dict[str, Any]]:
    with store.write() as writer:
        return [
            {"person_id": p, "person_key": k}
            for p, k in writer._cursor.execute("SELECT person_id, person_key FROM submission").fetchall()
        ]


def test_decisions_are_listed_with_who_and_can_be_withdrawn_once(store: Store) -> None:
    number = pq.is_room(store, LOCAL_OWNER, "u7", name_of(store, "Clinic 4 Room"), 1)
    (made,) = pq.made(store, LOCAL_OWNER)
    assert (made.id, made.words, made.by, made.withdrawn) == (
        number,
        "Clinic 4 Room is a shared room with 1 person",
        "u7",
        "",
    )
    pq.withdraw(store, LOCAL_OWNER, "u8", number)
    assert pq.made(store, LOCAL_OWNER)[0].withdrawn == "u8"
    assert "Clinic 4 Room" in waiting(store)
    with pytest.raises(UserError, match="already"):
        pq.withdraw(store, LOCAL_OWNER, "u8", number)


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.OWNER])
def test_only_the_owner_decides(role: Role, store: Store) -> None:
    viewer, name = view_as(LOCAL_OWNER, role), name_of(store, "Sam Doe")
    for attempt in (
        lambda: pq.queue(store, viewer),
        lambda: pq.made(store, viewer),
        lambda: pq.known(store, viewer),
        lambda: pq.joined(store, viewer),
        lambda: pq.rooms(store, viewer),
        lambda: pq.heads_once(store, viewer, "x", pq.Room(1, "", "", 1, datetime(2026, 1, 1), 1), 2),
        lambda: pq.is_guest(store, viewer, "x", name),
        lambda: pq.is_person(store, viewer, "x", name, 1),
        lambda: pq.is_room(store, viewer, "x", name, 2),
        lambda: pq.are_one(store, viewer, "x", 1, 2),
        lambda: pq.withdraw(store, viewer, "x", 1),
    ):
        with pytest.raises(NotAllowed):
            attempt()


NAMES = ("Sam Doe|", "Clinic 4 Room|", "Samanta Doe|", "Ann Lee|ann@example.org", "A Lee|")
ACTS = st.lists(
    st.tuples(st.sampled_from(["person", "guest", "room", "merge", "withdraw", "meeting", "undo"]), st.integers(0, 9)),
    max_size=6,
)


@given(acts=ACTS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_withdrawing_every_decision_leaves_nothing(acts: list[tuple[str, int]], tmp_path_factory: Any) -> None:
    """After any course of decisions, imports and undoing, the store without decisions answers as if none had been."""
    folder = tmp_path_factory.mktemp("course")
    with filled(folder / "a.duckdb", *NAMES) as store, filled(folder / "b.duckdb", *NAMES) as plain:
        for act, n in acts:
            names = pq.queue(store, LOCAL_OWNER)
            if act == "meeting":
                data = meeting(DAYS[1], *NAMES[: 1 + n % len(NAMES)]).replace(b"40\n", f"{n}\n".encode())
                for s in (store, plain):
                    import_bytes(s, f"later{n}.csv", data)
            elif act == "undo":
                numbers = {r["name"]: r["id"] for r in plain.records("files") if r["name"].startswith("later")}
                # The newest first: an older one may be what a newer one left out.
                for name, number in sorted(numbers.items(), key=lambda entry: -entry[1])[:1]:
                    own = next(r["id"] for r in store.records("files") if r["name"] == name)
                    undo_import(plain, number, "x")
                    undo_import(store, own, "x")
            elif act == "withdraw":
                standing = [d for d in pq.made(store, LOCAL_OWNER) if not d.withdrawn]
                if standing:
                    pq.withdraw(store, LOCAL_OWNER, "x", standing[n % len(standing)].id)
            elif act == "merge":
                people = pq.known(store, LOCAL_OWNER)
                a, b = people[n % len(people)], people[(n + 1) % len(people)]
                if a.id != b.id:
                    pq.are_one(store, LOCAL_OWNER, "x", a.id, b.id)
            elif names:
                name = names[n % len(names)]
                if act == "person" and name.candidates:
                    pq.is_person(store, LOCAL_OWNER, "x", name, name.candidates[n % len(name.candidates)].person_id)
                elif act == "guest":
                    pq.is_guest(store, LOCAL_OWNER, "x", name)
                elif act == "room":
                    pq.is_room(store, LOCAL_OWNER, "x", name, 1 + n)
            assert not any(f.rows for f in examine(store))
        for decision in pq.made(store, LOCAL_OWNER):
            if not decision.withdrawn:
                pq.withdraw(store, LOCAL_OWNER, "x", decision.id)
        assert everything(store) == everything(plain)
        assert {n.shown for n in pq.queue(store, LOCAL_OWNER)} == {n.shown for n in pq.queue(plain, LOCAL_OWNER)}


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=8))
def test_merges_end_at_somebody_who_remains(pairs: list[tuple[int, int]]) -> None:
    found = merged_into(pairs)
    assert not set(found) & set(found.values())
    # The same parts of people as a plain union of the pairs.
    parts = {n: {n} for n in range(1, 7)}
    for a, b in pairs:
        whole = parts[a] | parts[b]
        for n in whole:
            parts[n] = whole
    for n in range(1, 7):
        assert {m for m in range(1, 7) if found.get(m, m) == found.get(n, n)} == parts[n]
