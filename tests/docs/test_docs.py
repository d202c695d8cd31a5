"""The docs are true: links lead somewhere, commands run, measures and screens are described."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from echo_metrics.answers import QUESTIONS
from echo_metrics.cli import main
from echo_metrics.definitions import load_definitions
from echo_metrics.definitions.describe import as_markdown
from tests.conftest import ROOT

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_measures_page_is_what_the_definitions_say() -> None:
    assert (ROOT / "docs" / "measures.md").read_text(encoding="utf-8") == as_markdown(load_definitions())


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def commands() -> list[str]:
    found = []
    for page in PAGES:
        for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.S):
            for line in block.splitlines():
                command = line.partition("#")[0].strip()
                if command.startswith("python -m echo_metrics ") and command.split()[3] != "import":
                    found.append(command)
    return found


@pytest.mark.parametrize("command", commands())
def test_commands_of_the_docs_run(
    command: str, demo_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # What changes the store gets one of its own.
    store = Path(shutil.copy(demo_path, tmp_path / "demo.duckdb")) if "--yes" in command else demo_path
    monkeypatch.setenv("ECHO_STORE", str(store))
    monkeypatch.chdir(ROOT)
    words = [
        str(ROOT / "data/demo/zoom/participants_85010203040_2020_01_09.csv") if w == "some_export.csv" else w
        for w in shlex.split(command)[3:]
    ]
    assert main(words) == 0
    assert capsys.readouterr().out


def test_every_question_stands_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for question in QUESTIONS:
        assert f"`{question}`" in text


def test_every_ignored_rule_is_explained() -> None:
    text = (ROOT / "docs" / "files.md").read_text(encoding="utf-8")
    source = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "echo_metrics" / "ingest").rglob("*.py"))
    rules = set(re.findall(r'ignore\(\s*"([a-z ]+)"', source)) | {"already there", "a newer version is there"}
    assert len(rules) > 5
    for rule in rules:
        assert rule in " ".join(text.split()), f"docs/files.md does not name the rule '{rule}'"


def test_the_makefile_has_the_readmes_two_commands() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^run:", makefile, re.M)
    assert re.search(r"^test:", makefile, re.M)
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_nothing_is_left_unfinished() -> None:
    marks = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "NotImplemented" + "Error", "coming so" + "on")))
    for path in [*(ROOT / "echo_metrics").rglob("*.py"), *(ROOT / "pages").rglob("*.py"), *PAGES]:
        assert not marks.search(path.read_text(encoding="utf-8")), path
