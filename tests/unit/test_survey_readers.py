"""Survey exports without a published sample, from the layouts that are known, including awkward ones."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter

from echo_metrics.definitions import load_definitions
from echo_metrics.errors import FileRefused
from echo_metrics.ingest.load import import_bytes
from echo_metrics.ingest.records import Parsed
from echo_metrics.store import Store
from echo_metrics.terms import WaveKind
from tests.unit.test_meeting_readers import read


def answers(parsed: Parsed) -> list[list[tuple[str, str]]]:
    return [[(a.item_code or a.question, a.raw) for a in s.answers] for s in parsed.submissions]


# -- REDCap ----------------------------------------------------------------------------------------------------------

LABELLED = (
    '"Record ID","Event Name","Repeat Instrument","Repeat Instance","Data Access Group","Survey Timestamp",'
    '"This session was\nworth my time",'
    '"Topics (choice=Pain)","Topics (choice=\'Sleep, rest\')",Comment,Complete?,Comment,Complete?\n'
    '1,"Baseline (Arm 2: Nurses)",,,North,"2024-03-25 12:00",Agree,Checked,Unchecked,a,Complete,b,Incomplete\n'
    '1,"Post training (Arm 2: Nurses)",,,North,[not completed],Agree,Unchecked,Unchecked,,Complete,,Complete\n'
)


def test_redcap_labels_as_headings_and_values() -> None:
    parsed = read(LABELLED)
    assert (parsed.format, parsed.variant) == ("redcap", "labelled headings, longitudinal")
    first, second = parsed.submissions
    assert (first.record_id, first.arm, first.group, first.complete) == ("1", 2, "North", False)
    assert (first.submitted, second.submitted) == (datetime(2024, 3, 25, 12), None)
    assert (first.wave, second.wave) == (WaveKind.PRE_SESSION, WaveKind.POST_SESSION)
    # An unticked option beside a ticked one is an answer; a group with nothing ticked is missing.
    assert answers(parsed)[0][:3] == [
        ("sess_worth", "Agree"), ("Topics - Pain", "Checked"), ("Topics - Sleep, rest", "Unchecked"),
    ]  # fmt: skip
    assert answers(parsed)[1] == [("sess_worth", "Agree")]
    assert "repeated_labels" in {i.code for i in parsed.account.issues}


def test_redcap_labels_as_headings_over_codes_and_the_other_way_round() -> None:
    coded = read('"Record ID",Repeat Instrument,This session was worth my time,Complete?\n1,,4,2\n')
    assert (answers(coded), coded.submissions[0].complete) == ([[("sess_worth", "4")]], True)
    raw = read("record_id,sess_worth,topic___1,session_complete\n1,Agree,Unchecked,Incomplete\n")
    assert (raw.variant, answers(raw), raw.submissions[0].complete) == ("raw", [[("sess_worth", "Agree")]], False)


@pytest.mark.parametrize("pattern", ["{time}_{name}", "{name}_{time}"])
def test_redcap_forms_side_by_side_become_one_submission_each(pattern: str) -> None:
    names = [pattern.format(time=t, name=n) for t in ("pre", "post", "fu") for n in ("comp_assess", "comp_talk")]
    text = (
        f"record_id,site,pre_survey_timestamp,post_survey_timestamp,{','.join(names)},pre_survey_complete\n"
        "1,North,2024-01-01 09:00:00,2024-06-01 09:00:00,2,1,4,5,,,2\n"
        "2,South,2024-01-02 09:00:00,,3,3,,,,,2\n"
    )
    parsed = read(text)
    assert parsed.variant.endswith("forms side by side")
    assert [(s.record_id, s.wave, s.external_id) for s in parsed.submissions] == [
        ("1", WaveKind.BASELINE, "1||||pre"),
        ("1", WaveKind.COMPLETION, "1||||post"),
        ("2", WaveKind.BASELINE, "2||||pre"),
    ]
    assert answers(parsed)[1] == [("comp_assess", "4"), ("comp_talk", "5")]
    assert [s.submitted for s in parsed.submissions[:2]] == [datetime(2024, 1, 1, 9), datetime(2024, 6, 1, 9)]
    assert parsed.account.loaded == 2


def test_side_by_side_forms_pair_and_count_their_row_once(store: Store) -> None:
    text = "record_id,pre_comp_assess,post_comp_assess,outcomes_complete\n1,2,4,2\n2,3,3,2\n3,3,,2\n"
    import_bytes(store, "a.csv", text.encode(), "Pain", "Cohort 1")
    with store.write() as writer:
        pairs = writer._cursor.execute("SELECT contrast, count(*) FROM pair GROUP BY contrast").fetchall()
    assert pairs == [("baseline-completion", 2)]
    # Next month one more answer: the row counts as loaded, though its first half is there already.
    again = import_bytes(store, "b.csv", text.replace("3,3,,2", "3,3,5,2").encode(), "Pain", "Cohort 1")
    assert (again.rows_loaded, again.rows_ignored["already there"], again.balanced) == (1, 2, True)


DICTIONARY = (
    '"Variable / Field Name","Form Name","Field Type","Field Label","Choices, Calculations, OR Slider Labels"\n'
    'time_point,eval,radio,,"1, Pre | 2, Post | 3, Follow-up"\nage,eval,yesno,<p>Over&nbsp;50?</p>,\n'
)
TIME_POINT = (
    "record_id,time_point,participant_id,comp_assess,eval_complete\n1,1,A7,2,2\n2,2,A7,4,2\n3,3,A7,5,2\n4,1,B1,3,2\n"
)


def test_redcap_time_point_in_a_field_pairs_by_participant(store: Store) -> None:
    import_bytes(store, "dictionary.csv", DICTIONARY.encode())
    report = import_bytes(store, "data.csv", TIME_POINT.encode(), "Pain", "Cohort 1")
    assert (report.variant, report.people) == ("raw, time point in a field", 2)
    with store.write() as writer:
        pairs = dict(writer._cursor.execute("SELECT contrast, count(*) FROM pair GROUP BY contrast").fetchall())
        wording = writer._cursor.execute("SELECT wording, choices FROM question WHERE code = 'age'").fetchall()
    assert pairs == {"baseline-completion": 1, "baseline-follow_up": 1}
    assert wording == [("Over 50?", json.dumps({"1": "Yes", "0": "No"}))]


def test_a_coded_time_point_without_its_dictionary_is_said() -> None:
    assert "coded_time_point" in {i.code for i in read(TIME_POINT).account.issues}


# -- Qualtrics -------------------------------------------------------------------------------------------------------


def definition(tag: str, wording: str) -> bytes:
    question = {
        "Element": "SQ",
        "Payload": {
            "QuestionText": f"<p>{wording}</p>",
            "DataExportTag": tag,
            "QuestionType": "MC",
            "Choices": {"1": {"Display": "Disagree"}, "2": {"Display": "Agree&nbsp;"}},
            "RecodeValues": {"1": "10", "2": "12"},
        },
    }
    return json.dumps({"SurveyEntry": {"SurveyName": "S"}, "SurveyElements": [question]}).encode()


QUALTRICS = (
    "ResponseId,StartDate,EndDate,Finished,Status,Q1\n"
    "Response ID,Start Date,End Date,Finished,Response Type,This session was worth my time\n"
    "R_1,2024-03-25 12:00:00,2024-03-25 12:01:00,1,0,12\n"
)


@pytest.mark.parametrize("wording", ["This session was worth my time", "Something else"])
def test_qualtrics_codes_get_the_definitions_labels_where_the_wording_is_the_same(store: Store, wording: str) -> None:
    import_bytes(store, "s.qsf", definition("Q1", wording))
    import_bytes(store, "a.csv", QUALTRICS.encode())
    with store.write() as writer:
        rows = writer._cursor.execute("SELECT raw, value, missing_reason FROM response").fetchall()
    same = wording.startswith("This session")
    assert rows == ([("Agree", 4.0, None)] if same else [("12", None, "out_of_range")])


def test_qualtrics_below_notes_and_after_a_zip() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("Survey_March.csv", f"Export of March\n\n{QUALTRICS}")
    parsed = read(out.getvalue(), "Survey_March.zip")
    assert (parsed.format, parsed.header_row, len(parsed.submissions)) == ("qualtrics", 3, 1)
    assert dict(parsed.account.ignored) == {"notes above the heading": 1, "blank row": 1, "heading": 2}


# -- Forms -----------------------------------------------------------------------------------------------------------


def test_microsoft_forms_quiz_columns_are_no_answers() -> None:
    parsed = read(
        "Id,Start time,Completion time,Email,Name,Total points,Quiz feedback,What is right?,Points - What is right?,"
        "Feedback - What is right?\n1,3/25/2024 12:00:00,3/25/2024 12:05:00,anonymous,,4,,B,4,\n"
    )
    assert (parsed.format, answers(parsed)) == ("microsoft_forms", [[("What is right?", "B")]])


def test_excel_serial_dates_and_decimal_commas_after_semicolons() -> None:
    parsed = read(
        "ID;Startzeit;Fertigstellungszeit;E-Mail;Name;Wie lang?;Wie oft?\n"
        "1;45376,5;45376.5;a@example.org;;3,5;2,5\n2;45376.25;45376.75;b@example.org;;4,5;1,5\n".replace(
            "45376,5", "45376.5"
        )
    )
    assert parsed.submissions[0].submitted == datetime(2024, 3, 25, 12)
    assert answers(parsed)[0] == [("Wie lang?", "3,5"), ("Wie oft?", "2,5")]


def test_google_forms_workbook_with_date_cells() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet, stamp = book.add_worksheet("Form responses 1"), book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"})
        sheet.write_row(0, 0, ["Timestamp", "Score", "Rate [This session was worth my time]", "Rate [Old question]"])
        sheet.write_datetime(1, 0, datetime(2024, 3, 4, 12, 5), stamp)
        sheet.write_row(1, 1, [3.0, "Agree"])
    parsed = read(out.getvalue())
    assert (parsed.submissions[0].submitted, answers(parsed)) == (
        datetime(2024, 3, 4, 12, 5), [[("sess_worth", "Agree")]],
    )  # fmt: skip


# -- LimeSurvey, Mentimeter ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "variant"),
    [
        ("id,submitdate,lastpage,startlanguage,seed,startdate,ipaddr,sess_worth,q2_other,interviewtime", "codes"),
        (
            '"Response ID","Date submitted","Last page","Start language",Seed,"Date started","IP address",'
            '"This session was worth my time","Topics [Other]","Total time"',
            "text",
        ),
        (
            '"id. Response ID","submitdate. Date submitted","lastpage. Last page","startlanguage. Start language",'
            '"seed. Seed","startdate. Date started","ipaddr. IP address",'
            '"G1Q1. This session was worth my time","q2[other]. Topics [Other]","interviewtime. Total time"',
            "code and text",
        ),
    ],
)
def test_limesurvey(head: str, variant: str) -> None:
    parsed = read(
        f"{head}\n1,2024-03-25 12:00:00,3,en,77,2024-03-25 11:50:00,10.0.0.1,Agree,Sleep,600.5\n"
        "2,,1,en,78,2024-03-25 11:55:00,10.0.0.2,Agree,,33\n"
    )
    assert (parsed.format, parsed.variant) == ("limesurvey", f"responses, headings as {variant}")
    assert [(s.external_id, s.complete) for s in parsed.submissions] == [("1", True), ("2", False)]
    assert [a.raw for a in parsed.submissions[0].answers] == ["Agree", "Sleep"]
    assert parsed.submissions[0].answers[0].item_code == "sess_worth"
    assert [i.code for i in parsed.account.issues] == ["personal_column_dropped"]


def test_mentimeter_in_utc_never_links_a_voter_to_another_day() -> None:
    parsed = read(
        "Note: there are more sheets,,,\nEach session,,,\n"
        "Date (UTC),Session,Voter,Rate: This session was worth my time,What else?,Upvotes\n"
        "2024-03-25,1,1,8,More,2\n2024-03-26,1,1,9,,\n"
    )
    assert parsed.timezone == "UTC"
    assert [(s.external_id, s.record_id, s.fields) for s in parsed.submissions] == [
        ("2024-03-25|1|1", "", {}), ("2024-03-26|1|1", "", {}),
    ]  # fmt: skip
    assert answers(parsed)[0] == [("sess_worth", "8"), ("What else?", "More")]


# -- Forums ----------------------------------------------------------------------------------------------------------


def slack() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("users.json", json.dumps([{"id": "U1", "name": "ann", "profile": {"real_name": "Ann Bell"}}]))
        archive.writestr("channels.json", json.dumps([{"name": "general"}]))
        messages = [
            {"type": "message", "user": "U1", "ts": "1711368000.0001", "text": "Hi", "reactions": [{"count": 3}]},
            {"type": "message", "user": "U2", "ts": "1711368060.1", "thread_ts": "1711368000.0001", "text": "<@U1>"},
            {"type": "message", "subtype": "channel_join", "user": "U2", "ts": "1711368060.2", "text": "joined"},
            {"type": "message", "user": "U2", "ts": "soon", "text": "?"},
        ]
        archive.writestr("general/2024-03-25.json", json.dumps(messages))
    return out.getvalue()


def test_slack_workspace(store: Store) -> None:
    parsed = read(slack(), "export.zip")
    assert dict(parsed.account.ignored) == {"forum member": 1, "other sheet": 1, "system message": 1}
    assert [q.code for q in parsed.account.quarantined] == ["unreadable_date"]
    import_bytes(store, "export.zip", slack())
    with store.write() as writer:
        rows = writer._cursor.execute(
            "SELECT author, posted_utc, kind, likes FROM forum_post ORDER BY row_no"
        ).fetchall()
    assert rows == [
        ("Ann Bell", datetime(2024, 3, 25, 12, 0, 0), "post", 3),
        ("U2", datetime(2024, 3, 25, 12, 1, 0), "reply", 0),
    ]


ARCHIVE = (
    "topic_title,categories,is_pm,post_raw,post_cooked,like_count,reply_count,url,created_at\n"
    "Hello,General,No,Good,<p>Good</p>,2,0,u,2024-03-25 12:00:00 UTC\nPsst,-,Yes,x,x,0,0,u,2024-03-25 12:00:00 UTC\n"
)


def test_discourse_posts_have_their_author_in_the_files_name() -> None:
    parsed = read(ARCHIVE, "user_archive-ann-bell-240325-120000.csv")
    assert [(r.values["author"], r.values["text"], r.values["likes"]) for r in parsed.table] == [
        ("ann-bell", "Good", "2")
    ]
    assert parsed.account.ignored["private message"] == 1
    with pytest.raises(FileRefused, match="author"):
        read(ARCHIVE, "posts.csv")


def test_discourse_members_are_named_and_not_stored() -> None:
    parsed = read("id,name,username,email,post_count,likes_given,likes_received\n1,Ann,ann,a@example.org,3,1,2\n")
    assert dict(parsed.account.ignored) == {"heading": 1, "forum member": 1}
    assert {c.maps_to for c in parsed.columns} == {"dropped: personal data that no figure needs"}


def test_columns_of_unneeded_personal_data_are_dropped_from_any_survey() -> None:
    parsed = read(
        "Survey of March,,,\nDate,IP Address,Useful?,Clear?\n"
        + "".join(f"2024-03-{d},10.0.0.{d},{'Yes' if d % 2 else 'No'},Yes\n" for d in range(10, 20))
    )
    assert (parsed.format, parsed.header_row) == ("survey", 2)
    assert not any("10.0.0" in a.raw for s in parsed.submissions for a in s.answers)
    assert [i.column for i in parsed.account.issues if i.code == "personal_column_dropped"] == ["IP Address"]


def test_every_reader_says_what_its_columns_become(samples: Path) -> None:
    from echo_metrics.ingest.describe import describe
    from echo_metrics.ingest.readers.base import Context

    context = Context(load_definitions())
    for path in sorted(p for p in samples.rglob("*") if p.is_file() and p.suffix != ".md"):
        entry = describe(path, context)
        assert {
            "file",
            "format",
            "variant",
            "encoding",
            "header_row",
            "date_order",
            "timezone",
            "columns",
            "people",
            "rows",
        } <= (entry.keys())
        assert "message" in entry or entry["columns"], path.name
        assert all({"heading", "maps_to", "confidence"} <= c.keys() for c in entry["columns"])
