"""Series over time: run charts by the Anhoej rules, and control limits for individual values, shares and counts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from echo_metrics.errors import UserError
from echo_metrics.statistics.checks import Array, number, numbers, same_length, sequence, whole, wholes
from echo_metrics.statistics.results import Reasons, WithReasons, same_reason

FEWEST_POINTS = 10
TOO_SHORT = f"Fewer than {FEWEST_POINTS} points: draw it, and give no verdict."
NO_POINTS = "No point lies off the median."
ONE_POINT = "Limits need at least two points."
MR_SCALE = 1.128
MR_LIMIT = 3.267


@dataclass(frozen=True, slots=True)
class AnhoejLimits:
    """Longest run and fewest crossings that `n` useful points still show by chance alone."""

    n: int
    longest_run_max: int
    crossings_min: int


def anhoej_limits(n: int) -> AnhoejLimits:
    """What n points off the median may show without being a signal.

    Parameters: n useful points, from 1 to 10,000. Returns `AnhoejLimits`: a longer run or fewer crossings are a signal.
    Formula: longest run round(log2 n) + 3; crossings: the smallest c with P(Bin(n - 1, 1/2) <= c) >= 0.05, counted
    exactly in whole numbers. When not to use it: below 10 points in the series the limits carry no verdict.
    Source: Anhoej and Olesen 2014, PLoS ONE 9:e113825. Checked against R `qbinom` (record `anhoej_limits`).

    >>> anhoej_limits(24)
    AnhoejLimits(n=24, longest_run_max=8, crossings_min=8)
    """
    points = whole(n, "n", 1, 10_000)
    ways, total, crossings = 1, 1, 0
    # P(B <= c) >= 0.05 is 20 x (number of ways up to c) >= 2^(n-1).
    while 20 * total < 2 ** (points - 1):
        crossings += 1
        ways = ways * (points - crossings) // crossings
        total += ways
    return AnhoejLimits(points, round(math.log2(points)) + 3, crossings)


@dataclass(frozen=True, slots=True)
class RunChart(WithReasons):
    """Median, points off it, longest run on one side, crossings, the limits of both, and whether either is a signal."""

    median: float
    n_useful: int
    longest_run: int
    longest_run_max: int | None
    crossings: int
    crossings_min: int | None
    signal: bool | None
    reasons: Reasons = ()


def run_chart(y: Any, baseline: int | None = None) -> RunChart:
    """Whether a series shifted, or is just going up and down.

    Parameters: y, values in order of time; baseline, how many first values the median is taken from (all if None).
    Returns `RunChart`.

    Formula: points on the median are left out; signal if the longest run on one side exceeds `longest_run_max`, or
    crossings fall below `crossings_min` (see `anhoej_limits`).

    When not to use it: fewer than 10 points: everything but the verdict (None). Never claim that a change worked from
    two points.

    Source: Anhoej and Olesen 2014, PLoS One 9:e113825. Checked against qicharts2 `qic` (record
    `anhoej_run_chart_random`).
    """
    values = numbers(y, "y", 1)
    first = len(values) if baseline is None else whole(baseline, "baseline", 1, len(values))
    median = float(np.median(values[:first]))
    sides = np.sign(values - median)
    useful = sides[sides != 0]
    n = len(useful)
    if n == 0:
        why = same_reason(NO_POINTS, "longest_run_max", "crossings_min", "signal")
        return RunChart(median, 0, 0, None, 0, None, None, why)
    ends = np.flatnonzero(np.diff(useful)) + 1
    runs = np.diff(np.concatenate([[0], ends, [n]]))
    limits = anhoej_limits(n)
    longest, crossings = int(runs.max()), len(ends)
    signal = longest > limits.longest_run_max or crossings < limits.crossings_min
    if len(values) < FEWEST_POINTS:
        why = same_reason(TOO_SHORT, "signal")
        return RunChart(median, n, longest, limits.longest_run_max, crossings, limits.crossings_min, None, why)
    return RunChart(median, n, longest, limits.longest_run_max, crossings, limits.crossings_min, signal)


@dataclass(frozen=True, slots=True)
class XmrChart(WithReasons):
    """Individuals chart: mean, average moving range and limits, and the places (from 0) that break each NHS rule.

    `outside`: beyond a limit; `shift`: part of 7 or more in a row on one side of the mean; `trend`: part of 7 or more
    points rising or falling; `two_of_three`: two of three beyond two thirds of the way to one limit.
    """

    n: int
    mean: float
    mr_bar: float | None
    lcl: float | None
    ucl: float | None
    mr_ucl: float | None
    outside: tuple[int, ...]
    shift: tuple[int, ...]
    trend: tuple[int, ...]
    two_of_three: tuple[int, ...]
    reasons: Reasons = ()


def xmr_chart(y: Any, baseline: int | None = None, *, screen: bool = False) -> XmrChart:
    """Between which limits single values vary by ordinary causes, and which values do not.

    Parameters: y, values in order of time; baseline, how many first values set the limits (all if None; fewer than 12
    are trial limits); screen, leave out moving ranges of at least 3.267 times their average once before averaging
    again (NHSRplotthedots does, the NHS workbook does not). Returns `XmrChart`.

    Formula: mean +- 3 / 1.128 x average moving range; moving ranges up to 3.267 x their average.

    When not to use it: one point (limits None). Fewer than 20 points: the run chart.

    Source: Montgomery, Introduction to Statistical Quality Control, section 6.4; NHS Making Data Count (rules). Checked
    against Montgomery's example 6.5 (record `xmr_montgomery_loan_cost`).
    """
    values = numbers(y, "y", 1)
    first = len(values) if baseline is None else whole(baseline, "baseline", 1, len(values))
    n, mean = len(values), float(values[:first].mean())
    if first < 2:
        why = same_reason(ONE_POINT, "mr_bar", "lcl", "ucl", "mr_ucl")
        return XmrChart(n, mean, None, None, None, None, (), (), (), (), why)
    ranges = np.abs(np.diff(values[:first]))
    mr_bar = float(ranges.mean())
    if screen and mr_bar > 0:
        mr_bar = float(ranges[ranges < MR_LIMIT * mr_bar].mean())
    half = 3 * mr_bar / MR_SCALE
    sides = np.sign(values - mean)
    near = 2 / 3 * half
    return XmrChart(
        n,
        mean,
        mr_bar,
        mean - half,
        mean + half,
        MR_LIMIT * mr_bar,
        tuple(np.flatnonzero(np.abs(values - mean) > half).tolist()),
        _in_long_runs(sides, 7),
        _in_trends(values, 7),
        _two_of_three(values - mean, near),
    )


def _in_long_runs(sides: Array, least: int) -> tuple[int, ...]:
    found: list[int] = []
    start = 0
    for i in range(1, len(sides) + 1):
        if i == len(sides) or sides[i] != sides[start]:
            if i - start >= least and sides[start] != 0:
                found.extend(range(start, i))
            start = i
    return tuple(found)


def _in_trends(values: Array, least: int) -> tuple[int, ...]:
    steps = np.sign(np.diff(values))
    runs = _in_long_runs(steps, least - 1)
    return tuple(sorted({place + add for place in runs for add in (0, 1)}))


def _two_of_three(gaps: Array, near: float) -> tuple[int, ...]:
    found: set[int] = set()
    for side in (1, -1):
        beyond = side * gaps > near
        for i in range(len(gaps) - 2):
            inside = [j for j in range(i, i + 3) if beyond[j]]
            if len(inside) >= 2 and all(side * gaps[j] > 0 for j in range(i, i + 3)):
                found.update(inside)
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class AttributeChart:
    """Centre line with lower and upper limits, one of each a sample, and the places (from 0) outside them."""

    centre: float
    lcl: tuple[float, ...]
    ucl: tuple[float, ...]
    outside: tuple[int, ...]


def p_chart(defects: Any, n: Any) -> AttributeChart:
    """Between which limits the share of people with a property varies by ordinary causes.

    Parameters: defects, people with the property in each sample; n, people in each sample (a list, or one number for
    all), above zero. Returns `AttributeChart` of shares.

    Formula: p = all defects / all people; limits p +- 3 sqrt(p (1 - p) / n_i), cut at 0 and 1.

    When not to use it: samples of thousands, where the limits are too narrow (Laney's p').

    Source: Montgomery, section 7.2. Checked against his example 7.1 (record `p_chart_orange_juice`).
    """
    counts = wholes(defects, "defects", 1)
    sizes = [whole(n, "n", 1)] * len(counts) if not isinstance(n, list | tuple | np.ndarray) else wholes(n, "n", 1, 1)
    same_length(defects=counts, n=sizes)
    for i, (count, size) in enumerate(zip(counts, sizes, strict=True)):
        if count > size:
            raise UserError(f"defects[{i}] must not be more than n; {count} of {size} were given.")
    p = sum(counts) / sum(sizes)
    halves = [3 * math.sqrt(p * (1 - p) / size) for size in sizes]
    lcl, ucl = tuple(max(0.0, p - h) for h in halves), tuple(min(1.0, p + h) for h in halves)
    shares = [count / size for count, size in zip(counts, sizes, strict=True)]
    outside = tuple(i for i, s in enumerate(shares) if s < lcl[i] or s > ucl[i])
    return AttributeChart(p, lcl, ucl, outside)


def c_chart(counts: Any) -> AttributeChart:
    """Between which limits a count of events varies by ordinary causes, the opportunity being the same each time.

    Parameters: counts, events in each period, whole numbers. Returns `AttributeChart` of counts.
    Formula: c +- 3 sqrt(c), c the mean count, cut at 0. When not to use it: periods of different length or size.
    Source: Montgomery, section 7.3. Checked against his example 7.3 (516 defects in 26 samples: 19.85, 6.48, 33.22).
    """
    found = wholes(sequence(counts, "counts", 1), "counts", 1)
    centre = sum(found) / len(found)
    half = 3 * math.sqrt(centre)
    low, high = max(0.0, centre - half), centre + half
    outside = tuple(i for i, count in enumerate(found) if not low <= count <= high)
    return AttributeChart(number(centre, "counts"), (low,) * len(found), (high,) * len(found), outside)
