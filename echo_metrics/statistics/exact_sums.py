"""Exact distributions of sums under random signs, random choice and random order: the floor of exact tests."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from echo_metrics.statistics.checks import Array

MOST_WORK = 1_500_000_000
"""Most additions for an exact distribution, about a second; beyond it the caller gives a reason."""

MOST_STATES = 2_000_000
"""Most sums listed one by one, where values are too finely spaced for a table of sums."""

SAME = 1e-12
"""Sums closer than this part of the largest sum count as one; they differ by rounding only."""

Tail = tuple[float, float, float]
"""P(sum <= w), P(sum >= w) and P(sum = w)."""


def _shrunk(values: Sequence[int]) -> tuple[list[int], int]:
    scale = math.gcd(*values) or 1
    return [value // scale for value in values], scale


def random_signs(sizes: Sequence[int], counts: Sequence[int], w: int) -> Tail | None:
    """Distribution of the sum of those sizes that fall on the plus side, each with probability one half.

    Parameters: sizes, whole numbers above zero; counts, how many people have each; w, the sum seen.
    Returns the tails at w, or None when an exact answer takes too long.

    When not to use it: sizes that are not exchangeable with their signs (people paired by a rule that saw the change).
    Source: Streitberg and Roehmel 1986, Stat Softw Newsl 12:10 (shift algorithm). Checked against enumeration of all
    signs.
    """
    reduced, scale = _shrunk(sizes)
    w //= scale
    total = sum(size * count for size, count in zip(reduced, counts, strict=True))
    # The distribution is symmetric about total / 2: work on the shorter side.
    mirrored = 2 * w > total
    near_w = total - w if mirrored else w
    largest = max(range(len(counts)), key=lambda g: counts[g])
    steps = sum(counts) - counts[largest]
    if near_w <= 20_000_000 and max(steps, 1) * near_w <= MOST_WORK:
        tail, point = _signs_table(reduced, counts, near_w, largest)
    elif sum(counts) <= 40:
        every = [size for size, count in zip(reduced, counts, strict=True) for _ in range(count)]
        tail, point = _signs_listed(every, near_w, total)
    else:
        return None
    near, far = min(1.0, tail), min(1.0, max(0.0, 1 - tail + point))
    return (far, near, point) if mirrored else (near, far, point)


def _signs_table(sizes: Sequence[int], counts: Sequence[int], w: int, largest: int) -> tuple[float, float]:
    mass = np.zeros(w + 1)
    mass[0] = 1.0
    top = 0
    for g, (size, count) in enumerate(zip(sizes, counts, strict=True)):
        if g == largest:
            continue
        for _ in range(count):
            reach = min(top + size, w)
            moved = mass[: max(0, reach - size + 1)] * 0.5
            mass[: top + 1] *= 0.5
            if moved.size:
                mass[size : reach + 1] += moved
                top = reach
    # The largest group needs no step at all: its binomial meets the running total of the others.
    size, count = sizes[largest], counts[largest]
    k = np.arange(min(count, w // size) + 1)
    log = math.lgamma(count + 1) - np.array([math.lgamma(i + 1) + math.lgamma(count - i + 1) for i in k.tolist()])
    weights = np.exp(log - count * math.log(2))
    places = w - size * k
    return float(weights @ np.cumsum(mass)[places]), float(weights @ mass[places])


def _all_sums(values: Sequence[int]) -> Array:
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate([sums, sums + float(value)])
    return np.sort(sums)


def _signs_listed(values: Sequence[int], w: int, total: int) -> tuple[float, float]:
    half = len(values) // 2
    first, second = _all_sums(values[:half]), _all_sums(values[half:])
    slack = SAME * float(total)
    up_to = np.searchsorted(second, float(w) + slack - first, side="right").sum()
    below = np.searchsorted(second, float(w) - slack - first, side="left").sum()
    outcomes = 2.0 ** len(values)
    return float(up_to) / outcomes, float(up_to - below) / outcomes


def random_choice(values: Sequence[int], chosen: int, low: int, high: int) -> tuple[float, float] | None:
    """P(sum <= low) and P(sum >= high) for the sum of `chosen` of the values, every choice equally likely.

    Parameters: values, whole numbers; chosen, how many are drawn; low and high, the bounds. Returns None when an exact
    answer takes too long.

    When not to use it: the same people in both groups.
    Source: Streitberg and Roehmel 1986 (shift algorithm). Checked against enumeration of all choices.
    """
    least = min(values)
    reduced, scale = _shrunk([value - least for value in values])
    n = len(values)
    top = sum(sorted(reduced)[n - chosen :])
    at_most = min(top, (low - chosen * least) // scale)
    at_least = max(0, -((chosen * least - high) // scale))
    if (chosen + 1) * (top + 1) <= 20_000_000 and n * chosen * (top + 1) <= MOST_WORK:
        ways = np.zeros((chosen + 1, top + 1))
        ways[0, 0] = 1.0
        # Each value in with probability chosen / n: the counts of choices themselves would not fit a float.
        taken = chosen / n
        for seen, value in enumerate(reduced):
            for k in range(min(chosen, seen + 1), 0, -1):
                ways[k] *= 1 - taken
                ways[k, value:] += taken * ways[k - 1, : top + 1 - value]
            ways[0] *= 1 - taken
        mass = ways[chosen] / ways[chosen].sum()
        below = float(mass[: at_most + 1].sum()) if at_most >= 0 else 0.0
        return min(1.0, below), min(1.0, float(mass[at_least:].sum()))
    if sum(math.comb(n, k) for k in range(chosen + 1)) > MOST_STATES:
        return None
    sums: list[Array] = [np.zeros(1)] + [np.zeros(0)] * chosen
    for value in reduced:
        for k in range(chosen, 0, -1):
            sums[k] = np.concatenate([sums[k], sums[k - 1] + float(value)])
    found, slack = sums[chosen], SAME * max(1.0, float(top))
    return float((found <= at_most + slack).mean()), float((found >= at_least - slack).mean())


MOST_ORDERED = 13
"""Most pairs for the exact distribution over all orders: 2^13 sets of places, with every sum in each."""


def random_order(x: Sequence[int], y: Sequence[int], w: int) -> Tail | None:
    """Distribution of sum x_i y_order(i) with every order of y equally likely; x and y not negative.

    Parameters: x and y, whole numbers of the same people; w, the sum seen. Returns the tails at w, or None above
    `MOST_ORDERED` values.

    When not to use it: pairs that depend on one another.
    Source: Best and Roberts 1975, Appl Stat 24:377 (exact rank correlation). Checked against enumeration of all orders.
    """
    n = len(x)
    if n > MOST_ORDERED:
        return None
    top = sum(a * b for a, b in zip(sorted(x), sorted(y), strict=True))
    ways: dict[int, Array] = {0: np.zeros(top + 1)}
    ways[0][0] = 1.0
    for value in x:
        following: dict[int, Array] = {}
        for used, mass in ways.items():
            for place in range(n):
                if used >> place & 1:
                    continue
                target = following.setdefault(used | 1 << place, np.zeros(top + 1))
                step = value * y[place]
                if step <= top:
                    target[step:] += mass[: top + 1 - step]
        ways = following
    mass = ways[(1 << n) - 1] / math.factorial(n)
    return min(1.0, float(mass[: w + 1].sum())), min(1.0, float(mass[w:].sum())), float(mass[w])
