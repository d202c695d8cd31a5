"""The part of the independent recount that reads registrations and Zoom reports, without the product.

Rules: a person is known by the registered address, else by the original name in brackets, else by the name,
when it equals exactly one registered person of the cohort. Everybody else is a guest; bots and telephones
are not people. The minutes of a person are the union of the connections inside the session; one minute or
more is attending.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

_PRONOUNS = re.compile(r"(she|he|they|her|him|them|hers|his|theirs)(\s*/\s*\w+)*", re.IGNORECASE)
_TIME_FORMATS = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S")


def read_rows(path: Path) -> list[list[str]]:
    """Return every row of a comma-separated file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@dataclass(frozen=True)
class Registered:
    """One approved registration, by distinct address."""

    email: str
    name: str
    hub_team: bool


def fold_name(name: str) -> str:
    """Return a name for comparing: no accents, brackets or words after a comma, lower case, words sorted."""
    name = re.sub(r"\([^)]*\)", " ", name).split(",")[0]
    letters = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return " ".join(sorted(letters.casefold().split()))


def cohorts(demo_dir: Path) -> list[tuple[str, str, dict[str, object]]]:
    """Return (network key, meeting id, cohort table) for each cohort."""
    document = tomllib.loads((demo_dir / "programme.toml").read_text(encoding="utf-8"))
    return [(n["key"], n["zoom_meeting_id"], cohort) for n in document["network"] for cohort in n["cohort"]]


def registrations(demo_dir: Path, network: str, cohort: object) -> list[Registered]:
    """Return the approved registrations of one cohort; the first of two with the same address counts."""
    rows = read_rows(demo_dir / "registrations" / f"registration_{network}_cohort{cohort}.csv")
    top = next(i for i, row in enumerate(rows) if row[:3] == ["First Name", "Last Name", "Email"])
    found: dict[str, Registered] = {}
    for row in rows[top + 1 :]:
        cell = dict(zip(rows[top], row, strict=True))
        email = cell["Email"].strip().casefold()
        if cell["Approval Status"] == "approved" and email not in found:
            name = fold_name(f"{cell['First Name']} {cell['Last Name']}")
            found[email] = Registered(email, name, cell["Discipline"].strip() == "ECHO hub team")
    return list(found.values())


def _identify(shown: str, email: str, people: list[Registered]) -> tuple[str, str]:
    """Return (kind, identity) of one connection: participant, hub_team, guest or not_a_person."""
    if "read.ai" in shown.casefold() or re.fullmatch(r"\+?[\d*]{7,}", shown.strip()):
        return "not_a_person", shown
    known = {p.email: p for p in people}.get(email.strip().casefold())
    if known is None:
        bracket = re.search(r"\(([^)]*)\)", shown)
        tries = [bracket[1]] if bracket and not _PRONOUNS.fullmatch(bracket[1].strip()) else []
        for name in [*tries, shown]:
            same = [p for p in people if p.name == fold_name(name)]
            if len(same) == 1:
                known = same[0]
                break
    if known is None:
        return "guest", email.strip().casefold() or fold_name(shown)
    return ("hub_team" if known.hub_team else "participant"), known.email


def _when(text: str) -> dt.datetime | None:
    for pattern in _TIME_FORMATS:
        try:
            return dt.datetime.strptime(text, pattern)
        except ValueError:
            continue
    return None


def union_minutes(spans: Iterable[tuple[dt.datetime, dt.datetime]], low: dt.datetime, high: dt.datetime) -> float:
    """Return the minutes covered by the spans between `low` and `high`, each moment counted once."""
    seconds, reached = 0.0, low
    for join, leave in sorted(spans):
        begin, end = max(join, reached), min(leave, high)
        if end > begin:
            seconds += (end - begin).total_seconds()
            reached = end
    return seconds / 60


def meeting_people(demo_dir: Path) -> pd.DataFrame:
    """Return one line for everybody (bots and telephones too) who connected, with minutes in the session.

    Columns: network, cohort, session, kind, person, minutes.
    """
    found = []
    for network, meeting, cohort in cohorts(demo_dir):
        people = registrations(demo_dir, network, cohort["number"])
        sessions = cohort["session"]
        assert isinstance(sessions, list)
        for session in sessions:
            start = session["start"]
            end = start + dt.timedelta(minutes=session["minutes"])
            rows = read_rows(demo_dir / "zoom" / f"participants_{meeting}_{start:%Y_%m_%d}.csv")
            top = next(i for i, row in enumerate(rows) if row and row[0].casefold() == "name (original name)")
            spans: dict[tuple[str, str], list[tuple[dt.datetime, dt.datetime]]] = {}
            for row in rows[top + 1 :]:
                join, leave = _when(row[2]), _when(row[3])
                if join is not None and leave is not None:  # else the row cannot be read and is set aside
                    spans.setdefault(_identify(row[0], row[1], people), []).append((join, leave))
            for (kind, person), times in spans.items():
                found.append(
                    {
                        "network": network,
                        "cohort": cohort["number"],
                        "session": session["number"],
                        "kind": kind,
                        "person": person,
                        "minutes": union_minutes(times, start, end),
                    }
                )
    return pd.DataFrame(found)


def attendance(demo_dir: Path) -> pd.DataFrame:
    """Return which participants attended: network, cohort, session, person_email, minutes (1 or more)."""
    table = meeting_people(demo_dir)
    there = table[(table.kind == "participant") & (table.minutes >= 1)]
    there = there.drop(columns="kind").rename(columns={"person": "person_email"})
    return there.reset_index(drop=True)
