"""Prove, weigh and time the hiding of small counts.

    python benchmarks/disclosure.py proof [SETS [FIRST]]     500 sets from 0
    python benchmarks/disclosure.py loss
    python benchmarks/disclosure.py time
    python benchmarks/disclosure.py releases

*proof*: random sets of linked tables (up to 40 wards by 5 years by 5 categories; cubes with all
margins, pairs of tables that share wards, single tables, LSOAs with their wards) are protected,
and the intruder of tests/disclosure/by_hand.py, who shares no code with the library, looks for a
hidden count that he can bound more tightly than 5. *loss*: cells hidden beyond the small ones, and
the loss that the library minimises, by the exact programme, by the search for large sets, and by a
hypercube in the manner of GHMITER (Hundepool et al. 2012, 4.4). *time*: 20 wards by 5 years by 4
categories with every margin. *releases*: pairs of releases with one record added, given together
(the intruder knows which record) and one after the other, by the local rule (0 to 5 hidden) and by
one that shows zeros.
"""

import itertools
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "disclosure"))

import by_hand

from bolton_jsna.disclosure.audit import audit
from bolton_jsna.disclosure.cells import sheets_of
from bolton_jsna.disclosure.exact import least_loss
from bolton_jsna.disclosure.linked import suppress
from bolton_jsna.disclosure.problem import problem_of
from bolton_jsna.disclosure.rules import LOCAL, SuppressionRule
from bolton_jsna.disclosure.search import primary, search

RULE = SuppressionRule("1 to 5", threshold=5, width=5)


def proof(sets: int = 500, first: int = 0) -> None:
    """Print how many hidden counts of random sets the intruder bounds too tightly."""
    tight = hidden = small = cells = largest = 0
    slowest = 0.0
    for seed in range(first, first + sets):
        kind, tables = by_hand.random_set(np.random.default_rng(seed))
        began = time.perf_counter()
        shown = suppress(tables, rule=RULE)
        slowest = max(slowest, time.perf_counter() - began)
        intruder = by_hand.Intruder(shown)
        found = intruder.too_tight(RULE.width) if len(intruder.hidden) else []
        if found:
            print(
                f"set {seed} ({kind}): {len(found)} hidden counts bounded too tightly {found[:3]}"
            )
        tight += len(found)
        hidden += sum(int(table["count"].isna().sum()) for table in shown.values())
        small += sum(int(table["count"].between(1, 5).sum()) for table in tables.values())
        size = sum(map(len, tables.values()))
        cells, largest = cells + size, max(largest, size)
        if (seed - first) % 25 == 24:
            print(
                f"{seed - first + 1} sets: {cells} cells (largest set {largest}), {small} small, "
                f"{hidden} hidden, {tight} bounded too tightly; slowest {slowest:.1f} s",
                flush=True,
            )


def hypercube(cube: np.ndarray) -> np.ndarray:  # noqa: C901 (a baseline, kept in one piece)
    """Return what a hypercube method hides in a cube whose last places are the margins.

    For each small count, in each part of the table where the same dimensions are summed, the
    corners of the cheapest box around it whose moves leave the width; repeated until each hidden
    count has its box.
    """
    hidden = (cube >= 1) & (cube <= RULE.threshold)
    boxed = np.zeros_like(hidden)
    while (hidden & ~boxed).any():
        for at in np.argwhere(hidden & ~boxed):
            free = [d for d in range(cube.ndim) if at[d] < cube.shape[d] - 1]
            best, choice = np.inf, None
            ways = itertools.product(
                *[[n for n in range(cube.shape[d] - 1) if n != at[d]] for d in free]
            )
            for opposite in ways if free else ():
                corners = []
                for side in itertools.product((0, 1), repeat=len(free)):
                    corner = at.copy()
                    for d, far, other in zip(free, side, opposite, strict=True):
                        corner[d] = other if far else at[d]
                    corners.append((tuple(corner), sum(side) % 2))
                values = [cube[c] for c, _ in corners]
                if min(values) < 1:
                    continue
                ends = [min(cube[c] - 1 for c, odd in corners if odd == k) for k in (0, 1)]
                cost = sum(cube[c] for c, _ in corners if not hidden[c])
                if sum(ends) >= RULE.width and cost < best:
                    best, choice = cost, [c for c, _ in corners]
            boxed[tuple(at)] = True
            if choice is not None:
                for corner in choice:
                    hidden[corner] = True
            else:
                for d in free or range(cube.ndim):
                    line = [slice(n, n + 1) for n in at]
                    line[d] = slice(None)
                    hidden[tuple(line)] |= cube[tuple(line)] > 0
    return hidden


def with_margins(cube: np.ndarray) -> np.ndarray:
    """Return a cube with its sums in the last place of each dimension."""
    for axis in range(cube.ndim):
        cube = np.concatenate([cube, cube.sum(axis=axis, keepdims=True)], axis=axis)
    return cube


def loss() -> None:
    """Print what is hidden beyond the small counts, by method."""
    print("size, mean: small | further cells (loss) exact, search, hypercube")
    totals = np.zeros((3, 2))
    for seed in range(24):
        rng = np.random.default_rng(seed)
        sizes = [(6, 4), (8, 5), (4, 3, 2), (3, 3, 3), (5, 3, 2), (20, 4)][seed % 6]
        names = dict(zip(("ward", "year", "category"), sizes, strict=False))
        mean = (4.0, 12.0)[seed // 6 % 2]
        cube = by_hand.counts(rng, names, mean)
        _report(cube, names, f"{sizes}, {mean:.0f}", totals, exact=True)
    print(f"together: further cells {totals[:, 0].tolist()}, loss {totals[:, 1].round(1).tolist()}")
    totals = np.zeros((3, 2))
    for seed in range(6):
        names = {"ward": 20, "year": 5, "category": 4}
        mean = (1.0, 4.0, 12.0)[seed % 3]
        cube = by_hand.counts(np.random.default_rng(100 + seed), names, mean)
        _report(cube, names, f"(20, 5, 4), {mean:.0f}", totals, exact=False)
    print(f"together: further cells {totals[:, 0].tolist()}, loss {totals[:, 1].round(1).tolist()}")


def _report(
    cube: np.ndarray, names: dict[str, int], title: str, totals: np.ndarray, *, exact: bool
) -> None:
    table = by_hand.long_table(cube, names, set(names))
    problem = problem_of(sheets_of("", table), [], rule=RULE)
    must = primary(problem)
    boxes = hypercube(with_margins(cube)).ravel()
    keys = [
        tuple(sorted(pair for pair in row.items() if pair[1] != "All"))
        for row in table.drop(columns="count").to_dict("records")
    ]
    by_box = np.zeros(len(problem.value), dtype=bool)
    by_box[[problem.index[key] for key in keys]] = boxes
    best = least_loss(problem) if exact else None
    found = [best.hidden if best is not None else None, search(problem).hidden, by_box]
    words = []
    for number, hidden in enumerate(found):
        if hidden is None:
            words.append("-")
            continue
        further = hidden & ~must
        figures = int(further.sum()), float(problem.loss[further].sum())
        if best is not None or not exact:
            totals[number] += figures
        words.append(f"{figures[0]} ({figures[1]:.1f})")
    print(f"{title}: {int(must.sum())} | {', '.join(words)}", flush=True)


def clock() -> None:
    """Print how long it takes to protect 20 wards by 5 years by 4 categories."""
    names = {"ward": 20, "year": 5, "category": 4}
    for mean in (1.0, 4.0, 12.0):
        took = []
        for seed in range(3):
            cube = by_hand.counts(np.random.default_rng(seed), names, mean)
            table: pd.DataFrame = by_hand.long_table(cube, names, set(names))
            began = time.perf_counter()
            shown = suppress(table, rule=RULE)
            took.append(time.perf_counter() - began)
        print(
            f"mean {mean:.0f}: {len(table)} cells, {int(shown['count'].isna().sum())} hidden, "
            f"{min(took):.2f} to {max(took):.2f} s",
            flush=True,
        )


def releases(pairs: int = 25) -> None:
    """Print what pairs of releases with one record added tell together."""
    for rule in (LOCAL, RULE):
        print(f"rule {rule.name}")
        _together(pairs, rule)
        _one_after_the_other(pairs, rule)


def _together(pairs: int, rule: SuppressionRule) -> None:
    for told in (1, 0) if rule.zeros == "shown" else (0,):
        hidden = tight = 0
        where = set()
        for seed, was, old, new in _pairs(pairs):
            shown = suppress({"old": old, "new": new}, rule=rule)
            for each in shown.values():
                intruder = by_hand.Intruder({"": each}, floor=told)
                found = intruder.too_tight(rule.width) if len(intruder.hidden) else []
                hidden, tight = hidden + len(intruder.hidden), tight + len(found)
                where |= {(seed, was)} if found else set()
        print(
            f"  given together, the intruder holding that hidden means at least {told}: {hidden} "
            f"hidden, {tight} too tight; (pair, count before): {sorted(where)}",
            flush=True,
        )


def _one_after_the_other(pairs: int, rule: SuppressionRule) -> None:
    hidden = tight = 0
    where = set()
    for seed, was, old, new in _pairs(pairs):
        before = suppress(old, rule=rule)
        after = suppress(new, rule=rule, also=before)
        for one, other in ((after, before), (before, after)):
            found = audit(one, rule=rule, also=other)
            unsafe = int((~found["safe"]).sum())
            hidden, tight = hidden + len(found), tight + unsafe
            where |= {(seed, was)} if unsafe else set()
    print(
        f"  one after the other: {hidden} hidden in either, {tight} too tight by our audit; "
        f"{sorted(where)}",
        flush=True,
    )


def _pairs(number: int) -> Iterator[tuple[int, int, pd.DataFrame, pd.DataFrame]]:
    for seed in range(number):
        rng = np.random.default_rng(seed)
        sizes = {"ward": int(rng.integers(3, 12)), "year": int(rng.integers(2, 5))}
        first = by_hand.counts(rng, sizes, 6.0)
        at = tuple(rng.integers(0, size) for size in first.shape)
        more = first.copy()
        more[at] += 1
        old, new = (by_hand.long_table(each, sizes, set(sizes)) for each in (first, more))
        yield seed, int(first[at]), old, new


def main() -> None:
    what, *rest = sys.argv[1:] or ["time"]
    if what == "proof":
        proof(*map(int, rest))
    else:
        {"loss": loss, "time": clock, "releases": releases}[what]()


if __name__ == "__main__":
    main()
