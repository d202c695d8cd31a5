"""Files as they come: encodings, damaged bytes, archives, and what must never cost time or memory."""

from __future__ import annotations

import gzip
import io
import time
import zipfile

import pytest
import xlsxwriter

from echo_metrics.errors import FileRefused
from echo_metrics.ingest.dates import date_order, is_day, parse_clock, parse_moment
from echo_metrics.ingest.readers.redcap_rows import sides_of
from echo_metrics.ingest.source import open_document
from echo_metrics.numbers import number_in
from echo_metrics.text import fold, without_html
from tests.unit.test_meeting_readers import read

HEAD = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes)\n"
TIMES = "a@example.org,03/25/2024 12:00:00 PM,03/25/2024 01:00:00 PM,60\n"


@pytest.mark.parametrize("name", ["Zoë Ångström", "José Muñiz", "Jürgen Größer", "Anaïs “Ana” Léger", "Smith – O’Neil"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_western_names_in_every_encoding(name: str, encoding: str) -> None:
    parsed = read(f"{HEAD}{name},{TIMES}".encode(encoding))
    assert parsed.connections[0].display_name == name


@pytest.mark.parametrize("name", ["José Díaz", "Jürgen Größer", "Zoë Ågren", "Anaïs Léger"])
def test_old_mac_text(name: str) -> None:
    document = open_document("mac.csv", f"{HEAD}{name},{TIMES}{name},{TIMES}".encode("mac_roman"))
    assert (document.encoding, document.tables[0].rows[1][0]) == ("mac_roman", name)


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-16-le"])
def test_japanese(encoding: str) -> None:
    head = "名前 (元の名前),ユーザーメール,参加時刻,退出時刻,所要時間（分）\n"
    parsed = read((head + "山田太郎,taro@example.org,2020/12/8 8:35,2020/12/8 12:39,245\n").encode(encoding))
    assert parsed.connections[0].display_name == "山田太郎"


def test_a_few_damaged_bytes_are_said_and_cost_no_other_letter() -> None:
    text = HEAD + "".join(f"Zoë Müller {i},{TIMES}" for i in range(50))
    data = text.encode().replace("ë".encode(), b"\xff", 1)
    parsed = read(data)
    assert (len(parsed.connections), parsed.connections[1].display_name) == (50, "Zoë Müller 1")
    assert "damaged_encoding" in {i.code for i in parsed.account.issues}


def test_text_that_was_damaged_before_is_said() -> None:
    parsed = read(f"{HEAD}O<U+2019>Neil,{TIMES}")
    assert [i.message[:12] for i in parsed.account.issues if i.code == "escaped_characters"] == ["1 characters"]


def test_gzip_and_zip_open_as_what_is_in_them() -> None:
    data = f"{HEAD}Ann,{TIMES}".encode()
    assert read(gzip.compress(data)).format == "zoom"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("notes/readme.md", "no table")
        archive.writestr("a.csv", "x,y\n1,2\n")
        archive.writestr("report.csv", data)
    parsed = read(out.getvalue())
    assert (parsed.format, parsed.account.ignored["other sheet"], parsed.account.read) == ("zoom", 2, 4)


def refused(data: bytes) -> str:
    with pytest.raises(FileRefused) as caught:
        open_document("bad.xlsx", data)
    return str(caught.value)


def archive_of(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), body)
    return out.getvalue()


def test_archives_that_are_no_use_say_why() -> None:
    assert "without any table" in refused(archive_of(readme_dot_md=b"x"))
    assert "no readable JSON" in refused(archive_of(general__x_dot_json=b"{"))
    assert "cut off" in refused(gzip.compress(b"a,b\n" * 50)[:-12])
    assert "unpacks" in refused(gzip.compress(bytes(257 * 1024 * 1024)))


def test_two_cells_far_apart_do_not_fill_the_memory() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": False}) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "ID")
        sheet.write(1_048_575, 16_383, "far")
    begun = time.perf_counter()
    assert "cells" in refused(out.getvalue())
    assert time.perf_counter() - begun < 10


def test_a_workbook_that_lies_about_its_size_is_still_counted() -> None:
    data = archive_of(**{"[Content_Types]_dot_xml": b"<x/>", "xl__worksheets__sheet1_dot_xml": b'<c r="XFD1048576">'})
    assert "cells" in refused(data)


def test_an_opendocument_cell_repeated_a_million_times() -> None:
    cell = b'<table:table-cell table:number-columns-repeated="3000" office:value-type="string">x</table:table-cell>'
    row = b'<table:table-row table:number-rows-repeated="100000">' + cell + b"</table:table-row>"
    begun = time.perf_counter()
    assert "cells" in refused(
        archive_of(mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content_dot_xml=row)
    )
    assert time.perf_counter() - begun < 5


def test_formula_cells_are_text() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["ID", "Start time", "Completion time", "Email", "Name", "How long?"])
        sheet.write_row(1, 0, [1, "2024-03-25 12:00:00", "2024-03-25 12:05:00", "anonymous", ""])
        sheet.write_formula(1, 5, "=1+1", value=2)
        sheet.write_row(2, 0, [2, "2024-03-25 12:00:00", "2024-03-25 12:05:00", "anonymous", "", "'=HYPERLINK(1)"])
    parsed = read(out.getvalue())
    assert [a.raw for s in parsed.submissions for a in s.answers] == ["2", "'=HYPERLINK(1)"]
    assert read("Timestamp,Useful?\n2024-03-25 12:00,=1+1\n").submissions[0].answers[0].raw == "=1+1"


@pytest.mark.parametrize("cell", ["a", " ", "(", "<b>", "é", "1,", "Jan "])
def test_a_cell_of_a_megabyte_costs_no_time(cell: str) -> None:
    huge = '"' + (cell * 1_000_000)[:1_000_000] + '"'
    begun = time.perf_counter()
    parsed = read(f"{HEAD}{huge},{TIMES}Ann,a@example.org,{huge},x,60\n")
    assert (parsed.account.loaded + len(parsed.account.quarantined)) == 2
    read(f"ResponseId,StartDate,EndDate,Finished,{huge}\nR_1,2024-03-25,2024-03-25,1,{huge}\n")
    assert time.perf_counter() - begun < 20


def test_ten_thousand_columns_are_read_and_more_are_refused() -> None:
    wide = ",".join(f"q{i}" for i in range(10_000))
    begun = time.perf_counter()
    parsed = read(f"record_id,{wide},a_complete\n1,{','.join('1' * 10_000)},2\n")
    assert (len(parsed.submissions[0].answers), len(parsed.columns)) == (10_000, 10_002)
    assert time.perf_counter() - begun < 20
    assert "columns" in refused(("," * 25_000 + "\n").encode())


def test_decimal_commas_after_semicolons_do_not_decide_the_separator() -> None:
    rows = "".join("1,5;2,5;3,5;4,5\n" for _ in range(6))
    assert open_document("x.csv", f"alpha;beta;gamma;delta\n{rows}".encode()).tables[0].rows[1] == (
        "1,5",
        "2,5",
        "3,5",
        "4,5",
    )
    assert [number_in(t) for t in ("1,5", "1,234", "1.5", "x", "1e400")] == [1.5, None, 1.5, None, None]


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("14/11/22, 09:30:46", "dmy", "2022-11-14 09:30:46"),
        ("3/5/21, 1:02:03 PM", "mdy", "2021-03-05 13:02:03"),
        ("3/5/2021 1:02:03 p. m.", "mdy", "2021-03-05 13:02:03"),
        ("05.03.21, 13:02:03", "dmy", "2021-03-05 13:02:03"),
        ("2020/12/8 8:35", "mdy", "2020-12-08 08:35:00"),
        ("Mar 5, 2021 13:02:03", "mdy", "2021-03-05 13:02:03"),
        ("Mar 5, 2021 1:02 PM", "mdy", "2021-03-05 13:02:00"),
        ("3/5/2021,\u202f1:02:03\u202fPM", "mdy", "2021-03-05 13:02:03"),
        ("\u200e3/5/2021, 1:02:03 PM", "mdy", "2021-03-05 13:02:03"),
        ("45376.5", "mdy", "2024-03-25 12:00:00"),
        ("0001-01-01 00:00", "mdy", "None"),
        ("13/13/2024", "mdy", "None"),
        ("Jan" + " " * 500_000 + "1", "mdy", "None"),
    ],
)
def test_moments(text: str, order: str, expected: str) -> None:
    assert str(parse_moment(text, order)) == expected


def test_order_clock_and_day() -> None:
    assert date_order(["01/02/2024", "03/02/2024 10:00"]) == ""
    assert date_order(["01/02/2024", "13/02/2024"]) == "dmy"
    assert date_order(["1/2/24", "1/13/24"]) == "mdy"
    assert str(parse_clock("1:05 PM")) == "13:05:00"
    assert parse_clock("25:00") is parse_clock("noon") is None
    assert (is_day("14/11/22,"), is_day("14/11/22, 09:30"), is_day("12")) == (True, False, False)


def test_sides_need_a_question_in_common() -> None:
    assert [s.word for s in sides_of(["id", "pre_q1", "post_q1"])] == ["pre", "post"]
    assert not sides_of(["id", "pre_existing_condition", "post_code"])
    assert not sides_of(["id", "pre_q1", "pre_q2"])


def test_html_and_long_texts() -> None:
    assert without_html("<p>Over&nbsp;50?</p>\n") == "Over 50?"
    assert fold("É" * 5_000) == "e" * 5_000
