"""Linked tables and their sums, read a second time: every printed cell is an unknown."""

import itertools
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from hiding.method import Counts, Limits, Mask

Tables = dict[str, pd.DataFrame]
Cell = frozenset[tuple[str, str]]

ALL = "All"
NO_DIMENSION = ("count", "status")


def counts_of(draw: np.random.Generator, sizes: Mapping[str, int], mean: float) -> Counts:
    """Return a cube of counts, uneven as real ones are."""
    shape = tuple(sizes.values())
    return draw.poisson(draw.gamma(0.7, mean / 0.7, size=shape)).astype(np.int64)


def long_table(cube: Counts, sizes: Mapping[str, int], keep: Iterable[str]) -> pd.DataFrame:
    """Return the table by some dimensions of a cube, with every margin."""
    kept = set(keep)
    picks = [[*range(size), None] if name in kept else [None] for name, size in sizes.items()]
    rows = []
    for at in itertools.product(*picks):
        part = cube[tuple(slice(None) if place is None else place for place in at)]
        row: dict[str, Any] = {
            name: ALL if place is None else f"{name}{place:02d}"
            for name, place in zip(sizes, at, strict=True)
            if name in kept
        }
        rows.append({**row, "count": int(part.sum())})
    return pd.DataFrame(rows)


class Printed:
    """What is printed of linked tables: cells, the sums that tie them, and what is hidden."""

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self.index: dict[Cell, int] = {}
        self.places: dict[str, list[int]] = {}
        sums: dict[tuple[int, frozenset[int]], None] = {}
        for name, table in tables.items():
            dimensions = [each for each in table.columns if each not in NO_DIMENSION]
            keys = list(zip(*(table[each] for each in dimensions), strict=True))
            cells = [
                frozenset(pair for pair in zip(dimensions, key, strict=True) if pair[1] != ALL)
                for key in keys
            ]
            self.places[name] = [self.index.setdefault(each, len(self.index)) for each in cells]
            for at in range(len(dimensions)):
                parts: dict[tuple[str, ...], list[int]] = {}
                for key, place in zip(keys, self.places[name], strict=True):
                    if key[at] != ALL:
                        parts.setdefault((*key[:at], *key[at + 1 :]), []).append(place)
                for key, place in zip(keys, self.places[name], strict=True):
                    if key[at] == ALL:
                        sums[place, frozenset(parts[*key[:at], *key[at + 1 :]])] = None
        self.sums = [(whole, sorted(parts)) for whole, parts in sums]

    def of(self, tables: Mapping[str, pd.DataFrame]) -> Counts:
        """Return the count of every cell, -1 where it is hidden."""
        found = np.full(len(self.index), -1, dtype=np.int64)
        for name, table in tables.items():
            found[self.places[name]] = table["count"].fillna(-1).astype("int64")
        return found

    def tables(self, tables: Mapping[str, pd.DataFrame], counts: Counts) -> Tables:
        """Return tables with other counts."""
        return {
            name: table.assign(count=counts[self.places[name]]) for name, table in tables.items()
        }

    @cached_property
    def matrix(self) -> Any:
        """The parts of each sum less the whole."""
        rows = [row for row, (_, parts) in enumerate(self.sums) for _ in range(len(parts) + 1)]
        cells = [cell for whole, parts in self.sums for cell in (*parts, whole)]
        signs = [sign for _, parts in self.sums for sign in (*[1.0] * len(parts), -1.0)]
        return sparse.csc_array(
            (signs, (np.array(rows, np.int32), np.array(cells, np.int32))),
            shape=(len(self.sums), len(self.index)),
        )

    def add_up(self, counts: Counts) -> bool:
        """Say whether all sums are met."""
        return all(counts[parts].sum() == counts[whole] for whole, parts in self.sums)

    def nearest(
        self,
        aims: Mapping[int, int],
        base: Counts,
        limits: tuple[Counts, Counts],
        *,
        fixed: int,
        draw: np.random.Generator,
    ) -> Counts | None:
        """Return counts between limits, one of them as aimed at, others near to their aims.

        What is not aimed at stays near to counts that are known to add up; which of them move is
        drawn.
        """
        cells = len(self.index)
        low, high = (end.copy() for end in limits)
        low[fixed] = high[fixed] = aims[fixed]
        asked = [int(each) for each in np.flatnonzero(low < high)]
        n = len(asked)
        pick = sparse.csr_array(
            (np.ones(n), (np.arange(n, dtype=np.int32), np.array(asked, np.int32))),
            shape=(n, cells),
        )
        eye = sparse.identity(n, format="csr")
        far = np.array([aims.get(each, base[each]) for each in asked], dtype=float)
        weight = np.where(np.isin(asked, list(aims)), 1.0, draw.uniform(0.01, 0.03, size=n))
        none = sparse.csr_array((len(self.sums), n))
        result = milp(
            np.concatenate([np.zeros(cells), weight]),
            integrality=np.concatenate([np.ones(cells), np.zeros(n)]),
            bounds=Bounds(
                np.concatenate([low, np.zeros(n)]), np.concatenate([high, np.full(n, np.inf)])
            ),
            constraints=[
                LinearConstraint(sparse.hstack([self.matrix, none], format="csc"), 0, 0),
                LinearConstraint(sparse.hstack([pick, -eye], format="csc"), -np.inf, far),
                LinearConstraint(sparse.hstack([pick, eye], format="csc"), far, np.inf),
            ],
            options={"time_limit": 10.0, "mip_rel_gap": 0.05},
        )
        if result.x is None:
            return None
        return result.x[:cells].round().astype(np.int64)


def room(counts: Counts, hidden: Mask, finest: Mask, limits: Limits) -> tuple[Counts, Counts]:
    """Return what each count may be while the same of the finest are small and shown ones stay."""
    least, most, _ = limits
    small = hidden & finest & (counts >= least) & (counts <= most)
    large = hidden & finest & (counts > most)
    top = int(counts.max(initial=0)) + 1
    low = np.where(small, least, np.where(large, most + 1, counts))
    high = np.where(small, most, np.where(large, top, counts))
    # Hidden sums follow from their parts.
    sums = hidden & ~finest
    return np.where(sums, least, low), np.where(sums, top, high)


def anything(counts: Counts, hidden: Mask) -> tuple[Counts, Counts]:
    """Return what each count may be for whoever knows nothing of who is small."""
    top = int(counts.max(initial=0)) + 1
    return np.where(hidden, 0, counts), np.where(hidden, top, counts)
