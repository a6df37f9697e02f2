"""The limits of files: far above any real file, far below the memory of a computer."""

from __future__ import annotations

from typing import Final

from bolton_jsna.core.errors import SourceError

BYTES: Final = 512 * 2**20
"""Bytes of a file, packed or unpacked. It is held in memory."""

FOLD: Final = 200
"""How many times its packed size a file may unpack to; tables of figures pack 5 to 30 times."""

FOLD_FREE: Final = 16 * 2**20
"""Bytes up to which :data:`FOLD` is not applied."""

MEMBERS: Final = 500
"""Files in a zip."""

ROWS: Final = 3_000_000
"""Rows of a table; all postcodes of the United Kingdom are 2.7 million."""

COLUMNS: Final = 5_000
"""Cells in a row."""

CELLS: Final = 40_000_000
"""Cells of a published table, held as text; ONS's ages of four years by LSOA are 27 million."""

VALUES: Final = 5_000_000
"""Different values in local records, which are held by value."""

TEXT: Final = 256 * 2**20
"""Characters in a column of local records, counted row by row."""

SHEETS: Final = 200
"""Sheets of a workbook."""

LINE: Final = 1_000_000
"""Bytes of a line of text."""

RECORD: Final = 16 * 2**20
"""Characters in one row, which may go over many lines in a quoted cell."""

DEPTH: Final = 100
"""Levels of nested parts in an XML file."""

TAGS: Final = 20_000_000
"""Tags in an XML file; a census return has about a hundred for each child."""

ELEMENTS: Final = 50_000
"""XML elements of one child."""

OBJECTS: Final = 2 * 2**30
"""Bytes of memory for a file once it is parsed."""

FEATURES: Final = 300_000
"""Shapes of a layer; England has 180,000 output areas."""

POINTS: Final = 30_000_000
"""Corners of the shapes in a layer."""

SETTINGS: Final = 2**16
"""Bytes of a mapping file."""

MEMORY: Final = 2 * 2**30
"""Bytes of the process that reads a workbook, a Parquet file or a large XML."""

SECONDS: Final = 90
"""Seconds for which that process may run."""


def check(name: str, size: int, most: int, unit: str, what: str = "more than") -> None:
    """Reject a file beyond a limit."""
    if size > most:
        raise exceeded(name, what, most, unit)


def exceeded(name: str, what: str, most: int, unit: str) -> SourceError:
    """Return the error of a file beyond a limit."""
    return SourceError(
        f"{name!r} has {what} {most:,} {unit}, the most that is read. Check what it is, or take "
        "out the part that you need and save that."
    )
