"""The sections of an outcome screen: one measure that changed between two moments, or one that was asked once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from html import escape

import streamlit as st

from echo_metrics.answers import Answer, Result
from echo_metrics.answers.outcomes import THEN_CAUTION
from echo_metrics.charts import build
from echo_metrics.charts import wording as w
from echo_metrics.definitions import Measure
from echo_metrics.terms import THEN_CONTRASTS, Evidence
from pages.ui import door, parts

GROUPINGS = (
    ("discipline", "Discipline", "by discipline"),
    ("cohort", "Cohort", "by cohort"),
    ("session", "Session", "session by session"),
)
"""Kind of group, heading of its column, and how a title says it."""
EFFECT_NAMES = {
    "g_av": "Hedges' g (average standard deviation)",
    "d_av": "Cohen's d (average standard deviation)",
    "d_z": "Cohen's d of the differences",
    "rank_biserial": "Rank-biserial correlation",
    "probability_of_improvement": "Probability that a randomly chosen person went up rather than down",
}
EVIDENCE = {
    Evidence.SELF_REPORT: "Self-reported: what people say of themselves",
    Evidence.OBJECTIVE: "Objective: right and wrong answers",
}


def change(answer: Answer, measure: Measure, heading: str = "", people: str = "") -> None:
    """One measure before and after: answer, figures, charts by group, statements, later moments, and the method.

    `people` names whose denominators to show below the figures; '' shows none.
    """
    main = measure.contrasts[0]
    everyone = answer.only(measure.key, contrast=main)
    if not everyone:
        return
    if heading:
        parts.heading(heading, measure.why)
    result = everyone[0]
    if not result.shown:
        st.info(f"{measure.label}, {main.words}: {result.reason}")
    else:
        parts.lead(result)
        parts.cards(_tiles(result))
        parts.few_people([result])
    if people:
        parts.trail(answer.trail, people)
    parts.views(_change_views(answer, measure, result))
    checks(measure)
    how(answer, measure, [r for r in answer.results if r.measure == measure.key and r.group.kind == "all"])


def checks(measure: Measure) -> None:
    """What a careful reviewer would ask: those lost, reliability, what could be noticed, groups, attendance."""
    found = door.answer("checks", measure.key).only(measure.key, "check")
    if found:
        with st.expander("Would it hold? What a careful reviewer would ask", key=f"{measure.key}-checks"):
            parts.definitions([(r.label, r.sentence if r.shown else r.reason) for r in found])


def level(answer: Answer, measure: Measure, heading: str = "") -> None:
    """One measure that was asked once: how many agree, the average, by group, by session and by statement."""
    everyone = answer.only(measure.key)
    if not everyone:
        return
    if heading:
        parts.heading(heading, measure.why)
    result = everyone[0]
    if not result.shown:
        st.info(f"{measure.label}: {result.reason}")
    else:
        parts.lead(result)
        parts.few_people([result])
    parts.views(_level_views(answer, measure, result))
    how(answer, measure, [result])


def _tiles(result: Result) -> list[str]:
    unit = w.change_unit(result.unit)
    limits = w.between(result.change, result.unit)
    moments = w.MOMENTS.get(result.contrast, ("Before", "After"))
    size = w.number(result.change.value, 0 if w.is_percent(result.unit) else 1, signed=True) if result.change else ""
    path = f'<span class="from">{w.score(result.before, result.unit)} →</span> {w.score(result.after, result.unit)}'
    top = result.top_box
    agree = [f"{top.count:,} of {w.people(top.n)} {w.cut_words(top, result.unit)}"] if top else []
    return [
        parts.card(f"{moments[0]} → {moments[1].lower()}", path, [w.scale_words(result).lower().capitalize()]),
        parts.card(
            f"Change in {unit}",
            size,
            [f"95% interval {limits}" if limits else "No interval: too few people", parts.finding_badge(result)],
        ),
        parts.card(
            "People who went up",
            f'{result.improved} <span class="from">of {result.n}</span>',
            [f"{result.same} stayed the same", f"{result.declined} went down"],
        ),
        parts.card(
            f"Scored high {w.AT.get(result.contrast, 'after')}", f"{top.percent:.0f}%" if top else w.DASH, agree
        ),
    ]


View = tuple[str, Callable[[], None]]


def _change_views(answer: Answer, measure: Measure, result: Result) -> list[View]:
    contrast = measure.contrasts[0]
    views: list[View] = []
    for kind, of, words in GROUPINGS:
        groups = answer.only(measure.key, kind, contrast)
        if groups:
            # Everyone stands first for comparison; sessions are rated by changing people, so they stand alone.
            rows = groups if kind == "session" else (result, *groups)
            views.append((f"By {kind}", partial(_group_charts, rows, measure, of, words)))
    items = answer.only(measure.key, "item", contrast)
    if items:
        spec = build.before_after(items, f"{measure.label}: each question on its own", of="Question")
        views.append(("By question", partial(parts.chart, spec, f"{measure.key}-items")))
    asked = [r for c in (*measure.contrasts, *THEN_CONTRASTS) for r in answer.only(measure.key, contrast=c)]
    if len(asked) > 1:
        views.append(("Other moments", partial(_moments, asked, measure)))
    return views


def _level_views(answer: Answer, measure: Measure, result: Result) -> list[View]:
    views: list[View] = []
    for kind, of, words in (*GROUPINGS, ("item", "Question", "each question on its own")):
        groups = answer.only(measure.key, kind)
        if groups:
            rows = (result, *groups) if kind in ("discipline", "cohort") else groups
            first = len(rows) > len(groups)
            spec = build.agreement(rows, f"{measure.label}: who agrees, {words}", of=of, strong_first=first)
            views.append((f"By {of.lower()}", partial(parts.chart, spec, f"{measure.key}-{kind}")))
    return views


def _group_charts(rows: Sequence[Result], measure: Measure, of: str, words: str) -> None:
    first = rows[0].group.kind == "all"
    name = f"{measure.key}-{rows[-1].group.kind}"
    spec = build.before_after(rows, f"{measure.label}: before and after, {words}", of=of, strong_first=first)
    parts.chart(spec, name)
    if not spec.drawable:
        return
    with st.expander("Size of the change, and how many people went which way", key=f"{name}-more"):
        title = f"{measure.label}: size of the change, {words}"
        parts.chart(build.change_sizes(rows, title, of=of, strong_first=first), f"{name}-size")
        title = f"{measure.label}: people whose own score went up, stayed or went down, {words}"
        parts.chart(build.moved(rows, title, of=of, strong_first=first), f"{name}-moved")


def _moments(asked: list[Result], measure: Measure) -> None:
    parts.chart(build.moments(asked, f"{measure.label} between each pair of moments"), f"{measure.key}-moments")
    for result in asked[1:]:
        caution = f" {THEN_CAUTION}" if THEN_CAUTION in result.notes else ""
        parts.html(f"<p>{escape(result.sentence)}{escape(caution)}</p>")


def how(answer: Answer, measure: Measure, results: list[Result]) -> None:
    """Everything that an evaluator needs to defend the figures; p values last."""
    with st.expander("How this was computed", key=f"{measure.key}-how"):
        parts.definitions(
            [
                ("What it is", measure.why),
                ("How it is scored", measure.how),
                (
                    "Unit",
                    measure.unit if measure.unit == measure.scale_words else f"{measure.unit} on {measure.scale_words}",
                ),
                ("Direction", measure.direction.replace("_", " ").capitalize()),
                ("Kind of evidence", EVIDENCE[measure.evidence]),
                ("Level of evaluation", f"Moore level {measure.moore_level}"),
                (
                    "Worthwhile change",
                    f"{measure.worthwhile_change:g} {w.change_unit(measure.unit)} ({measure.worthwhile_change_basis})",
                ),
                ("Source", measure.source),
                ("Definition reviewed", measure.reviewed),
                ("Data version", answer.data_version),
            ]
        )
        for result in results:
            if result.shown:
                if result.contrast:
                    parts.html(f"<p><b>{w.contrast_words(result.contrast).capitalize()}</b></p>")
                parts.definitions(_computed(result))


def _computed(result: Result) -> list[tuple[str, str]]:
    entries = [("Method", result.method), ("People", w.people(result.n, result.who))]
    if result.effect:
        name, value = result.effect
        limits = (
            f", 95% interval {value.low:.2f} to {value.high:.2f}"
            if value.low is not None and value.high is not None
            else ""
        )
        entries.append((EFFECT_NAMES.get(name, name), f"{value.value:.2f}{limits}"))
    main = result.effect[0] if result.effect else ""
    entries += [
        (EFFECT_NAMES.get(name, name), f"{value:.2f}")
        for name, value in result.effects.items()
        if value is not None and name != main
    ]
    entries += [("Note", note) for note in result.notes]
    if result.p is not None:
        entries.append(("p, paired t test", _p(result.p)))
    if result.p_robust is not None:
        entries.append(("p, signed-rank check", _p(result.p_robust)))
    return entries


def _p(p: float) -> str:
    return "below 0.001" if p < 0.001 else f"{p:.3f}"
