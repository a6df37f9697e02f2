"""Populations matched to counts by area, age, sex and year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bolton_jsna.errors import SchemaError, UsageError, some
from bolton_jsna.keys import refuse_unlike
from bolton_jsna.measures.age_groups import Bands, BandSet, bands_of, closed
from bolton_jsna.measures.event_counts import AGE_BANDS, ALL
from bolton_jsna.years import denominator_year

if TYPE_CHECKING:
    import pandas as pd

_SEXES: Mapping[str, str] = {"female": "females", "male": "males", ALL: "persons"}
_NEEDED = ("area_code", "year", "sex", "ages", "age", "population", "status")


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
        divided by the children aged 16 and 17, as rates of children are per child aged 0-17.
    ages : tuple of int, default (0, 17)
        The ages of a row without a band, or with ``"All"``.
    nearest : bool, default False
        Take the nearest mid-year where the right one is not there; ``population_year`` says which.

    Returns
    -------
    DataFrame
        ``counts`` with ``population``, ``population_status`` and ``population_year``. Children
        of all areas of the counts stand in a row whose area is ``"All"``. Where there is no such
        population the status is ``not_available``; where there can be none, as for unborn
        children or all years together, ``not_applicable``.

    Raises
    ------
    SchemaError
        When a column is missing.
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
    import pandas as pd

    for name, frame, needed in (
        ("counts", counts, (area, "year")),
        ("populations", populations, _NEEDED),
    ):
        lacking = [each for each in needed if each not in frame.columns]
        if lacking:
            raise SchemaError(
                f"The table of {name} lacks {some(lacking)}. It has {some(frame.columns, most=20)}."
            )
    table = counts.reset_index(drop=True)
    index = table.index
    place = table[area].astype(object)
    sex = table["sex"].astype(object) if "sex" in table else pd.Series(ALL, index=index)
    band = table["age_band"].astype(object) if "age_band" in table else pd.Series(ALL, index=index)
    spans = {ALL: ages, **closed(bands_of(bands), ages[1])}
    year = pd.to_numeric(table["year"], errors="coerce")
    keys = pd.DataFrame(
        {
            "place": place,
            "sex": sex.map(_SEXES),
            "band": band.where(band.isin(list(spans))),
            "year": [None if pd.isna(each) else denominator_year(int(each)) for each in year],
        }
    )
    _no_other_dimension(table, area)
    refuse_unlike(
        place[place != ALL], populations["area_code"], column=area, there="the populations"
    )
    applies = keys.notna().all(axis="columns")
    people = _people(populations, spans)
    everywhere = sorted(set(place) - {ALL})
    found = _summed(people, everywhere)
    if nearest:
        keys["year"] = _nearest(keys["year"], sorted(set(people["year"])))
    merged = keys.astype({"year": "Int64"}).merge(
        found, how="left", on=["place", "sex", "band", "year"]
    )
    status = merged["status"].astype(object).where(merged["population"].notna(), "not_available")
    return counts.assign(
        population=merged["population"].astype(float).to_numpy(),
        population_status=status.where(applies, "not_applicable").to_numpy(),
        population_year=keys["year"].astype("Int64").array,
    )


def _no_other_dimension(table: pd.DataFrame, area: str) -> None:
    for name in ("ethnicity", "ethnic_group"):
        if name in table and (table[name] != ALL).any() and name != area:
            raise UsageError(
                f"The counts are by {name}, and these populations are not: every group would be "
                f"divided by all children. Take the rows whose {name} is 'All'."
            )


def _people(populations: pd.DataFrame, spans: Mapping[str, tuple[int, int]]) -> pd.DataFrame:
    """Return the children of every band, from single years where all are there."""
    import pandas as pd

    by = ["area_code", "sex", "year"]
    frames = []
    single = populations[populations["age"].notna()]
    for name, (first, last) in spans.items():
        within = single[single["age"].between(first, last)]
        groups = within.groupby(by, as_index=False)
        summed = groups.agg(
            population=("population", "sum"),
            known=("population", "count"),
            modelled=("status", lambda each: (each == "modelled").any()),
        )
        summed = summed[summed["known"] == last - first + 1]
        summed["status"] = summed["modelled"].map({True: "modelled", False: "value"})
        printed = {f"{first}-{last}"} if first < last else {str(first)}
        whole = populations[populations["ages"].isin(printed) & populations["population"].notna()]
        both = pd.concat(
            [each[[*by, "population", "status"]] for each in (whole, summed) if len(each)]
            or [whole[[*by, "population", "status"]]]
        )
        frames.append(both.drop_duplicates(by).assign(band=name))
    people = pd.concat(frames, ignore_index=True)
    return people.rename(columns={"area_code": "place"}).astype(
        {"year": "Int64", "population": float}
    )


def _summed(people: pd.DataFrame, places: list[str]) -> pd.DataFrame:
    """Add the children of all the areas together, where each has them."""
    import pandas as pd

    here = people[people["place"].isin(places)]
    known = sorted(set(here["place"]))
    groups = here.groupby(["sex", "band", "year"], as_index=False)
    total = groups.agg(
        population=("population", "sum"),
        parts=("place", "nunique"),
        modelled=("status", lambda each: (each == "modelled").any()),
    )
    total = total[total["parts"] == len(known)]
    total["status"] = total["modelled"].map({True: "modelled", False: "value"})
    total["place"] = ALL
    columns = ["place", "sex", "band", "year", "population", "status"]
    parts = [each[columns] for each in (people, total) if len(each)]
    return pd.concat(parts, ignore_index=True) if parts else people[columns]


def _nearest(years: pd.Series, known: list[int]) -> pd.Series:
    if not known:
        return years
    return years.map(lambda year: min(known, key=lambda each: abs(each - year)), na_action="ignore")
