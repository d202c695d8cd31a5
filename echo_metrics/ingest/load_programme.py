"""Loads what surrounds the answers: programme file, registrations, dictionary, ledger."""

from __future__ import annotations

import json
from datetime import timedelta

from echo_metrics.definitions import Definitions
from echo_metrics.ingest.people import People, email_value
from echo_metrics.ingest.records import (
    Account,
    Issue,
    Parsed,
    Programme,
    ProgrammeCohort,
)
from echo_metrics.ingest.scope import UNASSIGNED, Cohort, Network, Scope, zone
from echo_metrics.ingest.settle import relink_meetings, settle_meetings
from echo_metrics.roi.parse import parse_ledger
from echo_metrics.store import Writer
from echo_metrics.terms import EnrolmentRole
from echo_metrics.text import fold, fold_name


def load_programme(programme: Programme, writer: Writer, scope: Scope, people: People, account: Account) -> None:
    """Write hub, networks, cohorts and calendar; what is there already is brought up to date, by name and number."""
    zone(programme.timezone)
    if programme.timezone != scope.zone_name:
        # Files that came first were read in another zone: their local times stay, their instants move.
        for table in ("connections", "meetings", "sessions", "submissions", "posts", "files"):
            writer.run(f"rezone_{table}", {"old": scope.zone_name, "new": programme.timezone})
    writer.run(
        "update_hub",
        {
            "hub": scope.hub_id,
            "name": programme.hub,
            "country": programme.country,
            "tz": programme.timezone,
            "currency": programme.currency,
            "locale": programme.locale,
        },
    )
    scope.zone_name, scope.zone = programme.timezone, zone(programme.timezone)
    for network in programme.networks:
        # Files that came first may have made the network by its key, and the cohort by its number.
        known = scope.find_network(network.key) or scope.network(network.name)
        writer.run(
            "update_network",
            {
                "network": known.id,
                "key": network.key,
                "name": network.name,
                "topic": network.topic,
                "setting": network.setting,
                "meeting_id": network.meeting_id,
            },
        )
        for cohort in network.cohorts:
            place = scope.find_cohort(known.id, cohort.name, cohort.number) or scope.cohort(known.id, cohort.name)
            _load_cohort(cohort, place, writer, scope)
        meetings = relink_meetings(writer, known.id, scope.sessions(known.id))
        settle_meetings(writer, people, known.id, meetings)
    writer.run("clear_lost_attendance")
    # That a programme file makes its hub, networks and cohorts is its purpose and no news.
    account.issues[:] = [i for i in account.issues if i.code not in ("hub_assumed", "new_network", "new_cohort")]


def _load_cohort(cohort: ProgrammeCohort, known: Cohort, writer: Writer, scope: Scope) -> None:
    writer.run(
        "update_cohort",
        {
            "cohort": known.id,
            "name": cohort.name,
            "number": cohort.number,
            "start": cohort.start,
            "end": cohort.end,
            "invited": cohort.invited,
            "planned": len(cohort.sessions),
        },
    )
    present = {s.number: s for s in scope.sessions(known.network_id) if s.cohort_id == known.id}
    for session in cohort.sessions:
        start = scope.to_utc(session.start)
        end = scope.to_utc(session.start + timedelta(minutes=session.minutes))
        assert start is not None and end is not None  # both follow from a moment that is there
        if session.number in present:
            writer.run(
                "update_session",
                {
                    "session": present[session.number].id,
                    "title": session.title,
                    "start": start,
                    "end": end,
                    "kind": session.kind,
                },
            )
        else:
            scope.add_session(known, session.title, start, end, session.kind, session.number)


def load_registrations(
    parsed: Parsed,
    writer: Writer,
    scope: Scope,
    people: People,
    definitions: Definitions,
    cohort: Cohort,
    file_id: int,
) -> int:
    """Enrol registrants in a cohort. A second registration of a person is ignored by rule. Returns people."""
    account = parsed.account
    enrolled = {
        int(p): (str(role), str(status)) for p, role, status in writer.rows("enrolments", {"cohort": cohort.id})
    }
    in_file: set[int] = set()
    rows = []
    for entry in parsed.registrations:
        email = email_value(entry.email)
        name = f"{entry.first_name} {entry.last_name}".strip()
        person = people.find("email", email) if email else None
        if person is None:
            person = people.new()
            people.identify(person, "email", email, entry.origin.row)
        people.identify(
            person,
            "registered_name",
            f"{cohort.network_id}:{fold_name(name)}:{person}",
            entry.origin.row,
            name,
        )
        _describe(people, person, entry.discipline, entry.origin.row, definitions, account, entry.hub_team)
        people.describe(person, "organisation", entry.organisation, "", entry.origin.row)
        people.describe(person, "setting", entry.setting, fold(entry.setting), entry.origin.row)
        role = EnrolmentRole.HUB_TEAM if entry.hub_team else EnrolmentRole.PARTICIPANT
        status = "registered" if entry.approved else "declined"
        if person in in_file or enrolled.get(person) == (role.value, status):
            if entry.counted:
                account.loaded -= 1
                account.ignore("registered twice" if person in in_file else "already there")
            continue
        in_file.add(person)
        if person in enrolled:
            change = {"person": person, "cohort": cohort.id, "status": status, "role": role.value}
            writer.run("change_enrolment", change)
            continue
        rows.append(
            {
                "person_id": person,
                "own_person_id": person,
                "cohort_id": cohort.id,
                "role": role.value,
                "status": status,
                "file_id": file_id,
                "row_no": entry.origin.row,
            }
        )
    writer.insert("enrolment", rows)
    people.save()
    # Meeting reports and answers may have come first: their people are looked at again.
    meetings = [int(m) for (m,) in writer.rows("meetings_of_cohort", {"cohort": cohort.id})]
    settle_meetings(writer, people, cohort.network_id, meetings)
    writer.run("fill_disciplines", {"network": cohort.network_id})
    return len(in_file)


def _describe(
    people: People,
    person: int,
    raw: str,
    row: int,
    definitions: Definitions,
    account: Account,
    hub_team: bool,
) -> None:
    if hub_team or not raw:
        return
    code = definitions.find_discipline(raw)
    if code is None:
        account.issues.append(
            Issue(
                "unknown_discipline",
                f"Discipline '{raw[:40]}' is not on the list and counts as other. Add it to disciplines.toml.",
                row=row,
                column="discipline",
            )
        )
    people.describe(person, "discipline", raw, code or "other", row)


def load_dictionary(parsed: Parsed, writer: Writer, file_id: int) -> None:
    """Write a data dictionary's fields with their choices."""
    writer.insert(
        "question",
        [
            {
                "file_id": file_id,
                "row_no": f.origin.row,
                "form": f.form,
                "code": f.code,
                "kind": f.kind,
                "wording": f.wording,
                "choices": json.dumps(dict(f.choices), ensure_ascii=False),
            }
            for f in parsed.dictionary
        ],
    )


def load_ledger(parsed: Parsed, writer: Writer, scope: Scope, name: str, file_id: int) -> Network:
    """Check a ledger wholly and write it; the newest ledger of a cohort stands. Raises `UserError` on any fault."""
    body = dict(parsed.ledger or {})
    ledger = parse_ledger(body)
    network = scope.network(ledger.network or UNASSIGNED)
    cohort = scope.cohort(network.id, ledger.cohort) if ledger.cohort else None
    writer.run("drop_ledger", {"network": network.id, "cohort": cohort.id if cohort else None})
    writer.insert(
        "ledger",
        [
            {
                "network_id": network.id,
                "cohort_id": cohort.id if cohort else None,
                "title": ledger.title,
                "body": json.dumps(body, default=str, ensure_ascii=False),
                "file_id": file_id,
            }
        ],
    )
    return network
