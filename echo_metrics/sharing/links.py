"""Shared links: a secret address for one recipient, with an end, a passcode if wanted, and a log without people in it.

The token is shown once and kept as a keyed hash. Opening the address spends nothing; a button press exchanges it for a
cookie. A link whose release or part is gone stops; nothing in an address widens what it shows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from echo_metrics.access import Viewer, audit, passwords
from echo_metrics.access.audit import Action
from echo_metrics.access.throttle import Throttle
from echo_metrics.access.tokens import SHAPE, new_secret
from echo_metrics.disclosure import Preset
from echo_metrics.errors import NotAllowed, UserError
from echo_metrics.sharing import registry
from echo_metrics.sharing.registry import actor
from echo_metrics.sharing.release import Release
from echo_metrics.store import Control, Writer

LONGEST, USUAL = timedelta(days=366), timedelta(days=90)
WARN_BEFORE = timedelta(days=14)
SESSION = timedelta(hours=12)
"""How long one opening lasts before the link must be opened again."""
LONGEST_WORDS = 120
SHORTEST_PASSCODE, LONGEST_PASSCODE = 6, 100


class LinkStatus(StrEnum):
    """What was decided about a link. `expired` and `broken` are found out, not decided: see `Link.state`."""

    LIVE = "live"
    PAUSED = "paused"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Request:
    """What somebody wants to share. `network` and `cohort` lock the link to one part of the release."""

    release: int
    recipient: str
    purpose: str
    expires: datetime
    pages: tuple[str, ...]
    network: str = ""
    cohort: str = ""
    download: bool = False
    passcode: str = ""


@dataclass(frozen=True)
class Link:
    """A link in the list. `opened` counts exchanges, not visits by mail scanners; `last_seen` is UTC."""

    number: int
    release: int
    release_title: str
    release_live: bool
    recipient: str
    purpose: str
    pages: tuple[str, ...]
    network: str
    cohort: str
    download: bool
    has_passcode: bool
    made_by: str
    made: datetime
    expires: datetime
    status: LinkStatus
    opened: int
    last_seen: datetime | None

    @property
    def name(self) -> str:
        """How people call it: L7."""
        return f"L{self.number}"

    @property
    def last_day(self) -> date:
        """The last day on which it opens."""
        return (self.expires - timedelta(seconds=1)).date()

    def state(self, now: datetime) -> str:
        """live, paused, revoked, expired, or broken when the release behind it is withdrawn."""
        if self.status is LinkStatus.REVOKED:
            return LinkStatus.REVOKED.value
        if now >= self.expires:
            return "expired"
        if not self.release_live:
            return "broken"
        return self.status.value

    def ends_soon(self, now: datetime) -> bool:
        """Whether a live link ends within two weeks."""
        return self.state(now) == "live" and self.expires - now <= WARN_BEFORE


@dataclass(frozen=True)
class Opened:
    """What the holder of a link sees: the release cut down to the link's part and pages."""

    link: Link
    release: Release


def links(control: Control) -> list[Link]:
    """All links, newest first."""
    return [
        Link(
            int(r["id"]),
            int(r["release_id"]),
            r["release_title"],
            r["release_status"] == registry.ReleaseStatus.LIVE.value,
            r["recipient"],
            r["purpose"],
            tuple(json.loads(r["pages"])),
            r["network"],
            r["cohort"],
            bool(r["download"]),
            bool(r["has_passcode"]),
            r["made_by"],
            r["made_at"],
            r["expires_at"],
            LinkStatus(r["status"]),
            int(r["opened"]),
            r["last_seen"],
        )
        for r in control.records("control_links")
    ]


def views(control: Control, number: int, limit: int = 50) -> list[tuple[datetime, str, str]]:
    """When a link was used, newest first: moment (UTC), page, kind of device. Nothing about the person."""
    return [
        (at, page, agent) for at, page, agent in control.rows("control_link_views", {"link": number, "limit": limit})
    ]


def create(control: Control, viewer: Viewer, request: Request) -> tuple[Link, str]:
    """Make a link; returns it with its token, which is shown once and kept nowhere.

    Raises `NotAllowed` for those who may not share, `UserError` for what is missing or does not exist.
    """
    release = _checked(control, viewer, request)
    token = new_secret()

    def work(writer: Writer) -> int:
        number = writer.new_ids("link")[0]
        _insert(control, writer, viewer, request, number, token)
        detail: dict[str, audit.Detail] = {
            "release": release.name,
            "passcode": bool(request.passcode),
            "download": request.download,
        }
        audit.add(control, writer, actor(viewer), Action.LINK_CREATED, f"L{number}", detail)
        return number

    return _link(control, control.change(work)), token


def set_status(control: Control, viewer: Viewer, number: int, status: LinkStatus) -> None:
    """Pause, resume or revoke a link. Revoking ends every open screen at its next step and can't be undone."""
    link = _own(control, viewer, number)
    if link.status is LinkStatus.REVOKED:
        raise UserError(f"{link.name} is revoked for good. Make a new link.")
    control.change(lambda writer: _set(control, writer, viewer, number, status))


def rotate(control: Control, viewer: Viewer, number: int) -> tuple[Link, str]:
    """Revoke a link and make the same one anew with another address; the passcode stays, and so does a pause."""
    old = _own(control, viewer, number)
    if old.state(control.now()) in ("revoked", "expired", "broken"):
        raise UserError(f"{old.name} is {old.state(control.now())}. Make a new link.")
    token = new_secret()
    request = Request(
        old.release, old.recipient, old.purpose, old.expires, old.pages, old.network, old.cohort, old.download
    )

    def work(writer: Writer) -> int:
        (_, passcode), *_ = writer.rows("control_link_secrets", {"id": number})
        new = writer.new_ids("link")[0]
        _insert(control, writer, viewer, request, new, token, passcode, old.status)
        _set(control, writer, viewer, number, LinkStatus.REVOKED)
        audit.add(control, writer, actor(viewer), Action.LINK_ROTATED, f"L{new}", {"instead_of": old.name})
        return new

    return _link(control, control.change(work)), token


def revoke_all(
    control: Control, viewer: Viewer, release: int | None = None, recipient: str = "", made_by: str = ""
) -> int:
    """Revoke every link of a release, a recipient or a maker; returns how many. At least one must be named."""
    _must_share(viewer)
    if release is None and not recipient and not made_by:
        raise UserError("Say whose links: of a release, a recipient or a maker.")
    chosen = [
        link.number
        for link in links(control)
        if link.status is not LinkStatus.REVOKED
        and _reaches(control, viewer, link)
        and (release is None or link.release == release)
        and (not recipient or link.recipient == recipient)
        and (not made_by or link.made_by == made_by)
    ]

    def work(writer: Writer) -> None:
        for number in chosen:
            _set(control, writer, viewer, number, LinkStatus.REVOKED)

    control.change(work)
    return len(chosen)


def exchange(control: Control, token: str, passcode: str, client: str, agent: str) -> str | None:
    """Exchange a token for a session secret; None if it may not be opened, whatever the reason.

    Unknown, expired, paused, revoked and broken links, a wrong passcode and too many tries give the same nothing, at
    the same cost. Wrong passcodes are counted by link and by client.
    """
    throttle = Throttle(control)
    if not SHAPE.fullmatch(token):
        return None
    rows = control.rows("control_link_by_token", {"hash": control.hashed("link", token)})
    number, kept = (int(rows[0][0]), str(rows[0][1])) if rows else (0, "")
    tried = (("passcode", f"L{number}"), ("address", client))
    if kept and throttle.take(*tried):
        # Answered as slowly as any other: else a quick refusal would tell that the address exists and has a passcode.
        passwords.matches("", passcode[:LONGEST_PASSCODE])
        return None
    fits = passwords.matches(kept, passcode[:LONGEST_PASSCODE])
    if kept and fits:
        throttle.succeeded(*tried[0])
        throttle.give_back(*tried[1])
    if not rows or (kept and not fits) or _opened(control, number) is None:
        return None
    secret = new_secret()
    row = {
        "hash": control.hashed("link-session", secret),
        "link_id": number,
        "made_at": control.now(),
        "ended_at": None,
    }

    def work(writer: Writer) -> None:
        writer.run("control_old_link_sessions", {"before": control.now() - SESSION})
        writer.insert("link_session", [row])
        _see(control, writer, number, "opened", agent)
        audit.add(control, writer, "", Action.LINK_OPENED, f"L{number}")

    control.change(work)
    return secret


def opened(control: Control, secret: str) -> Opened | None:
    """What the holder of a link session may see now; asked anew at every step. None if nothing any more."""
    if not SHAPE.fullmatch(secret):
        return None
    asked = {"hash": control.hashed("link-session", secret), "since": control.now() - SESSION}
    rows = control.rows("control_link_of_session", asked)
    return _opened(control, int(rows[0][0])) if rows else None


def holds(control: Control, secret: str) -> bool:
    """Whether a session secret opens a link now; cheaper than `opened`, as no figures are read."""
    if not SHAPE.fullmatch(secret):
        return False
    asked = {"hash": control.hashed("link-session", secret), "since": control.now() - SESSION}
    rows = control.rows("control_link_of_session", asked)
    return bool(rows) and _link(control, int(rows[0][0])).state(control.now()) == LinkStatus.LIVE.value


def leave(control: Control, secret: str) -> None:
    """End a link session."""
    if SHAPE.fullmatch(secret):
        asked = {"hash": control.hashed("link-session", secret), "at": control.now()}
        control.change(lambda writer: writer.run("control_end_link_session", asked))


def see(control: Control, number: int, page: str, agent: str) -> None:
    """Note that a page of a link was looked at."""
    control.change(lambda writer: _see(control, writer, number, page, agent))


def agent_class(header: str) -> str:
    """The kind of device from a User-Agent header: phone, tablet, computer or program. No more is kept.

    >>> agent_class("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)"), agent_class("curl/8.1")
    ('phone', 'program')
    """
    folded = header.casefold()
    if "mozilla" not in folded or "bot" in folded:
        return "program"
    if "ipad" in folded or "tablet" in folded:
        return "tablet"
    return "phone" if "mobi" in folded else "computer"


def _opened(control: Control, number: int) -> Opened | None:
    link = next((one for one in links(control) if one.number == number), None)
    if link is None or link.state(control.now()) != LinkStatus.LIVE.value:
        return None
    try:
        release = registry.read(control, link.release)
    except UserError:
        return None
    part = release.narrowed(link.network, link.cohort, link.pages)
    return Opened(link, part) if part is not None else None


def _checked(control: Control, viewer: Viewer, request: Request) -> Release:
    _must_share(viewer)
    entry = next((e for e in registry.releases(control) if e.number == request.release), None)
    if entry is None or not registry.within(entry, viewer):
        raise UserError(f"There is no release R{request.release}.")
    if not registry.is_live(control, request.release):
        raise UserError(f"R{request.release} is not live: only a live release can be shared.")
    if entry.preset is Preset.INTERNAL:
        raise UserError(
            f"{entry.name} is of the internal preset, for leaders inside the hub; it can't be shared by a link."
        )
    release = registry.read(control, request.release)
    now = control.now()
    if not request.recipient.strip() or not request.purpose.strip():
        raise UserError(
            "A link needs a recipient and a purpose: one link for each recipient, so each can be ended alone."
        )
    if len(request.recipient) > LONGEST_WORDS or len(request.purpose) > LONGEST_WORDS:
        raise UserError(f"Recipient and purpose have at most {LONGEST_WORDS} characters.")
    if not now < request.expires <= now + LONGEST:
        raise UserError("A link must end: choose a day after today, at most one year ahead.")
    if request.passcode and not SHORTEST_PASSCODE <= len(request.passcode) <= LONGEST_PASSCODE:
        raise UserError(f"A passcode has {SHORTEST_PASSCODE} to {LONGEST_PASSCODE} characters.")
    unknown = [p for p in request.pages if p not in release.pages]
    if unknown or not request.pages:
        raise UserError(f"{release.name} holds these pages: {', '.join(release.pages)}. Choose among them.")
    if release.narrowed(request.network, request.cohort, request.pages) is None:
        raise UserError(f"{release.name} has no part of its own for that network and cohort.")
    return release


def _insert(
    control: Control,
    writer: Writer,
    viewer: Viewer,
    request: Request,
    number: int,
    token: str,
    passcode_hash: str | None = None,
    status: LinkStatus = LinkStatus.LIVE,
) -> None:
    now = control.now()
    kept = (
        passcode_hash if passcode_hash is not None else passwords.hashed(request.passcode) if request.passcode else ""
    )
    writer.insert(
        "link",
        [
            {
                "id": number,
                "token_hash": control.hashed("link", token),
                "release_id": request.release,
                "recipient": request.recipient.strip(),
                "purpose": request.purpose.strip(),
                "pages": json.dumps(list(request.pages)),
                "network": request.network,
                "cohort": request.cohort,
                "download": request.download,
                "passcode": kept,
                "made_by": actor(viewer),
                "made_at": now,
                "expires_at": request.expires,
                "status": status.value,
                "changed_at": now,
            }
        ],
    )


def _set(control: Control, writer: Writer, viewer: Viewer, number: int, status: LinkStatus) -> None:
    at = control.now()
    writer.run("control_set_link_status", {"id": number, "status": status.value, "at": at})
    if status is not LinkStatus.LIVE:
        writer.run("control_end_link_sessions", {"link": number, "at": at})
    action = {
        LinkStatus.LIVE: Action.LINK_RESUMED,
        LinkStatus.PAUSED: Action.LINK_PAUSED,
        LinkStatus.REVOKED: Action.LINK_REVOKED,
    }[status]
    audit.add(control, writer, actor(viewer), action, f"L{number}")


def _see(control: Control, writer: Writer, number: int, page: str, agent: str) -> None:
    writer.insert("link_view", [{"link_id": number, "seen_at": control.now(), "page": page, "agent": agent}])


def _link(control: Control, number: int) -> Link:
    found = next((link for link in links(control) if link.number == number), None)
    if found is None:
        raise UserError(f"There is no link L{number}.")
    return found


def visible(control: Control, viewer: Viewer) -> list[Link]:
    """The links that a viewer may see and end: those to releases within reach, newest first."""
    _must_share(viewer)
    return [link for link in links(control) if _reaches(control, viewer, link)]


def _reaches(control: Control, viewer: Viewer, link: Link) -> bool:
    if viewer.network_keys is None:
        return True
    return any(e.number == link.release and registry.within(e, viewer) for e in registry.releases(control))


def _own(control: Control, viewer: Viewer, number: int) -> Link:
    _must_share(viewer)
    link = _link(control, number)
    if not _reaches(control, viewer, link):
        raise UserError(f"There is no link L{number}.")
    return link


def _must_share(viewer: Viewer) -> None:
    if not viewer.may_share:
        raise NotAllowed(f"A {viewer.role.value} does not share links; owners and evaluators do.")
