"""Microsoft Teams attendance reports with sections: summary, participants, in-meeting activities (2021 on).

Sections are known by their numbers and columns by their headings, or by what they hold where the language is unknown:
two moments, a duration, an address.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from echo_metrics.ingest.dates import is_day, parse_aware, parse_clock
from echo_metrics.ingest.readers.attendance import (
    Layout,
    connection_of,
    order_of,
    roles_by_content,
    shown_columns,
    take,
)
from echo_metrics.ingest.readers.base import SEARCH_ROWS, Context, Match, ignore_other_sheets, new_account
from echo_metrics.ingest.records import Account, Connection, Meeting, Origin, Parsed, Quarantined
from echo_metrics.ingest.source import Document, Table
from echo_metrics.text import fold, fold_name

FORMAT = "teams"

_SECTION = re.compile(r"^\s*([1-9])\s*[.)]\s+\S")
_HEADINGS: dict[str, frozenset[str]] = {
    "name": frozenset({"name", "full name", "nome", "nombre", "nom", "naam", "nazwisko", "nazwa", "imie i nazwisko"}),
    "join": frozenset({"join time", "first join", "first join time", "primeiro ingresso", "erster beitritt"}),
    "leave": frozenset({"leave time", "last leave", "last leave time", "ultima saida", "letztes verlassen"}),
    "duration": frozenset(
        {
            "duration",
            "in meeting duration",
            "meeting duration",
            "duracao na reuniao",
            "dauer der besprechung",
            "duracao",
        }
    ),
    "email": frozenset({"email", "e mail", "email address"}),
    "upn": frozenset({"participant id upn", "id do participante upn", "teilnehmer id upn"}),
    "role": frozenset({"role", "funcao", "rolle", "rola", "papel"}),
}
_TITLE = re.compile(r"tit|tyt|topic|件名")


@dataclass(frozen=True)
class _Section:
    """One block of rows: its number (0 for a report without numbers), its heading row and its data rows, 1-based."""

    number: int
    heading: int
    first: int
    last: int


def recognise(document: Document, context: Context) -> Match | None:
    """Claim numbered sections with a table of stays, or the older summary block above joins and leaves."""
    for index, table in enumerate(document.tables):
        sections = _sections(table)
        stays = next((s for s in (3, 2) if s in sections and _roles(table, sections[s]).keys() >= {"join"}), None)
        if stays is not None and 1 in sections:
            headings = table.rows[sections[stays].heading - 1]
            newer = any("engagement" in fold(h[:80]) for s in sections.values() for h in table.rows[s.heading - 1])
            wider = any(len(r) > len(headings) for r in table.rows[sections[stays].first - 1 : sections[stays].last])
            variant = "sections with engagement (2024 on)" if newer or wider else "sections (2022 on)"
            return Match(0.97, variant, sections[stays].heading, "numbered sections, joins and leaves", index)
        row = _plain_heading(table)
        if row is not None:
            return Match(0.96, "summary and participants (2021-22)", row, "full name, join and leave time, UPN", index)
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read stays from the activities, addresses from the participants; without activities, the participants' spans."""
    table = document.tables[match.table]
    account = new_account(document.tables)
    ignore_other_sheets(account, document, match.table)
    heading = match.header_row or 1
    sections = _sections(table)
    if match.variant.startswith("summary"):
        sections = {3: _Section(3, heading, heading + 1, len(table.rows))}
    times = _times(table, sections)
    order = order_of(times, account, context)
    title, span = _summary(table, sections, order, heading)
    key = f"teams:{fold(title)}:{span[0]}" if span[0] else f"teams:file:{document.sha256[:16]}"
    meeting = Meeting(key, "teams", "", title, parse_aware(span[0], order), parse_aware(span[1], order))
    found: list[Connection] = []
    accounted = _account_for_headings(table, sections, account)
    layouts = {n: Layout(_roles(table, s), order) for n, s in sections.items() if n in (2, 3)}
    identities = _identities(table, sections.get(2), layouts.get(2))
    seen: set[str] = set()
    if 3 in sections:
        for number in range(sections[3].first, sections[3].last + 1):
            accounted.add(number)
            outcome = _stay(table, number, layouts[3], key, account)
            if outcome is not None:
                outcome = _identified(outcome, identities)
                seen.add(_who(outcome))
                take(outcome, account, found)
    if 2 in sections:
        for number in range(sections[2].first, sections[2].last + 1):
            accounted.add(number)
            outcome = _stay(table, number, layouts[2], key, account)
            if outcome is None:
                continue
            if 3 in sections and (isinstance(outcome, Quarantined) or _who(outcome) in seen):
                account.ignore("participant summary")
            else:
                # Nobody's stays are listed: the span from first join to last leave may hold gaps, its minutes do not.
                take(_spanned(outcome), account, found)
    for number, cells in table.numbered():
        if number not in accounted:
            blank = not any(c.strip() for c in cells)
            account.ignore("blank row" if blank else "meeting block")
    return Parsed(
        format=FORMAT,
        variant=match.variant,
        header_row=heading,
        account=account,
        columns=shown_columns(table.rows[heading - 1], _roles(table, sections[3 if 3 in sections else 2])),
        date_order=order,
        meetings=(meeting,),
        connections=tuple(found),
    )


def rejoin(cells: Sequence[str]) -> tuple[str, ...]:
    """Put date and time together again where a re-export split them into two cells."""
    joined: list[str] = []
    for cell in cells:
        if joined and parse_clock(cell) is not None and is_day(joined[-1]):
            joined[-1] = f"{joined[-1].strip().rstrip(',')} {cell.strip()}"
        else:
            joined.append(cell)
    return tuple(joined)


def _sections(table: Table) -> dict[int, _Section]:
    """The numbered sections: a title alone in its row, then a heading, then rows to the next blank row or title."""
    titles = [
        (number, int(found.group(1)))
        for number, cells in table.numbered()
        if cells and (found := _SECTION.match(cells[0][:80])) and not any(c.strip() for c in cells[1:])
    ]
    sections: dict[int, _Section] = {}
    for place, (row, number) in enumerate(titles):
        end = titles[place + 1][0] - 1 if place + 1 < len(titles) else len(table.rows)
        heading = next((r for r in range(row + 1, end + 1) if any(c.strip() for c in table.rows[r - 1])), None)
        if heading is not None and number not in sections:
            sections[number] = _Section(number, heading, heading + 1, end)
    return sections


def _plain_heading(table: Table) -> int | None:
    """The heading of the 2021 report: full name, join and leave time, and an address or UPN; Zoom's has minutes."""
    for number, cells in enumerate(table.head, 1):
        held = set(cells)
        if {"full name", "join time", "leave time", "duration"} <= held and held & {
            "email",
            "participant id upn",
            "role",
        }:
            return number
    return None


def _roles(table: Table, section: _Section) -> dict[str, int]:
    headings = [fold(h[:120]) for h in table.rows[section.heading - 1]]
    roles: dict[str, int] = {}
    for place, heading in enumerate(headings):
        for role, names in _HEADINGS.items():
            if heading in names:
                roles.setdefault(role, place)
    if {"name", "join", "leave"} <= roles.keys():
        return roles
    rows = [rejoin(r) for r in table.rows[section.first - 1 : section.last]]
    return {**roles_by_content(rows), **{r: p for r, p in roles.items() if r in ("role", "upn")}}


def _times(table: Table, sections: dict[int, _Section]) -> list[str]:
    """Every moment of the file: the block's and the stays'."""
    found = [c for row in table.rows[:SEARCH_ROWS] for c in rejoin(row)[1:2]]
    for number in (2, 3):
        section = sections.get(number)
        if section is None:
            continue
        roles = _roles(table, section)
        for row in table.rows[section.first - 1 : section.last]:
            cells = rejoin(row)
            found += [cells[p] for r, p in roles.items() if r in ("join", "leave") and p < len(cells)]
    return found


def _summary(table: Table, sections: dict[int, _Section], order: str, heading: int) -> tuple[str, tuple[str, str]]:
    """Title, start and end of the block above: keys are in any language, so the first two moments are start and end."""
    last = sections[1].last if 1 in sections else heading - 1
    pairs = [(r[0], r[1].strip()) for row in table.rows[:last] if len(r := rejoin(row)) > 1 and r[1].strip()]
    moments = [value for _, value in pairs if parse_aware(value, order) is not None]
    named = [value for key, value in pairs if _TITLE.search(fold(key[:80]))]
    title = named[0] if named else (pairs[0][1] if pairs and pairs[0][1] not in moments else "")
    return title, (moments[0] if moments else "", moments[1] if len(moments) > 1 else "")


def _account_for_headings(table: Table, sections: dict[int, _Section], account: Account) -> set[int]:
    """Account for the headings of the tables; the summary's rows are left for the meeting block."""
    rows = {section.heading for number, section in sections.items() if number in (2, 3)}
    account.ignore("heading", len(rows))
    return rows


def _identities(table: Table, section: _Section | None, layout: Layout | None) -> dict[str, str]:
    """Addresses by folded name, from the participants: activities may lack them. A name borne twice tells nothing."""
    found: dict[str, set[str]] = {}
    if section is None or layout is None:
        return {}
    for row in table.rows[section.first - 1 : section.last]:
        cells = rejoin(row)
        address = layout.cell(cells, "email") or layout.cell(cells, "upn")
        name = fold_name(layout.cell(cells, "name"))
        if name:
            found.setdefault(name, set()).add(address)
    return {name: next(iter(a)) for name, a in found.items() if len(a) == 1}


def _stay(table: Table, number: int, layout: Layout, key: str, account: Account) -> Connection | Quarantined | None:
    cells = table.rows[number - 1]
    if not any(c.strip() for c in cells) or (_SECTION.match(cells[0][:80]) and not any(c.strip() for c in cells[1:])):
        account.ignore("blank row" if not any(c.strip() for c in cells) else "meeting block")
        return None
    outcome = connection_of(Origin(table.sheet, number), rejoin(cells), layout, key, rename=False)
    if isinstance(outcome, Quarantined):
        return replace(outcome, cells=cells)
    guest = "guest" in fold(layout.cell(rejoin(cells), "name")).split()
    return replace(outcome, guest="Yes" if guest else "")


def _identified(outcome: Connection | Quarantined, identities: dict[str, str]) -> Connection | Quarantined:
    if isinstance(outcome, Quarantined) or outcome.email:
        return outcome
    return replace(outcome, email=identities.get(fold_name(outcome.display_name), ""))


def _spanned(outcome: Connection | Quarantined) -> Connection | Quarantined:
    if isinstance(outcome, Quarantined) or outcome.minutes_reported is None:
        return outcome
    whole = (outcome.leave - outcome.join).total_seconds() / 60
    return outcome if outcome.minutes_reported >= whole - 1 else replace(outcome, origin_kind="total_only")


def _who(outcome: Connection | Quarantined) -> str:
    return fold(outcome.display_name) if isinstance(outcome, Connection) else ""
