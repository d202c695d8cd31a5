"""A ledger file, opened outside an import: for the command line and for the editor's upload."""

from __future__ import annotations

import tomllib
from typing import Any

from echo_metrics.errors import UserError
from echo_metrics.ingest.source import Document
from echo_metrics.ledger_files.sheets import to_document
from echo_metrics.ledger_files.workbook import from_tables, is_ledger


def ledger_document(document: Document) -> dict[str, Any]:
    """The document that `parse_ledger` checks, from a TOML text or a workbook.

    Raises `UserError` for a file that is neither.
    """
    if document.workbook:
        tables = {t.sheet: t.rows for t in document.tables}
        if not is_ledger(tables):
            raise UserError(
                f"{document.name} can't be read as a ledger: no sheet 'Ledger' names the format. Start from a ledger "
                "that was saved as a workbook here."
            )
        return to_document(from_tables(tables))
    try:
        return tomllib.loads(document.text)
    except (ValueError, RecursionError) as error:  # also a number of thousands of digits, or brackets without end
        raise UserError(f"{document.name} can't be read as a ledger: {error}. Check the file and try again.") from error
