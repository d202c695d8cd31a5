"""Did shares change in the same people: McNemar's test in its variants, and whole transition tables."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from echo_metrics.statistics.checks import Array, rectangle, square_counts, whole
from echo_metrics.statistics.results import Reasons, WithReasons, same_reason

NOBODY_CHANGED = "Nobody changed sides, so there is nothing to test."


@dataclass(frozen=True, slots=True)
class McNemar(WithReasons):
    """McNemar's test: chi-square with its p, the continuity-corrected pair, the exact p and the mid-p (primary)."""

    b: int
    c: int
    chi2: float | None
    p: float | None
    chi2_corrected: float | None
    p_corrected: float | None
    p_exact: float | None
    p_mid: float | None
    reasons: Reasons = ()


def mcnemar(b: int, c: int) -> McNemar:
    """Whether as many people went over to one side as to the other.

    Parameters: b and c, people who changed one way and the other (those who stayed do not matter).
    Returns `McNemar`, all p-values two-sided.

    Formula: chi2 = (b - c)^2 / (b + c), corrected (max(0, |b - c| - 1))^2 / (b + c), 1 df; exact p = min(1, 2 P(B <=
    min(b, c))), B ~ Bin(b + c, 1/2); mid-p = 2 P(B < min(b, c)) + P(B = min(b, c)).

    When not to use it: nobody changed sides (None). Use the mid-p: the exact and the corrected forms waste power.

    Source: McNemar 1947, Psychometrika 12:153; Fagerland, Lydersen and Laake 2013, BMC Med Res Methodol 13:91.
    Checked against R 4.2.2 `mcnemar.test`, `binom.test`, `pbinom` (reference family `mcnemar`).

    >>> round(mcnemar(1, 7).p_mid, 7)
    0.0390625
    """
    up, down = whole(b, "b"), whole(c, "c")
    total = up + down
    if total == 0:
        fields = ("chi2", "p", "chi2_corrected", "p_corrected", "p_exact", "p_mid")
        return McNemar(up, down, None, None, None, None, None, None, same_reason(NOBODY_CHANGED, *fields))
    gap = abs(up - down)
    chi2, corrected = gap**2 / total, max(0, gap - 1) ** 2 / total
    fewer = min(up, down)
    tail = 2 * float(special.bdtr(fewer, total, 0.5))
    log_point = math.lgamma(total + 1) - math.lgamma(fewer + 1) - math.lgamma(total - fewer + 1) - total * math.log(2)
    return McNemar(
        up,
        down,
        chi2,
        float(special.chdtrc(1, chi2)),
        corrected,
        float(special.chdtrc(1, corrected)),
        min(1.0, tail),
        # As many each way: the tails and the tie are everything that can happen.
        1.0 if up == down else min(1.0, max(0.0, tail - math.exp(log_point))),
    )


@dataclass(frozen=True, slots=True)
class MarginalHomogeneity(WithReasons):
    """Stuart-Maxwell chi-square with df and p, and `z`: the ordinal form with scores 1, 2, 3 ... and its p."""

    n: int
    chi2: float | None
    df: int | None
    p: float | None
    z: float | None
    p_z: float | None
    reasons: Reasons = ()


def _components(joined: Array) -> int:
    """How many groups of levels people moved between; levels without movers stand alone."""
    left = set(range(len(joined)))
    groups = 0
    while left:
        groups += 1
        queue = [left.pop()]
        while queue:
            near = [j for j in left if joined[queue[-1], j] > 0]
            queue.pop()
            left.difference_update(near)
            queue.extend(near)
    return groups


def stuart_maxwell(table: Any) -> MarginalHomogeneity:
    """Whether the spread over all levels is the same after as before, in the same people.

    Parameters: table, square counts: row = level before, column = level after. Returns `MarginalHomogeneity`; z is
    positive where scores rose.

    Formula: d = row sums - column sums, V_ii = row_i + col_i - 2 n_ii, V_ij = -(n_ij + n_ji); chi2 = d' V^- d with
    df = rank V: one less than the levels, less one more for every level or group of levels that nobody moved to or
    from. z = sum(change) / sqrt(sum(change^2)) with levels scored 1, 2, 3 ...

    When not to use it: nobody changed level (None with a reason).

    Source: Stuart 1955, Biometrika 42:412; Maxwell 1970, Br J Psychiatry 116:651. Checked against coin 1.4.2
    `mh_test` (records `marginal_homogeneity_vision`, `transition_table_5pt_n26`).

    >>> stuart_maxwell([[0, 9], [2, 0]]).df
    1
    """
    counts = square_counts(table)
    joined = counts + counts.T
    np.fill_diagonal(joined, 0.0)
    n = int(counts.sum())
    df = len(counts) - _components(joined)
    if df == 0:
        return MarginalHomogeneity(
            n, None, None, None, None, None, same_reason(NOBODY_CHANGED, "chi2", "df", "p", "z", "p_z")
        )
    gap = counts.sum(axis=1) - counts.sum(axis=0)
    variance = np.diag(joined.sum(axis=1)) - joined
    chi2 = max(0.0, float(gap @ np.linalg.pinv(variance, hermitian=True) @ gap))
    step = np.arange(len(counts))[None, :] - np.arange(len(counts))[:, None]
    z = float((counts * step).sum() / math.sqrt(float((counts * step**2).sum())))
    return MarginalHomogeneity(
        n, chi2, df, float(special.chdtrc(df, chi2)), z, min(1.0, 2 * float(special.ndtr(-abs(z))))
    )


@dataclass(frozen=True, slots=True)
class ChiSquareTest(WithReasons):
    """A chi-square statistic with its degrees of freedom and p."""

    chi2: float | None
    df: int | None
    p: float | None
    reasons: Reasons = ()


def bowker(table: Any) -> ChiSquareTest:
    """Whether as many people went from each level to another as came back.

    Parameters: table, square counts: row = level before, column = level after. Returns `ChiSquareTest`.

    Formula: chi2 = sum over i < j of (n_ij - n_ji)^2 / (n_ij + n_ji), empty pairs adding nothing; df = k (k - 1) / 2
    for k levels, whether or not some pairs are empty (so it is conservative with many empty pairs).

    When not to use it: nobody changed level (None); small counts, where `stuart_maxwell` is steadier.

    Source: Bowker 1948, JASA 43:572. Checked against R `mcnemar.test` (record `bowker_symmetry_5x5`).

    >>> bowker([[0, 9], [2, 0]]).df
    1
    """
    counts = square_counts(table)
    over, back = counts[np.triu_indices(len(counts), 1)], counts.T[np.triu_indices(len(counts), 1)]
    moved = over + back > 0
    if not moved.any():
        return ChiSquareTest(None, None, None, same_reason(NOBODY_CHANGED, "chi2", "df", "p"))
    chi2 = float(((over - back)[moved] ** 2 / (over + back)[moved]).sum())
    df = len(counts) * (len(counts) - 1) // 2
    return ChiSquareTest(chi2, df, float(special.chdtrc(df, chi2)))


def cochran_q(rows: Any) -> ChiSquareTest:
    """Whether the share saying yes is the same on three or more occasions, in the same people.

    Parameters: rows, one list a person of 0 and 1, one column an occasion, at least two columns. Returns
    `ChiSquareTest` with columns - 1 degrees of freedom.

    Formula: Q = (k - 1) (k sum C_j^2 - (sum C_j)^2) / (k sum R_i - sum R_i^2), C_j column and R_i row sums.

    When not to use it: everybody answered alike on all occasions (None). With two columns it is McNemar's chi-square.

    Source: Cochran 1950, Biometrika 37:256. Checked against statsmodels 0.15.0 `cochrans_q` and, for two columns,
    `mcnemar`.

    >>> cochran_q([[1, 0], [1, 0], [0, 1]]).chi2
    0.3333333333333333
    """
    answers = rectangle(rows, "rows", 1, 2)
    for i, row in enumerate(answers):
        for j, value in enumerate(row):
            whole(value, f"rows[{i}][{j}]", 0, 1)
    k = answers.shape[1]
    columns, people = answers.sum(axis=0), answers.sum(axis=1)
    spread = float((k * people - people**2).sum())
    if spread == 0:
        return ChiSquareTest(None, None, None, same_reason(NOBODY_CHANGED, "chi2", "df", "p"))
    q = (k - 1) * float(k * (columns**2).sum() - columns.sum() ** 2) / spread
    return ChiSquareTest(q, k - 1, float(special.chdtrc(k - 1, q)))


@dataclass(frozen=True, slots=True)
class FisherExact:
    """Fisher's exact p-values of a two-by-two table and its sample odds ratio (None when a cell of bc is zero)."""

    p: float
    p_greater: float
    p_less: float
    odds_ratio: float | None


def fisher_exact(table: Any) -> FisherExact:
    """Whether two groups differ in a share, with counts too small for chi-square.

    Parameters: table, two rows (groups) of two counts (yes, no). Returns `FisherExact`.

    Formula: given the margins the first cell is hypergeometric; the two-sided p adds all outcomes no more probable
    than the one seen (within 1e-7 of it, as R); greater = more in the first cell.

    When not to use it: the same people twice (`mcnemar`). An empty row or column makes every p 1.

    Source: Fisher 1935, J R Stat Soc 98:39. Checked against R `fisher.test` (record `fisher_exact_tea`).

    >>> round(fisher_exact([[3, 1], [1, 3]]).p, 6)
    0.485714
    """
    counts = square_counts(table, "table", 2, 2)
    a, b, c, d = (int(value) for value in counts.ravel())
    whole(a + b + c + d, "table (its sum)", 0, 10_000_000)
    first, second, yes = a + b, c + d, a + c
    low, high = max(0, yes - second), min(first, yes)
    k = np.arange(low, high + 1, dtype=np.float64)
    log = -(
        special.gammaln(k + 1)
        + special.gammaln(first - k + 1)
        + special.gammaln(yes - k + 1)
        + special.gammaln(second - yes + k + 1)
    )
    mass = np.exp(log - log.max())
    mass /= mass.sum()
    seen = mass[a - low]
    odds = None if b * c == 0 else a * d / (b * c)
    return FisherExact(
        min(1.0, float(mass[mass <= seen * (1 + 1e-7)].sum())),
        min(1.0, float(mass[a - low :].sum())),
        min(1.0, float(mass[: a - low + 1].sum())),
        odds,
    )
