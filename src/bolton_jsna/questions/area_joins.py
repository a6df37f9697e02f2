"""Own tables joined to the library's areas, with a report of what did not join."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from bolton_jsna.core.area_matching import labels_as_column, match_areas
from bolton_jsna.core.areas import DEFAULT_AREA
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import choice
from bolton_jsna.core.known_areas import KnownAreas
from bolton_jsna.core.table_checks import check_table
from bolton_jsna.loaders import load_boundaries
from bolton_jsna.loaders.arguments import Folder, Place

if TYPE_CHECKING:
    import pandas as pd


@checked
def join_areas(
    frame: pd.DataFrame,
    *,
    level: Literal["ward", "lsoa"] = "ward",
    year: int | None = None,
    area: Place = DEFAULT_AREA,
    code: str | None = None,
    unmatched: Literal["error", "show"] = "error",
    workspace: Folder = None,
    download: bool | None = None,
) -> pd.DataFrame:
    """Return a table of your own with the codes and names of an authority's areas.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        Rows with the code or the name of an area, under any heading; an area may have several
        rows, such as one for each year. Names may differ in case, punctuation, "&" or "and", "St"
        or "Saint", and may have "Ward" or the name of the authority. A name that is only similar
        is never matched. The frame is not changed.
    level : {"ward", "lsoa"}, default "ward"
        The kind of areas.
    year : int, optional
        The year of the areas; by default that of the catalogue (2023 for wards, 2021 for LSOAs).
    area : place, default "Bolton"
        The authority that the areas lie in.
    code : str, optional
        The column of codes or names; needed only if several columns could be meant.
    unmatched : {"error", "show"}, default "error"
        With "show" rows that match no area are kept, without a code and with "not matched".
    workspace, download
        As in :func:`bolton_jsna.load_boundaries`.

    Returns
    -------
    DataFrame, shape (n, k + 3)
        The rows in their order: ``area_code``, ``area_name``, ``matched`` (how the row was
        matched: ``code``, ``name``, ``spelling`` for a name in another spelling, or ``not
        matched``), then the columns of the frame; one with the name of a new column has
        ``given_`` before it. ``.attrs["unmatched"]`` lists the codes or names that match no area,
        and ``.attrs["without_row"]`` the names of the areas that have no row.

    Raises
    ------
    AreaNotFoundError
        When names match no area, or a row names another authority in another column: the message
        lists each, with names like it.
    VintageError
        When codes are not those of the areas of that year, or the heading of names, such as
        "WD22NM", is of an earlier year.
    SchemaError
        When it is not clear which column has the areas, a name is that of several areas, or a
        row has none.
    MissingDataError
        When the boundaries of that level and year are not available.

    Notes
    -----
    Names and codes: ONS Open Geography, as in :func:`bolton_jsna.load_boundaries`. Wards of
    another year may have the same names and other boundaries: check the year of your table.

    Examples
    --------
    >>> import pandas as pd
    >>> visits = pd.DataFrame({"ward": ["RUMWORTH WARD", "Queen's Park and Central"],
    ...                        "visits": [120, 98]})
    >>> joined = join_areas(visits)
    >>> joined[["area_code", "area_name", "matched", "visits"]]
       area_code              area_name   matched  visits
    0  E05014833               Rumworth  spelling     120
    1  E05014832  Queens Park & Central  spelling      98
    >>> len(joined.attrs["without_row"])
    18
    """
    import pandas as pd

    from bolton_jsna.tables.schemas import text_dtype

    check_table(frame)
    choice("unmatched", unmatched, ("error", "show"))
    place = area_of(area)
    shapes = load_boundaries(place, level=level, year=year, workspace=workspace, download=download)
    known = KnownAreas.of(shapes, f"the {level}s of {place.name} of {shapes['year'].iloc[0]}")
    rows = labels_as_column(frame)
    matched = match_areas(rows, known, code=code)
    if unmatched == "error" or matched.codes.isna().all():
        matched.reject_unmatched()
    added = {
        "area_code": matched.codes,
        "area_name": matched.codes.map(known.by_code),
        "matched": matched.how,
    }
    kept = rows.rename(columns={name: f"given_{name}" for name in added})
    joined = pd.DataFrame({name: values.astype(text_dtype()) for name, values in added.items()})
    joined = pd.concat([joined, kept], axis="columns")
    if len(joined.columns) == len(frame.columns) + len(added):
        joined.index = frame.index
    joined.attrs["unmatched"] = [str(each) for each in matched.strays]
    found = set(matched.codes)
    joined.attrs["without_row"] = [n for each, n in known.by_code.items() if each not in found]
    return joined
