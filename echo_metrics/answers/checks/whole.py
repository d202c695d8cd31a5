"""Checks of one change as a whole: what could have been noticed, the line that matters, several outcomes at once."""

from __future__ import annotations

from dataclasses import replace

from echo_metrics.answers.checks.case import LEAST_GROUP, Case, Words, check, unit_words
from echo_metrics.answers.figures import INTERVAL_FROM
from echo_metrics.answers.model import Interval, Result
from echo_metrics.definitions import Measure
from echo_metrics.statistics.equivalence import minimal_detectable_effect
from echo_metrics.statistics.mcnemar import mcnemar
from echo_metrics.statistics.multiplicity import p_adjust
from echo_metrics.statistics.proportion_intervals import paired_difference
from echo_metrics.statistics.transitions import stage_table
from echo_metrics.statistics.words import p_words
from echo_metrics.terms import SCORE_UNIT

LONGEST_IN_POINTS = 10
"""Scales of up to this many points have a stage for each point; longer ones are cut into fifths."""


def detectable(case: Case) -> list[Result]:
    """The smallest true change that so many pairs with this spread would notice."""
    n, sd = case.pairs.n_pairs, case.change.sd_change
    if n < LEAST_GROUP or not sd:
        return []
    points = minimal_detectable_effect(n) * sd

    def words() -> Words:
        return (
            f"With {n} pairs that vary as these do, a true change of {points:.1f} {unit_words(case.measure)} or more "
            "would be noticed four times out of five; smaller ones could easily be missed."
        ), Interval(points)

    return [
        check(case, "detectable", "What could have been noticed", n, words, "Smallest d_z at 80% power, 5% two-sided")
    ]


def crossed(case: Case) -> list[Result]:
    """How many people crossed the line that counts as agreement, upwards and downwards."""
    cut = round(case.measure.top_box * SCORE_UNIT)
    moved = {(False, False): 0, (False, True): 0, (True, False): 0, (True, True): 0}
    for before, after, n in zip(case.pairs.before, case.pairs.after, case.pairs.n, strict=True):
        moved[before >= cut, after >= cut] += n
    up, down, both, n = moved[False, True], moved[True, False], moved[True, True], case.pairs.n_pairs
    if n < INTERVAL_FROM or not up + down:
        return []
    share = paired_difference(both, up, down, moved[False, False])
    test = mcnemar(up, down)

    def words() -> Words:
        low, high = share.tango.low, share.tango.high
        reach = f", a change of {_points(share.estimate or 0.0)} percentage points"
        inside = f" (95% CI {_points(low)} to {_points(high)})" if low is not None and high is not None else ""
        line = f"{case.measure.top_box:g}{'%' if case.measure.unit.startswith('%') else ''} or more"
        chance = ""
        if test.p_mid is not None and test.p_exact is not None:
            chance = (
                f" McNemar's mid-p: {p_words(test.p_mid)}; the exact test, which is cautious: {p_words(test.p_exact)}."
            )
        return (
            f"{both + down} of {n} people scored {line} before and {both + up} after{reach}{inside}: {up} crossed that "
            f"line upwards, {down} downwards.{chance}"
        ), Interval(
            100 * (share.estimate or 0.0),
            None if low is None else 100 * low,
            None if high is None else 100 * high,
        )

    method = "Paired shares with Tango's interval; McNemar's mid-p and exact p"
    return [check(case, "crossed", "The line that counts", n, words, method)]


def stages(case: Case) -> list[Result]:
    """Who stood where before and after: for the row-level right only, as a cell can be one person."""
    pairs = case.pairs
    if not pairs.n_pairs or not case.policy.internal:
        return []
    edges = stage_edges(case.measure)
    found = stage_table(pairs, edges)
    finer = ""
    if not _one_statement(case.measure):
        finer = (
            f" By any change at all {case.change.improved} went up, {case.change.same} stayed and "
            f"{case.change.declined} went down: a stage is wider than one answer."
        )

    def words() -> Words:
        return (
            f"By stage {found.up} of {found.n} people moved up, {found.same} stayed and {found.down} moved down."
            f"{finer} A cell can be one person, so the table is not for passing on."
        ), None

    method = "People by stage of their score before (row) and after (column)"
    shown = check(case, "stages", "From which stage to which", pairs.n_pairs, words, method)
    table = [list(row) for row in found.table]
    return [replace(shown, extra={"stages": stage_names(edges, case.measure), "table": table})]


def stage_edges(measure: Measure) -> list[float]:
    """Where stages begin: every answer of one statement, whole points of a scale's mean, fifths of a longer scale.

    The line that counts as agreement always opens a stage.
    """
    span = measure.high - measure.low
    step = 1.0 if span <= LONGEST_IN_POINTS else span / 5
    places = round(span / step) + (1 if _one_statement(measure) else 0)
    return sorted({measure.low + step * place for place in range(places)} | {measure.top_box})


def stage_names(edges: list[float], measure: Measure) -> list[str]:
    """Each stage as a reader says it: `2 to under 3`, the last up to the end of the scale; `2` of one statement."""
    if _one_statement(measure):
        return [f"{edge:g}" for edge in edges]
    sign = "%" if measure.unit.startswith("%") else ""
    ends = [f"under {edge:g}{sign}" for edge in edges[1:]] + [f"{measure.high:g}{sign}"]
    return [f"{edge:g} to {end}" for edge, end in zip(edges, ends, strict=True)]


def _one_statement(measure: Measure) -> bool:
    return len(measure.items) == 1 and measure.scoring == "mean"


def family(cases: list[Case]) -> list[Result]:
    """Holm's adjustment over the outcomes that were compared."""
    tested = [c for c in cases if c.change.p_t is not None and c.change.n >= INTERVAL_FROM]
    if len(tested) < 2:
        return []
    adjusted = p_adjust([c.change.p_t for c in tested]).holm
    found = []
    for case, p in zip(tested, adjusted, strict=True):

        def words(p: float = p) -> Words:
            stands = "still speaks against chance alone" if p < 0.05 else "does not speak against chance any more"
            return (
                f"After allowing for the {len(tested)} outcomes tested together, this change {stands} ({p_words(p)}).",
                None,
            )

        found.append(check(case, "family", "Several outcomes at once", case.change.n, words, "Holm's adjustment"))
    return found


def _points(share: float) -> str:
    rounded = round(100 * share)
    return f"{'+' if rounded > 0 else '−' if rounded < 0 else ''}{abs(rounded)}"
