"""Return on investment: what the programme cost, what it may have saved, and what that rests on."""

from __future__ import annotations

from pages.ui import door, investment, overview, parts

door.guard("roi")
answer = door.answer("roi")

parts.opening(
    "Return on investment",
    "What the programme cost, participants' own time included, what it may have saved, and how far both could be out.",
    answer,
)
investment.ledgers(answer)
overview.unpriced(door.answer("summary"))
parts.trail(answer.trail, "the quantities that ledgers draw from attendance")
