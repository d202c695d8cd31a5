"""Does the scale hold together, and did people change by more than its noise?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from echo_metrics.answers.checks.case import Case, Words, check, place_of
from echo_metrics.answers.figures import INTERVAL_FROM
from echo_metrics.answers.model import Interval, Result
from echo_metrics.answers.scope import Scoped
from echo_metrics.statistics.agreement import reliable_change
from echo_metrics.statistics.counts import PairCounts
from echo_metrics.statistics.reliability import CrossProducts, cronbach_alpha, item_rest, mcdonald_omega
from echo_metrics.store import Store
from echo_metrics.terms import CONTRAST_WAVES, SCORE_UNIT

RELIABLE_ALPHA, RELIABLE_PEOPLE = 0.7, 30
"""Reliable change is shown from this reliability and this many people; below, its noise is not known well enough."""
OMEGA_PEOPLE = 50
"""Omega rests on a model with two numbers a statement; below this many people they are not known well enough."""


def reliability(store: Store, scoped: Scoped, case: Case) -> list[Result]:
    """Alpha at both moments, statements that run against the rest, and reliable change where the scale can bear it."""
    items = list(case.measure.items)
    if len(items) < 3 or case.measure.scoring != "mean":
        return []
    found = []
    for wave in CONTRAST_WAVES[case.contrast]:
        rows = store.rows("cross_products", {**place_of(scoped), "wave": wave.value, "items": items})
        products = products_from(rows, items)
        if products is None or products.n < INTERVAL_FROM:
            continue
        alpha = cronbach_alpha(products)
        rest = item_rest(products)
        against = [r for r in rest if r is not None and r < 0]
        omega, about_omega = _omega(products)

        def words(
            alpha: Any = alpha,
            n: int = products.n,
            wave: str = wave.value,
            against: list[float] = against,
            more: str = f"{about_omega} {_rest_words(rest)}".rstrip(),
        ) -> Words:
            if alpha.value is None:
                return alpha.reason or "Not possible.", None
            rough = " Rough, with so few people." if n < 50 else ""
            weak = " Below 0.6: look at the single statements rather than the scale." if alpha.value < 0.6 else ""
            moment = wave.replace("_", "-")
            if against:
                weak += f" {len(against)} of them run against the rest: check whether they should be reversed."
            return (
                f"At {moment} the {len(items)} statements hang together with an alpha of {alpha.value:.2f} "
                f"(95% CI {alpha.low or 0:.2f} to {alpha.high or 0:.2f}; {n} people answered them all).{rough}"
                f"{weak} {more}"
            ), Interval(alpha.value, alpha.low, alpha.high)

        method = (
            "Cronbach's alpha with Feldt's interval, reversed statements flipped first; McDonald's omega of one "
            "factor; each statement's correlation with the sum of the others"
        )
        shown = check(case, f"alpha-{wave.value}", "Do the statements belong together?", products.n, words, method)
        if shown.shown:
            shown = replace(shown, extra={"omega": omega, "item_rest": dict(zip(items, rest, strict=True))})
        found.append(shown)
        if len(found) == 1:
            found += _reliable(case, alpha.value)
    return found


def _omega(products: CrossProducts) -> tuple[float | None, str]:
    """McDonald's omega and what to say of it; with few people a one-factor model is not worth its name."""
    if products.n < OMEGA_PEOPLE:
        return None, f"Omega is left out: a one-factor model needs {OMEGA_PEOPLE} people or more."
    covariance = products.covariance()
    if covariance is None or min(covariance.diagonal()) <= 0:
        return None, "Omega is not defined: everybody gave the same answer to one of the statements."
    found = mcdonald_omega(covariance.tolist())
    if found.omega is None:
        return None, f"Omega is left out. {found.reason('omega')}"
    return found.omega, f"Omega, which lets statements weigh differently, is {found.omega:.2f}."


def _rest_words(rest: Sequence[float | None]) -> str:
    known = [r for r in rest if r is not None]
    if not known:
        return ""
    return f"Each statement goes with the sum of the others at {min(known):.2f} to {max(known):.2f} (correlation)."


def _reliable(case: Case, alpha: float | None) -> list[Result]:
    """How many people changed by more than the scale's own noise; only where alpha and its spread can bear it."""
    sd = case.change.sd_before
    if alpha is None or not RELIABLE_ALPHA <= alpha < 1 or case.pairs.n_pairs < RELIABLE_PEOPLE or not sd:
        return []
    moved = moved_reliably(case.pairs, sd, alpha)

    def words() -> Words:
        return (
            f"{moved[1]} of {case.pairs.n_pairs} people went up and {moved[-1]} went down by more than the noise of "
            "the scale. That is more than measurement noise, not proof of a difference that matters."
        ), None

    method = "Reliable change (Jacobson and Truax) with this scale's alpha and spread at the start"
    return [check(case, "reliable", "More than the scale's own noise?", case.pairs.n_pairs, words, method)]


def moved_reliably(pairs: PairCounts, sd_before: float, alpha: float) -> dict[int, int]:
    """How many people went up (1), down (-1) or neither (0) by more than the scale's own noise."""
    moved = {-1: 0, 0: 0, 1: 0}
    for key, n in zip(pairs.differences.keys, pairs.differences.n, strict=True):
        judged = reliable_change(0.0, key / SCORE_UNIT, sd_before, alpha)
        moved[0 if not judged.reliable else 1 if key > 0 else -1] += n
    return moved


def products_from(rows: Iterable[tuple[Any, ...]], items: list[str]) -> CrossProducts | None:
    """The moment cube of a scale from the rows of `cross_products`; None where somebody answered no item at all."""
    found = {(a, b): (int(n), float(total), float(product)) for a, b, n, total, product in rows}
    if len(found) != len(items) ** 2:
        return None
    return CrossProducts(
        n=found[items[0], items[0]][0],
        sums=tuple(found[i, i][1] / SCORE_UNIT for i in items),
        products=tuple(tuple(found[i, j][2] / SCORE_UNIT**2 for j in items) for i in items),
    )
