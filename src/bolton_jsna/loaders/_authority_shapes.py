"""The shapes of upper-tier authorities: as published, or put together from districts or wards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bolton_jsna import snapshot
from bolton_jsna.core.areas import Area, authorities_in, district_codes, districts_in_force
from bolton_jsna.core.errors import some
from bolton_jsna.ingest import raw_tables as raw
from bolton_jsna.loaders import _resolve
from bolton_jsna.loaders._resolve import Missing
from bolton_jsna.loaders.arguments import Folder

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

_NAME: Final = "authority_boundaries"
_DISTRICTS_SINCE: Final = 2023
"""The first year of the districts that the register has as those in force."""


def authority_shapes(
    *places: Area, year: int | None, workspace: Folder
) -> gpd.GeoDataFrame | Missing:
    """Return the authorities of today in some places, of one layer and year, if it has all."""
    wanted = tuple(dict.fromkeys(one for each in places for one in authorities_in(each)))
    tried: list[str] = []
    for dataset, layer in _layers(workspace):
        owners = layer["area_code"] if dataset == _NAME else layer["authority_code"]
        for each in sorted(layer["year"].dropna().unique(), reverse=True):
            if year is not None and each != year:
                continue
            of_year = layer["year"] == each
            found = _put_together(layer[of_year], owners[of_year], wanted, int(each))
            absent = [one.name for one in wanted if one.code not in set(found["area_code"])]
            if not absent:
                return found
            if dataset != snapshot.newest("ward_boundaries"):
                tried.append(f"{dataset} of {each} does not have the whole of {some(absent)}.")
    whose = some([each.name for each in places])
    what = f"the boundaries of {'the authorities in ' * (len(wanted) > len(places))}{whose}"
    when = f" of {year}" if year else ""
    return _resolve.missing(_NAME, f"{what}{when}", more=" ".join(tried), areas=places)


def _layers(workspace: Folder) -> list[tuple[str, gpd.GeoDataFrame]]:
    """Return the layers that can have authorities, the best first."""
    found = [(name, raw.table(name, workspace)) for name in (_NAME, "ward_boundaries")]
    held = snapshot.newest("ward_boundaries")
    wards = snapshot.read(held).assign(year=max(snapshot.serves(held)))
    return [*((name, layer) for name, layer in found if layer is not None), (held, wards)]


def _put_together(
    layer: gpd.GeoDataFrame, owners: pd.Series, wanted: tuple[Area, ...], year: int
) -> gpd.GeoDataFrame:
    """Return a shape for each authority, from all of the parts that a layer has of it."""
    import geopandas as gpd
    import shapely

    names = {each.code: each.name for each in wanted}
    owner = {code: each.code for each in wanted for code in district_codes(each)}
    parts = layer.assign(owner=owners.map(owner), given=owners).dropna(subset=["owner"])
    parts = parts[~parts["owner"].isin(_in_part(parts, wanted, year))]
    whole = parts.groupby("owner", sort=True)
    # A shape that is there already keeps its corners as they are.
    shapes = {
        code: rows.geometry.iloc[0] if len(rows) == 1 else shapely.union_all(rows.geometry.array)
        for code, rows in whole
    }
    frame = gpd.GeoDataFrame(
        {
            "area_code": list(shapes),
            "area_name": [names[code] for code in shapes],
            "level": "authority",
            "year": year,
            "authority_code": list(shapes),
            "source": [rows["source"].iloc[0] for _, rows in whole],
        },
        geometry=list(shapes.values()),
        crs=layer.crs,
    )
    kinds = layer.dtypes
    return frame.astype({name: kinds[name] for name in frame.columns[:-1] if name in kinds})


def _in_part(parts: gpd.GeoDataFrame, wanted: tuple[Area, ...], year: int) -> list[str]:
    """Return the counties of which a layer has some districts and not all."""
    given = parts.groupby("owner")["given"].agg(set).to_dict()
    return [
        each.code
        for each in wanted
        if year >= _DISTRICTS_SINCE
        and (districts := districts_in_force(each))
        and not (codes := given.get(each.code, set())) & set(each.codes)
        and not districts <= codes
    ]
