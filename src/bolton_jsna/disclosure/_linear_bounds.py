"""The smallest and largest values of cells in a system of sums, by linear programming."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from bolton_jsna.core.errors import UsageError
from bolton_jsna.disclosure._solver import (
    NEAR,
    integer_programme,
    is_integral,
    linear_programme,
)

_UNBOUNDED = 3


def bounds_of(
    matrix: Any,
    right: NDArray[np.float64],
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
    asked: NDArray[np.int64],
    *,
    width: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the smallest and the largest value of each cell asked about."""
    if not len(asked):
        return lower[asked], upper[asked]
    fixed = lower == upper
    rest = right - matrix @ np.where(fixed, lower, 0.0)
    unknown = np.flatnonzero(~fixed)
    narrow = sparse.csr_array(matrix[:, unknown])
    narrow.eliminate_zeros()
    empty = np.diff(narrow.indptr) == 0
    if np.abs(rest[empty]).max(initial=0) > NEAR or (lower > upper).any():
        raise UsageError(_CONTRADICTION)
    least, most = lower.copy(), upper.copy()
    links = sparse.block_array([[None, narrow], [narrow.T, None]])
    number, label = connected_components(links, directed=False)
    of_rows, of_cells = label[: narrow.shape[0]], label[narrow.shape[0] :]
    is_asked = np.zeros(len(lower), dtype=bool)
    is_asked[asked] = True
    by_cell = narrow.tocsc()
    for group in range(number):
        cells = np.flatnonzero(of_cells == group)
        rows = np.flatnonzero(of_rows == group)
        if not len(rows) or not is_asked[unknown[cells]].any():
            continue
        places = unknown[cells]
        part = sparse.csr_array(by_cell[:, cells])[rows]
        system = _ConnectedSystem(part, rest[rows], lower[places], upper[places], width)
        least[places], most[places] = system.bounds(np.flatnonzero(is_asked[places]))
    return least[asked], most[asked]


_CONTRADICTION = (
    "No counts agree with these tables: a shown total is not the sum of its parts, or a hidden "
    "count would have to be negative. Give the tables as they were protected together."
)


class _ConnectedSystem:
    """A connected part of the system; one solution gives bounds for many cells."""

    def __init__(
        self,
        matrix: Any,
        right: NDArray[np.float64],
        lower: NDArray[np.float64],
        upper: NDArray[np.float64],
        width: int,
    ) -> None:
        self.system = (matrix, right, lower, upper)
        self.lower, self.upper, self.width = lower, upper, width
        self.seen_least = np.full(len(lower), np.inf)
        self.seen_most = np.full(len(lower), -np.inf)

    def bounds(self, asked: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the smallest and the largest value of all cells; exact for those asked about."""
        least, most = self.lower.copy(), self.upper.copy()
        for cell in asked:
            integral = True
            for sign, bound, seen in (
                (1.0, least, self.seen_least),
                (-1.0, most, self.seen_most),
            ):
                # An earlier solution already has the cell at its limit.
                if np.abs(seen[cell] - bound[cell]) < NEAR:
                    continue
                bound[cell], solution_integral = self.limit(cell, sign)
                integral &= solution_integral
            if not integral and most[cell] - least[cell] < 2 * self.width:
                least[cell] = max(least[cell], self.integer_limit(cell, 1.0))
                most[cell] = min(most[cell], self.integer_limit(cell, -1.0))
        return least, most

    def aim(self, cell: int, sign: float) -> NDArray[np.float64]:
        """Return the cost that makes a cell smallest (sign 1) or largest (-1)."""
        aim = np.zeros(len(self.lower))
        aim[cell] = sign
        return aim

    def limit(self, cell: int, sign: float) -> tuple[float, bool]:
        """Return the limit of a cell, and whether the solution is whole."""
        result = linear_programme(self.aim(cell, sign), *self.system)
        if result.status == _UNBOUNDED:
            return -sign * np.inf, True
        if result.x is None or result.status != 0:
            raise UsageError(_CONTRADICTION)
        integral = is_integral(result.x)
        if integral:
            np.minimum(self.seen_least, result.x, out=self.seen_least)
            np.maximum(self.seen_most, result.x, out=self.seen_most)
        value = sign * result.fun
        return float(np.ceil(value - NEAR) if sign > 0 else np.floor(value + NEAR)), integral

    def integer_limit(self, cell: int, sign: float) -> float:
        """Return the limit of a cell among whole counts."""
        result = integer_programme(self.aim(cell, sign), *self.system, node_limit=500)
        bound = result.mip_dual_bound
        if bound is None or not np.isfinite(bound):
            return -sign * np.inf
        return sign * float(np.ceil(bound - NEAR))
