"""One function a question: counts, then the statistic, then the gate. Screens and command line draw what comes out."""

from echo_metrics.answers.ask import QUESTIONS, ask
from echo_metrics.answers.model import Answer, Filters, Group, Result, Trail

__all__ = ["QUESTIONS", "Answer", "Filters", "Group", "Result", "Trail", "ask"]
