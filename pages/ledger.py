"""Ledger: the lines behind the return on investment, to be checked, changed, taken away and brought back."""

from __future__ import annotations

from pages.ui import door, ledger_editor, parts

door.guard("ledger")

parts.opening(
    "Ledger",
    "Every cost and benefit is a line that can be contested: quantity, value, range, source and owner.",
)
ledger_editor.said()
chosen = ledger_editor.choose()
if chosen is not None:
    ledger_editor.edit(chosen)
