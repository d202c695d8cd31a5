"""The command line: the headless twin of the dashboard. Exit 0 done, 1 the user's input was refused, 2 usage."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from echo_metrics import commands_access, commands_forget, commands_roi, commands_sharing, inbox
from echo_metrics.access import LOCAL_OWNER, audit, view_as
from echo_metrics.access.audit import Action
from echo_metrics.answers import QUESTIONS, Answer, Filters, ask
from echo_metrics.answers.imports import row_of
from echo_metrics.demo import build_demo, default_store_path
from echo_metrics.doctor import examine
from echo_metrics.errors import UserError
from echo_metrics.ingest.load import detect_files, import_path
from echo_metrics.ingest.report import FileReport
from echo_metrics.reports.reconciliation import reconciliation_page
from echo_metrics.sharing import standing
from echo_metrics.store import Control, Store, control_path
from echo_metrics.table_files import as_json, check_rows, read_rows
from echo_metrics.terms import Role


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    logging.basicConfig(level=os.environ.get("ECHO_LOG", "WARNING"), format="%(levelname)s %(name)s: %(message)s")
    options = _parser().parse_args(arguments)
    try:
        command: Callable[[argparse.Namespace], int] = options.run
        return command(options)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read our output (head, less) stopped reading: nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--store", type=Path, help="the store file (default: ECHO_STORE, or data/echo.duckdb)")
    shared.add_argument("--json", action="store_true", help="print one JSON document")
    parser = argparse.ArgumentParser(prog="echo_metrics", description="Outcomes and return of Project ECHO programmes.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", parents=[shared], help="build the demonstration store")
    demo.add_argument("--if-missing", action="store_true", help="do nothing if the store is there already")
    demo.set_defaults(run=_demo)

    detect = commands.add_parser("detect", parents=[shared], help="say what files are, without importing them")
    detect.add_argument("files", nargs="+", type=Path, metavar="FILE")
    detect.set_defaults(run=_detect)

    load = commands.add_parser("import", parents=[shared], help="import files")
    load.add_argument("files", nargs="+", type=Path, metavar="FILE")
    load.add_argument("--network", default="", help="the network, where the files do not say")
    load.add_argument("--cohort", default="", help="the cohort, where the files do not say")
    load.add_argument("--dry-run", action="store_true", help="say what would happen and keep nothing")
    load.add_argument("--report", type=Path, metavar="FILE.html", help="write the reconciliation as a page")
    load.set_defaults(run=_import)

    question = commands.add_parser("ask", parents=[shared], help="ask a question; the answer that a screen draws")
    question.add_argument("question", metavar="QUESTION", help=", ".join(QUESTIONS))
    question.add_argument("--network", default="")
    question.add_argument("--cohort", default="")
    question.add_argument("--discipline", default="")
    question.add_argument("--measure", default="", help="only this measure's results")
    question.add_argument("--from", dest="start", type=_day, metavar="YYYY-MM-DD")
    question.add_argument("--to", dest="end", type=_day, metavar="YYYY-MM-DD")
    question.add_argument(
        "--exact-pairs", action="store_true", help="without pairs of codes that differ by one character"
    )
    question.add_argument("--as", dest="role", choices=[r.value for r in Role], default=Role.OWNER.value)
    question.set_defaults(run=_ask)

    commands_roi.add_parsers(commands, shared)

    statistic = commands.add_parser("statistic", help="compute statistics: one JSON request on stdin, or one a line")
    statistic.add_argument("--list", action="store_true", help="list the methods")
    statistic.set_defaults(run=_statistic)

    table = commands.add_parser("check-table", parents=[shared], help="do the rows of a printed results table close?")
    table.add_argument("file", type=Path, metavar="FILE", help="CSV, TOML or XLSX; see data/tables/published_rows.csv")
    table.set_defaults(run=_check_table)

    commands_sharing.add_parsers(commands, shared)
    commands_access.add_parsers(commands, shared)
    commands_forget.add_parsers(commands, shared)

    sweep = commands.add_parser("inbox", parents=[shared], help="import the files that wait in the inbox folder")
    sweep.add_argument("--folder", type=Path, help="default: ECHO_INBOX, or the folder inbox beside the store")
    sweep.set_defaults(run=_inbox)

    doctor = commands.add_parser("doctor", parents=[shared], help="check the store's invariants")
    doctor.set_defaults(run=_doctor)
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is not a date like 2020-06-30") from error


def _path(options: argparse.Namespace) -> Path:
    path: Path = options.store or default_store_path()
    return path


def _open(options: argparse.Namespace) -> Store:
    path = _path(options)
    if not path.exists():
        raise UserError(f"There is no store at {path}. Import files into it, or run the demo command.")
    return Store.open(path)


def _print(document: dict[str, Any]) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False, default=str))


# -- commands -----------------------------------------------------------------------------------------------------


def _demo(options: argparse.Namespace) -> int:
    path = _path(options)
    if options.if_missing and path.exists():
        if options.json:
            _print({"store": str(path), "files": []})
        return 0
    reports = build_demo(path, None if options.json else _print_report)
    if options.json:
        _print({"store": str(path), "files": [r.as_json() for r in reports]})
    else:
        print(f"The demonstration store is ready: {path}")
    return 0


def _detect(options: argparse.Namespace) -> int:
    path = _path(options)
    store = Store.open(path) if path.exists() else None
    try:
        found = detect_files(store, options.files)
    finally:
        if store is not None:
            store.close()
    if options.json:
        _print({"files": found})
    for entry in found:
        if "message" in entry:
            print(entry["message"], file=sys.stderr)
        elif not options.json:
            print(
                f"{entry['file']}: {entry['format']} ({entry['variant']}), "
                f"{entry['rows']} rows, {entry['people']} people"
            )
            columns: Any = entry["columns"]
            for column in columns:
                print(f"    {column['heading'][:60]} -> {column['maps_to']}")
    return 1 if any("message" in entry for entry in found) else 0


def _import(options: argparse.Namespace) -> int:
    with Store.open(_path(options)) as store:
        reports = [import_path(store, path, options.network, options.cohort, options.dry_run) for path in options.files]
    if options.report:
        page = reconciliation_page([row_of(r) for r in reports], datetime.now(UTC))
        options.report.write_text(page, encoding="utf-8")
    if options.json:
        _print({"files": [r.as_json() for r in reports]})
    for report in reports:
        if report.status == "refused":
            print(report.message, file=sys.stderr)
        elif not options.json:
            _print_report(report)
    if not options.dry_run:
        _note_imports(_path(options), reports)
    return 1 if any(r.status == "refused" for r in reports) else 0


def _note_imports(store: Path, reports: Sequence[FileReport]) -> None:
    with Control.open(control_path(store)) as control:
        for report in reports:
            detail: dict[str, audit.Detail] = {"status": report.status, "rows": report.rows_read}
            audit.record(control, audit.LOCAL, Action.IMPORTED, report.file[:200], detail)


def _print_report(report: FileReport) -> None:
    rules = ", ".join(f"{n} {rule}" for rule, n in report.rows_ignored.items())
    ignored = f"{sum(report.rows_ignored.values())} ignored" + (f" ({rules})" if rules else "")
    print(
        f"{report.file}: {report.status} as {report.format}; {report.rows_read} rows read = "
        f"{report.rows_loaded} loaded + {report.rows_quarantined} quarantined + {ignored}"
    )
    for held in report.quarantined:
        print(f"    row {held.origin.row} quarantined: {held.message}")
    for a in report.corrections:
        place = f"row {a.row}: " if a.row else ""
        what = f"corrected, '{a.was}' became '{a.became}'" if a.applied else f"a correction did not fit: {a.became}"
        print(f"    {place}{a.column}: {what} ({a.correction.reason}; reviewed by {a.correction.reviewed_by})")
    for issue in report.issues:
        place = f"row {issue.row}: " if issue.row else ""
        print(f"    {place}{issue.message}")


def _ask(options: argparse.Namespace) -> int:
    filters = Filters(
        options.network, options.cohort, options.discipline, options.start, options.end, options.exact_pairs
    )
    viewer = view_as(LOCAL_OWNER, Role(options.role))
    with _open(options) as store:
        if viewer.role is Role.LEADER:
            with Control.open(control_path(store.path)) as control:
                answer = standing.leaders_answer(store, control, viewer, options.question, filters)
        else:
            answer = ask(store, options.question, filters, viewer, options.measure)
    if options.measure:
        known = {r.measure for r in answer.results}
        if options.measure not in known:
            there = ", ".join(sorted(known)) or "none, there is nothing to show for these filters"
            raise UserError(f"'{options.question}' has no measure '{options.measure}'. There are: {there}.")
    if options.json:
        document = answer.as_json()
        if options.measure:
            document["results"] = [r for r in document["results"] if r["measure"] == options.measure]
        _print(document)
    else:
        _print_answer(answer, options.measure)
    return 0


def _print_answer(answer: Answer, measure: str) -> None:
    trail = answer.trail.as_json()
    print(" > ".join(f"{name} {'not known' if n is None else n}" for name, n in trail.items()))
    for note in answer.trail.notes:
        print(f"({note})")
    if answer.empty_reason:
        print(answer.empty_reason)
    for result in answer.results:
        if measure and result.measure != measure:
            continue
        group = "" if result.group.kind in ("all", "item") else f" [{result.group.label}]"
        print(f"\n{result.label}{group}\n  {result.sentence}")
        if result.reason and result.reason not in result.sentence:
            print(f"  {result.reason}")
    print(f"\nData version {answer.data_version}, as {answer.audience.value}.")
    if answer.synthetic:
        print("Synthetic demonstration data: no real people, answers or amounts.")


def _statistic(options: argparse.Namespace) -> int:
    from echo_metrics.statistic_requests import METHODS, answer_text

    if options.list:
        print("\n".join(METHODS))
        return 0
    refused = False
    # A refused request gets a reply of its own, so that line N of the replies answers request N.
    for reply in answer_text(sys.stdin.read()):
        print(json.dumps(reply, ensure_ascii=False, allow_nan=False))
        if "error" in reply:
            refused = True
            print(reply["error"], file=sys.stderr)
    return 1 if refused else 0


def _check_table(options: argparse.Namespace) -> int:
    rows = read_rows(options.file)
    checks = check_rows(rows)
    if options.json:
        _print(as_json(rows, checks))
        return 0
    for row, check in zip(rows, checks, strict=True):
        print(f"{row.name}: {'closes' if check.closes else 'does not close'}")
        for finding in check.findings:
            print(f"    {finding.severity.replace('_', ' ')}: {finding.message}")
        if row.ignored:
            print(f"    columns not read: {', '.join(row.ignored)}")
    return 0


def _inbox(options: argparse.Namespace) -> int:
    folder = options.folder or inbox.folder_of(_path(options))
    if not folder.is_dir():
        raise UserError(f"There is no inbox folder {folder}. Make it, or name another with --folder.")
    with Store.open(_path(options)) as store, Control.open(control_path(store.path)) as control:
        reports = inbox.sweep(store, control, folder, quiet=0)
    if options.json:
        _print({"files": [r.as_json() for r in reports]})
    else:
        for report in reports:
            _print_report(report)
        if not reports:
            print(f"Nothing waits in {folder}.")
    return 1 if any(r.status == "refused" for r in reports) else 0


def _doctor(options: argparse.Namespace) -> int:
    with _open(options) as store:
        findings = examine(store)
    if options.json:
        _print({"healthy": not any(f.rows for f in findings), "checks": [f.as_json() for f in findings]})
    else:
        for finding in findings:
            mark = "ok " if not finding.rows else "BAD"
            print(f"{mark} {finding.check}" + (f": {finding.rows} rows. {finding.remedy}" if finding.rows else ""))
    return 1 if any(f.rows for f in findings) else 0
