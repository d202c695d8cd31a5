"""The command line contract: exit codes, one JSON document, messages on stderr without tracebacks."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from echo_metrics.answers import QUESTIONS
from echo_metrics.cli import main
from tests.conftest import DEMO, ROOT

ZOOM = DEMO / "zoom" / "participants_86020304050_2021_04_27.csv"


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, Any, str]:
    code = main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, json.loads(out) if "--json" in arguments and out else out, err


@pytest.mark.parametrize("question", list(QUESTIONS))
def test_ask_json(capsys: pytest.CaptureFixture[str], demo_path: Path, question: str) -> None:
    code, reply, _ = run(capsys, "ask", question, "--network", "psychosocial", "--store", demo_path, "--json")
    assert code == 0
    assert set(reply) >= {"question", "filters", "data_version", "audience", "trail", "results"}
    assert list(reply["trail"]) == ["invited", "registered", "attended", "baseline", "matched"]
    assert reply["results"]
    needed = {"measure", "label", "group", "status", "reason", "n", "before", "after", "change", "improved", "same"}
    needed |= {"declined", "p", "effect", "method", "sentence"}
    for result in reply["results"]:
        assert needed <= set(result)
        assert result["status"] in {"released", "suppressed", "unreliable", "not_asked"}
        assert result["sentence"]


def test_ask_filters(capsys: pytest.CaptureFixture[str], demo_path: Path) -> None:
    base = ["ask", "competency", "--network", "psychosocial", "--cohort", "Cohort 1", "--store", demo_path, "--json"]
    _, reply, _ = run(capsys, *base, "--measure", "competency", "--as", "evaluator")
    assert {r["measure"] for r in reply["results"]} == {"competency"}
    assert (reply["audience"], reply["results"][0]["n"]) == ("evaluator", 19)
    _, reply, _ = run(capsys, *base, "--discipline", "spiritual_health", "--as", "evaluator")
    assert {r["status"] for r in reply["results"]} == {"suppressed"}
    _, reply, _ = run(capsys, *base, "--from", "2025-01-01")
    assert reply["results"][0]["status"] == "not_asked"
    assert "in this period" in reply["notes"][-1]


def test_ask_refusals(capsys: pytest.CaptureFixture[str], demo_path: Path, tmp_path: Path) -> None:
    for arguments, words in (
        (["ask", "nothing", "--store", demo_path], "There is no question 'nothing'"),
        (["ask", "competency", "--network", "x", "--store", demo_path], "There is no network 'x'"),
        (["ask", "competency", "--measure", "x", "--store", demo_path], "has no measure 'x'"),
        (["ask", "competency", "--as", "funder", "--store", demo_path], "does not see"),
        (["ask", "competency", "--from", "2021-01-01", "--to", "2020-01-01", "--store", demo_path], "ends"),
        (["ask", "competency", "--store", tmp_path / "none.duckdb"], "no store"),
    ):
        code, _, err = run(capsys, *arguments)
        assert (code, words in err) == (1, True), err


@pytest.mark.parametrize("arguments", [[], ["ask"], ["import"], ["ask", "roi", "--from", "soon"], ["dance"]])
def test_usage_is_exit_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    capsys.readouterr()


def test_detect_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, reply, _ = run(capsys, "detect", ZOOM, "--store", tmp_path / "none.duckdb", "--json")
    assert code == 0
    (file,) = reply["files"]
    keys = {
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
    }
    assert keys <= set(file)
    assert (file["format"], file["encoding"], file["date_order"]) == ("zoom", "utf-8-sig", "mdy")
    assert {c["maps_to"] for c in file["columns"]} >= {"name", "email", "join", "leave", "duration"}
    assert not (tmp_path / "none.duckdb").exists()


def test_import_json_and_refusals(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    bad = tmp_path / "holiday.csv"
    bad.write_text("place,mood\nVictoria,good\n", encoding="utf-8")
    store = tmp_path / "s.duckdb"
    code, reply, err = run(capsys, "import", ZOOM, bad, "--network", "Chronic Pain", "--store", store, "--json")
    assert code == 1
    assert "holiday.csv" in err
    good, refused = reply["files"]
    assert (good["status"], refused["status"]) == ("loaded", "refused")
    assert good["rows_read"] == good["rows_loaded"] + good["rows_quarantined"] + sum(good["rows_ignored"].values())
    assert any(i["code"] == "unreadable_join_time" and i["row"] for i in good["issues"])
    code, reply, _ = run(capsys, "import", ZOOM, "--store", store, "--json")
    assert (code, reply["files"][0]["status"]) == (0, "already")
    code, reply, _ = run(capsys, "doctor", "--store", store, "--json")
    assert (code, reply["healthy"]) == (0, True)


def test_import_into_a_fresh_store_answers(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A hub without any programme file: a meeting report alone gives sessions and attendance."""
    store = tmp_path / "fresh.duckdb"
    run(capsys, "import", ZOOM, "--network", "My network", "--cohort", "First", "--store", store)
    code, reply, _ = run(capsys, "ask", "attendance", "--store", store, "--json")
    assert code == 0
    sessions = next(r for r in reply["results"] if r["measure"] == "sessions")
    assert sessions["value"]["value"] == 1


def test_doctor_finds_what_is_broken(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    from echo_metrics.store import Store

    path = tmp_path / "broken.duckdb"
    run(capsys, "import", ZOOM, "--network", "N", "--store", path)
    with Store.open(path) as store, store.write() as writer:
        writer._cursor.execute("UPDATE source_file SET rows_loaded = rows_loaded - 1")
        writer._cursor.execute("UPDATE connection SET meeting_id = 999")
    code, reply, _ = run(capsys, "doctor", "--store", path, "--json")
    assert (code, reply["healthy"]) == (1, False)
    assert [c["rows"] > 0 for c in reply["checks"]].count(True) == 2


def test_demo_refuses_a_store_with_own_files(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "own.duckdb"
    run(capsys, "import", ZOOM, "--network", "N", "--store", path)
    code, _, err = run(capsys, "demo", "--store", path)
    assert (code, "files of your own" in err) == (1, True)
    assert run(capsys, "demo", "--if-missing", "--store", path)[0] == 0


def test_roi_of_a_ledger_file(capsys: pytest.CaptureFixture[str], demo_path: Path, tmp_path: Path) -> None:
    code, reply, _ = run(capsys, "roi", DEMO / "roi" / "roi_psychosocial.toml", "--store", demo_path, "--json")
    assert code == 0
    by = {r["measure"]: r for r in reply["results"]}
    costs, benefits = by["costs"]["value"]["value"], by["benefits"]["value"]["value"]
    assert by["roi_percent"]["value"]["value"] == pytest.approx(100 * (benefits - costs) / costs)
    assert by["bcr"]["value"]["value"] == pytest.approx(benefits / costs)
    (tmp_path / "l.toml").write_text("format = 1\n", encoding="utf-8")
    code, _, err = run(capsys, "roi", tmp_path / "l.toml", "--store", demo_path)
    assert (code, bool(err)) == (1, True)


def test_statistic_one_request_and_one_a_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    good = json.dumps({"method": "paired_t", "inputs": {"pre": [1, 2, 3, 4], "post": [2, 4, 3, 6]}})
    bad = json.dumps({"method": "mind_reading", "inputs": {}})
    monkeypatch.setattr("sys.stdin", io.StringIO(good))
    assert main(["statistic"]) == 0
    reply = json.loads(capsys.readouterr().out)
    assert reply["mean_difference"] == 1.25
    assert reply["df"] == 3
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{good}\n{bad}\n{good}\n"))
    assert main(["statistic"]) == 1
    out, err = capsys.readouterr()
    replies = [json.loads(line) for line in out.splitlines()]
    assert [("error" in r) for r in replies] == [False, True, False]
    assert "mind_reading" in err


def test_check_table(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, reply, _ = run(capsys, "check-table", ROOT / "data" / "tables" / "published_rows.csv", "--json")
    assert code == 0
    verdicts = {row["label"]: row["closes"] for row in reply["rows"]}
    assert verdicts["Dental 1"] is False
    assert verdicts["Ohio/Mercy 1"] is True
    (tmp_path / "t.csv").write_text("n,p\nmany,.05\n", encoding="utf-8")
    code, _, err = run(capsys, "check-table", tmp_path / "t.csv")
    assert (code, "n" in err) == (1, True)


def test_detect_names_a_known_file_that_lacks_its_date(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "attendance.csv"
    file.write_text("Name,Email,Duration,Time joined,Time exited\nAnn,a@example.org,42m,12:00 PM,12:42 PM\n")
    arguments = ["detect", str(file), "--json", "--store", str(tmp_path / "none.duckdb")]
    assert main(arguments) == 1
    printed = capsys.readouterr()
    (entry,) = json.loads(printed.out)["files"]
    assert (entry["format"], entry["variant"], entry["header_row"]) == ("google_meet", "joined and exited", 1)
    assert "no date" in entry["message"] and "no date" in printed.err
    file = file.rename(tmp_path / "attendance 2024-03-25.csv")
    assert main(["detect", str(file), "--json", "--store", str(tmp_path / "none.duckdb")]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["files"]
    assert (entry["people"], entry["rows"], entry["timezone"]) == (1, 2, "the hub's")
    assert {c["heading"]: c["maps_to"] for c in entry["columns"]}["Time joined"] == "join"
