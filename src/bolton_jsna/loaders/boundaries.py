"""Boundaries and lookups of wards and LSOAs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from bolton_jsna import snapshot
from bolton_jsna.core.areas import DEFAULT_AREA, Area, district_codes
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.core.errors import choice
from bolton_jsna.ingest import raw_tables as raw
from bolton_jsna.loaders import _alternatives, _resolve, arguments
from bolton_jsna.loaders._alternatives import NAMES
from bolton_jsna.loaders._deprivation import lsoas_of
from bolton_jsna.loaders.arguments import Folder, Place

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


def load_boundaries(
    area: Place = DEFAULT_AREA,
    *,
    level: Literal["ward", "lsoa"] = "ward",
    year: int | None = None,
    workspace: Folder = None,
    download: bool | None = None,
) -> gpd.GeoDataFrame:
    """Return the boundaries of an area's wards or LSOAs.

    Parameters
    ----------
    area : place
        An authority.
    level : {"ward", "lsoa"}
    year : int, optional
        Year of the boundaries; 2023 for wards and 2021 for LSOAs by default. Bolton's wards of
        2023, 2024 and 2025 are the same, and so are its LSOAs of 2011 and 2021.
    workspace : str or Path, optional
        The folder that holds ``data/raw/``.
    download : bool, optional
        Whether what neither has is fetched into the workspace; by default only if the
        environment variable ``BOLTON_JSNA_DOWNLOAD`` is 1.

    Returns
    -------
    GeoDataFrame
        ``area_code``, ``area_name``, ``level``, ``year``, ``authority_code``, ``source``,
        ``geometry`` in EPSG:27700 (metres).

    Raises
    ------
    MissingDataError
        When there are no boundaries of that year.
    AreaNotFoundError, UsageError
        When the area or the level is not known.

    Notes
    -----
    ONS Open Geography: wards generalised to 20 m; LSOAs super generalised to 200 m, good for a
    borough map, not for saying on which side of a line a house lies.

    Examples
    --------
    >>> wards = load_boundaries("Bolton")
    >>> len(wards), wards.crs.to_epsg(), round(wards.area.sum() / 1e6)
    (20, 27700, 140)
    """
    choice("level", level, ("ward", "lsoa"))
    place = area_of(area)
    wanted = year or (2023 if level == "ward" else 2021)
    return _resolve.filled(
        lambda: _boundaries(place, level, wanted, workspace), workspace=workspace, download=download
    )


def _boundaries(place: Area, level: str, year: int, workspace: Folder) -> gpd.GeoDataFrame:
    name = f"{level}_boundaries"
    found = raw.table(name, workspace)
    unplaced = 0
    if found is not None:
        found = found[found["year"] == year]
        stated = found["authority_code"]
        known, sure = _codes_of(place, level, year, workspace)
        ours = stated.isin(district_codes(place)) | (stated.isna() & found["area_code"].isin(known))
        if ours.any():
            return arguments.tidy(found[ours])
        unplaced = 0 if sure else int(stated.isna().sum())
    source = snapshot.newest(name)
    held = snapshot.read(source)
    ours_held = place.code in set(held["authority_code"]) and year in snapshot.serves(source)
    if ours_held and not unplaced:
        return held.assign(year=year)
    more = ""
    if unplaced:
        more = (
            f"data/raw/{name}/ has {unplaced:,} {NAMES[level]} of {year}, but nothing in them says "
            f"whose they are. {_alternatives.lookup_for(place, level, year)}"
        )
    raise _resolve.gap(
        name,
        f"the {NAMES[level]} of {place.name} of {year}",
        more=more,
        edition=year,
        instead=_alternatives.of_boundaries(place, level, year),
        by_hand={"year": str(year), "name": f"{level}s_{year}.geojson"},
        areas=[place],
    )


def _codes_of(place: Area, level: str, year: int, workspace: Folder) -> tuple[set[str], bool]:
    """Return the codes of an authority's areas, and whether they are all those of that year."""
    lookups = lookups_of(place, workspace)
    if level == "lsoa":
        small = lookups["from_geography"].str.startswith("lsoa")
        codes = lsoas_of(place, workspace) | set(lookups.loc[small, "from_code"])
        return codes, bool(codes)
    # A ward whose lines change has a new code: those of any year say whose it is.
    found: set[str] = set()
    years: set[str] = set()
    for side in ("from", "to"):
        wards = lookups[lookups[f"{side}_geography"].str.startswith("ward")]
        found |= set(wards[f"{side}_code"])
        years |= set(wards[f"{side}_geography"])
    source = snapshot.newest("lookup")
    held = snapshot.read(source)
    own = set(held.loc[held["area_code"] == place.code, "to_code"])
    if own and year in snapshot.serves(source):
        return found | own, True
    return found, f"ward{year % 100:02d}" in years


def load_lookup(
    area: Place = DEFAULT_AREA,
    *,
    of: str = "lsoa21",
    to: str = "ward23",
    workspace: Folder = None,
    download: bool | None = None,
) -> pd.DataFrame:
    """Return which ward (or other area) each small area of an authority is counted in.

    Parameters
    ----------
    area : place
        An authority.
    of, to : str
        Kind and year of the small and of the larger areas, such as ``"lsoa21"`` and
        ``"ward23"``. Bolton's wards of 2023, 2024 and 2025 share their codes.
    workspace : str or Path, optional
        The folder that holds ``data/raw/``.
    download : bool, optional
        Whether what neither has is fetched into the workspace; by default only if the
        environment variable ``BOLTON_JSNA_DOWNLOAD`` is 1.

    Returns
    -------
    DataFrame
        ``from_code``, ``from_name``, ``to_code``, ``to_name``, ``from_geography``,
        ``to_geography``, ``method`` (exact or best_fit), ``share``, ``area_code``, ``source``.

    Raises
    ------
    MissingDataError
        When there is no lookup between these geographies for the authority.
    AreaNotFoundError
        When the area is not known.

    Notes
    -----
    ONS best-fit lookups: an LSOA that straddles wards is counted whole in one of them.

    Examples
    --------
    >>> lookup = load_lookup("Bolton")
    >>> len(lookup), lookup["to_code"].nunique(), lookup["method"].unique().tolist()
    (177, 20, ['best_fit'])
    """
    place = area_of(area)
    return _resolve.filled(
        lambda: lookup_of(place, of, to, workspace), workspace=workspace, download=download
    )


def lookup_of(place: Area, of: str, to: str, workspace: Folder) -> pd.DataFrame:
    """Return what :func:`load_lookup` does, from workspace and snapshot alone."""
    every = lookups_of(place, workspace)
    frame = every[(every["from_geography"] == of) & (every["to_geography"] == to)]
    if frame.empty:
        # A file of several areas leads further than to the next larger ones.
        further = raw.table("lookup", workspace, of=of, to=to)
        frame = frame if further is None else _lookups_in(further, place, workspace)
    if len(frame):
        return arguments.tidy(frame)
    source = snapshot.newest("lookup")
    held = snapshot.read(source)
    ours = place.code in set(held["area_code"])
    # Neither Bolton's LSOAs nor its wards have changed in the years that the snapshot serves.
    smaller = [f"lsoa{each % 100}" for each in snapshot.serves(snapshot.newest("lsoa_boundaries"))]
    larger = [f"ward{each % 100}" for each in snapshot.serves(source)]
    if ours and of in smaller and to in larger:
        return held.assign(from_geography=of, to_geography=to)
    there = sorted(set(every["from_geography"] + " to " + every["to_geography"]))
    if ours:
        there += [f"{origin} to {goal}" for origin in smaller for goal in larger]
    raise _resolve.gap(
        "lookup",
        f"{of} to {to} of {place.name}",
        more=_alternatives.lookups_there(place, of, to, there),
        edition=f"{of}-{to}",
        instead=_alternatives.of_lookup(place, of, to),
        by_hand=_alternatives.lookup_by_hand(of, to),
        areas=[place],
    )


def lookups_of(place: Area, workspace: Folder) -> pd.DataFrame:
    """Return every lookup of an authority's small areas in the workspace, of any year."""
    found = raw.table("lookup", workspace)
    if found is None:
        return snapshot.read(snapshot.newest("lookup")).iloc[:0]
    return _lookups_in(found, place, workspace)


def _lookups_in(found: pd.DataFrame, place: Area, workspace: Folder) -> pd.DataFrame:
    ours = found["area_code"].isin(district_codes(place))
    if found["area_code"].isna().any():
        ours |= found["from_code"].isin(lsoas_of(place, workspace))
    return found[ours]
