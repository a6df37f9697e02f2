"""Boundaries of wards, LSOAs and authorities as the ONS Open Geography Portal gives them out."""

from __future__ import annotations

import itertools
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from bolton_jsna.core.areas import find as find_area
from bolton_jsna.core.errors import OtherTableError, SchemaError, SourceError, choice, short, some
from bolton_jsna.core.naming import heading, trimmed
from bolton_jsna.core.provenance import source_id
from bolton_jsna.core.reading import delimited, opening
from bolton_jsna.core.reading.unexpected import one_error
from bolton_jsna.core.sniffing import kind_of
from bolton_jsna.tables import _files, _vintages, schemas
from bolton_jsna.tables.boundaries import (
    _geojson,
    _geopackage,
    _geoparquet,
    _layer_codes,
    _own_layers,
    _rings,
    _shapefile,
)
from bolton_jsna.tables.boundaries._rings import Layer

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

logger = logging.getLogger(__name__)

Level = Literal["ward", "lsoa", "authority"]

_LONGEST_NAME: Final = 200
# Great Britain and Northern Ireland in metres of the British National Grid, with room at sea.
_GRID: Final = (-200_000, -200_000, 900_000, 1_400_000)
_DEGREES: Final = (-180, -90, 180, 90)
_NONE: Final = (".csv", ".tsv", ".txt", ".xlsx")
_MEMBER = r"\.(?:geojson|json|gpkg|shp|parquet)$"
_PART: Final = re.compile(r"^(?!__MACOSX/).*\.(?:shp|dbf|prj|cpg)$", re.IGNORECASE | re.DOTALL)


@one_error
def read(
    path: str | Path, *, level: Level | None = None, year: int | None = None
) -> gpd.GeoDataFrame:
    """Return boundaries from a published file.

    Parameters
    ----------
    path : str or Path
        GeoJSON (gzipped or in a zip too), GeoPackage, GeoParquet, or a zip with one shapefile.
    level : {"ward", "lsoa", "authority"}, optional
        Which codes name the shapes; told by the columns when not given (``WD23CD``,
        ``LSOA21CD``, ``LAD23CD``, ``CTYUA23CD``, in any case), the smallest areas first. A
        layer as this library writes it has ``area_code``, whose codes say the level.
    year : int, optional
        The year of the codes, needed only where a layer has codes of several years; the newest
        when not given. The year of a layer with ``area_code`` is that of its ``source``, else
        the one in the name of the file, else missing.

    Returns
    -------
    GeoDataFrame
        The columns of ``schemas.BOUNDARY_COLUMNS`` and ``geometry``, in metres of the British
        National Grid (EPSG:27700), sorted by code. ``authority_code`` is the layer's, or that of
        the authority in an LSOA's name where that is an authority in being; else missing.

    Raises
    ------
    SourceError
        When the file is not there, empty, damaged, a web page or an error of the service; when
        its bytes are none of the four kinds; or when it is larger than ``reading.limits`` allow.
    SchemaError
        When it has no codes of the level and year, codes repeat, a shape is missing or no
        polygon, the answer of the service is cut, or the coordinate system is not known or does
        not fit the coordinates.
    UsageError
        When ``level`` is unknown.

    Notes
    -----
    Invalid shapes (a ring that crosses itself, which generalising leaves behind) are repaired;
    the lines and points left over by that have no area and are dropped.

    The kind is told by the bytes, never by the name, and the file is read by this library alone:
    what a file names (a link, another file, an address) is never opened.

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
    path = Path(path)
    if path.name.lower().removesuffix(".gz").endswith(_NONE):
        raise OtherTableError(
            f"{path.name!r} is by its name no file of boundaries. Expected GeoJSON, a GeoPackage "
            "or a zip with a shapefile."
        )
    found = _opened(path)
    layer = pd.DataFrame(found.columns, index=range(len(found.shapes)), dtype=object)
    columns = {heading(each): each for each in layer.columns}
    layer, found.shapes = _layer_codes.named(layer, columns, found.shapes, name=path.name)
    code, found_level, found_year = _layer_codes.told(
        layer, columns, level=level, year=year, name=path.name
    )
    codes = layer[code].map(lambda cell: "" if cell is None else trimmed(str(cell)))
    if found_level and found_year:
        _vintages.reject_other_year_in_name(found_level, found_year, name=path.name)
    found.shapes = _repaired(found, codes, name=path.name)
    used = _layer_codes.whole(found, codes, column=code, name=path.name)
    found = Layer(found.columns, [found.shapes[each] for each in used], found.crs)
    layer, codes = (each.loc[used].reset_index(drop=True) for each in (layer, codes))
    if found_level is None:
        found_level = _own_layers.level_of(codes, name=path.name)
        _layer_codes.refuse_another_level(found_level, level, name=path.name)
    if found_year:
        _vintages.reject_codes_of_other_years(codes, found_level, found_year, name=path.name)
    shapes = _on_the_grid(_polygons(found, name=path.name), name=path.name)
    names = _names(layer, columns, code, codes, name=path.name)
    dataset = f"{found_level}_boundaries"
    frame = gpd.GeoDataFrame(
        {
            "area_code": _canonical(codes) if found_level == "authority" else codes,
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


def _opened(path: Path) -> Layer:
    """Read a layer by the kind that its bytes are."""
    content = _files.read_bytes(path, member=_MEMBER)
    kind = kind_of(content)
    if kind == "geopackage":
        layer = _geopackage.read(content, path.name)
    elif kind == "shapefile":
        layer = _shapefile.read(_parts(path), path.name)
    elif kind == "parquet":
        layer = _geoparquet.read(content, path.name)
    else:
        content = delimited.as_utf8(content)
        _refuse_an_answer_of_trouble(content, name=path.name)
        layer = _geojson.read(content, path.name)
    if any(len(cells) != len(layer.shapes) for cells in layer.columns.values()):
        raise SourceError(
            f"{path.name!r} is damaged: its columns and its shapes are unlike in number. Download "
            "it again."
        )
    if not any(layer.shapes):
        raise SchemaError(
            f"{path.name!r} has {len(layer.shapes)} features"
            f"{' without shapes' if layer.shapes else ''}. "
            "Expected boundaries; a query that matches nothing leaves such a file. Check what was "
            "asked for."
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


def _refuse_an_answer_of_trouble(content: bytes, *, name: str) -> None:
    """ArcGIS answers 200 both with an error and with the first page of many."""
    start = content[:2000].lstrip()
    if not start.startswith(b"{"):
        return
    if re.match(rb'\{\s*"error"\s*:', start):
        said = re.search(rb'"message"\s*:\s*"([^"]*)"', start)
        message = short(said[1].decode("utf-8", "replace"), 200) if said else "no message"
        raise SourceError(
            f"{name!r} is an error of the service, not boundaries: {message!r}. Check the name of "
            "the service and the query, and download it again."
        )
    ends = content[:5000] + content[-5000:]
    if re.search(rb'"exceededTransferLimit"\s*:\s*true', ends):
        raise SchemaError(
            f"{name!r} is cut: the service says exceededTransferLimit. Fetch the other pages with "
            "resultOffset and put them together."
        )


def _names(
    layer: pd.DataFrame, columns: dict[str, str], code: str, codes: pd.Series, *, name: str
) -> pd.Series:
    """Return the names beside the codes, else those of another year, else the codes."""
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
            "names of areas; look at these in the file."
        )
    return names


def _repaired(layer: Layer, codes: pd.Series, *, name: str) -> list[Any]:
    """Return the shapes, the invalid ones repaired; one that has no area is then a text."""
    invalid = [
        each is not None and not isinstance(each, str) and not each.is_valid
        for each in layer.shapes
    ]
    shapes = list(layer.shapes)
    if any(invalid):
        made = _rings.repaired(list(itertools.compress(shapes, invalid)), name)
        for place, shape in zip(itertools.compress(itertools.count(), invalid), made, strict=True):
            shapes[place] = "empty" if shape.is_empty else shape
        logger.info("%s: repaired the shapes of %s", name, some(codes[invalid]))
    kinds = [each if each is None or isinstance(each, str) else each.geom_type for each in shapes]
    flat = [kind is not None and kind not in _rings.AREAS for kind in kinds]
    return [kind if odd else shape for kind, odd, shape in zip(kinds, flat, shapes, strict=True)]


def _polygons(layer: Layer, *, name: str) -> gpd.GeoSeries:
    import geopandas as gpd

    return gpd.GeoSeries(layer.shapes, crs=_crs(layer.crs, name))


def _crs(number: int | None, name: str) -> Any:
    import pyproj
    from pyproj.exceptions import CRSError

    try:
        return None if number is None else pyproj.CRS.from_epsg(number)
    except CRSError:
        pass
    raise SchemaError(
        f"{name!r} has its coordinates in EPSG:{number}, which is no coordinate system. Expected "
        "27700 or 4326."
    )


def _on_the_grid(shapes: gpd.GeoSeries, *, name: str) -> gpd.GeoSeries:
    """Carry shapes to EPSG:27700 once their coordinates are seen to fit their CRS."""
    from pyproj.network import set_network_enabled  # type: ignore[attr-defined]

    bounds = tuple(float(each) for each in shapes.total_bounds)
    written = ", ".join(f"{each:,.6g}" for each in bounds)
    if shapes.crs is None:
        raise SchemaError(
            f"{name!r} does not say its coordinate system; its bounds are {written}. Expected one; "
            "keep the .prj file beside a shapefile, or set it with geopandas' set_crs and save."
        )
    degrees = shapes.crs.is_geographic
    if degrees != _within(bounds, _DEGREES):
        stands, fits = ("degrees", "metres") if degrees else ("metres", "degrees")
        raise SchemaError(
            f"{name!r} says its coordinates are {stands} ({shapes.crs.name}), but its bounds "
            f"{written} are {fits}. The coordinate system is wrong or missing: a service asked for "
            "outSR=27700 writes metres into GeoJSON without saying so. Ask for outSR=4326, or set "
            "the right one with geopandas' set_crs and save."
        )
    # Whatever the machine's settings say, no grid is fetched for this.
    set_network_enabled(active=False)
    carried = shapes.to_crs(27700)
    grid = tuple(float(each) for each in carried.total_bounds)
    if not _within(grid, _GRID):
        raise SchemaError(
            f"{name!r} lies outside the United Kingdom: bounds {written} ({shapes.crs.name}). "
            "Expected longitude before latitude and the right coordinate system; check both."
        )
    return carried


def _within(inner: tuple[float, ...], outer: tuple[float, ...]) -> bool:
    return (
        inner[0] >= outer[0]
        and inner[1] >= outer[1]
        and inner[2] <= outer[2]
        and inner[3] <= outer[3]
    )


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
        return _canonical(codes)
    own = _own_layers.AUTHORITY
    column = next(
        (
            columns[each]
            for each in sorted(columns)
            if re.fullmatch(r"lad\d\dcd", each) or each in own
        ),
        None,
    )
    if column and layer[column].notna().any():
        said = layer[column].map(lambda each: trimmed(str(each)), na_action="ignore")
        return _canonical(said.where(said.notna(), None))
    if level == "lsoa":
        # An LSOA is named after the district it lay in at its census, as "Bolton 005A".
        found = {name: find_area(name) for name in set(names.str.rpartition(" ")[0])}
        known = {
            n: a.code for n, a in found.items() if a and a.level == "authority" and not a.until
        }
        return names.str.rpartition(" ")[0].astype(object).map(known)
    return pd.Series([None] * len(codes), index=codes.index, dtype=object)


def _canonical(codes: pd.Series) -> pd.Series:
    found = {code: find_area(code) for code in codes.dropna().unique()}
    return codes.map({code: area.code if area else code for code, area in found.items()})
