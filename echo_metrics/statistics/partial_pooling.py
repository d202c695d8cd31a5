"""Cohorts side by side without a league table: estimates pulled towards their common mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from echo_metrics.statistics.checks import LARGEST, Array, numbers, same_length
from echo_metrics.statistics.paired_t import t_quantile
from echo_metrics.statistics.results import Reasons, WithReasons, check_level, withheld
from echo_metrics.statistics.search import smallest

ONE_UNIT = "One cohort has nothing to be pooled with; at least two are needed."


@dataclass(frozen=True, slots=True)
class PartialPooling(WithReasons):
    """Spread between units (tau2) by REML and by DerSimonian-Laird, the mean under each, heterogeneity, and the
    shrunken estimates under REML.

    `low` to `high`: normal interval of the REML mean; `kh_low` to `kh_high`: Knapp and Hartung's, the one to show.
    """

    k: int
    tau2_reml: float | None
    mean_reml: float | None
    se_reml: float | None
    low: float | None
    high: float | None
    kh_se: float | None
    kh_low: float | None
    kh_high: float | None
    tau2_dl: float | None
    mean_dl: float | None
    q: float | None
    p_q: float | None
    i2_percent: float | None
    shrunken: tuple[float, ...] | None
    level: float
    reasons: Reasons = ()


def partial_pooling(estimate: Any, variance: Any, level: float = 0.95) -> PartialPooling:
    """What each cohort's result is likely to be, given how much cohorts differ at all.

    Parameters: estimate and its squared standard error (above zero), one each a cohort, equally long; level. For small
    cohorts use the pooled within-variance / n of each, not its own. Returns `PartialPooling`.

    Formula: w = 1 / (v + tau2), mean = sum(w y) / sum(w), SE = 1 / sqrt(sum w); tau2 by REML (restricted likelihood)
    and by DerSimonian-Laird max(0, (Q - (k - 1)) / (S1 - S2 / S1)), Q with w = 1/v; shrunken = mean + tau2 / (tau2 + v)
    (y - mean); I2 = tau2 / (tau2 + typical v); Knapp-Hartung: SE^2 = sum w (y - mean)^2 / ((k - 1) sum w), t with k - 1
    df.

    When not to use it: one cohort (None); to rank cohorts.

    Source: Raudenbush and Bryk 1985; DerSimonian and Laird 1986; Knapp and Hartung 2003; Higgins and Thompson 2002.
    Checked against metafor 3.8.1 `rma` and `blup` (record `partial_pooling_raudenbush`).
    """
    check_level(level)
    y, v = numbers(estimate, "estimate", 1), numbers(variance, "variance", 1, 1e-30, LARGEST)
    same_length(estimate=y, variance=v)
    k = len(y)
    if k < 2:
        names = [name for name in PartialPooling.__dataclass_fields__ if name not in ("k", "level", "reasons")]
        return PartialPooling(k=k, level=level, **withheld(ONE_UNIT, names))

    def mean_at(tau2: float) -> tuple[Array, float]:
        w: Array = 1 / (v + tau2)
        return w, float(w @ y) / float(w.sum())

    def deviance(tau2: float) -> float:
        w, mean = mean_at(tau2)
        return float(w @ (y - mean) ** 2) - float(np.log(w).sum()) + math.log(float(w.sum()))

    # From far below the smallest variance to far above the whole spread.
    bottom = math.log(float(v.min())) - 15
    top = math.log(float(v.max()) + float(np.ptp(y)) ** 2) + 3
    grid = [bottom + (top - bottom) * i / 300 for i in range(301)]
    tau2 = math.exp(smallest(lambda e: deviance(math.exp(e)), grid))
    if deviance(0.0) <= deviance(tau2):
        tau2 = 0.0
    w0, mean0 = mean_at(0.0)
    q = float(w0 @ (y - mean0) ** 2)
    s1, s2 = float(w0.sum()), float((w0**2).sum())
    tau2_dl = max(0.0, (q - (k - 1)) / (s1 - s2 / s1))
    typical = (k - 1) / (s1 - s2 / s1)
    w, mean = mean_at(tau2)
    se = 1 / math.sqrt(float(w.sum()))
    z = float(special.ndtri((1 + level) / 2))
    kh = math.sqrt(float(w @ (y - mean) ** 2) / ((k - 1) * float(w.sum())))
    t = t_quantile(k - 1, level)
    pulled = mean + tau2 / (tau2 + v) * (y - mean)
    return PartialPooling(
        k, tau2, mean, se, mean - z * se, mean + z * se, kh, mean - t * kh, mean + t * kh, tau2_dl, mean_at(tau2_dl)[1],
        q, float(special.chdtrc(k - 1, q)), 100 * tau2 / (tau2 + typical), tuple(pulled.tolist()), level,
    )  # fmt: skip
