"""Fixtures that every folder shares: one demonstration store a worker, and empty stores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from echo_metrics.demo import build_demo
from echo_metrics.store import Store

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "data" / "demo"
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def demo_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration store, built once. Tests only read it."""
    path = tmp_path_factory.mktemp("demo") / "demo.duckdb"
    build_demo(path)
    return path


@pytest.fixture(scope="session")
def demo_store(demo_path: Path) -> Iterator[Store]:
    with Store.open(demo_path) as store:
        yield store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store.open(tmp_path / "store.duckdb") as opened:
        yield opened


@pytest.fixture
def samples() -> Path:
    """The folder of real sample files beside the project."""
    folder = SHARED / "samples"
    if not folder.is_dir():
        pytest.skip("the real sample files (../shared/samples) are not on this machine")
    return folder
