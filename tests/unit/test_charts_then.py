"""The start as rated, the start as remembered and completion on one line: every number is a released one."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from echo_metrics.access import LOCAL_OWNER, view_as
from echo_metrics.answers import Answer, Filters, ask
from echo_metrics.answers.model import Result
from echo_metrics.charts import ChartSpec, plotly_draw
from echo_metrics.charts.build_then import then_test
from echo_metrics.charts.svg_draw import svg
from echo_metrics.definitions import load_definitions
from echo_metrics.reports.sections import outcome
from echo_metrics.store import Store
from echo_metrics.terms import Contrast, Role, Status
from tests import recount
from tests.conftest import DEMO

MEASURES = load_definitions().measures
PAIN = Filters("chronic_pain")
NS = "{http://www.w3.org/2000/svg}"


def _spec(store: Store, measure: str, role: Role = Role.OWNER) -> ChartSpec | None:
    viewer = LOCAL_OWNER if role is Role.OWNER else view_as(LOCAL_OWNER, role)
    return then_test(ask(store, measure, PAIN, viewer), MEASURES[measure])


@pytest.mark.parametrize("measure", ["competency", "connection"])
def test_the_three_moments_are_those_of_the_people_who_answered_all_three(demo_store: Store, measure: str) -> None:
    scores = recount.outcome_scores(DEMO)
    mine = scores[(scores.network == "chronic_pain") & (scores.measure == measure)]
    wide = mine.pivot_table(index="record_id", columns="event", values="score")
    three = wide[["baseline", "then_test", "completion"]].dropna()
    spec = _spec(demo_store, measure)
    assert spec is not None
    (row,) = spec.rows
    assert row.people == len(three)
    assert row.values == pytest.approx(tuple(three.mean()), abs=1e-9)
    assert f"the same {len(three)} people" in spec.note
    # Howard's shift is remembered less rated.
    shift = (three["then_test"] - three["baseline"]).mean()
    assert shift < 0
    assert f"−{abs(shift):.1f} (" in spec.table.rows[0][-1]
    assert f"remembered less rated: −{abs(shift):.1f} (" in spec.alt
    both = wide[["then_test", "completion"]].dropna()
    gain = (both["completion"] - both["then_test"]).mean()
    assert spec.table.rows[0][5].startswith(f"+{gain:.1f} (")
    assert spec.table.rows[0][5].endswith(f"{len(both)} people")
    assert "what people feel they gained" in " ".join(spec.note.split())


def test_both_drawers_draw_three_marks_where_the_values_are(demo_store: Store) -> None:
    spec = _spec(demo_store, "competency")
    assert spec is not None
    figure = plotly_draw.draw(spec)
    assert [t.name for t in figure.data] == list(spec.series)
    assert [t.x[0] for t in figure.data] == list(spec.rows[0].values)
    assert [t.marker.symbol[0] for t in figure.data] == ["square", "diamond", "circle"]
    (line,) = [s for s in figure.layout.shapes if s.line.width == 3]
    assert (line.x0, line.x1) == (min(spec.rows[0].values), max(spec.rows[0].values))
    root = ElementTree.fromstring(svg(spec, "then"))
    low, high = spec.axis or (0, 0)
    room = 0.02 * (high - low)
    at = [100 * (v - low + room) / (high - low + 2 * room) for v in spec.rows[0].values if v is not None]
    nested = [float(e.get("x")[:-1]) for e in root.iter(f"{NS}svg") if (e.get("x") or "").endswith("%")]
    dots = [float(e.get("cx")[:-1]) for e in root.iter(f"{NS}circle") if (e.get("cx") or "").endswith("%")]
    assert nested == pytest.approx(at[:2], abs=0.001)
    assert dots == pytest.approx(at[2:], abs=0.001)
    assert all(name in "".join(root.itertext()) for name in spec.series)


def test_no_then_test_no_chart(demo_store: Store) -> None:
    answer = ask(demo_store, "competency", Filters("psychosocial"), LOCAL_OWNER)
    assert then_test(answer, MEASURES["competency"]) is None
    pain = ask(demo_store, "competency", PAIN, LOCAL_OWNER)
    assert then_test(pain, MEASURES["knowledge"]) is None


def _without(answer: Answer, contrast: Contrast, **more: object) -> Answer:
    def changed(r: Result) -> Result:
        mine = r.measure == "competency" and r.contrast == contrast and r.group.kind == "all"
        return replace(r, **more) if mine else r  # type: ignore[arg-type]

    return replace(answer, results=tuple(changed(r) for r in answer.results))


@pytest.mark.parametrize("contrast", [Contrast.BASELINE_COMPLETION, Contrast.THEN_COMPLETION, Contrast.RESPONSE_SHIFT])
def test_a_hidden_moment_hides_the_line(demo_store: Store, contrast: Contrast) -> None:
    answer = ask(demo_store, "competency", PAIN, LOCAL_OWNER)
    hidden = _without(answer, contrast, status=Status.SUPPRESSED, reason="Hidden: too few.")
    assert then_test(hidden, MEASURES["competency"]) is None


def test_other_people_are_said_to_be_others(demo_store: Store) -> None:
    answer = ask(demo_store, "competency", PAIN, LOCAL_OWNER)
    fewer = _without(answer, Contrast.RESPONSE_SHIFT, n=20)
    spec = then_test(fewer, MEASURES["competency"])
    assert spec is not None
    assert "not quite the same" in spec.note
    assert "the same 22" not in spec.note


def test_an_evaluator_sees_rounded_marks_and_the_page_holds_the_chart(demo_store: Store) -> None:
    exact, told = _spec(demo_store, "competency"), _spec(demo_store, "competency", Role.EVALUATOR)
    assert exact is not None
    assert told is not None
    assert [round(v or 0, 1) for v in exact.rows[0].values] == list(told.rows[0].values)
    assert exact.rows[0].values != told.rows[0].values
    page = outcome(ask(demo_store, "competency", PAIN, view_as(LOCAL_OWNER, Role.EVALUATOR)))
    assert 'id="competency-then-t"' in page
    assert "Start, as remembered" in page
    assert re.search(r"as rated, \+0\.\d as remembered", page)
