"""Keeps people who were forgotten out: rows of later files that are theirs are left out by a named rule.

An address, a record id or a code decides. A name decides where the row bears no address; where it bears one of
somebody else, it is a namesake's row: it is loaded, and the file's report says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from echo_metrics.ingest.people import email_value
from echo_metrics.ingest.records import Issue, Origin, Parsed, Submission, TableRow
from echo_metrics.store import Writer
from echo_metrics.text import fold_name, normalise_code

RULE = "forgotten on request"
NAME, EMAIL, RECORD, CODE = "name", "email", "record", "code"
LEFT_OUT = "left out: forgotten on request"

Hash = Callable[[str, str], str]


@dataclass(frozen=True)
class Tombstones:
    """The keyed hashes of what forgotten people were known by."""

    keys: frozenset[tuple[str, str]]
    hashed: Hash
    networks: tuple[int, ...] = ()

    @classmethod
    def of(cls, writer: Writer, hashed: Hash) -> Tombstones:
        """Those of a store, read inside a transaction, so that no request slips in between."""
        keys = frozenset((str(kind), str(key)) for _, kind, key in writer.rows("tombstones"))
        networks = tuple(int(n) for n, *_ in writer.rows("networks_to_match")) if keys else ()
        return cls(keys, hashed, networks)

    def address(self, email: str) -> bool:
        """Whether this address was forgotten."""
        value = email_value(email)
        return bool(value) and (EMAIL, self.hashed("email", value)) in self.keys

    def name(self, name: str) -> bool:
        """Whether somebody of this full name was forgotten; a single word is nobody's name."""
        folded = fold_name(name)
        return len(folded.split()) > 1 and (NAME, name_key(self.hashed, folded)) in self.keys

    def code(self, code: str) -> bool:
        """Whether this self-generated code was forgotten, in any network."""
        plain = normalise_code(code)
        return bool(plain) and any((CODE, code_key(self.hashed, n, plain)) in self.keys for n in self.networks)

    def record(self, form_key: str, record: str) -> bool:
        """Whether this record of a form was forgotten."""
        return bool(record) and (RECORD, self.hashed("record", f"{form_key}:{record}")) in self.keys


def name_key(hashed: Hash, folded: str) -> str:
    """The hash under which a folded full name is kept."""
    return hashed("forgotten_name", folded)


def code_key(hashed: Hash, network_id: int, code: str) -> str:
    """The hash under which a normalised self-generated code of a network stands beside answers."""
    return "c" + hashed("sgic", f"{network_id}:{code}")[:20]


def leave_out(parsed: Parsed, gone: Tombstones) -> None:
    """Take the rows of forgotten people out of a file that was read; its account goes on to balance."""
    if not gone.keys:
        return
    account = parsed.account
    out: set[Origin] = set()

    def leave(origin: Origin, rows: int = 1) -> None:
        if rows:
            account.loaded -= rows
            account.ignore(RULE, rows)
        out.add(origin)

    connections = []
    for c in parsed.connections:
        if _theirs(gone, c.email, (c.original_name, c.display_name), c.origin, parsed):
            leave(c.origin, c.rows)
        else:
            connections.append(c)
    registrations = []
    for r in parsed.registrations:
        if _theirs(gone, r.email, (f"{r.first_name} {r.last_name}",), r.origin, parsed):
            leave(r.origin, int(r.counted))
        else:
            registrations.append(r)
    parsed.connections, parsed.registrations = tuple(connections), tuple(registrations)
    parsed.submissions = tuple(_submissions(parsed, gone, leave))
    parsed.table = tuple(_table(parsed, gone, leave))
    account.quarantined[:] = [
        replace(q, cells=(LEFT_OUT,), message=f"{q.code}: {LEFT_OUT}") if _mentions(gone, q.cells) else q
        for q in account.quarantined
    ]
    hidden = {(o.sheet, o.row) for o in out}
    account.issues[:] = [i for i in account.issues if (i.sheet, i.row) not in hidden]


def without_records(
    parsed: Parsed, gone: Tombstones, form_key: str, entries: list[tuple[Submission, str]]
) -> list[tuple[Submission, str]]:
    """Submissions with their ids, without those of forgotten records of the form that the file turned out to be."""
    out = {s.origin for s, _ in entries if gone.record(form_key, s.record_id)}
    if out:
        parsed.account.loaded -= len(out)
        parsed.account.ignore(RULE, len(out))
    return [(s, external) for s, external in entries if s.origin not in out]


def _theirs(gone: Tombstones, email: str, names: Iterable[str], origin: Origin, parsed: Parsed) -> bool:
    if gone.address(email):
        return True
    if not any(gone.name(n) for n in names):
        return False
    if not email_value(email):
        return True
    parsed.account.issues.append(
        Issue(
            "namesake",
            "This row bears the name of somebody who was forgotten, with another address. It was loaded as another "
            "person. If it is the same one, forget this address as well.",
            row=origin.row,
            sheet=origin.sheet,
        )
    )
    return False


def _submissions(parsed: Parsed, gone: Tombstones, leave: Callable[[Origin], None]) -> Iterable[Submission]:
    """Submissions of everybody else. A row with forms side by side is left out whole, and counted once."""
    by_row: dict[Origin, list[Submission]] = defaultdict(list)
    for s in parsed.submissions:
        by_row[s.origin].append(s)
    for origin, rows in by_row.items():
        if any(_answered_by(gone, s, parsed) for s in rows):
            leave(origin)
        else:
            yield from rows


def _answered_by(gone: Tombstones, s: Submission, parsed: Parsed) -> bool:
    fields = s.fields
    name = f"{fields.get('first_name', '')} {fields.get('last_name', '')}".strip()
    return gone.code(fields.get("sgic", "")) or _theirs(gone, fields.get("email", ""), (name,), s.origin, parsed)


def _table(parsed: Parsed, gone: Tombstones, leave: Callable[[Origin], None]) -> Iterable[TableRow]:
    """Posts go with their author; a case stays without its presenter: it is the network's."""
    for row in parsed.table:
        author, presenter = row.values.get("author", ""), row.values.get("presenter", "")
        if author and (gone.address(author) or gone.name(author)):
            leave(row.origin)
        elif presenter and (gone.address(presenter) or gone.name(presenter)):
            yield replace(row, values={**row.values, "presenter": ""})
        else:
            yield row


def _mentions(gone: Tombstones, cells: Iterable[str]) -> bool:
    texts = [c for c in cells if len(c) <= 200]
    pairs = [f"{a} {b}" for a, b in pairwise(texts)]
    return any(gone.address(t) or gone.name(t) or gone.code(t) for t in texts) or any(gone.name(p) for p in pairs)
