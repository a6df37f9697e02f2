"""Figures joined to shapes, with checks of codes, vintages, geometry and CRS."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from bolton_jsna.core.area_codes import level_of
from bolton_jsna.core.errors import SchemaError, UsageError, VintageError, did_you_mean, some
from bolton_jsna.core.table_checks import (
    check_cells,
    check_table,
    reject_unlike_keys,
    without_blanks,
)
from bolton_jsna.geography import areal

BRITISH_GRID = "EPSG:27700"
# Degrees around the United Kingdom, with a little sea.
_WEST, _SOUTH, _EAST, _NORTH = -10.0, 49.0, 3.0, 62.0

_ONE_ROW = "A map shows one row per area: filter to one year and indicator."


def join(
    frame: pd.DataFrame,
    boundaries: gpd.GeoDataFrame | None = None,
    *,
    columns: tuple[str, ...] = (),
    allow_missing: bool = False,
) -> gpd.GeoDataFrame:
    """Return one row per area with its figures, name and shape, ordered by name."""
    if boundaries is None and not isinstance(frame, gpd.GeoDataFrame):
        raise UsageError(
            "There are no shapes to draw: boundaries is None and the frame has no geometry. "
            "Give boundaries=load_boundaries(...), or a GeoDataFrame."
        )
    if boundaries is not None and not isinstance(boundaries, gpd.GeoDataFrame):
        raise UsageError(
            f"boundaries must be a GeoDataFrame; found {type(boundaries).__name__}. "
            "Use load_boundaries(...)."
        )
    need(frame, ("area_code", *columns), "The frame")
    shapes_of = frame if boundaries is None else boundaries
    if shapes_of._geometry_column_name not in shapes_of.columns:
        raise SchemaError(
            f"{'The frame' if boundaries is None else 'boundaries'} is a GeoDataFrame without a "
            "column of shapes. Name it with .set_geometry('COLUMN'), or use load_boundaries(...)."
        )
    if boundaries is None:
        _unique(frame, "rows", _ONE_ROW)
        return _ordered(_shapes(frame.reset_index(drop=True), list(frame.columns)))
    need(boundaries, ("area_code",), "The boundaries")
    # The index may have the name of a column; it is not used.
    frame = frame.assign(area_code=without_blanks(frame["area_code"])).reset_index(drop=True)
    boundaries = boundaries.reset_index(drop=True)
    boundaries = boundaries.assign(area_code=without_blanks(boundaries["area_code"]))
    _unique(frame, "rows", _ONE_ROW)
    parts = "Dissolve its parts: boundaries.dissolve('area_code', as_index=False)."
    _check_vintage(boundaries)  # first: the shapes of two years are not parts of one
    _unique(boundaries, "shapes", parts)
    shapes = _shapes(boundaries, ["area_code", "area_name"])
    _match(frame, shapes, allow_missing=allow_missing)
    of_shapes = ["geometry", *(["area_name"] if "area_name" in shapes.columns else [])]
    figures = frame.drop(columns=of_shapes, errors="ignore")
    return _ordered(shapes.merge(figures, on="area_code", how="left", validate="one_to_one"))


def need(frame: pd.DataFrame, columns: tuple[str, ...], what: str) -> None:
    """Reject a frame without rows, without codes or without the wanted columns."""
    check_table(frame, what)
    for column in columns:
        if column not in frame.columns:
            raise SchemaError(
                f"{what} has no column {column!r}. It has {some(frame.columns, most=20)}."
                f"{did_you_mean(column, map(str, frame.columns))}"
            )
    check_cells(frame, columns, what)
    if frame["area_code"].isna().any():
        raise SchemaError(f"{what} has rows without an area_code. Drop or correct them.")
    if not len(frame):
        raise SchemaError(f"{what} has no rows: there is nothing to draw.")


def _unique(frame: pd.DataFrame, what: str, way_out: str) -> None:
    twice = frame.loc[frame["area_code"].duplicated(), "area_code"].unique()
    if len(twice):
        raise SchemaError(f"{len(twice)} areas have several {what} ({some(twice)}). {way_out}")


def _check_vintage(boundaries: gpd.GeoDataFrame) -> None:
    if "year" in boundaries.columns:
        years = sorted(boundaries["year"].dropna().unique())
        if len(years) > 1:
            raise VintageError(
                f"The boundaries are of several years ({some(years)}). Draw one year: "
                f"boundaries[boundaries.year == {years[-1]}]."
            )


def _match(frame: pd.DataFrame, shapes: gpd.GeoDataFrame, *, allow_missing: bool) -> None:
    drawn, given = set(shapes["area_code"]), set(frame["area_code"])
    stray = [code for code in frame["area_code"] if code not in drawn]
    bare = [code for code in shapes["area_code"] if code not in given]
    if stray:
        reject_unlike_keys(
            frame["area_code"], shapes["area_code"], column="area_code", there="the boundaries"
        )
        raise VintageError(
            f"{len(stray)} of {len(frame)} codes of the frame ({some(stray)}) are not in the "
            f"boundaries ({some(shapes['area_code'], most=3)}). {_advice(stray)}"
        )
    if bare and not allow_missing:
        raise VintageError(
            f"{len(bare)} of {len(shapes)} areas of the boundaries ({some(bare)}) have no row in "
            "the frame. Add their rows with a status, or give allow_missing=True to draw them as "
            "not available."
        )


def _advice(codes: list[str]) -> str:
    levels = {level_of(code) for code in codes}
    if levels == {"ward"}:
        return (
            "Wards change (Bolton's in May 2023): load the boundaries of the frame's year, or use "
            "load_lookup(of='lsoa21', to='ward23') and build ward counts from LSOAs."
        )
    if levels == {"lsoa"}:
        return (
            "LSOAs changed with the Censuses of 2011 and 2021: load the boundaries of the "
            "frame's year, such as load_boundaries(level='lsoa', year=2021)."
        )
    return "Leave out rows that are not areas of the map, or load the boundaries of these codes."


def _shapes(frame: gpd.GeoDataFrame, columns: list[Any]) -> gpd.GeoDataFrame:
    """Return the shapes in EPSG:27700 after checking each of them."""
    shapes = frame if frame.geometry.name == "geometry" else frame.rename_geometry("geometry")
    keep = [name for name in dict.fromkeys(columns) if name in shapes.columns]
    shapes = shapes[list(dict.fromkeys([*keep, "geometry"]))]
    shapes = shapes.set_geometry(areal(shapes.geometry))
    codes, outlines = shapes["area_code"], shapes.geometry
    empty = codes[outlines.isna() | outlines.is_empty]
    if len(empty):
        raise SchemaError(
            f"{len(empty)} areas have no shape ({some(empty)}): their geometry is empty. Load the "
            "boundaries again or leave the areas out."
        )
    other = codes[~outlines.geom_type.isin(["Polygon", "MultiPolygon"])]
    if len(other):
        raise SchemaError(
            f"{len(other)} areas are not polygons ({some(other)} are "
            f"{some(sorted(set(outlines[other.index].geom_type)))}). A choropleth needs polygons."
        )
    invalid = codes[~outlines.is_valid]
    if len(invalid):
        raise SchemaError(
            f"{len(invalid)} areas have an invalid shape ({some(invalid)}): it crosses itself. "
            "Correct it with boundaries.set_geometry(boundaries.make_valid()) and check the result."
        )
    if shapes.crs is None:
        raise SchemaError(
            "The boundaries have no CRS, so it is not known whether they are in metres or degrees. "
            "Set it: boundaries.set_crs('EPSG:27700') for eastings and northings, 'EPSG:4326' for "
            "degrees."
        )
    _check_crs(shapes)
    return shapes.to_crs(BRITISH_GRID)


def _check_crs(shapes: gpd.GeoDataFrame) -> None:
    """Reject a CRS that puts the shapes outside the United Kingdom."""
    west, south, east, north = shapes.total_bounds
    degrees = _in_united_kingdom(west, south, east, north)
    right = degrees == shapes.crs.is_geographic and (
        degrees or _in_united_kingdom(*shapes.to_crs("EPSG:4326").total_bounds)
    )
    if not right:
        raise SchemaError(
            f"The boundaries have the CRS {shapes.crs.to_string()}, but their coordinates "
            f"({west:g} to {east:g}, {south:g} to {north:g}) are not in the United Kingdom in that "
            "CRS. Give the right CRS: boundaries.set_crs('EPSG:27700' or 'EPSG:4326', "
            "allow_override=True)."
        )


def _in_united_kingdom(west: float, south: float, east: float, north: float) -> bool:
    return _WEST <= west <= east <= _EAST and _SOUTH <= south <= north <= _NORTH


def _ordered(joined: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    named = joined.get("area_name", joined["area_code"]).astype(object)
    joined = joined.assign(area_name=named.where(named.notna(), joined["area_code"]))
    keys = joined.assign(_name=joined["area_name"].map(lambda name: str(name).casefold()))
    order = keys.sort_values(["_name", "area_code"], kind="stable").index
    return joined.loc[order].reset_index(drop=True)
