"""The parts of the people screen: the accounts, an invitation, and what can be done with one account."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from echo_metrics.access.accounts import ROLES, Account, Rights
from echo_metrics.charts import Table
from echo_metrics.errors import UserError
from echo_metrics.terms import Role
from pages.ui import access_door, parts

ROLE_WORDS = {
    Role.OWNER: "Owner: everything, files and people too",
    Role.EVALUATOR: "Evaluator: every screen, figures through the gate",
    Role.LEADER: "Leader: summary and return on investment",
}


def no_accounts() -> None:
    """What local mode means for this screen."""
    st.info(
        "ECHO Metrics runs in local mode: it answers to this computer only and has no accounts. To let other people "
        "sign in, start it with ECHO_ACCESS=accounts or ECHO_ACCESS=oidc; the operations guide says how."
    )


def table(everybody: Sequence[Account]) -> None:
    """All accounts."""
    parts.heading("Accounts")
    names = dict(access_door.networks())
    parts.table(
        Table(
            ("E-mail", "Name", "Role", "Networks", "Exact small groups", "State", "Since"),
            tuple(
                (
                    a.email,
                    a.name or "not given yet",
                    a.role.value.capitalize(),
                    _networks(a, names),
                    "yes" if a.row_level else "no",
                    _state(a),
                    f"{a.created_at:%Y-%m-%d}",
                )
                for a in everybody
            ),
        )
    )


def invitation() -> None:
    """The form that makes an account and shows its address once."""
    parts.heading("Invite somebody", "They get an address that works once, within seven days, to choose a password.")
    with st.form("invite", clear_on_submit=True):
        left, right = st.columns(2)
        email = left.text_input("E-mail", key="invite-email", max_chars=254)
        name = right.text_input("Name", key="invite-name", max_chars=100, help="They can change it.")
        rights = _rights("invite", None)
        sent = st.form_submit_button("Make the invitation", type="primary", icon=":material/person_add:")
    if sent:
        _show(lambda: access_door.invite(email, name, rights()))


def one_account(everybody: Sequence[Account]) -> None:
    """Change, disable or enable one account, or make it a new link."""
    parts.heading("Change an account", "Open sessions follow at their next click.")
    chosen = st.selectbox(
        "Account", everybody, format_func=lambda a: f"{a.shown} ({a.email})", index=None, key="people-account"
    )
    if chosen is None:
        return
    with st.form(f"rights-{chosen.id}"):
        rights = _rights(f"rights-{chosen.id}", chosen)
        if st.form_submit_button("Save"):
            _do(lambda: access_door.change_rights(chosen.id, rights()))
    left, right = st.columns(2)
    if chosen.enabled:
        if left.button("Make a new link", key="people-link", help="For a new password; earlier links stop working."):
            _show(lambda: access_door.new_link(chosen.id))
        if right.button("Disable", key="people-disable", help="Ends its sessions and links."):
            _do(lambda: access_door.disable(chosen.id))
    elif right.button("Enable", key="people-enable"):
        _do(lambda: access_door.enable(chosen.id))


def _rights(key: str, account: Account | None) -> Callable[[], Rights]:
    names = dict(access_door.networks())
    first = account.role if account else Role.EVALUATOR
    role = st.selectbox("Role", ROLES, index=ROLES.index(first), format_func=lambda r: ROLE_WORDS[r], key=f"{key}-role")
    limited = account.networks if account and account.networks is not None else ()
    known = [*names, *(k for k in limited if k not in names)]
    networks = st.multiselect(
        "Networks",
        known,
        default=list(limited),
        format_func=lambda k: names.get(k, k),
        key=f"{key}-networks",
        placeholder="All networks",
        help="None chosen means all of them.",
    )
    row_level = st.checkbox(
        "Right to exact small groups",
        value=bool(account and account.row_level and account.role is not Role.OWNER),
        key=f"{key}-row-level",
        help="For evaluators who need them; every such view is in the audit. An owner always has it.",
    )
    return lambda: Rights(role, tuple(networks) or None, row_level or role is Role.OWNER)


def _show(make: Callable[[], str]) -> None:
    try:
        address = make()
    except UserError as error:
        st.error(str(error))
        return
    st.success("Hand over this address. It is shown only now.")
    st.code(address, language=None)


def _do(work: Callable[[], None]) -> None:
    try:
        work()
    except UserError as error:
        st.error(str(error))
        return
    st.rerun()


def _networks(account: Account, names: dict[str, str]) -> str:
    return "all" if account.networks is None else ", ".join(names.get(k, k) for k in account.networks)


def _state(account: Account) -> str:
    if not account.enabled:
        return "disabled"
    return "in use" if account.has_password else "invited"
