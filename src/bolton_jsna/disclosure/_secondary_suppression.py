"""Which cells of linked tables to hide: primary and secondary suppression."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from bolton_jsna.disclosure._feasible_tables import FeasibleTables
from bolton_jsna.disclosure._heuristic_search import heuristic_suppression, unproved_cells
from bolton_jsna.disclosure._one_way_table import hide, possible_values
from bolton_jsna.disclosure._optimal_suppression import optimal_suppression
from bolton_jsna.disclosure._protection_problem import ProtectionProblem
from bolton_jsna.disclosure.rules import SuppressionRule

_log = logging.getLogger(__name__)

_TOO_FEW_VALUES: Final = (
    "%d hidden counts have fewer than %d possible values, because totals are publicly known; "
    "everything that can be hidden is hidden. Do not publish these tables."
)

_ALL_HIDDEN: Final = (
    "All counts that are linked by sums are hidden, because a sum of hidden counts is too small "
    "to protect them. To show more, use fewer categories, larger areas, or tables without sums "
    "over the years."
)

SMALL: Final = 100
"""Up to this number of cells the optimal suppression is computed."""


def hidden_cells(problem: ProtectionProblem, rule: SuppressionRule) -> NDArray[np.bool_]:
    """Return which cells to hide."""
    # Secondary cells are chosen on nominal counts, so that the choice is the same for all counts
    # with the same small ones. Then the true counts are checked. If a sum leaves too few values,
    # everything linked with it is hidden: hiding less would reveal which sum is so small.
    hidden = _one_way_cells(problem, rule)
    if hidden is not None:
        return hidden
    hidden, failed = _chosen_cells(problem)
    if failed:
        _log.warning(_ALL_HIDDEN)
        problem = problem.with_all_hidden(_connected_cells(problem, failed))
        hidden, failed = _chosen_cells(problem)
    if failed:
        _log.warning(_TOO_FEW_VALUES, len(failed), rule.width)
    return hidden


def _chosen_cells(problem: ProtectionProblem) -> tuple[NDArray[np.bool_], list[int]]:
    """Return the cells hidden on nominal counts, and those that the true counts do not protect."""
    nominal = problem.nominal()
    small = len(problem.value) <= SMALL and not problem.slack.any()
    found = optimal_suppression(nominal, rounds=50) if small else None
    found = found or heuristic_suppression(nominal)
    true_counts = FeasibleTables(problem, found.hidden)
    failed = {*map(int, found.unproved()), *unproved_cells(true_counts)}
    return found.hidden, sorted(failed)


def _connected_cells(problem: ProtectionProblem, failed: Sequence[int]) -> NDArray[np.bool_]:
    """Return all cells that are linked with some cells by unknown sums."""
    unknown = np.flatnonzero(~problem.known)
    narrow = problem.sums[:, unknown]
    links = sparse.block_array([[None, narrow], [narrow.T, None]])
    _, label = connected_components(links, directed=False)
    part = np.full(len(problem.value), -1)
    part[unknown] = label[narrow.shape[0] :]
    return np.asarray(np.isin(part, part[list(failed)]))


def _one_way_cells(problem: ProtectionProblem, rule: SuppressionRule) -> NDArray[np.bool_] | None:
    """Hide as ``hide`` does if there are only one-way tables with a total that stays shown."""
    if problem.slack.any() or rule.dominance is not None:
        return None
    stays = problem.known | (problem.printed & ~problem.sensitive)
    hidden = problem.primary.copy()
    in_row = np.zeros(len(problem.value), dtype=bool)
    is_total = np.zeros(len(problem.value), dtype=bool)
    for row in range(problem.sums.shape[0]):
        parts, total = problem.parts_and_total(row)
        if problem.known[parts].all() and problem.known[total].all():
            continue
        usable = problem.printed[parts] & ~problem.known[parts] & ~in_row[parts]
        if not (usable.all() and stays[total].all()):
            return None
        in_row[parts] = is_total[total] = True
        counts = problem.value[parts]
        never_zero = np.flatnonzero(problem.never_zero[parts]).tolist()
        hidden[parts] = hide(counts, rule, never_zero)
        _warn_if_total_reveals(counts, hidden[parts], rule, never_zero)
    return None if (in_row & is_total).any() else hidden


def _warn_if_total_reveals(
    counts: NDArray[np.int64],
    hidden: NDArray[np.bool_],
    rule: SuppressionRule,
    never_zero: Sequence[int],
) -> None:
    """Log a warning if all counts are hidden and the total is so small that it reveals them."""
    if not hidden.any() or not hidden.all():
        return
    values = possible_values([None] * len(counts), int(counts.sum()), rule, never_zero)
    few = sum(
        len(each) < rule.width - (not rule.least and place in never_zero)
        for place, each in enumerate(values)
    )
    if few:
        _log.warning(_TOO_FEW_VALUES, few, rule.width)
