"""Tiles: one figure each with its words, ready for any page. Formatting only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from echo_metrics.answers.model import Result
from echo_metrics.answers.roi_words import chance_words
from echo_metrics.charts import wording as w
from echo_metrics.definitions import Measure

REACH_DECIMALS = {"attended_hours": 0, "mean_per_session": 1}


@dataclass(frozen=True)
class Tile:
    """A figure in words: `before` and `after` stand small beside the big one; `badge` is the finding, if any."""

    name: str
    big: str
    before: str = ""
    after: str = ""
    under: tuple[str, ...] = ()
    finding: w.Finding | None = None
    badge: str = ""


def headline(r: Result, measure: Measure | None) -> Tile:
    """One outcome in one tile: before and after, or how many agree; a hidden one says why."""
    if not r.shown:
        return Tile(r.label, "", before=w.finding(r).value, under=(r.reason,))
    if r.kind == "level":
        top = r.top_box
        behind = w.people(r.n, r.who, r.about)
        under = (w.cut_words(top, r.unit), w.tally(top, r.who) or behind) if top else (behind,)
        big = w.percent(top) if top else w.score(r.after, r.unit)
        return Tile(r.label, big, under=_filled(under), badge=r.reason)
    return Tile(
        r.label,
        w.score(r.after, r.unit),
        before=f"{w.score(r.before, r.unit)} →",
        under=(
            f"{w.change(r.change, r.unit)} {w.change_unit(r.unit)}",
            f"{w.people(r.n, r.who, r.about)}, {w.contrast_words(r.contrast)}",
        ),
        finding=_found(r, measure),
    )


def change(r: Result, measure: Measure | None) -> tuple[Tile, ...]:
    """A change in four tiles: the averages, the size, who went which way, and who scored high."""
    limits = w.between(r.change, r.unit)
    moments = w.MOMENTS.get(r.contrast, ("Before", "After"))
    size = w.number(r.change.value, 0 if w.is_percent(r.unit) else 1, signed=True) if r.change else w.DASH
    tiles = [
        Tile(
            f"{moments[0]} → {moments[1].lower()}",
            w.score(r.after, r.unit),
            before=f"{w.score(r.before, r.unit)} →",
            under=(w.scale_words(r),),
        ),
        Tile(
            f"Change in {w.change_unit(r.unit)}",
            size,
            under=(f"95% interval {limits}" if limits else "No interval: too few people",),
            finding=_found(r, measure),
        ),
    ]
    if r.improved is not None and r.n is not None:
        under = (f"{r.same} stayed the same", f"{r.declined} went down")
        tiles.append(Tile("People who went up", f"{r.improved:,}", after=f"of {r.n:,}", under=under))
    else:
        # Parts of a cohort do not tell how many went which way.
        tiles.append(Tile("Answered both times", w.people(r.n, r.who, r.about), under=("rounded figures",)))
    if r.top_box:
        top = r.top_box
        tiles.append(
            Tile(
                f"Scored high {w.AT.get(r.contrast, 'after')}",
                w.percent(top),
                under=(" ".join(_filled([w.tally(top, r.who), w.cut_words(top, r.unit)])),),
            )
        )
    return tuple(tiles)


def counts(results: Iterable[Result]) -> tuple[Tile, ...]:
    """Programme counts, one plain number a tile."""
    return tuple(
        Tile(r.label, w.number(r.value.value, REACH_DECIMALS.get(r.measure, 0)))
        for r in results
        if r.value is not None and r.shown
    )


def money(found: Mapping[str, Result]) -> tuple[Tile, ...]:
    """A ledger in four tiles: return, chance, break-even and the cost of one participant."""
    tiles = []
    if "roi_percent" in found:
        r = found["roi_percent"]
        ratio = [_words(found["bcr"])] if "bcr" in found else []
        tiles.append(Tile("Return on investment", _percent(r), under=_filled([_range(r), *ratio])))
    if "probability" in found:
        r = found["probability"]
        chance = chance_words(r.value.value / 100) if r.value and r.shown else w.DASH
        tiles.append(Tile("Chance that benefits exceed costs", chance, under=("when all assumptions vary at once",)))
    if "break_even" in found:
        r = found["break_even"]
        tiles.append(Tile("Break-even", _percent(r), under=_filled([_words(r)])))
    if "ledger" in found:
        tiles.append(_cost_per(found["ledger"], "participant"))
    return tuple(tiles)


def _cost_per(ledger: Result, unit: str) -> Tile:
    currency = str(ledger.extra.get("currency", ""))
    for entry in ledger.extra.get("cost_per", ()):
        if entry["unit"] == unit and entry["base"] is not None:
            under = (
                (f"{w.money(entry['low'])} to {w.money(entry['high'])}",)
                if entry["low"] is not None and entry["high"] is not None
                else ()
            )
            return Tile(f"Cost per {unit}", w.money(entry["base"], currency), under=under)
    return Tile(f"Cost per {unit}", w.DASH, under=("not known",))


def _percent(r: Result) -> str:
    return f"{w.number(r.value.value, 0)}%" if r.value and r.shown else w.DASH


def _range(r: Result) -> str:
    value = r.value
    if not r.shown:
        return r.reason
    if value is None or value.low is None or value.high is None:
        return ""
    return f"{w.number(value.low, 0)}% to {w.number(value.high, 0)}%, nine times out of ten"


def _words(r: Result) -> str:
    return r.sentence if r.shown else r.reason


def _filled(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for word in words if word)


def _found(r: Result, measure: Measure | None) -> w.Finding:
    return w.finding(r, measure.worthwhile_change if measure else None)
