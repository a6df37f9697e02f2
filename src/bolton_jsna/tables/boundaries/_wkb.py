"""Read well-known binary, the shapes of GeoPackages and Parquet files, as polygons."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.tables.boundaries import _rings

if TYPE_CHECKING:
    import numpy as np

_POINT, _LINE, _POLYGON, _POLYGONS, _COLLECTION = 1, 2, 3, 6, 7
_FLAT: Final = {1: "Point", 2: "LineString", 4: "MultiPoint", 5: "MultiLineString"}
_SIZES: Final = {0: 2, 1: 3, 2: 3, 3: 4}
_DEPTH: Final = 16


def shape(blob: bytes, at: int, name: str) -> tuple[Any, int]:
    """Return the shape that begins at a position of a blob, and its size."""
    # Of a collection the polygons are used, because repairs add lines and points. A shape without
    # an area is returned as the name of its kind.
    kind, _, _ = _head(blob, at)
    if kind not in (_POLYGON, _POLYGONS, _COLLECTION):
        return _FLAT.get(kind, "GeometryCollection"), 0
    found: list[Any] = []
    corners, _ = _take(blob, at, name, found, 0)
    if kind == _COLLECTION and not found:
        return "GeometryCollection", 0
    return (found[0] if kind == _POLYGON else _rings.united(found)), corners


def _take(blob: bytes, at: int, name: str, found: list[Any], depth: int) -> tuple[int, int]:
    """Add the polygons of a shape to those found; return their size and the next position."""
    kind, size, body = _head(blob, at)
    order = _order(blob[at])
    if depth > _DEPTH:
        raise ValueError
    if kind == _POLYGON:
        made, corners, at = _polygon(blob, body, size, order, name)
        found.append(made)
        return corners, at
    if kind == _POINT:
        return 0, _within(blob, body + 8 * size)
    (count,) = struct.unpack_from(order + "I", blob, body)
    body += 4
    if kind == _LINE:
        return 0, _within(blob, body + 8 * size * count)
    if kind not in (*_FLAT, _POLYGONS, _COLLECTION):
        raise ValueError
    _rings.fits(_rings.size(count, 0), name)
    corners = 0
    for _ in range(count):
        more, body = _take(blob, body, name, found, depth + 1)
        corners += more
        _rings.fits(corners, name)
    return corners, body


def _within(blob: bytes, at: int) -> int:
    if at > len(blob):
        raise ValueError
    return at


def _order(mark: int) -> str:
    return "<" if mark == 1 else ">"


def _head(blob: bytes, at: int) -> tuple[int, int, int]:
    """Return the kind of a shape, the numbers of a corner, and the position of its body."""
    (code,) = struct.unpack_from(_order(blob[at]) + "I", blob, at + 1)
    high, sized = code >> 28, (code & 0x0FFFFFFF) // 1000
    if high & 3:  # the number of a coordinate system, which these files have elsewhere
        raise ValueError
    size = 2 + (high >> 3 & 1) + (high >> 2 & 1) if high else _SIZES[sized]
    return (code & 0x0FFFFFFF) % 1000, size, at + 5


def _polygon(blob: bytes, at: int, size: int, order: str, name: str) -> tuple[Any, int, int]:
    import numpy as np

    (count,) = struct.unpack_from(order + "I", blob, at)
    at += 4
    # Checked before a ring is made: rings without a corner are four bytes of the file each.
    _rings.fits(_rings.size(count, 0), name)
    arrays: list[np.ndarray] = []
    for _ in range(count):
        (corners,) = struct.unpack_from(order + "I", blob, at)
        at += 4
        if corners * size * 8 > len(blob) - at:
            raise ValueError
        points = np.frombuffer(blob, order + "f8", corners * size, at).reshape(-1, size)
        arrays.append(points[:, :2].astype("float64"))
        at += corners * size * 8
    return _rings.polygon(arrays, name), _rings.size(count + 1, sum(map(len, arrays))), at
