"""Moran's statistics on arrays: the figures, their moments and their permutations.

Frames, states and words are in :mod:`bolton_jsna.measures.spatial`.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from bolton_jsna.measures._arrays import Array

WeightStyle = Literal["row", "binary"]
Alternative = Literal["two-sided", "greater", "less"]

BLOCK = 8
"""Permutations handled at once: wide enough for fast products, narrow enough for the cache."""

ROUNDING = 1e-11
"""The largest difference between sums of the same values in another order."""


def standardised(links: Any, style: WeightStyle) -> Any:
    """Return the weights as a sparse matrix: links of one, or rows that sum to one."""
    from scipy import sparse

    if style == "binary":
        return links
    numbers = links.sum(axis=1)
    return sparse.csr_array(sparse.diags_array(1 / numbers) @ links)


def global_i(x: Array, y: Array, weights: Any) -> float:
    """Return Moran's I of deviations from the mean; bivariate when ``y`` is not ``x``."""
    # (n / S0) sum over i and j of w(i, j) x(i) y(j) / sqrt(sum x^2 sum y^2).
    return float(x @ (weights @ y) * len(x) / weights.sum() / np.sqrt((x @ x) * (y @ y)))


def moments(z: Array, weights: Any) -> tuple[float, float]:
    """Return the mean and variance of Moran's I under randomisation."""
    # Cliff and Ord 1981, pages 21 and 42 onwards: every order of the values is equally likely.
    n = len(z)
    both = weights + weights.T
    s0 = float(weights.sum())
    s1 = float(both.multiply(both).sum()) / 2
    s2 = float(((weights.sum(axis=0) + weights.sum(axis=1)) ** 2).sum())
    kurtosis = float((z**4).mean() / (z**2).mean() ** 2)
    expected = -1 / (n - 1)
    first = n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    second = kurtosis * ((n * n - n) * s1 - 2 * n * s2 + 6 * s0**2)
    square = (first - second) / ((n - 1) * (n - 2) * (n - 3) * s0**2)
    return expected, square - expected**2


def global_permuted(
    x: Array, y: Array, weights: Any, permutations: int, rng: np.random.Generator
) -> Array:
    """Return the statistic for values put on the areas in random order, shape (permutations,)."""
    # One variable (``y is x``): its values change places. Two: those of ``y`` do, ``x`` stays.
    from scipy import sparse

    n = len(x)
    scale = n / weights.sum() / np.sqrt((x @ x) * (y @ y))
    found: Array = np.empty(permutations)
    # Shuffling what has been shuffled gives a fresh random order, and saves a copy.
    mixed = y.copy()
    if y is not x:
        reach = weights.T @ x
        for each in range(permutations):
            rng.shuffle(mixed)
            # Not @, which would start the threads of BLAS for a small sum.
            found[each] = np.einsum("i,i", mixed, reach)
        found *= scale
        return found
    # z'Wz counts a pair once from either side: half the links will do, and the diagonal is empty.
    half = sparse.csr_array(sparse.triu(weights + weights.T, 1))
    block = np.empty((n, BLOCK))
    for start in range(0, permutations, BLOCK):
        size = min(BLOCK, permutations - start)
        drawn = block[:, :size]
        for column in range(size):
            rng.shuffle(mixed)
            drawn[:, column] = mixed
        found[start : start + size] = np.einsum("ij,ij->j", drawn, half @ drawn)
    found *= scale
    return found


def tails(observed: float, simulated: Array, alternative: Alternative) -> tuple[int, int, float]:
    """Return how many permutations are at least and at most as great, and the p-value."""
    slack = ROUNDING * max(1.0, abs(observed))
    above = int((simulated >= observed - slack).sum())
    below = int((simulated <= observed + slack).sum())
    p = p_values(np.array([above]), np.array([below]), len(simulated), alternative)
    return above, below, float(p[0])


def p_values(above: Array, below: Array, permutations: int, alternative: Alternative) -> Array:
    """Return (1 + more extreme) / (1 + permutations); two-sided is twice the smaller tail."""
    upper: Array = (1 + above) / (1 + permutations)
    lower: Array = (1 + below) / (1 + permutations)
    if alternative == "greater":
        return upper
    if alternative == "less":
        return lower
    return np.asarray(np.minimum(1.0, 2 * np.minimum(upper, lower)))


def lag_tails(
    y: Array, links: Any, permutations: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Return, by area, how many permutations have a neighbours' sum as high, and as low."""
    # The reference of an area with k neighbours is the sum of ``y`` over k areas drawn without
    # replacement from all others; the area itself stays (conditional permutation, Anselin
    # 1995). Each permutation draws one sample of areas that all areas share: an area takes the
    # first k of it that are not itself. So areas with the same k share one sorted reference; only
    # the few entries in which an area is itself in the sample are corrected. The cost is that of
    # the samples, not of areas times samples.
    n = len(y)
    numbers = np.diff(links.indptr)
    most = int(numbers.max())
    width = min(most + 1, n)
    drawn = np.empty((permutations, width), dtype=np.int64)
    for each in range(permutations):
        drawn[each] = rng.choice(n, size=width, replace=False)
    sums = np.cumsum(y[drawn], axis=1)
    observed = links @ y
    slack = ROUNDING * np.abs(y).max() * numbers
    floor, ceiling = observed - slack, observed + slack

    above = np.empty(n, dtype=np.int64)
    below = np.empty(n, dtype=np.int64)
    for number in np.unique(numbers):
        reference = np.sort(sums[:, number - 1])
        own = numbers == number
        above[own] = permutations - np.searchsorted(reference, floor[own], side="left")
        below[own] = np.searchsorted(reference, ceiling[own], side="right")

    for place in range(most):
        areas = drawn[:, place]
        mended = np.flatnonzero(place < numbers[areas])
        areas = areas[mended]
        k = numbers[areas]
        wrong = sums[mended, k - 1]
        right = sums[mended, k] - y[areas]
        up = (right >= floor[areas]).astype(int) - (wrong >= floor[areas])
        down = (right <= ceiling[areas]).astype(int) - (wrong <= ceiling[areas])
        np.add.at(above, areas, up)
        np.add.at(below, areas, down)
    return above, below
