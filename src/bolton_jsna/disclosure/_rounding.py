"""Controlled rounding: every count a multiple, every total still the sum of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.errors import UsageError
from bolton_jsna.disclosure._linked_tables import Key
from bolton_jsna.disclosure._model import Problem
from bolton_jsna.disclosure._solver import system

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


STAYS: Final = 1_000.0
"""What it costs to move a count to another multiple than before, beside moving it by one."""


def rounded(
    problem: Problem, base: int, *, before: Mapping[Key, int] | None = None
) -> NDArray[np.int64]:
    """Return counts that are multiples of a base and add up."""
    # Cox 1987; Salazar 2006. Zero-restricted controlled rounding as an integer programme. It
    # always exists for tables of two dimensions; for linked tables it mostly does.
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    below, rest = np.divmod(problem.value, base)
    upwards = np.where(rest > 0, base - 2 * rest, 0).astype(float)
    for key, shown in (before or {}).items():
        cell = problem.index.get(key)
        if (
            cell is not None
            and rest[cell]
            and shown in (below[cell] * base, (below[cell] + 1) * base)
        ):
            upwards[cell] += STAYS if shown == below[cell] * base else -STAYS
    free = np.where(problem.printed, 0, 2)
    needed = -(problem.sums @ below.astype(float))
    result = milp(
        np.where(problem.printed, upwards, 0.0),
        integrality=np.ones(len(below)),
        bounds=Bounds(-np.minimum(free, below), np.where(rest > 0, 1, 0) + free),
        constraints=LinearConstraint(system(problem.sums), needed, needed),
        options={"mip_rel_gap": 0.01, "node_limit": 20_000},
    )
    if result.x is None:
        raise UsageError(
            "These tables have no rounding in which every count stays next to its value and all "
            "totals add up. Leave out a margin, write fewer linked tables, or hide small counts "
            "instead."
        )
    return np.asarray((below + result.x.round().astype(np.int64)) * base, dtype=np.int64)
