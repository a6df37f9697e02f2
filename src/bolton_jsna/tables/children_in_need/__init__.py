"""Read children in need, child protection plans and children looked after of DfE.

There are three kinds of files: with one column for each figure (b1, c1, c4, d1 and so on, releases
since 2013), with one row for each figure (children looked after, England's time series), and the
wide underlying data of 2009-10 to 2012-13. The headings of each release are in ``layouts.toml``.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import OtherTableError, SchemaError, choice, some
from bolton_jsna.core.provenance import source_id
from bolton_jsna.core.reading.unexpected import one_error
from bolton_jsna.tables import _files, _markers, schemas
from bolton_jsna.tables._left_out import without
from bolton_jsna.tables.children_in_need import area_rows
from bolton_jsna.tables.children_in_need.children_referred import with_persons
from bolton_jsna.tables.children_in_need.layouts import (
    DfeLayout,
    DfeTable,
    as_year,
    layout_of,
    layouts,
    release_of,
    wide_heading,
    wide_release,
    words,
)
from bolton_jsna.tables.reader_notes import remark

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger(__name__)
_EXPECTED = "a DfE file of children in need or looked after"
_TOTALS: Final = ("total", "all", "all children", "all ages", "persons")


@checked
@one_error
def read(path: str | Path, *, release: str | int | None = None) -> pd.DataFrame:
    r"""Return the counts and published rates of one DfE file, with markers as states.

    Parameters
    ----------
    path : str or Path
        A file of "Children in need" or "Children looked after in England" (CSV, gzipped CSV, zip
        with one CSV): b1, b3, c1, c4, c5, d1 to d5, a1, a2, ``cla_number_and_rate...``, or the
        underlying data of 2009-10 to 2012-13.
    release : str or int, optional
        The reporting year of the release. By default it is detected from the rows and file name.

    Returns
    -------
    pandas.DataFrame
        Table ``children_in_need``: one row for each area, year (ending 31 March) and indicator.
        ``count`` in children or events; ``published_rate`` per 10,000 children aged 0-17 as
        printed; ``population`` if the file has the denominator. ``status`` and
        ``published_rate_status`` may differ: a hidden count can have a printed rate. ``persons``
        are the children of a count of events, if the file counts both.

    Raises
    ------
    SourceError
        When the file does not exist, is empty, is damaged, or is a web page.
    SchemaError
        When the headings are of no known release or of another than ``release``; a column is
        missing; a cell is neither number nor marker; an area is unknown; or two rows for one
        area and year disagree.
    UsageError
        When ``release`` is not a year.

    Notes
    -----
    Source: DfE, Characteristics of children in need and Children looked after in England (Open
    Government Licence v3.0). England and regions are rounded to 10 since 2013, and England to 100
    or 10 before; authorities are not rounded. ``x`` hides 1 to 5 in the files of 2009-10 to 2012-13
    and means "not available" since. An authority with two codes in one file (Barnsley, Gateshead,
    Northumberland, Sheffield) has the code of the register.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> header = "time_period,geographic_level,old_la_code,new_la_code,la_name,CPP_start,CPP_At31"
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "d1_child_protection_plans_2013_to_2024.csv")
    ...     text = f"{header}\n2024,Local authority,350,E08000001,Bolton,12,c\n"
    ...     _ = file.write_text(text, encoding="utf-8")
    ...     table = read(file)
    >>> table[["area_name", "year", "indicator", "count", "status", "source"]]
      area_name  year        indicator  count      status                 source
    0    Bolton  2024  cpp_at_31_march   <NA>  suppressed  children_in_need@2024
    1    Bolton  2024      cpp_started     12       value  children_in_need@2024
    """
    wanted = as_year(release)
    path = Path(path)
    _reject_others(path)
    found = _files.found_table(path, _is_heading, expected=_EXPECTED)
    frame = found.frame
    if frame.empty:
        raise SchemaError(
            f"{path.name!r} has headings but no rows. Expected {_EXPECTED}; download it again."
        )
    table = DfeTable(
        name=path.name,
        frame=frame.rename(columns=_files.heading),
        printed=tuple(frame.columns),
        title=found.above if found.sheet == path.name else f"{found.above} {found.sheet}",
    )
    if table.has("geog_l"):
        rows, year, dataset = _read_wide(table, wanted)
    else:
        rows, year, dataset = _read_since_2013(table, wanted)
    rows = rows.assign(release=str(year), source=source_id(dataset, year))
    rows = with_persons(area_rows.one_per_area(rows, name=path.name))
    return schemas.conform(rows, "children_in_need")


def indicators() -> tuple[str, ...]:
    """Return the names of all indicators."""
    tidy = [name for layout in layouts() for name in layout.figures]
    long = [name for file in words()["long"].values() for name in file["figures"].values()]
    return tuple(dict.fromkeys([*tidy, *long, *words()["wide"]["count"]]))


def check_indicator(option: str, name: object) -> None:
    """Reject a name that is not an indicator; the error names those like it."""
    meanings = words()["meanings"]
    about = {
        each: " ".join(meanings.get(part, "") for part in each.split("_")) for each in indicators()
    }
    choice(option, name, indicators(), about=about)


def _reject_others(path: Path) -> None:
    """Reject a file of other figures by its headings, before all of it is read."""
    import pandas as pd

    headings = _files.first_headings(path, _is_heading)
    if headings is not None:
        table = DfeTable(
            name=path.name,
            frame=pd.DataFrame(columns=[_files.heading(each) for each in headings]),
            printed=tuple(filter(None, headings)),
        )
        if not table.has("geog_l"):
            layout_of(table)


def _is_heading(found: set[str]) -> bool:
    return {"time_period", "geographic_level"} <= found or {"geog_l", "geog_n"} <= found


def _read_since_2013(table: DfeTable, wanted: int | None) -> tuple[pd.DataFrame, int, str]:
    """Return the rows, release and dataset of a file of Explore education statistics."""
    layout = layout_of(table)
    table = _of_years(table)
    if not layout.roles:
        table = _of_totals(table)
    years = table.cells("time_period").astype(int)
    year = release_of(table, layout, wanted, last=int(years.max()))
    regional = table.cells("geographic_level").str.casefold().str.startswith("region")
    places = area_rows.places(
        table.cells("geographic_level"),
        codes=table.cells("new_la_code").mask(regional, table.cells("region_code")),
        numbers=table.cells("old_la_code"),
        names=table.cells("la_name").mask(regional, table.cells("region_name")),
        name=table.name,
    ).assign(year=years)
    table = replace(table, frame=table.frame.loc[places.index])
    if layout.roles:
        return _by_row(table, layout, places), year, layout.dataset
    rows = _by_column(
        table,
        places,
        {indicator: ([count], rates) for indicator, (count, *rates) in layout.figures.items()},
        core=layout.core,
        hint=f"A file of {layout.title} must have it: check the file's headings.",
    )
    return rows, year, layout.dataset


def _of_years(table: DfeTable) -> DfeTable:
    """Return the rows of reporting years, without footnotes."""
    periods = table.cells("time_period")
    odd = ~periods.str.fullmatch("20[0-9]{2}")
    bare = odd & (table.cells("geographic_level") == "")
    if bare.any():
        remark(f"{table.name!r} has {int(bare.sum())} rows of text without an area: not used.")
    odd, frame = odd[~bare], table.frame[~bare]
    if frame.empty:
        raise SchemaError(
            f"{table.name!r} has headings and text, but no row of an area. Expected {_EXPECTED}; "
            "download it again."
        )
    shown = some(map(repr, periods[odd.index][odd].unique()))
    problem = f"{table.name!r}: time_period has {shown}; expected reporting years such as 2025."
    return replace(table, frame=without(frame, odd, problem))


def _of_totals(table: DfeTable) -> DfeTable:
    """Return the totals of a file that has several rows for an area and year."""
    place = ["time_period", "geographic_level", "region_code", "new_la_code", "old_la_code"]
    named = [each for each in place if table.has(each)]
    twice = table.frame.duplicated(named, keep=False)
    if not twice.any():
        return table
    by = [
        each
        for each in table.frame.columns
        if each not in place
        and table.frame.loc[twice].groupby(named)[each].nunique().max() > 1
        and not _markers.are_figures(table.frame.loc[twice, each])
    ]
    if not by:
        return table
    total = table.frame[by].apply(lambda each: each.str.casefold().isin(_TOTALS)).all(axis=1)
    kept = table.frame[total]
    if kept.empty or kept.duplicated(named).any():
        raise OtherTableError(
            f"{table.name!r} has several rows of an area and year: it is broken down by "
            f"{some(map(repr, by))}. Expected one row, as in the file without the breakdown."
        )
    remark(
        f"{table.name!r} is broken down by {some(map(repr, by))}: its totals are read, and "
        f"{len(table.frame) - len(kept):,} rows are not used."
    )
    return replace(table, frame=kept)


def _by_column(
    table: DfeTable,
    places: pd.DataFrame,
    figures: Mapping[str, tuple[Sequence[str], Sequence[str]]],
    *,
    core: Sequence[str],
    hint: str,
    population: str | None = None,
    meanings: Mapping[str, str] = _markers.CURRENT,
) -> pd.DataFrame:
    """Return the rows of each indicator, by the headings of its count and of its rate."""
    import pandas as pd

    parts = []
    for indicator, (counts, rates) in figures.items():
        count, rows = table.first(counts), places.assign(indicator=indicator)
        if count:
            rate = table.first(rates)
            parts.append(
                _figures(table, rows, count, rate, population=population, meanings=meanings)
            )
        elif indicator in core:
            raise table.no_column(counts[0], hint)
        else:
            _log.info("%s has no column %s: no %s is read", table.name, counts[0], indicator)
    return pd.concat(parts, ignore_index=True)


def _by_row(table: DfeTable, layout: DfeLayout, places: pd.DataFrame) -> pd.DataFrame:
    figures = words()["long"][layout.file]["figures"]
    known = {_files.heading(figure): indicator for figure, indicator in figures.items()}
    printed = table.cells(layout.roles["figure"])
    indicator = printed.map(_files.heading).map(known)
    missing = [each for each in layout.core if each not in set(indicator.dropna())]
    if missing or indicator.isna().all():
        raise OtherTableError(
            f"{table.name!r}: column {layout.roles['figure']!r} has no rows of "
            f"{some(missing or figures)}. It has {some(map(repr, printed.unique()))}. "
            "Find the complete file."
        )
    roles = layout.roles
    rows = _figures(
        table,
        places.assign(indicator=indicator),
        roles["count"],
        roles["rate"],
        population=roles.get("population"),
    )
    return rows[rows["indicator"].notna()]


def _read_wide(table: DfeTable, wanted: int | None) -> tuple[pd.DataFrame, int, str]:
    """Return the rows, release and dataset of the underlying data of 2009-10 to 2012-13."""
    year = wide_release(table, wanted)

    def headings(templates: Sequence[str]) -> list[str]:
        return [wide_heading(each, year) for each in templates]

    # England's row has the number of the Isle of Wight (921) and in 2012-13 its code too: only the
    # level identifies a national row.
    places = area_rows.places(
        table.cells("geog_l"),
        codes=table.cells("new_la_code"),
        numbers=table.cells("geog_c"),
        names=table.cells("geog_n"),
        name=table.name,
    ).assign(year=year)
    wide = words()["wide"]
    rows = _by_column(
        table,
        places,
        {
            indicator: (headings(counts), headings(wide["rate"].get(indicator, ())))
            for indicator, counts in wide["count"].items()
        },
        core=wide["core"],
        hint="The underlying data of 2009-10 to 2012-13 all have it: check the headings.",
        population=table.first(headings([wide["population"]])),
        meanings=_markers.OLD_WIDE,
    )
    return rows, year, "children_in_need"


def _figures(
    table: DfeTable,
    rows: pd.DataFrame,
    count: str,
    rate: str | None,
    *,
    population: str | None = None,
    meanings: Mapping[str, str] = _markers.CURRENT,
) -> pd.DataFrame:
    """Return rows with the count, rate and population of a column each."""

    def read_column(heading: str, *, whole: bool = True) -> tuple[pd.Series, pd.Series]:
        return _markers.numbers(
            table.cells(heading), meanings=meanings, column=heading, name=table.name, whole=whole
        )

    number, status = read_column(count)
    printed, printed_status = (
        read_column(rate, whole=False) if rate else (float("nan"), "not_available")
    )
    return rows.assign(
        count=number,
        status=status,
        published_rate=printed,
        published_rate_status=printed_status,
        population=read_column(population)[0] if population else float("nan"),
    )
