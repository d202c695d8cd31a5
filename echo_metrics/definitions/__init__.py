"""Measures, instruments, scales and disciplines: reviewed TOML files and the loader that checks them."""

from echo_metrics.definitions.loader import load_definitions
from echo_metrics.definitions.model import (
    Answer,
    Definitions,
    Discipline,
    Instrument,
    Item,
    Measure,
    Scale,
    Threshold,
)

__all__ = [
    "Answer",
    "Definitions",
    "Discipline",
    "Instrument",
    "Item",
    "Measure",
    "Scale",
    "Threshold",
    "load_definitions",
]
