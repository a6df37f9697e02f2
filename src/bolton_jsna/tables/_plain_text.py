"""Large plain text files read column by column, in a fraction of the time and memory of rows.

Plain is a file in which each line is a row with the same number of cells, and quotation marks are
around whole cells only. It gives the same table as the reader of rows. Every other file is left to
that reader, with its checks and messages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core import naming
from bolton_jsna.core.reading import delimited, limits
from bolton_jsna.core.sniffing import is_text
from bolton_jsna.tables import _text_rows
from bolton_jsna.tables._text_rows import CELL, FIRST, ROW, TEXT, Rows, Wanted

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

SMALLEST: Final = 2**16
"""Bytes of the smallest file that is read by column."""

_ENCODINGS: Final = ("utf-8", "utf-8-sig")
_BLANKS: Final = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"
"""What ``str.strip`` takes from the ends of a text in ASCII."""

_LONGEST: Final = 100_000
"""Bytes of a line: the reader of rows rejects a cell of more than 131,072 characters."""


@dataclass(frozen=True)
class OneOf:
    """The rows of a table that are wanted: those with one of some texts in one place."""

    place: int
    texts: frozenset[str]

    def __call__(self, row: Sequence[str]) -> bool:
        """Return whether a row is wanted."""
        return (row[self.place].strip() if self.place < len(row) else "") in self.texts


@dataclass(frozen=True)
class Plain:
    """The first rows of a file, and the cells below its headings by their place in a row."""

    first: Rows
    frame: pd.DataFrame


def table(
    content: bytes,
    is_header: Callable[[set[str]], bool],
    *,
    name: str,
    wanted: Wanted | None = None,
) -> Plain | None:
    """Return the table of a plain file, or None for a file that is not plain, or small."""
    if len(content) < SMALLEST or not is_text(content):
        return None
    encoding = delimited.encoding_of(content)
    separator = _text_rows.separator_of(content, encoding)
    ends = _ends_of_rows(content, encoding, separator)
    if ends is None or len(ends) < 1:
        return None
    top = content[: ends[min(len(ends), FIRST) - 1] + 1]
    raw = list(delimited.rows(top, name=name, delimiter=separator, encoding=encoding))
    first = list(_text_rows.held(raw if wanted is None else _text_rows.emptied(raw, wanted), name))
    header = _text_rows.heading_row(first, is_header)
    if header is None:
        return None
    keep: OneOf | None = None
    if wanted is not None:
        asked = ((at, each) for at, row in enumerate(raw) if (each := wanted(row)) is not None)
        at, found = next(asked, (header, None))
        if at != header or not (found is None or isinstance(found, OneOf)):
            return None
        keep = found
    width, rows = len(raw[header]), len(ends) - header
    if rows * width > limits.CELLS or rows * (ROW + CELL * width) > limits.OBJECTS:
        return None
    below = memoryview(content)[ends[header] + 1 :]
    cells = _cells(below, separator, width, keep)
    frame = None if cells is None else _frame(cells)
    return None if frame is None else Plain(first, frame)


def _ends_of_rows(content: bytes, encoding: str, separator: str) -> np.ndarray | None:
    """Return where the lines of a text end, if each is a row as far as the bytes show."""
    import numpy as np

    if encoding not in _ENCODINGS or b"\0" in content:
        return None
    if content.count(b"\r") != content.count(b"\r\n"):
        return None
    every = np.frombuffer(content, dtype=np.uint8)
    ends = np.flatnonzero(every == ord("\n"))
    edges = np.concatenate([[-1], ends, [len(content)]])
    if len(edges) > limits.ROWS or np.diff(edges).max() > _LONGEST:
        return None
    if b'"' in content:
        cell = rf'(?:"[^"]*"|[^"{separator}]*)'
        row = re.compile(rf"{cell}(?:{separator}{cell})*\r?".encode())
        lines = np.unique(np.searchsorted(edges, np.flatnonzero(every == ord('"'))))
        places = zip((edges[lines - 1] + 1).tolist(), edges[lines].tolist(), strict=True)
        if not all(row.fullmatch(content, *each) for each in places):
            return None
    return ends


def _cells(below: memoryview, separator: str, width: int, keep: OneOf | None) -> pa.Table | None:
    """Return the cells below the headings, None if they are not as many in each row."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv

    places = [str(place) for place in range(width)]
    kind = pa.string() if keep is not None else pa.dictionary(pa.int32(), pa.string())
    try:
        found = csv.read_csv(
            pa.BufferReader(pa.py_buffer(below)),
            read_options=csv.ReadOptions(column_names=places),
            parse_options=csv.ParseOptions(delimiter=separator, double_quote=False),
            convert_options=csv.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(places, kind),
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    if keep is not None:
        column = found.column(keep.place)
        having = [each for each in pc.unique(column).to_pylist() if each.strip() in keep.texts]
        found = found.filter(pc.is_in(column, value_set=pa.array(having, type=pa.string())))
    return found


def _frame(cells: pa.Table) -> pd.DataFrame | None:
    """Return cells as stripped text without empty rows, None if they need too much memory."""
    import numpy as np
    import pandas as pd

    size = cells.num_rows * (ROW + CELL * cells.num_columns)
    filled = np.zeros(cells.num_rows, dtype=bool)
    found: dict[int, Any] = {}
    for place, column in enumerate(cells.columns):
        places, texts = _stripped(column)
        size += sum(map(len, texts)) + TEXT * len(texts)
        if size > limits.OBJECTS:
            return None
        words = np.empty(len(texts), dtype=object)
        words[:] = texts
        found[place] = words[places]
        if not filled.all():
            filled |= (words != "")[places]
    frame = pd.DataFrame(found, dtype=object, copy=False)
    return frame if filled.all() else frame[filled].reset_index(drop=True)


def _stripped(column: pa.ChunkedArray) -> tuple[Any, list[str]]:
    """Return the place of each cell among the different texts, without blanks at their ends."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_dictionary(column.type):
        column = column.combine_chunks().dictionary_encode()
        column = pa.chunked_array([column])
    column = column.unify_dictionaries()
    places = np.concatenate([np.empty(0, "int32"), *(each.indices for each in column.chunks)])
    if not column.num_chunks:
        return places, []
    texts = column.chunk(0).dictionary
    if pc.all(pc.string_is_ascii(texts), min_count=0).as_py():
        return places, pc.ascii_trim(texts, characters=_BLANKS).to_pylist()
    return places, [naming.trimmed(each) for each in texts.to_pylist()]
