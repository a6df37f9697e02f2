"""What to hide in a set of linked cells: by lines, exactly, by search, or all there is."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from bolton_jsna.disclosure._feasible import Moves
from bolton_jsna.disclosure._heuristic import search, unproved
from bolton_jsna.disclosure._model import Problem
from bolton_jsna.disclosure._one_way import hide, possible
from bolton_jsna.disclosure._optimal import least_loss
from bolton_jsna.disclosure.rules import SuppressionRule

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

_TOLD: Final = (
    "%d hidden counts keep fewer than %d possible values, as totals are known; everything that can "
    "be hidden is."
)

_WHOLE: Final = (
    "All counts that are linked by sums are hidden, as a sum of small counts and of those hidden "
    "beside them leaves too little. Fewer categories, larger areas, or tables without sums over "
    "the years show more."
)

SMALL: Final = 100
"""Cells of a set for which the integer programme is solved."""


def protected(problem: Problem, rule: SuppressionRule) -> NDArray[np.bool_]:
    """Return which cells to hide."""
    # The choice is made on nominal counts, so that it is the same for all counts with the same
    # small ones. Then the true counts are asked whether the sums leave enough. Where one does not,
    # all that is linked with it is hidden: less would tell which sum it was, and so how little it
    # is.
    hidden = _lines(problem, rule)
    if hidden is not None:
        return hidden
    hidden, failed = _chosen(problem)
    if failed:
        logger.warning(_WHOLE)
        problem = problem.hidden_whole(_linked(problem, failed))
        hidden, failed = _chosen(problem)
    if failed:
        logger.warning(_TOLD, len(failed), rule.width)
    return hidden


def _chosen(problem: Problem) -> tuple[NDArray[np.bool_], list[int]]:
    """Return what to hide by nominal counts, and the cells that the true ones leave too little."""
    nominal = problem.nominal()
    small = len(problem.value) <= SMALL and not problem.slack.any()
    moves = (least_loss(nominal, rounds=50) if small else None) or search(nominal)
    failed = {*map(int, moves.unproved()), *unproved(Moves(problem, moves.hidden))}
    return moves.hidden, sorted(failed)


def _linked(problem: Problem, failed: Sequence[int]) -> NDArray[np.bool_]:
    """Return all cells that unknown sums link with some."""
    import numpy as np
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    open_ = np.flatnonzero(~problem.known)
    narrow = problem.sums[:, open_]
    links = sparse.block_array([[None, narrow], [narrow.T, None]])
    _, label = connected_components(links, directed=False)
    part = np.full(len(problem.value), -1)
    part[open_] = label[narrow.shape[0] :]
    return np.asarray(np.isin(part, part[list(failed)]))


def _lines(problem: Problem, rule: SuppressionRule) -> NDArray[np.bool_] | None:
    """Hide as ``hide`` does where all there is are lines of counts with a total that stays."""
    import numpy as np

    if problem.slack.any() or rule.dominance is not None:
        return None
    stays = problem.known | (problem.printed & ~problem.sensitive)
    hidden = problem.printed & problem.sensitive & ~problem.known
    part = np.zeros(len(problem.value), dtype=bool)
    whole = np.zeros(len(problem.value), dtype=bool)
    for row in np.split(np.arange(problem.sums.nnz), problem.sums.indptr[1:-1]):
        cells, signs = problem.sums.indices[row], problem.sums.data[row]
        if problem.known[cells].all():
            continue
        parts, total = cells[signs > 0], cells[signs < 0]
        usable = problem.printed[parts] & ~problem.known[parts] & ~part[parts]
        if not (usable.all() and stays[total].all()):
            return None
        part[parts] = whole[total] = True
        counts = problem.value[parts]
        hidden[parts] = hide(counts, rule)
        _warn_of_line(counts, hidden[parts], rule)
    return None if (part & whole).any() else hidden


def _warn_of_line(
    counts: NDArray[np.int64], hidden: NDArray[np.bool_], rule: SuppressionRule
) -> None:
    """Say where the total of a line that is hidden whole is so small that it tells of its parts."""
    if not hidden.any() or not hidden.all():
        return
    values = possible([None] * len(counts), int(counts.sum()), rule)
    few = sum(len(each) < rule.width for each in values)
    if few:
        logger.warning(_TOLD, few, rule.width)
