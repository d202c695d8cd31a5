"""Supervisor value: what participants expect their supervisors to say, and what supervisors say. Never mixed."""

from __future__ import annotations

from pages.ui import door, outcome, own, parts

door.guard("supervisor-value")
answer = door.answer("supervisor-value")
measures = door.definitions().measures

parts.opening(
    "Supervisor value",
    "Two different views, kept apart: what participants think their supervisor would say, and what supervisors said.",
    answer,
)
outcome.change(answer, measures["supervisor_estimate"], "The participants' estimate", people="the estimate")
outcome.level(answer, measures["supervisor_rating"], "The supervisors' own rating")
own.measures(answer)
