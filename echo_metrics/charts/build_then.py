"""Builds the chart of a then-test: the start as rated, the start as remembered and completion on one line."""

from __future__ import annotations

from echo_metrics.answers.model import Answer, Interval, Result
from echo_metrics.answers.outcomes import THEN_CAUTION
from echo_metrics.charts import wording as w
from echo_metrics.charts.build import hollow_note, row_of
from echo_metrics.charts.spec import ChartSpec, Kind, Table
from echo_metrics.definitions import Measure
from echo_metrics.terms import Contrast

SERIES = ("Start, as rated then", "Start, as remembered", "Completion")


def then_test(answer: Answer, measure: Measure) -> ChartSpec | None:
    """Three moments of one measure on one line, with both gains; None where no then-test may be told.

    Every number is one that the gate released for a pair of moments. Each gain compares its own people person by
    person; where those behind the marks are not the same, the note says so.
    """
    wanted = (Contrast.BASELINE_COMPLETION, Contrast.THEN_COMPLETION, Contrast.RESPONSE_SHIFT)
    found = [answer.only(measure.key, contrast=contrast) for contrast in wanted]
    if not all(rows and rows[0].shown for rows in found):
        return None
    rated, remembered, shift = (rows[0] for rows in found)
    same = _same_people(rated, shift)
    start = shift.before if same else remembered.before
    title = f"{measure.label}: the start as rated, the start as remembered, and completion"
    gains = f"{_size(rated)} as rated, {_size(remembered)} as remembered" if rated.change and remembered.change else ""
    told = (
        f"started at {w.score(rated.before, rated.unit)} as rated then and at {w.score(start, rated.unit)} as "
        f"remembered, ended at {w.score(rated.after, rated.unit)}. Gain on the start as rated: {_with_people(rated)}. "
        f"Gain on the start as remembered: {_with_people(remembered)}. Response shift, remembered less rated: "
        f"{_with_people(shift, _turned(shift.change))}."
    )
    row = row_of(rated, (rated.before, start, rated.after), text=gains)
    return ChartSpec(
        kind=Kind.DUMBBELL,
        title=title,
        subtitle=f"{w.scale_words(rated)}; at the right the gain on each of the two starts. Neither replaces the other",
        unit=rated.unit if w.is_percent(rated.unit) else f"{rated.unit} ({rated.range[0]:g}{w.DASH}{rated.range[1]:g})",
        series=SERIES,
        rows=(row,),
        alt=f"{title}. {w.scale_words(rated)}. {row.label}: {told}",
        table=Table(
            (
                "Group",
                *SERIES,
                "Gain on the start as rated",
                "Gain on the start as remembered",
                "Response shift: remembered less rated",
            ),
            (
                (
                    row.label,
                    w.score(rated.before, rated.unit),
                    w.score(start, rated.unit),
                    w.score(rated.after, rated.unit),
                    _with_people(rated),
                    _with_people(remembered),
                    _with_people(shift, _turned(shift.change)),
                ),
            ),
        ),
        axis=rated.range,
        note=" ".join(
            part for part in (_people_note(rated, remembered, same), THEN_CAUTION, hollow_note([rated])) if part
        ),
    )


def _same_people(rated: Result, shift: Result) -> bool:
    """Whether the two figures rest on the same people, as far as what is told can show it."""
    return not rated.about and rated.n == shift.n and rated.before == shift.after


def _people_note(rated: Result, remembered: Result, same: bool) -> str:
    if same:
        others = "" if remembered.n == rated.n else " The gain as remembered has people of its own (see the numbers)."
        return f"The marks are those of the same {w.people(rated.n)}.{others}"
    return (
        f"The squares and dots are those of {w.people(rated.n, about=rated.about)} who answered at the start and at "
        f"completion, the remembered start is that of {w.people(remembered.n, about=remembered.about)}: not quite the "
        "same, so read each gain by itself."
    )


def _turned(change: Interval | None) -> Interval | None:
    """The shift as the field counts it, remembered less rated; the store counts it the other way round."""
    if change is None:
        return None
    low, high = (None if v is None else 0.0 - v for v in (change.high, change.low))
    return Interval(0.0 - change.value, low, high, change.level)


def _size(r: Result) -> str:
    return w.change(Interval(r.change.value), r.unit) if r.change else w.DASH


def _with_people(r: Result, change: Interval | None = None) -> str:
    return f"{w.change(change or r.change, r.unit)}, {w.people(r.n, r.who, r.about)}"
