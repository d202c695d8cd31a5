"""The release as a document: whole in itself, refused when altered, read without a store, narrowed to its part."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from echo_metrics.access import LOCAL_OWNER
from echo_metrics.disclosure import Preset
from echo_metrics.errors import UserError
from echo_metrics.sharing.attack import attack_documents
from echo_metrics.sharing.build import Request, build
from echo_metrics.sharing.release import Breakdown, Release, checksum, release_from
from echo_metrics.store import Store
from echo_metrics.store.database import Database
from tests.conftest import ROOT
from tests.programmes import COHORTS, NAMES, Programme

SEED = 10
"""A programme of three networks, one of them with two cohorts."""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    with Store.open(tmp_path_factory.mktemp("release") / "echo.duckdb") as store:
        programme = Programme(SEED)
        programme.fill(store)
        request = Request("For the funder", Preset.STANDARD, pages=programme.page_names, breakdowns=tuple(Breakdown))
        yield build(store, LOCAL_OWNER, request, [], 1, datetime(2026, 6, 1), store.hashed).release


def _reached(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every single value of a document."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield from _reached(value, (*path, key))
    elif isinstance(document, list):
        for i, value in enumerate(document):
            yield from _reached(value, (*path, i))
    else:
        yield path


def test_a_release_comes_back_from_its_document_as_it_was(release: Release) -> None:
    text = json.dumps(release.document())
    assert release_from(json.loads(text)) == release
    assert json.dumps(release_from(json.loads(text)).document()) == text


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_document_with_any_one_value_altered_is_refused(release: Release, data: st.DataObject) -> None:
    document = json.loads(json.dumps(release.document()))
    *way, last = data.draw(st.sampled_from(sorted(_reached(document), key=str)))
    at = document
    for key in way:
        at = at[key]
    old = at[last]
    at[last] = data.draw(
        st.one_of(st.integers(), st.text(max_size=5), st.none(), st.booleans()).filter(
            lambda new: json.dumps(new) != json.dumps(old)
        )
    )
    with pytest.raises(UserError):
        release_from(document)


@given(st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_document_with_a_value_taken_out_is_refused_even_with_a_fitting_checksum(
    release: Release, data: st.DataObject
) -> None:
    document = json.loads(json.dumps(release.document()))
    key = data.draw(st.sampled_from(sorted(set(document) - {"checksum", "name", "minimum", "base"})))
    del document[key]
    document["checksum"] = checksum(document)
    with pytest.raises(UserError):
        release_from(document)


def test_reading_a_release_touches_no_store(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    document = json.loads(json.dumps(release.document()))

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a release was read from a store")

    for name in ("__init__", "rows", "records", "write"):
        monkeypatch.setattr(Database, name, refuse)
    read = release_from(document)
    network = read.networks[0][0]
    assert read.narrowed(network, "", read.pages) is not None
    assert read.scope() is read.root
    attack_documents([document], brief=True)


def test_a_narrowed_release_names_nothing_outside_its_part(release: Release) -> None:
    told = {
        network: {s.cohort for s in release.scopes if s.network == network} - {""} for network, _ in release.networks
    }
    assert len(told) == 3, "choose another seed"
    for key, name in release.networks:
        narrow = release.narrowed(key, "", release.pages)
        assert narrow is not None
        text = json.dumps(narrow.document())
        assert name in text
        for other_key, other_name in release.networks:
            if other_key != key:
                assert other_key not in text
                assert other_name not in text
        own = told[key]
        for cohort in COHORTS:
            if cohort not in own:
                assert cohort not in text, f"{name} tells of {cohort}"
        # And one cohort of it names no sister.
        for cohort in own:
            alone = release.narrowed(key, cohort, release.pages)
            assert alone is not None
            text = json.dumps(alone.document())
            assert not [c for c in COHORTS if c != cohort and c in text]
            assert not [n for n in NAMES if n != name and n in text]
            assert [s.cohort for s in alone.scopes] == [cohort]
    assert any(told.values()), "choose another seed"


def test_a_link_to_what_is_gone_stops(release: Release) -> None:
    assert release.narrowed("nowhere", "", release.pages) is None
    assert release.narrowed(release.networks[0][0], "No cohort", release.pages) is None
    assert release.narrowed("", "", ("no-page",)) is None


def test_narrowed_documents_are_no_easier_prey(release: Release) -> None:
    whole = json.loads(json.dumps(release.document()))
    assert not [f for f in attack_documents([whole], brief=True) if f.broken]
    for key, _ in release.networks:
        narrow = release.narrowed(key, "", release.pages)
        assert narrow is not None
        document = json.loads(json.dumps(narrow.document()))
        assert not [f for f in attack_documents([document], brief=True) if f.broken]


def test_an_altered_copy_does_not_alter_the_release(release: Release) -> None:
    document = release.document()
    before = copy.deepcopy(document)
    release_from(document)
    assert document == before


MADE_ELSEWHERE = """
from echo_metrics.disclosure import Released, Suppressed, gate, Exact, release_policy, Preset

def draw(figure: Released[str]) -> str:
    return figure.value

outcome = gate(Exact(3, "figure"), release_policy(Preset.STANDARD))
draw(outcome)
draw("figure")
draw(Exact(3, "figure"))
"""


def test_types_tell_a_released_figure_from_every_other(tmp_path: Path) -> None:
    """Only what the gate released may be drawn: not its answer unlooked at, not an exact figure, not a text."""
    snippet = tmp_path / "snippet.py"
    snippet.write_text(MADE_ELSEWHERE, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), "--no-incremental", str(snippet)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    errors = [line for line in done.stdout.splitlines() if "[arg-type]" in line]
    assert [int(line.split(":")[1]) for line in errors] == [8, 9, 10], done.stdout + done.stderr
