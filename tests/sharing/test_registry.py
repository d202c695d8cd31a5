"""Releases in the control plane: frozen, approved by somebody else, replaced, withdrawn, and for whom."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from echo_metrics.access import LOCAL_OWNER, Viewer, audit
from echo_metrics.answers.model import Filters
from echo_metrics.disclosure import Preset
from echo_metrics.errors import NotAllowed, UserError
from echo_metrics.sharing import links, registry, standing
from echo_metrics.sharing.build import Request
from echo_metrics.sharing.registry import Entry, ReleaseStatus
from echo_metrics.sharing.release import Breakdown
from echo_metrics.store import Control, Store
from echo_metrics.terms import Role

ASKED = Request(
    "Attendance of one network", networks=("psychosocial",), pages=("attendance",), breakdowns=(Breakdown.COHORT,)
)
OWNER = Viewer(Role.OWNER, "Olga", row_level=True, account="olga")
EVA = Viewer(Role.EVALUATOR, "Eva", account="eva")
NEAR = Viewer(Role.EVALUATOR, "Nea", networks=frozenset({1}), account="near", network_keys=frozenset({"psychosocial"}))
FAR = Viewer(Role.EVALUATOR, "Far", networks=frozenset({4}), account="far", network_keys=frozenset({"pharmacists"}))
LEADER = Viewer(Role.LEADER, "Leo", account="leo")


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    with Control.open(tmp_path / "c.control.duckdb") as opened:
        opened.clock = lambda: datetime(2026, 3, 2, 9, 0)
        yield opened


def freeze(store: Store, control: Control, viewer: Viewer = EVA, **given: Any) -> Entry:
    kept = {name: given.pop(name) for name in ("replaces",) if name in given}
    return registry.freeze(store, control, viewer, replace(ASKED, **given), **kept)


def acts(control: Control) -> list[tuple[str, str, str]]:
    return [(e.who, e.action, e.subject) for e in audit.entries(control)]


def test_frozen_and_read_back(demo_store: Store, control: Control) -> None:
    draft = registry.preview(demo_store, control, EVA, ASKED)
    assert registry.releases(control) == [], "a preview keeps nothing"
    assert audit.entries(control) == []
    entry = freeze(demo_store, control)
    assert (entry.number, entry.name, entry.title, entry.made_by) == (1, "R1", ASKED.title, "eva")
    assert (entry.networks, entry.preset, entry.standing) == (frozenset({"psychosocial"}), Preset.STANDARD, False)
    assert entry.status is ReleaseStatus.LIVE
    assert registry.is_live(control, 1)
    read = registry.read(control, 1)
    assert read == draft.release, "what was previewed is what was frozen"
    assert registry.document_of(control, 1)["checksum"] == entry.checksum
    assert acts(control) == [("eva", "released", "R1")]
    told = audit.entries(control)[0].detail
    assert set(told) == {"preset", "data_version", "status"}
    assert [e.release.number for e in registry.live(control)] == [1]
    with pytest.raises(UserError, match="no release R2"):
        registry.read(control, 2)
    assert not registry.is_live(control, 2)


def test_reading_touches_no_store(demo_store: Store, control: Control) -> None:
    """The document is complete: it is read with no store at all."""
    freeze(demo_store, control)
    text = json.dumps(registry.document_of(control, 1))
    from echo_metrics.sharing.release import release_from

    assert release_from(json.loads(text)) == registry.read(control, 1)


@pytest.mark.parametrize("viewer", [LEADER, Viewer(Role.FUNDER, "Fay")], ids=["leader", "funder"])
def test_leaders_and_funders_make_none(demo_store: Store, control: Control, viewer: Viewer) -> None:
    freeze(demo_store, control)
    for act in (
        lambda: registry.preview(demo_store, control, viewer, ASKED),
        lambda: registry.freeze(demo_store, control, viewer, ASKED),
        lambda: registry.approve(control, viewer, 1),
        lambda: registry.withdraw(control, viewer, 1),
        lambda: registry.need_approval(control, viewer, True),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert [(e.number, e.status) for e in registry.releases(control)] == [(1, ReleaseStatus.LIVE)]


def test_evaluators_keep_to_their_networks(demo_store: Store, control: Control) -> None:
    with pytest.raises(UserError, match="There is no network 'psychosocial'"):
        freeze(demo_store, control, FAR)
    own = freeze(demo_store, control, FAR, networks=())
    assert own.networks == {"pharmacists"}, "all networks means all of one's own"
    assert {s.network for s in registry.read(control, own.number).scopes} == {"pharmacists"}
    wide = freeze(demo_store, control, EVA, networks=("psychosocial", "pharmacists"))
    assert not registry.within(wide, FAR)
    assert not registry.within(wide, NEAR)
    assert registry.within(wide, EVA)
    assert registry.within(own, FAR)
    for act in (
        lambda: registry.withdraw(control, NEAR, own.number),
        lambda: registry.approve(control, NEAR, own.number),
        lambda: registry.withdraw(control, FAR, wide.number),
        lambda: freeze(demo_store, control, NEAR, replaces=own.number),
    ):
        with pytest.raises(UserError, match="There is no release"):
            act()
    assert registry.is_live(control, own.number) and registry.is_live(control, wide.number)


def test_a_second_person_approves(demo_store: Store, control: Control) -> None:
    assert not registry.approval_needed(control)
    for viewer, words in ((EVA, "Only the owner"), (LOCAL_OWNER, "needs accounts")):
        with pytest.raises(NotAllowed, match=words):
            registry.need_approval(control, viewer, True)
    registry.need_approval(control, OWNER, True)
    assert registry.approval_needed(control)
    entry = freeze(demo_store, control)
    assert entry.status is ReleaseStatus.WAITING
    assert not registry.is_live(control, entry.number)
    ends = control.now().replace(month=6)
    asked = links.Request(entry.number, "Fund", "Grant", ends, ("attendance",))
    with pytest.raises(UserError, match="not live"):
        links.create(control, EVA, asked)
    with pytest.raises(NotAllowed, match="second person"):
        registry.approve(control, EVA, entry.number)
    assert not registry.is_live(control, entry.number)
    registry.approve(control, OWNER, entry.number)
    assert registry.is_live(control, entry.number)
    assert next(e for e in registry.releases(control)).approved_by == "olga"
    with pytest.raises(UserError, match="nothing to approve"):
        registry.approve(control, OWNER, entry.number)
    assert ("olga", "release_approved", "R1") in acts(control)
    assert links.create(control, EVA, asked)[0].state(control.now()) == "live"
    registry.need_approval(control, OWNER, False)
    assert not registry.approval_needed(control)
    assert [x for x in acts(control) if x[1] == "rights_changed"] == [("olga", "rights_changed", "second approval")] * 2


def test_a_waiting_release_is_already_one_that_others_must_pass_against(demo_store: Store, control: Control) -> None:
    registry.need_approval(control, OWNER, True)
    freeze(demo_store, control)
    assert [e.release.number for e in registry.live(control)] == [1]


def test_withdrawing_is_for_good_and_stops_the_links(demo_store: Store, control: Control) -> None:
    entry = freeze(demo_store, control)
    ends = control.now().replace(month=6)
    link, token = links.create(control, EVA, links.Request(1, "Fund", "Grant", ends, ("attendance",)))
    secret = links.exchange(control, token, "", "10.0.0.1", "phone")
    assert secret and links.opened(control, secret)
    registry.withdraw(control, EVA, 1)
    assert not registry.is_live(control, 1)
    assert links.opened(control, secret) is None
    assert links.exchange(control, token, "", "10.0.0.1", "phone") is None
    assert links.links(control)[0].state(control.now()) == "broken"
    assert registry.document_of(control, 1)["checksum"] == entry.checksum, "the document stays for the record"
    assert acts(control).count(("eva", "release_withdrawn", "R1")) == 1
    registry.withdraw(control, EVA, 1)
    assert acts(control).count(("eva", "release_withdrawn", "R1")) == 1
    with pytest.raises(UserError, match="nothing to approve"):
        registry.approve(control, OWNER, 1)
    with pytest.raises(UserError, match="withdrawn already"):
        freeze(demo_store, control, replaces=1)
    again = freeze(demo_store, control)
    assert again.number == 2, "a number is never used twice"
    assert link.number == 1


def test_fingerprints_are_kept_while_a_release_is_looked_at(demo_store: Store, control: Control) -> None:
    freeze(demo_store, control, pages=("practice",), measures=("practice",))
    rows = control.records("control_release_people", {"id": 1})
    assert rows
    kept = [who for row in rows for who in json.loads(row["people"])]
    assert len(kept) > 20
    assert all(len(who) >= 12 and who.isalnum() for who in kept), "keyed fingerprints, no names or addresses"
    registry.withdraw(control, EVA, 1)
    assert control.records("control_release_people", {"id": 1}) == []


def test_a_replacement_withdraws_in_the_same_moment(demo_store: Store, control: Control) -> None:
    freeze(demo_store, control)
    entry = freeze(demo_store, control, replaces=1)
    assert [(e.number, e.status) for e in registry.releases(control)] == [
        (2, ReleaseStatus.LIVE), (1, ReleaseStatus.WITHDRAWN),
    ]  # fmt: skip
    assert acts(control)[:2] == [("eva", "released", entry.name), ("eva", "release_withdrawn", "R1")]
    with pytest.raises(UserError, match="no release R9"):
        freeze(demo_store, control, replaces=9)


def test_the_leaders_release_stands_and_is_brought_up_with_the_data(
    demo_store: Store, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.need_approval(control, OWNER, True)
    first = standing.refresh(demo_store, control)
    assert first is not None and first.standing
    assert first.status is ReleaseStatus.LIVE, "it waits for nobody"
    assert standing.refresh(demo_store, control) == first
    monkeypatch.setattr(standing, "data_version", lambda store: "newer")
    second = standing.refresh(demo_store, control)
    assert second is not None and second.number == first.number + 1
    assert not registry.is_live(control, first.number)
    release = registry.read(control, second.number)
    assert release.preset is Preset.INTERNAL
    near = replace(LEADER, network_keys=frozenset({"pharmacists"}))
    assert {s.network for s in standing.scopes(release, near)} == {"pharmacists"}
    shown = standing.answer(release, near, "summary", Filters())
    assert shown == release.scope("pharmacists").answers["summary"]  # type: ignore[union-attr]
    for chosen in (Filters("psychosocial"), Filters("psychosocial", "Cohort 1"), Filters("", "Cohort 1")):
        with pytest.raises(UserError, match="no part of its own"):
            standing.answer(release, near, "summary", chosen)
    with pytest.raises(NotAllowed, match="no page"):
        standing.answer(release, LEADER, "competency", Filters())


def test_no_participants_answer_stands_in_the_audit(demo_store: Store, control: Control) -> None:
    freeze(demo_store, control)
    for entry in audit.entries(control):
        assert all(isinstance(v, str | bool) and len(str(v)) < 40 for v in entry.detail.values()), entry
    assert audit.verify(control).broken is None
