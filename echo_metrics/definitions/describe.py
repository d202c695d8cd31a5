"""Writes docs/measures.md from the definitions, so that the guide can't drift from what is computed.

`python -m echo_metrics.definitions.describe > docs/measures.md`
"""

from __future__ import annotations

from echo_metrics.definitions.loader import load_definitions
from echo_metrics.definitions.model import Definitions, Measure


def as_markdown(definitions: Definitions) -> str:
    """The measures and their questionnaire statements as a page."""
    parts = [
        "# Measures",
        "",
        "Written by `python -m echo_metrics.definitions.describe` from the definitions; do not edit by hand.",
    ]
    for measure in definitions.measures.values():
        parts += _measure(measure, definitions)
    return "\n".join(parts) + "\n"


def _measure(measure: Measure, definitions: Definitions) -> list[str]:
    evidence = "objective" if measure.evidence == "objective" else "self-report"
    asked = ", ".join(c.words for c in measure.contrasts) or f"asked once ({(measure.wave or '').replace('_', ' ')})"
    lines = [
        "",
        f"## {measure.label} (`{measure.key}`)",
        "",
        measure.why,
        "",
        f"- **Computed:** {measure.how}",
        f"- **Asked:** {asked}",
        f"- **Unit and range:** {measure.unit}, {measure.low:g} to {measure.high:g}",
        f"- **Direction:** {measure.direction.replace('_', ' ')}",
        f"- **Evidence:** {evidence}, Moore level {measure.moore_level}",
        f"- **Agreement:** {measure.top_box:g} or more",
        f"- **Smallest change worth having:** {measure.worthwhile_change:g} ({measure.worthwhile_change_basis})",
        f"- **Source:** {measure.source}",
        f"- **Reviewed:** {measure.reviewed}",
        "",
        "| code | statement | scale | |",
        "| --- | --- | --- | --- |",
    ]
    for code in measure.items:
        item = definitions.items[code]
        note = "reversed" if item.reversed else f"right answer: {item.correct:g}" if item.correct is not None else ""
        lines.append(f"| `{code}` | {item.wording} | {item.scale.name} | {note} |")
    return lines


if __name__ == "__main__":
    print(as_markdown(load_definitions()), end="")
