"""Chart specs say what the results say, hide what the gate hid, and are drawn as they are."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError, replace
from itertools import pairwise

import pytest

from echo_metrics.answers.model import Answer, Filters, Group, Interval, Result, Share, Trail
from echo_metrics.charts import ChartSpec, Kind, Row, build, build_reach, build_roi, plotly_draw, plotly_parts
from echo_metrics.charts import wording as w
from echo_metrics.definitions import load_definitions
from echo_metrics.terms import Contrast, Role, Status

SENTENCE = (
    "Competency, from baseline to completion: 19 of 26 people answered both times. On a 1-5 scale the average went "
    "from 3.2 to 3.7, a rise of 0.5 points (95% CI 0.3 to 0.8). 14 people went up, 3 stayed, 2 went down. The average "
    "rose; whether by as much as 0.5 points, the worthwhile change, is uncertain. A change this size is unlikely to be "
    "chance alone (p<0.001); without a comparison group we cannot say what caused it."
)


def _change(name: str, n: int, before: float, after: float, low: float | None, high: float | None) -> Result:
    few = low is None
    return Result(
        measure="competency",
        label="Competency",
        group=Group() if name == "Everyone" else Group("discipline", name.lower(), name),
        status=Status.UNRELIABLE if few else Status.RELEASED,
        reason="Fewer than 10 people: no interval and no test." if few else "",
        contrast=Contrast.BASELINE_COMPLETION,
        n=n,
        before=before,
        after=after,
        change=Interval(after - before, low, high),
        improved=n - 5,
        same=3,
        declined=2,
        top_box=Share(7, n, 100 * 7 / n, 20.0, 60.0, "4 or more, a 1-5 scale"),
        value=Interval(after, low, high),
        sentence=SENTENCE,
    )


def _hidden(name: str, status: Status = Status.SUPPRESSED, reason: str = "Hidden: fewer than five people.") -> Result:
    return Result(
        "competency",
        "Competency",
        Group("discipline", name.lower(), name),
        status,
        reason,
        contrast=Contrast.BASELINE_COMPLETION,
        sentence=reason,
    )


EVERYONE = _change("Everyone", 19, 3.19736842, 3.72894737, 0.2915, 0.7717)
FEW = _change("Counsellors", 7, 3.16666, 3.41111, None, None)
HIDDEN = _hidden("Chaplains")
RESULTS = (EVERYONE, FEW, HIDDEN)
BUILDERS = (build.before_after, build.change_sizes, build.moved, build.levels, build.agreement)


def _specs() -> list[ChartSpec]:
    return [make(RESULTS, "Competency by discipline") for make in BUILDERS]


def test_before_after_holds_the_results_own_numbers() -> None:
    spec = build.before_after(RESULTS, "Competency", strong_first=True)
    assert [row.values for row in spec.rows[:2]] == [(EVERYONE.before, EVERYONE.after), (FEW.before, FEW.after)]
    assert [row.people for row in spec.rows] == [19, 7, None]
    assert spec.axis == (1.0, 5.0)
    assert spec.series == ("Baseline", "Completion")
    assert spec.rows[0].text == "+0.5 (0.3 to 0.8)"
    assert spec.table.rows[0] == ("Everyone", "19", "3.2", "3.7", "+0.5 (0.3 to 0.8)")
    assert [row.strong for row in spec.rows] == [True, False, False]


def test_change_sizes_hold_the_interval_and_stand_against_no_change() -> None:
    spec = build.change_sizes(RESULTS, "Change")
    assert EVERYONE.change is not None
    assert (spec.rows[0].values, spec.rows[0].low, spec.rows[0].high) == ((EVERYONE.change.value,), 0.2915, 0.7717)
    assert (spec.rows[1].low, spec.rows[1].high) == (None, None)
    assert spec.reference == 0
    assert spec.table.rows[1][-1] == "too few people"


def test_moved_adds_up_to_the_people() -> None:
    spec = build.moved((EVERYONE,), "Moved")
    assert spec.rows[0].values == (14.0, 3.0, 2.0)
    assert sum(v for v in spec.rows[0].values if v is not None) == EVERYONE.n


@pytest.mark.parametrize("spec", _specs(), ids=[b.__name__ for b in BUILDERS])
def test_a_hidden_result_leaves_no_number_anywhere(spec: ChartSpec) -> None:
    row = spec.rows[2]
    assert all(v is None for v in row.values)
    assert (row.low, row.high, row.people, row.text) == (None, None, None, "")
    assert row.hidden == HIDDEN.reason
    cells = spec.table.rows[2]
    assert not any(re.search(r"\d", cell) for cell in cells)
    assert all(cell.strip() for cell in cells), "a hidden figure is a word, never a blank"
    said = spec.alt[spec.alt.index("Chaplains") :]
    assert said == f"Chaplains: {HIDDEN.reason}"


def test_a_hidden_result_that_still_carried_numbers_would_not_be_drawn() -> None:
    leaking = replace(EVERYONE, status=Status.SUPPRESSED, reason="Hidden: fewer than five people.")
    for make in BUILDERS:
        spec = make((leaking,), "Leak")
        assert not spec.drawable
        assert not re.search(r"\d", spec.alt.replace("95%", "").replace("1–5", "").replace("4 or more", ""))
        with pytest.raises(ValueError, match="no figure"):
            plotly_draw.draw(spec)


@pytest.mark.parametrize("spec", _specs(), ids=[b.__name__ for b in BUILDERS])
def test_the_text_alternative_names_the_people_and_the_table_fits(spec: ChartSpec) -> None:
    assert "n = 19" in spec.alt
    assert "n = 7" in spec.alt
    assert all(len(row) == len(spec.table.headings) for row in spec.table.rows)
    assert len(spec.table.rows) == len(spec.rows) == 3


def test_few_people_are_hollow_and_said_so() -> None:
    spec = build.before_after(RESULTS, "Competency")
    assert [row.hollow for row in spec.rows] == [False, True, False]
    assert "few people" in spec.note
    internal = replace(FEW, n=3, reason="Internal: fewer than 5 people. Others see this figure as hidden.")
    spec = build.before_after((EVERYONE, internal), "Competency")
    assert spec.rows[1].label == "Counsellors (internal)"
    assert "Internal" in spec.note


def test_not_asked_is_worded_and_not_called_hidden() -> None:
    spec = build.before_after((EVERYONE, _hidden("Nurses", Status.NOT_ASKED, "No answers to compare here.")), "C")
    assert spec.table.rows[1] == ("Nurses", "No answers to compare here.", "–", "–", "–")


def test_specs_are_frozen_and_building_changes_no_result() -> None:
    before = repr(RESULTS)
    spec = build.headlines(RESULTS, "Outcomes")
    with pytest.raises(FrozenInstanceError):
        spec.title = "other"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        spec.rows[0].label = "other"  # type: ignore[misc]
    assert repr(RESULTS) == before


def test_headlines_say_where_a_row_has_other_moments() -> None:
    later = replace(EVERYONE, measure="practice", label="Practice", contrast=Contrast.BASELINE_FOLLOW_UP)
    spec = build.headlines((EVERYONE, later), "Outcomes")
    assert [row.label for row in spec.rows] == ["Competency", "Practice (from baseline to follow-up)"]
    assert spec.series == ("Before", "After")


@pytest.mark.parametrize("make", BUILDERS, ids=[b.__name__ for b in BUILDERS])
def test_the_drawing_holds_the_specs_values(make: object) -> None:
    spec = make(RESULTS, "Competency by discipline")  # type: ignore[operator]
    figure = plotly_draw.draw(spec)
    shown = [row for row in spec.rows if not row.hidden]
    for place, name in enumerate(spec.series):
        (trace,) = [t for t in figure.data if t.name == name]
        assert list(trace.x) == [row.values[place] for row in shown]
    words = " ".join(a.text for a in figure.layout.annotations)
    assert HIDDEN.reason in words
    assert figure.layout.xaxis.title.text == spec.unit


def test_the_drawing_wraps_long_labels_and_escapes_them() -> None:
    long = replace(
        FEW, group=Group("item", "x", "I can hold the <b>difficult</b> conversations that this work asks of me")
    )
    figure = plotly_draw.draw(build.before_after((long,), "Items"))
    label = figure.layout.annotations[0].text
    lines = [line.replace("&lt;", "<").replace("&gt;", ">") for line in label.split("<br>")]
    assert len(lines) > 1
    assert max(len(line) for line in lines) <= plotly_draw.MOST
    assert "&lt;b&gt;difficult" in label


def test_intervals_are_drawn_from_low_to_high() -> None:
    figure = plotly_draw.draw(build.change_sizes(RESULTS, "Change"))
    (whiskers,) = [t for t in figure.data if t.name == plotly_parts.RANGE]
    assert EVERYONE.change is not None
    # One group bears an interval; the small one and the hidden one have none.
    assert list(whiskers.x) == [EVERYONE.change.low, EVERYONE.change.high, None]


def test_rows_never_overlap() -> None:
    places, total = plotly_draw._places(build.before_after(RESULTS, "Competency"))
    assert all(a.middle < b.top for a, b in pairwise(places))
    assert places[-1].top < total


def test_attendance_shows_participants_of_registered_and_guests() -> None:
    sessions = [
        Result(
            "attendance",
            "Participants attending",
            Group("session", str(i), f"{i}. Topic"),
            Status.RELEASED,
            kind="count",
            unit="people",
            n=came,
            value=Interval(float(came)),
            sentence=f"{came} of 26 registered participants and 3 guests came.",
            extra={"guests": 3, "hub_team": 2, "registered": 26, "start": "2020-03-05T18:00:00"},
        )
        for i, came in ((1, 26), (2, 22))
    ]
    spec = build_reach.attendance_by_session(sessions, "People at each session")
    assert [row.values for row in spec.rows] == [(26.0, 3.0), (22.0, 3.0)]
    assert spec.rows[1].text == "22 of 26, 3 guests"
    assert spec.table.rows[1] == ("2. Topic", "2020-03-05", "22", "26", "3", "2")
    figure = plotly_draw.draw(spec)
    assert [list(t.x) for t in figure.data] == [[26.0, 22.0], [3.0, 3.0]]


LEDGER = Result(
    "ledger",
    "Cohort 1",
    Group(),
    Status.RELEASED,
    kind="roi",
    unit="CAD (2020 prices)",
    value=Interval(100.0, -50.0, 300.0),
    extra={
        "currency": "CAD",
        "tornado": [
            {"key": f"l{i}", "label": f"Line {i}", "kind": "cost", "at_low": 100.0 + i, "at_high": 100.0 - i}
            for i in range(10, 0, -1)
        ],
        "budgets": [{"budget": "Hub", "costs": 400.0, "benefits": 0.0}],
        "lines": [
            {
                "label": "Staff <b>retained</b>",
                "kind": "benefit",
                "counted": False,
                "quantity": {"low": 0.0, "base": 1.0, "high": 2.0},
                "unit": "people",
                "unit_value": {"low": 1.0, "base": 2.0, "high": 3.0},
                "amount": {"low": 0.0, "base": 2.0, "high": 6.0},
                "whose_budget": "Employers",
                "source": "a study",
                "owner": "HR",
                "note": "Not shown to happen.",
            }
        ],
    },
)


def test_tornado_draws_from_the_base_value_and_tables_every_line() -> None:
    spec = build_roi.tornado(LEDGER, "What matters", most=8)
    assert (spec.kind, spec.reference, len(spec.rows), len(spec.table.rows)) == (Kind.TORNADO, 100.0, 8, 10)
    figure = plotly_draw.draw(spec)
    low, high = figure.data
    assert list(low.x[:3]) == [100.0, 110.0, None]
    assert list(high.x[:3]) == [100.0, 90.0, None]


def test_costs_and_benefits_hold_their_range() -> None:
    net = replace(LEDGER, measure="net_benefit", label="Net benefit", value=Interval(-100.0, -300.0, 50.0))
    spec = build_roi.costs_and_benefits((net,), "Costs")
    assert spec.rows[0] == Row("Net benefit", (-100.0,), "−CAD 100", None, -300.0, 50.0, strong=True)
    bar, span = plotly_draw.draw(spec).data
    assert list(bar.x) == [-100.0]
    assert list(span.x) == [-300.0, 50.0, None]


def test_ledgers_stand_side_by_side_and_one_that_fails_says_why() -> None:
    group = Group("ledger", "b", "Network B")
    good = {
        m: replace(LEDGER, measure=m, value=Interval(v, lo, hi))
        for m, v, lo, hi in (
            ("ledger", 100.0, -50.0, 300.0),
            ("costs", 400.0, 300.0, 500.0),
            ("benefits", 500.0, 250.0, 800.0),
            ("net_benefit", 100.0, -50.0, 300.0),
            ("roi_percent", 25.0, -17.0, 167.0),
        )
    }
    bad = {"roi_percent": Result("roi_percent", "ROI", group, Status.NOT_ASKED, "Line 3 has no price.", "roi")}
    table = build_roi.ledgers((good, bad))
    assert table.rows[0] == ("Everyone", "CAD 400", "CAD 500", "CAD 100", "25% (−17% to 167%)")
    assert table.rows[1] == ("Network B", "Line 3 has no price.", "–", "–", "–")


def test_moved_is_drawn_as_shares_of_each_row_but_keeps_the_counts() -> None:
    figure = plotly_draw.draw(build.moved((EVERYONE, FEW), "Moved"))
    assert figure.layout.barnorm == "percent"
    assert [list(t.x) for t in figure.data] == [[14.0, 2.0], [3.0, 3.0], [2.0, 2.0]]


def test_lines_that_are_not_counted_keep_their_reason() -> None:
    assert build_roi.left_out(LEDGER) == (("Staff <b>retained</b>", "Not shown to happen."),)
    assert build_roi.ledger_lines(LEDGER).rows[0][1] == "benefit, not counted"


def test_the_sentence_is_split_without_losing_a_word() -> None:
    told = w.told(EVERYONE)
    assert told.lead == "On a 1-5 scale the average went from 3.2 to 3.7, a rise of 0.5 points (95% CI 0.3 to 0.8)."
    assert told.chance.startswith("A change this size is unlikely")
    assert "p<" not in told.lead + told.detail
    said = sorted(f"{told.lead} {told.detail} {told.chance}".split())
    assert said == sorted(SENTENCE.split())


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (0.1, 0.9, w.Finding.ROSE),
        (-0.9, -0.1, w.Finding.FELL),
        (-0.1, 0.9, w.Finding.UNCLEAR),
        (0.0, 0.9, w.Finding.UNCLEAR),
        (None, None, w.Finding.TOO_FEW),
    ],
)
def test_a_change_is_called_by_its_interval_alone(low: float | None, high: float | None, word: w.Finding) -> None:
    assert w.finding(replace(EVERYONE, change=Interval(0.4, low, high))) is word


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [(0.1, 0.4, w.Finding.ROSE_LITTLE), (0.1, 0.6, w.Finding.ROSE), (-0.4, -0.1, w.Finding.FELL_LITTLE)],
)
def test_less_than_worthwhile_is_called_little(low: float, high: float, word: w.Finding) -> None:
    assert w.finding(replace(EVERYONE, change=Interval(0.2, low, high)), 0.5) is word


def test_a_hidden_change_is_called_hidden() -> None:
    assert w.finding(HIDDEN) is w.Finding.HIDDEN


def test_summary_sentence_says_what_rose_and_what_did_not() -> None:
    results = (
        EVERYONE,
        replace(EVERYONE, measure="connection", label="Connection"),
        replace(EVERYONE, measure="collaboration", label="Collaboration", change=Interval(0.1, -0.2, 0.4)),
        replace(HIDDEN, measure="practice", label="Practice", group=Group()),
        Result("attended_once", "Came", Group(), Status.RELEASED, kind="count", value=Interval(26.0)),
        Result("sessions", "Sessions", Group(), Status.RELEASED, kind="count", value=Interval(6.0)),
    )
    answer = Answer("summary", Filters(), "v1", Role.LEADER, Trail(None, 26, 26, 25, 19), results)
    measures = load_definitions().measures
    assert w.summary_sentence(answer, measures) == (
        "Competency and connection rose; collaboration did not clearly change. 26 people took part in 6 sessions."
    )
    small = replace(answer, results=(replace(EVERYONE, change=Interval(0.12, 0.004, 0.244)),))
    assert w.summary_sentence(small, measures) == "Competency rose, but by less than a worthwhile amount."


def test_limits_that_round_to_zero_do_not_read_as_zero() -> None:
    assert w.change(Interval(0.2, -0.04, 0.4), "points") == "+0.2 (just below 0 to 0.4)"
    assert w.change(Interval(11.3, 0.7, 21.9), "% correct") == "+11 (1 to 22)"
