"""Populations matched to counts by area, age, sex and year."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.comparable_rows import one_level
from bolton_jsna.core.errors import SchemaError, UsageError, some
from bolton_jsna.core.table_checks import check_columns, reject_unlike_keys
from bolton_jsna.core.years import denominator_year
from bolton_jsna.measures._aggregation import group_codes, group_rows
from bolton_jsna.measures._arrays import Array, Codes, Floats
from bolton_jsna.measures._frame_columns import (
    CODES,
    STATES,
    need,
    numbers,
    numeric,
    state_codes,
    whole_years,
)
from bolton_jsna.measures.age_groups import Bands, BandSet, bands_of, closed
from bolton_jsna.measures.event_dimensions import AGE_BANDS, ALL

_SEXES: Mapping[str, str] = {"female": "females", "male": "males", ALL: "persons"}
_NEEDED = ("area_code", "year", "sex", "ages", "age", "population", "status")
_RENAME = "Rename its columns, such as with {}.rename(columns={{'mid_year': 'year'}})."


@checked
def match_populations(
    counts: pd.DataFrame,
    populations: pd.DataFrame,
    *,
    area: str = "area_code",
    bands: Bands | BandSet = AGE_BANDS,
    ages: tuple[int, int] = (0, 17),
    nearest: bool = False,
) -> pd.DataFrame:
    """Add to each count the children of its area, age band, sex and year.

    Parameters
    ----------
    counts : DataFrame
        As :func:`~bolton_jsna.measures.event_counts.count_events` gives it, with ``year`` (ending
        31 March), the column ``area`` and, if there are any, ``age_band`` and ``sex``.
    populations : DataFrame
        The ``population_estimates`` table, by single year of age or with the bands wanted.
    area : str, default "area_code"
        The column of the area: ``"lsoa_code"`` for LSOAs.
    bands : {"dfe", "chapter_2012"} or Mapping of str to (int, int or None)
        The age bands of the counts. A band without a last age ends with ``ages``: "16 and over" is
        divided by the children aged 16 and 17, because rates of children are per child aged 0-17.
    ages : tuple of int, default (0, 17)
        The ages of a row without a band, or with ``"All"``.
    nearest : bool, default False
        Use the nearest mid-year if the right one is missing; ``population_year`` shows which.

    Returns
    -------
    DataFrame
        ``counts`` with ``population``, ``population_status`` and ``population_year``. Children
        of all areas of the counts stand in a row whose area is ``"All"``. Where there is no such
        population the status is ``not_available``; where it is hidden, that of the population,
        such as ``suppressed``; where there can be none, such as for unborn children or all years
        together, ``not_applicable``.

    Raises
    ------
    SchemaError
        When a column is missing, a year is not a whole number, or the people of an area, sex, year
        and age are there twice.
    UsageError
        When the bands overlap, or ``counts`` has a dimension that populations do not have, so
        that every row would be divided by everybody.

    Notes
    -----
    DfE divides the year ending 31 March Y by the mid-year estimate of Y - 1.

    Examples
    --------
    >>> import pandas as pd
    >>> counts = pd.DataFrame({"area_code": ["E08000001"], "year": [2025], "count": [3803]})
    >>> import bolton_jsna as jsna
    >>> matched = match_populations(counts, jsna.load_population_estimates("Bolton"))
    >>> int(matched["population"].iloc[0]), int(matched["population_year"].iloc[0])
    (75599, 2024)
    """
    need(counts, [area], options="area=", what="The table of counts")
    check_columns(counts, ["year"], "The table of counts", advice=_RENAME.format("counts"))
    check_columns(
        populations, _NEEDED, "The table of populations", advice=_RENAME.format("populations")
    )
    table = counts.reset_index(drop=True)
    index = table.index
    place = table[area].astype(object)
    sex = table["sex"].astype(object) if "sex" in table else pd.Series(ALL, index=index)
    band = table["age_band"].astype(object) if "age_band" in table else pd.Series(ALL, index=index)
    spans = {ALL: ages, **closed(bands_of(bands), ages[1])}
    keys = pd.DataFrame(
        {
            "place": place,
            "sex": sex.map(_SEXES),
            "band": band.where(band.isin(list(spans))),
            "year": _mid_years(table),
        }
    )
    _no_other_dimension(table, area)
    reject_unlike_keys(
        place[place != ALL], populations["area_code"], column=area, there="the populations"
    )
    applies = keys.notna().all(axis="columns")
    people = _people(populations, spans)
    named = place[place != ALL].dropna().unique()
    if len(named) < len(place.dropna().unique()):
        one_level(pd.DataFrame({"area_code": named}), to="add up to 'All'")
        people = pd.concat([people, _summed(people, named)], ignore_index=True)
    if nearest:
        keys["year"] = _nearest(keys["year"], people["year"].to_numpy())
    merged = keys.merge(people, how="left", on=["place", "sex", "band", "year"])
    status = merged["status"].astype(object)
    status = status.where(status.notna(), "not_available")
    return counts.assign(
        population=merged["population"].to_numpy(dtype=float),
        population_status=status.where(applies, "not_applicable").to_numpy(),
        population_year=pd.array(
            np.where(keys["year"].isna(), np.nan, keys["year"]), dtype="Int64"
        ),
    )


def _mid_years(table: pd.DataFrame) -> pd.Series:
    """Return the mid-year of each row's denominator, missing where a row has no year."""
    given = table["year"]
    if given.dtype.kind not in "mM":
        # The row of all years together has a word.
        given = pd.to_numeric(given.astype(object), errors="coerce").astype("Float64")
    known = given.notna()
    years = np.full(len(table), np.nan)
    whole = whole_years(pd.DataFrame({"year": given[known]}), "year")
    years[known.to_numpy()] = [denominator_year(int(each)) for each in whole]
    return pd.Series(years, index=table.index)


def _no_other_dimension(table: pd.DataFrame, area: str) -> None:
    for name in ("ethnicity", "ethnic_group"):
        if name in table and (table[name] != ALL).any() and name != area:
            raise UsageError(
                f"The counts are by {name}, and these populations are not: every group would be "
                f"divided by all children. Use the rows whose {name} is 'All'."
            )


def _people(populations: pd.DataFrame, spans: Mapping[str, tuple[int, int]]) -> pd.DataFrame:
    """Return the children of every band and their state, from single years where all are there."""
    # A band that is printed goes first. If neither has a number the state shows why, if it is
    # known; a band that does not exist has no row.
    by = ["area_code", "sex", "year"]
    table = populations[list(_NEEDED)].reset_index(drop=True)
    table["year"] = whole_years(table, "year")
    _once(table, [*by, "ages", "age"])
    keys, places = group_rows(table, by)
    people, codes = _numbers_and_states(table)
    age = numbers(table, "age", least=None)
    printed = table["ages"].astype(object)
    frames = []
    for name, (first, last) in spans.items():
        population = np.full(len(keys), np.nan)
        state = np.full(len(keys), -1)
        single = (age >= first) & (age <= last)
        parts = np.bincount(places[single], minlength=len(keys))
        whole = parts == last - first + 1
        total = np.bincount(places[single], weights=people[single], minlength=len(keys))
        population[whole] = total[whole]
        state[whole] = group_codes(codes[single], places[single], len(keys))[whole]
        rows = np.flatnonzero(printed == (f"{first}-{last}" if first < last else str(first)))
        # A number goes before a state that hides it, and that before none.
        known = (state >= 0) & numeric(np.maximum(state, 0).astype(np.int8))
        rows = rows[numeric(codes[rows]) | ~known[places[rows]]]
        population[places[rows]], state[places[rows]] = people[rows], codes[rows]
        there = np.flatnonzero(state >= 0)
        frames.append(
            keys.iloc[there].assign(
                band=name,
                population=population[there],
                status=np.array(STATES, dtype=object)[state[there]],
            )
        )
    found = pd.concat(frames, ignore_index=True).rename(columns={"area_code": "place"})
    return found.astype({"place": object, "sex": object, "year": float})


def _numbers_and_states(table: pd.DataFrame) -> tuple[Floats, Codes]:
    """Return the people of each row, missing in a state without a number, and the states."""
    people, codes = numbers(table, "population"), state_codes(table, "status")
    codes[np.isnan(people) & numeric(codes)] = CODES["not_available"]
    return np.where(numeric(codes), people, np.nan), codes


def _once(table: pd.DataFrame, key: list[str]) -> None:
    twice = table.duplicated(key)
    if twice.any():
        first = table.loc[twice, key].iloc[0]
        raise SchemaError(
            f"{int(twice.sum())} rows of the populations repeat the people of another, first "
            f"{some(f'{name}={value}' for name, value in first.items())}: they would be counted "
            "twice. Give each area, sex, year and age once, of one release."
        )


def _summed(people: pd.DataFrame, places: Array) -> pd.DataFrame:
    """Add the children of all the areas together, where each has a row."""
    here = people[people["place"].isin(list(places))].reset_index(drop=True)
    keys, groups = group_rows(here, ["sex", "band", "year"])
    codes = state_codes(here, "status")
    state = group_codes(codes, groups, len(keys))
    total = np.bincount(groups, weights=here["population"].to_numpy(dtype=float))
    out = keys.assign(place=ALL, population=total, status=np.array(STATES, dtype=object)[state])
    whole = np.bincount(groups) == here["place"].nunique()
    return out[whole]


def _nearest(years: pd.Series, known: Floats) -> pd.Series:
    """Return the known year that is nearest to each, the earlier of two."""
    if not len(known):
        return years
    every = np.unique(known)
    wanted = years.to_numpy(dtype=float)
    nearest = every[np.abs(wanted[:, None] - every).argmin(axis=1)]
    return years.where(years.isna(), nearest)
