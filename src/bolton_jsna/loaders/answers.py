"""How every loader answers: the workspace first, the snapshot next, else what is missing."""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bolton_jsna.areas import DEFAULT_AREA, Area, areas
from bolton_jsna.catalogue import dataset
from bolton_jsna.errors import UsageError, some

if TYPE_CHECKING:
    import pandas as pd

Place = str | int | Area
Folder = str | Path | None
Years = int | Iterable[int] | None


def prefer(found: pd.DataFrame | None, held: pd.DataFrame, *, by: list[str]) -> pd.DataFrame:
    """Return the workspace's rows, and the snapshot's for whatever the workspace has nothing of.

    Examples
    --------
    >>> import pandas as pd
    >>> ours = pd.DataFrame({"year": [2025], "count": [7]})
    >>> held = pd.DataFrame({"year": [2024, 2025], "count": [5, 6]})
    >>> prefer(ours, held, by=["year"])["count"].tolist()
    [7, 5]
    """
    import pandas as pd

    if found is None:
        return held
    keys = pd.MultiIndex.from_frame(found[by].drop_duplicates())
    rest = held[~pd.MultiIndex.from_frame(held[by]).isin(keys)]
    return pd.concat([found, rest], ignore_index=True)


def missing(name: str, what: str, area: str = "NAME") -> str:
    """Return the sentence that says what is missing and how to get it.

    Examples
    --------
    >>> missing("idaci", "edition 2004")
    'Neither data/raw/idaci/ of the workspace nor the embedded snapshot has edition 2004. ...'
    """
    return f"{lacks(name, what)} {dataset(name).how_to_get_for(area)}"


def lacks(name: str, what: str) -> str:
    """Return the sentence that says what is missing.

    Examples
    --------
    >>> lacks("idaci", "edition 2004")
    'Neither data/raw/idaci/ of the workspace nor the embedded snapshot has edition 2004.'
    """
    return f"Neither data/raw/{name}/ of the workspace nor the embedded snapshot has {what}."


def places_asked(places: Place | Iterable[Place]) -> tuple[Area, ...]:
    """Return the areas asked for, of which there must be one.

    Raises
    ------
    AreaNotFoundError, UsageError
        As :func:`bolton_jsna.areas.area`; also when several are named and there are none.

    Examples
    --------
    >>> [place.name for place in places_asked(["Bolton", 351])]
    ['Bolton', 'Bury']
    >>> places_asked([])
    Traceback (most recent call last):
    bolton_jsna.errors.UsageError: areas=[] names no area. Write one, such as 'Bolton', or several,
    such as ['Bolton', 'Bury']; leave areas= out for what is loaded by default.
    """
    found = areas(places)
    if not found:
        raise UsageError(
            f"areas={places!r} names no area. Write one, such as {DEFAULT_AREA!r}, or several, "
            f"such as [{DEFAULT_AREA!r}, 'Bury']; leave areas= out for what is loaded by default."
        )
    return found


def names_asked(option: str, names: str | Iterable[str] | None) -> list[str] | None:
    """Return the names asked for as a list; one may stand by itself, None is all there are.

    Raises
    ------
    UsageError
        When several are named and there are none.

    Examples
    --------
    >>> names_asked("indicators", "referrals"), names_asked("indicators", None)
    (['referrals'], None)
    """
    if names is None:
        return None
    found = [names] if isinstance(names, str) else list(names)
    if not found:
        raise UsageError(f"{option}={names!r} names none. Name one or several, or leave it out.")
    return found


def ages_asked(ages: tuple[int, int]) -> None:
    """Refuse what is no span of ages.

    Raises
    ------
    UsageError
        With the span found and how to write one.

    Examples
    --------
    >>> ages_asked((0, 17))
    """
    span_of_two = isinstance(ages, Sequence) and not isinstance(ages, str) and len(ages) == 2
    if not span_of_two or not 0 <= ages[0] <= ages[1] <= 90:
        raise UsageError(
            f"ages={ages!r} is no span of ages. Write the first and the last, such as (0, 17); "
            "90 stands for 90 and over."
        )


def years_asked(years: Years) -> list[int] | None:
    """Return the years asked for as a list; one year may stand by itself.

    Raises
    ------
    UsageError
        When they are no whole numbers.

    Examples
    --------
    >>> years_asked(2025), years_asked(range(2024, 2026)), years_asked(None)
    ([2025], [2024, 2025], None)
    """
    if years is None:
        return None
    several = [years] if isinstance(years, str) or not isinstance(years, Iterable) else list(years)
    # Years from a frame are numpy's, which are no int.
    if not several or any(
        isinstance(year, bool) or not isinstance(year, numbers.Integral) for year in several
    ):
        raise UsageError(
            f"years={years!r} are no years. Write one, such as 2025, or several, such as "
            "[2024, 2025] or range(2020, 2026)."
        )
    return [int(year) for year in several]


def codes(places: Sequence[Area]) -> tuple[str, ...]:
    """Return every code of some areas, past and present.

    Examples
    --------
    >>> from bolton_jsna.areas import areas
    >>> codes(areas(["Bolton", "Sheffield"]))
    ('E08000001', 'E08000019', 'E08000039')
    """
    return tuple(code for each in places for code in each.codes)


def span(years: Sequence[int] | None) -> str:
    """Return years as a message prints them.

    Examples
    --------
    >>> span(None), span([2024, 2025])
    ('all years', '2024, 2025')
    """
    return "all years" if years is None else some(years)


def tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with a fresh index."""
    return frame.reset_index(drop=True)
