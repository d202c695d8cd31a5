"""Survey files with answers in words, for the tests of comments: who wrote what, where, and when."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from echo_metrics.ingest.load import import_path
from echo_metrics.store import Store

CHANGED = "What did you change in your work?"
HELPED = "What helped you most?"
FIRST_DAY = date(2025, 3, 1)
PADDING = "and I would tell any colleague of mine to come and see for themselves"
"""Answers of 60 characters or fewer are not kept as words."""


@dataclass(frozen=True)
class Said:
    """One row of a survey file. `code` is '' for somebody who gave none."""

    cohort: str
    code: str
    changed: str = ""
    helped: str = ""
    day: int = 0


def words(name: str) -> str:
    """A comment that can be found again by `name`."""
    return f"I am {name}: the cases helped me to plan ahead, {PADDING}"


def crowd(cohort: str, people: int, mark: str, day: int = 0) -> list[Said]:
    """So many people of a cohort, each with a code and a comment that names its writer."""
    return [Said(cohort, f"{mark}{i:02d}XYZ", words(f"{mark}{i:02d}"), day=day) for i in range(people)]


def survey(store: Store, path: Path, network: str, rows: Iterable[Said]) -> None:
    """Write the rows as a survey export and import it."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["Date", "Personal code", "Cohort", "Came by", "Would come again", CHANGED, HELPED])
        for i, row in enumerate(rows):
            day = (FIRST_DAY + timedelta(days=row.day)).isoformat()
            ways = ("Bus", "Foot")[i % 2], ("Yes", "No", "Perhaps")[i % 3]
            writer.writerow([day, row.code, row.cohort, *ways, row.changed, row.helped])
    report = import_path(store, path, network)
    assert report.status == "loaded", report
    assert report.balanced
