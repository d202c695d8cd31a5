"""Requests about the same people twice."""

from __future__ import annotations

from typing import Any

import numpy as np

from echo_metrics.errors import UserError
from echo_metrics.statistic_requests.inputs import Inputs, Reply, unpacked
from echo_metrics.statistics.bootstrap import Statistic, bootstrap, exact_bootstrap_mean
from echo_metrics.statistics.bootstrap_effects import bootstrap_effects
from echo_metrics.statistics.checks import numbers, sequence, whole
from echo_metrics.statistics.counts import Counts, PairCounts
from echo_metrics.statistics.effect_sizes import effect_sizes, improvement_interval, rank_biserial
from echo_metrics.statistics.hodges_lehmann import hodges_lehmann
from echo_metrics.statistics.keys import counted
from echo_metrics.statistics.mcnemar import mcnemar, stuart_maxwell
from echo_metrics.statistics.moments import correlation, moments
from echo_metrics.statistics.paired_change import FEWEST_CHANGERS, paired_change
from echo_metrics.statistics.paired_t import paired_t
from echo_metrics.statistics.proportion_intervals import paired_difference
from echo_metrics.statistics.proportions import top_box
from echo_metrics.statistics.repeated_measures_d import repeated_measures_d, standardised_mean_change
from echo_metrics.statistics.sign_flip import sign_flip
from echo_metrics.statistics.signed_rank import EXACT_LIMIT, SignedRank, ZeroRule, sign_test, signed_rank
from echo_metrics.statistics.zero_split import zero_split

SEED = 20250101
"""Seed of a resampling whose request gives none: the same request always gets the same reply."""

EFFECTS = ("g_av", "rank_biserial", "probability_of_improvement")
"""Effect sizes that `bootstrap_bca` resamples from pairs, when `statistic` names one."""
NOT_EXACT = f"Above {EXACT_LIMIT:,} ranked pairs there is no exact distribution; use the asymptotic p."
ONE_LEVEL = "There is one level only, so there is no top box apart from the rest."


def exact_rank(differences: Counts, rule: ZeroRule) -> SignedRank | None:
    """The exact signed-rank test, or None where there are too many people for it."""
    found = signed_rank(differences, rule)
    return None if found.method == "asymptotic" else found


def _put_exact(reply: Reply, found: SignedRank | None, **keys: str) -> None:
    if found is None:
        for key in keys:
            reply.put(key, None, NOT_EXACT)
    else:
        reply.result(found, **keys)


def with_level(reply: Reply, inputs: Inputs, low_high: Any) -> None:
    """Add `ci` at the level asked for, beside the 95% interval that every reply has."""
    if inputs.has("level"):
        level = inputs.level()
        low, high, reason = low_high(level)
        reply.put("level", level).interval("ci", low, high, reason)


def answer_paired_t(inputs: Inputs) -> Reply:
    """Mean change (post - pre) with its t-test."""
    if inputs.has("differences") or inputs.has("difference_counts"):
        changes = inputs.differences()
        pairs = PairCounts((0,) * len(changes.keys), changes.keys, changes.n, changes.unit)
    else:
        pairs = inputs.pairs()
    found = paired_t(pairs)
    reply = Reply().put("n", found.n).put("dropped", pairs.dropped)
    reply.result(found, mean_difference="mean_change", t="t", df="df", p_value="p", sd_change="sd_change", se="se")

    def at(level: float) -> tuple[float | None, float | None, str | None]:
        test = paired_t(pairs, level)
        return test.low, test.high, test.reason("low")

    reply.interval("ci95", found.low, found.high, found.reason("low"))
    with_level(reply, inputs, at)
    return reply


def answer_paired_change(inputs: Inputs) -> Reply:
    """The whole block of one paired change (post - pre)."""
    pairs = inputs.pairs()
    differences = pairs.differences
    change = paired_change(pairs)
    reply = Reply().put("n", change.n).put("dropped", pairs.dropped)
    reply.result(
        change,
        mean_pre="mean_before",
        mean_post="mean_after",
        sd_pre="sd_before",
        sd_post="sd_after",
        r="r",
        mean_change="mean_change",
        sd_change="sd_change",
        t="t",
        df="df",
        p_t="p_t",
        d_z="d_z",
        d_av="d_av",
        g_av="g_av",
        probability_of_improvement="probability_of_improvement",
        rank_biserial="rank_biserial",
    )
    reply.interval("ci95", change.ci_low, change.ci_high, change.reason("ci_low"))
    reply.interval("d_z_ci95", change.d_z_low, change.d_z_high, change.reason("d_z_low"))
    reply.interval("d_av_ci95", change.d_av_low, change.d_av_high, change.reason("d_av_low"))
    reply.interval("g_av_ci95", change.g_av_low, change.g_av_high, change.reason("g_av_low"))
    for key, name in (("rank_biserial", "rank_biserial"), ("probability", "probability_of_improvement")):
        low, high = getattr(change, f"{name}_low"), getattr(change, f"{name}_high")
        reply.interval(f"{key}_ci95", low, high, change.reason(f"{name}_low"))
    reply.put("improved", change.improved).put("same", change.same).put("declined", change.declined)
    # The screens withhold rank tests below six people who changed; whoever asks for the number here gets it.
    dropped = signed_rank(differences, ZeroRule.WILCOXON, "asymptotic")
    pratt = signed_rank(differences, ZeroRule.PRATT, "asymptotic")
    reply.put("V_dropzero", dropped.w_plus)
    reply.result(dropped, p_dropzero_asymptotic="p").result(pratt, p_pratt_asymptotic="p")
    _put_exact(reply, exact_rank(differences, ZeroRule.WILCOXON), p_dropzero_exact="p")
    _put_exact(reply, exact_rank(differences, ZeroRule.PRATT), p_pratt_exact="p", p_pratt_midp="mid_p")
    reply.result(sign_test(differences), p_sign_exact="p")
    reply.result(sign_flip(differences), p_signflip_exact="p", p_signflip_midp="mid_p")
    reply.estimate("hodges_lehmann", hodges_lehmann(differences))
    _put_top_two(reply, inputs, pairs)
    _put_homogeneity(reply, pairs)
    notes = list(change.notes)
    if 0 < change.changed < FEWEST_CHANGERS:
        notes.append("Fewer than six people changed: an exact p can't reach 0.05 whatever happened.")
    if notes:
        reply.put("notes", notes)
    return reply


def _put_top_two(reply: Reply, inputs: Inputs, pairs: PairCounts) -> None:
    levels = inputs.scale_levels(pairs)
    cut = inputs.number("cut") if inputs.has("cut") else (levels[-2] if len(levels) > 1 else None)
    keys = ("top2_cut", "top2_gain", "top2_loss", "p_mcnemar_exact_top2", "p_mcnemar_midp_top2", "top2_post_wilson95")
    if cut is None:
        for key in keys:
            reply.put(key, None, ONE_LEVEL)
        return
    gain, loss = crossings(pairs, cut)
    test = mcnemar(gain, loss)
    reply.put("top2_cut", cut).put("top2_gain", gain).put("top2_loss", loss)
    reply.result(test, p_mcnemar_exact_top2="p_exact", p_mcnemar_midp_top2="p_mid")
    after = top_box(pairs.after_counts, cut)
    reply.interval("top2_post_wilson95", after.low, after.high, after.reason)


def crossings(pairs: PairCounts, cut: float) -> tuple[int, int]:
    """How many people rose to the cut or above, and how many fell below it."""
    gain = loss = 0
    for before, after, n in zip(pairs.before, pairs.after, pairs.n, strict=True):
        was, is_now = before / pairs.unit >= cut, after / pairs.unit >= cut
        gain += n if is_now and not was else 0
        loss += n if was and not is_now else 0
    return gain, loss


def as_table(pairs: PairCounts) -> list[list[int]]:
    """The square transition table of the scores seen."""
    levels = sorted({*pairs.before, *pairs.after})
    place = {key: i for i, key in enumerate(levels)}
    table = [[0] * len(levels) for _ in levels]
    for before, after, n in zip(pairs.before, pairs.after, pairs.n, strict=True):
        table[place[before]][place[after]] += n
    return table


def _put_homogeneity(reply: Reply, pairs: PairCounts) -> None:
    table = as_table(pairs)
    keys = ("stuart_maxwell_chi2", "stuart_maxwell_df", "stuart_maxwell_p")
    if len(table) < 2 or len(table) > 200:
        why = "There are fewer than two levels." if len(table) < 2 else "There are more than 200 different scores."
        for key in keys:
            reply.put(key, None, why)
        return
    reply.result(stuart_maxwell(table), stuart_maxwell_chi2="chi2", stuart_maxwell_df="df", stuart_maxwell_p="p")


def answer_signed_rank_exact(inputs: Inputs) -> Reply:
    """The exact signed-rank test; with raw scores of pre - post, as its reference records have it."""
    reply = Reply()
    lettered = [name for name in inputs.data if name.startswith("differences_")]
    for name in lettered:
        only = counted(numbers(inputs.get(name), name).tolist())
        _put_exact(reply, exact_rank(only, ZeroRule.WILCOXON), **{"p" + name[11:]: "p"})
    if lettered and not any(inputs.has(name) for name in ("differences", "difference_counts", "pre", "post", "table")):
        return reply
    differences = inputs.differences(post_minus_pre=False)
    reply.put("n", differences.total)
    drop = signed_rank(differences, ZeroRule.WILCOXON, "asymptotic")
    reply.put("n_zeros", drop.n_zeros).put("V", drop.w_plus)
    _put_exact(
        reply,
        exact_rank(differences, ZeroRule.WILCOXON),
        p_two_sided="p",
        p_greater="p_greater",
        p_less="p_less",
        midp_greater="mid_p_greater",
        midp_two_sided="mid_p",
        p_dropzero_greater="p_greater",
    )
    _put_exact(
        reply,
        exact_rank(differences, ZeroRule.PRATT),
        p_pratt_exact="p",
        p_pratt_greater="p_greater",
        p_pratt_less="p_less",
        p_pratt_midp="mid_p",
    )
    shifted = Counts(tuple(2 * key - differences.unit for key in differences.keys), differences.n, 2 * differences.unit)
    _put_exact(reply, exact_rank(shifted, ZeroRule.WILCOXON), p_after_shift_minus_half_greater="p_greater")
    # Post - pre has the opposite signs, so its "less" is our "greater".
    reply.result(drop, p_less_asymptotic_no_correction_of_post_minus_pre="p_greater")
    reply.estimate("hodges_lehmann", hodges_lehmann(differences), "hl_ci95")
    return reply


def answer_signed_rank_asymptotic(inputs: Inputs) -> Reply:
    """The signed-rank test by normal approximation, three zero rules; T is the smaller rank sum."""
    differences = inputs.differences()
    reply = Reply().put("n", differences.total)
    for name, rule in (("wilcox", ZeroRule.WILCOXON), ("pratt", ZeroRule.PRATT)):
        found = signed_rank(differences, rule, "asymptotic")
        reply.put(f"T_{name}", min(found.w_plus, found.w_minus)).result(found, **{f"p_{name}": "p"})
        corrected = signed_rank(differences, rule, "asymptotic", continuity=True)
        reply.result(corrected, **{f"p_{name}_correction": "p"})
    split = zero_split(differences)
    reply.put("T_zsplit", min(split.w_plus, split.w_minus)).result(split, p_zsplit="p")
    reply.result(signed_rank(differences, ZeroRule.WILCOXON, "asymptotic"), p_no_correction="p")
    reply.result(signed_rank(differences, ZeroRule.WILCOXON, "asymptotic", continuity=True), p_correction="p")
    return reply


def answer_sign_test(inputs: Inputs) -> Reply:
    """The sign test; with raw scores of pre - post, as its reference record has it."""
    found = sign_test(inputs.differences(post_minus_pre=False))
    reply = Reply().put("n_positive", found.n_positive).put("n_nonzero", found.n_nonzero)
    reply.put("n_zeros", found.n_zeros)
    return reply.result(found, p_greater="p_greater", p_less="p_less", p_two_sided="p", midp_greater="mid_p_greater")


def answer_sign_flip(inputs: Inputs) -> Reply:
    """The exact sign-flip test of the mean change (post - pre)."""
    found = sign_flip(inputs.differences())
    reply = Reply().put("n", found.n).put("n_zeros", found.n_zeros)
    return reply.result(found, p_two_sided="p", p_less="p_less", p_greater="p_greater", midp_two_sided="mid_p")


def answer_hodges_lehmann(inputs: Inputs) -> Reply:
    """The Hodges-Lehmann estimate (post - pre)."""
    return Reply().estimate("hodges_lehmann", hodges_lehmann(inputs.differences()), "ci95")


def answer_rank_biserial_paired(inputs: Inputs) -> Reply:
    """Matched-pairs rank-biserial; with raw scores of pre - post, as its reference record has it."""
    differences = inputs.differences(post_minus_pre=False)
    reply = Reply().estimate("rank_biserial", rank_biserial(differences), "ci95")
    chance = improvement_interval(differences)
    return reply.estimate("probability_of_improvement", chance, "probability_ci95")


def answer_standardised_difference_ci(inputs: Inputs) -> Reply:
    """d_z with noncentral-t limits and Hedges' g_z (post - pre)."""
    pairs = inputs.pairs()
    found = effect_sizes(pairs)
    reply = Reply().put("n", pairs.n_pairs).estimate("d_z", found.d_z, "ci95").estimate("g_z", found.g_z, "g_z_ci95")
    reply.estimate("d_av", found.d_av, "d_av_ci95").estimate("g_av", found.g_av, "g_av_ci95")
    reply.put("J", found.j, "The small-sample correction needs at least three pairs.")

    def at(level: float) -> tuple[float | None, float | None, str | None]:
        size = effect_sizes(pairs, level).d_z
        return size.low, size.high, size.reason

    with_level(reply, inputs, at)
    return reply


def answer_repeated_measures_d(inputs: Inputs) -> Reply:
    """The d family with normal-theory errors (post - pre)."""
    pairs = inputs.pairs()
    found = repeated_measures_d(pairs)
    reply = Reply().put("n", pairs.n_pairs)
    no_j = "The small-sample correction needs at least three pairs."
    for name, size in (("d_rm", found.d_rm), ("d_av", found.d_av), ("d_z", found.d_z), ("d_b", found.d_b)):
        reply.put(name, size.value, size.reason).put(f"{name}_se", size.se, size.reason)
        reply.interval(f"{name}_ci95_unadjusted", size.low, size.high, size.reason)
        g = None if size.value is None or found.j is None else size.value * found.j
        reply.put("g" + name[1:], g, size.reason or no_j)
    return reply.put("J", found.j, no_j)


def answer_standardised_mean_change(inputs: Inputs) -> Reply:
    """SMCC and SMCR of one study, or of several (lists)."""
    results, listed = inputs.each(
        ("m_pre", "m_post", "sd_pre", "sd_post", "n", "r"),
        lambda *row: standardised_mean_change(*row),
    )
    reply = Reply()
    for key, field in (
        ("SMCC", "smcc"),
        ("SMCC_var", "smcc_variance"),
        ("SMCR", "smcr"),
        ("SMCR_var", "smcr_variance"),
    ):
        reply.put(key, unpacked([getattr(found, field) for found in results], listed), results[0].reason(field))
        for found in results:
            if getattr(found, field) is None:
                reply.reasons[key] = found.reason(field)
    return reply


def answer_bootstrap(inputs: Inputs) -> Reply:
    """Bootstrap intervals: of the variance of y, or of the mean of changes; `statistic` says otherwise."""
    if inputs.has("statistic") and inputs.get("statistic") in EFFECTS:
        return _answer_bootstrap_effect(inputs, str(inputs.get("statistic")))
    counts = counted(numbers(inputs.get("y"), "y").tolist()) if inputs.has("y") else inputs.differences()
    statistic: Statistic = "variance" if inputs.has("y") else "mean"
    if inputs.has("statistic"):
        statistic = inputs.get("statistic")
    level = inputs.level()
    seed = whole(inputs.get("seed"), "seed") if inputs.has("seed") else SEED
    size = whole(inputs.get("resamples"), "resamples", 100, 1_000_000) if inputs.has("resamples") else None
    if size is None:
        # A hundred thousand resamples of few different values take a third of a second; of many, fewer must do.
        size = max(5_000, min(100_000, 5_000_000 // max(1, len(counts.keys))))
    rng = np.random.Generator(np.random.PCG64(seed))
    found = bootstrap(counts, rng, statistic, level, size)
    reply = Reply().put("n", counts.total).put("level", level)
    for key in ("theta", statistic):
        reply.result(found, **{key: "estimate"})
    reply.result(found, percentile="percentile", bca="bca", z0="z0", resampling="method")
    reply.result(found, acceleration="acceleration", acceleration_jackknife="acceleration")
    return reply.result(found, **{"abc": "abc", f"abc_ci{level * 100:g}": "abc"})


def _answer_bootstrap_effect(inputs: Inputs, name: str) -> Reply:
    """BCa interval of one effect size of a paired change (post - pre)."""
    pairs, level = inputs.pairs(), inputs.level()
    seed = whole(inputs.get("seed"), "seed") if inputs.has("seed") else SEED
    size = whole(inputs.get("resamples"), "resamples", 100, 100_000) if inputs.has("resamples") else 20_000
    found = getattr(bootstrap_effects(pairs, np.random.Generator(np.random.PCG64(seed)), level, size), name)
    reply = Reply().put("n", pairs.n_pairs).put("dropped", pairs.dropped).put("level", level)
    return reply.put("theta", found.value, found.reason).estimate(name, found, "bca")


def answer_exact_bootstrap_mean(inputs: Inputs) -> Reply:
    """All means that resampling could give, with their probabilities."""
    found = exact_bootstrap_mean(inputs.differences())
    return Reply().result(found, value="values", probability="probabilities")


def answer_paired_difference(inputs: Inputs) -> Reply:
    """Difference of two shares of the same people with Tango's interval: a, b, c, d as in its reference record."""
    if inputs.has("tables"):
        rows, listed = list(sequence(inputs.get("tables"), "tables", 1)), True
    elif inputs.has("table"):
        rows, listed = [inputs.get("table")], False
    elif any(inputs.has(name) for name in ("a", "b", "c", "d")):
        rows, listed = [[inputs.get(name) for name in ("a", "b", "c", "d")]], False
    else:
        raise UserError("inputs.tables is missing (or table, or a, b, c and d).")
    name = "tables" if listed else "table"
    results = []
    for i, row in enumerate(rows):
        cells = list(sequence(row, f"{name}[{i}]" if listed else name))
        if len(cells) == 2 and all(isinstance(part, list | tuple) and len(part) == 2 for part in cells):
            cells = [*cells[0], *cells[1]]
        if len(cells) != 4:
            raise UserError(f"{name} must have four counts (both, row only, column only, neither).")
        whole_cells = [whole(value, f"{name}[{i}][{j}]") for j, value in enumerate(cells)]
        results.append(paired_difference(*whole_cells))
    reply = Reply()
    why = next((found.tango.reason for found in results if found.estimate is None), None)
    reply.put("estimate", unpacked([found.estimate for found in results], listed), why)
    for key, part in (("ci95", "tango"), ("newcombe_ci95", "newcombe")):
        limits = [getattr(found, part) for found in results]
        reply.put(key, unpacked([None if e.low is None else [e.low, e.high] for e in limits], listed), why)
    if why is not None:
        reply.reasons |= {"estimate": why, "ci95": why, "newcombe_ci95": why}
    return reply


def moments_of(inputs: Inputs) -> tuple[float, float, int, float | None]:
    """Mean and SD of the change, n, and r, from pairs."""
    pairs = inputs.pairs()
    change = moments(pairs.differences)
    if change.mean is None or change.sd is None:
        raise UserError("pre and post must hold at least two pairs.")
    return change.mean, change.sd, change.n, correlation(pairs)
