"""What every reader shares: the match it returns, the context it is given, and heading rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from echo_metrics.definitions import Definitions
from echo_metrics.ingest.records import Account, Issue
from echo_metrics.ingest.source import SEARCH_ROWS, Document, Table
from echo_metrics.ingest.survey import STARTED, SUBMITTED, SurveyColumn, decide_order

__all__ = [
    "SEARCH_ROWS",
    "Context",
    "Match",
    "find_header",
    "ignore_above",
    "ignore_other_sheets",
    "new_account",
    "survey_order",
]


@dataclass(frozen=True)
class Match:
    """A reader's claim on a document: how sure it is (0-1), which variant, where the heading stands, and why."""

    confidence: float
    variant: str
    header_row: int | None
    why: str
    table: int = 0


@dataclass(frozen=True)
class Context:
    """What a reader may know beside the file: definitions, the hub's date order and zone, labels of coded choices."""

    definitions: Definitions
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    default_order: str = "mdy"
    session_days: frozenset[date] = frozenset()


def new_account(tables: Iterable[Table]) -> Account:
    """An account that has read every row of `tables`."""
    return Account(read=sum(len(table.rows) for table in tables))


def survey_order(
    rows: Iterable[tuple[str, ...]], columns: Sequence[SurveyColumn], account: Account, context: Context
) -> str:
    """A survey's order of day and month: from all its times, else the hub's custom, and the report says so."""
    order = decide_order(rows, columns)
    if order or not any(c.role in (STARTED, SUBMITTED) for c in columns):
        return order
    words = "month first" if context.default_order == "mdy" else "day first"
    account.issues.append(
        Issue(
            "date_order_assumed",
            f"No date shows whether day or month comes first; {words} was assumed, the hub's custom.",
        )
    )
    return context.default_order


def find_header(table: Table, required: Iterable[frozenset[str]]) -> int | None:
    """Return the first row (1-based) that holds, folded, one name of each required set, or None."""
    needs = list(required)
    for number, folded in enumerate(table.head, 1):
        if all(names.intersection(folded) for names in needs):
            return number
    return None


def ignore_above(account: Account, table: Table, header_row: int, block_rows: Iterable[int] = ()) -> None:
    """Account for the heading row and what stands above it: blank rows, a block, or notes."""
    block = set(block_rows)
    for number, cells in table.numbered():
        if number >= header_row:
            break
        if not any(c.strip() for c in cells):
            account.ignore("blank row")
        else:
            account.ignore("meeting block" if number in block else "notes above the heading")
    account.ignore("heading")


def ignore_other_sheets(account: Account, document: Document, used: int) -> None:
    """Account for the rows of sheets that the format does not use."""
    for index, table in enumerate(document.tables):
        if index != used:
            account.ignore("other sheet", len(table.rows))
