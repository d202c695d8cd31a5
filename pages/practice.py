"""Practice: do people use what they learned?"""

from __future__ import annotations

from pages.ui import door, outcome, own, parts

door.guard("practice")
answer = door.answer("practice")
practice = door.definitions().measures["practice"]

parts.opening("Integration into practice", practice.why, answer)
outcome.change(answer, practice, people="practice")
own.measures(answer)
