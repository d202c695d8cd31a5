"""The control plane: one instance a path, many small writes from threads, an audit that nothing can rewrite."""

from __future__ import annotations

import re
import shutil
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from echo_metrics.access import accounts, audit, sessions
from echo_metrics.access.accounts import Rights
from echo_metrics.access.audit import Action
from echo_metrics.access.modes import Mode, Settings
from echo_metrics.access.throttle import Throttle
from echo_metrics.errors import UserError
from echo_metrics.store import Control, Writer, control_path
from echo_metrics.terms import Role
from tests.conftest import ROOT

SQL = ROOT / "echo_metrics" / "store"


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    yield Control.at(control_path(tmp_path / "echo.duckdb"))
    Control.close_all()


def test_it_stands_beside_the_store_with_a_key_of_its_own(control: Control, tmp_path: Path) -> None:
    assert control.path.name == "echo.control.duckdb"
    key = tmp_path / "echo.control.key"
    assert len(key.read_bytes()) == 32
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_one_instance_a_path(control: Control, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    with ThreadPoolExecutor(8) as pool:
        paths = [tmp_path / "sub" / ".." / "echo.control.duckdb"] * 16
        assert {id(c) for c in pool.map(Control.at, paths)} == {id(control)}


def test_many_small_writes_from_threads(control: Control) -> None:
    """Counts, chains and sessions stay whole, also from a second opening of the same file."""
    other = Control.open(control.path)
    account = accounts.create(control, "", "a@b.example", "A", Rights(Role.EVALUATOR))
    settings = Settings(Mode.ACCOUNTS)
    before = audit.verify(control).checked

    def work(i: int) -> None:
        mine = control if i % 2 else other
        audit.record(mine, "local", Action.EXPORTED, f"file {i}", {"n": i})
        Throttle(mine).failed("account", "x@y.example")
        secret = sessions.start(mine, account)
        assert sessions.find(mine, settings, secret) is not None

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(work, range(120)))
    found = audit.verify(control)
    assert found.broken is None
    assert found.checked - before == 240
    # Every failure was counted: with 120 of them, the wait is the longest there is.
    assert control.rows("control_throttle", Throttle(control)._row("account", "x@y.example"))[0][0] == 120
    other.close()


def test_a_conflict_is_tried_again_and_then_told(control: Control) -> None:
    tries: list[int] = []

    def loses(writer: Writer) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise duckdb.TransactionException("conflict")

    control.change(loses)
    assert len(tries) == 3

    def always(writer: Writer) -> None:
        raise duckdb.TransactionException("conflict")

    with pytest.raises(duckdb.TransactionException):
        control.change(always)


def test_a_failed_transaction_leaves_nothing(control: Control) -> None:
    before = audit.verify(control).checked

    def work(writer: Writer) -> None:
        audit.add(control, writer, "", Action.EXPORTED)
        raise UserError("no")

    with pytest.raises(UserError):
        control.change(work)
    assert audit.verify(control) == audit.Chain(before, None)


def test_of_two_that_spend_one_token_one_gets_it(control: Control) -> None:
    secret = accounts.setup_secret(control)
    gate = threading.Barrier(4)

    def work(i: int) -> bool:
        gate.wait()
        try:
            accounts.set_up(control, secret, f"o{i}@hub.example", "O", "a quiet river at night")
        except UserError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 1
    assert len(accounts.every(control)) == 1


# -- the audit is only ever added to ----------------------------------------------------------------------------------


def test_no_statement_changes_or_removes_a_row_of_the_audit() -> None:
    found = [p for p in SQL.rglob("*.sql") if re.search(r"\baudit\b", p.read_text(encoding="utf-8"))]
    assert len(found) >= 3
    change = re.compile(r"\b(UPDATE|DELETE\s+FROM|DROP\s+TABLE|TRUNCATE|ALTER\s+TABLE|REPLACE\s+INTO)\s+audit\b", re.I)
    for path in found:
        text = path.read_text(encoding="utf-8")
        assert not change.search(text), path.name
        if path.parent.name == "queries":
            assert text.lstrip().upper().startswith("SELECT"), path.name


def test_the_writer_refuses_to_change_it(control: Control) -> None:
    audit.record(control, "", Action.EXPORTED)
    with pytest.raises(PermissionError), control.write() as writer:
        writer.update("audit", [{"id": 1, "who": "else"}])


@pytest.mark.parametrize(
    ("damage", "broken"),
    [
        ("UPDATE audit SET subject = 'other' WHERE number = 3", 3),
        ("UPDATE audit SET who = 'x' WHERE number = 1", 1),
        ("DELETE FROM audit WHERE number = 2", 2),
        ("DELETE FROM audit WHERE number = 5", 5),
        ("DELETE FROM audit", 1),
    ],
)
def test_a_changed_or_missing_row_is_named(control: Control, damage: str, broken: int) -> None:
    for i in range(5):
        audit.record(control, "", Action.EXPORTED, str(i))
    assert audit.verify(control) == audit.Chain(5, None)
    with control._connection.cursor() as cursor:
        cursor.execute(damage)
    assert audit.verify(control).broken == broken


def test_a_row_of_another_history_does_not_fit(tmp_path: Path) -> None:
    """A row that this program wrote with this key, but after other rows: from an older copy of the file, say."""
    path, fork = tmp_path / "a.control.duckdb", tmp_path / "b.control.duckdb"
    with Control.open(path) as control:
        audit.record(control, "", Action.EXPORTED, "1")
    shutil.copy(path, fork)
    shutil.copy(path.with_suffix(".key"), fork.with_suffix(".key"))
    for file, words in ((path, "as it was"), (fork, "otherwise")):
        with Control.open(file) as control:
            audit.record(control, "", Action.EXPORTED, words)
            audit.record(control, "", Action.EXPORTED, words)
            row = control.rows("control_audit_chain")[1]
    with Control.open(path) as control, control._connection.cursor() as cursor:
        assert audit.verify(control).broken is None
        cursor.execute("DELETE FROM audit WHERE number = 2")
        cursor.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)", list(row))
        assert audit.verify(control).broken == 3


def test_details_are_short_words_and_numbers_only(control: Control) -> None:
    for bad in ({"x": "y" * 201}, {"x": [1, 2]}, {"x": {"a": 1}}, {"x": None}, {str(i): i for i in range(13)}):
        with pytest.raises(ValueError, match="audit"):
            audit.record(control, "", Action.EXPORTED, "", bad)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="audit"):
        audit.record(control, "", Action.EXPORTED, "s" * 201)
    assert audit.verify(control).checked == 0


def test_entries_by_filter(control: Control) -> None:
    person = accounts.create(control, "local", "eva@hub.example", "Eva Núñez", Rights(Role.EVALUATOR))
    audit.record(control, person.id, Action.VIEWED_INTERNAL, "competency", {"filters": "cohort 1"})
    audit.record(control, "local", Action.IMPORTED, "zoom.csv", {"rows": 12})
    assert [e.action for e in audit.entries(control)] == ["imported", "viewed_internal", "account_created"]
    assert [e.subject for e in audit.entries(control, who=person.id)] == ["competency"]
    assert [e.detail for e in audit.entries(control, action=Action.IMPORTED)] == [{"rows": 12}]
    assert [e.who_name for e in audit.entries(control, text="núñez")] == ["Eva Núñez"]
    assert [e.subject for e in audit.entries(control, text="COHORT 1")] == ["competency"]
    now = control.now()
    assert audit.entries(control, since=now) == []
    assert len(audit.entries(control, until=now)) == 3
    assert len(audit.entries(control, limit=2)) == 2
