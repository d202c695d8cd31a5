"""A real server with releases and links: what strangers, holders of a link, leaders and evaluators get, and no more."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from echo_metrics.access import LOCAL_OWNER, accounts
from echo_metrics.access.accounts import Rights
from echo_metrics.answers import Filters, ask
from echo_metrics.answers.model import Answer, Result
from echo_metrics.sharing import links, registry, standing
from echo_metrics.sharing.build import Request as ReleaseRequest
from echo_metrics.sharing.links import Request
from echo_metrics.sharing.release import Breakdown, Release
from echo_metrics.store import Control, Store, control_path
from echo_metrics.terms import Role
from tests.conftest import ROOT
from tests.e2e.conftest import Server, copied, serving, settle, text_of
from tests.e2e.test_accounts import PASSWORD, SCREENS, handshake, raw, sign_in

TITLE = "Findings of the first year"
PSYCHOSOCIAL, PHARMACISTS = "Psychosocial Palliative Care", "Community Pharmacists"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
ADDRESSES = [
    "/", *(f"/{name}" for name in SCREENS), *(f"/{name.replace('_', '-')}" for name in SCREENS), "/sharing", "/shell",
    "/download/audit.csv", "/download/release/1.html", "/download/release/1.csv", "/download/release/2.json",
    "/account/password", "/_stcore/health", "/_stcore/host-config", "/media/x.png", "/static/js/index.js",
    "/component/x/index.html", "/favicon.png",
]  # fmt: skip
BELOW = ["/shared", "/shared/figures.csv", "/shared/release.json", "/shared/", "/shared/x", "/s/", "/s/a/b", "/sharedx"]


@dataclass
class House:
    """The running server, and what was made before it started."""

    server: Server
    release: Release
    leaders: Release
    hidden: Answer
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.server.url


def altered(release: Release) -> Release:
    """The release with figures that no data ever gave, in every part."""

    def changed(r: Result) -> Result:
        if r.measure == "competency" and r.change is not None:
            return replace(r, before=1.1, after=4.8, change=replace(r.change, value=3.7, low=3.6, high=3.8))
        if r.measure == "costs" and r.value is not None:
            return replace(r, value=replace(r.value, value=123456.0))
        return r

    scopes = tuple(
        replace(s, answers={q: replace(a, results=tuple(map(changed, a.results))) for q, a in s.answers.items()})
        for s in release.scopes
    )
    return replace(release, scopes=scopes)


def replant(control: Control, release: Release) -> None:
    """Put an altered release in the place of the one with its number."""
    entry = next(e for e in registry.releases(control) if e.number == release.number)
    registry.withdraw(control, LOCAL_OWNER, release.number)
    body = release.document()
    row = {
        "id": 0, "title": release.title, "networks": json.dumps(sorted(entry.networks)), "preset": release.preset.value,
        "standing": True, "status": "live", "document": json.dumps(body), "checksum": body["checksum"],
        "data_version": release.data_version, "made_by": "local", "made_at": release.made, "approved_by": None,
        "changed_at": release.made,
    }  # fmt: skip
    control.change(lambda writer: writer.insert("release", [row]))


@pytest.fixture(scope="module")
def house(demo_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("links")
    path = copied(demo_path, folder)
    tokens = {}
    with Store.open(path) as store, Control.open(control_path(path)) as control:
        for name, rights in (
            ("owner", Rights(Role.OWNER)),
            ("evaluator", Rights(Role.EVALUATOR)),
            ("scoped", Rights(Role.EVALUATOR, ("pharmacists",))),
            ("leader", Rights(Role.LEADER)),
            ("near", Rights(Role.LEADER, ("pharmacists",))),
        ):
            accounts.create(control, "", f"{name}@hub.example", name.capitalize(), rights, PASSWORD)
        leaders = standing.refresh(store, control)
        assert leaders is not None
        # One figure of each of the leaders' pages is changed in the frozen document: whoever shows it reads that.
        frozen = altered(registry.read(control, leaders.number))
        replant(control, frozen)
        asked = ReleaseRequest(
            TITLE, pages=("summary", "competency", "attendance"), breakdowns=(Breakdown.COHORT,)
        )  # fmt: skip
        entry = registry.freeze(store, control, LOCAL_OWNER, asked)
        release = registry.read(control, entry.number)
        for name, given in (
            ("whole", {}),
            ("download", {"download": True}),
            ("locked", {"network": "psychosocial", "cohort": "Cohort 2", "download": True}),
            ("passcode", {"passcode": "three small boats"}),
            ("ending", {}),
        ):
            wanted = {
                "release": release.number, "recipient": f"The {name} fund", "purpose": "Grant year",
                "expires": control.now() + timedelta(days=60), "pages": release.pages, **given,
            }  # fmt: skip
            tokens[name] = links.create(control, LOCAL_OWNER, Request(**wanted))[1]
        hidden = ask(store, "competency", Filters("psychosocial", "Cohort 1"), LOCAL_OWNER)
    with serving(path, folder / "server.log", {"ECHO_ACCESS": "accounts"}) as running:
        yield House(running, release, frozen, hidden, tokens)


@pytest.fixture
def contexts(browser: Browser) -> Iterator[Any]:
    """Makes browsers that share nothing with each other."""
    made: list[BrowserContext] = []

    def make(**given: Any) -> BrowserContext:
        opened = browser.new_context(**{"viewport": {"width": 1440, "height": 1000}, **given})
        opened.set_default_timeout(30_000)
        made.append(opened)
        return opened

    yield make
    for opened in made:
        opened.close()


class Wire:
    """Everything that a page's WebSocket brought to its browser."""

    def __init__(self, page: Page) -> None:
        self.frames: list[bytes] = []
        page.on("websocket", lambda socket: socket.on("framereceived", self._keep))

    def _keep(self, payload: str | bytes) -> None:
        self.frames.append(payload.encode() if isinstance(payload, str) else payload)

    def holds(self, *needles: str | bytes) -> list[str | bytes]:
        """Which of `needles` came: as they are, or in an array of numbers that a chart packs."""
        raw = b"\n".join(self.frames)
        packed = b"".join(base64.b64decode(found) for found in re.findall(rb'"bdata":\s*"([A-Za-z0-9+/=]+)"', raw))
        return [n for n in needles if (n.encode() if isinstance(n, str) else n) in raw + packed]


def exact(results: Sequence[Result]) -> list[str | bytes]:
    """What the exact numbers of results look like: to all digits, as eight bytes, and in words."""
    found: list[str | bytes] = []
    for r in results:
        assert r.before is not None and r.after is not None and r.change is not None
        for value in (r.before, r.after, r.change.value):
            # Ninths from 0 to 1 stand in every chart: they are where the colours of its template change.
            if value != round(value, 2) and not (0 <= value <= 1 and abs(value * 9 - round(value * 9)) < 1e-9):
                found += [repr(value), struct.pack("<d", value)]
        found += [f"{r.before:.1f} → {r.after:.1f}", f"{r.before:.2f} → {r.after:.2f}", f"+{r.change.value:.2f}"]
    return found


def leaves(page: Page, house: House) -> list[str]:
    """Addresses of other hosts that the page asks for from now on."""
    found: list[str] = []
    page.on("request", lambda r: found.append(r.url) if not r.url.startswith((house.url, "data:", "blob:")) else None)
    return found


def first_paint(page: Page) -> float:
    """Milliseconds until the page was painted; the browser tells it some time after the load."""
    for _ in range(50):
        told = page.evaluate("performance.getEntriesByName('first-contentful-paint').map(e => e.startTime)")
        if told:
            return float(told[0])
        page.wait_for_timeout(100)
    raise AssertionError("the browser painted nothing")


def options_of(page: Page, label: str) -> list[str]:
    """What a select box offers."""
    box = page.locator("[data-testid=stSelectbox]", has_text=label).first
    box.locator("input, [role=combobox]").first.click()
    page.wait_for_selector("[role=option]")
    found = page.locator("[role=option]").all_inner_texts()
    page.keyboard.press("Escape")
    return found


def pick(page: Page, label: str, option: str) -> None:
    """Choose an option of a select box in the main part, as somebody does who types."""
    box = page.locator("[data-testid=stMain] [data-testid=stSelectbox]", has_text=label).first
    box.locator("input, [role=combobox]").first.click()
    page.keyboard.type(option)
    page.locator("[role=option]", has_text=option).first.click()


def come_in(page: Page, house: House, name: str) -> None:
    """Sign in with the account of a role and wait for its first screen."""
    sign_in(page, house.server, f"{name}@hub.example")
    page.wait_for_url(f"{house.url}/")
    settle(page)


def screen(page: Page, house: House, address: str) -> str:
    """Open a screen; what can be read there."""
    page.goto(f"{house.url}/{address}")
    settle(page)
    return text_of(page)


def refused(page: Page, house: House) -> None:
    """Every address of a shared view, asked with this browser's cookies, is the one refusal."""
    _, _, wanted = raw(house.server, "/shared")
    for path in ("/shared", "/shared/figures.csv", "/shared/release.json"):
        reply = page.request.get(house.url + path)
        assert (reply.status, reply.text()) == (404, wanted), path


def exchange(page: Page, house: House, name: str, passcode: str = "") -> None:
    """Open a link as its recipient does."""
    page.goto(f"{house.url}/s/{house.tokens[name]}")
    if passcode:
        page.get_by_label("Passcode").fill(passcode)
    page.get_by_role("button", name="Open the shared view").click()
    page.wait_for_load_state()


def test_1_signed_out_there_is_the_sign_in_or_the_one_refusal(house: House, page: Page) -> None:
    """Before anybody came: every screen, route, file and download, in a browser and without one."""
    for path in (*ADDRESSES, "/explore/"):
        status, location, body = raw(house.server, path, Accept="text/html")
        assert (status, location) in ((303, "/sign-in"), (400, "")), path
        assert "streamlit" not in body.casefold()
        assert raw(house.server, path)[0] in (401, 400), path
    _, _, refusal = raw(house.server, "/shared")
    for path in BELOW:
        for cookie in ("", "echo_link=" + "A" * 43, f"echo_link={house.tokens['whole']}"):
            status, _, body = raw(house.server, path, Accept="text/html", Cookie=cookie)
            assert (status, body) == (404, refusal), path
    assert handshake(house.server, Cookie="echo_link=" + "A" * 43).startswith(b"HTTP/1.1 403")
    assert handshake(house.server, Cookie=f"echo_link={house.tokens['whole']}").startswith(b"HTTP/1.1 403")
    for path in ("/explore", "/sharing", "/summary", "/competency"):
        page.goto(house.url + path)
        assert page.url == f"{house.url}/sign-in"


def test_2_the_first_socket_of_a_fresh_process_is_a_links(house: House, page: Page) -> None:
    """No script has run yet, so no menu stands between a deep link and a screen: the door alone does."""
    exchange(page, house, "locked")
    cookie = next(c["value"] for c in page.context.cookies() if c["name"] == "echo_link")
    for name in ("summary", "competency", "data", "people", "sharing", "audit", "roi"):
        script = hashlib.md5(str(ROOT / "pages" / f"{name}.py").encode(), usedforsecurity=False).hexdigest()
        for told in ({"page_name": name}, {"page_script_hash": script}, {"page_name": "explore"}):
            got = knock(house, cookie, told)
            assert got, told
            for wider in (
                PHARMACISTS,
                "All networks",
                "Cohort 1",
                "Import files",
                "View as",
                "Accounts",
                "Make a link",
            ):
                assert wider.encode() not in got, (name, told, wider)
    assert b"Shared view - release R" in knock(house, cookie, {"page_name": "explore"})


def knock(house: House, cookie: str, told: dict[str, str]) -> bytes:
    """Everything that a rerun asked for over a bare WebSocket brings."""
    host = house.url.removeprefix("http://")
    headers = {"Cookie": f"echo_link={cookie}"}
    got = b""
    with connect(f"ws://{host}/_stcore/stream", origin=house.url, additional_headers=headers, max_size=None) as wire:  # type: ignore[arg-type]
        wire.send(BackMsg(rerun_script=ClientState(**told)).SerializeToString())
        while True:
            try:
                frame = wire.recv(timeout=20)
            except (TimeoutError, ConnectionClosed):
                return got
            body = frame if isinstance(frame, bytes) else frame.encode()
            got += body
            message = ForwardMsg.FromString(body)
            if message.WhichOneof("type") == "script_finished":
                return got


def test_3_the_landing_page_tells_and_spends_nothing(house: House) -> None:
    seen = set()
    for token in (house.tokens["whole"], house.tokens["passcode"], "A" * 43, "short"):
        status, _, body = raw(house.server, f"/s/{token}", Accept="text/html")
        body = re.sub(r'action="/s/[^"]*"', "", re.sub(r'name="form" value="[0-9a-f]+"', "", body))
        seen.add((status, body))
    assert len(seen) == 1
    assert TITLE not in seen.pop()[1]


def test_4_other_roles_downloads_and_screens_are_refused(house: House, contexts: Any) -> None:
    missing = None
    for name, screens in (
        ("leader", ("competency", "data", "sharing", "people", "audit", "explore", "check_table")),
        ("near", ("competency", "sharing", "attendance")),
        ("scoped", ("people", "audit", "explore")),
    ):
        page = contexts().new_page()
        wire = Wire(page)
        come_in(page, house, name)
        for path in ("/download/release/0.html", "/download/release/2.csv", "/download/release/2.json"):
            reply = page.request.get(house.url + path)
            missing = missing or reply.text()
            assert (reply.status, reply.text()) == (404, missing), (name, path)
        assert page.request.get(f"{house.url}/download/audit.csv").status == 403
        for address in screens:
            words = screen(page, house, address)
            assert "is not part of what" in words or "This link does not open" in words, (name, address)
        refused(page, house)
        if name in ("near", "scoped"):
            assert not wire.holds(PSYCHOSOCIAL, "psychosocial", "Chronic Pain", "All networks of this release"), name
        if name == "scoped":
            words = screen(page, house, "sharing")
            assert TITLE not in words
            assert not wire.holds(TITLE, PSYCHOSOCIAL, "The whole fund")


def test_5_a_link_on_a_phone_until_it_is_paused_and_revoked(house: House, contexts: Any) -> None:
    phone = contexts(viewport={"width": 390, "height": 844}, user_agent=PHONE).new_page()
    strangers = leaves(phone, house)
    phone.goto(f"{house.url}/s/{house.tokens['ending']}")
    assert phone.locator("script").count() == 0
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.goto(f"{house.url}/shared")
    expect(phone.get_by_role("heading", name="This link does not open")).to_be_visible()
    exchange(phone, house, "ending")
    assert phone.url == f"{house.url}/shared"
    expect(phone.get_by_text("Shared view - release R2, data to 3 Jul 2022, expires")).to_be_visible()
    assert phone.locator("script, iframe, link[rel=stylesheet]").count() == 0
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.reload()
    paint = first_paint(phone)
    print(f"first paint of the shared page: {paint:.0f} ms")
    assert paint < 2000
    phone.get_by_role("link", name="Explore").click()
    settle(phone)
    assert phone.url == f"{house.url}/explore"
    assert phone.get_by_text("Page not found").count() == 0
    assert "Shared view - release R2" in text_of(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert not strangers, strangers

    owner = contexts().new_page()
    come_in(owner, house, "owner")
    link_action(owner, house, "Pause")
    # Nobody touches the open screen, and it ends by itself.
    began = time.monotonic()
    expect(phone.get_by_text("Shared view - release R2")).to_have_count(0, timeout=16_000)
    print(f"the open screen ended after {time.monotonic() - began:.0f} s")
    over(phone)
    refused(phone, house)
    link_action(owner, house, "Resume")
    refused(phone, house)
    exchange(phone, house, "ending")
    phone.get_by_role("link", name="Explore").click()
    settle(phone)
    assert "Shared view - release R2" in text_of(phone)
    link_action(owner, house, "Revoke for good")
    # The next click on the open screen shows nothing of the page it asks for.
    wire = Wire(phone)
    # On a busy machine the open screen may have ended by itself already; then there is nothing left to click.
    if phone.locator("[data-testid=stMain] [data-testid=stSelectbox]", has_text="Page").count():
        pick(phone, "Page", "Attendance")
    expect(phone.get_by_text("Shared view - release R2")).to_have_count(0)
    over(phone)
    assert not wire.holds("Attendances")
    refused(phone, house)
    phone.goto(f"{house.url}/s/{house.tokens['ending']}")
    phone.get_by_role("button", name="Open the shared view").click()
    expect(phone.get_by_role("heading", name="This link does not open")).to_be_visible()
    phone.goto(f"{house.url}/explore")
    assert phone.url == f"{house.url}/sign-in"
    words = screen(owner, house, "sharing")
    owner.get_by_role("tab", name="Links").click()
    row = owner.locator("tr", has_text="The ending fund")
    expect(row).to_contain_text("revoked")
    expect(row).to_contain_text("opened 2 times")
    assert words


def link_action(page: Page, house: House, action: str) -> None:
    """Do something to the link that ends, on the Sharing screen."""
    screen(page, house, "sharing")
    page.get_by_role("tab", name="Links").click()
    pick(page, "Change a link", "The ending fund")
    settle(page)
    page.get_by_role("button", name=action, exact=True).click()
    settle(page)


def over(page: Page) -> None:
    """The open screen shows nothing of the release any more."""
    settle(page)
    words = text_of(page)
    assert TITLE not in words
    assert "people took part" not in words
    assert page.locator(".js-plotly-plot").count() == 0


def test_6_a_locked_link_holds_one_part_and_no_address_widens_it(house: House, contexts: Any) -> None:
    page = contexts().new_page()
    exchange(page, house, "locked")
    wire = Wire(page)
    outside = (PHARMACISTS, "pharmacists", "Chronic Pain", "Care Homes", "Cohort 1", "cohort 1", "All networks")
    for name in outside:
        assert name not in page.content(), name
    for query in (
        "", "?network=Community+Pharmacists", "?cohort=Cohort+1", "?part=All+networks+of+this+release", "?page=Data",
        "?network=&cohort=", "?as=owner", "?discipline=Nursing", "?release=1",
    ):  # fmt: skip
        words = screen(page, house, "explore" + query)
        assert "Shared view - release R2" in words
        assert "View as" not in words
    assert page.locator("[data-testid=stSelectbox]", has_text="Part").count() == 0
    assert sorted(options_of(page, "Page")) == ["Attendance", "Competency", "Summary"]
    for title in ("Competency", "Attendance", "Summary"):
        pick(page, "Page", title)
        settle(page)
    for path in ("competency", "data", "sharing", "people"):
        page.evaluate(f"history.pushState({{}}, '', '/{path}'); dispatchEvent(new PopStateEvent('popstate'))")
        settle(page)
        assert "Shared view - release R2" in text_of(page)
    assert wire.frames
    assert not wire.holds(*outside)
    document = page.request.get(f"{house.url}/shared/release.json").text()
    figures = page.request.get(f"{house.url}/shared/figures.csv?network=pharmacists").text()
    for name in outside:
        assert name not in document + figures, name
    for path in (p for p in ADDRESSES if p != "/explore"):
        reply = page.request.get(house.url + path, headers={"Accept": "text/html"}, max_redirects=0)
        if path.startswith(("/media", "/static", "/component", "/_stcore/health", "/_stcore/host", "/favicon")):
            assert TITLE not in reply.text()
        else:
            assert (reply.status, reply.headers.get("location")) == (303, "/sign-in"), path


def test_7_a_link_beside_a_session_shows_the_links_part_only(house: House, contexts: Any) -> None:
    """The owner opens a locked link: Explore is the recipient's, the other screens stay the owner's."""
    page = contexts().new_page()
    come_in(page, house, "owner")
    exchange(page, house, "locked")
    words = screen(page, house, "explore")
    assert "Cohort 2" in words
    assert page.locator("[data-testid=stSelectbox]", has_text="Part").count() == 0
    assert page.get_by_text("View as").count() == 0
    assert "Make a release" in screen(page, house, "sharing")
    # And a leader gains nothing by a link: neither other screens nor the right to download.
    leader = contexts().new_page()
    come_in(leader, house, "leader")
    exchange(leader, house, "whole")
    assert leader.request.get(f"{house.url}/shared/figures.csv").status == 404
    assert "is not part of what" in screen(leader, house, "competency")
    assert "is not part of what" in screen(leader, house, "sharing")
    assert "Shared view - release R2" in screen(leader, house, "explore")


def test_8_leaders_screens_draw_the_frozen_release(house: House, contexts: Any) -> None:
    page = contexts().new_page()
    wire = Wire(page)
    come_in(page, house, "leader")
    words = screen(page, house, "summary")
    root = house.leaders.root.answers
    shown = [r for r in root["summary"].results if r.kind == "change" and r.shown]
    assert len(shown) > 3
    for r in shown:
        assert f"{r.before:.1f} → {r.after:.1f}" in words, r.label
    assert "1.1 → 4.8" in words
    assert "123,456" in screen(page, house, "roi")
    side = page.locator("[data-testid=stSidebar]").inner_text()
    assert "Network" in side
    for label in ("Discipline", "From", "To"):
        assert page.locator("[data-testid=stSidebar] label", has_text=re.compile(f"^{label}$")).count() == 0, label
    # A filter in the address that leaders do not have changes nothing.
    assert "1.1 → 4.8" in screen(page, house, "summary?discipline=Nurses&from=2021-06-01")
    narrow = house.leaders.scope("psychosocial", "Cohort 2")
    assert narrow is not None
    words = screen(page, house, f"summary?network={PSYCHOSOCIAL.replace(' ', '+')}&cohort=Cohort+2")
    for r in narrow.answers["summary"].results:
        if r.kind == "change" and r.shown:
            assert f"{r.before:.1f} → {r.after:.1f}" in words, r.label
    assert not wire.holds("Spiritual health practitioners", "Nurses")
    near = contexts().new_page()
    come_in(near, house, "near")
    words = screen(near, house, "summary")
    part = house.leaders.scope("pharmacists")
    assert part is not None
    attended = next(r for r in part.answers["summary"].results if r.measure == "attended_once")
    assert attended.value is not None
    assert f"{attended.value.value:.0f} people took part" in words


def test_9_an_evaluators_browser_gets_no_exact_figure_that_the_gate_hides(house: House, contexts: Any) -> None:
    """The owner's frames hold the small group's numbers, so they would be found; the evaluator's hold none of them."""
    small = [r for r in house.hidden.results if r.reason.startswith("Internal")]
    assert {r.group.label for r in small} == {"Spiritual health practitioners"}
    needles = exact(small)
    address = f"competency?network={PSYCHOSOCIAL.replace(' ', '+')}&cohort=Cohort+1"
    owner, evaluator = contexts().new_page(), contexts().new_page()
    theirs = Wire(owner)
    come_in(owner, house, "owner")
    assert "Spiritual health practitioners" in screen(owner, house, address)
    found = theirs.holds(*needles)
    assert len(found) > 3, found
    wire = Wire(evaluator)
    come_in(evaluator, house, "evaluator")
    words = screen(evaluator, house, address)
    hidden = "Hidden so another group cannot be worked out."
    assert hidden in words
    assert wire.holds(hidden)
    assert not wire.holds(*needles)
    # Asked for directly, the group is hidden as a whole; nor do its numbers come by another screen or by "View as".
    for other in (f"{address}&discipline=Spiritual+health+practitioners", f"{address}&as=owner", "summary", "practice"):
        screen(evaluator, house, other)
    assert not wire.holds(*needles)


def test_99_no_token_or_passcode_stands_in_the_log(house: House) -> None:
    log = house.server.text()
    for token in house.tokens.values():
        assert token not in log
    assert "three small boats" not in log
    assert "Traceback" not in log, log[log.index("Traceback") :][:4000]
