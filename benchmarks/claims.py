"""Show how often each word of comparison is wrong: by simulation, and on published series.

    python benchmarks/claims.py [--quick] [PART ...]

Parts are repeats, groups, shares, trends, small_areas and few_areas; without one all are run.
Every line has its nominal share and, where it is barred, what it must be; the run ends with code 1
where a line misses its bar. Published figures come from the folder BOLTON_JSNA_REFERENCE_DATA (or
../shared/data); without it those lines use the areas of the package's extract and say so. All
draws are seeded: the same run gives the same table.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from claim_lines import few_areas, groups, repeats, shares, small_areas, trends
from claim_lines.rows import Row


def reference() -> Path | None:
    """Return the folder of published files, if there is one."""
    named = os.environ.get("BOLTON_JSNA_REFERENCE_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    return folder if folder.is_dir() else None


PARTS = ("repeats", "groups", "shares", "trends", "small_areas", "few_areas")


def lines(
    folder: Path | None, *, quick: bool = False, parts: Sequence[str] = PARTS
) -> Iterator[Row]:
    """Yield the lines of the table, part by part."""
    makers = {
        "repeats": lambda: repeats.lines(quick=quick),
        "groups": lambda: groups.lines(folder, quick=quick),
        "shares": lambda: shares.lines(folder, quick=quick),
        "trends": lambda: trends.lines(folder, quick=quick),
        "small_areas": lambda: small_areas.lines(quick=quick),
        "few_areas": lambda: few_areas.lines(quick=quick),
    }
    for part in parts or PARTS:
        yield from makers[part]()


def as_text(row: Row) -> str:
    """Return a line as it is printed."""
    nominal = "-" if row.nominal is None else f"{row.nominal:.2f}"
    bar = "shown" if row.must_be is None else f"{row.must_be[0]:.2f} to {row.must_be[1]:.2f}"
    missed = "  MISSED" if row.missed else ""
    return (
        f"{row.what:<96} {nominal:>5} {bar:>13} {row.found:>7.3f} {row.number_of_draws:>8,}{missed}"
    )


def main(parts: Sequence[str], *, quick: bool) -> int:
    """Print the table and return the exit code."""
    began = time.perf_counter()
    folder = reference()
    if folder is None:
        print("No published files: lines on real series use the package's extract.")
    print(f"{'what':<96} {'nom.':>5} {'must be':>13} {'found':>7} {'draws':>8}")
    missed = barred = 0
    for row in lines(folder, quick=quick, parts=parts):
        print(as_text(row), flush=True)
        missed += row.missed
        barred += row.must_be is not None
    print(f"{barred - missed} of {barred} lines hold ({time.perf_counter() - began:.0f} s).")
    return 1 if missed else 0


def arguments() -> argparse.Namespace:
    """Return what the command line asks for; the word quick is taken as --quick."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, "quick", []], metavar="PART")
    parser.add_argument("--quick", action="store_true", help="fewer draws")
    return parser.parse_args()


if __name__ == "__main__":
    asked = arguments()
    chosen = [each for each in asked.parts if each != "quick"]
    sys.exit(main(chosen, quick=asked.quick or "quick" in asked.parts))
