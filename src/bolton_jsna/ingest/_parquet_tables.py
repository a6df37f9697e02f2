"""Tidy tables as Parquet and back, equal in every cell and type."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.tables.schemas import text_dtype, text_of

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_FACTS: Final = b"bolton_jsna"
_INDEX: Final = "__row__"
_ROWS: Final = 2**16
"""Rows of a group; an authority of a projection has 7,000."""

_PLAIN: Final = {"int64", "float64", "bool"}


class NotKeptError(ValueError):
    """A table that would not come back as it is."""


def packed(frame: pd.DataFrame, facts: Mapping[str, Any]) -> bytes:
    """Return a table and facts about it as the bytes of a Parquet file.

    Raises
    ------
    NotKeptError
        When the table has a column or an index of another kind.
    """
    import pandas as pd
    import pyarrow as pa
    from pyarrow import parquet

    if type(frame) is not pd.DataFrame or frame.attrs or not frame.columns.is_unique:
        raise NotKeptError
    kinds: list[dict[str, Any]] = []
    columns: dict[str, pa.Array] = {}
    for name in frame.columns:
        kind, cells = _packed(frame[name])
        kinds.append({"name": name, **kind})
        if cells is not None:
            columns[name] = cells
    index = frame.index
    if index.dtype != "int64" or index.name is not None:
        raise NotKeptError
    counted = isinstance(index, pd.RangeIndex)
    span = [index.start, index.stop, index.step] if counted else None
    if not counted:
        columns[_INDEX] = pa.array(index.to_numpy())
    if not columns:
        raise NotKeptError
    text = json.dumps({"kinds": kinds, "rows": len(frame), "span": span, "facts": facts})
    table = pa.table(columns).replace_schema_metadata({_FACTS: text.encode()})
    out = pa.BufferOutputStream()
    parquet.write_table(table, out, compression="zstd", row_group_size=_ROWS)
    return bytes(out.getvalue())


def _packed(values: pd.Series) -> tuple[dict[str, Any], pa.Array | None]:
    """Return the kind of a column and its cells, None for a column with one value throughout."""
    import pandas as pd
    import pyarrow as pa

    if not isinstance(values.name, str) or values.name == _INDEX:
        raise NotKeptError
    kind = str(values.dtype)
    if kind in _PLAIN:
        return {"kind": kind}, pa.array(values.to_numpy(), from_pandas=False)
    if kind == "Int64":
        numbers = pa.array(values)
        if not numbers.null_count and len(values) and values.min() == values.max():
            return {"kind": kind, "every": int(values.iloc[0])}, None
        return {"kind": kind}, _small(numbers)
    if kind == "object" or (kind == "str" and text_dtype() == "str"):
        missing = _missing(values) if kind == "object" else "nan"
        codes, words = pd.factorize(values)
        if len(words) == 1 and (codes == 0).all():
            return {"kind": kind, "every": words[0]}, None
        indices = pa.array(codes.astype("int32"), mask=codes < 0)
        texts = pa.array(list(words), type=pa.string())
        cells = pa.DictionaryArray.from_arrays(indices, texts)
        return {"kind": kind, "missing": missing}, cells
    raise NotKeptError


def _small(numbers: pa.Array) -> pa.Array:
    """Return whole numbers in two bytes each if they fit."""
    import pyarrow as pa

    try:
        return numbers.cast(pa.int16())
    except pa.ArrowInvalid:
        return numbers


def _missing(values: pd.Series) -> str:
    """Return what missing cells of a column of text are, after a check that the others are text."""
    empty = values.isna()
    if not all(isinstance(each, str) for each in values[~empty]):
        raise NotKeptError
    if all(each is None for each in values[empty]):
        return "none"
    if all(isinstance(each, float) for each in values[empty]):
        return "nan"
    raise NotKeptError


def facts_of(content: bytes) -> dict[str, Any]:
    """Return the facts about the table of a Parquet file."""
    return dict(_described(content)["facts"])


def _described(content: bytes) -> dict[str, Any]:
    import pyarrow as pa
    from pyarrow import parquet

    metadata = parquet.read_schema(pa.BufferReader(content)).metadata or {}
    return dict(json.loads(metadata[_FACTS]))


def unpacked(
    content: bytes,
    *,
    areas: Collection[str] | None = None,
    ages: tuple[int, int] | None = None,
) -> pd.DataFrame:
    """Return the table of a Parquet file, or its rows of some areas and ages.

    Of some areas only the groups of rows are unpacked that have them.
    """
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import parquet

    described = _described(content)
    file = parquet.ParquetFile(pa.BufferReader(content))
    if areas is None:
        table = file.read()
        rows = int(described["rows"])
    else:
        table = file.read_row_groups(_groups(file, areas))
        wanted = pc.is_in(
            table.column("area_code").cast(pa.string()), value_set=pa.array(sorted(areas))
        )
        if ages is not None:
            low, high = ages
            column = table.column("age")
            inside = pc.and_(pc.greater_equal(column, low), pc.less_equal(column, high))
            wanted = pc.and_(wanted, inside)
        table = table.filter(wanted)
        rows = table.num_rows
    data = {
        kind["name"]: _unpacked(
            kind, table.column(kind["name"]) if "every" not in kind else None, rows
        )
        for kind in described["kinds"]
    }
    frame = pd.DataFrame(data, copy=False)
    if _INDEX in table.column_names:
        frame.index = pd.Index(table.column(_INDEX).to_numpy())
    elif areas is None:
        frame.index = pd.RangeIndex(*described["span"])
    return frame


def _groups(file: Any, areas: Collection[str]) -> list[int]:
    """Return the groups of rows that may have one of some areas."""
    place = file.schema_arrow.names.index("area_code")
    found = []
    for number in range(file.metadata.num_row_groups):
        known = file.metadata.row_group(number).column(place).statistics
        bare = known is None or not known.has_min_max
        if bare or any(known.min <= each <= known.max for each in areas):
            found.append(number)
    return found


def _unpacked(kind: Mapping[str, Any], cells: pa.ChunkedArray | None, rows: int) -> pd.Series:
    import numpy as np
    import pandas as pd

    of = kind["kind"]
    if of in _PLAIN and cells is not None:
        return pd.Series(np.array(cells.to_numpy(), dtype=of), copy=False)
    if of == "Int64":
        if cells is None:
            values, gaps = np.full(rows, kind["every"], dtype="int64"), np.zeros(rows, dtype=bool)
        else:
            gaps = np.array(cells.is_null().to_numpy())
            # What a missing cell holds is 1, as in a column that pandas makes.
            filled = cells.fill_null(1) if cells.null_count else cells
            values = np.array(filled.to_numpy(), dtype="int64")
        return pd.Series(pd.arrays.IntegerArray(values, gaps), copy=False)
    return _text(kind, cells, rows)


def _text(kind: Mapping[str, Any], cells: pa.ChunkedArray | None, rows: int) -> pd.Series:
    """Return a column of text from its different texts."""
    import numpy as np

    of = object if kind["kind"] == "object" else "str"
    if cells is None:
        return text_of([kind["every"]], np.zeros(rows, dtype="int8"), of)
    cells = cells.unify_dictionaries()
    words = cells.chunk(0).dictionary.to_pylist() if cells.num_chunks else []
    codes = [each.indices.fill_null(-1).to_numpy() for each in cells.chunks]
    missing = np.nan if kind["missing"] == "nan" else None
    return text_of(words, np.concatenate([np.empty(0, dtype="int32"), *codes]), of, missing)
