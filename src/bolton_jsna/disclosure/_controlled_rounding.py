"""Controlled rounding: every count a multiple, every total still the sum of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bolton_jsna.core.errors import UsageError
from bolton_jsna.disclosure._linked_tables import CellKey
from bolton_jsna.disclosure._protection_problem import ProtectionProblem
from bolton_jsna.disclosure._solver import integer_programme

CHANGED: Final = 1_000.0
"""The cost of another multiple than before; the cost of changing a count by one is 1."""


def controlled_rounding(
    problem: ProtectionProblem, base: int, *, before: Mapping[CellKey, int] | None = None
) -> NDArray[np.int64]:
    """Return counts that are multiples of a base and add up."""
    # Cox 1987; Salazar 2006. Zero-restricted controlled rounding as an integer programme. It
    # always exists for tables of two dimensions, and mostly for linked tables.
    below, rest = np.divmod(problem.value, base)
    upwards = np.where(rest > 0, base - 2 * rest, 0).astype(float)
    for key, shown in (before or {}).items():
        cell = problem.index.get(key)
        if cell is not None and rest[cell] and shown - below[cell] * base in (0, base):
            upwards[cell] += CHANGED if shown == below[cell] * base else -CHANGED
    free = np.where(problem.printed, 0, 2)
    result = integer_programme(
        np.where(problem.printed, upwards, 0.0),
        problem.sums,
        -(problem.sums @ below.astype(float)),
        -np.minimum(free, below),
        np.where(rest > 0, 1, 0) + free,
        mip_rel_gap=0.01,
        node_limit=20_000,
    )
    if result.x is None:
        raise UsageError(
            "These tables cannot be rounded so that every count stays next to its value and all "
            "totals add up. Leave out a total, write fewer linked tables, or hide small counts "
            "instead."
        )
    return np.asarray((below + result.x.round().astype(np.int64)) * base, dtype=np.int64)
