"""Answers as JSON documents and back, every field, so that a frozen answer draws exactly as a live one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from echo_metrics.answers.model import Answer, Filters, Group, Interval, Result, Share, Trail
from echo_metrics.errors import UserError
from echo_metrics.terms import Role, Status


def answer_document(answer: Answer) -> dict[str, Any]:
    """The answer as plain JSON values."""
    return {
        "question": answer.question,
        "filters": answer.filters.as_json(),
        "data_version": answer.data_version,
        "audience": answer.audience.value,
        "synthetic": answer.synthetic,
        "empty_reason": answer.empty_reason,
        "trail": {**answer.trail.as_json(), "notes": list(answer.trail.notes)},
        "results": [_result_document(r) for r in answer.results],
    }


def answer_from(document: Mapping[str, Any]) -> Answer:
    """The answer that a document holds. Raises `UserError` if it is not one of ours."""
    try:
        asked, trail = document["filters"], dict(document["trail"])
        notes = tuple(trail.pop("notes"))
        return Answer(
            question=document["question"],
            filters=Filters(
                asked["network"] or "",
                asked["cohort"] or "",
                asked["discipline"] or "",
                _day(asked["from"]),
                _day(asked["to"]),
            ),
            data_version=document["data_version"],
            audience=Role(document["audience"]),
            trail=Trail(**trail, notes=notes),
            results=tuple(_result_from(r) for r in document["results"]),
            synthetic=document["synthetic"],
            empty_reason=document["empty_reason"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UserError("This release is damaged: an answer in it can't be read. Make a new one.") from error


_PLAIN = {
    f.name
    for f in fields(Result)
    if f.name
    not in (
        "group",
        "status",
        "change",
        "value",
        "effect",
        "effect_intervals",
        "top_box",
        "distribution",
        "range",
        "notes",
    )
}
_DEFAULTS = Result("", "", Group(), Status.RELEASED)


def _result_document(r: Result) -> dict[str, Any]:
    """Only what differs from an empty result: a release holds hundreds of them."""
    document: dict[str, Any] = {
        "group": {"kind": r.group.kind, "key": r.group.key, "label": r.group.label},
        "status": r.status.word,
        "range": list(r.range),
    }
    for name in sorted(_PLAIN):
        value = getattr(r, name)
        if value != getattr(_DEFAULTS, name):
            document[name] = dict(value) if isinstance(value, Mapping) else value
    if r.change is not None:
        document["change"] = r.change.as_json()
    if r.value is not None:
        document["value"] = r.value.as_json()
    if r.effect is not None:
        document["effect"] = {"name": r.effect[0], **r.effect[1].as_json()}
    if r.effect_intervals:
        document["effect_intervals"] = {name: v.as_json() for name, v in r.effect_intervals.items()}
    if r.top_box is not None:
        document["top_box"] = r.top_box.as_json()
    if r.distribution:
        document["distribution"] = [list(cell) for cell in r.distribution]
    if r.notes:
        document["notes"] = list(r.notes)
    return document


def _result_from(document: Mapping[str, Any]) -> Result:
    found = {name: document[name] for name in _PLAIN if name in document}
    effect = document.get("effect")
    return Result(
        **found,
        group=Group(**document["group"]),
        status=Status[document["status"].upper()],
        range=tuple(document["range"]),
        change=_interval(document.get("change")),
        value=_interval(document.get("value")),
        effect=(effect["name"], Interval(**{k: v for k, v in effect.items() if k != "name"})) if effect else None,
        effect_intervals={name: Interval(**v) for name, v in document.get("effect_intervals", {}).items()},
        top_box=Share(**document["top_box"]) if "top_box" in document else None,
        distribution=tuple((cell[0], cell[1]) for cell in document.get("distribution", ())),
        notes=tuple(document.get("notes", ())),
    )


def _interval(document: Mapping[str, Any] | None) -> Interval | None:
    return Interval(**document) if document is not None else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
