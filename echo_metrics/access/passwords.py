"""Passwords: argon2id, and the few rules that help (length, not the e-mail, not one of the commonest)."""

from __future__ import annotations

import threading
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from echo_metrics.errors import UserError

SHORTEST, LONGEST = 12, 200
_HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_AT_ONCE = threading.BoundedSemaphore(4)
"""Each hash takes 64 MiB for a moment: a flood of attempts must not take the memory of the machine."""

_COMMON = frozenset(Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split())
"""The commonest passwords that are long enough to be chosen."""


def _normal(password: str) -> str:
    """One form for the same characters typed on different keyboards."""
    return unicodedata.normalize("NFKC", password)


def refuse_weak(password: str, email: str) -> None:
    """Raise `UserError` with what to do if `password` may not be chosen."""
    normal = _normal(password)
    if not SHORTEST <= len(normal) <= LONGEST:
        raise UserError(f"A password has {SHORTEST} to {LONGEST} characters. A sentence is easy to remember.")
    plain = normal.casefold().strip()
    if plain in (email.casefold(), email.casefold().partition("@")[0]):
        raise UserError("The e-mail address can't be the password.")
    if plain.replace(" ", "") in _COMMON or len(set(plain)) < 4:
        raise UserError("This is one of the passwords that are tried first. Choose another.")


def hashed(password: str) -> str:
    """The argon2id hash to store."""
    with _AT_ONCE:
        return _HASHER.hash(_normal(password))


def matches(stored: str, password: str) -> bool:
    """Whether `password` belongs to the hash. '' (no password, no such account) takes as long and never matches."""
    normal = _normal(password)
    with _AT_ONCE:
        try:
            return _HASHER.verify(stored or nobody(), normal[: LONGEST + 1]) and bool(stored)
        except (VerificationError, InvalidHashError):
            return False


def outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


@cache
def nobody() -> str:
    """A hash that no account has, so that an unknown e-mail costs the same time. Made at start, not at first use."""
    return _HASHER.hash("nobody has this password")
