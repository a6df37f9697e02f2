"""Which further cells to hide: a search that ends with a proof for every hidden cell."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bolton_jsna.disclosure._feasible import Moves
from bolton_jsna.disclosure._model import Problem, in_public_order
from bolton_jsna.disclosure._one_way import FURTHER

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

TOGETHER = 4
"""Cells that one linear programme is asked to prove at once in a large set."""

MANY = 16
"""Cells that one linear programme is asked to prove at once where nothing more is hidden."""

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
    return np.where(kept, np.inf, in_public_order(problem))


def needed(problem: Problem) -> list[tuple[NDArray[np.int64], int]]:
    """Return, for each sum with a small part, the parts that may be hidden beside and how many."""
    # One further part is what the sum needs and one more is hidden, so that it seldom turns on the
    # counts whether the sum is enough. A total that is rounded hides by itself.
    found = []
    rounded = problem.slack.sum(axis=0) > 0
    can = problem.printed & ~problem.sensitive & ~problem.known & ~problem.zero
    must = primary(problem)
    sums = problem.sums
    for row in range(sums.shape[0]):
        at = slice(sums.indptr[row], sums.indptr[row + 1])
        cells, is_part = sums.indices[at], sums.data[at] > 0
        others = cells[is_part & can[cells]]
        if not must[cells[is_part]].any() or rounded[cells].any() or must[cells[~is_part]].all():
            continue
        # The total serves where there are too few other parts.
        if len(others) < FURTHER:
            others = cells[can[cells]]
        if len(others):
            found.append((others, min(FURTHER, len(others))))
    return found


def search(problem: Problem, *, trials: int | None = None) -> Moves:
    """Hide further cells until two sets of counts prove each hidden cell safe."""
    # For each hidden cell that is not proved safe, a linear programme looks for the cheapest other
    # counts with this cell further up by the protection width (Kelly et al. 1992; Fischetti and
    # Salazar 2001, heuristic part), and what they change is hidden. Every set of counts found
    # proves many cells. At the end the dearest of the further cells are shown again where a proof
    # can be found without them.
    import numpy as np

    cost = costs(problem)
    hidden = primary(problem)
    for parts, number in needed(problem):
        lacking = number - int(hidden[parts].sum())
        spare = parts[~hidden[parts]]
        hidden[spare[np.argsort(cost[spare], kind="stable")][: max(0, lacking)]] = True
    moves = Moves(problem, hidden)
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
            targets = {cell: int(least[cell]) + moves.problem.apart for cell in batch}
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
    problem, apart = moves.problem, moves.problem.apart
    least, most = (int(each[cell]) for each in moves.spread())
    if moves.find({cell: least + apart}, cost) or moves.find({cell: most - apart}, cost):
        return True
    for target in range(least + apart - 1, int(problem.value[cell]), -1):
        if moves.find({cell: target}, cost):
            return moves.find({cell: target - apart}, cost)
    return False


def _spare(moves: Moves, cost: NDArray[np.float64], trials: int) -> None:
    """Show further cells again, the dearest first, where all others can be proved without."""
    import numpy as np

    problem = moves.problem
    further = np.flatnonzero(moves.hidden & ~problem.sensitive)
    sums = needed(problem)
    for cell in further[np.argsort(-cost[further], kind="stable")]:
        if any(cell in parts and moves.hidden[parts].sum() <= number for parts, number in sums):
            continue
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
    return not len(unproved(moves, most=1))


def unproved(moves: Moves, *, most: int | None = None) -> list[int]:
    """Return the hidden cells that cannot be proved without hiding more, up to a number of them."""
    import numpy as np

    closed = np.full(len(moves.hidden), np.inf)
    failed: list[int] = []
    together = MANY
    while left := [int(cell) for cell in moves.unproved() if int(cell) not in failed]:
        batch = _apart(moves.problem, left, together)
        if len(batch) > 1 and moves.find(_ends(moves, batch), closed):
            together = min(MANY, 2 * together)
            continue
        together = max(2, together // 2)
        if not reach(moves, batch[0], closed):
            failed.append(batch[0])
            if most is not None and len(failed) >= most:
                break
    return failed


def _ends(moves: Moves, cells: list[int]) -> dict[int, int]:
    """Return for each cell the value that would prove it: above if it may lie there, else below."""
    least, most = moves.spread()
    apart, ceiling = moves.problem.apart, moves.problem.ceiling
    return {
        cell: int(least[cell]) + apart
        if least[cell] + apart <= ceiling[cell]
        else int(max(moves.problem.floor[cell], most[cell] - apart))
        for cell in cells
    }
