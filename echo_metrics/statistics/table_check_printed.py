"""Numbers as somebody printed them: what a rounded figure can stand for, and a results row made of such figures.

A printed 2.25 stands for anything from 2.245 to 2.255, a printed "<.001" for anything below .001. The table checker
compares those ranges, never the printed digits alone, so that rounding is never mistaken for a contradiction.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import NamedTuple

from echo_metrics.errors import UserError

SLACK = 1e-9
"""Relative room for floating point when two ranges touch (a printed 3.78 and 302/80 = 3.775 do)."""
LARGEST = Fraction(10**15)
"""Larger figures are refused: no results table holds them, and floating point would no longer be exact enough."""
LONGEST = 60
MOST_PLACES = 30

_UNITS = {
    "k": 1000,
    "thousand": 1000,
    "m": 10**6,
    "mn": 10**6,
    "million": 10**6,
    "bn": 10**9,
    "billion": 10**9,
}
_NUMBER = re.compile(
    r"""(?P<relation><=|>=|[<>=≤≥])?\s*
        (?P<sign>[-+−–])?\s*[$£€]?\s*
        (?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+\.?\d*|\.\d+)
        (?:[eE](?P<power>[-+−]?\d{1,2}))?\s*
        (?P<unit>%|(?:k|thousand|mn|million|m|bn|billion)(?![a-z]))?""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_MARKS = re.compile(r"[*†‡§¶\s]+$")


class Range(NamedTuple):
    """All values that a printed figure, or something computed from printed figures, can stand for."""

    low: float
    high: float

    def meets(self, other: Range) -> bool:
        """Say whether the two ranges share a value, with room for floating point."""
        return not (_below(self.high, other.low) or _below(other.high, self.low))

    def size(self) -> Range:
        """Return the range of absolute values."""
        if self.low <= 0 <= self.high:
            return Range(0.0, max(-self.low, self.high))
        return Range(min(abs(self.low), abs(self.high)), max(abs(self.low), abs(self.high)))

    def minus(self, other: Range) -> Range:
        """Return the range of this minus the other."""
        return Range(self.low - other.high, self.high - other.low)

    def over(self, other: Range) -> Range:
        """Divide one range of non-negative values by another; a divisor that can be zero has no upper limit."""
        low = 0.0 if math.isinf(other.high) else self.low / other.high if other.high > 0 else math.inf
        return Range(low, self.high / other.low if other.low > 0 else math.inf)

    def times(self, factor: float) -> Range:
        """Multiply by a number that is not negative."""
        return Range(self.low * factor, self.high * factor)

    def shared(self, other: Range) -> Range:
        """Return what both ranges hold; this range where they share nothing."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        return Range(low, high) if low <= high else self


def _below(a: float, b: float) -> bool:
    return a < b and not math.isclose(a, b, rel_tol=SLACK, abs_tol=SLACK)


@dataclass(frozen=True, slots=True)
class Printed:
    """One figure as printed.

    `exact` is the figure read literally and `step` half of its last printed place, so the figure stands for
    `exact - step` to `exact + step`. `relation` is "=", "<" or ">". `percent` says that a % sign followed;
    `rounded` that decimals, a % sign or a unit such as M show that it was rounded.
    """

    text: str
    exact: Fraction
    step: Fraction
    relation: str = "="
    percent: bool = False
    rounded: bool = True

    @property
    def value(self) -> float:
        """The figure as printed."""
        return float(self.exact)

    @property
    def places(self) -> int:
        """Decimal places as printed; 0 for whole numbers."""
        return max(0, round(-math.log10(2 * self.step)))

    @property
    def range(self) -> Range:
        """Everything that the figure can stand for."""
        if self.relation == "<":
            return Range(-math.inf, self.value)
        if self.relation == ">":
            return Range(self.value, math.inf)
        return Range(float(self.exact - self.step), float(self.exact + self.step))

    @property
    def whole(self) -> int | None:
        """The figure as a count; None where it isn't a whole number."""
        return int(self.exact) if self.relation == "=" and self.exact.denominator == 1 else None


def read_number(text: str) -> Printed:
    """Read one printed figure: `2.25`, `.52`, `<.001`, `1,635`, `57.2%`, `$5.52 M`, `−1.17`, `22.681***`, `1.2e-5`.

    Raises `UserError` with what is wrong; the caller adds where. `n.s.` is read as p > .05.

    >>> read_number("2.25").range
    Range(low=2.245, high=2.255)
    """
    bare = _MARKS.sub("", text.strip())
    bare = re.sub(r"^p\s*(?=[<>=≤≥])", "", bare, flags=re.IGNORECASE)
    if len(bare) > LONGEST:
        raise UserError(f"'{bare[:20]}…' is too long for a number.")
    if re.sub(r"\W", "", bare).casefold() in ("ns", "notsignificant"):
        return Printed(text, Fraction(5, 100), Fraction(5, 1000), ">")
    match = _NUMBER.fullmatch(bare)
    if match is None:
        raise UserError(f"'{bare}' is not a number as printed, such as 2.25, <.001, 1,635 or 57.2%.")
    return from_match(match)


def from_match(match: re.Match[str]) -> Printed:
    """Turn a match of the number pattern into a printed figure."""
    digits = match["digits"].replace(",", "")
    power = int((match["power"] or "0").replace("−", "-"))
    unit = (match["unit"] or "").casefold()
    places = len(digits.partition(".")[2]) - power
    if abs(places) > MOST_PLACES:
        raise UserError(f"'{match[0].strip()}' has more digits than a results table can.")
    scale = Fraction(_UNITS.get(unit, 1))
    exact = Fraction(digits.rstrip(".")) * Fraction(10) ** power * scale
    if match["sign"] and match["sign"] != "+":
        exact = -exact
    if abs(exact) > LARGEST:
        raise UserError(f"'{match[0].strip()}' is larger than a results table can hold.")
    relation = {"<=": "<", "≤": "<", ">=": ">", "≥": ">"}.get(match["relation"] or "=", match["relation"] or "=")
    step = Fraction(10) ** -places * scale / 2
    return Printed(match[0].strip(), exact, step, relation, unit == "%", places > 0 or bool(unit))


def number_at(text: str, start: int) -> re.Match[str] | None:
    """Match a number inside a longer text, such as a calculation, from position `start` on."""
    return _NUMBER.match(text, start)


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """One row of a results table, any subset of it; None where the table prints nothing.

    `n` counts people with both answers; `n1` and `n2` those behind the first and second mean where these are
    printed apart. The first mean is before (or the first group), the second after. `mean_diff` is after minus
    before. `percent` has denominator `denominator`, or `n`. `total` / `divisor` should give `ratio`;
    `calculation` ("600 x 20% x 46,000", "9 + 12") should give `result`. `scale_*` bound one score. `items` is how
    many whole-number answers one score averages (0: the scores are not whole numbers at all, check none).
    """

    n: Printed | None = None
    n1: Printed | None = None
    n2: Printed | None = None
    mean1: Printed | None = None
    sd1: Printed | None = None
    mean2: Printed | None = None
    sd2: Printed | None = None
    sd_diff: Printed | None = None
    mean_diff: Printed | None = None
    t: Printed | None = None
    df: Printed | None = None
    p: Printed | None = None
    ci_low: Printed | None = None
    ci_high: Printed | None = None
    ci_level: Printed | None = None
    r: Printed | None = None
    d: Printed | None = None
    z: Printed | None = None
    effect_r: Printed | None = None
    percent: Printed | None = None
    count: Printed | None = None
    denominator: Printed | None = None
    items: Printed | None = None
    scale_min: Printed | None = None
    scale_max: Printed | None = None
    scale_points: Printed | None = None
    total: Printed | None = None
    divisor: Printed | None = None
    ratio: Printed | None = None
    result: Printed | None = None
    calculation: str = ""
    d_name: str = ""
    direction: str = ""
    test: str = ""
    design: str = ""
    label: str = ""
    source: str = ""
    note: str = ""


TEXT_FIELDS = ("calculation", "d_name", "direction", "test", "design", "label", "source", "note")
NUMBER_FIELDS = tuple(f.name for f in fields(PrintedRow) if f.name not in TEXT_FIELDS)
_COUNTS = ("n", "n1", "n2", "count", "denominator", "items", "scale_points", "divisor")


def printed_row(cells: Mapping[str, str]) -> PrintedRow:
    """Read a row from its cells by field name; empty cells are left out. Raises `UserError` naming the field.

    >>> printed_row({"n": "83", "mean1": "2.25"}).mean1.value
    2.25
    """
    numbers: dict[str, Printed] = {}
    words: dict[str, str] = {}
    for name, cell in cells.items():
        if name in TEXT_FIELDS:
            words[name] = cell.strip()
        elif name not in NUMBER_FIELDS:
            raise UserError(f"'{name}' is no field of a results row.")
        elif cell.strip():
            try:
                numbers[name] = read_number(cell)
            except UserError as error:
                raise UserError(f"{name}: {error}") from error
            if name in _COUNTS and (numbers[name].whole is None or numbers[name].exact < 0):
                raise UserError(f"{name}: '{cell.strip()}' must be a whole number that is not negative.")
    for name in ("n", "n1", "n2", "denominator", "divisor"):
        if name in numbers and numbers[name].exact == 0:
            raise UserError(f"{name}: 0 can't be a number of people or sessions that something was averaged over.")
    level = numbers.get("ci_level")
    if level is not None and not 50 <= (100 * level.value if level.value < 1 else level.value) < 100:
        raise UserError(f"ci_level: '{level.text}' must be a confidence level such as 95.")
    return PrintedRow(**numbers, **words)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the checker has to say about a row.

    `severity` is "impossible" (no data can print so), "does_not_close" (figures of the row contradict each other,
    or need something that hardly ever happens), "unlikely" (can be, look again) or "note".
    """

    code: str
    severity: str
    message: str


SEVERITIES = ("impossible", "does_not_close", "unlikely", "note")
FAILING = SEVERITIES[:2]


@dataclass
class Notes:
    """Findings and derived figures of one row while they are collected."""

    findings: list[Finding] = field(default_factory=list)
    derived: dict[str, object] = field(default_factory=dict)

    def say(self, code: str, severity: str, message: str) -> None:
        """Add one finding."""
        self.findings.append(Finding(code, severity, message))


def tidy(value: float, digits: int = 3) -> str:
    """Write a computed number short, for a sentence.

    >>> tidy(0.00012), tidy(97.865), tidy(-0.5714), tidy(46000.0)
    ('0.00012', '97.9', '-0.571', '46,000')
    """
    if math.isinf(value):
        return "any number" if value > 0 else "minus any number"
    if value and abs(value) < 0.001:
        return f"{value:.2g}"
    if abs(value) >= 10_000:
        return f"{value:,.0f}"
    whole = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    text = f"{value:.{max(digits - whole, 1)}f}"
    return "0" if float(text) == 0 else text


def sentence(text: str) -> str:
    """Begin a sentence with a capital, unless with a symbol such as t or p."""
    return text if len(text) > 1 and not text[1].isalpha() else text[:1].upper() + text[1:]


def between(limits: Range) -> str:
    """Write a range in words; one number where both ends read alike."""
    low, high = tidy(limits.low), tidy(limits.high)
    if low == high:
        return low
    return f"at least {low}" if math.isinf(limits.high) else f"{low} to {high}"
