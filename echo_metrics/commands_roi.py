"""The command line's return on investment: `roi LEDGER`, with other numbers, as a workbook, or from a preset."""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path
from typing import Any

from echo_metrics.answers.ledgers import Draft, draft_of
from echo_metrics.answers.model import Result
from echo_metrics.answers.roi import with_changes
from echo_metrics.charts.wording import number
from echo_metrics.definitions.presets import PRESETS, preset_text
from echo_metrics.demo import default_store_path
from echo_metrics.errors import UserError
from echo_metrics.ingest.ledger_document import ledger_document
from echo_metrics.ingest.source import read_file
from echo_metrics.ledger_files.toml_text import to_toml
from echo_metrics.ledger_files.workbook import to_workbook
from echo_metrics.store import Store

MOST = 5
"""Assumptions that the printed tornado and break-even list; JSON holds all."""


def add_parsers(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Register `roi` with the program's commands."""
    roi = commands.add_parser("roi", parents=[shared], help="figures of a ledger file, with the store's quantities")
    roi.add_argument("ledger", type=Path, nargs="?", metavar="LEDGER", help="TOML or XLSX; data/demo/roi documents it")
    roi.add_argument(
        "--set", action="append", default=[], metavar="INPUT=VALUE", help="another base value; may be repeated"
    )
    roi.add_argument("--save", type=Path, metavar="FILE", help="write the ledger as .xlsx (with formulas) or .toml")
    roi.add_argument("--preset", metavar="NAME", help=f"print a ledger to start from: {', '.join(PRESETS)}")
    roi.add_argument("--network", default="", help="the network to write into a preset")
    roi.add_argument("--cohort", default="", help="the cohort to write into a preset")
    roi.set_defaults(run=_roi)


def _roi(options: argparse.Namespace) -> int:
    if options.preset:
        print(preset_text(options.preset, options.network, options.cohort), end="")
        return 0
    if options.ledger is None:
        raise UserError("Name a ledger file, or a preset to start from with --preset.")
    if options.set and options.save:
        raise UserError("--save writes the ledger as it stands and --set only tries other numbers; use one at a time.")
    changes = _changes(options.set)
    body = ledger_document(read_file(options.ledger))
    path: Path = options.store or default_store_path()
    store = Store.open(path) if path.exists() else None
    try:
        draft = draft_of(store, body)
    finally:
        if store is not None:
            store.close()
    results = list(draft.results)
    if changes:
        results = list(with_changes(results[-1], changes).values())
    if options.save:
        _save(draft, options.save)
    if options.json:
        document = {"ledger": options.ledger.name, "changes": changes, "results": [r.as_json() for r in results]}
        print(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False, default=str))
    else:
        _print(results)
    return 0


def _changes(pairs: list[str]) -> dict[str, float]:
    changes = {}
    for pair in pairs:
        key, _, value = pair.rpartition("=")
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not key.strip() or not math.isfinite(number):
            raise UserError(f"--set takes INPUT=VALUE, such as travel.deadweight=0.8; '{pair}' was given.")
        changes[key.strip()] = number
    return changes


def _save(draft: Draft, path: Path) -> None:
    if path.suffix.lower() == ".xlsx":
        path.write_bytes(to_workbook(draft.ledger, draft.model))
    elif path.suffix.lower() == ".toml":
        path.write_text(to_toml(draft.ledger), encoding="utf-8")
    else:
        raise UserError(f"--save writes .xlsx or .toml, not '{path.suffix or path.name}'.")
    print(f"Written: {path}", file=sys.stderr)


def _print(results: list[Result]) -> None:
    ledger = results[-1]
    for result in results:
        print(f"{result.label}: {result.sentence}")
    currency = ledger.extra["currency"]
    print("\nWhat matters most (net benefit with one assumption at its low and its high value):")
    for bar in ledger.extra["tornado"][:MOST]:
        print(f"  {bar['label']}: {currency} {number(bar['at_low'], 0)} to {number(bar['at_high'], 0)}")
    found = [t for t in ledger.extra["thresholds"] if t["value"] is not None][:MOST]
    if found or ledger.extra["pays_back_if"]:
        print("\nBreak-even:")
    for sentence in ledger.extra["pays_back_if"]:
        print(f"  {sentence}")
    for t in found:
        print(f"  {t['label']}: the net benefit is zero at {t['value']:,.4g} ({t['key']})")
    for note in ledger.notes:
        print(f"\nNote: {note}")
