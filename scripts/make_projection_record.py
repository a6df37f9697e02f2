"""Make the record of past projections in the embedded snapshot from published national files.

    python scripts/make_projection_record.py REFERENCE_FOLDER

The folder holds the published files that :data:`FILES` lists. They are read by the library's own
loaders for every authority. Written are two files of ``src/bolton_jsna/snapshot/`` with their
entries in ``manifest.json``: how far past projections were out (``projection_errors``), and how
often the limits that were known then held (``projection_tests``). The same folder gives the same
bytes.
"""

from __future__ import annotations

import shutil
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from make_snapshot import HERE, TARGET, fingerprint, take_constants, write_manifest

from bolton_jsna import loaders
from bolton_jsna.core.provenance import source_id
from bolton_jsna.ingest import raw_tables
from bolton_jsna.measures._children_errors import children_errors
from bolton_jsna.measures._demand_series import DemandSeries, demand_series
from bolton_jsna.measures._past_errors import (
    FEWEST_AREAS,
    FIRST_YEAR,
    past_errors,
    past_errors_of_children,
)
from bolton_jsna.measures.backtest import Interval, Method, outcomes, summarised
from bolton_jsna.tables import schemas

FILES = {
    "children_in_need": (
        "safeguarding/b1_children_in_need_2013_to_2025.csv.gz",
        "safeguarding/c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv.gz",
        "safeguarding/d3_cpps_subsequent_plan_2013_to_2025.csv.gz",
        "safeguarding/d5_cpps_at31march_by_duration_2013_to_2025.csv.gz",
    ),
    "children_looked_after": ("safeguarding/cla_number_and_rate_per_10k_children.csv.gz",),
    "population_estimates": (
        "population/dfe_ons_mid-year_population_estimates_0_17_2012_to_2024.csv.gz",
    ),
    "population_projections": ("population/snpp_2018based_principal_la_syoa_sex_2018_2043.csv.gz",),
}
"""The published files by dataset."""

INDICATORS = (
    "referrals",
    "cin_at_31_march",
    "cpp_started",
    "cpp_at_31_march",
    "cla_at_31_march",
)
EDITION = "2025"
DIGITS = {"projection_errors": "%.6g", "projection_tests": "%.4g"}
FIRST_ORIGIN = 2016
LAST_ORIGIN = 2025
FARTHEST = LAST_ORIGIN - FIRST_ORIGIN
METHODS: tuple[tuple[Method, Interval], ...] = (
    ("constant", "past_errors"),
    ("mean3", "past_errors"),
    ("damped_trend", "past_errors"),
    ("constant", "poisson"),
    ("constant", "random_walk"),
)


@dataclass(frozen=True)
class Published:
    """What the published files have of every authority.

    Attributes
    ----------
    series : tuple of DemandSeries
        Counts and children by indicator.
    rates : DataFrame
        The rows that they are made of.
    projections, estimates : DataFrame
        Projected and estimated children.
    """

    series: tuple[DemandSeries, ...]
    rates: pd.DataFrame
    projections: pd.DataFrame
    estimates: pd.DataFrame


def published(folder: Path) -> Published:
    """Return the tables of every authority, read from a workspace with the published files."""
    with TemporaryDirectory() as made:
        workspace = Path(made)
        for dataset, names in FILES.items():
            where = workspace / "data" / "raw" / dataset
            where.mkdir(parents=True)
            for name in names:
                shutil.copy(folder / name, where)
        rates = loaders.load_children_in_need(indicators=list(INDICATORS), workspace=workspace)
        rates = rates[(rates["area_level"] == "authority") & (rates["year"] >= FIRST_YEAR)]
        # The snapshot adds years that it has of a few authorities.
        there = rates["count"].notna().groupby([rates["indicator"], rates["year"]])
        rates = rates[there.transform("sum") >= FEWEST_AREAS].reset_index(drop=True)
        children = {
            name: raw_tables.table(name, workspace)
            for name in ("population_projections", "population_estimates")
        }
    return Published(
        tuple(demand_series(rates[rates["indicator"] == each], each) for each in INDICATORS),
        rates,
        children["population_projections"],
        children["population_estimates"],
    )


def errors_of(given: Published) -> pd.DataFrame:
    """Return the errors that were known at each origin, and those of projected children."""
    origins = range(FIRST_ORIGIN, LAST_ORIGIN + 1)
    parts = [
        past_errors(each, origins=[year for year in origins if year in each.years])
        for each in given.series
    ]
    children = children_errors(given.projections, given.estimates)
    return pd.concat([*parts, past_errors_of_children(children)], ignore_index=True)


def outcomes_of(series: DemandSeries, method: Method, interval: Interval) -> pd.DataFrame:
    """Return the past projections of origins before the last year."""
    return outcomes(
        series,
        past_errors(series, method),
        method=method,
        interval=interval,
        origins=range(FIRST_ORIGIN, LAST_ORIGIN),
        farthest=FARTHEST,
    )


def tests_of(given: Published) -> pd.DataFrame:
    """Return how often limits held, by origin and over all origins."""
    return pd.concat(_tests(given), ignore_index=True)


def _tests(given: Published) -> Iterator[pd.DataFrame]:
    by = ["indicator", "method", "interval", "horizon"]
    for series in given.series:
        for method, interval in METHODS:
            found = outcomes_of(series, method, interval)
            yield summarised(found, by).assign(origin=pd.NA)
            yield summarised(found, [*by, "origin"]).assign(origins=1)


def main(folder: Path, target: Path = TARGET) -> None:
    """Write both files and their entries in the manifest."""
    described = tomllib.loads((HERE / "projection_record.toml").read_text(encoding="utf-8"))
    given = published(folder)
    tables = {"projection_errors": errors_of(given), "projection_tests": tests_of(given)}
    entries: list[dict[str, Any]] = []
    for name, table in tables.items():
        tidy = schemas.conform(table.assign(source=source_id(name, EDITION)), name)
        path = target / f"{name}_{EDITION}.csv"
        tidy.drop(columns="source").to_csv(
            path, index=False, lineterminator="\n", encoding="utf-8", float_format=DIGITS[name]
        )
        entries.append(
            {
                "dataset": name,
                "edition": EDITION,
                "publisher": described["publisher"],
                "title": described[name]["title"],
                "vintage": described[name]["vintage"],
                "licence": described["licence"],
                "attribution": described["attribution"],
                "address": described["address"],
                **fingerprint(path, len(tidy)),
                "notes": described[name]["notes"],
                "table": name,
                "constants": take_constants(tidy, ["source"]),
            }
        )
    write_manifest(entries, target)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
