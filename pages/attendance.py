"""Attendance: who came, how often, and from which disciplines."""

from __future__ import annotations

from pages.ui import door, parts, reach

door.guard("attendance")
answer = door.answer("attendance")

parts.opening("Attendance", "Who came, to how much of the series. Being there is reach, not an outcome.", answer)
reach.totals(answer)
parts.trail(answer.trail, "attendance")
reach.charts(answer)
reach.how(answer)
