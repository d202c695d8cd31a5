"""The parts that shared pages are made of, as HTML. Every word is escaped here; nothing is computed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from echo_metrics.answers.model import Result, Trail
from echo_metrics.charts import method_words as m
from echo_metrics.charts import wording as w
from echo_metrics.charts.spec import ChartSpec, Table
from echo_metrics.charts.svg_draw import svg
from echo_metrics.charts.tiles import Tile
from echo_metrics.reports.frame import text

MOST_ROWS, LONG_CELL = 16, 28
"""Longer tables scroll inside their own box; cells with more characters may wrap."""
COLOURS = {
    w.Finding.ROSE: "blue",
    w.Finding.ROSE_LITTLE: "blue",
    w.Finding.FELL: "orange",
    w.Finding.FELL_LITTLE: "orange",
    w.Finding.UNCLEAR: "grey",
}


def paragraph(words: str, kind: str = "") -> str:
    """A paragraph; none for no words."""
    named = f' class="{kind}"' if kind else ""
    return f"<p{named}>{text(words)}</p>" if words else ""


def lead(result: Result) -> str:
    """The answer as a sentence: what was found large, who and how many below, the word on chance last."""
    told = w.told(result)
    return said(told.lead, told.detail, told.chance)


def said(words: str, detail: str = "", chance: str = "") -> str:
    """An answer in words. The interval in brackets stays in the sentence, a size smaller than the finding."""
    large = re.sub(r"(\([^()]*CI[^()]*\)[.]?)", r'<span class="aside">\1</span>', text(words))
    rest = paragraph(detail) + paragraph(chance, "soft small")
    return f'<div class="lead"><p class="said">{large}</p>{rest}</div>'


def badge(words: str, colour: str = "") -> str:
    """A word with a dot."""
    return f'<span class="{f"badge {colour}".strip()}">{text(words)}</span>'


def quotations(found: Iterable[str]) -> str:
    """What people wrote, each as a quotation of its own; the direction of writing is each one's."""
    return "".join(f'<blockquote dir="auto"><p>{text(words)}</p></blockquote>' for words in found)


def tiles(found: Iterable[Tile], *, tight: bool = False) -> str:
    """Tiles in a grid, two beside each other on a phone."""
    body = "".join(_tile(tile) for tile in found)
    return f'<ul class="tiles{" tight" if tight else ""}">{body}</ul>' if body else ""


def _tile(tile: Tile) -> str:
    before = f'<span class="aside">{text(tile.before)}</span> ' if tile.before else ""
    after = f' <span class="aside">{text(tile.after)}</span>' if tile.after else ""
    lines = "".join(f'<div class="line">{text(line)}</div>' for line in tile.under)
    if tile.finding:
        lines += badge(tile.finding.value, COLOURS.get(tile.finding, ""))
    if tile.badge:
        lines += badge(tile.badge)
    big = f'<div class="big">{before}{text(tile.big)}{after}</div>'
    return f'<li class="tile"><div class="name">{text(tile.name)}</div>{big}{lines}</li>'


def trail(counts: Trail, of: str) -> str:
    """The denominators from invitation to pair, as a strip. Unknown and hidden counts are words, never blanks."""
    steps = []
    for n, words, missing in m.trail(counts):
        number = f'<span class="n">{n:,}</span>' if n is not None else f'<span class="n none">{missing}</span>'
        steps.append(f'<li>{number}<span class="what">{text(words)}</span></li>')
    notes = "".join(paragraph(note, "soft small") for note in counts.notes)
    label = text(f"People behind {of}, from invitation to both answers")
    return f'<ol class="trail" aria-label="{label}">{"".join(steps)}</ol>{notes}'


def chart(spec: ChartSpec, name: str) -> str:
    """A chart with its title, its text alternative and its numbers; one without a figure is its table of reasons."""
    caption = f'<span class="title">{text(spec.title)}</span><span class="sub">{text(spec.subtitle)}</span>'
    if not spec.drawable:
        return f"<figure><figcaption>{caption}</figcaption>{table(spec.table, spec.title)}</figure>"
    numbers = fold("Show the numbers", table(spec.table, spec.title), "numbers", spec.title)
    note = paragraph(spec.note, "note")
    return f"<figure><figcaption>{caption}</figcaption>{svg(spec, name)}{note}{numbers}</figure>"


def table(content: Table, title: str) -> str:
    """A table that scrolls by itself: sideways on a narrow screen, and down when it is long."""
    tall = " tall" if len(content.rows) > MOST_ROWS else ""
    head = "".join(f'<th scope="col">{text(h)}</th>' for h in content.headings)
    rows = []
    for first, *rest in content.rows:
        cells = "".join(f"<td{_long(c)}>{text(c)}</td>" for c in rest)
        rows.append(f'<tr><th scope="row">{text(first)}</th>{cells}</tr>')
    return (
        f'<div class="scroll{tall}" tabindex="0" role="region" aria-label="{text(f"Table: {title}")}"><table>'
        f'<caption class="sr">{text(title)}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _long(cell: str) -> str:
    return ' class="long"' if len(cell) > LONG_CELL else ""


def fold(summary: str, body: str, kind: str = "fold", of: str = "") -> str:
    """A part that opens on demand, and by itself on paper; `of` tells apart folds that read alike."""
    more = f'<span class="sr"> of: {text(of)}</span>' if of else ""
    return f'<details class="{kind}"><summary>{text(summary)}{more}</summary>{body}</details>' if body else ""


def folds(found: Iterable[str]) -> str:
    """Folded parts as one list."""
    body = "".join(found)
    return f'<div class="folds">{body}</div>' if body else ""


def terms(entries: Sequence[tuple[str, str]], kind: str = "words") -> str:
    """Terms with their words."""
    body = "".join(f"<dt>{text(term)}</dt><dd>{text(words)}</dd>" for term, words in entries if words)
    return f'<dl class="{kind}">{body}</dl>' if body else ""
