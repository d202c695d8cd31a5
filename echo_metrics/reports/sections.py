"""The sections of a shared page, one a question: sentence, tiles, denominators, charts with numbers, method."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from echo_metrics.answers import comments as voices
from echo_metrics.answers.model import Answer, Result
from echo_metrics.charts import build, build_ledger, build_reach, build_roi, tiles
from echo_metrics.charts import method_words as m
from echo_metrics.charts import wording as w
from echo_metrics.charts.build_then import then_test
from echo_metrics.definitions import Measure, load_definitions
from echo_metrics.reports import parts
from echo_metrics.reports.frame import text
from echo_metrics.terms import THEN_CONTRASTS

LONG = 14
"""Charts of more rows are folded."""
HOW = "How this was computed"
MEASURE_TITLES = {
    "supervisor_estimate": "The participants' estimate",
    "supervisor_rating": "The supervisors' own rating",
}
"""How a measure is headed below its section, where its label repeats the section's."""


SERIES = (
    ("run_chart", build_reach.run_chart, "Attendance over time"),
    ("xmr_chart", build_reach.limits_chart, "Attendance with limits"),
)
COUNTED = (
    (
        "dose",
        "share_of_sessions",
        "How much of the series people came to",
        "Registered participants by the share of their cohort's sessions that they came to",
        "Share of the sessions",
        False,
    ),
    (
        "attended_once",
        "discipline",
        "Who came at least once, by discipline",
        "Registered participants who came at least once; at the right, of how many registered",
        "Discipline",
        True,
    ),
)
"""Measure, kind of group, title, subtitle, heading of the column, and whether the words at the right say of how many
people."""


@dataclass
class _Drawn:
    """A section in the making: what stands open, and what is folded below it."""

    open: list[str] = field(default_factory=list)
    folded: list[str] = field(default_factory=list)

    def add(self, body: str, fold: str = "", of: str = "", kind: str = "fold") -> None:
        """Add a part; with `fold` it is folded under these words."""
        if fold:
            self.folded.append(parts.fold(fold, body, kind, of))
        else:
            self.open.append(body)

    def html(self) -> str:
        """The open parts, then the folded ones as one list."""
        return "".join(self.open) + parts.folds(self.folded)


def outcome(answer: Answer) -> str:
    """The measures of one question, each before and after or as it was asked once."""
    own = [
        x for x in load_definitions().measures_of(answer.question) if any(r.measure == x.key for r in answer.results)
    ]
    section = next((words for question, words, _ in SECTIONS if question == answer.question), "")
    drawn = []
    for place, measure in enumerate(own):
        head = MEASURE_TITLES.get(measure.key, measure.label)
        if len(own) > 1 and head != section:
            drawn.append(f"<h3>{text(head)}</h3>")
        drawn.append(parts.paragraph(measure.why, "soft"))
        drawn.append(_measure(answer, measure, first=place == 0))
    return "".join(drawn) or _nothing(answer)


def _measure(answer: Answer, measure: Measure, first: bool) -> str:
    change = measure.kind == "change"
    main = measure.contrasts[0] if change else None
    everyone = answer.only(measure.key, contrast=main)
    if not everyone:
        return ""
    result = everyone[0]
    if not result.shown:
        moments = f", {main.words}" if main else ""
        return parts.paragraph(f"{measure.label}{moments}: {result.reason}", "alert")
    drawn = _Drawn([parts.lead(result)])
    if change:
        drawn.add(parts.tiles(tiles.change(result, measure)))
    for reason in m.few([result]):
        drawn.add(f"<p>{parts.badge(reason)}</p>")
    if first:
        drawn.add(parts.trail(answer.trail, measure.label.lower()))
    if change:
        _changes(drawn, answer, measure, result)
    else:
        _levels(drawn, answer, measure, result)
    drawn.add(_computed(answer, measure), HOW, measure.label)
    return drawn.html()


def _changes(drawn: _Drawn, answer: Answer, measure: Measure, result: Result) -> None:
    contrast, name = measure.contrasts[0], measure.label
    present = [kind for kind, _, _ in m.GROUPINGS if answer.only(measure.key, kind, contrast)]
    for kind, of, words in m.GROUPINGS:
        groups = answer.only(measure.key, kind, contrast)
        if groups:
            # Everyone stands first for comparison; sessions are rated by changing people, so they stand alone.
            rows = groups if kind == "session" else (result, *groups)
            title = f"{name}: before and after, {words}"
            spec = build.before_after(rows, title, of=of, strong_first=kind != "session")
            folded = f"Before and after, {words}" if _aside(kind, present, len(rows)) else ""
            drawn.add(parts.chart(spec, f"{measure.key}-{kind}"), folded, name, _on_paper(len(rows)))
            # Paper leaves it out: the first chart prints the same sizes at its right.
            drawn.add(_sizes(rows, measure, kind, of, words), f"Size of the change {words}", name, "fold screen")
    items = answer.only(measure.key, "item", contrast)
    if items:
        spec = build.before_after(items, f"{name}: each question on its own", of="Question")
        drawn.add(parts.chart(spec, f"{measure.key}-items"), "Each question on its own", name)
    asked = [r for c in (*measure.contrasts, *THEN_CONTRASTS) for r in answer.only(measure.key, contrast=c)]
    if len(asked) > 1:
        three = then_test(answer, measure)
        charts = parts.chart(three, f"{measure.key}-then") if three is not None else ""
        pairs = [r for r in asked if three is None or r.contrast not in THEN_CONTRASTS]
        if len(pairs) > 1:
            spec = build.moments(pairs, f"{name} between each pair of moments")
            charts += parts.chart(spec, f"{measure.key}-moments")
        said = "".join(parts.paragraph(r.sentence if r.shown else r.reason) for r in asked[1:])
        drawn.add(charts + said, "Other moments", name)


def _aside(kind: str, present: Sequence[str], rows: int) -> bool:
    """Whether a grouping is folded: it is long, or the section is about sessions and this one is not."""
    return rows > LONG or ("session" in present and kind != "session")


def _on_paper(rows: int) -> str:
    """The kind of fold: very long charts stay off paper, where nobody can scroll past them."""
    return "fold screen" if rows > LONG else "fold"


def _sizes(rows: Sequence[Result], measure: Measure, kind: str, of: str, words: str) -> str:
    first, name = rows[0].group.kind == "all", f"{measure.key}-{kind}"
    if not any(r.shown for r in rows):
        return ""
    title = f"{measure.label}: size of the change, {words}"
    drawn = parts.chart(build.change_sizes(rows, title, of=of, strong_first=first), f"{name}-size")
    # Parts of a cohort do not tell how many people went which way; then there is nothing to draw.
    if all(r.improved is not None for r in rows if r.shown):
        title = f"{measure.label}: people whose own score went up, stayed or went down, {words}"
        drawn += parts.chart(build.moved(rows, title, of=of, strong_first=first), f"{name}-moved")
    return drawn


def _levels(drawn: _Drawn, answer: Answer, measure: Measure, result: Result) -> None:
    kinds = (*m.GROUPINGS, ("item", "Question", "each question on its own"))
    present = [kind for kind, _, _ in kinds if answer.only(measure.key, kind)]
    for kind, of, words in kinds:
        groups = answer.only(measure.key, kind)
        if groups:
            rows = (result, *groups) if kind in ("discipline", "cohort") else groups
            title = f"{measure.label}: who agrees, {words}"
            spec = build.agreement(rows, title, of=of, strong_first=len(rows) > len(groups))
            aside = kind == "item" or _aside(kind, present, len(rows))
            folded = f"Who agrees, {words}" if aside else ""
            drawn.add(parts.chart(spec, f"{measure.key}-{kind}"), folded, measure.label, _on_paper(len(rows)))


def _computed(answer: Answer, measure: Measure) -> str:
    shown = [r for r in answer.results if r.measure == measure.key and r.group.kind == "all" and r.shown]
    body = ""
    for result in shown:
        if len(shown) > 1 and result.contrast:
            body += f"<p><b>{text(w.contrast_words(result.contrast).capitalize())}</b></p>"
        body += parts.terms(m.computed(result))
    return body


def attendance(answer: Answer) -> str:
    """Who came: totals, sessions in order, how much of the series, disciplines."""
    if not answer.results:
        return _nothing(answer)
    totals = [r for r in answer.results if r.kind == "count" and r.group.kind == "all"]
    sentence = w.reach_sentence(answer)
    drawn = _Drawn([parts.said(sentence)] if sentence else [])
    drawn.add(parts.tiles(tiles.counts(totals), tight=True))
    sessions = answer.only("attendance", "session")
    if sessions:
        chart = parts.chart(build_reach.attendance_by_session(sessions, "People at each session"), "attendance-session")
        drawn.add(
            chart,
            f"People at each of {len(sessions)} sessions" if len(sessions) > LONG else "",
            kind=_on_paper(len(sessions)),
        )
    for measure, make, title in SERIES:
        for run in answer.only(measure, "run"):
            if len(run.extra["points"]) == len(sessions):
                chart = parts.chart(make(run, sessions, title), f"attendance-{measure}")
                drawn.add(chart, "" if measure == "run_chart" else title)
    for measure, kind, title, subtitle, of, of_all in COUNTED:
        rows = answer.only(measure, kind)
        if rows:
            spec = build_reach.people_counts(rows, title, subtitle, of=of, of_all=of_all)
            drawn.add(parts.chart(spec, f"attendance-{measure}"))
    methods = [("Method", method) for method in dict.fromkeys(r.method for r in answer.results if r.method)]
    drawn.add(parts.terms([*methods, ("Who counts", m.WHO_COUNTS)]), HOW, "attendance")
    return drawn.html()


def money(answer: Answer) -> str:
    """Every ledger in a part of its own; they are never added up."""
    groups = list(dict.fromkeys(r.group for r in answer.results))
    found = [{r.measure: r for r in answer.results if r.group == group} for group in groups]
    if not found:
        return _nothing(answer)
    if len(found) == 1:
        return _ledger(found[0], "ledger")
    many = f"{len(found)} ledgers, each with its own prices and assumptions, not added up."
    drawn = [parts.said(many), parts.table(build_roi.ledgers(found), "Ledgers side by side")]
    for place, (group, one) in enumerate(zip(groups, found, strict=True)):
        body = _ledger(one, f"ledger{place + 1}")
        drawn.append(f"<h3>{text(group.label)}</h3>{body}")
    return "".join(drawn)


def _ledger(found: Mapping[str, Result], name: str) -> str:
    ledger = found.get("ledger")
    if ledger is None or not ledger.shown:
        return parts.paragraph(next((r.reason for r in found.values() if r.reason), "No ledger."), "alert")
    drawn = _Drawn([parts.said(ledger.sentence), parts.tiles(tiles.money(found))])
    asked = [found[key] for key in ("costs", "benefits", "net_benefit") if key in found]
    three = [r for r in asked if r.shown]
    for r in asked:
        if not r.shown:
            drawn.add(parts.paragraph(f"{r.label}: {r.reason}"))
    if "model" in ledger.extra:
        drawn.add(parts.chart(build_ledger.steps(ledger), f"{name}-steps"))
        drawn.add(parts.chart(build_ledger.chances(ledger), f"{name}-chances"))
        points = [(d.point, f"{d.here} {d.default}") for d in build_ledger.disputed(ledger)]
        drawn.add(parts.terms(points), "What is disputed, what is done here, and why", ledger.label)
    elif three:
        spec = build_roi.costs_and_benefits(three, "Costs, benefits and what remains, first year")
        drawn.add(parts.chart(spec, f"{name}-bars"))
    charts = ""
    if ledger.extra.get("tornado"):
        charts = parts.chart(build_roi.tornado(ledger, "What matters most to the net benefit"), f"{name}-tornado")
    if ledger.extra.get("budgets"):
        charts += parts.chart(build_roi.budgets(ledger, "Who pays and who gains"), f"{name}-budgets")
    drawn.add(charts, "What matters most, who pays and who gains", ledger.label)
    if ledger.extra.get("lines"):
        lines = parts.table(build_roi.ledger_lines(ledger), f"Lines of {ledger.label}")
        left = parts.terms(build_roi.left_out(ledger))
        lines += f"<p><b>Written down, but not counted</b></p>{left}" if left else ""
        drawn.add(lines, "The ledger, line by line", ledger.label)
    drawn.add(parts.terms(m.ledger(ledger)), HOW, ledger.label)
    return drawn.html()


def comments(answer: Answer) -> str:
    """Approved comments, as quotations below their questions."""
    found = voices.quoted(answer)
    if not found:
        return _nothing(answer)
    drawn = [parts.paragraph(voices.HOW, "soft")]
    for own in found:
        drawn += [
            f"<h3>{text(own.wording)}</h3>",
            parts.quotations(own.comments),
            parts.paragraph(own.note, "soft small"),
        ]
    return "".join(drawn)


def headline(answers: Mapping[str, Answer]) -> str:
    """What was found, in one sentence and one tile an outcome, from the questions that the release holds."""
    measures = load_definitions().measures
    answer = _headlines(answers, measures)
    if answer is None:
        return ""
    drawn = []
    sentence = w.summary_sentence(answer, measures)
    if sentence:
        drawn.append(parts.said(sentence, m.NO_COMPARISON))
    outcomes = [r for r in answer.results if r.kind in ("change", "level") and r.group.kind == "all"]
    drawn.append(parts.tiles(tiles.headline(r, measures.get(r.measure)) for r in outcomes))
    reach = [r for r in answer.results if r.kind == "count" and r.group.kind == "all"]
    drawn.append(parts.tiles(tiles.counts(reach), tight=True))
    if "summary" in answers:
        drawn.append(parts.trail(answer.trail, "competency"))
    return "".join(drawn)


def _headlines(answers: Mapping[str, Answer], measures: Mapping[str, Measure]) -> Answer | None:
    """The summary, or where a release holds none, the first figure of each measure of what it does hold."""
    if "summary" in answers:
        return answers["summary"]
    first: dict[str, Result] = {}
    for r in chain.from_iterable(a.results for a in answers.values()):
        if r.group.kind == "all" and r.kind in ("change", "level", "count"):
            first.setdefault(r.measure, r)
    if not first:
        return None
    some = next(iter(answers.values()))
    order = list(measures)
    known = sorted(first.values(), key=lambda r: order.index(r.measure) if r.measure in measures else len(order))
    return Answer("summary", some.filters, some.data_version, some.audience, some.trail, tuple(known), some.synthetic)


def _nothing(answer: Answer) -> str:
    return parts.paragraph(answer.empty_reason or "There is nothing to show here.", "alert")


SECTIONS: tuple[tuple[str, str, Callable[[Answer], str]], ...] = (
    ("competency", "Competency", outcome),
    ("connection", "Connection", outcome),
    ("collaboration", "Inter-personal collaboration", outcome),
    ("practice", "Integration into practice", outcome),
    ("supervisor-value", "Supervisor value", outcome),
    ("session-value", "Sessions", outcome),
    ("attendance", "Attendance and reach", attendance),
    ("roi", "Return on investment", money),
    (voices.QUESTION, "In their own words", comments),
)
"""Question, heading and what draws it, in the order of the page."""
