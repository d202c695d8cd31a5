"""The owner decides on doubtful names with the keyboard, takes one decision back, and sees the numbers follow."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from echo_metrics.access import LOCAL_OWNER
from echo_metrics.answers import Filters, ask
from echo_metrics.answers.people_queue import queue
from echo_metrics.store import Store
from echo_metrics.store import rewrite as rewriting
from tests.e2e.conftest import copied, serving, settle, sound, text_of

pytestmark = pytest.mark.browser


def attendances(store: Path) -> float:
    with Store.open(store) as opened:
        (total,) = ask(opened, "attendance", Filters(), LOCAL_OWNER).only("attendances", "all")
    assert total.value is not None
    return total.value.value


def press(page: Page, key: str) -> None:
    page.locator("[data-testid=stMain] h1").first.click()  # keys go to the page, not to a field
    page.keyboard.press(key)
    page.wait_for_timeout(300)
    settle(page)


def test_the_queue_is_decided_with_the_keyboard(demo_path: Path, tmp_path: Path, browser: Browser) -> None:
    path = copied(demo_path, tmp_path)
    before = attendances(path)
    with Store.open(path) as store:
        names = queue(store, LOCAL_OWNER)
    assert len(names) == 6
    first = names[0]
    page = browser.new_page(viewport={"width": 1440, "height": 1400})
    page.set_default_timeout(30_000)
    card = page.locator(".st-key-queue-card")
    with serving(path, tmp_path / "server.log") as server:
        page.goto(f"{server.url}/data")
        settle(page)
        expect(card).to_contain_text("6 names to decide")
        expect(card.get_by_role("heading")).to_have_text(first.shown)
        for candidate in first.candidates:
            expect(card).to_contain_text(candidate.name)
        press(page, "1")
        expect(card).to_contain_text("5 names to decide")
        assert f"{first.shown} is {first.candidates[0].name}" in text_of(page)
        press(page, "u")
        expect(card).to_contain_text("6 names to decide")
        press(page, "n")
        assert f"{first.shown} is nobody on the list" in text_of(page)
        expect(card).to_contain_text("5 names to decide")
        press(page, "s")
        expect(card).to_contain_text("4 names to decide")
        press(page, "h")
        assert "is a shared room with 2 people" in text_of(page)
        expect(card).to_contain_text("3 names to decide")
        for _ in range(3):
            press(page, "1")
        assert "1 name left for later" in text_of(page)
        page.get_by_text("Decisions so far").click()
        settle(page)
        words = text_of(page)
        assert "Decisions so far (6)" in words and "withdrawn by local" in words
        page.goto(f"{server.url}/attendance")
        settle(page)
        assert "shared rooms" in text_of(page)
        page.goto(f"{server.url}/audit")
        settle(page)
        assert "name decided" in text_of(page)
        assert first.shown not in text_of(page)  # who it was about stands with the decision alone
        sound(page)
    page.close()
    assert attendances(path) != before


def test_somebody_is_forgotten_on_the_screen(demo_path: Path, tmp_path: Path, browser: Browser) -> None:
    path = copied(demo_path, tmp_path)
    page = browser.new_page(viewport={"width": 1440, "height": 1400})
    page.set_default_timeout(30_000)
    with serving(path, tmp_path / "server.log") as server:
        page.goto(f"{server.url}/data")
        settle(page)
        page.get_by_text("Somebody wants to be forgotten").click()
        settle(page)
        page.get_by_label("E-mail address, full name or number").fill("elvel.holvell@example.org")
        page.keyboard.press("Tab")
        settle(page)
        page.get_by_role("button", name="What would go?").click()
        page.get_by_text("Nothing was changed").wait_for()
        assert "Would be removed" in text_of(page)
        page.get_by_text("Remove them for good").click()
        settle(page)
        page.get_by_role("button", name="Remove them", exact=True).click()
        page.get_by_text("keyed hashes stay").wait_for()
        settle(page)
        sound(page)
    page.close()
    assert rewriting.wanted(path)
    # The next start writes the file anew, before anybody opens it.
    with serving(path, tmp_path / "server2.log"):
        pass
    assert not rewriting.wanted(path)
    assert b"holvell" not in path.read_bytes().lower()
