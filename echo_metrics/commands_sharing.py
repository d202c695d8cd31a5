"""The commands about releases and links; `release attack` fails where a small group can be worked out."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from echo_metrics.access import LOCAL_OWNER, modes
from echo_metrics.demo import default_store_path
from echo_metrics.disclosure import Preset
from echo_metrics.errors import UserError
from echo_metrics.sharing import attack, links, registry
from echo_metrics.sharing.build import Request
from echo_metrics.sharing.links import Link, LinkStatus
from echo_metrics.sharing.registry import Entry, ReleaseStatus
from echo_metrics.sharing.release import PAGES, USUAL_PAGES, Breakdown, Release
from echo_metrics.store import Control, Store, control_path

Commands = Any
"""What argparse hands out for subcommands."""


def add_parsers(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Register `release create|list|show|attack` and `link create|list|pause|resume|rotate|revoke`."""
    _release_parsers(commands, shared)
    _link_parsers(commands, shared)


def _release_parsers(commands: Commands, shared: argparse.ArgumentParser) -> None:
    release = commands.add_parser("release", help="freeze figures, list releases, attack them")
    acts = release.add_subparsers(required=True, metavar="ACTION")
    create = acts.add_parser("create", parents=[shared], help="freeze a release")
    create.add_argument("title")
    create.add_argument("--preset", choices=[p.value for p in Preset], default=Preset.STANDARD.value)
    create.add_argument("--network", action="append", default=[], help="a network's key; all without")
    create.add_argument("--cohort", action="append", default=[], help="a cohort's name; all without")
    create.add_argument("--page", action="append", default=[], choices=list(PAGES), help="all but comments without")
    create.add_argument("--measure", action="append", default=[], help="all of the pages' measures without")
    create.add_argument(
        "--breakdown", action="append", choices=[b.value for b in Breakdown], help="default: cohort, discipline"
    )
    create.add_argument("--notes", default="")
    create.add_argument("--replaces", type=_number, metavar="R1", help="an earlier release that it takes the place of")
    create.add_argument("--dry-run", action="store_true", help="say what it would hide, and keep nothing")
    create.set_defaults(run=_create)
    acts.add_parser("list", parents=[shared], help="list releases").set_defaults(run=_list)
    show = acts.add_parser("show", parents=[shared], help="one release: what it holds and what it hides")
    show.add_argument("release", type=_number, metavar="R1")
    show.add_argument("--html", type=Path, metavar="FILE", help="write it as one self-contained page")
    show.set_defaults(run=_show)
    tried = acts.add_parser("attack", parents=[shared], help="attack all live releases together, or release files")
    tried.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="release documents (JSON) instead of the store's"
    )
    tried.set_defaults(run=_attack)


def _link_parsers(commands: Commands, shared: argparse.ArgumentParser) -> None:
    link = commands.add_parser("link", help="share a release by a link, list links, end them")
    acts = link.add_subparsers(required=True, metavar="ACTION")
    create = acts.add_parser("create", parents=[shared], help="make a link; its address is printed once")
    create.add_argument("release", type=_number, metavar="R1")
    create.add_argument("--recipient", required=True)
    create.add_argument("--purpose", required=True)
    create.add_argument("--until", type=_day, metavar="YYYY-MM-DD", help="last day (default: 90 days from now)")
    create.add_argument("--page", action="append", default=[], choices=list(PAGES), help="all of the release's without")
    create.add_argument("--network", default="", help="lock it to one network")
    create.add_argument("--cohort", default="", help="lock it to one cohort of the network")
    create.add_argument("--download", action="store_true", help="the recipient may download the figures")
    create.add_argument("--passcode-stdin", action="store_true", help="read a passcode from standard input")
    create.set_defaults(run=_link_create)
    acts.add_parser("list", parents=[shared], help="list links").set_defaults(run=_link_list)
    for name, status, words in (
        ("pause", LinkStatus.PAUSED, "stop a link until it is resumed"),
        ("resume", LinkStatus.LIVE, "let a paused link open again"),
        ("revoke", LinkStatus.REVOKED, "end a link for good"),
    ):
        act = acts.add_parser(name, parents=[shared], help=words)
        act.add_argument("link", type=_number, metavar="L1")
        act.set_defaults(run=_link_status(status))
    rotate = acts.add_parser("rotate", parents=[shared], help="a new address for the same recipient; the old one stops")
    rotate.add_argument("link", type=_number, metavar="L1")
    rotate.set_defaults(run=_link_rotate)


def _create(options: argparse.Namespace) -> int:
    request = Request(
        options.title,
        Preset(options.preset),
        tuple(options.network),
        tuple(options.cohort),
        tuple(options.page) or USUAL_PAGES,
        tuple(options.measure),
        tuple(Breakdown(b) for b in options.breakdown or (Breakdown.COHORT.value, Breakdown.DISCIPLINE.value)),
        options.notes,
    )
    with _store(options) as store, _control(options) as control:
        if options.dry_run:
            release = registry.preview(store, control, LOCAL_OWNER, request, options.replaces).release
            state = "not frozen"
        else:
            entry = registry.freeze(store, control, LOCAL_OWNER, request, options.replaces)
            release, state = registry.read(control, entry.number), entry.status.value
    if options.json:
        _print({**_summary(release), "status": state})
    else:
        print(f"{release.name} is {state}: {release.title}")
        _print_report(release)
    return 0


def _list(options: argparse.Namespace) -> int:
    with _control(options) as control:
        found = registry.releases(control)
    if options.json:
        _print({"releases": [_entry(e) for e in found]})
    for e in () if options.json else found:
        print(f"{e.name}  {e.status.value}  {e.preset.value}  {e.made:%Y-%m-%d}  {e.title}")
    return 0


def _show(options: argparse.Namespace) -> int:
    with _control(options) as control:
        release = registry.read(control, options.release)
    if options.html:
        from echo_metrics.server.share import file_of

        try:
            options.html.write_bytes(file_of(release))
        except OSError as error:
            raise UserError(f"{options.html} can't be written: {error.strerror}.") from error
    if options.json:
        _print(release.document())
    else:
        print(f"{release.name}: {release.title}\n{release.preset.words}; pages: {', '.join(release.pages)}")
        _print_report(release)
    return 0


def _attack(options: argparse.Namespace) -> int:
    if options.files:
        documents = [_document(path) for path in options.files]
    else:
        with _control(options) as control:
            live = [e for e in registry.releases(control) if e.status is ReleaseStatus.LIVE]
            documents = [registry.document_of(control, e.number) for e in live]
    found = attack.attack_documents(documents)
    broken = [f for f in found if f.broken]
    if options.json:
        _print(
            {
                "releases": [d["name"] for d in documents],
                "safe": not broken,
                "groups": [
                    {
                        "figure": f.figure,
                        "group": f.bound.target,
                        "people": {"low": f.bound.low, "high": f.bound.high},
                        "minimum": f.minimum,
                        "broken": f.broken or None,
                    }
                    for f in found
                ],
            }
        )
    else:
        print(f"releases: {len(documents)}; hidden groups tried: {len(found)}; worked out: {len(broken)}")
    for f in broken:
        print(f"{f.figure}, {f.bound.target}: {f.broken}", file=sys.stderr)
    return 1 if broken else 0


def _link_create(options: argparse.Namespace) -> int:
    passcode = sys.stdin.readline().rstrip("\r\n") if options.passcode_stdin else ""
    with _control(options) as control:
        pages = tuple(options.page) or registry.read(control, options.release).pages
        until = (options.until or (control.now() + links.USUAL).date()) + timedelta(days=1)
        request = links.Request(
            options.release,
            options.recipient,
            options.purpose,
            datetime.combine(until, time()),
            pages,
            options.network,
            options.cohort,
            options.download,
            passcode,
        )
        link, token = links.create(control, LOCAL_OWNER, request)
    _print_address(options, link, token)
    return 0


def _link_list(options: argparse.Namespace) -> int:
    with _control(options) as control:
        found, now = links.links(control), control.now()
    if options.json:
        _print({"links": [_link(x, now) for x in found]})
    for x in () if options.json else found:
        times = "once" if x.opened == 1 else f"{x.opened} times"
        use = f"opened {times}, last {x.last_seen:%Y-%m-%d}" if x.last_seen else "not opened yet"
        print(f"{x.name}  {x.state(now)}  R{x.release}  to {x.last_day}  {x.recipient}: {x.purpose} ({use})")
    return 0


def _link_status(status: LinkStatus) -> Callable[[argparse.Namespace], int]:
    def run(options: argparse.Namespace) -> int:
        with _control(options) as control:
            links.set_status(control, LOCAL_OWNER, options.link, status)
        if options.json:
            _print({"link": f"L{options.link}", "status": status.value})
        else:
            print(f"L{options.link} is {status.value}.")
        return 0

    return run


def _link_rotate(options: argparse.Namespace) -> int:
    with _control(options) as control:
        link, token = links.rotate(control, LOCAL_OWNER, options.link)
    _print_address(options, link, token)
    return 0


def _print_address(options: argparse.Namespace, link: Link, token: str) -> None:
    settings = modes.settings(os.environ, {"server.address": "127.0.0.1", "server.port": 8501})
    address = f"{settings.base}/s/{token}"
    if options.json:
        _print({"link": link.name, "address": address, "until": link.last_day.isoformat()})
    else:
        print(f"{link.name} for {link.recipient}, to {link.last_day}. The address is shown once:\n{address}")


def _print_report(release: Release) -> None:
    print(f"{len(release.hidden)} figures hidden, {len(release.held)} kept from an earlier release:")
    for mark in (*release.held, *release.hidden):
        print(f"    {mark.where}, {mark.figure}, {mark.group}: {mark.reason}")


def _summary(release: Release) -> dict[str, Any]:
    document = release.document()
    return {k: v for k, v in document.items() if k != "scopes"}


def _entry(e: Entry) -> dict[str, Any]:
    return {
        "release": e.name,
        "title": e.title,
        "status": e.status.value,
        "preset": e.preset.value,
        "standing": e.standing,
        "made": e.made.isoformat(),
        "data_version": e.data_version,
        "checksum": e.checksum,
    }


def _link(x: Link, now: datetime) -> dict[str, Any]:
    return {
        "link": x.name,
        "release": f"R{x.release}",
        "recipient": x.recipient,
        "purpose": x.purpose,
        "state": x.state(now),
        "until": x.last_day.isoformat(),
        "pages": list(x.pages),
        "network": x.network or None,
        "cohort": x.cohort or None,
        "download": x.download,
        "passcode": x.has_passcode,
        "opened": x.opened,
        "last_opened": x.last_seen.isoformat() if x.last_seen else None,
    }


def _document(path: Path) -> dict[str, Any]:
    from echo_metrics.sharing.release import release_from

    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise UserError(f"{path.name} can't be read as a release document.") from error
    if not isinstance(document, dict):
        raise UserError(f"{path.name} is not a release document.")
    return release_from(document).document()


def _path(options: argparse.Namespace) -> Path:
    path: Path = options.store or default_store_path()
    if not path.exists():
        raise UserError(f"There is no store at {path}. Import files into it, or run the demo command.")
    return path


def _store(options: argparse.Namespace) -> Store:
    return Store.open(_path(options))


def _control(options: argparse.Namespace) -> Control:
    return Control.open(control_path(_path(options)))


def _number(text: str) -> int:
    bare = text.lstrip("RLrl")
    if not bare.isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' is not a number like R3 or L3")
    return int(bare)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is not a date like 2027-06-30") from error


def _print(document: dict[str, Any]) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False, default=str))
