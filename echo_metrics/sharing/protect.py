"""The last look before freezing: the attacker tries the release beside all earlier ones, and what breaks goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from echo_metrics.answers.ask import lead_figure
from echo_metrics.answers.model import Answer, Result
from echo_metrics.disclosure.gate import HIDDEN_FOR_OTHERS
from echo_metrics.errors import UserError
from echo_metrics.sharing.attack import Finding, attack_documents
from echo_metrics.sharing.claims import REGISTERED
from echo_metrics.sharing.release import STARTED, Release, Scope, figure_key

SESSION_STEPS = (("root", "session"), ("network", "session"), ("cohort", "session"))
STEPS = (
    ("cohort", "discipline"),
    ("root", "discipline"),
    ("network", "discipline"),
    ("root", "cohort"),
    ("network", "cohort"),
    ("root", "all"),
    ("cohort", "all"),
    ("network", "all"),
)
"""What is given up first: crosses, then disciplines, then tables of cohorts, at last the figure itself."""


def protect(release: Release, earlier: Sequence[Release]) -> Release:
    """The release without the breakdowns that let somebody work out a small group; unchanged if the attack fails.

    Only parts of the release that speak of the group are touched.
    """
    documents = [r.document() for r in earlier]
    suspects: frozenset[str] | None = None
    while suspects is None or suspects:
        broken: dict[str, list[Finding]] = defaultdict(list)
        for finding in attack_documents([*documents, release.document()], suspects, brief=True):
            if finding.broken:
                broken[finding.figure].append(finding)
        # Only what broke has changed since, so only that is tried again.
        suspects = frozenset(broken)
        for figure, findings in broken.items():
            release = _give_up(release, figure, findings)
    return release


def _give_up(release: Release, figure: str, findings: Sequence[Finding]) -> Release:
    """Hide the least valuable step of a figure that still shows something, in the parts that hold the groups found."""
    places = frozenset[tuple[str, str]]().union(*(f.places for f in findings))
    steps = (*SESSION_STEPS, *STEPS) if all(f.parts == "session" for f in findings) else STEPS
    for level, kind in steps:
        scopes = tuple(
            _without(s, figure, kind) if _level(s) == level and _speaks_of(s, places) else s for s in release.scopes
        )
        if scopes != release.scopes:
            return replace(release, scopes=scopes)
    raise UserError(
        "This release can't be made safe beside the ones that are live: a small group could be worked out from those "
        "alone. Withdraw one of them."
    )


def _level(scope: Scope) -> str:
    return "cohort" if scope.cohort else "network" if scope.network else "root"


def _speaks_of(scope: Scope, places: frozenset[tuple[str, str]]) -> bool:
    return any(scope.network in ("", n) and scope.cohort in ("", c) for n, c in places)


def _without(scope: Scope, figure: str, kind: str) -> Scope:
    return replace(scope, answers={q: _answer_without(q, a, figure, kind) for q, a in scope.answers.items()})


def _answer_without(question: str, answer: Answer, figure: str, kind: str) -> Answer:
    lead, started = lead_figure(question)
    trail = answer.trail
    if kind == "all" and figure == lead:
        trail = replace(trail, matched=None)
    if kind == "all" and figure == f"{started}{STARTED}":
        trail = replace(trail, baseline=None)
    results = tuple(_hide(r) if _is(r, figure, kind) else r for r in answer.results)
    return replace(answer, results=results, trail=trail)


def _is(r: Result, figure: str, kind: str) -> bool:
    if figure_key(r) != figure or not r.shown:
        return False
    if r.kind not in ("change", "level"):
        return r.measure == REGISTERED and kind == r.group.kind == "discipline"
    return kind == r.group.kind or (kind == "all" and r.group.kind == "item")


def _hide(r: Result) -> Result:
    # Which data a hidden figure speaks of stays told: the rest of its table has it too.
    kept = {"kept_from": r.extra["kept_from"]} if "kept_from" in r.extra else {}
    return replace(r.withheld(HIDDEN_FOR_OTHERS), extra=kept)
