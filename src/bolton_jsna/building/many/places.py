"""Which authorities are built: all of England, of a region, or a list with its neighbours."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bolton_jsna.core.areas import ALL, ENGLAND, Area, authorities_in, check_authorities
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.core.errors import MissingDataError, UsageError, some
from bolton_jsna.loaders import load_statistical_neighbours
from bolton_jsna.loaders.arguments import Place, places_asked


def authorities(
    areas: Place | Iterable[Place], *, with_neighbours: bool, workspace: str | Path
) -> tuple[Area, ...]:
    """Return the upper-tier authorities of some areas, in the order of their codes."""
    named = places_asked(ENGLAND if areas == ALL else areas)
    ended = [each for each in named if each.level == "authority" and each.until is not None]
    if ended:
        check_authorities(ended, "A build")
    found = {member.code: member for each in named for member in authorities_in(each)}
    if not found:
        raise UsageError(
            f"areas={some(each.name for each in named)!r} has no upper-tier authorities. Name "
            f"authorities, a region, or areas={ALL!r} for all of England."
        )
    if with_neighbours:
        for each in list(found.values()):
            for code in _neighbours(each, workspace):
                place = area_of(code)
                if place.until is None:
                    found[place.code] = place
    return tuple(found[code] for code in sorted(found))


def _neighbours(place: Area, workspace: str | Path) -> list[str]:
    """Return the codes of the statistical neighbours; the City of London has none."""
    try:
        near = load_statistical_neighbours(place, workspace=workspace, download=False)
    except MissingDataError:
        return []
    return [str(code) for code in near["neighbour_code"]]
