"""Requests about money: discounting, returns, uncertain amounts, the value of information."""

from __future__ import annotations

from typing import Any

from echo_metrics.errors import UserError
from echo_metrics.roi.finance import amount, benefit_cost, discount_factor, irr, npv, payback, sroi
from echo_metrics.roi.uncertainty import (
    beta_moments,
    evpi_discrete,
    evpi_normal,
    gamma_moments,
    lognormal_moments,
    pert,
    product_moments,
    tornado,
    triangular,
)
from echo_metrics.statistic_requests.inputs import Inputs, Reply, unpacked


def answer_npv(inputs: Inputs) -> Reply:
    """Net present value of flows (the first today), and the internal rate of flows_irr (or of flows)."""
    reply = Reply()
    if not inputs.has("flows") and inputs.has("flows_irr"):
        reply.put("npv", None, "inputs.flows is missing.")
    else:
        reply.put("npv", npv(inputs.get("rate"), inputs.get("flows")))
    name = "flows_irr" if inputs.has("flows_irr") else "flows"
    flows = inputs.get(name)
    found = irr(flows, name) if isinstance(flows, list | tuple) and len(flows) != 1 else None
    why = "An internal rate needs at least two flows." if found is None else found.reason
    return reply.put("irr", None if found is None else found.rate, why)


def answer_discount_factors(inputs: Inputs) -> Reply:
    """Discount factors at the end of years."""
    rate = inputs.get("rate")
    results, listed = inputs.each(("year",), lambda year: discount_factor(rate, year))
    return Reply().put("factor", unpacked(results, listed))


def answer_payback(inputs: Inputs) -> Reply:
    """Payback in years, simple and discounted."""
    rate = inputs.get("rate") if inputs.has("rate") else 0.0
    found = payback(inputs.get("outlay"), inputs.get("flows"), rate)
    reply = Reply().put("simple_years", found.simple_years, found.simple_reason)
    return reply.put("discounted_years", found.discounted_years, found.discounted_reason).put("npv", found.npv)


def answer_benefit_cost(inputs: Inputs) -> Reply:
    """BCR and ROI from benefits, or from revenue gained and its margin."""
    if inputs.has("benefits"):
        benefits = amount(inputs.get("benefits"), "benefits")
    else:
        gain = amount(inputs.get("revenue_gain"), "revenue_gain")
        benefits = gain * (amount(inputs.get("margin"), "margin", 0.0, 1.0) if inputs.has("margin") else 1.0)
    found = benefit_cost(benefits, inputs.get("costs"))
    reply = Reply().put("benefits", found.benefits).put("bcr", found.bcr).put("roi_percent", found.roi_percent)
    return reply.put("net_benefit", found.net_benefit)


def answer_sroi(inputs: Inputs) -> Reply:
    """Social return of one outcome."""
    names = ("deadweight", "attribution", "displacement", "drop_off", "years", "rate")
    given = {name: inputs.get(name) for name in names if inputs.has(name)}
    found = sroi(inputs.get("quantity"), inputs.get("proxy"), inputs.get("investment"), **given)
    reply = Reply().put("year1_impact", found.year1_impact).put("impacts", found.impacts)
    return reply.put("pv", found.present_value).put("ratio", found.ratio).put("npv", found.net_present_value)


def answer_evpi_discrete(inputs: Inputs) -> Reply:
    """Value of perfect information over a few states."""
    found = evpi_discrete(inputs.get("p"), inputs.get("payoff"))
    return Reply().put("ev", found.expected).put("ev_perfect", found.expected_perfect).put("evpi", found.evpi)


def answer_evpi_normal(inputs: Inputs) -> Reply:
    """Value of perfect information about a normal net benefit."""
    found = evpi_normal(inputs.get("mean"), inputs.get("sd"))
    return Reply().put("unit_normal_loss", found.unit_normal_loss).put("evpi", found.evpi)


def answer_pert_triangular(inputs: Inputs) -> Reply:
    """Both three-point distributions."""
    three = [inputs.get(name) for name in ("min", "mode", "max")]
    smooth, plain = pert(three[0], three[1], three[2]), triangular(three[0], three[1], three[2])
    points = ("mean", "sd", "q05", "q50", "q95")
    reply = Reply().put("pert", {name: getattr(smooth, name) for name in ("shape1", "shape2", *points)})
    return reply.put("triangular", {name: getattr(plain, name) for name in points})


def answer_moment_matching(inputs: Inputs) -> Reply:
    """Gamma, lognormal and beta parameters from moments; those whose inputs are given."""
    reply = Reply()
    for first, second, keys, of in (
        ("gamma_mean", "gamma_sd", ("gamma_shape", "gamma_scale"), gamma_moments),
        ("lnorm_mean", "lnorm_var", ("lnorm_mu", "lnorm_sigma"), lognormal_moments),
        ("beta_mean", "beta_sd", ("beta_shape1", "beta_shape2"), beta_moments),
    ):
        if inputs.has(first) or inputs.has(second):
            for key, value in zip(keys, of(inputs.get(first), inputs.get(second)), strict=True):
                reply.put(key, value)
    if not reply.values:
        raise UserError("inputs.gamma_mean is missing (or lnorm_mean, or beta_mean).")
    return reply


def _part(inputs: Inputs, name: str, size: int) -> list[Any]:
    value = inputs.get(name)
    if not isinstance(value, list | tuple) or len(value) != size:
        raise UserError(f"{name} must be a list of {size} numbers.")
    return [amount(part, f"{name}[{i}]") for i, part in enumerate(value)]


def answer_product_moments(inputs: Inputs) -> Reply:
    """Mean and SD of a product of independent PERT, gamma and beta amounts; those that are given."""
    moments: list[tuple[float, float]] = []
    if inputs.has("pert"):
        low, mode, high = _part(inputs, "pert", 3)
        if not (low <= mode <= high and low < high):
            raise UserError("pert must be min, mode and max, ascending, min below max.")
        found = pert(low, mode, high)
        moments.append((found.mean, found.sd))
    for name, check in (("gamma", gamma_moments), ("beta", beta_moments)):
        if inputs.has(name):
            mean, sd = _part(inputs, name, 2)
            check(mean, sd)
            moments.append((mean, sd))
    if not moments:
        raise UserError("inputs.pert is missing (or gamma, or beta).")
    mean, sd = product_moments(moments)
    return Reply().put("mean", mean).put("sd", sd)


def answer_tornado(inputs: Inputs) -> Reply:
    """One-way sensitivity; order has the positions of the inputs (from 1) by falling swing."""
    found = tornado(inputs.get("base"), inputs.get("low"), inputs.get("high"))
    names = [row[0] for row in found.at_low_high]
    reply = Reply().put("base", found.base).put("low_high", {name: [a, b] for name, a, b in found.at_low_high})
    return reply.put("order", [names.index(name) + 1 for name in found.order]).put("names_in_order", found.order)
