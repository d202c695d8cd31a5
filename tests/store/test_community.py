"""The forum's figures against plain Python on the raw files, and the gate before them."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echo_metrics.access import LOCAL_OWNER, Viewer, view_as
from echo_metrics.answers import Filters, Result, ask
from echo_metrics.answers.community import WHOLE_ONLY, Post, replies_of
from echo_metrics.errors import NotAllowed
from echo_metrics.ingest.load import import_path
from echo_metrics.store import Store
from echo_metrics.terms import Role, Status
from tests import recount_attendance
from tests.conftest import DEMO
from tests.e2e.conftest import copied

EVALUATOR = view_as(LOCAL_OWNER, Role.EVALUATOR)
NETWORKS = {"psychosocial": (1, 2), "chronic_pain": (1,)}


def figures(store: Store, network: str, viewer: Viewer = LOCAL_OWNER, cohort: str = "") -> dict[str, Result]:
    found = ask(store, "community", Filters(network, cohort), viewer).results
    return {r.group.key if r.group.kind == "did" else r.measure: r for r in found}


def lines(network: str) -> list[dict[str, str]]:
    with (DEMO / "forum" / "forum_posts.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["network"] == network]


def number(result: Result) -> float:
    assert result.value is not None
    return result.value.value


@pytest.mark.parametrize("network", list(NETWORKS))
def test_who_wrote_is_counted_from_registrations_and_posts(demo_store: Store, network: str) -> None:
    people = {
        p.email: p for cohort in NETWORKS[network] for p in recount_attendance.registrations(DEMO, network, cohort)
    }
    names: dict[str, set[str]] = defaultdict(set)
    for p in people.values():
        names[p.name].add(p.email)
    authors = {recount_attendance.fold_name(r["author"]) for r in lines(network) if r["kind"] != "reaction"}
    wrote = {email for a in authors for email in names.get(a, set()) if len(names[a]) == 1}
    members = {p.email for p in people.values() if not p.hub_team}
    told = figures(demo_store, network)
    assert number(told[f"{network}-wrote"]) == len(wrote & members)
    assert told[f"{network}-wrote"].n == told[f"{network}-silent"].n == len(members)
    assert number(told[f"{network}-silent"]) == len(members - wrote)


@pytest.mark.parametrize("network", list(NETWORKS))
def test_posts_and_replies_are_those_of_the_file(demo_store: Store, network: str) -> None:
    rows = lines(network)
    told = figures(demo_store, network)
    for measure, kind in (("forum_posts", "post"), ("forum_replies", "reply"), ("forum_reactions", "reaction")):
        assert number(told[measure]) == sum(r["kind"] == kind for r in rows)
    # By hand, thread by thread: from each post look forward to the next post, for a reply by somebody else.
    threads: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in sorted(rows, key=lambda r: r["posted_at"]):
        if row["kind"] != "reaction":
            threads[row["thread"]].append(row)
    waits, lonely = [], 0
    for own in threads.values():
        for at, post in enumerate(own):
            if post["kind"] != "post":
                continue
            following = own[at + 1 :]
            until = next((i for i, r in enumerate(following) if r["kind"] == "post"), len(following))
            replies = [r for r in following[:until] if r["author"] != post["author"]]
            if not replies:
                lonely += 1
                continue
            gap = datetime.fromisoformat(replies[0]["posted_at"]) - datetime.fromisoformat(post["posted_at"])
            waits.append(gap.total_seconds() / 3600)
    assert number(told["forum_unanswered"]) == lonely
    # Clocks that went forward or back in between move an hour.
    assert number(told["forum_reply_hours"]) == pytest.approx(median(waits), abs=1.0)


def test_others_see_whole_networks_only(demo_store: Store) -> None:
    told = figures(demo_store, "psychosocial", EVALUATOR, "Cohort 1")
    assert [(r.status, r.reason) for r in told.values()] == [(Status.SUPPRESSED, WHOLE_ONLY)]
    assert figures(demo_store, "psychosocial", LOCAL_OWNER, "Cohort 1")["forum_posts"].shown
    whole = figures(demo_store, "psychosocial", EVALUATOR)
    assert whole["psychosocial-wrote"].shown
    # How many of those who did not write reacted is a few people.
    assert "reacted" not in whole["psychosocial-silent"].sentence
    for role in (Role.LEADER, Role.FUNDER):
        with pytest.raises(NotAllowed):
            ask(demo_store, "community", Filters(), view_as(LOCAL_OWNER, role))


def test_a_forum_of_few_authors_stays_inside(demo_path: Path, tmp_path: Path) -> None:
    with Store.open(copied(demo_path, tmp_path)) as store:
        with store.write() as writer:
            writer._cursor.execute(
                "DELETE FROM forum_post WHERE author NOT IN (SELECT DISTINCT author FROM forum_post p JOIN network n "
                "ON n.id = p.network_id WHERE p.kind = 'post' AND n.key = 'psychosocial' ORDER BY author LIMIT 4)"
            )
        assert figures(store, "psychosocial")["forum_posts"].shown
        told = figures(store, "psychosocial", EVALUATOR)
        assert all(not r.shown and r.value is None for r in told.values())


def test_a_name_that_two_people_share_is_nobody(demo_path: Path, tmp_path: Path) -> None:
    with Store.open(copied(demo_path, tmp_path)) as store:
        before = number(figures(store, "psychosocial")["psychosocial-wrote"])
        with store.write() as writer:
            # A second registered person of the psychosocial network takes an author's name.
            writer._cursor.execute(
                "UPDATE person_identifier SET shown = (SELECT author FROM forum_post p JOIN network n ON "
                "n.id = p.network_id WHERE n.key = 'psychosocial' AND p.kind = 'post' AND author IN (SELECT shown FROM "
                "person_identifier) ORDER BY author LIMIT 1) WHERE kind = 'registered_name' AND person_id = (SELECT "
                "max(e.person_id) FROM enrolment e JOIN cohort c ON c.id = e.cohort_id JOIN network n ON "
                "n.id = c.network_id WHERE n.key = 'psychosocial' AND e.role = 'participant')"
            )
        after = figures(store, "psychosocial")
        assert number(after["psychosocial-wrote"]) in (before - 1, before - 2)
        assert "could not be told by name" in after["forum_replies"].sentence


def test_a_later_export_does_not_double_the_posts(demo_path: Path, tmp_path: Path) -> None:
    """The earlier lines again and one new: one more. Two alike in one file are two."""
    text = (DEMO / "forum" / "forum_posts.csv").read_text(encoding="utf-8").rstrip()
    line = "psychosocial,Somebody New,2021-05-03 10:00,A new thread,post,Has anybody tried this?,0"
    with Store.open(copied(demo_path, tmp_path)) as store:
        before = number(figures(store, "psychosocial")["forum_posts"])
        later = tmp_path / "forum_june.csv"
        later.write_text(f"{text}\n{line}\n{line}\n", encoding="utf-8")
        report = import_path(store, later)
        assert report.status == "loaded" and report.balanced
        assert report.rows_loaded == 2 and report.rows_ignored["already there"] == len(text.splitlines()) - 1
        assert number(figures(store, "psychosocial")["forum_posts"]) == before + 2


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"), st.integers(0, 50), st.sampled_from("xy"), st.sampled_from(["post", "reply"])
        ),
        max_size=30,
    )
)
def test_every_post_is_answered_or_not(drawn: list[tuple[str, int, str, str]]) -> None:
    posts = [Post(a, datetime(2020, 1, 1, h % 24, h // 24), t, k) for a, h, t, k in drawn]
    told = replies_of(posts)
    assert len(told.hours) + told.unanswered == sum(p.kind == "post" for p in posts)
    assert all(h >= 0 for h in told.hours)
    # Threads do not meet.
    apart = [replies_of([p for p in posts if p.thread == t]) for t in "xy"]
    assert sorted(told.hours) == sorted(h for one in apart for h in one.hours)
