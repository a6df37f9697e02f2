"""What is left of each hidden count of tables that cross, by sets of counts that print alike."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from hiding.method import Counts, Limits, not_found
from hiding.tables import Printed, Tables, anything, counts_of, long_table, room

TRIES = 10
"""How often a value of a count is aimed at."""

RENAMED = 200
"""How often the same counts are tried under other names."""

Protect = Callable[[Tables], Mapping[str, pd.DataFrame]]


class Left(NamedTuple):
    """Of one set: hidden counts, those with too few values, and how it went.

    ``open``: the time ran out before all that could be tried was.
    """

    hidden: int
    few: int
    open: bool
    whole: bool
    replayed: int
    unlike: int


def random_tables(draw: np.random.Generator, *, largest: int = 20) -> tuple[str, Tables]:
    """Return a set of tables that cross, and what it is."""
    kind = ("two ways", "pair", "cube")[int(draw.integers(3))]
    sizes = {
        "ward": int(draw.integers(3, largest + 1)),
        "year": int(draw.integers(2, 4 if largest <= 6 else 6)),
        "category": int(draw.integers(2, 5)),
    }
    keeps = {
        "two ways": [("ward", "category")],
        "pair": [("ward", "year"), ("ward", "category")],
        "cube": [("ward", "year", "category")],
    }[kind]
    cube = counts_of(draw, sizes, float(draw.choice([4, 12, 25, 60])))
    if kind == "two ways":
        cube, sizes = cube[:, 0], {name: sizes[name] for name in ("ward", "category")}
    return kind, {" x ".join(keep): long_table(cube, sizes, keep) for keep in keeps}


def left(tables: Tables, protect: Protect, limits: Limits, *, seconds: float) -> Left:
    """Look for as many values of each hidden count as the rule wants.

    Each set of counts agrees with all that is shown and with all sums, and ``protect`` prints the
    very same of it.
    """
    printed = Printed(tables)
    found = _Found(tables, printed, protect, time.perf_counter() + seconds)
    true, hidden = found.true, found.shown < 0
    depth = np.array([len(cell) for cell in printed.index])
    finest = depth == depth.max()
    draw = np.random.default_rng(len(true))
    # The same ones small first; then any counts at all; then others' counts.
    for ends in (room(true, hidden, finest, limits), anything(true, hidden)):
        _aim(found, ends, limits, draw)
    for other in _renamed(printed, true, draw):
        if not found.few(limits) or found.late():
            break
        if found.agrees(other):
            found.prints_alike(other)
    few = found.few(limits)
    live = true > 0 if limits.least else np.ones(len(true), dtype=bool)
    whole = bool(hidden.any()) and bool(hidden[live & finest].all())
    return Left(
        int(hidden.sum()), few, bool(few) and found.out_of_time, whole, found.replayed, found.unlike
    )


class _Found:
    """The values found of each hidden count, and the counts they come from."""

    def __init__(self, tables: Tables, printed: Printed, protect: Protect, end: float) -> None:
        self.tables, self.printed, self.protect, self.end = tables, printed, protect, end
        self.true = printed.of(tables)
        self.shown = printed.of(protect(tables))
        self.possible = {
            int(cell): {int(self.true[cell])} for cell in np.flatnonzero(self.shown < 0)
        }
        self.bases = [self.true]
        self.replayed = self.unlike = 0
        self.out_of_time = False

    def few(self, limits: Limits) -> int:
        """Return how many hidden counts have fewer values than the rule wants."""
        return sum(len(each) < limits.wanted for each in self.possible.values())

    def late(self) -> bool:
        """Say whether the time is over."""
        self.out_of_time |= time.perf_counter() > self.end
        return self.out_of_time

    def agrees(self, counts: Counts) -> bool:
        """Say whether counts agree with what is shown and add up."""
        alike = counts[self.shown >= 0] == self.shown[self.shown >= 0]
        return bool((counts >= 0).all() and alike.all()) and self.printed.add_up(counts)

    def prints_alike(self, counts: Counts) -> bool:
        """Note the values of counts that are printed as the true ones are."""
        self.replayed += 1
        again = self.printed.of(self.protect(self.printed.tables(self.tables, counts)))
        if not np.array_equal(again, self.shown):
            self.unlike += 1
            return False
        self.bases.append(counts)
        for cell, values in self.possible.items():
            values.add(int(counts[cell]))
        return True


def _aim(
    found: _Found, ends: tuple[Counts, Counts], limits: Limits, draw: np.random.Generator
) -> None:
    """Look for counts between limits in which hidden ones have values not yet found."""
    tried: Counter[tuple[int, int]] = Counter()
    together = len(found.possible)
    while (aims := _aims(found.possible, tried, ends, limits, draw)) and not found.late():
        fixed = min(aims, key=lambda cell: (len(found.possible[cell]), cell))
        place = (fixed, aims[fixed])
        # Many aims at once first; where that is not printed alike, fewer.
        chosen = draw.permutation([cell for cell in aims if cell != fixed])[: together - 1]
        aims = {each: aims[each] for each in (fixed, *map(int, chosen))}
        base = min(
            found.bases,
            key=lambda each: (abs(int(each[place[0]]) - place[1]), draw.random()),
        )
        other = found.printed.nearest(aims, base, ends, fixed=fixed, draw=draw)
        if other is None:
            tried[place] += TRIES
            continue
        tried[place] += 1
        if not found.agrees(other):
            raise AssertionError("the counts found do not agree with what is printed")
        if found.prints_alike(other):
            together += 1 + together // 4
        else:
            together = 2 if together > 2 else 1


def _renamed(printed: Printed, counts: Counts, draw: np.random.Generator) -> Iterator[Counts]:
    """Yield the same counts with names of wards or categories exchanged, in one year or in all."""
    values: dict[str, list[str]] = {}
    for name, value in sorted({pair for cell in printed.index for pair in cell}):
        values.setdefault(name, []).append(value)
    names = [name for name in values if name != "year"]
    years = [("year", value) for value in values.get("year", ())]
    for _ in range(RENAMED):
        name = str(draw.choice(names))
        new = dict(zip(values[name], draw.permutation(values[name]), strict=True))
        number = int(draw.integers(-1, len(years)))
        other = counts.copy()
        for cell, place in printed.index.items():
            if number < 0 or years[number] in cell:
                renamed = frozenset((each, new[at] if each == name else at) for each, at in cell)
                other[printed.index[renamed]] = counts[place]
        for cell, place in printed.index.items():
            parts = [printed.index.get(cell | {year}) for year in years]
            if parts and None not in parts:
                other[place] = other[parts].sum()
        yield other


def _aims(
    values: Mapping[int, set[int]],
    tried: Mapping[tuple[int, int], int],
    ends: tuple[Counts, Counts],
    limits: Limits,
    draw: np.random.Generator,
) -> dict[int, int]:
    """Return a value not yet found for each count that has too few."""
    low, high = ends
    aims = {}
    for cell, found in values.items():
        free = [
            each
            for each in not_found(found, int(low[cell]), int(high[cell]), limits)
            if tried.get((cell, each), 0) < TRIES
        ]
        if free:
            # A value next to one that was found needs the least change.
            free.sort(key=lambda each: min(abs(each - known) for known in found))
            aims[cell] = int(draw.choice(free[:2]))
    return aims
