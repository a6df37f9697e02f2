"""Time comparisons of rates beside statsmodels, in one run.

    python benchmarks/comparison.py [ROUNDS]

The rows are 153 authorities by 13 years by 4 indicators (7,956), with small and large counts.
statsmodels compares one pair of rates at a time, so it is given a part of the rows and its time is
carried up to all; it gives a ratio with limits and a p-value, and no state, difference or verdict.
Each is run several times and the best is kept, by the clock and of the processor (``CPU ms``, which
a busy machine does not lengthen; ``faster`` is the ratio of these). Peak memory is that of
the arrays and frames made on the way, by tracemalloc, and of the text of results, beside the size
of the input.
"""

import importlib.util
import sys
import time
import tracemalloc
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa

import bolton_jsna as jsna

ROUNDS = 7
LIMIT = 100.0
AUTHORITIES, YEARS, INDICATORS = 153, 13, 4
PART = 200


def rows(least: int, most: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Authorities with counts between two numbers, and England."""
    generator = np.random.default_rng(4)
    codes = [
        place.code for place in jsna.register() if place.level == "authority" and not place.until
    ]
    keys = pd.MultiIndex.from_product(
        [codes, range(2013, 2013 + YEARS), [f"indicator {n}" for n in range(INDICATORS)]],
        names=["area_code", "year", "indicator"],
    )
    frame = keys.to_frame(index=False)
    frame["area_level"] = "authority"
    frame["count"] = generator.integers(least, most, len(frame))
    frame["population"] = generator.integers(9_000, 300_000, len(frame))
    frame["status"] = "value"
    england = frame.groupby(["year", "indicator"], as_index=False)[["count", "population"]].sum()
    return frame, england.assign(area_code="E92000001", area_level="country", status="value")


def neighbours(frame: pd.DataFrame) -> pd.DataFrame:
    """Ten neighbours of every authority."""
    codes = frame["area_code"].unique()
    pairs = [
        (code, codes[(n + step) % len(codes)])
        for n, code in enumerate(codes)
        for step in range(1, 11)
    ]
    return pd.DataFrame(pairs, columns=["area_code", "neighbour_code"]).assign(model="2025")


def best(run: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Return the least milliseconds of several runs, by the clock and of the processor."""
    clock, processor = [], []
    for _ in range(rounds):
        began = time.perf_counter(), time.process_time()
        run()
        clock.append(time.perf_counter() - began[0])
        processor.append(time.process_time() - began[1])
    return min(clock) * 1_000, min(processor) * 1_000


def peak(run: Callable[[], object]) -> float:
    """Return the megabytes that one run holds at most, the text of results too."""
    pool = pa.default_memory_pool()
    before = pool.bytes_allocated()
    tracemalloc.start()
    result = run()
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Text is in the memory of Arrow, which tracemalloc does not see.
    held += pool.bytes_allocated() - before
    del result
    return held / 1e6


def statsmodels_ratios(frame: pd.DataFrame, england: pd.DataFrame) -> None:
    """Ratio, limits at two levels and p of each row, one by one."""
    from statsmodels.stats import rates  # noqa: PLC0415

    both = frame.merge(england, on=["year", "indicator"], suffixes=("", "_england"))
    names = ["count", "population", "count_england", "population_england"]
    # Its search for limits tries values that have no logarithm.
    warnings.simplefilter("ignore", RuntimeWarning)
    for x, m, y, n in both[names].itertuples(index=False):
        small = min(x, y) < 100
        how = {"method": "score-log" if small else "wald-log", "compare": "ratio"}
        for alpha in (0.05, 0.002):
            rates.confint_poisson_2indep(x, m, y, n, alpha=alpha, **how)
        method = "exact-cond" if small else "wald-log"
        rates.test_poisson_2indep(x, m, y, n, method=method, compare="ratio")


def main(rounds: int = ROUNDS) -> None:
    """Print times, ratios and memory."""
    levels = [0.95, 0.998]
    print(f"{AUTHORITIES} authorities x {YEARS} years x {INDICATORS} indicators, two levels,")
    print(f"best of {rounds} rounds; statsmodels on {PART} rows, carried up to all\n")
    print(f"{'':40}{'ms':>9}{'CPU ms':>9}{'faster':>8}{'peak MB':>9}{'input MB':>10}")
    for counts, least, most in (("20 to 5,000", 20, 5_000), ("0 to 99", 0, 100)):
        frame, england = rows(least, most)
        everyone = pd.concat([england, frame], ignore_index=True)
        near = neighbours(frame)
        size = frame.memory_usage(deep=True).sum() / 1e6
        part = frame[frame["count"] > 0].iloc[:PART]
        print(f"counts of {counts}")
        theirs = float("nan")
        if importlib.util.find_spec("statsmodels"):
            clock, theirs = best(lambda p=part, e=england: statsmodels_ratios(p, e), 3)
            up = len(frame) / len(part)
            theirs *= up
            print(f"{'  statsmodels, row by row':40}{clock * up:9.0f}{theirs:9.0f}")
        runs = {
            "rate_ratios": lambda f=frame, e=england: jsna.rate_ratios(f, e, confidence=levels),
            "compare_with_benchmark, England": lambda e=everyone: jsna.compare_with_benchmark(e),
            "compare_with_benchmark, ten neighbours": (
                lambda e=everyone, n=near: jsna.compare_with_benchmark(e, n)
            ),
            "recent_trends": lambda f=frame: jsna.recent_trends(f),
        }
        for name, run in runs.items():
            run()
            clock, processor = best(run, rounds)
            said = "" if clock < LIMIT else f"  over {LIMIT:.0f} ms"
            print(
                f"{'  ' + name:40}{clock:9.1f}{processor:9.1f}{theirs / processor:8.0f}"
                f"{peak(run):9.1f}{size:10.1f}{said}"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
