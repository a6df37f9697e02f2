"""The published figures of an authority and of those it is compared with: no small areas."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna import catalogue
from bolton_jsna.building._denominators import estimates
from bolton_jsna.building._projected_demand import LOOKED_AFTER, looked_after
from bolton_jsna.building._to_year import check_any, projections_up_to, up_to
from bolton_jsna.core.areas import ENGLAND, Area
from bolton_jsna.core.errors import MissingDataError
from bolton_jsna.core.wording import INDICATORS as WORDS
from bolton_jsna.loaders import (
    load_children_in_need,
    load_indicators,
    load_population_projections,
    load_statistical_neighbours,
)
from bolton_jsna.loaders.arguments import missing
from bolton_jsna.loaders.safeguarding import fetch_figures
from bolton_jsna.questions.profile import every_figure, figures_of

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.measures.events import Event

MODELS: Final = sorted(catalogue.dataset("statistical_neighbours").facts, reverse=True)
"""DfE's models of statistical neighbours, the current one first."""

INDICATORS: Final = tuple(WORDS)


@dataclass(frozen=True, eq=False)
class EveryArea:
    """The figures of all areas that are available, read once for many authorities.

    ``children_in_need`` are those of children in need of all years, ``indicators`` the totals of
    the indicators of all subjects.
    """

    children_in_need: pd.DataFrame
    indicators: pd.DataFrame


@dataclass(frozen=True, eq=False)
class SharedInputs:
    """What the builds of many authorities share: the figures of all areas, and marks of files.

    ``marks`` has a mark of every file of the workspace, from before it was read.
    """

    every_area: EveryArea
    marks: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, eq=False)
class Published:
    """What is published of an authority, and of the areas that it is compared with.

    ``authorities`` are the chapter's indicators of every authority with figures, in the latest year
    of the area; the others are of the area and those it is compared with. So are ``indicators``,
    those of the profile.

    ``rates`` are the figures of children in need of all areas and years that are available, and
    ``looked_after`` those of children looked after, None with ``not_looked_after`` if there are
    none: what projections carry on.

    ``to_year`` is the last year of the published figures, None for all that are available.

    ``projections`` is None if there are none, and ``neighbours`` is empty if there is no list of
    them: ``absent`` has why, and how to get them.
    """

    place: Area
    projections: pd.DataFrame | None
    neighbours: dict[str, pd.DataFrame]
    children_in_need: pd.DataFrame
    authorities: pd.DataFrame
    indicators: pd.DataFrame
    rates: pd.DataFrame
    to_year: int | None = None
    looked_after: pd.DataFrame | None = None
    not_looked_after: str = ""
    absent: Mapping[str, str] = field(default_factory=dict)

    def published(self, indicator: Event) -> pd.DataFrame:
        """Return DfE's figures of the area on an indicator, a row for each year."""
        figures = self.children_in_need
        own = figures["area_code"] == self.place.code
        return figures[own & (figures["indicator"] == indicator)]

    def rates_of(self, indicator: str) -> tuple[pd.DataFrame | None, str]:
        """Return the rows of an indicator for all areas, or None and why there are none."""
        if indicator == LOOKED_AFTER:
            return self.looked_after, self.not_looked_after
        return self.rates[self.rates["indicator"] == indicator], ""

    @property
    def latest_estimate(self) -> list[int] | None:
        """The latest mid-year and its children aged 0-17, as behind the authority's rates."""
        people = self.estimates
        return [last := max(people), people[last]] if people else None

    @property
    def estimates(self) -> dict[int, int]:
        """The authority's children aged 0-17 by mid-year, as behind its rates."""
        return estimates(self.children_in_need, self.place)


def read_every_area(workspace: str | Path | None) -> EveryArea:
    """Read the figures of all areas; nothing is fetched."""
    return EveryArea(
        load_children_in_need(workspace=workspace, download=False),
        load_indicators(breakdown="total", workspace=workspace, download=False),
    )


def gather_published(
    place: Area,
    *,
    to_year: int | None = None,
    workspace: str | Path | None = None,
    every_area: EveryArea | None = None,
    models: Sequence[str] = tuple(MODELS),
) -> Published:
    """Load what is published of an authority, from the figures of all areas if they are read."""
    # The chapter has much else, so a build goes on without these and names what is missing.
    absent: dict[str, str] = {}
    try:
        projections = (
            load_population_projections(place, workspace=workspace)
            if to_year is None
            else projections_up_to(place, to_year, workspace=workspace)
        )
    except MissingDataError as error:
        projections = None
        absent["projections"] = error.message
    neighbours, without = if_available(
        lambda model: load_statistical_neighbours(place, model=model, workspace=workspace), models
    )
    if not neighbours:
        absent["neighbours"] = next(iter(without.values())).message
    everyone = None if every_area is None else every_area.children_in_need
    figures, authorities, rates = _figures(place, neighbours, to_year, workspace, everyone)
    near = next(iter(neighbours.values()), None)
    every = (
        every_figure(place, near, workspace=workspace)
        if every_area is None
        else (every_area.indicators)
    )
    every = up_to(every, to_year)
    in_care, no_care = looked_after(place, every, workspace)
    return Published(
        place=place,
        projections=projections,
        neighbours=neighbours,
        children_in_need=figures,
        authorities=authorities,
        indicators=up_to(figures_of(place, near, every=every, workspace=workspace), to_year),
        rates=rates,
        to_year=to_year,
        looked_after=in_care,
        not_looked_after=no_care,
        absent=absent,
    )


def _figures(
    place: Area,
    neighbours: dict[str, pd.DataFrame],
    to_year: int | None,
    workspace: str | Path | None,
    everyone: pd.DataFrame | None,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the figures of the area and its comparators, the latest of all authorities, and all.

    All are those of every area and year that is available.
    """
    wanted = {place.code, place.region_code, ENGLAND}
    for table in neighbours.values():
        wanted |= set(table["neighbour_code"])
    if everyone is None:
        fetch_figures(sorted(wanted), workspace=workspace)
        everyone = load_children_in_need(workspace=workspace)
    there = set(everyone["area_code"])
    if place.code not in there:
        load_children_in_need(place, workspace=workspace)  # the error names what is missing
    check_any(everyone, place, to_year)
    everyone = up_to(everyone, to_year)
    # An abolished neighbour has no current figures; the comparison reports it.
    figures = everyone[everyone["area_code"].isin(wanted)].reset_index(drop=True)
    own = figures[figures["area_code"] == place.code]
    if own["population"].isna().all():
        what = f"children aged 0-17 of {place.name}, by which rates"
        raise MissingDataError(missing("population_estimates", what, place.name))
    latest = own.groupby("indicator")["year"].max().reindex(INDICATORS).dropna()
    current = everyone["year"] == everyone["indicator"].map(latest)
    return figures, everyone[current & (everyone["area_level"] == "authority")], everyone


def if_available(
    load: Callable[[Any], Any], keys: Iterable[Any]
) -> tuple[dict[Any, Any], dict[Any, MissingDataError]]:
    """Return what can be loaded, and the errors of the rest, by key."""
    found: dict[Any, Any] = {}
    errors: dict[Any, MissingDataError] = {}
    for key in keys:
        try:
            found[key] = load(key)
        except MissingDataError as error:
            errors[key] = error
    return found, errors
