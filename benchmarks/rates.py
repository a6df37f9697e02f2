"""Rates beside PHStatsMethods, in one run: times, ratio, peak memory.

    python benchmarks/rates.py [quick]

Crude rates with two confidence levels, states and method on 33,000 and 330,000 rows; directly
standardised rates of 1,736 areas by 19 age bands. Ours is the best of several rounds.

PHStatsMethods is measured once, on rows that it accepts: it refuses counts of zero and knows no
hidden ones, so it gets other counts in their place. That takes some minutes; ``quick`` measures it
on a tenth of the rows and says so. Without it (``pip install PHStatsMethods``) only ours is
measured.

Peak memory is what is allocated during the call, results included, over the size of the input.
"""

import contextlib
import importlib
import io
import sys
import time
import tracemalloc
from collections.abc import Callable
from types import ModuleType

import numpy as np
import pandas as pd
import pyarrow as pa

import bolton_jsna as jsna

LEVELS = [0.95, 0.998]
ROUNDS = 30
AREAS = 1_736
BANDS = [f"{low}-{low + 4}" for low in range(0, 90, 5)] + ["90+"]
LIMITS = {33_000: (300, 20), 330_000: (300, 200)}
"""For each number of rows: how many times faster to be, and in how many milliseconds."""
TIMES_FASTER_STANDARDISED = 20
TIMES_THE_INPUT = 10


def areas(rows: int, *, states: bool) -> pd.DataFrame:
    """Return small areas with counts, people and, for ours, hidden counts and zeros."""
    generator = np.random.default_rng(rows)
    counts = generator.poisson(generator.gamma(1, 30, rows)).astype(float)
    frame = pd.DataFrame(
        {
            "area_code": [f"E{number:08}" for number in range(rows)],
            "population": generator.integers(200, 5_000, rows),
        }
    )
    if not states:
        return frame.assign(count=np.maximum(counts, 1).astype(int))
    hidden = generator.random(rows) < 0.05
    counts[hidden] = np.nan
    frame["count"] = pd.array(counts, dtype="Int64")
    frame["status"] = np.where(hidden, "suppressed", "value")
    return frame


def bands() -> pd.DataFrame:
    """Return areas by the nineteen age bands of the European Standard Population."""
    generator = np.random.default_rng(19)
    people = generator.integers(200, 9_000, AREAS * len(BANDS))
    return pd.DataFrame(
        {
            "area_code": np.repeat([f"E{number:08}" for number in range(AREAS)], len(BANDS)),
            "age_band": BANDS * AREAS,
            "population": people,
            "count": generator.poisson(people * 0.01),
        }
    )


def seconds(action: Callable[[], object], rounds: int = 1) -> float:
    """Return the best time of some rounds."""
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            action()
        took.append(time.perf_counter() - began)
    return min(took)


def peak(action: Callable[[], object]) -> int:
    """Return the most bytes that were allocated at once during a call, the text of results too."""
    pool = pa.default_memory_pool()
    before = pool.bytes_allocated()
    tracemalloc.start()
    result = action()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Text is in the memory of Arrow, which tracemalloc does not see.
    text = pool.bytes_allocated() - before
    del result
    return most + text


def line(what: str, ours: float, theirs: float | None, memory: float, goal: str) -> None:
    """Print one line of the table."""
    other = f"{theirs * 1000:12,.0f} {theirs / ours:9,.0f}" if theirs else f"{'':>12} {'':>9}"
    print(f"{what:38} {ours * 1000:9.1f} {other} {memory:8.1f}   {goal}")


def main(*, quick: bool) -> None:
    """Print the table."""
    try:
        methods: ModuleType | None = importlib.import_module("PHStatsMethods")
    except ImportError:
        methods = None
        print("PHStatsMethods is not installed: only ours is measured")
    print(f"{'':38} {'ours ms':>9} {'theirs ms':>12} {'ratio':>9} {'memory':>8}   to be")
    for rows, (faster, limit) in LIMITS.items():
        frame = areas(rows, states=True)

        def ours(frame: pd.DataFrame = frame) -> object:
            return jsna.crude_rates(frame, confidence=LEVELS)

        ours()
        mine = seconds(ours, ROUNDS)
        memory = peak(ours) / int(frame.memory_usage(deep=True).sum())
        theirs = None
        if methods:
            part = 10 if quick else 1
            other = areas(rows // part, states=False)
            theirs = part * seconds(
                lambda other=other: methods.ph_rate(
                    other, "count", "population", "area_code", confidence=LEVELS
                )
            )
        line(
            f"crude rates, {rows:,} rows",
            mine,
            theirs,
            memory,
            f">= {faster} times, < {limit} ms, memory < {TIMES_THE_INPUT}",
        )
    frame = bands()

    def standardised() -> object:
        return jsna.directly_standardised_rates(frame, by="area_code", confidence=LEVELS)

    standardised()
    mine = seconds(standardised, ROUNDS)
    memory = peak(standardised) / int(frame.memory_usage(deep=True).sum())
    theirs = None
    if methods:
        theirs = seconds(
            lambda: methods.ph_dsr(
                frame.copy(),
                "count",
                "population",
                "age_band",
                group_cols="area_code",
                confidence=LEVELS,
            )
        )
    line(
        f"standardised rates, {AREAS:,} x {len(BANDS)}",
        mine,
        theirs,
        memory,
        f">= {TIMES_FASTER_STANDARDISED} times, memory < {TIMES_THE_INPUT}",
    )
    if methods and quick:
        print("quick: theirs of crude rates is ten times the time of a tenth of the rows")
    print("memory: peak during the call, results included, over the size of the input")


if __name__ == "__main__":
    main(quick="quick" in sys.argv[1:])
