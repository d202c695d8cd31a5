"""Means of groups compared after allowing for where each person started (analysis of covariance)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from echo_metrics.errors import UserError
from echo_metrics.statistics.checks import Array, number, numbers, same_length, sequence
from echo_metrics.statistics.paired_t import t_quantile
from echo_metrics.statistics.results import Reasons, WithReasons, check_level, same_reason, withheld

TWO_GROUPS = "A comparison needs at least two groups."
TOO_FEW = "There are too few people for the number of groups: at least two more than the groups are needed."
FLAT = "Within the groups everybody has the same covariate, so the slope is not defined."
EXACT_FIT = "The scores fit the lines exactly, so there is no error to test against."

Label = str | int | float


def labels(values: Any, field: str, at_least: int = 1) -> list[Label]:
    """Return group or cluster names: text or finite numbers, never missing."""
    given = sequence(values, field, at_least)
    for i, value in enumerate(given):
        if isinstance(value, str):
            if not value.strip():
                raise UserError(f"{field}[{i}] must not be empty.")
        else:
            number(value, f"{field}[{i}]")
    return list(given)


def in_order(names: list[Label]) -> list[Label]:
    """Distinct names, numbers by size and text by the alphabet, numbers first."""
    return sorted(set(names), key=lambda name: (isinstance(name, str), name if isinstance(name, str) else "", name))


@dataclass(frozen=True, slots=True)
class Ancova(WithReasons):
    """Common slope with SE and interval, F of the groups with its df and p, and each group's adjusted mean and SE.

    `groups` are in the order of `in_order`; adjusted means stand at the covariate's overall mean.
    """

    groups: tuple[Label, ...]
    slope: float | None
    slope_se: float | None
    slope_low: float | None
    slope_high: float | None
    f: float | None
    df_groups: int | None
    df_error: int | None
    p: float | None
    adjusted_means: tuple[float, ...] | None
    adjusted_se: tuple[float, ...] | None
    level: float
    reasons: Reasons = ()


def _spread(x: Array, y: Array) -> tuple[float, float, float]:
    a, b = x - x.mean(), y - y.mean()
    return float(a @ a), float(a @ b), float(b @ b)


def ancova(group: Any, covariate: Any, y: Any, level: float = 0.95) -> Ancova:
    """Whether groups of different people differ after, allowing for where they started.

    Parameters: group names, covariate (score before) and y (score after), one each a person, equally long; level.
    Returns `Ancova`.

    Formula: one slope for all groups, b = sum of within-group cross-products / within-group squares of the covariate;
    F compares the residual squares with and without groups, df groups - 1 and n - groups - 1; adjusted mean = mean -
    b (covariate mean - overall mean), SE^2 = MSE (1/n_g + (covariate mean - overall mean)^2 / within squares).

    When not to use it: slopes that differ by group; one group, a flat covariate, no error left: None with a reason.
    Groups that chose themselves (attendance) stay different in ways the covariate does not hold.

    Source: Fisher 1932; Montgomery, Design and Analysis of Experiments, section 15.3. Checked against R emmeans
    (record `ancova_adjusted_means_fiber`) and statsmodels 0.15.0 OLS.
    """
    check_level(level)
    names = labels(group, "group")
    x, z = numbers(covariate, "covariate", 1), numbers(y, "y", 1)
    same_length(group=names, covariate=x, y=z)
    order = in_order(names)
    k, n = len(order), len(z)
    df = n - k - 1
    fields = ["slope", "slope_se", "slope_low", "slope_high", "f", "df_groups", "df_error", "p"]

    def nothing(why: str) -> Ancova:
        return Ancova(groups=tuple(order), level=level, **withheld(why, (*fields, "adjusted_means", "adjusted_se")))

    if k < 2 or df < 1:
        return nothing(TWO_GROUPS if k < 2 else TOO_FEW)
    place = np.array([order.index(name) for name in names])
    members = [place == g for g in range(k)]
    parts = [_spread(x[m], z[m]) for m in members]
    sxx, sxy, syy = (sum(part[i] for part in parts) for i in range(3))
    txx, txy, tyy = _spread(x, z)
    if sxx <= 1e-12 * max(txx, 1e-300) or txx == 0:
        return nothing(FLAT)
    slope = sxy / sxx
    left = max(0.0, syy - sxy * slope)
    left_without_groups = max(0.0, tyy - txy**2 / txx)
    mse = left / df
    exact = left <= 1e-12 * max(tyy, 1e-300)
    means = [float(z[m].mean()) - slope * float(x[m].mean() - x.mean()) for m in members]
    if exact:
        why = same_reason(EXACT_FIT, "slope_se", "slope_low", "slope_high", "f", "p", "adjusted_se")
        return Ancova(tuple(order), slope, None, None, None, None, k - 1, df, None, tuple(means), None, level, why)
    f = max(0.0, (left_without_groups - left) / (k - 1) / mse)
    se = math.sqrt(mse / sxx)
    half = t_quantile(df, level) * se
    errors = [math.sqrt(mse * (1 / int(m.sum()) + float(x[m].mean() - x.mean()) ** 2 / sxx)) for m in members]
    return Ancova(
        tuple(order), slope, se, slope - half, slope + half, f, k - 1, df, float(special.fdtrc(k - 1, df, f)),
        tuple(means), tuple(errors), level,
    )  # fmt: skip
