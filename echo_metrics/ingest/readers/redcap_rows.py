"""What raw and labelled REDCap exports share: checkbox groups, statuses, time points, forms side by side."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from echo_metrics.definitions import Definitions
from echo_metrics.ingest.records import Submission
from echo_metrics.ingest.survey import SurveyColumn, wave_of_words
from echo_metrics.terms import WaveKind

PERSON_COLUMNS = ("participant_id", "study_id", "subject_id", "person_id", "user_id", "participant_code")
"""Where a time point stands in an ordinary field, each row is a record of its own and one of these holds the person."""

_UNTICKED = frozenset({"0", "", "unchecked"})
_WAVES: dict[str, WaveKind] = {
    "pre": WaveKind.BASELINE,
    "baseline": WaveKind.BASELINE,
    "before": WaveKind.BASELINE,
    "post": WaveKind.COMPLETION,
    "after": WaveKind.COMPLETION,
    "completion": WaveKind.COMPLETION,
    "followup": WaveKind.FOLLOW_UP,
    "follow_up": WaveKind.FOLLOW_UP,
    "fu": WaveKind.FOLLOW_UP,
    "then": WaveKind.THEN_TEST,
    "retro": WaveKind.THEN_TEST,
}
_PREFIX = re.compile(rf"^({'|'.join(sorted(_WAVES, key=len, reverse=True))})\d*_(.+)$")
_SUFFIX = re.compile(rf"^(.+)_({'|'.join(sorted(_WAVES, key=len, reverse=True))})\d*$")


@dataclass(frozen=True)
class Side:
    """One form of several that stand side by side in a row: its word, its wave, and question name by column."""

    word: str
    wave: WaveKind
    names: Mapping[int, str]


def sides_of(variables: Sequence[str]) -> tuple[Side, ...]:
    """Forms side by side: variables that differ by a time word alone (`pre_q1`, `post_q1`; `q1_pre`, `q1_post`)."""
    for pattern, word_at, name_at in ((_PREFIX, 1, 2), (_SUFFIX, 2, 1)):
        names: dict[str, dict[int, str]] = {}
        for place, variable in enumerate(variables):
            found = pattern.match(variable[:100])
            if found is not None and not variable.endswith(("_complete", "_timestamp")):
                names.setdefault(found.group(word_at), {})[place] = found.group(name_at)
        shared = [set(n.values()) for n in names.values()]
        if len(names) >= 2 and any(a & b for i, a in enumerate(shared) for b in shared[i + 1 :]):
            return tuple(Side(word, _WAVES[word], places) for word, places in names.items())
    return ()


def named_by_side(columns: Iterable[SurveyColumn], sides: Sequence[Side]) -> list[SurveyColumn]:
    """Columns of a side under the name that all sides share, so that an instrument knows them."""
    names = {place: name for side in sides for place, name in side.names.items()}
    return [replace(c, text=names[c.position]) if c.position in names and not c.text else c for c in columns]


def split_sides(
    submission: Submission,
    sides: Sequence[Side],
    variables: Sequence[str],
    cells: Sequence[str],
    definitions: Definitions,
) -> list[Submission]:
    """One submission for each side that has answers; what belongs to no side goes with the first of them."""
    if not sides:
        return [submission]
    place_of = {place: side.word for side in sides for place in side.names}
    rest = [a for a in submission.answers if a.column not in place_of]
    parts: list[Submission] = []
    for side in sides:
        answers = [a for a in submission.answers if place_of.get(a.column) == side.word]
        if not answers:
            continue
        session = any(a.item_code and definitions.items[a.item_code].instrument == "session" for a in answers)
        wave = wave_of_words(side.word, session) if session else side.wave
        parts.append(
            replace(
                submission,
                external_id=f"{submission.external_id}|{side.word}",
                event=side.word,
                wave=wave,
                submitted=_stamp_of(side.word, variables, cells) or submission.submitted,
                answers=tuple(answers if parts else [*answers, *rest]),
            )
        )
    return parts or [submission]


def checkbox_groups(stems: Mapping[int, str]) -> tuple[tuple[int, ...], ...]:
    """Columns of each checkbox question, from the stem that each checkbox column names."""
    groups: dict[str, list[int]] = {}
    for place, stem in stems.items():
        groups.setdefault(stem, []).append(place)
    return tuple(tuple(g) for g in groups.values())


def unticked(groups: Iterable[Sequence[int]], cells: Sequence[str]) -> set[int]:
    """Columns of groups with nothing ticked: that is missing, not 'no', for the form may never have been opened."""
    return {
        place
        for group in groups
        if all(cells[i].strip().casefold() in _UNTICKED for i in group if i < len(cells))
        for place in group
    }


def is_done(status: str) -> bool:
    """Whether a form's status says complete; a blank status says nothing against it."""
    return status.strip().casefold() in ("2", "", "complete")


def timestamp(raw: str) -> datetime | None:
    """A survey's timestamp; None for `[not completed]` and blanks."""
    try:
        return datetime.fromisoformat(raw.strip()) if len(raw) < 40 else None
    except ValueError:
        return None


def _stamp_of(word: str, variables: Sequence[str], cells: Sequence[str]) -> datetime | None:
    """The timestamp of the form whose name bears the side's word."""
    stamps = [
        timestamp(cells[i])
        for i, v in enumerate(variables)
        if v.endswith("_timestamp") and word in v.split("_") and i < len(cells)
    ]
    return max((s for s in stamps if s is not None), default=None)
