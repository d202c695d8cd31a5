"""A hub's own questionnaires: defined on the screen, kept in the store, and joined to the reviewed definitions.

An own instrument is one construct on one scale: a measure with its questions. It is marked as the hub's own, and what
the hub did not say (the change worth having, the line that counts as agreement) is a stated assumption.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from echo_metrics.definitions import Definitions, Instrument, Item, Measure, Scale, load_definitions
from echo_metrics.definitions.model import Point
from echo_metrics.errors import UserError
from echo_metrics.store import Store
from echo_metrics.terms import Contrast, Evidence, WaveKind
from echo_metrics.text import fold

MOST_ITEMS, MOST_POINTS, LONGEST = 60, 101, 300
SCREENS = ("competency", "connection", "collaboration", "practice", "supervisor-value", "session-value")
"""Questions (screens) that an own measure can stand on."""
TWICE: Mapping[str, tuple[Contrast, ...]] = {
    "baseline and completion": (Contrast.BASELINE_COMPLETION, Contrast.BASELINE_FOLLOW_UP),
    "before and after each session": (Contrast.BEFORE_AFTER_SESSION,),
}
"""Moments that a construct can be compared between."""
ONCE: Mapping[str, WaveKind] = {
    "after each session": WaveKind.POST_SESSION,
    "at completion": WaveKind.COMPLETION,
    "by supervisors": WaveKind.SUPERVISOR,
}
"""Moments at which a construct can be asked once."""


@dataclass(frozen=True)
class OwnItem:
    """One question as it is headed in the form; `reversed` if agreeing means less of the construct."""

    wording: str
    reversed: bool = False


@dataclass(frozen=True)
class OwnInstrument:
    """What the form asks for: construct, screen, scale of whole steps, direction, moments, items."""

    name: str
    construct: str
    screen: str
    low: int
    high: int
    higher_is_better: bool
    asked: str
    items: tuple[OwnItem, ...]
    moore_level: str = "4"
    source: str = ""

    @property
    def key(self) -> str:
        """The measure's key, from the construct's name."""
        return "own_" + "_".join(fold(self.construct).split())[:40]

    def text(self) -> str:
        """The instrument as the store keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> OwnInstrument:
        """What `text` wrote."""
        body: dict[str, Any] = json.loads(text)
        return cls(**{**body, "items": tuple(OwnItem(**i) for i in body["items"])})


def definitions_of(store: Store) -> Definitions:
    """The reviewed definitions with the hub's own instruments."""
    rows = tuple((str(k), str(b)) for k, b in store.rows("own_instruments"))
    return _merged(rows) if rows else load_definitions()


def add_instrument(store: Store, own: OwnInstrument, who: str) -> None:
    """Keep an own instrument. Raises `UserError` for what is missing, out of range or there already."""
    _check(own, definitions_of(store))

    with store.write() as writer:
        # Asked again under the write lock: two people may have filled the form at once.
        if any(key == own.key for key, _ in writer.rows("own_instruments")):
            raise UserError(f"There is an own measure for '{own.construct}' already.")
        now = datetime.now(UTC).replace(tzinfo=None)
        row = {"key": own.key, "body": own.text(), "added_by": who, "added_at": now}
        writer.insert("own_instrument", [row])
        writer.touch()


def _check(own: OwnInstrument, known: Definitions) -> None:
    if not own.name.strip() or not fold(own.construct):
        raise UserError("An instrument needs a name, and a word for what it measures.")
    if own.screen not in SCREENS:
        raise UserError(f"There is no screen '{own.screen}'. There are: {', '.join(SCREENS)}.")
    if own.asked not in (*TWICE, *ONCE):
        raise UserError(f"Say when it is asked: {', '.join((*TWICE, *ONCE))}.")
    if not own.low < own.high or own.high - own.low + 1 > MOST_POINTS:
        raise UserError(f"The scale must go from a lower to a higher whole number, at most {MOST_POINTS} points.")
    if not 1 <= len(own.items) <= MOST_ITEMS:
        raise UserError(f"An instrument has 1 to {MOST_ITEMS} questions; {len(own.items)} were chosen.")
    words = [fold(i.wording) for i in own.items]
    if len(set(words)) < len(words) or not all(words) or any(len(i.wording) > LONGEST for i in own.items):
        raise UserError(f"Each question needs words of its own, at most {LONGEST} characters.")
    for item in own.items:
        taken = known.find_item(item.wording)
        if taken is not None:
            raise UserError(f"'{item.wording[:60]}' belongs to the measure '{taken.measure}' already.")
    if own.key in known.measures:
        raise UserError(f"There is a measure called '{own.construct}' already.")


@lru_cache(maxsize=8)
def _merged(rows: tuple[tuple[str, str], ...]) -> Definitions:
    base = load_definitions()
    owns: Sequence[OwnInstrument] = [OwnInstrument.read(body) for _, body in rows]
    made = [_definition(own) for own in owns]
    digest = hashlib.sha256(json.dumps([base.fingerprint, *rows]).encode()).hexdigest()[:12]
    return replace(
        base,
        measures={**base.measures, **{m.key: m for m, _ in made}},
        instruments={**base.instruments, **{i.key: i for _, i in made}},
        fingerprint=digest,
    )


def _definition(own: OwnInstrument) -> tuple[Measure, Instrument]:
    points = tuple(Point(float(v), str(v)) for v in range(own.low, own.high + 1))
    scale = Scale(f"{own.key}_scale", f"{own.low} to {own.high}", points, ())
    items = tuple(
        Item(own.key, f"{own.key}_{n}", i.wording, own.key, scale, i.reversed, None, ())
        for n, i in enumerate(own.items, 1)
    )
    span = own.high - own.low
    twice = own.asked in TWICE
    fewest = (len(items) + 1) // 2
    measure = Measure(
        key=own.key,
        label=own.construct[:1].upper() + own.construct[1:],
        question=own.screen,
        construct=own.construct,
        kind="change" if twice else "level",
        contrasts=TWICE.get(own.asked, ()),
        wave=ONCE.get(own.asked),
        scoring="mean",
        minimum_items=fewest,
        unit="points",
        low=float(own.low),
        high=float(own.high),
        direction="higher_is_better" if own.higher_is_better else "lower_is_better",
        moore_level=own.moore_level,
        evidence=Evidence.SELF_REPORT,
        top_box=float(own.low + -(-3 * span // 4)),
        worthwhile_change=span / 10,
        worthwhile_change_basis="assumption: a tenth of the scale",
        why=f"The hub's own questionnaire '{own.name}'.",
        how=f"Mean of the answered items, at least {fewest} of {len(items)}; reversed ones are flipped first.",
        source=own.source or f"The hub's own wording ('{own.name}').",
        reviewed="by nobody but the hub",
        items=tuple(i.code for i in items),
    )
    return measure, Instrument(own.key, own.name, "1", "the hub's own", items)
