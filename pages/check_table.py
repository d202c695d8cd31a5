"""Check a table: do the printed figures of a results table fit together?"""

from __future__ import annotations

from pages.ui import door, parts, table_check

door.guard("check-table")

parts.opening(
    "Check a table",
    "Paste rows of a printed results table, from a paper or your own draft, and learn whether their figures can all be "
    "true together. What does not close usually has mixed denominators, not bad intent.",
)
table_check.ask_for_rows()
