"""p-values adjusted for how many outcomes were tested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from echo_metrics.statistics.checks import numbers


@dataclass(frozen=True, slots=True)
class AdjustedP:
    """Adjusted p-values in the order given: Holm and Bonferroni (no false claim at all), Benjamini-Hochberg (share)."""

    holm: tuple[float, ...]
    bh: tuple[float, ...]
    bonferroni: tuple[float, ...]


def p_adjust(p: Any) -> AdjustedP:
    """Allow for the number of outcomes tested.

    Parameters: p, at least one p-value from 0 to 1, one an outcome of the declared family. Returns `AdjustedP`.

    Formula, p sorted ascending: Holm max over j <= i of min(1, (m - j + 1) p_j); Benjamini-Hochberg min over j >= i of
    min(1, m p_j / j); Bonferroni min(1, m p).

    When not to use it: subgroups, which get one interaction test and shrunken intervals instead. Holm for the declared
    outcomes, Benjamini-Hochberg for exploratory tables of items.

    Source: Holm 1979, Scand J Stat 6:65; Benjamini and Hochberg 1995, JRSS B 57:289. Checked against R `p.adjust`
    (record `p_adjust_five`) and scipy.stats `false_discovery_control`.

    >>> p_adjust([0.01, 0.04]).holm
    (0.02, 0.04)
    """
    raw = numbers(p, "p", 1, 0.0, 1.0)
    m = len(raw)
    order = np.argsort(raw, kind="stable")
    place = np.arange(1, m + 1)
    holm, bh = np.empty(m), np.empty(m)
    holm[order] = np.minimum(1.0, np.maximum.accumulate((m - place + 1) * raw[order]))
    bh[order] = np.minimum(1.0, np.minimum.accumulate((m / place * raw[order])[::-1])[::-1])
    bonferroni = np.minimum(1.0, m * raw)
    # Rounding in m / i x p must not put an adjusted value below the raw one.
    bh = np.maximum(bh, raw)
    return AdjustedP(tuple(holm.tolist()), tuple(bh.tolist()), tuple(bonferroni.tolist()))
