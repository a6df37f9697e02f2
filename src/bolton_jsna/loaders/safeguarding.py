"""Load children in need and looked after, statistical neighbours, and local records."""

from __future__ import annotations

import functools
import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna import catalogue, snapshot
from bolton_jsna.core.areas import DEFAULT_AREA, Area, find, without_groups
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import SchemaError, SourceError, UsageError, choice, some
from bolton_jsna.core.years import one_year
from bolton_jsna.ingest import raw_tables as raw
from bolton_jsna.loaders import _groups, _resolve, arguments
from bolton_jsna.loaders._population import with_denominators
from bolton_jsna.loaders._resolve import Missing
from bolton_jsna.loaders.arguments import Folder, Place, Years
from bolton_jsna.tables.local.layouts import Columns

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.tables.local.records import LocalRecords


_log = logging.getLogger(__name__)

NEIGHBOURS_MODEL: Final = catalogue.dataset("statistical_neighbours").default
"""The model of statistical neighbours that is used by default."""

_TABLES = ("children_in_need", "children_looked_after")


@checked
def load_children_in_need(
    areas: Place | Iterable[Place] | None = None,
    indicators: str | Sequence[str] | None = None,
    *,
    years: Years = None,
    release: str | int | None = None,
    workspace: Folder = None,
    download: bool | None = None,
) -> pd.DataFrame:
    """Return referrals, child protection plans, children in need and looked after.

    Parameters
    ----------
    areas : place or several, optional
        All available areas by default. A combined authority or metropolitan county, such as
        ``"Greater Manchester"``, is the sum of its authorities (:func:`sum_areas`).
    indicators : str or sequence of str, optional
        ``referrals``, ``cpp_started``, ``cpp_at_31_march``, ``cin_at_31_march`` and others.
    years : int or several, optional
        Years ending 31 March; all by default.
    release : str or int, optional
        Reporting year of a release. By default each year comes from the latest release that
        has it; the column ``release`` shows which.
    workspace : str or Path, optional
        The folder that holds ``data/raw/``.
    download : bool, optional
        Whether what neither has is fetched into the workspace; by default only if the
        environment variable ``BOLTON_JSNA_DOWNLOAD`` is 1.

    Returns
    -------
    DataFrame
        ``area_code``, ``area_name``, ``area_level``, ``year``, ``indicator``, ``count``,
        ``persons`` (the children behind a count of events, where DfE counts both) and
        ``persons_status`` (``not_applicable`` where each child is counted once),
        ``population`` (children aged 0-17 at the mid-year before), ``published_rate`` (per
        10,000, as printed in the release), ``published_rate_status``, ``status``, ``release``,
        ``source``. With a combined authority also ``parts`` and ``parts_used``; it has no
        published rate.

    Raises
    ------
    MissingDataError
        When an area, indicator or year that was asked for is not available, for one of the areas
        or at all; the message names it.
    AreaNotFoundError
        When an area is not known.

    Notes
    -----
    DfE, Children in need and Children looked after in England. Counts of England and regions are
    rounded to 10 by DfE.

    Examples
    --------
    >>> row = load_children_in_need("Bolton", indicators="referrals", years=[2025]).iloc[0]
    >>> int(row["count"]), int(row["population"]), row["release"]
    (3803, 75599, '2025')
    """
    from bolton_jsna.tables.children_in_need import check_indicator

    names = arguments.names_asked("indicators", indicators)
    for name in names or ():
        check_indicator("indicators", name)
    wanted = arguments.places_asked(areas) if areas is not None else ()
    wanted_years = arguments.years_asked(years)
    if release is not None:
        release = one_year("release", release, text=True)
    frame = _resolve.load(
        _figures,
        without_groups(wanted),
        indicators=names,
        years=wanted_years,
        release=release,
        workspace=workspace,
        download=download,
    )
    frame = with_denominators(frame, workspace=workspace, download=download)
    return _groups.with_sums(frame, wanted)


def _figures(
    wanted: Sequence[Area],
    *,
    indicators: Sequence[str] | None,
    years: Sequence[int] | None = None,
    release: str | int | None = None,
    workspace: Folder,
) -> pd.DataFrame | Missing:
    frame = figures_held(workspace)
    there = sorted(frame["indicator"].unique())
    if wanted:
        frame = frame[frame["area_code"].isin([each.code for each in wanted])]
    if indicators is not None:
        absent = [name for name in indicators if name not in there]
        if absent:
            return _resolve.missing(
                _table_of(absent),
                some(absent),
                more=f"Indicators available: {some(there, most=20, like=absent)}.",
                holds=absent,
                areas=wanted,
            )
        frame = frame[frame["indicator"].isin(indicators)]
    every = frame["year"].unique().tolist()
    if years is not None:
        frame = frame[frame["year"].isin(years)]
    if release is not None:
        frame = frame[frame["release"] == str(release)]
    else:
        latest = frame.groupby(["indicator", "year"])["release"].transform("max")
        frame = frame[frame["release"] == latest]
    span = f"{min(every)} to {max(every)}" if every else "none"
    return _resolve.complete(
        _table_of(indicators or ()),
        frame,
        wanted,
        asked=f"{some(indicators) if indicators else 'any indicator'}, {arguments.span(years)}, "
        f"{release or 'any release'}",
        there=f"indicators {some(there, most=20, like=indicators or ())}; years {span}",
        holds=indicators or (),
        named={"indicator": indicators, "year": years},
    )


def figures_held(workspace: Folder) -> pd.DataFrame:
    """Return every figure of the workspace, and the snapshot's of other indicators and releases."""
    return with_embedded(own_figures(workspace))


def own_figures(workspace: Folder, *, needed: Collection[str] = _TABLES) -> pd.DataFrame | None:
    """Return every figure of the workspace, or None if it has none."""
    # A folder of another dataset than those ``needed`` may have files of use, and a wrong one there
    # stops nothing.
    import pandas as pd

    found = []
    for name in _TABLES:
        try:
            table = raw.table(name, workspace)
        except (SchemaError, SourceError) as error:
            if name in needed:
                raise
            _log.warning("data/raw/%s/ is not used: %s", name, error)
            continue
        if table is not None:
            found.append(table)
    # A folder with files of both datasets is read for each of them.
    key = list(raw.key_of("children_in_need"))
    return pd.concat(found).drop_duplicates(key) if found else None


def with_embedded(
    ours: pd.DataFrame | None, *, passed: Collection[tuple[str, str]] = frozenset()
) -> pd.DataFrame:
    """Return figures, and the snapshot's of other indicators and releases than theirs."""
    # Of the snapshot the indicators and releases in ``passed`` are left out.
    return _embedded().copy() if ours is None and not passed else _completed(ours, passed)


@functools.cache
def _embedded() -> pd.DataFrame:
    """Return the figures of the snapshot alone, put together once."""
    return _completed(None, ())


def _completed(ours: pd.DataFrame | None, passed: Collection[tuple[str, str]]) -> pd.DataFrame:
    import pandas as pd

    from bolton_jsna.tables.children_in_need.children_referred import with_persons

    held = pd.concat([snapshot.read(each) for name in _TABLES for each in snapshot.every(name)])
    if passed:
        held = held[~pd.MultiIndex.from_frame(held[["indicator", "release"]]).isin(list(passed))]
    # Events and the children behind them may be in two files.
    return with_persons(arguments.prefer(ours, held, by=["indicator", "release"]))


def _table_of(names: Sequence[str]) -> str:
    """Return the dataset whose files have one of the indicators, by default children in need."""
    having = [each for each in _TABLES if names and catalogue.holding(each, holds=names)]
    return [*having, *_TABLES][0]


def fetch_figures(
    codes: Iterable[str],
    *,
    indicators: str | Sequence[str] | None = None,
    workspace: Folder = None,
) -> None:
    """Fetch missing figures of several areas, if the environment variable allows it."""
    # For comparisons that can do without some of the areas. Abolished areas are not asked for.
    if not _resolve.allowed(None):
        return
    current = [place for code in codes if (place := find(code)) and place.until is None]
    if not current:
        return
    names = arguments.names_asked("indicators", indicators)
    found = _resolve.resolve(
        _figures, current, indicators=names, workspace=workspace, download=None
    )
    if isinstance(found, Missing):
        _log.warning("some areas have no figures to compare: %s", found)
    else:
        with_denominators(found, workspace=workspace, download=None)


@checked
def load_statistical_neighbours(
    area: Place = DEFAULT_AREA,
    *,
    model: str | int = NEIGHBOURS_MODEL,
    workspace: Folder = None,
    download: bool | None = None,
) -> pd.DataFrame:
    """Return the ten statistical neighbours of an authority, closest first.

    Parameters
    ----------
    area : place
        An authority.
    model : str or int, default "2025"
        Year of DfE's model, such as ``"2021"`` (April 2021) or ``"2025"`` (May 2025).
    workspace : str or Path, optional
        The folder that holds ``data/raw/``.
    download : bool, optional
        Whether what neither has is fetched into the workspace; by default only if the
        environment variable ``BOLTON_JSNA_DOWNLOAD`` is 1.

    Returns
    -------
    DataFrame, shape (10, 8)
        ``area_code``, ``area_name``, ``rank``, ``neighbour_code``, ``neighbour_name``,
        ``closeness``, ``model``, ``source``.

    Raises
    ------
    MissingDataError
        When the model or the authority is not available.
    AreaNotFoundError
        When the area is not known.

    Notes
    -----
    DfE children's services statistical neighbour benchmarking (NFER).

    Examples
    --------
    >>> load_statistical_neighbours("Bolton")["neighbour_name"].head(3).tolist()
    ['Rochdale', 'Derby', 'Oldham']
    """
    place = area_of(area)
    if place.level != "authority":
        raise UsageError(
            f"Only authorities have statistical neighbours; {place.name} is a {place.level}. Name "
            "an upper-tier authority."
        )
    name = str(one_year("model", model, text=True))
    return _resolve.load(_neighbours, place, model=name, workspace=workspace, download=download)


def _neighbours(place: Area, *, model: str, workspace: Folder) -> pd.DataFrame | Missing:
    frame = arguments.available("statistical_neighbours", workspace, by=["area_code", "model"])
    models = sorted(frame["model"].unique())
    frame = frame[(frame["area_code"] == place.code) & (frame["model"] == model)]
    if frame.empty:
        return _resolve.missing(
            "statistical_neighbours",
            f"the {model} model's neighbours of {place.name}",
            more=f"Models available: {some(models)}.",
            edition=model,
            areas=[place],
        )
    return frame.sort_values("rank").reset_index(drop=True)


@checked
def load_local_records(
    path: str | Path | None = None,
    *,
    kind: str | None = None,
    columns: Columns | None = None,
    workspace: Folder = None,
) -> LocalRecords:
    """Return referrals and child protection plans, one row each, and the rows rejected.

    Parameters
    ----------
    path : str or Path, optional
        The authority's extract (CSV, XLSX or Parquet). By default the illustrative records of
        the snapshot, which are made up and have TRUE in the column ``illustrative``. A file with
        TRUE in every row of this column is made up too; a file without the column, or without
        TRUE in it (a blank is FALSE), holds the authority's own records.
    kind : {"referrals", "plans"}, optional
        The kind of the rows, if the file has no column ``kind``; otherwise rows of the other kind
        are left out. They are also left out of the illustrative records.
    workspace : str or Path, optional
        The folder whose ``data/raw/postcodes/`` adds to the snapshot's postcodes of Bolton.

    Returns
    -------
    LocalRecords
        ``.records`` (the ``local_records`` table) and ``.rejects`` (``row`` and ``reason``,
        never anything about the child). Records without an LSOA get that of their postcode.

    Raises
    ------
    UsageError
        When ``kind`` is not known.
    SourceError, SchemaError
        When the file cannot be read or a column is missing, or when some of the rows used are
        illustrative and others are not.

    Examples
    --------
    >>> local = load_local_records()
    >>> bool(local.records["illustrative"].all()), len(local.rejects)
    (True, 0)
    """
    from bolton_jsna.tables.local import records as local_records

    if kind is not None:
        choice("kind", kind, local_records.KINDS)
    if path is None:
        import pandas as pd

        held = snapshot.read("local_records@illustrative")
        if kind is not None:
            held = held[held["kind"] == local_records.KINDS[kind]].reset_index(drop=True)
        none = pd.DataFrame({"row": pd.Series(dtype="int64"), "reason": pd.Series(dtype=object)})
        return local_records.LocalRecords(held, none)
    found = local_records.read(path, kind=kind, columns=columns)
    _all_or_none_made_up(found, Path(path).name)
    postcodes = arguments.available("postcodes", workspace, by=["postcode"])
    placed = local_records.place(found.records, postcodes)
    by = found.records["lsoa_code"].isna() & placed["lsoa_code"].notna()
    looked = postcodes["postcode"].isin(placed.loc[by, "postcode"])
    return replace(
        found,
        records=placed,
        postcodes=tuple(sorted(postcodes.loc[looked, "source"].dropna().unique())),
    )


def _all_or_none_made_up(found: LocalRecords, name: str) -> None:
    """Reject records of which only some are made up: figures of both would be neither."""
    made_up = found.records["illustrative"].to_numpy(dtype=bool)
    if found.rows is None or made_up.all() or not made_up.any():
        return
    # A row that is both a referral and a plan makes two records.
    every = len(found.rows.drop_duplicates())
    marked = len(found.rows[made_up].drop_duplicates())
    raise SchemaError(
        f"{name!r} has TRUE in the column 'illustrative' (made up) in {marked:,} of the {every:,} "
        "rows that can be used. Expected TRUE in all rows or in none. If every row is your own, "
        "leave the column out; if not, put the made-up rows into a file of their own."
    )
