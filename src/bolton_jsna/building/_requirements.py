"""What a build needs from each table, checked before anything is made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.catalogue import dataset
from bolton_jsna.core.areas import ENGLAND, Area
from bolton_jsna.core.commands import refresh_command, with_workspace
from bolton_jsna.core.errors import VintageError, some

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

_FIGURES: Final = {
    "idaci_score": ("scores", "File 3 has ranks and deciles only; File 5 or 7 has the scores"),
    "children_0_15": ("numbers of children aged 0-15", "File 6 or 7 has them"),
}
_AGES: Final = frozenset(range(18))

_Gap = tuple[str, str]
"""What is missing, and the dataset that has it."""


def unmet(
    place: Area,
    *,
    idaci: pd.DataFrame | None = None,
    children: pd.DataFrame | None = None,
    lookup: pd.DataFrame | None = None,
    wards: gpd.GeoDataFrame | None = None,
    projections: pd.DataFrame | None = None,
    figures: pd.DataFrame | None = None,
) -> list[str]:
    """Return what a build needs and tables do not have, a line for each, with how to get it."""
    found: list[_Gap] = []
    if idaci is not None:
        found += _about_figures(place, idaci)
    if lookup is not None and idaci is not None:
        found += _about_lsoas(place, idaci, lookup)
    if lookup is not None and children is not None:
        found += _about_children(place, children, lookup)
    if wards is not None:
        found += _about_shapes(place, wards)
    if projections is not None:
        found += _about_ages(place, projections)
    if figures is not None and ENGLAND not in set(figures["area_code"]):
        what = "There are no figures of England, which every authority is compared with."
        found.append((what, "children_in_need"))
    return [f"{what} {dataset(name).how_to_get_for(place.name)}" for what, name in found]


def no_common_wards(place: Area, unlike: Sequence[str], folder: Path) -> VintageError:
    """Return the error for boundaries and lookups that are all of different wards."""
    year = max(each.edition for each in dataset("ward_boundaries").editions)
    both = [f"ward_boundaries@{year}", f"lookup@lsoa21-ward{year[2:]}"]
    command = with_workspace(refresh_command(both, [place.name]), folder)
    return VintageError(
        f"No ward boundaries of {place.name} fit a lookup: {some(unlike)}. Both must be of one "
        f"year. To fetch both of {year}: {command} (or put both of another year in "
        "data/raw/ward_boundaries/ and data/raw/lookup/)."
    )


def _about_figures(place: Area, idaci: pd.DataFrame) -> Iterator[_Gap]:
    edition = int(idaci["edition"].iloc[0])
    for column, (what, why) in _FIGURES.items():
        if idaci[column].isna().all():
            text = f"The Indices of {edition} have no IDACI {what} of any LSOA of {place.name}"
            yield f"{text}: {why}.", "idaci"


def _about_lsoas(place: Area, idaci: pd.DataFrame, lookup: pd.DataFrame) -> Iterator[_Gap]:
    of, to = set(idaci["lsoa_code"]), set(lookup["from_code"])
    for absent, where, name in (
        (to - of, f"the Indices of {int(idaci['edition'].iloc[0])}", "idaci"),
        (of - to, f"the lookup to {lookup['to_geography'].iloc[0]}", "lookup"),
    ):
        if absent:
            codes = some(sorted(absent), most=3)
            yield (
                (
                    f"{len(absent)} of {place.name}'s {len(of | to)} LSOAs ({codes}) are not in "
                    f"{where}."
                ),
                name,
            )


def _about_children(place: Area, children: pd.DataFrame, lookup: pd.DataFrame) -> Iterator[_Gap]:
    known = set(children.loc[children["population"].notna(), "area_code"])
    absent = sorted(set(lookup["from_code"]) - known)
    if absent:
        yield (
            (
                f"{len(absent)} of {place.name}'s {lookup['from_code'].nunique()} LSOAs "
                f"({some(absent, most=3)}) have no number of children aged 0-17 at "
                f"mid-{int(children['year'].iloc[0])}."
            ),
            "population_estimates",
        )


def _about_shapes(place: Area, wards: gpd.GeoDataFrame) -> Iterator[_Gap]:
    bare = wards.loc[wards.geometry.isna() | wards.geometry.is_empty, "area_code"].tolist()
    if bare:
        year = f" of {int(wards['year'].iloc[0])}" if "year" in wards.columns else ""
        text = f"{len(bare)} of {place.name}'s {len(wards)} wards{year} have no shape"
        yield f"{text} ({some(bare, most=3)}).", "ward_boundaries"


def _about_ages(place: Area, projections: pd.DataFrame) -> Iterator[_Gap]:
    ages = projections[projections["sex"] == "persons"].groupby("year")["age"].agg(set)
    short = [int(year) for year, there in ages.items() if not there >= _AGES]
    if short or ages.empty:
        years = f" in {some(short, most=3)}" if short else ""
        text = f"The projections of {place.name} do not have persons of each age from 0 to 17"
        yield f"{text}{years}.", "population_projections"
