"""Roots of rising functions by bisection, for many rows at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_HALVINGS: Final = 60


def bisected(
    rising: Callable[[NDArray[Any]], Any],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    *,
    close: float = 0.0,
) -> NDArray[np.float64]:
    """Return where ``rising`` passes zero between two bounds; the bound itself if it does not."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        beyond = rising(middle) > 0
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
        if (high - low < close).all():
            break
    return (low + high) / 2
