"""The parts that every screen draws with: opening, denominators, charts with their numbers, tables, definitions.

All words that come from data or files are escaped here; nothing is computed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape

import streamlit as st

from echo_metrics.answers import Answer, Result, Trail
from echo_metrics.charts import ChartSpec, Table, method_words
from echo_metrics.charts import plotly_draw as draw
from echo_metrics.charts import wording as w
from echo_metrics.charts.tiles import Tile
from echo_metrics.terms import Status
from pages.ui.theme import BLUE, GREY, ORANGE

MOST_ROWS = 16
"""Longer tables scroll inside their own box."""
LONG_CELL, WIDE = 28, ' class="wide"'
"""Cells with more characters keep a width in which they can be read."""
DOTS = {
    w.Finding.ROSE: BLUE,
    w.Finding.ROSE_LITTLE: BLUE,
    w.Finding.FELL: ORANGE,
    w.Finding.FELL_LITTLE: ORANGE,
    w.Finding.UNCLEAR: GREY,
}


def html(body: str, kind: str = "") -> None:
    """Draw HTML whose words were escaped by the caller."""
    st.html(f'<div class="em {kind}">{body}</div>')


def opening(title: str, why: str, *answers: Answer) -> None:
    """The screen's title and why it exists; stops with what to do when no answer has anything to show."""
    st.title(title, anchor=False)
    html(f"<p>{escape(why)}</p>", "em-why")
    if answers and all(answer.empty_reason for answer in answers):
        st.info(answers[0].empty_reason)
        st.stop()


def heading(words: str, why: str = "") -> None:
    """A section's heading, with one line of why."""
    st.header(words, anchor=False)
    if why:
        html(f"<p>{escape(why)}</p>", "em-why")


def lead(result: Result) -> None:
    """The answer as a sentence: what was found large, who and how many below, the word on chance last."""
    told = w.told(result)
    # The interval in brackets stays in the sentence, a size smaller than the finding.
    words = re.sub(r"(\([^()]*CI[^()]*\)[.]?)", r'<span class="aside">\1</span>', escape(told.lead))
    body = f'<p class="lead">{words}</p>'
    if told.detail:
        body += f"<p>{escape(told.detail)}</p>"
    if told.chance:
        body += f'<p class="soft small">{escape(told.chance)}</p>'
    html(body, "em-lead")


def lead_words(words: str, detail: str = "") -> None:
    """An answer in words that belong to no single result."""
    html(f'<p class="lead">{escape(words)}</p>' + (f"<p>{escape(detail)}</p>" if detail else ""), "em-lead")


def trail(counts: Trail, measure: str) -> None:
    """The denominators from invitation to pair, as a strip. Unknown and hidden counts are words, never blanks."""
    steps = []
    for n, words, missing in method_words.trail(counts):
        number = f'<span class="n">{n:,}</span>' if n is not None else f'<span class="n none">{missing}</span>'
        steps.append(f'<li>{number}<span class="what">{words}</span></li>')
    notes = "".join(f'<p class="soft small">{escape(note)}</p>' for note in counts.notes)
    label = escape(f"People behind {measure}, from invitation to both answers")
    html(f'<ol class="em-trail" aria-label="{label}">{"".join(steps)}</ol>{notes}')


def badge(words: str, colour: str = "") -> str:
    """A word with a dot, as HTML for a card."""
    dot = f' style="--dot:{colour}"' if colour else ""
    return f'<span class="em-badge"{dot}>{escape(words)}</span>'


def card(name: str, big: str, under: Iterable[str] = ()) -> str:
    """A tile; `big` and `under` are HTML whose words the caller escaped."""
    lines = "".join(f'<div class="under">{line}</div>' for line in under if line)
    return f'<div class="em-card"><div class="name">{escape(name)}</div><div class="big">{big}</div>{lines}</div>'


def tile(content: Tile) -> str:
    """A tile of escaped words, as HTML for `cards`."""
    before = f'<span class="from">{escape(content.before)}</span> ' if content.before else ""
    after = f' <span class="from">{escape(content.after)}</span>' if content.after else ""
    found = badge(content.finding.value, DOTS.get(content.finding, "")) if content.finding else ""
    under = [*(escape(line) for line in content.under), found, badge(content.badge) if content.badge else ""]
    return card(content.name, f"{before}{escape(content.big)}{after}", under)


def cards(tiles: Sequence[str], *, tight: bool = False) -> None:
    """Tiles in a grid, two beside each other on a phone; `tight` for tiles that hold one plain number."""
    html(f'<div class="em-grid{" tight" if tight else ""}">{"".join(tiles)}</div>')


def few_people(results: Iterable[Result]) -> None:
    """Say which figures rest on few people, once for a section."""
    reasons = dict.fromkeys(r.reason for r in results if r.status is Status.UNRELIABLE and r.reason)
    for reason in reasons:
        html(f"<p>{badge(reason)}</p>")


def hidden(result: Result, what: str) -> None:
    """Say why there is no figure, and what to choose instead where the gate holds it back."""
    advice = " Choose all disciplines, or a wider cohort or period." if result.status is Status.SUPPRESSED else ""
    st.info(f"{what}: {result.reason}{advice}")


def title(words: str, under: str = "") -> None:
    """The heading of a chart or a list, one level below a section's."""
    line = f'<p class="soft small">{escape(under)}</p>' if under else ""
    html(f'<p class="title" role="heading" aria-level="3">{escape(words)}</p>{line}', "em-chart")


def views(ways: Sequence[tuple[str, Callable[[], None]]]) -> None:
    """Several ways to look at the same figure, as tabs; one alone needs none."""
    if len(ways) == 1:
        ways[0][1]()
        return
    for tab, (_, draw_it) in zip(st.tabs([name for name, _ in ways]) if ways else [], ways, strict=True):
        with tab:
            draw_it()


def chart(spec: ChartSpec, key: str) -> None:
    """A chart with its title, its text alternative, and its numbers one click below."""
    title(spec.title, spec.subtitle)
    if spec.drawable:
        st.plotly_chart(draw.draw(spec), theme="streamlit", config=draw.CONFIG, key=key, alt=spec.alt)
        if spec.note:
            html(f'<p class="soft small">{escape(spec.note)}</p>')
        with st.expander("Show the numbers", key=f"{key}-numbers"):
            table(spec.table)
    else:
        table(spec.table)


def table(content: Table) -> None:
    """A table of words that scrolls by itself: sideways on a narrow screen, and down when it is long."""
    tall = " tall" if len(content.rows) > MOST_ROWS else ""
    head = "".join(f'<th scope="col">{escape(h)}</th>' for h in content.headings)
    rows = []
    for first, *rest in content.rows:
        cells = "".join(f"<td{WIDE if len(c) > LONG_CELL else ''}>{escape(c)}</td>" for c in rest)
        rows.append(f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>')
    opened = f'<div class="em-scroll{tall}" tabindex="0" role="region" aria-label="Table">'
    html(f'{opened}<table class="em-table"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>')


def quotations(found: Iterable[str]) -> None:
    """What people wrote, each as a quotation of its own; the direction of writing is each one's."""
    body = "".join(f'<blockquote dir="auto"><p>{escape(words)}</p></blockquote>' for words in found)
    html(body, "em-quotes")


def definitions(entries: Iterable[tuple[str, str]]) -> None:
    """Terms with their words; empty ones are left out."""
    body = "".join(f"<dt>{escape(term)}</dt><dd>{escape(words)}</dd>" for term, words in entries if words)
    html(f'<dl class="em-dl">{body}</dl>')
