"""Where a smooth function of one number is smallest, without derivatives and without a random start."""

from __future__ import annotations

from collections.abc import Callable, Sequence

GOLDEN = 0.6180339887498949


def smallest(of: Callable[[float], float], grid: Sequence[float]) -> float:
    """Give the place of the smallest value: the best point of an ascending grid, refined between its neighbours.

    Parameters: of, finite on the whole grid; grid, fine enough that the lowest point lies in the right valley.
    Golden section to about 1e-9 of the bracket, which is as fine as the flat bottom of a float function is.
    """
    values = [of(point) for point in grid]
    best = min(range(len(grid)), key=values.__getitem__)
    low, high = grid[max(0, best - 1)], grid[min(len(grid) - 1, best + 1)]
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = of(left), of(right)
    for _ in range(80):
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = of(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = of(right)
    middle = (low + high) / 2
    return middle if of(middle) <= values[best] else grid[best]
