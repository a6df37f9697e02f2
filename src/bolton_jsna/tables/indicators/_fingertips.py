"""Read a CSV of OHID Fingertips: a row for each indicator, area, time, sex and age."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.catalogue.indicators import Indicator
from bolton_jsna.core.areas import find
from bolton_jsna.core.errors import OtherTableError, SchemaError, some
from bolton_jsna.tables import _files, fingertips, schemas
from bolton_jsna.tables._register import area_columns
from bolton_jsna.tables.indicators import _figures
from bolton_jsna.tables.indicators._layouts import Wanted
from bolton_jsna.tables.reader_notes import remark

if TYPE_CHECKING:
    import pandas as pd

_EXPECTED: Final = "a CSV of Fingertips's indicators"
_NEEDED: Final = ("indicator id", "area code", "sex", "time period", "value", "count")


def read(path: Path, entries: Mapping[str, Indicator]) -> pd.DataFrame:
    """Return the figures of every indicator of the dictionary that a file has."""
    frame = _files.found_table(
        path, lambda found: {"indicator id", "area code", "value"} <= found, expected=_EXPECTED
    ).frame.rename(columns=_files.heading)
    missing = [each for each in _NEEDED if each not in frame.columns]
    if missing:
        raise SchemaError(
            f"{path.name!r} has no column {some(map(repr, missing))}. It has "
            f"{some(map(repr, frame.columns), most=12)}. Expected {_EXPECTED}."
        )
    serving = [
        Wanted(each, layout)
        for each in entries.values()
        for layout in each.columns
        if layout.fingertips
    ]
    named = {each.columns.fingertips for each in serving}
    other = sorted(set(frame["indicator id"]) - named)
    frame = frame[frame["indicator id"].isin(named)]
    if "category type" in frame.columns:
        frame = frame[frame["category type"] == ""]
    if frame.empty:
        raise OtherTableError(
            f"{path.name!r} has the Fingertips indicators {some(other, most=8)}, and none that the "
            f"dictionary names: {some(sorted(named), most=12)}."
        )
    if other:
        remark(f"{path.name!r}: the Fingertips indicators {some(other, most=8)} are not used.")
    places = _places(frame, name=path.name)
    years = fingertips.years_of(frame.loc[places.index, "time period"], name=path.name)
    given = {_figures.GIVEN: frame["area code"]}
    places = places.assign(**given).loc[years.index].assign(year=years)
    frame = frame.loc[years.index]
    release = int(years.max())
    parts = [(each.indicator, _rows(each, frame, places, name=path.name)) for each in serving]
    parts = [(about, rows) for about, rows in parts if len(rows)]
    if not parts:
        raise OtherTableError(
            f"{path.name!r} has none of the rows that the dictionary names: "
            f"{some(sorted({each.columns.sex for each in serving}))}. Download the indicators "
            f"{some(sorted(named), most=12)}."
        )
    rows = _figures.completed(parts, release=release, name=path.name)
    return schemas.conform(_figures.one_each(rows, name=path.name), "indicators")


def _rows(wanted: Wanted, frame: pd.DataFrame, places: pd.DataFrame, *, name: str) -> pd.DataFrame:
    layout = wanted.columns
    chosen = (frame["indicator id"] == layout.fingertips) & (
        frame["sex"].str.casefold() == layout.sex.casefold()
    )
    if layout.age and "age" in frame.columns:
        chosen &= frame["age"].str.casefold() == layout.age.casefold()
    rows = frame[chosen]
    if rows.empty:
        return rows
    found = places.loc[rows.index].assign(breakdown=_figures.WHOLE)
    hidden = fingertips.hidden(rows)
    if "value note" in rows.columns:
        _remark_notes(rows.loc[~hidden & (rows["value"] != "")], layout.fingertips, name=name)

    def column(heading: str) -> tuple[pd.Series, pd.Series]:
        return fingertips.numbers(rows, heading, hidden, name=name)

    found["count"], found["count_status"] = column("count")
    found["published_value"], found["_published_status"] = column("value")
    found["population"], found["_population_status"] = float("nan"), "not_available"
    if "denominator" in rows.columns:
        found["population"], found["_population_status"] = column("denominator")
    return found


def _remark_notes(rows: pd.DataFrame, number: str, *, name: str) -> None:
    """Report figures with a note of the publisher, such as those of two areas taken together."""
    noted = rows[rows["value note"] != ""]
    if len(noted):
        kinds = noted["value note"].drop_duplicates().str.slice(0, 90)
        remark(
            f"{name!r}: {len(noted):,} figures of the Fingertips indicator {number} have a note of "
            f"the publisher, to be read before they are used: {some(kinds, most=4)}."
        )


def _places(frame: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return the areas of the register; districts of counties and other areas are named."""
    found = {code: find(code) for code in frame["area code"].unique()}
    unknown = [code for code, place in found.items() if place is None]
    if unknown:
        rows = int(frame["area code"].isin(unknown).sum())
        remark(
            f"{name!r} has {rows:,} rows of areas other than England, its regions and upper-tier "
            f"authorities, which are not used: {some(unknown)}."
        )
        frame = frame[~frame["area code"].isin(unknown)]
    if frame.empty:
        raise OtherTableError(
            f"{name!r} has no row of England, a region or an upper-tier authority. Download "
            "counties and unitary authorities (area type 502)."
        )
    return area_columns(
        (place for code in frame["area code"] if (place := found[code])), frame.index
    )
