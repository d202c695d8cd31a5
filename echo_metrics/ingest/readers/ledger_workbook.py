"""A ledger of costs and benefits kept as a workbook: the sheets that `ledger_files.workbook` writes."""

from __future__ import annotations

from echo_metrics.ingest.readers.base import Context, Match, new_account
from echo_metrics.ingest.records import Parsed
from echo_metrics.ingest.source import Document
from echo_metrics.ledger_files.sheets import COLUMNS, to_document
from echo_metrics.ledger_files.workbook import from_tables, is_ledger
from echo_metrics.roi.ledger import FORMAT


def recognise(document: Document, context: Context) -> Match | None:
    """Claim a workbook whose sheet "Ledger" names the format."""
    if document.workbook and is_ledger({t.sheet: t.rows for t in document.tables}):
        return Match(1.0, FORMAT, None, f'sheet "Ledger" names the format {FORMAT}')
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read the input sheets; calculated sheets are ignored, as they follow from the others."""
    account = new_account(document.tables)
    account.loaded = sum(len(t.rows) for t in document.tables if t.sheet in COLUMNS)
    account.ignore("calculated or other sheet", sum(len(t.rows) for t in document.tables if t.sheet not in COLUMNS))
    parsed = Parsed(format="ledger", variant="workbook", header_row=None, account=account)
    parsed.ledger = to_document(from_tables({t.sheet: t.rows for t in document.tables}))
    return parsed
