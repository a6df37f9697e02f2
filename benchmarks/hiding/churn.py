"""What is left of each hidden count to whoever has all releases of a line and knows that few moved.

A release prints its own figures or, where a count crossed the line, those of an earlier one.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from hiding.method import Counts, Limits, Mask, Method, not_found


class Out(NamedTuple):
    """What a release prints: whose figures, and which of them are hidden."""

    of: int
    hidden: Mask


OTHERS = 30
"""Other small counts that are tried for releases that show nothing."""

Publisher = Callable[[Counts], list[Out]]
"""Takes the true lines of all releases, one to a row."""


def holding(method: Method, limits: Limits) -> Publisher:
    """Return a publisher who holds a line whose pattern is not that of the release before."""

    def publish(lines: Counts) -> list[Out]:
        printed: list[Out] = []
        for at, hidden in enumerate(method(lines, limits)):
            before = printed[-1] if printed else None
            first = before is None or bool(before.hidden.all())
            if before is None or first or np.array_equal(hidden, before.hidden):
                printed.append(Out(at, hidden))
            else:
                printed.append(before)
        return printed

    return publish


def openly(method: Method, limits: Limits) -> Publisher:
    """Return a publisher who looks at no earlier release."""
    return lambda lines: [Out(at, hidden) for at, hidden in enumerate(method(lines, limits))]


def random_chain(draw: np.random.Generator, releases: int, limits: Limits) -> Counts:
    """Return releases of a line in which counts near the threshold often cross it."""
    areas, most = int(draw.integers(5, 13)), limits.most
    line = most + 1 + draw.poisson(draw.gamma(1, draw.uniform(2, 30), size=areas))
    order = draw.permutation(areas)
    number = int(draw.integers(1, 5))
    line[order[:number]] = draw.integers(limits.least, most + 1, size=number)
    near = order[number : number + int(draw.integers(1, 4))]
    line[near] = draw.integers(most, most + 3, size=len(near))
    lines = [line]
    for _ in range(releases - 1):
        lines.append(_moved(lines[-1], draw, limits))
    return np.array(lines, dtype=np.int64)


def _moved(line: Counts, draw: np.random.Generator, limits: Limits) -> Counts:
    """Return a line with one to five records added, withdrawn or moved."""
    made = line.copy()
    weight = np.where(np.abs(line - limits.most) <= 1, 6.0, 1.0)
    for _ in range(int(draw.integers(1, 6))):
        what = int(draw.integers(3))
        away = int(draw.choice(len(line), p=weight / weight.sum()))
        to = int(draw.choice(len(line), p=weight / weight.sum()))
        if what != 0 and made[away] > 0:
            made[away] -= 1
        elif what == 2:
            continue
        if what != 1:
            made[to] += 1
    return made


def values_left(
    lines: Counts, publish: Publisher, limits: Limits, budgets: Sequence[int]
) -> dict[tuple[int, int], set[int]]:
    """Return values of each hidden count of each release that is out.

    Every value comes from releases that print the very same, held or not, and of which no two
    neighbours differ by more records than the intruder believes.

    Parameters
    ----------
    lines : array, shape (releases, areas)
    publish : callable
    limits : Limits
    budgets : sequence of int
        The most records that changed between a release and the next.
    """
    printed = publish(lines)
    out = [at for at, each in enumerate(printed) if each.of == at and not each.hidden.all()]
    values = {
        (at, int(cell)): {int(lines[at, cell])}
        for at in out
        for cell in np.flatnonzero(printed[at].hidden)
    }
    for model in _models(lines, printed):
        tried: set[tuple[int, int, int]] = set()
        low, high = _room(lines, model, printed, limits)
        while aims := _aims(values, tried, low, high, limits):
            fixed = min(aims, key=lambda each: (len(values[each]), each))
            tried.add((*fixed, aims[fixed]))
            other = _nearest(lines, printed, (low, high), aims, fixed=fixed, budgets=budgets)
            if other is None or not _alike(lines, other, printed, publish, budgets):
                continue
            for (at, cell), found in values.items():
                found.add(int(other[at, cell]))
        if min(map(len, values.values()), default=limits.wanted) >= limits.wanted:
            break
    return values


def _models(lines: Counts, printed: Sequence[Out]) -> Iterator[Counts]:
    """Yield lines that say which counts may be small: the true ones, then others.

    Of a release of which nothing is shown, or that is held, any others may be small as well; of
    one that is out others of the hidden ones.
    """
    yield lines
    unseen = [at for at, each in enumerate(printed) if each.of != at or each.hidden.all()]
    hidden = [
        np.arange(lines.shape[1]) if at in unseen else np.flatnonzero(each.hidden)
        for at, each in enumerate(printed)
    ]
    draw = np.random.default_rng(len(lines))
    for _ in range(OTHERS):
        model = lines.copy()
        for at in unseen:
            for _ in range(int(draw.integers(3))):
                two = draw.choice(lines.shape[1], size=2, replace=False)
                model[at, two] = model[at, two[::-1]]
        first = int(draw.integers(len(lines)))
        if len(hidden[first]) > 1:
            two = draw.choice(hidden[first], size=2, replace=False)
            # One release alone, or all from it on that hide both.
            for at in range(first, len(lines) if draw.random() < 0.5 else first + 1):
                if np.isin(two, hidden[at]).all():
                    model[at, two] = model[at, two[::-1]]
        yield model


def _room(
    lines: Counts, model: Counts, printed: Sequence[Out], limits: Limits
) -> tuple[Counts, Counts]:
    """Return what each count may be while the same ones are small and shown ones stay."""
    small = (model >= limits.least) & (model <= limits.most)
    top = int(lines.max()) + 40
    low = np.where(small, limits.least, np.where(model > 0, limits.most + 1, 0))
    high = np.where(small, limits.most, np.where(model > 0, top, 0))
    for at, each in enumerate(printed):
        if each.of == at:
            low[at], high[at] = (np.where(each.hidden, end[at], lines[at]) for end in (low, high))
    return low, high


def _aims(
    values: dict[tuple[int, int], set[int]],
    tried: set[tuple[int, int, int]],
    low: Counts,
    high: Counts,
    limits: Limits,
) -> dict[tuple[int, int], int]:
    aims = {}
    for place, found in values.items():
        free = [
            each
            for each in not_found(found, int(low[place]), int(high[place]), limits)
            if (*place, each) not in tried
        ]
        if free:
            aims[place] = free[len(tried) % len(free)]
    return aims


def _nearest(
    lines: Counts,
    printed: Sequence[Out],
    room: tuple[Counts, Counts],
    aims: dict[tuple[int, int], int],
    *,
    fixed: tuple[int, int],
    budgets: Sequence[int],
) -> Counts | None:
    """Return other releases with one count as aimed at, and others near to their aims."""
    releases, areas = lines.shape
    cells = lines.size
    number = np.arange(cells).reshape(lines.shape)
    low, high = (end.copy() for end in room)
    low[fixed] = high[fixed] = aims[fixed]
    between = [(number[at], number[at + 1]) for at in range(releases - 1)]
    asked = [number[place] for place in aims if place != fixed]
    far = [aims[place] for place in aims if place != fixed]
    extra = (releases - 1) * areas
    size = cells + extra + len(asked)
    rows: list[tuple[list[int], list[float]]] = []
    limits: list[tuple[float, float]] = []

    def add(places: Sequence[int], signs: Sequence[float], least: float, most: float) -> None:
        rows.append((list(map(int, places)), list(signs)))
        limits.append((least, most))

    for at, each in enumerate(printed):
        if each.of == at:
            # What is hidden adds up to what is missing of the total.
            free = number[at][each.hidden]
            if len(free):
                add(free, [1.0] * len(free), *[float(lines[at][each.hidden].sum())] * 2)
    for step, (one, two) in enumerate(between):
        steps = cells + step * areas + np.arange(areas)
        for a, b, c in zip(one, two, steps, strict=True):
            add([a, b, c], [1.0, -1.0, -1.0], -np.inf, 0.0)
            add([a, b, c], [-1.0, 1.0, -1.0], -np.inf, 0.0)
        add(steps, [1.0] * areas, 0.0, float(budgets[step]))
    for at, (cell, aim) in enumerate(zip(asked, far, strict=True)):
        add([cell, cells + extra + at], [1.0, -1.0], -np.inf, aim)
        add([cell, cells + extra + at], [1.0, 1.0], aim, np.inf)
    matrix = sparse.csc_array(
        (
            [sign for _, signs in rows for sign in signs],
            (
                np.array([n for n, (places, _) in enumerate(rows) for _ in places], np.int32),
                np.array([place for places, _ in rows for place in places], np.int32),
            ),
        ),
        shape=(len(rows), size),
    )
    result = milp(
        np.concatenate([np.zeros(cells), np.full(extra, 1e-3), np.ones(len(asked))]),
        integrality=np.concatenate([np.ones(cells), np.zeros(size - cells)]),
        bounds=Bounds(
            np.concatenate([low.ravel(), np.zeros(size - cells)]),
            np.concatenate([high.ravel(), np.full(size - cells, np.inf)]),
        ),
        constraints=LinearConstraint(matrix, *map(np.array, zip(*limits, strict=True))),
        options={"time_limit": 10.0, "mip_rel_gap": 0.1},
    )
    if result.x is None:
        return None
    return result.x[:cells].round().astype(np.int64).reshape(lines.shape)


def _alike(
    lines: Counts, other: Counts, printed: Sequence[Out], publish: Publisher, budgets: Sequence[int]
) -> bool:
    """Say whether other releases print the same and lie near enough."""
    if (np.abs(np.diff(other, axis=0)).sum(axis=1) > np.array(budgets)).any():
        return False
    for one, two in zip(printed, publish(other), strict=True):
        if one.of != two.of or not np.array_equal(one.hidden, two.hidden):
            return False
        shown = ~one.hidden
        if (lines[one.of][shown] != other[one.of][shown]).any():
            return False
        if lines[one.of].sum() != other[one.of].sum():
            return False
    return True
