"""Random linked tables, and an intruder who shares no code and no equations with the library.

His unknowns are the counts of the finest groups of children there are (ward by year by category,
or LSOA by year by category), of which every printed cell is a plain sum. The library's own model
has one unknown per printed cell and ties them by margins.
"""

import itertools

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import linprog, milp


def counts(rng, sizes, mean):
    """A cube of counts, uneven as real ones are, with many zeros when the mean is small."""
    shape = tuple(sizes.values())
    return rng.poisson(rng.gamma(0.7, mean / 0.7, size=shape))


def long_table(cube, sizes, keep, parents=None, margins=True):
    """The table by some of the dimensions of a cube, with every margin, and parents' names."""
    names = list(sizes)
    rows = []
    picks = [
        ([*range(sizes[name]), *([None] if margins else [])] if name in keep else [None])
        for name in names
    ]
    for at in itertools.product(*picks):
        part = cube[tuple(slice(None) if n is None else n for n in at)]
        row = {
            name: "All" if n is None else f"{name}{n}"
            for name, n in zip(names, at, strict=True)
            if name in keep
        }
        rows.append({**row, "count": int(part.sum())})
    table = pd.DataFrame(rows)
    if parents:
        small, (large, of) = next(iter(parents.items()))
        if small in keep:
            table.insert(0, large, [of.get(value, "All") for value in table[small]])
    return table


def random_set(rng, *, wards=(2, 40), years=(1, 5), categories=(2, 5)):
    """One of several kinds of linked tables, the finest counts, and how they are named."""
    sizes = {
        "ward": int(rng.integers(wards[0], wards[1] + 1)),
        "year": int(rng.integers(years[0], years[1] + 1)),
        "category": int(rng.integers(categories[0], categories[1] + 1)),
    }
    kind = ("cube", "pairs", "alone", "nested")[int(rng.integers(4))]
    mean = float(rng.choice([0.5, 2, 6, 15, 40]))
    if kind == "nested":
        lsoas = int(sizes["ward"] * rng.integers(2, 4))
        sizes = {"lsoa": lsoas, "year": sizes["year"]}
        of = {f"lsoa{n}": f"ward{n % max(1, lsoas // 3)}" for n in range(lsoas)}
        cube = counts(rng, sizes, mean)
        fine = long_table(cube, sizes, {"lsoa", "year"}, {"lsoa": ("ward", of)})
        inner = fine[(fine["lsoa"] != "All")]
        coarse = inner.groupby(["ward", "year"], as_index=False)["count"].sum()
        tables = {"lsoa": fine, "ward": coarse}
    else:
        cube = counts(rng, sizes, mean)
        keeps = {
            "cube": [{"ward", "year", "category"}],
            "pairs": [{"ward", "year"}, {"ward", "category"}],
            "alone": [{"ward", "category"}],
        }[kind]
        tables = {"-".join(sorted(keep)): long_table(cube, sizes, keep) for keep in keeps}
    return kind, tables


def finest(tables):
    """Every finest group that the tables can tell of, as a mapping of dimension to value."""
    values = {}
    for table in tables.values():
        for name in table.columns.difference(["count", "status"]):
            found = values.setdefault(name, {})
            found.update(dict.fromkeys(v for v in table[name] if v != "All"))
    pairs = {
        (row.ward, row.lsoa)
        for table in tables.values()
        if {"ward", "lsoa"} <= set(table.columns)
        for row in table.itertuples()
        if row.lsoa != "All"
    }
    names = list(values)
    groups = []
    for at in itertools.product(*values.values()):
        group = dict(zip(names, at, strict=True))
        if not pairs or (group["ward"], group["lsoa"]) in pairs:
            groups.append(group)
    return pd.DataFrame(groups, columns=names)


def printed_cells(tables):
    """Each printed row as (dimensions without All, count or None)."""
    for table in tables.values():
        names = [name for name in table.columns if name not in ("count", "status")]
        for row in table.to_dict("records"):
            told = {name: row[name] for name in names if row[name] != "All"}
            yield told, None if pd.isna(row["count"]) else int(row["count"])


class Intruder:
    """What follows from the printed rows, by sums over the finest groups."""

    def __init__(self, tables, floor=1):
        groups = finest(tables)
        number = len(groups)
        shown, right, self.hidden = [], [], []
        codes = {name: groups[name].to_numpy() for name in groups}
        for told, count in printed_cells(tables):
            inside = np.ones(number, dtype=bool)
            for name, value in told.items():
                inside &= codes[name] == value
            if count is None:
                self.hidden.append(inside.astype(float))
            else:
                shown.append(inside.astype(float))
                right.append(count)
        self.hidden = np.unique(np.array(self.hidden).reshape(-1, number), axis=0)
        zero = np.zeros(number, dtype=bool)
        for row, count in zip(shown, right, strict=True):
            zero |= (row > 0) & (count == 0)
        live = ~zero
        self.hidden = self.hidden[:, live]
        self.a_eq = sparse.csr_array(np.array(shown).reshape(-1, number)[:, live])
        self.b_eq = np.array(right, dtype=float)
        self.a_ub = sparse.csr_array(-self.hidden)
        self.b_ub = np.full(len(self.hidden), -float(floor))

    def solve(self, aim):
        result = linprog(
            aim,
            A_eq=self.a_eq if self.a_eq.shape[0] else None,
            b_eq=self.b_eq if self.a_eq.shape[0] else None,
            A_ub=self.a_ub,
            b_ub=self.b_ub,
            method="highs",
        )
        if result.status == 3:
            return np.inf, None
        assert result.status == 0, result.message
        return result.fun, result.x

    def too_tight(self, width):
        """The bounds of every hidden cell that leave less than the width."""
        low = np.full(len(self.hidden), np.inf)
        high = np.full(len(self.hidden), -np.inf)
        bad = []
        for number, cell in enumerate(self.hidden):
            if high[number] - low[number] >= width - 1e-6:
                continue
            ends = []
            for sign in (1, -1):
                value, point = self.solve(sign * cell)
                ends.append(sign * value if point is not None else sign * -np.inf)
                if point is not None and np.abs(point - point.round()).max() < 1e-6:
                    at = self.hidden @ point
                    low, high = np.minimum(low, at), np.maximum(high, at)
            least, most = np.ceil(ends[0] - 1e-6), np.floor(ends[1] + 1e-6)
            if most - least < width:
                bad.append((number, least, most))
        return bad

    def whole_bounds(self, cell):
        """Bounds among whole counts by integer programming."""
        from scipy.optimize import LinearConstraint

        limits = [LinearConstraint(self.a_ub, -np.inf, self.b_ub)]
        if self.a_eq.shape[0]:
            limits.append(LinearConstraint(self.a_eq, self.b_eq, self.b_eq))
        ends = []
        for sign in (1, -1):
            result = milp(sign * cell, integrality=np.ones(len(cell)), constraints=limits)
            ends.append(sign * -np.inf if result.x is None else sign * result.fun)
        return ends[0] if np.isfinite(ends[0]) else 0, ends[1] if np.isfinite(ends[1]) else np.inf


def every_table(tables, most, floor=1):
    """All whole finest counts up to a limit that agree with what is printed (tiny sets only)."""
    groups = finest(tables)
    cells = [
        (np.flatnonzero((groups[list(told)] == pd.Series(told)).all(axis=1)), count)
        for told, count in printed_cells(tables)
    ]
    fixed = [(set(inside.tolist()), count) for inside, count in cells if count is not None]
    hidden = [inside for inside, count in cells if count is None]
    found = []
    at = [0] * len(groups)

    def place(n):
        for inside, count in fixed:
            done = sum(at[g] for g in inside if g < n)
            if done > count or (done < count and not any(g >= n for g in inside)):
                return
        if n == len(groups):
            totals = [sum(at[g] for g in inside) for inside in hidden]
            if all(total >= floor for total in totals):
                found.append(totals)
            return
        for value in range(most + 1):
            at[n] = value
            place(n + 1)
        at[n] = 0

    place(0)
    return np.array(found).reshape(len(found), len(hidden))
