"""A real server on a free port, and a real Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import ROOT
from tests.e2e.chromium import find

# Parts of the page come later than the script's end: skeletons stand in their place, and charts draw themselves.
DRAWN = """() => {
  const seen = e => { const r = e.getBoundingClientRect(); return r.height > 10 && r.width > 10; };
  const all = q => [...document.querySelectorAll(q)].filter(seen);
  return all("[data-testid=stSkeleton]").length === 0
    && all("[data-testid=stPlotlyChart]").every(c => c.querySelector("svg.main-svg"));
}"""
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@dataclass(frozen=True)
class Server:
    """A running dashboard."""

    url: str
    log: Path

    def text(self) -> str:
        """What the server wrote."""
        return self.log.read_text(encoding="utf-8")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    store: Path, log: Path, env: Mapping[str, str] | None = None, port: int = 0, options: Sequence[str] = ()
) -> Iterator[Server]:
    """Serve `store` as `streamlit run dashboard.py` does, until the block ends; `env` and `options` are added."""
    port = port or free_port()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(port), *options],
            cwd=ROOT,
            env={**os.environ, "ECHO_STORE": str(store), **(env or {})},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        server = Server(f"http://127.0.0.1:{port}", log)
        try:
            _wait(server, process)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server stopped: {server.text()}")
        try:
            with urllib.request.urlopen(f"{server.url}/healthz", timeout=2) as reply:
                if reply.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"the server did not answer: {server.text()}")


@pytest.fixture(scope="module")
def server(demo_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A dashboard over its own copy of the demonstration store."""
    folder = tmp_path_factory.mktemp("served")
    with serving(copied(demo_path, folder), folder / "server.log") as running:
        yield running


def copied(demo_path: Path, folder: Path) -> Path:
    """A copy of the demonstration store with its key."""
    store = folder / "demo.duckdb"
    shutil.copy(demo_path, store)
    shutil.copy(demo_path.with_suffix(".key"), store.with_suffix(".key"))
    return store


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find()
    if path is None:
        pytest.fail("no Chromium on this machine: run `python -m tests.e2e.chromium` first, as `make test` does")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1440, "height": 1000})
    opened.set_default_timeout(30_000)
    yield opened
    opened.close()


Open = Callable[[str], Page]


@pytest.fixture
def visit(page: Page, server: Server) -> Open:
    """Open an address of the dashboard and wait until it stands still."""

    def go(address: str) -> Page:
        page.goto(f"{server.url}/{address}")
        settle(page)
        return page

    return go


def settle(page: Page) -> None:
    """Wait until the script has run and nothing is in flight."""
    page.wait_for_selector(SETTLED)
    page.wait_for_timeout(300)
    page.wait_for_selector(SETTLED)
    page.wait_for_function(DRAWN)


def sound(page: Page) -> None:
    """No exception element, no error box."""
    assert page.locator("[data-testid=stException]").count() == 0, page.locator(
        "[data-testid=stException]"
    ).inner_text()
    errors = page.locator("[data-testid=stAlertContentError]")
    assert errors.count() == 0, errors.all_inner_texts()


def choose(page: Page, label: str, option: str) -> None:
    """Choose an option of a sidebar select box by what stands on it."""
    box = page.locator("[data-testid=stSidebar] [data-testid=stSelectbox]", has_text=label)
    # Scrolling closes an open list, so the box is brought into view first.
    box.scroll_into_view_if_needed()
    page.wait_for_timeout(200)
    box.locator("[data-baseweb=select], [role=combobox]").first.click()
    page.locator("[role=option]").get_by_text(option, exact=True).first.click()
    settle(page)


def text_of(page: Page) -> str:
    """All that can be read in the main part."""
    return " ".join(page.locator("[data-testid=stMain]").inner_text().split())
