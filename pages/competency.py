"""Competency: do people feel able to do the work, and do they answer the knowledge questions better?"""

from __future__ import annotations

from pages.ui import door, outcome, own, parts

door.guard("competency")
answer = door.answer("competency")
measures = door.definitions().measures

parts.opening("Competency", measures["competency"].why, answer)
outcome.change(answer, measures["competency"], people="competency")
outcome.change(answer, measures["knowledge"], "Knowledge questions")
own.measures(answer)
