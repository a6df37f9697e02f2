"""The smallest and largest values of cells in a system of sums, by linear programming."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bolton_jsna.core.errors import UsageError
from bolton_jsna.disclosure._solver import system

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NEAR = 1e-6
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
    """Return the least and the most that each cell asked about can be."""
    import numpy as np
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    if not len(asked):
        return lower[asked], upper[asked]
    fixed = lower == upper
    rest = right - matrix @ np.where(fixed, lower, 0.0)
    open_ = np.flatnonzero(~fixed)
    narrow = sparse.csr_array(matrix[:, open_])
    narrow.eliminate_zeros()
    empty = np.diff(narrow.indptr) == 0
    if np.abs(rest[empty]).max(initial=0) > NEAR or (lower > upper).any():
        raise UsageError(_CONTRADICTION)
    least, most = lower.copy(), upper.copy()
    links = sparse.block_array([[None, narrow], [narrow.T, None]])
    number, label = connected_components(links, directed=False)
    of_rows, of_cells = label[: narrow.shape[0]], label[narrow.shape[0] :]
    wanted = np.zeros(len(lower), dtype=bool)
    wanted[asked] = True
    by_cell = narrow.tocsc()
    for group in range(number):
        cells = np.flatnonzero(of_cells == group)
        rows = np.flatnonzero(of_rows == group)
        if not len(rows) or not wanted[open_[cells]].any():
            continue
        places = open_[cells]
        part = sparse.csr_array(by_cell[:, cells])[rows]
        system = _System(part, rest[rows], lower[places], upper[places], width)
        low, high = system.bounds(np.flatnonzero(wanted[places]))
        least[places], most[places] = low, high
    return least[asked], most[asked]


_CONTRADICTION = (
    "No counts agree with these tables: a shown total is not the sum of its parts, or a hidden "
    "count would have to be negative. Give the tables as they were protected together."
)


class _System:
    """A connected part of the system; corners found on the way answer for many cells."""

    def __init__(
        self,
        matrix: Any,
        right: NDArray[np.float64],
        lower: NDArray[np.float64],
        upper: NDArray[np.float64],
        width: int,
    ) -> None:
        import numpy as np

        self.matrix, self.right, self.width = matrix, right, width
        self.lower, self.upper = lower, upper
        self.seen_least = np.full(len(lower), np.inf)
        self.seen_most = np.full(len(lower), -np.inf)

    def bounds(self, asked: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        import numpy as np

        least, most = self.lower.copy(), self.upper.copy()
        for cell in asked:
            whole = True
            for sign, bound, seen in (
                (1.0, least, self.seen_least),
                (-1.0, most, self.seen_most),
            ):
                # A corner that reaches what is known anyway needs no programme of its own.
                if np.abs(seen[cell] - bound[cell]) < NEAR:
                    continue
                bound[cell], corner = self.end(cell, sign)
                whole &= corner
            if not whole and most[cell] - least[cell] < 2 * self.width:
                least[cell] = max(least[cell], self.whole_end(cell, 1.0))
                most[cell] = min(most[cell], self.whole_end(cell, -1.0))
        return least, most

    def end(self, cell: int, sign: float) -> tuple[float, bool]:
        """Return the least (sign 1) or the most (-1) of a cell, and if the corner is whole."""
        import numpy as np
        from scipy.optimize import linprog

        aim = np.zeros(len(self.lower))
        aim[cell] = sign
        result = linprog(
            aim,
            A_eq=system(self.matrix),
            b_eq=self.right,
            bounds=np.column_stack([self.lower, self.upper]),
            method="highs",
        )
        if result.status == _UNBOUNDED:
            return -sign * np.inf, True
        if result.x is None or result.status != 0:
            raise UsageError(_CONTRADICTION)
        whole = bool(np.abs(result.x - result.x.round()).max() < NEAR)
        if whole:
            np.minimum(self.seen_least, result.x, out=self.seen_least)
            np.maximum(self.seen_most, result.x, out=self.seen_most)
        value = sign * result.fun
        return float(np.ceil(value - NEAR) if sign > 0 else np.floor(value + NEAR)), whole

    def whole_end(self, cell: int, sign: float) -> float:
        """Return the least or the most among whole counts."""
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint, milp

        aim = np.zeros(len(self.lower))
        aim[cell] = sign
        result = milp(
            aim,
            integrality=np.ones(len(aim)),
            bounds=Bounds(self.lower, self.upper),
            constraints=LinearConstraint(system(self.matrix), self.right, self.right),
            options={"node_limit": 500},
        )
        bound = result.mip_dual_bound
        if bound is None or not np.isfinite(bound):
            return -sign * np.inf
        return float(np.ceil(bound - NEAR) if sign > 0 else -np.ceil(bound - NEAR))
