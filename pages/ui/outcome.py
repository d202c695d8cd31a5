"""The sections of an outcome screen: one measure that changed between two moments, or one that was asked once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from html import escape

import streamlit as st

from echo_metrics.answers import Answer, Result
from echo_metrics.answers.outcomes import THEN_CAUTION
from echo_metrics.charts import ChartSpec, build, build_checks, method_words, tiles
from echo_metrics.charts import wording as w
from echo_metrics.charts.build_then import then_test
from echo_metrics.definitions import Measure
from echo_metrics.terms import THEN_CONTRASTS
from pages.ui import door, parts


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
        parts.hidden(result, f"{measure.label}, {main.words}")
    else:
        parts.lead(result)
        parts.cards([parts.tile(t) for t in tiles.change(result, measure)])
        parts.few_people([result])
    if people:
        parts.trail(answer.trail, people)
    parts.views(_change_views(answer, measure, result))
    checks(measure)
    how(answer, measure, [r for r in answer.results if r.measure == measure.key and r.group.kind == "all"])


def checks(measure: Measure) -> None:
    """What a careful reviewer would ask: those lost, reliability, what could be noticed, groups, attendance."""
    if door.frozen() is not None:
        return
    found = door.answer("checks", measure.key).only(measure.key, "check")
    if found:
        with st.expander("Would it hold? What a careful reviewer would ask", key=f"{measure.key}-checks"):
            parts.definitions([(r.label, r.sentence if r.shown else r.reason) for r in found])
            for result in found:
                for made, under in (
                    (build_checks.background(result), "Share of each side; the last column in standard deviations"),
                    (build_checks.stages(result), "People by their score before (row) and after (column)"),
                ):
                    if made is not None:
                        parts.title(result.label, under)
                        parts.table(made)


def level(answer: Answer, measure: Measure, heading: str = "") -> None:
    """One measure that was asked once: how many agree, the average, by group, by session and by statement."""
    everyone = answer.only(measure.key)
    if not everyone:
        return
    if heading:
        parts.heading(heading, measure.why)
    result = everyone[0]
    if not result.shown:
        parts.hidden(result, measure.label)
    else:
        parts.lead(result)
        parts.few_people([result])
    parts.views(_level_views(answer, measure, result))
    how(answer, measure, [result])


View = tuple[str, Callable[[], None]]


def _change_views(answer: Answer, measure: Measure, result: Result) -> list[View]:
    contrast = measure.contrasts[0]
    views: list[View] = []
    for kind, of, words in method_words.GROUPINGS:
        groups = answer.only(measure.key, kind, contrast)
        if groups:
            # Everyone stands first for comparison; sessions are rated by changing people, so they stand alone.
            rows = groups if kind == "session" else (result, *groups)
            views.append((f"By {kind}", partial(_group_charts, rows, measure, of, words)))
    items = answer.only(measure.key, "item", contrast)
    if items:
        spec = build.before_after(items, f"{measure.label}: each question on its own", of="Question")
        views.append(("By question", partial(_questions, items, spec, measure)))
    asked = [r for c in (*measure.contrasts, *THEN_CONTRASTS) for r in answer.only(measure.key, contrast=c)]
    if len(asked) > 1:
        views.append(("Other moments", partial(_moments, answer, asked, measure)))
    return views


def _level_views(answer: Answer, measure: Measure, result: Result) -> list[View]:
    views: list[View] = []
    for kind, of, words in (*method_words.GROUPINGS, ("item", "Question", "each question on its own")):
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
        if all(r.improved is None for r in rows[1:]):
            return
        title = f"{measure.label}: people whose own score went up, stayed or went down, {words}"
        parts.chart(build.moved(rows, title, of=of, strong_first=first), f"{name}-moved")


def _questions(items: Sequence[Result], spec: ChartSpec, measure: Measure) -> None:
    parts.chart(spec, f"{measure.key}-items")
    tested = build_checks.statements(items)
    if tested is not None:
        with st.expander("Which questions stand out? Exploratory", key=f"{measure.key}-items-tested"):
            words, table = tested
            parts.html(f"<p>{escape(words)}</p>")
            parts.table(table)


def _moments(answer: Answer, asked: list[Result], measure: Measure) -> None:
    three = then_test(answer, measure)
    if three is not None:
        parts.chart(three, f"{measure.key}-then")
    pairs = [r for r in asked if three is None or r.contrast not in THEN_CONTRASTS]
    if len(pairs) > 1:
        parts.chart(build.moments(pairs, f"{measure.label} between each pair of moments"), f"{measure.key}-moments")
    for result in asked[1:]:
        # The chart of the three moments carries the caution itself.
        caution = f" {THEN_CAUTION}" if THEN_CAUTION in result.notes and three is None else ""
        parts.html(f"<p>{escape(result.sentence)}{escape(caution)}</p>")


def how(answer: Answer, measure: Measure, results: list[Result]) -> None:
    """Everything that an evaluator needs to defend the figures; p values last."""
    with st.expander("How this was computed", key=f"{measure.key}-how"):
        parts.definitions(
            [
                ("What it is", measure.why),
                *method_words.defined(measure),
                ("Data version", answer.data_version),
            ]
        )
        for result in results:
            if result.shown:
                if result.contrast:
                    parts.html(f"<p><b>{w.contrast_words(result.contrast).capitalize()}</b></p>")
                parts.definitions(method_words.computed(result))
