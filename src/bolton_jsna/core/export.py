"""What is written for others: cells without formulas, private files, a mark on every row."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core import atomic
from bolton_jsna.core.errors import WorkspaceError

if TYPE_CHECKING:
    import pandas as pd

NOT_FOR_PUBLICATION: Final = "Not for publication"
"""The mark on everything made with protection turned off."""

_RUNS: Final = ("=", "+", "-", "@")


def inert_text(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula."""
    # Excel and LibreOffice run a cell of a CSV that begins with ``=``, ``+``, ``-`` or ``@``; with
    # an apostrophe before it the cell is text (OWASP, CSV injection). Numbers and lone dashes stay.
    # A lone carriage return is not quoted in a CSV: what follows it would begin a row.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.lstrip().startswith(_RUNS) or not text.strip().strip("-"):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def inert(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose texts and headings no spreadsheet runs as a formula."""
    # For every table that is written as CSV or XLSX; Parquet has no formulas.
    import pandas as pd

    changed: dict[Any, pd.Series] = {}
    for name in frame.columns:
        column = frame[name]
        if isinstance(column, pd.DataFrame) or not (
            pd.api.types.is_object_dtype(column) or pd.api.types.is_string_dtype(column)
        ):
            continue
        safe = {
            value: inert_text(value)
            for value in column.dropna().unique()
            if isinstance(value, str) and inert_text(value) != value
        }
        if safe:
            changed[name] = column.map(lambda value, safe=safe: safe.get(value, value))
    made = frame.assign(**changed) if changed else frame
    names = [inert_text(name) if isinstance(name, str) else name for name in frame.columns]
    return made if names == list(frame.columns) else made.set_axis(names, axis="columns")


def mark_tables(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return tables whose every row is marked as not for publication."""
    # For a build whose small numbers are not hidden, for use within the authority.
    marked = {}
    for name, table in tables.items():
        made = table.copy()
        made.insert(0, "publication", NOT_FOR_PUBLICATION)
        marked[name] = made
    return marked


def write_private(text: str, path: str | Path) -> Path:
    """Write a text to a file that only its owner can read."""
    path = Path(path)
    if not path.parent.is_dir():
        raise WorkspaceError(
            f"{path} cannot be written: there is no folder {str(path.parent)!r}. Name one that you "
            "can write to."
        )
    return atomic.write(path, text, private=True)
