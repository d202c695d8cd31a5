"""Personal data among survey questions: asked for by heading or given by content, named and not stored."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echo_metrics.definitions import load_definitions
from echo_metrics.ingest.load import import_bytes
from echo_metrics.ingest.maps import ColumnMap, fingerprint
from echo_metrics.ingest.personal import _ASKS, _by_content
from echo_metrics.ingest.records import Account, AnswerCell, Origin, Parsed, Submission
from echo_metrics.store import Store
from echo_metrics.terms import WaveKind
from echo_metrics.text import fold


def form(headings: list[str], rows: list[list[str]]) -> bytes:
    lines = [["Timestamp", "Your code", "Moment", "comp_assess", *headings]]
    lines += [[f"2026-01-1{i} 10:00", f"AB1{i}CD", "baseline", "3", *row] for i, row in enumerate(rows)]
    return "\n".join(",".join(f'"{c}"' for c in line) for line in lines).encode()


def stored(store: Store) -> set[str]:
    with store.write() as writer:
        found = writer._cursor.execute(
            "SELECT raw FROM response UNION SELECT body FROM response_text UNION SELECT cells FROM quarantined_row"
        ).fetchall()
    return {str(v) for (v,) in found}


ROWS = [["Ann Lee", "604-555-1234", "ann@x.org", "More time"], ["Bo Ek", "604 555 9876", "bo@x.org", "Less"],
        ["Cy Ng", "(604) 555-1111", "cy@x.org", "Phone calls"]]  # fmt: skip


def test_names_telephones_and_addresses_are_named_and_not_stored(store: Store) -> None:
    headings = ["What is your name?", "Contact", "Reach me at", "What would help?"]
    report = import_bytes(store, "f.csv", form(headings, ROWS), "pain", "One")
    assert report.status == "loaded" and report.rows_loaded == 3
    dropped = {i.column for i in report.issues if i.code == "personal_column_dropped"}
    assert dropped == {"What is your name?", "Contact", "Reach me at"}
    kept = stored(store)
    assert {"More time", "Less", "Phone calls"} <= kept
    assert not {c for row in ROWS for c in row[:3]} & kept
    assert {c.maps_to for c in report.columns if c.heading in dropped} == {
        "dropped: personal data that no figure needs"
    }


def test_somebody_who_says_that_it_is_a_question_keeps_it(store: Store) -> None:
    headings = ["What is your name?", "Contact", "Reach me at", "What would help?"]
    data = form(headings, ROWS)
    mark = fingerprint(["Timestamp", "Your code", "Moment", "comp_assess", *headings])
    report = import_bytes(store, "f.csv", data, "pain", chosen=ColumnMap(mark, {"Contact": "question"}))
    dropped = {i.column for i in report.issues if i.code == "personal_column_dropped"}
    assert dropped == {"What is your name?", "Reach me at"}
    assert "604-555-1234" in stored(store)


@pytest.mark.parametrize(
    "heading",
    ["Name", "Your name", "Full name (optional)", "Please enter your full name", "Phone", "Mobile number",
     "Date of birth", "DOB", "Home address", "Postal Code", "License number",
     "What's your telephone number?", "First and last name"],
)  # fmt: skip
def test_headings_that_ask_for_personal_data(heading: str) -> None:
    assert _ASKS.fullmatch(fold(heading)), fold(heading)


@pytest.mark.parametrize(
    "heading",
    ["I can support families by phone", "Name one thing that you will change", "How do you address grief?", "Age group",
     "Years in practice", "Which postal region do you work in?", "I know whom to phone", "Name of your network"],
)  # fmt: skip
def test_questions_that_only_mention_it_are_kept(heading: str) -> None:
    assert not _ASKS.fullmatch(fold(heading))


def test_no_question_of_ours_asks_for_personal_data() -> None:
    for item in load_definitions().items.values():
        for words in (item.code, item.wording, *item.names):
            assert not _ASKS.fullmatch(fold(words)), words


@given(st.lists(st.text(max_size=20), min_size=3, max_size=12))
def test_ordinary_answers_are_never_taken_for_telephones(answers: list[str]) -> None:
    rows = tuple(
        Submission(
            Origin("", i), str(i), WaveKind.BASELINE, "", None, "", None, None, True, False, "", {},
            (AnswerCell(4, "q", None, a),),
        )
        for i, a in enumerate(answers)
    )  # fmt: skip
    found = _by_content(Parsed("x", "", 1, Account(), submissions=rows), {4})
    digits = [sum(c.isdigit() for c in a) >= 10 or "@" in a for a in answers if a.strip()]
    assert not found or sum(digits) >= 3
