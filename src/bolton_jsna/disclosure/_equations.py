"""The sums of linked tables as one sparse system, and what ties one release to the next."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.disclosure._bounds import bounds_of
from bolton_jsna.disclosure._linked_tables import Key, Sum
from bolton_jsna.disclosure._prior_bounds import Known, Place

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Bounds = dict[Place, tuple[float, float]]

FEW: Final = (1, 2, 5, 10, 20)
"""By how many a count may differ between two releases, as the intruder believes: the fewest that
what is shown does not contradict."""


def bounds(sums: Sequence[Sum], known: Known, *, few: int | None, width: int) -> Bounds:
    """Return the least and the most of each hidden cell."""
    import numpy as np
    from scipy import sparse

    index: dict[Place, int] = {}
    for each in sums:
        for key in (each.whole, *each.parts):
            index.setdefault((each.release, key), len(index))
    for place in (*known.hidden, *known.lower):
        index.setdefault(place, len(index))
    lower = [known.lower.get(place, 0.0) for place in index]
    upper = [known.upper.get(place, np.inf) for place in index]
    equations, right = _sums(sums, known, index, (lower, upper))
    if few is not None:
        _tie(index, known, few, system=(equations, right), limits=(lower, upper))
    places = [(n, cell, w) for n, equation in enumerate(equations) for cell, w in equation.items()]
    where: NDArray[np.float64] = np.array(places, dtype=float).reshape(-1, 3)
    matrix = sparse.csr_array(
        (where[:, 2], (where[:, 0].astype(int), where[:, 1].astype(int))),
        shape=(len(equations), len(lower)),
    )
    asked = np.array([index[place] for place in known.hidden], dtype=np.int64)
    least, most = bounds_of(
        matrix, np.array(right), np.array(lower), np.array(upper), asked, width=width
    )
    return {place: (float(least[n]), float(most[n])) for n, place in enumerate(known.hidden)}


def _sums(
    sums: Sequence[Sum],
    known: Known,
    index: dict[Place, int],
    limits: tuple[list[float], list[float]],
) -> tuple[list[dict[int, float]], list[float]]:
    """Return the sums as equations; what belongs to no part is an unknown of its own."""
    lower, upper = limits
    equations: list[dict[int, float]] = []
    right: list[float] = []
    rests = _rests(sums, known)
    for each in sums:
        equation = {index[each.release, part]: 1.0 for part in each.parts}
        whole = index[each.release, each.whole]
        equation[whole] = equation.get(whole, 0.0) - 1.0
        rest, constant = rests.get((each.release, *each.group), (0, 0)), 0.0
        if rest != (0, 0):
            own = _rest(each, known)
            if own is not None:
                constant = -float(own)
            else:
                equation[len(lower)] = 1.0
                lower.append(-float("inf") if rest[0] < 0 else 0.0)
                upper.append(float("inf") if rest[1] > 0 else 0.0)
        equations.append(equation)
        right.append(constant)
    return equations, right


def _rest(each: Sum, known: Known) -> int | None:
    """Return the whole less its parts where all are known."""
    places = [(each.release, key) for key in (each.whole, *each.parts)]
    if any(place not in known.exact for place in places):
        return None
    whole, *parts = (known.exact[place] for place in places)
    return whole - sum(parts)


def _rests(sums: Sequence[Sum], known: Known) -> dict[Any, tuple[int, int]]:
    """Return, for each margin of each table, by how much its known sums miss the parts."""
    found: dict[Any, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for each in sums:
        rest = _rest(each, known)
        if rest:
            least, most = found[each.release, *each.group]
            found[each.release, *each.group] = (min(least, rest), max(most, rest))
    return dict(found)


def _tie(
    index: dict[Place, int],
    known: Known,
    few: int,
    *,
    system: tuple[list[dict[int, float]], list[float]],
    limits: tuple[list[float], list[float]],
) -> None:
    """Tie the same printed cell of two releases: few records changed, so it did not change much."""
    lower, upper = limits
    equations, right = system
    cells: dict[Key, list[str]] = defaultdict(list)
    for release, key in known.lower:
        cells[key].append(release)
    for key, releases in cells.items():
        for one, two in itertools.pairwise(sorted(releases, key=_order)):
            places = {(one, key), (two, key)}
            shown = places & known.shown.keys()
            # Why one count of a line that is hidden whole is hidden cannot be told.
            if places <= known.exact.keys() or (len(shown) == 1 and places & known.whole):
                continue
            equations.append({index[two, key]: 1.0, index[one, key]: -1.0, len(lower): -1.0})
            right.append(0.0)
            lower.append(-float(few))
            upper.append(float(few))


def _order(release: str) -> tuple[str, int]:
    """Return the order of a release: they are numbered as they are given, the oldest first."""
    name, _, number = release.rpartition("#")
    return name, int(number)
