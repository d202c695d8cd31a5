"""Released figures as one CSV file: a row a figure, the same numbers as the page, hidden ones with their reason."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from io import StringIO

from echo_metrics.answers.comments import KIND as COMMENT
from echo_metrics.answers.model import Answer, Interval, Result
from echo_metrics.text import spreadsheet_safe

COLUMNS = (
    "part", "question", "measure", "label", "group_kind", "group", "contrast", "status", "reason", "n", "n_rounded",
    "counted", "before", "after", "change", "change_low", "change_high", "value", "value_low", "value_high", "unit",
    "improved", "same", "declined", "agree_count", "agree_of", "agree_bound", "agree_percent", "agree_low",
    "agree_high", "agree_means", "p", "p_signed_rank", "method",
)  # fmt: skip
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""Without it spreadsheets read UTF-8 as something else."""


def csv_text(parts: Mapping[str, Mapping[str, Answer]]) -> str:
    """Every figure of the answers, part by part of a release, each cell safe to open in a spreadsheet."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for part, answers in parts.items():
        for question, answer in answers.items():
            for result in answer.results:
                if result.kind == COMMENT:
                    continue  # a comment is no figure
                writer.writerow([spreadsheet_safe(cell) for cell in (part, *_cells(question, result))])
    return BOM + out.getvalue()


def csv_bytes(parts: Mapping[str, Mapping[str, Answer]]) -> bytes:
    """The file as it is sent."""
    return csv_text(parts).encode("utf-8")


def _cells(question: str, r: Result) -> Iterator[str]:
    yield from (question, r.measure, r.label, r.group.kind, r.group.label, r.contrast, r.status.word, r.reason)
    if not r.shown:
        # Nothing of a hidden figure is written, whatever the result still carried.
        yield from [""] * (len(COLUMNS) - 9)
        return
    top = r.top_box
    yield _number(r.n)
    yield "yes" if r.about else ""
    yield r.who if r.n is not None else ""
    yield from (_number(r.before), _number(r.after), *_interval(r.change), *_interval(r.value), r.unit)
    yield from (_number(r.improved), _number(r.same), _number(r.declined))
    if top:
        yield from (_number(top.count), _number(top.n), top.bound, _number(top.percent))
        yield from (_number(top.low), _number(top.high), top.definition)
    else:
        yield from [""] * 7
    yield _number(r.p) or r.p_band
    yield _number(r.p_robust) or r.p_robust_band
    yield r.method


def _interval(interval: Interval | None) -> tuple[str, str, str]:
    if interval is None:
        return "", "", ""
    return _number(interval.value), _number(interval.low), _number(interval.high)


def _number(value: float | None) -> str:
    """A number with at most ten digits and a plain minus sign, so that any program reads it."""
    return "" if value is None else f"{value:.10g}"
