"""Rank tests of paired changes: the exact signed-rank test and the sign test, from counts of differences.

scipy's `wilcoxon(method="exact")` uses the null distribution without ties and zeros whatever the data; Likert
items are mostly ties and zeros. Here the null distribution is the one of the data at hand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from scipy import special

from echo_metrics.errors import UserError
from echo_metrics.statistics.counts import Counts
from echo_metrics.statistics.results import Reasons, reason_for

EXACT_LIMIT = 1000
"""Most ranked pairs for the exact distribution; beyond it exact and normal p differ by under 0.0005."""

NOTHING_RANKED = "Nobody's score changed, so there is nothing to test."


class ZeroRule(StrEnum):
    """What becomes of people whose score did not change.

    PRATT ranks them with the others and then leaves their ranks out; WILCOXON drops them before ranking,
    which can make a sample look more convincing for having been shifted towards zero (Pratt 1959, JASA
    54:655).
    """

    PRATT = "pratt"
    WILCOXON = "wilcoxon"


@dataclass(frozen=True, slots=True)
class SignedRank:
    """A signed-rank test. Positive ranks belong to people whose score went up.

    `n` people, `n_zeros` of them unchanged; `w_plus` and `w_minus` rank sums under `zero_rule`; `method` is
    "exact" or "asymptotic"; `p` two-sided; `p_greater` for "went up", `p_less` for "went down"; `mid_p` and
    `mid_p_greater` count half of the outcomes as extreme as the one seen (exact only); `z` asymptotic only.
    """

    n: int
    n_zeros: int
    zero_rule: ZeroRule
    w_plus: float
    w_minus: float
    method: str | None
    p: float | None
    p_greater: float | None
    p_less: float | None
    mid_p: float | None
    mid_p_greater: float | None
    z: float | None
    reasons: Reasons = ()

    def reason(self, field: str) -> str | None:
        """Why `field` is None."""
        return reason_for(self.reasons, field)


@dataclass(frozen=True, slots=True)
class _Group:
    """People whose change has the same size: how many went up and down, and twice their shared midrank."""

    up: int
    down: int
    double_rank: int

    @property
    def size(self) -> int:
        return self.up + self.down


def _groups(differences: Counts, zero_rule: ZeroRule) -> tuple[list[_Group], int]:
    by_size: dict[int, list[int]] = {}
    zeros = 0
    for key, count in zip(differences.keys, differences.n, strict=True):
        if key == 0:
            zeros = count
        else:
            by_size.setdefault(abs(key), [0, 0])[key < 0] += count
    groups = []
    below = zeros if zero_rule is ZeroRule.PRATT else 0
    for size in sorted(by_size):
        up, down = by_size[size]
        # Midrank = below + (m + 1) / 2; doubled it is a whole number, and so is every sum of ranks.
        groups.append(_Group(up, down, 2 * below + up + down + 1))
        below += up + down
    return groups, zeros


def _null_tail(groups: list[_Group], double_w: int) -> tuple[float, float]:
    """P(W <= w) and P(W = w) when each changed person goes up or down with probability one half.

    Given the sizes of the changes, the number going up in group g is Bin(m_g, 1/2), independently; W is the
    sum of rank x number. One half-half step a person, kept only up to w, so that only positive numbers are
    ever added. The largest group comes last and needs no step at all: its binomial meets the running total of
    the others.
    """
    scale = math.gcd(*(group.double_rank for group in groups))
    w = double_w // scale
    ordered = sorted(groups, key=lambda group: group.size)
    mass = np.zeros(w + 1)
    mass[0] = 1.0
    top = 0
    for group in ordered[:-1]:
        rank = group.double_rank // scale
        for _ in range(group.size):
            reach = min(top + rank, w)
            moved = mass[: max(0, reach - rank + 1)] * 0.5
            mass[: top + 1] *= 0.5
            if moved.size:
                mass[rank : reach + 1] += moved
            top = reach if reach >= rank else top
    last = ordered[-1]
    rank, m = last.double_rank // scale, last.size
    steps = min(m, w // rank)
    weights = np.array([math.comb(m, k) / 2**m for k in range(steps + 1)])
    places = w - rank * np.arange(steps + 1)
    return float(weights @ np.cumsum(mass)[places]), float(weights @ mass[places])


def signed_rank(
    differences: Counts,
    zero_rule: ZeroRule = ZeroRule.PRATT,
    method: Literal["auto", "exact", "asymptotic"] = "auto",
    *,
    continuity: bool = False,
) -> SignedRank:
    """Whether more people, and by larger steps, went up than down.

    Parameters: differences, people by change (after minus before; `PairCounts.differences`), missing pairs
    already dropped; zero_rule, see `ZeroRule`; method, "auto" is exact up to 1,000 ranked pairs and
    asymptotic above; continuity, half a rank towards the mean, asymptotic only.

    Returns `SignedRank`.

    Formula: midranks r of |change|; W+ = sum of r over those who went up. Exact: W+ ~ sum r_g Bin(m_g, 1/2),
    a convolution of binomials; p = min(1, 2 min(P(W+ >= w), P(W+ <= w))), mid-p subtracts P(W+ = w).
    Asymptotic: z = (W+ - sum m_g r_g / 2) / sqrt(sum m_g r_g^2 / 4), which holds the tie and zero correction.

    When not to use it: nobody changed, then p is None with a reason. With fewer than six people who changed
    the exact p can't reach 0.05.

    Source: Pratt 1959, JASA 54:655-667; Wilcoxon 1945, Biometrics Bulletin 1:80-83.
    Checked against coin 1.4.2 `wilcoxsign_test(distribution = "exact", zero.method = ...)`, exactRankTests
    0.8.35 `wilcox.exact` (reference family `signed_rank_exact`) and full enumeration of the signs.

    >>> signed_rank(Counts((1,), (3,))).p
    0.25
    """
    groups, zeros = _groups(differences, zero_rule)
    n = differences.total
    if not groups:
        fields = ("method", "p", "p_greater", "p_less", "mid_p", "mid_p_greater", "z")
        why = tuple((field, NOTHING_RANKED) for field in fields)
        return SignedRank(n, zeros, zero_rule, 0.0, 0.0, None, None, None, None, None, None, None, why)
    plus = sum(group.up * group.double_rank for group in groups)
    minus = sum(group.down * group.double_rank for group in groups)
    ranked = n if zero_rule is ZeroRule.PRATT else n - zeros
    if method == "exact" and ranked > EXACT_LIMIT:
        raise UserError(f"The exact signed-rank test takes at most {EXACT_LIMIT:,} pairs; {ranked:,} were given.")
    if method == "exact" or (method == "auto" and ranked <= EXACT_LIMIT):
        tail, point = _null_tail(groups, min(plus, minus))
        # The null distribution is symmetric: the far tail follows from the near one.
        near, far = min(1.0, tail), min(1.0, 1 - tail + point)
        greater, less = (near, far) if plus >= minus else (far, near)
        return SignedRank(
            n,
            zeros,
            zero_rule,
            plus / 2,
            minus / 2,
            "exact",
            min(1.0, 2 * tail),
            greater,
            less,
            min(1.0, max(0.0, 2 * tail - point)),
            min(1.0, max(0.0, greater - point / 2)),
            None,
            (("z", "The exact test has no z."),),
        )
    sd = math.sqrt(sum(group.size * group.double_rank**2 for group in groups)) / 4
    gap = (plus - minus) / 4
    half = 0.5 if continuity else 0.0

    def upper(distance: float) -> float:
        return float(special.ndtr(-distance / sd))

    z = math.copysign(max(0.0, abs(gap) - half), gap) / sd
    no_mid = "The normal approximation has no mid-p."
    return SignedRank(
        n,
        zeros,
        zero_rule,
        plus / 2,
        minus / 2,
        "asymptotic",
        min(1.0, 2 * float(special.ndtr(-abs(z)))),
        upper(gap - half),
        upper(-gap - half),
        None,
        None,
        z,
        (("mid_p", no_mid), ("mid_p_greater", no_mid)),
    )


@dataclass(frozen=True, slots=True)
class SignTest:
    """A sign test: `n_positive` went up, `n_negative` went down, `n_zeros` stayed; exact p-values.

    `p_greater` for "went up", `p_less` for "went down"; `mid_p_greater` counts half of the outcome seen.
    """

    n_positive: int
    n_negative: int
    n_zeros: int
    p: float | None
    p_greater: float | None
    p_less: float | None
    mid_p_greater: float | None
    reasons: Reasons = ()

    @property
    def n_nonzero(self) -> int:
        """How many people changed."""
        return self.n_positive + self.n_negative

    def reason(self, field: str) -> str | None:
        """Why `field` is None."""
        return reason_for(self.reasons, field)


def sign_test(differences: Counts) -> SignTest:
    """Whether more people went up than down, whatever the size of their change.

    Parameters: differences, people by change (after minus before). Returns `SignTest`; unchanged people are
    left out. Formula: n_positive ~ Bin(n_nonzero, 1/2); two-sided p = min(1, 2 P(B <= min(n_positive,
    n_negative))). When not to use it: nobody changed, then p is None with a reason. It ignores the size of
    changes and so needs more people than the other tests. Source: Conover 1999, Practical Nonparametric
    Statistics, section 3.4. Checked against coin 1.4.2 `sign_test` (reference record `sign_test_depression`)
    and scipy `binomtest`.

    >>> sign_test(Counts((-1, 0, 1), (1, 5, 4))).p
    0.375
    """
    zipped = list(zip(differences.keys, differences.n, strict=True))
    up = sum(count for key, count in zipped if key > 0)
    down = sum(count for key, count in zipped if key < 0)
    zeros = differences.total - up - down
    m = up + down
    if m == 0:
        fields = ("p", "p_greater", "p_less", "mid_p_greater")
        return SignTest(0, 0, zeros, None, None, None, None, tuple((f, NOTHING_RANKED) for f in fields))
    greater = float(special.bdtr(down, m, 0.5))
    less = float(special.bdtr(up, m, 0.5))
    point = math.exp(math.lgamma(m + 1) - math.lgamma(up + 1) - math.lgamma(down + 1) - m * math.log(2))
    return SignTest(up, down, zeros, min(1.0, 2 * min(greater, less)), greater, less, max(0.0, greater - point / 2))
