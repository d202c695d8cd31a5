"""Which definition does a printed effect size follow, if any, and do z and a rank correlation belong together?"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from echo_metrics.statistics.effect_sizes import hedges_j
from echo_metrics.statistics.table_check_printed import Notes, PrintedRow, Range, between, tidy
from echo_metrics.statistics.table_check_tests import (
    NEGATIVE_R,
    at,
    change,
    in_words,
    runs,
    sd_ranges,
    sizes_that_fit,
    spread,
    t_ranges,
    two_sided,
)

WORDS = {
    "d_z": "d_z (change / SD of the changes)",
    "d_av": "d_av (change / root of the mean variance)",
    "d_av_mean_sd": "d_av with the mean of the two SDs",
    "d_before": "change / SD before",
    "d_after": "change / SD after",
    "d_rm": "d_rm (d_z times root 2(1 - r))",
    "d_t_groups": "2t / root df, the formula of two groups",
    "d_s": "d_s (difference of two groups / pooled SD)",
}
_CORRECTED = {"d_z": "g_z", "d_av": "g_av", "d_av_mean_sd": "g_av_mean_sd", "d_s": "g_s"}
_NAMED = {
    "dz": ("d_z",),
    "d z": ("d_z",),
    "dav": ("d_av", "d_av_mean_sd"),
    "d av": ("d_av", "d_av_mean_sd"),
    "gz": ("g_z",),
    "g z": ("g_z",),
    "gav": ("g_av", "g_av_mean_sd"),
    "g av": ("g_av", "g_av_mean_sd"),
    "drm": ("d_rm",),
    "d rm": ("d_rm",),
    "glass delta": ("d_before", "d_after"),
    "d s": ("d_s",),
    "ds": ("d_s",),
}


def _meant(row: PrintedRow) -> tuple[str, ...] | None:
    """Return the definitions that the printed name stands for; None where it leaves them open."""
    name = " ".join(row.d_name.casefold().replace("_", " ").replace("'", "").replace("’", "").split())
    return _NAMED.get(name.removeprefix("cohens ").removeprefix("hedges "))


def definitions(row: PrintedRow, n: int | None, df: float | None) -> dict[str, tuple[Range, float | None]]:
    """Return every effect size that the row lets us compute: its range, and its value read to the letter."""
    found: dict[str, tuple[Range, float | None]] = {}
    diff = change(row)
    size = diff.size() if diff is not None else None
    middle = None if diff is None else abs(diff.low + diff.high) / 2
    if row.mean_diff is not None and row.mean_diff.relation == "=":
        middle = abs(row.mean_diff.value)
    elif row.mean1 is not None and row.mean2 is not None:
        middle = abs(row.mean2.value - row.mean1.value)
    if size is not None and middle is not None and row.sd1 is not None and row.sd2 is not None:
        one, two = row.sd1.range.size(), row.sd2.range.size()
        a, b = abs(row.sd1.value), abs(row.sd2.value)
        scales = {
            "d_av": (
                Range(*(math.hypot(x, y) / math.sqrt(2) for x, y in zip(one, two, strict=True))),
                math.hypot(a, b) / 2**0.5,
            ),
            "d_av_mean_sd": (Range((one.low + two.low) / 2, (one.high + two.high) / 2), (a + b) / 2),
            "d_before": (one, a),
            "d_after": (two, b),
        }
        for name, (scale, letter) in scales.items():
            found[name] = (size.over(scale), middle / letter if letter else None)
    d_z = _d_z(row, n, df, size, middle)
    if d_z is not None:
        found["d_z"] = d_z
        sd = next(iter(sd_ranges(row, n, df).values()), None)
        if size is not None and sd is not None and row.sd1 is not None and row.sd2 is not None:
            found |= _repeated(row, size, sd)
    if n is not None and n > 2:
        for name, corrected in _CORRECTED.items():
            j = hedges_j(n - 1)
            if name in found and j is not None:
                limits, value = found[name]
                found[corrected] = (limits.times(j), None if value is None else value * j)
    if row.t is not None and df is not None and df > 0:
        found["d_t_groups"] = (row.t.range.size().times(2 / math.sqrt(df)), 2 * abs(row.t.value) / math.sqrt(df))
    return found


def _d_z(
    row: PrintedRow, n: int | None, df: float | None, size: Range | None, middle: float | None
) -> tuple[Range, float | None] | None:
    if size is not None and row.sd_diff is not None:
        sd = row.sd_diff.value
        return size.over(row.sd_diff.range.size()), middle / sd if middle is not None and sd > 0 else None
    if n is None or df is None or df <= 0:
        return None
    ranges = at(t_ranges(row, np.array([float(n)]), np.array([df])))
    for source in ("t", "ci", "p", "spread"):
        if source in ranges:
            letter = None
            if source == "t" and row.t is not None and row.t.relation == "=":
                letter = abs(row.t.value) / math.sqrt(n)
            return ranges[source].times(1 / math.sqrt(n)), letter
    return None


def _repeated(row: PrintedRow, size: Range, sd: Range) -> dict[str, tuple[Range, float | None]]:
    """d_rm = D sqrt(2 (1 - r)) / SD_D; with 2 (1 - r) = (SD_D^2 - (s1 - s2)^2) / (s1 s2)."""
    limits = spread(row)
    if limits is None or row.sd1 is None or row.sd2 is None:
        return {}
    one, two = row.sd1.range.size(), row.sd2.range.size()
    if sd.low <= 0 or math.isinf(sd.high) or one.low <= 0 or two.low <= 0:
        return {}
    apart = one.minus(two).size()
    low = max(sd.low**2 - apart.high**2, 0.0) / (one.high * two.high)
    high = max(sd.high**2 - apart.low**2, 0.0) / (one.low * two.low)
    return {"d_rm": (Range(size.low * math.sqrt(low) / sd.high, size.high * math.sqrt(high) / sd.low), None)}


def check_effect(row: PrintedRow, notes: Notes) -> None:
    """Derive the effect sizes of a row, and find the definition that a printed d follows."""
    groups = notes.derived.get("design") == "two groups"
    n, df = notes.derived.get("n"), notes.derived.get("df")
    people = n if isinstance(n, int) else None
    freedom = float(str(df)) if df is not None else None
    found = _of_groups(row, freedom) if groups else definitions(row, people, freedom)
    for name, (_, value) in found.items():
        if value is not None and name != "d_t_groups":
            notes.derived[name] = value
    if row.d is None:
        return
    printed = row.d.range.size()
    matches = [name for name, (limits, _) in found.items() if limits.meets(printed)]
    notes.derived["d_matches"] = tuple(matches)
    meant = _meant(row)
    if people is None and not groups and (not matches or "d_z" in (meant or ())):
        _search(row, meant, bool(matches), found, notes)
    elif matches:
        _named(row, matches, meant, found, notes)
    elif found and not (meant and not any(name in found for name in meant)):
        _no_match(row, printed, people, freedom, found, notes)


def _of_groups(row: PrintedRow, df: float | None) -> dict[str, tuple[Range, float | None]]:
    found: dict[str, tuple[Range, float | None]] = {}
    n1 = row.n1 or row.n
    n2 = row.n2 or row.n
    if row.t is not None and n1 is not None and n2 is not None and n1.whole and n2.whole:
        factor = math.sqrt(1 / n1.whole + 1 / n2.whole)
        found["d_s"] = (row.t.range.size().times(factor), abs(row.t.value) * factor)
    elif row.t is not None and df is not None:
        found["d_s"] = (row.t.range.size().times(2 / math.sqrt(df + 2)), None)
    means = definitions(replace(row, t=None, p=None, ci_low=None, ci_high=None, sd_diff=None), None, None)
    found |= {name: limits for name, limits in means.items() if name != "d_z"}
    j = hedges_j(int(df)) if df is not None and df >= 2 else None
    if j is not None:
        for name, corrected in _CORRECTED.items():
            if name in found:
                limits, value = found[name]
                found[corrected] = (limits.times(j), None if value is None else value * j)
    if row.t is not None and df:
        found["d_t_groups"] = (row.t.range.size().times(2 / math.sqrt(df)), None)
    return found


def _word(name: str) -> str:
    return WORDS.get(name, f"{name} (with Hedges' correction)")


def _named(
    row: PrintedRow,
    matches: list[str],
    meant: tuple[str, ...] | None,
    found: dict[str, tuple[Range, float | None]],
    notes: Notes,
) -> None:
    assert row.d is not None
    if meant is None or set(meant) & set(matches):
        kept = [name for name in matches if meant is None or name in meant]
        notes.say("d_definition", "note", f"d = {row.d.text} fits {', '.join(_word(name) for name in kept)}.")
    elif any(name in found for name in meant):
        right = next(name for name in meant if name in found)
        notes.say(
            "d_name",
            "does_not_close",
            f"d = {row.d.text} is called {row.d_name}, which would be {between(found[right][0])}; it fits "
            f"{', '.join(_word(name) for name in matches)}. Usually only the name is wrong.",
        )


def _search(
    row: PrintedRow,
    meant: tuple[str, ...] | None,
    matched: bool,
    found: dict[str, tuple[Range, float | None]],
    notes: Notes,
) -> None:
    """Without n: is there any number of people at which the printed d is d_z?"""
    assert row.d is not None
    if meant is not None and "d_z" not in meant:
        if any(name in found for name in meant):
            _no_match(row, row.d.range.size(), None, None, found, notes)
        return
    fits = sizes_that_fit(row, with_d=True)
    plain = sizes_that_fit(row)
    if fits is None or plain == []:
        if found and not matched and "d_z" in found:
            _no_match(row, row.d.range.size(), None, None, found, notes)
        return
    notes.derived["n_if_d_z"] = tuple(runs(fits))
    believable = _believable(row, fits)
    if believable:
        notes.say("d_definition", "note", f"d = {row.d.text} fits d_z at {in_words(believable)} pairs.")
        return
    as_sd = _as_sd(row)
    if as_sd:
        _is_sd(row, as_sd, notes)
        return
    near = ""
    if row.p is not None and row.p.relation == "=" and 0 < row.p.value < 1:
        near = _nearest(row, notes)
    notes.say(
        "d_no_definition",
        "does_not_close",
        f"d = {row.d.text} as d_z fits no whole number of pairs{near}"
        + ("" if not found else f", nor is it {', '.join(f'{name} ({between(r)})' for name, (r, _) in found.items())}")
        + ". Usually p comes from another test, or d is another definition (a corrected g, or one of two groups).",
    )


def _believable(row: PrintedRow, fits: list[int]) -> list[int]:
    """Leave out numbers of pairs at which the correlation would be clearly negative."""
    if row.sd1 is None or row.sd2 is None or row.d is None or (diff := change(row)) is None:
        return fits
    # d_z = D / SD_D fixes SD_D and so r, whatever n: one check serves all.
    sd = diff.size().over(row.d.range.size())
    one, two = row.sd1.value, row.sd2.value
    if one <= 0 or two <= 0:
        return fits
    return fits if (one * one + two * two - sd.low**2) / (2 * one * two) > NEGATIVE_R else []


def _nearest(row: PrintedRow, notes: Notes) -> str:
    assert row.d is not None and row.p is not None
    last = None
    for n in range(2, 2002):
        p = two_sided(row.d.value * math.sqrt(n), n - 1)
        if p < row.p.value:
            notes.derived["p_if_d_z"] = {n - 1: last, n: p} if last is not None else {n: p}
            before = f"{tidy(last)} at {n - 1}, " if last is not None else ""
            return f" (p would be {before}{tidy(p)} at {n}; printed {row.p.text})"
        last = p
    return ""


def _as_sd(row: PrintedRow, n: int | None = None) -> list[int]:
    """Numbers of pairs at which the printed d, read as the SD of the differences, fits the rest of the row."""
    fits = sizes_that_fit(replace(row, sd_diff=row.d, d=None))
    return [size for size in fits or [] if n is None or size == n]


def _is_sd(row: PrintedRow, sizes: list[int], notes: Notes) -> None:
    assert row.d is not None
    diff = change(row)
    letter = abs(diff.low + diff.high) / 2 / abs(row.d.value) if diff is not None and row.d.value else None
    notes.derived["n_if_d_is_sd_diff"] = tuple(sizes)
    if letter is not None:
        notes.derived["d_z_if_d_is_sd_diff"] = letter
    true = f"; the d_z of the row would then be {tidy(letter)}" if letter is not None else ""
    notes.say(
        "d_is_sd_diff",
        "does_not_close",
        f"d = {row.d.text} is no effect size of this row but fits the SD of the differences ({in_words(sizes)} "
        f"pairs){true}. Usually a column of the statistics program was taken for another.",
    )


def _no_match(
    row: PrintedRow,
    printed: Range,
    n: int | None,
    df: float | None,
    found: dict[str, tuple[Range, float | None]],
    notes: Notes,
) -> None:
    assert row.d is not None
    diff = change(row)
    sds = sd_ranges(row, n, df)
    if any(sd.meets(printed) for name, sd in sds.items() if name in ("sd_diff", "t", "ci")):
        _is_sd(row, [n] if n is not None else [], notes)
        return
    extra = ""
    if diff is not None and diff.size().meets(printed):
        extra = " It equals the mean difference itself."
    values = ", ".join(f"{name} {between(limits)}" for name, (limits, _) in found.items())
    notes.say(
        "d_no_definition",
        "does_not_close",
        f"d = {row.d.text} follows no definition that this row allows ({values}).{extra} Usually it comes from other "
        "people than the means, or from an adjusted model.",
    )


def check_rank_r(row: PrintedRow, notes: Notes) -> None:
    """Check r = |z| / sqrt(n) of a signed-rank test, the n it uses, and its ceiling.

    Without ties z can't exceed (n (n + 1) / 4) / sqrt(n (n + 1) (2n + 1) / 24), so r stays below 1: .886 at n = 10.
    """
    n = row.n.whole if row.n else None
    if n is None:
        return
    top = n * (n + 1) / 4 / math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    ceiling = top / math.sqrt(n)
    notes_wanted = row.effect_r is not None or row.z is not None
    if notes_wanted:
        notes.derived["rank_r_ceiling"] = ceiling
    if row.z is not None and row.z.relation == "=":
        notes.derived["rank_r"] = abs(row.z.value) / math.sqrt(n)
    if row.effect_r is None:
        return
    printed = row.effect_r.range.size()
    if row.z is not None:
        z = row.z.range.size()
        if printed.meets(z.times(1 / math.sqrt(n))):
            return
        if printed.meets(z.times(1 / math.sqrt(2 * n))):
            notes.say("rank_r_observations", "note", f"r uses the {2 * n} observations, not the {n} people.")
            return
        notes.say(
            "rank_r",
            "does_not_close",
            f"z = {row.z.text} with {n} people gives r = {between(z.times(1 / math.sqrt(n)))}, not "
            f"{row.effect_r.text}. Usually r uses another number of people.",
        )
    elif printed.low > 1:
        notes.say("rank_r_range", "impossible", f"r = {row.effect_r.text} lies above 1.")
    elif printed.low > ceiling:
        message = (
            f"r = {row.effect_r.text} lies above {tidy(ceiling)}, the most that {n} people without ties can reach."
        )
        notes.say("rank_r_ceiling", "unlikely", message)
    elif printed.high >= ceiling:
        notes.say(
            "rank_r_ceiling", "note", f"r = {row.effect_r.text} is the most that {n} people can reach: all improved."
        )
