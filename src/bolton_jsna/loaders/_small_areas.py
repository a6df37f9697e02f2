"""Children of wards and LSOAs: published, or scaled to the authority's estimate of the year."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.areas import Area
from bolton_jsna.core.errors import some
from bolton_jsna.core.provenance import SEPARATOR
from bolton_jsna.ingest import raw_tables as raw
from bolton_jsna.loaders import _resolve
from bolton_jsna.loaders._resolve import Missing
from bolton_jsna.loaders.arguments import Folder
from bolton_jsna.loaders.boundaries import lookup_of
from bolton_jsna.tables.idaci import POPULATION_YEARS
from bolton_jsna.tables.population.cells import coverings

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.measures.ward_children import Base

_log = logging.getLogger(__name__)

CHILDREN: Final = (0, 17)
"""The ages of a child in DfE's rates, which are those that a refresh fetches."""

_ALL_AGES: Final = (
    "the ONS CSV of estimates by single year of age, or a Nomis CSV of NM_2002_1 (authorities) or "
    "NM_2014_1 (LSOAs) with all ages,"
)


def offered(ages: tuple[int, int]) -> dict[str, Any]:
    """Return which files of authorities may have these ages, as arguments of ``missing``."""
    if ages[1] <= CHILDREN[1]:
        return {"holds": ["authority"]}
    # No file that is fetched holds them.
    return {"holds": ["all ages"], "by_hand": {"files": _ALL_AGES}}


def small_areas(
    place: Area,
    *,
    idaci: pd.DataFrame | Missing,
    authority: pd.DataFrame,
    projections: Callable[[], pd.DataFrame | Missing],
    level: str,
    ages: tuple[int, int],
    years: Sequence[int] | None,
    workspace: Folder,
) -> pd.DataFrame | Missing:
    """Return the people of an authority's LSOAs or wards at some mid-years."""
    if isinstance(idaci, Missing):
        return idaci
    import pandas as pd

    estimates = _published(place, idaci, ages=ages, workspace=workspace)
    numbers = covering(authority[authority["population"].notna()], ages)
    targets = {int(year): rows for year, rows in numbers.groupby("year")}
    wanted = list(years) if years is not None else sorted(targets or estimates)[-1:]
    absent = [each for each in wanted if each not in targets and each not in estimates]
    if absent or not wanted:
        at = f" at mid-{some(absent)}" if absent else ""
        there = f" It has mid-{some(sorted(targets), most=20)}." if targets else ""
        return _resolve.missing(
            "population_estimates",
            f"the estimate of {place.name} (ages {ages[0]}-{ages[1]}){at}",
            more=f"Wards and LSOAs are scaled to it.{there}",
            **offered(ages),
            areas=[place],
        )
    parts = []
    for year in dict.fromkeys(wanted):
        own, target = estimates.get(year), targets.get(year)
        if own is not None and (target is None or _agree(own, target, ages)):
            parts.append(own.assign(base_year=year))
            continue
        base = _nearest(estimates, year, place)
        if base is None:
            base = _modelled(place, idaci, ages, projections)
            if isinstance(base, Missing):
                return base
        parts.append(_raked(place, base, targets[year], idaci))
    found = pd.concat(parts, ignore_index=True)
    return found if level == "lsoa" else _by_ward(place, found, idaci, workspace)


def _published(
    place: Area, idaci: pd.DataFrame, *, ages: tuple[int, int], workspace: Folder
) -> dict[int, pd.DataFrame]:
    """Return the ONS estimates by LSOA of each mid-year that has all LSOAs of the authority."""
    found = raw.table("population_estimates", workspace, ages=ages)
    if found is None:
        return {}
    codes = set(idaci["lsoa_code"])
    found = found[(found["area_level"] == "lsoa") & (found["sex"] == "persons")]
    found = found[found["area_code"].isin(codes)]
    years: dict[int, pd.DataFrame] = {}
    for year, rows in found.groupby("year"):
        usable = covering(rows, ages)
        ways = [
            usable[usable["ages"].isin(each)] for each in coverings(usable["ages"].unique(), ages)
        ]
        whole = next((each for each in ways if set(each["area_code"]) == codes), None)
        if whole is not None:
            years[int(year)] = whole
            continue
        _log.warning(
            "estimates by LSOA of mid-%s in data/raw/population_estimates are not used for %s: "
            "expected all ages %s-%s of its %s LSOAs, found %s",
            year,
            place.name,
            *ages,
            len(codes),
            f"{rows['area_code'].nunique()} LSOAs with {some(rows['ages'].unique())}",
        )
    return years


def covering(rows: pd.DataFrame, ages: tuple[int, int]) -> pd.DataFrame:
    """Keep the rows that make up some ages: their band, all single years, or all bands."""
    # Of several files with the same figure, the newest is used. If a part of the ages is missing
    # for an area and year, it has no row: the sum would be too small.
    ordered = rows.sort_values("source", kind="stable")
    once = ordered.drop_duplicates(["area_code", "year", "ages"], keep="last").sort_index()
    kept = once["ages"].isna()
    for labels in coverings(once["ages"].unique(), ages):
        of = once["ages"].isin(labels)
        number = of.groupby([once["area_code"], once["year"]]).transform("sum")
        kept |= of & (number == len(labels))
    return once[kept]


def _agree(own: pd.DataFrame, target: pd.DataFrame, ages: tuple[int, int]) -> bool:
    """Return whether LSOAs add up to the authority; also if some have no number."""
    from bolton_jsna.measures.small_area_population import adds_up

    first = coverings(target["ages"], ages)[0]
    total = float(target.loc[target["ages"].isin(first), "population"].sum())
    return bool(own["population"].isna().any()) or adds_up(own, total)


def _nearest(estimates: dict[int, pd.DataFrame], year: int, place: Area) -> pd.DataFrame | None:
    """Return the estimates of the nearest mid-year that have every number, the newer of two."""
    for near in sorted(estimates, key=lambda each: (abs(each - year), -each)):
        missing = int(estimates[near]["population"].isna().sum())
        if not missing:
            return estimates[near]
        _log.warning(
            "estimates by LSOA of mid-%s are not scaled to mid-%s for %s: %s have no number",
            near,
            year,
            place.name,
            missing,
        )
    return None


def _modelled(
    place: Area,
    idaci: pd.DataFrame,
    ages: tuple[int, int],
    projections: Callable[[], pd.DataFrame | Missing],
) -> pd.DataFrame | Missing:
    """Model children aged 0-17 from the Indices' children aged 0-15."""
    from bolton_jsna.measures.small_area_population import modelled_children

    def missing(more: str) -> Missing:
        return _resolve.missing(
            "population_estimates",
            f"ages {ages[0]}-{ages[1]} by LSOA of {place.name}",
            more=more,
            holds=["lsoa"],
            areas=[place],
        )

    if ages != CHILDREN:
        return missing("Only ages 0-17 can be modelled without ONS small-area estimates.")
    unknown = int(idaci["children_0_15"].isna().sum())
    if unknown and int(idaci["edition"].iloc[0]) in POPULATION_YEARS:
        return missing(
            f"They cannot be modelled: {unknown} of {len(idaci)} LSOAs have no number of children "
            "aged 0-15 in the Indices."
        )
    found = projections()
    if isinstance(found, Missing):
        return missing(f"They cannot be modelled either: {found.message}")
    return modelled_children(idaci, found)


def _raked(
    place: Area, base: pd.DataFrame, target: pd.DataFrame, idaci: pd.DataFrame
) -> pd.DataFrame:
    from bolton_jsna.measures.small_area_population import rake_to_authority
    from bolton_jsna.measures.ward_children import carrying_error

    start, end = int(base["year"].iloc[0]), int(target["year"].iloc[0])
    kind: Base = "modelled" if (base["status"] == "modelled").any() else "estimates"
    tested = carrying_error(kind, end - start)
    if tested is not None and tested.years != end - start:
        _log.warning(
            "children by LSOA of %s at mid-%s have the spread of mid-%s, %s years away; the error "
            "was tested over %s years at most",
            place.name,
            end,
            start,
            abs(end - start),
            abs(tested.years),
        )
    return rake_to_authority(base, target, areas=set(idaci["lsoa_code"]))


def _by_ward(
    place: Area, found: pd.DataFrame, idaci: pd.DataFrame, workspace: Folder
) -> pd.DataFrame | Missing:
    """Add up LSOAs to wards, each year and age separately."""
    import pandas as pd

    from bolton_jsna.geography import children_to_areas

    small = f"lsoa{int(idaci['lsoa_year'].iloc[0]) % 100:02d}"
    lookup = lookup_of(place, of=small, workspace=workspace)
    if isinstance(lookup, Missing):
        return lookup
    parts = []
    for (year, band), rows in found.groupby(["year", "ages"], sort=False):
        first = rows.iloc[0]
        parts.append(
            children_to_areas(rows, lookup).assign(
                area_level="ward",
                year=year,
                sex="persons",
                ages=band,
                age=first["age"],
                source=SEPARATOR.join([first["source"], lookup["source"].iloc[0]]),
                base_year=first["base_year"],
            )
        )
    return pd.concat(parts, ignore_index=True)[found.columns]
