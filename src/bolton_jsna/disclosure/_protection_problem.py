"""Linked tables as a system of equations over cells that are known, hidden or never printed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bolton_jsna.core.errors import UsageError
from bolton_jsna.disclosure._linked_tables import (
    CellKey,
    LinkedTable,
    cell_text,
    dimension_set,
    sums_of,
)
from bolton_jsna.disclosure.rules import SuppressionRule

UNLIMITED: Final = 2**40
"""More than any count."""

LARGE: Final = 100_000
"""The nominal value of a count that is not small: it can be raised or lowered."""


@dataclass(frozen=True, eq=False)
class ProtectionProblem:
    """What has to be protected, as arrays over n cells.

    Attributes
    ----------
    index : dict of tuple to int
        The number of each named cell; the cells after these are remainders of sums.
    value : ndarray of int
        The true counts; if a cell is in several releases, that of the first.
    nominal_value : ndarray of int
        Stands for each count if only "small or not" may be used.
    floor, ceiling : ndarray of int
        The smallest and largest value of a cell if it is known which counts are small.
    sums : sparse array, shape (m, n)
        Each row: the parts of a sum minus its total; the product with the counts is known.
    printed, sensitive, fixed : ndarray of bool
        Printed somewhere; must not become known; known whatever is hidden.
    public, zero : ndarray of bool
        Fixed only by the rule; a zero that is shown.
    never_zero : ndarray of bool
        Known to be above zero whatever is hidden; allowed for in one-way tables.
    slack : ndarray of int, shape (2, n)
        How far below and above its value a shown cell may be because it is rounded.
    loss : ndarray of float
        The loss of information if a cell is hidden: 1 for the finest cells, more for totals.
    required_range : int
        The least difference of the largest and the smallest possible value of a hidden cell.
    """

    index: dict[CellKey, int]
    value: NDArray[np.int64]
    nominal_value: NDArray[np.int64]
    floor: NDArray[np.int64]
    ceiling: NDArray[np.int64]
    sums: Any
    printed: NDArray[np.bool_]
    sensitive: NDArray[np.bool_]
    fixed: NDArray[np.bool_]
    public: NDArray[np.bool_]
    zero: NDArray[np.bool_]
    never_zero: NDArray[np.bool_]
    slack: NDArray[np.int64]
    loss: NDArray[np.float64]
    required_range: int

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Cells that everyone knows."""
        return self.fixed | self.public

    @cached_property
    def primary(self) -> NDArray[np.bool_]:
        """Printed cells that are hidden because they are sensitive themselves."""
        hidden: NDArray[np.bool_] = self.printed & self.sensitive & ~self.known
        return hidden

    @cached_property
    def keys(self) -> dict[int, CellKey]:
        """The key of each named cell."""
        return {cell: key for key, cell in self.index.items()}

    def parts_and_total(self, row: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the cells of a sum: its parts, and its total."""
        at = slice(self.sums.indptr[row], self.sums.indptr[row + 1])
        cells, is_part = self.sums.indices[at], self.sums.data[at] > 0
        return cells[is_part], cells[~is_part]

    def depth(self, row: int) -> int:
        """Return how many dimensions the parts of a sum have."""
        return max(len(self.keys.get(int(cell), ())) for cell in self.parts_and_total(row)[0])

    @cached_property
    def by_cell(self) -> Any:
        """The sums as a sparse array ordered by cell."""
        return self.sums.tocsc()

    def nominal(self) -> ProtectionProblem:
        """Return the same tables with counts that reveal only which are small."""
        # A choice of secondary cells on these is the same for all counts with the same small
        # ones, so an intruder who inverts it does not learn how small they are.
        room = self.slack.sum(axis=0)
        slack = np.vstack([room // 2, room - room // 2])
        return replace(self, value=self.nominal_value, slack=slack)

    def with_all_hidden(self, cells: NDArray[np.bool_]) -> ProtectionProblem:
        """Return the tables with cells that are hidden whatever their counts are."""
        cells = cells & self.printed & ~self.known
        return replace(
            self,
            sensitive=self.sensitive | cells,
            zero=self.zero & ~cells,
            floor=np.where(cells, 0, self.floor),
            ceiling=np.where(cells, UNLIMITED, self.ceiling),
        )


@dataclass(frozen=True)
class CellFacts:
    """What is known of printed cells in addition to their counts."""

    dominated: frozenset[CellKey] = frozenset()
    levels: tuple[tuple[CellKey, str], ...] = ()
    known: frozenset[CellKey] = frozenset()
    never_zero: frozenset[CellKey] = frozenset()


def protection_problem(
    printed: Sequence[LinkedTable],
    unpublished: Sequence[LinkedTable],
    *,
    rule: SuppressionRule,
    facts: CellFacts = CellFacts(),
) -> ProtectionProblem:
    """Set up the equations of linked tables."""
    linked = [*printed, *unpublished]
    for table in linked:
        if table.hidden:
            raise UsageError(
                f"Table {table.name!r} has {len(table.hidden)} rows without a count. Suppression "
                "needs the true counts: give a whole number in every row, and zero if there are "
                "none."
            )
    counts: dict[str, dict[CellKey, int]] = defaultdict(dict)
    for table in linked:
        counts[table.release].update(table.shown)
    sums = sums_of(linked, rule.public, known=facts.known)
    # Totals that are not printed: the finest parts first.
    for each in sorted(sums, key=lambda each: -len(each.parts[0])):
        own = counts[each.release]
        if each.total not in own:
            own[each.total] = sum(own[part] for part in each.parts)
    value_of: dict[CellKey, int] = {}
    for own in counts.values():
        value_of |= {key: count for key, count in own.items() if key not in value_of}
    value = list(value_of.values())
    index = {key: cell for cell, key in enumerate(value_of)}
    rows: dict[tuple[tuple[int, int], ...], None] = {}
    for each in sums:
        own = counts[each.release]
        rest = own[each.total] - sum(own[part] for part in each.parts)
        row = {index[part]: 1 for part in each.parts}
        row[index[each.total]] = row.get(index[each.total], 0) - 1
        if rest < 0:
            raise UsageError(
                f"The total of {cell_text(each.total)} in table {each.group[0]!r} is "
                f"{own[each.total]}, but its parts add up to {own[each.total] - rest}. Give the "
                "true counts: a total is at least the sum of its parts."
            )
        if rest > 0 and rule.small(rest):
            # Events of the total that are in no part are a group of their own.
            row[len(value)] = 1
            value.append(rest)
        rows[tuple(sorted(row.items()))] = None
    places = [(number, cell, sign) for number, row in enumerate(rows) for cell, sign in row]
    row_of, cell_of, signs = np.array(places, dtype=np.int64).reshape(-1, 3).T
    matrix = sparse.csr_array((signs.astype(float), (row_of, cell_of)), (len(rows), len(value)))
    problem = _unprinted(np.array(value, dtype=np.int64), matrix, index, rule)
    _print(problem, printed, rule, facts)
    _make_known(problem, counts, rule, facts)
    return _with_sums_of_small(problem)


def _unprinted(
    value: NDArray[np.int64], sums: Any, index: dict[CellKey, int], rule: SuppressionRule
) -> ProtectionProblem:
    """Return the problem before it is filled in which cells are printed and known."""
    n = len(value)
    small = np.array([rule.small(int(count)) for count in value], dtype=bool)
    return ProtectionProblem(
        index=index,
        value=value,
        nominal_value=np.where(small, rule.least, np.where(value == 0, 0, LARGE)),
        floor=np.where(small, rule.least, np.where(value == 0, 0, rule.threshold + 1)),
        ceiling=np.where(small, rule.threshold, np.where(value == 0, 0, UNLIMITED)),
        sums=sums,
        printed=np.zeros(n, dtype=bool),
        sensitive=small,
        fixed=np.zeros(n, dtype=bool),
        public=np.zeros(n, dtype=bool),
        zero=np.zeros(n, dtype=bool),
        never_zero=np.zeros(n, dtype=bool),
        slack=np.zeros((2, n), dtype=np.int64),
        loss=_losses(index, n),
        required_range=rule.width - 1,
    )


def _print(
    problem: ProtectionProblem,
    printed: Sequence[LinkedTable],
    rule: SuppressionRule,
    facts: CellFacts,
) -> None:
    """Fill in which cells are printed, and how far they may differ from rounded counts."""
    levels = dict(facts.levels)
    for key, count in (pair for table in printed for pair in table.shown.items()):
        cell = problem.index[key]
        first = not problem.printed[cell]
        problem.printed[cell] = True
        if rule.small(count) or key in facts.dominated:
            problem.sensitive[cell] = True
        if count != problem.value[cell]:
            # In one of two releases the count may be small, so the cell may have any value.
            problem.floor[cell] = min(problem.floor[cell], rule.least)
            problem.ceiling[cell], problem.nominal_value[cell] = UNLIMITED, LARGE
        problem.never_zero[cell] |= key in facts.never_zero
        bottom, top = rule.behind(rule.shown(count, levels.get(key)), levels.get(key))
        room = np.array([count - bottom, top - count])
        problem.slack[:, cell] = room if first else np.minimum(problem.slack[:, cell], room)


def _make_known(
    problem: ProtectionProblem,
    counts: dict[str, dict[CellKey, int]],
    rule: SuppressionRule,
    facts: CellFacts,
) -> None:
    """Fill in which cells everyone knows, and which zeros are shown."""
    public = None if rule.public is None else frozenset(rule.public)
    for key, cell in problem.index.items():
        if key in facts.known:
            problem.fixed[cell] = True
            problem.sensitive[cell] = False
        elif public is not None and dimension_set(key) <= public and not problem.sensitive[cell]:
            problem.public[cell] = True
        if rule.least and problem.printed[cell] and not problem.sensitive[cell]:
            problem.zero[cell] = not any(own.get(key) for own in counts.values())


def _with_sums_of_small(problem: ProtectionProblem) -> ProtectionProblem:
    """Hide every total of two or more small counts and no others, whatever its size."""
    # If such a total is shown, or known to be small, its parts cannot be as uncertain as the rule
    # requires.
    few = problem.ceiling < UNLIMITED
    sensitive, nominal_value = problem.sensitive.copy(), problem.nominal_value.copy()
    floor, ceiling = problem.floor.copy(), problem.ceiling.copy()
    # The finest first: a total of such totals is one too.
    for row in sorted(range(problem.sums.shape[0]), key=lambda row: -problem.depth(row)):
        parts, total = problem.parts_and_total(row)
        counted = parts[ceiling[parts] > 0]
        if few[parts].all() and len(counted) > 1 and not problem.known[total].any():
            few[total] = sensitive[total] = True
            floor[total] = nominal_value[total] = int(floor[parts].sum())
            ceiling[total] = UNLIMITED
    return replace(
        problem, sensitive=sensitive, floor=floor, ceiling=ceiling, nominal_value=nominal_value
    )


def _losses(index: dict[CellKey, int], n: int) -> NDArray[np.float64]:
    """Return the loss of each cell: 1 plus the binary logarithm of the finest cells it covers."""
    # It depends only on the dimensions: a choice that depends on the counts would reveal them.
    values: dict[str, set[str]] = defaultdict(set)
    for key in index:
        for name, value in key:
            values[name].add(value)
    deepest = max((len(key) for key in index), default=0)
    sizes = {name: np.log2(max(2, len(each))) for name, each in values.items()}
    loss = np.ones(n)
    for key, cell in index.items():
        absent = sorted(size for name, size in sizes.items() if name not in dict(key))
        loss[cell] = 1 + sum(absent[: deepest - len(key)])
    return loss


def ordered_losses(problem: ProtectionProblem) -> NDArray[np.float64]:
    """Return the losses, with ties broken by the order of the cells' keys, which is public."""
    # If counts broke the ties, an intruder who knows the method would learn of the counts.
    place = np.zeros(len(problem.loss))
    for number, key in enumerate(sorted(problem.index)):
        place[problem.index[key]] = number / len(problem.index)
    return problem.loss * (1 + 0.1 * place)
