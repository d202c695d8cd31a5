"""A series in order of time with its run chart's verdict, in words; Anhoej's rules, none below ten useful points."""

from __future__ import annotations

from collections.abc import Sequence

from echo_metrics.answers.model import Group, Interval, Result
from echo_metrics.statistics.control_charts import RunChart, run_chart
from echo_metrics.terms import Status

FEWEST_USEFUL = 10
"""Points off the median below which there is no verdict."""
METHOD = "Run chart by Anhoej's rules: longest run and crossings of the median; none below 10 useful points"


def run_result(
    measure: str, label: str, group: Group, unit: str, values: Sequence[float], what: str, points: str
) -> Result:
    """A run chart's result: values in order of time, their median and the verdict.

    `what` names what would have shifted ("attendance"), `points` what a point is ("sessions").
    """
    run = run_chart(values)
    signal = run.signal if run.n_useful >= FEWEST_USEFUL else None
    return Result(
        measure=measure,
        label=label,
        group=group,
        status=Status.RELEASED if signal is not None else Status.UNRELIABLE,
        reason="" if signal is not None else "Too few points for the rules.",
        kind="run",
        unit=unit,
        value=Interval(run.median),
        method=METHOD,
        sentence=_words(run, signal, len(values), what, points),
        extra={"points": list(values), "median": run.median, "useful": run.n_useful},
    )


def _words(run: RunChart, signal: bool | None, n: int, what: str, points: str) -> str:
    if signal is None:
        return (
            f"Too few points to judge: {run.n_useful} of {n} {points} lie off the median, and the rules need "
            f"{FEWEST_USEFUL}. Read the ups and downs as ordinary."
        )
    if signal:
        return (
            f"A signal: {what} shifted, rather than just going up and down "
            f"(longest run {run.longest_run}, at most {run.longest_run_max} expected; {run.crossings} "
            f"crossing{'' if run.crossings == 1 else 's'} of the median, at least {run.crossings_min} expected). "
            "The chart does not say why."
        )
    return "No signal: the ups and downs look like ordinary variation."
