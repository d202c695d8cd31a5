"""A release: chosen figures, frozen, complete in one checksummed JSON document. Reading it touches no store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from echo_metrics.answers.comments import QUESTION as COMMENTS
from echo_metrics.answers.document import answer_document, answer_from
from echo_metrics.answers.model import Answer, Result
from echo_metrics.disclosure import Preset
from echo_metrics.errors import UserError

SCHEMA = "echo-metrics/release/1"
STARTED = "|started"
"""Ends the name of a figure that only counts who answered first, as the denominator trail tells it."""

PAGES: dict[str, str] = {
    "summary": "Summary",
    "competency": "Competency",
    "connection": "Connection",
    "collaboration": "Collaboration",
    "practice": "Practice",
    "supervisor-value": "Supervisor value",
    "session-value": "Sessions",
    "attendance": "Attendance",
    "roi": "Return on investment",
    COMMENTS: "In their own words",
}
"""The questions that a release can hold, in the order in which they are read."""
USUAL_PAGES = tuple(page for page in PAGES if page != COMMENTS)
"""What a release holds where nobody chooses: comments only where they were asked for."""


class Breakdown(StrEnum):
    """The breakdowns that a release can allow. There is no free combination."""

    COHORT = "cohort"
    DISCIPLINE = "discipline"
    COHORT_BY_DISCIPLINE = "cohort by discipline"
    SESSION = "session"


@dataclass(frozen=True)
class Scope:
    """One part of a release that can be looked at by itself: all its networks, one network or one cohort."""

    network: str
    cohort: str
    words: str
    answers: Mapping[str, Answer]


@dataclass(frozen=True)
class Mark:
    """One figure that the release hides or keeps from an earlier one: where, which, and why."""

    where: str
    figure: str
    group: str
    reason: str


@dataclass(frozen=True)
class Release:
    """A frozen release. `number` orders releases in time; `data_to` is the last day that its data reaches."""

    number: int
    title: str
    hub: str
    networks: tuple[tuple[str, str], ...]
    cohorts: tuple[str, ...]
    preset: Preset
    pages: tuple[str, ...]
    breakdowns: tuple[Breakdown, ...]
    notes: str
    made: datetime
    data_version: str
    data_to: date | None
    synthetic: bool
    coarse: bool
    scopes: tuple[Scope, ...]
    hidden: tuple[Mark, ...] = ()
    held: tuple[Mark, ...] = ()

    @property
    def name(self) -> str:
        """How people call it: R12."""
        return f"R{self.number}"

    @property
    def root(self) -> Scope:
        """The widest part."""
        return self.scopes[0]

    def scope(self, network: str = "", cohort: str = "") -> Scope | None:
        """The part of one network and cohort by key and name; '' for both is the widest; None if it is not held."""
        if not network and not cohort:
            return self.root
        return next((s for s in self.scopes if (s.network, s.cohort) == (network, cohort)), None)

    def narrowed(self, network: str, cohort: str, pages: tuple[str, ...]) -> Release | None:
        """What a link locked to one part and some pages opens; None if the part or all pages are gone.

        The parts inside the locked one stay; everything outside it is not in the result at all.
        """
        root = self.scope(network, cohort)
        kept = tuple(p for p in self.pages if p in pages)
        if root is None or not kept:
            return None
        inside = [s for s in self.scopes if s is not root and _inside(s, root)]
        scopes = tuple(replace(s, answers={q: a for q, a in s.answers.items() if q in kept}) for s in (root, *inside))
        keys = {s.network for s in scopes if s.network} or {key for key, _ in self.networks}
        words = {s.words for s in scopes}
        # Cohorts are named by the parts and by the tables that stay; the names of others are not the reader's.
        rows = (r for s in scopes for a in s.answers.values() for r in a.results if r.group.kind == "cohort")
        named = {s.cohort for s in scopes} | {r.group.label for r in rows}
        return replace(
            self,
            pages=kept,
            scopes=scopes,
            networks=tuple(n for n in self.networks if n[0] in keys),
            cohorts=tuple(c for c in self.cohorts if not network or c in named),
            hidden=tuple(m for m in self.hidden if m.where in words),
            held=tuple(m for m in self.held if m.where in words),
        )

    def document(self) -> dict[str, Any]:
        """The release as one JSON document with its checksum."""
        body: dict[str, Any] = {
            "schema": SCHEMA,
            "number": self.number,
            "name": self.name,
            "title": self.title,
            "hub": self.hub,
            "networks": [{"key": key, "name": name} for key, name in self.networks],
            "cohorts": list(self.cohorts),
            "preset": self.preset.value,
            "minimum": self.preset.minimum,
            "base": self.preset.base,
            "pages": list(self.pages),
            "breakdowns": [b.value for b in self.breakdowns],
            "notes": self.notes,
            "made": self.made.isoformat(),
            "data_version": self.data_version,
            "data_to": self.data_to.isoformat() if self.data_to else None,
            "synthetic": self.synthetic,
            "coarse": self.coarse,
            "scopes": [
                {
                    "network": s.network,
                    "cohort": s.cohort,
                    "words": s.words,
                    "answers": {q: answer_document(a) for q, a in s.answers.items()},
                }
                for s in self.scopes
            ],
            "hidden": [_mark_document(m) for m in self.hidden],
            "held": [_mark_document(m) for m in self.held],
        }
        return {**body, "checksum": checksum(body)}


def checksum(body: Mapping[str, Any]) -> str:
    """SHA-256 of the document without its own `checksum`, keys sorted, no spaces."""
    bare = {k: v for k, v in body.items() if k != "checksum"}
    text = json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def release_from(document: Mapping[str, Any]) -> Release:
    """Read a release's document. Raises `UserError` if it was altered, is damaged or of another schema."""
    if document.get("schema") != SCHEMA:
        raise UserError("This is not a release of ECHO Metrics, or one of a version that this program can't read.")
    if document.get("checksum") != checksum(document):
        raise UserError("This release was altered after it was made: its checksum does not fit. It is not shown.")
    try:
        return Release(
            number=int(document["number"]),
            title=document["title"],
            hub=document["hub"],
            networks=tuple((n["key"], n["name"]) for n in document["networks"]),
            cohorts=tuple(document["cohorts"]),
            preset=Preset(document["preset"]),
            pages=tuple(document["pages"]),
            breakdowns=tuple(Breakdown(b) for b in document["breakdowns"]),
            notes=document["notes"],
            made=datetime.fromisoformat(document["made"]),
            data_version=document["data_version"],
            data_to=date.fromisoformat(document["data_to"]) if document["data_to"] else None,
            synthetic=document["synthetic"],
            coarse=document["coarse"],
            scopes=tuple(
                Scope(s["network"], s["cohort"], s["words"], {q: answer_from(a) for q, a in s["answers"].items()})
                for s in document["scopes"]
            ),
            hidden=tuple(Mark(**m) for m in document["hidden"]),
            held=tuple(Mark(**m) for m in document["held"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UserError("This release is damaged and can't be read. Make a new one.") from error


def kept_from(release: Release) -> frozenset[str]:
    """The names of earlier releases whose figures this one still shows."""
    return frozenset(
        str(r.extra["kept_from"])
        for s in release.scopes
        for a in s.answers.values()
        for r in a.results
        if "kept_from" in r.extra
    )


def figure_key(result: Result) -> str:
    """The figure that a result belongs to: its measure, or the item of one, with the moments compared."""
    what = result.group.key if result.group.kind == "item" else result.measure
    return f"{what}|{result.contrast or 'level'}"


def _inside(part: Scope, whole: Scope) -> bool:
    if not whole.network:
        return True
    return part.network == whole.network and (not whole.cohort or part.cohort == whole.cohort)


def _mark_document(mark: Mark) -> dict[str, str]:
    return {"where": mark.where, "figure": mark.figure, "group": mark.group, "reason": mark.reason}
