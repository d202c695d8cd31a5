"""A ledger as TOML: the text that goes into the import and that people keep under version control."""

from __future__ import annotations

import tomli_w

from echo_metrics.roi.document import as_document
from echo_metrics.roi.ledger import Ledger


def to_toml(ledger: Ledger) -> str:
    """Write a ledger; `tomllib` and `parse_ledger` read the same one back."""
    return tomli_w.dumps(as_document(ledger), multiline_strings=False)
