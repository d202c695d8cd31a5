"""Passwords, accounts, one-time tokens, sessions and their limits, the throttle."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from echo_metrics.access import accounts, audit, identity, passwords, sessions, tokens
from echo_metrics.access.accounts import Account, Rights
from echo_metrics.access.audit import Action
from echo_metrics.access.modes import Mode, Settings
from echo_metrics.access.throttle import Throttle
from echo_metrics.access.tokens import TokenKind
from echo_metrics.errors import UserError
from echo_metrics.store import Control, control_path
from echo_metrics.terms import Role

PASSWORD = "a quiet river at night"
ACCOUNTS, OIDC = Settings(Mode.ACCOUNTS), Settings(Mode.OIDC)


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 3, 2, 9, 0)

    def __call__(self) -> datetime:
        return self.time

    def later(self, **passed: float) -> None:
        self.time += timedelta(**passed)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def control(tmp_path: Path, clock: Clock) -> Iterator[Control]:
    with Control.open(control_path(tmp_path / "echo.duckdb")) as opened:
        opened.clock = clock
        yield opened


@pytest.fixture
def eva(control: Control) -> Account:
    return accounts.create(control, "", "Eva@Hub.example", "Eva", Rights(Role.EVALUATOR, ("b", "a")), PASSWORD)


# -- passwords --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password",
    ["", "short", "x" * 11, "y" * 201, "eva@hub.example", "EVA@hub.example", "Password1234", "aaaaaaaaaaaaaa",
     "123 456 789 012", "CorrectHorseBatteryStaple", "ababababababab"],
)  # fmt: skip
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(UserError):
        passwords.refuse_weak(password, "eva@hub.example")


@pytest.mark.parametrize("password", [PASSWORD, "x7" * 6 + "kQ", "пароль из многих слов", "ab c" * 50])
def test_long_ones_are_taken_whatever_the_script(password: str) -> None:
    passwords.refuse_weak(password, "eva@hub.example")
    assert passwords.matches(passwords.hashed(password), password)


def test_argon2id_with_the_low_memory_profile() -> None:
    stored = passwords.hashed(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert stored != passwords.hashed(PASSWORD)
    assert not passwords.matches(stored, PASSWORD + " ")
    assert not passwords.matches("", "nobody has this password")
    assert not passwords.matches("not a hash", PASSWORD)


def test_an_outdated_hash_is_renewed_at_sign_in(control: Control, eva: Account) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    control.change(lambda w: w.run("control_set_password", {"id": eva.id, "password": weak}))
    assert accounts.authenticate(control, "eva@hub.example", PASSWORD) is not None
    assert "m=65536" in control.rows("control_account_password", {"id": eva.id})[0][0]
    assert accounts.authenticate(control, "eva@hub.example", PASSWORD) is not None


def test_an_unknown_account_costs_the_same_time(control: Control, eva: Account) -> None:
    passwords.nobody()

    def best(email: str) -> float:
        taken = []
        for _ in range(4):
            start = time.perf_counter()
            assert accounts.authenticate(control, email, "a wrong password") is None
            taken.append(time.perf_counter() - start)
        return min(taken)

    known, unknown = best("eva@hub.example"), best("nobody@hub.example")
    assert unknown > known / 2


# -- accounts ---------------------------------------------------------------------------------------------------------


def test_an_account_comes_back_as_it_was_made(control: Control, eva: Account) -> None:
    found = accounts.by_email(control, "  EVA@hub.EXAMPLE ")
    assert found == accounts.by_id(control, eva.id)
    assert found is not None
    assert (found.email, found.role, found.networks, found.row_level) == (
        "eva@hub.example", Role.EVALUATOR, ("a", "b"), False,
    )  # fmt: skip
    with pytest.raises(UserError, match="account already"):
        accounts.create(control, "", "eva@HUB.example", "Other", Rights(Role.LEADER))


@pytest.mark.parametrize(
    "email", ["", "x", "a@b", "a b@c.de", "a@b@c.de", "a@c.de\x00", "ü" * 300 + "@c.de", "a@.", "@c.de"]
)
def test_what_is_no_address_is_refused(control: Control, email: str) -> None:
    with pytest.raises(UserError):
        accounts.create(control, "", email, "X", Rights(Role.LEADER))


@pytest.mark.parametrize(
    "rights",
    [Rights(Role.FUNDER), Rights(Role.OWNER, ("a",)), Rights(Role.EVALUATOR, ()), Rights(Role.LEADER, None, True)],
)
def test_rights_that_make_no_sense_are_refused(control: Control, eva: Account, rights: Rights) -> None:
    with pytest.raises(UserError):
        accounts.invite(control, "", "new@hub.example", "N", rights)
    with pytest.raises(UserError):
        accounts.change_rights(control, "", eva.id, rights)


def test_the_last_owner_stays(control: Control, eva: Account) -> None:
    owner = accounts.create(control, "", "o@hub.example", "O", Rights(Role.OWNER), PASSWORD)
    assert owner.row_level
    with pytest.raises(UserError, match="only owner"):
        accounts.disable(control, "", owner.id)
    with pytest.raises(UserError, match="only owner"):
        accounts.change_rights(control, "", owner.id, Rights(Role.LEADER))
    accounts.change_rights(control, owner.id, eva.id, Rights(Role.OWNER))
    accounts.disable(control, eva.id, owner.id)
    assert not accounts.by_id(control, owner.id).enabled  # type: ignore[union-attr]


def test_rights_change_again_and_again(control: Control, eva: Account) -> None:
    """DuckDB's constraint checks must not trip over repeated updates of a keyed row."""
    for i in range(6):
        accounts.change_rights(control, "", eva.id, Rights(Role.LEADER if i % 2 else Role.EVALUATOR, ("a", f"n{i}")))
        accounts.disable(control, "", eva.id)
        accounts.enable(control, "", eva.id)
    found = accounts.by_id(control, eva.id)
    assert found is not None
    assert found.networks == ("a", "n5")


def test_the_database_holds_no_secret(control: Control, eva: Account, tmp_path: Path) -> None:
    made = [
        sessions.start(control, eva),
        accounts.setup_secret(control),
        accounts.invite(control, "", "n@hub.example", "N", Rights(Role.LEADER)).secret,
    ]
    Throttle(control).failed("account", "typed@hub.example")
    with control._connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
    raw = b"".join(p.read_bytes() for p in tmp_path.glob("echo.control.duckdb*"))
    assert b"eva@hub.example" in raw
    for secret in [*made, PASSWORD, "typed@hub.example"]:
        assert secret.encode() not in raw


# -- one-time tokens --------------------------------------------------------------------------------------------------


def test_an_invitation_works_once(control: Control) -> None:
    invitation = accounts.invite(control, "", "n@hub.example", "", Rights(Role.LEADER, ("a",)))
    assert invitation.address("https://x.example") == f"https://x.example/invite/{invitation.secret}"
    assert accounts.authenticate(control, "n@hub.example", "") is None
    for _ in range(3):
        assert tokens.look(control, invitation.secret, TokenKind.INVITATION) is not None
    assert tokens.look(control, invitation.secret, TokenKind.SETUP) is None
    with pytest.raises(UserError, match="characters"):
        accounts.accept(control, invitation.secret, "Nora", "short")
    found = accounts.accept(control, invitation.secret, "Nora", PASSWORD)
    assert (found.name, found.has_password) == ("Nora", True)
    with pytest.raises(UserError, match="does not work"):
        accounts.accept(control, invitation.secret, "Eve", "another password here")
    assert accounts.authenticate(control, "n@hub.example", PASSWORD) is not None


def test_tokens_expire_and_newer_ones_replace_them(control: Control, clock: Clock) -> None:
    first = accounts.invite(control, "", "n@hub.example", "N", Rights(Role.LEADER))
    second = accounts.new_link(control, "", first.account.id)
    assert tokens.look(control, first.secret, TokenKind.INVITATION) is None
    clock.later(days=6, hours=23)
    assert tokens.look(control, second.secret, TokenKind.INVITATION) is not None
    clock.later(hours=1)
    with pytest.raises(UserError, match="does not work"):
        accounts.accept(control, second.secret, "N", PASSWORD)
    old, new = accounts.setup_secret(control), accounts.setup_secret(control)
    assert tokens.look(control, old, TokenKind.SETUP) is None
    assert tokens.look(control, new, TokenKind.SETUP) is not None
    for forged in ("", new[:-1], new + "A", new.swapcase(), "A" * 43, "\x00" * 43, "é" * 43):
        assert tokens.look(control, forged, TokenKind.SETUP) is None


def test_a_disabled_account_can_not_be_opened_by_its_old_link(control: Control) -> None:
    invitation = accounts.invite(control, "", "n@hub.example", "N", Rights(Role.LEADER))
    accounts.disable(control, "", invitation.account.id)
    accounts.enable(control, "", invitation.account.id)
    with pytest.raises(UserError, match="does not work"):
        accounts.accept(control, invitation.secret, "N", PASSWORD)


# -- sessions ---------------------------------------------------------------------------------------------------------


def test_limits_of_a_session(control: Control, eva: Account, clock: Clock) -> None:
    idle, worked = sessions.start(control, eva), sessions.start(control, eva)
    for _ in range(12):
        clock.later(minutes=59)
        assert sessions.find(control, ACCOUNTS, worked) is not None
    assert sessions.find(control, ACCOUNTS, idle) is None
    clock.later(minutes=12)
    assert sessions.find(control, ACCOUNTS, worked) is None


def test_last_seen_is_written_at_most_once_a_minute(control: Control, eva: Account, clock: Clock) -> None:
    secret = sessions.start(control, eva)
    key = {"hash": control.hashed("session", secret)}
    first = control.rows("control_session", key)[0][3]
    clock.later(seconds=59)
    sessions.find(control, ACCOUNTS, secret)
    assert control.rows("control_session", key)[0][3] == first
    clock.later(seconds=1)
    sessions.find(control, ACCOUNTS, secret)
    assert control.rows("control_session", key)[0][3] == clock.time


def test_signing_out_disabling_and_new_rights(control: Control, eva: Account) -> None:
    one, two = sessions.start(control, eva), sessions.start(control, eva)
    opened = sessions.find(control, ACCOUNTS, one)
    assert opened is not None
    sessions.end(control, opened)
    assert sessions.find(control, ACCOUNTS, one) is None
    accounts.change_rights(control, "", eva.id, Rights(Role.LEADER, ("c",)))
    cookies = {identity.session_cookie(ACCOUNTS): two}
    asked = identity.who(control, ACCOUNTS, cookies)
    assert asked is not None
    assert (asked.role, asked.network_keys) == (Role.LEADER, frozenset({"c"}))
    accounts.disable(control, "", eva.id)
    assert identity.who(control, ACCOUNTS, cookies) is None
    accounts.enable(control, "", eva.id)
    assert identity.who(control, ACCOUNTS, cookies) is None
    for forged in ("", two[:-1], two[:-1] + "!", "x" * 1_000_000, "é" * 43, "A" * 43):
        assert identity.who(control, ACCOUNTS, {identity.session_cookie(ACCOUNTS): forged}) is None


def test_a_new_password_ends_the_other_sessions(control: Control, eva: Account) -> None:
    one, two = sessions.start(control, eva), sessions.start(control, eva)
    keep = sessions.find(control, ACCOUNTS, one)
    assert keep is not None
    with pytest.raises(UserError, match="current password"):
        accounts.change_password(control, eva.id, "wrong", "another password here", keep.key)
    accounts.change_password(control, eva.id, PASSWORD, "another password here", keep.key)
    assert sessions.find(control, ACCOUNTS, one) is not None
    assert sessions.find(control, ACCOUNTS, two) is None
    assert accounts.authenticate(control, eva.email, PASSWORD) is None


# -- an identity provider's sign-ins ----------------------------------------------------------------------------------


def claims(clock: Clock, **changed: Any) -> dict[str, Any]:
    issued = int(clock.time.replace(tzinfo=UTC).timestamp())
    plain = {
        "iss": "https://id.example",
        "sub": "42",
        "iat": issued,
        "email": "EVA@hub.example",
        "email_verified": True,
    }
    return {**plain, **changed}


def test_claims_open_the_account_of_a_verified_address(control: Control, eva: Account, clock: Clock) -> None:
    asked = identity.who(control, OIDC, {}, claims(clock))
    assert asked is not None
    assert asked.account == eva.id
    assert [e.action for e in audit.entries(control, action=Action.SIGNED_IN)] == ["signed_in"]
    identity.who(control, OIDC, {}, claims(clock))
    assert len(audit.entries(control, action=Action.SIGNED_IN)) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"email_verified": False}, {"email_verified": "true"}, {"email_verified": 1}, {"email_verified": None},
        {"email": "nobody@hub.example"}, {"email": ""}, {"email": None}, {"email": ["eva@hub.example"]},
        {"iss": None}, {"sub": ""}, {"sub": 42}, {"iat": None}, {"iat": "soon"}, {"iat": True}, {"iat": 1e300},
        {"iat": float("nan")}, {"iat": 0}, {"iat": 1_600_000_000}, {"iat": 4_000_000_000},
    ],
    ids=str,
)  # fmt: skip
def test_other_claims_open_nothing(control: Control, eva: Account, clock: Clock, changed: dict[str, Any]) -> None:
    assert identity.who(control, OIDC, {}, claims(clock, **changed)) is None
    assert audit.entries(control, action=Action.SIGNED_IN) == []


def test_a_sign_in_that_ended_stays_ended(control: Control, eva: Account, clock: Clock) -> None:
    told = claims(clock)
    opened = sessions.find_for_claims(control, OIDC, told)
    assert opened is not None
    sessions.end(control, opened)
    assert sessions.find_for_claims(control, OIDC, told) is None
    clock.later(minutes=1)
    again = claims(clock)
    assert sessions.find_for_claims(control, OIDC, again) is not None
    unseen = claims(clock, sub="43")
    accounts.disable(control, "", eva.id)
    assert sessions.find_for_claims(control, OIDC, again) is None
    accounts.enable(control, "", eva.id)
    # Neither the sign-in that was open nor one that was never used here survives the disabling.
    assert sessions.find_for_claims(control, OIDC, again) is None
    assert sessions.find_for_claims(control, OIDC, unseen) is None
    clock.later(seconds=2)
    assert sessions.find_for_claims(control, OIDC, claims(clock)) is not None


def test_limits_hold_for_the_providers_long_cookie(control: Control, eva: Account, clock: Clock) -> None:
    told = claims(clock)
    assert sessions.find_for_claims(control, OIDC, told) is not None
    clock.later(minutes=60)
    assert sessions.find_for_claims(control, OIDC, told) is None
    late = claims(clock)
    clock.later(hours=12)
    assert sessions.find_for_claims(control, OIDC, late) is None
    # Sessions of other people are tidied away by age; what had ended does not come back by that.
    clock.later(days=40)
    sessions.start(control, eva)
    assert sessions.find_for_claims(control, OIDC, told) is None


# -- the throttle -----------------------------------------------------------------------------------------------------


def test_waits_double_up_to_a_quarter_of_an_hour(control: Control, clock: Clock) -> None:
    throttle, waits = Throttle(control), []
    for _ in range(18):
        wait = throttle.blocked("passcode", "k")
        waits.append(wait)
        clock.later(seconds=wait)
        assert throttle.blocked("passcode", "k") == 0
        throttle.failed("passcode", "k")
    assert waits == [0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]
    assert throttle.blocked("passcode", "other") == 0
    assert throttle.blocked("account", "k") == 0
    throttle.succeeded("passcode", "k")
    assert throttle.blocked("passcode", "k") == 0


def test_failures_are_forgotten_after_a_day(control: Control, clock: Clock) -> None:
    throttle = Throttle(control)
    for _ in range(30):
        throttle.failed("account", "k")
    clock.later(hours=24)
    assert throttle.take(("account", "k")) == 0
    assert [throttle.take(("account", "k")) for _ in range(5)] == [0, 0, 0, 0, 2]
    throttle.failed("account", "somebody new")
    assert len(control.rows("control_throttle", throttle._row("account", "k"))) == 1


def test_an_attempt_is_taken_before_it_is_made(control: Control) -> None:
    throttle = Throttle(control)
    assert [throttle.take(("account", "a"), ("address", "b")) for _ in range(6)] == [0, 0, 0, 0, 0, 2]
    throttle.give_back("address", "b")
    assert control.rows("control_throttle", throttle._row("address", "b"))[0][0] == 4
