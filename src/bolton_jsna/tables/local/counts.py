"""Counts that the authority has added up: a row per area, or per area and year.

A column, or the heading of each column of counts, names what is counted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.core import timestamps
from bolton_jsna.core.errors import SchemaError, UsageError, choice, some
from bolton_jsna.core.reading.unexpected import one_error
from bolton_jsna.core.years import one_year, reporting_year_days
from bolton_jsna.tables import _spreadsheet_damage, schemas
from bolton_jsna.tables._markers import CURRENT
from bolton_jsna.tables._row_widths import OVERFULL
from bolton_jsna.tables.local import _count_layouts as layouts
from bolton_jsna.tables.local import cells as local_cells
from bolton_jsna.tables.local import count_areas as local_areas
from bolton_jsna.tables.local import sheets as local_sheets
from bolton_jsna.tables.local._count_files import has_counts
from bolton_jsna.tables.local._count_layouts import EVENTS, event_of, year_of
from bolton_jsna.tables.local.claims import claims
from bolton_jsna.tables.local.layouts import key
from bolton_jsna.tables.local.sheets import ReadReport

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_NO_CODE: Final = "area code is not a GSS code"
_NO_NAME: Final = "area name is not that of a ward or LSOA"
_BY: Final = ["area_code", "event", "year"]


def _no_numbers() -> pd.Series:
    import pandas as pd

    return pd.Series(dtype="int64")


@dataclass(frozen=True, eq=False)
class LocalCounts:
    """Counts that can be used, and the rows that cannot.

    Attributes
    ----------
    counts : DataFrame
        ``area_code``, ``event``, ``year`` (ending 31 March), ``count``, ``status``.
    rejects : DataFrame
        ``row`` and ``reason``. If a row counts several events, a reason that applies to one of
        them ends with its name, and the others are used.
    numbers : Series
        The row of each count, on the same index as ``counts``.
    reading : ReadReport
        How the file was read; ``sheets_left`` are sheets that also hold counts.
    """

    counts: pd.DataFrame
    rejects: pd.DataFrame
    numbers: pd.Series = field(default_factory=_no_numbers)
    reading: ReadReport = field(default_factory=ReadReport)


@one_error
def are_counts(path: str | Path) -> bool:
    """Return whether a file holds counts by area rather than records of children."""
    return has_counts(path, _known, _has_counts)


@one_error
def read(
    path: str | Path,
    *,
    event: str | None = None,
    year: int | None = None,
    whole: bool = True,
    names: Mapping[str, str] | None = None,
    today: dt.date | None = None,
) -> LocalCounts:
    r"""Return the counts of a file, each row checked.

    Parameters
    ----------
    path : str or Path
        CSV, XLSX or Parquet with the headings ``area_code`` (or Ward code, LSOA21CD and the
        like) and ``count``, and if there are several ``year`` and ``event``. Instead of
        ``count`` and ``event`` there may be a column for each event, headed by a word in
        :data:`EVENTS` (Referrals, Plans). Columns with other headings are left out.
    event : {"referrals", "cpp_started", "cpp_at_31_march"}, optional
        What is counted, if the file does not name it.
    year : int, optional
        Year ending 31 March, if the file does not give it.
    whole : bool, default True
        Whether the year and the event must be known; otherwise they may be missing.
    names : Mapping of str to str, optional
        Codes of areas by name, as :func:`~bolton_jsna.tables.local.count_areas.names_of` gives
        them, for a file that names its areas.
    today : date, optional
        A year that ends after it cannot be counted. Default: the day of the call.

    Returns
    -------
    LocalCounts
        ``2024-25`` and ``2024/25`` are the year ending 31 March 2025. Markers such as ``c`` and
        ``*`` keep their state and have no count. A row of the file gives one count, or one for
        each of its columns that name an event, in their order.

    Raises
    ------
    UsageError
        When neither the file nor the call gives the year or the event, or the call names an event
        that is not among the headings.
    SourceError
        When the file cannot be read.
    SchemaError
        When a column is missing, or columns contradict each other: two for one event, several
        events and a column ``event``, or a count without an event next to these.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "x.csv"
    ...     _ = path.write_text("Ward code,Year,Count\nE05014818,2024-25,12\nE05014819,2025,c\n")
    ...     found = read(path, event="referrals")
    >>> found.counts[["year", "status"]].to_numpy().tolist()
    [[2025, 'value'], [2025, 'suppressed']]

    A column for each event:

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "x.csv"
    ...     _ = path.write_text("Ward code,Year,Referrals,Plans\nE05014818,2025,12,3\n")
    ...     found = read(path)
    >>> found.counts[["event", "count"]].to_numpy().tolist()
    [['referrals', 12], ['cpp_at_31_march', 3]]
    """
    import pandas as pd

    path = Path(path)
    if year is not None:
        year = one_year("year", year)
    if event is not None:
        choice("event", event, sorted(set(EVENTS.values())))
    sheet, left, hidden = _sheet(path)
    header, name = sheet.header, path.name
    layouts.check_years_across(header, name)
    columns = _columns(header, name, event)
    if "year" not in columns.places:
        for spot in columns.events.values():
            layouts.check_stated_year(header[spot], [year], name)
        stated = {layouts.named(header[spot])[1] for spot in columns.events.values()}
        year = stated.pop() if year is None and len(stated) == 1 else year
        if whole and year is None:
            raise UsageError(f"{name!r} gives no year (ending 31 March): add year= or --year.")
    if whole and "event" not in columns.places and None in columns.events:
        raise UsageError(
            f"{name!r} does not name what is counted: add event=, or --kind referrals or "
            "--kind plans."
        )
    table, overfull = _table(sheet, columns, year, names)
    by_name = layouts.holds_names(header[columns.places["area_code"]])
    of_row = {
        OVERFULL: table["row"].isin(overfull),
        (_NO_NAME if by_name else _NO_CODE): table["area_code"] == "",
        "year cannot be read": table["year"].isna() & ("year" in columns.places),
        "year that has not ended": (table["year"] > _last_ended(today)).fillna(value=False),
        "what is counted is not known": table["event"].isna() & ("event" in columns.places),
    }
    of_count = {"count is neither a whole number nor a known marker": table["status"] == ""}
    good = table[~pd.DataFrame(of_row | of_count).any(axis=1)]
    for event_, spot in columns.events.items():
        years = good.loc[good["event"] == event_, "year"].dropna().astype(int)
        layouts.check_stated_year(header[spot], years, name)
    _check_breakdown(good, sheet, columns, name)
    # Which of two counts is right cannot follow from the order of the file.
    same = good.duplicated([*_BY, "count", "status"], keep=False)
    groups = [good[each] for each in _BY]
    unlike = (good.duplicated(_BY, keep=False) & ~same).groupby(groups, dropna=False)
    unlike = unlike.transform("any").astype(bool)
    for reason, mask in (
        ("another count for the same area, event and year", unlike),
        ("same area, event and year as an earlier row", good.duplicated(_BY) & ~unlike),
    ):
        of_count[reason] = mask.reindex(table.index, fill_value=False)
    if len(columns.events) > 1:
        of_count = {
            f"{reason}: {named}": mask & (table["event"] == named)
            for reason, mask in of_count.items()
            for named in columns.events
        }
    why = pd.DataFrame(of_row | of_count).astype(bool)
    kept = table[~why.any(axis=1)].reset_index(drop=True)
    rows = kept.pop("row")
    kept = kept.astype(dict.fromkeys(("area_code", "event", "status"), schemas.text_dtype()))
    reading = ReadReport(
        how=local_sheets.COUNTS,
        rows=table["row"].nunique(),
        sheets_left=left,
        sheets_hidden=hidden,
        claims=claims([name, *sheet.titles]),
    )
    return LocalCounts(kept, _rejects(table["row"], why), rows, reading)


def _sheet(path: Path) -> tuple[local_cells.Sheet, tuple[int, ...], tuple[int, ...]]:
    """Return the first sheet with counts, and the numbers of the other and the hidden ones."""
    found = local_cells.sheets(local_cells.content_of(path), path.name, _known)
    found = [each for each in found if _has_counts(each.header)]
    hidden = tuple(each.number for each in found if each.hidden)
    found = local_sheets.visible(found, path.name)
    if not found:
        raise SchemaError(
            f"{path.name!r} has no row of headings with area_code and count. Expected a row per "
            "area with area_code, count and, if there are several, year and event."
        )
    return found[0], tuple(each.number for each in found[1:]), hidden


@dataclass(frozen=True)
class _Columns:
    """The columns of counts: ``places`` by our names, and the place of the counts of each event."""

    places: Mapping[str, int]
    events: Mapping[str | None, int]
    names: Sequence[int]

    @property
    def used(self) -> set[int]:
        keys = [self.places[each] for each in ("area_code", "year", "event") if each in self.places]
        return {*keys, *self.names, *self.events.values()}


def _table(
    sheet: local_cells.Sheet, columns: _Columns, year: int | None, names: Mapping[str, str] | None
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return a row for each count, and the numbers of the rows with too many cells."""
    import pandas as pd

    numbers, cells = sheet.rows(sorted(columns.used))

    def text(spot: int) -> pd.Series:
        return pd.Series(cells[spot].values(), dtype=object)

    places = columns.places
    area = text(places["area_code"])
    for spot in columns.names:
        # A row without a code and with the name "Unknown" is of an unknown area.
        named = text(spot)
        area = area.where((area != "") | ~named.map(local_areas.is_nowhere), named)
    code = area.map(lambda each: local_areas.code_of(each, names) or "")
    years = text(places["year"]).map(year_of) if "year" in places else pd.Series(year, code.index)
    parts = []
    for event, spot in columns.events.items():
        counts = [_count(each) for each in text(spot)]
        kinds = text(places["event"]).map(event_of) if "event" in places else event
        part = {
            "row": numbers,
            "area_code": code,
            "event": pd.Series(kinds, code.index, dtype=object),
            "year": pd.array([None if pd.isna(each) else each for each in years], dtype="Int64"),
            "count": pd.array([number for number, _ in counts], dtype="Int64"),
            "status": pd.Series([state for _, state in counts], dtype=object),
        }
        parts.append(pd.DataFrame(part))
    # In the order of the file, the events of a row next to each other.
    table = pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)
    return table, numbers[local_cells.overfull(cells, len(numbers))]


def _check_breakdown(
    table: pd.DataFrame, sheet: local_cells.Sheet, columns: _Columns, name: str
) -> None:
    """Reject counts with several rows for most areas that another column distinguishes."""
    import pandas as pd

    several = table[table.duplicated(_BY, keep=False)]
    areas = len(table.drop_duplicates(_BY))
    others = [spot for spot in range(len(sheet.header)) if spot not in columns.used]
    if not others or len(several.drop_duplicates(_BY)) * 2 <= areas:
        return
    numbers, cells = sheet.rows(others)
    for spot, column in cells.items():
        values = pd.Series(column.values(), index=numbers)
        marked = several.assign(cell=several["row"].map(values))
        if marked.groupby(_BY, dropna=False)["cell"].nunique().gt(1).all():
            raise SchemaError(
                f"{name!r} has several rows for the same area, event and year that differ in "
                f"column {sheet.header[spot]!r}. Expected one row for each: add them up, or keep "
                "only the rows of the total."
            )


def _last_ended(today: dt.date | None) -> int:
    """Return the last year ending 31 March that has ended."""
    # A day of grace, because clocks differ.
    day = (today or timestamps.now().date()) + dt.timedelta(days=1)
    return day.year if day >= reporting_year_days(day.year)[1] else day.year - 1


def _columns(header: Sequence[str], name: str, event: str | None) -> _Columns:
    """Return the columns of a sheet of counts; the event is None if the file does not name it."""
    places, named, names = layouts.places(header), _named(header), layouts.of_names(header)
    if not named:
        heading = header[places["count"]]
        if [key(each) for each in header].count(key(heading)) > 1:
            raise SchemaError(
                f"{name!r} has more than one column {heading!r}. Name the event in the heading of "
                "each, or keep one."
            )
        return _Columns(places, {event: places["count"]}, names)
    listed = some([repr(header[spot]) for _, spot in named], most=10)
    if "event" in places and len(named) > 1:
        raise SchemaError(
            f"{name!r} has a column {header[places['event']]!r} and more than one heading that "
            f"names an event ({listed}). Give either one column of counts and a row for each "
            "event, or a column for each event and none that names it."
        )
    if "count" in places:
        raise SchemaError(
            f"{name!r} has a column {header[places['count']]!r}, which does not name what it "
            f"counts, next to {listed}. Name the event in its heading, or leave the column out."
        )
    events = [each for each, _ in named]
    twice = sorted({each for each in events if events.count(each) > 1})
    if twice:
        raise SchemaError(
            f"{name!r} has more than one column for {some(twice)}: its counts are under {listed}. "
            "Keep one of each."
        )
    if event is not None and event not in events:
        raise UsageError(
            f"{name!r} counts {some(events)} by its headings ({listed}), not event={event!r}. "
            "Leave event= (--kind) out, or correct the heading."
        )
    return _Columns(places, dict(named), names)


def _rejects(rows: pd.Series, why: pd.DataFrame) -> pd.DataFrame:
    """Return the number of each row that has a reason, with its reasons in the order of ``why``."""
    import pandas as pd

    by_row = why.groupby(rows.to_numpy()).any()
    by_row = by_row[by_row.any(axis=1)]
    reasons = [
        "; ".join(by_row.columns[list(each)]) for each in by_row.itertuples(index=False, name=None)
    ]
    return pd.DataFrame(
        {"row": by_row.index.to_numpy(dtype="int64"), "reason": pd.Series(reasons, dtype=object)}
    )


def _known(row: Sequence[str]) -> int:
    return len(layouts.places(row)) + len(_named(row)) + len(layouts.across(row))


def _has_counts(header: Sequence[str]) -> bool:
    places = layouts.places(header)
    counted = "count" in places or _named(header) or layouts.across(header)
    return "area_code" in places and bool(counted)


def _named(header: Sequence[str]) -> list[tuple[str, int]]:
    """Return the event and place of each column whose heading names one."""
    found = [(layouts.named(cell)[0], spot) for spot, cell in enumerate(header)]
    return [(event, spot) for event, spot in found if event is not None]


def _count(text: str) -> tuple[int | None, str]:
    plain = text.strip()
    if (number := _spreadsheet_damage.whole(plain)) is not None:
        return number, "value"
    if plain in {"*", "**", "<5", "<6"}:
        return None, "suppressed"
    return None, CURRENT.get(plain.casefold(), "")


def described(counts: pd.DataFrame) -> str:
    """Return in a line what counts were read."""
    events = sorted(set(counts["event"].dropna()))
    years = sorted(set(counts["year"].dropna()))
    return (
        f"{len(counts)} counts of {some(events) if events else 'events that it does not name'}, "
        f"years {some(years, most=10) if years else 'not named'}, "
        f"{counts['area_code'].nunique()} areas"
    )
