"""Read boundaries of wards, LSOAs and authorities of the ONS Open Geography Portal."""

from __future__ import annotations

import contextlib
import itertools
import logging
import operator
import re
import sqlite3
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from bolton_jsna.core.areas import find as find_area
from bolton_jsna.core.errors import OtherTableError, SchemaError, SourceError, choice, short, some
from bolton_jsna.core.naming import heading, trimmed
from bolton_jsna.core.provenance import source_id
from bolton_jsna.core.reading import delimited, opening
from bolton_jsna.core.reading.unexpected import one_error
from bolton_jsna.core.sniffing import kind_of
from bolton_jsna.core.years import one_year
from bolton_jsna.tables import _files, _vintages, schemas
from bolton_jsna.tables._register import register_codes
from bolton_jsna.tables.boundaries import (
    _geojson,
    _geopackage,
    _geoparquet,
    _layer_codes,
    _own_layers,
    _rings,
    _shapefile,
)
from bolton_jsna.tables.boundaries._rings import BoundaryLayer

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

_log = logging.getLogger(__name__)

Level = Literal["ward", "lsoa", "authority"]

_LONGEST_NAME: Final = 200
# Great Britain and Northern Ireland in metres of the British National Grid, with a margin at sea.
_GRID: Final = (-200_000, -200_000, 900_000, 1_400_000)
_DEGREES: Final = (-180, -90, 180, 90)
_OTHER_FILES: Final = (".csv", ".tsv", ".txt", ".xlsx")
_MEMBER = r"\.(?:geojson|json|gpkg|shp|parquet)$"
_FORMATS: Final = {
    "geopackage": _geopackage,
    "parquet": _geoparquet,
    "shapefile": _shapefile,
}
_DAMAGED: Final = (
    *(sqlite3.Error, struct.error),
    *(ValueError, LookupError, OverflowError, TypeError),
)
# Shapefiles cut headings after ten letters.
_AUTHORITY: Final = re.compile(r"lad\d\dcd|authority_(?:code)?")
_PART: Final = re.compile(r"^(?!__MACOSX/).*\.(?:shp|dbf|prj|cpg)$", re.IGNORECASE | re.DOTALL)


@one_error
def read(
    path: str | Path, *, level: Level | None = None, year: int | None = None
) -> gpd.GeoDataFrame:
    """Return boundaries from a published file.

    Parameters
    ----------
    path : str or Path
        GeoJSON (also gzipped or in a zip), GeoPackage, GeoParquet, or a zip with one shapefile.
    level : {"ward", "lsoa", "authority"}, optional
        The level of the codes. By default the columns show it (``WD23CD``, ``LSOA21CD``,
        ``LAD23CD``, ``CTYUA23CD``, in any case), the smallest areas first. A layer written by
        this library has ``area_code``, and the codes show the level.
    year : int, optional
        The year of the codes, needed only if a layer has codes of several years; by default the
        newest. The year of a layer with ``area_code`` is that of its ``source``, or the one in the
        name of the file, or missing.

    Returns
    -------
    GeoDataFrame
        The columns of ``schemas.BOUNDARY_COLUMNS`` and ``geometry``, in metres of the British
        National Grid (EPSG:27700), sorted by code. ``authority_code`` is the layer's, or that of
        the authority in an LSOA's name if it is a current authority; otherwise missing.

    Raises
    ------
    SourceError
        When the file does not exist, is empty, is damaged, is a web page or an error of the
        service; when it is of none of the four kinds; or when it is larger than the limits in
        ``core.reading.limits``.
    SchemaError
        When it has no codes of the level and year, codes repeat, a shape is missing or is not a
        polygon, the answer of the service is cut, or the coordinate system is not known or does
        not fit the coordinates.
    UsageError
        When ``level`` is unknown or ``year`` is not a year.

    Notes
    -----
    Invalid shapes (such as a ring that crosses itself after generalising) are repaired; lines and
    points that result from this have no area and are dropped.

    The bytes show the kind of the file, not its name, and only this library reads the file: a
    link, another file or an address in it is never opened.

    Examples
    --------
    >>> read("no-such-file.geojson")
    Traceback (most recent call last):
    bolton_jsna.core.errors.SourceError: There is no file 'no-such-file.geojson'. ...
    """
    import geopandas as gpd
    import pandas as pd

    if level is not None:
        choice("level", level, ("ward", "lsoa", "authority"))
    if year is not None:
        year = one_year("year", year)
    path = Path(path)
    if path.name.lower().removesuffix(".gz").endswith(_OTHER_FILES):
        raise OtherTableError(
            f"{path.name!r} is not a file of boundaries, by its name. Expected GeoJSON, a "
            "GeoPackage or a zip with a shapefile."
        )
    found = _opened(path)
    layer = pd.DataFrame(found.columns, index=range(len(found.shapes)), dtype=object)
    columns = {heading(each): each for each in layer.columns}
    layer, found.shapes = _layer_codes.named(layer, columns, found.shapes, name=path.name)
    code, found_level, found_year = _layer_codes.code_column(
        layer, columns, level=level, year=year, name=path.name
    )
    codes = layer[code].map(lambda cell: "" if cell is None else trimmed(str(cell)))
    if found_level and found_year:
        _vintages.reject_other_year_in_name(found_level, found_year, name=path.name)
    found.shapes = _repaired(found, codes, name=path.name)
    used = _layer_codes.complete(found, codes, column=code, name=path.name)
    found = BoundaryLayer(found.columns, [found.shapes[each] for each in used], found.crs)
    layer, codes = (each.loc[used].reset_index(drop=True) for each in (layer, codes))
    if found_level is None:
        found_level = _own_layers.level_of(codes, name=path.name)
        if level not in (None, found_level):
            raise OtherTableError(
                f"{path.name!r} has the codes of {found_level} boundaries, not of {level}. Take "
                "the file of that level, or leave level out."
            )
    if found_year:
        _vintages.reject_codes_of_other_years(codes, found_level, found_year, name=path.name)
    crs = _crs(found.crs, path.name)
    shapes = _on_the_grid(gpd.GeoSeries(found.shapes, crs=crs), name=path.name)
    names = _names(layer, columns, code, codes, name=path.name)
    dataset = f"{found_level}_boundaries"
    frame = gpd.GeoDataFrame(
        {
            "area_code": register_codes(codes) if found_level == "authority" else codes,
            "area_name": names,
            "level": found_level,
            "year": found_year,
            "authority_code": _authorities(layer, columns, codes, names, found_level),
            "source": source_id(dataset, found_year or "unknown"),
        },
        geometry=shapes,
    )
    worded = {
        each.name: schemas.text_dtype() for each in schemas.BOUNDARY_COLUMNS if each.kind == "text"
    }
    frame = frame.astype({**worded, "year": "Int64"})
    return frame.sort_values("area_code").reset_index(drop=True)


def _opened(path: Path) -> BoundaryLayer:
    """Read a layer in the format that its first bytes show."""
    content: Any = _files.read_bytes(path, member=_MEMBER)
    reader: Any = _FORMATS.get(kind_of(content), _geojson)
    if reader is _shapefile:
        content = _parts(path)
    elif reader is _geojson:
        content = delimited.as_utf8(content)
        _reject_an_error_of_the_service(content, name=path.name)
    layer: BoundaryLayer | None = None
    # The message of a parser may quote the file, so it is not part of the error.
    with contextlib.suppress(*_DAMAGED):
        layer = reader.read(content, path.name)
    if layer is None:
        raise SourceError(
            f"{path.name!r} cannot be opened as boundaries: {reader.DAMAGED}. Download it again."
        )
    if any(len(cells) != len(layer.shapes) for cells in layer.columns.values()):
        raise SourceError(
            f"{path.name!r} is damaged: the number of cells in a column is not that of its "
            "shapes. Download it again."
        )
    if not any(layer.shapes):
        raise SchemaError(
            f"{path.name!r} has {len(layer.shapes)} features"
            f"{' without shapes' if layer.shapes else ''}. Expected boundaries; the answer to a "
            "query without results is such a file. Check the query."
        )
    return layer


def _parts(path: Path) -> dict[str, bytes]:
    """Return the files of a zip's shapefile by their endings."""
    content = opening.content(path)
    if kind_of(content) != "zip":
        return {}
    found = opening.members(content, path.name, lambda each: _PART.search(each) is not None)
    (shape,) = [each for each in found if each.lower().endswith(".shp")]
    stem = shape[:-4].casefold()
    return {
        each[-3:].casefold(): part for each, part in found.items() if each[:-4].casefold() == stem
    }


def _reject_an_error_of_the_service(content: bytes, *, name: str) -> None:
    """Reject an error of ArcGIS and the first page of many: it sends both with status 200."""
    start = content[:2000].lstrip()
    if not start.startswith(b"{"):
        return
    if re.match(rb'\{\s*"error"\s*:', start):
        found = re.search(rb'"message"\s*:\s*"([^"]*)"', start)
        message = short(found[1].decode("utf-8", "replace"), 200) if found else "no message"
        raise SourceError(
            f"{name!r} is an error of the service, not boundaries: {message!r}. Check the name of "
            "the service and the query, and download it again."
        )
    ends = content[:5000] + content[-5000:]
    if re.search(rb'"exceededTransferLimit"\s*:\s*true', ends):
        raise SchemaError(
            f"{name!r} is cut: it has exceededTransferLimit. Fetch the other pages with "
            "resultOffset and put them together."
        )


def _names(
    layer: pd.DataFrame, columns: dict[str, str], code: str, codes: pd.Series, *, name: str
) -> pd.Series:
    """Return the names of the year of the codes, or of another year, or the codes."""
    same = heading(code)[:-2] + "nm"
    kind = re.escape(same[:-4])
    other = next((each for each in sorted(columns) if re.fullmatch(rf"{kind}\d\dnm", each)), None)
    if heading(code) == _own_layers.CODE:
        same = _own_layers.NAME
    column = columns.get(same) or (columns[other] if other else None)
    if column is None:
        return codes
    names = layer[column]
    names = names.where(names.notna(), codes).map(lambda each: trimmed(str(each)))
    if (names.str.len() > _LONGEST_NAME).any():
        raise SchemaError(
            f"{name!r} has names of more than {_LONGEST_NAME} characters in {column!r}. Expected "
            "names of areas; correct these in the file."
        )
    return names


def _repaired(layer: BoundaryLayer, codes: pd.Series, *, name: str) -> list[Any]:
    """Return the shapes with invalid ones repaired; for one without an area, its kind as text."""
    invalid = [
        each is not None and not isinstance(each, str) and not each.is_valid
        for each in layer.shapes
    ]
    shapes = list(layer.shapes)
    if any(invalid):
        made = _rings.repaired(list(itertools.compress(shapes, invalid)), name)
        for place, shape in zip(itertools.compress(itertools.count(), invalid), made, strict=True):
            shapes[place] = "empty" if shape.is_empty else shape
        _log.info("%s: repaired the shapes of %s", name, some(codes[invalid]))
    kinds = [each if each is None or isinstance(each, str) else each.geom_type for each in shapes]
    flat = [kind is not None and kind not in _rings.AREAS for kind in kinds]
    return [kind if odd else shape for kind, odd, shape in zip(kinds, flat, shapes, strict=True)]


def _crs(number: int | None, name: str) -> Any:
    import pyproj
    from pyproj.exceptions import CRSError

    try:
        return None if number is None else pyproj.CRS.from_epsg(number)
    except CRSError:
        pass
    raise SchemaError(
        f"{name!r} has its coordinates in EPSG:{number}, which is not a coordinate system. "
        "Expected 27700 or 4326."
    )


def _on_the_grid(shapes: gpd.GeoSeries, *, name: str) -> gpd.GeoSeries:
    """Convert shapes to EPSG:27700 after a check that their coordinates fit their CRS."""
    from pyproj.network import set_network_enabled  # type: ignore[attr-defined]

    bounds = tuple(float(each) for each in shapes.total_bounds)
    written = ", ".join(f"{each:,.6g}" for each in bounds)
    if shapes.crs is None:
        raise SchemaError(
            f"{name!r} has no coordinate system; its bounds are {written}. Keep the .prj file of "
            "a shapefile in its zip, or set the system with geopandas' set_crs and save."
        )
    degrees = shapes.crs.is_geographic
    if degrees != _within(bounds, _DEGREES):
        unit, fitting = ("degrees", "metres") if degrees else ("metres", "degrees")
        raise SchemaError(
            f"{name!r} has a coordinate system in {unit} ({shapes.crs.name}), but its bounds "
            f"{written} are {fitting}. The coordinate system is wrong or missing: with "
            "outSR=27700 a service writes metres into GeoJSON without their system. Ask for "
            "outSR=4326, or set the right one with geopandas' set_crs and save."
        )
    # No grid may be fetched for this, even if the machine's settings allow it.
    set_network_enabled(active=False)
    converted = shapes.to_crs(27700)
    grid = tuple(float(each) for each in converted.total_bounds)
    if not _within(grid, _GRID):
        raise SchemaError(
            f"{name!r} is outside the United Kingdom: bounds {written} ({shapes.crs.name}). "
            "Expected longitude before latitude and the right coordinate system; check both."
        )
    return converted


def _within(inner: tuple[float, ...], outer: tuple[float, ...]) -> bool:
    low = all(map(operator.ge, inner[:2], outer[:2]))
    return low and all(map(operator.le, inner[2:], outer[2:]))


def _authorities(
    layer: pd.DataFrame,
    columns: dict[str, str],
    codes: pd.Series,
    names: pd.Series,
    level: str,
) -> pd.Series:
    """Return the code of each shape's authority, or missing."""
    import pandas as pd

    if level == "authority":
        return register_codes(codes)
    found = (columns[each] for each in sorted(columns) if _AUTHORITY.fullmatch(each))
    column = next(found, None)
    if column and layer[column].notna().any():
        return register_codes(
            layer[column].map(lambda each: trimmed(str(each)), na_action="ignore")
        )
    if level == "lsoa":
        # An LSOA has the name of its district at the census, such as "Bolton 005A".
        districts = names.str.rpartition(" ")[0].astype(object)
        areas = {name: area for name in districts.unique() if (area := find_area(name))}
        return districts.map(
            {n: a.code for n, a in areas.items() if a.level == "authority" and not a.until}
        )
    return pd.Series([None] * len(codes), index=codes.index, dtype=object)
