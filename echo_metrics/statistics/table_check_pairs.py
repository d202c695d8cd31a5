"""What the table checker finds in the means, SDs, t, df, p and interval of one row: pairs first, then two groups."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import combinations

import numpy as np

from echo_metrics.statistics.table_check_groups import check_groups, group_ranges
from echo_metrics.statistics.table_check_printed import SLACK, Notes, PrintedRow, Range, between, sentence, tidy
from echo_metrics.statistics.table_check_tests import (
    MIXED,
    NEGATIVE_R,
    RARE,
    Correlation,
    at,
    change,
    correlation,
    describe,
    how_rare,
    in_words,
    middle,
    nominal_t,
    p_range,
    rarity_note,
    runs,
    sd_ranges,
    sign_grid,
    sizes_that_fit,
    spread,
    t_ranges,
    t_size,
    two_sided,
    without_p,
)

OTHER_TESTS = ("wilcoxon", "sign", "mann", "whitney", "rank", "mcnemar", "chi", "fisher", "ancova", "anova", "kruskal")
GROUPS = ("independent", "between", "unpaired", "two group", "welch", "student")
FEW = 40
"""Lists of numbers of people that fit are worth printing up to here."""


def check_tests(row: PrintedRow, notes: Notes) -> None:
    """Check the printed test against the printed means and spreads."""
    if row.p is not None and (row.p.range.low >= 1 + 1e-9 or row.p.range.high < 0):
        notes.say("p_range", "impossible", f"p = {row.p.text} lies outside 0 to 1.")
        row = without_p(row)
    other = row.p is not None and any(word in row.test.casefold() for word in OTHER_TESTS)
    if other:
        notes.say("other_test", "note", f"p comes from another test ({row.test}), so it was not compared with t.")
    _grid(row, notes)
    if other:
        row = without_p(row)
    _difference(row, notes)
    groups = _groups(row, notes)
    if groups is not None:
        check_groups(row, *groups, notes)
        return
    n, df = _pairs(row, notes)
    if n is None:
        _unknown_n(row, df, notes)
    else:
        _known_n(row, n, df if df is not None else n - 1, notes)


def _grid(row: PrintedRow, notes: Notes) -> None:
    if row.p is None or row.t is not None:
        return
    n = row.n.whole if row.n is not None else None
    found = sign_grid(row.p, n)
    if found is not None:
        k, m = found
        notes.derived["p_grid"] = found
        message = (
            f"p = {row.p.text} is {k}/{2**m}: an exact signed-rank or sign test of {m} people who changed prints it."
        )
        notes.say("p_grid", "note", message)


def _difference(row: PrintedRow, notes: Notes) -> None:
    if row.mean1 is not None and row.mean2 is not None:
        means = row.mean2.range.minus(row.mean1.range)
        for name, other in (
            ("mean_diff", row.mean_diff.range if row.mean_diff else None),
            ("ci", middle(row)),
        ):
            if other is None or other.meets(means):
                continue
            what = "the printed difference" if name == "mean_diff" else "the middle of the confidence interval"
            if Range(-other.high, -other.low).meets(means):
                notes.say("before_minus_after", "note", sentence(f"{what} is before minus after."))
                continue
            notes.say(
                f"means_{name}",
                "does_not_close",
                f"The means differ by {between(means)}, but {what} is {between(other)}. {MIXED}",
            )
    elif row.mean_diff is not None and (centre := middle(row)) is not None:
        low, high = centre
        if not row.mean_diff.range.meets(centre) and not row.mean_diff.range.meets(Range(-high, -low)):
            notes.say(
                "mean_diff_ci",
                "does_not_close",
                f"The difference {row.mean_diff.text} is not in the middle of its interval ({between(centre)}). "
                "Usually the interval is adjusted, a bootstrap's, or of other people.",
            )
    if row.ci_low is not None and row.ci_high is not None and row.ci_low.range.low > row.ci_high.range.high:
        notes.say("ci_order", "does_not_close", "The interval's lower limit lies above its upper limit; a lost minus?")
    _direction(row, notes)
    diff, t = change(row), row.t
    if diff is not None and t is not None and t.range.high < 0 < diff.low:
        notes.say("t_sign", "note", "t is negative while the mean rose: it was taken as before minus after.")


def _direction(row: PrintedRow, notes: Notes) -> None:
    word = row.direction.casefold()
    up = any(w in word for w in ("increas", "rise", "rose", "improv", "gain", "higher", "up", "+"))
    down = any(w in word for w in ("decreas", "fall", "fell", "declin", "drop", "lower", "down", "reduc"))
    diff = change(row)
    if not word or diff is None or up == down:
        return
    if (up and diff.high < 0) or (down and diff.low > 0):
        moved = "fell" if up else "rose"
        notes.say(
            "direction",
            "does_not_close",
            f"The words say '{row.direction}', but the mean {moved} by {between(diff.size())}. "
            "Usually the item is reversed (lower is better) or the columns are swapped.",
        )


def _groups(row: PrintedRow, notes: Notes) -> tuple[int | None, int | None] | None:
    """Return the sizes of two groups (None where unknown) if the row compares groups; None for pairs."""
    word = row.design.casefold()
    n = row.n.whole if row.n else None
    n1, n2 = (row.n1.whole if row.n1 else None), (row.n2.whole if row.n2 else None)
    df = row.df.value if row.df and row.df.relation == "=" else None
    if any(w in word for w in GROUPS):
        return n1, n2
    if row.df is not None and df is not None and row.df.exact.denominator != 1 and df > 0:
        notes.say("df_fraction", "note", f"df = {row.df.text} is no whole number: Welch's test of two groups.")
        return n1, n2
    if word or (row.sd_diff is not None and df is None):
        return None
    if n is not None and df is not None and n > 2 and df in (2 * n - 2, n - 2):
        each = n if df == 2 * n - 2 else None
        whole = f"two groups of {n}" if each else f"two groups of {n} together"
        notes.say(
            "df_groups", "note", f"df = {row.df.text if row.df else ''} is that of {whole}, so no pairs were assumed."
        )
        return (each, each) if each else (n1, n2)
    if n is None and n1 is not None and n2 is not None:
        pairs_at_most = min(n1, n2) - 1
        if df is not None and df <= pairs_at_most:
            return None
        if n1 != n2 or (df is not None and math.isclose(df, n1 + n2 - 2)):
            return n1, n2
    return None


def _pairs(row: PrintedRow, notes: Notes) -> tuple[int | None, float | None]:
    """Return the number of pairs and df, saying where they do not fit each other."""
    n = row.n.whole if row.n else None
    df = row.df.value if row.df and row.df.relation == "=" else None
    if n is None and row.n1 is not None and row.n2 is not None and row.n1.whole == row.n2.whole and df is None:
        n = row.n1.whole
    if df is not None and df <= 0:
        notes.say("df_range", "impossible", f"df = {row.df.text if row.df else ''} leaves nobody to test.")
        return n, None
    if n is None and df is not None:
        notes.derived["n_from_df"] = n = int(df) + 1
        return n, df
    if n is not None and df is not None and df != n - 1:
        notes.say(
            "df_n",
            "does_not_close",
            f"df = {df:g} belongs to {int(df) + 1} pairs, but n = {n} is printed. {MIXED}",
        )
        return int(df) + 1, df
    return n, df


def _fits(row: PrintedRow, notes: Notes) -> list[int] | None:
    fits = sizes_that_fit(row)
    if fits is not None and len(fits) <= FEW:
        notes.derived["n_fits"] = tuple(fits)
        notes.derived["df_fits"] = tuple(size - 1 for size in fits)
    elif fits is not None:
        notes.derived["n_fits_runs"] = tuple(runs(fits))
    return fits


def _unknown_n(row: PrintedRow, df: float | None, notes: Notes) -> None:
    fits = _fits(row, notes)
    if fits == []:
        notes.say(
            "no_n_fits",
            "does_not_close",
            "No number of pairs from 2 to 2,001 makes the printed figures agree. Usually they come from different "
            "people, or from a test of two groups or an adjusted one.",
        )
    elif fits is not None and len(fits) <= FEW:
        notes.say("n_fits", "note", f"The printed figures fit {in_words(fits)} pairs (df one less).")
    if df is not None:
        _compare(row, at(t_ranges(row, np.array([2.0]), np.array([df]))), ("t", "p"), df, "", notes)
    _correlation(row, None, None, notes)


def _known_n(row: PrintedRow, n: int, df: float, notes: Notes) -> None:
    notes.derived |= {"n": n, "df": df}
    if df < 1:
        notes.say("one_person", "note", "One person can't show how much people differ, so no test was checked.")
        return
    for source in ("t", "sd_diff", "ci", "p"):
        t = nominal_t(row, source, n, df)
        if t is not None:
            notes.derived |= {"t": t, "p": two_sided(t, df), "t_from": source}
            break
    ranges = at(t_ranges(row, np.array([float(n)]), np.array([df])))
    ranges.pop("spread", None)
    row, ranges = _one_sided(row, ranges, notes)
    fits = _fits(row, notes)
    where = f"n = {n}, df = {df:g}"
    names = [name for name in ("t", "sd_diff", "ci", "p") if name in ranges]
    hint = ""
    if fits is not None and n not in fits and 0 < len(fits) <= FEW:
        hint = f" They would agree with {in_words(fits)} pairs."
    _compare(row, ranges, names, df, where, notes, hint)
    _correlation(row, n, df, notes)


def _one_sided(row: PrintedRow, ranges: dict[str, Range], notes: Notes) -> tuple[PrintedRow, dict[str, Range]]:
    """Leave a p out of the further checks where it is one-sided, or of a test of two groups of n."""
    if row.p is None or "t" not in ranges or ranges["t"].meets(ranges["p"]):
        return row, ranges
    df = float(str(notes.derived["df"]))
    limits = p_range(row.p)
    doubled = Range(float(t_size(df, 2 * limits.high)), float(t_size(df, 2 * limits.low)))
    each = df + 1
    grouped = Range(float(t_size(2 * each - 2, limits.high)), float(t_size(2 * each - 2, limits.low)))
    if doubled.meets(ranges["t"]):
        notes.say("p_one_sided", "note", f"p = {row.p.text} is the one-sided p of t; two-sided it is twice that.")
    elif row.df is None and not row.design and row.sd_diff is None and grouped.meets(ranges["t"]):
        notes.say(
            "p_groups",
            "unlikely",
            f"t and p = {row.p.text} do not fit {each:g} pairs, but two groups of {each:g} (df = {2 * each - 2:g}).",
        )
    else:
        return row, ranges
    return without_p(row), {name: found for name, found in ranges.items() if name != "p"}


def _compare(
    row: PrintedRow, ranges: dict[str, Range], names: Iterable[str], df: float, where: str, notes: Notes, hint: str = ""
) -> None:
    for one, two in combinations([name for name in names if name in ranges], 2):
        if ranges[one].meets(ranges[two]):
            continue
        message = f"{describe(one, ranges[one], df)}, but {describe(two, ranges[two], df)}"
        severity, reason = "does_not_close", MIXED
        if "p" in (one, two):
            reason = "Usually p comes from another test (ranks, ANCOVA) or the test from other people than the means."
            if "p_grid" in notes.derived:
                severity, reason = "unlikely", "The p fits an exact test of ranks or signs, which would explain it."
        at_n = f" ({where})" if where else ""
        notes.say(f"{one}_{two}", severity, f"{sentence(message)}{at_n}. {reason}{hint}")


def _correlation(row: PrintedRow, n: int | None, df: float | None, notes: Notes) -> None:
    limits = spread(row)
    if limits is None:
        return
    _extremes(row, n, df, limits, notes)
    found = correlation(row, n, df)
    if found is None:
        return
    notes.derived |= {"r_low": found.low, "r_high": found.high, "r_from": found.source}
    if found.nominal is not None:
        notes.derived["r"] = found.nominal
    broken = False
    for source, sd in sd_ranges(row, n, df).items():
        if sd.meets(limits):
            continue
        broken = True
        _impossible(row, source, sd, limits, n, notes)
        break
    if broken:
        return
    if row.r is not None and not row.r.range.meets(Range(found.low, found.high)):
        notes.say(
            "r_printed",
            "does_not_close",
            f"The table prints r = {row.r.text}, but the row implies {between(Range(found.low, found.high))}. {MIXED}",
        )
    if found.high < NEGATIVE_R - SLACK:
        _negative(row, found, n, df, notes)


def _extremes(row: PrintedRow, n: int | None, df: float | None, limits: Range, notes: Notes) -> None:
    """Derive the smallest |t| that the means and SDs allow, at r = -1, read to the letter."""
    diff = change(row)
    if n is None or df is None or diff is None or row.sd1 is None or row.sd2 is None:
        return
    if row.sd1.value + row.sd2.value <= 0:
        return
    t = abs(diff.low + diff.high) / 2 * math.sqrt(n) / (row.sd1.value + row.sd2.value)
    notes.derived |= {"t_at_r_minus_1": t, "p_at_r_minus_1": two_sided(t, df)}


def _impossible(row: PrintedRow, source: str, sd: Range, limits: Range, n: int | None, notes: Notes) -> None:
    side = "below -1" if sd.low > limits.high else "above 1"
    words = {
        "sd_diff": "The SD of the differences",
        "t": "The printed t",
        "ci": "The confidence interval",
        "p": "The printed p",
    }[source]
    message = (
        f"{words} needs an SD of differences of {between(sd)}, but SDs of {row.sd1.text if row.sd1 else ''} and "
        f"{row.sd2.text if row.sd2 else ''} allow {between(limits)} whatever the pairs: r would be {side}."
    )
    if source == "p" and side == "below -1" and "p_at_r_minus_1" in notes.derived:
        t, p = float(str(notes.derived["t_at_r_minus_1"])), float(str(notes.derived["p_at_r_minus_1"]))
        message += f" Even at r = -1 the means give |t| = {tidy(t)}, p = {tidy(p)}."
    if n is not None and sd.meets(limits.times(math.sqrt(n))):
        message += " It would fit if the printed SDs are standard errors."
    if source == "p" and "p_grid" in notes.derived:
        notes.say(
            "r_impossible", "unlikely", f"{message} The p fits an exact test of ranks or signs, which explains it."
        )
        return
    notes.say("r_impossible", "impossible", f"{message} {MIXED}")


def _negative(row: PrintedRow, found: Correlation, n: int | None, df: float | None, notes: Notes) -> None:
    rare = n is not None and found.nominal is not None and how_rare(found.nominal, n) < RARE
    value = f" (read to the letter {tidy(found.nominal, 2)})" if found.nominal is not None else ""
    message = (
        f"The row needs a correlation of {tidy(max(found.low, -1))} to {tidy(found.high)}{value} between the answers "
        f"before and after; the same people's answers correlate positively.{rarity_note(found.nominal, n)} {MIXED}"
    )
    groups = _unpaired_fit(row, df)
    if groups is not None:
        message += f" It also fits a test that ignores the pairs, of two groups of {groups}."
    if found.source == "p" and "p_grid" in notes.derived:
        rare = False
    notes.say("r_negative", "does_not_close" if rare else "unlikely", message)


def _unpaired_fit(row: PrintedRow, df: float | None) -> int | None:
    """Return the group size at which an unpaired t test of the means has the printed t and df; None otherwise."""
    if row.t is None or df is None or df % 2:
        return None
    each = int(df) // 2 + 1
    found = group_ranges(row, each, each)
    return each if any(t.meets(row.t.range.size()) for t, _ in found) else None
