"""The landing page and the refusal tell nothing; the CSV holds what is shown and runs nowhere; the QR code reads."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import replace
from io import StringIO
from xml.etree import ElementTree

import pytest

from echo_metrics.access import LOCAL_OWNER, view_as
from echo_metrics.answers import Answer, Filters, ask
from echo_metrics.errors import UserError
from echo_metrics.reports.csv_file import COLUMNS, csv_bytes, csv_text
from echo_metrics.reports.landing import PASSCODE, REFUSED, landing, policy, refusal
from echo_metrics.reports.qr import qr_png, qr_svg
from echo_metrics.store import Store
from echo_metrics.terms import Role, Status


@pytest.fixture(scope="module")
def answers(demo_store: Store) -> Mapping[str, Answer]:
    viewer = view_as(LOCAL_OWNER, Role.EVALUATOR)
    return {q: ask(demo_store, q, Filters(), viewer) for q in ("competency", "practice", "attendance", "roi")}


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline="")))


def test_the_landing_page_is_a_button_a_token_and_a_passcode_field_for_everybody() -> None:
    """The same page for every address, so that it tells neither which exist nor which have a passcode."""
    html = landing("/s/open", 'to"ken<')
    assert 'method="post" action="/s/open"' in html
    assert 'name="form" value="to&quot;ken&lt;"' in html
    assert f'type="password" id="{PASSCODE}" name="{PASSCODE}"' in html
    assert "required" not in html.partition("<main")[2]
    assert f'<label for="{PASSCODE}">' in html
    assert "<script" not in html
    assert "noindex" in html
    assert "no-referrer" in html


def test_the_landing_page_posts_to_this_server_only() -> None:
    with pytest.raises(UserError):
        landing("https://evil.example/s", "t")


def test_the_refusal_is_one_page_that_names_nothing() -> None:
    assert refusal() == refusal()
    assert REFUSED in refusal()
    assert not re.search(
        r"\b(R\d+|cohort|network|hub|ECHO)\b", re.sub(r"<style>.*?</style>", "", refusal(), flags=re.S)
    )
    assert "default-src 'none'" in policy()


def test_the_csv_holds_one_row_a_figure_with_the_answers_numbers(answers: Mapping[str, Answer]) -> None:
    assert csv_bytes({"all": answers}).startswith(b"\xef\xbb\xbf")
    rows = _rows(csv_text({"all": answers}))
    results = [(q, r) for q, a in answers.items() for r in a.results]
    assert len(rows) == len(results)
    for row, (question, r) in zip(rows, results, strict=True):
        assert (row["question"], row["measure"], row["status"]) == (question, r.measure, r.status.word)
        if r.shown and r.change:
            assert float(row["change"]) == pytest.approx(r.change.value, rel=1e-9)
            assert row["n"] == str(r.n)
    assert tuple(rows[0]) == COLUMNS


def test_a_hidden_figure_is_a_reason_in_the_csv_even_if_it_still_carried_numbers(answers: Mapping[str, Answer]) -> None:
    practice = answers["practice"]
    hidden = replace(practice.results[0], status=Status.SUPPRESSED, reason="Hidden: fewer than 8 people.")
    (row,) = _rows(csv_text({"all": {"practice": replace(practice, results=(hidden,))}}))
    assert row["reason"] == "Hidden: fewer than 8 people."
    assert row["status"] == "suppressed"
    assert not "".join(row[c] for c in COLUMNS[9:])


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "\ufeff="])
def test_no_cell_of_the_csv_runs_as_a_formula(answers: Mapping[str, Answer], start: str) -> None:
    evil = start + "HYPERLINK(1)"
    practice = answers["practice"]
    r = practice.results[0]
    bad = replace(r, label=evil, method=evil, unit=evil, group=replace(r.group, kind="cohort", label=evil))
    (row,) = _rows(csv_text({"all": {"practice": replace(practice, results=(bad,))}}))
    for column in ("label", "method", "unit", "group"):
        assert row[column].startswith("'"), column
    negative = replace(r, change=replace(r.change, value=-0.5)) if r.change else r
    (row,) = _rows(csv_text({"all": {"practice": replace(practice, results=(negative,))}}))
    assert row["change"] == "-0.5"


def test_the_qr_code_is_a_labelled_square_of_dark_modules_on_white() -> None:
    address = "https://example.org/s/" + "a" * 43
    root = ElementTree.fromstring(qr_svg(address, 'A "label" <x>'))
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'A "label" <x>'
    left, top, wide, high = (int(v) for v in (root.get("viewBox") or "").split())
    assert (left, top) == (0, 0)
    assert wide == high
    assert (wide - 8 - 17) % 4 == 0, "a symbol has 17 and four modules a version, and four light ones around it"
    paths = list(root.iter("{http://www.w3.org/2000/svg}path"))
    assert {p.get("fill") or p.get("stroke") for p in paths} == {"#fff", "#000"}
    assert qr_svg(address) != qr_svg(address + "b")
    assert qr_png(address).startswith(b"\x89PNG\r\n")
