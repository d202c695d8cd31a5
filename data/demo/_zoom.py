"""Zoom participants reports, one for each session, and who was there according to the story behind them."""

from __future__ import annotations

import datetime as dt
import math
import random
from dataclasses import dataclass

from data.demo._names import Person, plain
from data.demo._programme import HUB, SEED, Roster
from data.demo._tables import csv_text, us12, us24

_OLD = ("Name (Original Name)", "User Email", "Join Time", "Leave Time", "Duration (Minutes)")
_OLD_MORE = ("Guest", "Recording Consent")
_NEW = (
    "Name (original name)",
    "Email",
    "Join time",
    "Leave time",
    "Duration (minutes)",
    "Guest",
    "Recording disclaimer response",
    "In waiting room",
)
_OLD_BLOCK = (
    "Meeting ID",
    "Topic",
    "Start Time",
    "End Time",
    "User Email",
    "Duration (Minutes)",
    "Participants",
)
_NEW_BLOCK = ("Topic", "ID", "Host", "Duration (minutes)", "Start time", "End time", "Participants")

FIRST_COHORT_LAYOUTS = ("old_saved", "old_block", "new_block", "old_block", "new_block_bom", "old_saved")
"""Psychosocial cohort 1: layouts with a 12-hour clock only, since its dates fit both date orders."""
OTHER_LAYOUTS = ("old_flat", "old_block", "new_block_bom", "old_flat_bom", "new_block", "old_saved")
CREDENTIAL = {
    "social_work": ", RSW",
    "counselling": ", RCC",
    "spiritual_health": ", MDiv",
    "nursing": ", RN",
    "medicine": ", MD",
    "pharmacy": ", BScPharm",
    "physiotherapy": ", PT",
    "psychology": ", PhD",
}


@dataclass(frozen=True)
class Connection:
    """One line of a report."""

    name: str
    email: str
    join: dt.datetime
    leave: dt.datetime
    guest: bool = True
    join_text: str = ""


@dataclass(frozen=True)
class Report:
    """One report and the participants who were really there for a minute or more."""

    name: str
    text: str
    attended: tuple[Person, ...]


def reports(roster: Roster) -> list[Report]:
    """Return the reports of every session of one cohort."""
    cohort = roster.cohort
    rng = random.Random(f"{SEED}|zoom|{cohort.key}")
    zeal = {p.email: _zeal(rng, cohort.key) for p in roster.participants}
    names = [p.name for p in roster.participants]
    # People who share a name always show their address; otherwise four in five do.
    shows_email = {p.email: rng.random() < 0.8 or names.count(p.name) > 1 for p in roster.participants}
    made = []
    for number, start in enumerate(cohort.sessions, 1):
        everyone = cohort.key == "psychosocial_cohort1" and number == 1
        fading = 1 - 0.03 * (number - 1)
        present = [p for p in roster.participants if everyone or rng.random() < zeal[p.email] * fading]
        end = start + dt.timedelta(minutes=cohort.minutes)
        lines: list[Connection] = []
        attended: list[Person] = []
        for person in present:
            unique = names.count(person.name) == 1
            own = _participant(rng, person, start, end, shows_email[person.email], unique, surely=everyone)
            lines += own
            if _minutes(own, start, end) >= 1:
                attended.append(person)
        lines += _hub_team(rng, roster, start, end)
        lines += _visitors(rng, roster, number, start, end)
        lines, attended = _special_mess(roster, number, start, lines, attended)
        lines.sort(key=lambda c: (c.join, c.name))
        layouts = FIRST_COHORT_LAYOUTS if cohort.key == "psychosocial_cohort1" else OTHER_LAYOUTS
        text = _report_text(roster, layouts[(number - 1) % len(layouts)], start, lines)
        name = f"participants_{roster.network.zoom_meeting_id}_{start:%Y_%m_%d}.csv"
        made.append(Report(name, text, tuple(attended)))
    return made


def _zeal(rng: random.Random, cohort_key: str) -> float:
    """Return how likely one person comes to a session; outside the first cohort some never come."""
    if cohort_key == "psychosocial_cohort1":
        return rng.choice((0.65, 0.75, 0.85, 0.95))
    return rng.choice((0.0, 0.35, 0.5, 0.6, 0.7, 0.7, 0.8, 0.85, 0.9, 0.95, 0.95, 0.6, 0.75))


def _minutes(lines: list[Connection], start: dt.datetime, end: dt.datetime) -> float:
    """Return minutes inside the session of connections that may overlap."""
    reached, total = start, 0.0
    for line in sorted(lines, key=lambda c: c.join):
        begin, finish = max(line.join, reached), min(line.leave, end)
        if finish > begin:
            total += (finish - begin).total_seconds() / 60
            reached = finish
    return total


def _shift(moment: dt.datetime, rng: random.Random, low: float, high: float) -> dt.datetime:
    return moment + dt.timedelta(seconds=round(rng.uniform(low, high) * 60))


def _shown(rng: random.Random, person: Person, with_email: bool) -> str:
    """Return the display name. Without an e-mail address the full name must be found in it."""
    style = rng.random()
    if style < 0.10:
        return f"{person.name}{CREDENTIAL.get(person.discipline, '')}"
    if style < 0.20:
        return f"{person.name} ({rng.choice(('she/her', 'he/him', 'they/them'))})"
    if style < 0.30:
        return f"{person.first[:3]} - {person.organisation.split()[0]} ({person.name})"
    if style < 0.35:
        return f"{person.last} {person.first}"
    if style < 0.40:
        return plain(person.name).upper()
    if style < 0.50 and with_email:
        return person.first
    return plain(person.name)


def _participant(
    rng: random.Random,
    person: Person,
    start: dt.datetime,
    end: dt.datetime,
    with_email: bool,
    unique: bool,
    surely: bool,
) -> list[Connection]:
    """Return the connections of one person: mostly one, sometimes a gap, an overlap or far too early."""
    name = _shown(rng, person, with_email)
    email = (person.email.capitalize() if rng.random() < 0.1 else person.email) if with_email else ""
    join, leave = _shift(start, rng, -12, 6), _shift(end, rng, -4, 5)
    story = rng.random()
    if story < 0.12:  # left and came back
        middle = _shift(start, rng, 15, 30)
        back = _shift(middle, rng, 1, 9)
        return [Connection(name, email, join, middle), Connection(name, email, back, leave)]
    if story < 0.20:  # computer for the picture, telephone for the sound
        phone = _shift(join, rng, 0.5, 12)
        address = "" if unique else email
        second = Connection(f"iPhone ({plain(person.name)})", address, phone, _shift(leave, rng, -6, 1))
        return [Connection(name, email, join, leave), second]
    if story < 0.28:  # left early
        return [Connection(name, email, join, _shift(start, rng, 20, 45))]
    if story < 0.31 and not surely:  # tried the sound before the session and did not come back
        return [Connection(name, email, _shift(start, rng, -25, -20), _shift(start, rng, -15, -5))]
    if story < 0.33 and not surely:  # gone within the first minute of the session
        return [Connection(name, email, _shift(start, rng, -6, -2), start + dt.timedelta(seconds=40))]
    return [Connection(name, email, join, leave)]


def _hub_team(rng: random.Random, roster: Roster, start: dt.datetime, end: dt.datetime) -> list[Connection]:
    team = roster.hub_team[: 2 if rng.random() < 0.5 else 3]
    return [Connection(p.name, p.email, _shift(start, rng, -20, -8), _shift(end, rng, 2, 9), guest=False) for p in team]


def _visitors(
    rng: random.Random, roster: Roster, number: int, start: dt.datetime, end: dt.datetime
) -> list[Connection]:
    """Return guests: exactly five at the first session of the first cohort, up to three elsewhere."""
    first = roster.cohort.key == "psychosocial_cohort1" and number == 1
    guests = list(roster.guests[:5]) if first else rng.sample(roster.guests, rng.randint(0, 3))
    lines = []
    for guest in guests:
        number_of_guest = roster.guests.index(guest)
        # Every other guest is signed in to Zoom, and so is the colleague from another network.
        signed_in = number_of_guest % 2 == 1 or guest.discipline != "other"
        name = plain(guest.name) + (" (observer)" if number_of_guest == 2 else "")
        join, leave = _shift(start, rng, -6, 4), _shift(end, rng, -8, 3)
        lines.append(Connection(name, guest.email if signed_in else "", join, leave))
    return lines


def _special_mess(
    roster: Roster, number: int, start: dt.datetime, lines: list[Connection], attended: list[Person]
) -> tuple[list[Connection], list[Person]]:
    """Add the planned oddities of one session (README.md lists them); return who then counts as there."""
    at = (roster.cohort.key, number)
    end = start + dt.timedelta(minutes=roster.cohort.minutes)
    lines, attended = list(lines), list(attended)
    early, late = start - dt.timedelta(minutes=3), end + dt.timedelta(minutes=2)
    if at in {("psychosocial_cohort1", 3), ("psychosocial_cohort2", 2), ("care_homes_cohort1", 4)}:
        lines.append(Connection("read.ai meeting notes", "", early, late))
    if at in {("psychosocial_cohort1", 4), ("chronic_pain_cohort1", 2), ("psychosocial_cohort2", 6)}:
        lines.append(Connection("1604***1234", "", start + dt.timedelta(minutes=9), late))
    if at == ("psychosocial_cohort1", 5):
        lines.append(Connection("Kal", "", early, late))
    if at == ("psychosocial_cohort2", 3):
        # Two registered people share this name, so a line without an address cannot be given to either.
        twin = roster.participants[9]
        both = [p for p in roster.participants if p.name == twin.name]
        lines = [c for c in lines if not any(_belongs(c, p) for p in both)]
        attended = [p for p in attended if p not in both]
        lines.append(Connection(twin.name, "", early, late))
    if at == ("chronic_pain_cohort1", 3):
        # The join time of one person cannot be read; that line is the person's only one.
        spoilt = next(p for p in attended if sum(c.email.lower() == p.email for c in lines) == 1)
        lines = [c for c in lines if not _belongs(c, spoilt)]
        attended.remove(spoilt)
        lines.append(Connection(spoilt.name, spoilt.email, early, late, join_text="04/27/2021 ##:##"))
    return lines, attended


def _belongs(line: Connection, person: Person) -> bool:
    """Say whether a line is this person's, by address or by first and last name."""
    shown = plain(line.name).casefold()
    named = plain(person.first).casefold() in shown and person.last.casefold() in shown
    return line.email.casefold() == person.email or named


def _report_text(roster: Roster, layout: str, start: dt.datetime, lines: list[Connection]) -> str:
    """Write the report in one of Zoom's layouts."""
    topic = f"{roster.network.name} ECHO, {roster.cohort.name}"
    host = roster.hub_team[0]
    opened, closed = min(c.join for c in lines), max(c.leave for c in lines)
    duration = str(math.ceil((closed - opened).total_seconds() / 60))
    meeting, count = roster.network.zoom_meeting_id, str(len(lines))
    write = us24 if layout.startswith("old_flat") else us12
    rows: list[tuple[str, ...]] = []
    if layout.startswith("new_block"):
        owner = f"{HUB} ({host.email})"
        rows += [_NEW_BLOCK, (topic, meeting, owner, duration, us12(opened), us12(closed), count), ()]
        headings: tuple[str, ...] = _NEW
    elif layout.startswith("old_flat"):
        headings = _OLD
    else:
        rows += [_OLD_BLOCK, (meeting, topic, us12(opened), us12(closed), host.email, duration, count)]
        rows.append(("",) * 7 if layout == "old_saved" else ())
        headings = (*_OLD, *_OLD_MORE)
    rows.append(headings)
    for line in lines:
        minutes = str(math.ceil((line.leave - line.join).total_seconds() / 60))
        cells: tuple[str, ...] = (
            line.name,
            line.email,
            line.join_text or write(line.join),
            write(line.leave),
            minutes,
        )
        if len(headings) > 5:
            cells = (
                *cells,
                "Yes" if line.guest else "No",
                "OK" if len(headings) == 8 else "Y" if line.guest else "",
            )
        if len(headings) == 8:
            cells = (*cells, "No")
        rows.append(cells)
    text = csv_text(rows, newline="\r\n" if layout == "old_saved" else "\n")
    return "\ufeff" + text if layout.endswith("bom") else text
