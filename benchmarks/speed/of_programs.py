"""Claims about whole programs: import, reading a national file, builds, and a refresh.

Each runs in a process of its own, with a cache of its own for files that were read before.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.speed import inputs
from benchmarks.speed.side_by_side import Call, Claim, Pair

ROOT = Path(__file__).resolve().parents[2]
IDACI = ("idaci", "File_3_-_IoD2019_Supplementary_Indices_-_IDACI_and_IDAOPI.csv.gz")
PROJECTIONS = ("population", "snpp_2018based_principal_la_syoa_sex_2018_2043.csv.gz")
RAW = {
    "children_in_need": (
        "safeguarding/c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv.gz",
        "safeguarding/d3_cpps_subsequent_plan_2013_to_2025.csv.gz",
        "safeguarding/d5_cpps_at31march_by_duration_2013_to_2025.csv.gz",
        "safeguarding/b1_children_in_need_2013_to_2025.csv.gz",
    ),
    "children_looked_after": ("safeguarding/cla_number_and_rate_per_10k_children.csv.gz",),
    "population_estimates": (
        "population/dfe_ons_mid-year_population_estimates_0_17_2012_to_2024.csv.gz",
    ),
    "population_projections": ("/".join(PROJECTIONS),),
    "idaci": (
        "idaci/iod2019_idaci_england_lsoa11.csv.gz",
        "idaci/File_6_-_IoD2019_Population_Denominators.csv.gz",
    ),
    "statistical_neighbours": ("neighbours/sn_model_2025_wide.csv",),
}
"""The published files of all authorities, by the folder that they go to."""

TIMED = """
import sys, time
{before}
began = time.perf_counter()
{work}
print("took", time.perf_counter() - began)
"""


def child(work: str, *, cache: Path, before: str = "", folder: Path | None = None) -> float:
    """Return the seconds that work takes in a fresh interpreter, without its start."""
    code = TIMED.format(before=before, work=work)
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder or cache.parent,
        env={**os.environ, "BOLTON_JSNA_CACHE": str(cache)},
    )
    return float(done.stdout.rpartition("took")[2])


def fresh(cache: Path) -> None:
    """Empty the cache of files that were read before."""
    shutil.rmtree(cache, ignore_errors=True)


def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="speed-"))


def imported(share: float) -> Pair:
    """Import of the library, next to that of pandas."""
    del share
    cache = _folder() / "cache"
    return Pair(
        lambda: child("import bolton_jsna", cache=cache),
        lambda: child("import pandas", cache=cache),
        1,
    )


def _read(file: Sequence[str], dataset: str, *, again: bool) -> Pair:
    source = inputs.published(*file)
    folder = _folder()
    raw = folder / "data" / "raw" / dataset
    raw.mkdir(parents=True)
    shutil.copy(source, raw)
    cache = folder / "cache"
    before = (
        "import pandas as pd, pyarrow.csv, pyarrow.parquet\n"
        "from bolton_jsna.ingest import raw_tables\n"
        "from bolton_jsna.tables import idaci, population"
    )
    work = f"raw_tables.table({dataset!r}, '.')"

    def ours() -> float:
        if not again:
            fresh(cache)
        return child(work, cache=cache, before=before, folder=folder)

    if again:
        ours()
    path = str(raw / source.name)
    return Pair(
        ours,
        lambda: child(f"pd.read_csv({path!r})", cache=cache, before=before, folder=folder),
        32_844 if dataset == "idaci" else 88_044,
    )


def _build(options: Sequence[str], folder: Path, cache: Path) -> float:
    before = "from typer.main import get_command\nfrom bolton_jsna.cli.main import app"
    work = f"get_command(app)({['build', *options]!r}, standalone_mode=False)"
    return child(work, cache=cache, before=before, folder=folder)


def one_build(share: float) -> Pair:
    """Bolton's build with maps, next to the same without them."""
    del share
    folder = _folder()
    return Pair(
        lambda: _build([], folder, folder / "cache"),
        lambda: _build(["--no-maps"], folder, folder / "cache"),
        1,
    )


def chapter(share: float) -> Pair:
    """Bolton's build with its chapter, next to the build alone."""
    del share
    folder = _folder()
    options = ["--chapter", "docx,html,xlsx,ods"]
    return Pair(
        lambda: _build(options, folder, folder / "cache"),
        lambda: _build([], folder, folder / "cache"),
        1,
    )


def _workspace() -> Path:
    folder = _folder()
    for dataset, names in RAW.items():
        raw = folder / "data" / "raw" / dataset
        raw.mkdir(parents=True)
        for name in names:
            shutil.copy(inputs.published(*name.split("/")), raw)
    return folder


def cold_build(share: float) -> Pair:
    """A build from published national files read for the first time, next to a second one."""
    del share
    first, second = _workspace(), _workspace()
    options = ["--area", "Bolton", "--no-maps", "--idaci-edition", "2019"]

    def cold() -> float:
        fresh(first / "cache")
        return _build(options, first, first / "cache")

    return Pair(cold, lambda: _build(options, second, second / "cache"), 1)


def _many(folder: Path, areas: Sequence[str], *, jobs: int) -> Call:
    names = [part for each in areas for part in ("--area", each)]

    def run() -> float:
        for made in ("data/processed", "data/cache", "areas"):
            shutil.rmtree(folder / made, ignore_errors=True)
        options = [*names, "--tables-only", "--jobs", str(jobs)]
        return _build(options, folder, folder / "cache")

    return run


def many(share: float) -> Pair:
    """National tables of a share of the authorities by two processes, next to one."""
    from bolton_jsna.core.areas import ENGLAND, area, authorities_in

    every = [each.code for each in authorities_in(area(ENGLAND))]
    areas = every[:: max(round(1 / share), 1)][: max(round(len(every) * share), 2)]
    folder = _workspace()
    return Pair(_many(folder, areas, jobs=2), _many(folder, areas, jobs=1), len(areas))


def by_dask(share: float) -> Pair:
    """National tables of ten authorities by Dask, next to one process."""
    del share
    from bolton_jsna.core.areas import area, authorities_in

    areas = [each.code for each in authorities_in(area("Greater Manchester"))]
    folder = _workspace()
    work = (
        "with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as one, "
        "Client(one) as client:\n"
        f"    jsna.build_many({areas!r}, tables_only=True, executor=client.get_executor())"
    )
    before = "from distributed import Client, LocalCluster\nimport bolton_jsna as jsna"

    def ours() -> float:
        for made in ("data/processed", "data/cache"):
            shutil.rmtree(folder / made, ignore_errors=True)
        return child(work, cache=folder / "cache", before=before, folder=folder)

    return Pair(ours, _many(folder, areas, jobs=1), len(areas))


REFRESH = """
import json, os, sys, tempfile, time
sys.path.insert(0, {support!r})
from bolton_jsna import catalogue
from bolton_jsna.building.refresh import refresh
from standin import StandIn
from standin.world import small_catalogue
small = small_catalogue()
catalogue._catalogue = lambda: small
with StandIn() as publishers, tempfile.TemporaryDirectory() as folder:
    os.environ.update(publishers.env())
    took = []
    for _ in range(2):
        began = time.perf_counter()
        refresh(workspace=folder, fresh_hours=0)
        took.append(time.perf_counter() - began)
print(json.dumps(took), flush=True)
os._exit(0)  # threads of the stand-in may be waiting still
"""


def refreshed(share: float) -> Pair:
    """A refresh with nothing changed, next to the first one, with a stand-in of the publishers."""
    del share
    took: list[list[float]] = []

    def ours() -> float:
        code = REFRESH.format(support=str(ROOT / "tests" / "support"))
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        took.append(json.loads(done.stdout))
        return float(took[-1][1])

    return Pair(ours, lambda: float(took[-1][0]), 1)


CLAIMS = (
    Claim("import", "import of the library", imported, "import pandas", rounds=7),
    Claim(
        "read_idaci",
        "reading and checking national IDACI 2019 for the first time",
        lambda _: _read(IDACI, "idaci", again=False),
        "pandas.read_csv",
    ),
    Claim(
        "read_idaci_again",
        "reading it again",
        lambda _: _read(IDACI, "idaci", again=True),
        "pandas.read_csv",
    ),
    Claim(
        "read_projections",
        "reading and checking the 2018-based projections for the first time",
        lambda _: _read(PROJECTIONS, "population_projections", again=False),
        "pandas.read_csv",
    ),
    Claim(
        "read_projections_again",
        "reading them again",
        lambda _: _read(PROJECTIONS, "population_projections", again=True),
        "pandas.read_csv",
    ),
    Claim("build", "Bolton's build with maps", one_build, "without maps", rounds=3),
    Claim("chapter", "Bolton's build with its chapter", chapter, "without it", rounds=2, slow=True),
    Claim("build_cold", "a build from national files, first time", cold_build, "second", rounds=3),
    Claim(
        "many",
        "national tables of all authorities by two processes",
        many,
        "one process",
        rounds=1,
        grows=True,
        slow=True,
    ),
    Claim(
        "dask",
        "national tables of ten authorities by Dask, with the start of the cluster",
        by_dask,
        "one process",
        ("distributed",),
        rounds=2,
        slow=True,
    ),
    Claim("refresh", "a refresh with nothing changed", refreshed, "the first refresh", rounds=3),
)
