"""Agreement of raters, and whether one person's change is more than measurement noise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from echo_metrics.statistics.checks import above, number, rectangle, share
from echo_metrics.statistics.results import Reasons, WithReasons, same_reason

NO_NOISE = "The ratings leave no unexplained variance, so F has nothing to divide by."
ALL_EQUAL = "All ratings are the same."
PERFECT = "With a reliability of 1 there is no measurement noise to compare with."

ICC_NAMES = ("ICC1", "ICC2", "ICC3", "ICC1k", "ICC2k", "ICC3k")


@dataclass(frozen=True, slots=True)
class IntraclassCorrelation(WithReasons):
    """Shrout and Fleiss's six, in the order of `ICC_NAMES`, with their F; a part is None with a reason by its name."""

    icc: tuple[float | None, ...]
    f: tuple[float | None, ...]
    reasons: Reasons = ()


def icc(ratings: Any) -> IntraclassCorrelation:
    """How much of the differences between ratings is differences between the people rated.

    Parameters: ratings, one row a person rated, one column a rater, at least two of each, none missing.
    Returns `IntraclassCorrelation`: single ratings (one-way, two-way random, two-way fixed), then their averages.

    Formula, B, W, J, E the mean squares between people, within, of raters, and error; k raters, n people: ICC1 = (B -
    W) / (B + (k-1) W); ICC2 = (B - E) / (B + (k-1) E + k (J - E) / n); ICC3 = (B - E) / (B + (k-1) E); averages: (B -
    W) / B, (B - E) / (B + (J - E) / n), (B - E) / B. F = B / W for ICC1, B / E for the others.

    When not to use it: all ratings equal, or no error variance for F (None).

    Source: Shrout and Fleiss 1979, Psychol Bull 86:420. Checked against their Table 4 and psych 2.2.9 (record
    `icc_shrout_fleiss`).
    """
    table = rectangle(ratings, "ratings", 2, 2)
    n, k = table.shape
    centred = table - table.mean()
    total = float((centred**2).sum())
    people = k * float((centred.mean(axis=1) ** 2).sum())
    raters = n * float((centred.mean(axis=0) ** 2).sum())
    between, judge = people / (n - 1), raters / (k - 1)
    noise = 1e-12 * total
    rest = max(0.0, total - people - raters)
    inside = max(0.0, total - people)
    error = (0.0 if rest <= noise else rest) / ((n - 1) * (k - 1))
    within = (0.0 if inside <= noise else inside) / (n * (k - 1))

    def ratio(top: float, bottom: float) -> float | None:
        return top / bottom if abs(bottom) > noise else None

    values = (
        ratio(between - within, between + (k - 1) * within),
        ratio(between - error, between + (k - 1) * error + k * (judge - error) / n),
        ratio(between - error, between + (k - 1) * error),
        ratio(between - within, between),
        ratio(between - error, between + (judge - error) / n),
        ratio(between - error, between),
    )
    one_way = between / within if within > 0 else None
    two_way = between / error if error > 0 else None
    f = (one_way, two_way, two_way, one_way, two_way, two_way)
    reasons = [(name, ALL_EQUAL) for name, value in zip(ICC_NAMES, values, strict=True) if value is None]
    reasons += [(f"F of {name}", NO_NOISE) for name, value in zip(ICC_NAMES, f, strict=True) if value is None]
    return IntraclassCorrelation(values, f, tuple(reasons))


@dataclass(frozen=True, slots=True)
class ReliableChange(WithReasons):
    """Jacobson and Truax: `rci` above 1.96 in size is more than measurement noise; `reliable` says whether it is."""

    sem: float
    s_diff: float
    rci: float | None
    reliable: bool | None
    reasons: Reasons = ()


def reliable_change(pre: float, post: float, sd_pre: float, reliability: float) -> ReliableChange:
    """Whether one person's change is larger than the measure's own noise.

    Parameters: one person's scores before and after; the standard deviation before (above zero) and the reliability
    (0 to 1) of this measure. Returns `ReliableChange`.

    Formula: SEM = SD sqrt(1 - r), S_diff = sqrt(2) SEM, RCI = (post - pre) / S_diff, reliable if |RCI| > 1.96.

    When not to use it: reliability below 0.7, or a standard deviation from fewer than 30 people. It says "more than
    measurement noise", not "clinically meaningful". With reliability 1 it is None.

    Source: Jacobson and Truax 1991, J Consult Clin Psychol 59:12. Checked against their example (record
    `reliable_change_jacobson_truax`).

    >>> round(reliable_change(32.5, 47.5, 7.5, 0.8).rci, 2)
    3.16
    """
    first, second = number(pre, "pre"), number(post, "post")
    sem = above(sd_pre, "sd_pre") * math.sqrt(1 - share(reliability, "reliability"))
    if sem == 0:
        return ReliableChange(0.0, 0.0, None, None, same_reason(PERFECT, "rci", "reliable"))
    apart = math.sqrt(2) * sem
    rci = (second - first) / apart
    return ReliableChange(sem, apart, rci, abs(rci) > 1.96)


@dataclass(frozen=True, slots=True)
class CutOffs:
    """Scores beyond which a person belongs with the functional group: a (2 SD off the clinical mean), b (within 2 SD
    of the functional mean), c (between the means, nearer to the narrower group)."""

    a: float
    b: float
    c: float


def cut_offs(mean_clinical: float, sd_clinical: float, mean_functional: float, sd_functional: float) -> CutOffs:
    """Where a score counts as back among the functional group, by Jacobson and Truax's three rules.

    Parameters: mean and standard deviation (above zero) of both groups; either may be the higher. Returns `CutOffs`.

    Formula, higher = better: a = M1 + 2 SD1, b = M0 - 2 SD0, c = (SD0 M1 + SD1 M0) / (SD0 + SD1), 1 the clinical, 0
    the functional group; where the functional mean is the lower one the signs of a and b turn.

    When not to use it: without norms of both groups.

    Source: Jacobson and Truax 1991, J Consult Clin Psychol 59:12. Checked against the authors' example (record
    `reliable_change_jacobson_truax`).

    >>> cut_offs(40, 7.5, 60, 7.5)
    CutOffs(a=55.0, b=45.0, c=50.0)
    """
    m1, m0 = number(mean_clinical, "mean_clinical"), number(mean_functional, "mean_functional")
    s1, s0 = above(sd_clinical, "sd_clinical"), above(sd_functional, "sd_functional")
    towards = 1 if m0 >= m1 else -1
    return CutOffs(m1 + towards * 2 * s1, m0 - towards * 2 * s0, (s0 * m1 + s1 * m0) / (s0 + s1))
