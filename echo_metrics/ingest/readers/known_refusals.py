"""Files that are known and hold nothing to load: refused with what to import instead."""

from __future__ import annotations

from dataclasses import dataclass

from echo_metrics.errors import FileRefused
from echo_metrics.ingest.readers.base import Context, Match
from echo_metrics.ingest.records import Parsed
from echo_metrics.ingest.source import Document

FORMAT = "not_for_import"


@dataclass(frozen=True)
class _Kind:
    """A file that is no data: the folded headings that tell, what it is, and what to do."""

    variant: str
    headings: frozenset[str]
    problem: str
    remedy: str


_KINDS = (
    _Kind(
        "redcap arms",
        frozenset({"arm num", "name"}),
        "is REDCap's list of arms and holds no answers.",
        "Import the data export; arms stand in its event names.",
    ),
    _Kind(
        "redcap events",
        frozenset({"event name", "arm num", "unique event name"}),
        "is REDCap's list of events and holds no answers.",
        "Import the data export; its rows name their events.",
    ),
    _Kind(
        "timetable",
        frozenset({"session name", "minutes", "start time utc"}),
        "is a timetable: it names sessions but nobody who was there.",
        "Write the sessions into the programme file and import the attendance reports.",
    ),
    _Kind(
        "head counts",
        frozenset({"session name", "num attendees"}),
        "holds head counts without people, which can be tied to no session's attendance.",
        "Import the meeting reports that they were counted from.",
    ),
    _Kind(
        "surveymonkey summary",
        frozenset({"answer choices", "responses"}),
        "is a summary of answers, not the answers themselves.",
        "Export all individual responses and import that file.",
    ),
)


def recognise(document: Document, context: Context) -> Match | None:
    """Claim a table that has all headings of one kind and is no data."""
    for index, table in enumerate(document.tables):
        for number, cells in enumerate(table.head, 1):
            held = set(cells)
            for kind in _KINDS:
                few = kind.variant != "redcap arms" or len([c for c in cells if c]) == 2
                if kind.headings <= held and few:
                    return Match(0.9, kind.variant, number, f"the columns {', '.join(sorted(kind.headings))}", index)
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Raise `FileRefused` with what to import instead; nothing of these files is read."""
    kind = next(k for k in _KINDS if k.variant == match.variant)
    raise FileRefused(document.name, kind.problem, kind.remedy)
