"""Self-generated codes: equal ones pair, those one character apart pair when nothing speaks against it."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from echo_metrics.access import LOCAL_OWNER, view_as
from echo_metrics.answers import Filters, ask
from echo_metrics.doctor import examine
from echo_metrics.errors import NotAllowed
from echo_metrics.ingest.load import import_bytes
from echo_metrics.ingest.pairing import SHORTEST, code_forms
from echo_metrics.ingest.undo import undo_import
from echo_metrics.store import Store
from echo_metrics.terms import Role
from tests.store.test_imports import everything

CODES = st.text("AB01", min_size=SHORTEST, max_size=8)


def related(one: str, other: str) -> bool:
    """The relation as the query reads it from the stored forms."""
    kinds = [{(r["kind"], r["form"]) for r in code_forms(lambda k, v: f"{k}|{v}", c, 7, c)} for c in (one, other)]
    pairs = {(a, b) for a, f in kinds[0] for b, g in kinds[1] if f == g}
    return bool(pairs & {("less", "whole"), ("whole", "less"), ("at", "at")})


@given(CODES, CODES)
@example("AABB", "AABB0")
@example("ABAB", "BABA")
@example("AB01", "AB10")
@settings(max_examples=500)
def test_forms_meet_exactly_within_one_edit(one: str, other: str) -> None:
    assert related(one, other) == (Levenshtein.distance(one, other) <= 1)


def test_short_codes_have_no_neighbours() -> None:
    assert code_forms(lambda k, v: v, "x", 1, "AB1") == []


def answers(moment: str, rows: list[tuple[str, str, int]]) -> bytes:
    lines = ["Timestamp,Your code,Discipline,Moment,comp_assess,comp_talk,comp_plan"]
    lines += [f"2026-01-1{i % 9} 10:0{i % 10},{c},{d},{moment},{v},{v},{v}" for i, (c, d, v) in enumerate(rows)]
    return "\n".join(lines).encode()


def bring(store: Store, before: list[tuple[str, str, int]], after: list[tuple[str, str, int]]) -> None:
    for moment, rows in (("baseline", before), ("completion", after)):
        report = import_bytes(store, f"{moment}.csv", answers(moment, rows), "pain", "One")
        assert report.status == "loaded", report.message


def pairs(store: Store) -> dict[str, int]:
    with store.write() as writer:
        found = writer._cursor.execute("SELECT match, count(*) FROM pair GROUP BY match").fetchall()
    return {str(m): int(n) for m, n in found}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (["MA14VIC"], ["ma-14-vic"], {"exact": 1}),  # spelling aside
        (["MA14VIC"], ["MA14VIX"], {"near": 1}),  # another character
        (["MA14VIC"], ["MA14VI"], {"near": 1}),  # one left out
        (["MA14VIC"], ["MA14VICX"], {"near": 1}),  # one too many
        (["MA14VIC"], ["MA14CIV"], {}),  # two places
        (["MA14VIC"], ["AM14VIC"], {}),  # turned round: two edits
        (["MA14VIC", "MA14VIX"], ["MA14VIY"], {}),  # two could be meant
        (["MA14VIY"], ["MA14VIC", "MA14VIX"], {}),
        (["MA14VIC", "MA14VIX"], ["MA14VIC"], {"exact": 1}),  # an equal code is no neighbour's
        (["MA14VIC", "MA14VIX"], ["MA14VIC", "MA14VIZ"], {"exact": 1}),  # a neighbour that is paired counts as one
        (["MA14VIC", "KO22TOR"], ["MA14VIX", "KO22TOR"], {"near": 1, "exact": 1}),
        (["AB1"], ["AB2"], {}),  # too short
        (["MA14VIC", "MA14VIC"], ["MA14VIX"], {}),  # a code on two forms pairs with nothing
    ],
)
def test_codes(before: list[str], after: list[str], expected: dict[str, int], store: Store) -> None:
    bring(store, [(c, "Nurse", 3) for c in before], [(c, "Nurse", 4) for c in after])
    assert pairs(store) == expected
    assert not any(f.rows for f in examine(store))


def test_disciplines_must_not_contradict(store: Store) -> None:
    bring(store, [("MA14VIC", "Nurse", 3), ("KO22TOR", "Nurse", 3)], [("MA14VIX", "Physician", 4), ("KO22TOS", "", 4)])
    assert pairs(store) == {"near": 1}


def test_every_figure_can_be_repeated_on_equal_codes(store: Store) -> None:
    """Recounted in pandas: the averages with and without the pairs of neighbours."""
    same = [(f"CODE{i}{i}X", "Nurse", 1 + i % 4, 1 + (i + 1) % 5) for i in range(12)]
    near = [(f"OTHER{i}{i}", f"OTHER{i}{i}Z", "Nurse", 2, 5) for i in range(5)]
    bring(
        store,
        [(c, d, b) for c, d, b, _ in same] + [(c, d, b) for c, _, d, b, _ in near],
        [(c, d, a) for c, d, _, a in same] + [(c, d, a) for _, c, d, _, a in near],
    )
    frame = pd.DataFrame([(b, a) for _, _, b, a in same] + [(b, a) for _, _, _, b, a in near], columns=["b", "a"])
    exact = frame.iloc[:12]

    def change(filters: Filters) -> tuple[int | None, float]:
        found = ask(store, "competency", filters, LOCAL_OWNER).only("competency", "all")[0]
        assert found.change is not None
        return found.n, found.change.value

    assert change(Filters()) == (17, pytest.approx((frame["a"] - frame["b"]).mean()))
    assert change(Filters(exact_pairs=True)) == (12, pytest.approx((exact["a"] - exact["b"]).mean()))
    assert ask(store, "competency", Filters(), LOCAL_OWNER).trail.matched == 17
    assert ask(store, "competency", Filters(exact_pairs=True), LOCAL_OWNER).trail.matched == 12
    (told,) = [r for r in ask(store, "checks", Filters(), LOCAL_OWNER).results if r.group.key == "exact_pairs"][:1]
    assert "5 of 17 people are paired by codes that differ by one character" in told.sentence
    assert told.value is not None and told.value.value == pytest.approx((exact["a"] - exact["b"]).mean())
    # Beside the usual figures it would tell about five people.
    for role in (Role.EVALUATOR, Role.LEADER):
        with pytest.raises(NotAllowed):
            ask(store, "competency", Filters(exact_pairs=True), view_as(LOCAL_OWNER, role))


def test_taking_a_file_back_takes_its_codes(store: Store) -> None:
    import_bytes(store, "b.csv", answers("baseline", [("MA14VIC", "Nurse", 3)]), "pain", "One")
    before = everything(store)
    import_bytes(store, "c.csv", answers("completion", [("MA14VIX", "Nurse", 4)]), "pain", "One")
    assert pairs(store) == {"near": 1}
    undo_import(store, next(r["id"] for r in store.records("files") if r["name"] == "c.csv"), "x")
    assert everything(store) == before and pairs(store) == {}
    assert len(store.rows("known_codes")) == 1
