"""What the table checker finds in a row that compares two groups instead of the same people twice."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np

from echo_metrics.statistics.table_check_printed import Notes, PrintedRow, Range, between, sentence
from echo_metrics.statistics.table_check_tests import (
    MIXED,
    at,
    change,
    describe,
    t_ranges,
    two_sided,
)


def group_ranges(row: PrintedRow, n1: int, n2: int) -> list[tuple[Range, Range]]:
    """Return the ranges of |t| and df of Student's and Welch's test; empty where figures are missing."""
    diff = change(row)
    if diff is None or row.sd1 is None or row.sd2 is None or n1 + n2 < 3:
        return []
    ends = list(zip(row.sd1.range.size(), row.sd2.range.size(), strict=True))
    pooled, welch, freedom = [], [], []
    for a, b in ends:
        variance = ((n1 - 1) * a * a + (n2 - 1) * b * b) / (n1 + n2 - 2)
        pooled.append(math.sqrt(variance * (1 / n1 + 1 / n2)))
        welch.append(math.sqrt(a * a / n1 + b * b / n2))
    student = [(diff.size().over(Range(*pooled)), Range(n1 + n2 - 2, n1 + n2 - 2))]
    if n1 < 2 or n2 < 2:
        return student
    for a in row.sd1.range.size():
        for b in row.sd2.range.size():
            one, two = a * a / n1, b * b / n2
            if one + two > 0:
                freedom.append((one + two) ** 2 / (one * one / (n1 - 1) + two * two / (n2 - 1)))
    df = Range(min(freedom), max(freedom)) if freedom else student[0][1]
    return [*student, (diff.size().over(Range(*welch)), df)]


def check_groups(row: PrintedRow, n1: int | None, n2: int | None, notes: Notes) -> None:
    """Check t, df, p and interval of two groups; the better of Student's and Welch's test counts."""
    df = row.df.value if row.df and row.df.exact > 0 else None
    variants: list[tuple[str, Range | None, Range]] = []
    if n1 is not None and n2 is not None:
        names = ("Student's", "Welch's")
        variants = [(name, t, d) for name, (t, d) in zip(names, group_ranges(row, n1, n2), strict=False)]
        if not variants and n1 + n2 > 2:
            variants = [("Student's", None, Range(n1 + n2 - 2, n1 + n2 - 2))]
    if not variants:
        if df is None:
            return
        variants = [("Student's", None, row.df.range if row.df and row.df.rounded else Range(df, df))]
    notes.derived["design"] = "two groups"
    best: list[tuple[str, str]] | None = None
    for name, t, freedom in variants:
        problems = _group_problems(row, t, freedom, df)
        if best is None or len(problems) < len(best):
            best = problems
            notes.derived |= {"two_group_test": name, "df": df or freedom.low}
            if t is not None:
                notes.derived["t_low"], notes.derived["t_high"] = t
    for code, message in best or []:
        notes.say(code, "does_not_close", message)
    if row.t is not None and row.t.relation == "=":
        notes.derived |= {"t": abs(row.t.value), "p": two_sided(row.t.value, float(str(notes.derived["df"])))}


def _group_problems(row: PrintedRow, t: Range | None, freedom: Range, df: float | None) -> list[tuple[str, str]]:
    problems = []
    shown = row.df.range if row.df else None
    if shown is not None and not shown.meets(freedom):
        problems.append(("df_n", f"df = {df or 0:g}, but two groups of these sizes have {between(freedom)}. {MIXED}"))
    # Welch's df is often printed without its decimals.
    used = freedom if shown is None else shown.shared(freedom)
    used = Range(max(used.low, 0.1), used.high)
    found: dict[str, Range] = {} if t is None else {"spread": t}
    if row.t is not None:
        found["t"] = row.t.range.size()
    # More degrees of freedom make the same p or interval need a smaller |t|.
    few, many = (at(t_ranges(row, np.array([df + 1]), np.array([df]))) for df in used)
    for name in ("p", "ci"):
        if name in few:
            found[name] = Range(min(few[name].low, many[name].low), max(few[name].high, many[name].high))
    for one, two in combinations(found, 2):
        if not found[one].meets(found[two]):
            message = f"{describe(one, found[one], used.low)}, but {describe(two, found[two], used.low)}"
            reason = "Usually p or t is adjusted (ANCOVA), or of other people than the means."
            problems.append((f"{one}_{two}", f"{sentence(message)}, as a test of two groups. {reason}"))
    return problems
