"""Accounts: who may come in, in which role, over which networks."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from echo_metrics.access import audit, passwords, tokens
from echo_metrics.access.audit import Action
from echo_metrics.access.tokens import TokenKind
from echo_metrics.errors import UserError
from echo_metrics.store import Control, Writer
from echo_metrics.terms import Role

ROLES = (Role.OWNER, Role.EVALUATOR, Role.LEADER)
"""Roles that an account can have; a funder has a link."""
LONGEST_NAME, LONGEST_EMAIL = 100, 254
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]+|[^@\s]{1,64}@localhost")
_EPOCH = datetime(1970, 1, 1)
WRONG_CURRENT = "The current password is not right."
DEAD_LINK = "This link does not work: it was used already, it has expired, or it was replaced by a newer one."


@dataclass(frozen=True)
class Account:
    """One account. `networks` is None for all, else the keys of those it may see; `active` means it can sign in."""

    id: str
    email: str
    name: str
    role: Role
    networks: tuple[str, ...] | None
    row_level: bool
    has_password: bool
    created_at: datetime
    disabled_at: datetime | None
    sessions_from: datetime

    @property
    def enabled(self) -> bool:
        """Whether the account may be used."""
        return self.disabled_at is None

    @property
    def shown(self) -> str:
        """The name, or the e-mail where there is none yet."""
        return self.name or self.email


@dataclass(frozen=True)
class Rights:
    """What an account may see: its role, its networks (None = all) and the right to exact small groups."""

    role: Role
    networks: tuple[str, ...] | None = None
    row_level: bool = False


@dataclass(frozen=True)
class Invitation:
    """A fresh account or link: the secret is shown once and kept nowhere."""

    account: Account
    kind: TokenKind
    secret: str

    def address(self, base: str) -> str:
        """The address to hand over."""
        return f"{base}/invite/{self.secret}"


def fold_email(text: str) -> str:
    """The e-mail in the one form that is stored and compared."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def checked_email(text: str) -> str:
    """The folded e-mail. Raises `UserError` if it is none."""
    folded = fold_email(text)
    if len(folded) > LONGEST_EMAIL or not _EMAIL.fullmatch(folded) or not folded.isprintable():
        raise UserError("This is not an e-mail address.")
    return folded


def checked_name(text: str) -> str:
    """The name, trimmed. Raises `UserError` if it is empty, too long or holds control characters."""
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise UserError(f"A name has 1 to {LONGEST_NAME} characters.")
    return name


def every(control: Control) -> list[Account]:
    """All accounts, oldest first."""
    return _accounts(control.records("control_accounts", {"id": "", "email": ""}))


def by_id(control: Control, account: str) -> Account | None:
    """The account of an id, or None."""
    found = _accounts(control.records("control_accounts", {"id": account, "email": ""})) if account else []
    return found[0] if found else None


def by_email(control: Control, email: str) -> Account | None:
    """The account of an e-mail, or None."""
    folded = fold_email(email)
    found = _accounts(control.records("control_accounts", {"id": "", "email": folded})) if folded else []
    return found[0] if found else None


def has_owner(control: Control, *, without_password: bool = False) -> bool:
    """Whether an enabled owner exists who can sign in; with an identity provider, a password is not needed."""
    return bool(control.rows("control_has_owner", {"without_password": without_password})[0][0])


def create(control: Control, who: str, email: str, name: str, rights: Rights, password: str | None = None) -> Account:
    """Create an account; without a password it waits for its invitation, or for the identity provider.

    Raises `UserError` for an e-mail that has one already, or for a password that may not be chosen.
    """
    folded, shown = checked_email(email), checked_name(name) if name.strip() else ""
    if password is not None:
        passwords.refuse_weak(password, folded)
    stored = passwords.hashed(password) if password is not None else ""
    _refuse_rights(rights)
    return control.change(lambda writer: _insert(control, writer, who, folded, shown, rights, stored))


def invite(control: Control, who: str, email: str, name: str, rights: Rights) -> Invitation:
    """Create an account and the one link by which its holder chooses a password. The link is returned once."""
    folded, shown = checked_email(email), checked_name(name) if name.strip() else ""
    _refuse_rights(rights)

    def work(writer: Writer) -> Invitation:
        account = _insert(control, writer, who, folded, shown, rights, "")
        secret = tokens.issue(control, writer, TokenKind.INVITATION, account.id)
        audit.add(control, writer, who, Action.INVITED, account.id)
        return Invitation(account, TokenKind.INVITATION, secret)

    return control.change(work)


def new_link(control: Control, who: str, account_id: str) -> Invitation:
    """A fresh link for an account: the invitation again, or a way to a new password. Earlier links stop working."""
    account = _known(control, account_id)
    if not account.enabled:
        raise UserError("This account is disabled. Enable it first.")
    kind = TokenKind.RESET if account.has_password else TokenKind.INVITATION

    def work(writer: Writer) -> Invitation:
        writer.run("control_void_tokens", {"at": control.now(), "account": account.id, "kind": ""})
        secret = tokens.issue(control, writer, kind, account.id)
        audit.add(control, writer, who, Action.RESET_LINK_MADE, account.id)
        return Invitation(account, kind, secret)

    return control.change(work)


def setup_secret(control: Control) -> str:
    """A fresh one-time secret for the page on which the first owner is made; earlier ones stop working."""
    return control.change(lambda writer: tokens.issue(control, writer, TokenKind.SETUP, ""))


def set_up(control: Control, secret: str, email: str, name: str, password: str | None) -> Account:
    """Spend the setup link: make the first owner. Raises `UserError` if the link is not good."""
    folded, shown = checked_email(email), checked_name(name)
    if password is not None:
        passwords.refuse_weak(password, folded)
    if tokens.look(control, secret, TokenKind.SETUP) is None:
        raise UserError(DEAD_LINK)
    stored = passwords.hashed(password) if password is not None else ""

    def work(writer: Writer) -> Account:
        if tokens.spend(control, writer, secret, TokenKind.SETUP) is None:
            raise UserError(DEAD_LINK)
        return _insert(control, writer, "", folded, shown, Rights(Role.OWNER, None, True), stored)

    return control.change(work)


def accept(control: Control, secret: str, name: str, password: str) -> Account:
    """Spend an invitation or reset link: choose name and password; other sessions of the account end.

    Raises `UserError` if the link is not good or the password may not be chosen.
    """
    token = tokens.look(control, secret, TokenKind.INVITATION, TokenKind.RESET)
    account = by_id(control, token.account) if token else None
    if token is None or account is None or not account.enabled:
        raise UserError(DEAD_LINK)
    shown = checked_name(name)
    passwords.refuse_weak(password, account.email)
    stored = passwords.hashed(password)

    def work(writer: Writer) -> None:
        if tokens.spend(control, writer, secret, TokenKind.INVITATION, TokenKind.RESET) is None:
            raise UserError(DEAD_LINK)
        writer.run("control_void_tokens", {"at": control.now(), "account": account.id, "kind": ""})
        writer.run("control_set_name", {"id": account.id, "name": shown})
        _store_password(control, writer, account.id, account.id, stored)

    control.change(work)
    return _known(control, account.id)


def change_password(control: Control, account_id: str, current: str, new: str, keep: str = "") -> None:
    """Change one's own password; all other sessions end. `keep` is the hash of the session that stays.

    Raises `UserError` if the current password is wrong or the new one may not be chosen.
    """
    account = _known(control, account_id)
    if not passwords.matches(_stored(control, account.id), current):
        raise UserError(WRONG_CURRENT)
    passwords.refuse_weak(new, account.email)
    stored = passwords.hashed(new)
    control.change(lambda writer: _store_password(control, writer, account.id, account.id, stored, keep))


def authenticate(control: Control, email: str, password: str) -> Account | None:
    """The account if e-mail and password belong together and it is enabled; the time taken tells nothing."""
    account = by_email(control, email)
    stored = _stored(control, account.id) if account is not None and account.enabled else ""
    right = passwords.matches(stored, password)
    if account is None or not right:
        return None
    if passwords.outdated(stored):
        renewed = passwords.hashed(password)
        control.change(lambda writer: writer.run("control_set_password", {"id": account.id, "password": renewed}))
    return account


def change_rights(control: Control, who: str, account_id: str, rights: Rights) -> Account:
    """Change role, networks and the row-level right; open sessions follow at their next rerun."""
    account = _known(control, account_id)
    _refuse_rights(rights)
    if account.role is Role.OWNER and rights.role is not Role.OWNER:
        _keep_an_owner(control, account)

    def work(writer: Writer) -> None:
        writer.run(
            "control_set_rights",
            {
                "id": account.id,
                "role": rights.role.value,
                "all_networks": rights.networks is None,
                "row_level": rights.row_level or rights.role is Role.OWNER,
            },
        )
        writer.run("control_clear_networks", {"id": account.id})
        _networks(writer, account.id, rights.networks or ())
        audit.add(control, writer, who, Action.RIGHTS_CHANGED, account.id, _told(rights))

    control.change(work)
    return _known(control, account.id)


def disable(control: Control, who: str, account_id: str) -> None:
    """Disable an account: its sessions, links and identity-provider sign-ins end now."""
    account = _known(control, account_id)
    if account.role is Role.OWNER:
        _keep_an_owner(control, account)

    def work(writer: Writer) -> None:
        now = control.now()
        writer.run("control_set_disabled", {"id": account.id, "disabled_at": now})
        writer.run("control_set_sessions_from", {"id": account.id, "at": now})
        writer.run("control_end_sessions", {"account": account.id, "at": now, "keep": ""})
        writer.run("control_void_tokens", {"at": now, "account": account.id, "kind": ""})
        audit.add(control, writer, who, Action.ACCOUNT_DISABLED, account.id)

    control.change(work)


def enable(control: Control, who: str, account_id: str) -> None:
    """Enable an account again; sessions that ended stay ended."""
    account = _known(control, account_id)

    def work(writer: Writer) -> None:
        writer.run("control_set_disabled", {"id": account.id, "disabled_at": None})
        audit.add(control, writer, who, Action.ACCOUNT_ENABLED, account.id)

    control.change(work)


def _known(control: Control, account_id: str) -> Account:
    account = by_id(control, account_id)
    if account is None:
        raise UserError("There is no such account.")
    return account


def _stored(control: Control, account_id: str) -> str:
    rows = control.rows("control_account_password", {"id": account_id})
    return str(rows[0][0]) if rows else ""


def _refuse_rights(rights: Rights) -> None:
    if rights.role not in ROLES:
        raise UserError("An account is an owner, an evaluator or a leader. A funder gets a link.")
    if rights.role is Role.OWNER and rights.networks is not None:
        raise UserError("An owner holds the raw files of every network, so its account can't be limited to some.")
    if rights.networks is not None and not rights.networks:
        raise UserError("Choose at least one network, or all of them.")
    if rights.row_level and rights.role is Role.LEADER:
        raise UserError("Leaders see released figures only; the row-level right is for evaluators.")


def _keep_an_owner(control: Control, leaving: Account) -> None:
    others = [a for a in every(control) if a.role is Role.OWNER and a.enabled and a.id != leaving.id]
    if not others:
        raise UserError("This is the only owner. Make somebody else an owner first.")


def _insert(
    control: Control, writer: Writer, who: str, email: str, name: str, rights: Rights, password: str
) -> Account:
    if writer.rows("control_accounts", {"id": "", "email": email}):
        raise UserError("This e-mail address has an account already.")
    account = Account(
        secrets.token_hex(8), email, name, rights.role, rights.networks, rights.row_level or rights.role is Role.OWNER,
        bool(password), control.now(), None, _EPOCH,
    )  # fmt: skip
    writer.insert(
        "account",
        [
            {
                "id": account.id, "email": email, "name": name, "role": rights.role.value,
                "all_networks": rights.networks is None, "row_level": account.row_level, "password": password,
                "created_at": account.created_at, "disabled_at": None, "sessions_from": _EPOCH,
            }
        ],
    )  # fmt: skip
    _networks(writer, account.id, rights.networks or ())
    audit.add(control, writer, who or account.id, Action.ACCOUNT_CREATED, account.id, _told(rights))
    return account


def _networks(writer: Writer, account_id: str, keys: Iterable[str]) -> None:
    writer.insert("account_network", [{"account_id": account_id, "network_key": key} for key in sorted(set(keys))])


def _store_password(control: Control, writer: Writer, who: str, account_id: str, stored: str, keep: str = "") -> None:
    now = control.now()
    writer.run("control_set_password", {"id": account_id, "password": stored})
    writer.run("control_end_sessions", {"account": account_id, "at": now, "keep": keep})
    audit.add(control, writer, who, Action.PASSWORD_CHANGED, account_id)


def _told(rights: Rights) -> dict[str, audit.Detail]:
    networks = "all" if rights.networks is None else ", ".join(sorted(rights.networks))
    return {"role": rights.role.value, "networks": networks[: audit.LONGEST_TEXT], "row_level": rights.row_level}


def _accounts(records: list[dict[str, object]]) -> list[Account]:
    return [
        Account(
            str(r["id"]), str(r["email"]), str(r["name"]), Role(str(r["role"])),
            None if r["all_networks"] else tuple(r["networks"]),  # type: ignore[arg-type]
            bool(r["row_level"]), bool(r["has_password"]), r["created_at"], r["disabled_at"], r["sessions_from"],  # type: ignore[arg-type]
        )
        for r in records
    ]  # fmt: skip
