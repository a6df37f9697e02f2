"""The wards with their figures as one layer for QGIS, ArcGIS and Power BI."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.provenance import SEPARATOR

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

NAME: Final = "wards"
_GEOPACKAGE: Final = {"OGR_CURRENT_DATE": "2000-01-01T00:00:00Z"}
"""A GeoPackage has the time at which it was written: always this one, so that the same figures give
the same bytes."""


def ward_layer(profile: pd.DataFrame, wards: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the rows of ``ward_profile`` with the boundaries of the wards and their year."""
    import geopandas as gpd

    shapes = wards.set_index("area_code")
    at = shapes.loc[profile["area_code"]]
    both = profile["source"] + SEPARATOR + at["source"].to_numpy()
    figures = profile.assign(boundary_year=at["year"].to_numpy(), source=both)
    last = [name for name in ("illustrative", "source") if name in figures.columns]
    figures = figures[[*figures.columns.drop(last), *last]]
    return gpd.GeoDataFrame(figures, geometry=at.geometry.to_numpy(), crs=wards.crs)


def write(layer: gpd.GeoDataFrame, folder: Path) -> None:
    """Write the layer as GeoPackage and as GeoParquet; the same figures give the same bytes."""
    import pyogrio

    folder.mkdir(parents=True, exist_ok=True)
    layer.to_parquet(folder / f"{NAME}.parquet", index=False, compression="zstd")
    pyogrio.set_gdal_config_options(_GEOPACKAGE)
    try:
        layer.to_file(folder / f"{NAME}.gpkg", layer=NAME, driver="GPKG", engine="pyogrio")
    finally:
        pyogrio.set_gdal_config_options(dict.fromkeys(_GEOPACKAGE))
