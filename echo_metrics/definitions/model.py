"""What a reviewed definition holds, and how an answer is read and scored by it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from echo_metrics.terms import SCORE_UNIT, Contrast, Evidence, WaveKind
from echo_metrics.text import fold

_LEADING_NUMBER = re.compile(r"^\s*(-?\d+(?:[.,]\d+)?)\s*(?:$|[-=:.)\s])")
_NUMBER_IN_BRACKETS = re.compile(r"\((-?\d+)\)\s*$")


@dataclass(frozen=True)
class Answer:
    """One answer read by its scale: a value, or the reason why there is none.

    `missing` is None where there is a value; otherwise `blank`, `na`, `out_of_range` or `unreadable`.
    """

    value: float | None
    missing: str | None = None


@dataclass(frozen=True)
class Point:
    """One answer of a scale with the labels that tools write for it."""

    value: float
    label: str
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class MissingPoint:
    """An answer that holds no score, such as 'not applicable'."""

    value: float
    label: str
    reason: str
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scale:
    """An answer set: its points from lowest to highest and its codes for 'not applicable'."""

    key: str
    name: str
    points: tuple[Point, ...]
    missing: tuple[MissingPoint, ...]

    @property
    def low(self) -> float:
        """The lowest value that scores."""
        return min(p.value for p in self.points)

    @property
    def high(self) -> float:
        """The highest value that scores."""
        return max(p.value for p in self.points)

    @cached_property
    def _by_label(self) -> Mapping[str, Answer]:
        known: dict[str, Answer] = {}
        for point in self.points:
            for label in (point.label, *point.synonyms):
                known[fold(label)] = Answer(point.value)
        for gap in self.missing:
            for label in (gap.label, *gap.synonyms):
                known[fold(label)] = Answer(None, gap.reason)
        return known

    def read(self, raw: str) -> Answer:
        """Read what a tool wrote in a cell: a code (`4`, `4.0`), a label (`Agree`) or both (`4 - Agree`).

        A whole or decimal number outside the scale is `out_of_range`; text that no label matches is `unreadable`.
        """
        if not raw.strip():
            return Answer(None, "blank")
        by_label = self._by_label.get(fold(raw))
        if by_label is not None:
            return by_label
        number = _LEADING_NUMBER.match(raw) or _NUMBER_IN_BRACKETS.search(raw)
        if number is None:
            return Answer(None, "unreadable")
        value = float(number.group(1).replace(",", "."))
        if any(p.value == value for p in self.points):
            return Answer(value)
        for gap in self.missing:
            if gap.value == value:
                return Answer(None, gap.reason)
        return Answer(None, "out_of_range")

    def flip(self, value: float) -> float:
        """Return a reversed item's value in the direction of its measure."""
        return self.low + self.high - value


@dataclass(frozen=True)
class Item:
    """One question of an instrument."""

    instrument: str
    code: str
    wording: str
    measure: str
    scale: Scale
    reversed: bool = False
    correct: float | None = None
    names: tuple[str, ...] = ()

    def scored(self, value: float) -> float:
        """Return an answer's score: flipped if reversed, 1 or 0 where one option is right."""
        if self.correct is not None:
            return 1.0 if value == self.correct else 0.0
        return self.scale.flip(value) if self.reversed else value


@dataclass(frozen=True)
class Instrument:
    """A versioned questionnaire."""

    key: str
    name: str
    version: str
    licence: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Measure:
    """One figure's definition. `low`, `high`, `top_box` and `worthwhile_change` are in the measure's own unit."""

    key: str
    label: str
    question: str
    construct: str
    kind: str
    contrasts: tuple[Contrast, ...]
    wave: WaveKind | None
    scoring: str
    minimum_items: int
    unit: str
    low: float
    high: float
    direction: str
    moore_level: str
    evidence: Evidence
    top_box: float
    worthwhile_change: float
    worthwhile_change_basis: str
    why: str
    how: str
    source: str
    reviewed: str
    items: tuple[str, ...] = ()

    @property
    def scale_words(self) -> str:
        """The range as a reader would say it: `a 1-5 scale`, or `% correct`."""
        return "% correct" if self.scoring == "percent_correct" else f"a {self.low:g}-{self.high:g} scale"

    def score_key(self, scored_values: Iterable[float]) -> int | None:
        """Return the score in 1/2520 points from the answered items' scores, or None if too few were answered.

        A mean of up to ten whole-number answers is exact; others are rounded to the nearest 1/2520 point.
        """
        values = list(scored_values)
        if len(values) < self.minimum_items:
            return None
        return round(SCORE_UNIT * self._factor * sum(values) / len(values))

    def key_of_one(self, scored_value: float) -> int:
        """Return one item's score in 1/2520 points, on the measure's own scale."""
        return round(SCORE_UNIT * self._factor * scored_value)

    @property
    def _factor(self) -> int:
        return 100 if self.scoring == "percent_correct" else 1


@dataclass(frozen=True)
class Discipline:
    """A profession of the controlled list."""

    key: str
    label: str
    synonyms: tuple[str, ...]


@dataclass(frozen=True)
class Threshold:
    """Enough reach of a cohort, as a hub declared it: a programme count and its least value, with where it is from."""

    key: str
    label: str
    at_least: float
    source: str


@dataclass(frozen=True)
class Definitions:
    """Everything that was reviewed, with the look-ups that import and answers need."""

    measures: Mapping[str, Measure]
    instruments: Mapping[str, Instrument]
    disciplines: Mapping[str, Discipline]
    fields: Mapping[str, str]
    fingerprint: str
    thresholds: tuple[Threshold, ...] = ()
    said: Mapping[str, str] = field(default_factory=dict)
    """What somebody said of single headings, folded: `item:code`, `field:name`, `question` or `drop`."""
    said_wave: WaveKind | None = None
    """The moment that somebody said a form was answered at, where the form does not say."""

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """Every item by its code."""
        return {item.code: item for instrument in self.instruments.values() for item in instrument.items}

    @cached_property
    def _item_by_name(self) -> Mapping[str, Item]:
        return {fold(name): item for item in self.items.values() for name in (item.code, item.wording, *item.names)}

    @cached_property
    def _discipline_by_name(self) -> Mapping[str, str]:
        return {fold(name): d.key for d in self.disciplines.values() for name in (d.key, d.label, *d.synonyms)}

    def measures_of(self, question: str) -> tuple[Measure, ...]:
        """The measures that answer one question, in the order of the file."""
        return tuple(m for m in self.measures.values() if m.question == question)

    def said_of(self, *names: str) -> str | None:
        """What somebody said that a column of this heading or wording is, or None."""
        return next((self.said[fold(n)] for n in names if n and fold(n) in self.said), None)

    def find_item(self, *names: str) -> Item | None:
        """The item that one of these headings or wordings means; a stem before ' - ' may precede the wording."""
        for name in names:
            for candidate in (name, name.rpartition(" - ")[2], bracketed(name)):
                item = self._item_by_name.get(fold(candidate)) if candidate else None
                if item is not None:
                    return item
        return None

    def find_field(self, *names: str) -> str | None:
        """The field (e-mail, self-generated code, discipline ...) that one of these headings means."""
        for name in names:
            field = self.fields.get(fold(name)) if name else None
            if field is not None:
                return field
        return None

    def find_discipline(self, text: str) -> str | None:
        """The discipline's key for what somebody typed, or None if the list does not know it."""
        return self._discipline_by_name.get(fold(text)) if text.strip() else None

    def discipline_label(self, key: str) -> str:
        """The discipline's name to show."""
        known = self.disciplines.get(key)
        return known.label if known else "Discipline not given"


def bracketed(name: str) -> str:
    """Return what stands in the square brackets at the end of a grid heading (`Stem [statement]`), or ''."""
    match = re.search(r"\[([^\]]+)\]\s*$", name)
    return match.group(1) if match else ""
