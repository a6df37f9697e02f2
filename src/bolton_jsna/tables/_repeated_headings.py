"""Headings that stand twice over a published table, in any case: numbered, and never confused."""

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
    """Return headings no two of which are compared as the same, and which repeat which."""
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
    """Refuse a table that has other figures under a heading that it has already."""
    # Of other text that differs, the first column is read, with a remark.
    for column, first in again.items():
        if _names.heading(first) in usual:
            continue
        both = frame[(frame[column] != "") & (frame[first] != "")]
        unlike = both[column] != both[first]
        if not unlike.any():
            continue
        said = f"{name!r} has several columns headed {first!r}, whose cells differ"
        if _markers.are_figures(both[column]) and _markers.are_figures(both[first]):
            raise SchemaError(
                f"{said}: it cannot be told which figures are meant. Expected each heading once. "
                "Take the wrong column out, or download the file again."
            )
        remark(f"{said} in {int(unlike.sum()):,} rows: the first one is read. Check that it is.")
