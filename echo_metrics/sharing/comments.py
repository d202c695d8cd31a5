"""Comments by approval: who may read and approve them, and which of them the next release shows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from echo_metrics.access import Viewer, audit
from echo_metrics.access.audit import Action
from echo_metrics.answers.ask import data_version
from echo_metrics.answers.comments import QUESTION, Row, by_question, comments_answer, rows
from echo_metrics.answers.model import Answer, Filters, Result
from echo_metrics.disclosure import Policy, policy_for
from echo_metrics.disclosure.comments import Cell, Place, cells, comment_minimum
from echo_metrics.errors import NotAllowed, UserError
from echo_metrics.sharing.people import LENGTH, Atom, People, Print
from echo_metrics.sharing.release import Release
from echo_metrics.store import Control, Store, Writer

FIGURE = "comment|"
"""Begins the name under which the writers behind a question's comments are kept beside a release."""
SHORT = 12
"""Digits of a comment's key that the audit names it by."""
ONLY_ROW_LEVEL = "Comments are read and approved by those with the row-level right only."


Writers = Mapping[Place, Mapping[str, str]]
"""The people who wrote in each place of a cell, each with a fingerprint of what they wrote."""


@dataclass(frozen=True)
class Reading:
    """One comment on the approval screen."""

    key: str
    text: str
    approved: bool


@dataclass(frozen=True)
class Asked:
    """A question with comments, for choosing it: its name, its wording, its networks, and how many are approved."""

    question: str
    wording: str
    networks: tuple[str, ...]
    comments: int
    approved: int


def may_read(viewer: Viewer) -> bool:
    """Whether somebody may read comments before they are approved: a holder of the row-level right."""
    return policy_for(viewer.role, viewer.row_level).internal


def approved(control: Control) -> frozenset[str]:
    """The keys of the comments that are approved now."""
    return frozenset(
        str(key) for key, _, _, withdrawn in control.rows("control_comment_approvals") if withdrawn is None
    )


def questions(store: Store, control: Control, viewer: Viewer, network: str = "") -> list[Asked]:
    """The questions with comments that the viewer may read, of one network by key or of all. Tells no comment."""
    yes = approved(control)
    return [
        Asked(
            question,
            own[0].wording,
            tuple(dict.fromkeys(r.written.place[0] for r in own)),
            len(own),
            sum(r.written.comment.key in yes for r in own),
        )
        for question, own in by_question(_readable(store, control, viewer, network)).items()
    ]


def readings(store: Store, control: Control, viewer: Viewer, question: str, network: str = "") -> list[Reading]:
    """The comments on one question that the viewer may read, in no order that tells anything."""
    yes = approved(control)
    found = [r.written.comment for r in _readable(store, control, viewer, network)]
    order = sorted((c for c in found if c.question == question), key=lambda c: control.hashed("comment-order", c.key))
    return [Reading(c.key, c.text, c.key in yes) for c in order]


def approve(store: Store, control: Control, viewer: Viewer, key: str) -> None:
    """Approve one comment for releases to come. `NotAllowed` without the right, `UserError` if unknown."""
    _set(store, control, viewer, key, True)


def withdraw(store: Store, control: Control, viewer: Viewer, key: str) -> None:
    """Take an approval back: the next release does without the comment. Releases that are frozen keep it."""
    _set(store, control, viewer, key, False)


class Voices:
    """The comments of one release in the making."""

    def __init__(
        self,
        store: Store,
        policy: Policy,
        prints: Print,
        yes: Collection[str],
        earlier: Sequence[tuple[Release, People]],
        parts: Iterable[Cell],
    ) -> None:
        """`yes` are the approved keys, `parts` what the release can be looked at by."""
        self._store, self._policy, self._prints = store, policy, prints
        self._questions = by_question(rows(store, prints))
        self._parts = list(parts)
        minimum = comment_minimum(policy)
        self._cells: dict[str, tuple[Cell, ...]] = {}
        self._notes: dict[str, str] = {}
        self._waiting: dict[tuple[str, Cell], Writers] = {}
        self._approved = set(yes)
        for question, own in self._questions.items():
            before = [(release, shown_cells(people, question)) for release, people in earlier]
            together = [frozenset(cell) for _, known in before for cell in known]
            self._cells[question] = cells([r.written for r in own], minimum, together)
            # The newest first: what it shows was kept back against the older ones already.
            for release, known in sorted(before, key=lambda pair: pair[0].number, reverse=True):
                self._hold(question, release, known, minimum)

    def answer(self, part: Cell, filters: Filters) -> Answer:
        """What the release shows of one part."""
        return comments_answer(
            self._questions,
            self._cells,
            self._notes,
            part,
            self._approved,
            self._policy,
            self._prints,
            filters,
            data_version(self._store),
            bool(self._store.rows("any_synthetic")[0][0]),
        )

    def writers(self) -> dict[Atom, dict[str, str]]:
        """Who wrote the answers of every cell that the release shows something of, as fingerprints.

        Where newer answers wait, it is those who wrote by the release that the cell still stands at.
        """
        found: dict[Atom, dict[str, str]] = {}
        for question, own in self._questions.items():
            for cell in self._cells[question]:
                if self._shows(question, cell):
                    told = self._prints("comment-cell", repr(sorted(cell)))[:LENGTH]
                    known = self._waiting.get((question, cell)) or {p: self._fingerprints(own, p) for p in cell}
                    found |= {Atom(f"{FIGURE}{question}", *p, told): dict(known.get(p, {})) for p in cell}
        return found

    def _shows(self, question: str, cell: Cell) -> bool:
        own = [r.written for r in self._questions[question] if r.written.place in cell]
        return any(cell <= part for part in self._parts) and any(w.comment.key in self._approved for w in own)

    def _fingerprints(self, own: Iterable[Row], place: tuple[str, str]) -> dict[str, str]:
        """Each writer in one place with a fingerprint of all they wrote there; without a code each answer is one."""
        said: dict[str, list[str]] = {}
        for r in own:
            if r.written.place == place:
                said.setdefault(r.written.who or r.written.comment.key, []).append(r.written.comment.key)
        found = {}
        for who, keys in said.items():
            person = self._prints("release-person", f"{place[0]}|{place[1]}|{who}")[:LENGTH]
            found[person] = self._prints("release-answer", f"{person}|{sorted(keys)}")[:LENGTH]
        return found

    def _hold(self, question: str, release: Release, known: Iterable[Writers], minimum: int) -> None:
        """The time rule: where only a few people wrote since an earlier release, only what that one shows is shown.

        Else the comments that came with them would be theirs.
        """
        own = self._questions[question]
        for cell in self._cells[question]:
            before = {p: prints for old in known if old.keys() & cell for p, prints in old.items()}
            if before and 0 < _changed(before, {p: self._fingerprints(own, p) for p in cell}) < minimum:
                shown = _texts(release)
                here = [r.written.comment for r in own if r.written.place in cell]
                self._approved -= {c.key for c in here if c.text not in shown}
                self._waiting.setdefault((question, cell), before)
                note = f"Newer answers are waiting: too few people wrote since {release.name}."
                self._notes.setdefault(question, note)


def shown_cells(people: People, question: str) -> list[Writers]:
    """The cells of a question that an earlier release shows comments of, with their writers' fingerprints by place."""
    found: dict[str, dict[Place, Mapping[str, str]]] = {}
    for atom, prints in people.items():
        if atom.figure == f"{FIGURE}{question}":
            # The slot of the discipline tells which cell: comments are never told by discipline.
            found.setdefault(atom.discipline, {})[atom.network, atom.cohort] = prints
    return list(found.values())


def _changed(before: Writers, now: Writers) -> int:
    """How many people wrote, or wrote something else, in one state and not in the other."""
    gone = [(place, person) for place, prints in before.items() for person in prints]
    come = [(place, person) for place, prints in now.items() for person in prints]
    return sum(before.get(p, {}).get(who) != now.get(p, {}).get(who) for p, who in {*gone, *come})


def _texts(release: Release) -> frozenset[str]:
    """Every comment that a release shows anywhere."""
    return frozenset(r.sentence for s in release.scopes for r in _results(s.answers) if r.shown)


def _results(answers: Mapping[str, Answer]) -> tuple[Result, ...]:
    return answers[QUESTION].results if QUESTION in answers else ()


def _readable(store: Store, control: Control, viewer: Viewer, network: str) -> list[Row]:
    if not may_read(viewer):
        raise NotAllowed(ONLY_ROW_LEVEL)
    return [
        r
        for r in rows(store, control.hashed)
        if (viewer.networks is None or r.network_id in viewer.networks) and network in ("", r.written.place[0])
    ]


def _set(store: Store, control: Control, viewer: Viewer, key: str, yes: bool) -> None:
    if key not in {r.written.comment.key for r in _readable(store, control, viewer, "")}:
        raise UserError("There is no such comment any more. Open the list again.")
    now, who = control.now(), viewer.account or audit.LOCAL
    row = {"key": key, "by": who if yes else None, "at": now if yes else None, "withdrawn": None if yes else now}
    first = {"key": key, "approved_by": who, "approved_at": now, "withdrawn_at": None}
    action = Action.COMMENT_APPROVED if yes else Action.COMMENT_WITHDRAWN

    def work(writer: Writer) -> None:
        known = {str(k): withdrawn is None for k, _, _, withdrawn in writer.rows("control_comment_approvals")}
        if known.get(key, False) is yes:
            return
        if key in known:
            writer.run("control_set_comment_approval", row)
        else:
            writer.insert("comment_approval", [first])
        audit.add(control, writer, who, action, f"comment {key[:SHORT]}")

    control.change(work)
