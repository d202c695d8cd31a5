"""The shared page prints the release's figures and no other, safely, readably, and with nothing from outside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from echo_metrics.access import LOCAL_OWNER, view_as
from echo_metrics.answers import Answer, Filters, ask
from echo_metrics.answers.ask import QUESTIONS
from echo_metrics.answers.model import Interval
from echo_metrics.charts import method_words, svg_draw
from echo_metrics.charts import wording as w
from echo_metrics.definitions import load_definitions
from echo_metrics.errors import UserError
from echo_metrics.reports import page as pages
from echo_metrics.reports.page import SharedPage, banner, render
from echo_metrics.store import Store
from echo_metrics.terms import Contrast, Role, Status

HOSTILE = "\"'><script>alert(1)</script><img src=https://evil.example/x onerror=alert(2)>&amp;\x00\ud800"
VOID = {"meta", "input", "br", "img", "link", "hr", "line", "rect", "circle", "path", "use"}
LINKS = {"explore": "/shared/explore", "download_csv": "/shared/figures.csv", "leave": "/shared/leave"}


@pytest.fixture(scope="module")
def answers(demo_store: Store) -> Mapping[str, Answer]:
    """What an evaluator may see of the first cohort."""
    viewer = view_as(LOCAL_OWNER, Role.EVALUATOR)
    chosen = Filters(network="psychosocial", cohort="Cohort 1")
    return {q: ask(demo_store, q, chosen, viewer) for q in QUESTIONS if q != "checks"}


@pytest.fixture(scope="module")
def everything(demo_store: Store) -> Mapping[str, Answer]:
    viewer = view_as(LOCAL_OWNER, Role.EVALUATOR)
    return {q: ask(demo_store, q, Filters(), viewer) for q in QUESTIONS if q != "checks"}


def _page(answers: Mapping[str, Answer], **more: Any) -> SharedPage:
    fields = {
        "title": "What the cohort shows", "hub": "A hub", "networks": ("A network",), "release": "R12",
        "made": date(2026, 10, 14), "data_to": date(2026, 9, 30), "until": date(2026, 12, 31), "checksum": "sha256:abc",
        "recipient": "A funder", "purpose": "A report", "synthetic": True, "minimum": 5, **more,
    }  # fmt: skip
    return SharedPage(answers=answers, **fields)


class _Reader(HTMLParser):
    """Reads a page as a strict reader would: every element closed where it was opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[tuple[tuple[str, ...], str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if data.strip() and "style" not in self.open:
            self.words.append((tuple(self.open), data))

    def find(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]

    def text(self, *without: str) -> str:
        return " ".join(data for where, data in self.words if not set(without) & set(where))


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def read(answers: Mapping[str, Answer]) -> _Reader:
    return _read(render(_page(answers)))


def _strings_and_numbers(value: Any) -> Iterator[str | float]:
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, str | int | float):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _strings_and_numbers(inner)
    elif is_dataclass(value):
        for f in fields(value):
            yield from _strings_and_numbers(getattr(value, f.name))
    elif isinstance(value, tuple | list | frozenset | set):
        for inner in value:
            yield from _strings_and_numbers(inner)


NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


def _told(value: Any) -> set[str]:
    """Every way in which the numbers inside `value` may be printed."""
    found: set[str] = set()
    for item in _strings_and_numbers(value):
        if isinstance(item, str):
            found |= set(NUMBER.findall(item))
        else:
            size = abs(float(item))
            found |= {f"{size:,.{d}f}" for d in (0, 1, 2)} | {f"{size:g}", w.compact_money(size).rstrip("km")}
            found |= {str(int(size)), "0.001"}
    return found


def test_every_number_on_the_page_is_in_the_answers(answers: Mapping[str, Answer], read: _Reader) -> None:
    page = _page(answers)
    told = _told({q: a.results for q, a in answers.items()}) | _told([a.trail for a in answers.values()])
    told |= _told(load_definitions()) | _told(banner(page)) | {"14", "2026", "12", "95", "256"}
    told |= {"0.3", "0.8"}  # the example in "How to read this"
    counts = {str(len(a.only("attendance", "session"))) for a in answers.values()}
    lengths = {str(len({r.group for r in answers["roi"].results}))}
    # Ticks of an axis are no figures: they stand small in the picture and are checked with the charts.
    printed = {n for where, data in read.words for n in NUMBER.findall(data) if "svg" not in where or "desc" in where}
    assert printed - told - counts - lengths == set()


def test_every_table_on_the_page_is_a_charts_own(answers: Mapping[str, Answer], read: _Reader) -> None:
    """A changed figure changes the page: nothing is printed from elsewhere."""
    results = answers["competency"].results
    first = results[0]
    assert first.change is not None
    moved = replace(first, before=1.1, after=4.9, change=replace(first.change, value=3.8, low=3.6, high=4.4))
    other = render(_page({"competency": replace(answers["competency"], results=(moved, *results[1:]))}))
    text = _read(other).text()
    assert "+3.8 (3.6 to 4.4)" in text
    assert "95% interval 3.6 to 4.4" in text
    assert "+3.8 (3.6 to 4.4)" not in read.text()


def test_a_hidden_figure_leaves_no_number(answers: Mapping[str, Answer]) -> None:
    """Even a result that was marked as hidden too late, with all its numbers still in it."""
    competency = answers["competency"]
    leaking = []
    for r in competency.results:
        if r.group.kind == "discipline" or r.contrast == Contrast.BASELINE_FOLLOW_UP:
            numbers = {"n": 771, "before": 4.127, "after": 4.773, "improved": 772, "same": 773, "declined": 774}
            reason = "Hidden: fewer than 8 people."
            leaking.append(
                replace(r, status=Status.SUPPRESSED, reason=reason, sentence="7,759 people", method="m 7758", **numbers)
            )
        else:
            leaking.append(r)
    html = render(_page({"competency": replace(competency, results=tuple(leaking))}))
    assert "Hidden: fewer than 8 people." in html
    for number in ("771", "772", "773", "774", "4.127", "4.8 ", "7,759", "7758"):
        assert number not in _read(html).text(), number


def test_hidden_money_leaves_no_number(answers: Mapping[str, Answer]) -> None:
    roi = answers["roi"]
    reason = "Hidden: one or two contributors supply most of it."
    rows = tuple(
        replace(
            r, status=Status.SUPPRESSED, reason=reason, sentence="CAD 7,759", value=Interval(7758.0, 7757.0, 7756.0)
        )
        if r.measure in ("costs", "benefits", "net_benefit", "roi_percent", "bcr", "break_even")
        else r
        for r in roi.results
    )
    text = _read(render(_page({"roi": replace(roi, results=rows)}))).text()
    assert f"Costs: {reason}" in text
    for number in ("7,759", "7,758", "7,757", "7,756"):
        assert number not in text
    gone = tuple(replace(r, status=Status.SUPPRESSED, reason=reason, sentence="CAD 7,759") for r in roi.results)
    text = _read(render(_page({"roi": replace(roi, results=gone)}))).text("footer")
    assert "CAD" not in text
    assert reason in text


def test_a_whole_hidden_measure_says_why_and_nothing_else(answers: Mapping[str, Answer]) -> None:
    connection = answers["connection"]
    hidden = tuple(
        replace(r, status=Status.SUPPRESSED, reason="Hidden: fewer than 13 people.") for r in connection.results
    )
    html = render(_page({"connection": replace(connection, results=hidden)}))
    assert "Connection, from baseline to completion: Hidden: fewer than 13 people." in _read(html).text()
    assert "<svg" not in html


@pytest.mark.parametrize("until", [date(2026, 12, 31), None], ids=["link", "file"])
def test_nothing_runs_and_nothing_comes_from_outside(answers: Mapping[str, Answer], until: date | None) -> None:
    html = render(_page(answers, until=until, links={} if until is None else LINKS, leave_token="token"))
    read = _read(html)
    bare = html.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"https?:|//[a-z]|@import|url\(", bare)
    assert not {"script", "iframe", "object", "embed", "link", "base", "img"} & {tag for tag, _ in read.tags}
    for tag, attrs in read.tags:
        assert not [a for a in attrs if a.startswith("on") or a == "style" or a == "src"], tag
        assert str(attrs.get("href", "#")).startswith(("#", "/shared/")), attrs
    metas = {m.get("name") or m.get("http-equiv"): m.get("content") for m in read.find("meta")}
    assert metas["robots"] == "noindex, nofollow, noarchive"
    assert metas["referrer"] == "no-referrer"
    assert "width=device-width" in str(metas["viewport"])
    assert ("Content-Security-Policy" in metas) == (until is None), "a server sends its own with a link's page"


def test_the_files_policy_allows_its_own_style_and_nothing_else(answers: Mapping[str, Answer]) -> None:
    from base64 import b64encode
    from hashlib import sha256

    html = render(_page({"connection": answers["connection"]}, until=None))
    style = re.search(r"<style>(.*?)</style>", html, re.S)
    assert style is not None
    digest = b64encode(sha256(style[1].encode()).digest()).decode()
    policy = next(m["content"] for m in _read(html).find("meta") if m.get("http-equiv"))
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert f"sha256-{digest}" in pages.policy()
    assert "form-action 'self'" in pages.policy()


def test_hostile_words_stay_words(answers: Mapping[str, Answer]) -> None:
    hostile = {}
    for question, answer in answers.items():
        rows = tuple(
            replace(
                r,
                label=HOSTILE,
                reason=HOSTILE if r.reason else "",
                sentence=HOSTILE + r.sentence,
                method=HOSTILE,
                notes=(HOSTILE,),
                group=r.group
                if r.group.kind == "all"
                else replace(r.group, key=HOSTILE, label=HOSTILE + r.group.label),
            )
            for r in answer.results
        )
        trail = replace(answer.trail, notes=(HOSTILE,))
        hostile[question] = replace(answer, results=rows, trail=trail, data_version=HOSTILE)
    names = ("title", "hub", "release", "recipient", "purpose", "notes", "preset_words", "checksum", "data_version")
    words = dict.fromkeys(names, HOSTILE)
    page = _page(hostile, **words, networks=(HOSTILE, HOSTILE), breakdowns=(HOSTILE,), links=LINKS, leave_token=HOSTILE)
    html = render(page)
    read = _read(html)
    assert not {"script", "img"} & {tag for tag, _ in read.tags}
    assert not [a for _, attrs in read.tags for a in attrs if a.startswith("on")]
    assert "<script" not in html
    assert "\x00" not in html
    html.encode("utf-8")


@pytest.mark.parametrize(
    "address", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "shared", "/a b"]
)
def test_a_link_that_leaves_this_server_is_refused(answers: Mapping[str, Answer], address: str) -> None:
    with pytest.raises(UserError):
        render(_page({"connection": answers["connection"]}, links={"explore": address}))


def test_it_has_landmarks_a_skip_link_and_headings_in_order(read: _Reader) -> None:
    tags = [tag for tag, _ in read.tags]
    assert [tags.count(t) for t in ("header", "main", "footer", "h1")] == [1, 1, 1, 1]
    assert read.find("html")[0]["lang"] == "en"
    assert next(a for a in read.find("a"))["href"] == "#main"
    heads = [data for where, data in read.words if where[-1] in ("h2", "h3")]
    assert all(one != two for one, two in pairwise(heads)), "no heading repeats the one above"
    levels = [int(t[1]) for t in tags if re.fullmatch(r"h[1-6]", t)]
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    ids = [attrs["id"] for _, attrs in read.tags if "id" in attrs]
    assert len(ids) == len(set(ids)), "ids are unique"
    for _, attrs in read.tags:
        for name in ("aria-labelledby", "aria-describedby"):
            assert attrs.get(name) is None or attrs[name] in ids
        if str(attrs.get("href", "")).startswith("#"):
            assert str(attrs["href"])[1:] in ids


@pytest.mark.parametrize("which", ["answers", "everything"])
def test_each_chart_has_a_text_alternative_and_its_table(which: str, request: pytest.FixtureRequest) -> None:
    html = render(_page(request.getfixturevalue(which)))
    figures = re.findall(r"<figure>.*?</figure>", html, re.S)
    assert len(figures) > 20
    for figure in figures:
        assert "<table" in figure
        if "<svg" in figure:
            assert re.search(r'role="img"', figure)
            desc = re.search(r"<desc[^>]*>(.*?)</desc>", figure, re.S)
            assert desc is not None
            assert len(desc[1]) > 40
    ids = re.findall(r'\bid="([^"]*)"', html)
    assert len(ids) == len(set(ids))


def test_it_says_what_it_is_as_of_when_and_until_when(answers: Mapping[str, Answer]) -> None:
    assert banner(_page(answers)) == "Shared view - release R12, data to 30 Sep 2026, expires 31 Dec 2026"
    text = _read(render(_page(answers, notes="A note", preset_words="counts are rounded"))).text()
    for words in (banner(_page(answers)), "A funder", "A report", "A note",
                  "Counts are rounded", "14 Oct 2026", "sha256:abc", "every answer here is made up"):  # fmt: skip
        assert words in text
    file = _page(answers, until=None, synthetic=False)
    assert banner(file) == "Shared view - release R12, data to 30 Sep 2026, a file made on 14 Oct 2026"
    assert "A file does not expire" in _read(render(file)).text()
    assert "made up" not in _read(render(file)).text()


def test_it_says_how_to_read_it_in_the_five_wordings(answers: Mapping[str, Answer], read: _Reader) -> None:
    text = read.text()
    for words in ("Hidden: fewer than 5 people.", "Hidden so another group cannot be worked out.",
                  "Not enough answers to be reliable", "Not asked", method_words.NO_COMPARISON):  # fmt: skip
        assert words in text


def test_only_the_questions_of_the_release_are_there(answers: Mapping[str, Answer]) -> None:
    only = {"connection": answers["connection"]}
    read = _read(render(_page(only)))
    text = read.text()
    assert "Connection" in text
    for other in ("Competency", "Return on investment", "Sessions held", "Attendance and reach", "Knowledge questions"):
        assert other not in text
    assert {str(s.get("id")) for s in read.find("section")} == {"brief", "read", "connection", "measures"}


def test_sections_stand_in_order(read: _Reader) -> None:
    ids = [s.get("id") for s in read.find("section")]
    assert ids == [
        "brief", "read", "competency", "connection", "collaboration", "practice", "supervisor-value", "session-value",
        "attendance", "roi", "measures",
    ]  # fmt: skip


def test_links_and_the_closing_form_stand_only_where_they_were_given(answers: Mapping[str, Answer]) -> None:
    only = {"connection": answers["connection"]}
    read = _read(render(_page(only, links=LINKS, leave_token="one-time")))
    assert {a["href"] for a in read.find("a")} >= {"/shared/explore", "/shared/figures.csv"}
    assert [(f["method"], f["action"]) for f in read.find("form")] == [("post", "/shared/leave")]
    assert [(i["name"], i["value"]) for i in read.find("input")] == [("form", "one-time")]
    bare = _read(render(_page(only)))
    assert bare.find("form") == []
    assert not [a for a in bare.find("a") if not str(a["href"]).startswith("#")]


def test_an_empty_answer_says_why(answers: Mapping[str, Answer]) -> None:
    empty = replace(answers["roi"], results=(), empty_reason="There is no ledger of costs and benefits.")
    assert "There is no ledger of costs and benefits." in _read(render(_page({"roi": empty}))).text()


def test_a_part_without_tallies_or_probabilities_is_drawn(answers: Mapping[str, Answer]) -> None:
    """What a coarse release holds: no counts of who went which way, no exact p, shares with a bound and no count."""
    competency = answers["competency"]
    coarse = []
    for r in competency.results:
        box = r.top_box and replace(r.top_box, count=None, percent=95.0, bound="≥", low=None, high=None)
        part = {"improved": None, "same": None, "declined": None, "p": None, "p_robust": None, "distribution": ()}
        coarse.append(
            replace(r, **part, top_box=box, about=True, coarse=True, p_band="p<0.05", effect=None, effects={})
        )
    text = _read(render(_page({"competency": replace(competency, results=tuple(coarse))}))).text()
    assert "None" not in text
    assert "≥95%" in text
    assert "about" in text
    assert "p<0.05" in text
    assert "rounded further" in text


def test_the_page_carries_the_charts_style_and_its_colours_follow_light_dark_and_paper() -> None:
    style = pages.style()
    assert svg_draw.style() in style
    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style
    assert "</style" not in style
