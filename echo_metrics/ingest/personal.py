"""Columns of personal data that no figure needs: named in the account, and not stored.

Known headings of meeting reports and lists, headings of survey questions that ask for a name, an address, a number or a
birthday, and questions whose answers are addresses or telephone numbers whatever they are called. Somebody who says of
such a column that it is a question keeps it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace

from echo_metrics.ingest.records import Column, Issue, Parsed
from echo_metrics.text import fold

DROPPED = "dropped: personal data that no figure needs"
UNNEEDED = frozenset(
    {"ip address", "location", "latitude", "longitude", "phone", "phone number", "mobile", "mobile number", "address",
     "street address", "zip postal code", "postal code", "zip code", "recipient email", "join url", "registrant id"}
)  # fmt: skip
"""Headings of personal data that meeting reports and registration lists carry and no figure needs."""
_ASKS = re.compile(
    r"(?:please )?(?:what is |what s |enter |provide |give |state )?(?:your |my |participant s? ?|respondent s? ?)?"
    r"(?:(?:full |first |last |family |given |preferred |legal |middle )?(?:and last )?names?"
    r"|(?:home |work |office |mobile |cell |contact |day ?time )?"
    r"(?:phone|telephone|mobile|cell ?phone|fax)(?: number| no)?"
    r"|(?:date of birth|birth ?date|birthday|dob)"
    r"|(?:home |work |mailing |postal |street )?address(?: line \d)?"
    r"|(?:postal|post|zip) ?code|postcode|zip"
    r"|(?:npi|licen[cs]e|registration|college|employee|staff|payroll|health card|health|social insurance"
    r"|social security|passport|nhs)(?: number| no| id)"
    r"|ip(?: address)?|latitude|longitude|geo ?location|signature)(?: optional)?"
)
"""A folded heading that asks for nothing but personal data. Statements that only mention a telephone do not match."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+?[\d\s().\-]{10,25}")
FEWEST, SHARE = 3, 0.8
"""A question is taken for one about addresses or telephones from this many answers and this share of them on."""


MOST_LOOKED_AT = 1_000
"""Responses whose words are looked at, the first ones of the file: what a question holds shows in them."""


def leave_personal_out(parsed: Parsed) -> None:
    """Drop what no figure needs from a file that was read; every column dropped is named in its issues."""
    kept: list[Column] = []
    asked: set[int] = set()
    for column in parsed.columns:
        folded = fold(column.heading[:120])
        unused = folded in UNNEEDED and column.maps_to in ("not used", folded)
        guessed = column.maps_to == "question" and column.confidence < 1
        if unused or (guessed and _ASKS.fullmatch(folded)):
            column = replace(column, maps_to=DROPPED, confidence=0.9)
            asked.add(column.position)
            _name(parsed, column, "holds personal data that no figure needs; not stored.")
        kept.append(column)
    told = _by_content(parsed, {c.position for c in kept if c.maps_to == "question" and c.confidence < 1})
    for place, column in enumerate(kept):
        if column.position in told:
            kept[place] = replace(column, maps_to=DROPPED, confidence=0.8)
            _name(
                parsed,
                column,
                f"holds {told[column.position]}, so it was not stored. If it tells who answered, or is an answer, say "
                "so in the table of columns and import again.",
            )
    gone = asked | set(told)
    if gone:
        parsed.submissions = tuple(
            replace(s, answers=tuple(a for a in s.answers if a.item_code or a.column not in gone))
            for s in parsed.submissions
        )
    parsed.columns = tuple(kept)


def _by_content(parsed: Parsed, guessed: set[int]) -> dict[int, str]:
    """Questions whose answers are addresses or telephone numbers, by position, with what they are."""
    answers: dict[int, list[str]] = defaultdict(list)
    for submission in parsed.submissions[:MOST_LOOKED_AT]:
        for column, _, item, raw in submission.answers:
            if item is None and column in guessed and raw.strip():
                answers[column].append(raw.strip())
    found = {}
    for column, given in answers.items():
        needed = max(FEWEST, SHARE * len(given))
        if sum(bool(_EMAIL.fullmatch(a)) for a in given) >= needed:
            found[column] = "e-mail addresses"
        elif sum(bool(_PHONE.fullmatch(a)) and 10 <= sum(c.isdigit() for c in a) <= 15 for a in given) >= needed:
            found[column] = "telephone numbers"
    return found


def _name(parsed: Parsed, column: Column, what: str) -> None:
    parsed.account.issues.append(
        Issue(
            "personal_column_dropped",
            f"Column '{column.heading[:60]}' {what}",
            column=column.heading[:120],
            severity="note",
        )
    )
