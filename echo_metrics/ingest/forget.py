"""Forgets a person: every trace goes in one transaction, a search proves it, and the way back is barred."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from echo_metrics.errors import UserError
from echo_metrics.ingest.forgotten import CODE, EMAIL, LEFT_OUT, NAME, RECORD, RULE, code_key, name_key
from echo_metrics.ingest.naming import kind_of
from echo_metrics.ingest.people import email_value
from echo_metrics.ingest.redact import Wanted, redact, wanted
from echo_metrics.store import Store, Writer
from echo_metrics.store.rewrite import WANTED as REWRITE
from echo_metrics.store.traces import (
    PERSON_COLUMNS,
    Place,
    number_columns,
    numbers_left,
    remove_with,
    replace_text,
    text_columns,
    texts_with,
)
from echo_metrics.text import fold_name, normalise_code

STRUCTURE = frozenset({"hub", "network", "cohort", "setting", "own_instrument", "remembered_map", "column_map"})
"""Tables that describe the programme and its forms: a name in them names a thing, and is reported, not changed."""
IDENTIFIER_KINDS = {"email": EMAIL, "record": RECORD}


class _Rehearsal(Exception):
    """Raised inside the transaction so that nothing of a rehearsal is kept."""


@dataclass(frozen=True)
class Target:
    """Whom to forget: people by number, what they are known by, and what to look for in texts."""

    people: frozenset[int]
    keys: frozenset[tuple[str, str]]
    """Kind and keyed hash: these become tombstones."""
    answer_keys: frozenset[str]
    """Hashes under which answers stand beside nobody's name: self-generated codes."""
    names: tuple[str, ...]
    addresses: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def hashes(self) -> frozenset[str]:
        """Every hash that must not stand anywhere any more."""
        return frozenset(k for _, k in self.keys) | self.answer_keys | {f"p{p}" for p in self.people}


@dataclass(frozen=True)
class Forgotten:
    """What was done: rows taken out by table, texts changed, columns searched afterwards, and what to know."""

    people: int
    removed: Mapping[str, int]
    texts_changed: Mapping[str, int]
    columns_searched: int
    tombstones: int
    remarks: tuple[str, ...]
    words: tuple[str, ...] = field(repr=False, default=())
    """The person's own words that were removed, to look for them in releases. Never printed."""
    names: tuple[str, ...] = field(repr=False, default=())

    @property
    def rows(self) -> int:
        """Rows taken out, all tables together."""
        return sum(self.removed.values())


def find_target(store: Store, person: str, network: str = "", code: bool = False) -> Target:
    """Whom `person` means: an e-mail address, a full name, a number in the store, or with `code` a self-generated code.

    Raises `UserError` where nobody or more than one person bears the name, and where a code lacks its network.
    """
    text = person.strip()
    if not text:
        raise UserError("Say whom to forget: an e-mail address, a full name, or a number.")
    if code:
        return _by_code(store, text, network)
    if email_value(text):
        found = _bearers(store, "email", store.hashed("email", email_value(text)))
        return _target(store, found, (email_value(text),))
    if text.isdecimal():
        known = {int(row[0]) for row in store.rows("about_people", {"people": [int(text[:18])]})}
        if not known:
            raise UserError(f"There is no person number {text} in the store.")
        return _target(store, known, ())
    return _by_name(store, text)


def forget(store: Store, target: Target, who: str, rehearse: bool = False) -> Forgotten:
    """Take every trace of `target` out of the store, in one transaction. `rehearse` keeps nothing and tells the same.

    The search that proves it runs inside the transaction: if anything is left, nothing is changed and `RuntimeError`
    is raised. Backups and the hub's own files are beyond reach; see `echo_metrics.whereabouts`.
    """
    result: Forgotten | None = None
    try:
        with store.write() as writer:
            result = _forget(writer, target, who)
            if rehearse:
                raise _Rehearsal
    except _Rehearsal:
        pass
    else:
        store.keep_requests()
    assert result is not None  # _forget returned, or an exception left this function
    return result


def allow_again(store: Store, person: str) -> int:
    """Withdraw the request that `person` (an address or a full name) stands for; returns the tombstones taken away.

    Raises `UserError` if nobody of that address or name was forgotten. What was removed stays removed.
    """
    email = email_value(person)
    key = (EMAIL, store.hashed("email", email)) if email else (NAME, name_key(store.hashed, fold_name(person)))
    with store.write() as writer:
        circles = [int(c) for c, kind, value in writer.rows("tombstones") if (kind, value) == key]
        if not circles:
            raise UserError("Nobody of that address or name was forgotten here.")
        gone = sum(writer.remove("forgotten", circle=c) for c in circles)
        writer.touch()
    store.keep_requests()
    return gone


# -- whom --------------------------------------------------------------------------------------------------------------


def _bearers(store: Store, kind: str, key: str) -> set[int]:
    return {int(p) for k, v, p in store.rows("identifiers") if (k, v) == (kind, key)}


def _by_code(store: Store, code: str, network: str) -> Target:
    networks: dict[str, int] = {}
    for number, short, name, _ in store.rows("networks_to_match"):
        networks |= {str(name): int(number), **({str(short): int(number)} if short else {})}
    if network not in networks:
        there = ", ".join(sorted(networks)) or "none"
        raise UserError(f"A code belongs to a network: name it with --network. There are: {there}.")
    key = code_key(store.hashed, networks[network], normalise_code(code))
    return Target(frozenset(), frozenset({(CODE, key)}), frozenset({key}), (), ())


def _by_name(store: Store, name: str) -> Target:
    folded = fold_name(name)
    if len(folded.split()) < 2:
        raise UserError("A single name may be anybody's. Give the full name, or the e-mail address.")
    found = {int(p) for p, shown in store.rows("people_by_name") if fold_name(str(shown)) == folded}
    whole = _merged(store, found)
    if len({frozenset(_merged(store, {p})) for p in found}) > 1:
        lines = [
            f"number {n}: {networks or 'no network'}{f', {discipline}' if discipline else ''}"
            for n, networks, discipline in store.rows("about_people", {"people": sorted(found)})
        ]
        raise UserError(
            f"{len(found)} people of this name are in the store. Say which one by number:\n  " + "\n  ".join(lines)
        )
    return _target(store, whole, (), (name,))


def _merged(store: Store, people: Iterable[int]) -> set[int]:
    """These people with everybody who was merged into them or whom they were merged into."""
    whole = set(people)
    pairs = [(int(a), int(b)) for a, b in store.rows("merged_people")]
    while more := {x for a, b in pairs for x in (a, b) if (a in whole) != (b in whole)} - whole:
        whole |= more
    return whole


def _target(store: Store, found: set[int], addresses: tuple[str, ...], names: tuple[str, ...] = ()) -> Target:
    people = _merged(store, found)
    asked = {"people": sorted(people)}
    identifiers = store.rows("keys_of_people", asked) if people else []
    keys = {(IDENTIFIER_KINDS.get(str(kind), str(kind)), str(key)) for kind, key, _ in identifiers}
    keys |= {(EMAIL, store.hashed("email", a)) for a in addresses}
    registered = {str(shown) for _, _, shown in identifiers if shown} | set(names)
    tokens = {t for n in registered for t in fold_name(n).split()}
    shown = {
        str(name)
        for (name,) in (store.rows("names_of_connections", asked) if people else [])
        if name and kind_of(str(name)) == "person" and (tokens & set(fold_name(str(name)).split()))
    }
    called = {n for n in registered | shown if len(fold_name(n).split()) > 1}
    others = {fold_name(str(s)) for p, s in store.rows("people_by_name") if int(p) not in people}
    shared = sorted(n for n in called if fold_name(n) in others)
    notes: tuple[str, ...] = ()
    if shared:
        notes = (
            "Somebody else in the store bears the same name, so texts were searched for the address only and later "
            "files are told apart by address.",
        )
        called -= set(shared)
    keys |= {(NAME, name_key(store.hashed, fold_name(n))) for n in called}
    return Target(frozenset(people), frozenset(keys), frozenset(), tuple(sorted(called)), addresses, notes)


# -- taking out --------------------------------------------------------------------------------------------------------


def _forget(writer: Writer, target: Target, who: str) -> Forgotten:
    removed: Counter[str] = Counter()
    rows_of_file: dict[int, set[tuple[str, int]]] = defaultdict(set)
    names = {fold_name(n) for n in target.names}
    hashes = target.hashes

    submissions = _submissions(writer, target, rows_of_file)
    words = tuple(str(t) for (t,) in writer.rows("texts_of_submissions", {"submissions": submissions}) if t)
    responses = Counter({int(f): int(n) for f, n in writer.rows("responses_of_file", {"submissions": submissions})})
    connections, connected = _connections(writer, target, names, rows_of_file)
    for file_id, row in writer.rows("enrolments_of_people", {"people": sorted(target.people)}):
        rows_of_file[int(file_id)].add(("", int(row)))
    _journal(writer, target, submissions, removed)
    for table, column in (
        ("pair", "from_submission"), ("pair", "to_submission"), ("score", "submission_id"),
        ("response", "submission_id"), ("response_text", "submission_id"), ("submission", "id"),
    ):  # fmt: skip
        removed[table] += remove_with(writer, Place(table, column), submissions)
    removed["connection"] += remove_with(writer, Place("connection", "id"), connections)
    _posts(writer, target, names, rows_of_file, removed)
    shown = [str(s) for (s,) in writer.rows("doubtful_names") if fold_name(str(s)) in names]
    removed["match_link"] += remove_with(writer, Place("match_link", "shown"), shown)
    for place in number_columns(writer):
        if place.column in PERSON_COLUMNS and place.table != "person":
            removed[place.table] += remove_with(writer, place, target.people)
    removed["person"] += remove_with(writer, Place("person", "id"), target.people)
    for place in text_columns(writer):
        if place.column in ("value_key", "email_key", "person_key") and place.table != "forgotten":
            removed[place.table] += remove_with(writer, place, hashes)

    looked_for = wanted(target.names, target.addresses)
    changed, remarks = _texts(writer, looked_for)
    _accounts(writer, rows_of_file, connected, responses)
    tombstones = _tombstones(writer, target, who)
    searched = _prove(writer, target, looked_for)
    writer.remove("setting", name=REWRITE)
    writer.insert("setting", [{"name": REWRITE, "value": "yes"}])
    writer.touch()
    return Forgotten(
        people=len(target.people),
        removed={t: n for t, n in sorted(removed.items()) if n},
        texts_changed=changed,
        columns_searched=searched,
        tombstones=tombstones,
        remarks=(*target.notes, *remarks),
        words=words,
        names=target.names,
    )


def _submissions(writer: Writer, target: Target, rows_of_file: dict[int, set[tuple[str, int]]]) -> list[int]:
    found = writer.rows("submissions_of_people", {"people": sorted(target.people), "keys": sorted(target.hashes)})
    for _, file_id, sheet, row in found:
        rows_of_file[int(file_id)].add((str(sheet or ""), int(row)))
    return sorted({int(row[0]) for row in found})


def _connections(
    writer: Writer, target: Target, names: set[str], rows_of_file: dict[int, set[tuple[str, int]]]
) -> tuple[list[int], Counter[int]]:
    """Connections that are theirs, or that bear their full name or address and are nobody else's."""
    found, per_file = [], Counter[int]()
    for number, file_id, row, person, display, original, email_key in writer.rows("named_connections"):
        theirs = person in target.people or (email_key and email_key in target.hashes)
        if not theirs and person is None:
            theirs = bool({fold_name(str(display or "")), fold_name(str(original or ""))} & names)
        if theirs:
            found.append(int(number))
            per_file[int(file_id)] += 1
            rows_of_file[int(file_id)].add(("", int(row)))
    return found, per_file


def _posts(
    writer: Writer,
    target: Target,
    names: set[str],
    rows_of_file: dict[int, set[tuple[str, int]]],
    removed: Counter[str],
) -> None:
    """Posts go with their author; a case stays without its presenter: it is the network's."""
    addresses = {email_value(a) for a in target.addresses}
    authors = set()
    for author, file_id, row in writer.rows("posts"):
        if fold_name(str(author)) in names or email_value(str(author)) in addresses - {""}:
            authors.add(str(author))
            rows_of_file[int(file_id)].add(("", int(row)))
    removed["forum_post"] += remove_with(writer, Place("forum_post", "author"), authors)
    for (presenter,) in writer.rows("presenters"):
        if fold_name(str(presenter)) in names:
            replace_text(writer, Place("case_presentation", "presenter"), str(presenter), "")


def _journal(writer: Writer, target: Target, submissions: list[int], removed: Counter[str]) -> None:
    """What was kept for taking imports back must not bring the person back either."""
    gone = set(submissions)
    for file_id, step, text in writer.rows("journal_rows"):
        row = json.loads(text)
        if row.get("person_id") in target.people or row.get("person_key") in target.hashes or row.get("id") in gone:
            removed["row_before"] += writer.remove("row_before", file_id=file_id, step=step)


def _texts(writer: Writer, looked_for: list[Wanted]) -> tuple[dict[str, int], list[str]]:
    """Take names and addresses out of every other text, quotations by other people among them."""
    changed: Counter[str] = Counter()
    remarks = []
    for place in text_columns(writer):
        for old in {t for w in looked_for for t in texts_with(writer, place, w.words)}:
            new = redact(old, looked_for)
            if new == old:
                continue
            if place.table in STRUCTURE:
                remarks.append(f"The name also stands in {place} ('{old[:60]}'): a name of a thing was left as it is.")
                continue
            # The other cells of a row that could not be read are the person's as well.
            if place == Place("quarantined_row", "cells"):
                new = json.dumps([LEFT_OUT])
            changed[str(place)] += replace_text(writer, place, old, new)
    return dict(sorted(changed.items())), remarks


def _accounts(
    writer: Writer,
    rows_of_file: Mapping[int, set[tuple[str, int]]],
    connections: Counter[int],
    responses: Counter[int],
) -> None:
    """Rows that are gone move from loaded to a named rule, so that each file's equation goes on to hold."""
    loaded = {int(r["id"]): int(r["rows_loaded"]) for r in writer.records("files")}
    for file_id, rows in rows_of_file.items():
        n = min(len(rows), loaded.get(file_id, 0))
        if not n:
            continue
        writer.run(
            "move_to_forgotten",
            {
                "file": file_id,
                "rows": n,
                "people": 1,
                "connections": connections[file_id],
                "responses": responses[file_id],
            },
        )
        writer.insert("ignored_rows", [{"file_id": file_id, "rule": RULE, "n": n}])


def _tombstones(writer: Writer, target: Target, who: str) -> int:
    circle = 1 + max((int(c) for c, _, _ in writer.rows("tombstones")), default=0)
    now = datetime.now(UTC).replace(tzinfo=None)
    known = {(str(k), str(v)) for _, k, v in writer.rows("tombstones")}
    kinds = {EMAIL, NAME, RECORD, CODE}
    rows = [
        {"circle": circle, "kind": kind, "value_key": key, "forgotten_by": who, "forgotten_at": now}
        for kind, key in sorted(target.keys - known)
        if kind in kinds
    ]
    writer.insert("forgotten", rows)
    return len(rows)


def _prove(writer: Writer, target: Target, looked_for: list[Wanted]) -> int:
    """Search every column of every table once more; returns how many. Raises `RuntimeError` if a trace is left."""
    left = [f"{place} ({n} rows)" for place, n in numbers_left(writer, target.people, target.hashes)]
    texts = text_columns(writer)
    for place in texts:
        if place.table in STRUCTURE:
            continue
        for w in looked_for:
            left += [str(place) for text in texts_with(writer, place, w.words) if redact(text, [w]) != text]
    if left:
        raise RuntimeError(f"traces are left, so nothing was changed: {', '.join(sorted(set(left)))}")
    return len(texts) + len(number_columns(writer))
