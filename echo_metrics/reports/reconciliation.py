"""The reconciliation of imports as one page: each file's equation, findings, corrections and quarantined rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from echo_metrics.answers.imports import ImportRow
from echo_metrics.reports.frame import content_policy, document, sheet, text

MOST_ROWS = 500
"""Quarantined rows printed of one file; `import --json` lists them all."""
STATUS = {
    "loaded": "Loaded",
    "already": "Already in the store: nothing changed",
    "superseded": "Older than what is there",
    "refused": "Refused: nothing was written",
}


def reconciliation_page(rows: Sequence[ImportRow], made: datetime) -> str:
    """One self-contained HTML page without script. It names rows and cells: it is for the hub, not for recipients."""
    style = sheet("base.css", "reconciliation.css")
    read, loaded = sum(r.rows_read for r in rows), sum(r.rows_loaded for r in rows)
    held = sum(r.rows_quarantined for r in rows)
    body = [
        "<main><h1>What came of every row</h1>",
        f"<p>{len(rows):,} files, {read:,} rows read = {loaded:,} loaded + {held:,} quarantined + "
        f"{read - loaded - held:,} ignored by a named rule. Made on {made:%Y-%m-%d %H:%M} UTC. For the hub only: it "
        "may name people.</p>",
        _table(
            ("File", "What came of its rows", "Status", "Holds"),
            [(r.name, r.equation, STATUS.get(r.status, r.status), _holds(r)) for r in rows],
        ),
        *(part for r in rows for part in _file(r)),
        "</main>",
    ]
    return document("Reconciliation of imports", body, style, policy=content_policy(style, forms=False))


def _file(row: ImportRow) -> Iterable[str]:
    if not (row.findings or row.quarantined or row.corrections or row.message):
        return
    yield f"<section><h2>{text(row.name)}</h2><p>{text(row.message or row.equation)}</p>"
    rules = "; ".join(f"{n:,} {rule.replace('_', ' ')}" for rule, n in row.ignored)
    if rules:
        yield f"<p>Ignored by rule: {text(rules)}.</p>"
    if row.findings:
        yield "<h3>What to know</h3>"
        yield _table(
            ("What", "How many", "What to do", "For example"),
            [(f.label, f"{f.count:,}", f.to_do, "\n".join(_example(*e) for e in f.examples)) for f in row.findings],
        )
    if row.corrections:
        yield "<h3>Declared corrections</h3>"
        yield _table(
            ("Row", "Column", "Was", "Became", "Why (reviewed by)"),
            [
                (
                    _place(c.row, c.sheet),
                    c.column,
                    c.was,
                    c.became if c.applied else f"not applied: {c.became}",
                    f"{c.reason} ({c.reviewed_by})",
                )
                for c in row.corrections
            ],
        )
    if row.quarantined:
        yield f"<h3>Quarantined rows ({len(row.quarantined):,})</h3>"
        yield _table(
            ("Row", "Column", "Why", "The row as it came"),
            [(_place(q.row, q.sheet), q.column, q.message, " | ".join(q.cells)) for q in row.quarantined[:MOST_ROWS]],
        )
    yield "</section>"


def _holds(row: ImportRow) -> str:
    found = [(row.people, "people"), (row.connections, "connections"), (row.responses, "answers")]
    return ", ".join(f"{n:,} {what}" for n, what in found if n)


def _example(row: int | None, column: str, message: str) -> str:
    place = ", ".join(p for p in (f"row {row:,}" if row else "", column) if p)
    return f"{place}: {message}" if place else message


def _place(row: int | None, where: str) -> str:
    number = f"{row:,}" if row else "file"
    return f"{where}, {number}" if where else number


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{text(h)}</th>' for h in headings)
    body = "".join("<tr>" + "".join(f"<td>{_cell(c)}</td>" for c in r) + "</tr>" for r in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(words: str) -> str:
    return "<br>".join(text(line) for line in words.split("\n"))
