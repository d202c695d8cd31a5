"""The charts of a return: what they hold is recomputed by hand, and both drawers put the same marks in place."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from echo_metrics.charts import ChartSpec, Kind, Row, Table, build_roi, plotly_draw, plotly_roi, svg_draw
from echo_metrics.charts.svg_draw import svg
from echo_metrics.charts.svg_roi import CURVE_HEIGHT, CURVE_LEFT, CURVE_RIGHT, KEY_HOLDS

NS = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script> & \"'\x00 ]]> and some more words so that the key has to wrap"
UNIT = "CAD (2024 prices)"
STEPS = (("Facilitation", "cost", 30.0), ("Platform", "cost", 10.0), ("Travel", "benefit", 100.0))


def _root(spec: ChartSpec) -> ElementTree.Element:
    return ElementTree.fromstring(svg(spec, "x"))


def _percent(text: str | None) -> float:
    assert text is not None and text.endswith("%")
    return float(text[:-1])


def _marks(root: ElementTree.Element, tag: str, *looks: str) -> list[ElementTree.Element]:
    """Marks of the picture; those of the key stand at plain numbers."""
    found = [e for e in root.iter(f"{NS}{tag}") if set(looks) <= set((e.get("class") or "").split())]
    return [e for e in found if any((e.get(at) or "").endswith("%") for at in ("x", "cx", "x1"))]


def _words(root: ElementTree.Element) -> str:
    return " ".join("".join(e.itertext()) for e in root.iter(f"{NS}text"))


def _near(values: Sequence[float]) -> list[object]:
    return [pytest.approx(v, abs=0.01) for v in values]


def _waterfall() -> ChartSpec:
    return build_roi.waterfall((*STEPS, ("Net benefit", "total", 60.0)), "From costs to net benefit", UNIT, "CAD")


OUTCOMES = (-15.0, -5.0, 0.0, 5.0, 10.0, 12.0, 15.0, 25.0, 35.0)
LOSSES = ((-17.5, 1.0), (-7.5, 1.0), (-2.5, 1.0))
GAINS = ((2.5, 1.0), (7.5, 1.0), (12.5, 1.0), (12.5, 2.0), (22.5, 1.0), (32.5, 1.0))


def _likely() -> ChartSpec:
    return build_roi.likely(OUTCOMES, "How sure", f"net benefit, {UNIT}", "CAD", ((5, -14.0), (50, 10.0), (95, 33.0)))


def _curve() -> ChartSpec:
    corners = ((-50.0, 100.0), (0.0, 80.0), (100.0, 10.0))
    return build_roi.curve(corners, "Chance", "At least", "% return", "% of draws", (0.0, 80.0, "80% break even"))


def _threshold() -> ChartSpec:
    corners = ((0.0, -9000.0), (40.0, 17000.0))
    return build_roi.curve(corners, "Pays back", "By journeys", "journeys", UNIT, (14.0, 100.0, "pays back from 14"))


SPECS = (_waterfall(), _likely(), _curve(), _threshold())
NAMES = ("waterfall", "likely", "curve", "threshold")


def test_a_waterfall_runs_from_zero_to_its_total() -> None:
    spec = _waterfall()
    assert [row.values for row in spec.rows] == [(0.0, -30.0), (-30.0, -40.0), (-40.0, 60.0), (0.0, 60.0)]
    assert [row.text for row in spec.rows] == ["−CAD 30", "−CAD 10", "+CAD 100", "CAD 60"]
    assert [row.strong for row in spec.rows] == [False, False, False, True]
    assert spec.table.headings == ("Step", "Amount", "Running total")
    assert [row[2] for row in spec.table.rows] == ["−CAD 30", "−CAD 40", "CAD 60", "CAD 60"]
    assert spec.alt == (
        f"From costs to net benefit, in {UNIT}, step by step. Facilitation: −CAD 30. Platform: −CAD 10. "
        "Travel: +CAD 100. Net benefit: CAD 60."
    )


def test_a_waterfalls_bars_stand_at_its_running_totals_in_both_drawings() -> None:
    costs, benefits, totals = plotly_draw.draw(_waterfall()).data
    assert (costs.name, list(costs.x)) == ("Costs", [0.0, -30.0, None, -30.0, -40.0, None])
    assert (benefits.name, list(benefits.x)) == ("Benefits", [-40.0, 60.0, None])
    assert (totals.name, list(totals.x)) == ("Total", [0.0, 60.0, None])
    assert [t.line.color for t in (costs, benefits, totals)] == ["#D0692A", "#2F86BF", "#7F8C98"]

    # The axis is −40 to 60 with 4 % of room on either side: −44 to 64.
    root = _root(_waterfall())
    found = []
    for look in ("c-orange", "c-blue", "c-grey"):
        for bar in _marks(root, "rect", look):
            left, wide = _percent(bar.get("x")), _percent(bar.get("width"))
            found.append((look, round(left * 1.08 - 44, 1), round((left + wide) * 1.08 - 44, 1)))
    assert found == [("c-orange", -30, 0), ("c-orange", -40, -30), ("c-blue", -40, 60), ("c-grey", 0, 60)]
    words = _words(root)
    assert all(text in words for text in ("−CAD 30", "+CAD 100", "Net benefit", UNIT))


def test_a_waterfalls_steps_are_joined_where_one_ends_and_the_next_starts() -> None:
    spec = _waterfall()
    joins = [s for s in plotly_draw.draw(spec).layout.shapes if s.line.width == 1.5]
    assert [s.x0 for s in joins] == [s.x1 for s in joins] == [-30.0, -30.0, -40.0, -40.0, 60.0, 60.0]
    found = [_percent(e.get("x1")) * 1.08 - 44 for e in _marks(_root(spec), "line", "c-step")]
    assert found == _near([-30, -30, -40, -40, 60, 60])


def test_a_waterfall_marks_zero_in_every_row() -> None:
    spec = _waterfall()
    assert sum(s.x0 == s.x1 == 0 and s.line.width == 2 for s in plotly_draw.draw(spec).layout.shapes) == 4
    assert [_percent(e.get("x1")) for e in _marks(_root(spec), "line", "c-ref")] == _near([100 * 44 / 108] * 4)


def test_a_waterfall_refuses_what_would_not_add_up() -> None:
    with pytest.raises(ValueError, match=r"'Net' is 61\.00, but the steps before it come to 60\.00"):
        build_roi.waterfall((*STEPS, ("Net", "total", 61.0)), "W", UNIT, "CAD")
    for amount in (-1.0, math.nan):
        with pytest.raises(ValueError, match="is no amount of zero or more"):
            build_roi.waterfall((("A", "cost", amount),), "W", UNIT, "CAD")
    with pytest.raises(ValueError, match="but the steps before it come to"):
        build_roi.waterfall((*STEPS, ("Net", "total", math.nan)), "W", UNIT, "CAD")
    with pytest.raises(ValueError, match="not 'gain'"):
        build_roi.waterfall((("A", "gain", 1.0),), "W", UNIT, "CAD")


@example([("cost", 0.85), ("cost", 0.5)])  # the difference of running totals is a little more than half
@given(st.lists(st.tuples(st.sampled_from(["cost", "benefit"]), st.floats(0, 1e7)), min_size=1, max_size=12))
def test_a_waterfall_adds_up_whatever_its_steps(found: list[tuple[str, float]]) -> None:
    net = sum(v for kind, v in found if kind == "benefit") - sum(v for kind, v in found if kind == "cost")
    steps = [(f"Step {n}", kind, v) for n, (kind, v) in enumerate(found)]
    spec = build_roi.waterfall((*steps, ("Net", "total", net)), "W", UNIT, "CAD")
    *rows, total = spec.rows
    assert rows[0].values[0] == 0
    assert all(a.values[1] == b.values[0] for a, b in pairwise(rows))
    assert total.values[0] == 0
    assert total.values[1] == pytest.approx(rows[-1].values[1], abs=0.01)
    signs = {"cost": "−", "benefit": "+"}
    # An amount that is written as zero bears no sign.
    assert all(row.text.startswith(signs[k]) == (round(v) != 0) for row, (k, v) in zip(rows, found, strict=True))


def test_a_hidden_row_of_a_waterfall_shows_its_reason_and_nothing_else() -> None:
    leaking = Row("Site", (-40.0, 77.7), "+CAD 4,321", 98765, hidden="Hidden: one site.")
    first, second, third, last = _waterfall().rows
    spec = replace(_waterfall(), rows=(first, second, leaking, last))
    without = replace(_waterfall(), rows=(first, second, last))
    assert third.text not in _words(_root(spec))
    assert "Hidden: one site." in _words(_root(spec))
    assert not re.search("77|4,321|98,?765", _words(_root(spec)))
    assert len(_marks(_root(spec), "rect")) == len(_marks(_root(without), "rect")) == 3
    figure = plotly_draw.draw(spec)
    drawn = str((figure.data, figure.layout.annotations, figure.layout.shapes))
    assert not re.search(r"77\.7|4,321|98,?765", drawn)
    assert figure.layout.xaxis.range == plotly_draw.draw(without).layout.xaxis.range, "nor does the axis tell"
    assert [s.x0 for s in figure.layout.shapes if s.line.width == 1.5] == [-30.0, -30.0], "no line to a hidden step"
    assert [round(_percent(e.get("x1")) * 1.08 - 44) for e in _marks(_root(spec), "line", "c-step")] == [-30, -30]


def test_likely_outcomes_stand_in_bins_that_meet_at_zero() -> None:
    # −15 to 35 in at most 14 bins: 2.5 would need 20, so 5. A bin holds its upper end; zero itself is no gain.
    spec = _likely()
    assert spec.points == (LOSSES, GAINS)
    assert spec.axis == (-20.0, 35.0)
    assert spec.series == ("Costs exceed benefits: 3 of 9", "Benefits exceed costs: 6 of 9")
    assert "In 6 of 9 equally likely outcomes benefits exceed costs." in spec.alt
    assert "reach from −CAD 15 to CAD 35" in spec.alt
    assert spec.table.rows == (
        ("6 of 9", "above zero: benefits exceed costs"),
        ("5%", "below −CAD 14"),
        ("50%", "below CAD 10"),
        ("95%", "below CAD 33"),
    )


def test_likely_outcomes_are_drawn_as_they_are_in_both_drawings() -> None:
    spec = _likely()
    figure = plotly_draw.draw(spec)
    assert [tuple(zip(t.x, t.y, strict=True)) for t in figure.data] == [LOSSES, GAINS]
    assert [t.marker.symbol for t in figure.data] == ["circle-open", "circle"]
    assert [(s.x0, s.x1) for s in figure.layout.shapes] == [(0.0, 0.0)]
    assert tuple(figure.layout.xaxis.range) == (-20.0, 35.0)

    root = _root(spec)
    (zero,) = _marks(root, "line", "c-ref")
    # 96 % of the width for 55 units, from 2 % on.
    assert _percent(zero.get("x1")) == pytest.approx(2 + 96 * 20 / 55, abs=0.01)
    bottom = max(float(c.get("cy") or 0) for c in _marks(root, "circle"))
    for looks, dots in ((("c-orange", "c-hollow"), LOSSES), (("c-blue", "c-mark"), GAINS)):
        circles = _marks(root, "circle", *looks)
        assert [_percent(c.get("cx")) for c in circles] == _near([2 + 96 * (x + 20) / 55 for x, _ in dots])
        assert [bottom - float(c.get("cy") or 0) for c in circles] == [20 * (level - 1) for _, level in dots]
    assert "6 of 9" in _words(root)


@given(st.lists(st.floats(-1e8, 1e8).map(lambda v: round(v, 2)), min_size=1, max_size=40))
def test_every_outcome_is_a_dot_near_it_on_its_side_of_zero(outcomes: list[float]) -> None:
    spec = build_roi.likely(outcomes, "How sure", UNIT, "CAD")
    losses, gains = spec.points
    assert (len(losses), len(gains)) == (sum(v <= 0 for v in outcomes), sum(v > 0 for v in outcomes))
    assert all(x < 0 for x, _ in losses)
    assert all(x > 0 for x, _ in gains)
    dots = (*losses, *gains)
    assert len(set(dots)) == len(dots), "no dot stands on another"
    stacks = {x: sorted(level for at, level in dots if at == x) for x, _ in dots}
    assert all(levels == list(range(1, len(levels) + 1)) for levels in stacks.values())
    assert len(stacks) <= 14
    assert spec.axis is not None
    width = 2 * min(abs(x - end) for x, _ in dots for end in spec.axis)
    assert round((spec.axis[1] - spec.axis[0]) / width) <= 14
    assert all(abs(x - v) <= width / 2 * (1 + 1e-6) for (x, _), v in zip(sorted(dots), sorted(outcomes), strict=True))
    height = float(_root(spec).get("height") or 0)
    assert all(0 < float(c.get("cy") or 0) < height for c in _marks(_root(spec), "circle"))


def test_a_gain_too_small_to_see_is_still_a_gain() -> None:
    # A thousandth beside a hundred million: rounding at the bins' edges must not put it on the other side.
    losses, gains = build_roi.likely((-1e8, -0.001, 0.001, 1e8), "How sure", UNIT, "CAD").points
    assert (len(losses), len(gains)) == (2, 2)


def test_the_key_keeps_a_side_without_an_outcome() -> None:
    spec = build_roi.likely((5.0, 9.0), "How sure", UNIT, "CAD")
    assert spec.points[0] == ()
    none, both = plotly_draw.draw(spec).data
    assert (none.name, list(none.x), none.showlegend) == ("Costs exceed benefits: 0 of 2", [None], True)
    assert len(both.x) == 2
    assert "0 of 2" in _words(_root(spec))
    with pytest.raises(ValueError, match="no outcome"):
        build_roi.likely((), "How sure", UNIT, "CAD")


def test_a_curve_stands_at_its_points_in_both_drawings() -> None:
    spec = _curve()
    (line, mark) = plotly_draw.draw(spec).data
    assert (list(line.x), list(line.y)) == ([-50.0, 0.0, 100.0], [100.0, 80.0, 10.0])
    assert (list(mark.x), list(mark.y), mark.name) == ([0.0], [80.0], "80% break even")
    layout = plotly_draw.draw(spec).layout
    assert (tuple(layout.xaxis.range), tuple(layout.yaxis.range)) == ((-50.0, 100.0), (0.0, 100.0))
    assert [(s.x0, s.x1, s.y0, s.y1) for s in layout.shapes] == [(0, 0, 0, 80), (-50, 0, 80, 80)]

    root = _root(spec)
    (drawn,) = root.iter(f"{NS}polyline")
    # A third of the way from −50 to 100; heights are counted from the top.
    assert drawn.get("points") == "0,0 33.333,20 100,90"
    (diamond,) = (e for e in root.iter(f"{NS}svg") if e.find(f"{NS}path") is not None and "%" in (e.get("x") or ""))
    assert _percent(diamond.get("x")) == pytest.approx(CURVE_LEFT + (CURVE_RIGHT - CURVE_LEFT) / 3, abs=0.01)
    down, left = _marks(root, "line", "c-limit")
    assert float(down.get("y2") or 0) - float(down.get("y1") or 0) == pytest.approx(0.8 * CURVE_HEIGHT, abs=0.01)
    assert _percent(left.get("x1")) == CURVE_LEFT
    assert "80% break even" in _words(root)


def test_a_curves_words_say_its_points() -> None:
    spec = _curve()
    assert spec.alt == ("Chance. At least. at −50%, 100%; at 0%, 80%; at 100%, 10%. Marked: 80% break even.")
    assert spec.table.headings == ("% return", "% of draws")
    assert spec.table.rows == (("−50%", "100%"), ("0%", "80%"), ("100%", "10%"))
    money = _threshold()
    assert money.table.rows == (("0", "−9,000"), ("40", "17,000"))
    long = build_roi.curve([(n / 100, n) for n in range(101)], "C", "S", "share", "%")
    assert [row[0] for row in long.table.rows] == [f"{n / 10:.2f}" for n in range(11)]


def test_a_curve_of_money_marks_zero() -> None:
    spec = _threshold()
    # −9,000 to 17,000 with 6 % of room at either end.
    assert spec.axis == (-9000 - 1560, 17000 + 1560)
    (line, *_) = plotly_draw.draw(spec).layout.shapes
    assert (line.y0, line.y1, line.xref) == (0, 0, "paper")
    root = _root(spec)
    (zero,) = _marks(root, "line", "c-ref")
    bottom = float(_marks(root, "line", "c-limit")[0].get("y2") or 0)
    assert bottom - float(zero.get("y1") or 0) == pytest.approx(CURVE_HEIGHT * 10560 / 29120, abs=0.01)
    assert plotly_draw.draw(_curve()).layout.shapes[0].xref != "paper", "a percentage has no zero to mark"


def test_a_second_line_is_dashed_named_and_read_between_its_corners() -> None:
    spec = build_roi.curve(
        ((0, 100), (10, 0)), "C", "S", "x", "%", name="All", second=((0, 50), (20, 0)), second_name="Hub"
    )
    first, second = plotly_draw.draw(spec).data
    assert (first.name, second.name, second.line.dash) == ("All", "Hub", "dash")
    assert len(list(_root(spec).iter(f"{NS}polyline"))) == 2
    assert "c-second" in svg(spec, "x")
    assert spec.table.headings == ("x", "All", "Hub")
    assert spec.table.rows == (("0", "100%", "50%"), ("10", "0%", "25%"))


@pytest.mark.parametrize(
    ("points", "mark", "words"),
    [
        (((0.0, 1.0),), None, "two points"),
        (((1.0, 1.0), (0.0, 1.0)), None, "from left to right"),
        (((1.0, 1.0), (1.0, 2.0)), None, "at one place"),
        (((0.0, 1.0), (1.0, 2.0)), (2.0, 1.0, "m"), "outside its picture"),
        (((0.0, 1.0), (1.0, 2.0)), (0.5, 101.0, "m"), "outside its picture"),
    ],
)
def test_a_curve_refuses_what_it_could_not_draw(
    points: tuple[tuple[float, float], ...], mark: tuple[float, float, str] | None, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        build_roi.curve(points, "C", "S", "x", "%", mark)


@pytest.mark.parametrize("spec", SPECS, ids=NAMES)
def test_each_is_one_image_with_its_text_alternative_and_a_table_that_fits(spec: ChartSpec) -> None:
    root = _root(spec)
    assert (root.get("role"), root.findtext(f"{NS}title"), root.findtext(f"{NS}desc")) == ("img", spec.title, spec.alt)
    assert spec.table.rows
    assert all(len(row) == len(spec.table.headings) and all(row) for row in spec.table.rows)
    assert spec.drawable


@pytest.mark.parametrize("spec", SPECS, ids=NAMES)
def test_hostile_words_stay_words_and_nothing_comes_from_outside(spec: ChartSpec) -> None:
    rows = tuple(replace(row, label=HOSTILE) for row in spec.rows)
    mark = replace(spec.mark, words=HOSTILE) if spec.mark else None
    series = tuple(HOSTILE for _ in spec.series)
    evil = replace(spec, title=HOSTILE, alt=HOSTILE, unit=HOSTILE, upward=HOSTILE, series=series, rows=rows, mark=mark)
    drawn = svg(evil, HOSTILE)
    root = ElementTree.fromstring(drawn)
    assert not list(root.iter(f"{NS}script"))
    drawn = drawn.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"http|url\(|style=|<script", drawn)
    classes = {c for found in re.findall(r'class="([^"]*)"', drawn) for c in found.split()}
    assert classes - {"c"} <= set(re.findall(r"\.(c-[a-z]+)", svg_draw.style()))
    shown = [a.text for a in plotly_draw.draw(evil).layout.annotations]
    shown += [t.name for t in plotly_draw.draw(evil).data if spec.kind is not Kind.WATERFALL]
    assert not [words for words in shown if "<script" in words]


@pytest.mark.parametrize("spec", SPECS[1:], ids=NAMES[1:])
def test_the_key_never_runs_over_the_edge_of_a_phone(spec: ChartSpec) -> None:
    long = "word " * 30
    mark = replace(spec.mark, words=long) if spec.mark else None
    spec = replace(spec, series=tuple(long for _ in spec.series), mark=mark)
    lines = [e for e in _root(spec).iter(f"{NS}text") if e.get("x") == "19"]
    assert len(lines) > 3
    assert max(len(e.text or "") for e in lines) <= KEY_HOLDS
    figure = plotly_draw.draw(spec)
    names = [t.name for t in figure.data if t.showlegend]
    assert max(len(line) for name in names for line in name.split("<br>")) <= plotly_roi.KEY_HOLDS
    # The key stands above the picture: the margin must hold all its lines.
    assert figure.layout.margin.t >= 19 * sum(name.count("<br>") + 1 for name in names)


@pytest.mark.parametrize("kind", [Kind.WATERFALL, Kind.DOTS, Kind.CURVE], ids=str)
def test_a_chart_without_any_figure_is_not_drawn(kind: Kind) -> None:
    rows = (Row("A", (None, None), hidden="Hidden."),) if kind is Kind.WATERFALL else ()
    spec = ChartSpec(kind, "T", "S", UNIT, ("One", "Two"), rows, "alt", Table(("A",), ()), points=((), ()))
    assert not spec.drawable
    for draw in (plotly_draw.draw, lambda s: svg(s, "x")):
        with pytest.raises(ValueError, match="no figure"):
            draw(spec)


def test_the_grid_that_rows_repeat_by_reference_keeps_its_look() -> None:
    # In what <use> repeats, a selector does not see the picture around it: `.c .c-grid` would leave it unseen.
    assert re.search(r"^\.c-grid \{", svg_draw.style(), re.MULTILINE)
