"""Other counts that would print the same: the proof that a hidden cell is safe.

A *move* is another set of whole counts that agrees with everything shown and with every sum. Two
moves that lie far enough apart in a cell prove that nobody can bound it more tightly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bolton_jsna.disclosure._model import Problem
from bolton_jsna.disclosure._solver import system

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FREE = 1e-3
"""What moving a hidden cell by one costs, so that moves stay small."""

NEAR = 1e-6


class Moves:
    """The moves found so far, and the search for more.

    Parameters
    ----------
    problem : Problem
    hidden : ndarray of bool
        Cells hidden from the start.
    """

    def __init__(self, problem: Problem, hidden: NDArray[np.bool_]) -> None:
        self.problem = problem
        self.hidden = hidden.copy()
        self.points = problem.value[None, :].copy()

    def copy(self) -> Moves:
        """Return moves that can be changed on their own."""
        other = Moves(self.problem, self.hidden)
        other.points = self.points
        return other

    def wanting(self) -> NDArray[np.bool_]:
        """Return which cells must be protected: the hidden ones and the sensitive."""
        known: NDArray[np.bool_] = self.problem.known
        return (self.hidden | self.problem.sensitive) & ~known

    def spread(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the smallest and largest value of each cell among the moves."""
        return self.points.min(axis=0), self.points.max(axis=0)

    def unproved(self) -> NDArray[np.int64]:
        """Return the cells whose safety is not proved yet."""
        import numpy as np

        least, most = self.spread()
        return np.flatnonzero(self.wanting() & (most - least < self.problem.apart))

    def show(self, cell: int) -> None:
        """Show a hidden cell again; moves that changed it are no longer possible."""
        self.hidden[cell] = False
        below, above = self.problem.slack[:, cell]
        apart = self.points[:, cell] - self.problem.value[cell]
        self.points = self.points[(apart >= -below) & (apart <= above)]

    def find(self, targets: dict[int, int], cost: NDArray[np.float64]) -> bool:
        """Look for the cheapest move that takes cells to given values; hide what it changes."""
        import numpy as np

        change = self._cheapest(targets, cost)
        if change is None:
            return False
        point = self.problem.value + change
        below, above = self.problem.slack
        beyond = (change < -below) | (change > above)
        self.hidden |= beyond & self.problem.printed
        self.points = np.vstack([self.points, point[None, :]])
        return True

    def _cheapest(
        self, targets: dict[int, int], cost: NDArray[np.float64]
    ) -> NDArray[np.int64] | None:
        import numpy as np
        from scipy import sparse

        here = self.problem
        room = here.value - here.floor
        aimed = list(targets)
        aims = {cell: target - int(here.value[cell]) for cell, target in targets.items()}
        above = here.ceiling - here.value
        if any(not -room[cell] <= aim <= above[cell] for cell, aim in aims.items()):
            return None
        open_ = (self.hidden | ~here.printed) & ~here.known
        open_[aimed] = False
        paid = ~open_ & np.isfinite(cost)
        paid[aimed] = False
        loose = ~open_ & (here.slack.sum(axis=0) > 0) & ~here.known
        loose[aimed] = False
        blocks: list[tuple[Any, int, Any, Any]] = [
            (np.flatnonzero(open_ & (above > 0)), 1, FREE, above),
            (np.flatnonzero(open_ & (room > 0)), -1, FREE, room),
            (np.flatnonzero(paid & (above > 0)), 1, cost, above),
            (np.flatnonzero(paid & (room > 0)), -1, cost, room),
            (np.flatnonzero(loose), 1, FREE, here.slack[1]),
            (np.flatnonzero(loose), -1, FREE, here.slack[0]),
        ]
        columns = np.concatenate([block[0] for block in blocks])
        signs = np.concatenate([np.full(len(block[0]), float(block[1])) for block in blocks])
        costs, tops = (
            np.concatenate(
                [np.broadcast_to(block[part], len(here.value))[block[0]] for block in blocks]
            ).astype(float)
            for part in (2, 3)
        )
        wholes = here.by_cell
        fixed = np.zeros(len(here.value))
        fixed[aimed] = list(aims.values())
        needed = -(here.sums @ fixed)
        matrix = sparse.csc_array(wholes[:, columns] @ sparse.diags_array(signs))
        amounts = _whole_solution(costs, matrix, needed, tops, thorough=len(aimed) == 1)
        if amounts is None:
            return None
        change = fixed.astype(np.int64)
        np.add.at(change, columns, (signs * amounts).astype(np.int64))
        if np.abs(here.sums @ change).max(initial=0) > 0:
            return None
        return change


def _whole_solution(
    costs: NDArray[np.float64],
    matrix: Any,
    needed: NDArray[np.float64],
    tops: NDArray[np.float64],
    *,
    thorough: bool,
) -> NDArray[np.float64] | None:
    """Return cheap whole amounts with the given product, or None where none were found."""
    # The corners that a linear programme returns are mostly whole in tables; where one is not,
    # costs shaken a little lead to another, and only then are whole numbers asked for.
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, linprog, milp

    if not len(costs):
        return None if needed.any() else np.zeros(0)
    limits = np.column_stack([np.zeros(len(costs)), tops])
    draw = np.random.default_rng(len(costs))
    for attempt in range(3):
        shaken = costs * (1 + 0.5 * attempt * draw.random(len(costs)))
        result = linprog(shaken, A_eq=system(matrix), b_eq=needed, bounds=limits, method="highs")
        if result.x is None or result.status != 0:
            return None
        if np.abs(result.x - result.x.round()).max(initial=0) < NEAR:
            return np.asarray(result.x.round())
    if not thorough:
        return None
    result = milp(
        costs,
        integrality=np.ones(len(costs)),
        bounds=Bounds(limits[:, 0], tops),
        constraints=LinearConstraint(system(matrix), needed, needed),
        options={"mip_rel_gap": 1.0, "node_limit": 200},
    )
    return None if result.x is None else np.asarray(result.x.round())
