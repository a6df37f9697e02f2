"""Ends and ticks of axes: round numbers and years."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from bolton_jsna.charts._spec import Axis

_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)


def number_axis(
    values: Iterable[float],
    label: str,
    *,
    from_zero: bool = False,
    most: int = 6,
    grid: bool = True,
    unit: str = "",
) -> Axis:
    """Return an axis of numbers that holds all values, with ticks at round numbers."""
    known = [float(each) for each in values if np.isfinite(each)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if from_zero or (low >= 0 and low < 0.5 * high):
        low = min(low, 0.0)
    if high == low:
        high = low + (abs(low) or 1.0)
    step = _step((high - low) / (most - 1))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    decimals = next(each for each in range(9) if round(step, each) == step or each == 8)
    ticks = tuple(
        (each * step, f"{each * step + 0.0:,.{decimals}f}{unit}") for each in range(first, last + 1)
    )
    return Axis(label, first * step, last * step, ticks, grid=grid)


def _step(rough: float) -> float:
    """Return the round number next above a step."""
    size = 10.0 ** math.floor(math.log10(rough))
    return next(each * size for each in _STEPS if each * size >= rough * (1 - 1e-9))


def year_axis(years: Iterable[int], label: str = "", *, most: int = 8) -> Axis:
    """Return an axis of years with a tick at the first, the last and round steps between."""
    known = sorted({int(each) for each in years})
    first, last = known[0], known[-1]
    step = next(each for each in (1, 2, 3, 5, 10, 20, 50) if (last - first) / each < most)
    at = list(range(last, first - 1, -step))[::-1]
    ticks = tuple((float(each), str(each)) for each in at)
    return Axis(label, float(first), float(last), ticks)


def category_axis(names: Sequence[str], label: str = "") -> Axis:
    """Return an axis of names at 0, 1, 2, ..."""
    ticks = tuple((float(at), name) for at, name in enumerate(names))
    return Axis(label, -0.5, len(names) - 0.5, ticks, categories=True)
