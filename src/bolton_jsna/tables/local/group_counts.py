"""Counts of the whole authority by age band or category, which the authority has added up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.errors import SchemaError, UsageError, some
from bolton_jsna.core.reading.unexpected import one_error
from bolton_jsna.tables import _spreadsheet_damage
from bolton_jsna.tables.local import _count_layouts as layouts
from bolton_jsna.tables.local import cells as local_cells
from bolton_jsna.tables.local import sheets as local_sheets
from bolton_jsna.tables.local._count_files import has_counts
from bolton_jsna.tables.local.claims import claims
from bolton_jsna.tables.local.layouts import key
from bolton_jsna.tables.local.sheets import ReadReport

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: Final[Mapping[str, frozenset[str]]] = {
    "age_band": frozenset({"age", "ages", "ageband", "agebands", "agegroup", "agerange"}),
    "category": frozenset({"category", "categoryofabuse", "abusecategory", "abuse"}),
}
"""The headings of each group, in compared form."""

_TOTAL: Final = frozenset({"", "all", "total", "allages", "allcategories"})
_LAYOUT: Final = (
    "Expected a row for each age band or category, such as\n\nYear,Event,Age band,Category,Count\n"
    "2024-25,Plans at 31 March,Under 1,,12\n2024-25,Plans at 31 March,,Neglect,40"
)


@dataclass(frozen=True, eq=False)
class GroupCounts:
    """Counts of an authority by group.

    Attributes
    ----------
    counts : DataFrame
        ``event``, ``year`` (ending 31 March), ``by`` (``age_band`` or ``category``), ``group`` as
        written and ``count``.
    reading : ReadReport
        How the file was read.
    """

    counts: pd.DataFrame
    reading: ReadReport = field(default_factory=ReadReport)


@one_error
def are_group_counts(path: str | Path) -> bool:
    """Return whether a file holds counts by age band or category, and none by area."""
    return has_counts(path, _known, _holds)


@one_error
def read(path: str | Path, *, event: str | None = None, year: int | None = None) -> GroupCounts:
    r"""Return the counts of a file by group; a row that cannot be read stops the reading.

    Parameters
    ----------
    path : str or Path
        CSV, XLSX or Parquet with a count, an age band or a category, and if there are several the
        year and the event. A row names one group, or none if it is the total.
    event : {"referrals", "cpp_at_31_march"}, optional
        What is counted, if the file does not name it.
    year : int, optional
        Year ending 31 March, if the file does not give it.

    Raises
    ------
    UsageError
        When neither the file nor the call gives the year or the event.
    SchemaError
        When a row cannot be read or is there twice, or a count is hidden already.

    Examples
    --------
    >>> import tempfile
    >>> text = "Year,Age band,Plans\n2012,Under 5,99\n2012,5-16,132\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "x.csv"
    ...     _ = path.write_text(text)
    ...     found = read(path).counts
    >>> found[["event", "by", "group", "count"]].to_numpy().tolist()[0]
    ['cpp_at_31_march', 'age_band', 'Under 5', 99]
    """
    import pandas as pd

    path = Path(path)
    every = local_cells.sheets(local_cells.content_of(path), path.name, _known)
    shown = local_sheets.visible([each for each in every if _holds(each.header)], path.name)
    if not shown:
        raise SchemaError(f"{path.name!r} has no counts by age band or category. {_LAYOUT}")
    sheet = shown[0]
    table = pd.DataFrame(
        _rows(sheet, path.name, event, year), columns=["event", "year", "by", "group", "count"]
    )
    same = [*table.columns[:-1]]
    if table.duplicated(same).any():
        first = table[table.duplicated(same)].iloc[0]
        what = first["group"] or "the total"
        raise SchemaError(
            f"{path.name!r} has more than one count of {what!r} for {first['event']} in "
            f"{first['year']}. Keep one row for each."
        )
    reading = ReadReport(
        how=local_sheets.GROUP_COUNTS, rows=len(table), claims=claims([path.name, *sheet.titles])
    )
    return GroupCounts(table, reading)


def _rows(
    sheet: local_cells.Sheet, name: str, event: str | None, year: int | None
) -> Iterator[tuple[str, int, str, str, int]]:
    """Return the event, the year, the kind of group, the group and the count of each row."""
    places, groups = layouts.places(sheet.header), _groups(sheet.header)
    spot, headed, stated = _counted(sheet.header, places, name)
    if "event" not in places and headed is None and event is None:
        raise UsageError(
            f"{name!r} does not name what is counted: add event=, or --kind referrals or "
            "--kind plans."
        )
    if "year" not in places and stated is None and year is None:
        raise UsageError(f"{name!r} gives no year (ending 31 March): add year= or --year.")
    used = {places[each] for each in ("year", "event") if each in places}
    numbers, cells = sheet.rows(sorted({*used, spot, *groups.values()}))
    columns = {each: [str(text).strip() for text in cells[each].values()] for each in cells}
    for at, number in enumerate(numbers):
        where = f"Row {int(number)} of {name!r}"
        named = headed or event
        if "event" in places:
            named = layouts.event_of(columns[places["event"]][at])
        if named is None:
            raise SchemaError(f"{where} does not name what is counted. {_LAYOUT}")
        when = stated or year
        if "year" in places:
            when = layouts.year_of(columns[places["year"]][at])
        if when is None:
            raise SchemaError(f"{where} has a year that cannot be read. {_LAYOUT}")
        count = _spreadsheet_damage.whole(columns[spot][at])
        if count is None:
            raise SchemaError(
                f"{where} has no whole number as its count. Give true counts, with zero where "
                "there are none: only true counts show what else must be hidden."
            )
        of = {by: columns[column][at] for by, column in groups.items()}
        of = {by: text for by, text in of.items() if key(text) not in _TOTAL}
        if len(of) > 1:
            raise SchemaError(
                f"{where} names {some(of)}. Counts by several at once are not read. {_LAYOUT}"
            )
        by, group = next(iter(of.items()), ("", ""))
        yield named, when, by, group, count


def _counted(
    header: Sequence[str], places: Mapping[str, int], name: str
) -> tuple[int, str | None, int | None]:
    """Return the column of the counts, and the event and year that its heading names."""
    named = [(spot, *layouts.named(cell)) for spot, cell in enumerate(header)]
    named = [each for each in named if each[1] is not None]
    if len(named) + ("count" in places) != 1 or (named and "event" in places):
        raise SchemaError(
            f"{name!r} has {some(header, most=10)}: not one column of counts. {_LAYOUT}"
        )
    return named[0] if named else (places["count"], None, None)


def _groups(header: Sequence[str]) -> dict[str, int]:
    """Return the place of each kind of group."""
    return {
        by: spot
        for by, names in COLUMNS.items()
        for spot, cell in enumerate(header)
        if key(cell) in names
    }


def _holds(header: Sequence[str]) -> bool:
    places = layouts.places(header)
    counted = "count" in places or any(layouts.named(cell)[0] for cell in header)
    return bool(_groups(header)) and bool(counted) and "area_code" not in places


def _known(row: Sequence[str]) -> int:
    named = sum(layouts.named(cell)[0] is not None for cell in row)
    return len(layouts.places(row)) + named + len(_groups(row))
