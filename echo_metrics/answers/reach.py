"""How far a series reached: the funnel from invitation to most of the sessions, and what a hub declared as enough.

Both are programme counts, exact for everyone. The thresholds stand cohort by cohort, and only for whole cohorts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from echo_metrics.answers.model import Group, Interval, Result
from echo_metrics.answers.outcomes import cohort_names, is_whole
from echo_metrics.answers.scope import Scoped
from echo_metrics.definitions import Definitions, Threshold
from echo_metrics.store import Store
from echo_metrics.terms import Status

FUNNEL_METHOD = (
    "Registered participants without the hub team and guests, each in each cohort; shares are of their own cohort's "
    "sessions that were held. Nobody at one step is missing from the step before"
)
HALF, MOST = 3, 4
"""The bands of attendance (see `attendance_dose`) from which on somebody came to more than half, and more than three
quarters."""


def reach_results(store: Store, scoped: Scoped, definitions: Definitions, invited: int | None) -> list[Result]:
    """The funnel, then the thresholds. `invited` is the trail's; None where nobody recorded invitations."""
    dose = store.records("attendance_dose", scoped.parameters)
    return [*_funnel(dose, invited), *_thresholds(store, scoped, definitions)]


def _funnel(dose: Sequence[Mapping[str, object]], invited: int | None) -> list[Result]:
    """Invited, registered, and of those who came once, to more than half, and to more than three quarters."""
    by_band = {int(str(r["band"])): int(str(r["people"])) for r in dose}
    registered = sum(by_band.values())
    if not registered:
        return []

    def from_band(first: int) -> int:
        return sum(n for band, n in by_band.items() if band >= first)

    steps = [
        *((("invited", "Invited", invited),) if invited is not None else ()),
        ("registered", "Registered", registered),
        ("once", "Came at least once", from_band(1)),
        ("half", "Came to more than half of the sessions", from_band(HALF)),
        ("most", "Came to more than three quarters", from_band(MOST)),
    ]
    return [
        Result(
            measure="funnel",
            label=label,
            group=Group("funnel", key, label),
            status=Status.RELEASED,
            kind="count",
            unit="people",
            n=registered,
            value=Interval(float(n)),
            method=FUNNEL_METHOD,
            sentence=f"{n:,} {label.lower()}."
            if key in ("invited", "registered")
            else f"{n} of {registered} registered: {label.lower()}.",
        )
        for key, label, n in steps
    ]


def _thresholds(store: Store, scoped: Scoped, definitions: Definitions) -> list[Result]:
    """Each declared threshold for each cohort that met: the number, and whether it is enough."""
    if not is_whole(scoped):
        return []
    names = cohort_names(store, scoped)
    chosen = scoped.parameters["cohorts"]
    found = []
    for cohort, network in scoped.cohort_networks.items():
        if network not in scoped.parameters["networks"] or (chosen is not None and cohort not in chosen):
            continue
        asked = {**scoped.parameters, "cohorts": [cohort]}
        totals = store.records("attendance_totals", asked)[0]
        if not totals["sessions"]:
            continue
        registered = sum(int(r["people"]) for r in store.records("attendance_dose", asked))
        values = {
            "registered": float(registered),
            "attended_once": float(totals["people"]),
            "mean_per_session": float(totals["per_session"]),
        }
        found += [_threshold(t, cohort, names[cohort], values[t.key]) for t in definitions.thresholds]
    return found


def _threshold(declared: Threshold, cohort: int, name: str, value: float) -> Result:
    met = value >= declared.at_least
    shown = f"{value:.1f}" if value % 1 else f"{value:.0f}"
    return Result(
        measure=declared.key,
        label=declared.label,
        group=Group("threshold", f"{cohort}-{declared.key}", name),
        status=Status.RELEASED,
        kind="threshold",
        unit="people",
        value=Interval(value),
        method=f"Declared beforehand: {declared.label.lower()}, at least {declared.at_least:g}. Source: "
        f"{declared.source}",
        sentence=f"{name}: {declared.label.lower()} {shown}, {'met' if met else 'not met'} (at least "
        f"{declared.at_least:g}).",
        extra={"at_least": declared.at_least, "met": met},
    )
