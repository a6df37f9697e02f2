"""What is left of each hidden count of tables that cross, by sets of counts that print alike."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from hiding.method import Counts, Limits, not_found
from hiding.tables import Printed, Tables, anything, counts_of, long_table, room

TRIES = 4
"""How often a value of a count is aimed at."""

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
    true = printed.of(tables)
    shown = printed.of(protect(tables))
    hidden = shown < 0
    cells = np.flatnonzero(hidden)
    depth = np.array([len(cell) for cell in printed.index])
    finest = depth == depth.max()
    values = {int(cell): {int(true[cell])} for cell in cells}
    bases = [true]
    began = time.perf_counter()
    replayed = unlike = 0
    out_of_time = False
    draw = np.random.default_rng(len(true))
    # The same ones small first; then any counts at all.
    for ends in (room(true, hidden, finest, limits), anything(true, hidden)):
        tried: Counter[tuple[int, int]] = Counter()
        together = len(cells)
        while aims := _aims(values, tried, ends, limits, draw):
            if time.perf_counter() - began > seconds:
                out_of_time = True
                break
            fixed = min(aims, key=lambda cell: (len(values[cell]), cell))
            place = (fixed, aims[fixed])
            # Many aims at once first; where that is not printed alike, fewer.
            chosen = draw.permutation([cell for cell in aims if cell != fixed])[: together - 1]
            aims = {each: aims[each] for each in (fixed, *map(int, chosen))}
            base = min(bases, key=lambda each: (abs(int(each[fixed]) - place[1]), draw.random()))
            other = printed.nearest(aims, base, ends, fixed=fixed, seconds=10)
            if other is None:
                tried[place] += TRIES
                continue
            tried[place] += 1
            if not _agrees(printed, other, shown):
                raise AssertionError("the counts found do not agree with what is printed")
            replayed += 1
            if np.array_equal(printed.of(protect(printed.tables(tables, other))), shown):
                bases.append(other)
                together += 1 + together // 4
                for cell in cells:
                    values[int(cell)].add(int(other[cell]))
            else:
                unlike += 1
                together = 2 if together > 2 else 1
    few = sum(len(each) < limits.wanted for each in values.values())
    live = true > 0 if limits.least else np.ones(len(true), dtype=bool)
    whole = bool(len(cells)) and bool(hidden[live & finest].all())
    return Left(len(cells), few, out_of_time, whole, replayed, unlike)


def _agrees(printed: Printed, counts: Counts, shown: Counts) -> bool:
    return bool(
        (counts >= 0).all() and (counts[shown >= 0] == shown[shown >= 0]).all()
    ) and printed.add_up(counts)


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
            aims[cell] = int(draw.choice(free))
    return aims
