"""Limits of a funnel as counts: the counts at which a target leaves the interval of a count."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from bolton_jsna.measures._arrays import Array, Floats
from bolton_jsna.measures._bisection import bisected
from bolton_jsna.measures._intervals import EXACT_BELOW, count_limits


def poisson_funnel(
    expected: Floats, level: float, *, exact: bool = False, widening: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return the counts below and above which a Poisson count is outside its limits."""
    if widening is not None and not exact:
        return _widened_funnel(expected, level, widening)
    tail = (1 - level) / 2
    if exact:
        lower, upper = _exact_poisson(expected, tail)
        if widening is None:
            return lower, upper
        lower = np.maximum(expected - widening * (expected - lower), 0.0)
        return lower, expected + widening * (upper - expected)
    # The interval is exact below ten events and Byar's from there.
    z = float(special.ndtri(1 - tail))
    limits = [_byar(expected, -z) - 1, _byar(expected, z)]
    almost = np.nextafter(EXACT_BELOW, 0)
    for side, limit in enumerate(count_limits([EXACT_BELOW], level)[::-1]):
        few = ~(expected >= limit)
        limits[side][few] = np.minimum(_exact_poisson(expected[few], tail)[side], almost)
    return limits[0], limits[1]


def _exact_poisson(expected: Floats, tail: float) -> tuple[Floats, Floats]:
    # P(X <= lower) = P(X >= upper) = tail, with the gamma function between whole counts. If no
    # count is low enough, ``lower`` is 0.
    lower = np.maximum(special.gdtrib(1.0, 1 - tail, expected) - 1, 0.0)
    return lower, np.asarray(special.gdtrib(1.0, tail, expected))


def _widened_funnel(expected: Floats, level: float, widening: Floats) -> tuple[Floats, Floats]:
    """Return the counts whose widened limits just leave out what is expected."""
    most = expected + widening * (40 * np.sqrt(expected) + 40) + 40 * widening**2

    def root(side: int) -> Floats:
        def above(count: Array) -> Any:
            return count + widening * (count_limits(count, level)[side] - count) - expected

        # Halving ends just above zero where zero itself is the answer.
        zero = np.zeros(len(expected))
        return np.where(above(zero) > 0, zero * most, bisected(above, zero, most))

    return root(1), root(0)


def binomial_funnel(totals: Floats, target: Floats, level: float) -> tuple[Floats, Floats]:
    """Return the counts below and above which a binomial count is outside its exact limits."""
    # P(X <= lower) = P(X >= upper) = half of 1 - level, with the beta function between whole
    # counts, as in Clopper and Pearson's interval.
    tail = (1 - level) / 2
    lower = special.bdtrik(tail, totals, target)
    upper = np.minimum(special.bdtrik(1 - tail, totals, target) + 1, totals)
    # bdtrik stops at zero. Where even one event is unlikely enough, the limit is less than one.
    rare = np.flatnonzero(special.betainc(1, totals, target) < tail)
    total, share = totals[rare], target[rare]

    def above(count: Array) -> Any:
        return tail - special.betainc(np.maximum(count, 1e-300), total - count + 1, share)

    upper[rare] = bisected(above, np.zeros(len(rare)), np.minimum(total, 1.0))
    return lower, upper


def _byar(expected: Floats, z: float) -> Floats:
    """Invert Byar's lower limit (z positive), or his upper one in count + 1 (z negative)."""
    goal = np.cbrt(expected)

    def above(root: Array) -> Any:
        return root**2 - 1 / (9 * root**4) - z / (3 * root) - goal

    # In the sixth root of the count, which is above 1.4 for the counts of ten and more.
    return bisected(above, np.ones(len(goal)), np.sqrt(goal + abs(z)) + 1) ** 6
