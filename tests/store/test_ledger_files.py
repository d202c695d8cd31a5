"""Ledgers as files on their way into the store: a workbook counts as its TOML does, and a bad one moves nothing."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

from echo_metrics.access import LOCAL_OWNER
from echo_metrics.answers import Filters, ask
from echo_metrics.answers.ledgers import kept
from echo_metrics.errors import UserError
from echo_metrics.ingest.load import import_path
from echo_metrics.ledger_files.toml_text import to_toml
from echo_metrics.ledger_files.workbook import to_workbook
from echo_metrics.roi.ledger import Ledger
from echo_metrics.roi.model import Counted, build_model
from echo_metrics.roi.parse import parse_ledger
from echo_metrics.store import Store
from tests.ledgers import HEAD, assumption, line, spread


def typed(price: float = 100.0) -> Ledger:
    """A ledger that draws on nothing, so that any store can hold it."""
    return parse_ledger(
        {
            **HEAD,
            "assumption": [assumption("lost", spread(0.3, 0.6, 0.8)), assumption("times", 3)],
            "cost": [line("hub", "times", price, whose_budget="Hub")],
            "benefit": [line("gain", 10, spread(50, 90, 120), deadweight="lost", years=2, drop_off=0.5)],
        }
    )


def book_of(ledger: Ledger) -> bytes:
    return to_workbook(ledger, build_model(ledger, Counted({})))


def net_of(store: Store) -> float:
    found = next(r for r in ask(store, "roi", Filters(), LOCAL_OWNER).results if r.measure == "net_benefit").value
    assert found is not None
    return found.value


def test_a_workbook_counts_as_its_toml_does(store: Store, tmp_path: Path) -> None:
    (tmp_path / "l.toml").write_text(to_toml(typed()), encoding="utf-8")
    first = import_path(store, tmp_path / "l.toml", "A network")
    net = net_of(store)
    assert net == pytest.approx(10 * 90 * 0.4 * (1 + 0.5 / 1.035) - 300)
    (tmp_path / "l.xlsx").write_bytes(book_of(typed()))
    second = import_path(store, tmp_path / "l.xlsx", "A network")
    assert (first.status, second.status) == ("loaded", "loaded")
    assert second.balanced
    assert net_of(store) == pytest.approx(net)
    [stands] = kept(store, LOCAL_OWNER, Filters())
    assert parse_ledger(stands.body) == typed()


@pytest.mark.parametrize("change", ["text", "column", "sheet", "share"])
def test_a_faulty_workbook_leaves_the_last_good_figures(store: Store, tmp_path: Path, change: str) -> None:
    (tmp_path / "good.xlsx").write_bytes(book_of(typed()))
    import_path(store, tmp_path / "good.xlsx", "A network")
    net = net_of(store)
    book = openpyxl.load_workbook(io.BytesIO(book_of(typed(555.0))))
    headings = {c.value: c.column for c in book["Lines"][1]}
    if change == "text":
        book["Lines"].cell(3, headings["unit_value high"]).value = "many"
    elif change == "share":
        book["Assumptions"].cell(2, 5).value = 80
    elif change == "column":
        book["Lines"].delete_cols(headings["deadweight"])
    else:
        book.remove(book["Correlations"])
    book.save(tmp_path / "bad.xlsx")
    try:
        report = import_path(store, tmp_path / "bad.xlsx", "A network")
    except UserError as refused:
        words = str(refused)
    else:
        assert report.status != "loaded"
        words = str(report)
    expected = {"text": "unit_value.high", "share": "lost", "column": "deadweight", "sheet": "Correlations"}[change]
    assert expected in words
    assert net_of(store) == pytest.approx(net)
