"""The sheets of a workbook that are read, and what is said of the others."""

from __future__ import annotations

from collections.abc import Sequence

from bolton_jsna.errors import SchemaError, some
from bolton_jsna.tables.local_cells import Sheet


def visible(found: Sequence[Sheet], name: str) -> list[Sheet]:
    """Return the sheets that are not hidden: what nobody sees is not counted unseen.

    Raises
    ------
    SchemaError
        When all of them are hidden.
    """
    kept = [each for each in found if not each.hidden]
    if found and not kept:
        raise SchemaError(
            f"{name!r} has its headings in hidden sheets only (by number: "
            f"{some(each.number for each in found)}). Show the sheet that is meant (right-click a "
            "tab, Unhide), look at it, and save the workbook."
        )
    return kept


def sheets_aside(left: Sequence[int], hidden: Sequence[int]) -> list[str]:
    """Say which sheets of a workbook were not read though they have the headings.

    Examples
    --------
    >>> sheets_aside((), (2,))[0][:50]
    'Hidden sheets that were not read, by number: 2. Sh'
    """
    said = []
    if hidden:
        said.append(
            f"Hidden sheets that were not read, by number: {some(hidden)}. Show a sheet in the "
            "workbook to have it read."
        )
    if left:
        said.append(
            f"Sheets with counts that were not read, by number: {some(left)}. Put the counts into "
            "one sheet to have them read."
        )
    return said
