"""Time Moran's I and local Moran beside esda, in one run on the same areas.

    python benchmarks/moran.py [ROUNDS]

England's 32,844 LSOAs of 2011 are stood in for by as many cells of a grid, each with up to eight
neighbours, and values with some likeness between neighbours. The two libraries take turns; one
round goes before that does not count, so that numba has compiled esda's loops. Times are the best
of the rounds; memory is the most that Python held beyond the input, measured in runs of their own.
esda, libpysal and numba are needed for this file only.
"""

import sys
import time
import tracemalloc
import warnings
from collections.abc import Callable

import esda
import numpy as np
import pandas as pd
from libpysal.weights import WSP

import bolton_jsna as jsna
from bolton_jsna.measures import _moran
from bolton_jsna.measures.multiple_testing import benjamini_hochberg
from bolton_jsna.measures.weights import Weights, weights_from_pairs

AREAS = 32_844
PERMUTATIONS = 999
ROUNDS = 5
MEGABYTE = 2**20

Call = Callable[[], object]


def grid(areas: int = AREAS) -> Weights:
    """Return queen contiguity of the first cells of a square grid, row by row."""
    side = int(np.ceil(np.sqrt(areas)))
    cells = np.arange(side * side).reshape(side, side)
    pairs = [
        (cells[:, :-1], cells[:, 1:]),
        (cells[:-1], cells[1:]),
        (cells[:-1, :-1], cells[1:, 1:]),
        (cells[:-1, 1:], cells[1:, :-1]),
    ]
    first = np.concatenate([a.ravel() for a, _ in pairs])
    second = np.concatenate([b.ravel() for _, b in pairs])
    inside = (first < areas) & (second < areas)
    names = np.array([f"E{number:08d}" for number in range(side * side)], dtype=object)
    table = pd.DataFrame(
        {"area_code": names[first[inside]], "neighbour_code": names[second[inside]]}
    )
    return weights_from_pairs(table, codes=names[:areas].tolist())


def best(calls: dict[str, Call], rounds: int) -> dict[str, float]:
    """Return the best time of each call in seconds, the calls taking turns."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(rounds + 1):
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            if turn:
                times[name].append(time.perf_counter() - began)
    return {name: min(values) for name, values in times.items()}


def peak(call: Call) -> float:
    """Return the most memory that a call holds, in megabytes."""
    tracemalloc.start()
    call()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / MEGABYTE


def main(rounds: int = ROUNDS) -> None:
    """Print times, ratios and memory of both libraries."""
    warnings.simplefilter("ignore")
    weights = grid()
    noise = np.random.default_rng(1).normal(size=AREAS)
    links = weights.matrix()
    values = noise + (links @ noise) / weights.numbers
    frame = pd.DataFrame({"area_code": list(weights.codes), "rate": values})
    theirs = WSP(links.tocsr(), id_order=list(range(AREAS))).to_W(silence_warnings=True)
    theirs.transform = "r"
    theirs.sparse  # noqa: B018 (esda keeps it; made here so that making it is not timed)
    other = values[::-1].copy()
    paired = frame.assign(other=other)

    def ours(*, local: bool, permutations: int = PERMUTATIONS) -> object:
        return jsna.spatial_autocorrelation(frame, weights, permutations=permutations, local=local)

    tasks: dict[str, tuple[Call, Call]] = {
        "Moran's I": (
            lambda: ours(local=False),
            lambda: esda.Moran(values, theirs, permutations=PERMUTATIONS),
        ),
        "local Moran": (
            lambda: only_local(frame, weights),
            lambda: esda.Moran_Local(
                values, theirs, permutations=PERMUTATIONS, seed=1, keep_simulations=False
            ),
        ),
        "both": (
            lambda: ours(local=True),
            lambda: (
                esda.Moran(values, theirs, permutations=PERMUTATIONS),
                esda.Moran_Local(
                    values, theirs, permutations=PERMUTATIONS, seed=1, keep_simulations=False
                ),
            ),
        ),
        "bivariate": (
            lambda: jsna.spatial_autocorrelation(
                paired, weights, other="other", permutations=PERMUTATIONS, local=False
            ),
            lambda: esda.Moran_BV(values, other, theirs, permutations=PERMUTATIONS),
        ),
    }
    size = (frame.memory_usage(deep=True).sum() + weights.neighbours.nbytes) / MEGABYTE
    print(f"{AREAS:,} areas, {PERMUTATIONS} permutations, best of {rounds} rounds in turns")
    print(f"input: {size:.1f} MB (frame and neighbours)")
    print(f"  {'':12} {'ours':>9} {'esda':>9} {'faster':>8} {'our peak':>10} {'esda peak':>10}")
    for name, (own, reference) in tasks.items():
        found = best({"ours": own, "esda": reference}, rounds)
        print(
            f"  {name:12} {found['ours']:8.3f}s {found['esda']:8.3f}s "
            f"{found['esda'] / found['ours']:7.1f}x {peak(own):7.1f} MB {peak(reference):7.1f} MB"
        )
    own_i = ours(local=False).summary["i"]  # type: ignore[attr-defined]
    print(
        f"  agreement: I differs by {abs(own_i - esda.Moran(values, theirs, permutations=0).I):.1e}"
    )


def only_local(frame: pd.DataFrame, weights: Weights) -> object:
    """Run what the figures of the areas add to those of the whole map."""
    values = frame["rate"].to_numpy()
    z = values - values.mean()
    links = weights.matrix()
    above, below = _moran.lag_tails(z, links, PERMUTATIONS, np.random.default_rng(1))
    p = _moran.p_values(above, below, PERMUTATIONS, "two-sided")
    return z * (links @ z) / weights.numbers, p, benjamini_hochberg(p)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
