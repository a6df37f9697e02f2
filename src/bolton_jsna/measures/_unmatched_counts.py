"""Why counts have no population: which of their areas, ages, sexes or years is not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bolton_jsna.core.age_bands import Ages, written
from bolton_jsna.core.errors import some
from bolton_jsna.measures._arrays import Array
from bolton_jsna.measures._people_by_age import ages_there
from bolton_jsna.measures.event_dimensions import ALL


def why_none(
    keys: pd.DataFrame,
    people: pd.DataFrame,
    populations: pd.DataFrame,
    spans: Mapping[Any, Ages],
    nearest: bool,
) -> str:
    """Return why no row of the counts has a population, and what to do."""
    begin = "No row of the counts has a population."
    places = keys.loc[keys["place"] != ALL, "place"]
    if not places.isin(populations["area_code"].astype(object)).any():
        return (
            f"{begin} The counts are of {some(places.unique())}, the populations of "
            f"{some(populations['area_code'].unique())}. Load the populations of the same areas: "
            "load_population_estimates takes level='ward' and level='lsoa'. For areas by name, "
            "join_areas(counts) gives a column of codes."
        )
    if not keys["band"].isin(people["band"]).any():
        bands = some((written(spans[each]) for each in keys["band"].unique()), most=8)
        return (
            f"{begin} The populations are by the ages {ages_there(populations)}, "
            f"and the counts by {bands}. "
            "Give populations by single year of age or by bands that add up to these: "
            "load_population_projections has single years for an authority."
        )
    if not keys["sex"].isin(people["sex"]).any():
        theirs, ours = some(people["sex"].unique()), some(keys["sex"].unique())
        advice = (
            "Give populations of all persons, or count with 'sex' in by=."
            if ours == "persons"
            else "Give populations by sex, or count without 'sex' in by=."
        )
        return f"{begin} The populations are of {theirs}, and the counts of {ours}. {advice}"
    wanted, there = keys["year"].unique(), people["year"].unique()
    if not nearest and not np.isin(wanted, there).any():
        return (
            f"{begin} {years_apart(wanted, there)} Load the populations of these years, or give "
            "nearest=True to use the nearest; population_year shows which was used."
        )
    return (
        f"{begin} The areas, ages, sexes and years of the counts are all in the populations, but "
        "never in the same row. Give populations of each area for the years of its counts."
    )


def years_apart(wanted: Array, there: Array) -> str:
    """Return the mid-years that are needed and those of the populations, as text."""
    return (
        f"The children are those of {span(wanted)} (the mid-year before the year ending 31 "
        "March); the populations have "
        f"{span(there)}."
    )


def span(years: Array) -> str:
    """Return mid-years as text."""
    first, last = min(years, default=0), max(years, default=0)
    if len(years) == last - first + 1 > 2:
        return f"mid-{first:.0f} to mid-{last:.0f}"
    return f"mid-{some((f'{each:.0f}' for each in sorted(years)), most=20)}"
