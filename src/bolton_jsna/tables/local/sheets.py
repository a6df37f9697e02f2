"""The sheets of a workbook that are read, and a report of how."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bolton_jsna.core.errors import SchemaError, some
from bolton_jsna.tables.local import layouts as local_layouts
from bolton_jsna.tables.local.cells import Sheet
from bolton_jsna.tables.local.claims import Claims, claims
from bolton_jsna.tables.local.layouts import HOME, EventKind, FileSettings, RowLayout

COUNTS: Final = "counts by area"
"""The format of a file of counts, in a report."""

GROUP_COUNTS: Final = "counts by group"
"""The format of a file of counts by age band or category, in a report."""


@dataclass(frozen=True)
class ReadReport:
    """How a file was read; none of its contents.

    Attributes
    ----------
    how : str
        The format, delimiter and encoding.
    rows : int
        Rows below the headings that are not empty.
    sheets, sheets_left : tuple of int
        Sheets of a workbook that were read, and those with headings that were not, by number
        from 1; empty for a file without sheets.
    sheets_hidden : tuple of int
        Sheets that have headings and are hidden; they are not read.
    sheets_other : tuple of int
        Those of ``sheets_left`` whose name or title says that they are the other kind of record.
    headings : Mapping of str to Mapping of str to str
        For each kind of event (or ``"rows"`` if a column gives it) the heading that each column
        was taken from.
    others : int
        Columns left out.
    orders : Mapping of str to str
        How the days of each column such as 3/4/2024 were read.
    year : int or None
        Year ending 31 March that a census return is for.
    until : date or None
        Day up to which the file states that it is complete: the reference day of a census return.
    claims : Claims
        What the file's name, title and sheets say it holds.
    """

    how: str = ""
    rows: int = 0
    sheets: tuple[int, ...] = ()
    sheets_left: tuple[int, ...] = ()
    sheets_hidden: tuple[int, ...] = ()
    sheets_other: tuple[int, ...] = ()
    headings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    others: int = 0
    orders: Mapping[str, str] = field(default_factory=dict)
    year: int | None = None
    until: dt.date | None = None
    claims: Claims = field(default_factory=Claims)

    @property
    def sheet_notes(self) -> list[str]:
        """Sentences on the sheets that were not read although they have the headings."""
        notes = []
        if self.sheets_hidden:
            notes.append(
                f"Hidden sheets that were not read, by number: {some(self.sheets_hidden)}. Show a "
                "sheet in the workbook to have it read."
            )
        if self.sheets_other:
            notes.append(
                "Sheets that were not read because their name or title says that they are records "
                f"of another kind, by number: {some(self.sheets_other)}. If one should be read, "
                "correct its name and title."
            )
        if self.how == COUNTS and self.sheets_left:
            notes.append(
                f"Sheets with counts that were not read, by number: {some(self.sheets_left)}. Put "
                "the counts into one sheet to have them read."
            )
        return notes


def visible(found: Sequence[Sheet], name: str) -> list[Sheet]:
    """Return the sheets that are not hidden."""
    kept = [each for each in found if not each.hidden]
    if found and not kept:
        raise SchemaError(
            f"{name!r} has its headings in hidden sheets only (by number: "
            f"{some(each.number for each in found)}). Show the right sheet (right-click a tab, "
            "Unhide), check it, and save the workbook."
        )
    return kept


def chosen(
    found: Sequence[Sheet], only: EventKind | None, settings: FileSettings
) -> tuple[list[list[RowLayout]], tuple[int, ...]]:
    """Return the ways to read each sheet, and the sheets left because they are the other kind."""
    # If the headings of a sheet do not show what its rows are, its name or title may. If all
    # sheets are named as the other kind, they are read as the user asked; a build checks whether
    # the file is the right one.
    ways = [local_layouts.row_layouts(sheet.header, only, settings) for sheet in found]
    named = [
        _named(sheet, each, only, settings) if sheet.number else each
        for sheet, each in zip(found, ways, strict=True)
    ]
    used = _first(named)
    if not any(used):
        return _first(ways), ()
    other = zip(found, ways, named, strict=True)
    return used, tuple(sheet.number for sheet, way, kept in other if way and not kept)


def _named(
    sheet: Sheet, ways: list[RowLayout], only: EventKind | None, settings: FileSettings
) -> list[RowLayout]:
    named = claims(sheet.titles)
    if only == "plan" and named.others and not any(way.specific for way in ways):
        return []
    kinds = named.kinds
    if len(kinds) != 1 or any(way.specific or way.kind is None for way in ways):
        return ways
    own: EventKind = "plan" if "plan" in kinds else "referral"
    if only is not None:
        return ways if own == only else []
    return [
        replace(way, specific=True)
        for way in local_layouts.row_layouts(sheet.header, own, settings)
    ]


def _first(ways: list[list[RowLayout]]) -> list[list[RowLayout]]:
    """Return the ways that are used: those that show what the rows are come first."""
    # A list without homes, such as Ofsted's, is used if the heading of its date shows what it is.
    kept = [[way for way in each if way.specific or set(HOME) & set(way.places)] for each in ways]
    if any(way.specific for each in kept for way in each):
        kept = [[way for way in each if way.specific or way.kind is None] for each in kept]
    return kept
