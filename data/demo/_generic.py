"""The hub's own tables: supervisors' form, forum, cases, improvement cycles, costs."""

from __future__ import annotations

import datetime as dt
import io
import random
import zipfile

import xlsxwriter

from data.demo._names import plain
from data.demo._outcomes import items
from data.demo._programme import SEED, Cohort, Roster
from data.demo._qualtrics import AGREE, NOT_APPLICABLE
from data.demo._tables import DISCIPLINE_LABELS, csv_text

_RATINGS = {
    "psychosocial_cohort1": 14,
    "psychosocial_cohort2": 24,
    "chronic_pain_cohort1": 13,
    "care_homes_cohort1": 15,
    "pharmacists_cohort1": 9,
}
_REMARKS = (
    "",
    "",
    "",
    "Released for two hours a month; worth it.",
    "Hard to cover the shift.",
    "She now leads our huddle.",
)


def supervisor_workbook(rosters: list[Roster]) -> bytes:
    """Return the supervisors' Microsoft Forms workbook: anonymous, dates as true date cells.

    Stored without compression and with fixed dates, so that the bytes do not depend on the machine.
    """
    rng = random.Random(f"{SEED}|supervisors")
    entries = []
    for roster in rosters:
        for person in rng.sample(roster.participants, _RATINGS[roster.cohort.key]):
            started = roster.cohort.sessions[-1] + dt.timedelta(days=rng.randint(7, 60), minutes=rng.randint(0, 300))
            finished = started + dt.timedelta(seconds=rng.randint(60, 500))
            labels = [AGREE[min(5, max(1, round(rng.gauss(m, 0.7)))) - 1] for m in (4.2, 3.8, 4.3)]
            spoil = rng.random()
            if spoil < 0.06:
                labels[1], labels[2] = "", ""  # one answer only: no score
            elif spoil < 0.16:
                labels[1] = NOT_APPLICABLE
            elif spoil < 0.20:
                labels[2] = ""
            where = (roster.network.name, roster.cohort.name, DISCIPLINE_LABELS[person.discipline])
            entries.append((started, finished, ("anonymous", "", *where, *labels, rng.choice(_REMARKS))))
    entries.sort(key=lambda e: e[1])

    wordings = [item.wording for item in items("supervisor")]
    wordings[-1] += "\u00a0"  # Forms keeps a no-break space that somebody typed after the question
    headings = ["ID", "Start time", "Completion time", "Email", "Name"]
    headings += ["Which ECHO network did your staff member take part in?", "Which cohort?"]
    headings += ["What is your staff member's discipline?", *wordings, "Anything else?"]
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties(
        {"title": "SYNTHETIC demonstration data", "created": dt.datetime(2022, 8, 15, 9, 30, tzinfo=dt.UTC)}
    )
    sheet = book.add_worksheet("Sheet1")
    clock = book.add_format({"num_format": "m/d/yy h:mm:ss"})
    sheet.write_row(0, 0, headings)
    for number, (started, finished, cells) in enumerate(entries, 1):
        sheet.write_number(number, 0, number)
        sheet.write_datetime(number, 1, started, clock)
        sheet.write_datetime(number, 2, finished, clock)
        for column, text in enumerate(cells, 3):
            if text:
                sheet.write_string(number, column, text)
    book.close()
    return _uncompressed(out.getvalue())


def _uncompressed(workbook: bytes) -> bytes:
    """Return the same parts stored uncompressed: compressed bytes would differ between builds of zlib."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            part = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            part.create_system = 0
            new.writestr(part, old.read(name))
    return out.getvalue()


_THREADS = (
    "How do you open the conversation?",
    "Template for the first visit",
    "A family that disagrees",
    "Books and papers",
    "Looking after ourselves",
    "Ideas for the next session",
    "Rural distances",
)
_TEXTS = (
    "We start with what the person wants to be asked.",
    "I tried this on Tuesday and it went well.",
    "Does anybody have a leaflet for grandparents?",
    "Thank you, this is what I needed.",
    "In our team the nurse asks first, then I follow.",
    "We have no one to refer to within 200 km.",
    "Could we come back to this at the next session?",
    "I was not sure about the dose; our pharmacist explained it.",
)


def forum_csv(rosters: list[Roster]) -> str:
    """Return forum activity of the psychosocial and chronic pain networks, week by week, in order of time."""
    rng = random.Random(f"{SEED}|forum")
    rows: list[tuple[str, ...]] = []
    for roster in (r for r in rosters if r.cohort.network in {"psychosocial", "chronic_pain"}):
        cohort = roster.cohort
        active = rng.sample(roster.participants, len(roster.participants) // 2)
        week = dt.datetime.combine(cohort.start, dt.time())
        number = 0
        while week.date() <= cohort.end:
            busy = 3 + (number >= 10) * 2  # a change of the forum's rules after ten weeks brought more posts
            for _ in range(rng.randint(max(0, busy - 3), busy + 2)):
                posted = week + dt.timedelta(days=rng.randint(0, 6), minutes=rng.randint(420, 1320))
                kind = rng.choices(("post", "reply", "reaction"), (3, 5, 4))[0]
                author = plain(rng.choice(active).name) if rng.random() > 0.05 else "Hub team"
                text = "" if kind == "reaction" else rng.choice(_TEXTS)
                likes = "" if kind == "reaction" else str(rng.randint(0, 6))
                stamp = posted.strftime("%Y-%m-%d %H:%M")
                rows.append((cohort.network, author, stamp, rng.choice(_THREADS), kind, text, likes))
            week += dt.timedelta(days=7)
            number += 1
    rows.sort(key=lambda row: row[2])
    return csv_text([("network", "author", "posted_at", "thread", "kind", "text", "likes"), *rows])


_CASE_TOPICS = {
    "psychosocial": (
        "Conflict about place of care",
        "Young parent, anticipatory grief",
        "Spiritual distress",
    ),
    "chronic_pain": ("Widespread pain after an injury", "Tapering refused", "Pain and sleeplessness"),
    "care_homes": ("Refusing food", "Family wants hospital", "Pain in advanced dementia"),
    "pharmacists": ("Kit out of stock", "Unclear infusion order", "Carer giving doses at night"),
}


def cases_csv(rosters: list[Roster]) -> str:
    """Return the cases presented: one not de-identified in time, some recommendations never sent."""
    rng = random.Random(f"{SEED}|cases")
    rows: list[tuple[str, ...]] = []
    for roster in rosters:
        cohort = roster.cohort
        for number, start in enumerate(cohort.sessions, 1):
            for _ in range(rng.choice((1, 1, 2))):
                sent = (start + dt.timedelta(days=rng.randint(1, 12))).date().isoformat()
                follow_up = "yes" if number > 2 and rng.random() < 0.25 else "no"
                bare = "no" if cohort.key == "chronic_pain_cohort1" and number == 4 else "yes"
                presenter = plain(rng.choice(roster.participants).name)
                topic = rng.choice(_CASE_TOPICS[cohort.network])
                sent = sent if rng.random() > 0.2 else ""
                rows.append((cohort.network, cohort.name, str(number), presenter, topic, follow_up, bare, sent))
    headings = ("network", "cohort", "session", "presenter", "topic", "follow_up", "deidentified")
    return csv_text([(*headings, "recommendations_sent"), *rows])


def cycles_csv() -> str:
    """Return the improvement (PDSA) cycles."""
    headings = (
        "network",
        "cohort",
        "title",
        "aim",
        "measure",
        "prediction",
        "start",
        "end",
        "did",
        "learned",
        "next",
    )
    rows = [
        (
            "psychosocial",
            "Cohort 1",
            "Shorter session form",
            "Three in four attendees answer after each session",
            "Answers after a session / people attending",
            "Two questions fewer will add ten points",
            "2020-02-07",
            "2020-04-03",
            "Cut the form from nine questions to five",
            "More answers after the second session; comments became shorter",
            "adopt",
        ),
        (
            "psychosocial",
            "Cohort 1",
            "Forum prompts",
            "Five posts or more a week",
            "Forum posts and replies a week",
            "A question by the hub each Monday doubles the posts",
            "2020-03-09",
            "2020-05-31",
            "A case question every Monday morning",
            "Posts rose in weeks with a question and fell in the others",
            "adapt",
        ),
        (
            "psychosocial",
            "Cohort 2",
            "Code reminder",
            "Fewer answers that cannot be paired",
            "Session forms with a code that pairs",
            "Showing the recipe of the code again helps",
            "2020-11-19",
            "2021-02-18",
            "Recipe of the personal code on the last slide",
            "Fewer blank codes, mistyped codes unchanged",
            "adapt",
        ),
        (
            "chronic_pain",
            "Cohort 1",
            "Telephone line for weak internet",
            "Nobody misses a session for want of internet",
            "Attendance of people in remote places",
            "Five people will use the line",
            "2021-03-23",
            "2021-06-22",
            "Dial-in number in each reminder",
            "Two people used it",
            "abandon",
        ),
        (
            "care_homes",
            "Cohort 1",
            "Sessions at hand-over",
            "More care assistants come",
            "Care assistants attending",
            "Half past two suits shifts better",
            "2021-05-19",
            "",
            "Session starts stayed at 14:00 and the case came first",
            "",
            "",
        ),
    ]
    return csv_text([headings, *rows])


def costs_csv(rosters: list[Roster]) -> str:
    """Return what each cohort cost. Amount is quantity times unit cost; participant time is an estimate."""
    rows: list[tuple[str, ...]] = []
    for roster in rosters:
        cohort = roster.cohort
        rows += [_cost(cohort, *line) for line in _cost_lines(cohort, len(roster.participants))]
    headings = (
        "network",
        "cohort",
        "category",
        "amount",
        "currency",
        "year",
        "quantity",
        "unit_cost",
        "basis",
    )
    return csv_text([headings, *rows])


def _cost_lines(cohort: Cohort, people: int) -> list[tuple[str, float, float, str]]:
    """Return (category, quantity, cost of one, how it is known) for one cohort."""
    sessions = len(cohort.sessions)
    hours = cohort.minutes / 60
    return [
        ("facilitator", sessions * 4.0, 62.0, "timesheet"),
        ("specialist time", sessions * 6.0, 95.0, "timesheet"),
        ("administration", sessions * 9.0, 38.0, "timesheet"),
        ("platform", float(sessions), 45.0, "invoice"),
        ("evaluation", 40.0, 48.0, "timesheet"),
        ("honoraria", float(sessions), 150.0, "invoice"),
        ("participant time", round(people * sessions * hours * 0.6, 1), 46.0, "estimate"),
    ]


def _cost(cohort: Cohort, category: str, quantity: float, unit: float, basis: str) -> tuple[str, ...]:
    amount, year = f"{quantity * unit:.2f}", str(cohort.start.year)
    return (cohort.network, cohort.name, category, amount, "CAD", year, f"{quantity:g}", f"{unit:.2f}", basis)
