"""Time the readers of two national files next to a plain ``pandas.read_csv`` of the same file.

    python benchmarks/reading.py [ROUNDS]

The files are those of the folder in ``BOLTON_JSNA_REFERENCE_DATA``. Each reading is made in a
fresh interpreter, after its imports, in turns, so that a busy moment of the machine falls on all.
For each there are the median in seconds, the ratio to the plain reading, the seconds of the
processor, and the most memory that the process had in use.

``first`` reads and checks the file and keeps the table in an empty cache. ``again`` takes it from
there. ``one area`` is ``load_*`` for Bolton, out of the table of the whole file.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 5
FILES = {
    "idaci": "idaci/File_3_-_IoD2019_Supplementary_Indices_-_IDACI_and_IDAOPI.csv.gz",
    "population_projections": "population/snpp_2018based_principal_la_syoa_sex_2018_2043.csv.gz",
}
LOADS = {
    "idaci": "jsna.load_idaci('Bolton', edition=2019, workspace=folder)",
    "population_projections": (
        "jsna.load_population_projections('Bolton', base_year=2018, workspace=folder)"
    ),
}
CHILD = """
import json, resource, sys, time
import pandas as pd, pyarrow.csv, pyarrow.parquet
import bolton_jsna as jsna
from bolton_jsna.ingest import raw_tables
from bolton_jsna.tables import idaci, population
folder, dataset, file = sys.argv[1:]
jsna.load_idaci, jsna.load_population_projections
began, used = time.perf_counter(), time.process_time()
found = {expression}
took, used = time.perf_counter() - began, time.process_time() - used
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([took, used, most, len(found)]))
"""


def run(expression: str, folder: Path, dataset: str, file: Path) -> list[float]:
    """Return the seconds, the processor's seconds, the MB and the rows of one reading."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD.replace("{expression}", expression), folder, dataset, file],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "BOLTON_JSNA_CACHE": str(folder / "cache")},
    )
    return list(json.loads(done.stdout))


def measure(dataset: str, source: Path, rounds: int) -> None:
    """Print a line for each way to read a file."""
    ways = {
        "pandas.read_csv": "pd.read_csv(file)",
        "first": "raw_tables.table(dataset, folder)",
        "again": "raw_tables.table(dataset, folder)",
        "one area": LOADS[dataset],
    }
    times: dict[str, list[list[float]]] = {way: [] for way in ways}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        file = folder / "data/raw" / dataset / source.name
        file.parent.mkdir(parents=True)
        shutil.copy(source, file)
        for _ in range(rounds):
            shutil.rmtree(folder / "cache", ignore_errors=True)
            for way, expression in ways.items():
                times[way].append(run(expression, folder, dataset, file))
    print(f"{source.name}, median of {rounds} rounds")
    plain = statistics.median(each[0] for each in times["pandas.read_csv"])
    for way, each in times.items():
        took, used, most = (statistics.median(one[at] for one in each) for at in range(3))
        rows = f"{each[0][3]:,} rows"
        print(
            f"  {way:16} {took:6.3f} s  {took / plain:6.2f} x  (processor {used:6.3f} s)"
            f"  {most:5.0f} MB  {rows}"
        )


def main(rounds: int = ROUNDS) -> None:
    """Measure both files, where they are."""
    folder = Path(os.environ.get("BOLTON_JSNA_REFERENCE_DATA", "../shared/data"))
    for dataset, name in FILES.items():
        if (folder / name).is_file():
            measure(dataset, folder / name, rounds)
        else:
            print(f"{name}: not in {folder}, so not measured")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
