"""What a reader hands on: canonical records, each with the row it came from, and the account of every physical row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from echo_metrics.terms import WaveKind


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record stands in its file: sheet ('' for text files) and 1-based row, as a spreadsheet shows it."""

    sheet: str
    row: int


@dataclass(frozen=True)
class Column:
    """One column, what it was taken for and how sure the reader is (0-1)."""

    position: int
    heading: str
    maps_to: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Issue:
    """Something the hub should know about a value that was loaded all the same, or about the file."""

    code: str
    message: str
    row: int | None = None
    column: str | None = None
    severity: str = "warning"
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that could not be read: kept as it was, with the reason, until somebody decides."""

    origin: Origin
    column: str
    code: str
    message: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Meeting:
    """One video event. Times are local to the hub; `start` and `end` are None where the file has no block."""

    key: str
    platform: str
    platform_id: str
    topic: str
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Connection:
    """One join-leave interval, local times."""

    origin: Origin
    meeting_key: str
    display_name: str
    original_name: str
    email: str
    join: datetime
    leave: datetime
    minutes_reported: float | None
    guest: str
    origin_kind: str = "log"
    """`log`: an interval. `total_only`: minutes without times, `join` and `leave` only say when the meeting was.
    `iecho`: a mark that the person was there, without minutes."""
    rows: int = 1
    """How many rows of the file this connection is made of: a join and a leave can stand apart."""


class AnswerCell(NamedTuple):
    """One answer as it stands in the file. `item_code` is None for a question that no instrument knows.

    A tuple and no dataclass: a wide survey holds millions of them.
    """

    column: int
    question: str
    item_code: str | None
    raw: str


@dataclass(frozen=True, slots=True)
class Submission:
    """One person's answers in one wave. `fields` are identifying or describing columns by field name."""

    origin: Origin
    external_id: str
    wave: WaveKind
    event: str
    arm: int | None
    group: str
    started: datetime | None
    submitted: datetime | None
    complete: bool
    preview: bool
    record_id: str
    fields: Mapping[str, str]
    answers: tuple[AnswerCell, ...]


@dataclass(frozen=True, slots=True)
class Registration:
    """One registrant of a cohort, or a member of the hub team."""

    origin: Origin
    first_name: str
    last_name: str
    email: str
    registered: datetime | None
    approved: bool
    discipline: str
    organisation: str
    setting: str
    hub_team: bool
    counted: bool = True
    """Whether the row's account is this registration's; an attendee's row counts as connection instead."""


@dataclass(frozen=True)
class DictionaryField:
    """One field of a survey tool's data dictionary."""

    origin: Origin
    form: str
    code: str
    kind: str
    wording: str
    choices: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a plain table (forum posts, cases, cycles, costs), by canonical column name."""

    origin: Origin
    values: Mapping[str, str]


@dataclass(frozen=True)
class ScheduledSession:
    """One session as planned; local start and length in minutes."""

    number: int
    title: str
    start: datetime
    minutes: int
    kind: str


@dataclass(frozen=True)
class ProgrammeCohort:
    """One cohort of a programme file."""

    name: str
    number: int
    start: date | None
    end: date | None
    invited: int | None
    sessions: tuple[ScheduledSession, ...]


@dataclass(frozen=True)
class ProgrammeNetwork:
    """One network of a programme file."""

    key: str
    name: str
    topic: str
    setting: str
    meeting_id: str
    cohorts: tuple[ProgrammeCohort, ...]


@dataclass(frozen=True)
class Programme:
    """Hub, networks, cohorts and the session calendar."""

    hub: str
    country: str
    timezone: str
    currency: str
    locale: str
    networks: tuple[ProgrammeNetwork, ...]


@dataclass
class Account:
    """The running account of a file's physical rows. `read = loaded + quarantined + ignored` must hold at the end."""

    read: int = 0
    loaded: int = 0
    ignored: Counter[str] = field(default_factory=Counter)
    quarantined: list[Quarantined] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    def ignore(self, rule: str, rows: int = 1) -> None:
        """Count rows that a named rule leaves out."""
        if rows:
            self.ignored[rule] += rows

    @property
    def balanced(self) -> bool:
        """Whether every physical row is accounted for."""
        return self.read == self.loaded + len(self.quarantined) + sum(self.ignored.values())


@dataclass
class Parsed:
    """A file after reading: what it is, its records, and the account of its rows."""

    format: str
    variant: str
    header_row: int | None
    account: Account
    columns: tuple[Column, ...] = ()
    date_order: str = ""
    timezone: str = ""
    meetings: tuple[Meeting, ...] = ()
    connections: tuple[Connection, ...] = ()
    connections_added: int = 0
    """How many connections were new to the store; set on loading."""
    submissions: tuple[Submission, ...] = ()
    registrations: tuple[Registration, ...] = ()
    dictionary: tuple[DictionaryField, ...] = ()
    table: tuple[TableRow, ...] = ()
    programme: Programme | None = None
    ledger: Mapping[str, Any] | None = None
    corrections: Mapping[str, Any] | None = None
    why: str = ""
    """What told the reader that the file is its own."""
    stable_ids: bool = False
    """Whether external ids stay the same from one export of this form to the next."""
