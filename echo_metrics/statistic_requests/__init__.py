"""One request in, one reply out: every statistic by its name, for the `statistic` command and for checks.

A request is {"method": NAME, "inputs": {...}}; a reply is a table of JSON-safe values in full precision. What can't be
computed is null, with its sentence in "reasons"; inputs that nothing used are listed in "ignored".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from echo_metrics.errors import UserError
from echo_metrics.statistic_requests import groups, models, money, paired, shares
from echo_metrics.statistic_requests.inputs import Inputs, Reply

METHODS: dict[str, Callable[[Inputs], Reply]] = {
    "ancova": models.answer_ancova,
    "anhoej_limits": models.answer_anhoej_limits,
    "benefit_cost": money.answer_benefit_cost,
    "bootstrap_bca": paired.answer_bootstrap,
    "bowker": shares.answer_bowker,
    "brunner_munzel": groups.answer_brunner_munzel,
    "c_chart": models.answer_c_chart,
    "cochran_q": shares.answer_cochran_q,
    "completer_comparison": groups.answer_completer_comparison,
    "cronbach_alpha": groups.answer_cronbach_alpha,
    "difference_of_proportions": shares.answer_difference_of_proportions,
    "discount_factors": money.answer_discount_factors,
    "evpi_discrete": money.answer_evpi_discrete,
    "evpi_normal": money.answer_evpi_normal,
    "exact_bootstrap_mean": paired.answer_exact_bootstrap_mean,
    "feldt_ci": groups.answer_feldt_ci,
    "fisher_exact": shares.answer_fisher_exact,
    "friedman": groups.answer_friedman,
    "gee_exchangeable": models.answer_gee,
    "hodges_lehmann": paired.answer_hodges_lehmann,
    "icc": groups.answer_icc,
    "jonckheere": groups.answer_jonckheere,
    "kruskal_wallis": groups.answer_kruskal_wallis,
    "mann_whitney": groups.answer_mann_whitney,
    "mcdonald_omega": groups.answer_mcdonald_omega,
    "mcnemar": shares.answer_mcnemar,
    "minimal_detectable_effect": models.answer_minimal_detectable_effect,
    "moment_matching": money.answer_moment_matching,
    "npv": money.answer_npv,
    "p_adjust": shares.answer_p_adjust,
    "p_chart": models.answer_p_chart,
    "paired_change": paired.answer_paired_change,
    "paired_difference_of_proportions": paired.answer_paired_difference,
    "paired_t": paired.answer_paired_t,
    "partial_pooling": models.answer_partial_pooling,
    "partially_overlapping_t": groups.answer_partially_overlapping_t,
    "partially_overlapping_z": groups.answer_partially_overlapping_z,
    "payback": money.answer_payback,
    "pearson": groups.answer_pearson,
    "pert_triangular": money.answer_pert_triangular,
    "power": models.answer_power,
    "product_moments": money.answer_product_moments,
    "proportion_ci": shares.answer_proportion_ci,
    "random_intercept": models.answer_random_intercept,
    "rank_biserial_independent": groups.answer_rank_biserial_independent,
    "rank_biserial_paired": paired.answer_rank_biserial_paired,
    "reliable_change": groups.answer_reliable_change,
    "repeated_measures_d": paired.answer_repeated_measures_d,
    "rubin_rules": models.answer_rubin_rules,
    "run_chart": models.answer_run_chart,
    "sign_flip_exact": paired.answer_sign_flip,
    "sign_test": paired.answer_sign_test,
    "signed_rank_asymptotic": paired.answer_signed_rank_asymptotic,
    "signed_rank_exact": paired.answer_signed_rank_exact,
    "spearman": groups.answer_spearman,
    "sroi": money.answer_sroi,
    "standardised_mean_change": paired.answer_standardised_mean_change,
    "standardised_mean_difference_ci": paired.answer_standardised_difference_ci,
    "stuart_maxwell": shares.answer_stuart_maxwell,
    "tornado": money.answer_tornado,
    "tost": models.answer_tost,
    "xmr_chart": models.answer_xmr_chart,
}


def answer_request(request: Mapping[str, Any]) -> dict[str, Any]:
    """Compute one statistic.

    Parameters: request, {"method": one of `METHODS`, "inputs": {...}}; see the functions named there.

    Returns the reply: values by key, never NaN or infinite; where a value is null, `reasons` has its sentence.
    Raises `UserError` naming the method or the field that can't be used.
    """
    if not isinstance(request, Mapping):
        raise UserError('A request must be a table such as {"method": "paired_t", "inputs": {...}}.')
    method, inputs = request.get("method"), request.get("inputs")
    if not isinstance(method, str) or method not in METHODS:
        raise UserError(f"method must be one of {', '.join(METHODS)}; {str(method)[:60]!r} was given.")
    if not isinstance(inputs, Mapping):
        raise UserError(f"inputs must be a table of the inputs of {method}.")
    asked = Inputs({str(name): value for name, value in inputs.items()})
    try:
        reply = METHODS[method](asked)
    except (OverflowError, ZeroDivisionError):
        # Only numbers at the far ends of what a float holds get here; every ordinary zero has its reason before.
        raise UserError(f"inputs of {method} hold numbers too large or too small to compute with.") from None
    if asked.ignored:
        reply.put("ignored", asked.ignored)
    return reply.finished()


def answer_text(text: str) -> Iterator[dict[str, Any]]:
    """Answer a text that is one JSON request, a JSON list of requests, or one request a line.

    Yields a reply for each request, in order; a request that can't be answered yields {"error": sentence}.
    """
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        lines = [line for line in text.splitlines() if line.strip()]
        if not lines:
            yield {"error": "There is no request to answer; give one JSON request, or one a line."}
        for line in lines:
            yield _answer_line(line)
        return
    for request in whole if isinstance(whole, list) else [whole]:
        yield _answer_or_error(request)


def _answer_line(line: str) -> dict[str, Any]:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError) as error:
        return {"error": f"This line is not JSON: {str(error)[:100]}"}
    return _answer_or_error(request)


def _answer_or_error(request: Any) -> dict[str, Any]:
    try:
        return answer_request(request)
    except UserError as error:
        return {"error": str(error)}
