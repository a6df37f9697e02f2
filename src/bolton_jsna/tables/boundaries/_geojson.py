"""Read GeoJSON as a layer, as plain JSON: links in it are never followed or opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.errors import SchemaError, SourceError, short
from bolton_jsna.core.reading.json_text import json_value
from bolton_jsna.tables.boundaries import _rings
from bolton_jsna.tables.boundaries._rings import BoundaryLayer

if TYPE_CHECKING:
    import numpy as np

_FLAT: Final = ("Point", "MultiPoint", "LineString", "MultiLineString")
_DEGREES: Final = 4326
_EPSG: Final = re.compile(
    r"(?:urn:(?:x-)?ogc:def:crs:EPSG:[0-9.]*:|EPSG:|https?://www\.opengis\.net/"
    r"(?:def/crs/EPSG/0/|gml/srs/epsg\.xml#))([0-9]{4,6})",
    re.IGNORECASE,
)
_CRS84: Final = re.compile(
    r"urn:(?:x-)?ogc:def:crs:OGC:[0-9.]*:CRS84|OGC:CRS84|CRS84|EPSG:4326"
    r"|https?://www\.opengis\.net/def/crs/OGC/1\.3/CRS84",
    re.IGNORECASE,
)
_EXPECTED: Final = "Expected GeoJSON, GeoPackage or a zipped shapefile; download it again."
DAMAGED: Final = "it is not GeoJSON, a GeoPackage or a zipped shapefile that can be read"


def read(content: bytes, name: str) -> BoundaryLayer:
    r"""Return the features of a GeoJSON."""
    # NaN and other values that JSON does not allow are rejected as coordinates.
    found = json_value(content, name)
    kind = _kind(found)
    features = found.get("features") if kind == "FeatureCollection" else [found]
    if kind not in {"FeatureCollection", "Feature"} or not isinstance(features, list):
        raise SourceError(
            f"{name!r} cannot be opened as boundaries: it is not GeoJSON. {_EXPECTED}"
        )
    layer = BoundaryLayer(crs=_crs(found.get("crs"), name))
    corners = 0
    names: dict[str, None] = {}
    known: list[dict[str, Any]] = []
    for number, feature in enumerate(features):
        if not isinstance(feature, dict):
            raise SourceError(f"{name!r} cannot be opened: feature {number + 1} is not valid.")
        facts = feature.get("properties")
        known.append(facts if isinstance(facts, dict) else {})
        names.update(dict.fromkeys(known[-1]))
        shape, size = _shape(feature.get("geometry"), name)
        layer.shapes.append(shape)
        corners += size
        _rings.counted(len(known), len(names), corners, name)
    layer.columns.update({each: [facts.get(each) for facts in known] for each in names})
    return layer


def _kind(thing: Any) -> str:
    found = thing.get("type") if isinstance(thing, dict) else None
    return found if isinstance(found, str) else ""


def _crs(found: Any, name: str) -> int:
    """Return the EPSG number of the coordinates; degrees if the file has none (RFC 7946)."""
    if found is None:
        return _DEGREES
    facts = found.get("properties") if isinstance(found, dict) else None
    kind = _kind(found)
    word = facts.get("name") if isinstance(facts, dict) else None
    if kind == "name" and isinstance(word, str) and len(word) < 200:
        if _CRS84.fullmatch(word):
            return _DEGREES
        if number := _EPSG.fullmatch(word):
            return int(number[1])
    shown = "a link, which is not followed" if kind == "link" else short(repr(word))
    raise SchemaError(
        f"{name!r} has as its coordinate system {shown}. Expected a number of EPSG's register "
        "such as 'urn:ogc:def:crs:EPSG::27700', or nothing for degrees. Ask for outSR=4326."
    )


def _shape(geometry: Any, name: str) -> tuple[Any, int]:
    """Return the shape of a feature and its size."""
    if geometry is None:
        return None, 0
    kind = _kind(geometry)
    if kind in _FLAT:
        return kind, 0
    made = []
    corners = 0
    for each in _polygons(geometry, name):
        arrays = [_corners(ring, name) for ring in each]
        corners += _rings.size(len(arrays), sum(map(len, arrays)))
        made.append(_rings.polygon(arrays, name))
    if kind == "GeometryCollection" and not made:
        return kind, 0
    return _rings.united(made), corners


def _polygons(geometry: Any, name: str) -> Iterator[list[Any]]:
    """Yield the rings of each polygon, without the lines of a collection."""
    # A collection may hold others, as deep as JSON may be nested.
    left = [geometry]
    while left:
        each = left.pop()
        kind = _kind(each)
        if kind in _FLAT:
            continue
        facts = each if isinstance(each, dict) else {}
        parts = facts.get("geometries" if kind == "GeometryCollection" else "coordinates")
        known = kind in {"Polygon", "MultiPolygon", "GeometryCollection"}
        polygons = [parts] if kind == "Polygon" else parts
        if not known or not isinstance(polygons, list):
            raise SourceError(f"{name!r} has a geometry that is not GeoJSON. {_EXPECTED}")
        if kind == "GeometryCollection":
            left += reversed(polygons)
            continue
        for polygon in polygons:
            if not isinstance(polygon, list):
                raise SourceError(f"{name!r} has a geometry that is not GeoJSON. {_EXPECTED}")
            yield polygon


def _corners(ring: Any, name: str) -> np.ndarray:
    import numpy as np

    try:
        if not ring:
            return np.zeros((0, 2))
        found = np.array([(x, y) for x, y, *_ in ring])
    except (TypeError, ValueError):
        found = np.zeros(0, dtype=object)
    # Texts, nested lists and whole numbers of many digits give other kinds of arrays.
    if found.ndim != 2 or found.dtype.kind not in "if":
        raise SourceError(f"{name!r} has coordinates that are not numbers. Download it again.")
    return found.astype("float64")
