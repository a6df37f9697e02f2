"""Read a file of Explore education statistics: a row for each area, time and group."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.catalogue.indicators import Indicator
from bolton_jsna.core.errors import OtherTableError, some
from bolton_jsna.tables import _files, schemas
from bolton_jsna.tables._left_out import without
from bolton_jsna.tables.children_in_need import area_rows
from bolton_jsna.tables.indicators import _figures
from bolton_jsna.tables.indicators._layouts import Wanted, wanted_of
from bolton_jsna.tables.reader_notes import remark

if TYPE_CHECKING:
    import pandas as pd

_EXPECTED: Final = "an open data file of DfE with time_period and geographic_level"
_NEEDED: Final = {"time_period", "geographic_level"}
_LEVELS: Final = ("national", "regional", "region", "local authority", "la")


def read(path: Path, entries: Mapping[str, Indicator]) -> pd.DataFrame:
    """Return the figures of every indicator that a file has."""
    found = _files.found_table(
        path,
        lambda headings: headings >= _NEEDED,
        expected=_EXPECTED,
        wanted=lambda row: _rows_wanted(row, entries),
    )
    frame = found.frame.rename(columns=_files.heading)
    serving = wanted_of(frame.columns, entries)
    if not serving:
        raise OtherTableError(
            f"{path.name!r} has no indicator of the dictionary. It has "
            f"{some(map(repr, found.frame.columns), most=12)}. bolton-jsna indicators lists the "
            "indicators and their files."
        )
    frame = _of_areas(frame, name=path.name)
    years = _years(frame, name=path.name)
    release = int(years.max())
    # As objects: taking rows of pandas's string columns is slow, and each indicator takes some.
    places = _places(frame.loc[years.index], name=path.name).astype(object).assign(year=years)
    frame = frame.loc[places.index]
    parts: dict[str, tuple[Indicator, pd.DataFrame]] = {}
    for each in serving:
        # The first layout with rows is used: headings alone may be those of several files.
        if each.indicator.id not in parts:
            rows = _figures.rows_of(each, frame, places, name=path.name)
            if len(rows):
                parts[each.indicator.id] = (each.indicator, rows)
    if not parts:
        raise OtherTableError(
            f"{path.name!r} has the headings of {some(each.indicator.id for each in serving)}, but "
            "no row with the groups that the dictionary names. Check that the file is complete."
        )
    rows = _figures.completed(list(parts.values()), release=release, name=path.name)
    return schemas.conform(_figures.one_each(rows, name=path.name), "indicators")


def serving_of(path: Path, entries: Mapping[str, Indicator]) -> list[Wanted]:
    """Return the indicators whose layout fits the headings of a file."""
    headings = _files.first_headings(path, lambda found: found >= _NEEDED)
    if headings is None:
        found = _files.found_tables(path, lambda each: each >= _NEEDED, expected=_EXPECTED)
        headings = list(found[0].frame.columns)
    return wanted_of(headings, entries)


def _rows_wanted(
    row: Sequence[str], entries: Mapping[str, Indicator]
) -> Callable[[Sequence[str]], bool] | None:
    """Return which rows below the headings any indicator is made of, to save memory."""
    headings = [_files.heading(each) for each in row]
    if not set(headings) >= _NEEDED:
        return None
    serving = wanted_of(headings, entries)
    if not serving:
        return lambda _: True
    level = headings.index("geographic_level")
    filters = [_filters(each, headings) for each in serving]
    places = sorted({level, *(at for each in filters for at, _ in each)})
    known: dict[tuple[str, ...], bool] = {}

    def wanted(cells: dict[int, str]) -> bool:
        # A row without a level is a footnote, which is reported.
        if not cells[level]:
            return True
        return cells[level] in _LEVELS and any(
            all(cells[at] in words for at, words in each) for each in filters
        )

    def keep(cells: Sequence[str]) -> bool:
        if len(cells) <= places[-1]:
            return True
        # A file has few combinations of groups: each is looked at once.
        key = tuple([cells[at] for at in places])
        found = known.get(key)
        if found is None:
            words = [_files.heading(each) for each in key]
            found = known[key] = wanted(dict(zip(places, words, strict=True)))
        return found

    return keep


def _filters(wanted: Wanted, headings: Sequence[str]) -> list[tuple[int, frozenset[str]]]:
    """Return the places of the filter columns and the words that a row may have in each."""
    layout = wanted.columns
    words: dict[str, set[str]] = {}
    for each, values in layout.where.items():
        words.setdefault(each, set()).update(_files.heading(value) for value in values)
    for each, values in layout.population_where.items():
        # A column with no filter for the count may have any word.
        if each in words:
            words[each].update(_files.heading(value) for value in values)
    return [
        (headings.index(_files.heading(each)), frozenset(values)) for each, values in words.items()
    ]


def _of_areas(frame: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return the rows of England, regions and authorities."""
    level = frame["geographic_level"].str.casefold()
    bare = level == ""
    if bare.any():
        remark(f"{name!r} has {int(bare.sum())} rows of text without an area: not used.")
    other = ~level.isin(_LEVELS) & ~bare
    if other.any():
        levels = some(map(repr, frame.loc[other, "geographic_level"].unique()))
        remark(f"{name!r} has {int(other.sum()):,} rows of {levels}: not used.")
    frame = frame[level.isin(_LEVELS)]
    if frame.empty:
        raise OtherTableError(
            f"{name!r} has no row of England, a region or an authority that the dictionary names. "
            f"Expected {_EXPECTED}."
        )
    return frame


def _years(frame: pd.DataFrame, *, name: str) -> pd.Series:
    """Return the year in which each period ends: 2025 of ``2025`` and of ``202425``."""
    periods = frame["time_period"].str.replace(r"[/_-]", "", regex=True)
    first = periods.str.extract(r"^(20\d\d)(\d\d)?$")
    start = first[0].astype("Int64")
    end = first[1].astype("Int64")
    odd = start.isna() | (end.notna() & (end != (start + 1) % 100))
    shown = some(map(repr, frame.loc[odd, "time_period"].unique()))
    years = without(
        start + end.notna(),
        odd,
        f"{name!r}: time_period has {shown}; expected years such as 2025 or 202425.",
    )
    return years.astype("Int64")


def _places(frame: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return the register's code, name and level of each row's area."""
    import pandas as pd

    def cells(column: str) -> pd.Series:
        if column in frame.columns:
            return frame[column]
        return pd.Series("", index=frame.index, dtype=object)

    regional = frame["geographic_level"].str.casefold().str.startswith("region")
    codes = cells("new_la_code").mask(regional, cells("region_code"))
    found = area_rows.places(
        frame["geographic_level"],
        codes=codes,
        numbers=cells("old_la_code"),
        names=cells("la_name").mask(regional, cells("region_name")),
        name=name,
    )
    return found.assign(**{_figures.GIVEN: codes.loc[found.index]})
