"""Those who were lost on the way, and everybody's answers instead of pairs only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from echo_metrics.answers.checks.case import Case, Values, Words, check, signed
from echo_metrics.answers.figures import INTERVAL_FROM
from echo_metrics.answers.model import Interval, Result
from echo_metrics.definitions import Definitions
from echo_metrics.statistics.counts import PairCounts
from echo_metrics.statistics.two_samples import (
    completer_comparison,
    partially_overlapping_t,
    standardised_share_difference,
)
from echo_metrics.store import Store
from echo_metrics.terms import CONTRAST_WAVES, SCORE_UNIT, WaveKind

LARGE_DIFFERENCE = 0.25
"""Standardised difference from which those lost are said to differ; see docs/methods.md."""


def lost(store: Store, asked: dict[str, Any], definitions: Definitions, case: Case) -> list[Result]:
    """Those matched against those lost, at the start; and everybody's answers, paired or not."""
    if asked["start"] or asked["end"]:
        return []  # a period leaves out pairs, not people: nobody in it is lost for that
    place = {k: v for k, v in asked.items() if k not in ("start", "end")}
    waves = CONTRAST_WAVES[case.contrast]
    before, after = (_split(store.rows("start_cells", {**place, "wave": wave.value})) for wave in waves)
    stayed, left = before
    if not len(stayed) or not len(left):
        return []
    compared = completer_comparison(stayed, left)

    def bias() -> Words:
        gap = compared.standardised_difference
        words = (
            f"{len(left)} people answered at the start and not again. They began at {left.mean():.1f}, those who "
            f"answered both times at {stayed.mean():.1f}"
        )
        if gap is None:
            return f"{words}.", None
        size = f"({abs(gap):.2f} standard deviations)"
        verdict = (
            f"a difference worth knowing {size}."
            if abs(gap) > LARGE_DIFFERENCE
            else f"a small difference {size}. They may still differ in what was not asked."
        )
        return f"{words}: {verdict}", Interval(compared.welch.estimate or 0.0, compared.welch.low, compared.welch.high)

    def pessimistic() -> Words:
        change = case.change.mean_change or 0.0
        whole = change * len(stayed) / (len(stayed) + len(left))
        return (
            f"If none of the {len(left)} people lost had changed at all, the average change of all "
            f"{len(stayed) + len(left)} would be {signed(whole)} instead of {signed(change)}."
        ), Interval(whole)

    smallest = min(len(stayed), len(left))
    found = [
        check(case, "lost", "People lost on the way", smallest, bias, "Welch's t; standardised difference"),
        *_background(store, place, waves[0], definitions, case),
        check(case, "pessimistic", "If the lost had not changed", smallest, pessimistic, "Change x matched / all"),
    ]
    only_after = after[1]
    if len(only_after) >= 2 and case.pairs.n_pairs >= INTERVAL_FROM:
        found.append(_everybody(case, left, only_after, min(smallest, len(only_after))))
    return found


def _background(
    store: Store, place: dict[str, Any], wave: WaveKind, definitions: Definitions, case: Case
) -> list[Result]:
    """Those matched against those lost by discipline and attendance, for the row-level right: its cells are small."""
    if not case.policy.internal:
        return []
    where = {k: v for k, v in place.items() if k not in ("contrast", "measures")}
    asked = {**where, "wave": wave.value, "contrast": case.contrast.value, "measure": case.measure.key}
    people = store.rows("start_background", asked)
    size = {side: sum(int(r[4]) for r in people if bool(r[0]) is side) for side in (True, False)}
    rows: list[dict[str, Any]] = []
    for discipline in dict.fromkeys(str(r[1]) for r in people):
        stayed, left = (
            sum(int(n) for matched, d, _, _, n in people if bool(matched) is side and d == discipline)
            for side in (True, False)
        )
        gap = standardised_share_difference(stayed, size[True], left, size[False])
        label = definitions.discipline_label(discipline)
        rows.append({"what": label, "stayed": stayed, "lost": left, "standardised_difference": gap})
    came = {
        side: [
            int(c) / int(h)
            for matched, _, h, c, n in people
            if bool(matched) is side and h and c is not None
            for _ in range(int(n))
        ]
        for side in (True, False)
    }
    if all(came.values()):
        means = {side: round(100 * sum(values) / len(values), 1) for side, values in came.items()}
        gap = completer_comparison(came[True], came[False]).standardised_difference
        rows.append(
            {
                "what": "Share of sessions they came to",
                "stayed": means[True],
                "lost": means[False],
                "standardised_difference": gap,
            }
        )
    known = [r for r in rows if r["standardised_difference"] is not None]

    def words() -> Words:
        large = [r for r in known if abs(r["standardised_difference"]) > LARGE_DIFFERENCE]
        if not large:
            return (
                "In discipline and attendance those lost and those who answered both times differ little (no "
                f"standardised difference above {LARGE_DIFFERENCE}). They may still differ in what is not known."
            ), None
        named = ", ".join(f"{r['what'].lower()} {abs(r['standardised_difference']):.2f}" for r in large)
        return (
            f"In background the two sides differ by more than {LARGE_DIFFERENCE} standard deviations in: {named}. With "
            "few people such gaps come easily, and a small one does not mean that the sides are alike."
        ), None

    method = "Standardised differences of shares and means; no test, as chance is not the question"
    shown = check(case, "background", "Who was lost", min(size.values()), words, method)
    return [replace(shown, extra={"people": {"stayed": size[True], "lost": size[False]}, "background": rows})]


def _everybody(case: Case, only_before: Values, only_after: Values, smallest: int) -> Result:
    paired_before, paired_after = _paired_values(case.pairs)
    test = partially_overlapping_t(paired_after, paired_before, only_after, only_before).welch

    def words() -> Words:
        if test.estimate is None or test.low is None or test.high is None:
            return "Not possible: there is no spread in the answers.", None
        return (
            f"With the {len(only_before)} who answered only before and the {len(only_after)} who answered only after "
            f"as well, the averages differ by {signed(test.estimate)} (95% CI {signed(test.low)} to "
            f"{signed(test.high)}). The pairs alone show {signed(case.change.mean_change or 0.0)}."
        ), Interval(test.estimate, test.low, test.high)

    method = "Partially overlapping samples t, unequal variances (Derrick, Toher and White 2017)"
    return check(case, "everybody", "Everybody's answers, paired or not", smallest, words, method)


def _split(rows: Iterable[tuple[Any, ...]]) -> tuple[Values, Values]:
    """Scores in points of those with and those without a pair."""
    sides: dict[bool, list[float]] = {True: [], False: []}
    for _, matched, key, n in rows:
        sides[bool(matched)] += [int(key) / SCORE_UNIT] * int(n)
    return np.array(sides[True]), np.array(sides[False])


def _paired_values(pairs: PairCounts) -> tuple[Values, Values]:
    before = np.repeat(np.array(pairs.before), pairs.n) / pairs.unit
    after = np.repeat(np.array(pairs.after), pairs.n) / pairs.unit
    return before, after
