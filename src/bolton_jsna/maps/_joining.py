"""Figures joined to shapes, with checks of codes, vintages, geometry and CRS."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, Literal

import geopandas as gpd
import pandas as pd

from bolton_jsna.core.area_codes import LABELS, level_of
from bolton_jsna.core.area_matching import MOST_NAMED, Matched, labels_as_column, match_areas
from bolton_jsna.core.errors import (
    SchemaError,
    UsageError,
    VintageError,
    choice,
    did_you_mean,
    short,
    some,
)
from bolton_jsna.core.known_areas import KnownAreas, is_code
from bolton_jsna.core.table_checks import (
    check_cells,
    check_table,
    without_blanks,
)
from bolton_jsna.geography import areal

Unmatched = Literal["error", "show"]

_MOST_PRINTED: Final = 20
"""The most rows without an area that a map names."""

BRITISH_GRID = "EPSG:27700"
# Degrees around the United Kingdom, with a little sea.
_WEST, _SOUTH, _EAST, _NORTH = -10.0, 49.0, 3.0, 62.0

_SMALLEST_FIRST: Final = (
    "lsoa", "msoa", "ward", "authority", "metropolitan county", "combined authority", "region",
    "country",
)  # fmt: skip
_ONS_LEVELS: Final = {
    "wd": "ward", "lsoa": "lsoa", "msoa": "msoa", "lad": "authority", "ltla": "authority",
    "utla": "authority", "ctyua": "authority", "rgn": "region", "ctry": "country",
}  # fmt: skip
_ONS: Final = re.compile(rf"({'|'.join(_ONS_LEVELS)})(\d\d)(cd|nm)", re.IGNORECASE)
_NM: Final = {"CD": "NM", "cd": "nm"}
"""The end of a heading of names for that of a heading of codes."""

_ONE_ROW = "A map shows one row per area: filter to one year and indicator."


def join(
    frame: pd.DataFrame,
    boundaries: gpd.GeoDataFrame | None = None,
    *,
    columns: tuple[str, ...] = (),
    drawn: tuple[str, ...] = (),
    allow_missing: bool = False,
    code: str | None = None,
    unmatched: Unmatched = "error",
) -> gpd.GeoDataFrame:
    """Return one row per area with its figures, name and shape, ordered by name."""
    # What is not on the map is in ``attrs``: ``left_out`` has a text for each kind of it.
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
    choice("unmatched", unmatched, ("error", "show"))
    need(frame, columns, "The frame")
    shapes_of = frame if boundaries is None else boundaries
    if shapes_of._geometry_column_name not in shapes_of.columns:
        raise SchemaError(
            f"{'The frame' if boundaries is None else 'boundaries'} is a GeoDataFrame without a "
            "column of shapes. Name it with .set_geometry('COLUMN'), or use load_boundaries(...)."
        )
    if boundaries is None:
        frame = _with_codes(frame.reset_index(drop=True), code)
        _unique(frame, "rows", _ONE_ROW)
        return _ordered(_shapes(frame, list(frame.columns)))
    boundaries = _with_headings(boundaries, "The boundaries")
    need(boundaries, ("area_code",), "The boundaries")
    boundaries = boundaries.reset_index(drop=True)
    boundaries = boundaries.assign(area_code=without_blanks(boundaries["area_code"]))
    reject_blanks(boundaries, "The boundaries")
    _check_vintage(boundaries)  # first: the shapes of two years are not parts of one
    parts = "Dissolve its parts: boundaries.dissolve('area_code', as_index=False)."
    _unique(boundaries, "shapes", parts)
    known = KnownAreas.of(boundaries, "the boundaries")
    matched = match_areas(frame := labels_as_column(frame), known, code=code, drawn=drawn)
    show = unmatched == "show" and bool(matched.codes.notna().any())
    if not show:
        matched.reject_unmatched()
    frame = frame.assign(area_code=matched.codes)[matched.codes.notna()]
    _one_row_each(matched)
    shapes = _shapes(boundaries, ["area_code", "area_name"])
    given = set(frame["area_code"])
    bare = [each for each in shapes["area_code"] if each not in given]
    if bare and not (allow_missing or show):
        raise VintageError(
            f"{len(bare)} of {len(shapes)} areas of the boundaries "
            f"({some(_labels(bare, known), most=MOST_NAMED)}) have no row in the frame. Add their "
            "rows with a status, or give allow_missing=True to draw them as not available."
        )
    of_shapes = ["geometry", *(["area_name"] if "area_name" in shapes.columns else [])]
    figures = frame.drop(columns=of_shapes, errors="ignore")
    joined = _ordered(shapes.merge(figures, on="area_code", how="left", validate="one_to_one"))
    joined.attrs["left_out"] = _left_out(matched)
    return joined


def need(frame: pd.DataFrame, columns: tuple[str, ...], what: str) -> None:
    """Reject a frame without rows or without the wanted columns."""
    check_table(frame, what)
    for column in columns:
        if column not in frame.columns:
            raise SchemaError(
                f"{what} has no column {column!r}. It has "
                f"{some(frame.columns, most=20, like=column)}."
                f"{did_you_mean(column, map(str, frame.columns))}"
            )
    check_cells(frame, columns, what)
    if not len(frame):
        raise SchemaError(f"{what} has no rows: there is nothing to draw.")


def reject_blanks(frame: pd.DataFrame, what: str) -> None:
    """Reject a frame with a row without a code."""
    if frame["area_code"].isna().any():
        raise SchemaError(f"{what} has rows without an area_code. Drop or correct them.")


def _with_codes(frame: gpd.GeoDataFrame, code: str | None) -> gpd.GeoDataFrame:
    """Return a frame that has its own shapes, with its codes in ``area_code``."""
    frame = frame if code else _with_headings(frame, "The frame")
    name = code or "area_code"
    need(frame, (name,), "The frame")
    frame = frame.assign(area_code=without_blanks(frame[name]))
    reject_blanks(frame, "The frame")
    return frame


def _with_headings(shapes: gpd.GeoDataFrame, what: str) -> gpd.GeoDataFrame:
    """Return shapes with code, name and year, also if ONS headings such as "WD23CD" have them."""
    if "area_code" in shapes.columns or not len(shapes):
        return shapes
    coded = [each for each in shapes.columns if shapes[each].map(is_code).all()]
    levels = {each: _SMALLEST_FIRST.index(level_of(shapes[each].iloc[0])) for each in coded}
    least = min(levels.values(), default=len(_SMALLEST_FIRST))
    named = {each: _SMALLEST_FIRST.index(level) for each in shapes if (level := _names_of(each))}
    smaller = [each for each, level in named.items() if level < least]
    if smaller:
        raise SchemaError(
            f"{what} has names of {LABELS[_SMALLEST_FIRST[named[smaller[0]]]][1]} in "
            f"{smaller[0]!r}, and no column of their codes. Add their codes as a column "
            "'area_code'."
        )
    found = [each for each in coded if levels[each] == least]
    if len(found) != 1:
        return shapes
    parts = _ONS.fullmatch(str(found[0]))
    names = [
        each for each in shapes if parts and str(each) == found[0][:-2] + _NM.get(parts[3], "")
    ]
    added = {"area_code": shapes[found[0]]}
    if names and "area_name" not in shapes.columns:
        added["area_name"] = shapes[names[0]]
    if parts and "year" not in shapes.columns:
        added["year"] = 2000 + int(parts[2])
    owners = [each for each in coded if _SMALLEST_FIRST[levels[each]] == "authority"]
    if len(owners) == 1 and "authority_code" not in shapes.columns:
        added["authority_code"] = shapes[owners[0]]
    return shapes.assign(**added)


def _names_of(column: Any) -> str | None:
    """Return the level of area that a heading of names has, such as "WD23NM" or "Ward"."""
    plain = re.fullmatch(r"(ward|lsoa|msoa)s?([ _]?name)?", str(column), re.IGNORECASE)
    if plain:
        return plain[1].lower()
    parts = _ONS.fullmatch(str(column))
    return _ONS_LEVELS[parts[1].lower()] if parts and parts[3] in _NM.values() else None


def _unique(frame: pd.DataFrame, what: str, way_out: str) -> None:
    twice = frame.loc[frame["area_code"].duplicated(), "area_code"].unique()
    if len(twice):
        raise SchemaError(f"{len(twice)} areas have several {what} ({some(twice)}). {way_out}")


def _one_row_each(matched: Matched) -> None:
    """Reject an area with several rows, such as one name in two spellings."""
    rows = matched.given[matched.codes.duplicated(keep=False) & matched.codes.notna()]
    if len(rows):
        several = matched.codes[rows.index].nunique()
        raise SchemaError(
            f"{several} areas have several rows ({some(rows.unique(), most=20)}). {_ONE_ROW}"
        )


def _labels(codes: Sequence[Any], known: KnownAreas) -> list[str]:
    """Return areas as name and code."""
    named = [(known.by_code[code], code) for code in codes]
    return [str(code) if not isinstance(name, str) else f"{name} ({code})" for name, code in named]


def _left_out(matched: Matched) -> tuple[str, ...]:
    """Return what of the frame is not on the map, as the map prints it."""
    found, given = [], matched.strays
    if given:
        rows = int((matched.codes.isna() & matched.given.notna()).sum())
        names = "; ".join(map(short, given[:_MOST_PRINTED]))
        more = len(given) - _MOST_PRINTED
        found.append(
            f"Not on the map, because {'it matches' if rows == 1 else 'they match'} no area: "
            f"{rows:,} row{'' if rows == 1 else 's'} of the table ({names}"
            f"{f' and {more:,} more' if more > 0 else ''})."
        )
    if matched.blanks:
        found.append(
            f"Not on the map: {matched.blanks:,} row{'' if matched.blanks == 1 else 's'} of the "
            "table without an area."
        )
    return tuple(found)


def _check_vintage(boundaries: gpd.GeoDataFrame) -> None:
    if "year" in boundaries.columns:
        years = sorted(boundaries["year"].dropna().unique())
        if len(years) > 1:
            raise VintageError(
                f"The boundaries are of several years ({some(years)}). Draw one year: "
                f"boundaries[boundaries.year == {years[-1]}]."
            )


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


def outlines_of(boundaries: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return shapes with code and name, checked, ordered by name, in EPSG:27700."""
    if not isinstance(boundaries, gpd.GeoDataFrame):
        raise UsageError(
            f"The lines must be a GeoDataFrame; found {type(boundaries).__name__}. Use "
            "load_boundaries(...)."
        )
    boundaries = _with_headings(boundaries, "The table of lines")
    need(boundaries, ("area_code",), "The table of lines")
    _unique(boundaries, "shapes", "Dissolve its parts: boundaries.dissolve('area_code').")
    return _ordered(_shapes(boundaries.reset_index(drop=True), ["area_code", "area_name"]))
