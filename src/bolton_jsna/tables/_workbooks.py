"""Readers of workbooks and Parquet files that answer questions with cells of text.

This module runs in the child process of ``core.reading.isolated``.
"""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bolton_jsna.core.naming import trimmed
from bolton_jsna.core.reading import limits
from bolton_jsna.core.reading.worker import Answers
from bolton_jsna.tables import _formulas
from bolton_jsna.tables.local import cells as local_cells
from bolton_jsna.tables.local.cells import Coded

if TYPE_CHECKING:
    import numpy as np

    Given = tuple[np.ndarray, dict[int, Coded]]

Answer = tuple[dict[str, Any], list[bytes]]


def serve(content: bytes, name: str) -> Answers:
    """Open a workbook and return the function that answers questions about its sheets."""
    book = _opened(content, name)
    names = book.sheet_names
    limits.check(name, len(names), limits.SHEETS, "sheets")
    kept: dict[int, Any] = {}

    def answer(asked: dict[str, Any]) -> Answer:
        if asked["ask"] == "names":
            return {"names": names, "hidden": _hidden(book)}, []
        number = asked["sheet"]
        if number not in kept:
            kept.clear()
            kept[number] = _sheet(book, number, name)
        if asked["ask"] == "rows":
            _formulas.reject_uncalculated(
                content, name, sheet=number, start=asked["start"], places=asked["places"]
            )
        return _answer(kept[number], asked, name)

    return answer


def _opened(content: bytes, name: str) -> Any:
    import python_calamine

    try:
        return python_calamine.load_workbook(io.BytesIO(content))
    except python_calamine.CalamineError as error:
        if "assword" not in f"{type(error).__name__} {error}":
            raise
    raise local_cells.protected(name)


def _hidden(book: Any) -> list[int]:
    """Return the positions of hidden sheets."""
    return [
        place
        for place, sheet in enumerate(book.sheets_metadata)
        if not str(sheet.visible).endswith("Visible")
    ]


def _sheet(book: Any, number: int, name: str) -> Any:
    sheet = book.get_sheet_by_index(number)
    limits.check(name, sheet.total_height, limits.ROWS, "rows", "a sheet of more than")
    limits.check(name, sheet.total_width, limits.COLUMNS, "columns", "a sheet of more than")
    return sheet


def _answer(sheet: Any, asked: dict[str, Any], name: str) -> Answer:
    cells = sheet.total_height * sheet.total_width
    if asked["ask"] == "all":
        if cells > asked["most"]:
            raise limits.exceeded(name, "more than", limits.CELLS, "cells")
        rows = sheet.to_python(skip_empty_area=False)
        for number, row in enumerate(rows):
            # In place, because two copies of a sheet may not fit into memory.
            rows[number] = [_plain(cell) for cell in row]
        return {"cells": cells, "rows": rows}, []
    # Local records are returned as their different values, for the wanted columns only.
    if asked["ask"] == "top":
        top = itertools.islice(sheet.iter_rows(), asked["rows"])
        return {"rows": [[local_cells.text_of(cell) for cell in row] for row in top]}, []
    return packed(
        name, *local_cells.encode(sheet.iter_rows(), asked["start"], asked["places"], name=name)
    )


def serve_parquet(content: bytes, name: str) -> Answers:
    """Open a Parquet file and return the function that answers questions about its columns."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    facts = pq.read_metadata(io.BytesIO(content))
    limits.check(name, facts.num_rows, limits.ROWS, "rows")
    limits.check(name, facts.num_columns, limits.COLUMNS, "columns")
    names = [str(each) for each in facts.schema.to_arrow_schema().names]

    def column(place: int) -> Coded:
        # Kept as a dictionary: a long value that repeats is held once.
        file = pq.ParquetFile(io.BytesIO(content), read_dictionary=[names[place]])
        values = file.read(columns=[names[place]], use_threads=False).column(0)
        coded = values.combine_chunks().dictionary_encode()
        if isinstance(coded, pa.ChunkedArray):
            coded = coded.combine_chunks()
        codes = coded.indices.to_numpy(zero_copy_only=False)
        try:
            found = coded.dictionary.to_pylist()
        except (OverflowError, ValueError):
            # Dates outside of Python's calendar: the reader of dates reports their rows.
            found = coded.dictionary.cast(pa.string()).to_pylist()
        texts = [local_cells.text_of(each) for each in found]
        codes = np.where(np.isnan(codes), len(texts), codes) if codes.dtype.kind == "f" else codes
        return local_cells.merged(codes.astype("int32"), [*texts, ""])

    def answer(asked: dict[str, Any]) -> Answer:
        if asked["ask"] == "names":
            return {"names": names}, []
        numbers = np.arange(2, 2 + facts.num_rows, dtype="int64")
        return packed(name, numbers, {place: column(place) for place in asked["places"]})

    return answer


def packed(name: str, numbers: np.ndarray, columns: dict[int, Coded]) -> Answer:
    """Return the numbers of rows and columns as facts and bytes."""
    local_cells.check_text(columns, name)
    different = sum(len(column.texts) for column in columns.values())
    limits.check(name, different, limits.VALUES, "different values")
    parts = [numbers.astype("int64").tobytes()]
    for column in columns.values():
        parts += [column.codes.tobytes(), _joined(column.texts)]
    return {"places": list(columns)}, parts


def unpacked(facts: dict[str, Any], parts: Sequence[bytes]) -> Given:
    """Return what :func:`packed` packed, in the parent."""
    import numpy as np

    numbers, *rest = parts
    columns = {}
    for place, codes, texts in zip(facts["places"], rest[::2], rest[1::2], strict=True):
        columns[int(place)] = Coded(np.frombuffer(codes, dtype="int32"), _split(texts))
    return np.frombuffer(numbers, dtype="int64"), columns


def _joined(texts: list[str]) -> bytes:
    # JSON only where a text has the separator in it, because it takes four times as long.
    if any("\x00" in each for each in texts) or not texts:
        return b"[" + json.dumps(texts).encode()
    return b"\x00" + "\x00".join(texts).encode("utf-8", errors="surrogatepass")


def _split(joined: bytes) -> list[str]:
    if joined[:1] == b"[":
        return [str(each) for each in json.loads(joined[1:])]
    return joined[1:].decode("utf-8", errors="surrogatepass").split("\x00")


def _plain(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return trimmed(str(value))
