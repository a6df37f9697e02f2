"""Correlations of two columns with limits, or the reason why there is none."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from bolton_jsna.measures._arrays import Floats

LEAST_PAIRS: Final = 4
"""The standard error is divided by the root of n - 3."""

LEAST_RANKED: Final = 10
"""Under this many pairs the limits of a rank correlation are a rough guide."""


class Correlation(NamedTuple):
    """A correlation, its limits and p-value; missing with the reason where there is none."""

    estimate: float
    lower: float
    upper: float
    p: float
    method: str | None
    reason: str | None


def pearson(x: ArrayLike, y: ArrayLike, level: float = 0.95) -> Correlation:
    """Return the product-moment correlation of pairs, with limits by Fisher's z."""
    # Limits tanh(atanh r -+ z / sqrt(n - 3)): Fisher 1921; Altman and others 2000, chapter 11.
    return _correlation(x, y, level, "Pearson, Fisher's z")


def spearman(x: ArrayLike, y: ArrayLike, level: float = 0.95) -> Correlation:
    """Return the rank correlation of pairs, with limits after Bonett and Wright."""
    # Fisher's z with the standard error sqrt((1 + r^2 / 2) / (n - 3)): Bonett and Wright 2000,
    # Psychometrika 65: 23-28.
    first, second = (pd.Series(values, dtype=float).rank().to_numpy() for values in (x, y))
    found = _correlation(first, second, level, "Spearman, Bonett-Wright", ranked=True)
    if found.reason is None and len(first) < LEAST_RANKED:
        return found._replace(reason=f"limits are rough under {LEAST_RANKED} areas")
    return found


def _correlation(
    x: ArrayLike, y: ArrayLike, level: float, method: str, *, ranked: bool = False
) -> Correlation:
    first, second = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    n = len(first)
    nothing = Correlation(math.nan, math.nan, math.nan, math.nan, None, None)
    if n < LEAST_PAIRS:
        return nothing._replace(reason=f"{n} areas; expected {LEAST_PAIRS} or more")
    if _alike(first) or _alike(second):
        return nothing._replace(reason="every area has the same value")
    a, b = first - first.mean(), second - second.mean()
    r = float(np.clip((a @ b) / math.sqrt((a @ a) * (b @ b)), -1, 1))
    if abs(r) > 1 - 1e-12:
        r = math.copysign(1.0, r)
        return Correlation(r, r, r, 0.0, method, None)
    spread = 1 + r * r / 2 if ranked else 1.0
    half = float(special.ndtri(1 - (1 - level) / 2)) * math.sqrt(spread / (n - 3))
    t = r * math.sqrt((n - 2) / (1 - r * r))
    p = float(2 * special.stdtr(n - 2, -abs(t)))
    low, high = math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)
    return Correlation(r, low, high, p, method, None)


def _alike(values: Floats) -> bool:
    """Return whether values differ by rounding only."""
    return bool(values.max() - values.min() <= 1e-12 * abs(values).max())
