"""Headings that are in a published table twice, in any case."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from bolton_jsna.core import naming as _names
from bolton_jsna.core.errors import SchemaError
from bolton_jsna.tables import _markers
from bolton_jsna.tables.reader_notes import remark

if TYPE_CHECKING:
    import pandas as pd


def numbered(header: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Return headings with a number added to repeated ones, and which one each repeats."""
    seen: dict[str, int] = {}
    firsts: dict[str, str] = {}
    made: list[str] = []
    again: dict[str, str] = {}
    for cell in header:
        plain = " ".join(_names.trimmed(cell).split())
        key, name = _names.heading(plain), plain
        while name and _names.heading(name) in firsts:
            seen[key] = seen.get(key, 0) + 1
            name = f"{plain}.{seen[key]}"
        if name != plain:
            again[name] = firsts[key]
        firsts[_names.heading(name)] = name
        made.append(name)
    return made, again


def reject_different_columns(
    frame: pd.DataFrame, again: Mapping[str, str], *, name: str, usual: Collection[str] = ()
) -> None:
    """Reject a table with different figures under the same heading."""
    # Where other text differs, the first column is read, with a remark.
    for column, first in again.items():
        if _names.heading(first) in usual:
            continue
        both = frame[(frame[column] != "") & (frame[first] != "")]
        unlike = both[column] != both[first]
        if not unlike.any():
            continue
        found = f"{name!r} has several columns headed {first!r}, whose cells differ"
        if _markers.are_figures(both[column]) and _markers.are_figures(both[first]):
            raise SchemaError(
                f"{found}: it is not clear which figures are right. Expected each heading once. "
                "Delete the wrong column, or download the file again."
            )
        remark(f"{found} in {int(unlike.sum()):,} rows: the first is read. Check that it is right.")
