"""Do the means, standard deviations, t, df, p and confidence interval of one printed row belong together?

Everything is brought to one scale: the range of |t| that each printed figure allows at a given n and df. Figures
agree where their ranges meet. Formulae: t = D sqrt(n) / SD_D with df = n - 1; SD_D^2 = s1^2 + s2^2 - 2 r s1 s2, so
that |s1 - s2| <= SD_D <= s1 + s2 whatever the pairs; two groups: t = D / sqrt(sp^2 (1/n1 + 1/n2)), or Welch's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from echo_metrics.statistics.table_check_printed import Printed, PrintedRow, Range, between, tidy

LARGEST_DF = 2000
"""The search for an n that fits stops here; the tables of ECHO programmes have 5 to 1,000 people."""
NEGATIVE_R = -0.3
"""Before and after answers of the same people correlate positively, .3 to .8 as a rule; below this something is off."""
RARE = 0.01
"""A correlation rarer than this even where before and after have nothing to do with each other does not close."""
NAMES = {
    "spread": "the means and SDs",
    "sd_diff": "the SD of the differences",
    "t": "t",
    "ci": "the confidence interval",
    "p": "p",
    "d": "d",
}
MIXED = "Usually the row mixes denominators: means of everybody who answered, test of the matched pairs only."
Bounds = tuple[np.ndarray, np.ndarray]


def t_size(df: np.ndarray | float, p: float) -> np.ndarray:
    """Return |t| whose two-sided p is `p`: infinite at 0, zero at 1."""
    if p <= 0:
        return np.full(np.shape(df), np.inf)
    size: np.ndarray = np.abs(special.stdtrit(df, min(p, 1.0) / 2))
    return size


def two_sided(t: float, df: float) -> float:
    """Return the two-sided p of `t`."""
    return min(1.0, 2 * float(special.stdtr(df, -abs(t)))) if math.isfinite(t) else 0.0


def p_range(p: Printed) -> Range:
    """Return what a printed p can stand for, inside 0 to 1."""
    return Range(min(max(p.range.low, 0.0), 1.0), min(max(p.range.high, 0.0), 1.0))


def level(row: PrintedRow) -> float:
    """Return the confidence level of the printed interval, 0.95 unless stated."""
    value = 95.0 if row.ci_level is None else row.ci_level.value
    return value if value < 1 else value / 100


def change(row: PrintedRow) -> Range | None:
    """After minus before: from the means, narrowed by the printed difference or the interval's middle."""
    found = None
    if row.mean1 is not None and row.mean2 is not None:
        found = row.mean2.range.minus(row.mean1.range)
    for other in (row.mean_diff.range if row.mean_diff else None, middle(row)):
        if other is not None:
            # A table may print before minus after; then the sign is turned, not held against it.
            turned = Range(-other.high, -other.low)
            found = other if found is None else found.shared(other if found.meets(other) else turned)
    return found


def middle(row: PrintedRow) -> Range | None:
    """The middle of the printed interval, where a t interval has its estimate."""
    if row.ci_low is None or row.ci_high is None:
        return None
    low, high = row.ci_low.range, row.ci_high.range
    return Range((low.low + high.low) / 2, (low.high + high.high) / 2)


def half_width(row: PrintedRow) -> Range | None:
    """Half the length of the printed interval."""
    if row.ci_low is None or row.ci_high is None:
        return None
    length = row.ci_high.range.minus(row.ci_low.range)
    return Range(max(length.low, 0.0) / 2, max(length.high, 0.0) / 2)


def spread(row: PrintedRow) -> Range | None:
    """Limits of SD_D from the two SDs: |s1 - s2| (r = 1) to s1 + s2 (r = -1)."""
    if row.sd1 is None or row.sd2 is None:
        return None
    one, two = row.sd1.range, row.sd2.range
    return Range(one.minus(two).size().low, one.high + two.high)


def _over(top: Range, bottom: Bounds, factor: np.ndarray) -> Bounds:
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(np.isinf(bottom[1]), 0.0, np.where(bottom[1] > 0, top.low * factor / bottom[1], np.inf))
        high = np.where(bottom[0] > 0, top.high * factor / bottom[0], np.inf)
    return low, high


def t_ranges(row: PrintedRow, n: np.ndarray, df: np.ndarray, with_d: bool = False) -> dict[str, Bounds]:
    """Return the range of |t| that each printed figure allows, for pairs, at every n and df given."""
    found: dict[str, Bounds] = {}
    diff = change(row)
    root, one = np.sqrt(n), np.ones_like(n)
    if row.t is not None:
        size = row.t.range.size()
        found["t"] = (size.low * one, size.high * one)
    if row.p is not None:
        limits = p_range(row.p)
        found["p"] = (t_size(df, limits.high), t_size(df, limits.low))
    if diff is not None:
        size, half, sds = diff.size(), half_width(row), spread(row)
        if half is not None:
            quantile = t_size(df, 1 - level(row))
            found["ci"] = _over(size, (half.low * one, half.high * one), quantile)
        if row.sd_diff is not None:
            sd = row.sd_diff.range.size()
            found["sd_diff"] = _over(size, (sd.low * one, sd.high * one), root)
        if sds is not None:
            found["spread"] = _over(size, (sds.low * one, sds.high * one), root)
    if with_d and row.d is not None:
        size = row.d.range.size()
        found["d"] = (size.low * root, size.high * root)
    return found


def at(ranges: dict[str, Bounds], place: int = 0) -> dict[str, Range]:
    """Return the ranges at one n."""
    return {name: Range(float(low[place]), float(high[place])) for name, (low, high) in ranges.items()}


def sizes_that_fit(row: PrintedRow, with_d: bool = False) -> list[int] | None:
    """Numbers of pairs at which all printed figures agree; None where fewer than two figures bear on n.

    A list that ends at the largest n searched may go on beyond it.
    """
    n = np.arange(2, LARGEST_DF + 2, dtype=float)
    ranges = t_ranges(row, n, n - 1, with_d)
    if len(ranges) < 2:
        return None
    low = np.max([r[0] for r in ranges.values()], axis=0)
    high = np.min([r[1] for r in ranges.values()], axis=0)
    fits = low <= high * (1 + 1e-9) + 1e-12
    return [int(size) for size in n[fits]]


def runs(numbers: list[int]) -> list[tuple[int, int]]:
    """Join whole numbers that follow each other.

    >>> runs([8, 9, 10, 14])
    [(8, 10), (14, 14)]
    """
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def in_words(numbers: list[int]) -> str:
    """Write whole numbers as runs."""
    if not numbers:
        return "none"
    return ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in runs(numbers)[:6])


@dataclass(frozen=True, slots=True)
class Correlation:
    """The correlation between before and after that the printed figures need; `nominal` read to the letter."""

    low: float
    high: float
    nominal: float | None
    source: str


def sd_ranges(row: PrintedRow, n: float | None, df: float | None) -> dict[str, Range]:
    """Return the SD of the differences as each printed figure implies it, for pairs."""
    found = {} if row.sd_diff is None else {"sd_diff": row.sd_diff.range.size()}
    diff = change(row)
    if n is None or df is None or df <= 0:
        return found
    half = half_width(row)
    if diff is not None:
        for name, t in at(t_ranges(row, np.array([n]), np.array([df]))).items():
            if name in ("t", "p"):
                found[name] = diff.size().times(math.sqrt(n)).over(t)
    if half is not None:
        found["ci"] = half.times(math.sqrt(n) / float(t_size(df, 1 - level(row))))
    return found


def _r(one: float, two: float, sd: float) -> float:
    return (one * one + two * two - sd * sd) / (2 * one * two)


def r_range(one: Range, two: Range, sd: Range) -> Range | None:
    """Return the exact range of r = (s1^2 + s2^2 - SD_D^2) / (2 s1 s2); None where an SD can be zero.

    r falls as SD_D grows. Along s1 it has no inner maximum; its inner minimum lies at sqrt(s2^2 - SD_D^2), and the
    same holds along s2, so corners and those points hold both extremes.
    """
    if one.low <= 0 or two.low <= 0:
        return None
    high = max(_r(a, b, max(sd.low, 0.0)) for a in one for b in two)
    if math.isinf(sd.high):
        return Range(-math.inf, high)
    places = [(a, b) for a in one for b in two]
    for fixed, free in ((one, two), (two, one)):
        for edge in fixed:
            turn = math.sqrt(max(edge * edge - sd.high * sd.high, 0.0))
            if free.low < turn < free.high:
                places.append((edge, turn))
    return Range(min(_r(a, b, sd.high) for a, b in places), high)


def nominal_t(row: PrintedRow, source: str, n: float, df: float) -> float | None:
    """Return |t| with every figure read to the letter, from one of the printed figures."""
    diff = _letter_diff(row)
    if source == "t" and row.t is not None and row.t.relation == "=":
        return abs(row.t.value)
    if source == "p" and row.p is not None and row.p.relation == "=" and 0 < row.p.value < 1:
        return float(t_size(df, row.p.value))
    if diff is None:
        return None
    if source == "sd_diff" and row.sd_diff is not None and row.sd_diff.value > 0:
        return diff * math.sqrt(n) / row.sd_diff.value
    if source == "ci" and row.ci_low is not None and row.ci_high is not None:
        half = (row.ci_high.value - row.ci_low.value) / 2
        return diff / half * float(t_size(df, 1 - level(row))) if half > 0 else None
    return None


def _letter_diff(row: PrintedRow) -> float | None:
    if row.mean_diff is not None:
        return abs(row.mean_diff.value)
    if row.mean1 is not None and row.mean2 is not None:
        return abs(row.mean2.value - row.mean1.value)
    if row.ci_low is not None and row.ci_high is not None:
        return abs(row.ci_low.value + row.ci_high.value) / 2
    return None


def correlation(row: PrintedRow, n: float | None, df: float | None) -> Correlation | None:
    """Return the implied correlation, from the most direct printed figure that gives a limit on both sides."""
    if row.sd1 is None or row.sd2 is None:
        return None
    found = sd_ranges(row, n, df)
    for source in ("sd_diff", "t", "ci", "p"):
        if source not in found:
            continue
        limits = r_range(row.sd1.range.size(), row.sd2.range.size(), found[source])
        if limits is None:
            return None
        one, two, diff = abs(row.sd1.value), abs(row.sd2.value), _letter_diff(row)
        nominal = None
        if source == "sd_diff" and row.sd_diff is not None:
            nominal = _r(one, two, row.sd_diff.value)
        elif n is not None and df is not None and diff is not None:
            t = nominal_t(row, source, n, df)
            nominal = _r(one, two, diff * math.sqrt(n) / t) if t else None
        return Correlation(limits.low, limits.high, nominal, source)
    return None


def how_rare(r: float, n: float) -> float:
    """Return the chance of a correlation this low where before and after are unrelated (t test of r = 0)."""
    if n < 4 or r >= 1:
        return 1.0
    if r <= -1:
        return 0.0
    return float(special.stdtr(n - 2, r * math.sqrt((n - 2) / (1 - r * r))))


def sign_grid(p: Printed, n: int | None) -> tuple[int, int] | None:
    """Find (k, m) with p = k / 2^m: what the exact signed-rank or sign test of m changed people can print.

    None where the printed places are too coarse for a hit to mean anything, where fewer than five people changed or
    more than 25 are printed (tests go over to the normal approximation), or where the p is no such fraction.

    >>> from echo_metrics.statistics.table_check_printed import read_number
    >>> sign_grid(read_number(".0156"), 9)
    (2, 7)
    """
    if p.relation != "=" or not 0 < p.value < 1 or (n or 0) > 25:
        return None
    limits = p.range
    for m in range(5, min(n or 12, 12) + 1):
        cells = 2 ** (m - 1)
        if 2 * float(p.step) * cells > 0.05:
            return None
        k = math.ceil(limits.low * cells - 1e-9)
        if k >= 1 and k / cells <= limits.high + 1e-12:
            return 2 * k, m
    return None


def without_p(row: PrintedRow) -> PrintedRow:
    """Return the row without its p, where that comes from a test other than t."""
    return replace(row, p=None)


def describe(name: str, limits: Range, df: float) -> str:
    """Say what one printed figure implies for t and p."""
    p = Range(two_sided(limits.high, df), two_sided(limits.low, df))
    verb = "imply" if name == "spread" else "implies"
    return f"{NAMES[name]} {verb} |t| {between(limits)} (p {between(p)})"


def rarity_note(nominal: float | None, n: float | None) -> str:
    """Say how rare a correlation is, for the message of a negative one."""
    if nominal is None or n is None:
        return ""
    chance = how_rare(nominal, n)
    return f" Even unrelated answers would give one this low with probability {tidy(chance)} only."
