"""The files of our own making: the programme file (hub, networks, cohorts, calendar), ledgers and corrections."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from typing import Any

from echo_metrics.errors import FileRefused
from echo_metrics.ingest.readers.base import Context, Match, new_account
from echo_metrics.ingest.records import (
    Parsed,
    Programme,
    ProgrammeCohort,
    ProgrammeNetwork,
    ScheduledSession,
)
from echo_metrics.ingest.source import Document

PROGRAMME, LEDGER, CORRECTIONS = "echo-metrics-programme", "echo-metrics-ledger", "echo-metrics-corrections"


def recognise(document: Document, context: Context) -> Match | None:
    """Claim a text that names one of our formats in a `format = "..."` line."""
    for name in (PROGRAMME, LEDGER, CORRECTIONS):
        if f'format = "{name}"' in document.text[:20_000]:
            return Match(1.0, name, None, f'format = "{name}"')
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read the whole file or refuse it: these files are written by hand, and half a calendar is worse than none."""
    try:
        body = tomllib.loads(document.text)
    except (ValueError, RecursionError) as error:  # also a number of thousands of digits, or brackets without end
        raise FileRefused(document.name, f"is not valid TOML: {error}.", "Mend that line and import again.") from error
    account = new_account(document.tables)
    account.loaded = account.read
    kind = match.variant.removeprefix("echo-metrics-")
    parsed = Parsed(format=kind, variant="version 1", header_row=None, account=account)
    if match.variant == PROGRAMME:
        parsed.programme = _programme(document.name, body)
    elif match.variant == CORRECTIONS:
        parsed.corrections = body
    else:
        parsed.ledger = body
    return parsed


def _programme(file: str, body: dict[str, Any]) -> Programme:
    try:
        hub = body["hub"]
        return Programme(
            hub=hub["name"],
            country=hub.get("country", ""),
            timezone=hub["timezone"],
            currency=hub.get("currency", ""),
            locale=hub.get("locale", "en"),
            networks=tuple(_network(n) for n in body["network"]),
        )
    except KeyError as error:
        raise FileRefused(file, f"lacks {error} in the programme.", "Add it and import again.") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise FileRefused(file, f"has a wrong value: {error}.", "Mend it and import again.") from error


def _network(body: dict[str, Any]) -> ProgrammeNetwork:
    return ProgrammeNetwork(
        key=body["key"],
        name=body["name"],
        topic=body.get("topic", ""),
        setting=body.get("setting", ""),
        meeting_id=str(body.get("zoom_meeting_id", "")).replace(" ", ""),
        cohorts=tuple(_cohort(c) for c in body.get("cohort", [])),
    )


def _cohort(body: dict[str, Any]) -> ProgrammeCohort:
    sessions = tuple(
        ScheduledSession(
            number=int(s["number"]),
            title=s["title"],
            start=_local(s["start"]),
            minutes=int(s["minutes"]),
            kind=s.get("kind", "session"),
        )
        for s in body.get("session", [])
    )
    return ProgrammeCohort(
        name=body["name"],
        number=int(body["number"]),
        start=_day(body.get("start")),
        end=_day(body.get("end")),
        invited=body.get("invited"),
        sessions=sessions,
    )


def _local(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise ValueError(f"a session's start must be a local date and time, not {value!r}")
    return value.replace(tzinfo=None)


def _day(value: object) -> date | None:
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    raise ValueError(f"a cohort's start and end must be dates, not {value!r}")
