"""Can so many people print this mean, SD or percentage, and do totals and calculations give what is printed?

Whole numbers of people leave gaps: 43 whole-number answers have no mean that rounds to 5.27, and 80 people no
percentage that rounds to 69.5. Exact arithmetic on fractions throughout.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction

from echo_metrics.errors import UserError
from echo_metrics.statistics.table_check_printed import (
    Notes,
    Printed,
    PrintedRow,
    Range,
    between,
    from_match,
    number_at,
    tidy,
)

OTHER_DENOMINATORS = 20
"""How far from the printed denominator others are tried."""
MOST_ITEMS = 20
LONGEST_SUM = 2000
MIXED = "Usually columns or items have different denominators (missing or 'not applicable' answers left out)."


def limits(figure: Printed) -> tuple[Fraction, Fraction] | None:
    """Return the exact ends of what a figure stands for; None for `<` and `>`."""
    if figure.relation != "=":
        return None
    return figure.exact - figure.step, figure.exact + figure.step


def counts_that_print(percent: Printed, denominator: int) -> range:
    """Return the counts k whose k / denominator prints as this percentage (either way of rounding halves).

    >>> from echo_metrics.statistics.table_check_printed import read_number
    >>> list(counts_that_print(read_number("69.5"), 80)), list(counts_that_print(read_number("69.5"), 82))
    ([], [57])
    """
    ends = limits(percent)
    if ends is None:
        return range(denominator + 1)
    low = max(0, math.ceil(ends[0] * denominator / 100))
    return range(low, min(denominator, math.floor(ends[1] * denominator / 100)) + 1)


def check_percent(row: PrintedRow, notes: Notes) -> None:
    """Check a printed percentage against its count and denominator, or the denominator alone."""
    base = row.denominator or row.n
    count, whole = (row.count.whole if row.count else None), (base.whole if base else None)
    if count is not None and row.denominator is not None and whole is not None and count > whole:
        notes.say("count_above_denominator", "impossible", f"{count} of {whole} is more than everybody. {MIXED}")
        return
    if row.percent is None:
        return
    ends = row.percent.range
    if ends.low > 100 or ends.high < 0:
        notes.say("percent_range", "note", f"{row.percent.text} lies outside 0 to 100 %, so it is no share of people.")
        return
    if whole is None:
        return
    if count is not None and count <= whole:
        true = 100 * count / whole
        needed = tidy(100 * count / row.percent.value) if row.percent.value else "none"
        notes.derived["percent"] = true
        if not ends.meets(Range(true, true)):
            notes.say(
                "percent_count",
                "does_not_close",
                f"{count} of {whole} is {tidy(true)} %, not {row.percent.text}. Usually the percentage has another "
                f"denominator ({needed} would give it).",
            )
        return
    counts = counts_that_print(row.percent, whole)
    notes.derived["counts"] = (counts.start, counts.stop - 1) if counts else ()
    if counts:
        return
    first = max(1, whole - OTHER_DENOMINATORS)
    others = [n for n in range(first, whole + OTHER_DENOMINATORS + 1) if counts_that_print(row.percent, n)]
    others.sort(key=lambda n: (abs(n - whole), n))
    notes.derived["denominators_that_fit"] = tuple(others)
    fits = ", ".join(str(n) for n in others[:8]) or "none"
    notes.say(
        "percent_unattainable",
        "impossible",
        f"No count of {whole} people prints as {row.percent.text} %. Denominators within {OTHER_DENOMINATORS} of it "
        f"that can, nearest first: {fits}. {MIXED}",
    )


def check_means(row: PrintedRow, notes: Notes) -> None:
    """Check each mean and SD: possible with n whole-number answers (GRIM, GRIMMER), possible on the scale."""
    for which, mean, sd, own in (("1", row.mean1, row.sd1, row.n1), ("2", row.mean2, row.sd2, row.n2)):
        if sd is not None and sd.range.high < 0:
            notes.say(f"sd{which}_negative", "impossible", f"An SD can't be negative; {sd.text} is printed.")
            continue
        people = own or row.n
        n = people.whole if people is not None else None
        _on_scale(row, which, mean, sd, n, notes)
        if mean is not None and n is not None:
            _whole_answers(row, which, mean, sd, n, notes)
    if row.sd_diff is not None and row.sd_diff.range.high < 0:
        notes.say("sd_diff_negative", "impossible", f"An SD can't be negative; {row.sd_diff.text} is printed.")


def _on_scale(
    row: PrintedRow, which: str, mean: Printed | None, sd: Printed | None, n: int | None, notes: Notes
) -> None:
    low = row.scale_min.exact if row.scale_min else None
    high = row.scale_max.exact if row.scale_max else None
    if mean is not None and (
        (low is not None and mean.range.high < low) or (high is not None and mean.range.low > high)
    ):
        scale = f"{tidy(float(low)) if low is not None else '…'} to {tidy(float(high)) if high is not None else '…'}"
        notes.say(
            f"mean{which}_off_scale",
            "impossible",
            f"The mean {mean.text} lies outside the scale {scale}. Usually the score is a sum or its range misprinted.",
        )
        return
    if sd is None or n is None or n < 2:
        return
    width: Fraction | None = None
    if low is not None and high is not None and high > low:
        width = high - low
    elif row.scale_points is not None and row.scale_points.exact > 1:
        width = row.scale_points.exact - 1
    if width is None:
        return
    # The widest spread puts everybody at the two ends of the scale.
    most = width * width / 4
    if mean is not None and low is not None and high is not None:
        ends = limits(mean) or (low, high)
        middle = min(max((low + high) / 2, ends[0]), ends[1])
        most = max((middle - low) * (high - middle), Fraction(0))
    largest = math.sqrt(most * n / (n - 1))
    if sd.range.low > largest * (1 + 1e-9):
        notes.say(
            f"sd{which}_off_scale",
            "impossible",
            f"The SD {sd.text} is larger than any on this scale ({tidy(largest)}). Usually it is the SD of a sum.",
        )


def _sums(mean: Printed, parts: int) -> range:
    """Return the whole-number sums whose mean over `parts` answers prints as this mean."""
    ends = limits(mean)
    if ends is None:
        return range(0)
    return range(math.ceil(ends[0] * parts), math.floor(ends[1] * parts) + 1)


def grim(mean: Printed, n: int, items: int = 1) -> bool:
    """Say whether n scores, each the mean of `items` whole numbers, can have this mean (GRIM).

    Parameters: mean, as printed; n, people; items, answers averaged in each score. Returns whether some whole total
    over n x items rounds to it. When not to use it: scores that are not means of whole numbers; n x items above ten to
    the power of the decimals, where every mean can be.
    Source: Brown and Heathers 2017, Soc Psychol Personal Sci 8:363, doi 10.1177/1948550616673876. Checked against
    rounding every possible total.

    >>> from echo_metrics.statistics.table_check_printed import read_number
    >>> grim(read_number("5.27"), 43), grim(read_number("5.28"), 43)
    (False, True)
    """
    return mean.relation != "=" or bool(_sums(mean, n * items))


def grimmer(mean: Printed, sd: Printed, n: int, items: int = 1, population: bool = False) -> bool:
    """Say whether n scores of `items` whole numbers can have this mean and SD (a necessary condition; GRIMMER).

    Parameters: as `grim`, with sd as printed; population, whether the SD divides by n. Returns whether it can.
    Formula: with S the sum and Q the sum of squares of the scores times `items`: (n - 1) items^2 SD^2 = Q - S^2 / n. Q
    must be whole, as odd or even as S, and no smaller than scores as alike as possible give. `population` divides by n.
    When not to use it: as `grim`; callers keep n x items small.
    Source: Anaya 2016, PeerJ Preprints 4:e2400v1; parity after Allard 2018. Checked against all samples of small n.
    """
    ends = limits(sd)
    if ends is None or n < 2:
        return True
    over = n if population else n - 1
    low, high = max(ends[0], Fraction(0)), ends[1]
    for total in _sums(mean, n * items):
        centre = Fraction(total * total, n)
        each, rest = divmod(total, n)
        least = (n - rest) * each * each + rest * (each + 1) ** 2
        first = max(least, math.ceil(over * items**2 * low * low + centre))
        first += (first - total) % 2
        if first <= math.floor(over * items**2 * high * high + centre):
            return True
    return False


def _whole_answers(row: PrintedRow, which: str, mean: Printed, sd: Printed | None, n: int, notes: Notes) -> None:
    stated = row.items.whole if row.items is not None else None
    if stated == 0 or mean.relation != "=" or mean.percent:
        return
    items = stated or 1
    if mean.step * 2 * n * items >= 1 and mean.places == 0:
        return
    if n * items > 10 ** min(mean.places + 2, 5):
        return
    if stated is None and sd is not None and _too_alike(mean, sd, n):
        notes.say(
            f"not_whole{which}",
            "note",
            f"SD {sd.text} is smaller than whole-number answers with mean {mean.text} can have, so the scores are "
            "taken for averages or shares; give `items` to have the mean checked against n.",
        )
        return
    answers = f"{n} whole-number answers" if items == 1 else f"{n} scores of {items} whole-number answers"
    if not grim(mean, n, items):
        # A row with a change is often that of a score averaging several items, which only `items` would tell.
        single = stated is not None or row.scale_points is not None or row.mean2 is None
        severity = "impossible" if single else "unlikely"
        others = [k for k in range(2, MOST_ITEMS + 1) if grim(mean, n, k)] if stated is None else []
        hint = f" It is possible for scores that average {others[0]} items (give `items`)." if others else ""
        notes.say(
            f"grim_mean{which}",
            severity,
            f"{answers} can't have the mean {mean.text}.{hint} Usually some people left the item out.",
        )
        return
    if sd is None or sd.relation != "=" or grimmer(mean, sd, n, items):
        return
    if grimmer(mean, sd, n, items, population=True):
        message = f"{answers} have the SD {sd.text} only if it was divided by n, not n - 1."
        notes.say(f"grimmer_sd{which}", "unlikely", message)
        return
    # Without `items` the answers may be averages that only happen to pass GRIM.
    severity = "impossible" if stated else "unlikely"
    notes.say(
        f"grimmer_sd{which}",
        severity,
        f"{answers} with mean {mean.text} can't have the SD {sd.text}. Usually some people left the item out, or the "
        "scores average several items.",
    )


def _too_alike(mean: Printed, sd: Printed, n: int) -> bool:
    """Say whether the SD is below what whole numbers with any mean that prints so must have."""
    ends = limits(mean)
    if ends is None or n < 2 or math.floor(ends[0]) != math.floor(ends[1]) or ends[0].denominator == 1:
        return False
    least = min((e - math.floor(e)) * (math.floor(e) + 1 - e) for e in ends) * n / (n - 1)
    return sd.range.high < math.sqrt(least) * (1 - 1e-9)


def check_ratio(row: PrintedRow, notes: Notes) -> None:
    """Check total / divisor against the printed ratio; a divisor or ratio may stand under n and mean."""
    if row.total is None:
        return
    divisor, ratio = row.divisor or row.n, row.ratio or (row.mean1 if row.mean2 is None else None)
    if divisor is None or ratio is None:
        return
    top, bottom = _figure(row.total), _figure(divisor).size()
    size = top.size().over(bottom)
    found = size if top.low >= 0 else Range(-size.high, -size.low)
    true = row.total.value / divisor.value if divisor.value else math.inf
    notes.derived["ratio"] = true
    if found.meets(ratio.range):
        return
    needed = row.total.value / ratio.value if ratio.value else math.inf
    notes.say(
        "ratio",
        "does_not_close",
        f"{row.total.text} / {divisor.text} is {tidy(true)}, not {ratio.text}, which needs a divisor of "
        f"{tidy(needed)}. Usually one of the figures counts registrations or other sessions, or is a median.",
    )


def _figure(figure: Printed) -> Range:
    """Return a figure's range; counts (no decimals, %, unit) are exact."""
    if figure.relation != "=" or figure.rounded:
        return figure.range
    return Range(figure.value, figure.value)


def _share(figure: Printed) -> Range:
    found = _figure(figure)
    return found.times(0.01) if figure.percent else found


_OPERATIONS: dict[str, Callable[[Range, Range], Range]] = {
    "*": lambda a, b: _ends([x * y for x in a for y in b]),
    "/": lambda a, b: _ends([x / y for x in a for y in b]),
    "+": lambda a, b: Range(a.low + b.low, a.high + b.high),
    "-": lambda a, b: a.minus(b),
}
_SIGNS = {"x": "*", "×": "*", "·": "*", "*": "*", "/": "/", "÷": "/", "+": "+", "-": "-", "−": "-", "–": "-"}
_SIGN = re.compile(r"\s*([x×·*/÷+\-−–])\s*", re.IGNORECASE)


def _ends(values: list[float]) -> Range:
    return Range(min(values), max(values))


def parse_calculation(text: str) -> tuple[list[Printed], list[str]]:
    """Split "600 x 20% x 46,000" into its figures and the signs between them. Raises `UserError`.

    >>> [figure.value for figure in parse_calculation("600 x 20%")[0]]
    [600.0, 20.0]
    """
    if len(text) > LONGEST_SUM:
        raise UserError("calculation: this is too long for a calculation.")
    figures: list[Printed] = []
    signs: list[str] = []
    place = len(text) - len(text.lstrip())
    while True:
        match = number_at(text, place)
        if match is None or match["relation"]:
            raise UserError(
                f"calculation: '{text[place : place + 20]}' should be a number; write 600 x 20% x 46,000 or 9 + 12."
            )
        try:
            figures.append(from_match(match))
        except UserError as error:
            raise UserError(f"calculation: {error}") from error
        place = match.end()
        sign = _SIGN.match(text, place)
        if sign is None:
            if text[place:].strip():
                raise UserError(f"calculation: '{text[place : place + 20].strip()}' should be x, /, + or -.")
            return figures, signs
        signs.append(_SIGNS[sign[1].lower()])
        place = sign.end()


def calculate(figures: list[Printed], signs: list[str]) -> Range:
    """Work a calculation out, x and / before + and -, as a range. Raises `UserError` for a division by zero."""
    terms: list[Range] = [_share(figures[0])]
    between_terms: list[str] = []
    for sign, figure in zip(signs, figures[1:], strict=True):
        value = _share(figure)
        if sign == "/" and value.low <= 0 <= value.high:
            raise UserError("calculation: it divides by zero.")
        if sign in "*/":
            terms[-1] = _OPERATIONS[sign](terms[-1], value)
        else:
            terms.append(value)
            between_terms.append(sign)
        if not all(math.isfinite(end) for end in terms[-1]):
            raise UserError("calculation: the numbers are too large or too small.")
    found = terms[0]
    for sign, term in zip(between_terms, terms[1:], strict=True):
        found = _OPERATIONS[sign](found, term)
    return found


def check_calculation(row: PrintedRow, notes: Notes) -> None:
    """Check a printed calculation against its printed result, and say which single figure would close it."""
    if not row.calculation:
        return
    figures, signs = parse_calculation(row.calculation)
    found = calculate(figures, signs)
    exact = Range(*(sum(found) / 2,) * 2) if math.isfinite(sum(found)) else found
    notes.derived["calculated"] = exact.low
    if row.result is None:
        return
    target = row.result.range
    if row.result.percent:
        target = target.times(0.01)
    if found.meets(target):
        return
    hint = ""
    if signs and set(signs) == {"*"} and exact.low:
        factor = (row.result.value / (100 if row.result.percent else 1)) / exact.low
        ways = [f"{tidy(figure.value * factor)} instead of {figure.text}" for figure in figures]
        notes.derived["figures_that_close"] = tuple(figure.value * factor for figure in figures)
        hint = f" One of these alone would close it: {'; '.join(ways)}."
    notes.say(
        "calculation",
        "does_not_close",
        f"{row.calculation} is {between(found)}, not {row.result.text}.{hint} Usually a figure was mistyped or updated "
        "in one place only.",
    )
