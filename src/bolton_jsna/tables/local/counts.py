"""Counts that the authority has added up itself: a row per area, or per area and year.

What is counted is told by a column, by the heading of the counts, or, where several events stand
beside each other, by a heading for each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.errors import SchemaError, UsageError, choice, some
from bolton_jsna.core.reading.unexpected import one_error
from bolton_jsna.core.years import reporting_year_days
from bolton_jsna.tables import _spreadsheet_damage, schemas
from bolton_jsna.tables._markers import CURRENT
from bolton_jsna.tables._row_widths import OVERFULL
from bolton_jsna.tables.local import _count_layouts as local_count_layouts
from bolton_jsna.tables.local import cells as local_cells
from bolton_jsna.tables.local import count_areas as local_areas
from bolton_jsna.tables.local import sheets as local_sheets
from bolton_jsna.tables.local._count_layouts import EVENTS, event_of, year_of
from bolton_jsna.tables.local.claims import Claims, claims
from bolton_jsna.tables.local.layouts import Said, key, names_children, recognised

if TYPE_CHECKING:
    import pandas as pd

_NO_CODE: Final = "area code is not a GSS code"
_NO_NAME: Final = "area name is not that of a ward or LSOA"


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
        ``row`` and ``reason``. Where a row counts several events, a reason that holds for one of
        them ends with its name, and the others are used.
    rows : int
        Rows of the file below the headings that are not empty.
    numbers : Series
        The row of each count, on the same index as ``counts``.
    sheets_left, sheets_hidden : tuple of int
        Sheets of a workbook, by number, that hold counts too and were not read; hidden ones.
    claims : Claims
        What the file's name, title and sheet say of it.
    """

    counts: pd.DataFrame
    rejects: pd.DataFrame
    rows: int = 0
    numbers: pd.Series = field(default_factory=_no_numbers)
    sheets_left: tuple[int, ...] = ()
    sheets_hidden: tuple[int, ...] = ()
    claims: Claims = field(default_factory=Claims)


@one_error
def are_counts(path: str | Path) -> bool:
    r"""Say whether a file holds counts by area rather than records of children."""
    content = local_cells.content_of(Path(path))
    if content.lstrip()[:1] == b"<":
        return False
    name = Path(path).name
    # A letter of a record may be a heading of counts, so what has a child is looked for first.
    of_children = local_cells.sheets(content, name, lambda cells: recognised(cells, Said()))
    if any(names_children(each.header) for each in of_children if not each.hidden):
        return False
    return any(_has_counts(each.header) for each in local_cells.sheets(content, name, _known))


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
        like) and ``count``, and if there are several ``year`` and ``event``. In place of
        ``count`` and ``event`` there may be a column for each event, headed by a word of
        :data:`EVENTS` (Referrals, Plans); columns with other headings are left out.
    event : {"referrals", "cpp_started", "cpp_at_31_march"}, optional
        What is counted, where the file does not say.
    year : int, optional
        Year ending 31 March, where the file does not say.
    whole : bool, default True
        Refuse a file of which neither it nor the call says the year and the event; otherwise
        these are missing.
    names : Mapping of str to str, optional
        Codes of areas by name, as :func:`~bolton_jsna.tables.local.count_areas.names_of` gives
        them, for a file that names its areas.
    today : date, optional
        A year that ends after it cannot be counted; the day of the call by default.

    Returns
    -------
    LocalCounts
        ``2024-25`` and ``2024/25`` are the year ending 31 March 2025. Markers such as ``c`` and
        ``*`` keep their state and have no count. A row of the file gives one count, or one for
        each of its columns that name an event, in their order.

    Raises
    ------
    UsageError
        When neither the file nor the call says the year or the event, or the call names an event
        that is none of the several in the headings.
    SourceError
        When the file cannot be read.
    SchemaError
        When it lacks a column, or has columns that contradict each other: two for one event,
        several events beside a column ``event``, or a count without an event beside these.

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
    if event is not None:
        choice("event", event, sorted(set(EVENTS.values())))
    sheet, left, hidden = _sheet(path)
    local_count_layouts.refuse_years_across(sheet.header, path.name)
    places = _places(sheet.header)
    events = _counted(sheet.header, path.name, event)
    if "year" not in places:
        year = _year(sheet.header, events, year, path.name)
    if whole and "year" not in places and year is None:
        raise UsageError(
            f"{path.name!r} does not say the year: add year= or --year (ending 31 March)."
        )
    if whole and "event" not in places and None in events:
        raise UsageError(
            f"{path.name!r} does not say what is counted: add event=, or --kind referrals or "
            "--kind plans."
        )
    wanted = [places[each] for each in ("area_code", "year", "event") if each in places]
    wanted += local_count_layouts.of_names(sheet.header)
    numbers, columns = sheet.rows(sorted({*wanted, *events.values()}))

    def text(spot: int) -> pd.Series:
        column = columns[spot]
        return pd.Series(column.take(column.texts, object), dtype=object)

    by_name = local_count_layouts.holds_names(sheet.header[places["area_code"]])
    beside = [text(spot) for spot in local_count_layouts.of_names(sheet.header)]
    code = _codes(text(places["area_code"]), beside, names)
    years = text(places["year"]).map(year_of) if "year" in places else pd.Series(year, code.index)
    parts = []
    for named, spot in events.items():
        counts = [_count(each) for each in text(spot)]
        kinds = (
            text(places["event"]).map(event_of)
            if "event" in places
            else pd.Series(named, code.index, dtype=object)
        )
        part = {
            "row": numbers,
            "area_code": code,
            "event": kinds.astype(object),
            "year": pd.array([None if pd.isna(each) else each for each in years], dtype="Int64"),
            "count": pd.array([number for number, _ in counts], dtype="Int64"),
            "status": pd.Series([state for _, state in counts], dtype=object),
        }
        parts.append(pd.DataFrame(part))
    # In the order of the file, the events of a row beside each other.
    table = pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)
    of_row = {
        OVERFULL: table["row"].isin(numbers[local_cells.overfull(columns, len(numbers))]),
        (_NO_NAME if by_name else _NO_CODE): table["area_code"] == "",
        "year cannot be read": table["year"].isna() & ("year" in places),
        "year that has not ended": (table["year"] > _last_ended(today)).fillna(value=False),
        "what is counted is not known": table["event"].isna() & ("event" in places),
    }
    of_count = {"count is neither a whole number nor a known marker": table["status"] == ""}
    good = ~pd.DataFrame(of_row | of_count).any(axis=1)
    by = ["area_code", "event", "year"]
    _refuse_other_years(table[good], events, sheet.header, path.name)
    _refuse_breakdown(table[good], by, sheet, {*wanted, *events.values()}, path.name)
    again = table[good].duplicated(by)
    # Which of two counts is right is not for the order of the file to say.
    unlike = table[good].duplicated(by, keep=False) & ~table[good].duplicated(
        [*by, "count", "status"], keep=False
    )
    same = [table.loc[good, each] for each in by]
    unlike = unlike.groupby(same, dropna=False).transform("any").astype(bool)
    of_count["another count for the same area, event and year"] = unlike.reindex(
        table.index, fill_value=False
    )
    again &= ~unlike
    of_count["same area, event and year as an earlier row"] = again.reindex(
        table.index, fill_value=False
    )
    if len(events) > 1:
        of_count = {
            f"{reason}: {named}": mask & (table["event"] == named)
            for reason, mask in of_count.items()
            for named in events
        }
    why = pd.DataFrame(of_row | of_count).astype(bool)
    kept = table[~why.any(axis=1)].reset_index(drop=True)
    rows = kept.pop("row")
    kept = kept.astype(dict.fromkeys(("area_code", "event", "status"), schemas.text_dtype()))
    says = claims([path.name, *sheet.says])
    return LocalCounts(kept, _rejects(table["row"], why), len(numbers), rows, left, hidden, says)


def _sheet(path: Path) -> tuple[local_cells.Sheet, tuple[int, ...], tuple[int, ...]]:
    """Return the first sheet with counts, and the numbers of those left aside and hidden."""
    found = local_cells.sheets(local_cells.content_of(path), path.name, _known)
    found = [each for each in found if _has_counts(each.header)]
    hidden = tuple(each.number for each in found if each.hidden)
    found = local_sheets.visible(found, path.name)
    if not found:
        raise SchemaError(
            f"{path.name!r} lacks area_code and count in one row of headings. Expected a row per "
            "area with area_code, count and, if there are several, year and event."
        )
    return found[0], tuple(each.number for each in found[1:]), hidden


def _year(
    header: Sequence[str], events: Mapping[str | None, int], year: int | None, name: str
) -> int | None:
    """Return the year of counts that have no column for it: as asked, or as their headings say."""
    told = {spot: local_count_layouts.named(header[spot])[1] for spot in events.values()}
    for spot, stated in told.items():
        local_count_layouts.refuse_another_year(stated, [year], header[spot], name)
    return year if year is not None or len(set(told.values())) > 1 else next(iter(told.values()))


def _refuse_other_years(
    table: pd.DataFrame, events: Mapping[str | None, int], header: Sequence[str], name: str
) -> None:
    """Refuse rows of another year than the heading of their counts names."""
    for event, spot in events.items():
        stated = local_count_layouts.named(header[spot])[1]
        if stated is not None:
            years = table.loc[table["event"] == event, "year"].dropna().astype(int)
            local_count_layouts.refuse_another_year(stated, set(years), header[spot], name)


def _codes(
    written: pd.Series, named: Sequence[pd.Series], names: Mapping[str, str] | None
) -> pd.Series:
    """Return the codes of areas, empty where there is none, though not beside "Unknown"."""
    for column in named:
        written = written.where((written != "") | ~column.map(local_areas.is_nowhere), column)
    return written.map(lambda each: local_areas.code_of(each, names) or "")


def _refuse_breakdown(
    table: pd.DataFrame, by: list[str], sheet: local_cells.Sheet, known: set[int], name: str
) -> None:
    """Refuse counts with several rows for most areas that another column tells apart."""
    import pandas as pd

    several = table[table.duplicated(by, keep=False)]
    areas = len(table.drop_duplicates(by))
    others = [spot for spot in range(len(sheet.header)) if spot not in known]
    if not others or len(several.drop_duplicates(by)) * 2 <= areas:
        return
    numbers, columns = sheet.rows(others)
    for spot, column in columns.items():
        cells = pd.Series(column.take(column.texts, object), index=numbers)
        told = several.assign(cell=several["row"].map(cells))
        if told.groupby(by, dropna=False)["cell"].nunique().gt(1).all():
            raise SchemaError(
                f"{name!r} has several rows for the same area, event and year that differ in "
                f"column {sheet.header[spot]!r}. Expected one row for each: add them up, or leave "
                "the rows of the total only."
            )


def _last_ended(today: dt.date | None) -> int:
    """Return the last year ending 31 March that has ended; a day of grace, as clocks differ."""
    day = (today or dt.datetime.now(dt.UTC).date()) + dt.timedelta(days=1)
    return day.year if day >= reporting_year_days(day.year)[1] else day.year - 1


def _counted(header: Sequence[str], name: str, event: str | None) -> dict[str | None, int]:
    """Return the event of each column of counts (none where it is not said) and its place."""
    places, named = _places(header), _named(header)
    if not named:
        heading = header[places["count"]]
        if [key(each) for each in header].count(key(heading)) > 1:
            raise SchemaError(
                f"{name!r} has more than one column {heading!r}. Name the event in the heading of "
                "each, or leave one."
            )
        return {event: places["count"]}
    told = some([repr(header[spot]) for _, spot in named], most=10)
    if "event" in places and len(named) > 1:
        raise SchemaError(
            f"{name!r} has a column {header[places['event']]!r} and more than one that names an "
            f"event itself ({told}). Give either one column of counts and a row for each event, or "
            "a column for each event and none that names it."
        )
    if "count" in places:
        raise SchemaError(
            f"{name!r} has a column {header[places['count']]!r}, which does not say what it "
            f"counts, beside {told}. Name the event in its heading, or leave it out."
        )
    events = [each for each, _ in named]
    twice = sorted({each for each in events if events.count(each) > 1})
    if twice:
        raise SchemaError(
            f"{name!r} has more than one column for {some(twice)}: its counts are under {told}. "
            "Leave one of each."
        )
    if event is not None and event not in events:
        raise UsageError(
            f"{name!r} counts {some(events)} by its headings ({told}), and event={event!r} is none "
            "of them. Leave event= (--kind) out, or correct the heading."
        )
    return dict(named)


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
    return len(_places(row)) + len(_named(row)) + len(local_count_layouts.across(row))


def _has_counts(header: Sequence[str]) -> bool:
    places = _places(header)
    counted = "count" in places or _named(header) or local_count_layouts.across(header)
    return "area_code" in places and bool(counted)


def _places(header: Sequence[str]) -> dict[str, int]:
    return local_count_layouts.places(header)


def _named(header: Sequence[str]) -> list[tuple[str, int]]:
    """Return the event and place of each column whose heading names one."""
    found = [(local_count_layouts.named(cell)[0], spot) for spot, cell in enumerate(header)]
    return [(event, spot) for event, spot in found if event is not None]


def _count(text: str) -> tuple[int | None, str]:
    plain = text.strip()
    if (number := _spreadsheet_damage.whole(plain)) is not None:
        return number, "value"
    if plain in {"*", "**", "<5", "<6"}:
        return None, "suppressed"
    return None, CURRENT.get(plain.casefold(), "")


def told(found: LocalCounts) -> str:
    """Return in a line what counts were understood."""
    counts = found.counts
    events = sorted(set(counts["event"].dropna()))
    years = sorted(set(counts["year"].dropna()))
    return (
        f"{len(counts)} counts of {some(events) if events else 'events that it does not name'}, "
        f"years {some(years, most=10) if years else 'not named'}, "
        f"{counts['area_code'].nunique()} areas"
    )
