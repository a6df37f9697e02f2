"""Read a shapefile as a layer from the files of its zip: polygons, table and coordinate system.

ESRI Shapefile Technical Description (1998) and the dBase III table that goes with it.
"""

from __future__ import annotations

import itertools
import re
import struct
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.errors import SchemaError, SourceError, some
from bolton_jsna.core.sniffing import kind_of
from bolton_jsna.tables.boundaries import _dbf_encoding, _rings
from bolton_jsna.tables.boundaries._rings import BoundaryLayer

if TYPE_CHECKING:
    import numpy as np

DAMAGED: Final = "the shapefile is cut short or damaged, or has no .dbf file"
_HEAD: Final = 100
_POLYGONS: Final = (5, 15, 25)  # plain, with heights, with measures
_FLAT: Final = {
    **dict.fromkeys((1, 11, 21), "Point"),
    **dict.fromkeys((3, 13, 23), "LineString"),
    **dict.fromkeys((8, 18, 28), "MultiPoint"),
    31: "MultiPatch",
}
_NAMED: Final = re.compile(rb"nm$|name", re.IGNORECASE)
_LONGEST_PRJ: Final = 10_000
# At most so many corners of outer rings are compared with the holes of a shape: some seconds.
_COMPARED: Final = 5_000_000_000
# Words by which a coordinate system opens a file or an address.
_LINKS: Final = ("EXTENSION", "PARAMETERFILE", "NADGRIDS", "+INIT", "GEOIDGRIDS", "://")


def read(parts: Mapping[str, bytes], name: str) -> BoundaryLayer:
    """Return the features of a shapefile."""
    shapes = _shapes(parts["shp"], name)
    columns, strange = _table(parts["dbf"], parts.get("cpg", b""), len(shapes), name)
    if strange:
        why = "its .cpg file has another encoding" if "cpg" in parts else "it has no .cpg file"
        raise SchemaError(
            f"{name!r} has {len(strange)} names in an unknown encoding "
            f"({some(map(repr, strange), most=3)}): {why}. Put the .cpg file of the shapefile "
            "into the zip (a text file with the name of the encoding, such as UTF-8 or 1252), or "
            "save the layer as GeoPackage."
        )
    return BoundaryLayer(columns, shapes, _crs(parts.get("prj", b"")))


def _shapes(content: bytes, name: str) -> list[Any]:
    if kind_of(content) != "shapefile" or len(content) < _HEAD:
        raise ValueError
    found: list[Any] = []
    at, corners = _HEAD, 0
    while at + 12 <= len(content):
        (words,) = struct.unpack_from(">i", content, at + 4)
        record = memoryview(content)[at + 8 : at + 8 + 2 * words]
        if words < 2 or len(record) < 2 * words:
            raise ValueError
        shape, size = _shape(record, name)
        found.append(shape)
        corners += size
        _rings.counted(len(found), 1, corners, name)
        at += 8 + 2 * words
    return found


def _shape(record: memoryview, name: str) -> tuple[Any, int]:
    import numpy as np

    (kind,) = struct.unpack_from("<i", record)
    if kind == 0:
        return None, 0
    if kind in _FLAT:
        return _FLAT[kind], 0
    if kind not in _POLYGONS:
        raise ValueError
    parts, corners = struct.unpack_from("<2i", record, 36)
    if not 0 <= 4 * parts + 16 * corners <= len(record) - 44 or parts < 0 or corners < 0:
        raise ValueError
    _rings.fits(_rings.size(parts, corners), name)
    starts = [*np.frombuffer(record, "<i4", parts, 44).tolist(), corners]
    if starts != sorted(starts) or starts[0] < 0:
        raise ValueError
    points = np.frombuffer(record, "<f8", 2 * corners, 44 + 4 * parts).reshape(-1, 2)
    pieces = [points[a:b] for a, b in itertools.pairwise(starts) if b > a]
    return _assembled(pieces, name), _rings.size(parts, corners)


def _assembled(pieces: list[np.ndarray], name: str) -> Any:
    """Put holes into the polygons around them: outer rings are clockwise, holes the other way."""
    import shapely

    if len(pieces) < 2:
        return _rings.polygon(pieces, name)
    single = [_rings.polygon([each], name) for each in pieces]
    holes = [each for each, ring in zip(single, pieces, strict=True) if _turn(ring) > 0]
    outers = [each for each, ring in zip(single, pieces, strict=True) if _turn(ring) <= 0]
    tree = shapely.STRtree(outers)
    areas, corners = shapely.area(outers), shapely.get_num_coordinates(outers)
    inside: dict[int, list[Any]] = {}
    alone = []
    compared = 0
    for hole in holes:
        # A corner of the hole is on or in its outer ring, of several the smallest.
        around = tree.query(hole.representative_point(), predicate="intersects")
        compared += int(corners[around].sum())
        if compared > _COMPARED:
            raise SourceError(
                f"{name!r} has a shape whose holes are within too many rings to be sorted. "
                "Download it again, or save the layer as GeoPackage or GeoJSON."
            )
        if len(around):
            smallest = int(around[areas[around].argmin()])
            inside.setdefault(smallest, []).append(hole.exterior)
        else:
            alone.append(hole)
    made = [
        shapely.Polygon(outer.exterior, inside.get(number, []))
        for number, outer in enumerate(outers)
    ]
    return _rings.united([*made, *alone])


def _turn(ring: np.ndarray) -> float:
    """Return twice the area of a ring: above zero if it is anticlockwise."""
    import numpy as np

    x, y = (ring - ring[0]).T
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))


def _table(
    content: bytes, cpg: bytes, rows: int, name: str
) -> tuple[dict[str, list[Any]], list[str]]:
    """Return the table of the shapes, and the names in it with unknown letters."""
    (count,) = struct.unpack_from("<I", content, 4)
    head, width = struct.unpack_from("<2H", content, 8)
    if count != rows or head < 33 or width < 1 or head + count * width > len(content) + 1:
        raise ValueError
    _rings.counted(rows, head // 32, 0, name)
    raw: dict[bytes, list[bytes]] = {}
    at = 1
    for start in range(32, head - 1, 32):
        if content[start : start + 1] == b"\r":
            break
        size = content[start + 16]
        if at + size > width:
            raise ValueError
        raw[content[start : start + 11].split(b"\x00")[0]] = [
            content[head + row * width + at : head + row * width + at + size]
            for row in range(count)
        ]
        at += size
    named = [cell for column, cells in raw.items() if _NAMED.search(column) for cell in cells]
    encoding, strange = _dbf_encoding.chosen(
        [cell for cell in named if not cell.isascii()], cpg=cpg, driver=content[29]
    )
    found = {
        _dbf_encoding.decoded(column, encoding): [
            _dbf_encoding.decoded(cell, encoding).strip(" \x00") or None for cell in cells
        ]
        for column, cells in raw.items()
    }
    return found, strange


def _crs(prj: bytes) -> int | None:
    """Return the EPSG number of a coordinate system from its description."""
    import pyproj
    from pyproj.exceptions import CRSError

    text = prj[: _LONGEST_PRJ + 1].decode("utf-8", errors="replace").strip()
    if not text or len(text) > _LONGEST_PRJ or any(each in text.upper() for each in _LINKS):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            number: int | None = pyproj.CRS.from_wkt(text).to_epsg()
    except CRSError:
        return None
    return number
