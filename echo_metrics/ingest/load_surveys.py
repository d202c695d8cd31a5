"""Loads survey answers: scope, person, versions of cumulative exports, scores."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from echo_metrics.definitions import Answer, Definitions, Item
from echo_metrics.ingest.answer_rows import AnswerRows
from echo_metrics.ingest.forgotten import Tombstones, code_key, without_records
from echo_metrics.ingest.pairing import code_forms
from echo_metrics.ingest.people import People, email_value
from echo_metrics.ingest.records import Issue, Origin, Parsed, Submission
from echo_metrics.ingest.response_ids import content_hash, external_ids
from echo_metrics.ingest.scope import UNASSIGNED, Cohort, Network, Scope, Session
from echo_metrics.store import Writer
from echo_metrics.terms import WaveKind
from echo_metrics.text import fold, normalise_code

GLOBAL_IDS = frozenset({"qualtrics", "surveymonkey"})
"""Tools whose response ids are unique everywhere: one id in common makes two files exports of the same form."""


@dataclass(frozen=True)
class _Stored:
    """What the store holds of one submission of the same form."""

    id: int
    external_id: str
    content_hash: str
    status: str
    submitted: datetime | None


@dataclass(frozen=True)
class Outcome:
    """What came of a survey file."""

    people: int
    responses: int
    networks: set[int]
    form_key: str
    latest: datetime | None
    stale: bool


class SurveyLoader:
    """Loads the submissions of one file inside one write transaction."""

    def __init__(
        self,
        parsed: Parsed,
        writer: Writer,
        scope: Scope,
        people: People,
        definitions: Definitions,
        network: Network | None,
        cohort: Cohort | None,
        file_id: int,
    ) -> None:
        self._parsed = parsed
        self._writer = writer
        self._scope = scope
        self._people = people
        self._definitions = definitions
        self._network = network
        self._cohort = cohort
        self._file_id = file_id
        self._sessions: dict[int, list[Session]] = {}
        self._codes: dict[str, tuple[int, str]] = {}

    def load(self) -> Outcome:
        """Write what is new or changed; unchanged rows are ignored by rule, vanished ones listed and set aside."""
        entries = list(zip(self._parsed.submissions, external_ids(self._parsed), strict=True))
        hashes = {external: content_hash(s) for s, external in entries}
        form_key, stored = self._form(hashes)
        gone = Tombstones.of(self._writer, self._people.key)
        entries = without_records(self._parsed, gone, form_key, entries)
        latest = max((m for s, _ in entries if (m := self._scope.to_utc(s.submitted)) is not None), default=None)
        newest_before = max((s.submitted for s in stored.values() if s.submitted is not None), default=None)
        older = latest is not None and newest_before is not None and latest < newest_before
        fresh = []
        unchanged: dict[Origin, str] = {}
        for submission, external in entries:
            known = stored.get(external)
            if known is not None and (older or known.content_hash == hashes[external]):
                newer = known.content_hash != hashes[external]
                unchanged[submission.origin] = "a newer version is there" if newer else "already there"
                if known.status == "vanished" and not older:
                    self._writer.run("revive_submission", {"submission": known.id})
                continue
            if known is not None:
                self._writer.run("supersede_submission", {"submission": known.id})
                self._issue(
                    "changed_answer",
                    "This response changed since the last export; the new version counts.",
                    submission,
                )
            fresh.append((submission, external, hashes[external]))
        # A row with forms side by side is several submissions: it counts as loaded if any of them is new.
        new_rows = {s.origin for s, _, _ in fresh}
        for rule in (r for origin, r in unchanged.items() if origin not in new_rows):
            self._parsed.account.loaded -= 1
            self._parsed.account.ignore(rule)
        if stored and not older:
            self._set_aside_vanished(set(hashes), stored)
        batch: list[dict[str, Any]] = []
        answers = AnswerRows(self._definitions, self._file_id, self._check)
        records = self._record_people(form_key, [s for s, _, _ in fresh])
        ids = self._writer.new_ids("submission", len(fresh))
        networks: set[int] = set()
        for new_id, (submission, external, digest) in zip(ids, fresh, strict=True):
            # A row that only an older export still holds has vanished from the form meanwhile.
            status = "vanished" if older and external not in stored and stored else "current"
            networks.add(self._add(new_id, submission, external, digest, form_key, status, records, batch, answers))
        self._people.save()
        self._writer.insert("submission", batch)
        answers.save(self._writer)
        self._writer.insert("code_form", self._new_codes())
        if stored:
            networks |= {int(r[0]) for r in self._writer.rows("networks_of_form", {"form": form_key})}
        return Outcome(
            people=_distinct_people(batch),
            responses=answers.added,
            networks=networks,
            form_key=form_key,
            latest=latest,
            stale=bool(older and not fresh),
        )

    # -- forms and versions ------------------------------------------------------------------------------------------

    def _form(self, hashes: dict[str, str]) -> tuple[str, dict[str, _Stored]]:
        """Find the stored form that this file is an export of; a form of its own if there is none."""
        headings = sorted({fold(c.heading) for c in self._parsed.columns})
        scope = f"{self._network.id if self._network else '-'}/{self._cohort.id if self._cohort else '-'}"
        fingerprint = hashlib.sha256(json.dumps(headings).encode()).hexdigest()[:16]
        base = f"{self._parsed.format}/{scope}/{fingerprint}"
        # A content-derived id may stand in two networks' anonymous forms; a tool's own id is the form's, whatever the
        # call says of its place.
        own_ids = not any(e.startswith("row:") for e in hashes)
        prefix = f"{self._parsed.format}/" if own_ids else f"{self._parsed.format}/{scope}/"
        candidates = [str(r[0]) for r in self._writer.rows("forms_like", {"prefix": prefix})]
        best: tuple[int, str, dict[str, _Stored]] = (0, "", {})
        twins = 0
        for form in candidates:
            stored = {s.external_id: s for s in (_Stored(*r) for r in self._writer.rows("stored_form", {"form": form}))}
            shared = [e for e in hashes if e in stored]
            same = sum(stored[e].content_hash == hashes[e] for e in shared)
            # Ids such as 1, 2, 3 come again in every form: there, most shared rows must also be unchanged.
            if shared and (self._parsed.format in GLOBAL_IDS or same * 2 >= len(shared)):
                best = max(best, (len(shared), form, stored), key=lambda b: b[0])
            elif shared and form.startswith(base):
                twins += 1
        if best[0]:
            places = self._writer.rows("networks_of_form", {"form": best[1]})
            if self._network is None and len(places) == 1:
                self._network = self._scope.network_by_id(int(places[0][0]))
            return best[1], best[2]
        if twins:
            self._parsed.account.issues.append(
                Issue(
                    "another_form",
                    "The headings are those of a form that is there already, but most responses with the same id "
                    "differ: it was taken for another form.",
                )
            )
        number = sum(c.startswith(base) for c in candidates) + 1
        return f"{base}#{number}", {}

    def _set_aside_vanished(self, present: set[str], stored: dict[str, _Stored]) -> None:
        current = [row for row in stored.values() if row.status == "current"]
        gone = [row for row in current if row.external_id not in present]
        if len(gone) * 2 > len(current):
            self._parsed.account.issues.append(
                Issue(
                    "partial_export",
                    f"{len(gone)} of {len(current)} earlier responses are not in this file. It was taken for an export "
                    "of part of the form, and they still count.",
                )
            )
            return
        for row in gone:
            self._writer.run("vanish_submission", {"submission": row.id})
            self._parsed.account.issues.append(
                Issue(
                    "vanished_response",
                    f"Response {row.external_id[:40]} of an earlier export is not in this one: it was set aside and no "
                    "longer counts. Nothing was deleted.",
                )
            )

    # -- people and places -------------------------------------------------------------------------------------------

    def _record_people(self, form_key: str, submissions: Iterable[Submission]) -> dict[str, int]:
        """One person per record id; a record whose e-mail is known belongs to that person."""
        by_record: dict[str, list[Submission]] = defaultdict(list)
        for submission in submissions:
            if submission.record_id:
                by_record[submission.record_id].append(submission)
        found: dict[str, int] = {}
        for record, rows in by_record.items():
            value = f"{form_key}:{record}"
            person = self._people.find("record", value)
            emails = [(e, s.origin.row) for s in rows if (e := email_value(s.fields.get("email", "")))]
            if person is None:
                person = next((p for e, _ in emails if (p := self._people.find("email", e)) is not None), None)
            if person is None:
                person = self._people.new()
            self._people.identify(person, "record", value, rows[0].origin.row)
            for email, row in emails:
                self._people.identify(person, "email", email, row)
            found[record] = person
        return found

    def _place(self, submission: Submission) -> tuple[Network, Cohort, Session | None]:
        scope, fields = self._scope, submission.fields
        named = submission.group or fields.get("network", "")
        network = self._network or (scope.find_network(named) if named else None) or scope.network(named or UNASSIGNED)
        cohort = (
            self._cohort
            or scope.find_cohort(network.id, fields.get("cohort", ""))
            or scope.find_cohort(network.id, number=submission.arm)
        )
        if network.id not in self._sessions:
            self._sessions[network.id] = scope.sessions(network.id)
        sessions = self._sessions[network.id]
        if cohort is None and fields.get("cohort"):
            cohort = scope.cohort(network.id, fields["cohort"])
        if cohort is None:
            only = scope.cohorts(network.id)
            cohort = only[0] if len(only) == 1 else scope.cohort(network.id, UNASSIGNED)
        return network, cohort, self._session(submission, cohort, sessions)

    def _session(self, submission: Submission, cohort: Cohort, sessions: list[Session]) -> Session | None:
        if submission.wave not in (WaveKind.PRE_SESSION, WaveKind.POST_SESSION):
            return None
        own = [s for s in sessions if s.cohort_id == cohort.id]
        digits = [int(t) for t in fold(submission.fields.get("session_no", "")).split() if t.isdecimal()]
        if digits:
            found = next((s for s in own if s.number == digits[0]), None)
            if found is None:
                self._issue(
                    "unknown_session",
                    f"The answers name session {digits[0]}, which {cohort.name} does not have; "
                    "they are kept without a session.",
                    submission,
                )
            return found
        moment = self._scope.to_utc(submission.submitted)
        near = [s for s in own if moment is not None and abs(s.start - moment) <= timedelta(days=1)]
        return near[0] if len(near) == 1 else None

    def _discipline(self, submission: Submission, person: int | None) -> str:
        raw = submission.fields.get("discipline", "")
        code = self._definitions.find_discipline(raw) if raw else None
        if raw and code is None:
            code = "other"
            self._issue(
                "unknown_discipline",
                f"Discipline '{raw[:40]}' is not on the list and counts as other.",
                submission,
            )
        if person is not None:
            if raw:
                self._people.describe(person, "discipline", raw, code or "other", submission.origin.row)
            return code or self._people.attribute(person, "discipline") or "unknown"
        return code or "unknown"

    # -- rows --------------------------------------------------------------------------------------------------------

    def _add(
        self,
        new_id: int,
        submission: Submission,
        external: str,
        digest: str,
        form_key: str,
        status: str,
        records: dict[str, int],
        batch: list[dict[str, Any]],
        answers: AnswerRows,
    ) -> int:
        network, cohort, session = self._place(submission)
        person, person_key, key_kind = self._who(submission, network, records)
        instrument = answers.add(self._writer, new_id, submission)
        batch.append(
            {
                "id": new_id,
                "file_id": self._file_id,
                "sheet": submission.origin.sheet,
                "row_no": submission.origin.row,
                "form_key": form_key,
                "external_id": external,
                "content_hash": digest,
                "status": status,
                "network_id": network.id,
                "cohort_id": cohort.id,
                "session_id": session.id if session else None,
                "instrument": instrument,
                "wave": submission.wave.value,
                "event": submission.event,
                "person_key": person_key,
                "person_id": person,
                "own_person_id": person,
                "key_kind": key_kind,
                "discipline": self._discipline(submission, person),
                "started_utc": self._scope.to_utc(submission.started),
                "submitted_utc": self._scope.to_utc(submission.submitted),
                "complete": submission.complete,
                "preview": submission.preview,
            }
        )
        return network.id

    def _who(
        self, submission: Submission, network: Network, records: dict[str, int]
    ) -> tuple[int | None, str | None, str | None]:
        if submission.record_id:
            person = records[submission.record_id]
            return person, f"p{person}", "person"
        code = normalise_code(submission.fields.get("sgic", ""))
        if code:
            # A code is never tied to a named person here: anonymous answers stay anonymous.
            key = code_key(self._people.key, network.id, code)
            self._codes[key] = (network.id, code)
            return None, key, "sgic"
        email = email_value(submission.fields.get("email", ""))
        if not email:
            return None, None, None
        person_id = self._people.find("email", email)
        if person_id is None:
            person_id = self._people.new()
            self._people.identify(person_id, "email", email, submission.origin.row)
        return person_id, f"p{person_id}", "person"

    def _new_codes(self) -> list[dict[str, str]]:
        known = {str(k) for (k,) in self._writer.rows("known_codes")} if self._codes else set()
        return [
            row
            for key, (network_id, code) in self._codes.items()
            if key not in known
            for row in code_forms(self._people.key, key, network_id, code)
        ]

    def _check(self, answer: Answer, item: Item, raw: str, submission: Submission) -> None:
        if answer.missing == "out_of_range":
            self._issue(
                "out_of_range",
                f"'{raw[:40]}' is outside {item.scale.name}; the answer is kept but not counted.",
                submission,
                item.code,
            )
        elif answer.missing == "unreadable":
            self._issue(
                "unreadable_answer",
                f"'{raw[:40]}' is no answer of {item.scale.name}; it is kept but not counted.",
                submission,
                item.code,
            )

    def _issue(self, code: str, message: str, submission: Submission, column: str | None = None) -> None:
        self._parsed.account.issues.append(
            Issue(code, message, row=submission.origin.row, column=column, sheet=submission.origin.sheet)
        )


def _distinct_people(rows: list[dict[str, Any]]) -> int:
    """Distinct known people, and every anonymous response as one."""
    keys = [r["person_key"] for r in rows]
    return len({k for k in keys if k}) + sum(k is None for k in keys)
