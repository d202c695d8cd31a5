"""`user add|list|disable`, as the command line runs them."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

import pytest

from echo_metrics import commands_access
from echo_metrics.access import accounts
from echo_metrics.errors import StoreBusy, UserError
from echo_metrics.store import Control, control_path


def run(store: Path, *words: str) -> int:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--store", type=Path)
    shared.add_argument("--json", action="store_true")
    parser = argparse.ArgumentParser()
    commands_access.add_parsers(parser.add_subparsers(required=True), shared)
    options = parser.parse_args([*words, "--store", str(store)])
    return int(options.run(options))


def test_add_list_and_disable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECHO_ACCESS", "accounts")
    store = tmp_path / "echo.duckdb"
    words = ["--role", "evaluator", "--network", "a", "--network", "b", "--row-level", "--json"]
    assert run(store, "user", "add", "Eva@hub.example", *words) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["user"]["networks"], made["user"]["row_level"]) == (["a", "b"], True)
    secret = made["invitation"].rpartition("/")[2]
    monkeypatch.setattr("sys.stdin", io.StringIO("a quiet river at night\n"))
    assert run(store, "user", "add", "o@hub.example", "--role", "owner", "--password-stdin") == 0
    assert "invite" not in capsys.readouterr().out
    with Control.open(control_path(store)) as control:
        assert accounts.accept(control, secret, "Eva", "another quiet river").email == "eva@hub.example"
        assert accounts.authenticate(control, "o@hub.example", "a quiet river at night") is not None
    assert run(store, "user", "disable", "EVA@hub.example") == 0
    capsys.readouterr()
    assert run(store, "user", "list", "--json") == 0
    listed = json.loads(capsys.readouterr().out)["users"]
    assert [(u["email"], u["enabled"]) for u in listed] == [("eva@hub.example", False), ("o@hub.example", True)]
    assert run(store, "user", "list") == 0
    assert "eva@hub.example; Eva; evaluator; a, b; row-level; disabled" in capsys.readouterr().out


def test_what_is_refused(tmp_path: Path) -> None:
    store = tmp_path / "echo.duckdb"
    with pytest.raises(UserError, match="no account"):
        run(store, "user", "disable", "x@hub.example")
    with pytest.raises(UserError, match="e-mail"):
        run(store, "user", "add", "nonsense")
    run(store, "user", "add", "o@hub.example", "--role", "owner")
    with pytest.raises(UserError, match="only owner"):
        run(store, "user", "disable", "o@hub.example")


def test_a_control_plane_in_use_says_what_to_do(tmp_path: Path) -> None:
    import subprocess
    import sys

    from tests.conftest import ROOT

    store = tmp_path / "echo.duckdb"
    with Control.open(control_path(store)):
        code = "import sys, pathlib; from echo_metrics.store import Control; Control.open(pathlib.Path(sys.argv[1]))"
        done = subprocess.run(
            [sys.executable, "-c", code, str(control_path(store))],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert StoreBusy.__name__ in done.stderr
    assert "People" in done.stderr
