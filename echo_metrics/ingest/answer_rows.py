"""Turns answers into rows of responses, texts and scores, column by column.

Answers of a survey repeat: what a cell of a question says is read once for each distinct text, and rows are kept as
columns, since a million dictionaries would cost many times the time and room.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from echo_metrics.definitions import Answer, Definitions, Item
from echo_metrics.ingest.records import Submission
from echo_metrics.numbers import number_in
from echo_metrics.store import Writer

LONGEST_ANSWER = 60
"""An answer to a question that no instrument knows is a text of its own beyond so many characters."""
MOST_REMEMBERED = 200_000
"""Distinct answers whose reading is remembered; beyond that each is read anew."""

Check = Callable[[Answer, Item, str, Submission], None]


@dataclass(frozen=True)
class _Read:
    """What one text means as an answer to one question."""

    value: float | None
    missing: str | None
    item: Item | None
    scored: float | None
    faulty: Answer | None


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

    def __len__(self) -> int:
        return len(self.responses["submission_id"]) + len(self.texts["submission_id"])

    def add(self, new_id: int, submission: Submission) -> str | None:
        """Add a submission's answers; returns the instrument of its first known question, or None."""
        instrument = None
        by_measure: dict[str, list[float]] = defaultdict(list)
        kept = []
        row, known = submission.origin.row, self._known
        for cell in submission.answers:
            _, question, code, raw = cell
            read = known.get((code, raw)) or self._read(code, raw)
            item = read.item
            if item is None:
                if len(raw) > LONGEST_ANSWER:
                    self._text(new_id, row, cell.column, question, raw)
                    continue
            else:
                instrument = instrument or item.instrument
                if read.faulty is not None:
                    self.check(read.faulty, item, raw, submission)
                if read.scored is not None:
                    by_measure[item.measure].append(read.scored)
                    self._item_score(new_id, item, read.scored)
            kept.append((cell, read))
        r, n = self.responses, len(kept)
        r["submission_id"] += [new_id] * n
        r["row_no"] += [row] * n
        r["column_no"] += [cell.column for cell, _ in kept]
        r["question"] += [cell.question for cell, _ in kept]
        r["item"] += [cell.item_code for cell, _ in kept]
        r["raw"] += [cell.raw for cell, _ in kept]
        r["value"] += [read.value for _, read in kept]
        r["missing_reason"] += [read.missing for _, read in kept]
        for measure, values in by_measure.items():
            self._score(new_id, measure, self.definitions.measures[measure].score_key(values))
        return instrument

    def save(self, writer: Writer) -> None:
        """Write everything."""
        for table, columns in (("response", self.responses), ("response_text", self.texts)):
            files = [self.file_id] * len(columns["submission_id"])
            writer.insert_columns(table, {**columns, "file_id": files})
        writer.insert_columns("score", self.scores)

    def _read(self, code: str | None, raw: str) -> _Read:
        item = self.definitions.items.get(code or "")
        if item is None:
            found = _Read(number_in(raw), None, None, None, None)
        else:
            answer = item.scale.read(raw)
            scored = item.scored(answer.value) if answer.value is not None else None
            faulty = answer if answer.missing in ("out_of_range", "unreadable") else None
            found = _Read(answer.value, answer.missing, item, scored, faulty)
        if len(self._known) < MOST_REMEMBERED and len(raw) <= LONGEST_ANSWER:
            self._known[code, raw] = found
        return found

    def _text(self, new_id: int, row: int, column: int, question: str, body: str) -> None:
        for name, value in zip(self.texts, (new_id, row, column, question, body), strict=True):
            self.texts[name].append(value)

    def _item_score(self, new_id: int, item: Item, scored: float) -> None:
        measure = self.definitions.measures[item.measure]
        if len(measure.items) > 1:
            self._score(new_id, item.code, measure.key_of_one(scored))

    def _score(self, new_id: int, measure: str, key: int | None) -> None:
        if key is not None:
            self.scores["submission_id"].append(new_id)
            self.scores["measure"].append(measure)
            self.scores["key"].append(key)
