"""Linked tables as a system of equations over cells that are known, hidden or never printed."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bolton_jsna.disclosure.cells import Key, Sheet, Sum, shape_of, sums_of
from bolton_jsna.disclosure.rules import SuppressionRule
from bolton_jsna.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Problem:
    """What has to be protected, as arrays over n cells.

    Attributes
    ----------
    index : dict of tuple to int
        The place of each cell that has a name; cells beyond are the rest of a sum.
    value : ndarray of int
        The true counts, those of the first release that holds the cell.
    floor : ndarray of int
        The smallest value that a hidden cell can have for all that anybody knows.
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
    """

    index: dict[Key, int]
    value: NDArray[np.int64]
    floor: NDArray[np.int64]
    sums: Any
    printed: NDArray[np.bool_]
    sensitive: NDArray[np.bool_]
    fixed: NDArray[np.bool_]
    public: NDArray[np.bool_]
    zero: NDArray[np.bool_]
    slack: NDArray[np.int64]
    loss: NDArray[np.float64]
    width: int

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Cells that everybody knows."""
        return self.fixed | self.public

    @cached_property
    def by_cell(self) -> Any:
        """The sums with their places by cell."""
        return self.sums.tocsc()


@dataclass(frozen=True)
class Facts:
    """What else is known of each printed cell beside its count."""

    dominated: frozenset[Key] = frozenset()
    levels: tuple[tuple[Key, str], ...] = ()
    known: frozenset[Key] = frozenset()
    sticky: frozenset[Key] = frozenset()
    zeros_hidden: bool = False


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
    """Set up the equations of linked tables.

    Parameters
    ----------
    printed, unpublished : sequences of Sheet
        Tables that are to be written, and tables that are not, whose small cells must not be
        worked out from those that are.
    rule : SuppressionRule
    facts : Facts

    Raises
    ------
    UsageError
        When a count is missing.
    """
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
    flags = {name: np.zeros(n, dtype=bool) for name in ("printed", "fixed", "public", "zero")}
    sensitive = np.array([rule.small(int(count)) for count in value], dtype=bool)
    least = 1 if rule.zeros == "shown" and not facts.zeros_hidden else 0
    floor = np.zeros(n, dtype=np.int64)
    slack = np.zeros((2, n), dtype=np.int64)
    levels = dict(facts.levels)
    for sheet in printed:
        for key, count in zip(sheet.keys, sheet.counts, strict=True):
            assert count is not None  # noqa: S101 (problem_of has looked)
            cell = index[key]
            apart = count - int(value[cell])
            first = not flags["printed"][cell]
            flags["printed"][cell] = True
            hide = rule.small(count) or key in facts.dominated or key in facts.sticky
            sensitive[cell] |= hide
            floor[cell] = max(floor[cell], least - apart)
            bottom, top = rule.behind(rule.shown(count, levels.get(key)), levels.get(key))
            room = (count - bottom, top - count)
            for side in (0, 1):
                slack[side, cell] = room[side] if first else min(slack[side, cell], room[side])
    floor = np.minimum(floor, value)
    public = None if rule.public is None else frozenset(rule.public)
    for key, cell in index.items():
        if key in facts.known:
            flags["fixed"][cell] = True
            sensitive[cell] = False
        elif public is not None and shape_of(key) <= public and not sensitive[cell]:
            flags["public"][cell] = True
    if least:
        every = np.zeros(n, dtype=bool)
        for known in counts.values():
            for key, count in known.items():
                every[index[key]] |= count > 0
        flags["zero"] = flags["printed"] & ~every & ~sensitive
    return Problem(
        index=index,
        value=value,
        floor=floor,
        sums=matrix,
        printed=flags["printed"],
        sensitive=sensitive,
        fixed=flags["fixed"],
        public=flags["public"],
        zero=flags["zero"],
        slack=slack,
        loss=_losses(index, n),
        width=rule.width,
    )


def _losses(index: dict[Key, int], n: int) -> NDArray[np.float64]:
    """Return the loss of each cell: 1 plus the binary logarithm of the finest cells it covers.

    It is the same for every table with these dimensions: a choice that looked at the counts
    would tell of them.
    """
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


def shaken(problem: Problem) -> NDArray[np.float64]:
    """Return the losses with ties broken in a way that nobody without the counts can repeat.

    An intruder who knew the order in which ties are broken could tell a small hidden count from
    the one that protects it (Wong et al. 2007). The same counts give the same order.
    """
    import numpy as np

    digest = hashlib.sha256(problem.value.tobytes() + repr(list(problem.index)).encode()).digest()
    draw = np.random.default_rng(int.from_bytes(digest[:8], "little"))
    return problem.loss * (1 + 0.1 * draw.random(len(problem.loss)))
