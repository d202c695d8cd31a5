"""Which format is this? Every reader is asked; the surest claim wins."""

from __future__ import annotations

import re
from types import ModuleType

from echo_metrics.errors import FileRefused
from echo_metrics.ingest.personal import leave_personal_out
from echo_metrics.ingest.readers import (
    attendance_table,
    community,
    forms,
    generic_survey,
    google_meet,
    iecho,
    known_refusals,
    ledger_workbook,
    limesurvey,
    mentimeter,
    qualtrics,
    qualtrics_definition,
    redcap,
    redcap_dictionary,
    redcap_labelled,
    surveymonkey,
    tables,
    teams,
    teams_events,
    toml_files,
    zoom,
    zoom_chat,
    zoom_polls,
    zoom_registration,
    zoom_webinar,
)
from echo_metrics.ingest.readers.base import Context, Match
from echo_metrics.ingest.records import Issue, Parsed
from echo_metrics.ingest.source import Document

_ESCAPED = re.compile(r"<U\+[0-9A-F]{4,6}>")

READERS: tuple[ModuleType, ...] = (
    toml_files,
    ledger_workbook,
    zoom,
    zoom_registration,
    zoom_webinar,
    zoom_polls,
    zoom_chat,
    teams,
    teams_events,
    google_meet,
    iecho,
    redcap_dictionary,
    redcap,
    redcap_labelled,
    qualtrics,
    qualtrics_definition,
    surveymonkey,
    forms,
    limesurvey,
    mentimeter,
    community,
    tables,
    attendance_table,
    generic_survey,
    known_refusals,
)


def detect(document: Document, context: Context) -> tuple[ModuleType, Match]:
    """Return the reader that is surest of `document` and its claim. Raises `FileRefused` if none knows it."""
    claims = []
    for reader in READERS:
        if not document.tables[0].rows:
            continue
        match: Match | None = reader.recognise(document, context)
        if match is not None:
            claims.append((match.confidence, reader, match))
    if not claims:
        raise FileRefused(
            document.name,
            "is not a file that ECHO Metrics knows.",
            "It reads Zoom, Teams, Meet and iECHO reports, exports of survey tools, and tables of forum posts, cases, "
            "cycles and costs. Export the raw rows, with their headings, and try again.",
        )
    _, reader, match = max(claims, key=lambda claim: claim[0])
    return reader, match


def parse(document: Document, context: Context) -> Parsed:
    """Detect and read `document`. Raises `FileRefused` if it can't be read at all.

    The account of the returned file balances; a reader that loses a row is a bug and raises `RuntimeError`.
    """
    reader, match = detect(document, context)
    parsed: Parsed = reader.read(document, match, context)
    parsed.why = match.why
    _note_damage(document, parsed)
    leave_personal_out(parsed)
    if not parsed.account.balanced:
        account = parsed.account
        raise RuntimeError(
            f"{parsed.format}: {account.read} rows read, but {account.loaded} loaded, {len(account.quarantined)} "
            f"quarantined and {sum(account.ignored.values())} ignored"
        )
    return parsed


def _note_damage(document: Document, parsed: Parsed) -> None:
    """Say where text was damaged on its way: bytes that are no text, and characters written out as `<U+2019>`."""
    if document.damaged:
        parsed.account.issues.append(
            Issue(
                "damaged_encoding",
                f"{document.damaged} places in this file can't be read as {document.encoding} and stand as \ufffd.",
            )
        )
    escaped = len(_ESCAPED.findall(document.text))
    if escaped:
        parsed.account.issues.append(
            Issue(
                "escaped_characters",
                f"{escaped} characters were damaged before this file was made and stand as codes such as <U+2019>.",
            )
        )
