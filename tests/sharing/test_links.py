"""Links in the control plane: who may make and end them, what they need, what stays of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from echo_metrics.access import LOCAL_OWNER, Viewer, audit, passwords
from echo_metrics.access.audit import Action
from echo_metrics.errors import NotAllowed, UserError
from echo_metrics.sharing import links, registry, standing
from echo_metrics.sharing.build import Request as ReleaseRequest
from echo_metrics.sharing.links import LONGEST, WARN_BEFORE, Link, LinkStatus, Request, agent_class
from echo_metrics.sharing.release import Breakdown, Release
from echo_metrics.store import Control, Store
from echo_metrics.terms import Role
from tests.planted import plant

PASSCODE = "three small boats"
EVA = Viewer(Role.EVALUATOR, "Eva", account="eva")
NEAR = Viewer(Role.EVALUATOR, "Nea", account="near", network_keys=frozenset({"psychosocial"}))
FAR = Viewer(Role.EVALUATOR, "Far", account="far", network_keys=frozenset({"pharmacists"}))
LEADER = Viewer(Role.LEADER, "Leo", account="leo")
FUNDER = Viewer(Role.FUNDER, "Fay")


@dataclass
class Desk:
    """A control plane with one release of one network, and a clock that tests move."""

    control: Control
    release: Release
    leaders: int
    time: datetime = datetime(2026, 3, 2, 9, 0)

    def request(self, **given: Any) -> Request:
        asked = {
            "release": self.release.number, "recipient": "North Fund", "purpose": "Grant year",
            "expires": self.time + timedelta(days=30), "pages": self.release.pages, **given,
        }  # fmt: skip
        return Request(**asked)

    def make(self, viewer: Viewer = LOCAL_OWNER, **given: Any) -> tuple[Link, str]:
        return links.create(self.control, viewer, self.request(**given))

    def link(self, number: int) -> Link:
        return next(x for x in links.links(self.control) if x.number == number)

    def open(self, token: str, passcode: str = "", client: str = "10.0.0.1") -> str | None:
        return links.exchange(self.control, token, passcode, client, "phone")

    def plant(self) -> int:
        """The same release once more, under a number of its own."""
        return plant(self.control, self.release, self.time).number


@pytest.fixture(scope="module")
def shared(demo_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with Control.open(Path(tmp_path_factory.mktemp("links")) / "c.control.duckdb") as control:
        leaders = standing.refresh(demo_store, control)
        assert leaders is not None
        asked = ReleaseRequest(
            "One network", networks=("psychosocial",), pages=("competency", "attendance"),
            breakdowns=(Breakdown.COHORT,),
        )  # fmt: skip
        entry = registry.freeze(demo_store, control, LOCAL_OWNER, asked)
        desk = Desk(control, registry.read(control, entry.number), leaders.number)
        control.clock = lambda: desk.time
        yield desk


@pytest.fixture
def desk(shared: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The desk, with its clock put back afterwards. Passcodes are kept as they are: hashing is slow, and tried once."""
    monkeypatch.setattr(passwords, "hashed", lambda typed: f"kept {typed}")
    monkeypatch.setattr(passwords, "matches", lambda stored, typed: stored == f"kept {typed}")
    before = shared.time
    yield shared
    shared.time = before


def acts(desk: Desk) -> list[tuple[str, str, str]]:
    return [(e.who, e.action, e.subject) for e in audit.entries(desk.control, limit=100_000)]


# ---- making one


def test_a_link_as_it_is_kept(desk: Desk) -> None:
    link, token = desk.make(EVA, network="psychosocial", cohort="Cohort 2", pages=("attendance",), download=True)
    assert len(token) == 43
    assert (link.recipient, link.purpose, link.pages) == ("North Fund", "Grant year", ("attendance",))
    assert (link.network, link.cohort, link.download, link.has_passcode) == ("psychosocial", "Cohort 2", True, False)
    assert (link.made_by, link.made, link.status, link.opened, link.last_seen) == (
        "eva", desk.time, LinkStatus.LIVE, 0, None,
    )  # fmt: skip
    assert link.state(desk.time) == "live"
    assert acts(desk)[0] == ("eva", "link_created", link.name)
    assert desk.make()[1] != token


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"recipient": " "}, "recipient"),
        ({"purpose": ""}, "purpose"),
        ({"recipient": "x" * 121}, "at most 120"),
        ({"pages": ()}, "holds these pages"),
        ({"pages": ("competency", "roi")}, "holds these pages"),
        ({"network": "pharmacists"}, "no part of its own"),
        ({"network": "psychosocial", "cohort": "Cohort 9"}, "no part of its own"),
        ({"cohort": "Cohort 2"}, "no part of its own"),
        ({"passcode": "short"}, "6 to 100"),
        ({"passcode": "x" * 101}, "6 to 100"),
        ({"release": 999}, "no release R999"),
    ],
    ids=str,
)
def test_what_a_link_needs(desk: Desk, given: dict[str, Any], words: str) -> None:
    before = len(links.links(desk.control))
    with pytest.raises(UserError, match=words):
        desk.make(**given)
    assert len(links.links(desk.control)) == before


def test_it_must_end_within_a_year(desk: Desk) -> None:
    for late in (timedelta(0), timedelta(seconds=-1), LONGEST + timedelta(seconds=1)):
        with pytest.raises(UserError, match="must end"):
            desk.make(expires=desk.time + late)
    assert timedelta(days=365) <= LONGEST <= timedelta(days=366)
    link, _ = desk.make(expires=desk.time + LONGEST)
    assert link.state(desk.time) == "live"


def test_only_a_live_release_is_shared_and_never_the_leaders(desk: Desk) -> None:
    gone = desk.plant()
    registry.withdraw(desk.control, LOCAL_OWNER, gone)
    with pytest.raises(UserError, match="not live"):
        desk.make(release=gone)
    with pytest.raises(UserError, match="leaders inside the hub"):
        desk.make(release=desk.leaders, pages=("summary",))


@pytest.mark.parametrize("viewer", [LEADER, FUNDER], ids=["leader", "funder"])
def test_leaders_and_funders_do_nothing_with_links(desk: Desk, viewer: Viewer) -> None:
    link, token = desk.make()
    for act in (
        lambda: desk.make(viewer),
        lambda: links.set_status(desk.control, viewer, link.number, LinkStatus.PAUSED),
        lambda: links.rotate(desk.control, viewer, link.number),
        lambda: links.revoke_all(desk.control, viewer, release=link.release),
        lambda: links.visible(desk.control, viewer),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert desk.open(token)


def test_evaluators_reach_the_links_of_their_networks_only(desk: Desk) -> None:
    link, token = desk.make()
    assert link.number in {x.number for x in links.visible(desk.control, NEAR)}
    assert links.visible(desk.control, FAR) == []
    for act in (
        lambda: desk.make(FAR),
        lambda: links.set_status(desk.control, FAR, link.number, LinkStatus.REVOKED),
        lambda: links.rotate(desk.control, FAR, link.number),
    ):
        with pytest.raises(UserError, match="There is no"):
            act()
    assert links.revoke_all(desk.control, FAR, release=link.release) == 0
    assert desk.open(token)
    links.set_status(desk.control, NEAR, link.number, LinkStatus.REVOKED)
    assert desk.open(token) is None


# ---- what was decided about one


def test_pause_resume_revoke(desk: Desk) -> None:
    link, token = desk.make()
    first = desk.open(token)
    assert first and links.opened(desk.control, first)
    links.set_status(desk.control, LOCAL_OWNER, link.number, LinkStatus.PAUSED)
    assert desk.link(link.number).state(desk.time) == "paused"
    assert links.opened(desk.control, first) is None
    assert not links.holds(desk.control, first)
    assert desk.open(token) is None
    links.set_status(desk.control, LOCAL_OWNER, link.number, LinkStatus.LIVE)
    assert links.opened(desk.control, first) is None, "an old opening stays ended"
    second = desk.open(token)
    assert second and links.holds(desk.control, second)
    links.set_status(desk.control, LOCAL_OWNER, link.number, LinkStatus.REVOKED)
    assert desk.link(link.number).state(desk.time) == "revoked"
    assert links.opened(desk.control, second) is None
    for status in LinkStatus:
        with pytest.raises(UserError, match="for good"):
            links.set_status(desk.control, LOCAL_OWNER, link.number, status)
    with pytest.raises(UserError, match="revoked"):
        links.rotate(desk.control, LOCAL_OWNER, link.number)
    assert desk.open(token) is None
    done = [action for _, action, subject in acts(desk) if subject == link.name]
    assert done == ["link_revoked", "link_opened", "link_resumed", "link_paused", "link_opened", "link_created"]


def test_rotate(desk: Desk) -> None:
    old, token = desk.make(
        passcode=PASSCODE, network="psychosocial", cohort="Cohort 2", pages=("attendance",), download=True
    )
    secret = desk.open(token, PASSCODE)
    assert secret
    new, fresh = links.rotate(desk.control, EVA, old.number)
    assert fresh != token
    same = ("release", "recipient", "purpose", "pages", "network", "cohort", "download", "has_passcode", "expires")
    for name in same:
        assert getattr(new, name) == getattr(old, name), name
    assert (new.number, new.made_by, new.opened) == (old.number + 1, "eva", 0)
    assert desk.link(old.number).state(desk.time) == "revoked"
    assert links.opened(desk.control, secret) is None
    assert desk.open(token, PASSCODE) is None
    assert desk.open(fresh) is None, "the passcode stays"
    found = desk.open(fresh, PASSCODE)
    assert found
    assert ("eva", "link_rotated", new.name) in acts(desk)
    for state, make in (("expired", lambda n: setattr(desk, "time", desk.time + timedelta(days=31))),):
        make(new.number)
        with pytest.raises(UserError, match=state):
            links.rotate(desk.control, LOCAL_OWNER, new.number)


def test_a_paused_link_stays_paused_under_its_new_address(desk: Desk) -> None:
    old, _ = desk.make()
    links.set_status(desk.control, LOCAL_OWNER, old.number, LinkStatus.PAUSED)
    new, fresh = links.rotate(desk.control, LOCAL_OWNER, old.number)
    assert new.state(desk.time) == "paused"
    assert desk.open(fresh) is None
    links.set_status(desk.control, LOCAL_OWNER, new.number, LinkStatus.LIVE)
    assert desk.open(fresh)


def test_several_at_once(desk: Desk) -> None:
    one, other = desk.plant(), desk.plant()
    made = {
        name: desk.make(viewer, release=release, recipient=recipient)[0].number
        for name, viewer, release, recipient in (
            ("a", EVA, one, "Fund A"), ("b", EVA, one, "Fund B"), ("c", EVA, other, "Fund A"), ("d", NEAR, other, "D"),
        )
    }  # fmt: skip
    with pytest.raises(UserError, match="Say whose"):
        links.revoke_all(desk.control, LOCAL_OWNER)
    assert links.revoke_all(desk.control, LOCAL_OWNER, release=one, recipient="Fund A") == 1
    states = {name: desk.link(n).state(desk.time) for name, n in made.items()}
    assert states == {"a": "revoked", "b": "live", "c": "live", "d": "live"}
    assert links.revoke_all(desk.control, LOCAL_OWNER, made_by="near") == 1
    assert links.revoke_all(desk.control, LOCAL_OWNER, recipient="Fund A") == 1
    assert links.revoke_all(desk.control, LOCAL_OWNER, release=one) == 1
    assert {desk.link(n).state(desk.time) for n in made.values()} == {"revoked"}
    assert [x for x in acts(desk) if x[1] == "link_revoked"][:4] == [
        ("local", "link_revoked", f"L{made[n]}") for n in ("b", "c", "d", "a")
    ]


def test_a_withdrawn_release_stops_its_links(desk: Desk) -> None:
    number = desk.plant()
    link, token = desk.make(release=number)
    secret = desk.open(token)
    assert secret
    registry.withdraw(desk.control, LOCAL_OWNER, number)
    assert desk.link(link.number).state(desk.time) == "broken"
    assert links.opened(desk.control, secret) is None
    assert not links.holds(desk.control, secret)
    assert desk.open(token) is None
    with pytest.raises(UserError, match="broken"):
        links.rotate(desk.control, LOCAL_OWNER, link.number)


def test_an_altered_release_stops_its_links(desk: Desk) -> None:
    planted = replace(desk.release, number=max(e.number for e in registry.releases(desk.control)) + 1)
    body = {**planted.document(), "minimum": 1}
    row = {
        "id": planted.number, "title": "x", "networks": "[]", "preset": "standard", "standing": False, "status": "live",
        "document": json.dumps(body), "checksum": body["checksum"], "data_version": "v", "made_by": "local",
        "made_at": desk.time, "approved_by": None, "changed_at": desk.time,
    }  # fmt: skip
    desk.control.change(lambda writer: writer.insert("release", [row]))
    token = "B" * 43

    def work(writer: Any) -> None:
        number = writer.new_ids("link")[0]
        links._insert(desk.control, writer, LOCAL_OWNER, desk.request(release=planted.number), number, token)

    desk.control.change(work)
    assert desk.open(token) is None


# ---- time


def test_states_and_the_warning_before_the_end(desk: Desk) -> None:
    link, token = desk.make(expires=datetime(2026, 4, 1))
    assert link.last_day.isoformat() == "2026-03-31"
    for moment, state, soon in (
        (link.expires - WARN_BEFORE - timedelta(seconds=1), "live", False),
        (link.expires - WARN_BEFORE, "live", True),
        (link.expires - timedelta(seconds=1), "live", True),
        (link.expires, "expired", False),
        (link.expires + timedelta(days=400), "expired", False),
    ):
        assert (link.state(moment), link.ends_soon(moment)) == (state, soon), moment
    for status in (LinkStatus.PAUSED, LinkStatus.REVOKED):
        stopped = replace(link, status=status)
        assert not stopped.ends_soon(link.expires - timedelta(days=1))
    assert replace(link, status=LinkStatus.REVOKED).state(link.expires) == "revoked"
    assert replace(link, status=LinkStatus.PAUSED).state(link.expires) == "expired"
    assert replace(link, release_live=False).state(desk.time) == "broken"
    secret = desk.open(token)
    assert secret
    desk.time = link.expires - timedelta(seconds=1)
    assert desk.open(token)
    desk.time = link.expires
    assert desk.open(token) is None


def test_an_opening_ends_with_its_link_and_after_half_a_day(desk: Desk) -> None:
    _, token = desk.make(expires=desk.time + timedelta(hours=20))
    secret = desk.open(token)
    assert secret
    began = desk.time
    desk.time = began + links.SESSION - timedelta(seconds=1)
    assert links.opened(desk.control, secret) and links.holds(desk.control, secret)
    later = desk.open(token)
    assert later
    desk.time = began + links.SESSION
    assert links.opened(desk.control, secret) is None
    assert not links.holds(desk.control, secret)
    desk.time = began + timedelta(hours=20)
    assert links.opened(desk.control, later) is None
    assert not links.holds(desk.control, later)


# ---- opening


def test_the_same_nothing_for_every_reason(desk: Desk) -> None:
    _, token = desk.make(passcode=PASSCODE)
    for wrong in ("", "x", token[:-1], token + "A", token.swapcase(), "A" * 43, "A" * 1_000_000, "\x00" * 43):
        assert desk.open(wrong, PASSCODE) is None
        assert links.opened(desk.control, wrong) is None
        assert not links.holds(desk.control, wrong)
        links.leave(desk.control, wrong)
    assert links.opened(desk.control, token) is None, "the token itself is no opening"
    assert desk.open(token, "wrong") is None


def test_passcodes_are_throttled_by_link(desk: Desk) -> None:
    link, token = desk.make(passcode=PASSCODE)
    for place in range(5):
        assert desk.open(token, "wrong", f"10.1.0.{place}") is None
    assert desk.open(token, PASSCODE, "10.1.1.1") is None
    desk.time += timedelta(seconds=3)
    secret = desk.open(token, PASSCODE, "10.1.1.1")
    assert secret
    assert desk.link(link.number).opened == 1


def test_a_passcode_is_kept_as_a_slow_hash(shared: Desk) -> None:
    link, token = shared.make(passcode=PASSCODE)
    (stored,) = shared.control.rows("control_link_secrets", {"id": link.number})
    assert stored[1].startswith("$argon2id$")
    assert shared.open(token, PASSCODE)
    assert shared.open(token, PASSCODE + "!") is None


def test_leaving_ends_one_opening(desk: Desk) -> None:
    _, token = desk.make()
    one, two = desk.open(token), desk.open(token)
    assert one and two and one != two
    links.leave(desk.control, one)
    assert links.opened(desk.control, one) is None
    assert links.opened(desk.control, two)


def test_what_an_opening_shows(desk: Desk) -> None:
    _, token = desk.make(network="psychosocial", cohort="Cohort 2", pages=("attendance",))
    found = links.opened(desk.control, desk.open(token) or "")
    assert found
    assert [(s.network, s.cohort) for s in found.release.scopes] == [("psychosocial", "Cohort 2")]
    assert found.release.pages == ("attendance",)
    assert list(found.release.root.answers) == ["attendance"]
    whole = links.opened(desk.control, desk.open(desk.make()[1]) or "")
    assert whole and whole.release == desk.release


def test_the_log_of_views_counts_openings_and_knows_no_person(desk: Desk) -> None:
    link, token = desk.make()
    began = desk.time
    for minutes in (0, 1):
        desk.time = began + timedelta(minutes=minutes)
        assert desk.open(token, client="192.0.2.77")
    desk.time = began + timedelta(minutes=2)
    links.see(desk.control, link.number, "page", "phone")
    listed = desk.link(link.number)
    assert (listed.opened, listed.last_seen) == (2, desk.time)
    assert links.views(desk.control, link.number) == [
        (began + timedelta(minutes=2), "page", "phone"),
        (began + timedelta(minutes=1), "opened", "phone"),
        (began, "opened", "phone"),
    ]
    assert len(links.views(desk.control, link.number, limit=1)) == 1
    opened = [e for e in audit.entries(desk.control, action=Action.LINK_OPENED) if e.subject == link.name]
    assert [e.who for e in opened] == ["", ""]
    assert "192.0.2.77" not in json.dumps([dict(e.detail) for e in opened])


@pytest.mark.parametrize(
    ("header", "word"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148", "phone"),
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/120 Mobile Safari/537.36", "phone"),
        ("Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) Mobile/15E148", "tablet"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/120 Safari/537.36", "computer"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", "program"),
        ("curl/8.1", "program"),
        ("", "program"),
        ("x" * 100_000, "program"),
    ],
)
def test_agent_class(header: str, word: str) -> None:
    assert agent_class(header) == word


# ---- what stays


def test_no_token_passcode_or_answer_is_kept(shared: Desk) -> None:
    """Neither in the control plane's file, as its bytes, nor in the audit."""
    typed = "a lamp in the attic"
    link, token = shared.make(passcode=typed)
    secret = shared.open(token, typed)
    _, fresh = links.rotate(shared.control, LOCAL_OWNER, link.number)
    assert secret
    names = {p.name: p.read_bytes() for p in shared.control.path.parent.iterdir() if p.is_file()}
    written = b"".join(body for name, body in names.items() if "duckdb" in name)
    # What must be found, so that the search is known to look where links are written.
    assert b"North Fund" in written
    for kept in (token, secret, fresh, typed):
        assert kept.encode() not in written
    told = json.dumps(
        [[e.who, e.action, e.subject, dict(e.detail)] for e in audit.entries(shared.control, limit=10**6)]
    )
    for kept in (token, secret, fresh, typed, "North Fund"):
        assert kept not in told
    assert audit.verify(shared.control).broken is None
