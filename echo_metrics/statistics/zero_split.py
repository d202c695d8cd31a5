"""The third way of treating unchanged people in a signed-rank test: half their ranks to each side."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

from echo_metrics.statistics.counts import Counts
from echo_metrics.statistics.results import Reasons, WithReasons, same_reason
from echo_metrics.statistics.signed_rank import NOTHING_RANKED


@dataclass(frozen=True, slots=True)
class ZeroSplit(WithReasons):
    """Rank sums with the zeros' ranks split, z (positive = rises prevail) and the two-sided normal p."""

    w_plus: float
    w_minus: float
    z: float | None
    p: float | None
    reasons: Reasons = ()


def zero_split(differences: Counts, *, continuity: bool = False) -> ZeroSplit:
    """Whether rises outrank falls, unchanged people ranked and half of their ranks given to each side.

    Parameters: differences, people by change (after minus before); continuity, half a rank towards the mean.
    Returns `ZeroSplit`.

    Formula: midranks of |change| over everyone; W+ = ranks of those who went up + half the ranks of the unchanged;
    z = (W+ - n (n + 1) / 4) / sqrt(sum m_g r_g^2 / 4), the sum over all sizes, zero included. Normal only.

    When not to use it: nobody changed (None). The variance treats the unchanged as if they had moved, so with many
    zeros it is conservative; Pratt's rule is the primary one.

    Source: the "zsplit" rule of scipy.stats `wilcoxon`; checked against its test suite (reference record
    `signed_rank_asymptotic_frequency_table`).

    >>> zero_split(Counts((0, 1), (1, 1))).w_plus
    2.5
    """
    by_size: dict[int, list[int]] = {}
    for key, count in zip(differences.keys, differences.n, strict=True):
        by_size.setdefault(abs(key), [0, 0])[key < 0] += count
    below, plus, minus, variance = 0, 0.0, 0.0, 0.0
    for size in sorted(by_size):
        up, down = by_size[size]
        rank = below + (up + down + 1) / 2
        below += up + down
        plus += rank * (up if size else up / 2)
        minus += rank * (down if size else up / 2)
        variance += (up + down) * rank**2 / 4
    if set(by_size) <= {0}:
        return ZeroSplit(plus, minus, None, None, same_reason(NOTHING_RANKED, "z", "p"))
    gap = (plus - minus) / 2
    z = math.copysign(max(0.0, abs(gap) - (0.5 if continuity else 0.0)), gap) / math.sqrt(variance)
    return ZeroSplit(plus, minus, z, min(1.0, 2 * float(special.ndtr(-abs(z)))))
