"""Time measures of many groups beside plain ones that take one group at a time, in one run.

    python benchmarks/many_groups.py [ROUNDS]

The plain ones (``benchmarks/plain.py``) do the work as the library did it before, and no more than
that: no states, reasons, methods or columns of text, which the times of the library hold. Both
take turns and the best of the rounds is kept, of the processor, with one thread each. ``differ``
is the largest difference of the figures, relative to the figure or to one; infinite where one of
the two has no figure or another state.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent))

import plain

import bolton_jsna as jsna
from bolton_jsna.measures._dispersion import LEAST_AREAS, dispersion

ROUNDS = 3
AREAS = 3_000
GROUPS = 33_000
INDICES = 7_800
SIMULATED = 60
DRAWS = 100_000
SAME = 1e-10
"""scipy gives the inverse of the binomial distribution to about 5e-11."""
BANDS = {"Under 1": (0, 0), "1 to 4": (1, 4), "5 to 9": (5, 9), "10 to 15": (10, 15)}
BANDS["16 and over"] = (16, 17)

Line = tuple[str, int, Callable[[], object], Callable[[], object], Callable[[Any, Any], float]]


def apart(ours: Any, theirs: Any) -> float:
    """Return the largest difference, relative to the figure or to one."""
    one, other = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    if (np.isnan(one) != np.isnan(other)).any():
        return float("inf")
    return float(np.nanmax(np.abs(one - other) / np.maximum(np.abs(other), 1), initial=0.0))


def populations(generator: np.random.Generator) -> Line:
    """Return the line of populations by area and age band."""
    codes = [f"E0{5_000_000 + at}" for at in range(AREAS)]
    people = pd.DataFrame(
        {
            "area_code": np.repeat(codes, 18),
            "sex": "persons",
            "year": 2024,
            "age": np.tile(np.arange(18), AREAS),
            "population": generator.integers(5, 90, 18 * AREAS),
            "status": np.where(generator.random(18 * AREAS) < 0.02, "modelled", "value"),
        }
    )
    people["ages"] = people["age"].astype(str)
    counts = pd.DataFrame(
        {
            "area_code": np.repeat(codes, len(BANDS)),
            "age_band": [*BANDS] * AREAS,
            "year": 2025,
            "count": 1,
        }
    )

    def differ(ours: pd.DataFrame, theirs: dict[Any, Any]) -> float:
        keys = zip(ours["area_code"], ours["age_band"], strict=True)
        wanted = [theirs[key] for key in keys]
        if ours["population_status"].tolist() != [state for _, state in wanted]:
            return float("inf")
        return apart(ours["population"], [number for number, _ in wanted])

    return (
        f"match_populations, {AREAS:,} areas x {len(BANDS)} bands",
        10,
        lambda: jsna.match_populations(counts, people, bands=BANDS),
        lambda: plain.populations(people, BANDS),
        differ,
    )


def funnels(generator: np.random.Generator) -> Line:
    """Return the line of many small funnels."""
    frame = pd.DataFrame(
        {
            "group": [f"group {at}" for at in range(GROUPS)],
            "count": generator.integers(5, 90, GROUPS),
            "population": generator.integers(500, 9_000, GROUPS),
        }
    )

    def before() -> tuple[Any, ...]:
        places = frame.groupby("group", sort=False).ngroup()
        expected = frame["count"].to_numpy(dtype=float)
        frame["population"].groupby(places).nunique()
        limits = [plain.poisson_reach(expected, level) for level in (0.95, 0.998)]
        return limits, plain.funnel_dispersions(frame, dispersion, LEAST_AREAS)

    def differ(ours: pd.DataFrame, theirs: tuple[Any, ...]) -> float:
        limits, (phi, tau_squared) = theirs
        people = frame["population"]
        few = frame["count"] < 8
        found = [apart(ours["phi"], phi), apart(ours["tau_squared"], tau_squared)]
        for name, each in zip(("95", "99_8"), limits, strict=True):
            # Exact limits: Byar's, which are used above, have no plain form here.
            lower = ours[f"funnel_lower_{name}"] * people / 10_000
            found.append(apart(lower[few], each[0][few]))
        return max(found)

    return (
        f"funnel_limits(by=), {GROUPS:,} groups",
        10,
        lambda: jsna.funnel_limits(frame, by="group"),
        before,
        differ,
    )


def proportions(generator: np.random.Generator) -> Line:
    """Return the line of exact limits of proportions."""
    whole = generator.integers(100, 900_000, GROUPS)
    frame = pd.DataFrame({"count": generator.binomial(whole, 0.2), "denominator": whole})
    target = frame["count"].sum() / frame["denominator"].sum()
    totals, share = whole.astype(float), np.full(GROUPS, target)

    def differ(ours: pd.DataFrame, theirs: list[Any]) -> float:
        found = []
        for name, (lower, upper) in zip(("95", "99_8"), theirs, strict=True):
            found.append(apart(ours[f"funnel_lower_{name}"] * whole / 100, lower))
            found.append(apart(ours[f"funnel_upper_{name}"] * whole / 100, upper))
        return max(found)

    return (
        f"exact funnels of proportions, {GROUPS:,} rows",
        3,
        lambda: jsna.funnel_limits(frame, statistic="proportion", limits="exact"),
        lambda: [plain.binomial_reach(totals, share, level) for level in (0.95, 0.998)],
        differ,
    )


def _quantiles(generator: np.random.Generator, groups: int) -> pd.DataFrame:
    rows = groups * 10
    return pd.DataFrame(
        {
            "area_code": np.repeat(np.arange(groups), 10),
            "quantile": np.tile(np.arange(1, 11), groups),
            "rate": generator.uniform(20, 90, rows),
            "error": generator.uniform(1, 6, rows),
            "population": generator.integers(500, 9_000, rows),
        }
    )


def _each(frame: pd.DataFrame, one: Callable[..., Any], **options: Any) -> list[Any]:
    """Take one group after another, looked up in all rows."""
    places = frame["area_code"].to_numpy()
    columns = [frame[name].to_numpy(dtype=float) for name in ("rate", "population", "error")]
    found = []
    for group in range(places[-1] + 1):
        own = np.flatnonzero(places == group)
        found.append(one(*(each[own] for each in columns), 0.95, **options))
    return found


def _slopes(frame: pd.DataFrame, **options: Any) -> pd.DataFrame:
    return jsna.slope_index_of_inequality(
        frame, by=["area_code"], value="rate", standard_error="error", **options
    )


def indices(generator: np.random.Generator) -> Line:
    """Return the line of slope indices."""
    frame = _quantiles(generator, INDICES)
    names = ["sii", "sii_lower", "sii_upper", "rii", "rii_lower", "rii_upper"]
    return (
        f"slope indices, {INDICES:,} of ten quantiles",
        5,
        lambda: _slopes(frame),
        lambda: _each(frame, plain.slope_index),
        lambda ours, theirs: apart(ours[names], theirs),
    )


def simulations(generator: np.random.Generator) -> Line:
    """Return the line of simulated limits of slope indices."""
    frame = _quantiles(generator, SIMULATED)
    names = ["sii_lower", "sii_upper", "rii_lower", "rii_upper"]
    return (
        f"simulated limits, {SIMULATED} of {DRAWS:,} draws",
        5,
        lambda: _slopes(frame, interval="simulation", draws=DRAWS),
        lambda: _each(frame, plain.simulated_slope, draws=DRAWS, seed=0),
        lambda ours, theirs: apart(ours[names], theirs),
    )


def main(rounds: int = ROUNDS) -> int:
    """Print the table and return 1 where a line is slower than it must be, or differs."""
    missed = 0
    print(f"best of {rounds} rounds\n")
    print(f"{'':46}{'plain ms':>10}{'ours ms':>10}{'faster':>8}{'must be':>9}{'differ':>10}")
    for make in (populations, funnels, proportions, indices, simulations):
        name, least, ours, theirs, differ = make(np.random.default_rng(14))
        times: dict[str, list[float]] = {"ours": [], "theirs": []}
        for _ in range(rounds):
            for who, run in (("theirs", theirs), ("ours", ours)):
                began = time.process_time()
                result = run()
                times[who].append(time.process_time() - began)
                if who == "ours":
                    mine = result
                else:
                    other = result
        before, now = min(times["theirs"]) * 1_000, min(times["ours"]) * 1_000
        far = differ(mine, other)
        said = "" if before >= least * now and far <= SAME else "  MISSED"
        missed += bool(said)
        print(f"{name:46}{before:10.0f}{now:10.1f}{before / now:8.1f}{least:>8}x{far:10.1e}{said}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
