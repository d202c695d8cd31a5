"""What may be shown to whom. The gate is the only maker of released figures."""

from echo_metrics.disclosure.breakdown import OTHER, Plan, plan_breakdown
from echo_metrics.disclosure.gate import ALONE, Exact, Released, Standing, Suppressed, gate
from echo_metrics.disclosure.policy import Policy, Preset, policy_for, release_policy
from echo_metrics.disclosure.precision import EXACT, Precision, outward, p_band, precision_for, to_step

__all__ = [
    "ALONE",
    "EXACT",
    "OTHER",
    "Exact",
    "Plan",
    "Policy",
    "Precision",
    "Preset",
    "Released",
    "Standing",
    "Suppressed",
    "gate",
    "outward",
    "p_band",
    "plan_breakdown",
    "policy_for",
    "precision_for",
    "release_policy",
    "to_step",
]
