"""README.md of the demonstration: every file, that it is synthetic, and which mess it holds."""

from __future__ import annotations

from data.demo._programme import HUB, SEED, Roster
from data.demo._zoom import FIRST_COHORT_LAYOUTS, OTHER_LAYOUTS

_INTRODUCTION = f"""# Demonstration programme: {HUB}

**Every file in this folder is synthetic.** The hub, its networks, every person, address, answer and
amount are invented by `make_demo.py`; nobody is meant, and no figure says anything about a real
programme. Names are syllables put together, addresses end in example.org or example.net.

`python data/demo/make_demo.py` writes the files again, byte for byte (seed `{SEED}`). Changes between
baseline and later answers are chosen, not found: answers are drawn until each cohort's mean change lies
in a set range (`TARGETS` in `_outcomes.py`). The ledgers in `roi/` are written by hand and are synthetic
as well.

## Files

| file (all synthetic) | what it holds, and which mess |
| --- | --- |
"""

_EVERYWHERE = """
## Mess in many files

**Session forms** (`qualtrics/`). Every survey (psychosocial cohort 1: its last
export) holds three previews, three unfinished rows with one
answer, two opened rows without any, one person who answered "before" twice (session 2), codes typed in
several ways (case, blanks, dots, 0 for O, 1 for I), codes that fit nothing, blank codes, blank answers
and "Not applicable". In both psychosocial cohorts two people of one discipline share a code.

**Zoom reports** (`zoom/`). Any report may hold people who came back after a gap, computer and telephone
at once (`iPhone (Name)`, without an address), connections that begin before and end after the session,
some that lie wholly before it or end within its first minute (not attending), `New name (Original Name)`,
pronouns in brackets, credentials after a comma, last name first, names without their accents, first names
only (with an address), addresses in other case or missing, guests, the hub team, minutes rounded up. The
dates of psychosocial cohort 1 fit both date orders; the clock (AM, PM) and the schedule in
`programme.toml` tell which it is. A meeting number serves both psychosocial cohorts; the date tells
which.
"""

_LAYOUT = {
    "old_saved": "older headings, block, separator row of commas, 12-hour clock, CRLF",
    "old_block": "older headings, block, blank row, 12-hour clock",
    "new_block": "newer headings, newer block, 12-hour clock",
    "new_block_bom": "newer headings, newer block, 12-hour clock, byte order mark",
    "old_flat": "older headings, no block, 24-hour clock",
    "old_flat_bom": "older headings, no block, 24-hour clock, byte order mark",
}
_ZOOM_NOTES = {
    (
        "psychosocial_cohort1",
        1,
    ): "31 people: all 26 participants and 5 guests (hub team and devices not counted)",
    ("psychosocial_cohort1", 3): "bot `read.ai meeting notes`",
    ("psychosocial_cohort1", 4): "telephone `1604***1234`",
    ("psychosocial_cohort1", 5): "a nickname only (`Kal`), which cannot be matched",
    ("psychosocial_cohort2", 2): "bot `read.ai meeting notes`",
    ("psychosocial_cohort2", 3): "a name that two registered people share, without an address: nobody's",
    ("psychosocial_cohort2", 6): "telephone `1604***1234`",
    ("chronic_pain_cohort1", 2): "telephone `1604***1234`",
    (
        "chronic_pain_cohort1",
        3,
    ): "one row whose join time cannot be read (`04/27/2021 ##:##`): to be quarantined",
    ("care_homes_cohort1", 4): "bot `read.ai meeting notes`",
}
_REDCAP = """\
raw codes, longitudinal: arms are cohorts, data access groups are networks. Partly answered rows with
`[not completed]`; people who never finish; psychosocial cohort 1: one completion answered four months
late, one record never answered, one baseline with two answers only, one value 9 that is no choice;
elsewhere, in each cohort, one person without baseline answers, one record never answered, one address
that is not in the registrations; addresses in other case; 6 for "not applicable"; care homes: one row
typed in from paper, without survey time; chronic pain: whoever completed rated the start of
competency and connection once more, as remembered (event `then_test_arm_1`)"""
_NOTES = {
    "programme.toml": "hub, networks, cohorts, sessions (local start times)",
    "imports.toml": "the order of import; network and cohort where a file does not say them itself",
    "README.md": "this file",
    "registrations/registration_psychosocial_cohort1.csv": (
        "no block; times as `Dec 3, 2019 10:14:07`; one person twice (second time in capitals); "
        "a no-break space in a discipline; one `cancelled`"
    ),
    "registrations/registration_psychosocial_cohort2.csv": (
        "block of two rows and a blank row; two people with one name; one `cancelled`"
    ),
    "registrations/registration_chronic_pain_cohort1.csv": (
        "no block; 24-hour clock; two social workers known from psychosocial cohort 1; one `denied`"
    ),
    "registrations/registration_care_homes_cohort1.csv": "block of two rows and a blank row; one `denied`",
    "registrations/registration_pharmacists_cohort1.csv": "no block; one `cancelled`",
    "redcap/ECHOOutcomes_DataDictionary_2022-08-15.csv": "18 columns; HTML in one label",
    "redcap/ECHOOutcomes_DATA_2022-08-15_0930.csv": _REDCAP.replace("\n", " "),
    "forms/supervisor_ratings.xlsx": (
        "Microsoft Forms, anonymous, true date cells, a no-break space after one question; some answers "
        'blank or "Not applicable", some forms with one answer only (no score)'
    ),
    "forum/forum_posts.csv": "posts, replies and reactions of two networks; authors by name",
    "cases/cases.csv": "cases; chronic pain session 4 not de-identified; recommendations sometimes not sent",
    "cycles/pdsa_cycles.csv": "improvement cycles; the last is not finished",
    "costs/costs.csv": "costs of each cohort; participant time is an estimate",
    "qualtrics/psychosocial_c1_2020-04-30.csv": (
        "sessions 1-4, first of three cumulative exports; holds one response that later ones do not have"
    ),
    "qualtrics/psychosocial_c1_2020-05-31.csv": (
        "everything up to May; since April one answer changed and one response gone"
    ),
    "qualtrics/psychosocial_c1_2020-07-31.csv": "everything; since May one more answer changed",
    "qualtrics/psychosocial_c2_2021-05-30.csv": "psychosocial, Cohort 2",
    "qualtrics/chronic_pain_c1_2021-12-03.csv": "chronic_pain, Cohort 1; byte order mark",
    "qualtrics/care_homes_c1_2021-08-28.csv": (
        "care_homes, Cohort 1; times in another zone (America/Denver, see the third row)"
    ),
    "qualtrics/pharmacists_c1_2022-03-31.csv": "pharmacists, Cohort 1",
}


def text(names: list[str], people: list[Roster]) -> str:
    """Return the README for the files `names`; a file without a note is an error."""
    notes = _NOTES | _zoom_notes(people)
    rows = [f"| `{name}` | {notes[name]} |" for name in [*names, "README.md"]]
    return _INTRODUCTION + "\n".join(rows) + "\n" + _EVERYWHERE


def _zoom_notes(people: list[Roster]) -> dict[str, str]:
    """Return a note for each Zoom report: cohort, session, layout, planned oddity."""
    notes = {}
    for roster in people:
        cohort = roster.cohort
        layouts = FIRST_COHORT_LAYOUTS if cohort.key == "psychosocial_cohort1" else OTHER_LAYOUTS
        for number, start in enumerate(cohort.sessions, 1):
            name = f"zoom/participants_{roster.network.zoom_meeting_id}_{start:%Y_%m_%d}.csv"
            layout = _LAYOUT[layouts[(number - 1) % len(layouts)]]
            extra = _ZOOM_NOTES.get((cohort.key, number), "")
            where = f"{cohort.network}, {cohort.name}, session {number}: {layout}"
            notes[name] = f"{where}; {extra}" if extra else where
    return notes
