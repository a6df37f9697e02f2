"""Show how often each word of comparison is wrong: by simulation, and on published series.

    python benchmarks/claims.py [quick]

Every line has its nominal share and, where it is barred, what it must be; the run ends with code 1
where a line misses its bar. Published figures come from the folder BOLTON_JSNA_REFERENCE_DATA (or
../shared/data); without it those lines use the areas of the package's extract and say so. All
draws are seeded: the same run gives the same table.
"""

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from claim_lines import groups, repeats, trends
from claim_lines.rows import Row


def reference() -> Path | None:
    """Return the folder of published files, if there is one."""
    named = os.environ.get("BOLTON_JSNA_REFERENCE_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    return folder if folder.is_dir() else None


def lines(folder: Path | None, *, quick: bool = False) -> list[Row]:
    """Return every line of the table."""
    return [
        *repeats.lines(quick=quick),
        *groups.lines(folder, quick=quick),
        *trends.lines(folder, quick=quick),
    ]


def as_text(row: Row) -> str:
    """Return a line as it is printed."""
    nominal = "-" if row.nominal is None else f"{row.nominal:.2f}"
    bar = "shown" if row.must_be is None else f"{row.must_be[0]:.2f} to {row.must_be[1]:.2f}"
    missed = "  MISSED" if row.missed else ""
    return (
        f"{row.what:<96} {nominal:>5} {bar:>13} {row.found:>7.3f} {row.number_of_draws:>8,}{missed}"
    )


def main(quick: bool) -> int:
    """Print the table and return the exit code."""
    began = time.perf_counter()
    folder = reference()
    if folder is None:
        print("No published files: lines on real series use the package's extract.")
    print(f"{'what':<96} {'nom.':>5} {'must be':>13} {'found':>7} {'draws':>8}")
    found = lines(folder, quick=quick)
    for row in found:
        print(as_text(row))
    missed = sum(row.missed for row in found)
    barred = sum(row.must_be is not None for row in found)
    print(f"{barred - missed} of {barred} lines hold ({time.perf_counter() - began:.0f} s).")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main("quick" in sys.argv[1:]))
