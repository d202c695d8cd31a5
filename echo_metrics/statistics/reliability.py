"""Whether the items of a scale hang together: alpha with Feldt's interval, from cross-products or from items; omega."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy import special

from echo_metrics.errors import UserError
from echo_metrics.statistics.checks import Array, number, numbers, rectangle, sequence, whole
from echo_metrics.statistics.results import Estimate, Reasons, WithReasons, check_level, same_reason

TWO_ITEMS = "Alpha needs at least two items."
TWO_PEOPLE = "Alpha needs at least two people who answered every item."
NO_SPREAD = "The total score is the same for everyone, so alpha is not defined."
PERFECT = "The items agree perfectly, so the interval has no width."
NO_FACTOR = "The items do not fit one factor: an item has no spread of its own, or none in common with the rest."


@dataclass(frozen=True, slots=True)
class CrossProducts:
    """What alpha needs of a group of people, additive over cohorts, hubs and machines (the moment cube).

    `n` people who answered all items; `sums[j]` the sum of item j; `products[i][j]` the sum of item i times item j.
    """

    n: int
    sums: tuple[float, ...]
    products: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        k = len(self.sums)
        whole(self.n, "n")
        numbers(self.sums, "sums")
        sequence(self.products, "products")
        if len(self.products) != k or any(len(row) != k for row in self.products):
            raise UserError(f"products must have {k} rows of {k}, one for each of the sums.")
        for i, row in enumerate(self.products):
            numbers(row, f"products[{i}]")

    @classmethod
    def from_items(cls, rows: Any, field: str = "items") -> Self:
        """Build from one list of answers a person, one column an item, every item answered."""
        table = rectangle(rows, field, 1, 1)
        products = tuple(tuple(row) for row in (table.T @ table).tolist())
        return cls(len(table), tuple(table.sum(axis=0).tolist()), products)

    def __add__(self, other: CrossProducts) -> CrossProducts:
        if len(self.sums) != len(other.sums):
            raise ValueError("cross-products of different items can't be added")
        return CrossProducts(
            self.n + other.n,
            tuple(a + b for a, b in zip(self.sums, other.sums, strict=True)),
            tuple(
                tuple(a + b for a, b in zip(first, second, strict=True))
                for first, second in zip(self.products, other.products, strict=True)
            ),
        )

    def covariance(self) -> Array | None:
        """Covariances of the items (n - 1), or None below two people."""
        if self.n < 2:
            return None
        sums, products = np.array(self.sums), np.array(self.products)
        found: Array = (products - np.outer(sums, sums) / self.n) / (self.n - 1)
        return found


def feldt_interval(alpha: float, n: int, k: int, level: float = 0.95) -> Estimate:
    """Interval of a Cronbach alpha.

    Parameters: alpha, at most 1; n people and k items, at least 2 each; level, confidence level. Returns `Estimate`.

    Formula: 1 - (1 - alpha) F((1 + level)/2; n - 1, (n - 1)(k - 1)) to 1 - (1 - alpha) F((1 - level)/2; ...).

    When not to use it: items are a fixed set and roughly tau-equivalent; below about 26 people it is wide, say "rough".

    Source: Feldt 1965, Psychometrika 30:357; Feldt, Woodruff and Salih 1987, Appl Psychol Meas 11:93. Checked against
    cocron (record `feldt_ci_1987`).
    """
    check_level(level)
    value = number(alpha, "alpha", high=1.0)
    people, items = whole(n, "n", 2), whole(k, "k", 2)
    if value == 1:
        return Estimate(value, None, None, level, PERFECT)
    df1, df2 = people - 1, (people - 1) * (items - 1)
    low = 1 - (1 - value) * float(special.fdtri(df1, df2, (1 + level) / 2))
    high = 1 - (1 - value) * float(special.fdtri(df1, df2, (1 - level) / 2))
    return Estimate(value, low, high, level)


def cronbach_alpha(products: CrossProducts, level: float = 0.95) -> Estimate:
    """How far the items of a scale vary together; 1 if all measure the same thing without noise, negative if opposed.

    Parameters: products, see `CrossProducts` (people who answered every item); level, confidence level. Returns an
    `Estimate` with Feldt's interval.

    Formula: alpha = k / (k - 1) (1 - sum of item variances / variance of the total).

    When not to use it: items not flipped to one direction first; one item; fewer than two people or no spread of the
    total (None). It speaks of this group's spread as much as of the items.

    Source: Cronbach 1951, Psychometrika 16:297. Checked against pingouin and psych (record
    `cronbach_alpha_feldt_pingouin`).

    >>> cronbach_alpha(CrossProducts.from_items([[1, 1], [2, 3], [3, 2]])).value
    0.6666666666666667
    """
    check_level(level)
    k = len(products.sums)
    covariance = products.covariance()
    if k < 2 or covariance is None:
        return Estimate(None, None, None, level, TWO_ITEMS if k < 2 else TWO_PEOPLE)
    total, own = float(covariance.sum()), float(np.trace(covariance))
    # Rounding in sums of squares leaves about 1e-16 of their size where the spread is zero.
    scale = max(1.0, float(np.abs(np.array(products.products)).max())) / products.n
    if total <= 1e-12 * scale * k * k:
        return Estimate(None, None, None, level, NO_SPREAD)
    return feldt_interval(min(1.0, k / (k - 1) * (1 - own / total)), products.n, k, level)


def item_rest(products: CrossProducts) -> tuple[float | None, ...]:
    """How each item goes with the sum of the others; a negative one usually was not reversed.

    Parameters: products, see `CrossProducts`. Returns one correlation an item, None where the item or the rest has no
    spread, or below two people or two items.

    Formula: cov(item, total - item) / (SD of the item x SD of the total without it), the corrected item-total.

    When not to use it: to drop items at small n; below 100 people single correlations are unsure.

    Source: Nunnally and Bernstein 1994, Psychometric Theory, chapter 8. Checked against pandas `corrwith` in the tests.

    >>> [round(r, 3) for r in item_rest(CrossProducts.from_items([[1, 2], [2, 3], [3, 1]]))]
    [-0.5, -0.5]
    """
    covariance = products.covariance()
    k = len(products.sums)
    if covariance is None or k < 2:
        return tuple(None for _ in range(k))
    total, own, rows = float(covariance.sum()), np.diag(covariance), covariance.sum(axis=1)
    found: list[float | None] = []
    for i in range(k):
        with_rest = float(rows[i] - own[i])
        spread = float(own[i]) * (total - 2 * float(rows[i]) + float(own[i]))
        found.append(max(-1.0, min(1.0, with_rest / math.sqrt(spread))) if spread > 1e-24 else None)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Omega(WithReasons):
    """McDonald's omega of a one-factor model, with each item's loading and own variance, in the items' units."""

    omega: float | None
    loadings: tuple[float, ...] | None
    uniquenesses: tuple[float, ...] | None
    reasons: Reasons = ()


def mcdonald_omega(covariance: Any) -> Omega:
    """How much of the total score's variance one common factor explains.

    Parameters: covariance of at least three items (rows and columns alike). Returns `Omega`.

    Formula: maximum-likelihood one-factor model S = l l' + diag(u); omega = (sum l)^2 / ((sum l)^2 + sum u). The
    divisor of the covariances (n or n - 1) does not matter.

    When not to use it: fewer than 50 people, or items that are not one scale; None where an item would get a negative
    variance of its own (a Heywood case) or the covariances are not positive definite.

    Source: McDonald 1999, Test Theory; Joreskog 1967, Psychometrika 32:443 (the likelihood). Checked against lavaan
    0.6-14 `cfa` (record `mcdonald_omega_one_factor_holzinger`).
    """
    table = rectangle(covariance, "covariance", 3, 3)
    fields = ("omega", "loadings", "uniquenesses")
    if table.shape[0] != table.shape[1]:
        raise UserError("covariance must be square, one row and column for each item.")
    if not np.allclose(table, table.T, rtol=1e-6, atol=1e-9):
        raise UserError("covariance must be symmetric: the entry of items i and j is that of j and i.")
    variances = np.diag(table)
    if (variances <= 0).any():
        raise UserError("covariance must have variances above zero on its diagonal.")
    sd = np.sqrt(variances)
    correlation = (table + table.T) / 2 / np.outer(sd, sd)
    if float(np.linalg.eigvalsh(correlation)[0]) <= 1e-10:
        return Omega(None, None, None, same_reason(NO_FACTOR, *fields))
    own = _one_factor(correlation)
    if own is None:
        return Omega(None, None, None, same_reason(NO_FACTOR, *fields))
    loading = _loading(correlation, own) * sd
    if loading.sum() < 0:
        loading = -loading
    unique = own * variances
    common = float(loading.sum()) ** 2
    return Omega(common / (common + float(unique.sum())), tuple(loading.tolist()), tuple(unique.tolist()))


def _loading(correlation: Array, own: Array) -> Array:
    root = np.sqrt(own)
    values, vectors = np.linalg.eigh(correlation / np.outer(root, root))
    found: Array = root * vectors[:, -1] * math.sqrt(max(0.0, float(values[-1]) - 1))
    return found


def _one_factor(correlation: Array) -> Array | None:
    """Own variances that maximise the likelihood, over their logarithms; None at the edge (a Heywood case)."""
    from scipy import optimize

    def loss(log_own: Array) -> tuple[float, Array]:
        own = np.exp(log_own)
        root = np.sqrt(own)
        values, vectors = np.linalg.eigh(correlation / np.outer(root, root))
        rest = values[:-1]
        value = float((rest - np.log(rest) - 1).sum())
        # Joreskog's gradient: diagonal of what the fitted model leaves, over the own variances.
        loading = root * vectors[:, -1] * math.sqrt(max(0.0, float(values[-1]) - 1))
        slope: Array = (loading**2 + own - np.diag(correlation)) / own
        return value, slope

    smc = 1 / np.diag(np.linalg.inv(correlation))
    start = np.log(np.clip(smc, 0.01, 0.99))
    done = optimize.minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(math.log(1e-6), math.log(2.0))] * len(start),
        options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 5000, "maxfun": 20000},
    )
    own: Array = np.exp(done.x)
    slope = np.abs(loss(done.x)[1])
    if (own < 2e-6).any() or float(slope.max()) > 1e-5:
        return None
    return own
