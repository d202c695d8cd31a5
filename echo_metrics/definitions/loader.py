"""Reads the reviewed definition files and refuses those that do not hold together."""

from __future__ import annotations

import hashlib
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from echo_metrics.definitions.model import (
    Definitions,
    Discipline,
    Instrument,
    Item,
    Measure,
    MissingPoint,
    Point,
    Scale,
    Threshold,
)
from echo_metrics.errors import UserError
from echo_metrics.terms import Contrast, Evidence, WaveKind
from echo_metrics.text import fold

FOLDER = Path(__file__).parent


@lru_cache(maxsize=4)
def load_definitions(folder: Path = FOLDER) -> Definitions:
    """Load and check all definitions of `folder`. Raises `UserError` that names the file and the entry at fault."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.toml")):
        digest.update(path.read_bytes())
    scales = {key: _scale(key, body) for key, body in _read(folder / "scales.toml").items()}
    instruments = [_instrument(p, scales) for p in sorted((folder / "instruments").glob("*.toml"))]
    items = [item for instrument in instruments for item in instrument.items]
    measures = [_measure(body, items) for body in _read(folder / "measures.toml")["measure"]]
    known = {m.key for m in measures}
    for item in items:
        if item.measure not in known:
            raise UserError(f"Item {item.code}: measure '{item.measure}' is not in measures.toml.")
    disciplines = {
        key: Discipline(key, body["label"], tuple(body["synonyms"]))
        for key, body in _read(folder / "disciplines.toml")["discipline"].items()
    }
    fields = {
        fold(name): field for field, names in _read(folder / "fields.toml")["field"].items() for name in (field, *names)
    }
    return Definitions(
        measures={m.key: m for m in measures},
        instruments={i.key: i for i in instruments},
        disciplines=disciplines,
        fields=fields,
        fingerprint=digest.hexdigest()[:12],
        thresholds=tuple(_threshold(body) for body in _read(folder / "thresholds.toml")["threshold"]),
    )


COUNTED = ("registered", "attended_once", "mean_per_session")
"""The programme counts that a threshold can be about."""


def _threshold(body: dict[str, Any]) -> Threshold:
    try:
        found = Threshold(body["key"], body["label"], float(body["at_least"]), body["source"])
    except (KeyError, TypeError, ValueError) as error:
        raise UserError("thresholds.toml: a threshold needs key, label, at_least (a number) and source.") from error
    if found.key not in COUNTED:
        raise UserError(f"thresholds.toml: there is no count '{found.key}'. There are: {', '.join(COUNTED)}.")
    return found


def _read(path: Path) -> dict[str, Any]:
    with path.open("rb") as handle:
        return tomllib.load(handle)


def _scale(key: str, body: dict[str, Any]) -> Scale:
    return Scale(
        key=key,
        name=body["name"],
        points=tuple(Point(p["value"], p["label"], tuple(p["synonyms"])) for p in body["points"]),
        missing=tuple(MissingPoint(p["value"], p["label"], p["reason"], tuple(p["synonyms"])) for p in body["missing"]),
    )


def _instrument(path: Path, scales: dict[str, Scale]) -> Instrument:
    body = _read(path)
    items = []
    for entry in body["item"]:
        if entry["scale"] not in scales:
            raise UserError(f"{path.name}, item {entry['code']}: scale '{entry['scale']}' is not in scales.toml.")
        items.append(
            Item(
                instrument=body["key"],
                code=entry["code"],
                wording=entry["wording"],
                measure=entry["measure"],
                scale=scales[entry["scale"]],
                reversed=entry.get("reversed", False),
                correct=entry.get("correct"),
                names=tuple(entry.get("names", ())),
            )
        )
    return Instrument(body["key"], body["name"], body["version"], body["licence"], tuple(items))


def _measure(body: dict[str, Any], items: list[Item]) -> Measure:
    own = tuple(item.code for item in items if item.measure == body["key"])
    if not own:
        raise UserError(f"Measure {body['key']}: no item of any instrument belongs to it.")
    if not body["low"] < body["high"]:
        raise UserError(f"Measure {body['key']}: low must be under high.")
    if not 1 <= body["minimum_items"] <= len(own):
        raise UserError(f"Measure {body['key']}: minimum_items must lie between 1 and {len(own)}.")
    fields = dict(body)
    fields["contrasts"] = tuple(Contrast(c) for c in body["contrasts"])
    fields["wave"] = WaveKind(body["wave"]) if "wave" in body else None
    fields["evidence"] = Evidence(body["evidence"])
    fields["reviewed"] = body["reviewed"].isoformat()
    return Measure(**fields, items=own)
