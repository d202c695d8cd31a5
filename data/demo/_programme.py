"""The programme itself: hub, networks, cohorts, sessions, and the people in them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass

from data.demo._names import Census, Person

SEED = "coastal-echo-hub-2020"
HUB = "Coastal ECHO Hub"


@dataclass(frozen=True)
class Cohort:
    """One cohort as planned: its sessions (local start times) and how many of each discipline take part."""

    network: str
    number: int
    start: dt.date
    end: dt.date
    invited: int
    minutes: int
    sessions: tuple[dt.datetime, ...]
    titles: tuple[str, ...]
    disciplines: dict[str, int]

    @property
    def name(self) -> str:
        """The name a hub gives it."""
        return f"Cohort {self.number}"

    @property
    def key(self) -> str:
        """Network and number, for seeds and file names."""
        return f"{self.network}_cohort{self.number}"


@dataclass(frozen=True)
class Network:
    """One ECHO network."""

    key: str
    name: str
    topic: str
    setting: str
    zoom_meeting_id: str
    settings: tuple[str, ...]
    cohorts: tuple[Cohort, ...]


def _at(hour: int, *days: str) -> tuple[dt.datetime, ...]:
    return tuple(dt.datetime.combine(dt.date.fromisoformat(day), dt.time(hour)) for day in days)


_PSYCHOSOCIAL = (
    "Whole-person assessment",
    "Difficult conversations",
    "Families and children",
    "Grief before a death",
    "Moral distress in the team",
    "Looking after ourselves",
    "Culture and ceremony",
    "Bereavement follow-up",
    "Putting it together",
)

NETWORKS: tuple[Network, ...] = (
    Network(
        key="psychosocial",
        name="Psychosocial Palliative Care",
        topic="Psychosocial and spiritual care at the end of life",
        setting="urban",
        zoom_meeting_id="85010203040",
        settings=("Urban", "Urban", "Rural"),
        cohorts=(
            Cohort(
                "psychosocial",
                1,
                dt.date(2020, 1, 1),
                dt.date(2020, 6, 30),
                40,
                75,
                _at(12, "2020-01-09", "2020-02-06", "2020-03-05", "2020-04-02", "2020-05-07", "2020-06-04"),
                _PSYCHOSOCIAL[:6],
                {"social_work": 13, "counselling": 9, "spiritual_health": 4},
            ),
            Cohort(
                "psychosocial",
                2,
                dt.date(2020, 9, 1),
                dt.date(2021, 5, 31),
                80,
                75,
                _at(12, "2020-09-17", "2020-10-15", "2020-11-19", "2020-12-17", "2021-01-21")
                + _at(12, "2021-02-18", "2021-03-18", "2021-04-15", "2021-05-20"),
                _PSYCHOSOCIAL,
                {"social_work": 28, "counselling": 19, "spiritual_health": 11},
            ),
        ),
    ),
    Network(
        key="chronic_pain",
        name="Chronic Pain",
        topic="Living with chronic pain in rural communities",
        setting="rural",
        zoom_meeting_id="86020304050",
        settings=("Rural", "Rural", "Remote", "Urban"),
        cohorts=(
            Cohort(
                "chronic_pain",
                1,
                dt.date(2021, 2, 1),
                dt.date(2021, 11, 30),
                60,
                60,
                _at(12, "2021-02-23", "2021-03-23", "2021-04-27", "2021-05-25")
                + _at(12, "2021-06-22", "2021-09-28", "2021-10-26", "2021-11-23"),
                (
                    "Explaining pain",
                    "Assessment by video",
                    "Opioids: starting, staying, stopping",
                    "Movement and pacing",
                    "Sleep",
                    "Trauma and pain",
                    "Working with the family",
                    "Flare-up plans",
                ),
                {"medicine": 10, "nursing": 9, "physiotherapy": 8, "psychology": 5, "social_work": 2},
            ),
        ),
    ),
    Network(
        key="care_homes",
        name="Care Homes",
        topic="End-of-life care in care homes",
        setting="mixed",
        zoom_meeting_id="87030405060",
        settings=("Urban", "Rural"),
        cohorts=(
            Cohort(
                "care_homes",
                1,
                dt.date(2021, 3, 1),
                dt.date(2021, 8, 31),
                55,
                60,
                _at(14, "2021-03-17", "2021-04-21", "2021-05-19", "2021-06-16", "2021-07-21", "2021-08-18"),
                (
                    "Recognising decline",
                    "Talking with families",
                    "Eating and drinking",
                    "Pain without words",
                    "The last days",
                    "Remembering residents",
                ),
                {"nursing": 18, "care_assistant": 16, "manager": 6},
            ),
        ),
    ),
    Network(
        key="pharmacists",
        name="Community Pharmacists",
        topic="Palliative medicines in the community pharmacy",
        setting="urban",
        zoom_meeting_id="88040506070",
        settings=("Urban", "Urban", "Rural"),
        cohorts=(
            Cohort(
                "pharmacists",
                1,
                dt.date(2021, 10, 1),
                dt.date(2022, 3, 31),
                45,
                60,
                _at(19, "2021-10-18", "2021-11-15", "2021-12-13", "2022-01-17", "2022-02-28", "2022-03-21"),
                (
                    "Palliative medicine kits",
                    "Syringe drivers",
                    "Deprescribing",
                    "Supply at short notice",
                    "Speaking with carers",
                    "After a death at home",
                ),
                {"pharmacy": 22, "pharmacy_technician": 8},
            ),
        ),
    ),
)


@dataclass(frozen=True)
class Roster:
    """The people of one cohort. `unregistered` hold a registration that was denied or cancelled."""

    network: Network
    cohort: Cohort
    participants: tuple[Person, ...]
    hub_team: tuple[Person, ...]
    refused: Person
    guests: tuple[Person, ...]


def rosters() -> list[Roster]:
    """Return every cohort with its people.

    Two social workers of psychosocial cohort 1 also take part in the chronic pain network (same address, same
    code), and another one drops in there as a guest. In psychosocial cohort 2 two people share one name. In
    both psychosocial cohorts two people of one discipline share one self-generated code.
    """
    census = Census(SEED)
    hub_team = tuple(census.person("other", ("Urban",)) for _ in range(3))
    made: list[Roster] = []
    for network in NETWORKS:
        for cohort in network.cohorts:
            people = [
                census.person(discipline, network.settings)
                for discipline, count in cohort.disciplines.items()
                for _ in range(count)
            ]
            if network.key == "psychosocial":
                people[4] = dataclasses.replace(people[4], code=people[1].code)
            if cohort.key == "psychosocial_cohort2":
                twin = people[9]
                people[30] = dataclasses.replace(people[30], first=twin.first, last=twin.last)
            if network.key == "chronic_pain":
                people[-2:] = made[0].participants[6:8]
            guests = tuple(census.person("other", network.settings) for _ in range(8))
            if network.key == "chronic_pain":
                guests = (made[0].participants[2], *guests[1:])
            refused = census.person(next(iter(cohort.disciplines)), network.settings)
            made.append(Roster(network, cohort, tuple(people), hub_team, refused, guests))
    return made


def programme_toml() -> str:
    """Return the programme file."""
    lines = [
        "# SYNTHETIC DEMONSTRATION DATA. The hub, its networks and every person are invented; see README.md.",
        'format = "echo-metrics-programme"',
        "version = 1",
        "",
        "[hub]",
        f'name = "{HUB}"',
        'country = "CA"',
        'timezone = "America/Vancouver"',
        'currency = "CAD"',
        'locale = "en-CA"',
    ]
    for network in NETWORKS:
        lines += [
            "",
            "[[network]]",
            f'key = "{network.key}"',
            f'name = "{network.name}"',
            f'topic = "{network.topic}"',
            f'setting = "{network.setting}"',
            f'zoom_meeting_id = "{network.zoom_meeting_id}"',
        ]
        for cohort in network.cohorts:
            lines += [
                "",
                "[[network.cohort]]",
                f'name = "{cohort.name}"',
                f"number = {cohort.number}",
                f"start = {cohort.start.isoformat()}",
                f"end = {cohort.end.isoformat()}",
                f"invited = {cohort.invited}",
                f"planned_sessions = {len(cohort.sessions)}",
            ]
            for number, (start, title) in enumerate(zip(cohort.sessions, cohort.titles, strict=True), 1):
                lines += [
                    "",
                    "[[network.cohort.session]]",
                    f"number = {number}",
                    f'title = "{title}"',
                    f"start = {start.isoformat()}",
                    f"minutes = {cohort.minutes}",
                    'kind = "session"',
                ]
    return "\n".join(lines) + "\n"
