"""Dates and times as survey and meeting tools write them. One order of day and month per file, from all its dates."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, time, timedelta, timezone
from functools import lru_cache

_NUMERIC = re.compile(
    r"""^\s*(\d{1,4})\s*([/.\-年])\s*(\d{1,2})\s*[/.\-月]\s*(\d{1,4})日?
        (?:[,T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AaPp]\.?\s?[Mm]\.?)?)?
        \s*(Z|[+-]\d{2}:?\d{2}|[A-Z]{2,5})?\s*$""",
    re.VERBOSE,
)
_WORDED = re.compile(
    r"""^\s*(?:(\d{1,2})\s+)?([A-Za-z]{3,9})\.?\s*(?:(\d{1,2}),?)?\s*,?\s*(\d{4})
        (?:[,\s]+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp]\.?[Mm]\.?)?)?\s*$""",
    re.VERBOSE,
)
_MONTHS = {
    m: i for i, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_LONGEST = 60
"""No date is longer; a longer cell is not looked at, so that a damaged file costs no time."""
_SERIAL = re.compile(r"^\d{5}(?:\.\d+)?$")
_CLOCK = re.compile(r"^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AaPp]\.?\s?[Mm]\.?)?$")
_MARKS = {0x202F: " ", 0x00A0: " ", 0x2009: " ", 0x200E: None, 0x200F: None, 0x202A: None, 0x202C: None, 0xFEFF: None}
_EPOCH = datetime(1899, 12, 30)

# Hours east of UTC for the abbreviations that form tools append; the ambiguous ones follow North America and Europe.
_ZONES = {
    "Z": 0.0, "UTC": 0.0, "GMT": 0.0, "BST": 1.0, "IST": 1.0, "CET": 1.0, "CEST": 2.0, "EET": 2.0, "EEST": 3.0,
    "NST": -3.5, "NDT": -2.5, "AST": -4.0, "ADT": -3.0, "EST": -5.0, "EDT": -4.0, "CST": -6.0, "CDT": -5.0,
    "MST": -7.0, "MDT": -6.0, "PST": -8.0, "PDT": -7.0, "AEST": 10.0, "AEDT": 11.0, "NZST": 12.0, "NZDT": 13.0,
}  # fmt: skip


def date_order(values: Iterable[str]) -> str:
    """Return `ymd`, `mdy`, `dmy`, or `` where the dates do not decide it, from all of a file's dates.

    Only impossible readings decide: a first number over 12 must be a day. Where no date has one, the caller asks or
    assumes, and says so.
    """
    seen: set[str] = set()
    for value in set(values):
        match = _NUMERIC.match(_plain(value)) if len(value) <= _LONGEST else None
        if match is None:
            continue
        first, third = match.group(1), int(match.group(3))
        if len(first) == 4:
            seen.add("ymd")
        elif int(first) > 12:
            seen.add("dmy")
        elif third > 12:
            seen.add("mdy")
        elif match.group(2) == ".":
            seen.add("dmy")
    for order in ("ymd", "dmy", "mdy"):
        if seen == {order}:
            return order
    return ""


def parse_moment(value: str, order: str) -> datetime | None:
    """Read one date or date and time, or return None. `order` is `mdy` or `dmy`; a leading year is always read as such.

    A zone suffix is not applied here; see `zone_offset`.
    """
    return _parsed(_plain(value), order) if len(value) <= _LONGEST else None


# A meeting's start stands in every row of an account export, a day's date in most rows of a survey.
@lru_cache(maxsize=65_536)
def _parsed(text: str, order: str) -> datetime | None:
    try:
        if _SERIAL.match(text):
            # Excel's day count; under 20,000 (the year 1954) it is far likelier a plain number.
            days = float(text)
            return _EPOCH + timedelta(seconds=round(days * 86400)) if days >= 20_000 else None
        match = _NUMERIC.match(text)
        if match is not None:
            first, second, third = match.group(1), int(match.group(3)), match.group(4)
            if len(first) == 3 or len(third) == 3:
                return None
            if len(first) == 4:
                year, month, day = int(first), second, int(third)
            elif order == "dmy":
                day, month, year = int(first), second, _year(third)
            else:
                month, day, year = int(first), second, _year(third)
            return _likely(datetime(year, month, day, *_clock(match, 5)))
        match = _WORDED.match(text)
        if match is not None:
            named = _MONTHS.get(match.group(2)[:3].lower())
            day_text = match.group(1) or match.group(3)
            if named is None or day_text is None:
                return None
            return _likely(datetime(int(match.group(4)), named, int(day_text), *_clock(match, 5)))
    except ValueError:
        return None
    return None


def _likely(moment: datetime) -> datetime | None:
    """A moment that a programme's file can hold; a year far off means that something else was read."""
    return moment if 1900 <= moment.year <= 2200 else None


def zone_offset(value: str) -> float | None:
    """Return the hours east of UTC that a time's suffix states (`EEST`, `+02:00`, `Z`), or None if it has none."""
    if len(value) > _LONGEST:
        return None
    text = _plain(value)
    # Nearly every time ends in a digit or in AM or PM and states no zone: those are not looked at again.
    if text[-2:].upper() in ("AM", "PM") or (text[-1:].isdigit() and "+" not in text and "-" not in text[10:]):
        return None
    match = _NUMERIC.match(text)
    if match is None or match.group(9) is None:
        return None
    suffix = match.group(9)
    if suffix[0] in "+-":
        digits = suffix[1:].replace(":", "")
        hours = int(digits[:2]) + int(digits[2:]) / 60
        return hours if suffix[0] == "+" else -hours
    return _ZONES.get(suffix)


def parse_clock(value: str) -> time | None:
    """Read a time of day without a date: `9:05`, `09:05:10`, `9:05 AM`, `9:05:10 p. m.`; None for anything else."""
    match = _CLOCK.match(_plain(value)) if len(value) <= _LONGEST else None
    try:
        return time(*_clock(match, 1)) if match is not None else None
    except ValueError:
        return None


def is_day(value: str) -> bool:
    """Whether a cell holds a date without a time of day."""
    text = _plain(value).rstrip(",") if len(value) <= _LONGEST else ""
    return ":" not in text and any(parse_moment(text, order) is not None for order in ("mdy", "dmy"))


def parse_aware(value: str, order: str) -> datetime | None:
    """Read a moment; one that states its zone (`EEST`, `+02:00`, `UTC`) carries it, others stay without."""
    moment, offset = parse_moment(value, order), zone_offset(value)
    if moment is None or offset is None:
        return moment
    return moment.replace(tzinfo=timezone(timedelta(hours=offset)))


def _plain(value: str) -> str:
    """Narrow and no-break spaces as spaces, directional marks gone: Teams writes both into its times."""
    return value.strip() if value.isascii() else value.translate(_MARKS).strip()


def _year(text: str) -> int:
    number = int(text)
    return number + 2000 if len(text) <= 2 else number


def _clock(match: re.Match[str], start: int) -> tuple[int, int, int]:
    hour_text, minute, second, half = match.group(start, start + 1, start + 2, start + 3)
    if hour_text is None:
        return 0, 0, 0
    hour = int(hour_text)
    if half:
        letter = half[0].lower()
        if not 1 <= hour <= 12:
            raise ValueError("an hour with AM or PM must lie between 1 and 12")
        hour = hour % 12 + (12 if letter == "p" else 0)
    return hour, int(minute), int(second or 0)
