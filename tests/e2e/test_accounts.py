"""A real server in accounts mode: set-up, invitations, sign-in, and what somebody signed out can't reach."""

from __future__ import annotations

import re
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.conftest import ROOT
from tests.e2e.conftest import Server, copied, serving, settle

PASSWORD = "a quiet river at night"
SCREENS = sorted(p.stem for p in (ROOT / "pages").glob("*.py") if p.stem not in ("shell", "__init__"))
ROUTES = [
    "/", *(f"/{name}" for name in SCREENS), *(f"/{name.replace('_', '-')}" for name in SCREENS), "/shell",
    "/pages/data.py", "/account/password", "/sign-out", "/download/audit.csv", "/_stcore/health",
    "/_stcore/host-config", "/_stcore/metrics", "/_stcore/agent/openapi.json", "/media/x.png", "/static/js/index.js",
    "/app/static/x", "/component/x/index.html", "/favicon.png", "/manifest.json", "/auth/login", "/auth/logout",
    "/oauth2callback", "/..%2fdashboard.py", "//etc/passwd",
]  # fmt: skip


@pytest.fixture(scope="module")
def house(demo_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("accounts")
    with serving(copied(demo_path, folder), folder / "server.log", {"ECHO_ACCESS": "accounts"}) as running:
        yield running


@pytest.fixture
def other(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1440, "height": 1000})
    opened.set_default_timeout(30_000)
    yield opened
    opened.close()


def raw(server: Server, path: str, **headers: str) -> tuple[int, str, str]:
    """One request as it is, redirects not followed: status, location, body."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *given: object) -> None:
            return None

    request = urllib.request.Request(server.url + path, headers=headers)
    try:
        with urllib.request.build_opener(Stay).open(request, timeout=10) as reply:
            return reply.status, "", reply.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("location", ""), error.read().decode("utf-8", "replace")


def handshake(server: Server, **headers: str) -> bytes:
    """The first line of the answer to a WebSocket handshake."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    told = {
        "Host": f"{host}:{port}", "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", **headers,
    }  # fmt: skip
    lines = "".join(f"{k}: {v}\r\n" for k, v in told.items())
    with socket.create_connection((host, int(port)), timeout=10) as wire:
        wire.sendall(f"GET /_stcore/stream HTTP/1.1\r\n{lines}\r\n".encode())
        return wire.recv(4096).split(b"\r\n")[0]


def sign_in(page: Page, server: Server, email: str, password: str = PASSWORD) -> None:
    page.goto(f"{server.url}/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_1_signed_out_on_a_fresh_server(house: Server, page: Page) -> None:
    """Before anybody was there: every address is the sign-in, in a browser and without one."""
    for path in ROUTES:
        status, location, body = raw(house, path, Accept="text/html")
        assert (status, location) in ((303, "/sign-in"), (400, "")), path
        assert "streamlit" not in body.casefold()
        assert raw(house, path)[0] in (401, 400), path
    assert handshake(house).startswith(b"HTTP/1.1 403")
    assert handshake(house, Cookie="echo_session=" + "A" * 43).startswith(b"HTTP/1.1 403")
    assert handshake(house, Host="evil.example").startswith(b"HTTP/1.1 403")
    assert raw(house, "/sign-in", Host="evil.example")[0] == 403
    for path in ("/", "/competency", "/data", "/people"):
        page.goto(house.url + path)
        assert page.url == f"{house.url}/sign-in"
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_2_the_setup_link_makes_the_owner(house: Server, page: Page) -> None:
    refused: list[str] = []
    page.on("console", lambda m: refused.append(m.text) if "Content Security Policy" in m.text else None)
    link = re.search(r"http://\S+/setup/\S+", house.text())
    assert link, house.text()
    page.goto(link[0].replace("http://localhost", "http://127.0.0.1"))
    page.get_by_label("E-mail").fill("owner@hub.example")
    page.get_by_label("Name").fill("Olga")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Create the owner's account").click()
    page.wait_for_url(f"{house.url}/")
    settle(page)
    expect(page.get_by_text("Signed in as Olga, owner")).to_be_visible()
    page.goto(f"{house.url}/competency")
    settle(page)
    page.wait_for_selector(".js-plotly-plot")
    assert not refused, refused
    assert raw(house, link[0].partition("/setup")[1] + link[0].partition("/setup")[2], Accept="text/html")[0] == 404


def test_3_invite_sign_in_wrong_password_and_disable(house: Server, page: Page, other: BrowserContext) -> None:
    sign_in(page, house, "owner@hub.example", "a wrong password")
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    sign_in(page, house, "owner@hub.example")
    page.wait_for_url(f"{house.url}/")
    page.goto(f"{house.url}/people")
    settle(page)
    links = {}
    for role, email in (("Evaluator", "eva@hub.example"), ("Leader", "leo@hub.example")):
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Name", exact=True).fill(role)
        if role == "Leader":
            page.locator("[data-testid=stForm] [data-testid=stSelectbox]").first.click()
            page.get_by_role("option", name="Leader").click()
        page.get_by_role("button", name="Make the invitation").click()
        settle(page)
        shown = page.locator("[data-testid=stCode]").inner_text()
        links[email] = re.search(r"/invite/[A-Za-z0-9_-]{43}", shown)[0]  # type: ignore[index]
    page.reload()
    settle(page)
    assert page.locator("[data-testid=stCode]").count() == 0

    guest = other.new_page()
    guest.goto(house.url + links["eva@hub.example"])
    guest.get_by_label("New password").fill(PASSWORD)
    guest.get_by_role("button", name="Save and sign in").click()
    guest.wait_for_url(f"{house.url}/")
    settle(guest)
    expect(guest.get_by_text("Signed in as Evaluator, evaluator")).to_be_visible()
    for address in ("people", "audit"):
        guest.goto(f"{house.url}/{address}")
        settle(guest)
        expect(guest.get_by_text("is not part of what")).to_be_visible()
    assert guest.goto(f"{house.url}/download/audit.csv").status == 403  # type: ignore[union-attr]
    guest.goto(f"{house.url}/competency")
    settle(guest)

    box = page.locator("[data-testid=stMain] [data-testid=stSelectbox]", has_text="Account").last
    box.locator("input").first.click()
    page.keyboard.type("eva@")
    page.locator("[role=option]", has_text="eva@hub.example").first.click()
    settle(page)
    page.get_by_role("button", name="Disable").click()
    settle(page)
    # The open screen of the disabled account shows nothing more at its next rerun.
    guest.locator("[data-testid=stSidebar] [data-testid=stSelectbox]").first.click()
    guest.get_by_role("option").nth(1).click()
    expect(guest.get_by_text("You are signed out.")).to_be_visible()
    assert guest.locator(".js-plotly-plot").count() == 0
    guest.goto(f"{house.url}/competency")
    assert guest.url == f"{house.url}/sign-in"
    sign_in(guest, house, "eva@hub.example")
    expect(guest.get_by_role("alert")).to_contain_text("do not belong together")


def test_4_sign_out_and_the_audit(house: Server, page: Page) -> None:
    sign_in(page, house, "owner@hub.example")
    page.wait_for_url(f"{house.url}/")
    page.goto(f"{house.url}/audit")
    settle(page)
    expect(page.get_by_text("fit together")).to_be_visible()
    for words in ("sign in failed", "account disabled", "invited"):
        assert page.get_by_role("cell", name=words).count() > 0, words
    cookie = next(c for c in page.context.cookies() if c["name"] == "echo_session")
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    page.get_by_role("link", name="Sign out").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{house.url}/sign-in")
    page.context.add_cookies([cookie])
    page.goto(house.url)
    assert page.url == f"{house.url}/sign-in"


def test_5_attempts_are_throttled(house: Server, page: Page) -> None:
    for _ in range(5):
        sign_in(page, house, "leo@hub.example", "a wrong password")
    sign_in(page, house, "leo@hub.example")
    expect(page.get_by_role("alert")).to_contain_text("Too many attempts")


def test_6_at_390_pixels_in_light_and_dark(house: Server, browser: Browser) -> None:
    for scheme in ("light", "dark"):
        opened = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
        opened.goto(f"{house.url}/sign-in")
        assert opened.evaluate("document.documentElement.scrollWidth") <= 390
        # The style sheet is in force: its hash in the policy fits.
        back = opened.evaluate("getComputedStyle(document.body).backgroundColor")
        assert back == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(15, 23, 30)")
        opened.close()


def test_7_no_secret_stands_in_the_log(house: Server) -> None:
    assert PASSWORD not in house.text()
    assert "/invite/" not in house.text()
    assert "Traceback" not in house.text()


@pytest.mark.parametrize(
    ("env", "options", "words"),
    [
        ({}, ["--server.address", "0.0.0.0"], "local mode"),
        ({"ECHO_ACCESS": "accounts"}, ["--server.address", "0.0.0.0"], "TLS"),
        ({"ECHO_ACCESS": "accounts"}, ["--server.enableXsrfProtection", "false"], "enableXsrfProtection true"),
        ({"ECHO_ACCESS": "oidc"}, [], "secrets.toml"),
        ({"ECHO_ACCESS": "everyone"}, [], "everyone"),
    ],
    ids=str,
)
def test_8_unsafe_combinations_do_not_start(
    demo_path: Path, tmp_path: Path, env: dict[str, str], options: list[str], words: str
) -> None:
    opening = serving(demo_path, tmp_path / "server.log", env, options=options)
    with pytest.raises(RuntimeError, match=words), opening:
        pass
