"""Imports one file: one transaction, everything accounted for, a file seen before changes nothing."""

from __future__ import annotations

import gc
import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from echo_metrics import __version__
from echo_metrics.definitions import Definitions, load_definitions
from echo_metrics.errors import FileRefused, StoreFull, UserError
from echo_metrics.ingest.corrections import Applied, correct_document, correct_parsed, place_of
from echo_metrics.ingest.declared import corrections_for, keep_applied, load_corrections
from echo_metrics.ingest.describe import describe
from echo_metrics.ingest.detect import parse
from echo_metrics.ingest.findings import look_over
from echo_metrics.ingest.forgotten import Tombstones, leave_out
from echo_metrics.ingest.load_meetings import load_meetings
from echo_metrics.ingest.load_programme import (
    load_dictionary,
    load_ledger,
    load_programme,
    load_registrations,
)
from echo_metrics.ingest.load_surveys import SurveyLoader
from echo_metrics.ingest.load_tables import TableLoader
from echo_metrics.ingest.maps import ColumnMap, applied, find_map
from echo_metrics.ingest.merges import apply_merges
from echo_metrics.ingest.pairing import pair_answers
from echo_metrics.ingest.people import People
from echo_metrics.ingest.readers.base import Context
from echo_metrics.ingest.records import Parsed
from echo_metrics.ingest.report import FileReport
from echo_metrics.ingest.scope import UNASSIGNED, Cohort, Network, Scope, zone
from echo_metrics.ingest.source import Document, open_document, read_file
from echo_metrics.ingest.undo import keep_journal
from echo_metrics.own_definitions import definitions_of
from echo_metrics.store import Store, Writer

log = logging.getLogger(__name__)

MONTH_FIRST = frozenset({"US", "CA", "PH", ""})
"""Countries whose tools write the month first unless told otherwise; a hub without a country is read so too."""


class _DryRun(Exception):
    """Raised inside the transaction so that nothing of a rehearsal is kept."""


def import_path(
    store: Store,
    path: Path,
    network: str = "",
    cohort: str = "",
    dry_run: bool = False,
    synthetic: bool = False,
) -> FileReport:
    """Import the file at `path`. Never raises for bad input: a refused file's report says why.

    Raises `StoreFull` where the disk has no room: that says nothing of the file.
    """
    try:
        document = [read_file(path)]
    except FileRefused as error:
        return _refusal(path.name, error)
    # Handed over, not kept: the cells of a large file would take room until the end.
    return import_document(store, document.pop(), network, cohort, dry_run, synthetic)


def import_bytes(
    store: Store,
    name: str,
    data: bytes,
    network: str = "",
    cohort: str = "",
    dry_run: bool = False,
    chosen: ColumnMap | None = None,
) -> FileReport:
    """Import an uploaded file's bytes, as `import_path` does."""
    try:
        document = [open_document(name, data)]
    except FileRefused as error:
        return _refusal(name, error)
    return import_document(store, document.pop(), network, cohort, dry_run, chosen=chosen)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Rest Python's collector of cycles: a large file makes millions of small objects, none of them in a cycle, and
    looking through them again and again costs more than reading them."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def import_document(
    store: Store,
    document: Document,
    network: str = "",
    cohort: str = "",
    dry_run: bool = False,
    synthetic: bool = False,
    chosen: ColumnMap | None = None,
) -> FileReport:
    """Import an opened document in one transaction. `network` and `cohort` place it where the file does not say.

    `chosen` is what somebody says of its columns now; without it the map remembered for its headings applies.
    """
    with _collector_at_rest():
        definitions = definitions_of(store)
        known = store.rows("find_file", {"sha256": document.sha256})
        if known:
            return _already(document.name, known[0])
        corrections = corrections_for(store, document)
        try:
            document, told = correct_document(document, corrections)
            said = chosen or find_map(store, document)
            if said is not None:
                document, definitions = applied(document, definitions, said)
                network, cohort = network or said.network, cohort or said.cohort
            parsed = parse(document, _context(store, definitions))
            told += correct_parsed(parsed, corrections)
            moved_to, moved_cohort = place_of(corrections)
            network, cohort = moved_to or network, moved_cohort or cohort
        except FileRefused as error:
            return _refusal(document.name, error)
        # What was read stands in `parsed`; the file's own cells would only take room from here on.
        document = replace(document, tables=(), text="")
        report: FileReport | None = None
        try:
            with store.write() as writer:
                # Asked again under the write lock: another thread may have brought the same file meanwhile.
                known = writer.rows("find_file", {"sha256": document.sha256})
                if known:
                    return _already(document.name, known[0])
                leave_out(parsed, Tombstones.of(writer, store.hashed))
                report = _load(store, writer, document, parsed, definitions, network, cohort, synthetic, told)
                if dry_run:
                    raise _DryRun
        except _DryRun:
            log.info("rehearsed %s import: nothing kept", parsed.format)
        except StoreFull:
            raise  # nothing is wrong with the file: it can come again
        except UserError as error:
            return _refusal(document.name, error, parsed)
        assert report is not None  # _load returned, or an exception left this function
        return replace(report, mapped=said is not None)


def detect_files(store: Store | None, paths: Sequence[Path]) -> list[dict[str, object]]:
    """Say what each file is and what its columns would map to, without writing anything."""
    context = _context(store, definitions_of(store)) if store else Context(load_definitions())
    return [describe(path, context) for path in paths]


def _context(store: Store, definitions: Definitions) -> Context:
    hubs = store.rows("hubs")
    choices = {str(code): json.loads(text) for code, text in store.rows("choices")}
    order = "mdy" if not hubs or hubs[0][2] in MONTH_FIRST else "dmy"
    local = zone(str(hubs[0][3])) if hubs else zone("UTC")
    days = frozenset(start.replace(tzinfo=UTC).astimezone(local).date() for (start,) in store.rows("session_starts"))
    return Context(definitions, choices, order, days)


def _load(
    store: Store,
    writer: Writer,
    document: Document,
    parsed: Parsed,
    definitions: Definitions,
    network_name: str,
    cohort_name: str,
    synthetic: bool,
    told: Sequence[Applied],
) -> FileReport:
    (file_id,) = writer.new_ids("source_file")
    writer.journal = []
    scope = Scope(writer, file_id, parsed.account.issues)
    people = People(writer, scope.hub_id, file_id, store.hashed)
    network = scope.network(network_name) if network_name else None
    if cohort_name and network is None:
        raise UserError(f"A cohort ('{cohort_name}') was named without its network. Name the network too.")
    cohort = scope.cohort(network.id, cohort_name) if network and cohort_name else None
    seen, responses, status, form_key, latest = 0, 0, "loaded", None, None
    touched: set[int] = set()
    if parsed.programme is not None:
        load_programme(parsed.programme, writer, scope, people, parsed.account)
    if parsed.ledger is not None:
        touched.add(load_ledger(parsed, writer, scope, document.name, file_id).id)
    if parsed.registrations:
        home = _registration_home(scope, network, cohort)
        seen = load_registrations(parsed, writer, scope, people, definitions, home, file_id)
        touched.add(home.network_id)
    if parsed.corrections is not None:
        load_corrections(parsed, writer, file_id)
    keep_applied(writer, file_id, told)
    if parsed.dictionary:
        load_dictionary(parsed, writer, file_id)
    if parsed.meetings:
        seen, touched = load_meetings(parsed, writer, scope, people, network, cohort, file_id)
    if parsed.submissions:
        outcome = SurveyLoader(parsed, writer, scope, people, definitions, network, cohort, file_id).load()
        seen, responses, form_key, latest = (
            outcome.people,
            outcome.responses,
            outcome.form_key,
            outcome.latest,
        )
        touched |= outcome.networks
        status = "superseded" if outcome.stale else "loaded"
    if parsed.table:
        touched |= TableLoader(parsed, writer, scope, file_id, network, cohort).load()
    if parsed.programme is not None:
        touched |= {int(row[0]) for row in writer.rows("networks_to_match")}
    if parsed.submissions or parsed.registrations or parsed.programme is not None:
        apply_merges(writer)
        pair_answers(writer, touched)
    look_over(parsed, writer, definitions, file_id)
    account = parsed.account
    report = FileReport(
        file=document.name,
        format=parsed.format,
        variant=parsed.variant,
        status=status,
        rows_read=account.read,
        rows_loaded=account.loaded,
        rows_quarantined=len(account.quarantined),
        rows_ignored=dict(account.ignored),
        people=seen,
        connections=parsed.connections_added,
        responses=responses,
        issues=tuple(account.issues),
        quarantined=tuple(account.quarantined),
        why=parsed.why,
        columns=parsed.columns,
        corrections=tuple(told),
    )
    if not report.balanced:
        raise RuntimeError(f"{parsed.format}: the account of {document.name} does not balance")
    _record(
        writer,
        document,
        parsed,
        report,
        file_id,
        network_name,
        cohort_name,
        scope,
        form_key,
        latest,
        synthetic,
    )
    keep_journal(writer, file_id)
    writer.touch()
    return report


def _registration_home(scope: Scope, network: Network | None, cohort: Cohort | None) -> Cohort:
    place = network or scope.network(UNASSIGNED)
    if cohort is not None:
        return cohort
    only = scope.cohorts(place.id)
    return only[0] if len(only) == 1 else scope.cohort(place.id, UNASSIGNED)


def _record(
    writer: Writer,
    document: Document,
    parsed: Parsed,
    report: FileReport,
    file_id: int,
    network_name: str,
    cohort_name: str,
    scope: Scope,
    form_key: str | None,
    latest: datetime | None,
    synthetic: bool,
) -> None:
    """Write the file's own row, its account, issues, quarantine and column map."""
    writer.insert(
        "source_file",
        [
            {
                "id": file_id,
                "sha256": document.sha256,
                "name": document.name,
                "size": document.size,
                "format": parsed.format,
                "variant": parsed.variant,
                "encoding": document.encoding or "workbook",
                "header_row": parsed.header_row,
                "date_order": parsed.date_order,
                "tz": f"stated: {parsed.timezone}" if parsed.timezone else scope.zone_name,
                "said_network": network_name,
                "said_cohort": cohort_name,
                "form_key": form_key,
                "latest_answer": latest,
                "status": report.status,
                "rows_read": report.rows_read,
                "rows_loaded": report.rows_loaded,
                "rows_quarantined": report.rows_quarantined,
                "people": report.people,
                "connections": report.connections,
                "responses": report.responses,
                "synthetic": synthetic,
                "loaded_at": datetime.now(UTC).replace(tzinfo=None),
                "reader_version": __version__,
            }
        ],
    )
    writer.insert(
        "ignored_rows",
        [{"file_id": file_id, "rule": rule, "n": n} for rule, n in report.rows_ignored.items()],
    )
    writer.insert(
        "quarantined_row",
        [
            {
                "file_id": file_id,
                "sheet": q.origin.sheet,
                "row_no": q.origin.row,
                "column_name": q.column,
                "code": q.code,
                "message": q.message,
                "cells": json.dumps(q.cells, ensure_ascii=False),
            }
            for q in report.quarantined
        ],
    )
    writer.insert(
        "load_issue",
        [
            {
                "file_id": file_id,
                "sheet": i.sheet,
                "row_no": i.row,
                "column_name": i.column,
                "severity": i.severity,
                "code": i.code,
                "message": i.message,
            }
            for i in report.issues
        ],
    )
    writer.insert(
        "column_map",
        [
            {
                "file_id": file_id,
                "position": c.position,
                "heading": c.heading,
                "maps_to": c.maps_to,
                "confidence": c.confidence,
            }
            for c in parsed.columns
        ],
    )


def _already(name: str, known: tuple[Any, ...]) -> FileReport:
    format_, variant, rows, network, cohort = known
    place = ", ".join(p for p in (network, cohort) if p)
    return FileReport(
        name,
        format_,
        variant,
        "already",
        rows_read=rows,
        rows_ignored={"already imported": rows},
        message=f"{name} was imported before{f' for {place}' if place else ''}; nothing changed.",
    )


def _refusal(name: str, error: UserError, parsed: Parsed | None = None) -> FileReport:
    return FileReport(
        file=name,
        format=parsed.format if parsed else "",
        variant=parsed.variant if parsed else "",
        status="refused",
        message=str(error),
    )
