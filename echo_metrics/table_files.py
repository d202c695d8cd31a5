"""Reads printed results rows for the table checker from CSV or TOML, every figure as printed.

A heading may be any of the usual spellings ("mean before", "SD after", "p-value", "95% CI"); one cell may hold two
figures ("2.25 (1.33)", "[.45, 1.42]", "935/1635"). Lines of a CSV that begin with # are comments. A column with an
unknown heading is left out and named, never guessed.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from echo_metrics.errors import UserError
from echo_metrics.ingest.source import Document, read_file
from echo_metrics.statistics.table_check import PrintedRow, RowCheck, check_row, printed_row
from echo_metrics.statistics.table_check_printed import NUMBER_FIELDS, TEXT_FIELDS
from echo_metrics.text import fold

MOST_ROWS = 20_000
BLANK = frozenset({"", "-", "–", "—", "−", ".", "..", "na", "n/a", "n.a.", "nan", "null", "none"})

SYNONYMS: dict[str, str] = {
    "n": "n pairs|pairs|paired n|n paired|matched n|n matched|matched|matched pairs|sample size|sample|"
    "participants|respondents|people|number of people|number of pairs|total n",
    "n1": "n 1|n before|before n|n pre|pre n|n baseline|baseline n|n group 1|n at baseline",
    "n2": "n 2|n after|after n|n post|post n|n completion|completion n|n group 2|n follow up",
    "mean1": "mean|m|m1|mean 1|average|mean before|before mean|mean pre|pre mean|premean|mean baseline|baseline mean|"
    "before|pre|baseline|x1|mean time 1|mean t1|mean group 1",
    "sd1": "sd|s|s1|sd 1|std|std dev|standard deviation|sd before|before sd|sd pre|pre sd|sd baseline|baseline sd|"
    "sd time 1|sd t1|sd group 1",
    "mean2": "m2|mean 2|mean after|after mean|mean post|post mean|postmean|mean completion|completion mean|after|post|"
    "x2|mean time 2|mean t2|mean follow up|mean group 2",
    "sd2": "s2|sd 2|sd after|after sd|sd post|post sd|sd completion|completion sd|sd time 2|sd t2|sd follow up|"
    "sd group 2",
    "sd_diff": "sddiff|sd d|sd change|sd of change|sd of changes|sd difference|sd of difference|sd differences|"
    "sd of differences|sd of the differences|change sd|difference sd|diff sd|sd mean diff|sd of mean difference",
    "mean_diff": "meandiff|diff|difference|mean difference|mean change|change|mean of differences|estimate|delta",
    "t": "t value|t stat|t statistic|tvalue|t test|paired t",
    "df": "d f|degrees of freedom|dof",
    "p": "p value|pvalue|p val|sig|significance|sig 2 tailed|p two sided|probability",
    "ci_low": "ci lower|ci lo|low|lower|lower limit|lower ci|lower bound|ci low 95|low ci|95 percent ci low|"
    "95 percent ci lower|95 ci low|95 ci lower|ci95 low|ci lower limit|ci from|cil",
    "ci_high": "ci upper|ci hi|high|upper|upper limit|upper ci|upper bound|ci high 95|high ci|95 percent ci high|"
    "95 percent ci upper|95 ci high|95 ci upper|ci95 high|ci upper limit|ci to|ciu",
    "ci_level": "level|confidence level|confidence",
    "r": "correlation|pearson r|r before after|r pre post",
    "d": "cohens d|cohen s d|cohen d|effect size|es|effect|printed d|smd",
    "d_name": "d definition|effect size name|effect name|which d|effect size type|d type|d kind",
    "z": "z value|z statistic|z score",
    "effect_r": "rank r|effect size r|r effect|r effect size|r rank",
    "percent": "pct|percentage|per cent|printed percent|share|proportion percent|percent printed",
    "count": "k|numerator|x|percent count|percent numerator|number agreeing|yes|events",
    "denominator": "percent denominator|denom|of|out of|base|n percent|percent n",
    "items": "number of items|n items|k items|item count",
    "scale_min": "scale low|minimum|min|scale minimum|range min|score min|range low",
    "scale_max": "scale high|maximum|max|scale maximum|range max|score max|range high",
    "scale_points": "points|scale points|number of points|points of scale",
    "total": "attendances|attendance|total attendances|total attendance|sum|total count|grand total",
    "divisor": "sessions|n sessions|number of sessions|session count|divided by|units",
    "ratio": "mean per session|per session|average per session|mean attendance|average attendance|"
    "attendances per session|attendance per session|mean printed|quotient",
    "calculation": "formula|product|product of|product row|calc|parts|factors",
    "result": "printed result|product result|printed product|product printed|calculation result|printed total",
    "direction": "reported direction|reported as|words|said to|wording",
    "test": "test name|test used|statistical test|method",
    "design": "study design|paired or groups",
    "label": "row|name|item|measure|question|outcome|variable|case|title|row label|id",
    "source": "doi|reference|citation|study|paper|where",
    "note": "notes|comment|comments|remark|remarks",
}
PAIRS_OF_FIGURES = {
    "mean1 sd1": "mean sd|mean before sd|before mean sd|mean pre sd|pre mean sd|mean1 sd1|before|pre|baseline|"
    "mean baseline sd|baseline mean sd|before sd in brackets",
    "mean2 sd2": "mean after sd|after mean sd|mean post sd|post mean sd|mean2 sd2|after|post|mean completion sd",
    "mean_diff sd_diff": "mean difference sd|mean diff sd|diff sd in brackets|mean change sd|change sd in brackets",
    "ci_low ci_high": "ci|95 percent ci|95 ci|ci95|ci 95|ci 95 percent|confidence interval|"
    "95 percent confidence interval",
    "scale_min scale_max": "scale|scale range|range|score range|possible range",
}
DEFINITIONS = ("d_z", "d_av", "d_rm", "d_s", "g_z", "g_av", "g", "dz", "dav", "gz", "gav", "hedges g", "cohens dz")

_FIGURE = r"[-+−–]?\s*[$£€]?\s*(?:\d[\d,]*\.?\d*|\.\d+)\s*%?"
_WITH_BRACKET = re.compile(rf"({_FIGURE})\s*(?:\(\s*({_FIGURE})\s*\)|±\s*({_FIGURE})|\+/-\s*({_FIGURE}))")
_INTERVAL = re.compile(rf"[\[(]?\s*({_FIGURE})\s*(?:,|;|\bto\b|–|—|-)\s*({_FIGURE})\s*[\])]?", re.IGNORECASE)
_FRACTION = re.compile(
    r"(\d[\d,]*)\s*(?:/|\bof\b|\bout of\b)\s*(\d[\d,]*)(?:\s*\(\s*([\d.]+)\s*%?\s*\))?", re.IGNORECASE
)
_FACTOR = re.compile(r"factor \d{1,2}|factor\d{1,2}")


_TOML_ROW = re.compile(r"^\s*\[\[row\]\]", re.MULTILINE)


def _table_of_headings() -> dict[str, str]:
    known: dict[str, str] = {}
    for names in (SYNONYMS, PAIRS_OF_FIGURES):
        for target, spellings in names.items():
            for spelling in spellings.split("|"):
                known.setdefault(spelling, target)
    for name in (*NUMBER_FIELDS, *TEXT_FIELDS):
        known[fold(name)] = name
    for name in DEFINITIONS:
        known[fold(name)] = f"d called {name}"
    return known


_HEADINGS = _table_of_headings()
_SECOND = {"mean1": "sd1", "mean2": "sd2", "mean_diff": "sd_diff"}


@dataclass(frozen=True)
class TableRow:
    """One row of a file: where it stands (line of a CSV, place in a TOML file) and what it prints."""

    number: int
    printed: PrintedRow
    ignored: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The row's label, or its number."""
        return self.printed.label or f"row {self.number}"


def read_heading(heading: str) -> str | None:
    """Return the field (or two fields) that a heading stands for; None where it is unknown.

    >>> read_heading("SD after"), read_heading("p-value"), read_heading("95% CI"), read_heading("colour")
    ('sd2', 'p', 'ci_low ci_high', None)
    """
    folded = fold(heading.replace("%", " percent ").replace("'", "").replace("’", ""))
    if _FACTOR.fullmatch(folded):
        return "factor"
    return _HEADINGS.get(folded)


def rows_from_csv(text: str) -> tuple[TableRow, ...]:
    """Read the rows of CSV text (comma, semicolon or tab). Raises `UserError` naming row and column."""
    # Comment lines become blank lines, so that row numbers are those of the file.
    lines = ["" if line.lstrip().startswith("#") else line for line in text.removeprefix("\ufeff").splitlines()]
    first = next((line for line in lines if line.strip()), "")
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO("\n".join(lines), newline=""), delimiter=separator)

    def numbered() -> Iterator[tuple[int, list[str]]]:
        try:
            for cells in reader:
                yield reader.line_num, cells
        except csv.Error as error:
            raise UserError(
                f"Row {reader.line_num}: this is not a CSV table ({error}). Save it again as CSV."
            ) from error

    return rows_from_cells(numbered())


def rows_from_cells(lines: Iterable[tuple[int, list[str]]]) -> tuple[TableRow, ...]:
    """Read the rows of a table of cells, the first non-blank line being the headings."""
    headings: list[str] | None = None
    found: list[TableRow] = []
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if headings is None:
            headings = [cell.strip() for cell in cells]
            if all(read_heading(heading) is None for heading in headings):
                raise UserError(
                    f"Row {number}: none of these headings is known: {', '.join(headings)[:120]}. "
                    "Use headings such as n, mean1, sd1, mean2, sd2, t, df, p, d, percent."
                )
            continue
        if any(cell.strip() for cell in cells[len(headings) :]):
            raise UserError(
                f"Row {number}: it has more cells than the heading row; put quotes around 1,635 and [.1, .4]."
            )
        if len(found) >= MOST_ROWS:
            raise UserError(f"Row {number}: a table of more than {MOST_ROWS:,} rows can't be checked at once.")
        found.append(_row(number, list(zip(headings, cells, strict=False))))
    if headings is None or not found:
        raise UserError("The table holds no rows; give a heading row and at least one row below it.")
    return tuple(found)


def rows_from_toml(text: str) -> tuple[TableRow, ...]:
    """Read the `[[row]]` tables of TOML text. Raises `UserError` naming row and key.

    Numbers keep the decimals they are written with, so `mean1 = 2.20` is a 2.20; write `p = "<.001"` as text.
    """
    try:
        document = tomllib.loads(text, parse_float=str)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise UserError(f"This is not a TOML file: {error}.") from error
    rows = next((document[key] for key in ("row", "rows", "table") if key in document), None)
    if rows is None and document and any(read_heading(key) for key in document):
        rows = [document]
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise UserError("The file holds no rows; write each as a [[row]] table.")
    if len(rows) > MOST_ROWS:
        raise UserError(f"A table of more than {MOST_ROWS:,} rows can't be checked at once.")
    return tuple(_row(number, _toml_cells(number, row)) for number, row in enumerate(rows, 1))


def _toml_cells(number: int, row: Mapping[str, object]) -> list[tuple[str, str]]:
    cells = []
    for key, value in row.items():
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(part, str | int) and not isinstance(part, bool) for part in parts):
            raise UserError(f"Row {number}, {key}: write a number, or a text in quotes.")
        target = read_heading(key)
        joined = " x " if target in ("calculation", "factor") else ", "
        try:
            cells.append((key, joined.join(_toml_text_of(part) for part in parts)))
        except ValueError as error:
            # Python refuses to write whole numbers of thousands of digits.
            raise UserError(f"Row {number}, {key}: this number is too long.") from error
    return cells


def _toml_text_of(part: object) -> str:
    """Return a TOML value as text; a decimal number loses the underscores that TOML allows between digits."""
    text = str(part)
    return text.replace("_", "") if re.fullmatch(r"[-+]?\d[\d_]*\.[\d_]+(?:[eE][-+]?\d+)?", text) else text


def read_rows(path: Path) -> tuple[TableRow, ...]:
    """Read the rows of a CSV, TOML or XLSX file. Raises `UserError` naming file, row and column."""
    return rows_of(read_file(path))


def rows_of(document: Document) -> tuple[TableRow, ...]:
    """Read the rows of an opened file, told by its content. Raises `UserError` naming file, row and column."""
    try:
        if document.workbook:
            return rows_from_cells((number, list(cells)) for number, cells in document.tables[0].numbered())
        return rows_from_text(document.text)
    except UserError as error:
        raise UserError(f"{document.name}: {error}") from error


def rows_from_text(text: str) -> tuple[TableRow, ...]:
    """Read the rows of pasted text: TOML if it has `[[row]]` tables, else CSV."""
    return rows_from_toml(text) if _TOML_ROW.search(text) else rows_from_csv(text)


def _row(number: int, cells: list[tuple[str, str]]) -> TableRow:
    fields: dict[str, str] = {}
    columns: dict[str, str] = {}
    factors: list[str] = []
    ignored = []
    for heading, cell in cells:
        target = read_heading(heading)
        text = cell.strip()
        if target is None:
            if heading and text:
                ignored.append(heading)
            continue
        if text.casefold() in BLANK:
            continue
        if target == "factor":
            factors.append(text)
            continue
        for name, part in _split(target, text, number, heading).items():
            if name in fields and name != "d_name":
                raise UserError(f"Row {number}: {columns[name]} and {heading} both give {name}; keep one.")
            fields[name], columns[name] = part, heading
    if factors:
        if "calculation" in fields:
            raise UserError(f"Row {number}: give either a calculation or single factors, not both.")
        fields["calculation"] = " x ".join(factors)
    return TableRow(number, _printed(number, fields, columns), tuple(ignored))


def _printed(number: int, fields: dict[str, str], columns: dict[str, str]) -> PrintedRow:
    try:
        return printed_row(fields)
    except UserError as error:
        name, _, problem = str(error).partition(": ")
        raise UserError(f"Row {number}, {columns.get(name, name)}: {problem}") from error


def _split(target: str, text: str, number: int, heading: str) -> dict[str, str]:
    if target.startswith("d called "):
        return {"d": text, "d_name": target.removeprefix("d called ")}
    if target in ("ci_low ci_high", "scale_min scale_max"):
        match = _INTERVAL.fullmatch(text)
        if match is None:
            raise UserError(f"Row {number}, {heading}: '{text[:40]}' should be two numbers, such as .45 to 1.42.")
        one, two = target.split()
        return {one: match[1], two: match[2]}
    if target == "count" and (match := _FRACTION.fullmatch(text)):
        return {"count": match[1], "denominator": match[2]} | ({"percent": match[3]} if match[3] else {})
    target, _, second = target.partition(" ")
    second = second or _SECOND.get(target, "")
    if second and (match := _WITH_BRACKET.fullmatch(text)):
        return {target: match[1], second: next(part for part in match.groups()[1:] if part)}
    return {target: text}


def check_rows(rows: Iterable[TableRow]) -> tuple[RowCheck, ...]:
    """Check every row. Raises `UserError` naming the row where a calculation can't be read."""
    found = []
    for row in rows:
        try:
            found.append(check_row(row.printed))
        except UserError as error:
            raise UserError(f"Row {row.number}, {error}") from error
    return tuple(found)


def as_json(rows: tuple[TableRow, ...], checks: tuple[RowCheck, ...]) -> dict[str, object]:
    """Return the checked table for the JSON document of the command line."""
    return {
        "closes": all(check.closes for check in checks),
        "rows": [
            {
                "row": row.number,
                "label": row.printed.label,
                "source": row.printed.source,
                **check.as_json(),
                "ignored_columns": list(row.ignored),
            }
            for row, check in zip(rows, checks, strict=True)
        ],
    }
