"""Would it hold? The checks that a careful reviewer asks for beside each change, each as a result with its sentence.

Bias of those who were lost, everybody's answers instead of pairs only, the scale's reliability, what could have been
detected, differences between disciplines, attendance, and the number of outcomes tested. Every check passes the gate
with the smallest group that it speaks of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from echo_metrics.answers.figures import INTERVAL_FROM
from echo_metrics.answers.model import Group, Interval, Result
from echo_metrics.answers.scope import Scoped
from echo_metrics.definitions import Definitions, Measure
from echo_metrics.disclosure import Exact, Policy, Suppressed, gate
from echo_metrics.statistics.adjusted import ancova
from echo_metrics.statistics.agreement import reliable_change
from echo_metrics.statistics.clustered import random_intercept
from echo_metrics.statistics.counts import PairCounts
from echo_metrics.statistics.equivalence import minimal_detectable_effect
from echo_metrics.statistics.multiplicity import p_adjust
from echo_metrics.statistics.paired_change import PairedChange, paired_change
from echo_metrics.statistics.partial_pooling import partial_pooling
from echo_metrics.statistics.rank_groups import kruskal_wallis
from echo_metrics.statistics.reliability import CrossProducts, cronbach_alpha
from echo_metrics.statistics.two_samples import completer_comparison, partially_overlapping_t
from echo_metrics.statistics.words import p_words
from echo_metrics.store import Store
from echo_metrics.terms import CONTRAST_WAVES, SCORE_UNIT, Contrast, Status

LARGE_DIFFERENCE = 0.25
"""Standardised difference from which those lost are said to differ (STATISTICS 1.6)."""
MOST_PEOPLE = 100_000
"""Above this the checks that need one value a person are left out: at that size every p is tiny anyway."""
RELIABLE_ALPHA, RELIABLE_PEOPLE = 0.7, 30
"""Reliable change is shown from this reliability and this many people (STATISTICS 1.2)."""
LEAST_GROUP = 5
"""Smallest group that enters a comparison between groups."""

Key = tuple[str, str]
Values = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class _Case:
    """One measure with its pairs, and what a check needs to speak of it."""

    measure: Measure
    contrast: Contrast
    pairs: PairCounts
    change: PairedChange
    policy: Policy


def check_results(
    store: Store, scoped: Scoped, definitions: Definitions, measures: Iterable[Measure], policy: Policy, only: str = ""
) -> list[Result]:
    """The checks of every measure that compares two moments, or of `only` one, and its place in the whole family."""
    cases: list[_Case] = []
    found: list[Result] = []
    for measure in (m for m in measures if m.kind == "change"):
        contrast = measure.contrasts[0]
        asked = {**scoped.parameters, "contrast": contrast.value, "measures": [measure.key]}
        rows = [(str(d), int(b), int(a), int(n)) for _, _, d, b, a, n in store.rows("change_cells", asked)]
        pairs = PairCounts.from_cells([(b, a, n) for _, b, a, n in rows], SCORE_UNIT)
        if not 0 < pairs.n_pairs <= MOST_PEOPLE:
            continue
        case = _Case(measure, contrast, pairs, paired_change(pairs), policy)
        if contrast is Contrast.BEFORE_AFTER_SESSION:
            found += _repeated(store, scoped, case) if only in ("", measure.key) else []
            continue
        cases.append(case)
        if only in ("", measure.key):
            found += _lost(store, asked, case)
            found += _reliability(store, scoped, case)
            found += _detectable(case)
            found += _disciplines(rows, definitions, case)
            found += _dose(store, asked, case)
    return found + [r for r in _family(cases) if only in ("", r.measure)]


def _lost(store: Store, asked: dict[str, Any], case: _Case) -> list[Result]:
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

    def bias() -> tuple[str, Interval | None]:
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

    def pessimistic() -> tuple[str, Interval | None]:
        change = case.change.mean_change or 0.0
        whole = change * len(stayed) / (len(stayed) + len(left))
        return (
            f"If none of the {len(left)} people lost had changed at all, the average change of all "
            f"{len(stayed) + len(left)} would be {_signed(whole)} instead of {_signed(change)}."
        ), Interval(whole)

    smallest = min(len(stayed), len(left))
    found = [
        _check(case, "lost", "People lost on the way", smallest, bias, "Welch's t; standardised difference"),
        _check(case, "pessimistic", "If the lost had not changed", smallest, pessimistic, "Change x matched / all"),
    ]
    only_after = after[1]
    if len(only_after) >= 2 and case.pairs.n_pairs >= INTERVAL_FROM:
        found.append(_everybody(case, left, only_after, min(smallest, len(only_after))))
    return found


def _everybody(case: _Case, only_before: Values, only_after: Values, smallest: int) -> Result:
    paired_before, paired_after = _paired_values(case.pairs)
    test = partially_overlapping_t(paired_after, paired_before, only_after, only_before).welch

    def words() -> tuple[str, Interval | None]:
        if test.estimate is None or test.low is None or test.high is None:
            return "Not possible: there is no spread in the answers.", None
        return (
            f"With the {len(only_before)} who answered only before and the {len(only_after)} who answered only after "
            f"as well, the averages differ by {_signed(test.estimate)} (95% CI {_signed(test.low)} to "
            f"{_signed(test.high)}). The pairs alone show {_signed(case.change.mean_change or 0.0)}."
        ), Interval(test.estimate, test.low, test.high)

    method = "Partially overlapping samples t, unequal variances (Derrick, Toher and White 2017)"
    return _check(case, "everybody", "Everybody's answers, paired or not", smallest, words, method)


def _reliability(store: Store, scoped: Scoped, case: _Case) -> list[Result]:
    items = list(case.measure.items)
    if len(items) < 3 or case.measure.scoring != "mean":
        return []
    found = []
    for wave in CONTRAST_WAVES[case.contrast]:
        products = _products(
            store.rows("cross_products", {**_place(scoped), "wave": wave.value, "items": items}), items
        )
        if products is None or products.n < INTERVAL_FROM:
            continue
        alpha = cronbach_alpha(products)

        def words(alpha: Any = alpha, n: int = products.n, wave: str = wave.value) -> tuple[str, Interval | None]:
            if alpha.value is None:
                return alpha.reason or "Not possible.", None
            rough = " Rough, with so few people." if n < 50 else ""
            weak = " Below 0.6: look at the single statements rather than the scale." if alpha.value < 0.6 else ""
            moment = wave.replace("_", "-")
            return (
                f"At {moment} the {len(items)} statements hang together with an alpha of {alpha.value:.2f} "
                f"(95% CI {alpha.low or 0:.2f} to {alpha.high or 0:.2f}; {n} people answered them all).{rough}{weak}"
            ), Interval(alpha.value, alpha.low, alpha.high)

        method = "Cronbach's alpha with Feldt's interval, reversed statements flipped first"
        found.append(
            _check(case, f"alpha-{wave.value}", "Do the statements belong together?", products.n, words, method)
        )
        if len(found) == 1:
            found += _reliable(case, alpha.value)
    return found


def _reliable(case: _Case, alpha: float | None) -> list[Result]:
    """How many people changed by more than the scale's own noise; only where alpha and its spread can bear it."""
    sd = case.change.sd_before
    if alpha is None or not RELIABLE_ALPHA <= alpha < 1 or case.pairs.n_pairs < RELIABLE_PEOPLE or not sd:
        return []
    moved = {-1: 0, 0: 0, 1: 0}
    for key, n in zip(case.pairs.differences.keys, case.pairs.differences.n, strict=True):
        judged = reliable_change(0.0, key / SCORE_UNIT, sd, alpha)
        moved[0 if not judged.reliable else 1 if key > 0 else -1] += n

    def words() -> tuple[str, Interval | None]:
        return (
            f"{moved[1]} of {case.pairs.n_pairs} people went up and {moved[-1]} went down by more than the noise of "
            "the scale. That is more than measurement noise, not proof of a difference that matters."
        ), None

    method = "Reliable change (Jacobson and Truax) with this scale's alpha and spread at the start"
    return [_check(case, "reliable", "More than the scale's own noise?", case.pairs.n_pairs, words, method)]


def _repeated(store: Store, scoped: Scoped, case: _Case) -> list[Result]:
    """The session ratings under a model that knows that the same people rate again and again."""
    rows = store.rows("session_changes", {**scoped.parameters, "measure": case.measure.key})
    people = {str(person) for person, _ in rows}
    if len(people) < INTERVAL_FROM or len(rows) > MOST_PEOPLE:
        return []
    model = random_intercept([str(p) for p, _ in rows], [int(c) / SCORE_UNIT for _, c in rows])
    if model.intercept is None or model.low is None or model.high is None:
        return []
    mean, low, high = model.intercept, model.low, model.high

    def words() -> tuple[str, Interval | None]:
        return (
            f"A model that knows that {len(people)} people gave these {len(rows)} pairs of ratings finds an average "
            f"change of {_signed(mean)} (95% CI {_signed(low)} to {_signed(high)}). Ratings are not people: "
            f"{len(rows)} would "
            "be too many."
        ), Interval(mean, low, high)

    method = "Random intercept for each person, REML (normal interval, a little narrow below 30 people)"
    return [_check(case, "repeated", "The same people, several sessions", len(people), words, method)]


def _detectable(case: _Case) -> list[Result]:
    n, sd = case.pairs.n_pairs, case.change.sd_change
    if n < LEAST_GROUP or not sd:
        return []
    points = minimal_detectable_effect(n) * sd

    def words() -> tuple[str, Interval | None]:
        return (
            f"With {n} pairs that vary as these do, a true change of {points:.1f} {_unit(case.measure)} or more would "
            "be noticed four times out of five; smaller ones could easily be missed."
        ), Interval(points)

    return [
        _check(case, "detectable", "What could have been noticed", n, words, "Smallest d_z at 80% power, 5% two-sided")
    ]


def _disciplines(rows: list[tuple[str, int, int, int]], definitions: Definitions, case: _Case) -> list[Result]:
    """One test of difference, and each discipline's change drawn towards the common mean: never a league table."""
    groups: dict[str, Values] = {}
    for discipline in dict.fromkeys(r[0] for r in rows):
        values = [(a - b) / SCORE_UNIT for d, b, a, n in rows if d == discipline for _ in range(n)]
        if len(values) >= LEAST_GROUP:
            groups[discipline] = np.array(values)
    if len(groups) < 2:
        return []
    changes = list(groups.values())
    inside = sum(float(((g - g.mean()) ** 2).sum()) for g in changes) / (sum(map(len, changes)) - len(changes))
    if inside <= 0:
        return []
    test = kruskal_wallis(changes)
    pooled = partial_pooling([float(g.mean()) for g in changes], [inside / len(g) for g in changes])

    def words() -> tuple[str, Interval | None]:
        clear = test.p is not None and test.p < 0.05
        lead = (
            f"The changes of the {len(groups)} disciplines with five people or more differ beyond chance"
            if clear
            else f"There is no sign that the {len(groups)} disciplines with five people or more changed differently; "
            "so few people could not show a small difference"
        )
        drawn = ", ".join(
            f"{definitions.discipline_label(d).lower()} {_signed(s)}"
            for d, s in zip(groups, pooled.shrunken or (), strict=False)
        )
        shrunk = f" Drawn towards their common mean, as small groups should be: {drawn}." if drawn else ""
        return f"{lead}{f' ({p_words(test.p)})' if test.p is not None else ''}.{shrunk}", None

    method = "Kruskal-Wallis test on change; partial pooling by REML with the common within-variance"
    smallest = min(len(g) for g in changes)
    return [_check(case, "disciplines", "Do disciplines differ?", smallest, words, method)]


def _dose(store: Store, asked: dict[str, Any], case: _Case) -> list[Result]:
    rows = store.rows("dose_cells", asked)
    group, before, after = [], [], []
    for _, most, b, a, n in rows:
        group += ["most" if most else "fewer"] * int(n)
        before += [int(b) / SCORE_UNIT] * int(n)
        after += [int(a) / SCORE_UNIT] * int(n)
    counts = [group.count("most"), group.count("fewer")]
    if min(counts) < LEAST_GROUP:
        return []
    fitted = ancova(group, before, after)
    means = dict(zip(fitted.groups, fitted.adjusted_means or (), strict=False))
    if not means:
        return []

    def words() -> tuple[str, Interval | None]:
        gap = means["most"] - means["fewer"]
        how = f" ({p_words(fitted.p)})" if fitted.p is not None else ""
        return (
            f"Allowing for where they started, the {counts[0]} people who came to more than half of the sessions ended "
            f"at {means['most']:.1f}, the {counts[1]} others at {means['fewer']:.1f}{how}. Keener people may come more "
            "often: this is no proof that coming made the difference."
        ), Interval(gap)

    method = "Analysis of covariance: score after by score before and attendance (more than half of the sessions)"
    return [_check(case, "dose", "Attendance and change", min(counts), words, method)]


def _family(cases: list[_Case]) -> list[Result]:
    """Holm's adjustment over the outcomes that were compared."""
    tested = [c for c in cases if c.change.p_t is not None and c.change.n >= INTERVAL_FROM]
    if len(tested) < 2:
        return []
    adjusted = p_adjust([c.change.p_t for c in tested]).holm
    found = []
    for case, p in zip(tested, adjusted, strict=True):

        def words(p: float = p) -> tuple[str, Interval | None]:
            stands = "still speaks against chance alone" if p < 0.05 else "does not speak against chance any more"
            return (
                f"After allowing for the {len(tested)} outcomes tested together, this change {stands} ({p_words(p)}).",
                None,
            )

        found.append(_check(case, "family", "Several outcomes at once", case.change.n, words, "Holm's adjustment"))
    return found


def _check(
    case: _Case,
    key: str,
    label: str,
    people: int,
    words: Callable[[], tuple[str, Interval | None]],
    method: str,
) -> Result:
    """One check as a result, through the gate; its words and number are made only for a released figure."""
    outcome = gate(Exact(people, words), case.policy)
    result = Result(
        measure=case.measure.key,
        label=label,
        group=Group("check", key, label),
        status=outcome.status if isinstance(outcome, Suppressed) else Status.RELEASED,
        reason=outcome.reason if isinstance(outcome, Suppressed) else "",
        kind="check",
        contrast=case.contrast.value,
        unit=case.measure.unit,
        method=method,
    )
    if isinstance(outcome, Suppressed):
        return replace(result, sentence=outcome.reason, method="")
    sentence, value = outcome.value()
    result = replace(result, sentence=sentence, value=value)
    if outcome.internal:
        reason = "Internal: a group of fewer than 5 people. Others see this as hidden."
        return replace(result, status=Status.UNRELIABLE, reason=reason)
    return result


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


def _products(rows: Iterable[tuple[Any, ...]], items: list[str]) -> CrossProducts | None:
    found = {(a, b): (int(n), float(total), float(product)) for a, b, n, total, product in rows}
    if len(found) != len(items) ** 2:
        return None
    return CrossProducts(
        n=found[items[0], items[0]][0],
        sums=tuple(found[i, i][1] / SCORE_UNIT for i in items),
        products=tuple(tuple(found[i, j][2] / SCORE_UNIT**2 for j in items) for i in items),
    )


def _place(scoped: Scoped) -> dict[str, Any]:
    return {k: scoped.parameters[k] for k in ("networks", "cohorts", "discipline")}


def _unit(measure: Measure) -> str:
    return "percentage points" if measure.unit.startswith("%") else measure.unit


def _signed(value: float) -> str:
    rounded = round(value, 1)
    return f"{'+' if rounded > 0 else '−' if rounded < 0 else ''}{abs(rounded):.1f}"
