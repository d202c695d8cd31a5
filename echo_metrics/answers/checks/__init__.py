"""Would it hold? The checks that a careful reviewer asks for beside each change, each as a result with its sentence.

Bias of those who were lost, everybody's answers instead of pairs only, the scale's reliability, what could have been
detected, differences between disciplines, attendance, and the number of outcomes tested. Every check passes the gate
with the smallest group that it speaks of.
"""

from __future__ import annotations

from collections.abc import Iterable

from echo_metrics.answers.checks.case import MOST_PEOPLE, Case
from echo_metrics.answers.checks.groups import disciplines, dose, repeated
from echo_metrics.answers.checks.keys import exact_pairs
from echo_metrics.answers.checks.lost import lost
from echo_metrics.answers.checks.scale import reliability
from echo_metrics.answers.checks.whole import crossed, detectable, family, stages
from echo_metrics.answers.model import Result
from echo_metrics.answers.outcomes import change_query
from echo_metrics.answers.scope import Scoped
from echo_metrics.definitions import Definitions, Measure
from echo_metrics.disclosure import Policy
from echo_metrics.statistics.counts import PairCounts
from echo_metrics.statistics.paired_change import paired_change
from echo_metrics.store import Store
from echo_metrics.terms import SCORE_UNIT, Contrast

__all__ = ["check_results"]


def check_results(
    store: Store, scoped: Scoped, definitions: Definitions, measures: Iterable[Measure], policy: Policy, only: str = ""
) -> list[Result]:
    """The checks of every measure that compares two moments, or of `only` one, and its place in the whole family."""
    cases: list[Case] = []
    found: list[Result] = []
    for measure in (m for m in measures if m.kind == "change"):
        contrast = measure.contrasts[0]
        asked = {**scoped.parameters, "contrast": contrast.value, "measures": [measure.key]}
        rows = [(str(d), int(b), int(a), int(n)) for _, _, d, b, a, n in store.rows(change_query(contrast), asked)]
        pairs = PairCounts.from_cells([(b, a, n) for _, b, a, n in rows], SCORE_UNIT)
        if not 0 < pairs.n_pairs <= MOST_PEOPLE:
            continue
        case = Case(measure, contrast, pairs, paired_change(pairs), policy)
        if only in ("", measure.key) and not asked["exact"]:
            found += exact_pairs(store, asked, case)
        if contrast is Contrast.BEFORE_AFTER_SESSION:
            found += repeated(store, scoped, case) if only in ("", measure.key) else []
            continue
        cases.append(case)
        if only in ("", measure.key):
            found += lost(store, asked, definitions, case)
            found += reliability(store, scoped, case)
            found += detectable(case)
            found += crossed(case)
            found += stages(case)
            found += disciplines(rows, definitions, case)
            found += dose(store, asked, case)
    return found + [r for r in family(cases) if only in ("", r.measure)]
