"""Rates that follow a gamma distribution over areas, with unknown mean and spread."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from scipy import special

from bolton_jsna.measures._arrays import Floats, Positions

MANY: Final = 1_000
"""With so many areas the mean and spread are well known, and a coarse grid is enough."""

LEAST_SHAPE: Final = 0.1
"""The smallest shape: rates do not vary by more than three times their mean."""

_EDGE: Final = 9.0
"""The spread is searched where the logit of the shrinkage is within this of 0."""
_DROP: Final = 10.0
"""Points of the grid whose log density is further below the highest are left out."""
_PART: Final = 400_000
"""Cells of an array that are worked on at once."""


class Posterior(NamedTuple):
    """Limits and probabilities of the rate of each area, an entry per area.

    ``lower`` and ``upper`` are limits per person, ``exceeds`` the probability of a rate above the
    benchmark, ``shrinkage`` the expected share of the common rate in an area of median size, and
    ``size`` the events of such an area at the rate of the areas together.
    """

    lower: Floats
    upper: Floats
    exceeds: Floats
    shrinkage: Floats
    size: Floats


class _Grid(NamedTuple):
    """Points for the mean and the shape of each circle's rates, shape (circles, points)."""

    mean: Floats
    shape: Floats
    weight: Floats
    shrinkage: Floats
    size: Floats


class _Circles(NamedTuple):
    """Areas that are smoothed together: the counts and people of each member of each circle."""

    events: Floats
    people: Floats
    starts: Positions
    place: Positions

    def add(self, values: Floats) -> Floats:
        """Sum over the members of each circle."""
        return np.asarray(np.add.reduceat(values, self.starts, axis=0))


def rate_posterior(
    events: Floats, people: Floats, links: Any, *, level: float, benchmark: float | Floats
) -> Posterior:
    """Return limits of each area's rate, and the probability that it is above a benchmark."""
    # Counts are Poisson around rates that follow a gamma distribution of mean m and shape k. Given
    # m and k a rate is gamma with shape k + O and rate k / m + P. Both are summed over a grid,
    # weighted by the negative binomial likelihood of the counts and by a prior: Jeffreys' for m,
    # and for the shrinkage B = k / (k + e) the density 2 (1 - B), e being the events expected in
    # an area of median size. Christiansen and Morris 1997 (JASA 92: 618-632) take B to be uniform;
    # the limits then hold the true rate too seldom where areas differ by about as much as chance
    # makes them differ, because the estimate of the spread is zero or close to it too often.
    n = len(events)
    found = np.full((5, n), np.nan)
    benchmarks = np.broadcast_to(np.asarray(benchmark, dtype=float), n)
    if links is None:
        if n < 2 or not events.sum() > 0:
            return Posterior(*found)
        whole = _Circles(events, people, np.zeros(1, np.intp), np.zeros(n, np.intp))
        fine = (5, 5) if n >= MANY else (21, 11)
        grid = _grid(whole, *fine)
        kept = grid.weight[0] > 1e-6 * grid.weight[0].max()
        mean, shape, weight, share = (each[:, kept] for each in grid[:-1])
        grid = _Grid(mean, shape, weight, share, grid.size)
        step = max(1, _PART // int(kept.sum()))
        for start in range(0, n, step):
            some = np.arange(start, min(start + step, n))
            found[:, some] = _of_areas(
                events[some], people[some], grid, np.zeros(len(some), np.intp),
                level=level, benchmark=benchmarks[some],
            )  # fmt: skip
        return Posterior(*found)
    table = links.tocsr()
    degree = np.diff(table.indptr)
    around = events + table @ events
    able = np.flatnonzero((degree > 0) & (around > 0))
    size = int(degree.max(initial=0)) + 1
    step = max(1, _PART // (13 * 7 * size))
    for start in range(0, len(able), step):
        some = able[start : start + step]
        near = table[some]
        count = np.diff(near.indptr) + 1
        starts = np.r_[0, np.cumsum(count)[:-1]]
        members = np.insert(near.indices, near.indptr[:-1], some)
        circles = _Circles(
            events[members], people[members], starts, np.repeat(np.arange(len(some)), count)
        )
        found[:, some] = _of_areas(
            events[some], people[some], _grid(circles, 13, 7), np.arange(len(some)),
            level=level, benchmark=benchmarks[some],
        )  # fmt: skip
    return Posterior(*found)


def _grid(circles: _Circles, spreads: int, means: int) -> _Grid:
    """Return the points of a grid over the mean and shape of each circle, with their weights."""
    total, everyone = circles.add(circles.events), circles.add(circles.people)
    pooled = total / everyone
    size = _medians(circles) * pooled
    least = np.clip(np.log(LEAST_SHAPE / size), -_EDGE, _EDGE - 1)
    logit = np.linspace(least, _EDGE, 37, axis=1)
    shape = size[:, None] * np.exp(logit)
    middle, error = _mode(circles, shape, pooled)
    height = _height(circles, shape, middle) + np.log(error) + _prior(logit)
    near = height > height.max(axis=1, keepdims=True) - _DROP
    last = near.shape[1] - 1
    ends = near.argmax(axis=1) - 1, last - near[:, ::-1].argmax(axis=1) + 1
    row = np.arange(len(size))
    lowest, highest = (logit[row, np.clip(end, 0, last)] for end in ends)
    logit = np.linspace(lowest, highest, spreads, axis=1)
    shape = size[:, None] * np.exp(logit)
    middle, error = _mode(circles, shape, pooled)
    reach = 5.0 if means > 7 else 3.0 if means > 5 else 2.5
    away = np.linspace(-reach, reach, means)
    log_mean = middle[..., None] + error[..., None] * away
    flat = (len(size), -1)
    shapes = np.repeat(shape, means, axis=1)
    log_mean = log_mean.reshape(flat)
    height = _height(circles, shapes, log_mean)
    height += np.repeat(np.log(error) + _prior(logit), means, axis=1)
    weight = np.exp(height - height.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    shrinkage = np.repeat(special.expit(logit), means, axis=1)
    return _Grid(np.exp(log_mean), shapes, weight, shrinkage, size)


def _medians(circles: _Circles) -> Floats:
    """Return the median of the people of each circle's members."""
    order = np.lexsort((circles.people, circles.place))
    people = circles.people[order]
    count = np.diff(np.r_[circles.starts, len(people)])
    low, high = circles.starts + (count - 1) // 2, circles.starts + count // 2
    return np.asarray((people[low] + people[high]) / 2)


def _prior(logit: Floats) -> Floats:
    """Return the log density of the logit of a shrinkage B whose density is 2 (1 - B)."""
    return np.asarray(-2 * np.logaddexp(0, logit) - np.logaddexp(0, -logit))


def _mode(circles: _Circles, shape: Floats, pooled: Floats) -> tuple[Floats, Floats]:
    """Return the most likely log mean for each shape, and its standard error."""
    k = shape[circles.place]
    events, people = circles.events[:, None], circles.people[:, None]
    log_mean = np.log(np.broadcast_to(pooled[:, None], shape.shape)).copy()
    for _ in range(8):
        expected = np.exp(log_mean)[circles.place] * people
        ahead = circles.add(k * (events - expected) / (k + expected))
        bend = circles.add(k * expected * (k + events) / (k + expected) ** 2)
        log_mean += np.clip(ahead / bend, -1, 1)
    return log_mean, 1 / np.sqrt(bend)


def _height(circles: _Circles, shape: Floats, log_mean: Floats) -> Floats:
    """Return the log density of each circle's counts at each point, with Jeffreys' prior of m."""
    k = shape[circles.place]
    events = circles.events[:, None]
    ratio = np.exp(log_mean)[circles.place] * circles.people[:, None] / k
    each = special.gammaln(events + k) - special.gammaln(k)
    each += events * np.log(ratio) - (events + k) * np.log1p(ratio)
    known = circles.add(k * ratio / (1 + ratio))
    return np.asarray(circles.add(each) + 0.5 * np.log(known))


def _of_areas(
    events: Floats,
    people: Floats,
    grid: _Grid,
    place: Positions,
    *,
    level: float,
    benchmark: Floats,
) -> Floats:
    """Return the fields of :class:`Posterior` for some areas, shape (5, n)."""
    shape = grid.shape[place] + events[:, None]
    rate = (grid.shape / grid.mean)[place] + people[:, None]
    weight = grid.weight[place]
    tail = (1 - level) / 2
    exceeds = (weight * special.gammaincc(shape, rate * benchmark[:, None])).sum(axis=1)
    # Weights add up to 1 but for rounding.
    exceeds = np.minimum(exceeds, 1.0)
    shrinkage = (weight * grid.shrinkage[place]).sum(axis=1)
    lower = _quantile(shape, rate, weight, tail, upper=False)
    upper = _quantile(shape, rate, weight, tail, upper=True)
    return np.stack([lower, upper, exceeds, shrinkage, grid.size[place]])


def _quantile(shape: Floats, rate: Floats, weight: Floats, tail: float, *, upper: bool) -> Floats:
    """Return where a mixture of gamma distributions leaves a tail."""
    # Newton's steps for the log of the tail over the log of the rate: for a gamma distribution it
    # is concave, and nearly a line far out.
    mean = (weight * shape / rate).sum(axis=1)
    square = (weight * shape * (shape + 1) / rate**2).sum(axis=1)
    variance = np.maximum(square - mean**2, 1e-12 * mean**2)
    inverse = special.gammainccinv if upper else special.gammaincinv
    start = inverse(mean**2 / variance, tail) * variance / mean
    point = np.log(np.maximum(start, 1e-12 * mean))
    part = special.gammaincc if upper else special.gammainc
    constant = shape * np.log(rate) - special.gammaln(shape)
    for _ in range(40):
        here = np.exp(point)[:, None]
        size = (weight * part(shape, rate * here)).sum(axis=1)
        density = (weight * np.exp(constant + shape * point[:, None] - rate * here)).sum(axis=1)
        slope = np.maximum(density, 1e-300) / np.maximum(size, 1e-300)
        step = (np.log(np.maximum(size, 1e-300)) - np.log(tail)) / slope
        step = np.clip(step if upper else -step, -2, 2)
        point += step
        if not (np.abs(step) > 1e-9).any():
            break
    return np.asarray(np.exp(point))
