"""The floors of the house: imports go down only, the lowest floors are pure, SQL stands in the store alone."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

# A package may import those below it, and itself.
FLOORS = [
    {"errors", "terms"},
    {"text", "numbers"},
    {"definitions", "statistics", "roi", "disclosure"},
    {"ledger_files"},
    {"store"},
    {"access", "own_definitions"},
    {"ingest"},
    {"answers", "table_files", "statistic_requests"},
    {"charts", "demo", "doctor"},
    {"reports"},
    {"sharing", "scenarios", "ledger_desk"},
    {"server", "inbox"},
    {"whereabouts"},
    {"commands_access", "commands_forget", "commands_roi", "commands_sharing"},
    {"cli"},
    {"__main__"},
]
PURE = ("statistics", "roi", "disclosure")
IMPURE_NAMES = {"duckdb", "os", "pathlib", "time", "random", "datetime.now", "open", "socket", "sqlite3", "tempfile"}
MODULES = sorted((ROOT / "echo_metrics").rglob("*.py"))
SCREENS = sorted((ROOT / "pages").rglob("*.py"))


def floor_of(package: str) -> int:
    return next(i for i, floor in enumerate(FLOORS) if package in floor)


def package_of(path: Path) -> str:
    parts = path.relative_to(ROOT / "echo_metrics").with_suffix("").parts
    return parts[0]


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_down_only(path: Path) -> None:
    own = package_of(path)
    if own in ("__init__",):
        return
    for name in imported(path):
        assert not name.startswith(("streamlit", "pages", "dashboard")), f"{path.name} imports {name}"
        if name.startswith("echo_metrics.") and name.split(".")[1] != "__version__":
            other = name.split(".")[1]
            if other != own:
                assert floor_of(other) < floor_of(own), f"{path.name} imports {name}, which lies above or beside it"


@pytest.mark.parametrize("path", [p for p in MODULES if package_of(p) in PURE], ids=lambda p: p.name)
def test_lowest_floors_are_pure(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for name in imported(path):
        assert name.split(".")[0] not in IMPURE_NAMES, f"{path.name} imports {name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in {"open", "print", "input"}, f"{path.name} calls {called}"
            assert not re.search(r"\b(now|today|default_rng|seed)$", called), f"{path.name} calls {called}"


def test_charts_take_answers_only() -> None:
    for path in MODULES:
        if package_of(path) == "charts":
            for name in imported(path):
                assert not re.match(r"echo_metrics\.(store|statistics|ingest)", name), f"{path.name} imports {name}"


def test_only_the_gate_makes_released_figures() -> None:
    for path in [*MODULES, *SCREENS]:
        if path.name == "gate.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                assert ast.unparse(node.func).rpartition(".")[2] != "Released", f"{path.name} makes a Released"


SQL_WORDS = re.compile(r"\b(SELECT\s+.+\s+FROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+TABLE)\b", re.S)


@pytest.mark.parametrize("path", [*MODULES, *SCREENS], ids=lambda p: str(p.relative_to(ROOT)))
def test_sql_stands_in_the_store_only(path: Path) -> None:
    if path in MODULES and package_of(path) == "store":
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            assert not SQL_WORDS.search(node.value), f"{path.name}:{node.lineno} holds SQL"


@pytest.mark.parametrize("path", SCREENS, ids=lambda p: str(p.relative_to(ROOT)))
def test_screens_stay_thin(path: Path) -> None:
    names = set(imported(path))
    door = path.name == "door.py"
    for name in names:
        assert name.split(".")[0] not in {"duckdb", "scipy", "numpy"}, f"{path.name} imports {name}"
        if not door:
            assert not re.match(r"echo_metrics\.(store|statistics|roi|ingest\.load)", name), (
                f"{path.name} imports {name}"
            )
    text = path.read_text(encoding="utf-8")
    if not door:
        assert "cache_data" not in text, "the only caches are in door.py"
        assert "cache_resource" not in text, "the only caches are in door.py"
    if path.parent.name == "pages" and path.name not in ("shell.py", "__init__.py"):
        assert len(text.splitlines()) <= 45, f"{path.name} is more than a screen should hold"
        assert "door.guard(" in text, f"{path.name} has no guard"
        arithmetic = [
            n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.BinOp) and not isinstance(n.op, ast.Mod)
        ]
        assert not arithmetic, f"{path.name} calculates"


def test_the_package_imports_without_streamlit_or_scipy_stats() -> None:
    code = (
        "import sys; import echo_metrics.answers, echo_metrics.cli, echo_metrics.charts; "
        "bad = [m for m in ('streamlit', 'scipy.stats', 'statsmodels') if m in sys.modules]; "
        "sys.exit(str(bad) if bad else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_query_file_is_used() -> None:
    texts = "\n".join(p.read_text(encoding="utf-8") for p in MODULES)
    for path in (ROOT / "echo_metrics" / "store" / "queries").glob("*.sql"):
        if path.stem.startswith("rezone_"):
            assert f'"{path.stem.removeprefix("rezone_")}"' in texts
            continue
        assert f'"{path.stem}"' in texts, f"{path.name} is read by nothing"


@pytest.mark.parametrize("path", [*MODULES, *SCREENS], ids=lambda p: str(p.relative_to(ROOT)))
def test_no_module_grows_too_long(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 450
