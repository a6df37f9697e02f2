"""Read the one table of shapes of a GeoPackage as a layer.

OGC GeoPackage 1.2 to 1.4: an SQLite database whose ``gpkg_contents`` lists its layers. Only
ordinary tables are read, from memory: a view can run without end, and a virtual table or a link can
read other files.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
import time
from typing import Any, Final

from bolton_jsna.core.errors import SchemaError, SourceError, some
from bolton_jsna.core.reading import limits
from bolton_jsna.tables.boundaries import _rings, _wkb
from bolton_jsna.tables.boundaries._rings import BoundaryLayer

_IDS: Final = (b"GPKG", b"GP10", b"GP11", b"GP12")
_BOXES: Final = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
_STEPS: Final = 100_000
# Parts of every GeoPackage of QGIS and GDAL, which a reader does not run.
_OWN: Final = re.compile(r"(?:rtree_|trigger_|gpkg_|ogr_|sqlite_).*", re.IGNORECASE | re.DOTALL)
_INDEX: Final = re.compile(
    r"\s*CREATE\s+VIRTUAL\s+TABLE\s.*\sUSING\s+rtree\b", re.IGNORECASE | re.DOTALL
)
DAMAGED: Final = "the GeoPackage is damaged"


def read(content: bytes, name: str) -> BoundaryLayer:
    """Return the features of a GeoPackage with one layer of shapes."""
    if content[68:72] not in _IDS:
        raise SourceError(
            f"{name!r} is a database, but not a GeoPackage. Expected GeoJSON, GeoPackage or a "
            "zipped shapefile; save the layer as one of these."
        )
    with contextlib.closing(_connected(content)) as database:
        _reject_parts_that_run(database, name)
        return _layer(database, name)


def _connected(content: bytes) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    # A file in the mode of a write-ahead log is read without its log.
    database.deserialize(content[:18] + b"\x01\x01" + content[20:])
    database.text_factory = lambda raw: raw.decode("utf-8", errors="replace")
    for what, most in (
        (sqlite3.SQLITE_LIMIT_ATTACHED, 0),
        (sqlite3.SQLITE_LIMIT_LENGTH, 64 * 2**20),
        (sqlite3.SQLITE_LIMIT_COLUMN, limits.COLUMNS),
    ):
        database.setlimit(what, most)
    until = time.monotonic() + limits.SECONDS
    database.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
    # The schema of the file is not trusted.
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA query_only = ON")
    database.execute("PRAGMA cell_size_check = ON")
    database.set_authorizer(_allowed)
    return database


def _allowed(action: int, first: str | None, *_: object) -> int:
    """Allow only to read rows and to describe tables."""
    fine = action in {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ} or (
        action == sqlite3.SQLITE_PRAGMA and first == "table_xinfo"
    )
    return sqlite3.SQLITE_OK if fine else sqlite3.SQLITE_DENY


def _reject_parts_that_run(database: sqlite3.Connection, name: str) -> None:
    found = []
    for kind, called, sql in database.execute("SELECT type, name, sql FROM sqlite_master"):
        virtual = re.match(r"\s*CREATE\s+VIRTUAL\b", str(sql or ""), re.IGNORECASE)
        own = _OWN.fullmatch(str(called))
        index = own and _INDEX.match(str(sql))
        if kind == "view" or (kind == "trigger" and not own) or (virtual and not index):
            found.append("virtual table" if virtual else str(kind))
    if found:
        raise SourceError(
            f"{name!r} has parts that run ({some(sorted(set(found)))}), which boundaries do not "
            "need. It was not read. Save the layer in a new GeoPackage, or as GeoJSON."
        )


def _layer(database: sqlite3.Connection, name: str) -> BoundaryLayer:
    listed = database.execute(
        "SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns LIMIT 1000"
    ).fetchall()
    if len(listed) != 1:
        raise SchemaError(
            f"{name!r} has {len(listed)} layers with shapes: {some(each[0] for each in listed)}. "
            "Expected one; save the layer that you need in a separate file."
        )
    ((table, shape, system),) = listed
    described = database.execute(f"PRAGMA table_xinfo({_quoted(table)})").fetchall()
    if not described or any(each[6] for each in described):
        # A column that is calculated for each row can take any time.
        raise SourceError(
            f"{name!r} has a layer that is not a plain table. Save it in a new GeoPackage."
        )
    columns = [str(each[1]) for each in described]
    at = [each.casefold() for each in columns].index(str(shape).casefold())
    wanted = ", ".join(map(_quoted, columns))
    layer = BoundaryLayer({each: [] for each in columns if each != columns[at]}, [], None)
    corners = 0
    rows = database.execute(f"SELECT {wanted} FROM {_quoted(table)} NOT INDEXED")  # noqa: S608 (quoted names of the file itself)
    for row in rows:
        for column, value in zip(columns, row, strict=True):
            if column != columns[at]:
                layer.columns[column].append(None if isinstance(value, bytes) else value)
        found, size = _shape(row[at], name)
        layer.shapes.append(found)
        corners += size
        _rings.counted(len(layer.shapes), len(columns), corners, name)
    layer.crs = _crs(database, system)
    return layer


def _quoted(text: object) -> str:
    return '"' + str(text).replace('"', '""') + '"'


def _crs(database: sqlite3.Connection, system: object) -> int | None:
    found = database.execute(
        "SELECT organization, organization_coordsys_id FROM gpkg_spatial_ref_sys WHERE srs_id = ?",
        (system,),
    ).fetchone()
    if found is None or str(found[0]).upper() != "EPSG" or not isinstance(found[1], int):
        return None
    return int(found[1])


def _shape(blob: Any, name: str) -> tuple[Any, int]:
    """Return the shape of a blob: a header with its box, then well-known binary."""
    if blob is None:
        return None, 0
    if not isinstance(blob, bytes) or blob[:2] != b"GP":
        raise ValueError
    flags = blob[3]
    start = 8 + _BOXES[flags >> 1 & 7] if flags >> 1 & 7 in _BOXES else len(blob)
    return _wkb.shape(blob, start, name)
