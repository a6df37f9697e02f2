"""The counts at which a target leaves the interval of a count: limits of a funnel, as arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.measures.intervals import EXACT_BELOW, count_limits

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HALVINGS: Final = 60
_STEPS: Final = 40


def poisson_reach(
    expected: NDArray[np.float64],
    level: float,
    *,
    exact: bool = False,
    widening: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the counts below and above which a Poisson count is outside its limits.

    Parameters
    ----------
    expected : ndarray of float, shape (n,)
        Events expected at the target, more than zero.
    level : float
        Confidence level.
    exact : bool, default False
        Exact Poisson limits at all counts; otherwise those of
        :func:`~bolton_jsna.measures.intervals.count_limits`, exact under 10 and Byar's above.
    widening : ndarray of float, shape (n,), optional
        How many times as far from the count its limits lie where events recur within a person.
        With ``exact`` the distances from what is expected are multiplied instead.

    Returns
    -------
    lower, upper : ndarray of float, shape (n,)
        A count is above ``upper`` just where the lower limit of its interval is above ``expected``,
        and below ``lower`` just where the upper limit is below it.

    Notes
    -----
    Exact: P(X <= lower) = P(X >= upper) = half of what is left over, with the gamma function
    between whole counts; where no count is few enough, ``lower`` is 0. Byar's formula is inverted
    in the sixth root of the count.

    Examples
    --------
    >>> import numpy as np
    >>> lower, upper = poisson_reach(np.array([284.95, 355.999]), 0.95)
    >>> upper.round(2).tolist()[0], lower.round(2).tolist()[1]
    (319.0, 319.0)
    """
    import numpy as np
    from scipy import special

    tail = (1 - level) / 2
    most = expected + 40 * np.sqrt(expected) + 40

    def tail_below(count: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
        found: NDArray[Any] = special.gammaincc(count + 1, expected[rows]) - tail
        return found

    def tail_above(count: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
        found: NDArray[Any] = tail - special.gammainc(np.maximum(count, 1e-300), expected[rows])
        return found

    every = np.ones(len(expected), dtype=bool)
    if exact:
        lower, upper = _root(tail_below, most, every), _root(tail_above, most, every)
        if widening is None:
            return lower, upper
        return (
            np.maximum(expected - widening * (expected - lower), 0.0),
            expected + widening * (upper - expected),
        )
    if widening is not None:
        return _widened_reach(expected, level, widening)
    z = float(special.ndtri(1 - tail))
    least, greatest = (float(limit[0]) for limit in count_limits([EXACT_BELOW], level))
    almost = np.nextafter(EXACT_BELOW, 0)
    few = ~(expected >= greatest)
    lower = np.where(few, np.minimum(_root(tail_below, most, few), almost), _byar(expected, -z) - 1)
    few = ~(expected >= least)
    upper = np.where(few, np.minimum(_root(tail_above, most, few), almost), _byar(expected, z))
    return lower, upper


def _widened_reach(
    expected: NDArray[np.float64], level: float, widening: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the counts whose widened limits just leave out what is expected."""
    import numpy as np

    def stretched(count: NDArray[Any], rows: NDArray[Any], side: int) -> NDArray[Any]:
        limit = count_limits(count, level)[side]
        found: NDArray[Any] = count + widening[rows] * (limit - count) - expected[rows]
        return found

    most = expected + widening * (40 * np.sqrt(expected) + 40) + 40 * widening**2
    every = np.ones(len(expected), dtype=bool)
    return (
        _root(lambda count, rows: stretched(count, rows, 1), most, every),
        _root(lambda count, rows: stretched(count, rows, 0), most, every),
    )


def binomial_reach(
    totals: NDArray[np.float64], target: NDArray[np.float64], level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the counts below and above which a binomial count is outside its exact limits.

    Parameters
    ----------
    totals, target : ndarray of float, shape (n,)
        Numbers of all, and the share expected of each.
    level : float
        Confidence level.

    Returns
    -------
    lower, upper : ndarray of float, shape (n,)
        0 and the total where no count is extreme enough.

    Notes
    -----
    P(X <= lower) = P(X >= upper) = half of what is left over, with the beta function between
    whole counts: the counterpart of Clopper and Pearson's interval.

    Examples
    --------
    >>> import numpy as np
    >>> lower, upper = binomial_reach(np.array([100.0]), np.array([0.5]), 0.95)
    >>> lower.round(1).tolist(), upper.round(1).tolist()
    ([39.7], [60.3])
    """
    import numpy as np
    from scipy import special

    tail = (1 - level) / 2
    every = np.ones(len(totals), dtype=bool)

    def tail_below(count: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
        rest = np.maximum(totals[rows] - count, 1e-300)
        found: NDArray[Any] = special.betainc(rest, count + 1, 1 - target[rows]) - tail
        return found

    def tail_above(count: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
        rest = np.maximum(totals[rows] - count, 0) + 1
        found: NDArray[Any] = tail - special.betainc(np.maximum(count, 1e-300), rest, target[rows])
        return found

    return _root(tail_below, totals, every), _root(tail_above, totals, every)


def _root(
    rising: Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]],
    most: NDArray[np.float64],
    wanted: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Halve from 0 to ``most`` where ``rising`` passes zero; the ends where it does not."""
    import numpy as np

    rows = np.flatnonzero(wanted)
    low, high = np.zeros(len(rows)), most[rows].copy()
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        beyond = rising(middle, rows) > 0
        high = np.where(beyond, middle, high)
        low = np.where(beyond, low, middle)
    found = np.full(len(most), np.nan)
    # Halving ends a hair above nought where nought itself is the answer.
    found[rows] = np.where(rising(np.zeros(len(rows)), rows) > 0, 0.0, (low + high) / 2)
    found[np.isnan(most)] = np.nan
    return found


def _byar(expected: NDArray[np.float64], z: float) -> NDArray[np.float64]:
    """Invert Byar's lower limit (z positive), or his upper one in count + 1 (z negative)."""
    import numpy as np

    goal = np.cbrt(expected)
    # From the right of the root Newton's steps only ever come nearer.
    root = np.sqrt(goal + abs(z)) + 1
    for _ in range(_STEPS):
        height = root**2 - 1 / (9 * root**4) - z / (3 * root) - goal
        slope = 2 * root + 4 / (9 * root**5) + z / (3 * root**2)
        root = root - height / slope
    found: NDArray[np.float64] = root**6
    return found
