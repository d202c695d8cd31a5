"""A server in accounts mode with one account a role, on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from echo_metrics.access import accounts
from echo_metrics.access.accounts import Account, Rights
from echo_metrics.access.modes import Mode, Settings
from echo_metrics.server.context import Context
from echo_metrics.store import Control
from echo_metrics.terms import Role
from tests.server.asgi import Visitor, build

PASSWORD = "a quiet river at night"


@dataclass
class House:
    """The app, its context, its accounts, and a clock that tests move."""

    app: Any
    context: Context
    people: dict[Role, Account] = field(default_factory=dict)
    time: datetime = datetime(2026, 3, 2, 9, 0)

    def later(self, **passed: float) -> None:
        self.time += timedelta(**passed)

    def visitor(self, **given: Any) -> Visitor:
        return Visitor(self.app, **given)

    def signed_in(self, role: Role = Role.OWNER) -> Visitor:
        visitor = self.visitor()
        reply = visitor.fill("/sign-in", {"email": self.people[role].email, "password": PASSWORD})
        assert reply.status_code == 303, reply.text
        return visitor


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    app, context = build(tmp_path / "echo.duckdb", Settings(Mode.ACCOUNTS))
    made = House(app, context)
    context.control.clock = lambda: made.time
    for role in accounts.ROLES:
        email = f"{role.value}@hub.example"
        made.people[role] = accounts.create(context.control, "", email, role.value, Rights(role), PASSWORD)
    yield made
    Control.close_all()
