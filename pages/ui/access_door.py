"""The door to accounts and the audit. Everything here asks again whether the viewer is the owner."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from echo_metrics.access import accounts, audit
from echo_metrics.access.accounts import Account, Invitation, Rights
from echo_metrics.access.audit import Action, Chain, Entry
from echo_metrics.access.modes import Mode
from echo_metrics.errors import NotAllowed
from echo_metrics.server.context import Context
from echo_metrics.terms import Role
from pages.ui import door, identity


def local() -> bool:
    """Whether the dashboard runs without accounts."""
    return identity.settings().mode is Mode.LOCAL


def every_account() -> list[Account]:
    """All accounts."""
    return accounts.every(_owners().control)


def networks() -> list[tuple[str, str]]:
    """(key, name) of every network that an account can be limited to."""
    _owners()
    return [(n.key, n.name) for n in door.options().networks]


def invite(email: str, name: str, rights: Rights) -> str:
    """Create an account and return the address to hand over; it is shown once."""
    return _address(accounts.invite(_owners().control, _me(), email, name, rights))


def new_link(account: str) -> str:
    """A fresh address for an account: the invitation again, or a new password."""
    return _address(accounts.new_link(_owners().control, _me(), account))


def change_rights(account: str, rights: Rights) -> None:
    """Change what an account may see."""
    accounts.change_rights(_owners().control, _me(), account, rights)


def disable(account: str) -> None:
    """Disable an account; its sessions end."""
    accounts.disable(_owners().control, _me(), account)


def enable(account: str) -> None:
    """Enable an account again."""
    accounts.enable(_owners().control, _me(), account)


def entries(who: str, action: str, since: date | None, until: date | None, text: str, limit: int) -> list[Entry]:
    """The audit's rows that fit, newest first; `until` is the last day shown."""
    return audit.entries(
        _owners().control,
        who=who,
        action=Action(action) if action else None,
        since=datetime.combine(since, time()) if since else None,
        until=datetime.combine(until, time()) + timedelta(days=1) if until else None,
        text=text,
        limit=limit,
    )


def chain() -> Chain:
    """Whether the audit is whole."""
    return audit.verify(_owners().control)


def audit_address(who: str, action: str, since: date | None, until: date | None, text: str) -> str:
    """The address of the same rows as a file; the route looks up again who is asking."""
    asked = {"who": who, "action": action, "since": since or "", "until": until or "", "text": text}
    chosen = {name: str(value) for name, value in asked.items() if value}
    return "/download/audit.csv" + (f"?{urlencode(chosen)}" if chosen else "")


def _owners() -> Context:
    if door.viewer().role is not Role.OWNER:
        raise NotAllowed("Only the owner sees accounts and the audit.")
    return identity.context()


def _me() -> str:
    return door.viewer().account or audit.LOCAL


def _address(invitation: Invitation) -> str:
    chosen = identity.settings()
    return chosen.base if chosen.mode is Mode.OIDC else invitation.address(chosen.base)
