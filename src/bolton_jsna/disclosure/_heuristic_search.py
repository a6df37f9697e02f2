"""Secondary suppression by a heuristic search that ends with a proof for every hidden cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bolton_jsna.disclosure._feasible_tables import FeasibleTables
from bolton_jsna.disclosure._one_way_table import SECONDARY
from bolton_jsna.disclosure._protection_problem import ProtectionProblem, ordered_losses

LARGE = 400
"""From this number of cells a set of tables is large."""

TOGETHER = 4
"""Cells that one linear programme tries to prove at once in a large set."""

MANY = 16
"""Cells that one linear programme tries to prove at once if nothing more may be hidden."""

TRIALS = (100, 25)
"""Linear programmes spent on showing cells again, in a small and in a large set."""


def suppression_costs(problem: ProtectionProblem) -> NDArray[np.float64]:
    """Return the cost of hiding each cell; infinite if it must stay as it is."""
    kept = problem.known | problem.zero | ~problem.printed
    return np.where(kept, np.inf, ordered_losses(problem))


def required_secondary(problem: ProtectionProblem) -> list[tuple[NDArray[np.int64], int]]:
    """Return, for each sum with a small part, the possible secondary parts and how many to hide."""
    # One part is needed because of the total and one is a reserve, so that it seldom depends on
    # the counts whether the sum is large enough. A rounded total needs none.
    found = []
    rounded = problem.slack.sum(axis=0) > 0
    can_hide = problem.printed & ~problem.sensitive & ~problem.known & ~problem.zero
    for row in range(problem.sums.shape[0]):
        parts, total = problem.parts_and_total(row)
        is_rounded = rounded[parts].any() or rounded[total].any()
        if is_rounded or not problem.primary[parts].any() or problem.primary[total].all():
            continue
        others = parts[can_hide[parts]]
        # The total serves if there are too few other parts.
        if len(others) < SECONDARY:
            others = np.sort(np.concatenate([others, total[can_hide[total]]]))
        if len(others):
            found.append((others, min(SECONDARY, len(others))))
    return found


def heuristic_suppression(
    problem: ProtectionProblem, *, trials: int | None = None
) -> FeasibleTables:
    """Hide secondary cells until two feasible tables prove each hidden cell safe."""
    # For each hidden cell that is not proved safe, a linear programme finds the cheapest feasible
    # table in which the cell is higher by the required range, and the cells it changes are hidden
    # (Kelly et al. 1992; Fischetti and Salazar 2001, heuristic part). One such table proves many
    # cells. At the end the most costly secondary cells are shown again if all hidden cells can be
    # proved safe without them.
    cost = suppression_costs(problem)
    hidden = problem.primary.copy()
    for parts, number in required_secondary(problem):
        missing = number - int(hidden[parts].sum())
        spare = parts[~hidden[parts]]
        hidden[spare[np.argsort(cost[spare], kind="stable")][: max(0, missing)]] = True
    found = FeasibleTables(problem, hidden)
    if _prove_all(found, cost):
        usual = TRIALS[len(cost) >= LARGE]
        _show_again(found, cost, usual if trials is None else trials)
    return found


def _prove_all(found: FeasibleTables, cost: NDArray[np.float64]) -> bool:
    """Search for a proof for every cell that has none; return whether all have one."""
    given_up: set[int] = set()
    usual = TOGETHER if len(cost) >= LARGE else 1
    together = usual
    loss, required = found.problem.loss, found.problem.required_range
    while left := [int(cell) for cell in found.unproved() if int(cell) not in given_up]:
        # The finest cells first: what protects them mostly protects their totals too.
        left.sort(key=lambda each: (loss[each], cost[each], each))
        batch = _without_shared_sums(found.problem, left, together)
        least, _ = found.range_found()
        if len(batch) > 1:
            if not found.find({cell: int(least[cell]) + required for cell in batch}, cost):
                together //= 2
        elif prove_cell(found, batch[0], cost):
            together = usual
        else:
            given_up.add(batch[0])
    return not given_up


def _without_shared_sums(problem: ProtectionProblem, cells: list[int], most: int) -> list[int]:
    """Return the first few cells of which no two are in the same sum."""
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


def prove_cell(found: FeasibleTables, cell: int, cost: NDArray[np.float64]) -> bool:
    """Prove one cell by a table in which it is higher, or lower, or by one of each."""
    required = found.problem.required_range
    least, most = (int(each[cell]) for each in found.range_found())
    if found.find({cell: least + required}, cost) or found.find({cell: most - required}, cost):
        return True
    for target in range(least + required - 1, int(found.problem.value[cell]), -1):
        if found.find({cell: target}, cost):
            return found.find({cell: target - required}, cost)
    return False


def _show_again(found: FeasibleTables, cost: NDArray[np.float64], trials: int) -> None:
    """Show secondary cells again, the most costly first, if the others can be proved without."""
    further = np.flatnonzero(found.hidden & ~found.problem.sensitive)
    sums = required_secondary(found.problem)
    for cell in further[np.argsort(-cost[further], kind="stable")]:
        if any(cell in parts and found.hidden[parts].sum() <= number for parts, number in sums):
            continue
        other = found.copy()
        other.show(int(cell))
        left = len(other.unproved())
        if left and trials <= 0:
            continue
        before = len(other.tables)
        if not unproved_cells(other, most=1):
            found.hidden, found.tables = other.hidden, other.tables
        trials -= len(other.tables) - before + bool(left)


def unproved_cells(found: FeasibleTables, *, most: int | None = None) -> list[int]:
    """Return the hidden cells that cannot be proved without hiding more, up to a number of them."""
    closed = np.full(len(found.hidden), np.inf)
    failed: list[int] = []
    together = MANY
    while left := [int(cell) for cell in found.unproved() if int(cell) not in failed]:
        batch = _without_shared_sums(found.problem, left, together)
        if len(batch) > 1 and found.find(_proving_values(found, batch), closed):
            together = min(MANY, 2 * together)
            continue
        together = max(2, together // 2)
        if not prove_cell(found, batch[0], closed):
            failed.append(batch[0])
            if len(failed) == most:
                break
    return failed


def _proving_values(found: FeasibleTables, cells: list[int]) -> dict[int, int]:
    """Return the value that would prove each cell: a higher one if possible, else a lower one."""
    least, most = found.range_found()
    problem, required = found.problem, found.problem.required_range
    higher = least + required
    lower = np.maximum(problem.floor, most - required)
    values = np.where(higher <= problem.ceiling, higher, lower)
    return {cell: int(values[cell]) for cell in cells}
