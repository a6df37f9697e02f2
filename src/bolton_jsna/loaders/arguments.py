"""Check the arguments of loaders, and combine the rows of the workspace and the snapshot."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bolton_jsna import snapshot
from bolton_jsna.catalogue import dataset
from bolton_jsna.core.areas import DEFAULT_AREA, Area, areas, authorities_in, district_codes
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.core.errors import UsageError, some
from bolton_jsna.core.years import several_years
from bolton_jsna.ingest import raw_tables as raw

if TYPE_CHECKING:
    import pandas as pd

Place = str | int | Area
Folder = str | Path | None
Years = int | Iterable[int] | None


def prefer(found: pd.DataFrame | None, held: pd.DataFrame, *, by: list[str]) -> pd.DataFrame:
    """Return the workspace's rows, and the snapshot's rows of what the workspace does not have."""
    import pandas as pd

    if found is None:
        return held
    keys = pd.MultiIndex.from_frame(found[by].drop_duplicates())
    rest = held[~pd.MultiIndex.from_frame(held[by]).isin(keys)]
    return pd.concat([found, rest], ignore_index=True)


def available(name: str, workspace: Folder, *, by: list[str], **options: Any) -> pd.DataFrame:
    """Return the workspace's rows of a dataset, and the snapshot's rows of other ``by``."""
    import pandas as pd

    held = pd.concat([snapshot.read(each) for each in snapshot.every(name)])
    return prefer(raw.table(name, workspace, **options), held, by=by)


def missing(name: str, what: str, area: str = "NAME") -> str:
    """Return the sentence that says what is missing and how to get it."""
    return f"{not_found(name, what)} {dataset(name).how_to_get_for(area)}"


def not_found(name: str, what: str) -> str:
    """Return the sentence that says what is missing."""
    return f"Neither data/raw/{name}/ of the workspace nor the embedded snapshot has {what}."


def places_asked(places: Place | Iterable[Place]) -> tuple[Area, ...]:
    """Return the areas asked for, at least one."""
    found = areas(places)
    if not found:
        raise UsageError(
            f"areas={places!r} names no area. Write one, such as {DEFAULT_AREA!r}, or several, "
            f"such as [{DEFAULT_AREA!r}, 'Bury'], or leave areas= out for the default."
        )
    return found


def names_asked(option: str, names: str | Iterable[str] | None) -> list[str] | None:
    """Return one or several names as a list; None means all."""
    if names is None:
        return None
    found = [names] if isinstance(names, str) else list(names)
    if not found:
        raise UsageError(f"{option}={names!r} is empty. Name one or several, or leave it out.")
    return found


def ages_asked(ages: tuple[int, int]) -> None:
    """Reject ages that are not a first and a last age."""
    if not 0 <= ages[0] <= ages[1] <= 90:
        raise UsageError(
            f"ages={ages!r} is not a range of ages. Write the first and the last, such as (0, 17); "
            "90 stands for 90 and over."
        )


def years_asked(years: Years, option: str = "years") -> list[int] | None:
    """Return one or several years as a list; None means all."""
    return None if years is None else several_years(option, years)


def place_with_areas(place: Place) -> Area:
    """Return a place whose small areas are asked for: an authority, a region or England."""
    found = area_of(place)
    if not authorities_in(found):
        raise UsageError(
            f"The register does not say which authorities are in {found.name}. Name an authority, "
            "or London for all of its boroughs."
        )
    return found


def authorities_without(place: Area, districts: Collection[str]) -> list[Area]:
    """Return the authorities of a place that have none of the districts of some small areas."""
    # So that a part of a region or of England is never taken for the whole.
    return [each for each in authorities_in(place) if district_codes(each).isdisjoint(districts)]


def codes(places: Sequence[Area]) -> tuple[str, ...]:
    """Return every code of some areas, past and present."""
    return tuple(code for each in places for code in each.codes)


def span(years: Sequence[int] | None) -> str:
    """Return years as a message prints them."""
    return "all years" if years is None else some(years)
