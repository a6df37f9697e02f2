"""Boundaries and lookups of wards and LSOAs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from bolton_jsna import catalogue, snapshot
from bolton_jsna.core.areas import DEFAULT_AREA, Area, district_codes
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import choice, some
from bolton_jsna.core.years import one_year
from bolton_jsna.ingest import raw_tables as raw
from bolton_jsna.loaders import _alternatives, _resolve, arguments
from bolton_jsna.loaders._alternatives import NAMES
from bolton_jsna.loaders._authority_shapes import authority_shapes
from bolton_jsna.loaders._deprivation import districts_of, lsoas_of
from bolton_jsna.loaders._lookup_chain import chained
from bolton_jsna.loaders._resolve import Missing
from bolton_jsna.loaders.arguments import Folder, Place

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


@checked
def load_boundaries(
    area: Place = DEFAULT_AREA,
    level: Literal["ward", "lsoa", "authority"] = "ward",
    *,
    year: int | None = None,
    workspace: Folder = None,
    download: bool | None = None,
) -> gpd.GeoDataFrame:
    """Return the boundaries of an area's wards or LSOAs, or of upper-tier authorities.

    Parameters
    ----------
    area : place
        An authority; or a region or England, where the workspace holds those of all its
        authorities.
    level : {"ward", "lsoa", "authority"}
        With ``"authority"``, the authorities of today in an area. Districts of counties are put
        together, and wards of the latest year where there is no layer of authorities or districts.
    year : int, optional
        Year of the boundaries; by default that of the catalogue (2023 for wards, 2021 for
        LSOAs), and the latest of authorities. Bolton's wards of 2023, 2024 and 2025 are the same,
        and so are its LSOAs of 2011 and 2021.
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
    ONS Open Geography: wards and LSOAs generalised to 20 m. These are accurate enough for a map
    of a borough, not to find the area of a single house.

    Examples
    --------
    >>> wards = load_boundaries("Bolton")
    >>> len(wards), wards.crs.to_epsg(), round(wards.area.sum() / 1e6)
    (20, 27700, 140)
    """
    choice("level", level, ("ward", "lsoa", "authority"))
    place = arguments.place_with_areas(area)
    if level == "authority":
        when = None if year is None else one_year("year", year)
        return _resolve.load(
            authority_shapes, place, year=when, workspace=workspace, download=download
        )
    usual = catalogue.default_year(f"{level}_boundaries")
    wanted = usual if year is None else one_year("year", year)
    return _resolve.load(
        _boundaries, place, level=level, year=wanted, workspace=workspace, download=download
    )


def _boundaries(
    place: Area, *, level: str, year: int, workspace: Folder
) -> gpd.GeoDataFrame | Missing:
    name = f"{level}_boundaries"
    found = raw.table(name, workspace)
    unplaced, more = 0, ""
    if found is not None:
        found = found[found["year"] == year]
        stated = found["authority_code"]
        known, all_known = _codes_of(place, level=level, year=year, workspace=workspace)
        ours = stated.isin(district_codes(place)) | (stated.isna() & found["area_code"].isin(known))
        rows = found[ours].reset_index(drop=True)
        if len(rows):
            absent = _authorities_without(
                place, rows["area_code"], rows["authority_code"], workspace
            )
            if not absent:
                return rows
            more = f"It has none of {some(absent)}."
        unplaced = 0 if all_known else int(found["authority_code"].isna().sum())
    source = snapshot.newest(name)
    held = snapshot.read(source)
    ours_held = place.code in set(held["authority_code"]) and year in snapshot.serves(source)
    if ours_held and not unplaced:
        return held.assign(year=year)
    if unplaced:
        more = (
            f"data/raw/{name}/ has {unplaced:,} {NAMES[level]} of {year} without their authority. "
            f"{_alternatives.lookup_for(place, level, year)}"
        )
    return _resolve.missing(
        name,
        f"the {NAMES[level]} of {place.name} of {year}",
        more=more,
        edition=year,
        instead=_alternatives.of_boundaries(place, level, year),
        by_hand={"year": str(year), "name": f"{level}s_{year}.geojson"},
        areas=[place],
        within=True,
    )


def _authorities_without(
    place: Area, codes: pd.Series, stated: pd.Series, workspace: Folder
) -> list[str]:
    """Return the names of the authorities of a region or of England without small areas."""
    if place.level == "authority":
        return []
    lookups = lookups_of(place, workspace)
    joined = lookups["from_code"].isin(codes) | lookups["to_code"].isin(codes)
    known = {*stated.dropna(), *lookups.loc[joined, "area_code"].dropna()}
    known |= districts_of(set(codes), workspace)
    return [each.name for each in arguments.authorities_without(place, known)]


def _codes_of(place: Area, *, level: str, year: int, workspace: Folder) -> tuple[set[str], bool]:
    """Return the known codes of an authority's areas, and whether all of the year are known."""
    lookups = lookups_of(place, workspace)
    if level == "lsoa":
        small = lookups["from_geography"].str.startswith("lsoa")
        codes = lsoas_of(place, workspace) | set(lookups.loc[small, "from_code"])
        return codes, bool(codes)
    # A ward with new boundaries has a new code, so codes of any year identify the authority.
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


@checked
def load_lookup(
    area: Place = DEFAULT_AREA,
    *,
    of: str = f"lsoa{catalogue.default_year('lsoa_boundaries') % 100:02d}",
    to: str | None = None,
    workspace: Folder = None,
    download: bool | None = None,
) -> pd.DataFrame:
    """Return which ward (or other area) each small area of an authority is counted in.

    Parameters
    ----------
    area : place
        An authority; or a region or England, as in :func:`load_boundaries`.
    of : str, default "lsoa21"
        Kind and year of the small areas.
    to : str, optional
        Kind and year of the larger areas, such as ``"ward23"``. By default the wards whose
        boundaries are available, if there is a lookup to them; else the wards of the lookup that
        is available. If there are several years, 2023 is used, or else the latest. Bolton's wards
        of 2023, 2024 and 2025 share their codes.
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
    ONS best-fit lookups: an LSOA that lies in several wards is counted whole in one of them. If
    there is no lookup between two kinds of areas but one to and one from a third, such as LSOAs of
    2011 to those of 2021 and these to wards, both are used: an LSOA that was split is counted whole
    in the area of most of its parts.

    Examples
    --------
    >>> lookup = load_lookup("Bolton")
    >>> len(lookup), lookup["to_code"].nunique(), lookup["method"].unique().tolist()
    (177, 20, ['best_fit'])
    """
    place = arguments.place_with_areas(area)
    return _resolve.load(lookup_of, place, of=of, to=to, workspace=workspace, download=download)


def lookup_of(
    place: Area, *, of: str, to: str | None = None, workspace: Folder
) -> pd.DataFrame | Missing:
    """Return the rows of :func:`load_lookup` from the workspace and the snapshot."""
    every = lookups_of(place, workspace)
    held, smaller, larger = _held_lookup(place)
    to = to or _default_wards(place, every, larger if of in smaller else [], of, workspace)
    frame = every[(every["from_geography"] == of) & (every["to_geography"] == to)]
    if frame.empty:
        # A file of several kinds of areas has more lookups than to the next larger kind.
        further = raw.table("lookup", workspace, of=of, to=to)
        frame = frame if further is None else _lookups_in(further, place, workspace)
    if frame.empty:
        frame = chained(every, of, to)
    absent = _authorities_without(place, frame["from_code"], frame["area_code"], workspace)
    if len(frame) and not absent:
        return frame.reset_index(drop=True)
    if of in smaller and to in larger:
        return held.assign(from_geography=of, to_geography=to)
    there = sorted(set(every["from_geography"] + " to " + every["to_geography"]))
    there += [f"{origin} to {goal}" for origin in smaller for goal in larger]
    return _resolve.missing(
        "lookup",
        f"{of} to {to} of {place.name}",
        more=f"It has none of {some(absent)}."
        if len(frame)
        else _alternatives.lookups_there(place, of, to, there),
        edition=f"{of}-{to}",
        instead=_alternatives.of_lookup(place, of, to),
        by_hand=_alternatives.lookup_by_hand(of, to),
        areas=[place],
        within=True,
    )


def _held_lookup(place: Area) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Return the snapshot's lookup, and the small and the larger areas it is for, if any."""
    # Neither Bolton's LSOAs nor its wards have changed in the years that the snapshot serves.
    source = snapshot.newest("lookup")
    held = snapshot.read(source)
    if place.code not in set(held["area_code"]):
        return held, [], []
    small = snapshot.serves(snapshot.newest("lsoa_boundaries"))
    return held, [f"lsoa{each % 100}" for each in small], _wards(snapshot.serves(source))


def _wards(years: Iterable[int]) -> list[str]:
    return [f"ward{each % 100:02d}" for each in years]


def _default_wards(
    place: Area, lookups: pd.DataFrame, held: Sequence[str], of: str, workspace: Folder
) -> str:
    """Return the wards of a lookup by default: if possible those with boundaries, as "ward23"."""
    (usual,) = _wards([catalogue.default_year("ward_boundaries")])
    shapes = raw.table("ward_boundaries", workspace)
    drawn = set() if shapes is None else set(_wards(shapes["year"].unique()))
    joined = set(lookups.loc[lookups["from_geography"] == of, "to_geography"]).union(held)

    def ordered(wards: Iterable[str]) -> list[str]:
        found = (each for each in wards if each.startswith("ward"))
        return sorted(found, key=lambda each: (each == usual, each), reverse=True)

    def has_boundaries(wards: str) -> bool:
        # The snapshot has the boundaries of the wards of its lookup.
        if wards in held or wards not in drawn:
            return wards in held
        year = 2000 + int(wards[4:])
        found = _boundaries(place, level="ward", year=year, workspace=workspace)
        return not isinstance(found, Missing)

    first = next(filter(has_boundaries, ordered(joined)), None) or next(iter(ordered(joined)), None)
    return first or next(filter(has_boundaries, ordered(drawn)), usual)


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
