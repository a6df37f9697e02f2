"""Other counts that would be printed in the same way: the proof that a hidden cell is safe.

A *feasible table* is a set of whole counts that agrees with everything shown and with every sum.
Two feasible tables that differ enough in a cell prove that no intruder can bound it more closely.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bolton_jsna.disclosure._protection_problem import ProtectionProblem
from bolton_jsna.disclosure._solver import integer_programme, is_integral, linear_programme

FREE = 1e-3
"""The cost of changing a hidden cell by one: small, so that changes stay small."""


class FeasibleTables:
    """The feasible tables found so far, and the search for more.

    Parameters
    ----------
    problem : ProtectionProblem
    hidden : ndarray of bool
        Cells hidden from the start.
    """

    def __init__(self, problem: ProtectionProblem, hidden: NDArray[np.bool_]) -> None:
        self.problem = problem
        self.hidden = hidden.copy()
        self.tables = problem.value[None, :].copy()

    def copy(self) -> FeasibleTables:
        """Return a copy that can be changed independently."""
        other = FeasibleTables(self.problem, self.hidden)
        other.tables = self.tables
        return other

    def range_found(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the smallest and largest value of each cell among the tables."""
        return self.tables.min(axis=0), self.tables.max(axis=0)

    def unproved(self) -> NDArray[np.int64]:
        """Return the hidden and sensitive cells that are not yet proved safe."""
        least, most = self.range_found()
        to_protect = (self.hidden | self.problem.sensitive) & ~self.problem.known
        return np.flatnonzero(to_protect & (most - least < self.problem.required_range))

    def show(self, cell: int) -> None:
        """Show a hidden cell again; tables that changed it are no longer feasible."""
        self.hidden[cell] = False
        below, above = self.problem.slack[:, cell]
        change = self.tables[:, cell] - self.problem.value[cell]
        self.tables = self.tables[(change >= -below) & (change <= above)]

    def find(self, targets: dict[int, int], cost: NDArray[np.float64]) -> bool:
        """Find the cheapest table with these values in these cells; hide the cells it changes."""
        change = self._cheapest_change(targets, cost)
        if change is None:
            return False
        below, above = self.problem.slack
        self.hidden |= ((change < -below) | (change > above)) & self.problem.printed
        self.tables = np.vstack([self.tables, self.problem.value + change])
        return True

    def _cheapest_change(
        self, targets: dict[int, int], cost: NDArray[np.float64]
    ) -> NDArray[np.int64] | None:
        problem = self.problem
        below, above = problem.value - problem.floor, problem.ceiling - problem.value
        cells = list(targets)
        wanted = np.array(list(targets.values())) - problem.value[cells]
        if (wanted < -below[cells]).any() or (wanted > above[cells]).any():
            return None
        fixed = np.zeros(len(problem.value))
        fixed[cells] = wanted
        free = (self.hidden | ~problem.printed) & ~problem.known
        can_hide = ~free & np.isfinite(cost)
        rounded = ~free & (problem.slack.sum(axis=0) > 0) & ~problem.known
        for each in (free, can_hide, rounded):
            each[cells] = False
        blocks: list[tuple[Any, int, Any, Any]] = [
            (np.flatnonzero(free & (above > 0)), 1, FREE, above),
            (np.flatnonzero(free & (below > 0)), -1, FREE, below),
            (np.flatnonzero(can_hide & (above > 0)), 1, cost, above),
            (np.flatnonzero(can_hide & (below > 0)), -1, cost, below),
            (np.flatnonzero(rounded), 1, FREE, problem.slack[1]),
            (np.flatnonzero(rounded), -1, FREE, problem.slack[0]),
        ]
        columns = np.concatenate([block[0] for block in blocks])
        signs, costs, limits = (
            np.concatenate(
                [np.broadcast_to(block[part], len(fixed))[block[0]] for block in blocks]
            ).astype(float)
            for part in (1, 2, 3)
        )
        matrix = sparse.csc_array(problem.by_cell[:, columns] @ sparse.diags_array(signs))
        amounts = _whole_solution(
            costs, matrix, -(problem.sums @ fixed), limits, thorough=len(cells) == 1
        )
        if amounts is None:
            return None
        change = fixed.astype(np.int64)
        np.add.at(change, columns, (signs * amounts).astype(np.int64))
        return None if np.abs(problem.sums @ change).max(initial=0) > 0 else change


def _whole_solution(
    costs: NDArray[np.float64],
    matrix: Any,
    needed: NDArray[np.float64],
    limits: NDArray[np.float64],
    *,
    thorough: bool,
) -> NDArray[np.float64] | None:
    """Return cheap whole amounts with the given product, or None if none were found."""
    # In tables the solutions of a linear programme are mostly whole. If not, slightly different
    # costs lead to another one, and only then is an integer programme solved.
    if not len(costs):
        return None if needed.any() else np.zeros(0)
    lower = np.zeros(len(costs))
    draw = np.random.default_rng(len(costs))
    for attempt in range(3):
        changed = costs * (1 + 0.5 * attempt * draw.random(len(costs)))
        result = linear_programme(changed, matrix, needed, lower, limits)
        if result.x is None or result.status != 0:
            return None
        if is_integral(result.x):
            return np.asarray(result.x.round())
    if not thorough:
        return None
    result = integer_programme(
        costs, matrix, needed, lower, limits, mip_rel_gap=1.0, node_limit=200
    )
    return None if result.x is None else np.asarray(result.x.round())
