"""Roots of rising functions by bisection, for many rows at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from bolton_jsna.measures._arrays import Array, Floats

_HALVINGS: Final = 60


def bisected(
    rising: Callable[[Array], Any], low: Floats, high: Floats, *, close: float = 0.0
) -> Floats:
    """Return where ``rising`` passes zero between two bounds; the bound itself if it does not."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        beyond = rising(middle) > 0
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
        if (high - low < close).all():
            break
    return (low + high) / 2
