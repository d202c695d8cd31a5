"""One-time tokens: 32 random bytes handed over once; only a keyed hash is kept, and a POST spends it."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from echo_metrics.store import Control, Writer

SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")
"""What 32 bytes look like in an address; anything else is not looked up."""


class TokenKind(StrEnum):
    """What a token is good for."""

    SETUP = "setup"
    INVITATION = "invitation"
    RESET = "reset"


LIFETIME = {
    TokenKind.SETUP: timedelta(hours=24),
    TokenKind.INVITATION: timedelta(days=7),
    TokenKind.RESET: timedelta(hours=24),
}


@dataclass(frozen=True)
class Token:
    """A token that is still good."""

    kind: TokenKind
    account: str


def new_secret() -> str:
    """32 random bytes as text for an address or a cookie."""
    return secrets.token_urlsafe(32)


def issue(control: Control, writer: Writer, kind: TokenKind, account: str) -> str:
    """Make a token for an account ('' for setup); earlier ones of the same kind are void."""
    secret, now = new_secret(), control.now()
    writer.run("control_void_tokens", {"at": now, "account": account, "kind": kind.value})
    writer.insert(
        "one_time_token",
        [
            {
                "hash": control.hashed("token", secret),
                "kind": kind.value,
                "account_id": account,
                "created_at": now,
                "expires_at": now + LIFETIME[kind],
                "spent_at": None,
            }
        ],
    )
    return secret


def look(control: Control, secret: str, *kinds: TokenKind) -> Token | None:
    """The token if it is good for one of `kinds`; looking spends nothing."""
    if not SHAPE.fullmatch(secret):
        return None
    return _good(control, control.rows("control_token", {"hash": control.hashed("token", secret)}), kinds)


def spend(control: Control, writer: Writer, secret: str, *kinds: TokenKind) -> Token | None:
    """Spend the token inside a transaction; None if it is not good. Of two at once, one gets it."""
    if not SHAPE.fullmatch(secret):
        return None
    key = {"hash": control.hashed("token", secret)}
    token = _good(control, writer.rows("control_token", key), kinds)
    if token is not None:
        writer.run("control_spend_token", {**key, "at": control.now()})
    return token


def _good(control: Control, rows: list[tuple[object, ...]], kinds: tuple[TokenKind, ...]) -> Token | None:
    for kind, account, expires, spent in rows:
        if spent is None and control.now() < expires and kind in kinds:  # type: ignore[operator]
            return Token(TokenKind(str(kind)), str(account))
    return None
