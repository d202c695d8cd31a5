"""Discussion forums: Discourse (a user's posts, the user list) and Slack (a workspace's export)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from echo_metrics.errors import FileRefused
from echo_metrics.ingest.archives import SLACK_CELLS, SLACK_USER_CELLS
from echo_metrics.ingest.readers.base import Context, Match, find_header, ignore_above, new_account
from echo_metrics.ingest.records import Account, Column, Issue, Origin, Parsed, Quarantined, TableRow
from echo_metrics.ingest.source import Document, Table
from echo_metrics.text import fold

DISCOURSE, SLACK = "discourse", "slack"

_POSTS = [frozenset({n}) for n in ("topic title", "is pm", "post raw", "created at")]
_USERS = [frozenset({n}) for n in ("id", "username", "post count", "likes received")]
_USER_IN_NAME = re.compile(r"user_archive-(.+?)-\d{6}-\d{6}")
_CHANNEL_DAY = re.compile(r"^(?:.*/)?([^/]+)/\d{4}-\d{2}-\d{2}\.json$")


def recognise(document: Document, context: Context) -> Match | None:
    """Claim Discourse's archive or user list by their headings, Slack's by days of messages in channels' folders."""
    days = [i for i, t in enumerate(document.tables) if _CHANNEL_DAY.match(t.sheet)]
    if days:
        return Match(0.97, f"{SLACK}: workspace export", None, "a folder a channel, a file of messages a day", days[0])
    for index, table in enumerate(document.tables):
        row = find_header(table, _POSTS)
        if row is not None:
            return Match(0.97, f"{DISCOURSE}: one user's posts", row, "topic title, is_pm, post_raw", index)
        row = find_header(table, _USERS)
        if row is not None:
            return Match(0.95, f"{DISCOURSE}: user list", row, "username, post count, likes received", index)
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read posts with author, time, thread and text; private messages are left out. Member lists hold no posts."""
    account = new_account(document.tables)
    tool, _, variant = match.variant.partition(": ")
    if tool == SLACK:
        return _slack(document, variant, account)
    table = document.tables[match.table]
    for index, other in enumerate(document.tables):
        if index != match.table:
            account.ignore("other sheet", len(other.rows))
    ignore_above(account, table, match.header_row or 1)
    if variant == "user list":
        return _members(table, match, variant, account)
    return _posts(document, table, match, variant, account)


def _posts(document: Document, table: Table, match: Match, variant: str, account: Account) -> Parsed:
    named = _USER_IN_NAME.search(document.name)
    if named is None:
        raise FileRefused(
            document.name,
            "is a Discourse user's archive, which names its author nowhere but in the file's name.",
            "Import the zip as Discourse sent it (user_archive-NAME-...zip), or a query with a username column.",
        )
    header_row = match.header_row or 1
    headings = [fold(h[:80]) for h in table.rows[header_row - 1]]
    place = {h: i for i, h in reversed(list(enumerate(headings)))}
    found: list[TableRow] = []
    for number, cells in table.numbered(header_row + 1):

        def cell(name: str, row: tuple[str, ...] = cells) -> str:
            at = place.get(name)
            return row[at].strip() if at is not None and at < len(row) else ""

        if not any(c.strip() for c in cells):
            account.ignore("blank row")
        elif fold(cell("is pm")) in ("yes", "true", "1"):
            account.ignore("private message")
        elif number == table.unclosed_row or not cell("created at"):
            message = "The row has no time: it was cut off or shifted."
            account.quarantined.append(
                Quarantined(Origin(table.sheet, number), "created_at", "no_date", message, cells)
            )
        else:
            values = {"author": named.group(1), "posted_at": cell("created at"), "thread": cell("topic title")}
            values |= {"kind": "post", "text": cell("post raw"), "likes": cell("like count")}
            found.append(TableRow(Origin(table.sheet, number), values))
            account.loaded += 1
    used = {"created at": "posted_at", "topic title": "thread", "post raw": "text", "like count": "likes"}
    return Parsed(
        format=DISCOURSE,
        variant=variant,
        header_row=header_row,
        account=account,
        columns=tuple(
            Column(i, h, used.get(f, "not used"), 1.0)
            for i, (h, f) in enumerate(zip(table.rows[header_row - 1], headings, strict=True))
        ),
        date_order="ymd",
        timezone="UTC",
        table=tuple(found),
    )


def _members(table: Table, match: Match, variant: str, account: Account) -> Parsed:
    header_row = match.header_row or 1
    for _, cells in table.numbered(header_row + 1):
        account.ignore("forum member" if any(c.strip() for c in cells) else "blank row")
    headings = table.rows[header_row - 1]
    account.issues.append(
        Issue(
            "personal_column_dropped",
            "The member list's names and addresses hold no posts; not stored.",
            severity="note",
        )
    )
    return Parsed(
        format=DISCOURSE,
        variant=variant,
        header_row=header_row,
        account=account,
        columns=tuple(Column(i, h, "dropped: personal data that no figure needs", 1.0) for i, h in enumerate(headings)),
    )


def _slack(document: Document, variant: str, account: Account) -> Parsed:
    names: dict[str, str] = {}
    for table in document.tables:
        if table.sheet.rpartition("/")[2] == "users.json":
            names |= {r[0]: r[2] or r[1] for r in table.rows if len(r) == len(SLACK_USER_CELLS)}
    found: list[TableRow] = []
    for table in document.tables:
        channel = _CHANNEL_DAY.match(table.sheet)
        if channel is None:
            account.ignore("forum member" if table.sheet.endswith("users.json") else "other sheet", len(table.rows))
            continue
        for number, cells in table.numbered():
            _slack_message(Origin(table.sheet, number), cells, channel.group(1), names, account, found)
    return Parsed(
        format=SLACK,
        variant=variant,
        header_row=None,
        account=account,
        columns=tuple(Column(i, c, c, 1.0) for i, c in enumerate(SLACK_CELLS)),
        date_order="ymd",
        timezone="UTC",
        table=tuple(found),
    )


def _slack_message(
    origin: Origin, cells: tuple[str, ...], channel: str, names: dict[str, str], account: Account, found: list[TableRow]
) -> None:
    """One message; joins, topic changes and bots have a subtype and are no posts."""
    named = dict(zip(SLACK_CELLS, cells, strict=False))
    if named.get("subtype") or named.get("type") not in ("", "message"):
        account.ignore("system message")
        return
    try:
        at = datetime.fromtimestamp(float(named.get("ts", "")), UTC)
    except (ValueError, OverflowError, OSError):
        message = f"'{named.get('ts', '')[:40]}' is no time of Slack's."
        account.quarantined.append(Quarantined(origin, "ts", "unreadable_date", message, cells))
        return
    user = named.get("user", "")
    if not user:
        account.quarantined.append(Quarantined(origin, "user", "nobody", "The message names nobody.", cells))
        return
    thread = named.get("thread_ts", "")
    reply = bool(thread) and thread != named.get("ts")
    values = {
        "author": names.get(user, user),
        "posted_at": at.strftime("%Y-%m-%d %H:%M:%SZ"),
        "thread": f"{channel} {thread or named.get('ts', '')}",
        "kind": "reply" if reply else "post",
        "text": named.get("text", ""),
        "likes": named.get("reactions", "0"),
    }
    found.append(TableRow(origin, values))
    account.loaded += 1
