"""Zoom's headings by role: English generations, Spanish, Portuguese, Japanese; other languages by what columns hold."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from echo_metrics.ingest.readers.attendance import roles_by_content
from echo_metrics.ingest.source import Table
from echo_metrics.text import fold

_ZONE_AT_END = re.compile(r" (utc|gmt)$")

_PARTICIPANT: dict[str, frozenset[str]] = {
    "name": frozenset(
        {
            "name original name",
            "name",
            "user name",
            "user name original name",
            "nombre nombre original",
            "nome nome original",
            "名前 元の名前",
        }
    ),
    "email": frozenset(
        {
            "user email",
            "email",
            "email address",
            "e mail del usuario",
            "correo electronico",
            "e mail",
            "e mail do usuario",
            "ユーザーメール",
            "メール",
        }
    ),
    "join": frozenset(
        {"join time", "hora para unirse", "hora de entrada", "ingressar na hora", "hora de ingresso", "参加時刻"}
    ),
    "leave": frozenset({"leave time", "hora para salir", "hora de salida", "hora de saida", "退出時刻"}),
    "duration": frozenset({"duration minutes", "duracion minutos", "duracao minutos", "所要時間 分"}),
    "total": frozenset({"total duration minutes", "duracion total minutos", "duracao total minutos", "合計時間 分"}),
    "guest": frozenset({"guest", "is guest", "invitado", "convidado", "ゲスト"}),
    "consent": frozenset(
        {
            "recording consent",
            "recording disclaimer response",
            "consent",
            "respuesta al descargo de responsabilidad relativa a la grabacion",
        }
    ),
    "waiting": frozenset({"in waiting room", "en sala de espera"}),
}
_OF_MEETING: dict[str, frozenset[str]] = {
    "id": frozenset({"meeting id", "id", "id de la reunion", "id da reuniao"}),
    "topic": frozenset({"topic", "tema", "topico"}),
    "start": frozenset({"start time", "actual start time", "hora de inicio"}),
    "end": frozenset({"end time", "actual end time", "hora de finalizacion", "hora de termino"}),
}
_BLOCK_MARKS = frozenset().union(*_OF_MEETING.values(), {"host", "participants", "participantes", "anfitrion"})


def participant_roles(folded: Sequence[str]) -> dict[str, int]:
    """Roles of a participant's columns by their folded headings; the first of each counts."""
    return _roles(folded, _PARTICIPANT)


def wide_roles(folded: Sequence[str]) -> tuple[dict[str, int], dict[str, int]] | None:
    """Roles of the meeting's and of the participant's columns of an account export, or None.

    The participant's part begins with the last name column before the join time: host and participant share headings.
    """
    names = [i for i, h in enumerate(folded) if _bare(h) in _PARTICIPANT["name"]]
    joins = [i for i, h in enumerate(folded) if _bare(h) in _PARTICIPANT["join"]]
    if not names or not joins:
        return None
    begins = max((n for n in names if n < joins[-1]), default=None)
    if begins is None or begins < 2:
        return None
    of_meeting = _roles(folded[:begins], _OF_MEETING)
    if not {"id", "topic"} & of_meeting.keys():
        return None
    roles = {role: place + begins for role, place in participant_roles(folded[begins:]).items()}
    return (of_meeting, roles) if {"name", "join", "leave"} <= roles.keys() else None


def utc_roles(folded: Sequence[str], roles: Mapping[str, int]) -> frozenset[str]:
    """The roles whose heading says UTC or GMT."""
    return frozenset(r for r, place in roles.items() if place < len(folded) and _ZONE_AT_END.search(folded[place]))


def is_name_with_original(folded: Sequence[str]) -> bool:
    """Whether a heading says `Name (Original Name)` in a known language."""
    return any("name original name" in h or "元の名前" in h for h in folded)


def is_other_language(table: Table, header_row: int) -> bool:
    """Whether a heading nobody confirmed stands above Zoom's columns: name with brackets, two moments, whole minutes.

    The minutes have to fit the times, so that no other table with two dates is taken for a report.
    """
    headings = table.rows[header_row - 1]
    if not 5 <= len([h for h in headings if h.strip()]) <= 10:
        return False
    below = table.rows[header_row : header_row + 50]
    roles = roles_by_content(below)
    if not {"name", "join", "leave", "duration"} <= roles.keys() or roles["name"] != 0:
        return False
    bracketed = [roles["name"], roles["duration"]]
    if not all(p < len(headings) and re.search(r"[(（].+[)）]", headings[p][:100]) for p in bracketed):
        return False
    filled = [v for r in below if (v := r[roles["duration"]].strip() if roles["duration"] < len(r) else "")]
    return bool(filled) and all(v.isdecimal() for v in filled)


def block_row(table: Table, header_row: int) -> int | None:
    """The row where the meeting block's headings stand, above the participants' heading, or None."""
    for number, folded in enumerate(table.head[: header_row - 2], 1):
        if len(_BLOCK_MARKS.intersection(folded)) >= 2:
            return number
    return None


def read_block(table: Table, row: int) -> dict[str, str]:
    """Read the meeting block. A topic with unquoted commas makes its row longer than the headings: it is joined."""
    headings = [fold(c) for c in table.rows[row - 1]]
    while headings and not headings[-1]:
        headings.pop()
    values = list(table.rows[row])
    surplus = len([v for v in values if v.strip()]) - len(headings)
    topic = next((i for i, h in enumerate(headings) if h in _OF_MEETING["topic"]), None)
    if surplus > 0 and topic is not None:
        values[topic : topic + surplus + 1] = [",".join(values[topic : topic + surplus + 1])]
    block = {"id": "", "topic": "", "start": "", "end": ""}
    for role, place in _roles(headings, _OF_MEETING).items():
        block[role] = values[place].strip() if place < len(values) else ""
    block["id"] = re.sub(r"\D", "", block["id"])
    return block


def _roles(folded: Sequence[str], known: Mapping[str, frozenset[str]]) -> dict[str, int]:
    roles: dict[str, int] = {}
    for place, heading in enumerate(folded):
        for role, names in known.items():
            if _bare(heading) in names:
                roles.setdefault(role, place)
    return roles


def _bare(heading: str) -> str:
    return _ZONE_AT_END.sub("", heading)
