"""Turns answers into rows of responses, texts and scores, column by column.

Answers of a survey repeat: what a cell of a question says is read once for each distinct text, and rows are kept as
columns, since a million dictionaries would cost many times the time and room.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from echo_metrics.definitions import Answer, Definitions, Item
from echo_metrics.ingest.records import AnswerCell, Submission
from echo_metrics.numbers import number_in
from echo_metrics.store import Writer

LONGEST_ANSWER = 60
"""An answer to a question that no instrument knows is a text of its own beyond so many characters."""
MOST_WAITING = 250_000
"""Answers that wait in memory before they are written."""
MOST_REMEMBERED = 200_000
"""Distinct answers whose reading is remembered; beyond that each is read anew."""

Check = Callable[[Answer, Item, str, Submission], None]


@dataclass(frozen=True, slots=True)
class _Read:
    """What one text means as an answer to one question; `key` is the score of the question alone, if it has one."""

    value: float | None
    missing: str | None = None
    item: Item | None = None
    scored: float | None = None
    key: int | None = None
    faulty: Answer | None = None
    text: bool = False
    """Whether it is a text of its own rather than an answer."""


def _columns(*names: str) -> dict[str, list[Any]]:
    return {name: [] for name in names}


@dataclass
class AnswerRows:
    """The rows of one file's answers, by table."""

    definitions: Definitions
    file_id: int
    check: Check
    responses: dict[str, list[Any]] = field(
        default_factory=lambda: _columns(
            "submission_id", "row_no", "column_no", "question", "item", "raw", "value", "missing_reason"
        )
    )
    texts: dict[str, list[Any]] = field(
        default_factory=lambda: _columns("submission_id", "row_no", "column_no", "question", "body")
    )
    scores: dict[str, list[Any]] = field(default_factory=lambda: _columns("submission_id", "measure", "key"))
    _known: dict[tuple[str | None, str], _Read] = field(default_factory=dict)

    added: int = 0
    """Answers and texts so far, written or waiting."""

    def add(self, writer: Writer, new_id: int, submission: Submission) -> str | None:
        """Add a submission's answers; returns the instrument of its first known question, or None."""
        self.added += len(submission.answers)
        row, known = submission.origin.row, self._known
        told = [(cell, known.get((cell[2], cell[3])) or self._read(cell[2], cell[3])) for cell in submission.answers]
        kept = [pair for pair in told if not pair[1].text]
        if len(kept) < len(told):
            self._texts(new_id, row, [cell for cell, read in told if read.text])
        r, n = self.responses, len(kept)
        r["submission_id"] += [new_id] * n
        r["row_no"] += [row] * n
        r["column_no"] += [cell[0] for cell, _ in kept]
        r["question"] += [cell[1] for cell, _ in kept]
        r["item"] += [cell[2] for cell, _ in kept]
        r["raw"] += [cell[3] for cell, _ in kept]
        r["value"] += [read.value for _, read in kept]
        r["missing_reason"] += [read.missing for _, read in kept]
        instrument = self._score(new_id, submission, [(cell.raw, read) for cell, read in kept if read.item is not None])
        if len(r["submission_id"]) >= MOST_WAITING:
            self.save(writer)
        return instrument

    def save(self, writer: Writer) -> None:
        """Write what waits."""
        for table, columns in (("response", self.responses), ("response_text", self.texts)):
            files = [self.file_id] * len(columns["submission_id"])
            writer.insert_columns(table, {**columns, "file_id": files})
        writer.insert_columns("score", self.scores)
        for columns in (self.responses, self.texts, self.scores):
            for waiting in columns.values():
                waiting.clear()

    def _read(self, code: str | None, raw: str) -> _Read:
        item = self.definitions.items.get(code or "")
        if item is None:
            found = _Read(number_in(raw), text=len(raw) > LONGEST_ANSWER)
        else:
            answer = item.scale.read(raw)
            measure = self.definitions.measures[item.measure]
            scored = item.scored(answer.value) if answer.value is not None else None
            key = measure.key_of_one(scored) if scored is not None and len(measure.items) > 1 else None
            faulty = answer if answer.missing in ("out_of_range", "unreadable") else None
            found = _Read(answer.value, answer.missing, item, scored, key, faulty)
        if len(self._known) < MOST_REMEMBERED and len(raw) <= LONGEST_ANSWER:
            self._known[code, raw] = found
        return found

    def _texts(self, new_id: int, row: int, cells: Sequence[AnswerCell]) -> None:
        for cell in cells:
            told = (new_id, row, cell.column, cell.question, cell.raw)
            for column, value in zip(self.texts.values(), told, strict=True):
                column.append(value)

    def _score(self, new_id: int, submission: Submission, told: Sequence[tuple[str, _Read]]) -> str | None:
        """The scores of known questions and of their measures; returns the instrument of the first."""
        instrument = None
        by_measure: dict[str, list[float]] = defaultdict(list)
        keys: list[tuple[str, int | None]] = []
        for raw, read in told:
            item = read.item
            assert item is not None  # only known questions are told
            instrument = instrument or item.instrument
            if read.faulty is not None:
                self.check(read.faulty, item, raw, submission)
            if read.scored is not None:
                by_measure[item.measure].append(read.scored)
                keys.append((item.code, read.key))
        keys += [(m, self.definitions.measures[m].score_key(values)) for m, values in by_measure.items()]
        found = [(measure, key) for measure, key in keys if key is not None]
        self.scores["submission_id"] += [new_id] * len(found)
        self.scores["measure"] += [measure for measure, _ in found]
        self.scores["key"] += [key for _, key in found]
        return instrument
