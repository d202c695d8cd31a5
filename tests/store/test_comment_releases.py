"""Comments from a survey file to a release: nothing leaves unapproved, and what leaves tells nobody."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from echo_metrics.access import LOCAL_OWNER, Viewer, audit, view_as
from echo_metrics.access.audit import Action
from echo_metrics.answers.comments import HOW, rows
from echo_metrics.disclosure import Preset
from echo_metrics.errors import NotAllowed, UserError
from echo_metrics.ingest.load import import_path
from echo_metrics.reports import csv_file, page
from echo_metrics.server.share import shared_page
from echo_metrics.sharing import comments, registry
from echo_metrics.sharing.attack import attack_documents
from echo_metrics.sharing.build import Request
from echo_metrics.sharing.release import PAGES, Breakdown, Release, release_from
from echo_metrics.store import Control, Store
from echo_metrics.terms import Role
from tests.comment_files import CHANGED, HELPED, PADDING, Said, crowd, survey, words

EVALUATOR = Viewer(Role.EVALUATOR, "Eva", row_level=True, account="a1")
COHORTS = (Breakdown.COHORT,)


@dataclass
class Hub:
    """A store with its control plane in a folder."""

    store: Store
    control: Control
    folder: Path

    def survey(self, network: str, *rows: Said) -> None:
        """Import one more export of the network's form."""
        survey(self.store, self.folder / f"{len(list(self.folder.glob('*.csv')))}.csv", network, rows)

    def key(self, name: str) -> str:
        """The key of the comment that `words(name)` made."""
        [key] = [
            r.written.comment.key
            for r in rows(self.store, self.control.hashed)
            if r.written.comment.text == " ".join(words(name).split())
        ]
        return key

    def approve(self, *names: str) -> None:
        for name in names:
            comments.approve(self.store, self.control, EVALUATOR, self.key(name))

    def approve_all(self) -> None:
        for row in rows(self.store, self.control.hashed):
            comments.approve(self.store, self.control, EVALUATOR, row.written.comment.key)

    def release(self, replaces: int | None = None, **asked: Any) -> Release:
        """Freeze a release of the comments and read it back from its document."""
        request = replace(Request("Comments", pages=("comments",), breakdowns=COHORTS), **asked)
        entry = registry.freeze(self.store, self.control, LOCAL_OWNER, request, replaces)
        return registry.read(self.control, entry.number)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with Store.open(tmp_path / "s.duckdb") as store, Control.open(tmp_path / "s.control.duckdb") as control:
        yield Hub(store, control, tmp_path)


def document(release: Release) -> str:
    """All that leaves the house of a release."""
    return json.dumps(release.document(), ensure_ascii=False)


def told(release: Release, network: str = "", cohort: str = "") -> list[str]:
    """The comments that one part shows, in its order."""
    part = release.scope(network, cohort)
    assert part is not None
    return [r.sentence for r in part.answers["comments"].results if r.shown]


def names(release: Release, network: str = "", cohort: str = "") -> set[str]:
    """Whose comments one part shows."""
    return {text.split(":")[0].removeprefix("I am ") for text in told(release, network, cohort)}


def twelve_and_three(hub: Hub) -> None:
    hub.survey("north", *crowd("Cohort 1", 12, "A"), *crowd("Cohort 2", 3, "B"))


def test_nothing_unapproved_is_in_a_release(hub: Hub) -> None:
    twelve_and_three(hub)
    hub.approve("A03", "A07")
    release = hub.release()
    assert names(release, "north", "Cohort 1") == {"A03", "A07"}
    assert document(release).count(PADDING) == 4, "two comments in two parts, and no other"


def test_with_every_comment_taken_for_approved_the_check_above_would_fail(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    twelve_and_three(hub)
    everything = frozenset(r.written.comment.key for r in rows(hub.store, hub.control.hashed))
    monkeypatch.setattr(comments, "approved", lambda control: everything)
    assert len(told(hub.release(), "north", "Cohort 1")) == 12


def test_releases_hold_no_comments_unless_they_were_asked_for(hub: Hub) -> None:
    twelve_and_three(hub)
    hub.approve_all()
    assert "comments" in PAGES
    assert "comments" not in Request("Usual").pages
    with pytest.raises(UserError, match="Nothing would be left"):
        hub.release(pages=Request("Usual").pages)


def test_fewer_than_ten_people_are_hidden_and_said_to_be(hub: Hub) -> None:
    hub.survey("north", *crowd("Cohort 1", 12, "A"))
    hub.survey("south", *crowd("Cohort 1", 9, "B"))
    hub.approve_all()
    release = hub.release()
    part = release.scope("south", "")
    assert part is not None
    [hidden] = part.answers["comments"].results
    assert (hidden.reason, hidden.n, hidden.sentence) == ("Hidden: fewer than 10 people.",) * 1 + (None, hidden.reason)
    assert "I am B" not in document(release)
    assert any(m.reason == hidden.reason and CHANGED in m.figure for m in release.hidden)


def test_with_a_minimum_of_one_the_check_above_would_fail(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.survey("north", *crowd("Cohort 1", 9, "A"))
    hub.approve_all()
    with pytest.raises(UserError, match="Nothing would be left"):
        hub.release(preset=Preset.INTERNAL)
    monkeypatch.setattr("echo_metrics.disclosure.comments.COMMENT_MINIMUM", 1)
    assert len(told(hub.release(preset=Preset.INTERNAL))) == 9


def test_a_network_s_list_less_its_cohort_s_names_nobody(hub: Hub) -> None:
    twelve_and_three(hub)
    hub.approve_all()
    release = hub.release()
    assert names(release, "north") == names(release, "north", "Cohort 1")
    assert "I am B" not in document(release)
    # A release that never shows the cohorts by themselves cuts alike: the other one can be subtracted from it.
    assert "I am B" not in document(hub.release(breakdowns=()))


def test_with_a_cell_for_each_part_the_check_above_would_fail(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    twelve_and_three(hub)
    hub.approve_all()
    monkeypatch.setattr(comments, "cells", lambda written, minimum, together: (frozenset(w.place for w in written),))
    assert names(hub.release(), "north") > {"B00", "B01", "B02"}


def test_the_order_is_neither_the_file_s_nor_the_calendar_s_and_outlives_a_rebuild(hub: Hub, tmp_path: Path) -> None:
    first = [replace(s, day=i) for i, s in enumerate(crowd("Cohort 1", 12, "A"))]
    hub.survey("north", *first)
    hub.survey("south", *crowd("Cohort 1", 11, "B"))
    hub.approve_all()
    release = hub.release()
    texts = told(release, "north")
    assert texts != sorted(texts), "the file has them by name and by date"
    assert texts != sorted(texts, reverse=True)
    # The same files into a new store, the other way round: approvals and order are those of the files.
    again = tmp_path / "again"
    again.mkdir()
    with Store.open(again / "s.duckdb") as rebuilt:
        for number, network in ((1, "south"), (0, "north")):
            path = again / f"{number}.csv"
            path.write_bytes((tmp_path / f"{number}.csv").read_bytes())
            assert import_path(rebuilt, path, network).status == "loaded"
        other = Hub(rebuilt, hub.control, again).release()
    assert told(other, "north") == texts
    assert told(other, "south") == told(release, "south")


def test_in_the_store_s_order_the_check_above_would_fail(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.survey("north", *crowd("Cohort 1", 12, "A"))
    hub.approve_all()
    place = {r.written.comment.key: f"{i:04d}" for i, r in enumerate(rows(hub.store, hub.control.hashed))}
    real = hub.control.hashed
    monkeypatch.setattr(
        hub.control, "hashed", lambda kind, value: place[value] if kind == "comment-order" else real(kind, value)
    )
    texts = told(hub.release())
    assert texts == sorted(texts)


def test_a_comment_bears_no_name_date_discipline_or_code(hub: Hub) -> None:
    hub.survey("north", *(replace(s, day=40 + i) for i, s in enumerate(crowd("Cohort 1", 12, "A"))))
    hub.approve("A05")
    release = hub.release()
    [result] = [r for r in release.root.answers["comments"].results if r.shown]
    assert result.as_json() | {"sentence": ""} == {
        "measure": "comment",
        "label": CHANGED,
        "group": {"item": "Comment", "key": "comments-1-1"},
        "status": "released",
        "reason": None,
        "kind": "comment",
        "contrast": None,
        "unit": "",
        "n": None,
        "counted": "people",
        **dict.fromkeys(("before", "after", "change", "improved", "same", "declined", "p", "effect")),
        "method": "",
        "sentence": "",
    }
    text = json.dumps(release.document()["scopes"])
    for secret in (hub.key("A05"), hub.key("A05")[:12], "A05XYZ", "2025-04-"):
        assert secret not in text.replace(result.sentence, "")
    assert set(vars(release.root.answers["comments"].trail).values()) == {None, ()}


def test_a_withdrawn_approval_is_gone_from_the_next_release(hub: Hub) -> None:
    twelve_and_three(hub)
    hub.approve("A03", "A07")
    first = hub.release()
    comments.withdraw(hub.store, hub.control, EVALUATOR, hub.key("A03"))
    second = hub.release(replaces=first.number)
    assert names(second) == {"A07"}
    assert "I am A03" not in document(second)
    hub.approve("A03")
    assert names(hub.release(replaces=second.number)) == {"A03", "A07"}


def test_words_that_changed_have_to_be_approved_again(hub: Hub) -> None:
    people = crowd("Cohort 1", 12, "A")
    hub.survey("north", *people)
    hub.approve_all()
    before = comments.approved(hub.control)
    other = words("A03").replace("cases", "talks")
    hub.survey("north", *(replace(s, changed=other) if s.changed == words("A03") else s for s in people))
    now = {r.written.comment.key: r.written.comment.text for r in rows(hub.store, hub.control.hashed)}
    assert len(now) == 12, "the old words do not count any more"
    assert [text for key, text in now.items() if key not in before] == [other]
    assert names(hub.release()) == {f"A{i:02d}" for i in range(12) if i != 3}


def test_words_that_are_read_otherwise_have_to_be_approved_again(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later version of the program may read another column, or other words, out of the same file."""
    twelve_and_three(hub)
    hub.approve_all()
    real = hub.store.records("comments")
    monkeypatch.setattr(hub.store, "records", lambda name: [{**r, "body": f"Not {r['body']}"} for r in real])
    assert not comments.approved(hub.control) & {r.written.comment.key for r in rows(hub.store, hub.control.hashed)}


def test_the_audit_names_a_comment_by_a_short_hash_only(hub: Hub) -> None:
    twelve_and_three(hub)
    hub.approve("A03")
    hub.approve("A03")
    comments.withdraw(hub.store, hub.control, LOCAL_OWNER, hub.key("A03"))
    found = audit.entries(hub.control)
    short = f"comment {hub.key('A03')[:12]}"
    assert [(e.who, e.action, e.subject, dict(e.detail)) for e in found] == [
        ("local", Action.COMMENT_WITHDRAWN.value, short, {}),
        ("a1", Action.COMMENT_APPROVED.value, short, {}),
    ]
    assert audit.verify(hub.control).broken is None
    kept = [str(v) for row in hub.control.rows("control_comment_approvals") for v in row]
    assert not [v for v in kept if "cases" in v or PADDING in v]


@pytest.mark.parametrize(
    "viewer",
    [
        Viewer(Role.EVALUATOR, account="a2"),
        Viewer(Role.LEADER, row_level=True, account="a3"),
        Viewer(Role.FUNDER, row_level=True),
        *(view_as(LOCAL_OWNER, role) for role in Role if role is not Role.OWNER),
    ],
    ids=lambda v: f"{v.role.value}-{v.account or 'as'}",
)
def test_nobody_without_the_row_level_right_reads_or_approves(hub: Hub, viewer: Viewer) -> None:
    twelve_and_three(hub)
    key = hub.key("A03")
    attempts: list[Callable[[], object]] = [
        lambda: comments.questions(hub.store, hub.control, viewer),
        lambda: comments.readings(hub.store, hub.control, viewer, "what did you change in your work"),
        lambda: comments.approve(hub.store, hub.control, viewer, key),
        lambda: comments.withdraw(hub.store, hub.control, viewer, key),
    ]
    for attempt in attempts:
        with pytest.raises(NotAllowed):
            attempt()
    assert comments.approved(hub.control) == frozenset()


def test_with_the_right_for_everybody_the_check_above_would_fail(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    twelve_and_three(hub)
    monkeypatch.setattr(comments, "may_read", lambda viewer: True)
    viewer = Viewer(Role.FUNDER)
    assert len(comments.readings(hub.store, hub.control, viewer, "what did you change in your work")) == 15


def test_who_has_the_right_reads_their_own_networks_only(hub: Hub) -> None:
    hub.survey("north", *crowd("Cohort 1", 3, "A"))
    hub.survey("south", *crowd("Cohort 1", 3, "B"), Said("Cohort 1", "B99XYZ", helped=words("B99")))
    ids = {str(key): int(i) for i, key, *_ in hub.store.rows("networks_to_match")}
    viewer = replace(EVALUATOR, networks=frozenset({ids["north"]}), network_keys=frozenset({"north"}))
    [asked] = comments.questions(hub.store, hub.control, viewer)
    assert (asked.wording, asked.comments, asked.approved, asked.networks) == (CHANGED, 3, 0, ("north",))
    texts = [r.text for r in comments.readings(hub.store, hub.control, viewer, asked.question)]
    assert sorted(texts) == [words(f"A0{i}") for i in range(3)]
    with pytest.raises(UserError, match="no such comment"):
        comments.approve(hub.store, hub.control, viewer, hub.key("B01"))
    assert [a.wording for a in comments.questions(hub.store, hub.control, EVALUATOR)] == [CHANGED, HELPED]


def test_late_comments_wait_until_ten_more_people_wrote(hub: Hub) -> None:
    """Two people come after a release: what appears in the next one would be theirs."""
    early, late, more = crowd("Cohort 1", 12, "A"), crowd("Cohort 1", 2, "L"), crowd("Cohort 1", 8, "M")
    hub.survey("north", *early)
    hub.approve("A01", "A02")
    first = hub.release()
    hub.survey("north", *early, *late)
    hub.approve("A03", "L00", "L01")
    second = hub.release(replaces=first.number)
    assert names(second) == {"A01", "A02"}
    assert second.root.answers["comments"].results[0].notes == (
        "Newer answers are waiting: too few people wrote since R1.",
    )
    # The one after it knows of the first as well, though that was withdrawn.
    third = hub.release(replaces=second.number)
    assert names(third) == {"A01", "A02"}
    hub.survey("north", *early, *late, *more)
    hub.approve("M04")
    assert names(hub.release(replaces=third.number)) == {"A01", "A02", "A03", "L00", "L01", "M04"}


def test_without_the_time_rule_the_check_above_would_fail(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comments.Voices, "_hold", lambda *_: None)
    early = crowd("Cohort 1", 12, "A")
    hub.survey("north", *early)
    hub.approve("A01")
    first = hub.release()
    hub.survey("north", *early, *crowd("Cohort 1", 1, "L"))
    hub.approve("L00")
    assert names(hub.release(replaces=first.number)) == {"A01", "L00"}


def test_late_comments_wait_though_a_whole_cohort_of_their_cell_is_gone(hub: Hub) -> None:
    nine, three = crowd("Cohort 1", 9, "A"), crowd("Cohort 2", 3, "B")
    hub.survey("north", *nine, *three)
    hub.approve("A01", "B01")
    assert names(hub.release(), "north") == {"A01", "B01"}
    hub.survey("north", *nine, *crowd("Cohort 1", 2, "L"))
    hub.approve("A02", "L00")
    assert names(hub.release(), "north") == {"A01"}


def test_a_list_that_was_shown_as_one_is_not_cut_later(hub: Hub) -> None:
    """Nine and three as one list; when the nine are fifteen, their own list would leave the three behind."""
    nine, three = crowd("Cohort 1", 9, "A"), crowd("Cohort 2", 3, "B")
    hub.survey("north", *nine, *three)
    hub.approve_all()
    first = hub.release()
    assert len(told(first, "north")) == 12
    hub.survey("north", *nine, *three, *crowd("Cohort 1", 12, "C"))
    hub.approve_all()
    second = hub.release()
    assert len(told(second, "north")) == 24
    assert told(second, "north", "Cohort 1") == []
    registry.withdraw(hub.control, LOCAL_OWNER, first.number)
    registry.withdraw(hub.control, LOCAL_OWNER, second.number)
    third = hub.release()
    assert len(told(third, "north", "Cohort 1")) == 21
    assert names(third, "north") == names(third, "north", "Cohort 1")


def test_a_release_with_comments_reads_back_and_is_no_concern_of_the_attacker(hub: Hub) -> None:
    twelve_and_three(hub)
    hub.approve("A03")
    release = hub.release()
    assert release_from(json.loads(document(release))) == release
    assert attack_documents([release.document()]) == ()
    locked = release.narrowed("north", "Cohort 2", ("comments",))
    assert locked is not None
    assert "I am" not in json.dumps(locked.document())
    assert release.narrowed("north", "", ("summary",)) is None


def test_the_page_quotes_them_escaped_and_the_figures_do_not(hub: Hub) -> None:
    evil = f"<script>alert(1)</script> =HYPERLINK(1) & so on, {PADDING}"
    hub.survey("north", *crowd("Cohort 1", 11, "A"), Said("Cohort 1", "EVIL01", evil))
    hub.approve_all()
    release = hub.release()
    html = page.render(shared_page(release))
    assert html.count("<blockquote") == 12
    assert "holds no person's answers but the quoted ones" in html.replace("&#x27;", "'")
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; =HYPERLINK(1) &amp; so on" in html
    assert HOW.split(",")[0] in html
    assert "I am" not in csv_file.csv_text({"all": release.root.answers})
    assert len(csv_file.csv_text({"all": release.root.answers}).splitlines()) == 1
