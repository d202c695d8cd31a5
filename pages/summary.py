"""Summary: what the programme shows, on one page, for leaders."""

from __future__ import annotations

from echo_metrics.charts import method_words, wording
from pages.ui import door, overview, parts

door.guard("summary")
answer = door.answer("summary")

parts.opening("Summary", "What changed for the people who took part, how many were reached, and what it cost.", answer)
parts.lead_words(
    wording.summary_sentence(answer, door.definitions().measures),
    method_words.NO_COMPARISON,
)
parts.trail(answer.trail, "competency")
overview.outcomes(answer)
overview.reach(answer)
overview.money(door.answer("roi"))
