"""Zoom registration exports, one for each cohort."""

from __future__ import annotations

import datetime as dt
import random

from data.demo._names import Person
from data.demo._programme import SEED, Roster
from data.demo._tables import csv_text, month_name, us12, us24

_TYPED = {
    "social_work": (
        "Social Worker",
        "social worker",
        "MSW",
        "Palliative social worker",
        "RSW",
        "Social worker ",
    ),
    "counselling": ("Counsellor", "counselor", "RCC", "Clinical Counsellor", "Grief counsellor"),
    "spiritual_health": (
        "Spiritual health practitioner",
        "Chaplain",
        "Spiritual care provider",
        "spiritual care",
    ),
    "nursing": ("RN", "Nurse", "Registered Nurse", "LPN", "nurse practitioner"),
    "medicine": ("Family physician", "GP", "physician", "MD", "Family doctor "),
    "pharmacy": ("Pharmacist", "pharmacist", "Community Pharmacist", "PHARMACY"),
    "pharmacy_technician": ("Pharmacy Technician", "pharm tech", "Technician"),
    "care_assistant": ("Care aide", "HCA", "Health Care Assistant", "care assistant"),
    "physiotherapy": ("Physio", "Physiotherapist", "physical therapist"),
    "psychology": ("Psychologist", "psychology"),
    "manager": ("Care home manager", "Manager", "manager "),
    "other": ("Other",),
}
"""Free-text answers to "Discipline", all of them known ways of writing it."""

_HEADINGS = (
    "First Name",
    "Last Name",
    "Email",
    "Registration Time",
    "Approval Status",
    "Discipline",
    "Organization",
    "Setting",
)
_WITH_BLOCK = {"psychosocial_cohort2", "care_homes_cohort1"}


def registration_csv(roster: Roster) -> str:
    """Return the registration export of one cohort.

    People in order of registration; the hub team first. In psychosocial cohort 1 one person registered twice
    (second time in capitals) and one discipline holds a no-break space.
    """
    cohort = roster.cohort
    rng = random.Random(f"{SEED}|registration|{cohort.key}")
    first_cohort = cohort.key == "psychosocial_cohort1"
    refused_status = "cancelled" if cohort.network in {"psychosocial", "pharmacists"} else "denied"
    write_time = month_name if first_cohort else us24 if cohort.network == "chronic_pain" else us12
    opened = dt.datetime.combine(cohort.sessions[0].date(), dt.time(8)) - dt.timedelta(days=45)

    entries: list[tuple[dt.datetime, Person, str, str, str]] = []
    for number, person in enumerate(roster.hub_team):
        entries.append((opened + dt.timedelta(minutes=number), person, person.email, "approved", "ECHO hub team"))
    for number, person in enumerate(roster.participants):
        typed = rng.choice(_TYPED[person.discipline])
        if first_cohort and number == 3:
            typed = "Social\u00a0Worker"
        entries.append((_moment(rng, opened), person, person.email, "approved", typed))
    if first_cohort:
        twice = roster.participants[5]
        later = opened + dt.timedelta(days=44, minutes=7)
        entries.append((later, twice, twice.email.upper(), "approved", "social work"))
    refused = roster.refused
    entries.append((_moment(rng, opened), refused, refused.email, refused_status, _TYPED[refused.discipline][0]))
    entries.sort(key=lambda entry: entry[0])

    rows: list[tuple[str, ...]] = []
    if cohort.key in _WITH_BLOCK:
        rows += [
            ("Topic", "Meeting ID", "Start Time", "Duration (Minutes)", "Registrants"),
            (
                f"{roster.network.name} ECHO, {cohort.name}",
                roster.network.zoom_meeting_id,
                us12(cohort.sessions[0]),
                str(cohort.minutes),
                str(len(entries)),
            ),
            (),
        ]
    rows.append(_HEADINGS)
    for moment, person, email, status, discipline in entries:
        fields = (person.first, person.last, email, write_time(moment), status)
        rows.append((*fields, discipline, person.organisation, person.setting))
    return csv_text(rows)


def _moment(rng: random.Random, opened: dt.datetime) -> dt.datetime:
    """Return a time in the six weeks while registration was open."""
    return opened + dt.timedelta(days=rng.randint(1, 42), seconds=rng.randint(0, 36000))
