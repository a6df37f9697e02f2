"""Weigh the reading of indicators: whole folders of published files, and one file cut in parts.

    python benchmarks/indicators.py FOLDER...

Each FOLDER holds published files of DfE and OHID (CSV, gzipped or not). They are laid into a
workspace of the benchmark's own, and three interpreters are started in turn: one that loads every
indicator, one that reads the same files with pandas and keeps the rows of England, regions and
authorities, and one that imports the library alone. Shown are rows, seconds of the processor, peak
memory, and their ratios. Bolton's profile is made of the snapshot alone and of all files. Then the
largest file is read whole, by half and by a quarter of its rows: time for each row shows whether
reading is linear. Needs POSIX.
"""

import gzip
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LOADED = """
import bolton_jsna as jsna
rows = len(jsna.load_indicators(workspace={workspace!r}))
"""
PLAIN = """
import glob, pandas as pd
rows = 0
for path in glob.glob({workspace!r} + "/data/raw/*/*"):
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding_errors="replace")
    if "geographic_level" in table:
        table = table[table["geographic_level"].isin(["National", "Regional", "Local authority"])]
    rows += len(table)
"""
BARE = "import bolton_jsna.tables.indicators, pandas\nrows = 0"
READ = """
from pathlib import Path
from bolton_jsna.tables import indicators
rows = len(indicators.read(Path({workspace!r})))
"""
PROFILE = """
import bolton_jsna as jsna
found = jsna.profile("Bolton", workspace={workspace!r})
rows = len(found)
"""
END = """
import json, resource, sys
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([rows, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""


def run(code: str, workspace: Path) -> tuple[int, float, float]:
    """Return rows, seconds of the processor and megabytes of a run in an interpreter of its own."""
    text = code.format(workspace=str(workspace)) + END
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    rows, seconds, memory = json.loads(done.stdout.splitlines()[-1])
    return rows, seconds, memory


def several(code: str, workspace: Path, rounds: int = 3) -> tuple[int, float, float]:
    """Return the medians of some runs."""
    runs = [run(code, workspace) for _ in range(rounds)]
    return runs[0][0], statistics.median(r[1] for r in runs), max(r[2] for r in runs)


def cut(path: Path, share: int, folder: Path) -> tuple[Path, int]:
    """Return a file with the first rows of another, and their number."""
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    kept = lines[: 1 + (len(lines) - 1) // share]
    made = folder / f"cut{share}.csv"
    made.write_bytes(b"".join(kept))
    return made, len(kept) - 1


def main(folders: list[Path]) -> None:
    """Print the figures of all files together, then those of the largest file in parts."""
    with tempfile.TemporaryDirectory() as made:
        workspace = Path(made)
        where = workspace / "data" / "raw" / "children_in_need"
        where.mkdir(parents=True)
        for folder in folders:
            for path in sorted(folder.glob("*.csv*")):
                if path.name != "PROVENANCE.csv":
                    shutil.copy(path, where / f"{folder.name}_{path.name}")
        files = sorted(where.iterdir(), key=lambda each: each.stat().st_size)
        print(f"{len(files)} files")
        started = time.perf_counter()
        rows, seconds, memory = several(LOADED, workspace)
        spent = (time.perf_counter() - started) / 3
        print(
            f"load_indicators: {rows:,} rows, {seconds:.1f} s, {memory:,.0f} MB, clock {spent:.1f}"
        )
        plain, at_least, held = several(PLAIN, workspace)
        print(f"pandas alone:    {plain:,} rows, {at_least:.1f} s, {held:,.0f} MB")
        _, start, bare = several(BARE, workspace)
        with tempfile.TemporaryDirectory() as empty:
            offline = several(PROFILE, Path(empty))
        whole = several(PROFILE, workspace)
        print(f"the import:      {start:.1f} s, {bare:,.0f} MB")
        print(f"ratio of time {seconds / at_least:.2f}, of memory {memory / held:.2f}")
        print(
            f"profile, snapshot alone: {offline[0]} rows, {offline[1]:.1f} s, {offline[2]:,.0f} MB"
        )
        print(f"profile, all files:      {whole[0]} rows, {whole[1]:.1f} s, {whole[2]:,.0f} MB")
        largest = files[-1]
        print(f"\n{largest.name} in parts")
        for share in (4, 2, 1):
            part, lines = cut(largest, share, workspace)
            _, seconds, memory = several(READ, part)
            each = (seconds - start) / lines * 1e6
            print(f"{lines:>9,} lines: {seconds:.1f} s, {memory:,.0f} MB, {each:.1f} s a million")


if __name__ == "__main__":
    given = [Path(each) for each in sys.argv[1:]]
    if not given:
        print(__doc__)
        sys.exit(2)
    main(given)
