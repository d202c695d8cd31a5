"""Declared corrections: what each kind does, that the account balances, and what is said where one does not fit."""

from __future__ import annotations

import tomllib
from datetime import date
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echo_metrics.access import LOCAL_OWNER
from echo_metrics.answers import Filters, ask
from echo_metrics.errors import UserError
from echo_metrics.ingest.corrections import as_text, correction_from, parse_corrections
from echo_metrics.ingest.declared import declare, standing, to_toml, withdraw
from echo_metrics.ingest.load import import_bytes
from echo_metrics.ingest.report import FileReport
from echo_metrics.ingest.undo import undo_import
from echo_metrics.store import Store
from tests.store.test_decisions import DAYS, PEOPLE, PROGRAMME, bring, came, meeting
from tests.store.test_imports import everything

ABOUT = 'reason = "Known"\nreviewed_by = "A. Manager"\ndate = 2026-11-27\n'


def corrections(*lines: str) -> bytes:
    body = "".join(f"[[correction]]\n{line}\n{ABOUT}" for line in lines)
    return f'format = "echo-metrics-corrections"\nversion = 1\n{body}'.encode()


@pytest.fixture
def hub(store: Store) -> Store:
    bring(store, PROGRAMME, "programme.toml")
    bring(store, PEOPLE.encode(), "people.csv", "pain", "One")
    return store


def load(store: Store, data: bytes, name: str, *place: str) -> FileReport:
    report = import_bytes(store, name, data, *place)
    assert report.status == "loaded", report.message
    assert report.balanced
    return report


def told(report: FileReport) -> list[tuple[bool, int | None, str, str]]:
    return [(a.applied, a.row, a.was, a.became) for a in report.corrections]


def test_a_meeting_on_the_wrong_day(hub: Store) -> None:
    """Its report says 7 February; the session was on the 5th."""
    bring(hub, corrections('kind = "time"\nfile = "wrong_*.csv"\nmeeting_date = 2026-02-05'), "corrections.toml")
    report = load(hub, meeting("02/07/2026", "Samantha Doe|sam@example.org"), "wrong_day.csv")
    assert told(report) == [(True, None, "from 2026-02-07 12:00", "from 2026-02-05 12:00")]
    assert came(hub)["2. Second"] == (1, 0, 0)
    # Another file of the same day is not touched.
    assert not load(hub, meeting("02/07/2026", "Ann Lee|ann@example.org"), "right.csv").corrections


def test_a_clock_that_was_an_hour_late(hub: Store) -> None:
    bring(hub, corrections('kind = "time"\nfile = "m.csv"\nhours = -1.5'), "corrections.toml")
    load(hub, meeting(DAYS[0], "Samantha Doe|sam@example.org"), "m.csv")
    (network,) = (int(n) for n, key, *_ in hub.rows("networks_to_match") if key == "pain")
    ((_, start, _),) = hub.rows("spans_of_meetings", {"network": network})
    assert f"{start:%H:%M}" == "10:30"  # the report says 12:00


def test_a_wrong_cell(hub: Store) -> None:
    line = (
        'kind = "cell"\nfile = "m.csv"\nrow = 5\ncolumn = "User Email"\n'
        'was = "wrong@example.org"\nbecomes = "sam@example.org"'
    )
    bring(hub, corrections(line), "corrections.toml")
    report = load(hub, meeting(DAYS[0], "S|wrong@example.org"), "m.csv")
    assert told(report) == [(True, 5, "wrong@example.org", "sam@example.org")]
    assert came(hub)["1. First"] == (1, 0, 0)


def test_two_columns_that_changed_places(store: Store) -> None:
    swapped = "\n".join(
        ["Timestamp,comp_assess,comp_talk,comp_plan,Moment,Your code"]
        + [f"2026-01-1{i} 10:00,{1 + i % 2},5,3,baseline,AB{i}CD" for i in range(4)]
    )
    lines = [f'kind = "heading"\nfile = "form.csv"\ncolumn = "{a}"\nbecomes = "{b}"' for a, b in
             (("comp_assess", "comp_talk"), ("comp_talk", "comp_assess"))]  # fmt: skip
    bring(store, corrections(*lines), "corrections.toml")
    report = load(store, swapped.encode(), "form.csv", "pain", "One")
    assert [a.applied for a in report.corrections] == [True, True]
    with store.write() as writer:
        rows = writer._cursor.execute("SELECT item, sum(value) FROM response GROUP BY item").fetchall()
    assert {i: v for i, v in rows if i} == {
        "comp_assess": 20.0, "comp_talk": 6.0, "comp_plan": 12.0,
    }  # fmt: skip


def test_rows_that_do_not_count(hub: Store) -> None:
    bring(hub, corrections('kind = "leave_out"\nfile = "m.csv"\nrows = [6, 99]'), "corrections.toml")
    report = load(hub, meeting(DAYS[0], "Samantha Doe|sam@example.org", "Test Account|"), "m.csv")
    assert report.rows_ignored["left out by correction"] == 1
    assert told(report) == [(True, 6, "a row", "left out by correction"), (False, 99, "", "row 99 is no row of data")]
    assert came(hub)["1. First"] == (1, 0, 0)


def test_answers_of_another_moment(store: Store) -> None:
    form = "Timestamp,Your code,Moment,comp_assess,comp_talk,comp_plan\n2026-01-10 10:00,AB12CD,baseline,3,3,3\n"
    bring(store, form.encode(), "one.csv", "pain", "One")
    line = 'kind = "place"\nfile = "two.csv"\nwave = "completion"\ncohort = "One"'
    bring(store, corrections(line), "corrections.toml")
    load(store, form.replace(",3,3,3", ",4,4,4").encode(), "two.csv", "pain")
    found = ask(store, "competency", Filters(), LOCAL_OWNER).only("competency", "all")[0]
    assert found.n == 1


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('kind = "cell"\nfile = "m.csv"\nrow = 5\ncolumn = "User Email"\nwas = "other"\nbecomes = "x"', "not 'other'"),
        (
            'kind = "cell"\nfile = "m.csv"\nrow = 2\ncolumn = "User Email"\nwas = "a"\nbecomes = ""',
            "above the headings",
        ),
        ('kind = "cell"\nfile = "m.csv"\nrow = 5\ncolumn = "Colour"\nwas = "a"\nbecomes = "x"', "no column 'Colour'"),
        ('kind = "place"\nfile = "m.csv"\nwave = "completion"', "holds no answers"),
    ],
)
def test_one_that_does_not_fit_changes_nothing_and_says_so(line: str, why: str, hub: Store) -> None:
    bring(hub, corrections(line), "corrections.toml")
    report = load(hub, meeting(DAYS[0], "S|sam@example.org"), "m.csv")
    ((applied, _, _, words),) = told(report)
    assert not applied and why in words
    assert came(hub)["1. First"] == (1, 0, 0)
    assert report.as_json()["corrections"][0]["applied"] is False


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('kind = "wish"\nfile = "m.csv"', "kind must be one of"),
        ('kind = "cell"\nfile = "m.csv"\nrow = 5', "lacks column, was, becomes"),
        ('kind = "leave_out"\nfile = "m.csv"\nrows = [0]', "whole numbers from 1"),
        ('kind = "time"\nfile = "m.csv"', "needs one of hours, meeting_date"),
        ('kind = "time"\nfile = "m.csv"\nhours = "one"', "hours must be a number"),
        ('kind = "time"\nhours = 1', "either file"),
        ('kind = "time"\nfile = "m.csv"\nsha256 = "ab"\nhours = 1', "either file"),
        ('kind = "place"\nfile = "m.csv"\nwave = "sometime"', "wave must be one of"),
        ('kind = "place"\nfile = "m.csv"\nhours = 1\nwave = "baseline"', "has no hours"),
    ],
)
def test_a_faulty_line_refuses_the_file_and_names_it(line: str, words: str, store: Store) -> None:
    good = 'kind = "time"\nfile = "x.csv"\nhours = 1'
    report = import_bytes(store, "c.toml", corrections(good, line))
    assert report.status == "refused" and "correction 2" in report.message and words in report.message
    assert not standing(store)


def test_a_correction_that_comes_late_says_what_to_do_and_then_works(hub: Store) -> None:
    wrong = meeting("02/07/2026", "Samantha Doe|sam@example.org")
    load(hub, wrong, "wrong_day.csv")
    report = load(hub, corrections('kind = "time"\nfile = "wrong_*.csv"\nmeeting_date = 2026-02-05'), "c.toml")
    assert [i.code for i in report.issues] == ["correction_came_late"]
    undo_import(hub, next(r["id"] for r in hub.records("files") if r["name"] == "wrong_day.csv"), "x")
    assert load(hub, wrong, "wrong_day.csv").corrections
    assert came(hub)["2. Second"] == (1, 0, 0)


def test_taking_corrections_back(hub: Store) -> None:
    before = everything(hub)
    load(hub, corrections('kind = "time"\nfile = "wrong_*.csv"\nmeeting_date = 2026-02-05'), "c.toml")
    load(hub, meeting("02/07/2026", "Samantha Doe|sam@example.org"), "wrong_day.csv")
    numbers = {r["name"]: r["id"] for r in hub.records("files")}
    with pytest.raises(UserError, match="wrong_day"):
        undo_import(hub, numbers["c.toml"], "x")
    undo_import(hub, numbers["wrong_day.csv"], "x")
    undo_import(hub, numbers["c.toml"], "x")
    assert everything(hub) == before and not standing(hub)


def test_declared_on_the_screen_and_written_as_a_file(hub: Store) -> None:
    line: dict[str, Any] = {
        "kind": "time", "file": "m.csv", "hours": 24, "reason": "r", "reviewed_by": "me", "date": date(2026, 11, 27),
    }  # fmt: skip
    number = declare(hub, line, "owner")
    (found,) = standing(hub)
    assert (found.id, found.by, found.source) == (number, "owner", "")
    text = to_toml([found.correction])
    assert parse_corrections(tomllib.loads(text)) == [correction_from(as_text(found.correction))]
    with pytest.raises(UserError, match="hours"):
        declare(hub, {**line, "hours": "x"}, "owner")
    withdraw(hub, number, "owner")
    assert not standing(hub) and not load(hub, meeting(DAYS[0], "Ann Lee|"), "m.csv").corrections
    with pytest.raises(UserError, match="withdrawn already"):
        withdraw(hub, number, "owner")


def test_every_matching_file_is_corrected_by_name_or_by_content(hub: Store) -> None:
    data = meeting(DAYS[0], "Samantha Doe|sam@example.org")
    line = f'kind = "leave_out"\nsha256 = "{sha256(data).hexdigest().upper()}"\nrows = [5]'
    bring(hub, corrections(line), "c.toml")
    assert load(hub, data, "anything.csv").rows_ignored["left out by correction"] == 1


@given(st.text(max_size=30), st.text(max_size=30), st.integers(1, 10**6))
def test_a_line_survives_the_store_and_the_file(was: str, becomes: str, row: int) -> None:
    body = {"kind": "cell", "file": "*.csv", "row": row, "column": "A", "was": was, "becomes": becomes}
    line = {**body, "reason": "r", "reviewed_by": "x", "date": date(2026, 1, 2)}
    (correction,) = parse_corrections({"correction": [line]})
    assert correction_from(as_text(correction)) == correction
    assert parse_corrections(tomllib.loads(to_toml([correction]))) == [correction]
