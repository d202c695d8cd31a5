"""What the forum says of the community of practice: who writes, how fast somebody replies, what stays unanswered.

Figures stand for a whole network, or for a cohort: its people, and what was written while it ran. Discipline and period
do not narrow them. Outside the row-level right they are for whole networks only: two cohorts beside their network would
tell of a few people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from echo_metrics.answers.cycles import SERIES, series_result
from echo_metrics.answers.model import Group, Interval, Result
from echo_metrics.answers.scope import Scoped
from echo_metrics.disclosure import Exact, Policy, Standing, Suppressed, gate, plan_breakdown
from echo_metrics.store import Store
from echo_metrics.terms import Status
from echo_metrics.text import fold_name

WHOLE_ONLY = "Hidden: forum figures of a single cohort are for those with the row-level right. Choose all cohorts."
METHOD = (
    "Authors are registered people where the name equals exactly one of theirs; a reply belongs to the newest post "
    "before it in its thread, and answers it if somebody else wrote it. Reading without writing leaves no trace here"
)
PARTS = (("wrote", "Wrote a post or a reply"), ("silent", "Did not write"))
WRITTEN = ("post", "reply")


@dataclass(frozen=True)
class Post:
    """One line of a forum: who (folded name), when, in which thread, and what kind."""

    author: str
    when: datetime | None
    thread: str
    kind: str


@dataclass(frozen=True)
class Replies:
    """How posts were answered: hours to the first reply by somebody else, and posts without any."""

    hours: tuple[float, ...]
    unanswered: int


def community_results(store: Store, scoped: Scoped, policy: Policy) -> list[Result]:
    """Network by network: people by what they did, what was written, replies, and activity over the weeks."""
    rows = store.records("forum_posts", scoped.parameters)
    found: list[Result] = []
    for network in dict.fromkeys(int(r["network_id"]) for r in rows):
        own = [r for r in rows if int(r["network_id"]) == network]
        found += _network(store, scoped, policy, network, own)
    return found


def _network(
    store: Store, scoped: Scoped, policy: Policy, network: int, rows: Sequence[dict[str, Any]]
) -> list[Result]:
    group = Group("forum", rows[0]["network_key"], rows[0]["network"])
    cohorts = scoped.parameters["cohorts"]
    if cohorts is not None and not policy.internal:
        return [
            Result("forum", "Forum", group, Status.SUPPRESSED, WHOLE_ONLY, "count", unit="people", sentence=WHOLE_ONLY)
        ]
    asked = {"network": network, "cohorts": cohorts}
    posts = [Post(fold_name(r["author"] or ""), r["posted_utc"], r["thread"] or "", r["kind"]) for r in rows]
    if cohorts is not None:
        spans = [(r["start_date"], r["end_date"]) for r in store.records("cohort_spans", asked)]
        posts = [p for p in posts if p.when is not None and any(_inside(p.when.date(), s) for s in spans)]
    people = store.records("forum_members", asked)
    named = _by_name(people)
    (series,) = (s for s in SERIES if s.key == "posts")
    return [
        *_members(people, named, posts, group, policy),
        *_written(people, named, posts, group, policy),
        *_answered(posts, group, policy),
        series_result(store, scoped, policy, network, rows[0], series),
    ]


def _inside(day: date, span: tuple[date, date]) -> bool:
    return span[0] <= day < span[1] + timedelta(days=1)


def _members(
    people: Sequence[dict[str, Any]], named: Mapping[str, int], posts: Sequence[Post], group: Group, policy: Policy
) -> list[Result]:
    """Registered participants by whether they wrote; `named` are registered people by folded name."""
    members = {int(r["person_id"]) for r in people if r["participant"]}
    wrote = {named[p.author] for p in posts if p.kind in WRITTEN and p.author in named} & members
    reacted = {named[p.author] for p in posts if p.kind == "reaction" and p.author in named} & members - wrote
    counts = {"wrote": len(wrote), "silent": len(members - wrote)}
    plan = plan_breakdown(counts, policy)
    found = []
    for key, label in PARTS:
        base = Result(
            measure="forum_people", label=label, group=Group("did", f"{group.key}-{key}", label),
            status=Status.RELEASED, kind="count", unit="people", method=METHOD,
        )  # fmt: skip
        outcome = gate(Exact(len(members), None), policy, Standing(plan, key)) if counts[key] else None
        if isinstance(outcome, Suppressed):
            found.append(replace(base, status=outcome.status, reason=outcome.reason, sentence=outcome.reason))
        else:
            words = f"{counts[key]} of {len(members)} registered participants: {label.lower()}."
            if key == "silent" and policy.internal:
                # How many of them reacted is a part of a part: a few people, for those who may see few.
                words += f" {len(reacted)} of them reacted to what others wrote."
            found.append(replace(base, n=len(members), value=Interval(float(counts[key])), sentence=words))
    return found


def _by_name(people: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Registered people by folded name; a name that two of them share means nobody."""
    times: Counter[str] = Counter()
    named: dict[str, int] = {}
    for row in people:
        for name in {fold_name(n) for n in row["names"] or ()}:
            times[name] += 1
            named[name] = int(row["person_id"])
    return {name: person for name, person in named.items() if name and times[name] == 1}


def _written(
    people: Sequence[dict[str, Any]], named: Mapping[str, int], posts: Sequence[Post], group: Group, policy: Policy
) -> list[Result]:
    written = [p for p in posts if p.kind in WRITTEN]
    kinds = Counter(p.kind for p in posts)
    hub = {int(r["person_id"]) for r in people if not r["participant"]}
    by_hub = sum(named.get(p.author) in hub for p in written)
    strangers = {p.author for p in written if p.author not in named}
    known = f"{by_hub} of {len(written)} posts and replies are the hub team's."
    if strangers:
        one = len(strangers) == 1
        known += f" {len(strangers)} author{'' if one else 's'} could not be told by name from the registration list."
    return [
        _count("forum_posts", "Posts", "posts", kinds["post"], posts, group, policy),
        _count("forum_replies", "Replies", "replies", kinds["reply"], posts, group, policy, known),
        _count("forum_reactions", "Reactions", "reactions", kinds["reaction"], posts, group, policy),
    ]


def _answered(posts: Sequence[Post], group: Group, policy: Policy) -> list[Result]:
    told = replies_of(posts)
    asked = len(told.hours) + told.unanswered
    found = [
        _count(
            "forum_unanswered", "Posts that nobody answered", "posts", told.unanswered, posts, group, policy,
            f"{told.unanswered} of {asked} posts have no reply by somebody else.",
        )
    ]  # fmt: skip
    if told.hours:
        hours = median(told.hours)
        words = f"Half of the {len(told.hours)} answered posts had their first reply within {_span(hours)}."
        found.append(
            _count("forum_reply_hours", "Median hours to a first reply", "hours", hours, posts, group, policy, words)
        )
    return found


def replies_of(posts: Sequence[Post]) -> Replies:
    """How the posts of a forum were answered; posts without a time are left out of both counts.

    A reply belongs to the newest post before it in its thread. It answers that post if somebody else wrote it; only the
    first such reply counts.

    >>> day = datetime(2020, 1, 1)
    >>> a, b = Post("ann", day, "t", "post"), Post("bo", day + timedelta(hours=3), "t", "reply")
    >>> replies_of([a, b])
    Replies(hours=(3.0,), unanswered=0)
    >>> replies_of([a, Post("ann", day + timedelta(hours=3), "t", "reply")])
    Replies(hours=(), unanswered=1)
    """
    hours: list[float] = []
    unanswered = 0
    waiting: dict[str, Post] = {}
    timed = [(p.when, p) for p in posts if p.when is not None]
    for when, post in sorted(timed, key=lambda pair: pair[0]):
        open_post = waiting.get(post.thread)
        if post.kind == "post":
            unanswered += open_post is not None
            waiting[post.thread] = post
        elif post.kind == "reply" and open_post is not None and post.author != open_post.author:
            assert open_post.when is not None  # only posts with a time wait
            hours.append((when - open_post.when).total_seconds() / 3600)
            del waiting[post.thread]
    return Replies(tuple(hours), unanswered + len(waiting))


def _count(
    measure: str, label: str, unit: str, value: float, posts: Sequence[Post], group: Group, policy: Policy,
    words: str = "",
) -> Result:  # fmt: skip
    """A count of the forum, behind which stand the distinct people who took part in it."""
    base = Result(
        measure=measure, label=label, group=group, status=Status.RELEASED, kind="count", unit=unit, method=METHOD
    )
    outcome = gate(Exact(len({p.author for p in posts}), None), policy)
    if isinstance(outcome, Suppressed):
        return replace(base, status=outcome.status, reason=outcome.reason, sentence=outcome.reason)
    return replace(base, value=Interval(float(value)), sentence=words or f"{label}: {value:,.0f}.")


def _span(hours: float) -> str:
    if hours < 1:
        return "an hour"
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"
