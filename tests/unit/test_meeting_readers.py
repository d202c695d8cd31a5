"""Meeting reports without a published sample, from the layouts that are known, including awkward ones."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from echo_metrics.definitions import load_definitions
from echo_metrics.errors import FileRefused
from echo_metrics.ingest.detect import detect, parse
from echo_metrics.ingest.durations import parse_minutes
from echo_metrics.ingest.readers.base import Context
from echo_metrics.ingest.records import Parsed
from echo_metrics.ingest.source import open_document


def read(text: str | bytes, name: str = "file.csv", **context: object) -> Parsed:
    data = text if isinstance(text, bytes) else text.encode()
    parsed = parse(open_document(name, data), Context(load_definitions(), **context))  # type: ignore[arg-type]
    assert parsed.account.balanced
    return parsed


def stays(parsed: Parsed) -> list[tuple[str, str, str, str]]:
    """(name, e-mail, join, leave) of each connection."""
    return [(c.display_name, c.email, f"{c.join:%d %H:%M:%S}", f"{c.leave:%d %H:%M:%S}") for c in parsed.connections]


# -- Zoom ------------------------------------------------------------------------------------------------------------

TOTALS = "Name (original name),Email,Total duration (minutes),Guest\nAnn,ann@example.org,61,No\n,,,\nCas,,12,Yes\n"
BLOCK = "Topic,ID,Host,Duration (minutes),Start time,End time,Participants\nPain,850 1020 3040,Hub (h@example.org),70,"


def test_zoom_totals_with_their_block() -> None:
    parsed = read(f"{BLOCK}03/25/2024 12:00:00 PM,03/25/2024 01:10:00 PM,2\n\n{TOTALS}")
    assert (parsed.variant, parsed.meetings[0].platform_id) == ("unique users, totals only", "85010203040")
    assert dict(parsed.account.ignored) == {"meeting block": 2, "blank row": 2, "heading": 1}
    assert [(c.origin_kind, c.minutes_reported, c.join) for c in parsed.connections] == [
        ("total_only", 61, datetime(2024, 3, 25, 12)),
        ("total_only", 12, datetime(2024, 3, 25, 12)),
    ]


@pytest.mark.parametrize(
    "headings",
    [
        "Name (Original Name),User Email,Total Duration (Minutes)",
        "Nombre (nombre original),Correo electrónico,Duración total (minutos),Invitado",
    ],
)
def test_zoom_totals_without_a_date_say_what_they_lack(headings: str) -> None:
    text = f"{headings}\nAnn,ann@example.org,61\n"
    document = open_document("users.csv", text.encode())
    assert detect(document, Context(load_definitions()))[1].variant == "unique users, totals only"
    with pytest.raises(FileRefused, match="when the meeting was"):
        read(text, "users.csv")
    parsed = read(text, "participants_85010203040_2024_03_25.csv")
    assert (parsed.connections[0].join.date(), parsed.meetings[0].platform_id) == (date(2024, 3, 25), "85010203040")
    assert "day_from_name" in {i.code for i in parsed.account.issues}


def test_zoom_totals_on_a_scheduled_day_span_the_day() -> None:
    (meeting,) = read(TOTALS, "2024-03-25.csv", session_days=frozenset({date(2024, 3, 25)})).meetings
    assert (meeting.start, meeting.end) == (datetime(2024, 3, 25), datetime(2024, 3, 25, 23, 59, 59))


WIDE = (
    "Topic,Meeting ID,User Name,User Email,Department,Group,Start Time,End Time,Duration (Minutes),Participants,"
    "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Marketing Opt-in\n"
    "Pain,850 1,Hub,h@example.org,D,G,03/25/2024 12:00:00 PM,03/25/2024 01:10:00 PM,70,2,Ann (Ann Bell),a@example.org,"
    "03/25/2024 12:01:00 PM,03/25/2024 01:00:00 PM,59,No,\n"
    "Care,850 2,Hub,h@example.org,D,G,03/26/2024 12:00:00 PM,03/26/2024 01:10:00 PM,70,1,Cas,,"
    "03/26/2024 12:02:00 PM,03/26/2024 12:10:00 PM,8,Yes,\n"
)


def test_zoom_account_export_keeps_host_and_participant_apart() -> None:
    parsed = read(WIDE)
    assert parsed.variant == "account export, many meetings"
    assert [(m.platform_id, m.topic) for m in parsed.meetings] == [("8501", "Pain"), ("8502", "Care")]
    assert stays(parsed) == [
        ("Ann", "a@example.org", "25 12:01:00", "25 13:00:00"),
        ("Cas", "", "26 12:02:00", "26 12:10:00"),
    ]
    assert [c.minutes_reported for c in parsed.connections] == [59, 8]
    assert parsed.connections[1].meeting_key == parsed.meetings[1].key


@pytest.mark.parametrize(
    "headings",
    [
        "Name (Originalname),Benutzer-E-Mail,Beitrittszeit,Verlassenszeit,Dauer (Minuten),Gast",
        "Nom (nom d'origine),E-mail de l'utilisateur,Heure d'arrivée,Heure de départ,Durée (minutes),Invité",
    ],
)
def test_zoom_in_a_language_that_nobody_confirmed(headings: str) -> None:
    rows = (
        "Ann (Ann Bell),a@example.org,25.03.2024 12:00:05,25.03.2024 13:00:00,60,Nein\n"
        "Cas,,25.03.2024 12:10:00,25.03.2024 12:15:00,5,Ja\n"
    )
    parsed = read(f"{headings}\n{rows}")
    assert (parsed.format, parsed.date_order, len(parsed.connections)) == ("zoom", "dmy", 2)
    assert parsed.connections[0].original_name == "Ann Bell"


def test_zoom_utc_columns_keep_their_zone() -> None:
    parsed = read(
        "Name (original name),Email,Join time (UTC),Leave time (UTC),Duration (minutes)\n"
        "Ann,a@example.org,03/25/2024 12:00:00,03/25/2024 13:00:00,60\n"
    )
    assert (parsed.timezone, parsed.connections[0].join) == ("UTC", datetime(2024, 3, 25, 12, tzinfo=UTC))


def test_zoom_reports_pasted_together() -> None:
    heading = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes)"
    row = "Ann,a@example.org,03/25/2024 12:00:00 PM,03/25/2024 01:00:00 PM,60"
    parsed = read(f"{heading}\n{row}\n{heading}\n{row.replace('25', '26')}\n")
    assert (len(parsed.connections), dict(parsed.account.ignored)) == (2, {"heading": 2})


# ruff: noqa: E501 - headings of reports stand as the tools write them
WEBINAR = """Attendee Report
Report Generated:,"03/26/2024 9:00"
Topic,Webinar ID,Actual Start Time,Actual Duration (minutes),# Registered,# Cancelled,Unique Viewers,Total Users,Max Concurrent Views
Pain, explained,850 1020 3040,03/25/2024 12:00:00 PM,70,3,0,2,4,2
Host Details,
Attended,User Name (Original Name),Email,Join Time,Leave Time,Time in Session (minutes),Is Guest,Country/Region Name
Yes,Hub Host,hub@example.org,03/25/2024 11:55:00 AM,03/25/2024 01:10:00 PM,75,No,Canada,
Attendee Details,
Attended,User Name (Original Name),First Name,Last Name,Email,Registration Time,Approval Status,Join Time,Leave Time,Time in Session (minutes),Is Guest,Your profession,Country/Region Name
Yes,Ann,Ann,Bell,ann@example.org,03/01/2024 10:00:00 AM,approved,03/25/2024 12:00:00 PM,03/25/2024 12:20:00 PM,20,No,Nurse,Canada,
Yes,Ann,Ann,Bell,ann@example.org,03/01/2024 10:00:00 AM,approved,03/25/2024 12:30:00 PM,03/25/2024 01:00:00 PM,30,No,Nurse,Canada,
No,--,Cas,Dorn,cas@example.org,03/02/2024 10:00:00 AM,approved,--,--,--,No,Pharmacist,,
Yes,Eve,--,--,eve@example.org,NA,NA,03/25/2024 12:05:00 PM,03/25/2024 01:00:00 PM,55,Yes,,Canada,
Other Attended
User Name,Join Time,Leave Time,Time in Session (minutes),Country/Region Name
1415***1234,"Mar 25, 2024 12:10:00","Mar 25, 2024 12:40:00",30,
"""


@pytest.mark.parametrize("separator", [",", "\t"])
def test_zoom_webinar_sections(separator: str) -> None:
    text = WEBINAR if separator == "," else WEBINAR.replace("Pain, explained", "Pain").replace(",", "\t")
    if separator == "\t":
        text = text.replace('"Mar 25\t 2024', '"Mar 25, 2024')
    parsed = read(text)
    assert (parsed.format, parsed.meetings[0].platform_id) == ("zoom_webinar", "85010203040")
    assert parsed.meetings[0].topic == ("Pain, explained" if separator == "," else "Pain")
    assert [c.display_name for c in parsed.connections] == ["Hub Host", "Ann", "Ann", "Eve", "1415***1234"]
    assert [(r.first_name, r.last_name, r.discipline, r.hub_team, r.counted) for r in parsed.registrations] == [
        ("Hub", "Host", "", True, False),
        ("Ann", "Bell", "Nurse", False, False),
        ("Cas", "Dorn", "Pharmacist", False, True),
    ]
    assert parsed.account.loaded == 6
    assert dict(parsed.account.ignored) == {
        "notes above the heading": 2, "meeting block": 2, "section heading": 3, "heading": 3,
    }  # fmt: skip


def test_addresses_and_telephones_of_registrants_are_named_and_dropped() -> None:
    parsed = read(
        "First Name,Last Name,Email,Phone,Zip/Postal Code,Registration Time,Approval Status,Your profession\n"
        "Ann,Bell,ann@example.org,555 0100,V5K,03/25/2024 12:00:00 PM,approved,Nurse\n"
    )
    kept = {c.heading: c.maps_to for c in parsed.columns}
    assert kept["Phone"] == kept["Zip/Postal Code"] == "dropped: personal data that no figure needs"
    assert kept["Email"] == "email"
    assert [i.column for i in parsed.account.issues] == ["Phone", "Zip/Postal Code"]


POLL_HEAD = "#,User Name,User Email,Submitted Date/Time,"


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        (
            "Poll Report,\nTopic,Meeting ID\nPain,850\n\n"
            f"{POLL_HEAD}\n1,Ann,ann@example.org,\"Mar 25, 2024 12:10:00\",Useful?,Yes,Clear?,No,\n",
            [("Useful?", "Yes"), ("Clear?", "No")],
        ),
        (
            "Poll Report,\nReport Generated:,x\nTopic,Meeting ID\nPain,850\nPoll Details\n"
            f"{POLL_HEAD}Useful?,Which?\n1,Ann,ann@example.org,\"Mar 25, 2024 12:10:00\",Yes,a;b\n"
            f"{POLL_HEAD}Clear?\n1,Anonymous Attendee,,\"Mar 25, 2024 12:11:00\",No\n",
            [("Useful?", "Yes"), ("Which?", "a;b"), ("Clear?", "No")],
        ),
        (
            f"{POLL_HEAD}Question,Answer\n1,Ann,ann@example.org,2024-03-25 12:10:00,Useful?,Yes\n",
            [("Useful?", "Yes")],
        ),
    ],
)  # fmt: skip
def test_zoom_polls(text: str, answers: list[tuple[str, str]]) -> None:
    parsed = read(text)
    assert parsed.format == "zoom_polls"
    assert [(a.question, a.raw) for s in parsed.submissions for a in s.answers] == answers
    assert parsed.submissions[0].fields["email"] == "ann@example.org"


def test_zoom_chat_in_one_line_with_private_messages() -> None:
    text = '12:00:05\tAnn Bell:\tHello, "all"\n12:00:06\tCas:\tHi\nmore of it\n'
    parsed = read(text, "chat_2024-03-25.txt")
    assert [(r.values["author"], r.values["posted_at"], r.values["text"]) for r in parsed.table] == [
        ("Ann Bell", "2024-03-25 12:00:05", 'Hello, "all"'),
        ("Cas", "2024-03-25 12:00:06", "Hi\nmore of it"),
    ]
    private = "12:00:05 From Ann to Cas(Direct Message): psst\n12:00:06 From  Cas  to  Everyone:\n\tHi\n"
    parsed = read(private)
    assert ([r.values["text"] for r in parsed.table], parsed.account.ignored["private message"]) == (["Hi"], 1)


# -- Teams -----------------------------------------------------------------------------------------------------------

EVENTS = (
    "Full Name\tUser Action\tTimestamp\nBell, Ann\tJoined before\t3/25/2024, 12:00:00 PM\n"
    "Cas (Guest)\tJoined\t3/25/2024, 12:05:00 PM\nBell, Ann\tLeft\t3/25/2024, 1:00:00 PM\n"
    "Cas (Guest)\tLeft\t3/25/2024, 1:01:00 PM\nBell, Ann\tJoined\t3/26/2024, 12:00:00 PM\n"
    "Eve\tLeft\t3/26/2024, 12:30:00 PM\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("heading", [True, False])
def test_teams_event_log(encoding: str, heading: bool) -> None:
    text = EVENTS if heading else EVENTS.partition("\n")[2]
    parsed = read(text.replace("\n", "\r\n").encode(encoding))
    assert (parsed.format, len(parsed.meetings), parsed.date_order) == ("teams", 2, "mdy")
    # Nobody saw Ann leave the second day: she was there until its last event. Eve's leave has no join.
    assert stays(parsed) == [
        ("Bell, Ann", "", "25 12:00:00", "25 13:00:00"),
        ("Cas (Guest)", "", "25 12:05:00", "25 13:01:00"),
        ("Bell, Ann", "", "26 12:00:00", "26 12:30:00"),
    ]
    assert [q.code for q in parsed.account.quarantined] == ["leaves_without_joining"]
    assert parsed.account.loaded == 5


def test_teams_summary_of_2021() -> None:
    parsed = read(
        "Meeting Summary\nTotal Number of Participants\t2\nMeeting Title\tPain\n"
        "Meeting Start Time\t3/25/2024, 11:59:00 AM\nMeeting End Time\t3/25/2024, 1:02:00 PM\n\n"
        "Full Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole\tParticipant ID (UPN)\n"
        "Bell, Ann\t3/25/2024, 12:00:00 PM\t3/25/2024, 12:10:00 PM\t10m\tann@example.org\tPresenter\tann@x.org\n"
        "Bell, Ann\t3/25/2024, 12:20:00 PM\t3/25/2024, 1:00:00 PM\t40m\tann@example.org\tPresenter\tann@x.org\n"
    )
    assert (parsed.variant, parsed.meetings[0].topic) == ("summary and participants (2021-22)", "Pain")
    assert parsed.meetings[0].start == datetime(2024, 3, 25, 11, 59)
    assert [c.minutes_reported for c in parsed.connections] == [10, 40]
    assert dict(parsed.account.ignored) == {"meeting block": 5, "blank row": 1, "heading": 1}


SECTIONS = {
    "en": ("1. Summary", "Meeting title", "Start time", "End time", "2. Participants",
           "Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole",
           "3. In-Meeting Activities", "Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole"),
    "pt": ("1. Resumo", "Título da reunião", "Hora de início", "Hora de término", "2. Participantes",
           "Nome\tPrimeiro ingresso\tÚltima saída\tDuração na reunião\tEmail\tID do participante (UPN)\tFunção",
           "3. Atividades da reunião", "Nome\tHora de ingresso\tHora de saída\tDuração\tEmail\tFunção"),
    "de": ("1. Zusammenfassung", "Besprechungstitel", "Startzeit", "Endzeit", "2. Teilnehmer",
           "Name\tErster Beitritt\tLetztes Verlassen\tDauer der Besprechung\tE-Mail\tTeilnehmer-ID (UPN)\tRolle",
           "3. Aktivitäten", "Name\tBeitrittszeit\tZeit des Verlassens\tDauer\tE-Mail\tRolle"),
    "pl": ("1. Podsumowanie", "Tytuł spotkania", "Początek", "Koniec", "2. Uczestnicy",
           "Imię i nazwisko\tPierwsze dołączenie\tOstatnie opuszczenie\tCzas\tAdres\tUPN\tRola",
           "3. Działania", "Imię i nazwisko\tGodzina dołączenia\tGodzina opuszczenia\tCzas\tAdres\tRola"),
}  # fmt: skip


def sections(language: str, third: bool = True) -> str:
    one, title, start, end, two, head2, three, head3 = SECTIONS[language]
    text = (
        f"{one}\n{title}\tPain\nX\t2\n{start}\t25.03.2024, 11:59:00\n{end}\t25.03.2024, 13:02:00\n\n{two}\n{head2}\n"
        "Bell, Ann (EXT)\t25.03.2024, 12:00:00\t25.03.2024, 13:00:00\t50 Min. 0 Sek.\tann@example.org\tann@x.org\tR\n"
        "Cas (Guest)\t25.03.2024, 12:00:00\t25.03.2024, 12:30:00\t30 Min.\t\tcas#ext#@x.org\tR\n"
    )
    if third:
        text += (
            f"\n{three}\n{head3}\n"
            "Bell, Ann (EXT)\t25.03.2024, 12:00:00\t25.03.2024, 12:10:00\t10 Min.\tann@example.org\tR\n"
            "Bell, Ann (EXT)\t25.03.2024, 12:20:00\t13:00:00\t40 Min.\tann@example.org\tR\n"
            "Cas (Guest)\t25.03.2024, 12:00:00\t25.03.2024, 12:30:00\t30 Min.\t\tR\n"
        )
    return text


@pytest.mark.parametrize("language", list(SECTIONS))
def test_teams_sections_in_languages(language: str) -> None:
    parsed = read(sections(language).encode("utf-16"))
    assert (parsed.format, parsed.date_order, parsed.meetings[0].topic) == ("teams", "dmy", "Pain")
    assert parsed.meetings[0].start == datetime(2024, 3, 25, 11, 59)
    assert stays(parsed) == [
        ("Bell, Ann (EXT)", "ann@example.org", "25 12:00:00", "25 12:10:00"),
        ("Bell, Ann (EXT)", "ann@example.org", "25 12:20:00", "25 13:00:00"),
        ("Cas (Guest)", "cas#ext#@x.org", "25 12:00:00", "25 12:30:00"),
    ]
    assert parsed.account.ignored["participant summary"] == 2
    assert parsed.connections[2].guest == "Yes"


def test_teams_without_activities_counts_minutes_and_not_the_span() -> None:
    parsed = read(sections("en", third=False))
    assert [(c.display_name, c.origin_kind, c.minutes_reported) for c in parsed.connections] == [
        ("Bell, Ann (EXT)", "total_only", 50),
        ("Cas (Guest)", "log", 30),
    ]


def test_teams_re_export_that_splits_date_and_time() -> None:
    engagement = "\tEngagement: Raised hands\tEngagement: Reactions"
    text = sections("en").replace("Role\n\n", f"Role{engagement}\n\n").replace(", 1", "\t1")
    text = text.replace("(UPN)\tRole", f"(UPN)\tRole{engagement}")
    parsed = read(text)
    assert parsed.variant == "sections with engagement (2024 on)"
    assert [s[2] for s in stays(parsed)] == ["25 12:00:00", "25 12:20:00", "25 12:00:00"]


# -- Google Meet, iECHO, others --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "block",
    [
        "Meeting title,Date,Start time,End time\nPain,2024-03-25,11:58 AM,1:05 PM\n\n",
        "Meeting title,Pain\nDate,2024-03-25\nStart time,11:58 AM\nEnd time,1:05 PM\n\n",
        "",
    ],
)
@pytest.mark.parametrize("names", ["First name,Last name,Email", "Name,Email"])
def test_google_meet(block: str, names: str) -> None:
    first = "Ann,Bell,ann@example.org" if names.startswith("First") else "Ann Bell,ann@example.org"
    text = f"{block}{names},Duration,Time joined,Time exited\n{first},1 hr 2 min,12:00 PM,1:02 PM\n"
    parsed = read(text, "Pain 2024-03-25.csv" if not block else "x.csv")
    assert stays(parsed) == [("Ann Bell", "ann@example.org", "25 12:00:00", "25 13:02:00")]
    assert parsed.connections[0].minutes_reported == 62
    if block:
        assert (parsed.meetings[0].topic, parsed.meetings[0].start) == ("Pain", datetime(2024, 3, 25, 11, 58))


def test_google_meet_without_a_day_is_known_and_refused() -> None:
    text = "Name,Email,Duration\nAnn Bell,ann@example.org,42m\n"
    document = open_document("x.csv", text.encode())
    assert detect(document, Context(load_definitions()))[0].FORMAT == "google_meet"
    with pytest.raises(FileRefused, match="no date"):
        read(text)
    (row,) = read(text, "Pain (2024-03-25).csv").connections
    assert (row.origin_kind, row.minutes_reported) == ("total_only", 42)


IECHO = (
    "Hub Name,Total Sessions conducted,Launch Date,Number of Participants,First Name,Last Name,Status,Title,Email,Country\n"
    "North,12,2020-01-01,240,Ann,Bell,Active,Nurse,ann@example.org,Canada\n"
    "North,12,2020-01-01,240,Cas,Dorn,Invited,Nurse,cas@example.org,Canada\n"
    "North,12,2020-01-01,240,Ann,Bell,Active,Nurse,ann@example.org,Canada\n"
)


def test_iecho_people_never_show_the_printed_number_as_reach() -> None:
    parsed = read(IECHO)
    assert [r.email for r in parsed.registrations] == ["ann@example.org"]
    assert dict(parsed.account.ignored) == {"heading": 1, "invited only": 1, "registered twice": 1}
    assert {c.heading: c.maps_to for c in parsed.columns}["Number of Participants"] == "not used"
    assert "not_a_reach_figure" in {i.code for i in parsed.account.issues}


def test_iecho_marks_that_were_set_by_hand_are_reported() -> None:
    parsed = read(
        "Hub Name,Program Name,Session Name,Session Date,First Name,Last Name,Email,Role,Attended,Attendance Marked By,Adjusted\n"
        "North,Pain,Opioids,2024-03-25 12:00,Ann,Bell,ann@example.org,Attendee,Yes,,No\n"
        "North,Pain,Opioids,2024-03-25 12:00,Cas,Dorn,cas@example.org,SME,Yes,Hub Host,Yes\n"
        "North,Pain,Opioids,2024-03-25 12:00,Eve,Fane,eve@example.org,Attendee,No,,No\n"
        "North,Pain,Opioids,soon,Gil,Hart,gil@example.org,Attendee,Yes,,No\n"
    )
    assert [(c.display_name, c.origin_kind, c.minutes_reported) for c in parsed.connections] == [
        ("Ann Bell", "iecho", None),
        ("Cas Dorn", "iecho", None),
    ]
    assert [(r.first_name, r.hub_team) for r in parsed.registrations] == [("Ann", False), ("Cas", True), ("Eve", False)]
    assert [q.code for q in parsed.account.quarantined] == ["unreadable_date"]
    (note,) = [i for i in parsed.account.issues if i.code == "adjusted_by_hand"]
    assert note.message.startswith("1 attendance mark")


def test_any_other_list_of_joins_and_leaves() -> None:
    parsed = read(
        "Attendee Name\tAttendee Email\tJoin Time\tLeave Time\tAttendance Duration\n"
        "Ann Bell\tann@example.org\t2024-03-25 12:00:00\t2024-03-25 13:00:00\t60 mins\n".replace("\n", "\r\n")
    )
    assert (parsed.format, stays(parsed)) == (
        "attendance", [("Ann Bell", "ann@example.org", "25 12:00:00", "25 13:00:00")],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("128", 128), ("1h 2m 10s", 62 + 1 / 6), ("19m 26s", 19 + 26 / 60), ("59 Min. 0 Sek.", 59), ("1 godz. 5 min", 65),
        ("1 hr 2 min", 62), ("42m", 42), ("32:14", 32 + 14 / 60), ("1:00:00", 60), ("59,5", 59.5), ("1 Std. 5 Min.", 65),
        ("", None), ("soon", None), ("1 apple", None), ("9" * 80, None),
    ],
)  # fmt: skip
def test_durations(text: str, minutes: float | None) -> None:
    assert parse_minutes(text) == (None if minutes is None else pytest.approx(minutes))
