"""What is left of each hidden count of a line to whoever tries every assignment."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from math import comb

import numpy as np

from hiding.method import Counts, Limits, Mask, Method

One = Callable[[Counts], Mask]
"""A method with its rule, for one line."""

MANY = 2_000_000
"""Assignments that are tried for one line at most."""


def random_line(draw: np.random.Generator, limits: Limits) -> Counts:
    """Return 5 to 40 counts with means from 3 to 60 of which one to four are small."""
    areas = int(draw.integers(5, 41))
    line = draw.poisson(draw.gamma(1.2, draw.uniform(3, 60) / 1.2, size=areas))
    line = np.where(line <= limits.most, limits.most + 1 + draw.poisson(line), line)
    order = draw.permutation(areas)
    number = int(draw.integers(1, 5))
    line[order[:number]] = draw.integers(limits.least, limits.most + 1, size=number)
    if limits.least:
        line[order[number : number + int(draw.integers(0, 3))]] = 0
    return line.astype(np.int64)


def values_left(line: Counts, hidden: Mask, limits: Limits, method: One) -> list[set[int]]:
    """Return, for each hidden count, values that it has in assignments printed just like this one.

    Every value comes from an assignment with the same total and the same counts shown, put
    through the method again. The search ends when each count has as many as the rule wants; where
    a count has fewer at the end, every assignment has been tried.

    Raises
    ------
    ValueError
        When there would be too many assignments to try.
    """
    free = np.flatnonzero(hidden)
    found = [{int(line[cell])} for cell in free]
    total = int(line[free].sum())
    likely = (line[free] >= limits.least) & (line[free] <= limits.most)
    wanted = limits.wanted
    for at in range(len(free)):
        for value in _likely_values(bool(likely[at]), limits, total):
            if len(found[at]) >= wanted:
                break
            filled = _filled(at, value, likely, total, limits)
            if filled is None or value in found[at]:
                continue
            other = line.copy()
            other[free] = filled
            if np.array_equal(method(other), hidden):
                for values, new in zip(found, filled, strict=True):
                    values.add(int(new))
    if min(map(len, found)) >= wanted:
        return found
    return _tried(line, free, method)


def _likely_values(small: bool, limits: Limits, total: int) -> range:
    if small:
        return range(limits.least, limits.most + 1)
    return range(limits.most + 1, total + 1)


def _filled(at: int, value: int, small: Mask, total: int, limits: Limits) -> list[int] | None:
    """Return counts with the total and one of them given: as low as may be, the rest put on top."""
    low = [limits.least if each else limits.most + 1 for each in small]
    high = [limits.most if each else total for each in small]
    low[at] = high[at] = value
    rest = total - sum(low)
    if rest < 0:
        return None
    # The last ones first: they are the further ones more often.
    for place in sorted(range(len(low)), key=lambda each: (bool(small[each]), -each)):
        more = min(rest, high[place] - low[place])
        low[place] += more
        rest -= more
    return None if rest else low


def _tried(line: Counts, free: Counts, method: One) -> list[set[int]]:
    """Try every assignment."""
    total, number = int(line[free].sum()), len(free)
    if comb(total + number - 1, number - 1) > MANY:
        raise ValueError(f"{number} hidden counts with a sum of {total} are too many to try")
    found: list[set[int]] = [set() for _ in range(number)]
    hidden = np.zeros(len(line), dtype=bool)
    hidden[free] = True
    other = line.copy()
    for counts in _with_sum(total, number):
        other[free] = counts
        if np.array_equal(method(other), hidden):
            for values, count in zip(found, counts, strict=True):
                values.add(count)
    return found


def _with_sum(total: int, number: int) -> Iterator[tuple[int, ...]]:
    for bars in itertools.combinations(range(total + number - 1), number - 1):
        ends = (-1, *bars, total + number - 1)
        yield tuple(b - a - 1 for a, b in itertools.pairwise(ends))


def values_left_by_size(line: Counts, hidden: Mask, limits: Limits, method: Method) -> set[int]:
    """Return every value that a hidden count may have, where the method ignores the order.

    Then all hidden counts may have the same values, and it is enough to try each set of counts
    once: as many small ones as there may be with others that add up.
    """
    free = np.flatnonzero(hidden)
    total = int(line[free].sum())
    tries = np.array(list(_sorted_with_sum(total, len(free), limits.least)), dtype=np.int64)
    lines = np.repeat(line[None, :], len(tries), axis=0)
    lines[:, free] = tries
    alike = (method(lines, limits) == hidden[None, :]).all(axis=1)
    return set(np.unique(tries[alike]).tolist())


def _sorted_with_sum(total: int, number: int, least: int) -> Iterator[tuple[int, ...]]:
    if number == 1:
        if total >= least:
            yield (total,)
        return
    for first in range(least, total // number + 1):
        for rest in _sorted_with_sum(total - first, number - 1, first):
            yield (first, *rest)


def values_left_of_a_whole_line(line: Counts, limits: Limits, method: One) -> list[set[int]]:
    """Return values that each count has in lines of the same total that are hidden whole too.

    Looked for from this line: a count takes another value, for which others make up, or two change
    places.
    """
    areas = len(line)
    found = [{int(count)} for count in line]
    start = [line]
    for one, other in itertools.combinations(range(areas), 2):
        if line[one] != line[other]:
            swapped = line.copy()
            swapped[[one, other]] = swapped[[other, one]]
            _note(found, swapped, method)
            start.append(swapped)
    wanted = min(limits.wanted, int(line.sum()) + 1)
    for cell in range(areas):
        # Larger values tell no more: as many as are wanted lie lower.
        for begin, value in itertools.product(start, range(3 * limits.most)):
            if len(found[cell]) >= wanted:
                break
            if value in found[cell]:
                continue
            for first in range(areas):
                made = _made_up_for(begin, cell, value, first)
                if made is not None and _note(found, made, method):
                    break
    return found


def _made_up_for(line: Counts, cell: int, value: int, first: int) -> Counts | None:
    """Return a line with one count changed and the total kept by others, from the first one on."""
    made = line.copy()
    made[cell] = value
    more = value - int(line[cell])
    for place in (*range(first, len(line)), *range(first)):
        if place != cell:
            taken = min(more, int(made[place]))
            made[place] -= taken
            more -= taken
    return made if more == 0 else None


def _note(found: Sequence[set[int]], line: Counts, method: One) -> bool:
    if not method(line).all():
        return False
    for values, count in zip(found, line, strict=True):
        values.add(int(count))
    return True
