"""Which format is this? Every reader is asked; the surest claim wins."""

from __future__ import annotations

from types import ModuleType

from echo_metrics.errors import FileRefused
from echo_metrics.ingest.readers import (
    forms,
    generic_survey,
    ledger_workbook,
    qualtrics,
    redcap,
    redcap_dictionary,
    tables,
    toml_files,
    zoom,
    zoom_registration,
)
from echo_metrics.ingest.readers.base import Context, Match
from echo_metrics.ingest.records import Parsed
from echo_metrics.ingest.source import Document

READERS: tuple[ModuleType, ...] = (
    toml_files,
    ledger_workbook,
    zoom,
    zoom_registration,
    redcap_dictionary,
    redcap,
    qualtrics,
    forms,
    tables,
    generic_survey,
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
            "It reads Zoom reports, REDCap, Qualtrics, SurveyMonkey, Microsoft and Google Forms exports, and tables of "
            "forum posts, cases, cycles and costs. Export the raw responses and try again.",
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
    if not parsed.account.balanced:
        account = parsed.account
        raise RuntimeError(
            f"{parsed.format}: {account.read} rows read, but {account.loaded} loaded, {len(account.quarantined)} "
            f"quarantined and {sum(account.ignored.values())} ignored"
        )
    return parsed
