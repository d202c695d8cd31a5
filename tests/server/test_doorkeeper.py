"""Who gets past the door: hosts, sessions, link holders, the WebSocket, bodies, headers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

from echo_metrics.access import accounts, sessions
from echo_metrics.access.modes import Mode, Settings
from echo_metrics.server.context import Context
from echo_metrics.server.headers import SecurityHeaders
from echo_metrics.server.limits import LARGEST_BODY
from echo_metrics.store import Control
from echo_metrics.terms import Role
from tests.server.asgi import INSIDE, Visitor, build
from tests.server.conftest import House

ADDRESSES = [
    "/", "/competency", "/roi", "/data", "/people", "/audit", "/static/js/index.js", "/media/abc.png", "/favicon.png",
    "/component/x/y", "/_stcore/health", "/_stcore/host-config", "/_stcore/upload_file/a/b", "/_stcore/agent/interact",
    "/account/password", "/download/audit.csv", "/auth/login", "/oauth2callback", "/sign-in/", "//sign-in", "/SIGN-IN",
    "/healthz/x", "/sign-in/../data", "/s", "/setup", "/invite", "/setup/a/b", "/invite/a/../../data",
]  # fmt: skip


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_signed_out_there_is_only_the_sign_in(house: House, path: str, method: str) -> None:
    reply = house.visitor().ask(method, path)
    assert INSIDE not in reply.text
    if method == "GET":
        assert (reply.status_code, reply.headers.get("location")) == (303, "/sign-in")
    else:
        assert reply.status_code == 401
    assert house.visitor().get(path, headers={"accept": "*/*"}).status_code == 401


def test_signed_in_the_rest_opens_and_closes_again(house: House) -> None:
    eva = house.signed_in(Role.EVALUATOR)
    assert INSIDE in eva.get("/competency").text
    assert eva.get("/sign-in").headers["location"] == "/"
    assert eva.socket()[-1]["type"] == "websocket.close"
    assert any(m.get("text") == INSIDE for m in eva.socket())
    accounts.disable(house.context.control, "", house.people[Role.EVALUATOR].id)
    assert eva.get("/competency").status_code == 303
    assert eva.socket() == [{"type": "websocket.close", "code": 1008}]


def test_the_websocket_is_closed_to_strangers(house: House) -> None:
    assert house.visitor().socket() == [{"type": "websocket.close", "code": 1008}]
    owner = house.signed_in()
    refused = [{"type": "websocket.close", "code": 1008}]
    assert owner.socket(headers={"origin": "https://evil.example"}) == refused
    assert owner.socket(headers={"origin": "null"}) == refused
    assert owner.socket(headers={"host": "evil.example"}) == refused
    assert len(owner.socket(headers={"origin": "http://localhost:8501"})) > 1


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "a b", "[::1"]
)
def test_a_changed_host_is_refused(house: House, host: str) -> None:
    reply = house.signed_in().get("/", headers={"host": host})
    assert reply.status_code == 403
    assert INSIDE not in reply.text
    assert house.visitor().get("/sign-in", headers={"host": host}).status_code == 403


def test_behind_tls_only_the_public_host_and_cookies_bound_to_it(tmp_path: Path) -> None:
    app, context = build(
        tmp_path / "e.duckdb", Settings(Mode.ACCOUNTS, "0.0.0.0", 8501, "https://echo.example.org", "10.0.0.2")
    )
    visitor = Visitor(app, "https://echo.example.org", "10.0.0.2")
    reply = visitor.get("/sign-in")
    assert "Strict-Transport-Security" in reply.headers
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith("__Host-echo_form=")
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    secret = accounts.setup_secret(context.control)
    made = {"email": "o@hub.example", "name": "O", "password": "a quiet river at night"}
    reply = visitor.fill(f"/setup/{secret}", made)
    assert reply.status_code == 303
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith("__Host-echo_session=")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"))
    assert "Domain" not in cookie
    assert Visitor(app, "https://localhost").get("/sign-in").status_code == 403
    Control.close_all()


def test_a_link_holder_reaches_what_the_page_needs_and_no_more(tmp_path: Path) -> None:
    app, _ = build(
        tmp_path / "e.duckdb", Settings(Mode.ACCOUNTS), link_holder=lambda cookies: cookies.get("link") == "good"
    )
    holder, other = Visitor(app, cookies={"link": "good"}), Visitor(app, cookies={"link": "bad"})
    for path in ("/static/js/x.js", "/_stcore/health", "/_stcore/host-config", "/favicon.png"):
        assert holder.get(path).status_code == 200
        assert other.get(path).status_code == 303
    assert len(holder.socket()) > 1
    assert len(other.socket()) == 1
    for path in ("/", "/data", "/download/audit.csv", "/account/password", "/_stcore/upload_file/a/b"):
        assert INSIDE not in holder.get(path).text
    assert holder.ask("PUT", "/static/x").status_code == 401
    assert holder.ask("PUT", "/_stcore/upload_file/a/b").status_code == 401
    Control.close_all()


def test_bodies_are_small_but_for_uploads(house: House) -> None:
    owner = house.signed_in()
    fits, large = b"x" * LARGEST_BODY, b"x" * (LARGEST_BODY + 1)
    assert owner.ask("POST", "/x", content=fits).status_code == 200
    assert owner.ask("POST", "/x", content=large).status_code == 413
    assert owner.ask("PUT", "/_stcore/upload_file/a/b", content=large).status_code == 200
    for told in ("x", "-1", "9" * 30):
        assert owner.ask("POST", "/x", headers={"content-length": told}, content=b"").status_code == 413

    async def endless():  # type: ignore[no-untyped-def]
        for _ in range(20):
            yield b"x" * 8000

    assert owner.ask("POST", "/x", content=endless()).status_code == 413


def test_headers_on_every_answer(house: House) -> None:
    owner = house.signed_in()
    foreign = house.visitor().get("/", headers={"host": "evil.example"})
    inside = [owner.get(path) for path in ("/", "/sign-out", "/healthz", "/download/audit.csv")]
    for reply in [*inside, foreign, house.visitor().get("/")]:
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["x-frame-options"] == "DENY"
        assert reply.headers["x-robots-tag"].startswith("noindex")
        assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]
        assert reply.headers["permissions-policy"]
        assert "strict-transport-security" not in reply.headers
    page = house.visitor().get("/sign-in")
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert "script-src 'self'" in owner.get("/").headers["content-security-policy"]


def test_local_mode_stays_local(tmp_path: Path) -> None:
    app, _ = build(tmp_path / "e.duckdb", Settings())
    assert INSIDE in Visitor(app).get("/").text
    assert Visitor(app).get("/download/audit.csv").status_code == 200
    for stranger, headers in (
        (Visitor(app, address="10.1.2.3"), {}),
        (Visitor(app), {"host": "evil.example"}),
        (Visitor(app), {"x-forwarded-for": "1.2.3.4"}),
    ):
        for path in ("/", "/healthz", "/download/audit.csv", "/sign-in"):
            assert stranger.get(path, headers=headers).status_code == 403
    Control.close_all()


def test_oidc_opens_streamlits_page_and_nothing_else(tmp_path: Path) -> None:
    app, context = build(tmp_path / "e.duckdb", Settings(Mode.OIDC), lambda cookies: None)
    visitor = Visitor(app)
    for path in ("/", "/static/js/x.js", "/auth/login", "/oauth2callback", "/_stcore/host-config"):
        assert visitor.get(path).status_code == 200
    for path in ("/data", "/media/x.png", "/download/audit.csv", "/_stcore/upload_file/a/b", "/account/password"):
        assert INSIDE not in visitor.get(path).text
    assert visitor.ask("PUT", "/_stcore/upload_file/a/b").status_code == 401
    assert visitor.get("/sign-in").headers["location"] == "/"
    assert context.control is not None
    Control.close_all()


def test_a_visitors_address_is_believed_from_the_trusted_proxy_only(tmp_path: Path) -> None:
    forwarded = [(b"x-forwarded-for", b"6.6.6.6, 7.7.7.7")]
    behind = Context(Settings(Mode.ACCOUNTS, trusted_proxy="10.0.0.2"), tmp_path / "e.duckdb")
    assert behind.client_of({"client": ("10.0.0.2", 5000), "headers": forwarded}) == "7.7.7.7"
    assert behind.client_of({"client": ("10.0.0.2", 5000), "headers": []}) == "10.0.0.2"
    assert behind.client_of({"client": ("10.0.0.3", 5000), "headers": forwarded}) == "10.0.0.3"
    assert behind.client_of({"client": None}) == ""
    # The web server itself replaces a loopback address by a forwarded one, and then says port 0.
    assert behind.client_of({"client": ("7.7.7.7", 0), "headers": forwarded}) == "127.0.0.1"
    near = Context(Settings(Mode.ACCOUNTS, trusted_proxy="127.0.0.1"), tmp_path / "e.duckdb")
    assert near.client_of({"client": ("7.7.7.7", 0), "headers": forwarded}) == "7.7.7.7"


def test_a_kept_page_keeps_its_policy() -> None:
    """A 304 updates the headers of the page in the browser's cache: it must not bring a policy for something else."""

    async def unchanged(scope: Any, receive: Any, send: Any) -> None:
        await Response(status_code=304)(scope, receive, send)

    reply = Visitor(SecurityHeaders(unchanged)).get("/")
    assert reply.status_code == 304
    assert "content-security-policy" not in reply.headers
    assert reply.headers["x-frame-options"] == "DENY"


def test_health_is_only_read(house: House) -> None:
    assert house.visitor().get("/healthz").json() == {"status": "ok"}
    assert house.visitor().ask("POST", "/healthz").status_code == 401


def test_an_expired_session_is_a_signed_out_one(house: House) -> None:
    eva = house.signed_in(Role.EVALUATOR)
    house.later(minutes=60)
    assert eva.get("/roi").status_code == 303
    assert sessions.find(house.context.control, house.context.settings, eva.cookies["echo_session"]) is None
