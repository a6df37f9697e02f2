"""Populations matched to counts by area, age, sex and year."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import pandas as pd

from bolton_jsna.core.age_bands import OPEN, Ages
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.arguments import is_whole
from bolton_jsna.core.comparable_rows import one_level
from bolton_jsna.core.errors import MissingDataError, SchemaError, UsageError, some
from bolton_jsna.core.table_checks import as_numbers, check_columns, reject_unlike_keys
from bolton_jsna.core.years import are_several, denominator_year
from bolton_jsna.measures import _people_by_age
from bolton_jsna.measures._aggregation import group_codes, group_rows
from bolton_jsna.measures._arrays import Array, Floats
from bolton_jsna.measures._frame_columns import STATES, need, state_codes, whole_years
from bolton_jsna.measures._unmatched_counts import span, why_none, years_apart
from bolton_jsna.measures.age_groups import (
    LAST_AGE,
    OTHER_AGES,
    UNBORN,
    Bands,
    BandSet,
    bands_of,
    closed,
    spans_of,
)
from bolton_jsna.measures.event_counts import DIMENSIONS
from bolton_jsna.measures.event_dimensions import ALL, NOT_KNOWN
from bolton_jsna.tables.population.cells import sex_of

_log = logging.getLogger(__name__)

_NEEDED: Final = ("area_code", "year", "population")

NO_BAND: Final = (UNBORN, OTHER_AGES, NOT_KNOWN)
"""Values of ``age_band`` that no population has."""

_NO_SEX: Final = ("unknown", "not known", "not stated", "")

_HEADINGS: Final = {
    "age_band": ("age_band", "ages", "age", "age_group"),
    "sex": ("sex", "gender"),
}
"""The columns of counts that hold an age band and a sex, in any case."""


@checked
def match_populations(
    counts: pd.DataFrame,
    populations: pd.DataFrame,
    *,
    area: str | None = None,
    year: int | None = None,
    bands: Bands | BandSet | Iterable[object] | None = None,
    ages: tuple[int, int] | None = None,
    nearest: bool = False,
    totals: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Add to each count the children of its area, age band, sex and year.

    Parameters
    ----------
    counts : DataFrame
        As :func:`~bolton_jsna.measures.event_counts.count_events` gives it, with ``year`` (ending
        31 March), the column ``area`` and, if there are any, ``age_band`` (or ``ages``, ``age``,
        ``age_group``) and ``sex``. Counts
        without an area are those of the only area of ``populations``.
    populations : DataFrame
        The table of ``load_population_estimates`` or ``load_population_projections``, or your own
        with ``area_code``, ``year`` (mid-year), ``population``, and ``age_band``, ``ages`` or
        ``age``; without ``sex`` it is taken as of all persons. Bands of it that are finer than
        those of the counts are added up.
    area : str, optional
        The column of the area. By default ``area_code``, or ``lsoa_code`` where there is none.
    year : int, optional
        The year ending 31 March of counts that have no column ``year``.
    bands : {"dfe", "chapter_2012"}, mapping or labels, optional
        The age bands of the counts, if their labels do not show their ages. Labels are read in
        the usual spellings: ``5-9``, ``5 to 9``, ``Under 1``, ``<1``, ``16+``, ``16 and over``.
    ages : tuple of int, optional
        The ages of a row without a band, or with ``"All"``, and the end of a band without a last
        age. By default (0, 17): "16 and over" is divided by the children aged 16 and 17, because
        rates of children are per child aged 0-17. If a band begins above 17, by default all ages.
    nearest : bool, default False
        Use the nearest mid-year if the right one is missing; ``population_year`` shows which.
    totals : DataFrame, optional
        A second table of populations, of all ``ages`` together, that the bands of each area, sex
        and year are scaled to: estimates, where ``populations`` are projections made before them.
        The scaled populations are ``modelled``.

    Returns
    -------
    DataFrame
        ``counts`` with ``population``, ``population_status`` and ``population_year`` (and the area
        and year, if they were not there). Projections are ``modelled``. Children
        of all areas of the counts stand in a row whose area is ``"All"``. Where there is no such
        population the status is ``not_available``; where it is hidden, that of the population,
        such as ``suppressed``; where there can be none, such as for unborn children or all years
        together, ``not_applicable``.

    Raises
    ------
    SchemaError
        When a column is missing, a year is not a whole number, or the people of an area, sex, year
        and age are there twice, or a label of the populations is no age band.
    MissingDataError
        When no row of the counts has its area, sex, age band or year in the populations.
    UsageError
        When a label is not an age band, bands overlap, or ``counts`` has a dimension that
        populations do not have, so that every row would be divided by everybody.

    Notes
    -----
    DfE divides the year ending 31 March Y by the mid-year estimate of Y - 1.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> records = jsna.load_local_records().records
    >>> counts = jsna.count_events(records, "referrals", years=2025, by="age_band")
    >>> matched = jsna.match_populations(
    ...     counts,
    ...     jsna.load_population_projections("Bolton"),
    ...     totals=jsna.load_population_estimates("Bolton"),
    ... )
    >>> matched[["area_code", "age_band", "count", "population", "population_status"]].round(0)
       area_code     age_band  count  population population_status
    0  E08000001      Under 1    264      3518.0          modelled
    1  E08000001       1 to 4    917     15371.0          modelled
    2  E08000001       5 to 9   1013     20730.0          modelled
    3  E08000001     10 to 15   1120     27158.0          modelled
    4  E08000001  16 and over    489      8822.0          modelled
    """
    _check_people(populations, "populations")
    counts, area = _placed(counts, populations, area, year)
    table = counts.reset_index(drop=True)
    place = table[area].astype(object)
    band = _dimension(table, "age_band")
    spans = _spans(band, bands, ages)
    keys = pd.DataFrame(
        {
            "place": place,
            "sex": _sexes(_dimension(table, "sex")),
            "band": band.where(band.isin(list(spans))),
            "year": _mid_years(table),
        }
    )
    _no_other_dimension(table, area)
    reject_unlike_keys(
        place[place != ALL], populations["area_code"], column=area, there="the populations"
    )
    applies = keys.notna().all(axis="columns")
    people = _people_by_age.people_of(populations, spans)
    if totals is not None:
        _check_people(totals, "totals")
        people = _scaled(people, _people_by_age.people_of(totals, {ALL: spans[ALL]}))
    named = place[place != ALL].dropna().unique()
    if len(named) < len(place.dropna().unique()):
        one_level(pd.DataFrame({"area_code": named}), to="add up to 'All'")
        people = pd.concat([people, _summed(people, named)], ignore_index=True)
    if nearest:
        keys["year"] = _nearest(keys["year"], people["year"].to_numpy())
    merged = keys.merge(people, how="left", on=["place", "sex", "band", "year"])
    status = merged["status"].astype(object)
    found = status.notna()
    if applies.any() and not found[applies].any():
        raise MissingDataError(why_none(keys[applies], people, populations, spans, nearest))
    _report_years(keys[applies & ~found], people)
    status = status.where(found, "not_available")
    return counts.assign(
        population=merged["population"].to_numpy(dtype=float),
        population_status=status.where(applies, "not_applicable").to_numpy(),
        population_year=pd.array(
            np.where(keys["year"].isna(), np.nan, keys["year"]), dtype="Int64"
        ),
    )


def _check_people(table: pd.DataFrame, name: str) -> None:
    check_columns(
        table,
        _NEEDED,
        f"The table of {name}",
        advice="Rename its columns, or load it with load_population_estimates.",
    )


def _placed(
    counts: pd.DataFrame, populations: pd.DataFrame, area: str | None, year: int | None
) -> tuple[pd.DataFrame, str]:
    """Return the counts with their area and year, and the column of the area."""
    need(counts, [], options="", what="The table of counts")
    by = [name for name in counts if name in DIMENSIONS and name != "year"]
    again = f"count with by={[*by, 'year']!r}" if by else "give the counts of each year"
    for name in ("year", "years"):
        added = dict.fromkeys(filter(are_several, counts[name])) if name in counts else {}
        if added:
            raise SchemaError(
                f"The counts are of several years added up ({some(map(repr, added))} in {name!r}), "
                "and a population is of one: the rate would be several times too high. Instead, "
                f"{again}, match these, and add up the years: pool_years(..., by="
                f"{[*dict.fromkeys([area or 'area_code', *by])]!r})."
            )
    if year is not None and "year" in counts and (counts["year"] != year).any():
        raise UsageError(
            f"year={year!r} is for counts without a column 'year'; these have the years "
            f"{some(counts['year'].unique())}. Leave out year=, or give the counts of that year."
        )
    if "year" not in counts:
        if year is None:
            raise SchemaError(
                "The table of counts has no column 'year', so the mid-year of its children is not "
                "known. If they are of one year, add year= with the year ending 31 March, such as "
                f"year=2025; if they are of several years together, {again}."
            )
        counts = counts.assign(year=whole_years(pd.DataFrame({"year": [year]}), "year")[0])
    if area is None:
        area = next((name for name in ("area_code", "lsoa_code") if name in counts), None)
    if area is None:
        named = [
            name for name in counts if str(name).lower().endswith(("code", "name", "ward", "lsoa"))
        ]
        places = populations["area_code"].dropna().unique()
        if named or len(places) != 1:
            raise SchemaError(
                "The table of counts has no column 'area_code'. It has "
                f"{some(map(repr, counts.columns), most=20, like='area_code')}. Name the column "
                "with the codes of the areas with area= (for names, join_areas(counts) gives one), "
                "or give counts without areas and the populations of one "
                f"area; these have {len(places)} ({some(places, most=3)})."
            )
        area = "area_code"
        counts = counts.assign(area_code=places[0])
        counts = counts[["area_code", *(name for name in counts if name != "area_code")]]
    need(counts, [area, "year"], options="area=", what="The table of counts")
    return counts, area


def _spans(
    band: pd.Series,
    bands: Bands | BandSet | Iterable[object] | None,
    ages: tuple[int, int] | None,
) -> dict[Any, Ages]:
    """Return the ages of each age band of the counts, and of all of them together."""
    given = [each for each in band.dropna().unique() if each not in (ALL, *NO_BAND)]
    read = spans_of(given) if bands is None else {}
    adults = any(LAST_AGE < first < OPEN for first, _ in read.values())
    whole = _ages(ages) if ages is not None else (0, OPEN if adults else LAST_AGE)
    if bands is None:
        spans = {label: (first, min(last, whole[1])) for label, (first, last) in read.items()}
        return {ALL: whole} | {label: each for label, each in spans.items() if each[0] <= each[1]}
    named = bands_of(bands)
    known = dict(closed(named, whole[1]))
    strange = [each for each in given if each not in named]
    if strange:
        raise UsageError(
            f"The counts have the age band {some(map(repr, strange))}; bands= has "
            f"{some(map(repr, named), most=20)}. Leave out bands= to have the labels read, or "
            "count with the same bands=."
        )
    return {ALL: whole, **known}


def _ages(ages: tuple[int, int]) -> Ages:
    first, last = ages if len(ages) == 2 else (0, -1)
    if not is_whole(first) or not is_whole(last) or not 0 <= first <= last:
        raise UsageError(
            f"ages={ages!r} is not a range of ages. Write the first and the last, such as (0, 17)."
        )
    return first, last


def _report_years(missed: pd.DataFrame, people: pd.DataFrame) -> None:
    """Log how to use the nearest mid-year, where rows have no population of their own."""
    there = people["year"].unique()
    apart = missed.loc[~missed["year"].isin(there), "year"].unique()
    if len(apart):
        _log.warning(
            "%s rows of the counts have no population. %s nearest=True uses the nearest",
            len(missed),
            years_apart(apart, there),
        )


def _mid_years(table: pd.DataFrame) -> pd.Series:
    """Return the mid-year of each row's denominator, missing where a row has no year."""
    given = table["year"]
    if given.dtype.kind not in "mM":
        # The row of all years together has a word.
        given = given.astype(object).where(given.astype(object) != ALL)
        try:
            given = pd.Series(as_numbers(given), index=table.index)
        except ValueError as error:
            raise SchemaError(
                f"'year' of the counts holds {error}; expected the year ending 31 March as a "
                "number, such as 2025 for 2024-25."
            ) from None
    known = given.notna()
    years = np.full(len(table), np.nan)
    whole = whole_years(pd.DataFrame({"year": given[known]}), "year")
    years[known.to_numpy()] = [denominator_year(int(each)) for each in whole]
    return pd.Series(years, index=table.index)


def _dimension(table: pd.DataFrame, name: str) -> pd.Series:
    """Return the age band or the sex of each row, "All" where the counts are not by it."""
    headings = {str(each).strip().lower().replace(" ", "_"): each for each in table.columns}
    there = [headings[each] for each in _HEADINGS[name] if each in headings]
    if len(there) > 1 and name not in table:
        raise SchemaError(
            f"The counts have the columns {some(map(repr, there))}; expected one. Name the right "
            f"one {name!r}."
        )
    if not there:
        return pd.Series(ALL, index=table.index, dtype=object)
    return table[name if name in table else there[0]].astype(object)


def _sexes(given: pd.Series) -> pd.Series:
    """Return the sex of each row as populations write it, missing where it is not known."""
    words = {each: sex_of(each) for each in given.dropna().unique()}
    strange = [
        each for each, sex in words.items() if sex is None and str(each).lower() not in _NO_SEX
    ]
    if strange:
        raise UsageError(
            f"The counts have the sex {some(map(repr, strange))}; expected 'female', 'male', 'All' "
            "or 'Not known'. Rename it."
        )
    return given.map(words)


def _no_other_dimension(table: pd.DataFrame, area: str) -> None:
    for name in ("ethnicity", "ethnic_group"):
        if name in table and (table[name] != ALL).any() and name != area:
            raise UsageError(
                f"The counts are by {name}, and these populations are not: every group would be "
                f"divided by all children. Use the rows whose {name} is 'All'."
            )


def _scaled(people: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    """Return the people of each band scaled so that all ages add up to the totals."""
    key = ["place", "sex", "year"]
    ours = people[people["band"] == ALL].merge(totals, on=[*key, "band"], suffixes=("", "_total"))
    ours["_factor"] = ours["population_total"] / ours["population"]
    found = people.merge(ours[[*key, "_factor"]], on=key)
    found = found[np.isfinite(found["_factor"])]
    if found.empty:
        raise MissingDataError(
            f"totals= has no area, sex and year of the populations. It has {_which(totals)}, the "
            f"populations have {_which(people)}. Give estimates of all ages together of the same "
            "areas and years, or leave out totals=."
        )
    state = found["status"].where(found["status"] != "value", "modelled")
    scaled = found.assign(population=found["population"] * found["_factor"], status=state)
    return scaled.drop(columns="_factor").reset_index(drop=True)


def _which(people: pd.DataFrame) -> str:
    years = span(people["year"].unique())
    return f"{some(people['place'].unique(), most=3)} ({some(people['sex'].unique())}) at {years}"


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
