"""Durations as meeting tools write them, in minutes."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"^\d{1,7}(?:[.,]\d+)?$")
_COLONS = re.compile(r"^(?:(\d{1,3}):)?(\d{1,3}):(\d{2})$")
_PART = re.compile(r"(\d{1,6}(?:[.,]\d+)?)\s*([^\W\d_]+)\.?", re.UNICODE)
_LONGEST = 60

# Minutes of each unit by how its word begins, longest beginning first: `Std.` is an hour, `s` a second.
_UNITS = (("std", 60.0), ("st", 60.0), ("時間", 60.0), ("h", 60.0), ("g", 60.0), ("u", 60.0), ("o", 60.0), ("分", 1.0),
          ("m", 1.0), ("秒", 1 / 60), ("s", 1 / 60))  # fmt: skip


def parse_minutes(value: str) -> float | None:
    """Return minutes (>= 0) for `128`, `59,5`, `1h 2m 10s`, `59 Min. 0 Sek.`, `1 godz. 5 min`, `32:14`, `1:00:00`.

    A plain number is minutes; two parts with a colon are minutes and seconds. None where nothing can be read.
    """
    text = value.replace("\u00a0", " ").replace("\u202f", " ").strip()
    if not text or len(text) > _LONGEST:
        return None
    if _NUMBER.match(text):
        return float(text.replace(",", "."))
    colons = _COLONS.match(text)
    if colons is not None:
        hours, minutes, seconds = (int(g or 0) for g in colons.groups())
        return hours * 60 + minutes + seconds / 60
    total, rest = 0.0, text
    for part in _PART.finditer(text):
        unit = next((m for start, m in _UNITS if part.group(2).casefold().startswith(start)), None)
        if unit is None:
            return None
        total += float(part.group(1).replace(",", ".")) * unit
        rest = rest.replace(part.group(0), "", 1)
    return total if rest != text and not rest.strip(" .,") else None
