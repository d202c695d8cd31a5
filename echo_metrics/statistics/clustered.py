"""Several scores of the same person (or cohort): a random intercept, and estimating equations with robust errors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from echo_metrics.statistics.adjusted import Label, in_order, labels
from echo_metrics.statistics.checks import Array, numbers, same_length, sequence
from echo_metrics.statistics.results import Reasons, WithReasons, check_level, same_reason, withheld
from echo_metrics.statistics.search import smallest

TWO_GROUPS = "At least two groups are needed to tell groups from people."
NO_REPEATS = "Every group has one score only, so spread between and within groups can't be told apart."
NO_SPREAD = "Every score is the same."
NO_RESIDUAL = "Scores within each group are all the same, so there is no residual spread to estimate from."
SMALL_SAMPLE = 40


@dataclass(frozen=True, slots=True)
class RandomIntercept(WithReasons):
    """Mean over groups with its SE and normal interval, SD between groups and within, and the intraclass correlation.

    `at_edge` says that the best spread between groups is zero.
    """

    n: int
    n_groups: int
    intercept: float | None
    se: float | None
    low: float | None
    high: float | None
    sd_between: float | None
    sd_residual: float | None
    icc: float | None
    at_edge: bool
    level: float
    reasons: Reasons = ()


def random_intercept(group: Any, y: Any, level: float = 0.95) -> RandomIntercept:
    """Average score where people (or cohorts) gave several scores each, and how alike one person's scores are.

    Parameters: group, the name of the person or cohort of each score; y, the scores; level. Returns `RandomIntercept`.

    Formula: y_ij = mu + u_i + e_ij, REML over lambda = between / within variance: with w_i = n_i / (1 + n_i lambda)
    minimise (N - 1) log(SSW + sum w_i (m_i - mu)^2) + sum log(1 + n_i lambda) + log sum w_i. Only n, mean and squares
    of each group are needed.

    When not to use it: fewer than two groups, no group with two scores, or no spread: None with a reason. Below about
    30 groups the normal interval is too narrow.

    Source: Pinheiro and Bates 2000, section 1.1; Patterson and Thompson 1971 (REML). Checked against nlme (record
    `random_intercept_reml_rail`) and statsmodels 0.15.0
    MixedLM (equal to 0.01 where that settles; where it stops early, ours has the better likelihood).
    """
    check_level(level)
    names = labels(group, "group")
    scores = numbers(y, "y", 1)
    same_length(group=names, y=scores)
    order = in_order(names)
    place = {name: i for i, name in enumerate(order)}
    index = np.array([place[name] for name in names])
    sizes = np.bincount(index).astype(np.float64)
    n, k = len(scores), len(order)
    fields = ("intercept", "se", "low", "high", "sd_between", "sd_residual", "icc")

    def nothing(why: str) -> RandomIntercept:
        return RandomIntercept(n=n, n_groups=k, at_edge=False, level=level, **withheld(why, fields))

    if k < 2 or n == k:
        return nothing(TWO_GROUPS if k < 2 else NO_REPEATS)
    if np.ptp(scores) == 0:
        return nothing(NO_SPREAD)
    centre = float(scores.mean())
    means = np.bincount(index, scores - centre) / sizes
    within = float(((scores - centre - means[index]) ** 2).sum())
    if within <= 1e-14 * float(((scores - centre) ** 2).sum()):
        return nothing(NO_RESIDUAL)

    def parts(ratio: float) -> tuple[Array, float, float]:
        weights: Array = sizes / (1 + sizes * ratio)
        mean = float(weights @ means) / float(weights.sum())
        return weights, mean, within + float(weights @ (means - mean) ** 2)

    def deviance(ratio: float) -> float:
        weights, _, squares = parts(ratio)
        return (n - 1) * math.log(squares) + float(np.log1p(sizes * ratio).sum()) + math.log(float(weights.sum()))

    exponent = smallest(lambda e: deviance(math.exp(e)), [float(e) / 4 for e in range(-80, 121)])
    ratio = math.exp(exponent)
    at_edge = deviance(0.0) <= deviance(ratio) or ratio < 1e-8
    if at_edge:
        ratio = 0.0
    weights, mean, squares = parts(ratio)
    residual = squares / (n - 1)
    se = math.sqrt(residual / float(weights.sum()))
    half = float(special.ndtri((1 + level) / 2)) * se
    value = centre + mean
    return RandomIntercept(
        n, k, value, se, value - half, value + half, math.sqrt(ratio * residual), math.sqrt(residual),
        ratio / (1 + ratio), at_edge, level,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gee(WithReasons):
    """Coefficients (intercept first) with robust SEs, the same corrected for few clusters, and the working correlation.

    `few_clusters` is True below 40 clusters: then report the corrected errors, or do not use it.
    """

    n: int
    n_clusters: int
    coef: tuple[float, ...] | None
    robust_se: tuple[float, ...] | None
    corrected_se: tuple[float, ...] | None
    correlation: float | None
    scale: float | None
    few_clusters: bool
    reasons: Reasons = ()


def gee_exchangeable(cluster: Any, covariates: Any, y: Any) -> Gee:
    """Average slope of a score on something that varies within or between people who answered several times.

    Parameters: cluster, the person of each row; covariates, a list of columns (each as long as y; may be empty: the
    mean alone); y, the scores. Returns `Gee`.

    Formula: normal, identity link, exchangeable working correlation a = sum of residual products within clusters /
    (pairs x scale), scale = mean squared residual, iterated; robust (sandwich) errors; corrected: residuals of each
    cluster multiplied by (I - H_i)^-1 (Mancl and DeRouen).

    When not to use it: fewer than two clusters, columns that determine one another: None with a reason. Few clusters
    make the robust errors too small.

    Source: Liang and Zeger 1986, Biometrika 73:13; Mancl and DeRouen 2001, Biometrics 57:126. Checked against geepack
    1.3.9 `geeglm` (record `gee_exchangeable_orthodont`); statsmodels 0.15.0 GEE, whose correlation has another
    divisor, agrees to 0.003.
    """
    names: list[Label] = labels(cluster, "id")
    score = numbers(y, "y", 1)
    columns = [numbers(c, f"covariates[{i}]", 1) for i, c in enumerate(sequence(covariates, "covariates"))]
    same_length(id=names, y=score, **{f"covariates[{i}]": c for i, c in enumerate(columns)})
    order = in_order(names)
    n, k = len(score), len(order)
    fields = ("coef", "robust_se", "corrected_se", "correlation", "scale")

    def nothing(why: str) -> Gee:
        return Gee(n, k, None, None, None, None, None, k < SMALL_SAMPLE, same_reason(why, *fields))

    # Columns about their mean and on one scale: the slopes are the same, the algebra is steadier.
    centres, spreads = [float(c.mean()) for c in columns], [float(np.abs(c - c.mean()).max()) for c in columns]
    if any(spread == 0 for spread in spreads):
        return nothing("A covariate is the same in every row.")
    x = np.column_stack([np.ones(n), *((c - m) / s for c, m, s in zip(columns, centres, spreads, strict=True))])
    if k < 2:
        return nothing("At least two clusters are needed.")
    if int(np.linalg.matrix_rank(x)) < x.shape[1] or n <= x.shape[1]:
        return nothing("The covariates determine one another, or there are too few rows for them.")
    index = {name: i for i, name in enumerate(order)}
    place = np.array([index[name] for name in names])
    rows = [np.flatnonzero(place == i) for i in range(k)]
    pairs = sum(len(r) * (len(r) - 1) for r in rows) / 2
    beta = np.asarray(np.linalg.lstsq(x, score, rcond=None)[0], dtype=np.float64)
    correlation = scale = 0.0
    for _ in range(200):
        residual = score - x @ beta
        scale = float(residual @ residual) / n
        if scale <= 1e-14 * max(float(score @ score) / n, 1e-300):
            return nothing("The scores fit the line exactly, so there is no error to estimate.")
        sums = np.array([float(residual[r].sum()) ** 2 - float((residual[r] ** 2).sum()) for r in rows])
        correlation = float(sums.sum()) / 2 / (pairs * scale) if pairs else 0.0
        largest = max(len(r) for r in rows)
        correlation = max(-0.999 / max(1, largest - 1), min(0.9999, correlation))
        step = _solve(x, score, rows, correlation)
        done = float(np.abs(step - beta).max()) <= 1e-12 * max(1.0, float(np.abs(step).max()))
        beta = step
        if done:
            break
    else:
        return nothing("The iteration did not settle.")
    robust, corrected = _errors(x, score - x @ beta, rows, correlation)
    back = np.eye(x.shape[1])
    for j, (m, s) in enumerate(zip(centres, spreads, strict=True), 1):
        back[j, j] = 1 / s
        back[0, j] = -m / s
    errors = [tuple(np.sqrt(np.diag(back @ v @ back.T)).tolist()) for v in (robust, corrected)]
    return Gee(n, k, tuple((back @ beta).tolist()), errors[0], errors[1], correlation, scale, k < SMALL_SAMPLE)


def _weighted(x: Array, correlation: float) -> Array:
    """X' times the inverse of the exchangeable correlation matrix, without building that matrix."""
    pull = correlation / (1 + (len(x) - 1) * correlation)
    weighted: Array = ((x - pull * x.sum(axis=0)) / (1 - correlation)).T
    return weighted


def _solve(x: Array, y: Array, rows: list[Any], correlation: float) -> Array:
    left, right = np.zeros((x.shape[1], x.shape[1])), np.zeros(x.shape[1])
    for r in rows:
        weighted = _weighted(x[r], correlation)
        left += weighted @ x[r]
        right += weighted @ y[r]
    return np.asarray(np.linalg.solve(left, right), dtype=np.float64)


def _errors(x: Array, residual: Array, rows: list[Any], correlation: float) -> tuple[Array, Array]:
    weights = [_weighted(x[r], correlation) for r in rows]
    parts = [w @ x[r] for w, r in zip(weights, rows, strict=True)]
    information = np.asarray(np.sum(parts, axis=0), dtype=np.float64)
    bread = np.linalg.inv(information)
    meat, meat_corrected = np.zeros_like(bread), np.zeros_like(bread)
    for w, part, r in zip(weights, parts, rows, strict=True):
        score = w @ residual[r]
        meat += np.outer(score, score)
        # (I - H)^-1 e = e + X (information of the other clusters)^-1 score: a matrix as small as the coefficients.
        # A cluster that alone fixes a coefficient leaves no information there; the pseudo-inverse passes it by.
        others = np.linalg.pinv(information - part, rcond=1e-10, hermitian=True)
        grown = score + part @ others @ score
        meat_corrected += np.outer(grown, grown)
    return np.asarray(bread @ meat @ bread, dtype=np.float64), np.asarray(bread @ meat_corrected @ bread, np.float64)
