"""The intruder's bounds: the sums of linked tables as one sparse system, and links of releases."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from scipy import sparse

from bolton_jsna.disclosure._intruder_knowledge import IntruderKnowledge, ReleaseCell
from bolton_jsna.disclosure._linear_bounds import bounds_of
from bolton_jsna.disclosure._linked_tables import CellKey, Sum

Bounds = dict[ReleaseCell, tuple[float, float]]

CHANGES: Final = (1, 2, 5, 10, 20)
"""The intruder's assumptions of how many a count differs between two releases: the smallest that
what is shown does not contradict is used."""


class _System:
    """Equations over numbered unknowns with a lower and an upper limit each."""

    def __init__(self) -> None:
        self.equations: list[dict[int, float]] = []
        self.right: list[float] = []
        self.lower: list[float] = []
        self.upper: list[float] = []

    def unknown(self, lower: float, upper: float) -> int:
        """Add an unknown and return its number."""
        self.lower.append(lower)
        self.upper.append(upper)
        return len(self.lower) - 1

    def equation(self, weights: dict[int, float], right: float = 0.0) -> None:
        """Add an equation: the weighted sum of some unknowns is a number."""
        self.equations.append(weights)
        self.right.append(right)


def intruder_bounds(
    sums: Sequence[Sum], known: IntruderKnowledge, *, changes: int | None, width: int
) -> Bounds:
    """Return the smallest and the largest possible value of each hidden cell."""
    system = _System()
    in_sums = ((each.release, key) for each in sums for key in (each.total, *each.parts))
    places = dict.fromkeys((*in_sums, *known.hidden, *known.lower))
    index = {
        place: system.unknown(known.lower.get(place, 0.0), known.upper.get(place, np.inf))
        for place in places
    }
    _add_sums(system, sums, known, index)
    if changes is not None:
        _link_releases(system, index, known, changes)
    entries = [(n, cell, w) for n, each in enumerate(system.equations) for cell, w in each.items()]
    rows, columns, weights = np.array(entries, dtype=float).reshape(-1, 3).T
    matrix = sparse.csr_array(
        (weights, (rows.astype(int), columns.astype(int))),
        shape=(len(system.equations), len(system.lower)),
    )
    asked = np.array([index[place] for place in known.hidden], dtype=np.int64)
    right, lower, upper = map(np.array, (system.right, system.lower, system.upper))
    least, most = bounds_of(matrix, right, lower, upper, asked, width=width)
    return {place: (float(least[n]), float(most[n])) for n, place in enumerate(known.hidden)}


def _add_sums(
    system: _System, sums: Sequence[Sum], known: IntruderKnowledge, index: dict[ReleaseCell, int]
) -> None:
    """Add the sums; what is in no part is a further unknown."""
    limits = _limits_of_remainders(sums, known)
    for each in sums:
        weights = {index[each.release, part]: 1.0 for part in each.parts}
        total = index[each.release, each.total]
        weights[total] = weights.get(total, 0.0) - 1.0
        least, most = limits.get((each.release, *each.group), (0, 0))
        rest = _remainder(each, known)
        if rest is None and (least, most) != (0, 0):
            lower, upper = -np.inf if least < 0 else 0.0, np.inf if most > 0 else 0.0
            weights[system.unknown(lower, upper)] = 1.0
        system.equation(weights, float(-(rest or 0)))


def _remainder(each: Sum, known: IntruderKnowledge) -> int | None:
    """Return the total minus its parts if all are known."""
    places = [(each.release, key) for key in (each.total, *each.parts)]
    if any(place not in known.exact for place in places):
        return None
    total, *parts = (known.exact[place] for place in places)
    return total - sum(parts)


def _limits_of_remainders(
    sums: Sequence[Sum], known: IntruderKnowledge
) -> dict[Any, tuple[int, int]]:
    """Return the smallest and largest known remainder (or 0) of each kind of total of a table."""
    found: dict[Any, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for each in sums:
        rest = _remainder(each, known)
        if rest:
            least, most = found[each.release, *each.group]
            found[each.release, *each.group] = (min(least, rest), max(most, rest))
    return dict(found)


def _link_releases(
    system: _System, index: dict[ReleaseCell, int], known: IntruderKnowledge, changes: int
) -> None:
    """Link a printed cell in two releases: few records changed, so it did not change much."""
    cells: dict[CellKey, list[str]] = defaultdict(list)
    for release, key in known.lower:
        cells[key].append(release)
    for key, releases in cells.items():
        for one, two in itertools.pairwise(sorted(releases, key=_release_number)):
            places = {(one, key), (two, key)}
            shown = places & known.shown.keys()
            # If all counts of a sum are hidden, the reason for one of them is not known.
            if places <= known.exact.keys() or (len(shown) == 1 and places & known.in_hidden_sums):
                continue
            change = system.unknown(-float(changes), float(changes))
            system.equation({index[two, key]: 1.0, index[one, key]: -1.0, change: -1.0})


def _release_number(release: str) -> tuple[str, int]:
    """Return the order of a release: they are numbered as they are given, the oldest first."""
    name, _, number = release.rpartition("#")
    return name, int(number)
