"""Server-side sessions: a random cookie names a row; the row can be ended, and has an idle and an absolute limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from echo_metrics.access import accounts, audit, tokens
from echo_metrics.access.accounts import Account
from echo_metrics.access.audit import Action
from echo_metrics.access.modes import Settings
from echo_metrics.store import Control, Writer

SEEN_EVERY = timedelta(minutes=1)
"""The time of last use is written at most this often."""
KEPT = timedelta(days=30)
"""Rows older than this are past every limit."""
CLOCKS_APART = timedelta(minutes=5)
"""How far an identity provider's clock may run ahead of ours."""


@dataclass(frozen=True)
class Session:
    """An open session: the account as it stands now, and the hash under which the session is stored."""

    account: Account
    key: str


def start(control: Control, account: Account) -> str:
    """Begin a session and return its secret for the cookie; it is stored as a hash only."""
    secret = tokens.new_secret()

    def work(writer: Writer) -> None:
        writer.run("control_old_sessions", {"before": control.now() - KEPT})
        _insert(writer, control.hashed("session", secret), account.id, "password", control.now(), control.now())
        audit.add(control, writer, account.id, Action.SIGNED_IN, account.id)

    control.change(work)
    return secret


def find(control: Control, settings: Settings, secret: str) -> Session | None:
    """The open session that a cookie names, or None. Looked up anew at every request and rerun."""
    if not tokens.SHAPE.fullmatch(secret):
        return None
    return _open(control, settings, control.hashed("session", secret))


def end(control: Control, session: Session) -> None:
    """Sign out: the session is over, whoever still holds its cookie."""

    def work(writer: Writer) -> None:
        writer.run("control_end_session", {"hash": session.key, "at": control.now()})
        audit.add(control, writer, session.account.id, Action.SIGNED_OUT, session.account.id)

    control.change(work)


def account_for_claims(control: Control, claims: Mapping[str, Any] | None) -> Account | None:
    """The enabled account of an identity provider's claims: by e-mail, and only if the provider verified it."""
    if not claims or claims.get("email_verified") is not True:
        return None
    email = claims.get("email")
    account = accounts.by_email(control, email) if isinstance(email, str) else None
    return account if account is not None and account.enabled else None


def find_for_claims(control: Control, settings: Settings, claims: Mapping[str, Any] | None) -> Session | None:
    """The session of a sign-in at the identity provider, or None; begun at first sight.

    The provider's cookie outlives our limits, so the sign-in itself (issuer, subject, time) is the session's key: once
    ended it stays ended, and its age counts from the sign-in.
    """
    account = account_for_claims(control, claims)
    if account is None or claims is None:
        return None
    issuer, subject, issued = claims.get("iss"), claims.get("sub"), claims.get("iat")
    if not isinstance(issuer, str) or not isinstance(subject, str) or not subject:
        return None
    if isinstance(issued, bool) or not isinstance(issued, int | float):
        return None
    try:
        signed_in = datetime.fromtimestamp(issued, UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None
    now = control.now()
    if signed_in > now + CLOCKS_APART or now - signed_in >= settings.absolute:
        return None
    # The provider tells whole seconds: a sign-in in the second in which sessions were ended counts as before it.
    if signed_in <= account.sessions_from:
        return None
    key = control.hashed("identity", f"{issuer}\x1f{subject}\x1f{int(issued)}")

    def begin(writer: Writer) -> None:
        if not writer.rows("control_session", {"hash": key}):
            _insert(writer, key, account.id, "oidc", signed_in, now)
            audit.add(control, writer, account.id, Action.SIGNED_IN, account.id, {"by": "identity provider"})

    if not control.rows("control_session", {"hash": key}):
        control.change(begin)
    found = _open(control, settings, key)
    return found if found is not None and found.account.id == account.id else None


def _open(control: Control, settings: Settings, key: str) -> Session | None:
    rows = control.rows("control_session", {"hash": key})
    if not rows:
        return None
    account_id, _, created, seen, ended = rows[0]
    now = control.now()
    if ended is not None or now - created >= settings.absolute or now - seen >= settings.idle:
        return None
    account = accounts.by_id(control, account_id)
    if account is None or not account.enabled or created < account.sessions_from:
        return None
    if now - seen >= SEEN_EVERY:
        control.change(lambda writer: writer.run("control_see_session", {"hash": key, "at": now}))
    return Session(account, key)


def _insert(writer: Writer, key: str, account_id: str, kind: str, created: datetime, seen: datetime) -> None:
    row = {
        "hash": key,
        "account_id": account_id,
        "kind": kind,
        "created_at": created,
        "seen_at": seen,
        "ended_at": None,
    }
    writer.insert("session", [row])
