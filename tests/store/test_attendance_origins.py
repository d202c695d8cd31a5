"""Attendance without times: totals are summed and bounded, marks say that somebody was there, intervals come first."""

from __future__ import annotations

from pathlib import Path

import pytest

from echo_metrics.doctor import examine
from echo_metrics.ingest.load import import_bytes
from echo_metrics.store import Store
from tests.unit.test_meeting_readers import WEBINAR

PROGRAMME = """format = "echo-metrics-programme"
[hub]
name = "North"
timezone = "UTC"
country = "CA"
[[network]]
key = "pain"
name = "Pain"
zoom_meeting_id = "850 1020 3040"
[[network.cohort]]
name = "Cohort 1"
number = 1
[[network.cohort.session]]
number = 1
title = "Opioids"
start = 2024-03-25T12:00:00
minutes = 60
[[network.cohort.session]]
number = 2
title = "Sleep"
start = 2024-03-25T13:30:00
minutes = 30
"""
BLOCK = "Topic,ID,Host,Duration (minutes),Start time,End time,Participants\nPain,850 1020 3040,Hub,60,"
ONE = f"{BLOCK}03/25/2024 12:00:00 PM,03/25/2024 01:00:00 PM,3\n\n"
BOTH = f"{BLOCK}03/25/2024 12:00:00 PM,03/25/2024 02:00:00 PM,3\n\n"
TOTALS = (
    "Name (original name),Email,Total duration (minutes),Guest\n"
    "Ann Bell,ann@example.org,45,No\nCas Dorn,cas@example.org,90,No\nAnn B,ann@example.org,5,No\n"
)
LOG = (
    "Name (original name),Email,Join time,Leave time,Duration (minutes)\n"
    "Ann Bell,ann@example.org,03/25/2024 12:00:00 PM,03/25/2024 12:20:00 PM,20\n"
)


@pytest.fixture
def planned(store: Store) -> Store:
    import_bytes(store, "programme.toml", PROGRAMME.encode())
    return store


def attendance(store: Store) -> list[tuple[object, ...]]:
    with store.write() as writer:
        return writer._cursor.execute(
            "SELECT s.number, (SELECT max(shown) FROM person_identifier i WHERE i.person_id = a.person_id) AS name, "
            "a.minutes, a.pct_of_session, a.attended, a.origin, a.first_join "
            "FROM attendance a JOIN session s ON s.id = a.session_id ORDER BY ALL"
        ).fetchall()


def test_totals_are_summed_and_never_above_the_session(planned: Store) -> None:
    report = import_bytes(planned, "a.csv", (ONE + TOTALS).encode())
    assert (report.connections, report.people, report.balanced) == (3, 2, True)
    assert attendance(planned) == [
        (1, "Ann Bell", 50.0, pytest.approx(250 / 3), True, "total_only", None),
        (1, "Cas Dorn", 60.0, 100.0, True, "total_only", None),
    ]


def test_totals_of_a_meeting_over_two_sessions_are_shared_by_length(planned: Store) -> None:
    import_bytes(planned, "a.csv", (BOTH + TOTALS).encode())
    minutes = {(number, name): m for number, name, m, *_ in attendance(planned)}
    assert minutes == {(1, "Ann Bell"): pytest.approx(50 * 60 / 90), (2, "Ann Bell"): pytest.approx(50 * 30 / 90),
                       (1, "Cas Dorn"): pytest.approx(60), (2, "Cas Dorn"): pytest.approx(30)}  # fmt: skip


@pytest.mark.parametrize("first", ["totals", "log"])
def test_intervals_come_before_totals_whichever_is_imported_first(planned: Store, first: str) -> None:
    files = {"totals": (ONE + TOTALS).encode(), "log": (ONE + LOG).encode()}
    for name in (first, *(n for n in files if n != first)):
        assert import_bytes(planned, f"{name}.csv", files[name]).status == "loaded"
    by_name = {name: (minutes, origin) for _, name, minutes, _, _, origin, _ in attendance(planned)}
    assert by_name == {"Ann Bell": (20.0, "log"), "Cas Dorn": (60.0, "total_only")}


def test_totals_with_the_day_in_the_files_name_meet_the_sessions_of_that_day(planned: Store) -> None:
    report = import_bytes(planned, "participants_85010203040_2024_03_25.csv", TOTALS.encode())
    assert report.status == "loaded"
    assert {row[0] for row in attendance(planned)} == {1, 2}
    assert import_bytes(planned, "users.csv", (TOTALS + "\n").encode()).status == "refused"


def test_marks_have_no_minutes_and_count_as_attended(planned: Store) -> None:
    text = (
        "Hub Name,Session Name,Session Date,First Name,Last Name,Email,Role,Attended,Attendance Marked By,Adjusted\n"
        "North,Opioids,2024-03-25 12:00,Eve,Fane,eve@example.org,Attendee,Yes,Host,Yes\n"
        "North,Opioids,2024-03-25 12:00,Ann,Bell,ann@example.org,Attendee,Yes,,No\n"
    )
    import_bytes(planned, "log.csv", (ONE + LOG).encode())
    report = import_bytes(planned, "iecho.csv", text.encode(), "Pain", "Cohort 1")
    assert (report.rows_loaded, report.balanced) == (2, True)
    assert "adjusted_by_hand" in {i.code for i in report.issues}
    kinds = {row[1]: row[2:6] for row in attendance(planned)}
    assert kinds == {"Ann Bell": (20.0, pytest.approx(100 / 3), True, "log"), "Eve Fane": (None, None, True, "iecho")}
    assert not [f for f in examine(planned) if f.rows]


def test_devices_that_were_all_there_from_before_to_after_count_once(planned: Store) -> None:
    """Clipped to the session their intervals are equal, and equal intervals have no order of their own."""
    rows = "".join(
        f"Person {p} on {d},p{p}@example.org,03/25/2024 11:{50 - d}:00 AM,03/25/2024 01:{10 + d}:00 PM,80\n"
        for p in range(150)
        for d in range(8)
    )
    import_bytes(planned, "a.csv", (ONE + LOG.partition("\n")[0] + "\n" + rows).encode())
    assert {row[2] for row in attendance(planned)} == {60.0}
    assert not [f for f in examine(planned) if f.rows]


def test_a_webinar_attendee_who_registered_counts_once_and_as_participant(planned: Store) -> None:
    registrants = (
        "First Name,Last Name,Email,Registration Time,Approval Status\n"
        "Ann,Bell,ann@example.org,03/01/2024 10:00:00 AM,approved\n"
    )
    import_bytes(planned, "list.csv", registrants.encode(), "Pain", "Cohort 1")
    report = import_bytes(planned, "webinar.csv", WEBINAR.encode(), "Pain", "Cohort 1")
    # Five rows of people who came and one who only registered; Ann's enrolment is there already, her stays are not.
    assert (report.format, report.rows_loaded, report.connections, report.balanced) == ("zoom_webinar", 6, 5, True)
    assert "already there" not in report.rows_ignored
    with planned.write() as writer:
        roles = writer._cursor.execute("SELECT role, minutes FROM attendance ORDER BY role, minutes").fetchall()
        enrolled = writer._cursor.execute("SELECT count(*) FROM enrolment WHERE role = 'participant'").fetchall()
    # Ann's two stays of 20 and 30 minutes are one attendance; the caller is nobody.
    assert roles == [("guest", 55.0), ("hub_team", 60.0), ("participant", 50.0)]
    assert enrolled == [(2,)]


def test_stays_that_are_there_already_are_ignored_with_all_their_rows(planned: Store) -> None:
    head = "Meeting ID,Topic,Start Time,End Time,Participants\n850 1020 3040,Pain,03/25/2024 12:00:00 PM,,1\n\n"
    import_bytes(planned, "a.csv", (head + LOG).encode())
    again = import_bytes(planned, "b.csv", (head + LOG + "\n").encode())
    assert (again.connections, again.rows_loaded, again.rows_ignored["already there"]) == (0, 0, 1)
    assert again.balanced


def test_an_older_store_is_brought_up_to_date(tmp_path: Path) -> None:
    """A store written before totals were known: its attendance came from logs."""
    import duckdb

    from echo_metrics.store.sql import migrations

    path = tmp_path / "old.duckdb"
    with Store.open(path):
        pass
    with duckdb.connect(str(path)) as connection:
        for table in ("connection", "attendance"):
            connection.execute(f"ALTER TABLE {table} DROP COLUMN origin")
        connection.execute("INSERT INTO attendance (session_id, person_id, minutes, attended) VALUES (1, 1, 30, true)")
        text = next(text for number, _, text in migrations() if number == 2)
        connection.execute(text)
        assert connection.execute("SELECT origin FROM attendance").fetchall() == [("log",)]
