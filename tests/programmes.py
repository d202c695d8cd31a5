"""Random small programmes with a fixed seed, written straight into a store's canonical tables.

Sizes are those at which disclosure control is hard: cohorts of a few to thirty people in two to five disciplines from
one person up, answers that lean to one end of the scale. The people stay at hand as a table, so that a test can count
again what the product publishes without asking the product.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from echo_metrics.store import Store

DISCIPLINES = ("nursing", "medicine", "pharmacy", "social_work", "other")
NAMES = ("Amber Valley", "Birch Hill", "Cedar Lake")
COHORTS = ("First cohort", "Second cohort", "Third cohort")
ITEMS = ("collab_roles", "collab_share", "collab_learn")
MEASURE, ONE_ITEM, ONE_ITEM_MEASURE = "collaboration", "supest_value", "supervisor_estimate"
UNIT = 2520
"""Scores are kept as whole numbers of 1/2520 point."""
START = datetime(2026, 1, 5, 9, 0)


@dataclass(frozen=True)
class Person:
    """One person's answers to three items and, in some programmes, one item more, before and after."""

    key: str
    network: str
    cohort: str
    discipline: str
    before: tuple[int, ...]
    after: tuple[int, ...]


@dataclass
class Programme:
    """A seeded programme; `fill` writes it, `later` writes one batch of later answers."""

    seed: int
    people: list[Person] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._two = self._random.random() < 0.3
        networks = NAMES[: self._random.choice((1, 1, 2, 3))]
        self._places = [
            (network, cohort)
            for network in networks
            for cohort in COHORTS[: self._random.choice((1, 2, 2, 3) if len(networks) < 3 else (1, 2))]
        ]
        self._disciplines = self._random.sample(DISCIPLINES, self._random.randint(2, 5))
        self._ids = {"submission": 0, "person": 0}

    @property
    def page_names(self) -> tuple[str, ...]:
        """The pages that this programme has figures for."""
        return ("collaboration", "supervisor-value") if self._two else ("collaboration",)

    def fill(self, store: Store) -> None:
        """Write networks, cohorts and everybody of the first batch."""
        people = [
            self._person(place, discipline)
            for place in self._places
            for discipline in self._disciplines
            for _ in range(self._random.choice((0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 16)))
        ]
        if len(people) < 15:
            people += [self._person(self._places[0], self._disciplines[0]) for _ in range(15)]
        networks = list(dict.fromkeys(network for network, _ in self._places))
        with store.write() as writer:
            writer.insert("hub", [{"id": 1, "name": "Hub", "tz": "UTC", "currency": "EUR"}])
            writer.insert(
                "network",
                [{"id": i, "hub_id": 1, "key": _key(n), "name": n} for i, n in enumerate(networks, 1)],
            )
            writer.insert(
                "cohort",
                [
                    {"id": i, "network_id": networks.index(n) + 1, "name": c, "number": COHORTS.index(c) + 1}
                    for i, (n, c) in enumerate(self._places, 1)
                ],
            )
            writer.touch()
        self._write(store, people, START)

    def later(self, store: Store, most: int = 10) -> int:
        """Write 1 to `most` people more, wherever they fall; how many."""
        number = self._random.randint(1, most)
        places = self._random.sample(self._places, self._random.randint(1, len(self._places)))
        people = [
            self._person(self._random.choice(places), self._random.choice(self._disciplines)) for _ in range(number)
        ]
        self._write(store, people, START + timedelta(days=60 + len(self.people)))
        return number

    def pairs(self) -> pd.DataFrame:
        """Everybody: network key, cohort, discipline, and the exact score before and after of both measures."""
        return pd.DataFrame(
            [
                {
                    "network": _key(p.network),
                    "cohort": p.cohort,
                    "discipline": p.discipline,
                    "before": sum(p.before[:3]) / 3,
                    "after": sum(p.after[:3]) / 3,
                    **{f"{item} before": p.before[i] for i, item in enumerate((*ITEMS, ONE_ITEM))},
                    **{f"{item} after": p.after[i] for i, item in enumerate((*ITEMS, ONE_ITEM))},
                }
                for p in self.people
            ]
        )

    def _person(self, place: tuple[str, str], discipline: str) -> Person:
        lean = self._random.choice((2, 3, 4, 5))
        before = tuple(self._answer(lean - 1) for _ in range(4))
        after = tuple(self._answer(lean) for _ in range(4))
        self._ids["person"] += 1
        return Person(f"p{self._ids['person']}", *place, discipline, before, after)

    def _answer(self, lean: int) -> int:
        return min(5, max(1, lean + self._random.choice((-1, 0, 0, 0, 1))))

    def _write(self, store: Store, people: Sequence[Person], when: datetime) -> None:
        networks = list(dict.fromkeys(network for network, _ in self._places))
        tables: dict[str, list[dict[str, Any]]] = {"submission": [], "score": [], "pair": [], "person": []}
        tables |= {"enrolment": [], "person_attribute": []}
        for p in people:
            number = int(p.key[1:])
            place = {
                "network_id": networks.index(p.network) + 1,
                "cohort_id": self._places.index((p.network, p.cohort)) + 1,
            }
            tables["person"].append({"id": number, "hub_id": 1})
            tables["person_attribute"].append({"person_id": number, "name": "discipline", "value_code": p.discipline})
            tables["enrolment"].append(
                {"person_id": number, "cohort_id": place["cohort_id"], "role": "participant", "status": "enrolled"}
            )
            ids = []
            for wave, answers, day in (
                ("baseline", p.before, when),
                ("completion", p.after, when + timedelta(days=30)),
            ):
                self._ids["submission"] += 1
                ids.append(self._ids["submission"])
                tables["submission"].append(
                    {
                        "id": ids[-1],
                        "status": "current",
                        **place,
                        "wave": wave,
                        "person_key": p.key,
                        "person_id": number,
                        "key_kind": "record",
                        "discipline": p.discipline,
                        "submitted_utc": day,
                        "complete": True,
                        "preview": False,
                    }
                )
                scores = {MEASURE: sum(answers[:3]) * UNIT // 3}
                scores |= {item: answers[i] * UNIT for i, item in enumerate(ITEMS)}
                if self._two:
                    scores |= {ONE_ITEM_MEASURE: answers[3] * UNIT, ONE_ITEM: answers[3] * UNIT}
                tables["score"] += [{"submission_id": ids[-1], "measure": m, "key": k} for m, k in scores.items()]
            tables["pair"].append(
                {
                    "contrast": "baseline-completion",
                    **place,
                    "from_submission": ids[0],
                    "to_submission": ids[1],
                    "person_key": p.key,
                    "discipline": p.discipline,
                    "after_utc": when + timedelta(days=30),
                    "key_kind": "record",
                }
            )
        with store.write() as writer:
            for table, rows in tables.items():
                writer.insert(table, rows)
            writer.touch()
        self.people += people


def _key(name: str) -> str:
    return name.lower().replace(" ", "_")
