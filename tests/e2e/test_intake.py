"""A coordinator drops mixed files, corrects one map, makes a measure, imports, takes one file back; in a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import DEMO
from tests.e2e.conftest import copied, serving, settle, sound, text_of

pytestmark = pytest.mark.browser

ZOOM = DEMO / "zoom" / "participants_85010203040_2020_01_09.csv"
PEOPLE = 12


def survey(folder: Path, name: str, moment: str, shift: int) -> Path:
    lines = ["Timestamp,Kürzel,Moment,How sure do you feel?,I can bear the pressure"]
    lines += [
        f"2026-0{1 + shift}-0{1 + n % 9} 10:00,AB{n},{moment},{1 + (n + shift) % 5},{1 + (2 * n + shift) % 5}"
        for n in range(PEOPLE)
    ]
    path = folder / name
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def drop(page: Page, *files: Path) -> None:
    page.locator("input[type=file]").set_input_files([str(f) for f in files])
    settle(page)
    page.get_by_role("button", name="Read them").click()


def pick(page: Page, label: str, option: str) -> None:
    """Choose an option by typing it; a box that is drawn anew meanwhile loses what was typed, so it is tried again."""
    box = page.get_by_role("combobox", name=label).first
    offered = page.get_by_role("option", name=option).first
    settle(page)
    for _ in range(5):
        box.click()
        page.keyboard.type(option, delay=10)
        page.wait_for_timeout(500)
        if offered.is_visible():
            break
        page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # Escape would empty the box again
    settle(page)


def say(page: Page, row: int, words: str) -> None:
    """Choose in the last column of the table of columns: the cell is drawn on a canvas, so by place and keyboard."""
    grid = page.locator("[data-testid=stDataFrame] canvas").first
    grid.scroll_into_view_if_needed()
    page.wait_for_timeout(800)
    box = grid.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] - 60, box["y"] + 35 + 35 * row + 17)
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    page.keyboard.type(words, delay=30)
    page.wait_for_timeout(300)
    page.keyboard.press("Enter")
    settle(page)


def test_mixed_files_a_corrected_map_a_measure_and_one_import_taken_back(
    demo_path: Path, tmp_path: Path, browser: Browser
) -> None:
    first, second = survey(tmp_path, "january.csv", "baseline", 0), survey(tmp_path, "june.csv", "completion", 1)
    letter = tmp_path / "letter.csv"
    letter.write_text("Dear colleague,\nplease find attached.\n", encoding="utf-8")
    page = browser.new_page(viewport={"width": 1440, "height": 1400})
    page.set_default_timeout(30_000)
    with serving(copied(demo_path, tmp_path), tmp_path / "server.log") as server:
        page.goto(f"{server.url}/data")
        settle(page)
        drop(page, first, letter, ZOOM)
        page.get_by_text("letter.csv: not recognised").wait_for()
        settle(page)
        assert f"{ZOOM.name}: zoom participants, meeting block, already in the store" in text_of(page)
        page.get_by_text("january.csv: google forms").click()
        settle(page)
        text = text_of(page)
        assert "13 rows read = 12 loaded + 0 quarantined + 1 ignored" in text
        assert "12 new" in text

        # The code's heading is in another language: said once, remembered for the next file.
        say(page, 0, "Self-generated")
        page.get_by_role("button", name="Read again like this").first.click()
        page.get_by_text("as somebody confirmed them for these headings").wait_for()

        page.get_by_text("2 questions belong to no measure").click()
        for question in ("How sure do you feel?", "I can bear the pressure"):
            pick(page, "Questions", question)
        page.get_by_label("Questionnaire").fill("Pressure form")
        page.get_by_label("What it measures").fill("Bearing pressure")
        page.keyboard.press("Tab")
        settle(page)
        page.get_by_role("button", name="Make it a measure and read again").click()
        settle(page)
        page.get_by_role("button", name="Import 1 file").click()
        page.get_by_text("january.csv. Loaded.").wait_for()

        # Next month's file of the same form loads untouched.
        page.get_by_role("button", name="Put all aside").click()
        settle(page)
        drop(page, second)
        page.get_by_text("june.csv: google forms").wait_for()
        page.get_by_text("june.csv: google forms").click()
        settle(page)
        assert "as somebody confirmed them for these headings" in text_of(page)
        page.get_by_role("button", name="Import 1 file").click()
        page.get_by_text("june.csv. Loaded.").wait_for()
        settle(page)

        page.goto(f"{server.url}/competency")
        settle(page)
        words = text_of(page)
        assert "Bearing pressure" in words
        assert "Bearing pressure, from baseline to completion" in words, words[-3000:]
        before = sum((1 + n % 5 + 1 + 2 * n % 5) / 2 for n in range(PEOPLE)) / PEOPLE
        after = sum((1 + (n + 1) % 5 + 1 + (2 * n + 1) % 5) / 2 for n in range(PEOPLE)) / PEOPLE
        assert f"On a 1-5 scale the average went from {before:.1f} to {after:.1f}" in words
        assert f"Bearing pressure, from baseline to completion: {PEOPLE} of" in words

        page.goto(f"{server.url}/data")
        settle(page)
        page.get_by_text("Take an import back").click()
        pick(page, "Import", "june.csv")
        page.get_by_text("Everything that it brought goes").click()
        settle(page)
        page.get_by_role("button", name="Take it back").click()
        page.get_by_text("june.csv was taken back").wait_for()
        settle(page)
        page.goto(f"{server.url}/competency")
        settle(page)
        assert "Bearing pressure" not in text_of(page) or "nobody answered" in text_of(page).lower()
        sound(page)
    page.close()
