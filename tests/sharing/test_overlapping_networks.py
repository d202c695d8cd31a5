""" "All networks" are those of the release that says so: another release may hold more of them, or fewer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from echo_metrics.access import LOCAL_OWNER
from echo_metrics.answers import Filters
from echo_metrics.answers.ask import ask_under
from echo_metrics.disclosure import Preset, release_policy
from echo_metrics.errors import UserError
from echo_metrics.sharing import registry, standing
from echo_metrics.sharing.attack import attack_documents
from echo_metrics.sharing.build import Request
from echo_metrics.sharing.release import Breakdown
from echo_metrics.store import Control, Store
from echo_metrics.terms import Role

SOME = Request(
    "Two of four networks",
    Preset.STANDARD,
    ("psychosocial", "pharmacists"),
    pages=("summary", "competency"),
    breakdowns=(Breakdown.COHORT,),
)


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    with Control.open(tmp_path / "a.control.duckdb") as opened:
        yield opened


def test_the_leaders_release_comes_after_one_of_some_networks(demo_store: Store, control: Control) -> None:
    first = registry.freeze(demo_store, control, LOCAL_OWNER, SOME)
    leaders = registry.read(control, standing.refresh(demo_store, control).number)
    # Nothing was taken over from the narrower one: every total is the gate's own.
    assert not leaders.held
    policy = release_policy(Preset.INTERNAL, Role.FUNDER, coarse=leaders.coarse)
    own = ask_under(policy, demo_store, "summary", Filters(), LOCAL_OWNER)
    told = leaders.root.answers["summary"]
    assert [(r.measure, r.n, r.before, r.after) for r in told.results if r.kind == "change"] == [
        (r.measure, r.n, r.before, r.after) for r in own.results if r.kind == "change"
    ]
    texts = [json.dumps(registry.document_of(control, n)) for n in (first.number, leaders.number)]
    assert not [f for f in attack_documents([json.loads(t) for t in texts]) if f.broken]


def test_with_a_second_approval_nothing_is_replaced_before_it(demo_store: Store, control: Control) -> None:
    first = registry.freeze(demo_store, control, LOCAL_OWNER, SOME)
    owner = replace(LOCAL_OWNER, account="owner-1")
    registry.need_approval(control, owner, True)
    with pytest.raises(UserError, match="withdraw R1"):
        registry.freeze(demo_store, control, owner, SOME, first.number)
    assert registry.is_live(control, first.number)
