"""The dashboard in a real browser: screens, filters, deep links, figures against the recount, uploads, refusals."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page

from tests import recount
from tests.conftest import DEMO
from tests.e2e.conftest import Open, Server, choose, serving, settle, sound, text_of

pytestmark = pytest.mark.browser

SCREENS = {
    "": "Summary",
    "competency": "Competency",
    "connection": "Connection",
    "practice": "Practice",
    "supervisor_value": "Supervisor value",
    "sessions": "Sessions",
    "attendance": "Attendance",
    "community": "Community",
    "cycles": "Improvement cycles",
    "roi": "Return on investment",
    "data": "Data",
    "ledger": "Ledger",
    "check_table": "Check a table",
    "sharing": "Sharing",
    "people": "People",
    "audit": "Audit",
}
COHORT_1 = "?network=Psychosocial+Palliative+Care&cohort=Cohort+1"


def pairs(network: str, cohort: int, measure: str, discipline: str = "") -> pd.DataFrame:
    table = recount.outcome_pairs(DEMO)
    numbered = table["cohort"].astype(str).str.extract(r"(\d+)$")[0].astype(int)
    keep = (table["network"] == network) & (numbered == cohort) & (table["measure"] == measure)
    keep &= table["contrast"] == "baseline-completion"
    if discipline:
        keep &= table["discipline"] == discipline
    return table[keep]


def expected_words(rows: pd.DataFrame) -> list[str]:
    """What a screen must say of a change, from the recount: averages, and how many moved which way."""
    change = (rows["after"] - rows["before"]).round(9)
    up, same, down = int((change > 0).sum()), int((change == 0).sum()), int((change < 0).sum())
    return [
        f"from {rows['before'].mean():.1f} to {rows['after'].mean():.1f}",
        f"{up} people went up",
        f"{same} stayed",
        f"{down} went down",
    ]


@pytest.mark.parametrize("address", list(SCREENS))
def test_every_screen_opens_by_its_address(visit: Open, address: str) -> None:
    page = visit(address)
    sound(page)
    assert page.locator("[data-testid=stMain] h1").first.inner_text().strip()
    assert "Synthetic demonstration data" in page.locator("body").inner_text()


def test_walking_all_screens_keeps_the_filters(visit: Open) -> None:
    page = visit(COHORT_1)
    # The menu folds its last screens away.
    more = page.get_by_role("button", name=re.compile("View .* more"))
    if more.count():
        more.first.click()
    for title in list(SCREENS.values())[1:]:
        page.locator("[data-testid=stSidebarNav] a", has_text=title).first.click()
        settle(page)
        sound(page)
        assert "network=Psychosocial" in page.url, f"{title} lost the filter"
        assert "cohort=Cohort" in page.url


def test_figures_are_those_of_the_recount(visit: Open) -> None:
    page = visit("competency" + COHORT_1)
    rows = pairs("psychosocial", 1, "competency")
    text = text_of(page)
    assert f"{len(rows)} of 26 people answered both times" in text
    for words in expected_words(rows):
        assert words in text
    trail = recount.trail(DEMO)
    row = trail[(trail["network"] == "psychosocial") & (trail["cohort"].astype(str).str.endswith("1"))].iloc[0]
    numbers = r"\D+".join(str(int(row[k])) for k in ("invited", "registered", "attended", "baseline", "matched"))
    assert re.search(rf"\b{numbers}\b", text), text[:600]


def test_changing_cohort_and_discipline_changes_the_figures(visit: Open) -> None:
    page = visit("competency")
    choose(page, "Network", "Psychosocial Palliative Care")
    choose(page, "Cohort", "Cohort 2")
    for words in expected_words(pairs("psychosocial", 2, "competency")):
        assert words in text_of(page)
    choose(page, "Discipline", "Social workers")
    rows = pairs("psychosocial", 2, "competency", "social_work")
    for words in expected_words(rows):
        assert words in text_of(page)
    assert "discipline=Social+workers" in page.url
    choose(page, "Cohort", "Cohort 1")
    for words in expected_words(pairs("psychosocial", 1, "competency", "social_work")):
        assert words in text_of(page)
    sound(page)


@pytest.mark.parametrize("network", ["Chronic Pain", "Care Homes", "Community Pharmacists"])
def test_a_deep_link_with_filters_opens_what_its_sender_saw(visit: Open, network: str) -> None:
    key = {"Chronic Pain": "chronic_pain", "Care Homes": "care_homes", "Community Pharmacists": "pharmacists"}[network]
    page = visit(f"connection?network={network.replace(' ', '+')}&cohort=Cohort+1")
    for words in expected_words(pairs(key, 1, "connection")):
        assert words in text_of(page)


def test_an_address_with_a_filter_that_does_not_exist(visit: Open) -> None:
    page = visit("competency?network=Nowhere&cohort=Cohort+77&from=31-31-31")
    sound(page)
    assert "people answered both times" in text_of(page)


def test_an_empty_period_says_so(visit: Open) -> None:
    page = visit("competency?from=2031-01-01")
    sound(page)
    assert "in this period" in text_of(page)


def test_attendance_is_that_of_the_recount(visit: Open) -> None:
    page = visit("attendance" + COHORT_1)
    table = recount.attendance(DEMO)
    came = table[(table["network"] == "psychosocial") & (table["cohort"].astype(str).str.endswith("1"))]
    came = came[came["minutes"] >= 1]
    text = text_of(page)
    assert str(came["person_email"].nunique()) in text
    assert str(len(came)) in text


def test_view_as_goes_through_the_gate(visit: Open) -> None:
    page = visit("competency" + COHORT_1)
    assert "nternal" in text_of(page)  # the owner sees the small group, marked
    choose(page, "View as", "Evaluator")
    text = text_of(page)
    assert "Hidden so another group cannot be worked out" in text
    assert "Other (2 groups)" in text
    assert "nternal:" not in text
    choose(page, "View as", "Funder")
    assert "is not part of what a funder sees" in text_of(page)
    links = page.locator("[data-testid=stSidebarNav] a").all_inner_texts()
    # An icon's name stands in the text before the title.
    assert [link.split("\n")[-1] for link in links if link.strip()] == ["Summary", "Return on investment"]
    sound(page)


def test_nothing_hidden_reaches_the_browser(page: Page, server: Server) -> None:
    """What the server sends for a suppressed discipline holds none of its figures, chart data included."""
    frames: list[bytes] = []
    page.on("websocket", lambda ws: ws.on("framereceived", lambda f: frames.append(f if isinstance(f, bytes) else b"")))
    page.goto(f"{server.url}/competency{COHORT_1}&discipline=Spiritual+health+practitioners")
    settle(page)
    choose(page, "View as", "Evaluator")
    rows = pairs("psychosocial", 1, "competency", "spiritual_health")
    assert 0 < len(rows) < 5
    frames.clear()
    page.locator("[data-testid=stSidebarNav] a", has_text="Connection").first.click()
    settle(page)
    page.locator("[data-testid=stSidebarNav] a", has_text="Competency").first.click()
    settle(page)
    sent = b"".join(frames).decode("utf-8", "replace")
    assert "Hidden so another group cannot be worked out" in sent
    for mean in (rows["before"].mean(), rows["after"].mean()):
        assert f"{mean:.4f}" not in sent
        assert f"to {mean:.1f}," not in sent


def test_uploading_a_file_shows_its_account(tmp_path: Path, demo_path: Path, browser: Browser) -> None:
    import shutil

    store = tmp_path / "upload.duckdb"
    shutil.copy(demo_path, store)
    shutil.copy(demo_path.with_suffix(".key"), store.with_suffix(".key"))
    report = tmp_path / "participants.csv"
    report.write_text(
        "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes)\n"
        "Ann Bell,ann@example.org,03/25/2030 12:00:00,03/25/2030 13:00:00,60\n"
        "Cas Dorn,cas@example.org,yesterday,03/25/2030 13:00:00,60\n",
        encoding="utf-8",
    )
    letter = tmp_path / "letter.csv"
    letter.write_text("Dear colleague,\nplease find attached.\n", encoding="utf-8")
    page = browser.new_page(viewport={"width": 1440, "height": 1400})
    with serving(store, tmp_path / "server.log") as server:
        page.goto(f"{server.url}/data")
        settle(page)
        page.locator("input[type=file]").set_input_files([str(report), str(letter)])
        settle(page)
        page.get_by_role("button", name="Read them").click()
        page.get_by_text("letter.csv: not recognised").wait_for()
        text = text_of(page)
        assert "letter.csv: is not a file that ECHO Metrics knows" in text
        # Read, and nothing kept yet.
        assert "3 read = 1 loaded" not in text
        page.get_by_role("button", name="Import 1 file").click()
        page.get_by_text("participants.csv. Loaded.").wait_for()
        settle(page)
        text = text_of(page)
        assert "3 read = 1 loaded + 1 quarantined + 1 ignored" in text
        assert page.locator("[data-testid=stException]").count() == 0
        # The app is alive, and the file is in the list.
        page.goto(f"{server.url}/data")
        settle(page)
        assert "participants.csv" in text_of(page)
    page.close()


@pytest.mark.parametrize("address", ["competency", "data", "roi"])
def test_a_deep_link_to_a_fresh_server_meets_the_shell(
    tmp_path: Path, demo_path: Path, browser: Browser, address: str
) -> None:
    """The first request ever is a deep link: the shell must draw it, with filters and guard, not the bare script."""
    import shutil

    store = tmp_path / "fresh.duckdb"
    shutil.copy(demo_path, store)
    shutil.copy(demo_path.with_suffix(".key"), store.with_suffix(".key"))
    page = browser.new_page()
    with serving(store, tmp_path / "server.log") as server:
        page.goto(f"{server.url}/{address}")
        settle(page)
        sound(page)
        assert page.locator("[data-testid=stSidebar]").inner_text().count("Network") >= 1
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", list(SCREENS))
def test_no_screen_is_wider_than_a_phone(browser: Browser, server: Server, address: str, scheme: str) -> None:
    page = browser.new_page(
        viewport={"width": 390, "height": 844}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page.goto(f"{server.url}/{address}{COHORT_1}")
    settle(page)
    sound(page)
    overflow = page.evaluate(
        "() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth; }"
    )
    assert overflow <= 1, f"{address} is {overflow} px wider than the screen"
    page.close()


def test_charts_have_text_alternatives_in_the_page(visit: Open) -> None:
    page = visit("competency" + COHORT_1)
    # The chart library loads after the script has run.
    page.wait_for_selector("[data-testid=stPlotlyChart] .main-svg")
    charts = page.locator("[data-testid=stPlotlyChart]")
    assert charts.count() >= 2
    for i in range(charts.count()):
        holder = charts.nth(i)
        label = holder.evaluate(
            "e => { const n = e.matches('[aria-label]') ? e : e.querySelector('[aria-label][role=img], [role=img], "
            "[aria-label]') || e.closest('[aria-label]'); return n ? n.getAttribute('aria-label') : ''; }"
        )
        assert label, "a chart without a text alternative"
        assert len(label) > 30


def test_foreign_hosts_and_proxies_are_refused(server: Server) -> None:
    for headers in ({"Host": "echo.example.org"}, {"X-Forwarded-For": "203.0.113.9"}, {"Forwarded": "for=203.0.113.9"}):
        request = urllib.request.Request(server.url, headers=headers)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        assert refused.value.code == 403
        refused.value.close()
    with urllib.request.urlopen(f"{server.url}/healthz", timeout=10) as reply:
        assert reply.status == 200


def test_the_server_refuses_to_listen_to_everyone(tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    from tests.conftest import ROOT

    done = subprocess.run(
        [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.address", "0.0.0.0", "--server.port", "0"],
        cwd=ROOT,
        env={**os.environ, "ECHO_STORE": str(tmp_path / "never.duckdb")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "may only listen on 127.0.0.1" in done.stdout + done.stderr
    assert not (tmp_path / "never.duckdb").exists()


def test_nothing_is_fetched_from_elsewhere(browser: Browser, server: Server) -> None:
    """Fonts, icons and scripts come from this server: no other host learns that somebody looks at these figures."""
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server.url}/competency{COHORT_1}")
    settle(page)
    page.close()
    foreign = [u for u in asked if not u.startswith((server.url, server.url.replace("http", "ws"), "data:", "blob:"))]
    assert not foreign


def test_the_table_checker_finds_what_does_not_close(visit: Open) -> None:
    page = visit("check_table")
    page.get_by_role("button", name="Check").click()
    settle(page)
    sound(page)
    text = text_of(page)
    assert "Dental ECHO: does not close" in text
    assert "Lockyer 2001: does not close" in text
    assert "Worked example: closes" in text
    page.locator("textarea").fill("colour,mood\nred,good\n")
    page.get_by_role("button", name="Check").click()
    settle(page)
    assert page.locator("[data-testid=stException]").count() == 0
    assert page.locator("[data-testid=stAlert]").count() == 1


def test_the_table_checker_takes_a_file(visit: Open, tmp_path: Path) -> None:
    rows = tmp_path / "rows.toml"
    rows.write_text(
        '[[row]]\nlabel = "From a file"\ncount = 935\ndenominator = 1635\npercent = "55.4"\n', encoding="utf-8"
    )
    page = visit("check_table")
    page.locator("input[type=file]").set_input_files(str(rows))
    settle(page)
    page.get_by_role("button", name="Check").click()
    settle(page)
    sound(page)
    assert "From a file: does not close" in text_of(page)
