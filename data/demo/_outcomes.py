"""Answers to the outcomes questionnaire: who answers when, and what.

Each measure is drawn for a whole cohort again and again (with the next number of the same seed) until its
mean paired change lies inside the range of TARGETS. The figures are therefore chosen, not found: this is
demonstration data.
"""

from __future__ import annotations

import random
import statistics
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.demo._names import Person
from data.demo._programme import SEED, Roster

_INSTRUMENTS = Path(__file__).resolve().parents[2] / "echo_metrics" / "definitions" / "instruments"

BASELINE, COMPLETION, FOLLOW_UP, THEN_TEST = "baseline", "completion", "follow_up", "then_test"
THEN_COHORT, THEN_MEASURES = "chronic_pain_cohort1", ("competency", "connection")
"""Where people rated their start a second time, at completion, and on what."""

TARGETS: dict[str, tuple[float, float, float, float]] = {
    "competency": (0.46, 0.58, 0.36, 0.60),
    "knowledge": (8.5, 11.5, 5.0, 13.0),
    "connection": (0.44, 0.56, 0.30, 0.60),
    "collaboration": (0.08, 0.18, 0.00, 0.30),
    "supervisor_estimate": (0.14, 0.26, -0.20, 0.50),
    "practice": (0.15, 0.35, 0.45, 0.65),
}
"""Measure -> lowest and highest mean change to completion, then to follow-up, in the measure's unit."""

_START = {
    "competency": 3.15,
    "connection": 3.0,
    "collaboration": 3.6,
    "supervisor_estimate": 3.7,
    "practice": 2.8,
}
_NOT_APPLICABLE = {"comp_family": 0.10, "supest_value": 0.02, "prac_plan": 0.04}
_MINIMUM = {
    "competency": 3,
    "knowledge": 4,
    "connection": 2,
    "collaboration": 2,
    "supervisor_estimate": 1,
    "practice": 2,
}


@dataclass(frozen=True)
class Item:
    """One question of an instrument file."""

    code: str
    wording: str
    measure: str
    scale: str
    reversed: bool
    correct: int

    @property
    def allows_na(self) -> bool:
        """Whether the questionnaire offers "Not applicable"."""
        return self.code == "comp_family" or self.measure in {"supervisor_estimate", "practice"}


def items(instrument: str) -> list[Item]:
    """Return the questions of `instrument` in order, as the product's own definition file words them."""
    document = tomllib.loads((_INSTRUMENTS / f"{instrument}.toml").read_text(encoding="utf-8"))
    rows: list[dict[str, Any]] = document["item"]
    return [
        Item(r["code"], r["wording"], r["measure"], r["scale"], r.get("reversed", False), r.get("correct", 0))
        for r in rows
    ]


@dataclass(frozen=True)
class Plan:
    """Who of a cohort answers at each moment (positions in `Roster.participants`)."""

    baseline: frozenset[int]
    completion: frozenset[int]
    follow_up: frozenset[int]

    def at(self, event: str) -> frozenset[int]:
        """Return the people who answer at `event`."""
        return {BASELINE: self.baseline, COMPLETION: self.completion, FOLLOW_UP: self.follow_up}[event]


_COUNTS = {
    "psychosocial_cohort2": (53, 38, 24),
    "chronic_pain_cohort1": (31, 23, 14),
    "care_homes_cohort1": (34, 24, 15),
    "pharmacists_cohort1": (28, 21, 12),
}
_STEADY = {"social_work": 10, "counselling": 6, "spiritual_health": 3}
"""Psychosocial cohort 1: how many of each discipline answer at baseline and at completion."""


def plan(roster: Roster, attended: frozenset[str]) -> Plan:
    """Return who answers, given the addresses of those who came to a session at least once.

    Only people who came answer at completion. Outside the first cohort one of them has no baseline, and two
    people answer at follow-up who did not at completion.
    """
    rng = random.Random(f"{SEED}|plan|{roster.cohort.key}")
    everyone = list(range(len(roster.participants)))
    if roster.cohort.key == "psychosocial_cohort1":
        steady: list[int] = []
        for discipline, count in _STEADY.items():
            steady += [i for i in everyone if roster.participants[i].discipline == discipline][:count]
        return Plan(frozenset(everyone[:-1]), frozenset(steady), frozenset(rng.sample(steady, 11)))
    first, second, third = _COUNTS[roster.cohort.key]
    came = [i for i in everyone if roster.participants[i].email in attended]
    newcomer = rng.choice(came)
    baseline = rng.sample([i for i in everyone if i != newcomer], first)
    completion = [newcomer, *rng.sample([i for i in baseline if i in came], second - 1)]
    follow_up = rng.sample(completion, third - 2) + [i for i in baseline if i not in completion][:2]
    return Plan(frozenset(baseline), frozenset(completion), frozenset(follow_up))


Moment = tuple[int, str]
"""(position of the person, event)."""
Answers = dict[Moment, dict[str, int]]
"""Item code -> raw code of an answer, for each moment."""
Gaps = dict[Moment, dict[str, str]]
"""Item code -> what stands instead of an answer: nothing, or 6 for "not applicable"."""


def answers(roster: Roster, who: Plan) -> dict[Moment, dict[str, str]]:
    """Return for each moment what stands at each question: an answer, a blank or "not applicable"."""
    gaps = _gaps(roster, who)
    held: dict[Moment, dict[str, str]] = {moment: {} for moment in gaps}
    for measure in TARGETS:
        chosen = [item for item in items("outcomes") if item.measure == measure]
        for moment, codes in _within_target(roster, who, measure, chosen, gaps).items():
            held[moment].update({code: gaps[moment].get(code, str(raw)) for code, raw in codes.items()})
    return held


def then_answers(roster: Roster, held: dict[Moment, dict[str, str]]) -> dict[int, dict[str, str]]:
    """Return how those who completed remember their start: often a point lower than they rated it then.

    A question that somebody left out at completion stays empty here too; a newcomer remembers a start that nobody
    asked about at the time.
    """
    if roster.cohort.key != THEN_COHORT:
        return {}
    asked = {item.code: item for item in items("outcomes") if item.measure in THEN_MEASURES}
    rng = random.Random(f"{SEED}|then|{roster.cohort.key}")
    remembered: dict[int, dict[str, str]] = {}
    for (position, event), given in sorted(held.items()):
        if event != COMPLETION:
            continue
        rated = held.get((position, BASELINE), {})
        cells = dict.fromkeys(given, "")
        modest = rng.choice((0.10, 0.25, 0.45, 0.65))
        for code, item in asked.items():
            at_start = rated[code] if rated.get(code) in {"1", "2", "3", "4", "5"} else given[code]
            drift = rng.choices((-1, 0, 1), (modest, 0.85 - modest, 0.15))[0]
            if given[code] and at_start in {"1", "2", "3", "4", "5"}:
                lower = -drift if item.reversed else drift
                cells[code] = str(min(5, max(1, int(at_start) + lower)))
        remembered[position] = cells
    return remembered


def _gaps(roster: Roster, who: Plan) -> Gaps:
    """Return what is left out. One person in twenty stops after some question; 1.5 % of answers are blank."""
    rng = random.Random(f"{SEED}|gaps|{roster.cohort.key}")
    order = items("outcomes")
    gaps: Gaps = {}
    for position in range(len(roster.participants)):
        for event in (BASELINE, COMPLETION, FOLLOW_UP):
            stops = rng.randint(11, len(order) - 4) if rng.random() < 1 / 20 else len(order)
            missing: dict[str, str] = {}
            for place, item in enumerate(order):
                if rng.random() < _NOT_APPLICABLE.get(item.code, 0.0):
                    missing[item.code] = "6"
                if rng.random() < 0.015 or place >= stops:
                    missing[item.code] = ""
            if position in who.at(event):
                gaps[position, event] = missing
    return gaps


def _within_target(roster: Roster, who: Plan, measure: str, chosen: list[Item], gaps: Gaps) -> Answers:
    low, high, low_later, high_later = TARGETS[measure]
    for attempt in range(100_000):
        rng = random.Random(f"{SEED}|answers|{roster.cohort.key}|{measure}|{attempt}")
        drawn = _draw(rng, roster.participants, who, measure, chosen)
        scores = {m: s for m, codes in drawn.items() if (s := _score(codes, measure, chosen, gaps[m])) is not None}
        if (
            low <= _mean_change(scores, COMPLETION) <= high
            and low_later <= _mean_change(scores, FOLLOW_UP) <= high_later
        ):
            return drawn
    raise RuntimeError(f"{roster.cohort.key}: no draw of {measure} met its target")


def _draw(rng: random.Random, people: tuple[Person, ...], who: Plan, measure: str, chosen: list[Item]) -> Answers:
    drawn: Answers = {}
    low, high, low_later, high_later = TARGETS[measure]
    gains = {BASELINE: 0.0, COMPLETION: (low + high) / 2, FOLLOW_UP: (low_later + high_later) / 2}
    for position in range(len(people)):
        if measure == "knowledge":
            level = rng.gauss(0.52, 0.15)
            knew = {item.code: rng.random() < level for item in chosen}
        else:
            level = rng.gauss(_START[measure], 0.5)
        for event, gain in gains.items():
            if measure == "knowledge":
                # Most of what was known stays known; enough is learned for the mean to rise by the gain.
                learns = 0.0 if event == BASELINE else 0.09 + 0.02 * gain
                keeps = 1.0 if event == BASELINE else 0.93
                codes = {i.code: _choice(rng, i, rng.random() < (keeps if knew[i.code] else learns)) for i in chosen}
            else:
                here = level + (rng.gauss(gain, 0.4) if event != BASELINE else 0.0)
                codes = {i.code: _rating(rng, i, here) for i in chosen}
            if position in who.at(event):
                drawn[position, event] = codes
    return drawn


def _choice(rng: random.Random, item: Item, right: bool) -> int:
    other = rng.choice([option for option in (1, 2, 3, 4) if option != item.correct])
    return item.correct if right else other


def _rating(rng: random.Random, item: Item, level: float) -> int:
    value = min(5, max(1, round(rng.gauss(level, 0.65))))
    return 6 - value if item.reversed else value


def _score(codes: dict[str, int], measure: str, chosen: list[Item], missing: dict[str, str]) -> float | None:
    answered = [item for item in chosen if item.code not in missing]
    if len(answered) < _MINIMUM[measure]:
        return None
    if measure == "knowledge":
        return 100 * statistics.fmean(codes[i.code] == i.correct for i in answered)
    return statistics.fmean(6 - codes[i.code] if i.reversed else codes[i.code] for i in answered)


def _mean_change(scores: dict[Moment, float], event: str) -> float:
    return statistics.fmean(
        score - scores[position, BASELINE]
        for (position, when), score in sorted(scores.items())
        if when == event and (position, BASELINE) in scores
    )
