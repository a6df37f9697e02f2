"""Limits of slope and relative indices by seeded draws, as OHID makes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from bolton_jsna.measures._arrays import Array

_AT_ONCE: Final = 8
"""How many groups' draws are in memory together."""

_SAMPLE: Final = 4_096
"""The number of draws that show roughly where a tail begins."""


class Groups(NamedTuple):
    """The quantiles of groups that have equally many, most deprived first: a row each."""

    people: Array
    value: Array
    error: Array


class Draws(NamedTuple):
    """The number of draws of a simulation, and their seed."""

    number: int
    seed: int

    def noise(self, quantiles: int) -> Array:
        """Standard normal draws, a row for each quantile: the same for every group."""
        # So a group's limits do not depend on the others.
        drawn = np.random.default_rng(self.seed).standard_normal((self.number, quantiles))
        return np.ascontiguousarray(drawn.T)


class FittedLines(NamedTuple):
    """Fitted lines: how much each value enters the two ends, and the values' own scatter."""

    most: Array
    least: Array
    scatter: Array
    """Variance of each value as the regression sees it: residual variance over the weight."""


def simulated_limits(
    groups: Groups, lines: FittedLines, tails: Sequence[float], draws: Draws
) -> dict[float, tuple[Array, Array]]:
    """Limits of slope and ratio for each tail, from one set of draws for all groups."""
    noise = draws.noise(groups.value.shape[1])
    shares = [each for tail in tails for each in (tail, 1 - tail)]
    most = (lines.most * groups.value).sum(axis=1)
    least = (lines.least * groups.value).sum(axis=1)
    slopes, ratios = (np.full((len(shares), len(most)), np.nan) for _ in range(2))
    # How the noise enters the slope and the two ends: no table of drawn values is made.
    entries = np.stack([lines.most - lines.least, lines.most, lines.least]) * groups.error
    for start in range(0, len(most), _AT_ONCE):
        block = range(start, min(start + _AT_ONCE, len(most)))
        drawn = entries[:, block].reshape(-1, entries.shape[2]) @ noise
        gaps, highs, lows = drawn.reshape(3, len(block), -1)
        for row, at in enumerate(block):
            middle = most[at] - least[at]
            slopes[:, at] = middle + _tail_quantiles(gaps[row], shares)
            low = lows[row] + least[at]
            positive = (low > 0).mean()
            if positive > 1 - max(tails):
                ratio = (highs[row] + most[at]) / low
                ratios[:, at] = _tail_quantiles(ratio, shares)
            for step, tail in enumerate(tails):
                if positive <= 1 - tail:
                    ratios[2 * step : 2 * step + 2, at] = np.nan
    return {
        tail: (slopes[2 * step : 2 * step + 2], ratios[2 * step : 2 * step + 2])
        for step, tail in enumerate(tails)
    }


def _tail_quantiles(values: Array, shares: Sequence[float]) -> Array:
    """Return quantiles as numpy.quantile does, of which each looks at its own tail only."""
    some_of, found = values[:_SAMPLE], []
    for share in shares:
        # From the lower end: the upper tail is that of the values turned over.
        sign, tail = (1, share) if share < 0.5 else (-1, 1 - share)
        place = tail * (len(values) - 1)
        rank = int(place)
        rough = np.quantile(sign * some_of, min(1.0, 1.2 * tail + 20 / _SAMPLE))
        inside = sign * values[values <= rough if sign > 0 else values >= -rough]
        if len(inside) < rank + 2:
            inside = sign * values
        ends = np.partition(inside, [rank, min(rank + 1, len(inside) - 1)])
        first, second = ends[rank], ends[min(rank + 1, len(ends) - 1)]
        found.append(sign * (first + (second - first) * (place - rank)))
    return np.array(found)
