"""Which further cells to hide: a search that ends with a proof for every hidden cell."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bolton_jsna.disclosure.moves import Moves
from bolton_jsna.disclosure.problem import Problem, shaken

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

TOGETHER = 4
"""Cells that one linear programme is asked to prove at once in a large set."""

LARGE = 400
"""Cells of a set that counts as large."""

TRIALS = (100, 25)
"""Linear programmes spent on showing cells again, in a small and in a large set."""


def primary(problem: Problem) -> NDArray[np.bool_]:
    """Return the printed cells that are hidden for their own sake."""
    hidden: NDArray[np.bool_] = problem.printed & problem.sensitive & ~problem.known
    return hidden


def costs(problem: Problem) -> NDArray[np.float64]:
    """Return what hiding each cell costs; infinite where it must stay as it is."""
    import numpy as np

    kept = problem.known | problem.zero | ~problem.printed
    return np.where(kept, np.inf, shaken(problem))


def search(problem: Problem, *, trials: int | None = None) -> Moves:
    """Hide further cells until two sets of counts prove each hidden cell safe.

    Parameters
    ----------
    problem : Problem
    trials : int, optional
        Linear programmes spent on showing cells again.

    Returns
    -------
    Moves
        ``hidden``, and the moves that prove it; ``unproved()`` is empty unless what is known to
        the public leaves no way.

    Notes
    -----
    For each hidden cell that is not proved safe, a linear programme looks for the cheapest other
    counts with this cell further up by the protection width (Kelly et al. 1992; Fischetti and
    Salazar 2001, heuristic part), and what they change is hidden. Every set of counts found
    proves many cells. At the end the dearest of the further cells are shown again where a proof
    can be found without them.
    """
    moves = Moves(problem, primary(problem))
    cost = costs(problem)
    if _prove(moves, cost):
        usual = TRIALS[len(cost) >= LARGE]
        _spare(moves, cost, usual if trials is None else trials)
    return moves


def _prove(moves: Moves, cost: NDArray[np.float64]) -> bool:
    """Look for a proof for every cell that has none; say whether all have one."""
    given_up: set[int] = set()
    usual = TOGETHER if len(cost) >= LARGE else 1
    together = usual
    while True:
        left = [int(cell) for cell in moves.unproved() if int(cell) not in given_up]
        if not left:
            return not given_up
        # The finest cells first: what protects them mostly protects their margins too.
        left.sort(key=lambda each: (moves.problem.loss[each], cost[each], each))
        batch = _apart(moves.problem, left, together)
        least, _ = moves.spread()
        if len(batch) > 1:
            targets = {cell: int(least[cell]) + moves.problem.width for cell in batch}
            if not moves.find(targets, cost):
                together //= 2
        elif reach(moves, batch[0], cost):
            together = usual
        else:
            given_up.add(batch[0])


def _apart(problem: Problem, cells: list[int], most: int) -> list[int]:
    """Return the first few cells of which no two share a sum."""
    import numpy as np

    taken = np.zeros(problem.sums.shape[0], dtype=bool)
    by_cell = problem.by_cell
    chosen: list[int] = []
    for cell in cells:
        rows = by_cell.indices[by_cell.indptr[cell] : by_cell.indptr[cell + 1]]
        if not taken[rows].any():
            taken[rows] = True
            chosen.append(cell)
            if len(chosen) >= max(1, most):
                break
    return chosen


def reach(moves: Moves, cell: int, cost: NDArray[np.float64]) -> bool:
    """Look for moves that prove one cell, upwards first, then downwards, then as far as both go."""
    problem = moves.problem
    least, most = (int(each[cell]) for each in moves.spread())
    if moves.find({cell: least + problem.width}, cost):
        return True
    if most - problem.width >= problem.floor[cell] and moves.find(
        {cell: most - problem.width}, cost
    ):
        return True
    for target in range(least + problem.width - 1, int(problem.value[cell]), -1):
        down = target - problem.width
        if (
            down >= problem.floor[cell]
            and moves.find({cell: target}, cost)
            and moves.find({cell: down}, cost)
        ):
            return True
    return False


def _spare(moves: Moves, cost: NDArray[np.float64], trials: int) -> None:
    """Show further cells again, the dearest first, where all others can be proved without."""
    import numpy as np

    problem = moves.problem
    further = np.flatnonzero(moves.hidden & ~problem.sensitive)
    for cell in further[np.argsort(-cost[further], kind="stable")]:
        other = moves.copy()
        other.show(int(cell))
        left = len(other.unproved())
        if left and trials <= 0:
            continue
        before = len(other.points)
        if proved(other):
            moves.hidden, moves.points = other.hidden, other.points
        trials -= len(other.points) - before + bool(left)


def proved(moves: Moves) -> bool:
    """Say whether every hidden cell can be proved without hiding more."""
    import numpy as np

    closed = np.full(len(moves.hidden), np.inf)
    while len(left := moves.unproved()):
        batch = _apart(moves.problem, [int(cell) for cell in left], TOGETHER)
        least, most = moves.spread()
        width = moves.problem.width
        if len(batch) > 1 and moves.find(
            {cell: int(least[cell]) + width for cell in batch}, closed
        ):
            continue
        cell = batch[0]
        if not moves.find({cell: int(least[cell]) + width}, closed) and not moves.find(
            {cell: int(most[cell]) - width}, closed
        ):
            return False
    return True
