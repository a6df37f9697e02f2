"""The sheets of a workbook that are read, and what is said of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bolton_jsna.core.errors import SchemaError, some
from bolton_jsna.tables.local import layouts as local_layouts
from bolton_jsna.tables.local.cells import Sheet
from bolton_jsna.tables.local.claims import claims
from bolton_jsna.tables.local.layouts import HOME, EventKind, Pass, Said


def visible(found: Sequence[Sheet], name: str) -> list[Sheet]:
    """Return the sheets that are not hidden: what nobody sees is not counted unseen."""
    kept = [each for each in found if not each.hidden]
    if found and not kept:
        raise SchemaError(
            f"{name!r} has its headings in hidden sheets only (by number: "
            f"{some(each.number for each in found)}). Show the sheet that is meant (right-click a "
            "tab, Unhide), look at it, and save the workbook."
        )
    return kept


def chosen(
    found: Sequence[Sheet], only: EventKind | None, said: Said
) -> tuple[list[list[Pass]], tuple[int, ...]]:
    """Return the ways to read each sheet, and the sheets left as records of the other kind."""
    # Where the headings of a sheet do not say what its rows are, its name or title may. If all the
    # sheets that could be read say the other kind, they are read as asked: whether the file is the
    # right one is checked against its other claims.
    ways = [local_layouts.passes(sheet.header, only, said) for sheet in found]
    named = [
        _named(sheet, each, only, said) if sheet.number else each
        for sheet, each in zip(found, ways, strict=True)
    ]
    used = _first(named)
    if not any(used):
        return _first(ways), ()
    other = zip(found, ways, named, strict=True)
    return used, tuple(sheet.number for sheet, way, kept in other if way and not kept)


def _named(sheet: Sheet, ways: list[Pass], only: EventKind | None, said: Said) -> list[Pass]:
    says = claims(sheet.says)
    if only == "plan" and says.others and not any(way.specific for way in ways):
        return []
    kinds = says.kinds
    if len(kinds) != 1 or any(way.specific or way.kind is None for way in ways):
        return ways
    own: EventKind = "plan" if "plan" in kinds else "referral"
    if only is not None:
        return ways if own == only else []
    return [replace(way, specific=True) for way in local_layouts.passes(sheet.header, own, said)]


def _first(ways: list[list[Pass]]) -> list[list[Pass]]:
    """Return the ways that are used: those that say what they are before those that do not."""
    # A list without a home, as Ofsted's are, is used where the heading of its date says what it
    # is.
    kept = [[way for way in each if way.specific or set(HOME) & set(way.places)] for each in ways]
    if any(way.specific for each in kept for way in each):
        kept = [[way for way in each if way.specific or way.kind is None] for each in kept]
    return kept


def sheets_aside(
    left: Sequence[int], hidden: Sequence[int], other: Sequence[int] = ()
) -> list[str]:
    """Say which sheets of a workbook were not read though they have the headings."""
    said = []
    if hidden:
        said.append(
            f"Hidden sheets that were not read, by number: {some(hidden)}. Show a sheet in the "
            "workbook to have it read."
        )
    if other:
        said.append(
            "Sheets that were not read because their name or title says that they are records of "
            f"another kind, by number: {some(other)}. If one should be read, correct its name "
            "and title."
        )
    if left:
        said.append(
            f"Sheets with counts that were not read, by number: {some(left)}. Put the counts into "
            "one sheet to have them read."
        )
    return said
