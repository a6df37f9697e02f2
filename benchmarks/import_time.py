"""Time ``import bolton_jsna`` beside ``import pandas``, each in fresh interpreters.

    python benchmarks/import_time.py [ROUNDS]

The two take turns, so that a busy moment of the machine falls on both. One round goes before that
does not count: it writes the byte code and warms the disk's cache. The time is that of the import
alone, without the start of the interpreter.
"""

import statistics
import subprocess
import sys

ROUNDS = 9
LIMIT = 1.3
NAMES = ("bolton_jsna", "pandas")


def seconds(name: str) -> float:
    """Return how long a fresh interpreter takes to import a package."""
    code = (
        "import time; began = time.perf_counter(); "
        f"import {name}; print(time.perf_counter() - began)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(run.stdout)


def main(rounds: int = ROUNDS) -> None:
    """Print the median of each package and their ratio."""
    times: dict[str, list[float]] = {name: [] for name in NAMES}
    for turn in range(rounds + 1):
        for name in NAMES:
            took = seconds(name)
            if turn:
                times[name].append(took)
    print(f"import in a fresh interpreter, median of {rounds} alternating rounds")
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, values in times.items():
        print(
            f"  {name:12} {medians[name] * 1000:7.1f} ms  "
            f"({min(values) * 1000:.1f} to {max(values) * 1000:.1f})"
        )
    ratio = medians["bolton_jsna"] / medians["pandas"]
    print(f"  ratio        {ratio:7.3f}     (to stay under {LIMIT})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
