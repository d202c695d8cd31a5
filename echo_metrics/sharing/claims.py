"""What release documents say, taken down as an attacker would: every published cell as a claim about groups.

Each figure (a measure or one of its items, with the moments compared) is a world of its own. Its smallest groups are
cohort x discipline x time of arrival, or cohort x session x time of arrival: what came between two releases is a group
too, told by their difference. Where the claims of a world contradict each other, one of the attacker's guesses was
wrong; each world therefore has several readings, the strongest first.

Not read: p bands, effect sizes other than the share that went up, the ends of Wilson's intervals, comparisons of people
between measures or between moments.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from echo_metrics.answers.ask import lead_figure
from echo_metrics.answers.document import answer_from
from echo_metrics.answers.model import Result
from echo_metrics.disclosure import OTHER, Precision, Preset, precision_for, release_policy
from echo_metrics.disclosure.attack import Claim, Variable
from echo_metrics.disclosure.gate import HIDDEN_FOR_OTHERS, hidden_for_few
from echo_metrics.sharing.release import STARTED, figure_key
from echo_metrics.terms import Status

ANY = "*"
"""Stands for cohorts, disciplines or sessions that no table tells apart."""
REGISTERED = "attended_once"
FEW = {hidden_for_few(preset.minimum): preset.minimum - 1 for preset in Preset}
AVERAGES, SHARES = frozenset({"before", "after", "change"}), frozenset({"went up", "top"})
BASE = max(preset.base for preset in Preset)


@dataclass(frozen=True)
class Cell:
    """One result with the part of the release that it stands in; `exact` is a bare count without a result."""

    network: str
    cohort: str
    words: str
    result: Result | None = None
    exact: int = 0


class Reading:
    """One release's document, its results sorted by figure."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.number = int(document["number"])
        self.name = str(document["name"])
        self.version = str(document["data_version"])
        self.preset = Preset(document["preset"])
        self.networks = {n["name"]: n["key"] for n in document["networks"]}
        self.figures: dict[str, list[Cell]] = {}
        self.registered: dict[tuple[str, str, str], int] = {}
        for scope in document["scopes"]:
            place = scope["network"], scope["cohort"]
            for question, body in scope["answers"].items():
                answer = answer_from(body)
                trail, (lead, started) = answer.trail, lead_figure(question)
                for figure, n in ((lead, trail.matched), (f"{started}{STARTED}", trail.baseline)):
                    if n is not None:
                        self._note(figure, Cell(*place, scope["words"], exact=n))
                if trail.registered is not None:
                    self.registered[*place, ""] = trail.registered
                    if question == "attendance" and trail.registered >= self.preset.minimum:
                        self._note(f"{REGISTERED}|level", Cell(*place, scope["words"], exact=trail.registered))
                for r in answer.results:
                    if r.kind in ("change", "level") or (r.measure == REGISTERED and r.group.kind == "discipline"):
                        self._note(figure_key(r), Cell(*place, scope["words"], r))
                    if r.measure == REGISTERED and r.group.kind == "discipline" and r.n is not None:
                        self.registered[*place, r.group.key] = r.n

    def _note(self, figure: str, cell: Cell) -> None:
        self.figures.setdefault(figure, []).append(cell)

    def place_of(self, cell: Cell, label: str, cohorts: Iterable[str]) -> tuple[str, str]:
        """Network and cohort of a row of a cohort table, or, where its label says them, of a session."""
        network = cell.network
        if not network:
            named = [name for name in self.networks if label.startswith(f"{name}, ")]
            name = max(named, key=len) if named else next(iter(self.networks)) if len(self.networks) == 1 else ""
            network, label = self.networks.get(name, ""), label.removeprefix(f"{name}, ")
        if cell.cohort:
            return network, cell.cohort
        return network, max((c for c in cohorts if label == c or label.startswith(f"{c}, ")), key=len, default="")


def stamps_of(read: Sequence[Reading]) -> dict[str, int]:
    """The state of the data that each release (and each release that a figure was kept from) speaks of, in order."""
    versions = {one.name: one.version for one in read}
    kept = {
        str(c.result.extra["kept_from"])
        for one in read
        for cells in one.figures.values()
        for c in cells
        if c.result is not None and "kept_from" in c.result.extra
    }
    seen: dict[str, int] = {}
    stamps: dict[str, int] = {}
    for name in sorted({*versions, *kept}, key=lambda name: int(name.removeprefix("R"))):
        version = versions.get(name, name)
        stamps[name] = seen.setdefault(version, len(seen))
    return stamps


class World:
    """The groups that an attacker can name for one figure by one breakdown, and every claim about them."""

    def __init__(
        self, figure: str, parts: str, read: Sequence[Reading], stamps: Mapping[str, int], only: str = ""
    ) -> None:
        """Sort the cells; `only` narrows them to the part of the releases with these words."""
        self.figure, self.parts = figure, parts
        # People answer in several sessions and are registered in several cohorts: a guess that may turn out wrong.
        self.guessed = parts == "session" or (figure.startswith(REGISTERED) and not only)
        self._read = [one for one in read if figure in one.figures]
        self._stamps = stamps
        self._cells = [(one, c) for one in self._read for c in one.figures[figure] if only in ("", c.words)]
        self._results = [(one, c, c.result) for one, c in self._cells if c.result is not None]
        cohorts = {c.cohort for _, c in self._cells if c.cohort}
        rows = [(one, c, r.group.label) for one, c, r in self._results if r.group.kind == "cohort"]
        cohorts |= {self._cohort_label(*row) for row in rows}
        self._cohorts = {c for c in cohorts if c}
        self._places = sorted(self._find_places())
        self.home: dict[str, tuple[str, str]] = {}
        self._keys: dict[str, tuple[str, str]] = {}
        for one, c, r in self._results:
            if r.group.kind == parts and r.group.key not in (OTHER, ""):
                place = one.place_of(c, r.group.label, self._cohorts) if parts == "session" else ("", "")
                self._keys[r.group.key] = max(place, self._keys.get(r.group.key, place), key=lambda p: (p[1], p[0]))
        used = {self._stamp(one, c) for one, c in self._cells}
        self._order = {stamp: i for i, stamp in enumerate(sorted(used))}

    @property
    def told(self) -> bool:
        """Whether any table of this breakdown names a group."""
        return bool(self._keys)

    def _cohort_label(self, one: Reading, c: Cell, label: str) -> str:
        if c.network:
            return label
        named = [name for name in one.networks if label.startswith(f"{name}, ")]
        return label.removeprefix(f"{max(named, key=len)}, ") if named else label

    def _find_places(self) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        networks: set[str] = set()
        for one, c in self._cells:
            networks |= set(one.networks.values())
            if c.cohort:
                found.add((c.network, c.cohort))
            if c.result is not None and c.result.group.kind == "cohort" and c.result.group.key:
                found.add(one.place_of(c, c.result.group.label, self._cohorts))
        return found | {(n, ANY) for n in networks if n not in {place[0] for place in found}}

    def variables(self) -> list[Variable]:
        """The answer scales that the printed figures speak of; one item is answered in whole points."""
        ranges = [r.range for _, _, r in self._results]
        low, high = ranges[0] if ranges else (0.0, 1.0)
        step = 1.0 if any(r.group.kind == "item" for _, _, r in self._results) else 0.0
        low, high = (low, high) if low < high else (0.0, 1.0)
        span = high - low
        return [
            Variable("before", low, high, step),
            Variable("after", low, high, step),
            Variable("change", -span, span, step),
            Variable("went up", 0.0, 1.0, 0.5),
            Variable("top", 0.0, 1.0, 1.0),
        ]

    def readings(self) -> Iterator[tuple[Claim, ...]]:
        """The claims as they are read, the strongest guesses first.

        Guesses: nobody left between releases nor changed an answer; nobody answered who is not registered.
        """
        several = len(self._order) > 1
        whole = self._claims(leaving=False)
        narrow = self._narrowed(whole)
        if narrow != whole:
            yield narrow
        yield whole
        if several:
            yield self._claims(leaving=True)

    def _claims(self, leaving: bool) -> tuple[Claim, ...]:
        found: dict[Claim, None] = {}
        tables: dict[tuple[str, Cell, str, int], list[Result]] = {}
        for one, c in self._cells:
            stamp = self._stamp(one, c)
            r = c.result
            if r is None:
                atoms = self._atoms(one, (c.network, c.cohort), None, stamp, leaving)
                found[Claim(one.name, c.words, "answered", atoms, c.exact, c.exact)] = None
            elif r.group.kind in ("all", "item"):
                atoms = self._atoms(one, (c.network, c.cohort), None, stamp, leaving)
                found[_claim(one, c.words, r, atoms)] = None
            elif r.group.kind in ("cohort", self.parts):
                tables.setdefault((one.name, replace(c, result=None), r.group.kind, stamp), []).append(r)
        by_name = {one.name: one for one in self._read}
        for (name, place, kind, stamp), rows in tables.items():
            for claim in self._table(by_name[name], place, kind, stamp, rows, leaving):
                found[claim] = None
        return tuple(found)

    def _table(
        self, one: Reading, c: Cell, kind: str, stamp: int, rows: Sequence[Result], leaving: bool
    ) -> Iterator[Claim]:
        """The rows of one table, and what it leaves out because nobody is in it."""
        if any(not r.group.key for r in rows):
            return  # no group is named, so neither is one left out
        words = f"{c.words} by {kind}"
        if kind == "cohort":
            listed = set()
            for r in rows:
                place = one.place_of(replace(c, cohort=""), r.group.label, self._cohorts)
                listed.add(place)
                yield _claim(one, words, r, self._atoms(one, place, None, stamp, leaving))
            for place in self._places:
                if place not in listed and c.network in ("", place[0]) and place[0] in one.networks.values():
                    yield Claim(one.name, words, place[1], self._atoms(one, place, None, stamp, leaving), 0, 0)
            return
        keys = {r.group.key for r in rows if r.group.key != OTHER}
        merged = {r.group.key for r in rows if not r.shown} - {OTHER}
        for r in rows:
            mine = merged if r.group.key == OTHER else {r.group.key}
            if mine:
                yield _claim(one, words, r, self._atoms(one, (c.network, c.cohort), mine, stamp, leaving))
        for absent in self._keys.keys() - keys:
            atoms = self._atoms(one, (c.network, c.cohort), {absent}, stamp, leaving)
            if atoms:
                yield Claim(one.name, words, absent, atoms, 0, 0)

    def _narrowed(self, claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
        """The claims with no more people than are registered: programme counts are exact."""
        if self.parts != "discipline" or self.figure.startswith(REGISTERED) or not self._people():
            return claims
        limits: dict[tuple[str, frozenset[str]], int] = {}
        for one in self._read:
            stamp = self._stamps[one.name]
            for (network, cohort, key), n in one.registered.items():
                atoms = None
                if key == "":
                    atoms = self._atoms(one, (network, cohort), None, stamp, False)
                elif key in self._keys:
                    atoms = self._atoms(one, (network, cohort), {key}, stamp, False)
                if atoms:
                    limits[one.name, atoms] = n
        return tuple(
            replace(c, high=min(limit, c.high if c.high is not None else limit))
            if (limit := limits.get((c.release, c.atoms))) is not None
            else c
            for c in claims
        )

    def _people(self) -> bool:
        return all(r.who == "people" for _, _, r in self._results)

    def _stamp(self, one: Reading, c: Cell) -> int:
        kept = c.result.extra.get("kept_from", one.name) if c.result is not None else one.name
        return self._stamps[str(kept)]

    def _atoms(
        self, one: Reading, place: tuple[str, str], keys: Iterable[str] | None, stamp: int, leaving: bool
    ) -> frozenset[str]:
        network, cohort = place
        # "All networks" are those of the release that says so; another release may hold more.
        networks = {network} if network else set(one.networks.values())
        now = max((i for s, i in self._order.items() if s <= stamp), default=0)
        last = len(self._order) - 1
        spans = [f"{a}" for a in range(now + 1)]
        if leaving:
            spans = [f"{a}-{b}" for a in range(now + 1) for b in range(now, last + 1)]
        wanted = self._keys or {ANY: ("", "")}
        found = {
            f"{n}/{c}/{key}@{span}": (n, c)
            for n, c in self._places
            if n in networks and (not cohort or cohort == c)
            for key in (wanted if keys is None else keys)
            if self._held(wanted.get(key, ("", "")), n, c)
            for span in spans
        }
        self.home.update(found)
        return frozenset(found)

    @staticmethod
    def _held(home: tuple[str, str], network: str, cohort: str) -> bool:
        return home[0] in ("", network) and (home[1] in ("", cohort) or cohort == ANY)


def worlds(read: Sequence[Reading], figures: frozenset[str] | None) -> Iterator[World]:
    """Every figure by discipline, and by session where sessions are told apart."""
    stamps = stamps_of(read)
    for figure in sorted({f for one in read for f in one.figures if figures is None or f in figures}):
        if figure.startswith(REGISTERED):
            # Programme counts refresh freely, so each release stands by itself.
            for one in (one for one in read if figure in one.figures):
                parts = dict.fromkeys(c.words for c in one.figures[figure])
                yield from (World(figure, "discipline", [one], stamps, only) for only in ("", *parts))
            continue
        yield World(figure, "discipline", read, stamps)
        by_session = World(figure, "session", read, stamps)
        if by_session.told:
            yield by_session


def _claim(one: Reading, table: str, r: Result, atoms: frozenset[str]) -> Claim:
    label = r.group.label
    if not r.shown or r.n is None:
        if r.status is Status.NOT_ASKED:
            return Claim(one.name, table, label, atoms, 0, 0)
        if r.reason in FEW:
            return Claim(one.name, table, label, atoms, 1, FEW[r.reason], hidden=True)
        # A group is only listed where somebody is in it; a total is only hidden for others if it could be shown.
        total = r.group.kind in ("all", "item")
        low = one.preset.minimum if total else 1
        return Claim(one.name, table, label, atoms, low if r.reason == HIDDEN_FOR_OTHERS else 0, None, hidden=True)
    if r.measure == REGISTERED:
        return Claim(one.name, table, label, atoms, r.n, r.n)
    precision = precision_for(release_policy(one.preset), r.n, whole=not r.coarse)
    half = BASE // 2 if r.about else 0
    least = max(r.n - half, one.preset.minimum) if r.about else r.n
    return Claim(one.name, table, label, atoms, least, r.n + half, tuple(_means(r, precision)))


def _means(r: Result, precision: Precision) -> Iterator[tuple[str, float, float]]:
    """What each printed average and share allows."""
    step = precision.step(r.unit.startswith("%"))
    half = step / 2
    low, high = r.range
    ends: dict[str, tuple[float, float]] = {}
    if r.before is not None:
        ends["before"] = max(low, r.before - half), min(high, r.before + half)
    if r.after is not None and (r.kind == "level" or not r.coarse):
        ends["after"] = _around(r.after, r.value, half, low, high)
    if r.kind == "change" and r.change is not None:
        least, most = _around(r.change.value, r.change, half, low - high, high - low)
        if r.coarse and r.after is not None:
            # The change of a part is told so that it fits its averages: at the end of the scale it may be cut.
            least = low - high if r.after <= low else least
            most = high - low if r.after >= high else most
        ends["change"] = least, most
    if {"before", "after", "change"} <= ends.keys():
        ends = _linked(ends)
    for name, (least, most) in ends.items():
        if least <= most:
            yield name, least, most
    yield from _shares(r, precision)


def _around(value: float, told: Any, half: float, low: float, high: float) -> tuple[float, float]:
    """The printed average, and the middle of its interval: Student's is symmetric, its ends are rounded outward."""
    least, most = max(low, value - half), min(high, value + half)
    if told is not None and told.low is not None and told.high is not None:
        middle = (told.low + told.high) / 2
        if max(least, middle - half) <= min(most, middle + half):
            least, most = max(least, middle - half), min(most, middle + half)
    return least, most


def _linked(ends: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """The three averages narrowed by each other: the change is after minus before."""
    (b0, b1), (a0, a1), (c0, c1) = ends["before"], ends["after"], ends["change"]
    return {
        "before": (max(b0, a0 - c1), min(b1, a1 - c0)),
        "after": (max(a0, b0 + c0), min(a1, b1 + c1)),
        "change": (max(c0, a0 - b1), min(c1, a1 - b0)),
    }


def _shares(r: Result, precision: Precision) -> Iterator[tuple[str, float, float]]:
    if r.n and None not in (r.improved, r.same):
        share = ((r.improved or 0) + (r.same or 0) / 2) / r.n
        yield "went up", share, share
    elif (chance := r.effects.get("probability_of_improvement")) is not None:
        yield "went up", max(0.0, chance - precision.effect / 2), min(1.0, chance + precision.effect / 2)
    box = r.top_box
    if box is None:
        return
    if box.count is not None and box.n:
        yield "top", box.count / box.n, box.count / box.n
    elif box.bound:
        edge = precision.percent / 200
        yield ("top", 0.0, edge) if box.bound == "≤" else ("top", 1.0 - edge, 1.0)
    else:
        half = precision.percent / 2
        yield "top", max(0.0, box.percent - half) / 100, min(100.0, box.percent + half) / 100
