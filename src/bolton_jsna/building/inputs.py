"""The inputs of a build, all loaded before anything is made."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bolton_jsna import catalogue
from bolton_jsna.building._denominators import estimates, small_area_children
from bolton_jsna.building._local_source import LocalSource, read_local
from bolton_jsna.building._options import DEFAULT, BuildOptions
from bolton_jsna.building._requirements import no_common_wards, unmet
from bolton_jsna.building.published import EveryArea, Published, gather_published, if_available
from bolton_jsna.core.areas import DEFAULT_AREA, Area, check_authorities
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.core.commands import (
    is_default_workspace,
    joined,
    with_workspace,
    without_workspace,
)
from bolton_jsna.core.errors import MissingDataError, some
from bolton_jsna.core.years import denominator_year
from bolton_jsna.ingest import raw_tables as raw
from bolton_jsna.ingest import store
from bolton_jsna.loaders import (
    load_boundaries,
    load_idaci,
    load_lookup,
)
from bolton_jsna.loaders.arguments import available
from bolton_jsna.loaders.boundaries import lookups_of
from bolton_jsna.tables.idaci import POPULATION_YEARS

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, eq=False)
class Ingredients(Published):
    """Everything that a build is made from, from the loaders: the published figures and these.

    ``local`` are the authority's own events. ``children`` are those aged 0-17 of each LSOA behind
    the rates of the chapter's year.

    ``postcodes`` have the wards of the maps in which their homes are counted, None if there are
    none.

    ``idaci_editions`` are the LSOAs of the area in each edition of the Indices that is available,
    loaded for a chapter; ``no_other_edition`` is why there is only one, and how to get another.

    ``warnings`` name boundaries of the workspace that do not have the area.
    ``remarks`` are what was passed over or left out when the files were read.

    ``wards`` is None if there are no ward boundaries: then everything but the maps is made, and
    ``no_shapes`` names what is missing and how to get it.
    """

    idaci: pd.DataFrame
    children: pd.DataFrame
    lookup: pd.DataFrame
    wards: gpd.GeoDataFrame | None
    local: LocalSource
    postcodes: pd.DataFrame | None = None
    idaci_editions: Mapping[int, pd.DataFrame] = field(default_factory=dict)
    no_other_edition: str = ""
    no_shapes: str = ""
    warnings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def log_warnings(self) -> None:
        """Log which boundaries of the workspace do not have the area."""
        for each in self.warnings:
            _log.warning("%s", each)

    @property
    def illustrative(self) -> bool:
        """Whether the local records are made up."""
        return self.local.illustrative


def gather(
    area: str | int | Area = DEFAULT_AREA,
    options: BuildOptions = DEFAULT,
    every_area: EveryArea | None = None,
) -> Ingredients:
    """Load everything a build needs; if anything is missing, name all of it at once."""
    place = area_of(area)
    check_authorities([place], "A chapter")
    workspace, folder = options.workspace, options.folder
    gaps: list[str] = []
    networks: list[str] = []

    def need(load: Callable[..., Any], *given: Any, **more: Any) -> Any:
        try:
            return load(*given, **more, workspace=workspace)
        except MissingDataError as error:
            gaps.extend(each for each in error.message.splitlines() if each not in gaps)
            networks.append(error.network)
            return None

    idaci = need(load_idaci, place, edition=options.idaci_edition)
    small = f"lsoa{int(idaci['lsoa_year'].iloc[0]) % 100:02d}" if idaci is not None else "lsoa21"
    shapes = need(_ward_geography, place, small)
    found = need(gather_published, place, to_year=options.to_year, every_area=every_area)
    figures = None if found is None else found.children_in_need
    absent = {} if found is None else found.absent
    children = None
    if idaci is not None and figures is not None:
        as_of = {"year": options.year, "as_spread": options.to_year is not None}
        children = need(small_area_children, place, idaci, figures, **as_of)
    lookup, wards, no_shapes, warnings = shapes or (None, None, "", ())
    gaps += unmet(
        place,
        idaci=idaci,
        children=children,
        lookup=lookup,
        wards=wards,
        projections=None if found is None else found.projections,
        figures=figures,
    )
    if gaps:
        every = (*gaps, *absent.values(), no_shapes)
        lines = [with_workspace(each, folder) for each in dict.fromkeys(every) if each]
        raise _cannot_be_built(place, lines, folder, max(networks, key=len, default=""))
    local = read_local(place, options, lookup=lookup).complete_to(options.records_to)
    covered = local.last_year()
    latest = max(estimates(figures, place))
    if options.year is None and covered is not None and denominator_year(covered) != latest:
        children = small_area_children(place, idaci, figures, year=covered, workspace=workspace)
        gaps = unmet(place, children=children, lookup=lookup)
        if gaps:
            raise _cannot_be_built(place, gaps, folder)
    editions, no_edition = _idaci_editions(place, idaci, options)
    # Notes of the outputs have these texts, and others read them: so without the folder.
    absent = {each: without_workspace(text, folder) for each, text in absent.items()}
    return Ingredients(
        **{**vars(found), "absent": absent},
        idaci=idaci,
        children=children,
        lookup=lookup,
        wards=wards,
        local=local,
        postcodes=_postcodes(wards, lookup, workspace),
        idaci_editions=editions,
        no_other_edition=no_edition,
        no_shapes=no_shapes,
        warnings=warnings,
        remarks=tuple(
            each for dataset in catalogue.datasets() for each in raw.remarks(dataset.id, workspace)
        ),
    )


def _cannot_be_built(
    place: Area, gaps: list[str], folder: Path, network: str = ""
) -> MissingDataError:
    if len(gaps) == 1:
        return MissingDataError(f"{place.name} cannot be built. {gaps[0]}", network)
    lines = [f"{place.name} cannot be built: {len(gaps)} things are missing."]
    lines += [f"- {gap}" for gap in gaps]
    if all(" --only " in gap for gap in gaps):
        # Last, because the list is long and its end is what is read.
        where = [] if is_default_workspace(folder) else ["--workspace", str(folder)]
        command = joined(["bolton-jsna", "refresh", "--area", place.name, *where])
        lines[0] += " They must be fetched first: the last line has the command."
        lines.append(f"Fetch all of it, then try again: {command}")
    return MissingDataError("\n".join(lines), network)


def _idaci_editions(
    place: Area, idaci: pd.DataFrame, options: BuildOptions
) -> tuple[dict[int, pd.DataFrame], str]:
    """Return the editions of the Indices that are available, and why there is only one."""
    own = int(idaci["edition"].iloc[0])
    if not options.chapter:
        return {own: idaci}, ""
    others = sorted((int(each) for each in POPULATION_YEARS if each != own), reverse=True)
    found, errors = if_available(
        lambda edition: load_idaci(place, edition=edition, workspace=options.workspace), others
    )
    if found:
        return dict(sorted({own: idaci, **found}.items())), ""
    first = next(iter(errors.values()))
    return {own: idaci}, without_workspace(first.message, options.folder)


def _postcodes(
    wards: gpd.GeoDataFrame | None, lookup: pd.DataFrame, workspace: str | Path | None
) -> pd.DataFrame | None:
    """Return postcodes with the ward in which a build counts them, None if there are none."""
    # A postcode's own ward can be another one: each LSOA is counted whole in one ward.
    if wards is None:
        return None
    every = available("postcodes", workspace, by=["postcode"])
    homes = dict(zip(lookup["from_code"], lookup["to_code"], strict=True))
    counted_in = every["lsoa_code"].map(homes)
    ours = every["ward_code"].isin(wards["area_code"]) | counted_in.notna()
    if not counted_in.notna().any():
        return None
    return every.assign(ward_code=counted_in).loc[ours, ["postcode", "ward_code", "source"]]


def _ward_geography(
    place: Area, small: str, workspace: str | Path | None
) -> tuple[pd.DataFrame, gpd.GeoDataFrame | None, str, tuple[str, ...]]:
    """Return the newest lookup and boundaries of the same wards, what is missing, and warnings."""
    # Next best are a lookup and boundaries of one year in which some wards have no LSOA: the City
    # of London and the Isles of Scilly have more wards than LSOAs. Without any boundaries the
    # newest lookup is returned.
    folder = store.workspace_folder(workspace)
    usual = catalogue.default_year("ward_boundaries")
    found = raw.table("ward_boundaries", workspace)
    years = sorted(set(found["year"].tolist()) if found is not None else (), reverse=True)
    shapes, without_shapes = if_available(
        lambda year: load_boundaries(place, year=int(year), workspace=workspace),
        dict.fromkeys([*years, usual]),
    )
    usual_wards = f"ward{usual % 100:02d}"
    goals = sorted({*lookups_of(place, workspace)["to_geography"], usual_wards}, reverse=True)
    lookups, without_lookup = if_available(
        lambda goal: load_lookup(place, of=small, to=goal, workspace=workspace),
        [goal for goal in goals if goal.startswith("ward")],
    )
    warnings = tuple(str(error) for year, error in without_shapes.items() if year in years)
    errors = [*without_shapes.values(), *without_lookup.values()]
    # The notes of the outputs have this text, and others read them: so without the folder.
    no_shapes = without_workspace(errors[0].message, folder) if without_shapes else ""
    if shapes and lookups:
        lookup, wards = _same_wards(place, shapes, lookups, folder)
        names = wards.set_index("area_code")["area_name"]
        named = lookup["to_name"].fillna(lookup["to_code"].map(names))
        return lookup.assign(to_name=named), wards, "", warnings
    if lookups:
        return next(iter(lookups.values())), None, no_shapes, warnings
    # One line for each kind of file, as they are asked for one by one.
    lines = [] if shapes else [no_shapes]
    lines += [next(iter(without_lookup.values())).message]
    network = next(filter(None, (each.network for each in errors)), "")
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
    raise no_common_wards(place, unlike, folder)
