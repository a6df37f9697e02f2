"""The denominators of ward rates: the children of small areas."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bolton_jsna.core.areas import Area
from bolton_jsna.core.errors import MissingDataError
from bolton_jsna.core.years import denominator_year
from bolton_jsna.loaders import load_idaci, load_population_estimates
from bolton_jsna.measures.small_area_population import adds_up, rake_to_authority
from bolton_jsna.tables.idaci import POPULATION_YEARS

if TYPE_CHECKING:
    import pandas as pd


def estimates(figures: pd.DataFrame, place: Area) -> dict[int, int]:
    """Return the children aged 0-17 behind an authority's own rates, by mid-year."""
    own = figures[figures["area_code"] == place.code].dropna(subset=["population"])
    own = own.drop_duplicates("year").sort_values("year")
    return {
        denominator_year(int(row.year)): int(row.population) for row in own.itertuples(index=False)
    }


def small_area_children(
    place: Area,
    idaci: pd.DataFrame,
    figures: pd.DataFrame,
    *,
    year: int | None,
    as_spread: bool = False,
    workspace: str | Path | None,
) -> pd.DataFrame:
    """Return the children aged 0-17 of each LSOA behind the rates of a year.

    ``as_spread``: if there is no estimate of that year by LSOA, the authority's children are spread
    over its LSOAs as in the latest year.
    """
    people = estimates(figures, place)
    edition = _newest_edition(place, idaci, workspace)

    def load(mid: int | None) -> pd.DataFrame:
        return _one_row_each(
            load_population_estimates(
                place, level="lsoa", years=mid, idaci_edition=edition, workspace=workspace
            )
        )

    latest = max(people)
    mid = latest if year is None else denominator_year(year)
    try:
        found = load(mid)
    except MissingDataError:
        if mid in people and as_spread:
            found = load(None).assign(year=mid)
        elif mid > latest:
            mid = latest
            found = load(mid)
        else:
            raise
    total = people.get(mid)
    if total is None or adds_up(found, total) or found["population"].isna().any():
        return found
    # The authority's rate was published with another issue of the estimate.
    own = found.head(1).assign(
        area_code=place.code,
        area_name=place.name,
        population=float(total),
        source=figures.loc[figures["area_code"] == place.code, "source"].iloc[0],
    )
    return rake_to_authority(found, own)


def _newest_edition(place: Area, idaci: pd.DataFrame, workspace: str | Path | None) -> int:
    """Return the newest edition of the Indices whose LSOAs are the same."""
    # An older edition's deprivation may be mapped, but its children would be years out of date.
    for edition in sorted(POPULATION_YEARS, reverse=True):
        try:
            newest = load_idaci(place, edition=edition, workspace=workspace)
        except MissingDataError:
            continue
        same = set(newest["lsoa_code"]) == set(idaci["lsoa_code"])
        # The file of ranks alone has no children, from which those of the LSOAs are modelled.
        if same and newest["children_0_15"].notna().all():
            return edition
    return int(idaci["edition"].iloc[0])


def _one_row_each(children: pd.DataFrame) -> pd.DataFrame:
    """Add single years of age up to one row per LSOA; a sum with a missing part is missing."""
    import pandas as pd

    if not children["area_code"].duplicated().any():
        return children
    states = children["status"]
    # The state of a sum is that of a part without a number, else modelled if any part is.
    no_number = states.where(~states.isin(["value", "modelled"]))
    groups = children.assign(
        no_number=no_number, modelled=states == "modelled", known=children["population"].notna()
    ).groupby("area_code", sort=False)
    first = groups.first().reset_index()
    total, known, modelled, state = (
        first["area_code"].map(each)
        for each in (
            groups["population"].sum(),
            groups["known"].all(),
            groups["modelled"].any(),
            groups["no_number"].first(),
        )
    )
    counted = pd.Series("value", first.index).mask(modelled, "modelled")
    return first.assign(
        age=pd.array([pd.NA] * len(first), dtype="Int64"),
        ages="0-17",
        population=total.where(known),
        status=state.where(state.notna(), counted),
    )[children.columns]
