"""REDCap export with field labels as headings: labels may repeat, hold line breaks, and have no order of choices."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from echo_metrics.ingest.dates import parse_aware
from echo_metrics.ingest.readers.base import (
    Context,
    Match,
    ignore_above,
    ignore_other_sheets,
    new_account,
)
from echo_metrics.ingest.readers.redcap_rows import checkbox_groups, is_done, unticked
from echo_metrics.ingest.records import Issue, Parsed, Submission
from echo_metrics.ingest.source import Document
from echo_metrics.ingest.survey import (
    META,
    QUESTION,
    SurveyColumn,
    SurveyLayout,
    classify,
    read_submissions,
    wave_of_words,
)
from echo_metrics.text import fold

FORMAT = "redcap"

_SYSTEM = {
    "event name": "event",
    "repeat instrument": "instrument",
    "repeat instance": "instance",
    "data access group": "group",
    "survey identifier": "survey",
}
_STATUS = frozenset({"0", "1", "2", "", "incomplete", "unverified", "complete", "partial survey response"})
_CHOICE = re.compile(r"^(.*?)\s*\(choice=['\"]?(.*?)['\"]?\)\s*$", re.S)
_ARM = re.compile(r"\(arm (\d+)\b[^)]*\)\s*$", re.IGNORECASE)


def recognise(document: Document, context: Context) -> Match | None:
    """Claim a table with `Complete?` statuses beside system columns or checkboxes, or several statuses."""
    for index, table in enumerate(document.tables):
        for number, cells in enumerate(table.head, 1):
            if len(cells) < 2:
                continue
            system = [c for c in cells if c in _SYSTEM]
            statuses = [i for i, c in enumerate(cells) if c == "complete"]
            boxes = sum("(choice=" in h[-300:] for h in table.rows[number - 1])
            stamps = sum(c == "survey timestamp" for c in cells)
            told = bool(system) + bool(boxes) + bool(stamps)
            if not statuses or not (told or len(statuses) > 1 or cells[0] in ("record id", "participant id")):
                continue
            if not all(_statuses(r, statuses) for r in table.rows[number : number + 50]):
                continue
            kind = (
                "longitudinal" if "event name" in system else "repeating instruments" if system else "one row a record"
            )
            return Match(0.96, f"labelled headings, {kind}", number, "Complete? beside REDCap's own columns", index)
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read one submission a row; an unchecked group is missing. Values may be labels or codes."""
    table = document.tables[match.table]
    header_row = match.header_row or 1
    headings = table.rows[header_row - 1]
    folded = [fold(h[:400]) for h in headings]
    account = new_account(document.tables)
    ignore_other_sheets(account, document, match.table)
    ignore_above(account, table, header_row)
    place = {_SYSTEM[h]: i for i, h in reversed(list(enumerate(folded))) if h in _SYSTEM}
    statuses = [i for i, h in enumerate(folded) if h == "complete"]
    stamps = [i for i, h in enumerate(folded) if h == "survey timestamp"]
    own = {0, *place.values(), *statuses, *stamps}
    boxes = {i: m for i, h in enumerate(headings) if (m := _CHOICE.match(h[:600])) and i not in own}
    columns, shown, items = classify(
        (_column(i, h, i in own, boxes.get(i)) for i, h in enumerate(headings)), context.definitions
    )
    groups = checkbox_groups({i: m.group(1) for i, m in boxes.items()})

    def finish(cells: tuple[str, ...], submission: Submission) -> Submission:
        def system(name: str) -> str:
            at = place.get(name)
            return cells[at].strip() if at is not None and at < len(cells) else ""

        nothing = unticked(groups, cells)
        answers = tuple(a for a in submission.answers if a.column not in nothing)
        event = system("event")
        arm = _ARM.search(event)
        session = any(a.item_code and context.definitions.items[a.item_code].instrument == "session" for a in answers)
        words = _ARM.sub("", event).strip() or submission.fields.get("moment", "")
        moments = [parse_aware(cells[i], "ymd") for i in stamps if i < len(cells)]
        record = cells[0].strip()
        return replace(
            submission,
            external_id="|".join((record, event, system("instrument"), system("instance"))),
            record_id=record,
            event=event,
            arm=int(arm.group(1)) if arm else None,
            group=system("group"),
            wave=wave_of_words(words, session) if words else submission.wave,
            submitted=max((m.replace(tzinfo=None) for m in moments if m is not None), default=None),
            complete=all(is_done(cells[i]) for i in statuses if i < len(cells)),
            answers=answers,
        )

    submissions = read_submissions(
        table.numbered(header_row + 1),
        SurveyLayout(columns, table.sheet, "ymd"),
        items,
        account,
        context.definitions,
        finish,
        table.unclosed_row,
    )
    repeated = sorted({h.strip() for i, h in enumerate(headings) if i not in own and folded.count(folded[i]) > 1})
    if repeated and len(headings) < 2_000:
        account.issues.append(
            Issue(
                "repeated_labels",
                f"{len(repeated)} labels stand above several columns (the first: '{repeated[0][:60]}'). Columns were "
                "told apart by their place; an export with variable names is safer.",
                severity="note",
            )
        )
    return Parsed(
        format=FORMAT,
        variant=match.variant,
        header_row=header_row,
        account=account,
        columns=shown,
        date_order="ymd",
        submissions=submissions,
        stable_ids=True,
    )


def _column(place: int, heading: str, own: bool, box: re.Match[str] | None) -> SurveyColumn:
    if own:
        return SurveyColumn(place, heading.strip(), "", META)
    text = f"{box.group(1)} - {box.group(2)}" if box is not None else ""
    return SurveyColumn(place, heading.strip(), text, QUESTION if heading.strip() else META)


def _statuses(row: Sequence[str], places: Sequence[int]) -> bool:
    return all(row[i].strip().casefold() in _STATUS for i in places if i < len(row))
