"""How a line is hidden, written a second time, and how it was hidden before.

A method here takes many lines at once, one to a row, and returns which counts it hides.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Counts = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


class Limits(NamedTuple):
    """What a rule says: counts from ``least`` to ``most`` are small.

    ``wanted``: how many possible values each hidden count must keep.
    """

    least: int
    most: int
    wanted: int


Method = Callable[[Counts, Limits], Mask]


def limits_of(rule: Any) -> Limits:
    """Return what a rule of the library says."""
    return Limits(0 if rule.zeros == "hidden" else 1, rule.threshold, rule.width)


def hides(lines: Counts, limits: Limits) -> Mask:
    """Hide small counts with the first two others of the line; all where that is not enough."""
    least, most, wanted = limits
    small = (lines >= least) & (lines <= most)
    others = ~small & (lines > 0)
    first = others & (np.cumsum(others, axis=1) <= 2)
    hidden = small | first
    hidden[~small.any(axis=1)] = False
    number, more = small.sum(axis=1), first.sum(axis=1)
    total = np.where(hidden, lines, 0).sum(axis=1)
    room = total - least * number - (most + 1) * more
    enough = np.where(
        more > 0,
        room >= wanted - 1,
        (room >= most - least) & (total - least <= most * (number - 1)),
    )
    hidden[small.any(axis=1) & ~enough] = True
    return hidden


def hid_before(lines: Counts, limits: Limits) -> Mask:
    """Hide small counts and the smallest that lies far enough above the smallest of them."""
    least, most, wanted = limits
    hidden = (lines >= least) & (lines <= most)
    any_small = hidden.any(axis=1)
    beyond = np.iinfo(np.int64).max
    apart = np.where(hidden, lines, beyond).min(axis=1, initial=beyond - wanted) + wanted
    done = np.where(hidden, lines, -1).max(axis=1, initial=-1) >= apart
    further = np.where(lines >= apart[:, None], lines, beyond).min(axis=1)
    there = further < beyond
    hidden |= (any_small & ~done & there)[:, None] & (lines == further[:, None])
    without = any_small & ~done & ~there
    hidden[without] |= lines[without] >= least
    total = np.where(hidden, lines, 0).sum(axis=1)
    number = hidden.sum(axis=1)
    zero = (hidden & (lines == 0)).any(axis=1)
    spread = np.where(number == 1, 0, total - np.where(zero, 0, 1) * number)
    hidden[without & (spread < wanted)] = True
    return hidden


def not_found(found: set[int], low: int, high: int, limits: Limits) -> list[int]:
    """Return values to look for, near to those found; none where there are enough."""
    if len(found) >= limits.wanted:
        return []
    near = range(max(low, min(found) - limits.wanted), min(high, max(found) + limits.wanted) + 1)
    return [each for each in near if each not in found]
