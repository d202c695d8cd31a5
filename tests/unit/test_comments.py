"""Comments by approval, the pure part: who counts as different people, which cohorts go together, what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echo_metrics.disclosure import Preset, Released, Suppressed, comments, release_policy
from echo_metrics.disclosure.comments import (
    COMMENT_MINIMUM,
    LONGEST,
    Cell,
    Comment,
    Written,
    cells,
    distinct_people,
    gate_comments,
    tidy,
)
from echo_metrics.disclosure.gate import HIDDEN_FOR_OTHERS, HIDDEN_UNKNOWN
from echo_metrics.terms import Status

POLICY = release_policy(Preset.STANDARD)
ONE, TWO, THREE, FAR = ("north", "Cohort 1"), ("north", "Cohort 2"), ("north", "Cohort 3"), ("south", "Cohort 1")
NORTH: Cell = frozenset({ONE, TWO, THREE})
ALL: Cell = NORTH | {FAR}


def wrote(
    place: tuple[str, str], people: int, start: int = 0, code: bool = True, occasion: str = "completion"
) -> list[Written]:
    """So many people with one comment each; keys tell place and number."""
    names = [f"{place[0]}/{place[1]}/{occasion}/{i}" for i in range(start, start + people)]
    return [Written(Comment(n, "changed", f"Words of {n}"), place, occasion, n if code else "") for n in names]


def order(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def shown(
    written: Sequence[Written], part: Cell, approved: frozenset[str] | None = None, together: Sequence[Cell] = ()
) -> set[str] | Suppressed | None:
    """The keys that one part shows of what is approved (everything, if not said)."""
    yes = frozenset(w.comment.key for w in written) if approved is None else approved
    found = cells(written, COMMENT_MINIMUM, together)
    outcome = gate_comments(written, found, part, yes, POLICY, order)
    return {c.key for c in outcome.value} if isinstance(outcome, Released) else outcome


def test_only_approved_comments_are_shown() -> None:
    written = wrote(ONE, 12)
    chosen = frozenset(w.comment.key for w in written[3:5])
    assert shown(written, frozenset({ONE}), chosen) == set(chosen)
    assert shown(written, frozenset({ONE}), frozenset()) is None


@pytest.mark.parametrize("people", [1, 5, 9])
def test_fewer_than_ten_people_are_hidden(people: int) -> None:
    hidden = shown(wrote(ONE, people), frozenset({ONE}))
    assert hidden == Suppressed(Status.SUPPRESSED, "Hidden: fewer than 10 people.")


def test_ten_people_are_enough_however_few_of_theirs_are_approved() -> None:
    written = wrote(ONE, 10)
    assert shown(written, frozenset({ONE}), frozenset({written[7].comment.key})) == {written[7].comment.key}


def test_a_stricter_release_asks_for_its_own_minimum() -> None:
    written = wrote(ONE, 12)
    yes = frozenset(w.comment.key for w in written)
    strict = release_policy(Preset.STRICT)
    found = cells(written, comments.comment_minimum(strict))
    assert gate_comments(written, found, frozenset({ONE}), yes, strict, order) == Suppressed(
        Status.SUPPRESSED, "Hidden: fewer than 13 people."
    )
    # The row-level right is none here either: what a release shows needs ten, whoever makes it.
    assert comments.comment_minimum(replace(POLICY, minimum=1)) == 10


def test_an_unknown_number_of_people_fails_closed() -> None:
    unknown = [replace(w, occasion="", who="") for w in wrote(ONE, 30)]
    assert distinct_people(unknown) is None
    assert shown(unknown, frozenset({ONE})) == Suppressed(Status.SUPPRESSED, HIDDEN_UNKNOWN)
    # One answer that nobody can place is enough to say that the number is not known.
    assert isinstance(shown([*wrote(ONE, 30), unknown[0]], frozenset({ONE})), Suppressed)


def test_people_count_once_and_answers_without_a_code_only_within_one_occasion() -> None:
    assert distinct_people([]) == 0
    assert distinct_people(wrote(ONE, 7)) == 7
    # Four comments of one code, in two cohorts: one person.
    same = [replace(w, who="X") for w in (*wrote(ONE, 2), *wrote(TWO, 2))]
    assert distinct_people(same) == 1
    # Three nameless answers after each of five sessions can be three people.
    nameless = [w for i in range(5) for w in wrote(ONE, 3, code=False, occasion=f"session {i}")]
    assert distinct_people(nameless) == 3
    assert shown([*nameless, *wrote(ONE, 6, occasion="session 1")], frozenset({ONE})) == Suppressed(
        Status.SUPPRESSED, "Hidden: fewer than 10 people."
    )
    # Beside people with codes in the same session, they are others.
    assert distinct_people([*nameless, *wrote(ONE, 6, occasion="session 1")]) == 9
    # Elsewhere they can be the same people.
    assert distinct_people([*nameless, *wrote(ONE, 6, occasion="completion")]) == 6


def test_no_list_less_another_leaves_fewer_than_ten() -> None:
    """Twelve people in one cohort and three in another: the network's list less the cohort's would be the three's."""
    written = [*wrote(ONE, 12), *wrote(TWO, 3)]
    twelve = {w.comment.key for w in written[:12]}
    assert shown(written, frozenset({ONE})) == twelve
    assert shown(written, NORTH) == twelve
    assert shown(written, frozenset({TWO})) == Suppressed(Status.SUPPRESSED, "Hidden: fewer than 10 people.")
    # Seven more in a third cohort: together the two make a group of ten, which only the network shows.
    more = [*written, *wrote(THREE, 7)]
    assert shown(more, NORTH) == {w.comment.key for w in more}
    assert isinstance(shown(more, frozenset({TWO, ONE})), set)
    assert shown(more, frozenset({TWO, ONE})) == twelve
    # What is left of a network may go with what is left of another.
    far = [*written, *wrote(FAR, 8)]
    assert shown(far, NORTH) == twelve
    assert shown(far, ALL) == {w.comment.key for w in far}


def test_cells_that_were_shown_as_one_stay_together() -> None:
    """Nine and three were shown as one list of twelve; told apart now, the old list would give the three away."""
    before = [*wrote(ONE, 9), *wrote(TWO, 3)]
    assert cells(before, 10) == (frozenset({ONE, TWO}),)
    now = [*before, *wrote(ONE, 6, start=9)]
    assert cells(now, 10) == (frozenset({ONE}),)
    assert cells(now, 10, [frozenset({ONE, TWO})]) == (frozenset({ONE, TWO}),)
    assert shown(now, frozenset({ONE}), together=[frozenset({ONE, TWO})]) == Suppressed(
        Status.SUPPRESSED, HIDDEN_FOR_OTHERS
    )


places = st.sampled_from([ONE, TWO, THREE, FAR])
programmes = st.lists(
    st.tuples(places, st.integers(0, 14), st.booleans(), st.sampled_from(["completion", "session 1", "session 2"])),
    max_size=8,
)


def programme(drawn: list[tuple[tuple[str, str], int, bool, str]]) -> list[Written]:
    found: dict[str, Written] = {}
    for place, people, code, occasion in drawn:
        for w in wrote(place, people, code=code, occasion=occasion):
            found[w.comment.key] = w
    return list(found.values())


@given(programmes, st.lists(st.frozensets(places, min_size=1), min_size=2, max_size=5))
def test_whatever_parts_are_compared_each_difference_holds_ten_writers(
    drawn: list[tuple[tuple[str, str], int, bool, str]], parts: list[Cell]
) -> None:
    """Every list is the union of whole cells, cells do not overlap, and each holds ten: so does every difference."""
    written = programme(drawn)
    found = cells(written, COMMENT_MINIMUM)
    assert sum(len(c) for c in found) == len(frozenset[tuple[str, str]]().union(*found))
    for cell in found:
        people = distinct_people(w for w in written if w.place in cell)
        assert people is not None and people >= COMMENT_MINIMUM
    lists = []
    for part in parts:
        outcome = shown(written, part)
        lists.append(outcome if isinstance(outcome, set) else set[str]())
    for a, b in pairwise(lists):
        left = [w for w in written if w.comment.key in a - b]
        people = distinct_people(left)
        assert people is not None and (people == 0 or people >= COMMENT_MINIMUM)


@given(programmes, st.randoms())
def test_the_order_tells_neither_the_store_s_nor_the_calendar_s(
    drawn: list[tuple[tuple[str, str], int, bool, str]], shuffle: object
) -> None:
    written = programme(drawn)
    yes = frozenset(w.comment.key for w in written)
    other = list(written)
    shuffle.shuffle(other)  # type: ignore[attr-defined]

    def told(rows: list[Written]) -> list[str]:
        outcome = gate_comments(rows, cells(rows, 10), ALL, yes, POLICY, order)
        return [c.key for c in outcome.value] if isinstance(outcome, Released) else []

    assert told(written) == told(other) == sorted(told(written), key=order)


def test_words_stay_as_they_are_but_for_white_space_and_length() -> None:
    assert tidy("  The\tcases \r\n\n helped\x00me. ") == "The cases helped me."
    assert tidy("Ça m’a aidé: très <b>fort</b> & 良い") == "Ça m’a aidé: très <b>fort</b> & 良い"
    long = tidy("word " * 900)
    assert len(long) <= LONGEST + 2 and long.endswith("word …")
    assert len(tidy("x" * 5000)) == LONGEST + 2
