"""Layouts of the tools in the combinations that occur: headings, blocks, separators, encodings, languages, dates."""

from __future__ import annotations

import io
from datetime import datetime

import pytest
import xlsxwriter

from echo_metrics.definitions import load_definitions
from echo_metrics.errors import FileRefused
from echo_metrics.ingest.detect import parse
from echo_metrics.ingest.readers.base import Context
from echo_metrics.ingest.records import Parsed
from echo_metrics.ingest.source import open_document
from echo_metrics.terms import WaveKind


def read(text: str | bytes, **context: object) -> Parsed:
    data = text if isinstance(text, bytes) else text.encode()
    parsed = parse(open_document("file.csv", data), Context(load_definitions(), **context))  # type: ignore[arg-type]
    assert parsed.account.balanced
    return parsed


OLD = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent"
NEW = (
    "Name (original name),Email,Join time,Leave time,Duration (minutes),Guest,Recording disclaimer response,"
    "In waiting room"
)
OLD_ROW = "Ann (Ann Bell),ann@example.org,03/25/2021 12:00:05 PM,03/25/2021 01:00:00 PM,60,Yes,Y"
NEW_ROW = "Ann (Ann Bell),ann@example.org,03/25/2021 12:00:05 PM,03/25/2021 01:00:00 PM,60,No,OK,No"
OLD_BLOCK = (
    "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants,\n"
    "850 1020 3040,Pain: ask, answer, act,03/25/2021 11:55:00 AM,03/25/2021 01:05:00 PM,host@example.org,70,1,\n"
)
NEW_BLOCK = (
    "Topic,ID,Host,Duration (minutes),Start time,End time,Participants\n"
    "Pain,850 1020 3040,Hub (host@example.org),70,03/25/2021 11:55:00 AM,03/25/2021 01:05:00 PM,1\n"
)
ZOOM = {
    "flat, older": f"{OLD}\n{OLD_ROW}\n",
    "flat, newer": f"{NEW}\n{NEW_ROW}\n",
    "older block, blank row": f"{OLD_BLOCK}\n{OLD}\n{OLD_ROW}\n",
    "older block, row of commas": f"{OLD_BLOCK},,,,,,\n{OLD}\n{OLD_ROW}\n",
    "newer block, older headings": f"{NEW_BLOCK}\n{OLD}\n{OLD_ROW}\n",
    "newer block, newer headings": f"{NEW_BLOCK}\n{NEW}\n{NEW_ROW}\n",
    "semicolons": f"{NEW}\n{NEW_ROW}\n".replace(",", ";"),
    "tabs": f"{OLD}\n{OLD_ROW}\n".replace(",", "\t"),
    "windows line ends": f"{OLD_BLOCK}\n{OLD}\n{OLD_ROW}\n".replace("\n", "\r\n"),
    "no-break spaces in headings": f"{OLD}\n{OLD_ROW}\n".replace("Join Time", "Join\u00a0Time"),
}


@pytest.mark.parametrize("kind", list(ZOOM))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_zoom(kind: str, encoding: str) -> None:
    parsed = read(ZOOM[kind].encode(encoding))
    (row,) = parsed.connections
    assert (parsed.format, row.display_name, row.original_name, row.email) == (
        "zoom", "Ann", "Ann Bell", "ann@example.org",
    )  # fmt: skip
    assert (row.join, row.leave) == (datetime(2021, 3, 25, 12, 0, 5), datetime(2021, 3, 25, 13, 0))
    (meeting,) = parsed.meetings
    if "block" in kind:
        assert meeting.platform_id == "85010203040"
        assert (meeting.start, meeting.end) == (datetime(2021, 3, 25, 11, 55), datetime(2021, 3, 25, 13, 5))
    if kind.startswith("older block"):
        assert meeting.topic == "Pain: ask, answer, act"


@pytest.mark.parametrize(
    "headings",
    [
        "Nombre (nombre original),E-mail del usuario,Hora para unirse,Hora para salir,Duración (minutos)",
        "Nombre (nombre original),Correo electrónico,Hora de entrada,Hora de salida,Duración (minutos),Invitado",
        "Nome (nome original),E-mail,Ingressar na hora,Hora de saída,Duração (minutos),Convidado",
        "名前 (元の名前),ユーザーメール,参加時刻,退出時刻,所要時間（分）",
    ],
)
@pytest.mark.parametrize("separator", [",", ";"])
def test_zoom_in_other_languages(headings: str, separator: str) -> None:
    row = "Ana,ana@example.org,25/03/2021 12:00:05,25/03/2021 13:00:00,60"
    parsed = read(f"{headings}\n{row}\n".replace(",", separator))
    assert (parsed.format, parsed.date_order, len(parsed.connections)) == ("zoom", "dmy", 1)
    assert parsed.connections[0].join == datetime(2021, 3, 25, 12, 0, 5)


def test_shift_jis_and_windows_1252() -> None:
    japanese = (
        "名前 (元の名前),ユーザーメール,参加時刻,退出時刻,所要時間（分）\n"
        "太郎,taro@example.org,2020/12/8 8:35,2020/12/8 12:39,245\n"
    )
    assert read(japanese.encode("cp932")).connections[0].display_name == "太郎"
    western = f"{OLD}\n{OLD_ROW}\n".replace("Ann Bell", "Zoë Ångström")
    assert read(western.encode("cp1252")).connections[0].original_name == "Zoë Ångström"


def test_a_date_order_that_nothing_decides_follows_the_calendar_else_the_hub() -> None:
    text = f"{OLD}\n{OLD_ROW}\n".replace("03/25/2021", "03/04/2021")
    assert read(text).connections[0].join.month == 3
    assert "date_order_assumed" in {i.code for i in read(text).account.issues}
    assert read(text, default_order="dmy").connections[0].join.month == 4
    by_calendar = read(text, session_days=frozenset({datetime(2021, 4, 3).date()}))
    assert by_calendar.connections[0].join.month == 4
    assert not by_calendar.account.issues


def test_pronouns_are_no_original_name() -> None:
    text = f"{OLD}\n{OLD_ROW}\n".replace("Ann (Ann Bell)", "Ann Bell (she/her)")
    (row,) = read(text).connections
    assert (row.display_name, row.original_name) == ("Ann Bell (she/her)", "")


def test_totals_only_says_what_to_export() -> None:
    with pytest.raises(FileRefused, match="Show unique users"):
        read("Name (Original Name),User Email,Total Duration (Minutes),Guest\nAnn,ann@example.org,60,No\n")


QUALTRICS_ROWS = (
    "2021-03-25 12:00:00,2021-03-25 12:05:00,{status},10.0.0.1,100,300,{finished},"
    "2021-03-25 12:05:01,R_{id},,,,,49.2,-123.1,"
    "anonymous,EN,MA-14,{answer},{answer},Cohort 1,2,before\n"
)
QUALTRICS_HEAD = (
    "StartDate,EndDate,Status,IPAddress,Progress,Duration (in seconds),Finished,"
    "RecordedDate,ResponseId,RecipientLastName,"
    "RecipientFirstName,RecipientEmail,ExternalReference,LocationLatitude,"
    "LocationLongitude,DistributionChannel,UserLanguage,"
    "code,Q3_1,Q3_2,cohort,session_no,moment\n"
)
QUALTRICS_TEXT = (
    "Start Date,End Date,Response Type,IP Address,Progress,Duration (in seconds),Finished,Recorded Date,Response ID,"
    "Recipient Last Name,Recipient First Name,Recipient Email,"
    "External Data Reference,Location Latitude,Location Longitude,"
    "Distribution Channel,User Language,Your code,Rate - I know enough about the topic of this session for my work,"
    "Rate - I feel confident to act on the topic of this session,cohort,session_no,moment\n"
)
IMPORT_IDS = ",".join(f'"{{""ImportId"":""QID{i}""}}"' for i in range(23)) + "\n"


@pytest.mark.parametrize("words", [True, False])
@pytest.mark.parametrize("heading_rows", [1, 2, 3])
def test_qualtrics(words: bool, heading_rows: int) -> None:
    def row(id_: str, status: str, finished: str, answer: str) -> str:
        return QUALTRICS_ROWS.format(id=id_, status=status, finished=finished, answer=answer)

    real = row("a", "IP Address", "True", "Agree") if words else row("a", "0", "1", "4")
    preview = row("b", "Survey Preview", "True", "Agree") if words else row("b", "1", "1", "4")
    partial = row("c", "IP Address", "False", "Disagree") if words else row("c", "0", "0", "2")
    head = [QUALTRICS_HEAD, QUALTRICS_TEXT, IMPORT_IDS][:heading_rows]
    if heading_rows == 1:
        head = [QUALTRICS_HEAD.replace("Q3_1,Q3_2", "sess_know,sess_conf")]
    parsed = read("".join(head) + real + preview + partial)
    assert parsed.format == "qualtrics"
    assert dict(parsed.account.ignored) == {"heading": heading_rows, "survey preview": 1}
    first, second = parsed.submissions
    assert (first.external_id, first.complete, second.complete) == ("R_a", True, False)
    assert [a.item_code for a in first.answers] == ["sess_know", "sess_conf"]
    scale = load_definitions().items["sess_know"].scale
    assert scale.read(first.answers[0].raw).value == 4
    assert (first.wave, first.fields["sgic"], first.fields["session_no"]) == (WaveKind.PRE_SESSION, "MA-14", "2")
    kept = {c.heading: c.maps_to for c in parsed.columns}
    assert kept["IPAddress"].startswith("dropped")
    assert any(i.code == "personal_column_dropped" for i in parsed.account.issues)


def test_google_forms_sheet_download() -> None:
    text = (
        "Timestamp,Email Address,Score,Rate [This session was worth my time],Any other comment\r\n"
        "25/03/2021 12:00:05,ann@example.org,0 / 0,Strongly agree,Fine\r\n\r\n"
        "26/03/2021 12:00:05,cas@example.org,0 / 0,Agree,\r\n"
    )
    parsed = read(text)
    assert (parsed.format, parsed.date_order) == ("google_forms", "dmy")
    assert dict(parsed.account.ignored) == {"heading": 1, "blank row": 1}
    assert parsed.submissions[0].answers[0].item_code == "sess_worth"
    assert parsed.submissions[0].submitted == datetime(2021, 3, 25, 12, 0, 5)


def test_microsoft_forms_workbook_with_true_dates() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet, stamp = book.add_worksheet("Sheet1"), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        heads = ["ID", "Start time", "Completion time", "Email", "Name", "I would release staff for ECHO again", "Name"]
        sheet.write_row(0, 0, heads)
        sheet.write_row(1, 0, [1])
        for column in (1, 2):
            sheet.write_datetime(1, column, datetime(2021, 3, 4, 12, 5), stamp)
        sheet.write_row(1, 3, ["anonymous", "", "Agree;", "typed by hand"])
    parsed = read(out.getvalue())
    (row,) = parsed.submissions
    assert (parsed.format, row.wave, row.submitted) == (
        "microsoft_forms", WaveKind.SUPERVISOR, datetime(2021, 3, 4, 12, 5),
    )  # fmt: skip
    # The second 'Name' is a question, not the tool's own column: it asks for personal data and is not kept.
    assert [a.raw for a in row.answers] == ["Agree;"]
    assert [i.column for i in parsed.account.issues if i.code == "personal_column_dropped"] == ["Name"]


def test_surveymonkey_with_rows_above_and_other_headings() -> None:
    text = (
        "Export of March,,,\n"
        "Respondent ID,Collector ID,Start Date,End Date,IP Address,This session was worth my time,Which apply?,,\n"
        ",,,,,Response,Rural,Urban,Other (please specify)\n"
        "11,2,03/25/2021 11:00:00 AM,03/25/2021 11:05:00 AM,10.0.0.1,Agree,Rural,,\n"
        "12,2,03/25/2021 11:00:00 AM,03/25/2021 11:05:00 AM,10.0.0.1,,,,\n"
    )
    parsed = read(text)
    assert parsed.format == "surveymonkey"
    assert dict(parsed.account.ignored) == {"notes above the heading": 1, "heading": 2, "no answers": 1}
    (row,) = parsed.submissions
    assert [(a.question, a.item_code) for a in row.answers] == [
        ("This session was worth my time", "sess_worth"),
        ("Which apply? - Rural", None),
    ]


def test_redcap_events_arms_and_repeats() -> None:
    text = (
        "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,outcomes_timestamp,comp_assess,"
        "outcomes_complete\n"
        "1,baseline_arm_2,,,2021-03-25 12:00:00,4,2\n"
        "1,post_training_arm_2,,,[not completed],5,0\n"
        "1,3_month_follow_up_arm_2,outcomes,1,,3,1\n"
        "2,baseline_arm_2,,,,,0\n"
    )
    parsed = read(text)
    waves = [(s.wave, s.arm, s.complete) for s in parsed.submissions]
    assert waves == [
        (WaveKind.BASELINE, 2, True),
        (WaveKind.COMPLETION, 2, False),
        (WaveKind.FOLLOW_UP, 2, False),
    ]
    assert dict(parsed.account.ignored) == {"heading": 1, "no answers": 1}
    assert len({s.external_id for s in parsed.submissions}) == 3


@pytest.mark.parametrize("count", ["more cells than headings", "cells short"])
def test_uneven_rows(count: str) -> None:
    extra = ",stray" if count.startswith("more") else ""
    text = (
        f"record_id,redcap_event_name,comp_assess,outcomes_complete\n1,baseline_arm_1,4,2{extra}\n2,baseline_arm_1,4\n"
    )
    parsed = read(text)
    assert [q.code for q in parsed.account.quarantined] == (["too_many_cells"] if extra else [])
    assert len(parsed.submissions) == (1 if extra else 2)
