"""Requests about models, imputation, equivalence, power and series over time."""

from __future__ import annotations

import math

from echo_metrics.errors import UserError
from echo_metrics.statistic_requests.inputs import Inputs, Reply, names_of, unpacked
from echo_metrics.statistic_requests.paired import moments_of
from echo_metrics.statistics.adjusted import ancova
from echo_metrics.statistics.checks import above, number, whole
from echo_metrics.statistics.clustered import SMALL_SAMPLE, gee_exchangeable, random_intercept
from echo_metrics.statistics.control_charts import anhoej_limits, c_chart, p_chart, run_chart, xmr_chart
from echo_metrics.statistics.equivalence import (
    minimal_detectable_effect,
    power_two_sample,
    sample_size_two_sample,
    tost,
)
from echo_metrics.statistics.multiple_imputation import rubin_rules
from echo_metrics.statistics.partial_pooling import partial_pooling


def answer_ancova(inputs: Inputs) -> Reply:
    """Groups compared after allowing for a covariate."""
    y = inputs.first("y", "post")
    found = ancova(inputs.get("group"), inputs.first("covariate", "pre"), y)
    reply = Reply().put("groups", found.groups)
    reply.result(
        found,
        slope="slope",
        slope_se="slope_se",
        F_group_adjusted="f",
        df_groups="df_groups",
        df_error="df_error",
        p_group="p",
        adjusted_means="adjusted_means",
        adjusted_se="adjusted_se",
    )
    return reply.interval("slope_ci95", found.slope_low, found.slope_high, found.reason("slope_low"))


def answer_random_intercept(inputs: Inputs) -> Reply:
    """Random-intercept model by REML."""
    found = random_intercept(inputs.first("group", "id"), inputs.get("y"))
    reply = Reply().put("n", found.n).put("n_groups", found.n_groups).put("at_edge", found.at_edge)
    reply.result(found, intercept="intercept", se="se", sd_between="sd_between", sd_residual="sd_residual", icc="icc")
    return reply.interval("ci95", found.low, found.high, found.reason("low"))


def answer_gee(inputs: Inputs) -> Reply:
    """GEE with an exchangeable correlation; every input but id and y is a covariate, in the order given."""
    cluster = inputs.first("id", "group")
    known = {"id", "group", "y", "level"}
    names = list(names_of(inputs.data, known))
    found = gee_exchangeable(cluster, [inputs.get(name) for name in names], inputs.get("y"))
    reply = Reply().put("terms", ["intercept", *names]).put("n", found.n).put("n_clusters", found.n_clusters)
    reply.result(found, coef="coef", robust_se="robust_se", corrected_se="corrected_se", correlation="correlation")
    if found.few_clusters:
        reply.put("notes", [f"Fewer than {SMALL_SAMPLE} clusters: report corrected_se, robust_se is too small."])
    return reply


def answer_partial_pooling(inputs: Inputs) -> Reply:
    """Estimates of several cohorts pulled towards their mean."""
    found = partial_pooling(inputs.get("estimate"), inputs.get("variance"))
    reply = Reply().result(
        found,
        tau2_reml="tau2_reml",
        mean_reml="mean_reml",
        se_reml="se_reml",
        tau2_dl="tau2_dl",
        mean_dl="mean_dl",
        Q="q",
        p_Q="p_q",
        I2_reml_percent="i2_percent",
        shrunken="shrunken",
    )
    reply.interval("ci95_reml", found.low, found.high, found.reason("low"))
    return reply.interval("ci95_knapp_hartung", found.kh_low, found.kh_high, found.reason("kh_low"))


def answer_rubin_rules(inputs: Inputs) -> Reply:
    """Several imputations pooled."""
    n = whole(inputs.get("n"), "n", 1) if inputs.has("n") else None
    k = whole(inputs.get("k"), "k") if inputs.has("k") else 1
    found = rubin_rules(inputs.get("estimates"), inputs.get("variances"), n, k)
    reply = Reply().result(found, qbar="estimate", ubar="within", b="between", t="total", df="df", fmi="fmi")
    return reply.interval("ci95", found.low, found.high, found.reason("low"))


def answer_tost(inputs: Inputs) -> Reply:
    """Equivalence of a mean change: from summary statistics (mean1 - mean2), or from pairs (post - pre)."""
    if inputs.has("pre") or inputs.has("post") or inputs.has("table"):
        diff, sd, n, _ = moments_of(inputs)
    else:
        diff = inputs.number("mean1") - inputs.number("mean2")
        s1, s2 = (number(inputs.get(name), name, 0.0) for name in ("sd1", "sd2"))
        r = number(inputs.get("r"), "r", -1.0, 1.0)
        sd, n = math.sqrt((s1 - s2) ** 2 + 2 * (1 - r) * s1 * s2), inputs.whole("n", 2)
    alpha = inputs.number("alpha", 0.05)
    if inputs.has("bound_raw"):
        bound = above(inputs.get("bound_raw"), "bound_raw")
    else:
        bound = above(inputs.get("bound_dz"), "bound_dz") * sd
        if sd == 0:
            raise UserError("bound_dz has no meaning where the changes have no spread; give bound_raw.")
    found = tost(diff, sd, n, bound, alpha)
    reply = Reply().put("diff", found.change).put("bound_raw", found.bound)
    reply.result(
        found, t_lower="t_lower", p_lower="p_lower", t_upper="t_upper", p_upper="p_upper", equivalent="equivalent"
    )
    reply.interval(f"ci{100 * (1 - 2 * alpha):g}", found.low, found.high, found.reason("low"))
    return reply.interval("ci95", found.low95, found.high95, found.reason("low95"))


def answer_power(inputs: Inputs) -> Reply:
    """Power of a two-sample t-test, and people per group for 90% power."""
    delta, sd, alpha = inputs.number("delta"), inputs.number("sd", 1.0), inputs.number("alpha", 0.05)
    results, listed = inputs.each(("n",), lambda n: power_two_sample(n, delta, sd, alpha))
    reply = Reply().put("power", unpacked(results, listed))
    why = "No number of people detects a difference of nothing."
    size = None
    if delta != 0:
        size = sample_size_two_sample(0.9, delta, sd, alpha)
        why = "More than a hundred million people a group would be needed."
    return reply.put("n_for_90_percent", size, why)


def answer_minimal_detectable_effect(inputs: Inputs) -> Reply:
    """Smallest d_z that a paired t-test shows with the wanted power."""
    power, alpha = inputs.number("power", 0.8), inputs.number("alpha", 0.05)
    results, listed = inputs.each(("n",), lambda n: minimal_detectable_effect(n, power, alpha))
    return Reply().put("dz", unpacked(results, listed))


# -- series over time ---------------------------------------------------------------------------------------------


def answer_anhoej_limits(inputs: Inputs) -> Reply:
    """Longest run and fewest crossings by chance."""
    results, listed = inputs.each(("n",), anhoej_limits)
    reply = Reply().put("longest_run_max", unpacked([found.longest_run_max for found in results], listed))
    return reply.put("crossings_min", unpacked([found.crossings_min for found in results], listed))


def _baseline(inputs: Inputs) -> int | None:
    return inputs.whole("baseline", 1) if inputs.has("baseline") else None


def answer_run_chart(inputs: Inputs) -> Reply:
    """A run chart by the Anhoej rules; signal is 1 or 0."""
    found = run_chart(inputs.get("y"), _baseline(inputs))
    reply = Reply().put("median", found.median).put("n_useful", found.n_useful)
    reply.put("longest_run", found.longest_run).put("crossings", found.crossings)
    reply.result(found, longest_run_max="longest_run_max", crossings_min="crossings_min")
    return reply.put("signal", None if found.signal is None else int(found.signal), found.reason("signal"))


def answer_xmr_chart(inputs: Inputs) -> Reply:
    """An individuals chart without and with screening of the moving ranges; places count from 1."""
    y, baseline = inputs.get("y"), _baseline(inputs)
    found, screened = xmr_chart(y, baseline), xmr_chart(y, baseline, screen=True)
    reply = Reply().put("mean", found.mean)
    reply.result(found, mr_bar="mr_bar", ucl="ucl", lcl="lcl", mr_ucl="mr_ucl")
    reply.result(screened, mr_bar_screened="mr_bar", ucl_screened="ucl", lcl_screened="lcl", mr_ucl_screened="mr_ucl")
    rules = {name: [place + 1 for place in getattr(found, name)] for name in ("outside", "shift", "trend")}
    return reply.put("signals", {**rules, "two_of_three": [place + 1 for place in found.two_of_three]})


def answer_p_chart(inputs: Inputs) -> Reply:
    """A chart of shares; limits as a number where all samples are equally large."""
    n = inputs.get("n")
    found = p_chart(inputs.get("defects"), n)
    same = not isinstance(n, list | tuple)
    reply = Reply().put("p_bar", found.centre)
    for key, limits in (("ucl", found.ucl), ("lcl", found.lcl)):
        reply.put(key, limits[0] if same else limits)
    return reply.put("outside", [place + 1 for place in found.outside])


def answer_c_chart(inputs: Inputs) -> Reply:
    """A chart of counts."""
    found = c_chart(inputs.first("counts", "defects", "c", "y"))
    reply = Reply().put("c_bar", found.centre).put("ucl", found.ucl[0]).put("lcl", found.lcl[0])
    return reply.put("outside", [place + 1 for place in found.outside])
