"""Improvement cycles: their series against plain pandas on the raw files, the gate, and cycles written by hand."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median

import pytest

from echo_metrics.access import LOCAL_OWNER, Viewer, view_as
from echo_metrics.answers import Answer, Filters, Result, ask
from echo_metrics.answers.cycle_desk import CycleEntry, remove_cycle, write_cycle
from echo_metrics.answers.cycles import SERIES, series_of
from echo_metrics.charts.build_cycles import series_chart
from echo_metrics.doctor import examine
from echo_metrics.errors import NotAllowed, UserError
from echo_metrics.ingest.load import import_path
from echo_metrics.store import Store
from echo_metrics.terms import Role, Status
from tests import recount, recount_attendance
from tests.conftest import DEMO
from tests.e2e.conftest import copied

EVALUATOR = view_as(LOCAL_OWNER, Role.EVALUATOR)
PSYCHOSOCIAL = Filters("psychosocial")
ENTRY = CycleEntry(
    "psychosocial",
    "Reminder by telephone",
    "Nobody is lost",
    "attendance",
    date(2020, 10, 1),
    date(2021, 1, 31),
    "Cohort 2",
)


def series(store: Store, key: str, filters: Filters = PSYCHOSOCIAL, viewer: Viewer = LOCAL_OWNER) -> Result:
    (found,) = [r for r in ask(store, "cycles", filters, viewer).results if r.measure == key]
    return found


def titles(answer: Answer) -> list[str]:
    return [r.label for r in answer.only("cycle", "cycle")]


@pytest.fixture
def copy(demo_path: Path, tmp_path: Path) -> Path:
    return copied(demo_path, tmp_path)


def test_answers_after_a_session_are_those_of_the_recount(demo_store: Store) -> None:
    rows = recount.session_rows(DEMO)
    after = rows[(rows.network == "psychosocial") & (rows.moment == "after")]
    answered = after.groupby(["cohort", "session"]).size()
    came = recount_attendance.attendance(DEMO)
    came = came[came.network == "psychosocial"]
    people = came.groupby(["cohort", "session"])["person_email"].nunique()
    run = series(demo_store, "answers")
    assert list(zip(run.extra["counts"], run.extra["of"], strict=True)) == [
        (int(answered[key]), int(people[key])) for key in sorted(answered.index)
    ]
    assert run.extra["points"] == pytest.approx([100 * answered[key] / people[key] for key in sorted(answered.index)])


def test_attendance_is_that_of_the_recount(copy: Path) -> None:
    came = recount_attendance.attendance(DEMO)
    came = came[came.network == "psychosocial"].groupby(["cohort", "session"])["person_email"].nunique()
    registered = [
        sum(not p.hub_team for p in recount_attendance.registrations(DEMO, "psychosocial", cohort)) for cohort in (1, 2)
    ]
    with Store.open(copy) as store:
        write_cycle(store, LOCAL_OWNER, "owner", ENTRY)
        run = series(store, "attendance")
    assert run.extra["counts"] == [int(came[key]) for key in sorted(came.index)]
    assert run.extra["of"] == [registered[0]] * 6 + [registered[1]] * 9


def test_forms_that_pair_are_those_of_the_recount(demo_store: Store) -> None:
    rows = recount.session_rows(DEMO)
    rows = rows[rows.network == "psychosocial"]
    usable = rows[(rows.code != "") & ~rows.ambiguous]
    expected = []
    for (cohort, session), forms in rows[rows.moment == "after"].groupby(["cohort", "session"]):
        here = usable[(usable.cohort == cohort) & (usable.session == session)]
        before, after = (set(here.loc[here.moment == moment, "code"]) for moment in ("before", "after"))
        expected.append((len(before & after), len(forms)))
    run = series(demo_store, "codes")
    assert list(zip(run.extra["counts"], run.extra["of"], strict=True)) == expected


def weeks_of_posts() -> Counter[date]:
    found: Counter[date] = Counter()
    with (DEMO / "forum" / "forum_posts.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["network"] == "psychosocial" and row["kind"] in ("post", "reply"):
                # The hub's clock is eight or seven hours behind UTC, by which weeks are cut.
                local = datetime.fromisoformat(row["posted_at"])
                day = (local + timedelta(hours=7 if _summer(local.date()) else 8)).date()
                found[day - timedelta(days=day.weekday())] += 1
    return found


def _summer(day: date) -> bool:
    return any(a <= day < b for a, b in ((date(2020, 3, 8), date(2020, 11, 1)), (date(2021, 3, 14), date(2021, 11, 7))))


def test_posts_a_week_are_those_of_the_file(demo_store: Store) -> None:
    posts, run = weeks_of_posts(), series(demo_store, "posts")
    told = {date.fromisoformat(d): n for d, n in zip(run.extra["dates"], run.extra["counts"], strict=True)}
    assert all(posts[week] == n for week, n in told.items())
    outside = sum(posts.values()) - sum(told.values())
    assert run.notes == ((f"{outside} posts and replies outside these weeks are not on the chart.",) if outside else ())
    # Both cohorts' weeks, and none between them.
    assert min(told) == date(2019, 12, 30) and max(told) == date(2021, 5, 31)
    assert not [week for week in told if date(2020, 7, 1) < week < date(2020, 8, 31)]


def test_a_cycle_tells_the_medians_before_during_and_after(demo_store: Store) -> None:
    run = series(demo_store, "posts")
    (cycle,) = [r for r in ask(demo_store, "cycles", PSYCHOSOCIAL, LOCAL_OWNER).results if r.label == "Forum prompts"]
    start, end = date(2020, 3, 9), date(2020, 5, 31)
    parts: dict[str, list[float]] = {"before": [], "during": [], "after": []}
    for day, n in zip(run.extra["dates"], run.extra["counts"], strict=True):
        when = date.fromisoformat(day)
        parts["before" if when < start else "during" if when <= end else "after"].append(n)
    expected = ", ".join(f"{name} {median(values):g} ({len(values)})" for name, values in parts.items())
    assert expected in cycle.sentence
    spec = series_chart(run, [cycle], "Title")
    (span,) = spec.spans
    assert (span.first, span.last) == (len(parts["before"]) + 1, len(parts["before"]) + len(parts["during"]))
    assert "Cycle 'Forum prompts' covers points" in spec.alt


def test_a_period_does_not_cut_the_points_off_that_a_cycle_is_read_by(demo_store: Store) -> None:
    narrow = replace(PSYCHOSOCIAL, start=date(2020, 3, 1), end=date(2020, 3, 31), discipline="social_work")
    assert series(demo_store, "posts", narrow) == series(demo_store, "posts")
    assert len(series(demo_store, "answers", Filters("psychosocial", "Cohort 1")).extra["points"]) == 6


def test_a_session_of_few_answers_hides_the_series_from_others(copy: Path) -> None:
    """The gate: with one session under the minimum the whole series stays inside; the owner still sees it."""
    with Store.open(copy) as store:
        assert series(store, "answers", viewer=EVALUATOR).shown
        with store.write() as writer:
            # Four of the answers after the first session are left.
            writer._cursor.execute(
                "UPDATE submission SET status = 'superseded' WHERE id IN (SELECT id FROM submission WHERE wave = "
                "'post_session' AND session_id = (SELECT session_id FROM submission s JOIN session e ON e.id = "
                "s.session_id WHERE s.wave = 'post_session' ORDER BY e.start_utc LIMIT 1) ORDER BY id OFFSET 4)"
            )
        assert series(store, "answers").extra["counts"][0] == 4
        hidden = series(store, "answers", viewer=EVALUATOR)
        assert hidden.status is Status.SUPPRESSED and "points" not in hidden.extra
        (cycle,) = [
            r for r in ask(store, "cycles", PSYCHOSOCIAL, EVALUATOR).results if r.label == "Shorter session form"
        ]
        assert cycle.sentence == hidden.reason


def test_few_posters_hide_the_forum(copy: Path) -> None:
    with Store.open(copy) as store:
        with store.write() as writer:
            writer._cursor.execute(
                "DELETE FROM forum_post WHERE author NOT IN (SELECT DISTINCT author FROM forum_post "
                "WHERE kind = 'post' AND network_id = 1 ORDER BY author LIMIT 4)"
            )
        assert series(store, "posts").shown
        assert series(store, "posts", viewer=EVALUATOR).status is Status.SUPPRESSED


def test_a_cycle_is_written_changed_and_taken_away(copy: Path) -> None:
    with Store.open(copy) as store:
        before = titles(ask(store, "cycles", PSYCHOSOCIAL, LOCAL_OWNER))
        version = store.version
        number = write_cycle(store, EVALUATOR, "ev", ENTRY)
        assert store.version > version
        answer = ask(store, "cycles", PSYCHOSOCIAL, LOCAL_OWNER)
        assert sorted(titles(answer)) == sorted([*before, ENTRY.title])
        (cycle,) = [r for r in answer.results if r.label == ENTRY.title]
        run = series(store, "attendance")
        assert cycle.extra["series"] == run.group.key and cycle.extra["cohort"] == "Cohort 2"
        # Sessions of Cohort 2 from October to January: the second to the fifth of nine, after six of Cohort 1.
        (span,) = series_chart(run, [cycle], "Title").spans
        assert (span.first, span.last) == (8, 11)
        write_cycle(store, LOCAL_OWNER, "owner", replace(ENTRY, learned="Calls help", next_step="adopt"), number)
        (changed,) = [r for r in ask(store, "cycles", PSYCHOSOCIAL, LOCAL_OWNER).results if r.label == ENTRY.title]
        assert changed.extra["learned"] == "Calls help" and changed.extra["next"] == "adopt"
        assert not [c for c in examine(store) if c.rows]
        remove_cycle(store, LOCAL_OWNER, number)
        assert titles(ask(store, "cycles", PSYCHOSOCIAL, LOCAL_OWNER)) == before
        with pytest.raises(UserError, match="not written here"):
            remove_cycle(store, LOCAL_OWNER, number)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (replace(ENTRY, end=date(2020, 9, 1)), "ends .2020-09-01. before it starts"),
        (replace(ENTRY, title=" "), "A title is missing"),
        (replace(ENTRY, aim=""), "An aim is missing"),
        (replace(ENTRY, title="x" * 121), "at most 120"),
        (replace(ENTRY, did="x" * 2001), "at most 2000"),
        (replace(ENTRY, cohort="Cohort 7"), "no cohort 'Cohort 7'"),
        (replace(ENTRY, network="nowhere"), "no network 'nowhere'"),
        (replace(ENTRY, next_step="maybe"), "next step is one of"),
    ],
)
def test_a_wrong_cycle_is_refused_with_a_sentence(copy: Path, entry: CycleEntry, words: str) -> None:
    with Store.open(copy) as store:
        version = store.version
        with pytest.raises(UserError, match=words):
            write_cycle(store, LOCAL_OWNER, "owner", entry)
        assert store.version == version


def test_readers_write_nothing_and_nobody_reaches_other_networks(copy: Path) -> None:
    with Store.open(copy) as store:
        number = write_cycle(store, LOCAL_OWNER, "owner", ENTRY)
        for role in (Role.LEADER, Role.FUNDER):
            reader = view_as(LOCAL_OWNER, role)
            with pytest.raises(NotAllowed):
                write_cycle(store, reader, "reader", ENTRY)
            with pytest.raises(NotAllowed):
                remove_cycle(store, reader, number)
            with pytest.raises(NotAllowed):
                ask(store, "cycles", PSYCHOSOCIAL, reader)
        pain = next(int(i) for i, key, *_ in store.rows("networks_to_match") if key == "chronic_pain")
        other = Viewer(Role.EVALUATOR, "Ev", frozenset({pain}))
        with pytest.raises(UserError, match="no network"):
            write_cycle(store, other, "ev", ENTRY)
        with pytest.raises(UserError, match="not written here"):
            write_cycle(store, other, "ev", replace(ENTRY, network="chronic_pain", cohort="Cohort 1"), number)
        with pytest.raises(UserError, match="not written here"):
            remove_cycle(store, other, number)


def test_a_file_s_cycle_that_ends_before_it_starts_is_quarantined(copy: Path, tmp_path: Path) -> None:
    file = tmp_path / "more_cycles.csv"
    file.write_text(
        "network,cohort,title,aim,measure,prediction,start,end,did,learned,next\n"
        "psychosocial,Cohort 1,Good,Aim,Forum posts,P,2020-02-01,2020-03-01,D,L,adopt\n"
        "psychosocial,Cohort 1,Wrong,Aim,Forum posts,P,2020-03-01,2020-02-01,D,L,adopt\n",
        encoding="utf-8",
    )
    with Store.open(copy) as store:
        report = import_path(store, file)
        assert (report.rows_loaded, report.rows_quarantined) == (1, 1)
        found = titles(ask(store, "cycles", PSYCHOSOCIAL, LOCAL_OWNER))
        assert "Good" in found and "Wrong" not in found


def test_a_later_file_of_cycles_loses_nothing_and_doubles_nothing(copy: Path, tmp_path: Path) -> None:
    text = (DEMO / "cycles" / "pdsa_cycles.csv").read_text(encoding="utf-8").rstrip()
    later = tmp_path / "cycles_later.csv"
    later.write_text(text.replace("Two people used it", "Nine people used it") + "\n", encoding="utf-8")
    with Store.open(copy) as store:
        report = import_path(store, later)
        assert report.balanced and report.rows_loaded == 1
        assert report.rows_ignored["already there"] == len(text.splitlines()) - 2
        cycles = ask(store, "cycles", Filters(), LOCAL_OWNER).only("cycle", "cycle")
        learned = sorted(str(c.extra["learned"]) for c in cycles if c.label == "Telephone line for weak internet")
        assert learned == ["Nine people used it", "Two people used it"]


def test_a_cycle_stays_in_its_network(copy: Path) -> None:
    with Store.open(copy) as store:
        number = write_cycle(store, LOCAL_OWNER, "owner", ENTRY)
        with pytest.raises(UserError, match="stays in its network"):
            write_cycle(store, LOCAL_OWNER, "owner", replace(ENTRY, network="chronic_pain", cohort="Cohort 1"), number)


def test_measures_are_known_by_their_names_and_others_are_not_guessed() -> None:
    assert [series_of(s.label) for s in SERIES] == list(SERIES)
    assert series_of("Forum posts") == series_of("posts")
    assert series_of("Attendance of people in remote places") is None and series_of("") is None
