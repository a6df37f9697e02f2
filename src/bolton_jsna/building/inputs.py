"""What a build needs, gathered whole before anything is made."""

from __future__ import annotations

import datetime as dt
import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bolton_jsna import catalogue, snapshot
from bolton_jsna.building import _requirements
from bolton_jsna.building._denominators import estimates, small_area_children
from bolton_jsna.building._local_years import known_until, last_year
from bolton_jsna.core.areas import DEFAULT_AREA, ENGLAND, Area
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.core.commands import (
    is_default_workspace,
    joined,
    with_workspace,
    without_workspace,
)
from bolton_jsna.core.errors import MissingDataError, UsageError, choice, some
from bolton_jsna.ingest import raw_tables as raw
from bolton_jsna.ingest import store
from bolton_jsna.loaders import (
    load_boundaries,
    load_children_in_need,
    load_idaci,
    load_local_records,
    load_lookup,
    load_population_projections,
    load_statistical_neighbours,
)
from bolton_jsna.loaders.arguments import missing
from bolton_jsna.loaders.boundaries import lookups_of
from bolton_jsna.loaders.safeguarding import fetch_figures
from bolton_jsna.tables.local import count_areas as local_areas
from bolton_jsna.tables.local import counts as local_counts
from bolton_jsna.tables.local import layouts as local_layouts
from bolton_jsna.tables.local.layouts import HOME
from bolton_jsna.tables.local.values import KINDS

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from bolton_jsna.tables.local.counts import LocalCounts
    from bolton_jsna.tables.local.layouts import Columns
    from bolton_jsna.tables.local.records import LocalRecords

_log = logging.getLogger(__name__)

MODELS = ("2025", "2021")
"""DfE's models of statistical neighbours, the current one first."""

WORDS = {
    "referrals": "Referrals to children's social care",
    "cpp_started": "Child protection plans started",
    "cpp_at_31_march": "Child protection plans at 31 March",
    "cin_at_31_march": "Children in need at 31 March",
}
"""The indicators of the chapter, as a reader names them."""

INDICATORS = tuple(WORDS)


@dataclass(frozen=True)
class Ingredients:
    """Everything that a build is made from, as the loaders gave it.

    ``authorities`` are the chapter's indicators of every authority that there are figures of, the
    latest year of the area; the others are of the area and those it is compared with.

    The authority's own events are ``local``, one row each, or ``counted``, added up already.
    ``from_file``: local records or counts were given. ``children`` are those aged 0-17 of each LSOA
    behind the rates of the chapter's year. ``until``
    is the day up to which the records are whole, where a person or the file says it.

    ``remarks`` are what was passed over or left out when the files were read.

    ``wards`` is None where there are no ward boundaries: everything but the maps is made then, and
    ``no_shapes`` says what is missing and how to get it.
    """

    place: Area
    projections: pd.DataFrame
    idaci: pd.DataFrame
    children: pd.DataFrame
    lookup: pd.DataFrame
    wards: gpd.GeoDataFrame | None
    neighbours: dict[str, pd.DataFrame]
    children_in_need: pd.DataFrame
    authorities: pd.DataFrame
    local: LocalRecords | None
    counted: LocalCounts | None = None
    no_shapes: str = ""
    remarks: tuple[str, ...] = ()
    until: dt.date | None = None
    from_file: bool = False

    @property
    def own_rejects(self) -> pd.DataFrame | None:
        """Rows of the authority's own file that could not be used; None without such a file."""
        own = self.local or self.counted
        return None if own is None else own.rejects

    @property
    def has_own_file(self) -> bool:
        """Whether there is a file of the authority's own, whatever it says of itself."""
        return self.from_file

    @property
    def illustrative(self) -> bool:
        """Whether the local records are made up."""
        return self.local is not None and bool(self.local.records["illustrative"].any())

    @property
    def homeless(self) -> bool:
        """Whether the local records have no home at all, as in Ofsted's lists and the census."""
        if self.local is None:
            return False
        homes = self.local.records[list(HOME)]
        return bool(len(homes) and homes.isna().all(axis=None))

    @property
    def latest_estimate(self) -> list[int] | None:
        """The latest mid-year and its children aged 0-17, as behind the authority's rates."""
        people = self.estimates
        return [last := max(people), people[last]] if people else None

    @property
    def estimates(self) -> dict[int, int]:
        """The authority's children aged 0-17 by mid-year, as behind its rates."""
        return estimates(self.children_in_need, self.place)


def gather(
    area: str | int | Area = DEFAULT_AREA,
    *,
    workspace: str | Path | None = None,
    local_records: str | Path | None = None,
    kind: str | None = None,
    columns: Columns | None = None,
    year: int | None = None,
    records_to: dt.date | None = None,
    idaci_edition: int = 2025,
) -> Ingredients:
    """Load everything a build needs, and name all that is missing at once."""
    place = area_of(area)
    if place.level != "authority" or place.until is not None:
        after = f" It ended in {place.until}; see {some(place.successors)}." if place.until else ""
        raise UsageError(
            f"A chapter is built for an upper-tier authority in being; {place.name} is none.{after}"
        )
    gaps: list[str] = []
    networks: list[str] = []

    def need(load: Callable[[], Any]) -> Any:
        try:
            return load()
        except MissingDataError as error:
            gaps.extend(each for each in error.message.splitlines() if each not in gaps)
            networks.append(error.network)
            return None

    idaci = need(lambda: load_idaci(place, edition=idaci_edition, workspace=workspace))
    projections = need(lambda: load_population_projections(place, workspace=workspace))
    small = f"lsoa{int(idaci['lsoa_year'].iloc[0]) % 100:02d}" if idaci is not None else "lsoa21"
    shapes = need(lambda: _ward_geography(place, small, workspace))
    neighbours = {
        model: table
        for model in MODELS
        if (table := _neighbours(place, model, workspace)) is not None
    }
    if not neighbours:
        need(lambda: load_statistical_neighbours(place, workspace=workspace))
    figures, authorities = need(lambda: _figures(place, neighbours, workspace)) or (None, None)
    children_of = functools.partial(small_area_children, place, idaci, figures, workspace=workspace)
    children = None
    if idaci is not None and projections is not None and figures is not None:
        children = need(lambda: children_of(year=year))
    lookup, wards, no_shapes = shapes or (None, None, "")
    gaps += _requirements.lacking(
        place,
        idaci=idaci,
        children=children,
        lookup=lookup,
        wards=wards,
        projections=projections,
        figures=figures,
    )
    if gaps:
        every = [*gaps, *([no_shapes] if no_shapes else [])]
        folder = store.workspace_folder(workspace)
        network = max(networks, key=len, default="")
        raise _cannot_be_built(
            place, [with_workspace(each, folder) for each in every], folder, network
        )
    local, counted = own_file(
        place,
        local_records,
        kind=kind,
        columns=columns,
        year=year,
        lookup=lookup,
        workspace=workspace,
    )
    until = known_until(local, records_to)
    covered = last_year(local, counted, until=until)
    if year is None and covered is not None:
        children = children_of(year=covered)
        lacking = _requirements.lacking(place, children=children, lookup=lookup)
        if lacking:
            raise _cannot_be_built(place, lacking, store.workspace_folder(workspace))
    return Ingredients(
        place=place,
        projections=projections,
        idaci=idaci,
        children=children,
        lookup=lookup,
        wards=wards,
        neighbours=neighbours,
        children_in_need=figures,
        authorities=authorities,
        local=local,
        counted=counted,
        until=until,
        from_file=local_records is not None,
        no_shapes=no_shapes,
        remarks=tuple(
            each for dataset in catalogue.datasets() for each in raw.remarks(dataset.id, workspace)
        ),
    )


def _cannot_be_built(
    place: Area, gaps: list[str], folder: Path, network: str = ""
) -> MissingDataError:
    if len(gaps) == 1:
        return MissingDataError(f"{place.name} cannot be built. {gaps[0]}", network)
    listed = "\n".join(f"- {gap}" for gap in gaps)
    where = [] if is_default_workspace(folder) else ["--workspace", str(folder)]
    command = joined(["bolton-jsna", "refresh", "--area", place.name, *where])
    fetch = f" To fetch all of it: {command}" if all(" --only " in gap for gap in gaps) else ""
    return MissingDataError(
        f"{place.name} cannot be built: {len(gaps)} things are missing.{fetch}\n{listed}", network
    )


def own_file(
    place: Area,
    path: str | Path | None,
    *,
    kind: str | None = None,
    columns: Columns | None = None,
    year: int | None = None,
    lookup: pd.DataFrame | None = None,
    workspace: str | Path | None = None,
    whole: bool = True,
) -> tuple[LocalRecords | None, LocalCounts | None]:
    """Return the authority's own records or counts, read alike for a build and a check."""
    told = "child_id" in local_layouts.mapping(columns).columns
    if path is not None and not told and local_counts.are_counts(path):
        names = None if lookup is None else local_areas.names_of(lookup)
        found = local_counts.read(path, event=_counted(kind), year=year, whole=whole, names=names)
        placed = found if lookup is None else local_areas.of_place(found, lookup, place.name)
        return None, placed
    if path is None and not snapshot.covers(place):
        return None, None
    return load_local_records(path, kind=kind, columns=columns, workspace=workspace), None


def _counted(kind: str | None) -> str | None:
    """Return the event of counts whose file does not name it."""
    if kind is None:
        return None
    choice("kind", kind, KINDS)
    return "referrals" if KINDS[kind] == "referral" else "cpp_at_31_march"


def _neighbours(place: Area, model: str, workspace: str | Path | None) -> pd.DataFrame | None:
    try:
        return load_statistical_neighbours(place, model=model, workspace=workspace)
    except MissingDataError:
        return None


def _figures(
    place: Area, neighbours: dict[str, pd.DataFrame], workspace: str | Path | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the figures of the area and its comparators, and the latest of all authorities."""
    wanted = {place.code, place.region_code, ENGLAND}
    for table in neighbours.values():
        wanted |= set(table["neighbour_code"])
    fetch_figures(sorted(wanted), workspace=workspace)
    everyone = load_children_in_need(workspace=workspace)
    there = set(everyone["area_code"])
    # A neighbour that has since been abolished has no current figures; the comparison says so.
    asked = [code for code in sorted(wanted) if code in there or code == place.code]
    figures = load_children_in_need(asked, workspace=workspace)
    own = figures[figures["area_code"] == place.code]
    if own["population"].isna().all():
        raise MissingDataError(
            missing(
                "population_estimates",
                f"children aged 0-17 of {place.name}, by which rates",
                place.name,
            )
        )
    latest = own.groupby("indicator")["year"].max().reindex(INDICATORS).dropna()
    current = everyone["year"] == everyone["indicator"].map(latest)
    return figures, everyone[current & (everyone["area_level"] == "authority")]


def _ward_geography(
    place: Area, small: str, workspace: str | Path | None
) -> tuple[pd.DataFrame, gpd.GeoDataFrame | None, str]:
    """Return the newest lookup and ward boundaries that have the same wards."""
    # Next best are those of one year where some wards are assigned no LSOA: the City of London and
    # the Isles of Scilly have more wards than LSOAs. Without any boundaries the newest lookup is
    # returned with what is missing.
    found = raw.table("ward_boundaries", workspace)
    years = sorted(set(found["year"].tolist()) if found is not None else (), reverse=True)
    goals = sorted({*lookups_of(place, workspace)["to_geography"], "ward23"}, reverse=True)
    shapes: dict[int, gpd.GeoDataFrame] = {}
    lookups: dict[str, pd.DataFrame] = {}
    no_shapes = no_lookup = network = ""
    folder = store.workspace_folder(workspace)
    for year in dict.fromkeys([*years, 2023]):
        try:
            shapes[year] = load_boundaries(place, year=int(year), workspace=workspace)
        except MissingDataError as error:
            # This goes into the notes of the outputs, which others read.
            no_shapes = no_shapes or without_workspace(error.message, folder)
            network = network or error.network
            if year in years:
                _log.warning("%s", error)
    for goal in goals:
        if not goal.startswith("ward"):
            continue
        try:
            lookups[goal] = load_lookup(place, of=small, to=goal, workspace=workspace)
        except MissingDataError as error:
            no_lookup, network = no_lookup or error.message, network or error.network
    if shapes and lookups:
        lookup, wards = _same_wards(place, shapes, lookups, folder)
        names = wards.set_index("area_code")["area_name"]
        named = lookup["to_name"].fillna(lookup["to_code"].map(names))
        return lookup.assign(to_name=named), wards, ""
    if lookups:
        return next(iter(lookups.values())), None, no_shapes
    # One line for each kind of file, as they are asked for one by one.
    lines = ([] if shapes else [no_shapes]) + ([] if lookups else [no_lookup])
    raise MissingDataError("\n".join(lines), network)


def _same_wards(
    place: Area,
    shapes: dict[int, gpd.GeoDataFrame],
    lookups: dict[str, pd.DataFrame],
    folder: Path,
) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    unlike: list[str] = []
    for year, wards in shapes.items():
        for goal, lookup in lookups.items():
            strange = set(lookup["to_code"]) ^ set(wards["area_code"])
            if not strange:
                return lookup, wards
            unlike.append(f"wards of {year} and {goal} differ in {some(sorted(strange), most=3)}")
    for year, wards in shapes.items():
        same_year = lookups.get(f"ward{year % 100:02d}")
        if same_year is not None and set(same_year["to_code"]) < set(wards["area_code"]):
            return same_year, wards
    raise _requirements.unlike_wards(place, unlike, folder)
