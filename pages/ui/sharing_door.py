"""The door to releases and links: every call asks again who the viewer is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import streamlit as st

from echo_metrics.access import Viewer, accounts, audit
from echo_metrics.access.modes import Mode
from echo_metrics.errors import NotAllowed, UserError
from echo_metrics.reports import page, qr
from echo_metrics.server.share import shared_page
from echo_metrics.sharing import attack, registry
from echo_metrics.sharing import links as sharing_links
from echo_metrics.sharing.build import Draft, Request
from echo_metrics.sharing.links import Link, LinkStatus
from echo_metrics.sharing.registry import Entry, ReleaseStatus
from echo_metrics.sharing.release import Release
from pages.ui import door, identity


def releases() -> list[Entry]:
    """The releases that the viewer may see, newest first."""
    person = _sharer()
    return [e for e in registry.releases(identity.context().control) if registry.within(e, person)]


def read(number: int) -> Release:
    """One of them, with its figures."""
    if number not in {e.number for e in releases()}:
        raise UserError(f"There is no release R{number}.")
    return registry.read(identity.context().control, number)


def preview(request: Request, replaces: int | None) -> Draft:
    """The release as it would be frozen now."""
    return registry.preview(door.store(), identity.context().control, _sharer(), request, replaces)


def freeze(request: Request, replaces: int | None) -> Entry:
    """Freeze a release."""
    return registry.freeze(door.store(), identity.context().control, _sharer(), request, replaces)


def approve(number: int) -> None:
    """Let a waiting release go live."""
    registry.approve(identity.context().control, _sharer(), number)


def withdraw(number: int) -> None:
    """Take a release back; its links stop."""
    registry.withdraw(identity.context().control, _sharer(), number)


def approval_needed() -> bool:
    """Whether a second person has to approve every release."""
    return registry.approval_needed(identity.context().control)


def need_approval(needed: bool) -> None:
    """Switch the second approval on or off."""
    registry.need_approval(identity.context().control, _sharer(), needed)


def as_recipient(release: Release) -> str:
    """The page exactly as a recipient sees it, as one HTML document."""
    return page.render(shared_page(release))


def attacked() -> tuple[attack.Finding, ...]:
    """What an attacker who holds every live release can work out about the groups that they hide."""
    found = [e.number for e in registry.releases(identity.context().control) if e.status is ReleaseStatus.LIVE]
    return attack.attack_documents([registry.document_of(identity.context().control, n) for n in found])


def links() -> list[Link]:
    """The links that the viewer may see, newest first."""
    return sharing_links.visible(identity.context().control, _sharer())


def views(number: int) -> list[tuple[datetime, str, str]]:
    """When a link was used."""
    if number not in {link.number for link in links()}:
        raise UserError(f"There is no link L{number}.")
    return sharing_links.views(identity.context().control, number)


def share(
    release: int,
    recipient: str,
    purpose: str,
    until: date,
    pages: tuple[str, ...],
    part: tuple[str, str],
    download: bool,
    passcode: str,
) -> tuple[Link, str]:
    """Make a link that ends at the end of `until`; returns it with its address, which is shown once."""
    request = sharing_links.Request(
        release,
        recipient,
        purpose,
        datetime.combine(until, time()) + timedelta(days=1),
        pages,
        *part,
        download,
        passcode,
    )
    link, token = sharing_links.create(identity.context().control, _sharer(), request)
    return link, _address(token)


def set_status(number: int, status: LinkStatus) -> None:
    """Pause, resume or revoke a link."""
    sharing_links.set_status(identity.context().control, _sharer(), number, status)


def rotate(number: int) -> tuple[Link, str]:
    """Give a link a new address; the old one is revoked."""
    link, token = sharing_links.rotate(identity.context().control, _sharer(), number)
    return link, _address(token)


def revoke_all(release: int | None = None, recipient: str = "") -> int:
    """Revoke all links of a release or a recipient."""
    return sharing_links.revoke_all(identity.context().control, _sharer(), release, recipient)


def qr_picture(address: str) -> bytes:
    """The address as a QR code for a slide."""
    return qr.qr_png(address)


def local() -> bool:
    """Whether links open on this computer only."""
    return identity.settings().mode is Mode.LOCAL


def people() -> dict[str, str]:
    """Names of those who made releases and links, by what the audit calls them."""
    return {audit.LOCAL: "this computer", **{a.id: a.shown for a in accounts.every(identity.context().control)}}


def now() -> datetime:
    """The time in UTC, as links count it."""
    return datetime.now(UTC).replace(tzinfo=None)


def _sharer() -> Viewer:
    person = door.viewer()
    if not person.may_share or st.session_state.get(door.SHARED_KEY):
        raise NotAllowed(f"A {person.role.value} does not share; owners and evaluators do.")
    return person


def _address(token: str) -> str:
    return f"{identity.settings().base}/s/{token}"
