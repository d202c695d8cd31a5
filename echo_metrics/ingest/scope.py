"""Where in the programme a record belongs: hub, network, cohort, session. Finds them, or makes them and says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from echo_metrics.errors import UserError
from echo_metrics.ingest.records import Issue
from echo_metrics.store import Writer
from echo_metrics.text import fold

UNASSIGNED = "Unassigned"
"""Network and cohort of data that nothing in the file or the call places anywhere else."""


@dataclass(frozen=True)
class Network:
    """A network as the store knows it."""

    id: int
    key: str
    name: str
    meeting_id: str


@dataclass(frozen=True)
class Cohort:
    """A cohort as the store knows it."""

    id: int
    network_id: int
    name: str
    number: int | None


@dataclass(frozen=True)
class Session:
    """A session as the store knows it; UTC."""

    id: int
    cohort_id: int
    network_id: int
    number: int | None
    start: datetime
    end: datetime
    kind: str


class Scope:
    """The programme inside one write transaction."""

    def __init__(self, writer: Writer, file_id: int, issues: list[Issue]) -> None:
        self._writer = writer
        self._file_id = file_id
        self._issues = issues
        hubs = writer.rows("hubs")
        if not hubs:
            (hub_id,) = writer.new_ids("hub")
            hubs = [(hub_id, "My hub", "", "UTC", "", "en")]
            self._add_hub(hub_id)
        self.hub_id = int(hubs[0][0])
        self.country = str(hubs[0][2])
        self.zone_name = str(hubs[0][3])
        self.zone = zone(self.zone_name)
        self._unwritten: list[dict[str, object]] = []
        self._networks = [Network(*row) for row in writer.rows("networks_to_match")]
        self._cohorts = [Cohort(*row) for row in writer.rows("cohorts_to_match")]

    def _add_hub(self, hub_id: int) -> None:
        self._writer.insert(
            "hub",
            [
                {
                    "id": hub_id,
                    "name": "My hub",
                    "country": "",
                    "tz": "UTC",
                    "currency": "",
                    "locale": "en",
                    "file_id": self._file_id,
                }
            ],
        )
        self._issues.append(
            Issue(
                "hub_assumed",
                "The store had no hub yet: 'My hub' was made, with times as UTC. A programme file changes it.",
                severity="note",
            )
        )

    def to_utc(self, moment: datetime | None) -> datetime | None:
        """Return a local moment as UTC without zone; a moment that states its zone keeps its instant."""
        if moment is None:
            return None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=self.zone)
        return aware.astimezone(UTC).replace(tzinfo=None)

    def find_network(self, text: str) -> Network | None:
        """The network with this key or name (folded), or None."""
        wanted = fold(text)
        return next((n for n in self._networks if wanted and wanted in (fold(n.key), fold(n.name))), None)

    def network_by_id(self, network_id: int) -> Network:
        """The network with this id."""
        return next(n for n in self._networks if n.id == network_id)

    def network(self, text: str) -> Network:
        """The network of this name; one that is not there yet is made, and the report says so."""
        found = self.find_network(text)
        if found is not None:
            return found
        (network_id,) = self._writer.new_ids("network")
        made = Network(network_id, fold(text).replace(" ", "_"), text, "")
        self._writer.insert(
            "network",
            [
                {
                    "id": made.id,
                    "hub_id": self.hub_id,
                    "key": made.key,
                    "name": made.name,
                    "topic": "",
                    "setting": "",
                    "meeting_id": "",
                    "file_id": self._file_id,
                }
            ],
        )
        self._networks.append(made)
        self._issues.append(Issue("new_network", f"Network '{text}' was not there yet and was made.", severity="note"))
        return made

    def network_of_meeting(self, platform_id: str, topic: str) -> Network | None:
        """The network whose meeting id this is, or whose name the topic holds."""
        for network in self._networks:
            if network.meeting_id and network.meeting_id == platform_id:
                return network
        named = [n for n in self._networks if fold(n.name) and fold(n.name) in fold(topic)]
        return named[0] if len(named) == 1 else None

    def cohorts(self, network_id: int) -> list[Cohort]:
        """The cohorts of one network."""
        return [c for c in self._cohorts if c.network_id == network_id]

    def find_cohort(self, network_id: int, text: str = "", number: int | None = None) -> Cohort | None:
        """The cohort with this name (`Cohort 1`), or this number (from `1` or an arm), or None."""
        wanted = fold(text)
        digits = int(wanted) if wanted.isdecimal() else None
        for cohort in self.cohorts(network_id):
            if wanted and wanted == fold(cohort.name):
                return cohort
            if cohort.number is not None and cohort.number in (number, digits):
                return cohort
        return None

    def cohort(self, network_id: int, text: str) -> Cohort:
        """The cohort of this name; one that is not there yet is made, and the report says so."""
        found = self.find_cohort(network_id, text)
        if found is not None:
            return found
        (cohort_id,) = self._writer.new_ids("cohort")
        digits = [int(t) for t in fold(text).split() if t.isdecimal()]
        made = Cohort(cohort_id, network_id, text, digits[-1] if digits else None)
        self._writer.insert(
            "cohort",
            [
                {
                    "id": made.id,
                    "network_id": network_id,
                    "name": text,
                    "number": made.number,
                    "start_date": None,
                    "end_date": None,
                    "invited": None,
                    "planned_sessions": None,
                    "file_id": self._file_id,
                }
            ],
        )
        self._cohorts.append(made)
        self._issues.append(Issue("new_cohort", f"Cohort '{text}' was not there yet and was made.", severity="note"))
        return made

    def sessions(self, network_id: int) -> list[Session]:
        """The sessions of one network, in order of time."""
        return [Session(*row) for row in self._writer.rows("sessions_to_match", {"network": network_id})]

    def save_sessions(self) -> None:
        """Write the sessions that were added for later."""
        self._writer.insert("session", self._unwritten)
        self._unwritten = []

    def add_session(
        self,
        cohort: Cohort,
        title: str,
        start: datetime,
        end: datetime,
        kind: str,
        number: int | None,
        later: bool = False,
    ) -> Session:
        """Add a session; start and end are UTC. With `later` it is written by `save_sessions`, with others at once."""
        (session_id,) = self._writer.new_ids("session")
        self._unwritten.append(
            {
                "id": session_id,
                "cohort_id": cohort.id,
                "number": number,
                "title": title,
                "start_utc": start,
                "end_utc": end,
                "kind": kind,
                "file_id": self._file_id,
            }
        )
        if not later:
            self.save_sessions()
        return Session(session_id, cohort.id, cohort.network_id, number, start, end, kind)


def zone(name: str) -> ZoneInfo:
    """Return the time zone of this name. Raises `UserError` for a name that does not exist."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UserError(
            f"'{name}' is not a time zone. Use a name such as America/Vancouver in the programme file."
        ) from error


def next_number(sessions: Sequence[Session], cohort_id: int) -> int:
    """The number of a further session of a cohort."""
    return max((s.number or 0 for s in sessions if s.cohort_id == cohort_id), default=0) + 1
