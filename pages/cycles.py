"""Improvement cycles: what was tried, what it was to move, and what the run chart of its measure says."""

from __future__ import annotations

from pages.ui import cycles, door, parts

door.guard("cycles")
answer = door.answer("cycles")

parts.opening(
    "Improvement cycles", "What was tried, what it was meant to move, and what was learned (plan, do, study, act)."
)
cycles.listed(answer)
cycles.writing(answer)
cycles.how(answer)
