"""Who stands behind a release's figures, as keyed fingerprints: enough to count who changed between two releases."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from echo_metrics.definitions import Definitions
from echo_metrics.store import Store

Print = Callable[[str, str], str]
"""Turns a kind and a text into a keyed hash."""
LENGTH = 16
"""Hexadecimal digits kept of a fingerprint: 64 bits, so that chance equality plays no part."""


@dataclass(frozen=True)
class Atom:
    """The smallest group that a release can name: one figure, one cohort, one discipline."""

    figure: str
    network: str
    cohort: str
    discipline: str


People = Mapping[Atom, Mapping[str, str]]
"""For each atom, a fingerprint of each person with one of that person's answer."""


def behind(
    store: Store,
    definitions: Definitions,
    networks: Mapping[int, str],
    cohorts: Mapping[int, str],
    measures: Iterable[str],
    prints: Print,
) -> dict[Atom, dict[str, str]]:
    """Everyone behind the figures of `measures` and their items in these networks (id: key) and cohorts (id: name)."""
    wanted = [definitions.measures[m] for m in measures]
    asked = {"networks": sorted(networks), "cohorts": sorted(cohorts)}
    found: dict[Atom, dict[str, str]] = defaultdict(dict)

    def note(figure: str, network: int, cohort: int, discipline: str, who: str, answer: str) -> None:
        place = Atom(figure, networks[network], cohorts[cohort], discipline)
        person = prints("release-person", f"{place.network}|{place.cohort}|{who}")[:LENGTH]
        found[place][person] = prints("release-answer", f"{person}|{answer}")[:LENGTH]

    changes = [key for m in wanted if m.kind == "change" for key in (m.key, *m.items)]
    for measure, contrast, network, cohort, discipline, who, *answer in store.rows(
        "change_people", {**asked, "measures": changes}
    ):
        note(f"{measure}|{contrast}", int(network), int(cohort), str(discipline), str(who), repr(answer))
    for one in wanted:
        if one.kind == "change" or one.wave is None:
            continue
        for measure, _, network, cohort, discipline, who, *answer in store.rows(
            "level_people", {**asked, "measures": [one.key, *one.items], "wave": one.wave.value}
        ):
            note(f"{measure}|level", int(network), int(cohort), str(discipline), str(who), repr(answer))
    return dict(found)


def changed(old: People, new: People, here: Callable[[Atom], bool]) -> int:
    """How many people came, went or answered otherwise between two releases, in the atoms that `here` chooses."""
    total = 0
    for atom in {*old, *new}:
        if here(atom):
            before, after = old.get(atom, {}), new.get(atom, {})
            if before != after:
                total += sum(before.get(who) != after.get(who) for who in {*before, *after})
    return total


def to_rows(people: People) -> list[dict[str, str]]:
    """The fingerprints as rows for keeping."""
    return [
        {
            "figure": atom.figure,
            "network": atom.network,
            "cohort": atom.cohort,
            "discipline": atom.discipline,
            "people": json.dumps(dict(sorted(prints.items())), separators=(",", ":")),
        }
        for atom, prints in sorted(people.items(), key=lambda entry: _order(entry[0]))
    ]


def from_rows(rows: Iterable[Mapping[str, str]]) -> dict[Atom, dict[str, str]]:
    """The fingerprints from kept rows."""
    return {Atom(r["figure"], r["network"], r["cohort"], r["discipline"]): json.loads(r["people"]) for r in rows}


def same_people(old: People, new: People) -> bool:
    """Whether nobody came, went or answered otherwise in the figures that both hold."""
    shared = {a.figure for a in old} & {a.figure for a in new}
    places = {(a.network, a.cohort) for a in old} & {(a.network, a.cohort) for a in new}
    return not changed(old, new, lambda a: a.figure in shared and (a.network, a.cohort) in places)


def _order(atom: Atom) -> tuple[str, str, str, str]:
    return atom.figure, atom.network, atom.cohort, atom.discipline
