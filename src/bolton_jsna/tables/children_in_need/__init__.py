"""Children in need, child protection plans and children looked after, as DfE publishes them.

Four shapes are read, told apart by their headings: files with one column per figure (b1, c1, c4,
d1 and so on, releases since 2013), files with one row per figure (children looked after, England's
time series), and the wide underlying data of 2009-10 to 2012-13. What each release calls a figure
is data: ``layouts.toml``.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.errors import OtherTableError, SchemaError, some
from bolton_jsna.core.provenance import source_id
from bolton_jsna.core.reading.unexpected import one_error
from bolton_jsna.tables import _files, _markers, schemas
from bolton_jsna.tables.children_in_need import area_rows
from bolton_jsna.tables.children_in_need.children_referred import with_persons
from bolton_jsna.tables.children_in_need.layouts import (
    Layout,
    Table,
    as_year,
    layout_of,
    layouts,
    release_of,
    wide_heading,
    wide_release,
    words,
)
from bolton_jsna.tables.reader_notes import leave_out, remark

if TYPE_CHECKING:
    import pandas as pd

_LOG = logging.getLogger(__name__)
_EXPECTED = "a DfE file of children in need or looked after"
_TOTALS: Final = ("total", "all", "all children", "all ages", "persons")


@one_error
def read(path: str | Path, *, release: str | int | None = None) -> pd.DataFrame:
    r"""Return the counts and published rates of one DfE file, every marker kept as a state.

    Parameters
    ----------
    path : str or Path
        A file of "Children in need" or "Children looked after in England" (CSV, gzipped CSV, zip
        with one CSV): b1, b3, c1, c4, c5, d1 to d5, a1, a2, ``cla_number_and_rate...``, or the
        underlying data of 2009-10 to 2012-13.
    release : str or int, optional
        The reporting year of the release. Detected from the rows and the file name if not given.

    Returns
    -------
    pandas.DataFrame
        Table ``children_in_need``: one row per area, year (ending 31 March) and indicator.
        ``count`` in children or events; ``published_rate`` per 10,000 children aged 0-17 as
        printed; ``population`` where the file has the denominator. ``status`` and
        ``published_rate_status`` may differ: a hidden count can have a printed rate. ``persons``
        are the children behind a count of events, where the file counts both.

    Raises
    ------
    SourceError
        When the file is not there, is empty, is damaged, or is a web page.
    SchemaError
        When the headings are of no known release or of another than ``release``; a column is
        missing; a cell is neither number nor marker; an area is unknown; or two rows for one
        area and year disagree.
    UsageError
        When ``release`` is no year.

    Notes
    -----
    Source: DfE, Characteristics of children in need and Children looked after in England (Open
    Government Licence v3.0). England and regions are rounded to 10 since 2013, and England to 100
    or 10 before; authorities are not rounded. ``x`` hides 1 to 5 in the files of 2009-10 to 2012-13
    and means "not available" since. An authority that carries two codes in one file (Barnsley,
    Gateshead, Northumberland, Sheffield) stands under the register's code.

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
    found = _files.found_table(path, _is_heading, expected=_EXPECTED)
    frame = found.frame
    if frame.empty:
        raise SchemaError(
            f"{path.name!r} has headings but no rows. Expected {_EXPECTED}; download it again."
        )
    table = Table(
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
    """Return the names of all indicators that the reader knows."""
    known = [name for layout in layouts() for name in layout.figures]
    for section in words()["long"].values():
        known += section["figures"].values()
    known += words()["wide"]["count"]
    return tuple(dict.fromkeys(known))


def _is_heading(found: set[str]) -> bool:
    return {"time_period", "geographic_level"} <= found or {"geog_l", "geog_n"} <= found


def _read_since_2013(table: Table, wanted: int | None) -> tuple[pd.DataFrame, int, str]:
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
    rows = _by_row(table, layout, places) if layout.roles else _by_column(table, layout, places)
    return rows, year, layout.dataset


def _of_years(table: Table) -> Table:
    """Return the rows of reporting years: footnotes are passed over."""
    periods = table.cells("time_period")
    odd = ~periods.str.fullmatch("20[0-9]{2}")
    bare = odd & (table.cells("geographic_level") == "")
    if bare.any():
        remark(f"{table.name!r} has {int(bare.sum())} rows of text and no area: passed over.")
    odd, frame = odd[~bare], table.frame[~bare]
    if frame.empty:
        raise SchemaError(
            f"{table.name!r} has headings and below them only text, but no row of an area. "
            f"Expected {_EXPECTED}; download it again."
        )
    leave_out(
        int(odd.sum()),
        len(frame),
        said=f"{table.name!r}: time_period holds "
        f"{some(map(repr, periods[odd.index][odd].unique()))}; expected reporting years such as "
        "2025.",
    )
    return replace(table, frame=frame[~odd])


def _of_totals(table: Table) -> Table:
    """Return one row per area and year of a file that is broken down by something."""
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
            f"{some(map(repr, by))}. Expected one row of each, as in the file without the "
            "breakdown."
        )
    remark(
        f"{table.name!r} is broken down by {some(map(repr, by))}: its totals are read, and "
        f"{len(table.frame) - len(kept):,} rows passed over."
    )
    return replace(table, frame=kept)


def _by_column(table: Table, layout: Layout, places: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    parts = []
    for indicator, (count, *rates) in layout.figures.items():
        if table.has(count):
            parts.append(
                _figures(table, places.assign(indicator=indicator), count, table.first(rates))
            )
        elif indicator in layout.core:
            raise table.no_column(
                count, f"A file of {layout.title} must have it: look at the file's headings."
            )
        else:
            _LOG.info("%s has no column %s: no %s is read", table.name, count, indicator)
    return pd.concat(parts, ignore_index=True)


def _by_row(table: Table, layout: Layout, places: pd.DataFrame) -> pd.DataFrame:
    figures = words()["long"][layout.file]["figures"]
    known = {_files.heading(figure): indicator for figure, indicator in figures.items()}
    printed = table.cells(layout.roles["figure"])
    indicator = printed.map(_files.heading).map(known)
    lacking = [each for each in layout.core if each not in set(indicator.dropna())]
    if lacking or indicator.isna().all():
        raise OtherTableError(
            f"{table.name!r}: column {layout.roles['figure']!r} has no rows of "
            f"{some(lacking or figures)}. It has {some(map(repr, printed.unique()))}. "
            "Look for the whole file."
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


def _read_wide(table: Table, wanted: int | None) -> tuple[pd.DataFrame, int, str]:
    """Return the rows, release and dataset of the underlying data of 2009-10 to 2012-13."""
    import pandas as pd

    year = wide_release(table, wanted)

    def column(templates: Sequence[str]) -> str | None:
        return table.first([wide_heading(each, year) for each in templates])

    # England's row carries the number of the Isle of Wight (921) and in 2012-13 its code: a
    # national row is known by its level alone.
    places = area_rows.places(
        table.cells("geog_l"),
        codes=table.cells("new_la_code"),
        numbers=table.cells("geog_c"),
        names=table.cells("geog_n"),
        name=table.name,
    ).assign(year=year)
    wide = words()["wide"]
    parts = []
    for indicator, templates in wide["count"].items():
        count = column(templates)
        if count is not None:
            parts.append(
                _figures(
                    table,
                    places.assign(indicator=indicator),
                    count,
                    column(wide["rate"].get(indicator, ())),
                    population=column([wide["population"]]),
                    meanings=_markers.OLD_WIDE,
                )
            )
        elif indicator in wide["core"]:
            raise table.no_column(
                wide_heading(templates[0], year),
                "The underlying data of 2009-10 to 2012-13 all have it: look at the headings.",
            )
    return pd.concat(parts, ignore_index=True), year, "children_in_need"


def _figures(
    table: Table,
    rows: pd.DataFrame,
    count: str,
    rate: str | None,
    *,
    population: str | None = None,
    meanings: Mapping[str, str] = _markers.CURRENT,
) -> pd.DataFrame:
    """Return rows with their figures: a count, a rate and a population from a column each."""

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
