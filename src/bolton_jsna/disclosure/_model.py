"""Linked tables as a system of equations over cells that are known, hidden or never printed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.errors import UsageError
from bolton_jsna.disclosure._linked_tables import Key, Sheet, Sum, shape_of, sums_of, words_of
from bolton_jsna.disclosure.rules import SuppressionRule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


UNLIMITED: Final = 2**40
"""More than any count."""

LARGE: Final = 100_000
"""What stands for a count that is not small: it can become more or less."""


@dataclass(frozen=True, eq=False)
class Problem:
    """What has to be protected, as arrays over n cells.

    Attributes
    ----------
    index : dict of tuple to int
        The place of each cell that has a name; cells beyond are the rest of a sum.
    value : ndarray of int
        The true counts, those of the first release that holds the cell.
    base : ndarray of int
        What stands for each count where no more may be looked at than whether it is small.
    floor, ceiling : ndarray of int
        The smallest and largest value of a cell for whoever knows which counts are small.
    sums : sparse array, shape (m, n)
        Each row: the parts of a sum less the whole; its product with the counts is known.
    printed, sensitive, fixed : ndarray of bool
        Printed somewhere; must not be known; known whatever is hidden.
    public, zero : ndarray of bool
        Fixed only because the rule says so, or because zeros are shown.
    slack : ndarray of int, shape (2, n)
        How far below and above its value a cell that is shown may be, being rounded.
    loss : ndarray of float
        What is lost when a cell is hidden: 1 for the finest cells, more for margins.
    apart : int
        How far apart the least and most of a hidden cell must be.
    """

    index: dict[Key, int]
    value: NDArray[np.int64]
    base: NDArray[np.int64]
    floor: NDArray[np.int64]
    ceiling: NDArray[np.int64]
    sums: Any
    printed: NDArray[np.bool_]
    sensitive: NDArray[np.bool_]
    fixed: NDArray[np.bool_]
    public: NDArray[np.bool_]
    zero: NDArray[np.bool_]
    slack: NDArray[np.int64]
    loss: NDArray[np.float64]
    apart: int

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Cells that everybody knows."""
        return self.fixed | self.public

    @cached_property
    def keys(self) -> dict[int, Key]:
        """The name of each cell that has one."""
        return {cell: key for key, cell in self.index.items()}

    def depth(self, row: int) -> int:
        """Return how many dimensions the parts of a sum have."""
        cells = self.sums.indices[self.sums.indptr[row] : self.sums.indptr[row + 1]]
        return max(len(self.keys.get(int(cell), ())) for cell in cells)

    @cached_property
    def by_cell(self) -> Any:
        """The sums with their places by cell."""
        return self.sums.tocsc()

    def nominal(self) -> Problem:
        """Return the same tables with counts that say no more than which are small."""
        # A choice of further cells by these is the same for all counts with the same small ones,
        # so that nobody who runs it backwards learns how small they are.
        import numpy as np

        room = self.slack.sum(axis=0)
        return replace(self, value=self.base, slack=np.vstack([room // 2, room - room // 2]))

    def hidden_whole(self, cells: NDArray[np.bool_]) -> Problem:
        """Return the tables with cells that are hidden whatever their counts are."""
        import numpy as np

        cells = cells & self.printed & ~self.known
        return replace(
            self,
            sensitive=self.sensitive | cells,
            zero=self.zero & ~cells,
            floor=np.where(cells, 0, self.floor),
            ceiling=np.where(cells, UNLIMITED, self.ceiling),
        )


@dataclass(frozen=True)
class Facts:
    """What else is known of each printed cell beside its count."""

    dominated: frozenset[Key] = frozenset()
    levels: tuple[tuple[Key, str], ...] = ()
    known: frozenset[Key] = frozenset()


def _counts(sheets: Sequence[Sheet], sums: Sequence[Sum]) -> dict[str, dict[Key, int]]:
    """Return the count of every cell in every release, margins that nobody prints included."""
    counts: dict[str, dict[Key, int]] = defaultdict(dict)
    for sheet in sheets:
        for key, count in zip(sheet.keys, sheet.counts, strict=True):
            if count is not None:
                counts[sheet.release][key] = count
    for each in sorted(sums, key=lambda each: -len(each.parts[0])):
        known = counts[each.release]
        if each.whole not in known:
            known[each.whole] = sum(known[part] for part in each.parts)
    return counts


def problem_of(
    printed: Sequence[Sheet],
    unpublished: Sequence[Sheet],
    *,
    rule: SuppressionRule,
    facts: Facts = Facts(),
) -> Problem:
    """Set up the equations of linked tables."""
    import numpy as np
    from scipy import sparse

    sheets = [*printed, *unpublished]
    for sheet in sheets:
        if None in sheet.counts:
            raise UsageError(
                f"Table {sheet.name!r} has {sheet.counts.count(None)} rows without a count. "
                "Suppression starts from true counts: give a whole number in every row, zero "
                "where there is none."
            )
    sums = sums_of(sheets, rule.public, known=facts.known)
    counts = _counts(sheets, sums)
    index: dict[Key, int] = {}
    value: list[int] = []
    for known in counts.values():
        for key, count in known.items():
            if key not in index:
                index[key] = len(value)
                value.append(count)
    rows: list[dict[int, int]] = []
    seen: set[tuple[tuple[int, int], ...]] = set()
    for each in sums:
        own = counts[each.release]
        rest = own[each.whole] - sum(own[part] for part in each.parts)
        row = {index[part]: 1 for part in each.parts}
        row[index[each.whole]] = row.get(index[each.whole], 0) - 1
        if rest < 0:
            raise UsageError(
                f"The total of {words_of(each.whole)} in table {each.group[0]!r} is "
                f"{own[each.whole]}, and its parts add up to {own[each.whole] - rest}. Give true "
                "counts: a total is at least the sum of its parts."
            )
        if rest > 0 and rule.small(rest):
            # Events of the whole that belong to no part are a group of their own.
            row[len(value)] = 1
            value.append(rest)
        told = tuple(sorted(row.items()))
        if told not in seen:
            seen.add(told)
            rows.append(row)
    n = len(value)
    places = [(number, cell, sign) for number, row in enumerate(rows) for cell, sign in row.items()]
    where = np.array(places, dtype=np.int64).reshape(-1, 3)
    matrix = sparse.csr_array(
        (where[:, 2].astype(float), (where[:, 0], where[:, 1])), shape=(len(rows), n)
    )
    return _filled(
        printed, counts, index, (np.array(value, dtype=np.int64), matrix), rule=rule, facts=facts
    )


def _filled(
    printed: Sequence[Sheet],
    counts: dict[str, dict[Key, int]],
    index: dict[Key, int],
    system: tuple[NDArray[np.int64], Any],
    *,
    rule: SuppressionRule,
    facts: Facts,
) -> Problem:
    import numpy as np

    value, matrix = system
    n = len(value)
    small = np.array([rule.small(int(count)) for count in value], dtype=bool)
    made = Problem(
        index=index,
        value=value,
        base=np.where(small, rule.least, np.where(value == 0, 0, LARGE)),
        floor=np.where(small, rule.least, np.where(value == 0, 0, rule.threshold + 1)),
        ceiling=np.where(small, rule.threshold, np.where(value == 0, 0, UNLIMITED)),
        sums=matrix,
        printed=np.zeros(n, dtype=bool),
        sensitive=small,
        fixed=np.zeros(n, dtype=bool),
        public=np.zeros(n, dtype=bool),
        zero=np.zeros(n, dtype=bool),
        slack=np.zeros((2, n), dtype=np.int64),
        loss=_losses(index, n),
        apart=rule.width - 1,
    )
    _print(made, printed, rule, facts)
    _make_known(made, counts, rule, facts)
    return _with_sums_of_small(made)


def _print(problem: Problem, printed: Sequence[Sheet], rule: SuppressionRule, facts: Facts) -> None:
    """Fill in which cells are printed, and what rounding leaves open of them."""
    levels = dict(facts.levels)
    for sheet in printed:
        for key, count in zip(sheet.keys, sheet.counts, strict=True):
            assert count is not None  # noqa: S101 (problem_of has looked)
            cell = problem.index[key]
            first = not problem.printed[cell]
            problem.printed[cell] = True
            if rule.small(count) or key in facts.dominated:
                problem.sensitive[cell] = True
            if count != problem.value[cell]:
                # Of two releases side by side one may be small, so the cell may be anything.
                problem.floor[cell] = min(problem.floor[cell], rule.least)
                problem.ceiling[cell], problem.base[cell] = UNLIMITED, LARGE
            bottom, top = rule.behind(rule.shown(count, levels.get(key)), levels.get(key))
            room = (count - bottom, top - count)
            for side, slack in enumerate(problem.slack):
                slack[cell] = room[side] if first else min(slack[cell], room[side])


def _make_known(
    problem: Problem, counts: dict[str, dict[Key, int]], rule: SuppressionRule, facts: Facts
) -> None:
    """Fill in which cells everybody knows, and which zeros are shown."""
    public = None if rule.public is None else frozenset(rule.public)
    for key, cell in problem.index.items():
        if key in facts.known:
            problem.fixed[cell] = True
            problem.sensitive[cell] = False
        elif public is not None and shape_of(key) <= public and not problem.sensitive[cell]:
            problem.public[cell] = True
        if rule.least and problem.printed[cell] and not problem.sensitive[cell]:
            problem.zero[cell] = not any(known.get(key) for known in counts.values())


def _with_sums_of_small(problem: Problem) -> Problem:
    """Hide the sum of two or more small counts and nothing else, whether it is small or not."""
    # Beside a sum that is shown, or known to be small, they could not be all that the rule hides.
    sums, few = problem.sums, problem.ceiling < UNLIMITED
    sensitive, base = problem.sensitive.copy(), problem.base.copy()
    floor, ceiling = problem.floor.copy(), problem.ceiling.copy()
    # The finest first: a sum of such sums is one too.
    for row in sorted(range(sums.shape[0]), key=lambda row: -problem.depth(row)):
        at = slice(sums.indptr[row], sums.indptr[row + 1])
        parts, whole = sums.indices[at][sums.data[at] > 0], sums.indices[at][sums.data[at] < 0]
        counted = parts[ceiling[parts] > 0]
        if few[parts].all() and len(counted) > 1 and not problem.known[whole].any():
            few[whole] = sensitive[whole] = True
            floor[whole] = base[whole] = int(floor[parts].sum())
            ceiling[whole] = UNLIMITED
    return replace(problem, sensitive=sensitive, floor=floor, ceiling=ceiling, base=base)


def _losses(index: dict[Key, int], n: int) -> NDArray[np.float64]:
    """Return the loss of each cell: 1 plus the binary logarithm of the finest cells it covers."""
    # It is the same for every table with these dimensions: a choice that looked at the counts
    # would tell of them.
    import numpy as np

    values: dict[str, set[str]] = defaultdict(set)
    for key in index:
        for name, value in key:
            values[name].add(value)
    deepest = max((len(key) for key in index), default=0)
    sizes = {name: max(2, len(each)) for name, each in values.items()}
    usual = np.log2(sorted(sizes.values())) if sizes else np.zeros(0)
    loss = np.ones(n)
    for key, cell in index.items():
        out = deepest - len(key)
        absent = [np.log2(size) for name, size in sizes.items() if name not in dict(key)]
        loss[cell] = 1 + (sum(sorted(absent)[:out]) if len(usual) else 0)
    return loss


def in_public_order(problem: Problem) -> NDArray[np.float64]:
    """Return the losses with ties broken by the order of the cells' keys, which can be repeated."""
    # Counts must not break them: whoever knows the method would learn of the counts.
    import numpy as np

    place = np.zeros(len(problem.loss))
    for number, key in enumerate(sorted(problem.index)):
        place[problem.index[key]] = number / len(problem.index)
    return problem.loss * (1 + 0.1 * place)
