"""Requests about groups of different people, correlations, scales and raters."""

from __future__ import annotations

from typing import Any

from echo_metrics.errors import UserError
from echo_metrics.statistic_requests.inputs import Inputs, Reply, unpacked
from echo_metrics.statistics.agreement import ICC_NAMES, cut_offs, icc, reliable_change
from echo_metrics.statistics.checks import whole
from echo_metrics.statistics.correlations import kendall, pearson, spearman
from echo_metrics.statistics.rank_groups import (
    brunner_munzel,
    friedman,
    jonckheere,
    kruskal_wallis,
    mann_whitney,
    rank_biserial_independent,
)
from echo_metrics.statistics.reliability import CrossProducts, cronbach_alpha, feldt_interval, mcdonald_omega
from echo_metrics.statistics.two_samples import (
    completer_comparison,
    partially_overlapping_t,
    partially_overlapping_z,
)


def _two(inputs: Inputs, names: tuple[str, str], others: tuple[str, str]) -> tuple[Any, Any]:
    """Two groups under the names of this method, or of its sisters, or as two groups in a list."""
    if not inputs.has(*names) and inputs.has(*others):
        return inputs.get(others[0]), inputs.get(others[1])
    if not any(inputs.has(name) for name in names) and inputs.has("groups"):
        groups = inputs.groups()
        if len(groups) != 2:
            raise UserError(f"groups must be two; {len(groups)} were given.")
        return groups[0], groups[1]
    return inputs.get(names[0]), inputs.get(names[1])


def answer_mann_whitney(inputs: Inputs) -> Reply:
    """Mann-Whitney, asymptotic and exact, and the permutation test of the means."""
    found = mann_whitney(*_two(inputs, ("a", "b"), ("x", "y")))
    return Reply().result(found, W="w", p_asymptotic="p_asymptotic", p_exact="p_exact", p_permutation="p_permutation")


def answer_brunner_munzel(inputs: Inputs) -> Reply:
    """Brunner-Munzel; positive when y tends to be larger."""
    found = brunner_munzel(*_two(inputs, ("x", "y"), ("a", "b")))
    reply = Reply().put("probability", found.probability)
    return reply.result(found, statistic="statistic", p_two_sided="p", df="df")


def answer_rank_biserial_independent(inputs: Inputs) -> Reply:
    """Cliff's delta and the probability of superiority of a over b."""
    found = rank_biserial_independent(*_two(inputs, ("a", "b"), ("x", "y")))
    reply = Reply().put("rank_biserial", found.rank_biserial)
    return reply.put("probability_superiority", found.probability_superiority)


def answer_kruskal_wallis(inputs: Inputs) -> Reply:
    """Kruskal-Wallis with rank epsilon-squared."""
    return Reply().result(kruskal_wallis(inputs.groups()), H="h", df="df", p="p", epsilon2="epsilon2")


def answer_jonckheere(inputs: Inputs) -> Reply:
    """Trend over ordered groups."""
    found = jonckheere(inputs.groups())
    return Reply().result(
        found, J="j", mean="mean", sd="sd", z="z", p_increasing_asymptotic="p_increasing", p_two_sided="p"
    )


def answer_friedman(inputs: Inputs) -> Reply:
    """Friedman's test with Kendall's W."""
    return Reply().result(friedman(inputs.get("rows")), chi2="chi2", df="df", p="p", kendall_W="kendall_w")


def answer_spearman(inputs: Inputs) -> Reply:
    """Spearman's rho and Kendall's tau with exact and asymptotic p."""
    x, y = _two(inputs, ("x", "y"), ("pre", "post"))
    rho, tau = spearman(x, y), kendall(x, y)
    reply = Reply().put("n", rho.n)
    for name, short, found in (("spearman", "rho", rho), ("kendall", "tau", tau)):
        reply.result(
            found,
            **{
                short: "value",
                f"p_{name}_exact_two_sided": "p_exact",
                f"p_{name}_exact_greater": "p_exact_greater",
                f"p_{name}_exact_less": "p_exact_less",
                f"p_{name}_asymptotic": "p_asymptotic",
            },
        )
    return reply


def answer_pearson(inputs: Inputs) -> Reply:
    """Pearson's r with its interval."""
    x, y = _two(inputs, ("x", "y"), ("pre", "post"))
    found = pearson(x, y)
    reply = Reply().put("n", found.n).result(found, r="r", t="t", df="df", p="p")
    reply.interval("ci95", found.low, found.high, found.reason("low"))
    if inputs.has("level"):
        other = pearson(x, y, inputs.level())
        reply.put("level", other.level).interval("ci", other.low, other.high, other.reason("low"))
    return reply


def _cross_products(inputs: Inputs) -> CrossProducts:
    if inputs.has("sums", "products"):
        products = inputs.get("products")
        if not isinstance(products, list | tuple) or not all(isinstance(row, list | tuple) for row in products):
            raise UserError("products must be a list of lists of numbers.")
        sums = inputs.get("sums")
        if not isinstance(sums, list | tuple):
            raise UserError("sums must be a list of numbers.")
        return CrossProducts(inputs.whole("n"), tuple(sums), tuple(tuple(row) for row in products))
    name = "items" if inputs.has("items") and not inputs.has("items_in_columns") else "items_in_columns"
    return CrossProducts.from_items(inputs.get(name), name)


def answer_cronbach_alpha(inputs: Inputs) -> Reply:
    """Alpha with Feldt's interval, from answers (one row a person) or from n, sums and products."""
    products = _cross_products(inputs)
    reply = Reply().put("n", products.n).put("k", len(products.sums))
    reply.estimate("alpha", cronbach_alpha(products), "ci95")
    if inputs.has("level"):
        other = cronbach_alpha(products, inputs.level())
        reply.put("level", other.level).interval("ci", other.low, other.high, other.reason)
    return reply


def answer_feldt_ci(inputs: Inputs) -> Reply:
    """Feldt's interval of an alpha."""
    found = feldt_interval(inputs.get("alpha"), inputs.get("n"), inputs.get("k"), inputs.level())
    return Reply().interval("ci", found.low, found.high, found.reason)


def answer_mcdonald_omega(inputs: Inputs) -> Reply:
    """Omega of a one-factor model, from covariances or from answers."""
    if inputs.has("covariance"):
        covariance = inputs.get("covariance")
        if inputs.has("n"):
            whole(inputs.get("n"), "n", 2)
    else:
        if not (inputs.has("items_in_columns") or inputs.has("items") or inputs.has("sums", "products")):
            raise UserError("inputs.covariance is missing.")
        table = _cross_products(inputs).covariance()
        if table is None:
            raise UserError("items_in_columns must hold at least two people.")
        covariance = table.tolist()
    found = mcdonald_omega(covariance)
    return Reply().result(found, omega="omega", loadings="loadings", uniquenesses="uniquenesses")


def answer_icc(inputs: Inputs) -> Reply:
    """Shrout and Fleiss's six intraclass correlations with their F."""
    found = icc(inputs.get("ratings"))
    reply = Reply().put("names", list(ICC_NAMES)).put("icc", found.icc).put("F", found.f)
    for key, values, names in (("icc", found.icc, ICC_NAMES), ("F", found.f, [f"F of {n}" for n in ICC_NAMES])):
        for value, name in zip(values, names, strict=True):
            if value is None:
                reply.reasons[key] = found.reason(name) or reply.reasons.get(key, "")
    return reply


def answer_reliable_change(inputs: Inputs) -> Reply:
    """Reliable change of one person (or of several: lists), and the cut-offs where both groups' norms are given."""
    results, listed = inputs.each(
        ("pre", "post"),
        lambda pre, post: reliable_change(pre, post, inputs.get("sd_pre"), inputs.get("reliability")),
    )
    reply = Reply().put("sem", results[0].sem).put("s_diff", results[0].s_diff)
    for key in ("rci", "reliable"):
        reply.put(key, unpacked([getattr(found, key) for found in results], listed), results[0].reason(key))
        why = results[0].reason(key)
        if why is not None:
            reply.reasons[key] = why
    norms = ("mean_clinical", "sd_clinical", "mean_functional", "sd_functional")
    if any(inputs.has(name) for name in norms):
        cuts = cut_offs(*(inputs.get(name) for name in norms))
        return reply.put("cutoff_a", cuts.a).put("cutoff_b", cuts.b).put("cutoff_c", cuts.c)
    for key in ("cutoff_a", "cutoff_b", "cutoff_c"):
        reply.put(key, None, "Cut-offs need mean and SD of a clinical and of a functional group.")
    return reply


def _overlapping(inputs: Inputs) -> list[Any]:
    paired = [inputs.get(name) for name in ("a_paired", "b_paired")]
    return paired + [inputs.get(n) if inputs.has(n) else [] for n in ("a_unpaired", "b_unpaired")]


def answer_partially_overlapping_t(inputs: Inputs) -> Reply:
    """Difference of two partly matched samples, a - b."""
    parts = _overlapping(inputs)
    found = partially_overlapping_t(*parts)
    reply = Reply().result(found.equal, estimate="estimate").put("r", found.r)
    for name, test in (("equal", found.equal), ("welch", found.welch)):
        reply.result(test, **{f"t_{name}": "t", f"df_{name}": "df", f"p_{name}": "p"})
        reply.interval(f"ci95_{name}", test.low, test.high, test.reason("low"))
    return reply


def answer_partially_overlapping_z(inputs: Inputs) -> Reply:
    """Difference of two partly matched shares, a - b."""
    found = partially_overlapping_z(*_overlapping(inputs))
    reply = Reply().result(found, estimate="estimate", z="z", p="p").put("phi", found.phi)
    return reply.interval("ci95", found.low, found.high, found.reason("low"))


def answer_completer_comparison(inputs: Inputs) -> Reply:
    """Completers less non-completers at the start."""
    found = completer_comparison(inputs.get("completers"), inputs.get("non_completers"))
    reply = Reply().result(found.welch, difference="estimate", t="t", df="df", p="p")
    reply.interval("ci95", found.welch.low, found.welch.high, found.welch.reason("low"))
    return reply.result(found, standardised_difference="standardised_difference")
