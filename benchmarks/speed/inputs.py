"""Inputs of the claims: made up with a fixed seed, or the published files where they are."""

import functools
import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from benchmarks.speed.side_by_side import NotMeasured

LSOAS = 33_755
"""LSOAs of England (2021)."""
AUTHORITIES = 153


def published(*parts: str) -> Path:
    """Return a published file; a claim on it is not measured where it is not there."""
    folder = os.environ.get("BOLTON_JSNA_REFERENCE_DATA", "")
    path = Path(folder).joinpath(*parts)
    if not folder or not path.is_file():
        name = parts[-1]
        raise NotMeasured(f"no {name}: set BOLTON_JSNA_REFERENCE_DATA to the published files")
    return path


def counts(rows: int, *, hidden: bool) -> pd.DataFrame:
    """Return small areas with counts and people; with hidden counts and zeros if asked for."""
    chance = np.random.default_rng(rows)
    drawn = chance.poisson(chance.gamma(1, 30, rows)).astype(float)
    frame = pd.DataFrame(
        {
            "area_code": [f"E{number:08}" for number in range(rows)],
            "population": chance.integers(200, 5_000, rows),
        }
    )
    if not hidden:
        return frame.assign(count=np.maximum(drawn, 1).astype(int))
    gone = chance.random(rows) < 0.05
    drawn[gone] = np.nan
    frame["count"] = pd.array(drawn, dtype="Int64")
    frame["status"] = np.where(gone, "suppressed", "value")
    return frame


def by_age(areas: int) -> pd.DataFrame:
    """Return areas by the nineteen age bands of the European Standard Population."""
    bands = [f"{low}-{low + 4}" for low in range(0, 90, 5)] + ["90+"]
    chance = np.random.default_rng(19)
    people = chance.integers(200, 9_000, areas * len(bands))
    return pd.DataFrame(
        {
            "area_code": np.repeat([f"E{number:08}" for number in range(areas)], len(bands)),
            "age_band": bands * areas,
            "population": people,
            "count": chance.poisson(people * 0.01),
        }
    )


@functools.cache
def small_areas(areas: int) -> gpd.GeoDataFrame:
    """Return touching cells with a figure: LSOAs where they are published, else a grid."""
    try:
        path = published("england", "lsoa21_generalised_england.parquet")
        cells = gpd.read_parquet(path).to_crs(27700).geometry.iloc[:areas]
    except NotMeasured:
        side = int(np.ceil(np.sqrt(areas)))
        x, y = np.meshgrid(np.arange(side), np.arange(side))
        west, south = 200_000 + 2_000 * x.ravel(), 100_000 + 2_000 * y.ravel()
        cells = gpd.GeoSeries(shapely.box(west, south, west + 2_000, south + 2_000)[:areas])
    figures = np.random.default_rng(1).gamma(2, 100, len(cells)).round(1)
    return gpd.GeoDataFrame(
        {
            "area_code": [f"E0{number:07}" for number in range(len(cells))],
            "area_name": [f"Place {number:05}" for number in range(len(cells))],
            "rate": figures,
        },
        geometry=list(cells),
        crs="EPSG:27700",
    )
