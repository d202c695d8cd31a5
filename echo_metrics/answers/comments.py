"""Answers in words: read with the keys that approvals go by, and as the answer that a release holds of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from echo_metrics.answers.model import Answer, Filters, Group, Result, Trail
from echo_metrics.disclosure import Policy, Released
from echo_metrics.disclosure.comments import COMMENT_MINIMUM, Cell, Comment, Written, gate_comments, tidy
from echo_metrics.store import Store
from echo_metrics.terms import Status
from echo_metrics.text import fold

QUESTION = "comments"
"""The page of a release that holds comments. It is no question of `ask`: nobody sees comments live but in approval."""
KIND = "comment"
NOTHING = "There is no approved comment to show here."
HOW = (
    "Chosen by hand: each of these was approved by itself, others are not here, and they do not stand for what "
    "everybody thinks. They are shown word for word, in no order, without date or name, and only where at least "
    f"{COMMENT_MINIMUM} people wrote an answer to the question."
)
"""What a reader has to know of comments."""
UNCOUNTED = Trail(None, None, None, None, None)
"""Comments carry no denominators: how many wrote would tell of those who did not."""

Print = Callable[[str, str], str]
"""Turns a kind and a text into a keyed hash."""


@dataclass(frozen=True)
class Row:
    """One comment as the store holds it, for those who may read it. `wording` is what its question says."""

    written: Written
    wording: str
    network_id: int


def rows(store: Store, prints: Print) -> list[Row]:
    """Every comment that counts, of all networks: callers narrow it to what they may see.

    A comment's key covers its file's content, its place there and its words, so it outlives a rebuild of the store.
    """
    found = []
    for r in store.records("comments"):
        text = tidy(str(r["body"]))
        place = "\x1f".join(str(r[name]) for name in ("sha256", "sheet", "row_no", "column_no"))
        key = prints("comment", f"{place}\x1f{text}")
        comment = Comment(key, fold(str(r["question"])), text)
        written = Written(comment, (str(r["network"]), str(r["cohort"])), str(r["occasion"]), str(r["who"]))
        found.append(Row(written, tidy(str(r["wording"])), int(r["network_id"])))
    return found


def by_question(found: Iterable[Row]) -> dict[str, list[Row]]:
    """The comments by question, questions in the order of their wording."""
    groups: dict[str, list[Row]] = {}
    for row in sorted(found, key=lambda r: (r.wording, r.written.comment.question)):
        groups.setdefault(row.written.comment.question, []).append(row)
    return groups


@dataclass(frozen=True)
class Quoted:
    """What a release shows of one question: its comments, or the words for why there are none."""

    wording: str
    comments: tuple[str, ...]
    note: str = ""


def quoted(answer: Answer) -> list[Quoted]:
    """The comments of a part of a release, question by question, in the order to show."""
    groups: dict[str, list[Result]] = {}
    for r in answer.results:
        if r.kind == KIND:
            groups.setdefault(r.group.key.rpartition("-")[0] if r.shown else r.group.key, []).append(r)
    return [
        Quoted(
            own[0].label,
            tuple(r.sentence for r in own if r.shown),
            next((r.reason or " ".join(r.notes) for r in own if r.reason or r.notes), ""),
        )
        for own in groups.values()
    ]


def comments_answer(
    questions: Mapping[str, Sequence[Row]],
    cells: Mapping[str, Sequence[Cell]],
    notes: Mapping[str, str],
    part: Cell,
    approved: Collection[str],
    policy: Policy,
    prints: Print,
    filters: Filters,
    data_version: str,
    synthetic: bool,
) -> Answer:
    """The approved comments of one part of a release, question by question, shuffled by a keyed hash of their keys."""
    results: list[Result] = []
    for number, (question, own) in enumerate(questions.items(), 1):
        outcome = gate_comments(
            [r.written for r in own],
            cells[question],
            part,
            approved,
            policy,
            lambda key: prints("comment-order", key),
        )
        wording = own[0].wording
        if outcome is None:
            continue
        if not isinstance(outcome, Released):
            group = Group("item", f"{QUESTION}-{number}", "Comments")
            results.append(
                Result(KIND, wording, group, outcome.status, outcome.reason, KIND, unit="", sentence=outcome.reason)
            )
            continue
        for place, comment in enumerate(outcome.value, 1):
            results.append(
                Result(
                    measure=KIND,
                    label=wording,
                    group=Group("item", f"{QUESTION}-{number}-{place}", "Comment"),
                    status=Status.RELEASED,
                    kind=KIND,
                    unit="",
                    sentence=comment.text,
                    notes=(notes[question],) if question in notes else (),
                )
            )
    return Answer(
        question=QUESTION,
        filters=filters,
        data_version=data_version,
        audience=policy.audience,
        trail=UNCOUNTED,
        results=tuple(results),
        synthetic=synthetic,
        empty_reason="" if results else NOTHING,
    )
