"""Who is who in a meeting: the automatic steps of the matching order, and what stays in the queue."""

from __future__ import annotations

from pathlib import Path

import pytest

from echo_metrics.access import LOCAL_OWNER
from echo_metrics.answers import Filters, ask
from echo_metrics.answers.people_queue import queue
from echo_metrics.ingest.load import import_path
from echo_metrics.ingest.naming import kind_of
from echo_metrics.store import Store
from echo_metrics.text import fold_name, normalise_code

REGISTERED = (
    "First Name,Last Name,Email,Registration Time,Approval Status,Discipline\n"
    "Samantha,Doe,sam@example.org,03/01/2021 10:00:00,approved,Nurse\n"
    "José,Núñez,jose@example.org,03/01/2021 10:00:00,approved,Social worker\n"
    "Alex,Reed,alex1@example.org,03/01/2021 10:00:00,approved,Nurse\n"
    "Alex,Reed,alex2@example.org,03/01/2021 10:00:00,approved,Nurse\n"
    "Nora,Finch,nora@example.org,03/01/2021 10:00:00,denied,Nurse\n"
)
HEAD = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes)\n"


def attended(store: Store, tmp_path: Path, *names: str) -> tuple[int, int]:
    """Import one meeting with these `name|email` connections; return participants and guests."""
    (tmp_path / "r.csv").write_text(REGISTERED, encoding="utf-8")
    import_path(store, tmp_path / "r.csv", "Net", "Cohort 1")
    rows = []
    for i, entry in enumerate(names):
        name, _, email = entry.partition("|")
        rows.append(f'"{name}",{email},03/25/2021 12:{i:02d}:00,03/25/2021 13:00:00,60')
    (tmp_path / "m.csv").write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    assert import_path(store, tmp_path / "m.csv", "Net", "Cohort 1").balanced
    answer = ask(store, "attendance", Filters("Net"), LOCAL_OWNER)
    (session,) = answer.only("attendance", "session")
    return session.n or 0, session.extra["guests"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["anything|SAM@example.org"], (1, 0)),  # e-mail, whatever the case
        (["Doe, Samantha RN|"], (1, 0)),  # full name, order and credentials aside
        (["jose nunez|"], (1, 0)),  # accents
        (["Sam (Samantha Doe)|"], (1, 0)),  # renamed
        (["Sam (Samantha Doe)|", "Sam|"], (1, 0)),  # the same rename without its bracket, in this meeting
        (["Samantha Doe|", "iPhone (Samantha Doe)|"], (1, 0)),  # a phone besides
        (["iPhone (Samantha Doe)|"], (0, 0)),  # a device alone matches nobody
        (["Samantha Doe|other@example.org"], (0, 1)),  # a conflicting address
        (["Alex Reed|"], (0, 1)),  # two people of one name
        (["Sam|"], (0, 1)),  # a single token
        (["Samanta Doe|"], (0, 1)),  # alike is not equal
        (["Nora Finch|nora@example.org"], (0, 1)),  # not approved: a guest
        (["Ann (Victoria)|", "Cas (Victoria)|"], (0, 2)),  # a place in brackets joins nobody
        (["read.ai meeting notes|", "1604***1234|"], (0, 0)),  # no people
    ],
    ids=lambda v: "+".join(v) if isinstance(v, list) else None,
)
def test_matching(store: Store, tmp_path: Path, names: list[str], expected: tuple[int, int]) -> None:
    if expected == (0, 0):
        names = (
            [*names, "Samantha Doe|sam@example.org"]
            if "iPhone" not in names[0]
            else [*names, "Guest One|g@example.org"]
        )
        people = (1, 0) if "iPhone" not in names[0] else (0, 1)
        assert attended(store, tmp_path, *names) == people
    else:
        assert attended(store, tmp_path, *names) == expected


def test_what_is_alike_waits_in_the_queue(store: Store, tmp_path: Path) -> None:
    attended(store, tmp_path, "Samanta Doe|", "Sam Doe|", "iPhone (Samantha Doe)|", "Zoe Quill|")
    found = {(name.shown, c.name) for name in queue(store, LOCAL_OWNER) for c in name.candidates}
    assert ("Samanta Doe", "Samantha Doe") in found
    assert ("Sam Doe", "Samantha Doe") in found
    assert ("Samantha Doe", "Samantha Doe") in found  # the device
    assert not any(shown == "Zoe Quill" for shown, _ in found)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("read.ai meeting notes", "bot"), ("Otter.ai", "bot"), ("Fireflies Notetaker", "bot"), ("1415***1234", "phone"),
        ("+1 604 555 1234", "phone"), ("iPhone", "device"), ("iPad 2", "device"), ("Ottoline Reader", "person"),
        ("Phoenix Bell", "person"),
    ],
)  # fmt: skip
def test_kinds(name: str, kind: str) -> None:
    assert kind_of(name) == kind


def test_folding_joins_spellings_and_no_more() -> None:
    assert fold_name("Smith, Jane MD") == fold_name("jane  SMITH (she/her)")
    assert fold_name("Jane Smith") != fold_name("Jane Smithson")
    assert normalise_code("ma-14-vic") == normalise_code("MA 14 V1C") == normalise_code("m.a.1 4.vıc".replace("ı", "i"))
    assert normalise_code("MA14") != normalise_code("MA15")
