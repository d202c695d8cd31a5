"""Every public function of the statistics says what a reviewer needs: in, out, when not, from where, checked how."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

FOLDER = ROOT / "echo_metrics" / "statistics"
WANTED = {
    "parameters": r"Parameters?\b",
    "what it returns or how": r"\b(Returns?|Formula|Gives?)\b",
    "when not to use it": r"When\s+not\s+to\s+use\s+it",
    "source": r"\bSource",
    "what it was checked against": r"[Cc]hecked\s+against",
}
HELPERS = {
    "checks.py": "refuse bad values by the name of their field",
    "counts.py": "keys and units of the tables, no estimates",
    "keys.py": "scores as whole-number keys",
    "results.py": "reasons and levels of results",
    "search.py": "a search over whole numbers",
    "table_check_printed.py": "reads printed numbers",
    "table_check_counts.py": "parts of check_row, but for grim and grimmer",
    "table_check_effect.py": "parts of check_row",
    "table_check_groups.py": "parts of check_row",
    "table_check_pairs.py": "parts of check_row",
    "table_check_tests.py": "parts of check_row",
    "words.py": "formats, but for the verdict and its interval",
}
"""Modules without estimates: their functions need a docstring (ruff sees to it), not a source."""
ALWAYS = {"grim", "grimmer", "verdict", "equivalence_interval"}
PLAIN = {"labels", "in_order", "midranks", "t_quantile", "change_sentence"}
"""Names of groups, ranks, a quantile: helpers that live beside their statistic."""


def functions() -> list[tuple[str, ast.FunctionDef]]:
    return [
        (path.name, node)
        for path in sorted(FOLDER.glob("*.py"))
        for node in ast.parse(Path(path).read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]


STATISTICS = [
    (module, node)
    for module, node in functions()
    if node.name in ALWAYS or (module not in HELPERS and node.name not in PLAIN)
]


@pytest.mark.parametrize(("module", "node"), STATISTICS, ids=[f"{m[:-3]}.{n.name}" for m, n in STATISTICS])
def test_a_statistic_documents_itself(module: str, node: ast.FunctionDef) -> None:
    words = ast.get_docstring(node) or ""
    assert [what for what, pattern in WANTED.items() if not re.search(pattern, words)] == []


def test_most_functions_are_statistics_and_no_exception_is_stale() -> None:
    names = {node.name for _, node in functions()}
    assert {path.name for path in FOLDER.glob("*.py")} >= HELPERS.keys()
    assert names >= ALWAYS | PLAIN
    assert len(STATISTICS) > 70


def test_named_records_exist() -> None:
    """A record named in a docstring is one of the reference file, or the check is a fable."""
    from tests.reference.test_all_reference_values import FILE, records

    if not FILE.exists():
        pytest.skip("the reference file is not beside the repository")
    known = {r["name"] for r in records()} | {r["family"] for r in records()}
    for module, node in STATISTICS:
        words = ast.get_docstring(node) or ""
        for phrase in re.findall(r"\brecords?\s+((?:`[a-z0-9_]+`(?:,\s+|\s+and\s+)?)+)", words):
            for name in re.findall(r"`([a-z0-9_]+)`", phrase):
                assert name in known, f"{module}: {node.name} names {name}"
