"""Session questionnaires: Qualtrics exports with three heading rows, asked before and after each session."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import random
import string
from dataclasses import dataclass

from data.demo._names import Census, Person, normalised
from data.demo._outcomes import items
from data.demo._programme import SEED, Cohort, Roster
from data.demo._tables import DISCIPLINE_LABELS, csv_text, iso
from data.demo._zoom import Report

AGREE = ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree")
NOT_APPLICABLE = "Not applicable"
TAGS = {
    "sess_know": "Q3_1",
    "sess_conf": "Q3_2",
    "sess_worth": "Q4_1",
    "sess_relevant": "Q4_2",
    "sess_intend": "Q4_3",
}
EXPORT_DAYS = (dt.date(2020, 4, 30), dt.date(2020, 5, 31), dt.date(2020, 7, 31))
"""When the first cohort's survey was exported; each export holds everything up to that day."""

_METADATA = (
    ("StartDate", "Start Date", "startDate"),
    ("EndDate", "End Date", "endDate"),
    ("Status", "Response Type", "status"),
    ("IPAddress", "IP Address", "ipAddress"),
    ("Progress", "Progress", "progress"),
    ("Duration (in seconds)", "Duration (in seconds)", "duration"),
    ("Finished", "Finished", "finished"),
    ("RecordedDate", "Recorded Date", "recordedDate"),
    ("ResponseId", "Response ID", "_recordId"),
    ("RecipientLastName", "Recipient Last Name", "recipientLastName"),
    ("RecipientFirstName", "Recipient First Name", "recipientFirstName"),
    ("RecipientEmail", "Recipient Email", "recipientEmail"),
    ("ExternalReference", "External Data Reference", "externalDataReference"),
    ("LocationLatitude", "Location Latitude", "locationLatitude"),
    ("LocationLongitude", "Location Longitude", "locationLongitude"),
    ("DistributionChannel", "Distribution Channel", "distributionChannel"),
    ("UserLanguage", "User Language", "userLanguage"),
)
_MEANS = {"sess_worth": 4.3, "sess_relevant": 4.2, "sess_intend": 3.8}
_KEEN = {"psychosocial_cohort1": 0.86, "pharmacists_cohort1": 0.86}
"""How likely somebody who came answers before the session; after it a little less."""
_COMMENTS = (
    "",
    "",
    "",
    "",
    "More time for the case, please.",
    "The role play helped, thank you.",
    "I will try the opening question on Monday.",
    "Sound was poor at first",
    "Good to hear that others\nstruggle with this too",
)


@dataclass(frozen=True)
class Response:
    """One line of an export. `answers` holds labels by item code, blank where nothing was answered."""

    code: str
    discipline: str
    session: int
    moment: str
    started: dt.datetime
    seconds: int
    answers: dict[str, str]
    comment: str = ""
    preview: bool = False
    finished: bool = True
    response_id: str = ""
    place: tuple[str, str, str] = ("", "", "")

    @property
    def recorded(self) -> dt.datetime:
        """When it was stored."""
        return self.started + dt.timedelta(seconds=self.seconds)


def exports(roster: Roster, reports: list[Report]) -> dict[str, str]:
    """Return file name -> text: one export for a cohort, three cumulative ones for psychosocial cohort 1."""
    cohort = roster.cohort
    rows = _responses(roster, reports)
    if cohort.key != "psychosocial_cohort1":
        zone = "America/Denver" if cohort.network == "care_homes" else "America/Vancouver"
        day = (cohort.sessions[-1] + dt.timedelta(days=10)).date().isoformat()
        stem = "psychosocial_c2" if cohort.network == "psychosocial" else f"{cohort.network}_c1"
        return {f"{stem}_{day}.csv": _export_text(cohort, rows, zone, bom=cohort.network == "chronic_pain")}
    made = {}
    for number, exported in enumerate(EXPORT_DAYS):
        held = [r for r in rows if r.recorded.date() <= exported]
        text = _export_text(cohort, _as_exported(held, number), "America/Vancouver", bom=False)
        made[f"psychosocial_c1_{exported.isoformat()}.csv"] = text
    return made


def _as_exported(rows: list[Response], number: int) -> list[Response]:
    """Apply what happened between exports: a row vanished after April, answers changed by May and July."""
    early = [r for r in rows if not r.preview and r.finished and r.moment == "after" and r.answers["sess_conf"]]
    changed: list[Response] = []
    for row in rows:
        if number >= 1 and row is early[7]:
            continue
        answers = dict(row.answers)
        if number >= 1 and row is early[11]:
            answers["sess_know"] = AGREE[4] if answers["sess_know"] != AGREE[4] else AGREE[3]
        if number >= 2 and row is early[16]:
            answers["sess_conf"] = AGREE[3] if answers["sess_conf"] != AGREE[3] else AGREE[4]
        changed.append(dataclasses.replace(row, answers=answers))
    return changed


def _responses(roster: Roster, reports: list[Report]) -> list[Response]:
    """Return every response of a cohort in the order in which it was stored."""
    cohort = roster.cohort
    rng = random.Random(f"{SEED}|qualtrics|{cohort.key}")
    keen = _KEEN.get(cohort.key, 0.7)
    level = {p.email: rng.gauss(3.0, 0.5) for p in roster.participants}
    codes = [p.code for p in roster.participants]
    spare = Census(f"{SEED}|forgotten|{cohort.key}", taken=codes)
    visits = [p.email for report in reports for p in report.attended]
    single = [p.email for p in roster.participants if codes.count(p.code) == 1 and visits.count(p.email) > 2]
    no_code = set(rng.sample(single, max(1, len(single) // 16)))
    rows: list[Response] = []
    for number, (start, report) in enumerate(zip(cohort.sessions, reports, strict=True), 1):
        shared_seen: list[str] = []
        for person in report.attended:
            shared = codes.count(person.code) > 1
            if shared and number > 2 and person.code in shared_seen:
                continue  # after two sessions only one of the pair with a common code goes on answering
            shared_seen.append(person.code)
            before, after = rng.random() < keen, rng.random() < keen * 0.93
            before, after = (True, True) if shared else (before, after)
            forgot = not shared and rng.random() < 0.04
            typed = "" if person.email in no_code else _typed(rng, person.code)
            if before:
                rows.append(_row(rng, cohort, person, number, "before", start, level[person.email], typed))
            if after:
                typed = spare.code() if forgot else "" if not typed else _typed(rng, person.code)
                rows.append(_row(rng, cohort, person, number, "after", start, level[person.email], typed))
    rows = _planned_mess(rng, rows, {normalised(p.code) for p in roster.participants if p.email in single})
    rows.sort(key=lambda r: (r.recorded, r.code))
    numbered = []
    for row in rows:
        reference = "R_" + "".join(rng.choice(string.ascii_letters + string.digits) for _ in range(15))
        address = f"192.0.2.{rng.randint(1, 254)}"
        place = (address, f"{rng.uniform(48, 50):.4f}", f"-{rng.uniform(122, 125):.4f}")
        numbered.append(dataclasses.replace(row, response_id=reference, place=place))
    return numbered


def _typed(rng: random.Random, code: str) -> str:
    """Return a code as somebody types it: other case, other separators, a zero for an O, a one for an I."""
    style = rng.randrange(8)
    if style == 0:
        return code.lower()
    if style == 1:
        return code.replace("-", " ")
    if style == 2:
        return code.replace("-", "")
    if style == 3:
        return code.replace("O", "0").replace("I", "1")
    if style == 4:
        return f" {code.lower().replace('-', '.')} "
    return code


def _row(
    rng: random.Random,
    cohort: Cohort,
    person: Person,
    session: int,
    moment: str,
    start: dt.datetime,
    level: float,
    typed: str,
) -> Response:
    """Return one person's answers at one moment; about one item in fifty is blank or "Not applicable"."""
    wait = rng.randint(-240, -8) if moment == "before" else rng.randint(1, 1500) + cohort.minutes
    gain = 0.0 if moment == "before" else rng.gauss(0.6, 0.3)
    asked = ("sess_know", "sess_conf") if moment == "before" else tuple(TAGS)
    answers = dict.fromkeys(TAGS, "")
    for place, code in enumerate(asked):
        mean = _MEANS.get(code, level + gain - (0.1 if code == "sess_conf" else 0.0))
        answers[code] = AGREE[min(5, max(1, round(rng.gauss(mean, 0.6)))) - 1]
        spoil = rng.random()
        if place and spoil < 0.012:  # the first question always keeps its answer
            answers[code] = ""
        elif place and spoil < 0.025:
            answers[code] = NOT_APPLICABLE
    return Response(
        code=typed,
        discipline=DISCIPLINE_LABELS[person.discipline],
        session=session,
        moment=moment,
        started=start + dt.timedelta(minutes=wait, seconds=rng.randint(0, 59)),
        seconds=rng.randint(35, 420),
        answers=answers,
        comment=rng.choice(_COMMENTS) if moment == "after" else "",
    )


def _planned_mess(rng: random.Random, rows: list[Response], single: set[str]) -> list[Response]:
    """Add previews, unfinished rows and somebody who answered "before" twice (README.md).

    `single`: the normalised codes that belong to one person only.
    """
    second = [r for r in rows if r.session == 2 and normalised(r.code) in single]
    after = {normalised(r.code) for r in second if r.moment == "after"}
    twice = rng.choice([r for r in second if r.moment == "before" and normalised(r.code) in after])
    again = dataclasses.replace(
        twice, code=_typed(rng, twice.code), started=twice.started + dt.timedelta(minutes=3), seconds=41
    )
    out = [*rows, again]
    for number, moment in enumerate(("before", "after", "after")):
        source = next(r for r in rows if r.moment == moment)
        started = source.started - dt.timedelta(days=2, minutes=number)
        out.append(dataclasses.replace(source, code="TEST-01-ABC", started=started, preview=True, comment="test"))
    # Stopped after the first question: still a submission.
    for stopped in rng.sample([r for r in rows if r.moment == "before"], 3):
        first = dict.fromkeys(TAGS, "") | {"sess_know": stopped.answers["sess_know"]}
        out[out.index(stopped)] = dataclasses.replace(stopped, answers=first, finished=False)
    # Opened and never answered: no code, no answer, so nothing to count.
    for opened in rng.sample(rows, 2):
        empty = dict.fromkeys(TAGS, "")
        out.append(dataclasses.replace(opened, code="", discipline="", answers=empty, comment="", finished=False))
    return out


def _export_text(cohort: Cohort, rows: list[Response], zone: str, bom: bool) -> str:
    """Write one export in the current generation: tags, texts, import ids, then the rows."""
    stem = "Please rate each statement - "
    wording = {item.code: item.wording for item in items("session")}
    recipe = "Your personal code: mother's first name (2 letters), day you were born, your town (3 letters)"
    columns = [
        ("code", recipe, "QID1_TEXT"),
        ("Q2", "What is your discipline?", "QID2"),
        *((tag, stem + wording[code], f"QID{tag[1:]}") for code, tag in TAGS.items()),
        ("Q5", "Anything else?", "QID5_TEXT"),
        *((name, name, name) for name in ("cohort", "session_no", "moment")),
    ]
    everything = (*_METADATA, *columns)
    ids = []
    for _, _, reference in everything:
        mark = {"ImportId": reference}
        if reference in {"startDate", "endDate", "recordedDate"}:
            mark["timeZone"] = zone
        ids.append(json.dumps(mark, separators=(",", ":")))
    table: list[tuple[str, ...]] = [
        tuple(c[0] for c in everything),
        tuple(c[1] for c in everything),
        tuple(ids),
    ]
    for row in rows:
        shift = dt.timedelta(hours=1 if zone == "America/Denver" else 0)
        channel = "preview" if row.preview else "anonymous"
        kind = "Survey Preview" if row.preview else "IP Address"
        times = (iso(row.started + shift), iso(row.recorded + shift))
        progress = ("100", str(row.seconds), "True") if row.finished else ("40", str(row.seconds), "False")
        metadata = (*times, kind, row.place[0], *progress, times[1], row.response_id, "", "", "", "")
        answers = (row.answers[code] for code in TAGS)
        tail = (row.comment, cohort.name, str(row.session), row.moment)
        table.append((*metadata, *row.place[1:], channel, "EN", row.code, row.discipline, *answers, *tail))
    text = csv_text(table)
    return "\ufeff" + text if bom else text
