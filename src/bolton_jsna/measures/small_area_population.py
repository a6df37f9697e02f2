"""Numbers of children in small areas for years without a published estimate."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np
import pandas as pd

from bolton_jsna.core.areas import district_codes
from bolton_jsna.core.errors import UsageError, some
from bolton_jsna.core.provenance import SEPARATOR
from bolton_jsna.tables.idaci import POPULATION_YEARS
from bolton_jsna.tables.population.cells import bounds, coverings, covers

_ROUNDING: Final = 0.5
"""The largest difference between a published and an unrounded number of people."""


def modelled_children(idaci: pd.DataFrame, projections: pd.DataFrame) -> pd.DataFrame:
    """Model the children aged 0-17 of each LSOA from its children aged 0-15."""
    # Children aged 0-15 of the Indices (mid-2022 in the 2025 edition) times the authority's ratio
    # of 0-17 to 0-15 in the base year of the projection. It takes the share of 16 and 17 year olds
    # to be the same everywhere in the authority; ONS small-area estimates replace it.
    # :func:`rake_to_authority` scales the result to another year.
    base = projections[projections["year"] == projections["base_year"]]
    ages = sorted(base["age"].tolist())
    if ages != list(range(18)):
        raise UsageError(
            "Expected the ages 0 to 17 of one area, one sex and one projection in its base year; "
            f"found ages {some(ages, most=20)} of {some(base['area_name'].unique())}."
        )
    ours = district_codes(base["area_code"].iloc[0])
    strange = [each for each in idaci["area_code"].dropna().unique() if each not in ours]
    if strange:
        raise UsageError(
            f"The LSOAs lie in {some(strange)}, the projections are of "
            f"{base['area_name'].iloc[0]}. Give both of one authority."
        )
    editions = idaci["edition"].unique().tolist()
    if len(editions) != 1 or editions[0] not in POPULATION_YEARS:
        raise UsageError(
            f"Expected one edition with children aged 0-15 ({some(POPULATION_YEARS)}); found "
            f"{some(editions)}."
        )
    ratio = base["population"].sum() / base.loc[base["age"] <= 15, "population"].sum()
    children = idaci["children_0_15"].astype(float) * ratio
    return pd.DataFrame(
        {
            "area_code": idaci["lsoa_code"],
            "area_name": idaci["lsoa_name"],
            "area_level": "lsoa",
            "year": POPULATION_YEARS[editions[0]],
            "sex": "persons",
            "ages": "0-17",
            "age": pd.array([pd.NA] * len(idaci), dtype="Int64"),
            "population": children,
            "status": children.notna().map({True: "modelled", False: "not_available"}),
            "source": idaci["source"] + SEPARATOR + base["source"].iloc[0],
        }
    )


def rake_to_authority(
    small: pd.DataFrame,
    authority: pd.DataFrame,
    *,
    areas: Collection[str] | None = None,
) -> pd.DataFrame:
    """Scale the people of small areas so that they add up to the authority's estimate."""
    # Ratio raking: every small area is multiplied by the authority's people over the small areas'
    # people. This is done within the finest age bands that both tables have. If the authority has
    # the whole span as one band and also parts of it, the band is the total and the parts divide
    # it by age. The result adds up to the authority's total, shares of the areas within a band
    # stay the same, and raking again changes nothing. Moves between areas since ``base_year`` are
    # not seen: :func:`bolton_jsna.measures.ward_children.carrying_error` has the size of the
    # error.
    _one_set(small, "small areas")
    _one_set(authority, "authority")
    _same_people(small, authority, areas)
    bands = _whole_bands(small)
    targets = _targets(authority, bands)
    if not sum(targets.values()) and small["population"].sum():
        raise UsageError(
            f"{authority['area_name'].iloc[0]} has an estimate of zero people, but its small areas "
            f"have {small['population'].sum():,.0f}. Check the authority's estimate."
        )
    known = small["ages"].map(bounds)
    factor = known.map(lambda _: 1.0).astype(float)
    for (low, high), people in targets.items():
        inside = known.map(lambda each, low=low, high=high: low <= each[0] and each[1] <= high)
        there = float(small.loc[inside, "population"].sum())
        if not there and people:
            raise UsageError(
                f"No small area has people aged {low}-{high}; the authority has {people:,.0f}. "
                "Give wider age bands, or the small areas' estimates of a nearer year."
            )
        factor[inside] = people / there if there else 1.0
    base = small["base_year"] if "base_year" in small.columns else small["year"]
    added = authority["source"].dropna().unique().tolist()
    return small.assign(
        year=int(authority["year"].iloc[0]),
        population=small["population"].astype(float) * factor,
        status="modelled",
        source=[_sources(each, *added) for each in small["source"]],
        base_year=base,
    )


def adds_up(small: pd.DataFrame, total: float) -> bool:
    """Return whether small areas add up to a number of people, apart from rounding."""
    modelled = (small["status"] == "modelled").any()
    most = 1e-9 * total if modelled else _ROUNDING * small["area_code"].nunique()
    return abs(float(small["population"].sum()) - total) <= most


def _one_set(frame: pd.DataFrame, what: str) -> None:
    """Reject rows that are not one year's numbers of people, each counted once."""
    if frame.empty:
        raise UsageError(f"There are no rows for the {what}. Give the estimate of one mid-year.")
    for column in ("year", "sex"):
        found = frame[column].unique().tolist()
        if len(found) != 1:
            raise UsageError(
                f"Expected one {column} for the {what}; found {some(found)}. Give the rows of one."
            )
    twice = frame.loc[frame.duplicated(["area_code", "ages"]), "area_code"]
    if len(twice):
        raise UsageError(
            f"More than one row for the {what} of the same area and ages: {some(twice.unique())}. "
            "Give each once."
        )
    numbers = frame["population"].astype(float)
    wrong = frame.loc[~(np.isfinite(numbers) & (numbers >= 0)), ["area_code", "population"]]
    if len(wrong):
        first = wrong.iloc[0]
        raise UsageError(
            f"{len(wrong)} rows for the {what} have no number of people that can be used, first "
            f"{first['area_code']}: {first['population']}. Expected zero or more in every row."
        )


def _same_people(
    small: pd.DataFrame, authority: pd.DataFrame, areas: Collection[str] | None
) -> None:
    """Reject small areas that are not those of the one authority."""
    if len(authority["area_code"].unique()) != 1:
        raise UsageError(
            f"Expected one authority; found {some(authority['area_name'].unique())}. Rake the "
            "small areas of each authority separately."
        )
    sexes = small["sex"].iloc[0], authority["sex"].iloc[0]
    if sexes[0] != sexes[1]:
        raise UsageError(
            f"The small areas' rows are of {sexes[0]}, the authority's of {sexes[1]}. Give the "
            "same sex."
        )
    name, found = authority["area_name"].iloc[0], set(small["area_code"])
    strange = sorted(found - set(areas)) if areas is not None else []
    if strange:
        raise UsageError(
            f"{len(strange)} small areas are not in {name} ({some(strange, most=3)}). They are of "
            "another authority or another year's boundaries."
        )
    absent = sorted(set(areas) - found) if areas is not None else []
    if absent:
        raise UsageError(
            f"{len(absent)} small areas of {name} have no row ({some(absent, most=3)}). The others "
            "would be scaled up to include their people. Give all of them."
        )


def _whole_bands(small: pd.DataFrame) -> list[tuple[int, int]]:
    """Return the age bands of the small areas in order: one after the other, in every area."""
    bands = sorted(map(bounds, small["ages"].unique()))
    if not covers(bands, (bands[0][0], bands[-1][1])):
        raise UsageError(
            f"The small areas' ages overlap or leave a gap: {some(small['ages'].unique())}. Give "
            "bands that follow each other."
        )
    parts = small.groupby("area_code").size()
    short = parts[parts != len(bands)]
    if len(short):
        raise UsageError(
            f"{len(short)} small areas do not have all {len(bands)} age bands, first "
            f"{short.index[0]} with {short.iloc[0]}. Give every band of every area."
        )
    return bands


def _targets(authority: pd.DataFrame, bands: list[tuple[int, int]]) -> dict[tuple[int, int], float]:
    """Return the authority's people in the finest age bands that both sides can be summed to."""
    low, high = bands[0][0], bands[-1][1]
    people = {
        bounds(ages): float(number)
        for ages, number in zip(authority["ages"], authority["population"], strict=True)
    }
    total = people.get((low, high))
    # The finest division first.
    several = [each for each in coverings(authority["ages"], (low, high)) if len(each) > 1]
    parts = [bounds(each) for each in several[0]] if several else []
    if total is None and not parts:
        raise UsageError(
            f"{authority['area_name'].iloc[0]} has no estimate of the ages {low}-{high}; it has "
            f"{some(authority['ages'].unique(), most=20)}. Give these, in one band or in parts."
        )
    whole = sum(people[each] for each in parts)
    if not parts or (total is not None and not whole):
        return {(low, high): float(total or 0)}
    scale = 1.0 if total is None else total / whole
    ends = {each[1] for each in bands} & {each[1] for each in parts}
    found: dict[tuple[int, int], float] = {}
    start, added = low, 0.0
    for each in parts:
        added += people[each] * scale
        if each[1] in ends:
            found[start, each[1]] = added
            start, added = each[1] + 1, 0.0
    return found


def _sources(*ids: str) -> str:
    """Return the ids of several sources, each named once."""
    return SEPARATOR.join(
        dict.fromkeys(part for each in ids for part in str(each).split(SEPARATOR))
    )
