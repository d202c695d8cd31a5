"""The shared page: what a funder opens. One renderer for the page behind a link and for the self-contained file.

No script and nothing from outside: text, inline SVG and one style element. It draws the answers of a release and
nothing else, says as of when and until when, and how to read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from echo_metrics.answers import comments as voices
from echo_metrics.answers.model import Answer
from echo_metrics.charts import method_words as m
from echo_metrics.charts import svg_draw
from echo_metrics.charts import wording as w
from echo_metrics.definitions import Measure, load_definitions
from echo_metrics.disclosure.gate import HIDDEN_DOMINATED, HIDDEN_FOR_OTHERS, NOBODY
from echo_metrics.reports import parts, sections
from echo_metrics.reports.frame import FORM_TOKEN, content_policy, day, document, path, sheet, text

ACTIONS = (
    ("explore", "Explore with filters"),
    ("download_csv", "Download the figures (CSV)"),
    ("download_json", "Download the release (JSON)"),
)
"""Links that a page may bear, with their words."""


OFF_PAPER = (
    "On paper some parts are left out: the table of each chart's numbers, the charts of the size of each change, and "
    "charts of very many rows. They are in the shared view that this was printed from."
)


@dataclass(frozen=True)
class SharedPage:
    """One release as its recipient sees it.

    `answers` holds, question by question, what the release shows; questions that it leaves out are absent. `until` is
    None for a file, which cannot expire. `links` may hold `explore`, `download_csv`, `download_json` and `leave`, each
    an address on this server; `leave` is a form that posts `leave_token`. `minimum` is the fewest people behind a
    figure, 0 if it is not to be told.
    """

    title: str
    hub: str
    networks: tuple[str, ...]
    release: str
    made: date
    answers: Mapping[str, Answer]
    recipient: str = ""
    purpose: str = ""
    notes: str = ""
    data_to: date | None = None
    until: date | None = None
    preset_words: str = ""
    minimum: int = 0
    breakdowns: tuple[str, ...] = ()
    checksum: str = ""
    data_version: str = ""
    synthetic: bool = False
    links: Mapping[str, str] = field(default_factory=dict)
    leave_token: str = ""


def style() -> str:
    """The page's one style element."""
    return "\n".join((svg_draw.style(), sheet("base.css", "page.css")))


def policy() -> str:
    """The Content-Security-Policy that a server sends with the page; it adds `frame-ancestors 'none'` itself."""
    return content_policy(style(), forms=True)


def banner(page: SharedPage) -> str:
    """`Shared view - release R12, data to 30 Sep 2026, expires 31 Dec 2026`."""
    words = [f"release {page.release}"]
    if page.data_to:
        words.append(f"data to {day(page.data_to)}")
    words.append(f"expires {day(page.until)}" if page.until else f"a file made on {day(page.made)}")
    return f"Shared view - {', '.join(words)}"


def render(page: SharedPage) -> str:
    """The whole document. Raises `UserError` for a link that leaves this server."""
    drawn = [(q, head, draw(page.answers[q])) for q, head, draw in sections.SECTIONS if q in page.answers]
    first = sections.headline(page.answers)
    contents = [("read", "How to read this"), *((q, head) for q, head, _ in drawn), ("measures", "What was measured")]
    body = [
        '<a class="skip" href="#main">Skip to the figures</a>',
        _strips(page),
        _header(page, contents),
        '<main id="main" class="wide">',
        _section("brief", "In brief", first) if first else "",
        _section("read", "How to read this", _how_to_read(page)),
        *(_section(q, head, inner) for q, head, inner in drawn),
        _section("measures", "What was measured", _measures(page)),
        "</main>",
        _footer(page),
    ]
    safe = "" if page.until else content_policy(style(), forms=False)
    return document(f"{page.title} - shared view", body, style(), policy=safe)


def _section(name: str, head: str, inner: str) -> str:
    return f'<section id="{name}" aria-labelledby="h-{name}"><h2 id="h-{name}">{text(head)}</h2>{inner}</section>'


def _strips(page: SharedPage) -> str:
    made_up = (
        '<div class="strip made-up" role="note"><div class="wide"><p>Demonstration: every person and every answer here '
        "is made up.</p></div></div>"
        if page.synthetic
        else ""
    )
    return f'<div class="strip" role="note"><div class="wide"><p>{text(banner(page))}</p></div></div>{made_up}'


def _header(page: SharedPage, contents: list[tuple[str, str]]) -> str:
    where = " · ".join(part for part in (page.hub, w.listed(page.networks)) if part)
    facts = [
        ("Prepared for", page.recipient),
        ("Purpose", page.purpose),
        ("As of", f"{day(page.made)}, with data to {day(page.data_to)}" if page.data_to else day(page.made)),
        (
            "Until",
            day(page.until) if page.until else "A file does not expire. Ask the hub whether there is a newer release.",
        ),
        (
            "Broken down by",
            w.listed(page.breakdowns) + (", each alone" if len(page.breakdowns) > 1 else ""),
        ),
        ("Protection", page.preset_words[:1].upper() + page.preset_words[1:]),
        ("Notes", page.notes),
    ]
    rows = "".join(f"<dt>{text(term)}</dt><dd>{text(words)}</dd>" for term, words in facts if words)
    entries = "".join(f'<li><a href="#{name}">{text(words)}</a></li>' for name, words in contents)
    return (
        f'<header class="wide"><h1>{text(page.title)}</h1>{parts.paragraph(where, "under")}'
        f'<dl class="facts">{rows}</dl>'
        f'{_actions(page)}<nav aria-label="On this page"><ul>{entries}</ul></nav></header>'
    )


def _actions(page: SharedPage) -> str:
    drawn = [
        f'<a class="button{"" if name == "explore" else " plain"}" href="{path(page.links[name])}">{words}</a>'
        for name, words in ACTIONS
        if page.links.get(name)
    ]
    if page.links.get("leave"):
        drawn.append(
            f'<form method="post" action="{path(page.links["leave"])}">'
            f'<input type="hidden" name="{FORM_TOKEN}" value="{text(page.leave_token)}">'
            '<button class="plain">Close this shared view</button></form>'
        )
    return f'<div class="actions">{"".join(drawn)}</div>' if drawn else ""


def _how_to_read(page: SharedPage) -> str:
    fewer = f"Hidden: fewer than {page.minimum} people." if page.minimum else "Hidden: fewer than so many people."
    reading = [
        (
            "A change, +0.5 (0.3 to 0.8)",
            "The same people's average at the later moment minus their average at the earlier one. The brackets hold "
            "its 95% interval: how large or small the change could well be, had other people like these taken part. An "
            "interval that holds zero leaves open whether anything changed.",
        ),
        ("No comparison group", m.NO_COMPARISON),
        ("Self-report", f"Most figures are what people say of themselves.{_other_evidence(page)}"),
        ("People", "Every figure names how many people are behind it. Many who took part did not answer both times."),
        ("Hollow marks", "Few people are behind the figure: it would move if one of them had answered otherwise."),
    ]
    missing = [
        (fewer, "The figure exists. It is not shown, so that nobody's answers can be guessed."),
        (HIDDEN_FOR_OTHERS, "Shown, it would give a smaller group away by subtraction."),
        ("Not enough answers to be reliable", "Too few answered for an interval or a verdict."),
        ("Not asked", f"The question was not put, or nobody answered it ({NOBODY.lower().rstrip('.')})."),
        ("0", "Counted, and there was nobody or nothing."),
    ]
    if "roi" in page.answers:
        missing.insert(2, (HIDDEN_DOMINATED, "Money of one or two places would tell of those places."))
    rounding = ""
    if any(r.about or r.coarse for a in page.answers.values() for r in a.results):
        rounding = parts.paragraph("Figures of parts of a cohort are rounded further than those of the whole.")
    return (
        f"{parts.terms(reading)}{rounding}<h3>When a figure is missing</h3>"
        f"<p>A missing figure always says why. A whole cohort or a wider group may have what a small one hides.</p>"
        f"{parts.terms(missing)}"
    )


def _other_evidence(page: SharedPage) -> str:
    """Which figures rest on something else than people's own word, as far as the page holds them."""
    present = {r.measure for a in page.answers.values() for r in a.results}
    kinds = (
        ("knowledge", "knowledge questions (right and wrong answers)"),
        ("supervisor_rating", "what supervisors say"),
        ("attended_once", "attendance (from the meeting reports)"),
        ("costs", "money (from the hub's own ledger, with its assumptions)"),
    )
    found = w.listed([words for key, words in kinds if key in present])
    return f" Not so: {found}." if found else ""


def _measures(page: SharedPage) -> str:
    present = {r.measure for a in page.answers.values() for r in a.results}
    rows = "".join(_measure(x) for x in load_definitions().measures.values() if x.key in present)
    return f'<dl class="measures">{rows}</dl>' if rows else parts.paragraph("This release holds no rated measures.")


def _measure(measure: Measure) -> str:
    told = dict(m.defined(measure))
    words = (
        f"{told['How it is scored']} {told['Kind of evidence']}. Worthwhile change: {told['Worthwhile change']}. "
        f"Source: {told['Source'].rstrip('.')}. Definition reviewed {told['Definition reviewed']}."
    )
    return f'<dt>{text(measure.label)}</dt><dd>{text(measure.why)}</dd><dd class="soft">{text(words)}</dd>'


def _footer(page: SharedPage) -> str:
    but = " but the quoted ones, each approved by itself," if voices.QUESTION in page.answers else ""
    rules = (
        f"These figures were counted once and frozen: this page holds no person's answers{but} and can look up none. "
        "Groups are shown only where neither they nor what is left of a larger group could tell of single people."
    )
    facts = [
        ("Release", page.release),
        ("Made on", day(page.made)),
        ("Data version", page.data_version),
        ("Checksum", page.checksum),
    ]
    rows = "".join(
        f"<dt>{term}</dt><dd>{f'<code>{text(words)}</code>' if term == 'Checksum' else text(words)}</dd>"
        for term, words in facts
        if words
    )
    return (
        f'<footer><div class="wide">{parts.paragraph(rules)}<dl class="facts">{rows}</dl>'
        f'{parts.paragraph(OFF_PAPER, "paper")}<p class="soft">Made with ECHO Metrics.</p></div></footer>'
    )
