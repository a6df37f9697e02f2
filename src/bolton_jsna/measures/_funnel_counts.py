"""The counts at which a target leaves the interval of a count: limits of a funnel, as arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from bolton_jsna.measures._intervals import EXACT_BELOW, count_limits

_HALVINGS: Final = 60
_STEPS: Final = 40
_SECANTS: Final = 12
_CLOSE: Final = 1e-10
"""A secant step of this share of the root leaves an error below the precision of the computer."""


def poisson_reach(
    expected: NDArray[np.float64],
    level: float,
    *,
    exact: bool = False,
    widening: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the counts below and above which a Poisson count is outside its limits."""
    # Exact: P(X <= lower) = P(X >= upper) = half of what is left over, with the gamma function
    # between whole counts; where no count is few enough, ``lower`` is 0. Byar's formula is
    # inverted in the sixth root of the count.
    tail = (1 - level) / 2
    most = expected + 40 * np.sqrt(expected) + 40
    z = float(special.ndtri(1 - tail))
    spread = np.sqrt(expected)

    def below(count: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
        found: NDArray[Any] = special.ndtri(special.gammaincc(count + 1, expected[rows])) + z
        return found

    def above(count: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
        chance = special.gammainc(np.maximum(count, 1e-300), expected[rows])
        found: NDArray[Any] = -z - special.ndtri(chance)
        return found

    def first(rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        return _root(below, (expected - z * spread - 0.5, spread), most, rows)

    def last(rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        return _root(above, (expected + z * spread + 0.5, spread), most, rows)

    every = np.ones(len(expected), dtype=bool)
    if exact:
        lower, upper = first(every), last(every)
        if widening is None:
            return lower, upper
        return (
            np.maximum(expected - widening * (expected - lower), 0.0),
            expected + widening * (upper - expected),
        )
    if widening is not None:
        return _widened_reach(expected, level, widening)
    least, greatest = (float(limit[0]) for limit in count_limits([EXACT_BELOW], level))
    almost = np.nextafter(EXACT_BELOW, 0)
    few = ~(expected >= greatest)
    lower = np.where(few, np.minimum(first(few), almost), _byar(expected, -z) - 1)
    few = ~(expected >= least)
    upper = np.where(few, np.minimum(last(few), almost), _byar(expected, z))
    return lower, upper


def _widened_reach(
    expected: NDArray[np.float64], level: float, widening: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the counts whose widened limits just leave out what is expected."""

    def stretched(count: NDArray[Any], rows: NDArray[Any], side: int) -> NDArray[Any]:
        limit = count_limits(count, level)[side]
        found: NDArray[Any] = count + widening[rows] * (limit - count) - expected[rows]
        return found

    def root(side: int) -> NDArray[np.float64]:
        found = np.full(len(expected), np.nan)
        zero = np.zeros(len(rows))
        halved = _halved(lambda count, at: stretched(count, at, side), zero, most[rows], rows)
        # Halving ends a hair above zero where zero itself is the answer.
        found[rows] = np.where(stretched(zero, rows, side) > 0, 0.0, halved)
        return found

    most = expected + widening * (40 * np.sqrt(expected) + 40) + 40 * widening**2
    rows = np.flatnonzero(~np.isnan(most))
    return root(1), root(0)


def binomial_reach(
    totals: NDArray[np.float64], target: NDArray[np.float64], level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the counts below and above which a binomial count is outside its exact limits."""
    # P(X <= lower) = P(X >= upper) = half of what is left over, with the beta function between
    # whole counts: the counterpart of Clopper and Pearson's interval.
    z = float(special.ndtri((1 + level) / 2))
    every = np.ones(len(totals), dtype=bool)
    middle, spread = totals * target, np.sqrt(totals * target * (1 - target))

    def below(count: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
        rest = np.maximum(totals[rows] - count, 1e-300)
        found: NDArray[Any] = special.ndtri(special.betainc(rest, count + 1, 1 - target[rows])) + z
        return found

    def above(count: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
        rest = np.maximum(totals[rows] - count, 0) + 1
        chance = special.betainc(np.maximum(count, 1e-300), rest, target[rows])
        found: NDArray[Any] = -z - special.ndtri(chance)
        return found

    return (
        _root(below, (middle - z * spread - 0.5, spread), totals, every),
        _root(above, (middle + z * spread + 0.5, spread), totals, every),
    )


def _root(
    score: Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]],
    about: tuple[NDArray[np.float64], NDArray[np.float64]],
    most: NDArray[np.float64],
    wanted: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Return where a score that rises by about one per spread passes zero, from 0 to ``most``."""
    # ``about`` has a guess of the root and the spread. Secant steps between bounds; what they do
    # not find is halved. At the ends where the score does not pass zero.
    found = np.full(len(most), np.nan)
    rows = np.flatnonzero(wanted & ~np.isnan(most))
    zero, top = np.zeros(len(rows)), most[rows]
    at_zero = score(zero, rows) > 0
    found[rows] = np.where(at_zero, zero, top)
    rows = rows[~at_zero & (score(top, rows) > 0)]
    low, high = np.zeros(len(rows)), most[rows]
    guess, spread = (each[rows] for each in about)
    place = np.where((guess > low) & (guess < high), guess, (low + high) / 2)
    slope = 1 / spread
    before, height_before = place, np.full(len(rows), np.nan)
    for _ in range(_SECANTS):
        if not len(rows):
            return found
        height = score(place, rows)
        low, high = np.where(height > 0, low, place), np.where(height > 0, place, high)
        with np.errstate(divide="ignore", invalid="ignore"):
            rise = (height - height_before) / (place - before)
            slope = np.where(np.isfinite(rise) & (rise > 0), rise, slope)
            following = place - height / slope
        inside = (following >= low) & (following <= high)
        done = inside & (np.abs(following - place) <= _CLOSE * following)
        found[rows[done]] = following[done]
        left = ~done
        following = np.where(inside, following, (low + high) / 2)
        before, height_before = place[left], height[left]
        rows, place, slope = rows[left], following[left], slope[left]
        low, high = low[left], high[left]
    found[rows] = _halved(score, low, high, rows)
    return found


def _halved(
    rising: Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    rows: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Halve between two bounds where ``rising`` passes zero; the ends where it does not."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        beyond = rising(middle, rows) > 0
        high = np.where(beyond, middle, high)
        low = np.where(beyond, low, middle)
    found: NDArray[np.float64] = (low + high) / 2
    return found


def _byar(expected: NDArray[np.float64], z: float) -> NDArray[np.float64]:
    """Invert Byar's lower limit (z positive), or his upper one in count + 1 (z negative)."""
    goal = np.cbrt(expected)
    # From the right of the root Newton's steps only ever come nearer.
    root = np.sqrt(goal + abs(z)) + 1
    for _ in range(_STEPS):
        square = root * root
        height = square - 1 / (9 * square * square) - z / (3 * root) - goal
        slope = 2 * root + 4 / (9 * square * square * root) + z / (3 * square)
        step = height / slope
        root = root - step
        if not (np.abs(step) > 1e-15 * root).any():
            break
    found: NDArray[np.float64] = root**6
    return found
