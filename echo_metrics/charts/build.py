"""Builds chart specs from results. One function a kind of picture; every number is the result's own, unrounded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from echo_metrics.answers.model import Group, Result
from echo_metrics.charts import wording as w
from echo_metrics.charts.spec import ChartSpec, Kind, Row, Table
from echo_metrics.terms import Status

HIDDEN_CELL = "hidden"
EMPTY_CELL = w.DASH


def before_after(results: Sequence[Result], title: str, *, of: str = "Group", strong_first: bool = False) -> ChartSpec:
    """Where each group stood before and after, joined by a line. The scale is drawn from end to end."""
    first = results[0]
    series = w.MOMENTS.get(first.contrast, ("Before", "After"))
    rows = tuple(
        row_of(r, (r.before, r.after), text=w.change(r.change, r.unit), strong=strong_first and place == 0)
        for place, r in enumerate(results)
    )
    unit = w.change_unit(first.unit)
    table = Table(
        (of, "People", series[0], series[1], f"Change in {unit} (95% interval)"),
        tuple(
            _cells(r, 3, (w.score(r.before, r.unit), w.score(r.after, r.unit), w.change(r.change, r.unit)))
            for r in results
        ),
    )
    told = [
        f"{w.score(r.before, r.unit)} to {w.score(r.after, r.unit)}, change {w.change(r.change, r.unit)}"
        for r in results
    ]
    return ChartSpec(
        kind=Kind.DUMBBELL,
        title=title,
        subtitle=f"{w.scale_words(first)}, {w.contrast_words(first.contrast)}; at the right the change with its "
        f"95% interval{', in percentage points' if w.is_percent(first.unit) else ''}",
        unit=_axis_unit(first),
        series=series,
        rows=rows,
        alt=alt_text(f"{title}. {w.scale_words(first)} {w.contrast_words(first.contrast)}", results, told),
        table=table,
        axis=first.range,
        note=hollow_note(results),
    )


def headlines(results: Sequence[Result], title: str) -> ChartSpec:
    """Several measures of one scale before and after. One with other moments than the first says so in its row."""
    usual = results[0].contrast
    named = [
        replace(r, group=Group("measure", r.measure, r.label if r.contrast == usual else _with_moments(r)))
        for r in results
    ]
    spec = before_after([replace(r, contrast="") for r in named], title, of="Outcome")
    return replace(
        spec,
        subtitle=f"{w.scale_words(results[0])}, {w.contrast_words(usual)} unless the row says otherwise; at the right "
        "the change with its 95% interval",
    )


def moments(results: Sequence[Result], title: str) -> ChartSpec:
    """One measure between several pairs of moments. Each row has its own people, so the rows are no time line."""
    named = [
        replace(r, group=Group("contrast", r.contrast, w.contrast_words(r.contrast).capitalize()), contrast="")
        for r in results
    ]
    spec = before_after(named, title, of="Moments")
    return replace(
        spec,
        subtitle=f"{w.scale_words(results[0])}. Each row holds the people who answered at both of its moments; at the "
        "right the change with its 95% interval",
    )


def change_sizes(results: Sequence[Result], title: str, *, of: str = "Group", strong_first: bool = False) -> ChartSpec:
    """The size of each group's change with its interval, against no change. Never ranked."""
    first = results[0]
    unit = w.change_unit(first.unit)
    rows = tuple(
        row_of(
            r,
            (r.change.value if r.change else None,),
            text=w.change(r.change, r.unit),
            low=r.change.low if r.change else None,
            high=r.change.high if r.change else None,
            strong=strong_first and place == 0,
        )
        for place, r in enumerate(results)
    )
    return ChartSpec(
        kind=Kind.INTERVAL,
        title=title,
        subtitle=f"Average change {w.contrast_words(first.contrast)} with its 95% interval; intervals that overlap do "
        "not tell groups apart",
        unit=f"change in {unit}",
        series=("Average change",),
        rows=rows,
        alt=alt_text(
            f"{title}. Average change in {unit}, {w.contrast_words(first.contrast)}, against a line at no change",
            results,
            [f"change {w.change(r.change, r.unit)}" for r in results],
        ),
        table=Table(
            (of, "People", f"Change in {unit}", "95% interval"),
            tuple(
                _cells(
                    r,
                    2,
                    (
                        w.number(r.change.value, 0 if w.is_percent(r.unit) else 1, signed=True) if r.change else "",
                        w.between(r.change, r.unit) or "too few people",
                    ),
                )
                for r in results
            ),
        ),
        reference=0.0,
        reference_label="no change",
        note=hollow_note(results),
    )


def moved(results: Sequence[Result], title: str, *, of: str = "Group", strong_first: bool = False) -> ChartSpec:
    """How many people went up, stayed and went down; groups whose tallies may not be told are left out."""
    results = [r for r in results if r.improved is not None or not r.shown]
    first = results[0]
    rows = tuple(
        row_of(
            r,
            (_float(r.improved), _float(r.same), _float(r.declined)),
            text=f"{r.improved} up, {r.same} same, {r.declined} down",
            strong=strong_first and place == 0,
        )
        for place, r in enumerate(results)
    )
    return ChartSpec(
        kind=Kind.STACK,
        title=title,
        subtitle=f"People who answered both times, {w.contrast_words(first.contrast)}",
        unit="% of the people in the row",
        series=("Went up", "Stayed", "Went down"),
        rows=rows,
        alt=alt_text(
            f"{title}. People by the way their own score moved, {w.contrast_words(first.contrast)}",
            results,
            [f"{r.improved} went up, {r.same} stayed the same, {r.declined} went down" for r in results],
        ),
        table=Table(
            (of, "People", "Went up", "Stayed", "Went down"),
            tuple(_cells(r, 3, (f"{r.improved}", f"{r.same}", f"{r.declined}")) for r in results),
        ),
        axis=(0.0, 100.0),
        note=hollow_note(results),
    )


def levels(results: Sequence[Result], title: str, *, of: str = "Group", strong_first: bool = False) -> ChartSpec:
    """The average of something that was asked once, with its interval."""
    first = results[0]
    rows = tuple(
        row_of(
            r,
            (r.value.value if r.value else None,),
            text=_level_text(r),
            low=r.value.low if r.value else None,
            high=r.value.high if r.value else None,
            strong=strong_first and place == 0,
        )
        for place, r in enumerate(results)
    )
    return ChartSpec(
        kind=Kind.INTERVAL,
        title=title,
        subtitle=f"{w.scale_words(first)} with its 95% interval",
        unit=_axis_unit(first),
        series=("Average",),
        rows=rows,
        alt=alt_text(f"{title}. {w.scale_words(first)}", results, [_level_text(r) for r in results]),
        table=Table(
            (of, "People", "Average", "95% interval"),
            tuple(
                _cells(
                    r,
                    2,
                    (
                        w.score(r.value.value if r.value else None, r.unit),
                        w.between(r.value, r.unit) or "too few people",
                    ),
                )
                for r in results
            ),
        ),
        axis=first.range,
        note=hollow_note(results),
    )


def agreement(results: Sequence[Result], title: str, *, of: str = "Group", strong_first: bool = False) -> ChartSpec:
    """The share of people at or above the agreement cut, of all who answered, with its interval."""
    part = next((r.top_box for r in results if r.top_box), None)
    first = results[0]
    scale = "" if w.is_percent(first.unit) else f" on the {first.range[0]:g}{w.DASH}{first.range[1]:g} scale"
    definition = f"Agreeing: {w.cut_words(part, first.unit)}{scale}" if part else ""
    rows = tuple(
        row_of(
            r,
            (r.top_box.percent if r.top_box else None,),
            text=w.share(r.top_box),
            low=r.top_box.low if r.top_box else None,
            high=r.top_box.high if r.top_box else None,
            strong=strong_first and place == 0,
        )
        for place, r in enumerate(results)
    )
    return ChartSpec(
        kind=Kind.INTERVAL,
        title=title,
        subtitle=f"Share of those who answered, with its 95% interval. {definition}",
        unit=f"% of {first.who} who answered",
        series=("Agree",),
        rows=rows,
        alt=alt_text(
            f"{title}. Share of those who answered. {definition}",
            results,
            [", ".join(t for t in (w.tally(r.top_box), w.share(r.top_box)) if t) if r.top_box else "" for r in results],
        ),
        table=Table(
            (of, first.who.capitalize(), "Agree", "Share (95% interval)", "Average"),
            tuple(
                _cells(
                    r,
                    3,
                    (
                        w.tally(r.top_box) or EMPTY_CELL,
                        w.share(r.top_box),
                        w.score(r.value.value if r.value else r.after, r.unit),
                    ),
                )
                for r in results
            ),
        ),
        axis=(0.0, 100.0),
        note=hollow_note(results),
    )


def _level_text(r: Result) -> str:
    limits = w.between(r.value, r.unit)
    average = w.score(r.value.value if r.value else None, r.unit)
    return f"{average} ({limits})" if limits else average


def _with_moments(r: Result) -> str:
    return f"{r.label} ({w.contrast_words(r.contrast)})"


def _float(count: int | None) -> float | None:
    return None if count is None else float(count)


def _axis_unit(r: Result) -> str:
    low, high = r.range
    return r.unit if w.is_percent(r.unit) else f"{r.unit} ({low:g}{w.DASH}{high:g})"


def row_label(r: Result) -> str:
    """The group's name, marked where only the owner sees its figure."""
    return f"{r.group.label} (internal)" if r.reason.startswith("Internal") else r.group.label


def row_of(
    r: Result,
    values: tuple[float | None, ...],
    *,
    text: str,
    low: float | None = None,
    high: float | None = None,
    strong: bool = False,
) -> Row:
    """One chart row of a result; what the gate hid loses every number here, whatever the caller passed."""
    if not r.shown:
        return Row(row_label(r), (None,) * len(values), hidden=r.reason or "Hidden.", strong=strong)
    hollow = r.status is Status.UNRELIABLE
    return Row(row_label(r), values, text, r.n, low, high, hollow, strong=strong, who=r.who, about=r.about)


def _cells(r: Result, width: int, cells: tuple[str, ...]) -> tuple[str, ...]:
    """A table row: group, people and `width` cells; a hidden figure says why and repeats that it is hidden."""
    if not r.shown:
        return hidden_cells(r, width + 2)
    return (row_label(r), _number_of(r), *cells)


def _number_of(r: Result) -> str:
    if r.n is None:
        return EMPTY_CELL
    return f"about {r.n:,}" if r.about else f"{r.n:,}"


def hidden_cells(r: Result, width: int) -> tuple[str, ...]:
    """A table row without a figure: the reason beside the group, and a word in every other cell."""
    word = HIDDEN_CELL if r.status is Status.SUPPRESSED else EMPTY_CELL
    return (row_label(r), r.reason, *(word for _ in range(width - 2)))


def alt_text(opening: str, results: Sequence[Result], told: Sequence[str]) -> str:
    """The text alternative: what the picture is, then every row with its number of people."""
    lines = []
    for r, words in zip(results, told, strict=True):
        if r.shown:
            n = f" (n = {_number_of(r)})" if r.n is not None else ""
            lines.append(f"{row_label(r)}{n}: {words}.")
        else:
            lines.append(f"{row_label(r)}: {r.reason}")
    return f"{opening.rstrip('.')}. {' '.join(lines)}"


def hollow_note(results: Sequence[Result]) -> str:
    """What hollow marks mean, if the chart has any."""
    few = [r for r in results if r.status is Status.UNRELIABLE]
    if not few:
        return ""
    words = "Hollow marks: few people, so read with care."
    if any(r.reason.startswith("Internal") for r in few):
        words += " Internal: fewer than five people; others see these as hidden."
    return words
