"""Whatever comes in, forged, truncated, replayed or enormous: never a failure, never something from behind the door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from echo_metrics.access import accounts, passwords
from echo_metrics.access.accounts import Rights
from echo_metrics.access.modes import Mode, Settings
from echo_metrics.store import Control
from echo_metrics.terms import Role
from tests.server.asgi import INSIDE, Visitor, build

PATHS = ["/", "/sign-in", "/sign-out", "/account/password", "/download/audit.csv", "/static/x", "/media/x", "/healthz"]
LATIN = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60)
FUZZ = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[object, str]]:
    app, context = build(Path(tmp_path_factory.mktemp("fuzz")) / "e.duckdb", Settings(Mode.ACCOUNTS))
    account = accounts.create(context.control, "", "o@hub.example", "O", Rights(Role.OWNER), "a quiet river at night")
    from echo_metrics.access import sessions

    yield app, sessions.start(context.control, account)
    Control.close_all()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing is not what is tried here; its slowness would allow few examples."""
    monkeypatch.setattr(passwords, "matches", lambda stored, password: False)


def sound(visitor: Visitor, method: str, path: str, **given: object) -> int:
    reply = visitor.ask(method, path, **given)
    assert reply.status_code < 500
    assert INSIDE not in reply.text
    assert "Traceback" not in reply.text
    return reply.status_code


def forged(session: str) -> st.SearchStrategy[str]:
    """Cookies near the real one, and any others."""
    return st.one_of(
        LATIN,
        st.integers(0, 42).map(lambda n: session[:n]),
        st.integers(0, 42).map(lambda n: session[:n] + ("A" if session[n] != "A" else "B") + session[n + 1 :]),
        st.just(session * 2),
        st.just(session.swapcase()),
    )


@FUZZ
@given(data=st.data(), path=st.sampled_from(PATHS))
def test_cookies(house: tuple[object, str], data: st.DataObject, path: str) -> None:
    app, session = house
    value = data.draw(forged(session))
    if value.strip() == session:
        return
    raw = data.draw(
        st.sampled_from(["echo_session={}", "{}", "echo_session={}; echo_session={}", "echo_form={}", ";{};="])
    )
    headers = {"cookie": raw.replace("{}", value).encode("latin-1")}
    sound(Visitor(app), "GET", path, headers=headers)
    sound(Visitor(app), "POST", path, headers=headers)


@FUZZ
@given(
    kind=st.sampled_from(["setup", "invite"]),
    token=st.one_of(
        st.text(st.sampled_from("ABCabc019-_"), min_size=43, max_size=43),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=80).map(
            lambda t: t.replace("?", "").replace("#", "")
        ),
    ),
    method=st.sampled_from(["GET", "POST", "HEAD", "PUT"]),
)
def test_one_time_addresses(house: tuple[object, str], kind: str, token: str, method: str) -> None:
    from urllib.parse import quote

    if not token:
        return
    reply = sound(Visitor(house[0]), method, f"/{kind}/{quote(token)}")
    assert reply in (303, 401, 404, 405)


@FUZZ
@given(
    body=st.one_of(
        st.binary(max_size=400),
        st.dictionaries(
            st.sampled_from(["form", "email", "password", "name", "x"]),
            st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
        ).map(lambda d: __import__("urllib.parse").parse.urlencode(d).encode()),
    ),
    headers=st.dictionaries(
        st.sampled_from(["origin", "sec-fetch-site", "content-type", "referer", "x-forwarded-for", "accept"]),
        st.one_of(
            LATIN,
            st.sampled_from(["same-origin", "null", "http://localhost:8501", "application/x-www-form-urlencoded"]),
        ),
    ),
    path=st.sampled_from(["/sign-in", "/sign-out", "/account/password", "/"]),
)
def test_posts(house: tuple[object, str], body: bytes, headers: dict[str, str], path: str) -> None:
    app, session = house
    raw = {k: v.encode("latin-1") for k, v in headers.items()}
    for cookies in ({}, {"echo_form": "A" * 43}):
        visitor = Visitor(app, cookies=dict(cookies))
        status = sound(visitor, "POST", path, content=body, headers=raw)
        assert status in (303, 400, 401, 403, 413, 415)
        assert "echo_session" not in visitor.cookies
    signed_in = Visitor(app, cookies={"echo_session": session, "echo_form": "A" * 43})
    if path != "/":
        assert signed_in.ask("POST", path, content=body, headers=raw).status_code in (303, 400, 403, 413, 415)
        assert INSIDE in Visitor(app, cookies={"echo_session": session}).get("/").text


@FUZZ
@given(email=st.text(st.characters(exclude_categories=["Cs"]), max_size=300), password=st.text(max_size=100))
def test_sign_in_with_anything(house: tuple[object, str], email: str, password: str) -> None:
    visitor = Visitor(house[0], address=str(hash(email)))
    typed = {"email": email, "password": password.encode("utf-8", "ignore").decode()}
    reply = visitor.fill("/sign-in", typed)
    assert reply.status_code in (403, 413, 429)
    assert "echo_session" not in visitor.cookies


@FUZZ
@given(host=st.one_of(LATIN, st.sampled_from(["localhost@evil", "127.0.0.1.", "[::1", "0"])))
def test_hosts(house: tuple[object, str], host: str) -> None:
    app, session = house
    from echo_metrics.access.modes import is_loopback

    if is_loopback(host.partition(":")[0]):
        return
    visitor = Visitor(app, cookies={"echo_session": session})
    assert sound(visitor, "GET", "/", headers={"host": host.encode("latin-1")}) == 403


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_enormous_cookies_hosts_and_bodies(house: tuple[object, str], path: str, method: str) -> None:
    large, app = "x" * 1_000_000, house[0]
    for name in ("echo_session", "echo_form", "_streamlit_user", "other"):
        sound(Visitor(app), method, path, headers={"cookie": f"{name}={large}"})
    assert sound(Visitor(app), method, path, headers={"host": large}) == 403
    headers = {"sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded"}
    sound(Visitor(app), "POST", path, headers=headers, content=b"email=" + large.encode())


@pytest.mark.parametrize("kind", ["setup", "invite"])
def test_enormous_one_time_addresses(house: tuple[object, str], kind: str) -> None:
    from urllib.parse import unquote

    from tests.server.asgi import straight

    for token in ("A" * 1_000_000, unquote("%00" * 43), "\udcff" * 43):
        assert straight(house[0], f"/{kind}/{token}")[0] == 404
