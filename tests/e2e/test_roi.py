"""The leader argues with the return on investment, and the evaluator changes the ledger behind it, in a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from echo_metrics.access import accounts
from echo_metrics.access.accounts import Rights
from echo_metrics.store import Control, control_path
from echo_metrics.terms import Role
from tests.conftest import DEMO
from tests.e2e.conftest import Server, copied, serving, settle, sound, text_of

pytestmark = pytest.mark.browser

PASSWORD = "a quiet river at night"
COHORT_1 = "?network=Psychosocial+Palliative+Care&cohort=Cohort+1"
TRAVEL = "Share of journeys that nobody would have made"
JOURNEYS = (
    "Car journeys to in-person teaching that were not needed",
    "Nights away that were not needed",
    "Working time not spent on the road",
)
LEDGER = DEMO / "roi" / "roi_psychosocial.toml"


@pytest.fixture(scope="module")
def house(demo_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A dashboard with accounts: a leader and an evaluator of one network."""
    folder = tmp_path_factory.mktemp("money")
    store = copied(demo_path, folder)
    with Control.open(control_path(store)) as control:
        for name, role in (("Lea", Role.LEADER), ("Eva", Role.EVALUATOR), ("Olga", Role.OWNER)):
            rights = Rights(role, None if role is Role.OWNER else ("psychosocial",), False)
            accounts.create(control, "test", f"{name.lower()}@hub.example", name, rights, PASSWORD)
    with serving(store, folder / "server.log", {"ECHO_ACCESS": "accounts"}) as running:
        yield running


def signed_in(browser: Browser, house: Server, name: str, width: int = 1440) -> Page:
    page = browser.new_context(viewport={"width": width, "height": 1000}).new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{house.url}/sign-in")
    page.get_by_label("E-mail").fill(f"{name}@hub.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{house.url}/")
    return page


def money(words: str) -> float:
    """The number in an amount as the screen prints it."""
    return float(re.sub(r"[^\d.\-]", "", words.replace("\N{MINUS SIGN}", "-")))


def rows_of(table: Locator) -> dict[str, list[str]]:
    return {
        cells[0]: cells[1:]
        for row in table.locator("tbody tr").all()
        if (cells := row.locator("th,td").all_inner_texts())
    }


def test_a_leader_argues_with_the_assumptions(house: Server, browser: Browser) -> None:
    page = signed_in(browser, house, "lea")
    page.goto(f"{house.url}/roi{COHORT_1}")
    settle(page)
    before = page.locator(".em-lead .lead").first.inner_text()
    assert "benefits that can be priced" in before
    # The steps to the net benefit, as the screen itself prints them.
    page.get_by_text("Show the numbers").first.click()
    steps = rows_of(page.locator("table", has_text="Running total").first)
    net = money(steps["Net benefit"][0])
    journeys = sum(money(steps[label][0]) for label in JOURNEYS)
    assert journeys > 0

    # To its low: from 60% to 40% of journeys that nobody would have made, so that 60 instead of 40 in 100 count.
    travel = page.get_by_role("slider", name=TRAVEL)
    travel.focus()
    page.keyboard.press("Home")
    changed = page.locator(".em-lead .lead", has_text="With your numbers")
    changed.wait_for()
    expect(travel).to_have_value("40")
    figure = page.locator(".em-lead", has_text="With your numbers").inner_text()
    after = money(re.search(r"to (\N{MINUS SIGN}?CAD [\d,]+), the chance", figure)[1])  # type: ignore[index]
    assert after == pytest.approx(net + journeys * (0.6 / 0.4 - 1), abs=2)

    _keep(page, "More would have gone", "Six in ten told us that they would have gone")
    travel.focus()
    page.keyboard.press("End")
    expect(travel).to_have_value("80")
    page.locator(".em-lead", has_text="With your numbers").wait_for()
    _keep(page, "Hardly anybody would have gone", "Our own staff say so")

    # Two scenarios side by side with the ledger; the last one has half of the journeys' worth.
    table = page.locator("table", has_text="The ledger as it stands").first
    heads = table.locator("thead th").all_inner_texts()
    assert heads[1:] == ["The ledger as it stands", "More would have gone", "Hardly anybody would have gone"]
    stands, more, hardly = (money(v) for v in rows_of(table)["Net benefit"])
    assert stands == pytest.approx(net, abs=1)
    assert more == pytest.approx(net + journeys / 2, abs=2)
    assert hardly == pytest.approx(net - journeys / 2, abs=2)
    page.get_by_text("Who changed what, when and why").click()
    log = page.locator("table", has_text="Net benefit that day")
    log.wait_for()
    found = rows_of(log)
    assert found["More would have gone"][0] == "Lea"
    assert "60% → 40%" in found["More would have gone"][2]
    assert found["Hardly anybody would have gone"][3] == "Our own staff say so"
    sound(page)
    # A leader sees figures; the ledger's own table is for those who keep it.
    page.goto(f"{house.url}/ledger{COHORT_1}")
    settle(page)
    assert "not part of what a leader sees" in text_of(page)


def _keep(page: Page, name: str, why: str) -> None:
    if not page.get_by_label("Name", exact=True).is_visible():
        page.get_by_text("Keep this as a scenario").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Why are these numbers better?").fill(why)
    page.keyboard.press("Tab")
    settle(page)
    page.get_by_role("button", name="Save the scenario").click()
    page.get_by_text(f"Saved: {name}").wait_for()
    settle(page)


def test_an_evaluator_changes_a_cell_and_saves_with_a_reason(house: Server, browser: Browser) -> None:
    page = signed_in(browser, house, "eva")
    page.goto(f"{house.url}/ledger{COHORT_1}")
    settle(page)
    page.get_by_role("tab", name="Assumptions").click()
    grid = page.get_by_role("tabpanel").filter(has_text="Numbers that several lines share").locator("canvas").first
    grid.wait_for()
    page.wait_for_timeout(800)
    # The first row's "value", by the widths that the screen gives its columns: key 150, label 300, low 90, value 90.
    box = grid.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 40 + 150 + 300 + 90 + 40, box["y"] + 35 + 17)
    page.keyboard.type("0.7", delay=80)
    page.keyboard.press("Enter")
    page.get_by_text(f"{TRAVEL}: changed.").wait_for()
    assert "70%" not in page.locator(".em-lead .lead").first.inner_text()
    page.get_by_role("button", name="Save this ledger").click()
    page.get_by_text("Say in a few words why the ledger changes.").wait_for()
    page.get_by_label("Why does the ledger change?").fill("Participants were asked in May")
    page.get_by_role("button", name="Save this ledger").click()
    page.get_by_text("Who changed what and why stands in the audit").wait_for()
    settle(page)
    page.goto(f"{house.url}/roi{COHORT_1}")
    settle(page)
    expect(page.get_by_role("slider", name=TRAVEL)).to_have_value("70")
    sound(page)


def test_a_faulty_ledger_says_line_and_reason_and_the_last_good_figures_stay(
    house: Server, browser: Browser, tmp_path: Path
) -> None:
    page = signed_in(browser, house, "eva")
    page.goto(f"{house.url}/roi{COHORT_1}")
    settle(page)
    good = page.locator(".em-lead .lead").first.inner_text()
    faulty = tmp_path / "ledger.toml"
    text = LEDGER.read_text(encoding="utf-8")
    text = text.replace("deadweight = { low = 0.3, base = 0.4, high = 0.6 }", "deadweight = 40")
    text = text.replace("unit_value = 150\n", "unit_value = -150\nprice_year = 2019\n")
    faulty.write_text(text, encoding="utf-8")
    page.goto(f"{house.url}/ledger{COHORT_1}")
    settle(page)
    page.get_by_role("combobox", name="Ledger").click()
    page.get_by_role("option", name="Bring a file (TOML or XLSX)").click()
    page.locator("input[type=file]").set_input_files(str(faulty))
    problems = page.locator(".em-problems")
    problems.wait_for()
    said = problems.inner_text()
    assert "4 problems" in said
    assert "cost 'guest_speaker': price_year is 2019, the ledger's 2020; state the price level of 2019" in said
    assert "benefit 'avoided_course_fees': deadweight is 40; write a share between 0 and 1; 40 percent is 0.4." in said
    assert "cost 'guest_speaker': unit_value is -150; it must not be negative." in said
    assert page.get_by_role("button", name="Save this ledger").count() == 0
    page.goto(f"{house.url}/roi{COHORT_1}")
    settle(page)
    assert page.locator(".em-lead .lead").first.inner_text() == good
    sound(page)


def test_the_audit_tells_who_changed_the_ledger_and_why(house: Server, browser: Browser) -> None:
    page = signed_in(browser, house, "olga")
    page.goto(f"{house.url}/audit")
    settle(page)
    words = text_of(page)
    assert "ledger changed" in words.lower()
    assert "Participants were asked in May" in words
    assert "scenario saved" in words.lower()
