"""Summary: what the programme shows, on one page, for leaders."""

from __future__ import annotations

from echo_metrics.charts import wording
from pages.ui import door, overview, parts

door.guard("summary")
answer = door.answer("summary")

parts.opening("Summary", "What changed for the people who took part, how many were reached, and what it cost.", answer)
parts.lead_words(
    wording.summary_sentence(answer, door.definitions().measures),
    "These are comparisons of the same people at two moments, without a comparison group: they say what changed, "
    "not what caused it.",
)
parts.trail(answer.trail, "competency")
overview.outcomes(answer)
overview.reach(answer)
overview.money(door.answer("roi"))
