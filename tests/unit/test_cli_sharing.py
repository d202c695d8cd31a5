"""`release` and `link` on the command line: one JSON document, exit codes, nothing secret twice."""

from __future__ import annotations

import io
import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from echo_metrics.cli import main
from echo_metrics.disclosure.attack import Bound, Target
from echo_metrics.sharing import attack, links
from echo_metrics.sharing.attack import Finding
from echo_metrics.store import Control, control_path

CREATE = [
    "release", "create", "One network", "--network", "psychosocial", "--page", "attendance", "--breakdown", "cohort",
]  # fmt: skip


@pytest.fixture(scope="module")
def path(demo_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with R1, and one link to it, L1."""
    folder = tmp_path_factory.mktemp("cli")
    store = folder / "demo.duckdb"
    shutil.copy(demo_path, store)
    shutil.copy(demo_path.with_suffix(".key"), store.with_suffix(".key"))
    assert main([*CREATE, "--store", str(store)]) == 0
    assert main(["link", "create", "R1", "--recipient", "Fund", "--purpose", "Grant", "--store", str(store)]) == 0
    return store


def run(capsys: pytest.CaptureFixture[str], path: Path, *words: str | Path) -> tuple[int, Any, str]:
    capsys.readouterr()
    code = main([*map(str, words), "--store", str(path)])
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, json.loads(out) if "--json" in words and out else out, err


def make(capsys: pytest.CaptureFixture[str], path: Path, *more: str) -> dict[str, Any]:
    words = ["link", "create", "R1", "--recipient", "Fund", "--purpose", "Grant", *more, "--json"]
    code, made, _ = run(capsys, path, *words)
    assert code == 0
    assert set(made) == {"link", "address", "until"}
    assert re.fullmatch(r"http://localhost:8501/s/[A-Za-z0-9_-]{43}", made["address"])
    return dict(made)


def listed(capsys: pytest.CaptureFixture[str], path: Path, link: str) -> dict[str, Any]:
    code, reply, _ = run(capsys, path, "link", "list", "--json")
    assert code == 0
    return next(x for x in reply["links"] if x["link"] == link)


def opens(path: Path, address: str, passcode: str = "") -> bool:
    with Control.open(control_path(path)) as control:
        return links.exchange(control, address.rpartition("/")[2], passcode, "10.0.0.1", "phone") is not None


def test_release_create_and_list(capsys: pytest.CaptureFixture[str], path: Path) -> None:
    code, reply, _ = run(capsys, path, *CREATE, "--dry-run", "--json")
    assert (code, reply["status"], reply["name"]) == (0, "not frozen", "R2")
    assert set(reply) >= {"title", "networks", "preset", "minimum", "pages", "breakdowns", "hidden", "held", "checksum"}
    assert "scopes" not in reply
    code, reply, _ = run(capsys, path, "release", "list", "--json")
    assert code == 0
    (entry,) = reply["releases"]
    assert (entry["release"], entry["title"], entry["status"], entry["preset"]) == (
        "R1",
        "One network",
        "live",
        "standard",
    )
    assert len(entry["checksum"]) == 64
    code, out, _ = run(capsys, path, "release", "list")
    assert (code, out.split()[:3]) == (0, ["R1", "live", "standard"])
    code, out, _ = run(capsys, path, *CREATE, "--dry-run")
    assert "R2 is not frozen: One network" in out


def test_release_show(capsys: pytest.CaptureFixture[str], path: Path, tmp_path: Path) -> None:
    code, document, _ = run(capsys, path, "release", "show", "R1", "--html", tmp_path / "r.html", "--json")
    assert code == 0
    assert document["schema"] == "echo-metrics/release/1"
    assert [s["cohort"] for s in document["scopes"]] == ["", "Cohort 1", "Cohort 2"]
    html = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert document["checksum"] in html
    assert "<script" not in html
    code, out, _ = run(capsys, path, "release", "show", "r1")
    assert out.startswith("R1: One network\n")
    code, _, err = run(capsys, path, "release", "show", "R1", "--html", tmp_path / "no" / "r.html")
    assert (code, "can't be written" in err) == (1, True)


def test_release_attack(
    capsys: pytest.CaptureFixture[str], path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, reply, _ = run(capsys, path, "release", "attack", "--json")
    assert (code, reply["safe"], reply["releases"]) == (0, True, ["R1"])
    assert all(g["broken"] is None for g in reply["groups"])
    _, document, _ = run(capsys, path, "release", "show", "R1", "--json")
    file = tmp_path / "r1.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    code, reply, _ = run(capsys, path, "release", "attack", file, "--json")
    assert (code, reply["safe"]) == (0, True)
    file.write_text(json.dumps({**document, "minimum": 1}), encoding="utf-8")
    code, _, err = run(capsys, path, "release", "attack", file)
    assert (code, "altered" in err) == (1, True)
    for text, words in (("[]", "not a release"), ("{", "can't be read"), ("{}", "not a release of ECHO Metrics")):
        file.write_text(text, encoding="utf-8")
        code, _, err = run(capsys, path, "release", "attack", file)
        assert (code, words in err) == (1, True), err
    # One group that is worked out is a failure, named on standard error.
    found = _broken()
    monkeypatch.setattr(attack, "attack_documents", lambda documents: (found,))
    code, reply, err = run(capsys, path, "release", "attack", "--json")
    assert (code, reply["safe"]) == (1, False)
    assert reply["groups"][0]["broken"] == found.broken
    assert found.figure in err
    code, out, _ = run(capsys, path, "release", "attack")
    assert code == 1
    assert "worked out: 1" in out


def _broken() -> Finding:
    """A hidden group of two, pinned down."""
    bound = Bound("Nurses", Target.HIDDEN, frozenset({"nursing"}), 2, 2, (), "It must be 2 people.")
    return Finding("competency|change", 8, bound)


def test_link_create_and_list(capsys: pytest.CaptureFixture[str], path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make(capsys, path)
    usual = datetime.now(UTC).date() + timedelta(days=90)
    assert abs((datetime.fromisoformat(made["until"]).date() - usual).days) <= 1
    found = listed(capsys, path, made["link"])
    assert (found["release"], found["recipient"], found["state"], found["opened"], found["last_opened"]) == (
        "R1", "Fund", "live", 0, None,
    )  # fmt: skip
    assert opens(path, made["address"])
    found = listed(capsys, path, made["link"])
    assert found["opened"] == 1
    assert found["last_opened"]
    code, out, _ = run(capsys, path, "link", "list")
    assert code == 0
    assert "opened once" in out
    for secret in (made["address"], made["address"].rpartition("/")[2]):
        assert secret not in out + json.dumps(found), "an address is shown once"
    until = (datetime.now(UTC).date() + timedelta(days=20)).isoformat()
    monkeypatch.setattr("sys.stdin", io.StringIO("three small boats\n"))
    words = ["--until", until, "--network", "psychosocial", "--cohort", "Cohort 2", "--download", "--passcode-stdin"]
    made = make(capsys, path, *words)
    assert made["until"] == until
    found = listed(capsys, path, made["link"])
    assert (found["network"], found["cohort"], found["download"], found["passcode"]) == (
        "psychosocial", "Cohort 2", True, True,
    )  # fmt: skip
    assert not opens(path, made["address"])
    assert opens(path, made["address"], "three small boats")
    code, out, _ = run(capsys, path, "link", "create", "1", "--recipient", "F", "--purpose", "P")
    assert (code, "shown once" in out) == (0, True)


def test_link_pause_resume_rotate_revoke(capsys: pytest.CaptureFixture[str], path: Path) -> None:
    made = make(capsys, path)
    name = made["link"]
    code, reply, _ = run(capsys, path, "link", "pause", name, "--json")
    assert (code, reply) == (0, {"link": name, "status": "paused"})
    assert not opens(path, made["address"])
    code, out, _ = run(capsys, path, "link", "resume", name)
    assert (code, out) == (0, f"{name} is live.\n")
    assert opens(path, made["address"])
    code, fresh, _ = run(capsys, path, "link", "rotate", name, "--json")
    assert code == 0
    assert fresh["link"] != name
    assert not opens(path, made["address"])
    assert opens(path, fresh["address"])
    code, reply, _ = run(capsys, path, "link", "revoke", fresh["link"], "--json")
    assert (code, reply["status"]) == (0, "revoked")
    assert not opens(path, fresh["address"])
    for act in ("pause", "resume", "revoke", "rotate"):
        code, out, err = run(capsys, path, "link", act, name)
        assert (code, out, "revoked" in err) == (1, "", True), act
    assert listed(capsys, path, name)["state"] == "revoked"


def test_what_is_refused(capsys: pytest.CaptureFixture[str], path: Path, tmp_path: Path) -> None:
    link = ["link", "create", "R1", "--recipient", "F", "--purpose", "P"]
    for words, said in (
        (["release", "show", "R9"], "no release R9"),
        ([*CREATE, "--network", "x"], "no network 'x'"),
        ([*CREATE, "--measure", "x"], "no measure 'x'"),
        ([*CREATE, "--replaces", "R9"], "no release R9"),
        (["release", "create", " "], "title"),
        (["link", "create", "R9", "--recipient", "F", "--purpose", "P"], "no release R9"),
        ([*link, "--until", "2001-01-01"], "must end"),
        ([*link, "--until", "2999-01-01"], "must end"),
        ([*link, "--network", "pharmacists"], "no part of its own"),
        ([*link, "--page", "roi"], "holds these pages"),
        (["link", "pause", "L99"], "no link L99"),
        (["link", "rotate", "99"], "no link L99"),
    ):
        code, out, err = run(capsys, path, *words)
        assert (code, out, said in err) == (1, "", True), (words, err)
    for words in (["release", "list"], ["link", "list"], ["release", "attack"], CREATE):
        code, _, err = run(capsys, tmp_path / "none.duckdb", *words)
        assert (code, "no store" in err) == (1, True)


@pytest.mark.parametrize(
    "words",
    [
        ["release"], ["release", "create"], ["release", "show"], ["release", "show", "x"], ["link", "create", "R1"],
        ["link", "pause"], ["link", "pause", "L-1"], ["release", "create", "T", "--preset", "none"],
        ["release", "create", "T", "--page", "people"],
        ["link", "create", "R1", "--recipient", "F", "--purpose", "P", "--until", "soon"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_usage_is_exit_two(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == 2
    capsys.readouterr()
