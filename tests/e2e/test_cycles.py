"""An evaluator writes an improvement cycle and sees its mark on the run chart of its measure."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.e2e.conftest import copied, serving, settle, sound, text_of

pytestmark = pytest.mark.browser
ADDRESS = "cycles?network=Psychosocial+Palliative+Care"


def type_day(form: Locator, label: str, year: str, month: str, day: str) -> None:
    for part, digits in (("year", year), ("month", month), ("day", day)):
        form.get_by_role("spinbutton", name=f"{part}, {label}").click()
        form.page.keyboard.type(digits)


def test_a_cycle_is_written_and_marked_on_the_chart(demo_path: Path, tmp_path: Path, browser: Browser) -> None:
    path = copied(demo_path, tmp_path)
    page = browser.new_page(viewport={"width": 1440, "height": 1400})
    page.set_default_timeout(30_000)
    with serving(path, tmp_path / "server.log") as server:
        page.goto(f"{server.url}/{ADDRESS}")
        settle(page)
        marks = page.locator(".js-plotly-plot .annotation-text")
        assert "Reminder calls" not in marks.all_text_contents()
        page.get_by_text("Write a cycle").click()
        form = page.locator(".st-key-cycle-new")
        expect(form.get_by_label("Title")).to_be_visible()
        form.get_by_label("Title").fill("Reminder calls")
        form.get_by_label("Aim").fill("Nobody is lost after the third session")
        type_day(form, "First day", "2020", "10", "01")
        type_day(form, "Last day", "2020", "09", "01")
        form.get_by_role("button", name="Save the cycle").click()
        expect(form.get_by_text("ends (2020-09-01) before it starts")).to_be_visible()
        type_day(form, "Last day", "2021", "01", "31")
        form.get_by_role("button", name="Save the cycle").click()
        expect(page.locator(".js-plotly-plot .annotation-text").get_by_text("Reminder calls")).to_be_attached()
        settle(page)
        sound(page)
        chart = page.locator(".js-plotly-plot", has_text="Reminder calls")
        assert chart.locator(".shapelayer path").count() >= 2  # the median and the cycle's stretch
        assert "Nobody is lost after the third session" in text_of(page)
        # It stays after another visit, can be changed, and taken away.
        page.goto(f"{server.url}/{ADDRESS}")
        settle(page)
        page.get_by_text("Change a cycle that was written here").click()
        box = page.locator(".st-key-cycle-change")
        pick = box.get_by_role("combobox", name="Cycle")
        pick.click()
        page.keyboard.type("Reminder calls", delay=10)
        page.locator("[role=option]", has_text="Reminder calls").first.click()
        settle(page)
        expect(box.get_by_label("What was learned")).to_be_visible()
        box.get_by_label("What was learned").fill("A call helps more than a letter")
        box.get_by_role("button", name="Save the cycle").click()
        settle(page)
        expect(page.locator("[class*=st-key-cycle-here]").first).to_contain_text("A call helps more than a letter")
        box.get_by_role("button", name="Take it away").click()
        expect(page.locator("[class*=st-key-cycle-here]")).to_have_count(0)
        settle(page)
        sound(page)
        assert "Reminder calls" not in text_of(page)
    page.close()
