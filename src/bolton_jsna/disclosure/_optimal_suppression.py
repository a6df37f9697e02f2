"""Secondary suppression with the least loss in a small set of tables, by integer programming."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bolton_jsna.disclosure._feasible_tables import FeasibleTables
from bolton_jsna.disclosure._heuristic_search import (
    prove_cell,
    required_secondary,
    suppression_costs,
)
from bolton_jsna.disclosure._protection_problem import ProtectionProblem
from bolton_jsna.disclosure._solver import integer_programme, linear_programme

FAR = 12
"""How many widths a cell may change in the intruder's linear programmes."""

Cut = tuple[dict[int, float], float]
"""Weights of the hidden cells, and the least sum of the weights."""


def optimal_suppression(problem: ProtectionProblem, *, rounds: int = 200) -> FeasibleTables | None:
    """Hide the cheapest set of cells in which every hidden cell is safe."""
    # Fischetti and Salazar 2001: a set-covering master programme, and for each hidden cell the two
    # linear programmes of an intruder. If a cell is bounded too closely, the dual gives a cut that
    # every safe set of hidden cells fulfils.
    cost = suppression_costs(problem)
    cuts = _cuts_of_sums(problem)
    cuts += [
        (dict.fromkeys(map(int, parts), 1.0), float(number))
        for parts, number in required_secondary(problem)
    ]
    for _ in range(rounds):
        hidden = _master(cost, problem.primary, cuts)
        if hidden is None:
            return None
        new = [
            cut
            for cell in np.flatnonzero((hidden | problem.sensitive) & ~problem.known)
            if (cut := _cut(problem, hidden, int(cell))) is not None
        ]
        if not new:
            return _proved(problem, hidden)
        cuts += new
    return None


def _proved(problem: ProtectionProblem, hidden: NDArray[np.bool_]) -> FeasibleTables | None:
    found = FeasibleTables(problem, hidden)
    closed = np.full(len(hidden), np.inf)
    while len(left := found.unproved()):
        if not prove_cell(found, int(left[0]), closed):
            return None
    return found


def _cuts_of_sums(problem: ProtectionProblem) -> list[Cut]:
    """Return the cuts of each sum: a hidden cell is never the only one."""
    cuts: list[Cut] = []
    for row in range(problem.sums.shape[0]):
        cells = [int(cell) for part in problem.parts_and_total(row) for cell in part]
        if not problem.printed[cells].all():
            continue
        for cell in sorted(cells):
            others = {other: 1.0 for other in cells if other != cell}
            if problem.primary[cell]:
                cuts.append((others, 1.0))
            else:
                cuts.append(({**others, cell: -1.0}, 0.0))
    return cuts


def _master(
    cost: NDArray[np.float64], primary: NDArray[np.bool_], cuts: list[Cut]
) -> NDArray[np.bool_] | None:
    places = [(row, cell, w) for row, (cut, _) in enumerate(cuts) for cell, w in cut.items()]
    rows, columns, weights = np.array(places, dtype=float).reshape(-1, 3).T
    matrix = sparse.csr_array(
        (weights, (rows.astype(int), columns.astype(int))), shape=(len(cuts), len(cost))
    )
    result = integer_programme(
        np.where(np.isfinite(cost), cost, 0),
        matrix,
        np.array([least for _, least in cuts]),
        primary.astype(float),
        (primary | np.isfinite(cost)).astype(float),
        most=np.inf,
        mip_rel_gap=0.0,
        node_limit=20_000,
    )
    return None if result.x is None or result.status != 0 else result.x > 0.5


def _cut(problem: ProtectionProblem, hidden: NDArray[np.bool_], cell: int) -> Cut | None:
    """Return a cut if the intruder can bound a cell too closely, else None."""
    required = problem.required_range
    below = np.minimum(problem.value - problem.floor, FAR * required).astype(float)
    above = np.minimum(problem.ceiling - problem.value, FAR * required).astype(float)
    always = ~(problem.printed | problem.known)  # never printed, so unknown whatever is hidden
    free = (hidden & ~problem.known) | always
    reached = 0.0
    weights = np.zeros(len(below))
    for sign in (1.0, -1.0):
        aim = np.zeros(len(below))
        aim[cell] = -sign
        result = linear_programme(
            aim,
            problem.sums,
            np.zeros(problem.sums.shape[0]),
            np.where(free, -below, 0.0),
            np.where(free, above, 0.0),
        )
        if result.x is None:
            return None
        reached -= result.fun
        prices = aim - problem.sums.T @ result.eqlin.marginals
        weights += np.where(prices < 0, -prices * above, prices * below)
        if reached >= required - 1e-6:
            return None
    own = float(weights[cell]) if not always[cell] else 0.0
    need = required - float(weights[always].sum()) - own
    cut = {
        int(each): min(float(weights[each]), need) / need
        for each in np.flatnonzero((weights > 1e-9) & ~always & ~problem.known)
        if each != cell
    }
    if not problem.sensitive[cell]:
        return {**cut, cell: cut.get(cell, 0.0) - 1.0}, 0.0
    return cut, 1.0
