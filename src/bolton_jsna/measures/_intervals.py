"""Confidence limits of counts and proportions, as arrays.

Methods as OHID's technical guide for public health data: Byar's approximation for counts of ten
and more (Breslow and Day 1987), the exact Poisson limits by way of the chi-square distribution
below ten (Armitage and Berry 2002).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from bolton_jsna.core.arguments import is_number
from bolton_jsna.core.errors import UsageError
from bolton_jsna.measures._arrays import Floats, Positions

EXACT_BELOW = 10
"""Counts under this have exact limits, others Byar's."""

EXACT = "Exact Poisson"
BYAR = "Byar"
WILSON = "Wilson"


def confidence_levels(confidence: float | list[float] | tuple[float, ...]) -> dict[float, str]:
    """Return the confidence levels asked for, and the ending of the columns of each."""
    # One level gives ``lower``; several give ``lower_95``, ``lower_99_8`` and so on.
    given: Any = confidence
    several = isinstance(given, Iterable) and not isinstance(given, str)
    levels: tuple[Any, ...] = tuple(given) if several else (given,)
    for level in levels:
        if not is_number(level) or not 0.5 <= level < 1:
            raise UsageError(
                f"confidence={level} is not a level between 0.5 and 1. Write 95 per cent as 0.95."
            )
    if not levels or len(set(levels)) < len(levels):
        raise UsageError(f"confidence={confidence!r} must name one or more different levels.")
    if len(levels) == 1:
        return {float(levels[0]): ""}
    return {float(level): f"_{level_suffix(level)}" for level in levels}


def confidence_level(confidence: float) -> float:
    """Return the one confidence level asked for, checked."""
    level, *others = confidence_levels(confidence)
    if others:
        raise UsageError(f"confidence={confidence!r} names several levels; expected one.")
    return level


def level_suffix(level: float) -> str:
    """Return the end of a column name for a confidence level."""
    return re.sub(r"_?0*$", "", f"{level * 100:.6f}".replace(".", "_"))


def count_limits(counts: ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return the lower and upper confidence limit of each count of events."""
    # O >= 10: lower O(1 - 1/(9 O) - z/(3 sqrt O))^3, upper with O + 1 in the place of O and the
    # other sign. O < 10: the halved chi-square quantiles with 2 O and 2 O + 2 degrees of freedom,
    # here as quantiles of the gamma distribution; the lower limit of 0 is 0.
    level = confidence_level(confidence)
    events = as_floats(counts)
    if (events < 0).any():
        raise UsageError(
            f"A count is a number of events, zero or more; found {events[events < 0][0]:g}."
        )
    if np.isinf(events).any():
        raise UsageError("A count is a number of events; found an infinite one.")
    tail = (1 - level) / 2
    z = special.ndtri(1 - tail)
    small = np.flatnonzero(events < EXACT_BELOW)
    # The formula is undefined at 0; those cells are overwritten by the exact limits.
    base = events.copy()
    base[small] = np.nan
    lower = _byar(base, -z)
    base += 1
    upper = _byar(base, z)
    few, place = _distinct(events[small])
    lower[small] = np.where(few > 0, special.gammaincinv(np.maximum(few, 1e-300), tail), 0.0)[place]
    upper[small] = special.gammainccinv(few + 1, tail)[place]
    return lower, upper


def as_floats(values: ArrayLike | Sequence[float | None]) -> Floats:
    """Return values as an array of floats, missing as not-a-number."""
    # Whole numbers that may be missing do not become floats by themselves in pandas 2.2.
    try:
        if hasattr(values, "to_numpy"):
            values = values.to_numpy(dtype=float, na_value=np.nan)
        found: Floats = np.atleast_1d(np.asarray(values, dtype=float))
    except OverflowError:
        raise UsageError("The numbers hold one that is too large. Correct it.") from None
    return found


def _byar(events: Floats, z: float) -> Floats:
    # One array worked on in place: long columns need little memory, and a product is many times
    # faster than a third power.
    root = np.sqrt(events)
    root *= 3
    np.divide(z, root, out=root)
    root += 1
    root -= 1 / (9 * events)
    cube = root * root
    cube *= root
    cube *= events
    return cube


def _distinct(few: Floats) -> tuple[Floats, Positions]:
    whole = few.astype(np.intp)
    if (whole == few).all():
        return np.arange(EXACT_BELOW, dtype=float), whole
    found, place = np.unique(few, return_inverse=True)
    return found, place


def proportion_limits(
    counts: ArrayLike, totals: ArrayLike, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """Return the lower and upper confidence limit of each proportion."""
    # Wilson's score method (Wilson 1927; Newcombe and Altman 2000): with q = n - O the limits are
    # (2 O + z^2 -+ z sqrt(z^2 + 4 O q / n)) / (2 (n + z^2)).
    z = special.ndtri((1 + confidence_level(confidence)) / 2)
    some_of, all_of = as_floats(counts), as_floats(totals)
    wrong = (some_of < 0) | (some_of > all_of)
    if wrong.any():
        raise UsageError(
            f"{some_of[wrong][0]:g} of {all_of[wrong][0]:g} is not a proportion; expected a "
            "part from 0 to the whole."
        )
    whole = np.where(all_of > 0, all_of, np.nan)
    centre = 2 * some_of + z**2
    width = z * np.sqrt(z**2 + 4 * some_of * (whole - some_of) / whole)
    lower = (centre - width) / (2 * (whole + z**2))
    upper = (centre + width) / (2 * (whole + z**2))
    # Zero and all are exact; rounding would leave them just inside.
    return np.where(some_of == 0, 0.0 * whole, lower), np.where(some_of == whole, 1.0, upper)
