"""Read a Parquet file of shapes as a layer, in a separate process.

GeoParquet 1.0 and 1.1: ``geo`` in the footer has the column of the shapes, as well-known binary,
and their coordinate system. Files and addresses named in it are not opened.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any, Final

from bolton_jsna.core.errors import SourceError, short
from bolton_jsna.core.reading import limits
from bolton_jsna.core.reading.isolated import IsolatedReader
from bolton_jsna.core.reading.worker import Answers
from bolton_jsna.tables.boundaries import _rings, _wkb
from bolton_jsna.tables.boundaries._rings import BoundaryLayer

DAMAGED: Final = "the shapes of the Parquet file are damaged"
_DEGREES: Final = 4326
_ADVICE: Final = "Write it again with GeoDataFrame.to_parquet, or save it as GeoPackage."


def read(content: bytes, name: str) -> BoundaryLayer:
    """Return the features of a Parquet file of shapes."""
    file = IsolatedReader(
        "bolton_jsna.tables.boundaries._geoparquet:serve",
        content,
        name=name,
        damaged="is a Parquet file that cannot be opened as boundaries",
        advice=_ADVICE,
    )
    try:
        facts, (sizes, shapes, cells) = file.ask(ask="layer")
    finally:
        file.close()
    import numpy as np

    layer = BoundaryLayer(columns=json.loads(cells), crs=facts["crs"])
    at = corners = 0
    for size in np.frombuffer(sizes, dtype="int64").tolist():
        found, more = (None, 0) if size < 0 else _wkb.shape(shapes[at : at + size], 0, name)
        layer.shapes.append(found)
        at += max(size, 0)
        corners += more
        _rings.counted(len(layer.shapes), len(layer.columns), corners, name)
    return layer


def serve(content: bytes, name: str) -> Answers:
    """Return the function that reads the layer, in the process of ``reading.isolated``."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    footer = pq.read_metadata(io.BytesIO(content))
    _rings.counted(footer.num_rows, footer.num_columns, 0, name)
    schema = footer.schema.to_arrow_schema()
    shape, crs = _geo_facts((footer.metadata or {}).get(b"geo", b"null"), name)
    if shape not in schema.names:
        raise SourceError(f"{name!r} has no column {short(repr(shape))} of shapes. {_ADVICE}")

    def column(each: str) -> list[Any]:
        # A repeated value is in memory once.
        file = pq.ParquetFile(io.BytesIO(content), read_dictionary=[each])
        values = file.read(columns=[each], use_threads=False).column(0)
        return list(values.to_pylist())

    def answer(asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:  # noqa: ARG001 (one question)
        shapes = column(shape)
        sizes = np.array([-1 if each is None else len(each) for each in shapes], dtype="int64")
        named = [
            each.name for each in schema if schema.names.count(each.name) == 1 and _plain(each.type)
        ]
        cells = json.dumps({each: column(each) for each in named}).encode()
        if len(cells) > limits.TEXT:
            raise limits.exceeded(name, "facts of more than", limits.TEXT, "bytes")
        joined = b"".join(each for each in shapes if each is not None)
        return {"crs": crs}, [sizes.tobytes(), joined, cells]

    return answer


def _plain(kind: Any) -> bool:
    """Return whether a column has texts or numbers."""
    import pyarrow as pa

    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_integer)
    return any(test(kind) for test in (*tests, pa.types.is_floating))


def _geo_facts(geo: bytes, name: str) -> tuple[str, int | None]:
    """Return the column of the shapes and its coordinate system from the footer."""
    found = json.loads(geo)
    found = found if isinstance(found, Mapping) else {}
    columns = found.get("columns")
    shape = found.get("primary_column")
    facts = columns.get(shape) if isinstance(columns, Mapping) else None
    if not isinstance(facts, Mapping) or not isinstance(shape, str):
        raise SourceError(
            f"{name!r} is a Parquet file without shapes: its footer has no 'geo'. Expected "
            f"GeoParquet. {_ADVICE}"
        )
    if facts.get("encoding") != "WKB":
        raise SourceError(
            f"{name!r} has its shapes as {short(repr(facts.get('encoding')))}; expected 'WKB'. "
            f"{_ADVICE}"
        )
    # Without "crs" it is longitude and latitude; null means not known.
    return shape, _number(facts["crs"]) if "crs" in facts else _DEGREES


def _number(crs: Any) -> int | None:
    known = crs.get("id") if isinstance(crs, Mapping) else None
    known = known if isinstance(known, Mapping) else {}
    code = known.get("code")
    if known.get("authority") == "OGC" and str(code).startswith("CRS84"):
        return _DEGREES
    return code if known.get("authority") == "EPSG" and isinstance(code, int) else None
