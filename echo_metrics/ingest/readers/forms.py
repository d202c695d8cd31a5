"""Form tools with one heading row: Microsoft Forms and Google Forms."""

from __future__ import annotations

import re

from echo_metrics.ingest.readers.base import (
    Context,
    Match,
    ignore_above,
    ignore_other_sheets,
    new_account,
    survey_order,
)
from echo_metrics.ingest.records import Parsed
from echo_metrics.ingest.source import Document
from echo_metrics.ingest.survey import (
    ID,
    META,
    QUESTION,
    STARTED,
    SUBMITTED,
    SurveyColumn,
    SurveyLayout,
    classify,
    note_dropped,
    read_submissions,
)
from echo_metrics.text import fold

MS_FORMS, GOOGLE_FORMS = "microsoft_forms", "google_forms"

# The tool's own columns, English first; the words of other languages are not confirmed by a real file.
_MS: dict[str, str] = {
    **dict.fromkeys(("id",), ID),
    **dict.fromkeys(("start time", "startzeit", "hora de inicio", "heure de debut"), STARTED),
    **dict.fromkeys(
        ("completion time", "fertigstellungszeit", "hora de finalizacion", "hora de conclusao", "heure de fin"),
        SUBMITTED,
    ),
    **dict.fromkeys(("email", "e mail", "correo electronico", "adresse de messagerie"), "field:email"),
    **dict.fromkeys(("name", "nombre", "nome", "nom"), META),
    **dict.fromkeys(("last modified time", "language", "total points", "quiz feedback", "grade posted time"), META),
}
_TIMESTAMPS = frozenset(
    {
        "timestamp",
        "zeitstempel",
        "horodateur",
        "marca temporal",
        "carimbo de data hora",
        "tijdstempel",
        "タイムスタンプ",
    }
)
_GOOGLE: dict[str, str] = {
    **dict.fromkeys(_TIMESTAMPS, SUBMITTED),
    **dict.fromkeys(("email address", "username", "e mail adresse", "direccion de correo electronico"), "field:email"),
    **dict.fromkeys(("score", "punkte", "puntuacion", "pontuacao"), META),
}
_POINTS = re.compile(r"^(points|feedback)\s*[-–:]\s*\S", re.IGNORECASE)
_GRADED = re.compile(r"\[(score|feedback)\]\s*$", re.IGNORECASE)


def recognise(document: Document, context: Context) -> Match | None:
    """Claim a table under the fixed first headings of one of the two tools."""
    for index, table in enumerate(document.tables):
        for number, cells in enumerate(table.head, 1):
            held = {_MS.get(c) for c in cells}
            if cells[:1] == ("id",) and {STARTED, SUBMITTED} <= held:
                return Match(0.96, f"{MS_FORMS}: responses", number, "ID, start and completion time", index)
            if cells and cells[0] in _TIMESTAMPS and len([c for c in cells if c]) > 1:
                form = "responses sheet" if document.workbook else "responses"
                return Match(0.94, f"{GOOGLE_FORMS}: {form}", number, "Timestamp before the questions", index)
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read responses of the tool that `match` names; a quiz's points and feedback are no answers."""
    tool, _, variant = match.variant.partition(": ")
    table = document.tables[match.table]
    header_row = match.header_row or 1
    account = new_account(document.tables)
    ignore_other_sheets(account, document, match.table)
    ignore_above(account, table, header_row)
    raw_columns = _columns(table.rows[header_row - 1], _MS if tool == MS_FORMS else _GOOGLE)
    columns, shown, items = classify(raw_columns, context.definitions)
    data = table.rows[header_row:]
    order = survey_order(data, columns, account, context)
    note_dropped(columns, data, account)
    submissions = read_submissions(
        table.numbered(header_row + 1),
        SurveyLayout(columns, table.sheet, order),
        items,
        account,
        context.definitions,
        unclosed_row=table.unclosed_row,
    )
    stated = next((s.submitted.tzname() for s in submissions if s.submitted and s.submitted.tzinfo), None)
    return Parsed(
        format=tool,
        timezone=stated or "",
        variant=variant,
        header_row=header_row,
        account=account,
        columns=shown,
        date_order=order,
        submissions=submissions,
        stable_ids=tool != GOOGLE_FORMS,
    )


def _columns(headings: tuple[str, ...], roles: dict[str, str]) -> list[SurveyColumn]:
    """The tool's own columns stand first: a later question may bear the same name."""
    columns: list[SurveyColumn] = []
    own = True
    for i, heading in enumerate(headings):
        role = roles.get(fold(heading)) if own else None
        if role is None:
            own = False
            graded = _POINTS.match(heading) or _GRADED.search(heading[-40:])
            role = META if graded or not heading.strip() else QUESTION
        columns.append(SurveyColumn(i, heading.strip(), "", role))
    return columns
