"""Child deprivation by LSOA."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from bolton_jsna import catalogue, snapshot
from bolton_jsna.core.areas import DEFAULT_AREA, Area, district_codes
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import some
from bolton_jsna.core.years import one_year
from bolton_jsna.ingest import raw_tables as raw
from bolton_jsna.loaders import _resolve, arguments
from bolton_jsna.loaders._resolve import Missing
from bolton_jsna.loaders.arguments import Folder, Place
from bolton_jsna.tables.idaci import LSOAS

if TYPE_CHECKING:
    import pandas as pd

_KEY: Final = ["area_code", "edition"]

IDACI_EDITION: Final = catalogue.default_year("idaci")
"""The edition of the Indices that is used by default."""


@checked
def load_idaci(
    area: Place = DEFAULT_AREA,
    *,
    edition: int | str = IDACI_EDITION,
    workspace: Folder = None,
    download: bool | None = None,
) -> pd.DataFrame:
    """Return the Income Deprivation Affecting Children Index of an area's LSOAs.

    Parameters
    ----------
    area : place
        An authority; or a region or ``"England"``, where the workspace holds all of its LSOAs.
    edition : int or str, default 2025
        Year of the Indices of Deprivation.
    workspace : str or Path, optional
        The folder that holds ``data/raw/``.
    download : bool, optional
        Whether what neither has is fetched into the workspace; by default only if the
        environment variable ``BOLTON_JSNA_DOWNLOAD`` is 1.

    Returns
    -------
    DataFrame
        ``lsoa_code``, ``lsoa_name``, ``area_code``, ``idaci_score`` (share of children, 0 to
        1), ``idaci_rank`` and ``idaci_decile`` (1 most deprived), ``children_0_15``,
        ``edition``, ``lsoa_year``, ``source``. Scores of different editions must not be
        compared.

    Raises
    ------
    MissingDataError
        When the area or edition is neither in the workspace nor in the snapshot.
    AreaNotFoundError
        When the area is not known.

    Notes
    -----
    MHCLG, English Indices of Deprivation.

    Examples
    --------
    >>> len(load_idaci("Bolton")), int(load_idaci("Bolton", edition=2019)["idaci_decile"].min())
    (177, 1)
    """
    place = arguments.place_with_areas(area)
    edition = one_year("edition", edition, text=True)
    return _resolve.load(idaci_of, place, edition=edition, workspace=workspace, download=download)


def idaci_of(place: Area, *, edition: int | str, workspace: Folder) -> pd.DataFrame | Missing:
    """Return the rows of :func:`load_idaci` from the workspace and the snapshot."""
    own, held = raw.table("idaci", workspace), _embedded()
    tables = [held] if own is None else [own, held]
    editions = sorted({each for table in tables for each in table["edition"].unique().tolist()})
    # The rows wanted are taken before they are joined: files may have those of all England.
    codes = None if place.level == "country" else district_codes(place)
    *found, rest = (_rows(table, codes, edition) for table in tables)
    frame = arguments.prefer(found[0] if found and len(found[0]) else None, rest, by=_KEY)
    frame = _with_figures_held(frame)
    what, more = place.name, f"Editions available for other areas or years: {some(editions)}."
    if len(frame):
        every = LSOAS.get(int(frame["edition"].iloc[0]), 0) if place.level == "country" else 0
        absent = arguments.authorities_without(place, set(frame["area_code"]))
        if not absent and len(frame) >= every:
            return frame.reset_index(drop=True)
        what, more = f"all {place.name}", f"Available: {len(frame):,} of {every:,} LSOAs."
        if not every:
            more = f"It has no LSOAs of {some(each.name for each in absent)}."
    return _resolve.missing(
        "idaci",
        f"edition {edition} of {what}",
        more=more,
        edition=edition,
        areas=[place],
        within=True,
    )


def lsoas_of(place: Area, workspace: Folder = None) -> set[str]:
    """Return the codes of an authority's LSOAs in any edition of the Indices available."""
    frame = _every_edition(workspace)
    return set(frame.loc[frame["area_code"].isin(district_codes(place)), "lsoa_code"])


def districts_of(lsoas: Collection[str], workspace: Folder = None) -> set[str]:
    """Return the districts of LSOAs in any edition of the Indices available."""
    frame = _every_edition(workspace)
    return set(frame.loc[frame["lsoa_code"].isin(lsoas), "area_code"])


def _every_edition(workspace: Folder) -> pd.DataFrame:
    return _with_figures_held(arguments.available("idaci", workspace, by=_KEY))


def _embedded() -> pd.DataFrame:
    import pandas as pd

    return pd.concat([snapshot.read(each) for each in snapshot.every("idaci")])


def _rows(frame: pd.DataFrame, codes: Collection[str] | None, edition: int | str) -> pd.DataFrame:
    """Return the rows of an edition in some districts, or in all of them."""
    wanted = frame["edition"].astype(str) == str(edition)
    return frame[wanted if codes is None else wanted & frame["area_code"].isin(codes)]


def _with_figures_held(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with scores and children of the snapshot where a file has only ranks."""
    # File 3 of an edition must not hide the scores of the same edition in the snapshot.
    key, figures = ["lsoa_code", "edition", "idaci_rank"], ["idaci_score", "children_0_15"]
    bare = frame[figures].isna().any(axis=1)
    if not bare.any():
        return frame
    held = _embedded()
    known = frame[key].merge(held[[*key, *figures]], on=key, how="left").set_index(frame.index)
    return frame.assign(**{each: frame[each].fillna(known[each]) for each in figures})
