"""Zoom's saved meeting chat, in one line or two a message. It has times without a date, and names without addresses."""

from __future__ import annotations

import re

from echo_metrics.ingest.readers.attendance import day_in_name
from echo_metrics.ingest.readers.base import Context, Match
from echo_metrics.ingest.records import Account, Column, Issue, Origin, Parsed, TableRow
from echo_metrics.ingest.source import Document

FORMAT = "zoom_chat"

_ONE_LINE = re.compile(r"^(\d{2}:\d{2}:\d{2})\t([^\t]{1,200}?):?\t(.*)$")
_FROM_TO = re.compile(r"^(\d{2}:\d{2}:\d{2})\s+From\s+(.{1,200}?)\s+[Tt]o\s+(.{1,200}?)\s*:\s?(.*)$")
_OLDER = re.compile(r"^(\d{2}:\d{2}:\d{2})\s+From\s+(.{1,200}?)\s*:\s(.*)$")
_LOOKED_AT = 100
_LONGEST = 4_000


def recognise(document: Document, context: Context) -> Match | None:
    """Claim a text whose first line is a message and where every line without a time continues one."""
    if document.workbook or not document.text:
        return None
    lines = [line for line in document.text[:50_000].splitlines()[:_LOOKED_AT] if line.strip()]
    if not lines or _message(lines[0]) is None:
        return None
    messages = sum(_message(line) is not None for line in lines)
    indented = sum(line.startswith(("\t", " ")) for line in lines)
    if messages + indented < 0.5 * len(lines):
        return None
    return Match(
        0.97, "chat, from and to" if " From " in lines[0][:20] else "chat, tabs", None, "time, From, name, text"
    )


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read messages as forum posts of kind `chat`; messages to one person are private and left out."""
    lines = document.text.splitlines()
    account = Account(read=len(lines))
    day = day_in_name(document.name)
    found: list[TableRow] = []
    current: dict[str, str] | None = None
    private = False
    for number, line in enumerate(lines, 1):
        message = _message(line) if len(line) <= _LONGEST else None
        if message is not None:
            at, author, to, text = message
            private = bool(to) and to.casefold() not in ("everyone", "all panelists and attendees", "all panelists")
            if private:
                account.ignore("private message")
                current = None
                continue
            current = {
                "author": author,
                "posted_at": f"{day} {at}" if day else "",
                "thread": "Meeting chat",
                "kind": "chat",
                "text": text,
            }
            found.append(TableRow(Origin("", number), current))
            account.loaded += 1
        elif not line.strip():
            account.ignore("blank row")
        elif private:
            account.ignore("private message")
        elif current is None:
            account.ignore("notes above the heading")
        else:
            current["text"] = f"{current['text']}\n{line.strip()}".strip()
            account.ignore("further line of a message")
    if day is None:
        account.issues.append(
            Issue(
                "no_date",
                "The chat has times but no date, and neither has the file's name: messages are kept without a time.",
            )
        )
    return Parsed(
        format=FORMAT,
        variant=match.variant,
        header_row=None,
        account=account,
        columns=tuple(Column(i, h, h, 1.0) for i, h in enumerate(("time", "author", "text"))),
        date_order="ymd",
        table=tuple(found),
    )


def _message(line: str) -> tuple[str, str, str, str] | None:
    """(time, author, recipient or '', text) of a line that opens a message, or None."""
    head = line[:_LONGEST]
    found = _ONE_LINE.match(head)
    if found is not None:
        return found.group(1), found.group(2).strip(), "", found.group(3).strip()
    found = _FROM_TO.match(head)
    if found is not None:
        return found.group(1), found.group(2).strip(), found.group(3).strip(), found.group(4).strip()
    found = _OLDER.match(head)
    return (found.group(1), found.group(2).strip(), "", found.group(3).strip()) if found is not None else None
