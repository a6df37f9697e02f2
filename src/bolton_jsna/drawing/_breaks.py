"""The breaks of classes by quantiles, equal intervals and Jenks, without empty classes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def distinct(cuts: Any) -> list[float]:
    """Return numbers without repeats, in their order."""
    return [float(cut) for cut in dict.fromkeys(cuts)]


def cuts(printed: np.ndarray[Any, Any], method: str, k: int, decimals: int = 0) -> list[float]:
    """Return the breaks for ascending numbers, without empty classes."""
    different = distinct(printed)
    k = min(k, len(different))
    if k == 1:
        return []
    if method == "quantile":
        first = {each: int(np.searchsorted(printed, each)) for each in different[1:]}
        ranks = (at * len(printed) / k for at in range(1, k))
        # Equal values stay together: the class begins at the value whose first rank is nearest.
        starts = {min(first, key=lambda each: abs(first[each] - math.ceil(rank))) for rank in ranks}
        return sorted(starts)
    if method == "jenks":
        return _jenks(printed, different, k)
    return _equal(printed, k, decimals)


def _jenks(printed: np.ndarray[Any, Any], different: list[float], k: int) -> list[float]:
    """Return the breaks with the least sum of squares within k classes (Fisher 1958)."""
    # Dynamic programming: ``least[at]`` is the least sum of squares of the numbers before ``at``,
    # and the next class begins where it adds the least.
    if k == len(different):
        return different[1:]
    # Scaled to numbers around zero and below one, so that squares keep their digits.
    scaled = np.ldexp(different, -int(np.frexp(np.abs(printed).max())[1]))
    repeats = np.unique(printed, return_counts=True)[1]
    scaled -= np.average(scaled, weights=repeats)
    sums = [np.concatenate([[0.0], np.cumsum(repeats * scaled**power)]) for power in range(3)]
    # Among equally good classes, the same ones on every computer.
    alike = 1e-12 * sums[2][-1]
    size = len(different)
    least = np.full(size + 1, np.inf)
    least[0] = 0.0
    starts: list[np.ndarray[Any, Any]] = []
    for _ in range(k):
        following = np.full_like(least, np.inf)
        start = np.zeros(size + 1, dtype=int)
        for end in range(1, size + 1):
            number, total, squares = (each[end] - each[:end] for each in sums)
            within = least[:end] + np.maximum(squares - total**2 / number, 0)
            start[end] = int(np.argmax(within <= within.min() + alike))
            following[end] = within[start[end]]
        least = following
        starts.append(start)
    found, end = [], size
    for start in reversed(starts[1:]):
        end = int(start[end])
        found.append(different[end])
    return sorted(found)


def _equal(printed: np.ndarray[Any, Any], k: int, decimals: int) -> list[float]:
    """Return the breaks of the most equal intervals, up to k, of which none is empty."""
    low, high = float(printed[0]), float(printed[-1])
    for classes in range(k, 1, -1):
        shares = (at / classes for at in range(1, classes))
        # Weighted ends, because the difference of the largest numbers can overflow.
        found = [round(low * (1 - share) + high * share, decimals) for share in shares]
        holds = np.bincount(np.searchsorted(found, printed, "right"), minlength=classes)
        if found == distinct(found) and holds.all():
            return found
    return [high]
