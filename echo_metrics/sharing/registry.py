"""Releases in the control plane: frozen, approved, read back, withdrawn."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from echo_metrics.access import Viewer, audit
from echo_metrics.access.audit import Action
from echo_metrics.disclosure import Preset
from echo_metrics.errors import NotAllowed, UserError
from echo_metrics.sharing import comments
from echo_metrics.sharing.build import Draft, Earlier, Request, build
from echo_metrics.sharing.people import from_rows, to_rows
from echo_metrics.sharing.release import Release, kept_from, release_from
from echo_metrics.store import Control, Store, Writer

APPROVAL = "second_approval"
"""Setting: a release goes live only when a second person approves it."""


class ReleaseStatus(StrEnum):
    """Where a release stands. Only a live one is shown to anybody."""

    WAITING = "waiting for approval"
    LIVE = "live"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Entry:
    """A release in the list, without its figures."""

    number: int
    title: str
    networks: frozenset[str]
    preset: Preset
    standing: bool
    status: ReleaseStatus
    checksum: str
    data_version: str
    made_by: str
    made: datetime
    approved_by: str

    @property
    def name(self) -> str:
        """How people call it: R12."""
        return f"R{self.number}"


def actor(viewer: Viewer) -> str:
    """Who the audit names: an account, or whoever sits at this computer."""
    return viewer.account or audit.LOCAL


def releases(control: Control) -> list[Entry]:
    """All releases, newest first."""
    return [
        Entry(
            int(r["id"]),
            r["title"],
            frozenset(json.loads(r["networks"])),
            Preset(r["preset"]),
            bool(r["standing"]),
            ReleaseStatus(r["status"]),
            r["checksum"],
            r["data_version"],
            r["made_by"],
            r["made_at"],
            r["approved_by"] or "",
        )
        for r in control.records("control_releases")
    ]


def within(entry: Entry, viewer: Viewer) -> bool:
    """Whether a release speaks of nothing but networks that the viewer may see."""
    return viewer.network_keys is None or entry.networks <= viewer.network_keys


def read(control: Control, number: int) -> Release:
    """A release with its figures, whatever its status. Raises `UserError` if there is none or it was altered."""
    rows = control.rows("control_release_document", {"id": number})
    if not rows:
        raise UserError(f"There is no release R{number}.")
    return _parsed(rows[0][0])


@lru_cache(maxsize=16)
def _parsed(text: str) -> Release:
    """Checked and read once: the key is the document itself, so an altered one is never taken for the one before."""
    return release_from(json.loads(text))


def is_live(control: Control, number: int) -> bool:
    """Whether a release may be shown now."""
    rows = control.rows("control_release_document", {"id": number})
    return bool(rows) and rows[0][1] == ReleaseStatus.LIVE.value


def document_of(control: Control, number: int) -> dict[str, Any]:
    """The document of a release as it was frozen. Raises `UserError` if there is none or it was altered."""
    return read(control, number).document()


def live(control: Control) -> list[Earlier]:
    """Every release that somebody can look at, with the fingerprints behind it."""
    return [
        Earlier(read(control, e.number), from_rows(control.records("control_release_people", {"id": e.number})))
        for e in releases(control)
        if e.status is not ReleaseStatus.WITHDRAWN
    ]


def preview(store: Store, control: Control, viewer: Viewer, request: Request, replaces: int | None = None) -> Draft:
    """The release as it would be frozen now; nothing is kept. Raises `UserError` if it can't be made."""
    _must_share(viewer)
    _may_replace(control, viewer, replaces)
    return _build(store, control, viewer, request, replaces)


def freeze(
    store: Store,
    control: Control,
    viewer: Viewer,
    request: Request,
    replaces: int | None = None,
    standing: bool = False,
) -> Entry:
    """Freeze a release and keep it; `replaces` withdraws an earlier one in the same moment.

    Raises `NotAllowed` for those who may not share, `UserError` if it can't be made.
    """
    if not standing:
        _must_share(viewer)
        _may_replace(control, viewer, replaces)
        if replaces is not None and approval_needed(control):
            raise UserError(
                f"A second person has to approve first, so nothing is replaced yet: freeze without R{replaces}, and "
                f"withdraw R{replaces} when the new one is live."
            )
    draft = _build(store, control, viewer, request, replaces)
    status = ReleaseStatus.WAITING if approval_needed(control) and not standing else ReleaseStatus.LIVE
    body = draft.release.document()
    row = {
        "id": draft.release.number,
        "title": draft.release.title,
        "networks": json.dumps([key for key, _ in draft.release.networks]),
        "preset": draft.release.preset.value,
        "standing": standing,
        "status": status.value,
        "document": json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False),
        "checksum": body["checksum"],
        "data_version": draft.release.data_version,
        "made_by": actor(viewer),
        "made_at": draft.release.made,
        "approved_by": None,
        "changed_at": draft.release.made,
    }
    detail = {"preset": draft.release.preset.value, "data_version": draft.release.data_version, "status": status.value}

    def work(writer: Writer) -> None:
        if writer.rows("control_release_document", {"id": draft.release.number}):
            raise UserError("Somebody else froze a release at the same moment. Try again.")
        writer.insert("release", [row])
        writer.insert("release_people", [{"release_id": row["id"], **r} for r in to_rows(draft.people)])
        if replaces is not None:
            _set(control, writer, viewer, replaces, ReleaseStatus.WITHDRAWN)
        audit.add(control, writer, actor(viewer), Action.RELEASED, draft.release.name, detail)

    control.change(work)
    return next(e for e in releases(control) if e.number == draft.release.number)


def approve(control: Control, viewer: Viewer, number: int) -> None:
    """Let a waiting release go live. Raises `NotAllowed` for the person who made it: it takes a second one."""
    _must_share(viewer)
    entry = _entry(control, viewer, number)
    if entry.status is not ReleaseStatus.WAITING:
        raise UserError(f"{entry.name} is {entry.status.value}; there is nothing to approve.")
    if entry.made_by == actor(viewer):
        raise NotAllowed(f"You made {entry.name} yourself: a second person has to approve it.")
    control.change(lambda writer: _set(control, writer, viewer, number, ReleaseStatus.LIVE, approved=True))


def withdraw(control: Control, viewer: Viewer, number: int) -> None:
    """Take a release back for good; every link to it stops. Its document stays for the record."""
    _must_share(viewer)
    entry = _entry(control, viewer, number)
    if entry.status is ReleaseStatus.WITHDRAWN:
        return
    control.change(lambda writer: _set(control, writer, viewer, number, ReleaseStatus.WITHDRAWN))


def approval_needed(control: Control) -> bool:
    """Whether a second person has to approve every release."""
    rows = control.rows("control_setting", {"name": APPROVAL})
    return bool(rows) and rows[0][0] == "yes"


def need_approval(control: Control, viewer: Viewer, needed: bool) -> None:
    """Switch the second approval on or off. Raises `NotAllowed` unless an owner with an account asks."""
    if not viewer.may_import:
        raise NotAllowed("Only the owner changes this setting.")
    if needed and not viewer.account:
        raise NotAllowed("A second approval needs accounts: in local mode there is only one person.")
    row = {"name": APPROVAL, "value": "yes" if needed else "no"}

    def work(writer: Writer) -> None:
        if writer.rows("control_setting", {"name": APPROVAL}):
            writer.run("control_change_setting", row)
        else:
            writer.insert("setting", [row])
        audit.add(control, writer, actor(viewer), Action.RIGHTS_CHANGED, "second approval", {"needed": needed})

    control.change(work)


def _set(
    control: Control, writer: Writer, viewer: Viewer, number: int, status: ReleaseStatus, approved: bool = False
) -> None:
    writer.run(
        "control_set_release_status",
        {
            "id": number,
            "status": status.value,
            "approved_by": actor(viewer) if approved else None,
            "at": control.now(),
        },
    )
    if status is ReleaseStatus.WITHDRAWN:
        _forget(writer)
    action = Action.RELEASE_APPROVED if approved else Action.RELEASE_WITHDRAWN
    audit.add(control, writer, actor(viewer), action, f"R{number}")


def _forget(writer: Writer) -> None:
    """Forget who stood behind withdrawn releases, but for those whose figures a live one still shows.

    Nobody can look at the others any more, and those who did are in the next release's pool no longer.
    """
    gone: list[int] = []
    needed: set[str] = set()
    for row in writer.records("control_releases"):
        if row["status"] == ReleaseStatus.WITHDRAWN.value:
            gone.append(int(row["id"]))
        else:
            [(document, _)] = writer.rows("control_release_document", {"id": row["id"]})
            needed |= kept_from(release_from(json.loads(document)))
    for number in gone:
        if f"R{number}" not in needed:
            writer.run("control_forget_release_people", {"id": number})


def _earlier(control: Control, replaces: int | None) -> list[Earlier]:
    """The live releases, and the withdrawn ones whose figures they still show: these are compared with as well."""
    found = live(control)
    shown = frozenset[str]().union(*(kept_from(e.release) for e in found))
    old = [e.number for e in releases(control) if e.status is ReleaseStatus.WITHDRAWN and e.name in shown]
    return [Earlier(e.release, e.people, e.release.number == replaces) for e in found] + [
        Earlier(read(control, n), from_rows(control.records("control_release_people", {"id": n})), True) for n in old
    ]


def _build(store: Store, control: Control, viewer: Viewer, request: Request, replaces: int | None) -> Draft:
    earlier, number = _earlier(control, replaces), _next(control)
    yes = comments.approved(control)
    return build(store, viewer, request, earlier, number, control.now(), control.hashed, approved=yes)


def _next(control: Control) -> int:
    return max((e.number for e in releases(control)), default=0) + 1


def _entry(control: Control, viewer: Viewer, number: int) -> Entry:
    found = next((e for e in releases(control) if e.number == number and within(e, viewer)), None)
    if found is None:
        raise UserError(f"There is no release R{number}.")
    return found


def _may_replace(control: Control, viewer: Viewer, number: int | None) -> None:
    if number is not None and _entry(control, viewer, number).status is ReleaseStatus.WITHDRAWN:
        raise UserError(f"R{number} is withdrawn already; there is nothing to replace.")


def _must_share(viewer: Viewer) -> None:
    if not viewer.may_share:
        raise NotAllowed(f"A {viewer.role.value} does not make releases; owners and evaluators do.")
