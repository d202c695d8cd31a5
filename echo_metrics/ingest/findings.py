"""What a hub should know about a file beside its equation: counted, in words, with what to do about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from echo_metrics.definitions import Definitions
from echo_metrics.ingest.records import Issue, Parsed
from echo_metrics.store import Writer
from echo_metrics.text import fold

FEWEST_WORDS = 3
"""Shorter headings are codes (`comp_1`), whose spelling says nothing about what was asked."""
MOST_NAMED = 6
MOST_EXAMPLES = 3

KINDS: Mapping[str, tuple[str, str]] = {
    "duplicates": ("Rows that are there already", "Nothing to do: they count once."),
    "repeated_id": ("Response ids that repeat", "Check that the export holds each response once."),
    "repeated_labels": ("Questions of one label", "Export with variable names, or bring the dictionary."),
    "out_of_range": ("Answers outside their scale", "Correct them in the tool, or declare a correction."),
    "unreadable_answer": ("Answers that are none of the scale's", "Correct them in the tool, or declare a correction."),
    "not_applicable": ("Answers of 'does not apply'", "Nothing to do: they count as missing, not as zero."),
    "reversed_items": ("Statements that run the other way", "Check that the tool did not turn them round already."),
    "wording_drift": ("Questions worded otherwise than at another moment", "Decide whether they still ask the same."),
    "unfinished_responses": ("Unfinished responses", "Nothing to do: the answers given count."),
    "changed_answer": ("Responses that changed since the last export", "Nothing to do: the newer version counts."),
    "vanished_response": ("Responses that are gone from the export", "Ask who deleted them; they are set aside."),
    "partial_export": ("An export of part of the form", "Export the whole form if answers are missing."),
    "spans_sessions": ("Meetings that span sessions", "Check the calendar; attendance counts for each session."),
    "longer_than_session": ("People connected for longer than the session", "Nothing to do: overlaps count once."),
    "no_scheduled_session": ("Meetings without a session in the calendar", "Add the session to the programme file."),
    "adjusted_by_hand": ("Attendance marks set by hand in iECHO", "Ask who set them, and on what ground."),
    "unknown_discipline": ("Disciplines that are not on the list", "Add them to the list, or correct them."),
    "unknown_session": ("Answers about a session that does not exist", "Check the session numbers, or the calendar."),
    "personal_column_dropped": ("Columns of personal data, not stored", "Leave them out of the next export."),
    "correction_came_late": ("Corrections that came after their file", "Take that import back and import it anew."),
    "namesake": ("Rows with the name of somebody who was forgotten", "Forget this address too if it is the same."),
    "date_order_assumed": ("Day and month were assumed", "Check one date that you know."),
    "damaged_encoding": ("Places that can't be read as text", "Export the file again as UTF-8."),
    "escaped_characters": ("Characters damaged before export", "Export the file again as UTF-8."),
}
"""Code of an issue: its heading, and what to do. Codes that are not here stand with their own message."""
DUPLICATE_RULES = ("already there", "registered twice", "a newer version is there")


class _Told(Protocol):
    """An issue as it is read or as the store keeps it."""

    @property
    def code(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def row(self) -> int | None: ...
    @property
    def column(self) -> str | None: ...


@dataclass(frozen=True)
class Finding:
    """One kind of thing about a file: how often, examples (row, column, message), and what to do."""

    code: str
    label: str
    count: int
    to_do: str
    examples: tuple[tuple[int | None, str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The finding as `import --json` prints it."""
        examples = [{"row": r, "column": c or None, "message": m} for r, c, m in self.examples]
        return {"code": self.code, "label": self.label, "count": self.count, "to_do": self.to_do, "examples": examples}


def grouped(issues: Iterable[_Told], ignored: Mapping[str, int]) -> tuple[Finding, ...]:
    """A file's issues by kind, those with something to do first, in the order of `KINDS`."""
    by_code: dict[str, list[_Told]] = defaultdict(list)
    for issue in issues:
        by_code[issue.code].append(issue)
    found = []
    duplicates = {rule: ignored[rule] for rule in DUPLICATE_RULES if ignored.get(rule)}
    if duplicates:
        words = "; ".join(f"{n:,} {rule}" for rule, n in duplicates.items())
        label, to_do = KINDS["duplicates"]
        found.append(Finding("duplicates", label, sum(duplicates.values()), to_do, ((None, "", words),)))
    order = {code: place for place, code in enumerate(KINDS)}
    for code in sorted(by_code, key=lambda c: (order.get(c, len(order)), c)):
        own = by_code[code]
        label, to_do = KINDS.get(code, (own[0].message, ""))
        examples = tuple((i.row, i.column or "", i.message) for i in own[:MOST_EXAMPLES])
        found.append(Finding(code, label, len(own), to_do, examples))
    return tuple(found)


def look_over(parsed: Parsed, writer: Writer, definitions: Definitions, file_id: int) -> None:
    """Add to the file's issues what only shows once it is loaded; called at the end of its transaction."""
    issues = parsed.account.issues
    if parsed.submissions:
        issues += _answers(writer, definitions, file_id)
        issues += _wording(writer, parsed.format, file_id)
    if parsed.connections:
        people, longer = writer.rows("longer_than_session", {"file": file_id})[0]
        if longer:
            issues.append(
                Issue(
                    "longer_than_session",
                    f"{longer} of {people} people were connected for more minutes than the session has (two devices, "
                    "or before and after it): overlaps count once, and minutes outside the session do not.",
                    severity="note",
                )
            )


def _answers(writer: Writer, definitions: Definitions, file_id: int) -> list[Issue]:
    rows = [(str(i), int(n), int(na)) for i, n, na in writer.rows("answers_by_item", {"file": file_id})]
    found = []
    away = [(item, na) for item, _, na in rows if na]
    if away:
        total, missing = sum(n for _, n, _ in rows), sum(na for _, na in away)
        found.append(
            Issue(
                "not_applicable",
                f"{missing:,} of {total:,} answers say that the question does not apply and count as missing: "
                f"{_some(f'{item} {na:,}' for item, na in away)}.",
                severity="note",
            )
        )
    turned = [item for item, _, _ in rows if item in definitions.items and definitions.items[item].reversed]
    if turned:
        found.append(
            Issue(
                "reversed_items",
                f"Agreeing with {_some(turned)} means less of what is measured; answers are turned round before "
                "they are averaged.",
                severity="note",
            )
        )
    return found


def _wording(writer: Writer, format_: str, file_id: int) -> list[Issue]:
    """Questions of this file that are worded otherwise in another file or at another moment."""
    here: dict[str, dict[str, str]] = defaultdict(dict)
    elsewhere: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for item, wave, question, own in writer.rows("wordings", {"file": file_id, "format": format_}):
        folded = fold(str(question))
        if len(folded.split()) < FEWEST_WORDS:
            continue
        if own:
            here[str(item)].setdefault(folded, str(question))
        else:
            elsewhere[str(item)].setdefault(folded, (str(question), str(wave)))
    found = []
    for item, own in here.items():
        other = next(((q, wave) for f, (q, wave) in elsewhere[item].items() if f not in own), None)
        if other is not None:
            question, wave = other
            found.append(
                Issue(
                    "wording_drift",
                    f"{item} asks '{next(iter(own.values()))[:120]}' here and '{question[:120]}' "
                    f"({wave.replace('_', ' ')}) in another file; both count as the same question.",
                    column=item,
                )
            )
    return found


def _some(words: Iterable[str]) -> str:
    held = list(words)
    more = f" and {len(held) - MOST_NAMED} more" if len(held) > MOST_NAMED else ""
    return ", ".join(held[:MOST_NAMED]) + more
