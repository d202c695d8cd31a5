"""What was imported and what came of every row: the reconciliation, for those who may see the files."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from echo_metrics.access import Viewer
from echo_metrics.errors import NotAllowed
from echo_metrics.ingest.findings import Finding as Finding
from echo_metrics.ingest.findings import grouped
from echo_metrics.ingest.report import FileReport
from echo_metrics.store import Store
from echo_metrics.terms import Role


@dataclass(frozen=True)
class IssueRow:
    """One thing the hub should know about a file or one of its rows."""

    sheet: str
    row: int | None
    column: str | None
    severity: str
    code: str
    message: str


@dataclass(frozen=True)
class QuarantineRow:
    """One row that could not be read. `cells` are shown to the owner only: they are somebody's data."""

    sheet: str
    row: int
    column: str
    code: str
    message: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class CorrectionRow:
    """What a declared correction did to one place of a file; not `applied`: `became` says why."""

    sheet: str
    row: int | None
    column: str
    was: str
    became: str
    reason: str
    reviewed_by: str
    applied: bool


@dataclass(frozen=True)
class ImportRow:
    """One imported file with its account."""

    id: int
    name: str
    format: str
    variant: str
    status: str
    rows_read: int
    rows_loaded: int
    rows_quarantined: int
    ignored: tuple[tuple[str, int], ...]
    people: int
    connections: int
    responses: int
    loaded_at: datetime
    synthetic: bool
    issues: tuple[IssueRow, ...]
    quarantined: tuple[QuarantineRow, ...]
    corrections: tuple[CorrectionRow, ...] = ()
    message: str = ""
    """Why a file was refused; '' for one that is in the store."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Its issues by kind, counted, with what to do."""
        return grouped(self.issues, dict(self.ignored))

    @property
    def equation(self) -> str:
        """The reconciliation equation in words."""
        ignored = sum(n for _, n in self.ignored)
        return (
            f"{self.rows_read:,} read = {self.rows_loaded:,} loaded + {self.rows_quarantined:,} quarantined + "
            f"{ignored:,} ignored"
        )


def imports(store: Store, viewer: Viewer) -> list[ImportRow]:
    """All imports, newest first. Raises `NotAllowed` for leaders and funders; evaluators see no quarantined cells."""
    _may_see_files(viewer)
    ignored: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for file_id, rule, n in store.rows("ignored_of_files"):
        ignored[file_id].append((rule, n))
    issues: dict[int, list[IssueRow]] = defaultdict(list)
    for file_id, *rest in store.rows("issues_of_files"):
        issues[file_id].append(IssueRow(*rest))
    held: dict[int, list[QuarantineRow]] = defaultdict(list)
    for file_id, sheet, row, column, code, message, cells in store.rows("quarantine_of_files"):
        shown = tuple(json.loads(cells)) if viewer.may_import else ()
        held[file_id].append(QuarantineRow(sheet, row, column, code, message, shown))
    corrected: dict[int, list[CorrectionRow]] = defaultdict(list)
    for file_id, *rest in store.rows("corrections_of_files"):
        own = CorrectionRow(*rest)
        corrected[file_id].append(own if viewer.may_import else replace(own, was="", became=""))
    return [
        ImportRow(
            id=r["id"],
            name=r["name"],
            format=r["format"],
            variant=r["variant"],
            status=r["status"],
            rows_read=r["rows_read"],
            rows_loaded=r["rows_loaded"],
            rows_quarantined=r["rows_quarantined"],
            ignored=tuple(ignored[r["id"]]),
            people=r["people"],
            connections=r["connections"],
            responses=r["responses"],
            loaded_at=r["loaded_at"],
            synthetic=r["synthetic"],
            issues=tuple(issues[r["id"]]),
            quarantined=tuple(held[r["id"]]),
            corrections=tuple(corrected[r["id"]]),
        )
        for r in store.records("files")
    ]


def row_of(report: FileReport) -> ImportRow:
    """An import that was just made, or refused, as the reconciliation shows it; for whoever made it."""
    return ImportRow(
        id=0,
        name=report.file,
        format=report.format,
        variant=report.variant,
        status=report.status,
        rows_read=report.rows_read,
        rows_loaded=report.rows_loaded,
        rows_quarantined=report.rows_quarantined,
        ignored=tuple(report.rows_ignored.items()),
        people=report.people,
        connections=report.connections,
        responses=report.responses,
        loaded_at=datetime.now(UTC).replace(tzinfo=None),
        synthetic=False,
        issues=tuple(IssueRow(i.sheet, i.row, i.column, i.severity, i.code, i.message) for i in report.issues),
        quarantined=tuple(
            QuarantineRow(q.origin.sheet, q.origin.row, q.column, q.code, q.message, q.cells)
            for q in report.quarantined
        ),
        corrections=tuple(
            CorrectionRow(
                a.sheet, a.row, a.column, a.was, a.became, a.correction.reason, a.correction.reviewed_by, a.applied
            )
            for a in report.corrections
        ),
        message=report.message,
    )


def _may_see_files(viewer: Viewer) -> None:
    if viewer.role not in (Role.OWNER, Role.EVALUATOR):
        raise NotAllowed(f"A {viewer.role.value} does not see the imported files.")
    if viewer.networks is not None:
        raise NotAllowed("The imported files are those of all networks; your account is limited to some.")
