"""Column maps that people confirm, and instruments of the hub's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from echo_metrics.access import LOCAL_OWNER
from echo_metrics.answers import Filters, ask, intake
from echo_metrics.disclosure import Preset
from echo_metrics.errors import UserError
from echo_metrics.ingest.load import import_bytes
from echo_metrics.own_definitions import OwnInstrument, OwnItem, add_instrument, definitions_of
from echo_metrics.sharing.build import Request, build
from echo_metrics.sharing.release import Breakdown
from echo_metrics.store import Store
from echo_metrics.terms import Contrast

CODES = [f"AB{n:02d}" for n in range(14)]


@pytest.fixture
def store(tmp_path: Path):
    with Store.open(tmp_path / "maps.duckdb") as opened:
        yield opened


def survey(moment: str, month: int, answer: str = "Wie sicher fühlen Sie sich?", shift: int = 0) -> bytes:
    """A form in other words than ours: who, when, moment, two questions, an address that nobody needs."""
    rows = [f"Zeitpunkt,Kürzel,Phase,Anschrift,{answer},Fühlen Sie Druck?"]
    rows += [
        f"2026-{month:02d}-0{1 + n % 9} 10:00,{code},{moment},Street {n},{1 + (n + shift) % 5},"
        f"{1 + (2 * n + shift) % 5}"
        for n, code in enumerate(CODES)
    ]
    return "\n".join(rows).encode()


def read(store: Store, data: bytes, said: dict[str, str], wave: str = "") -> tuple[intake.ColumnMap, intake.FileReport]:
    report = intake.rehearse(store, "form.csv", data, "", "")
    chosen = intake.column_map("form.csv", data, report, said, "Palliative", "Cohort 1", wave)
    return chosen, intake.rehearse(store, "form.csv", data, "", "", chosen)


ITEM = "comp_assess"
SAID = {"Kürzel": "field:sgic", "Anschrift": "drop", "Wie sicher fühlen Sie sich?": f"item:{ITEM}"}


def with_date(data: bytes) -> bytes:
    return data.replace(b"Zeitpunkt", b"Timestamp", 1)


class TestMaps:
    def test_a_rehearsal_keeps_nothing(self, store: Store) -> None:
        before = store.version
        report = intake.rehearse(store, "form.csv", with_date(survey("before", 1)), "", "")
        assert report.status == "loaded"
        assert report.columns
        assert report.why
        assert (store.version, store.records("files")) == (before, [])

    def test_what_was_said_is_read_remembered_and_used_next_month(self, store: Store) -> None:
        first, second = with_date(survey("baseline", 1)), with_date(survey("baseline", 2, shift=1))
        chosen, report = read(store, first, SAID, "baseline")
        taken = {c.heading: c.maps_to for c in report.columns}
        assert taken["Kürzel"] == "field:sgic"
        assert taken["Wie sicher fühlen Sie sich?"] == f"item:{ITEM}"
        assert taken["Anschrift"].startswith("drop")
        assert intake.bring_in(store, "january.csv", first, "", "", chosen, "owner").status == "loaded"
        # Next month's file has the same headings and nothing is said about it.
        later = import_bytes(store, "february.csv", second)
        assert later.mapped
        assert {c.heading: c.maps_to for c in later.columns} == taken
        assert later.people == len(CODES)
        # What is dropped stands nowhere; what is mapped is scored.
        with store.write() as writer:
            rows = writer._cursor.execute(
                "SELECT raw FROM response UNION ALL SELECT body FROM response_text"
            ).fetchall()
            waves = writer._cursor.execute("SELECT DISTINCT wave, network_id FROM submission").fetchall()
            scored = writer._cursor.execute("SELECT count(*) FROM score WHERE measure = ?", [ITEM]).fetchall()
        assert not [r for r in rows if r[0] and "Street" in r[0]]
        assert waves == [("baseline", 1)]
        assert scored == [(2 * len(CODES),)]

    def test_another_form_is_not_touched_by_it(self, store: Store) -> None:
        first = with_date(survey("baseline", 1))
        chosen, _ = read(store, first, SAID)
        intake.bring_in(store, "january.csv", first, "", "", chosen, "owner")
        other = with_date(survey("baseline", 2, answer="Etwas anderes?"))
        assert not import_bytes(store, "other.csv", other).mapped

    def test_a_table_that_nobody_knows_is_known_once_its_columns_are_named(self, store: Store) -> None:
        data = b"Wer,Wann,Faden,Was\nAnn,2026-01-05 10:00,Grief,Hello\nBob,2026-01-06 11:00,Grief,Hi\n"
        refused = intake.rehearse(store, "board.csv", data, "", "")
        assert refused.status == "refused"
        assert intake.unknown_headings("board.csv", data) == ("Wer", "Wann", "Faden", "Was")
        said = {"Wer": "column:author", "Wann": "column:posted at", "Faden": "column:thread", "Was": "column:text"}
        chosen = intake.column_map("board.csv", data, refused, said, "Palliative", "", "")
        report = intake.bring_in(store, "board.csv", data, "Palliative", "", chosen, "owner")
        assert (report.status, report.format, report.rows_loaded) == ("loaded", "forum", 2)
        again = import_bytes(store, "next.csv", data.replace(b"Hello", b"Good day"))
        assert (again.format, again.mapped) == ("forum", True)

    def test_headings_that_are_not_there_are_refused(self, store: Store) -> None:
        data = with_date(survey("before", 1))
        with pytest.raises(UserError, match="headings can't be found"):
            intake.column_map("x.csv", b"a,b,c\n1,2,3\n", intake.rehearse(store, "f", data, "", ""), {}, "", "", "")


OWN = OwnInstrument(
    "Distress form", "Moral distress", "connection", 1, 5, False, "baseline and completion",
    (OwnItem("Fühlen Sie Druck?"), OwnItem("Wie sicher fühlen Sie sich?", reversed=True)),
)  # fmt: skip


class TestOwnInstruments:
    def load(self, store: Store) -> None:
        add_instrument(store, OWN, "owner")
        for moment, month, shift in (("baseline", 1, 0), ("completion", 6, 1)):
            data = with_date(survey(moment, month, shift=shift))
            chosen, report = read(store, data, {"Kürzel": "field:sgic", "Phase": "field:moment", "Anschrift": "drop"})
            assert {c.maps_to for c in report.columns} >= {"item:own_moral_distress_1", "item:own_moral_distress_2"}
            assert intake.bring_in(store, f"{moment}.csv", data, "", "", chosen, "owner").status == "loaded"

    def test_an_own_measure_stands_on_its_screen_with_figures_recounted(self, store: Store) -> None:
        self.load(store)
        answer = ask(store, "connection", Filters(), LOCAL_OWNER)
        (found,) = answer.only("own_moral_distress", contrast=Contrast.BASELINE_COMPLETION)
        n = pd.Series(range(len(CODES)))
        scores = []
        for shift in (0, 1):
            pressure, sure = 1 + (2 * n + shift) % 5, 1 + (n + shift) % 5
            scores.append((pressure + (6 - sure)) / 2)
        assert found.n == len(CODES)
        assert found.before == pytest.approx(scores[0].mean())
        assert found.after == pytest.approx(scores[1].mean())
        assert found.improved == int((scores[1] > scores[0]).sum())

    def test_definitions_and_data_version_follow(self, store: Store) -> None:
        before = ask(store, "connection", Filters(), LOCAL_OWNER).data_version
        add_instrument(store, OWN, "owner")
        measure = definitions_of(store).measures["own_moral_distress"]
        assert (measure.low, measure.high, measure.kind, measure.direction) == (1, 5, "change", "lower_is_better")
        assert "assumption" in measure.worthwhile_change_basis
        assert ask(store, "connection", Filters(), LOCAL_OWNER).data_version != before

    def test_an_own_measure_is_not_released(self, store: Store) -> None:
        self.load(store)
        request = Request("R", Preset.STANDARD, pages=("connection", "summary"), breakdowns=(Breakdown.DISCIPLINE,))
        # It is all that this store holds, so that nothing is left to freeze.
        with pytest.raises(UserError, match="Nothing would be left"):
            build(store, LOCAL_OWNER, request, [], 1, datetime(2026, 6, 1), store.hashed)

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"name": " "}, "needs a name"),
            ({"construct": "!!"}, "word for what it measures"),
            ({"screen": "roi"}, "no screen 'roi'"),
            ({"asked": "sometimes"}, "when it is asked"),
            ({"low": 5, "high": 5}, "lower to a higher"),
            ({"low": 0, "high": 1000}, "at most 101 points"),
            ({"items": ()}, "1 to 60 questions"),
            ({"items": (OwnItem("Same"), OwnItem("same "))}, "words of its own"),
            ({"items": ()}, None),
        ],
    )
    def test_faults_are_named(self, store: Store, change: dict, words: str | None) -> None:
        if words is None:
            item = next(iter(definitions_of(store).items.values()))
            change, words = {"items": (OwnItem(item.wording),)}, "belongs to the measure"
        with pytest.raises(UserError, match=words):
            add_instrument(store, replace(OWN, **change), "owner")

    def test_twice_is_refused(self, store: Store) -> None:
        add_instrument(store, OWN, "owner")
        with pytest.raises(UserError, match="already"):
            add_instrument(store, OWN, "owner")
