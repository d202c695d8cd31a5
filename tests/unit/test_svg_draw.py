"""Inline SVG charts stand where the spec says, hide what was hidden, and are well-formed whatever they hold."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echo_metrics.charts import ChartSpec, Kind, Row, Table, svg_draw
from echo_metrics.charts.svg_draw import svg
from echo_metrics.charts.svg_parts import Scale, round_step, scale_of, ticks

NS = "{http://www.w3.org/2000/svg}"
TABLE = Table(("Group",), ())
HOSTILE = "</text><script>alert(1)</script><svg onload=x> & \"'\x00\x08\ud800 ]]>"


def _spec(kind: Kind, *rows: Row, **more: object) -> ChartSpec:
    fields = {"series": ("Before", "After"), "axis": (1.0, 5.0), "unit": "points (1–5)", **more}
    return ChartSpec(kind=kind, title="T", subtitle="S", rows=rows, alt="What is seen.", table=TABLE, **fields)  # type: ignore[arg-type]


def _drawn(spec: ChartSpec) -> ElementTree.Element:
    return ElementTree.fromstring(svg(spec, "name"))


def _percent(text: str | None) -> float:
    assert text is not None
    assert text.endswith("%")
    return float(text[:-1])


def _marks(root: ElementTree.Element, tag: str, look: str) -> list[ElementTree.Element]:
    return [e for e in root.iter(f"{NS}{tag}") if look in (e.get("class") or "").split()]


def _dots(root: ElementTree.Element) -> list[ElementTree.Element]:
    """The round marks of rows; the legend's stand at a plain number."""
    return [e for e in root.iter(f"{NS}circle") if (e.get("cx") or "").endswith("%")]


def _squares(root: ElementTree.Element) -> list[float]:
    """Places of the nested pictures that hold a square; the legend's stand at a plain number."""
    return [_percent(e.get("x")) for e in root.iter(f"{NS}svg") if (e.get("x") or "").endswith("%")]


def _words(root: ElementTree.Element) -> str:
    return " ".join("".join(e.itertext()) for e in root.iter(f"{NS}text"))


def _places(scale: Scale, values: list[float]) -> list[float]:
    return [pytest.approx(100 * (v - scale.low) / (scale.high - scale.low), abs=0.001) for v in values]


def test_a_dumbbell_stands_at_before_and_after() -> None:
    spec = _spec(Kind.DUMBBELL, Row("Everyone", (3.2, 3.7), "+0.5"), Row("Nurses", (2.5, 4.0), "+1.5"))
    root, scale = _drawn(spec), scale_of(spec)
    assert (scale.low, scale.high) == (0.92, 5.08)
    assert [_percent(c.get("cx")) for c in _dots(root)] == _places(scale, [3.7, 4.0])
    assert _squares(root) == _places(scale, [3.2, 2.5])
    joins = _marks(root, "line", "c-join")
    assert [_percent(j.get("x1")) for j in joins] == _places(scale, [3.2, 2.5])
    assert [_percent(j.get("x2")) for j in joins] == _places(scale, [3.7, 4.0])


def test_an_interval_reaches_from_low_to_high_and_the_reference_crosses_each_row() -> None:
    rows = (Row("A", (0.5,), "+0.5", low=0.3, high=0.8), Row("B", (-0.2,), "-0.2", low=-0.9, high=0.5))
    spec = _spec(Kind.INTERVAL, *rows, series=("Change",), axis=None, reference=0.0, reference_label="no change")
    root, scale = _drawn(spec), scale_of(spec)
    flat = [e for e in _marks(root, "line", "c-line") if e.get("y1") == e.get("y2")]
    assert [_percent(e.get("x1")) for e in flat] == _places(scale, [0.3, -0.9])
    assert [_percent(e.get("x2")) for e in flat] == _places(scale, [0.8, 0.5])
    assert [_percent(c.get("cx")) for c in _dots(root)] == _places(scale, [0.5, -0.2])
    references = [e for e in _marks(root, "line", "c-ref") if (e.get("x1") or "").endswith("%")]
    assert [_percent(e.get("x1")) for e in references] == _places(scale, [0.0, 0.0])
    assert "no change" in _words(root)


def test_a_stack_of_shares_fills_the_width_in_proportion() -> None:
    spec = _spec(
        Kind.STACK, Row("A", (14.0, 3.0, 2.0), "x"), series=("Up", "Same", "Down"), axis=(0.0, 100.0), unit="%"
    )
    bars = [e for e in _drawn(spec).iter(f"{NS}rect") if (e.get("width") or "").endswith("%")]
    assert [_percent(b.get("width")) for b in bars] == [pytest.approx(100 * v / 19, abs=0.001) for v in (14, 3, 2)]
    assert [_percent(b.get("x")) for b in bars] == [pytest.approx(100 * v / 19, abs=0.001) for v in (0, 14, 17)]


def test_a_stack_of_counts_keeps_the_counts_and_draws_no_empty_part() -> None:
    spec = _spec(Kind.STACK, Row("A", (20.0, 5.0), "x"), Row("B", (10.0, 0.0), "y"), axis=None, unit="people")
    scale = scale_of(spec)
    bars = [e for e in _drawn(spec).iter(f"{NS}rect") if (e.get("width") or "").endswith("%")]
    assert scale.low == 0
    assert [_percent(b.get("width")) for b in bars] == _places(scale, [20, 5, 10])


def test_bars_start_at_zero_on_either_side() -> None:
    spec = _spec(
        Kind.BARS, Row("A", (40.0,), "40", low=30, high=70), Row("B", (-10.0,), "-10"), series=("x",), axis=None
    )
    root, scale = _drawn(spec), scale_of(spec)
    bars = [e for e in root.iter(f"{NS}rect") if (e.get("width") or "").endswith("%")]
    zero = scale.at(0)
    assert _percent(bars[0].get("x")) == pytest.approx(zero, abs=0.001)
    assert _percent(bars[1].get("x")) + _percent(bars[1].get("width")) == pytest.approx(zero, abs=0.002)
    bar, whisker = bars[0], next(e for e in _marks(root, "line", "c-line") if e.get("y1") == e.get("y2"))
    assert float(whisker.get("y1") or 0) > float(bar.get("y") or 0) + float(bar.get("height") or 0)


def test_a_tornado_stands_on_both_sides_of_its_base() -> None:
    spec = _spec(Kind.TORNADO, Row("A", (-5.0, 25.0), "x"), axis=None, reference=10.0, reference_label="base 10")
    scale = scale_of(spec)
    low, high = (e for e in _drawn(spec).iter(f"{NS}rect") if (e.get("width") or "").endswith("%"))
    assert _percent(low.get("x")) == pytest.approx(scale.at(-5), abs=0.001)
    assert _percent(high.get("x")) == pytest.approx(scale.at(10), abs=0.001)
    assert _percent(high.get("width")) == pytest.approx(scale.at(25) - scale.at(10), abs=0.001)


def test_a_run_chart_stands_at_its_values_against_median_and_limits() -> None:
    rows = tuple(
        Row(f"{n}.", (v,), f"{v}", low=20, high=95, strong=v == 100) for n, v in enumerate((100.0, 50.0, 75.0))
    )
    spec = _spec(Kind.RUN, *rows, series=("Share",), axis=None, unit="%", reference=75.0, reference_label="median 75%")
    root = _drawn(spec)
    dots = _dots(root)
    assert len(dots) == 2, "what stands out is a diamond"
    assert len(_marks(root, "path", "c-orange")) == 1
    y50, y75 = (float(d.get("cy") or 0) for d in dots)
    assert y75 - y50 == pytest.approx(-25 * svg_draw.RUN_HEIGHT / 106, abs=0.01)
    median = _marks(root, "line", "c-dash")
    assert [float(m.get("y1") or 0) for m in median] == [pytest.approx(y75, abs=0.002)]
    assert len(_marks(root, "line", "c-limit")) == 2
    assert len(_marks(root, "line", "c-run")) == 2
    assert "median 75%" in _words(root)


KINDS = {
    Kind.DUMBBELL: (3.0, 4.0),
    Kind.INTERVAL: (3.0,),
    Kind.STACK: (3.0, 4.0),
    Kind.BARS: (3.0,),
    Kind.TORNADO: (3.0, 4.0),
    Kind.RUN: (3.0,),
}


def _of(kind: Kind, *more: Row, label: str = "A") -> ChartSpec:
    values = KINDS[kind]
    return _spec(kind, Row(label, values, "text"), *more, series=("One", "Two")[: len(values)], axis=(1.0, 5.0))


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_it_is_one_image_with_a_title_and_the_specs_own_text_alternative(kind: Kind) -> None:
    spec = _of(kind)
    root = ElementTree.fromstring(svg(spec, "Competency / by discipline"))
    assert root.get("role") == "img"
    title, desc = root.find(f"{NS}title"), root.find(f"{NS}desc")
    assert title is not None and desc is not None
    assert (title.text, desc.text) == (spec.title, spec.alt)
    assert root.get("aria-labelledby") == title.get("id") == "competency-by-discipline-t"
    assert root.get("aria-describedby") == desc.get("id")


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_hidden_row_shows_its_reason_and_no_mark_even_if_it_still_carried_numbers(kind: Kind) -> None:
    without = _drawn(_of(kind))
    leaking = Row("Chaplains", tuple(4.321 for _ in KINDS[kind]), "4.3 (9.1)", 777, 2.1, 4.9, hidden="Hidden: few.")
    root = _drawn(_of(kind, leaking))
    words = _words(root)
    # A run chart names its points in the table only.
    assert ("Chaplains" in words) == (kind is not Kind.RUN)
    assert ("Hidden: few." in words) == (kind is not Kind.RUN)
    assert "4.3" not in words
    assert "777" not in words
    for tag in ("circle", "rect", "line"):
        assert len(list(root.iter(f"{NS}{tag}"))) == len(list(without.iter(f"{NS}{tag}"))), f"a {tag} was drawn for it"
    assert len(_squares(root)) == len(_squares(without))


@pytest.mark.parametrize("kind", [k for k in KINDS if k is not Kind.RUN], ids=str)
def test_few_people_are_hollow_and_others_are_filled(kind: Kind) -> None:
    spec = _of(kind)
    few = replace(spec, rows=(replace(spec.rows[0], hollow=True),))
    assert svg(spec, "x").count("c-hollow") == 0
    assert svg(few, "x").count("c-hollow") == len(KINDS[kind]), "every mark of the row"


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_hostile_words_stay_words(kind: Kind) -> None:
    spec = replace(
        _of(kind, label=HOSTILE), title=HOSTILE, alt=HOSTILE, unit=HOSTILE, series=(HOSTILE,) * len(KINDS[kind])
    )
    spec = replace(spec, rows=(*spec.rows, Row(HOSTILE, spec.rows[0].values, HOSTILE)), reference=3.0)
    spec = replace(spec, reference_label=HOSTILE)
    drawn = svg(spec, HOSTILE)
    root = ElementTree.fromstring(drawn)
    assert not list(root.iter(f"{NS}script"))
    assert "<script" not in drawn
    assert not [a for e in root.iter() for a in e.attrib if a.startswith("on")]
    assert re.fullmatch(r"[a-z0-9-]+-t", root.get("aria-labelledby") or "")


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_nothing_comes_from_outside_and_no_style_stands_in_an_element(kind: Kind) -> None:
    drawn = svg(_of(kind, Row("B", KINDS[kind], "b")), "x").replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "http" not in drawn
    assert "url(" not in drawn
    assert "style=" not in drawn, "a content security policy with hashes refuses it"
    assert set(re.findall(r'href="([^"]*)"', drawn)) <= {"#x-g"}
    classes = {c for found in re.findall(r'class="([^"]*)"', drawn) for c in found.split()}
    assert classes - {"c"} <= set(re.findall(r"\.(c-[a-z]+)", svg_draw.style()))


def test_a_spec_of_reasons_only_is_not_drawn() -> None:
    spec = _spec(Kind.INTERVAL, Row("A", (None,), hidden="Hidden."), series=("x",))
    with pytest.raises(ValueError, match="no figure"):
        svg(spec, "x")


NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Z")), max_size=90)


@given(
    st.lists(st.tuples(NAMES, st.floats(1, 5), st.floats(1, 5), NAMES, st.booleans()), min_size=1, max_size=8),
    st.sampled_from([k for k in KINDS if k is not Kind.RUN]),
)
def test_rows_never_stand_in_each_other_and_marks_never_leave_the_picture(
    found: list[tuple[str, float, float, str, bool]], kind: Kind
) -> None:
    rows = [Row("first", KINDS[kind], "text")]
    for label, one, two, words, hidden in found:
        values = (one, two)[: len(KINDS[kind])]
        rows.append(Row(label, values, "" if hidden else words, hidden=words or "Hidden." if hidden else ""))
    axis = (1.0, 5.0) if kind in (Kind.DUMBBELL, Kind.INTERVAL) else None
    root = _drawn(replace(_of(kind), rows=tuple(rows), axis=axis))
    height = float(root.get("height") or 0)
    for e in root.iter():
        for name in ("x", "x1", "x2", "cx"):
            if (e.get(name) or "").endswith("%"):
                assert -0.001 <= _percent(e.get(name)) <= 100.001
        for name in ("y1", "y2", "cy"):
            # The legend's marks are drawn around their own origin.
            if e.get(name) and (e.get("x1") or e.get("cx") or "").endswith("%"):
                assert 0 <= float(e.get(name) or 0) <= height
    lines: dict[tuple[str | None, str], list[float]] = {}
    for e in root.iter(f"{NS}text"):
        if "c-soft" not in (e.get("class") or "") and (e.get("x") or "").endswith("%"):
            lines.setdefault((e.get("x"), e.get("text-anchor") or ""), []).append(float(e.get("y") or 0))
    for places in lines.values():
        assert all(later - earlier >= 17 for earlier, later in pairwise(places))


@given(st.floats(-1e4, 1e4), st.floats(0.5, 1e7))
def test_ticks_are_few_round_and_inside(low: float, width: float) -> None:
    spec = _spec(Kind.BARS, Row("A", (1.0,), "1"), series=("x",), axis=None)
    scale = Scale(low, low + width)
    found = ticks(spec, scale)
    assert 1 <= len(found) <= 7
    step = round_step(width / 5)
    for value, words in found:
        assert low - 1e-6 * width <= value <= low + width * (1 + 1e-6)
        assert abs(value / step - round(value / step)) < 1e-6
        assert words
