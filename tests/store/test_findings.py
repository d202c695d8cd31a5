"""The reconciliation beside the equation: each kind of finding, counted by hand; on rows, page and JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from echo_metrics.access import LOCAL_OWNER
from echo_metrics.answers.imports import imports
from echo_metrics.cli import main
from echo_metrics.ingest.findings import KINDS, Finding
from echo_metrics.ingest.load import import_bytes
from echo_metrics.ingest.maps import ColumnMap, fingerprint
from echo_metrics.store import Store
from tests.conftest import DEMO
from tests.store.test_decisions import DAYS, PROGRAMME, bring, meeting

FORM = "Timestamp,Your code,Moment,{one},comp_talk,conn_alone\n"


def findings(store: Store, data: bytes, name: str, *place: str) -> dict[str, Finding]:
    report = import_bytes(store, name, data, *place)
    assert report.status == "loaded", report.message
    stored = next(r for r in imports(store, LOCAL_OWNER) if r.name == name)
    assert stored.findings == report.findings
    assert [f["code"] for f in report.as_json()["findings"]] == [f.code for f in report.findings]
    return {f.code: f for f in report.findings}


def test_answers_out_of_scale_not_applicable_and_turned_round(store: Store) -> None:
    rows = [
        "AB12CD,baseline,9,3,1",
        "AB13CD,baseline,3,Not applicable,2",
        "AB14CD,baseline,7,N/A,2",
        "AB15CD,baseline,no idea,4,2",
    ]
    data = FORM.format(one="comp_assess") + "".join(f"2026-01-10 10:00,{r}\n" for r in rows)
    found = findings(store, data.encode(), "form.csv", "pain", "One")
    assert found["out_of_range"].count == 2 and "'9'" in found["out_of_range"].examples[0][2]
    assert found["out_of_range"].examples[0][:2] == (2, "comp_assess")
    assert found["unreadable_answer"].count == 1
    assert found["not_applicable"].examples[0][2].startswith("2 of 12 answers")
    assert "conn_alone" in found["reversed_items"].examples[0][2]
    assert "comp_assess" not in found["reversed_items"].examples[0][2]


def test_wording_that_drifts_between_moments(store: Store) -> None:
    """The same question by hand: worded alike it is silent, worded otherwise both wordings are shown."""

    def form(moment: str, heading: str) -> dict[str, Finding]:
        headings = ["Timestamp", "Your code", "Moment", heading]
        data = f"{','.join(headings)}\n2026-01-10 10:00,AB12CD,{moment},3\n".encode()
        chosen = ColumnMap(fingerprint(headings), {heading: "item:comp_assess"})
        report = import_bytes(store, f"{moment}.csv", data, "pain", "One", chosen=chosen)
        assert report.status == "loaded", report.message
        return {f.code: f for f in report.findings}

    assert "wording_drift" not in form("baseline", "I notice when people are in distress")
    assert "wording_drift" not in form("completion", "I notice when  people are in DISTRESS.")
    (_, column, words) = form("follow_up", "I can treat people who are in distress")["wording_drift"].examples[0]
    assert column == "comp_assess"
    assert "'I can treat people who are in distress' here" in words and "I notice when people are in distress" in words


def test_meetings_that_span_sessions_and_people_who_stay_longer(store: Store) -> None:
    bring(store, PROGRAMME, "programme.toml")
    # Two devices of 40 minutes each in a session of 60.
    long = meeting(DAYS[0], "Ann Lee|ann@x.org", "Ann's iPad|ann@x.org", "Bo Ek|bo@x.org")
    found = findings(store, long, "long.csv")
    assert found["longer_than_session"].examples[0][2].startswith("1 of 2 people")
    again = long.replace(b"Bo Ek", b"Cy Ng").replace(b"bo@x", b"cy@x")
    assert findings(store, again, "again.csv")["duplicates"].count == 2
    spanning = meeting(DAYS[1], "Bo Ek|bo@x.org").replace(
        b"02/05/2026 12:00:00,02/05/2026 12:40", b"01/08/2026 12:00:00,02/05/2026 12:40"
    )
    assert findings(store, spanning.replace(b",40\n", b",40360\n"), "spanning.csv")["spans_sessions"].count == 1


def test_every_kind_has_a_heading_and_something_to_do() -> None:
    for label, to_do in KINDS.values():
        assert label[0].isupper() and to_do.endswith(".") and not label.endswith(".")


def test_the_page_and_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "letter.csv"
    bad.write_text("Dear colleague,\nplease find <b>attached</b>.\n", encoding="utf-8")
    page = tmp_path / "page.html"
    store = tmp_path / "s.duckdb"
    zoom = next(iter(sorted((DEMO / "zoom").glob("*.csv"))))
    code = main(
        [
            "import",
            str(DEMO / "programme.toml"),
            str(zoom),
            str(bad),
            "--store",
            str(store),
            "--json",
            "--report",
            str(page),
        ]
    )
    assert code == 1  # one was refused
    told = json.loads(capsys.readouterr().out)["files"]
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text and "letter.csv" in text and "is not a file that ECHO Metrics knows" in text
    for file in told:
        ignored = sum(file["rows_ignored"].values())
        assert (
            f"{file['rows_read']:,} read = {file['rows_loaded']:,} loaded + {file['rows_quarantined']:,} quarantined + "
            f"{ignored:,} ignored"
        ) in text
        for finding in file["findings"]:
            assert finding["label"].replace("'", "&#x27;") in text


def test_the_demonstration_shows_its_mess(demo_store: Store) -> None:
    codes = {f.code for r in imports(demo_store, LOCAL_OWNER) for f in r.findings}
    assert {"duplicates", "reversed_items", "longer_than_session", "not_applicable"} <= codes
