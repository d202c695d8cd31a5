"""The command line's accounts: `user add`, `user list`, `user disable`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from echo_metrics.access import accounts, modes
from echo_metrics.access.accounts import Account, Rights
from echo_metrics.access.modes import Mode
from echo_metrics.demo import default_store_path
from echo_metrics.errors import UserError
from echo_metrics.store import Control, control_path
from echo_metrics.terms import Role

WHO = "command line"


def add_user(
    control: Control,
    email: str,
    role: Role,
    name: str = "",
    networks: Sequence[str] | None = None,
    row_level: bool = False,
    password: str | None = None,
) -> accounts.Invitation | None:
    """Create an account; without a password the answer is the invitation to hand over. `networks` None means all."""
    rights = Rights(role, tuple(networks) if networks is not None else None, row_level)
    if password is None:
        return accounts.invite(control, WHO, email, name, rights)
    accounts.create(control, WHO, email, name, rights, password)
    return None


def list_users(control: Control) -> list[Account]:
    """All accounts, oldest first."""
    return accounts.every(control)


def disable_user(control: Control, email: str) -> Account:
    """Disable the account of an e-mail; its sessions and links end. Raises `UserError` if there is none."""
    account = accounts.by_email(control, email)
    if account is None:
        raise UserError(f"There is no account for {email}.")
    accounts.disable(control, WHO, account.id)
    return account


def add_parsers(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Register `user add|list|disable` with the program's commands."""
    user = commands.add_parser("user", help="accounts: add, list, disable")
    kinds = user.add_subparsers(required=True, metavar="ACTION")
    add = kinds.add_parser("add", parents=[shared], help="create an account and print its invitation link")
    add.add_argument("email", metavar="EMAIL")
    add.add_argument("--role", choices=[r.value for r in accounts.ROLES], default=Role.EVALUATOR.value)
    add.add_argument("--name", default="")
    add.add_argument("--network", action="append", metavar="KEY", help="only this network; may be repeated")
    add.add_argument("--row-level", action="store_true", help="the right to exact small groups")
    add.add_argument(
        "--password-stdin", action="store_true", help="read a password from the first line of stdin; no invitation"
    )
    add.set_defaults(run=_add)
    listed = kinds.add_parser("list", parents=[shared], help="list the accounts")
    listed.set_defaults(run=_list)
    disable = kinds.add_parser("disable", parents=[shared], help="disable an account and end its sessions")
    disable.add_argument("email", metavar="EMAIL")
    disable.set_defaults(run=_disable)


def _open(options: argparse.Namespace) -> Control:
    return Control.open(control_path(options.store or default_store_path()))


def _add(options: argparse.Namespace) -> int:
    settings = modes.settings(os.environ, {"server.address": "127.0.0.1", "server.port": 8501})
    password = sys.stdin.readline().rstrip("\r\n") if options.password_stdin else None
    with _open(options) as control:
        invitation = add_user(
            control, options.email, Role(options.role), options.name, options.network, options.row_level, password
        )
        account = accounts.by_email(control, options.email)
    if account is None:
        raise UserError(f"The account for {options.email} was not kept. Try again.")
    # With an identity provider there is no password to choose: the account works as it is.
    address = invitation.address(settings.base) if invitation and settings.mode is not Mode.OIDC else None
    if options.json:
        print(json.dumps({"user": _as_json(account), "invitation": address}, ensure_ascii=False, indent=2))
    else:
        print(f"{account.role.value} {account.email}")
        if address:
            print(f"Hand over this address; it works once, within 7 days:\n{address}")
        elif settings.mode is Mode.OIDC:
            print(f"They sign in with the identity provider at {settings.base}")
    return 0


def _list(options: argparse.Namespace) -> int:
    with _open(options) as control:
        found = list_users(control)
    if options.json:
        print(json.dumps({"users": [_as_json(a) for a in found]}, ensure_ascii=False, indent=2))
    for account in () if options.json else found:
        networks = "all networks" if account.networks is None else ", ".join(account.networks)
        state = "disabled" if not account.enabled else "" if account.has_password else "has not chosen a password"
        row_level = "row-level" if account.row_level else ""
        print("; ".join(w for w in (account.email, account.name, account.role.value, networks, row_level, state) if w))
    return 0


def _disable(options: argparse.Namespace) -> int:
    with _open(options) as control:
        account = disable_user(control, options.email)
    if options.json:
        print(json.dumps({"disabled": account.email}, ensure_ascii=False))
    else:
        print(f"{account.email} is disabled; its sessions have ended.")
    return 0


def _as_json(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "email": account.email,
        "name": account.name,
        "role": account.role.value,
        "networks": None if account.networks is None else list(account.networks),
        "row_level": account.row_level,
        "enabled": account.enabled,
        "has_password": account.has_password,
        "created_at": account.created_at.isoformat(),
    }
