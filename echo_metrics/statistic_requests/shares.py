"""Requests about shares of people and tables of counts, and about adjusting p-values."""

from __future__ import annotations

from typing import Any

from echo_metrics.errors import UserError
from echo_metrics.statistic_requests.inputs import Inputs, Reply, unpacked
from echo_metrics.statistic_requests.paired import as_table, crossings
from echo_metrics.statistics.checks import square_counts, whole
from echo_metrics.statistics.mcnemar import bowker, cochran_q, fisher_exact, mcnemar, stuart_maxwell
from echo_metrics.statistics.multiplicity import p_adjust
from echo_metrics.statistics.proportion_intervals import (
    clopper_pearson,
    difference_of_proportions,
    jeffreys,
    wald,
)
from echo_metrics.statistics.proportions import Proportion, wilson

INTERVALS = {"wilson": wilson, "clopper_pearson": clopper_pearson, "jeffreys": jeffreys, "wald": wald}


def answer_proportion_ci(inputs: Inputs) -> Reply:
    """All intervals of a share; `lower` and `upper` are Wilson's unless `interval` names another."""
    headline = inputs.get("interval") if inputs.has("interval") else "wilson"
    if headline not in INTERVALS:
        raise UserError(f"interval must be one of {', '.join(INTERVALS)}; {headline!r} was given.")
    level = inputs.level()

    def one(x: Any, n: Any) -> dict[str, Proportion]:
        people = whole(n, "n")
        yes = whole(x, "x", 0, people)
        return {name: of(yes, people, level) for name, of in INTERVALS.items()}

    results, listed = inputs.each(("x", "n"), one)
    reply = Reply().put("level", level)
    why = next((found["wilson"].reason for found in results if found["wilson"].value is None), None)

    def add(key: str, values: list[Any]) -> None:
        reply.put(key, unpacked(values, listed), why)
        if any(value is None for value in values) and why is not None:
            reply.reasons[key] = why

    add("share", [found["wilson"].value for found in results])
    add("lower", [found[headline].low for found in results])
    add("upper", [found[headline].high for found in results])
    for name in INTERVALS:
        limits = [found[name] for found in results]
        add(name, [None if p.low is None else [p.low, p.high] for p in limits])
    return reply


def answer_difference_of_proportions(inputs: Inputs) -> Reply:
    """Difference of two groups' shares with Newcombe's hybrid score interval."""
    cells = [inputs.get(name) for name in ("x1", "n1", "x2", "n2")]
    found = difference_of_proportions(cells[0], cells[1], cells[2], cells[3], inputs.level())
    return Reply().estimate("estimate", found, "ci95" if not inputs.has("level") else "ci")


def _table(inputs: Inputs, at_least: int = 2) -> list[list[int]]:
    """A square table: as given, or counted from pre and post."""
    if inputs.has("table"):
        if inputs.has("levels"):
            inputs.pairs()
        return [[int(n) for n in row] for row in square_counts(inputs.get("table"), "table", at_least).tolist()]
    if not inputs.has("pre") and not inputs.has("post"):
        raise UserError("inputs.table is missing (or inputs.pre and inputs.post).")
    table = as_table(inputs.pairs())
    if len(table) < at_least:
        raise UserError(f"pre and post must hold at least {at_least} different scores; they hold {len(table)}.")
    return table


def answer_mcnemar(inputs: Inputs) -> Reply:
    """McNemar's test from b and c, from a two-by-two table, or from pairs and a cut."""
    if inputs.has("b") or inputs.has("c"):
        b, c = inputs.whole("b"), inputs.whole("c")
    elif inputs.has("cut"):
        b, c = crossings(inputs.pairs(), inputs.number("cut"))
    elif inputs.has("table") or inputs.has("pre"):
        table = _table(inputs)
        if len(table) > 2:
            pairs = inputs.pairs()
            levels = inputs.scale_levels(pairs)
            b, c = crossings(pairs, levels[-2])
        else:
            b, c = table[0][1], table[1][0]
    else:
        raise UserError("inputs.b and inputs.c are missing.")
    reply = Reply().put("b", b).put("c", c)
    if inputs.has("concordant"):
        given = inputs.get("concordant")
        cells = given if isinstance(given, list | tuple) else [given]
        same = [whole(value, f"concordant[{i}]") for i, value in enumerate(cells)]
        reply.put("n", b + c + sum(same))
    found = mcnemar(b, c)
    return reply.result(
        found, chi2="chi2", p="p", chi2_cc="chi2_corrected", p_cc="p_corrected", p_exact="p_exact", p_midp="p_mid"
    )


def answer_stuart_maxwell(inputs: Inputs) -> Reply:
    """Marginal homogeneity, with the ordinal form for scores 1, 2, 3 ..."""
    table = _table(inputs)
    found = stuart_maxwell(table)
    reply = Reply().put("n", found.n).result(found, chi2="chi2", df="df", p="p", Z_scores="z", p_Z_scores="p_z")
    size = None if found.z is None else abs(found.z)
    return reply.put(f"abs_Z_scores_1_to_{len(table)}", size, found.reason("z"))


def answer_bowker(inputs: Inputs) -> Reply:
    """Symmetry of a transition table."""
    return Reply().result(bowker(_table(inputs)), chi2="chi2", df="df", p="p")


def answer_cochran_q(inputs: Inputs) -> Reply:
    """Cochran's Q of yes/no answers on several occasions."""
    found = cochran_q(inputs.first("rows", "table"))
    return Reply().result(found, Q="chi2", chi2="chi2", df="df", p="p")


def answer_fisher_exact(inputs: Inputs) -> Reply:
    """Fisher's exact test of a two-by-two table."""
    found = fisher_exact(inputs.get("table"))
    reply = Reply().put("p", found.p).put("p_greater", found.p_greater).put("p_less", found.p_less)
    return reply.put("odds_ratio", found.odds_ratio, "A cell of the denominator is zero.")


def answer_p_adjust(inputs: Inputs) -> Reply:
    """Holm, Benjamini-Hochberg and Bonferroni."""
    found = p_adjust(inputs.get("p"))
    return Reply().put("holm", found.holm).put("bh", found.bh).put("bonferroni", found.bonferroni)
