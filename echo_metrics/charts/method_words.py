"""How figures came about, as terms with their words: for the screens' "How this was computed" and for shared pages."""

from __future__ import annotations

from collections.abc import Sequence

from echo_metrics.answers.model import Interval, Result, Trail
from echo_metrics.charts import wording as w
from echo_metrics.definitions import Measure
from echo_metrics.terms import Evidence

Entries = list[tuple[str, str]]

GROUPINGS = (
    ("discipline", "Discipline", "by discipline"),
    ("cohort", "Cohort", "by cohort"),
    ("session", "Session", "session by session"),
)
"""Kind of group, heading of its column, and how a title says it."""
EFFECT_NAMES = {
    "g_av": "Hedges' g (average standard deviation)",
    "d_av": "Cohen's d (average standard deviation)",
    "d_z": "Cohen's d of the differences",
    "g_av_bootstrap": "Hedges' g, checked by bootstrap",
    "rank_biserial": "Rank-biserial correlation",
    "probability_of_improvement": "Chance that somebody went up rather than down, who stayed counted half",
}
INTERVAL_NAMES = {
    "g_av": "noncentral t",
    "g_av_bootstrap": "BCa",
    "rank_biserial": "BCa bootstrap",
    "probability_of_improvement": "Tango's score interval",
}
EVIDENCE = {
    Evidence.SELF_REPORT: "Self-reported: what people say of themselves",
    Evidence.OBJECTIVE: "Objective: right and wrong answers",
}
TRAIL_WORDS = (
    ("invited", "invited"),
    ("registered", "registered"),
    ("attended", "came at least once"),
    ("baseline", "answered at baseline"),
    ("matched", "answered both times"),
)


NO_COMPARISON = (
    "These are comparisons of the same people at two moments, without a comparison group: they say what changed, not "
    "what caused it."
)
WHO_COUNTS = "Participants. Guests and the hub team are shown apart and not counted as reached."


def trail(counts: Trail) -> list[tuple[int | None, str, str]]:
    """The denominators: count, what it counts, and the word that stands for an unknown or hidden count."""
    hidden = any("hidden" in note for note in counts.notes)
    return [
        (getattr(counts, name), words, "hidden" if hidden and name in ("baseline", "matched") else "not known")
        for name, words in TRAIL_WORDS
    ]


def defined(measure: Measure) -> Entries:
    """What a measure is: how it is scored, its scale, what it rests on, and who says so."""
    unit = measure.unit if measure.unit == measure.scale_words else f"{measure.unit} on {measure.scale_words}"
    worth = f"{measure.worthwhile_change:g} {w.change_unit(measure.unit)} ({measure.worthwhile_change_basis})"
    return [
        ("How it is scored", measure.how),
        ("Unit", unit),
        ("Direction", measure.direction.replace("_", " ").capitalize()),
        ("Kind of evidence", EVIDENCE[measure.evidence]),
        ("Level of evaluation", f"Moore level {measure.moore_level}"),
        ("Worthwhile change", worth),
        ("Source", measure.source),
        ("Definition reviewed", measure.reviewed),
    ]


def computed(result: Result) -> Entries:
    """How one figure was computed: method, people, effect sizes; p values last, exact or as a band."""
    entries = [("Method", result.method), ("People", w.people(result.n, result.who, result.about))]
    if result.effect:
        name, value = result.effect
        entries.append((EFFECT_NAMES.get(name, name), f"{value.value:.2f}{_reach(value, name)}"))
    main = result.effect[0] if result.effect else ""
    known = {name: value for name, value in result.effects.items() if value is not None and name != main}
    # The bootstrap check of the headline's interval stands right below it.
    entries += [
        (EFFECT_NAMES.get(name, name), f"{one.value:.2f}{_reach(one, name)}")
        for name, one in result.effect_intervals.items()
        if name not in known
    ]
    entries += [
        (EFFECT_NAMES.get(name, name), f"{value:.2f}{_reach(result.effect_intervals.get(name), name)}")
        for name, value in known.items()
    ]
    entries += [("Note", note) for note in result.notes]
    p = p_words(result.p) if result.p is not None else result.p_band
    robust = p_words(result.p_robust) if result.p_robust is not None else result.p_robust_band
    entries += [("p, paired t test", p), ("p, signed-rank check", robust)]
    return [(term, words) for term, words in entries if words]


def _reach(one: Interval | None, name: str) -> str:
    if one is None or one.low is None or one.high is None:
        return ""
    how = f" ({INTERVAL_NAMES[name]})" if name in INTERVAL_NAMES else ""
    return f", {100 * one.level:.4g}% interval {w.number(one.low, 2)} to {w.number(one.high, 2)}{how}"


def ledger(result: Result) -> Entries:
    """How a ledger was computed and where it comes from."""
    extra = result.extra
    currency = str(extra.get("currency", ""))
    prepared = ", ".join(str(extra[k]) for k in ("prepared_by", "date") if extra.get(k))
    entries = [
        ("Method", result.method),
        ("Ledger", result.label),
        ("Prices", result.unit),
        ("Source", str(extra.get("ledger_source", ""))),
        ("Prepared by", prepared),
        ("Note", str(extra.get("ledger_note", ""))),
        *[("Note", note) for note in result.notes],
        *[(f"Cost per {c['unit']}", _amount(c, currency)) for c in extra.get("cost_per", ())],
    ]
    return [(term, words) for term, words in entries if words]


def few(results: Sequence[Result]) -> tuple[str, ...]:
    """Why some of these figures are to be read with care, each reason once."""
    return tuple(dict.fromkeys(r.reason for r in results if r.shown and r.reason))


def p_words(p: float) -> str:
    """A p value as it is printed."""
    return "below 0.001" if p < 0.001 else f"{p:.3f}"


def _amount(entry: dict[str, float | None], currency: str) -> str:
    base, low, high = entry["base"], entry["low"], entry["high"]
    if base is None or low is None or high is None:
        return "not known"
    return f"{w.money(base, currency)} ({w.money(low)} to {w.money(high)})"
