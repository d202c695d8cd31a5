"""Writing text tables the way each tool writes them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence

DISCIPLINE_LABELS = {
    "social_work": "Social worker",
    "counselling": "Counsellor",
    "spiritual_health": "Spiritual health practitioner",
    "nursing": "Nurse",
    "medicine": "Physician",
    "pharmacy": "Pharmacist",
    "pharmacy_technician": "Pharmacy technician",
    "care_assistant": "Care assistant",
    "physiotherapy": "Physiotherapist",
    "psychology": "Psychologist",
    "manager": "Manager",
    "other": "Other",
}
"""Discipline key -> the label in questionnaires; the order gives REDCap's radio codes 1..12."""


def csv_text(rows: Iterable[Sequence[object]], newline: str = "\n") -> str:
    """Return `rows` as CSV with quotes only where they are needed."""
    out = io.StringIO()
    csv.writer(out, lineterminator=newline).writerows(rows)
    return out.getvalue()


def php_csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Return `rows` as REDCap writes CSV: a value with a blank, quote or comma in it is quoted."""

    def cell(value: object) -> str:
        text = str(value)
        return '"' + text.replace('"', '""') + '"' if re.search(r'[\s",\\]', text) else text

    return "".join(",".join(cell(v) for v in row) + "\n" for row in rows)


def iso(moment: dt.datetime) -> str:
    """Return `2020-01-31 13:05:09`."""
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def us12(moment: dt.datetime) -> str:
    """Return `01/31/2020 01:05:09 PM`."""
    return moment.strftime("%m/%d/%Y %I:%M:%S %p")


def us24(moment: dt.datetime) -> str:
    """Return `01/31/2020 13:05:09`."""
    return moment.strftime("%m/%d/%Y %H:%M:%S")


def month_name(moment: dt.datetime) -> str:
    """Return `Jan 31, 2020 13:05:09`."""
    return f"{moment.strftime('%b')} {moment.day}, {moment.strftime('%Y %H:%M:%S')}"
