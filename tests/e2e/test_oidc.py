"""`st.login` against a small real provider: a verified e-mail of an account comes in, nothing else does."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from echo_metrics.access import accounts
from echo_metrics.access.accounts import Rights
from echo_metrics.store import Control, control_path
from echo_metrics.terms import Role
from tests.conftest import ROOT
from tests.e2e.conftest import Server, copied, free_port, serving, settle
from tests.e2e.oidc_provider import CLIENT, SECRET


@dataclass(frozen=True)
class Provided:
    server: Server
    provider: str

    def who(self, **claims: object) -> None:
        """Who signs in next at the provider."""
        body = json.dumps(claims).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{self.provider}/who", body, method="PUT"), timeout=5):
            pass


@pytest.fixture(scope="module")
def provided(demo_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provided]:
    folder = tmp_path_factory.mktemp("oidc")
    store, port, own = copied(demo_path, folder), free_port(), free_port()
    with Control.open(control_path(store)) as control:
        accounts.create(control, "", "eva@hub.example", "Eva", Rights(Role.EVALUATOR))
        gone = accounts.create(control, "", "gone@hub.example", "Gone", Rights(Role.EVALUATOR))
        accounts.disable(control, "", gone.id)
    provider = f"http://127.0.0.1:{own}"
    secrets_file = folder / "secrets.toml"
    secrets_file.write_text(
        f"""[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "q9D7-3kfLw82hSx_Pm5vTz0aYbN4cR1eUj6"
client_id = "{CLIENT}"
client_secret = "{SECRET}"
server_metadata_url = "{provider}/.well-known/openid-configuration"
""",
        encoding="utf-8",
    )
    process = subprocess.Popen([sys.executable, "-m", "tests.e2e.oidc_provider", str(own)], cwd=ROOT)
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{provider}/jwks", timeout=2).close()
                break
            except OSError:
                time.sleep(0.2)
        options = ["--secrets.files", str(secrets_file)]
        with serving(store, folder / "server.log", {"ECHO_ACCESS": "oidc"}, port, options) as running:
            yield Provided(running, provider)
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture
def fresh(browser: Browser) -> Iterator[Page]:
    opened = browser.new_context(viewport={"width": 1440, "height": 1000})
    opened.set_default_timeout(30_000)
    yield opened.new_page()
    opened.close()


def sign_in(page: Page, provided: Provided) -> None:
    page.goto(provided.server.url)
    settle(page)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{provided.server.url}/")
    page.wait_for_timeout(1000)
    settle(page)


def test_a_verified_address_of_an_account_comes_in_and_out(provided: Provided, fresh: Page) -> None:
    provided.who(sub="1", email="Eva@hub.example", email_verified=True)
    fresh.goto(f"{provided.server.url}/competency")
    assert fresh.url == f"{provided.server.url}/"
    sign_in(fresh, provided)
    expect(fresh.get_by_text("Signed in as Eva, evaluator")).to_be_visible()
    fresh.goto(f"{provided.server.url}/competency")
    settle(fresh)
    expect(fresh.get_by_role("heading", name="Competency", exact=True)).to_be_visible()
    cookies = fresh.context.cookies()
    fresh.get_by_role("link", name="Sign out").click()
    fresh.get_by_role("button", name="Sign out").click()
    expect(fresh.get_by_text("You are signed out here")).to_be_visible()
    # The provider's cookie is as good as ever; the sign-in that it stands for has ended.
    fresh.context.add_cookies([c for c in cookies if c["name"].startswith("_streamlit")])  # type: ignore[misc]
    fresh.goto(provided.server.url)
    settle(fresh)
    expect(fresh.get_by_text("the sign-in is too old")).to_be_visible()
    assert fresh.goto(f"{provided.server.url}/data").url == f"{provided.server.url}/"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("email", "verified"),
    [("eva@hub.example", False), ("eva@hub.example", "true"), ("nobody@hub.example", True), ("gone@hub.example", True)],
)
def test_nobody_else_does(provided: Provided, fresh: Page, email: str, verified: object) -> None:
    provided.who(sub="2", email=email, email_verified=verified)
    sign_in(fresh, provided)
    expect(fresh.get_by_text("no account here belongs to it")).to_be_visible()
    assert fresh.locator("[data-testid=stSidebar]").count() == 0
    assert fresh.goto(f"{provided.server.url}/competency").url == f"{provided.server.url}/"  # type: ignore[union-attr]
