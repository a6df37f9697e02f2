"""The wards with their figures, as a GIS reads them."""

import time
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.building import _ward_layer


@pytest.mark.parametrize("kind", ["gpkg", "parquet"])
def test_a_gis_reads_the_figures_of_the_table(bolton_built: Path, kind: str) -> None:
    path = bolton_built / "maps" / f"wards.{kind}"
    layer = gpd.read_file(path) if kind == "gpkg" else gpd.read_parquet(path)
    table = pd.read_parquet(bolton_built / "data" / "processed" / "ward_profile.parquet")
    assert layer.crs == "EPSG:27700"
    assert set(table.columns) < set(layer.columns)
    assert layer["area_code"].tolist() == table["area_code"].tolist()
    for name in table.columns.drop("source"):
        pd.testing.assert_series_equal(
            layer[name].astype(object).where(layer[name].notna(), None),
            table[name].astype(object).where(table[name].notna(), None),
            check_dtype=False,
        )
    assert layer["illustrative"].all()
    assert layer["source"].str.contains("ward_boundaries@").all()
    assert (layer["boundary_year"] == 2023).all()
    areas = jsna.load_boundaries("Bolton").set_index("area_code").area
    assert layer.set_index("area_code").area.round(3).to_dict() == areas.round(3).to_dict()


def test_the_same_figures_give_the_same_bytes(bolton_built: Path, tmp_path: Path) -> None:
    table = pd.read_parquet(bolton_built / "data" / "processed" / "ward_profile.parquet")
    layer = _ward_layer.ward_layer(table, jsna.load_boundaries("Bolton"))
    first, second = tmp_path / "first", tmp_path / "second"
    _ward_layer.write(layer, first)
    time.sleep(0.01)  # a GeoPackage has times in thousandths of a second
    _ward_layer.write(layer, second)
    for kind in ("gpkg", "parquet"):
        assert (first / f"wards.{kind}").read_bytes() == (second / f"wards.{kind}").read_bytes()
