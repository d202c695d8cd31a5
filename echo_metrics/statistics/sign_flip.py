"""The exact sign-flip test of the mean change: the paired t-test's question without its normal distribution."""

from __future__ import annotations

from dataclasses import dataclass

from echo_metrics.statistics.counts import Counts
from echo_metrics.statistics.exact_sums import random_signs
from echo_metrics.statistics.results import Reasons, WithReasons, same_reason
from echo_metrics.statistics.signed_rank import NOTHING_RANKED

TOO_MANY = "There are too many different changes for an exact distribution; use the paired t-test."


@dataclass(frozen=True, slots=True)
class SignFlip(WithReasons):
    """p two-sided, `p_greater` for a rise of the mean, `p_less` for a fall; `mid_p` counts half of the tie."""

    n: int
    n_zeros: int
    p: float | None
    p_greater: float | None
    p_less: float | None
    mid_p: float | None
    reasons: Reasons = ()


def sign_flip(differences: Counts) -> SignFlip:
    """Whether a mean change this far from zero would be rare if each person's change could as well be reversed.

    Parameters: differences, people by change (after minus before), missing pairs dropped when counting.
    Returns `SignFlip`, p-values from 0 to 1.

    Formula: given the sizes of the changes, the sum of the rises is sum a_g Bin(m_g, 1/2), independently by size;
    p = min(1, 2 min(P(S >= s), P(S <= s))), mid-p subtracts P(S = s). Unchanged people do not matter.

    When not to use it: nobody changed (None with a reason); below six changed people p can't reach 0.05. With
    more different sizes than an exact sum can hold, None with a reason.

    Source: Fisher 1935, The Design of Experiments, section 21. Checked against exactRankTests 0.8.35 `perm.test`
    (reference record `sign_flip_exact_aids`) and full enumeration of the signs.

    >>> sign_flip(Counts((1, 2), (2, 1))).p
    0.25
    """
    sizes: dict[int, list[int]] = {}
    for key, count in zip(differences.keys, differences.n, strict=True):
        if key:
            sizes.setdefault(abs(key), [0, 0])[key < 0] += count
    zeros = differences.total - sum(map(sum, sizes.values()))
    fields = ("p", "p_greater", "p_less", "mid_p")
    if not sizes:
        return SignFlip(differences.total, zeros, None, None, None, None, same_reason(NOTHING_RANKED, *fields))
    ordered = sorted(sizes)
    rises = sum(size * sizes[size][0] for size in ordered)
    tail = random_signs(ordered, [sum(sizes[size]) for size in ordered], rises)
    if tail is None:
        return SignFlip(differences.total, zeros, None, None, None, None, same_reason(TOO_MANY, *fields))
    less, greater, point = tail
    two = 2 * min(less, greater)
    return SignFlip(differences.total, zeros, min(1.0, two), greater, less, min(1.0, max(0.0, two - point)))
