"""Sign-in, sign-out, one-time links and passwords as a browser meets them; what is forged changes nothing."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from echo_metrics.access import accounts, audit, identity
from echo_metrics.access.accounts import Rights
from echo_metrics.access.audit import Action
from echo_metrics.access.modes import Mode, Settings
from echo_metrics.server.sign_in import REFUSED
from echo_metrics.store import Control
from echo_metrics.terms import Role
from tests.server.asgi import FORM_TOKEN, INSIDE, Visitor, build
from tests.server.conftest import PASSWORD, House


def right(house: House) -> dict[str, str]:
    return {"email": house.people[Role.EVALUATOR].email, "password": PASSWORD}


def test_wrong_password_unknown_and_disabled_read_the_same(house: House) -> None:
    accounts.disable(house.context.control, "", house.people[Role.LEADER].id)
    visitor = house.visitor()
    told = set()
    for email, password in (
        (house.people[Role.EVALUATOR].email, "a wrong password"),
        ("nobody@hub.example", PASSWORD),
        (house.people[Role.LEADER].email, PASSWORD),
        ("", ""),
        ("not an address", "\x00\ud7ff"),
    ):
        reply = visitor.fill("/sign-in", {"email": email, "password": password})
        assert reply.status_code == 403
        assert "echo_session" not in visitor.cookies
        told.add(reply.text)
    assert len(told) == 1
    assert REFUSED.replace("'", "&#x27;") in told.pop()
    found = audit.entries(house.context.control, action=Action.SIGN_IN_FAILED)
    assert len(found) == 5
    assert "nobody@hub.example" not in str(found)


def test_attempts_are_throttled_by_account(house: House) -> None:
    email = house.people[Role.EVALUATOR].email
    for i in range(5):
        visitor = house.visitor(address=f"10.0.0.{i}")
        assert visitor.fill("/sign-in", {"email": email, "password": "wrong"}).status_code == 403
    reply = house.visitor().fill("/sign-in", right(house))
    assert reply.status_code == 429
    assert reply.headers["retry-after"] == "2"
    assert "Too many attempts" in reply.text
    assert "set-cookie" not in reply.headers or "echo_session" not in reply.headers["set-cookie"]
    for i in range(5):
        house.visitor().fill("/sign-in", {"email": "nobody@hub.example", "password": str(i)})
    assert house.visitor().fill("/sign-in", {"email": "nobody@hub.example", "password": "x"}).status_code == 429
    house.later(seconds=3)
    assert house.visitor().fill("/sign-in", right(house)).status_code == 303
    assert house.visitor().fill("/sign-in", {"email": email, "password": "wrong"}).status_code == 403


def test_attempts_are_throttled_by_address(house: House) -> None:
    for i in range(20):
        assert house.visitor().fill("/sign-in", {"email": f"n{i}@hub.example", "password": "x"}).status_code == 403
    assert house.visitor().fill("/sign-in", right(house)).status_code == 429
    assert house.visitor(address="10.9.9.9").fill("/sign-in", right(house)).status_code == 303


def test_signing_in_makes_a_new_session_and_out_ends_it(house: House) -> None:
    eva = house.signed_in(Role.EVALUATOR)
    old = eva.cookies["echo_session"]
    planted = Visitor(house.app, cookies={"echo_session": "A" * 43})
    assert planted.fill("/sign-in", right(house)).status_code == 303
    assert planted.cookies["echo_session"] not in ("A" * 43, old)
    page = eva.get("/sign-out")
    assert "evaluator" in page.text
    assert INSIDE in eva.get("/").text
    reply = eva.fill("/sign-out", {})
    assert reply.headers["location"] == "/sign-in"
    assert "echo_session" not in eva.cookies
    eva.cookies["echo_session"] = old
    assert eva.get("/").status_code == 303
    assert INSIDE in planted.get("/").text


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:9999"},
        {"sec-fetch-site": "cross-site", "origin": "http://localhost:8501"},
        {"content-type": "application/json"},
        {"content-type": "text/plain"},
        {"content-type": "multipart/form-data; boundary=x"},
    ],
    ids=str,
)
def test_forms_from_elsewhere_do_nothing(house: House, headers: dict[str, str]) -> None:
    visitor = house.visitor()
    reply = visitor.fill("/sign-in", right(house), headers=headers)
    assert reply.status_code in (403, 415)
    assert "echo_session" not in visitor.cookies
    owner = house.signed_in()
    assert owner.fill("/sign-out", {}, headers=headers).status_code in (403, 415)
    assert INSIDE in owner.get("/").text


def test_without_word_of_its_origin_a_form_does_nothing(house: House) -> None:
    visitor = house.visitor()
    token = FORM_TOKEN.search(visitor.get("/sign-in").text)
    assert token
    reply = visitor.ask("POST", "/sign-in", data={"form": token[1], **right(house)})
    assert reply.status_code == 403
    reply = visitor.ask(
        "POST", "/sign-in", data={"form": token[1], **right(house)}, headers={"origin": "http://localhost:8501"}
    )
    assert reply.status_code == 303


def test_form_tokens_belong_to_one_browser_one_form_and_one_session(house: House) -> None:
    mine, other = house.visitor(), house.visitor()
    token = FORM_TOKEN.search(mine.get("/sign-in").text)
    assert token
    other.get("/sign-in")
    for visitor, form in (
        (other, token[1]),
        (mine, ""),
        (mine, token[1][:-1]),
        (mine, token[1] + "0"),
        (mine, "é" * 64),
    ):
        assert visitor.post("/sign-in", {"form": form, **right(house)}).status_code == 403
        assert "echo_session" not in visitor.cookies
    assert mine.post("/sign-in", right(house)).status_code == 403
    owner = house.signed_in()
    sign_out = FORM_TOKEN.search(owner.get("/sign-out").text)
    assert sign_out
    changed = {"current": PASSWORD, "password": "another password here", "form": sign_out[1]}
    assert owner.post("/account/password", changed).status_code == 403
    again = Visitor(house.app, cookies={"echo_form": owner.cookies["echo_form"]})
    again.fill("/sign-in", {"email": house.people[Role.OWNER].email, "password": PASSWORD})
    assert again.post("/sign-out", {"form": sign_out[1]}).status_code == 403


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"email=" + b"x" * 9000, 413),
        (b"form=a&form=b", 400),
        (b"&".join(b"a%d=1" % i for i in range(50)), 400),
        (b"\xff\xfe", 400),
        (b"", 403),
    ],
    ids=["large", "twice", "many", "not text", "empty"],
)
def test_odd_bodies_are_refused(house: House, content: bytes, status: int) -> None:
    visitor = house.visitor()
    visitor.get("/sign-in")
    headers = {"sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded"}
    assert visitor.ask("POST", "/sign-in", content=content, headers=headers).status_code == status


def test_set_up_makes_the_owner_once(tmp_path: Path) -> None:
    app, context = build(tmp_path / "e.duckdb", Settings(Mode.ACCOUNTS))
    from echo_metrics.server.app import welcome

    first, told = welcome(context), welcome(context)
    assert first != told
    path = told.partition("http://localhost:8501")[2].split()[0]
    made = {"email": "O@hub.example", "name": "Olga", "password": PASSWORD}
    old = first.partition("http://localhost:8501")[2].split()[0]
    assert Visitor(app).get(old).status_code == 404
    for _ in range(3):
        assert Visitor(app).get(path).status_code == 200
    visitor = Visitor(app)
    weak = visitor.fill(path, {**made, "password": "password1234"})
    assert weak.status_code == 422
    assert 'value="Olga"' in weak.text
    assert "password1234" not in weak.text
    assert visitor.fill(path, made).status_code == 303
    assert INSIDE in visitor.get("/").text
    assert visitor.get(path).status_code == 404
    assert [a.email for a in accounts.every(context.control)] == ["o@hub.example"]
    assert welcome(context) == ""
    Control.close_all()


def test_an_invitation_is_spent_by_its_post_alone(house: House) -> None:
    control = house.context.control
    invitation = accounts.invite(control, "", "n@hub.example", "<b>Nora", Rights(Role.LEADER, ("a",)))
    path = f"/invite/{invitation.secret}"
    visitor = house.visitor()
    page = visitor.get(path)
    assert "n@hub.example" in page.text
    assert "<b>" not in page.text
    assert visitor.ask("HEAD", path).status_code == 200
    assert visitor.post(path, {"name": "N", "password": PASSWORD}).status_code == 403
    assert visitor.fill(path, {"name": "Nora", "password": PASSWORD}).status_code == 303
    asked = identity.who(control, house.context.settings, visitor.cookies)
    assert asked is not None
    assert (asked.role, asked.name, asked.network_keys) == (Role.LEADER, "Nora", frozenset({"a"}))
    dead, unknown = house.visitor().get(path), house.visitor().get("/invite/" + "A" * 43)
    assert (dead.status_code, dead.text) == (unknown.status_code, unknown.text) == (404, unknown.text)


def test_ones_own_password(house: House) -> None:
    eva, elsewhere = house.signed_in(Role.EVALUATOR), house.signed_in(Role.EVALUATOR)
    wrong = eva.fill("/account/password", {"current": "no", "password": "another password here"})
    assert wrong.status_code == 422
    assert "current password is not right" in wrong.text
    assert eva.fill("/account/password", {"current": PASSWORD, "password": "short"}).status_code == 422
    done = eva.fill("/account/password", {"current": PASSWORD, "password": "another password here"})
    assert done.status_code == 200
    assert INSIDE in eva.get("/").text
    assert elsewhere.get("/").status_code == 303
    assert house.visitor().fill("/sign-in", right(house)).status_code == 403
    # A stolen session can't guess the password without end either.
    answers = [eva.fill("/account/password", {"current": "x", "password": "y" * 20}).status_code for _ in range(6)]
    assert answers[-1] == 429


# -- downloads --------------------------------------------------------------------------------------------------------


def test_the_audit_as_a_file_is_the_owners_alone(house: House) -> None:
    for role in (Role.EVALUATOR, Role.LEADER):
        reply = house.signed_in(role).get("/download/audit.csv")
        assert reply.status_code == 403
        assert "signed_in" not in reply.text
    owner = house.signed_in()
    audit.record(house.context.control, "local", Action.EXPORTED, "=HYPERLINK(1)", {"a": 1})
    reply = owner.get("/download/audit.csv")
    assert reply.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    rows = list(csv.reader(io.StringIO(reply.content.decode("utf-8-sig"))))
    assert rows[1][5] == "'=HYPERLINK(1)"
    assert len(rows) > 5
    narrow = owner.get("/download/audit.csv?action=exported&since=2026-03-02&until=2026-03-02&text=HYPER&who=local")
    assert len(narrow.text.strip().splitlines()) == 2
    assert owner.get("/download/audit.csv?until=2026-03-01").text.count("\n") == 1
    for bad in ("action=nope", "since=x", "until=2026-99-99"):
        assert owner.get(f"/download/audit.csv?{bad}").status_code == 400
    assert audit.entries(house.context.control, action=Action.EXPORTED)[0].subject == "audit.csv"


# -- an identity provider ---------------------------------------------------------------------------------------------


def test_signing_out_of_oidc_ends_the_sign_in(tmp_path: Path) -> None:
    told: dict[str, object] = {}
    app, context = build(tmp_path / "e.duckdb", Settings(Mode.OIDC), lambda cookies: told or None)
    from echo_metrics.server.app import welcome

    path = welcome(context).partition("http://localhost:8501")[2].split()[0]
    visitor = Visitor(app)
    assert "Password" not in visitor.get(path).text
    assert visitor.fill(path, {"email": "o@hub.example", "name": "O"}).status_code == 303
    assert visitor.get("/data").headers["location"] == "/"
    now = context.control.now()
    told.update(
        iss="https://id.example", sub="1", iat=int((now - now.__class__(1970, 1, 1)).total_seconds()),
        email="o@hub.example", email_verified=True,
    )  # fmt: skip
    assert INSIDE in visitor.get("/data").text
    assert "/auth/logout" in visitor.fill("/sign-out", {}).text
    assert visitor.get("/data").headers["location"] == "/"
    Control.close_all()
