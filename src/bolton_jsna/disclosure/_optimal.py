"""The least that has to be hidden in a small set of tables, by integer programming."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bolton_jsna.disclosure._feasible import Moves
from bolton_jsna.disclosure._heuristic import costs, needed, primary, reach
from bolton_jsna.disclosure._model import Problem
from bolton_jsna.disclosure._solver import system

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FAR = 12
"""How many widths a cell may move in the programme that looks for bounds."""

Cut = tuple[dict[int, float], float]
"""Weights of the hidden cells, and what they must at least add up to."""


def least_loss(problem: Problem, *, rounds: int = 200) -> Moves | None:
    """Hide the cheapest set of cells that leaves every hidden cell safe."""
    # Fischetti and Salazar 2001: a set-covering master programme, and for each hidden cell the two
    # linear programmes of an intruder; the dual of one that finds a cell bounded too tightly gives
    # a cut that every safe set of hidden cells fulfils.
    import numpy as np

    cost = costs(problem)
    must = primary(problem)
    cuts = _line_cuts(problem, must)
    cuts += [
        (dict.fromkeys(map(int, parts), 1.0), float(number)) for parts, number in needed(problem)
    ]
    for _ in range(rounds):
        hidden = _master(cost, must, cuts)
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


def _proved(problem: Problem, hidden: NDArray[np.bool_]) -> Moves | None:
    import numpy as np

    moves = Moves(problem, hidden)
    closed = np.full(len(hidden), np.inf)
    while len(left := moves.unproved()):
        if not reach(moves, int(left[0]), closed):
            return None
    return moves


def _line_cuts(problem: Problem, must: NDArray[np.bool_]) -> list[Cut]:
    """Return the cuts that hold in each sum: a hidden cell is never alone in one."""
    cuts: list[Cut] = []
    sums = problem.sums
    for row in range(sums.shape[0]):
        cells = [int(cell) for cell in sums.indices[sums.indptr[row] : sums.indptr[row + 1]]]
        for cell in cells:
            if not problem.printed[cell]:
                break
            others = {other: 1.0 for other in cells if other != cell}
            if any(not problem.printed[other] for other in others):
                break
            if must[cell]:
                cuts.append((others, 1.0))
            else:
                cuts.append(({**others, cell: -1.0}, 0.0))
    return cuts


def _master(
    cost: NDArray[np.float64], must: NDArray[np.bool_], cuts: list[Cut]
) -> NDArray[np.bool_] | None:
    import numpy as np
    from scipy import sparse
    from scipy.optimize import Bounds, LinearConstraint, milp

    n = len(cost)
    places = [(row, cell, w) for row, (cut, _) in enumerate(cuts) for cell, w in cut.items()]
    limits: list[Any] = []
    if places:
        rows, columns, weights = zip(*places, strict=True)
        matrix = sparse.csr_array((weights, (rows, columns)), shape=(len(cuts), n))
        limits = [LinearConstraint(system(matrix), np.array([least for _, least in cuts]), np.inf)]
    result = milp(
        np.where(np.isfinite(cost), cost, 0),
        integrality=np.ones(n),
        bounds=Bounds(must.astype(float), (must | np.isfinite(cost)).astype(float)),
        constraints=limits,
        options={"mip_rel_gap": 0.0, "node_limit": 20_000},
    )
    return None if result.x is None or result.status != 0 else result.x > 0.5


def _cut(problem: Problem, hidden: NDArray[np.bool_], cell: int) -> Cut | None:
    """Return a cut where the intruder bounds a cell too tightly, else None."""
    import numpy as np
    from scipy.optimize import linprog

    width = problem.apart
    down = (problem.value - problem.floor).astype(float)
    up = np.minimum(problem.ceiling - problem.value, FAR * width).astype(float)
    printed = problem.printed | problem.known
    free = (hidden | ~printed) & ~problem.known
    low = np.where(free, -np.minimum(down, FAR * width), 0.0)
    high = np.where(free, up, 0.0)
    reached = 0.0
    weights = np.zeros(len(down))
    for sign in (1.0, -1.0):
        aim = np.zeros(len(down))
        aim[cell] = -sign
        result = linprog(
            aim,
            A_eq=system(problem.sums),
            b_eq=np.zeros(problem.sums.shape[0]),
            bounds=np.column_stack([low, high]),
            method="highs",
        )
        if result.x is None:
            return None
        reached -= result.fun
        prices = aim - problem.sums.T @ result.eqlin.marginals
        weights += np.where(prices < 0, -prices * up, prices * np.minimum(down, FAR * width))
        if reached >= width - 1e-6:
            return None
    always = ~printed  # never printed, so it moves whatever is hidden
    own = float(weights[cell]) if not always[cell] else 0.0
    need = width - float(weights[always].sum()) - own
    cut = {
        int(each): min(float(weights[each]), need) / need
        for each in np.flatnonzero((weights > 1e-9) & ~always & ~problem.known)
        if each != cell
    }
    if not problem.sensitive[cell]:
        return {**cut, cell: cut.get(cell, 0.0) - 1.0}, 0.0
    return cut, 1.0
