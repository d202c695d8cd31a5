"""The hub's own measures, below the reviewed ones of a screen."""

from __future__ import annotations

from echo_metrics.answers import Answer
from pages.ui import door, outcome


def measures(*answers: Answer) -> None:
    """Each own measure of these answers in a section of its own; nothing where the hub has none or nobody answered."""
    for answer in answers:
        for measure in door.definitions().measures_of(answer.question):
            if measure.key.startswith("own_") and answer.only(measure.key):
                draw = outcome.change if measure.kind == "change" else outcome.level
                draw(answer, measure, measure.label)
