"""Ratio and difference of two rates: limits and p-values, as arrays."""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from bolton_jsna.core.errors import UsageError, choice
from bolton_jsna.measures._arrays import Array, Floats
from bolton_jsna.measures._bisection import bisected
from bolton_jsna.measures._intervals import confidence_level

RatioMethod = Literal["auto", "exact", "mid_p", "log"]

METHODS: Final = {
    "exact": "Exact conditional",
    "mid_p": "Mid-p conditional",
    "log": "Log-normal",
}
"""The methods for a ratio, and the names that a result carries."""

EXACT_BELOW: Final = 100
"""With ``auto``, ratios with fewer events on either side are exact, others log-normal."""

_CLOSE_ENOUGH: Final = 1e-13


class RatioLimits(NamedTuple):
    """Ratios of rates, their limits, p-values of "the rates are equal", and methods.

    ``ratio`` is missing where the second count is zero, ``upper`` is infinite there. ``method``
    holds keys of :data:`METHODS`.
    """

    ratio: Array
    lower: Array
    upper: Array
    p: Array
    method: Array


class _Pairs(NamedTuple):
    """Events and people of both sides, and how much their variance exceeds that of a Poisson."""

    x: Array
    m: Array
    y: Array
    n: Array
    spread_x: Array
    spread_y: Array

    def ratio(self, odds: Array) -> Array:
        return np.asarray(odds * (self.n / self.m))

    def at(self, rows: Array) -> _Pairs:
        return _Pairs(*(each[rows] for each in self))


def ratio_limits(
    events: ArrayLike,
    people: ArrayLike,
    other_events: ArrayLike,
    other_people: ArrayLike,
    *,
    confidence: float = 0.95,
    method: RatioMethod = "auto",
    variance: ArrayLike = 1.0,
    other_variance: ArrayLike = 1.0,
) -> RatioLimits:
    """Return the ratios of two rates with confidence limits and p-values."""
    # Given the total, the first count is binomial with probability r m / (r m + n) for a ratio of
    # rates r and m, n people: Przyborowski and Wilenski 1940; Rothman, Greenland and Lash 2008,
    # ch. 14. Variance of the logarithm: 1/x + 1/y, each times its variance factor.
    level = confidence_level(confidence)
    choice("method", method, ("auto", *METHODS))
    arrays = (events, people, other_events, other_people, variance, other_variance)
    named = [np.atleast_1d(np.asarray(each, dtype=float)) for each in arrays]
    pairs = _Pairs(*np.broadcast_arrays(*named))
    _check(pairs)
    how = _how(pairs, method)
    ratio = np.full(how.shape, np.nan)
    some_below = pairs.y > 0
    ratio[some_below] = (pairs.x / pairs.m)[some_below] / (
        pairs.y[some_below] / pairs.n[some_below]
    )
    lower, upper, p = (np.full(how.shape, np.nan) for _ in range(3))
    solve = {"exact": _exact, "mid_p": _mid_p, "log": _log}
    for name, function in solve.items():
        rows = how == name
        if rows.any():
            lower[rows], upper[rows], p[rows] = function(pairs.at(rows), 1 - level)
    return RatioLimits(ratio, lower, upper, p, how)


def difference_limits(
    one: tuple[ArrayLike, ...], other: tuple[ArrayLike, ...]
) -> tuple[Floats, Floats, Floats]:
    """Return the differences of two rates with limits recovered from those of each."""
    # Method of variance estimates recovery, Zou and Donner 2008: lower d - sqrt((r1 - l1)^2 + (u2
    # - r2)^2), upper d + sqrt((u1 - r1)^2 + (r2 - l2)^2). It keeps the asymmetry of the limits of
    # small counts. The rates are taken as independent.
    rate, low, high = (np.asarray(each, dtype=float) for each in one)
    rate_two, low_two, high_two = (np.asarray(each, dtype=float) for each in other)
    difference = rate - rate_two
    return (
        difference,
        difference - np.hypot(rate - low, high_two - rate_two),
        difference + np.hypot(high - rate, rate_two - low_two),
    )


def _check(pairs: _Pairs) -> None:
    for name, values in (("events", pairs.x), ("events", pairs.y)):
        if (values < 0).any():
            found = values[values < 0][0]
            raise UsageError(f"A number of {name} is zero or more; found {found:g}.")
    for values in (pairs.m, pairs.n):
        if (values <= 0).any():
            found = values[values <= 0][0]
            raise UsageError(f"A ratio of rates needs people at risk; found {found:g}.")
    for values in (pairs.spread_x, pairs.spread_y):
        if (values <= 0).any():
            found = values[values <= 0][0]
            raise UsageError(f"A variance over its count is above zero; found {found:g}.")


def _how(pairs: _Pairs, method: RatioMethod) -> Array:
    """Return the method for each pair; empty if it cannot be compared."""
    fewest = np.minimum(pairs.x, pairs.y)
    poisson = (pairs.spread_x == 1) & (pairs.spread_y == 1)
    if method == "auto":
        logs = (fewest >= EXACT_BELOW) | (~poisson & (fewest > 0))
        how = np.where(logs, "log", "exact")
    elif method == "log":
        # The logarithm of zero has no variance; these rows are exact.
        how = np.where(fewest > 0, "log", "exact")
    else:
        how = np.where(poisson | (fewest == 0), method, "log")
    missing = np.isnan(pairs.x + pairs.m + pairs.y + pairs.n + pairs.spread_x + pairs.spread_y)
    return np.where(missing, "", how)


def _exact(pairs: _Pairs, alpha: float) -> tuple[Array, Array, Array]:
    x, y = pairs.x, pairs.y
    with np.errstate(divide="ignore", invalid="ignore"):
        # The shares depend on the two counts alone, and many rows have the same two.
        _, first, place = np.unique(x + 1j * y, return_index=True, return_inverse=True)
        few, others = x[first], y[first]
        low = special.betaincinv(np.maximum(few, 1), others + 1, alpha / 2)[place]
        # From the other side, so that a share near 1 keeps its digits.
        high = special.betaincinv(np.maximum(others, 1), few + 1, alpha / 2)[place]
        lower = np.where(x > 0, pairs.ratio(low / (1 - low)), 0.0)
        upper = np.where(y > 0, pairs.ratio((1 - high) / high), np.inf)
    at_most, at_least = _tails(x, y, pairs.m / (pairs.m + pairs.n))
    return lower, upper, np.minimum(1, 2 * np.minimum(at_most, at_least))


def _tails(x: Array, y: Array, share: Array) -> tuple[Array, Array]:
    """Probabilities of at most and at least x of x + y events with a share of each."""
    at_least = np.where(x > 0, special.betainc(np.maximum(x, 1), y + 1, share), 1.0)
    at_most = np.where(y > 0, special.betainc(np.maximum(y, 1), x + 1, 1 - share), 1.0)
    return at_most, at_least


def _mid_p(pairs: _Pairs, alpha: float) -> tuple[Array, Array, Array]:
    x, y = pairs.x, pairs.y
    outer_low, outer_high, _ = _exact(pairs, alpha)
    unit = pairs._replace(m=np.ones_like(x), n=np.ones_like(x))
    point = (x + 0.5) / (y + 0.5)
    low = _root(unit, alpha / 2, outer_low * pairs.m / pairs.n, point)
    # The upper limit is the lower one of the ratio upside down.
    turned = unit._replace(x=y, y=x)
    with np.errstate(divide="ignore"):
        floor = np.where(np.isinf(outer_high), 0.0, pairs.n / (outer_high * pairs.m))
    high = _root(turned, alpha / 2, floor, 1 / point)
    with np.errstate(divide="ignore"):
        lower = np.where(x > 0, pairs.ratio(low), 0.0)
        upper = np.where(y > 0, pairs.ratio(1 / high), np.inf)
    share = pairs.m / (pairs.m + pairs.n)
    at_most, at_least = _tails(x, y, share)
    # Half of what was seen, by the tail without it: small tails keep their digits.
    fewer = np.where(x > 0, special.betainc(y + 1, np.maximum(x, 1), 1 - share), 0.0)
    more = np.where(y > 0, special.betainc(x + 1, np.maximum(y, 1), share), 0.0)
    return lower, upper, np.minimum(1, np.minimum(at_most + fewer, at_least + more))


def _root(pairs: _Pairs, tail: float, low: Array, high: Array) -> Array:
    """Odds at which more than x, and half of x, have the probability of the tail."""

    # On the logarithm, between the exact limit and past the estimate; the probability grows with
    # the odds.
    def above(log_odds: Array) -> Any:
        odds = np.exp(log_odds)
        at_most, at_least = _tails(pairs.x, pairs.y, odds / (1 + odds))
        return (at_least + 1 - at_most) / 2 - tail

    left = np.log(np.where(pairs.x > 0, np.maximum(low, 1e-300), 1.0))
    right = np.log(np.maximum(high, 1e-300)) + 1
    return np.exp(bisected(above, left, right, close=_CLOSE_ENOUGH))


def _log(pairs: _Pairs, alpha: float) -> tuple[Array, Array, Array]:
    ratio = (pairs.x / pairs.m) / (pairs.y / pairs.n)
    error = np.sqrt(pairs.spread_x / pairs.x + pairs.spread_y / pairs.y)
    reach = np.exp(special.ndtri(1 - alpha / 2) * error)
    return ratio / reach, ratio * reach, 2 * special.ndtr(-np.abs(np.log(ratio)) / error)
