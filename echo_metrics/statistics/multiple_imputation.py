"""Rubin's rules: one answer from several imputed data sets."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from echo_metrics.errors import UserError
from echo_metrics.statistics.checks import numbers, same_length, whole
from echo_metrics.statistics.results import Reasons, WithReasons, check_level, same_reason

NO_VARIANCE = "All variances and differences are zero, so there is nothing to be uncertain about."


@dataclass(frozen=True, slots=True)
class Pooled(WithReasons):
    """Pooled estimate with within, between and total variance, Barnard-Rubin df, fraction of missing information and
    the t interval at `level`."""

    estimate: float
    within: float
    between: float
    total: float
    df: float | None
    fmi: float | None
    low: float | None
    high: float | None
    level: float
    reasons: Reasons = ()


def rubin_rules(estimates: Any, variances: Any, n: int | None = None, k: int = 1, level: float = 0.95) -> Pooled:
    """Combine the estimates of m imputed data sets, adding what the imputations disagree about.

    Parameters: estimates and their squared standard errors (not negative), one each an imputation, at least two; n
    people and k parameters for the complete-data df n - k (n None: unlimited); level. Returns `Pooled`.

    Formula: t = u + (1 + 1/m) b; with l = (1 + 1/m) b / t, df_old = (m - 1) / l^2, df_obs = (v + 1) / (v + 3) v (1 -
    l), v = n - k, df = 1 / (1/df_old + 1/df_obs); r = (1 + 1/m) b / u, fmi = (r + 2 / (df + 3)) / (r + 1).

    When not to use it: fewer than 20 imputations for a report; a lone outcome without covariates that predict what is
    missing. Without any variance df, fmi and interval are None.

    Source: Rubin 1987; Barnard and Rubin 1999, Biometrika 86:948. Checked against mice 3.15.0 `pool.scalar` (record
    `rubin_rules_barnard_rubin_a`).
    """
    check_level(level)
    q, u = numbers(estimates, "estimates", 2), numbers(variances, "variances", 2, 0.0)
    same_length(estimates=q, variances=u)
    complete = math.inf
    if n is not None:
        parameters = whole(k, "k")
        people = whole(n, "n", 1)
        if people <= parameters:
            raise UserError(f"n must be larger than k; n = {people} and k = {parameters} were given.")
        complete = float(people - parameters)
    m = len(q)
    estimate, within = float(q.mean()), float(u.mean())
    between = 0.0 if np.ptp(q) == 0 else float(q.var(ddof=1))
    extra = (1 + 1 / m) * between
    total = within + extra
    if total == 0:
        why = same_reason(NO_VARIANCE, "df", "fmi", "low", "high")
        return Pooled(estimate, within, between, total, None, None, None, None, level, why)
    lost = extra / total
    by_imputation = lost**2 / (m - 1)
    observed = (complete + 1) / (complete + 3) * complete * (1 - lost) if math.isfinite(complete) else math.inf
    by_people = 1 / observed if observed > 0 else math.inf
    precision = by_imputation + by_people
    if precision == 0:
        df: float | None = None
        fmi: float | None = 0.0
        half = float(special.ndtri((1 + level) / 2)) * math.sqrt(total)
        reasons: Reasons = (("df", "Without a limit by people or imputations the df is infinite."),)
        return Pooled(estimate, within, between, total, df, fmi, estimate - half, estimate + half, level, reasons)
    df = 1 / precision
    if df <= 0:
        why = same_reason("Nothing but missing information is left.", "df", "fmi", "low", "high")
        return Pooled(estimate, within, between, total, None, None, None, None, level, why)
    # (r + 2 / (df + 3)) / (r + 1) with r = lost / (1 - lost), without dividing by zero.
    fmi = lost + (1 - lost) * 2 / (df + 3)
    half = float(special.stdtrit(df, (1 + level) / 2)) * math.sqrt(total)
    return Pooled(estimate, within, between, total, df, fmi, estimate - half, estimate + half, level)
