"""`forget PERSON`: takes a person out of the store for good, and says where else they may stand."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from echo_metrics.access import audit
from echo_metrics.access.audit import Action
from echo_metrics.demo import default_store_path
from echo_metrics.errors import UserError
from echo_metrics.ingest.forget import allow_again, find_target, forget
from echo_metrics.store import Control, Store, control_path
from echo_metrics.store.rewrite import rewrite
from echo_metrics.whereabouts import as_json, whereabouts, words


def add_parsers(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser("forget", parents=[shared], help="remove a person from the store for good")
    parser.add_argument("person", metavar="PERSON", help="e-mail address, full name, or number in the store")
    parser.add_argument("--code", action="store_true", help="PERSON is a self-generated code; name its --network")
    parser.add_argument("--network", default="", help="the network that the code belongs to")
    parser.add_argument("--yes", action="store_true", help="do it; without this, only say what would go")
    parser.add_argument("--allow-again", action="store_true", help="withdraw the request: later files count again")
    parser.set_defaults(run=_forget)


def _forget(options: argparse.Namespace) -> int:
    path: Path = options.store or default_store_path()
    if not path.exists():
        raise UserError(f"There is no store at {path}.")
    if options.allow_again:
        return _allow(path, options)
    with Store.open(path) as store:
        target = find_target(store, options.person, options.network, options.code)
        done = forget(store, target, audit.LOCAL, rehearse=not options.yes)
        places = whereabouts(store, target, done)
    if options.yes:
        # Deleted rows stand in the file's free blocks until it is written anew.
        rewrite(path)
        detail: dict[str, audit.Detail] = {"people": done.people, "rows": done.rows}
        with Control.open(control_path(path)) as control:
            # Never whom: the audit outlives the request.
            audit.record(control, audit.LOCAL, Action.FORGOTTEN, "a person", detail)
    document = as_json(done, places, options.yes)
    if options.json:
        print(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        print("\n".join(words(done, places, options.yes)))
    return 0


def _allow(path: Path, options: argparse.Namespace) -> int:
    with Store.open(path) as store:
        gone = allow_again(store, options.person)
    with Control.open(control_path(path)) as control:
        audit.record(control, audit.LOCAL, Action.ALLOWED_AGAIN, "a person", {"hashes": gone})
    if options.json:
        print(json.dumps({"allowed_again": True, "tombstones_removed": gone}))
    else:
        print("The request was withdrawn. What was removed stays removed; files that come from now on count again.")
    return 0
