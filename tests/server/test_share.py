"""Shared links over the wire: one refusal for everything, nothing widened by an address, nothing broken by rubbish."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from echo_metrics.access import LOCAL_OWNER, accounts, passwords, throttle, tokens
from echo_metrics.access.accounts import Rights
from echo_metrics.access.audit import Action, entries
from echo_metrics.access.modes import Mode, Settings
from echo_metrics.reports import csv_file
from echo_metrics.server.context import Context
from echo_metrics.sharing import links, registry
from echo_metrics.sharing.build import Request as ReleaseRequest
from echo_metrics.sharing.links import LinkStatus, Request
from echo_metrics.sharing.release import Breakdown, Release
from echo_metrics.store import Control, Store, Writer
from echo_metrics.terms import Role
from tests.planted import plant
from tests.server.asgi import FORM_TOKEN, INSIDE, Visitor, build, straight

TITLE = "Results of the first year"
OTHERS = ("Community Pharmacists", "pharmacists")
PASSWORD = "a quiet river at night"
PASSCODE = "three small boats"
FUZZ = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
LATIN = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60)
SHARED = ("/shared", "/shared/figures.csv", "/shared/release.json")


@dataclass
class Desk:
    """A server with one release of two networks, and a clock that tests move."""

    app: Any
    context: Context
    release: Release
    time: datetime = datetime(2026, 3, 2, 9, 0)
    strangers: int = 0

    @property
    def control(self) -> Control:
        return self.context.control

    def later(self, **passed: float) -> None:
        self.time += timedelta(**passed)

    def visitor(self, **given: Any) -> Visitor:
        """A browser at an address of its own, so that no test's failures throttle another's."""
        self.strangers += 1
        return Visitor(self.app, address=f"10.0.{self.strangers // 250}.{self.strangers % 250}", **given)

    def link(self, **given: Any) -> tuple[int, str]:
        asked = {
            "release": self.release.number, "recipient": "North Fund", "purpose": "Grant year",
            "expires": self.time + timedelta(days=30), "pages": self.release.pages, **given,
        }  # fmt: skip
        made, token = links.create(self.control, LOCAL_OWNER, Request(**asked))
        return made.number, token

    def holder(self, **given: Any) -> tuple[int, Visitor]:
        """A new link, opened in a new browser."""
        number, token = self.link(**given)
        visitor = self.visitor()
        reply = visitor.fill(f"/s/{token}", {"passcode": given.get("passcode", "")})
        assert (reply.status_code, reply.headers["location"]) == (303, "/shared")
        return number, visitor

    def set(self, number: int, status: LinkStatus) -> None:
        links.set_status(self.control, LOCAL_OWNER, number, status)

    def opened(self, number: int) -> int:
        return next(x.opened for x in links.links(self.control) if x.number == number)

    def plant(self, release: Release) -> Release:
        """Put a release that a test made up beside the real one."""
        return plant(self.control, release, self.time)


@pytest.fixture(scope="module")
def served(demo_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    store = Path(tmp_path_factory.mktemp("share")) / "echo.duckdb"
    app, context = build(store, Settings(Mode.ACCOUNTS))
    asked = ReleaseRequest(
        TITLE, networks=("psychosocial", "pharmacists"), pages=("competency", "attendance"),
        breakdowns=(Breakdown.COHORT,),
    )  # fmt: skip
    entry = registry.freeze(demo_store, context.control, LOCAL_OWNER, asked)
    desk = Desk(app, context, registry.read(context.control, entry.number))
    context.control.clock = lambda: desk.time
    for name, rights in (
        ("owner", Rights(Role.OWNER)),
        ("evaluator", Rights(Role.EVALUATOR)),
        ("scoped", Rights(Role.EVALUATOR, ("psychosocial",))),
        ("leader", Rights(Role.LEADER)),
    ):
        accounts.create(context.control, "", f"{name}@hub.example", name, rights, PASSWORD)
    yield desk
    Control.close_all()


@pytest.fixture
def desk(served: Desk) -> Iterator[Desk]:
    before = served.time
    yield served
    served.time = before


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passcodes kept as they are: where many are tried, and the hash is not what is tried."""
    monkeypatch.setattr(passwords, "hashed", lambda typed: f"kept {typed}")
    monkeypatch.setattr(passwords, "matches", lambda stored, typed: stored == f"kept {typed}")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing is not what is tried there; its slowness would allow few examples."""
    monkeypatch.setattr(passwords, "matches", lambda stored, password: False)


def nothing(visitor: Visitor, *paths: str) -> None:
    """Every address of a shared view is the one refusal, byte for byte."""
    refusal = Visitor(visitor.app).get("/shared").content
    for path in paths or SHARED:
        reply = visitor.get(path)
        assert (reply.status_code, reply.content) == (404, refusal), path
        assert TITLE not in reply.text


def dead(desk: Desk) -> dict[str, str]:
    """One token for every reason not to open."""
    made = {
        "part gone": broken(desk, network="gone"),
        "page gone": broken(desk, pages=("gone",)),
        "release gone": broken(desk, release=999),
        "unknown": "A" * 43,
        "malformed": "abc",
    }
    made["expired"] = desk.link(expires=desk.time + timedelta(minutes=1))[1]
    planted = desk.plant(desk.release).number
    made["withdrawn"] = desk.link(release=planted)[1]
    registry.withdraw(desk.control, LOCAL_OWNER, planted)
    for name, status in (("paused", LinkStatus.PAUSED), ("revoked", LinkStatus.REVOKED)):
        number, made[name] = desk.link()
        desk.set(number, status)
    desk.later(minutes=2)
    return made


def broken(desk: Desk, **lost: Any) -> str:
    """The token of a link to what its release does not hold, as a later version of the program may leave one."""
    token = tokens.new_secret()
    asked = Request(desk.release.number, "North Fund", "Grant year", desk.time + timedelta(days=30), desk.release.pages)

    def work(writer: Writer) -> None:
        number = writer.new_ids("link")[0]
        links._insert(desk.control, writer, LOCAL_OWNER, replace(asked, **lost), number, token)

    desk.control.change(work)
    return token


# ---- the landing page and the exchange


def test_opening_a_link(desk: Desk) -> None:
    number, token = desk.link()
    visitor = desk.visitor()
    landing = visitor.get(f"/s/{token}")
    assert TITLE not in landing.text
    assert desk.opened(number) == 0
    reply = visitor.fill(f"/s/{token}", {})
    assert (reply.status_code, reply.headers["location"]) == (303, "/shared")
    cookie = next(line for line in reply.headers.get_list("set-cookie") if line.startswith("echo_link="))
    assert all(words in cookie for words in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=43200"))
    desk.later(seconds=1)
    page = visitor.get("/shared")
    assert TITLE in page.text
    assert "Shared view - release R1, data to " in page.text
    assert "expires 1 Apr 2026" in page.text
    assert "<script" not in page.text
    assert token not in page.text
    assert desk.opened(number) == 1
    assert [(what, by) for _, what, by in links.views(desk.control, number)] == [
        ("page", "program"),
        ("opened", "program"),
    ]


def test_the_landing_page_tells_nothing(desk: Desk) -> None:
    """Live, with a passcode, expired, paused, revoked, withdrawn, unknown: one page but for form and address."""
    made = {"live": desk.link()[1], "passcode": desk.link(passcode=PASSCODE)[1], **dead(desk)}
    seen = set()
    for name, token in made.items():
        reply = desk.visitor().get(f"/s/{token}")
        plain = FORM_TOKEN.sub("FORM", reply.text)
        plain = re.sub(r'action="/s/[^"]*"', "ACTION", plain)
        told = {k: v for k, v in reply.headers.items() if k not in ("set-cookie", "content-length", "date")}
        seen.add((reply.status_code, plain, json.dumps(told, sort_keys=True)))
        assert len(reply.headers.get_list("set-cookie")) == 1, name
    assert len(seen) == 1


@pytest.mark.usefixtures("cheap")
def test_every_refusal_is_the_same_bytes(desk: Desk) -> None:
    made = dead(desk)
    made["wrong passcode"] = made["no passcode"] = desk.link(passcode=PASSCODE)[1]
    seen = set()
    for name, token in made.items():
        typed = {"passcode": "wrong"} if name == "wrong passcode" else {}
        visitor = desk.visitor()
        reply = visitor.fill(f"/s/{token}", typed)
        told = {k: v for k, v in reply.headers.items() if k != "date"}
        seen.add((reply.status_code, reply.content, json.dumps(told, sort_keys=True)))
        assert "echo_link" not in visitor.cookies, name
    assert len(seen) == 1
    assert seen.pop()[0] == 404


def test_every_refusal_costs_the_same_hash(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """One argon2 check each: else the time would tell which addresses exist, and which of them have a passcode."""
    made = dead(desk)
    made["wrong passcode"] = desk.link(passcode=PASSCODE)[1]
    made["throttled"] = desk.link(passcode=PASSCODE)[1]
    for _ in range(6):
        desk.visitor().fill(f"/s/{made['throttled']}", {"passcode": "wrong"})
    checked: list[str] = []
    true = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda stored, typed: checked.append(stored) or true(stored, typed))
    for name, token in made.items():
        if name == "malformed":
            continue
        checked.clear()
        desk.visitor().fill(f"/s/{token}", {"passcode": "wrong"})
        assert len(checked) == 1, name


@pytest.mark.usefixtures("cheap")
def test_a_passcode(desk: Desk) -> None:
    number, token = desk.link(passcode=PASSCODE)
    visitor = desk.visitor()
    for typed in ("", "wrong", PASSCODE.upper(), PASSCODE + " ", PASSCODE + "x" * 200):
        assert visitor.fill(f"/s/{token}", {"passcode": typed}).status_code == 404
        nothing(visitor)
    assert desk.opened(number) == 0
    # Five wrong ones are free; now even the right one has to wait, from anywhere.
    for who in (visitor, desk.visitor()):
        assert who.fill(f"/s/{token}", {"passcode": PASSCODE}).status_code == 404
    desk.later(seconds=3)
    assert visitor.fill(f"/s/{token}", {"passcode": PASSCODE}).status_code == 303
    assert TITLE in visitor.get("/shared").text
    assert PASSCODE not in json.dumps([e.detail for e in entries(desk.control)], default=str)


@pytest.mark.usefixtures("cheap")
def test_wrong_passcodes_are_counted_by_visitor_too(desk: Desk) -> None:
    visitor = desk.visitor()
    for _ in range(throttle.FREE["address"] // 4):
        token = desk.link(passcode=PASSCODE)[1]
        for _ in range(4):
            visitor.fill(f"/s/{token}", {"passcode": "wrong"})
    fresh = desk.link(passcode=PASSCODE)[1]
    assert visitor.fill(f"/s/{fresh}", {"passcode": PASSCODE}).status_code == 404
    assert desk.visitor().fill(f"/s/{fresh}", {"passcode": PASSCODE}).status_code == 303


def test_scanners_spend_and_count_nothing(desk: Desk) -> None:
    number, token = desk.link()
    for method in ("GET", "HEAD"):
        for _ in range(5):
            assert desk.visitor().ask(method, f"/s/{token}").status_code == 200
    # A scanner that presses buttons without the form of its own browser does not get in either.
    assert desk.visitor().post(f"/s/{token}", {"form": "0" * 64}).status_code == 403
    assert desk.opened(number) == 0
    assert links.views(desk.control, number) == []
    assert next(x for x in links.links(desk.control) if x.number == number).last_seen is None
    assert desk.visitor().fill(f"/s/{token}", {}).status_code == 303


# ---- what a link shows


def test_before_and_without_an_exchange_there_is_nothing(desk: Desk) -> None:
    _, token = desk.link(download=True)
    visitor = desk.visitor()
    nothing(visitor)
    visitor.get(f"/s/{token}")
    nothing(visitor)
    for forged in (token, "A" * 43, "", desk.control.hashed("link-session", token)):
        nothing(desk.visitor(cookies={"echo_link": forged}))


@pytest.mark.parametrize(
    "path",
    [
        "/shared/",
        "/shared/x",
        "/sharedx",
        "/shared/../data",
        "/shared/figures.csv/",
        "/s",
        "/s/",
        "/s/a/b",
        "/shared/figures.CSV",
    ],
)
def test_other_addresses_below_are_the_refusal_or_the_sign_in(desk: Desk, path: str) -> None:
    """What is open to everybody below these names is ours alone: never Streamlit's page."""
    _, holder = desk.holder(download=True)
    for visitor in (desk.visitor(), holder):
        for method in ("GET", "POST", "PUT", "DELETE"):
            status, body = (lambda r: (r.status_code, r.text))(visitor.ask(method, path))
            assert INSIDE not in body, (method, path)
            assert TITLE not in body
            assert status in (303, 401, 403, 404, 405), (method, path, status)


def test_downloads_only_with_the_right(desk: Desk) -> None:
    _, without = desk.holder()
    assert "figures.csv" not in without.get("/shared").text
    nothing(without, "/shared/figures.csv", "/shared/release.json")
    number, having = desk.holder(download=True)
    assert "/shared/figures.csv" in having.get("/shared").text
    desk.later(seconds=1)
    figures = having.get("/shared/figures.csv")
    assert figures.headers["content-disposition"] == 'attachment; filename="R1-figures.csv"'
    assert figures.content == csv_file.csv_bytes({s.words: s.answers for s in desk.release.scopes})
    desk.later(seconds=1)
    assert having.get("/shared/release.json").json()["title"] == TITLE
    assert [what for _, what, _ in links.views(desk.control, number)][:2] == ["release.json", "figures.csv"]


def test_expiry_by_the_servers_clock(desk: Desk) -> None:
    _, token = desk.link(expires=desk.time + timedelta(hours=2), download=True)
    visitor = desk.visitor()
    visitor.fill(f"/s/{token}", {})
    desk.later(hours=1, minutes=59, seconds=59)
    assert TITLE in visitor.get("/shared").text
    desk.later(seconds=1)
    nothing(visitor)
    assert visitor.fill(f"/s/{token}", {}).status_code == 404


def test_an_opening_lasts_half_a_day(desk: Desk) -> None:
    _, visitor = desk.holder(download=True)
    desk.later(hours=11, minutes=59)
    assert TITLE in visitor.get("/shared").text
    desk.later(minutes=1)
    nothing(visitor)


@pytest.mark.parametrize("end", ["leave", "pause", "revoke", "rotate", "withdraw", "revoke all"])
def test_an_old_cookie_opens_nothing_after(desk: Desk, end: str) -> None:
    planted = desk.plant(desk.release)
    number, visitor = desk.holder(release=planted.number, download=True)
    kept = dict(visitor.cookies)
    assert visitor.get("/shared/release.json").status_code == 200
    if end == "leave":
        form = FORM_TOKEN.search(visitor.get("/shared").text)
        assert form
        reply = visitor.post("/shared/leave", {"form": form[1]})
        assert reply.status_code == 200
        assert TITLE not in reply.text
        assert "echo_link" not in visitor.cookies
    elif end == "rotate":
        links.rotate(desk.control, LOCAL_OWNER, number)
    elif end == "withdraw":
        registry.withdraw(desk.control, LOCAL_OWNER, planted.number)
    elif end == "revoke all":
        assert links.revoke_all(desk.control, LOCAL_OWNER, release=planted.number) == 1
    else:
        desk.set(number, LinkStatus.PAUSED if end == "pause" else LinkStatus.REVOKED)
    replayed = desk.visitor(cookies=kept)
    nothing(replayed)
    assert replayed.socket() == [{"type": "websocket.close", "code": 1008}]
    assert INSIDE not in replayed.get("/static/js/x.js").text
    if end == "pause":
        # Resumed, the address opens again; the old cookie does not.
        desk.set(number, LinkStatus.LIVE)
        nothing(replayed)


def test_leaving_needs_the_form_and_ends_this_opening_only(desk: Desk) -> None:
    _, token = desk.link()
    one, two = desk.visitor(), desk.visitor()
    for visitor in (one, two):
        visitor.fill(f"/s/{token}", {})
    assert one.post("/shared/leave", {"form": "0" * 64}).status_code == 403
    assert TITLE in one.get("/shared").text
    form = FORM_TOKEN.search(one.get("/shared").text)
    assert form
    one.post("/shared/leave", {"form": form[1]})
    nothing(one)
    assert TITLE in two.get("/shared").text


WIDER = [
    {}, {"network": "pharmacists"}, {"network": ""}, {"network": "Community Pharmacists"}, {"cohort": "Cohort 1"},
    {"cohort": ""}, {"network": "psychosocial", "cohort": ""}, {"part": "All networks of this release"},
    {"page": "competency"}, {"release": "1"}, {"link": "1"}, {"scope": "0"}, {"as": "owner"}, {"discipline": "nursing"},
    {"pages": "competency"},
]  # fmt: skip


def test_a_narrowed_link_reaches_no_other_part(desk: Desk) -> None:
    """Locked to one cohort and one page, no query string brings more, and no other name is told."""
    _, visitor = desk.holder(network="psychosocial", cohort="Cohort 2", pages=("attendance",), download=True)
    for path in SHARED:
        first = visitor.get(path)
        assert first.status_code == 200
        for name in (*OTHERS, "Cohort 1", "All networks", "Competency</"):
            assert name not in first.text, (path, name)
        for query in WIDER:
            again = visitor.get(f"{path}?{urlencode(query)}")
            assert FORM_TOKEN.sub("", again.text) == FORM_TOKEN.sub("", first.text), query
    assert "Psychosocial Palliative Care, Cohort 2" in visitor.get("/shared").text
    document = visitor.get("/shared/release.json").json()
    assert [(s["network"], s["cohort"], list(s["answers"])) for s in document["scopes"]] == [
        ("psychosocial", "Cohort 2", ["attendance"])
    ]
    assert document["pages"] == ["attendance"]
    assert document["cohorts"] == ["Cohort 2"]
    assert document["networks"] == [{"key": "psychosocial", "name": "Psychosocial Palliative Care"}]


def test_a_link_to_one_network_names_no_other(desk: Desk) -> None:
    """The other network's only cohort has a name of its own here, which must not be told either."""
    scopes = tuple(replace(s, words=s.words) for s in desk.release.scopes)
    planted = desk.plant(replace(desk.release, scopes=scopes, cohorts=(*desk.release.cohorts, "Winter 2025")))
    _, visitor = desk.holder(release=planted.number, network="psychosocial", download=True)
    for path in SHARED:
        text = visitor.get(path).text
        for name in (*OTHERS, "Winter 2025", "All networks"):
            assert name not in text, (path, name)
    document = visitor.get("/shared/release.json").json()
    assert document["cohorts"] == ["Cohort 1", "Cohort 2"]
    assert {s["network"] for s in document["scopes"]} == {"psychosocial"}


def test_no_cell_of_a_download_runs_as_a_formula(desk: Desk) -> None:
    scope = desk.release.scopes[0]
    answer = scope.answers["attendance"]
    evil = tuple(
        replace(r, label=f"{start}HYPERLINK(1)", unit=f"{start}1+1", group=replace(r.group, label=f"{start}cmd|x"))
        for r, start in zip(answer.results, ("=", "+", "-", "@", "\t=", "＝", " =") * 9, strict=False)
    )
    planted = desk.plant(
        replace(
            desk.release,
            scopes=(replace(scope, answers={**scope.answers, "attendance": replace(answer, results=evil)}),),
        )
    )
    _, visitor = desk.holder(release=planted.number, download=True)
    text = visitor.get("/shared/figures.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    bad = [r for r in rows if "HYPERLINK" in r["label"]]
    assert len(bad) == len(evil)
    for row in bad:
        assert all(row[c].startswith("'") for c in ("label", "group")), row
    number = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
    for row in rows:
        for cell in row.values():
            assert number.fullmatch(cell) or not cell.lstrip().startswith(("=", "+", "-", "@", "＝")), cell


# ---- headers


def test_headers_on_every_reply(desk: Desk) -> None:
    _, holder = desk.holder(download=True)
    _, token = desk.link()
    owner = signed_in(desk, "owner")
    stranger = desk.visitor()
    replies = {
        **{f"holder {p}": holder.get(p) for p in SHARED},
        **{f"stranger {p}": stranger.get(p) for p in SHARED},
        "landing": stranger.get(f"/s/{token}"),
        "malformed": stranger.get("/s/x"),
        "refused": stranger.fill("/s/" + "A" * 43, {}),
        "no form": stranger.post(f"/s/{token}", {}),
        "exchange": desk.visitor().fill(f"/s/{token}", {}),
        "leave": holder.post("/shared/leave", {}),
        "below": stranger.get("/shared/x"),
        "method": stranger.ask("DELETE", "/shared"),
        **{f"file {k}": owner.get(f"/download/release/1.{k}") for k in ("html", "csv", "json")},
        "no file": owner.get("/download/release/99.csv"),
    }  # fmt: skip
    for name, reply in replies.items():
        told = reply.headers
        assert told["x-content-type-options"] == "nosniff", name
        assert told["x-frame-options"] == "DENY", name
        assert "noindex" in told["x-robots-tag"], name
        policy = told["content-security-policy"]
        assert "default-src 'none'" in policy, name
        assert "frame-ancestors 'none'" in policy, name
        assert "unsafe" not in policy and "script-src" not in policy, name
        if name == "method":
            continue
        assert told["cache-control"] == "no-store", name
        assert told["referrer-policy"] == "no-referrer", name


# ---- rubbish


def sound(desk: Desk, visitor: Visitor, method: str, path: str, **given: Any) -> int:
    reply = visitor.ask(method, path, **given)
    assert reply.status_code < 500, (path, given)
    assert TITLE not in reply.text
    assert INSIDE not in reply.text
    assert "Traceback" not in reply.text
    assert not any(line.startswith("echo_link=") for line in reply.headers.get_list("set-cookie"))
    return int(reply.status_code)


def near(secret: str) -> st.SearchStrategy[str]:
    """Values near the real one, and any others."""
    return st.one_of(
        LATIN,
        st.text(max_size=30).map(lambda t: quote(t, errors="replace")),
        st.integers(0, 42).map(lambda n: secret[:n]),
        st.integers(0, 42).map(lambda n: secret[:n] + ("A" if secret[n] != "A" else "B") + secret[n + 1 :]),
        st.sampled_from(
            [secret * 2, secret.swapcase(), secret + "=", secret + "%00", " " + secret[:-1], "..", "%2e%2e"]
        ),
    ).filter(lambda t: t.strip() != secret)


@pytest.mark.usefixtures("quick")
@FUZZ
@given(data=st.data())
def test_forged_tokens(served: Desk, data: st.DataObject) -> None:
    _, token = served.link(download=True)
    path = "/s/" + quote(data.draw(near(token)), safe="%")
    visitor = served.visitor()
    status = sound(served, visitor, "GET", path)
    assert status in (200, 303, 400, 401, 403, 404)
    form = FORM_TOKEN.search(visitor.get(path).text)
    fields = urlencode({"form": form[1] if form else "", "passcode": data.draw(LATIN)}).encode()
    headers = {"sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded"}
    sound(served, visitor, "POST", path, content=fields, headers=headers)
    nothing(visitor)


@pytest.mark.usefixtures("quick")
@FUZZ
@given(data=st.data(), path=st.sampled_from(SHARED))
def test_forged_cookies(served: Desk, data: st.DataObject, path: str) -> None:
    _, token = served.link(download=True)
    secret = links.exchange(served.control, token, "", "x", "program")
    assert secret
    value = data.draw(near(secret))
    shape = data.draw(st.sampled_from(["echo_link={}", "echo_link={}; echo_form={}", "{}", "__Host-echo_link={}"]))
    sound(
        served,
        served.visitor(),
        "GET",
        path,
        headers={"cookie": shape.replace("{}", value).encode("latin-1", "replace")},
    )


@pytest.mark.usefixtures("quick")
@FUZZ
@given(
    body=st.one_of(
        st.binary(max_size=300),
        st.dictionaries(
            st.sampled_from(["form", "passcode", "x"]), st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
        ).map(lambda d: urlencode(d).encode()),
    ),
    headers=st.dictionaries(
        st.sampled_from(["origin", "sec-fetch-site", "content-type", "referer", "x-forwarded-for", "user-agent"]),
        st.one_of(LATIN, st.sampled_from(["same-origin", "null", "application/x-www-form-urlencoded"])),
    ),
    leave=st.booleans(),
)
def test_forged_forms(served: Desk, body: bytes, headers: dict[str, str], leave: bool) -> None:
    number, holder = served.holder()
    _, token = served.link()
    path = "/shared/leave" if leave else f"/s/{token}"
    raw = {k: v.encode("latin-1") for k, v in headers.items()}
    visitor = served.visitor(cookies={**holder.cookies, "echo_form": "A" * 43})
    assert sound(served, visitor, "POST", path, content=body, headers=raw) in (400, 403, 413, 415)
    assert TITLE in holder.get("/shared").text
    served.set(number, LinkStatus.REVOKED)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
        {"origin": "http://localhost:8502", "sec-fetch-site": "same-site"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"origin": "null", "sec-fetch-site": "none"},
    ],
    ids=str,
)
def test_forms_of_another_origin(desk: Desk, headers: dict[str, str]) -> None:
    number, token = desk.link()
    visitor = desk.visitor()
    reply = visitor.fill(f"/s/{token}", {}, headers=headers)
    assert reply.status_code == 403
    assert "echo_link" not in visitor.cookies
    _, holder = desk.holder()
    form = FORM_TOKEN.search(holder.get("/shared").text)
    assert form
    assert holder.post("/shared/leave", {"form": form[1]}, headers=headers).status_code == 403
    assert TITLE in holder.get("/shared").text
    assert desk.opened(number) == 0


def test_a_form_of_another_purpose_or_browser(desk: Desk) -> None:
    _, token = desk.link()
    visitor, other = desk.visitor(), desk.visitor()
    leave = FORM_TOKEN.search(desk.holder()[1].get("/shared").text)
    foreign = FORM_TOKEN.search(other.get(f"/s/{token}").text)
    sign_in = FORM_TOKEN.search(visitor.get("/sign-in").text)
    assert leave and foreign and sign_in
    for form in (leave[1], foreign[1], sign_in[1], "", "0"):
        assert visitor.post(f"/s/{token}", {"form": form}).status_code == 403
    # The form is tied to browser and purpose, not to one address: the token in the address is the secret.
    assert visitor.fill(f"/s/{token}", {}).status_code == 303


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "127.0.0.1.evil.example"])
def test_a_changed_host(desk: Desk, host: str) -> None:
    _, holder = desk.holder(download=True)
    _, token = desk.link()
    for path in (*SHARED, f"/s/{token}"):
        assert sound(desk, holder, "GET", path, headers={"host": host}) == 403
    form = FORM_TOKEN.search(holder.get(f"/s/{token}").text)
    assert form
    assert holder.post(f"/s/{token}", {"form": form[1]}, headers={"host": host}).status_code == 403


@pytest.mark.usefixtures("quick")
def test_a_million_characters(desk: Desk) -> None:
    large = "A" * 1_000_000
    _, token = desk.link()
    sec = {"sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded"}
    for path in SHARED:
        sound(desk, desk.visitor(), "GET", path, headers={"cookie": f"echo_link={large}"})
        sound(desk, desk.visitor(), "GET", path, headers={"cookie": f"echo_form={large}"})
        sound(desk, desk.visitor(), "GET", path, headers={"user-agent": large})
    for name in ("form", "passcode", "x"):
        body = f"{name}={large}".encode()
        assert sound(desk, desk.visitor(), "POST", f"/s/{token}", content=body, headers=sec) == 413
        assert sound(desk, desk.visitor(), "POST", "/shared/leave", content=body, headers=sec) == 413
    assert straight(desk.app, f"/s/{large}")[0] == 200
    for token in ("\udcff" * 43, "a b", "a\\b", "\x00", "a\nb", "é" * 43, "<script>", '"', "", "%", "\\\\evil.example"):
        status, body = straight(desk.app, f"/s/{token}")
        assert status in (200, 303, 404), token
        assert b"<script" not in body and b"evil" not in body


def test_enormous_and_odd_file_names(desk: Desk) -> None:
    owner = signed_in(desk, "owner")
    for number in ("9" * 30, "9" * 5000, "0" * 5000, "-1", "1e3", "٣"):
        for kind in ("csv", "csv" * 1000, "..", "exe"):
            assert sound(desk, owner, "GET", f"/download/release/{number}.{kind}") in (303, 404), (number[:9], kind[:9])


def test_an_enormous_agent_is_one_word_in_the_log(desk: Desk) -> None:
    number, token = desk.link()
    visitor = desk.visitor()
    headers = {"user-agent": "Mozilla/5.0 (iPhone) Mobile " + "x" * 100_000}
    visitor.fill(f"/s/{token}", {}, headers=headers)
    assert [by for _, _, by in links.views(desk.control, number)] == ["phone"]


# ---- files for those who share


def signed_in(desk: Desk, name: str) -> Visitor:
    visitor = desk.visitor()
    reply = visitor.fill("/sign-in", {"email": f"{name}@hub.example", "password": PASSWORD})
    assert reply.status_code == 303, reply.text
    return visitor


def test_release_files_are_for_those_who_share_within_their_networks(desk: Desk) -> None:
    _, holder = desk.holder(download=True)
    files = [f"/download/release/1.{kind}" for kind in ("html", "csv", "json")]
    for name in ("owner", "evaluator"):
        visitor = signed_in(desk, name)
        for path in files:
            reply = visitor.get(path)
            assert reply.status_code == 200, (name, path)
            assert reply.headers["content-disposition"].startswith('attachment; filename="R1.')
    assert [e.subject for e in entries(desk.control, action=Action.EXPORTED)][:3] == ["R1.json", "R1.csv", "R1.html"]
    for name in ("scoped", "leader"):
        visitor = signed_in(desk, name)
        missing = visitor.get("/download/release/99.csv").content
        for path in files:
            reply = visitor.get(path)
            assert (reply.status_code, reply.content) == (404, missing), (name, path)
    for visitor in (holder, desk.visitor()):
        for path in files:
            reply = visitor.get(path)
            assert (reply.status_code, reply.headers["location"]) == (303, "/sign-in")
            assert visitor.get(path, headers={"accept": "*/*"}).status_code == 401


def test_a_withdrawn_or_altered_release_is_no_file(desk: Desk) -> None:
    planted = desk.plant(desk.release)
    owner = signed_in(desk, "owner")
    assert owner.get(f"/download/release/{planted.number}.json").json()["checksum"] == planted.document()["checksum"]
    assert owner.get(f"/download/release/{planted.number}.exe").status_code == 404
    registry.withdraw(desk.control, LOCAL_OWNER, planted.number)
    assert owner.get(f"/download/release/{planted.number}.json").status_code == 404
